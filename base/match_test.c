/* SPDX-License-Identifier: Apache-2.0 */
#include "base/match.h"
#include "base/regex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

struct heard {
    uint32_t mask;
    unsigned calls, stop_after;
    size_t end[32];
};

static bool on_hit(void *host, uint32_t id, size_t end)
{
    struct heard *h = host;
    assert_true(id < 32);
    h->mask |= 1u << id;
    h->end[id] = end;
    return ++h->calls != h->stop_after;
}

static const struct match_pattern patterns[] = {
    { SLICE_INIT("powershell"), MATCH_CASELESS, 0 },
    { SLICE_INIT("regsvr32"), 0, 1 },
    { SLICE_INIT("^MZ"), 0, 2 },
    { SLICE_INIT("a.b"), 0, 3 },
    { SLICE_INIT("a.c"), MATCH_DOTALL, 4 },
    { SLICE_INIT("^line$"), MATCH_MULTILINE, 5 },
    { SLICE_INIT("\xe8\xab\x8b\xe6\xb1\x82"), 0, 6 },
    { SLICE_INIT("[\xe9\x96\xa2\xe6\x89\x80]x"), 0, 7 },
    { SLICE_INIT("\\x00\\xff"), 0, 8 },
    { SLICE_INIT("(.)-\\1"), 0, 9 },         /* back reference: prefilter */
    { SLICE_INIT("(?<=see )below"), 0, 10 }, /* look-behind: prefilter */
    { SLICE_INIT("q{0,3}"), 0, 11 },         /* matches the empty text */
};
enum { PATTERNS = sizeof patterns / sizeof *patterns, EMPTY = 1 << 11 };

static struct buf image;

static int compile(void **state)
{
    (void)state;
    struct err e;
    image = buf_new(64 << 20);
    return matcher_compile(patterns, PATTERNS, &image, &e);
}

static int drop(void **state)
{
    (void)state;
    buf_drop(&image);
    return 0;
}

static void finds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        slice text;
        uint32_t want;
    } cases[] = {
        { "empty text", SLICE_INIT(""), 0 },
        { "nothing", SLICE_INIT("harmless"), 0 },
        { "caseless", SLICE_INIT("run PowerShell now"), 1 << 0 },
        { "case counts", SLICE_INIT("REGSVR32"), 0 },
        { "two", SLICE_INIT("regsvr32 powershell"), 3 },
        { "anchored", SLICE_INIT("MZ"), 1 << 2 },
        { "anchored, not there", SLICE_INIT("xMZ"), 0 },
        { "dot", SLICE_INIT("axb"), 1 << 3 },
        { "dot is a character",
          SLICE_INIT("a\xe9\x96\xa2"
                     "b"),
          1 << 3 },
        { "dot is not a line end", SLICE_INIT("a\nb"), 0 },
        { "dotall", SLICE_INIT("a\nc"), 1 << 4 },
        { "multiline", SLICE_INIT("x\nline\ny"), 1 << 5 },
        { "kanji", SLICE_INIT("\xe5\xbe\xa1\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8"), 1 << 6 },
        { "class of kanji", SLICE_INIT("\xe6\x89\x80x"), 1 << 7 },
        { "part of a kanji is none", SLICE_INIT("\xe8\x89\x80x"), 0 },
        { "bytes that are no text", SLICE_INIT("..\0\xff.."), 1 << 8 },
        { "text with faults", SLICE_INIT("\xff\x80 axb \xfe powershell"), 1 << 3 | 1 << 0 },
        { "a fault is one character",
          SLICE_INIT("a\xff"
                     "b"),
          1 << 3 },
        { "bytes and characters",
          SLICE_INIT("\xff \0\xff a\xe9\x96\xa2"
                     "b"),
          1 << 3 | 1 << 8 },
        { "prefilter hits", SLICE_INIT("x-x"), 1 << 9 },
        { "prefilter look-behind", SLICE_INIT("see below"), 1 << 10 },
    };
    struct matcher *m = NULL;
    struct err e;
    assert_int_equal(matcher_open(buf_slice(&image), &m, &e), 0);
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct heard h = { 0 };
        uint8_t *text = malloc(row->text.len + 1);
        memcpy(text, row->text.at, row->text.len);
        matcher_scan(m, (slice){ text, row->text.len }, on_hit, &h);
        uint32_t got = h.mask & ~(uint32_t)EMPTY;
        if (got != row->want)
            table_wrong(&t, row->name, "%x", got);
        free(text);
    }
    struct heard h = { 0 };
    matcher_scan(m, (slice){ 0 }, on_hit, &h);
    assert_int_equal(h.mask & ~(uint32_t)EMPTY, 0);
    matcher_drop(&m);
    assert_null(m);
    matcher_drop(&m);
}

static void each_once_and_stops(void **state)
{
    (void)state;
    struct matcher *m = NULL;
    struct heard h = { 0 };
    assert_int_equal(matcher_open(buf_slice(&image), &m, NULL), 0);
    slice text = SLICE_LIT("regsvr32 regsvr32 powershell powershell regsvr32 axb axb");
    matcher_scan(m, text, on_hit, &h);
    assert_int_equal(h.mask & ~(uint32_t)EMPTY, 1 << 0 | 1 << 1 | 1 << 3);
    assert_true(h.calls <= 4);
    assert_int_equal(h.end[1], 8);
    h = (struct heard){ .stop_after = 1 };
    matcher_scan(m, text, on_hit, &h);
    assert_int_equal(h.calls, 1);
    matcher_drop(&m);
}

