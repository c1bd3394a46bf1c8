/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_value - what values are, and what Excel makes of them where another kind is wanted.
 *
 * Conversions follow "Calculation operators and precedence in Excel" and ECMA-376 part 1, 18.17.2:
 * a number as text has 15 digits; text is a number where it reads as one; a comparison puts
 * numbers before texts before truths, without regard to case.
 * A number whose form as text Excel might choose otherwise leans on XLM_GUESSED.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_private.h"
#include <math.h>

struct xlm_value xlm_value_unknown(struct xlm_book *b, const char *why)
{
    return (struct xlm_value){ .kind = XLM_UNKNOWN, .mark = texts_reason(b->t, slice_of(why)) };
}

struct xlm_value xlm_value_number(double number)
{
    if (!isfinite(number))
        return xlm_value_error(XLM_NUM);
    return (struct xlm_value){ .kind = XLM_NUMBER,
                               .is.number = number == 0 ? 0 : number }; /* no -0 */
}

static bool is_nearly(double number, double nearest)
{
    return fabs(number - nearest) <= 4e-15 * fabs(number);
}

double xlm_value_whole(double number)
{
    double nearest = round(number);
    return is_nearly(number, nearest) ? nearest : trunc(number);
}

double xlm_value_floor(double number)
{
    double nearest = round(number);
    return is_nearly(number, nearest) ? nearest : floor(number);
}

struct xlm_value xlm_value_result(struct xlm_value v)
{
    struct xlm_value zero = { .kind = XLM_NUMBER, .leans = v.leans };
    return v.kind == XLM_BLANK ? zero : v;
}

struct xlm_value xlm_value_truth(bool truth)
{
    return (struct xlm_value){ .kind = XLM_TRUTH, .is.number = truth };
}
struct xlm_value xlm_value_error(enum xlm_error error)
{
    return (struct xlm_value){ .kind = XLM_ERROR, .error = (uint8_t)error };
}
struct xlm_value xlm_value_area(struct xlm_area area)
{
    return (struct xlm_value){ .kind = XLM_AREA, .is.area = area };
}

struct xlm_value xlm_value_text(struct text text)
{
    if (text.n > XLM_STRING_MAX)
        return xlm_value_error(XLM_VALUE);
    return (struct xlm_value){ .kind = XLM_TEXT, .is.text = text };
}

text_mark xlm_value_mark(struct xlm_book *b)
{
    return b->origin ? b->origin : xlm_book_origin(b, b->here);
}

struct xlm_value xlm_value_cstr(struct xlm_book *b, const char *text)
{
    return xlm_value_text(text_of(b->t, slice_of(text), xlm_value_mark(b)));
}

slice xlm_value_utf8(struct xlm_book *b, struct xlm_value v)
{
    return v.kind == XLM_TEXT ? text_utf8(b->t, v.is.text) : (slice){ 0 };
}

/* Implicit intersection: the cell of the area in the row or column of the formula. */
static struct xlm_value of_area(struct xlm_book *b, struct xlm_area a)
{
    bool one = a.row == a.row2 && a.col == a.col2;
    if (!one && b->here < b->n_cells) {
        const struct xlm_cell *c = &b->cells[b->here];
        if (a.col == a.col2 && c->row >= a.row && c->row <= a.row2)
            a.row = c->row, one = true;
        else if (a.row == a.row2 && c->col >= a.col && c->col <= a.col2)
            a.col = c->col, one = true;
    }
    struct xlm_value v = xlm_eval_cell(b, a.sheet, a.row, a.col);
    v.leans |= one ? 0 : XLM_GUESSED;
    return v;
}

struct xlm_value xlm_value_one(struct xlm_book *b, struct xlm_value v)
{
    uint8_t leans = v.leans;
    if (v.kind == XLM_AREA)
        v = of_area(b, v.is.area);
    else if (v.kind == XLM_ARRAY)
        v = v.is.array->values[0], leans |= XLM_GUESSED;
    v.leans |= leans;
    return v;
}

/* --- numbers */

