/* SPDX-License-Identifier: Apache-2.0 */
/* Functions: scopes, calls, construction, and text that becomes code (ECMA-262 9, 10.2, 19.2.1,
 * 20.2.1.1). Whoever is unknown may call the functions that it is given: they are called once. */
#include "unmask/jscript/jscript_private.h"

enum { EVALS_MAX = 400, EVAL_DEPTH_MAX = 12 };

struct js_object *js_scope_new(struct js *m, struct js_object *up)
{
    struct js_object *s = js_step(m, 1) ? ARENA_NEW(m->mem, struct js_object) : NULL;
    if (!s) {
        m->stop = m->limited = true;
        return NULL;
    }
    s->class_ = C_SCOPE;
    s->born = m->opened;
    s->proto = up;
    return s;
}

struct js_value js_closure(struct js *m, struct js_code *code)
{
    struct js_object *f = js_object_new(m, C_FUNCTION, O_FUNCTION);
    if (!f)
        return js_undefined();
    f->data = code;
    f->scope = m->scope;
    if (code->arrow) {
        f->v = m->self;
        f->home = m->home;
    } else if (code->name && !code->lexical) {
        /* The name of a function expression is known in it (15.2.5). */
        struct js_object *s = js_scope_new(m, m->scope);
        if (s) {
            js_define(m, s, code->name, js_of(f), SLOT_FIXED);
            f->scope = s;
        }
    }
    return js_of(f);
}

/* 10.2.11: variables, then functions; of several with one name the last. */
void js_hoist(struct js *m, const struct js_code *code, struct js_object *scope)
{
    for (uint32_t i = 0; i < code->n_vars && js_step(m, 0); i++) {
        struct js_slot *s = js_slot_make(m, scope, code->vars[i]);
        if (s && s->v.kind == JS_ABSENT) {
            struct js_value there;
            bool known =
                scope->class_ == C_GLOBAL && js_builtin_find(m, scope, code->vars[i], &there);
            js_write(m, scope, s, known ? there : js_undefined());
        }
    }
    uint32_t n = 0;
    for (struct js_node *f = code->functions; f; f = f->c)
        n++;
    struct js_node **all = n ? ARENA_ARRAY(m->mem, struct js_node *, n) : NULL;
    for (struct js_node *f = code->functions; all && f; f = f->c)
        all[--n] = f;
    for (struct js_node *f = code->functions; all && f; f = f->c, n++) {
        all[n]->a->code->lexical = true; /* has a place of its own in the scope */
        js_define(m, scope, all[n]->atom, js_closure(m, all[n]->a->code), 0);
    }
}

/* --- arguments */

uint32_t js_arguments(struct js *m, struct js_node *list, struct js_value **out)
{
    uint32_t room = 0, n = 0;
    struct js_object *more;
    for (struct js_node *a = list; a; a = a->next)
        room++;
    struct js_value *v = room ? ARENA_ARRAY(m->mem, struct js_value, room) : NULL;
    *out = v;
    for (struct js_node *a = list; v && a && !JS_HALT(m); a = a->next) {
        if (a->kind != N_SPREAD) {
            v[n++] = js_eval(m, a);
            continue;
        }
        struct js_value given = js_eval(m, a->a);
        if (JS_HALT(m) || !js_list(m, given, &more)) {
            v[n++] = js_unknown(m, "arguments");
            continue;
        }
        uint32_t some = more->n_items < JS_ARGUMENTS_MAX ? more->n_items : JS_ARGUMENTS_MAX;
        struct js_value *larger =
            js_step(m, some / 4)
                ? arena_regrow(m->mem, v, n * sizeof *v, (size_t)room + some, sizeof *v)
                : NULL;
        if (!larger)
            break;
        v = larger;
        room += some;
        for (uint32_t i = 0; i < some; i++)
            v[n++] = js_item(js_of(more), i);
    }
    *out = v;
    return v ? n : 0;
}

