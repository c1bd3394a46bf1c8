/* SPDX-License-Identifier: Apache-2.0 */
/* Array (ECMA-262 23.1). What is like an array is taken as one. A list that differs with an unknown
 * condition gives unknown; callbacks are called with what it may hold. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

/* The list itself where it is an array, else a copy of what is like one. NULL: not known. */
static struct js_object *list_of(struct js *m, struct js_value v, struct js_value *unknown)
{
    struct js_object *o;
    *unknown = js_unknown_like(v.kind == JS_UNKNOWN ? v : js_unknown(m, "list"));
    if (v.kind <= JS_NULL) {
        js_throw(m, A_TypeError, "Array method of nothing");
        return NULL;
    }
    if (v.kind == JS_OBJECT && (v.o->class_ == C_ARRAY || v.o->class_ == C_ARGUMENTS))
        return v.o->fogged ? NULL : v.o;
    if (v.kind == JS_STRING ||
        (v.kind == JS_OBJECT && (v.o->class_ == C_STRING || v.o->class_ == C_BYTES)))
        return js_list(m, v, &o) ? o : NULL;
    if (v.kind != JS_OBJECT || v.o->class_ == C_HOST || v.o->fogged)
        return NULL;
    double n;
    if (!js_int(m, js_get(m, v, A_length), 0, &n) || !(o = js_array_new(m, 0)))
        return NULL;
    for (uint32_t i = 0; i < n && js_step(m, 1); i++)
        (void)js_item_write(m, o, i, js_get_at(m, v, js_number(i)));
    return o;
}

#define THIS_LIST(o)                                                                               \
    struct js_value unknown_;                                                                      \
    struct js_object *o = list_of(m, self, &unknown_);                                             \
    if (!o)                                                                                        \
        return JS_HALT(m) ? js_undefined() : callbacks(m, a, n, unknown_);

/* Of a list that is not known the callback is called once, perhaps. */
static struct js_value callbacks(struct js *m, const struct js_value *a, uint32_t n,
                                 struct js_value unknown)
{
    if (n && js_is_callable(a[0])) {
        struct js_value u[] = { js_unknown_like(unknown), js_unknown_like(unknown),
                                js_unknown_like(unknown) };
        js_call_open(m, a[0], u, 3);
    }
    return unknown;
}

static struct js_value item(const struct js_object *o, uint32_t i)
{
    return i < o->n_items && o->items[i].kind != JS_ABSENT ? o->items[i] : js_undefined();
}

/* --- adding and taking */

static struct js_value push(JS_ARGS)
{
    if (self.kind == JS_OBJECT && self.o->class_ != C_ARRAY && self.o->class_ != C_ARGUMENTS &&
        self.o->class_ != C_HOST) {
        double length;
        if (js_int(m, js_get(m, self, A_length), 0, &length)) {
            for (uint32_t i = 0; i < n; i++)
                js_set_at(m, self, js_number(length + i), a[i]);
            js_set(m, self, A_length, js_number(length + n));
        }
        return js_number(length + n);
    }
    if (self.kind != JS_OBJECT || self.o->class_ == C_HOST)
        return js_unknown_like(self);
    for (uint32_t i = 0; i < n && js_step(m, 1); i++)
        (void)js_item_write(m, self.o, self.o->n_items, a[i]);
    return self.o->fogged ? js_unknown(m, "condition") : js_number(self.o->n_items);
}

static struct js_value pop(JS_ARGS)
{
    THIS_LIST(o)
    if (o->n_items == 0)
        return js_undefined();
    struct js_value v = item(o, o->n_items - 1);
    (void)js_set_length(m, o, o->n_items - 1);
    return v;
}

