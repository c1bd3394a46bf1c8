/* SPDX-License-Identifier: Apache-2.0 */
/* String (ECMA-262 22.1, B.2.3). Of a string with a hole what stands before it is known. In the
 * script host substr() takes a negative start for 0 and split() leaves empty parts out
 * ([MS-ES3] 2.1). */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

static bool this_text(struct js *m, struct js_value self, struct text *out,
                      struct js_value *unknown)
{
    if (self.kind <= JS_NULL) {
        js_throw(m, A_TypeError, "String method of nothing");
        *unknown = js_undefined();
        return false;
    }
    struct js_value v = js_to_string(m, self);
    *unknown = js_unknown_like(v);
    *out = v.kind == JS_STRING ? v.s : (struct text){ 0 };
    return v.kind == JS_STRING && !JS_HALT(m);
}

/* The string whole and known, or what the method gives instead. */
#define THIS_KNOWN(s)                                                                              \
    struct text s;                                                                                 \
    struct js_value unknown_;                                                                      \
    if (!this_text(m, self, &s, &unknown_) || !js_step(m, s.n / 64))                               \
        return unknown_;                                                                           \
    if (!text_known(s))                                                                            \
        return js_unknown_like(js_string(s));

static struct js_value unknown_arg(struct js *m, const struct js_value *a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (a[i].kind == JS_UNKNOWN)
            return js_unknown_like(a[i]);
    return js_unknown(m, "argument");
}

static struct js_value char_at(JS_ARGS)
{
    struct text s;
    struct js_value u;
    double i;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!js_int(m, js_arg(a, n, 0), 0, &i))
        return unknown_arg(m, a, n);
    if (i < 0 || i >= s.n)
        return text_known(s) ? js_string((struct text){ 0 }) : js_unknown_like(js_string(s));
    return text_first_hole(text_sub(s, 0, (uint32_t)i + 1)) <= i
               ? js_unknown_like(js_string(s))
               : js_string(text_sub(s, (uint32_t)i, 1));
}

static struct js_value char_code_at(JS_ARGS)
{
    struct js_value c = char_at(m, self, a, n);
    if (c.kind != JS_STRING)
        return c;
    return c.s.n ? js_number_at(text_unit(c.s, 0), text_mark_at(c.s, 0)) : js_number(NAN);
}

static struct js_value code_point_at(JS_ARGS)
{
    THIS_KNOWN(s)
    double i;
    if (!js_int(m, js_arg(a, n, 0), 0, &i))
        return unknown_arg(m, a, n);
    if (i < 0 || i >= s.n)
        return js_undefined();
    uint32_t at = (uint32_t)i, u = text_unit(s, at), low = text_unit(s, at + 1);
    return js_number_at((u & 0xFC00) == 0xD800 && (low & 0xFC00) == 0xDC00
                            ? 0x10000 + ((u & 0x3FF) << 10) + (low & 0x3FF)
                            : u,
                        text_mark_at(s, at));
}

static struct js_value at(JS_ARGS)
{
    THIS_KNOWN(s)
    double i;
    if (!js_int(m, js_arg(a, n, 0), 0, &i))
        return unknown_arg(m, a, n);
    i += i < 0 ? s.n : 0;
    return i < 0 || i >= s.n ? js_undefined() : js_string(text_sub(s, (uint32_t)i, 1));
}

static struct js_value from_char_code(JS_ARGS)
{
    (void)self;
    struct text s = { 0 };
    for (uint32_t i = 0; i < n && js_step(m, 1); i++) {
        struct js_value v = js_to_number(m, a[i]);
        if (JS_HALT(m))
            break;
        if (v.kind != JS_NUMBER)
            s = text_join(m->t, s, text_hole(m->t, v.mark));
        else
            s = text_join(m->t, s, text_of_unit(m->t, (uint16_t)js_int32(v.d), v.mark));
    }
    return js_string(s);
}