static void bind(struct js *m, const struct js_code *code, struct js_object *f,
                 struct js_object *scope, const struct js_value *a, uint32_t n)
{
    uint32_t i = 0;
    if (code->uses_arguments && !code->arrow) {
        struct js_object *o = js_object_new(m, C_ARGUMENTS, O_OBJECT);
        for (uint32_t k = 0; o && k < n; k++)
            (void)js_item_write(m, o, k, a[k]);
        js_define(m, o, A_callee, js_of(f), SLOT_HIDDEN);
        js_define(m, scope, A_arguments, js_of(o), 0);
    }
    for (struct js_node *p = code->parameters; p && !JS_HALT(m); p = p->next, i++) {
        if (p->kind == N_NAME) {
            js_define(m, scope, p->atom, js_arg(a, n, i), 0);
        } else if (p->kind == N_SPREAD) {
            struct js_object *rest = js_array_new(m, 0);
            for (uint32_t k = i; rest && k < n; k++)
                (void)js_item_write(m, rest, k - i, a[k]);
            js_assign(m, p->a, js_of(rest), A_let);
        } else {
            js_assign(m, p, js_arg(a, n, i), A_let);
        }
    }
}

/* Fields of a class (15.7.10). */
static void fields(struct js *m, struct js_object *f, struct js_value self)
{
    const struct js_node *class = f->home && f->home->class_ == C_OBJECT ? f->home->data : NULL;
    if (!class || class->kind != N_CLASS || self.kind != JS_OBJECT)
        return;
    for (struct js_node *p = class->b; p && !JS_HALT(m); p = p->next)
        if (p->kind == N_PROPERTY && p->op == 1 && !(p->flags & (NODE_STATIC | NODE_COMPUTED)))
            js_define(m, self.o, p->atom, p->b ? js_eval(m, p->b) : js_undefined(), 0);
}

static struct js_value finish(struct js *m, struct js_frame *f, enum js_flow flow,
                              const struct js_code *code)
{
    struct js_value v = code->expression || flow == FLOW_RETURN ? f->result : js_undefined();
    if (f->has_early) {
        bool same = js_same(v, f->early) == 1;
        struct js_value early = f->early;
        if (!same) {
            v = js_unknown(m, "condition");
            v.lean = early.lean == LEAN_TRUE || early.lean == LEAN_FALSE ? early.lean : LEAN_NONE;
        } else {
            v.lean = LEAN_NONE;
        }
        if (m->thrown && early.lean == LEAN_TRUE)
            m->thrown = false;
    }
    return v;
}

static struct js_value call_closure(struct js *m, struct js_object *f, struct js_value self,
                                    const struct js_value *a, uint32_t n)
{
    const struct js_code *code = f->data;
    struct js_frame frame = { .up = m->frame,
                              .code = code,
                              .name = f->atom ? f->atom : code->name };
    struct js_object *scope = js_scope_new(m, f->scope), *outer = m->scope, *home = m->home,
                     *function = m->function;
    struct js_value before = m->self;
    const struct js_source *source = m->source;
    if (!scope || code->generator)
        return js_unknown(m, "generator");
    bool deep = js_stack_deep(m);
    uint32_t mark = deep ? js_deep_open(m) : 0;
    m->calls++;
    m->frame = &frame;
    m->scope = scope;
    m->source = code->source;
    m->home = f->home;
    if (!code->arrow)
        m->function = f;
    m->self = code->arrow ? f->v : self.kind <= JS_NULL ? js_of(m->global) : self;
    bind(m, code, f, scope, a, n);
    js_hoist(m, code, scope);
    enum js_flow flow = FLOW_ON;
    if (code->expression)
        frame.result = js_eval(m, code->body);
    for (struct js_node *s = code->expression ? NULL : code->body;
         s && flow == FLOW_ON && !JS_HALT(m) && !m->quit; s = s->next) {
        frame.at = s;
        flow = js_run(m, s);
    }
    struct js_value v = finish(m, &frame, flow, code);
    js_fog(m, &frame);
    if (deep)
        js_deep_close(m, mark);
    m->frame = frame.up;
    m->scope = outer;
    m->home = home;
    m->function = function;
    m->self = before;
    m->source = source;
    m->calls--;
    m->label = 0;
    if (code->is_async) {
        if (m->thrown)
            v = js_unknown(m, "rejected");
        m->thrown = false;
        return js_then(m, v);
    }
    return v;
}

