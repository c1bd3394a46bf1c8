/* SPDX-License-Identifier: Apache-2.0 */
/* Padding that repeats, through the writer of bodies: every byte is there, at the cost of a window. */
#include "base/body.h"
#include "base/hash.h"
#include "base/repeat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

enum { MIB = 1 << 20, CEILING = 24 * MIB, ALL_MAX = 48 * MIB };

/* `n` bytes of a unit of this length whose letters all differ from their neighbours. */
static size_t add(uint8_t *at, size_t pos, size_t unit, size_t n, uint8_t salt)
{
    for (size_t i = 0; i < n && pos < ALL_MAX; i++, pos++)
        at[pos] = (uint8_t)(1 + (i % unit * 7 + i % unit / 251 + salt) % 255);
    return pos;
}

static size_t add_noise(uint8_t *at, size_t pos, size_t n)
{
    uint32_t seed = (uint32_t)n + 1;
    for (size_t i = 0; i < n && pos < ALL_MAX; i++, pos++) {
        seed = seed * 1103515245 + 12345;
        at[pos] = (uint8_t)(seed >> 16 | 1);
    }
    return pos;
}

static struct body write_pieces(struct arena *a, slice all, size_t piece, uint64_t max, bool *whole_out)
{
    struct body_writer *bw = body_writer_new(a, 0, max);
    *whole_out = true;
    for (size_t at = 0; at < all.len && *whole_out; at += piece)
        *whole_out = body_writer_put(bw, slice_sub(all, at, piece));
    return body_writer_done(bw);
}

/* What is left out is whole units, so that the rest joins on. */
static bool joins(const struct body *b, size_t unit)
{
    for (size_t i = 0; b->stored && i + 1 < b->n_stored; i++)
        if ((b->stored[i + 1].at - b->stored[i].at - b->stored[i].len) % unit)
            return false;
    return true;
}

static void every_byte_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t before, unit, n, behind, piece;
        bool spared;
    } cases[] = {
        { "blanks behind", 100, 1, 30 * MIB, 0, 65536, true },
        { "blanks within", 100, 1, 30 * MIB, 5000, 65536, true },
        { "line ends", 4096, 2, 30 * MIB, 1, 65536, true },
        { "comment lines", 70000, 75, 30 * MIB + 11, 300, 32768, true },
        { "ends with a window", 65536, 1, 30 * MIB, 77, 65536, true },
        { "a unit that shares no factor with a page", 1, 1021, 40 * MIB, 99, 65536, true },
        { "a unit of a page", 9, 4096, 30 * MIB, 99, 65536, true },
        { "a unit too long for a window", 9, 4095, 8 * MIB, 99, 65536, false },
        { "a unit longer than a page", 9, 5000, 8 * MIB, 99, 65536, false },
        { "less than two windows", 9, 1, MIB + 70000, 99, 65536, false },
        { "odd pieces", 3, 75, 30 * MIB, 3 * MIB, 99991, true },
        { "all at once", 3, 75, 30 * MIB, 3 * MIB, ALL_MAX, true },
        { "noise only", 9 * MIB, 1, 0, 0, 65536, false },
    };
    uint8_t *all = test_malloc(ALL_MAX);
    struct table t = { 0 };
    TABLE_EACH (&t, c, cases) {
        size_t n = add_noise(all, 0, c->before);
        n = add(all, n, c->unit, c->n, 3);
        n = add_noise(all, n, c->behind);
        slice model = { all, n };
        uint8_t digest[32];
        bool whole;
        struct arena *a = arena_new(CEILING);
        struct body b = write_pieces(a, model, c->piece, ALL_MAX, &whole);
        sha256_of(model, digest);
        if (!whole || !slice_eq(b.all, model))
            table_wrong(&t, c->name, "%zu of %zu bytes", b.all.len, n);
        table_true(&t, c->name, memcmp(body_sha256(&b), digest, 32) == 0);
        table_true(&t, c->name, (body_left_out(&b) >= BODY_PADDED) == c->spared);
        table_true(&t, c->name, joins(&b, c->unit));
        slice gathered = body_gathered(a, &b);
        table_true(&t, c->name, gathered.len == n - body_left_out(&b) && slice_starts(model, slice_sub(gathered, 0, c->before + c->unit)));
        table_true(&t, c->name, slice_ends(gathered, slice_from(model, c->before + c->n)));
        body_release(&b);
        arena_drop(&a);
    }
    test_free(all);
}

/* A part of a body has its holes and its digest, wherever it is cut. */
static void parts_have_digests(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t from, len;
    } cuts[] = {
        { "all", 0, ALL_MAX },
        { "from the middle of what repeats", 20 * MIB + 4097, ALL_MAX },
        { "within what repeats", 9 * MIB + 3, 12 * MIB + 5 },
        { "less than a window of it", 9 * MIB + 3, 5000 },
        { "into the zeros", 30 * MIB, 3 * MIB },
        { "only zeros", 32 * MIB + 5, MIB },
        { "nothing", ALL_MAX, 1 },
    };
    uint8_t *all = test_malloc(ALL_MAX);
    size_t n = add_noise(all, 0, 65536), zeros;
    n = zeros = add(all, n, 2, 32 * MIB, 3); /* ends with a window, and zeros follow */
    memset(all + n, 0, 3 * MIB);
    n = add_noise(all, n + 3 * MIB, 100);
    struct arena *a = arena_new(CEILING);
    bool whole;
    struct body b = write_pieces(a, (slice){ all, n }, 65536, ALL_MAX, &whole);
    assert_true(whole && slice_eq(b.all, (slice){ all, n }) && body_left_out(&b) > 30 * MIB);
    struct table t = { 0 };
    TABLE_EACH (&t, c, cuts) {
        struct body part = body_part(a, &b, c->from, c->len);
        uint8_t digest[32];
        sha256_of(slice_sub((slice){ all, n }, c->from, c->len), digest);
        table_true(&t, c->name, memcmp(body_sha256(&part), digest, 32) == 0);
    }
    assert_true(b.n_repeats == 1 && b.repeats[0].at + b.repeats[0].len == zeros);
    body_release(&b);
    arena_drop(&a);
    test_free(all);
}

