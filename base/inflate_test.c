/* SPDX-License-Identifier: Apache-2.0 */
/* Streams are written by hand as stored and fixed-Huffman blocks (RFC 1951 3.2), so that the test
 * needs no compressor. */
#include "base/hash.h"
#include "base/inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

#define STORED_ABC                                                                                 \
    "\x01\x03\x00\xfc\xff"                                                                         \
    "abc"

static slice exact(slice s)
{
    uint8_t *p = malloc(s.len ? s.len : 1);
    assert_non_null(p);
    if (s.len)
        memcpy(p, s.at, s.len);
    return (slice){ p, s.len };
}

static void free_exact(slice s)
{
    union {
        const uint8_t *in;
        void *out;
    } p = { s.at };
    free(p.out);
}

static const struct {
    const char *name;
    slice in;
    enum inflate_wrap wrap;
    enum inflate_end end;
    const char *want;
    size_t used;
} cases[] = {
    { "stored", SLICE_INIT(STORED_ABC), INFLATE_RAW, INFLATE_WHOLE, "abc", 8 },
    { "fixed", SLICE_INIT("\x4b\x4c\x4a\x06\x00"), INFLATE_RAW, INFLATE_WHOLE, "abc", 5 },
    { "bytes behind", SLICE_INIT(STORED_ABC "junk"), INFLATE_RAW, INFLATE_WHOLE, "abc", 8 },
    { "empty block", SLICE_INIT("\x03\x00"), INFLATE_RAW, INFLATE_WHOLE, "", 2 },
    { "nothing", SLICE_INIT(""), INFLATE_RAW, INFLATE_SHORT, "", 0 },
    { "cut in stored",
      SLICE_INIT("\x01\x03\x00\xfc\xff"
                 "ab"),
      INFLATE_RAW, INFLATE_SHORT, "ab", 7 },
    { "no last block",
      SLICE_INIT("\x00\x03\x00\xfc\xff"
                 "abc"),
      INFLATE_RAW, INFLATE_SHORT, "abc", 8 },
    { "bad block type",
      SLICE_INIT("\x00\x03\x00\xfc\xff"
                 "abc\x07"),
      INFLATE_RAW, INFLATE_BROKEN, "abc", 9 },
    { "stored length lies",
      SLICE_INIT("\x01\x03\x00\xfc\xfe"
                 "abc"),
      INFLATE_RAW, INFLATE_BROKEN, "", 5 },
    { "distance before the start", SLICE_INIT("\x4b\x04\x12\x00"), INFLATE_RAW, INFLATE_BROKEN, "a",
      0 },
    { "zlib", SLICE_INIT("\x78\x9c\x4b\x4c\x4a\x06\x00\x02\x4d\x01\x27"), INFLATE_ZLIB,
      INFLATE_WHOLE, "abc", 11 },
    { "zlib, wrong checksum", SLICE_INIT("\x78\x9c\x4b\x4c\x4a\x06\x00zzzz"), INFLATE_ZLIB,
      INFLATE_WHOLE, "abc", 11 },
    { "zlib, no checksum", SLICE_INIT("\x78\x9c\x4b\x4c\x4a\x06\x00"), INFLATE_ZLIB, INFLATE_SHORT,
      "abc", 7 },
    { "zlib, not one", SLICE_INIT("\x00\x00" STORED_ABC), INFLATE_ZLIB, INFLATE_BROKEN, "", 2 },
    { "zlib, wants a dictionary", SLICE_INIT("\x78\xbb\x00\x00\x00\x00\x4b\x4c"), INFLATE_ZLIB,
      INFLATE_BROKEN, "", 6 },
    { "gzip",
      SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\0\0\0"),
      INFLATE_GZIP, INFLATE_WHOLE, "abc", 23 },
    { "gzip, wrong checksum",
      SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\x00zzzzzzzz"), INFLATE_GZIP,
      INFLATE_WHOLE, "abc", 23 },
    { "gzip, endless name", SLICE_INIT("\x1f\x8b\x08\x08\0\0\0\0\0\x03nnnnnnn"), INFLATE_GZIP,
      INFLATE_SHORT, "", 17 },
    { "gzip, not one", SLICE_INIT("PK\x03\x04"), INFLATE_GZIP, INFLATE_BROKEN, "", 0 },
};