static struct js_value call_unknown(struct js *m, struct js_value f, const struct js_value *a,
                                    uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (js_is_callable(a[i]) && a[i].o->class_ == C_FUNCTION) {
            struct js_value u[] = { js_unknown_like(f), js_unknown_like(f), js_unknown_like(f) };
            js_call_open(m, a[i], u, 3);
        }
    return js_unknown_like(f);
}

static struct js_value call_bound(struct js *m, struct js_object *f, const struct js_value *a,
                                  uint32_t n)
{
    uint32_t kept = f->n_items;
    struct js_value *all = ARENA_ARRAY(m->mem, struct js_value, (size_t)kept + n + 1);
    for (uint32_t i = 0; all && i < kept; i++)
        all[i] = f->items[i];
    for (uint32_t i = 0; all && i < n; i++)
        all[kept + i] = a[i];
    return all ? js_call(m, f->v, f->v2, all, kept + n) : js_undefined();
}

struct js_value js_call(struct js *m, struct js_value f, struct js_value self,
                        const struct js_value *a, uint32_t n)
{
    if (JS_HALT(m) || !js_step(m, 2 + n / 8))
        return js_undefined();
    if (f.kind == JS_UNKNOWN)
        return call_unknown(m, f, a, n);
    if (!js_is_callable(f)) {
        if (f.kind == JS_OBJECT && f.o->class_ == C_HOST)
            return js_host_call(m, f.o, A_NONE, a, n);
        js_throw(m, A_TypeError, "is not a function");
        return js_undefined();
    }
    if (m->calls >= JS_CALLS_MAX || m->depth + 8 >= JS_DEPTH_MAX) {
        js_stack_full(m);
        return js_undefined();
    }
    m->depth++;
    struct js_value v = js_undefined();
    switch (f.o->class_) {
    case C_FUNCTION:
        v = call_closure(m, f.o, self, a, n);
        break;
    case C_BUILTIN:
        v = js_builtin_row(f.o->id)->call(m, self, a, n);
        break;
    case C_BOUND:
        v = call_bound(m, f.o, a, n);
        break;
    default:
        v = js_host_call(m, f.o->v.o, f.o->atom, a, n);
        break;
    }
    m->depth--;
    return v;
}

struct js_value js_construct(struct js *m, struct js_value f, const struct js_value *a, uint32_t n)
{
    if (JS_HALT(m))
        return js_undefined();
    if (f.kind == JS_UNKNOWN)
        return call_unknown(m, f, a, n);
    if (!js_is_callable(f)) {
        js_throw(m, A_TypeError, "is not a constructor");
        return js_undefined();
    }
    if (f.o->class_ == C_BUILTIN)
        return js_construct_builtin(m, f.o, a, n);
    if (f.o->class_ == C_BOUND)
        return js_construct(m, f.o->v, a, n);
    if (f.o->class_ == C_METHOD)
        return js_unknown(m, "object");
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT);
    struct js_value proto = js_get(m, f, A_prototype), self = js_of(o);
    if (!o)
        return js_undefined();
    if (proto.kind == JS_OBJECT)
        o->proto = proto.o;
    const struct js_code *code = f.o->data;
    if (f.o->proto && f.o->proto->class_ == C_BUILTIN && f.o->home && code->from == code->to) {
        struct js_value made = js_construct(m, js_of(f.o->proto), a, n);
        if (made.kind == JS_OBJECT) {
            made.o->proto = o->proto;
            self = made;
        }
    } else if (f.o->home && code->from == code->to && f.o->proto &&
               f.o->proto->class_ == C_FUNCTION) {
        struct js_value made = js_construct(m, js_of(f.o->proto), a, n);
        if (made.kind == JS_OBJECT) {
            made.o->proto = o->proto;
            self = made;
        }
    }
    fields(m, f.o, self);
    struct js_value v = js_call(m, f, self, a, n);
    return v.kind == JS_OBJECT || v.kind == JS_UNKNOWN ? v : self;
}

