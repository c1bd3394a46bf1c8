/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"
#include "unmask/text.h"

struct fixture {
    struct arena *mem;
    struct texts t;
};

static void begin(struct fixture *f, uint64_t units)
{
    f->mem = arena_new(8u << 20);
    texts_init(&f->t, f->mem, units);
}

static struct text lit(struct fixture *f, const char *s, uint32_t line)
{
    return text_of(&f->t, slice_of(s), texts_origin(&f->t, 0, (struct range){ line * 10, line * 10 + 5 }, line));
}

static void joins_and_cuts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *a, *b;
        unsigned from, n;
        const char *want;
    } cases[] = {
        { "two words", "ab", "cd", 0, 9, "abcd" },
        { "empty left", "", "cd", 0, 9, "cd" },
        { "empty right", "ab", "", 0, 9, "ab" },
        { "middle", "abc", "def", 2, 2, "cd" },
        { "behind the end", "abc", "", 7, 2, "" },
        { "Japanese", "添付", "ファイル", 1, 2, "付フ" },
        { "a pair of surrogates", "x\xf0\x9f\x98\x80", "y", 1, 2, "\xf0\x9f\x98\x80" },
        { "half a pair", "x\xf0\x9f\x98\x80", "y", 1, 1, "\xef\xbf\xbd" },
        { "bad UTF-8", "a\xff", "b", 0, 9, "a\xef\xbf\xbd" "b" },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct fixture f;
        begin(&f, 1 << 16);
        struct text s = text_sub(text_join(&f.t, lit(&f, row->a, 1), lit(&f, row->b, 2)), row->from, row->n);
        table_slice(&t, row->name, text_utf8(&f.t, s), row->want);
        arena_drop(&f.mem);
    }
}

static void what_was_made_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1 << 16);
    struct text a = text_join(&f.t, lit(&f, "long enough to have a block of its own", 1), lit(&f, "!", 1));
    struct text b = text_join(&f.t, a, lit(&f, "one", 2));
    struct text c = text_join(&f.t, a, lit(&f, "two", 3));
    struct text d = text_join(&f.t, b, b);
    assert_true(slice_is(text_utf8(&f.t, a), "long enough to have a block of its own!"));
    assert_true(slice_is(text_utf8(&f.t, b), "long enough to have a block of its own!one"));
    assert_true(slice_is(text_utf8(&f.t, c), "long enough to have a block of its own!two"));
    assert_int_equal(d.n, 2 * b.n);
    arena_drop(&f.mem);
}

static void building_is_linear(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 600000);
    struct text a = { 0 }, b = { 0 };
    for (unsigned i = 0; i < 40000; i++) { /* two strings grow in turn */
        a = text_join(&f.t, a, text_of_unit(&f.t, 'a', TEXT_NOWHERE));
        b = text_join(&f.t, b, text_of_unit(&f.t, 'b', TEXT_NOWHERE));
    }
    assert_int_equal(a.n, 40000);
    assert_false(f.t.full);
    arena_drop(&f.mem);
}

static void holes_and_origins(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1 << 16);
    struct text s = text_join(&f.t, lit(&f, "http://", 1), text_hole(&f.t, texts_reason(&f.t, SLICE_LIT("Rnd"))));
    s = text_join(&f.t, s, lit(&f, "/x", 7));
    assert_false(text_known(s));
    assert_int_equal(text_first_hole(s), 7);
    assert_true(slice_is(text_utf8(&f.t, s), "http://\xe2\x9f\x82/x"));
    assert_true(slice_is(text_reason(&f.t, s), "Rnd"));
    struct effect_origin o[4];
    assert_int_equal(text_origins(&f.t, s, o, 4), 2);
    assert_int_equal(o[0].line, 1);
    assert_int_equal(o[1].line, 7);
    assert_int_equal(text_origins(&f.t, s, o, 1), 1);
    /* what has no place but a line makes no other place wider, wherever it is said to stand */
    struct range nowhere = { UINT32_MAX - 3, UINT32_MAX - 3 };
    struct text v = text_join(&f.t, text_of(&f.t, SLICE_LIT("%TEMP%"), texts_origin(&f.t, 0, nowhere, 7)), lit(&f, "\\a", 7));
    v = text_join(&f.t, v, text_of(&f.t, SLICE_LIT("b"), texts_origin(&f.t, 0, (struct range){ 0, 0 }, 7)));
    assert_int_equal(text_origins(&f.t, v, o, 4), 1);
    assert_true(o[0].at.from == 70 && o[0].at.to == 75 && o[0].line == 7);
    v = text_join(&f.t, text_of(&f.t, SLICE_LIT("%TEMP%"), texts_origin(&f.t, 0, nowhere, 9)), lit(&f, "\\c", 10));
    assert_int_equal(text_origins(&f.t, v, o, 4), 2);
    assert_true(o[0].at.from == 0 && o[0].at.to == 0 && o[0].line == 9 && o[1].line == 10);
    /* the sign itself, in the code, is a character and no hole */
    assert_true(text_known(lit(&f, "\xe2\x9f\x82", 3)));
    assert_false(text_eq(s, s));
    struct text like = text_join(&f.t, lit(&f, "http://", 2), text_hole(&f.t, texts_reason(&f.t, SLICE_LIT("Now"))));
    assert_false(text_says_same(s, like));
    assert_true(text_says_same(s, text_join(&f.t, like, lit(&f, "/x", 3))));
    assert_false(text_says_same(s, lit(&f, "http://\xe2\x9f\x82/x", 3)));
    assert_int_equal(text_find(s, lit(&f, "/X", 1), 0, true), 8);
    assert_int_equal(text_find(s, lit(&f, "/X", 1), 0, false), UINT32_MAX);
    assert_int_equal(text_find(s, lit(&f, "\xe2\x9f\x82", 1), 0, false), UINT32_MAX);
    arena_drop(&f.mem);
}

