/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: [MS-VBAL] 5.4. A procedure becomes a run of steps with jumps, so that GoTo, GoSub,
 * Resume and On Error lead anywhere. A statement that cannot be read is left out. */
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { BLOCKS_MAX = 200, STEPS_MAX = 1 << 20 };

enum block_kind { BLOCK_IF, BLOCK_SELECT, BLOCK_FOR, BLOCK_EACH, BLOCK_DO, BLOCK_WITH };

struct basic_block {
    uint8_t kind;
    uint32_t top, test, tests, exits, slot; /* steps + 1: the last test, all tests, all that leave */
};

static struct basic_step *put(struct basic_parse *p, enum basic_step_op op)
{
    if (p->n_steps == p->room_steps) {
        uint32_t room = p->room_steps ? p->room_steps * 2 : 64;
        struct basic_step *more = room > STEPS_MAX ? NULL : arena_regrow(p->m->mem, p->steps, p->n_steps * sizeof *more, room, sizeof *more);
        if (!more) {
            p->failed = p->m->out_of_memory = true;
            return &p->spare;
        }
        p->steps = more;
        p->room_steps = room;
    }
    struct basic_step *s = &p->steps[p->n_steps++];
    *s = (struct basic_step){ .op = (uint8_t)op, .line = basic_parse_peek(p)->line };
    return s;
}

static uint32_t hidden_slots(struct basic_parse *p, uint32_t n)
{
    uint32_t slot = p->proc->n_slots;
    p->proc->n_slots += n;
    return slot;
}

/* --- blocks */

static struct basic_block *open_block(struct basic_parse *p, enum block_kind kind)
{
    if (p->n_blocks == BLOCKS_MAX) {
        p->failed = true;
        return &p->blocks[BLOCKS_MAX];
    }
    struct basic_block *b = &p->blocks[p->n_blocks++];
    *b = (struct basic_block){ .kind = (uint8_t)kind, .top = p->n_steps };
    return b;
}

static void leave_from(struct basic_parse *p, struct basic_block *b)
{
    struct basic_step *s = put(p, S_JUMP);
    s->chain = b->exits;
    b->exits = p->n_steps;
}

static void test_of(struct basic_parse *p, struct basic_block *b, struct basic_step *s)
{
    s->chain = b->tests;
    b->tests = b->test = p->n_steps;
}

/* The last test leads here when it fails. */
static void fails_to_here(struct basic_parse *p, struct basic_block *b)
{
    if (b->test)
        p->steps[b->test - 1].to = p->n_steps;
    b->test = 0;
}

static void close_block(struct basic_parse *p)
{
    struct basic_block *b = &p->blocks[--p->n_blocks];
    fails_to_here(p, b);
    for (uint32_t i = b->tests; i; i = p->steps[i - 1].chain)
        p->steps[i - 1].end = p->n_steps;
    for (uint32_t i = b->exits; i; i = p->steps[i - 1].chain)
        p->steps[i - 1].to = p->n_steps;
    p->n_withs -= b->kind == BLOCK_WITH && p->n_withs > 0;
}

/* The innermost of this kind, when only If and With blocks are in between unclosed. */
static struct basic_block *innermost(struct basic_parse *p, enum block_kind a, enum block_kind b)
{
    for (uint32_t i = p->n_blocks; i > 0; i--)
        if (p->blocks[i - 1].kind == a || p->blocks[i - 1].kind == b)
            return &p->blocks[i - 1];
    return NULL;
}

/* Ends what is open inside it: a block that lacks its end. */
static struct basic_block *back_to(struct basic_parse *p, enum block_kind a, enum block_kind b)
{
    struct basic_block *at = innermost(p, a, b);
    while (at && &p->blocks[p->n_blocks - 1] != at)
        close_block(p);
    return at;
}

/* --- If, Select: 5.4.2.8, 5.4.2.10 */

static void statement(struct basic_parse *p);

