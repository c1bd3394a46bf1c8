/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: values, defaults, and messages that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "os/settings.h"

static const char *const colours[] = { "auto", "always", "never", NULL };
static const struct setting table[] = {
    { "language", SETTING_TEXT, "en", 0, 8, NULL, "Language of reports.", "報告の言語。" },
    { "pool.workers", SETTING_NUMBER, "2", 1, 64, NULL, "Worker processes.", "ワーカーの数。" },
    { "pool.timeout", SETTING_TIME, "10s", 1, 600000, NULL, "Backstop for one object.",
      "1 件当たりの制限時間。" },
    { "pool.memory", SETTING_SIZE, "176m", 1 << 20, (int64_t)4 << 30, NULL, "Memory of one worker.",
      "ワーカーのメモリー。" },
    { "output.colour", SETTING_CHOICE, "auto", 0, 0, colours, "Colours on a terminal.",
      "端末での色。" },
    { "output.quiet", SETTING_BOOL, "no", 0, 0, NULL, "Say less.", "出力を減らす。" },
    { "site.domains", SETTING_LIST, "", 0, 3, NULL, "Own domains.", "自組織のドメイン。" },
    { "offset", SETTING_NUMBER, "-5", -10, 10, NULL, "An offset.", "ずれ。" },
};
enum { N = sizeof table / sizeof table[0] };

static const struct {
    const char *name, *text;
    const char *setting; /* NULL: refused */
    int64_t number;      /* or length of the list */
    const char *want;    /* text, or a piece of the message */
} cases[] = {
    { "default number", "", "pool.workers", 2, NULL },
    { "default time", "", "pool.timeout", 10000, NULL },
    { "default size", "", "pool.memory", 176 << 20, NULL },
    { "default choice", "", "output.colour", 0, NULL },
    { "default negative", "", "offset", -5, NULL },
    { "comment only", "# nothing here\n", "pool.workers", 2, NULL },
    { "nested", "pool:\n  workers: 7\n", "pool.workers", 7, NULL },
    { "dotted", "pool.workers: 7\n", "pool.workers", 7, NULL },
    { "empty section", "pool:\n", "pool.workers", 2, NULL },
    { "minutes", "pool: {timeout: 2m}\n", "pool.timeout", 120000, NULL },
    { "milliseconds", "pool: {timeout: 250ms}\n", "pool.timeout", 250, NULL },
    { "kibibytes", "pool: {memory: 2048 KiB}\n", "pool.memory", 2048 << 10, NULL },
    { "yes", "output: {quiet: Yes}\n", "output.quiet", 1, NULL },
    { "choice", "output: {colour: never}\n", "output.colour", 2, NULL },
    { "quoted text", "language: 'ja'\n", "language", 0, "ja" },
    { "list", "site:\n  domains: [a.example, b.example]\n", "site.domains", 2, "b.example" },
    { "one instead of a list", "site: {domains: a.example}\n", "site.domains", 1, "a.example" },
    { "mistyped", "pool:\n  wokers: 3\n", NULL, 0,
      "t:2: there is no setting 'pool.wokers'; did you mean 'pool.workers'?" },
    { "mistyped at top", "langage: ja\n", NULL, 0,
      "t:1: there is no setting 'langage'; did you mean 'language'?" },
    { "unknown", "\n\ncompletely_else: 1\n", NULL, 0,
      "t:3: there is no setting 'completely_else'; 'sekisho settings' lists those of scan" },
    { "unknown section", "cloud:\n  url: x\n", NULL, 0, "t:1: there is no setting 'cloud'" },
    { "too many", "pool: {workers: 65}\n", NULL, 0,
      "t:1: pool.workers: '65' does not fit; write 1 to 64" },
    { "too few", "pool: {workers: 0}\n", NULL, 0, "write 1 to 64" },
    { "not a number", "pool: {workers: two}\n", NULL, 0, "'two' does not fit; write 1 to 64" },
    { "number with tail", "pool: {workers: 2x}\n", NULL, 0, "'2x'" },
    { "overflow", "pool: {workers: 99999999999999999999}\n", NULL, 0, "does not fit" },
    { "size overflow", "pool: {memory: 9999999999999g}\n", NULL, 0, "write 1m to 4096m" },
    { "time without unit", "pool: {timeout: 10}\n", NULL, 0, "write 1ms to 600s" },
    { "no such choice", "output: {colour: blue}\n", NULL, 0, "write auto, always, never" },
    { "no truth", "output: {quiet: maybe}\n", NULL, 0, "write true or false" },
    { "list for a number", "pool: {workers: [1, 2]}\n", NULL, 0, "(a list or section)" },
    { "map in a list", "site: {domains: [{a: b}]}\n", NULL, 0, "a list of at most 3 texts" },
    { "list too long", "site: {domains: [a, b, c, d]}\n", NULL, 0, "at most 3" },
    { "text too long", "language: 123456789\n", NULL, 0, "at most 8 bytes" },
    { "value for a section", "pool: 3\n", NULL, 0, "'pool' is a section" },
    { "below a setting", "language: {x: y}\n", NULL, 0, "does not fit" },
    { "twice in two forms", "pool: {workers: 1}\npool.workers: 2\n", NULL, 0,
      "t:2: 'pool.workers' stands already in line 1" },
    { "twice", "language: a\nlanguage: b\n", NULL, 0, "t:2: 'language' stands already" },
    { "list of all", "- a\n- b\n", NULL, 0, "settings are lines of 'name: value'" },
    { "just a word", "hello\n", NULL, 0, "settings are lines of" },
    { "two documents", "language: ja\n---\nlanguage: en\n", NULL, 0, "remove the '---'" },
    { "not YAML", "a: [\n", NULL, 0, "not valid YAML" },
    { "long name",
      "a_name_that_is_longer_than_any_setting_could_be_because_somebody_wants_to_see_what_happens_"
      "then_with_the_buffer_of_names_and_more: 1\n",
      NULL, 0, "there is no setting" },
};

