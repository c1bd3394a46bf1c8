/* SPDX-License-Identifier: Apache-2.0 */
/* The frame stream: what goes in comes out, and nothing that a taken-over
 * worker may send gets past the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "wire/frames.h"

enum { STREAM_MAX = 8 << 20, RECORD_MEMORY = 64 << 20 };

/* --- a stream in memory */

struct stream {
    struct frames_out out;
    struct buf bytes;
    unsigned puts;
};

static bool put(void *host, slice bytes)
{
    struct stream *s = host;
    buf_put(&s->bytes, bytes);
    s->puts++;
    return !s->bytes.full;
}

static struct stream *stream_new(void)
{
    struct stream *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->bytes = buf_new(STREAM_MAX);
    s->out.host = s;
    s->out.put = put;
    return s;
}

static void stream_drop(struct stream *s)
{
    buf_drop(&s->bytes);
    free(s);
}

/* --- reading one, and proving that ids are in range */

static void take_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    const struct record *r = host;
    (void)at;
    assert_true(part < r->n_parts && bytes.len > 0);
}

static void check_record(const struct record *r)
{
    for (uint32_t i = 0; i < r->n_parts; i++) {
        assert_true(i == 0 ? r->parts[i].parent == NO_ID : r->parts[i].parent < i);
        assert_true(r->parts[i].how < HOW_KINDS && r->parts[i].end < WALK_NOT_MINE);
        assert_true(utf8_valid(r->parts[i].name) && utf8_valid(r->parts[i].type));
    }
    for (uint32_t i = 0; i < r->n_events; i++)
        assert_true(r->events[i].kind < EVENT_KINDS && r->events[i].part < r->n_parts);
    for (uint32_t i = 0; i < r->n_facts; i++) {
        const struct fact *f = &r->facts[i];
        assert_true(f->id < FACT_COUNT && f->event < r->n_events && f->part < r->n_parts);
        assert_true(f->at.from <= f->at.to && utf8_valid(f->text));
        enum fact_type type = fact_row(f->id)->type;
        if (type == FACT_TYPE_FLAG)
            assert_int_equal(f->number, 1);
        if (type == FACT_TYPE_FLAG || type == FACT_TYPE_INT)
            assert_int_equal(f->text.len, 0);
    }
    for (uint32_t i = 0; i < r->n_hits; i++)
        assert_true(r->hits[i].field < FACT_COUNT && r->hits[i].event < r->n_events &&
                    utf8_valid(r->hits[i].excerpt));
    for (uint32_t i = 0; i < r->n_effects; i++) {
        const struct effect *e = &r->effects[i];
        assert_true(e->kind < EFFECT_KINDS && e->part < r->n_parts && e->event < r->n_events);
        for (uint32_t j = 0; j < e->n_arguments; j++)
            assert_true(utf8_valid(e->arguments[j].name) && utf8_valid(e->arguments[j].value));
        for (uint32_t j = 0; j < e->n_origins; j++)
            assert_true(e->origins[j].part < r->n_parts);
    }
    for (uint32_t i = 0; i < r->n_unread; i++)
        assert_true(r->unread[i].cause < UNREAD_CAUSES && r->unread[i].part < r->n_parts);
    for (uint32_t i = 0; i < r->n_views; i++)
        assert_true(fact_row(r->views[i].id)->type == FACT_TYPE_VIEW &&
                    r->views[i].part < r->n_parts);
}

static enum frames_status read_into(struct record *r, struct frames_in *in, slice bytes,
                                    size_t step, struct frames_done *done)
{
    struct sink sink = record_sink(r);
    sink.bytes = take_bytes;
    enum frames_status status = FRAMES_MORE;
    frames_in_start(in, &sink);
    for (size_t at = 0; at < bytes.len && status == FRAMES_MORE; at += step) {
        slice piece = slice_sub(bytes, at, step);
        uint8_t *exact = malloc(piece.len); /* so that a read past its end is seen */
        assert_non_null(exact);
        (void)slice_copy_out(piece, exact, piece.len);
        status = frames_in_feed(in, (slice){ exact, piece.len }, done);
        free(exact);
    }
    return status;
}

/* --- random but valid records */

