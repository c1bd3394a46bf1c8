/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations; see schema.h.
 *
 * mails       one row a scanned object, what its envelope and header said, and its verdict and deed
 * reports     its report in JSON; apart, so that lists of mails read few pages
 * texts       the full text index
 * deeds       what was done later, by whom
 * originals   what lies in the vault
 * unindexed   words that are not yet in the full text index, which is written when nobody waits
 * audit       lines of the audit log that may not be in its file yet, and always the last one
 * facts       what the store knows of itself: marks of its keys, how far its followers are
 *
 * The trigram tokenizer finds Japanese, which has no blanks, by any three characters in a row.
 */
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE mails ("
    " id INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, time_ms INTEGER NOT NULL,"
    " door TEXT NOT NULL, direction TEXT NOT NULL, name TEXT NOT NULL, client_address TEXT NOT "
    "NULL,"
    " client_name TEXT NOT NULL, helo TEXT NOT NULL, sender TEXT NOT NULL, user TEXT NOT NULL, "
    "queue_id TEXT NOT NULL,"
    " message_id TEXT NOT NULL, subject TEXT NOT NULL, from_address TEXT NOT NULL, from_name TEXT "
    "NOT NULL,"
    " verdict TEXT NOT NULL, detection TEXT NOT NULL, deed TEXT NOT NULL, size INTEGER NOT NULL,"
    " recipients TEXT NOT NULL,"  /* one a line */
    " report_mark BLOB NOT NULL," /* start of its digest */
    " original BLOB"              /* originals.name */
    ") STRICT;"
    "CREATE INDEX mails_time ON mails (time_ms);"
    "CREATE INDEX mails_original ON mails (original) WHERE original IS NOT NULL;"
    "CREATE TABLE reports ("
    " mail INTEGER PRIMARY KEY REFERENCES mails (id) ON DELETE CASCADE, packing INTEGER NOT NULL, "
    "json BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE originals ("
    " name BLOB PRIMARY KEY, size INTEGER NOT NULL, stored INTEGER NOT NULL, time_ms INTEGER NOT "
    "NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE deeds ("
    " id INTEGER PRIMARY KEY, reference TEXT NOT NULL, time_ms INTEGER NOT NULL, who TEXT NOT NULL,"
    " verb TEXT NOT NULL, note TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX deeds_reference ON deeds (reference);"
    "CREATE TABLE unindexed ("
    " mail INTEGER PRIMARY KEY REFERENCES mails (id) ON DELETE CASCADE, words TEXT NOT NULL"
    ") STRICT;"
    "CREATE VIRTUAL TABLE texts USING fts5 (subject, people, words, tokenize='trigram');"
    "CREATE TABLE audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;"
    "CREATE TABLE facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL, mark BLOB NOT NULL) "
    "STRICT, WITHOUT ROWID;",
};

int64_t schema_newest(void)
{
    return (int64_t)(sizeof migrations / sizeof migrations[0]);
}

static int version(struct sqlite *db, const char *path, int64_t *out, struct err *err_out)
{
    int r = sqlite_number(db, "PRAGMA user_version", out, err_out);
    if (r == 0 && *out > schema_newest())
        r = err_set(err_out, -ENOTSUP,
                    "%s: was written by a newer Sekisho (schema %lld, this one knows %lld): "
                    "install that one again, "
                    "or restore the copy that it left beside the database when it was installed",
                    path, (long long)*out, (long long)schema_newest());
    return r;
}

static int copy_aside(struct sqlite *db, const char *path, int64_t v, struct err *err_out)
{
    char to[4096];
    int n = snprintf(to, sizeof to, "%s.schema-%lld", path, (long long)v);
    if (n < 0 || (size_t)n >= sizeof to)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", path);
    (void)unlink(to); /* of a migration that did not come to its end */
    return sqlite_backup(db, to, err_out);
}

/* One migration and its number, or neither. */
static int apply(struct sqlite *db, int64_t n, struct err *err_out)
{
    char mark[64];
    (void)snprintf(mark, sizeof mark, "PRAGMA user_version=%lld", (long long)n + 1);
    int r = sqlite_run(db, "BEGIN IMMEDIATE", err_out);
    if (r == 0)
        r = sqlite_run(db, migrations[n], err_out);
    if (r == 0)
        r = sqlite_run(db, mark, err_out);
    if (r == 0)
        r = sqlite_run(db, "COMMIT", err_out);
    if (r && sqlite_in_transaction(db) && sqlite_run(db, "ROLLBACK", NULL) < 0)
        return r; /* closing rolls back, too */
    return r;
}

int schema_update(struct sqlite *db, const char *path, struct err *err_out)
{
    int64_t v = 0;
    int r = version(db, path, &v, err_out);
    if (r == 0 && v > 0 && v < schema_newest())
        r = copy_aside(db, path, v, err_out);
    while (r == 0 && v < schema_newest())
        r = apply(db, v++, err_out);
    if (r)
        (void)err_while(err_out, "bringing the database up to date");
    return r;
}

int schema_expect(struct sqlite *db, const char *path, struct err *err_out)
{
    int64_t v = 0;
    int r = version(db, path, &v, err_out);
    if (r == 0 && v < schema_newest())
        r = err_set(
            err_out, -ENOTSUP,
            "%s: is of an older Sekisho; start sekisho-keeper once, which brings it up to date",
            path);
    return r;
}
