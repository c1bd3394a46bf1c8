/* SPDX-License-Identifier: Apache-2.0 */
/* PUTs become a transaction; see keeper.h.
 *
 * Order within a commit: originals are on disk under their names, then the rows that speak of them,
 * then KEPT. A crash between leaves an original that nobody knows, which is swept (store/vault.h),
 * never a row without its original. */
#include "base/hash.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/spool.h"
#include "store/keeper_private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void keeper_said(int *last, int code, const char *text)
{
    if (code == *last)
        return;
    if (code)
        log_line(LOG_LEVEL_ERROR, "%s", text);
    else
        log_line(LOG_LEVEL_NOTICE, "the record is written again");
    *last = code;
}

static void refuse(struct pending *p, int code, const char *why)
{
    p->error = code;
    (void)snprintf(p->why, sizeof p->why, "%s", why);
}

/* Room on the disk and in the vault, before anything is written. */
static int room(struct keeper *k, const struct keep_put *p, struct err *err_out)
{
    if (k->n_batch == 0) {
        uint64_t left = spool_free(k->settings.folder), beside = spool_free(k->settings.vault);
        k->no_room = (left < beside ? left : beside) < k->settings.spare;
    }
    if (k->no_room)
        return err_set(err_out, -ENOSPC, "%s: too little room is left on the disk",
                       k->settings.folder);
    if (p->vault && k->settings.originals_max && k->stored > k->settings.originals_max) {
        k->tidying = true; /* what may go, goes; until then nothing is held back */
        return err_set(err_out, -ENOSPC,
                       "%s: the vault is full; release or delete what is held, or raise its limit",
                       k->settings.vault);
    }
    return 0;
}

static int take_original(struct keeper *k, struct pending *p, int fd, struct err *err_out)
{
    if (p->put.has_fd != (fd >= 0))
        return err_set(err_out, -EINVAL, "the original's file did not come with its message");
    const struct vault_source s = { .bytes = p->put.body, .fd = fd, .size = p->put.size };
    int r = vault_put(k->vault, &s, k->item_mem, &p->item, err_out);
    if (r == 0)
        k->stored += vault_item_stored(p->item);
    return r;
}

void keeper_take(struct keeper *k, struct peer *from, slice payload, int fd, bool *sane_out)
{
    struct err e = { 0 };
    /* The payload is gone after this call: what is read must be a copy. */
    slice own = arena_copy(k->batch_mem, payload);
    struct pending *p = &k->batch[k->n_batch];
    *p = (struct pending){ .peer = from };
    *sane_out = !arena_full(k->batch_mem) && keep_read_put(own, k->batch_mem, &p->put);
    if (!*sane_out)
        return;
    int r = room(k, &p->put, &e);
    if (r == 0 && p->put.vault)
        r = take_original(k, p, fd, &e);
    if (r)
        refuse(p, r, e.text);
    sha256_of(p->put.report, p->digest);
    k->n_batch++;
}

/* Together; when that fails, each for itself, so that one that cannot be had does not take the
 * others along. */
static void settle_originals(struct keeper *k)
{
    struct vault_item *items[BATCH_MAX];
    struct err e = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < k->n_batch; i++)
        if (k->batch[i].item)
            items[n++] = k->batch[i].item;
    if (n == 0 || vault_settle(k->vault, items, n, &e) == 0)
        return;
    for (size_t i = 0; i < k->n_batch; i++) {
        struct pending *p = &k->batch[i];
        int r = p->item ? vault_settle(k->vault, &p->item, 1, &e) : 0;
        if (r)
            refuse(p, r, e.text);
    }
}

static int put_row(struct keeper *k, struct pending *p, struct err *err_out)
{
    const struct reports_original o = { p->item ? vault_item_name(p->item) : NULL,
                                        p->item ? vault_item_stored(p->item) : 0 };
    int r = reports_put(k->reports, &p->put, p->digest, &o, err_out);
    if (r == -EEXIST) {
        refuse(p, r, err_out->text);
        return 0;
    }
    if (r)
        return r < 0 ? r : 0; /* the same came once more */
    const struct audit_deed d = { .time_ms = p->put.time_ms,
                                  .what = "kept",
                                  .reference = p->put.reference,
                                  .who = p->put.door,
                                  .verdict = p->put.verdict,
                                  .deed = p->put.deed,
                                  .report = p->digest };
    return audit_note(k->audit, &d, err_out);
}

static void roll_back(struct keeper *k)
{
    struct err e;
    if (sqlite_in_transaction(k->db) && sqlite_run(k->db, "ROLLBACK", &e) < 0)
        keeper_said(&k->trouble, e.code, e.text);
}

static int put_rows(struct keeper *k, struct err *err_out)
{
    size_t rows = 0;
    for (size_t i = 0; i < k->n_batch; i++)
        rows += k->batch[i].error == 0;
    if (rows == 0)
        return 0;
    int r = sqlite_run(k->db, "BEGIN IMMEDIATE", err_out);
    for (size_t i = 0; i < k->n_batch && r == 0; i++)
        if (k->batch[i].error == 0)
            r = put_row(k, &k->batch[i], err_out);
    if (r == 0)
        r = sqlite_run(k->db, "COMMIT", err_out);
    if (r)
        roll_back(k);
    audit_ended(k->audit, r == 0);
    return r;
}

