/* SPDX-License-Identifier: Apache-2.0 */
/* verdict - from matches to findings, and from findings to one verdict with
 * one decisive reason (docs/rules.md, "Level and verdict").
 *
 * Points and sums are avoided on purpose: a verdict must be sayable in one
 * sentence, and the sentence must be true of one or two findings.
 */
#include "judge/judge_private.h"
#include <errno.h>
#include <stdlib.h>

enum {
    FINDINGS_PER_RULE = 32,
    LINK_DEPTH = 16, /* correlations of correlations */
    MEDIUMS_COMPARED = 64,
};

struct draft {
    struct finding f;
    struct witness facts, parts;
    uint32_t event; /* from which its reason is filled */
};

struct bench {
    struct index x;
    struct matches m;
    const struct policy *policy;
    struct draft **drafts;
    uint32_t n, room;
    bool no_memory;
};

static struct draft *new_draft(struct bench *b)
{
    if (b->n == b->room) {
        uint32_t room = b->room ? b->room * 2 : 16;
        struct draft **bigger =
            arena_regrow(b->x.mem, b->drafts, b->n * sizeof *bigger, room, sizeof *bigger);
        if (bigger) {
            b->drafts = bigger;
            b->room = room;
        }
    }
    struct draft *d = b->n < b->room ? ARENA_NEW(b->x.mem, struct draft) : NULL;
    if (!d) {
        b->no_memory = true;
        return NULL;
    }
    d->f = (struct finding){ .rule = NO_ID, .promise = NO_ID };
    b->drafts[b->n++] = d;
    return d;
}

static enum rule_level level_of(const struct rule_info *r, const struct policy *policy)
{
    bool lower = !r->ours && !policy->trust_foreign && r->level > LEVEL_INFORMATIONAL;
    return lower ? (enum rule_level)(r->level - 1) : r->level;
}

/* Facts and parts of a match, through the correlations down to the events. */
static void gather(struct bench *b, uint32_t rule, const struct match *m, struct draft *d,
                   unsigned depth)
{
    if (!b->x.rules->rules[rule].info.correlation) {
        witness_add(&d->parts, b->x.record->events[m->event].part);
        if (d->facts.n < WITNESSES_MAX)
            eval_witness(&b->x, rule, m->event, &d->facts);
        return;
    }
    for (uint32_t i = 0; i < m->n && depth < LINK_DEPTH; i++) {
        const struct link *l = &b->m.links[m->from + i];
        gather(b, l->rule, &b->m.at[l->match], d, depth + 1);
    }
}

/* One finding per part, or per group of a correlation. */
static struct draft *draft_for(struct bench *b, uint32_t first, uint32_t rule,
                               const struct match *m)
{
    uint32_t part = b->x.record->events[m->event].part;
    bool correlation = b->x.rules->rules[rule].info.correlation;
    for (uint32_t i = first; i < b->n && !correlation; i++)
        if (b->drafts[i]->parts.facts[0] == part)
            return b->drafts[i];
    if (b->n - first >= FINDINGS_PER_RULE)
        return NULL;
    struct draft *d = new_draft(b);
    if (d) {
        d->f.rule = rule;
        d->event = m->event;
    }
    return d;
}

static void draft_rule(struct bench *b, uint32_t rule)
{
    const struct rule *r = &b->x.rules->rules[rule];
    uint32_t first = b->n, exception = 0;
    bool excepted = exception_applies(&b->x, b->policy, &r->info, &exception);
    for (uint32_t i = b->m.first[rule]; i && !b->no_memory; i = b->m.at[i - 1].next) {
        struct match m = b->m.at[i - 1];
        struct draft *d = draft_for(b, first, rule, &m);
        if (!d)
            continue;
        d->f.level = level_of(&r->info, b->policy);
        d->f.layer = r->info.layer;
        d->f.observed_only = r->info.state == RULE_OBSERVE;
        d->f.excepted = excepted;
        d->f.exception = exception;
        gather(b, rule, &m, d, 0);
    }
}

static void draft_promises(struct bench *b)
{
    struct broken_promise *broken;
    uint32_t n;
    if (promises_check(&b->x, b->policy, &broken, &n)) {
        b->no_memory = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct draft *d = new_draft(b);
        if (!d)
            return;
        d->f.promise = broken[i].promise;
        d->f.layer = LAYER_PROMISE;
        d->f.level = LEVEL_HIGH;
        d->facts = broken[i].facts;
        d->event = b->x.record->facts[d->facts.facts[0]].event;
        for (uint32_t f = 0; f < d->facts.n; f++)
            witness_add(&d->parts, b->x.record->facts[d->facts.facts[f]].part);
    }
}

static void sort_ids(struct witness *w)
{
    for (uint32_t i = 1; i < w->n; i++) {
        uint32_t v = w->facts[i], at = i;
        for (; at > 0 && w->facts[at - 1] > v; at--)
            w->facts[at] = w->facts[at - 1];
        w->facts[at] = v;
    }
}

static bool counts(const struct finding *f)
{
    return !f->observed_only && !f->excepted;
}

