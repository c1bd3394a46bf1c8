/* SPDX-License-Identifier: Apache-2.0 */
#include "base/body.h"
#include "base/hash.h"
#include "base/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MIB = 1 << 20, MODEL_MAX = 3 * MIB };

/* A body is what was put, whatever the pieces; its extents cover every byte that is not zero. */
static void check_body(struct body *b, const uint8_t *model, size_t len)
{
    uint8_t digest[32];
    assert_int_equal(b->all.len, len);
    if (len)
        assert_memory_equal(b->all.at, model, len);
    sha256_of((slice){ model, len }, digest);
    assert_memory_equal(body_sha256(b), digest, 32);
    assert_true(b->hashed);
    if (!b->stored)
        return;
    uint64_t at = 0;
    for (size_t i = 0; i <= b->n_stored; i++) {
        uint64_t next = i < b->n_stored ? b->stored[i].at : len;
        assert_true(next >= at && next <= len);
        for (; at < next; at++)
            if (model[at])
                fail_msg("byte %zu is in no extent", (size_t)at);
        if (i < b->n_stored) {
            assert_true(b->stored[i].len > 0 && b->stored[i].len <= len - next);
            at = next + b->stored[i].len;
        }
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

/* Runs of zeros and of bytes, none longer than `longest`. */
static size_t make_model(uint8_t *model, uint32_t *seed, uint32_t longest)
{
    size_t len = next_random(seed) % MODEL_MAX, at = 0;
    memset(model, 0, MODEL_MAX);
    while (at < len) {
        size_t run = next_random(seed) % longest + 1;
        if (run > len - at)
            run = len - at;
        if (next_random(seed) % 2)
            for (size_t i = 0; i < run; i++)
                model[at + i] = (uint8_t)(next_random(seed) | 1);
        at += run;
    }
    return len;
}

static void bodies_equal_what_was_put(void **state)
{
    (void)state;
    static uint8_t model[MODEL_MAX];
    uint32_t seed = 7;
    for (int round = 0; round < 24; round++) {
        struct arena *a = arena_new(64 * MIB);
        uint32_t longest = round % 3 == 0 ? 300000 : round % 3 == 1 ? 9000 : 100;
        size_t len = make_model(model, &seed, longest);
        if (round % 4 == 3)
            len %= 100000;
        uint64_t expect = round % 2 ? len : next_random(&seed) % (2 * MIB);
        struct body_writer *bw = body_writer_new(a, expect, MODEL_MAX);
        size_t handle = arena_spent(a);
        for (size_t at = 0; at < len;) {
            size_t piece = next_random(&seed) % (round % 5 ? 70000 : 900) + 1;
            slice s = slice_sub((slice){ model, len }, at, piece);
            assert_true(body_writer_put(bw, s));
            at += s.len;
            assert_int_equal(body_writer_size(bw), at);
        }
        struct body b = body_writer_done(bw);
        check_body(&b, model, len);
        body_release(&b);
        assert_null(b.owned);
        assert_int_equal(arena_spent(a), handle);
        body_release(&b); /* a second time does nothing */
        arena_drop(&a);
    }
}

/* Written in place instead of put: the same body, and a room that was left alone stays zeros. */
static void bodies_written_in_place(void **state)
{
    (void)state;
    static uint8_t model[MODEL_MAX];
    uint32_t seed = 11;
    for (int round = 0; round < 24; round++) {
        struct arena *a = arena_new(64 * MIB);
        size_t len = make_model(model, &seed, round % 2 ? 9000 : 100) % (round % 3 ? MIB : 60000);
        struct body_writer *bw = body_writer_new(a, round % 4 ? len : 0, MODEL_MAX);
        for (size_t at = 0; at < len;) {
            size_t room = next_random(&seed) % 300000 + 1, n = next_random(&seed) % (room + 1);
            n = n < len - at ? n : len - at;
            uint8_t *to = body_writer_room(bw, room);
            assert_non_null(to);
            memcpy(to, model + at, n);
            assert_true(body_writer_took(bw, n));
            at += n;
            assert_int_equal(body_writer_size(bw), at);
            slice put = slice_sub((slice){ model, len }, at, 5000);
            assert_true(body_writer_put(bw, put));
            at += put.len;
        }
        assert_null(body_writer_room(bw, MODEL_MAX + 1));
        struct body b = body_writer_done(bw);
        check_body(&b, model, len);
        body_release(&b);
        arena_drop(&a);
    }
}

/* Zeros that were written are a hole all the same, and cost as little. */
static void zeros_written_in_place(void **state)
{
    (void)state;
    struct arena *a = arena_new(64 << 10);
    struct body_writer *bw = body_writer_new(a, 2 * MIB, 2 * MIB);
    uint8_t *to = body_writer_room(bw, 2 * MIB);
    assert_non_null(to);
    memset(to, 0, 2 * MIB);
    to[0] = to[2 * MIB - 1] = 'x';
    assert_true(body_writer_took(bw, 2 * MIB));
    struct body b = body_writer_done(bw);
    assert_int_equal(b.n_stored, 2);
    assert_true(b.all.at[0] == 'x' && b.all.at[2 * MIB - 1] == 'x' && b.all.at[MIB] == 0);
    uint8_t digest[32];
    sha256_of(b.all, digest);
    assert_memory_equal(body_sha256(&b), digest, 32);
    body_release(&b);
    arena_drop(&a);
}

static void no_memory_in_place(void **state)
{
    (void)state;
    struct arena *a = arena_new(40 << 10);
    struct body_writer *bw = body_writer_new(a, 100000, MIB);
    uint8_t *to = body_writer_room(bw, 100000);
    assert_non_null(to);
    memset(to, 'x', 100000);
    assert_false(body_writer_took(bw, 100000));
    assert_true(arena_full(a));
    size_t kept = (size_t)body_writer_size(bw);
    assert_true(kept > 0 && kept < 40 << 10);
    for (size_t i = kept; i < 100000; i++)
        assert_int_equal(to[i], 0);
    body_writer_drop(bw);
    arena_drop(&a);
}

static void byte_by_byte_across_the_border(void **state)
{
    (void)state;
    static uint8_t model[70000];
    for (size_t i = 0; i < sizeof model; i++)
        model[i] = (uint8_t)(i / 4096 % 3 ? i : 0);
    struct arena *a = arena_new(4 * MIB);
    struct body_writer *bw = body_writer_new(a, 0, sizeof model);
    for (size_t i = 0; i < sizeof model; i++)
        assert_true(body_writer_put(bw, (slice){ model + i, 1 }));
    assert_false(body_writer_put(bw, (slice){ model, 1 }));
    struct body b = body_writer_done(bw);
    check_body(&b, model, sizeof model);
    body_release(&b);
    arena_drop(&a);
}

static void zeros_cost_nothing(void **state)
{
    (void)state;
    static uint8_t piece[MIB];
    struct arena *a = arena_new(2 * MIB);
    struct body_writer *bw = body_writer_new(a, 0, UINT64_C(1) << 40);
    assert_true(body_writer_put(bw, SLICE_LIT("head")));
    for (int i = 0; i < 200; i++)
        assert_true(body_writer_put(bw, (slice){ piece, sizeof piece }));
    assert_true(body_writer_put(bw, SLICE_LIT("tail")));
    struct body b = body_writer_done(bw);
    assert_int_equal(b.all.len, 200 * (size_t)MIB + 8);
    assert_int_equal(b.n_stored, 2);
    assert_int_equal(b.stored[0].at, 0);
    assert_int_equal(b.stored[0].len, 4096);
    assert_int_equal(b.stored[1].at, 200 * (size_t)MIB);
    assert_int_equal(b.stored[1].len, 8);
    assert_true(slice_ends(b.all, SLICE_LIT("\0\0tail")));
    assert_true(arena_spent(a) < 65536);
    body_release(&b);
    arena_drop(&a);
}

static void padding_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t before, zeros, want; /* bytes that are not zero, zeros behind them */
    } cases[] = {
        { "none", 100, 0, 100 },
        { "a few stay", 100, 1023, 1123 },
        { "as many as are kept", 100, 1024, 1124 },
        { "one more", 100, 1025, 1124 },
        { "in a hole", 100, MIB, 1124 },
        { "the last byte of a block", 4096, MIB, 4096 + 1024 },
        { "nothing else", 0, MIB, 1024 },
        { "nothing", 0, 0, 0 },
    };
    static uint8_t bytes[4096];
    static const uint8_t zeros[4096];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *a = arena_new(MIB);
        struct body_writer *bw = body_writer_new(a, 0, 2 * MIB);
        assert_true(body_writer_put(bw, (slice){ bytes, cases[i].before }));
        for (size_t n = 0; n < cases[i].zeros; n += sizeof zeros)
            assert_true(body_writer_put(bw, slice_sub((slice){ zeros, sizeof zeros }, 0, cases[i].zeros - n)));
        struct body b = body_writer_done(bw), borrowed = body_borrow(b.all);
        if (body_unpadded(&b).len != cases[i].want || body_unpadded(&borrowed).len != cases[i].want)
            fail_msg("%s: %zu, %zu", cases[i].name, body_unpadded(&b).len, body_unpadded(&borrowed).len);
        body_release(&b);
        arena_drop(&a);
    }
}

