/* SPDX-License-Identifier: Apache-2.0 */
/* verdict - what follows from the findings and from what was not read (docs/rules.md, "Level and
 * verdict"), worked out apart from the judge: the order of the findings, the verdict, the votes of
 * the layers, the name, the reason and what to do. */
#include "judge/texts.h"
#include "programs/verify/findings.h"
#include "programs/verify/reason.h"

#include <stdlib.h>

enum { MEDIUMS_COMPARED = 64 };

static bool is_medium(const struct found *f)
{
    return f->counts && f->level == LEVEL_MEDIUM;
}

static int by_weight(const void *a, const void *b)
{
    const struct found *p = *(const struct found *const *)a, *q = *(const struct found *const *)b;
    if (p->is_promise != q->is_promise)
        return p->is_promise ? -1 : 1;
    if (p->level != q->level)
        return p->level > q->level ? -1 : 1;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    for (size_t i = 0; !p->is_promise && i < p->parts->n && i < q->parts->n; i++)
        if (p->parts->items[i].number != q->parts->items[i].number)
            return p->parts->items[i].number < q->parts->items[i].number ? -1 : 1;
    if (!p->is_promise && p->parts->n != q->parts->n)
        return p->parts->n < q->parts->n ? -1 : 1;
    return p->index < q->index ? -1 : 1;
}

/* Has `a` a number that `b` has not? Both ascend. */
static bool has_more(const struct jsonin *a, const struct jsonin *b)
{
    size_t k = 0;
    for (size_t i = 0; i < a->n; i++) {
        while (k < b->n && b->items[k].number < a->items[i].number)
            k++;
        if (k == b->n || b->items[k].number != a->items[i].number)
            return true;
    }
    return false;
}

static bool independent(const struct found *p, const struct found *q)
{
    return !slice_eq(p->rule.family, q->rule.family) && has_more(p->facts, q->facts) &&
           has_more(q->facts, p->facts);
}

struct decision {
    enum verdict verdict;
    const struct found *first, *beside; /* on which it rests; NULL: on no finding */
};

/* `sorted`: by weight. */
static struct decision decide(const struct found **sorted, size_t n)
{
    const struct found *medium[MEDIUMS_COMPARED];
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (sorted[i]->counts && sorted[i]->level >= LEVEL_HIGH)
            return (struct decision){ VERDICT_MALICIOUS, sorted[i], NULL };
        if (is_medium(sorted[i]) && m < MEDIUMS_COMPARED)
            medium[m++] = sorted[i];
    }
    for (size_t i = 0; i < m; i++)
        for (size_t k = i + 1; k < m; k++)
            if (independent(medium[i], medium[k]))
                return (struct decision){ VERDICT_SUSPICIOUS, medium[i], medium[k] };
    return (struct decision){ VERDICT_CLEAN, NULL, NULL };
}

/* What stands in the way of "clean", the most telling first. */
static bool unread_cause(const struct check *c, enum unread_cause *out)
{
    static const enum unread_cause ranked[] = { UNREAD_CRASHED, UNREAD_LIMIT, UNREAD_ENCRYPTED,
                                                UNREAD_NO_READER, UNREAD_DAMAGED };
    bool there[UNREAD_CAUSES] = { false };
    size_t n;
    const struct jsonin *items = shape_list(c->report, "unread", &n);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < UNREAD_CAUSES; k++)
            there[k] |=
                slice_is(shape_text(&items[i], "cause"), unread_cause_name((enum unread_cause)k));
    items = shape_list(c->report, "parts", &n);
    for (size_t i = 0; i < n; i++) {
        slice end = shape_text(&items[i], "end");
        there[UNREAD_LIMIT] |= slice_is(end, "limit");
        there[UNREAD_CRASHED] |= slice_is(end, "crashed") || slice_is(end, "timeout");
    }
    for (size_t i = 0; i < sizeof ranked / sizeof ranked[0]; i++)
        if (there[ranked[i]]) {
            *out = ranked[i];
            return true;
        }
    return false;
}

/* --- votes */

static bool present(const struct check *c, enum layer l)
{
    if (l == LAYER_PROMISE && c->policy->n_promises)
        return true;
    for (size_t i = 0; i < rules_count(c->rules); i++) {
        struct rule_info r = rules_info(c->rules, i);
        if (r.layer == l && r.in_force && r.state != RULE_OFF)
            return true;
    }
    return false;
}

static enum vote vote_of(const struct found *f)
{
    if (!f->counts || f->level < LEVEL_MEDIUM)
        return VOTE_NOTE;
    return f->level >= LEVEL_HIGH ? VOTE_MALICIOUS : VOTE_SUSPICIOUS;
}