/* Promises first (they decide), then level, rule, part. */
static int by_weight(const void *a, const void *b)
{
    const struct draft *p = *(const struct draft *const *)a, *q = *(const struct draft *const *)b;
    bool p_promise = p->f.promise != NO_ID, q_promise = q->f.promise != NO_ID;
    if (p_promise != q_promise)
        return p_promise ? -1 : 1;
    if (p_promise)
        return p->f.promise < q->f.promise ? -1 : 1;
    if (p->f.level != q->f.level)
        return p->f.level > q->f.level ? -1 : 1;
    if (p->f.rule != q->f.rule)
        return p->f.rule < q->f.rule ? -1 : 1;
    for (uint32_t i = 0; i < p->parts.n && i < q->parts.n; i++)
        if (p->parts.facts[i] != q->parts.facts[i])
            return p->parts.facts[i] < q->parts.facts[i] ? -1 : 1;
    return p->parts.n != q->parts.n ? (p->parts.n < q->parts.n ? -1 : 1)
           : p->event < q->event    ? -1
                                    : p->event > q->event;
}

/* Has `a` a fact that `b` has not? Both ascend. */
static bool has_more(const struct witness *a, const struct witness *b)
{
    uint32_t j = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        while (j < b->n && b->facts[j] < a->facts[i])
            j++;
        if (j == b->n || b->facts[j] != a->facts[i])
            return true;
    }
    return false;
}

static bool independent(const struct bench *b, const struct draft *p, const struct draft *q)
{
    slice family = b->x.rules->rules[p->f.rule].info.family;
    return !slice_eq(family, b->x.rules->rules[q->f.rule].info.family) &&
           has_more(&p->facts, &q->facts) && has_more(&q->facts, &p->facts);
}

/* The first finding that decides, as an index into the drafts, and the one that it
 * takes beside it; NO_ID. */
static uint32_t decide(const struct bench *b, enum verdict *verdict, uint32_t *beside)
{
    uint32_t medium[MEDIUMS_COMPARED], n = 0;
    *verdict = VERDICT_CLEAN;
    *beside = NO_ID;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct finding *f = &b->drafts[i]->f;
        if (!counts(f))
            continue;
        if (f->level >= LEVEL_HIGH) {
            *verdict = VERDICT_MALICIOUS;
            return i;
        }
        if (f->level == LEVEL_MEDIUM && n < MEDIUMS_COMPARED)
            medium[n++] = i;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n; j++)
            if (independent(b, b->drafts[medium[i]], b->drafts[medium[j]])) {
                *verdict = VERDICT_SUSPICIOUS;
                *beside = medium[j];
                return medium[i];
            }
    return NO_ID;
}

/* What was not read, by what a reader should be told first. */
static bool find_unread(const struct record *r, enum unread_cause *out)
{
    static const uint8_t rank[UNREAD_CAUSES] = {
        [UNREAD_CRASHED] = 5,   [UNREAD_LIMIT] = 4,   [UNREAD_ENCRYPTED] = 3,
        [UNREAD_NO_READER] = 2, [UNREAD_DAMAGED] = 1,
    };
    uint8_t best = 0;
    bool limit = r->full, crashed = false;
    for (uint32_t i = 0; i < r->n_parts; i++) {
        limit |= r->parts[i].end == WALK_LIMIT;
        crashed |= !r->parts[i].closed || r->parts[i].end == WALK_CRASHED ||
                   r->parts[i].end == WALK_TIMEOUT;
    }
    for (uint32_t i = 0; i < r->n_unread; i++)
        if (rank[r->unread[i].cause] > best) {
            best = rank[r->unread[i].cause];
            *out = r->unread[i].cause;
        }
    if (limit && best < rank[UNREAD_LIMIT]) {
        best = rank[UNREAD_LIMIT];
        *out = UNREAD_LIMIT;
    }
    if (crashed) {
        best = rank[UNREAD_CRASHED];
        *out = UNREAD_CRASHED;
    }
    return best > 0;
}

static struct rule_text either(struct rule_text a, struct rule_text b)
{
    return (struct rule_text){ a.en.len ? a.en : b.en, a.ja.len ? a.ja : b.ja };
}

static void explain(const struct bench *b, uint32_t decisive, struct judgement *j)
{
    const struct draft *d = b->drafts[decisive];
    struct rule_text reason, todo = { { 0 }, { 0 } };
    if (d->f.promise != NO_ID) {
        reason = either(b->policy->promises[d->f.promise].reason, text_promise());
        j->name = SLICE_LIT("Policy.Mail.SenderPromise");
    } else {
        const struct rule_info *r = &b->x.rules->rules[d->f.rule].info;
        reason = either(r->reason, r->title);
        reason.ja = reason.ja.len ? reason.ja : reason.en;
        todo = r->todo;
        j->name = r->name;
    }
    j->reason = reason_fill(&b->x, reason, d->event, d->facts.facts, d->facts.n);
    j->todo = reason_fill(&b->x, either(todo, text_todo(j->verdict)), d->event, d->facts.facts,
                          d->facts.n);
    j->decisive = 0;
}

