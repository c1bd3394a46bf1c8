/* SPDX-License-Identifier: Apache-2.0 */
/* Traditional PKWARE encryption (APPNOTE 6.3.10 6.1) and WinZip AES
 * (AE-1, AE-2: www.winzip.com/aes_info.htm; method 99, extra 0x9901).
 *
 * Strong encryption (section 7) is named and left closed: no password of a
 * mail opens it without a certificate store or its licensed algorithms. */
#include "decode/zip/zip_private.h"
#include "base/cipher.h"

enum {
    CRYPTO_HEADER = 12,
    AES_VERIFIER = 2,
    AES_MAC = 10,
    AES_ROUNDS = 1000,
    KEY_MAX = 2 * 32 + AES_VERIFIER,
    SHA1_BYTES = 20,
    CHUNK = 4096,
    WORK_PER_TRIAL = 300,
    WORK_PER_CRYPTO_BYTE = 6,
    WORK_PER_AES_BYTE = 4,
};

struct zip_cipher {
    uint32_t crc[256];
};

struct zip_cipher *zip_cipher_new(struct arena *mem)
{
    struct zip_cipher *z = ARENA_NEW(mem, struct zip_cipher);
    for (uint32_t i = 0; z && i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        z->crc[i] = c;
    }
    return z;
}

const char *zip_encryption_name(const struct zip_entry *e)
{
    static const char *const aes[] = { "aes", "aes-128", "aes-192", "aes-256" };
    if (e->aes_version)
        return aes[e->aes_strength <= 3 ? e->aes_strength : 0];
    return e->flags & (ZIP_STRONG | ZIP_MASKED) || e->method == ZIP_AES ? "strong" : "zipcrypto";
}

bool zip_is_openable(const struct zip_entry *e)
{
    bool method = e->method == ZIP_STORED || e->method == ZIP_DEFLATED;
    bool scheme = e->aes_version ? e->aes_strength >= 1 && e->aes_strength <= 3 : !(e->flags & (ZIP_STRONG | ZIP_MASKED));
    return method && scheme && e->data != ZIP_NOWHERE;
}

/* --- traditional */

struct keys {
    const uint32_t *crc;
    uint32_t k0, k1, k2;
};

static inline void feed(struct keys *k, uint8_t plain)
{
    k->k0 = k->k0 >> 8 ^ k->crc[(k->k0 ^ plain) & 0xff];
    k->k1 = (k->k1 + (k->k0 & 0xff)) * 134775813u + 1;
    k->k2 = k->k2 >> 8 ^ k->crc[(k->k2 ^ k->k1 >> 24) & 0xff];
}

static inline uint8_t clear(struct keys *k, uint8_t byte)
{
    uint32_t t = (k->k2 | 2) & 0xffff;
    uint8_t plain = (uint8_t)(byte ^ (t * (t ^ 1) >> 8 & 0xff));
    feed(k, plain);
    return plain;
}

static bool clear_all(struct walk *w, struct keys *k, slice in, struct body *out)
{
    uint8_t chunk[CHUNK];
    bool ok = walk_work(w, (uint64_t)in.len * WORK_PER_CRYPTO_BYTE);
    struct body_writer *bw = ok ? body_writer_new(w->mem, in.len, in.len) : NULL;
    if (!bw)
        return false;
    for (size_t pos = 0; ok && pos < in.len; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        for (size_t i = 0; i < piece.len; i++)
            chunk[i] = clear(k, piece.at[i]);
        ok = body_writer_put(bw, (slice){ chunk, piece.len });
    }
    *out = body_writer_done(bw);
    return ok;
}

static enum zip_trial decrypt_traditional(struct zip_archive *a, const struct zip_cipher *z, const struct zip_entry *e,
                                          slice password, struct body *out, struct body *spare)
{
    slice in = zip_packed(a, e);
    struct keys k = { z->crc, 0x12345678u, 0x23456789u, 0x34567890u };
    uint8_t check = 0;
    if (in.len < CRYPTO_HEADER)
        return ZIP_TRIAL_WRONG;
    for (size_t i = 0; i < password.len; i++)
        feed(&k, password.at[i]);
    for (size_t i = 0; i < CRYPTO_HEADER; i++)
        check = clear(&k, in.at[i]);
    /* With bit 3 the sum was not known yet, and Info-ZIP checks the time instead. */
    if (check != e->crc >> 24 && check != e->crc_local >> 24 && check != e->time >> 8)
        return ZIP_TRIAL_WRONG;
    if (!clear_all(a->w, &k, slice_from(in, CRYPTO_HEADER), spare))
        return ZIP_TRIAL_LIMIT;
    enum zip_read_end end = zip_unpack(a, e, spare->all, out);
    if (end == ZIP_READ_LIMIT)
        return ZIP_TRIAL_LIMIT;
    return end == ZIP_READ_WHOLE ? ZIP_TRIAL_OPEN : ZIP_TRIAL_WRONG;
}