static struct js_value from_code_point(JS_ARGS)
{
    (void)self;
    struct text s = { 0 };
    for (uint32_t i = 0; i < n && js_step(m, 1); i++) {
        struct js_value v = js_to_number(m, a[i]);
        if (v.kind != JS_NUMBER || v.d < 0 || v.d > 0x10FFFF)
            return unknown_arg(m, a, n);
        uint32_t c = (uint32_t)v.d;
        uint16_t two[2] = { (uint16_t)c, 0 };
        if (c >= 0x10000) {
            two[0] = (uint16_t)(0xD7C0 + (c >> 10));
            two[1] = (uint16_t)(0xDC00 | (c & 0x3FF));
        }
        s = text_join(m->t, s, text_of_units(m->t, two, c >= 0x10000 ? 2 : 1, v.mark));
    }
    return js_string(s);
}

/* --- parts */

static double clamp(double d, double to)
{
    return d < 0 ? 0 : d > to ? to : d;
}

/* A part is known even where a hole stands behind it; from the end, only without holes. */
static struct js_value part(struct text s, double from, double to)
{
    uint32_t hole = text_first_hole(s);
    if (hole < s.n && (from > hole || to > hole))
        return from <= hole ? js_string(text_sub(s, (uint32_t)from, hole - (uint32_t)from + 1))
                            : js_unknown_like(js_string(s));
    return js_string(from < to ? text_sub(s, (uint32_t)from, (uint32_t)(to - from))
                               : (struct text){ 0 });
}

static struct js_value substring(JS_ARGS)
{
    struct text s;
    struct js_value u;
    double from, to;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!js_int(m, js_arg(a, n, 0), 0, &from) || !js_int(m, js_arg(a, n, 1), s.n, &to))
        return unknown_arg(m, a, n);
    from = clamp(from, s.n);
    to = clamp(to, s.n);
    return from < to ? part(s, from, to) : part(s, to, from);
}

static struct js_value substr(JS_ARGS)
{
    struct text s;
    struct js_value u;
    double from, len;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!js_int(m, js_arg(a, n, 0), 0, &from) || !js_int(m, js_arg(a, n, 1), s.n, &len))
        return unknown_arg(m, a, n);
    if (from < 0 && m->place == PLACE_OPEN)
        return js_unknown(m, "substr");
    if (from < 0 && !text_known(s))
        return js_unknown_like(js_string(s));
    from = from < 0 ? (m->place == PLACE_HOST ? 0 : fmax(s.n + from, 0)) : clamp(from, s.n);
    return part(s, from, clamp(from + (len < 0 ? 0 : len), s.n));
}

static struct js_value slice_of_text(JS_ARGS)
{
    struct text s;
    struct js_value u;
    double from, to;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!js_int(m, js_arg(a, n, 0), 0, &from) || !js_int(m, js_arg(a, n, 1), s.n, &to))
        return unknown_arg(m, a, n);
    if ((from < 0 || to < 0) && !text_known(s))
        return js_unknown_like(js_string(s));
    from = from < 0 ? fmax(s.n + from, 0) : clamp(from, s.n);
    to = to < 0 ? fmax(s.n + to, 0) : clamp(to, s.n);
    return part(s, from, to);
}

/* --- looking for */

static bool text_arg(struct js *m, struct js_value v, struct text *out)
{
    v = js_to_string(m, v);
    *out = v.kind == JS_STRING ? v.s : (struct text){ 0 };
    return v.kind == JS_STRING && text_known(v.s);
}

/* LARGE: what was fetched most likely holds what is looked for. */
static struct js_value not_known(struct js *m, struct js_value self, const struct js_value *a,
                                 uint32_t n)
{
    struct js_value u = self.kind == JS_UNKNOWN ? js_unknown_like(self) : unknown_arg(m, a, n);
    return u.download ? js_lean(u, LEAN_LARGE) : u;
}

