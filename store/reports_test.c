/* SPDX-License-Identifier: Apache-2.0 */
/* The record: what was put is found, once; what is searched for is found in Japanese, too, and what
 * is a statement in disguise finds nothing; what is old goes, in its order; the log for other
 * systems. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cipher.h"
#include "os/file.h"
#include "store/ecs.h"
#include "store/reports.h"
#include "store/retention.h"
#include "store/schema.h"
#include "store/search.h"
#include "tests/table.h"

static char folder[64], db_path[96], vault_path[96], audit_path[96], ecs_path[96];
static struct arena *mem;
static struct keys keys;
static struct sqlite *db;
static struct reports *reports;
static struct vault *vault;
static struct audit *audit;

static const int64_t NOW = 1795363200123, DAY = 86400000;

static int make(void **state)
{
    struct err e = { 0 };
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/reports_test.XXXXXX");
    mem = arena_new(32 << 20);
    if (!mkdtemp(folder) || !cipher_prepare())
        return -1;
    (void)snprintf(db_path, sizeof db_path, "%s/a.db", folder);
    (void)snprintf(vault_path, sizeof vault_path, "%s/vault", folder);
    (void)snprintf(audit_path, sizeof audit_path, "%s/audit", folder);
    (void)snprintf(ecs_path, sizeof ecs_path, "%s/ecs.json", folder);
    if (sqlite_open(db_path, SQLITE_FOR_WRITING, &db, &e) || schema_update(db, db_path, &e) ||
        reports_open(db, mem, &reports, &e) ||
        vault_open(vault_path, &keys, true, mem, &vault, &e) ||
        audit_open(db, audit_path, 1 << 20, &keys, mem, &audit, &e)) {
        print_error("%s\n", e.text);
        return -1;
    }
    return 0;
}

static int clean(void **state)
{
    char all[128];
    (void)state;
    audit_close(&audit);
    reports_close(&reports);
    sqlite_close(&db);
    arena_drop(&mem);
    (void)snprintf(all, sizeof all, "rm -rf %s", folder);
    return system(all);
}

static void run(const char *sql)
{
    struct err e = { 0 };
    if (sqlite_run(db, sql, &e))
        fail_msg("%s: %s", sql, e.text);
}

static int64_t number(const char *sql)
{
    struct err e = { 0 };
    int64_t n = -1;
    if (sqlite_number(db, sql, &n, &e))
        fail_msg("%s: %s", sql, e.text);
    return n;
}

static const slice to[] = { SLICE_INIT("keiri@example.invalid"),
                            SLICE_INIT("soumu@example.invalid\nforged@example.invalid") };

static struct keep_put mail(const char *reference, const char *report)
{
    return (struct keep_put){
        .id = 1,
        .reference = slice_of(reference),
        .time_ms = NOW,
        .door = SLICE_LIT("milter"),
        .direction = SLICE_LIT("in"),
        .client_address = SLICE_LIT("192.0.2.7"),
        .sender = SLICE_LIT("s@example.invalid"),
        .queue_id = SLICE_LIT("4Y1x"),
        .recipients = to,
        .n_recipients = 2,
        .message_id = SLICE_LIT("<1@example.invalid>"),
        .subject = SLICE_LIT("Re: \xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8\xe3\x81\xae\xe4\xbb\xb6"),
        .from_name = SLICE_LIT("O'Neil \"x\""),
        .verdict = SLICE_LIT("malicious"),
        .detection = SLICE_LIT("Macro.Download"),
        .deed = SLICE_LIT("hold"),
        .search = SLICE_LIT("http://example.invalid/100%_off\ninvoice.doc"),
        .report = slice_of(report),
        .size = 5
    };
}

static int put(const struct keep_put *p, const char *original)
{
    struct err e = { 0 };
    struct vault_item *item = NULL;
    uint8_t digest[32];
    sha256_of(p->report, digest);
    struct reports_original o = { NULL, 0 };
    struct vault_source s = { .bytes = slice_of(original),
                              .fd = -1,
                              .size = original ? strlen(original) : 0 };
    if (original) {
        if (vault_put(vault, &s, mem, &item, &e) || vault_settle(vault, &item, 1, &e))
            fail_msg("%s", e.text);
        o = (struct reports_original){ vault_item_name(item), vault_item_stored(item) };
    }
    run("BEGIN IMMEDIATE");
    int r = reports_put(reports, p, digest, &o, &e);
    run(r < 0 ? "ROLLBACK" : "COMMIT");
    vault_item_drop(&item);
    return r;
}

static void puts_are_kept_once(void **state)
{
    static char large[100001];
    static const struct {
        const char *name, *reference, *report;
        int code;
    } cases[] = {
        { "the first", "261122-AAAAAAAA", "{\"a\":1}", 0 },
        { "the same again", "261122-AAAAAAAA", "{\"a\":1}", 1 },
        { "another of its number", "261122-AAAAAAAA", "{\"a\":2}", -EEXIST },
        { "a statement as number", "'); DROP TABLE mails; --", "{}", 0 },
        { "a large one", "261122-BBBBBBBB", large, 0 },
        { "the large one again", "261122-BBBBBBBB", large, 1 },
        { "an empty report", "261122-CCCCCCCC", "", 0 },
    };
    struct table t = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof large - 1; i++)
        large[i] = (char)('a' + i % 23);
    TABLE_EACH(&t, row, cases)
    {
        struct keep_put p = mail(row->reference, row->report);
        struct buf got = buf_new(1 << 20);
        struct err e = { 0 };
        int r = put(&p, NULL);
        if (r != row->code)
            table_wrong(&t, row->name, "%d", r);
        r = reports_get(db, p.reference, &got, &e);
        if (r || (row->code >= 0 && !slice_eq(buf_slice(&got), p.report)))
            table_wrong(&t, row->name, "comes back as %zu bytes, %d %s", got.len, r, e.text);
        buf_drop(&got);
    }
    assert_int_equal(number("SELECT count(*) FROM mails"), 4);
    assert_int_equal(number("SELECT count(*) FROM reports"), 4);
    struct buf got = buf_new(1 << 20);
    struct err e = { 0 };
    assert_int_equal(reports_get(db, SLICE_LIT("261122-NONE"), &got, &e), -ENOENT);
    run("UPDATE reports SET packing = packing + 1 WHERE packing > 0");
    assert_int_equal(reports_get(db, SLICE_LIT("261122-BBBBBBBB"), &got, &e), -EUCLEAN);
    run("UPDATE reports SET packing = packing - 1 WHERE packing > 0");
    buf_drop(&got);
}

static bool count_one(void *host, const struct search_mail *m)
{
    (void)m;
    return ++*(int *)host < 1000;
}

static void searches(void **state)
{
    static const struct {
        const char *name, *words[3];
        int found; /* of the one mail */
    } cases[] = {
        { "a word of the subject", { "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8" }, 1 },
        { "two characters", { "\xe8\xab\x8b\xe6\xb1\x82" }, 1 },
        { "another two", { "\xe8\xa6\x8b\xe7\xa9\x8d" }, 0 },
        { "in small letters", { "INVOICE" }, 1 },
        { "an address", { "keiri@example" }, 1 },
        { "part of a URL", { "example.invalid/100%_" }, 1 },
        { "a quote", { "O'Neil \"x\"" }, 1 },
        { "all words", { "keiri", "invoice", "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8" }, 1 },
        { "one is missing", { "keiri", "order", "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8" }, 0 },
        { "operators are words", { "keiri OR nothing" }, 0 },
        { "a star is a star", { "inv*" }, 0 },
        { "a column is a word", { "subject:Re" }, 0 },
        { "a quote that ends nothing", { "\" OR subject:\"Re" }, 0 },
        { "percent, alone", { "%%" }, 0 },
        { "percent, as it stands there", { "0%" }, 1 },
        { "underscores", { "__" }, 0 },
        { "a backslash", { "\\" }, 0 },
        { "a statement", { "'; DROP TABLE mails; --" }, 0 },
    };
    struct table t = { 0 };
    (void)state;
    struct keep_put p = mail("261122-DDDDDDDD", "{}");
    run("DELETE FROM mails");
    assert_int_equal(put(&p, NULL), 0);
    p = mail("261122-EEEEEEEE", "{}");
    p.subject = p.search = SLICE_LIT("hello"), p.from_name = (slice){ 0 }, p.n_recipients = 0;
    assert_int_equal(put(&p, NULL), 0);
    struct err e = { 0 };
    run("BEGIN IMMEDIATE");
    assert_int_equal(reports_index(reports, 1, &e), 1);
    assert_int_equal(reports_index(reports, 9, &e), 1);
    assert_int_equal(reports_index(reports, 9, &e), 0);
    run("COMMIT");
    TABLE_EACH(&t, row, cases)
    {
        slice words[3];
        size_t n = 0;
        int found = 0;
        for (; n < 3 && row->words[n]; n++)
            words[n] = slice_of(row->words[n]);
        int r = search_mails(db, &(struct search){ .words = words, .n_words = n }, count_one,
                             &found, &e);
        if (r != row->found || found != row->found)
            table_wrong(&t, row->name, "%d found, %d %s", found, r, r < 0 ? e.text : "");
    }
    int found = 0;
    assert_int_equal(search_mails(db,
                                  &(struct search){ .verdict = SLICE_LIT("malicious"), .limit = 1 },
                                  count_one, &found, &e),
                     1);
    assert_int_equal(search_mails(db, &(struct search){ .vaulted = true }, count_one, &found, &e),
                     0);
    assert_int_equal(
        search_mails(db, &(struct search){ .since_ms = NOW + 1 }, count_one, &found, &e), 0);
    assert_int_equal(search_mails(db, &(struct search){ .reference = SLICE_LIT("261122-DDDDDDDD") },
                                  count_one, &found, &e),
                     1);
}

