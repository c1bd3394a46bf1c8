/* SPDX-License-Identifier: Apache-2.0 */
/* html_token - WHATWG HTML 13.2.5 (tokenization), as far as content needs it.
 *
 * One pass, nothing is copied. Differs on purpose: the content of conditional
 * comments is read (Outlook shows it), CDATA is text everywhere, a comment or
 * tag that is never closed does not swallow what follows unseen.
 */
#include "base/text.h"
#include "decode/html/html_private.h"

/* Up to eight lower-case letters as one number. */
static uint64_t pack(slice s)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.len && i < 8; i++)
        v |= (uint64_t)ascii_lower(s.at[i]) << (8 * i);
    return v;
}

/* Elements by their first letter, so that few names are compared. */
struct element {
    const char *name;
    enum html_tag tag;
};

#define ELEMENTS(...) ((const struct element[]){ __VA_ARGS__, { NULL, TAG_OTHER } })

static const struct element *const elements[26] = {
    ['a' - 'a'] = ELEMENTS({ "a", TAG_A }, { "aside", TAG_BLOCK }, { "article", TAG_BLOCK },
                           { "address", TAG_BLOCK }, { "area", TAG_AREA }),
    ['b' - 'a'] = ELEMENTS({ "br", TAG_BR }, { "body", TAG_BLOCK }, { "blockquote", TAG_BLOCK },
                           { "base", TAG_BASE }),
    ['c' - 'a'] = ELEMENTS({ "center", TAG_BLOCK }, { "caption", TAG_BLOCK }, { "col", TAG_VOID }),
    ['d' - 'a'] = ELEMENTS({ "div", TAG_BLOCK }, { "dl", TAG_BLOCK }, { "dt", TAG_BLOCK },
                           { "dd", TAG_BLOCK }),
    ['e' - 'a'] = ELEMENTS({ "embed", TAG_FRAME }),
    ['f' - 'a'] = ELEMENTS({ "footer", TAG_BLOCK }, { "figure", TAG_BLOCK },
                           { "fieldset", TAG_BLOCK }, { "form", TAG_FORM }, { "frame", TAG_FRAME }),
    ['h' - 'a'] = ELEMENTS({ "hr", TAG_BLOCK }, { "h1", TAG_BLOCK }, { "h2", TAG_BLOCK },
                           { "h3", TAG_BLOCK }, { "h4", TAG_BLOCK }, { "h5", TAG_BLOCK },
                           { "h6", TAG_BLOCK }, { "header", TAG_BLOCK }),
    ['i' - 'a'] = ELEMENTS({ "img", TAG_IMG }, { "input", TAG_INPUT }, { "iframe", TAG_FRAME }),
    ['l' - 'a'] = ELEMENTS({ "li", TAG_BLOCK }, { "legend", TAG_BLOCK }, { "link", TAG_VOID }),
    ['m' - 'a'] = ELEMENTS({ "main", TAG_BLOCK }, { "meta", TAG_META }),
    ['n' - 'a'] = ELEMENTS({ "nav", TAG_BLOCK }, { "noembed", TAG_RAW }, { "noframes", TAG_RAW }),
    ['o' - 'a'] = ELEMENTS({ "ol", TAG_BLOCK }, { "option", TAG_BLOCK }, { "object", TAG_FRAME }),
    ['p' - 'a'] = ELEMENTS({ "p", TAG_P }, { "pre", TAG_PRE }),
    ['s' - 'a'] = ELEMENTS({ "section", TAG_BLOCK }, { "svg", TAG_SVG }, { "script", TAG_SCRIPT },
                           { "style", TAG_RAW }, { "source", TAG_VOID }),
    ['t' - 'a'] = ELEMENTS({ "td", TAG_CELL }, { "th", TAG_CELL }, { "tr", TAG_BLOCK },
                           { "table", TAG_BLOCK }, { "tbody", TAG_BLOCK }, { "thead", TAG_BLOCK },
                           { "title", TAG_TITLE }, { "textarea", TAG_TEXTAREA }),
    ['u' - 'a'] = ELEMENTS({ "ul", TAG_BLOCK }),
    ['w' - 'a'] = ELEMENTS({ "wbr", TAG_VOID }),
    ['x' - 'a'] = ELEMENTS({ "xml", TAG_XML }, { "xmp", TAG_RAW }),
};

