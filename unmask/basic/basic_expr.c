/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluating expressions: [MS-VBAL] 5.6. Arguments are evaluated whatever the call is, for what
 * they do; a call of something that is not known gives an unknown value that says its name. */
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { ARGS_FEW = 8, SLOTS_CHUNK = 2048 };

/* Variables of the procedures that run: chunks that are used again. */
struct slots {
    struct value *at;
    uint32_t used, room;
    struct slots *up, *next;
};

static struct value foreign_call(struct machine *m, const struct basic_node *n)
{
    return basic_unknown_slice(m, n->name ? m->names[n->name].text : SLICE_LIT("expression"));
}

/* --- places */

static struct value *variable(struct machine *m, const struct basic_node *n)
{
    if (n->bind == BIND_LOCAL && m->top)
        return basic_deref(&m->top->slots[n->slot]);
    if (n->bind == BIND_DECL && n->decl->kind == DECL_VARIABLE) {
        const struct basic_decl *d = n->decl;
        struct object *self = m->top && m->top->proc->module == d->module && m->top->self ? m->top->self : NULL;
        if (!self || self->class_ == C_MODULE)
            self = basic_declare_instance(m, d->module);
        return d->index < self->n_vars ? basic_deref(&self->vars[d->index]) : NULL;
    }
    return NULL;
}

struct value *basic_member_place(struct machine *m, struct object *o, uint32_t name)
{
    if (o->class_ == C_RECORD) {
        if (!o->started) {
            uint32_t n = 0;
            for (struct basic_field *f = o->fields; f; f = f->next)
                n++;
            o->vars = ARENA_ARRAY(m->mem, struct value, n ? n : 1);
            o->n_vars = o->vars ? n : 0;
            o->started = true;
            n = 0;
            for (struct basic_field *f = o->fields; f && n < o->n_vars; f = f->next, n++) {
                o->vars[n] = basic_fresh(m, f->as);
                if (f->bounds)
                    basic_redim(m, &o->vars[n], f->bounds, false, f->as);
            }
        }
        uint32_t i = 0;
        for (struct basic_field *f = o->fields; f && i < o->n_vars; f = f->next, i++)
            if (f->name == name)
                return &o->vars[i];
        return NULL;
    }
    if (o->class_ != C_MODULE && o->class_ != C_INSTANCE)
        return NULL;
    struct basic_decl *d = basic_declare_find(m, name, o->module, true);
    if (!d || d->kind != DECL_VARIABLE || d->module != o->module)
        return NULL;
    if (o->class_ == C_MODULE)
        o = basic_declare_instance(m, o->module);
    return d->index < o->n_vars ? basic_deref(&o->vars[d->index]) : NULL;
}

static struct value base_of(struct machine *m, const struct basic_node *n)
{
    if (n->kind == N_WITH || !n->left)
        return n->bind == BIND_LOCAL && m->top ? *basic_deref(&m->top->slots[n->slot]) : basic_unknown(m, "With");
    return basic_eval(m, n->left);
}

static struct value *item_place(struct machine *m, const struct basic_node *n)
{
    struct value *at = n->left->kind == N_NAME || n->left->kind == N_MEMBER || n->left->kind == N_CALL ? basic_place(m, n->left) : NULL;
    struct arg args[BASIC_DIMS_MAX];
    if (!at || at->type != V_ARRAY || !at->a || n->n > BASIC_DIMS_MAX || m->error)
        return NULL;
    uint32_t k = basic_eval_arguments(m, n, args);
    return m->error ? NULL : basic_array_item(m, at->a, args, k);
}

struct value *basic_place(struct machine *m, const struct basic_node *n)
{
    struct value *at = NULL;
    if (!n || m->nest >= BASIC_NEST_MAX)
        return NULL;
    m->nest++;
    if (n->kind == N_NAME) {
        at = variable(m, n);
    } else if (n->kind == N_MEMBER || n->kind == N_WITH) {
        /* Only what costs nothing to look at twice: variables of records and modules. */
        struct value *left = n->kind == N_WITH ? NULL : basic_place(m, n->left);
        struct value v = left ? *left : n->kind == N_WITH ? base_of(m, n) : n->left->bind == BIND_MODULE || n->left->bind == BIND_WORD ? basic_eval(m, n->left) : (struct value){ 0 };
        if (v.type == V_OBJECT && v.o && !m->error)
            at = basic_member_place(m, v.o, n->name);
    } else if (n->kind == N_CALL) {
        at = item_place(m, n);
    }
    m->nest--;
    return at;
}

/* --- arguments */

