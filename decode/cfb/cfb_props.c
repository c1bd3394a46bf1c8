/* SPDX-License-Identifier: Apache-2.0 */
/* SummaryInformation and DocumentSummaryInformation: [MS-OLEPS] 2.21, 2.25.
 *
 * Only what says who made the document with what. Strings are in the set's
 * code page (property 1); of the user-defined section nothing is read.
 */
#include "decode/cfb/cfb_private.h"
#include "base/charset.h"
#include "base/text.h"

enum {
    VT_I2 = 2,
    VT_LPSTR = 0x1e,
    VT_LPWSTR = 0x1f,
    PROPERTIES_MAX = 64,
    PID_CODEPAGE = 1,
    PID_AUTHOR = 4,
    PID_TEMPLATE = 7,
    PID_LASTAUTHOR = 8,
    PID_APPNAME = 18,
};

static slice text_value(struct cfb *c, slice set, size_t at, unsigned codepage)
{
    cursor k = cur_open(set);
    cur_seek(&k, at);
    uint16_t type = cur_u16le(&k);
    cur_skip(&k, 2);
    uint32_t n = cur_u32le(&k);
    if (type == VT_LPWSTR && n <= cur_left(&k) / 2)
        return slice_trim(utf8_from_utf16le(c->w->mem, cur_take(&k, (size_t)n * 2)));
    if (type != VT_LPSTR || !cur_ok(&k))
        return (slice){ 0 };
    slice raw = slice_sub(cur_rest(&k), 0, n);
    size_t nul = slice_find_byte(raw, 0, 0);
    if (codepage == 1200)
        return slice_trim(utf8_from_utf16le(c->w->mem, raw));
    raw = slice_trim(slice_sub(raw, 0, nul));
    return raw.len ? charset_decode_codepage(c->w->mem, codepage, raw).text : raw;
}

static unsigned codepage_of(slice set, uint32_t n)
{
    cursor k = cur_open(set);
    cur_seek(&k, 8);
    for (uint32_t i = 0; i < n && cur_ok(&k); i++) {
        uint32_t id = cur_u32le(&k);
        uint32_t at = cur_u32le(&k);
        if (id != PID_CODEPAGE)
            continue;
        cursor v = cur_open(slice_from(set, at));
        uint16_t type = cur_u16le(&v);
        cur_skip(&v, 2);
        uint16_t page = cur_u16le(&v);
        return type == VT_I2 ? page : 0;
    }
    return 0;
}

static void tell(struct cfb *c, uint32_t id, slice text)
{
    if (text.len == 0)
        return;
    switch (id) {
    case PID_AUTHOR:
        walk_text(c->w, FACT_OFFICE_AUTHOR, text, NOWHERE);
        break;
    case PID_LASTAUTHOR:
        walk_text(c->w, FACT_OFFICE_LAST_AUTHOR, text, NOWHERE);
        break;
    case PID_TEMPLATE:
        walk_text(c->w, FACT_OFFICE_TEMPLATE, text, NOWHERE);
        break;
    case PID_APPNAME:
        walk_text(c->w, FACT_OFFICE_APPLICATION, text, NOWHERE);
        break;
    default:
        break;
    }
}

void cfb_props_read(struct cfb *c, slice stream)
{
    /* 2.21 PropertySetStream: the first set's format and place. */
    static const slice summary =
        SLICE_INIT("\xe0\x85\x9f\xf2\xf9\x4f\x68\x10\xab\x91\x08\x00\x2b\x27\xb3\xd9");
    cursor k = cur_open(stream);
    uint16_t order = cur_u16le(&k);
    cur_seek(&k, 28);
    slice format = cur_take(&k, 16);
    uint32_t at = cur_u32le(&k);
    if (!cur_ok(&k) || order != 0xfffe || !slice_eq(format, summary))
        return;
    slice set = slice_from(stream, at);
    cursor s = cur_open(set);
    cur_skip(&s, 4);
    uint32_t n = cur_u32le(&s);
    if (n > PROPERTIES_MAX)
        n = PROPERTIES_MAX;
    unsigned codepage = codepage_of(set, n);
    for (uint32_t i = 0; i < n && cur_ok(&s); i++) {
        uint32_t id = cur_u32le(&s);
        uint32_t value = cur_u32le(&s);
        if (id == PID_AUTHOR || id == PID_LASTAUTHOR || id == PID_TEMPLATE || id == PID_APPNAME)
            tell(c, id, text_value(c, set, value, codepage));
    }
}