static uint64_t seed;
static uint32_t rnd(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

static slice text(struct arena *mem, uint32_t max)
{
    static const char *const pieces[] = {
        "請求書", "a", ".doc", " ", "\xf0\x9f\x93\x8e", "http://example.invalid/"
    };
    struct buf b = buf_new(max + 64);
    for (uint32_t n = rnd(max + 1); b.len < n;)
        buf_text(&b, pieces[rnd(6)]);
    slice s = arena_copy(mem, buf_slice(&b));
    buf_drop(&b);
    return s;
}

static struct range range(void)
{
    uint64_t from = rnd(1000000);
    return (struct range){ from, from + rnd(1000) };
}

static void send_effect(struct arena *mem, const struct sink *out, const struct record *r)
{
    struct effect_argument arguments[3] = { { text(mem, 20), text(mem, 20) },
                                            { text(mem, 4), text(mem, 400) },
                                            { text(mem, 4), text(mem, 4) } };
    struct effect_origin origins[2] = { { rnd(r->n_parts), range(), rnd(100) },
                                        { rnd(r->n_parts), range(), rnd(100) } };
    slice via[2] = { text(mem, 10), text(mem, 10) };
    struct effect e = { (enum effect_kind)rnd(EFFECT_KINDS),
                        rnd(r->n_parts),
                        rnd(r->n_events),
                        rnd(2),
                        text(mem, 50),
                        arguments,
                        origins,
                        via,
                        rnd(4),
                        rnd(3),
                        rnd(3),
                        rnd(2) };
    out->effect(out->host, &e);
}

static void send_fact(struct arena *mem, const struct sink *out, const struct record *r)
{
    struct fact f = { .id = (enum fact_id)rnd(FACT_COUNT),
                      .event = rnd(r->n_events),
                      .part = rnd(r->n_parts),
                      .at = range(),
                      .line = rnd(500),
                      .scanned = rnd(2) };
    switch (fact_row(f.id)->type) {
    case FACT_TYPE_FLAG:
        f.number = 1;
        break;
    case FACT_TYPE_INT:
        f.number = (int64_t)((uint64_t)rnd(UINT32_MAX) << 33) - rnd(1000);
        break;
    default:
        f.text = text(mem, rnd(20) ? 60 : 60000);
    }
    out->fact(out->host, &f);
}

static void send_view(struct arena *mem, const struct sink *out, const struct record *r)
{
    slice t = text(mem, rnd(4) ? 2000 : 250000);
    struct view v = { FACT_EMAIL_BODY, rnd(r->n_parts), t.len + rnd(100), t };
    out->view(out->host, &v);
}

/* One finding, to both sinks at once; `r` is what has been said so far. */
static void send_one(struct arena *mem, const struct sink *out, struct record *r)
{
    struct part p = { .parent = r->n_parts ? rnd(r->n_parts) : NO_ID,
                      .how = (enum part_how)rnd(HOW_KINDS),
                      .name = text(mem, 80),
                      .type = text(mem, 20),
                      .declared = text(mem, 50),
                      .size = (uint64_t)rnd(UINT32_MAX) << 20 };
    for (size_t i = 0; i < 32; i++)
        p.sha256[i] = (uint8_t)rnd(256);
    uint32_t what = r->n_parts ? rnd(r->n_events ? 12 : 2) : 0;
    struct event e = { (enum event_kind)rnd(EVENT_KINDS), r->n_parts ? rnd(r->n_parts) : 0 };
    struct hit h = { rnd(5000),     r->n_events ? rnd(r->n_events) : 0,
                     e.part,        (enum fact_id)rnd(FACT_COUNT),
                     range(),       rnd(100),
                     text(mem, 100) };
    struct unread u = { rnd(2) ? UNREAD_LIMIT : UNREAD_ENCRYPTED, e.part, (enum unread_of)rnd(UNREAD_OFS), text(mem, 30) };
    if (what == 0)
        out->part(out->host, &p);
    else if (what == 1)
        out->event(out->host, &e);
    else if (what == 2)
        out->hit(out->host, &h);
    else if (what == 3)
        send_effect(mem, out, r);
    else if (what == 4)
        out->unread(out->host, &u);
    else if (what == 5)
        send_view(mem, out, r);
    else
        send_fact(mem, out, r);
}

/* Sends each finding to the stream and to a record of its own. */
struct both {
    struct sink a, b;
};
#define BOTH(name, ...)                                                                            \
    static void both_##name(void *host, __VA_ARGS__)                                               \
    {                                                                                              \
        struct both *x = host;
BOTH(part, const struct part *p) x->a.part(x->a.host, p);
x->b.part(x->b.host, p);
}
BOTH(part_end, uint32_t p, slice t, enum walk_end e) x->a.part_end(x->a.host, p, t, e);
x->b.part_end(x->b.host, p, t, e);
}
BOTH(event, const struct event *e) x->a.event(x->a.host, e);
x->b.event(x->b.host, e);
}
BOTH(fact, const struct fact *f) x->a.fact(x->a.host, f);
x->b.fact(x->b.host, f);
}
BOTH(hit, const struct hit *h) x->a.hit(x->a.host, h);
x->b.hit(x->b.host, h);
}
BOTH(effect, const struct effect *e) x->a.effect(x->a.host, e);
x->b.effect(x->b.host, e);
}
BOTH(unread, const struct unread *u) x->a.unread(x->a.host, u);
x->b.unread(x->b.host, u);
}
BOTH(view, const struct view *v) x->a.view(x->a.host, v);
x->b.view(x->b.host, v);
}

