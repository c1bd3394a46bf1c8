/* SPDX-License-Identifier: Apache-2.0 */
/* lockedzip - writes an AES-256 encrypted ZIP (WinZip AE-2, APPNOTE 6.3.10), so
 * that extracted hostile parts can be handed on without anything opening them. */
#pragma once
#include "base/buf.h"
#include "base/check.h"

struct lockedzip {
    struct buf out;       /* the archive so far */
    struct buf directory; /* its central directory so far */
    slice password;
    unsigned entries;
};

struct lockedzip lockedzip_new(slice password, size_t max);
/* `salt`: 16 random bytes. Name is UTF-8. Negative: more than a ZIP file, or this one, may hold. */
int lockedzip_add(struct lockedzip *z, slice name, slice bytes, const uint8_t salt[16]) MUST_USE;
/* Ends the archive; its bytes are in z->out until lockedzip_drop(). */
int lockedzip_end(struct lockedzip *z) MUST_USE;
void lockedzip_drop(struct lockedzip *z);