static void the_empty_set(void **state)
{
    (void)state;
    struct buf b = buf_new(1000);
    struct matcher *m = NULL;
    struct heard h = { 0 };
    assert_int_equal(matcher_compile(NULL, 0, &b, NULL), 0);
    assert_int_equal(matcher_open(buf_slice(&b), &m, NULL), 0);
    matcher_scan(m, SLICE_LIT("anything"), on_hit, &h);
    assert_int_equal(h.calls, 0);
    matcher_drop(&m);
    buf_drop(&b);
}

static void damaged_images_are_refused(void **state)
{
    (void)state;
    slice whole = buf_slice(&image);
    for (size_t len = 0; len < whole.len; len = len < 40 ? len + 1 : len + len / 3) {
        struct matcher *m = NULL;
        struct err e = { 0 };
        uint8_t *cut = malloc(len ? len : 1);
        memcpy(cut, whole.at, len);
        assert_int_equal(matcher_open((slice){ cut, len }, &m, &e), -EBADMSG);
        assert_non_null(strstr(e.text, "compile it anew"));
        assert_null(m);
        free(cut);
    }
    uint8_t *copy = malloc(whole.len + 1);
    for (size_t at = 0; at < whole.len; at = at < 160 ? at + 1 : at + 97) {
        struct matcher *m = NULL;
        memcpy(copy, whole.at, whole.len);
        copy[at] ^= 0x41;
        int code = matcher_open((slice){ copy, whole.len }, &m, NULL);
        if (code == 0 && at >= 200 && at < whole.len - 128) /* heads and padding say nothing */
            fail_msg("byte %zu", at);
        matcher_drop(&m);
    }
    memcpy(copy, whole.at, whole.len);
    copy[whole.len] = 0;
    struct matcher *m = NULL;
    assert_int_equal(matcher_open((slice){ copy, whole.len + 1 }, &m, NULL), -EBADMSG);
    copy[8] ^= 1;
    assert_int_equal(matcher_open((slice){ copy, whole.len }, &m, NULL), -ESTALE);
    free(copy);
}

static void what_is_supported(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        enum match_support want;
    } cases[] = {
        { "plain", MATCH_EXACT },      { "a.*b", MATCH_EXACT },
        { "", MATCH_EXACT },           { "(a)\\1", MATCH_PREFILTER },
        { "(?=a)b", MATCH_PREFILTER }, { "(?<!a)b", MATCH_PREFILTER },
        { "(", MATCH_NONE },           { "[z-a]", MATCH_NONE },
        { "*", MATCH_NONE },           { "a{2,1}", MATCH_NONE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct match_pattern p = { slice_of(cases[i].expression), 0, 0 };
        if (match_supports(&p) != cases[i].want)
            fail_msg("%s: %d", cases[i].expression, match_supports(&p));
    }
    struct match_pattern nul = { SLICE_LIT("a\0b"), 0, 7 };
    struct buf b = buf_new(1 << 20);
    struct err e;
    assert_int_equal(match_supports(&nul), MATCH_NONE);
    assert_int_equal(matcher_compile(&nul, 1, &b, &e), -EINVAL);
    struct match_pattern bad[] = { { SLICE_LIT("ok"), 0, 1 }, { SLICE_LIT("(bad"), 0, 42 } };
    assert_int_equal(matcher_compile(bad, 2, &b, &e), -EINVAL);
    assert_non_null(strstr(e.text, "42"));
    assert_non_null(strstr(e.text, "(bad"));
    struct buf tiny = buf_new(100);
    assert_int_equal(matcher_compile(patterns, PATTERNS, &tiny, &e), -EFBIG);
    buf_drop(&tiny);
    buf_drop(&b);
}

/* Every byte, quoted, matches itself and nothing else; in both engines. */
static void quoting(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t literal[] = { 'x', (uint8_t)c, 'y' };
        struct buf quoted = buf_new(100), set = buf_new(1 << 20);
        struct matcher *m = NULL;
        struct err e = { 0 };
        match_quote(&quoted, (slice){ literal, 3 });
        struct match_pattern p = { buf_slice(&quoted), 0, 3 };
        if (matcher_compile(&p, 1, &set, &e) || matcher_open(buf_slice(&set), &m, &e))
            fail_msg("%02x: %s", c, e.text);
        struct regex *r = NULL;
        assert_int_equal(regex_new(p.expression, 0, &r, &e), 0);
        for (unsigned d = 0; d < 256; d++) {
            uint8_t text[] = { '-', 'x', (uint8_t)d, 'y' };
            struct heard h = { 0 };
            matcher_scan(m, (slice){ text, 4 }, on_hit, &h);
            if ((h.mask == 1u << 3) != (c == d))
                fail_msg("%02x in %02x", c, d);
            if (c < 0x80 && regex_find(r, (slice){ text, 4 }, NULL, NULL) != (c == d))
                fail_msg("regex, %02x in %02x", c, d);
        }
        regex_drop(&r);
        matcher_drop(&m);
        buf_drop(&quoted);
        buf_drop(&set);
    }
}

static void platform_is_stable(void **state)
{
    (void)state;
    assert_true(match_platform() == match_platform());
    assert_true(match_platform() != 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(each_once_and_stops),
        cmocka_unit_test(the_empty_set),
        cmocka_unit_test(damaged_images_are_refused),
        cmocka_unit_test(what_is_supported),
        cmocka_unit_test(quoting),
        cmocka_unit_test(platform_is_stable),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, compile, drop);
}
