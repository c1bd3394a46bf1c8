/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the mailbox reader: where messages begin and where they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "decode/harness.h"

#define LINE "From a@b.example Sun Nov 22 10:00:00 2026\n"
#define ONE LINE "From: a@b.example\nSubject: one\n\nhello\n"
#define TWO LINE "From: a@b.example\nSubject: two\n\nhello\n"

static void messages(void **state)
{
    static const struct {
        const char *name;
        slice bytes;
        size_t n; /* messages */
    } cases[] = {
        { "one", SLICE_INIT(ONE), 1 },
        { "two", SLICE_INIT(ONE "\n" TWO), 2 },
        { "CR LF", SLICE_INIT("From a@b Sun Nov 22 10:00:00 2026\r\nSubject: one\r\n\r\nhello\r\n\r\nFrom a@b Sun Nov 22 10:00:00 2026\r\nSubject: two\r\n\r\n"), 2 },
        { "lone CR", SLICE_INIT("From a@b Sun Nov 22 10:00:00 2026\rSubject: one\r\rhello\r\rFrom a@b Sun Nov 22 10:00:00 2026\rSubject: two\r\r"), 2 },
        { "blank line missing", SLICE_INIT(ONE TWO), 1 },
        { "From in the text", SLICE_INIT(ONE "\nFrom here on it is text\n"), 1 },
        { "quoted", SLICE_INIT(ONE "\n>" TWO), 1 },
        { "Mozilla", SLICE_INIT("From - Sun Nov 22 10:00:00 2026\nSubject: one\n\n\nFrom - Sun Nov 22 10:00 2026\nSubject: two\n\n"), 2 },
        { "zone behind the year", SLICE_INIT("From a@b Sun, 22 Nov 2026 10:00:00 +0900\nSubject: one\n\n"), 1 },
        { "mark and blank lines", SLICE_INIT("\xef\xbb\xbf\n\n" ONE), 1 },
        { "separators only", SLICE_INIT(LINE "\n" LINE "\n" LINE), 3 },
        { "cut in the separator", SLICE_INIT(ONE "\nFrom a@b.example Sun Nov 22"), 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_format("mbox", cases[i].bytes);
        size_t n = 0;
        tally_check(t);
        for (uint32_t k = 1; k < t->r.n_parts; k++)
            n += t->r.parts[k].how == HOW_MBOX && slice_is(t->r.parts[k].type, "eml");
        if (n != cases[i].n)
            fail_msg("%s: %zu messages, not %zu", cases[i].name, n, cases[i].n);
        if (n > 1 && i != 10)
            assert_true(tally_has(t, FACT_EMAIL_SUBJECT, "two"));
        tally_drop(&t);
    }
}

static void sniffing(void **state)
{
    static const struct {
        const char *name, *file, *declared, *type;
        slice bytes;
    } cases[] = {
        { "by content", "inbox", "", "mbox", SLICE_INIT(ONE) },
        { "a mail with its separator", "a.eml", "", "eml", SLICE_INIT(ONE) },
        { "the same, declared", "a", "message/rfc822", "eml", SLICE_INIT(ONE) },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = cases[i].file, .declared = cases[i].declared }, cases[i].bytes);
        if (!slice_is(t->r.parts[0].type, cases[i].type))
            fail_msg("%s: type is %.*s", cases[i].name, SLICE_FMT(t->r.parts[0].type));
        assert_int_equal(tally_facts(t, FACT_EMAIL_SUBJECT), 1); /* read once */
        tally_drop(&t);
    }
    struct tally *t = tally_format("mbox", SLICE_LIT("From nobody\nSubject: x\n\n"));
    assert_int_equal(t->r.n_parts, 1);
    tally_drop(&t);
}

static void limits(void **state)
{
    struct buf b = buf_new(16u << 20);
    (void)state;
    for (int i = 0; i < 30000; i++)
        buf_text(&b, LINE "Subject: x\n\nhello\n\n");
    struct tally *t = tally_format("mbox", buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    assert_int_equal(t->r.parts[0].end, WALK_LIMIT);
    assert_true(t->r.n_parts > 10000);
    tally_drop(&t);

    buf_clear(&b);
    buf_text(&b, LINE "\n");
    for (int i = 0; i < 1000000; i++)
        buf_text(&b, "\nFrom ");
    t = tally_format("mbox", buf_slice(&b));
    tally_check(t);
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(sniffing),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