static void each_case(void **state)
{
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct arena *mem = arena_new(1 << 20);
        struct err e = { 0 };
        struct setting_value *values = NULL;
        int rc = settings_read(table, N, slice_of(row->text), "t", mem, &values, &e);
        if (!row->setting) {
            if (rc >= 0 || !strstr(e.text, row->want))
                table_wrong(&all, row->name, "rc %d, message '%s'", rc, e.text);
            arena_drop(&mem);
            continue;
        }
        if (rc)
            table_wrong(&all, row->name, "%s", e.text);
        const struct setting_value *v = settings_get(table, N, values, row->setting);
        bool list = strcmp(row->setting, "site.domains") == 0;
        if ((list ? (int64_t)v->n_list : v->number) != row->number ||
            (row->want && !slice_is(list ? v->list[v->n_list - 1] : v->text, row->want)))
            table_wrong(&all, row->name, "%lld '%.*s'", (long long)v->number, SLICE_FMT(v->text));
        assert_int_equal(
            v->given, slice_find(slice_of(row->text), SLICE_LIT(": "), 0) != SIZE_MAX || list);
        arena_drop(&mem);
    }
}

static void nearest(void **state)
{
    (void)state;
    static const char *const names[] = { "workers", "timeout", "memory" };
    assert_string_equal(settings_nearest(SLICE_LIT("worker"), names, 3), "workers");
    assert_string_equal(settings_nearest(SLICE_LIT("TIMEOUT"), names, 3), "timeout");
    assert_string_equal(settings_nearest(SLICE_LIT("memroy"), names, 3), "memory");
    assert_null(settings_nearest(SLICE_LIT("zebra"), names, 3));
    assert_null(settings_nearest(SLICE_LIT("workers"), names, 0));
    static uint8_t longer[1000];
    assert_null(settings_nearest((slice){ longer, sizeof longer }, names, 3));
}

static void manual(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 16);
    settings_manual(table, N, false, &b);
    settings_manual(table, N, true, &b);
    static const char *const wanted[] = { "*pool.workers*", "Allowed: 1 to 64. Default: 2",
                                          "auto, always, never", "ワーカーの数。" };
    for (size_t i = 0; i < 4; i++)
        if (slice_find(buf_slice(&b), slice_of(wanted[i]), 0) == SIZE_MAX)
            fail_msg("the manual lacks '%s'", wanted[i]);
    buf_drop(&b);
}

static void starved(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        struct arena *mem = arena_new(1 << 20);
        arena_fail_at(mem, n);
        struct err e = { 0 };
        struct setting_value *values = NULL;
        int rc = settings_read(table, N, SLICE_LIT("pool: {workers: 3}\nsite: {domains: [a]}\n"),
                               "t", mem, &values, &e);
        assert_true(rc == 0 || (rc == -12 && e.code == rc));
        arena_drop(&mem);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(nearest),
        cmocka_unit_test(manual),
        cmocka_unit_test(starved),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
