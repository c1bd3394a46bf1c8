/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of a module: [MS-VBAL] 4.2 and 5.2. Procedures are only found here; their bodies
 * are read when they are first called. A procedure without its End goes on to the next one. */
#include "base/text.h"
#include "unmask/basic/basic.h"

uint8_t basic_declare_type(uint32_t word)
{
    switch (word) {
    case W_boolean: return V_BOOLEAN;
    case W_byte: return V_BYTE;
    case W_integer: return V_INTEGER;
    case W_long: return V_LONG;
    case W_longptr: return V_LONG;
    case W_longlong: return V_LONGLONG;
    case W_single: return V_SINGLE;
    case W_double: return V_DOUBLE;
    case W_currency: return V_CURRENCY;
    case W_date: return V_DATE;
    case W_string: return V_STRING;
    case W_variant: case W_any: return V_EMPTY;
    default: return V_OBJECT;
    }
}

static struct basic_decl *add(struct basic_parse *p, enum basic_decl_kind kind, uint32_t name, bool is_public)
{
    struct machine *m = p->m;
    struct basic_decl *d = ARENA_NEW(m->mem, struct basic_decl);
    if (!d) {
        m->out_of_memory = true;
        return NULL;
    }
    *d = (struct basic_decl){ .kind = (uint8_t)kind, .name = name, .module = p->module, .is_public = is_public || m->dialect->script,
                            .line = basic_parse_peek(p)->line, .next = m->names[name].decls };
    m->names[name].decls = d;
    return d;
}

static uint32_t take_name(struct basic_parse *p, uint8_t *suffix_out)
{
    const struct basic_token *t = basic_parse_peek(p);
    if (t->kind != T_NAME)
        return W_NONE;
    *suffix_out = t->suffix;
    p->pos++;
    return t->name;
}

/* --- declarations of a dialect, which knows one name space for all that is outside of classes */

static struct basic_decl *global_of(struct machine *m, uint32_t name)
{
    for (struct basic_decl *d = m->names[name].decls; d; d = d->next)
        if (m->modules[d->module].kind == MODULE_STANDARD && d->kind <= DECL_PROCEDURE)
            return d;
    return NULL;
}

struct basic_decl *basic_declare_implicit(struct machine *m, uint32_t name, uint32_t module, uint32_t line)
{
    struct basic_parse p = { .m = m, .module = module };
    struct basic_decl *d = add(&p, DECL_VARIABLE, name, true);
    if (d) {
        d->line = line;
        d->index = m->modules[module].n_vars++;
        d->after = m->modules[module].vars;
        m->modules[module].vars = d;
    }
    return d;
}

/* What is said again is the same; a procedure takes the place of what had its name before, so that
 * code which was read already calls the new one. */
static struct basic_decl *declare_again(struct basic_parse *p, enum basic_decl_kind kind, uint32_t name)
{
    struct machine *m = p->m;
    struct basic_decl *d = m->modules[p->module].kind == MODULE_STANDARD ? global_of(m, name) : NULL;
    if (!d)
        return add(p, kind, name, true);
    if (kind == DECL_PROCEDURE)
        d->kind = DECL_PROCEDURE;
    return d;
}

uint32_t basic_declare_module(struct machine *m, const struct basic_module *in)
{
    if (m->n_modules == BASIC_MODULES_MAX) {
        m->unread = true;
        return m->n_modules;
    }
    if (m->n_modules == m->room_modules) {
        uint32_t room = m->room_modules ? m->room_modules * 2 : 8;
        struct basic_module *more = arena_regrow(m->mem, m->modules, m->n_modules * sizeof *more, room, sizeof *more);
        if (!more) {
            m->out_of_memory = true;
            return m->n_modules;
        }
        m->modules = more;
        m->room_modules = room;
    }
    m->modules[m->n_modules] = *in;
    return m->n_modules++;
}

struct basic_proc *basic_declare_body(struct machine *m, uint32_t module, slice name, unsigned body, const struct basic_proc *scope)
{
    struct basic_proc *q = ARENA_NEW(m->mem, struct basic_proc);
    uint32_t id = q ? basic_lex_name(m, name) : W_NONE;
    if (!id)
        return NULL;
    const struct basic_module *in = &m->modules[module];
    *q = (struct basic_proc){ .id = ++m->n_procs, .name = id, .module = module, .kind = PROC_FUNCTION, .body = (uint8_t)body,
                            .scope = scope, .from = in->from, .to = in->to, .line = in->line };
    return q;
}

