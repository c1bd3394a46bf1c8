/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: [MS-VBAL] 5.6. Operators of one precedence become one chain, so that a thousand
 * joined literals are a list and not a thousand levels. Names are bound here, where the scope
 * is known (5.6.10): local, module, project, controls of the module, library, else a new local. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static const struct basic_token end_token = { .kind = T_END };

const struct basic_token *basic_parse_peek(const struct basic_parse *p)
{
    return p->pos < p->end ? &p->m->tokens[p->pos] : &end_token;
}

bool basic_parse_op(struct basic_parse *p, uint8_t op)
{
    const struct basic_token *t = basic_parse_peek(p);
    if (t->kind != T_OP || t->op != op)
        return false;
    p->pos++;
    return true;
}

static bool is_word(const struct basic_token *t, uint32_t word) { return t->kind == T_NAME && t->name == word; }

bool basic_parse_word(struct basic_parse *p, uint32_t word)
{
    if (!is_word(basic_parse_peek(p), word))
        return false;
    p->pos++;
    return true;
}

bool basic_parse_at_end(const struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    return t->kind == T_EOL || t->kind == T_END || t->kind == T_COLON || is_word(t, W_else) ||
           (p->m->dialect->script && is_word(t, W_end)); /* "If a Then b End If" */
}

void basic_parse_skip(struct basic_parse *p)
{
    while (p->pos < p->end && basic_parse_peek(p)->kind != T_EOL && basic_parse_peek(p)->kind != T_COLON &&
           basic_parse_peek(p)->kind != T_END)
        p->pos++;
}

uint8_t basic_parse_suffix(uint8_t suffix)
{
    switch (suffix) {
    case '%': return V_INTEGER;
    case '&': return V_LONG;
    case '!': return V_SINGLE;
    case '#': return V_DOUBLE;
    case '@': return V_CURRENCY;
    case '$': return V_STRING;
    default: return V_EMPTY;
    }
}

struct basic_node *basic_parse_node(struct basic_parse *p, enum basic_node_kind kind)
{
    struct basic_node *n = ARENA_NEW(p->m->mem, struct basic_node);
    if (!n) {
        p->m->out_of_memory = p->failed = true;
        return NULL;
    }
    n->kind = (uint8_t)kind;
    n->line = basic_parse_peek(p)->line;
    return n;
}

static struct basic_node *over(struct basic_parse *p, enum basic_node_kind kind, struct basic_node *left)
{
    struct basic_node *n = left ? basic_parse_node(p, kind) : NULL;
    if (n)
        n->left = left;
    return n;
}

/* As TYPE, behind the As. */
/* String * 10, String * constant: 5.2.3.1.3. */
static uint8_t fixed_type(struct basic_parse *p)
{
    struct machine *m = p->m;
    struct basic_node *n = basic_parse_expression(p);
    int64_t length = 0;
    bool constant = n && (n->kind == N_LITERAL || (n->kind == N_NAME && (n->bind == BIND_CONSTANT || (n->bind == BIND_DECL && n->decl->kind == DECL_CONSTANT))));
    struct value v = constant ? basic_eval(m, n) : (struct value){ 0 };
    if (!constant || !basic_integer(m, v, &length) || length < 1 || length > 65526) {
        m->error = 0;
        return V_FIXED + BASIC_FIXED_MAX;
    }
    uint32_t i = 0;
    while (i < m->n_fixed && m->fixed[i] != length)
        i++;
    if (i == BASIC_FIXED_MAX)
        return V_FIXED + BASIC_FIXED_MAX;
    m->fixed[i] = (uint32_t)length;
    m->n_fixed += i == m->n_fixed;
    return (uint8_t)(V_FIXED + i);
}

uint8_t basic_parse_as(struct basic_parse *p, uint32_t *class_out, bool *new_out)
{
    *new_out = basic_parse_word(p, W_new);
    const struct basic_token *t = basic_parse_peek(p);
    if (t->kind != T_NAME)
        return V_EMPTY;
    slice head = basic_lex_text(p->m, p->module, t);
    uint32_t name = t->name;
    uint8_t as = basic_declare_type(name);
    p->pos++;
    while (basic_parse_op(p, '.') && basic_parse_peek(p)->kind == T_NAME) {
        uint32_t sub = basic_parse_peek(p)->name;
        slice whole = basic_lex_text(p->m, p->module, basic_parse_peek(p));
        if (whole.at > head.at && (size_t)(whole.at - head.at) < 128) /* "Scripting.Dictionary" as it stands */
            name = basic_lex_name(p->m, (slice){ head.at, (size_t)(whole.at - head.at) + whole.len });
        else
            name = sub;
        as = V_OBJECT;
        p->pos++;
    }
    *class_out = as == V_OBJECT ? name : W_NONE;
    if (as == V_STRING && basic_parse_op(p, '*'))
        as = fixed_type(p);
    if (basic_parse_op(p, '('))
        (void)basic_parse_op(p, ')'); /* As Byte() */
    return as;
}

