/* SPDX-License-Identifier: Apache-2.0 */
/* html - pages and HTML mail: the text a person sees, where links lead, forms,
 * scripts, hidden text, and files that the page carries or builds.
 *
 * WHATWG HTML by an own tokenizer (html_token.c); no tree is built. Also SVG,
 * whose scripts and links work the same. Left out: style sheets, the language
 * of scripts, layout.
 */
#include "base/charset.h"
#include "base/text.h"
#include "decode/html/html_private.h"
#include "decode/links.h"
#include "decode/types.h"

enum {
    SNIFF_HEAD = 2048,
    TEXT_MAX = 64 << 20,
    LINK_TEXT_MAX = 512,
    WORK_CHUNK = 4096, /* tokens per spending */
    CLASSID_MAX = 128,
    CLASSES_SAID = 16,
};

struct page {
    struct walk *w;
    const struct plain *plain;
    struct buf out;       /* the visible text */
    unsigned breaks;      /* line breaks owed before the next text */
    bool space;           /* a space is owed */
    unsigned pre;         /* depth of <pre> */
    uint64_t hidden_name; /* element that hides, 0: none */
    unsigned hidden_depth;
    bool hidden_quiet; /* settings that no program shows: not hidden text */
    size_t hidden_chars;
    slice base;      /* of <base href> */
    slice href, alt; /* the open link */
    size_t link_from, link_at;
    bool in_link;
    bool svg;      /* a drawing, whose shapes are counted */
    size_t shapes;
    unsigned classes; /* of objects, said */
    struct html_scripts scripts;
    struct html_page page;
};

/* --- sniffing */

static bool has_tag(slice text, const char *const *names)
{
    for (; *names; names++)
        if (slice_find_nocase(text, slice_of(*names), 0) != SIZE_MAX)
            return true;
    return false;
}

/* The first bytes without zeros, so that UTF-16 and NUL-stuffed pages are seen. */
static slice sniff_head(const struct body *body, uint8_t out[SNIFF_HEAD])
{
    size_t n = 0;
    slice in = slice_sub(body->all, 0, SNIFF_HEAD);
    for (size_t i = 0; i < in.len; i++)
        if (in.at[i])
            out[n++] = in.at[i];
    slice s = { out, n };
    while (s.len && (s.at[0] >= 0xfe || s.at[0] == 0xef || s.at[0] == 0xbb || s.at[0] == 0xbf))
        s = slice_from(s, 1);
    return slice_trim(s);
}

static const char *const sure_tags[] = { "<!doctype html", "<html", "<script",          "<body",
                                         "<head>",         "<svg",  "<meta http-equiv", NULL };
static const char *const tags[] = { "<a href", "<div",  "<table",  "<br>",           "<p>",
                                    "<html",   "<body", "<script", "<iframe",        "<form",
                                    "<img ",   "<font", "<span",   "<!doctype html", NULL };

static enum sniff html_sniff(const struct sniff_input *in)
{
    uint8_t bytes[SNIFF_HEAD];
    if (in->body->all.len == 0)
        return SNIFF_NO;
    slice head = sniff_head(in->body, bytes);
    if (!plain_sniff(in->body) && !has_tag(head, tags) &&
        !charset_label_is_wide(plain_charset(in->declared)))
        return SNIFF_NO;
    const struct type_row *by_name = type_by_extension(type_extension_of(in->name));
    const struct type_row *by_media = type_by_media(in->declared);
    if ((by_media && (slice_is(slice_of(by_media->name), "html") ||
                      slice_is(slice_of(by_media->name), "svg"))) ||
        (by_name &&
         (slice_is(slice_of(by_name->name), "html") || slice_is(slice_of(by_name->name), "svg") ||
          slice_is(slice_of(by_name->name), "hta"))))
        return SNIFF_STRONG;
    /* Mail programs show text/plain as it stands, tags and all. */
    bool shown_as_text =
        in->mail_part && slice_starts_nocase(slice_trim(in->declared), "text/plain") && !by_name;
    if (head.len && head.at[0] == '<' && has_tag(head, sure_tags) && !shown_as_text)
        return SNIFF_STRONG;
    return has_tag(head, tags) ? SNIFF_WEAK : SNIFF_NO;
}