/* --- procedures: 5.3.1 */

static bool begins_procedure(const struct machine *m, uint32_t i)
{
    const struct basic_token *t = &m->tokens[i];
    return t->kind == T_NAME && (t->name == W_sub || t->name == W_function) && m->tokens[i + 1].kind == T_NAME &&
           i > 0 && (m->tokens[i - 1].kind == T_EOL || m->tokens[i - 1].name == W_private || m->tokens[i - 1].name == W_public);
}

static uint32_t find_end(struct basic_parse *p, uint32_t from)
{
    const struct basic_token *t = p->m->tokens;
    uint32_t i = from;
    for (; i < p->end && t[i].kind != T_END; i++) {
        if (t[i].kind != T_NAME)
            continue;
        uint32_t next = t[i + 1].kind == T_NAME ? t[i + 1].name : W_NONE;
        if (t[i].name == W_end && (next == W_sub || next == W_function || next == W_property))
            break;
        if (i > from && begins_procedure(p->m, i)) {
            while (i > from && t[i - 1].kind == T_NAME)
                i--;
            break;
        }
    }
    return i;
}

static void take_procedure(struct basic_parse *p, bool is_public, bool remembers)
{
    struct machine *m = p->m;
    const struct basic_token *t = basic_parse_peek(p);
    enum basic_proc_kind kind = t->name == W_sub ? PROC_SUB : PROC_FUNCTION;
    if (t->name == W_property) {
        p->pos++;
        t = basic_parse_peek(p);
        kind = t->name == W_get ? PROC_GET : t->name == W_let ? PROC_LET : PROC_SET;
    }
    p->pos++;
    uint8_t suffix = 0;
    uint32_t name = take_name(p, &suffix), line = t->line;
    struct basic_proc *q = name ? ARENA_NEW(m->mem, struct basic_proc) : NULL;
    struct basic_decl *d = !q ? NULL : m->dialect->script && kind < PROC_GET ? declare_again(p, DECL_PROCEDURE, name) : add(p, DECL_PROCEDURE, name, is_public);
    uint32_t end = find_end(p, p->pos);
    if (d) {
        *q = (struct basic_proc){ .id = ++m->n_procs, .name = name, .module = p->module, .kind = (uint8_t)kind,
                                .as = basic_parse_suffix(suffix), .is_public = is_public, .remembers = remembers,
                                .from = p->pos, .to = end, .line = line };
        d->proc = q;
        if (m->last_proc)
            m->last_proc->next = q;
        else
            m->procs = q;
        m->last_proc = q;
    }
    p->pos = end;
    if (p->pos < p->end && basic_parse_peek(p)->name == W_end)
        p->pos += 2;
}

static slice string_here(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    if (t->kind != T_STRING)
        return (slice){ 0 };
    p->pos++;
    return basic_lex_text(p->m, p->module, t);
}

/* 5.2.3.5 */
static void take_declare(struct basic_parse *p, bool is_public)
{
    uint8_t suffix = 0;
    (void)basic_parse_word(p, W_ptrsafe);
    if (!basic_parse_word(p, W_sub) && !basic_parse_word(p, W_function))
        return;
    uint32_t name = take_name(p, &suffix);
    (void)basic_parse_word(p, W_cdecl);
    if (!name || !basic_parse_word(p, W_lib))
        return;
    struct basic_api *api = ARENA_NEW(p->m->mem, struct basic_api);
    struct basic_decl *d = api ? add(p, DECL_API, name, is_public) : NULL;
    if (!d)
        return;
    api->name = name;
    api->lib = string_here(p);
    api->alias = basic_parse_word(p, W_alias) ? string_here(p) : (slice){ 0 };
    if (api->alias.len == 0)
        api->alias = p->m->names[name].text;
    d->api = api;
}

/* --- 5.2.3.2, 5.2.3.4, 5.2.3.3 */

