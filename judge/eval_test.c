/* SPDX-License-Identifier: Apache-2.0 */
/* Random rules on random records: streamed hits with skipping must find
 * exactly what evaluating everything everywhere finds. */
#include "judge/test_support.h"

struct dice {
    uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (uint32_t)(d->state >> 33) % sides;
}

#define PICK(d, array) (array)[roll((d), sizeof(array) / sizeof *(array))]

static const char *const words[] = { "a", "ab", "abc", "Abc", "b", "bc", "cab", "aab", "abcabc", "", "請求", "請求書", "請", "x-y", "x/y", "x –y", "10", "1" };
static const char *const globs[] = { "a", "ab", "*b", "a*", "*bc*", "a*c", "\\?b", "?b?", "請?", "*書", "*", "''", "a*b*c", "x", "*x*y", "1?", "abc" };
static const char *const expressions[] = { "^a", "b$", "a.c", "(a|b)c", "[ab]{2}", "(a)\\1", "b(?!c)", "^$", "請.", "a*", "\\bab\\b", "x.?y", "c+a" };
static const char *const mods[] = { "", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|windash|contains", "|contains|all", "|neq" };

/* fields that an event of each kind sees, by type */
static const char *const texts[EVENT_KINDS][5] = {
    { "email.subject", "email.from.address", "email.body", "email.to.address", "file.name" },
    { "file.name", "file.type", "document.text", "parent.file.name", "email.subject" },
    { "vba.code", "vba.string", "file.name", "parent.parent.file.name", "email.body" },
    { "effect.url", "effect.process.command_line", "vba.string", "file.name", "parent.file.type" },
    { "url.full", "url.path", "vba.code", "email.from.address", "file.name" },
};
static const char *const numbers[EVENT_KINDS] = { "email.to.count", "file.size", "vba.modules", "file.depth", "url.port" };
static const char *const flags[EVENT_KINDS] = { "email.from.homograph", "file.attachment", "vba.protected", "file.attachment", "url.idn" };

static void put_item(struct buf *b, struct dice *d, int kind, int nr)
{
    const char *field = texts[kind][roll(d, 5)];
    switch (roll(d, 10)) {
    case 0:
        buf_format(b, "%s%s: %u", numbers[kind], roll(d, 2) ? "" : "|gte", roll(d, 4));
        break;
    case 1:
        buf_format(b, "%s: %s", flags[kind], roll(d, 3) ? "true" : "false");
        break;
    case 2:
        buf_format(b, "%s: null", texts[kind][1]); /* no view */
        break;
    case 3:
        buf_format(b, "%s|exists: %s", texts[kind][1], roll(d, 2) ? "true" : "false");
        break;
    case 4:
    case 5:
        buf_format(b, "%s|re%s: '%s'", field, roll(d, 2) ? "" : "|i", PICK(d, expressions));
        break;
    case 6:
        buf_format(b, "'|contains': ['%s', '%s']", "ab", PICK(d, words));
        break;
    default: {
        const char *mod = PICK(d, mods);
        const char *one = PICK(d, globs), *two = PICK(d, globs);
        buf_format(b, "%s%s: ['%s', '%s']", field, mod, one[0] == '\'' ? "" : one, two[0] == '\'' ? "" : two);
    }
    }
    (void)nr;
}

static void put_rule(struct buf *b, struct dice *d, int nr)
{
    static const char *const conditions[] = { "s0", "s0 and s1", "s0 or s1", "s0 and not s1", "not s0", "1 of s*", "all of s*", "s0 and (s1 or s2)",
                                              "not (s0 and s1) and s2", "s0 and not (s1 or s2)" };
    int kind = (int)roll(d, EVENT_KINDS);
    buf_format(b, "---\ntitle: t\nid: r%d\nlevel: medium\nlogsource: {product: sekisho, category: %s}\ndetection:\n", nr, event_kind_name((enum event_kind)kind));
    for (int s = 0; s < 3; s++) {
        buf_format(b, "  s%d:\n", s);
        uint32_t n = 1 + roll(d, 2);
        bool list = roll(d, 4) == 0;
        for (uint32_t i = 0; i < n; i++) {
            size_t from = b->len;
            buf_text(b, list ? "    - " : "    ");
            put_item(b, d, kind, (int)i);
            buf_text(b, "\n");
            if (i && !list) { /* a field twice in one map is refused: keep the first */
                b->len = from;
                break;
            }
        }
    }
    buf_format(b, "  condition: %s\n", PICK(d, conditions));
}

static void fill_facts(struct sheet *s, struct dice *d, uint32_t event, int kind)
{
    for (uint32_t n = roll(d, 5); n > 0; n--) {
        const char *name = texts[kind][roll(d, 3)];
        enum fact_id id = fact_by_name(slice_of(name));
        if (id != FACT_COUNT && fact_row(id)->layer == (enum event_kind)kind)
            sheet_text(s, event, id, PICK(d, words));
    }
    if (roll(d, 2))
        sheet_number(s, event, fact_by_name(slice_of(kind == EVENT_EFFECT ? "file.depth" : numbers[kind])), roll(d, 4));
    if (roll(d, 3) == 0)
        sheet_number(s, event, fact_by_name(slice_of(flags[kind])), 1);
}

static void fill_record(struct sheet *s, struct dice *d)
{
    uint32_t parts = 1 + roll(d, 6);
    for (uint32_t p = 0; p < parts; p++) {
        sheet_part(s, p ? roll(d, p) : NO_ID, "doc");
        if (roll(d, 8))
            fill_facts(s, d, sheet_event(s, EVENT_PART, p), EVENT_PART);
        if (p == 0 || roll(d, 6) == 0)
            fill_facts(s, d, sheet_event(s, EVENT_MAIL, p), EVENT_MAIL);
        for (uint32_t n = roll(d, 4); n > 0; n--) {
            int kind = EVENT_MACRO + (int)roll(d, 3);
            fill_facts(s, d, sheet_event(s, (enum event_kind)kind, p), kind);
        }
    }
}

static void compare(const struct rules *r, struct dice *d, uint64_t seed)
{
    struct sheet s;
    sheet_open(&s);
    fill_record(&s, d);
    struct judgement direct = judge_record_mode(r, &s.record, NULL, JUDGE_DIRECT, s.mem);
    struct judgement half = judge_record_mode(r, &s.record, NULL, JUDGE_SKIPPING, s.mem); /* nothing streamed */
    sheet_scan(&s, r);
    struct judgement streamed = judge_record_mode(r, &s.record, NULL, JUDGE_SKIPPING, s.mem);
    const struct judgement *others[] = { &half, &streamed };
    for (size_t o = 0; o < 2; o++) {
        const struct judgement *j = others[o];
        if (j->n_findings != direct.n_findings || j->verdict != direct.verdict)
            fail_msg("seed %llu: %u findings directly, %u %s", (unsigned long long)seed, direct.n_findings, j->n_findings, o ? "streamed" : "skipping");
        for (uint32_t i = 0; i < j->n_findings; i++) {
            assert_int_equal(j->findings[i].rule, direct.findings[i].rule);
            assert_int_equal(j->findings[i].n_parts, 1);
            assert_int_equal(j->findings[i].parts[0], direct.findings[i].parts[0]);
            /* not the number: two hits in one long text are two excerpts */
            assert_int_equal(j->findings[i].n_facts > 0, direct.findings[i].n_facts > 0);
        }
    }
    sheet_drop(&s);
}

static void skipping_changes_nothing(void **state)
{
    (void)state;
    uint32_t findings_seen = 0;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct dice d = { seed * 0x9e3779b97f4a7c15u };
        struct buf b = buf_new(1 << 20);
        for (int i = 0; i < 60; i++)
            put_rule(&b, &d, i);
        struct rule_source source = { SLICE_LIT("r.yml"), buf_slice(&b), false };
        struct compiled c = compile_sources(&source, 1);
        if (c.code)
            fail_msg("seed %llu: %s", (unsigned long long)seed, c.err.text);
        for (int i = 0; i < 50; i++)
            compare(c.rules, &d, seed);
        struct sheet s;
        sheet_open(&s);
        fill_record(&s, &d);
        findings_seen += judge_record(c.rules, &s.record, NULL, s.mem).n_findings;
        sheet_drop(&s);
        compiled_drop(&c);
        buf_drop(&b);
    }
    assert_true(findings_seen > 100); /* or the comparison above compares nothing */
}

