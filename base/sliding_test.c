/* SPDX-License-Identifier: Apache-2.0 */
/* The window against the plainest model of one: all output in one array. */
#include "base/buf.h"
#include "base/sliding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

enum { CEILING = 8 << 20, MADE_MAX = 1 << 20 };

struct fixture {
    struct arena *mem;
    struct budget budget;
    struct sliding s;
    struct buf made, model;
    bool refuse;
};

static bool keep(void *host, slice made)
{
    struct fixture *f = host;
    buf_put(&f->made, made);
    return !f->refuse;
}

static void open_window(struct fixture *f, uint64_t want, uint64_t limit)
{
    *f = (struct fixture){ .mem = arena_new(CEILING), .budget = budget_default(), .made = buf_new(MADE_MAX), .model = buf_new(MADE_MAX) };
    assert_true(sliding_start(&f->s, want, f->mem, &f->budget));
    sliding_begin(&f->s, keep, f, limit, NULL);
}

static void close_window(struct fixture *f)
{
    sliding_drop(&f->s);
    buf_drop(&f->made);
    buf_drop(&f->model);
    arena_drop(&f->mem);
}

static void put(struct fixture *f, uint8_t byte)
{
    sliding_put(&f->s, byte);
    buf_put(&f->model, (slice){ &byte, 1 });
}

static void copy(struct fixture *f, size_t distance, size_t len)
{
    sliding_copy(&f->s, distance, len);
    for (size_t i = 0; i < len; i++) {
        slice so_far = buf_slice(&f->model);
        uint8_t byte = distance <= so_far.len ? so_far.at[so_far.len - distance] : 0;
        buf_put(&f->model, (slice){ &byte, 1 });
    }
}

/* Distances up to the window's size, lengths that cross its end, three times round. */
static void turns_round(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 100, 4096, 70000, 200000 };
    for (size_t n = 0; n < sizeof sizes / sizeof sizes[0]; n++) {
        struct fixture f;
        uint32_t seed = 1;
        open_window(&f, sizes[n], UINT64_MAX);
        while (buf_slice(&f.model).len < 3 * sizes[n] + 1000) {
            seed = seed * 1103515245 + 12345;
            size_t so_far = buf_slice(&f.model).len, back = so_far < sizes[n] ? so_far : sizes[n];
            if (back == 0 || seed >> 30 == 0)
                put(&f, (uint8_t)(seed >> 16));
            else
                copy(&f, (seed >> 8) % back + 1, (seed >> 4) % (seed >> 29 ? 300 : 40000));
        }
        sliding_end(&f.s);
        slice made = buf_slice(&f.made), model = buf_slice(&f.model);
        assert_int_equal(made.len, model.len);
        assert_true(slice_eq(made, model));
        assert_int_equal(f.s.total, model.len);
        close_window(&f);
    }
}

static const struct {
    const char *name;
    uint64_t want, distance, len, limit;
    const char *made; /* behind "ab" */
    bool stop, far;
} odd[] = {
    { "before the beginning", 100, 5, 4, 100, "...a", false, false },
    { "further than the window", 4, 9, 3, 100, "...", false, false },
    { "at no distance", 100, 0, 3, 100, "...", false, false },
    { "over the limit", 100, 1, 50, 5, "bbb", true, false },
    { "onto the limit", 100, 1, 3, 5, "bbb", true, false },
    { "endless", 100, 1, UINT64_MAX, 12, "bbbbbbbbbb", true, false },
    { "further than is kept", UINT64_C(1) << 36, UINT64_C(1) << 30, 2, 100, "..", false, true },
};

static void odd_repeats(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, odd) {
        struct fixture f;
        open_window(&f, row->want, row->limit);
        f.s.fill = '.';
        sliding_put(&f.s, 'a');
        sliding_put(&f.s, 'b');
        sliding_copy(&f.s, row->distance, row->len);
        bool stop = f.s.stop;
        sliding_end(&f.s);
        table_slice(&t, row->name, slice_from(buf_slice(&f.made), 2), row->made);
        table_true(&t, row->name, stop == row->stop && f.s.far == row->far && !f.s.refused);
        close_window(&f);
    }
}

static void ends_early(void **state)
{
    (void)state;
    struct fixture f;
    open_window(&f, 1 << 20, UINT64_MAX); /* the taker has enough */
    f.refuse = true;
    sliding_put(&f.s, 'a');
    sliding_copy(&f.s, 1, 1 << 20);
    assert_true(f.s.stop && f.s.refused);
    assert_true(buf_slice(&f.made).len <= 64 << 10);
    sliding_begin(&f.s, keep, &f, 100, NULL);
    assert_true(f.s.stop);
    close_window(&f);

    open_window(&f, 32 << 20, UINT64_MAX); /* memory has not */
    sliding_put(&f.s, 'a');
    sliding_copy(&f.s, 1, 32 << 20);
    assert_true(f.s.refused && f.budget.hit == 1u << BUDGET_MEMORY);
    close_window(&f);

    struct bits in = bits_open(SLICE_LIT("abcdefgh"));
    open_window(&f, 100, UINT64_MAX); /* nor work */
    f.budget.left[BUDGET_WORK] = WORK_PER_SLIDING_INPUT;
    sliding_begin(&f.s, keep, &f, 100, &in);
    bits_skip(&in, 32);
    assert_false(sliding_pay(&f.s));
    assert_true(f.s.stop && f.budget.hit == 1u << BUDGET_WORK);
    close_window(&f);
}

static void several_members(void **state)
{
    (void)state;
    struct fixture f;
    open_window(&f, 1000, 3);
    sliding_put(&f.s, 'a');
    sliding_copy(&f.s, 1, 10);
    sliding_end(&f.s);
    assert_true(slice_is(buf_slice(&f.made), "aaa"));
    sliding_begin(&f.s, keep, &f, 4, NULL);
    sliding_put(&f.s, 'b');
    sliding_copy(&f.s, 3, 3);
    assert_true(f.s.stop);
    sliding_end(&f.s);
    assert_true(slice_is(buf_slice(&f.made), "aaabaab"));
    sliding_begin(&f.s, keep, &f, 0, NULL);
    assert_true(f.s.stop);
    close_window(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_round),
        cmocka_unit_test(odd_repeats),
        cmocka_unit_test(ends_early),
        cmocka_unit_test(several_members),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
