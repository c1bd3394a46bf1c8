/* SPDX-License-Identifier: Apache-2.0 */
/* eval - which rules hold on which events.
 *
 * A rule is looked at only where one of its triggers stands: the compiler has
 * chosen a set of atoms and facts of which at least one must be there for the
 * condition to be true. A rule for which there is no such set is looked at on
 * every event of its kind. Skipping is never more than that (eval_test holds
 * both ways against each other).
 */
#include "base/text.h"
#include "judge/judge_private.h"
#include <errno.h>

enum { COMPARED_MAX = 256 }; /* values of a list that a field comparison looks at */

static bool number_holds(uint8_t op, int64_t have, int64_t want)
{
    switch ((enum number_op)op) {
    case NUMBER_EQ:
        return have == want;
    case NUMBER_LT:
        return have < want;
    case NUMBER_LTE:
        return have <= want;
    case NUMBER_GT:
        return have > want;
    case NUMBER_GTE:
        return have >= want;
    case NUMBER_OPS:
        break;
    }
    return false;
}

static bool ref_holds(uint8_t op, slice have, slice want)
{
    bool cased = op & REF_CASED, starts = op & REF_STARTS, ends = op & REF_ENDS;
    if (want.len > have.len)
        return false;
    if (starts && ends)
        return (cased ? slice_find(have, want, 0) : slice_find_nocase(have, want, 0)) != SIZE_MAX;
    if (starts)
        have.len = want.len;
    else if (ends)
        have = slice_from(have, have.len - want.len);
    return cased ? slice_eq(have, want) : slice_eq_nocase(have, want);
}

/* The fact of `other` that makes the fact `f` hold; NO_ID. */
static uint32_t ref_partner(const struct index *x, const struct test *t, uint32_t f, uint32_t event)
{
    uint32_t there = index_scope(x, event, t->other.scope);
    if (there == NO_ID)
        return NO_ID;
    char have_room[24], want_room[24];
    slice have = index_text(&x->record->facts[f], have_room);
    struct list others = index_facts(x, there, t->other.id);
    for (uint32_t i = 0; i < others.n && i < COMPARED_MAX; i++)
        if (others.at[i] != f &&
            ref_holds(t->op, have, index_text(&x->record->facts[others.at[i]], want_room)))
            return others.at[i];
    return NO_ID;
}

static bool fact_holds(const struct index *x, const struct test *t, uint32_t f, uint32_t event)
{
    switch ((enum test_kind)t->kind) {
    case TEST_EXISTS:
        return true;
    case TEST_NUMBER:
        return number_holds(t->op, x->record->facts[f].number, t->number);
    case TEST_FIELD:
        return ref_partner(x, t, f, event) != NO_ID;
    default:
        return false;
    }
}

static bool test_holds(const struct index *x, uint32_t test, uint32_t event)
{
    const struct test *t = &x->rules->tests[test];
    bool absent_is_true = t->kind == TEST_NULL || (t->kind == TEST_EXISTS && t->number == 0);
    uint32_t there = index_scope(x, event, t->field.scope);
    if (there == NO_ID)
        return absent_is_true;
    uint32_t n;
    if (t->kind == TEST_ATOM) {
        index_entries(x, there, t->atom, &n);
        return n > 0;
    }
    struct list facts = index_facts(x, there, t->field.id);
    if (absent_is_true)
        return facts.n == 0;
    for (uint32_t i = 0; i < facts.n && (t->kind != TEST_FIELD || i < COMPARED_MAX); i++)
        if (fact_holds(x, t, facts.at[i], event))
            return true;
    return false;
}

/* Depth is bounded by image_read. */
static bool node_holds(const struct index *x, uint32_t node, uint32_t event)
{
    const struct node *n = &x->rules->nodes[node];
    switch ((enum node_op)n->op) {
    case NODE_TEST:
        return test_holds(x, n->arg, event);
    case NODE_NOT:
        return !node_holds(x, node + 1, event);
    case NODE_AND:
        for (uint32_t c = node + 1; c < n->end; c = x->rules->nodes[c].end)
            if (!node_holds(x, c, event))
                return false;
        return true;
    case NODE_OR:
        for (uint32_t c = node + 1; c < n->end; c = x->rules->nodes[c].end)
            if (node_holds(x, c, event))
                return true;
        return false;
    case NODE_OPS:
        break;
    }
    return false;
}

bool eval_rule(const struct index *x, uint32_t rule, uint32_t event)
{
    uint32_t node = x->rules->rules[rule].node;
    return node != NO_ID && node_holds(x, node, event);
}

