/* SPDX-License-Identifier: Apache-2.0 */
/* Statements and functions (ECMA-262 14, 15). Semicolons are put in as 12.9 says. Declarations of
 * functions in blocks are known in the whole function, as the script host has it, and assigned
 * once more where they stand (B.3.3). */
#include "unmask/jscript/jscript_private.h"

struct list {
    struct js_node *first, *last;
};

static void put(struct list *l, struct js_node *n)
{
    if (l->last)
        l->last->next = n;
    else
        l->first = n;
    l->last = n;
}

static bool is_mark(const struct js_parser *p, uint16_t mark)
{
    return p->t.kind == T_MARK && p->t.mark == mark;
}
static bool is_word(const struct js_parser *p, uint32_t atom)
{
    return p->t.kind == T_NAME && p->t.atom == atom && !p->t.escaped;
}

static void need(struct js_parser *p, uint16_t mark)
{
    if (!js_take(p, mark))
        p->broken = true;
}

static void end_statement(struct js_parser *p)
{
    if (!js_take(p, ';') && !is_mark(p, '}') && p->t.kind != T_END && !p->t.line_before)
        p->broken = true;
}

void js_declare(struct js_parser *p, uint32_t atom)
{
    struct js_code *c = p->code;
    if (c->n_vars == c->room_vars) {
        uint32_t room = c->room_vars ? c->room_vars * 2 : 8;
        uint32_t *more =
            arena_regrow(p->m->mem, c->vars, c->n_vars * sizeof *more, room, sizeof *more);
        if (!more) {
            p->broken = true;
            return;
        }
        c->vars = more;
        c->room_vars = room;
    }
    c->vars[c->n_vars++] = atom;
}

/* The names that a pattern binds. */
static void declare_all(struct js_parser *p, const struct js_node *n, unsigned depth)
{
    if (!n || depth > 20)
        return;
    switch (n->kind) {
    case N_NAME:
        js_declare(p, n->atom);
        break;
    case N_ASSIGN:
    case N_SPREAD:
        declare_all(p, n->a, depth + 1);
        break;
    case N_ARRAY:
    case N_OBJECT:
        for (n = n->a; n; n = n->next)
            declare_all(p, n->kind == N_PROPERTY ? n->b : n, depth + 1);
        break;
    default:
        break;
    }
}

/* --- functions */

struct js_node *js_parse_body(struct js_parser *p, struct js_code *code)
{
    struct js_code *outer = p->code;
    bool no_in = p->no_in, lexical = p->lexical;
    struct list l = { 0 };
    if (++p->depth > JS_NESTING_MAX)
        js_too_deep(p);
    p->code = code;
    p->no_in = p->lexical = false;
    need(p, '{');
    while (!p->broken && !is_mark(p, '}') && p->t.kind != T_END)
        put(&l, js_parse_statement(p));
    p->code = outer;
    p->no_in = no_in;
    p->lexical = lexical;
    p->depth--;
    if (p->t.kind == T_END || !is_mark(p, '}'))
        p->broken = true;
    code->to = p->t.to;
    js_next(p);
    return l.first;
}

static void parameters(struct js_parser *p, struct js_code *code)
{
    struct list l = { 0 };
    need(p, '(');
    while (!p->broken && !is_mark(p, ')')) {
        uint32_t at = p->t.from;
        if (js_take(p, M_SPREAD)) {
            struct js_node *rest = js_node(p, N_SPREAD, at);
            rest->a = js_parse_target(p);
            put(&l, rest);
        } else {
            put(&l, js_parse_assignment(p));
        }
        if (!js_take(p, ','))
            break;
    }
    need(p, ')');
    code->parameters = l.first;
}

/* function String.prototype.f() {}: JScript assigns it there. */
static struct js_node *named_member(struct js_parser *p, struct js_node *f, struct js_code *code)
{
    struct js_node *to = js_node(p, N_NAME, f->at), *n = js_node(p, N_ASSIGN, f->at);
    to->atom = code->name;
    while (!p->broken && js_take(p, '.')) {
        struct js_node *member = js_node(p, N_MEMBER, p->t.from);
        member->a = to;
        member->atom = p->t.atom;
        to = member;
        js_next(p);
    }
    code->name = A_NONE;
    parameters(p, code);
    if (!p->broken)
        code->body = js_parse_body(p, code);
    n->op = '=';
    n->a = to;
    n->b = f;
    return n;
}

