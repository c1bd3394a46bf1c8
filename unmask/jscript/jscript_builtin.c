/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of builtin members (rows in the file of each kind), constructors, Object, Function,
 * Error, Promise (settled at once: what is asynchronous is run in order), Map and Set, Symbol. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

static const struct js_builtin *const tables[] = { js_builtins_object, js_builtins_array,
                                                   js_builtins_string, js_builtins_number,
                                                   js_builtins_more,   js_builtins_global };
enum { TABLES = sizeof tables / sizeof tables[0] };

const struct js_builtin *js_builtin_row(uint32_t id)
{
    return &tables[id >> 16][id & 0xFFFF];
}

/* What a constructor is called by, what has its own members and what its objects have. */
static const struct {
    uint16_t atom, statics, proto;
} classes[] = {
    { A_Object, O_OBJECT_CLASS, O_OBJECT },
    { A_Function, O_NONE, O_FUNCTION },
    { A_Array, O_ARRAY_CLASS, O_ARRAY },
    { A_String, O_STRING_CLASS, O_STRING },
    { A_Number, O_NUMBER_CLASS, O_NUMBER },
    { A_Boolean, O_NONE, O_BOOLEAN },
    { A_RegExp, O_NONE, O_REGEXP },
    { A_Date, O_DATE_CLASS, O_DATE },
    { A_Error, O_NONE, O_ERROR },
    { A_TypeError, O_NONE, O_ERROR },
    { A_ReferenceError, O_NONE, O_ERROR },
    { A_SyntaxError, O_NONE, O_ERROR },
    { A_RangeError, O_NONE, O_ERROR },
    { A_URIError, O_NONE, O_ERROR },
    { A_EvalError, O_NONE, O_ERROR },
    { A_Promise, O_PROMISE_CLASS, O_PROMISE },
    { A_Map, O_NONE, O_MAP },
    { A_Set, O_NONE, O_MAP },
    { A_WeakMap, O_NONE, O_MAP },
    { A_WeakSet, O_NONE, O_MAP },
    { A_Uint8Array, O_BYTES_CLASS, O_BYTES },
    { A_Int8Array, O_BYTES_CLASS, O_BYTES },
    { A_Uint16Array, O_BYTES_CLASS, O_BYTES },
    { A_Int16Array, O_BYTES_CLASS, O_BYTES },
    { A_Uint32Array, O_BYTES_CLASS, O_BYTES },
    { A_Int32Array, O_BYTES_CLASS, O_BYTES },
    { A_Uint8ClampedArray, O_BYTES_CLASS, O_BYTES },
    { A_ArrayBuffer, O_NONE, O_BYTES },
    { A_DataView, O_NONE, O_BYTES },
    { A_TextDecoder, O_NONE, O_DECODER },
    { A_TextEncoder, O_NONE, O_DECODER },
    { A_Enumerator, O_NONE, O_ENUMERATOR },
    { A_Symbol, O_SYMBOL, O_NONE },
    { A_URL, O_URL_CLASS, O_NONE },
};

struct js_value js_builtin(struct js *m, uint32_t id)
{
    struct js_object *f = js_object_new(m, C_BUILTIN, O_FUNCTION);
    const struct js_builtin *row = js_builtin_row(id);
    if (!f)
        return js_undefined();
    f->id = id;
    for (size_t i = 0; (row->flags & BUILTIN_CLASS) && i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].atom == row->atom) {
            struct js_object *proto = js_owner(m, (enum js_owner)classes[i].proto);
            f->owner = classes[i].statics;
            if (proto) {
                js_keep(m, f, A_prototype, js_of(proto));
                if (classes[i].proto != O_BYTES && !js_slot(proto, A_constructor))
                    js_keep(m, proto, A_constructor, js_of(f));
            }
        }
    return js_of(f);
}

static const uint16_t constructor_of[OWNERS] = {
    [O_OBJECT] = A_Object, [O_FUNCTION] = A_Function, [O_ARRAY] = A_Array,   [O_STRING] = A_String,
    [O_NUMBER] = A_Number, [O_BOOLEAN] = A_Boolean,   [O_REGEXP] = A_RegExp, [O_DATE] = A_Date,
    [O_ERROR] = A_Error,   [O_PROMISE] = A_Promise,
};

