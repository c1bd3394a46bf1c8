/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_word - text of WordprocessingML and DrawingML, fields, properties.
 *
 * ECMA-376 part 1: 17.3 (text), 17.16 (fields), 21.1.2 (drawing text), 22.1
 * and part 2 11 (properties). Field codes come in pieces and nest; they are
 * put together as Word does. Deleted text is left out; both branches of
 * alternate content are read.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/links.h"
#include "decode/ooxml/ooxml_private.h"

enum { FIELDS_DEEP = 16, FIELD_MAX = 64 * 1024, FIELD_SHOWN = 1000, ALT_LEAST = 12 };

struct reader {
    struct package *p;
    struct ooxml_story *story;  /* NULL: nobody asks */
    size_t entry;
    bool in_text, in_code, in_cell, in_picture;
    struct picture_shown shown;         /* of the picture that is read */
    struct buf code;            /* field codes of all open levels, one after the other */
    size_t starts[FIELDS_DEEP]; /* where each level's code begins */
    bool done[FIELDS_DEEP];     /* its code was looked at */
    unsigned depth;             /* may exceed FIELDS_DEEP: the rest is not kept apart */
};

/* --- fields */

static slice first_word(slice code, slice *rest_out)
{
    code = slice_trim(code);
    size_t n = 0;
    while (n < code.len && !ascii_space(code.at[n]) && code.at[n] != '"')
        n++;
    *rest_out = slice_trim(slice_from(code, n));
    return slice_sub(code, 0, n);
}

/* The first argument that is no switch, without its quotes. */
static slice argument(slice rest)
{
    while (rest.len && rest.at[0] == '\\') { /* a switch */
        slice after;
        (void)first_word(rest, &after);
        rest = after;
    }
    if (rest.len && rest.at[0] == '"') {
        size_t end = slice_find_byte(rest, '"', 1);
        return slice_sub(rest, 1, (end == SIZE_MAX ? rest.len : end) - 1);
    }
    slice after;
    return first_word(rest, &after);
}

static bool is_dde(slice word)
{
    return slice_is_nocase(word, "DDE") || slice_is_nocase(word, "DDEAUTO");
}

static void say_field(struct package *p, slice code)
{
    slice rest, word = first_word(code, &rest);
    if (is_dde(word)) {
        if (p->fields++ < SAY_MAX)
            walk_text(p->w, FACT_OFFICE_FIELD_DDE, utf8_cut(slice_trim(code), FIELD_SHOWN),
                      NOWHERE);
        return;
    }
    slice target = argument(rest);
    if (slice_is_nocase(word, "HYPERLINK")) {
        walk_link(p->w, target, (slice){ 0 }, NOWHERE, "office.field");
        return;
    }
    bool loads = slice_starts_nocase(word, "INCLUDE") || slice_is_nocase(word, "IMPORT") ||
                 slice_is_nocase(word, "LINK") || slice_is_nocase(word, "RD");
    if (slice_is_nocase(word, "LINK")) { /* its first argument is the class */
        size_t at = slice_find(rest, target, 0);
        if (at != SIZE_MAX)
            target = argument(slice_trim(slice_from(rest, at + target.len)));
    }
    bool outside = slice_find(target, SLICE_LIT("://"), 0) != SIZE_MAX ||
                   slice_starts(target, SLICE_LIT("\\\\"));
    if (loads && outside)
        ooxml_external(p, target, word);
}

/* { QUOTE 68 68 69 } yields "DDI": numbers are character codes (17.16.5.49). */
static bool unquote(slice code, struct buf *out)
{
    slice rest, word = first_word(code, &rest);
    if (!slice_is_nocase(word, "QUOTE"))
        return false;
    while (rest.len) {
        slice number = first_word(rest, &rest);
        uint64_t v;
        uint8_t utf8[4];
        if (!slice_u64(number, &v) || v > 0x10ffff)
            return out->len > 0;
        buf_put(out, (slice){ utf8, utf8_put(utf8, (uint32_t)v) });
    }
    return true;
}

static void field_begin(struct reader *r)
{
    if (r->depth < FIELDS_DEEP) {
        r->starts[r->depth] = r->code.len;
        r->done[r->depth] = false;
    }
    r->depth++;
}