static struct js_value index_of(JS_ARGS)
{
    struct text s, what;
    struct js_value u;
    double from;
    if (!this_text(m, self, &s, &u))
        return not_known(m, self, a, n);
    if (!text_arg(m, js_arg(a, n, 0), &what) || !js_int(m, js_arg(a, n, 1), 0, &from))
        return unknown_arg(m, a, n);
    if (!js_step(m, s.n / 32 + (uint64_t)what.n * 0))
        return js_undefined();
    from = clamp(from, s.n);
    uint32_t at = text_find(s, what, (uint32_t)from, false), hole = text_first_hole(s);
    if (hole < s.n && (at == UINT32_MAX || at > hole))
        return js_unknown_like(js_string(s));
    return js_number(at == UINT32_MAX ? -1.0 : (double)at);
}

static struct js_value last_index_of(JS_ARGS)
{
    THIS_KNOWN(s)
    struct text what;
    double from;
    if (!text_arg(m, js_arg(a, n, 0), &what) || !js_int(m, js_arg(a, n, 1), INFINITY, &from))
        return unknown_arg(m, a, n);
    if (what.n > s.n)
        return js_number(-1);
    for (uint32_t i = (uint32_t)clamp(from, s.n - what.n) + 1; i > 0 && js_step(m, what.n / 64);
         i--)
        if (text_find(text_sub(s, i - 1, what.n), what, 0, false) == 0 || what.n == 0)
            return js_number(i - 1);
    return js_number(-1);
}

static struct js_value includes(JS_ARGS)
{
    struct js_value v = index_of(m, self, a, n);
    return v.kind == JS_NUMBER    ? js_bool(v.d >= 0)
           : v.lean == LEAN_LARGE ? js_lean(v, LEAN_TRUE)
                                  : v;
}

static struct js_value starts_with(JS_ARGS)
{
    THIS_KNOWN(s)
    struct text what;
    double from;
    if (!text_arg(m, js_arg(a, n, 0), &what) || !js_int(m, js_arg(a, n, 1), 0, &from))
        return unknown_arg(m, a, n);
    return js_bool(what.n == 0 || text_eq(text_sub(s, (uint32_t)clamp(from, s.n), what.n), what));
}

static struct js_value ends_with(JS_ARGS)
{
    THIS_KNOWN(s)
    struct text what;
    double to;
    if (!text_arg(m, js_arg(a, n, 0), &what) || !js_int(m, js_arg(a, n, 1), s.n, &to))
        return unknown_arg(m, a, n);
    to = clamp(to, s.n);
    return js_bool(what.n == 0 ||
                   (what.n <= to && text_eq(text_sub(s, (uint32_t)to - what.n, what.n), what)));
}

/* --- split */

static struct js_value split_chars(struct js *m, struct text s, double most)
{
    struct js_object *out = js_array_new(m, 0);
    for (uint32_t i = 0; out && i < s.n && i < most && js_step(m, 1); i++)
        (void)js_item_write(m, out, i, js_string(text_sub(s, i, 1)));
    return js_of(out);
}

static struct js_value split_regexp(struct js *m, struct text s, const struct js_object *r,
                                    double most)
{
    struct js_object *out = js_array_new(m, 0);
    struct js_match match;
    bool host = m->place == PLACE_HOST;
    uint32_t from = 0, at = 0;
    if (!out)
        return js_undefined();
    while (at < s.n && js_step(m, 2)) {
        int found = js_regexp_find(m, r, s, at, &match);
        if (found < 0)
            return js_unknown(m, "RegExp");
        if (!found)
            break;
        if (match.to[0] == match.from[0] && (match.from[0] >= s.n || match.from[0] == from)) {
            at = (match.from[0] > at ? match.from[0] : at) + 1;
            if (match.from[0] >= s.n)
                break;
            if (match.from[0] == from) {
                found = js_regexp_find(m, r, text_sub(s, 0, s.n), at, &match);
                if (found <= 0 || match.from[0] >= s.n)
                    break;
            }
        }
        if (!host || match.from[0] > from)
            (void)js_item_write(m, out, out->n_items,
                                js_string(text_sub(s, from, match.from[0] - from)));
        for (uint32_t k = 1; !host && k < match.n; k++)
            (void)js_item_write(
                m, out, out->n_items,
                match.from[k] == UINT32_MAX
                    ? js_undefined()
                    : js_string(text_sub(s, match.from[k], match.to[k] - match.from[k])));
        from = match.to[0];
        at = match.to[0] > match.from[0] ? match.to[0] : match.to[0] + 1;
        if (out->n_items >= most)
            return js_of(out);
    }
    if (!host || from < s.n)
        (void)js_item_write(m, out, out->n_items, js_string(text_sub(s, from, s.n)));
    return js_of(out);
}