/* What is made in one go ends what repeats, and is not looked at. */
static void in_one_go(void **state)
{
    (void)state;
    uint8_t *all = test_malloc(ALL_MAX);
    size_t n = add(all, 0, 3, 4 * MIB + 777, 1), from = n;
    n = add(all, n, 7, 70000, 9);
    size_t to = n;
    n = add(all, n, 3, 4 * MIB, 1);
    struct arena *a = arena_new(CEILING);
    struct body_writer *bw = body_writer_new(a, 0, ALL_MAX);
    assert_true(body_writer_put(bw, (slice){ all, from }));
    uint8_t *room = body_writer_room(bw, to - from);
    assert_non_null(room);
    assert_int_equal(slice_copy_out((slice){ all + from, to - from }, room, to - from), to - from);
    assert_true(body_writer_took(bw, to - from) && body_writer_put(bw, (slice){ all + to, n - to }));
    struct body b = body_writer_done(bw);
    assert_true(slice_eq(b.all, (slice){ all, n }));
    uint8_t digest[32];
    sha256_of(b.all, digest);
    assert_memory_equal(body_sha256(&b), digest, 32);
    body_release(&b);
    arena_drop(&a);
    test_free(all);
}

/* A body of just the size that arenas keep mappings of: what stands at several places is not kept. */
static void mappings_are_not_kept(void **state)
{
    (void)state;
    uint8_t *all = test_malloc(ALL_MAX);
    slice blanks = { all, add(all, 0, 1, ARENA_PAGES, 31) };
    slice noise = { all + blanks.len, add_noise(all, blanks.len, 2 * MIB) - blanks.len };
    struct arena *a = arena_new(CEILING);
    for (int i = 0; i < 8; i++) {
        bool whole;
        slice model = i % 2 ? noise : blanks;
        struct body b = write_pieces(a, model, 65536, ALL_MAX, &whole);
        assert_true(whole && slice_eq(b.all, model));
        body_release(&b);
    }
    arena_drop(&a);
    test_free(all);
}

/* One run behind the other, zeros between them, and a text around that reads on. */
static void several_runs(void **state)
{
    (void)state;
    uint8_t *all = test_malloc(ALL_MAX);
    size_t n = add_noise(all, 0, 1000), zeros, line;
    n = add(all, n, 1, 10 * MIB, 9);
    n = add(all, n, 3, 10 * MIB, 40);
    zeros = n;
    memset(all + n, 0, 3 * MIB);
    n = add(all, n + 3 * MIB, 75, 10 * MIB, 0);
    line = n;
    n = add_noise(all, n, 10);
    struct arena *a = arena_new(CEILING);
    bool whole;
    struct body b = write_pieces(a, (slice){ all, n }, 50000, ALL_MAX, &whole);
    assert_true(whole && slice_eq(b.all, (slice){ all, n }));
    assert_true(body_left_out(&b) > 24 * MIB);
    slice g = body_gathered(a, &b);
    /* zeros part words, repetitions do not */
    assert_true(slice_find_byte(slice_sub((slice){ all, n }, 0, zeros), '\n', 0) == SIZE_MAX || slice_find_byte(g, '\n', 0) != SIZE_MAX);
    assert_true(slice_ends(g, (slice){ all + line - 75, 85 }));
    assert_true(joins(&b, 1));
    body_release(&b);
    arena_drop(&a);
    test_free(all);
}

/* Where no room or no memory is left, it is written as anything else, or cut. */
static void limits(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t ceiling;
        uint64_t max;
        bool whole;
    } cases[] = {
        { "as many as may be", CEILING, 20 * MIB, true },
        { "one less", CEILING, 20 * MIB - 1, false },
        { "no room behind", CEILING, 8 * MIB, false },
        { "no memory for a window", 2 * MIB, 20 * MIB, false },
        { "more than there is", CEILING, UINT64_MAX, true },
    };
    uint8_t *all = test_malloc(ALL_MAX);
    slice model = { all, add(all, 0, 1, 20 * MIB, 5) };
    struct table t = { 0 };
    TABLE_EACH (&t, c, cases) {
        struct arena *a = arena_new(c->ceiling);
        bool whole;
        struct body b = write_pieces(a, model, 65536, c->max, &whole);
        table_true(&t, c->name, whole == c->whole);
        table_true(&t, c->name, slice_starts(model, b.all) && b.all.len <= c->max);
        body_release(&b);
        arena_drop(&a);
    }
    test_free(all);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_there),
        cmocka_unit_test(parts_have_digests),
        cmocka_unit_test(in_one_go),
        cmocka_unit_test(mappings_are_not_kept),
        cmocka_unit_test(several_runs),
        cmocka_unit_test(limits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