static void unread(const struct record *r, uint32_t findings, struct judgement *j)
{
    enum unread_cause cause = UNREAD_LIMIT;
    bool unknown = find_unread(r, &cause);
    j->decisive = NO_ID;
    j->verdict = unknown ? VERDICT_UNKNOWN : VERDICT_CLEAN;
    j->name = unknown ? text_unread_name(cause) : (slice){ 0 };
    j->reason = unknown ? text_unread(cause) : text_clean(findings > 0);
    j->todo = unknown ? text_unread_todo(cause) : text_todo(VERDICT_CLEAN);
}

/* --- votes */

static enum vote vote_of(const struct finding *f)
{
    if (!counts(f) || f->level < LEVEL_MEDIUM)
        return VOTE_NOTE;
    return f->level >= LEVEL_HIGH ? VOTE_MALICIOUS : VOTE_SUSPICIOUS;
}

static void votes_off(const struct policy *policy, struct judgement *j)
{
    for (int l = 0; l < LAYERS; l++)
        if (policy->layers_off & layer_bit((enum layer)l))
            j->votes[l].vote = VOTE_OFF;
}

static void votes_cast(const struct bench *b, uint32_t decisive, uint32_t beside,
                       struct judgement *j)
{
    uint32_t present = b->x.rules->layers | (b->policy->n_promises ? layer_bit(LAYER_PROMISE) : 0);
    for (int l = 0; l < LAYERS; l++)
        if (present & layer_bit((enum layer)l))
            j->votes[l].vote = VOTE_CLEAN;
    votes_off(b->policy, j);
    for (uint32_t i = 0; i < b->n; i++) {
        struct layer_vote *v = &j->votes[b->drafts[i]->f.layer];
        enum vote vote = vote_of(&b->drafts[i]->f);
        v->vote = vote > v->vote ? vote : v->vote;
        v->decided |= i == decisive || i == beside;
    }
}

static struct judgement finish(struct bench *b)
{
    struct judgement j = { .n_findings = b->n };
    for (uint32_t i = 0; i < b->n; i++) {
        sort_ids(&b->drafts[i]->facts);
        sort_ids(&b->drafts[i]->parts);
    }
    if (b->n)
        qsort(b->drafts, b->n, sizeof *b->drafts, by_weight);
    uint32_t beside, decisive = decide(b, &j.verdict, &beside);
    votes_cast(b, decisive, beside, &j);
    if (decisive == NO_ID) {
        unread(b->x.record, b->n, &j);
    } else {
        explain(b, decisive, &j);
        struct draft *first = b->drafts[decisive];
        for (uint32_t i = decisive; i > 0; i--)
            b->drafts[i] = b->drafts[i - 1];
        b->drafts[0] = first;
    }
    struct finding *out = ARENA_ARRAY(b->x.mem, struct finding, (size_t)b->n + 1);
    for (uint32_t i = 0; out && i < b->n; i++) {
        struct draft *d = b->drafts[i];
        out[i] = d->f;
        out[i].facts = d->facts.facts;
        out[i].n_facts = d->facts.n;
        out[i].parts = d->parts.facts;
        out[i].n_parts = d->parts.n;
    }
    j.findings = out;
    b->no_memory |= !out;
    return j;
}

/* Memory ran out while judging: what is not known is not called clean. */
static struct judgement give_up(const struct policy *policy)
{
    struct judgement j = { .verdict = VERDICT_UNKNOWN,
                           .name = text_unread_name(UNREAD_LIMIT),
                           .reason = text_unread(UNREAD_LIMIT),
                           .todo = text_unread_todo(UNREAD_LIMIT),
                           .decisive = NO_ID };
    votes_off(policy, &j);
    return j;
}

struct judgement judge_record_mode(const struct rules *rules, struct record *record,
                                   const struct policy *policy, enum judge_mode mode,
                                   struct arena *mem)
{
    static const struct policy none;
    struct bench *b = ARENA_NEW(mem, struct bench);
    policy = policy ? policy : &none;
    if (!b)
        return give_up(policy);
    b->policy = policy;
    bool direct = mode == JUDGE_DIRECT;
    if (index_build(&b->x, rules, record, direct, mem) || eval_silence(&b->x, policy->layers_off) ||
        eval_all(&b->x, direct, &b->m) || correlate_all(&b->x, &b->m))
        return give_up(policy);
    for (uint32_t i = 0; i < rules->n_rules; i++)
        if (b->m.first[i] && rules->rules[i].standalone)
            draft_rule(b, i);
    if (!(policy->layers_off & layer_bit(LAYER_PROMISE)))
        draft_promises(b);
    struct judgement j = b->no_memory ? give_up(policy) : finish(b);
    return b->no_memory ? give_up(policy) : j;
}

struct judgement judge_record(const struct rules *rules, struct record *record,
                              const struct policy *policy, struct arena *mem)
{
    return judge_record_mode(rules, record, policy, JUDGE_SKIPPING, mem);
}
