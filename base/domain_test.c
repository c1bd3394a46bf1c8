/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of domain.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/table.h"

#include "base/domain.h"

static void registered_part(void **state)
{
    static const struct {
        const char *host, *want;
    } cases[] = {
        { "www.example.co.jp", "example.co.jp" },
        { "example.co.jp", "example.co.jp" },
        { "co.jp", "co.jp" },
        { "a.b.c.example.com", "example.com" },
        { "someone.github.io", "someone.github.io" },
        { "a.city.yokohama.jp", "city.yokohama.jp" },
        { "localhost", "localhost" },
        { "a.b.invalid", "b.invalid" },
        { "", "" },
        { ".", "." },
        { "..", ".." },
        { ".com", ".com" },
        { "xn--wgv71a.jp", "xn--wgv71a.jp" },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        slice got = domain_registered(slice_of(row->host));
        table_slice(&t, row->host, got, row->want);
    }
}

static void hostile_hosts_are_returned_whole(void **state)
{
    static uint8_t dots[100000], letters[300];
    (void)state;
    memset(dots, '.', sizeof dots);
    memset(letters, 'a', sizeof letters);
    slice long_one = { dots, sizeof dots }, label = { letters, sizeof letters };
    slice nul = { (const uint8_t *)"a\0b.com", 7 }, bad = { (const uint8_t *)"\xff\xfe.\xff", 4 };
    assert_int_equal(domain_registered(long_one).len, sizeof dots);
    assert_int_equal(domain_registered(label).len, sizeof letters);
    assert_int_equal(domain_registered(nul).len, 7);
    assert_true(domain_registered(bad).len <= 4);
    assert_false(domain_known_suffix(nul));
    assert_false(domain_known_suffix(long_one));
}

static void known_suffix(void **state)
{
    (void)state;
    assert_true(domain_known_suffix(SLICE_LIT("a.com")));
    assert_true(domain_known_suffix(SLICE_LIT("a.co.jp")));
    assert_false(domain_known_suffix(SLICE_LIT("readme.txt")));
    assert_false(domain_known_suffix(SLICE_LIT("com")));
    assert_false(domain_known_suffix(SLICE_LIT("a.")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registered_part),
        cmocka_unit_test(hostile_hosts_are_returned_whole),
        cmocka_unit_test(known_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
