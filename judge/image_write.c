/* SPDX-License-Identifier: Apache-2.0 */
/* image_write - the compiler's tables as the bytes of image.h. */
#include "judge/image.h"
#include "judge/sigma.h"
#include <errno.h>

static void u8(struct buf *b, unsigned v)
{
    buf_byte(b, (uint8_t)v);
}

static void u16(struct buf *b, unsigned v)
{
    u8(b, v & 0xff);
    u8(b, v >> 8 & 0xff);
}

static void u32(struct buf *b, uint32_t v)
{
    u16(b, v & 0xffff);
    u16(b, v >> 16);
}

static void u64(struct buf *b, uint64_t v)
{
    u32(b, (uint32_t)v);
    u32(b, (uint32_t)(v >> 32));
}

static void text(struct buf *b, slice s)
{
    u32(b, (uint32_t)s.len);
    buf_put(b, s);
}

static void field(struct buf *b, struct field f)
{
    u16(b, f.id);
    u8(b, f.scope);
}

static void put_rule(struct buf *b, const struct rule *r, uint32_t correlation)
{
    const struct rule_info *i = &r->info;
    const slice texts[] = { i->id,
                            i->uuid,
                            i->file,
                            i->family,
                            i->name,
                            i->title.en,
                            i->title.ja,
                            i->description.en,
                            i->description.ja,
                            i->reason.en,
                            i->reason.ja,
                            i->todo.en,
                            i->todo.ja,
                            i->falsepositives.en,
                            i->falsepositives.ja,
                            i->attack };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        text(b, texts[t]);
    const unsigned bytes[] = { i->level,       i->state,    i->kind,       i->layer, i->ours,
                               i->correlation, i->in_force, r->standalone, r->runs,  r->always };
    for (size_t n = 0; n < sizeof bytes / sizeof *bytes; n++)
        u8(b, bytes[n]);
    u32(b, r->node);
    u32(b, correlation);
}

static void put_rules(struct buf *b, const struct compiler *c)
{
    uint32_t correlations = 0;
    u32(b, c->n_rules);
    for (uint32_t i = 0; i < c->n_rules; i++) {
        const struct rule *r = &c->rules[i].rule;
        put_rule(b, r, r->info.correlation ? correlations++ : NO_ID);
    }
}

static void put_tests(struct buf *b, const struct compiler *c)
{
    u32(b, c->n_nodes);
    for (uint32_t i = 0; i < c->n_nodes; i++) {
        u8(b, c->nodes[i].op);
        u32(b, c->nodes[i].arg);
        u32(b, c->nodes[i].end);
    }
    u32(b, c->n_tests);
    for (uint32_t i = 0; i < c->n_tests; i++) {
        const struct test *t = &c->tests[i];
        u8(b, t->kind);
        u8(b, t->op);
        field(b, t->field);
        field(b, t->other);
        u32(b, t->atom);
        u64(b, (uint64_t)t->number);
    }
}

static void put_units(struct buf *b, const struct glob *g)
{
    uint32_t n = g->n ? g->n - 1 : 0;
    bool lone = g->n == 0 && !g->start; /* "*" */
    n += lone || (g->n && !g->start);
    n += g->n && !g->end;
    for (uint32_t s = 0; s < g->n; s++)
        n += g->segments[s].n;
    u32(b, n);
    if (lone || (g->n && !g->start))
        u16(b, GLOB_STAR);
    for (uint32_t s = 0; s < g->n; s++) {
        if (s)
            u16(b, GLOB_STAR);
        for (uint32_t i = 0; i < g->segments[s].n; i++)
            u16(b, g->segments[s].units[i]);
    }
    if (g->n && !g->end)
        u16(b, GLOB_STAR);
}

static void put_atoms(struct buf *b, const struct compiler *c)
{
    u32(b, c->n_atoms);
    for (uint32_t i = 0; i < c->n_atoms; i++) {
        const struct atom *a = &c->atoms[i];
        field(b, (struct field){ .id = a->field });
        u8(b, a->kind);
        u8(b, a->flags);
        u8(b, a->regex_flags);
        if (a->kind == ATOM_GLOB)
            put_units(b, &a->glob);
        else
            text(b, a->text);
    }
}

/* Lists by owner from (owner, value) pairs: counted, then filled. */
struct lists {
    uint32_t *from, *values;
    uint32_t n;
};

static bool lists_start(struct compiler *c, struct lists *l, uint32_t owners, uint32_t values)
{
    l->n = owners;
    l->from = ARENA_ARRAY(c->mem, uint32_t, (size_t)owners + 2);
    l->values = ARENA_ARRAY(c->mem, uint32_t, (size_t)values + 1);
    return (l->from && l->values) || sigma_no_memory(c);
}

