/* SPDX-License-Identifier: Apache-2.0 */
/* correlate - Sigma correlation rules 2.0 over the matches of one record.
 *
 * A record is one moment: `timespan` always holds here, and the order of
 * events is the order in which they appeared. Without fields to group by (or
 * grouped by report) the whole record is one group; an event with several
 * values of a field belongs to several groups.
 */
#include "judge/judge_private.h"
#include <errno.h>
#include <stdlib.h>

enum { MEMBERS_MAX = 1 << 16, KEYS_PER_EVENT = 64, LINKS_MAX = 256 };

struct member {
    slice key;
    uint32_t event, ref, match;
};

struct members {
    struct member *at;
    uint32_t n, room;
};

static int compare(slice a, slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int by_key_event_ref(const void *a, const void *b)
{
    const struct member *p = a, *q = b;
    int order = compare(p->key, q->key);
    if (order)
        return order;
    if (p->event != q->event)
        return p->event < q->event ? -1 : 1;
    if (p->ref != q->ref)
        return p->ref < q->ref ? -1 : 1;
    return p->match < q->match ? -1 : p->match > q->match;
}

static int by_text(const void *a, const void *b)
{
    return compare(*(const slice *)a, *(const slice *)b);
}

static bool add_member(const struct index *x, struct members *m, struct member new)
{
    if (m->n >= MEMBERS_MAX)
        return true;
    if (m->n == m->room) {
        uint32_t room = m->room ? m->room * 2 : 64;
        struct member *bigger =
            arena_regrow(x->mem, m->at, m->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        m->at = bigger;
        m->room = room;
    }
    m->at[m->n++] = new;
    return true;
}

static struct list values(const struct index *x, uint32_t event, struct field f)
{
    uint32_t there = index_scope(x, event, f.scope);
    return there == NO_ID ? (struct list){ 0 } : index_facts(x, there, f.id);
}

/* Length-prefixed values of all fields in a row; empty when out of memory. */
static slice make_key(const struct index *x, const struct list *lists, const uint32_t *turn,
                      uint32_t n)
{
    struct buf b = buf_new(1 << 20);
    for (uint32_t i = 0; i < n; i++) {
        char room[24];
        slice v = index_text(&x->record->facts[lists[i].at[turn[i]]], room);
        buf_format(&b, "%llu:", (unsigned long long)v.len);
        buf_put(&b, v);
    }
    slice key = arena_copy(x->mem, buf_slice(&b));
    buf_drop(&b);
    return key;
}

/* One member for each combination of the values of the fields to group by. */
static bool add_match(const struct index *x, const struct correlation *c, uint32_t ref,
                      struct member m, struct members *out)
{
    struct list lists[GROUP_FIELDS_MAX];
    uint32_t turn[GROUP_FIELDS_MAX] = { 0 };
    if (c->n_groups == 0)
        return add_member(x, out, m);
    for (uint32_t i = 0; i < c->n_groups; i++) {
        lists[i] = values(x, m.event, c->groups[ref * c->n_groups + i]);
        if (lists[i].n == 0)
            return true; /* no value, no group */
    }
    for (uint32_t keys = 0; keys < KEYS_PER_EVENT; keys++) {
        m.key = make_key(x, lists, turn, c->n_groups);
        if (m.key.len == 0 || !add_member(x, out, m))
            return false;
        uint32_t i = 0;
        while (i < c->n_groups && ++turn[i] == lists[i].n)
            turn[i++] = 0;
        if (i == c->n_groups)
            break;
    }
    return true;
}

static bool collect(const struct index *x, const struct correlation *c, const struct matches *m,
                    struct members *out)
{
    for (uint32_t ref = 0; ref < c->n_refs; ref++)
        for (uint32_t i = m->first[c->refs[ref]]; i; i = m->at[i - 1].next)
            if (!add_match(
                    x, c, ref,
                    (struct member){ .event = m->at[i - 1].event, .ref = ref, .match = i - 1 },
                    out))
                return false;
    return true;
}

static int64_t count_events(const struct member *g, uint32_t n)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += i == 0 || g[i].event != g[i - 1].event;
    return count;
}

/* Distinct values of the field; -1 when out of memory. */
static int64_t count_values(const struct index *x, const struct correlation *c,
                            const struct member *g, uint32_t n)
{
    size_t total = 0, have = 0;
    for (uint32_t i = 0; i < n; i++)
        total += values(x, g[i].event, c->value[g[i].ref]).n;
    slice *all = ARENA_ARRAY(x->mem, slice, total + 1);
    if (!all)
        return -1;
    for (uint32_t i = 0; i < n; i++) {
        struct list l = values(x, g[i].event, c->value[g[i].ref]);
        for (uint32_t j = 0; j < l.n; j++) {
            char room[24];
            slice v = index_text(&x->record->facts[l.at[j]], room);
            all[have++] = v.at == (const uint8_t *)room ? arena_copy(x->mem, v) : v;
        }
    }
    qsort(all, have, sizeof *all, by_text);
    int64_t count = 0;
    for (size_t i = 0; i < have; i++)
        count += i == 0 || !slice_eq(all[i], all[i - 1]);
    return count;
}

static int64_t count_refs(const struct correlation *c, const struct member *g, uint32_t n,
                          struct arena *mem)
{
    bool *seen = ARENA_ARRAY(mem, bool, (size_t)c->n_refs + 1);
    int64_t count = 0;
    for (uint32_t i = 0; seen && i < n; i++) {
        count += !seen[g[i].ref];
        seen[g[i].ref] = true;
    }
    return seen ? count : -1;
}

/* How many of the rules stand in their order; the earliest event of each will do. */
static int64_t count_in_order(const struct member *g, uint32_t n)
{
    uint32_t want = 0;
    for (uint32_t i = 0; i < n; i++)
        want += g[i].ref == want;
    return want;
}

static bool link_group(const struct index *x, struct matches *m, const struct correlation *c,
                       const struct member *g, uint32_t n, struct match *out)
{
    uint32_t take = n < LINKS_MAX ? n : LINKS_MAX;
    if (take > m->room_links - m->n_links) {
        uint32_t room = m->room_links * 2 + take;
        struct link *bigger =
            arena_regrow(x->mem, m->links, m->n_links * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        m->links = bigger;
        m->room_links = room;
    }
    *out = (struct match){ .event = g[n - 1].event, .from = m->n_links, .n = take };
    for (uint32_t i = 0; i < take; i++)
        m->links[m->n_links++] = (struct link){ c->refs[g[i].ref], g[i].match };
    return true;
}

static bool try_group(const struct index *x, uint32_t rule, const struct correlation *c,
                      const struct member *g, uint32_t n, struct matches *m)
{
    int64_t count = 0;
    switch ((enum correlation_kind)c->kind) {
    case CORRELATE_EVENT_COUNT:
        count = count_events(g, n);
        break;
    case CORRELATE_VALUE_COUNT:
        count = count_values(x, c, g, n);
        break;
    case CORRELATE_TEMPORAL:
        count = count_refs(c, g, n, x->mem);
        break;
    case CORRELATE_ORDERED:
        count = count_in_order(g, n);
        break;
    case CORRELATION_KINDS:
        break;
    }
    if (count < 0)
        return false;
    if (count < c->least || count > c->most)
        return true;
    struct match match;
    return link_group(x, m, c, g, n, &match) && matches_add(m, x->mem, rule, match);
}

static bool correlate(const struct index *x, uint32_t rule, struct matches *m)
{
    const struct correlation *c = &x->rules->correlations[x->rules->rules[rule].correlation];
    struct members all = { 0 };
    if (!collect(x, c, m, &all))
        return false;
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_key_event_ref);
    for (uint32_t i = 0; i < all.n;) {
        uint32_t end = i + 1;
        while (end < all.n && slice_eq(all.at[end].key, all.at[i].key))
            end++;
        if (!try_group(x, rule, c, all.at + i, end - i, m))
            return false;
        i = end;
    }
    return true;
}

int correlate_all(const struct index *x, struct matches *m)
{
    struct list order = x->rules->order;
    for (uint32_t i = 0; i < order.n; i++)
        if (x->rules->rules[order.at[i]].runs && !(x->silent && x->silent[order.at[i]]) &&
            !correlate(x, order.at[i], m))
            return -ENOMEM;
    return 0;
}
