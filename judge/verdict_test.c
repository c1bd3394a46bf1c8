/* SPDX-License-Identifier: Apache-2.0 */
/* From findings to the verdict, its one reason, and what a reader is told. */
#include "base/text.h"
#include "judge/test_support.h"

/* One rule per letter: on file.name "x..." by letter, level and family from the table. */
struct small_rule {
    const char *name, *level, *family, *state, *fact;
};

#define PART(n, l, f, s, x) { n, l, f, s, x }

static const struct {
    const char *name;
    struct small_rule rules[3];
    bool ours, trust;
    const char *file_name, *type; /* facts of the one part */
    enum verdict want;
    const char *decisive; /* its name, "" none */
    uint32_t findings;
} cases[] = {
    { "nothing", { PART("a", "high", "f", "on", "file.name|contains: zz") }, false, true, "a", "doc", VERDICT_CLEAN, "", 0 },
    { "high", { PART("a", "high", "f", "on", "file.name: a") }, false, true, "a", "doc", VERDICT_MALICIOUS, "a", 1 },
    { "critical before high", { PART("a", "high", "f", "on", "file.name: a"), PART("b", "critical", "f", "on", "file.name: a") }, false, true, "a", "doc", VERDICT_MALICIOUS, "b", 2 },
    { "one medium", { PART("a", "medium", "f", "on", "file.name: a") }, false, true, "a", "doc", VERDICT_CLEAN, "", 1 },
    { "two medium", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "medium", "g", "on", "file.type: doc") }, false, true, "a", "doc", VERDICT_SUSPICIOUS, "a", 2 },
    { "two medium of one family", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "medium", "f", "on", "file.type: doc") }, false, true, "a", "doc", VERDICT_CLEAN, "", 2 },
    { "two medium on the same fact", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "medium", "g", "on", "file.name: 'a*'") }, false, true, "a", "doc", VERDICT_CLEAN, "", 2 },
    { "two medium, one needs only what the other has", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "medium", "g", "on", "{file.name: a, file.type: doc}") }, false, true, "a", "doc", VERDICT_CLEAN, "", 2 },
    { "low does not help", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "low", "g", "on", "file.type: doc") }, false, true, "a", "doc", VERDICT_CLEAN, "", 2 },
    { "foreign high is medium", { PART("a", "high", "f", "on", "file.name: a") }, false, false, "a", "doc", VERDICT_CLEAN, "", 1 },
    { "foreign critical is high", { PART("a", "critical", "f", "on", "file.name: a") }, false, false, "a", "doc", VERDICT_MALICIOUS, "a", 1 },
    { "observed does not count", { PART("a", "critical", "f", "observe", "file.name: a") }, false, true, "a", "doc", VERDICT_CLEAN, "", 1 },
    { "observed is no second", { PART("a", "medium", "f", "on", "file.name: a"), PART("b", "medium", "g", "observe", "file.type: doc") }, false, true, "a", "doc", VERDICT_CLEAN, "", 2 },
    { "off is not there", { PART("a", "critical", "f", "off", "file.name: a") }, false, true, "a", "doc", VERDICT_CLEAN, "", 0 },
    { "observed critical stays behind the decisive", { PART("a", "critical", "f", "observe", "file.name: a"), PART("b", "high", "g", "on", "file.type: doc") }, false, true, "a", "doc", VERDICT_MALICIOUS, "b", 2 },
};

