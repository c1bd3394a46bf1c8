/* SPDX-License-Identifier: Apache-2.0 */
/* The seam in front of SQLite (3.40 or later); see sqlite.h.
 *
 * Settings follow sqlite.org/security.html ("untrusted database files") and /wal.html: the file may
 * have been restored from anywhere, and what it holds was written by strangers.
 */
#include "store/sqlite.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>

enum { BUSY_MS = 5000, PATH_ROOM = 4096 };

struct sqlite_query {
    sqlite3_stmt *statement;
    struct sqlite *db;
};

struct sqlite {
    sqlite3 *handle;
    char path[PATH_ROOM];
};

/* What the library's codes mean to whoever runs this. */
static int code_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_NOMEM ? -ENOMEM : -EIO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_CONSTRAINT:
        return -EEXIST;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CANTOPEN:
        return -ENOENT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return -EACCES;
    case SQLITE_TOOBIG:
        return -EFBIG;
    default:
        return -EINVAL;
    }
}

static const char *advice(int code)
{
    switch (code) {
    case -ENOSPC:
        return "; make room, it goes on by itself";
    case -EIO:
        return "; look at the disk (dmesg) and make room";
    case -EBUSY:
        return "; another program has locked it";
    case -EUCLEAN:
        return "; restore a backup, or move it away to begin a new one";
    case -EACCES:
        return "; it must belong to the user who runs this";
    default:
        return "";
    }
}

static int trouble(struct sqlite *db, int rc, struct err *err_out)
{
    int code = code_of(rc), system = sqlite3_system_errno(db->handle);
    if ((code == -EIO || code == -ENOENT) && (system == ENOSPC || system == EDQUOT))
        code = -ENOSPC;
    return err_set(err_out, code, "%s: %s%s", db->path, sqlite3_errmsg(db->handle), advice(code));
}

static int configure(struct sqlite *db, enum sqlite_open how, struct err *err_out)
{
    int on = 0;
    bool ok =
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &on) == SQLITE_OK &&
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &on) == SQLITE_OK &&
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &on) == SQLITE_OK &&
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, &on) == SQLITE_OK &&
        sqlite3_busy_timeout(db->handle, BUSY_MS) == SQLITE_OK;
    if (!ok)
        return err_set(err_out, -EINVAL, "%s: this SQLite (%s) is too old; 3.40 is needed",
                       db->path, sqlite3_libversion());
    /* The keeper checkpoints when it has nothing to answer; this is only for when it never has. */
    return sqlite_run(
        db,
        how == SQLITE_FOR_WRITING
            ? "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
              "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;"
              "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384;"
            : "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
              "PRAGMA query_only=ON;",
        err_out);
}

int sqlite_open(const char *path, enum sqlite_open how, struct sqlite **out, struct err *err_out)
{
    if (strlen(path) >= PATH_ROOM)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", path);
    struct sqlite *db = sqlite3_malloc((int)sizeof *db);
    if (!db)
        return err_set(err_out, -ENOMEM, "out of memory");
    (void)snprintf(db->path, sizeof db->path, "%s", path);
    int flags = (how == SQLITE_FOR_WRITING ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                           : SQLITE_OPEN_READONLY) |
                SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    int rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
    int r = rc == SQLITE_OK ? configure(db, how, err_out)
            : db->handle    ? trouble(db, rc, err_out)
                            : err_set(err_out, -ENOMEM, "out of memory");
    if (r)
        sqlite_close(&db);
    else
        *out = db;
    return r;
}

void sqlite_close(struct sqlite **db)
{
    if (!*db)
        return;
    (void)sqlite3_close_v2((*db)->handle);
    sqlite3_free(*db);
    *db = NULL;
}

int sqlite_run(struct sqlite *db, const char *sql, struct err *err_out)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : trouble(db, rc, err_out);
}

int sqlite_number(struct sqlite *db, const char *sql, int64_t *out, struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int r = sqlite_prepare(db, sql, &q, err_out);
    if (r)
        return r;
    r = sqlite_row(q, err_out);
    if (r == 1)
        *out = sqlite_int(q, 0);
    sqlite_drop(&q);
    return r == 1   ? 0
           : r == 0 ? err_set(err_out, -ENOENT, "%s: no answer to %s", db->path, sql)
                    : r;
}

int sqlite_prepare(struct sqlite *db, const char *sql, struct sqlite_query **out,
                   struct err *err_out)
{
    struct sqlite_query *q = sqlite3_malloc((int)sizeof *q);
    if (!q)
        return err_set(err_out, -ENOMEM, "out of memory");
    *q = (struct sqlite_query){ .db = db };
    int rc =
        sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->statement, NULL);
    if (rc != SQLITE_OK || !q->statement) {
        sqlite3_free(q);
        return trouble(db, rc, err_out);
    }
    *out = q;
    return 0;
}

