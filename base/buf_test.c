/* SPDX-License-Identifier: Apache-2.0 */
/* buf, and the two small files beside it: err and budget. */
#include "base/budget.h"
#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    for (size_t max = 0; max < 300; max++) {
        struct buf b = buf_new(max);
        for (size_t i = 0; i < max; i++)
            buf_byte(&b, (uint8_t)i);
        assert_false(b.full);
        assert_int_equal(b.len, max);
        assert_true(b.room <= max);
        buf_byte(&b, 1);
        assert_true(b.full);
        assert_int_equal(b.len, max);
        for (size_t i = 0; i < max; i++)
            assert_int_equal(b.at[i], (uint8_t)i);
        buf_drop(&b);
        assert_null(b.at);
    }
}

static void full_sticks_until_cleared(void **state)
{
    (void)state;
    struct buf b = buf_new(4);
    buf_text(&b, "abc");
    buf_text(&b, "de");
    buf_text(&b, "f"); /* would fit, but something is missing before it */
    assert_true(b.full);
    assert_true(slice_is(buf_slice(&b), "abc"));
    buf_clear(&b);
    buf_text(&b, "wxyz");
    assert_false(b.full);
    assert_true(slice_is(buf_slice(&b), "wxyz"));
    buf_drop(&b);
}

static void hostile_reserves(void **state)
{
    (void)state;
    static const size_t more[] = { SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2, 101 };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        struct buf b = buf_new(104);
        buf_text(&b, "1234");
        assert_false(buf_reserve(&b, more[i]));
        assert_true(b.full);
        assert_true(slice_is(buf_slice(&b), "1234"));
        buf_drop(&b);
    }
}

static void formats(void **state)
{
    (void)state;
    struct buf b = buf_new(1000);
    buf_format(&b, "%s-%d", "x", 7);
    assert_true(slice_is(buf_slice(&b), "x-7"));
    buf_clear(&b);
    buf_format(&b, "%0*d", 600, 1); /* longer than the buffer on the stack */
    assert_false(b.full);
    assert_int_equal(b.len, 600);
    assert_int_equal(b.at[599], '1');
    buf_format(&b, "%0*d", 401, 1);
    assert_true(b.full);
    assert_int_equal(b.len, 600);
    buf_drop(&b);
}

static void err_says_what_was_done(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(err_set(&e, -ENOENT, "%s is missing", "rules.yaml"), -ENOENT);
    assert_int_equal(err_while(&e, "reading %s", "settings"), -ENOENT);
    assert_string_equal(e.text, "while reading settings: rules.yaml is missing");
    assert_int_equal(err_set(NULL, -EIO, "nobody listens"), -EIO);
    assert_int_equal(err_while(NULL, "nobody listens"), 0);
}

static void err_cuts_what_is_too_long(void **state)
{
    (void)state;
    for (int head = 980; head < 1100; head++) {
        struct err e;
        err_set(&e, -EIO, "%0*d", 2000, 1);
        assert_int_equal(strlen(e.text), ERR_MAX - 1);
        err_while(&e, "%0*d", head, 2);
        assert_true(strlen(e.text) < ERR_MAX);
        assert_int_equal(strncmp(e.text, "while 000", 9), 0);
        assert_non_null(strstr(e.text, ": "));
    }
}

static void budget_takes_all_or_nothing(void **state)
{
    (void)state;
    struct budget b = budget_default();
    b.left[BUDGET_PARTS] = 3;
    assert_true(budget_spend(&b, BUDGET_PARTS, 3));
    assert_int_equal(b.hit, 0);
    assert_false(budget_spend(&b, BUDGET_PARTS, 1));
    assert_int_equal(b.hit, 1u << BUDGET_PARTS);
    budget_give_back(&b, BUDGET_PARTS, 2);
    assert_false(budget_spend(&b, BUDGET_PARTS, UINT64_MAX));
    assert_int_equal(b.left[BUDGET_PARTS], 2);
    for (int k = 0; k < BUDGET_KINDS; k++) {
        assert_string_not_equal(budget_name((enum budget_kind)k), "unknown");
        for (int other = 0; other < k; other++)
            assert_string_not_equal(budget_name((enum budget_kind)k),
                                    budget_name((enum budget_kind)other));
    }
    assert_string_equal(budget_name(BUDGET_KINDS), "unknown");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_maximum_and_no_further),
        cmocka_unit_test(full_sticks_until_cleared),
        cmocka_unit_test(hostile_reserves),
        cmocka_unit_test(formats),
        cmocka_unit_test(err_says_what_was_done),
        cmocka_unit_test(err_cuts_what_is_too_long),
        cmocka_unit_test(budget_takes_all_or_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
