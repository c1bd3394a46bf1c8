/* SPDX-License-Identifier: Apache-2.0 */
/* audit - what was done with mails, when and by whom: a line of JSON each, chained by hashes, so
 * that a line that was changed, taken out or put in later is named.
 *
 *     {"seq":7,"time":"2026-11-22T16:40:00.123Z","prev":H,"what":...,"reference":...,...,"mac":M}
 *
 * prev is the SHA-256 of the line before, without its end; mac is HMAC-SHA-256 of all in front of
 * `,"mac"`, with a key drawn from the store's: who has not the key cannot write the chain anew.
 *
 * A line is made in the transaction of the deed itself, so that neither is without the other; the
 * file follows after the commit. The database keeps what may not be in the file yet and always the
 * newest line, by which lines cut off the end are missed. Files are named by their first line's
 * number and a new one begins where one is full; the chain goes on.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "store/keys.h"
#include "store/sqlite.h"

struct audit;

/* A torn line at the file's end is cut off; audit_follow() writes what the file lacks. `keys` and
 * db must outlive it. */
int audit_open(struct sqlite *db, const char *folder, uint64_t file_max, const struct keys *keys,
               struct arena *mem, struct audit **out, struct err *err_out) MUST_USE;
void audit_close(struct audit **a);

struct audit_deed {
    int64_t time_ms;
    const char *what; /* "kept" "release" "delete" "expire" ... */
    slice reference, who, note, verdict, deed;
    const uint8_t *report; /* SHA-256 of the report, or NULL */
};
/* Within a transaction of db. */
int audit_note(struct audit *a, const struct audit_deed *d, struct err *err_out) MUST_USE;
/* How the transaction ended. */
void audit_ended(struct audit *a, bool committed);
/* Appends what was committed. Fails on a full disk: the lines wait in the database. */
int audit_follow(struct audit *a, struct err *err_out) MUST_USE;
/* Makes the file last, and forgets in the database what is in it. Not within a transaction. */
int audit_settle(struct audit *a, struct err *err_out) MUST_USE;

/* The newest lines that the database knows: taken before a check, they tell what is missing at the
 * end. */
struct audit_end {
    int64_t from, seq; /* lines before `from` are in the file for sure; 0: there are none */
    uint8_t hash[32];  /* of line `seq` */
};
int audit_end_of(struct sqlite *db, struct audit_end *out, struct err *err_out) MUST_USE;

enum audit_fault {
    AUDIT_WHOLE,
    AUDIT_NO_LINE, /* changed, torn or put in: not of the form in which lines are written */
    AUDIT_TORN,
    AUDIT_FIRST, /* says it is the first, yet names one before it */
    AUDIT_AGAIN, /* a second time, or in the wrong order */
    AUDIT_GAP,   /* lines before it are missing */
    AUDIT_CHAIN, /* does not fit the line before it: that one was changed */
    AUDIT_MAC,   /* changed, or written without the key */
    AUDIT_OTHER, /* not the line that was written, by the database */
    AUDIT_CUT,   /* the last; lines behind it were cut off */
    AUDIT_FAULTS
};
const char *audit_fault_name(enum audit_fault f); /* "no_line" "torn" ... */

/* What a check of the chain found. */
struct audit_result {
    uint64_t files, lines;
    int64_t first, last;    /* numbers */
    uint8_t hash[32];       /* of the last line */
    enum audit_fault fault; /* not AUDIT_WHOLE: where */
    char file[512];
    uint64_t line; /* in the file, from 1 */
};
/* One file, or all of a folder in order. `keys` may be NULL: the chain alone is checked; so may
 * `end`. An error only when something could not be read. */
int audit_verify(const char *path, const struct keys *keys, const struct audit_end *end,
                 struct audit_result *out, struct err *err_out) MUST_USE;