static enum html_tag tag_of(slice name)
{
    if (slice_ends(name, SLICE_LIT(":script"))) /* in XML any prefix may stand for SVG */
        return TAG_SCRIPT;
    const struct element *e = elements[ascii_lower(name.at[0]) - 'a'];
    for (; e && e->name; e++)
        if (slice_is_nocase(name, e->name))
            return e->tag;
    return TAG_OTHER;
}

static enum html_attribute attribute_of(slice name)
{
    static const struct {
        const char *name;
        enum html_attribute id;
    } known[] = {
        { "href", ATTR_HREF },         { "style", ATTR_STYLE },
        { "src", ATTR_SRC },           { "alt", ATTR_ALT },
        { "type", ATTR_TYPE },         { "content", ATTR_CONTENT },
        { "action", ATTR_ACTION },     { "data", ATTR_DATA },
        { "download", ATTR_DOWNLOAD }, { "hidden", ATTR_HIDDEN },
        { "srcdoc", ATTR_SRCDOC },     { "http-equiv", ATTR_HTTP_EQUIV },
        { "formaction", ATTR_ACTION }, { "classid", ATTR_CLASSID },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((name.at[0] | 32) == known[i].name[0] && slice_is_nocase(name, known[i].name))
            return known[i].id;
    if (slice_ends(name, SLICE_LIT(":href"))) /* xlink:href, whatever the prefix is */
        return ATTR_HREF;
    return ATTR_COUNT;
}

static bool ends_name(uint8_t c)
{
    return ascii_space(c) || c == '>' || c == '/' || c == '=';
}

static void keep_attribute(struct html_token *t, slice name, slice value)
{
    if (name.len == 0)
        return;
    if (name.len > 4 && (name.at[0] | 32) == 'o' && (name.at[1] | 32) == 'n') {
        if (t->handlers < HTML_HANDLERS) {
            t->handler_name[t->handlers] = name;
            t->handler[t->handlers++] = value;
        }
        return;
    }
    enum html_attribute id = attribute_of(name);
    if (id != ATTR_COUNT && !(t->has & 1u << id)) {
        t->has |= 1u << id;
        t->value[id] = value;
    }
}

/* Reads attributes from pos to behind the tag's '>'. */
static size_t read_attributes(slice in, size_t pos, struct html_token *t)
{
    while (pos < in.len) {
        uint8_t c = in.at[pos];
        if (c == '>')
            return pos + 1;
        if (ascii_space(c) || c == '/' || c == 0) {
            pos++;
            continue;
        }
        size_t from = pos++; /* a leading '=' is part of the name */
        while (pos < in.len && !ends_name(in.at[pos]))
            pos++;
        slice name = slice_sub(in, from, pos - from), value = { 0 };
        while (pos < in.len && ascii_space(in.at[pos]))
            pos++;
        if (pos < in.len && in.at[pos] == '=') {
            pos++;
            while (pos < in.len && ascii_space(in.at[pos]))
                pos++;
            uint8_t quote = pos < in.len ? in.at[pos] : 0;
            if (quote == '"' || quote == '\'') {
                size_t end = slice_find_byte(in, quote, pos + 1);
                end = end == SIZE_MAX ? in.len : end;
                value = slice_sub(in, pos + 1, end - pos - 1);
                pos = end < in.len ? end + 1 : end;
            } else {
                from = pos;
                while (pos < in.len && !ascii_space(in.at[pos]) && in.at[pos] != '>')
                    pos++;
                value = slice_sub(in, from, pos - from);
            }
        }
        keep_attribute(t, name, value);
    }
    return pos;
}

/* Content of a raw text element up to its end tag; pos moves behind the content. */
static slice raw_content(struct html_tokens *t, slice name)
{
    size_t from = t->pos, at = from;
    while ((at = slice_find_byte(t->in, '<', at)) != SIZE_MAX) {
        slice tail = slice_from(t->in, at + 1);
        if (tail.len > name.len && tail.at[0] == '/' &&
            slice_eq_nocase(slice_sub(tail, 1, name.len), name) &&
            (tail.len == name.len + 1 || ends_name(tail.at[name.len + 1])))
            break;
        at++;
    }
    t->pos = at == SIZE_MAX ? t->in.len : at;
    return slice_sub(t->in, from, t->pos - from);
}

static void read_tag(struct html_tokens *t, size_t name_at, struct html_token *out)
{
    size_t end = name_at;
    while (end < t->in.len && !ends_name(t->in.at[end]))
        end++;
    slice name = slice_sub(t->in, name_at, end - name_at);
    out->name = pack(name);
    out->whole = name;
    out->tag = tag_of(name);
    t->pos = read_attributes(t->in, end, out);
    out->end = t->pos;
    if (out->kind == HTML_OPEN && (out->tag == TAG_RAW || out->tag == TAG_SCRIPT ||
                                   out->tag == TAG_TEXTAREA || out->tag == TAG_TITLE))
        out->text = raw_content(t, name);
}

/* Behind "<!--": steps over the comment, or into a conditional one. */
static void skip_comment(struct html_tokens *t)
{
    slice rest = slice_from(t->in, t->pos);
    if (slice_starts(rest, SLICE_LIT(">"))) {
        t->pos += 1;
        return;
    }
    if (slice_starts(rest, SLICE_LIT("->"))) {
        t->pos += 2;
        return;
    }
    if (slice_starts_nocase(slice_trim(slice_sub(rest, 0, 64)), "[if")) {
        size_t end = slice_find_byte(slice_sub(rest, 0, 256), '>', 0);
        if (end != SIZE_MAX) {
            t->pos += end + 1;
            return;
        }
    }
    size_t at = 0;
    while (!t->no_comment_end) {
        at = slice_find(rest, SLICE_LIT("--"), at);
        if (at == SIZE_MAX)
            break;
        slice tail = slice_from(rest, at + 2);
        if (slice_starts(tail, SLICE_LIT(">")) || slice_starts(tail, SLICE_LIT("!>"))) {
            t->pos += at + 2 + (tail.at[0] == '!' ? 2 : 1);
            return;
        }
        at++;
    }
    t->no_comment_end = true; /* what follows is read as if the comment were not there */
}

/* "<!", "<?" and "</" without a name. True when a token came of it. */
static bool read_markup(struct html_tokens *t, struct html_token *out)
{
    slice rest = slice_from(t->in, t->pos);
    if (slice_starts(rest, SLICE_LIT("<!--"))) {
        t->pos += 4;
        skip_comment(t);
        return false;
    }
    if (slice_starts(rest, SLICE_LIT("<![CDATA[")) && !t->no_cdata_end) {
        size_t end = slice_find(rest, SLICE_LIT("]]>"), 9);
        if (end != SIZE_MAX) {
            *out = (struct html_token){ .kind = HTML_CDATA,
                                        .text = slice_sub(rest, 9, end - 9),
                                        .at = t->pos };
            t->pos += end + 3;
            out->end = t->pos;
            return true;
        }
        t->no_cdata_end = true;
    }
    size_t end = slice_find_byte(rest, '>', 0);
    t->pos = end == SIZE_MAX ? t->in.len : t->pos + end + 1;
    return false;
}

/* At '<': is this markup, and which? */
static bool read_angle(struct html_tokens *t, struct html_token *out, bool *text_out)
{
    uint8_t c = t->in.len - t->pos > 1 ? t->in.at[t->pos + 1] : 0;
    bool close = c == '/';
    uint8_t first = close && t->in.len - t->pos > 2 ? t->in.at[t->pos + 2] : c;
    *text_out = false;
    if (ascii_alpha(first)) {
        out->kind = close ? HTML_CLOSE : HTML_OPEN;
        out->has = 0;
        out->handlers = 0;
        out->text = (slice){ 0 };
        out->at = t->pos;
        read_tag(t, t->pos + (close ? 2 : 1), out);
        return true;
    }
    if (c == '!' || c == '?' || close)
        return read_markup(t, out);
    *text_out = true;
    return false;
}

bool html_next(struct html_tokens *t, struct html_token *out)
{
    while (t->pos < t->in.len) {
        size_t from = t->pos, at = from;
        bool text = false;
        if (t->in.at[at] == '<') {
            if (read_angle(t, out, &text))
                return true;
            if (!text)
                continue;
            at++; /* a lone '<' is text */
        }
        at = slice_find_byte(t->in, '<', at);
        t->pos = at == SIZE_MAX ? t->in.len : at;
        out->kind = HTML_TEXT;
        out->text = slice_sub(t->in, from, t->pos - from);
        out->at = from;
        out->end = t->pos;
        return true;
    }
    return false;
}