static void take_constants(struct basic_parse *p, bool is_public)
{
    do {
        uint8_t suffix = 0;
        uint32_t name = take_name(p, &suffix), class_name = 0;
        struct basic_decl *d = !name ? NULL : p->m->dialect->script ? declare_again(p, DECL_CONSTANT, name) : add(p, DECL_CONSTANT, name, is_public);
        if (!d)
            return;
        d->kind = DECL_CONSTANT;
        bool as_new = false;
        uint8_t as = basic_parse_word(p, W_as) ? basic_parse_as(p, &class_name, &as_new) : basic_parse_suffix(suffix);
        d->as = as == V_OBJECT ? V_EMPTY : as;
        d->init = basic_parse_op(p, '=') ? basic_parse_expression(p) : NULL;
        d->ready = d->init == NULL;
    } while (basic_parse_op(p, ','));
}

static void next_line(struct basic_parse *p)
{
    basic_parse_skip(p);
    while (p->pos < p->end && (basic_parse_peek(p)->kind == T_EOL || basic_parse_peek(p)->kind == T_COLON))
        p->pos++;
}

static void take_enum(struct basic_parse *p, bool is_public)
{
    struct basic_decl *first = NULL; /* the last with a value of its own */
    uint32_t n = 0;
    next_line(p);
    while (p->pos < p->end && basic_parse_peek(p)->kind == T_NAME && basic_parse_peek(p)->name != W_end) {
        uint8_t suffix = 0;
        uint32_t name = take_name(p, &suffix);
        struct basic_decl *d = add(p, DECL_CONSTANT, name, is_public);
        if (!d)
            return;
        d->as = V_LONG;
        d->init = basic_parse_op(p, '=') ? basic_parse_expression(p) : NULL;
        d->value = basic_int(V_LONG, 0);
        d->ready = !d->init && !first;
        if (d->init || !first) {
            first = d;
            n = 0;
        }
        d->after = first == d ? NULL : first;
        d->index = n++;
        next_line(p);
    }
}

static void take_type(struct basic_parse *p, bool is_public)
{
    uint8_t suffix = 0;
    uint32_t name = take_name(p, &suffix), class_name = 0;
    bool as_new = false;
    struct basic_decl *d = name ? add(p, DECL_TYPE, name, is_public) : NULL;
    struct basic_field **last = d ? &d->fields : NULL;
    next_line(p);
    while (last && p->pos < p->end && basic_parse_peek(p)->kind == T_NAME && basic_parse_peek(p)->name != W_end) {
        struct basic_field *f = ARENA_NEW(p->m->mem, struct basic_field);
        if (!f)
            return;
        f->name = take_name(p, &suffix);
        f->bounds = basic_parse_op(p, '(') ? basic_parse_bounds(p) : NULL;
        f->as = basic_parse_word(p, W_as) ? basic_parse_as(p, &class_name, &as_new) : V_EMPTY;
        *last = f;
        last = &f->next;
        next_line(p);
    }
}

static void take_variables(struct basic_parse *p, bool is_public)
{
    struct basic_module *in = &p->m->modules[p->module];
    do {
        (void)basic_parse_word(p, W_withevents);
        uint8_t suffix = 0;
        uint32_t name = take_name(p, &suffix);
        bool had = name && p->m->dialect->script && in->kind == MODULE_STANDARD && global_of(p->m, name);
        if (had) {
            if (basic_parse_op(p, '('))
                (void)basic_parse_bounds(p);
            continue;
        }
        struct basic_decl *d = name ? add(p, DECL_VARIABLE, name, is_public) : NULL;
        if (!d)
            return;
        d->bounds = basic_parse_op(p, '(') ? basic_parse_bounds(p) : NULL;
        d->as = basic_parse_word(p, W_as) ? basic_parse_as(p, &d->class_name, &d->as_new) : basic_parse_suffix(suffix);
        d->index = in->n_vars++;
        d->after = in->vars;
        in->vars = d;
    } while (basic_parse_op(p, ','));
}

/* --- 4.2 */

/* Attribute VB_Control = "TextBox1, 0, 0, MSForms, TextBox" */
static void take_attribute(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    struct basic_module *in = &p->m->modules[p->module];
    uint32_t what = t->kind == T_NAME ? t->name : W_NONE;
    p->pos++;
    if (!basic_parse_op(p, '='))
        return;
    slice s = string_here(p);
    if (what == W_vb_name && s.len)
        in->name = basic_lex_name(p->m, s);
    if (what == W_vb_control && s.len) {
        uint32_t name = basic_lex_name(p->m, slice_trim(slice_sub(s, 0, slice_find_byte(s, ',', 0))));
        if (name)
            (void)add(p, DECL_CONTROL, name, true);
    }
    if (what == W_vb_base && slice_starts_nocase(s, "0{FCFB3D2A"))
        in->kind = MODULE_CLASS;
    else if (what == W_vb_base && s.len > 45) /* two class ids: the designer's and the form's */
        in->kind = MODULE_FORM;
    else if (what == W_vb_base && s.len)
        in->kind = MODULE_DOCUMENT;
}