bool js_builtin_find(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out)
{
    if (atom >= A_WORDS)
        return false;
    if (atom == A_constructor && constructor_of[o->owner] && m->global) {
        *out = js_undefined();
        if (js_builtin_find(m, m->global, constructor_of[o->owner], out))
            *out = js_slot(m->global, constructor_of[o->owner])->v;
        return true;
    }
    struct js_slot *had = o->class_ == C_GLOBAL ? js_slot(o, atom) : NULL;
    if (had) {
        *out = had->v;
        return true;
    }
    for (uint32_t t = 0; t < TABLES; t++)
        for (uint32_t i = 0; tables[t][i].atom; i++) {
            const struct js_builtin *row = &tables[t][i];
            if (row->owner != o->owner || row->atom != atom)
                continue;
            *out = row->flags & BUILTIN_VALUE ? row->call(m, js_of(o), NULL, 0)
                                              : js_builtin(m, t << 16 | i);
            js_keep(m, o, atom, *out);
            return true;
        }
    return false;
}

/* --- constructors */

static struct js_value wrapped(struct js *m, struct js_value v)
{
    static const struct {
        uint8_t kind, class_, owner;
    } kinds[] = { { JS_STRING, C_STRING, O_STRING },
                  { JS_NUMBER, C_NUMBER, O_NUMBER },
                  { JS_BOOL, C_BOOLEAN, O_BOOLEAN } };
    for (size_t i = 0; i < 3; i++)
        if (v.kind == kinds[i].kind) {
            struct js_object *o = js_object_new(m, kinds[i].class_, kinds[i].owner);
            if (o)
                o->v = v;
            return js_of(o);
        }
    return v.kind == JS_OBJECT || v.kind == JS_UNKNOWN
               ? v
               : js_of(js_object_new(m, C_OBJECT, O_OBJECT));
}

static struct js_value error_new(struct js *m, uint32_t atom, const struct js_value *a, uint32_t n)
{
    struct js_object *o = js_object_new(m, C_ERROR, O_ERROR);
    js_define(m, o, A_name, js_string(js_atom_text(m, atom)), SLOT_HIDDEN);
    bool number = n > 1 && a[0].kind == JS_NUMBER;
    struct js_value text = js_to_string(m, js_arg(a, n, number ? 1 : 0));
    if (n) {
        js_define(m, o, A_message, text, SLOT_HIDDEN);
        js_define(m, o, A_description, text, SLOT_HIDDEN);
    }
    return js_of(o);
}

static struct js_value map_new(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_object *o = js_object_new(m, C_MAP, O_MAP), *list = js_array_new(m, 0), *given;
    if (!o || !list)
        return js_undefined();
    o->v = js_of(list);
    if (n && a[0].kind > JS_NULL) {
        if (js_list(m, a[0], &given))
            for (uint32_t i = 0; i < given->n_items && js_step(m, 1); i++)
                (void)js_item_write(m, list, i, js_item(js_of(given), i));
        else
            o->fogged = true;
    }
    return js_of(o);
}

static struct js_value bytes_of(struct js *m, enum js_word type, const struct js_value *a,
                                uint32_t n)
{
    struct js_value v = js_arg(a, n, 0);
    struct js_object *list;
    slice bytes;
    if (v.kind == JS_OBJECT && v.o->class_ == C_BYTES &&
        (v.o->atom == A_ArrayBuffer || type == A_DataView) && !v.o->fogged)
        return js_bytes(m, v, &bytes) ? js_bytes_new(m, type, bytes, true) : js_unknown(m, "bytes");
    double length;
    if (v.kind == JS_NUMBER || v.kind == JS_UNDEFINED) {
        (void)js_int(m, v, 0, &length);
        if (length < 0 || length > 32 << 20) {
            js_throw(m, A_RangeError, "length");
            return js_undefined();
        }
        size_t width = type == A_Uint32Array || type == A_Int32Array   ? 4
                       : type == A_Uint16Array || type == A_Int16Array ? 2
                                                                       : 1;
        uint8_t *zero = js_step(m, (uint64_t)length / 16)
                            ? arena_get(m->mem, (size_t)length * width + 1, 1)
                            : NULL;
        return zero ? js_bytes_new(m, type, (slice){ zero, (size_t)length * width }, true)
                    : js_unknown(m, "memory");
    }
    if (v.kind == JS_OBJECT && v.o->class_ != C_HOST && js_list(m, v, &list)) {
        struct js_value count = js_number(list->n_items), made = bytes_of(m, type, &count, 1);
        for (uint32_t i = 0; made.kind == JS_OBJECT && i < list->n_items && js_step(m, 1); i++)
            js_bytes_set(m, made.o, i, js_item(js_of(list), i));
        return made;
    }
    return js_unknown_like(v.kind == JS_OBJECT ? js_unknown(m, "bytes") : v);
}