/* --- names */

uint32_t basic_parse_local(struct basic_parse *p, uint32_t name)
{
    struct basic_name *n = &p->m->names[name];
    if (n->local_of != p->proc->id) {
        n->local_of = p->proc->id;
        n->slot = p->proc->n_slots++;
        struct basic_local *l = p->m->dialect->script ? ARENA_NEW(p->m->mem, struct basic_local) : NULL;
        if (l) {
            *l = (struct basic_local){ name, n->slot, p->proc->locals };
            p->proc->locals = l;
        }
        n->uses = 0;
    }
    return n->slot;
}

static void bind_literal(struct basic_parse *p, struct basic_node *n, struct value v)
{
    struct value *at = ARENA_NEW(p->m->mem, struct value);
    if (!at) {
        p->m->out_of_memory = p->failed = true; /* nothing of this procedure runs */
        return;
    }
    *at = v;
    n->bind = BIND_CONSTANT;
    n->literal = at;
}

static bool bind_language(struct basic_parse *p, struct basic_node *n)
{
    switch (n->name) {
    case W_true: bind_literal(p, n, basic_bool(true)); return true;
    case W_false: bind_literal(p, n, basic_bool(false)); return true;
    case W_nothing: bind_literal(p, n, basic_object(NULL)); return true;
    case W_null: bind_literal(p, n, (struct value){ .type = V_NULL }); return true;
    case W_empty: bind_literal(p, n, (struct value){ .type = V_EMPTY }); return true;
    case W_me: n->bind = BIND_WORD; return true;
    default: return false;
    }
}

static bool has_object(struct machine *m, uint32_t word)
{
    bool found = false;
    if (word < W_COUNT && word >= W_vba)
        (void)basic_object_word(m, word, &found);
    return found;
}

/* In the module of a document its members need no name before them. */
static bool is_own_member(uint32_t word)
{
    switch (word) {
    case W_shapes: case W_inlineshapes: case W_variables: case W_builtindocumentproperties: case W_customdocumentproperties:
    case W_content: case W_paragraphs: case W_tables: case W_bookmarks: case W_comments: case W_customxmlparts: case W_fullname:
        return true;
    default: return false;
    }
}

/* Methods that Excel's Global object has of its Application. */
static bool is_global_method(const struct machine *m, uint32_t word)
{
    return word == W_executeexcel4macro || (m->excel && (word == W_run || word == W_evaluate));
}

static void bind_below(struct basic_parse *p, struct basic_node *n, uint32_t object)
{
    struct basic_node *me = basic_parse_node(p, N_NAME);
    if (!me)
        return;
    me->name = object;
    me->bind = BIND_WORD;
    n->kind = N_MEMBER;
    n->left = me;
}

enum { UNKNOWN_BYTE = 0x81 }; /* of code that was made: a hole (unmask/vbscript) */

/* What nobody declared is a variable: of the program where its statements stand, else of the procedure. */
static void bind_script(struct basic_parse *p, struct basic_node *n)
{
    struct machine *m = p->m;
    slice text = m->names[n->name].text;
    struct value v;
    if (slice_find_byte(text, UNKNOWN_BYTE, 0) != SIZE_MAX)
        bind_literal(p, n, basic_unknown(m, "code"));
    else if (m->dialect->function_is(n->name) || m->dialect->has(m, n->name))
        n->bind = BIND_WORD;
    else if (slice_starts_nocase(text, "vb") && basic_function_constant(m, text, &v))
        bind_literal(p, n, v);
    else if (slice_starts_nocase(text, "vb") && basic_constant_like(text))
        bind_literal(p, n, basic_unknown_slice(m, text));
    else if (p->proc && (p->proc->body & BODY_GLOBAL)) {
        n->decl = basic_declare_implicit(m, n->name, p->module, n->line);
        n->bind = n->decl ? BIND_DECL : BIND_NONE;
    } else if (p->proc) {
        n->bind = BIND_LOCAL;
        n->slot = basic_parse_local(p, n->name);
    }
}

