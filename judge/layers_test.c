/* SPDX-License-Identifier: Apache-2.0 */
/* Layers: which one a rule belongs to, what is silent when one is off, and how they vote. */
#include "judge/test_support.h"

#define ON(fact) "logsource: {product: sekisho, category: part}\ndetection: {s: {" fact "}, condition: s}\n"
#define JOINS(refs, more) "correlation: {type: temporal, timespan: 1m, rules: [" refs "]" more "}\n"
#define NAME_A ON("file.name: a")
#define TYPE_DOC ON("file.type: doc")
#define SEEN ON("yara.rule: y")

/* --- where a rule belongs */

static const struct {
    const char *path;
    enum layer want;
} paths[] = {
    { "rules/mail/x.yml", LAYER_IDENTITY },
    { "/a/b/rules/macro/x.yml", LAYER_MACRO },
    { "macro/x.yml", LAYER_MACRO },
    { "/macro/x.yml", LAYER_MACRO },
    { "rules/thread/x.yml", LAYER_THREAD },
    { "rules/identity/x.yml", LAYER_IDENTITY },
    { "rules/test/x.yml", LAYER_PATTERN },
    { "rules/shortcut/x.yml", LAYER_CONTAINER },
    { "rules/container/x.yml", LAYER_CONTAINER },
    { "rules/macro/deeper/x.yml", LAYER_OTHER },
    { "rules/link/macro/x.yml", LAYER_MACRO },
    { "rules/macros/x.yml", LAYER_OTHER },
    { "rules/macr/x.yml", LAYER_OTHER },
    { "rules/Macro/x.yml", LAYER_OTHER },
    { "rules/promise/x.yml", LAYER_OTHER },
    { "rules/foreign/x.yml", LAYER_OTHER },
    { "rules/macro", LAYER_OTHER },
    { "macro.yml", LAYER_OTHER },
    { "//x.yml", LAYER_OTHER },
    { "/x.yml", LAYER_OTHER },
    { "/", LAYER_OTHER },
    { "", LAYER_OTHER },
};

static void a_folder_names_a_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (layer_of_path(slice_of(paths[i].path)) != paths[i].want)
            fail_msg("'%s': %s", paths[i].path, layer_name(layer_of_path(slice_of(paths[i].path))));
}

static void every_layer_has_words(void **state)
{
    (void)state;
    for (int l = 0; l < LAYERS; l++) {
        enum layer back;
        assert_true(layer_by_name(slice_of(layer_name((enum layer)l)), &back) && back == (enum layer)l);
        assert_true(*layer_title((enum layer)l, false) && *layer_title((enum layer)l, true));
    }
    for (int v = 0; v < VOTES; v++)
        assert_true(*vote_name((enum vote)v));
    enum layer l;
    assert_false(layer_by_name(SLICE_LIT(""), &l));
    assert_false(layer_by_name(SLICE_LIT("Macro"), &l));
    assert_false(layer_by_name(SLICE_LIT("macro,link"), &l));
}

struct small {
    const char *path, *layer, *level, *family, *body;
    bool foreign;
    const char *state;
};

enum { SMALL_MAX = 5 };

static struct compiled compile_small(const struct small *rules)
{
    struct rule_source sources[SMALL_MAX];
    struct buf texts[SMALL_MAX];
    size_t n = 0;
    for (; n < SMALL_MAX && rules[n].path; n++) {
        const struct small *r = &rules[n];
        texts[n] = buf_new(1 << 14);
        buf_format(&texts[n], "title: t\ndescription: d\nid: 0000000%zu-0000-4000-8000-000000000000\nname: r%zu\nlevel: %s\n%s"
                              "sekisho: {name: A.B.C%zu, family: %s, state: %s, title: {ja: 題}, description: {ja: 説明},\n",
                   n, n, r->level, r->body, n, r->family, r->state ? r->state : "on");
        if (r->layer)
            buf_format(&texts[n], "  layer: %s,\n", r->layer);
        buf_text(&texts[n], "  reason: {en: e, ja: 理由}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n");
        sources[n] = (struct rule_source){ slice_of(r->path), buf_slice(&texts[n]), !r->foreign };
    }
    struct compiled c = compile_sources(sources, n);
    while (n > 0)
        buf_drop(&texts[--n]);
    return c;
}

