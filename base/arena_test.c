/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void zeroed_and_apart(struct arena *a)
{
    uint8_t *last = NULL;
    for (size_t n = 0; n < 300; n++) {
        uint8_t *p = arena_get(a, n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_ptr_not_equal(p, last);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
        last = p;
    }
    arena_drop(&a);
    assert_null(a);
    arena_drop(&a);
}

static void pieces_are_zeroed_and_apart(void **state)
{
    (void)state;
    zeroed_and_apart(arena_new(1 << 20));
    zeroed_and_apart(arena_new_small(1 << 20));
}

/* Blocks and mappings of the last object hold nothing of it, and are used again. */
static void nothing_of_the_last(struct arena *a)
{
    static const size_t sizes[] = { 1, 100, 5000, 70000, 300000, 17, 200000, 2000000, 65537 };
    for (int object = 0; object < 4; object++) {
        for (size_t k = 0; k < 3 * sizeof sizes / sizeof *sizes; k++) {
            size_t n = sizes[(k + (size_t)object) % (sizeof sizes / sizeof *sizes)];
            uint8_t *p = arena_get(a, n, 1);
            assert_non_null(p);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xff, n);
        }
        arena_reset(a);
    }
    void *first[6];
    for (size_t i = 0; i < 6; i++)
        assert_non_null(first[i] = arena_pages_take(a));
    for (size_t i = 0; i < 6; i++)
        arena_pages_give(a, first[i]);
    arena_drop(&a);
}

static void nothing_of_the_last_object(void **state)
{
    (void)state;
    nothing_of_the_last(arena_new(1 << 24));
    nothing_of_the_last(arena_new_small(1 << 24));
}

static void ceiling_is_exact(void **state)
{
    (void)state;
    struct arena *a = arena_new(64);
    assert_non_null(arena_get(a, 1, 48));
    assert_null(arena_get(a, 1, 17));
    assert_true(arena_full(a));
    assert_int_equal(arena_spent(a), 48);
    assert_non_null(arena_get(a, 1, 16));
    assert_null(arena_get(a, 0, 1));
    arena_reset(a);
    assert_false(arena_full(a));
    assert_int_equal(arena_spent(a), 0);
    arena_drop(&a);
}

static void hostile_sizes_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t count, size;
    } cases[] = {
        { SIZE_MAX, 1 },          { 1, SIZE_MAX },           { SIZE_MAX, SIZE_MAX },
        { SIZE_MAX / 2, 3 },      { SIZE_MAX / 16 + 1, 16 }, { SIZE_MAX - 15, 1 },
        { 1u << 31, 1ull << 33 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(SIZE_MAX);
        assert_null(arena_get(a, cases[i].count, cases[i].size));
        assert_true(arena_full(a));
        assert_non_null(arena_get(a, 1, 1));
        arena_drop(&a);
    }
}

static void reset_hands_out_wiped_memory(void **state)
{
    (void)state;
    static const size_t sizes[] = { 10, 5000, 16384, 20000, 70000, 300000, 2 << 20 };
    struct arena *a = arena_new(64 << 20);
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint8_t *p = arena_get(a, sizes[i], 1);
            assert_non_null(p);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0xa5, sizes[i]);
        }
        arena_reset(a);
    }
    arena_drop(&a);
}

static void copies(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 10);
    slice s = arena_copy(a, SLICE_LIT("abc"));
    assert_true(slice_is(s, "abc"));
    assert_int_equal(arena_copy(a, (slice){ 0 }).len, 0);
    assert_string_equal(arena_cstr(a, SLICE_LIT("xy")), "xy");
    assert_string_equal(arena_cstr(a, (slice){ 0 }), "");
    assert_null(arena_cstr(a, (slice){ (const uint8_t *)"", SIZE_MAX }));
    arena_reset(a);
    static const uint8_t big[2048];
    assert_int_equal(arena_copy(a, (slice){ big, sizeof big }).len, 0);
    assert_true(arena_full(a));
    arena_drop(&a);
}

static void charges_share_the_ceiling(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    assert_true(arena_charge(a, 900));
    assert_false(arena_charge(a, 101));
    assert_true(arena_full(a));
    assert_null(arena_get(a, 112, 1));
    arena_refund(a, 900);
    assert_non_null(arena_get(a, 112, 1));
    assert_false(arena_charge(a, SIZE_MAX));
    arena_drop(&a);
}

static void fails_where_told(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    arena_fail_at(a, 3);
    assert_non_null(arena_get(a, 1, 1));
    assert_non_null(arena_get(a, 1, 1));
    assert_null(arena_get(a, 1, 1));
    assert_true(arena_full(a));
    assert_non_null(arena_get(a, 1, 1));
    arena_drop(&a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_and_apart),
        cmocka_unit_test(nothing_of_the_last_object),
        cmocka_unit_test(ceiling_is_exact),
        cmocka_unit_test(hostile_sizes_are_refused),
        cmocka_unit_test(reset_hands_out_wiped_memory),
        cmocka_unit_test(copies),
        cmocka_unit_test(charges_share_the_ceiling),
        cmocka_unit_test(fails_where_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
