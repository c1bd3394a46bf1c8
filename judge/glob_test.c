/* SPDX-License-Identifier: Apache-2.0 */
/* Globs: what matches, and where. */
#include "judge/test_support.h"

/* * and ? are wildcards, ~ is a dash of windash, \x is x. */
static struct glob make(const char *pattern, bool cased, struct arena *mem)
{
    slice s = slice_of(pattern);
    uint16_t *u = ARENA_ARRAY(mem, uint16_t, s.len + 1);
    uint32_t n = 0;
    struct glob g;
    assert_non_null(u);
    for (size_t i = 0; i < s.len; i++)
        u[n++] = s.at[i] == '*' ? GLOB_STAR : s.at[i] == '?' ? GLOB_ONE : s.at[i] == '~' ? GLOB_DASH : s.at[i];
    assert_true(glob_make(u, n, cased, mem, &g));
    return g;
}

static const struct {
    const char *pattern, *text;
    long from, to; /* from < 0: no match */
    bool cased;
} globs[] = {
    { "", "", 0, 0, false },           { "", "a", -1, 0, false },          { "*", "", 0, 0, false },
    { "*", "abc", 0, 3, false },       { "**", "abc", 0, 3, false },       { "a", "A", 0, 1, false },
    { "a", "A", -1, 0, true },         { "a", "ab", -1, 0, false },        { "*a", "bba", 2, 3, false },
    { "*a", "ab", -1, 0, false },      { "a*", "ab", 0, 1, false },        { "*bc*", "abcbc", 1, 3, false },
    { "*bc*", "bXc", -1, 0, false },   { "a*b*c", "aXbYc", 0, 5, false },  { "a*b*c", "acb", -1, 0, false },
    { "ab*ba", "aba", -1, 0, false },  { "ab*ba", "abba", 0, 4, false },   { "*a*a*", "a", -1, 0, false },
    { "*ab*b", "abab", 0, 4, false },  { "*ab*ab", "ab", -1, 0, false },   { "*aab*", "aaab", 1, 4, false },
    { "?", "a", 0, 1, false },         { "?", "", -1, 0, false },          { "?", "\xe8\xab\x8b", 0, 3, false },
    { "?", "\xe8\xab", 0, 2, false },  { "?", "ab", -1, 0, false },        { "*?", "\xe8\xab\x8b", 0, 3, false },
    { "a?*c", "abXc", 0, 4, false },   { "*?c", "\xe8\xab\x8b""c", 0, 4, false }, { "*??*", "a", -1, 0, false },
    { "*?b*", "\xe8\xab\x8b""b", 0, 4, false }, { "x~y", "x-y", 0, 3, false }, { "x~y", "x/y", 0, 3, false },
    { "x~y", "x\xe2\x80\x93y", 0, 5, false }, { "x~y", "x\xe2\x80\x95y", 0, 5, false }, { "x~y", "x\xe2\x80\x96y", -1, 0, false },
    { "x~y", "x\xe2\x80", -1, 0, false }, { "*~y", "a\xe2\x80\x94y", 1, 5, false }, { "*~", "-", 0, 1, false },
    { "*~", "\x80\x93", -1, 0, false }, { "*z*", "Z", 0, 1, false },       { "*[*", "{[", 1, 2, false },
    { "a*a", "a", -1, 0, false },
};

static void each_glob(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
        struct glob g = make(globs[i].pattern, globs[i].cased, mem);
        slice text = arena_copy(mem, slice_of(globs[i].text)); /* a piece of its own: reads past its end are seen */
        struct range at = { 77, 77 };
        bool found = glob_match(&g, text, &at);
        if (found != (globs[i].from >= 0) || (found && (at.from != (uint64_t)globs[i].from || at.to != (uint64_t)globs[i].to)))
            fail_msg("'%s' on '%s': %d %llu..%llu", globs[i].pattern, globs[i].text, found, (unsigned long long)at.from, (unsigned long long)at.to);
        assert_int_equal(glob_match(&g, text, NULL), found);
    }
    arena_drop(&mem);
}

/* The plain definition, for comparison. */
static bool slow(const uint16_t *u, uint32_t n, slice t)
{
    if (n == 0)
        return t.len == 0;
    if (u[0] == GLOB_STAR) {
        for (size_t i = 0; i <= t.len; i++)
            if (slow(u + 1, n - 1, slice_from(t, i)))
                return true;
        return false;
    }
    return t.len && (u[0] == GLOB_ONE || u[0] == t.at[0]) && slow(u + 1, n - 1, slice_from(t, 1));
}

static void like_the_definition(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 26);
    uint32_t seed = 7, agreed = 0;
    for (int i = 0; i < 20000; i++) {
        uint16_t *u = ARENA_ARRAY(mem, uint16_t, 8);
        uint8_t text[8];
        uint32_t n, len;
        assert_non_null(u);
        seed = seed * 1103515245 + 12345;
        n = seed >> 16 & 7;
        len = seed >> 20 & 7;
        for (uint32_t k = 0; k < 8; k++) {
            static const uint16_t choice[] = { 'a', 'b', GLOB_ONE, GLOB_STAR };
            seed = seed * 1103515245 + 12345;
            u[k] = choice[seed >> 16 & 3];
            text[k] = (uint8_t)("ab"[seed >> 18 & 1]);
        }
        struct glob g;
        assert_true(glob_make(u, n, false, mem, &g));
        bool want = slow(u, n, (slice){ text, len });
        assert_int_equal(glob_match(&g, (slice){ text, len }, NULL), want);
        agreed += want;
    }
    assert_true(agreed > 1000);
    arena_drop(&mem);
}

/* Time is text times pattern, not more: a second would be a hundred thousand times too long. */
static void no_explosion(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 26);
    struct glob g = make("*a*a*a*a*a*a*a*a*a*a*a*a*b", false, mem);
    uint8_t *text = arena_get(mem, 1 << 16, 1);
    assert_non_null(text);
    memset(text, 'a', 1 << 16);
    assert_false(glob_match(&g, (slice){ text, 1 << 16 }, NULL));
    arena_drop(&mem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_glob),
        cmocka_unit_test(like_the_definition),
        cmocka_unit_test(no_explosion),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
