/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes are written as numbers, so that the test does not depend on the charset of this file. */
#include "base/charset.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

#define MARK "\xef\xbf\xbd"
#define CIRCLED_1 "\xe2\x91\xa0"                        /* U+2460 */
#define KABU "\xe3\x88\xb1"                             /* U+3231 (stock company) */
#define SAKI "\xef\xa8\x91"                             /* U+FA11, IBM extension */
#define KANA_AIU "\xef\xbd\xb1\xef\xbd\xb2\xef\xbd\xb3" /* half-width */
#define NIHON "\xe6\x97\xa5\xe6\x9c\xac"                /* U+65E5 U+672C */
#define HIRA "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86"     /* U+3042 U+3044 U+3046 */
#define SEIKYU "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8"   /* invoice */

/* "invoice" and some hiragana in the four charsets of Japanese mail */
#define SJIS_TEXT "\x90\xbf\x8b\x81\x8f\x91\x82\xf0\x91\x97\x82\xe8\x82\xdc\x82\xb7"
#define EUC_TEXT "\xc0\xc1\xb5\xe1\xbd\xf1\xa4\xf2\xc1\xf7\xa4\xea\xa4\xde\xa4\xb9"
#define JIS_TEXT "\x1b$B@A5a=q$rAw$j$^$9\x1b(B"
#define UTF8_TEXT                                                                                  \
    "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8\xe3\x82\x92\xe9\x80\x81\xe3\x82\x8a\xe3\x81\xbe\xe3\x81" \
    "\x99"

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
    const char *name, *label;
    slice in;
    const char *want;
    size_t faults;
} decoded[] = {
    { "empty", "iso-2022-jp", SLICE_INIT(""), "", 0 },
    { "ASCII", "iso-2022-jp", SLICE_INIT("plain"), "plain", 0 },
    { "JIS", "iso-2022-jp", SLICE_INIT(JIS_TEXT " x"), UTF8_TEXT " x", 0 },
    { "JIS, NEC row 13", "ISO-2022-JP", SLICE_INIT("\x1b$B\x2d\x21\x2d\x6a\x1b(B"), CIRCLED_1 KABU,
      0 },
    { "JIS, NEC selected IBM", "iso-2022-jp", SLICE_INIT("\x1b$B\x79\x75\x1b(B"), SAKI, 0 },
    { "JIS 78", "iso-2022-jp", SLICE_INIT("\x1b$@F|K\\\x1b(J"), NIHON, 0 },
    { "JIS, kana by escape", "iso-2022-jp", SLICE_INIT("\x1b(I123\x1b(Bx"), KANA_AIU "x", 0 },
    { "JIS, kana by SO and SI", "iso-2022-jp", SLICE_INIT("\x0e\x31\x32\x33\x0fx"), KANA_AIU "x",
      0 },
    { "JIS, wave dash and backslash", "iso-2022-jp", SLICE_INIT("\x1b$B!A\x1b(B\\~"),
      "\xef\xbd\x9e\\~", 0 },
    { "JIS, yen set", "iso-2022-jp", SLICE_INIT("\x1b(Ja\\~\\\x1b(Bb"), "a\\~\\b", 0 },
    { "JIS ends in the middle", "iso-2022-jp", SLICE_INIT("\x1b$BF|K"), "\xe6\x97\xa5" MARK, 1 },
    { "JIS never switched back", "iso-2022-jp", SLICE_INIT("\x1b$BF|K\\"), NIHON, 0 },
    { "JIS, lone escape", "iso-2022-jp", SLICE_INIT("abc\x1b"), "abc" MARK, 1 },
    { "JIS, cut escape", "iso-2022-jp", SLICE_INIT("abc\x1b$"), "abc" MARK, 1 },
    { "JIS, unknown escape", "iso-2022-jp", SLICE_INIT("a\x1b(zb"), NULL, 1 },
    { "JIS, new line in the middle", "iso-2022-jp", SLICE_INIT("\x1b$BF|\r\nabc"),
      "\xe6\x97\xa5\r\nabc", 0 },
    { "SJIS", "shift_jis", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, 0 },
    { "SJIS, NEC row 13", "Shift_JIS", SLICE_INIT("\x87\x40\x87\x8a"), CIRCLED_1 KABU, 0 },
    { "SJIS, both places of IBM", "x-sjis", SLICE_INIT("\xfa\xb1\xed\x95"), SAKI SAKI, 0 },
    { "SJIS, half-width kana", "sjis", SLICE_INIT("\xb1\xb2\xb3"), KANA_AIU, 0 },
    { "SJIS, backslash as second byte", "cp932", SLICE_INIT("\x95\x5c\\"), "\xe8\xa1\xa8\\", 0 },
    { "SJIS, wave dash, parallel, minus", "windows-31j", SLICE_INIT("\x81\x60\x81\x61\x81\x7c"),
      "\xef\xbd\x9e\xe2\x88\xa5\xef\xbc\x8d", 0 },
    { "SJIS, cut", "shift_jis", SLICE_INIT("\x93\xfa\x96"), "\xe6\x97\xa5" MARK, 1 },
    { "SJIS, bad second byte", "shift_jis",
      SLICE_INIT("\x93\x0a"
                 "a"),
      MARK "\na", 1 },
    { "EUC", "euc-jp", SLICE_INIT(EUC_TEXT), UTF8_TEXT, 0 },
    { "EUC, NEC row 13", "EUC-JP", SLICE_INIT("\xad\xa1\xad\xea"), CIRCLED_1 KABU, 0 },
    { "EUC, NEC selected IBM", "eucjp", SLICE_INIT("\xf9\xf5"), SAKI, 0 },
    { "EUC, half-width kana", "x-euc-jp", SLICE_INIT("\x8e\xb1\x8e\xb2\x8e\xb3"), KANA_AIU, 0 },
    { "EUC, supplementary kanji", "euc-jp", SLICE_INIT("\x8f\xb0\xa1"), "\xe4\xb8\x82", 0 },
    { "EUC, cut", "euc-jp", SLICE_INIT("\xa4\xa2\xa4"), "\xe3\x81\x82" MARK, 1 },
    { "UTF-8", "utf-8", SLICE_INIT(UTF8_TEXT), UTF8_TEXT, 0 },
    { "UTF-8 with mark", "UTF8",
      SLICE_INIT("\xef\xbb\xbf"
                 "abc"),
      "abc", 0 },
    { "UTF-8, bad", "utf-8",
      SLICE_INIT("a\xff"
                 "b"),
      "a" MARK "b", 1 },
    { "UTF-7", "utf-7", SLICE_INIT("a+ZeVnLA-b"), "a" NIHON "b", 0 },
    { "EBCDIC", "ibm037", SLICE_INIT("\x4c\x88\x99\x85\x86\x6e"), "<href>", 0 },
    { "EBCDIC by another name", "x-EBCDIC-Germany", SLICE_INIT("\x4c\x88\x99\x85\x86\x6e"), "<href>", 0 },
    { "EBCDIC with kana", "IBM930", SLICE_INIT("\x81\x82"), "\xef\xbd\xb1\xef\xbd\xb2", 0 },
    { "UTF-7, plus", "utf-7", SLICE_INIT("1+-1"), "1+1", 0 },
    { "UTF-7, eight bits", "utf-7",
      SLICE_INIT("a\xe9"
                 "b"),
      "a" MARK "b", 1 },
    { "UTF-16LE", "utf-16le", SLICE_INIT("\xe5\x65\x2c\x67"), NIHON, 0 },
    { "UTF-16 with mark", "utf-16", SLICE_INIT("\xfe\xff\x65\xe5\x67\x2c"), NIHON, 0 },
    { "UTF-16 without", "utf-16", SLICE_INIT("a\0b\0"), "ab", 0 },
    { "UTF-16, pair", "utf-16le", SLICE_INIT("\x3d\xd8\x00\xde"), "\xf0\x9f\x98\x80", 0 },
    { "UTF-16, odd", "utf-16le", SLICE_INIT("a\0b"), "a" MARK, 1 },
    { "UTF-16, half a pair", "utf-16be", SLICE_INIT("\xd8\x3d\x00\x61"), MARK "a", 1 },
    { "Latin-1 is windows-1252", "iso-8859-1", SLICE_INIT("\x80 caf\xe9 \x93x\x94"),
      "\xe2\x82\xac caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d", 0 },
    { "Russian", "koi8-r", SLICE_INIT("\xf0\xf2\xe9"), "\xd0\x9f\xd0\xa0\xd0\x98", 0 },
    { "gb2312 is GB18030", "gb2312", SLICE_INIT("\xc4\xe3\x81\x30\x81\x30"), "\xe4\xbd\xa0\xc2\x80",
      0 },
    { "Big5", "big5", SLICE_INIT("\xa7\x41"), "\xe4\xbd\xa0", 0 },
    { "ks_c_5601-1987 is CP949", "ks_c_5601-1987", SLICE_INIT("\xb0\xa1\x81\x41"),
      "\xea\xb0\x80\xea\xb0\x82", 0 },
    { "HZ", "hz-gb-2312", SLICE_INIT("~{Dc~}x"), "\xe4\xbd\xa0x", 0 },
    { "label in quotes and spaces", " \"Shift-JIS\" ", SLICE_INIT("\x93\xfa\x96\x7b"), NIHON, 0 },
    { "unknown label is guessed", "x-unknown", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, 0 },
    { "no label is guessed", "", SLICE_INIT(EUC_TEXT), UTF8_TEXT, 0 },
    { "a label that asks for options", "ISO_2022,locale=ja,version=9", SLICE_INIT("abc"), "abc",
      0 },
    { "NUL and controls stand", "us-ascii", SLICE_INIT("a\0\x1b\x7f"), "a", 0 },
};

