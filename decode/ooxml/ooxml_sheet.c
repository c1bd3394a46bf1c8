/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_sheet - text and states of workbooks (ECMA-376 part 1, 18; [MS-XLSB] 2.1).
 *
 * Shared and inline strings, sheet names and states, names that start macros,
 * DDE links, HYPERLINK formulas. Of the binary form only the workbook's sheets
 * and names, and the shared strings. Left out: numbers, other formulas, phonetic readings.
 */
#include "base/cursor.h"
#include "base/text.h"
#include "decode/links.h"
#include "decode/ooxml/ooxml_private.h"

enum {
    NAME_MAX_BYTES = 256,
    HYPERLINKS = 512,
    BRT_SST_ITEM = 19,   /* [MS-XLSB] 2.4.778 */
    BRT_NAME = 39,       /* 2.4.711 */
    BRT_BUNDLE_SH = 156, /* 2.4.311 */
};

/* --- strings */

struct strings {
    struct package *p;
    bool in_text, in_phonetic;
};

static void strings_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct strings *s = host;
    (void)a, (void)n, (void)at;
    name = xml_local(name);
    if (slice_is(name, "t") || slice_is(name, "text"))
        s->in_text = !s->in_phonetic;
    else if (slice_is(name, "rPh"))
        s->in_phonetic = true;
}

static void strings_close(void *host, slice name, size_t at)
{
    struct strings *s = host;
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "t") || slice_is(name, "text")) {
        s->in_text = false;
    } else if (slice_is(name, "rPh")) {
        s->in_phonetic = false;
    } else if (slice_is(name, "si") || slice_is(name, "is") || slice_is(name, "comment") ||
               slice_is(name, "threadedComment")) {
        s->in_phonetic = false;
        ooxml_line(s->p);
    }
}

static void strings_text(void *host, slice text, size_t at)
{
    struct strings *s = host;
    (void)at;
    if (s->in_text)
        buf_put(&s->p->text, text);
}

void ooxml_read_strings(struct package *p, size_t entry)
{
    struct strings s = { .p = p };
    const struct xml_handler handler = {
        .host = &s, .open = strings_open, .close = strings_close, .text = strings_text
    };
    ooxml_line(p);
    ooxml_read(p, entry, &handler);
    ooxml_line(p);
}

/* --- sheets: most hold numbers only, so they are searched before they are parsed */

/* The first argument of HYPERLINK( in a formula, quoted in XML or not. */
static void hyperlinks(struct package *p, slice all)
{
    size_t at = 0;
    for (int n = 0;
         n < HYPERLINKS && (at = slice_find(all, SLICE_LIT("HYPERLINK("), at)) != SIZE_MAX; n++) {
        at += 10;
        slice rest = slice_sub(all, at, 4096);
        bool escaped = slice_starts(rest, SLICE_LIT("&quot;"));
        if (!escaped && !slice_starts(rest, SLICE_LIT("\"")))
            continue;
        rest = slice_from(rest, escaped ? 6 : 1);
        size_t end = slice_find(rest, escaped ? SLICE_LIT("&quot;") : SLICE_LIT("\""), 0);
        if (end != SIZE_MAX)
            walk_link(p->w, slice_sub(rest, 0, end), (slice){ 0 }, NOWHERE, "office.formula");
    }
}

void ooxml_read_sheet(struct package *p, size_t entry)
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    slice all = body.all;
    if (body.stored)
        all = slice_sub(all, 0,
                        body.n_stored ? (size_t)(body.stored[body.n_stored - 1].at +
                                                 body.stored[body.n_stored - 1].len)
                                      : 0);
    p->sheet_bytes += all.len;
    if (walk_work(p->w, all.len / 4)) {
        hyperlinks(p, all);
        if (slice_find(all, SLICE_LIT("inlineStr"), 0) != SIZE_MAX ||
            slice_starts(all, SLICE_LIT("\xff\xfe"))) {
            struct strings s = { .p = p };
            const struct xml_handler handler = {
                .host = &s, .open = strings_open, .close = strings_close, .text = strings_text
            };
            if (xml_read(all, &handler, p->w->mem, p->w->budget) == XML_LIMIT)
                walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, p->b->entries[entry].name);
        }
    }
    body_release(&body);
}

/* --- the workbook */

