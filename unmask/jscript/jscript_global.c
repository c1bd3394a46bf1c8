/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the global object: escapes (ECMA-262 19.2.6, B.2.1), base64 (HTML 8.3), eval,
 * timers, and what the script host has beside the language. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

/* --- bytes of values */

bool js_binary_text(struct js *m, struct text s, slice *out)
{
    uint8_t *bytes = js_step(m, s.n / 16) ? arena_get(m->mem, (size_t)s.n + 1, 1) : NULL;
    if (!bytes || !text_known(s))
        return false;
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u > 0xFF)
            return false;
        bytes[i] = (uint8_t)u;
    }
    *out = (slice){ bytes, s.n };
    return true;
}

bool js_bytes(struct js *m, struct js_value v, slice *out)
{
    if (v.kind == JS_UNKNOWN && v.o)
        v = js_of(v.o);
    if (v.kind == JS_STRING && text_known(v.s)) {
        *out = text_utf8(m->t, v.s);
        return true;
    }
    if (v.kind != JS_OBJECT)
        return false;
    if (v.o->class_ == C_BYTES) {
        uint32_t width = v.o->atom == A_Uint32Array || v.o->atom == A_Int32Array   ? 4
                         : v.o->atom == A_Uint16Array || v.o->atom == A_Int16Array ? 2
                                                                                   : 1;
        *out = (slice){ v.o->data, (size_t)v.o->id * width };
        return v.o->data != NULL;
    }
    if (v.o->class_ == C_HOST && v.o->v.kind == JS_OBJECT && v.o->v.o->class_ == C_BYTES)
        return js_bytes(m, v.o->v, out);
    return false;
}

/* --- escapes */

static int hex_at(struct text s, uint32_t at, unsigned digits)
{
    int code = 0;
    for (unsigned i = 0; i < digits; i++) {
        uint16_t u = text_unit(s, at + i);
        int h = u < 0x80 ? ascii_hex((uint8_t)u) : -1;
        if (h < 0)
            return -1;
        code = code << 4 | h;
    }
    return code;
}

struct js_value js_unescape(struct js *m, struct text s)
{
    uint16_t *units = js_step(m, s.n / 16) ? ARENA_ARRAY(m->mem, uint16_t, s.n + 1) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(m->mem, uint32_t, s.n + 1) : NULL, n = 0;
    for (uint32_t i = 0; from && i < s.n; n++) {
        int code = -1;
        uint32_t used = 1;
        if (text_unit(s, i) == '%' && text_unit(s, i + 1) == 'u' &&
            (code = hex_at(s, i + 2, 4)) >= 0)
            used = 6;
        else if (text_unit(s, i) == '%' && (code = hex_at(s, i + 1, 2)) >= 0)
            used = 3;
        units[n] = code >= 0 ? (uint16_t)code : text_unit(s, i);
        from[n] = i;
        i += used;
    }
    return from ? js_string(n ? text_mapped(m->t, s, units, from, n) : (struct text){ 0 })
                : js_unknown(m, "memory");
}

static bool one_text(struct js *m, const struct js_value *a, uint32_t n, struct js_value *v)
{
    *v = js_to_string(m, js_arg(a, n, 0));
    return v->kind == JS_STRING && text_known(v->s) && !JS_HALT(m);
}

static struct js_value unescape(JS_ARGS)
{
    (void)self;
    struct js_value v;
    return one_text(m, a, n, &v) ? js_unescape(m, v.s) : js_unknown_like(v);
}

static bool is_of(uint16_t u, const char *set)
{
    for (; *set; set++)
        if (u == (uint16_t)(uint8_t)*set)
            return true;
    return u < 0x80 && ascii_alnum((uint8_t)u);
}

static struct text percent(struct js *m, uint32_t byte, bool wide, text_mark mark)
{
    static const char digits[] = "0123456789ABCDEF";
    uint16_t u[6] = { '%', 'u' };
    uint32_t k = 1;
    if (wide) {
        k = 2;
        u[k++] = (uint16_t)digits[byte >> 12 & 15];
        u[k++] = (uint16_t)digits[byte >> 8 & 15];
    }
    u[k++] = (uint16_t)digits[byte >> 4 & 15];
    u[k++] = (uint16_t)digits[byte & 15];
    return text_of_units(m->t, u, k, mark);
}

static struct js_value escape(JS_ARGS)
{
    (void)self;
    struct js_value v;
    struct text out = { 0 };
    if (!one_text(m, a, n, &v))
        return js_unknown_like(v);
    for (uint32_t i = 0; i < v.s.n && js_step(m, 1); i++) {
        uint16_t u = text_unit(v.s, i);
        out = text_join(m->t, out,
                        is_of(u, "@*_+-./") ? text_sub(v.s, i, 1)
                                            : percent(m, u, u > 0xFF, text_mark_at(v.s, i)));
    }
    return js_string(out);
}

