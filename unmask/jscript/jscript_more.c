/* SPDX-License-Identifier: Apache-2.0 */
/* RegExp's methods, JSON, Date, Promise, Map and Set, arrays of bytes, TextDecoder, Enumerator.
 *
 * The time is not known; what a script sets in a Date is (droppers read it back to see whether
 * they are being emulated). Bytes are not taken back where ways part: what was written on one way
 * only makes the array unknown. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

/* --- RegExp */

static struct js_value regexp_call(JS_ARGS)
{
    (void)self;
    struct js_value v = js_arg(a, n, 0), flags = n > 1 && a[1].kind != JS_UNDEFINED
                                                     ? js_to_string(m, a[1])
                                                     : js_string((struct text){ 0 });
    if (v.kind == JS_OBJECT && v.o->class_ == C_REGEXP && n < 2)
        return v;
    if (v.kind == JS_OBJECT && v.o->class_ == C_REGEXP)
        v = v.o->v;
    v = v.kind == JS_UNDEFINED ? js_cstr(m, "(?:)") : js_to_string(m, v);
    return v.kind == JS_STRING && flags.kind == JS_STRING ? js_regexp_new(m, v.s, flags.s)
                                                          : js_unknown(m, "RegExp");
}

static int exec_at(struct js *m, struct js_object *r, struct text s, struct js_match *out)
{
    bool stateful = js_regexp_flag(r, 'g') || js_regexp_flag(r, 'y');
    double from = 0;
    if (stateful && !js_int(m, js_get(m, js_of(r), A_lastIndex), 0, &from))
        return -1;
    int found = from < 0 || from > s.n ? 0 : js_regexp_find(m, r, s, (uint32_t)from, out);
    if (stateful && found >= 0)
        js_set(m, js_of(r), A_lastIndex, js_number(found ? out->to[0] : 0));
    return found;
}

static struct js_value regexp_exec(JS_ARGS)
{
    struct js_match r;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    if (self.kind != JS_OBJECT || self.o->class_ != C_REGEXP || v.kind != JS_STRING)
        return js_unknown_like(v);
    int found = exec_at(m, self.o, v.s, &r);
    if (found < 0)
        return js_unknown(m, "RegExp");
    if (!found)
        return (struct js_value){ .kind = JS_NULL };
    struct js_object *out = js_array_new(m, 0), *groups = NULL;
    for (uint32_t k = 0; out && k < r.n; k++) {
        struct js_value part =
            r.from[k] == UINT32_MAX
                ? (m->place == PLACE_HOST ? js_string((struct text){ 0 }) : js_undefined())
                : js_string(text_sub(v.s, r.from[k], r.to[k] - r.from[k]));
        (void)js_item_write(m, out, k, part);
        slice name = js_regexp_group_name(self.o, k);
        if (name.len && (groups || (groups = js_object_new(m, C_OBJECT, O_OBJECT))))
            js_define(m, groups, js_atom(m, text_of(m->t, name, TEXT_NOWHERE)), part, 0);
    }
    js_define(m, out, A_index, js_number(r.from[0]), 0);
    js_define(m, out, A_input, v, 0);
    js_define(m, out, A_groups, js_of(groups), 0);
    return js_of(out);
}

static struct js_value regexp_test(JS_ARGS)
{
    struct js_match r;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    if (self.kind != JS_OBJECT || self.o->class_ != C_REGEXP || v.kind != JS_STRING)
        return js_unknown_like(v.kind == JS_UNKNOWN ? v : self);
    int found = exec_at(m, self.o, v.s, &r);
    return found < 0 ? js_unknown_like(v) : js_bool(found);
}

