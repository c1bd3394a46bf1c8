/* SPDX-License-Identifier: Apache-2.0 */
/* rar_private - what the readers of the two generations of RAR share. */
#pragma once
#include "decode/shared/archive.h"
#include "decode/rar/rar_unpack.h"

enum { RAR_SALT = 16, RAR_SALT_4 = 8, RAR_CHECK = 8, RAR_IV = 16 };

/* How a member, or all headers, are encrypted. */
struct rar_lock {
    bool five;            /* AES-256 under PBKDF2; else AES-128 under rounds of SHA-1 */
    uint8_t rounds;       /* of PBKDF2, their logarithm */
    uint8_t salt[RAR_SALT], iv[RAR_IV];
    size_t salt_len;      /* RAR 4: 0 or 8 */
    bool has_check;
    uint8_t check[RAR_CHECK];
    bool tweaked;         /* sums depend on the key */
};

/* A password, and the key that it gave for one salt. */
struct rar_key {
    const struct password *from;
    bool derived;
    struct rar_lock of;   /* five, rounds, salt */
    uint8_t aes[32], iv[RAR_IV];
};

struct rar_file {
    uint64_t at, packed;
    uint32_t crc;
    bool has_crc, stored, no_reader;
    bool goes_on, begun_before; /* in other volumes */
    bool waits;                 /* locked, or solid behind one that is */
    struct rar_packing packing;
    struct rar_lock *lock;      /* NULL: none */
};

struct rar {
    struct archive list; /* member.key[0]: which of `files` */
    const struct body *body;
    slice all;           /* from the signature on */
    uint64_t base;       /* where that stands in the body */
    struct rar_file *files;
    size_t room;
    bool header_locked, solid, volume, broken;
    struct rar_lock headers; /* RAR 5; RAR 4 has a salt with each header */
    struct rar_key *key;     /* for locked headers; NULL */
    bool wrong_key;          /* what it gave is no header */
};

/* NULL: over budget. */
struct rar_file *rar_add(struct rar *r, slice raw_name, struct archive_member **m_out);
/* --- rar.c */
/* From the signature on; SIZE_MAX. */
size_t rar_find(slice all, slice name);
void rar_read(struct rar *r, struct walk *w, const struct body *body, struct rar_key *key);
void rar_say(struct rar *r);

enum rar_end { RAR_WHOLE, RAR_SHORT, RAR_BROKEN, RAR_LIMIT, RAR_METHOD, RAR_LOCKED };
/* The content of one member; of solid archives in their order, with the same unpacker. Release
 * *out in every case; it may hold a beginning. */
enum rar_end rar_content(struct rar *r, size_t member, struct rar_key *key, struct rar_unpacker *u, struct body *out);
bool rar_sum_fits(const struct rar *r, size_t member, const struct body *content);
/* The content becomes a child, with what is to be said of it. */
enum walk_end rar_walk_content(struct rar *r, size_t member, enum rar_end end, struct body *content);

/* --- rar_4.c, rar_5.c */
void rar_read_4(struct rar *r);
void rar_read_5(struct rar *r);

/* --- rar_crypt.c */
/* RAR_WHOLE, RAR_LOCKED (this password cannot be right), RAR_LIMIT. */
enum rar_end rar_derive(struct walk *w, const struct rar_lock *lock, struct rar_key *key);
/* The first `size` bytes; in.len a multiple of 16. Release *out. */
enum rar_end rar_decrypt(struct walk *w, const struct rar_lock *lock, const struct rar_key *key, slice in, uint64_t size,
                         struct body *out);
/* A header that is encrypted: `n` bytes of `in`, in the arena; empty: over budget. */
slice rar_decrypt_header(struct walk *w, const uint8_t iv[RAR_IV], const struct rar_key *key, slice in, size_t n);

/* --- rar_unlock.c */
enum walk_end rar_unlock(struct walk *w, const struct body *body);