static void statements_of_line(struct basic_parse *p)
{
    while (basic_parse_peek(p)->kind != T_EOL && basic_parse_peek(p)->kind != T_END && basic_parse_peek(p)->name != W_else) {
        if (basic_parse_peek(p)->kind == T_COLON)
            p->pos++;
        else
            statement(p);
    }
}

static void take_goto(struct basic_parse *p, enum basic_step_op op, uint8_t flag)
{
    const struct basic_token *t = basic_parse_peek(p);
    uint32_t name = t->kind == T_NAME ? t->name : t->kind == T_NUMBER ? basic_lex_name(p->m, basic_lex_text(p->m, p->module, t)) : W_NONE;
    if (!name) {
        p->failed = true;
        return;
    }
    p->pos++;
    struct basic_step *s = put(p, op);
    s->flag = flag;
    s->slot = name;
    s->chain = p->gotos;
    p->gotos = p->n_steps;
}

static void take_if(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_expression(p);
    if (!x || (!basic_parse_word(p, W_then) && basic_parse_peek(p)->name != W_goto)) {
        p->failed = true;
        return;
    }
    struct basic_block *b = open_block(p, BLOCK_IF);
    struct basic_step *s = put(p, S_IF);
    s->x = x;
    test_of(p, b, s);
    if (basic_parse_peek(p)->kind == T_EOL)
        return;
    uint32_t open = p->n_blocks;
    if (basic_parse_peek(p)->kind == T_NUMBER)
        take_goto(p, S_GOTO, 0);
    statements_of_line(p);
    if (p->n_blocks == open && basic_parse_word(p, W_else)) {
        leave_from(p, b);
        fails_to_here(p, b);
        if (basic_parse_peek(p)->kind == T_NUMBER)
            take_goto(p, S_GOTO, 0);
        statements_of_line(p);
    }
    while (p->n_blocks >= open)
        close_block(p);
}

static void take_else(struct basic_parse *p, bool with_test)
{
    struct basic_node *x = with_test ? basic_parse_expression(p) : NULL;
    struct basic_block *b = back_to(p, BLOCK_IF, BLOCK_IF);
    if (with_test)
        (void)basic_parse_word(p, W_then);
    if (!b || (with_test && !x)) {
        p->failed = true;
        return;
    }
    leave_from(p, b);
    fails_to_here(p, b);
    if (with_test) {
        struct basic_step *s = put(p, S_IF);
        s->x = x;
        test_of(p, b, s);
    }
}

static void take_select(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_word(p, W_case) ? basic_parse_expression(p) : NULL;
    struct basic_block *b = x ? open_block(p, BLOCK_SELECT) : NULL;
    if (!b)
        return;
    b->slot = hidden_slots(p, 1);
    struct basic_step *s = put(p, S_SELECT);
    s->x = x;
    s->slot = b->slot;
}

static struct basic_node *case_test(struct basic_parse *p)
{
    struct basic_node *n = basic_parse_node(p, N_PAREN);
    if (!n)
        return NULL;
    bool is = basic_parse_word(p, W_is);
    const struct basic_token *t = basic_parse_peek(p);
    if (t->kind == T_OP && (t->op == '=' || t->op == '<' || t->op == '>' || t->op == OP_NE || t->op == OP_LE || t->op == OP_GE)) {
        n->op = t->op;
        p->pos++;
    } else if (is) {
        p->failed = true;
    }
    n->left = basic_parse_expression(p);
    if (n->left && basic_parse_word(p, W_to)) {
        n->op = 'T';
        n->args = basic_parse_expression(p);
    }
    return n->left && (n->op != 'T' || n->args) ? n : NULL;
}

static void take_case(struct basic_parse *p)
{
    struct basic_block *b = back_to(p, BLOCK_SELECT, BLOCK_SELECT);
    struct basic_node *first = NULL, **last = &first;
    if (!b) {
        p->failed = true;
        return;
    }
    if (b->tests)
        leave_from(p, b);
    fails_to_here(p, b);
    if (basic_parse_word(p, W_else))
        return;
    do {
        *last = case_test(p);
        if (!*last) {
            p->failed = true;
            break;
        }
        last = &(*last)->next;
    } while (basic_parse_op(p, ','));
    struct basic_step *s = put(p, S_CASE);
    s->x = first;
    s->slot = b->slot;
    test_of(p, b, s);
}