static void make_stream(struct stream *s, struct record *r, uint64_t with_seed, uint32_t findings)
{
    struct both both = { frames_sink(&s->out), record_sink(r) };
    struct sink out = { &both,    both_part,   both_part_end, both_event, both_fact,
                        both_hit, both_effect, both_unread,   both_view,  NULL };
    seed = with_seed;
    for (uint32_t i = 0; i < findings; i++)
        send_one(r->mem, &out, r);
    for (uint32_t i = r->n_parts; i-- > 0;)
        out.part_end(out.host, i, text(r->mem, 20), (enum walk_end)rnd(WALK_CRASHED));
    frames_send_done(&s->out, &(struct frames_done){ 12345, with_seed & 1 });
    assert_false(s->bytes.full || s->out.lost);
}

static void same_effects(const struct record *a, const struct record *b)
{
    assert_int_equal(a->n_effects, b->n_effects);
    for (uint32_t i = 0; i < a->n_effects; i++) {
        const struct effect *x = &a->effects[i], *y = &b->effects[i];
        assert_true(x->kind == y->kind && x->part == y->part && x->event == y->event &&
                    x->known == y->known && x->conditional == y->conditional && slice_eq(x->sink, y->sink));
        assert_true(x->n_arguments == y->n_arguments && x->n_origins == y->n_origins &&
                    x->n_via == y->n_via);
        for (uint32_t j = 0; j < x->n_arguments; j++)
            assert_true(slice_eq(x->arguments[j].name, y->arguments[j].name) &&
                        slice_eq(x->arguments[j].value, y->arguments[j].value));
        for (uint32_t j = 0; j < x->n_origins; j++)
            assert_true(x->origins[j].part == y->origins[j].part &&
                        x->origins[j].line == y->origins[j].line &&
                        x->origins[j].at.from == y->origins[j].at.from &&
                        x->origins[j].at.to == y->origins[j].at.to);
        for (uint32_t j = 0; j < x->n_via; j++)
            assert_true(slice_eq(x->via[j], y->via[j]));
    }
}

