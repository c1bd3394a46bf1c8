/* SPDX-License-Identifier: Apache-2.0 */
/* What assigns: names, members, patterns (ECMA-262 13.15, 13.4, 14.3.3). */
#include "unmask/jscript/jscript_private.h"

static void assign_name(struct js *m, const struct js_node *n, struct js_value v, int declare)
{
    struct js_object *where = m->scope;
    if (v.kind == JS_OBJECT && v.o->class_ == C_FUNCTION && !v.o->atom &&
        !((const struct js_code *)v.o->data)->name)
        v.o->atom = n->atom;
    if (m->u->trace)
        js_note(m, m->source, n->at, v, NULL);
    if (declare == A_let || declare == A_const) {
        js_define(m, where, n->atom, v, 0);
        return;
    }
    for (; where && where->class_ != C_GLOBAL; where = where->proto) {
        if (where->class_ == C_WITH) {
            if (where->v.kind == JS_OBJECT && js_has(m, where->v.o, n->atom, false)) {
                js_set(m, where->v, n->atom, v);
                return;
            }
            continue;
        }
        struct js_slot *s = js_slot(where, n->atom);
        if (s) {
            if (!(s->flags & SLOT_FIXED))
                js_write(m, where, s, v);
            return;
        }
    }
    if (where && n->atom == A_location && m->place != PLACE_HOST) {
        (void)js_page_set(m, where, A_location, v);
        return;
    }
    struct js_slot *s = where ? js_slot_make(m, where, n->atom) : NULL;
    if (s)
        js_write(m, where, s, v);
}

static void assign_array(struct js *m, struct js_node *target, struct js_value v, int declare)
{
    struct js_object *list, *rest;
    uint32_t i = 0;
    bool known = js_list(m, v, &list);
    for (struct js_node *e = target->a; e && !JS_HALT(m); e = e->next, i++) {
        if (e->kind == N_ELISION)
            continue;
        if (e->kind == N_SPREAD) {
            rest = js_array_new(m, 0);
            for (; rest && known && i < list->n_items && js_step(m, 1); i++)
                (void)js_item_write(m, rest, rest->n_items, js_item(js_of(list), i));
            if (rest && !known)
                rest->fogged = true;
            js_assign(m, e->a, js_of(rest), declare);
            break;
        }
        js_assign(m, e, known ? js_item(js_of(list), i) : js_unknown_like(v), declare);
    }
}

static void assign_object(struct js *m, struct js_node *target, struct js_value v, int declare)
{
    if (v.kind <= JS_NULL) {
        js_throw(m, A_TypeError, "Cannot destructure");
        return;
    }
    for (struct js_node *p = target->a; p && !JS_HALT(m); p = p->next) {
        if (p->kind == N_SPREAD) {
            js_assign(m, p->a, js_unknown(m, "rest"), declare);
            continue;
        }
        uint32_t atom = p->flags & NODE_COMPUTED ? js_key(m, js_eval(m, p->a)) : p->atom;
        struct js_value part = atom ? js_get(m, v, atom) : js_unknown(m, "name");
        if (!JS_HALT(m))
            js_assign(m, p->b, part, declare);
    }
}

/* declare: 0, A_var, A_let or A_const */
void js_assign(struct js *m, struct js_node *target, struct js_value v, int declare)
{
    struct js_value base, key;
    if (!target || JS_HALT(m) || !js_step(m, 1))
        return;
    if (v.kind == JS_ABSENT)
        v = js_undefined();
    switch (target->kind) {
    case N_NAME:
        assign_name(m, target, v, declare);
        break;
    case N_MEMBER:
        base = js_eval(m, target->a);
        if (!JS_HALT(m))
            js_set(m, base, target->atom, v);
        break;
    case N_INDEX:
        base = js_eval(m, target->a);
        key = JS_HALT(m) ? base : js_eval(m, target->b);
        if (!JS_HALT(m))
            js_set_at(m, base, key, v);
        break;
    case N_ASSIGN: /* a default */
        if (v.kind == JS_UNDEFINED)
            v = js_eval(m, target->b);
        js_assign(m, target->a, v, declare);
        break;
    case N_ARRAY:
        assign_array(m, target, v, declare);
        break;
    case N_OBJECT:
        assign_object(m, target, v, declare);
        break;
    default:
        (void)js_eval(m, target);
        break;
    }
}

/* A place that is read and written: what stands before the point is evaluated once. */
struct place {
    struct js_value base, key;
    bool is_member;
};

static struct place place_of(struct js *m, struct js_node *n)
{
    struct place p = { .is_member = n->kind == N_MEMBER || n->kind == N_INDEX };
    if (!p.is_member)
        return p;
    p.base = n->a->kind == N_SUPER ? m->self : js_eval(m, n->a);
    if (n->kind == N_INDEX && !JS_HALT(m))
        p.key = js_eval(m, n->b);
    return p;
}

static struct js_value read_place(struct js *m, struct js_node *n, const struct place *p)
{
    if (!p->is_member)
        return js_eval(m, n);
    return n->kind == N_MEMBER ? js_get(m, p->base, n->atom) : js_get_at(m, p->base, p->key);
}

static void write_place(struct js *m, struct js_node *n, const struct place *p, struct js_value v)
{
    if (JS_HALT(m))
        return;
    if (!p->is_member)
        js_assign(m, n, v, 0);
    else if (n->kind == N_MEMBER)
        js_set(m, p->base, n->atom, v);
    else
        js_set_at(m, p->base, p->key, v);
}

struct js_value js_eval_assign(struct js *m, struct js_node *n)
{
    struct js_value v;
    if (n->op == '=' && (n->a->kind == N_NAME || n->a->kind == N_ARRAY || n->a->kind == N_OBJECT ||
                         n->a->kind == N_CALL)) {
        v = js_eval(m, n->b);
        js_assign(m, n->a, v, 0);
        return v;
    }
    struct place p = place_of(m, n->a);
    if (n->op == '=') {
        v = js_eval(m, n->b);
        write_place(m, n->a, &p, v);
        return v;
    }
    struct js_value before = JS_HALT(m) ? js_undefined() : read_place(m, n->a, &p);
    if (JS_HALT(m))
        return before;
    if (n->op == M_AND || n->op == M_OR || n->op == M_NULLISH) {
        int truth = n->op == M_NULLISH ? (before.kind == JS_UNKNOWN ? -1 : before.kind <= JS_NULL)
                                       : js_truth(before);
        if (truth >= 0 && (n->op == M_OR ? truth : !truth))
            return before;
        v = js_eval(m, n->b);
        v = truth < 0 ? js_unknown_like(before) : v;
    } else {
        v = js_eval(m, n->b);
        if (!JS_HALT(m))
            v = js_binary(m, n->op, before, v);
    }
    write_place(m, n->a, &p, v);
    return v;
}

struct js_value js_eval_update(struct js *m, struct js_node *n)
{
    struct place p = place_of(m, n->a);
    struct js_value before = JS_HALT(m) ? js_undefined() : js_to_number(m, read_place(m, n->a, &p));
    if (JS_HALT(m))
        return before;
    struct js_value after = before.kind == JS_NUMBER
                                ? js_number_at(before.d + (n->op == M_INC ? 1 : -1), before.mark)
                                : js_unknown_like(before);
    write_place(m, n->a, &p, after);
    return n->flags & NODE_PREFIX ? after : before;
}
