/* SPDX-License-Identifier: Apache-2.0 */
/* xls_text - what a reader sees of a workbook: [MS-XLS] 2.4.149 LabelSst, 2.4.148 Label, 2.4.268
 * String, 2.4.329 TxO.
 *
 * Each sheet is read from where its BoundSheet8 points, as Excel does; its
 * cells become lines in the order of rows and columns, the texts of all text
 * boxes follow. Strings are decoded only where a cell shows them. Cells are counted whose text is
 * hidden by its colour, its size or its row or column. Left out: numbers, headers and footers,
 * WordArt, phonetic readings, the text boxes and notes of BIFF5, conditional formats.
 */
#include "decode/xls/xls_private.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/shared/officeart.h"
#include "decode/plain.h"
#include <stdlib.h>

enum {
    CELLS_MAX = 1 << 18, /* of a sheet, with text */
    TEXT_MAX = 4 << 20,
    ROWS = 1 << 16,
    COLS = 256,
    VALUES_MAX = 1 << 14, /* cells that macros may read */
};

struct cell {
    struct xls_place text;
    uint32_t where; /* row, and the column below it */
    bool shared;    /* the text stands in the SST */
};

struct cells {
    struct xls *x;
    struct cell *cells; /* of the sheet that is being read */
    size_t n, room;
    bool sorted;
    uint32_t last; /* where the formula stands whose text may follow */
    uint64_t read; /* bytes of sheets */
    uint8_t *rows; /* bit per row: hidden; NULL: none is */
    uint8_t cols[COLS / 8];
    int64_t unseen; /* cells */
    struct buf text, boxes;
    slice sheet;          /* its name; empty where no list of sheets told it */
    struct officeart art; /* shapes, beside macros only */
    unsigned values;
};

/* --- cells */

static void add_cell(struct cells *s, uint32_t where, struct xls_place text, bool shared)
{
    if (s->n == s->room) {
        size_t more = s->room ? s->room * 2 : 256;
        struct cell *bigger =
            s->n < CELLS_MAX ? arena_regrow(s->x->w->mem, s->cells, s->n * sizeof *bigger, more,
                                            sizeof *bigger)
                             : NULL;
        s->x->over = s->x->over || !bigger;
        if (!bigger)
            return;
        s->cells = bigger;
        s->room = more;
    }
    s->sorted = s->sorted && (s->n == 0 || s->cells[s->n - 1].where <= where);
    s->cells[s->n++] = (struct cell){ text, where, shared };
}

static bool bit(const uint8_t *bits, size_t i)
{
    return bits[i / 8] & 1u << i % 8;
}

/* Rows and columns are told before the cells in them. */
static void count_unseen(struct cells *s, uint32_t where, uint16_t xf)
{
    const uint8_t *xfs = s->x->xfs.at;
    bool unseen = xf < s->x->xfs.n && xfs[xf];
    unseen = unseen || (s->rows && bit(s->rows, where >> 16)) ||
             bit(s->cols, where & (COLS - 1));
    s->unseen += unseen;
}

static void read_row(struct cells *s, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    uint16_t row = cur_u16le(&k);
    cur_skip(&k, 10);
    bool hidden = cur_u16le(&k) & 0x20;
    if (!cur_ok(&k) || !hidden)
        return;
    if (!s->rows)
        s->rows = ARENA_ARRAY(s->x->w->mem, uint8_t, ROWS / 8);
    if (s->rows)
        s->rows[row / 8] |= (uint8_t)(1u << row % 8);
}

static void read_columns(struct cells *s, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    unsigned from = cur_u16le(&k), to = cur_u16le(&k);
    cur_skip(&k, 4);
    bool hidden = cur_u16le(&k) & 1;
    for (unsigned i = from; cur_ok(&k) && hidden && i <= to && i < COLS; i++)
        s->cols[i / 8] |= (uint8_t)(1u << i % 8);
}

