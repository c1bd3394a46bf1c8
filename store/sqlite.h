/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite - the database file; seam in front of SQLite.
 *
 * A connection is opened with all that makes a damaged or planted file harmless
 * (defensive, trusted_schema off, no extensions, cell checks) and so that a
 * commit is on disk when it returns (WAL, synchronous=FULL). Errors name the
 * file and say what to do: -ENOSPC disk full, -EIO, -EBUSY, -EUCLEAN damaged,
 * -EEXIST a row that may be there once.
 *
 * A query borrows its texts until sqlite_done() or the next sqlite_row().
 */
#pragma once
#include "base/err.h"
#include "base/slice.h"

struct sqlite;
struct sqlite_query;

enum sqlite_open { SQLITE_FOR_READING, SQLITE_FOR_WRITING };

int sqlite_open(const char *path, enum sqlite_open how, struct sqlite **out,
                struct err *err_out) MUST_USE;
void sqlite_close(struct sqlite **db);
/* Statements without values or rows, several with ';'. */
int sqlite_run(struct sqlite *db, const char *sql, struct err *err_out) MUST_USE;
/* The one number a statement yields; -ENOENT: no row. */
int sqlite_number(struct sqlite *db, const char *sql, int64_t *out, struct err *err_out) MUST_USE;

/* Kept for the connection's life by whoever asked; sql is a constant of ours, never text of others.
 */
int sqlite_prepare(struct sqlite *db, const char *sql, struct sqlite_query **out,
                   struct err *err_out) MUST_USE;
void sqlite_drop(struct sqlite_query **q);
/* Parameters ?1, ?2 ... Bytes must stay until sqlite_done(). */
void sqlite_bind_int(struct sqlite_query *q, int n, int64_t v);
void sqlite_bind_text(struct sqlite_query *q, int n, slice s);
void sqlite_bind_bytes(struct sqlite_query *q, int n, slice s);
void sqlite_bind_null(struct sqlite_query *q, int n);
/* 1: a row; 0: no more. */
int sqlite_row(struct sqlite_query *q, struct err *err_out) MUST_USE;
/* To its end, and ready for other values. */
int sqlite_step(struct sqlite_query *q, struct err *err_out) MUST_USE;
void sqlite_done(struct sqlite_query *q); /* ready for other values, which are forgotten */
int64_t sqlite_int(struct sqlite_query *q, int column);
slice sqlite_text(struct sqlite_query *q, int column); /* text or bytes; empty for NULL */
bool sqlite_is_null(struct sqlite_query *q, int column);
int64_t sqlite_last_row(struct sqlite *db);
int64_t sqlite_changes(struct sqlite *db); /* rows of the last statement */
bool sqlite_in_transaction(struct sqlite *db);

/* Pages of the write-ahead log into the file; with `shrink` the log is cut to nothing when nobody
 * reads. Returns 0 also when a reader was in the way. */
int sqlite_checkpoint(struct sqlite *db, bool shrink, struct err *err_out) MUST_USE;
/* Copies the database, while others go on, into a file that must not exist yet. */
int sqlite_backup(struct sqlite *db, const char *to, struct err *err_out) MUST_USE;
/* -EUCLEAN when pages or rows contradict each other. */
int sqlite_check(struct sqlite *db, struct err *err_out) MUST_USE;
