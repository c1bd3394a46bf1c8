/* SPDX-License-Identifier: Apache-2.0 */
/* PBKDF2 (RFC 8018 5.2), HMAC (RFC 2104), AES-CBC, AES-ECB, AES-GCM and AES-CTR as WinZip
 * counts it; seam in front of OpenSSL. RC4 is our own.
 *
 * WinZip's counter (AE-1/AE-2 specification, "Encryption") is little-endian where OpenSSL's CTR
 * mode is big-endian, so the counter blocks are encrypted as ECB here, 1 KiB at a time.
 */
#include "base/cipher.h"
#include "base/check.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <stdlib.h>

enum { AES_BLOCK = 16, BATCH = 64 * AES_BLOCK, SHA1_BYTES = 20 };

struct aes_ctr_le {
    EVP_CIPHER_CTX *ecb;
    uint64_t counter;
    size_t used; /* of `stream` */
    uint8_t stream[BATCH];
};

bool cipher_prepare(void)
{
    /* No settings file of the system's, and nothing to tidy when the process ends. */
    if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
        return false;
    /* What is fetched from it at a first use lies in memory then: most objects use no cipher. */
    return OSSL_PROVIDER_available(NULL, "default") == 1;
}

static bool pbkdf2(slice password, slice salt, uint32_t rounds, const EVP_MD *kind, uint8_t *out, size_t out_len)
{
    if (password.len > INT_MAX || salt.len > INT_MAX || rounds == 0 || rounds > INT_MAX ||
        out_len > INT_MAX)
        return false;
    const char *pass = password.len ? (const char *)password.at : "";
    return PKCS5_PBKDF2_HMAC(pass, (int)password.len, salt.at, (int)salt.len, (int)rounds, kind, (int)out_len, out) == 1;
}

bool pbkdf2_sha1(slice password, slice salt, uint32_t rounds, uint8_t *out, size_t out_len)
{
    return pbkdf2(password, salt, rounds, EVP_sha1(), out, out_len);
}

bool pbkdf2_sha256(slice password, slice salt, uint32_t rounds, uint8_t *out, size_t out_len)
{
    return pbkdf2(password, salt, rounds, EVP_sha256(), out, out_len);
}

bool hmac_sha1(slice key, slice data, uint8_t out[20])
{
    unsigned n = 0;
    if (key.len > INT_MAX)
        return false;
    const void *k = key.len ? (const void *)key.at : "";
    return HMAC(EVP_sha1(), k, (int)key.len, data.at, data.len, out, &n) != NULL && n == SHA1_BYTES;
}

bool hmac_of(enum digest d, slice key, slice data, uint8_t out[DIGEST_MAX])
{
    const EVP_MD *kind = d == DIGEST_MD5      ? EVP_md5()
                         : d == DIGEST_SHA1   ? EVP_sha1()
                         : d == DIGEST_SHA256 ? EVP_sha256()
                         : d == DIGEST_SHA384 ? EVP_sha384()
                                              : EVP_sha512();
    unsigned n = 0;
    if (key.len > INT_MAX)
        return false;
    const void *k = key.len ? (const void *)key.at : "";
    return HMAC(kind, k, (int)key.len, data.at, data.len, out, &n) != NULL && n > 0;
}

