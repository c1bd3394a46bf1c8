/* SPDX-License-Identifier: Apache-2.0 */
/* schema - the tables of the record, by numbered migrations: `PRAGMA user_version` says how many
 * were applied. A released migration is never changed; a new one is added behind it.
 *
 * Before an older database is brought up to date a copy of it is left beside it. One that is newer
 * than this program is refused.
 */
#pragma once
#include "store/sqlite.h"

/* How many there are: the version this program writes. */
int64_t schema_newest(void);
/* Up to date when it returns 0. -ENOTSUP: newer than this program. `path` is the database's. */
int schema_update(struct sqlite *db, const char *path, struct err *err_out) MUST_USE;
/* For readers: 0 when it is the newest; -ENOTSUP else, saying what to do. */
int schema_expect(struct sqlite *db, const char *path, struct err *err_out) MUST_USE;
