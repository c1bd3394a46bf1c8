/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations: from every released schema (schema/N.sql), from nothing, from a newer one, and from
 * one that was killed on the way. What stood there stands there afterwards. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/file.h"
#include "store/schema.h"
#include "tests/table.h"

static char folder[64], path[128];

static int make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/schema_test.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/a.db", folder);
    return 0;
}

static int clean(void **state)
{
    char all[128];
    (void)state;
    (void)snprintf(all, sizeof all, "rm -rf %s", folder);
    return system(all);
}

static void away(void)
{
    char all[128];
    (void)snprintf(all, sizeof all, "rm -f %s/*", folder);
    assert_int_equal(system(all), 0);
}

/* Names, kinds and texts of all that the schema has; two alike have the same. */
static void shape(struct sqlite *db, struct buf *out)
{
    struct sqlite_query *q = NULL;
    struct err e = { 0 };
    assert_int_equal(
        sqlite_prepare(db, "SELECT type, name, coalesce(sql,'') FROM sqlite_schema ORDER BY 1, 2",
                       &q, &e),
        0);
    while (sqlite_row(q, &e) == 1)
        for (int i = 0; i < 3; i++)
            for (slice s = sqlite_text(q, i); s.len; s = slice_from(s, 1))
                if (s.at[0] > ' ')
                    buf_byte(out, s.at[0]);
    sqlite_drop(&q);
}

static bool load(const char *sql_path)
{
    struct sqlite *db = NULL;
    struct err e = { 0 };
    struct buf text;
    if (file_read(sql_path, 1 << 20, &text, &e) < 0)
        return false;
    buf_byte(&text, 0);
    away();
    bool ok = sqlite_open(path, SQLITE_FOR_WRITING, &db, &e) == 0 &&
              sqlite_run(db, (const char *)text.at, &e) == 0;
    if (!ok)
        print_error("%s\n", e.text);
    sqlite_close(&db);
    buf_drop(&text);
    return ok;
}

/* Number of the rows that each released schema's sample has. */
static const char *const counts[] = {
    "SELECT count(*) FROM mails WHERE reference='261122-7K3F9Q2M' AND time_ms=1795363200123",
    "SELECT count(*) FROM reports",
    "SELECT count(*) FROM originals",
    "SELECT count(*) FROM deeds",
    "SELECT count(*) FROM unindexed",
    "SELECT count(*) FROM texts WHERE texts MATCH '見積書'",
    "SELECT count(*) FROM audit",
    "SELECT count(*) FROM facts WHERE name='key'",
};

static void from_every_schema(void **state)
{
    struct buf fresh = buf_new(1 << 20);
    struct sqlite *db = NULL;
    struct err e = { 0 };
    (void)state;
    assert_int_equal(sqlite_open(path, SQLITE_FOR_WRITING, &db, &e), 0);
    assert_int_equal(schema_expect(db, path, &e), -ENOTSUP);
    assert_int_equal(schema_update(db, path, &e), 0);
    assert_int_equal(schema_update(db, path, &e), 0);
    assert_int_equal(schema_expect(db, path, &e), 0);
    shape(db, &fresh);
    sqlite_close(&db);
    assert_true(schema_newest() > 0);
    for (int64_t n = 1; n <= schema_newest(); n++) {
        char sql[256], aside[256];
        struct buf updated = buf_new(1 << 20);
        (void)snprintf(sql, sizeof sql, "%s/%lld.sql", SCHEMA_FOLDER, (long long)n);
        (void)snprintf(aside, sizeof aside, "%s.schema-%lld", path, (long long)n);
        if (!load(sql))
            fail_msg("%s: missing or wrong; a released schema keeps its sample", sql);
        assert_int_equal(sqlite_open(path, SQLITE_FOR_WRITING, &db, &e), 0);
        assert_int_equal(schema_update(db, path, &e), 0);
        assert_int_equal(access(aside, F_OK) == 0, n < schema_newest());
        assert_int_equal(sqlite_check(db, &e), 0);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            int64_t rows = 0;
            assert_int_equal(sqlite_number(db, counts[i], &rows, &e), 0);
            if (rows != 1)
                fail_msg("from schema %lld: %s: %lld", (long long)n, counts[i], (long long)rows);
        }
        shape(db, &updated);
        if (!slice_eq(buf_slice(&fresh), buf_slice(&updated)))
            fail_msg("from schema %lld: not the schema of a new database", (long long)n);
        sqlite_close(&db);
        buf_drop(&updated);
    }
    buf_drop(&fresh);
}

static void what_cannot_be_updated(void **state)
{
    static const struct {
        const char *name, *sql, *says;
        int code;
    } cases[] = {
        { "a newer one", "PRAGMA user_version=1000000", "newer", -ENOTSUP },
        { "somebody else's database", "CREATE TABLE mails (x)", "mails", -EINVAL },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct sqlite *db = NULL;
        struct err e = { 0 };
        int64_t v = 0, was = 0;
        away();
        assert_int_equal(sqlite_open(path, SQLITE_FOR_WRITING, &db, &e), 0);
        assert_int_equal(sqlite_run(db, row->sql, &e), 0);
        assert_int_equal(sqlite_number(db, "PRAGMA user_version", &was, &e), 0);
        int r = schema_update(db, path, &e);
        if (r != row->code || !strstr(e.text, row->says) || !strstr(e.text, path))
            table_wrong(&t, row->name, "%d %s", r, e.text);
        table_true(&t, row->name,
                   sqlite_number(db, "PRAGMA user_version", &v, &e) == 0 && v == was &&
                       !sqlite_in_transaction(db));
        sqlite_close(&db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(from_every_schema),
                                        cmocka_unit_test(what_cannot_be_updated) };
    return cmocka_run_group_tests(tests, make, clean);
}