static struct js_value split(JS_ARGS)
{
    struct text s, by;
    struct js_value u, sep = js_arg(a, n, 0);
    double most;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!text_known(s))
        return js_unknown_like(js_string(s));
    if (!js_int(m, js_arg(a, n, 1), 4294967295.0, &most))
        return unknown_arg(m, a, n);
    if (sep.kind == JS_OBJECT && sep.o->class_ == C_REGEXP)
        return split_regexp(m, s, sep.o, most);
    struct js_object *out = js_array_new(m, 0);
    if (!out)
        return js_undefined();
    if (sep.kind == JS_UNDEFINED) {
        (void)js_item_write(m, out, 0, js_string(s));
        return js_of(out);
    }
    if (!text_arg(m, sep, &by))
        return unknown_arg(m, a, n);
    if (by.n == 0)
        return split_chars(m, s, most);
    uint32_t from = 0;
    for (uint32_t at;
         out->n_items < most && js_step(m, 1) && (at = text_find(s, by, from, false)) != UINT32_MAX;
         from = at + by.n)
        (void)js_item_write(m, out, out->n_items, js_string(text_sub(s, from, at - from)));
    if (out->n_items < most)
        (void)js_item_write(m, out, out->n_items, js_string(text_sub(s, from, s.n)));
    (void)js_step(m, s.n / 32);
    return js_of(out);
}

/* --- replace */

/* 22.1.3.17.1 GetSubstitution */
static struct text substituted(struct js *m, struct text with, struct text s,
                               const struct js_match *r)
{
    struct text out = { 0 };
    uint32_t from = 0;
    for (uint32_t i = 0; i + 1 < with.n && js_step(m, 0); i++) {
        uint16_t c = text_unit(with, i + 1);
        struct text put;
        uint32_t used = 2;
        if (text_unit(with, i) != '$')
            continue;
        if (c == '$') {
            put = text_sub(with, i, 1);
        } else if (c == '&') {
            put = text_sub(s, r->from[0], r->to[0] - r->from[0]);
        } else if (c == '`') {
            put = text_sub(s, 0, r->from[0]);
        } else if (c == '\'') {
            put = text_sub(s, r->to[0], s.n);
        } else if (c >= '0' && c <= '9') {
            uint32_t k = (uint32_t)(c - '0'), next = text_unit(with, i + 2);
            if (next >= '0' && next <= '9' && k * 10 + next - '0' < r->n &&
                k * 10 + next - '0' > 0) {
                k = k * 10 + next - '0';
                used = 3;
            }
            if (k == 0 || k >= r->n)
                continue;
            put = r->from[k] == UINT32_MAX ? (struct text){ 0 }
                                           : text_sub(s, r->from[k], r->to[k] - r->from[k]);
        } else {
            continue;
        }
        out = text_join(m->t, text_join(m->t, out, text_sub(with, from, i - from)), put);
        from = i + used;
        i = from - 1;
    }
    return text_join(m->t, out, text_sub(with, from, with.n));
}