static struct js_value resolve(JS_ARGS)
{
    if (self.kind == JS_OBJECT && self.o->class_ == C_PROMISE) {
        js_touch(m, self.o);
        self.o->v = js_settled(js_arg(a, n, 0));
    }
    return js_undefined();
}

static struct js_value reject(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "rejected");
}

static struct js_value promise_new(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_value p = js_then(m, js_unknown(m, "Promise"));
    struct js_object *f = js_object_new(m, C_BOUND, O_FUNCTION);
    struct js_value made[2] = { js_of(f), js_undefined() };
    struct js_object *where = js_owner(m, O_PROMISE_CLASS);
    if (!f || !where || p.kind != JS_OBJECT)
        return js_undefined();
    f->v = js_get(m, js_of(where), A_next); /* rows that are nowhere else to be had */
    f->v2 = p;
    made[1] = js_get(m, js_of(where), A_done);
    (void)js_call(m, js_arg(a, n, 0), js_undefined(), made, 2);
    return p;
}

struct js_value js_construct_builtin(struct js *m, struct js_object *f, const struct js_value *a,
                                     uint32_t n)
{
    const struct js_builtin *row = js_builtin_row(f->id);
    if (!(row->flags & BUILTIN_CLASS)) {
        js_throw(m, A_TypeError, "is not a constructor");
        return js_undefined();
    }
    switch (row->atom) {
    case A_Object:
        return wrapped(m, js_arg(a, n, 0));
    case A_String:
        return wrapped(m, n ? js_to_string(m, a[0]) : js_string((struct text){ 0 }));
    case A_Number:
        return wrapped(m, n ? js_to_number(m, a[0]) : js_number(0));
    case A_Boolean: {
        int t = js_truth(js_arg(a, n, 0));
        return t < 0 ? js_unknown_like(a[0]) : wrapped(m, js_bool(t));
    }
    case A_Error:
    case A_TypeError:
    case A_ReferenceError:
    case A_SyntaxError:
    case A_RangeError:
    case A_URIError:
    case A_EvalError:
        return error_new(m, row->atom, a, n);
    case A_Promise:
        return promise_new(m, a, n);
    case A_Map:
    case A_Set:
    case A_WeakMap:
    case A_WeakSet:
        return map_new(m, a, n);
    case A_Date:
        return js_construct_date(m, a, n);
    case A_Uint8Array:
    case A_Int8Array:
    case A_Uint16Array:
    case A_Int16Array:
    case A_Uint32Array:
    case A_Int32Array:
    case A_Uint8ClampedArray:
    case A_ArrayBuffer:
    case A_DataView:
        return bytes_of(m, (enum js_word)row->atom, a, n);
    case A_TextDecoder:
    case A_TextEncoder: {
        struct js_object *o = js_object_new(m, C_OBJECT, O_DECODER);
        return js_of(o);
    }
    case A_Function:
    case A_RegExp:
    case A_Array:
    case A_ActiveXObject:
        return row->call(m, js_undefined(), a, n);
    case A_Enumerator: {
        struct js_object *o = js_object_new(m, C_OBJECT, O_ENUMERATOR);
        if (o)
            o->v = js_arg(a, n, 0);
        return js_of(o);
    }
    default:
        return js_page_construct(m, row->atom, a, n);
    }
}

/* --- Object */

static struct js_value has_own(JS_ARGS)
{
    uint32_t key = js_key(m, js_arg(a, n, 0));
    if (self.kind != JS_OBJECT || self.o->class_ == C_HOST || self.o->fogged || key == A_NONE)
        return js_unknown(m, "hasOwnProperty");
    bool has = js_has(m, self.o, key, true);
    return js_bool(has);
}

