/* SPDX-License-Identifier: Apache-2.0 */
/* html_script - what a script of a page carries: files in string literals and
 * the primitives with which pages build files ("HTML smuggling", T1027.006).
 *
 * A light lexer of ECMAScript (ECMA-262 12): comments, strings, names. It does
 * not evaluate. Literals joined by '+' or listed with ',' are put together and
 * tried as base64, reversed base64, hex, percent escapes and data: URLs. How much
 * of the code the longest takes says what the script is for.
 * Left out: arithmetic, XOR, strings built by loops (a later evaluator).
 */
#include "base/text.h"
#include "decode/html/html_private.h"
#include "decode/types.h"

enum {
    LITERAL_MAX = 32 << 20,
    LITERAL_TRY = 64, /* shorter ones hold no file */
    LITERAL_LONG = 4096,
    HEAD = 48, /* characters tried before all is decoded */
    CHILDREN_MAX = 64,
    DATA_TYPE_MAX = 200,
};

/* --- primitives */

static const char *const primitives[] = {
    "atob",
    "Blob",
    "createObjectURL",
    "msSaveOrOpenBlob",
    "msSaveBlob",
    "unescape",
    "fromCharCode",
    "Uint8Array",
    "download",
    "data:application",
    "eval",
    "charCodeAt",
    "ActiveXObject",
    "WScript",
    "Function",
    "decodeURIComponent",
};

enum { N_PRIMITIVES = sizeof primitives / sizeof primitives[0] };

void html_smuggling(struct html_scripts *s, const char *word, struct range at)
{
    for (size_t i = 0; i < N_PRIMITIVES; i++) {
        if (strcmp(primitives[i], word) != 0 || (s->said & 1u << i))
            continue;
        s->said |= 1u << i;
        walk_cstr(s->w, FACT_HTML_SMUGGLING, word, at);
    }
}

static void check_name(struct html_scripts *s, slice name, struct range at)
{
    if (name.len < 4 || name.len > 18)
        return;
    for (size_t i = 0; i < N_PRIMITIVES; i++)
        if (primitives[i][0] == (char)name.at[0] && slice_is(name, primitives[i]))
            html_smuggling(s, primitives[i], at);
}

/* --- files */

/* What a literal or data: URL decoded to is a part of its own, unless it is a
 * picture or nothing known. */
static bool worth_a_part(slice bytes)
{
    size_t magic_len;
    struct body b = body_borrow(bytes);
    const struct type_row *t = type_by_magic(&b, &magic_len);
    if (t && t->policy != TYPE_INERT && (magic_len >= 3 || bytes.len >= 1024))
        return true;
    if (t && magic_len >= 3)
        return false;
    slice text = slice_trim(slice_sub(bytes, 0, 512));
    return slice_starts_nocase(text, "<!doctype") || slice_starts_nocase(text, "<html") ||
           slice_starts_nocase(text, "<script") || slice_starts_nocase(text, "<body") ||
           slice_starts_nocase(text, "<form") || slice_starts_nocase(text, "<svg");
}

static void child(struct html_scripts *s, slice bytes, slice name, slice declared, struct range at)
{
    if (s->children == CHILDREN_MAX)
        return;
    s->children++;
    struct body b = body_borrow(bytes);
    struct child c = { .name = name, .declared = declared, .how = HOW_HTML, .at = at, .body = &b };
    (void)walk_child(s->w, &c);
}

static bool is_base64(uint8_t c)
{
    return ascii_alnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}

/* Are the first characters all of the alphabet? */
static bool all_of(slice s, bool (*is)(uint8_t))
{
    for (size_t i = 0; i < s.len; i++)
        if (!is(s.at[i]) && !ascii_space(s.at[i]))
            return false;
    return s.len > 0;
}

static bool is_hex(uint8_t c)
{
    return ascii_hex(c) >= 0;
}

static slice hex_decode(struct arena *mem, slice s)
{
    uint8_t *out = arena_get(mem, s.len / 2 + 1, 1);
    size_t n = 0;
    int high = -1;
    for (size_t i = 0; out && i < s.len; i++) {
        int d = ascii_hex(s.at[i]);
        if (d < 0)
            continue;
        if (high < 0) {
            high = d;
        } else {
            out[n++] = (uint8_t)(high << 4 | d);
            high = -1;
        }
    }
    return (slice){ out, n };
}