static void same_record(const struct record *a, const struct record *b)
{
    assert_int_equal(a->n_parts, b->n_parts);
    assert_int_equal(a->n_facts, b->n_facts);
    assert_true(a->n_events == b->n_events && a->n_hits == b->n_hits &&
                a->n_unread == b->n_unread && a->n_views == b->n_views);
    for (uint32_t i = 0; i < a->n_parts; i++) {
        const struct part *x = &a->parts[i], *y = &b->parts[i];
        assert_true(x->parent == y->parent && x->how == y->how && x->size == y->size &&
                    x->end == y->end && x->closed && y->closed);
        assert_true(slice_eq(x->name, y->name) && slice_eq(x->type, y->type) &&
                    slice_eq(x->declared, y->declared));
        assert_memory_equal(x->sha256, y->sha256, 32);
    }
    for (uint32_t i = 0; i < a->n_events; i++)
        assert_true(a->events[i].kind == b->events[i].kind &&
                    a->events[i].part == b->events[i].part);
    for (uint32_t i = 0; i < a->n_facts; i++) {
        const struct fact *x = &a->facts[i], *y = &b->facts[i];
        assert_true(x->id == y->id && x->event == y->event && x->part == y->part &&
                    x->line == y->line && x->scanned == y->scanned);
        assert_true(x->number == y->number && x->at.from == y->at.from && x->at.to == y->at.to &&
                    slice_eq(x->text, y->text));
    }
    for (uint32_t i = 0; i < a->n_hits; i++) {
        const struct hit *x = &a->hits[i], *y = &b->hits[i];
        assert_true(x->atom == y->atom && x->event == y->event && x->part == y->part &&
                    x->field == y->field && x->line == y->line);
        assert_true(x->at.from == y->at.from && x->at.to == y->at.to &&
                    slice_eq(x->excerpt, y->excerpt));
    }
    for (uint32_t i = 0; i < a->n_unread; i++)
        assert_true(a->unread[i].cause == b->unread[i].cause &&
                    a->unread[i].part == b->unread[i].part &&
                    a->unread[i].of == b->unread[i].of &&
                    slice_eq(a->unread[i].name, b->unread[i].name));
    for (uint32_t i = 0; i < a->n_views; i++)
        assert_true(a->views[i].id == b->views[i].id && a->views[i].size == b->views[i].size &&
                    slice_eq(a->views[i].text, b->views[i].text));
    same_effects(a, b);
}

/* --- tests */

static void round_trips(void **state)
{
    (void)state;
    static const size_t steps[] = { SIZE_MAX, 1, 3, 4096, 65536 };
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    for (uint64_t i = 1; i <= 60; i++) {
        struct stream *s = stream_new();
        struct arena *mem = arena_new(RECORD_MEMORY), *mem2 = arena_new(RECORD_MEMORY);
        struct record sent, got;
        struct frames_done done = { 0 };
        record_init(&sent, mem);
        record_init(&got, mem2);
        make_stream(s, &sent, i, i < 50 ? 40 : 400);
        size_t step = s->bytes.len > 200000 ? steps[3 + i % 2] : steps[i % 5];
        assert_int_equal(read_into(&got, in, buf_slice(&s->bytes),
                                   step == SIZE_MAX ? s->bytes.len : step, &done),
                         FRAMES_DONE);
        assert_int_equal(done.cpu_us, 12345);
        assert_int_equal(done.last, i & 1);
        same_record(&sent, &got);
        check_record(&got);
        arena_drop(&mem);
        arena_drop(&mem2);
        stream_drop(s);
    }
    frames_in_drop(&in);
}

/* What came before the cut stands, and abandoning closes every part. */
static void every_truncation(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    struct stream *s = stream_new();
    struct arena *mem = arena_new(RECORD_MEMORY);
    struct record sent;
    record_init(&sent, mem);
    make_stream(s, &sent, 4, 25); /* about 4 KiB and one long view */
    for (size_t n = 0; n < s->bytes.len; n += n < 2000 ? 1 : 397) {
        struct arena *mem2 = arena_new(RECORD_MEMORY);
        struct record got;
        struct frames_done done;
        record_init(&got, mem2);
        assert_int_equal(
            read_into(&got, in, slice_sub(buf_slice(&s->bytes), 0, n), n ? n : 1, &done),
            FRAMES_MORE);
        const struct part root = { .parent = NO_ID, .name = SLICE_LIT("root") };
        frames_in_abandon(in, &root, WALK_CRASHED, UNREAD_CRASHED, UNREAD_OF_PROCESS);
        assert_true(got.n_parts >= 1 && got.n_unread >= 1);
        assert_int_equal(got.unread[got.n_unread - 1].cause, UNREAD_CRASHED);
        for (uint32_t i = 0; i < got.n_parts; i++)
            assert_true(got.parts[i].closed);
        check_record(&got);
        arena_drop(&mem2);
    }
    arena_drop(&mem);
    stream_drop(s);
    frames_in_drop(&in);
}

static void bit_flips(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    struct arena *mem = arena_new(RECORD_MEMORY), *mem2 = arena_new(RECORD_MEMORY);
    unsigned bad = 0;
    for (uint64_t i = 0; i < 12; i++) {
        struct stream *s = stream_new();
        struct record sent;
        arena_reset(mem);
        record_init(&sent, mem);
        make_stream(s, &sent, 100 + i, 20);
        size_t bits =
            s->bytes.len < 20000 ? s->bytes.len * 8 : 0; /* long views only cost time here */
        for (size_t bit = 0; bit < bits; bit += 1 + rnd(12)) {
            struct record got;
            struct frames_done done;
            arena_reset(mem2);
            record_init(&got, mem2);
            s->bytes.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            bad += read_into(&got, in, buf_slice(&s->bytes), s->bytes.len, &done) == FRAMES_BAD;
            s->bytes.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check_record(&got);
        }
        stream_drop(s);
    }
    assert_true(bad > 100);
    arena_drop(&mem);
    arena_drop(&mem2);
    frames_in_drop(&in);
}

