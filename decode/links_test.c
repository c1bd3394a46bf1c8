/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of links.c: how URLs are taken apart, and when one is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decode/harness.h"
#include "decode/links.h"

#include <stdio.h>

static const struct {
    const char *name, *url, *scheme, *host, *registered, *path, *query, *extension, *username, *ip;
    int port, odd, idn;
} taken[] = {
    { "plain", "http://www.example.co.jp/a/b.doc?x=1#f", "http", "www.example.co.jp",
      "example.co.jp", "/a/b.doc", "x=1", "doc", "", "", 0, 0, 0 },
    { "port", "https://EXAMPLE.com:8443/", "https", "example.com", "example.com", "/", "", "", "",
      "", 8443, 0, 0 },
    { "no scheme", "www.example.com/x.zip", "http", "www.example.com", "example.com", "/x.zip", "",
      "zip", "", "", 0, 0, 0 },
    { "no slash before query", "http://a.example?q", "http", "a.example", "a.example", "", "q", "",
      "", "", 0, 0, 0 },
    { "user name hides the host", "https://www.bank.example@evil.invalid/login", "https",
      "evil.invalid", "evil.invalid", "/login", "", "", "www.bank.example", "", 0, 0, 0 },
    { "user and password, two @", "http://u:p@q@evil.invalid/", "http", "evil.invalid",
      "evil.invalid", "/", "", "", "u", "", 0, 0, 0 },
    { "backslashes", "http:\\\\evil.invalid\\a.exe", "http", "evil.invalid", "evil.invalid",
      "\\a.exe", "", "exe", "", "", 0, 0, 0 },
    { "one slash", "http:/evil.invalid/a", "http", "evil.invalid", "evil.invalid", "/a", "", "", "",
      "", 0, 0, 0 },
    { "no slash", "https:evil.invalid/a", "https", "evil.invalid", "evil.invalid", "/a", "", "", "",
      "", 0, 0, 0 },
    { "many slashes", "http://///evil.invalid/a", "http", "evil.invalid", "evil.invalid", "/a", "",
      "", "", "", 0, 0, 0 },
    { "line break inside", "ht\ntp://evil.in\r\nvalid/a\tb", "http", "evil.invalid", "evil.invalid",
      "/ab", "", "", "", "", 0, 0, 0 },
    { "percent host", "http://ev%69l.invalid/", "http", "evil.invalid", "evil.invalid", "/", "", "",
      "", "", 0, 0, 0 },
    { "trailing dot", "http://evil.invalid./", "http", "evil.invalid", "evil.invalid", "/", "", "",
      "", "", 0, 0, 0 },
    { "full-width host", "http://ｅｖｉｌ．invalid/", "http", "evil.invalid", "evil.invalid", "/",
      "", "", "", "", 0, 0, 0 },
    { "ideographic dot", "http://evil。invalid/", "http", "evil.invalid", "evil.invalid", "/", "",
      "", "", "", 0, 0, 0 },
    { "percent-encoded full-width", "http://%EF%BD%85vil.invalid/", "http", "evil.invalid",
      "evil.invalid", "/", "", "", "", "", 0, 0, 0 },
    { "idn", "http://日本語.jp/", "http", "日本語.jp", "日本語.jp", "/", "", "", "", "", 0, 0, 1 },
    { "punycode", "http://www.xn--wgv71a.jp/", "http", "www.xn--wgv71a.jp", "xn--wgv71a.jp", "/",
      "", "", "", "", 0, 0, 1 },
    { "dotted", "http://192.0.2.7/x", "http", "192.0.2.7", "192.0.2.7", "/x", "", "", "",
      "192.0.2.7", 0, 0, 0 },
    { "hex number", "http://0xC0000207/x", "http", "0xc0000207", "192.0.2.7", "/x", "", "", "",
      "192.0.2.7", 0, 1, 0 },
    { "decimal number", "http://3221225991/x", "http", "3221225991", "192.0.2.7", "/x", "", "", "",
      "192.0.2.7", 0, 1, 0 },
    { "octal parts", "http://0300.0.02.07/", "http", "0300.0.02.07", "192.0.2.7", "/", "", "", "",
      "192.0.2.7", 0, 1, 0 },
    { "hex parts", "http://0xc0.0x0.0x2.0x7/", "http", "0xc0.0x0.0x2.0x7", "192.0.2.7", "/", "", "",
      "", "192.0.2.7", 0, 1, 0 },
    { "three parts", "http://192.0.519/", "http", "192.0.519", "192.0.2.7", "/", "", "", "",
      "192.0.2.7", 0, 1, 0 },
    { "number too large", "http://4294967296/", "http", "4294967296", "4294967296", "/", "", "", "",
      "", 0, 0, 0 },
    { "part too large", "http://256.0.2.7/", "http", "256.0.2.7", NULL, "/", "", "", "", "", 0, 0,
      0 },
    { "not octal", "http://192.0.2.08/", "http", "192.0.2.08", NULL, "/", "", "", "", "", 0, 0, 0 },
    { "ipv6", "http://[2001:db8::1]:81/a", "http", "[2001:db8::1]", "2001:db8::1", "/a", "", "", "",
      "2001:db8::1", 81, 0, 0 },
    { "share", "\\\\host.invalid\\share\\a.lnk", "file", "host.invalid", "host.invalid",
      "\\share\\a.lnk", "", "lnk", "", "", 0, 0, 0 },
    { "WebDAV", "\\\\192.0.2.80@80\\DavWWWRoot\\a.js", "file", "192.0.2.80", NULL,
      "\\DavWWWRoot\\a.js", "", "js", "", "192.0.2.80", 80, 0, 0 },
    { "WebDAV over TLS", "file://host.invalid@SSL@8443/a.url", "file", "host.invalid",
      "host.invalid", "/a.url", "", "url", "", "", 8443, 0, 0 },
    { "WebDAV over TLS, no port", "\\\\host.invalid@ssl\\a", "file", "host.invalid", "host.invalid",
      "\\a", "", "", "", "", 0, 0, 0 },
    { "WebDAV, no host", "\\\\@80\\a", "file", "80", NULL, "\\a", "", "", "", "0.0.0.80", 0, 1, 0 },
    { "no port of WebDAV", "\\\\host.invalid@99999\\a", "file", "99999", NULL, "\\a", "", "",
      "host.invalid", "0.1.134.159", 0, 1, 0 },
    { "WebDAV form on the web", "http://host.invalid@80/a", "http", "80", NULL, "/a", "", "",
      "host.invalid", "0.0.0.80", 0, 1, 0 },
    { "local file", "file:///C:/x/y.exe", "file", "", "", "C:/x/y.exe", "", "exe", "", "", 0, 0,
      0 },
    { "remote file", "file://host.invalid/a.url", "file", "host.invalid", "host.invalid", "/a.url",
      "", "url", "", "", 0, 0, 0 },
    { "own scheme", "ms-appinstaller:?source=http://evil.invalid/a.msix", "ms-appinstaller", "", "",
      "", "source=http://evil.invalid/a.msix", "", "", "", 0, 0, 0 },
    { "search", "search-ms:query=x&crumb=location:\\\\evil.invalid@80\\d", "search-ms", "", "",
      "query=x&crumb=location:\\\\evil.invalid@80\\d", "", "", "", "", 0, 0, 0 },
    { "defanged", "hxxps://evil[.]invalid/a.dll", "hxxps", "evil.invalid", "evil.invalid", "/a.dll",
      "", "dll", "", "", 0, 0, 0 },
    { "hidden extension", "http://a.example/%E8%AB%8B.ex%65", "http", "a.example", "a.example",
      "/%E8%AB%8B.ex%65", "", "exe", "", "", 0, 0, 0 },
    { "scheme-relative", "//a.example/x", "https", "a.example", "a.example", "/x", "", "", "", "",
      0, 0, 0 },
    { "bad port", "http://a.example:99999/", "http", "a.example", "a.example", "/", "", "", "", "",
      0, 0, 0 },
    { "blanks around", " \r\n http://a.example/ \x01", "http", "a.example", "a.example", "/", "",
      "", "", "", 0, 0, 0 },
};

