/* SPDX-License-Identifier: Apache-2.0 */
/* Translates the parts of a loop, see jscript_hot.h. An operand that is only a name or a constant
 * is named in the operation itself where nothing is evaluated between it and its use; any other is
 * put into a register, so that the order of evaluation (ECMA-262 13) stays. */
#include "unmask/jscript/jscript_hot.h"

enum { COMPILE_DEPTH = 60, ARGUMENTS_MAX = 6, HERE_MAX = HOT_REGISTERS - ARGUMENTS_MAX - 4 };

struct compiler {
    struct js *m;
    struct js_hot *hot;
    uint32_t room;
    unsigned depth;
    bool broken, in_function;
};

static void statement(struct compiler *k, struct js_node *n);
static void expression(struct compiler *k, struct js_node *n, uint32_t to, bool used);

/* --- what is emitted */

static uint32_t emit(struct compiler *k, struct hot_code c)
{
    struct js_hot *h = k->hot;
    if (h->n_code == k->room && !k->broken) {
        uint32_t room = k->room ? k->room * 2 : 64;
        struct hot_code *more =
            room > HOT_CODE_MAX
                ? NULL
                : arena_regrow(k->m->mem, h->code, h->n_code * sizeof *more, room, sizeof *more);
        k->broken = !more;
        h->code = more ? more : h->code;
        k->room = more ? room : k->room;
    }
    if (k->broken)
        return 0;
    h->code[h->n_code] = c;
    return h->n_code++;
}

#define EMIT(k, ...) emit(k, (struct hot_code){ __VA_ARGS__ })

static void goes_to(struct compiler *k, uint32_t at)
{
    if (!k->broken)
        k->hot->code[at].x = k->hot->n_code;
}

static void ends_at(struct compiler *k, uint32_t at)
{
    if (!k->broken)
        k->hot->code[at].end = k->hot->n_code;
}

/* --- operands: of code that is broken any may be missing (NULL) */

static bool is_constant(const struct js_node *n)
{
    return n && (n->kind == N_NUMBER || n->kind == N_STRING || n->kind == N_NULL ||
                 n->kind == N_TRUE || n->kind == N_FALSE);
}

static bool is_name(const struct js_node *n)
{
    return n && n->kind == N_NAME;
}

static bool is_leaf(const struct js_node *n)
{
    return is_name(n) || is_constant(n);
}

static uint16_t new_operand(struct compiler *k)
{
    if (k->hot->n_operands == HOT_OPERANDS) {
        k->broken = true;
        return 0;
    }
    return (uint16_t)k->hot->n_operands++;
}

static uint16_t name_operand(struct compiler *k, struct js_node *n)
{
    struct js_hot *h = k->hot;
    for (uint32_t i = 0; i < h->n_names; i++)
        if (h->names[i].node->atom == n->atom)
            return h->names[i].operand;
    uint16_t at = new_operand(k);
    if (!k->broken) {
        h->names[h->n_names] = (struct hot_name){ .node = n, .operand = at };
        h->name_of[at - HOT_REGISTERS] = (uint16_t)++h->n_names;
    }
    return at;
}

static uint16_t leaf_operand(struct compiler *k, struct js_node *n)
{
    if (is_name(n))
        return name_operand(k, n);
    uint16_t at = new_operand(k);
    if (!k->broken)
        k->hot->constants[at - HOT_REGISTERS] = js_eval(k->m, n);
    return at;
}

/* Used at once. */
static uint16_t operand(struct compiler *k, struct js_node *n, uint32_t to)
{
    if (is_leaf(n))
        return leaf_operand(k, n);
    expression(k, n, to, true);
    return (uint16_t)to;
}

/* Used behind what `later` does; NULL: that may change names. */
static uint16_t kept(struct compiler *k, struct js_node *n, uint32_t to,
                     const struct js_node *later)
{
    if (is_constant(n) || (is_name(n) && is_leaf(later)))
        return leaf_operand(k, n);
    expression(k, n, to, true);
    return (uint16_t)to;
}

/* --- expressions */

static void fallback(struct compiler *k, struct js_node *n, uint32_t to)
{
    EMIT(k, .op = HOT_EVAL, .to = (uint16_t)to, .node = n);
}

/* a.b and a['b'] */
static bool named_member(struct compiler *k, const struct js_node *n, uint32_t *atom_out)
{
    *atom_out = n->kind == N_MEMBER                                    ? n->atom
                : n->kind == N_INDEX && n->b && n->b->kind == N_STRING ? js_atom(k->m, n->b->s)
                                                                       : A_NONE;
    return *atom_out != A_NONE;
}

