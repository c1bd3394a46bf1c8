/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations: groups, counts, order, chains; and what the compiler refuses. */
#include "judge/test_support.h"

#define A "---\ntitle: a\nname: a\nlogsource: {product: sekisho, category: url}\ndetection: {s: {url.path: a}, condition: s}\n"
#define B "---\ntitle: b\nname: b\nlogsource: {product: sekisho, category: url}\ndetection: {s: {url.path: b}, condition: s}\n"
#define P "---\ntitle: p\nname: p\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.extension: doc}, condition: s}\n"
#define C(body) "title: c\nname: c\nlevel: critical\ncorrelation:\n  timespan: 5m\n" body
#define UA "{kind: url, url.path: a}"
#define UB "{kind: url, url.path: b}"

static const struct {
    const char *name, *rules, *match, *no_match;
} cases[] = {
    { "temporal, any order", C("  type: temporal\n  rules: [a, b]\n") A B, "- [" UA ", " UB "]\n- [" UB ", " UA "]\n", "- [" UA "]\n- [" UA ", " UA "]\n" },
    { "temporal over kinds", C("  type: temporal\n  rules: [a, p]\n") A P, "- [" UA ", {kind: part, file.extension: doc}]\n", "- [" UA ", {kind: part, file.extension: txt}]\n" },
    { "temporal, two of three", C("  type: temporal\n  rules: [a, b, p]\n  condition: {gte: 2}\n") A B P, "- [" UA ", " UB "]\n", "- [" UA ", " UA "]\n" },
    { "temporal grouped by value", C("  type: temporal\n  rules: [a, b]\n  group-by: [url.domain]\n") A B,
      "- [{kind: url, url.path: a, url.domain: x}, {kind: url, url.path: b, url.domain: x}]\n- [{kind: url, url.path: a, url.domain: [y, x]}, {kind: url, url.path: b, url.domain: [z, x]}]\n",
      "- [{kind: url, url.path: a, url.domain: x}, {kind: url, url.path: b, url.domain: y}]\n- [" UA ", " UB "]\n" },
    { "grouped by report is not grouped", C("  type: temporal\n  rules: [a, b]\n  group-by: [report.id]\n") A B, "- [" UA ", " UB "]\n", "- [" UA "]\n" },
    { "grouped by two fields", C("  type: event_count\n  rules: [a]\n  group-by: [url.domain, url.port]\n  condition: {gte: 2}\n") A,
      "- [{url.path: a, url.domain: x, url.port: 1}, {url.path: a, url.domain: x, url.port: 1}]\n",
      "- [{url.path: a, url.domain: x, url.port: 1}, {url.path: a, url.domain: x, url.port: 2}]\n- [{url.path: a, url.domain: x1, url.port: 1}, {url.path: a, url.domain: x, url.port: 11}]\n" },
    { "alias", C("  type: temporal\n  rules: [a, p]\n  group-by: [n]\n  aliases:\n    n: {a: url.text, p: file.name}\n") A P,
      "- [{kind: url, url.path: a, url.text: q}, {kind: part, file.extension: doc, file.name: q}]\n", "- [{kind: url, url.path: a, url.text: q}, {kind: part, file.extension: doc, file.name: r}]\n" },
    { "ordered", C("  type: temporal_ordered\n  rules: [a, b]\n") A B, "- [" UA ", " UB "]\n- [" UB ", " UA ", " UB "]\n", "- [" UB ", " UA "]\n" },
    { "ordered across kinds", C("  type: temporal_ordered\n  rules: [p, a, b]\n") A B P, "- [{kind: part, file.extension: doc}, " UA ", " UB "]\n", "- [" UA ", {kind: part, file.extension: doc}, " UB "]\n" },
    { "event_count", C("  type: event_count\n  rules: [a]\n  condition: {gte: 3}\n") A, "- [" UA ", " UA ", " UA "]\n", "- [" UA ", " UA "]\n- [" UA ", " UA ", " UB "]\n" },
    { "event_count over two rules", C("  type: event_count\n  rules: [a, b]\n  condition: {gt: 2}\n") A B, "- [" UA ", " UB ", " UA "]\n", "- [" UA ", " UB "]\n- [{url.path: [a, b]}, " UA "]\n" },
    { "event_count, range and eq", C("  type: event_count\n  rules: [a]\n  condition: {gt: 1, lte: 3}\n") A, "- [" UA ", " UA "]\n", "- [" UA "]\n- [" UA ", " UA ", " UA ", " UA "]\n" },
    { "event_count lt", C("  type: event_count\n  rules: [a]\n  condition: {lt: 2}\n") A, "- [" UA "]\n", "- [" UA ", " UA "]\n- [" UB "]\n" },
    { "value_count", C("  type: value_count\n  rules: [a]\n  condition: {field: url.domain, gte: 2}\n") A,
      "- [{url.path: a, url.domain: x}, {url.path: a, url.domain: y}]\n- [{url.path: a, url.domain: [x, y]}]\n", "- [{url.path: a, url.domain: x}, {url.path: a, url.domain: x}]\n- [" UA ", " UA "]\n" },
    { "value_count of numbers", C("  type: value_count\n  rules: [a]\n  condition: {field: url.port, eq: 2}\n") A, "- [{url.path: a, url.port: 80}, {url.path: a, url.port: 8080}]\n", "- [{url.path: a, url.port: 80}, {url.path: a, url.port: 80}]\n" },
    { "chain", C("  type: temporal\n  rules: [many, b]\n") "---\ntitle: m\nname: many\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n" A B, "- [" UA ", " UA ", " UB "]\n", "- [" UA ", " UB "]\n" },
    { "chain, ordered by its last event", C("  type: temporal_ordered\n  rules: [many, b]\n") "---\ntitle: m\nname: many\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n" A B, "- [" UA ", " UA ", " UB "]\n", "- [" UA ", " UB ", " UA "]\n" },
};