static void urls_are_taken_apart(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct link l = { 0 };
        if (!link_parse(mem, slice_of(taken[i].url), &l))
            fail_msg("%s: not taken for a URL", taken[i].name);
        const struct {
            const char *what, *want;
            slice got;
        } texts[] = { { "scheme", taken[i].scheme, l.scheme },
                      { "host", taken[i].host, l.host },
                      { "registered", taken[i].registered, l.registered },
                      { "path", taken[i].path, l.path },
                      { "query", taken[i].query, l.query },
                      { "extension", taken[i].extension, l.extension },
                      { "username", taken[i].username, l.username },
                      { "ip", taken[i].ip, l.ip } };
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            if (texts[k].want && !slice_is(texts[k].got, texts[k].want))
                fail_msg("%s: %s is \"%.*s\", not \"%s\"", taken[i].name, texts[k].what,
                         SLICE_FMT(texts[k].got), texts[k].want);
        if ((int)l.port != taken[i].port || l.ip_obfuscated != taken[i].odd || l.idn != taken[i].idn)
            fail_msg("%s: port %u, odd %d, idn %d", taken[i].name, l.port, l.ip_obfuscated, l.idn);
    }
    arena_drop(&mem);
}

static void no_urls(void **state)
{
    static const char *const cases[] = { "",
                                         " ",
                                         "#top",
                                         "/a/b",
                                         "a/b.html",
                                         "?q",
                                         "C:\\x",
                                         "c:/x",
                                         ":",
                                         "://",
                                         "http://",
                                         "https:///",
                                         "http://?",
                                         "1http://a.example",
                                         "ht tp://a.example",
                                         "http://[::1/a" };
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct link l;
        if (link_parse(mem, slice_of(cases[i]), &l))
            fail_msg("\"%s\" was taken for a URL: host %.*s", cases[i], SLICE_FMT(l.host));
    }
    arena_drop(&mem);
}

