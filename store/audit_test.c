/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: the chain holds over restarts, full files and failed transactions, and whatever is
 * done to the file is found, with the line that is the first to be wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cipher.h"
#include "os/file.h"
#include "store/audit.h"
#include "store/schema.h"
#include "store/stamp.h"
#include "tests/table.h"

static char folder[64], db_path[96], log_path[96], first_file[160];
static struct arena *mem;
static struct keys keys = { .audit = { 1, 2, 3 } };

static int make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/audit_test.XXXXXX");
    mem = arena_new(8 << 20);
    if (!mkdtemp(folder) || !cipher_prepare())
        return -1;
    (void)snprintf(db_path, sizeof db_path, "%s/a.db", folder);
    (void)snprintf(log_path, sizeof log_path, "%s/audit", folder);
    (void)snprintf(first_file, sizeof first_file, "%s/audit-000000000001.jsonl", log_path);
    return 0;
}

static void shell(const char *format, const char *a)
{
    char command[512];
    size_t n = 0;
    for (const char *at = format; *at && n + 200 < sizeof command; at++)
        if (*at == '@')
            n += slice_copy_out(slice_of(a), (uint8_t *)command + n, sizeof command - n);
        else
            command[n++] = *at;
    command[n] = 0;
    if (system(command) != 0)
        fail_msg("%s", command);
}

static int clean(void **state)
{
    (void)state;
    arena_drop(&mem);
    shell("rm -rf @", folder);
    return 0;
}

struct store {
    struct sqlite *db;
    struct audit *audit;
};

static void start(struct store *s, uint64_t file_max)
{
    struct err e = { 0 };
    if (sqlite_open(db_path, SQLITE_FOR_WRITING, &s->db, &e) || schema_update(s->db, db_path, &e) ||
        audit_open(s->db, log_path, file_max, &keys, mem, &s->audit, &e) ||
        audit_follow(s->audit, &e))
        fail_msg("%s", e.text);
}
static void stop(struct store *s)
{
    audit_close(&s->audit);
    sqlite_close(&s->db);
}

static void note(struct store *s, const char *what, bool commit)
{
    struct err e = { 0 };
    const struct audit_deed d = { .time_ms = 1795363200123,
                                  .what = what,
                                  .reference = SLICE_LIT("261122-7K3F9Q2M"),
                                  .who = SLICE_LIT("a \"b\"\n\xe2\x80\xae"),
                                  .report = (const uint8_t *)"0123456789abcdef0123456789abcdef" };
    if (sqlite_run(s->db, "BEGIN IMMEDIATE", &e) || audit_note(s->audit, &d, &e) ||
        audit_note(s->audit, &d, &e) || sqlite_run(s->db, commit ? "COMMIT" : "ROLLBACK", &e))
        fail_msg("%s", e.text);
    audit_ended(s->audit, commit);
}

static void write_lines(unsigned n, uint64_t file_max)
{
    struct store s = { 0 };
    struct err e = { 0 };
    shell("rm -rf @/audit @/a.db*", folder);
    start(&s, file_max);
    for (unsigned i = 0; i < n; i++) {
        note(&s, "kept", i % 3 != 2);
        if (i % 4 == 0)
            assert_int_equal(audit_follow(s.audit, &e), 0);
        if (i % 5 == 0)
            assert_int_equal(audit_settle(s.audit, &e), 0);
        if (i % 7 == 6) {
            stop(&s);
            start(&s, file_max);
        }
    }
    assert_int_equal(audit_settle(s.audit, &e), 0);
    stop(&s);
}

static struct audit_result verify(const char *path, bool with_key, bool with_end)
{
    struct audit_result r;
    struct audit_end end = { 0 };
    struct sqlite *db = NULL;
    struct err e = { 0 };
    if (with_end &&
        (sqlite_open(db_path, SQLITE_FOR_READING, &db, &e) || audit_end_of(db, &end, &e)))
        fail_msg("%s", e.text);
    sqlite_close(&db);
    if (audit_verify(path, with_key ? &keys : NULL, with_end ? &end : NULL, &r, &e))
        fail_msg("%s", e.text);
    return r;
}

static void chains_hold(void **state)
{
    static const struct {
        const char *name;
        unsigned n;
        uint64_t file_max, files, lines;
    } cases[] = {
        { "nothing yet", 0, 1 << 20, 0, 0 },
        { "one file", 9, 1 << 20, 1, 12 },
        { "a file a line", 9, 1, 12, 12 },
        { "some files", 40, 2000, 0, 54 },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        write_lines(row->n, row->file_max);
        struct audit_result r = verify(log_path, true, true);
        if (r.fault || r.lines != row->lines || (row->files && r.files != row->files) ||
            (uint64_t)r.last != row->lines)
            table_wrong(&t, row->name, "%s:%llu: %s; %llu lines", r.file,
                        (unsigned long long)r.line, audit_fault_name(r.fault),
                        (unsigned long long)r.lines);
        table_true(&t, row->name, !verify(log_path, false, false).fault);
    }
}

