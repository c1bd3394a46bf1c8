/* SPDX-License-Identifier: Apache-2.0 */
/* Statements (ECMA-262 14). A loop whose condition is unknown is gone once, perhaps. */
#include "unmask/jscript/jscript_private.h"

static bool own(struct js *m, uint32_t label)
{
    if (m->label && m->label != label)
        return false;
    m->label = 0;
    return true;
}

/* How a loop goes on behind its body. */
static bool leaves(struct js *m, uint32_t label, enum js_flow *flow)
{
    if (*flow == FLOW_ON || (*flow == FLOW_CONTINUE && own(m, label))) {
        *flow = FLOW_ON;
        return JS_HALT(m);
    }
    if (*flow == FLOW_BREAK && own(m, label))
        *flow = FLOW_ON;
    return true;
}

static enum js_flow halted(const struct js *m, enum js_flow flow)
{
    return m->thrown ? FLOW_THROW : flow;
}

static enum js_flow try_once(struct js *m, struct js_value condition, struct js_node *body)
{
    enum js_flow flow = js_fork(m, condition, body, NULL, true, NULL);
    return flow == FLOW_BREAK || flow == FLOW_CONTINUE ? FLOW_ON : flow;
}

/* The rest of a loop that has gone on for a while. */
static enum js_flow go_on(struct js *m, const struct js_loop *l, struct js_hot_frame *hot,
                          enum js_part part, uint32_t label)
{
    enum js_flow flow = FLOW_ON;
    struct js_value c = js_undefined();
    for (;;) {
        enum js_rounds end = js_hot_rounds(m, hot, part, &c, &flow);
        part = PART_UPDATE;
        if (end == ROUNDS_LEFT && !leaves(m, label, &flow))
            continue;
        if (end == ROUNDS_OPEN) /* of `do` the body has been run */
            flow = l->node->kind == N_DO ? FLOW_ON : try_once(m, c, l->parts[PART_BODY]);
        break;
    }
    js_hot_leave(hot);
    return flow;
}

static enum js_flow while_loop(struct js *m, struct js_node *n, uint32_t label)
{
    struct js_loop l = { .node = n, .parts = { [PART_CONDITION] = n->a, [PART_BODY] = n->b } };
    struct js_hot_frame *hot;
    enum js_flow flow = FLOW_ON;
    if (n->kind == N_WHILE)
        js_pass_time(m, n->a, n->b, NULL);
    for (bool first = n->kind == N_DO; js_step(m, 1); first = false) {
        if ((hot = js_hot_enter(m, &l)) != NULL) {
            flow = go_on(m, &l, hot, first ? PART_BODY : PART_CONDITION, label);
            break;
        }
        if (!first) {
            struct js_value c = js_eval(m, n->a);
            int truth = js_truth(c);
            if (JS_HALT(m) || truth == 0)
                break;
            if (truth < 0) /* of `do` the body has been run */
                return n->kind == N_DO ? FLOW_ON : try_once(m, c, n->b);
        }
        flow = js_run(m, n->b);
        if (leaves(m, label, &flow))
            break;
    }
    return halted(m, flow);
}

/* Each round has variables of its own, so that closures keep theirs (14.7.4.4). */
void js_next_scope(struct js *m)
{
    struct js_object *old = m->scope, *s = js_scope_new(m, old->proto);
    for (uint32_t i = 0; s && i < old->n_slots; i++)
        js_define(m, s, old->slots[i].atom, old->slots[i].v, old->slots[i].flags);
    m->moved++;
    m->scope = s ? s : old;
}

static enum js_flow for_loop(struct js *m, struct js_node *n, uint32_t label)
{
    enum js_flow flow = FLOW_ON;
    struct js_object *outer = m->scope;
    struct js_node *update = n->c ? n->c->a : NULL, *body = n->c ? n->c->b : NULL;
    struct js_loop l = {
        .node = n,
        .parts = { [PART_CONDITION] = n->b, [PART_BODY] = body, [PART_UPDATE] = update },
        .scoped = n->op == A_let || n->op == A_const,
    };
    struct js_hot_frame *hot;
    if (l.scoped && !(m->scope = js_scope_new(m, outer))) {
        m->scope = outer;
        return FLOW_ON;
    }
    if (n->a)
        (void)js_run(m, n->a);
    for (bool first = true; !JS_HALT(m) && js_step(m, 1); first = false) {
        if (!first && (hot = js_hot_enter(m, &l)) != NULL) {
            flow = go_on(m, &l, hot, PART_CONDITION, label);
            break;
        }
        if (n->b) {
            struct js_value c = js_eval(m, n->b);
            int truth = js_truth(c);
            if (JS_HALT(m) || truth == 0)
                break;
            if (truth < 0) {
                flow = try_once(m, c, body);
                break;
            }
        }
        flow = js_run(m, body);
        if (leaves(m, label, &flow))
            break;
        if (l.scoped)
            js_next_scope(m);
        if (update)
            (void)js_eval(m, update);
        if (update && first)
            js_pass_time(m, n->b, body, update);
    }
    m->scope = outer;
    return halted(m, flow);
}