/* Elements [from, from + out) go, `n` come. */
static bool splice_in(struct js *m, struct js_object *o, uint32_t from, uint32_t out,
                      const struct js_value *a, uint32_t n)
{
    uint32_t before = o->n_items, tail = before - from - out, after = from + n + tail;
    if (!js_step(m, (uint64_t)tail / 16 + n))
        return false;
    struct js_value *copy = tail ? ARENA_ARRAY(m->mem, struct js_value, tail) : NULL;
    if (tail && !copy)
        return false;
    for (uint32_t i = 0; i < tail; i++)
        copy[i] = o->items[from + out + i];
    if (!js_set_length(m, o, after))
        return false;
    for (uint32_t i = 0; i < n; i++)
        (void)js_item_write(m, o, from + i, a[i]);
    for (uint32_t i = 0; i < tail; i++)
        (void)js_item_write(m, o, from + n + i, copy[i]);
    return true;
}

/* The usual rotation of string tables: without a copy where nothing is to be taken back. */
static struct js_value shift(JS_ARGS)
{
    THIS_LIST(o)
    if (o->n_items == 0)
        return js_undefined();
    struct js_value v = item(o, 0);
    if (js_is_shared(m, o)) {
        (void)splice_in(m, o, 0, 1, NULL, 0);
    } else {
        o->items++;
        o->n_items--;
        o->room_items--;
    }
    return v;
}

static struct js_value unshift(JS_ARGS)
{
    THIS_LIST(o)
    (void)splice_in(m, o, 0, 0, a, n);
    return js_number(o->n_items);
}

static double relative(double d, uint32_t n)
{
    return d < 0 ? fmax(n + d, 0) : fmin(d, n);
}

static struct js_value copy_of(struct js *m, const struct js_object *o, uint32_t from, uint32_t to)
{
    struct js_object *out = js_array_new(m, 0);
    if (!out || !js_step(m, (to - from) / 8))
        return js_undefined();
    if (to > from && !js_set_length(m, out, to - from))
        return js_undefined();
    for (uint32_t i = from; i < to; i++)
        out->items[i - from] = o->items[i];
    return js_of(out);
}

static struct js_value splice(JS_ARGS)
{
    THIS_LIST(o)
    double from, out;
    if (!js_int(m, js_arg(a, n, 0), 0, &from) ||
        !js_int(m, js_arg(a, n, 1), n == 1 ? INFINITY : 0, &out)) {
        js_touch(m, o);
        o->fogged = true;
        return js_unknown(m, "splice");
    }
    from = relative(from, o->n_items);
    out = fmax(0, fmin(out, o->n_items - from));
    struct js_value gone = copy_of(m, o, (uint32_t)from, (uint32_t)(from + out));
    if (n)
        (void)splice_in(m, o, (uint32_t)from, (uint32_t)out, a + (n > 2 ? 2 : n),
                        n > 2 ? n - 2 : 0);
    return gone;
}

static struct js_value slice_of_list(JS_ARGS)
{
    THIS_LIST(o)
    double from, to;
    if (!js_int(m, js_arg(a, n, 0), 0, &from) || !js_int(m, js_arg(a, n, 1), o->n_items, &to))
        return js_unknown(m, "slice");
    from = relative(from, o->n_items);
    to = relative(to, o->n_items);
    return copy_of(m, o, (uint32_t)from, (uint32_t)fmax(from, to));
}

static struct js_value concat(JS_ARGS)
{
    THIS_LIST(o)
    struct js_value out = copy_of(m, o, 0, o->n_items);
    for (uint32_t i = 0; out.kind == JS_OBJECT && i < n && js_step(m, 1); i++) {
        if (a[i].kind == JS_UNKNOWN ||
            (a[i].kind == JS_OBJECT && a[i].o->class_ == C_ARRAY && a[i].o->fogged)) {
            out.o->fogged = true;
        } else if (a[i].kind == JS_OBJECT && a[i].o->class_ == C_ARRAY) {
            for (uint32_t k = 0; k < a[i].o->n_items && js_step(m, 1); k++)
                (void)js_item_write(m, out.o, out.o->n_items, a[i].o->items[k]);
        } else {
            (void)js_item_write(m, out.o, out.o->n_items, a[i]);
        }
    }
    return out;
}

/* --- to text */

