/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of urls.c: where a URL in running text begins and ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"

static struct tally *text(const char *s)
{
    return tally_observed(
        &(struct tally_options){ .name = "a.txt", .declared = "text/plain; charset=utf-8" },
        slice_of(s));
}

static void urls_in_text(void **state)
{
    static const struct {
        const char *name, *text, *want; /* NULL: none */
    } cases[] = {
        { "alone", "http://a.example/x", "http://a.example/x" },
        { "end of a sentence", "See http://a.example/x.", "http://a.example/x" },
        { "question", "Did you see http://a.example/x?!", "http://a.example/x" },
        { "query", "http://a.example/x?y=1&z=(2)", "http://a.example/x?y=1&z=(2)" },
        { "brackets", "(see http://a.example/x)", "http://a.example/x" },
        { "brackets inside", "http://a.example/x_(y)", "http://a.example/x_(y)" },
        { "angles", "<http://a.example/x>", "http://a.example/x" },
        { "quotes", "\"http://a.example/x\"", "http://a.example/x" },
        { "Japanese text", "詳細はhttp://a.example/xをご覧ください。", "http://a.example/x" },
        { "Japanese brackets", "「http://a.example/x」", "http://a.example/x" },
        { "Japanese full stop", "http://a.example/x。次", "http://a.example/x" },
        { "ideographic space", "http://a.example/x　次", "http://a.example/x" },
        { "full-width colon before", "URL：https://a.example/", "https://a.example/" },
        { "line end", "http://a.example/x\nabc", "http://a.example/x" },
        { "www", "visit www.a.example/x, please", "www.a.example/x" },
        { "WWW", "WWW.A.EXAMPLE", "WWW.A.EXAMPLE" },
        { "www in Japanese", "弊社サイトwww.a.exampleをご覧", "www.a.example" },
        { "www inside a host", "xwww.a.example", NULL },
        { "www without name", "www. is short", NULL },
        { "www one label", "www.abc", NULL },
        { "upper case scheme", "HTTP://A.EXAMPLE/", "HTTP://A.EXAMPLE/" },
        { "ftp", "ftp://a.example/f", "ftp://a.example/f" },
        { "share", "file://a.example/s/x.lnk", "file://a.example/s/x.lnk" },
        { "defanged", "hxxp://a[.]example/x", "hxxp://a[.]example/x" },
        { "installer", "ms-appinstaller:?source=http://a.example/x",
          "ms-appinstaller:?source=http://a.example/x" },
        { "search", "search-ms:query=x&crumb=y", "search-ms:query=x&crumb=y" },
        { "letters before", "xxhttp://a.example/", NULL },
        { "digit before", "1http://a.example/", "http://a.example/" },
        { "unknown scheme", "foo://a.example/", NULL },
        { "time", "10:30", NULL },
        { "drive", "C:\\Users\\x", NULL },
        { "mail address", "mailto:a@a.example", NULL },
        { "only the scheme", "http:// and https://", NULL },
        { "host in its letters", "http://日本語.jp/x をご覧", "http://日本語.jp/x" },
        { "host in its letters, bracket", "（http://日本語.jp）", "http://日本語.jp" },
        { "two in a row", "http://a.example/1http://b.example/2",
          "http://a.example/1http://b.example/2" },
        { "user name", "https://bank.example@evil.invalid/", "https://bank.example@evil.invalid/" },
        { "dword", "http://3221225991/x", "http://3221225991/x" },
        { "colons", "::::::http:::::", NULL },
        { "empty", " ", NULL },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct tally *t = text(row->text);
        tally_check(t);
        slice got = tally_text(t, FACT_URL_FULL, 0);
        if (row->want ? !slice_is(got, row->want) : tally_facts(t, FACT_URL_FULL) != 0)
            table_wrong(&all, row->name, "\"%.*s\"", SLICE_FMT(got));
        tally_drop(&t);
    }
}

static void place_and_source(void **state)
{
    (void)state;
    struct tally *t = text("see http://a.example/x and www.b.example now");
    const struct fact *f = tally_fact(t, FACT_URL_FULL);
    assert_int_equal(f->at.from, 4);
    assert_int_equal(f->at.to, 22);
    assert_int_equal(tally_facts(t, FACT_URL_FULL), 2);
    assert_true(slice_is(tally_text(t, FACT_URL_SOURCE, 0), "document.text"));
    tally_drop(&t);
}

static void scripts_of_pages(void **state)
{
    (void)state;
    struct tally *t = tally_observed(
        &(struct tally_options){ .name = "a.html" },
        SLICE_LIT(
            "<html><script>var u='http://a.example/x.zip';go(\"https://b.example/\\n\")</script>"));
    assert_true(tally_has(t, FACT_URL_FULL, "http://a.example/x.zip"));
    assert_true(tally_has(t, FACT_URL_FULL, "https://b.example/"));
    tally_drop(&t);
}

static void floods_stay_linear(void **state)
{
    static const char *const pieces[] = {
        "http://a.example/", ":",         "://", "http:", "www.",         "www.a", "(",
        "http://((((",       "http://日", ".",   "a",     "h\xe3\x80\x80"
    };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf b = buf_new(8 << 20);
        while (b.len < (256u << 10))
            buf_text(&b, pieces[i]);
        struct tally *t = tally_observed(
            &(struct tally_options){ .name = "a.txt", .declared = "text/plain; charset=utf-8" },
            buf_slice(&b));
        tally_check(t);
        tally_drop(&t);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_in_text),
        cmocka_unit_test(place_and_source),
        cmocka_unit_test(scripts_of_pages),
        cmocka_unit_test(floods_stay_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
