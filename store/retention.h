/* SPDX-License-Identifier: Apache-2.0 */
/* retention - what is deleted when, in small steps:
 *
 *   1. originals whose days are over; the mail's report says on that there was one
 *   2. reports whose days are over, with all that is known of the mail
 *   3. over the size limit: originals of mails that were rejected (the sender was told) or released
 *      already, oldest first. One that is held and that nobody has decided on is never deleted for
 * want of room: then no more is taken, and mail is temp-failed.
 *
 * The audit log is not touched: it says what was deleted.
 */
#pragma once
#include "store/audit.h"
#include "store/vault.h"

struct retention {
    struct sqlite *db;
    struct vault *vault;
    struct audit *audit;
    uint32_t original_days, report_days; /* 0: for ever */
    uint64_t originals_max;              /* bytes on disk; 0: no limit */
};

/* One step, at most some 64 rows, in a transaction of its own. How many it deleted, or an error. */
int retention_step(const struct retention *r, int64_t now_ms, struct err *err_out) MUST_USE;
/* Bytes that all originals have on disk. */
int retention_stored(struct sqlite *db, uint64_t *out, struct err *err_out) MUST_USE;