/* --- loops: 5.4.2.1 to 5.4.2.6 */

static void take_for(struct basic_parse *p)
{
    bool each = basic_parse_word(p, W_each);
    struct basic_node *x = basic_parse_left(p), *y = NULL, *z = NULL, *w = NULL;
    if (x && each && basic_parse_word(p, W_in))
        y = basic_parse_expression(p);
    else if (x && !each && basic_parse_op(p, '='))
        y = basic_parse_expression(p);
    if (y && !each && basic_parse_word(p, W_to))
        z = basic_parse_expression(p);
    if (z && basic_parse_word(p, W_step))
        w = basic_parse_expression(p);
    if (!y || (!each && !z)) {
        p->failed = true;
        return;
    }
    struct basic_block *b = open_block(p, each ? BLOCK_EACH : BLOCK_FOR);
    struct basic_step *s = put(p, each ? S_EACH : S_FOR);
    s->x = x, s->y = y, s->z = z, s->w = w;
    s->slot = hidden_slots(p, 2);
    b->slot = s->slot;
    test_of(p, b, s);
}

static void end_for(struct basic_parse *p)
{
    struct basic_block *b = back_to(p, BLOCK_FOR, BLOCK_EACH);
    if (!b) {
        p->failed = true;
        return;
    }
    uint32_t top = b->top;
    if (top >= p->n_steps)
        return;
    struct basic_step *s = put(p, b->kind == BLOCK_FOR ? S_NEXT : S_EACH_NEXT);
    s->to = top + 1;
    s->end = top;
    close_block(p);
}

static void take_next(struct basic_parse *p)
{
    end_for(p);
    if (!basic_parse_at_end(p))
        (void)basic_parse_left(p);
    while (basic_parse_op(p, ',')) {
        end_for(p);
        (void)basic_parse_left(p);
    }
}

static void take_do(struct basic_parse *p, bool always)
{
    struct basic_node *x = NULL;
    bool until = !always && basic_parse_word(p, W_until);
    if (until || always || basic_parse_word(p, W_while))
        x = basic_parse_expression(p);
    struct basic_block *b = open_block(p, BLOCK_DO);
    struct basic_step *s = put(p, S_DO);
    s->x = x;
    s->flag = until;
    test_of(p, b, s);
}

static void take_loop(struct basic_parse *p, bool may_test)
{
    struct basic_block *b = back_to(p, BLOCK_DO, BLOCK_DO);
    struct basic_node *x = NULL;
    bool until = may_test && basic_parse_word(p, W_until);
    if (until || (may_test && basic_parse_word(p, W_while)))
        x = basic_parse_expression(p);
    if (!b) {
        p->failed = true;
        return;
    }
    uint32_t top = b->top;
    struct basic_step *s = put(p, S_LOOP);
    s->x = x;
    s->flag = until;
    s->to = top;
    close_block(p);
}

static void take_with(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_expression(p);
    struct basic_block *b = open_block(p, BLOCK_WITH);
    struct basic_step *s = put(p, S_WITH);
    s->x = x;
    s->slot = b->slot = hidden_slots(p, 1);
    if (p->n_withs < BASIC_WITHS_MAX)
        p->with[p->n_withs] = s->slot;
    p->n_withs++;
}

static void take_exit(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    uint32_t word = t->kind == T_NAME ? t->name : W_NONE;
    p->pos++;
    struct basic_block *b = word == W_for ? innermost(p, BLOCK_FOR, BLOCK_EACH) : word == W_do || word == W_while ? innermost(p, BLOCK_DO, BLOCK_DO) : NULL;
    if (b)
        leave_from(p, b);
    else
        put(p, S_EXIT);
}

