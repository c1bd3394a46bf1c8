/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_cell - functions that look cells up or write them: references, look-ups, names, FORMULA.
 *
 * As in the "Excel 4.0 Macro Functions Reference": text that stands for a reference is in R1C1
 * form, but A1 is taken too. What COPY took PASTE does not put down: nobody was seen to need it.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_functions.h"
#include <math.h>

enum { EACH_MAX = 65536 };

static struct xlm_value with(struct xlm_value v, uint8_t leans)
{
    v.leans |= leans;
    return v;
}

void xlm_cell_each(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                   bool (*one)(struct xlm_book *, void *, struct xlm_value), void *host)
{
    for (uint32_t i = 0; i < n; i++) {
        if (a[i].kind == XLM_ARRAY) {
            for (uint32_t k = 0; k < a[i].is.array->rows * a[i].is.array->cols; k++)
                if (!one(b, host, a[i].is.array->values[k]))
                    return;
        } else if (a[i].kind == XLM_AREA) {
            struct xlm_area p = a[i].is.area;
            for (uint32_t row = p.row, k = 0; row <= p.row2; row++)
                for (uint32_t col = p.col; col <= p.col2; col++, k++)
                    if (k == EACH_MAX || !xlm_book_spend(b, 1) ||
                        !one(b, host, with(xlm_eval_cell(b, p.sheet, row, col), a[i].leans)))
                        return;
        } else if (!one(b, host, a[i])) {
            return;
        }
    }
}

/* A whole number from lowest to highest; false, and *out is what the function gives. */
static bool take_number(struct xlm_book *b, const struct xlm_value *a, uint32_t n, uint32_t i,
                        double missing, double *number, struct xlm_value *out)
{
    struct xlm_value v =
        i < n && a[i].kind != XLM_BLANK ? xlm_value_as_number(b, a[i]) : xlm_value_number(missing);
    *number = v.kind == XLM_NUMBER ? xlm_value_whole(v.is.number) : 0;
    v.leans |= out->leans;
    *out = v;
    return v.kind == XLM_NUMBER;
}

static struct xlm_area here(struct xlm_book *b)
{
    if (b->here >= b->n_cells)
        return (struct xlm_area){ .sheet = b->active };
    const struct xlm_cell *c = &b->cells[b->here];
    return (struct xlm_area){ c->sheet, c->row, c->col, c->row, c->col };
}

/* The area moved and with another size (0: the same); false at the edge of the sheet. */
static bool moved(struct xlm_area *p, double rows, double cols, double height, double width)
{
    double row = p->row + rows, col = p->col + cols;
    double tall = height != 0 ? height : p->row2 - p->row + 1.0,
           wide = width != 0 ? width : p->col2 - p->col + 1.0;
    if (tall < 0)
        row += tall + 1, tall = -tall;
    if (wide < 0)
        col += wide + 1, wide = -wide;
    if (!(row >= 0 && col >= 0 && row + tall <= XLM_ROWS && col + wide <= XLM_COLS))
        return false;
    *p = (struct xlm_area){ p->sheet, (uint32_t)row, (uint32_t)col, (uint32_t)(row + tall - 1),
                            (uint32_t)(col + wide - 1) };
    return true;
}

/* --- references */

XLM_CALL(xlm_cell_offset)
{
    struct xlm_area p;
    struct xlm_value v = { 0 };
    double rows, cols, height, width;
    if (!xlm_eval_area(b, xlm_function_arg(a, n, 0), &p))
        return xlm_value_unknown(b, "OFFSET");
    if (!take_number(b, a, n, 1, 0, &rows, &v) || !take_number(b, a, n, 2, 0, &cols, &v) ||
        !take_number(b, a, n, 3, 0, &height, &v) || !take_number(b, a, n, 4, 0, &width, &v))
        return v;
    return with(moved(&p, rows, cols, height, width) ? xlm_value_area(p) : xlm_value_error(XLM_REF),
                v.leans);
}