static bool is_variable(const struct basic_node *n)
{
    return n->kind == N_NAME && (n->bind == BIND_LOCAL || (n->bind == BIND_DECL && n->decl->kind == DECL_VARIABLE));
}

uint32_t basic_eval_arguments(struct machine *m, const struct basic_node *call, struct arg *args)
{
    uint32_t i = 0;
    for (const struct basic_node *a = call->args; a && i < call->n && !m->error && !m->ended; a = a->next, i++) {
        args[i] = (struct arg){ .name = a->argument_name };
        if (is_variable(a))
            args[i].place = variable(m, a);
        else if (a->kind == N_CALL && is_variable(a->left) && variable(m, a->left) && variable(m, a->left)->type == V_ARRAY)
            args[i].place = basic_place(m, a);
        args[i].v = args[i].place ? basic_load(args[i].place) : m->error ? (struct value){ 0 } : basic_eval(m, a);
    }
    return i;
}

/* --- procedures */

static struct value *slots_take(struct machine *m, uint32_t n)
{
    if (!m->slots || m->slots->room - m->slots->used < n) {
        struct slots *s = m->slots ? m->slots->next : NULL;
        if (!s || s->room < n) {
            uint32_t room = n > SLOTS_CHUNK ? n : SLOTS_CHUNK;
            s = ARENA_NEW(m->mem, struct slots);
            if (s)
                *s = (struct slots){ .at = ARENA_ARRAY(m->mem, struct value, room), .room = room, .up = m->slots };
            if (!s || !s->at)
                return NULL;
            if (m->slots)
                m->slots->next = s;
        }
        s->used = 0;
        m->slots = s;
    }
    struct value *at = m->slots->at + m->slots->used;
    m->slots->used += n;
    for (uint32_t i = 0; i < n; i++)
        at[i] = (struct value){ 0 };
    return at;
}

static const struct arg *argument_for(const struct basic_proc *p, uint32_t i, const struct arg *args, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (args[k].name && args[k].name == p->params[i].name)
            return &args[k];
    return i < n && !args[i].name && args[i].v.type != V_MISSING ? &args[i] : NULL;
}

static void rest_of(struct machine *m, struct value *slot, const struct arg *args, uint32_t i, uint32_t n)
{
    struct value v = basic_array_of(m, i < n ? n - i : 0);
    for (uint32_t k = 0; v.type == V_ARRAY && k < v.a->all; k++)
        v.a->items[k] = args[i + k].v;
    *slot = v;
}

static void pass(struct machine *m, struct frame *f, const struct arg *args, uint32_t n)
{
    const struct basic_proc *p = f->proc;
    for (uint32_t i = 0; i < p->n_params && !m->error; i++) {
        const struct basic_param *param = &p->params[i];
        const struct arg *a = argument_for(p, i, args, n);
        struct value *slot = &f->slots[param->slot];
        bool fixed = a && a->place && basic_deref(a->place)->as >= V_FIXED;
        if (fixed && !param->by_value) /* comes back cut or padded, when the procedure ends: 5.3.1.11 */
            basic_store(m, a->place, basic_unknown(m, "text of fixed length"));
        if (param->rest) {
            rest_of(m, slot, args, i, n);
        } else if (a && a->place && !fixed && !param->by_value && (param->as == V_EMPTY || param->as == a->place->as || a->place->type == V_ARRAY)) {
            *slot = (struct value){ .type = V_REF, .ref = a->place };
        } else if (a || param->preset) {
            struct value v = a ? a->v : basic_eval(m, param->preset);
            *slot = basic_fresh(m, param->as);
            if (param->as != V_OBJECT && param->as != V_EMPTY)
                v = basic_plain(m, v);
            if (!m->error)
                basic_store(m, slot, param->by_value || v.type != V_ARRAY ? basic_copy(m, v) : v);
        } else {
            *slot = param->as ? basic_fresh(m, param->as) : (struct value){ .type = V_MISSING };
        }
    }
}