static struct js_value encoded(struct js *m, const struct js_value *a, uint32_t n, const char *kept)
{
    struct js_value v;
    struct text out = { 0 };
    if (!one_text(m, a, n, &v))
        return js_unknown_like(v);
    for (uint32_t i = 0; i < v.s.n && js_step(m, 1); i++) {
        uint16_t u = text_unit(v.s, i);
        if (is_of(u, kept)) {
            out = text_join(m->t, out, text_sub(v.s, i, 1));
            continue;
        }
        bool pair = (u & 0xFC00) == 0xD800 && (text_unit(v.s, i + 1) & 0xFC00) == 0xDC00;
        if ((u & 0xF800) == 0xD800 && !pair) {
            js_throw(m, A_URIError, "URI malformed");
            return js_undefined();
        }
        slice bytes = text_utf8(m->t, text_sub(v.s, i, pair ? 2 : 1));
        for (size_t k = 0; k < bytes.len; k++)
            out = text_join(m->t, out, percent(m, bytes.at[k], false, text_mark_at(v.s, i)));
        i += pair;
    }
    return js_string(out);
}

static struct js_value encode_component(JS_ARGS)
{
    (void)self;
    return encoded(m, a, n, "-_.!~*'()");
}
static struct js_value encode_uri(JS_ARGS)
{
    (void)self;
    return encoded(m, a, n, "-_.!~*'();/?:@&=+$,#");
}

/* 19.2.6.1 Decode; `reserved` stays as it is written. */
static struct js_value decoded(struct js *m, const struct js_value *a, uint32_t n,
                               const char *reserved)
{
    struct js_value v;
    if (!one_text(m, a, n, &v))
        return js_unknown_like(v);
    uint16_t *units = js_step(m, v.s.n / 8) ? ARENA_ARRAY(m->mem, uint16_t, v.s.n + 1) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(m->mem, uint32_t, v.s.n + 1) : NULL, k = 0;
    for (uint32_t i = 0; from && i < v.s.n;) {
        uint8_t bytes[4];
        uint32_t start = i;
        if (text_unit(v.s, i) != '%') {
            units[k] = text_unit(v.s, i);
            from[k++] = i++;
            continue;
        }
        int first = hex_at(v.s, i + 1, 2), need = first < 0x80                    ? 1
                                                  : first >= 0xC2 && first < 0xE0 ? 2
                                                  : first >= 0xE0 && first < 0xF0 ? 3
                                                  : first >= 0xF0 && first < 0xF5 ? 4
                                                                                  : 0;
        int have = 0;
        for (; first >= 0 && have < need; have++, i += 3) {
            int byte = text_unit(v.s, i) == '%' ? hex_at(v.s, i + 1, 2) : -1;
            if (byte < 0)
                break;
            bytes[have] = (uint8_t)byte;
        }
        slice utf8 = { bytes, (size_t)have };
        if (first < 0 || have < need || need == 0 || !utf8_valid(utf8)) {
            js_throw(m, A_URIError, "URI malformed");
            return js_undefined();
        }
        size_t pos = 0;
        uint32_t code = utf8_next(utf8, &pos);
        bool keeps = false;
        for (const char *r = reserved; *r; r++)
            keeps = keeps || code == (uint32_t)(uint8_t)*r;
        if (keeps) {
            for (uint32_t c = start; c < i; c++) {
                units[k] = text_unit(v.s, c);
                from[k++] = c;
            }
            continue;
        }
        if (code >= 0x10000) {
            units[k] = (uint16_t)(0xD7C0 + (code >> 10));
            from[k++] = start;
            code = 0xDC00 | (code & 0x3FF);
        }
        units[k] = (uint16_t)code;
        from[k++] = start;
    }
    return from ? js_string(k ? text_mapped(m->t, v.s, units, from, k) : (struct text){ 0 })
                : js_unknown(m, "memory");
}

static struct js_value decode_component(JS_ARGS)
{
    (void)self;
    return decoded(m, a, n, "");
}
static struct js_value decode_uri(JS_ARGS)
{
    (void)self;
    return decoded(m, a, n, ";/?:@&=+$,#");
}

/* --- base64: blanks are skipped; what is not of the alphabet throws */

static int base64_digit(uint16_t u)
{
    return u >= 'A' && u <= 'Z'   ? u - 'A'
           : u >= 'a' && u <= 'z' ? u - 'a' + 26
           : u >= '0' && u <= '9' ? u - '0' + 52
           : u == '+'             ? 62
           : u == '/'             ? 63
                                  : -1;
}

