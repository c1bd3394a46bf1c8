/* SPDX-License-Identifier: Apache-2.0 */
/* vba.identity - the same for the same macro under other names, strings,
 * numbers, comments, unused procedures and unused assignments.
 *
 * Hashed is the shape of what runs: of each procedure that an entry reaches
 * (all of them where there is no entry) its live statements, each as its kind
 * and the sequence of operators and of names of the language and its hosts.
 * Operands do not count, runs of one operator are one, a block with nothing
 * live in it is not there. Procedures count in the order of their hashes, so
 * that they may be shuffled.
 *
 * It is no signature: two macros of one shape have one identity. An exception
 * by identity is for one authenticated sender.
 */
#include "observe/part/vba_intent_private.h"
#include "base/hash.h"

enum { SYMBOLS_MIN = 8, BLOCKS_MAX = 64 };

struct shape {
    uint64_t hash;
    unsigned symbols, seen;
    uint16_t last;
};

enum { SYMBOL_CALL = 1, SYMBOL_OP = 2, SYMBOL_WORD = 0x100, SYMBOL_KIND = 0x1000 };

static void add(struct shape *s, unsigned symbol)
{
    const uint8_t bytes[2] = { (uint8_t)symbol, (uint8_t)(symbol >> 8) };
    s->hash = fnv1a(s->hash, (slice){ bytes, 2 });
    s->last = (uint16_t)symbol;
    s->symbols++;
}

/* How many joins and sums there are varies with how a string was cut: once a statement says it all.
 */
static void add_op(struct shape *s, uint8_t op)
{
    unsigned symbol = SYMBOL_OP << 8 | (op == '&' || op == '+'                ? '+'
                                        : op == '*' || op == '/' || op == '-' ? '*'
                                                                              : op);
    if (op == '(' || op == ')' || op == '#' || op == '.' || op == '!' || op == ':' || op == '\\' ||
        op == '^')
        return;
    unsigned bit = op == '&' || op == '+' ? 1 : op == '*' || op == '/' || op == '-' ? 2 : 0;
    if (bit ? s->seen & bit : s->last == symbol)
        return;
    s->seen |= bit;
    add(s, symbol);
}

/* "Wscr" & "ipt" is one string that was cut; another cut is no other program. */
static bool joins_literals(const struct code *c, const struct statement *st, uint32_t i)
{
    const struct token *t = c->tokens;
    return (t[i].op == '&' || t[i].op == '+') && i > st->from && i + 1 < st->to &&
           t[i - 1].kind == T_STRING && t[i + 1].kind == T_STRING;
}

static void add_statement(struct shape *s, const struct code *c, const struct statement *st)
{
    s->seen = 0;
    add(s, SYMBOL_KIND | st->kind);
    for (uint32_t i = st->from; i < st->to; i++) {
        const struct token *t = &c->tokens[i];
        if (t->kind == T_OP) {
            if (!joins_literals(c, st, i))
                add_op(s, t->op);
            continue;
        }
        if (t->kind != T_NAME)
            continue;
        const struct name *n = &c->names[t->name];
        bool word =
            t->name < W_COUNT && t->name != W_CALL && t->name != W_LET &&
            (vba_intent_words[t->name].kind != 'm' || (i > 0 && c->tokens[i - 1].kind == T_OP));
        if (word)
            add(s, SYMBOL_WORD + t->name);
        else if (n->proc != VBA_NONE && n->proc != st->proc)
            add(s, SYMBOL_CALL);
    }
}

static bool opens(const struct statement *s)
{
    return (s->kind == S_IF && !s->single_if) || s->kind == S_SELECT || s->kind == S_FOR ||
           s->kind == S_DO || s->kind == S_WITH;
}

static bool closes(const struct statement *s)
{
    return s->kind == S_END_IF || s->kind == S_END_SELECT || s->kind == S_NEXT ||
           s->kind == S_LOOP || s->kind == S_END_WITH;
}

static bool is_frame(const struct statement *s)
{
    return opens(s) || closes(s) || s->kind == S_CASE || s->kind == S_ELSE || s->kind == S_JUMP ||
           s->kind == S_REDIM || (s->kind == S_IF && s->single_if);
}

static bool calls_in_head(const struct statement *s)
{
    return s->acts;
}

/* A block in which nothing is live is marked dead, frame and all. */
static void drop_empty_blocks(struct code *c, const struct proc *p)
{
    uint32_t open[BLOCKS_MAX];
    bool used[BLOCKS_MAX];
    unsigned depth = 0;
    for (uint32_t i = p->from; i < p->to; i++) {
        struct statement *s = &c->statements[i];
        bool matters = s->live && !is_frame(s);
        if (opens(s)) {
            if (depth < BLOCKS_MAX) {
                open[depth] = i;
                used[depth] = calls_in_head(s);
            }
            depth++;
        } else if (closes(s) && depth > 0) {
            depth--;
            if (depth >= BLOCKS_MAX)
                continue;
            bool live = used[depth] || s->acts;
            for (uint32_t k = open[depth]; !live && k <= i; k++)
                c->statements[k].live = false;
            if (live && depth > 0 && depth <= BLOCKS_MAX)
                used[depth - 1] = true;
        } else if (matters && depth > 0 && depth <= BLOCKS_MAX) {
            used[depth - 1] = true;
        }
    }
}

static void shape_proc(struct code *c, struct proc *p, unsigned *symbols)
{
    struct shape s = { .hash = 0, .last = 0 };
    drop_empty_blocks(c, p);
    for (uint32_t i = p->from; i < p->to; i++)
        if (c->statements[i].live)
            add_statement(&s, c, &c->statements[i]);
    p->shape = s.hash;
    *symbols += s.symbols;
}

static void sort(uint64_t *v, uint32_t n)
{
    /* Heap sort: no recursion, and no bad case to choose. */
    for (uint32_t size = n, at = n / 2; size > 1;) {
        uint64_t value;
        if (at > 0) {
            value = v[--at];
        } else {
            value = v[--size];
            v[size] = v[0];
        }
        uint32_t hole = at, child;
        while ((child = hole * 2 + 1) < size) {
            child += child + 1 < size && v[child + 1] > v[child];
            if (v[child] <= value)
                break;
            v[hole] = v[child];
            hole = child;
        }
        v[hole] = value;
    }
}

void vba_intent_identity(struct code *c)
{
    uint64_t *hashes = ARENA_ARRAY(c->mem, uint64_t, (size_t)c->n_procs + 1);
    bool any_entry = false;
    uint32_t n = 0;
    unsigned symbols = 0;
    if (!hashes)
        return;
    for (uint32_t i = 0; i < c->n_procs; i++)
        any_entry = any_entry || c->procs[i].entry != ENTRY_NO;
    for (uint32_t i = 0; i < c->n_procs; i++) {
        struct proc *p = &c->procs[i];
        if (any_entry && !p->reached)
            continue;
        shape_proc(c, p, &symbols);
        if (p->shape)
            hashes[n++] = p->shape;
    }
    if (symbols < SYMBOLS_MIN)
        return;
    sort(hashes, n);
    uint64_t all = 0;
    for (uint32_t i = 0; i < n; i++)
        for (unsigned k = 0; k < 8; k++)
            all = fnv1a(all, (slice){ (const uint8_t[]){ (uint8_t)(hashes[i] >> 8 * k) }, 1 });
    struct buf b = buf_new(32);
    buf_format(&b, "v1:%016llx", (unsigned long long)all);
    vba_intent_say(c, FACT_VBA_IDENTITY, buf_slice(&b), VBA_NONE);
    buf_drop(&b);
}
