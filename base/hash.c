/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and its kin (FIPS 180-4), MD5 (RFC 1321), hexadecimal; seam in front of OpenSSL.
 *
 * The low-level calls are used on purpose: their context has a fixed size, needs no allocation and
 * no provider, and most parts are so small that EVP's set-up would cost more than the digest. They
 * take the processor's SHA instructions just as EVP does.
 */
#define OPENSSL_API_COMPAT 10101 /* the low-level calls without the deprecation note of 3.0 */
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256), "struct sha256 holds the context");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct sha256), "and aligned");

static SHA256_CTX *context(struct sha256 *h)
{
    return (SHA256_CTX *)(void *)h->opaque;
}

void sha256_start(struct sha256 *h)
{
    CHECK(SHA256_Init(context(h)) == 1);
}

void sha256_add(struct sha256 *h, slice s)
{
    if (s.len)
        CHECK(SHA256_Update(context(h), s.at, s.len) == 1);
}

void sha256_end(struct sha256 *h, uint8_t out[32])
{
    CHECK(SHA256_Final(out, context(h)) == 1);
}

void sha256_of(slice s, uint8_t out[32])
{
    struct sha256 h;
    sha256_start(&h);
    sha256_add(&h, s);
    sha256_end(&h, out);
}

_Static_assert(sizeof(SHA_CTX) <= sizeof(struct sha1), "struct sha1 holds the context");

static SHA_CTX *context1(struct sha1 *h)
{
    return (SHA_CTX *)(void *)h->opaque;
}

void sha1_start(struct sha1 *h)
{
    CHECK(SHA1_Init(context1(h)) == 1);
}

void sha1_add(struct sha1 *h, slice s)
{
    if (s.len)
        CHECK(SHA1_Update(context1(h), s.at, s.len) == 1);
}

void sha1_end(struct sha1 *h, uint8_t out[20])
{
    CHECK(SHA1_Final(out, context1(h)) == 1);
}

void md5_of(slice s, uint8_t out[16])
{
    CHECK(MD5(s.at, s.len, out) != NULL);
}

void sha1_of(slice s, uint8_t out[20])
{
    CHECK(SHA1(s.at, s.len, out) != NULL);
}

void sha384_of(slice s, uint8_t out[48])
{
    CHECK(SHA384(s.at, s.len, out) != NULL);
}

void sha512_of(slice s, uint8_t out[64])
{
    CHECK(SHA512(s.at, s.len, out) != NULL);
}

/* Four lanes, so that the multiplications overlap; each step can be undone, so that what was
 * changed once stays changed. */
void checksum_of(slice s, uint8_t out[32])
{
    enum { LANES = 4, WORD = 8 };
    uint64_t lane[LANES] = { s.len, 1, 2, 3 };
    for (size_t at = 0; at < s.len; at += LANES * WORD) {
        uint64_t words[LANES] = { 0 };
        slice block = slice_sub(s, at, sizeof words);
        memcpy(words, block.at, block.len);
        for (size_t i = 0; i < LANES; i++) {
            lane[i] = (lane[i] ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
            lane[i] ^= lane[i] >> 32;
        }
    }
    memcpy(out, lane, sizeof lane);
}

size_t hash_digest_size(enum digest d)
{
    static const uint8_t sizes[DIGESTS] = { 16, 20, 32, 48, 64 };
    CHECK(d < DIGESTS);
    return sizes[d];
}

void hash_digest(enum digest d, slice s, uint8_t out[DIGEST_MAX])
{
    static void (*const of[DIGESTS])(slice, uint8_t *) = { md5_of, sha1_of, sha256_of, sha384_of,
                                                           sha512_of };
    CHECK(d < DIGESTS);
    of[d](s, out);
}

void hex_of(slice s, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++) {
        *out++ = digit[s.at[i] >> 4];
        *out++ = digit[s.at[i] & 15];
    }
    *out = 0;
}

bool hex_to(slice hex, uint8_t *out)
{
    if (hex.len % 2)
        return false;
    for (size_t i = 0; i < hex.len; i += 2) {
        int high = ascii_hex(hex.at[i]), low = ascii_hex(hex.at[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}