XLM_CALL(xlm_cell_indirect)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0)),
                     form = n > 1 ? xlm_value_as_truth(b, a[1]) : xlm_value_truth(true);
    struct xlm_area p;
    if (v.kind != XLM_TEXT)
        return v;
    if (!text_known(v.is.text))
        return xlm_value_unknown(b, "INDIRECT");
    slice text = text_utf8(b->t, text_sub(v.is.text, 0, 512));
    if (xlm_parse_area(b, text, here(b), form.kind == XLM_TRUTH && form.is.number == 0, &p))
        return with(xlm_value_area(p), v.leans);
    struct xlm_name *name = xlm_book_name(b, slice_trim(text), false);
    return name ? with(xlm_eval_name(b, name), v.leans) : with(xlm_value_error(XLM_REF), v.leans);
}

XLM_CALL(xlm_cell_textref)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0)),
                     form = n > 1 ? xlm_value_as_truth(b, a[1]) : xlm_value_truth(false);
    struct xlm_area p;
    if (v.kind != XLM_TEXT || !text_known(v.is.text))
        return v.kind == XLM_TEXT ? xlm_value_unknown(b, "TEXTREF") : v;
    bool a1 = form.kind == XLM_TRUTH && form.is.number != 0;
    return xlm_parse_area(b, text_utf8(b->t, text_sub(v.is.text, 0, 512)), here(b), !a1, &p)
               ? with(xlm_value_area(p), v.leans)
               : xlm_value_error(XLM_REF);
}

static void put_letters(struct buf *out, uint32_t col)
{
    char letters[4];
    size_t n = sizeof letters;
    for (uint32_t v = col + 1; v > 0 && n > 0; v = (v - 1) / 26)
        letters[--n] = (char)('A' + (v - 1) % 26);
    buf_put(out, (slice){ (const uint8_t *)letters + n, sizeof letters - n });
}

static void put_place(struct buf *out, uint32_t row, uint32_t col, unsigned kind, bool a1)
{
    bool row_fixed = kind == 1 || kind == 2, col_fixed = kind == 1 || kind == 3;
    if (a1) {
        buf_text(out, col_fixed ? "$" : "");
        put_letters(out, col);
        buf_format(out, "%s%u", row_fixed ? "$" : "", row + 1);
    } else {
        buf_format(out, row_fixed ? "R%u" : "R[%u]", row + 1);
        buf_format(out, col_fixed ? "C%u" : "C[%u]", col + 1);
    }
}

static struct xlm_value text_from(struct xlm_book *b, struct buf *built, uint8_t leans)
{
    struct xlm_value v =
        with(xlm_value_text(text_of(b->t, buf_slice(built), xlm_value_mark(b))), leans);
    buf_drop(built);
    return v;
}

/* ADDRESS(row, column, kind, A1, sheet) */
XLM_CALL(xlm_cell_address)
{
    struct xlm_value v = { 0 }, form = n > 3 && a[3].kind != XLM_BLANK ? xlm_value_as_truth(b, a[3])
                                                                       : xlm_value_truth(true);
    double row, col, kind;
    if (!take_number(b, a, n, 0, 0, &row, &v) || !take_number(b, a, n, 1, 0, &col, &v) ||
        !take_number(b, a, n, 2, 1, &kind, &v))
        return v;
    if (!(row >= 1 && row <= XLM_ROWS && col >= 1 && col <= XLM_COLS && kind >= 1 && kind <= 4))
        return with(xlm_value_error(XLM_VALUE), v.leans);
    struct buf out = buf_new(1024);
    if (n > 4) {
        struct xlm_value sheet = xlm_value_as_text(b, a[4]);
        if (sheet.kind != XLM_TEXT || !text_known(sheet.is.text))
            return xlm_value_unknown(b, "ADDRESS");
        buf_put(&out, utf8_cut(text_utf8(b->t, sheet.is.text), 512));
        buf_byte(&out, '!');
    }
    put_place(&out, (uint32_t)row - 1, (uint32_t)col - 1, (unsigned)kind,
              form.kind != XLM_TRUTH || form.is.number != 0);
    return text_from(b, &out, v.leans);
}