static void read_label(struct cells *s, uint16_t id, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(s->x, p));
    uint32_t where = (uint32_t)cur_u16le(&k) << 16;
    where |= cur_u16le(&k);
    uint16_t xf = cur_u16le(&k);
    if (!cur_ok(&k))
        return;
    s->last = where;
    if (id == REC_FORMULA) {
        xls_macro_look(s->x, p);
        return;
    }
    count_unseen(s, where, xf);
    if (id == REC_LABELSST) {
        uint32_t i = cur_u32le(&k);
        const struct xls_place *strings = s->x->strings.at;
        if (cur_ok(&k) && i < s->x->strings.n)
            add_cell(s, where, strings[i], true);
        return;
    }
    p.at += 6;
    add_cell(s, where, p, false);
}

/* The text follows in a record of its own, which begins with its width. */
static void read_box(struct cells *s, struct xls_place p)
{
    cursor c = cur_open(xls_bytes(s->x, p));
    cur_skip(&c, 10);
    size_t n = cur_u16le(&c);
    struct xls_chain k = xls_chain_of(s->x, (struct xls_place){ p.end, p.end });
    if (!cur_ok(&c) || n == 0 || s->x->biff < BIFF8)
        return;
    size_t from = s->boxes.len;
    (void)xls_chain_text(&k, n, false, true, &s->boxes);
    if (s->x->macros && s->art.n)
        hidden_say(s->x->w, &(struct hidden){
                                .place = HIDDEN_SHAPE,
                                .owner = s->sheet,
                                .name = s->art.shapes[s->art.n - 1].name,
                                .property = SLICE_LIT("Text"),
                                .value = slice_from(buf_slice(&s->boxes), from),
                                .index = (uint32_t)s->art.n,
                            });
    buf_byte(&s->boxes, '\n');
}

/* 2.4.51: what macros call the sheet. */
static void read_code_name(struct cells *s, struct xls_place p)
{
    struct buf b = buf_new(HIDDEN_NAME_MAX);
    struct xls_chain k = xls_chain_of(s->x, p);
    if (xls_chain_string(&k, false, &b) && s->sheet.len)
        hidden_text(s->x->w, HIDDEN_SHEET, (slice){ 0 }, buf_slice(&b), (slice){ 0 }, s->sheet);
    buf_drop(&b);
}

/* Only for macros: shapes, and the sheet's second name. */
static void read_for_macros(struct cells *s, uint16_t id, struct xls_place p)
{
    if (id == REC_DRAWING)
        officeart_read(&s->art, xls_bytes(s->x, p), range_of(p.at, p.end - p.at));
    else if (id == REC_CODENAME)
        read_code_name(s, p);
}

