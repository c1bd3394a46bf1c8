/* SPDX-License-Identifier: Apache-2.0 */
/* Codes are written out by hand; tables that are not whole are the hostile ones. */
#include "base/huffman.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

enum { TAKEN = 8, NONE = 0xffff };

static const struct {
    const char *name;
    slice lengths, in;
    uint16_t want[TAKEN]; /* NONE: behind the end */
} cases[] = {
    { "two symbols", SLICE_INIT("\1\1"), SLICE_INIT("\x5a"), { 0, 1, 0, 1, 1, 0, 1, 0 } },
    { "shorter first, then in order", SLICE_INIT("\2\1\3\3"), SLICE_INIT("\x5b\x80"), { 1, 0, 2, 3, 1, 1, 1, 1 } },
    { "longer than the quick table", SLICE_INIT("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10\x10"), SLICE_INIT("\xff\xff\xff\xfe\x00"),
      { 16, 15, 0, 0, 0, 0, 0, 0 } },
    { "no codes at all", SLICE_INIT("\0\0\0"), SLICE_INIT("\xff\xff"), { 0, NONE, NONE, NONE, NONE, NONE, NONE, NONE } },
    { "a code that nobody has", SLICE_INIT("\2\0\2"), SLICE_INIT("\x3f\xff\xff"), { 0, NONE } },
    { "more codes than there are", SLICE_INIT("\1\1\1\1"), SLICE_INIT("\x40"), { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "more codes than there are, long ones", SLICE_INIT("\1\1\x10\x10\x10"), SLICE_INIT("\xc0"), { 1, 1, 0, 0, 0, 0, 0, 0 } },
    { "nothing to read", SLICE_INIT("\1\1"), SLICE_INIT(""), { NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE } },
};

static void tables(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct huffman h;
        struct bits b = bits_open(row->in);
        memset(&h, 0xa5, sizeof h);
        huffman_build(&h, row->lengths.at, row->lengths.len);
        for (size_t i = 0; i < TAKEN; i++) {
            unsigned v = huffman_take(&h, &b);
            if (row->want[i] == NONE ? bits_ok(&b) && row->want[0] == NONE : bits_ok(&b) && v != row->want[i])
                table_wrong(&t, row->name, "symbol %zu is %u", i, v);
            if (row->want[i] != NONE && !bits_ok(&b))
                table_wrong(&t, row->name, "symbol %zu lies behind the end", i);
            if (row->want[i] == NONE)
                break;
        }
    }
}

static void one_symbol_takes_no_bits(void **state)
{
    (void)state;
    struct huffman h;
    struct bits b = bits_open(SLICE_LIT("\xff"));
    huffman_only(&h, 509);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(huffman_take(&h, &b), 509);
    assert_int_equal(bits_used(&b), 0);
    huffman_build(&h, (const uint8_t *)"\1\1", 2); /* and no trace of it is left */
    assert_int_equal(huffman_take(&h, &b), 1);
}

static void bits_end(void **state)
{
    (void)state;
    struct bits b = bits_open(SLICE_LIT("\x12\x34\x56\x78\x9a"));
    assert_int_equal(bits_take(&b, 32), 0x12345678);
    assert_int_equal(bits_peek(&b, 16), 0x9a00); /* zeros follow */
    assert_int_equal(bits_take(&b, 0), 0);
    assert_int_equal(bits_take(&b, 3), 4);
    bits_align(&b);
    assert_int_equal(bits_used(&b), 40);
    assert_true(bits_ok(&b));
    bits_skip(&b, 1);
    assert_false(bits_ok(&b));
    bits_seek(&b, 1);
    assert_int_equal(bits_take(&b, 12), 0x345);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),
        cmocka_unit_test(one_symbol_takes_no_bits),
        cmocka_unit_test(bits_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