static void take_end(struct basic_parse *p)
{
    struct basic_block *b = NULL;
    if (basic_parse_word(p, W_if))
        b = back_to(p, BLOCK_IF, BLOCK_IF);
    else if (basic_parse_word(p, W_select))
        b = back_to(p, BLOCK_SELECT, BLOCK_SELECT);
    else if (basic_parse_word(p, W_with))
        b = back_to(p, BLOCK_WITH, BLOCK_WITH);
    else if (basic_parse_at_end(p))
        put(p, S_END);
    else
        p->failed = true;
    if (b)
        close_block(p);
}

/* --- variables: 5.4.3 */

static void take_dim(struct basic_parse *p, uint8_t flag)
{
    do {
        const struct basic_token *t = basic_parse_peek(p);
        if (t->kind != T_NAME) {
            p->failed = true;
            return;
        }
        p->pos++;
        struct basic_node *x = basic_parse_node(p, N_NAME), *bounds = basic_parse_op(p, '(') ? basic_parse_bounds(p) : NULL;
        if (!x)
            return;
        x->name = t->name;
        x->bind = BIND_LOCAL;
        x->slot = basic_parse_local(p, t->name);
        uint32_t class_name = W_NONE;
        bool as_new = false;
        uint8_t as = basic_parse_word(p, W_as) ? basic_parse_as(p, &class_name, &as_new) : basic_parse_suffix(t->suffix);
        if (!bounds && as == V_EMPTY && !(flag & DIM_STATIC))
            continue;
        struct basic_step *s = put(p, S_DIM);
        s->x = x, s->y = bounds, s->as = as;
        s->flag = (uint8_t)(flag | (as_new ? DIM_NEW : 0));
        if (class_name && (s->z = basic_parse_node(p, N_NEW)) != NULL)
            s->z->name = class_name;
    } while (!p->failed && basic_parse_op(p, ','));
}

static void take_redim(struct basic_parse *p)
{
    uint8_t flag = basic_parse_word(p, W_preserve) ? DIM_REDIM | DIM_PRESERVE : DIM_REDIM;
    do {
        struct basic_node *x = basic_parse_left(p);
        if (!x || x->kind != N_CALL) {
            p->failed = true;
            return;
        }
        uint32_t class_name = 0;
        bool as_new;
        uint8_t as = basic_parse_word(p, W_as) ? basic_parse_as(p, &class_name, &as_new) : V_EMPTY;
        struct basic_step *s = put(p, S_DIM);
        s->x = x->left, s->y = x, s->as = as, s->flag = flag;
    } while (!p->failed && basic_parse_op(p, ','));
}

static void take_const(struct basic_parse *p)
{
    do {
        const struct basic_token *t = basic_parse_peek(p);
        struct basic_node *x = t->kind == T_NAME ? basic_parse_node(p, N_NAME) : NULL;
        if (!x)
            return;
        p->pos++;
        x->name = t->name;
        x->bind = BIND_LOCAL;
        x->slot = basic_parse_local(p, t->name);
        p->m->names[t->name].uses++;
        uint32_t class_name;
        bool as_new;
        if (basic_parse_word(p, W_as))
            (void)basic_parse_as(p, &class_name, &as_new);
        struct basic_node *y = basic_parse_op(p, '=') ? basic_parse_expression(p) : NULL;
        struct basic_step *s = put(p, S_LET);
        s->x = x, s->y = y;
    } while (basic_parse_op(p, ','));
}

static void take_let(struct basic_parse *p, struct basic_node *x, bool set)
{
    struct basic_node *y = basic_parse_expression(p);
    if (!y)
        return;
    bool mid = !set && x->kind == N_CALL && x->left->kind == N_NAME && x->left->bind == BIND_WORD &&
               (x->left->name == W_mid || x->left->name == W_midb) && x->n >= 2;
    struct basic_step *s = put(p, mid ? S_MID : set ? S_SET : S_LET);
    s->x = x, s->y = y;
    if (mid) {
        s->x = x->args, s->w = y, s->y = x->args->next, s->z = x->n > 2 ? x->args->next->next : NULL;
    }
}

