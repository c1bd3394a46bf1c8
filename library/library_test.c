/* SPDX-License-Identifier: Apache-2.0 */
/* libsekisho as a mail filter meets it: nothing of ours is included but its public header. */
#include "library/files_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A rule of its own, so that what the rules of the product say may change. */
static const char word_rule[] =
    "title: a word in the text\n"
    "id: 6b6ad9de-7a0c-4c40-9be0-1b6f2ab3a001\n"
    "name: library-test-word\n"
    "status: test\n"
    "level: critical\n"
    "logsource: {product: sekisho, category: part}\n"
    "detection:\n"
    "  sel:\n"
    "    document.text|contains: checkpoint\n"
    "  condition: sel\n"
    "description: for the test\n"
    "sekisho:\n"
    "  name: Test.Text.Word\n"
    "  family: test\n"
    "  layer: pattern\n"
    "  title: {ja: 試験}\n"
    "  description: {ja: 試験用}\n"
    "  reason: {en: 'a word', ja: '語'}\n"
    "  tests:\n"
    "    match: [{document.text: the checkpoint}]\n"
    "    no_match: [{document.text: nothing}]\n"
    "---\n"
    "title: a word in the mail\n"
    "id: 6b6ad9de-7a0c-4c40-9be0-1b6f2ab3a002\n"
    "name: library-test-mail\n"
    "status: test\n"
    "level: critical\n"
    "logsource: {product: sekisho, category: mail}\n"
    "detection: {sel: {email.body|contains: checkpoint}, condition: sel}\n"
    "description: for the test\n"
    "sekisho: {name: Test.Mail.Word, family: test, title: {ja: 試験}, description: {ja: 試験用}, reason: {en: 'a word', ja: '語'},\n"
    "  tests: {match: [{email.body: the checkpoint}], no_match: [{email.body: nothing}]}}\n";

static struct sekisho_rules *ours, *words;

static struct sekisho_rules *compile(const char *text)
{
    struct sekisho_rule_file file = { .path = "word.yml", .text = text, .len = strlen(text) };
    struct sekisho_rules *rules = NULL;
    struct sekisho_error e = { 0 };
    if (sekisho_rules_compile(&file, 1, &rules, &e) < 0)
        print_error("%s\n", e.text);
    return rules;
}

static int start(void **state)
{
    (void)state;
    words = compile(word_rule);
    return words && files_rules(SOURCE_ROOT "/rules", &ours) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    sekisho_rules_free(words);
    sekisho_rules_free(ours);
    return 0;
}

static struct sekisho_engine *engine_of(const struct sekisho_rules *rules, const struct sekisho_settings *s)
{
    struct sekisho_engine *engine = NULL;
    struct sekisho_error e = { 0 };
    int r = sekisho_engine_new(rules, s, &engine, &e);
    if (r < 0)
        fail_msg("%d %s", r, e.text);
    return engine;
}

static struct sekisho_result *scan(struct sekisho_engine *engine, const char *text, size_t len)
{
    struct sekisho_input in = { .bytes = text, .len = len, .name = "a.txt" };
    struct sekisho_result *result = NULL;
    struct sekisho_error e = { 0 };
    if (sekisho_scan(engine, &in, &result, &e) < 0)
        fail_msg("%s", e.text);
    return result;
}

static enum sekisho_verdict verdict_of(struct sekisho_engine *engine, const char *text)
{
    struct sekisho_result *r = scan(engine, text, strlen(text));
    enum sekisho_verdict v = sekisho_result_verdict(r);
    sekisho_result_free(r);
    return v;
}

/* --- the example mails */

static const struct {
    const char *name;
    enum sekisho_verdict least, most;
    unsigned unread;
} mails[] = {
    { "01-true-reply.eml", SEKISHO_CLEAN, SEKISHO_CLEAN, 0 },
    { "02-expense-macro.eml", SEKISHO_CLEAN, SEKISHO_CLEAN, 0 },
    { "03-reply-spoof.eml", SEKISHO_MALICIOUS, SEKISHO_MALICIOUS, 0 },
    { "06-zip-password-same-mail.eml", SEKISHO_MALICIOUS, SEKISHO_MALICIOUS, 0 },
    { "08-zip-password-nowhere.eml", SEKISHO_UNKNOWN, SEKISHO_UNKNOWN, SEKISHO_UNREAD_ENCRYPTED },
    { "10-double-extension-link.eml", SEKISHO_SUSPICIOUS, SEKISHO_MALICIOUS, 0 },
    { "12-templates-lure.eml", SEKISHO_SUSPICIOUS, SEKISHO_MALICIOUS, 0 },
};