/* --- calls in code */

static struct js_value super_call(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_object *up = m->function ? m->function->proto : NULL;
    if (!up || m->self.kind != JS_OBJECT)
        return js_undefined();
    if (up->class_ == C_FUNCTION) {
        fields(m, up, m->self);
        (void)js_call(m, js_of(up), m->self, a, n);
    }
    return js_undefined();
}

static bool is_eval(struct js_value f)
{
    return f.kind == JS_OBJECT && f.o->class_ == C_BUILTIN &&
           js_builtin_row(f.o->id)->atom == A_eval;
}

static struct js_value call_of_member(struct js *m, struct js_node *n)
{
    struct js_node *c = n->a;
    bool super = c->a->kind == N_SUPER;
    struct js_value base = super ? m->self : js_eval(m, c->a), f, *a;
    if (JS_HALT(m))
        return js_undefined();
    if ((c->flags & NODE_OPTIONAL) && base.kind <= JS_NULL)
        return js_undefined();
    struct js_value key = c->kind == N_INDEX ? js_eval(m, c->b) : js_undefined();
    bool host = base.kind == JS_OBJECT && base.o->class_ == C_HOST && !super;
    uint32_t atom = c->kind == N_MEMBER ? c->atom : host || super ? js_key(m, key) : A_NONE;
    if (JS_HALT(m))
        return js_undefined();
    if (host && (c->kind == N_MEMBER || atom) && !js_slot(base.o, atom)) {
        uint32_t k = js_arguments(m, n->b, &a);
        return JS_HALT(m) ? js_undefined() : js_host_call(m, base.o, atom, a, k);
    }
    if (super)
        f = m->home && m->home->proto ? js_get(m, js_of(m->home->proto), atom) : js_undefined();
    else
        f = c->kind == N_MEMBER ? js_get(m, base, atom) : js_get_at(m, base, key);
    uint32_t k = JS_HALT(m) ? 0 : js_arguments(m, n->b, &a);
    if (JS_HALT(m) || ((n->flags & NODE_OPTIONAL) && f.kind <= JS_NULL))
        return js_undefined();
    return js_call(m, f, base, a, k);
}

struct js_value js_eval_call(struct js *m, struct js_node *n)
{
    struct js_value *a;
    if (n->a->kind == N_SUPER) {
        uint32_t k = js_arguments(m, n->b, &a);
        return JS_HALT(m) ? js_undefined() : super_call(m, a, k);
    }
    if (n->a->kind == N_MEMBER || n->a->kind == N_INDEX)
        return call_of_member(m, n);
    struct js_value f = js_eval(m, n->a);
    if ((n->flags & NODE_OPTIONAL) && f.kind <= JS_NULL)
        return js_undefined();
    uint32_t k = JS_HALT(m) ? 0 : js_arguments(m, n->b, &a);
    if (JS_HALT(m))
        return js_undefined();
    if (is_eval(f) && n->a->kind == N_NAME && n->a->atom == A_eval)
        return js_eval_text(m, js_arg(a, k, 0), m->scope);
    return js_call(m, f, js_undefined(), a, k);
}