/* At `function`, or at the '(' of a method. */
struct js_node *js_parse_function(struct js_parser *p, unsigned flags)
{
    struct js_node *n = js_node(p, N_FUNCTION, p->t.from);
    struct js_code *code = ARENA_NEW(p->m->mem, struct js_code);
    if (!code) {
        p->broken = p->m->stop = true;
        return n;
    }
    *code = (struct js_code){ .source = p->source,
                              .from = p->t.from,
                              .is_async = flags & FUNCTION_ASYNC,
                              .method = flags & FUNCTION_METHOD };
    n->code = code;
    if (!(flags & FUNCTION_METHOD)) {
        js_next(p);
        code->generator = js_take(p, '*');
        if (p->t.kind == T_NAME) {
            code->name = p->t.atom;
            js_next(p);
            if (is_mark(p, '.'))
                return named_member(p, n, code);
        }
    }
    parameters(p, code);
    n->atom = code->name;
    if (!p->broken)
        code->body = js_parse_body(p, code);
    return n;
}

static struct js_node *function_here(struct js_parser *p, unsigned flags)
{
    struct js_node *n = js_node(p, N_FUNCTION_HERE, p->t.from);
    n->a = js_parse_function(p, flags);
    if (n->a->kind == N_ASSIGN) {
        n->kind = N_EXPRESSION;
        return n;
    }
    n->atom = n->a->atom;
    n->c = p->code->functions;
    p->code->functions = n;
    return n;
}

/* --- declarations (14.3) */

static struct js_node *declarations(struct js_parser *p, uint16_t kind)
{
    struct js_node *n = js_node(p, N_VAR, p->t.from);
    struct list l = { 0 };
    n->op = kind;
    p->lexical = p->lexical || kind != A_var;
    do {
        struct js_node *d = js_node(p, N_DECLARE, p->t.from);
        d->a = js_parse_target(p);
        if (kind == A_var)
            declare_all(p, d->a, 0);
        if (!p->broken && js_take(p, '='))
            d->b = js_parse_assignment(p);
        put(&l, d);
    } while (!p->broken && js_take(p, ','));
    n->a = l.first;
    return n;
}

/* `let` is a name where nothing is declared with it. */
static uint16_t declares(struct js_parser *p)
{
    if (is_word(p, A_var) || is_word(p, A_const)) {
        uint16_t kind = (uint16_t)p->t.atom;
        js_next(p);
        return kind;
    }
    if (!is_word(p, A_let))
        return 0;
    struct js_parser before = *p;
    js_next(p);
    if ((p->t.kind == T_NAME && (p->t.atom > JS_KEYWORDS)) || is_mark(p, '{') || is_mark(p, '['))
        return A_let;
    *p = before;
    return 0;
}

/* --- loops (14.7) */

static struct js_node *for_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_FOR, p->t.from), *init = NULL;
    bool lexical = p->lexical;
    js_next(p);
    (void)js_take_word(p, A_await);
    need(p, '(');
    p->no_in = true;
    p->lexical = false;
    uint16_t kind = declares(p);
    if (kind)
        init = declarations(p, kind);
    else if (!is_mark(p, ';'))
        init = js_parse_expression(p);
    p->no_in = false;
    n->op = kind;
    n->flags = p->lexical ? NODE_SCOPE : 0;
    p->lexical = lexical;
    if (init && (is_word(p, A_in) || is_word(p, A_of))) {
        n->kind = is_word(p, A_in) ? N_FOR_IN : N_FOR_OF;
        js_next(p);
        n->a = kind ? init->a->a : init;
        n->b = n->kind == N_FOR_IN ? js_parse_expression(p) : js_parse_assignment(p);
        need(p, ')');
    } else {
        struct js_node *condition = NULL, *update = NULL;
        need(p, ';');
        if (!is_mark(p, ';') && !p->broken)
            condition = js_parse_expression(p);
        need(p, ';');
        if (!is_mark(p, ')') && !p->broken)
            update = js_parse_expression(p);
        need(p, ')');
        if (init && !kind) {
            struct js_node *s = js_node(p, N_EXPRESSION, init->at);
            s->a = init;
            init = s;
        }
        n->a = init;
        n->b = condition;
        /* the update hangs on the first child of the body's wrapper */
        struct js_node *both = js_node(p, N_EMPTY, n->at);
        both->a = update;
        n->c = both;
        both->b = p->broken ? NULL : js_parse_statement(p);
        return n;
    }
    if (!p->broken)
        n->c = js_parse_statement(p);
    return n;
}