/* REFTEXT(reference, A1): with the sheet, as [Book]Sheet!; the book's name is not known. */
XLM_CALL(xlm_cell_reftext)
{
    struct xlm_area p;
    struct xlm_value form = n > 1 ? xlm_value_as_truth(b, a[1]) : xlm_value_truth(false);
    if (!xlm_eval_area(b, xlm_function_arg(a, n, 0), &p) || p.sheet >= b->n_sheets)
        return xlm_value_unknown(b, "REFTEXT");
    struct buf out = buf_new(1024);
    buf_put(&out, utf8_cut(b->sheets[p.sheet].name, 512));
    buf_byte(&out, '!');
    put_place(&out, p.row, p.col, 1, form.kind == XLM_TRUTH && form.is.number != 0);
    return text_from(b, &out, XLM_GUESSED);
}

/* ABSREF("R[1]C[2]", reference) */
XLM_CALL(xlm_cell_absref)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    struct xlm_area from, p;
    if (v.kind != XLM_TEXT || !text_known(v.is.text) ||
        !xlm_eval_area(b, xlm_function_arg(a, n, 1), &from))
        return xlm_value_unknown(b, "ABSREF");
    return xlm_parse_area(b, text_utf8(b->t, text_sub(v.is.text, 0, 512)), from, true, &p)
               ? with(xlm_value_area(p), v.leans)
               : xlm_value_error(XLM_REF);
}

XLM_CALL(xlm_cell_relref)
{
    struct xlm_area p, from;
    if (!xlm_eval_area(b, xlm_function_arg(a, n, 0), &p) ||
        !xlm_eval_area(b, xlm_function_arg(a, n, 1), &from))
        return xlm_value_unknown(b, "RELREF");
    struct buf out = buf_new(64);
    int64_t rows = (int64_t)p.row - from.row, cols = (int64_t)p.col - from.col;
    buf_text(&out, "R");
    if (rows)
        buf_format(&out, "[%d]", (int)rows);
    buf_text(&out, "C");
    if (cols)
        buf_format(&out, "[%d]", (int)cols);
    return text_from(b, &out, 0);
}

XLM_CALL(xlm_cell_deref)
{
    return xlm_value_one(b, xlm_function_arg(a, n, 0));
}

XLM_CALL(xlm_cell_active)
{
    (void)a, (void)n;
    struct xlm_area p = b->selected;
    return xlm_value_area((struct xlm_area){ p.sheet, p.row, p.col, p.row, p.col });
}

XLM_CALL(xlm_cell_selection)
{
    (void)a, (void)n;
    return xlm_value_area(b->selected);
}

XLM_CALL(xlm_cell_caller)
{
    (void)a, (void)n;
    uint32_t at = b->n_frames ? b->frames[b->n_frames - 1].caller : XLM_NOBODY;
    if (at >= b->n_cells)
        return xlm_value_error(XLM_REF);
    const struct xlm_cell *c = &b->cells[at];
    return xlm_value_area((struct xlm_area){ c->sheet, c->row, c->col, c->row, c->col });
}

/* SELECT(reference or "R[1]C", active cell): text counts from the active cell. */
XLM_CALL(xlm_cell_select)
{
    struct xlm_value v = xlm_function_arg(a, n, 0);
    struct xlm_area p;
    bool got = v.kind == XLM_AREA;
    if (got)
        p = v.is.area;
    else if (v.kind == XLM_TEXT && text_known(v.is.text))
        got =
            xlm_parse_area(b, text_utf8(b->t, text_sub(v.is.text, 0, 512)), b->selected, true, &p);
    if (got) {
        b->selected = p;
        b->active = p.sheet;
        b->writes++;
    }
    return xlm_value_truth(true);
}

XLM_CALL(xlm_cell_workbook_select)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    uint32_t sheet = v.kind == XLM_TEXT && text_known(v.is.text)
                         ? xlm_book_sheet(b, text_utf8(b->t, text_sub(v.is.text, 0, 255)))
                         : XLM_NOBODY;
    if (sheet < b->n_sheets) {
        b->active = sheet;
        b->selected = (struct xlm_area){ .sheet = sheet };
    }
    return xlm_value_truth(true);
}