static void decodes_by_label(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, decoded) {
        struct arena *a = arena_new(1 << 16);
        slice in = exact(row->in);
        struct charset_result r = charset_decode(a, slice_of(row->label), in);
        slice want = slice_of(row->want);
        if (slice_is(want, "a") && in.len == 4)
            want = SLICE_LIT("a\0\x1b\x7f");
        if (row->want && !slice_eq(r.text, want))
            table_wrong(&t, row->name, "%.*s", SLICE_FMT(r.text));
        if (r.faults != row->faults)
            table_wrong(&t, row->name, "%zu faults, %.*s", r.faults, SLICE_FMT(r.text));
        assert_true(utf8_valid(r.text));
        free_exact(in);
        arena_drop(&a);
    }
}

static const struct {
    const char *name;
    slice in;
    enum charset_id want;
} guessed[] = {
    { "empty", SLICE_INIT(""), CHARSET_UTF8 },
    { "ASCII", SLICE_INIT("invoice.doc"), CHARSET_UTF8 },
    { "UTF-8", SLICE_INIT(UTF8_TEXT), CHARSET_UTF8 },
    { "JIS", SLICE_INIT(JIS_TEXT), CHARSET_ISO2022JP },
    { "JIS with stray eighth bit", SLICE_INIT(JIS_TEXT "\xff"), CHARSET_ISO2022JP },
    { "escape that is none of JIS", SLICE_INIT("\x1b[0m red"), CHARSET_UTF8 },
    { "SJIS", SLICE_INIT(SJIS_TEXT), CHARSET_CP932 },
    { "SJIS file name", SLICE_INIT("\x90\xbf\x8b\x81\x8f\x91_1.doc"), CHARSET_CP932 },
    { "SJIS half-width name", SLICE_INIT("\xbe\xb2\xb7\xad\xb3\xbc\xae.doc"), CHARSET_CP932 },
    { "SJIS katakana", SLICE_INIT("\x83\x70\x83\x58\x83\x8f\x81\x5b\x83\x68 1234"), CHARSET_CP932 },
    { "EUC", SLICE_INIT(EUC_TEXT), CHARSET_EUCJP },
    { "EUC file name", SLICE_INIT("\xc0\xc1\xb5\xe1\xbd\xf1.doc"), CHARSET_EUCJP },
    { "Latin-1",
      SLICE_INIT("caf\xe9 na\xefve \xfc"
                 "ber"),
      CHARSET_WINDOWS1252 },
    { "Latin-1, lone letters",
      SLICE_INIT("d\xe9j\xe0 vu, Gr\xfc\xdf"
                 "e"),
      CHARSET_WINDOWS1252 },
    { "Latin-1, quotes", SLICE_INIT("\x93quoted\x94"), CHARSET_WINDOWS1252 },
    { "Russian", SLICE_INIT("\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0!"), CHARSET_WINDOWS1252 },
    { "noise", SLICE_INIT("\xff\x80\xa0\xfe\x81\x00\xfd"), CHARSET_WINDOWS1252 },
    { "UTF-16 mark",
      SLICE_INIT("\xff\xfe"
                 "a\0"),
      CHARSET_UTF16LE },
    { "UTF-16BE mark",
      SLICE_INIT("\xfe\xff\0"
                 "a"),
      CHARSET_UTF16BE },
    { "cut UTF-8", SLICE_INIT("x\xe3\x81"), CHARSET_WINDOWS1252 },
};

