/* SPDX-License-Identifier: Apache-2.0 */
/* cfb_hidden - texts of a Word document that macros read by name: [MS-DOC] 2.8.29 (PlcftxbxTxt),
 * 2.9.284 (StwUser: variables), 2.8.10 ff. (bookmarks), 2.8.4 (comments), and its shapes.
 *
 * Only read beside a macro project, but for variables. Text boxes are named after their shapes
 * where these have names, else by their number.
 */
#include "decode/cfb/cfb_private.h"
#include "base/buf.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/shared/officeart.h"

enum {
    /* Fib, 2.5.4 and 2.5.6 */
    CCP_TEXT = 0x4c,
    PLCF_AND_TXT = 0x9a + 5 * 8,
    STTBF_BKMK = 0x9a + 21 * 8,
    PLCF_BKF = 0x9a + 22 * 8,
    PLCF_BKL = 0x9a + 23 * 8,
    PLC_SPA = 0x9a + 40 * 8,
    DGG_INFO = 0x9a + 50 * 8,
    PLCF_TXBX = 0x9a + 56 * 8,
    STW_USER = 0x9a + 60 * 8,
    STORIES = 8, /* text, footnotes, headers, macros, comments, endnotes, boxes, boxes of headers */
    STORY_COMMENTS = 4,
    STORY_BOXES = 6,
    PIECE_SIZE = 8,
    VARIABLES_MAX = 1024,
    RANGES_MAX = 512,
    RANGE_MAX = 1 << 16, /* characters: ranges may overlap */
    PARAGRAPHS_MAX = 1024,
    SPA_SIZE = 26, /* 2.9.253 */
    BOX_SIZE = 22, /* FTXBXS, 2.9.86 */
    BOOKMARK_SIZE = 4, /* FBKF, 2.9.71 */
};

struct doc {
    struct cfb *c;
    slice stream, table, plc;
    uint32_t story[STORIES + 1]; /* first character of each */
};

static uint32_t u32_at(slice s, size_t at)
{
    cursor k = cur_open(slice_from(s, at));
    return cur_u32le(&k);
}

static slice table_part(const struct doc *d, size_t fib)
{
    return slice_sub(d->table, u32_at(d->stream, fib), u32_at(d->stream, fib + 4));
}

/* --- characters by their positions */

static void put_piece(struct doc *d, struct buf *out, uint32_t fc, uint32_t skip, uint32_t chars)
{
    bool narrow = fc & 0x40000000;
    size_t at = narrow ? (fc & 0x3fffffff) / 2 + (size_t)skip : (fc & 0x3fffffff) + (size_t)skip * 2;
    slice raw = slice_sub(d->stream, at, narrow ? chars : (size_t)chars * 2);
    if (!walk_work(d->c->w, raw.len * 2))
        return;
    if (!narrow) {
        buf_put(out, utf8_from_utf16le(d->c->w->mem, raw));
        return;
    }
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t utf8[4];
        buf_put(out, (slice){ utf8, utf8_put(utf8, raw.at[i]) });
    }
}

/* Without the codes of fields (0x13 to 0x14), of which VBA gives only the results, and without
 * the last paragraph mark. */
static slice plain_text(struct buf *b)
{
    size_t n = 0;
    unsigned codes = 0;
    for (size_t i = 0; i < b->len; i++) {
        uint8_t c = b->at[i];
        if (c == 0x13)
            codes++;
        else if ((c == 0x14 || c == 0x15) && codes > 0)
            codes--;
        else if (codes == 0 && c != 0x14 && c != 0x15)
            b->at[n++] = c;
    }
    while (n && b->at[n - 1] < 0x20)
        n--;
    b->len = n;
    return buf_slice(b);
}

/* As VBA's Range.Text gives it. */
static slice text_of(struct doc *d, struct buf *out, uint32_t from, uint32_t to, uint32_t most)
{
    size_t n = d->plc.len >= 4 ? (d->plc.len - 4) / (4 + PIECE_SIZE) : 0;
    size_t low = 0, high = n; /* the first piece that ends behind `from` */
    buf_clear(out);
    if (to > from && to - from > most)
        to = from + most;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (u32_at(d->plc, middle * 4 + 4) <= from)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < n && from < to && walk_work(d->c->w, 20); i++) {
        uint32_t begin = u32_at(d->plc, i * 4), end = u32_at(d->plc, i * 4 + 4);
        if (begin > from || end <= from)
            break;
        uint32_t last = end < to ? end : to;
        put_piece(d, out, u32_at(d->plc, (n + 1) * 4 + i * PIECE_SIZE + 2), from - begin, last - from);
        from = last;
    }
    return plain_text(out);
}