bool matches_add(struct matches *m, struct arena *mem, uint32_t rule, struct match match)
{
    if (m->count[rule] >= MATCHES_MAX)
        return true;
    if (m->n == m->room) {
        uint32_t room = m->room ? m->room * 2 : 64;
        struct match *bigger =
            arena_regrow(mem, m->at, m->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        m->at = bigger;
        m->room = room;
    }
    m->at[m->n++] = match;
    if (m->last[rule])
        m->at[m->last[rule] - 1].next = m->n;
    else
        m->first[rule] = m->n;
    m->last[rule] = m->n;
    m->count[rule]++;
    return true;
}

static bool try_rule(const struct index *x, uint32_t rule, uint32_t event, struct matches *m)
{
    return (x->silent && x->silent[rule]) || !eval_rule(x, rule, event) ||
           matches_add(m, x->mem, rule, (struct match){ .event = event });
}

static bool on_all_events(const struct index *x, uint32_t rule, struct matches *m)
{
    enum event_kind kind = x->rules->rules[rule].info.kind;
    for (uint32_t i = x->kind_from[kind]; i < x->kind_from[kind + 1]; i++)
        if (!try_rule(x, rule, x->of_kind[i], m))
            return false;
    return true;
}

struct candidates {
    uint32_t *seen; /* per rule: event + 1 on which it was last tried */
    uint32_t *wide; /* rules with a trigger somewhere, to be tried on all events */
    bool *is_wide;
    uint32_t n_wide;
};

static bool pull(const struct index *x, struct list triggers, uint32_t event, struct candidates *c,
                 struct matches *m)
{
    for (uint32_t i = 0; i < triggers.n; i++) {
        uint32_t rule = trigger_rule(triggers.at[i]);
        const struct rule *r = &x->rules->rules[rule];
        if (!trigger_local(triggers.at[i])) {
            if (!c->is_wide[rule]) {
                c->is_wide[rule] = true;
                c->wide[c->n_wide++] = rule;
            }
            continue;
        }
        if (c->seen[rule] == event + 1 || r->info.kind != x->record->events[event].kind)
            continue;
        c->seen[rule] = event + 1;
        if (!try_rule(x, rule, event, m))
            return false;
    }
    return true;
}

static bool pull_event(const struct index *x, uint32_t event, struct candidates *c,
                       struct matches *m)
{
    for (uint32_t i = x->event_entries[event], last = NO_ID; i < x->event_entries[event + 1]; i++) {
        if (x->entries[i].atom == last)
            continue;
        last = x->entries[i].atom;
        if (!pull(x, x->rules->atom_rules[last], event, c, m))
            return false;
    }
    for (uint32_t i = x->event_facts[event], last = NO_ID; i < x->event_facts[event + 1]; i++) {
        uint32_t id = x->record->facts[x->facts[i]].id;
        if (id == last)
            continue;
        last = id;
        if (!pull(x, x->rules->fact_rules[id], event, c, m))
            return false;
    }
    return true;
}

static bool eval_skipping(const struct index *x, struct matches *m)
{
    const struct rules *r = x->rules;
    struct candidates c = {
        .seen = ARENA_ARRAY(x->mem, uint32_t, (size_t)r->n_rules + 1),
        .wide = ARENA_ARRAY(x->mem, uint32_t, (size_t)r->n_rules + 1),
        .is_wide = ARENA_ARRAY(x->mem, bool, (size_t)r->n_rules + 1),
    };
    if (!c.seen || !c.wide || !c.is_wide)
        return false;
    for (uint32_t e = 0; e < x->record->n_events; e++)
        if (!pull_event(x, e, &c, m))
            return false;
    for (uint32_t i = 0; i < c.n_wide; i++)
        if (!on_all_events(x, c.wide[i], m))
            return false;
    for (uint32_t i = 0; i < r->always.n; i++)
        if (!on_all_events(x, r->always.at[i], m))
            return false;
    return true;
}

/* A rule that only serves correlations has no vote of its own and stays. A correlation
 * falls silent with a rule that it refers to, as it does with one whose state is off: what
 * it counted would otherwise be less, and less may be what its condition wants. */
int eval_silence(struct index *x, uint32_t layers_off)
{
    const struct rules *r = x->rules;
    bool *silent = layers_off ? ARENA_ARRAY(x->mem, bool, (size_t)r->n_rules + 1) : NULL;
    if (layers_off && !silent)
        return -ENOMEM;
    for (uint32_t i = 0; silent && i < r->n_rules; i++)
        silent[i] = r->rules[i].standalone && layers_off & layer_bit(r->rules[i].info.layer);
    for (uint32_t i = 0; silent && i < r->order.n; i++) {
        const struct correlation *c = &r->correlations[r->rules[r->order.at[i]].correlation];
        for (uint32_t k = 0; k < c->n_refs; k++)
            silent[r->order.at[i]] |= silent[c->refs[k]];
    }
    x->silent = silent;
    return 0;
}

int eval_all(const struct index *x, bool all, struct matches *m)
{
    uint32_t n = x->rules->n_rules;
    uint32_t *tables = ARENA_ARRAY(x->mem, uint32_t, (size_t)n * 3 + 1);
    if (!tables)
        return -ENOMEM;
    *m = (struct matches){ .first = tables, .last = tables + n, .count = tables + 2 * (size_t)n };
    if (!all)
        return eval_skipping(x, m) ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        if (x->rules->rules[i].runs && !on_all_events(x, i, m))
            return -ENOMEM;
    return 0;
}

void witness_add(struct witness *w, uint32_t fact)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->facts[i] == fact)
            return;
    if (fact != NO_ID && w->n < WITNESSES_MAX)
        w->facts[w->n++] = fact;
}