static int files(void)
{
    char command[200];
    int n = -1;
    (void)snprintf(command, sizeof command, "find %s -type f | wc -l", vault_path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &n), 1);
    (void)pclose(f);
    return n;
}

/* Mails of several ages and deeds, limits, and which originals and reports are left. */
static void what_is_old_goes(void **state)
{
    static const struct {
        const char *name;
        uint32_t original_days, report_days;
        uint64_t max;
        const char *originals, *reports;
    } cases[] = {
        { "nothing is limited", 0, 0, 0, "abcd", "abcde" },
        { "all are younger", 100, 1000, 0, "abcd", "abcde" },
        { "originals of 30 days", 30, 0, 0, "cd", "abcde" },
        { "reports of 50 days, but those that have originals", 0, 50, 0, "abcd", "abcd" },
        { "both", 30, 50, 0, "cd", "cd" },
        { "the vault is full: rejected and released ones", 0, 0, 1, "ad", "abcde" },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct err e = { 0 };
        run("DELETE FROM mails; DELETE FROM originals; DELETE FROM deeds; DELETE FROM texts");
        char clear[200], left[16] = "", reports_left[16] = "";
        (void)snprintf(clear, sizeof clear, "find %s -type f -delete", vault_path);
        assert_int_equal(system(clear), 0);
        for (int i = 0; i < 5; i++) { /* a, b: 60 days; c, d: 10 days; e: 60 days, no original */
            char reference[2] = { (char)('a' + i), 0 },
                 body[] = { 'b', 'o', 'd', 'y', (char)('0' + i), 0 };
            struct keep_put p = mail(reference, "{}");
            p.time_ms = NOW - (i == 2 || i == 3 ? 10 : 60) * DAY;
            p.deed = i == 1 ? SLICE_LIT("reject") : SLICE_LIT("hold");
            assert_int_equal(put(&p, i == 4 ? NULL : body), 0);
        }
        struct keep_put newest = mail("z", "{}"); /* as old, but its id is not given away again */
        newest.time_ms = NOW - 60 * DAY;
        assert_int_equal(put(&newest, NULL), 0);
        run("BEGIN IMMEDIATE");
        assert_int_equal(reports_deed(reports, NOW, SLICE_LIT("c"), SLICE_LIT("admin"),
                                      SLICE_LIT("released"), (slice){ 0 }, &e),
                         0);
        assert_int_equal(reports_deed(reports, NOW, SLICE_LIT("a"), SLICE_LIT("admin"),
                                      SLICE_LIT("release"), (slice){ 0 }, &e),
                         0);
        assert_int_equal(reports_deed(reports, NOW, SLICE_LIT("x"), SLICE_LIT("admin"),
                                      SLICE_LIT("released"), (slice){ 0 }, &e),
                         -ENOENT);
        assert_int_equal(reports_index(reports, 100, &e), 6);
        run("COMMIT");
        const struct retention r = { .db = db,
                                     .vault = vault,
                                     .audit = audit,
                                     .original_days = row->original_days,
                                     .report_days = row->report_days,
                                     .originals_max = row->max };
        int n, rounds = 0;
        while ((n = retention_step(&r, NOW, &e)) > 0 && rounds < 20)
            rounds++;
        if (n)
            table_wrong(&t, row->name, "%d %s after %d rounds", n, e.text, rounds);
        for (int i = 0; i < 5; i++) {
            char sql[200];
            (void)snprintf(
                sql, sizeof sql,
                "SELECT count(*) FROM mails WHERE reference='%c' AND original IS NOT NULL",
                'a' + i);
            if (number(sql))
                left[strlen(left)] = (char)('a' + i);
            (void)snprintf(sql, sizeof sql,
                           "SELECT count(*) FROM mails m JOIN reports r ON r.mail=m.id JOIN texts "
                           "t ON t.rowid=m.id WHERE reference='%c'",
                           'a' + i);
            if (number(sql))
                reports_left[strlen(reports_left)] = (char)('a' + i);
        }
        table_slice(&t, row->name, slice_of(left), row->originals);
        table_slice(&t, row->name, slice_of(reports_left), row->reports);
        if (files() != (int)strlen(left) ||
            number("SELECT count(*) FROM originals") != (int64_t)strlen(left))
            table_wrong(&t, row->name, "%d files", files());
        table_true(&t, row->name,
                   number("SELECT count(*) FROM texts") == (int64_t)strlen(reports_left) + 1);
        table_true(&t, row->name,
                   number("SELECT count(*) FROM mails WHERE reference='z'") == 1);
    }
    run("DELETE FROM audit WHERE seq NOT IN (SELECT max(seq) FROM audit)");
}

