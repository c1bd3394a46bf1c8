/* SPDX-License-Identifier: Apache-2.0 */
/* xls_macro - the cells of Excel 4.0 macro sheets ([MS-XLS] 2.1.7.20.4) as text.
 *
 * Formulas with the value last calculated, shared and array formulas written out per cell, and
 * all constants. Beside a macro sheet also the values of ordinary sheets, from which macros take
 * their text; there formulas count by their value. Cells come in the order of the records.
 */
#include "decode/xls/xls_private.h"
#include <stdlib.h>

enum {
    SHARED_MAX = 1 << 16,
    TEXT_MAX = 64 << 10,
    FORMULAS_SAID = 16,
    FORMULA_SHOWN = 1024,
};

/* A SHRFMLA or ARRAY record stands behind the first formula that uses it; the others refer to
 * the place of that one. */
struct shared {
    uint32_t where; /* of that cell: row, and the column below it */
    uint32_t order;
    struct xls_place code;
};

struct sheet {
    struct xls *x;
    struct xlm *m;
    struct xls_list shared;
    bool macro, open; /* a line that has not ended */
    struct buf text;
};

static uint32_t read_where(cursor *k)
{
    uint32_t row = cur_u16le(k);
    return row << 16 | cur_u16le(k);
}

static struct formula formula_at(struct xls *x, uint32_t where, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    size_t n = cur_u16le(&k);
    slice rest = cur_rest(&k);
    return (struct formula){
        .kind = x->biff < BIFF8 ? FORMULA_BIFF5 : FORMULA_BIFF8,
        .code = slice_sub(rest, 0, n),
        .extra = slice_from(rest, n),
        .row = where >> 16,
        .col = where & 0xffff,
        .codepage = x->codepage,
        .mem = x->w->mem,
        .book = &x->book,
    };
}

/* --- shared formulas */

static int by_where(const void *a, const void *b)
{
    const struct shared *p = a, *q = b;
    if (p->where != q->where)
        return p->where < q->where ? -1 : 1;
    return p->order < q->order ? -1 : p->order > q->order;
}

static void collect_shared(struct sheet *s, size_t at)
{
    cursor k = cur_open(s->x->in);
    uint16_t id;
    struct xls_place p;
    unsigned depth = 0;
    uint32_t last = 0;
    cur_seek(&k, at);
    while (xls_record(s->x, &k, &id, &p)) {
        depth += (id & 0xff) == (REC_BOF & 0xff);
        if (id == REC_EOF && depth-- <= 1)
            break;
        cursor c = cur_open(xls_bytes(s->x, p));
        if (id == REC_FORMULA)
            last = read_where(&c);
        if ((id != REC_SHRFMLA && id != REC_ARRAY) || !cur_ok(&c))
            continue;
        uint32_t head = id == REC_SHRFMLA ? 8 : 12;
        struct shared *one =
            p.end - p.at > head ? xls_list_add(s->x, &s->shared, sizeof *one, SHARED_MAX) : NULL;
        if (one)
            *one = (struct shared){ last, (uint32_t)s->shared.n, { p.at + head, p.end } };
    }
    if (s->shared.n)
        qsort(s->shared.at, s->shared.n, sizeof(struct shared), by_where);
}

static const struct shared *find_shared(const struct sheet *s, uint32_t where)
{
    const struct shared *all = s->shared.at;
    size_t from = 0, to = s->shared.n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (all[mid].where < where)
            from = mid + 1;
        else
            to = mid;
    }
    return from < s->shared.n && all[from].where == where ? &all[from] : NULL;
}

/* --- cells */

static void close_line(struct sheet *s)
{
    if (s->open)
        xlm_end(s->m);
    s->open = false;
}

static bool begin(struct sheet *s, uint32_t where)
{
    close_line(s);
    s->open = xlm_begin(s->m, where >> 16, where & 0xffff);
    return s->open;
}

static void put_formula(struct sheet *s, uint32_t where, struct xls_place p)
{
    struct formula f = formula_at(s->x, where, p);
    uint32_t row, col;
    if (formula_is_shared(&f, &row, &col)) {
        const struct shared *shared = find_shared(s, row << 16 | (col & 0xffff));
        if (shared)
            f = formula_at(s->x, where, shared->code);
    }
    xlm_formula(s->m);
    size_t before = s->m->text.len;
    s->m->damaged += !formula_text(&s->x->scratch, &f, &s->m->text);
    (void)walk_work(s->x->w, 20 * f.code.len + (s->m->text.len - before));
}

/* 2.5.133: a number, or what its last bytes say. A text follows in a record of its own. */
static void put_result(struct sheet *s, slice raw)
{
    cursor k = cur_open(raw);
    if (raw.len < 8 || raw.at[6] != 0xff || raw.at[7] != 0xff) {
        xlm_number(s->m, formula_double(&k));
        return;
    }
    if (raw.at[0] == 1)
        xlm_word(s->m, raw.at[2] ? "TRUE" : "FALSE");
    else if (raw.at[0] == 2)
        xlm_word(s->m, formula_error_name(raw.at[2]));
}

static void read_formula(struct sheet *s, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    uint32_t where = read_where(&k);
    cur_skip(&k, 2);
    slice result = cur_take(&k, 8);
    cur_skip(&k, 2 + 4);
    if (!cur_ok(&k) || !begin(s, where))
        return;
    p.at += (uint32_t)k.pos;
    if (s->macro)
        put_formula(s, where, p);
    put_result(s, result);
}