/* However many bytes the container promises, what comes out is the same. */
static void streams_expecting(uint64_t expect)
{
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *a = arena_new(1 << 20);
        struct budget budget = budget_default();
        slice in = exact(row->in);
        struct body_writer *bw = body_writer_new(a, expect, UINT32_MAX);
        size_t before = arena_spent(a);
        struct inflate_result r = inflate_into(bw, in, row->wrap, a, &budget);
        struct body b = body_writer_done(bw);
        if (r.end != row->end || !slice_is(b.all, row->want))
            table_wrong(&t, row->name, "end %d, %.*s", r.end, SLICE_FMT(b.all));
        if (row->used && r.used != row->used)
            table_wrong(&t, row->name, "used %zu", r.used);
        assert_true(r.used <= in.len);
        assert_int_equal(r.crc32, crc32_of(0, b.all));
        body_release(&b);
        assert_int_equal(arena_spent(a), before);
        uint8_t head[16];
        size_t n = inflate_head(in, row->wrap, head, sizeof head);
        assert_true(slice_is((slice){ head, n }, row->want));
        assert_true(inflate_head(in, row->wrap, head, 1) <= 1);
        assert_int_equal(inflate_head(in, row->wrap, head, 0), 0);
        static uint8_t large[100000];
        n = inflate_head(in, row->wrap, large, sizeof large);
        if (!slice_is((slice){ large, n }, row->want))
            table_wrong(&t, row->name, "a large head: %zu bytes", n);
        free_exact(in);
        arena_drop(&a);
    }
}

static void streams(void **state)
{
    static const uint64_t expected[] = { 0, 1, 2, 3, 4, 1000, 65536, 65537, 1 << 20, (1 << 20) + 1 };
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        streams_expecting(expected[i]);
}

/* One fixed block: a zero, then `runs` copies of 258 bytes from one byte back. */
static slice zero_stream(struct arena *a, size_t runs)
{
    uint8_t *out = arena_get(a, runs * 13 / 8 + 64, 1);
    size_t bit = 0;
    assert_non_null(out);
    static const char head[] = "110"
                               "00110000"; /* last, fixed, literal 0 */
    static const char run[] = "11000101"
                              "00000"; /* length 258, distance 1 */
    static const char tail[] = "0000000";
    for (const char *p = head; *p; p++, bit++)
        out[bit / 8] |= (uint8_t)((*p - '0') << bit % 8);
    for (size_t i = 0; i < runs; i++)
        for (const char *p = run; *p; p++, bit++)
            out[bit / 8] |= (uint8_t)((*p - '0') << bit % 8);
    for (const char *p = tail; *p; p++, bit++)
        out[bit / 8] |= (uint8_t)((*p - '0') << bit % 8);
    return (slice){ out, (bit + 7) / 8 };
}

static void a_long_run_of_zeros(void **state)
{
    (void)state;
    enum { RUNS = 40000 };
    struct arena *a = arena_new(1 << 20);
    struct budget budget = budget_default();
    slice in = zero_stream(a, RUNS);
    struct body_writer *bw = body_writer_new(a, 0, 64 << 20);
    struct inflate_result r = inflate_into(bw, in, INFLATE_RAW, a, &budget);
    struct body b = body_writer_done(bw);
    assert_int_equal(r.end, INFLATE_WHOLE);
    assert_int_equal(b.all.len, 1 + RUNS * 258);
    assert_int_equal(b.n_stored, 0);
    assert_int_equal(r.crc32, crc32_of(0, b.all)); /* the short way and the long one */
    body_release(&b);
    arena_drop(&a);
}