/* Frames that a taken-over worker might send, behind a valid part 0 and event 0. */
static void number(struct buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(v >> 8 * i));
}

#define N(bytes, value)                                                                            \
    {                                                                                              \
        bytes, value                                                                               \
    }
#define RANGE(from, to) N(8, from), N(8, to)
#define EMPTY N(4, 0)
#define TEXT_X N(4, 1), N(1, 'x')
#define FACT_OF(id, event, part, number)                                                           \
    N(4, id), N(4, event), N(4, part), RANGE(0, 0), N(4, 0), N(1, 0), N(8, number)

static const struct {
    const char *name;
    uint8_t type;
    struct {
        unsigned bytes;
        uint64_t value;
    } fields[40];
    uint32_t length; /* said; 0: the true one */
} hostile[] = {
    { "unknown type 0", 0, { N(4, 0) }, 0 },
    { "unknown type 200", 200, { N(4, 0) }, 0 },
    { "a second HELLO", FRAME_HELLO, { N(4, 1) }, 0 },
    { "empty part", FRAME_PART, { N(1, 0) }, 0 },
    { "part of itself",
      FRAME_PART,
      { N(4, 1), N(1, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), EMPTY, EMPTY, EMPTY },
      0 },
    { "second root",
      FRAME_PART,
      { N(4, NO_ID), N(1, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), EMPTY, EMPTY, EMPTY },
      0 },
    { "part by unknown means",
      FRAME_PART,
      { N(4, 0), N(1, HOW_KINDS), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), EMPTY, EMPTY,
        EMPTY },
      0 },
    { "part with a tail",
      FRAME_PART,
      { N(4, 0), N(1, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), EMPTY, EMPTY, EMPTY,
        N(1, 0) },
      0 },
    { "name longer than the frame",
      FRAME_PART,
      { N(4, 0), N(1, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(4, 9999) },
      0 },
    { "name of 4 GiB",
      FRAME_PART,
      { N(4, 0), N(1, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(8, 0), N(4, UINT32_MAX) },
      0 },
    { "end of no part", FRAME_PART_END, { N(4, 7), N(1, 0), EMPTY }, 0 },
    { "worker says crashed", FRAME_PART_END, { N(4, 0), N(1, WALK_CRASHED), EMPTY }, 0 },
    { "worker says timeout", FRAME_PART_END, { N(4, 0), N(1, WALK_TIMEOUT), EMPTY }, 0 },
    { "not mine", FRAME_PART_END, { N(4, 0), N(1, WALK_NOT_MINE), EMPTY }, 0 },
    { "event of no part", FRAME_EVENT, { N(1, 0), N(4, 1) }, 0 },
    { "unknown event", FRAME_EVENT, { N(1, EVENT_KINDS), N(4, 0) }, 0 },
    { "unknown fact", FRAME_FACT, { FACT_OF(FACT_COUNT, 0, 0, 1), EMPTY }, 0 },
    { "fact of no event", FRAME_FACT, { FACT_OF(FACT_FILE_NAME, 1, 0, 0), TEXT_X }, 0 },
    { "fact of no part", FRAME_FACT, { FACT_OF(FACT_FILE_NAME, 0, 1, 0), TEXT_X }, 0 },
    { "range turned round",
      FRAME_FACT,
      { N(4, FACT_FILE_NAME), N(4, 0), N(4, 0), RANGE(2, 1), N(4, 0), N(1, 0), N(8, 0), TEXT_X },
      0 },
    { "unknown bit",
      FRAME_FACT,
      { N(4, FACT_FILE_NAME), N(4, 0), N(4, 0), RANGE(0, 0), N(4, 0), N(1, 2), N(8, 0), TEXT_X },
      0 },
    { "flag with text", FRAME_FACT, { FACT_OF(FACT_OFFICE_MACRO, 0, 0, 1), TEXT_X }, 0 },
    { "flag that is 2", FRAME_FACT, { FACT_OF(FACT_OFFICE_MACRO, 0, 0, 2), EMPTY }, 0 },
    { "number with text", FRAME_FACT, { FACT_OF(FACT_FILE_SIZE, 0, 0, 2), TEXT_X }, 0 },
    { "hit on no field",
      FRAME_HIT,
      { N(4, 0), N(4, 0), N(4, 0), N(4, FACT_COUNT), RANGE(0, 0), N(4, 0), EMPTY },
      0 },
    { "hit excerpt too long",
      FRAME_HIT,
      { N(4, 0), N(4, 0), N(4, 0), N(4, 0), RANGE(0, 0), N(4, 0), N(4, 300) },
      0 },
    { "unknown effect",
      FRAME_EFFECT,
      { N(1, EFFECT_KINDS), N(4, 0), N(4, 0), N(1, 0), EMPTY, N(4, 0), N(4, 0), N(4, 0) },
      0 },
    { "effect with 4 G arguments",
      FRAME_EFFECT,
      { N(1, 0), N(4, 0), N(4, 0), N(1, 0), EMPTY, N(4, UINT32_MAX), N(4, 0), N(4, 0) },
      0 },
    { "effect with arguments that are not there",
      FRAME_EFFECT,
      { N(1, 0), N(4, 0), N(4, 0), N(1, 0), EMPTY, N(4, 200), N(4, 0), N(4, 0) },
      0 },
    { "origin in no part",
      FRAME_EFFECT,
      { N(1, 0), N(4, 0), N(4, 0), N(1, 0), EMPTY, N(4, 0), N(4, 1), N(4, 0), N(4, 5), RANGE(0, 0),
        N(4, 0) },
      0 },
    { "known is 4",
      FRAME_EFFECT,
      { N(1, 0), N(4, 0), N(4, 0), N(1, 4), EMPTY, N(4, 0), N(4, 0), N(4, 0) },
      0 },
    { "unread for no cause", FRAME_UNREAD, { N(1, UNREAD_CAUSES), N(4, 0), N(1, 0), EMPTY }, 0 },
    { "worker says crashed of unread", FRAME_UNREAD, { N(1, UNREAD_CRASHED), N(4, 0), N(1, 0), EMPTY }, 0 },
    { "unread of nothing listed", FRAME_UNREAD, { N(1, UNREAD_LIMIT), N(4, 0), N(1, UNREAD_OFS), EMPTY }, 0 },
    { "view of a number", FRAME_VIEW, { N(4, FACT_FILE_SIZE), N(4, 0), N(8, 0), EMPTY }, 0 },
    { "bytes of no part", FRAME_BYTES, { N(4, 3), N(8, 0), N(1, 0) }, 0 },
    { "bytes at the end of numbers", FRAME_BYTES, { N(4, 0), N(8, UINT64_MAX), N(1, 0) }, 0 },
    { "done with an open part", FRAME_DONE, { N(8, 0), N(1, 0) }, 0 },
    { "done twice over", FRAME_DONE, { N(8, 0), N(1, 2) }, 0 },
    { "frame of 4 GiB", FRAME_FACT, { N(1, 0) }, UINT32_MAX },
    { "frame a byte too long", FRAME_VIEW, { N(1, 0) }, FRAME_PAYLOAD_MAX + 1 },
};

static void hostile_frames(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct stream *s = stream_new();
        struct sink out = frames_sink(&s->out);
        out.part(out.host, &(struct part){ .parent = NO_ID });
        out.event(out.host, &(struct event){ EVENT_PART, 0 });
        frames_flush(&s->out);
        struct buf payload = buf_new(4096);
        for (size_t f = 0; f < 40 && hostile[i].fields[f].bytes; f++)
            number(&payload, hostile[i].fields[f].value, hostile[i].fields[f].bytes);
        buf_byte(&s->bytes, hostile[i].type);
        number(&s->bytes, hostile[i].length ? hostile[i].length : payload.len, 4);
        buf_put(&s->bytes, buf_slice(&payload));
        struct arena *mem = arena_new(RECORD_MEMORY);
        struct record got;
        struct frames_done done;
        record_init(&got, mem);
        enum frames_status status =
            read_into(&got, in, buf_slice(&s->bytes), 1 + i % 3 * 1000, &done);
        if (status != FRAMES_BAD)
            fail_msg("%s: status %d", hostile[i].name, (int)status);
        assert_int_equal(got.n_parts, 1); /* what came before stands */
        assert_int_equal(got.n_events, 1);
        assert_int_equal(got.n_facts + got.n_hits + got.n_effects + got.n_unread + got.n_views, 0);
        assert_true(strlen(frames_in_why(in)) > 5);
        arena_drop(&mem);
        buf_drop(&payload);
        stream_drop(s);
    }
    frames_in_drop(&in);
}