static void guesses(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, guessed) {
        slice in = exact(row->in);
        enum charset_id id = charset_guess(in);
        if (id != row->want)
            table_wrong(&t, row->name, "%s", charset_label(id));
        free_exact(in);
    }
}

static const struct {
    const char *name, *label;
    slice in;
    const char *want;
    bool lied;
} best[] = {
    { "right label", "shift_jis", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, false },
    { "no label", "", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, false },
    { "SJIS as JIS", "iso-2022-jp", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, true },
    { "JIS as SJIS", "shift_jis", SLICE_INIT(JIS_TEXT), UTF8_TEXT, true },
    { "JIS as ASCII", "us-ascii", SLICE_INIT(JIS_TEXT), UTF8_TEXT, true },
    { "JIS as UTF-8", "utf-8", SLICE_INIT(JIS_TEXT), UTF8_TEXT, true },
    { "EUC as SJIS", "shift_jis", SLICE_INIT(EUC_TEXT), UTF8_TEXT, true },
    { "SJIS as EUC", "euc-jp", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, true },
    { "UTF-8 as JIS", "iso-2022-jp", SLICE_INIT(UTF8_TEXT), UTF8_TEXT, true },
    { "UTF-8 as SJIS", "shift_jis", SLICE_INIT(UTF8_TEXT), UTF8_TEXT, true },
    { "UTF-8 as SJIS, no fault that way", "shift_jis", SLICE_INIT("\xe3\x81\x82\xe3\x81\x84"),
      "\xe3\x81\x82\xe3\x81\x84", true },
    { "UTF-8 as Latin-1", "iso-8859-1", SLICE_INIT(UTF8_TEXT), UTF8_TEXT, true },
    { "SJIS as Latin-1", "iso-8859-1", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, true },
    { "SJIS as UTF-8", "utf-8", SLICE_INIT(SJIS_TEXT), UTF8_TEXT, true },
    { "EUC as ASCII", "us-ascii", SLICE_INIT(EUC_TEXT), UTF8_TEXT, true },
    { "ASCII as UTF-16", "utf-16", SLICE_INIT("Invoice 1234"), "Invoice 1234", true },
    { "UTF-16 as said", "utf-16le", SLICE_INIT("a\0b\0"), "ab", false },
    { "half-width kana like UTF-8", "shift_jis", SLICE_INIT("\xc3\xb1"), "\xef\xbe\x83\xef\xbd\xb1",
      false },
    { "real Latin-1", "iso-8859-1", SLICE_INIT("caf\xe9"), "caf\xc3\xa9", false },
    { "SJIS with one fault", "shift_jis", SLICE_INIT(SJIS_TEXT "\xff"), UTF8_TEXT MARK, false },
    { "real Chinese", "gb2312", SLICE_INIT("\xc4\xe3\xba\xc3"), "\xe4\xbd\xa0\xe5\xa5\xbd", false },
    { "real Russian", "koi8-r", SLICE_INIT("\xf0\xf2\xe9"), "\xd0\x9f\xd0\xa0\xd0\x98", false },
    { "empty", "iso-2022-jp", SLICE_INIT(""), "", false },
};