static void nothing_but_zeros(void **state)
{
    (void)state;
    static uint8_t zeros[100000];
    struct arena *a = arena_new(MIB);
    struct body_writer *bw = body_writer_new(a, sizeof zeros, sizeof zeros);
    assert_true(body_writer_put(bw, (slice){ zeros, sizeof zeros }));
    struct body b = body_writer_done(bw);
    assert_non_null(b.stored);
    assert_int_equal(b.n_stored, 0);
    check_body(&b, zeros, sizeof zeros);
    body_release(&b);

    bw = body_writer_new(a, UINT64_MAX, UINT64_MAX);
    b = body_writer_done(bw);
    assert_int_equal(b.all.len, 0);
    body_release(&b);
    arena_drop(&a);
}

/* One byte in every 128 KiB of 1 GiB would be 8192 extents. */
static void extents_are_bounded(void **state)
{
    (void)state;
    static uint8_t piece[128 << 10];
    struct arena *a = arena_new(64 * MIB);
    struct body_writer *bw = body_writer_new(a, 0, UINT64_C(2) << 30);
    for (int i = 0; i < 8192; i++) {
        piece[i] = 1;
        assert_true(body_writer_put(bw, (slice){ piece, sizeof piece }));
        piece[i] = 0;
    }
    struct body b = body_writer_done(bw);
    assert_true(b.n_stored > 1 && b.n_stored < 4096);
    uint64_t at = 0, written = 0;
    for (size_t i = 0; i < b.n_stored; i++) {
        assert_true(b.stored[i].at >= at);
        at = b.stored[i].at + b.stored[i].len;
        for (uint64_t k = b.stored[i].at; k < at; k++)
            written += b.all.at[k];
    }
    assert_int_equal(written, 8192);
    assert_true(arena_spent(a) < 8192 * 4096 + MIB);
    body_release(&b);
    arena_drop(&a);
}

