/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that are taken, and damaged ones that are refused by name of the member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "report/read.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "{\"schema\":\"sekisho/report/1\",\"path\":\"a\",\"sha256\":\"" SHA "\",\"size\":1,\"verdict\":\"malicious\",\"name\":\"x\",\"reason\":{\"en\":\"e\",\"ja\":\"j\"},"
#define PART(id, parent) "{\"id\":" id ",\"parent\":" parent ",\"name\":\"\",\"type\":\"t\",\"how\":\"file\",\"size\":1,\"sha256\":\"" SHA "\"}"
#define FACT(part, more) "{\"name\":\"vba.url\",\"value\":\"http://a\",\"part\":" part more "}"
#define EFFECT(kind, args, sure, origin) "{\"kind\":\"" kind "\",\"sink\":\"s\",\"args\":" args ",\"certainty\":\"" sure "\",\"part\":0,\"origin\":" origin ",\"via\":[]}"
#define FINDING(facts, more) "{\"rule\":\"r\",\"level\":\"high\",\"title\":{\"en\":\"e\",\"ja\":\"j\"},\"parts\":[0],\"facts\":" facts more "}"
#define REPORT(parts, facts, effects, findings) HEAD "\"parts\":[" parts "],\"facts\":[" facts "],\"effects\":[" effects "],\"findings\":[" findings "]}"
#define P0 PART("0", "null")

static const struct {
    const char *name, *line, *want; /* refused: a piece of the message; NULL: taken */
} cases[] = {
    { "whole", REPORT(P0 "," PART("1", "0"), FACT("1", ",\"range\":[1,2],\"line\":3"), EFFECT("run", "{\"command\":\"c\"}", "known", "[{\"part\":0,\"range\":[0,1],\"line\":0}]"), FINDING("[0]", "")), NULL },
    { "member of a later version", REPORT(P0, "", "", FINDING("[]", ",\"new\":1")), NULL },
    { "no map", "[]", "no report" },
    { "other schema", "{\"schema\":\"sekisho/report/2\"}", "no report" },
    { "cut off", HEAD, "no JSON" },
    { "no parts", HEAD "\"facts\":[]}", "parts: missing" },
    { "parts no list", HEAD "\"parts\":{}}", "parts: of the wrong kind" },
    { "part out of order", REPORT(P0 "," PART("2", "0"), "", "", ""), "parts[1].id: out of order" },
    { "part its own parent", REPORT(P0 "," PART("1", "1"), "", "", ""), "parts[1].parent: out of range" },
    { "part without parent", REPORT(P0 "," PART("1", "null"), "", "", ""), "parts[1].parent: of the wrong kind" },
    { "root with parent", REPORT(PART("0", "0"), "", "", ""), "parts[0].parent" },
    { "fact of no part", REPORT(P0, FACT("1", ""), "", ""), "facts[0].part: out of range" },
    { "fact of a negative part", REPORT(P0, FACT("-1", ""), "", ""), "facts[0].part: out of range" },
    { "range backwards", REPORT(P0, FACT("0", ",\"range\":[2,1]"), "", ""), "facts[0].range" },
    { "range of one", REPORT(P0, FACT("0", ",\"range\":[2]"), "", ""), "facts[0].range" },
    { "line as text", REPORT(P0, FACT("0", ",\"line\":\"1\""), "", ""), "facts[0].line" },
    { "part as fraction", REPORT(P0, FACT("0.0", ""), "", ""), "facts[0].part: of the wrong kind" },
    { "unknown effect", REPORT(P0, "", EFFECT("eat", "{}", "known", "[]"), ""), "effects[0].kind" },
    { "unknown certainty", REPORT(P0, "", EFFECT("run", "{}", "sure", "[]"), ""), "effects[0].certainty" },
    { "argument no text", REPORT(P0, "", EFFECT("run", "{\"a\":1}", "known", "[]"), ""), "effects[0].args" },
    { "argument twice", REPORT(P0, "", EFFECT("run", "{\"a\":\"x\",\"a\":\"y\"}", "known", "[]"), ""), "stands twice" },
    { "origin of no part", REPORT(P0, "", EFFECT("run", "{}", "known", "[{\"part\":9,\"range\":[0,1],\"line\":1}]"), ""), "effects[0].part" },
    { "finding of no fact", REPORT(P0, "", "", FINDING("[0]", "")), "findings[0].facts: names what is not there" },
    { "finding of no list", REPORT(P0, "", "", FINDING("0", "")), "findings[0].facts: of the wrong kind" },
    { "parts of texts", HEAD "\"parts\":[\"a\"]}", "parts[0].id: missing" },
};

static void takes_and_refuses(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *mem = arena_new(1 << 20);
        struct read_report out;
        struct err e = { 0 };
        int r = read_report(slice_of(row->line), mem, &out, &e);
        if (row->want ? r == 0 || !strstr(e.text, row->want) : r != 0)
            table_wrong(&t, row->name, "%d %s", r, e.text);
        arena_drop(&mem);
    }
}

static int count(void *host, const struct read_report *r, struct err *err_out)
{
    (void)err_out;
    *(size_t *)host += 1 + r->n_facts * 10 + r->n_findings * 100 + (r->n_findings && r->findings[0].counts) * 1000u;
    return 0;
}

static void lines_are_named(void **state)
{
    (void)state;
    size_t seen = 0;
    struct err e = { 0 };
    const char *good = "\n" REPORT(P0, FACT("0", ""), "", FINDING("[0]", ",\"excepted\":true")) "\r\n\n" REPORT(P0, "", "", "");
    assert_int_equal(read_reports(slice_of(good), "f", count, &seen, &e), 0);
    assert_int_equal(seen, 112);
    assert_int_not_equal(read_reports(SLICE_LIT("\n" REPORT(P0, "", "", "") "\n{}\n"), "f", count, &seen, &e), 0);
    assert_string_equal(e.text, "f:3: no report of sekisho/report/1");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(takes_and_refuses), cmocka_unit_test(lines_are_named) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