static void sheet_record(struct cells *s, uint16_t id, struct xls_place p)
{
    switch (id) {
    case REC_FORMULA:
    case REC_LABELSST:
    case REC_LABEL:
    case REC_RSTRING:
        read_label(s, id, p);
        break;
    case REC_STRING:
        add_cell(s, s->last, p, false);
        break;
    case REC_TXO:
        read_box(s, p);
        break;
    case REC_ROW:
        read_row(s, p);
        break;
    case REC_COLINFO:
        read_columns(s, p);
        break;
    case REC_DRAWING:
    case REC_CODENAME:
        if (s->x->macros)
            read_for_macros(s, id, p);
        break;
    default:
        break;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct cell *p = a, *q = b;
    if (p->where != q->where)
        return p->where < q->where ? -1 : 1;
    return p->text.at < q->text.at ? -1 : p->text.at > q->text.at;
}

static void keep_cell(struct cells *s, const struct cell *c, slice text)
{
    char name[16];
    size_t n = sizeof name;
    unsigned row = (c->where >> 16) + 1, col = (c->where & 0xffff) + 1;
    do
        name[--n] = (char)('0' + row % 10);
    while ((row /= 10) > 0);
    for (; col > 0 && n > 0; col = (col - 1) / 26)
        name[--n] = (char)('A' + (col - 1) % 26);
    if (text.len && s->values++ < VALUES_MAX)
        hidden_text(s->x->w, HIDDEN_CELL, s->sheet, (slice){ (const uint8_t *)name + n, sizeof name - n }, (slice){ 0 }, text);
}

static void show_sheet(struct cells *s)
{
    if (!s->sorted)
        qsort(s->cells, s->n, sizeof *s->cells, by_place);
    for (size_t i = 0; i < s->n && !s->text.full; i++) {
        bool same = i > 0 && s->cells[i].where >> 16 == s->cells[i - 1].where >> 16;
        if (i > 0)
            buf_byte(&s->text, same ? '\t' : '\n');
        size_t from = s->text.len;
        xls_chain_cell(s->x, s->cells[i].text, s->cells[i].shared, &s->text);
        if (s->x->macros)
            keep_cell(s, &s->cells[i], slice_from(buf_slice(&s->text), from));
    }
    if (s->n)
        buf_byte(&s->text, '\n');
    (void)walk_work(s->x->w, (uint64_t)s->n * XLS_WORK_PER_RECORD);
}

/* --- substreams (2.1.7.20), from BOF to EOF; charts lie inside. Sheets lie behind each other;
 * where they overlap, not more is read than twice the stream. */

static size_t read_records(struct cells *s, size_t at)
{
    cursor k = cur_open(s->x->in);
    unsigned depth = 0;
    uint16_t id;
    struct xls_place p;
    cur_seek(&k, at);
    while (xls_record(s->x, &k, &id, &p)) {
        depth += (id & 0xff) == (REC_BOF & 0xff); /* of any version */
        sheet_record(s, id, p);
        if (id == REC_EOF && depth-- <= 1)
            break;
    }
    return k.pos;
}

static size_t read_sheet(struct cells *s, size_t at)
{
    s->n = 0;
    s->last = 0;
    s->sorted = true;
    s->rows = NULL;
    for (size_t i = 0; i < sizeof s->cols; i++)
        s->cols[i] = 0;
    size_t end = read_records(s, at);
    s->read += end - at;
    show_sheet(s);
    return end;
}

static void read_sheets(struct cells *s)
{
    struct xls *x = s->x;
    size_t end = x->globals_end, found = 0;
    for (size_t i = 0; i < x->n_sheets && !walk_over(x->w); i++) {
        if (!xls_book_is_bof(x, x->sheets[i].at))
            continue;
        found++;
        if (s->text.full || s->read / 2 > x->in.len) {
            x->over = true;
            break;
        }
        x->on_macro_sheet = x->sheets[i].kind == XLM_MACRO;
        s->sheet = x->sheets[i].name;
        s->art = (struct officeart){ .w = x->w, .owner = s->sheet, .shown = &x->shown };
        (void)read_sheet(s, x->sheets[i].at);
    }
    x->on_macro_sheet = found == 0 && x->macro_sheets;
    s->sheet = (slice){ 0 };
    s->art = (struct officeart){ .w = x->w, .shown = &x->shown };
    while (found == 0 && end < x->in.len && xls_book_is_bof(x, (uint32_t)end) && !walk_over(x->w))
        end = read_sheet(s, end);
}

void xls_text_read(struct xls *x)
{
    struct walk *w = x->w;
    struct cells s = { .x = x, .text = buf_new(TEXT_MAX), .boxes = buf_new(TEXT_MAX) };
    read_sheets(&s);
    buf_put(&s.text, buf_slice(&s.boxes));
    if (x->over || s.text.full || s.boxes.full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_TEXT_OF_THE_WORKBOOK, (slice){ 0 });
    slice text = slice_trim(buf_slice(&s.text));
    size_t words = plain_words(text);
    if (text.len)
        walk_view(w, FACT_DOCUMENT_TEXT, utf8_clean(w->mem, arena_copy(w->mem, text)), NOWHERE);
    walk_int(w, FACT_DOCUMENT_WORDS, (int64_t)words, NOWHERE);
    if (s.unseen)
        walk_int(w, FACT_OFFICE_HIDDEN_TEXT, s.unseen, NOWHERE);
    buf_drop(&s.text);
    buf_drop(&s.boxes);
}
