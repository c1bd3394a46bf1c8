/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to and from the keeper: round trips, every cut, every bit changed, what is too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/table.h"
#include "wire/keep.h"

enum { MEMORY = 16 << 20 };

static const slice two[] = { SLICE_INIT("a@example.invalid"), SLICE_INIT("b@example.invalid") };

static struct keep_put whole(void)
{
    return (struct keep_put){
        .id = 7,
        .reference = SLICE_LIT("261122-7K3F9Q2M"),
        .time_ms = 1795363200123,
        .door = SLICE_LIT("milter"),
        .direction = SLICE_LIT("in"),
        .client_address = SLICE_LIT("192.0.2.7"),
        .sender = SLICE_LIT("s@example.invalid"),
        .queue_id = SLICE_LIT("4Y1x"),
        .recipients = two,
        .n_recipients = 2,
        .subject = SLICE_LIT("\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8"),
        .verdict = SLICE_LIT("clean"),
        .deed = SLICE_LIT("deliver"),
        .search = SLICE_LIT("http://example.invalid/\nx.doc"),
        .report = SLICE_LIT("{}"),
        .vault = true,
        .size = 5,
        .body = SLICE_LIT("hello"),
    };
}

static bool same_put(const struct keep_put *a, const struct keep_put *b)
{
    bool same = a->id == b->id && a->time_ms == b->time_ms && a->n_recipients == b->n_recipients &&
                a->vault == b->vault && a->size == b->size && a->has_fd == b->has_fd;
    const slice as[] = { a->reference, a->door,     a->direction, a->name,    a->client_address,
                         a->sender,    a->queue_id, a->subject,   a->verdict, a->deed,
                         a->search,    a->report,   a->body };
    const slice bs[] = { b->reference, b->door,     b->direction, b->name,    b->client_address,
                         b->sender,    b->queue_id, b->subject,   b->verdict, b->deed,
                         b->search,    b->report,   b->body };
    for (size_t i = 0; i < sizeof as / sizeof as[0]; i++)
        same = same && slice_eq(as[i], bs[i]);
    for (size_t i = 0; same && i < a->n_recipients; i++)
        same = slice_eq(a->recipients[i], b->recipients[i]);
    return same;
}

static void puts_come_back(void **state)
{
    (void)state;
    struct buf b = buf_new(KEEP_PAYLOAD_MAX);
    struct arena *mem = arena_new(MEMORY);
    struct keep_put p = whole(), got;
    assert_true(keep_put_put(&b, &p) && keep_read_put(buf_slice(&b), mem, &got) &&
                same_put(&p, &got));
    buf_clear(&b);
    p.vault = false, p.has_fd = true, p.body = (slice){ 0 }, p.size = UINT64_C(1) << 40;
    assert_true(keep_put_put(&b, &p) && keep_read_put(buf_slice(&b), mem, &got) &&
                same_put(&p, &got));
    arena_drop(&mem);
    buf_drop(&b);
}

/* Rows of what must not pass, or not as it is. */
static uint8_t much[KEEP_REPORT_MAX + 1];
static slice many[KEEP_RECIPIENTS_MAX + 5];
static void no_id(struct keep_put *p)
{
    p->id = 0;
}
static void no_reference(struct keep_put *p)
{
    p->reference = (slice){ 0 };
}
static void long_reference(struct keep_put *p)
{
    p->reference = (slice){ much, KEEP_REFERENCE_MAX + 1 };
}
static void large_report(struct keep_put *p)
{
    p->report = (slice){ much, sizeof much };
}
static void large_body(struct keep_put *p)
{
    p->body = (slice){ much, p->size = KEEP_INLINE_MAX + 1 };
}
static void both(struct keep_put *p)
{
    p->has_fd = true;
}
static void size_differs(struct keep_put *p)
{
    p->size = 6;
}
static void long_texts(struct keep_put *p)
{
    p->subject = p->sender = p->helo = p->name = p->search = (slice){ much, 1 << 20 };
}
static void many_recipients(struct keep_put *p)
{
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = (slice){ much, 2000 };
    p->recipients = many, p->n_recipients = sizeof many / sizeof many[0];
}
static void no_utf8(struct keep_put *p)
{
    p->subject = SLICE_LIT("\xe8\xab?\xff");
}