static void look_at(size_t i, struct sekisho_result *r)
{
    enum sekisho_verdict v = sekisho_result_verdict(r);
    size_t len = 0;
    const char *json = sekisho_result_json(r, &len);
    if (v < mails[i].least || v > mails[i].most)
        fail_msg("%s: %s", mails[i].name, sekisho_verdict_name(v));
    if (mails[i].unread)
        assert_int_equal(sekisho_result_unread(r), mails[i].unread);
    assert_non_null(json);
    assert_int_equal(strlen(json), len);
    assert_memory_equal(json, "{\"schema\":\"sekisho/report/1\"", 28);
    assert_int_equal(json[len - 1], '\n');
    assert_ptr_equal(sekisho_result_json(r, &len), json);
    assert_int_equal(*sekisho_result_name(r) == 0, v == SEKISHO_CLEAN);
    assert_true(strlen(sekisho_result_reason(r, SEKISHO_ENGLISH)) > 3);
    assert_string_not_equal(sekisho_result_reason(r, SEKISHO_JAPANESE), sekisho_result_reason(r, SEKISHO_ENGLISH));
    const char *text = sekisho_result_text(r, SEKISHO_JAPANESE, false, &len);
    assert_true(text && strstr(text, mails[i].name));
    struct sekisho_finding f;
    if (v == SEKISHO_MALICIOUS)
        assert_true(sekisho_result_finding(r, 0, &f) && f.counted && *f.rule && strstr("high critical", f.level));
    assert_false(sekisho_result_finding(r, sekisho_result_findings(r), &f));
}

static void examples_get_their_verdicts(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(ours, NULL);
    for (size_t i = 0; i < sizeof mails / sizeof mails[0]; i++) {
        char path[512];
        struct sekisho_input in = { .name = mails[i].name };
        struct sekisho_result *r = NULL;
        snprintf(path, sizeof path, "%s/examples/%s", SOURCE_ROOT, mails[i].name);
        char *bytes = files_read(path, &in.len);
        in.bytes = bytes;
        assert_int_equal(sekisho_scan(engine, &in, &r, NULL), 0);
        look_at(i, r);
        sekisho_result_free(r);
        free(bytes);
    }
    sekisho_engine_free(engine);
}

static void a_password_opens(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(ours, NULL);
    static const char *const passwords[] = { "\xff\xfe", "", "wrong", "by telephone" };
    struct sekisho_input in = { .name = "08.eml", .passwords = passwords, .n_passwords = 4 };
    struct sekisho_result *r = NULL;
    char *bytes = files_read(SOURCE_ROOT "/examples/08-zip-password-nowhere.eml", &in.len);
    in.bytes = bytes;
    assert_int_equal(sekisho_scan(engine, &in, &r, NULL), 0);
    assert_int_equal(sekisho_result_unread(r) & SEKISHO_UNREAD_ENCRYPTED, 0);
    sekisho_result_free(r);
    free(bytes);
    sekisho_engine_free(engine);
}

/* --- wrong rules, no rules */

static void wrong_rules_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "no YAML", "title: [", "word.yml:2: not valid YAML" },
        { "unknown field", "title: x\nid: 6b6ad9de-7a0c-4c40-9be0-1b6f2ab3a003\nname: x\nlevel: high\nlogsource: {product: sekisho, category: part}\n"
          "detection: {a: {file.nam: x}, condition: a}\n", "file.nam" },
        { "a mail", "From: a@b.example\nSubject: x\n\nhello\n", "word.yml" },
        { "nothing", "", "no rule" },
        { "a comment", "# none\n", "no rule" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sekisho_rule_file file = { .path = "word.yml", .text = cases[i].text, .len = strlen(cases[i].text), .foreign = true };
        struct sekisho_rules *rules = words;
        struct sekisho_error e = { 0 };
        int r = sekisho_rules_compile(&file, 1, &rules, &e);
        if (r >= 0 || e.code != r || rules != words || !strstr(e.text, cases[i].want))
            fail_msg("%s: %d '%s'", cases[i].name, r, e.text);
        assert_int_equal(sekisho_rules_compile(&file, 1, &rules, NULL), r);
    }
}

