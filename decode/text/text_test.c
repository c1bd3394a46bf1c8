/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of this format: charsets, mail text against documents, what stays unread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "decode/harness.h"

static void charsets(void **state)
{
    static const struct {
        const char *name, *declared;
        slice bytes;
        const char *text, *lied;
    } cases[] = {
        { "ascii", "text/plain", SLICE_INIT("hello"), "hello", NULL },
        { "iso-2022-jp", "text/plain; charset=iso-2022-jp", SLICE_INIT("\x1b$B@A5a\x1b(B"), "請求",
          NULL },
        { "unlabelled iso-2022-jp", "", SLICE_INIT("\x1b$B@A5a\x1b(B"), "請求", NULL },
        { "shift_jis", "text/plain; charset=\"Shift_JIS\"", SLICE_INIT("\x90\xbf\x8b\x81"), "請求",
          NULL },
        { "labelled utf-8, is shift_jis", "text/plain; charset=utf-8",
          SLICE_INIT("\x90\xbf\x8b\x81\x8f\x91\x82\xf0"), "請求書を", "utf-8" },
        { "labelled iso-2022-jp, is utf-8", "text/plain; charset=iso-2022-jp",
          SLICE_INIT("\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8"), "請求書", "iso-2022-jp" },
        { "utf-8 mark", "", SLICE_INIT("\xef\xbb\xbf\xe8\xab\x8b"), "請", NULL },
        { "utf-16 mark", "", SLICE_INIT("\xff\xfe\xcb\x8a"), "請", NULL },
        { "utf-16be mark", "", SLICE_INIT("\xfe\xff\x8a\xcb"), "請", NULL },
        { "utf-16 half a character", "", SLICE_INIT("\xff\xfe\xcb\x8a\x42"), "請\uFFFD", NULL },
        { "mark only", "", SLICE_INIT("\xff\xfe"), "", NULL },
        { "unknown label", "text/plain; charset=nothing", SLICE_INIT("abc"), "abc", NULL },
        { "escape at the end", "text/plain; charset=iso-2022-jp", SLICE_INIT("abc\x1b$"), NULL,
          NULL },
        { "latin", "text/plain; charset=us-ascii", SLICE_INIT("caf\xe9 au lait"), "café au lait",
          NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t =
            tally_run(&(struct tally_options){ .format = "text", .declared = cases[i].declared },
                      cases[i].bytes);
        tally_check(t);
        slice got = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (cases[i].text && !slice_is(got, cases[i].text))
            fail_msg("%s: \"%.*s\"", cases[i].name, SLICE_FMT(got));
        if (cases[i].lied ? !tally_has(t, FACT_MIME_CHARSET_LIED, cases[i].lied)
                          : cases[i].text && tally_facts(t, FACT_MIME_CHARSET_LIED))
            fail_msg("%s: lied", cases[i].name);
        tally_drop(&t);
    }
}

static void which_files_are_text(void **state)
{
    static const struct {
        const char *name, *file, *declared;
        slice bytes;
        const char *type;
        bool view, unread;
    } cases[] = {
        { "text", "a.txt", "", SLICE_INIT("abc"), "text", true, false },
        { "no name", "", "", SLICE_INIT("abc"), "text", true, false },
        { "calendar", "a.ics", "text/calendar",
          SLICE_INIT("BEGIN:VCALENDAR\r\nURL:http://a.example/\r\n"), "calendar", false, false },
        { "vcard", "a.vcf", "", SLICE_INIT("BEGIN:VCARD\r\n"), "vcard", false, false },
        { "script", "a.js", "", SLICE_INIT("var x = 1;"), "jscript", true, false },
        { "script declared as text", "a.vbs", "text/plain", SLICE_INIT("x = 1"), "vbscript", true,
          false },
        { "command file", "a.cmd", "", SLICE_INIT("@echo off"), "batch", true, false },
        { "script of another language", "a.py", "", SLICE_INIT("x = 1"), "python", true, true },
        { "binary called text", "a.txt", "text/plain",
          SLICE_INIT("\1\2\3\4\5\6\7\0\0\0\1\2\3\4\5\6\7\0\0\0"), "text", false, true },
        { "picture called text", "a.txt", "text/plain", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
          "png", false, false },
        { "program magic in words", "a.txt", "", SLICE_INIT("MZ is the mark of a program file."),
          "text", true, false },
        { "empty", "a.txt", "", SLICE_INIT(""), "empty", true, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(
            &(struct tally_options){ .name = cases[i].file, .declared = cases[i].declared },
            cases[i].bytes);
        tally_check(t);
        if (!slice_is(t->r.parts[0].type, cases[i].type))
            fail_msg("%s: type %.*s", cases[i].name, SLICE_FMT(t->r.parts[0].type));
        if ((t->r.n_views > 0) != cases[i].view || (t->r.n_unread > 0) != cases[i].unread)
            fail_msg("%s: %u views, %u unread", cases[i].name, t->r.n_views, t->r.n_unread);
        tally_drop(&t);
    }
}

static void mail_text(void **state)
{
    static const struct {
        const char *name;
        slice mail;
        const char *body;
        int new_length;
    } cases[] = {
        { "plain",
          SLICE_INIT("From: a@a.example\r\nTo: b@b.example\r\nSubject: s\r\n\r\nHello\r\n"),
          "Hello\r\n", 5 },
        { "looks like headers",
          SLICE_INIT("From: a@a.example\r\nTo: b@b.example\r\nSubject: s\r\n\r\nFrom: "
                     "x@x.example\r\nTo: y@y.example\r\nSubject: z\r\n\r\ntext\r\n"),
          "From: x@x.example\r\nTo: y@y.example\r\nSubject: z\r\n\r\ntext\r\n", 0 },
        { "looks like a page",
          SLICE_INIT("From: a@a.example\r\nTo: b@b.example\r\nSubject: s\r\nContent-Type: "
                     "text/plain\r\n\r\n<html> is a tag\r\n"),
          "<html> is a tag\r\n", 15 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.eml" }, cases[i].mail);
        tally_check(t);
        bool found = false;
        for (uint32_t v = 0; v < t->r.n_views; v++)
            found = found || (t->r.views[v].id == FACT_EMAIL_BODY &&
                              slice_is(t->r.views[v].text, cases[i].body));
        if (!found)
            fail_msg("%s: the body was not seen as text", cases[i].name);
        if (tally_fact(t, FACT_EMAIL_BODY_NEW_LENGTH)->number != cases[i].new_length)
            fail_msg("%s: new length %d", cases[i].name,
                     (int)tally_fact(t, FACT_EMAIL_BODY_NEW_LENGTH)->number);
        tally_drop(&t);
    }
}

static void more_text_than_the_budget(void **state)
{
    (void)state;
    struct buf b = buf_new(16 << 20);
    struct budget budget = budget_default();
    budget.left[BUDGET_TEXT] = 100000;
    while (b.len < 200000)
        buf_text(&b, "one two three four five six seven eight\n");
    struct tally *t =
        tally_run(&(struct tally_options){ .format = "text", .budget = &budget }, buf_slice(&b));
    tally_check(t);
    assert_int_equal(t->r.n_views, 1);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charsets),
        cmocka_unit_test(which_files_are_text),
        cmocka_unit_test(mail_text),
        cmocka_unit_test(more_text_than_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