static slice reversed(struct arena *mem, slice s)
{
    uint8_t *out = arena_get(mem, s.len, 1);
    for (size_t i = 0; out && i < s.len; i++)
        out[i] = s.at[s.len - 1 - i];
    return (slice){ out, out ? s.len : 0 };
}

static slice percent(struct arena *mem, slice s)
{
    uint8_t *out = arena_get(mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        bool escape = s.at[i] == '%' && s.len - i > 2 && is_hex(s.at[i + 1]) && is_hex(s.at[i + 2]);
        int code = escape ? ascii_hex(s.at[i + 1]) << 4 | ascii_hex(s.at[i + 2]) : s.at[i];
        out[n++] = (uint8_t)code;
        i += escape ? 2 : 0;
    }
    return (slice){ out, n };
}

/* URL-safe base64 to the ordinary alphabet. */
static slice base64_any(struct arena *mem, slice s)
{
    if (slice_find_byte(s, '-', 0) != SIZE_MAX || slice_find_byte(s, '_', 0) != SIZE_MAX) {
        uint8_t *copy = arena_get(mem, s.len, 1);
        for (size_t i = 0; copy && i < s.len; i++)
            copy[i] = s.at[i] == '-' ? '+' : s.at[i] == '_' ? '/' : s.at[i];
        s = (slice){ copy, copy ? s.len : 0 };
    }
    size_t skipped;
    return base64_decode(mem, s, &skipped);
}

/* Type and content of a data: URL (RFC 2397); false when it is none. */
static bool data_url(struct arena *mem, slice url, slice *type_out, slice *raw_out,
                     bool *base64_out)
{
    url = slice_trim(url);
    if (!slice_starts_nocase(url, "data:"))
        return false;
    slice head = slice_sub(url, 5, DATA_TYPE_MAX);
    size_t comma = slice_find_byte(head, ',', 0);
    slice data = comma == SIZE_MAX ? (slice){ 0 } : slice_from(url, 5 + comma + 1);
    *type_out = slice_sub(head, 0, comma == SIZE_MAX ? 0 : comma);
    *base64_out = slice_ends_nocase(slice_trim(*type_out), "base64");
    *raw_out = slice_find_byte(data, '%', 0) != SIZE_MAX ? percent(mem, data) : data;
    return true;
}

static bool is_picture(struct arena *mem, slice type, slice raw, bool base64)
{
    if (!slice_starts_nocase(type, "image/") || slice_starts_nocase(type, "image/svg"))
        return false;
    slice head = slice_sub(raw, 0, HEAD);
    size_t magic_len;
    struct body b = body_borrow(base64 ? base64_any(mem, head) : head);
    const struct type_row *t = type_by_magic(&b, &magic_len);
    return t && t->policy == TYPE_INERT;
}

bool html_data_url(struct html_scripts *s, slice url, slice name, struct range at)
{
    struct arena *mem = s->w->mem;
    slice type, raw;
    bool base64;
    if (!slice_starts_nocase(slice_trim(url), "data:"))
        return false;
    if (!walk_work(s->w, url.len * 2) || !data_url(mem, url, &type, &raw, &base64))
        return true;
    if (slice_starts_nocase(type, "application/"))
        html_smuggling(s, "data:application", at);
    if (slice_starts_nocase(type, "font/") || raw.len < 8 || is_picture(mem, type, raw, base64))
        return true;
    child(s, base64 ? base64_any(mem, raw) : raw, name, type, at);
    return true;
}

bool html_data_script(struct html_scripts *s, slice url, struct range at, slice *code_out)
{
    slice type, raw;
    bool base64;
    if (!walk_work(s->w, url.len * 2) || !data_url(s->w->mem, url, &type, &raw, &base64))
        return false;
    slice code = base64 ? base64_any(s->w->mem, raw) : raw;
    *code_out = utf8_clean(s->w->mem, code);
    html_script(s, *code_out, at);
    return true;
}

