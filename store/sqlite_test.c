/* SPDX-License-Identifier: Apache-2.0 */
/* The database seam: values come back, what must not happen does not, and errors say what to do. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sqlite.h"
#include "tests/table.h"

static char folder[64], path[128];

static int make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/sqlite_test.XXXXXX");
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

static void values_come_back(void **state)
{
    struct sqlite *db = NULL;
    struct sqlite_query *put = NULL, *get = NULL;
    struct err e = { 0 };
    int64_t n = 0;
    (void)state;
    assert_int_equal(sqlite_open(path, SQLITE_FOR_WRITING, &db, &e), 0);
    assert_int_equal(
        sqlite_run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB) STRICT", &e), 0);
    assert_int_equal(sqlite_prepare(db, "INSERT INTO t (b, c) VALUES (?1, ?2)", &put, &e), 0);
    sqlite_bind_text(put, 1, SLICE_LIT("a'; DROP TABLE t; --\0b"));
    sqlite_bind_bytes(put, 2, SLICE_LIT("\0\xff\0"));
    assert_int_equal(sqlite_step(put, &e), 0);
    assert_int_equal(sqlite_last_row(db), 1);
    sqlite_bind_text(put, 1, (slice){ 0 }); /* empty is no NULL */
    sqlite_bind_null(put, 2);
    assert_int_equal(sqlite_step(put, &e), 0);
    assert_int_equal(sqlite_prepare(db, "SELECT b, c FROM t ORDER BY a", &get, &e), 0);
    assert_int_equal(sqlite_row(get, &e), 1);
    assert_true(slice_eq(sqlite_text(get, 0), SLICE_LIT("a'; DROP TABLE t; --\0b")));
    assert_true(slice_eq(sqlite_text(get, 1), SLICE_LIT("\0\xff\0")));
    assert_int_equal(sqlite_row(get, &e), 1);
    assert_true(!sqlite_is_null(get, 0) && sqlite_is_null(get, 1) && sqlite_text(get, 0).len == 0);
    assert_int_equal(sqlite_row(get, &e), 0);
    sqlite_done(get);
    assert_int_equal(sqlite_number(db, "PRAGMA synchronous", &n, &e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(sqlite_check(db, &e), 0);
    sqlite_drop(&put);
    sqlite_drop(&get);
    sqlite_drop(&get);
    sqlite_close(&db);
    sqlite_close(&db);
}

/* What must not happen: each statement, the connection that tries it, how it ends. */
static void refused(void **state)
{
    static const struct {
        const char *name, *sql;
        enum sqlite_open how;
        int code;
    } cases[] = {
        { "a reader writes", "INSERT INTO t (b) VALUES ('x')", SQLITE_FOR_READING, -EACCES },
        { "a reader makes a table", "CREATE TABLE u (a)", SQLITE_FOR_READING, -EACCES },
        { "an extension", "SELECT load_extension('x.so')", SQLITE_FOR_WRITING, -EINVAL },
        { "the schema by hand", "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=''",
          SQLITE_FOR_WRITING, -EINVAL },
        { "a second row of one key", "INSERT INTO t (a) VALUES (77); INSERT INTO t (a) VALUES (77)",
          SQLITE_FOR_WRITING, -EEXIST },
        { "a text where a number stands", "INSERT INTO t (a) VALUES ('x')", SQLITE_FOR_WRITING,
          -EINVAL },
        { "a child without its parent",
          "CREATE TABLE IF NOT EXISTS c (t INTEGER REFERENCES t(a)) STRICT; INSERT INTO c VALUES "
          "(4711)",
          SQLITE_FOR_WRITING, -EEXIST },
        { "no statement", "SELEKT", SQLITE_FOR_WRITING, -EINVAL },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct sqlite *db = NULL;
        struct err e = { 0 };
        assert_int_equal(sqlite_open(path, row->how, &db, &e), 0);
        int r = sqlite_run(db, row->sql, &e);
        /* STRICT's own complaint is a constraint, too */
        if (r != row->code && !(r == -EEXIST && strstr(row->name, "text where")))
            table_wrong(&t, row->name, "%d %s", r, e.text);
        table_true(&t, row->name, strstr(e.text, path) != NULL);
        sqlite_close(&db);
    }
}

/* Files that are no database of ours. */
static void unusable_files(void **state)
{
    static const struct {
        const char *name, *shell;
        int code;
    } cases[] = {
        { "no such folder", "true %s", -ENOENT },
        { "text",
          "mkdir -p %1$s.d; printf 'this is no database at all, however long it may get to "
          "be....................' > %1$s.d/x",
          -EUCLEAN },
        { "a folder", "mkdir -p %1$s.d/x", -ENOENT },
        { "its first page is gone",
          "mkdir -p %1$s.d; cp %1$s %1$s.d/x; dd if=/dev/urandom of=%1$s.d/x bs=4096 count=1 "
          "conv=notrunc status=none",
          -EUCLEAN },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        char command[1024], other[256];
        struct sqlite *db = NULL;
        struct err e = { 0 };
        (void)snprintf(other, sizeof other, "%s.d/x", path);
        (void)snprintf(command, sizeof command, "rm -rf %s.d", path);
        assert_int_equal(system(command), 0);
        const char *at = row->shell;
        size_t n = 0;
        for (; *at && n + sizeof path < sizeof command; at++) { /* %s and %1$s: the path */
            size_t skip = strncmp(at, "%1$s", 4) == 0 ? 4 : strncmp(at, "%s", 2) == 0 ? 2 : 0;
            if (skip) {
                n += slice_copy_out(slice_of(path), (uint8_t *)command + n, sizeof command - n);
                at += skip - 1;
            } else {
                command[n++] = *at;
            }
        }
        command[n] = 0;
        assert_int_equal(system(command), 0);
        int r = sqlite_open(other, SQLITE_FOR_WRITING, &db, &e);
        if (r != row->code)
            table_wrong(&t, row->name, "%d %s", r, e.text);
        sqlite_close(&db);
    }
}

/* A copy while a transaction is under way is of what was committed. */
static void backup_is_whole(void **state)
{
    struct sqlite *db = NULL, *reader = NULL, *copy = NULL;
    struct err e = { 0 };
    char to[160];
    int64_t before = 0, n = 0;
    (void)state;
    (void)snprintf(to, sizeof to, "%s/copy.db", folder);
    assert_int_equal(sqlite_open(path, SQLITE_FOR_WRITING, &db, &e), 0);
    assert_int_equal(sqlite_open(path, SQLITE_FOR_READING, &reader, &e), 0);
    assert_int_equal(sqlite_number(db, "SELECT count(*) FROM t", &before, &e), 0);
    assert_int_equal(sqlite_run(db, "BEGIN IMMEDIATE; INSERT INTO t (b) VALUES ('later')", &e), 0);
    assert_true(sqlite_in_transaction(db));
    assert_int_equal(sqlite_backup(reader, to, &e), 0);
    assert_int_equal(sqlite_run(db, "COMMIT", &e), 0);
    assert_int_equal(sqlite_checkpoint(db, true, &e), 0);
    assert_int_equal(sqlite_open(to, SQLITE_FOR_READING, &copy, &e), 0);
    assert_int_equal(sqlite_check(copy, &e), 0);
    assert_int_equal(sqlite_number(copy, "SELECT count(*) FROM t", &n, &e), 0);
    assert_int_equal(n, before);
    sqlite_close(&copy);
    sqlite_close(&reader);
    sqlite_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(values_come_back),
                                        cmocka_unit_test(refused), cmocka_unit_test(unusable_files),
                                        cmocka_unit_test(backup_is_whole) };
    return cmocka_run_group_tests(tests, make, clean);
}