static const struct {
    const char *name;
    struct small rule;
    enum layer want;
    const char *error;
} chosen[] = {
    { "by the folder", { "macro/a.yml", NULL, "high", "f", NAME_A, false, NULL }, LAYER_MACRO, NULL },
    { "by its own word", { "macro/a.yml", "thread", "high", "f", NAME_A, false, NULL }, LAYER_THREAD, NULL },
    { "by nothing", { "a.yml", NULL, "high", "f", NAME_A, false, NULL }, LAYER_OTHER, NULL },
    { "asks YARA", { "macro/a.yml", NULL, "high", "f", SEEN, false, NULL }, LAYER_YARA, NULL },
    { "asks YARA of the part around it", { "macro/a.yml", NULL, "high", "f", ON("parent.yara.tags|exists: true"), false, NULL }, LAYER_YARA, NULL },
    { "asks YARA among others", { "macro/a.yml", NULL, "high", "f", ON("file.name: a, yara.rule: y"), false, NULL }, LAYER_YARA, NULL },
    { "asks YARA, and says where it belongs", { "a.yml", "macro", "high", "f", SEEN, false, NULL }, LAYER_MACRO, NULL },
    { "off belongs somewhere too", { "link/a.yml", NULL, "high", "f", NAME_A, false, "off" }, LAYER_LINK, NULL },
    { "a stranger's", { "macro/a.yml", NULL, "high", "f", NAME_A, true, NULL }, LAYER_FOREIGN, NULL },
    { "a stranger's, whatever it says", { "macro/a.yml", "macro", "high", "f", NAME_A, true, NULL }, LAYER_FOREIGN, NULL },
    { "a stranger's that asks YARA", { "macro/a.yml", NULL, "high", "f", SEEN, true, NULL }, LAYER_FOREIGN, NULL },
    { "no such layer", { "macro/a.yml", "macros", "high", "f", NAME_A, false, NULL }, LAYERS, "macro/a.yml:9: `layer` must be one of identity, thread, " },
    { "no layer", { "macro/a.yml", "''", "high", "f", NAME_A, false, NULL }, LAYERS, "`layer` must be one of" },
    { "a list of layers", { "macro/a.yml", "[macro, link]", "high", "f", NAME_A, false, NULL }, LAYERS, "`layer` must be one of" },
    { "not for a rule: promise", { "macro/a.yml", "promise", "high", "f", NAME_A, false, NULL }, LAYERS, "`layer` must be one of" },
    { "not for a rule: foreign", { "macro/a.yml", "foreign", "high", "f", NAME_A, false, NULL }, LAYERS, "`layer` must be one of" },
    { "not for a rule: other", { "macro/a.yml", "other", "high", "f", NAME_A, false, NULL }, LAYERS, "`layer` must be one of" },
};

static void each_rule_has_one_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        struct small rules[SMALL_MAX] = { chosen[i].rule };
        struct compiled c = compile_small(rules);
        if (chosen[i].error ? c.code == 0 || !strstr(c.err.text, chosen[i].error) : c.code != 0)
            fail_msg("%s: %s", chosen[i].name, c.code ? c.err.text : "it compiles");
        if (!c.code && rules_info(c.rules, 0).layer != chosen[i].want)
            fail_msg("%s: %s", chosen[i].name, layer_name(rules_info(c.rules, 0).layer));
        compiled_drop(&c);
    }
}

/* --- what is silent, and what is voted */

#define OFF(l) (UINT32_C(1) << LAYER_##l)
#define R(path, level, family, body) { path "/r.yml", NULL, level, family, body, false, NULL }