static struct xlm_value measure(struct xlm_book *b, const struct xlm_value *a, uint32_t n, int what)
{
    struct xlm_area p = here(b);
    if (n > 0 && a[0].kind == XLM_ARRAY && what >= 2)
        return xlm_value_number(what == 2 ? a[0].is.array->rows : a[0].is.array->cols);
    if (n > 0 && !xlm_eval_area(b, a[0], &p))
        return xlm_value_unknown(b, "ROW");
    return xlm_value_number(what == 0   ? p.row + 1.0
                            : what == 1 ? p.col + 1.0
                            : what == 2 ? p.row2 - p.row + 1.0
                                        : p.col2 - p.col + 1.0);
}

XLM_CALL(xlm_cell_row) { return measure(b, a, n, 0); }
XLM_CALL(xlm_cell_column) { return measure(b, a, n, 1); }
XLM_CALL(xlm_cell_rows) { return measure(b, a, n, 2); }
XLM_CALL(xlm_cell_columns) { return measure(b, a, n, 3); }

/* --- look-ups */

struct table {
    const struct xlm_array *array;
    struct xlm_area area;
    uint32_t rows, cols;
};

static bool take_table(struct xlm_book *b, struct xlm_value v, struct table *t)
{
    *t = (struct table){ 0 };
    if (v.kind == XLM_ARRAY) {
        t->array = v.is.array;
        t->rows = t->array->rows;
        t->cols = t->array->cols;
        return true;
    }
    if (!xlm_eval_area(b, v, &t->area))
        return false;
    t->rows = t->area.row2 - t->area.row + 1;
    t->cols = t->area.col2 - t->area.col + 1;
    return true;
}

static struct xlm_value table_at(const struct table *t, uint32_t row, uint32_t col)
{
    if (t->array)
        return t->array->values[row * t->cols + col];
    row += t->area.row;
    col += t->area.col;
    return xlm_value_area((struct xlm_area){ t->area.sheet, row, col, row, col });
}

/* INDEX(table, row, column); one number counts along a single row or column. */
XLM_CALL(xlm_cell_index)
{
    struct table t;
    struct xlm_value v = { 0 };
    double row, col;
    if (!take_table(b, xlm_function_arg(a, n, 0), &t))
        return xlm_value_unknown(b, "INDEX");
    if (!take_number(b, a, n, 1, 0, &row, &v) || !take_number(b, a, n, 2, 0, &col, &v))
        return v;
    if (n < 3 && t.rows == 1)
        col = row, row = 1;
    if (row == 0 && t.rows == 1)
        row = 1;
    if (col == 0 && t.cols == 1)
        col = 1;
    if (!(row >= 0 && col >= 0 && row <= t.rows && col <= t.cols))
        return with(xlm_value_error(row < 0 || col < 0 ? XLM_VALUE : XLM_REF), v.leans);
    if (row == 0 || col == 0) {
        struct xlm_area p = t.area;
        if (t.array)
            return xlm_value_unknown(b, "INDEX");
        if (row > 0)
            p.row = p.row2 = p.row + (uint32_t)row - 1;
        if (col > 0)
            p.col = p.col2 = p.col + (uint32_t)col - 1;
        return with(xlm_value_area(p), v.leans);
    }
    return with(table_at(&t, (uint32_t)row - 1, (uint32_t)col - 1), v.leans);
}

/* Where a value stands in the first row or column: exact, or the last that is not greater. */
static struct xlm_value look_for(struct xlm_book *b, struct xlm_value what, const struct table *t,
                                 bool down, bool exact, uint32_t *found)
{
    uint32_t count = down ? t->rows : t->cols;
    *found = UINT32_MAX;
    what = xlm_value_one(b, what);
    for (uint32_t i = 0; exact && what.kind == XLM_TEXT && i < what.is.text.n; i++) /* a pattern */
        if (text_unit(what.is.text, i) == '*' || text_unit(what.is.text, i) == '?' ||
            text_unit(what.is.text, i) == '~')
            return xlm_value_unknown(b, "LOOKUP");
    for (uint32_t i = 0; i < count && i < EACH_MAX && xlm_book_spend(b, 2); i++) {
        struct xlm_value v = xlm_value_one(b, table_at(t, down ? i : 0, down ? 0 : i));
        if (v.kind == XLM_BLANK)
            continue;
        struct xlm_value met = xlm_value_compare(b, exact ? XLM_EQ : XLM_GT, v, what);
        if (met.kind == XLM_UNKNOWN)
            return met;
        if (met.kind == XLM_TRUTH && met.is.number != 0) {
            *found = exact ? i : *found;
            break;
        }
        if (!exact)
            *found = i;
    }
    /* Excel halves the table where the value may be near: right where it is in order alone. */
    return with(*found == UINT32_MAX ? xlm_value_error(XLM_NA) : xlm_value_number(*found + 1),
                exact ? 0 : XLM_GUESSED);
}

