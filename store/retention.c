/* SPDX-License-Identifier: Apache-2.0 */
/* Deletes what is old; see retention.h. */
#include "store/retention.h"

#include <errno.h>
#include <stdio.h>

enum { STEP = 64 };
static const int64_t DAY_MS = 86400000;

/* Names of originals, collected first: rows are not to change under the statement that reads them.
 */
struct names {
    uint8_t at[STEP][VAULT_NAME];
    size_t n;
};

static int collect(const struct retention *r, const char *sql, int64_t before, struct names *out,
                   struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int code = sqlite_prepare(r->db, sql, &q, err_out);
    if (code)
        return code;
    sqlite_bind_int(q, 1, before);
    out->n = 0;
    while (out->n < STEP && (code = sqlite_row(q, err_out)) == 1)
        if (slice_copy_out(sqlite_text(q, 0), out->at[out->n], VAULT_NAME) == VAULT_NAME)
            out->n++;
    sqlite_drop(&q);
    return code < 0 ? code : 0;
}

static int forget_original(const struct retention *r, const uint8_t name[VAULT_NAME],
                           const char *why, int64_t now_ms, struct err *err_out)
{
    static const char *const sql[] = { "UPDATE mails SET original = NULL WHERE original = ?1",
                                       "DELETE FROM originals WHERE name = ?1" };
    struct sqlite_query *q = NULL;
    struct audit_deed deed = {
        .time_ms = now_ms, .what = "expire", .who = SLICE_LIT("keeper"), .note = slice_of(why)
    };
    int code =
        sqlite_prepare(r->db, "SELECT reference FROM mails WHERE original = ?1", &q, err_out);
    if (code == 0)
        sqlite_bind_bytes(q, 1, (slice){ name, VAULT_NAME });
    while (code == 0 && (code = sqlite_row(q, err_out)) == 1) {
        deed.reference = sqlite_text(q, 0);
        code = audit_note(r->audit, &deed, err_out);
    }
    sqlite_drop(&q);
    for (size_t i = 0; i < 2 && code == 0; i++) {
        code = sqlite_prepare(r->db, sql[i], &q, err_out);
        if (code == 0) {
            sqlite_bind_bytes(q, 1, (slice){ name, VAULT_NAME });
            code = sqlite_step(q, err_out);
        }
        sqlite_drop(&q);
    }
    return code;
}

static int end(const struct retention *r, int code, struct err *err_out)
{
    if (code == 0)
        code = sqlite_run(r->db, "COMMIT", err_out);
    if (code && sqlite_in_transaction(r->db) && sqlite_run(r->db, "ROLLBACK", NULL) < 0)
        code = code < 0 ? code : -EIO;
    audit_ended(r->audit, code == 0);
    return code;
}

/* Files go when the database has forgotten them for good. */
static int drop_originals(const struct retention *r, const struct names *names, const char *why,
                          int64_t now_ms, struct err *err_out)
{
    if (names->n == 0)
        return 0;
    int code = sqlite_run(r->db, "BEGIN IMMEDIATE", err_out);
    if (code)
        return code;
    for (size_t i = 0; i < names->n && code == 0; i++)
        code = forget_original(r, names->at[i], why, now_ms, err_out);
    code = end(r, code, err_out);
    for (size_t i = 0; i < names->n && code == 0; i++)
        code = vault_remove(r->vault, names->at[i], err_out);
    return code ? code : (int)names->n;
}

static int drop_reports(const struct retention *r, int64_t before, int64_t now_ms,
                        struct err *err_out)
{
    /* What a mail still has in the vault keeps it. The chosen are the same in each statement: ids
     * are given in the order of time, or nearly. The newest stays until another one has come:
     * SQLite would give its id away again, and ecs_follow() take the next mail for one that it has
     * told. */
#define CHOSEN                                                                                     \
    "(SELECT id FROM mails WHERE time_ms < ?1 AND original IS NULL"                                \
    " AND id < (SELECT max(id) FROM mails) ORDER BY time_ms LIMIT 64)"
    static const char *const sql[] = {
        "DELETE FROM texts WHERE rowid IN " CHOSEN,
        "DELETE FROM deeds WHERE reference IN (SELECT reference FROM mails WHERE id IN " CHOSEN ")",
        "DELETE FROM mails WHERE id IN " CHOSEN,
    };
#undef CHOSEN
    struct sqlite_query *q = NULL;
    int64_t n = 0;
    int code = sqlite_prepare(
        r->db,
        "SELECT 1 FROM mails WHERE time_ms < ?1 AND original IS NULL AND id < (SELECT max(id) FROM "
        "mails) LIMIT 1",
        &q, err_out);
    if (code)
        return code;
    sqlite_bind_int(q, 1, before);
    code = sqlite_row(q, err_out);
    sqlite_drop(&q);
    if (code != 1)
        return code;
    code = sqlite_run(r->db, "BEGIN IMMEDIATE", err_out);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof sql / sizeof sql[0] && code == 0; i++) {
        code = sqlite_prepare(r->db, sql[i], &q, err_out);
        if (code == 0) {
            sqlite_bind_int(q, 1, before);
            code = sqlite_step(q, err_out);
            n = sqlite_changes(r->db);
        }
        sqlite_drop(&q);
    }
    char note[64];
    (void)snprintf(note, sizeof note, "%lld reports whose days are over", (long long)n);
    if (code == 0)
        code = audit_note(r->audit,
                          &(struct audit_deed){ .time_ms = now_ms,
                                                .what = "expire",
                                                .who = SLICE_LIT("keeper"),
                                                .note = slice_of(note) },
                          err_out);
    code = end(r, code, err_out);
    return code ? code : (int)n;
}

int retention_stored(struct sqlite *db, uint64_t *out, struct err *err_out)
{
    int64_t n = 0;
    int code = sqlite_number(db, "SELECT coalesce(sum(stored), 0) FROM originals", &n, err_out);
    *out = n > 0 ? (uint64_t)n : 0;
    return code;
}

int retention_step(const struct retention *r, int64_t now_ms, struct err *err_out)
{
    struct names names = { .n = 0 };
    int code = 0;
    uint64_t stored = 0;
    if (r->original_days) {
        code = collect(r, "SELECT name FROM originals WHERE time_ms < ?1 LIMIT 64",
                       now_ms - r->original_days * DAY_MS, &names, err_out);
        if (code == 0)
            code = drop_originals(r, &names, "its days are over", now_ms, err_out);
    }
    if (code == 0 && r->report_days)
        code = drop_reports(r, now_ms - r->report_days * DAY_MS, now_ms, err_out);
    if (code || r->originals_max == 0)
        return code;
    code = retention_stored(r->db, &stored, err_out);
    if (code || stored <= r->originals_max)
        return code;
    /* An original that several mails have goes when none of them waits for a decision. */
    code = collect(r,
                   "SELECT name FROM originals o WHERE ?1 IS NOT NULL AND NOT EXISTS ("
                   " SELECT 1 FROM mails m WHERE m.original = o.name AND m.deed <> 'reject'"
                   " AND NOT EXISTS (SELECT 1 FROM deeds d WHERE d.reference = m.reference AND "
                   "d.verb = 'released')"
                   ") ORDER BY time_ms LIMIT 16",
                   0, &names, err_out);
    return code ? code : drop_originals(r, &names, "the vault is full", now_ms, err_out);
}