/* state: 0 visible, 1 hidden, 2 very hidden (only code can show it). */
static void note_sheet(struct package *p, slice name, unsigned state)
{
    if (state == 0 || p->hidden++ >= SAY_MAX)
        return;
    struct buf b = buf_new(NAME_MAX_BYTES + 32);
    buf_put(&b, utf8_cut(name, NAME_MAX_BYTES));
    buf_text(&b, state == 2 ? " (very hidden)" : "");
    walk_text(p->w, FACT_OFFICE_SHEET_HIDDEN, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

/* Names that start an Excel 4.0 macro, hidden ones too (18.2.5, built-in or spelled out);
 * Excel takes any name that begins so. */
static void note_name(struct package *p, slice name)
{
    static const char *const starts[] = { "auto_open", "auto_close", "auto_activate" };
    name = slice_trim(name);
    if (slice_starts_nocase(name, "_xlnm."))
        name = slice_from(name, 6);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (slice_starts_nocase(name, starts[i]) && p->names++ < SAY_MAX)
            walk_text(p->w, FACT_OFFICE_AUTO_NAME, utf8_cut(name, NAME_MAX_BYTES), NOWHERE);
}

static void workbook_open(void *host, slice name, const struct xml_attribute *a, size_t n,
                          size_t at)
{
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "definedName"))
        note_name(host, xml_get(a, n, "name"));
    if (!slice_is(name, "sheet"))
        return;
    slice state = xml_get(a, n, "state");
    note_sheet(host, xml_get(a, n, "name"),
               slice_is_nocase(state, "veryHidden") ? 2 : slice_is_nocase(state, "hidden"));
}

void ooxml_read_workbook(struct package *p, size_t entry)
{
    const struct xml_handler handler = { .host = p, .open = workbook_open };
    ooxml_read(p, entry, &handler);
}

static void link_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct package *p = host;
    (void)at;
    if (!slice_is(xml_local(name), "ddeLink") || p->fields++ >= SAY_MAX)
        return;
    struct buf b = buf_new(4096);
    buf_put(&b, slice_sub(xml_get(a, n, "ddeService"), 0, 1000));
    buf_byte(&b, '|');
    buf_put(&b, slice_sub(xml_get(a, n, "ddeTopic"), 0, 1000));
    walk_text(p->w, FACT_OFFICE_FIELD_DDE, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

void ooxml_read_external_link(struct package *p, size_t entry)
{
    const struct xml_handler handler = { .host = p, .open = link_open };
    ooxml_read(p, entry, &handler);
}

/* --- the binary form: records of a type, a length and data, 7 bits a byte */

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

/* XLWideString: a count of characters, then UTF-16LE ([MS-XLSB] 2.5.168). */
static slice wide_string(struct package *p, cursor *c)
{
    uint32_t n = cur_u32le(c);
    if (n == UINT32_MAX) /* null */
        return (slice){ 0 };
    return n > cur_left(c) / 2 ? cur_take(c, SIZE_MAX)
                               : utf8_from_utf16le(p->w->mem, cur_take(c, (size_t)n * 2));
}

static void book_record(struct package *p, uint32_t type, slice data)
{
    cursor c = cur_open(data);
    if (type == BRT_NAME) {
        cur_skip(&c, 4 + 1 + 4); /* flags, chKey, itab */
        slice name = wide_string(p, &c);
        if (cur_ok(&c))
            note_name(p, name);
    }
    if (type != BRT_BUNDLE_SH)
        return;
    uint32_t state = cur_u32le(&c);
    cur_skip(&c, 4); /* iTabID */
    (void)wide_string(p, &c);
    slice name = wide_string(p, &c);
    if (cur_ok(&c))
        note_sheet(p, name, state > 2 ? 2 : state);
}

static void sst_record(struct package *p, uint32_t type, slice data)
{
    cursor c = cur_open(data);
    if (type != BRT_SST_ITEM || p->text.full)
        return;
    cur_skip(&c, 1); /* rich, phonetic */
    buf_put(&p->text, wide_string(p, &c));
    ooxml_line(p);
}

static void read_records(struct package *p, size_t entry,
                         void (*record)(struct package *p, uint32_t type, slice data))
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    cursor c = cur_open(body.all);
    bool go = walk_work(p->w, body.all.len);
    for (unsigned n = 0; go && cur_more(&c); n++) {
        uint32_t type = varint(&c, 2);
        slice data = cur_take(&c, varint(&c, 4));
        if (cur_ok(&c))
            record(p, type, data);
        go = n % 1024 || !walk_over(p->w);
    }
    if (!cur_ok(&c) && p->faults++ < SAY_MAX)
        walk_text(p->w, FACT_OFFICE_PART_FAULTY, p->b->entries[entry].name,
                  p->b->entries[entry].at);
    body_release(&body);
}

void ooxml_read_workbook_binary(struct package *p, size_t entry)
{
    read_records(p, entry, book_record);
}

void ooxml_read_strings_binary(struct package *p, size_t entry)
{
    ooxml_line(p);
    read_records(p, entry, sst_record);
}
