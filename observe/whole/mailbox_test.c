/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
    const char *name, *text, *found; /* addresses with '|' between */
} cases[] = {
    { "plain", "taro@example.jp", "taro@example.jp" },
    { "brackets", "山田 <taro@example.jp>", "taro@example.jp" },
    { "mailto", "[mailto:taro@example.jp]", "taro@example.jp" },
    { "two", "a@example.jp, b@example.co.jp;", "a@example.jp|b@example.co.jp" },
    { "end of a sentence", "taro@example.jp.", "taro@example.jp" },
    { "quoted", "'taro@example.jp'", "taro@example.jp" },
    { "plus and dots", "a.b+c=d_e@sub.example.jp", "a.b+c=d_e@sub.example.jp" },
    { "old telephone address with dots", "a..b.@docomo.example", "a..b.@docomo.example" },
    { "Japanese around", "宛先はtaro@example.jpです", "taro@example.jp" },
    { "second sign", "a@b@example.jp", "b@example.jp" },
    { "Punycode suffix", "a@example.xn--q9jyb4c", "a@example.xn--q9jyb4c" },
    { "no dot", "root@localhost", "" },
    { "no local part", "@example.jp", "" },
    { "no domain", "taro@", "" },
    { "number for a domain", "a@12.34", "" },
    { "two dots", "a@example..jp", "" },
    { "dot first", "a@.jp", "" },
    { "only signs", "@@@@@@@@", "" },
    { "empty", "", "" },
};

static void test_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = slice_of(cases[i].text), wanted = slice_of(cases[i].found);
        struct mailbox m;
        size_t pos = 0;
        while (mailbox_next(text, &pos, &m)) {
            size_t bar = slice_find_byte(wanted, '|', 0);
            slice one = slice_sub(wanted, 0, bar);
            if (!slice_eq(m.address, one))
                print_message("%s: %.*s\n", cases[i].name, SLICE_FMT(m.address));
            assert_true(slice_eq(m.address, one));
            assert_true(m.at + m.address.len <= text.len && pos <= text.len);
            wanted = slice_from(wanted, bar == SIZE_MAX ? wanted.len : bar + 1);
        }
        if (wanted.len)
            print_message("%s: missing %.*s\n", cases[i].name, SLICE_FMT(wanted));
        assert_int_equal(wanted.len, 0);
    }
}

/* A long run of letters in front of every sign must not be walked again and again. */
static void test_linear(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    uint8_t *big = malloc(N);
    assert_non_null(big);
    for (size_t i = 0; i < N; i++)
        big[i] = i % 500 == 499 ? '@' : 'a';
    struct mailbox m;
    size_t pos = 0, n = 0;
    while (mailbox_next((slice){ big, N }, &pos, &m))
        n++;
    assert_int_equal(n, 0);
    free(big);
}

static void test_parts(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 16);
    assert_true(slice_is(mailbox_domain(SLICE_LIT("a@b@C.jp")), "C.jp"));
    assert_true(slice_is(mailbox_local(SLICE_LIT("a@b@C.jp")), "a@b"));
    assert_int_equal(mailbox_domain(SLICE_LIT("nobody")).len, 0);
    assert_true(slice_is(mailbox_local(SLICE_LIT("nobody")), "nobody"));
    assert_true(slice_is(mailbox_organisation(mem, SLICE_LIT("a@Mail.Example.CO.JP.")), "example.co.jp"));
    assert_true(slice_is(mailbox_organisation(mem, SLICE_LIT("mail.example.com")), "example.com"));
    assert_int_equal(mailbox_organisation(mem, SLICE_LIT("a@")).len, 0);
    assert_true(slice_is(mailbox_narrow(mem, SLICE_LIT("ａ＠ｂ．ｊｐ　山田\xC2\xA0x")), "a@b.jp 山田 x"));
    assert_true(slice_is(mailbox_narrow(mem, SLICE_LIT("\xE3\x80")), "\xE3\x80"));
    slice ascii = SLICE_LIT("plain");
    assert_ptr_equal(mailbox_narrow(mem, ascii).at, ascii.at);
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_next), cmocka_unit_test(test_linear), cmocka_unit_test(test_parts) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
