/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

#define MARK "\xef\xbf\xbd"

/* A copy in a heap block of exactly its size, so that a read past the end is seen. */
static slice exact(slice s)
{
    uint8_t *p = malloc(s.len ? s.len : 1);
    assert_non_null(p);
    if (s.len)
        memcpy(p, s.at, s.len);
    return (slice){ p, s.len };
}

static void free_exact(slice s)
{
    union {
        const uint8_t *in;
        void *out;
    } p = { s.at };
    free(p.out);
}

static const struct {
    const char *name;
    slice in;
    const char *clean; /* NULL: valid as it is */
} utf8_cases[] = {
    { "empty", SLICE_INIT(""), NULL },
    { "ascii", SLICE_INIT("plain text of more than eight bytes"), NULL },
    { "two, three, four", SLICE_INIT("\xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),
      NULL },
    { "kanji", SLICE_INIT("\xe9\x96\xa2\xe6\x89\x80"), NULL },
    { "edge of surrogates", SLICE_INIT("\xed\x9f\xbf\xee\x80\x80"), NULL },
    { "lone continuation", SLICE_INIT("a\x80z"), "a" MARK "z" },
    { "overlong slash", SLICE_INIT("\xc0\xaf"), MARK MARK },
    { "overlong in three", SLICE_INIT("\xe0\x80\xaf"), MARK MARK MARK },
    { "overlong in four", SLICE_INIT("\xf0\x80\x80\xaf"), MARK MARK MARK MARK },
    { "surrogate", SLICE_INIT("\xed\xa0\x80"), MARK MARK MARK },
    { "beyond Unicode", SLICE_INIT("\xf4\x90\x80\x80"), MARK MARK MARK MARK },
    { "f5", SLICE_INIT("\xf5\x80\x80\x80"), MARK MARK MARK MARK },
    { "ff after eight", SLICE_INIT("12345678\xff"), "12345678" MARK },
    { "cut two", SLICE_INIT("\xc3"), MARK },
    { "cut three", SLICE_INIT("x\xe9\x96"), "x" MARK MARK },
    { "cut four", SLICE_INIT("\xf0\x9f\x98"), MARK MARK MARK },
    { "bad third, good next",
      SLICE_INIT("\xe9\x96"
                 "A"),
      MARK MARK "A" },
    { "lead then lead", SLICE_INIT("\xe9\xe9\x96\xa2"), MARK "\xe9\x96\xa2" },
};

static void utf8(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, utf8_cases) {
        struct arena *a = arena_new(1 << 16);
        slice in = exact(row->in), out = utf8_clean(a, in);
        bool valid = row->clean == NULL;
        if (utf8_valid(in) != valid)
            table_wrong(&t, row->name, "valid");
        if (valid ? out.at != in.at || out.len != in.len : !slice_is(out, row->clean))
            table_wrong(&t, row->name, "cleaned to %.*s", SLICE_FMT(out));
        assert_true(utf8_valid(out));
        free_exact(in);
        arena_drop(&a);
    }
}

static void every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110400; c++) {
        uint8_t bytes[4];
        slice s = { bytes, utf8_put(bytes, c) };
        bool real = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        size_t pos = 0;
        if (!utf8_valid(s) || utf8_next(s, &pos) != (real ? c : 0xfffd) || pos != s.len)
            fail_msg("U+%04X", c);
    }
}

/* Against the definition: what utf8_valid accepts is what utf8_put makes. */
static void all_short_sequences(void **state)
{
    (void)state;
    for (uint32_t v = 0; v < 1u << 24; v += v < 0xc00000 ? 0x101 : 1) {
        uint8_t b[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v }, back[12];
        slice s = { b, 3 };
        size_t n = 0, pos = 0;
        bool marks = false;
        while (pos < 3) {
            uint32_t c = utf8_next(s, &pos);
            marks |= c == 0xfffd;
            n += utf8_put(back + n, c);
        }
        bool same = n == 3 && memcmp(b, back, 3) == 0;
        if (utf8_valid(s) != (same && (!marks || (b[0] == 0xef && b[1] == 0xbf && b[2] == 0xbd))))
            fail_msg("%02x %02x %02x", b[0], b[1], b[2]);
    }
}

