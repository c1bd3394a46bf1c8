/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluating expressions: [MS-VBAL] 5.6. Arguments are evaluated whatever the call is, for what
 * they do; a call of something that is not known gives an unknown value that says its name. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

enum { ARGS_FEW = 8, SLOTS_CHUNK = 2048 };

/* Variables of the procedures that run: chunks that are used again. */
struct slots {
    struct value *at;
    uint32_t used, room;
    struct slots *up, *next;
};

static struct value foreign_call(struct machine *m, const struct vba_node *n)
{
    return vba_unknown_slice(m, n->name ? m->names[n->name].text : SLICE_LIT("expression"));
}

/* --- places */

static struct value *variable(struct machine *m, const struct vba_node *n)
{
    if (n->bind == BIND_LOCAL && m->top)
        return vba_deref(&m->top->slots[n->slot]);
    if (n->bind == BIND_DECL && n->decl->kind == DECL_VARIABLE) {
        const struct vba_decl *d = n->decl;
        struct object *self = m->top && m->top->proc->module == d->module && m->top->self ? m->top->self : NULL;
        if (!self || self->class_ == C_MODULE)
            self = vba_declare_instance(m, d->module);
        return d->index < self->n_vars ? vba_deref(&self->vars[d->index]) : NULL;
    }
    return NULL;
}

struct value *vba_member_place(struct machine *m, struct object *o, uint32_t name)
{
    if (o->class_ == C_RECORD) {
        if (!o->started) {
            uint32_t n = 0;
            for (struct vba_field *f = o->fields; f; f = f->next)
                n++;
            o->vars = ARENA_ARRAY(m->mem, struct value, n ? n : 1);
            o->n_vars = o->vars ? n : 0;
            o->started = true;
            n = 0;
            for (struct vba_field *f = o->fields; f && n < o->n_vars; f = f->next, n++) {
                o->vars[n] = vba_fresh(m, f->as);
                if (f->bounds)
                    vba_redim(m, &o->vars[n], f->bounds, false, f->as);
            }
        }
        uint32_t i = 0;
        for (struct vba_field *f = o->fields; f && i < o->n_vars; f = f->next, i++)
            if (f->name == name)
                return &o->vars[i];
        return NULL;
    }
    if (o->class_ != C_MODULE && o->class_ != C_INSTANCE)
        return NULL;
    struct vba_decl *d = vba_declare_find(m, name, o->module, true);
    if (!d || d->kind != DECL_VARIABLE || d->module != o->module)
        return NULL;
    if (o->class_ == C_MODULE)
        o = vba_declare_instance(m, o->module);
    return d->index < o->n_vars ? vba_deref(&o->vars[d->index]) : NULL;
}

static struct value base_of(struct machine *m, const struct vba_node *n)
{
    if (n->kind == N_WITH || !n->left)
        return n->bind == BIND_LOCAL && m->top ? *vba_deref(&m->top->slots[n->slot]) : vba_unknown(m, "With");
    return vba_eval(m, n->left);
}

static struct value *item_place(struct machine *m, const struct vba_node *n)
{
    struct value *at = n->left->kind == N_NAME || n->left->kind == N_MEMBER || n->left->kind == N_CALL ? vba_place(m, n->left) : NULL;
    struct arg args[VBA_DIMS_MAX];
    if (!at || at->type != V_ARRAY || !at->a || n->n > VBA_DIMS_MAX || m->error)
        return NULL;
    uint32_t k = vba_eval_arguments(m, n, args);
    return m->error ? NULL : vba_array_item(m, at->a, args, k);
}

struct value *vba_place(struct machine *m, const struct vba_node *n)
{
    struct value *at = NULL;
    if (!n || m->nest >= VBA_NEST_MAX)
        return NULL;
    m->nest++;
    if (n->kind == N_NAME) {
        at = variable(m, n);
    } else if (n->kind == N_MEMBER || n->kind == N_WITH) {
        /* Only what costs nothing to look at twice: variables of records and modules. */
        struct value *left = n->kind == N_WITH ? NULL : vba_place(m, n->left);
        struct value v = left ? *left : n->kind == N_WITH ? base_of(m, n) : n->left->bind == BIND_MODULE || n->left->bind == BIND_WORD ? vba_eval(m, n->left) : (struct value){ 0 };
        if (v.type == V_OBJECT && v.o && !m->error)
            at = vba_member_place(m, v.o, n->name);
    } else if (n->kind == N_CALL) {
        at = item_place(m, n);
    }
    m->nest--;
    return at;
}