static const struct {
    const char *name;
    struct small rules[SMALL_MAX];
    uint32_t off;
    enum verdict want;
    uint32_t findings;
    const char *votes; /* all but "none" */
} cases[] = {
    { "nobody", { { 0 } }, 0, VERDICT_CLEAN, 0, "" },
    { "nobody, off", { { 0 } }, OFF(MACRO), VERDICT_CLEAN, 0, "macro=off" },
    { "nothing found", { R("macro", "high", "f", ON("file.name: z")) }, 0, VERDICT_CLEAN, 0, "macro=clean" },
    { "one decides", { R("macro", "high", "f", NAME_A), R("link", "high", "g", ON("file.name: z")) }, 0, VERDICT_MALICIOUS, 1, "link=clean macro=malicious*" },
    { "the same, off", { R("macro", "high", "f", NAME_A), R("link", "high", "g", ON("file.name: z")) }, OFF(MACRO), VERDICT_CLEAN, 0, "link=clean macro=off" },
    { "the same, the other off", { R("macro", "high", "f", NAME_A), R("link", "high", "g", ON("file.name: z")) }, OFF(LINK), VERDICT_MALICIOUS, 1, "link=off macro=malicious*" },
    { "two decide, the worse first", { R("link", "high", "f", NAME_A), R("macro", "critical", "g", NAME_A) }, 0, VERDICT_MALICIOUS, 2, "link=malicious macro=malicious*" },
    { "the worse off", { R("link", "high", "f", NAME_A), R("macro", "critical", "g", NAME_A) }, OFF(MACRO), VERDICT_MALICIOUS, 1, "link=malicious* macro=off" },
    { "two suspicions decide together", { R("link", "medium", "f", NAME_A), R("macro", "medium", "g", TYPE_DOC) }, 0, VERDICT_SUSPICIOUS, 2, "link=suspicious* macro=suspicious*" },
    { "one of them is off", { R("link", "medium", "f", NAME_A), R("macro", "medium", "g", TYPE_DOC) }, OFF(LINK), VERDICT_CLEAN, 1, "link=off macro=suspicious" },
    { "two suspicions of one layer", { R("macro", "medium", "f", NAME_A), R("macro", "medium", "g", TYPE_DOC), R("link", "medium", "f", NAME_A) }, 0, VERDICT_SUSPICIOUS, 3, "link=suspicious macro=suspicious*" },
    { "two suspicions of one family", { R("link", "medium", "f", NAME_A), R("macro", "medium", "f", TYPE_DOC) }, 0, VERDICT_CLEAN, 2, "link=suspicious macro=suspicious" },
    { "low is a note", { R("macro", "low", "f", NAME_A) }, 0, VERDICT_CLEAN, 1, "macro=note" },
    { "watching is a note", { { "macro/r.yml", NULL, "critical", "f", NAME_A, false, "observe" } }, 0, VERDICT_CLEAN, 1, "macro=note" },
    { "watching, off", { { "macro/r.yml", NULL, "critical", "f", NAME_A, false, "observe" } }, OFF(MACRO), VERDICT_CLEAN, 0, "macro=off" },
    { "a rule that is off has no vote", { { "macro/r.yml", NULL, "critical", "f", NAME_A, false, "off" } }, 0, VERDICT_CLEAN, 0, "" },
    { "the worst finding is the vote", { R("macro", "low", "f", NAME_A), R("macro", "high", "g", TYPE_DOC), R("macro", "medium", "h", TYPE_DOC) }, 0, VERDICT_MALICIOUS, 3, "macro=malicious*" },
    { "a stranger's votes as it counts", { { "macro/r.yml", NULL, "high", "f", NAME_A, true, NULL } }, 0, VERDICT_CLEAN, 1, "foreign=suspicious" },
    { "strangers off", { { "macro/r.yml", NULL, "critical", "f", NAME_A, true, NULL } }, OFF(FOREIGN), VERDICT_CLEAN, 0, "foreign=off" },
    { "the stranger's folder off", { { "macro/r.yml", NULL, "critical", "f", NAME_A, true, NULL } }, OFF(MACRO), VERDICT_MALICIOUS, 1, "macro=off foreign=malicious*" },
    { "YARA", { R("macro", "high", "f", SEEN) }, 0, VERDICT_MALICIOUS, 1, "yara=malicious*" },
    { "YARA off", { R("macro", "high", "f", SEEN) }, OFF(YARA), VERDICT_CLEAN, 0, "yara=off" },
    { "a rule without triggers, off", { R("macro", "high", "f", ON("file.extension: null")) }, OFF(MACRO), VERDICT_CLEAN, 0, "macro=off" },
    { "a rule without triggers, on", { R("macro", "high", "f", ON("file.extension: null")) }, OFF(LINK), VERDICT_MALICIOUS, 1, "link=off macro=malicious*" },
    { "a correlation", { R("link", "low", "f", NAME_A), R("macro", "low", "g", TYPE_DOC), R("thread", "high", "h", JOINS("r0, r1", "")) }, 0, VERDICT_MALICIOUS, 1, "thread=malicious*" },
    { "a correlation, off", { R("link", "low", "f", NAME_A), R("macro", "low", "g", TYPE_DOC), R("thread", "high", "h", JOINS("r0, r1", "")) }, OFF(THREAD), VERDICT_CLEAN, 0, "thread=off" },
    { "what only serves it has no vote of its own", { R("link", "low", "f", NAME_A), R("macro", "low", "g", TYPE_DOC), R("thread", "high", "h", JOINS("r0, r1", "")) },
      OFF(LINK) | OFF(MACRO), VERDICT_MALICIOUS, 1, "thread=malicious* link=off macro=off" },
    { "what has a vote takes it along", { R("link", "medium", "f", NAME_A), R("macro", "medium", "g", TYPE_DOC), R("thread", "high", "h", JOINS("r0, r1", ", generate: true")) },
      OFF(LINK), VERDICT_CLEAN, 1, "thread=clean link=off macro=suspicious" },
    { "the same, on", { R("link", "medium", "f", NAME_A), R("macro", "medium", "g", TYPE_DOC), R("thread", "high", "h", JOINS("r0, r1", ", generate: true")) },
      OFF(NAME), VERDICT_MALICIOUS, 3, "thread=malicious* link=suspicious name=off macro=suspicious" },
    { "and through a chain", { R("link", "medium", "f", NAME_A), R("macro", "low", "g", TYPE_DOC), R("thread", "low", "h", JOINS("r0", ", generate: true")), R("name", "high", "i", JOINS("r1, r2", "")) },
      OFF(LINK), VERDICT_CLEAN, 0, "link=off name=clean" },
    { "less is not more", { R("link", "medium", "f", NAME_A), R("macro", "low", "g", TYPE_DOC),
      R("thread", "high", "h", "correlation: {type: event_count, timespan: 1m, rules: [r0, r1], generate: true, condition: {lt: 2}}\n"), R("name", "high", "i", JOINS("r1", "")) },
      OFF(LINK), VERDICT_MALICIOUS, 2, "thread=clean link=off name=malicious* macro=note" },
    { "all off", { R("link", "high", "f", NAME_A), R("macro", "high", "g", TYPE_DOC) }, (OFF(OTHER) << 1) - 1, VERDICT_CLEAN, 0,
      "identity=off thread=off link=off name=off container=off document=off macro=off pattern=off yara=off promise=off foreign=off other=off" },
};

