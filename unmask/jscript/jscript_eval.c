/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions (ECMA-262 13), but for calls (jscript_call.c) and what assigns (jscript_assign.c). */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

/* --- names (9.1) */

/* JS_ABSENT: nothing is named so. */
struct js_value js_lookup(struct js *m, uint32_t atom, struct js_object **where_out)
{
    for (struct js_object *s = m->scope; s; s = s->proto) {
        struct js_slot *slot;
        *where_out = s;
        if (s->class_ == C_WITH) {
            if (s->v.kind == JS_OBJECT && js_has(m, s->v.o, atom, false))
                return js_get(m, s->v, atom);
            continue;
        }
        slot = js_slot(s, atom);
        if (slot)
            return slot->v;
        if (s->class_ == C_GLOBAL) {
            struct js_value v;
            if (js_builtin_find(m, s, atom, &v))
                return v;
            v = js_host_global(m, atom);
            if (v.kind != JS_ABSENT)
                js_keep(m, s, atom, v);
            return v;
        }
    }
    *where_out = m->global;
    return (struct js_value){ .kind = JS_ABSENT };
}

static struct js_value name_value(struct js *m, const struct js_node *n)
{
    struct js_object *where;
    struct js_value v = js_lookup(m, n->atom, &where);
    if (v.kind != JS_ABSENT)
        return v;
    if (m->place == PLACE_HOST && !m->mixed && !m->broken) {
        js_throw(m, A_ReferenceError, "is not defined");
        return js_undefined();
    }
    slice name = js_atom_utf8(m, n->atom);
    return (struct js_value){ .kind = JS_UNKNOWN, .mark = texts_reason(m->t, name) };
}

/* --- literals */

static struct js_value template(struct js *m, const struct js_node *n)
{
    struct text s = { 0 };
    for (struct js_node *part = n->a; part && !JS_HALT(m); part = part->next)
        s = text_join(m->t, s, part->kind == N_STRING ? part->s : js_text(m, js_eval(m, part)));
    return js_string(s);
}

static struct js_value array(struct js *m, const struct js_node *n)
{
    struct js_object *o = js_array_new(m, 0), *more;
    for (struct js_node *e = n->a; o && e && !JS_HALT(m); e = e->next) {
        if (e->kind == N_ELISION) {
            (void)js_set_length(m, o, o->n_items + 1);
        } else if (e->kind == N_SPREAD) {
            struct js_value v = js_eval(m, e->a);
            if (!js_list(m, v, &more) && !JS_HALT(m))
                o->fogged = true;
            else if (!JS_HALT(m))
                for (uint32_t i = 0; i < more->n_items && js_step(m, 1); i++)
                    (void)js_item_write(m, o, o->n_items, js_item(js_of(more), i));
        } else {
            (void)js_item_write(m, o, o->n_items, js_eval(m, e));
        }
    }
    return js_of(o);
}

static void define_accessor(struct js *m, struct js_object *o, uint32_t atom, struct js_value f,
                            bool getter)
{
    struct js_slot *s = js_slot_make(m, o, atom);
    if (!s)
        return;
    if (!(s->flags & SLOT_ACCESSOR) || s->v.kind != JS_OBJECT) {
        js_write(m, o, s, js_of(js_object_new(m, C_ACCESSOR, O_NONE)));
        s->flags = SLOT_ACCESSOR;
    }
    if (s->v.kind == JS_OBJECT && getter)
        s->v.o->v = f;
    else if (s->v.kind == JS_OBJECT)
        s->v.o->v2 = f;
}

static uint32_t member_atom(struct js *m, struct js_node *p)
{
    return p->flags & NODE_COMPUTED ? js_key(m, js_eval(m, p->a)) : p->atom;
}