static struct js_value regexp_to_string(JS_ARGS)
{
    (void)a, (void)n;
    if (self.kind != JS_OBJECT || self.o->class_ != C_REGEXP)
        return js_unknown(m, "RegExp");
    struct text s =
        text_join(m->t, text_join(m->t, js_cstr(m, "/").s, self.o->v.s), js_cstr(m, "/").s);
    static const char flags[] = "gimy";
    for (unsigned i = 0; i < 4; i++)
        if (js_regexp_flag(self.o, flags[i]))
            s = text_join(m->t, s, text_of_unit(m->t, (uint16_t)flags[i], TEXT_NOWHERE));
    return js_string(s);
}

/* --- JSON.parse (25.5.1); what is not JSON gives unknown */

struct json {
    struct js *m;
    struct text s;
    uint32_t at, depth;
    bool bad;
};

static void json_blanks(struct json *j)
{
    while (j->at < j->s.n && js_is_space(text_unit(j->s, j->at)))
        j->at++;
}

static struct text json_string(struct json *j)
{
    struct text out = { 0 };
    uint32_t from = ++j->at;
    while (j->at < j->s.n && text_unit(j->s, j->at) != '"' && js_step(j->m, 0)) {
        if (text_unit(j->s, j->at) != '\\') {
            j->at++;
            continue;
        }
        static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
        uint16_t c = text_unit(j->s, j->at + 1), put = c;
        out = text_join(j->m->t, out, text_sub(j->s, from, j->at - from));
        uint32_t used = 2;
        for (unsigned i = 0; i < 5; i++)
            if (c == (uint16_t)names[i])
                put = (uint16_t)values[i];
        if (c == 'u') {
            put = 0;
            for (uint32_t i = 2; i < 6; i++) {
                uint16_t u = text_unit(j->s, j->at + i);
                int h = u < 0x80 ? ascii_hex((uint8_t)u) : -1;
                j->bad = j->bad || h < 0;
                put = (uint16_t)(put << 4 | (h & 15));
            }
            used = 6;
        }
        out = text_join(j->m->t, out, text_of_unit(j->m->t, put, text_mark_at(j->s, j->at)));
        j->at += used;
        from = j->at;
    }
    out = text_join(j->m->t, out, text_sub(j->s, from, j->at - from));
    j->bad = j->bad || j->at >= j->s.n;
    j->at++;
    return out;
}

static struct js_value json_value(struct json *j);

static struct js_value json_container(struct json *j, bool array)
{
    struct js_object *o = array ? js_array_new(j->m, 0) : js_object_new(j->m, C_OBJECT, O_OBJECT);
    uint16_t end = array ? ']' : '}';
    j->at++;
    json_blanks(j);
    if (!o || ++j->depth > 100) {
        j->bad = j->m->limited = true;
        return js_undefined();
    }
    while (!j->bad && text_unit(j->s, j->at) != end && js_step(j->m, 1)) {
        uint32_t key = A_NONE;
        json_blanks(j);
        if (!array) {
            j->bad = text_unit(j->s, j->at) != '"';
            key = j->bad ? A_NONE : js_atom(j->m, json_string(j));
            json_blanks(j);
            j->bad = j->bad || text_unit(j->s, j->at++) != ':';
        }
        struct js_value v = j->bad ? js_undefined() : json_value(j);
        if (array)
            (void)js_item_write(j->m, o, o->n_items, v);
        else
            js_define(j->m, o, key, v, 0);
        json_blanks(j);
        if (text_unit(j->s, j->at) != ',')
            break;
        j->at++;
        json_blanks(j);
    }
    j->bad = j->bad || text_unit(j->s, j->at) != end;
    j->at++;
    j->depth--;
    return js_of(o);
}