static struct compiled compile_small(const struct small_rule *rules, size_t n)
{
    struct buf b = buf_new(1 << 16);
    for (size_t i = 0; i < n && rules[i].name; i++)
        buf_format(&b, "---\ntitle: %s\nid: %s\nlevel: %s\nlogsource: {product: sekisho, category: part}\ndetection:\n  s:\n    %s\n  condition: s\n"
                       "sekisho: {name: '%s', family: %s, state: %s}\n", rules[i].name, rules[i].name, rules[i].level,
                   rules[i].fact, rules[i].name, rules[i].family, rules[i].state);
    struct rule_source s = { SLICE_LIT("t.yml"), buf_slice(&b), false };
    struct compiled c = compile_sources(&s, 1);
    if (c.code)
        fail_msg("%s\n%.*s", c.err.text, (int)b.len, (const char *)b.at);
    buf_drop(&b);
    return c;
}

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct compiled c = compile_small(cases[i].rules, 3);
        struct policy p = { .trust_foreign = cases[i].trust };
        struct sheet s;
        sheet_open(&s);
        uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, NO_ID, "doc"));
        sheet_text(&s, e, FACT_FILE_NAME, cases[i].file_name);
        sheet_text(&s, e, FACT_FILE_TYPE, cases[i].type);
        struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
        if (j.verdict != cases[i].want || !slice_is(j.name, cases[i].decisive) || j.n_findings != cases[i].findings ||
            (j.decisive == NO_ID) != (cases[i].decisive[0] == 0) || (j.decisive != NO_ID && j.decisive != 0))
            fail_msg("%s: %s, '%.*s', %u findings", cases[i].name, verdict_name(j.verdict), SLICE_FMT(j.name), j.n_findings);
        assert_true(j.reason.en.len && j.reason.ja.len && j.todo.en.len && j.todo.ja.len);
        sheet_drop(&s);
        compiled_drop(&c);
    }
}

/* --- unread */