static void first_things_first(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    struct stream *s = stream_new();
    struct sink out = frames_sink(&s->out);
    struct arena *mem = arena_new(RECORD_MEMORY);
    struct record got;
    struct frames_done done;
    record_init(&got, mem);
    out.event(out.host, &(struct event){ EVENT_PART, 0 }); /* before any part */
    frames_flush(&s->out);
    assert_int_equal(read_into(&got, in, buf_slice(&s->bytes), 100, &done), FRAMES_BAD);

    buf_clear(&s->bytes); /* bytes that nobody asked for */
    out.part(out.host, &(struct part){ .parent = NO_ID });
    out.bytes(out.host, 0, 0, SLICE_LIT("secret"));
    frames_flush(&s->out);
    struct sink no_bytes = record_sink(&got);
    frames_in_start(in, &no_bytes);
    assert_int_equal(frames_in_feed(in, buf_slice(&s->bytes), &done), FRAMES_BAD);

    buf_clear(&s->bytes); /* one more byte behind the end */
    frames_send_done(&s->out, &(struct frames_done){ 0 });
    buf_byte(&s->bytes, 1);
    assert_int_equal(read_into(&got, in, buf_slice(&s->bytes), 100, &done), FRAMES_BAD);
    arena_drop(&mem);
    stream_drop(s);
    frames_in_drop(&in);
}