/* A large head, which is tried in one go first: of what is longer, exactly, shorter and cut. */
static void large_heads(void **state)
{
    (void)state;
    enum { RUNS = 1000, WHOLE = 1 + 258 * RUNS };
    static const struct {
        const char *name;
        size_t max, cut;
        bool whole;
    } rows[] = {
        { "longer", WHOLE - 1, 0, false },
        { "exactly", WHOLE, 0, true },
        { "shorter", WHOLE + 1, 0, true },
        { "cut", WHOLE, 100, false },
    };
    static uint8_t head[WHOLE + 1];
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct arena *a = arena_new(1 << 20);
        slice in = zero_stream(a, RUNS);
        in.len -= row->cut;
        memset(head, 1, sizeof head);
        size_t n = inflate_head(in, INFLATE_RAW, head, row->max), zeros = 0;
        while (zeros < n && head[zeros] == 0)
            zeros++;
        if (zeros != n || (row->whole && n != WHOLE) || (!row->whole && (n >= WHOLE || n < WHOLE / 2)))
            table_wrong(&t, row->name, "%zu bytes, %zu of them as they are", n, zeros);
        arena_drop(&a);
    }
}

/* What is made in one go is what the slow way makes: bytes, holes, checksum, allowances. */
static void in_one_go(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t runs, cut; /* bytes off the end */
        int64_t more;     /* promised than there is */
        bool quick;
    } rows[] = {
        { "small", 10, 0, 0, true },
        { "a mapping", 1000, 0, 0, true },
        { "less than promised", 1000, 0, 5000, true },
        { "more than promised", 1000, 0, -1, false },
        { "cut short", 1000, 3, 0, false },
        { "as large as that goes", 16256, 0, 255, true },
        { "larger", 16256, 0, 256, false },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct arena *a = arena_new(4 << 20);
        slice in = zero_stream(a, row->runs);
        in.len -= row->cut;
        size_t whole = 1 + row->runs * 258;
        struct budget quick = budget_default(), slow = quick;
        slow.in_one_go = 0;
        struct body_writer *q = body_writer_new(a, whole + (uint64_t)row->more, 64 << 20);
        struct body_writer *s = body_writer_new(a, whole + (uint64_t)row->more, 64 << 20);
        struct inflate_result rq = inflate_into(q, in, INFLATE_RAW, a, &quick);
        struct inflate_result rs = inflate_into(s, in, INFLATE_RAW, a, &slow);
        struct body bq = body_writer_done(q), bs = body_writer_done(s);
        table_true(&t, row->name, rq.end == rs.end && rq.used == rs.used && rq.crc32 == rs.crc32);
        table_true(&t, row->name, slice_eq(bq.all, bs.all) && bq.n_stored == bs.n_stored);
        table_true(&t, row->name, quick.left[BUDGET_INFLATED] == slow.left[BUDGET_INFLATED]);
        table_true(&t, row->name, quick.left[BUDGET_WORK] <= slow.left[BUDGET_WORK] || row->quick);
        /* What failed costs all of its input, for nobody knows how far it came. */
        bool tried = row->more < 256 || row->quick;
        table_true(&t, row->name, budget_default().in_one_go - quick.in_one_go == (tried ? in.len : 0));
        table_true(&t, row->name, slow.in_one_go == 0);
        body_release(&bq);
        body_release(&bs);
        arena_drop(&a);
    }
}

static void no_memory_in_one_go(void **state)
{
    (void)state;
    struct arena *a = arena_new(200 << 10), *other = arena_new(1 << 20);
    slice in = zero_stream(other, 600);
    struct budget budget = budget_default();
    struct body_writer *bw = body_writer_new(a, 1 + 600 * 258, 64 << 20);
    assert_true(arena_charge(a, 150 << 10));
    assert_int_equal(inflate_into(bw, in, INFLATE_RAW, a, &budget).end, INFLATE_WHOLE);
    body_writer_drop(bw); /* holes cost nothing */
    arena_drop(&a);
    arena_drop(&other);
}