static struct js_value object_to_string(JS_ARGS)
{
    static const char *const names[] = {
        [C_OBJECT] = "[object Object]",     [C_ARRAY] = "[object Array]",
        [C_FUNCTION] = "[object Function]", [C_BUILTIN] = "[object Function]",
        [C_BOUND] = "[object Function]",    [C_STRING] = "[object String]",
        [C_NUMBER] = "[object Number]",     [C_BOOLEAN] = "[object Boolean]",
        [C_REGEXP] = "[object RegExp]",     [C_DATE] = "[object Date]",
        [C_ERROR] = "[object Error]",       [C_PROMISE] = "[object Promise]"
    };
    (void)a, (void)n;
    if (self.kind == JS_UNDEFINED || self.kind == JS_NULL)
        return m->place == PLACE_HOST
                   ? js_cstr(m, "[object Object]")
                   : js_cstr(m, self.kind == JS_NULL ? "[object Null]" : "[object Undefined]");
    struct js_value o = wrapped(m, self);
    if (o.kind == JS_OBJECT && o.o->class_ == C_GLOBAL)
        return js_cstr(m, m->place == PLACE_HOST ? "[object Object]" : "[object Window]");
    if (o.kind == JS_OBJECT && o.o->class_ == C_ARGUMENTS)
        return js_cstr(m, "[object Arguments]");
    if (o.kind != JS_OBJECT || o.o->class_ > C_PROMISE)
        return js_unknown(m, "toString");
    return js_cstr(m, names[o.o->class_]);
}

static struct js_value itself(JS_ARGS)
{
    (void)m, (void)a, (void)n;
    return self;
}

static struct js_value primitive_value(JS_ARGS)
{
    (void)m, (void)a, (void)n;
    bool holds =
        self.kind == JS_OBJECT &&
        (self.o->class_ == C_STRING || self.o->class_ == C_NUMBER || self.o->class_ == C_BOOLEAN);
    return holds ? self.o->v : self;
}

static struct js_value to_string_of(JS_ARGS)
{
    struct js_value v = primitive_value(m, self, a, n);
    return v.kind == JS_OBJECT ? object_to_string(m, v, a, n) : js_to_string(m, v);
}

static struct js_value first_of(JS_ARGS)
{
    (void)m, (void)self;
    return js_arg(a, n, 0);
}

static struct js_value object_call(JS_ARGS)
{
    (void)self;
    return wrapped(m, js_arg(a, n, 0));
}

static struct js_value entries_of(struct js *m, struct js_value v, bool keys, bool values)
{
    struct js_object *out = js_array_new(m, 0), *pair;
    struct js_value o = wrapped(m, v);
    if (o.kind != JS_OBJECT || o.o->fogged || o.o->class_ == C_HOST || !out)
        return js_unknown(m, "keys");
    struct js_object *names = js_keys(m, o.o, false);
    for (uint32_t i = 0; names && i < names->n_items && !JS_HALT(m); i++) {
        struct js_value value = values ? js_get_at(m, o, names->items[i]) : names->items[i];
        if (keys && values && (pair = js_array_new(m, 0)) != NULL) {
            (void)js_item_write(m, pair, 0, names->items[i]);
            (void)js_item_write(m, pair, 1, value);
            value = js_of(pair);
        }
        (void)js_item_write(m, out, i, value);
    }
    return js_of(out);
}

static struct js_value object_keys(JS_ARGS)
{
    (void)self;
    return entries_of(m, js_arg(a, n, 0), true, false);
}
static struct js_value object_values(JS_ARGS)
{
    (void)self;
    return entries_of(m, js_arg(a, n, 0), false, true);
}
static struct js_value object_entries(JS_ARGS)
{
    (void)self;
    return entries_of(m, js_arg(a, n, 0), true, true);
}

static struct js_value object_assign(JS_ARGS)
{
    (void)self;
    struct js_value to = js_arg(a, n, 0);
    for (uint32_t i = 1; i < n && to.kind == JS_OBJECT && !JS_HALT(m); i++) {
        struct js_object *names = a[i].kind == JS_OBJECT ? js_keys(m, a[i].o, false) : NULL;
        for (uint32_t k = 0; names && k < names->n_items && !JS_HALT(m); k++)
            js_set_at(m, to, names->items[k], js_get_at(m, a[i], names->items[k]));
    }
    return to;
}