/* Two mails with one content: the file stays until the last of them is deleted. */
static void shared_originals(void **state)
{
    struct err e = { 0 };
    uint8_t name[32];
    bool gone = true;
    (void)state;
    struct keep_put p = mail("shared-1", "{}");
    assert_int_equal(put(&p, NULL), 0);
    assert_int_equal(put(&p, "shared"), 1); /* the original comes late */
    assert_int_equal(
        number("SELECT count(*) FROM mails WHERE reference='shared-1' AND original IS NOT NULL"),
        1);
    assert_int_equal(put(&p, "another"), 1); /* the first stays */
    p = mail("shared-2", "{}");
    assert_int_equal(put(&p, "shared"), 0);
    run("BEGIN IMMEDIATE");
    assert_int_equal(reports_drop_original(reports, SLICE_LIT("shared-1"), name, &gone, &e), 0);
    assert_false(gone);
    assert_true(reports_knows_original(reports, name));
    assert_int_equal(reports_drop_original(reports, SLICE_LIT("shared-1"), name, &gone, &e),
                     -ENOENT);
    assert_int_equal(reports_drop_original(reports, SLICE_LIT("shared-2"), name, &gone, &e), 0);
    assert_true(gone);
    assert_false(reports_knows_original(reports, name));
    assert_int_equal(reports_drop_original(reports, SLICE_LIT("nobody"), name, &gone, &e), -ENOENT);
    run("COMMIT");
}

