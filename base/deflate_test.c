/* SPDX-License-Identifier: Apache-2.0 */
/* What was packed comes back, and nothing else passes for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/deflate.h"
#include "tests/table.h"

static uint8_t text[300000];

static void comes_back(void **state)
{
    static const struct {
        const char *name;
        size_t len;
        unsigned step; /* 0: all the same */
    } cases[] = { { "empty", 0, 0 },
                  { "a byte", 1, 1 },
                  { "repeated", 300000, 0 },
                  { "mixed", 300000, 2654435761u } };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct buf packed = buf_new(1 << 20), back = buf_new(1 << 20);
        for (size_t i = 0; i < row->len; i++)
            text[i] = (uint8_t)(i * row->step >> 16);
        slice in = { text, row->len };
        buf_text(&packed, "before");
        table_true(&t, row->name, deflate_put(&packed, in));
        slice s = slice_from(buf_slice(&packed), 6);
        table_true(&t, row->name, deflate_get(&back, s, in.len) && slice_eq(buf_slice(&back), in));
        /* other sizes, less, more, changed */
        table_true(&t, row->name, !deflate_get(&back, s, in.len + 1));
        table_true(&t, row->name, in.len == 0 || !deflate_get(&back, s, in.len - 1));
        table_true(&t, row->name, !deflate_get(&back, slice_sub(s, 0, s.len - 1), in.len));
        buf_byte(&packed, 0);
        table_true(&t, row->name, !deflate_get(&back, slice_from(buf_slice(&packed), 6), in.len));
        buf_drop(&packed);
        buf_drop(&back);
    }
    struct buf small = buf_new(10);
    assert_false(deflate_put(&small, (slice){ text, sizeof text }));
    buf_drop(&small);
    deflate_thread_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(comes_back) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
