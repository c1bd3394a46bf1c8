/* SPDX-License-Identifier: Apache-2.0 */
/* record - collects a scan; the sender is not trusted. */
#include "facts/record.h"

enum list { PARTS, EVENTS, FACTS, HITS, EFFECTS, UNREAD, VIEWS, LISTS };

/* The worker's budget keeps honest scans far below these. */
static const uint32_t caps[LISTS] = { 1 << 16, 1 << 17, 1 << 19, 1 << 18, 1 << 16, 1 << 16, 1 << 16 };

void record_init(struct record *r, struct arena *mem)
{
    *r = (struct record){ .mem = mem };
}

/* A new element behind the last, or NULL with r->full. The old array stays in
 * the arena: doubling wastes at most as much again. */
static void *grow(struct record *r, enum list l, void **array, uint32_t *n, size_t size)
{
    if (*n == r->room[l]) {
        uint32_t room = r->room[l] ? r->room[l] * 2 : 32;
        void *bigger = *n >= caps[l] ? NULL : arena_regrow(r->mem, *array, *n * size, room, size);
        if (!bigger) {
            r->full = true;
            return NULL;
        }
        *array = bigger;
        r->room[l] = room;
    }
    return (uint8_t *)*array + (size_t)(*n)++ * size;
}

#define GROW(r, l, array, n) grow(r, l, (void **)&(r)->array, &(r)->n, sizeof *(r)->array)

static slice keep(struct record *r, slice s)
{
    slice copy = arena_copy(r->mem, s);
    if (copy.len != s.len)
        r->full = true;
    return copy;
}

static void take_part(void *host, const struct part *p)
{
    struct record *r = host;
    bool fits = r->n_parts == 0 ? p->parent == NO_ID : p->parent < r->n_parts;
    struct part *new = fits ? GROW(r, PARTS, parts, n_parts) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    *new = *p;
    new->name = keep(r, p->name);
    new->type = keep(r, p->type);
    new->declared = keep(r, p->declared);
}

static void take_part_end(void *host, uint32_t part, slice type, enum walk_end end)
{
    struct record *r = host;
    if (part >= r->n_parts) {
        r->full = true;
        return;
    }
    r->parts[part].end = end;
    r->parts[part].closed = true;
    if (!slice_eq(r->parts[part].type, type))
        r->parts[part].type = keep(r, type);
}

static void take_event(void *host, const struct event *e)
{
    struct record *r = host;
    struct event *new = e->part < r->n_parts ? GROW(r, EVENTS, events, n_events) : NULL;
    if (new)
        *new = *e;
    else
        r->full = true;
}

static void take_fact(void *host, const struct fact *f)
{
    struct record *r = host;
    bool fits = f->part < r->n_parts && f->event < r->n_events;
    struct fact *new = fits ? GROW(r, FACTS, facts, n_facts) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    *new = *f;
    new->text = keep(r, f->text);
}

static void take_hit(void *host, const struct hit *h)
{
    struct record *r = host;
    bool fits = h->part < r->n_parts && h->event < r->n_events;
    struct hit *new = fits ? GROW(r, HITS, hits, n_hits) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    *new = *h;
    new->excerpt = keep(r, h->excerpt);
}

static bool keep_effect_lists(struct record *r, struct effect *e)
{
    struct effect_argument *arguments = ARENA_ARRAY(r->mem, struct effect_argument, e->n_arguments + 1);
    struct effect_origin *origins = ARENA_ARRAY(r->mem, struct effect_origin, e->n_origins + 1);
    slice *via = ARENA_ARRAY(r->mem, slice, e->n_via + 1);
    if (!arguments || !origins || !via)
        return false;
    for (uint32_t i = 0; i < e->n_arguments; i++)
        arguments[i] = (struct effect_argument){ keep(r, e->arguments[i].name), keep(r, e->arguments[i].value) };
    for (uint32_t i = 0; i < e->n_origins; i++) {
        if (e->origins[i].part >= r->n_parts)
            return false;
        origins[i] = e->origins[i];
    }
    for (uint32_t i = 0; i < e->n_via; i++)
        via[i] = keep(r, e->via[i]);
    e->arguments = arguments;
    e->origins = origins;
    e->via = via;
    return true;
}

static void take_effect(void *host, const struct effect *e)
{
    struct record *r = host;
    struct effect copy = *e;
    bool fits = e->part < r->n_parts && e->event < r->n_events && keep_effect_lists(r, &copy);
    struct effect *new = fits ? GROW(r, EFFECTS, effects, n_effects) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    copy.sink = keep(r, e->sink);
    *new = copy;
}

static void take_unread(void *host, const struct unread *u)
{
    struct record *r = host;
    struct unread *new = u->part < r->n_parts ? GROW(r, UNREAD, unread, n_unread) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    *new = *u;
    new->name = keep(r, u->name);
}

static void take_view(void *host, const struct view *v)
{
    struct record *r = host;
    struct view *new = v->part < r->n_parts ? GROW(r, VIEWS, views, n_views) : NULL;
    if (!new) {
        r->full = true;
        return;
    }
    *new = *v;
    new->text = keep(r, v->text);
}

struct sink record_sink(struct record *r)
{
    return (struct sink){ r, take_part, take_part_end, take_event, take_fact, take_hit, take_effect, take_unread, take_view, NULL };
}

const char *part_how_name(enum part_how h)
{
    static const char *const names[HOW_KINDS] = { "file", "mime", "mbox", "zip", "gzip", "ole", "opc", "html", "unmask", "pdf", "archive" };
    CHECK(h < HOW_KINDS);
    return names[h];
}

const char *walk_end_name(enum walk_end e)
{
    static const char *const names[] = { "whole", "short", "broken", "limit", "crashed", "timeout", "not-mine" };
    CHECK(e <= WALK_NOT_MINE);
    return names[e];
}

const char *unread_cause_name(enum unread_cause c)
{
    static const char *const names[UNREAD_CAUSES] = { "encrypted", "limit", "damaged", "crashed", "no-reader" };
    CHECK(c < UNREAD_CAUSES);
    return names[c];
}

const char *effect_kind_name(enum effect_kind k)
{
    static const char *const names[EFFECT_KINDS] = { "download", "write", "run", "load", "persist", "query", "delay", "message" };
    CHECK(k < EFFECT_KINDS);
    return names[k];
}

const struct fact *record_find_in_event(const struct record *r, uint32_t event, enum fact_id id)
{
    for (uint32_t i = 0; i < r->n_facts; i++)
        if (r->facts[i].event == event && r->facts[i].id == id)
            return &r->facts[i];
    return NULL;
}

const struct fact *record_find_in_part(const struct record *r, uint32_t part, enum fact_id id)
{
    for (uint32_t i = 0; i < r->n_facts; i++)
        if (r->facts[i].part == part && r->facts[i].id == id)
            return &r->facts[i];
    return NULL;
}

uint32_t record_event_above(const struct record *r, uint32_t part, enum event_kind kind)
{
    while (part < r->n_parts) {
        for (uint32_t i = 0; i < r->n_events; i++)
            if (r->events[i].part == part && r->events[i].kind == kind)
                return i;
        part = r->parts[part].parent;
    }
    return NO_ID;
}
