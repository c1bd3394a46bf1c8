/* SPDX-License-Identifier: Apache-2.0 */
/* JavaScript of a document (ISO 32000-1 12.6.4.16; Acrobat's own API), and forms in XML (XFA,
 * 12.7.8), whose scripts run in the same engine. Nothing is run: the text is shown to rules,
 * with the calls that leave the document or were broken into. */
#include "decode/pdf/pdf_private.h"
#include "base/charset.h"
#include "base/text.h"

enum {
    SCRIPT_MAX = 4 << 20,
    ALL_MAX = 8 << 20,
    PACKETS_MAX = 64,
    FORM_MAX = 16 << 20,
    WORK_PER_BYTE = 30
};

static slice as_utf8(struct pdf *p, slice s)
{
    struct arena *mem = p->w->mem;
    if (slice_starts(s, SLICE_LIT("\xfe\xff")))
        return charset_decode_id(mem, CHARSET_UTF16BE, slice_from(s, 2)).text;
    if (slice_starts(s, SLICE_LIT("\xff\xfe")))
        return charset_decode_id(mem, CHARSET_UTF16LE, slice_from(s, 2)).text;
    return charset_decode_id(mem, charset_guess(s), s).text;
}

static void add_text(struct pdf *p, slice utf8, bool by_itself)
{
    struct buf *into = by_itself ? &p->auto_script : &p->script;
    p->scripts += !by_itself;
    buf_put(into, utf8);
    buf_byte(into, '\n');
    if (into->full)
        p->limit = true;
}

void pdf_script_add(struct pdf *p, struct pdf_value js, bool by_itself)
{
    struct body body = { 0 };
    uint8_t bit = by_itself ? PDF_GIVEN_AUTO : PDF_GIVEN_SCRIPT;
    const struct pdf_object *o = js.kind == PDF_IS_REF ? pdf_object(p, js.num) : NULL;
    if (!o || !o->stream) {
        slice text = pdf_text(p, js);
        if (text.len)
            add_text(p, text, by_itself);
        return;
    }
    size_t index = (size_t)(o - p->objects);
    if (p->given[index] & bit)
        return;
    p->given[index] |= bit;
    if (!pdf_stream(p, (uint32_t)index, SCRIPT_MAX, &body) && body.all.len)
        p->limit = true; /* the rest of it would run as well */
    if (body.all.len)
        add_text(p, as_utf8(p, body.all), by_itself);
    body_release(&body);
}

/* --- what it calls */

struct call {
    const char *word, *said;
};

static const struct call calls[] = {
    /* leaves the document */
    { "exportDataObject", "exportDataObject" },
    { "importDataObject", "importDataObject" },
    { "openDataObject", "openDataObject" },
    { "launchURL", "launchURL" },
    { ".getURL", "getURL" },
    { "submitForm", "submitForm" },
    { "mailForm", "mailForm" },
    { "mailDoc", "mailDoc" },
    { "mailMsg", "mailMsg" },
    { "importAnFDF", "importAnFDF" },
    { "importTextData", "importTextData" },
    { "SOAP.", "SOAP" },
    { "Net.HTTP", "Net.HTTP" },
    { "app.openDoc", "openDoc" },
    { "execMenuItem", "execMenuItem" },
    /* broken into: CVE-2007-5659, -2009-0927, -2008-2992, -2009-4324, -2010-4091, -2009-1493,
       -2009-1492 */
    { "collectEmailInfo", "collectEmailInfo" },
    { "Collab.getIcon", "getIcon" },
    { "util.printf", "printf" },
    { "media.newPlayer", "newPlayer" },
    { "printSeps", "printSeps" },
    { "customDictionaryOpen", "customDictionaryOpen" },
    { "syncAnnotScan", "syncAnnotScan" },
    /* hides itself */
    { "unescape", "unescape" },
    { "eval(", "eval" },
    { "fromCharCode", "fromCharCode" },
};

/* "%u9090%u9090": memory to be filled, as text. */
static int64_t count_escapes(slice s)
{
    int64_t n = 0;
    for (size_t at = 0; (at = slice_find(s, SLICE_LIT("%u"), at)) != SIZE_MAX; at += 2)
        n += at + 5 < s.len && ascii_hex(s.at[at + 2]) >= 0 && ascii_hex(s.at[at + 3]) >= 0 &&
             ascii_hex(s.at[at + 4]) >= 0 && ascii_hex(s.at[at + 5]) >= 0;
    return n;
}