static bool plain_member(const struct js_node *n)
{
    return n && (n->kind == N_MEMBER || n->kind == N_INDEX) && n->a && n->a->kind != N_SUPER &&
           !(n->flags & NODE_OPTIONAL);
}

static void member(struct compiler *k, struct js_node *n, uint32_t to)
{
    uint32_t atom;
    if (!plain_member(n)) {
        fallback(k, n, to);
    } else if (named_member(k, n, &atom)) {
        uint16_t base = operand(k, n->a, to);
        EMIT(k, .op = HOT_MEMBER, .to = (uint16_t)to, .a = base, .x = atom);
    } else {
        uint16_t base = kept(k, n->a, to, n->b), key = operand(k, n->b, to + 1);
        EMIT(k, .op = HOT_INDEX, .to = (uint16_t)to, .a = base, .b = key);
    }
}

static void unary(struct compiler *k, struct js_node *n, uint32_t to)
{
    if (n->op == M_DELETE || (n->op == M_TYPEOF && is_name(n->a))) {
        fallback(k, n, to);
        return;
    }
    uint16_t a = operand(k, n->a, to);
    EMIT(k, .op = HOT_UNARY, .to = (uint16_t)to, .a = a, .x = n->op);
}

static uint8_t operation(uint16_t mark)
{
    switch (mark) {
#define X(name, op_mark, value)                                                                    \
    case op_mark:                                                                                  \
        return HOT_##name;
        HOT_NUMBERS(X)
        HOT_RELATIONS(X)
#undef X
    default:
        return HOT_BINARY;
    }
}

static void chain(struct compiler *k, struct js_node *n, uint32_t to)
{
    uint16_t v = kept(k, n->a, to, n->b);
    for (struct js_node *o = n->b; o; o = o->next) {
        uint16_t right = operand(k, o, to + 1);
        EMIT(k, .op = operation(o->join), .to = (uint16_t)to, .a = v, .b = right, .x = o->join);
        v = (uint16_t)to;
    }
}

static void logical(struct compiler *k, struct js_node *n, uint32_t to)
{
    uint32_t first = k->hot->n_code;
    expression(k, n->a, to, true);
    for (struct js_node *o = n->b; o; o = o->next) {
        EMIT(k, .op = HOT_LOGICAL, .n = n->kind, .to = (uint16_t)to, .end = UINT32_MAX, .node = o);
        expression(k, o, to, true);
    }
    for (uint32_t i = first; !k->broken && i < k->hot->n_code; i++)
        if (k->hot->code[i].op == HOT_LOGICAL && k->hot->code[i].end == UINT32_MAX)
            ends_at(k, i);
}

static void choice(struct compiler *k, struct js_node *n, uint32_t to)
{
    uint16_t c = operand(k, n->a, to);
    uint32_t at = EMIT(k, .op = HOT_CHOOSE, .to = (uint16_t)to, .a = c, .node = n);
    expression(k, n->b, to, true);
    uint32_t over = EMIT(k, .op = HOT_JUMP);
    goes_to(k, at);
    expression(k, n->c, to, true);
    goes_to(k, over);
    ends_at(k, at);
}

/* A place that is read and written. */
struct place {
    uint16_t base, key;
    uint32_t atom;
};

static struct place place_of(struct compiler *k, struct js_node *n, uint32_t to,
                             const struct js_node *later)
{
    struct place p = { 0 };
    if (named_member(k, n, &p.atom)) {
        p.base = kept(k, n->a, to, later);
    } else {
        p.base = kept(k, n->a, to, is_leaf(n->b) ? later : NULL);
        p.key = kept(k, n->b, to + 1, later);
    }
    return p;
}

static void read_place(struct compiler *k, const struct place *p, uint32_t to)
{
    if (p->atom)
        EMIT(k, .op = HOT_MEMBER, .to = (uint16_t)to, .a = p->base, .x = p->atom);
    else
        EMIT(k, .op = HOT_INDEX, .to = (uint16_t)to, .a = p->base, .b = p->key);
}

static void write_place(struct compiler *k, const struct place *p, uint16_t v)
{
    if (p->atom)
        EMIT(k, .op = HOT_PUT_MEMBER, .to = p->base, .b = v, .x = p->atom);
    else
        EMIT(k, .op = HOT_PUT_INDEX, .to = p->base, .a = p->key, .b = v);
}