static struct text replacement(struct js *m, struct js_value with, struct text s,
                               const struct js_match *r)
{
    if (with.kind == JS_STRING)
        return text_find(with.s, js_cstr(m, "$").s, 0, false) == UINT32_MAX
                   ? with.s
                   : substituted(m, with.s, s, r);
    struct js_value a[36];
    uint32_t n = 0;
    for (uint32_t k = 0; k < r->n; k++)
        a[n++] = r->from[k] == UINT32_MAX
                     ? js_undefined()
                     : js_string(text_sub(s, r->from[k], r->to[k] - r->from[k]));
    a[n++] = js_number(r->from[0]);
    a[n++] = js_string(s);
    return js_text(m, js_call(m, with, js_undefined(), a, n));
}

static struct js_value replace_in(struct js *m, struct text s, struct js_value what,
                                  struct js_value with, bool all)
{
    struct text out = { 0 }, needle = { 0 };
    struct js_object *r = what.kind == JS_OBJECT && what.o->class_ == C_REGEXP ? what.o : NULL;
    if (!js_is_callable(with)) {
        with = js_to_string(m, with);
        if (with.kind == JS_UNKNOWN)
            with = js_string(text_hole(m->t, with.mark));
    }
    if (!r && !text_arg(m, what, &needle))
        return js_unknown_like(js_to_string(m, what));
    all = all || (r && js_regexp_flag(r, 'g'));
    uint32_t from = 0, at = 0;
    (void)js_step(m, s.n / 32);
    while (at <= s.n && js_step(m, 2)) {
        struct js_match match = { .n = 1 };
        int found;
        if (r) {
            found = js_regexp_find(m, r, s, at, &match);
        } else {
            match.from[0] = text_find(s, needle, at, false);
            match.to[0] = match.from[0] + needle.n;
            found = match.from[0] != UINT32_MAX;
        }
        if (found < 0)
            return js_unknown(m, "RegExp");
        if (!found)
            break;
        out = text_join(m->t, out, text_sub(s, from, match.from[0] - from));
        out = text_join(m->t, out, replacement(m, with, s, &match));
        from = match.to[0];
        at = match.to[0] + (match.to[0] == match.from[0]);
        if (!all || JS_HALT(m))
            break;
    }
    return js_string(from ? text_join(m->t, out, text_sub(s, from, s.n)) : text_join(m->t, out, s));
}

static struct js_value replace(JS_ARGS)
{
    struct text s;
    struct js_value u;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!text_known(s))
        return js_string(text_hole(m->t, js_unknown_like(js_string(s)).mark));
    return replace_in(m, s, js_arg(a, n, 0), js_arg(a, n, 1), false);
}

static struct js_value replace_all(JS_ARGS)
{
    THIS_KNOWN(s)
    return replace_in(m, s, js_arg(a, n, 0), js_arg(a, n, 1), true);
}

/* --- match and search */

static struct js_value match(JS_ARGS)
{
    struct text s;
    struct js_value u, r = js_regexp_of(m, js_arg(a, n, 0), "");
    if (!this_text(m, self, &s, &u))
        return not_known(m, self, a, n);
    if (r.kind != JS_OBJECT || !text_known(s))
        return js_unknown(m, "match");
    if (!js_regexp_flag(r.o, 'g')) {
        struct js_value given = js_string(s);
        return js_call_member(m, r, A_exec, &given, 1);
    }
    struct js_object *out = js_array_new(m, 0);
    struct js_match found;
    for (uint32_t from = 0; out && from <= s.n && js_step(m, 2);) {
        int is = js_regexp_find(m, r.o, s, from, &found);
        if (is < 0)
            return js_unknown(m, "RegExp");
        if (!is)
            break;
        (void)js_item_write(m, out, out->n_items,
                            js_string(text_sub(s, found.from[0], found.to[0] - found.from[0])));
        from = found.to[0] + (found.to[0] == found.from[0]);
    }
    return out && out->n_items ? js_of(out) : (struct js_value){ .kind = JS_NULL };
}