static const struct {
    const char *name;
    uint8_t causes[2]; /* + 1 */
    enum walk_end end;
    bool full, open, medium, high;
    enum verdict want;
    const char *said;
} unread[] = {
    { "all read", { 0, 0 }, WALK_WHOLE, false, false, false, false, VERDICT_CLEAN, "" },
    { "encrypted", { UNREAD_ENCRYPTED + 1, 0 }, WALK_WHOLE, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Encrypted" },
    { "damaged and encrypted", { UNREAD_DAMAGED + 1, UNREAD_ENCRYPTED + 1 }, WALK_WHOLE, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Encrypted" },
    { "encrypted and crashed", { UNREAD_ENCRYPTED + 1, UNREAD_CRASHED + 1 }, WALK_WHOLE, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Crashed" },
    { "no reader", { UNREAD_NO_READER + 1, 0 }, WALK_WHOLE, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.NoReader" },
    { "limit", { UNREAD_LIMIT + 1, 0 }, WALK_WHOLE, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Limit" },
    { "ended at a limit, nobody said so", { 0, 0 }, WALK_LIMIT, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Limit" },
    { "record ran over", { UNREAD_NO_READER + 1, 0 }, WALK_WHOLE, true, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Limit" },
    { "never closed", { 0, 0 }, WALK_WHOLE, false, true, false, false, VERDICT_UNKNOWN, "Unread.Any.Crashed" },
    { "crashed", { 0, 0 }, WALK_CRASHED, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Crashed" },
    { "timed out", { 0, 0 }, WALK_TIMEOUT, false, false, false, false, VERDICT_UNKNOWN, "Unread.Any.Crashed" },
    { "short is no lack", { 0, 0 }, WALK_SHORT, false, false, false, false, VERDICT_CLEAN, "" },
    { "broken is no lack", { 0, 0 }, WALK_BROKEN, false, false, false, false, VERDICT_CLEAN, "" },
    { "a medium is not worse", { UNREAD_ENCRYPTED + 1, 0 }, WALK_WHOLE, false, false, true, false, VERDICT_UNKNOWN, "Unread.Any.Encrypted" },
    { "a high is", { UNREAD_ENCRYPTED + 1, 0 }, WALK_WHOLE, false, false, false, true, VERDICT_MALICIOUS, "h" },
};

static void what_was_not_read(void **state)
{
    static const struct small_rule rules[] = { PART("m", "medium", "f", "on", "file.name: m"), PART("h", "high", "g", "on", "file.name: h") };
    (void)state;
    struct compiled c = compile_small(rules, 2);
    struct policy p = { .trust_foreign = true };
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
        struct sheet s;
        sheet_open(&s);
        uint32_t part = sheet_part(&s, NO_ID, "doc"), e = sheet_event(&s, EVENT_PART, part);
        sheet_text(&s, e, FACT_FILE_NAME, unread[i].medium ? "m" : unread[i].high ? "h" : "x");
        for (size_t k = 0; k < 2; k++)
            if (unread[i].causes[k])
                s.sink.unread(&s.record, &(struct unread){ .cause = (enum unread_cause)(unread[i].causes[k] - 1), .part = part });
        s.record.parts[part].end = unread[i].end;
        s.record.parts[part].closed = !unread[i].open;
        s.record.full = unread[i].full;
        struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
        if (j.verdict != unread[i].want || !slice_is(j.name, unread[i].said))
            fail_msg("%s: %s, '%.*s'", unread[i].name, verdict_name(j.verdict), SLICE_FMT(j.name));
        assert_true(j.reason.ja.len && j.todo.ja.len);
        sheet_drop(&s);
    }
    compiled_drop(&c);
}

/* --- findings */

static void one_finding_per_part(void **state)
{
    static const struct small_rule rules[] = { PART("a", "high", "f", "on", "file.name: a") };
    (void)state;
    struct compiled c = compile_small(rules, 1);
    struct policy p = { .trust_foreign = true };
    struct sheet s;
    sheet_open(&s);
    uint32_t root = sheet_part(&s, NO_ID, "zip");
    for (int i = 0; i < 100; i++) {
        uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, root, "doc"));
        sheet_text(&s, e, FACT_FILE_NAME, i % 2 ? "a" : "b");
    }
    struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
    assert_int_equal(j.n_findings, 32); /* bounded */
    for (uint32_t i = 0; i < j.n_findings; i++) {
        assert_true(j.findings[i].n_parts == 1 && j.findings[i].n_facts == 1 && j.findings[i].promise == NO_ID);
        assert_true(s.record.facts[j.findings[i].facts[0]].part == j.findings[i].parts[0]);
        assert_true(i == 0 || j.findings[i].parts[0] > j.findings[i - 1].parts[0]);
    }
    sheet_drop(&s);
    compiled_drop(&c);
}

/* Only what made the condition true is shown: not the other branch of an `or`, not what a `not` kept out. */
static void facts_of_a_finding(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: t\nid: t\nlevel: high\nlogsource: {product: sekisho, category: part}\ndetection:\n"
                                     "  a: {file.name: a, file.size: 7}\n  b: {file.type: [doc, txt], file.depth|gt: 1}\n  n: {file.stem: nope}\n  condition: (a or b) and not n\n", false);
    struct sheet s;
    sheet_open(&s);
    uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, NO_ID, "doc"));
    sheet_text(&s, e, FACT_FILE_NAME, "a"); /* but the size is another */
    sheet_number(&s, e, FACT_FILE_SIZE, 8);
    uint32_t type = sheet_text(&s, e, FACT_FILE_TYPE, "doc"), depth = sheet_number(&s, e, FACT_FILE_DEPTH, 2);
    sheet_text(&s, e, FACT_FILE_STEM, "other");
    struct judgement j = judge_record(c.rules, &s.record, NULL, s.mem);
    assert_int_equal(j.n_findings, 1);
    assert_true(j.findings[0].n_facts == 2 && j.findings[0].facts[0] == type && j.findings[0].facts[1] == depth);
    sheet_drop(&s);
    compiled_drop(&c);
}

/* A hit in a long text becomes one fact with its excerpt, however often the record is judged. */
static void excerpts_are_made_once(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: t\nid: t\nlevel: high\nlogsource: {product: sekisho, category: mail}\ndetection:\n"
                                     "  s: {email.body|contains: 賞与}\n  t: {email.body|contains: bonus}\n  condition: s and t\n", false);
    struct sheet s;
    sheet_open(&s);
    uint32_t e = sheet_event(&s, EVENT_MAIL, sheet_part(&s, NO_ID, "eml"));
    for (uint32_t a = 0; a < c.rules->n_atoms; a++) {
        struct hit h = { .atom = a, .event = e, .field = FACT_EMAIL_BODY, .at = { 10 + a, 16 + a }, .line = 3, .excerpt = SLICE_LIT("2019年冬の賞与 bonus") };
        s.sink.hit(&s.record, &h);
        s.sink.hit(&s.record, &h); /* told twice */
    }
    for (int round = 0; round < 3; round++) {
        struct judgement j = judge_record(c.rules, &s.record, NULL, s.mem);
        assert_true(j.n_findings == 1 && j.findings[0].n_facts == 2 && s.record.n_facts == 2);
        const struct fact *f = &s.record.facts[j.findings[0].facts[0]];
        assert_true(f->id == FACT_EMAIL_BODY && f->line == 3 && f->at.from == 10 && slice_is(f->text, "2019年冬の賞与 bonus"));
    }
    sheet_drop(&s);
    compiled_drop(&c);
}

/* --- reasons */

static const struct {
    const char *value, *want;
} values[] = {
    { "AutoOpen -> Shell", "AutoOpen -> Shell" },
    { "http://evil.example/a.dll", "hxxp://evil[.]example/a.dll" },
    { "run HTTPS://a.b.example:80/x?y=1.2 now", "run hxxps://a[.]b[.]example:80/x?y=1.2 now" },
    { "two http://a.example, http://b.example", "two hxxp://a[.]example, hxxp://b[.]example" },
    { "a\nb\tc", "a b c" },
    { "x\xe2\x80\xae""cod.exe", "x<U+202E>cod.exe" },      /* right-to-left override */
    { "a\xe2\x80\x8b""b\xef\xbb\xbf", "a<U+200B>b<U+FEFF>" },              /* zero width */
    { "a\x1b[31mb", "a<U+001B>[31mb" },
    { "請求書.doc", "請求書.doc" },
    { "a\xff""b", "a\xef\xbf\xbd<FF>b" },
    { "", "" },
    { "{vba.entry}", "{vba.entry}" },                      /* not filled a second time */
    { "://", "://" },
};

static void values_in_a_reason(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: t\nid: t\nlevel: critical\nlogsource: {product: sekisho, category: macro}\ndetection: {s: {vba.reach|exists: true}, condition: s}\n"
                                     "sekisho: {reason: {en: '[{vba.reach}]', ja: '「{vba.reach}」{email.subject}{vba.protected}'}, todo: {en: 'T {vba.reach}'}}\n", false);
    assert_int_equal(c.code, 0);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct sheet s;
        sheet_open(&s);
        sheet_text(&s, sheet_event(&s, EVENT_MACRO, sheet_part(&s, NO_ID, "doc")), FACT_VBA_REACH, values[i].value);
        struct judgement j = judge_record(c.rules, &s.record, NULL, s.mem);
        struct buf en = buf_new(4096), ja = buf_new(4096);
        buf_format(&en, "[%s]", values[i].want);
        buf_format(&ja, "「%s」--", values[i].want);
        if (!slice_eq(j.reason.en, buf_slice(&en)) || !slice_eq(j.reason.ja, buf_slice(&ja)))
            fail_msg("'%s': %.*s %.*s", values[i].value, SLICE_FMT(j.reason.en), SLICE_FMT(j.reason.ja));
        assert_true(slice_starts(j.todo.en, SLICE_LIT("T ")) && j.todo.ja.len);
        buf_drop(&en);
        buf_drop(&ja);
        sheet_drop(&s);
    }
    struct sheet s; /* and a long one is cut at a character */
    sheet_open(&s);
    struct buf b = buf_new(4096);
    for (int i = 0; i < 200; i++)
        buf_text(&b, "請");
    buf_byte(&b, 0);
    sheet_text(&s, sheet_event(&s, EVENT_MACRO, sheet_part(&s, NO_ID, "doc")), FACT_VBA_REACH, (const char *)b.at);
    struct judgement j = judge_record(c.rules, &s.record, NULL, s.mem);
    assert_int_equal(j.reason.en.len, 2 + 120 + 3);
    assert_true(utf8_valid(j.reason.en) && slice_ends(j.reason.en, SLICE_LIT("…]")));
    buf_drop(&b);
    sheet_drop(&s);
    compiled_drop(&c);
}

static void every_name_has_words(void **state)
{
    (void)state;
    for (int v = 0; v < VERDICTS; v++)
        assert_true(verdict_name((enum verdict)v)[0] && text_todo((enum verdict)v).ja.len && text_todo((enum verdict)v).en.len);
    for (int u = 0; u < UNREAD_CAUSES; u++)
        assert_true(text_unread((enum unread_cause)u).ja.len && text_unread_todo((enum unread_cause)u).ja.len && text_unread_name((enum unread_cause)u).len);
    for (int l = LEVEL_INFORMATIONAL; l <= LEVEL_CRITICAL; l++)
        assert_true(rule_level_name((enum rule_level)l)[0]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),          cmocka_unit_test(what_was_not_read),  cmocka_unit_test(one_finding_per_part),
        cmocka_unit_test(excerpts_are_made_once), cmocka_unit_test(facts_of_a_finding), cmocka_unit_test(values_in_a_reason), cmocka_unit_test(every_name_has_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