static struct js_value object_create(JS_ARGS)
{
    (void)self;
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT);
    if (o && n)
        o->proto = a[0].kind == JS_OBJECT ? a[0].o : NULL;
    return js_of(o);
}

static struct js_value define_property(JS_ARGS)
{
    (void)self;
    struct js_value o = js_arg(a, n, 0), d = js_arg(a, n, 2);
    uint32_t key = js_key(m, js_arg(a, n, 1));
    if (o.kind != JS_OBJECT || d.kind != JS_OBJECT || key == A_NONE)
        return o;
    struct js_value get = js_get(m, d, A_get), set = js_get(m, d, A_set);
    if (get.kind == JS_OBJECT || set.kind == JS_OBJECT) {
        struct js_object *pair = js_object_new(m, C_ACCESSOR, O_NONE);
        if (pair) {
            pair->v = get;
            pair->v2 = set;
            js_define(m, o.o, key, js_of(pair), SLOT_ACCESSOR | SLOT_HIDDEN);
        }
        return o;
    }
    js_define(m, o.o, key, js_get(m, d, A_value), SLOT_HIDDEN);
    return o;
}

static struct js_value get_prototype(JS_ARGS)
{
    (void)self;
    struct js_value o = wrapped(m, js_arg(a, n, 0));
    return o.kind != JS_OBJECT ? o
           : o.o->proto        ? js_of(o.o->proto)
                               : (struct js_value){ .kind = JS_NULL };
}

static struct js_value set_prototype(JS_ARGS)
{
    (void)self;
    if (n > 1 && a[0].kind == JS_OBJECT)
        js_set(m, a[0], A___proto__, a[1]);
    return js_arg(a, n, 0);
}

static struct js_value from_entries(JS_ARGS)
{
    (void)self;
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT), *list;
    if (!o || !js_list(m, js_arg(a, n, 0), &list))
        return js_unknown(m, "entries");
    for (uint32_t i = 0; i < list->n_items && js_step(m, 1); i++)
        js_define(m, o, js_key(m, js_item(list->items[i], 0)), js_item(list->items[i], 1), 0);
    return js_of(o);
}

static struct js_value never(JS_ARGS)
{
    (void)m, (void)self, (void)a, (void)n;
    return js_bool(false);
}

/* --- Function */

static struct js_value function_call(JS_ARGS)
{
    return js_call(m, self, js_arg(a, n, 0), a + (n > 0), n ? n - 1 : 0);
}

static struct js_value function_apply(JS_ARGS)
{
    struct js_value list = js_arg(a, n, 1);
    struct js_object *items;
    if (list.kind <= JS_NULL)
        return js_call(m, self, js_arg(a, n, 0), NULL, 0);
    if (list.kind == JS_UNKNOWN || !js_list(m, list, &items)) {
        struct js_value u =
            js_unknown_like(list.kind == JS_UNKNOWN ? list : js_unknown(m, "arguments"));
        return js_call(m, self, js_arg(a, n, 0), &u, 1);
    }
    uint32_t some = items->n_items < JS_ARGUMENTS_MAX ? items->n_items : JS_ARGUMENTS_MAX;
    struct js_value *copy =
        js_step(m, some / 4) ? ARENA_ARRAY(m->mem, struct js_value, some + 1) : NULL;
    for (uint32_t i = 0; copy && i < some; i++)
        copy[i] = js_item(js_of(items), i);
    return copy ? js_call(m, self, js_arg(a, n, 0), copy, some) : js_undefined();
}

static struct js_value function_bind(JS_ARGS)
{
    struct js_object *f = js_object_new(m, C_BOUND, O_FUNCTION);
    if (!f)
        return js_undefined();
    f->v = self;
    f->v2 = js_arg(a, n, 0);
    for (uint32_t i = 1; i < n; i++)
        (void)js_item_write(m, f, i - 1, a[i]);
    return js_of(f);
}