static void cuts_at_characters(void **state)
{
    (void)state;
    slice s = SLICE_LIT("a\xe9\x96\xa2\xf0\x9f\x98\x80");
    static const size_t want[] = { 0, 1, 1, 1, 4, 4, 4, 4, 8, 8 };
    for (size_t max = 0; max < 10; max++)
        assert_int_equal(utf8_cut(s, max).len, want[max]);
    slice tail = SLICE_LIT("\x80\x80\x80\x80\x80\x80");
    assert_true(utf8_cut(tail, 5).len <= 5);
}

static void utf16(void **state)
{
    (void)state;
    static const struct {
        slice in;
        const char *want;
    } cases[] = {
        { SLICE_INIT("a\0b\0"), "ab" },
        { SLICE_INIT("a\0b"), "a" },
        { SLICE_INIT("a"), "" },
        { SLICE_INIT(""), "" },
        { SLICE_INIT("\xa2\x95"), "\xe9\x96\xa2" },
        { SLICE_INIT("\x3d\xd8\x00\xde"), "\xf0\x9f\x98\x80" },
        { SLICE_INIT("\x3d\xd8"), MARK },
        { SLICE_INIT("\x3d\xd8\x61\x00"), MARK "a" },
        { SLICE_INIT("\x00\xde\x3d\xd8"), MARK MARK },
        { SLICE_INIT("\x3d\xd8\x3d\xd8\x00\xde"), MARK "\xf0\x9f\x98\x80" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(1 << 10);
        slice in = exact(cases[i].in);
        if (!slice_is(utf8_from_utf16le(a, in), cases[i].want))
            fail_msg("case %zu", i);
        free_exact(in);
        arena_drop(&a);
    }
}

static void utf16_up_to_zero(void **state)
{
    (void)state;
    static const struct {
        slice in;
        const char *want;
    } cases[] = {
        { SLICE_INIT("a\0b\0\0\0c\0"), "ab" },
        { SLICE_INIT("a\0b\0"), "ab" },
        { SLICE_INIT("\0\0a\0"), "" },
        { SLICE_INIT("\0a\0b"), "\xe6\x84\x80\xe6\x88\x80" }, /* a zero byte is no zero unit */
        { SLICE_INIT("a\0\0\x30\0\0"), "a\xe3\x80\x80" },      /* nor are two of two units */
        { SLICE_INIT("\x3d\xd8\0\0\x00\xde"), MARK },           /* a pair is not joined over it */
        { SLICE_INIT("a\0\0"), "a" },
        { SLICE_INIT("\0"), "" },
        { SLICE_INIT(""), "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(1 << 10);
        slice in = exact(cases[i].in);
        slice got = utf8_from_utf16le_z(a, in);
        if (!slice_is(got, cases[i].want))
            fail_msg("case %zu: %.*s", i, SLICE_FMT(got));
        free_exact(in);
        arena_drop(&a);
    }
}

static void base64(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
        size_t skipped;
    } cases[] = {
        { "", "", 0 },
        { "QQ==", "A", 0 },
        { "QUI=", "AB", 0 },
        { "QUJD", "ABC", 0 },
        { "QUJDRA==", "ABCD", 0 },
        { "QUJD\r\nREVG\r\n", "ABCDEF", 0 },
        { "QU\r\nJD", "ABC", 0 },
        { " Q U J D\t", "ABC", 0 },
        { "QUI", "AB", 0 }, /* padding forgotten */
        { "QQ", "A", 0 },
        { "Q", "", 0 },
        { "=", "", 0 },
        { "====QUJD", "ABC", 0 },
        { "QQ==QUI=QUJD", "AABABC", 0 }, /* two encodings in one body */
        { "Q=UJD", "P\x90", 0 },         /* one letter before the padding says nothing */
        { "QU*JD", "ABC", 1 },
        { "!!QU-_JD", "ABC", 4 },
        { "QUJD\x80\xff", "ABC", 2 },
        { "QUJDREVG!", "ABCDEF", 1 },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *a = arena_new(1 << 10);
        slice in = exact(slice_of(row->in));
        size_t skipped = 99;
        slice out = base64_decode(a, in, &skipped);
        if (!slice_is(out, row->want) || skipped != row->skipped)
            table_wrong(&t, row->in, "%.*s, %zu skipped", SLICE_FMT(out), skipped);
        free_exact(in);
        arena_drop(&a);
    }
    struct arena *tiny = arena_new(8);
    assert_int_equal(base64_decode(tiny, SLICE_LIT("QUJDREVGQUJDREVG"), NULL).len, 0);
    assert_true(arena_full(tiny));
    arena_drop(&tiny);
}

static void base64_of_every_length(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t len = 0; len < 200; len++) {
        uint8_t plain[200];
        char coded[400];
        size_t n = 0;
        for (size_t i = 0; i < len; i++)
            plain[i] = (uint8_t)(i * 151 + len);
        for (size_t i = 0; i < len; i += 3) {
            size_t k = len - i < 3 ? len - i : 3;
            uint32_t v = (uint32_t)plain[i] << 16 | (uint32_t)(k > 1 ? plain[i + 1] : 0) << 8 |
                         (k > 2 ? plain[i + 2] : 0);
            for (size_t d = 0; d < 4; d++)
                coded[n++] = d <= k ? alphabet[v >> (18 - 6 * d) & 63] : '=';
            if (i % 57 == 54)
                coded[n++] = '\r', coded[n++] = '\n';
        }
        struct arena *a = arena_new(1 << 10);
        slice in = exact((slice){ (uint8_t *)coded, n });
        size_t skipped;
        assert_true(slice_eq(base64_decode(a, in, &skipped), (slice){ plain, len }));
        assert_int_equal(skipped, 0);
        free_exact(in);
        arena_drop(&a);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        uint64_t want;
    } cases[] = {
        { "0", true, 0 },    { "18446744073709551615", true, UINT64_MAX },
        { "007", true, 7 },  { "18446744073709551616", false, 0 },
        { "", false, 0 },    { "99999999999999999999999", false, 0 },
        { "-1", false, 0 },  { "+1", false, 0 },
        { " 1", false, 0 },  { "1x", false, 0 },
        { "0x1", false, 0 },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        uint64_t v = 77;
        if (slice_u64(slice_of(row->in), &v) != row->ok ||
            v != (row->ok ? row->want : 77))
            table_wrong(&t, row->in, "not as wanted");
    }
    assert_int_equal(ascii_hex('f'), 15);
    assert_int_equal(ascii_hex('A'), 10);
    assert_int_equal(ascii_hex('g'), -1);
    assert_int_equal(ascii_hex('/'), -1);
    assert_int_equal(ascii_hex(':'), -1);
    assert_int_equal(ascii_hex(0x10), -1);
}