static void limits(void **state)
{
    (void)state;
    static uint8_t all[512 << 10];
    enum { LARGE = 256 << 10 };
    memset(all, 'x', sizeof all);
    static const uint64_t max[] = { 0, 1, 1000, 65535, 65536, 65537, 100000 };
    for (size_t i = 0; i < sizeof max / sizeof *max; i++) {
        struct arena *a = arena_new(MIB);
        struct body_writer *bw = body_writer_new(a, UINT64_MAX, max[i]);
        assert_false(body_writer_put(bw, (slice){ all, LARGE }));
        assert_int_equal(body_writer_size(bw), max[i]);
        struct body b = body_writer_done(bw);
        check_body(&b, all, (size_t)max[i]);
        body_release(&b);
        arena_drop(&a);
    }
    for (size_t ceiling = 0; ceiling < 400000; ceiling = ceiling * 3 / 2 + 100) {
        struct arena *a = arena_new(ceiling);
        struct body_writer *bw = body_writer_new(a, 0, MIB);
        if (bw) {
            size_t had = arena_spent(a);
            bool whole = body_writer_put(bw, (slice){ all, 3000 }) &&
                         body_writer_put(bw, (slice){ all, 60000 }) &&
                         body_writer_put(bw, (slice){ all, LARGE });
            assert_int_equal(whole, !arena_full(a));
            assert_true(arena_spent(a) <= ceiling);
            struct body b = body_writer_done(bw);
            assert_true(whole == (b.all.len == 63000 + LARGE));
            check_body(&b, all, b.all.len);
            body_release(&b);
            assert_int_equal(arena_spent(a), had);
        } else {
            assert_true(arena_full(a));
        }
        arena_drop(&a);
    }
}

static void pinned_bodies_stay(void **state)
{
    (void)state;
    struct arena *a = arena_new(MIB);
    struct body_writer *bw = body_writer_new(a, 3, 3);
    assert_true(body_writer_put(bw, SLICE_LIT("abc")));
    struct body b = body_writer_done(bw);
    b.pinned = true;
    body_release(&b);
    assert_true(slice_is(b.all, "abc"));
    body_release_pinned(&b);
    assert_int_equal(b.all.len, 0);

    bw = body_writer_new(a, 3, 3);
    assert_true(body_writer_put(bw, SLICE_LIT("abc")));
    body_writer_drop(bw);
    body_writer_drop(NULL);

    struct body borrowed = body_borrow(SLICE_LIT("abc"));
    body_release(&borrowed);
    assert_true(slice_is(borrowed.all, "abc"));
    assert_int_equal(body_sha256(&borrowed)[0], 0xba);
    arena_drop(&a);
}

static void pages(void **state)
{
    (void)state;
    assert_null(pages_new(SIZE_MAX));
    uint8_t *p = pages_new(0);
    assert_non_null(p);
    p[0] = 7;
    p = pages_resize(p, 0, 10 * MIB);
    assert_int_equal(p[0], 7);
    assert_int_equal(p[10 * MIB - 1], 0);
    assert_null(pages_resize(p, 10 * MIB, SIZE_MAX));
    p[PAGE_BYTES] = p[3 * PAGE_BYTES] = 8;
    pages_forget(p + PAGE_BYTES, 2 * PAGE_BYTES);
    assert_true(p[0] == 7 && p[PAGE_BYTES] == 0 && p[3 * PAGE_BYTES] == 8);
    p = pages_resize(p, 10 * MIB, 1);
    assert_int_equal(p[0], 7);
    pages_drop(p, 1);
    pages_drop(NULL, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_equal_what_was_put),
        cmocka_unit_test(bodies_written_in_place),
        cmocka_unit_test(zeros_written_in_place),
        cmocka_unit_test(no_memory_in_place),
        cmocka_unit_test(byte_by_byte_across_the_border),
        cmocka_unit_test(zeros_cost_nothing),
        cmocka_unit_test(padding_is_left_out),
        cmocka_unit_test(nothing_but_zeros),
        cmocka_unit_test(extents_are_bounded),
        cmocka_unit_test(limits),
        cmocka_unit_test(pinned_bodies_stay),
        cmocka_unit_test(pages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
