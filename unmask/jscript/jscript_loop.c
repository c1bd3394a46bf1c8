/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that only pass the time: where a round changes nothing but the counter, all that are left
 * are gone at once, so that droppers cannot use up the steps before they begin. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

enum { DEEP_MAX = 40 };

/* Does this read and leave, but change nothing, and not ask for the counter? */
static bool passive(const struct js_node *n, uint32_t counter, unsigned depth)
{
    for (; n; n = n->next) {
        if (depth > DEEP_MAX)
            return false;
        switch (n->kind) {
        case N_EMPTY:
        case N_NUMBER:
        case N_STRING:
        case N_THIS:
        case N_NULL:
        case N_TRUE:
        case N_FALSE:
        case N_BREAK:
        case N_CONTINUE:
            continue;
        case N_NAME:
            if (n->atom == counter)
                return false;
            continue;
        case N_UNARY:
            if (n->op == M_DELETE)
                return false;
            break;
        case N_BINARY:
        case N_AND:
        case N_OR:
        case N_CONDITION:
        case N_COMMA:
        case N_IF:
        case N_BLOCK:
        case N_EXPRESSION:
        case N_RETURN:
        case N_MEMBER:
        case N_INDEX:
            break;
        default:
            return false;
        }
        if (!passive(n->a, counter, depth + 1) || !passive(n->b, counter, depth + 1) ||
            !passive(n->c, counter, depth + 1))
            return false;
    }
    return true;
}

/* i++, i--, i += 2: by how much the counter goes on; 0: it is something else. */
static double pace(const struct js_node *n, uint32_t counter)
{
    if (!n || !n->a || n->a->kind != N_NAME || n->a->atom != counter)
        return 0;
    if (n->kind == N_UPDATE)
        return n->op == M_INC ? 1 : -1;
    if (n->kind == N_ASSIGN && (n->op == '+' || n->op == '-') && n->b->kind == N_NUMBER)
        return n->op == '+' ? n->b->d : -n->b->d;
    return 0;
}

static bool whole(double d)
{
    return d == trunc(d) && fabs(d) < 4503599627370496.0;
}

/* The first value at which the condition no longer holds; false: there is none to be had. */
static bool last_value(uint16_t op, double v, double limit, double step, double *out)
{
    bool up = op == '<' || op == M_LE, down = op == '>' || op == M_GE;
    if (!whole(v) || !whole(limit) || !whole(step) || (up && step <= 0) || (down && step >= 0) ||
        (!up && !down))
        return false;
    double distance = up ? limit - v : v - limit, size = fabs(step);
    if (op == M_LE || op == M_GE)
        distance += 1;
    if (distance <= 0)
        return false;
    *out = v + ceil(distance / size) * step;
    return whole(*out);
}

static const struct js_node *only_statement(const struct js_node *n)
{
    while (n && n->kind == N_BLOCK && n->a && !n->a->next)
        n = n->a;
    return n && n->kind == N_EXPRESSION ? n->a : NULL;
}

/* Before a round of `while`, or behind one of `for` and its update. */
void js_pass_time(struct js *m, struct js_node *condition, struct js_node *body,
                  struct js_node *update)
{
    struct js_node *limit = condition && condition->kind == N_BINARY ? condition->b : NULL;
    struct js_object *where;
    if (!limit || limit->next || condition->a->kind != N_NAME || JS_HALT(m))
        return;
    uint32_t counter = condition->a->atom;
    uint16_t op = limit->join;
    if (limit->kind != N_NUMBER && (limit->kind != N_NAME || limit->atom == counter))
        return;
    double step = pace(update ? update : only_statement(body), counter), last;
    if (step == 0 || (update && !passive(body, counter, 0)))
        return;
    struct js_value v = js_lookup(m, counter, &where), to = js_eval(m, limit);
    if (JS_HALT(m) || v.kind != JS_NUMBER || to.kind != JS_NUMBER ||
        !last_value(op, v.d, to.d, step, &last))
        return;
    js_assign(m, condition->a, js_number_at(last, v.mark), 0);
}
