/* SPDX-License-Identifier: Apache-2.0 */
/* test_support - what the tests of this room share. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "judge/image.h"
#include "judge/judge_private.h"

/* Compiled rules and the image they point into. */
struct compiled {
    struct buf image;
    struct rules *rules;
    struct err err;
    int code;
};

static inline struct compiled compile_sources(const struct rule_source *sources, size_t n)
{
    struct compiled c = { .image = buf_new(IMAGE_MAX) };
    c.code = rules_compile(sources, n, &c.image, &c.err);
    if (c.code == 0)
        c.code = rules_open(buf_slice(&c.image), &c.rules, &c.err);
    return c;
}

static inline struct compiled compile_text(const char *text, bool ours)
{
    struct rule_source s = { SLICE_LIT("t.yml"), slice_of(text), ours };
    return compile_sources(&s, 1);
}

static inline void compiled_drop(struct compiled *c)
{
    rules_drop(&c->rules);
    buf_drop(&c->image);
}

/* A record filled by hand. */
struct sheet {
    struct arena *mem;
    struct record record;
    struct sink sink;
};

static inline void sheet_open(struct sheet *s)
{
    s->mem = arena_new(1 << 28);
    assert_non_null(s->mem);
    record_init(&s->record, s->mem);
    s->sink = record_sink(&s->record);
}

static inline void sheet_drop(struct sheet *s)
{
    arena_drop(&s->mem);
}

static inline uint32_t sheet_part(struct sheet *s, uint32_t parent, const char *type)
{
    struct part p = { .parent = parent, .type = slice_of(type) };
    s->sink.part(&s->record, &p);
    s->sink.part_end(&s->record, s->record.n_parts - 1, slice_of(type), WALK_WHOLE);
    return s->record.n_parts - 1;
}

static inline uint32_t sheet_event(struct sheet *s, enum event_kind kind, uint32_t part)
{
    s->sink.event(&s->record, &(struct event){ kind, part });
    return s->record.n_events - 1;
}

static inline uint32_t sheet_text(struct sheet *s, uint32_t event, enum fact_id id,
                                  const char *text)
{
    struct fact f = {
        .id = id, .event = event, .part = s->record.events[event].part, .text = slice_of(text)
    };
    s->sink.fact(&s->record, &f);
    return s->record.n_facts - 1;
}

static inline uint32_t sheet_number(struct sheet *s, uint32_t event, enum fact_id id, int64_t n)
{
    struct fact f = { .id = id, .event = event, .part = s->record.events[event].part, .number = n };
    s->sink.fact(&s->record, &f);
    return s->record.n_facts - 1;
}

/* Streams hits for all texts, as the engine does in the worker. */
struct sheet_hit {
    struct sheet *s;
    uint32_t fact;
};

static inline void sheet_on_hit(void *host, uint32_t atom, struct range at)
{
    struct sheet_hit *h = host;
    const struct fact *f = &h->s->record.facts[h->fact];
    size_t len = (size_t)(at.to - at.from);
    struct hit hit = { .atom = atom,
                       .event = f->event,
                       .part = f->part,
                       .field = f->id,
                       .at = at,
                       .excerpt = slice_sub(f->text, (size_t)at.from, len < 160 ? len : 160) };
    h->s->sink.hit(&h->s->record, &hit);
}

static inline void sheet_scan(struct sheet *s, const struct rules *r)
{
    struct rule_scanner *scanner = NULL;
    assert_int_equal(rule_scanner_new(r, &scanner, NULL), 0);
    for (uint32_t i = 0; i < s->record.n_facts; i++) {
        struct fact *f = &s->record.facts[i];
        struct sheet_hit host = { s, i };
        if (!rule_scanner_wants(scanner, f->id))
            continue;
        rule_scanner_scan(scanner, f->id, f->text, sheet_on_hit, &host);
        s->record.facts[i].scanned = true;
    }
    rule_scanner_drop(&scanner);
}
