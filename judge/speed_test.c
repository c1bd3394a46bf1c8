/* SPDX-License-Identifier: Apache-2.0 */
/* What compiling, opening and judging cost, in CPU time. The figures are
 * printed; the test fails at four times what is aimed at, and under sanitizers
 * only proves that the sizes work. */
#include "judge/test_support.h"
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define SLACK 1000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SLACK 1000
#endif
#endif
#ifndef SLACK
#define SLACK 4
#endif

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void told(const char *what, double us, double aim)
{
    print_message("# %s: %.1f us (aim %.0f)\n", what, us, aim);
    if (us > aim * SLACK)
        fail_msg("%s took %.1f us, more than %d times %.0f", what, us, SLACK, aim);
}

/* Of the shape of SigmaHQ's rules: mostly endswith and contains, some all,
 * a filter in every third, an expression in every twentieth. */
static void put_rule(struct buf *b, int i)
{
    static const struct {
        const char *category, *one, *two;
    } kinds[] = {
        { "effect", "effect.process.command_line", "effect.file.path" }, { "macro", "vba.string", "vba.call" },
        { "part", "file.name", "parent.file.name" },                     { "url", "url.full", "url.path" },
        { "mail", "email.subject", "email.from.address" },
    };
    int k = i % 5;
    buf_format(b, "---\ntitle: Synthetic rule %d\nid: s%d\nlevel: low\nlogsource: {product: sekisho, category: %s}\ndetection:\n", i, i, kinds[k].category);
    buf_format(b, "  selection_a:\n    %s|endswith:\n      - '\\tool%d.exe'\n      - '\\helper%dx.exe'\n", kinds[k].one, i, i % 977);
    buf_format(b, "  selection_b:\n    %s|contains%s:\n      - ' -flag%d '\n      - 'word%d'\n", kinds[k].two, i % 4 ? "" : "|all", i, i * 7 % 3001);
    if (i % 20 == 0)
        buf_format(b, "  selection_c:\n    %s|re: 'x%d[a-z]{2,5}\\d+'\n", kinds[k].one, i);
    if (i % 3 == 0)
        buf_format(b, "  filter:\n    %s|startswith: 'C:\\Program Files\\p%d'\n", kinds[k].one, i);
    buf_format(b, "  condition: all of selection_*%s\n", i % 3 ? "" : " and not 1 of filter*");
}

static struct compiled compile_many(int n)
{
    struct buf b = buf_new(1 << 24);
    for (int i = 0; i < n; i++)
        put_rule(&b, i);
    struct rule_source s = { SLICE_LIT("s.yml"), buf_slice(&b), false };
    struct compiled c = compile_sources(&s, 1);
    if (c.code)
        fail_msg("%s", c.err.text);
    buf_drop(&b);
    return c;
}

/* A mail with an attachment, a macro, a few links. */
static void usual_mail(struct sheet *s)
{
    sheet_open(s);
    uint32_t root = sheet_part(s, NO_ID, "eml");
    uint32_t mail_part = sheet_event(s, EVENT_PART, root), mail = sheet_event(s, EVENT_MAIL, root);
    static const char *const mail_texts[] = { "email.subject", "email.from.address", "email.from.name", "email.from.domain", "email.to.address",
                                              "email.message_id", "email.date", "email.received.host", "email.received.helo", "email.x_mailer" };
    sheet_text(s, mail_part, FACT_FILE_TYPE, "eml");
    for (size_t i = 0; i < 20; i++)
        sheet_text(s, mail, fact_by_name(slice_of(mail_texts[i % 10])), "Some Person <someone@partner.example> about word14 and the usual things");
    for (int p = 0; p < 4; p++) {
        uint32_t part = sheet_part(s, root, "doc"), e = sheet_event(s, EVENT_PART, part);
        sheet_text(s, e, FACT_FILE_NAME, "見積書 2020-10 word21.doc");
        sheet_text(s, e, FACT_FILE_EXTENSION, "doc");
        sheet_text(s, e, FACT_FILE_HASH_SHA256, "6f8b0e4c2d1a6f8b0e4c2d1a6f8b0e4c2d1a6f8b0e4c2d1a6f8b0e4c2d1a0000");
        sheet_number(s, e, FACT_FILE_SIZE, 43000 + p);
        sheet_number(s, e, FACT_FILE_DEPTH, 1);
        uint32_t u = sheet_event(s, EVENT_URL, part);
        sheet_text(s, u, FACT_URL_FULL, "https://www.partner.example/path/to/page.html?x=word77");
        sheet_text(s, u, FACT_URL_DOMAIN, "www.partner.example");
        sheet_text(s, u, FACT_URL_PATH, "/path/to/page.html");
        sheet_text(s, u, FACT_URL_SCHEME, "https");
    }
    uint32_t macro = sheet_event(s, EVENT_MACRO, 1);
    for (int i = 0; i < 40; i++)
        sheet_text(s, macro, i % 2 ? FACT_VBA_STRING : FACT_VBA_CALL, "ActiveWorkbook.Sheets word3 and more of it");
}