struct value basic_call_proc(struct machine *m, struct basic_proc *p, struct object *self, struct arg *args, uint32_t n)
{
    p->called = true;
    if (!basic_compile(m, p))
        return basic_unknown_slice(m, m->names[p->name].text);
    struct slots *kept = m->slots;
    uint32_t used = kept ? kept->used : 0, line = m->line, module = m->module;
    struct value *slots = m->calls < BASIC_CALLS_MAX && m->nest < BASIC_NEST_MAX ? slots_take(m, p->n_slots) : NULL;
    if (!slots) {
        m->unread = m->doubtful = true; /* out of stack space: an error, which may be trapped */
        return basic_unknown_slice(m, m->names[p->name].text);
    }
    if (m->u->trace)
        basic_note_call(m, p, args, n);
    struct frame f = { .proc = p, .slots = slots, .self = self ? self : m->modules[p->module].self, .up = m->top,
                       .journal_floor = m->journal_floor };
    slots[p->result] = basic_fresh(m, p->kind == PROC_SUB ? V_EMPTY : p->as);
    m->module = p->module;
    pass(m, &f, args, n);
    m->calls++;
    m->nest++;
    m->top = &f;
    if (!m->error)
        (void)basic_run(m, &f, 0, 0, p->n_steps, p->n_steps);
    basic_fog(m, &f);
    struct value v = basic_load(&slots[p->result]);
    if (m->u->trace)
        basic_note_end(m);
    m->top = f.up;
    m->calls--;
    m->nest--;
    m->line = line;
    m->module = module;
    if (kept) {
        m->slots = kept;
        kept->used = used;
    } else if (m->slots) {
        while (m->slots->up)
            m->slots = m->slots->up;
        m->slots->used = 0;
    }
    return v;
}

/* Application.Run, OnTime, CallByName: "proc", "Module1.proc", "file!Module1.proc". */
struct value basic_call_named(struct machine *m, struct text name, struct arg *args, uint32_t n, bool *found_out)
{
    *found_out = false;
    if (!text_known(name) || name.n == 0 || name.n > 255)
        return basic_unknown(m, "name of a procedure");
    slice s = text_utf8(m->t, name);
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == '.' || s.at[i] == '!')
            from = i + 1;
    uint32_t id = basic_lex_name(m, slice_from(s, from));
    for (struct basic_decl *d = id ? m->names[id].decls : NULL; d; d = d->next) {
        if (d->kind != DECL_PROCEDURE)
            continue;
        *found_out = true;
        return basic_call_proc(m, d->proc, NULL, args, n);
    }
    return basic_unknown_slice(m, s);
}

/* --- calls */

struct value basic_apply(struct machine *m, struct value v, struct arg *args, uint32_t n, enum basic_how how)
{
    if (m->error)
        return v;
    if (v.type == V_ARRAY && n > 0) {
        struct value *at = basic_array_item(m, v.a, args, n);
        return at ? basic_load(at) : m->error ? (struct value){ 0 } : basic_unknown(m, "element");
    }
    if (v.type == V_OBJECT) {
        if (!v.o)
            return basic_error(m, 91);
        return n ? basic_object_default(m, v.o, args, n, how) : v;
    }
    if (v.type == V_UNKNOWN)
        return n ? basic_unknown_of(NULL, v.mark) : v;
    return n ? basic_error(m, 13) : v;
}

static struct value call_word(struct machine *m, const struct basic_node *n, struct arg *args, uint32_t k)
{
    bool found = false;
    struct value out = { 0 };
    if (m->dialect->call && m->dialect->call(m, n->name, args, k, &out))
        return out;
    if (n->name == W_me)
        return basic_apply(m, m->top ? basic_object(m->top->self) : basic_unknown(m, "Me"), args, k, HOW_GET);
    if (basic_function_is(n->name)) {
        struct value v = basic_function(m, n->name, n->suffix, args, k);
        v.as = V_EMPTY;
        v.flags = m->dialect->script || (!n->suffix && basic_function_variant(n->name)) ? VALUE_VARIANT : 0;
        return v;
    }
    return basic_apply(m, basic_object_word(m, n->name, &found), args, k, HOW_GET);
}

static struct value call_decl(struct machine *m, struct basic_decl *d, struct arg *args, uint32_t k)
{
    if (d->kind == DECL_PROCEDURE) {
        struct object *self = m->top && m->top->self && m->top->self->module == d->module ? m->top->self : NULL;
        return basic_call_proc(m, d->proc, self, args, k);
    }
    if (d->kind == DECL_API) {
        basic_say_api(m, d->api, args, k);
        return basic_unknown_slice(m, d->api->alias);
    }
    if (d->kind == DECL_CONSTANT)
        return basic_apply(m, basic_declare_constant(m, d), args, k, HOW_GET);
    return basic_unknown_slice(m, m->names[d->name].text);
}

static struct value call_variable(struct machine *m, const struct basic_node *n, struct value *at, struct arg *args, uint32_t k)
{
    const struct frame *f = m->top;
    bool own = n->bind == BIND_LOCAL && f && n->slot == f->proc->result && f->proc->kind != PROC_SUB;
    if (own && at->type != V_ARRAY && at->type != V_OBJECT) /* a function that calls itself */
        return basic_call_proc(m, f->proc, f->self, args, k);
    if (at->type == V_EMPTY && m->dialect->script) /* no such procedure: VBScript's type mismatch */
        return basic_error(m, 13);
    if (at->type == V_EMPTY && n->bind == BIND_LOCAL) /* a function of a library that is not here */
        return foreign_call(m, n);
    return basic_apply(m, basic_load(at), args, k, HOW_GET);
}