/* Text that Excel might read as a date, an amount or a fraction is not known to be a number. */
static struct xlm_value number_of_text(struct xlm_book *b, struct xlm_value v)
{
    double number;
    if (!text_known(v.is.text)) {
        v.kind = XLM_UNKNOWN;
        v.mark = text_mark_at(v.is.text, text_first_hole(v.is.text));
        return v;
    }
    slice s = slice_trim(text_utf8(b->t, text_sub(v.is.text, 0, 64)));
    bool percent = s.len && s.at[s.len - 1] == '%';
    struct xlm_value n;
    if (v.is.text.n < 64 && xlm_parse_number(percent ? slice_sub(s, 0, s.len - 1) : s, &number)) {
        n = xlm_value_number(percent ? number / 100 : number);
    } else {
        bool digits = false;
        for (size_t i = 0; i < s.len; i++)
            digits = digits || ascii_digit(s.at[i]);
        n = digits ? xlm_value_unknown(b, "VALUE") : xlm_value_error(XLM_VALUE);
    }
    n.leans = v.leans;
    return n;
}

struct xlm_value xlm_value_as_number(struct xlm_book *b, struct xlm_value v)
{
    v = xlm_value_one(b, v);
    switch (v.kind) {
    case XLM_TEXT:
        return number_of_text(b, v);
    case XLM_BLANK:
        v.is.number = 0;
        v.kind = XLM_NUMBER;
        return v;
    case XLM_TRUTH:
        v.kind = XLM_NUMBER;
        return v;
    case XLM_HANDLE: {
        struct xlm_value n = xlm_value_unknown(b, "a handle");
        n.leans = v.leans;
        return n;
    }
    default:
        return v;
    }
}

/* --- text */

/* The General format where there is room for 15 digits. Excel goes over to the exponent at 1E+20
 * and, depending on the digits, below 1E-4. */
static struct xlm_value text_of_number(struct xlm_book *b, struct xlm_value v)
{
    struct buf digits = buf_new(64);
    double size = fabs(v.is.number);
    bool plain = size == 0 || (size >= 1e-4 && size < 1e15);
    if (plain || size < 1e-4 || size >= 1e20)
        buf_format(&digits, "%.15G", v.is.number);
    else
        buf_format(&digits, "%.0f", v.is.number);
    struct xlm_value text = xlm_value_text(text_of(b->t, buf_slice(&digits), xlm_value_mark(b)));
    buf_drop(&digits);
    text.leans = v.leans | (plain ? 0 : XLM_GUESSED);
    return text;
}

struct xlm_value xlm_value_as_text(struct xlm_book *b, struct xlm_value v)
{
    v = xlm_value_one(b, v);
    struct xlm_value text = { .kind = XLM_TEXT, .leans = v.leans };
    switch (v.kind) {
    case XLM_TEXT:
    case XLM_ERROR:
        return v;
    case XLM_BLANK:
        return text;
    case XLM_NUMBER:
        return text_of_number(b, v);
    case XLM_TRUTH:
        text.is.text = text_of(b->t, v.is.number != 0 ? SLICE_LIT("TRUE") : SLICE_LIT("FALSE"),
                               xlm_value_mark(b));
        return text;
    case XLM_HANDLE:
        v = xlm_value_unknown(b, "a handle");
        break;
    default:
        break;
    }
    text.is.text = text_hole(b->t, v.mark);
    return text;
}

struct xlm_value xlm_value_join(struct xlm_book *b, struct xlm_value x, struct xlm_value y)
{
    x = xlm_value_as_text(b, x);
    y = xlm_value_as_text(b, y);
    if (x.kind == XLM_ERROR)
        return x;
    if (y.kind == XLM_ERROR)
        return y;
    if ((uint64_t)x.is.text.n + y.is.text.n > XLM_STRING_MAX)
        return xlm_value_error(XLM_VALUE);
    if (!xlm_book_units(b, y.is.text.n)) /* joining to what was made last is in place */
        return xlm_value_unknown(b, "length");
    struct xlm_value v = xlm_value_text(text_join(b->t, x.is.text, y.is.text));
    v.leans = x.leans | y.leans;
    return v;
}

