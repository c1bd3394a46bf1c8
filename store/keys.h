/* SPDX-License-Identifier: Apache-2.0 */
/* keys - the store's secrets, all drawn from one key in a file of its own: 32 random bytes, made at
 * the first start, readable by its owner alone. Kept apart from database and vault, so that a copy
 * of these tells nothing of what mails held. Whoever loses it loses the originals: it belongs into
 * a safe.
 *
 * Each secret is HMAC-SHA-256(key, purpose) (RFC 5869 2.3 with one block).
 */
#pragma once
#include "base/err.h"
#include "base/slice.h"

enum { KEYS_BYTES = 32, KEYS_MARK = 8 };

struct keys {
    uint8_t seal[KEYS_BYTES];  /* originals */
    uint8_t name[KEYS_BYTES];  /* their names */
    uint8_t audit[KEYS_BYTES]; /* lines of the audit log */
    uint8_t mark[KEYS_MARK];   /* tells keys apart, and nothing of them */
};

/* `make`: a missing file is made. -EPERM: others may read it; -EUCLEAN: no key file. */
int keys_load(const char *path, bool make, struct keys *out, struct err *err_out) MUST_USE;
void keys_wipe(struct keys *k);