static slice number_name(char room[16], unsigned n)
{
    unsigned at = 16;
    do
        room[--at] = (char)('0' + n % 10);
    while ((n /= 10) && at);
    return (slice){ (const uint8_t *)room + at, 16 - at };
}

static void say(struct doc *d, enum hidden_place place, const char *owner, slice name, const char *property, slice value)
{
    if (value.len)
        hidden_text(d->c->w, place, slice_of(owner), name, slice_of(property), value);
}

/* --- STTB, 2.2.4: strings with data behind each */

struct sttb {
    cursor k;
    unsigned n, extra;
    bool wide;
};

static struct sttb sttb_open(slice in)
{
    struct sttb t = { .k = cur_open(in) };
    t.n = cur_u16le(&t.k);
    t.wide = t.n == 0xffff;
    if (t.wide)
        t.n = cur_u16le(&t.k);
    t.extra = cur_u16le(&t.k);
    return t;
}

static slice sttb_next(struct doc *d, struct sttb *t)
{
    unsigned n = t->wide ? cur_u16le(&t->k) : cur_u8(&t->k);
    slice raw = cur_take(&t->k, t->wide ? (size_t)n * 2 : n);
    cur_skip(&t->k, t->extra);
    return t->wide ? utf8_from_utf16le(d->c->w->mem, raw) : raw;
}

/* Names first, then as many values. Signatures of the project are kept as variables too. */
static void read_variables(struct doc *d)
{
    slice names[VARIABLES_MAX];
    struct sttb t = sttb_open(table_part(d, STW_USER));
    unsigned n = 0;
    while (n < t.n && n < VARIABLES_MAX && cur_more(&t.k))
        names[n++] = sttb_next(d, &t);
    for (unsigned i = n; i < t.n && cur_more(&t.k); i++)
        (void)sttb_next(d, &t);
    for (unsigned i = 0; i < n && cur_more(&t.k); i++) {
        size_t len = (size_t)cur_u16le(&t.k) * 2;
        slice raw = cur_take(&t.k, len < cur_left(&t.k) ? len : cur_left(&t.k));
        if (!slice_is(names[i], "Sign") && !slice_is(names[i], "SigAgile"))
            say(d, HIDDEN_VARIABLE, "", names[i], "", utf8_from_utf16le(d->c->w->mem, raw));
    }
}

/* --- ranges */

static void read_bookmarks(struct doc *d, struct buf *out)
{
    struct sttb t = sttb_open(table_part(d, STTBF_BKMK));
    slice begins = table_part(d, PLCF_BKF), ends = table_part(d, PLCF_BKL);
    size_t n = begins.len >= 4 ? (begins.len - 4) / (4 + BOOKMARK_SIZE) : 0;
    for (size_t i = 0; i < n && i < t.n && i < RANGES_MAX && cur_more(&t.k); i++) {
        slice name = sttb_next(d, &t);
        size_t end = u32_at(begins, (n + 1) * 4 + i * BOOKMARK_SIZE) & 0xffff;
        uint32_t from = u32_at(begins, i * 4), to = u32_at(ends, end * 4);
        if (to > from)
            say(d, HIDDEN_TEXT, "bookmarks", name, "", text_of(d, out, from, to, RANGE_MAX));
    }
}

static void read_comments(struct doc *d, struct buf *out)
{
    char room[16];
    slice plc = table_part(d, PLCF_AND_TXT);
    uint32_t base = d->story[STORY_COMMENTS];
    for (unsigned i = 0; i + 1 < plc.len / 4 && i < RANGES_MAX; i++) {
        uint32_t from = u32_at(plc, i * 4), to = u32_at(plc, i * 4 + 4);
        if (to > from && to <= d->story[STORY_COMMENTS + 1] - base)
            say(d, HIDDEN_COMMENT, "document", number_name(room, i + 1), "", text_of(d, out, base + from, base + to, RANGE_MAX));
    }
}

static slice box_name(const struct officeart *a, unsigned box, uint32_t shape, char room[16])
{
    for (size_t i = 0; i < a->n; i++)
        if (a->shapes[i].name.len && ((shape && a->shapes[i].id == shape) || a->shapes[i].text >> 16 == box))
            return a->shapes[i].name;
    return number_name(room, box);
}

/* The number of a shape is its place among those of the main text, from the back to the front
 * (Word, "Shape.ZOrderPosition"): as they are drawn, not as their texts follow each other. 0: none. */