static struct value call_name(struct machine *m, const struct basic_node *n, struct arg *args, uint32_t k)
{
    switch (n->bind) {
    case BIND_CONSTANT: return basic_apply(m, *n->literal, args, k, HOW_GET);
    case BIND_WORD: return call_word(m, n, args, k);
    case BIND_MODULE: return basic_apply(m, basic_object(m->modules[n->module].self), args, k, HOW_GET);
    case BIND_CONTROL:
        return basic_apply(m, basic_control(m, m->names[m->modules[n->module].name].text, m->names[n->name].text), args, k, HOW_GET);
    case BIND_NONE: return foreign_call(m, n);
    default: break;
    }
    struct value *at = variable(m, n);
    struct basic_decl *later = at && m->dialect->script && at->type == V_EMPTY && n->bind == BIND_LOCAL ? m->names[n->name].decls : NULL;
    if (later && later->kind == DECL_PROCEDURE && m->modules[later->module].kind == MODULE_STANDARD)
        return call_decl(m, later, args, k); /* Execute has made it since this was read */
    if (!at)
        return n->bind == BIND_DECL ? call_decl(m, n->decl, args, k) : foreign_call(m, n);
    return k ? call_variable(m, n, at, args, k) : basic_load(at);
}

static struct value call_with(struct machine *m, const struct basic_node *left, struct arg *args, uint32_t k)
{
    if (left->kind == N_NAME)
        return call_name(m, left, args, k);
    if (left->kind == N_MEMBER || left->kind == N_WITH) {
        struct value base = base_of(m, left);
        return m->error ? base : basic_object_member(m, base, left->name, args, k, HOW_CALL);
    }
    return basic_apply(m, basic_eval(m, left), args, k, HOW_GET);
}

static struct value call(struct machine *m, const struct basic_node *n)
{
    struct arg few[ARGS_FEW], *args = few;
    if (n->n > ARGS_FEW) {
        args = ARENA_ARRAY(m->mem, struct arg, n->n);
        if (!args)
            return basic_unknown(m, "memory");
    }
    /* f().Member: the object comes before its arguments. */
    const struct basic_node *left = n->left;
    bool member = left->kind == N_MEMBER || left->kind == N_WITH;
    struct value base = member ? base_of(m, left) : (struct value){ 0 };
    if (m->error)
        return base;
    uint32_t k = basic_eval_arguments(m, n, args);
    if (m->error || m->ended)
        return (struct value){ 0 };
    return member ? basic_object_member(m, base, left->name, args, k, HOW_CALL) : call_with(m, left, args, k);
}

/* --- operators */

static struct value chain(struct machine *m, const struct basic_node *n)
{
    struct value v = basic_eval(m, n->left);
    for (const struct basic_node *a = n->args; a && !m->error && !m->ended; a = a->next) {
        struct value w = basic_eval(m, a->left);
        if (m->error)
            break;
        if (a->next && !basic_step(m, 1))
            return basic_unknown(m, "limit");
        if (!basic_whole_numbers(a->op, &v, &w, &v))
            v = basic_binary(m, a->op, v, w);
    }
    return v;
}

static struct value new_object(struct machine *m, const struct basic_node *n)
{
    struct basic_decl *d = n->name ? m->names[n->name].decls : NULL;
    uint32_t module = n->name ? basic_declare_named(m, n->name) : m->n_modules;
    if (module < m->n_modules)
        return basic_object(basic_declare_new(m, module));
    if (d && d->kind == DECL_TYPE) {
        struct object *o = basic_object_new(m, C_RECORD);
        if (o)
            o->fields = d->fields;
        return basic_object(o);
    }
    return basic_object_create(m, text_of(m->t, m->names[n->name].text, TEXT_NOWHERE));
}