static void log_for_others(void **state)
{
    struct ecs *ecs = NULL;
    struct err e = { 0 };
    struct buf b;
    (void)state;
    run("DELETE FROM mails");
    struct keep_put p = mail("261122-FFFFFFFF", "{}");
    assert_int_equal(put(&p, NULL), 0);
    p.reference = SLICE_LIT("261122-GGGGGGGG"), p.direction = SLICE_LIT("out"),
    p.client_address = SLICE_LIT("unix"), p.deed = SLICE_LIT("tag");
    assert_int_equal(put(&p, NULL), 0);
    assert_int_equal(ecs_open(db, ecs_path, mem, &ecs, &e), 0);
    assert_int_equal(ecs_follow(ecs, 1, &e), 1);
    assert_int_equal(ecs_settle(ecs, &e), 0);
    assert_int_equal(ecs_follow(ecs, 100, &e), 1);
    ecs_close(&ecs); /* as if killed: the second was not settled, and comes again */
    assert_int_equal(ecs_open(db, ecs_path, mem, &ecs, &e), 0);
    assert_int_equal(ecs_follow(ecs, 100, &e), 1);
    assert_int_equal(ecs_follow(ecs, 100, &e), 0);
    assert_int_equal(ecs_settle(ecs, &e), 0);
    assert_int_equal(ecs_reopen(ecs, &e), 0);
    ecs_close(&ecs);
    assert_int_equal(file_read(ecs_path, 1 << 20, &b, &e), 0);
    size_t lines = 0;
    for (size_t i = 0; i < b.len; i++)
        lines += b.at[i] == '\n';
    assert_int_equal(lines, 3);
    slice first = slice_sub(buf_slice(&b), 0, slice_find_byte(buf_slice(&b), '\n', 0));
    static const char *const pieces[] = {
        "{\"@timestamp\":\"2026-11-22T",
        "\"ecs\":{\"version\":\"8.17.0\"}",
        "\"kind\":\"alert\"",
        "\"type\":[\"denied\"]",
        "\"action\":\"hold\"",
        "\"id\":\"261122-FFFFFFFF\"",
        "\"direction\":\"inbound\"",
        "\"keiri@example.invalid\",\"soumu@example.invalid forged@",
        "\"source\":{\"ip\":\"192.0.2.7\"}",
        "\"rule\":{\"name\":\"Macro.Download\"}",
        "\"verdict\":\"malicious\"",
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        if (slice_find(first, slice_of(pieces[i]), 0) == SIZE_MAX)
            fail_msg("%s is not in %.*s", pieces[i], SLICE_FMT(first));
    slice rest = slice_from(buf_slice(&b), first.len);
    assert_true(slice_find(rest, SLICE_LIT("\"outbound\""), 0) != SIZE_MAX &&
                slice_find(rest, SLICE_LIT("\"source\""), 0) == SIZE_MAX);
    buf_drop(&b);
}

/* The largest list of recipients that is kept, each byte of it longer in JSON: those behind it are
 * told, too. */
static void a_long_line(void **state)
{
    static uint8_t address[KEEP_ADDRESS_MAX];
    static slice many[KEEP_RECIPIENTS_MAX];
    struct ecs *ecs = NULL;
    struct err e = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof address; i++)
        address[i] = 1;
    for (size_t i = 0; i < KEEP_RECIPIENTS_MAX; i++)
        many[i] = (slice){ address, sizeof address };
    assert_int_equal(ecs_open(db, ecs_path, mem, &ecs, &e), 0);
    struct keep_put p = mail("261122-HHHHHHHH", "{}");
    p.recipients = many;
    p.n_recipients = KEEP_RECIPIENTS_MAX;
    assert_int_equal(put(&p, NULL), 0);
    p = mail("261122-JJJJJJJJ", "{}");
    assert_int_equal(put(&p, NULL), 0);
    assert_int_equal(ecs_follow(ecs, 100, &e), 1);
    assert_int_equal(ecs_follow(ecs, 100, &e), 1);
    ecs_close(&ecs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_are_kept_once), cmocka_unit_test(searches),
        cmocka_unit_test(what_is_old_goes),   cmocka_unit_test(shared_originals),
        cmocka_unit_test(log_for_others),     cmocka_unit_test(a_long_line),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