static void text_is_cleaned_and_cut(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    struct stream *s = stream_new();
    struct sink out = frames_sink(&s->out);
    struct arena *mem = arena_new(RECORD_MEMORY);
    struct record got;
    struct frames_done done;
    record_init(&got, mem);
    struct buf large = buf_new(3 << 20);
    while (large.len < (2 << 20))
        buf_text(&large, "見積");
    struct part root = { .parent = NO_ID,
                         .name = SLICE_LIT("a\xff"
                                           "b"),
                         .type = buf_slice(&large) };
    out.part(out.host, &root);
    out.event(out.host, &(struct event){ EVENT_PART, 0 });
    struct fact f = { .id = FACT_FILE_NAME, .text = buf_slice(&large) };
    out.fact(out.host, &f);
    struct effect_argument arguments[300];
    for (size_t i = 0; i < 300; i++)
        arguments[i] = (struct effect_argument){ buf_slice(&large), buf_slice(&large) };
    struct effect e = { .sink = buf_slice(&large), .arguments = arguments, .n_arguments = 300 };
    out.effect(out.host, &e);
    out.part_end(out.host, 0, root.type, WALK_WHOLE);
    frames_send_done(&s->out, &(struct frames_done){ 0 });
    assert_int_equal(read_into(&got, in, buf_slice(&s->bytes), 65536, &done), FRAMES_DONE);
    assert_true(slice_is(got.parts[0].name, "a\xef\xbf\xbd"
                                            "b"));
    assert_true(got.facts[0].text.len <= FRAMES_TEXT_MAX &&
                got.facts[0].text.len > FRAMES_TEXT_MAX - 8);
    assert_int_equal(got.effects[0].n_arguments, FRAMES_LIST_MAX);
    check_record(&got);
    buf_drop(&large);
    arena_drop(&mem);
    stream_drop(s);
    frames_in_drop(&in);
}

