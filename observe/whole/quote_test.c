/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define NEW "お世話になっております。\n"

/* What the first quote must say; NULL in `address`: there must be no quote. */
static const struct {
    const char *name, *text;
    const char *address, *sender, *subject;
    enum quote_language language;
    size_t recipients, quotes;
    bool forwarded;
    const char *fresh; /* text above the first quote; NULL: not compared */
} cases[] = {
    { "Outlook, English", "Please see.\n\n-----Original Message-----\nFrom: Taro Yamada [mailto:taro@example.co.jp] \nSent: Friday, March 04, 2022 12:17 PM\n"
      "To: Hanako Sato <hanako@example.invalid>; info@example.invalid\nCc: Ken\nSubject: RE: Quotation\n\nHello\n",
      "taro@example.co.jp", "Taro Yamada", "RE: Quotation", QUOTE_ENGLISH, 3, 1, false, "Please see.\n\n" },
    { "Outlook, Japanese labels", NEW "\n差出人: 山田 太郎 <taro@example.co.jp>\n送信日時: 2026年11月20日 10:15\n宛先: 佐藤 花子 <hanako@example.invalid>\nCC: 営業部 <eigyo@example.invalid>\n件名: 見積書の件\n\n本文\n",
      "taro@example.co.jp", "山田 太郎", "見積書の件", QUOTE_JAPANESE, 2, 1, false, NEW "\n" },
    { "Outlook, rule above", "了解しました。\n________________________________\n差出人: 山田 太郎 <taro@example.co.jp>\n送信日時: 2026年11月20日 10:15\n宛先: 佐藤\n件名: Re: 会議\n",
      "taro@example.co.jp", "山田 太郎", "Re: 会議", QUOTE_JAPANESE, 1, 1, false, "了解しました。\n" },
    { "Outlook for the web, mixed labels", "Thanks\n\nFrom: 山田 太郎 <taro@example.co.jp>\n日付: 日曜日, 2026年11月22日 10:00\nTo: 佐藤 花子 <hanako@example.invalid>\nSubject: Re: 会議\n",
      "taro@example.co.jp", "山田 太郎", "Re: 会議", QUOTE_ENGLISH, 1, 1, false, "Thanks\n\n" },
    { "Outlook mobile", "Outlook for iOS を入手\n________________________________\nFrom: taro@example.co.jp <taro@example.co.jp>\nSent: Sunday, November 22, 2026 10:00:00 AM\nTo: hanako@example.invalid <hanako@example.invalid>\nSubject: Re: x\n",
      "taro@example.co.jp", "", "Re: x", QUOTE_ENGLISH, 1, 1, false, NULL },
    { "Outlook HTML as text", "ok\n\nFrom: Taro <taro@example.co.jp<mailto:taro@example.co.jp>>\nSent: Friday\nTo: A <a@example.invalid<mailto:a@example.invalid>>; B <b@example.invalid<mailto:b@example.invalid>>\nSubject: x\n",
      "taro@example.co.jp", "Taro", "x", QUOTE_ENGLISH, 2, 1, false, NULL },
    { "bold labels", "hi\n\n*From:* Taro <taro@example.co.jp>\n*Sent:* Friday\n*To:* A <a@example.invalid>\n*Subject:* x\n",
      "taro@example.co.jp", "Taro", "x", QUOTE_ENGLISH, 1, 1, false, "hi\n\n" },
    { "labels in table cells", "hi\n\nFrom:\nTaro <taro@example.co.jp>\nDate:\n2026/11/22\nTo:\na@example.invalid\nSubject:\nx\n",
      "taro@example.co.jp", "Taro", "x", QUOTE_ENGLISH, 1, 1, false, NULL },
    { "full-width colon", NEW "差出人：山田<taro@example.co.jp>\n送信日時：2026年11月20日\n宛先：佐藤<hanako@example.invalid>\n件名：ご連絡\n",
      "taro@example.co.jp", "山田", "ご連絡", QUOTE_JAPANESE, 1, 1, false, NEW },
    { "no addresses, names only", "x\n\nFrom: Yamada, Taro\nSent: Friday, March 04, 2022 12:17 PM\nTo: Sato, Hanako; Suzuki, Ken; Kaneko\nSubject: x\n",
      "", "Yamada, Taro", "x", QUOTE_ENGLISH, 3, 1, false, NULL },
    { "recipients over lines", "x\n\n差出人: 山田 <taro@example.co.jp>\n送信日時: 今日\n宛先: 佐藤 <a@example.invalid>;\n 鈴木 <b@example.invalid>;\n 田中 <c@example.invalid>\n件名: x\n",
      "taro@example.co.jp", "山田", "x", QUOTE_JAPANESE, 3, 1, false, NULL },
    { "Outlook Express", "x\n----- Original Message ----- \nFrom: \"山田\" <taro@example.co.jp>\nTo: <a@example.invalid>\nSent: Friday, March 04, 2005 12:17 PM\nSubject: x\n",
      "taro@example.co.jp", "山田", "x", QUOTE_ENGLISH, 1, 1, false, "x\n" },
    { "Yahoo! mail Japan", "x\n\n----- Original Message -----\n> From: \"山田\" <taro@example.co.jp>\n> To: a@example.invalid\n> Date: 2026/11/22, Sun 10:00\n> Subject: x\n> \n> 本文\n",
      "taro@example.co.jp", "山田", "x", QUOTE_ENGLISH, 1, 1, false, "x\n\n" },
    { "docomo", "x\n-----元のメール-----\n差出人: taro@example.co.jp\n件名: x\n", "taro@example.co.jp", "", "x", QUOTE_JAPANESE, 0, 1, false, "x\n" },
    { "Gmail forward", "FYI\n\n---------- Forwarded message ---------\nFrom: 山田 <taro@example.co.jp>\nDate: 2026年11月22日(日) 10:00\nSubject: 見積\nTo: <a@example.invalid>\n",
      "taro@example.co.jp", "山田", "見積", QUOTE_ENGLISH, 1, 1, true, "FYI\n\n" },
    { "Gmail forward, Japanese marker", "FYI\n---------- 転送メッセージ ---------\n差出人: 山田 <taro@example.co.jp>\n日付: 2026年11月22日(日) 10:00\n件名: 見積\n宛先: <a@example.invalid>\n",
      "taro@example.co.jp", "山田", "見積", QUOTE_JAPANESE, 1, 1, true, "FYI\n" },
    { "Apple Mail forward", "FYI\n\nBegin forwarded message:\n\nFrom: Taro <taro@example.co.jp>\nSubject: x\nDate: 22 November 2026\nTo: a@example.invalid\n",
      "taro@example.co.jp", "Taro", "x", QUOTE_ENGLISH, 1, 1, true, "FYI\n\n" },
    { "Thunderbird forward", "-------- 転送されたメッセージ --------\n件名: x\n日付: Sun, 22 Nov 2026 10:00:00 +0900\n差出人: 山田 <taro@example.co.jp>\n宛先: a@example.invalid\n",
      "taro@example.co.jp", "山田", "x", QUOTE_JAPANESE, 1, 1, true, "" },
    { "Gmail reply, English, wrapped", "Thanks!\n\nOn Fri, Nov 20, 2026 at 10:00 AM Taro Yamada <\ntaro@example.co.jp> wrote:\n\n> Hello\n",
      "taro@example.co.jp", "Taro Yamada", "", QUOTE_ENGLISH, 0, 1, false, "Thanks!\n\n" },
    { "Gmail reply, narrow space", "ok\nOn Fri, Nov 20, 2026 at 10:00\xE2\x80\xAF" "AM Taro Yamada <taro@example.co.jp> wrote:\n> x\n",
      "taro@example.co.jp", "Taro Yamada", "", QUOTE_ENGLISH, 0, 1, false, "ok\n" },
    { "Gmail reply, Japanese", NEW "\n2026年11月22日(日) 10:00 山田 太郎 <taro@example.co.jp>:\n\n> 本文\n",
      "taro@example.co.jp", "山田 太郎", "", QUOTE_JAPANESE, 0, 1, false, NEW "\n" },
    { "Gmail reply, Japanese, wrapped", NEW "2026年11月22日(日) 10:00 株式会社サンプル 営業部 山田 太郎 <\ntaro@example.co.jp>:\n> 本文\n",
      "taro@example.co.jp", "株式会社サンプル 営業部 山田 太郎", "", QUOTE_JAPANESE, 0, 1, false, NEW },
    { "old Gmail", "x\n2016-11-22 10:00 GMT+09:00 山田 <taro@example.co.jp>:\n> x\n", "taro@example.co.jp", NULL, "", QUOTE_OTHER, 0, 1, false, "x\n" },
    { "Apple Mail, Japanese", "了解\n\niPhoneから送信\n\n2026/11/22 10:00、山田 太郎 <taro@example.co.jp>のメール:\n\n> 本文\n",
      "taro@example.co.jp", "山田 太郎", "", QUOTE_JAPANESE, 0, 1, false, NULL },
    { "Apple Mail, English", "Ok.\n\n> On 20 Nov 2026, at 10:00, Taro Yamada <taro@example.co.jp> wrote:\n> \n> Hello\n",
      "taro@example.co.jp", "Taro Yamada", "", QUOTE_ENGLISH, 0, 1, false, "Ok.\n\n" },
    { "Thunderbird, Japanese", "はい\n\nOn 2026/11/22 10:00, 山田 太郎 wrote:\n> 本文\n> 本文\n", "", "山田 太郎", "", QUOTE_ENGLISH, 0, 1, false, "はい\n\n" },
    { "Thunderbird, old Japanese", "はい\n(2026/11/22 10:00), 山田 太郎 wrote:\n> 本文\n", "", "山田 太郎", "", QUOTE_ENGLISH, 0, 1, false, "はい\n" },
    { "Becky!", "はい\n\nOn Sun, 22 Nov 2026 10:00:00 +0900\n山田 太郎 <taro@example.co.jp> wrote:\n\n> 本文\n", "taro@example.co.jp", "山田 太郎", "", QUOTE_ENGLISH, 0, 1, false, "はい\n\n" },
    { "AL-Mail, message id in front", "はい\nIn message <20261122100000.AB12@mail.example.net>\n   山田 <taro@example.co.jp> writes:\n> x\n", "taro@example.co.jp", "山田", "", QUOTE_ENGLISH, 0, 1, false, "はい\n" },
    { "written in Japanese", "はい\n山田 太郎<taro@example.co.jp>さんは書きました:\n> x\n", "taro@example.co.jp", "山田 太郎", "", QUOTE_JAPANESE, 0, 1, false, "はい\n" },
    { "written in Japanese, family name only", "はい\n\n山田 さんは書きました:\n> x\n", "", "山田", "", QUOTE_JAPANESE, 0, 1, false, "はい\n\n" },
    { "written, but nothing is quoted", "報告書には次のように書きました:\n以上\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "full-width address", NEW "差出人: 山田 <ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ>\n送信日時: 今日\n件名: x\n", "taro@example.jp", "山田", "x", QUOTE_JAPANESE, 0, 1, false, NULL },
    { "German", "Danke\n\n-----Ursprüngliche Nachricht-----\nVon: Max <max@example.de>\nGesendet: Freitag\nAn: a@example.invalid\nBetreff: x\n", "max@example.de", "Max", "x", QUOTE_OTHER, 1, 1, false, "Danke\n\n" },
    { "two levels", "a\n\nFrom: B <b@example.invalid>\nSent: today\nTo: A <a@example.invalid>\nSubject: Re: x\n\nb\n\nFrom: A <a@example.invalid>\nSent: yesterday\nTo: B <b@example.invalid>\nSubject: x\n\nc\n",
      "b@example.invalid", "B", "Re: x", QUOTE_ENGLISH, 1, 2, false, "a\n\n" },
    { "two levels without a gap", "From: B <b@example.invalid>\nSent: today\nSubject: Re: x\nFrom: A <a@example.invalid>\nSent: yesterday\nSubject: x\n",
      "b@example.invalid", "B", "Re: x", QUOTE_ENGLISH, 0, 2, false, "" },
    { "quote marks, Japanese", NEW "＞先日の件ですが\n＞いかがでしょうか\n承知しました。\n", NULL, NULL, NULL, 0, 0, 0, false, NEW },
    { "CRLF", "a\r\n\r\nFrom: B <b@example.invalid>\r\nSent: today\r\nSubject: x\r\n", "b@example.invalid", "B", "x", QUOTE_ENGLISH, 0, 1, false, "a\r\n\r\n" },
    /* nothing to be taken for a quote */
    { "empty", "", NULL, NULL, NULL, 0, 0, 0, false, "" },
    { "one label in a sentence", "From: here to there.\nNothing else.\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "labels of a form", "日時: 11月30日 10:00\n件名: 定例会議\n場所: 会議室\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "signature", "山田\nTel: 03-0000-0000\nMail: taro@example.co.jp\nTo: be confirmed\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "On ..., no quote", "On Monday we meet at 10:00. He wrote to taro@example.co.jp.\nSee you.\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "he said", "And then the manager said:\nno.\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "date and colon", "2026年11月22日(日) 10:00 より次のとおり:\n会議\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "one arrow", "> 重要\n本文\n", NULL, NULL, NULL, 0, 0, 0, false, "> 重要\n本文\n" },
    { "marker without header", "x\n-----Original Message-----\nHello\n", NULL, NULL, NULL, 0, 0, 0, false, "x\n" },
    { "empty sender", "From:\nTo:\nSubject:\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "only markers", "-----Original Message-----\n-----Original Message-----\n", NULL, NULL, NULL, 0, 0, 0, false, "" },
    { "label at the very end", "x\nFrom: a@example.invalid\nSent:", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "only colons", "::::\n：：：：\n:\n", NULL, NULL, NULL, 0, 0, 0, false, NULL },
    { "broken UTF-8", "From: \xff\xfe <a@example.invalid>\nSent: \xe3\x81\nSubject: \xc2\n", "a@example.invalid", NULL, NULL, QUOTE_ENGLISH, 0, 1, false, "" },
};

static slice text_of(slice s)
{
    return s.at ? s : SLICE_LIT("");
}

static void same(const char *name, const char *what, slice got, const char *wanted)
{
    if (wanted && !slice_is(text_of(got), wanted)) {
        print_message("%s: %s is '%.*s', not '%s'\n", name, what, SLICE_FMT(got), wanted);
        fail();
    }
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name = cases[i].name;
        struct arena *mem = arena_new(4 << 20);
        struct quotes q;
        slice text = slice_of(cases[i].text);
        uint8_t *exact = malloc(text.len ? text.len : 1);
        assert_non_null(exact);
        if (text.len)
            memcpy(exact, text.at, text.len);
        text.at = exact;
        assert_true(quote_read(mem, text, &q));
        size_t wanted = cases[i].address ? cases[i].quotes : 0;
        if (q.n != wanted)
            print_message("%s: %zu quotes, not %zu\n", name, q.n, wanted);
        assert_int_equal(q.n, wanted);
        if (cases[i].fresh)
            same(name, "fresh", slice_sub(text, 0, q.fresh), cases[i].fresh);
        if (wanted) {
            same(name, "address", q.list[0].sender.address, cases[i].address);
            same(name, "name", q.list[0].sender.name, cases[i].sender);
            same(name, "subject", q.list[0].subject, cases[i].subject);
            if (q.list[0].n_recipients != cases[i].recipients || q.list[0].language != cases[i].language ||
                q.list[0].forwarded != cases[i].forwarded)
                print_message("%s: %zu recipients, language %d, forwarded %d\n", name, q.list[0].n_recipients,
                              (int)q.list[0].language, q.list[0].forwarded);
            assert_int_equal(q.list[0].n_recipients, cases[i].recipients);
            assert_int_equal(q.list[0].language, cases[i].language);
            assert_int_equal(q.list[0].forwarded, cases[i].forwarded);
            assert_true(q.list[0].at <= text.len);
        }
        free(exact);
        arena_drop(&mem);
    }
}

/* Every prefix of every case: ranges stay inside, nothing is read past the end. */
static void test_prefixes(void **state)
{
    (void)state;
    struct arena *mem = arena_new(4 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t whole = strlen(cases[i].text);
        for (size_t len = 0; len <= whole; len++) {
            uint8_t *exact = malloc(len ? len : 1);
            assert_non_null(exact);
            if (len)
                memcpy(exact, cases[i].text, len);
            struct quotes q;
            assert_true(quote_read(mem, (slice){ exact, len }, &q));
            assert_true(q.fresh <= len && q.n <= QUOTES_MAX);
            for (size_t k = 0; k < q.n; k++)
                assert_true(q.list[k].at <= len && q.list[k].n_recipients <= QUOTE_PEOPLE_MAX);
            free(exact);
            arena_reset(mem);
        }
    }
    arena_drop(&mem);
}

/* 256 KiB of what costs most must stay linear: counted in memory, which is bounded. */
static void test_hostile_size(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "From: a@example.invalid\n", "差出人: 山田 <a@example.invalid>;b@example.invalid\n", ">", "@", "On 1 a@b.cc ",
        "To: a@b.cd;a@b.ce;a@b.cf;a@b.cg;a@b.ch;a@b.ci\n", "2026/11/22 10:00\n", "-----Original Message-----\nFrom: x\n", "：\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t len = strlen(lines[i]), n = (256 << 10) / len * len;
        uint8_t *big = malloc(n);
        assert_non_null(big);
        for (size_t k = 0; k < n; k++)
            big[k] = (uint8_t)lines[i][k % len];
        struct arena *mem = arena_new(16 << 20);
        struct quotes q;
        assert_true(quote_read(mem, (slice){ big, n }, &q));
        assert_true(q.n <= QUOTES_MAX);
        assert_false(arena_full(mem));
        arena_drop(&mem);
        free(big);
    }
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (size_t at = 1; at < 12; at++) {
        struct arena *mem = arena_new(4 << 20);
        arena_fail_at(mem, at);
        struct quotes q;
        bool ok = quote_read(mem, slice_of(cases[1].text), &q);
        assert_true(ok ? q.n == 1 : q.n == 0);
        arena_drop(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_hostile_size),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