static double judge_time(const struct rules *r, struct sheet *s, int rounds)
{
    double spent = 0;
    uint32_t facts = s->record.n_facts;
    for (int i = -2; i < rounds; i++) {
        struct arena *mem = arena_new(1 << 28);
        double from = cpu_us();
        struct judgement j = judge_record(r, &s->record, NULL, mem);
        if (i >= 0)
            spent += cpu_us() - from;
        assert_true(j.verdict == VERDICT_CLEAN);
        s->record.n_facts = facts;
        arena_drop(&mem);
    }
    return spent / rounds;
}

static void thousands_of_rules(void **state)
{
    (void)state;
    double from = cpu_us();
    struct compiled c = compile_many(4000);
    told("compile 4,000 rules", cpu_us() - from, 3e6);
    print_message("# image %zu bytes, %u atoms, %u patterns\n", c.image.len, c.rules->n_atoms, c.rules->n_patterns);
    from = cpu_us();
    struct rules *again = NULL;
    assert_int_equal(rules_open(buf_slice(&c.image), &again, NULL), 0);
    told("open 4,000 rules", cpu_us() - from, 50000);
    rules_drop(&again);
    struct sheet s;
    usual_mail(&s);
    sheet_scan(&s, c.rules);
    told("judge a usual mail, 4,000 rules", judge_time(c.rules, &s, 50), 200);
    sheet_drop(&s);
    compiled_drop(&c);
}

static void a_usual_mail(void **state)
{
    (void)state;
    struct compiled c = compile_many(150);
    double from = cpu_us();
    struct rules *again = NULL;
    assert_int_equal(rules_open(buf_slice(&c.image), &again, NULL), 0);
    told("open 150 rules", cpu_us() - from, 2000);
    rules_drop(&again);
    struct sheet s;
    usual_mail(&s);
    print_message("# %u facts, %u events\n", s.record.n_facts, s.record.n_events);
    told("judge a usual mail, nothing streamed", judge_time(c.rules, &s, 200), 200);
    sheet_scan(&s, c.rules);
    told("judge a usual mail", judge_time(c.rules, &s, 200), 30);
    sheet_drop(&s);
    compiled_drop(&c);
}

static void a_large_record(void **state)
{
    (void)state;
    struct compiled c = compile_many(150);
    struct sheet s;
    usual_mail(&s);
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t u = sheet_event(&s, EVENT_URL, 1 + i % 4);
        sheet_text(&s, u, FACT_URL_FULL, "http://host.example/wp-content/a \\tool13.exe word91");
        sheet_text(&s, u, FACT_URL_PATH, "/wp-content/word91");
        sheet_number(&s, u, FACT_URL_PORT, i % 7);
        sheet_text(&s, u, FACT_URL_DOMAIN, "host.example");
    }
    sheet_scan(&s, c.rules);
    print_message("# %u facts, %u events, %u hits\n", s.record.n_facts, s.record.n_events, s.record.n_hits);
    told("judge 20,000 facts", judge_time(c.rules, &s, 5), 20000);
    sheet_drop(&s);
    compiled_drop(&c);
}

static void on_hit(void *host, uint32_t atom, struct range at)
{
    (void)atom;
    (void)at;
    ++*(int *)host;
}

static void scanning_text(void **state)
{
    (void)state;
    struct compiled c = compile_many(150);
    struct rule_scanner *scanner = NULL;
    struct buf text = buf_new(1 << 20);
    int hits = 0;
    assert_int_equal(rule_scanner_new(c.rules, &scanner, NULL), 0);
    while (text.len < 256 << 10)
        buf_text(&text, "Dim word1 As String: x = Replace(y, \" -flag1\", \"\") ' an ordinary line of an ordinary macro\n");
    double from = cpu_us();
    for (int i = 0; i < 20; i++)
        rule_scanner_scan(scanner, FACT_VBA_STRING, buf_slice(&text), on_hit, &hits);
    told("scan 256 KiB", (cpu_us() - from) / 20, 1000);
    from = cpu_us();
    for (int i = 0; i < 1000; i++)
        rule_scanner_scan(scanner, FACT_FILE_NAME, SLICE_LIT("invoice-word21.doc"), on_hit, &hits);
    told("scan a file name", (cpu_us() - from) / 1000, 5);
    rule_scanner_drop(&scanner);
    buf_drop(&text);
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_mail),
        cmocka_unit_test(a_large_record),
        cmocka_unit_test(scanning_text),
        cmocka_unit_test(thousands_of_rules),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
