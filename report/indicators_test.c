/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of addresses as attackers write them, and which indicators a report gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "report/indicators.h"

static const struct {
    const char *name, *url, *want; /* "" : none */
} hosts[] = {
    { "plain", "http://Www.Example.invalid/a", "www.example.invalid domain" },
    { "port and user", "https://u:p@a.example.invalid:8080?x", "a.example.invalid domain" },
    { "two @", "http://good.example@x@bad.example.invalid/", "bad.example.invalid domain" },
    { "backslash ends it", "http://bad.example.invalid\\@good.example/",
      "bad.example.invalid domain" },
    { "trailing dot", "http://a.example.invalid./", "a.example.invalid domain" },
    { "address", "http://192.0.2.7/x", "192.0.2.7 ip" },
    { "hexadecimal", "http://0xc0000207/x", "192.0.2.7 ip" },
    { "octal parts", "http://0300.0.02.07/x", "192.0.2.7 ip" },
    { "one number", "http://3221225991", "192.0.2.7 ip" },
    { "three parts", "http://192.0.519", "192.0.2.7 ip" },
    { "number too large", "http://4294967296/", "" },
    { "part too large", "http://192.0.2.256/", "192.0.2.256 domain" },
    { "IPv6", "http://[2001:DB8::7]:80/", "2001:db8::7 ip" },
    { "IPv6 torn", "http://[2001:db8::7/", "" },
    { "IPv6 of nothing", "http://[zz]/", "" },
    { "no host", "http:///x", "" },
    { "bare name", "http://server/x", "" },
    { "two dots", "http://a..invalid/", "" },
    { "dot in front", "http://.invalid/", "" },
    { "blank inside", "http://a b.invalid/", "" },
    { "quote inside", "http://a'b.example.invalid/", "" },
    { "line break", "http://a.invalid\nx/", "a.invalid domain" },
    { "no scheme", "www.example.invalid/", "" },
    { "scheme far behind", "aaaaaaaaaaaaaaaaaaaa://a.invalid", "" },
};

static void reads_hosts(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, hosts) {
        struct arena *mem = arena_new(1 << 20);
        struct buf b = buf_new(512);
        slice host;
        enum indicator_kind kind;
        if (indicator_host(slice_of(row->url), mem, &host, &kind))
            buf_format(&b, "%.*s %s", SLICE_FMT(host), indicator_kind_name(kind));
        table_slice(&t, row->name, buf_slice(&b), row->want);
        buf_drop(&b);
        arena_drop(&mem);
    }
}

static const struct read_part parts[] = {
    { NO_ID, SLICE_INIT("m.eml"), SLICE_INIT("eml"), SLICE_INIT("file"), SLICE_INIT("aa"), 1 },
    { 0, SLICE_INIT("d.doc"), SLICE_INIT("cfb"), SLICE_INIT("mime"), SLICE_INIT("bb"), 1 }
};
static const struct read_fact facts[] = {
    { SLICE_INIT("url.full"), SLICE_INIT("http://footer.invalid/"), 0, 0, 0, { 0 } },
    { SLICE_INIT("vba.url"), SLICE_INIT("http://a.invalid/,http://b.invalid/"), 0, 1, 2, { 0 } },
    { SLICE_INIT("url.full"), SLICE_INIT("http://cited.invalid/"), 0, 0, 0, { 0 } }
};
static const struct jsonin whole[] = {
    { .kind = JSONIN_TEXT, .key = SLICE_INIT("url"), .text = SLICE_INIT("http://c.invalid/\tx") }
};
static const struct jsonin torn[] = {
    { .kind = JSONIN_TEXT, .key = SLICE_INIT("command"), .text = SLICE_INIT("x http://d.inv") }
};
static const uint32_t cites[] = { 2 }, about[] = { 1 };

static void gathers(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct buf b = buf_new(1 << 16);
    const struct read_effect effects[] = {
        { .kind = EFFECT_RUN, .args = torn, .n_args = 1, .known = false },
        { .kind = EFFECT_DOWNLOAD, .args = whole, .n_args = 1, .known = true }
    };
    const struct read_finding findings[] = {
        { .parts = about, .n_parts = 1, .counts = true, .facts = cites, .n_facts = 1 }
    };
    struct read_report r = { .path = SLICE_LIT("m.eml"),
                             .verdict = VERDICT_MALICIOUS,
                             .parts = parts,
                             .n_parts = 2,
                             .facts = facts,
                             .n_facts = 3,
                             .effects = effects,
                             .n_effects = 2,
                             .findings = findings,
                             .n_findings = 1 };
    struct indicators all = indicators_of(&r, mem);
    for (size_t i = 0; i < all.n; i++)
        buf_format(&b, "%s %.*s\n", indicator_sure_name(all.at[i].sure),
                   SLICE_FMT(all.at[i].value));
    assert_string_equal((buf_byte(&b, 0), (const char *)b.at),
                        "known http://c.invalid/\nknown c.invalid\ncited "
                        "http://cited.invalid/\ncited cited.invalid\ncited aa\ncited bb\n"
                        "seen http://a.invalid/,http://b.invalid/\nseen a.invalid\n");
    r.verdict = VERDICT_UNKNOWN;
    assert_int_equal(indicators_of(&r, mem).n, 0);
    buf_drop(&b);
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_hosts), cmocka_unit_test(gathers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