static struct js_value json_value(struct json *j)
{
    static const struct {
        const char *word;
        struct js_value v;
    } words[] = { { "true", { .kind = JS_BOOL, .b = true } },
                  { "false", { .kind = JS_BOOL } },
                  { "null", { .kind = JS_NULL } } };
    json_blanks(j);
    uint16_t u = text_unit(j->s, j->at);
    if (u == '"')
        return js_string(json_string(j));
    if (u == '[' || u == '{')
        return json_container(j, u == '[');
    for (unsigned i = 0; i < 3; i++) {
        uint32_t len = 0;
        while (words[i].word[len] && text_unit(j->s, j->at + len) == (uint16_t)words[i].word[len])
            len++;
        if (!words[i].word[len]) {
            j->at += len;
            return words[i].v;
        }
    }
    uint16_t units[64];
    uint32_t k = 0;
    while (k < 63 && ((text_unit(j->s, j->at) >= '0' && text_unit(j->s, j->at) <= '9') ||
                      text_unit(j->s, j->at) == '-' || text_unit(j->s, j->at) == '+' ||
                      text_unit(j->s, j->at) == '.' || (text_unit(j->s, j->at) | 32) == 'e'))
        units[k++] = text_unit(j->s, j->at++);
    double d = js_digits(units, k);
    j->bad = j->bad || isnan(d);
    return js_number(d);
}

struct js_value js_parse_json(struct js *m, struct text s)
{
    struct json j = { .m = m, .s = s };
    if (!text_known(s) || !js_step(m, s.n / 8))
        return js_unknown_like(js_string(s));
    struct js_value v = json_value(&j);
    json_blanks(&j);
    if (j.bad || j.at < s.n) {
        js_throw(m, A_SyntaxError, "JSON");
        return js_undefined();
    }
    return v;
}

static struct js_value json_parse(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    return v.kind == JS_STRING ? js_parse_json(m, v.s) : v;
}

static struct js_value json_stringify(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "JSON.stringify");
}

static struct js_value json_object(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT);
    if (o)
        o->owner = O_JSON;
    return js_of(o);
}

/* --- Promise */

struct js_value js_then(struct js *m, struct js_value v)
{
    struct js_object *o = js_object_new(m, C_PROMISE, O_PROMISE);
    if (!o)
        return js_undefined();
    o->v = js_settled(v);
    return js_of(o);
}

struct js_value js_settled(struct js_value v)
{
    for (unsigned i = 0; i < 20 && v.kind == JS_OBJECT && v.o->class_ == C_PROMISE; i++)
        v = v.o->v;
    return v;
}

static struct js_value promise_then(JS_ARGS)
{
    struct js_value v = js_settled(self);
    if (!js_is_callable(js_arg(a, n, 0)))
        return self;
    return js_then(m, js_call(m, a[0], js_undefined(), &v, 1));
}

static struct js_value promise_catch(JS_ARGS)
{
    struct js_value v = js_unknown(m, "error");
    js_call_open(m, js_arg(a, n, 0), &v, 1);
    return self;
}

static struct js_value promise_finally(JS_ARGS)
{
    (void)js_call(m, js_arg(a, n, 0), js_undefined(), NULL, 0);
    return self;
}

static struct js_value promise_resolve(JS_ARGS)
{
    (void)self;
    return js_then(m, js_arg(a, n, 0));
}

static struct js_value promise_all(JS_ARGS)
{
    (void)self;
    struct js_object *list, *out = js_array_new(m, 0);
    if (!out || !js_list(m, js_arg(a, n, 0), &list))
        return js_then(m, js_unknown(m, "Promise"));
    for (uint32_t i = 0; i < list->n_items && js_step(m, 1); i++)
        (void)js_item_write(m, out, i, js_settled(js_item(js_of(list), i)));
    return js_then(m, js_of(out));
}

/* --- Map and Set: entries in order, looked for one after the other */

static struct js_object *entries_of(struct js_value self)
{
    return self.kind == JS_OBJECT && self.o->class_ == C_MAP && self.o->v.kind == JS_OBJECT &&
                   !self.o->fogged
               ? self.o->v.o
               : NULL;
}

static uint32_t entry_at(struct js *m, const struct js_object *list, struct js_value key,
                         bool pairs)
{
    for (uint32_t i = 0; i < list->n_items && js_step(m, 1); i++)
        if (js_same(pairs ? js_item(list->items[i], 0) : list->items[i], key) == 1)
            return i;
    return UINT32_MAX;
}

