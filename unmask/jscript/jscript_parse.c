/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions (ECMA-262 13) to a tree. Operators of one level and of one chain become one node,
 * since obfuscators join thousands of literals; nesting is bounded. What may be a pattern or the
 * parameters of an arrow function is parsed as an expression and taken for what it turns out to
 * be (13.2.5.1, 15.3). */
#include "unmask/jscript/jscript_private.h"

struct js_node *js_node(struct js_parser *p, enum js_node_kind kind, uint32_t at)
{
    static struct js_node nothing;
    struct js_node *n = ARENA_NEW(p->m->mem, struct js_node);
    if (!n) {
        p->broken = p->m->stop = true;
        nothing = (struct js_node){ 0 };
        return &nothing;
    }
    n->kind = (uint8_t)kind;
    n->at = at;
    return n;
}

/* Deeper than is parsed, though an engine would: what follows is not read. */
void js_too_deep(struct js_parser *p)
{
    p->broken = p->m->limited = true;
}

void js_next(struct js_parser *p)
{
    p->last_to = p->t.to;
    js_lex(p, false);
}

static bool is_mark(const struct js_parser *p, uint16_t mark)
{
    return p->t.kind == T_MARK && p->t.mark == mark;
}
static bool is_word(const struct js_parser *p, uint32_t atom)
{
    return p->t.kind == T_NAME && p->t.atom == atom && !p->t.escaped;
}

bool js_take(struct js_parser *p, uint16_t mark)
{
    if (!is_mark(p, mark))
        return false;
    js_next(p);
    return true;
}

bool js_take_word(struct js_parser *p, uint32_t atom)
{
    if (!is_word(p, atom))
        return false;
    js_next(p);
    return true;
}

static void need(struct js_parser *p, uint16_t mark)
{
    if (!js_take(p, mark))
        p->broken = true;
}

/* --- lists */

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

static struct js_node *element(struct js_parser *p)
{
    uint32_t at = p->t.from;
    if (!js_take(p, M_SPREAD))
        return js_parse_assignment(p);
    struct js_node *n = js_node(p, N_SPREAD, at);
    n->a = js_parse_assignment(p);
    return n;
}

static struct js_node *elements(struct js_parser *p, uint16_t end)
{
    struct list l = { 0 };
    bool no_in = p->no_in;
    p->no_in = false;
    while (!p->broken && !is_mark(p, end)) {
        if (is_mark(p, ',') && end == ']') {
            put(&l, js_node(p, N_ELISION, p->t.from));
            js_next(p);
            continue;
        }
        put(&l, element(p));
        if (!js_take(p, ','))
            break;
    }
    p->no_in = no_in;
    need(p, end);
    return l.first;
}

/* --- objects and classes (13.2.5, 15.7) */

/* The key of a member: its atom, or an expression in brackets. */
static void member_key(struct js_parser *p, struct js_node *n)
{
    if (p->t.kind == T_NAME) {
        n->atom = p->t.atom;
    } else if (p->t.kind == T_STRING) {
        n->atom = js_atom(p->m, p->t.s);
    } else if (p->t.kind == T_NUMBER) {
        n->atom = js_atom_number(p->m, p->t.d);
    } else if (is_mark(p, '[')) {
        js_next(p);
        n->flags |= NODE_COMPUTED;
        n->a = js_parse_assignment(p);
        if (!is_mark(p, ']'))
            p->broken = true;
    } else {
        p->broken = true;
    }
    js_next(p);
}

static bool key_ends(const struct js_parser *p)
{
    return is_mark(p, ',') || is_mark(p, '}') || is_mark(p, ':') || is_mark(p, '(') ||
           is_mark(p, '=') || is_mark(p, ';');
}

/* static, async, get, set and '*' before a key, where they are not the key. */
static unsigned modifiers(struct js_parser *p, struct js_node *n)
{
    unsigned flags = FUNCTION_METHOD;
    for (;;) {
        struct js_parser before = *p;
        uint32_t atom = p->t.kind == T_NAME ? p->t.atom : A_NONE;
        if (js_take(p, '*'))
            continue;
        if (atom != A_get && atom != A_set && atom != A_async && atom != A_static)
            return flags;
        js_next(p);
        if (key_ends(p) || p->t.kind == T_END) {
            *p = before;
            return flags;
        }
        if (atom == A_async)
            flags |= FUNCTION_ASYNC;
        n->flags |= atom == A_get      ? NODE_GETTER
                    : atom == A_set    ? NODE_SETTER
                    : atom == A_static ? NODE_STATIC
                                       : 0;
    }
}

