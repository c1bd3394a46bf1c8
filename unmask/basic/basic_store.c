/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that only keep things: modules, classes, records, Collection, Dictionary, Err, Debug. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static bool writes(enum basic_how how) { return how == HOW_LET || how == HOW_SETS; }

/* --- modules, instances, records */

static bool module_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct value *at = basic_member_place(m, o, name);
    if (at) {
        if (writes(how) && n == 1)
            basic_store(m, at, args[0].v);
        else
            *out = basic_apply(m, basic_load(at), args, n, how);
        return true;
    }
    if (o->class_ == C_RECORD) {
        basic_error(m, 438);
        return true;
    }
    struct basic_proc *p = basic_declare_proc(m, name, o->module, how == HOW_LET ? PROC_LET : how == HOW_SETS ? PROC_SET : PROC_FUNCTION);
    if (p) {
        *out = basic_call_proc(m, p, o, args, n);
        return true;
    }
    struct basic_decl *d = basic_declare_find(m, name, o->module, true);
    if (d && d->kind == DECL_CONSTANT && d->module == o->module) {
        *out = basic_declare_constant(m, d);
        return true;
    }
    return false;
}

/* --- Collection, Dictionary */

static struct value *item_at(struct machine *m, struct object *o, struct value key)
{
    int64_t i;
    bool number = key.type != V_STRING && key.type != V_UNKNOWN;
    if (o->class_ == C_DICTIONARY || !number)
        return basic_pair_at(m, o, key, false);
    if (!basic_integer(m, key, &i) || i < 1 || i > o->n)
        return NULL;
    return &o->pairs[i - 1].value;
}

static struct value list_of(struct machine *m, struct object *o, bool keys)
{
    struct value v = basic_array_of(m, o->n);
    for (uint32_t i = 0; v.type == V_ARRAY && i < o->n; i++)
        v.a->items[i] = keys ? o->pairs[i].key : o->pairs[i].value;
    return v;
}

static void remove_at(struct machine *m, struct object *o, struct value *at)
{
    basic_touch(m, o);
    struct basic_pair *pairs = ARENA_ARRAY(m->mem, struct basic_pair, o->room ? o->room : 1);
    uint32_t k = 0;
    for (uint32_t i = 0; pairs && i < o->n; i++)
        if (&o->pairs[i].value != at)
            pairs[k++] = o->pairs[i];
    if (pairs && basic_step(m, o->n / 8 + 1)) {
        o->pairs = pairs;
        o->n = k;
    }
}

static void collection_add(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    static const uint32_t no_key = 1;
    struct value key = basic_arg(args, n, 1);
    bool dictionary = o->class_ == C_DICTIONARY;
    struct value value = dictionary ? key : basic_arg(args, n, 0);
    key = dictionary ? basic_plain(m, args[0].v) : key.type == V_MISSING ? basic_int(V_ERROR, (int64_t)o->n << 8 | no_key) : basic_plain(m, key);
    if (m->error)
        return;
    if (basic_is_unknown(key)) {
        o->fogged = true;
        return;
    }
    if (basic_pair_at(m, o, key, false)) {
        basic_error(m, 457);
        return;
    }
    struct value *at = basic_pair_at(m, o, key, true);
    if (at)
        basic_store(m, at, value);
}

static bool group_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct value *at;
    if (o->fogged && name != W_add) {
        *out = basic_foreign(m, o, name);
        return true;
    }
    switch (name) {
    case W_add: if (n) collection_add(m, o, args, n); return true;
    case W_count: *out = basic_int(V_LONG, o->n); return true;
    case W_item:
        if (n == 0)
            return true;
        if (basic_is_unknown(args[0].v)) {
            o->fogged = o->fogged || writes(how);
            *out = basic_foreign(m, o, name);
            return true;
        }
        at = item_at(m, o, args[0].v);
        if (!at && (writes(how) || o->class_ == C_DICTIONARY) && o->class_ == C_DICTIONARY)
            at = basic_pair_at(m, o, args[0].v, true);
        if (!at)
            basic_error(m, args[0].v.type == V_STRING ? 5 : 9);
        else if (writes(how))
            basic_store(m, at, args[n - 1].v);
        else
            *out = basic_apply(m, *at, args + 1, n - 1, HOW_GET);
        return true;
    case W_exists:
        *out = n && !basic_is_unknown(args[0].v) ? basic_bool(basic_pair_at(m, o, args[0].v, false) != NULL) : basic_unknown(m, "Exists");
        return true;
    case W_keys: case W_items:
        *out = basic_apply(m, list_of(m, o, name == W_keys), args, n, HOW_GET);
        return true;
    case W_remove:
        at = n ? item_at(m, o, args[0].v) : NULL;
        if (at)
            remove_at(m, o, at);
        else
            basic_error(m, 5);
        return true;
    case W_removeall: basic_touch(m, o); o->n = 0; return true;
    case W_comparemode: o->fogged = o->fogged || o->n > 0; return true;
    default: return false;
    }
}

/* --- Err, Debug */

static bool err_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    int64_t k = 5;
    switch (name) {
    case W_number:
        if (writes(how) && n) {
            basic_touch(m, o);
            o->content = args[n - 1].v;
        }
        *out = o->fogged ? basic_unknown(m, "Err.Number") : o->content.type == V_EMPTY ? basic_int(V_LONG, 0) : o->content;
        return true;
    case W_clear: basic_touch(m, o); o->content = basic_int(V_LONG, 0); return true;
    case W_raise:
        if (n && basic_integer(m, args[0].v, &k))
            basic_error(m, k ? (int32_t)k : 5);
        return true;
    default: *out = basic_unknown(m, "Err"); return true;
    }
}

bool basic_store_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    switch (o->class_) {
    case C_MODULE: case C_INSTANCE: case C_RECORD: return module_member(m, o, name, args, n, how, out);
    case C_COLLECTION: case C_DICTIONARY: return group_member(m, o, name, args, n, how, out);
    case C_ERR: return err_member(m, o, name, args, n, how, out);
    case C_DEBUG: return true;
    default: return false;
    }
}
