/* SPDX-License-Identifier: Apache-2.0 */
/* The VBScript of a page with scripts of both languages: they share the names of the page (global
 * members of the window), so that one goes on with what the other has computed. VBScript of its own
 * is evaluated in unmask/vbscript; what is done here is the little that stands between two scripts
 * in JScript - assignments and calls of members, with names, numbers and texts ([MS-VBSL] 1.4.5,
 * 3.2) - written as JScript. Where there is more, the names it assigns to are unknown from there.
 *
 * Left out: functions, conditions, names that differ in case only. */
#include "base/buf.h"
#include "base/text.h"
#include "unmask/jscript/jscript_private.h"

enum { DEPTH_MAX = 8, OUT_MAX = 64 * 1024, ASSIGNED_MAX = 256 };

struct reader {
    struct js *m;
    slice in; /* one statement */
    size_t at;
    unsigned depth;
    struct buf *out;
};

static bool expression(struct reader *r);

static void skip_blanks(struct reader *r)
{
    while (r->at < r->in.len && (r->in.at[r->at] == ' ' || r->in.at[r->at] == '\t'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->at >= r->in.len || r->in.at[r->at] != (uint8_t)c)
        return false;
    r->at++;
    return true;
}

static bool at_end(struct reader *r)
{
    skip_blanks(r);
    return r->at >= r->in.len;
}

static slice word(struct reader *r)
{
    skip_blanks(r);
    size_t from = r->at;
    while (r->at < r->in.len && (ascii_alnum(r->in.at[r->at]) || r->in.at[r->at] == '_'))
        r->at++;
    return slice_sub(r->in, from, r->at - from);
}

static bool take_word(struct reader *r, const char *w)
{
    size_t before = r->at;
    if (slice_is_nocase(word(r), w))
        return true;
    r->at = before;
    return false;
}

/* --- what is done: false, it is something else */

static bool text_literal(struct reader *r)
{
    buf_byte(r->out, '"');
    for (; r->at < r->in.len; r->at++) {
        uint8_t c = r->in.at[r->at];
        if (c == '"' && (r->at + 1 >= r->in.len || r->in.at[r->at + 1] != '"')) {
            r->at++;
            buf_byte(r->out, '"');
            return true;
        }
        r->at += c == '"';
        if (c == '"' || c == '\\')
            buf_byte(r->out, '\\');
        buf_byte(r->out, c);
    }
    return false;
}

static bool arguments(struct reader *r, char end)
{
    buf_byte(r->out, '(');
    for (bool first = true; end ? !take(r, end) : !at_end(r); first = false) {
        if (!first && !take(r, ','))
            return false;
        if (!first)
            buf_byte(r->out, ',');
        if (!expression(r))
            return false;
    }
    buf_byte(r->out, ')');
    return true;
}

/* Names with points between them; how many. A word of JScript is no name there. */
static unsigned path(struct reader *r)
{
    for (unsigned n = 0;; n++) {
        slice name = word(r);
        if (name.len == 0 || ascii_digit(name.at[0]) || n == DEPTH_MAX)
            return 0;
        struct text s = text_of(r->m->t, name, TEXT_NOWHERE);
        if (js_atom(r->m, s) <= JS_KEYWORDS)
            return 0;
        if (n)
            buf_byte(r->out, '.');
        buf_put(r->out, slice_is_nocase(name, "CreateObject") && !n ? SLICE_LIT("new ActiveXObject")
                                                                    : name);
        if (r->at >= r->in.len || r->in.at[r->at] != '.')
            return n + 1;
        r->at++;
    }
}

/* A text, a number, a name, what a call gives back. A member without brackets may be either. */
static bool term(struct reader *r)
{
    skip_blanks(r);
    if (take(r, '"'))
        return text_literal(r);
    if (r->at < r->in.len && ascii_digit(r->in.at[r->at])) {
        slice digits = word(r);
        uint64_t value;
        buf_put(r->out, digits);
        return slice_u64(digits, &value) && value < 1u << 30 &&
               (digits.len == 1 || digits.at[0] != '0');
    }
    unsigned names = path(r);
    if (names && take(r, '('))
        return arguments(r, ')');
    return names == 1;
}

static bool expression(struct reader *r)
{
    bool done = ++r->depth < DEPTH_MAX && term(r);
    while (done && take(r, '&')) {
        buf_text(r->out, "+\"\"+");
        done = term(r);
    }
    r->depth--;
    return done;
}

static bool statement(struct reader *r)
{
    static const char *const nothing[] = { "dim", "rem", "option", "on" };
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (take_word(r, nothing[i]))
            return true;
    if (at_end(r) || r->in.at[r->at] == '\'')
        return true;
    bool set = take_word(r, "set"), call = !set && take_word(r, "call");
    unsigned names = path(r);
    if (names == 0)
        return false;
    if (!call && take(r, '=')) {
        buf_byte(r->out, '=');
        if (!expression(r) || !at_end(r))
            return false;
    } else if (set || names < 2) {
        return false;
    } else if (r->at < r->in.len && r->in.at[r->at] == '(') {
        r->at++;
        if (!arguments(r, ')') || !at_end(r))
            return false;
    } else if (!arguments(r, 0)) {
        return false;
    }
    buf_text(r->out, ";\n");
    return true;
}

/* --- statements: by lines and colons */

static bool next_statement(slice *rest, slice *out)
{
    bool quoted = false, remark = false;
    size_t i = 0;
    if (rest->len == 0)
        return false;
    for (; i < rest->len && rest->at[i] != '\n' && rest->at[i] != '\r'; i++) {
        quoted = quoted != (rest->at[i] == '"' && !remark);
        remark = remark || (rest->at[i] == '\'' && !quoted);
        if (rest->at[i] == ':' && !quoted && !remark)
            break;
    }
    *out = slice_sub(*rest, 0, i);
    *rest = slice_from(*rest, i < rest->len ? i + 1 : i);
    return true;
}

static bool of_name(uint8_t c)
{
    return ascii_alnum(c) || c == '_';
}

/* The word before a sign of assignment (or comparison: that does no harm), or behind Each. */
static slice assigned(slice one, size_t sign)
{
    size_t to = sign;
    while (to && one.at[to - 1] == ' ')
        to--;
    size_t from = to;
    while (from && of_name(one.at[from - 1]))
        from--;
    return from && one.at[from - 1] == '.' ? (slice){ 0 } : slice_sub(one, from, to - from);
}

/* What else the script does cannot be said; what it assigns to is another value now, perhaps. */
static void forget_assigned(struct js *m, slice vb)
{
    struct js_object *o = m->global;
    slice one, names[ASSIGNED_MAX];
    uint32_t n = 0;
    while (n < ASSIGNED_MAX && next_statement(&vb, &one)) {
        struct reader r = { .m = m, .in = one };
        if (take_word(&r, "for") && take_word(&r, "each"))
            names[n++] = word(&r);
        for (size_t i = slice_find_byte(one, '=', 0); i != SIZE_MAX && n < ASSIGNED_MAX;
             i = slice_find_byte(one, '=', i + 1)) {
            slice name = assigned(one, i);
            if (name.len)
                names[n++] = name;
        }
    }
    for (uint32_t i = 0; i < o->n_slots && js_step(m, 1 + n / 8); i++) {
        struct js_slot *s = &o->slots[i];
        bool hit = n == ASSIGNED_MAX;
        if (s->v.kind == JS_ABSENT || (s->flags & SLOT_HIDDEN))
            continue;
        slice name = js_atom_utf8(m, s->atom);
        for (uint32_t k = 0; k < n && !hit; k++)
            hit = slice_eq_nocase(names[k], name);
        if (hit)
            js_write(m, o, s, js_unknown(m, "VBScript"));
    }
}

slice js_from_vbscript(struct js *m, slice vb)
{
    struct buf out = buf_new(OUT_MAX);
    slice rest = vb, one;
    bool all = vb.len < OUT_MAX;
    while (all && next_statement(&rest, &one)) {
        struct reader r = { .m = m, .in = one, .out = &out };
        all = statement(&r);
    }
    slice code = all && !out.full ? arena_copy(m->mem, buf_slice(&out)) : (slice){ 0 };
    buf_drop(&out);
    if (!all)
        forget_assigned(m, vb);
    return code;
}