static void answer(struct keeper *k, struct pending *p)
{
    const struct keep_kept kept = { p->put.id, p->error, slice_of(p->error ? p->why : "") };
    buf_clear(&k->out);
    if (p->error)
        k->counts.refused++;
    else
        k->counts.kept++;
    if (p->peer && keep_put_kept(&k->out, &kept))
        keeper_send(k, p->peer, KEEP_KEPT);
}

void keeper_commit(struct keeper *k)
{
    struct err e = { 0 };
    if (k->commit_set)
        loop_cancel(k->loop, &k->commit_timer);
    k->commit_set = false;
    if (k->n_batch == 0)
        return;
    settle_originals(k);
    int r = put_rows(k, &e), worst = r;
    for (size_t i = 0; i < k->n_batch; i++) {
        struct pending *p = &k->batch[i];
        if (r && p->error == 0)
            refuse(p, r, e.text);
        if (p->error && p->error != -EEXIST && worst == 0) {
            worst = p->error;
            (void)snprintf(e.text, sizeof e.text, "%s", p->why);
        }
        vault_item_drop(&p->item);
    }
    keeper_said(&k->trouble, worst, e.text);
    size_t n = k->n_batch;
    for (size_t i = 0; i < n; i++)
        answer(k, &k->batch[i]);
    k->n_batch = 0;
    arena_reset(k->batch_mem);
    arena_reset(k->item_mem);
    k->counts.commits += r == 0;
    k->dirty_us = clock_us();
    keeper_idle_soon(k);
}

/* ---- orders of people */

static int note(struct keeper *k, const struct keep_order *o, slice who, slice verb,
                struct err *err_out)
{
    char what[KEEP_REFERENCE_MAX + 1] = "";
    (void)slice_copy_out(verb, (uint8_t *)what, sizeof what - 1);
    const struct audit_deed d = { .time_ms = clock_ms_utc(),
                                  .what = what,
                                  .reference = o->reference,
                                  .who = who,
                                  .note = o->note };
    int r = reports_deed(k->reports, d.time_ms, o->reference, who, verb, o->note, err_out);
    return r ? r : audit_note(k->audit, &d, err_out);
}

/* Two who release at the same time, or one whose first try ended in the dark: the mail goes out
 * once. */
static int once(struct keeper *k, const struct keep_order *o, struct err *err_out)
{
    char last[32];
    if (o->what != KEEP_DEED || !slice_is(o->verb, "release") || slice_is(o->argument, "again"))
        return 0;
    int r = reports_released(k->reports, o->reference, last, err_out);
    if (r == 0 && (strcmp(last, "release") == 0 || strcmp(last, "released") == 0))
        r = err_set(err_out, -EALREADY, "%s", last);
    return r;
}

static int change(struct keeper *k, const struct keep_order *o, slice who, struct err *err_out)
{
    uint8_t name[VAULT_NAME];
    bool gone = false;
    int r = sqlite_run(k->db, "BEGIN IMMEDIATE", err_out);
    if (r)
        return r;
    r = once(k, o, err_out);
    if (r == 0)
        r = note(k, o, who, o->what == KEEP_DELETE ? SLICE_LIT("delete") : o->verb, err_out);
    if (r == 0 && o->what == KEEP_DELETE)
        r = reports_drop_original(k->reports, o->reference, name, &gone, err_out);
    if (r == 0)
        r = sqlite_run(k->db, "COMMIT", err_out);
    if (r)
        roll_back(k);
    audit_ended(k->audit, r == 0);
    if (r == 0 && gone)
        r = vault_remove(k->vault, name, err_out);
    if (r == 0 && audit_follow(k->audit, err_out) < 0)
        keeper_said(&k->trouble, err_out->code, err_out->text); /* it waits in the database */
    return r;
}

void keeper_order(struct keeper *k, struct peer *from, const struct keep_order *o)
{
    struct err e = { 0 };
    struct buf who = buf_new(KEEP_ADDRESS_MAX * 2);
    int r = 0;
    keeper_commit(k); /* what it is about may have just come */
    if (from->kind == KEEPER_PERSON)
        buf_format(&who, "uid:%u ", (unsigned)from->user);
    buf_put(&who, o->who);
    if (o->what == KEEP_TIDY)
        k->tidying = true;
    else if (o->what == KEEP_DEED && o->verb.len == 0)
        r = err_set(&e, -EINVAL, "a deed without a name");
    else
        r = change(k, o, buf_slice(&who), &e);
    buf_drop(&who);
    buf_clear(&k->out);
    k->counts.ordered += r == 0;
    if (keep_put_done(&k->out, &(struct keep_done){ o->id, r, slice_of(r ? e.text : "") }))
        keeper_send(k, from, KEEP_DONE);
    keeper_idle_soon(k);
}