static struct js_node *property(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_PROPERTY, p->t.from);
    uint32_t at = p->t.from;
    if (js_take(p, M_SPREAD)) {
        n->kind = N_SPREAD;
        n->a = js_parse_assignment(p);
        return n;
    }
    unsigned flags = modifiers(p, n);
    bool plain = p->t.kind == T_NAME;
    member_key(p, n);
    if (is_mark(p, '(')) {
        n->b = js_parse_function(p, flags);
    } else if (js_take(p, ':')) {
        n->b = js_parse_assignment(p);
    } else if (plain) {
        n->b = js_node(p, N_NAME, at);
        n->b->atom = n->atom;
        if (is_mark(p, '=')) {
            struct js_node *with = js_node(p, N_ASSIGN, at);
            js_next(p);
            with->op = '=';
            with->a = n->b;
            with->b = js_parse_assignment(p);
            n->b = with;
        }
    } else {
        p->broken = true;
    }
    return n;
}

static struct js_node *object(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_OBJECT, p->t.from);
    struct list l = { 0 };
    bool no_in = p->no_in;
    js_next(p);
    p->no_in = false;
    while (!p->broken && !is_mark(p, '}')) {
        put(&l, property(p));
        if (!js_take(p, ','))
            break;
    }
    p->no_in = no_in;
    need(p, '}');
    n->a = l.first;
    return n;
}

static struct js_node *class(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_CLASS, p->t.from);
    struct list l = { 0 };
    js_next(p);
    if (p->t.kind == T_NAME && p->t.atom != A_extends) {
        n->atom = p->t.atom;
        js_next(p);
    }
    if (js_take_word(p, A_extends))
        n->a = js_parse_assignment(p);
    need(p, '{');
    while (!p->broken && !is_mark(p, '}') && p->t.kind != T_END) {
        if (js_take(p, ';'))
            continue;
        struct js_node *member = js_node(p, N_PROPERTY, p->t.from);
        unsigned flags = modifiers(p, member);
        member_key(p, member);
        if (is_mark(p, '(')) {
            member->b = js_parse_function(p, flags);
        } else {
            member->op = 1; /* a field */
            if (js_take(p, '='))
                member->b = js_parse_assignment(p);
            (void)js_take(p, ';');
        }
        put(&l, member);
    }
    need(p, '}');
    n->b = l.first;
    return n;
}

/* --- functions */

static struct js_node *arrow(struct js_parser *p, struct js_node *parameters, uint32_t at,
                             bool is_async)
{
    struct js_node *n = js_node(p, N_FUNCTION, at);
    struct js_code *code = ARENA_NEW(p->m->mem, struct js_code), *outer = p->code;
    js_next(p); /* => */
    if (!code) {
        p->broken = p->m->stop = true;
        return n;
    }
    *code = (struct js_code){ .source = p->source,
                              .from = at,
                              .parameters = parameters,
                              .arrow = true,
                              .is_async = is_async };
    n->code = code;
    if (is_mark(p, '{')) {
        code->body = js_parse_body(p, code);
    } else {
        bool no_in = p->no_in;
        p->code = code;
        code->expression = true;
        code->body = js_parse_assignment(p);
        p->code = outer;
        p->no_in = no_in;
    }
    if (code->uses_arguments)
        outer->uses_arguments = true; /* those of the function around it */
    code->to = p->last_to;
    return n;
}

/* Brackets: an expression, or the parameters of an arrow function. */
static struct js_node *bracketed(struct js_parser *p, bool is_async)
{
    uint32_t at = p->t.from;
    js_next(p);
    struct js_node *list = elements(p, ')');
    if (is_mark(p, M_ARROW) && !p->t.line_before)
        return arrow(p, list, at, is_async);
    if (!list || p->broken) {
        p->broken = true;
        return js_node(p, N_EMPTY, at);
    }
    if (!list->next) {
        list->flags |= NODE_BRACKETED;
        return list;
    }
    struct js_node *n = js_node(p, N_COMMA, at);
    n->a = list;
    return n;
}

/* --- primary expressions (13.2) */