static uint32_t number_of(const struct doc *d, const struct officeart *a, uint32_t shape)
{
    slice plc = table_part(d, PLC_SPA);
    size_t n = plc.len >= 4 ? (plc.len - 4) / (4 + SPA_SIZE) : 0;
    uint32_t number = 0;
    for (size_t i = 0; i < a->n && shape && walk_work(d->c->w, n); i++) {
        size_t k = 0;
        while (k < n && k < RANGES_MAX && u32_at(plc, (n + 1) * 4 + k * SPA_SIZE) != a->shapes[i].id)
            k++;
        number += k < n && k < RANGES_MAX;
        if (a->shapes[i].id == shape)
            return k < n ? number : 0;
    }
    return 0;
}

static void say_box(struct doc *d, slice name, uint32_t number, slice text)
{
    if (text.len)
        hidden_say(d->c->w, &(struct hidden){ .place = HIDDEN_SHAPE, .name = name, .property = SLICE_LIT("Text"), .value = text, .index = number });
}

static void read_boxes(struct doc *d, const struct officeart *a, struct buf *out)
{
    char room[16];
    slice plc = table_part(d, PLCF_TXBX);
    uint32_t base = d->story[STORY_BOXES];
    size_t n = plc.len >= 4 ? (plc.len - 4) / (4 + BOX_SIZE) : 0;
    for (unsigned i = 0; i < n && i < RANGES_MAX && walk_work(d->c->w, 10 * (a->n + 1)); i++) {
        uint32_t from = u32_at(plc, (size_t)i * 4), to = u32_at(plc, (size_t)i * 4 + 4);
        uint32_t shape = u32_at(plc, (n + 1) * 4 + (size_t)i * BOX_SIZE + 14); /* lid */
        if (to > from && to <= d->story[STORY_BOXES + 1] - base)
            say_box(d, box_name(a, i + 1, shape, room), number_of(d, a, shape), text_of(d, out, base + from, base + to, RANGE_MAX));
    }
}

/* Where pictures that do not stand in the text lie, in twips from what they are anchored to. */
static void read_places(struct doc *d, const struct officeart *a)
{
    slice plc = table_part(d, PLC_SPA);
    size_t n = plc.len >= 4 ? (plc.len - 4) / (4 + SPA_SIZE) : 0;
    for (size_t i = 0; i < n && i < RANGES_MAX && walk_work(d->c->w, 10 * (a->n + 1)); i++) {
        cursor k = cur_open(slice_from(plc, (n + 1) * 4 + i * SPA_SIZE));
        uint32_t shape = cur_u32le(&k);
        int64_t v[4]; /* left, top, right, bottom */
        for (unsigned side = 0; side < 4; side++)
            v[side] = (int64_t)(int32_t)cur_u32le(&k) * SHOWN_PER_TWIP;
        struct picture_shown s = { .left = v[0], .top = v[1], .placed = true };
        s.width = v[2] - v[0];
        s.height = v[3] - v[1];
        for (size_t j = 0; j < a->n; j++)
            if (a->shapes[j].id == shape && a->shapes[j].picture)
                shown_offer(&d->c->shown, &s);
    }
}

static void read_paragraphs(struct doc *d, struct buf *out)
{
    char room[16];
    (void)text_of(d, out, 0, d->story[1], HIDDEN_VALUE_MAX);
    cursor k = cur_open(buf_slice(out));
    for (unsigned n = 1; cur_more(&k) && n <= PARAGRAPHS_MAX; n++)
        say(d, HIDDEN_TEXT, "paragraphs", number_name(room, n), "", cur_until(&k, '\r'));
}

void cfb_hidden_word(struct cfb *c, slice stream, slice table, slice plc)
{
    struct doc d = { .c = c, .stream = stream, .table = table, .plc = plc };
    struct officeart art = { .w = c->w };
    for (unsigned i = 0; i < STORIES; i++) {
        uint32_t n = u32_at(stream, CCP_TEXT + (size_t)i * 4);
        d.story[i + 1] = n < UINT32_MAX - d.story[i] ? d.story[i] + n : d.story[i];
    }
    read_variables(&d);
    if (!c->macros)
        return;
    struct buf out = buf_new(HIDDEN_VALUE_MAX);
    officeart_read(&art, table_part(&d, DGG_INFO), NOWHERE);
    read_boxes(&d, &art, &out);
    read_places(&d, &art);
    read_bookmarks(&d, &out);
    read_comments(&d, &out);
    read_paragraphs(&d, &out);
    buf_drop(&out);
}