static struct js_value join(JS_ARGS)
{
    THIS_LIST(o)
    struct text by = n && a[0].kind != JS_UNDEFINED ? js_text(m, a[0]) : js_cstr(m, ",").s,
                s = { 0 };
    if (m->calls > 60 || m->depth > JS_DEPTH_MAX - 40)
        return js_unknown(m, "join");
    m->calls++; /* lists that hold themselves end */
    for (uint32_t i = 0; i < o->n_items && !JS_HALT(m) && js_step(m, 1); i++) {
        if (i && by.n)
            s = text_join(m->t, s, by);
        struct js_value v = item(o, i);
        if (v.kind > JS_NULL)
            s = text_join(m->t, s, v.kind == JS_STRING ? v.s : js_text(m, v));
    }
    m->calls--;
    return js_string(s);
}

static struct js_value to_string(JS_ARGS)
{
    (void)a, (void)n;
    return join(m, self, NULL, 0);
}

/* --- order */

static struct js_value reverse(JS_ARGS)
{
    THIS_LIST(o)
    for (uint32_t i = 0, k = o->n_items; i + 1 < k && js_step(m, 0); i++, k--) {
        struct js_value v = o->items[i];
        (void)js_item_write(m, o, i, o->items[k - 1]);
        (void)js_item_write(m, o, k - 1, v);
    }
    (void)js_step(m, o->n_items / 8);
    return self;
}

/* 23.1.3.27.1 SortCompare; 2: not known */
static int compared(struct js *m, struct js_value x, struct js_value y, struct js_value f)
{
    if (x.kind == JS_UNDEFINED || y.kind == JS_UNDEFINED)
        return (x.kind == JS_UNDEFINED) - (y.kind == JS_UNDEFINED);
    if (js_is_callable(f)) {
        struct js_value two[] = { x, y };
        struct js_value r = js_to_number(m, js_call(m, f, js_undefined(), two, 2));
        return r.kind != JS_NUMBER ? 2 : (r.d > 0) - (r.d < 0);
    }
    struct js_value less = js_binary(m, '<', js_to_string(m, x), js_to_string(m, y)),
                    more = js_binary(m, '>', js_to_string(m, x), js_to_string(m, y));
    return less.kind != JS_BOOL || more.kind != JS_BOOL ? 2 : more.b - less.b;
}

/* Merging, so that it is stable and bounded whatever the function says. */
static struct js_value sort(JS_ARGS)
{
    THIS_LIST(o)
    uint32_t count = o->n_items;
    struct js_value *from = ARENA_ARRAY(m->mem, struct js_value, count + 1),
                    *to = ARENA_ARRAY(m->mem, struct js_value, count + 1);
    bool known = from && to;
    for (uint32_t i = 0; known && i < count; i++)
        from[i] = item(o, i);
    for (uint32_t width = 1; known && width < count && !JS_HALT(m); width *= 2) {
        for (uint32_t lo = 0; lo < count && known; lo += 2 * width) {
            uint32_t mid = lo + width < count ? lo + width : count,
                     hi = lo + 2 * width < count ? lo + 2 * width : count, i = lo, k = mid;
            for (uint32_t at = lo; at < hi && js_step(m, 2); at++) {
                int c = i < mid && k < hi ? compared(m, from[i], from[k], js_arg(a, n, 0)) : 0;
                known = known && c != 2;
                to[at] = k >= hi || (i < mid && c <= 0) ? from[i++] : from[k++];
            }
        }
        struct js_value *swap = from;
        from = to;
        to = swap;
    }
    if (!known) {
        js_touch(m, o);
        o->fogged = true;
        return self;
    }
    for (uint32_t i = 0; i < count && !JS_HALT(m); i++)
        (void)js_item_write(m, o, i, from[i]);
    return self;
}

/* --- looking for */

static struct js_value find_value(struct js *m, const struct js_object *o, struct js_value what,
                                  bool last)
{
    bool open = false;
    for (uint32_t k = 0; k < o->n_items && js_step(m, 1); k++) {
        uint32_t i = last ? o->n_items - 1 - k : k;
        int same = o->items[i].kind == JS_ABSENT ? 0 : js_same(o->items[i], what);
        if (same == 1)
            return open ? js_unknown(m, "indexOf") : js_number(i);
        open = open || same < 0;
    }
    return open ? js_unknown(m, "indexOf") : js_number(-1);
}