static struct js_node *template(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_TEMPLATE, p->t.from);
    struct list l = { 0 };
    bool more = true;
    uint32_t from = p->t.to;
    while (more && !p->broken) {
        struct js_node *part = js_node(p, N_STRING, from);
        (void)js_template_end(p, from, &more, &part->s);
        put(&l, part);
        p->t.to = p->pos;
        js_next(p);
        if (!more)
            break;
        bool no_in = p->no_in;
        p->no_in = false;
        put(&l, js_parse_expression(p));
        p->no_in = no_in;
        if (!is_mark(p, '}'))
            p->broken = true;
        from = p->t.to;
    }
    n->a = l.first;
    return n;
}

static struct js_node *name(struct js_parser *p)
{
    uint32_t at = p->t.from, atom = p->t.atom;
    js_next(p);
    if (atom == A_async && !p->t.line_before) {
        if (is_word(p, A_function))
            return js_parse_function(p, FUNCTION_ASYNC);
        if (is_mark(p, '(')) {
            struct js_parser before = *p;
            struct js_node *n = bracketed(p, true);
            if (n->kind == N_FUNCTION && !p->broken)
                return n;
            *p = before; /* a call of something that is named async */
        } else if (p->t.kind == T_NAME && p->t.atom > JS_KEYWORDS) {
            at = p->t.from;
            atom = p->t.atom;
            js_next(p);
        }
    }
    struct js_node *n = js_node(p, N_NAME, at);
    n->atom = atom;
    if (atom == A_arguments)
        p->code->uses_arguments = true;
    if (atom == A_eval)
        p->code->uses_eval = p->code->uses_arguments = true;
    return is_mark(p, M_ARROW) && !p->t.line_before ? arrow(p, n, at, false) : n;
}

static struct js_node *word(struct js_parser *p)
{
    static const struct {
        uint8_t atom, kind;
    } words[] = { { A_this, N_THIS },
                  { A_null, N_NULL },
                  { A_true, N_TRUE },
                  { A_false, N_FALSE },
                  { A_super, N_SUPER } };
    uint32_t at = p->t.from;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (js_take_word(p, words[i].atom))
            return js_node(p, words[i].kind, at);
    if (is_word(p, A_function))
        return js_parse_function(p, 0);
    if (is_word(p, A_class))
        return class(p);
    if (p->t.atom > JS_KEYWORDS || p->t.escaped)
        return name(p);
    p->broken = true;
    return js_node(p, N_EMPTY, at);
}

static struct js_node *primary(struct js_parser *p)
{
    uint32_t at = p->t.from;
    struct js_node *n;
    if (is_mark(p, '/') || (is_mark(p, M_ASSIGN) && p->t.op == '/')) {
        p->pos = at;
        js_lex(p, true);
    }
    switch (p->t.kind) {
    case T_NUMBER:
        n = js_node(p, N_NUMBER, at);
        n->d = p->t.d;
        break;
    case T_STRING:
        n = js_node(p, N_STRING, at);
        n->s = p->t.s;
        break;
    case T_REGEXP:
        n = js_node(p, N_REGEXP, at);
        n->s = p->t.s;
        n->atom = p->t.atom; /* where the flags begin */
        n->op = (uint16_t)(p->t.to - p->t.atom);
        break;
    case T_HOLE:
        n = js_node(p, N_HOLE, at);
        break;
    case T_TEMPLATE:
        return template(p);
    case T_NAME:
        return word(p);
    default:
        if (is_mark(p, '('))
            return bracketed(p, false);
        if (is_mark(p, '{'))
            return object(p);
        n = js_node(p, N_ARRAY, at);
        if (js_take(p, '['))
            n->a = elements(p, ']');
        else
            p->broken = true;
        return n;
    }
    js_next(p);
    return n;
}

/* --- members and calls (13.3) */

static struct js_node *member_of(struct js_parser *p, struct js_node *of, unsigned flags)
{
    struct js_node *n = js_node(p, N_MEMBER, p->t.from);
    n->a = of;
    n->flags = (uint8_t)flags;
    n->atom = p->t.atom;
    if (p->t.kind != T_NAME)
        p->broken = true;
    js_next(p);
    return n;
}

static struct js_node *index_of(struct js_parser *p, struct js_node *of, unsigned flags)
{
    struct js_node *n = js_node(p, N_INDEX, p->t.from);
    bool no_in = p->no_in;
    p->no_in = false;
    n->a = of;
    n->flags = (uint8_t)flags;
    n->b = js_parse_expression(p);
    p->no_in = no_in;
    need(p, ']');
    return n;
}