static void put_cases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(struct keep_put *p);
        bool put, read;
    } cases[] = {
        { "id 0", no_id, false, false },
        { "no reference", no_reference, false, false },
        { "a long reference", long_reference, false, false },
        { "a report past its limit", large_report, false, false },
        { "a body past its limit", large_body, false, false },
        { "body and descriptor", both, false, false },
        { "a size that is not the body's", size_differs, true, false },
        { "long texts are cut", long_texts, true, true },
        { "too many long recipients are cut", many_recipients, true, true },
        { "no UTF-8", no_utf8, true, true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct buf b = buf_new(64 << 20);
        struct arena *mem = arena_new(MEMORY);
        struct keep_put p = whole(), got = { 0 };
        row->change(&p);
        bool put = keep_put_put(&b, &p), read = put && keep_read_put(buf_slice(&b), mem, &got);
        if (put != row->put || read != row->read)
            table_wrong(&t, row->name, "written %d, read %d", put, read);
        if (read)
            table_true(
                &t, row->name,
                got.subject.len <= KEEP_TEXT_MAX && utf8_valid(got.subject) &&
                    got.search.len <= KEEP_SEARCH_MAX && got.n_recipients <= KEEP_RECIPIENTS_MAX &&
                    got.recipients[1].len <= KEEP_ADDRESS_MAX && slice_eq(got.report, p.report));
        arena_drop(&mem);
        buf_drop(&b);
    }
}

/* A message of each kind; its reader as one function, for cuts and changed bits. */
static bool make_put(struct buf *b)
{
    struct keep_put p = whole();
    return keep_put_put(b, &p);
}
static bool make_kept(struct buf *b)
{
    return keep_put_kept(b, &(struct keep_kept){ 7, -28, SLICE_LIT("full") });
}
static bool make_get(struct buf *b)
{
    return keep_put_get(b, &(struct keep_get){ 7, SLICE_LIT("261122-7K3F9Q2M") });
}
static bool make_got(struct buf *b)
{
    return keep_put_got(b, &(struct keep_got){ 7, true, SLICE_LIT("{}") });
}
static bool make_order(struct buf *b)
{
    return keep_put_order(b, &(struct keep_order){ .id = 7,
                                                   .what = KEEP_DEED,
                                                   .reference = SLICE_LIT("r"),
                                                   .who = SLICE_LIT("w"),
                                                   .verb = SLICE_LIT("release"),
                                                   .argument = SLICE_LIT("/x"),
                                                   .note = SLICE_LIT("n") });
}
static bool make_done(struct buf *b)
{
    return keep_put_done(b, &(struct keep_done){ 7, 0, SLICE_LIT("") });
}

static bool read_put(slice s, struct arena *mem)
{
    struct keep_put p;
    return keep_read_put(s, mem, &p) && p.n_recipients <= KEEP_RECIPIENTS_MAX &&
           p.body.len <= KEEP_INLINE_MAX;
}
static bool read_kept(slice s, struct arena *mem)
{
    struct keep_kept k;
    (void)mem;
    return keep_read_kept(s, &k) && k.error <= 0;
}
static bool read_get(slice s, struct arena *mem)
{
    struct keep_get g;
    (void)mem;
    return keep_read_get(s, &g) && g.reference.len <= KEEP_REFERENCE_MAX;
}
static bool read_got(slice s, struct arena *mem)
{
    struct keep_got g;
    (void)mem;
    return keep_read_got(s, &g);
}
static bool read_order(slice s, struct arena *mem)
{
    struct keep_order o;
    return keep_read_order(s, mem, &o) && o.what >= KEEP_DEED && o.what <= KEEP_TIDY;
}
static bool read_done(slice s, struct arena *mem)
{
    struct keep_done d;
    (void)mem;
    return keep_read_done(s, &d);
}

static const struct {
    const char *name;
    bool (*make)(struct buf *b);
    bool (*read)(slice s, struct arena *mem);
} kinds[] = {
    { "put", make_put, read_put },       { "kept", make_kept, read_kept },
    { "get", make_get, read_get },       { "got", make_got, read_got },
    { "order", make_order, read_order }, { "done", make_done, read_done },
};

static void cuts_and_changes(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, kind, kinds)
    {
        struct buf b = buf_new(1 << 20);
        struct arena *mem = arena_new(MEMORY);
        table_true(&t, kind->name, kind->make(&b) && kind->read(buf_slice(&b), mem));
        for (size_t n = 0; n < b.len; n++) {
            uint8_t *exact = malloc(n ? n : 1);
            assert_non_null(exact);
            (void)slice_copy_out(buf_slice(&b), exact, n);
            if (kind->read((slice){ exact, n }, mem))
                table_wrong(&t, kind->name, "its first %zu bytes pass", n);
            free(exact);
            arena_reset(mem);
        }
        for (size_t bit = 0; bit < b.len * 8; bit++) { /* passes or not: within its bounds */
            b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            (void)kind->read(buf_slice(&b), mem);
            b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            arena_reset(mem);
        }
        buf_byte(&b, 0);
        if (kind->read(buf_slice(&b), mem))
            table_wrong(&t, kind->name, "passes with a byte behind its end");
        arena_drop(&mem);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(puts_come_back),
                                        cmocka_unit_test(put_cases),
                                        cmocka_unit_test(cuts_and_changes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