/* --- truths and order */

struct xlm_value xlm_value_as_truth(struct xlm_book *b, struct xlm_value v)
{
    v = xlm_value_one(b, v);
    if (v.kind == XLM_TEXT && text_known(v.is.text)) {
        bool yes = text_is_nocase(v.is.text, "TRUE");
        struct xlm_value t = yes || text_is_nocase(v.is.text, "FALSE") ? xlm_value_truth(yes)
                                                                       : xlm_value_error(XLM_VALUE);
        t.leans = v.leans;
        return t;
    }
    if (v.kind == XLM_NUMBER || v.kind == XLM_BLANK) {
        struct xlm_value t = xlm_value_truth(v.kind == XLM_NUMBER && v.is.number != 0);
        t.leans = v.leans;
        return t;
    }
    if (v.kind == XLM_HANDLE) /* what was opened is there */
        return xlm_value_truth(true);
    if (v.kind == XLM_TEXT) {
        v.kind = XLM_UNKNOWN;
        v.mark = text_mark_at(v.is.text, text_first_hole(v.is.text));
    }
    return v;
}

static int rank_of(uint8_t kind) { return kind == XLM_TEXT ? 1 : kind == XLM_TRUTH ? 2 : 0; }

static uint16_t lower(uint16_t unit)
{
    return unit < 0x80 ? ascii_lower((uint8_t)unit)
           : (unit >= 0x410 && unit < 0x430) || (unit >= 0xC0 && unit < 0xDF && unit != 0xD7)
               ? (uint16_t)(unit + 32)
               : unit;
}

static int order_of_texts(struct text x, struct text y)
{
    for (uint32_t i = 0; i < x.n && i < y.n; i++) {
        uint16_t p = lower(text_unit(x, i)), q = lower(text_unit(y, i));
        if (p != q)
            return p < q ? -1 : 1;
    }
    return x.n < y.n ? -1 : x.n > y.n;
}

static void blank_as(struct xlm_value *blank, uint8_t kind)
{
    if (blank->kind == XLM_BLANK)
        *blank =
            (struct xlm_value){ .kind = kind == XLM_TEXT || kind == XLM_TRUTH ? kind : XLM_NUMBER,
                                .leans = blank->leans };
}

static int order_of(struct xlm_value x, struct xlm_value y)
{
    blank_as(&x, y.kind);
    blank_as(&y, x.kind);
    if (rank_of(x.kind) != rank_of(y.kind))
        return rank_of(x.kind) < rank_of(y.kind) ? -1 : 1;
    if (x.kind == XLM_TEXT)
        return order_of_texts(x.is.text, y.is.text);
    return x.is.number < y.is.number ? -1 : x.is.number > y.is.number;
}

static bool unclear(struct xlm_value v)
{
    return v.kind == XLM_UNKNOWN || v.kind == XLM_HANDLE ||
           (v.kind == XLM_TEXT && !text_known(v.is.text));
}

struct xlm_value xlm_value_compare(struct xlm_book *b, uint8_t oper, struct xlm_value x,
                                   struct xlm_value y)
{
    x = xlm_value_one(b, x);
    y = xlm_value_one(b, y);
    if (x.kind == XLM_ERROR)
        return x;
    if (y.kind == XLM_ERROR)
        return y;
    if (unclear(x) || unclear(y)) {
        struct xlm_value v = unclear(x) ? x : y;
        text_mark why =
            v.kind == XLM_TEXT ? text_mark_at(v.is.text, text_first_hole(v.is.text)) : v.mark;
        return (struct xlm_value){ .kind = XLM_UNKNOWN, .mark = why, .leans = x.leans | y.leans };
    }
    int o = order_of(x, y);
    bool met = oper == XLM_EQ   ? o == 0
               : oper == XLM_NE ? o != 0
               : oper == XLM_LT ? o < 0
               : oper == XLM_LE ? o <= 0
               : oper == XLM_GT ? o > 0
                                : o >= 0;
    struct xlm_value v = xlm_value_truth(met);
    v.leans = x.leans | y.leans;
    return v;
}