static void lists_count(struct lists *l, uint32_t owner)
{
    l->from[owner + 2]++;
}

static void lists_counted(struct lists *l)
{
    for (uint32_t i = 2; i <= l->n + 1; i++)
        l->from[i] += l->from[i - 1];
}

static void lists_add(struct lists *l, uint32_t owner, uint32_t value)
{
    l->values[l->from[owner + 1]++] = value;
}

/* A value that comes twice in a row is written once. */
static void lists_put(struct buf *b, const struct lists *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        uint32_t n = 0;
        for (uint32_t v = l->from[i]; v < l->from[i + 1]; v++)
            n += v == l->from[i] || l->values[v] != l->values[v - 1];
        u32(b, n);
        for (uint32_t v = l->from[i]; v < l->from[i + 1]; v++)
            if (v == l->from[i] || l->values[v] != l->values[v - 1])
                u32(b, l->values[v]);
    }
}

static bool put_patterns(struct buf *b, struct compiler *c)
{
    struct lists l;
    if (!lists_start(c, &l, c->n_patterns, c->n_atoms))
        return false;
    for (uint32_t i = 0; i < c->n_atoms; i++)
        if (c->pattern_of[i] != NO_ID)
            lists_count(&l, c->pattern_of[i]);
    lists_counted(&l);
    for (uint32_t i = 0; i < c->n_atoms; i++)
        if (c->pattern_of[i] != NO_ID)
            lists_add(&l, c->pattern_of[i], i);
    u32(b, c->n_patterns);
    lists_put(b, &l);
    return true;
}

static bool put_triggers(struct buf *b, struct compiler *c, bool atoms)
{
    struct lists l;
    uint32_t total = 0;
    for (uint32_t i = 0; i < c->n_rules; i++)
        total += c->rules[i].n_triggers;
    if (!lists_start(c, &l, atoms ? c->n_atoms : FACT_COUNT, total))
        return false;
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t i = 0; i < c->n_rules; i++)
            for (uint32_t t = 0; t < c->rules[i].n_triggers; t++) {
                const struct trigger *trigger = &c->rules[i].triggers[t];
                if (trigger->atom != atoms)
                    continue;
                if (fill)
                    lists_add(&l, trigger->id, i << 1 | trigger->local);
                else
                    lists_count(&l, trigger->id);
            }
        if (!fill)
            lists_counted(&l);
    }
    lists_put(b, &l);
    return true;
}

static void put_order(struct buf *b, const struct compiler *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_rules; i++)
        n += c->rules[i].rule.runs && c->rules[i].rule.always;
    u32(b, n);
    for (uint32_t i = 0; i < c->n_rules; i++)
        if (c->rules[i].rule.runs && c->rules[i].rule.always)
            u32(b, i);
    u32(b, c->n_order);
    for (uint32_t i = 0; i < c->n_order; i++)
        u32(b, c->order[i]);
}

static void put_correlations(struct buf *b, const struct compiler *c)
{
    u32(b, c->n_order);
    for (uint32_t r = 0; r < c->n_rules; r++) {
        const struct correlation *k = &c->rules[r].correlation;
        if (!c->rules[r].rule.info.correlation)
            continue;
        u8(b, k->kind);
        u64(b, (uint64_t)k->least);
        u64(b, (uint64_t)k->most);
        u32(b, k->n_refs);
        for (uint32_t i = 0; i < k->n_refs; i++)
            u32(b, k->refs[i]);
        u8(b, k->n_groups);
        for (uint32_t i = 0; i < k->n_refs * k->n_groups; i++)
            field(b, k->groups[i]);
        for (uint32_t i = 0; i < k->n_refs; i++)
            field(b, k->value[i]);
    }
}

int image_write(struct compiler *c, slice digest, slice matcher, struct buf *out)
{
    struct buf b = buf_new(IMAGE_MAX);
    for (int i = 0; i < IMAGE_HEAD; i++)
        u8(&b, 0);
    text(&b, digest);
    put_rules(&b, c);
    put_tests(&b, c);
    put_atoms(&b, c);
    if (put_patterns(&b, c) && put_triggers(&b, c, true) && put_triggers(&b, c, false)) {
        put_order(&b, c);
        put_correlations(&b, c);
        text(&b, matcher);
        if (b.full)
            c->code = err_set(c->err, -EFBIG, "the compiled rules are too large; use fewer rules");
    }
    if (c->code == 0) {
        image_seal(b.at, b.len);
        buf_put(out, buf_slice(&b));
        if (out->full)
            c->code = err_set(c->err, -EFBIG, "the compiled rules are too large; use fewer rules");
    }
    buf_drop(&b);
    return c->code;
}
