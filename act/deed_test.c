/* SPDX-License-Identifier: Apache-2.0 */
/* Deeds: the strictest of all recipients, and nothing more than a tag while observing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "act/deed.h"
#include "tests/table.h"

static void names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DEEDS; i++) {
        enum deed d = DEEDS;
        assert_true(deed_by_name(slice_of(deed_name((enum deed)i)), &d));
        assert_int_equal(d, i);
    }
    enum deed d = DEED_HOLD;
    assert_false(deed_by_name(SLICE_LIT("Reject"), &d));
    assert_false(deed_by_name(SLICE_LIT(""), &d));
    assert_false(deed_by_name(SLICE_LIT("hol"), &d));
    assert_int_equal(d, DEED_HOLD);
}

static void cases_of_verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum verdict verdict;
        enum unread_cause causes[3];
        uint32_t n;
        enum deed_case want;
    } cases[] = {
        { "clean", VERDICT_CLEAN, { 0 }, 0, DEED_OF_CLEAN },
        { "clean with something unread", VERDICT_CLEAN, { UNREAD_NO_READER }, 1, DEED_OF_CLEAN },
        { "malicious with a crash", VERDICT_MALICIOUS, { UNREAD_CRASHED }, 1, DEED_OF_MALICIOUS },
        { "suspicious", VERDICT_SUSPICIOUS, { UNREAD_ENCRYPTED }, 1, DEED_OF_SUSPICIOUS },
        { "encrypted", VERDICT_UNKNOWN, { UNREAD_ENCRYPTED }, 1, DEED_OF_ENCRYPTED },
        { "damaged", VERDICT_UNKNOWN, { UNREAD_DAMAGED }, 1, DEED_OF_DAMAGED },
        { "limit", VERDICT_UNKNOWN, { UNREAD_LIMIT }, 1, DEED_OF_LIMIT },
        { "no reader", VERDICT_UNKNOWN, { UNREAD_NO_READER }, 1, DEED_OF_NO_READER },
        { "a crash hides behind a password",
          VERDICT_UNKNOWN,
          { UNREAD_ENCRYPTED, UNREAD_CRASHED, UNREAD_NO_READER },
          3,
          DEED_OF_CRASHED },
        { "a limit before damage",
          VERDICT_UNKNOWN,
          { UNREAD_DAMAGED, UNREAD_LIMIT },
          2,
          DEED_OF_LIMIT },
        { "encrypted before no reader",
          VERDICT_UNKNOWN,
          { UNREAD_NO_READER, UNREAD_ENCRYPTED },
          2,
          DEED_OF_ENCRYPTED },
        { "unknown and nobody says why", VERDICT_UNKNOWN, { 0 }, 0, DEED_OF_LIMIT },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct unread unread[3] = { { 0 } };
        for (uint32_t i = 0; i < row->n; i++)
            unread[i].cause = row->causes[i];
        const struct record r = { .unread = unread, .n_unread = row->n };
        const struct judgement j = { .verdict = row->verdict };
        enum deed_case got = deed_case_of(&j, &r);
        if (got != row->want)
            table_wrong(&t, row->name, "case %u", (unsigned)got);
    }
}

static const struct {
    const char *name, *recipients[4];
    enum deed_case of;
    enum deed want, observed;
} recipients[] = {
    { "a file", { 0 }, DEED_OF_MALICIOUS, DEED_REJECT, DEED_TAG },
    { "a clean file", { 0 }, DEED_OF_CLEAN, DEED_DELIVER, DEED_DELIVER },
    { "the general rule", { "a@example.com" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "a milder domain", { "a@mild.invalid" }, DEED_OF_SUSPICIOUS, DEED_DELIVER, DEED_DELIVER },
    { "it is mild in this case only",
      { "a@mild.invalid" },
      DEED_OF_MALICIOUS,
      DEED_REJECT,
      DEED_TAG },
    { "mixed: the strictest",
      { "a@mild.invalid", "b@example.com" },
      DEED_OF_SUSPICIOUS,
      DEED_HOLD,
      DEED_TAG },
    { "mixed: in any order",
      { "b@strict.invalid", "a@mild.invalid" },
      DEED_OF_SUSPICIOUS,
      DEED_REJECT,
      DEED_TAG },
    { "all mild",
      { "a@mild.invalid", "b@mild.invalid" },
      DEED_OF_SUSPICIOUS,
      DEED_DELIVER,
      DEED_DELIVER },
    { "letter case", { "A@STRICT.Invalid" }, DEED_OF_SUSPICIOUS, DEED_REJECT, DEED_TAG },
    { "brackets and a dot", { "<a@strict.invalid.>" }, DEED_OF_SUSPICIOUS, DEED_REJECT, DEED_TAG },
    { "the last @ counts",
      { "a@mild.invalid@strict.invalid" },
      DEED_OF_SUSPICIOUS,
      DEED_REJECT,
      DEED_TAG },
    { "a subdomain is another", { "a@x.mild.invalid" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "only the end of a domain", { "a@xmild.invalid" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "no domain", { "postmaster" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "nothing behind the @", { "a@" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "an empty recipient", { "" }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
    { "only dots", { "@..." }, DEED_OF_SUSPICIOUS, DEED_HOLD, DEED_TAG },
};

static void deeds(void **state)
{
    (void)state;
    struct deed_domain domains[] = {
        { .domain = SLICE_LIT("mild.invalid"), .of = { [DEED_OF_SUSPICIOUS] = DEED_DELIVER } },
        { .domain = SLICE_LIT("strict.invalid"), .of = { [DEED_OF_SUSPICIOUS] = DEED_REJECT } },
    };
    domains[0].given[DEED_OF_SUSPICIOUS] = domains[1].given[DEED_OF_SUSPICIOUS] = true;
    struct deed_rules rules = {
        .of = { [DEED_OF_SUSPICIOUS] = DEED_HOLD, [DEED_OF_MALICIOUS] = DEED_REJECT },
        .domains = domains,
        .n_domains = 2
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, recipients)
    {
        slice to[4];
        size_t n = 0;
        for (; n < 4 && row->recipients[n]; n++)
            to[n] = slice_of(row->recipients[n]);
        rules.observe = false;
        enum deed got = deed_of(&rules, row->of, to, n);
        rules.observe = true;
        enum deed observed = deed_of(&rules, row->of, to, n);
        if (got != row->want || observed != row->observed)
            table_wrong(&t, row->name, "%s, observed %s", deed_name(got), deed_name(observed));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(cases_of_verdicts),
        cmocka_unit_test(deeds),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