static void update(struct compiler *k, struct js_node *n, uint32_t to)
{
    bool prefix = n->flags & NODE_PREFIX;
    if (is_name(n->a)) {
        EMIT(k, .op = HOT_UPDATE, .n = prefix, .to = (uint16_t)to, .a = name_operand(k, n->a),
             .x = n->op, .node = n);
    } else if (plain_member(n->a)) {
        struct place p = place_of(k, n->a, to + 1, NULL);
        uint16_t before = (uint16_t)(prefix ? to + 3 : to),
                 after = (uint16_t)(prefix ? to : to + 3);
        read_place(k, &p, before);
        EMIT(k, .op = HOT_NUMBER, .to = before, .a = before);
        EMIT(k, .op = HOT_ONE_ON, .to = after, .a = before, .x = n->op);
        write_place(k, &p, after);
    } else {
        fallback(k, n, to);
    }
}

static void assign(struct compiler *k, struct js_node *n, uint32_t to, bool used)
{
    bool name = is_name(n->a), compound = n->op != '=';
    struct place p = { 0 };
    uint16_t v;
    if ((!name && !plain_member(n->a)) || n->op == M_AND || n->op == M_OR || n->op == M_NULLISH) {
        fallback(k, n, to);
        return;
    }
    if (!name)
        p = place_of(k, n->a, to + 1, compound ? NULL : n->b);
    if (compound) {
        uint16_t before = (uint16_t)(to + 3), right;
        if (name)
            before = kept(k, n->a, before, n->b);
        else
            read_place(k, &p, before);
        right = operand(k, n->b, to + 4);
        EMIT(k, .op = operation(n->op), .to = (uint16_t)to, .a = before, .b = right, .x = n->op);
        v = (uint16_t)to;
    } else {
        v = operand(k, n->b, name ? to : to + 3);
    }
    if (used && v != to) /* before it is written: that may change what a name holds */
        EMIT(k, .op = HOT_LOAD, .to = (uint16_t)to, .a = v);
    if (name)
        EMIT(k, .op = HOT_STORE, .a = v, .b = name_operand(k, n->a), .node = n->a);
    else
        write_place(k, &p, v);
}

static void call(struct compiler *k, struct js_node *n, uint32_t to)
{
    uint32_t count = 0, atom = A_NONE;
    struct js_node *f = n->a;
    bool of_member = f && (f->kind == N_MEMBER || f->kind == N_INDEX), spread = false;
    for (struct js_node *a = n->b; a; a = a->next, count++)
        spread = spread || a->kind == N_SPREAD;
    if (!f || (n->flags & NODE_OPTIONAL) || spread || count > ARGUMENTS_MAX || f->kind == N_SUPER ||
        (f->kind == N_NAME && f->atom == A_eval) ||
        (of_member && (!plain_member(f) || !named_member(k, f, &atom)))) {
        fallback(k, n, to);
        return;
    }
    if (of_member) {
        uint16_t base = operand(k, f->a, to + 1);
        EMIT(k, .op = HOT_METHOD, .to = (uint16_t)to, .a = base, .x = atom);
    } else {
        expression(k, f, to, true);
    }
    uint32_t i = 0;
    for (struct js_node *a = n->b; a; a = a->next, i++)
        expression(k, a, to + 2 + i, true);
    EMIT(k, .op = HOT_CALL, .n = (uint8_t)count, .to = (uint16_t)to, .b = of_member, .x = atom);
}

static void translated(struct compiler *k, struct js_node *n, uint32_t to, bool used)
{
    switch (n->kind) {
    case N_THIS:
        EMIT(k, .op = HOT_THIS, .to = (uint16_t)to);
        return;
    case N_UNARY:
        unary(k, n, to);
        return;
    case N_UPDATE:
        update(k, n, to);
        return;
    case N_BINARY:
        chain(k, n, to);
        return;
    case N_AND:
    case N_OR:
        logical(k, n, to);
        return;
    case N_CONDITION:
        choice(k, n, to);
        return;
    case N_ASSIGN:
        assign(k, n, to, used);
        return;
    case N_COMMA:
        for (struct js_node *e = n->a; e; e = e->next)
            expression(k, e, to, used || e->next);
        return;
    case N_MEMBER:
    case N_INDEX:
        member(k, n, to);
        return;
    case N_CALL:
        call(k, n, to);
        return;
    default:
        fallback(k, n, to);
    }
}

static void expression(struct compiler *k, struct js_node *n, uint32_t to, bool used)
{
    if (k->broken)
        return;
    if (!n) {
        fallback(k, n, to); /* undefined, as the tree has it */
    } else if (is_leaf(n)) {
        EMIT(k, .op = HOT_LOAD, .to = (uint16_t)to, .a = leaf_operand(k, n));
    } else if (to >= HERE_MAX || k->depth >= COMPILE_DEPTH) {
        fallback(k, n, to);
    } else {
        k->depth++;
        translated(k, n, to, used);
        k->depth--;
    }
}

