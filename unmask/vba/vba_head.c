/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a procedure: its parameters ([MS-VBAL] 5.3.1.5), and what stands in their place where
 * statements outside of procedures are one (a dialect: unmask/vbscript). */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

/* --- 5.3.1.5 */

bool vba_compile_parameters(struct vba_parse *p)
{
    struct vba_proc *proc = p->proc;
    proc->params = ARENA_ARRAY(p->m->mem, struct vba_param, VBA_ARGS_MAX);
    if (!proc->params)
        return false;
    if (!vba_parse_op(p, '(') || vba_parse_op(p, ')'))
        return true;
    while (proc->n_params < VBA_ARGS_MAX) {
        struct vba_param *a = &proc->params[proc->n_params];
        for (;; p->pos++) {
            uint32_t word = vba_parse_peek(p)->kind == T_NAME ? vba_parse_peek(p)->name : W_NONE;
            a->by_value = a->by_value || word == W_byval;
            a->optional = a->optional || word == W_optional;
            a->rest = a->rest || word == W_paramarray;
            if (word != W_byval && word != W_byref && word != W_optional && word != W_paramarray)
                break;
        }
        const struct vba_token *t = vba_parse_peek(p);
        if (t->kind != T_NAME)
            break;
        p->pos++;
        a->name = t->name;
        a->slot = vba_parse_local(p, t->name);
        bool array = vba_parse_op(p, '(');
        if (array)
            (void)vba_parse_op(p, ')');
        uint32_t class_name;
        bool as_new;
        a->as = vba_parse_word(p, W_as) ? vba_parse_as(p, &class_name, &as_new) : vba_parse_suffix(t->suffix);
        if (array)
            a->as = V_EMPTY;
        a->preset = vba_parse_op(p, '=') ? vba_parse_expression(p) : NULL;
        proc->n_params++;
        if (!vba_parse_op(p, ','))
            break;
    }
    (void)vba_parse_op(p, ')');
    uint32_t class_name;
    bool as_new;
    if (vba_parse_word(p, W_as))
        proc->as = vba_parse_as(p, &class_name, &as_new);
    return true;
}

/* --- a dialect */

/* Words that begin statements of VBA only. */
bool vba_compile_not_there(uint32_t word)
{
    switch (word) {
    case W_goto: case W_gosub: case W_return: case W_resume: case W_static: case W_lset: case W_rset: case W_attribute:
    case W_raiseevent: case W_implements: return true;
    default: return false;
    }
}

/* Execute in a procedure: the variables there are parameters by reference here. */
static bool take_scope(struct vba_parse *p)
{
    struct vba_proc *proc = p->proc;
    uint32_t n = 0;
    for (const struct vba_local *l = proc->scope ? proc->scope->locals : NULL; l; l = l->next)
        n++;
    proc->params = ARENA_ARRAY(p->m->mem, struct vba_param, n ? n : 1);
    if (!proc->params)
        return false;
    for (const struct vba_local *l = n ? proc->scope->locals : NULL; l; l = l->next)
        proc->params[proc->n_params++] = (struct vba_param){ .name = l->name, .slot = vba_parse_local(p, l->name) };
    return true;
}

bool vba_compile_head(struct vba_parse *p, struct vba_node **target_out, struct vba_node **value_out)
{
    struct vba_proc *proc = p->proc;
    if (!proc->body) {
        proc->result = vba_parse_local(p, proc->name);
        if (!vba_compile_parameters(p))
            return false;
        vba_parse_skip(p);
        return true;
    }
    proc->result = proc->n_slots++;
    if ((proc->body & BODY_LOCAL) && !take_scope(p))
        return false;
    if (!(proc->body & BODY_VALUE))
        return true;
    struct vba_node *y = vba_parse_expression(p), *x = y ? vba_parse_node(p, N_NAME) : NULL;
    if (x) {
        x->bind = BIND_LOCAL;
        x->slot = proc->result;
        *target_out = x;
        *value_out = y;
    }
    p->pos = p->end;
    return true;
}