static struct xlm_value look_up(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                bool down)
{
    struct table t;
    struct xlm_value v = { 0 }, near = n > 3 ? xlm_value_as_truth(b, a[3]) : xlm_value_truth(true);
    double which;
    uint32_t found;
    if (!take_table(b, xlm_function_arg(a, n, 1), &t) || near.kind != XLM_TRUTH)
        return xlm_value_unknown(b, "LOOKUP");
    if (!take_number(b, a, n, 2, 1, &which, &v))
        return v;
    if (!(which >= 1 && which <= (down ? t.cols : t.rows)))
        return xlm_value_error(XLM_REF);
    struct xlm_value at =
        look_for(b, xlm_function_arg(a, n, 0), &t, down, near.is.number == 0, &found);
    if (at.kind != XLM_NUMBER)
        return at;
    uint32_t other = (uint32_t)which - 1;
    return with(table_at(&t, down ? found : other, down ? other : found), at.leans | v.leans);
}

XLM_CALL(xlm_cell_vlookup) { return look_up(b, a, n, true); }
XLM_CALL(xlm_cell_hlookup) { return look_up(b, a, n, false); }

XLM_CALL(xlm_cell_match)
{
    struct table t;
    struct xlm_value v = { 0 };
    double how;
    uint32_t found;
    if (!take_table(b, xlm_function_arg(a, n, 1), &t))
        return xlm_value_unknown(b, "MATCH");
    if (!take_number(b, a, n, 2, 1, &how, &v))
        return v;
    if (how < 0)
        return xlm_value_unknown(b, "MATCH");
    return look_for(b, xlm_function_arg(a, n, 0), &t, t.cols == 1, how == 0, &found);
}

/* --- formulas as text */

XLM_CALL(xlm_cell_evaluate)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    if (v.kind != XLM_TEXT || !text_known(v.is.text))
        return v.kind == XLM_TEXT ? xlm_value_unknown(b, "EVALUATE") : v;
    return with(xlm_eval_text(b, arena_copy(b->mem, text_utf8(b->t, v.is.text)), false), v.leans);
}

/* A formula comes back in R1C1 form, which the view does not have: a constant is itself. */
XLM_CALL(xlm_cell_get_formula)
{
    struct xlm_area p;
    if (!xlm_eval_area(b, xlm_function_arg(a, n, 0), &p))
        return xlm_value_unknown(b, "GET.FORMULA");
    uint32_t at = xlm_book_cell(b, p.sheet, p.row, p.col);
    if (at == XLM_NOBODY)
        return (struct xlm_value){ .kind = XLM_TEXT };
    const struct xlm_cell *c = &b->cells[at];
    if (c->run == b->run && c->written ? c->text_node : c->formula.len)
        return xlm_value_unknown(b, "GET.FORMULA");
    return xlm_value_as_text(b, xlm_eval_cell(b, p.sheet, p.row, p.col));
}

XLM_CALL(xlm_cell_get_name)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    if (v.kind != XLM_TEXT || !text_known(v.is.text))
        return xlm_value_unknown(b, "GET.NAME");
    struct xlm_name *name =
        xlm_book_name(b, slice_trim(text_utf8(b->t, text_sub(v.is.text, 0, 255))), false);
    if (!name || name->run == b->run || slice_find_byte(name->formula, '!', 0) != SIZE_MAX)
        return xlm_value_unknown(b, "GET.NAME"); /* references come back in another form */
    struct xlm_value sign = xlm_value_cstr(b, "=");
    return xlm_value_join(
        b, sign,
        xlm_value_text(text_of(b->t, utf8_cut(name->formula, XLM_STRING_MAX), xlm_value_mark(b))));
}

