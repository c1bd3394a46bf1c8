/* SPDX-License-Identifier: Apache-2.0 */
/* index - a record in the order in which rules ask for it. Facts are sorted by
 * event and id by counting; that is all the work done before rules are looked
 * at, and it is linear in the record. */
#include "judge/judge_private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

slice index_text(const struct fact *f, char room[24])
{
    if (fact_row(f->id)->type != FACT_TYPE_INT)
        return f->text;
    int n = snprintf(room, 24, "%lld", (long long)f->number);
    return (slice){ (const uint8_t *)room, n > 0 ? (size_t)n : 0 };
}

/* Counting sort of facts by one key, stable. */
static bool sort_facts(const struct index *x, const uint32_t *in, uint32_t *out, uint32_t *from,
                       bool by_event)
{
    const struct fact *facts = x->record->facts;
    uint32_t buckets = by_event ? x->record->n_events : FACT_COUNT;
    for (uint32_t i = 0; i < x->n_facts; i++)
        from[(by_event ? facts[i].event : (uint32_t)facts[i].id) + 1]++;
    for (uint32_t b = 0; b < buckets; b++)
        from[b + 1] += from[b];
    for (uint32_t i = 0; i < x->n_facts; i++) {
        uint32_t f = in ? in[i] : i;
        out[from[by_event ? facts[f].event : (uint32_t)facts[f].id]++] = f;
    }
    for (uint32_t b = buckets; b > 0; b--) /* each start was moved to the next one's */
        from[b] = from[b - 1];
    from[0] = 0;
    return true;
}

static bool index_the_facts(struct index *x)
{
    uint32_t *by_id = ARENA_ARRAY(x->mem, uint32_t, (size_t)x->n_facts + 1);
    uint32_t *id_from = ARENA_ARRAY(x->mem, uint32_t, FACT_COUNT + 1);
    x->facts = ARENA_ARRAY(x->mem, uint32_t, (size_t)x->n_facts + 1);
    x->event_facts = ARENA_ARRAY(x->mem, uint32_t, (size_t)x->record->n_events + 2);
    return by_id && id_from && x->facts && x->event_facts &&
           sort_facts(x, NULL, by_id, id_from, false) &&
           sort_facts(x, by_id, x->facts, x->event_facts, true);
}

static bool index_the_events(struct index *x)
{
    const struct record *r = x->record;
    uint32_t *tables = ARENA_ARRAY(x->mem, uint32_t, (size_t)r->n_parts * 3 + r->n_events + 1);
    if (!tables)
        return false;
    x->part_event = tables;
    x->mail_event = tables + r->n_parts;
    x->macro_event = x->mail_event + r->n_parts;
    x->of_kind = x->macro_event + r->n_parts;
    for (uint32_t p = 0; p < r->n_parts; p++)
        x->part_event[p] = x->mail_event[p] = x->macro_event[p] = NO_ID;
    for (uint32_t e = 0; e < r->n_events; e++) {
        uint32_t *first[EVENT_KINDS] = { [EVENT_PART] = x->part_event,
                                         [EVENT_MAIL] = x->mail_event,
                                         [EVENT_MACRO] = x->macro_event };
        uint32_t *t = first[r->events[e].kind];
        if (t && t[r->events[e].part] == NO_ID)
            t[r->events[e].part] = e;
        x->kind_from[r->events[e].kind + 1]++;
    }
    for (uint32_t p = 0; p < r->n_parts; p++) { /* a parent always comes before its children */
        uint32_t up = r->parts[p].parent;
        if (up >= p)
            continue;
        if (x->mail_event[p] == NO_ID)
            x->mail_event[p] = x->mail_event[up];
        if (x->macro_event[p] == NO_ID)
            x->macro_event[p] = x->macro_event[up];
    }
    for (int k = 0; k < EVENT_KINDS; k++)
        x->kind_from[k + 1] += x->kind_from[k];
    uint32_t next[EVENT_KINDS];
    for (int k = 0; k < EVENT_KINDS; k++)
        next[k] = x->kind_from[k];
    for (uint32_t e = 0; e < r->n_events; e++)
        x->of_kind[next[r->events[e].kind]++] = e;
    return true;
}