static struct js_node *condition_in_brackets(struct js_parser *p)
{
    need(p, '(');
    struct js_node *n = p->broken ? NULL : js_parse_expression(p);
    need(p, ')');
    return n;
}

static struct js_node *do_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_DO, p->t.from);
    js_next(p);
    n->b = js_parse_statement(p);
    if (!js_take_word(p, A_while))
        p->broken = true;
    n->a = condition_in_brackets(p);
    (void)js_take(p, ';');
    return n;
}

/* --- the others */

static struct js_node *if_statement(struct js_parser *p)
{
    struct js_node *first = NULL, **hole = &first;
    for (unsigned chain = 0;; chain++) {
        struct js_node *n = js_node(p, N_IF, p->t.from);
        *hole = n;
        js_next(p);
        n->a = condition_in_brackets(p);
        if (chain > 10000)
            js_too_deep(p);
        if (p->broken)
            break;
        n->b = js_parse_statement(p);
        if (p->broken || !js_take_word(p, A_else))
            break;
        hole = &n->c;
        if (!is_word(p, A_if)) {
            *hole = js_parse_statement(p);
            break;
        }
    }
    return first;
}

static struct js_node *try_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_TRY, p->t.from);
    js_next(p);
    n->a = js_parse_block(p);
    if (!p->broken && js_take_word(p, A_catch)) {
        struct js_node *c = js_node(p, N_CASE, p->t.from);
        if (js_take(p, '(')) {
            c->a = js_parse_target(p);
            need(p, ')');
        }
        c->b = p->broken ? NULL : js_parse_block(p);
        n->b = c;
    }
    if (!p->broken && js_take_word(p, A_finally))
        n->c = js_parse_block(p);
    return n;
}

static struct js_node *switch_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_SWITCH, p->t.from);
    struct list cases = { 0 };
    bool lexical = p->lexical;
    js_next(p);
    p->lexical = false;
    n->a = condition_in_brackets(p);
    need(p, '{');
    while (!p->broken && !is_mark(p, '}')) {
        struct js_node *c = js_node(p, N_CASE, p->t.from);
        struct list body = { 0 };
        if (js_take_word(p, A_case))
            c->a = js_parse_expression(p);
        else if (!js_take_word(p, A_default))
            p->broken = true;
        need(p, ':');
        while (!p->broken && !is_mark(p, '}') && !is_word(p, A_case) && !is_word(p, A_default) &&
               p->t.kind != T_END)
            put(&body, js_parse_statement(p));
        c->b = body.first;
        put(&cases, c);
    }
    need(p, '}');
    n->b = cases.first;
    n->flags = p->lexical ? NODE_SCOPE : 0;
    p->lexical = lexical;
    return n;
}

struct js_node *js_parse_block(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_BLOCK, p->t.from);
    struct list l = { 0 };
    bool lexical = p->lexical;
    p->lexical = false;
    need(p, '{');
    while (!p->broken && !is_mark(p, '}') && p->t.kind != T_END)
        put(&l, js_parse_statement(p));
    need(p, '}');
    n->a = l.first;
    n->flags = p->lexical ? NODE_SCOPE : 0;
    p->lexical = lexical;
    return n;
}

static struct js_node *jump(struct js_parser *p, enum js_node_kind kind)
{
    struct js_node *n = js_node(p, kind, p->t.from);
    js_next(p);
    bool ends = p->t.line_before || is_mark(p, ';') || is_mark(p, '}') || p->t.kind == T_END;
    if (kind == N_BREAK || kind == N_CONTINUE) {
        if (!ends && p->t.kind == T_NAME) {
            n->atom = p->t.atom;
            js_next(p);
        }
    } else if (!ends) {
        n->a = js_parse_expression(p);
    }
    end_statement(p);
    return n;
}

static struct js_node *expression_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_EXPRESSION, p->t.from);
    n->a = js_parse_expression(p);
    if (n->a->kind == N_NAME && is_mark(p, ':') && !(n->a->flags & NODE_BRACKETED)) {
        js_next(p);
        n->kind = N_LABEL;
        n->atom = n->a->atom;
        n->a = js_parse_statement(p);
        return n;
    }
    end_statement(p);
    return n;
}