/* --- visible text */

static void flush_breaks(struct page *p)
{
    if (p->out.len == 0) {
        p->breaks = 0;
        p->space = false;
    }
    for (; p->breaks; p->breaks--) {
        buf_byte(&p->out, '\n');
        p->space = false;
    }
    if (p->space)
        buf_byte(&p->out, ' ');
    p->space = false;
}

static void put_run(struct page *p, slice s)
{
    if (s.len == 0)
        return;
    if (p->hidden_name) {
        p->hidden_chars += p->hidden_quiet ? 0 : s.len;
        return;
    }
    flush_breaks(p);
    buf_put(&p->out, s);
}

static void break_line(struct page *p, unsigned at_least)
{
    if (!p->hidden_name && p->breaks < at_least)
        p->breaks = at_least;
}

/* Length of a character that no eye sees at s[0]: joiners, soft hyphen, marks.
 * They are written between letters so that filters miss the word. */
static size_t invisible(slice s)
{
    if (s.at[0] == 0)
        return 1;
    if (s.len >= 2 && s.at[0] == 0xc2 && s.at[1] == 0xad)
        return 2;
    if (s.len < 3)
        return 0;
    if (s.at[0] == 0xe2 && s.at[1] == 0x80 &&
        ((s.at[2] >= 0x8b && s.at[2] <= 0x8f) || (s.at[2] >= 0xaa && s.at[2] <= 0xae)))
        return 3;
    if (s.at[0] == 0xe2 && s.at[1] == 0x81 && s.at[2] >= 0xa0 && s.at[2] <= 0xaf)
        return 3;
    return s.at[0] == 0xef && s.at[1] == 0xbb && s.at[2] == 0xbf ? 3 : 0;
}

enum run { RUN_PLAIN, RUN_SPACE, RUN_REFERENCE, RUN_MAYBE };

/* What a byte may begin. Bytes of Japanese text stay plain. */
static inline enum run run_of(uint8_t c)
{
    if (c <= ' ')
        return c == 0 ? RUN_MAYBE : RUN_SPACE;
    if (c == '&')
        return RUN_REFERENCE;
    return c == 0xc2 || c == 0xe2 || c == 0xef ? RUN_MAYBE : RUN_PLAIN;
}

static void put_special(struct page *p, slice s)
{
    if (s.len == 2 && s.at[0] == 0xc2 && s.at[1] == 0xa0) /* no-break space */
        p->space = true;
    else if (s.len == 1 && ascii_space(s.at[0]))
        p->space = true;
    else if (s.len && !invisible(s))
        put_run(p, s);
}

static void put_text(struct page *p, slice s, bool references)
{
    size_t i = 0;
    while (i < s.len) {
        size_t from = i, skip = 0;
        while (i < s.len && run_of(s.at[i]) == RUN_PLAIN)
            i++;
        put_run(p, slice_sub(s, from, i - from));
        if (i == s.len)
            break;
        slice rest = slice_from(s, i);
        uint8_t decoded[8];
        size_t len = 0;
        switch (run_of(s.at[i])) {
        case RUN_SPACE:
            if (p->pre && s.at[i] == '\n')
                p->breaks += !p->hidden_name;
            else
                p->space = true;
            i++;
            continue;
        case RUN_REFERENCE:
            skip = references ? html_entity(rest, decoded, &len) : 0;
            if (skip)
                put_special(p, (slice){ decoded, len });
            else
                put_run(p, slice_sub(rest, 0, skip = 1));
            break;
        default:
            skip = invisible(rest);
            if (skip == 0 && slice_starts(rest, SLICE_LIT("\xc2\xa0")))
                p->space = true, skip = 2;
            if (skip == 0)
                put_run(p, slice_sub(rest, 0, skip = 1));
        }
        i += skip;
    }
}

/* --- links */