/* The fact that is there already for a hit; NO_ID. For a long text that is the
 * excerpt which an earlier judgement of the same record has made. */
static uint32_t present_fact(const struct index *x, const struct hit *h)
{
    bool view = fact_row(h->field)->type == FACT_TYPE_VIEW;
    struct list facts = index_facts(x, h->event, (uint16_t)h->field);
    for (uint32_t i = 0; i < facts.n && i < MATCHES_MAX; i++) {
        const struct fact *f = &x->record->facts[facts.at[i]];
        bool same = f->part == h->part && f->at.from == h->at.from && f->at.to == h->at.to &&
                    slice_eq(f->text, h->excerpt);
        if (view ? same : atom_matches(x->rules, h->atom, f->text, NULL))
            return facts.at[i];
    }
    return NO_ID;
}

/* The fact of a hit: the one that holds the string, or, where only the worker
 * has seen the text, a new one with the excerpt. */
static uint32_t fact_of_hit(struct index *x, uint32_t hit)
{
    const struct hit *h = &x->record->hits[hit];
    if (x->hit_fact[hit])
        return x->hit_fact[hit] - 1;
    uint32_t found = present_fact(x, h);
    if (found == NO_ID) {
        struct sink sink = record_sink(x->record);
        struct fact f = { .id = h->field,
                          .event = h->event,
                          .part = h->part,
                          .at = h->at,
                          .line = h->line,
                          .scanned = true,
                          .text = h->excerpt };
        uint32_t before = x->record->n_facts;
        sink.fact(sink.host, &f);
        found = x->record->n_facts > before ? before : NO_ID;
    }
    if (found != NO_ID)
        x->hit_fact[hit] = found + 1;
    return found;
}

static void test_witness(struct index *x, uint32_t test, uint32_t event, struct witness *out)
{
    const struct test *t = &x->rules->tests[test];
    uint32_t there = index_scope(x, event, t->field.scope);
    if (there == NO_ID || t->kind == TEST_NULL || (t->kind == TEST_EXISTS && t->number == 0))
        return;
    if (t->kind == TEST_ATOM) {
        uint32_t n;
        const struct entry *e = index_entries(x, there, t->atom, &n);
        if (n)
            witness_add(out, e->from & ENTRY_HIT ? fact_of_hit(x, e->from & ~ENTRY_HIT) : e->from);
        return;
    }
    struct list facts = index_facts(x, there, t->field.id);
    for (uint32_t i = 0; i < facts.n && (t->kind != TEST_FIELD || i < COMPARED_MAX); i++) {
        if (!fact_holds(x, t, facts.at[i], event))
            continue;
        witness_add(out, facts.at[i]);
        if (t->kind == TEST_FIELD)
            witness_add(out, ref_partner(x, t, facts.at[i], event));
        return;
    }
}

static void node_witness(struct index *x, uint32_t node, uint32_t event, struct witness *out)
{
    const struct node *n = &x->rules->nodes[node];
    if (n->op == NODE_TEST)
        test_witness(x, n->arg, event, out);
    if (n->op != NODE_AND && n->op != NODE_OR)
        return; /* under a `not` nothing made it true */
    for (uint32_t c = node + 1; c < n->end; c = x->rules->nodes[c].end)
        if (n->op == NODE_AND || node_holds(x, c, event))
            node_witness(x, c, event, out);
}

void eval_witness(struct index *x, uint32_t rule, uint32_t event, struct witness *out)
{
    uint32_t node = x->rules->rules[rule].node;
    if (node != NO_ID)
        node_witness(x, node, event, out);
}