/* --- statements */

static void variables(struct compiler *k, struct js_node *n)
{
    bool plain = n->op == A_var;
    for (struct js_node *d = n->a; d; d = d->next)
        plain = plain && is_name(d->a);
    if (!plain) {
        EMIT(k, .op = HOT_RUN, .node = n);
        return;
    }
    for (struct js_node *d = n->a; d; d = d->next)
        if (d->b) {
            uint16_t v = operand(k, d->b, 0);
            EMIT(k, .op = HOT_STORE, .a = v, .b = name_operand(k, d->a), .node = d->a);
        }
}

static void condition(struct compiler *k, struct js_node *n)
{
    uint16_t c = operand(k, n->a, 0);
    uint32_t at = EMIT(k, .op = HOT_IF, .a = c, .node = n);
    if (n->b)
        statement(k, n->b);
    if (n->c) {
        uint32_t over = EMIT(k, .op = HOT_JUMP);
        goes_to(k, at);
        statement(k, n->c);
        goes_to(k, over);
    } else {
        goes_to(k, at);
    }
    ends_at(k, at);
}

static void only_expression(struct compiler *k, struct js_node *n)
{
    if (k->in_function) {
        expression(k, n, 0, false);
        return;
    }
    uint16_t v = operand(k, n, 0);
    EMIT(k, .op = HOT_RESULT, .a = v); /* eval gives it back */
}

static void statement(struct compiler *k, struct js_node *n)
{
    uint16_t v = 0;
    if (k->broken)
        return;
    k->depth++;
    switch (k->depth > COMPILE_DEPTH ? N_TRY : (enum js_node_kind)n->kind) {
    case N_EMPTY:
        break;
    case N_EXPRESSION:
        only_expression(k, n->a);
        break;
    case N_VAR:
        variables(k, n);
        break;
    case N_IF:
        condition(k, n);
        break;
    case N_BREAK:
    case N_CONTINUE:
        EMIT(k, .op = HOT_LEAVE, .n = n->kind == N_BREAK ? FLOW_BREAK : FLOW_CONTINUE,
             .x = n->atom);
        break;
    case N_RETURN:
        if (n->a)
            v = operand(k, n->a, 0);
        EMIT(k, .op = HOT_RETURN, .n = n->a != NULL, .a = v);
        break;
    case N_BLOCK:
        if (n->flags & NODE_SCOPE)
            EMIT(k, .op = HOT_RUN, .node = n);
        for (struct js_node *s = n->flags & NODE_SCOPE ? NULL : n->a; s; s = s->next)
            statement(k, s);
        break;
    default:
        EMIT(k, .op = HOT_RUN, .node = n);
    }
    k->depth--;
}

struct js_hot *js_hot_compile(struct js *m, const struct js_loop *l, bool in_function)
{
    struct js_hot *h = ARENA_NEW(m->mem, struct js_hot);
    struct compiler k = { .m = m, .hot = h, .in_function = in_function };
    if (!h)
        return NULL;
    h->n_operands = HOT_REGISTERS;
    h->names = ARENA_ARRAY(m->mem, struct hot_name, HOT_OPERANDS - HOT_REGISTERS);
    h->name_of = ARENA_ARRAY(m->mem, uint16_t, HOT_OPERANDS - HOT_REGISTERS);
    h->constants = ARENA_ARRAY(m->mem, struct js_value, HOT_OPERANDS - HOT_REGISTERS);
    if (!h->names || !h->name_of || !h->constants)
        return NULL;
    h->at[PART_BODY] = 0;
    if (l->parts[PART_BODY])
        statement(&k, l->parts[PART_BODY]);
    h->at[PART_UPDATE] = h->n_code;
    if (l->scoped)
        EMIT(&k, .op = HOT_SCOPE);
    if (l->parts[PART_UPDATE])
        expression(&k, l->parts[PART_UPDATE], 0, false);
    h->at[PART_CONDITION] = h->n_code;
    struct js_node *condition = l->parts[PART_CONDITION];
    uint16_t v = condition ? operand(&k, condition, 0) : new_operand(&k);
    if (!condition && !k.broken)
        h->constants[v - HOT_REGISTERS] = js_bool(true);
    EMIT(&k, .op = HOT_TEST, .a = v);
    return k.broken || JS_HALT(m) ? NULL : h;
}
