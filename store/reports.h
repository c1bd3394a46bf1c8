/* SPDX-License-Identifier: Apache-2.0 */
/* reports - rows about scanned mails: written by the keeper within its transactions, read by
 * commands.
 *
 * What nobody waits for is written later, from what stands in the database: the full text index
 * here, the log for other systems in ecs.h. A crash loses none of it.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "store/sqlite.h"
#include "wire/keep.h"

struct reports;

int reports_open(struct sqlite *db, struct arena *mem, struct reports **out,
                 struct err *err_out) MUST_USE;
void reports_close(struct reports **r);

/* What lies in the vault for a mail. */
struct reports_original {
    const uint8_t *name; /* VAULT_NAME bytes; NULL: nothing */
    uint64_t stored;
};
/* Within a transaction. 1: the very same stands there already, and has its original now if it had
 * none; -EEXIST: another with this reference, and nothing was written. `digest`: SHA-256 of the
 * report. */
int reports_put(struct reports *r, const struct keep_put *p, const uint8_t digest[32],
                const struct reports_original *original, struct err *err_out) MUST_USE;
/* Within a transaction, into the history of a mail; -ENOENT: there is none of this reference. */
int reports_deed(struct reports *r, int64_t time_ms, slice reference, slice who, slice verb,
                 slice note, struct err *err_out) MUST_USE;
/* Whether a mail may be released: not while it is, or was, or nobody knows. *last_out: how it
 * stands, at most 32 bytes. -ENOENT. */
int reports_released(struct reports *r, slice reference, char last_out[32],
                     struct err *err_out) MUST_USE;
/* Within a transaction: takes a mail's original from it. *gone_out: nobody else has it, so that the
 * file is to be removed after the commit. -ENOENT. */
int reports_drop_original(struct reports *r, slice reference, uint8_t name_out[32], bool *gone_out,
                          struct err *err_out) MUST_USE;
/* Whether an original is in use; an error counts as yes. */
bool reports_knows_original(struct reports *r, const uint8_t name[32]);
/* Within a transaction: at most n mails into the full text index; returns how many, or an error. */
int reports_index(struct reports *r, int n, struct err *err_out) MUST_USE;

/* For readers, too. The report in JSON; -ENOENT. */
int reports_get(struct sqlite *db, slice reference, struct buf *out, struct err *err_out) MUST_USE;

/* A number or mark that the store keeps of itself; missing: 0 and nothing. */
int reports_fact_get(struct sqlite *db, const char *name, int64_t *number_out, struct buf *mark_out,
                     struct err *err_out) MUST_USE;
int reports_fact_set(struct sqlite *db, const char *name, int64_t number, slice mark,
                     struct err *err_out) MUST_USE;