/* Every byte at every place of lengths that fill words of eight and do not. */
static void case_of_every_byte(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 18; len++) {
        for (size_t at = 0; at < len; at++) {
            for (unsigned c = 0; c < 256; c++) {
                uint8_t a[18], b[18];
                memset(a, 'x', len);
                memset(b, 'X', len);
                a[at] = (uint8_t)c;
                slice x = { a, len }, y = { b, len };
                b[at] = (uint8_t)(c ^ 32);
                bool same = ascii_alpha((uint8_t)c);
                assert_int_equal(slice_eq_nocase(x, y), same);
                assert_true(!same || slice_hash_nocase(x) == slice_hash_nocase(y));
                b[at] = (uint8_t)(c + 1);
                assert_false(slice_eq_nocase(x, y));
            }
        }
    }
}

static void case_does_not_count(void **state)
{
    (void)state;
    assert_false(slice_is_nocase(SLICE_LIT("ab\0"), "ab"));
    assert_false(slice_is_nocase(SLICE_LIT("a"), "ab"));
    assert_true(slice_is_nocase(SLICE_LIT(""), ""));
    assert_true(slice_starts_nocase(SLICE_LIT(""), ""));
    assert_true(slice_is_nocase(SLICE_LIT("Content-TYPE"), "content-type"));
    assert_false(slice_is_nocase(SLICE_LIT("content[type"), "content{type")); /* 0x20 apart */
    assert_false(slice_is_nocase(SLICE_LIT("\xc3\x80"), "\xe3\xa0"));
    assert_true(slice_starts_nocase(SLICE_LIT("HTTPS://x"), "https:"));
    assert_false(slice_starts_nocase(SLICE_LIT("http"), "https:"));
    assert_true(slice_ends_nocase(SLICE_LIT("a.DOC"), ".doc"));
    assert_false(slice_ends_nocase(SLICE_LIT("doc"), ".doc"));
    assert_int_equal(slice_find_nocase(SLICE_LIT("xxPassWORD"), SLICE_LIT("password"), 0), 2);
    assert_int_equal(slice_find_nocase(SLICE_LIT("xxPassWORD"), SLICE_LIT("password"), 3),
                     SIZE_MAX);
    assert_int_equal(slice_find_nocase(SLICE_LIT("abc"), SLICE_LIT(""), 3), 3);
    assert_int_equal(slice_find_nocase(SLICE_LIT("abc"), SLICE_LIT("abcd"), 0), SIZE_MAX);
    assert_int_equal(slice_find_nocase(SLICE_LIT("abc"), SLICE_LIT("c"), SIZE_MAX), SIZE_MAX);
    struct arena *a = arena_new(100);
    slice low = SLICE_LIT("already low \xc3\x80");
    assert_ptr_equal(slice_lower(a, low).at, low.at);
    assert_true(slice_is(slice_lower(a, SLICE_LIT("AZ[\xc3\x80@")), "az[\xc3\x80@"));
    arena_drop(&a);
}