static bool add_entry(struct index *x, uint32_t event, uint32_t atom, uint32_t from)
{
    if (x->n_entries == x->room_entries) {
        uint32_t room = x->room_entries ? x->room_entries * 2 : 64;
        struct entry *bigger =
            arena_regrow(x->mem, x->entries, x->n_entries * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        x->entries = bigger;
        x->room_entries = room;
    }
    x->entries[x->n_entries++] = (struct entry){ event, atom, from };
    return true;
}

/* A fact whose strings nobody has looked for yet. */
static bool look_here(struct index *x, uint32_t f)
{
    const struct fact *fact = &x->record->facts[f];
    enum fact_type type = fact_row(fact->id)->type;
    char room[24];
    slice text = index_text(fact, room);
    struct list own = x->rules->field_atoms[fact->id];
    struct list any = x->rules->any_atoms;
    if (type == FACT_TYPE_FLAG)
        return true;
    for (uint32_t i = 0; i < own.n; i++)
        if (atom_matches(x->rules, own.at[i], text, NULL) &&
            !add_entry(x, fact->event, own.at[i], f))
            return false;
    if (type == FACT_TYPE_INT)
        return true;
    for (uint32_t i = 0; i < any.n; i++)
        if (atom_matches(x->rules, any.at[i], text, NULL) &&
            !add_entry(x, fact->event, any.at[i], f))
            return false;
    return true;
}

static int by_event_atom(const void *a, const void *b)
{
    const struct entry *p = a, *q = b;
    if (p->event != q->event)
        return p->event < q->event ? -1 : 1;
    if (p->atom != q->atom)
        return p->atom < q->atom ? -1 : 1;
    return p->from < q->from ? -1 : p->from > q->from;
}

static void sort_entries(struct index *x)
{
    enum { FEW = 48 };
    struct entry *e = x->entries;
    if (x->n_entries > FEW) {
        qsort(e, x->n_entries, sizeof *e, by_event_atom);
        return;
    }
    for (uint32_t i = 1; i < x->n_entries; i++) {
        struct entry v = e[i];
        uint32_t at = i;
        for (; at > 0 && by_event_atom(&e[at - 1], &v) > 0; at--)
            e[at] = e[at - 1];
        e[at] = v;
    }
}

static bool index_the_entries(struct index *x)
{
    const struct record *r = x->record;
    for (uint32_t h = 0; h < r->n_hits && !x->direct; h++) {
        const struct hit *hit = &r->hits[h];
        uint16_t field = hit->atom < x->rules->n_atoms ? x->rules->atoms[hit->atom].field : 0;
        if (hit->atom >= x->rules->n_atoms || hit->event >= r->n_events ||
            (field != FIELD_ANY && field != hit->field))
            continue; /* not what the worker was asked for */
        if (!add_entry(x, hit->event, hit->atom, h | ENTRY_HIT))
            return false;
    }
    for (uint32_t f = 0; f < x->n_facts; f++)
        if ((x->direct || !r->facts[f].scanned) && !look_here(x, f))
            return false;
    sort_entries(x);
    x->event_entries = ARENA_ARRAY(x->mem, uint32_t, (size_t)r->n_events + 2);
    x->hit_fact = ARENA_ARRAY(x->mem, uint32_t, (size_t)r->n_hits + 1);
    if (!x->entries)
        x->entries = ARENA_NEW(x->mem, struct entry);
    if (!x->event_entries || !x->hit_fact || !x->entries)
        return false;
    for (uint32_t i = 0; i < x->n_entries; i++)
        x->event_entries[x->entries[i].event + 1]++;
    for (uint32_t e = 0; e < r->n_events; e++)
        x->event_entries[e + 1] += x->event_entries[e];
    return true;
}

int index_build(struct index *x, const struct rules *rules, struct record *record, bool direct,
                struct arena *mem)
{
    *x = (struct index){
        .rules = rules, .record = record, .mem = mem, .direct = direct, .n_facts = record->n_facts
    };
    return index_the_facts(x) && index_the_events(x) && index_the_entries(x) ? 0 : -ENOMEM;
}

uint32_t index_scope(const struct index *x, uint32_t event, uint8_t scope)
{
    const struct record *r = x->record;
    uint32_t part = r->events[event].part;
    switch ((enum scope)scope) {
    case SCOPE_SELF:
        return event;
    case SCOPE_PART:
        return x->part_event[part];
    case SCOPE_MAIL:
        return x->mail_event[part];
    case SCOPE_MACRO:
        return x->macro_event[part];
    case SCOPE_PARENT1:
    case SCOPE_PARENT2:
    case SCOPE_PARENT3:
        for (unsigned up = SCOPE_PARENT1; up <= scope && part != NO_ID; up++)
            part = r->parts[part].parent;
        return part < r->n_parts ? x->part_event[part] : NO_ID;
    case SCOPES:
        break;
    }
    return NO_ID;
}

struct list index_facts(const struct index *x, uint32_t event, uint16_t id)
{
    const struct fact *facts = x->record->facts;
    uint32_t low = x->event_facts[event], end = x->event_facts[event + 1], high = end;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if ((uint16_t)facts[x->facts[mid]].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t n = 0;
    while (low + n < end && (uint16_t)facts[x->facts[low + n]].id == id)
        n++;
    return (struct list){ x->facts + low, n };
}

const struct entry *index_entries(const struct index *x, uint32_t event, uint32_t atom,
                                  uint32_t *n_out)
{
    uint32_t low = x->event_entries[event], end = x->event_entries[event + 1], high = end;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (x->entries[mid].atom < atom)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t n = 0;
    while (low + n < end && x->entries[low + n].atom == atom)
        n++;
    *n_out = n;
    return x->entries + low;
}
