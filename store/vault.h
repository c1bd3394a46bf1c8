/* SPDX-License-Identifier: Apache-2.0 */
/* vault - originals of mails, encrypted, each kept once.
 *
 * A file is named by a keyed hash of its content, so that names tell nothing, and lies in a folder
 * named by the hash's first byte. It is sealed in chunks (STREAM, Hoang, Reyhanitabar, Rogaway and
 * Vizar 2015; AES-256-GCM): none may be changed, left out, put elsewhere or cut off the end unseen.
 * Memory is two chunks, whatever the size.
 *
 *     "SKVAULT1", 32 bytes of salt, u64 size of the original, 16 zeros      the head
 *     u32 length and as many sealed bytes, again and again                  a chunk
 *     within: u8 0 and at most 64 KiB, or u8 1 and u64: so many zeros
 *
 * A file's key is HMAC-SHA-256(seal key, salt); a chunk's nonce is 7 zeros, its number (u32, big
 * endian) and 1 for the last; head and name are authenticated with each.
 */
#pragma once
#include "base/arena.h"
#include "store/keys.h"

enum { VAULT_NAME = 32 };

struct vault;

/* Folders are made when it is to be written. `keys` must outlive it. */
int vault_open(const char *folder, const struct keys *keys, bool write, struct arena *mem,
               struct vault **out, struct err *err_out) MUST_USE;

/* What is to be kept: bytes, or a sealed file. */
struct vault_source {
    slice bytes;
    int fd; /* -1: bytes */
    uint64_t size;
};
struct vault_item; /* on its way; in the arena given */
/* Written, but not yet for good. What lies there already, whole, is not written again. */
int vault_put(struct vault *v, const struct vault_source *s, struct arena *mem,
              struct vault_item **out, struct err *err_out) MUST_USE;
const uint8_t *vault_item_name(const struct vault_item *i);
uint64_t vault_item_stored(const struct vault_item *i); /* bytes on disk */
/* All of them are on disk when it returns 0. Each may be dropped afterwards, and must be. */
int vault_settle(struct vault *v, struct vault_item **items, size_t n,
                 struct err *err_out) MUST_USE;
void vault_item_drop(struct vault_item **i);

/* Whole and unchanged, piece by piece: `take` is called with what was authenticated; false ends it
 * (-ECANCELED). take may be NULL, to check only. -ENOENT; -EUCLEAN damaged or of another key. */
int vault_get(struct vault *v, const uint8_t name[VAULT_NAME],
              bool (*take)(void *host, slice bytes), void *host, uint64_t *size_out,
              struct err *err_out) MUST_USE;
int vault_remove(struct vault *v, const uint8_t name[VAULT_NAME], struct err *err_out) MUST_USE;

/* Files of the folder `byte` that are older than `before_s` and that `known` does not know are
 * removed: what a crash left between file and database. How many. */
size_t vault_sweep(struct vault *v, uint8_t byte, int64_t before_s,
                   bool (*known)(void *host, const uint8_t name[VAULT_NAME]), void *host);