static void take_option(struct basic_parse *p)
{
    struct basic_module *in = &p->m->modules[p->module];
    if (basic_parse_word(p, W_base))
        in->base = slice_is(basic_lex_text(p->m, p->module, basic_parse_peek(p)), "1");
    else if (basic_parse_word(p, W_compare))
        in->compare_text = basic_parse_word(p, W_text);
}

static void take_element(struct basic_parse *p)
{
    bool is_public = true, given = false, remembers = false;
    uint32_t word = W_NONE;
    for (; basic_parse_peek(p)->kind == T_NAME; p->pos++) {
        word = basic_parse_peek(p)->name;
        if (word == W_private)
            is_public = false;
        else if (word == W_static)
            remembers = true;
        else if (word != W_public && word != W_global && word != W_friend && word != W_default)
            break;
        given = true;
    }
    switch (basic_parse_peek(p)->kind == T_NAME ? word : W_NONE) {
    case W_sub: case W_function: case W_property: take_procedure(p, is_public, remembers); return;
    case W_declare: p->pos++; take_declare(p, is_public); break;
    case W_const: p->pos++; take_constants(p, is_public && given); break;
    case W_enum: p->pos++; take_enum(p, is_public); break;
    case W_type: p->pos++; take_type(p, is_public); break;
    case W_dim: p->pos++; take_variables(p, false); break;
    case W_attribute: p->pos++; take_attribute(p); break;
    case W_option: p->pos++; take_option(p); break;
    default:
        if (given)
            take_variables(p, is_public);
    }
}

/* --- VBScript: Class, Dim, Const, Sub, Function; all else is a statement */

static void take_class(struct basic_parse *p)
{
    struct machine *m = p->m;
    uint8_t suffix = 0;
    struct basic_module in = m->modules[p->module];
    p->pos++;
    uint32_t name = take_name(p, &suffix), end = p->pos;
    const struct basic_token *t = m->tokens;
    while (end < p->end && t[end].kind != T_END && !(t[end].kind == T_NAME && t[end].name == W_end && t[end + 1].name == W_class))
        end++;
    in.kind = MODULE_CLASS;
    in.name = name;
    in.from = p->pos, in.to = end;
    in.n_vars = 0, in.vars = NULL, in.procs = NULL;
    uint32_t module = name ? basic_declare_module(m, &in) : m->n_modules;
    if (module < m->n_modules)
        (void)basic_declare_scan(m, module);
    p->pos = end;
    if (p->pos < p->end && basic_parse_peek(p)->name == W_end)
        p->pos += 2;
}

static bool take_of_script(struct basic_parse *p)
{
    bool given = false;
    const struct basic_token *t = basic_parse_peek(p);
    while (t->kind == T_NAME && (t->name == W_public || t->name == W_private || (given && t->name == W_default))) {
        given = true;
        p->pos++;
        t = basic_parse_peek(p);
    }
    uint32_t word = t->kind == T_NAME ? t->name : W_NONE;
    bool named = p->pos + 1 < p->end && t[1].kind == T_NAME;
    switch (named ? word : W_NONE) {
    case W_sub: case W_function: case W_property: take_procedure(p, true, false); return true;
    case W_class: take_class(p); return true;
    case W_const: p->pos++; take_constants(p, true); return true;
    case W_dim: p->pos++; take_variables(p, true); return true;
    case W_option: basic_parse_skip(p); return true;
    default:
        if (given)
            take_variables(p, true);
        return given;
    }
}

static void take_script_element(struct basic_parse *p)
{
    uint32_t start = p->pos;
    if (take_of_script(p)) { /* the statements around it go on behind it */
        struct basic_token *t = &p->m->tokens[start];
        *t = (struct basic_token){ .kind = T_SKIP, .at = p->pos, .line = t->line };
    }
}