static void bind(struct basic_parse *p, struct basic_node *n)
{
    struct machine *m = p->m;
    slice text = m->names[n->name].text;
    struct value v;
    if (bind_language(p, n))
        return;
    if (p->proc && m->names[n->name].local_of == p->proc->id) {
        n->bind = BIND_LOCAL;
        n->slot = m->names[n->name].slot;
        m->names[n->name].uses++;
        return;
    }
    struct basic_decl *d = basic_declare_find(m, n->name, p->module, false);
    uint32_t module = basic_declare_named(m, n->name);
    uint8_t kind = m->modules[p->module].kind;
    bool has_controls = kind == MODULE_DOCUMENT || kind == MODULE_FORM;
    if (d && d->kind != DECL_TYPE && d->kind != DECL_CONTROL) {
        n->bind = BIND_DECL;
        n->decl = d;
    } else if ((d && d->kind == DECL_CONTROL && d->module == p->module) ||
               (has_controls && basic_has_control(m, m->names[m->modules[p->module].name].text, text))) {
        n->bind = BIND_CONTROL;
        n->module = p->module;
    } else if (m->dialect->script) {
        bind_script(p, n);
    } else if (module < m->n_modules) {
        n->bind = BIND_MODULE;
        n->module = module;
    } else if (kind == MODULE_DOCUMENT && is_own_member(n->name)) {
        bind_below(p, n, W_me);
    } else if (is_global_method(m, n->name)) {
        bind_below(p, n, W_application);
    } else if (basic_function_is(n->name) || has_object(m, n->name)) {
        n->bind = BIND_WORD;
    } else if (basic_function_constant(m, text, &v)) {
        bind_literal(p, n, v);
    } else if (basic_constant_like(text)) {
        bind_literal(p, n, basic_unknown_slice(m, text));
    } else if (p->proc) {
        n->bind = BIND_LOCAL;
        n->slot = basic_parse_local(p, n->name);
        m->names[n->name].uses++;
    }
}

/* --- arguments */

static struct basic_node *argument(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p), *then = p->pos + 1 < p->end ? &p->m->tokens[p->pos + 1] : &end_token;
    uint32_t name = W_NONE;
    if (t->kind == T_OP && (t->op == ',' || t->op == ')' || t->op == ';'))
        return basic_parse_node(p, N_MISSING);
    if (t->kind == T_NAME && then->kind == T_OP && then->op == OP_NAMED) {
        name = t->name;
        p->pos += 2;
    }
    bool by_value = basic_parse_word(p, W_byval);
    (void)basic_parse_op(p, '#'); /* the number of a file */
    struct basic_node *n = basic_parse_expression(p);
    if (n && by_value)
        n = over(p, N_PAREN, n);
    if (n && basic_parse_word(p, W_to)) { /* bounds of an array */
        n = over(p, N_PAREN, n);
        if (n) {
            n->op = 'T';
            n->args = basic_parse_expression(p);
        }
    }
    if (n)
        n->argument_name = name;
    return n;
}

struct basic_node *basic_parse_arguments(struct basic_parse *p, uint32_t *n_out, bool parens)
{
    struct basic_node *first = NULL, **last = &first;
    uint32_t n = 0;
    if (parens ? basic_parse_op(p, ')') : basic_parse_at_end(p)) {
        *n_out = 0;
        return NULL;
    }
    for (;;) {
        struct basic_node *a = argument(p);
        if (!a || n == 4096) {
            p->failed = true;
            break;
        }
        *last = a;
        last = &a->next;
        n++;
        if (basic_parse_op(p, ',') || (!parens && basic_parse_op(p, ';'))) {
            if (!parens && basic_parse_at_end(p))
                break;
            continue;
        }
        if (parens ? !basic_parse_op(p, ')') : !basic_parse_at_end(p))
            p->failed = true;
        break;
    }
    *n_out = n;
    return first;
}

/* (1 To 5, 3), behind the parenthesis. */
struct basic_node *basic_parse_bounds(struct basic_parse *p)
{
    struct basic_node *all = basic_parse_node(p, N_CALL);
    if (all)
        all->args = basic_parse_arguments(p, &all->n, true);
    return all;
}

/* --- operands */

static struct range line_of(const struct basic_module *in, uint32_t line)
{
    if (line >= in->n_lines)
        return NOWHERE;
    struct unmask_lines l = in->lines[line / BASIC_LINES_STEP];
    struct range at = unmask_lines_next(&l);
    for (uint32_t i = 0; i < line % BASIC_LINES_STEP; i++)
        at = unmask_lines_next(&l);
    return at;
}