static struct js_value atob(JS_ARGS)
{
    (void)self;
    struct js_value v;
    if (!one_text(m, a, n, &v))
        return js_unknown_like(v);
    uint16_t *units = js_step(m, v.s.n / 16) ? ARENA_ARRAY(m->mem, uint16_t, v.s.n + 4) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(m->mem, uint32_t, v.s.n + 4) : NULL, k = 0, bits = 0,
             held = 0, digits = 0, pads = 0;
    bool bad = false;
    for (uint32_t i = 0; from && i < v.s.n; i++) {
        uint16_t u = text_unit(v.s, i);
        int d = base64_digit(u);
        if (js_is_space(u) && u < 0x21)
            continue;
        if (u == '=') {
            pads++;
            continue;
        }
        bad = bad || d < 0 || pads;
        held = held << 6 | (uint32_t)(d & 63);
        bits += 6;
        digits++;
        if (bits >= 8) {
            bits -= 8;
            units[k] = (uint16_t)(held >> bits & 0xFF);
            from[k++] = i;
        }
    }
    bad = bad || digits % 4 == 1 || pads > 2 || (pads && (digits + pads) % 4);
    if (bad) {
        js_throw(m, A_Error, "InvalidCharacterError");
        return js_undefined();
    }
    return from ? js_string(k ? text_mapped(m->t, v.s, units, from, k) : (struct text){ 0 })
                : js_unknown(m, "memory");
}

static struct js_value btoa(JS_ARGS)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)self;
    struct js_value v;
    slice in;
    if (!one_text(m, a, n, &v))
        return js_unknown_like(v);
    if (!js_binary_text(m, v.s, &in)) {
        js_throw(m, A_Error, "InvalidCharacterError");
        return js_undefined();
    }
    size_t room = in.len / 3 * 4 + 8, k = 0;
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, room);
    uint32_t *from = units ? ARENA_ARRAY(m->mem, uint32_t, room) : NULL;
    for (size_t i = 0; from && i < in.len; i += 3) {
        uint32_t w = (uint32_t)in.at[i] << 16 | (i + 1 < in.len ? (uint32_t)in.at[i + 1] << 8 : 0) |
                     (i + 2 < in.len ? in.at[i + 2] : 0);
        for (unsigned c = 0; c < 4; c++) {
            units[k] = i + c > in.len ? '=' : (uint16_t)digits[w >> (18 - 6 * c) & 63];
            from[k++] = (uint32_t)i;
        }
    }
    return from && k ? js_string(text_mapped(m->t, v.s, units, from, k))
                     : js_string((struct text){ 0 });
}

/* --- eval and timers */

static struct js_value eval(JS_ARGS)
{
    (void)self;
    return js_eval_text(m, js_arg(a, n, 0), m->global);
}

static struct js_value exec_script(JS_ARGS)
{
    (void)self;
    if (n > 1 && text_find(js_text(m, a[1]), js_cstr(m, "vb").s, 0, true) != UINT32_MAX) {
        js_hand_on(m, "vbscript", js_text(m, a[0]));
        return js_undefined();
    }
    return js_eval_text(m, js_arg(a, n, 0), m->global);
}

struct js_value js_later(struct js *m, struct js_value f, bool maybe)
{
    if (f.kind == JS_UNKNOWN || (f.kind == JS_OBJECT && !js_is_callable(f)) || f.kind <= JS_NULL)
        return js_undefined();
    for (uint32_t i = 0; i < m->n_called; i++)
        if (f.kind == JS_OBJECT && m->called[i].kind == JS_OBJECT && m->called[i].o == f.o)
            return js_number(i);
    if (m->n_called < JS_LATER_MAX) {
        m->called_maybe[m->n_called] = maybe || m->maybe;
        m->called[m->n_called++] = f;
    }
    return js_number(m->n_called);
}

static struct js_value set_timer(JS_ARGS)
{
    (void)self;
    return js_later(m, js_arg(a, n, 0), false);
}
static struct js_value nothing(JS_ARGS)
{
    (void)m, (void)self, (void)a, (void)n;
    return js_undefined();
}

static struct js_value message(JS_ARGS)
{
    (void)self;
    struct unmask_argument said[] = { { "text", js_text(m, js_arg(a, n, 0)) } };
    js_say(m, EFFECT_MESSAGE, "alert", said, 1);
    return js_unknown(m, "answer");
}

static struct js_value engine_name(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_cstr(m, "JScript");
}
static struct js_value engine_version(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_number(m->place == PLACE_HOST ? 5 : 11);
}
static struct js_value engine_minor(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return m->place == PLACE_HOST ? js_number(8) : js_unknown(m, "version");
}
static struct js_value build(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "version");
}
static struct js_value undefined_value(JS_ARGS)
{
    (void)m, (void)self, (void)a, (void)n;
    return js_undefined();
}