bool basic_declare_scan(struct machine *m, uint32_t module)
{
    struct basic_parse p = { .m = m, .module = module, .pos = m->modules[module].from, .end = m->modules[module].to };
    while (p.pos < p.end && basic_parse_peek(&p)->kind != T_END && !m->out_of_memory) {
        uint32_t before = p.pos;
        if (m->dialect->script)
            take_script_element(&p);
        else
            take_element(&p);
        p.failed = false;
        next_line(&p);
        if (p.pos == before)
            p.pos++;
    }
    struct object *self = basic_object_new(m, C_MODULE);
    if (self)
        self->module = module;
    m->modules[module].self = self;
    return self && !m->out_of_memory;
}

/* --- looking up: 5.6.10 */

struct basic_decl *basic_declare_find(struct machine *m, uint32_t name, uint32_t module, bool own_only)
{
    struct basic_decl *other = NULL;
    for (struct basic_decl *d = m->names[name].decls; d; d = d->next) {
        if (d->module == module && (d->kind != DECL_PROCEDURE || d->proc->kind < PROC_LET))
            return d;
        bool reach = d->is_public && (m->modules[d->module].kind == MODULE_STANDARD || d->kind >= DECL_API);
        if (!own_only && d->module != module && reach && d->kind != DECL_CONTROL)
            other = d;
    }
    return other;
}

struct basic_proc *basic_declare_proc(struct machine *m, uint32_t name, uint32_t module, enum basic_proc_kind kind)
{
    for (struct basic_decl *d = m->names[name].decls; d; d = d->next)
        if (d->kind == DECL_PROCEDURE && d->module == module &&
            (d->proc->kind == kind || (kind < PROC_LET && d->proc->kind < PROC_LET)))
            return d->proc;
    return NULL;
}

uint32_t basic_declare_named(const struct machine *m, uint32_t name)
{
    uint32_t i = 0;
    while (i < m->n_modules && m->modules[i].name != name)
        i++;
    return i;
}

static void declare_vars(struct machine *m, uint32_t module, struct object *o)
{
    struct basic_module *in = &m->modules[module];
    o->started = true;
    o->n_vars = in->n_vars;
    o->vars = ARENA_ARRAY(m->mem, struct value, in->n_vars ? in->n_vars : 1);
    for (struct basic_decl *d = in->vars; d && o->vars; d = d->after) {
        struct value *v = &o->vars[d->index];
        *v = basic_fresh(m, d->as);
        if (d->bounds) {
            basic_redim(m, v, d->bounds, false, d->as);
        } else if (d->as == V_OBJECT && d->class_name && basic_declare_find(m, d->class_name, module, false) &&
                   basic_declare_find(m, d->class_name, module, false)->kind == DECL_TYPE) {
            struct object *r = basic_object_new(m, C_RECORD);
            *v = basic_object(r);
            if (r)
                r->fields = basic_declare_find(m, d->class_name, module, false)->fields;
        } else if (d->as_new && d->class_name) {
            *v = basic_object_create(m, text_of(m->t, m->names[d->class_name].text, TEXT_NOWHERE));
        }
    }
    if (!o->vars)
        o->n_vars = 0;
}

struct object *basic_declare_instance(struct machine *m, uint32_t module)
{
    struct object *o = m->modules[module].self;
    if (!o->started)
        declare_vars(m, module, o);
    return o;
}

struct object *basic_declare_new(struct machine *m, uint32_t module)
{
    struct object *o = basic_object_new(m, C_INSTANCE);
    if (!o)
        return NULL;
    o->module = module;
    o->name = m->names[m->modules[module].name].text;
    declare_vars(m, module, o);
    struct basic_proc *p = basic_declare_proc(m, basic_lex_name(m, SLICE_LIT("Class_Initialize")), module, PROC_SUB);
    if (p)
        (void)basic_call_proc(m, p, o, NULL, 0);
    return o;
}

struct value basic_declare_constant(struct machine *m, struct basic_decl *d)
{
    if (d->ready)
        return d->value;
    if (d->busy) /* it is made from itself */
        return basic_unknown(m, "constant");
    d->busy = true;
    if (d->init) {
        struct value v = basic_eval_plain(m, d->init);
        d->value = d->as ? basic_coerce(m, v, d->as) : v;
    } else {
        struct value v = d->after ? basic_declare_constant(m, d->after) : basic_int(V_LONG, 0);
        d->value = v.type == V_LONG ? basic_int(V_LONG, v.i + d->index) : v;
    }
    d->value.flags &= (uint8_t)~VALUE_VARIANT;
    d->busy = false;
    d->ready = true;
    return d->value;
}