static text_mark origin_of(struct basic_parse *p, const struct basic_token *t)
{
    const struct basic_module *in = &p->m->modules[p->module];
    struct range at = { in->at + t->at, in->at + t->to };
    if (in->lines)
        at = line_of(in, t->line - in->line);
    return texts_origin(p->m->t, in->walk->part, at, t->line);
}

/* Of code that was made: what it was made of, so that places and holes stay. */
static struct text made_literal(struct machine *m, const struct basic_module *in, const struct basic_token *t)
{
    struct text out = { 0 };
    uint32_t from = t->at;
    for (uint32_t i = t->at; i < t->to; i++)
        if (in->text.at[i] == '"') { /* doubled */
            out = text_join(m->t, out, text_sub(in->source, from, i - from));
            from = ++i;
        }
    return text_join(m->t, out, text_sub(in->source, from, t->to > from ? t->to - from : 0));
}

static struct basic_node *string_literal(struct basic_parse *p, const struct basic_token *t)
{
    const struct basic_module *in = &p->m->modules[p->module];
    if (in->source.n) {
        struct basic_node *made = basic_parse_node(p, N_LITERAL);
        if (made)
            bind_literal(p, made, basic_text(made_literal(p->m, in, t)));
        return made;
    }
    struct machine *m = p->m;
    struct basic_node *n = basic_parse_node(p, N_LITERAL);
    slice s = basic_lex_text(m, p->module, t);
    text_mark mark = origin_of(p, t);
    uint8_t *plain = NULL;
    size_t len = 0;
    if (slice_find_byte(s, '"', 0) != SIZE_MAX && (plain = arena_get(m->mem, s.len, 1)) != NULL) {
        for (size_t i = 0; i < s.len; i++) {
            plain[len++] = s.at[i];
            i += s.at[i] == '"';
        }
        s = (slice){ plain, len };
    }
    if (n)
        bind_literal(p, n, basic_text(text_of(m->t, s, mark)));
    return n;
}

static struct basic_node *number_literal(struct basic_parse *p, const struct basic_token *t)
{
    struct basic_node *n = basic_parse_node(p, N_LITERAL);
    struct value v = basic_lex_number(basic_lex_text(p->m, p->module, t));
    if (t->op)
        v = basic_unknown(p->m, "LongLong or a power");
    else
        v.mark = origin_of(p, t);
    if (n)
        bind_literal(p, n, v);
    return n;
}

static struct basic_node *named(struct basic_parse *p, enum basic_node_kind kind, struct basic_node *left)
{
    const struct basic_token *t = basic_parse_peek(p);
    struct basic_node *n = t->kind == T_NAME ? basic_parse_node(p, kind) : NULL;
    if (!n) {
        p->failed = true;
        return NULL;
    }
    n->left = left;
    n->name = t->name;
    n->suffix = t->suffix;
    p->pos++;
    return n;
}

static struct basic_node *new_object(struct basic_parse *p)
{
    struct basic_node *n = basic_parse_node(p, N_NEW);
    bool is_new;
    if (n && basic_parse_peek(p)->kind == T_NAME) {
        (void)basic_parse_as(p, &n->name, &is_new);
        return n;
    }
    p->failed = true;
    return NULL;
}

static struct basic_node *type_of(struct basic_parse *p)
{
    struct basic_node *left = basic_parse_left(p), *n = over(p, N_TYPEOF, left);
    if (!n || !basic_parse_word(p, W_is) || basic_parse_peek(p)->kind != T_NAME) {
        p->failed = true;
        return NULL;
    }
    bool is_new;
    (void)basic_parse_as(p, &n->name, &is_new);
    return n;
}

static bool ends_expression(uint32_t word)
{
    switch (word) {
    case W_then: case W_to: case W_else: case W_step: case W_and: case W_or: case W_xor: case W_mod: case W_like:
    case W_is: case W_eqv: case W_imp: case W_goto: case W_gosub: case W_as:
        return true;
    default:
        return false;
    }
}