static void the_best_of_label_and_guess(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, best) {
        struct arena *a = arena_new(1 << 16);
        slice in = exact(row->in);
        bool lied = !row->lied;
        struct charset_result r = charset_decode_best(a, slice_of(row->label), in, &lied);
        if (!slice_is(r.text, row->want) || lied != row->lied)
            table_wrong(&t, row->name, "lied %d, %.*s", lied, SLICE_FMT(r.text));
        free_exact(in);
        arena_drop(&a);
    }
}

static void labels(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum charset_id want;
    } cases[] = {
        { "UTF-8", CHARSET_UTF8 },
        { "utf8", CHARSET_UTF8 },
        { "ISO-2022-JP", CHARSET_ISO2022JP },
        { "csISO2022JP", CHARSET_ISO2022JP },
        { "Shift_JIS", CHARSET_CP932 },
        { "MS_Kanji", CHARSET_CP932 },
        { "EUC-JP", CHARSET_EUCJP },
        { "ISO_8859-1:1987", CHARSET_WINDOWS1252 },
        { "us-ascii", CHARSET_WINDOWS1252 },
        { "iso-8859-2", CHARSET_OTHER },
        { "gb2312", CHARSET_OTHER },
        { "unicode-1-1-utf-7", CHARSET_UTF7 },
        { "utf-16be", CHARSET_UTF16BE },
        { "", CHARSET_UNKNOWN },
        { "---", CHARSET_UNKNOWN },
        { "utf", CHARSET_UNKNOWN },
        { "utf-88", CHARSET_UNKNOWN },
        { "\xef\xbc\xb5tf-8", CHARSET_UNKNOWN },
        { "utf-8 iso", CHARSET_UNKNOWN },
        { "a-label-of-more-than-forty-eight-letters-and-digits-is-none", CHARSET_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (charset_by_label(slice_of(cases[i].label)) != cases[i].want)
            fail_msg("%s", cases[i].label);
    for (enum charset_id id = CHARSET_UTF8; id < CHARSET_OTHER; id++)
        assert_int_equal(charset_by_label(slice_of(charset_label(id))), id);
}

static void codepages(void **state)
{
    (void)state;
    static const struct {
        unsigned codepage;
        slice in;
        const char *want;
    } cases[] = {
        { 932, SLICE_INIT("\x93\xfa\x96\x7b"), NIHON },
        { 10001, SLICE_INIT("\x93\xfa"), "\xe6\x97\xa5" },
        { 65001, SLICE_INIT(NIHON), NIHON },
        { 1252, SLICE_INIT("\xe9"), "\xc3\xa9" },
        { 1200, SLICE_INIT("a\0"), "a" },
        { 1251, SLICE_INIT("\xcf"), "\xd0\x9f" },
        { 10000, SLICE_INIT("\x8e"), "\xc3\xa9" },
        { 437, SLICE_INIT("\x82"), "\xc3\xa9" },
        { 850, SLICE_INIT("\x82"), "\xc3\xa9" },
        { 936, SLICE_INIT("\xc4\xe3"), "\xe4\xbd\xa0" },
        { 50221, SLICE_INIT(JIS_TEXT), UTF8_TEXT },
        { 0, SLICE_INIT(SJIS_TEXT), UTF8_TEXT },
        { 4294967295u, SLICE_INIT(SJIS_TEXT), UTF8_TEXT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(1 << 16);
        if (!slice_is(charset_decode_codepage(a, cases[i].codepage, cases[i].in).text,
                      cases[i].want))
            fail_msg("%u", cases[i].codepage);
        arena_drop(&a);
    }
}

/* Every converter of the table opens, or a locked-down process would miss it. */
static void every_charset_is_there(void **state)
{
    (void)state;
    static const unsigned pages[] = { 932,   936,   949,   950,   874,   437,   850,   852,
                                      866,   1250,  1251,  1252,  1253,  1254,  1255,  1256,
                                      1257,  1258,  10000, 10007, 20866, 21866, 28592, 28593,
                                      28594, 28595, 28596, 28597, 28598, 28599, 28600, 28603,
                                      28604, 28605, 50221, 50225, 51932, 52936, 54936, 65000 };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct arena *a = arena_new(1 << 16);
        slice in = SLICE_LIT("A\xd0\xfe\xa4\xbc"),
              latin = SLICE_LIT("A\xc3\x90\xc3\xbe\xc2\xa4\xc2\xbc");
        struct charset_result r = charset_decode_codepage(a, pages[i], in);
        if (!slice_starts(r.text, SLICE_LIT("A")) || slice_eq(r.text, latin) != (pages[i] == 1252))
            fail_msg("%u: %.*s", pages[i], SLICE_FMT(r.text));
        arena_drop(&a);
    }
}

static void nothing_is_copied_without_need(void **state)
{
    (void)state;
    struct arena *a = arena_new(16);
    slice ascii = SLICE_LIT("plain ASCII"), utf8 = SLICE_LIT(NIHON);
    static const char *const labels_of[] = { "utf-8",    "shift_jis", "iso-2022-jp",
                                             "us-ascii", "gb2312",    "utf-7" };
    for (size_t i = 0; i < sizeof labels_of / sizeof *labels_of; i++)
        assert_ptr_equal(charset_decode(a, slice_of(labels_of[i]), ascii).text.at, ascii.at);
    assert_ptr_equal(charset_decode(a, SLICE_LIT("utf-8"), utf8).text.at, utf8.at);
    assert_ptr_equal(charset_nfkc(a, ascii).at, ascii.at);
    assert_int_equal(arena_spent(a), 0);
    arena_drop(&a);
}

static void large_and_out_of_memory(void **state)
{
    (void)state;
    enum { N = 100001 };
    static uint8_t sjis[N];
    for (size_t i = 0; i + 1 < N; i += 2)
        memcpy(sjis + i, "\x93\xfa", 2);
    sjis[N - 1] = 0x96;
    struct arena *a = arena_new(1 << 20);
    struct charset_result r = charset_decode(a, SLICE_LIT("shift_jis"), (slice){ sjis, N });
    assert_int_equal(r.text.len, N / 2 * 3 + 3);
    assert_int_equal(r.faults, 1);
    assert_int_equal(arena_spent(a), (r.text.len + 15) / 16 * 16);
    arena_drop(&a);
    for (size_t ceiling = 0; ceiling < 3 * (size_t)N; ceiling += 30000) {
        a = arena_new(ceiling);
        r = charset_decode(a, SLICE_LIT("shift_jis"), (slice){ sjis, N });
        assert_int_equal(r.text.len, 0);
        assert_true(arena_full(a));
        arena_drop(&a);
    }
}

static void nfkc(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        { "", "" },
        { NIHON, NIHON },
        { "\xef\xbc\xb0\xef\xbc\xb7\xef\xbc\x9a\xef\xbc\x91", "PW:1" },
        { "\xef\xbe\x8a\xef\xbe\x9f\xef\xbd\xbd", "\xe3\x83\x91\xe3\x82\xb9" }, /* ha + ring + su */
        { CIRCLED_1 KABU, "1(\xe6\xa0\xaa)" },
        { "\xe3\x80\x80", " " },
        { "\xef\xb7\xba", NULL }, /* U+FDFA: eighteen characters of one */
        { "a\xcc\x81", "\xc3\xa1" },
        { "\xf0\x9d\x90\x80", "A" },
        { "\xff\xe3", MARK MARK },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(1 << 16);
        slice out = charset_nfkc(a, slice_of(cases[i].in));
        if (cases[i].want ? i < 9 && !slice_is(out, cases[i].want) : out.len != 33)
            fail_msg("%zu: %zu %.*s", i, out.len, SLICE_FMT(out));
        arena_drop(&a);
    }
}