static struct js_value map_set(JS_ARGS)
{
    struct js_object *list = entries_of(self), *pair = js_array_new(m, 2);
    if (list && pair) {
        (void)js_item_write(m, pair, 0, js_arg(a, n, 0));
        (void)js_item_write(m, pair, 1, js_arg(a, n, 1));
        uint32_t i = entry_at(m, list, js_arg(a, n, 0), true);
        (void)js_item_write(m, list, i == UINT32_MAX ? list->n_items : i, js_of(pair));
    }
    return self;
}

static struct js_value map_get(JS_ARGS)
{
    struct js_object *list = entries_of(self);
    if (!list || js_arg(a, n, 0).kind == JS_UNKNOWN)
        return js_unknown(m, "Map");
    uint32_t i = entry_at(m, list, js_arg(a, n, 0), true);
    return i == UINT32_MAX ? js_undefined() : js_item(list->items[i], 1);
}

static struct js_value map_has(JS_ARGS)
{
    struct js_object *list = entries_of(self);
    if (!list || js_arg(a, n, 0).kind == JS_UNKNOWN)
        return js_unknown(m, "Map");
    return js_bool(entry_at(m, list, js_arg(a, n, 0), true) != UINT32_MAX ||
                   entry_at(m, list, js_arg(a, n, 0), false) != UINT32_MAX);
}

static struct js_value set_add(JS_ARGS)
{
    struct js_object *list = entries_of(self);
    if (list && entry_at(m, list, js_arg(a, n, 0), false) == UINT32_MAX)
        (void)js_item_write(m, list, list->n_items, js_arg(a, n, 0));
    return self;
}

static struct js_value map_each(JS_ARGS)
{
    struct js_object *list = entries_of(self);
    for (uint32_t i = 0; list && i < list->n_items && js_step(m, 1) && !JS_HALT(m); i++) {
        struct js_value e = list->items[i], given[] = { js_item(e, 1), js_item(e, 0), self };
        if (e.kind != JS_OBJECT)
            given[0] = given[1] = e;
        (void)js_call(m, js_arg(a, n, 0), js_undefined(), given, 3);
    }
    return js_undefined();
}

static struct js_value map_list(JS_ARGS)
{
    (void)a, (void)n;
    struct js_object *list = entries_of(self);
    return list ? js_of(list) : js_unknown(m, "Map");
}

/* --- Date: parts that were set are known */

static const struct {
    const char *name;
    uint8_t parts; /* how many a setter takes */
} date_parts[] = { { "FullYear", 3 },     { "Month", 2 },           { "Date", 1 },
                   { "Hours", 4 },        { "Minutes", 3 },         { "Seconds", 2 },
                   { "Milliseconds", 1 }, { "UTCFullYear", 3 },     { "UTCMonth", 2 },
                   { "UTCDate", 1 },      { "UTCHours", 4 },        { "UTCMinutes", 3 },
                   { "UTCSeconds", 2 },   { "UTCMilliseconds", 1 }, { "Time", 1 },
                   { "Year", 1 } };