struct js_value js_eval_new(struct js *m, struct js_node *n)
{
    struct js_value f = js_eval(m, n->a), *a;
    uint32_t k = JS_HALT(m) ? 0 : js_arguments(m, n->b, &a);
    return JS_HALT(m) ? js_undefined() : js_construct(m, f, a, k);
}

struct js_value js_call_member(struct js *m, struct js_value base, uint32_t atom,
                               const struct js_value *a, uint32_t n)
{
    if (base.kind == JS_OBJECT && base.o->class_ == C_HOST)
        return js_host_call(m, base.o, atom, a, n);
    struct js_value f = js_get(m, base, atom);
    return JS_HALT(m) ? f : js_call(m, f, base, a, n);
}

/* --- text that becomes code */

static const struct js_source *source_of(struct js *m, struct text s)
{
    struct js_source *source = ARENA_NEW(m->mem, struct js_source);
    uint16_t *units = source && s.n <= JS_SOURCE_MAX && js_step(m, s.n / 8)
                          ? ARENA_ARRAY(m->mem, uint16_t, (size_t)s.n + 1)
                          : NULL;
    if (!units)
        return NULL;
    for (uint32_t i = 0; i < s.n; i++)
        units[i] = text_unit(s, i);
    *source = (struct js_source){ .s = s, .units = units, .n = s.n, .whole = true };
    return source;
}

/* 19.2.1.1 PerformEval. What was fetched runs as well: that it does is an effect. */
struct js_value js_eval_text(struct js *m, struct js_value code, struct js_object *scope)
{
    if (code.kind == JS_UNKNOWN || (code.kind == JS_STRING && text_first_hole(code.s) == 0)) {
        if (code.download)
            js_say_run(m, "eval", js_text(m, code));
        return js_unknown_like(code);
    }
    if (code.kind != JS_STRING)
        return code;
    if (m->evals++ >= EVALS_MAX) {
        m->limited = true;
        return js_unknown(m, "eval");
    }
    if (m->u->trace)
        js_note(m, m->source, 0, code, "eval");
    const struct js_source *source = source_of(m, code.s), *before = m->source;
    struct js_code *parsed = source ? js_parse(m, source, false) : NULL;
    struct js_object *outer = m->scope;
    struct js_value result = m->frame->result;
    if (!parsed || JS_HALT(m))
        return js_unknown(m, "eval");
    bool broken = !parsed->simple;
    if (broken && text_known(code.s) && m->place == PLACE_HOST && !parsed->body) {
        js_throw(m, A_SyntaxError, "Syntax error");
        return js_undefined();
    }
    m->broken = m->broken || broken;
    m->source = source;
    m->scope = scope;
    m->moved++; /* it may declare what is declared farther out */
    struct js_object *function_scope = scope;
    while (function_scope->proto && function_scope->class_ == C_WITH)
        function_scope = function_scope->proto;
    js_hoist(m, parsed, function_scope);
    m->frame->result = js_undefined();
    (void)js_run_list(m, parsed->body);
    struct js_value v = m->frame->result;
    m->frame->result = result;
    m->scope = outer;
    m->source = before;
    return v;
}

/* new Function(parameters..., body) */
struct js_value js_function_of(struct js *m, const struct js_value *a, uint32_t n)
{
    struct text s = js_cstr(m, "(function anonymous(").s;
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (i)
            s = text_join(m->t, s, js_cstr(m, ",").s);
        s = text_join(m->t, s, js_text(m, a[i]));
    }
    s = text_join(m->t, s, js_cstr(m, "\n) {\n").s);
    if (n) {
        struct js_value body = js_to_string(m, a[n - 1]);
        if (body.kind == JS_UNKNOWN) {
            if (body.download)
                js_say_run(m, "Function", js_text(m, body));
            return js_unknown_like(body);
        }
        s = text_join(m->t, s, body.s);
    }
    s = text_join(m->t, s, js_cstr(m, "\n})").s);
    return js_eval_text(m, js_string(s), m->global);
}
