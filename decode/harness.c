/* SPDX-License-Identifier: Apache-2.0 */
/* harness - see harness.h. */
#include "decode/harness.h"
#include "base/text.h"

static void no_fact(void *host, struct walk *w, struct fact *f) { (void)host, (void)w, (void)f; }

struct tally *tally_run(const struct tally_options *o, slice in)
{
    static const struct walk_hooks none = { .fact = no_fact };
    struct arena *kept = arena_new(256u << 20);
    CHECK(kept);
    struct tally *t = ARENA_NEW(kept, struct tally);
    CHECK(t);
    t->kept = kept;
    t->mem = arena_new(o->ceiling ? o->ceiling : 64u << 20);
    CHECK(t->mem);
    if (o->fail_at)
        arena_fail_at(t->mem, o->fail_at);
    t->budget = o->budget ? *o->budget : budget_default();
    record_init(&t->r, kept);
    struct password hints[16];
    size_t n = 0;
    for (; o->passwords && o->passwords[n] && n < 16; n++)
        hints[n] = (struct password){ .text = slice_of(o->passwords[n]), .source = PASSWORD_HINT, .part = NO_ID };
    struct scan_request request = {
        .body = body_borrow(in),
        .name = slice_of(o->name),
        .declared = slice_of(o->declared),
        .hints = hints,
        .n_hints = n,
        .only = o->only ? o->only : o->format ? format_named(o->format) : NULL,
    };
    CHECK(!o->format || request.only);
    if (request.only && !request.only->walk)
        request.only = NULL; /* it lives in bundles: the container must be sniffed */
    struct sink sink = record_sink(&t->r);
    scan_run(&request, o->hooks ? o->hooks : &none, &sink, t->mem, &t->budget);
    return t;
}

struct tally *tally_format(const char *format, slice in)
{
    return tally_run(&(struct tally_options){ .format = format }, in);
}

struct tally *tally_look(void *host, void (*look)(void *host, struct walk *w), const struct tally_options *o)
{
    const struct walk_hooks hooks = { .host = host, .part_begin = look };
    struct tally_options with = o ? *o : (struct tally_options){ 0 };
    with.hooks = &hooks;
    return tally_run(&with, SLICE_LIT("x"));
}

void tally_drop(struct tally **tp)
{
    struct tally *t = *tp;
    *tp = NULL;
    if (!t)
        return;
    arena_drop(&t->mem);
    struct arena *kept = t->kept;
    arena_drop(&kept);
}

void tally_memory_ends(const struct tally_options *o, slice in, size_t allocations)
{
    struct tally_options short_of = *o;
    for (short_of.fail_at = 1; short_of.fail_at < allocations; short_of.fail_at++) {
        struct tally *t = tally_run(&short_of, in);
        tally_check(t);
        tally_drop(&t);
    }
}

const struct fact *tally_fact(const struct tally *t, enum fact_id id)
{
    for (uint32_t i = 0; i < t->r.n_facts; i++)
        if (t->r.facts[i].id == id)
            return &t->r.facts[i];
    return NULL;
}

size_t tally_facts(const struct tally *t, enum fact_id id)
{
    size_t n = 0;
    for (uint32_t i = 0; i < t->r.n_facts; i++)
        n += t->r.facts[i].id == id;
    return n;
}

slice tally_text(const struct tally *t, enum fact_id id, size_t n)
{
    for (uint32_t i = 0; i < t->r.n_facts; i++)
        if (t->r.facts[i].id == id && n-- == 0)
            return t->r.facts[i].text;
    return (slice){ 0 };
}

bool tally_has(const struct tally *t, enum fact_id id, const char *text)
{
    for (uint32_t i = 0; i < t->r.n_facts; i++)
        if (t->r.facts[i].id == id && slice_is(t->r.facts[i].text, text))
            return true;
    return false;
}

uint32_t tally_part_named(const struct tally *t, const char *name)
{
    for (uint32_t i = 0; i < t->r.n_parts; i++)
        if (slice_is(t->r.parts[i].name, name))
            return i;
    return NO_ID;
}

uint32_t tally_part_typed(const struct tally *t, const char *type)
{
    for (uint32_t i = 0; i < t->r.n_parts; i++)
        if (slice_is(t->r.parts[i].type, type))
            return i;
    return NO_ID;
}

slice tally_view(const struct tally *t, enum fact_id id, uint32_t part)
{
    for (uint32_t i = 0; i < t->r.n_views; i++)
        if (t->r.views[i].id == id && t->r.views[i].part == part)
            return t->r.views[i].text;
    return (slice){ 0 };
}

bool tally_unread(const struct tally *t, enum unread_cause cause)
{
    for (uint32_t i = 0; i < t->r.n_unread; i++)
        if (t->r.unread[i].cause == cause)
            return true;
    return false;
}

void tally_check(const struct tally *t)
{
    const struct record *r = &t->r;
    CHECK(!r->full || r->n_facts > 0);
    for (uint32_t i = 0; i < r->n_parts; i++) {
        CHECK(i == 0 ? r->parts[i].parent == NO_ID : r->parts[i].parent < i);
        CHECK(r->parts[i].end != WALK_NOT_MINE && r->parts[i].closed);
        CHECK(utf8_valid(r->parts[i].name) && r->parts[i].type.len > 0);
    }
    for (uint32_t i = 0; i < r->n_facts; i++) {
        const struct fact *f = &r->facts[i];
        CHECK(f->part < r->n_parts && f->event < r->n_events);
        CHECK(fact_row(f->id)->layer == r->events[f->event].kind);
        CHECK(utf8_valid(f->text) && f->at.from <= f->at.to);
        /* A parent's range is legal: a container names what it gave its child. */
        CHECK(f->at.to <= r->parts[f->part].size || f->at.to == 0);
    }
    for (uint32_t i = 0; i < r->n_views; i++)
        CHECK(utf8_valid(r->views[i].text));
}
