/* SPDX-License-Identifier: Apache-2.0 */
/* cursor and the slice functions it rests on. */
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const uint8_t eight[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
static const slice in8 = { eight, sizeof eight };

static void reads_both_orders(void **state)
{
    (void)state;
    cursor c = cur_open(in8);
    assert_int_equal(cur_u8(&c), 0x11);
    assert_int_equal(cur_u16le(&c), 0x3322);
    assert_int_equal(cur_u16be(&c), 0x4455);
    cur_seek(&c, 0);
    assert_int_equal(cur_u32le(&c), 0x44332211);
    assert_int_equal(cur_u32be(&c), 0x55667788);
    assert_false(cur_more(&c));
    cur_seek(&c, 0);
    assert_true(cur_u64le(&c) == UINT64_C(0x8877665544332211));
    assert_true(cur_ok(&c));
}

static void a_read_past_the_end_tears_for_good(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 8; len++) {
        cursor c = cur_open(slice_sub(in8, 0, len));
        cur_skip(&c, len ? len - 1 : 0);
        size_t before = c.pos;
        assert_int_equal(cur_u16le(&c), 0);
        assert_true(c.torn);
        assert_int_equal(c.pos, before);
        assert_int_equal(cur_u8(&c), 0);
        assert_int_equal(cur_u32be(&c), 0);
        assert_true(cur_u64le(&c) == 0);
        assert_int_equal(cur_rest(&c).len, 0);
        cur_seek(&c, 0);
        assert_int_equal(c.pos, before);
        assert_false(cur_more(&c));
    }
}

static void hostile_lengths(void **state)
{
    (void)state;
    static const size_t lengths[] = { 9, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 7, SIZE_MAX / 2 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cursor c = cur_open(in8);
        cur_skip(&c, 4);
        assert_int_equal(cur_take(&c, lengths[i]).len, 0);
        assert_true(c.torn);
        c = cur_open(in8);
        cur_seek(&c, lengths[i]);
        assert_true(c.torn);
        c = cur_open(in8);
        cursor sub = cur_sub(&c, lengths[i]);
        assert_true(sub.torn && c.torn);
        assert_int_equal(cur_u8(&sub), 0);
    }
}

static void sub_cursors_stay_inside(void **state)
{
    (void)state;
    cursor c = cur_open(in8);
    cursor sub = cur_sub(&c, 3);
    assert_int_equal(cur_u16le(&sub), 0x2211);
    assert_int_equal(cur_u16le(&sub), 0);
    assert_true(sub.torn);
    assert_true(cur_ok(&c));
    assert_int_equal(cur_u8(&c), 0x44);
}

static void until(void **state)
{
    (void)state;
    cursor c = cur_open(SLICE_LIT("ab\0\0cd"));
    assert_true(slice_is(cur_until(&c, 0), "ab"));
    assert_int_equal(cur_until(&c, 0).len, 0);
    assert_true(slice_is(cur_until(&c, 0), "cd"));
    assert_true(cur_ok(&c));
    assert_false(cur_more(&c));
    assert_int_equal(cur_until(&c, 0).len, 0);
    cur_u8(&c);
    assert_int_equal(cur_until(&c, 0).len, 0);
}

static void slices_are_clipped(void **state)
{
    (void)state;
    static const struct {
        size_t from, len, want;
    } cases[] = {
        { 0, 8, 8 },        { 0, SIZE_MAX, 8 },        { 8, 1, 0 }, { 9, 1, 0 }, { SIZE_MAX, 1, 0 },
        { 3, SIZE_MAX, 5 }, { SIZE_MAX, SIZE_MAX, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice s = slice_sub(in8, cases[i].from, cases[i].len);
        assert_int_equal(s.len, cases[i].want);
        assert_true(s.at >= eight && s.at + s.len <= eight + 8);
    }
    assert_int_equal(slice_sub((slice){ 0 }, 0, 1).len, 0);
    assert_int_equal(slice_find(in8, SLICE_LIT("\x44\x55"), 0), 3);
    assert_int_equal(slice_find(in8, SLICE_LIT("\x44\x55"), 4), SIZE_MAX);
    assert_int_equal(slice_find(in8, SLICE_LIT(""), 8), 8);
    assert_int_equal(slice_find(in8, SLICE_LIT(""), 9), SIZE_MAX);
    assert_int_equal(slice_find((slice){ 0 }, in8, 0), SIZE_MAX);
    assert_int_equal(slice_find_byte(in8, 0x88, SIZE_MAX), SIZE_MAX);
    assert_true(slice_ends(in8, SLICE_LIT("\x77\x88")));
    assert_false(slice_starts(SLICE_LIT("a"), SLICE_LIT("ab")));
    assert_true(slice_is(slice_trim(SLICE_LIT(" \t\r\n x y \v\f")), "x y"));
    assert_int_equal(slice_trim(SLICE_LIT(" \r\n ")).len, 0);
    assert_true(slice_eq((slice){ 0 }, SLICE_LIT("")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_orders),
        cmocka_unit_test(a_read_past_the_end_tears_for_good),
        cmocka_unit_test(hostile_lengths),
        cmocka_unit_test(sub_cursors_stay_inside),
        cmocka_unit_test(until),
        cmocka_unit_test(slices_are_clipped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
