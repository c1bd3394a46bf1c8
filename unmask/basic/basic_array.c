/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays: [MS-VBAL] 2.3.2, 5.4.3.3. They are values: assigning one copies it. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static struct value fresh_item(struct machine *m, uint8_t as)
{
    if (as < V_FIXED)
        return (struct value){ .type = as, .as = as };
    uint32_t n = as == V_FIXED + BASIC_FIXED_MAX ? 0 : m->fixed[as - V_FIXED];
    uint16_t *zeros = n ? ARENA_ARRAY(m->mem, uint16_t, n) : NULL; /* as many Chr(0) */
    struct value v = zeros ? basic_text(text_of_units(m->t, zeros, n, TEXT_NOWHERE)) : basic_unknown(m, "text of fixed length");
    v.as = as;
    return v;
}

struct value basic_fresh(struct machine *m, uint8_t as)
{
    struct value v = fresh_item(m, as);
    v.flags = VALUE_DECLARED;
    if (as == V_OBJECT)
        v.o = NULL;
    return v;
}

struct value basic_array_new(struct machine *m, uint8_t as, uint32_t dims, const int32_t *low, const uint32_t *n)
{
    uint64_t all = 1;
    for (uint32_t i = 0; i < dims; i++)
        all = all > BASIC_ITEMS_MAX ? all : all * n[i];
    struct array *a = all > BASIC_ITEMS_MAX || !basic_step(m, all / 16) ? NULL : ARENA_NEW(m->mem, struct array);
    struct value *items = a ? ARENA_ARRAY(m->mem, struct value, (size_t)(all ? all : 1)) : NULL;
    if (!items) {
        m->unread = true;
        return basic_unknown(m, "array");
    }
    *a = (struct array){ .dims = dims, .as = as, .all = (uint32_t)all, .items = items };
    for (uint32_t i = 0; i < dims; i++)
        a->low[i] = low[i], a->n[i] = n[i];
    for (uint64_t i = 0; as != V_EMPTY && i < all; i++)
        items[i] = i ? items[0] : fresh_item(m, as);
    return (struct value){ .type = V_ARRAY, .a = a };
}

struct value basic_array_of(struct machine *m, uint32_t n)
{
    int32_t low = 0;
    return basic_array_new(m, V_EMPTY, 1, &low, &n);
}

struct value *basic_array_item(struct machine *m, struct array *a, const struct arg *index, uint32_t n)
{
    uint64_t at = 0, step = 1;
    if (!a || a->dims == 0 || n != a->dims) {
        if (a)
            basic_error(m, 9);
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        int64_t k;
        if (!basic_integer(m, index[i].v, &k))
            return NULL;
        if (k < a->low[i] || k - a->low[i] >= (int64_t)a->n[i]) {
            basic_error(m, 9);
            return NULL;
        }
        at += (uint64_t)(k - a->low[i]) * step;
        step *= a->n[i];
    }
    return &a->items[at];
}

struct value basic_copy(struct machine *m, struct value v)
{
    if (v.type == V_OBJECT && v.o && v.o->class_ == C_RECORD) {
        struct object *o = basic_object_new(m, C_RECORD);
        struct value *vars = o ? ARENA_ARRAY(m->mem, struct value, v.o->n_vars ? v.o->n_vars : 1) : NULL;
        for (uint32_t i = 0; vars && i < v.o->n_vars; i++)
            vars[i] = v.o->vars[i];
        if (vars) {
            o->vars = vars, o->n_vars = v.o->n_vars, o->fields = v.o->fields;
            o->started = v.o->started;
            v.o = o;
        }
    }
    if (v.type != V_ARRAY || !v.a)
        return v;
    struct value w = basic_array_new(m, v.a->as, v.a->dims, v.a->low, v.a->n);
    if (w.type != V_ARRAY)
        return w;
    for (uint32_t i = 0; i < v.a->all; i++)
        w.a->items[i] = v.a->items[i];
    w.mark = v.mark;
    return w;
}