static struct basic_node *operand(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    struct basic_node *n = NULL;
    switch (t->kind) {
    case T_STRING: p->pos++; return string_literal(p, t);
    case T_NUMBER: p->pos++; return number_literal(p, t);
    case T_DATE:
        p->pos++;
        n = basic_parse_node(p, N_LITERAL);
        if (n)
            bind_literal(p, n, basic_date_literal(p->m, basic_lex_text(p->m, p->module, t)));
        return n;
    case T_NAME:
        if (ends_expression(t->name))
            break;
        if (basic_parse_word(p, W_new))
            return new_object(p);
        if (basic_parse_word(p, W_typeof))
            return type_of(p);
        if (basic_parse_word(p, W_addressof))
            return named(p, N_ADDRESSOF, NULL);
        n = named(p, N_NAME, NULL);
        if (n)
            bind(p, n);
        return n;
    case T_OP:
        if (basic_parse_op(p, '('))  {
            n = over(p, N_PAREN, basic_parse_expression(p));
            if (!basic_parse_op(p, ')'))
                p->failed = true;
            return n;
        }
        if (basic_parse_op(p, '.') || basic_parse_op(p, '!')) {
            n = named(p, N_WITH, NULL);
            if (n && p->n_withs && p->n_withs <= BASIC_WITHS_MAX) {
                n->bind = BIND_LOCAL;
                n->slot = p->with[p->n_withs - 1];
            }
            return n;
        }
        break;
    default: break;
    }
    p->failed = true;
    return NULL;
}

static struct basic_node *postfix(struct basic_parse *p, struct basic_node *n)
{
    while (n && !p->failed) {
        const struct basic_token *t = basic_parse_peek(p);
        if (t->kind != T_OP)
            break;
        if (t->op == '(') {
            uint32_t paren = p->pos++;
            n = over(p, N_CALL, n);
            if (!n)
                break;
            n->args = basic_parse_arguments(p, &n->n, true);
            p->last_call = n;
            p->last_paren = paren;
        } else if (t->op == '.' && t->spaced != 1) { /* "f .x": an argument of With */
            p->pos++;
            n = named(p, N_MEMBER, n);
        } else if (t->op == '!' && !t->spaced) {
            p->pos++;
            n = named(p, N_BANG, n);
        } else {
            break;
        }
    }
    return n;
}

struct basic_node *basic_parse_left(struct basic_parse *p) { return postfix(p, operand(p)); }

/* --- operators: 5.6.9, by precedence */

enum { LEVEL_NOT = 6, LEVEL_COMPARE = 7, LEVEL_MINUS = 13 };

static unsigned level_of(const struct basic_token *t, uint8_t *op)
{
    *op = t->op;
    if (t->kind == T_OP) {
        switch (t->op) {
        case '=': case '<': case '>': case OP_NE: case OP_LE: case OP_GE: return LEVEL_COMPARE;
        case '&': return 8;
        case '+': case '-': return 9;
        case '\\': return 11;
        case '*': case '/': return 12;
        case '^': return 14;
        default: return 0;
        }
    }
    if (t->kind != T_NAME)
        return 0;
    switch (t->name) {
    case W_imp: *op = 'P'; return 1;
    case W_eqv: *op = 'E'; return 2;
    case W_xor: *op = 'X'; return 3;
    case W_or: *op = 'O'; return 4;
    case W_and: *op = 'A'; return 5;
    case W_like: *op = 'L'; return LEVEL_COMPARE;
    case W_is: *op = 'I'; return LEVEL_COMPARE;
    case W_mod: *op = 'M'; return 10;
    default: return 0;
    }
}

static struct basic_node *level(struct basic_parse *p, unsigned least);

static struct basic_node *unary(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    bool no = is_word(t, W_not), sign = t->kind == T_OP && (t->op == '-' || t->op == '+');
    if (!no && !sign)
        return basic_parse_left(p);
    p->pos++;
    struct basic_node *n = over(p, N_UNARY, level(p, no ? LEVEL_NOT : LEVEL_MINUS));
    if (n)
        n->op = no ? 'N' : t->op;
    return n;
}

static struct basic_node *level(struct basic_parse *p, unsigned least)
{
    if (p->depth >= BASIC_PARENS_MAX || p->failed) {
        p->failed = true;
        return NULL;
    }
    p->depth++;
    struct basic_node *n = unary(p);
    uint8_t op;
    unsigned now;
    while (n && !p->failed && (now = level_of(basic_parse_peek(p), &op)) >= least && now > 0) {
        struct basic_node **last;
        n = over(p, N_CHAIN, n);
        if (!n)
            break;
        last = &n->args;
        while (!p->failed && level_of(basic_parse_peek(p), &op) == now) {
            p->pos++;
            struct basic_node *right = level(p, now + 1), *item = right ? basic_parse_node(p, N_PAREN) : NULL;
            if (!item)
                break;
            item->op = op;
            item->left = right;
            *last = item;
            last = &item->next;
        }
    }
    p->depth--;
    return p->failed ? NULL : n;
}

struct basic_node *basic_parse_expression(struct basic_parse *p) { return level(p, 1); }
