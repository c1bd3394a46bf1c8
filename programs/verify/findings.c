/* SPDX-License-Identifier: Apache-2.0 */
/* findings - each is of a rule that is there, and says of it what the rule says; the facts it
 * cites are of its parts; what an exception took out stands in the exceptions. */
#include "programs/verify/findings.h"

enum { DEPTH_MAX = 64, CITED_MAX = 64 };

static bool find_rule(const struct check *c, slice id, struct found *f)
{
    f->is_promise = slice_is(id, "promise");
    f->order = f->is_promise ? 0 : rules_find(c->rules, id);
    if (f->is_promise) {
        f->layer = LAYER_PROMISE;
        f->level = LEVEL_HIGH;
        return true;
    }
    if (f->order == SIZE_MAX)
        return false;
    f->rule = rules_info(c->rules, f->order);
    bool lower = !f->rule.ours && !c->policy->trust_foreign && f->rule.level > LEVEL_INFORMATIONAL;
    f->level = (enum rule_level)(f->rule.level - (lower ? 1 : 0));
    f->layer = f->rule.layer;
    return slice_eq(f->rule.id, id) && f->rule.in_force && f->rule.state != RULE_OFF;
}

struct found *findings_read(struct check *c, size_t *n_out)
{
    size_t n;
    const struct jsonin *items = shape_list(c->report, "findings", &n);
    struct found *all = ARENA_ARRAY(c->s.mem, struct found, n + 1);
    for (size_t i = 0; all && i < n; i++) {
        all[i] = (struct found){ .map = &items[i],
                                 .parts = jsonin_get(&items[i], "parts"),
                                 .facts = jsonin_get(&items[i], "facts"),
                                 .index = i };
        all[i].counts = !jsonin_get(&items[i], "state") && !jsonin_get(&items[i], "excepted");
        if (!find_rule(c, shape_text(&items[i], "rule"), &all[i]))
            return NULL;
    }
    *n_out = n;
    return all;
}

static bool same_attack(const struct jsonin *list, slice words)
{
    size_t i = 0;
    while (words.len) {
        size_t n = slice_find_byte(words, ' ', 0);
        slice one = slice_sub(words, 0, n == SIZE_MAX ? words.len : n);
        if (one.len && (i >= list->n || !slice_eq(list->items[i].text, one)))
            return false;
        i += one.len > 0;
        words = slice_from(words, one.len + 1);
    }
    return i == list->n;
}

static bool promised(const struct check *c, const struct jsonin *title)
{
    for (size_t i = 0; i < c->policy->n_promises; i++)
        if (slice_eq(shape_text(title, "en"), c->policy->promises[i].reason.en) &&
            slice_eq(shape_text(title, "ja"), c->policy->promises[i].reason.ja))
            return true;
    return false;
}

static void check_words(struct check *c, const struct found *f, size_t i)
{
    const struct jsonin *title = jsonin_get(f->map, "title");
    bool observed = jsonin_get(f->map, "state") != NULL;
    (void)steps_same(&c->s, shape_text(f->map, "level"), slice_of(rule_level_name(f->level)),
                     "$.findings[%zu].level", i);
    if (f->is_promise) {
        (void)steps_hold(&c->s, promised(c, title), MSG_VERIFY_NO_PROMISE, "$.findings[%zu].title",
                         i);
    } else {
        (void)steps_same(&c->s, shape_text(title, "en"), f->rule.title.en,
                         "$.findings[%zu].title.en", i);
        (void)steps_same(&c->s, shape_text(title, "ja"), f->rule.title.ja,
                         "$.findings[%zu].title.ja", i);
    }
    (void)steps_hold(&c->s, same_attack(jsonin_get(f->map, "attack"), f->rule.attack),
                     MSG_VERIFY_ATTACK, "$.findings[%zu].attack", i);
    (void)steps_hold(&c->s, observed == (!f->is_promise && f->rule.state == RULE_OBSERVE),
                     MSG_VERIFY_STATE, "$.findings[%zu].state", i);
}

/* --- the facts it cites */

enum { NEAR_PART = 1, NEAR_ABOVE = 2 };

static void mark(const struct jsonin *parts, const struct found *f, uint8_t *near, bool set)
{
    for (size_t p = 0; p < f->parts->n; p++) {
        uint64_t at = (uint64_t)f->parts->items[p].number;
        near[at] = set ? NEAR_PART : 0;
        for (unsigned up = 0; up < DEPTH_MAX && at > 0; up++) {
            at = shape_number(&parts[at], "parent");
            near[at] = (uint8_t)(set ? near[at] | NEAR_ABOVE : 0);
        }
    }
}