static void without_rules_nothing_is_scanned(void **state)
{
    (void)state;
    struct sekisho_rules *rules = NULL;
    struct sekisho_engine *engine = NULL;
    struct sekisho_error e = { 0 };
    assert_int_equal(sekisho_rules_compile(NULL, 0, &rules, &e), -ENOENT);
    assert_non_null(strstr(e.text, "clean"));
    assert_int_equal(sekisho_engine_new(NULL, NULL, &engine, &e), -EINVAL);
    assert_null(rules);
    assert_null(engine);
    sekisho_rules_free(NULL);
    sekisho_engine_free(NULL);
    sekisho_result_free(NULL);
}

static void images_are_kept_and_checked(void **state)
{
    (void)state;
    size_t len = 0;
    const char *image = sekisho_rules_image(words, &len);
    char *copy = malloc(len);
    struct sekisho_rules *rules = NULL;
    assert_true(copy && len > 100);
    memcpy(copy, image, len);
    assert_int_equal(sekisho_rules_load(copy, len, &rules, NULL), 0);
    assert_int_equal(sekisho_rules_count(rules), 2);
    memset(copy, 0, len); /* was copied */
    struct sekisho_engine *engine = engine_of(rules, NULL);
    assert_int_equal(verdict_of(engine, "the checkpoint\n"), SEKISHO_MALICIOUS);
    sekisho_engine_free(engine);
    sekisho_rules_free(rules);
    rules = NULL;
    memcpy(copy, image, len);
    struct sekisho_error e = { 0 };
    for (size_t cut = 0; cut < len; cut += cut < 100 ? 1 : len / 7)
        assert_true(sekisho_rules_load(copy, cut, &rules, &e) < 0 && *e.text && !rules);
    for (size_t at = 0; at < len; at += len / 50 + 1) {
        copy[at] ^= 0x10;
        assert_true(sekisho_rules_load(copy, len, &rules, NULL) < 0);
        copy[at] ^= 0x10;
    }
    assert_true(sekisho_rules_load(NULL, 0, &rules, NULL) < 0);
    assert_true(sekisho_rules_load("SKSHRULE", 8, &rules, NULL) < 0);
    free(copy);
}

/* --- odd input */

static void empty_input_has_a_report(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(words, NULL);
    struct sekisho_input nothing = { 0 }, wrong = { .len = 5 };
    struct sekisho_result *r = NULL;
    struct sekisho_error e = { 0 };
    size_t len = 0;
    assert_int_equal(sekisho_scan(engine, &nothing, &r, &e), 0);
    assert_int_equal(sekisho_result_verdict(r), SEKISHO_CLEAN);
    assert_int_equal(sekisho_result_parts(r), 1);
    assert_non_null(strstr(sekisho_result_json(r, &len), "\"path\":\"-\""));
    sekisho_result_free(r);
    r = NULL;
    assert_int_equal(sekisho_scan(engine, &wrong, &r, &e), -EINVAL);
    assert_null(r);
    sekisho_engine_free(engine);
}

static void strange_names_do_no_harm(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(words, NULL);
    struct sekisho_input in = { .bytes = "the checkpoint", .len = 14, .name = "\xff\xe2\x80\xae" "a\x1b[31m.txt", .declared = "\x80/\n" };
    struct sekisho_result *r = NULL;
    size_t len = 0;
    assert_int_equal(sekisho_scan(engine, &in, &r, NULL), 0);
    assert_int_equal(sekisho_result_verdict(r), SEKISHO_MALICIOUS);
    const char *json = sekisho_result_json(r, &len);
    assert_true(json && !memchr(json, 0x1b, len) && !strstr(json, "\xe2\x80\xae") && !memchr(json, 0xff, len));
    const char *text = sekisho_result_text(r, SEKISHO_ENGLISH, true, &len);
    assert_true(text && !memchr(text, 0x1b, len) && !strstr(text, "\xe2\x80\xae"));
    sekisho_result_free(r);
    sekisho_engine_free(engine);
}