static struct js_value active_x(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    return JS_HALT(m) ? js_undefined() : js_host_new(m, js_text(m, v));
}

static struct js_value global_this(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_of(m->global);
}

static struct js_value url_class(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "URL");
}

static struct js_value create_url(JS_ARGS)
{
    (void)self;
    struct js_value v = js_unknown(m, "blob URL");
    if (js_arg(a, n, 0).kind == JS_OBJECT)
        v.o = a[0].o;
    v.download = js_arg(a, n, 0).kind == JS_UNKNOWN ? a[0].download : 0;
    return v;
}

static struct js_value symbol(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    struct js_object *o = js_object_new(m, C_SYMBOL, O_NONE);
    if (!o)
        return js_undefined();
    uint16_t units[4] = { 0xFFFF, (uint16_t)(m->n_atoms >> 16), (uint16_t)m->n_atoms, 0xFFFE };
    o->atom = js_atom_units(m, units, 4);
    return js_of(o);
}

const struct js_builtin js_builtins_global[] = {
    { O_GLOBAL, A_escape, escape, 1, 0 },
    { O_GLOBAL, A_unescape, unescape, 1, 0 },
    { O_GLOBAL, A_encodeURIComponent, encode_component, 1, 0 },
    { O_GLOBAL, A_encodeURI, encode_uri, 1, 0 },
    { O_GLOBAL, A_decodeURIComponent, decode_component, 1, 0 },
    { O_GLOBAL, A_decodeURI, decode_uri, 1, 0 },
    { O_GLOBAL, A_eval, eval, 1, 0 },
    { O_GLOBAL, A_undefined, undefined_value, 0, BUILTIN_VALUE },
    { O_GLOBAL, A_Symbol, symbol, 0, BUILTIN_CLASS },
    { O_SYMBOL, A_iterator, symbol, 0, BUILTIN_VALUE },
    { O_GLOBAL, A_ActiveXObject, active_x, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_ScriptEngine, engine_name, 0, 0 },
    { O_GLOBAL, A_ScriptEngineMajorVersion, engine_version, 0, 0 },
    { O_GLOBAL, A_ScriptEngineMinorVersion, engine_minor, 0, 0 },
    { O_GLOBAL, A_ScriptEngineBuildVersion, build, 0, 0 },
    { O_GLOBAL, A_CollectGarbage, nothing, 0, 0 },
    { O_NONE, A_atob, atob, 1, 0 },
    { O_NONE, A_btoa, btoa, 1, 0 },
    { O_NONE, A_setTimeout, set_timer, 2, 0 },
    { O_NONE, A_setInterval, set_timer, 2, 0 },
    { O_NONE, A_setImmediate, set_timer, 1, 0 },
    { O_NONE, A_requestAnimationFrame, set_timer, 1, 0 },
    { O_NONE, A_queueMicrotask, set_timer, 1, 0 },
    { O_NONE, A_clearTimeout, nothing, 1, 0 },
    { O_NONE, A_clearInterval, nothing, 1, 0 },
    { O_NONE, A_execScript, exec_script, 2, 0 },
    { O_NONE, A_alert, message, 1, 0 },
    { O_NONE, A_confirm, message, 1, 0 },
    { O_NONE, A_prompt, message, 2, 0 },
    { O_NONE, A_globalThis, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_window, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_self, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_top, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_parent, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_frames, global_this, 0, BUILTIN_VALUE },
    { O_NONE, A_URL, url_class, 1, BUILTIN_CLASS },
    { O_NONE, A_Blob, url_class, 2, BUILTIN_CLASS },
    { O_NONE, A_File, url_class, 3, BUILTIN_CLASS },
    { O_NONE, A_FileReader, url_class, 0, BUILTIN_CLASS },
    { O_NONE, A_XMLHttpRequest, url_class, 0, BUILTIN_CLASS },
    { O_NONE, A_Image, url_class, 2, BUILTIN_CLASS },
    { O_URL_CLASS, A_createObjectURL, create_url, 1, 0 },
    { O_URL_CLASS, A_revokeObjectURL, nothing, 1, 0 },
    { 0 },
};

/* What only pages have (and, in part, Acrobat): rows of no owner. */
bool js_page_builtin(struct js *m, uint32_t atom, struct js_value *out)
{
    for (uint32_t i = 0; js_builtins_global[i].atom; i++) {
        const struct js_builtin *row = &js_builtins_global[i];
        if (row->owner != O_NONE || row->atom != atom)
            continue;
        *out = row->flags & BUILTIN_VALUE ? row->call(m, js_undefined(), NULL, 0)
                                          : js_builtin(m, 5u << 16 | i);
        return true;
    }
    return false;
}