void sqlite_drop(struct sqlite_query **q)
{
    if (!*q)
        return;
    (void)sqlite3_finalize((*q)->statement); /* says again what the last step said */
    sqlite3_free(*q);
    *q = NULL;
}

void sqlite_bind_int(struct sqlite_query *q, int n, int64_t v)
{
    CHECK(sqlite3_bind_int64(q->statement, n, v) == SQLITE_OK);
}

/* What is too long for a cell is refused by the step. */
void sqlite_bind_text(struct sqlite_query *q, int n, slice s)
{
    int rc = sqlite3_bind_text64(q->statement, n, s.len ? (const char *)s.at : "", s.len,
                                 SQLITE_STATIC, SQLITE_UTF8);
    CHECK(rc == SQLITE_OK || rc == SQLITE_TOOBIG || rc == SQLITE_NOMEM);
}

void sqlite_bind_bytes(struct sqlite_query *q, int n, slice s)
{
    int rc =
        sqlite3_bind_blob64(q->statement, n, s.len ? (const void *)s.at : "", s.len, SQLITE_STATIC);
    CHECK(rc == SQLITE_OK || rc == SQLITE_TOOBIG || rc == SQLITE_NOMEM);
}

void sqlite_bind_null(struct sqlite_query *q, int n)
{
    CHECK(sqlite3_bind_null(q->statement, n) == SQLITE_OK);
}

int sqlite_row(struct sqlite_query *q, struct err *err_out)
{
    int rc = sqlite3_step(q->statement);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : trouble(q->db, rc, err_out);
}

int sqlite_step(struct sqlite_query *q, struct err *err_out)
{
    int r;
    while ((r = sqlite_row(q, err_out)) == 1)
        ;
    sqlite_done(q);
    return r;
}

void sqlite_done(struct sqlite_query *q)
{
    (void)sqlite3_reset(q->statement);
    (void)sqlite3_clear_bindings(q->statement);
}

int64_t sqlite_int(struct sqlite_query *q, int column)
{
    return sqlite3_column_int64(q->statement, column);
}

slice sqlite_text(struct sqlite_query *q, int column)
{
    const void *at =
        sqlite3_column_blob(q->statement, column); /* the bytes of a text as they are */
    int n = sqlite3_column_bytes(q->statement, column);
    return at && n > 0 ? (slice){ at, (size_t)n } : (slice){ 0 };
}

bool sqlite_is_null(struct sqlite_query *q, int column)
{
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

int64_t sqlite_last_row(struct sqlite *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t sqlite_changes(struct sqlite *db)
{
    return sqlite3_changes64(db->handle);
}

bool sqlite_in_transaction(struct sqlite *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

int sqlite_checkpoint(struct sqlite *db, bool shrink, struct err *err_out)
{
    /* Waiting for readers here would keep mail waiting. */
    (void)sqlite3_busy_timeout(db->handle, 0);
    int rc = sqlite3_wal_checkpoint_v2(
        db->handle, NULL, shrink ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL,
        NULL);
    int r = rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY ? 0 : trouble(db, rc, err_out);
    (void)sqlite3_busy_timeout(db->handle, BUSY_MS);
    return r;
}

int sqlite_backup(struct sqlite *db, const char *to, struct err *err_out)
{
    struct sqlite copy = { 0 };
    if (strlen(to) >= PATH_ROOM)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", to);
    (void)snprintf(copy.path, sizeof copy.path, "%s", to);
    int rc = sqlite3_open_v2(
        to, &copy.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
    if (!copy.handle)
        return err_set(err_out, -ENOMEM, "out of memory");
    int r = rc == SQLITE_OK ? 0 : trouble(&copy, rc, err_out);
    sqlite3_backup *b = r ? NULL : sqlite3_backup_init(copy.handle, "main", db->handle, "main");
    if (!r && !b)
        r = trouble(&copy, sqlite3_errcode(copy.handle), err_out);
    if (b) {
        rc = sqlite3_backup_step(b,
                                 -1); /* in pieces it would begin anew with each commit of others */
        int end = sqlite3_backup_finish(b);
        if (rc != SQLITE_DONE)
            r = trouble(&copy, end != SQLITE_OK ? end : rc, err_out);
    }
    if (!r) /* one file, without a log beside it */
        r = sqlite_run(&copy, "PRAGMA journal_mode=DELETE", err_out);
    (void)sqlite3_close_v2(copy.handle);
    return r;
}

int sqlite_check(struct sqlite *db, struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int r = sqlite_prepare(db, "PRAGMA integrity_check(1)", &q, err_out);
    if (r)
        return r;
    r = sqlite_row(q, err_out);
    slice said = r == 1 ? sqlite_text(q, 0) : (slice){ 0 };
    if (r >= 0)
        r = slice_is(said, "ok")
                ? 0
                : err_set(err_out, -EUCLEAN, "%s: damaged: %.*s", db->path, SLICE_FMT(said));
    sqlite_drop(&q);
    return r;
}