static void limits_are_never_clean(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct sekisho_limits limits;
    } cases[] = { { "work", { .work = 1 } }, { "unpacked", { .unpacked = 1 } }, { "parts", { .parts = 2 } }, { "depth", { .depth = 1 } } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sekisho_settings s = { .limits = cases[i].limits };
        struct sekisho_engine *engine = engine_of(words, &s);
        size_t len = 0;
        char *mail = files_read(SOURCE_ROOT "/examples/02-expense-macro.eml", &len);
        struct sekisho_result *r = scan(engine, mail, len);
        if (sekisho_result_verdict(r) != SEKISHO_UNKNOWN || !(sekisho_result_unread(r) & SEKISHO_UNREAD_LIMIT))
            fail_msg("%s: %s", cases[i].name, sekisho_verdict_name(sekisho_result_verdict(r)));
        sekisho_result_free(r);
        free(mail);
        sekisho_engine_free(engine);
    }
}

/* --- settings */

static const char mail[] = "From: a@b.example\nTo: c@d.example\nSubject: x\nDate: Mon, 5 Jan 2026 10:00:00 +0900\n\nthe checkpoint\n";
static const char excepted[] = "- {rule: library-test-mail, recipient: c@d.example, author: a, reason: r, expires: 2026-03-31}\n";

static void exceptions_end(void **state)
{
    (void)state;
    struct sekisho_settings s = { .today = "2026-03-31", .exceptions = excepted };
    struct sekisho_engine *engine = engine_of(words, &s);
    struct sekisho_error e = { 0 };
    assert_int_equal(verdict_of(engine, mail), SEKISHO_CLEAN);
    assert_int_equal(sekisho_engine_set_today(engine, "2026-04-01", &e), 0);
    assert_int_equal(verdict_of(engine, mail), SEKISHO_MALICIOUS);
    assert_int_equal(sekisho_engine_set_today(engine, "tomorrow", &e), -EINVAL);
    assert_int_equal(sekisho_engine_set_today(engine, NULL, &e), -EINVAL);
    assert_int_equal(verdict_of(engine, mail), SEKISHO_MALICIOUS);
    sekisho_engine_free(engine);
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct sekisho_settings s;
        const char *want;
    } cases[] = {
        { "exceptions without a day", { .exceptions = excepted }, "today" },
        { "odd day", { .today = "31.3.2026" }, "today" },
        { "bad exceptions", { .today = "2026-01-01", .exceptions = "- rule: x\n" }, "exceptions:1" },
        { "bad promises", { .promises = "\t" }, "promises:1" },
        { "too many domains", { .n_own_domains = 100000 }, "domains" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sekisho_engine *engine = NULL;
        struct sekisho_error e = { 0 };
        if (sekisho_engine_new(words, &cases[i].s, &engine, &e) >= 0 || engine || !strstr(e.text, cases[i].want))
            fail_msg("%s: %s", cases[i].name, e.text);
    }
}

/* --- several engines */

static void two_engines_at_once(void **state)
{
    (void)state;
    struct sekisho_engine *a = engine_of(words, NULL), *b = engine_of(ours, NULL);
    static const char text[] = "the checkpoint\n";
    struct sekisho_result *ra = scan(a, text, sizeof text - 1), *rb = scan(b, text, sizeof text - 1);
    size_t len_a = 0, len_b = 0;
    assert_int_equal(sekisho_result_verdict(ra), SEKISHO_MALICIOUS);
    assert_int_equal(sekisho_result_verdict(rb), SEKISHO_CLEAN);
    assert_string_equal(sekisho_result_name(ra), "Test.Text.Word");
    struct sekisho_result *again = scan(a, text, sizeof text - 1); /* results do not share memory */
    assert_string_equal(sekisho_result_json(ra, &len_a), sekisho_result_json(again, &len_b));
    assert_int_equal(len_a, len_b);
    sekisho_result_free(again);
    sekisho_result_free(rb);
    sekisho_engine_free(b);
    assert_string_equal(sekisho_result_name(ra), "Test.Text.Word");
    sekisho_result_free(ra);
    sekisho_engine_free(a);
}