static void votes_text(const struct judgement *j, struct buf *out)
{
    for (int l = 0; l < LAYERS; l++)
        if (j->votes[l].vote != VOTE_NONE || j->votes[l].decided)
            buf_format(out, "%s%s=%s%s", out->len ? " " : "", layer_name((enum layer)l), vote_name(j->votes[l].vote),
                       j->votes[l].decided ? "*" : "");
}

static void judge_case(size_t i, const struct compiled *c, enum judge_mode mode)
{
    struct policy p = { .layers_off = cases[i].off };
    struct buf votes = buf_new(4096);
    struct sheet s;
    sheet_open(&s);
    uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, NO_ID, "doc"));
    sheet_text(&s, e, FACT_FILE_NAME, "a");
    sheet_text(&s, e, FACT_FILE_TYPE, "doc");
    sheet_text(&s, e, FACT_YARA_RULE, "y");
    if (mode == JUDGE_SKIPPING)
        sheet_scan(&s, c->rules);
    struct judgement j = judge_record_mode(c->rules, &s.record, &p, mode, s.mem);
    votes_text(&j, &votes);
    if (j.verdict != cases[i].want || j.n_findings != cases[i].findings || !slice_is(buf_slice(&votes), cases[i].votes))
        fail_msg("%s: %s, %u findings, %.*s", cases[i].name, verdict_name(j.verdict), j.n_findings, SLICE_FMT(buf_slice(&votes)));
    for (uint32_t f = 0; f < j.n_findings; f++)
        assert_false(cases[i].off & layer_bit(j.findings[f].layer));
    sheet_drop(&s);
    buf_drop(&votes);
}

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct compiled c = compile_small(cases[i].rules);
        if (c.code)
            fail_msg("%s: %s", cases[i].name, c.err.text);
        judge_case(i, &c, JUDGE_SKIPPING);
        judge_case(i, &c, JUDGE_DIRECT);
        compiled_drop(&c);
    }
}

/* --- promises and exceptions */

