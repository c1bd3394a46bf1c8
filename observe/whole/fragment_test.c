/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/fragment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static const struct {
    const char *name, *piece, *whole;
    bool wanted;
} pairs[] = {
    { "cut at the end", "カスタマー満足度アンケー", "カスタマー満足度アンケート調査 ご協力のお願い", true },
    { "cut at the front", "ト調査 ご協力のお願い", "カスタマー満足度アンケート調査 ご協力のお願い", true },
    { "cut at both ends", "スタマー満足度アンケー", "カスタマー満足度アンケート調査", true },
    { "English, cut", "rterly sales repor", "Quarterly sales report 2026", true },
    { "other case and width", "RTERLY　SALES　REPOR", "Quarterly sales report 2026", true },
    { "equal", "カスタマー満足度アンケート調査", "カスタマー満足度アンケート調査", false },
    { "whole words", "満足度", "カスタマー満足度アンケート調査", false },
    { "whole words at the front", "カスタマー満足度", "カスタマー満足度アンケート調査", false },
    { "kanji compound", "請求書", "請求書送付のご案内", false },
    { "kanji compound, long", "月次業務報告書", "月次業務報告書提出期限について", false },
    { "English words", "sales report", "Quarterly sales report 2026", false },
    { "one English word in another", "port", "Portfolio report", false },
    { "one cut word", "アンケー", "アンケート調査", false },
    { "long word, cut", "カスタマーサポー", "カスタマーサポートセンターより", true },
    { "too short", "ンケー", "カスタマー満足度アンケート調査", false },
    { "not contained", "カスタマー不満度アンケー", "カスタマー満足度アンケート調査", false },
    { "longer than the whole", "カスタマー満足度アンケート調査", "アンケー", false },
    { "empty piece", "", "アンケート", false },
    { "empty whole", "アンケー", "", false },
    { "digits", "2026112", "20261122", false },
    { "broken UTF-8", "\xe3\x82\xff\xff", "\xe3\x82\xff\xff\xff", false },
};

static void test_pairs(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (fragment_of(mem, slice_of(pairs[i].piece), slice_of(pairs[i].whole)) != pairs[i].wanted)
            print_message("%s\n", pairs[i].name);
        assert_int_equal(fragment_of(mem, slice_of(pairs[i].piece), slice_of(pairs[i].whole)), pairs[i].wanted);
    }
    arena_drop(&mem);
}

/* Six subjects and a file name as a mass mail of 2020-09 carried them, cut at random. */
static const char *const campaign[] = {
    "カスタマー満足度アンケー",
    "ト調査 ご協力のお願い",
    "マー満足度アンケート調",
    "アンケート調査 ご協力のお願",
    "【重要】カスタマー満足度アンケート",
    "要】カスタマー満足度アンケ",
    "カスタマー満足度アンケート調査 ご協力のお願い.doc",
};
enum { CAMPAIGN = sizeof campaign / sizeof *campaign, UNRELATED = 1000 };

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

#define PICK(seed, list) list[draw(seed, sizeof list / sizeof *list)]

/* Business subjects as they are: set phrases, names, months, numbers in all combinations. */
static slice subject(struct arena *mem, uint64_t *seed, size_t i)
{
    static const char *const heads[] = { "", "", "", "Re: ", "【重要】", "【ご案内】", "[社内] ", "Fwd: ", "【至急】", "＜確認依頼＞" };
    static const char *const firms[] = { "株式会社サンプル商事", "見本工業", "テスト電機サービス", "例示システムズ", "ダミーロジスティクス", "仮想ソフトウェア",
                                         "Example Trading", "Sample Logistics Japan", "山田製作所", "佐藤" };
    static const char *const things[] = { "お見積書", "請求書", "納品書", "発注書", "契約書", "会議資料", "月次報告書", "アンケート", "システムメンテナンス", "サーバー証明書更新",
                                          "勤怠データ", "新製品カタログ", "キャンペーン", "セミナー", "定例ミーティング", "プロジェクト進捗", "オンラインストレージ", "ネットワーク機器" };
    static const char *const tails[] = { "送付の件", "のご確認のお願い", "について", "のご案内", "のお知らせ", "ご提出のお願い", "の件", "（再送）", "のスケジュール変更について", "の日程調整", "に関するお問い合わせ" };
    static const char *const english[] = { "Quarterly report", "Invoice", "Meeting minutes", "Purchase order", "Delivery schedule", "System maintenance", "Project status",
                                           "Training session", "Your order", "Password policy", "Contract renewal", "Shipping notice" };
    static const char *const english_tails[] = { "for review", "attached", "next week", "- updated", "reminder", "confirmation", "(final)", "request" };
    char text[256];
    int n;
    if (draw(seed, 4) == 0)
        n = snprintf(text, sizeof text, "%s%s %s %s #%zu", PICK(seed, heads), PICK(seed, firms), PICK(seed, english), PICK(seed, english_tails), i * 37 + 1000);
    else if (draw(seed, 2))
        n = snprintf(text, sizeof text, "%s%s %u月分%s%s%zu", PICK(seed, heads), PICK(seed, firms), draw(seed, 12) + 1, PICK(seed, things), PICK(seed, tails), i);
    else
        n = snprintf(text, sizeof text, "%s%s%s（%u/%u）%s様", PICK(seed, heads), PICK(seed, things), PICK(seed, tails), draw(seed, 12) + 1, draw(seed, 28) + 1, PICK(seed, firms));
    return arena_copy(mem, (slice){ (const uint8_t *)text, (size_t)n });
}

