/* SPDX-License-Identifier: Apache-2.0 */
/* cipher - the ciphers of the formats we read; seam in front of OpenSSL.
 *
 * cipher_prepare() loads the providers; call it before a process locks itself
 * down. All functions return false on a failure of the library.
 */
#pragma once
#include "base/hash.h"

bool cipher_prepare(void);
/* RFC 8018 5.2 with HMAC-SHA-1. */
bool pbkdf2_sha1(slice password, slice salt, uint32_t rounds, uint8_t *out, size_t out_len);
/* The same with HMAC-SHA-256. */
bool pbkdf2_sha256(slice password, slice salt, uint32_t rounds, uint8_t *out, size_t out_len);
/* RFC 2104 with SHA-1; for WinZip AES the first 10 bytes count. */
bool hmac_sha1(slice key, slice data, uint8_t out[20]);

/* AES-CTR with WinZip's little-endian counter starting at 1; in and out may overlap exactly. */
struct aes_ctr_le;
struct aes_ctr_le *aes_ctr_le_new(slice key); /* 16, 24 or 32 bytes */
bool aes_ctr_le_run(struct aes_ctr_le *c, slice in, uint8_t *out);
void aes_ctr_le_drop(struct aes_ctr_le **c);

/* RFC 2104. */
bool hmac_of(enum digest d, slice key, slice data, uint8_t out[DIGEST_MAX]);

/* RC4 (as RFC 6229 tests it); our own, since OpenSSL 3 keeps it in a provider that may be absent. */
struct rc4 {
    uint8_t s[256], i, j;
};
void rc4_start(struct rc4 *c, slice key); /* 1 to 256 bytes */
void rc4_run(struct rc4 *c, slice in, uint8_t *out); /* in and out may overlap exactly */

/* AES-CBC (NIST SP 800-38A 6.2) without padding: in.len is a multiple of 16, the key 16, 24 or 32
 * bytes. For a long text call again with the last 16 bytes of its encrypted form as iv. */
bool aes_cbc_decrypt(slice key, const uint8_t iv[16], slice in, uint8_t *out);
bool aes_cbc_encrypt(slice key, const uint8_t iv[16], slice in, uint8_t *out);
/* AES-ECB (6.1), likewise. */
bool aes_ecb_decrypt(slice key, slice in, uint8_t *out);

/* AES-256-GCM (NIST SP 800-38D) with 96-bit nonces: `out` holds in.len + AEAD_TAG bytes when
 * sealing, in.len - AEAD_TAG when opening. A nonce must never serve twice with one key. */
enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16 };
struct aead;
struct aead *aead_new(const uint8_t key[AEAD_KEY]); /* NULL: failure of the library */
bool aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE], slice context, slice in, uint8_t *out);
/* False: not what was sealed; `out` is wiped. */
bool aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE], slice context, slice in, uint8_t *out);
void aead_drop(struct aead **a); /* the key is wiped */
