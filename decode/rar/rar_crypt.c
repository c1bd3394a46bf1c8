/* SPDX-License-Identifier: Apache-2.0 */
/* The ciphers of RAR: RAR 5 is AES-256-CBC under PBKDF2 with HMAC-SHA-256
 * (technote, "Encryption header", "File encryption record"), RAR 2.9 to 4
 * AES-128-CBC under 2^18 rounds of SHA-1 over password, salt and a counter.
 *
 * Left out: an error of old WinRAR, whose SHA-1 changed passwords of more than
 * 27 characters while it read them. */
#include "base/charset.h"
#include "base/cipher.h"
#include "base/hash.h"
#include "decode/rar/rar_private.h"

enum {
    BLOCK = 16, CHUNK = 16 << 10,
    ROUNDS_4 = 1 << 18, SEGMENTS = 16, SEGMENT = ROUNDS_4 / SEGMENTS, COUNTER = 3,
    ROUNDS_MAX = 24,   /* WinRAR takes no more */
    AFTER_CHECK = 32,  /* the check value is the key of so many rounds more */
    PASSWORD_CHARS = 127,
    RAW_MAX = 2 * PASSWORD_CHARS + RAR_SALT_4 + COUNTER,
    HASHED_PER_KEY = 256, /* bytes of SHA-1 that cost what one round of PBKDF2 does */
    WORK_PER_BYTE = 4,
};

static bool pay(struct walk *w, uint64_t keys)
{
    return budget_spend(w->budget, BUDGET_KEYS, keys) && walk_work(w, keys * WORK_PER_KEY_ROUND);
}

/* --- RAR 5 */

static enum rar_end derive_5(struct walk *w, const struct rar_lock *lock, struct rar_key *key)
{
    slice salt = { lock->salt, RAR_SALT }, password = key->from->text;
    if (lock->rounds > ROUNDS_MAX)
        return RAR_LOCKED;
    uint32_t rounds = UINT32_C(1) << lock->rounds;
    if (lock->has_check) {
        uint8_t more[32], check[RAR_CHECK] = { 0 };
        if (!pay(w, rounds + AFTER_CHECK) || !pbkdf2_sha256(password, salt, rounds + AFTER_CHECK, more, sizeof more))
            return RAR_LIMIT;
        for (size_t i = 0; i < sizeof more; i++)
            check[i % RAR_CHECK] ^= more[i];
        if (!slice_eq((slice){ check, sizeof check }, (slice){ lock->check, sizeof lock->check }))
            return RAR_LOCKED;
    }
    bool done = pay(w, rounds) && pbkdf2_sha256(password, salt, rounds, key->aes, sizeof key->aes);
    return done ? RAR_WHOLE : RAR_LIMIT;
}

/* --- RAR 4 */

static void add_rounds(struct sha1 *h, slice raw, uint32_t from, uint32_t n)
{
    uint8_t rounds[CHUNK];
    size_t one = raw.len + COUNTER, batch = sizeof rounds / one;
    batch = batch > n ? n : batch;
    for (size_t i = 0; i < batch; i++)
        (void)slice_copy_out(raw, rounds + i * one, raw.len);
    for (uint32_t i = 0; i < n;) {
        size_t k = 0;
        for (; k < batch && i < n; k++, i++)
            for (unsigned b = 0; b < COUNTER; b++)
                rounds[k * one + raw.len + b] = (uint8_t)((from + i) >> 8 * b);
        sha1_add(h, (slice){ rounds, k * one });
    }
}

static enum rar_end derive_4(struct walk *w, const struct rar_lock *lock, struct rar_key *key)
{
    uint8_t raw[RAW_MAX], digest[20];
    slice wide = charset_encode_id(w->mem, CHARSET_UTF16LE, key->from->text);
    size_t n = slice_copy_out(slice_sub(wide, 0, 2 * PASSWORD_CHARS), raw, sizeof raw);
    n += slice_copy_out((slice){ lock->salt, lock->salt_len }, raw + n, sizeof raw - n);
    if (!pay(w, (uint64_t)ROUNDS_4 * (n + COUNTER) / HASHED_PER_KEY + 1))
        return RAR_LIMIT;
    struct sha1 h;
    sha1_start(&h);
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        add_rounds(&h, (slice){ raw, n }, i * SEGMENT, 1);
        struct sha1 so_far = h;
        sha1_end(&so_far, digest);
        key->iv[i] = digest[19];
        add_rounds(&h, (slice){ raw, n }, i * SEGMENT + 1, SEGMENT - 1);
    }
    sha1_end(&h, digest);
    for (size_t i = 0; i < 16; i++) /* the words turned round */
        key->aes[i] = digest[i ^ 3];
    return RAR_WHOLE;
}

enum rar_end rar_derive(struct walk *w, const struct rar_lock *lock, struct rar_key *key)
{
    if (!key)
        return RAR_LOCKED;
    if (key->derived && key->of.five == lock->five && key->of.rounds == lock->rounds && key->of.salt_len == lock->salt_len &&
        memcmp(key->of.salt, lock->salt, sizeof lock->salt) == 0)
        return RAR_WHOLE;
    key->derived = false;
    enum rar_end end = lock->five ? derive_5(w, lock, key) : derive_4(w, lock, key);
    key->derived = end == RAR_WHOLE;
    key->of = *lock;
    return end;
}

/* --- */

static slice aes_of(const struct rar_key *key)
{
    return (slice){ key->aes, key->of.five ? 32 : 16 };
}

enum rar_end rar_decrypt(struct walk *w, const struct rar_lock *lock, const struct rar_key *key, slice in, uint64_t size,
                         struct body *out)
{
    uint8_t chunk[CHUNK], before[BLOCK];
    (void)slice_copy_out((slice){ lock->five ? lock->iv : key->iv, RAR_IV }, before, sizeof before);
    struct body_writer *bw = body_writer_new(w->mem, in.len, in.len);
    enum rar_end end = bw ? RAR_WHOLE : RAR_LIMIT;
    for (size_t pos = 0; pos < in.len && end == RAR_WHOLE; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        if (!walk_work(w, (uint64_t)piece.len * WORK_PER_BYTE) || !aes_cbc_decrypt(aes_of(key), before, piece, chunk) ||
            !body_writer_put(bw, slice_sub((slice){ chunk, piece.len }, 0, size < SIZE_MAX ? (size_t)size : SIZE_MAX)))
            end = RAR_LIMIT;
        size -= piece.len < size ? piece.len : size;
        (void)slice_copy_out(slice_from(piece, piece.len - BLOCK), before, sizeof before);
    }
    *out = bw ? body_writer_done(bw) : body_borrow((slice){ 0 });
    return end;
}

slice rar_decrypt_header(struct walk *w, const uint8_t iv[RAR_IV], const struct rar_key *key, slice in, size_t n)
{
    in = slice_sub(in, 0, n);
    in.len -= in.len % BLOCK;
    uint8_t *p = walk_work(w, (uint64_t)in.len * WORK_PER_BYTE) ? arena_get(w->mem, in.len + 1, 1) : NULL;
    if (!p || in.len == 0 || !aes_cbc_decrypt(aes_of(key), iv, in, p))
        return (slice){ 0 };
    return (slice){ p, in.len };
}
