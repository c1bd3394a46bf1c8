/* SPDX-License-Identifier: Apache-2.0 */
/* Effects and handing on, by a walk of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"
#include "unmask/harness.h"
#include "unmask/unmask.h"

static struct unmask u;

static void say(struct walk *w, const char *url, bool maybe)
{
    struct text t = text_of(&u.texts, slice_of(url), texts_origin(&u.texts, w->part, range_of(0, 4), 1));
    struct unmask_argument a[] = { { "url", t } };
    slice via[] = { SLICE_LIT("AutoOpen"), SLICE_LIT("Fetch") };
    struct unmask_said e = { EFFECT_DOWNLOAD, "URLDownloadToFile", a, 1, via, 2, maybe };
    unmask_effect(&u, w, &e);
}

static void deep(struct walk *w, unsigned n)
{
    struct text t = text_of(&u.texts, SLICE_LIT("cmd /c x"), TEXT_NOWHERE);
    slice via[] = { SLICE_LIT("Shell") };
    if (n)
        unmask_hand_on(&u, w, "command", t, via, 1);
}

static enum walk_end talk(struct walk *w, const struct body *body)
{
    (void)body;
    u = (struct unmask){ 0 };
    if (!unmask_prepare(&u, w))
        return WALK_LIMIT;
    say(w, "HTTP://0xC0000201/x", false);
    say(w, "http://192.0.2.1/x", false); /* the same */
    say(w, "http://192.0.2.2/x", true);
    u.nesting++; /* in code that was handed on with a hole in it */
    say(w, "http://\xe2\x9f\x82/x", false);
    u.nesting--;
    deep(w, 1);
    unmask_payload(&u, w, SLICE_LIT("x.txt"), SLICE_LIT("hello"));
    return WALK_WHOLE;
}

static void effects(void **state)
{
    (void)state;
    static const struct format mine = { .name = "text", .walk = talk };
    struct tally_options o = { .only = &mine };
    struct tally *t = tally_run(&o, SLICE_LIT("code"));
    tally_check(t);
    assert_int_equal(t->r.n_effects, 3);
    const struct effect *e = tally_effect(t, EFFECT_DOWNLOAD, 0);
    assert_true(slice_is(tally_argument(e, "url"), "http://192.0.2.1/x"));
    assert_true(tally_certain(e));
    assert_int_equal(e->n_via, 2);
    assert_int_equal(e->n_origins, 1);
    assert_int_equal(e->origins[0].line, 1);
    assert_true(tally_effect(t, EFFECT_DOWNLOAD, 1)->conditional);
    assert_false(tally_effect(t, EFFECT_DOWNLOAD, 2)->known);
    assert_true(tally_has(t, FACT_EFFECT_URL, "http://192.0.2.2/x"));
    assert_true(tally_has(t, FACT_EFFECT_CONDITIONAL, ""));
    assert_int_not_equal(tally_part_typed(t, "command"), NO_ID);
    assert_int_not_equal(tally_part_named(t, "x.txt"), NO_ID);
    tally_drop(&t);
}

static void lines_of_other_charsets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        slice bytes;
        struct range at, want[3];
    } cases[] = {
        { "bytes", SLICE_INIT("a\r\nb\nc"), { 0, 6 }, { { 0, 3 }, { 3, 5 }, { 5, 6 } } },
        { "from within", SLICE_INIT("<s>a\nb"), { 3, 6 }, { { 3, 5 }, { 5, 6 }, { 6, 6 } } },
        { "UTF-16LE", SLICE_INIT("\xFF\xFE" "a\0\n\0\x0A\x30\n\0"), { 0, 10 }, { { 0, 6 }, { 6, 10 }, { 10, 10 } } },
        { "UTF-16LE, no mark", SLICE_INIT("a\0\n\0b\0"), { 0, 6 }, { { 0, 4 }, { 4, 6 }, { 6, 6 } } },
        { "UTF-16BE", SLICE_INIT("\xFE\xFF\0a\0\n\x0A\0\0\n"), { 0, 10 }, { { 0, 6 }, { 6, 10 }, { 10, 10 } } },
        { "ends in half a character", SLICE_INIT("a\0\n"), { 0, 3 }, { { 0, 3 }, { 3, 3 }, { 3, 3 } } },
        { "range behind the end", SLICE_INIT("a\n"), { 5, 9 }, { { 5, 5 }, { 5, 5 }, { 5, 5 } } },
        { "nothing", SLICE_INIT(""), { 0, 0 }, { { 0, 0 }, { 0, 0 }, { 0, 0 } } },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct body body = body_borrow(row->bytes);
        struct walk w = { .body = &body };
        struct unmask_lines l = unmask_lines_of(&w, row->at);
        for (size_t i = 0; i < 3; i++) {
            struct range got = unmask_lines_next(&l);
            if (got.from != row->want[i].from || got.to != row->want[i].to)
                table_wrong(&t, row->name, "line %zu: %llu to %llu", i + 1, (unsigned long long)got.from, (unsigned long long)got.to);
        }
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    static const struct format mine = { .name = "text", .walk = talk };
    for (size_t n = 1; n < 60; n++) {
        struct tally_options o = { .only = &mine, .fail_at = n };
        struct tally *t = tally_run(&o, SLICE_LIT("code"));
        tally_check(t);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(effects), cmocka_unit_test(lines_of_other_charsets), cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