static struct js_value match_all(JS_ARGS)
{
    THIS_KNOWN(s)
    struct js_value r = js_regexp_of(m, js_arg(a, n, 0), "g");
    struct js_object *out = js_array_new(m, 0);
    struct js_match found;
    for (uint32_t from = 0; out && r.kind == JS_OBJECT && from <= s.n && js_step(m, 2);) {
        if (js_regexp_find(m, r.o, s, from, &found) <= 0)
            break;
        struct js_object *one = js_array_new(m, 0);
        for (uint32_t k = 0; one && k < found.n; k++)
            (void)js_item_write(
                m, one, k,
                found.from[k] == UINT32_MAX
                    ? js_undefined()
                    : js_string(text_sub(s, found.from[k], found.to[k] - found.from[k])));
        (void)js_item_write(m, out, out->n_items, js_of(one));
        from = found.to[0] + (found.to[0] == found.from[0]);
    }
    return js_of(out);
}

static struct js_value search(JS_ARGS)
{
    THIS_KNOWN(s)
    struct js_value r = js_regexp_of(m, js_arg(a, n, 0), "");
    struct js_match found;
    int is = r.kind == JS_OBJECT ? js_regexp_find(m, r.o, s, 0, &found) : -1;
    return is < 0 ? js_unknown(m, "RegExp") : js_number(is ? (double)found.from[0] : -1.0);
}

/* --- case, blanks, padding */

struct text js_case(struct js *m, struct text s, bool upper)
{
    uint16_t *units = js_step(m, s.n / 32) ? ARENA_ARRAY(m->mem, uint16_t, s.n + 1) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(m->mem, uint32_t, s.n + 1) : NULL;
    for (uint32_t i = 0; from && i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        bool lower_letter = (u >= 'a' && u <= 'z') || (u >= 0xE0 && u <= 0xFE && u != 0xF7) ||
                            (u >= 0x3B1 && u <= 0x3C9 && u != 0x3C2) || (u >= 0x430 && u <= 0x44F);
        bool upper_letter = (u >= 'A' && u <= 'Z') || (u >= 0xC0 && u <= 0xDE && u != 0xD7) ||
                            (u >= 0x391 && u <= 0x3A9) || (u >= 0x410 && u <= 0x42F);
        units[i] = upper && lower_letter    ? (uint16_t)(u - 32)
                   : !upper && upper_letter ? (uint16_t)(u + 32)
                                            : u;
        from[i] = i;
    }
    return from && s.n ? text_mapped(m->t, s, units, from, s.n) : (struct text){ 0 };
}

static struct js_value cased(struct js *m, struct js_value self, bool upper)
{
    struct text s;
    struct js_value u;
    if (!this_text(m, self, &s, &u))
        return u;
    for (uint32_t i = 0; i < s.n; i++) { /* other letters than these change in ways not kept here */
        uint16_t c = text_unit(s, i);
        bool ours = c < 0x100 || (c >= 0x391 && c <= 0x3C9) || (c >= 0x410 && c <= 0x44F) ||
                    (c >= 0x2000 && c != 0x2126 && c < 0x2160) || c >= 0x2E80;
        if ((!ours || c == 0xDF || c == 0xFF || c == 0xB5 || c == 0x3C2 || c == 0x3A3 ||
             c >= 0xFB00) &&
            !text_is_hole(s, i) && c != 0xFFFD)
            return js_unknown(m, "case");
    }
    return js_string(js_case(m, s, upper));
}

static struct js_value to_upper(JS_ARGS)
{
    (void)a, (void)n;
    return cased(m, self, true);
}
static struct js_value to_lower(JS_ARGS)
{
    (void)a, (void)n;
    return cased(m, self, false);
}