/* The plain way, which needs no proof. */
static uint32_t plainly(struct text s, struct text needle, uint32_t from, bool nocase, bool last)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = from; i + needle.n <= s.n && (last || found == UINT32_MAX); i++) {
        uint32_t k = 0;
        while (k < needle.n && !text_is_hole(s, i + k) &&
               (nocase ? text_unit(s, i + k) | 0x20 : text_unit(s, i + k)) == (nocase ? text_unit(needle, k) | 0x20 : text_unit(needle, k)))
            k++;
        found = k == needle.n ? i : found;
    }
    return found;
}

static void finds_what_is_there(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t seed = 1, n_found = 0;
    begin(&f, 1 << 24);
    for (int round = 0; round < 20000; round++) {
        uint16_t units[2][160];
        uint32_t n[2] = { 0, 0 };
        for (int which = 0; which < 2; which++) {
            seed = seed * 1664525 + 1013904223;
            n[which] = which ? 20 + seed / 65536 % 30 : 40 + seed / 65536 % 120;
            uint32_t period = 1 + seed / 8 % 9;
            for (uint32_t i = 0; i < n[which]; i++) {
                seed = seed * 1664525 + 1013904223;
                bool again = i >= period && seed / 65536 % 64;
                units[which][i] = again ? units[which][i - period] : (uint16_t)("aAb"[seed / 4096 % 3]);
            }
        }
        struct text s = text_of_units(&f.t, units[0], n[0], 1), needle = text_of_units(&f.t, units[1], n[1], 1);
        if (round % 3 == 0) /* it is there */
            needle = text_sub(s, seed / 65536 % (n[0] - 20), 20 + seed / 256 % 60);
        if (round % 4 == 0)
            s = text_join(&f.t, text_join(&f.t, s, text_hole(&f.t, texts_reason(&f.t, SLICE_LIT("x")))), s);
        bool nocase = round & 1;
        uint32_t from = seed / 1024 % 30, want = plainly(s, needle, from, nocase, false);
        n_found += want != UINT32_MAX;
        assert_int_equal(text_find(s, needle, from, nocase), want);
        assert_int_equal(text_find_last(s, needle, nocase), plainly(s, needle, 0, nocase, true));
    }
    assert_true(n_found > 2000 && n_found < 18000);
    arena_drop(&f.mem);
}

static void over_the_limit(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 100);
    struct text s = lit(&f, "0123456789", 1);
    for (int i = 0; i < 50; i++)
        s = text_join(&f.t, s, s);
    assert_true(f.t.full);
    assert_int_equal(text_join(&f.t, lit(&f, "x", 1), lit(&f, "y", 1)).n, 0);
    arena_drop(&f.mem);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t n = 1; n < 24; n++) {
        struct fixture f;
        f.mem = arena_new(8u << 20);
        arena_fail_at(f.mem, n);
        texts_init(&f.t, f.mem, 1000);
        struct text s = text_join(&f.t, lit(&f, "abc", 1), text_hole(&f.t, texts_reason(&f.t, SLICE_LIT("why"))));
        (void)text_utf8(&f.t, s);
        (void)text_reason(&f.t, s);
        arena_drop(&f.mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_and_cuts),     cmocka_unit_test(what_was_made_stays), cmocka_unit_test(building_is_linear),
        cmocka_unit_test(holes_and_origins),  cmocka_unit_test(finds_what_is_there), cmocka_unit_test(over_the_limit),      cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
