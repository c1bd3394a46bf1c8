/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody waits for: the full text index, the log for other systems, the audit file's sync, the
 * write-ahead log's way into the database, and deleting what is old. In pieces of some
 * milliseconds, so that a PUT that comes meanwhile waits no longer. */
#include "os/clock.h"
#include "store/keeper_private.h"

enum {
    SOON_US = 20000, /* after a commit */
    BUSY_US = 5000,  /* a commit less than this ago: somebody is at work, and we let him */
    STEP_US = 1000,  /* between two pieces */
    SETTLE_US = 1000000,
    TIDY_US = 60 * 1000000,
    INDEX_STEP = 32,
    ECS_STEP = 256,
    BACKLOG_TURNS = 4, /* then it is done all the same */
};

void keeper_idle_soon(struct keeper *k)
{
    if (!k->idle_set)
        k->idle_set = loop_after(k->loop, &k->idle_timer, SOON_US);
}

static int index_some(struct keeper *k, struct err *err_out)
{
    int r = sqlite_run(k->db, "BEGIN IMMEDIATE", err_out);
    if (r)
        return r;
    int n = reports_index(k->reports, INDEX_STEP, err_out);
    r = n > 0 ? sqlite_run(k->db, "COMMIT", err_out) : n;
    if ((r < 0 || n == 0) && sqlite_in_transaction(k->db)) {
        int back = sqlite_run(k->db, "ROLLBACK", r < 0 ? NULL : err_out);
        r = r < 0 ? r : back;
    }
    return r < 0 ? r : n;
}

static int tidy(struct keeper *k, struct err *err_out)
{
    const struct retention r = { .db = k->db,
                                 .vault = k->vault,
                                 .audit = k->audit,
                                 .original_days = k->settings.original_days,
                                 .report_days = k->settings.report_days,
                                 .originals_max = k->settings.originals_max };
    int n = retention_step(&r, clock_ms_utc(), err_out);
    if (n <= 0)
        k->tidying = false;
    int code = n < 0 ? n : retention_stored(k->db, &k->stored, err_out);
    return code < 0 ? code : n;
}

static bool known(void *host, const uint8_t name[VAULT_NAME])
{
    struct keeper *k = host;
    return reports_knows_original(k->reports, name);
}

/* An original that no row knows may be of a database that was put back from a copy: it is kept as
 * long as any other. */
static void sweep(struct keeper *k)
{
    int64_t days = k->settings.original_days ? k->settings.original_days : 3650;
    (void)vault_sweep(k->vault, k->sweep_at++, clock_ms_utc() / 1000 - days * 86400, known, k);
}

/* What is due by the clock. */
static int periodic(struct keeper *k, uint64_t now, struct err *err_out)
{
    int r = 0;
    if (k->commits_settled != k->counts.commits && now - k->checkpoint_us >= SETTLE_US) {
        k->checkpoint_us = now;
        k->commits_settled = k->counts.commits;
        r = audit_settle(k->audit, err_out);
        if (r == 0 && k->ecs)
            r = ecs_settle(k->ecs, err_out);
        if (r == 0)
            r = sqlite_checkpoint(k->db, false, err_out);
        if (r < 0)
            k->commits_settled--; /* again */
    }
    if (r == 0 && now - k->tidy_us >= TIDY_US) {
        k->tidy_us = now;
        k->tidying = true;
        sweep(k);
    }
    return r;
}

/* One piece; how many things it did, or an error. */
static int piece(struct keeper *k, struct err *err_out)
{
    int r = audit_follow(k->audit, err_out), n = 0;
    if (r == 0)
        n = r = index_some(k, err_out);
    if (r >= 0 && k->ecs) {
        r = ecs_follow(k->ecs, ECS_STEP, err_out);
        n += r > 0 ? r : 0;
    }
    if (r >= 0 && k->tidying) {
        r = tidy(k, err_out);
        n += r > 0 ? r : 0;
    }
    if (r >= 0)
        r = periodic(k, clock_us(), err_out);
    return r < 0 ? r : n;
}

void keeper_idle(struct keeper *k)
{
    struct err e = { 0 };
    uint64_t again = SETTLE_US;
    k->idle_set = false;
    bool busy = k->n_batch || clock_us() - k->dirty_us < BUSY_US;
    if (busy && ++k->held_back < BACKLOG_TURNS) {
        again = BUSY_US;
    } else {
        k->held_back = 0;
        keeper_commit(
            k); /* an original that is waiting for its row must not pass for one that nobody has */
        int r = piece(k, &e);
        keeper_said(&k->idle_trouble, r < 0 ? r : 0, e.text);
        again = r > 0 ? STEP_US : busy ? BUSY_US : SETTLE_US;
    }
    k->idle_set = loop_after(k->loop, &k->idle_timer, again);
}

void keeper_idle_last(struct keeper *k)
{
    struct err e = { 0 };
    if (audit_settle(k->audit, &e) < 0 || (k->ecs && ecs_settle(k->ecs, &e) < 0) ||
        sqlite_checkpoint(k->db, true, &e) < 0)
        keeper_said(&k->idle_trouble, e.code, e.text);
}