static void tell_calls(struct pdf *p, slice s, enum fact_id id)
{
    if (walk_work(p->w, s.len * WORK_PER_BYTE))
        for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
            if (slice_find(s, slice_of(calls[i].word), 0) != SIZE_MAX)
                walk_cstr(p->w, id, calls[i].said, NOWHERE);
}

void pdf_script_tell(struct pdf *p)
{
    slice s = buf_slice(&p->script);
    if (p->scripts == 0)
        return;
    walk_int(p->w, FACT_PDF_SCRIPT_COUNT, p->scripts, NOWHERE);
    tell_calls(p, s, FACT_PDF_SCRIPT_CALL);
    tell_calls(p, buf_slice(&p->auto_script), FACT_PDF_AUTO_CALL);
    int64_t escapes = count_escapes(s);
    if (escapes)
        walk_int(p->w, FACT_PDF_SCRIPT_ESCAPES, escapes, NOWHERE);
    walk_view(p->w, FACT_PDF_SCRIPT, s, NOWHERE);
}

/* --- XFA */

static void read_form_text(struct pdf *p, slice s)
{
    for (size_t at = 0; (at = slice_find(s, SLICE_LIT("<script"), at)) != SIZE_MAX;) {
        size_t from = slice_find_byte(s, '>', at);
        size_t end = from == SIZE_MAX ? SIZE_MAX : slice_find(s, SLICE_LIT("</script"), from);
        if (end == SIZE_MAX)
            break;
        if (end > from + 1 && s.at[from - 1] != '/')
            add_text(p, as_utf8(p, slice_sub(s, from + 1, end - from - 1)), false);
        at = end;
    }
    for (size_t at = 0; (at = slice_find(s, SLICE_LIT("<submit"), at)) != SIZE_MAX; at++) {
        size_t end = slice_find_byte(s, '>', at);
        slice tag = slice_sub(s, at, end == SIZE_MAX ? 0 : end - at);
        size_t target = slice_find(tag, SLICE_LIT("target=\""), 0);
        if (target == SIZE_MAX)
            continue;
        slice url = slice_from(tag, target + 8);
        url = utf8_clean(p->w->mem, slice_sub(url, 0, slice_find_byte(url, '"', 0)));
        if (url.len == 0)
            continue;
        walk_text(p->w, FACT_PDF_SUBMIT, url, NOWHERE);
        pdf_link_tell(p, url, (slice){ 0 }, NOWHERE, "pdf.submit");
    }
}

static void add_packet(struct pdf *p, struct pdf_value v, struct buf *all)
{
    const struct pdf_object *o = v.kind == PDF_IS_REF ? pdf_object(p, v.num) : NULL;
    struct body body = { 0 };
    if (!o || !o->stream)
        return;
    (void)pdf_stream(p, (uint32_t)(o - p->objects), FORM_MAX, &body);
    if (walk_work(p->w, body.all.len * 4))
        buf_put(all, body.all);
    body_release(&body);
}

void pdf_forms_tell(struct pdf *p)
{
    const struct pdf_list *forms = &p->found[PDF_FOUND_FORM];
    for (size_t i = 0; i < forms->n && i < PACKETS_MAX && !walk_over(p->w); i++) {
        struct pdf_dict d;
        struct buf all = buf_new(FORM_MAX);
        if (!pdf_dict_of(p, forms->at[i].raw, forms->at[i].owner, &d))
            break;
        struct pdf_value xfa = pdf_get(&d, PDF_XFA), item;
        add_packet(p, xfa, &all);
        xfa = pdf_resolve(p, xfa);
        struct pdf_lexer l = { .in = xfa.raw, .owner = xfa.owner };
        for (unsigned n = 0;
             xfa.kind == PDF_IS_ARRAY && n < PACKETS_MAX && pdf_next(&l, false, &item); n++)
            add_packet(p, item, &all);
        if (all.len && i == 0)
            walk_flag(p->w, FACT_PDF_XFA, pdf_range(p, forms->at[i].raw));
        read_form_text(p, buf_slice(&all));
        buf_drop(&all);
    }
}