static struct js_value index_of(JS_ARGS)
{
    THIS_LIST(o)
    return n > 1 ? js_unknown(m, "indexOf") : find_value(m, o, js_arg(a, n, 0), false);
}

static struct js_value last_index_of(JS_ARGS)
{
    THIS_LIST(o)
    return find_value(m, o, js_arg(a, n, 0), true);
}

static struct js_value includes(JS_ARGS)
{
    struct js_value v = index_of(m, self, a, n);
    return v.kind == JS_NUMBER ? js_bool(v.d >= 0) : v;
}

static struct js_value at(JS_ARGS)
{
    THIS_LIST(o)
    double i;
    if (!js_int(m, js_arg(a, n, 0), 0, &i))
        return js_unknown(m, "index");
    i += i < 0 ? o->n_items : 0;
    return i < 0 || i >= o->n_items ? js_undefined() : item(o, (uint32_t)i);
}

/* --- callbacks */

enum each { EACH, MAP, FILTER, SOME, EVERY, FIND, FIND_INDEX };

static struct js_value each(struct js *m, struct js_value self, const struct js_value *a,
                            uint32_t n, enum each how)
{
    THIS_LIST(o)
    struct js_object *out = how == MAP || how == FILTER ? js_array_new(m, 0) : NULL;
    bool open = false;
    for (uint32_t i = 0; i < o->n_items && !JS_HALT(m) && js_step(m, 1); i++) {
        if (o->items[i].kind == JS_ABSENT && how < FIND)
            continue;
        struct js_value v = item(o, i), given[] = { v, js_number(i), self };
        struct js_value r = js_call(m, js_arg(a, n, 0), js_arg(a, n, 1), given, 3);
        int t = js_truth(r);
        if (JS_HALT(m))
            return js_undefined();
        if (how == MAP)
            (void)js_item_write(m, out, i, r);
        if (how == FILTER && t != 0)
            (void)js_item_write(m, out, out->n_items, v);
        open = open || (t < 0 && how > MAP);
        if (open && how != FILTER)
            break;
        if (how == SOME && t == 1)
            return js_bool(true);
        if (how == EVERY && t == 0)
            return js_bool(false);
        if ((how == FIND || how == FIND_INDEX) && t == 1)
            return how == FIND ? v : js_number(i);
    }
    if (open && out)
        out->fogged = true;
    if (out)
        return js_of(out);
    if (open)
        return js_unknown(m, "condition");
    return how == SOME         ? js_bool(false)
           : how == EVERY      ? js_bool(true)
           : how == FIND_INDEX ? js_number(-1)
                               : js_undefined();
}

static struct js_value for_each(JS_ARGS)
{
    return each(m, self, a, n, EACH);
}
static struct js_value map(JS_ARGS)
{
    return each(m, self, a, n, MAP);
}
static struct js_value filter(JS_ARGS)
{
    return each(m, self, a, n, FILTER);
}
static struct js_value some(JS_ARGS)
{
    return each(m, self, a, n, SOME);
}
static struct js_value every(JS_ARGS)
{
    return each(m, self, a, n, EVERY);
}
static struct js_value find(JS_ARGS)
{
    return each(m, self, a, n, FIND);
}
static struct js_value find_index(JS_ARGS)
{
    return each(m, self, a, n, FIND_INDEX);
}

static struct js_value reduced(struct js *m, struct js_value self, const struct js_value *a,
                               uint32_t n, bool right)
{
    THIS_LIST(o)
    uint32_t i = 0;
    struct js_value v = js_arg(a, n, 1);
    if (n < 2) {
        if (o->n_items == 0) {
            js_throw(m, A_TypeError, "Reduce of empty array");
            return js_undefined();
        }
        v = item(o, right ? o->n_items - 1 : 0);
        i = 1;
    }
    for (; i < o->n_items && !JS_HALT(m) && js_step(m, 1); i++) {
        uint32_t k = right ? o->n_items - 1 - i : i;
        struct js_value given[] = { v, item(o, k), js_number(k), self };
        v = js_call(m, js_arg(a, n, 0), js_undefined(), given, 4);
    }
    return v;
}

