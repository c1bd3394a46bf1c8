/* SPDX-License-Identifier: Apache-2.0 */
/* hash - message digests (FIPS 180-4, RFC 1321) and a keyless short hash; seam in front of OpenSSL. */
#pragma once
#include "base/slice.h"

struct sha256 {
    uint64_t opaque[16]; /* holds the library's context; 128 bytes */
};

void sha256_start(struct sha256 *h);
void sha256_add(struct sha256 *h, slice s);
void sha256_end(struct sha256 *h, uint8_t out[32]);
void sha256_of(slice s, uint8_t out[32]);
/* For derivations that look at the digest on the way: a copy of the struct may be ended apart. */
struct sha1 {
    uint64_t opaque[12]; /* holds the library's context; 96 bytes */
};

void sha1_start(struct sha1 *h);
void sha1_add(struct sha1 *h, slice s);
void sha1_end(struct sha1 *h, uint8_t out[20]);
/* Those that old formats are made of; in one go. */
void md5_of(slice s, uint8_t out[16]);
void sha1_of(slice s, uint8_t out[20]);
void sha384_of(slice s, uint8_t out[48]);
void sha512_of(slice s, uint8_t out[64]);

/* The same by kind, for formats that name theirs. */
enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGESTS };
enum { DIGEST_MAX = 64 };
size_t hash_digest_size(enum digest d);
void hash_digest(enum digest d, slice s, uint8_t out[DIGEST_MAX]);
void hex_of(slice s, char *out); /* 2*len lower-case digits and a NUL */
bool hex_to(slice hex, uint8_t *out); /* hex.len/2 bytes; false on a bad digit */

/* FNV-1a; for tables and identities that need no secrecy. */
static inline uint64_t fnv1a(uint64_t seed, slice s)
{
    uint64_t h = seed ? seed : 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.at[i]) * 0x100000001b3u;
    return h;
}

/* Tells damage, not forgery: any one changed word changes it. Many times faster than a digest. */
void checksum_of(slice s, uint8_t out[32]);

static inline void digest_copy(uint8_t out[32], const uint8_t *in)
{
    memcpy(out, in, 32);
}
