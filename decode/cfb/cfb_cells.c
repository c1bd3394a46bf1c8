/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a workbook: [MS-XLS] 2.4.265 SST, 2.5.293 strings, 2.4.149
 * LabelSst, 2.4.148 Label, 2.4.268 String, 2.4.329 TxO, 2.4.58 Continue.
 *
 * Each sheet is read from where its BoundSheet8 points, as Excel does; its
 * cells become lines in the order of rows and columns, the texts of all text
 * boxes follow. Strings are decoded only where a cell shows them. Left out:
 * numbers, headers and footers, WordArt, phonetic readings, the text boxes and
 * notes of BIFF5.
 */
#include "decode/cfb/cfb_private.h"
#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/plain.h"
#include <stdlib.h>

enum {
    REC_FORMULA = 0x06,
    REC_EOF = 0x0a,
    REC_CONTINUE = 0x3c,
    REC_BOUNDSHEET = 0x85,
    REC_RSTRING = 0xd6,
    REC_SST = 0xfc,
    REC_LABELSST = 0xfd,
    REC_TXO = 0x1b6,
    REC_LABEL = 0x204,
    REC_STRING = 0x207,
    BIFF8 = 0x600,
    FLAG_WIDE = 1,
    FLAG_EXTENDED = 4,
    FLAG_RICH = 8,
    SHEETS_MAX = 1024,
    STRINGS_MAX = 1 << 20,
    CELLS_MAX = 1 << 18, /* of a sheet, with text */
    RECORDS_MAX = 8 << 20,
    WORK_CHUNK = 4096, /* records */
    WORK_PER_RECORD = 10,
    WORK_PER_CHARACTER = 3,
    TEXT_MAX = 4 << 20,
};

/* A place in the data of a record, which CONTINUE records may follow. */
struct place {
    uint32_t at, end;
};

struct cell {
    struct place text;
    uint32_t where; /* row, and the column below it */
    bool shared;    /* the text stands in the SST */
};

struct cells {
    struct walk *w;
    slice in;
    unsigned biff, codepage;
    struct place *strings;
    size_t n_strings, room_strings;
    uint32_t sheets[SHEETS_MAX];
    size_t n_sheets;
    struct cell *cells; /* of the sheet that is being read */
    size_t n, room;
    bool sorted;
    uint32_t last; /* where the formula stands whose text may follow */
    unsigned records, hops;
    uint64_t read; /* bytes of sheets */
    bool over;
    struct buf text, boxes;
};

/* --- text that runs on in CONTINUE records */

struct chain {
    struct cells *x;
    slice in;
    size_t at, end;
};

static struct chain chain_of(struct cells *x, uint32_t at, uint32_t end)
{
    return (struct chain){ x, x->in, at, end };
}

/* Cells may all point at one string behind a million empty records: each step costs. */
static bool chain_next(struct chain *k)
{
    if (++k->x->hops % WORK_CHUNK == 0 && !walk_work(k->x->w, WORK_CHUNK * WORK_PER_RECORD))
        return false;
    cursor c = cur_open(k->in);
    cur_seek(&c, k->end);
    uint16_t id = cur_u16le(&c), len = cur_u16le(&c);
    if (!cur_ok(&c) || id != REC_CONTINUE)
        return false;
    k->at = c.pos;
    k->end = c.pos + (len < cur_left(&c) ? len : cur_left(&c));
    return true;
}

/* Whole bytes that are left in this record, or in the one that follows. */
static size_t chain_room(struct chain *k)
{
    while (k->at == k->end)
        if (!chain_next(k))
            return 0;
    return k->end - k->at;
}

static bool chain_skip(struct chain *k, uint64_t n)
{
    while (n > 0) {
        size_t room = chain_room(k);
        if (room == 0)
            return false;
        size_t step = n < room ? (size_t)n : room;
        k->at += step;
        n -= step;
    }
    return true;
}