/* A relative reference is joined with <base href>; no full RFC 3986 5.2. */
static slice resolve(struct page *p, slice href)
{
    if (p->base.len == 0 || href.len == 0 || href.at[0] == '#')
        return href;
    for (size_t i = 0; i < href.len && i < 32; i++) {
        if (href.at[i] == ':')
            return href;
        if (href.at[i] == '/' || href.at[i] == '?')
            break;
    }
    if (slice_starts(href, SLICE_LIT("//")))
        return href;
    slice base = p->base;
    size_t slashes = slice_find(base, SLICE_LIT("//"), 0);
    size_t host_end = slashes == SIZE_MAX ? base.len : slice_find_byte(base, '/', slashes + 2);
    size_t keep = host_end == SIZE_MAX ? base.len : host_end;
    if (href.at[0] != '/')
        for (size_t i = keep; i < base.len; i++)
            keep = base.at[i] == '/' ? i + 1 : keep;
    struct buf whole = buf_new(16384);
    buf_put(&whole, slice_sub(base, 0, keep));
    if (keep && base.at[keep - 1] != '/' && href.at[0] != '/')
        buf_byte(&whole, '/');
    buf_put(&whole, href);
    slice out = arena_copy(p->w->mem, buf_slice(&whole));
    buf_drop(&whole);
    return out;
}

/* A URL in an attribute: a link, a file in the page, or a script. */
static void see_url(struct page *p, slice value, slice text, slice name, struct range at,
                    const char *source)
{
    slice url = slice_trim(html_decode(p->w->mem, value));
    if (url.len == 0 || html_data_url(&p->scripts, url, name, at))
        return;
    if (slice_starts_nocase(url, "javascript:") || slice_starts_nocase(url, "vbscript:")) {
        bool frame = strcmp(source, "html.frame") == 0 || strcmp(source, "html.refresh") == 0;
        slice code = slice_from(url, slice_find_byte(url, ':', 0) + 1);
        if (code.len > 12) { /* void(0); */
            html_script(&p->scripts, code, at);
            html_page_url(&p->page, url, frame, at);
        }
        return;
    }
    walk_link(p->w, resolve(p, url), text, at, source);
}

static void end_link(struct page *p, size_t end)
{
    if (!p->in_link)
        return;
    p->in_link = false;
    slice text = slice_sub(slice_from(buf_slice(&p->out), p->link_from), 0, LINK_TEXT_MAX);
    text = slice_trim(text);
    if (text.len == 0)
        text = html_decode(p->w->mem, p->alt);
    see_url(p, p->href, text, (slice){ 0 }, plain_range(p->plain, p->link_at, end), "html.href");
}

static void begin_link(struct page *p, const struct html_token *t)
{
    end_link(p, t->at);
    slice href = html_value(t, ATTR_HREF), name = html_value(t, ATTR_DOWNLOAD);
    if (!(t->has & 1u << ATTR_HREF))
        return;
    struct range at = plain_range(p->plain, t->at, t->end);
    if (t->has & 1u << ATTR_DOWNLOAD) {
        slice url = slice_trim(html_decode(p->w->mem, href));
        if (slice_starts_nocase(url, "data:") || slice_starts_nocase(url, "blob:") || url.len < 2)
            html_smuggling(&p->scripts, "download", at);
        if (html_data_url(&p->scripts, url, html_decode(p->w->mem, name), at))
            return;
    }
    p->in_link = true;
    p->href = href;
    p->alt = (slice){ 0 };
    flush_breaks(p);
    p->link_from = p->out.len;
    p->link_at = t->at;
}

/* --- elements */

/* content="0; url=http://..." */
static void refresh(struct page *p, const struct html_token *t)
{
    slice content = html_decode(p->w->mem, html_value(t, ATTR_CONTENT));
    size_t at = slice_find_nocase(content, SLICE_LIT("url"), 0);
    if (at == SIZE_MAX)
        return;
    slice url = slice_trim(slice_from(content, at + 3));
    if (url.len && url.at[0] == '=')
        url = slice_trim(slice_from(url, 1));
    if (url.len && (url.at[0] == '"' || url.at[0] == '\''))
        url = slice_from(url, 1);
    while (url.len && (url.at[url.len - 1] == '"' || url.at[url.len - 1] == '\''))
        url.len--;
    struct range range = plain_range(p->plain, t->at, t->end);
    walk_text(p->w, FACT_HTML_REFRESH, utf8_cut(url, 1024), range);
    see_url(p, url, (slice){ 0 }, (slice){ 0 }, range, "html.refresh");
}