static void put_member(struct js *m, struct js_object *o, struct js_node *p, uint8_t flags)
{
    uint32_t atom = member_atom(m, p);
    struct js_value v = p->b ? js_eval(m, p->b) : js_undefined();
    if (atom == A_NONE) {
        o->fogged = o->fogged || !JS_HALT(m);
        return;
    }
    if (v.kind == JS_OBJECT && v.o->class_ == C_FUNCTION && p->b->kind == N_FUNCTION) {
        v.o->home = o;
        v.o->atom = v.o->atom ? v.o->atom : atom;
    }
    if (p->flags & (NODE_GETTER | NODE_SETTER))
        define_accessor(m, o, atom, v, p->flags & NODE_GETTER);
    else if (atom == A___proto__ && !(p->flags & NODE_COMPUTED))
        js_set(m, js_of(o), atom, v);
    else
        js_define(m, o, atom, v, flags);
}

static struct js_value object(struct js *m, const struct js_node *n)
{
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT);
    for (struct js_node *p = n->a; o && p && !JS_HALT(m); p = p->next) {
        if (p->kind != N_SPREAD) {
            put_member(m, o, p, 0);
            continue;
        }
        struct js_value v = js_eval(m, p->a);
        if (v.kind != JS_OBJECT) {
            o->fogged = v.kind == JS_UNKNOWN;
            continue;
        }
        struct js_object *keys = js_keys(m, v.o, false);
        for (uint32_t i = 0; keys && i < keys->n_items && !JS_HALT(m); i++)
            js_define(m, o, js_key(m, keys->items[i]), js_get_at(m, v, keys->items[i]), 0);
    }
    return js_of(o);
}

static struct js_value regexp(struct js *m, const struct js_node *n)
{
    return js_regexp_new(m, n->s, text_sub(m->source->s, n->atom, n->op));
}

/* 15.7 */
struct js_value js_eval_class(struct js *m, struct js_node *n)
{
    struct js_value parent = n->a ? js_eval(m, n->a) : js_undefined();
    struct js_object *proto = js_object_new(m, C_OBJECT, O_OBJECT), *f = NULL;
    struct js_code *code = NULL;
    for (struct js_node *p = n->b; p; p = p->next)
        if (p->atom == A_constructor && p->b && p->b->kind == N_FUNCTION &&
            !(p->flags & (NODE_STATIC | NODE_COMPUTED)))
            code = p->b->code;
    if (!code && (code = ARENA_NEW(m->mem, struct js_code)) != NULL)
        *code = (struct js_code){ .source = m->source, .from = n->at, .to = n->at };
    if (!proto || !code || JS_HALT(m))
        return js_undefined();
    struct js_value v = js_closure(m, code);
    if (v.kind != JS_OBJECT)
        return v;
    f = v.o;
    f->home = proto;
    f->atom = n->atom;
    proto->data = n;
    js_define(m, f, A_prototype, js_of(proto), SLOT_HIDDEN);
    js_define(m, proto, A_constructor, v, SLOT_HIDDEN);
    if (parent.kind == JS_OBJECT) {
        struct js_value up = js_get(m, parent, A_prototype);
        f->proto = parent.o;
        proto->proto = up.kind == JS_OBJECT ? up.o : proto->proto;
    }
    for (struct js_node *p = n->b; p && !JS_HALT(m); p = p->next)
        if ((p->flags & NODE_STATIC) || (p->op == 0 && p->atom != A_constructor))
            put_member(m, p->flags & NODE_STATIC ? f : proto, p, SLOT_HIDDEN);
    return v;
}

/* --- operators */

static struct js_value chain(struct js *m, struct js_node *n)
{
    struct js_value v = js_eval(m, n->a);
    for (struct js_node *o = n->b; o && !JS_HALT(m); o = o->next) {
        uint16_t op = o->join;
        struct js_value right = js_eval(m, o);
        if (JS_HALT(m))
            break;
        v = js_binary(m, op, v, right);
    }
    return v;
}