static struct js_value reduce(JS_ARGS)
{
    return reduced(m, self, a, n, false);
}
static struct js_value reduce_right(JS_ARGS)
{
    return reduced(m, self, a, n, true);
}

static struct js_value fill(JS_ARGS)
{
    if (self.kind == JS_OBJECT && self.o->class_ == C_BYTES) {
        for (uint32_t i = 0; i < self.o->id && js_step(m, 1); i++)
            js_bytes_set(m, self.o, i, js_arg(a, n, 0));
        return self;
    }
    THIS_LIST(o)
    double from, to;
    if (!js_int(m, js_arg(a, n, 1), 0, &from) || !js_int(m, js_arg(a, n, 2), o->n_items, &to))
        return js_unknown(m, "fill");
    from = relative(from, o->n_items);
    to = relative(to, o->n_items);
    for (uint32_t i = (uint32_t)from; i < to && js_step(m, 1); i++)
        (void)js_item_write(m, o, i, js_arg(a, n, 0));
    return self;
}

static void flatten(struct js *m, struct js_object *out, const struct js_object *o, double depth)
{
    for (uint32_t i = 0; i < o->n_items && js_step(m, 1); i++) {
        struct js_value v = item(o, i);
        if (v.kind == JS_OBJECT && v.o->class_ == C_ARRAY && depth >= 1)
            flatten(m, out, v.o, depth - 1);
        else
            (void)js_item_write(m, out, out->n_items, v);
    }
}

static struct js_value flat(JS_ARGS)
{
    THIS_LIST(o)
    struct js_object *out = js_array_new(m, 0);
    double depth;
    if (!js_int(m, js_arg(a, n, 0), 1, &depth))
        return js_unknown(m, "flat");
    if (out)
        flatten(m, out, o, fmin(depth, 20));
    return js_of(out);
}

static struct js_value flat_map(JS_ARGS)
{
    struct js_value v = map(m, self, a, n);
    return v.kind == JS_OBJECT ? flat(m, v, NULL, 0) : v;
}

static struct js_value keys(JS_ARGS)
{
    THIS_LIST(o)
    struct js_object *out = js_array_new(m, 0);
    for (uint32_t i = 0; out && i < o->n_items && js_step(m, 1); i++)
        (void)js_item_write(m, out, i, js_number(i));
    return js_of(out);
}

static struct js_value values(JS_ARGS)
{
    THIS_LIST(o)
    return copy_of(m, o, 0, o->n_items);
}

static struct js_value entries(JS_ARGS)
{
    THIS_LIST(o)
    struct js_object *out = js_array_new(m, 0);
    for (uint32_t i = 0; out && i < o->n_items && js_step(m, 1); i++) {
        struct js_object *pair = js_array_new(m, 2);
        (void)(pair && js_item_write(m, pair, 0, js_number(i)) &&
               js_item_write(m, pair, 1, item(o, i)));
        (void)js_item_write(m, out, i, js_of(pair));
    }
    return js_of(out);
}

/* --- the constructor's */

static struct js_value array_call(JS_ARGS)
{
    (void)self;
    struct js_object *o = js_array_new(m, 0);
    if (o && n == 1 && a[0].kind == JS_NUMBER) {
        js_set_at(m, js_of(o), js_cstr(m, "length"), a[0]);
    } else {
        for (uint32_t i = 0; o && i < n; i++)
            (void)js_item_write(m, o, i, a[i]);
        if (o && n == 1 && a[0].kind == JS_UNKNOWN)
            o->fogged = true;
    }
    return js_of(o);
}

static struct js_value array_of(JS_ARGS)
{
    (void)self;
    struct js_object *o = js_array_new(m, 0);
    for (uint32_t i = 0; o && i < n; i++)
        (void)js_item_write(m, o, i, a[i]);
    return js_of(o);
}