static const uint8_t date_least[] = { 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
static const uint16_t date_most[] = { 9999, 11, 28, 23, 59, 59,  999, 9999,
                                      11,   28, 23, 59, 59, 999, 0,   0 };
enum { DATE_PARTS = sizeof date_parts / sizeof date_parts[0] };

struct js_value js_construct_date(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_object *o = js_object_new(m, C_DATE, O_DATE);
    for (uint32_t i = 0; o && n > 1 && i < 7; i++) {
        struct js_value v = i < n ? js_to_number(m, a[i]) : js_number(i == 2);
        if (v.kind == JS_NUMBER && v.d >= date_least[i] && v.d <= date_most[i] && v.d == floor(v.d))
            (void)js_item_write(m, o, i, v);
        else
            (void)js_item_write(m, o, i, js_unknown(m, "Date"));
    }
    if (o && n == 1 && a[0].kind == JS_NUMBER)
        (void)js_item_write(m, o, 14, a[0]);
    return js_of(o);
}

bool js_date_member(struct js *m, uint32_t atom, struct js_value self, const struct js_value *a,
                    uint32_t n, struct js_value *out)
{
    slice name = js_atom_utf8(m, atom);
    bool set = slice_starts(name, SLICE_LIT("set")), get = slice_starts(name, SLICE_LIT("get"));
    *out = js_unknown(m, "Date");
    for (uint32_t i = 0; (set || get) && i < DATE_PARTS; i++) {
        if (!slice_is(slice_from(name, 3), date_parts[i].name))
            continue;
        if (get) {
            struct js_value v = js_item(self, i);
            *out = v.kind == JS_UNDEFINED ? *out : v;
            return true;
        }
        for (uint32_t k = 0; k < 15; k++)
            if (i >= 14 || n == 0)
                (void)js_item_write(m, self.o, k, js_undefined());
        bool plain = true;
        for (uint32_t k = 0; k < date_parts[i].parts && k < n && i + k < DATE_PARTS; k++) {
            struct js_value v = js_to_number(m, a[k]);
            plain = plain && v.kind == JS_NUMBER && v.d == floor(v.d) &&
                    (i >= 14 || (v.d >= date_least[i + k] && v.d <= date_most[i + k]));
            (void)js_item_write(m, self.o, i + k, plain ? v : js_unknown(m, "Date"));
        }
        for (uint32_t k = 0; !plain && k < DATE_PARTS; k++)
            (void)js_item_write(m, self.o, k, js_undefined());
        return true;
    }
    return get || slice_starts(name, SLICE_LIT("to"));
}

static struct js_value date_call(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_string(text_hole(m->t, texts_reason(m->t, SLICE_LIT("Date"))));
}
static struct js_value date_now(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "Date");
}

/* --- bytes: `data` is the memory, `id` the count of elements, `atom` the type */

static uint32_t width_of(const struct js_object *o)
{
    return o->atom == A_Uint32Array || o->atom == A_Int32Array   ? 4
           : o->atom == A_Uint16Array || o->atom == A_Int16Array ? 2
                                                                 : 1;
}

struct js_value js_bytes_new(struct js *m, enum js_word type, slice bytes, bool shared)
{
    struct js_object *o = js_object_new(m, C_BYTES, O_BYTES);
    if (!o)
        return js_undefined();
    o->atom = type;
    o->data = shared ? bytes.at : arena_copy(m->mem, bytes).at;
    o->id = (uint32_t)bytes.len / width_of(o);
    o->room_index = m->forks; /* how many ways were open when it was made */
    if (bytes.len && !o->data)
        o->id = 0;
    return js_of(o);
}

struct js_value js_bytes_get(struct js *m, struct js_object *o, double index)
{
    const uint8_t *p = o->data;
    uint32_t w = width_of(o), v = 0;
    if (o->fogged)
        return js_unknown(m, "bytes");
    if (index < 0 || index >= o->id || o->atom == A_ArrayBuffer)
        return js_undefined();
    p += (size_t)index * w;
    for (uint32_t i = 0; i < w; i++)
        v |= (uint32_t)p[i] << 8 * i;
    switch (o->atom) {
    case A_Int8Array:
        return js_number((int8_t)v);
    case A_Int16Array:
        return js_number((int16_t)v);
    case A_Int32Array:
        return js_number((int32_t)v);
    default:
        return js_number(v);
    }
}

void js_bytes_set(struct js *m, struct js_object *o, double index, struct js_value v)
{
    uint8_t *p = (uint8_t *)(uintptr_t)o->data;
    uint32_t w = width_of(o);
    v = js_to_number(m, v);
    if (index < 0 || index >= o->id)
        return;
    if (v.kind != JS_NUMBER || m->forks > o->room_index)
        o->fogged = true;
    double d = v.kind == JS_NUMBER ? v.d : 0;
    uint32_t u = o->atom == A_Uint8ClampedArray ? (d < 0 || isnan(d) ? 0
                                                   : d > 255         ? 255
                                                                     : (uint32_t)nearbyint(d))
                                                : (uint32_t)js_int32(d);
    p += (size_t)index * w;
    for (uint32_t i = 0; i < w; i++)
        p[i] = (uint8_t)(u >> 8 * i);
}