static void hosts_shown_in_link_text(void **state)
{
    static const struct {
        const char *text, *host;
    } cases[] = {
        { "https://www.bank.example/login", "www.bank.example" },
        { "www.bank.example", "www.bank.example" },
        { "bank.co.jp", "bank.co.jp" },
        { "Bank.COM/login", "bank.com" },
        { " https://a.example へ進む", "a.example" },
        { "click here", "" },
        { "readme.txt", "" },
        { "a@bank.com", "" },
        { "今すぐ bank.com", "" },
        { "v1.2", "" },
        { "", "" },
        { "http://", "" },
        { "www", "" },
        { "...", "" },
        { "ver. 2.0", "" },
    };
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slice got = link_text_host(mem, slice_of(cases[i].text));
        if (!slice_is(got, cases[i].host))
            fail_msg("\"%s\": got \"%.*s\"", cases[i].text, SLICE_FMT(got));
    }
    arena_drop(&mem);
}

/* --- through a scan */

static void say_all(void *host, struct walk *w)
{
    for (const char *const *u = host; *u; u += 2)
        walk_link(w, slice_of(u[0]), slice_of(u[1]), NOWHERE, "test");
}

static void no_fact(void *host, struct walk *w, struct fact *f)
{
    (void)host, (void)w, (void)f;
}

static struct tally *said(const char *const *urls)
{
    const struct walk_hooks hooks = { .host = (void *)urls,
                                      .part_begin = say_all,
                                      .fact = no_fact };
    return tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT(""));
}

static void each_url_is_said_once(void **state)
{
    static const char *const urls[] = { "http://a.example/1",
                                        "",
                                        "http://a.example/1",
                                        "again",
                                        "http://a.example/2",
                                        "",
                                        "mailto:a@b.example",
                                        "",
                                        "cid:part1",
                                        "",
                                        "#top",
                                        "",
                                        "tel:110",
                                        "",
                                        "data:text/plain,abc",
                                        "",
                                        "javascript:x()",
                                        "",
                                        NULL };
    (void)state;
    struct tally *t = said(urls);
    assert_int_equal(tally_facts(t, FACT_URL_FULL), 2);
    assert_int_equal(tally_facts(t, FACT_HTML_LINK_MISMATCH), 0);
    const struct fact *first = tally_fact(t, FACT_URL_FULL);
    assert_non_null(record_find_in_event(&t->r, first->event, FACT_URL_DOMAIN));
    assert_true(slice_is(tally_text(t, FACT_URL_SOURCE, 0), "test"));
    tally_drop(&t);
}

static void text_that_names_another_site(void **state)
{
    static const struct {
        const char *url, *text;
        int mismatch;
    } cases[] = {
        { "http://evil.invalid/", "https://www.bank.co.jp/", 1 },
        { "http://evil.invalid/", "www.bank.co.jp", 1 },
        { "http://click.bank.co.jp/r?x", "www.bank.co.jp", 0 },
        { "http://bank.co.jp.evil.invalid/", "bank.co.jp", 1 },
        { "http://192.0.2.1/", "www.bank.co.jp", 1 },
        { "http://evil.invalid/", "Click here", 0 },
        { "http://evil.invalid/", "evil.invalid", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const urls[] = { cases[i].url, cases[i].text, NULL };
        struct tally *t = said(urls);
        if ((int)tally_facts(t, FACT_URL_MISMATCH) != cases[i].mismatch ||
            (int)tally_facts(t, FACT_HTML_LINK_MISMATCH) != cases[i].mismatch)
            fail_msg("%s shown as %s", cases[i].url, cases[i].text);
        tally_drop(&t);
    }
}

static void flood_ends_at_a_named_limit(void **state)
{
    enum { N = 3000 };
    static char text[N][40];
    static const char *urls[2 * N + 1];
    (void)state;
    for (int i = 0; i < N; i++) {
        snprintf(text[i], sizeof text[i], "http://a.example/%d", i);
        urls[2 * i] = text[i];
        urls[2 * i + 1] = "";
    }
    struct tally *t = said(urls);
    assert_int_equal(tally_facts(t, FACT_URL_FULL), LINKS_MAX);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
}

static void hostile_lengths(void **state)
{
    static char big[300000];
    static const char fills[] = "a@:/\\.%[#?\xe3";
    (void)state;
    for (size_t i = 0; i + 1 < sizeof fills; i++) {
        memset(big, fills[i], sizeof big - 1);
        for (size_t k = 0; k < 2; k++) {
            if (k == 0)
                big[0] = 'h', big[1] = 't', big[2] = 't', big[3] = 'p', big[4] = ':', big[5] = '/',
                big[6] = '/';
            const char *const urls[] = { big, big, NULL };
            struct tally *t = said(urls);
            tally_check(t);
            assert_true(tally_facts(t, FACT_URL_FULL) <= 1);
            tally_drop(&t);
            memset(big, fills[i], 8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(no_urls),
        cmocka_unit_test(hosts_shown_in_link_text),
        cmocka_unit_test(each_url_is_said_once),
        cmocka_unit_test(text_that_names_another_site),
        cmocka_unit_test(flood_ends_at_a_named_limit),
        cmocka_unit_test(hostile_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