static void budgets_end_it(void **state)
{
    (void)state;
    enum { RUNS = 2000, WHOLE = 1 + RUNS * 258 };
    static const uint64_t allowance[] = { 0, 1, 65535, 65536, 65537, WHOLE - 1, WHOLE, WHOLE + 1 };
    for (size_t i = 0; i < sizeof allowance / sizeof *allowance; i++) {
        struct arena *a = arena_new(4 << 20);
        slice in = zero_stream(a, RUNS);
        struct budget budget = budget_default();
        budget.left[BUDGET_INFLATED] = allowance[i];
        struct body_writer *bw = body_writer_new(a, 0, 64 << 20);
        struct inflate_result r = inflate_into(bw, in, INFLATE_RAW, a, &budget);
        uint64_t want = allowance[i] < WHOLE ? allowance[i] : WHOLE;
        assert_int_equal(body_writer_size(bw), want);
        assert_int_equal(r.end, want == WHOLE ? INFLATE_WHOLE : INFLATE_LIMIT);
        assert_int_equal(budget.hit, want == WHOLE ? 0 : 1u << BUDGET_INFLATED);
        assert_int_equal(budget.left[BUDGET_INFLATED], allowance[i] - want);
        body_writer_drop(bw);

        budget = budget_default();
        budget.left[BUDGET_WORK] = allowance[i];
        bw = body_writer_new(a, 0, 64 << 20);
        r = inflate_into(bw, in, INFLATE_RAW, a, &budget);
        assert_int_equal(r.end, INFLATE_LIMIT);
        assert_int_equal(budget.hit, 1u << BUDGET_WORK);
        assert_true(body_writer_size(bw) <= allowance[i] / WORK_PER_INFLATED_BYTE);
        body_writer_drop(bw);

        budget = budget_default();
        bw = body_writer_new(a, 0, allowance[i]);
        r = inflate_into(bw, in, INFLATE_RAW, a, &budget);
        assert_int_equal(body_writer_size(bw), want);
        assert_int_equal(r.end, want == WHOLE ? INFLATE_WHOLE : INFLATE_LIMIT);
        body_writer_drop(bw);
        arena_drop(&a);
    }
}

/* Blocks without output must not be free of charge: 20 MB of them would take seconds. */
static void empty_blocks_cost(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        slice unit;
    } made[] = {
        { "stored", SLICE_INIT("\x00\x00\x00\xff\xff") },
        /* four fixed blocks of ten bits: 010 0000000 */
        { "fixed", SLICE_INIT("\x02\x08\x20\x80\x00") },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, made) {
        struct arena *a = arena_new(8 << 20);
        enum { N = 5 << 20 };
        uint8_t *in = arena_get(a, N, 1), head[8];
        for (size_t at = 0; at + 5 <= N; at += 5)
            memcpy(in + at, row->unit.at, 5);
        struct budget budget = budget_default();
        budget.left[BUDGET_WORK] = 100000000;
        struct body_writer *bw = body_writer_new(a, 0, 100);
        struct inflate_result r = inflate_into(bw, (slice){ in, N }, INFLATE_RAW, a, &budget);
        if (r.end != INFLATE_LIMIT || r.used > N / 2)
            table_wrong(&t, row->name, "end %d, used %zu", r.end, r.used);
        assert_int_equal(budget.hit, 1u << BUDGET_WORK);
        assert_int_equal(inflate_head((slice){ in, N }, INFLATE_RAW, head, sizeof head), 0);
        arena_drop(&a);
    }
}

static void no_memory_is_a_limit(void **state)
{
    (void)state;
    struct arena *a = arena_new(4096);
    struct budget budget = budget_default();
    struct body_writer *bw = body_writer_new(a, 0, 100);
    struct inflate_result r = inflate_into(bw, SLICE_LIT(STORED_ABC), INFLATE_RAW, a, &budget);
    assert_int_equal(r.end, INFLATE_LIMIT);
    assert_int_equal(budget.hit, 1u << BUDGET_MEMORY);
    arena_drop(&a);
}

static void crc(void **state)
{
    (void)state;
    assert_int_equal(crc32_of(0, SLICE_LIT("123456789")), 0xcbf43926); /* RFC 1952 8, check value */
    assert_int_equal(crc32_of(crc32_of(0, SLICE_LIT("1234")), SLICE_LIT("56789")), 0xcbf43926);
    assert_int_equal(crc32_of(5, (slice){ 0 }), 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams),
        cmocka_unit_test(a_long_run_of_zeros),
        cmocka_unit_test(large_heads),
        cmocka_unit_test(in_one_go),
        cmocka_unit_test(no_memory_in_one_go),
        cmocka_unit_test(budgets_end_it),
        cmocka_unit_test(empty_blocks_cost),
        cmocka_unit_test(no_memory_is_a_limit),
        cmocka_unit_test(crc),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