/* 13.13: && || ?? from the left. What stands behind an unknown is tried, and taken for possible. */
struct js_value js_logical(struct js *m, enum js_node_kind kind, struct js_value v,
                           struct js_node *next)
{
    for (struct js_node *o = next; o && !JS_HALT(m); o = o->next) {
        int truth =
            kind == N_NULLISH ? (v.kind == JS_UNKNOWN ? -1 : v.kind <= JS_NULL) : js_truth(v);
        bool goes_on = kind == N_OR ? truth == 0 : truth == 1;
        if (truth >= 0) {
            if (!goes_on)
                return v;
            v = js_eval(m, o);
            continue;
        }
        struct js_value left = v, right = js_undefined();
        bool leans_on = v.lean == (kind == N_OR ? LEAN_FALSE : LEAN_TRUE),
             leans_off = v.lean == (kind == N_OR ? LEAN_TRUE : LEAN_FALSE);
        if (leans_on) {
            right = js_eval(m, o);
            if (JS_HALT(m))
                return right;
            int t = js_truth(right);
            if (right.kind == JS_UNKNOWN)
                v = right;
            else
                v = js_lean(js_unknown_like(left), t > 0 ? LEAN_TRUE : LEAN_FALSE);
            continue;
        }
        (void)js_fork(m, js_lean(left, LEAN_NONE), o, NULL, false, &right);
        if (kind == N_AND && right.kind != JS_UNKNOWN && js_truth(right) == 0 &&
            right.kind == JS_BOOL)
            v = js_bool(false);
        else if (kind == N_OR && right.kind == JS_BOOL && right.b)
            v = js_bool(true);
        else
            v = leans_off ? left : js_unknown_like(left);
    }
    return v;
}

static struct js_value condition(struct js *m, struct js_node *n)
{
    for (;;) {
        struct js_value c = js_eval(m, n->a), v = js_undefined();
        int truth = js_truth(c);
        if (JS_HALT(m))
            return c;
        if (truth < 0) {
            (void)js_fork(m, c, n->b, n->c, false, &v);
            return v;
        }
        if (truth)
            return js_eval(m, n->b);
        if (!n->c || n->c->kind != N_CONDITION || (n->c->flags & NODE_BRACKETED))
            return js_eval(m, n->c);
        n = n->c;
    }
}

static struct js_value deleted(struct js *m, struct js_node *target)
{
    if (target->kind != N_MEMBER && target->kind != N_INDEX)
        return js_bool(target->kind != N_NAME);
    struct js_value base = js_eval(m, target->a);
    struct js_value key = target->kind == N_INDEX ? js_eval(m, target->b) : js_undefined();
    if (JS_HALT(m) || base.kind != JS_OBJECT)
        return js_bool(true);
    uint32_t atom = target->kind == N_INDEX ? js_key(m, key) : target->atom, index;
    struct js_slot *s = atom ? js_slot(base.o, atom) : NULL;
    if (s)
        js_write(m, base.o, s, (struct js_value){ .kind = JS_ABSENT });
    else if (atom && js_atom_index(m, atom, &index) && index < base.o->n_items)
        (void)js_item_write(m, base.o, index, (struct js_value){ .kind = JS_ABSENT });
    return js_bool(true);
}

struct js_value js_unary(struct js *m, uint16_t op, struct js_value v)
{
    switch (op) {
    case M_TYPEOF:
        return js_typeof(m, v);
    case M_VOID:
        return js_undefined();
    case '!': {
        int t = js_truth(v);
        if (t >= 0)
            return js_bool(!t);
        return js_lean(js_unknown_like(v), v.lean == LEAN_TRUE || v.lean == LEAN_LARGE ? LEAN_FALSE
                                           : v.lean == LEAN_FALSE                      ? LEAN_TRUE
                                                                                       : LEAN_NONE);
    }
    default:
        break;
    }
    struct js_value d = js_to_number(m, v);
    if (d.kind != JS_NUMBER)
        return js_unknown_like(d);
    return js_number_at(op == '-' ? -d.d : op == '~' ? ~js_int32(d.d) : d.d, d.mark);
}

static struct js_value unary(struct js *m, struct js_node *n)
{
    struct js_object *where;
    if (n->op == M_DELETE)
        return deleted(m, n->a);
    if (n->op == M_TYPEOF && n->a->kind == N_NAME) {
        struct js_value v = js_lookup(m, n->a->atom, &where);
        if (v.kind == JS_ABSENT && (m->place != PLACE_HOST || m->mixed || m->broken))
            return js_unknown(m, "typeof");
        return js_typeof(m, v);
    }
    struct js_value v = js_eval(m, n->a);
    return JS_HALT(m) ? v : js_unary(m, n->op, v);
}