static void test_campaign_among_unrelated(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct arena *mem = arena_new(64 << 20);
        slice *texts = ARENA_ARRAY(mem, slice, UNRELATED + CAMPAIGN);
        uint32_t *groups = ARENA_ARRAY(mem, uint32_t, UNRELATED + CAMPAIGN);
        assert_non_null(texts);
        assert_non_null(groups);
        uint64_t s = seed;
        for (size_t i = 0; i < UNRELATED; i++)
            texts[i] = subject(mem, &s, i);
        for (size_t i = 0; i < CAMPAIGN; i++)
            texts[UNRELATED + i] = slice_of(campaign[i]);
        assert_true(fragment_group(texts, UNRELATED + CAMPAIGN, mem, groups));
        for (uint32_t i = 0; i < UNRELATED; i++) {
            if (groups[i] != i && !slice_eq(texts[groups[i]], texts[i]))
                print_message("%.*s | %.*s\n", SLICE_FMT(texts[groups[i]]), SLICE_FMT(texts[i]));
            assert_true(groups[i] == i || slice_eq(texts[groups[i]], texts[i]));
        }
        for (uint32_t i = UNRELATED; i < UNRELATED + CAMPAIGN; i++)
            assert_int_equal(groups[i], UNRELATED);
        arena_drop(&mem);
    }
}

static void test_small_sets(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    uint32_t g[4] = { 9, 9, 9, 9 };
    assert_true(fragment_group(NULL, 0, mem, g));
    slice one[] = { SLICE_LIT("アンケート") };
    assert_true(fragment_group(one, 1, mem, g));
    assert_int_equal(g[0], 0);
    slice same[] = { SLICE_LIT("請求書の件"), SLICE_LIT("請求書の件"), SLICE_LIT(""), SLICE_LIT("") };
    assert_true(fragment_group(same, 4, mem, g));
    assert_int_equal(g[1], 0);
    assert_int_equal(g[2], 2);
    assert_int_equal(g[3], 3);
    arena_drop(&mem);
}

/* Sizes and repetitions an attacker would choose: must stay linear. */
static void test_hostile(void **state)
{
    (void)state;
    enum { N = 2000, LEN = 1536 };
    struct arena *mem = arena_new(64 << 20);
    uint8_t *big = ARENA_ARRAY(mem, uint8_t, N + LEN + 3);
    slice *texts = ARENA_ARRAY(mem, slice, N);
    uint32_t *groups = ARENA_ARRAY(mem, uint32_t, N);
    assert_non_null(big);
    assert_non_null(texts);
    assert_non_null(groups);
    for (size_t i = 0; i < N + LEN; i++)
        big[i] = (uint8_t)"\xe3\x82\xa2"[i % 3];
    for (size_t i = 0; i < N; i++)
        texts[i] = (slice){ big + i % 3, LEN - i / 3 };
    clock_t begin = clock();
    assert_true(fragment_group(texts, N, mem, groups));
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    print_message("# %d texts of %d equal letters: %.2f s\n", N, LEN / 3, seconds);
    assert_true(seconds < 20);
    arena_drop(&mem);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    slice texts[CAMPAIGN];
    uint32_t groups[CAMPAIGN];
    for (size_t i = 0; i < CAMPAIGN; i++)
        texts[i] = slice_of(campaign[i]);
    for (size_t at = 1; at < 24; at++) {
        struct arena *mem = arena_new(1 << 20);
        arena_fail_at(mem, at);
        if (!fragment_group(texts, CAMPAIGN, mem, groups))
            for (uint32_t i = 0; i < CAMPAIGN; i++)
                assert_int_equal(groups[i], i);
        arena_drop(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_campaign_among_unrelated),
        cmocka_unit_test(test_small_sets),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