static bool known_byte(struct value v, uint8_t *out)
{
    if (v.type == V_EMPTY)
        *out = 0;
    else if (v.type >= V_BOOLEAN && v.type <= V_LONGLONG && v.i >= 0 && v.i <= 255)
        *out = (uint8_t)v.i;
    else if ((v.type == V_DOUBLE || v.type == V_SINGLE) && v.d >= 0 && v.d <= 255)
        *out = (uint8_t)v.d;
    else
        return false;
    return true;
}

bool basic_bytes(struct machine *m, struct value v, slice *out)
{
    bool array = v.type == V_ARRAY && v.a && v.a->dims == 1;
    uint32_t n = array ? v.a->all : v.type == V_STRING ? v.s.n : 0;
    if (!n || !basic_step(m, n / 8) || (!array && !text_known(v.s)))
        return false;
    uint8_t *bytes = arena_get(m->mem, n, 1);
    if (!bytes)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (array && !known_byte(v.a->items[i], &bytes[i]))
            return false;
        if (!array)
            bytes[i] = (uint8_t)text_unit(v.s, i);
    }
    *out = (slice){ bytes, n };
    return true;
}

struct value basic_array_bytes(struct machine *m, slice bytes, text_mark mark)
{
    int32_t low = 0;
    uint32_t n = bytes.len > BASIC_ITEMS_MAX ? BASIC_ITEMS_MAX : (uint32_t)bytes.len;
    struct value v = basic_array_new(m, V_BYTE, 1, &low, &n);
    if (v.type != V_ARRAY)
        return v;
    for (uint32_t i = 0; i < n; i++)
        v.a->items[i] = (struct value){ .type = V_BYTE, .as = V_BYTE, .mark = mark, .i = bytes.at[i] };
    v.mark = mark;
    return v;
}

/* --- Dim and ReDim */

static bool bounds_of(struct machine *m, const struct basic_node *bounds, int32_t *low, uint32_t *n)
{
    uint32_t i = 0;
    int64_t base = m->module < m->n_modules ? m->modules[m->module].base : 0;
    for (const struct basic_node *b = bounds->args; b && i < BASIC_DIMS_MAX; b = b->next, i++) {
        bool pair = b->kind == N_PAREN && b->op == 'T';
        int64_t from = base, to;
        if (pair && !basic_integer(m, basic_eval_plain(m, b->left), &from))
            return false;
        if (!basic_integer(m, basic_eval_plain(m, pair ? b->args : b), &to))
            return false;
        if (from < INT32_MIN || from > INT32_MAX || to < from - 1 || to - from >= INT32_MAX) {
            basic_error(m, to < from ? 9 : 7);
            return false;
        }
        low[i] = (int32_t)from;
        n[i] = (uint32_t)(to - from + 1);
    }
    return true;
}

static void keep_items(struct machine *m, const struct array *old, struct array *a)
{
    if (!old || old->dims != a->dims || !basic_step(m, old->all / 16))
        return;
    /* Only the last dimension may change (5.4.3.3), and it varies slowest. */
    for (uint32_t i = 0; i + 1 < a->dims; i++)
        if (old->n[i] != a->n[i])
            return;
    for (uint32_t i = 0; i < old->all && i < a->all; i++)
        a->items[i] = old->items[i];
}

void basic_redim(struct machine *m, struct value *at, const struct basic_node *bounds, bool preserve, uint8_t as)
{
    int32_t low[BASIC_DIMS_MAX] = { 0 };
    uint32_t n[BASIC_DIMS_MAX] = { 0 };
    uint32_t dims = bounds->n < BASIC_DIMS_MAX ? bounds->n : BASIC_DIMS_MAX;
    struct array *old = at->type == V_ARRAY ? at->a : NULL;
    if (!as && old)
        as = old->as;
    struct value v;
    if (dims == 0) { /* without bounds yet */
        v = (struct value){ .type = V_ARRAY, .a = ARENA_NEW(m->mem, struct array) };
        if (v.a)
            v.a->as = as;
    } else if (!bounds_of(m, bounds, low, n)) {
        if (m->error)
            return;
        v = basic_unknown(m, "bounds");
    } else {
        v = basic_array_new(m, as, dims, low, n);
        if (v.type == V_ARRAY && preserve)
            keep_items(m, old, v.a);
    }
    v.as = V_EMPTY;
    basic_store(m, at, v);
}
