/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that do nothing, which obfuscators put around those that do: x = StrReverse("abc")
 * where nothing reads x. They are found when a procedure is compiled, and are evaluated once:
 * what is made of literals alone is the same whenever it is made, and so is its error. */
#include "unmask/basic/basic.h"

enum { DEPTH_MAX = 16 };

/* Functions whose value and error their arguments alone decide. */
static bool is_total(uint32_t word)
{
    switch (word) {
    case W_chr: case W_chrw: case W_chrb: case W_asc: case W_ascw: case W_ascb:
    case W_mid: case W_left: case W_right: case W_midb: case W_leftb: case W_rightb:
    case W_len: case W_lenb: case W_trim: case W_ltrim: case W_rtrim: case W_ucase: case W_lcase:
    case W_strreverse: case W_strconv: case W_instr: case W_instrrev: case W_replace: case W_strcomp:
    case W_string: case W_space: case W_cint: case W_clng: case W_cbyte: case W_cdbl: case W_csng:
    case W_cstr: case W_cbool: case W_sqr: case W_log: case W_exp: case W_sin: case W_cos: case W_tan:
    case W_atn: case W_sgn: case W_int: case W_fix: case W_abs: case W_hex: case W_oct: case W_val:
        return true;
    default: return false;
    }
}

static bool is_constant(const struct basic_node *n, unsigned depth)
{
    if (!n || depth == DEPTH_MAX)
        return false;
    switch (n->kind) {
    case N_LITERAL: return true;
    case N_NAME: return n->bind == BIND_CONSTANT;
    case N_PAREN: case N_UNARY: return is_constant(n->left, depth + 1);
    case N_CHAIN:
        if (!is_constant(n->left, depth + 1))
            return false;
        for (const struct basic_node *a = n->args; a; a = a->next)
            if (!is_constant(a->left, depth + 1))
                return false;
        return true;
    case N_CALL:
        if (n->left->kind != N_NAME || n->left->bind != BIND_WORD || !is_total(n->left->name))
            return false;
        for (const struct basic_node *a = n->args; a; a = a->next)
            if (a->argument_name || !is_constant(a, depth + 1))
                return false;
        return true;
    default: return false;
    }
}

static struct basic_name *local_of(struct machine *m, const struct basic_proc *p, const struct basic_step *s)
{
    bool plain = s->op == S_LET && s->x->kind == N_NAME && s->x->bind == BIND_LOCAL && s->x->slot != p->result;
    struct basic_name *n = plain ? &m->names[s->x->name] : NULL;
    return n && n->local_of == p->id ? n : NULL;
}

/* A parameter may stand for a variable of the caller. */
static bool is_parameter(const struct basic_proc *p, uint32_t slot)
{
    for (uint32_t i = 0; i < p->n_params; i++)
        if (p->params[i].slot == slot)
            return true;
    return false;
}

void basic_junk_mark(struct machine *m, struct basic_proc *p)
{
    if (m->dialect->script) /* Execute reads any variable by its name */
        return;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        struct basic_name *n = local_of(m, p, &p->steps[i]);
        if (n && n->uses)
            n->uses--; /* what is left are those that read it */
    }
    for (uint32_t i = 0; i < p->n_steps; i++) {
        struct basic_step *s = &p->steps[i];
        const struct basic_name *n = local_of(m, p, s);
        if (n && n->uses == 0 && !is_parameter(p, s->x->slot) && is_constant(s->y, 0))
            s->flag = LET_JUNK;
    }
}

void basic_junk_done(struct machine *m, struct basic_step *s)
{
    if (m->u->trace || m->stop || m->ended)
        return;
    if (!m->error)
        s->op = S_NOP;
    else
        s->slot = (uint32_t)m->error; /* raised at once the next time */
}

/* The step behind the ones that do nothing. */
uint32_t basic_junk_skip(struct basic_proc *p, uint32_t pc)
{
    uint32_t to = pc + 1;
    while (to < p->n_steps && p->steps[to].op == S_NOP)
        to = p->steps[to].to > to ? p->steps[to].to : to + 1;
    p->steps[pc].to = to;
    return to;
}