static void *scan_often(void *host)
{
    struct sekisho_engine *engine = NULL;
    uintptr_t wrong = 0;
    struct sekisho_input in = { .bytes = mail, .len = sizeof mail - 1, .name = "a.eml" };
    if (sekisho_engine_new(host, NULL, &engine, NULL) < 0)
        return (void *)(uintptr_t)1;
    for (int i = 0; i < 50; i++) {
        struct sekisho_result *r = NULL;
        wrong += sekisho_scan(engine, &in, &r, NULL) < 0 || sekisho_result_verdict(r) != SEKISHO_MALICIOUS;
        sekisho_result_free(r);
    }
    sekisho_engine_free(engine);
    sekisho_thread_end();
    return (void *)wrong;
}

static void a_thread_may_end_its_tables(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(words, NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verdict_of(engine, mail), SEKISHO_MALICIOUS);
        sekisho_thread_end();
        sekisho_thread_end();
    }
    sekisho_engine_free(engine);
}

static void an_engine_a_thread(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, scan_often, words), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

/* --- parts */

struct bytes {
    char text[4096];
    size_t len, calls;
    bool once;
};

static bool gather(void *host, const void *bytes, size_t len)
{
    struct bytes *b = host;
    if (len <= sizeof b->text - b->len)
        memcpy(b->text + b->len, bytes, len);
    b->len += len;
    b->calls++;
    return !b->once;
}

static void parts_are_taken_out(void **state)
{
    (void)state;
    struct sekisho_engine *engine = engine_of(words, NULL);
    struct sekisho_input in = { .bytes = mail, .len = sizeof mail - 1, .name = "a.eml" };
    struct sekisho_result *r = scan(engine, mail, sizeof mail - 1);
    struct sekisho_error e = { 0 };
    size_t n = sekisho_result_parts(r), total = 0;
    assert_true(n >= 2);
    for (uint32_t i = 0; i < n; i++) {
        struct bytes b = { .len = 0 };
        struct sekisho_part p = { 0 };
        assert_true(sekisho_result_part(r, i, &p));
        assert_true(i == 0 ? p.parent == UINT32_MAX : p.parent < i);
        assert_int_equal(sekisho_extract(engine, &in, i, gather, &b, &e), 0);
        assert_int_equal(b.len, p.size);
        total += strstr(b.text, "the checkpoint") != NULL;
    }
    assert_int_equal(total, n); /* the mail and its text */
    struct sekisho_part p;
    struct bytes b = { .once = true };
    assert_false(sekisho_result_part(r, n, &p));
    assert_int_equal(sekisho_extract(engine, &in, (uint32_t)n, gather, &b, &e), -ENOENT);
    assert_int_equal(b.calls, 0);
    char *large = calloc(1, 300000);
    struct sekisho_input big = { .bytes = large, .len = 300000 };
    assert_int_equal(sekisho_extract(engine, &big, 0, gather, &b, &e), 0);
    assert_int_equal(b.calls, 1);
    free(large);
    sekisho_result_free(r);
    sekisho_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_get_their_verdicts),
        cmocka_unit_test(a_password_opens),
        cmocka_unit_test(wrong_rules_are_named),
        cmocka_unit_test(without_rules_nothing_is_scanned),
        cmocka_unit_test(images_are_kept_and_checked),
        cmocka_unit_test(empty_input_has_a_report),
        cmocka_unit_test(strange_names_do_no_harm),
        cmocka_unit_test(limits_are_never_clean),
        cmocka_unit_test(exceptions_end),
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(two_engines_at_once),
        cmocka_unit_test(a_thread_may_end_its_tables),
        cmocka_unit_test(an_engine_a_thread),
        cmocka_unit_test(parts_are_taken_out),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start, stop);
}