/* The code of the innermost field is complete: at its separator or its end. */
static void field_code(struct reader *r)
{
    if (r->depth == 0 || r->depth > FIELDS_DEEP || r->done[r->depth - 1])
        return;
    r->done[r->depth - 1] = true;
    size_t from = r->starts[r->depth - 1];
    slice code = slice_from(buf_slice(&r->code), from);
    if (code.len == 0)
        return;
    struct buf text = buf_new(FIELD_MAX);
    if (r->depth > 1 && unquote(code, &text)) { /* the outer field sees the result */
        r->code.len = from;
        buf_put(&r->code, buf_slice(&text));
    } else {
        say_field(r->p, code);
    }
    buf_drop(&text);
}

static void field_end(struct reader *r)
{
    field_code(r);
    if (r->depth > 0)
        r->depth--;
    if (r->depth == 0)
        buf_clear(&r->code);
}

/* --- elements */

static void fld_char(struct reader *r, slice kind)
{
    if (slice_is_nocase(kind, "begin"))
        field_begin(r);
    else if (slice_is_nocase(kind, "separate"))
        field_code(r);
    else if (slice_is_nocase(kind, "end"))
        field_end(r);
}

/* What stands in for a picture is read by people too, and by attackers' lures. */
static void alternative_text(struct package *p, slice text)
{
    if (text.len < ALT_LEAST)
        return;
    ooxml_line(p);
    buf_put(&p->text, text);
    buf_byte(&p->text, '\n');
}

static void on_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct reader *r = host;
    (void)at;
    name = xml_local(name);
    if (name.len == 0)
        return;
    if (r->story)
        ooxml_story_open(r->story, name, a, n);
    switch (name.at[0]) {
    case 't':
        if (name.len == 1)
            r->in_text = true;
        else if (slice_is(name, "tab"))
            buf_byte(&r->p->text, ' ');
        else if (slice_is(name, "tc"))
            r->in_cell = true;
        break;
    case 'b':
        if (slice_is(name, "br"))
            buf_byte(&r->p->text, '\n');
        break;
    case 'c':
        if (slice_is(name, "cr"))
            buf_byte(&r->p->text, '\n');
        else if (slice_is(name, "cNvPr"))
            alternative_text(r->p, xml_get(a, n, "descr"));
        break;
    case 'd':
        if (slice_is(name, "docPr"))
            alternative_text(r->p, xml_get(a, n, "descr"));
        break;
    case 'h':
        if (slice_is(name, "hlinkClick") || slice_is(name, "hlinkHover") || slice_is(name, "hlinkMouseOver"))
            ooxml_say_action(r->p, r->entry, name, xml_get(a, n, "id"), xml_get(a, n, "action"));
        break;
    case 'p':
        r->in_picture = r->in_picture || slice_is(name, "pic");
        break;
    case 'o':
        if (r->in_picture && slice_is(name, "off"))
            ooxml_place_picture(&r->shown, a, n);
        break;
    case 'e':
        if (r->in_picture && slice_is(name, "ext"))
            ooxml_size_picture(r->p, &r->shown, a, n);
        break;
    case 'i':
        r->in_code = r->in_code || slice_is(name, "instrText");
        break;
    case 'f':
        if (slice_is(name, "fldChar"))
            fld_char(r, xml_get(a, n, "fldCharType"));
        else if (slice_is(name, "fldSimple"))
            say_field(r->p, xml_get(a, n, "instr"));
        break;
    default:
        break;
    }
}

static void on_close(void *host, slice name, size_t at)
{
    struct reader *r = host;
    (void)at;
    name = xml_local(name);
    if (r->story)
        ooxml_story_close(r->story, name);
    if (slice_is(name, "t")) {
        r->in_text = false;
    } else if (slice_is(name, "p") && r->in_cell) { /* a row is one line: "label value" */
        buf_byte(&r->p->text, ' ');
    } else if (slice_is(name, "p") || slice_is(name, "tr")) {
        ooxml_line(r->p);
    } else if (slice_is(name, "tc")) {
        r->in_cell = false;
    } else if (slice_is(name, "instrText")) {
        r->in_code = false;
    } else if (slice_is(name, "pic")) {
        r->in_picture = false;
    }
}

static void on_text(void *host, slice text, size_t at)
{
    struct reader *r = host;
    (void)at;
    if (r->in_text)
        buf_put(&r->p->text, text);
    if (r->in_text && r->story)
        ooxml_story_text(r->story, text);
    if (r->in_code && r->depth > 0)
        buf_put(&r->code, text);
}