/* Pictures, fonts and sounds lie in honest pages; no other file can be made of them. */
static bool holds_media(struct arena *mem, slice text)
{
    slice type, raw;
    bool base64 = true;
    text = slice_sub(text, 0, DATA_TYPE_MAX + 3 * HEAD);
    if (!data_url(mem, text, &type, &raw, &base64))
        raw = text;
    raw = slice_sub(raw, 0, HEAD);
    size_t magic_len;
    struct body b = body_borrow(base64 && all_of(raw, is_base64) ? base64_any(mem, raw) : raw);
    const struct type_row *t = type_by_magic(&b, &magic_len);
    return t && t->policy == TYPE_INERT && magic_len >= 3;
}

/* A whole literal, joined, that took `width` bytes to write: does it carry a file? */
static void try_literal(struct html_scripts *s, slice text, size_t width, struct range at)
{
    struct arena *mem = s->w->mem;
    if (text.len >= LITERAL_LONG && (text.len > s->longest || width > s->widest) && !holds_media(mem, text)) {
        s->longest = text.len > s->longest ? text.len : s->longest;
        s->widest = width > s->widest ? width : s->widest;
    }
    if (text.len < LITERAL_TRY || !walk_work(s->w, text.len))
        return;
    if (html_data_url(s, text, (slice){ 0 }, at))
        return;
    slice head = slice_sub(text, 0, HEAD), tail = slice_from(text, text.len - HEAD), bytes = { 0 };
    if (all_of(head, is_hex) && all_of(tail, is_hex) && worth_a_part(hex_decode(mem, head))) {
        bytes = hex_decode(mem, text);
    } else if (all_of(head, is_base64) && all_of(tail, is_base64)) {
        slice back = reversed(mem, tail);
        if (worth_a_part(base64_any(mem, head)))
            bytes = base64_any(mem, text);
        else if (worth_a_part(base64_any(mem, back)))
            bytes = base64_any(mem, reversed(mem, text));
        else if (text.len >= 1024 && base64_any(mem, slice_sub(head, 0, 4)).len == 3)
            bytes = base64_any(mem, text); /* two-byte magic is believed of large content only */
    } else if (slice_find_byte(head, '%', 0) != SIZE_MAX) {
        bytes = percent(mem, text);
    } else if (worth_a_part(text)) {
        bytes = text;
    }
    if (bytes.len && worth_a_part(bytes))
        child(s, bytes, (slice){ 0 }, (slice){ 0 }, at);
}

/* --- the lexer */

struct lexer {
    struct html_scripts *s;
    slice in;
    size_t pos;
    bool exact; /* positions have a meaning in the part */
    uint64_t base;
    size_t literal_at; /* where the joined literal began */
    size_t literal_to; /* behind its last piece */
    size_t last_len;   /* of its last piece */
    bool open;         /* a literal is being joined */
    bool joined;       /* a '+' or ',' was seen behind it */
};

static struct range place(const struct lexer *x, size_t from, size_t to)
{
    return x->exact ? (struct range){ x->base + from, x->base + to } : NOWHERE;
}

static void flush_literal(struct lexer *x)
{
    if (!x->open)
        return;
    x->open = false;
    try_literal(x->s, buf_slice(&x->s->literal), x->literal_to - x->literal_at, place(x, x->literal_at, x->pos));
    buf_clear(&x->s->literal);
}