static struct js_node *call_of(struct js_parser *p, struct js_node *of, unsigned flags)
{
    struct js_node *n = js_node(p, N_CALL, of->at);
    n->a = of;
    n->flags = (uint8_t)flags;
    n->b = elements(p, ')');
    return n;
}

static struct js_node *behind(struct js_parser *p, struct js_node *n, bool calls)
{
    for (unsigned links = 0; !p->broken; links++) {
        if (links > JS_DEPTH_MAX / 3)
            js_too_deep(p);
        if (js_take(p, '.')) {
            n = member_of(p, n, 0);
        } else if (js_take(p, '[')) {
            n = index_of(p, n, 0);
        } else if (calls && js_take(p, '(')) {
            n = call_of(p, n, 0);
        } else if (p->t.kind == T_TEMPLATE) {
            struct js_node *tagged = js_node(p, N_TAGGED, p->t.from);
            tagged->a = n;
            tagged->b = template(p);
            n = tagged;
        } else if (calls && js_take(p, M_OPTIONAL)) {
            n = js_take(p, '(')   ? call_of(p, n, NODE_OPTIONAL)
                : js_take(p, '[') ? index_of(p, n, NODE_OPTIONAL)
                                  : member_of(p, n, NODE_OPTIONAL);
        } else {
            break;
        }
    }
    return n;
}

static struct js_node *new_expression(struct js_parser *p)
{
    struct js_node *n = js_node(p, N_NEW, p->t.from);
    js_next(p);
    if (++p->depth > JS_NESTING_MAX)
        js_too_deep(p);
    if (js_take(p, '.')) { /* new.target */
        js_next(p);
        p->depth--;
        n->kind = N_EMPTY;
        return n;
    }
    n->a = p->broken ? n : behind(p, is_word(p, A_new) ? new_expression(p) : primary(p), false);
    if (!p->broken && js_take(p, '('))
        n->b = elements(p, ')');
    p->depth--;
    return n;
}

/* --- operators (13.4 to 13.15) */

static struct js_node *unary(struct js_parser *p)
{
    static const struct {
        uint8_t atom;
        uint16_t op;
    } words[] = { { A_typeof, M_TYPEOF }, { A_void, M_VOID }, { A_delete, M_DELETE } };
    uint32_t at = p->t.from;
    uint16_t op = 0;
    if (p->t.kind == T_MARK && (p->t.mark == '!' || p->t.mark == '~' || p->t.mark == '+' ||
                                p->t.mark == '-' || p->t.mark == M_INC || p->t.mark == M_DEC))
        op = p->t.mark;
    for (size_t i = 0; p->t.kind == T_NAME && i < 3; i++)
        if (is_word(p, words[i].atom))
            op = words[i].op;
    bool waits = is_word(p, A_await) && p->code->is_async;
    waits = waits || (is_word(p, A_yield) && p->code->generator);
    if (op || waits) {
        struct js_node *n = js_node(p,
                                    waits                        ? N_AWAIT
                                    : op == M_INC || op == M_DEC ? N_UPDATE
                                                                 : N_UNARY,
                                    at);
        if (++p->depth > JS_NESTING_MAX) {
            js_too_deep(p);
            return n;
        }
        js_next(p);
        if (waits)
            (void)js_take(p, '*');
        n->op = op;
        n->flags = NODE_PREFIX;
        n->a = unary(p);
        p->depth--;
        return n;
    }
    struct js_node *n = behind(p, is_word(p, A_new) ? new_expression(p) : primary(p), true);
    if ((is_mark(p, M_INC) || is_mark(p, M_DEC)) && !p->t.line_before) {
        struct js_node *update = js_node(p, N_UPDATE, n->at);
        update->op = p->t.mark;
        update->a = n;
        js_next(p);
        return update;
    }
    return n;
}

