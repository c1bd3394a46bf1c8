/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of plain.c: charsets, figures, and where the quoted mail begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decode/harness.h"
#include "decode/plain.h"

static void charset_parameters(void **state)
{
    static const struct {
        const char *type, *charset;
    } cases[] = {
        { "text/plain; charset=iso-2022-jp", "iso-2022-jp" },
        { "text/plain; Charset = \"Shift_JIS\"; format=flowed", "Shift_JIS" },
        { "text/plain", "" },
        { "text/plain; charset", "" },
        { "text/plain; charset=", "" },
        { "charset='utf-8'", "utf-8" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!slice_is(plain_charset(slice_of(cases[i].type)), cases[i].charset))
            fail_msg("%s", cases[i].type);
}

static void words(void **state)
{
    static const struct {
        const char *text;
        size_t words;
    } cases[] = {
        { "", 0 },
        { " \n\t", 0 },
        { "one", 1 },
        { "one two  three\nfour", 4 },
        { "don't re-use v1.2", 3 },
        { "!!! ???", 0 },
        { "請求書", 2 },
        { "コンテンツの有効化 Excel", 6 },
        { "日本　語", 2 },
        { "naïve café", 2 },
        { "\xff\xfe", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (plain_words(slice_of(cases[i].text)) != cases[i].words)
            fail_msg("\"%s\": %zu", cases[i].text, plain_words(slice_of(cases[i].text)));
}

static void language(void **state)
{
    (void)state;
    assert_true(plain_is_japanese(SLICE_LIT("お世話になっております。請求書をお送りします。")));
    assert_true(plain_is_japanese(SLICE_LIT("ｵｾﾜﾆﾅｯﾃｵﾘﾏｽ")));
    assert_false(plain_is_japanese(SLICE_LIT("Dear customer, please find the invoice attached.")));
    assert_false(plain_is_japanese(SLICE_LIT("您好，请查收发票。")));
    assert_false(plain_is_japanese(SLICE_LIT("")));
}

static void quoted_mail_begins(void **state)
{
    static const struct {
        const char *name, *text;
        const char *above; /* what stands above the quote; NULL: no quote */
    } cases[] = {
        { "none", "Hello\nSee you\n", NULL },
        { "Outlook English", "Please see attached.\n\n-----Original Message-----\nFrom: a\n",
          "Please see attached.\n\n" },
        { "Outlook Japanese", "添付します。\n-----元のメッセージ-----\n", "添付します。\n" },
        { "Outlook header block", "OK\nFrom: A <a@a.example>\nSent: Monday\nTo: b\n", "OK\n" },
        { "Outlook Japanese block",
          "了解です\n差出人: A <a@a.example>\n送信日時: 2026年1月1日\n宛先: b\n", "了解です\n" },
        { "full-width colon", "了解です\n差出人：A\n件名：x\n", "了解です\n" },
        { "rule and block", "OK\n________________________________\nFrom: A\nDate: x\n",
          "OK\n________________________________\n" },
        { "Gmail English",
          "Thanks\n\nOn Sun, Nov 22, 2026 at 10:00 AM A <a@a.example> wrote:\n> x\n",
          "Thanks\n\n" },
        { "Gmail folded", "Thanks\nOn Sun, Nov 22, 2026 at 10:00 AM A\n<a@a.example> wrote:\n> x\n",
          "Thanks\n" },
        { "Gmail Japanese", "承知しました\n2026年11月22日(日) 10:00 A <a@a.example>:\n> x\n",
          "承知しました\n" },
        { "Apple Japanese", "はい\n2026/11/22 10:00、A <a@a.example>のメール:\n", "はい\n" },
        { "angle quotes", "はい\n> 一行目\n> 二行目\n", "はい\n" },
        { "full-width angles", "はい\n＞一行目\n＞二行目\n", "はい\n" },
        { "forward", "FYI\n---------- Forwarded message ---------\nFrom: a\n", "FYI\n" },
        { "begin forwarded", "FYI\nBegin forwarded message:\n", "FYI\n" },
        { "first line", "> a\n> b\n", "" },
        { "From: in a sentence", "From: the beginning it was clear\nthat this is no quote\n",
          NULL },
        { "one arrow", "x\n> y\nmore\n", NULL },
        { "a rule only", "x\n-----\ny\n", NULL },
        { "time with colon", "10:00 start:\nend\n", NULL },
        { "CRLF", "OK\r\n-----Original Message-----\r\nFrom: a\r\n", "OK\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slice text = slice_of(cases[i].text);
        size_t at = plain_quote_start(text),
               want = cases[i].above ? strlen(cases[i].above) : text.len;
        if (at != want)
            fail_msg("%s: %zu, not %zu", cases[i].name, at, want);
    }
}

static void quote_search_is_linear(void **state)
{
    static char text[512 << 10];
    static const char *const lines[] = { "From: \n", "> \nx\n",   "-----\n", "1@:\nx\n",
                                         "On \n",    "差出人:\n", "\n",      "x" };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t n = strlen(lines[i]);
        for (size_t at = 0; at + n <= sizeof text; at += n)
            memcpy(text + at, lines[i], n);
        assert_true(plain_quote_start((slice){ (const uint8_t *)text, sizeof text }) <=
                    sizeof text);
    }
}

static void sniffing(void **state)
{
    static const struct {
        const char *name;
        slice bytes;
        bool text;
    } cases[] = {
        { "ascii", SLICE_INIT("hello\r\n"), true },
        { "utf-8", SLICE_INIT("請求書"), true },
        { "iso-2022-jp", SLICE_INIT("\x1b$B@A5a\x1b(B"), true },
        { "shift_jis", SLICE_INIT("\x90\xbf\x8b\x81"), true },
        { "utf-16 with mark", SLICE_INIT("\xff\xfeh\0i\0"), true },
        { "utf-16 without", SLICE_INIT("h\0e\0l\0l\0o\0!\0"), true },
        { "utf-16be without", SLICE_INIT("\0h\0e\0l\0l\0o\0!"), true },
        { "zip", SLICE_INIT("PK\3\4\24\0\0\0\10\0\1\2\3\4\5\6"), false },
        { "zeros", SLICE_INIT("\0\0\0\0\0\0\0\0\0\0\0\0"), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct body b = body_borrow(cases[i].bytes);
        if (plain_sniff(&b) != cases[i].text)
            fail_msg("%s", cases[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charset_parameters),
        cmocka_unit_test(words),
        cmocka_unit_test(language),
        cmocka_unit_test(quoted_mail_begins),
        cmocka_unit_test(quote_search_is_linear),
        cmocka_unit_test(sniffing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