static void read_text(struct sheet *s, struct xls_place p, bool shared)
{
    buf_clear(&s->text);
    xls_chain_cell(s->x, p, shared, &s->text);
    xlm_text(s->m, buf_slice(&s->text));
}

static void read_many(struct sheet *s, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    uint32_t where = read_where(&k);
    while (cur_left(&k) >= 8) { /* the last column follows the last number */
        cur_skip(&k, 2);
        uint32_t v = cur_u32le(&k);
        if (!begin(s, where++))
            return;
        xlm_number(s->m, formula_rk(v));
    }
}

static void read_value(struct sheet *s, uint16_t id, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    uint32_t where = read_where(&k);
    cur_skip(&k, 2);
    if (!cur_ok(&k) || !begin(s, where))
        return;
    const struct xls_place *strings = s->x->strings.at;
    uint32_t at = p.at + (uint32_t)k.pos;
    if (id == REC_NUMBER) {
        xlm_number(s->m, formula_double(&k));
    } else if (id == REC_RK) {
        xlm_number(s->m, formula_rk(cur_u32le(&k)));
    } else if (id == REC_BOOLERR) {
        uint8_t v = cur_u8(&k);
        xlm_word(s->m, cur_u8(&k) ? formula_error_name(v) : v ? "TRUE" : "FALSE");
    } else if (id == REC_LABELSST) {
        uint32_t i = cur_u32le(&k);
        if (i < s->x->strings.n)
            read_text(s, strings[i], true);
    } else {
        read_text(s, (struct xls_place){ at, p.end }, false);
    }
}

static void sheet_record(struct sheet *s, uint16_t id, struct xls_place p)
{
    switch (id) {
    case REC_FORMULA:
        read_formula(s, p);
        break;
    case REC_STRING:
        if (s->open)
            read_text(s, p, false);
        close_line(s);
        break;
    case REC_NUMBER:
    case REC_RK:
    case REC_BOOLERR:
    case REC_LABEL:
    case REC_RSTRING:
    case REC_LABELSST:
        read_value(s, id, p);
        break;
    case REC_MULRK:
        read_many(s, p);
        break;
    default:
        break;
    }
}

/* 2.1.7.20.1: a chart on the sheet; its numbers are what it draws, at places that are no cells. */
enum { DT_CHART = 0x20 };
static bool begins_chart(const struct xls *x, struct xls_place p)
{
    cursor c = cur_open(xls_bytes(x, p));
    cur_skip(&c, 2);
    return cur_u16le(&c) == DT_CHART && cur_ok(&c);
}

static void read_sheet(struct xls *x, struct xlm *m, uint32_t at, slice name, bool macro)
{
    struct sheet s = { .x = x, .m = m, .macro = macro, .text = buf_new(TEXT_MAX) };
    cursor k = cur_open(x->in);
    uint16_t id;
    struct xls_place p;
    unsigned depth = 0, chart = 0;
    if (macro)
        collect_shared(&s, at);
    xlm_cells_of(m, name, macro);
    if (macro)
        xls_look_sheet(x, m);
    cur_seek(&k, at);
    while (!m->over && xls_record(x, &k, &id, &p)) {
        if ((id & 0xff) == (REC_BOF & 0xff) && depth++ && !chart && begins_chart(x, p))
            chart = depth;
        if (!chart || id == REC_FORMULA || id == REC_STRING)
            sheet_record(&s, id, p);
        if (macro)
            xls_look_record(x, m, id, p);
        if (id != REC_EOF)
            continue;
        chart = depth == chart ? 0 : chart;
        if (depth-- <= 1)
            break;
    }
    close_line(&s);
    buf_drop(&s.text);
}

void xls_macro_read(struct xls *x)
{
    struct xlm m;
    if (x->macro_sheets == 0)
        return;
    xlm_open(&m, x->w);
    xls_book_give(x, &m);
    xls_look_read(x);
    if (x->n_sheets == 0)
        read_sheet(x, &m, 0, SLICE_LIT("Macro1"), true);
    for (int pass = 0; pass < 2; pass++) /* macro sheets first: the others may be endless */
        for (size_t i = 0; i < x->n_sheets && !walk_over(x->w); i++) {
            const struct xls_sheet *s = &x->sheets[i];
            bool macro = s->kind == XLM_MACRO;
            if (macro == (pass == 0) && xls_book_is_bof(x, s->at))
                read_sheet(x, &m, s->at, s->name, macro);
        }
    xlm_give(&m);
}

/* CALL is the one function of ordinary sheets that reaches a library; looked for by its number
 * before anything is read. */
void xls_macro_look(struct xls *x, struct xls_place p)
{
    slice all = slice_from(xls_bytes(x, p), 20);
    size_t at = slice_find(all, SLICE_LIT("\x96\0"), 0);
    if (at == SIZE_MAX || x->on_macro_sheet || x->formulas_said >= FORMULAS_SAID)
        return;
    cursor k = cur_open(xls_bytes(x, p));
    uint32_t where = read_where(&k);
    struct formula f = formula_at(x, where, (struct xls_place){ p.at + 20, p.end });
    struct buf b = buf_new(FORMULA_SHOWN * 4);
    (void)formula_text(&x->scratch, &f, &b);
    if (xlm_calls_outside(buf_slice(&b))) {
        x->formulas_said++;
        walk_text(x->w, FACT_OFFICE_FORMULA, slice_sub(buf_slice(&b), 0, FORMULA_SHOWN), NOWHERE);
    }
    buf_drop(&b);
}