/* Small answers go out in one piece, large ones as they grow. */
static void flushing(void **state)
{
    (void)state;
    struct stream *s = stream_new();
    struct sink out = frames_sink(&s->out);
    out.part(out.host, &(struct part){ .parent = NO_ID });
    out.event(out.host, &(struct event){ EVENT_PART, 0 });
    for (int i = 0; i < 100; i++)
        out.fact(out.host, &(struct fact){ .id = FACT_FILE_SIZE });
    assert_int_equal(s->puts, 0);
    for (int i = 0; i < 2000; i++)
        out.fact(out.host, &(struct fact){ .id = FACT_FILE_SIZE });
    assert_true(s->puts >= 2 && s->puts <= 4);
    out.part_end(out.host, 0, (slice){ 0 }, WALK_WHOLE);
    assert_false(s->out.limits);
    out.unread(out.host, &(struct unread){ UNREAD_LIMIT, 0, UNREAD_OF_WORK, { 0 } });
    assert_true(s->out.limits);
    frames_send_done(&s->out, &(struct frames_done){ 0 });
    assert_false(s->out.limits);
    assert_int_equal(s->out.len, 0);
    stream_drop(s);
}

static void greetings(void **state)
{
    (void)state;
    struct stream *s = stream_new();
    frames_send_hello(&s->out, &(struct frames_hello){ true, true, 7 });
    struct frames_hello h = { 0 };
    struct frames_in *in;
    static const struct sink none = { 0 };
    assert_int_equal(frames_in_new(&in), 0);
    for (size_t n = 0; n < s->bytes.len; n++) { /* in two pieces */
        frames_in_start(in, &none);
        slice all = buf_slice(&s->bytes);
        assert_int_equal(frames_in_hello(in, slice_sub(all, 0, n), &h), FRAMES_MORE);
        assert_int_equal(frames_in_hello(in, slice_from(all, n), &h), FRAMES_DONE);
        assert_true(h.landlock && h.seccomp && h.landlock_abi == 7);
    }
    for (size_t n = 0; n < s->bytes.len - 3; n++) { /* every byte up to the dictionary counts */
        frames_in_start(in, &none);
        s->bytes.at[n] ^= 1;
        enum frames_status status = frames_in_hello(in, buf_slice(&s->bytes), &h);
        assert_true(status == FRAMES_BAD || (status == FRAMES_MORE && n >= 1 && n < FRAME_HEAD));
        s->bytes.at[n] ^= 1;
    }
    frames_in_start(in, &none);
    buf_byte(&s->bytes, 0);
    assert_int_equal(frames_in_hello(in, buf_slice(&s->bytes), &h), FRAMES_BAD);
    stream_drop(s);
    frames_in_drop(&in);
}

/* The innermost part that was open is the one that was not read. */
static void abandoned(void **state)
{
    (void)state;
    struct frames_in *in;
    assert_int_equal(frames_in_new(&in), 0);
    struct stream *s = stream_new();
    struct sink out = frames_sink(&s->out);
    out.part(out.host, &(struct part){ .parent = NO_ID, .type = SLICE_LIT("eml") });
    out.part(out.host, &(struct part){ .parent = 0, .type = SLICE_LIT("zip") });
    out.part(out.host, &(struct part){ .parent = 1, .type = SLICE_LIT("text") });
    out.part_end(out.host, 2, SLICE_LIT("text"), WALK_WHOLE);
    frames_flush(&s->out);
    struct arena *mem = arena_new(RECORD_MEMORY);
    struct record got;
    struct frames_done done;
    record_init(&got, mem);
    assert_int_equal(read_into(&got, in, buf_slice(&s->bytes), 4096, &done), FRAMES_MORE);
    frames_in_abandon(in, &(struct part){ .parent = NO_ID }, WALK_TIMEOUT, UNREAD_LIMIT,
                      UNREAD_OF_TIME);
    assert_int_equal(got.n_parts, 3);
    assert_int_equal(got.parts[0].end, WALK_TIMEOUT);
    assert_int_equal(got.parts[1].end, WALK_TIMEOUT);
    assert_int_equal(got.parts[2].end, WALK_WHOLE);
    assert_true(slice_is(got.parts[0].type, "eml") && slice_is(got.parts[1].type, "zip"));
    assert_int_equal(got.unread[0].part, 1);
    assert_true(got.unread[0].of == UNREAD_OF_TIME);
    arena_drop(&mem);
    stream_drop(s);
    frames_in_drop(&in);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),        cmocka_unit_test(every_truncation),
        cmocka_unit_test(bit_flips),          cmocka_unit_test(hostile_frames),
        cmocka_unit_test(first_things_first), cmocka_unit_test(text_is_cleaned_and_cut),
        cmocka_unit_test(flushing),           cmocka_unit_test(greetings),
        cmocka_unit_test(abandoned),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