static struct js_value function_to_string(JS_ARGS)
{
    (void)a, (void)n;
    if (self.kind != JS_OBJECT || !js_is_callable(self))
        return js_unknown(m, "toString");
    if (self.o->class_ == C_FUNCTION) {
        const struct js_code *code = self.o->data;
        if (!code->source->whole || code->method)
            return js_unknown(m, "source of a function");
        return js_string(text_sub(code->source->s, code->from, code->to - code->from));
    }
    if (self.o->class_ != C_BUILTIN)
        return js_cstr(m, "function () { [native code] }");
    bool host = m->place == PLACE_HOST;
    struct text s = js_cstr(m, host ? "\nfunction " : "function ").s;
    s = text_join(m->t, s, js_atom_text(m, js_builtin_row(self.o->id)->atom));
    return js_string(text_join(
        m->t, s, js_cstr(m, host ? "() {\n    [native code]\n}\n" : "() { [native code] }").s));
}

static struct js_value function_new(JS_ARGS)
{
    (void)self;
    return js_function_of(m, a, n);
}

static struct js_value error_to_string(JS_ARGS)
{
    (void)a, (void)n;
    if (m->place == PLACE_HOST)
        return js_cstr(m, "[object Error]");
    struct text name = js_text(m, js_get(m, self, A_name)),
                message = js_text(m, js_get(m, self, A_message));
    return js_string(text_join(m->t, text_join(m->t, name, js_cstr(m, ": ").s), message));
}

static struct js_value error_call(JS_ARGS)
{
    (void)self;
    return error_new(m, A_Error, a, n);
}
static struct js_value error_message(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_cstr(m, "");
}

const struct js_builtin js_builtins_object[] = {
    { O_OBJECT, A_hasOwnProperty, has_own, 1, 0 },
    { O_OBJECT, A_toString, object_to_string, 0, 0 },
    { O_OBJECT, A_toLocaleString, object_to_string, 0, 0 },
    { O_OBJECT, A_valueOf, itself, 0, 0 },
    { O_OBJECT, A_propertyIsEnumerable, has_own, 1, 0 },
    { O_OBJECT, A_isPrototypeOf, never, 1, 0 },
    { O_OBJECT_CLASS, A_keys, object_keys, 1, 0 },
    { O_OBJECT_CLASS, A_values, object_values, 1, 0 },
    { O_OBJECT_CLASS, A_entries, object_entries, 1, 0 },
    { O_OBJECT_CLASS, A_getOwnPropertyNames, object_keys, 1, 0 },
    { O_OBJECT_CLASS, A_assign, object_assign, 2, 0 },
    { O_OBJECT_CLASS, A_create, object_create, 2, 0 },
    { O_OBJECT_CLASS, A_defineProperty, define_property, 3, 0 },
    { O_OBJECT_CLASS, A_getPrototypeOf, get_prototype, 1, 0 },
    { O_OBJECT_CLASS, A_setPrototypeOf, set_prototype, 2, 0 },
    { O_OBJECT_CLASS, A_freeze, first_of, 1, 0 },
    { O_OBJECT_CLASS, A_seal, first_of, 1, 0 },
    { O_OBJECT_CLASS, A_preventExtensions, first_of, 1, 0 },
    { O_OBJECT_CLASS, A_fromEntries, from_entries, 1, 0 },
    { O_FUNCTION, A_call, function_call, 1, 0 },
    { O_FUNCTION, A_apply, function_apply, 2, 0 },
    { O_FUNCTION, A_bind, function_bind, 1, 0 },
    { O_FUNCTION, A_toString, function_to_string, 0, 0 },
    { O_ERROR, A_toString, error_to_string, 0, 0 },
    { O_ERROR, A_message, error_message, 0, BUILTIN_VALUE },
    { O_NUMBER, A_valueOf, primitive_value, 0, 0 },
    { O_BOOLEAN, A_valueOf, primitive_value, 0, 0 },
    { O_BOOLEAN, A_toString, to_string_of, 0, 0 },
    { O_STRING, A_valueOf, primitive_value, 0, 0 },
    { O_STRING, A_toString, to_string_of, 0, 0 },
    { O_GLOBAL, A_Object, object_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_Function, function_new, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_Error, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_TypeError, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_ReferenceError, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_SyntaxError, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_RangeError, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_URIError, error_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_EvalError, error_call, 1, BUILTIN_CLASS },
    { O_PROMISE_CLASS, A_next, resolve, 1, 0 },
    { O_PROMISE_CLASS, A_done, reject, 1, 0 },
    { 0 },
};