static int level_of(const struct js_parser *p, uint16_t *op)
{
    *op = p->t.mark;
    if (p->t.kind == T_NAME && !p->t.escaped) {
        *op = p->t.atom == A_in ? M_IN : M_INSTANCEOF;
        return p->t.atom == A_instanceof || (p->t.atom == A_in && !p->no_in) ? 8 : 0;
    }
    if (p->t.kind != T_MARK)
        return 0;
    switch (p->t.mark) {
    case M_NULLISH:
        return 1;
    case M_OR:
        return 2;
    case M_AND:
        return 3;
    case '|':
        return 4;
    case '^':
        return 5;
    case '&':
        return 6;
    case M_EQ:
    case M_NE:
    case M_SAME:
    case M_NOT_SAME:
        return 7;
    case '<':
    case '>':
    case M_LE:
    case M_GE:
        return 8;
    case M_SHL:
    case M_SHR:
    case M_USHR:
        return 9;
    case '+':
    case '-':
        return 10;
    case '*':
    case '/':
    case '%':
        return 11;
    case M_POWER:
        return 12;
    default:
        return 0;
    }
}

static struct js_node *binary(struct js_parser *p, int least)
{
    struct js_node *left = unary(p), *last = NULL;
    int chained = 0;
    uint16_t op;
    for (int level; !p->broken && (level = level_of(p, &op)) >= least && level > 0;) {
        enum js_node_kind kind = level == 1   ? N_NULLISH
                                 : level == 2 ? N_OR
                                 : level == 3 ? N_AND
                                              : N_BINARY;
        js_next(p);
        if (++p->depth > JS_NESTING_MAX) {
            js_too_deep(p);
            break;
        }
        struct js_node *right = binary(p, level == 12 ? 12 : level + 1);
        p->depth--;
        right->join = op;
        if (chained != level) {
            struct js_node *n = js_node(p, kind, left->at);
            n->a = left;
            n->b = right;
            left = n;
            chained = level;
        } else {
            last->next = right;
        }
        last = right;
    }
    return left;
}

static bool is_target(const struct js_node *n)
{
    return n->kind == N_NAME || n->kind == N_MEMBER || n->kind == N_INDEX || n->kind == N_OBJECT ||
           n->kind == N_ARRAY || n->kind == N_CALL;
}

/* COND ? A : B ? C : D ... from the left, without nesting. */
static struct js_node *conditions(struct js_parser *p)
{
    struct js_node *first = NULL, **hole = &first;
    for (unsigned n = 0;; n++) {
        struct js_node *c = binary(p, 1);
        bool assigned = n && (is_mark(p, '=') || is_mark(p, M_ASSIGN));
        if (!is_mark(p, '?') || p->broken || assigned) {
            *hole = c;
            if (assigned && is_target(c)) {
                struct js_node *a = js_node(p, N_ASSIGN, c->at);
                a->op = p->t.mark == M_ASSIGN ? p->t.op : '=';
                js_next(p);
                a->a = c;
                a->b = js_parse_assignment(p);
                *hole = a;
            }
            return first;
        }
        struct js_node *node = js_node(p, N_CONDITION, c->at);
        bool no_in = p->no_in;
        js_next(p);
        p->no_in = false;
        node->a = c;
        node->b = js_parse_assignment(p);
        p->no_in = no_in;
        need(p, ':');
        *hole = node;
        hole = &node->c;
        if (n > 10000)
            js_too_deep(p);
    }
}

struct js_node *js_parse_assignment(struct js_parser *p)
{
    uint32_t at = p->t.from;
    if (++p->depth > JS_NESTING_MAX || p->m->stop) {
        js_too_deep(p);
        p->depth--;
        return js_node(p, N_EMPTY, at);
    }
    struct js_node *left = conditions(p);
    bool assigns = is_mark(p, '=') || is_mark(p, M_ASSIGN);
    if (assigns && is_target(left) && !p->broken) {
        struct js_node *n = js_node(p, N_ASSIGN, at);
        n->op = p->t.mark == M_ASSIGN ? p->t.op : '=';
        js_next(p);
        n->a = left;
        n->b = js_parse_assignment(p);
        left = n;
    } else if (assigns) {
        p->broken = true;
    }
    p->depth--;
    return left;
}

struct js_node *js_parse_expression(struct js_parser *p)
{
    struct js_node *first = js_parse_assignment(p);
    if (!is_mark(p, ',') || p->broken)
        return first;
    struct js_node *n = js_node(p, N_COMMA, first->at);
    struct list l = { first, first };
    while (!p->broken && js_take(p, ','))
        put(&l, js_parse_assignment(p));
    n->a = l.first;
    return n;
}

struct js_node *js_parse_target(struct js_parser *p)
{
    struct js_node *n = behind(p, primary(p), true);
    if (!is_target(n))
        p->broken = true;
    return n;
}