/* --- AES */

/* Constant time would gain nothing: the one who could measure knows the password. */
static bool same(const uint8_t *x, const uint8_t *y, size_t n)
{
    return slice_eq((slice){ x, n }, (slice){ y, n });
}

static bool clear_aes(struct walk *w, slice key, slice in, struct body *out)
{
    uint8_t chunk[CHUNK];
    struct aes_ctr_le *c = aes_ctr_le_new(key);
    struct body_writer *bw = c ? body_writer_new(w->mem, in.len, in.len) : NULL;
    bool ok = bw != NULL;
    for (size_t pos = 0; ok && pos < in.len; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        ok = aes_ctr_le_run(c, piece, chunk) && body_writer_put(bw, (slice){ chunk, piece.len });
    }
    aes_ctr_le_drop(&c);
    if (bw)
        *out = body_writer_done(bw);
    return ok;
}

static bool pay_derivation(struct walk *w, size_t key_len)
{
    uint64_t blocks = (2 * key_len + AES_VERIFIER + SHA1_BYTES - 1) / SHA1_BYTES;
    return budget_spend(w->budget, BUDGET_KEYS, AES_ROUNDS) && walk_work(w, blocks * AES_ROUNDS * WORK_PER_KEY_ROUND);
}

static enum zip_trial decrypt_aes(struct zip_archive *a, const struct zip_entry *e, slice password, struct body *out,
                                  struct body *spare)
{
    struct walk *w = a->w;
    size_t key_len = 8 + 8 * (size_t)e->aes_strength, salt_len = key_len / 2;
    slice in = zip_packed(a, e), salt = slice_sub(in, 0, salt_len), verifier = slice_sub(in, salt_len, AES_VERIFIER);
    uint8_t key[KEY_MAX], mac[SHA1_BYTES];
    if (in.len < salt_len + AES_VERIFIER + AES_MAC)
        return ZIP_TRIAL_WRONG;
    slice data = slice_sub(in, salt_len + AES_VERIFIER, in.len - salt_len - AES_VERIFIER - AES_MAC);
    if (!pay_derivation(w, key_len))
        return ZIP_TRIAL_LIMIT;
    if (!pbkdf2_sha1(password, salt, AES_ROUNDS, key, 2 * key_len + AES_VERIFIER) ||
        !same(key + 2 * key_len, verifier.at, AES_VERIFIER))
        return ZIP_TRIAL_WRONG;
    if (!walk_work(w, (uint64_t)data.len * WORK_PER_AES_BYTE))
        return ZIP_TRIAL_LIMIT;
    bool authentic = hmac_sha1((slice){ key + key_len, key_len }, data, mac) &&
                     same(mac, slice_from(in, in.len - AES_MAC).at, AES_MAC);
    /* AE-2 has no checksum: without the right code nothing would prove the password. */
    if (!authentic && e->crc == 0)
        return ZIP_TRIAL_WRONG;
    if (!clear_aes(w, (slice){ key, key_len }, data, spare))
        return ZIP_TRIAL_LIMIT;
    enum zip_read_end end = zip_unpack(a, e, spare->all, out);
    if (end == ZIP_READ_LIMIT)
        return ZIP_TRIAL_LIMIT;
    return authentic || end == ZIP_READ_WHOLE ? ZIP_TRIAL_OPEN : ZIP_TRIAL_WRONG;
}

enum zip_trial zip_decrypt(struct zip_archive *a, const struct zip_cipher *z, const struct zip_entry *e,
                           slice password, struct body *out, struct body *spare)
{
    *out = *spare = body_borrow((slice){ 0 });
    if (!walk_work(a->w, WORK_PER_TRIAL))
        return ZIP_TRIAL_LIMIT;
    enum zip_trial t = e->aes_version ? decrypt_aes(a, e, password, out, spare)
                                      : decrypt_traditional(a, z, e, password, out, spare);
    if (t == ZIP_TRIAL_OPEN && e->method == ZIP_STORED) {
        *out = *spare; /* the content itself: hand on what owns it */
        *spare = body_borrow((slice){ 0 });
    } else if (t != ZIP_TRIAL_OPEN) {
        body_release(out);
        body_release(spare);
    }
    return t;
}