/* \xHH, \uHHHH and \n; any other escaped character is itself. */
static size_t escape(slice s, struct buf *out)
{
    uint8_t c = s.len > 1 ? s.at[1] : 0, utf8[4];
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
    uint32_t code = 0;
    if (s.len < 2 + digits || c == 0)
        return 1;
    for (size_t i = 0; i < digits; i++) {
        int d = ascii_hex(s.at[2 + i]);
        if (d < 0)
            return 2;
        code = code << 4 | (uint32_t)d;
    }
    if (digits)
        buf_put(out, (slice){ utf8, utf8_put(utf8, code) });
    else
        buf_byte(out, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
    return 2 + digits;
}

static void read_string(struct lexer *x, uint8_t quote)
{
    struct buf *out = &x->s->literal;
    if (x->open && !x->joined)
        flush_literal(x);
    if (!x->open)
        x->literal_at = x->pos;
    x->open = true;
    x->joined = false;
    size_t before = out->len;
    x->pos++;
    while (x->pos < x->in.len) {
        size_t from = x->pos;
        while (x->pos < x->in.len && x->in.at[x->pos] != quote && x->in.at[x->pos] != '\\' &&
               (x->in.at[x->pos] != '\n' || quote == '`'))
            x->pos++;
        buf_put(out, slice_sub(x->in, from, x->pos - from));
        if (x->pos == x->in.len || x->in.at[x->pos] != '\\')
            break;
        x->pos += escape(slice_from(x->in, x->pos), out);
    }
    if (x->pos < x->in.len)
        x->pos++;
    x->literal_to = x->pos;
    x->last_len = out->len - before;
}

/* True when a comment was stepped over. */
static bool skip_comment(struct lexer *x)
{
    slice rest = slice_from(x->in, x->pos);
    const char *end_mark = slice_starts(rest, SLICE_LIT("/*"))   ? "*/"
                           : slice_starts(rest, SLICE_LIT("//")) ? "\n"
                                                                 : NULL;
    if (!end_mark)
        return false;
    size_t end = slice_find(rest, slice_of(end_mark), 2);
    x->pos = end == SIZE_MAX ? x->in.len : x->pos + end + strlen(end_mark);
    return true;
}

static bool name_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static void lex(struct lexer *x)
{
    while (x->pos < x->in.len) {
        uint8_t c = x->in.at[x->pos];
        if (c == '"' || c == '\'' || c == '`') {
            read_string(x, c);
        } else if (name_byte(c)) {
            size_t from = x->pos;
            while (x->pos < x->in.len && name_byte(x->in.at[x->pos]))
                x->pos++;
            x->s->code += x->pos - from;
            if (x->open)
                flush_literal(x);
            check_name(x->s, slice_sub(x->in, from, x->pos - from), place(x, from, x->pos));
        } else if (c == '/' && skip_comment(x)) {
            continue;
        } else {
            x->pos++;
            x->s->code += !ascii_space(c) && c != '+' && c != ',';
            if (ascii_space(c) || !x->open)
                continue;
            /* A short argument before a long one is a file name, not its beginning. */
            if (c == '+' || (c == ',' && x->last_len >= LITERAL_TRY / 2))
                x->joined = true;
            else
                flush_literal(x);
        }
    }
    flush_literal(x);
}

/* A bounded copy for rules and people; over the text budget the beginning. */
static void view(struct walk *w, slice code, struct range at)
{
    uint64_t left = w->budget->left[BUDGET_TEXT];
    if (code.len > left) {
        w->budget->hit |= 1u << BUDGET_TEXT;
        code = utf8_cut(code, (size_t)left);
    }
    walk_view(w, FACT_HTML_SCRIPT, code, at);
}

void html_script(struct html_scripts *s, slice code, struct range at)
{
    code = slice_trim(code);
    if (code.len == 0 || !walk_work(s->w, 500 + (uint64_t)code.len * 2))
        return;
    s->count++;
    s->literal.max = LITERAL_MAX;
    view(s->w, code, at);
    struct lexer x = { .s = s, .in = code };
    const struct body *b = s->w->body;
    x.exact = code.at >= b->all.at && code.at <= b->all.at + b->all.len;
    x.base = x.exact ? (uint64_t)(code.at - b->all.at) : 0;
    lex(&x);
}

void html_scripts_end(struct html_scripts *s)
{
    if (s->count)
        walk_int(s->w, FACT_HTML_SCRIPT_COUNT, s->count, NOWHERE);
    if (s->longest >= LITERAL_LONG) {
        walk_int(s->w, FACT_HTML_LITERAL_LONG, (int64_t)s->longest, NOWHERE);
        /* Of the code, not of the page: text, comments and pictures around it are no reason for it. */
        walk_int(s->w, FACT_HTML_LITERAL_SHARE, (int64_t)(s->widest * 100 / (s->widest + s->code)), NOWHERE);
    }
    buf_drop(&s->literal);
}
