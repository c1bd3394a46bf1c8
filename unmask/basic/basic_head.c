/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a procedure: its parameters ([MS-VBAL] 5.3.1.5), and what stands in their place where
 * statements outside of procedures are one (a dialect: unmask/vbscript). */
#include "base/text.h"
#include "unmask/basic/basic.h"

/* --- 5.3.1.5 */

bool basic_compile_parameters(struct basic_parse *p)
{
    struct basic_proc *proc = p->proc;
    proc->params = ARENA_ARRAY(p->m->mem, struct basic_param, BASIC_ARGS_MAX);
    if (!proc->params)
        return false;
    if (!basic_parse_op(p, '(') || basic_parse_op(p, ')'))
        return true;
    while (proc->n_params < BASIC_ARGS_MAX) {
        struct basic_param *a = &proc->params[proc->n_params];
        for (;; p->pos++) {
            uint32_t word = basic_parse_peek(p)->kind == T_NAME ? basic_parse_peek(p)->name : W_NONE;
            a->by_value = a->by_value || word == W_byval;
            a->optional = a->optional || word == W_optional;
            a->rest = a->rest || word == W_paramarray;
            if (word != W_byval && word != W_byref && word != W_optional && word != W_paramarray)
                break;
        }
        const struct basic_token *t = basic_parse_peek(p);
        if (t->kind != T_NAME)
            break;
        p->pos++;
        a->name = t->name;
        a->slot = basic_parse_local(p, t->name);
        bool array = basic_parse_op(p, '(');
        if (array)
            (void)basic_parse_op(p, ')');
        uint32_t class_name;
        bool as_new;
        a->as = basic_parse_word(p, W_as) ? basic_parse_as(p, &class_name, &as_new) : basic_parse_suffix(t->suffix);
        if (array)
            a->as = V_EMPTY;
        a->preset = basic_parse_op(p, '=') ? basic_parse_expression(p) : NULL;
        proc->n_params++;
        if (!basic_parse_op(p, ','))
            break;
    }
    (void)basic_parse_op(p, ')');
    uint32_t class_name;
    bool as_new;
    if (basic_parse_word(p, W_as))
        proc->as = basic_parse_as(p, &class_name, &as_new);
    return true;
}

/* --- a dialect */

/* Words that begin statements of VBA only. */
bool basic_compile_not_there(uint32_t word)
{
    switch (word) {
    case W_goto: case W_gosub: case W_return: case W_resume: case W_static: case W_lset: case W_rset: case W_attribute:
    case W_raiseevent: case W_implements: return true;
    default: return false;
    }
}

/* Execute in a procedure: the variables there are parameters by reference here. */
static bool take_scope(struct basic_parse *p)
{
    struct basic_proc *proc = p->proc;
    uint32_t n = 0;
    for (const struct basic_local *l = proc->scope ? proc->scope->locals : NULL; l; l = l->next)
        n++;
    proc->params = ARENA_ARRAY(p->m->mem, struct basic_param, n ? n : 1);
    if (!proc->params)
        return false;
    for (const struct basic_local *l = n ? proc->scope->locals : NULL; l; l = l->next)
        proc->params[proc->n_params++] = (struct basic_param){ .name = l->name, .slot = basic_parse_local(p, l->name) };
    return true;
}

bool basic_compile_head(struct basic_parse *p, struct basic_node **target_out, struct basic_node **value_out)
{
    struct basic_proc *proc = p->proc;
    if (!proc->body) {
        proc->result = basic_parse_local(p, proc->name);
        if (!basic_compile_parameters(p))
            return false;
        basic_parse_skip(p);
        return true;
    }
    proc->result = proc->n_slots++;
    if ((proc->body & BODY_LOCAL) && !take_scope(p))
        return false;
    if (!(proc->body & BODY_VALUE))
        return true;
    struct basic_node *y = basic_parse_expression(p), *x = y ? basic_parse_node(p, N_NAME) : NULL;
    if (x) {
        x->bind = BIND_LOCAL;
        x->slot = proc->result;
        *target_out = x;
        *value_out = y;
    }
    p->pos = p->end;
    return true;
}
