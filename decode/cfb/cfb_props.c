/* SPDX-License-Identifier: Apache-2.0 */
/* SummaryInformation and DocumentSummaryInformation: [MS-OLEPS] 2.21, 2.25; [MS-OSHARED] 2.3.3.
 *
 * What says who made the document with what, and every text as a value for macros, under the
 * names that VBA has for it. Strings are in the set's code page (property 1). The second set of
 * DocumentSummaryInformation holds the author's own properties; a dictionary (2.17) names them.
 */
#include "decode/cfb/cfb_private.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/hidden.h"

enum {
    VT_I2 = 2,
    VT_LPSTR = 0x1e,
    VT_LPWSTR = 0x1f,
    PROPERTIES_MAX = 256,
    SETS_MAX = 4,
    DICTIONARY = 0,
    PID_CODEPAGE = 1,
    PID_AUTHOR = 4,
    PID_TEMPLATE = 7,
    PID_LASTAUTHOR = 8,
    PID_APPNAME = 18,
    UTF16 = 1200,
};

/* What VBA calls them. */
struct named {
    uint32_t id;
    const char *name;
};

static const struct named summary_names[] = {
    { 2, "Title" }, { 3, "Subject" }, { PID_AUTHOR, "Author" }, { 5, "Keywords" }, { 6, "Comments" },
    { PID_TEMPLATE, "Template" }, { PID_LASTAUTHOR, "Last Author" }, { 9, "Revision Number" },
    { PID_APPNAME, "Application Name" }, { 0, NULL },
};

static const struct named document_names[] = {
    { 2, "Category" }, { 3, "Format" }, { 14, "Manager" }, { 15, "Company" }, { 26, "Content type" },
    { 27, "Content status" }, { 28, "Language" }, { 29, "Document version" }, { 0, NULL },
};
static const struct named no_names[] = { { 0, NULL } };

static slice text_value(struct cfb *c, slice set, size_t at, unsigned codepage)
{
    cursor k = cur_open(set);
    cur_seek(&k, at);
    uint16_t type = cur_u16le(&k);
    cur_skip(&k, 2);
    uint32_t n = cur_u32le(&k);
    if (type == VT_LPWSTR && n <= cur_left(&k) / 2)
        return slice_trim(utf8_from_utf16le_z(c->w->mem, cur_take(&k, (size_t)n * 2)));
    if (type != VT_LPSTR || !cur_ok(&k))
        return (slice){ 0 };
    slice raw = slice_sub(cur_rest(&k), 0, n);
    size_t nul = slice_find_byte(raw, 0, 0);
    if (codepage == UTF16)
        return slice_trim(utf8_from_utf16le_z(c->w->mem, raw));
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

/* True: it has a fact of its own. */
static bool tell(struct cfb *c, uint32_t id, slice text)
{
    enum fact_id fact = id == PID_AUTHOR       ? FACT_OFFICE_AUTHOR
                        : id == PID_LASTAUTHOR ? FACT_OFFICE_LAST_AUTHOR
                        : id == PID_TEMPLATE   ? FACT_OFFICE_TEMPLATE
                                               : FACT_OFFICE_APPLICATION;
    if (fact == FACT_OFFICE_APPLICATION && id != PID_APPNAME)
        return false;
    walk_text(c->w, fact, text, NOWHERE);
    return true;
}

/* --- names */

static slice name_of(const struct named *names, uint32_t id)
{
    while (names->name && names->id != id)
        names++;
    return slice_of(names->name);
}

/* 2.17: how many, then number and name of each; in UTF-16 they are counted in characters and padded. */
static slice dictionary_name(struct cfb *c, slice set, size_t at, uint32_t wanted, unsigned codepage)
{
    cursor k = cur_open(slice_from(set, at));
    uint32_t n = cur_u32le(&k);
    for (uint32_t i = 0; i < n && i < PROPERTIES_MAX && cur_more(&k); i++) {
        uint32_t id = cur_u32le(&k), len = cur_u32le(&k);
        bool wide = codepage == UTF16;
        slice raw = cur_take(&k, wide ? (size_t)len * 2 : len);
        if (wide && raw.len % 4)
            cur_skip(&k, 2);
        if (id != wanted || !cur_ok(&k))
            continue;
        return wide ? utf8_from_utf16le_z(c->w->mem, raw)
                    : charset_decode_codepage(c->w->mem, codepage, slice_sub(raw, 0, slice_find_byte(raw, 0, 0))).text;
    }
    return (slice){ 0 };
}

static size_t dictionary_at(slice set, uint32_t n)
{
    cursor k = cur_open(set);
    cur_skip(&k, 8);
    for (uint32_t i = 0; i < n && cur_ok(&k); i++) {
        uint32_t id = cur_u32le(&k), at = cur_u32le(&k);
        if (id == DICTIONARY)
            return at;
    }
    return SIZE_MAX;
}

/* --- sets */

static void read_set(struct cfb *c, slice set, const struct named *names, bool own)
{
    cursor s = cur_open(set);
    cur_skip(&s, 4);
    uint32_t n = cur_u32le(&s);
    n = n < PROPERTIES_MAX ? n : PROPERTIES_MAX;
    unsigned codepage = codepage_of(set, n);
    size_t dictionary = own ? dictionary_at(set, n) : SIZE_MAX;
    for (uint32_t i = 0; i < n && cur_ok(&s) && walk_work(c->w, WORK_PER_ENTRY); i++) {
        uint32_t id = cur_u32le(&s);
        uint32_t at = cur_u32le(&s);
        slice name = own ? (slice){ 0 } : name_of(names, id);
        slice text = id > PID_CODEPAGE && (own || name.len) ? text_value(c, set, at, codepage) : (slice){ 0 };
        if (text.len == 0)
            continue;
        if (own && dictionary != SIZE_MAX)
            name = dictionary_name(c, set, dictionary, id, codepage);
        bool told = names == summary_names && tell(c, id, text);
        hidden_say(c->w, &(struct hidden){
                             .place = HIDDEN_PROPERTY,
                             .owner = own ? SLICE_LIT("custom") : SLICE_LIT("builtin"),
                             .name = name,
                             .value = text,
                             .quiet = told,
                         });
    }
}

void cfb_props_read(struct cfb *c, slice stream)
{
    /* 2.21 PropertySetStream: format and place of each set. */
    static const slice summary = SLICE_INIT("\xe0\x85\x9f\xf2\xf9\x4f\x68\x10\xab\x91\x08\x00\x2b\x27\xb3\xd9");
    static const slice document = SLICE_INIT("\x02\xd5\xcd\xd5\x9c\x2e\x1b\x10\x93\x97\x08\x00\x2b\x2c\xf9\xae");
    static const slice own = SLICE_INIT("\x05\xd5\xcd\xd5\x9c\x2e\x1b\x10\x93\x97\x08\x00\x2b\x2c\xf9\xae");
    cursor k = cur_open(stream);
    uint16_t order = cur_u16le(&k);
    cur_seek(&k, 24);
    uint32_t sets = cur_u32le(&k);
    for (uint32_t i = 0; order == 0xfffe && i < sets && i < SETS_MAX; i++) {
        slice format = cur_take(&k, 16);
        uint32_t at = cur_u32le(&k);
        if (!cur_ok(&k))
            return;
        if (slice_eq(format, summary))
            read_set(c, slice_from(stream, at), summary_names, false);
        else if (slice_eq(format, document))
            read_set(c, slice_from(stream, at), document_names, false);
        else if (slice_eq(format, own))
            read_set(c, slice_from(stream, at), no_names, true);
    }
}