/* --- members */

static struct js_value super_member(struct js *m, struct js_node *n)
{
    struct js_object *up = m->home ? m->home->proto : NULL;
    uint32_t atom = n->kind == N_INDEX ? js_key(m, js_eval(m, n->b)) : n->atom;
    return up && !JS_HALT(m) ? js_get(m, js_of(up), atom) : js_undefined();
}

static struct js_value member(struct js *m, struct js_node *n)
{
    if (n->a->kind == N_SUPER)
        return super_member(m, n);
    struct js_value base = js_eval(m, n->a);
    if (JS_HALT(m) || ((n->flags & NODE_OPTIONAL) && base.kind <= JS_NULL))
        return js_undefined();
    if (n->kind == N_MEMBER)
        return js_get(m, base, n->atom);
    struct js_value key = js_eval(m, n->b);
    return JS_HALT(m) ? key : js_get_at(m, base, key);
}

static struct js_value string_raw(struct js *m, struct js_node *n)
{
    (void)js_eval(m, n->a);
    (void)template(m, n->b);
    return js_unknown(m, "template");
}

static text_mark mark_at(const struct js *m, uint32_t at)
{
    return text_mark_at(m->source->s, at) & 0x7FFFFFFF;
}

static struct js_value evaluate(struct js *m, struct js_node *n)
{
    struct js_value v = js_undefined();
    switch (n->kind) {
    case N_NUMBER:
        return js_number_at(n->d, mark_at(m, n->at));
    case N_STRING:
        return js_string(n->s);
    case N_TEMPLATE:
        return template(m, n);
    case N_REGEXP:
        return regexp(m, n);
    case N_NAME:
        return name_value(m, n);
    case N_THIS:
        return m->self;
    case N_NULL:
        return (struct js_value){ .kind = JS_NULL };
    case N_TRUE:
        return js_bool(true);
    case N_FALSE:
        return js_bool(false);
    case N_ARRAY:
        return array(m, n);
    case N_OBJECT:
        return object(m, n);
    case N_FUNCTION:
        return js_closure(m, n->code);
    case N_CLASS:
        return js_eval_class(m, n);
    case N_MEMBER:
    case N_INDEX:
        return member(m, n);
    case N_CALL:
        return js_eval_call(m, n);
    case N_NEW:
        return js_eval_new(m, n);
    case N_UNARY:
        return unary(m, n);
    case N_UPDATE:
        return js_eval_update(m, n);
    case N_BINARY:
        return chain(m, n);
    case N_AND:
    case N_OR:
    case N_NULLISH:
        return js_logical(m, (enum js_node_kind)n->kind, js_eval(m, n->a), n->b);
    case N_CONDITION:
        return condition(m, n);
    case N_ASSIGN:
        return js_eval_assign(m, n);
    case N_COMMA:
        for (struct js_node *e = n->a; e && !JS_HALT(m); e = e->next)
            v = js_eval(m, e);
        return v;
    case N_AWAIT:
        return js_settled(js_eval(m, n->a));
    case N_HOLE:
        return (struct js_value){ .kind = JS_UNKNOWN, .mark = text_mark_at(m->source->s, n->at) };
    case N_TAGGED:
        return string_raw(m, n);
    case N_SPREAD:
        return js_eval(m, n->a);
    default:
        return v;
    }
}

struct js_value js_eval(struct js *m, struct js_node *n)
{
    if (!n || JS_HALT(m) || !js_step(m, 1))
        return js_undefined();
    if (m->depth >= JS_DEPTH_MAX) {
        js_stack_full(m);
        return js_undefined();
    }
    m->depth++;
    struct js_value v = evaluate(m, n);
    m->depth--;
    if (v.kind == JS_ABSENT)
        v = js_undefined();
    return v;
}