/* --- calls: 5.4.2.1.  f (a), b: the parenthesis belongs to the first argument. */

static void take_call(struct basic_parse *p, struct basic_node *x)
{
    if (!basic_parse_at_end(p)) {
        if (x == p->last_call && p->last_paren) {
            p->pos = p->last_paren;
            x = x->left;
        }
        struct basic_node *call = basic_parse_node(p, N_CALL);
        if (!call)
            return;
        call->left = x;
        call->args = basic_parse_arguments(p, &call->n, false);
        x = call;
    } else if (x == p->last_call && x->n == 1 && x->args->kind != N_MISSING) {
        struct basic_node *value = basic_parse_node(p, N_PAREN); /* f (x): by value, unlike Call f(x) */
        if (value) {
            value->left = x->args;
            value->argument_name = x->args->argument_name;
            x->args = value;
        }
    }
    if (!p->failed)
        put(p, S_CALL)->x = x;
}

/* --- files: 5.4.5 */

static void take_open(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_expression(p), *y = NULL;
    uint8_t mode = 0;
    for (; x && !basic_parse_at_end(p) && !basic_parse_word(p, W_as); p->pos++) {
        uint32_t word = basic_parse_peek(p)->kind == T_NAME ? basic_parse_peek(p)->name : W_NONE;
        mode = word == W_output ? 'o' : word == W_append ? 'a' : word == W_binary ? 'b' : word == W_random ? 'r' : word == W_input ? 'i' : mode;
    }
    (void)basic_parse_op(p, '#');
    y = x ? basic_parse_expression(p) : NULL;
    if (y && basic_parse_word(p, W_len) && basic_parse_op(p, '='))
        (void)basic_parse_expression(p);
    struct basic_step *s = put(p, S_OPEN);
    s->x = x, s->y = y, s->flag = mode ? mode : 'r';
}

static void take_file(struct basic_parse *p, enum basic_step_op op, uint8_t flag)
{
    struct basic_node *call = basic_parse_node(p, N_CALL);
    if (!call)
        return;
    call->args = basic_parse_arguments(p, &call->n, false);
    struct basic_step *s = put(p, op);
    s->x = call, s->flag = flag;
}

static void take_name_as(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_expression(p), *y = x && basic_parse_word(p, W_as) ? basic_parse_expression(p) : NULL;
    if (!y) {
        p->failed = true;
        return;
    }
    struct basic_step *s = put(p, S_NAME_AS);
    s->x = x, s->y = y;
}

/* --- 5.4.4 */

static void take_on(struct basic_parse *p)
{
    if (basic_parse_word(p, W_error)) {
        if (basic_parse_word(p, W_resume)) {
            (void)basic_parse_word(p, W_next);
            put(p, S_ON_ERROR)->flag = 1;
        } else if (basic_parse_word(p, W_goto)) {
            slice s = basic_lex_text(p->m, p->module, basic_parse_peek(p));
            bool minus = basic_parse_op(p, '-');
            if (minus || slice_is(s, "0")) {
                p->pos++;
                put(p, S_ON_ERROR)->flag = 0;
            } else {
                take_goto(p, S_ON_ERROR, 2);
            }
        }
        return;
    }
    struct basic_node *x = basic_parse_expression(p);
    bool sub = basic_parse_word(p, W_gosub);
    if (!x || (!sub && !basic_parse_word(p, W_goto)))
        return;
    uint32_t at = p->n_steps, n = 1;
    put(p, S_ON_GOTO)->x = x;
    do {
        take_goto(p, sub ? S_GOSUB : S_GOTO, 0);
        put(p, S_JUMP);
        n++;
    } while (!p->failed && basic_parse_op(p, ','));
    for (uint32_t i = at; i < p->n_steps; i++)
        if (p->steps[i].op == S_JUMP)
            p->steps[i].to = p->n_steps;
    p->steps[at].to = p->n_steps;
}

