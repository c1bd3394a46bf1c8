/* SPDX-License-Identifier: Apache-2.0 */
/* script_wsf - Windows Script Files and script components: .wsf, .wsc, .sct.
 *
 * Follows the Windows Script Host reference, "Windows Script File elements"; the elements are
 * looked for in the text as they stand, since the host forgives what an XML parser would not
 * ("<" in a script without CDATA, a missing end). Each <script> becomes a child in its language.
 * Left out: which <job> is run (the first one is, all are read), <resource> texts.
 */
#include "base/text.h"
#include "decode/links.h"
#include "decode/page.h"
#include "decode/script/script_private.h"

enum { TAG_MAX = 4096, SCRIPTS_MAX = 256, CLASSES_MAX = 64 };

/* The value of an attribute in the text of a tag; empty. */
static slice attribute(slice tag, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; (at = slice_find_nocase(tag, slice_of(name), at)) != SIZE_MAX; at += n) {
        slice rest = slice_trim(slice_from(tag, at + n));
        if (at == 0 || !ascii_space(tag.at[at - 1]) || rest.len < 2 || rest.at[0] != '=')
            continue;
        rest = slice_trim(slice_from(rest, 1));
        uint8_t quote = rest.len ? rest.at[0] : 0;
        if (quote == '"' || quote == '\'')
            return slice_sub(rest, 1, slice_find_byte(rest, quote, 1) - 1);
        n = 0;
        while (n < rest.len && !ascii_space(rest.at[n]) && rest.at[n] != '/' && rest.at[n] != '>')
            n++;
        return slice_sub(rest, 0, n);
    }
    return (slice){ 0 };
}

static enum script_language language_of(slice tag, slice code)
{
    slice name = attribute(tag, "language");
    if (slice_starts_nocase(name, "vb"))
        return SCRIPT_VBSCRIPT;
    if (slice_starts_nocase(name, "js") || slice_starts_nocase(name, "java") ||
        slice_starts_nocase(name, "ecma"))
        return SCRIPT_JSCRIPT;
    return script_language_by_words(code) == SCRIPT_VBSCRIPT ? SCRIPT_VBSCRIPT : SCRIPT_JSCRIPT;
}

static slice without_cdata(slice code)
{
    slice s = slice_trim(code);
    if (slice_starts_nocase(s, "<![CDATA[")) {
        s = slice_from(s, 9);
        size_t end = slice_find(s, SLICE_LIT("]]>"), 0);
        return slice_sub(s, 0, end);
    }
    if (slice_starts(s, SLICE_LIT("<!--")))
        return slice_from(s, 4);
    return s;
}

/* The five entities of XML; the host decodes them where the file says that it is XML. */
static slice entities(struct walk *w, slice s)
{
    static const struct {
        const char *name;
        uint8_t c;
    } known[] = {
        { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' }
    };
    if (slice_find_byte(s, '&', 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(w->mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len;) {
        size_t step = 1;
        uint8_t c = s.at[i];
        for (size_t k = 0; c == '&' && step == 1 && k < sizeof known / sizeof known[0]; k++)
            if (slice_starts(slice_from(s, i), slice_of(known[k].name))) {
                c = known[k].c;
                step = strlen(known[k].name);
            }
        out[n++] = c;
        i += step;
    }
    return (slice){ out, n };
}

/* As a part of the program that the file is, encoded or not. */
static void add_to_program(struct script_page *program, slice code, enum script_language language, struct range at, uint32_t line)
{
    struct page_script s = { .code = code, .at = at, .line = line };
    s.language = language == SCRIPT_VBSCRIPT ? PAGE_VBSCRIPT : PAGE_JSCRIPT;
    if (script_encoder_find(slice_sub(code, 0, 1 << 20), 0) != SIZE_MAX)
        s.code = script_encoder_decode(program->w->mem, code).text;
    else
        s.exact = at.to - at.from == code.len;
    page_add(program, &s);
}

static void see_script(struct walk *w, const struct plain *p, slice tag, slice code, bool xml, struct script_page *program, uint32_t line)
{
    slice source = attribute(tag, "src");
    size_t from = (size_t)(code.at - p->text.at);
    struct range at = plain_range(p, from, from + code.len);
    if (source.len) {
        walk_text(w, FACT_SCRIPT_SOURCE, utf8_cut(source, 1024), at);
        walk_link(w, source, (slice){ 0 }, at, "script");
    }
    bool cdata = slice_starts_nocase(slice_trim(code), "<![CDATA[");
    code = without_cdata(code);
    if (xml && !cdata)
        code = entities(w, code);
    if (slice_trim(code).len == 0)
        return;
    bool here = code.at >= p->text.at && code.at <= p->text.at + p->text.len;
    size_t begin = here ? (size_t)(code.at - p->text.at) : 0;
    enum script_language language = language_of(tag, code);
    add_to_program(program, code, language, here ? plain_range(p, begin, begin + code.len) : at, line);
    script_child(w, code, language, at);
}

void script_wsf(struct walk *w, const struct plain *p)
{
    slice s = p->text;
    bool xml = slice_starts(slice_trim(slice_sub(s, 0, 256)), SLICE_LIT("<?xml")), endless = false;
    unsigned scripts = 0, classes = 0;
    uint32_t line = 1;
    size_t counted = 0;
    struct script_page program = { .w = w, .job = true, .read = true };
    for (size_t at = 0; (at = slice_find_byte(s, '<', at)) != SIZE_MAX && !walk_over(w);) {
        slice rest = slice_sub(s, at + 1, TAG_MAX);
        size_t end = slice_find_byte(rest, '>', 0);
        slice tag = slice_sub(rest, 0, end);
        at++;
        if (end == SIZE_MAX)
            continue;
        bool object = slice_starts_nocase(tag, "object") || slice_starts_nocase(tag, "reference");
        if (object && classes++ < CLASSES_MAX) {
            slice name = attribute(tag, "progid");
            name = name.len ? name : attribute(tag, "object");
            if (name.len)
                walk_text(w, FACT_SCRIPT_CLASS, utf8_cut(name, 200),
                          plain_range(p, at, at + tag.len));
            page_add_element(&program, &(struct page_element){ .tag = SLICE_LIT("object"), .id = attribute(tag, "id"),
                                                               .attributes = slice_from(tag, 6) });
        }
        if (!slice_starts_nocase(tag, "script") || scripts >= SCRIPTS_MAX ||
            (tag.len > 6 && !ascii_space(tag.at[6]) && tag.at[6] != '/'))
            continue;
        scripts++;
        size_t from = at + end + 1;
        bool empty = tag.at[tag.len - 1] == '/';
        size_t close =
            empty || endless ? SIZE_MAX : slice_find_nocase(s, SLICE_LIT("</script"), from);
        endless = !empty && close == SIZE_MAX;
        for (; counted < from; counted++)
            line += s.at[counted] == '\n';
        see_script(w, p, tag, empty ? slice_sub(s, from, 0) : slice_sub(s, from, close - from), xml, &program, line);
        at = empty ? from : close == SIZE_MAX ? s.len : close;
    }
    if (scripts == 0 && p->text.len) {
        enum script_language language = script_language_by_words(p->text);
        add_to_program(&program, p->text, language, plain_range(p, 0, p->text.len), 1);
        script_child(w, p->text, language, NOWHERE);
    }
    walk_page(w, &program);
}