static uint32_t chain_number(struct chain *k, unsigned bytes)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < bytes && chain_room(k) > 0; i++)
        v |= (uint32_t)k->in.at[k->at++] << 8 * i;
    return v;
}

struct shown {
    struct buf *out; /* NULL: only stepped over */
    bool lines;      /* line breaks stay */
    uint16_t high;   /* surrogate that waits for its other half */
};

static void show(struct shown *s, uint16_t unit)
{
    uint8_t utf8[4];
    uint32_t code = unit;
    if (unit >= 0xd800 && unit < 0xdc00) {
        s->high = unit;
        return;
    }
    if (unit >= 0xdc00 && unit < 0xe000) /* alone it becomes U+FFFD */
        code = s->high ? 0x10000u + ((uint32_t)(s->high - 0xd800) << 10) + (unit - 0xdc00u) : unit;
    s->high = 0;
    if (code == '\n' || code == '\r')
        code = s->lines ? '\n' : ' ';
    if (code == 0)
        return;
    buf_put(s->out, (slice){ utf8, utf8_put(utf8, code < ' ' && code != '\n' ? ' ' : code) });
}

/* `n` characters. Where they run on in another record, that one begins with
 * their width, which need not be the one before (2.5.293). */
static bool chain_text(struct chain *k, size_t n, bool wide, struct shown *s)
{
    while (n > 0) {
        size_t room = k->end - k->at, width = wide ? 2 : 1;
        if (room < width) {
            if (!chain_next(k))
                return false;
            wide = k->at < k->end && (k->in.at[k->at++] & FLAG_WIDE);
            continue;
        }
        size_t now = n < room / width ? n : room / width;
        slice raw = slice_sub(k->in, k->at, now * width);
        k->at += raw.len;
        n -= now;
        if (!s->out || s->out->full)
            continue;
        if (!walk_work(k->x->w, now * WORK_PER_CHARACTER))
            return false;
        for (size_t i = 0; i < raw.len; i += width)
            show(s, (uint16_t)(raw.at[i] | (wide ? raw.at[i + 1] << 8 : 0)));
    }
    return true;
}

/* XLUnicodeString, and in the SST XLUnicodeRichExtendedString. */
static bool chain_string(struct chain *k, bool rich, struct buf *out)
{
    struct shown s = { .out = out };
    size_t n = chain_number(k, 2);
    if (chain_room(k) == 0)
        return false;
    unsigned flags = chain_number(k, 1);
    uint64_t tail = rich && (flags & FLAG_RICH) ? (uint64_t)chain_number(k, 2) * 4 : 0;
    if (rich && (flags & FLAG_EXTENDED))
        tail += chain_number(k, 4);
    return chain_text(k, n, flags & FLAG_WIDE, &s) && chain_skip(k, tail);
}

/* --- the globals: shared strings, and where the sheets are */

static bool add_string(struct cells *x, const struct chain *k)
{
    if (x->n_strings == STRINGS_MAX) {
        x->over = true;
        return false;
    }
    if (x->n_strings == x->room_strings) {
        size_t more = x->room_strings ? x->room_strings * 2 : 256;
        struct place *bigger = arena_regrow(x->w->mem, x->strings, x->n_strings * sizeof *bigger,
                                            more, sizeof *bigger);
        if (!bigger)
            return false;
        x->strings = bigger;
        x->room_strings = more;
    }
    x->strings[x->n_strings++] = (struct place){ (uint32_t)k->at, (uint32_t)k->end };
    return true;
}

/* The count is not believed: strings are read while there are bytes. */
static void read_shared(struct cells *x, struct place p)
{
    struct chain k = chain_of(x, p.at, p.end);
    if (x->n_strings || !chain_skip(&k, 8))
        return;
    while (chain_room(&k) > 0) {
        if ((x->n_strings % WORK_CHUNK == 0 && !walk_work(x->w, WORK_CHUNK * WORK_PER_RECORD)) ||
            !add_string(x, &k) || !chain_string(&k, true, NULL))
            return;
    }
}