static void lines(struct buf *b, const char *text)
{
    while (*text) {
        const char *end = strchr(text, '\n');
        buf_text(b, "      ");
        buf_put(b, (slice){ (const uint8_t *)text, (size_t)(end - text) + 1 });
        text = end + 1;
    }
}

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_new(1 << 16);
        const char *rest = strstr(cases[i].rules, "---\n"); /* the tests belong to the first document */
        assert_non_null(rest);
        buf_put(&b, (slice){ (const uint8_t *)cases[i].rules, (size_t)(rest - cases[i].rules) });
        buf_text(&b, "sekisho:\n  tests:\n    match:\n");
        lines(&b, cases[i].match);
        buf_text(&b, "    no_match:\n");
        lines(&b, cases[i].no_match);
        buf_text(&b, rest);
        struct rule_source s = { SLICE_LIT("t.yml"), buf_slice(&b), false };
        struct compiled c = compile_sources(&s, 1);
        size_t n = 0;
        if (c.code == 0)
            c.code = rules_test(c.rules, &s, 1, &n, &c.err);
        if (c.code)
            fail_msg("%s: %s\n%.*s", cases[i].name, c.err.text, (int)b.len, (const char *)b.at);
        assert_true(n >= 2);
        compiled_drop(&c);
        buf_drop(&b);
    }
}

static const struct {
    const char *name, *rules, *want;
} refusals[] = {
    { "no type", C("  rules: [a]\n") A, "`type` must be" },
    { "unknown rule", C("  type: temporal\n  rules: [a, z]\n") A, "t.yml:7: correlation: no rule has the name or id 'z'" },
    { "named twice", C("  type: temporal\n  rules: [a, a]\n") A, "named twice" },
    { "itself", C("  type: temporal\n  rules: [c, a]\n") A, "refers to itself" },
    { "circle", C("  type: temporal\n  rules: [d, a]\n") "---\ntitle: d\nname: d\ncorrelation: {type: temporal, rules: [c], timespan: 1m}\n" A, "refers to itself" },
    { "no rules", C("  type: temporal\n  rules: []\n") A, "`rules` must name" },
    { "no timespan", "title: c\nname: c\ncorrelation: {type: temporal, rules: [a]}\n" A, "`timespan` must be" },
    { "odd timespan", "title: c\nname: c\ncorrelation: {type: temporal, rules: [a], timespan: 5w}\n" A, "`timespan` must be" },
    { "count without condition", C("  type: event_count\n  rules: [a]\n") A, "`condition` must be a map" },
    { "unknown operator", C("  type: event_count\n  rules: [a]\n  condition: {ge: 5}\n") A, "gt, gte, lt, lte, eq" },
    { "count is no number", C("  type: event_count\n  rules: [a]\n  condition: {gte: many}\n") A, "whole number" },
    { "value_count without field", C("  type: value_count\n  rules: [a]\n  condition: {gte: 5}\n") A, "`field`" },
    { "field it does not count", C("  type: event_count\n  rules: [a]\n  condition: {gte: 5, field: url.domain}\n") A, "only it" },
    { "unknown field", C("  type: event_count\n  rules: [a]\n  group-by: [url.domian]\n  condition: {gte: 5}\n") A, "t.yml:8: no fact is named 'url.domian'; did you mean url.domain" },
    { "field of other events", C("  type: event_count\n  rules: [a]\n  group-by: [effect.kind]\n  condition: {gte: 5}\n") A, "is a fact of effect events" },
    { "alias that forgets a rule", C("  type: temporal\n  rules: [a, b]\n  group-by: [n]\n  aliases: {n: {a: url.text}}\n") A B, "for every rule" },
    { "both", "title: c\nname: c\ncorrelation: {type: temporal}\ndetection: {}\n", "either" },
};

