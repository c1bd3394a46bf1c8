/* SPDX-License-Identifier: Apache-2.0 */
#include "base/regex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

static void finds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        slice pattern;
        unsigned flags;
        slice text;
        int from, to; /* from < 0: not found */
    } cases[] = {
        { "literal", SLICE_INIT("bc"), 0, SLICE_INIT("abcd"), 1, 3 },
        { "none", SLICE_INIT("bd"), 0, SLICE_INIT("abcd"), -1, 0 },
        { "empty pattern", SLICE_INIT(""), 0, SLICE_INIT("abc"), 0, 0 },
        { "empty text", SLICE_INIT("^$"), 0, SLICE_INIT(""), 0, 0 },
        { "case counts", SLICE_INIT("ABC"), 0, SLICE_INIT("abc"), -1, 0 },
        { "caseless", SLICE_INIT("ABC"), REGEX_CASELESS, SLICE_INIT("xabc"), 1, 4 },
        { "dot and line end", SLICE_INIT("a.b"), 0, SLICE_INIT("a\nb"), -1, 0 },
        { "dotall", SLICE_INIT("a.b"), REGEX_DOTALL, SLICE_INIT("a\nb"), 0, 3 },
        { "multiline", SLICE_INIT("^b$"), REGEX_MULTILINE, SLICE_INIT("a\nb\nc"), 2, 3 },
        { "dot is a character", SLICE_INIT("^.$"), 0, SLICE_INIT("\xe9\x96\xa2"), 0, 3 },
        { "class of kanji", SLICE_INIT("[\xe9\x96\xa2\xe6\x89\x80]{2}"), 0,
          SLICE_INIT("x\xe9\x96\xa2\xe6\x89\x80"), 1, 7 },
        { "text is not UTF-8", SLICE_INIT("needle"), 0, SLICE_INIT("\xff\xfe\x80needle\xc0"), 3,
          9 },
        { "a match cannot span a fault", SLICE_INIT("a.b"), REGEX_DOTALL,
          SLICE_INIT("a\xff"
                     "b"),
          -1, 0 },
        { "pattern is not UTF-8", SLICE_INIT("a\xff"), 0, SLICE_INIT("xa\xff"), 1, 3 },
        { "NUL in both", SLICE_INIT("a\0b"), 0, SLICE_INIT("xa\0b"), 1, 4 },
        { "look behind", SLICE_INIT("(?<=x)a"), 0, SLICE_INIT("axa"), 2, 3 },
        { "back reference", SLICE_INIT("(.)\\1"), 0, SLICE_INIT("abccd"), 2, 4 },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct regex *r = NULL;
        struct err e = { 0 };
        struct range at = { 77, 77 };
        bool limit = true;
        if (regex_new(row->pattern, row->flags, &r, &e)) {
            table_wrong(&t, row->name, "%s", e.text);
            continue;
        }
        uint8_t *text = malloc(row->text.len + 1);
        memcpy(text, row->text.at, row->text.len);
        bool found = regex_find(r, (slice){ text, row->text.len }, &at, &limit);
        if (found != (row->from >= 0) || limit)
            table_wrong(&t, row->name, "found %d, limit %d", found, limit);
        if (found && (at.from != (uint64_t)row->from || at.to != (uint64_t)row->to))
            table_wrong(&t, row->name, "%d to %d", (int)at.from, (int)at.to);
        assert_true(found || at.from == 77);
        assert_int_equal(regex_find(r, row->text, NULL, NULL), found);
        free(text);
        regex_drop(&r);
        assert_null(r);
    }
}

static void bad_patterns_are_told(void **state)
{
    (void)state;
    static const char *const bad[] = { "(",  "[",   "a{2,1}", "\\",        "(?<n",
                                       "*a", "(?R", "\\C",    "a(?=b\\K)", "(?(1)a|b|c)" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct regex *r = NULL;
        struct err e = { 0 };
        if (regex_new(slice_of(bad[i]), 0, &r, &e) != -EINVAL)
            fail_msg("%s", bad[i]);
        assert_null(r);
        assert_non_null(strstr(e.text, "at character"));
    }
    static char longest[20000];
    memset(longest, 'a', sizeof longest);
    struct regex *r = NULL;
    struct err e;
    assert_int_equal(regex_new((slice){ (uint8_t *)longest, sizeof longest }, 0, &r, &e), -E2BIG);
    regex_drop(&r);
}

/* Each of these would take minutes or years without limits. */
static void catastrophes_end(void **state)
{
    (void)state;
    static const char *const patterns[] = { "(a+)+$",           "(a|a)*[bc]",
                                            "(.*)*[xy]",        "a*a*a*a*a*a*[bc]",
                                            "(?:a.*){20}[bc]",  "^(([a-z])+.)+[A-Z]([a-z])+$",
                                            "(a?){60}a{60}[bc]" };
    static char text[100000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        static const size_t lengths[] = { 30, 1000, sizeof text };
        for (size_t k = 0; k < 3; k++) {
            struct regex *r = NULL;
            bool limit = false;
            assert_int_equal(regex_new(slice_of(patterns[i]), REGEX_DOTALL, &r, NULL), 0);
            slice s = { (uint8_t *)text + sizeof text - lengths[k], lengths[k] };
            bool found = regex_find(r, s, NULL, &limit);
            bool again_limit, again = regex_find(r, s, NULL, &again_limit);
            assert_int_equal(found, again);
            assert_int_equal(limit, again_limit);
            if (found || (!limit && k > 0))
                fail_msg("%s on %zu: found %d limit %d", patterns[i], lengths[k], found, limit);
            regex_drop(&r);
        }
    }
}

/* What an ordinary rule does on an ordinary long text must not reach the limit. */
static void honest_work_is_done(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    char *text = malloc(N);
    for (size_t i = 0; i < N; i++)
        text[i] = "Sub AutoOpen() \n"[i % 16];
    memcpy(text + N - 40, "powershell  -nop  -enc  QUJDREVGR0hJSg==", 40);
    static const struct {
        const char *pattern;
        bool found;
    } cases[] = {
        { "powershell(\\.exe)?\\s+.*-e(nc)?\\s+[A-Za-z0-9+/=]{10,}", true },
        { "auto.*open.*powershell", false },
        { "\\bS\\w+\\s+\\w+power(?:shell|cfg)", true },
        { "[A-Za-z0-9+/]{14}==", true },
        { "(?:foo|bar|baz)\\d+", false },
        { ".*certutil.*", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex *r = NULL;
        bool limit;
        assert_int_equal(regex_new(slice_of(cases[i].pattern), 0, &r, NULL), 0);
        bool found = regex_find(r, (slice){ (uint8_t *)text, N }, NULL, &limit);
        if (found != cases[i].found || limit)
            fail_msg("%s: found %d limit %d", cases[i].pattern, found, limit);
        regex_drop(&r);
    }
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(bad_patterns_are_told),
        cmocka_unit_test(catastrophes_end),
        cmocka_unit_test(honest_work_is_done),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