static void add_sheet(struct cells *x, slice data)
{
    cursor k = cur_open(data);
    uint32_t at = cur_u32le(&k);
    for (size_t i = 0; i < x->n_sheets; i++)
        if (x->sheets[i] == at)
            return;
    if (cur_ok(&k) && x->n_sheets < SHEETS_MAX)
        x->sheets[x->n_sheets++] = at;
}

/* --- cells */

static void add_cell(struct cells *x, uint32_t where, struct place text, bool shared)
{
    if (x->n == x->room) {
        size_t more = x->room ? x->room * 2 : 256;
        struct cell *bigger =
            x->n < CELLS_MAX ? arena_regrow(x->w->mem, x->cells, x->n * sizeof *bigger, more,
                                            sizeof *bigger)
                             : NULL;
        x->over = x->over || !bigger;
        if (!bigger)
            return;
        x->cells = bigger;
        x->room = more;
    }
    x->sorted = x->sorted && (x->n == 0 || x->cells[x->n - 1].where <= where);
    x->cells[x->n++] = (struct cell){ text, where, shared };
}

static void read_label(struct cells *x, uint16_t id, struct place p)
{
    cursor k = cur_open(slice_sub(x->in, p.at, p.end - p.at));
    uint32_t where = (uint32_t)cur_u16le(&k) << 16;
    where |= cur_u16le(&k);
    cur_skip(&k, 2);
    if (!cur_ok(&k))
        return;
    x->last = where;
    if (id == REC_FORMULA)
        return;
    if (id == REC_LABELSST) {
        uint32_t i = cur_u32le(&k);
        if (cur_ok(&k) && i < x->n_strings)
            add_cell(x, where, x->strings[i], true);
        return;
    }
    p.at += 6;
    add_cell(x, where, p, false);
}

/* The text follows in a record of its own, which begins with its width. */
static void read_box(struct cells *x, struct place p)
{
    struct shown s = { .out = &x->boxes, .lines = true };
    cursor c = cur_open(slice_sub(x->in, p.at, p.end - p.at));
    cur_skip(&c, 10);
    size_t n = cur_u16le(&c);
    struct chain k = chain_of(x, p.end, p.end);
    if (!cur_ok(&c) || n == 0 || x->biff < BIFF8)
        return;
    (void)chain_text(&k, n, false, &s);
    buf_byte(&x->boxes, '\n');
}

static void sheet_record(struct cells *x, uint16_t id, struct place p)
{
    switch (id) {
    case REC_FORMULA:
    case REC_LABELSST:
    case REC_LABEL:
    case REC_RSTRING:
        read_label(x, id, p);
        break;
    case REC_STRING:
        add_cell(x, x->last, p, false);
        break;
    case REC_TXO:
        read_box(x, p);
        break;
    default:
        break;
    }
}

/* BIFF5: a count of bytes in the code page; or BIFF8. */
static void show_cell(struct cells *x, const struct cell *cell)
{
    struct chain k = chain_of(x, cell->text.at, cell->text.end);
    if (x->biff >= BIFF8) {
        (void)chain_string(&k, cell->shared, &x->text);
        return;
    }
    size_t n = chain_number(&k, 2);
    slice raw = slice_sub(slice_sub(x->in, k.at, k.end - k.at), 0, n);
    slice text = charset_decode_codepage(x->w->mem, x->codepage, raw).text;
    for (size_t i = 0; i < text.len; i++)
        buf_byte(&x->text, text.at[i] < ' ' ? ' ' : text.at[i]);
}

static int by_place(const void *a, const void *b)
{
    const struct cell *p = a, *q = b;
    if (p->where != q->where)
        return p->where < q->where ? -1 : 1;
    return p->text.at < q->text.at ? -1 : p->text.at > q->text.at;
}

