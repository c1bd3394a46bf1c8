/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shown.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *name, *in, *want;
    unsigned flags;
} cases[] = {
    { "empty", "", "", 0 },
    { "Japanese stays", "請求書", "請求書", 0 },
    { "an escape sequence", "a\033[31mb", "a<U+001B>[31mb", 0 },
    { "a line that would be faked", "a\nClean  b\r\tc", "a Clean  b  c", 0 },
    { "a turn of direction", "cod.\xe2\x80\xaexcod", "cod.<U+202E>xcod", 0 },
    { "a zero width space", "a\xe2\x80\x8b", "a<U+200B>", 0 },
    { "tag characters", "a\xf3\xa0\x81\xa8", "a<U+E0068>", 0 },
    { "a filler that looks empty", "\xe3\x85\xa4", "<U+3164>", 0 },
    { "a variation selector stays", "\xe8\xbe\xbb\xf3\xa0\x84\x80", "\xe8\xbe\xbb\xf3\xa0\x84\x80", 0 },
    { "a C1 control", "a\xc2\x9b" "b", "a<U+009B>b", 0 },
    { "a lone C1 byte", "a\x9b" "31mb", "a" BAD "<9B>31mb", 0 },
    { "a byte that is no UTF-8", "a\xff" "b", "a" BAD "<FF>b", 0 },
    { "a replacement character that was there", "a" BAD, "a" BAD, 0 },
    { "links are text unless asked", "http://a.example/", "http://a.example/", 0 },
    { "a link", "http://example.invalid/a.b?c=1.2", "hxxp://example[.]invalid/a.b?c=1.2", SHOWN_DEFANG },
    { "capitals", "see HTTPS://A.example now.", "see hxxps://A[.]example now.", SHOWN_DEFANG },
    { "an address, port, ftp", "ftp://192.0.2.1:21/x.y", "fxp://192[.]0[.]2[.]1:21/x.y", SHOWN_DEFANG },
    { "two", "http://a.b, http://c.d", "hxxp://a[.]b, hxxp://c[.]d", SHOWN_DEFANG },
    { "one in the other", "http://http://a.b", "hxxp://hxxp://a[.]b", SHOWN_DEFANG },
    { "one in the path of the other", "http://a.b/?u=http://c.d/e.f", "hxxp://a[.]b/?u=hxxp://c[.]d/e.f", SHOWN_DEFANG },
    { "no host", "http://", "hxxp://", SHOWN_DEFANG },
    { "no scheme", "://a.b", "://a[.]b", SHOWN_DEFANG },
    { "another scheme", "smb://a.b/c.d", "smb://a[.]b/c.d", SHOWN_DEFANG },
    { "no link", "no link. here", "no link. here", SHOWN_DEFANG },
    { "backslash, question mark and hash end a host", "http://a.b\\c.d http://a.b?c.d http://a.b#c.d", "hxxp://a[.]b\\c.d hxxp://a[.]b?c.d hxxp://a[.]b#c.d", SHOWN_DEFANG },
    { "quotes end a host", "\"http://a.b\".c", "\"hxxp://a[.]b\".c", SHOWN_DEFANG },
    { "safe text stays", "hxxps://a[.]b/c.d <U+202E>", "hxxps://a[.]b/c.d <U+202E>", SHOWN_DEFANG },
    { "controls in a host", "http://a\x1b.b\xe2\x80\xae.c/", "hxxp://a<U+001B>.b<U+202E>.c/", SHOWN_DEFANG },
    { "a bare host", "a.example/b.c", "a[.]example/b.c", SHOWN_DEFANG | SHOWN_HOST },
    { "a host alone", "192.0.2.1", "192[.]0[.]2[.]1", SHOWN_DEFANG | SHOWN_HOST },
    { "a whole link where a host may be", "http://a.b/c.d", "hxxp://a[.]b/c.d", SHOWN_DEFANG | SHOWN_HOST },
    { "a bad byte before a scheme", "\xe3http://a.b", BAD "<E3>hxxp://a[.]b", SHOWN_DEFANG },
};

static void each_case(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct buf out = buf_new(4096), again = buf_new(4096);
        shown_put(&out, slice_of(row->in), 1000, row->flags);
        table_slice(&t, row->name, buf_slice(&out), row->want);
        shown_put(&again, buf_slice(&out), 1000, row->flags);
        if (!slice_eq(buf_slice(&out), buf_slice(&again)))
            table_wrong(&t, row->name, "twice: %.*s", SLICE_FMT(buf_slice(&again)));
        buf_drop(&out);
        buf_drop(&again);
    }
}

static void cut_at_a_character(void **state)
{
    (void)state;
    slice text = slice_of("請求書http://a.b");
    for (size_t max = 0; max <= text.len; max++) {
        struct buf out = buf_new(4096);
        shown_put(&out, text, max, SHOWN_DEFANG);
        assert_true(utf8_valid(buf_slice(&out)));
        assert_int_equal(slice_ends(buf_slice(&out), slice_of("…")), max < text.len);
        buf_drop(&out);
    }
}

/* Whatever the bytes: what comes out is UTF-8 without anything that deceives. */
static void nothing_gets_through(void **state)
{
    (void)state;
    uint8_t text[64];
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (seed = seed * 1664525 + 1013904223) >> 28 < 4 ? (uint8_t)"://.[]ht"[seed >> 20 & 7] : (uint8_t)(seed >> 16);
        struct buf out = buf_new(4096);
        shown_put(&out, (slice){ text, sizeof text }, sizeof text, (unsigned)round & 3);
        slice s = buf_slice(&out);
        assert_true(utf8_valid(s) && !out.full);
        for (size_t pos = 0; pos < s.len;)
            assert_false(utf8_deceives(utf8_next(s, &pos)));
        if (round & SHOWN_DEFANG)
            assert_int_equal(slice_find_nocase(s, SLICE_LIT("http://"), 0), SIZE_MAX);
        buf_drop(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(cut_at_a_character),
        cmocka_unit_test(nothing_gets_through),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
