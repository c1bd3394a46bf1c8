/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that only keep things: modules, classes, records, Collection, Dictionary, Err, Debug. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

static bool writes(enum vba_how how) { return how == HOW_LET || how == HOW_SETS; }

/* --- modules, instances, records */

static bool module_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum vba_how how, struct value *out)
{
    struct value *at = vba_member_place(m, o, name);
    if (at) {
        if (writes(how) && n == 1)
            vba_store(m, at, args[0].v);
        else
            *out = vba_apply(m, vba_load(at), args, n, how);
        return true;
    }
    if (o->class_ == C_RECORD) {
        vba_error(m, 438);
        return true;
    }
    struct vba_proc *p = vba_declare_proc(m, name, o->module, how == HOW_LET ? PROC_LET : how == HOW_SETS ? PROC_SET : PROC_FUNCTION);
    if (p) {
        *out = vba_call_proc(m, p, o, args, n);
        return true;
    }
    struct vba_decl *d = vba_declare_find(m, name, o->module, true);
    if (d && d->kind == DECL_CONSTANT && d->module == o->module) {
        *out = vba_declare_constant(m, d);
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
        return vba_pair_at(m, o, key, false);
    if (!vba_integer(m, key, &i) || i < 1 || i > o->n)
        return NULL;
    return &o->pairs[i - 1].value;
}

static struct value list_of(struct machine *m, struct object *o, bool keys)
{
    struct value v = vba_array_of(m, o->n);
    for (uint32_t i = 0; v.type == V_ARRAY && i < o->n; i++)
        v.a->items[i] = keys ? o->pairs[i].key : o->pairs[i].value;
    return v;
}

static void remove_at(struct machine *m, struct object *o, struct value *at)
{
    vba_touch(m, o);
    struct vba_pair *pairs = ARENA_ARRAY(m->mem, struct vba_pair, o->room ? o->room : 1);
    uint32_t k = 0;
    for (uint32_t i = 0; pairs && i < o->n; i++)
        if (&o->pairs[i].value != at)
            pairs[k++] = o->pairs[i];
    if (pairs && vba_step(m, o->n / 8 + 1)) {
        o->pairs = pairs;
        o->n = k;
    }
}

static void collection_add(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    static const uint32_t no_key = 1;
    struct value key = vba_arg(args, n, 1);
    bool dictionary = o->class_ == C_DICTIONARY;
    struct value value = dictionary ? key : vba_arg(args, n, 0);
    key = dictionary ? vba_plain(m, args[0].v) : key.type == V_MISSING ? vba_int(V_ERROR, (int64_t)o->n << 8 | no_key) : vba_plain(m, key);
    if (m->error)
        return;
    if (vba_is_unknown(key)) {
        o->fogged = true;
        return;
    }
    if (vba_pair_at(m, o, key, false)) {
        vba_error(m, 457);
        return;
    }
    struct value *at = vba_pair_at(m, o, key, true);
    if (at)
        vba_store(m, at, value);
}

static bool group_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum vba_how how, struct value *out)
{
    struct value *at;
    if (o->fogged && name != W_add) {
        *out = vba_foreign(m, o, name);
        return true;
    }
    switch (name) {
    case W_add: if (n) collection_add(m, o, args, n); return true;
    case W_count: *out = vba_int(V_LONG, o->n); return true;
    case W_item:
        if (n == 0)
            return true;
        if (vba_is_unknown(args[0].v)) {
            o->fogged = o->fogged || writes(how);
            *out = vba_foreign(m, o, name);
            return true;
        }
        at = item_at(m, o, args[0].v);
        if (!at && (writes(how) || o->class_ == C_DICTIONARY) && o->class_ == C_DICTIONARY)
            at = vba_pair_at(m, o, args[0].v, true);
        if (!at)
            vba_error(m, args[0].v.type == V_STRING ? 5 : 9);
        else if (writes(how))
            vba_store(m, at, args[n - 1].v);
        else
            *out = vba_apply(m, *at, args + 1, n - 1, HOW_GET);
        return true;
    case W_exists:
        *out = n && !vba_is_unknown(args[0].v) ? vba_bool(vba_pair_at(m, o, args[0].v, false) != NULL) : vba_unknown(m, "Exists");
        return true;
    case W_keys: case W_items:
        *out = vba_apply(m, list_of(m, o, name == W_keys), args, n, HOW_GET);
        return true;
    case W_remove:
        at = n ? item_at(m, o, args[0].v) : NULL;
        if (at)
            remove_at(m, o, at);
        else
            vba_error(m, 5);
        return true;
    case W_removeall: vba_touch(m, o); o->n = 0; return true;
    case W_comparemode: o->fogged = o->n > 0; return true;
    default: return false;
    }
}

/* --- Err, Debug */

static bool err_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum vba_how how, struct value *out)
{
    int64_t k = 5;
    switch (name) {
    case W_number:
        if (writes(how) && n)
            o->content = args[n - 1].v;
        *out = o->fogged ? vba_unknown(m, "Err.Number") : o->content.type == V_EMPTY ? vba_int(V_LONG, 0) : o->content;
        return true;
    case W_clear: vba_touch(m, o); o->content = vba_int(V_LONG, 0); return true;
    case W_raise:
        if (n && vba_integer(m, args[0].v, &k))
            vba_error(m, k ? (int32_t)k : 5);
        return true;
    default: *out = vba_unknown(m, "Err"); return true;
    }
}

bool vba_store_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum vba_how how, struct value *out)
{
    switch (o->class_) {
    case C_MODULE: case C_INSTANCE: case C_RECORD: return module_member(m, o, name, args, n, how, out);
    case C_COLLECTION: case C_DICTIONARY: return group_member(m, o, name, args, n, how, out);
    case C_ERR: return err_member(m, o, name, args, n, how, out);
    case C_DEBUG: return true;
    default: return false;
    }
}