static struct js_value trimmed(struct js *m, struct js_value self, bool start, bool end)
{
    struct text s;
    struct js_value u;
    if (!this_text(m, self, &s, &u))
        return u;
    uint32_t from = 0, to = s.n;
    while (start && from < to && js_is_space(text_unit(s, from)) && !text_is_hole(s, from))
        from++;
    while (end && to > from && js_is_space(text_unit(s, to - 1)) && !text_is_hole(s, to - 1))
        to--;
    return js_string(text_sub(s, from, to - from));
}

static struct js_value trim(JS_ARGS)
{
    (void)a, (void)n;
    return trimmed(m, self, true, true);
}
static struct js_value trim_start(JS_ARGS)
{
    (void)a, (void)n;
    return trimmed(m, self, true, false);
}
static struct js_value trim_end(JS_ARGS)
{
    (void)a, (void)n;
    return trimmed(m, self, false, true);
}

static struct text repeated(struct js *m, struct text s, double times)
{
    struct text out = { 0 };
    for (double i = 0; i < times && s.n && js_step(m, 1 + s.n / 32) && !m->t->full; i++)
        out = text_join(m->t, out, s);
    return out;
}

static struct js_value repeat(JS_ARGS)
{
    struct text s;
    struct js_value u;
    double times;
    if (!this_text(m, self, &s, &u))
        return u;
    if (!js_int(m, js_arg(a, n, 0), 0, &times))
        return unknown_arg(m, a, n);
    if (times < 0 || isinf(times)) {
        js_throw(m, A_RangeError, "Invalid count value");
        return js_undefined();
    }
    if (times * s.n > 4 << 20)
        return js_unknown(m, "repeat");
    return js_string(repeated(m, s, times));
}

static struct js_value padded(struct js *m, struct js_value self, const struct js_value *a,
                              uint32_t n, bool start)
{
    THIS_KNOWN(s)
    struct text fill = js_cstr(m, " ").s;
    double to;
    if ((n > 1 && a[1].kind != JS_UNDEFINED && !text_arg(m, a[1], &fill)) ||
        !js_int(m, js_arg(a, n, 0), 0, &to) || to > 1 << 20)
        return unknown_arg(m, a, n);
    if (to <= s.n || fill.n == 0)
        return js_string(s);
    uint32_t room = (uint32_t)to - s.n;
    struct text pad = text_sub(repeated(m, fill, room / fill.n + 1), 0, room);
    return js_string(start ? text_join(m->t, pad, s) : text_join(m->t, s, pad));
}

static struct js_value pad_start(JS_ARGS)
{
    return padded(m, self, a, n, true);
}
static struct js_value pad_end(JS_ARGS)
{
    return padded(m, self, a, n, false);
}

static struct js_value concat(JS_ARGS)
{
    struct text s;
    struct js_value u;
    if (!this_text(m, self, &s, &u))
        return u;
    for (uint32_t i = 0; i < n && !JS_HALT(m); i++)
        s = text_join(m->t, s, js_text(m, a[i]));
    return js_string(s);
}

static struct js_value locale_compare(JS_ARGS)
{
    THIS_KNOWN(s)
    struct text other;
    if (text_arg(m, js_arg(a, n, 0), &other) && text_eq(s, other))
        return js_number(0);
    return js_unknown(m, "localeCompare");
}

static struct js_value string_call(JS_ARGS)
{
    (void)self;
    struct js_value v = n ? js_to_string(m, a[0]) : js_string((struct text){ 0 });
    return v.kind == JS_UNKNOWN ? js_string(text_hole(m->t, v.mark)) : v;
}