static struct js_node *with_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_WITH, p->t.from);
    js_next(p);
    n->a = condition_in_brackets(p);
    n->b = p->broken ? NULL : js_parse_statement(p);
    return n;
}

static struct js_node *while_statement(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_WHILE, p->t.from);
    js_next(p);
    n->a = condition_in_brackets(p);
    n->b = p->broken ? NULL : js_parse_statement(p);
    return n;
}

static struct js_node *class_here(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_VAR, p->t.from), *d = js_node(p, N_DECLARE, p->t.from);
    d->b = js_parse_assignment(p);
    d->a = js_node(p, N_NAME, d->at);
    d->a->atom = d->b->atom;
    n->op = A_let;
    n->a = d;
    p->lexical = true;
    return n;
}

/* Modules: what is imported is not known; what is exported is declared. */
static struct js_node *module_statement(struct js_parser *p)
{
    struct js_parser before = *p;
    bool export = is_word(p, A_export);
    js_next(p);
    if (is_mark(p, '(') || is_mark(p, '.') || is_mark(p, '=')) {
        *p = before;
        return expression_statement(p);
    }
    if (export) {
        (void)js_take_word(p, A_default);
        if (!is_mark(p, '{') && !is_mark(p, '*'))
            return js_parse_statement(p);
    }
    while (p->t.kind != T_END && !is_mark(p, ';') && !(p->t.line_before && p->t.kind == T_NAME))
        js_next(p);
    (void)js_take(p, ';');
    return js_node(p, N_EMPTY, before.t.from);
}

static struct js_node *by_word(struct js_parser *p)
{
    switch (p->t.atom) {
    case A_if:
        return if_statement(p);
    case A_for:
        return for_statement(p);
    case A_while:
        return while_statement(p);
    case A_do:
        return do_statement(p);
    case A_return:
        return jump(p, N_RETURN);
    case A_break:
        return jump(p, N_BREAK);
    case A_continue:
        return jump(p, N_CONTINUE);
    case A_throw:
        return jump(p, N_THROW);
    case A_try:
        return try_statement(p);
    case A_switch:
        return switch_statement(p);
    case A_with:
        return with_statement(p);
    case A_function:
        return function_here(p, 0);
    case A_class:
        return class_here(p);
    case A_import:
    case A_export:
        return module_statement(p);
    case A_debugger:
        return jump(p, N_EMPTY);
    case A_async: {
        struct js_parser before = *p;
        js_next(p);
        if (is_word(p, A_function) && !p->t.line_before)
            return function_here(p, FUNCTION_ASYNC);
        *p = before;
        return expression_statement(p);
    }
    default:
        return expression_statement(p);
    }
}

struct js_node *js_parse_statement(struct js_parser *p)
{
    struct js_node *n;
    uint32_t at = p->t.from;
    if (++p->depth > JS_NESTING_MAX || p->m->stop) {
        js_too_deep(p);
        p->depth--;
        return js_node(p, N_EMPTY, at);
    }
    uint16_t kind;
    if (js_take(p, ';')) {
        n = js_node(p, N_EMPTY, at);
    } else if (is_mark(p, '{')) {
        n = js_parse_block(p);
    } else if (p->t.kind == T_NAME && !p->t.escaped && (kind = declares(p)) != 0) {
        n = declarations(p, kind);
        end_statement(p);
    } else {
        n = p->t.kind == T_NAME && !p->t.escaped ? by_word(p) : expression_statement(p);
    }
    p->depth--;
    return n;
}

struct js_code *js_parse(struct js *m, const struct js_source *source, bool expression)
{
    struct js_code *code = ARENA_NEW(m->mem, struct js_code);
    struct list l = { 0 };
    if (!code)
        return NULL;
    *code = (struct js_code){ .source = source, .to = source->n };
    struct js_parser p = { .m = m, .source = source, .code = code };
    js_next(&p);
    if (expression) {
        l.first = js_parse_expression(&p);
        p.broken = p.broken || p.t.kind != T_END;
    }
    while (!expression && !p.broken && p.t.kind != T_END)
        put(&l, js_parse_statement(&p));
    code->body = l.first;
    code->simple = !p.broken; /* read to its end */
    return code;
}