static void check_vote(struct check *c, const struct jsonin *said, enum layer l,
                       const struct found *all, size_t n, const struct decision *d)
{
    const struct jsonin *listed = jsonin_get(said, "findings");
    bool off = c->policy->layers_off & layer_bit(l), decided = false, same = true;
    enum vote vote = off ? VOTE_OFF : present(c, l) ? VOTE_CLEAN : VOTE_NONE;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i].layer != l)
            continue;
        same &= listed && k < listed->n && (uint64_t)listed->items[k].number == i;
        k++;
        vote = vote_of(&all[i]) > vote ? vote_of(&all[i]) : vote;
        decided |= &all[i] == d->first || &all[i] == d->beside;
    }
    (void)steps_same(&c->s, shape_text(said, "layer"), slice_of(layer_name(l)), "$.votes[%d].layer",
                     (int)l);
    (void)steps_same(&c->s, shape_text(said, "vote"), slice_of(vote_name(vote)), "$.votes[%d].vote",
                     (int)l);
    (void)steps_hold(&c->s, same && k == (listed ? listed->n : 0), MSG_VERIFY_VOTE,
                     "$.votes[%d].findings", (int)l);
    (void)steps_hold(&c->s, decided == (jsonin_get(said, "decided") != NULL), MSG_VERIFY_VOTE,
                     "$.votes[%d].decided", (int)l);
}

/* --- in words */

static struct rule_text either(struct rule_text a, struct rule_text b)
{
    return (struct rule_text){ a.en.len ? a.en : b.en, a.ja.len ? a.ja : b.ja };
}

static void check_text(struct check *c, const char *key, struct rule_text wanted,
                       const struct found *of)
{
    const struct jsonin *said = jsonin_get(c->report, key);
    enum reason_fit en = reason_fits(c, wanted.en, shape_text(said, "en"), of),
                    ja = reason_fits(c, wanted.ja, shape_text(said, "ja"), of);
    c->s.not_comparable += (size_t)(en == REASON_UNCLEAR) + (size_t)(ja == REASON_UNCLEAR);
    if (en != REASON_UNCLEAR)
        (void)steps_hold(&c->s, en == REASON_FITS, MSG_VERIFY_WORDS, "$.%s.en", key);
    if (ja != REASON_UNCLEAR)
        (void)steps_hold(&c->s, ja == REASON_FITS, MSG_VERIFY_WORDS, "$.%s.ja", key);
}

static void check_words(struct check *c, const struct decision *d, bool findings)
{
    const struct found *f = d->first;
    enum unread_cause cause = UNREAD_LIMIT;
    struct rule_text reason, todo;
    slice name;
    if (f) {
        reason = f->is_promise
                     ? either((struct rule_text){ shape_text(jsonin_get(f->map, "title"), "en"),
                                                  shape_text(jsonin_get(f->map, "title"), "ja") },
                              text_promise())
                     : either(f->rule.reason, f->rule.title);
        reason.ja = reason.ja.len ? reason.ja : reason.en;
        todo = either(f->rule.todo, text_todo(d->verdict));
        name = f->is_promise ? SLICE_LIT("Policy.Mail.SenderPromise") : f->rule.name;
    } else {
        bool unknown = unread_cause(c, &cause);
        reason = unknown ? text_unread(cause) : text_clean(findings);
        todo = unknown ? text_unread_todo(cause) : text_todo(VERDICT_CLEAN);
        name = unknown ? text_unread_name(cause) : (slice){ 0 };
    }
    (void)steps_same(&c->s, shape_text(c->report, "name"), name, "$.name");
    check_text(c, "reason", reason, f);
    check_text(c, "todo", todo, f);
}

/* The one that decides comes first, then the others by weight. */
static void check_order(struct check *c, const struct found **sorted, size_t n,
                        const struct found *first)
{
    size_t at = 0;
    bool good = true;
    if (first)
        good = first->index == at++;
    for (size_t i = 0; i < n; i++)
        if (sorted[i] != first)
            good &= sorted[i]->index == at++;
    (void)steps_hold(&c->s, good, MSG_VERIFY_ORDER, "$.findings");
}

void verdict_check(struct check *c)
{
    size_t n = 0, n_votes;
    const struct jsonin *votes = shape_list(c->report, "votes", &n_votes);
    enum unread_cause cause;
    c->s.kind = STEP_VERDICT;
    if (!c->same_rules || !c->same_settings) {
        bool clean = slice_is(shape_text(c->report, "verdict"), "clean");
        (void)steps_hold(&c->s, !clean || !unread_cause(c, &cause), MSG_VERIFY_NOT_CLEAN,
                         "$.verdict");
        return;
    }
    const struct found *all = findings_read(c, &n);
    const struct found **sorted = arena_get(c->s.mem, n + 1, sizeof *sorted);
    if (!all || !sorted) /* said already, by the findings */
        return;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &all[i];
    qsort(sorted, n, sizeof *sorted, by_weight);
    struct decision d = decide(sorted, n);
    if (!d.first && unread_cause(c, &cause))
        d.verdict = VERDICT_UNKNOWN;
    check_order(c, sorted, n, d.first);
    (void)steps_same(&c->s, shape_text(c->report, "verdict"), slice_of(verdict_name(d.verdict)),
                     "$.verdict");
    check_words(c, &d, n > 0);
    (void)steps_same_number(&c->s, n_votes, LAYERS, "$.votes.length");
    for (size_t l = 0; l < n_votes && l < LAYERS; l++)
        check_vote(c, &votes[l], (enum layer)l, all, n, &d);
}