static struct value eval(struct machine *m, const struct basic_node *n)
{
    struct arg key;
    struct value v;
    switch (n->kind) {
    case N_LITERAL: return *n->literal;
    case N_NAME: return call_name(m, n, NULL, 0);
    case N_MEMBER: case N_WITH:
        v = base_of(m, n);
        return m->error ? v : basic_object_member(m, v, n->name, NULL, 0, HOW_GET);
    case N_BANG:
        v = base_of(m, n);
        key = (struct arg){ .v = basic_utf8(m, m->names[n->name].text) };
        return m->error ? v : basic_apply(m, v, &key, 1, HOW_GET);
    case N_CALL: return call(m, n);
    case N_UNARY: v = basic_eval(m, n->left); return m->error ? v : basic_unary(m, n->op, v);
    case N_CHAIN: return chain(m, n);
    case N_NEW: return new_object(m, n);
    case N_TYPEOF: (void)basic_eval(m, n->left); return basic_unknown(m, "TypeOf");
    case N_ADDRESSOF: return basic_unknown(m, "AddressOf");
    case N_MISSING: return (struct value){ .type = V_MISSING };
    default: return n->left ? basic_eval(m, n->left) : basic_unknown(m, "expression");
    }
}

struct value basic_eval_node(struct machine *m, const struct basic_node *n)
{
    if (!n) /* of a statement that is cut off */
        return basic_unknown(m, "expression");
    bool counts = n->kind != N_NAME || n->bind != BIND_LOCAL;
    if (m->nest >= BASIC_NEST_MAX || (counts && !basic_step(m, 1))) {
        m->unread = true;
        return basic_unknown(m, "limit");
    }
    m->nest++;
    struct value v = eval(m, n);
    m->nest--;
    return v;
}

/* --- assignment: 5.4.3.8, 5.4.3.9 */

static void assign_property(struct machine *m, struct basic_decl *d, struct value v, bool set)
{
    struct basic_proc *p = basic_declare_proc(m, d->name, d->module, set ? PROC_SET : PROC_LET);
    struct arg a = { .v = v };
    if (p)
        (void)basic_call_proc(m, p, m->top ? m->top->self : NULL, &a, 1);
}

static void assign_call(struct machine *m, const struct basic_node *n, struct value v, enum basic_how how)
{
    struct arg few[ARGS_FEW + 1], *args = n->n < ARGS_FEW ? few : ARENA_ARRAY(m->mem, struct arg, n->n + 1);
    if (!args)
        return;
    const struct basic_node *left = n->left;
    bool member = left->kind == N_MEMBER || left->kind == N_WITH;
    struct value base = member ? base_of(m, left) : basic_eval(m, left);
    uint32_t k = m->error ? 0 : basic_eval_arguments(m, n, args);
    if (m->error)
        return;
    args[k] = (struct arg){ .v = v };
    if (member)
        (void)basic_object_member(m, base, left->name, args, k + 1, how);
    else if (base.type == V_OBJECT && base.o)
        (void)basic_object_default(m, base.o, args, k + 1, how);
    else if (base.type != V_UNKNOWN && base.type != V_ARRAY)
        basic_error(m, 13);
}

void basic_assign(struct machine *m, const struct basic_node *n, struct value v, bool set)
{
    enum basic_how how = set ? HOW_SETS : HOW_LET;
    bool simple = n && n->kind == N_NAME && n->bind == BIND_LOCAL && v.type != V_OBJECT && v.type != V_ARRAY;
    if (simple && !m->error && m->top) {
        struct value *slot = basic_deref(&m->top->slots[n->slot]);
        if (slot->type != V_OBJECT) {
            basic_store(m, slot, v);
            return;
        }
    }
    if (!set && v.type == V_OBJECT && !(v.o && v.o->class_ == C_RECORD))
        v = basic_plain(m, v);
    struct value *at = m->error ? NULL : basic_place(m, n);
    if (m->error || !n)
        return;
    if (at) {
        bool by_default = !set && at->type == V_OBJECT && at->o && at->as == V_OBJECT && at->o->class_ != C_RECORD;
        struct arg a = { .v = v };
        if (by_default)
            (void)basic_object_default(m, at->o, &a, 1, how);
        else
            basic_store(m, at, basic_copy(m, v));
        return;
    }
    struct arg a[2] = { { .v = v }, { .v = v } };
    struct value base;
    switch (n->kind) {
    case N_MEMBER: case N_WITH:
        base = base_of(m, n);
        if (!m->error)
            (void)basic_object_member(m, base, n->name, a, 1, how);
        break;
    case N_BANG:
        base = base_of(m, n);
        a[0].v = basic_utf8(m, m->names[n->name].text);
        if (!m->error && base.type == V_OBJECT && base.o)
            (void)basic_object_default(m, base.o, a, 2, how);
        break;
    case N_CALL: assign_call(m, n, v, how); break;
    case N_NAME:
        if (n->bind == BIND_DECL && n->decl->kind == DECL_PROCEDURE)
            assign_property(m, n->decl, v, set);
        else if (n->bind == BIND_WORD && m->dialect->assign)
            (void)m->dialect->assign(m, n->name, v);
        break;
    default: break;
    }
}