static void see_script(struct page *p, const struct html_token *t)
{
    slice type = html_value(t, ATTR_TYPE);
    slice src = html_value(t, ATTR_SRC);
    if (src.len == 0)
        src = html_value(t, ATTR_HREF); /* SVG */
    struct range tag_at = plain_range(p->plain, t->at, t->end);
    slice code = { 0 };
    if (src.len && !html_data_script(&p->scripts, html_decode(p->w->mem, src), tag_at, &code))
        see_url(p, src, (slice){ 0 }, (slice){ 0 }, tag_at, "html.script");
    if (code.len)
        html_page_script(&p->page, p->plain->text, t, code, tag_at, false);
    /* Data blocks: product markup in newsletters, templates. */
    if (slice_find_nocase(type, SLICE_LIT("json"), 0) != SIZE_MAX ||
        slice_find_nocase(type, SLICE_LIT("template"), 0) != SIZE_MAX)
        return;
    size_t end = t->end + t->text.len;
    struct range at = plain_range(p->plain, t->end, end);
    html_script(&p->scripts, t->text, at);
    if (src.len == 0)
        html_page_script(&p->page, p->plain->text, t, t->text, at, at.to - at.from == t->text.len);
}

static void see_form(struct page *p, const struct html_token *t)
{
    slice action = slice_trim(html_decode(p->w->mem, html_value(t, ATTR_ACTION)));
    struct range at = plain_range(p->plain, t->at, t->end);
    if (action.len == 0)
        return;
    walk_text(p->w, FACT_HTML_FORM_ACTION, utf8_cut(resolve(p, action), 1024), at);
    see_url(p, action, (slice){ 0 }, (slice){ 0 }, at, "html.form");
}