static void promises_are_a_layer(void **state)
{
    static const struct promise promise = { .sender = SLICE_INIT("support.example"), .attachments = true };
    static const struct small rules[SMALL_MAX] = { R("macro", "high", "f", ON("file.name: z")) };
    (void)state;
    struct compiled c = compile_small(rules);
    for (int off = 0; off < 2; off++) {
        struct policy p = { .promises = &promise, .n_promises = 1, .layers_off = off ? OFF(PROMISE) : 0 };
        struct sheet s;
        sheet_open(&s);
        uint32_t root = sheet_part(&s, NO_ID, "eml"), mail = sheet_event(&s, EVENT_MAIL, root);
        sheet_text(&s, mail, FACT_EMAIL_FROM_ADDRESS, "a@support.example");
        uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, root, "doc"));
        sheet_number(&s, e, FACT_FILE_ATTACHMENT, 1);
        struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
        assert_int_equal(j.verdict, off ? VERDICT_CLEAN : VERDICT_MALICIOUS);
        assert_int_equal(j.n_findings, off ? 0 : 1);
        assert_int_equal(j.votes[LAYER_PROMISE].vote, off ? VOTE_OFF : VOTE_MALICIOUS);
        assert_int_equal(j.votes[LAYER_PROMISE].decided, !off);
        assert_int_equal(j.votes[LAYER_MACRO].vote, VOTE_CLEAN);
        sheet_drop(&s);
    }
    compiled_drop(&c);
}

static void what_an_exception_takes_out_is_a_note(void **state)
{
    static const struct exception exception = { .rule = SLICE_INIT("r0"), .recipient = SLICE_INIT("a@b.example"), .author = SLICE_INIT("x"),
                                                .reason = SLICE_INIT("y"), .expires = SLICE_INIT("2099-01-01") };
    static const struct small rules[SMALL_MAX] = { R("macro", "high", "f", NAME_A) };
    (void)state;
    struct compiled c = compile_small(rules);
    struct policy p = { .exceptions = &exception, .n_exceptions = 1, .today = SLICE_LIT("2026-11-22") };
    struct sheet s;
    sheet_open(&s);
    uint32_t root = sheet_part(&s, NO_ID, "eml"), mail = sheet_event(&s, EVENT_MAIL, root);
    sheet_text(&s, mail, FACT_EMAIL_TO_ADDRESS, "a@b.example");
    sheet_text(&s, sheet_event(&s, EVENT_PART, sheet_part(&s, root, "doc")), FACT_FILE_NAME, "a");
    struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
    assert_true(j.n_findings == 1 && j.findings[0].excepted && j.verdict == VERDICT_CLEAN);
    assert_int_equal(j.votes[LAYER_MACRO].vote, VOTE_NOTE);
    assert_false(j.votes[LAYER_MACRO].decided);
    sheet_drop(&s);
    compiled_drop(&c);
}

/* Where memory runs out nobody is said to have found nothing. */
static void out_of_memory_has_no_clean_votes(void **state)
{
    static const struct small rules[SMALL_MAX] = { R("macro", "high", "f", NAME_A), R("link", "high", "g", TYPE_DOC) };
    (void)state;
    struct compiled c = compile_small(rules);
    struct policy p = { .layers_off = OFF(LINK) };
    struct sheet s;
    sheet_open(&s);
    (void)sheet_event(&s, EVENT_PART, sheet_part(&s, NO_ID, "doc"));
    size_t whole = 0;
    for (size_t room = 0; room < 64 << 10 && !whole; room += 64) {
        struct arena *mem = arena_new(room + 1);
        struct judgement j = judge_record(c.rules, &s.record, &p, mem);
        assert_int_equal(j.votes[LAYER_LINK].vote, VOTE_OFF);
        if (j.verdict == VERDICT_UNKNOWN)
            assert_int_equal(j.votes[LAYER_MACRO].vote, VOTE_NONE);
        else
            whole = room;
        arena_drop(&mem);
    }
    assert_true(whole > 0);
    sheet_drop(&s);
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_names_a_layer), cmocka_unit_test(every_layer_has_words),
        cmocka_unit_test(each_rule_has_one_layer), cmocka_unit_test(each_case),
        cmocka_unit_test(promises_are_a_layer), cmocka_unit_test(what_an_exception_takes_out_is_a_note),
        cmocka_unit_test(out_of_memory_has_no_clean_votes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