struct aes_ctr_le *aes_ctr_le_new(slice key)
{
    const EVP_CIPHER *kind = key.len == 16   ? EVP_aes_128_ecb()
                             : key.len == 24 ? EVP_aes_192_ecb()
                             : key.len == 32 ? EVP_aes_256_ecb()
                                             : NULL;
    struct aes_ctr_le *c = kind ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->used = sizeof c->stream;
    c->ecb = EVP_CIPHER_CTX_new();
    if (!c->ecb || EVP_EncryptInit_ex(c->ecb, kind, NULL, key.at, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(c->ecb, 0) != 1)
        aes_ctr_le_drop(&c);
    return c;
}

static bool refill(struct aes_ctr_le *c)
{
    int n = 0;
    memset(c->stream, 0, sizeof c->stream);
    for (size_t at = 0; at < sizeof c->stream; at += AES_BLOCK) {
        uint64_t v = ++c->counter;
        for (size_t i = 0; i < sizeof v; i++, v >>= 8)
            c->stream[at + i] = (uint8_t)v;
    }
    c->used = 0;
    return EVP_EncryptUpdate(c->ecb, c->stream, &n, c->stream, BATCH) == 1 && n == BATCH;
}

bool aes_ctr_le_run(struct aes_ctr_le *c, slice in, uint8_t *out)
{
    for (size_t done = 0; done < in.len;) {
        if (c->used == sizeof c->stream && !refill(c))
            return false;
        size_t n = sizeof c->stream - c->used;
        if (n > in.len - done)
            n = in.len - done;
        for (size_t i = 0; i < n; i++)
            out[done + i] = in.at[done + i] ^ c->stream[c->used + i];
        c->used += n;
        done += n;
    }
    return true;
}

void aes_ctr_le_drop(struct aes_ctr_le **c)
{
    if (!*c)
        return;
    EVP_CIPHER_CTX_free((*c)->ecb);
    explicit_bzero(*c, sizeof **c);
    free(*c);
    *c = NULL;
}

static bool run(const EVP_CIPHER *kind, slice key, const uint8_t *iv, slice in, uint8_t *out, int encrypt)
{
    EVP_CIPHER_CTX *c = kind && in.len % AES_BLOCK == 0 && in.len <= INT_MAX ? EVP_CIPHER_CTX_new() : NULL;
    int n = 0;
    bool ok = c && EVP_CipherInit_ex(c, kind, NULL, key.at, iv, encrypt) == 1 &&
              EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
              (in.len == 0 || EVP_CipherUpdate(c, out, &n, in.at, (int)in.len) == 1) && (size_t)n == in.len;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

static bool cbc(slice key, const uint8_t *iv, slice in, uint8_t *out, int encrypt)
{
    const EVP_CIPHER *kind = key.len == 16   ? EVP_aes_128_cbc()
                             : key.len == 24 ? EVP_aes_192_cbc()
                             : key.len == 32 ? EVP_aes_256_cbc()
                                             : NULL;
    return run(kind, key, iv, in, out, encrypt);
}

bool aes_cbc_decrypt(slice key, const uint8_t iv[16], slice in, uint8_t *out)
{
    return cbc(key, iv, in, out, 0);
}

bool aes_cbc_encrypt(slice key, const uint8_t iv[16], slice in, uint8_t *out)
{
    return cbc(key, iv, in, out, 1);
}

bool aes_ecb_decrypt(slice key, slice in, uint8_t *out)
{
    const EVP_CIPHER *kind = key.len == 16   ? EVP_aes_128_ecb()
                             : key.len == 24 ? EVP_aes_192_ecb()
                             : key.len == 32 ? EVP_aes_256_ecb()
                                             : NULL;
    return run(kind, key, NULL, in, out, 0);
}

void rc4_start(struct rc4 *c, slice key)
{
    CHECK(key.len >= 1 && key.len <= sizeof c->s);
    c->i = c->j = 0;
    for (unsigned i = 0; i < sizeof c->s; i++)
        c->s[i] = (uint8_t)i;
    uint8_t j = 0;
    for (unsigned i = 0; i < sizeof c->s; i++) {
        uint8_t at = c->s[i];
        j = (uint8_t)(j + at + key.at[i % key.len]);
        c->s[i] = c->s[j];
        c->s[j] = at;
    }
}

void rc4_run(struct rc4 *c, slice in, uint8_t *out)
{
    for (size_t n = 0; n < in.len; n++) {
        uint8_t a = c->s[++c->i];
        c->j = (uint8_t)(c->j + a);
        uint8_t b = c->s[c->j];
        c->s[c->i] = b;
        c->s[c->j] = a;
        out[n] = in.at[n] ^ c->s[(uint8_t)(a + b)];
    }
}

struct aead {
    EVP_CIPHER_CTX *gcm;
    uint8_t key[AEAD_KEY];
};

struct aead *aead_new(const uint8_t key[AEAD_KEY])
{
    struct aead *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    (void)slice_copy_out((slice){ key, AEAD_KEY }, a->key, sizeof a->key);
    a->gcm = EVP_CIPHER_CTX_new();
    if (!a->gcm)
        aead_drop(&a);
    return a;
}

bool aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE], slice context, slice in, uint8_t *out)
{
    int n = 0, end = 0;
    if (in.len > INT_MAX || context.len > INT_MAX)
        return false;
    return EVP_EncryptInit_ex(a->gcm, EVP_aes_256_gcm(), NULL, a->key, nonce) == 1 &&
           EVP_EncryptUpdate(a->gcm, NULL, &n, context.at, (int)context.len) == 1 &&
           (in.len == 0 || EVP_EncryptUpdate(a->gcm, out, &n, in.at, (int)in.len) == 1) &&
           EVP_EncryptFinal_ex(a->gcm, out + in.len, &end) == 1 && end == 0 &&
           EVP_CIPHER_CTX_ctrl(a->gcm, EVP_CTRL_GCM_GET_TAG, AEAD_TAG, out + in.len) == 1;
}

bool aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE], slice context, slice in, uint8_t *out)
{
    int n = 0, end = 0;
    if (in.len < AEAD_TAG || in.len > INT_MAX || context.len > INT_MAX)
        return false;
    uint8_t tag[AEAD_TAG];
    size_t len = in.len - AEAD_TAG;
    (void)slice_copy_out(slice_from(in, len), tag, sizeof tag);
    bool ok = EVP_DecryptInit_ex(a->gcm, EVP_aes_256_gcm(), NULL, a->key, nonce) == 1 &&
              EVP_DecryptUpdate(a->gcm, NULL, &n, context.at, (int)context.len) == 1 &&
              (len == 0 || EVP_DecryptUpdate(a->gcm, out, &n, in.at, (int)len) == 1) &&
              EVP_CIPHER_CTX_ctrl(a->gcm, EVP_CTRL_GCM_SET_TAG, AEAD_TAG, tag) == 1 &&
              EVP_DecryptFinal_ex(a->gcm, out + len, &end) == 1 && end == 0;
    if (!ok && len)
        explicit_bzero(out, len);
    return ok;
}

void aead_drop(struct aead **a)
{
    if (!*a)
        return;
    EVP_CIPHER_CTX_free((*a)->gcm);
    explicit_bzero(*a, sizeof **a);
    free(*a);
    *a = NULL;
}