/* --- writing */

static struct xlm_value write_to(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                 bool formula)
{
    struct xlm_area p = b->selected;
    struct xlm_value v = xlm_function_arg(a, n, 0);
    if (n > 1 && a[1].kind != XLM_BLANK && !xlm_eval_area(b, a[1], &p))
        return xlm_value_unknown(b, "FORMULA");
    xlm_eval_write(b, p, v, formula);
    return xlm_value_truth(true);
}

/* FORMULA(text, reference): of an area its upper left cell. */
XLM_CALL(xlm_cell_formula)
{
    struct xlm_value first[2] = { xlm_function_arg(a, n, 0), xlm_function_arg(a, n, 1) };
    struct xlm_area p;
    if (n > 1 && xlm_eval_area(b, a[1], &p))
        first[1] = xlm_value_area((struct xlm_area){ p.sheet, p.row, p.col, p.row, p.col });
    return write_to(b, first, n < 2 ? n : 2, true);
}

XLM_CALL(xlm_cell_formula_fill) { return write_to(b, a, n, true); }

/* SET.VALUE(reference, value) */
XLM_CALL(xlm_cell_set_value)
{
    struct xlm_area p;
    if (!xlm_eval_area(b, xlm_function_arg(a, n, 0), &p))
        return xlm_value_unknown(b, "SET.VALUE");
    xlm_eval_write(b, p, xlm_function_arg(a, n, 1), false);
    return xlm_value_truth(true);
}

XLM_CALL(xlm_cell_clear)
{
    struct xlm_area p = b->selected;
    if (n > 1 ? xlm_eval_area(b, a[1], &p) : n == 0)
        xlm_eval_write(b, p, (struct xlm_value){ .kind = XLM_BLANK }, false);
    return xlm_value_truth(true);
}

/* COPY(from, to): values alone, and only where both are given. */
XLM_CALL(xlm_cell_copy)
{
    struct xlm_area from, to;
    if (n < 2 || !xlm_eval_area(b, a[0], &from) || !xlm_eval_area(b, a[1], &to))
        return xlm_value_truth(true);
    for (uint32_t row = 0, k = 0; row <= from.row2 - from.row; row++)
        for (uint32_t col = 0; col <= from.col2 - from.col; col++, k++) {
            struct xlm_area p = { to.sheet, to.row + row, to.col + col, to.row + row,
                                  to.col + col };
            if (k == EACH_MAX || !xlm_book_spend(b, 4) || p.row >= XLM_ROWS || p.col >= XLM_COLS)
                return xlm_value_truth(true);
            xlm_eval_write(b, p, xlm_eval_cell(b, from.sheet, from.row + row, from.col + col),
                           false);
        }
    return xlm_value_truth(true);
}

static slice name_in(struct xlm_book *b, struct xlm_value v)
{
    v = xlm_value_as_text(b, v);
    return v.kind == XLM_TEXT && text_known(v.is.text)
               ? slice_trim(text_utf8(b->t, text_sub(v.is.text, 0, 255)))
               : (slice){ 0 };
}

XLM_CALL(xlm_cell_set_name)
{
    struct xlm_value v = xlm_function_arg(a, n, 1);
    xlm_eval_set_name(b, name_in(b, xlm_function_arg(a, n, 0)), v);
    return xlm_value_truth(true);
}

/* DEFINE.NAME("name", refers to): a text with '=' is a formula. */
XLM_CALL(xlm_cell_define_name)
{
    struct xlm_value v = n > 1 ? a[1] : xlm_value_area(b->selected);
    if (v.kind == XLM_TEXT && text_known(v.is.text) && text_unit(v.is.text, 0) == '=')
        v = with(xlm_eval_text(b, arena_copy(b->mem, text_utf8(b->t, v.is.text)), true), v.leans);
    xlm_eval_set_name(b, name_in(b, xlm_function_arg(a, n, 0)), v);
    return xlm_value_truth(true);
}

XLM_CALL(xlm_cell_delete_name)
{
    xlm_eval_set_name(b, name_in(b, xlm_function_arg(a, n, 0)), xlm_value_error(XLM_NAME));
    return xlm_value_truth(true);
}