/* --- arguments */

static bool is_variable(const struct vba_node *n)
{
    return n->kind == N_NAME && (n->bind == BIND_LOCAL || (n->bind == BIND_DECL && n->decl->kind == DECL_VARIABLE));
}

uint32_t vba_eval_arguments(struct machine *m, const struct vba_node *call, struct arg *args)
{
    uint32_t i = 0;
    for (const struct vba_node *a = call->args; a && i < call->n && !m->error && !m->ended; a = a->next, i++) {
        args[i] = (struct arg){ .name = a->argument_name };
        if (is_variable(a))
            args[i].place = variable(m, a);
        else if (a->kind == N_CALL && is_variable(a->left) && variable(m, a->left) && variable(m, a->left)->type == V_ARRAY)
            args[i].place = vba_place(m, a);
        args[i].v = args[i].place ? vba_load(args[i].place) : m->error ? (struct value){ 0 } : vba_eval(m, a);
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

static const struct arg *argument_for(const struct vba_proc *p, uint32_t i, const struct arg *args, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (args[k].name && args[k].name == p->params[i].name)
            return &args[k];
    return i < n && !args[i].name && args[i].v.type != V_MISSING ? &args[i] : NULL;
}

static void rest_of(struct machine *m, struct value *slot, const struct arg *args, uint32_t i, uint32_t n)
{
    struct value v = vba_array_of(m, i < n ? n - i : 0);
    for (uint32_t k = 0; v.type == V_ARRAY && k < v.a->all; k++)
        v.a->items[k] = args[i + k].v;
    *slot = v;
}

static void pass(struct machine *m, struct frame *f, const struct arg *args, uint32_t n)
{
    const struct vba_proc *p = f->proc;
    for (uint32_t i = 0; i < p->n_params && !m->error; i++) {
        const struct vba_param *param = &p->params[i];
        const struct arg *a = argument_for(p, i, args, n);
        struct value *slot = &f->slots[param->slot];
        bool fixed = a && a->place && vba_deref(a->place)->as >= V_FIXED;
        if (fixed && !param->by_value) /* comes back cut or padded, when the procedure ends: 5.3.1.11 */
            vba_store(m, a->place, vba_unknown(m, "text of fixed length"));
        if (param->rest) {
            rest_of(m, slot, args, i, n);
        } else if (a && a->place && !fixed && !param->by_value && (param->as == V_EMPTY || param->as == a->place->as || a->place->type == V_ARRAY)) {
            *slot = (struct value){ .type = V_REF, .ref = a->place };
        } else if (a || param->preset) {
            struct value v = a ? a->v : vba_eval(m, param->preset);
            *slot = vba_fresh(m, param->as);
            if (param->as != V_OBJECT && param->as != V_EMPTY)
                v = vba_plain(m, v);
            if (!m->error)
                vba_store(m, slot, param->by_value || v.type != V_ARRAY ? vba_copy(m, v) : v);
        } else {
            *slot = param->as ? vba_fresh(m, param->as) : (struct value){ .type = V_MISSING };
        }
    }
}

struct value vba_call_proc(struct machine *m, struct vba_proc *p, struct object *self, struct arg *args, uint32_t n)
{
    p->called = true;
    if (!vba_compile(m, p))
        return vba_unknown_slice(m, m->names[p->name].text);
    struct slots *kept = m->slots;
    uint32_t used = kept ? kept->used : 0, line = m->line, module = m->module;
    struct value *slots = m->calls < VBA_CALLS_MAX && m->nest < VBA_NEST_MAX ? slots_take(m, p->n_slots) : NULL;
    if (!slots) {
        m->unread = true;
        return vba_unknown_slice(m, m->names[p->name].text);
    }
    if (m->u->trace)
        vba_note_call(m, p, args, n);
    struct frame f = { .proc = p, .slots = slots, .self = self ? self : m->modules[p->module].self, .up = m->top,
                       .journal_floor = m->journal_floor };
    slots[p->result] = vba_fresh(m, p->kind == PROC_SUB ? V_EMPTY : p->as);
    m->module = p->module;
    pass(m, &f, args, n);
    m->calls++;
    m->nest++;
    m->top = &f;
    if (!m->error)
        (void)vba_run(m, &f, 0, 0, p->n_steps, p->n_steps);
    vba_fog(m, &f);
    struct value v = vba_load(&slots[p->result]);
    if (m->u->trace)
        vba_note_end(m);
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
struct value vba_call_named(struct machine *m, struct text name, struct arg *args, uint32_t n, bool *found_out)
{
    *found_out = false;
    if (!text_known(name) || name.n == 0 || name.n > 255)
        return vba_unknown(m, "name of a procedure");
    slice s = text_utf8(m->t, name);
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == '.' || s.at[i] == '!')
            from = i + 1;
    uint32_t id = vba_lex_name(m, slice_from(s, from));
    for (struct vba_decl *d = id ? m->names[id].decls : NULL; d; d = d->next) {
        if (d->kind != DECL_PROCEDURE)
            continue;
        *found_out = true;
        return vba_call_proc(m, d->proc, NULL, args, n);
    }
    return vba_unknown_slice(m, s);
}

/* --- calls */

struct value vba_apply(struct machine *m, struct value v, struct arg *args, uint32_t n, enum vba_how how)
{
    if (m->error)
        return v;
    if (v.type == V_ARRAY && n > 0) {
        struct value *at = vba_array_item(m, v.a, args, n);
        return at ? vba_load(at) : m->error ? (struct value){ 0 } : vba_unknown(m, "element");
    }
    if (v.type == V_OBJECT) {
        if (!v.o)
            return vba_error(m, 91);
        return n ? vba_object_default(m, v.o, args, n, how) : v;
    }
    if (v.type == V_UNKNOWN)
        return n ? vba_unknown_of(NULL, v.mark) : v;
    return n ? vba_error(m, 13) : v;
}

static struct value call_word(struct machine *m, const struct vba_node *n, struct arg *args, uint32_t k)
{
    bool found = false;
    struct value out = { 0 };
    if (m->dialect && m->dialect->call(m, n->name, args, k, &out))
        return out;
    if (n->name == W_me)
        return vba_apply(m, m->top ? vba_object(m->top->self) : vba_unknown(m, "Me"), args, k, HOW_GET);
    if (vba_function_is(n->name)) {
        struct value v = vba_function(m, n->name, n->suffix, args, k);
        v.as = V_EMPTY;
        v.flags = m->dialect || (!n->suffix && vba_function_variant(n->name)) ? VALUE_VARIANT : 0;
        return v;
    }
    return vba_apply(m, vba_object_word(m, n->name, &found), args, k, HOW_GET);
}

static struct value call_decl(struct machine *m, struct vba_decl *d, struct arg *args, uint32_t k)
{
    if (d->kind == DECL_PROCEDURE) {
        struct object *self = m->top && m->top->self && m->top->self->module == d->module ? m->top->self : NULL;
        return vba_call_proc(m, d->proc, self, args, k);
    }
    if (d->kind == DECL_API) {
        vba_say_api(m, d->api, args, k);
        return vba_unknown_slice(m, d->api->alias);
    }
    if (d->kind == DECL_CONSTANT)
        return vba_apply(m, vba_declare_constant(m, d), args, k, HOW_GET);
    return vba_unknown_slice(m, m->names[d->name].text);
}

static struct value call_variable(struct machine *m, const struct vba_node *n, struct value *at, struct arg *args, uint32_t k)
{
    const struct frame *f = m->top;
    bool own = n->bind == BIND_LOCAL && f && n->slot == f->proc->result && f->proc->kind != PROC_SUB;
    if (own && at->type != V_ARRAY && at->type != V_OBJECT) /* a function that calls itself */
        return vba_call_proc(m, f->proc, f->self, args, k);
    if (at->type == V_EMPTY && m->dialect) /* no such procedure: VBScript's type mismatch */
        return vba_error(m, 13);
    if (at->type == V_EMPTY && n->bind == BIND_LOCAL) /* a function of a library that is not here */
        return foreign_call(m, n);
    return vba_apply(m, vba_load(at), args, k, HOW_GET);
}

static struct value call_name(struct machine *m, const struct vba_node *n, struct arg *args, uint32_t k)
{
    switch (n->bind) {
    case BIND_CONSTANT: return vba_apply(m, *n->literal, args, k, HOW_GET);
    case BIND_WORD: return call_word(m, n, args, k);
    case BIND_MODULE: return vba_apply(m, vba_object(m->modules[n->module].self), args, k, HOW_GET);
    case BIND_CONTROL:
        return vba_apply(m, vba_control(m, m->names[m->modules[n->module].name].text, m->names[n->name].text), args, k, HOW_GET);
    case BIND_NONE: return foreign_call(m, n);
    default: break;
    }
    struct value *at = variable(m, n);
    struct vba_decl *later = at && m->dialect && at->type == V_EMPTY && n->bind == BIND_LOCAL ? m->names[n->name].decls : NULL;
    if (later && later->kind == DECL_PROCEDURE && m->modules[later->module].kind == MODULE_STANDARD)
        return call_decl(m, later, args, k); /* Execute has made it since this was read */
    if (!at)
        return n->bind == BIND_DECL ? call_decl(m, n->decl, args, k) : foreign_call(m, n);
    return k ? call_variable(m, n, at, args, k) : vba_load(at);
}

static struct value call_with(struct machine *m, const struct vba_node *left, struct arg *args, uint32_t k)
{
    if (left->kind == N_NAME)
        return call_name(m, left, args, k);
    if (left->kind == N_MEMBER || left->kind == N_WITH) {
        struct value base = base_of(m, left);
        return m->error ? base : vba_object_member(m, base, left->name, args, k, HOW_CALL);
    }
    return vba_apply(m, vba_eval(m, left), args, k, HOW_GET);
}

static struct value call(struct machine *m, const struct vba_node *n)
{
    struct arg few[ARGS_FEW], *args = few;
    if (n->n > ARGS_FEW) {
        args = ARENA_ARRAY(m->mem, struct arg, n->n);
        if (!args)
            return vba_unknown(m, "memory");
    }
    /* f().Member: the object comes before its arguments. */
    const struct vba_node *left = n->left;
    bool member = left->kind == N_MEMBER || left->kind == N_WITH;
    struct value base = member ? base_of(m, left) : (struct value){ 0 };
    if (m->error)
        return base;
    uint32_t k = vba_eval_arguments(m, n, args);
    if (m->error || m->ended)
        return (struct value){ 0 };
    return member ? vba_object_member(m, base, left->name, args, k, HOW_CALL) : call_with(m, left, args, k);
}

/* --- operators */

static struct value chain(struct machine *m, const struct vba_node *n)
{
    struct value v = vba_eval(m, n->left);
    for (const struct vba_node *a = n->args; a && !m->error && !m->ended; a = a->next) {
        struct value w = vba_eval(m, a->left);
        if (m->error)
            break;
        if (a->next && !vba_step(m, 1))
            return vba_unknown(m, "limit");
        if (!vba_whole_numbers(a->op, &v, &w, &v))
            v = vba_binary(m, a->op, v, w);
    }
    return v;
}

static struct value new_object(struct machine *m, const struct vba_node *n)
{
    struct vba_decl *d = n->name ? m->names[n->name].decls : NULL;
    uint32_t module = n->name ? vba_declare_named(m, n->name) : m->n_modules;
    if (module < m->n_modules)
        return vba_object(vba_declare_new(m, module));
    if (d && d->kind == DECL_TYPE) {
        struct object *o = vba_object_new(m, C_RECORD);
        if (o)
            o->fields = d->fields;
        return vba_object(o);
    }
    return vba_object_create(m, text_of(m->t, m->names[n->name].text, TEXT_NOWHERE));
}

static struct value eval(struct machine *m, const struct vba_node *n)
{
    struct arg key;
    struct value v;
    switch (n->kind) {
    case N_LITERAL: return *n->literal;
    case N_NAME: return call_name(m, n, NULL, 0);
    case N_MEMBER: case N_WITH:
        v = base_of(m, n);
        return m->error ? v : vba_object_member(m, v, n->name, NULL, 0, HOW_GET);
    case N_BANG:
        v = base_of(m, n);
        key = (struct arg){ .v = vba_utf8(m, m->names[n->name].text) };
        return m->error ? v : vba_apply(m, v, &key, 1, HOW_GET);
    case N_CALL: return call(m, n);
    case N_UNARY: v = vba_eval(m, n->left); return m->error ? v : vba_unary(m, n->op, v);
    case N_CHAIN: return chain(m, n);
    case N_NEW: return new_object(m, n);
    case N_TYPEOF: (void)vba_eval(m, n->left); return vba_unknown(m, "TypeOf");
    case N_ADDRESSOF: return vba_unknown(m, "AddressOf");
    case N_MISSING: return (struct value){ .type = V_MISSING };
    default: return n->left ? vba_eval(m, n->left) : vba_unknown(m, "expression");
    }
}

struct value vba_eval_node(struct machine *m, const struct vba_node *n)
{
    if (!n) /* of a statement that is cut off */
        return vba_unknown(m, "expression");
    bool counts = n->kind != N_NAME || n->bind != BIND_LOCAL;
    if (m->nest >= VBA_NEST_MAX || (counts && !vba_step(m, 1))) {
        m->unread = true;
        return vba_unknown(m, "limit");
    }
    m->nest++;
    struct value v = eval(m, n);
    m->nest--;
    return v;
}

/* --- assignment: 5.4.3.8, 5.4.3.9 */

static void assign_property(struct machine *m, struct vba_decl *d, struct value v, bool set)
{
    struct vba_proc *p = vba_declare_proc(m, d->name, d->module, set ? PROC_SET : PROC_LET);
    struct arg a = { .v = v };
    if (p)
        (void)vba_call_proc(m, p, m->top ? m->top->self : NULL, &a, 1);
}

static void assign_call(struct machine *m, const struct vba_node *n, struct value v, enum vba_how how)
{
    struct arg few[ARGS_FEW + 1], *args = n->n < ARGS_FEW ? few : ARENA_ARRAY(m->mem, struct arg, n->n + 1);
    if (!args)
        return;
    const struct vba_node *left = n->left;
    bool member = left->kind == N_MEMBER || left->kind == N_WITH;
    struct value base = member ? base_of(m, left) : vba_eval(m, left);
    uint32_t k = m->error ? 0 : vba_eval_arguments(m, n, args);
    if (m->error)
        return;
    args[k] = (struct arg){ .v = v };
    if (member)
        (void)vba_object_member(m, base, left->name, args, k + 1, how);
    else if (base.type == V_OBJECT && base.o)
        (void)vba_object_default(m, base.o, args, k + 1, how);
    else if (base.type != V_UNKNOWN && base.type != V_ARRAY)
        vba_error(m, 13);
}

void vba_assign(struct machine *m, const struct vba_node *n, struct value v, bool set)
{
    enum vba_how how = set ? HOW_SETS : HOW_LET;
    bool simple = n && n->kind == N_NAME && n->bind == BIND_LOCAL && v.type != V_OBJECT && v.type != V_ARRAY;
    if (simple && !m->error && m->top) {
        struct value *slot = vba_deref(&m->top->slots[n->slot]);
        if (slot->type != V_OBJECT) {
            vba_store(m, slot, v);
            return;
        }
    }
    if (!set && v.type == V_OBJECT && !(v.o && v.o->class_ == C_RECORD))
        v = vba_plain(m, v);
    struct value *at = m->error ? NULL : vba_place(m, n);
    if (m->error || !n)
        return;
    if (at) {
        bool by_default = !set && at->type == V_OBJECT && at->o && at->as == V_OBJECT && at->o->class_ != C_RECORD;
        struct arg a = { .v = v };
        if (by_default)
            (void)vba_object_default(m, at->o, &a, 1, how);
        else
            vba_store(m, at, vba_copy(m, v));
        return;
    }
    struct arg a[2] = { { .v = v }, { .v = v } };
    struct value base;
    switch (n->kind) {
    case N_MEMBER: case N_WITH:
        base = base_of(m, n);
        if (!m->error)
            (void)vba_object_member(m, base, n->name, a, 1, how);
        break;
    case N_BANG:
        base = base_of(m, n);
        a[0].v = vba_utf8(m, m->names[n->name].text);
        if (!m->error && base.type == V_OBJECT && base.o)
            (void)vba_object_default(m, base.o, a, 2, how);
        break;
    case N_CALL: assign_call(m, n, v, how); break;
    case N_NAME:
        if (n->bind == BIND_DECL && n->decl->kind == DECL_PROCEDURE)
            assign_property(m, n->decl, v, set);
        else if (n->bind == BIND_WORD && m->dialect)
            (void)m->dialect->assign(m, n->name, v);
        break;
    default: break;
    }
}
