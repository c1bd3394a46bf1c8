/* SPDX-License-Identifier: Apache-2.0 */
/* Out of stack space (error 28 of [MS-ES3]'s host): code that keeps itself from being looked at
 * calls itself for ever within a try, and goes on behind it. Here calls nest less deeply than in
 * the engine, so that it is only the same where it is certain that the calls do not end by
 * themselves: each function on the way calls on without a condition, and what could leave it before
 * that asks for the kind of a value (typeof) and no more. Anything else that is nested too deeply
 * is a limit. How often it has called is not known: what the deepest calls have changed is unknown
 * behind them. */
#include "unmask/jscript/jscript_private.h"

enum {
    DEEP_CALLS = 90,
    DEEP_DEPTH = 600,
    FRAMES_SEEN = 24,
    STATEMENTS = 8,
    OTHERS_MAX = 6,
    NODES_MAX = 4000
};

/* --- trees */

static bool has(const struct js_node *n, const uint64_t kinds, uint32_t *left, unsigned depth)
{
    for (; n; n = n->next) {
        if (*left == 0 || depth > 200)
            return true;
        --*left;
        if (kinds >> n->kind & 1)
            return true;
        if (n->kind == N_FUNCTION || n->kind == N_CLASS)
            continue;
        if (has(n->a, kinds, left, depth + 1) || has(n->b, kinds, left, depth + 1) ||
            has(n->c, kinds, left, depth + 1))
            return true;
    }
    return false;
}

static bool one_has(const struct js_node *n, uint64_t kinds)
{
    uint32_t left = NODES_MAX;
    return n && (kinds >> n->kind & 1 || has(n->a, kinds, &left, 1) || has(n->b, kinds, &left, 1) ||
                 has(n->c, kinds, &left, 1));
}

#define KIND(k) (UINT64_C(1) << (k))

static bool leaves(const struct js_node *n)
{
    return one_has(n, KIND(N_RETURN) | KIND(N_THROW));
}

static bool is_constant(const struct js_node *n, unsigned depth);

/* f, f.a, f['a'], f[g('a')] */
static bool is_named(const struct js_node *n, unsigned depth)
{
    return n && (n->kind == N_NAME ||
                 ((n->kind == N_MEMBER || (n->kind == N_INDEX && is_constant(n->b, depth + 1))) &&
                  n->a && n->a->kind == N_NAME));
}

/* A text, or what is given for texts only: a text out of a table. */
static bool is_constant(const struct js_node *n, unsigned depth)
{
    if (n && n->kind == N_STRING)
        return true;
    if (!n || depth > 4 || (n->kind != N_CALL && n->kind != N_MEMBER && n->kind != N_INDEX))
        return false;
    if (n->kind != N_CALL)
        return is_named(n, depth);
    bool all = is_named(n->a, depth) && n->b;
    for (const struct js_node *a = n->b; a && all; a = a->next)
        all = a->kind == N_NUMBER || a->kind == N_STRING;
    return all;
}

static bool is_typeof(const struct js_node *n)
{
    return n && n->kind == N_UNARY && n->op == M_TYPEOF && n->a && n->a->kind == N_NAME;
}

/* typeof x == 'string', or the same by a function of two arguments. */
static bool asks_for_kind(const struct js_node *n)
{
    while (n && n->kind == N_UNARY && n->op == '!')
        n = n->a;
    if (!n)
        return false;
    const struct js_node *a = n->kind == N_BINARY ? n->a : n->b, *b = n->b;
    if (n->kind == N_CALL && is_named(n->a, 0) && a)
        b = a->next;
    else if (n->kind != N_BINARY || !b || b->join < M_EQ || b->join > M_NOT_SAME)
        return false;
    return b && !b->next &&
           ((is_typeof(a) && is_constant(b, 0)) || (is_typeof(b) && is_constant(a, 0)));
}

static bool goes_on(const struct js_node *n, unsigned depth)
{
    if (!leaves(n))
        return true;
    if (depth > 8)
        return false;
    if (n->kind == N_IF)
        return asks_for_kind(n->a) && (!n->c || goes_on(n->c, depth + 1));
    bool all = n->kind == N_BLOCK;
    for (const struct js_node *s = n->a; s && all; s = s->next)
        all = goes_on(s, depth + 1);
    return all;
}

/* Does this function come to the statement, and that to its call? */
static bool calls_on(const struct js_code *code, const struct js_node *at)
{
    const uint64_t ways = KIND(N_CONDITION) | KIND(N_AND) | KIND(N_OR) | KIND(N_NULLISH) |
                          KIND(N_AWAIT) | KIND(N_TAGGED);
    if (!at || (at->kind != N_EXPRESSION && at->kind != N_RETURN && at->kind != N_VAR) ||
        one_has(at, ways))
        return false;
    for (const struct js_node *s = code->body; s && s != at; s = s->next)
        if (!goes_on(s, 0))
            return false;
    return true;
}

static bool endless_from(const struct js_frame *f)
{
    const struct js_node *seen[STATEMENTS];
    uint32_t n = 0, frames = 0;
    for (; f && frames < FRAMES_SEEN; f = f->up, frames++) {
        uint32_t i = 0;
        if (!f->code || f->code->expression)
            return false;
        while (i < n && seen[i] != f->at)
            i++;
        if (i < n)
            continue;
        if (n == STATEMENTS || !calls_on(f->code, f->at))
            return false;
        seen[n++] = f->at;
    }
    return frames == FRAMES_SEEN;
}

/* On the way to its own call a function calls others, too: the last may be one of these. */
static bool endless(const struct js *m)
{
    const struct js_frame *f = m->frame;
    for (unsigned i = 0; f && i < OTHERS_MAX; i++, f = f->up)
        if (endless_from(f))
            return true;
    return false;
}

/* --- for the machine */

bool js_stack_deep(const struct js *m)
{
    return !m->deep && (m->calls >= DEEP_CALLS || m->depth >= DEEP_DEPTH);
}

void js_stack_full(struct js *m)
{
    if (m->deep && endless(m))
        m->overflowed = true;
    else
        m->limited = true;
    js_throw(m, m->place == PLACE_HOST ? A_Error : A_RangeError, "Out of stack space");
    if (m->thrown && m->exception.kind == JS_OBJECT && m->exception.o->class_ == C_ERROR)
        js_define(m, m->exception.o, js_atom_cstr(m, "number"), js_number(-2146828260.0), 0);
}