static void skeleton(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool alike;
    } cases[] = {
        { "paypal.com", "p\xd0\xb0ypal.com", true }, /* Cyrillic a */
        { "paypal.com", "PayPal.com", false },       /* case is kept */
        { "paypal", "paypa1", true },
        { "paypal", "paypaI", true },
        { "google", "g\xce\xbf\xce\xbfgle", true },                    /* Greek omicron */
        { "amazon", "\xef\xbd\x81\xef\xbd\x8d\xef\xbd\x81zon", true }, /* full-width */
        { "amazon", "\xc3\xa0m\xc3\xa1z\xc3\xb6n", true },             /* accents */
        { "modern", "modem", true },
        { "B00K", "BOOK", true },
        { NIHON, NIHON, true },
        { "paypal", "paypol", false },
        { "\xe6\x97\xa5", "\xe6\x97\xa6", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(1 << 16);
        slice one = charset_skeleton(a, slice_of(cases[i].one));
        slice other = charset_skeleton(a, slice_of(cases[i].other));
        if (slice_eq(one, other) != cases[i].alike || one.len == 0)
            fail_msg("%s, %s: %.*s, %.*s", cases[i].one, cases[i].other, SLICE_FMT(one),
                     SLICE_FMT(other));
        arena_drop(&a);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_by_label),
        cmocka_unit_test(guesses),
        cmocka_unit_test(the_best_of_label_and_guess),
        cmocka_unit_test(labels),
        cmocka_unit_test(codepages),
        cmocka_unit_test(every_charset_is_there),
        cmocka_unit_test(nothing_is_copied_without_need),
        cmocka_unit_test(large_and_out_of_memory),
        cmocka_unit_test(nfkc),
        cmocka_unit_test(skeleton),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!charset_prepare())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
