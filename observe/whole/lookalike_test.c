/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/lookalike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

static const struct {
    const char *name, *domain, *genuine;
    bool wanted;
} domains[] = {
    { "rn for m", "rnicro-parts.com", "micro-parts.com", true },
    { "vv for w", "vvorldparts.com", "worldparts.com", true },
    { "one for l", "goodva1ve.co.jp", "goodvalve.co.jp", true },
    { "I for l", "goodvaive.co.jp", "goodvalve.co.jp", true },
    { "letter doubled", "goodvallve.co.jp", "goodvalve.co.jp", true },
    { "letters swapped", "godovalve.co.jp", "goodvalve.co.jp", true },
    { "two edits in a long name", "goodvalveindustrjez.com", "goodvalveindustries.com", true },
    { "Greek o", "g\xCE\xBF" "odvalve.com", "goodvalve.com", true },
    { "accent", "g\xC3\xB6odvalve.com", "goodvalve.com", true },
    { "Punycode of an accent", "xn--mnchen-3ya.example", "munchen.example", true },
    { "hyphens for dots", "mail-goodvalve-co-jp.invalid", "goodvalve.co.jp", true },
    { "as a subdomain", "goodvalve.co.jp.login.invalid", "goodvalve.co.jp", true },
    { "a subdomain of the genuine", "goodva1ve.goodvalve.co.jp", "goodvalve.co.jp", false },
    { "equal", "goodvalve.co.jp", "goodvalve.co.jp", false },
    { "other suffix", "goodvalve.com", "goodvalve.co.jp", false },
    { "two edits in a short name", "gaadvalve.jp", "goodvalve.jp", false },
    { "one edit, five letters", "abcde.jp", "abcdf.jp", false },
    { "numbered", "serverfarm01.jp", "serverfarm15.jp", false },
    { "within another name", "notgoodvalve.co.jp.invalid", "goodvalve.co.jp", false },
    { "unrelated", "stationery.jp", "goodvalve.jp", false },
    { "empty", "", "goodvalve.jp", false },
    { "both empty", "", "", false },
    { "only a suffix", "co.jp", "co.jp", false },
    { "dots", "...", "..", false },
    { "bad bytes", "\xff\xfe.jp", "goodvalve.jp", false },
};

static void test_domains(void **state)
{
    (void)state;
    struct arena *mem = arena_new(4 << 20);
    struct table t = { 0 };
    TABLE_EACH (&t, row, domains) {
        bool got = lookalike_domains(mem, slice_of(row->domain), slice_of(row->genuine));
        table_true(&t, row->name, got == row->wanted);
    }
    arena_drop(&mem);
}

static const struct {
    const char *host, *shown;
} punycode[] = {
    { "xn--wgv71a119e.jp", "日本語.jp" },
    { "xn--bcher-kva.example", "bücher.example" },
    { "XN--BCHER-KVA.example", "bücher.example" },
    { "www.xn--pple-43d.com", "www.\xD0\xB0pple.com" },
    { "plain.example", "plain.example" },
    { "xn--", "" },
    { "xn--a", "xn--a" },
    { "xn--99999999999999999.jp", "xn--99999999999999999.jp" },
    { "xn--\xff.jp", "xn--\xEF\xBF\xBD.jp" },
};

static void test_punycode(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof punycode / sizeof *punycode; i++) {
        slice got = lookalike_shown(mem, slice_of(punycode[i].host));
        bool broken = i >= 5; /* only that it ends, inside its bounds */
        if (!broken && !slice_is(got, punycode[i].shown))
            print_message("%s: %.*s\n", punycode[i].host, SLICE_FMT(got));
        assert_true(broken || slice_is(got, punycode[i].shown));
    }
    /* every label of up to three letters and some random ones: never out of bounds */
    uint64_t seed = 7;
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t label[40] = "xn--";
        size_t len = 4;
        for (seed = seed * 6364136223846793005u + 1; len < 5 + (seed >> 60) * 2; len++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            label[len] = (uint8_t)"abcdefghijklmnopqrstuvwxyz0123456789-."[(seed >> 33) % 38];
        }
        (void)lookalike_shown(mem, (slice){ label, len });
        arena_reset(mem);
    }
    arena_drop(&mem);
}

static const struct {
    const char *name, *text;
    bool host, wanted;
} mixed[] = {
    { "Latin", "example", true, false },
    { "Japanese with Latin", "ABC商事カスタマー", false, false },
    { "Cyrillic in Latin", "ex\xD0\xB0mple", false, true },
    { "Greek in Latin", "ex\xCE\xBFmple", true, true },
    { "two words of two scripts", "Ivan Иван", false, false },
    { "joined by a hyphen", "Ivan-Иван", false, true },
    { "Cyrillic word of twins in a name", "сосна", false, false },
    { "the same as a host", "сосна.example", true, true },
    { "Cyrillic host with other letters", "пример.example", true, false },
    { "unit", "10µm 5kΩ", false, false },
    { "mathematical", "\xF0\x9D\x95\xBB" "ay", false, true },
    { "empty", "", true, false },
    { "bad bytes", "\xff\xff\xff", true, false },
};

static void test_mixed(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, mixed) {
        bool got = lookalike_mixed(slice_of(row->text), row->host);
        table_true(&t, row->name, got == row->wanted);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_domains), cmocka_unit_test(test_punycode), cmocka_unit_test(test_mixed) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
