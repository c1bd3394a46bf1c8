/* SPDX-License-Identifier: Apache-2.0 */
/* The replacements against the C library's own, over every short text of two letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/slice.h"
#include "base/windows.h"

enum { HAY = 11, NEEDLE = 6 };

/* The bits of `word`, one letter each. */
static uint8_t *letters(unsigned word, size_t len)
{
    uint8_t *at = calloc(len + 1, 1);
    assert_non_null(at);
    for (size_t i = 0; i < len; i++)
        at[i] = word >> i & 1 ? 'b' : 'a';
    return at;
}

static void all_short_texts(void **state)
{
    (void)state;
    for (size_t h = 0; h <= HAY; h++)
        for (unsigned hay = 0; hay < 1u << h; hay++) {
            uint8_t *y = letters(hay, h);
            for (size_t n = 0; n <= NEEDLE; n++)
                for (unsigned needle = 0; needle < 1u << n; needle++) {
                    uint8_t *x = letters(needle, n);
                    if (windows_memmem(y, h, x, n) != memmem(y, h, x, n))
                        fail_msg("'%.*s' in '%.*s'", (int)n, (const char *)x, (int)h, (const char *)y);
                    free(x);
                }
            assert_ptr_equal(windows_memrchr(y, 'b', h), memrchr(y, 'b', h));
            free(y);
        }
}

/* What makes a plain search quadratic: 4 MiB of one letter, a needle of half of it. */
static void hostile_needle(void **state)
{
    (void)state;
    enum { LEN = 4 << 20 };
    uint8_t *y = malloc(LEN), *x = malloc(LEN / 2);
    assert_true(x && y);
    memset(y, 'a', LEN);
    memset(x, 'a', LEN / 2);
    x[0] = 'b';
    assert_null(windows_memmem(y, LEN, x, LEN / 2));
    x[0] = 'a';
    x[LEN / 2 - 1] = 'b';
    assert_null(windows_memmem(y, LEN, x, LEN / 2));
    y[LEN - 1] = 'b';
    assert_ptr_equal(windows_memmem(y, LEN, x, LEN / 2), y + LEN / 2);
    free(x);
    free(y);
}

static void wipes(void **state)
{
    (void)state;
    char secret[] = "secret!";
    windows_explicit_bzero(secret, 6);
    assert_memory_equal(secret, "\0\0\0\0\0\0!", 8);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_short_texts),
        cmocka_unit_test(hostile_needle),
        cmocka_unit_test(wipes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