static enum js_flow one_round(struct js *m, struct js_node *n, struct js_value v)
{
    struct js_object *outer = m->scope;
    if (n->op == A_let || n->op == A_const) {
        struct js_object *s = js_scope_new(m, outer);
        m->scope = s ? s : outer;
    }
    js_assign(m, n->a, v, n->op);
    enum js_flow flow = js_run(m, n->c);
    m->scope = outer;
    return flow;
}

static enum js_flow each_loop(struct js *m, struct js_node *n, uint32_t label)
{
    struct js_value over = js_eval(m, n->b);
    struct js_object *list = NULL;
    enum js_flow flow = FLOW_ON;
    bool known = false;
    if (JS_HALT(m))
        return halted(m, flow);
    if (n->kind == N_FOR_OF) {
        known = js_list(m, over, &list);
    } else if (over.kind <= JS_NULL) {
        return FLOW_ON;
    } else if (over.kind == JS_OBJECT && over.o->class_ != C_HOST && !over.o->fogged) {
        list = js_keys(m, over.o, true);
        known = list != NULL;
    } else if (over.kind == JS_STRING && text_known(over.s)) {
        struct js_object *o = js_object_new(m, C_STRING, O_STRING);
        if (o)
            o->v = over;
        list = o ? js_keys(m, o, true) : NULL;
        known = list != NULL;
    }
    if (JS_HALT(m))
        return halted(m, flow);
    if (!known) {
        if (over.kind != JS_UNKNOWN && over.kind != JS_STRING && over.kind != JS_OBJECT)
            return FLOW_ON;
        struct js_value u = over.kind == JS_UNKNOWN ? js_unknown_like(over) : js_unknown(m, "list");
        js_assign(m, n->a, u, n->op);
        return try_once(m, u, n->c);
    }
    for (uint32_t i = 0; i < list->n_items && js_step(m, 1); i++) {
        flow = one_round(m, n, js_item(js_of(list), i));
        if (leaves(m, label, &flow))
            break;
    }
    return halted(m, flow);
}

/* 14.12 */
static enum js_flow switch_statement(struct js *m, struct js_node *n)
{
    struct js_value v = js_eval(m, n->a);
    struct js_node *to = NULL, *otherwise = NULL;
    struct js_object *outer = m->scope;
    enum js_flow flow = FLOW_ON;
    bool open = false;
    for (struct js_node *c = n->b; c && !to && !JS_HALT(m); c = c->next) {
        if (!c->a) {
            otherwise = c;
            continue;
        }
        int same = js_same(v, js_eval(m, c->a));
        open = open || same < 0;
        if (same == 1 && !open)
            to = c;
    }
    if (JS_HALT(m))
        return halted(m, flow);
    if (n->flags & NODE_SCOPE) {
        struct js_object *s = js_scope_new(m, outer);
        m->scope = s ? s : outer;
    }
    if (open) { /* each is tried */
        for (struct js_node *c = n->b; c && !m->stop; c = c->next) {
            struct js_node block = { .kind = N_BLOCK, .at = c->at, .a = c->b };
            struct js_node *kept = ARENA_NEW(m->mem, struct js_node);
            if (!kept)
                break;
            *kept = block;
            flow = js_fork(m, js_lean(js_unknown_like(v), LEAN_NONE), kept, NULL, true, NULL);
            if (flow != FLOW_ON)
                break;
        }
    } else {
        for (to = to ? to : otherwise; to && flow == FLOW_ON && !JS_HALT(m); to = to->next)
            flow = js_run_list(m, to->b);
    }
    m->scope = outer;
    if (flow == FLOW_BREAK && own(m, 0))
        flow = FLOW_ON;
    return halted(m, flow);
}

/* 14.15. What is called may throw: the handler is looked at, once. */
static enum js_flow try_statement(struct js *m, struct js_node *n)
{
    struct js_object *outer = m->scope;
    struct js_value self = m->self;
    enum js_flow flow = js_run(m, n->a);
    m->scope = outer;
    m->self = self;
    if (m->thrown && n->b && !m->stop && !m->quit) {
        struct js_object *s = js_scope_new(m, outer);
        m->thrown = false;
        m->scope = s ? s : outer;
        if (n->b->a)
            js_assign(m, n->b->a, m->exception, A_let);
        flow = js_run(m, n->b->b);
        m->scope = outer;
    } else if (n->b && n->b->b && n->b->b->a && !(n->flags & NODE_OPTIONAL) && !JS_HALT(m)) {
        n->flags |= NODE_OPTIONAL; /* looked at */
        struct js_object *s = js_scope_new(m, outer);
        m->scope = s ? s : outer;
        if (n->b->a)
            js_assign(m, n->b->a, js_unknown(m, "error"), A_let);
        js_explore(m, n->b->b);
        m->scope = outer;
    }
    if (!n->c || m->stop)
        return halted(m, flow);
    bool thrown = m->thrown;
    struct js_value exception = m->exception;
    m->thrown = false;
    enum js_flow last = js_run(m, n->c);
    if (last != FLOW_ON || m->thrown)
        return halted(m, last);
    m->thrown = thrown;
    m->exception = exception;
    return halted(m, flow);
}