/* What is done to a log of 12 lines, who checks it, and the line that is named. */
static void tampering_is_found(void **state)
{
    static const struct {
        const char *name, *shell;
        bool key, end;
        uint64_t line;
        enum audit_fault fault;
    } cases[] = {
        { "untouched", "true @", true, true, 0, AUDIT_WHOLE },
        { "a word changed", "sed -i '5s/kept/lept/' @", true, true, 5, AUDIT_MAC },
        { "a word changed, no key", "sed -i '5s/kept/lept/' @", false, false, 6, AUDIT_CHAIN },
        { "the last line changed, no key", "sed -i '12s/kept/lept/' @", false, true, 12,
          AUDIT_OTHER },
        { "a line taken out", "sed -i 5d @", true, true, 5, AUDIT_GAP },
        { "the first line taken out", "sed -i 1d @", true, true, 0,
          AUDIT_WHOLE }, /* as when old files are moved away; it is said */
        { "a line twice", "sed -i 5p @", true, true, 6, AUDIT_AGAIN },
        { "two lines swapped", "sed -i '5{h;d};6{G}' @", true, true, 5, AUDIT_GAP },
        { "the last cut off", "sed -i '$d' @; sed -i '$d' @", true, true, 10, AUDIT_CUT },
        { "torn", "truncate -s -20 @", true, true, 12, AUDIT_TORN },
        { "its end missing", "truncate -s -1 @", true, true, 12, AUDIT_TORN },
        { "emptied", "truncate -s 0 @", true, true, 0, AUDIT_CUT },
        { "no line of ours", "sed -i '3i hello' @", true, true, 3, AUDIT_NO_LINE },
        { "a line in other JSON", "sed -i '3s/{\"seq\":3,/{ \"seq\":3,/' @", true, true, 3,
          AUDIT_NO_LINE },
        { "a time changed", "sed -i '4s/2026-/2025-/' @", true, true, 4, AUDIT_MAC },
        { "a mac changed", "sed -i '4s/\"mac\":\"[0-9a-f]/\"mac\":\"x/' @", true, true, 4,
          AUDIT_MAC },
        { "zeros", "head -c 500 /dev/zero >> @", true, true, 13, AUDIT_TORN },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        write_lines(9, 1 << 20);
        shell(row->shell, first_file);
        struct audit_result r = verify(log_path, row->key, row->end);
        if (r.fault != row->fault || (row->fault && r.line != row->line))
            table_wrong(&t, row->name, "%s:%llu: %s", r.file, (unsigned long long)r.line,
                        audit_fault_name(r.fault));
        if (row->fault && row->line)
            table_true(&t, row->name, strstr(r.file, "audit-000000000001.jsonl") != NULL);
    }
}

/* One who has no key and writes the whole chain anew is found; one with another key, too. */
static void forgers_are_found(void **state)
{
    (void)state;
    keys.audit[0] ^= 1;
    write_lines(9, 1 << 20);
    assert_false(verify(log_path, true, true).fault);
    keys.audit[0] ^= 1;
    struct audit_result r = verify(log_path, true, false);
    assert_true(r.fault && r.line == 1);
    assert_false(verify(log_path, false, false).fault);
}

/* The file is gone, or its folder cannot be written to: the deeds stand in the database and follow.
 */
static void lines_wait_in_the_database(void **state)
{
    struct store s = { 0 };
    struct err e = { 0 };
    (void)state;
    write_lines(9, 1);
    start(&s, 1);
    shell("chmod 500 @", log_path);
    shell("mv @ @.away", log_path);
    note(&s, "kept", true);
    note(&s, "kept", true);
    assert_true(audit_follow(s.audit, &e) < 0);
    assert_true(audit_settle(s.audit, &e) < 0);
    shell("mv @.away @; chmod 700 @", log_path);
    assert_int_equal(audit_settle(s.audit, &e), 0);
    stop(&s);
    struct audit_result r = verify(log_path, true, true);
    assert_true(!r.fault && r.lines == 16);
    /* a torn line, as a crash leaves it: cut off, and written again */
    start(&s, 1 << 20);
    note(&s, "release", true);
    assert_int_equal(audit_follow(s.audit, &e), 0);
    stop(&s);
    shell("for f in @/*; do last=$f; done; truncate -s -30 $last", log_path);
    assert_true(verify(log_path, true, true).fault);
    start(&s, 1 << 20);
    stop(&s);
    r = verify(log_path, true, true);
    assert_true(!r.fault && r.lines == 18);
}

/* A commit that failed by its own word, and yet stands there. */
static void the_chain_finds_its_end(void **state)
{
    struct store s = { 0 };
    struct err e = { 0 };
    const struct audit_deed d = { .what = "kept" };
    (void)state;
    write_lines(9, 1 << 20);
    start(&s, 1 << 20);
    assert_int_equal(sqlite_run(s.db, "BEGIN IMMEDIATE", &e), 0);
    assert_int_equal(audit_note(s.audit, &d, &e), 0);
    assert_int_equal(sqlite_run(s.db, "COMMIT", &e), 0);
    audit_ended(s.audit, false);
    note(&s, "kept", true);
    note(&s, "kept", false);
    note(&s, "kept", true);
    assert_int_equal(audit_settle(s.audit, &e), 0);
    stop(&s);
    struct audit_result r = verify(log_path, true, true);
    assert_true(r.fault == AUDIT_WHOLE && r.lines == 17);
}

static void stamps(void **state)
{
    static const struct {
        const char *name;
        int64_t ms;
        const char *want;
    } cases[] = {
        { "the epoch", 0, "1970-01-01T00:00:00.000Z" },
        { "before it", -1, "1969-12-31T23:59:59.999Z" },
        { "a leap day", 1709251199999, "2024-02-29T23:59:59.999Z" },
        { "far too late", INT64_MAX, "9999-12-31T23:59:59.999Z" },
        { "far too early", INT64_MIN, "0000-01-01T00:00:00.000Z" },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        char got[STAMP_BYTES];
        stamp_utc(row->ms, got);
        table_slice(&t, row->name, slice_of(got), row->want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_hold),
        cmocka_unit_test(tampering_is_found),
        cmocka_unit_test(forgers_are_found),
        cmocka_unit_test(lines_wait_in_the_database),
        cmocka_unit_test(the_chain_finds_its_end),
        cmocka_unit_test(stamps),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
