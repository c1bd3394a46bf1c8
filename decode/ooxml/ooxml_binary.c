/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_binary - BIFF12 ([MS-XLSB] 2.1): records of a type, a length and data, seven bits a byte.
 *
 * The workbook's sheets, names and what formulas call sheets, and the shared strings. Cells are
 * read beside macro sheets only (ooxml_macro.c). Left out: names of other books.
 */
#include "base/cursor.h"
#include "base/text.h"
#include "decode/ooxml/ooxml_private.h"

enum {
    NAME_SHOWN = 256,
    BRT_NAME = 39,          /* 2.4.711 */
    BRT_BUNDLE_SH = 156,    /* 2.4.311 */
    BRT_SUP_BOOK_SRC = 355, /* 2.4.808 ff. */
    BRT_SUP_SELF = 357,
    BRT_SUP_SAME = 358,
    BRT_EXTERN_SHEET = 362, /* 2.4.666 */
    BRT_SUP_ADDIN = 667,
    BRT_ABS_PATH = 2071,    /* 2.4.301 */
    NAME_HIDDEN = 1,
};

static uint32_t varint(cursor *c, int most)
{
    uint32_t v = 0;
    for (int i = 0; i < most; i++) {
        uint8_t byte = cur_u8(c);
        v |= (uint32_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            break;
    }
    return v;
}

slice ooxml_wide_string(struct package *p, cursor *c)
{
    uint32_t n = cur_u32le(c);
    if (n == UINT32_MAX) /* null */
        return (slice){ 0 };
    return n > cur_left(c) / 2 ? cur_take(c, SIZE_MAX)
                               : utf8_from_utf16le(p->w->mem, cur_take(c, (size_t)n * 2));
}

struct formula ooxml_formula(struct package *p, cursor *c)
{
    uint32_t n = cur_u32le(c);
    slice code = cur_take(c, n < cur_left(c) ? n : cur_left(c));
    n = cur_u32le(c);
    return (struct formula){
        .kind = FORMULA_BIFF12,
        .code = code,
        .extra = cur_take(c, n < cur_left(c) ? n : cur_left(c)),
        .mem = p->w->mem,
        .book = &p->book,
    };
}

/* --- what formulas call things */

static void put_sheet(void *host, uint32_t xti, uint32_t tab, struct buf *out)
{
    struct package *p = host;
    (void)tab;
    if (xti >= p->n_xtis || p->xtis[xti].book >= p->n_supbooks)
        return;
    if (!p->supbooks[p->xtis[xti].book]) {
        buf_format(out, "[%u]!", p->xtis[xti].book);
        return;
    }
    int32_t first = p->xtis[xti].first;
    if (first < 0 || (size_t)first >= p->n_sheets)
        return;
    formula_put_sheet(out, p->sheets[first].name);
    buf_byte(out, '!');
}

static void put_name(void *host, uint32_t index, struct buf *out)
{
    struct package *p = host;
    if (index > 0 && index <= p->n_defined)
        buf_put(out, p->defined[index - 1].name);
}

/* --- the workbook */

static void sheet_record(struct package *p, cursor *c)
{
    uint32_t state = cur_u32le(c);
    cur_skip(c, 4); /* iTabID */
    slice id = ooxml_wide_string(p, c), name = ooxml_wide_string(p, c);
    if (!cur_ok(c))
        return;
    struct book_sheet *s =
        ooxml_list_add(p, (void **)&p->sheets, &p->n_sheets, &p->room_sheets, sizeof *s);
    if (s)
        *s = (struct book_sheet){
            .name = utf8_cut(utf8_clean(p->w->mem, name), NAME_SHOWN),
            .id = id,
            .entry = SIZE_MAX,
            .state = (uint8_t)(state > 2 ? 2 : state),
        };
}

static void name_record(struct package *p, cursor *c)
{
    uint32_t flags = cur_u32le(c);
    cur_skip(c, 1 + 4); /* chKey, itab */
    slice name = ooxml_wide_string(p, c);
    if (!cur_ok(c))
        return;
    struct formula f = ooxml_formula(p, c);
    struct book_name *n =
        ooxml_list_add(p, (void **)&p->defined, &p->n_defined, &p->room_defined, sizeof *n);
    if (n)
        *n = (struct book_name){
            .name = utf8_cut(utf8_clean(p->w->mem, name), NAME_SHOWN),
            .code = arena_copy(p->w->mem, f.code),
            .extra = arena_copy(p->w->mem, f.extra),
            .hidden = flags & NAME_HIDDEN,
        };
}

static void links_record(struct package *p, cursor *c)
{
    for (uint32_t n = cur_u32le(c); n > 0 && cur_left(c) >= 12; n--) {
        uint32_t book = cur_u32le(c);
        int32_t first = (int32_t)cur_u32le(c);
        cur_skip(c, 4);
        if (!ooxml_list_add(p, (void **)&p->xtis, &p->n_xtis, &p->room_xtis, sizeof *p->xtis))
            return;
        p->xtis[p->n_xtis - 1].book = book;
        p->xtis[p->n_xtis - 1].first = first;
    }
}

static void book_record(void *host, uint32_t type, slice data)
{
    struct package *p = host;
    cursor c = cur_open(data);
    uint8_t *own;
    switch (type) {
    case BRT_NAME:
        name_record(p, &c);
        break;
    case BRT_BUNDLE_SH:
        sheet_record(p, &c);
        break;
    case BRT_SUP_BOOK_SRC:
    case BRT_SUP_SELF:
    case BRT_SUP_SAME:
    case BRT_SUP_ADDIN:
        own = ooxml_list_add(p, (void **)&p->supbooks, &p->n_supbooks, &p->room_supbooks, 1);
        if (own)
            *own = type == BRT_SUP_SELF || type == BRT_SUP_SAME;
        break;
    case BRT_EXTERN_SHEET:
        links_record(p, &c);
        break;
    case BRT_ABS_PATH: {
        slice path = ooxml_wide_string(p, &c);
        if (cur_ok(&c) && p->names++ < SAY_MAX)
            walk_text(p->w, FACT_OFFICE_PATH, utf8_cut(path, 1024), NOWHERE);
        break;
    }
    default:
        break;
    }
}

static void sst_record(void *host, uint32_t type, slice data)
{
    struct package *p = host;
    cursor c = cur_open(data);
    if (type != BRT_SST_ITEM || p->text.full)
        return;
    cur_skip(&c, 1); /* rich, phonetic */
    buf_put(&p->text, ooxml_wide_string(p, &c));
    ooxml_line(p);
}

void ooxml_records(struct package *p, const struct body *body, size_t entry, void *host,
                   void (*record)(void *host, uint32_t type, slice data))
{
    cursor c = cur_open(body->all);
    bool go = walk_work(p->w, body->all.len);
    for (unsigned n = 0; go && cur_more(&c); n++) {
        uint32_t type = varint(&c, 2);
        slice data = cur_take(&c, varint(&c, 4));
        if (cur_ok(&c))
            record(host, type, data);
        go = n % 1024 || !walk_over(p->w);
    }
    if (!cur_ok(&c) && p->faults++ < SAY_MAX)
        walk_text(p->w, FACT_OFFICE_PART_FAULTY, p->b->entries[entry].name,
                  p->b->entries[entry].at);
}

static void read_records(struct package *p, size_t entry,
                         void (*record)(void *host, uint32_t type, slice data))
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    ooxml_records(p, &body, entry, p, record);
    body_release(&body);
}

void ooxml_read_workbook_binary(struct package *p, size_t entry)
{
    p->book = (struct formula_book){ .host = p, .name = put_name, .sheet = put_sheet };
    read_records(p, entry, book_record);
}

void ooxml_read_strings_binary(struct package *p, size_t entry)
{
    ooxml_line(p);
    read_records(p, entry, sst_record);
}