static bool part_of(struct js *m, struct js_value self, const struct js_value *a, uint32_t n,
                    slice *out)
{
    double from, to;
    if (self.kind != JS_OBJECT || self.o->class_ != C_BYTES)
        return false;
    uint32_t count = self.o->id, w = width_of(self.o);
    if (!js_int(m, js_arg(a, n, 0), 0, &from) || !js_int(m, js_arg(a, n, 1), count, &to))
        return false;
    from = from < 0 ? fmax(count + from, 0) : fmin(from, count);
    to = to < 0 ? fmax(count + to, 0) : fmin(to, count);
    *out = (slice){ (const uint8_t *)self.o->data + (size_t)from * w,
                    to > from ? (size_t)(to - from) * w : 0 };
    return true;
}

static struct js_value bytes_part(struct js *m, struct js_value self, const struct js_value *a,
                                  uint32_t n, bool shared)
{
    slice bytes;
    if (!part_of(m, self, a, n, &bytes))
        return js_unknown(m, "bytes");
    struct js_value v = js_bytes_new(m, (enum js_word)self.o->atom, bytes, shared);
    if (v.kind == JS_OBJECT)
        v.o->fogged = self.o->fogged;
    return v;
}

static struct js_value bytes_subarray(JS_ARGS)
{
    return bytes_part(m, self, a, n, true);
}
static struct js_value bytes_slice(JS_ARGS)
{
    return bytes_part(m, self, a, n, false);
}

static struct js_value bytes_set(JS_ARGS)
{
    struct js_object *list;
    double at;
    if (self.kind != JS_OBJECT || self.o->class_ != C_BYTES)
        return js_undefined();
    if (!js_list(m, js_arg(a, n, 0), &list) || !js_int(m, js_arg(a, n, 1), 0, &at)) {
        self.o->fogged = true;
        return js_undefined();
    }
    for (uint32_t i = 0; i < list->n_items && js_step(m, 1); i++)
        js_bytes_set(m, self.o, at + i, js_item(js_of(list), i));
    return js_undefined();
}

static struct js_value set_uint8(JS_ARGS)
{
    double at;
    if (self.kind == JS_OBJECT && self.o->class_ == C_BYTES && js_int(m, js_arg(a, n, 0), 0, &at))
        js_bytes_set(m, self.o, at, js_arg(a, n, 1));
    return js_undefined();
}

static struct js_value get_uint8(JS_ARGS)
{
    double at;
    bool ok =
        self.kind == JS_OBJECT && self.o->class_ == C_BYTES && js_int(m, js_arg(a, n, 0), 0, &at);
    return ok ? js_bytes_get(m, self.o, at) : js_unknown(m, "bytes");
}

/* --- TextDecoder, TextEncoder: UTF-8 */

static struct js_value text_decode(JS_ARGS)
{
    (void)self;
    slice bytes;
    struct js_value v = js_arg(a, n, 0);
    if (v.kind != JS_OBJECT || v.o->fogged || !js_bytes(m, v, &bytes))
        return js_unknown_like(v.kind == JS_UNKNOWN ? v : js_unknown(m, "bytes"));
    return js_string(text_of(m->t, utf8_clean(m->mem, bytes), TEXT_NOWHERE));
}

static struct js_value text_encode(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    if (v.kind != JS_STRING || !text_known(v.s))
        return js_unknown_like(v);
    return js_bytes_new(m, A_Uint8Array, text_utf8(m->t, v.s), false);
}

/* --- Enumerator of the script host: collections come from outside, and hold something, perhaps */