/* <object classid=...>: what a script of an old mail program or an HTML application then uses. */
static void see_class(struct page *p, slice classid, struct range at)
{
    static const struct { const char *clsid, *name; } rows[] = {
        { "06290BD5-48AA-11D2-8432-006008C3FBFC", "Scriptlet.TypeLib" },
        { "72C24DD5-D70A-438B-8A42-98424B88AFB8", "WScript.Shell" },
        { "F935DC22-1CF0-11D0-ADB9-00C04FD58A0B", "WScript.Shell" },
        { "13709620-C279-11CE-A49E-444553540000", "Shell.Application" },
        { "0D43FE01-F093-11CF-8940-00A0C9054228", "Scripting.FileSystemObject" },
        { "00000566-0000-0010-8000-00AA006D2EA4", "ADODB.Stream" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_find_nocase(slice_sub(classid, 0, CLASSID_MAX), slice_of(rows[i].clsid), 0) != SIZE_MAX && p->classes++ < CLASSES_SAID)
            walk_cstr(p->w, FACT_SCRIPT_CLASS, rows[i].name, at);
}

static void see_frame(struct page *p, const struct html_token *t)
{
    struct range at = plain_range(p->plain, t->at, t->end);
    if (t->has & 1u << ATTR_CLASSID)
        see_class(p, html_value(t, ATTR_CLASSID), at);
    slice src = t->has & 1u << ATTR_SRC ? html_value(t, ATTR_SRC) : html_value(t, ATTR_DATA);
    see_url(p, src, (slice){ 0 }, (slice){ 0 }, at, "html.frame");
    if (html_value(t, ATTR_SRCDOC).len) { /* a page of its own inside the attribute */
        struct body body = body_borrow(html_decode(p->w->mem, html_value(t, ATTR_SRCDOC)));
        struct child c = { .declared = SLICE_LIT("text/html; charset=utf-8"),
                           .how = HOW_HTML,
                           .at = at,
                           .body = &body };
        (void)walk_child(p->w, &c);
    }
}

/* Pictures are no links, except those that a computer fetches over a file share. */
static void see_image(struct page *p, const struct html_token *t)
{
    slice src = slice_trim(html_value(t, ATTR_SRC));
    if (p->in_link && p->alt.len == 0)
        p->alt = html_value(t, ATTR_ALT);
    if (slice_starts_nocase(src, "file:") || slice_starts(src, SLICE_LIT("\\\\")) ||
        slice_starts_nocase(src, "data:"))
        see_url(p, src, (slice){ 0 }, (slice){ 0 }, plain_range(p->plain, t->at, t->end),
                "html.image");
}

static bool is_void(enum html_tag tag)
{
    return tag == TAG_VOID || tag == TAG_BR || tag == TAG_IMG || tag == TAG_INPUT ||
           tag == TAG_META || tag == TAG_AREA || tag == TAG_BASE;
}

/* Keeps track of the element that hides. False: the token is inside it. */
static void hide_open(struct page *p, const struct html_token *t)
{
    if (is_void(t->tag))
        return;
    if (p->hidden_name == t->name) {
        p->hidden_depth++;
    } else if (p->hidden_name == 'p' && (t->tag == TAG_BLOCK || t->tag == TAG_CELL)) {
        p->hidden_name = 0; /* a block closes an open <p> */
    }
    if (p->hidden_name == 0 && t->name &&
        (t->tag == TAG_XML || t->has & 1u << ATTR_HIDDEN ||
         (t->has & 1u << ATTR_STYLE && html_style_hides(html_value(t, ATTR_STYLE))))) {
        p->hidden_name = t->name;
        p->hidden_depth = 1;
        p->hidden_quiet = t->tag == TAG_XML;
    }
}

static void hide_close(struct page *p, const struct html_token *t)
{
    if (p->hidden_name == t->name && p->hidden_name && --p->hidden_depth == 0)
        p->hidden_name = 0;
    else if (p->hidden_name == 'p' && t->tag == TAG_BLOCK)
        p->hidden_name = 0;
}

/* <hta:application windowstate=minimize ...>: a page that asks to be a program. */
static void see_application(struct page *p, const struct html_token *t)
{
    slice tag = slice_sub(p->plain->text, t->at, t->end - t->at);
    if (slice_starts_nocase(tag, "<hta:application"))
        walk_text(p->w, FACT_HTML_APPLICATION, utf8_cut(slice_from(tag, 1), 512),
                  plain_range(p->plain, t->at, t->end));
}

static void open_tag(struct page *p, const struct html_token *t)
{
    hide_open(p, t);
    for (unsigned i = 0; i < t->handlers; i++) {
        slice code = html_decode(p->w->mem, t->handler[i]);
        struct range at = plain_range(p->plain, t->at, t->end);
        html_script(&p->scripts, code, at);
        html_page_handler(&p->page, p->plain->text, t, t->handler_name[i], code, at);
    }
    switch (t->tag) {
    case TAG_A:
    case TAG_AREA:
        begin_link(p, t);
        break;
    case TAG_BASE:
        if (p->base.len == 0)
            p->base = slice_trim(html_decode(p->w->mem, html_value(t, ATTR_HREF)));
        break;
    case TAG_P:
    case TAG_BLOCK:
        break_line(p, 1);
        break;
    case TAG_BR:
        break_line(p, p->breaks < 2 ? p->breaks + 1 : 2);
        break;
    case TAG_CELL:
        p->space = true;
        break;
    case TAG_FORM:
        see_form(p, t);
        break;
    case TAG_FRAME:
        see_frame(p, t);
        break;
    case TAG_IMG:
        see_image(p, t);
        break;
    case TAG_INPUT:
        if (slice_is_nocase(slice_trim(html_value(t, ATTR_TYPE)), "password"))
            walk_flag(p->w, FACT_HTML_FORM_PASSWORD, plain_range(p->plain, t->at, t->end));
        break;
    case TAG_META:
        if (slice_is_nocase(slice_trim(html_value(t, ATTR_HTTP_EQUIV)), "refresh"))
            refresh(p, t);
        break;
    case TAG_PRE:
        break_line(p, 1);
        p->pre++;
        break;
    case TAG_SCRIPT:
        see_script(p, t);
        break;
    case TAG_TEXTAREA:
        put_text(p, t->text, true);
        break;
    case TAG_TITLE:
        if (!plain_is_mail_text(p->w)) { /* no mail program shows it */
            put_text(p, t->text, true);
            break_line(p, 1);
        }
        break;
    case TAG_OTHER:
        see_application(p, t);
        break;
    case TAG_RAW:
    case TAG_SVG:
    case TAG_VOID:
    case TAG_XML:
        break;
    }
}

static void close_tag(struct page *p, const struct html_token *t)
{
    hide_close(p, t);
    switch (t->tag) {
    case TAG_A:
        end_link(p, t->end);
        break;
    case TAG_P:
    case TAG_BLOCK:
        break_line(p, 1);
        break;
    case TAG_CELL:
        p->space = true;
        break;
    case TAG_PRE:
        p->pre -= p->pre > 0;
        break_line(p, 1);
        break;
    default:
        break;
    }
}

static void read_page(struct page *p, slice text)
{
    struct html_tokens tokens = { .in = text };
    struct html_token t;
    for (unsigned n = 1; html_next(&tokens, &t); n++) {
        if (n % WORK_CHUNK == 0 && (!walk_work(p->w, WORK_CHUNK * 20) || walk_over(p->w)))
            break;
        if (t.kind == HTML_TEXT || t.kind == HTML_CDATA) {
            put_text(p, t.text, t.kind == HTML_TEXT);
        } else if (t.kind == HTML_OPEN) {
            p->shapes += p->svg && html_svg_draws(t.whole);
            open_tag(p, &t);
        } else {
            close_tag(p, &t);
        }
    }
    end_link(p, tokens.pos);
}

/* --- the walk */

/* The charset a page names in itself counts where the mail names none. */
static slice charset_of(const struct walk *w, const struct body *body)
{
    slice label = plain_charset(w->declared);
    if (label.len)
        return label;
    slice head = slice_sub(body->all, 0, SNIFF_HEAD);
    label = plain_charset(head);
    if (label.len == 0 && slice_starts(head, SLICE_LIT("<?xml"))) {
        size_t at = slice_find_nocase(head, SLICE_LIT("encoding="), 0);
        slice s = at == SIZE_MAX ? (slice){ 0 } : slice_sub(head, at + 10, 40);
        size_t n = 0;
        while (n < s.len && s.at[n] != '"' && s.at[n] != '\'' && s.at[n] > ' ')
            n++;
        label = slice_sub(s, 0, n);
    }
    /* These bytes were readable as ASCII, so they cannot be UTF-16 (WHATWG HTML 13.2.3.2). */
    return slice_starts_nocase(label, "utf-16") || slice_starts_nocase(label, "utf16")
               ? (slice){ 0 }
               : label;
}

static void note_type(struct walk *w, slice text)
{
    if (slice_is_nocase(type_extension_of(w->name), "hta")) {
        walk_type(w, "hta");
        return;
    }
    if (html_is_svg(w, text))
        walk_type(w, "svg");
}

static enum walk_end html_walk(struct walk *w, const struct body *body)
{
    uint8_t bytes[SNIFF_HEAD];
    bool tagged =
        has_tag(sniff_head(body, bytes), tags); /* then zeros between the letters do not matter */
    struct plain plain = plain_read(w, body, charset_of(w, body), tagged);
    if (plain.binary && !tagged)
        return WALK_NOT_MINE;
    struct page p = { .w = w, .plain = &plain, .out = buf_new(TEXT_MAX), .scripts = { .w = w } };
    (void)buf_reserve(&p.out, plain.text.len / 2 + 64);
    note_type(w, plain.text);
    html_page_begin(&p.page, w, plain.text);
    p.svg = slice_is(w->type, "svg");
    read_page(&p, plain.text);
    if (p.svg) {
        slice declared = html_svg_entities(w->mem, plain.text);
        struct plain inside = { .text = declared };
        if (declared.len) {
            p.plain = &inside; /* has no place of its own in the bytes */
            read_page(&p, declared);
        }
        walk_int(w, FACT_HTML_SVG_SHAPES, (int64_t)p.shapes, NOWHERE);
    }
    html_scripts_end(&p.scripts);
    if (p.hidden_chars)
        walk_int(w, FACT_HTML_HIDDEN_TEXT, (int64_t)p.hidden_chars, NOWHERE);
    plain_view(w, utf8_clean(w->mem, buf_slice(&p.out)), range_of(0, body->all.len));
    buf_drop(&p.out);
    html_page_end(&p.page);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_html = {
    .name = "html",
    .spec = "WHATWG HTML 13.2, SVG 1.1",
    .sniff = html_sniff,
    .walk = html_walk,
};