static void each_refusal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct compiled c = compile_text(refusals[i].rules, false);
        if (c.code >= 0 || !strstr(c.err.text, refusals[i].want))
            fail_msg("%s: code %d, message '%s'", refusals[i].name, c.code, c.err.text);
        compiled_drop(&c);
    }
}

/* Correlations 2.0, "Generate": what is only referred to makes no finding. */
static void who_stands_alone(void **state)
{
    (void)state;
    static const char *const generate[] = { "", "  generate: true\n" };
    for (uint32_t i = 0; i < 2; i++) {
        struct buf b = buf_new(4096);
        buf_format(&b, C("  type: temporal\n  rules: [a, b]\n%s") A B, generate[i]);
        struct rule_source s = { SLICE_LIT("t.yml"), buf_slice(&b), false };
        struct compiled c = compile_sources(&s, 1);
        struct sheet sh;
        sheet_open(&sh);
        uint32_t part = sheet_part(&sh, NO_ID, "eml"), other = sheet_part(&sh, part, "html");
        uint32_t fa = sheet_text(&sh, sheet_event(&sh, EVENT_URL, part), FACT_URL_PATH, "a");
        uint32_t fb = sheet_text(&sh, sheet_event(&sh, EVENT_URL, other), FACT_URL_PATH, "b");
        struct judgement j = judge_record(c.rules, &sh.record, NULL, sh.mem);
        assert_int_equal(j.n_findings, i ? 3 : 1);
        assert_int_equal(j.verdict, VERDICT_MALICIOUS);
        assert_true(j.findings[0].n_parts == 2 && j.findings[0].parts[0] == part && j.findings[0].parts[1] == other);
        assert_true(j.findings[0].n_facts == 2 && j.findings[0].facts[0] == fa && j.findings[0].facts[1] == fb);
        sheet_drop(&sh);
        compiled_drop(&c);
        buf_drop(&b);
    }
}

/* Ten thousand events with ten values each end in bounded work. */
static void many_groups(void **state)
{
    (void)state;
    struct compiled c = compile_text(C("  type: event_count\n  rules: [a]\n  group-by: [url.domain]\n  condition: {gte: 2}\n") A, false);
    struct sheet sh;
    sheet_open(&sh);
    uint32_t part = sheet_part(&sh, NO_ID, "eml");
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t e = sheet_event(&sh, EVENT_URL, part);
        sheet_text(&sh, e, FACT_URL_PATH, "a");
        for (uint32_t k = 0; k < 10; k++) {
            char host[32];
            snprintf(host, sizeof host, "h%u.example", (i * 10 + k) % 30011);
            sheet_text(&sh, e, FACT_URL_DOMAIN, host);
        }
    }
    struct judgement j = judge_record(c.rules, &sh.record, NULL, sh.mem);
    assert_int_equal(j.verdict, VERDICT_MALICIOUS);
    assert_true(j.n_findings > 0 && j.n_findings <= 32);
    sheet_drop(&sh);
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(each_refusal),
        cmocka_unit_test(who_stands_alone),
        cmocka_unit_test(many_groups),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