/* Long needles go another way; it must find the same places. */
static void long_needles(void **state)
{
    (void)state;
    enum { N = 4000 };
    static uint8_t text[N], needle[300];
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < N; i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = (uint8_t)(seed >> 16 & 15 ? 'a' : 'B');
        }
        size_t at = seed % (N - 300), len = 33 + seed / 7 % 200;
        memcpy(needle, text + at, len);
        for (size_t i = 0; i < len; i += 3)
            needle[i] ^= 0x20;
        slice s = { text, N }, n = { needle, len };
        size_t want = SIZE_MAX;
        for (size_t i = 0; i + len <= N && want == SIZE_MAX; i++)
            if (slice_eq_nocase(slice_sub(s, i, len), n))
                want = i;
        assert_int_equal(slice_find_nocase(s, n, 0), want);
        assert_int_equal(slice_find_nocase(s, n, at), at);
        needle[len / 2] = 'x';
        assert_int_equal(slice_find_nocase(s, n, 0), SIZE_MAX);
    }
    assert_int_equal(slice_find_nocase((slice){ text, 40 }, (slice){ text, 40 }, 0), 0);
}

/* The short way past the table takes none of it, and what must be seen is not in it. */
static void what_deceives(void **state)
{
    (void)state;
    static const uint32_t seen[] = { ' ', '~', 0xA0, 0xE9, 0x3042, 0x3000, 0x6F22, 0xAC00, 0xFF71, 0xFFFC, 0xFFFD, 0x1F600, 0x20BB7, 0xE000 };
    size_t hidden = 0;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        assert_int_equal(utf8_deceives(c), utf8_is_hidden(c));
        assert_false(utf8_deceives(c) && utf8_varies(c));
        hidden += utf8_deceives(c);
    }
    assert_true(hidden > 4000 && hidden < 4400);
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        assert_false(utf8_deceives(seen[i]) || utf8_varies(seen[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(all_short_sequences),
        cmocka_unit_test(cuts_at_characters),
        cmocka_unit_test(what_deceives),
        cmocka_unit_test(utf16),
        cmocka_unit_test(utf16_up_to_zero),
        cmocka_unit_test(base64),
        cmocka_unit_test(base64_of_every_length),
        cmocka_unit_test(numbers),
        cmocka_unit_test(case_of_every_byte),
        cmocka_unit_test(case_does_not_count),
        cmocka_unit_test(long_needles),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
