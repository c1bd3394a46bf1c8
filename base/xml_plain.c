/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0 (fifth edition) as far as Office writes it; see xml_plain.h.
 *
 * Whatever is not certain to be well-formed and plain is left to expat: the reader never judges,
 * it stops. So each check here is as strict as expat's or stricter.
 */
#include "base/xml_plain.h"
#include "base/text.h"

enum { NAME_START = 1, NAME = 2, BLANK = 4, VALUE = 8, TEXT = 16, ATTRIBUTES = 32 };

/* VALUE and TEXT: what an attribute's value and text may hold without a second look. */
static const uint8_t kinds[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 4, 0, 0, 4, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    28, 24, 16, 24, 24, 24, 0, 16, 24, 24, 24, 24, 24, 26, 26, 24,
    26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 24, 0, 24, 24, 24,
    24, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27,
    27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 24, 24, 8, 24, 27,
    24, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27,
    27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 24, 24, 24, 24, 24,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

struct plain {
    const struct xml_handler *handler;
    struct arena *mem;
    const uint8_t *start, *p, *end;
    unsigned depth;
    bool root_seen, full;
    slice open[XML_DEPTH_MAX];
    size_t n;
    struct xml_attribute attributes[ATTRIBUTES];
    uint8_t *decoded; /* values of one tag; grows in the arena */
    size_t room;
};

static bool is(uint8_t c, unsigned kind)
{
    return kinds[c] & kind;
}

static const uint8_t *skip(const uint8_t *p, const uint8_t *end, unsigned kind)
{
    while (p < end && is(*p, kind))
        p++;
    return p;
}

static size_t place(const struct plain *x, const uint8_t *p)
{
    return (size_t)(p - x->start);
}

/* Length of the character at p, which is not ASCII; 0: not one that XML allows (2.2). */
static size_t long_char(const uint8_t *p, const uint8_t *end)
{
    size_t left = (size_t)(end - p), n = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if (*p < 0xc2 || *p > 0xf4 || left < n)
        return 0;
    uint8_t low = 0x80, high = 0xbf;
    if (*p == 0xe0)
        low = 0xa0;
    else if (*p == 0xed) /* surrogates */
        high = 0x9f;
    else if (*p == 0xf0)
        low = 0x90;
    else if (*p == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n == 3 && *p == 0xef && p[1] == 0xbf && p[2] > 0xbd ? 0 : n;
}

/* "&lt;" "&#65;" "&#x42;" at p: its length, 0 when it is anything else. */
static size_t reference(const uint8_t *p, const uint8_t *end, uint32_t *code_out)
{
    enum { LONGEST = 10 };
    static const struct {
        slice text;
        uint8_t code;
    } known[] = { { SLICE_INIT("&amp;"), '&' },
                  { SLICE_INIT("&lt;"), '<' },
                  { SLICE_INIT("&gt;"), '>' },
                  { SLICE_INIT("&quot;"), '"' },
                  { SLICE_INIT("&apos;"), '\'' } };
    slice s = { p, (size_t)(end - p) };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_starts(s, known[i].text)) {
            *code_out = known[i].code;
            return known[i].text.len;
        }
    bool hex = slice_starts(s, SLICE_LIT("&#x"));
    size_t i = hex ? 3 : 2, from = i;
    uint32_t v = 0;
    if (!slice_starts(s, SLICE_LIT("&#")))
        return 0;
    for (; i < s.len && i < LONGEST && s.at[i] != ';'; i++) {
        int digit = ascii_hex(s.at[i]);
        if (digit < 0 || (!hex && digit > 9))
            return 0;
        v = v * (hex ? 16 : 10) + (uint32_t)digit;
    }
    bool control = v < 0x20 && v != '\t' && v != '\n' && v != '\r';
    if (i == from || i == s.len || s.at[i] != ';' || control || v > 0x10ffff ||
        (v >= 0xd800 && v < 0xe000) || v == 0xfffe || v == 0xffff)
        return 0;
    *code_out = v;
    return i + 1;
}

/* --- tags */

/* Behind the value whose quote stands at p; NULL: not plain. */
static const uint8_t *read_value(struct plain *x, const uint8_t *p, slice *value_out, bool *coded)
{
    const uint8_t *end = x->end;
    uint8_t quote = *p;
    const uint8_t *from = ++p;
    uint32_t code;
    for (;;) {
        p = skip(p, end, VALUE);
        if (p == end)
            return NULL;
        if (*p == quote)
            break;
        size_t n = 1;
        if (*p >= 0x80)
            n = long_char(p, end);
        else if (*p == '&')
            n = reference(p, end, &code);
        else if (*p != '"' && *p != '\'' && !is(*p, BLANK))
            return NULL;
        if (n == 0)
            return NULL;
        *coded |= *p == '&' || *p < 0x20;
        p += n;
    }
    *value_out = (slice){ from, (size_t)(p - from) };
    return p + 1;
}

/* Behind the attribute whose name begins at p; NULL: not plain. */
static const uint8_t *read_attribute(struct plain *x, const uint8_t *p, bool *coded)
{
    const uint8_t *from = p;
    p = skip(p, x->end, NAME);
    slice name = { from, (size_t)(p - from) };
    p = skip(p, x->end, BLANK);
    if (x->n == ATTRIBUTES || p == x->end || *p != '=')
        return NULL;
    p = skip(p + 1, x->end, BLANK);
    if (p == x->end || (*p != '"' && *p != '\''))
        return NULL;
    for (size_t i = 0; i < x->n; i++)
        if (slice_eq(x->attributes[i].name, name))
            return NULL;
    struct xml_attribute *a = &x->attributes[x->n++];
    a->name = name;
    return read_value(x, p, &a->value, coded);
}

/* References by their characters, line ends and tabs by blanks (3.3.3). */
static slice decode_value(const uint8_t *p, const uint8_t *end, uint8_t *out)
{
    size_t n = 0;
    while (p < end) {
        uint32_t code;
        if (*p == '&') {
            p += reference(p, end, &code);
            n += utf8_put(out + n, code);
        } else if (*p < 0x20) {
            p += *p == '\r' && end - p > 1 && p[1] == '\n' ? 2 : 1;
            out[n++] = ' ';
        } else {
            out[n++] = *p++;
        }
    }
    return (slice){ out, n };
}

static bool decode_values(struct plain *x, size_t tag)
{
    if (tag > x->room) {
        x->room = tag * 2;
        x->decoded = arena_get(x->mem, x->room, 1);
        x->full = !x->decoded;
        if (x->full)
            return false;
    }
    uint8_t *out = x->decoded;
    for (size_t i = 0; i < x->n; i++) {
        slice *v = &x->attributes[i].value;
        *v = decode_value(v->at, v->at + v->len, out); /* never longer than what was written */
        out += v->len;
    }
    return true;
}

static bool read_open(struct plain *x)
{
    const uint8_t *p = skip(x->p + 1, x->end, NAME);
    slice name = { x->p + 1, (size_t)(p - x->p) - 1 };
    bool coded = false;
    x->n = 0;
    if (x->depth == XML_DEPTH_MAX || (x->depth == 0 && x->root_seen))
        return false;
    for (;;) {
        const uint8_t *from = p;
        p = skip(p, x->end, BLANK);
        if (p == x->end)
            return false;
        if (*p == '>' || *p == '/')
            break;
        if (p == from || !is(*p, NAME_START) || !(p = read_attribute(x, p, &coded)))
            return false;
    }
    bool empty = *p == '/';
    if (empty && (x->end - p < 2 || p[1] != '>'))
        return false;
    p += empty ? 2 : 1;
    if (coded && !decode_values(x, (size_t)(p - x->p)))
        return false;
    size_t at = place(x, x->p);
    x->root_seen = true;
    x->p = p;
    if (!empty)
        x->open[x->depth++] = name;
    if (x->handler->open)
        x->handler->open(x->handler->host, name, x->attributes, x->n, at);
    if (empty && x->handler->close)
        x->handler->close(x->handler->host, name, place(x, p));
    return true;
}

static bool read_close(struct plain *x)
{
    const uint8_t *p = skip(x->p + 2, x->end, NAME);
    slice name = { x->p + 2, (size_t)(p - x->p) - 2 };
    p = skip(p, x->end, BLANK);
    if (p == x->end || *p != '>' || x->depth == 0 || !slice_eq(name, x->open[x->depth - 1]))
        return false;
    size_t at = place(x, x->p);
    x->depth--;
    x->p = p + 1;
    if (x->handler->close)
        x->handler->close(x->handler->host, name, at);
    return true;
}

/* --- text */

/* Behind a run of text that expat tells in one piece; p itself when there is none, or "]]>" in it,
 * which must not be (2.4). */
static const uint8_t *text_run(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *from = p;
    for (;;) {
        p = skip(p, end, TEXT);
        if (p == end)
            return p;
        size_t n = 0, left = (size_t)(end - p);
        if (*p >= 0x80)
            n = long_char(p, end);
        else if (*p == ']' && left > 2 && p[1] == ']' && p[2] == '>')
            return from;
        else if (*p == ']') /* at the end expat tells brackets apart */
            n = left > 2 || (left == 2 && p[1] != ']');
        if (n == 0)
            return p;
        p += n;
    }
}

static void tell(struct plain *x, slice text, const uint8_t *next)
{
    size_t at = place(x, x->p);
    x->p = next;
    if (x->handler->text)
        x->handler->text(x->handler->host, text, at);
}

/* Line ends come as one "\n" each (2.11), references as one character. */
static bool read_text(struct plain *x)
{
    static const slice line_end = SLICE_INIT("\n");
    const uint8_t *p = x->p;
    if (x->depth == 0) {
        x->p = skip(p, x->end, BLANK);
        return x->p > p;
    }
    if (*p == '\n') {
        tell(x, line_end, p + 1);
    } else if (*p == '\r') {
        tell(x, line_end, p + (x->end - p > 1 && p[1] == '\n' ? 2 : 1));
    } else if (*p == '&') {
        uint32_t code;
        uint8_t utf8[4];
        size_t n = reference(p, x->end, &code);
        if (n == 0)
            return false;
        tell(x, (slice){ utf8, utf8_put(utf8, code) }, p + n);
    } else {
        const uint8_t *to = text_run(p, x->end);
        if (to == p)
            return false;
        tell(x, (slice){ p, (size_t)(to - p) }, to);
    }
    return true;
}

/* --- documents */

static bool take(struct plain *x, const char *word)
{
    if (!slice_starts((slice){ x->p, (size_t)(x->end - x->p) }, slice_of(word)))
        return false;
    x->p += strlen(word);
    return true;
}

/* ` NAME="VALUE"` with either quote; the value in any case. */
static bool take_pair(struct plain *x, const char *name, const char *value)
{
    const uint8_t *from = x->p;
    if (take(x, name)) {
        slice s = { x->p, (size_t)(x->end - x->p) };
        size_t n = strlen(value);
        bool quoted = s.len > n + 1 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[n + 1] == s.at[0];
        if (quoted && slice_starts_nocase(slice_from(s, 1), value)) {
            x->p += n + 2;
            return true;
        }
    }
    x->p = from;
    return false;
}

/* The declaration as programs write it, or none; false: another encoding or another form. */
static bool read_declaration(struct plain *x)
{
    (void)take(x, "\xef\xbb\xbf");
    if (!take(x, "<?xml"))
        return true;
    if (!take_pair(x, " version=", "1.0"))
        return false;
    (void)take_pair(x, " encoding=", "UTF-8");
    if (take(x, " standalone=\"yes\"") || take(x, " standalone=\"no\""))
        x->p = skip(x->p, x->end, BLANK);
    return take(x, "?>");
}

static bool read_token(struct plain *x)
{
    if (*x->p != '<')
        return read_text(x);
    if (x->end - x->p < 2)
        return false;
    if (is(x->p[1], NAME_START))
        return read_open(x);
    return x->p[1] == '/' && x->end - x->p > 2 && is(x->p[2], NAME_START) && read_close(x);
}

enum xml_plain_end xml_plain_read(slice document, const struct xml_handler *handler,
                                  struct arena *mem, size_t *stop_out)
{
    *stop_out = 0;
    if (document.len == 0)
        return XML_PLAIN_STOPPED;
    struct plain x; /* its lists are filled as they are needed */
    x.handler = handler;
    x.mem = mem;
    x.start = x.p = document.at;
    x.end = document.at + document.len;
    x.depth = 0;
    x.root_seen = x.full = false;
    x.decoded = NULL;
    x.room = 0;
    bool plain = read_declaration(&x);
    if (!plain)
        x.p = x.start;
    while (plain && x.p < x.end)
        plain = read_token(&x);
    *stop_out = place(&x, x.p);
    if (x.full)
        return XML_PLAIN_FULL;
    return plain && x.root_seen && x.depth == 0 ? XML_PLAIN_WHOLE : XML_PLAIN_STOPPED;
}