/* Of a part of the finding, of one around it, of one in it or beside it (but not of the whole
 * object beside it); facts of the mail may come from any part of it. */
static bool is_near(const struct jsonin *parts, const struct jsonin *fact, const uint8_t *near)
{
    uint64_t part = shape_number(fact, "part");
    if (near[part] || slice_starts(shape_text(fact, "name"), SLICE_LIT("email.")))
        return true;
    for (unsigned up = 0; up < DEPTH_MAX && part > 0; up++) {
        part = shape_number(&parts[part], "parent");
        if (near[part] & NEAR_PART || (near[part] && part > 0))
            return true;
    }
    return false;
}

/* Facts are cited because the rule asks for them. */
static void check_asked(struct check *c, const struct found *f, size_t i)
{
    size_t n;
    const struct jsonin *facts = shape_list(c->report, "facts", &n);
    (void)steps_hold(&c->s, f->facts->n > 0 || f->is_promise || f->rule.correlation,
                     MSG_VERIFY_CITED, "$.findings[%zu].facts", i);
    for (size_t k = 0; k < f->facts->n && !f->is_promise; k++) {
        enum fact_id id = fact_by_name(shape_text(&facts[f->facts->items[k].number], "name"));
        (void)steps_hold(&c->s, id != FACT_COUNT && rules_asks(c->rules, f->order, id),
                         MSG_VERIFY_NOT_ASKED, "$.findings[%zu].facts[%zu]", i, k);
    }
}

static void check_cited(struct check *c, const struct found *f, size_t i, uint8_t *near)
{
    size_t n;
    const struct jsonin *parts = shape_list(c->report, "parts", &n),
                        *facts = shape_list(c->report, "facts", &n);
    if (f->rule.correlation) { /* joins facts of the whole object */
        c->s.not_comparable++;
        return;
    }
    (void)steps_hold(&c->s, f->parts->n > 0 && f->parts->n <= CITED_MAX && f->facts->n <= CITED_MAX,
                     MSG_VERIFY_CITED, "$.findings[%zu]", i);
    mark(parts, f, near, true);
    for (size_t k = 0; k < f->facts->n; k++)
        (void)steps_hold(&c->s, is_near(parts, &facts[f->facts->items[k].number], near),
                         MSG_VERIFY_FAR, "$.findings[%zu].facts[%zu]", i, k);
    mark(parts, f, near, false);
}

/* --- exceptions */

static bool is_ours(const struct check *c, const struct jsonin *said, const struct rule_info *rule)
{
    for (size_t i = 0; i < c->policy->n_exceptions; i++) {
        const struct exception *e = &c->policy->exceptions[i];
        if (slice_eq(shape_text(said, "rule"), e->rule) &&
            (slice_eq(e->rule, rule->id) || slice_eq(e->rule, rule->uuid)) &&
            slice_eq(shape_text(said, "author"), e->author) &&
            slice_eq(shape_text(said, "reason"), e->reason) &&
            slice_eq(shape_text(said, "expires"), e->expires))
            return true;
    }
    return false;
}

/* One for each finding that is taken out, in their order. */
static void check_exceptions(struct check *c, const struct found *f, size_t n)
{
    size_t n_said, at = 0;
    const struct jsonin *said = shape_list(c->report, "exceptions", &n_said);
    for (size_t i = 0; i < n; i++) {
        if (!jsonin_get(f[i].map, "excepted"))
            continue;
        if (steps_hold(&c->s, at < n_said && shape_number(&said[at], "finding") == i,
                       MSG_VERIFY_EXCEPTION, "$.exceptions[%zu]", at))
            (void)steps_hold(&c->s, is_ours(c, &said[at], &f[i].rule), MSG_VERIFY_EXCEPTION,
                             "$.exceptions[%zu]", at);
        at++;
    }
    (void)steps_hold(&c->s, at == n_said, MSG_VERIFY_EXCEPTION, "$.exceptions");
}

void findings_check(struct check *c)
{
    size_t n = 0, n_parts;
    (void)shape_list(c->report, "parts", &n_parts);
    c->s.kind = STEP_FINDING;
    if (!c->same_rules || !c->same_settings) {
        c->s.not_comparable++;
        return;
    }
    const struct found *all = findings_read(c, &n);
    uint8_t *near = arena_get(c->s.mem, n_parts, 1);
    if (!steps_hold(&c->s, all != NULL && near != NULL, MSG_VERIFY_NO_RULE, "$.findings"))
        return;
    for (size_t i = 0; i < n; i++) {
        check_words(c, &all[i], i);
        check_asked(c, &all[i], i);
        check_cited(c, &all[i], i, near);
    }
    check_exceptions(c, all, n);
}