static void show_sheet(struct cells *x)
{
    if (!x->sorted)
        qsort(x->cells, x->n, sizeof *x->cells, by_place);
    for (size_t i = 0; i < x->n && !x->text.full; i++) {
        bool same = i > 0 && x->cells[i].where >> 16 == x->cells[i - 1].where >> 16;
        if (i > 0)
            buf_byte(&x->text, same ? '\t' : '\n');
        show_cell(x, &x->cells[i]);
    }
    if (x->n)
        buf_byte(&x->text, '\n');
    (void)walk_work(x->w, (uint64_t)x->n * WORK_PER_RECORD);
}

/* --- records of a substream (2.1.7.20), from its BOF to its EOF; charts lie inside */

static size_t read_records(struct cells *x, size_t at, bool sheet)
{
    cursor k = cur_open(x->in);
    unsigned depth = 0;
    cur_seek(&k, at);
    while (cur_left(&k) >= 4 && x->records < RECORDS_MAX) {
        uint16_t id = cur_u16le(&k), len = cur_u16le(&k);
        size_t end = k.pos + (len < cur_left(&k) ? len : cur_left(&k));
        struct place p = { (uint32_t)k.pos, (uint32_t)end };
        if (++x->records % WORK_CHUNK == 0 && !walk_work(x->w, WORK_CHUNK * WORK_PER_RECORD))
            break;
        depth += (id & 0xff) == 0x09; /* BOF, of any version */
        if (sheet)
            sheet_record(x, id, p);
        else if (id == REC_SST)
            read_shared(x, p);
        else if (id == REC_BOUNDSHEET)
            add_sheet(x, slice_sub(x->in, p.at, p.end - p.at));
        cur_seek(&k, end);
        if (id == REC_EOF && (!sheet || depth-- <= 1))
            break;
    }
    return k.pos;
}

static bool is_bof(const struct cells *x, uint32_t at)
{
    cursor k = cur_open(x->in);
    cur_seek(&k, at);
    return (cur_u16le(&k) & 0xff) == 0x09 && cur_ok(&k);
}

/* Sheets lie behind each other; where they overlap, not more is read than twice the stream. */
static size_t read_sheet(struct cells *x, size_t at)
{
    x->n = 0;
    x->last = 0;
    x->sorted = true;
    size_t end = read_records(x, at, true);
    x->read += end - at;
    show_sheet(x);
    return end;
}

static void read_sheets(struct cells *x)
{
    size_t end = read_records(x, 0, false), found = 0;
    for (size_t i = 0; i < x->n_sheets && !walk_over(x->w); i++) {
        if (!is_bof(x, x->sheets[i]))
            continue;
        found++;
        if (x->text.full || x->read / 2 > x->in.len) {
            x->over = true;
            break;
        }
        (void)read_sheet(x, x->sheets[i]);
    }
    while (found == 0 && end < x->in.len && is_bof(x, (uint32_t)end) && !walk_over(x->w))
        end = read_sheet(x, end);
}

void cfb_cells_read(struct cfb *c, slice stream, unsigned biff, unsigned codepage)
{
    struct walk *w = c->w;
    struct cells x = { .w = w, .biff = biff, .codepage = codepage };
    x.in = slice_sub(stream, 0, UINT32_MAX);
    x.text = buf_new(TEXT_MAX);
    x.boxes = buf_new(TEXT_MAX);
    read_sheets(&x);
    buf_put(&x.text, buf_slice(&x.boxes));
    if (x.over || x.text.full || x.boxes.full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_TEXT_OF_THE_WORKBOOK, (slice){ 0 });
    slice text = slice_trim(buf_slice(&x.text));
    size_t words = plain_words(text);
    if (text.len)
        walk_view(w, FACT_DOCUMENT_TEXT, utf8_clean(w->mem, arena_copy(w->mem, text)), NOWHERE);
    walk_int(w, FACT_DOCUMENT_WORDS, (int64_t)words, NOWHERE);
    buf_drop(&x.text);
    buf_drop(&x.boxes);
}