/* B.2.3.2 CreateHTML */
static struct js_value html(struct js *m, struct js_value self, const char *tag,
                            const char *attribute, struct js_value value)
{
    struct text s = js_text(m, self), out = text_join(m->t, js_cstr(m, "<").s, js_cstr(m, tag).s);
    if (attribute) {
        out = text_join(m->t, text_join(m->t, out, js_cstr(m, attribute).s), js_cstr(m, "=\"").s);
        out = text_join(m->t, text_join(m->t, out, js_text(m, value)), js_cstr(m, "\"").s);
    }
    out = text_join(m->t, text_join(m->t, out, js_cstr(m, ">").s), s);
    out = text_join(m->t, text_join(m->t, out, js_cstr(m, "</").s),
                    text_join(m->t, js_cstr(m, tag).s, js_cstr(m, ">").s));
    return m->place == PLACE_HOST ? js_unknown(m, "HTML method")
                                  : js_string(out); /* capitals there */
}

static struct js_value italics(JS_ARGS)
{
    (void)a, (void)n;
    return html(m, self, "i", NULL, js_undefined());
}
static struct js_value bold(JS_ARGS)
{
    (void)a, (void)n;
    return html(m, self, "b", NULL, js_undefined());
}
static struct js_value fontcolor(JS_ARGS)
{
    return html(m, self, "font", " color", js_arg(a, n, 0));
}
static struct js_value link(JS_ARGS)
{
    return html(m, self, "a", " href", js_arg(a, n, 0));
}

const struct js_builtin js_builtins_string[] = {
    { O_STRING, A_charAt, char_at, 1, 0 },
    { O_STRING, A_charCodeAt, char_code_at, 1, 0 },
    { O_STRING, A_codePointAt, code_point_at, 1, 0 },
    { O_STRING, A_at, at, 1, 0 },
    { O_STRING, A_substring, substring, 2, 0 },
    { O_STRING, A_substr, substr, 2, 0 },
    { O_STRING, A_slice, slice_of_text, 2, 0 },
    { O_STRING, A_indexOf, index_of, 1, 0 },
    { O_STRING, A_lastIndexOf, last_index_of, 1, 0 },
    { O_STRING, A_includes, includes, 1, 0 },
    { O_STRING, A_startsWith, starts_with, 1, 0 },
    { O_STRING, A_endsWith, ends_with, 1, 0 },
    { O_STRING, A_split, split, 2, 0 },
    { O_STRING, A_replace, replace, 2, 0 },
    { O_STRING, A_replaceAll, replace_all, 2, 0 },
    { O_STRING, A_match, match, 1, 0 },
    { O_STRING, A_matchAll, match_all, 1, 0 },
    { O_STRING, A_search, search, 1, 0 },
    { O_STRING, A_toUpperCase, to_upper, 0, 0 },
    { O_STRING, A_toLowerCase, to_lower, 0, 0 },
    { O_STRING, A_toLocaleUpperCase, to_upper, 0, 0 },
    { O_STRING, A_toLocaleLowerCase, to_lower, 0, 0 },
    { O_STRING, A_trim, trim, 0, 0 },
    { O_STRING, A_trimStart, trim_start, 0, 0 },
    { O_STRING, A_trimEnd, trim_end, 0, 0 },
    { O_STRING, A_trimLeft, trim_start, 0, 0 },
    { O_STRING, A_trimRight, trim_end, 0, 0 },
    { O_STRING, A_repeat, repeat, 1, 0 },
    { O_STRING, A_padStart, pad_start, 2, 0 },
    { O_STRING, A_padEnd, pad_end, 2, 0 },
    { O_STRING, A_concat, concat, 1, 0 },
    { O_STRING, A_localeCompare, locale_compare, 1, 0 },
    { O_STRING, A_italics, italics, 0, 0 },
    { O_STRING, A_bold, bold, 0, 0 },
    { O_STRING, A_fontcolor, fontcolor, 1, 0 },
    { O_STRING, A_link, link, 1, 0 },
    { O_STRING_CLASS, A_fromCharCode, from_char_code, 1, 0 },
    { O_STRING_CLASS, A_fromCodePoint, from_code_point, 1, 0 },
    { O_GLOBAL, A_String, string_call, 1, BUILTIN_CLASS },
    { 0 },
};