static void take_resume(struct basic_parse *p)
{
    if (basic_parse_word(p, W_next))
        put(p, S_RESUME)->flag = 1;
    else if (basic_parse_at_end(p) || (basic_parse_peek(p)->kind == T_NUMBER && slice_is(basic_lex_text(p->m, p->module, basic_parse_peek(p)), "0")))
        put(p, S_RESUME)->flag = 0;
    else
        take_goto(p, S_RESUME, 2);
}

/* --- one statement */

static bool take_control(struct basic_parse *p, uint32_t word)
{
    switch (word) {
    case W_if: take_if(p); return true;
    case W_elseif: take_else(p, true); return true;
    case W_else: take_else(p, basic_parse_word(p, W_if)); return true;
    case W_select: take_select(p); return true;
    case W_case: take_case(p); return true;
    case W_for: take_for(p); return true;
    case W_next: take_next(p); return true;
    case W_do: take_do(p, false); return true;
    case W_while: take_do(p, true); return true;
    case W_loop: take_loop(p, true); return true;
    case W_wend: take_loop(p, false); return true;
    case W_with: take_with(p); return true;
    case W_exit: take_exit(p); return true;
    case W_end: take_end(p); return true;
    case W_goto: take_goto(p, S_GOTO, 0); return true;
    case W_gosub: take_goto(p, S_GOSUB, 0); return true;
    case W_return: put(p, S_RETURN); return true;
    case W_on: take_on(p); return true;
    case W_resume: take_resume(p); return true;
    case W_stop: return true;
    default: return false;
    }
}

static bool take_plain(struct basic_parse *p, uint32_t word)
{
    struct basic_node *x;
    switch (word) {
    case W_dim: take_dim(p, 0); return true;
    case W_static: take_dim(p, DIM_STATIC); return true;
    case W_redim: take_redim(p); return true;
    case W_const: take_const(p); return true;
    case W_erase: take_file(p, S_ERASE, 0); return true;
    case W_set: case W_let:
        x = basic_parse_left(p);
        if (x && basic_parse_op(p, '='))
            take_let(p, x, word == W_set);
        else
            p->failed = true;
        return true;
    case W_call:
        x = basic_parse_left(p);
        if (x)
            put(p, S_CALL)->x = x;
        return true;
    case W_lset: case W_rset:
        x = basic_parse_left(p);
        if (x && basic_parse_op(p, '=')) {
            struct basic_node *y = basic_parse_expression(p);
            struct basic_step *s = put(p, S_LSET);
            s->x = x, s->y = y, s->flag = word == W_rset;
        }
        return true;
    case W_attribute: case W_raiseevent: case W_implements: case W_option:
        basic_parse_skip(p);
        return true;
    default: return false;
    }
}

/* These words may also be names: "Name = 1", "Open.x", "Print" of an object. */
static bool take_io(struct basic_parse *p, uint32_t word)
{
    const struct basic_token *t = basic_parse_peek(p);
    bool hash = t->kind == T_OP && t->op == '#';
    if (t->kind == T_OP && !hash && t->op != '(' && t->op != '-')
        return false;
    switch (word) {
    case W_open: take_open(p); return true;
    case W_close: take_file(p, S_CLOSE, 0); return true;
    case W_name: take_name_as(p); return true;
    case W_error: {
        struct basic_node *x = basic_parse_expression(p);
        put(p, S_ERROR)->x = x;
        return true;
    }
    case W_print: case W_write: case W_put:
        if (!hash && word != W_put)
            return false;
        take_file(p, S_PRINT, word == W_put ? 'b' : word == W_write ? 'w' : 'p');
        return true;
    case W_line: case W_input: case W_get: case W_seek: case W_lock: case W_unlock: case W_width:
        if (word == W_line && !basic_parse_word(p, W_input))
            return false;
        take_file(p, S_INPUT, word == W_line || word == W_input || word == W_get);
        return true;
    default: return false;
    }
}

static void other_statement(struct basic_parse *p)
{
    struct basic_node *x = basic_parse_left(p);
    if (x && !p->failed && basic_parse_op(p, '='))
        take_let(p, x, false);
    else if (x)
        take_call(p, x);
}