/* A rule that is true of nothing is still found, and one with strings only is not tried in vain. */
static void which_rules_are_always_tried(void **state)
{
    static const struct {
        const char *detection;
        bool always, local;
    } cases[] = {
        { "{s: {file.name: a}, condition: s}", false, true },
        { "{s: {file.name: a}, condition: not s}", true, false },
        { "{s: {file.name: a}, t: {file.type: null}, condition: s and t}", false, true },
        { "{s: {file.name: a}, t: {file.type: null}, condition: s or t}", true, false },
        { "{s: {file.name: a}, t: {file.size|gt: 5}, condition: s or t}", false, true },
        { "{s: {parent.file.name: a}, condition: s}", false, false },
        { "{s: {parent.file.name: a}, t: {file.name: a}, condition: s and t}", false, true },
        { "{s: {parent.file.name: a}, t: {file.name: a}, condition: s or t}", false, false },
        { "{s: {file.attachment: true}, condition: s}", false, true },
        { "{s: {file.attachment: false}, condition: s}", true, false },
        { "{s: {file.name|neq: a}, condition: s}", true, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_new(4096);
        buf_format(&b, "title: t\nid: t\nlogsource: {product: sekisho, category: part}\ndetection: %s\n", cases[i].detection);
        struct rule_source source = { SLICE_LIT("r.yml"), buf_slice(&b), false };
        struct compiled c = compile_sources(&source, 1);
        assert_int_equal(c.code, 0);
        uint32_t local = 0, far = 0;
        for (uint32_t a = 0; a < c.rules->n_atoms; a++)
            for (uint32_t t = 0; t < c.rules->atom_rules[a].n; t++)
                trigger_local(c.rules->atom_rules[a].at[t]) ? local++ : far++;
        for (uint32_t f = 0; f < FACT_COUNT; f++)
            for (uint32_t t = 0; t < c.rules->fact_rules[f].n; t++)
                trigger_local(c.rules->fact_rules[f].at[t]) ? local++ : far++;
        if (c.rules->rules[0].always != cases[i].always || (local > 0) != cases[i].local || (far > 0) == (cases[i].local || cases[i].always))
            fail_msg("%s: always %d, local %u, far %u", cases[i].detection, c.rules->rules[0].always, local, far);
        compiled_drop(&c);
        buf_drop(&b);
    }
}

/* Hits come from a process that may have been taken over. */
static void hits_are_not_believed_blindly(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: t\nid: t\nlevel: high\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: abc}, condition: s}\n", true);
    assert_int_equal(c.code, -22); /* not ours: no extension */
    compiled_drop(&c);
    c = compile_text("title: t\nid: t\nlevel: critical\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: abc}, condition: s}\n", false);
    struct sheet s;
    sheet_open(&s);
    uint32_t part = sheet_part(&s, NO_ID, "doc"), e = sheet_event(&s, EVENT_PART, part);
    struct hit wrong[] = { { .atom = 7, .event = e, .field = FACT_FILE_NAME }, { .atom = UINT32_MAX, .event = e, .field = FACT_FILE_NAME },
                           { .atom = 0, .event = e, .field = FACT_FILE_TYPE } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        s.sink.hit(&s.record, &wrong[i]);
    assert_int_equal(judge_record(c.rules, &s.record, NULL, s.mem).verdict, VERDICT_CLEAN);
    struct hit right = { .atom = 0, .event = e, .field = FACT_FILE_NAME, .excerpt = SLICE_LIT("xabcx"), .at = { 5, 8 } };
    s.sink.hit(&s.record, &right);
    struct judgement j = judge_record(c.rules, &s.record, NULL, s.mem);
    assert_int_equal(j.verdict, VERDICT_MALICIOUS);
    assert_int_equal(j.findings[0].n_facts, 1); /* made for the hit */
    const struct fact *made = &s.record.facts[j.findings[0].facts[0]];
    assert_true(made->id == FACT_FILE_NAME && slice_is(made->text, "xabcx") && made->at.from == 5 && made->scanned);
    sheet_drop(&s);
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipping_changes_nothing),
        cmocka_unit_test(which_rules_are_always_tried),
        cmocka_unit_test(hits_are_not_believed_blindly),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