static struct js_value array_from(JS_ARGS)
{
    (void)self;
    struct js_value unknown;
    struct js_object *o = NULL;
    struct js_value v = js_arg(a, n, 0);
    if (v.kind == JS_OBJECT && v.o->class_ == C_MAP)
        (void)js_list(m, v, &o);
    else
        o = list_of(m, v, &unknown);
    if (!o)
        return callbacks(m, a + (n > 0), n ? n - 1 : 0, unknown);
    struct js_value out = copy_of(m, o, 0, o->n_items);
    for (uint32_t i = 0; out.kind == JS_OBJECT && i < out.o->n_items; i++)
        if (out.o->items[i].kind == JS_ABSENT)
            out.o->items[i] = js_undefined();
    return n > 1 && out.kind == JS_OBJECT && a[1].kind != JS_UNDEFINED ? map(m, out, a + 1, n - 1)
                                                                       : out;
}

static struct js_value is_array(JS_ARGS)
{
    (void)m, (void)self;
    struct js_value v = js_arg(a, n, 0);
    return v.kind == JS_UNKNOWN ? js_unknown_like(v)
                                : js_bool(v.kind == JS_OBJECT && v.o->class_ == C_ARRAY);
}

const struct js_builtin js_builtins_array[] = {
    { O_ARRAY, A_push, push, 1, 0 },
    { O_ARRAY, A_pop, pop, 0, 0 },
    { O_ARRAY, A_shift, shift, 0, 0 },
    { O_ARRAY, A_unshift, unshift, 1, 0 },
    { O_ARRAY, A_splice, splice, 2, 0 },
    { O_ARRAY, A_slice, slice_of_list, 2, 0 },
    { O_ARRAY, A_concat, concat, 1, 0 },
    { O_ARRAY, A_join, join, 1, 0 },
    { O_ARRAY, A_toString, to_string, 0, 0 },
    { O_ARRAY, A_toLocaleString, to_string, 0, 0 },
    { O_ARRAY, A_reverse, reverse, 0, 0 },
    { O_ARRAY, A_sort, sort, 1, 0 },
    { O_ARRAY, A_indexOf, index_of, 1, 0 },
    { O_ARRAY, A_lastIndexOf, last_index_of, 1, 0 },
    { O_ARRAY, A_includes, includes, 1, 0 },
    { O_ARRAY, A_at, at, 1, 0 },
    { O_ARRAY, A_forEach, for_each, 1, 0 },
    { O_ARRAY, A_map, map, 1, 0 },
    { O_ARRAY, A_filter, filter, 1, 0 },
    { O_ARRAY, A_some, some, 1, 0 },
    { O_ARRAY, A_every, every, 1, 0 },
    { O_ARRAY, A_find, find, 1, 0 },
    { O_ARRAY, A_findIndex, find_index, 1, 0 },
    { O_ARRAY, A_reduce, reduce, 1, 0 },
    { O_ARRAY, A_reduceRight, reduce_right, 1, 0 },
    { O_ARRAY, A_fill, fill, 1, 0 },
    { O_ARRAY, A_flat, flat, 0, 0 },
    { O_ARRAY, A_flatMap, flat_map, 1, 0 },
    { O_ARRAY, A_keys, keys, 0, 0 },
    { O_ARRAY, A_values, values, 0, 0 },
    { O_ARRAY, A_entries, entries, 0, 0 },
    { O_BYTES, A_forEach, for_each, 1, 0 },
    { O_BYTES, A_map, map, 1, 0 },
    { O_BYTES, A_reduce, reduce, 1, 0 },
    { O_BYTES, A_join, join, 1, 0 },
    { O_BYTES, A_fill, fill, 1, 0 },
    { O_BYTES, A_toString, to_string, 0, 0 },
    { O_BYTES, A_indexOf, index_of, 1, 0 },
    { O_ARRAY_CLASS, A_isArray, is_array, 1, 0 },
    { O_ARRAY_CLASS, A_from, array_from, 1, 0 },
    { O_ARRAY_CLASS, A_of, array_of, 0, 0 },
    { O_GLOBAL, A_Array, array_call, 1, BUILTIN_CLASS },
    { 0 },
};