/* A line may begin with a number or a name and a colon: 5.4.1.1 */
static void take_label(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p), *before = p->pos ? t - 1 : t;
    bool number = t->kind == T_NUMBER;
    if (p->m->dialect->script || (before->kind != T_EOL && p->pos != p->proc->from) || p->pos + 1 >= p->end)
        return;
    if (!number && (t->kind != T_NAME || t[1].kind != T_COLON || t->name < W_vba7))
        return;
    uint32_t name = number ? basic_lex_name(p->m, basic_lex_text(p->m, p->module, t)) : t->name;
    p->m->names[name].label_of = p->proc->id;
    p->m->names[name].label = p->n_steps;
    p->pos++;
}

static void statement(struct basic_parse *p)
{
    const struct basic_token *t = basic_parse_peek(p);
    uint32_t start = p->pos, steps = p->n_steps, word = t->kind == T_NAME ? t->name : W_NONE;
    p->last_call = NULL;
    p->last_paren = 0;
    bool taken = false;
    if (word && word < W_vba7 && !t->suffix) {
        p->pos++;
        bool assigned = basic_parse_peek(p)->kind == T_OP && basic_parse_peek(p)->op == '=';
        taken = !assigned && !(p->m->dialect->script && basic_compile_not_there(word)) &&
                (take_control(p, word) || take_plain(p, word) || (!p->m->dialect->script && take_io(p, word)));
        if (!taken)
            p->pos = start;
    }
    if (!taken)
        other_statement(p);
    if (p->failed || (!basic_parse_at_end(p) && !taken)) {
        p->n_steps = p->n_steps > steps && !taken ? steps : p->n_steps;
        basic_parse_skip(p);
    }
    p->failed = p->m->out_of_memory;
    if (p->pos == start)
        p->pos++;
}

static void resolve(struct basic_parse *p)
{
    for (uint32_t i = p->gotos; i; i = p->steps[i - 1].chain) {
        struct basic_step *s = &p->steps[i - 1];
        const struct basic_name *n = &p->m->names[s->slot];
        if (n->label_of == p->proc->id)
            s->to = n->label;
        else
            *s = (struct basic_step){ .op = S_NOP, .line = s->line, .chain = s->chain };
    }
}

static bool take_head(struct basic_parse *p)
{
    struct basic_node *x = NULL, *y = NULL;
    if (!basic_compile_head(p, &x, &y))
        return false;
    if (x) {
        struct basic_step *s = put(p, S_SET);
        s->x = x, s->y = y;
    }
    return true;
}

bool basic_compile(struct machine *m, struct basic_proc *proc)
{
    if (proc->compiled)
        return !proc->failed;
    struct basic_parse p = { .m = m, .module = proc->module, .pos = proc->from, .end = proc->to, .proc = proc };
    proc->compiled = true;
    proc->failed = true;
    p.blocks = ARENA_ARRAY(m->mem, struct basic_block, BLOCKS_MAX + 1); /* and one to write to when it is full */
    if (!p.blocks || !walk_work(m->w, 40u * (proc->to - proc->from)))
        return false;
    if (!take_head(&p))
        return false;
    p.failed = false;
    while (p.pos < p.end && !m->out_of_memory) {
        if (basic_parse_peek(&p)->kind == T_EOL || basic_parse_peek(&p)->kind == T_COLON) {
            p.pos++;
            take_label(&p);
        } else if (basic_parse_peek(&p)->kind == T_SKIP) {
            p.pos = basic_parse_peek(&p)->at;
        } else if (basic_parse_peek(&p)->kind == T_END) {
            break;
        } else {
            statement(&p);
        }
    }
    while (p.n_blocks)
        close_block(&p);
    put(&p, S_EXIT);
    resolve(&p);
    proc->steps = p.steps;
    proc->n_steps = p.n_steps;
    proc->failed = m->out_of_memory || !p.steps;
    if (!proc->failed)
        basic_junk_mark(m, proc);
    return !proc->failed;
}