static enum js_flow if_statement(struct js *m, struct js_node *n)
{
    for (;;) {
        struct js_value c = js_eval(m, n->a);
        int truth = js_truth(c);
        if (JS_HALT(m))
            return halted(m, FLOW_ON);
        if (truth < 0)
            return halted(m, js_fork(m, c, n->b, n->c, false, NULL));
        if (truth)
            return js_run(m, n->b);
        if (!n->c)
            return FLOW_ON;
        if (n->c->kind != N_IF)
            return js_run(m, n->c);
        n = n->c;
        if (!js_step(m, 1))
            return FLOW_ON;
    }
}

static enum js_flow block(struct js *m, struct js_node *n)
{
    struct js_object *outer = m->scope;
    if (n->flags & NODE_SCOPE) {
        struct js_object *s = js_scope_new(m, outer);
        m->scope = s ? s : outer;
    }
    enum js_flow flow = js_run_list(m, n->a);
    m->scope = outer;
    return flow;
}

static void declare(struct js *m, struct js_node *n)
{
    for (struct js_node *d = n->a; d && !JS_HALT(m); d = d->next)
        if (d->b || n->op != A_var)
            js_assign(m, d->a, d->b ? js_eval(m, d->b) : js_undefined(), n->op);
}

static enum js_flow with_statement(struct js *m, struct js_node *n)
{
    struct js_value v = js_eval(m, n->a);
    struct js_object *outer = m->scope, *s = JS_HALT(m) ? NULL : js_object_new(m, C_WITH, O_NONE);
    if (!s)
        return halted(m, FLOW_ON);
    s->v = v;
    s->proto = outer;
    m->scope = s;
    enum js_flow flow = js_run(m, n->b);
    m->scope = outer;
    return flow;
}

static enum js_flow labelled(struct js *m, struct js_node *n)
{
    m->own_label = n->atom;
    enum js_flow flow = js_run(m, n->a);
    if (flow == FLOW_BREAK && m->label == n->atom) {
        m->label = 0;
        flow = FLOW_ON;
    }
    return flow;
}

static enum js_flow jump(struct js *m, struct js_node *n)
{
    if (n->kind == N_BREAK || n->kind == N_CONTINUE) {
        m->label = n->atom;
        return n->kind == N_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
    }
    struct js_value v = n->a ? js_eval(m, n->a) : js_undefined();
    if (JS_HALT(m))
        return halted(m, FLOW_ON);
    if (n->kind == N_THROW) {
        m->thrown = true;
        m->exception = v;
        return FLOW_THROW;
    }
    m->frame->result = v;
    m->frame->returned = true;
    return FLOW_RETURN;
}

static enum js_flow run(struct js *m, struct js_node *n, uint32_t label)
{
    switch (n->kind) {
    case N_EXPRESSION:
        m->frame->result = js_eval(m, n->a);
        return halted(m, FLOW_ON);
    case N_VAR:
        declare(m, n);
        return halted(m, FLOW_ON);
    case N_BLOCK:
        return block(m, n);
    case N_IF:
        return if_statement(m, n);
    case N_FOR:
        return for_loop(m, n, label);
    case N_FOR_IN:
    case N_FOR_OF:
        return each_loop(m, n, label);
    case N_WHILE:
    case N_DO:
        return while_loop(m, n, label);
    case N_BREAK:
    case N_CONTINUE:
    case N_RETURN:
    case N_THROW:
        return jump(m, n);
    case N_TRY:
        return try_statement(m, n);
    case N_SWITCH:
        return switch_statement(m, n);
    case N_LABEL:
        return labelled(m, n);
    case N_WITH:
        return with_statement(m, n);
    case N_FUNCTION_HERE: {
        struct js_slot *s = js_slot(m->scope, n->atom);
        if (!s && n->a->code->lexical) /* in a block: once more where it stands */
            js_assign(m, &(struct js_node){ .kind = N_NAME, .at = n->at, .atom = n->atom },
                      js_closure(m, n->a->code), 0);
        return FLOW_ON;
    }
    default:
        return FLOW_ON;
    }
}

enum js_flow js_run(struct js *m, struct js_node *n)
{
    uint32_t label = m->own_label;
    m->own_label = 0;
    if (!n || JS_HALT(m) || !js_step(m, 1))
        return halted(m, FLOW_ON);
    if (m->depth >= JS_DEPTH_MAX) {
        js_stack_full(m);
        return FLOW_THROW;
    }
    m->depth++;
    enum js_flow flow = run(m, n, label);
    m->depth--;
    return flow;
}

enum js_flow js_run_list(struct js *m, struct js_node *first)
{
    enum js_flow flow = FLOW_ON;
    for (struct js_node *n = first; n && flow == FLOW_ON && !JS_HALT(m) && !m->quit; n = n->next)
        flow = js_run(m, n);
    return halted(m, flow);
}