void ooxml_read_word(struct package *p, size_t entry)
{
    struct reader r = { .p = p, .code = buf_new(FIELD_MAX), .story = ooxml_story_begin(p, entry), .entry = entry };
    const struct xml_handler handler = {
        .host = &r, .open = on_open, .close = on_close, .text = on_text
    };
    ooxml_line(p);
    ooxml_read(p, entry, &handler);
    while (r.depth > 0) /* fields that never end run all the same */
        field_end(&r);
    buf_drop(&r.code);
    ooxml_story_end(r.story);
    ooxml_line(p);
}

/* --- VML drawings: buttons and notes of sheets; their text is HTML-like */

static void vml_text(void *host, slice text, size_t at)
{
    const struct reader *r = host;
    (void)at;
    text = slice_trim(text);
    if (text.len < 2)
        return;
    if (r->story)
        ooxml_story_text(r->story, text);
    buf_put(&r->p->text, text);
    buf_byte(&r->p->text, ' ');
}

static void vml_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    const struct reader *r = host;
    (void)at;
    if (r->story)
        ooxml_story_open(r->story, xml_local(name), a, n);
    if (slice_is(xml_local(name), "shape"))
        alternative_text(r->p, xml_get(a, n, "alt"));
}

static void vml_close(void *host, slice name, size_t at)
{
    const struct reader *r = host;
    (void)at;
    if (r->story)
        ooxml_story_close(r->story, xml_local(name));
    if (slice_is(xml_local(name), "textbox"))
        ooxml_line(r->p);
}

void ooxml_read_vml(struct package *p, size_t entry)
{
    struct reader r = { .p = p, .story = ooxml_story_begin(p, entry) };
    const struct xml_handler handler = {
        .host = &r, .open = vml_open, .close = vml_close, .text = vml_text
    };
    ooxml_line(p);
    ooxml_read(p, entry, &handler);
    ooxml_story_end(r.story);
    ooxml_line(p);
}

/* --- docProps */

enum { PROPERTY_MAX = 512, PROPERTIES = 13 };

/* The element, what macros call it, and the fact it is besides; 0: none. */
static const struct {
    const char *element, *name;
    enum fact_id id;
} properties[PROPERTIES] = {
    { "creator", "Author", FACT_OFFICE_AUTHOR },
    { "lastModifiedBy", "Last Author", FACT_OFFICE_LAST_AUTHOR },
    { "Application", "Application Name", FACT_OFFICE_APPLICATION },
    { "Template", "Template", FACT_OFFICE_TEMPLATE },
    { "title", "Title", 0 },
    { "subject", "Subject", 0 },
    { "description", "Comments", 0 },
    { "keywords", "Keywords", 0 },
    { "category", "Category", 0 },
    { "contentStatus", "Content status", 0 },
    { "Manager", "Manager", 0 },
    { "Company", "Company", 0 },
    { "HyperlinkBase", "Hyperlink Base", 0 },
};

struct property_reader {
    struct package *p;
    size_t now; /* PROPERTIES: none */
    bool said[PROPERTIES];
    struct buf text;
};

static void property_open(void *host, slice name, const struct xml_attribute *a, size_t n,
                          size_t at)
{
    struct property_reader *r = host;
    (void)a, (void)n, (void)at;
    name = xml_local(name);
    r->now = 0;
    while (r->now < PROPERTIES && !slice_is(name, properties[r->now].element))
        r->now++;
    buf_clear(&r->text);
}

static void property_text(void *host, slice text, size_t at)
{
    struct property_reader *r = host;
    (void)at;
    if (r->now < PROPERTIES)
        buf_put(&r->text, text);
}

static void property_close(void *host, slice name, size_t at)
{
    struct property_reader *r = host;
    (void)name, (void)at;
    slice text = slice_trim(buf_slice(&r->text));
    if (r->now < PROPERTIES && text.len && !r->said[r->now]) {
        r->said[r->now] = true;
        if (properties[r->now].id)
            walk_text(r->p->w, properties[r->now].id, utf8_cut(text, PROPERTY_MAX), NOWHERE);
        hidden_say(r->p->w, &(struct hidden){
                                .place = HIDDEN_PROPERTY,
                                .owner = SLICE_LIT("builtin"),
                                .name = slice_of(properties[r->now].name),
                                .value = text,
                                .quiet = properties[r->now].id != 0,
                            });
    }
    r->now = PROPERTIES;
}

void ooxml_read_properties(struct package *p, size_t entry)
{
    struct property_reader r = { .p = p, .now = PROPERTIES, .text = buf_new(HIDDEN_VALUE_MAX) };
    const struct xml_handler handler = {
        .host = &r, .open = property_open, .close = property_close, .text = property_text
    };
    ooxml_read(p, entry, &handler);
    buf_drop(&r.text);
}