static struct js_value enumerator_end(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "Enumerator");
}
static struct js_value enumerator_item(JS_ARGS)
{
    (void)a, (void)n;
    bool of_host =
        self.kind == JS_OBJECT && self.o->v.kind == JS_OBJECT && self.o->v.o->class_ == C_HOST;
    return of_host ? self.o->v : js_unknown(m, "Enumerator");
}

const struct js_builtin js_builtins_more[] = {
    { O_GLOBAL, A_RegExp, regexp_call, 2, BUILTIN_CLASS },
    { O_REGEXP, A_exec, regexp_exec, 1, 0 },
    { O_REGEXP, A_test, regexp_test, 1, 0 },
    { O_REGEXP, A_toString, regexp_to_string, 0, 0 },
    { O_GLOBAL, A_JSON, json_object, 0, BUILTIN_VALUE },
    { O_JSON, A_parse, json_parse, 2, 0 },
    { O_JSON, A_stringify, json_stringify, 3, 0 },
    { O_GLOBAL, A_Promise, promise_resolve, 1, BUILTIN_CLASS },
    { O_PROMISE, A_then, promise_then, 2, 0 },
    { O_PROMISE, A_catch, promise_catch, 1, 0 },
    { O_PROMISE, A_finally, promise_finally, 1, 0 },
    { O_PROMISE_CLASS, A_resolve, promise_resolve, 1, 0 },
    { O_PROMISE_CLASS, A_all, promise_all, 1, 0 },
    { O_GLOBAL, A_Map, map_get, 0, BUILTIN_CLASS },
    { O_GLOBAL, A_Set, map_get, 0, BUILTIN_CLASS },
    { O_GLOBAL, A_WeakMap, map_get, 0, BUILTIN_CLASS },
    { O_GLOBAL, A_WeakSet, map_get, 0, BUILTIN_CLASS },
    { O_MAP, A_get, map_get, 1, 0 },
    { O_MAP, A_set, map_set, 2, 0 },
    { O_MAP, A_has, map_has, 1, 0 },
    { O_MAP, A_add, set_add, 1, 0 },
    { O_MAP, A_forEach, map_each, 1, 0 },
    { O_MAP, A_entries, map_list, 0, 0 },
    { O_MAP, A_values, map_list, 0, 0 },
    { O_GLOBAL, A_Date, date_call, 7, BUILTIN_CLASS },
    { O_DATE_CLASS, A_now, date_now, 0, 0 },
    { O_DATE_CLASS, A_parse, date_now, 1, 0 },
    { O_DATE_CLASS, A_UTC, date_now, 7, 0 },
    { O_GLOBAL, A_Uint8Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Int8Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Uint16Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Int16Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Uint32Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Int32Array, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_Uint8ClampedArray, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_ArrayBuffer, date_now, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_DataView, date_now, 3, BUILTIN_CLASS },
    { O_GLOBAL, A_TextDecoder, date_now, 0, BUILTIN_CLASS },
    { O_GLOBAL, A_TextEncoder, date_now, 0, BUILTIN_CLASS },
    { O_BYTES, A_subarray, bytes_subarray, 2, 0 },
    { O_BYTES, A_slice, bytes_slice, 2, 0 },
    { O_BYTES, A_set, bytes_set, 1, 0 },
    { O_BYTES, A_getUint8, get_uint8, 1, 0 },
    { O_BYTES, A_setUint8, set_uint8, 2, 0 },
    { O_DECODER, A_decode, text_decode, 1, 0 },
    { O_DECODER, A_encode, text_encode, 1, 0 },
    { O_GLOBAL, A_Enumerator, enumerator_end, 1, BUILTIN_CLASS },
    { O_ENUMERATOR, A_atEnd, enumerator_end, 0, 0 },
    { O_ENUMERATOR, A_moveNext, enumerator_end, 0, 0 },
    { O_ENUMERATOR, A_moveFirst, enumerator_end, 0, 0 },
    { O_ENUMERATOR, A_item, enumerator_item, 0, 0 },
    { 0 },
};
