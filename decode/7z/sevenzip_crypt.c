/* SPDX-License-Identifier: Apache-2.0 */
/* 7zAES (7zAes.cpp of 7-Zip): AES-256-CBC under a key that is SHA-256 over
 * 2^cycles repetitions of salt, password in UTF-16 and a 64-bit counter.
 *
 * A wrong password is mostly seen in the first byte already: LZMA streams
 * begin with zero, LZMA2 chunks with one of few values. */
#include "decode/7z/sevenzip_private.h"
#include "base/charset.h"
#include "base/cipher.h"
#include "base/hash.h"

enum {
    BLOCK = 16,
    CHUNK = 16 << 10,
    CYCLES_MAX = 24, /* 7-Zip takes no more */
    CYCLES_NONE = 0x3f,
    PASSWORD_BYTES = 512,
    ROUND_BYTES = 16 + PASSWORD_BYTES + 8,
    HASHED_PER_KEY = 256, /* bytes of SHA-256 that cost what one round of PBKDF2 does */
    WORK_PER_BYTE = 4,
};

struct parameters {
    uint8_t cycles;
    slice salt, iv;
};

static bool read_parameters(slice props, struct parameters *out)
{
    cursor c = cur_open(props);
    uint8_t first = cur_u8(&c);
    *out = (struct parameters){ .cycles = first & 0x3f };
    if (!cur_ok(&c) || (first & 0xc0) == 0)
        return cur_ok(&c);
    uint8_t second = cur_u8(&c);
    out->salt = cur_take(&c, (size_t)(first >> 7 & 1) + (second >> 4));
    out->iv = cur_take(&c, (size_t)(first >> 6 & 1) + (second & 15));
    return cur_ok(&c);
}

static size_t add(uint8_t *at, size_t n, slice s, size_t room)
{
    return n + slice_copy_out(s, at + n, room - n);
}

/* UTF-16LE, as 7-Zip has what was typed. */
static slice wide(struct arena *mem, slice utf8)
{
    return slice_sub(charset_encode_id(mem, CHARSET_UTF16LE, utf8), 0, PASSWORD_BYTES);
}

static bool derive(struct walk *w, const struct parameters *p, slice password, uint8_t out[32])
{
    uint8_t rounds[CHUNK];
    struct sha256 h;
    size_t one = p->salt.len + password.len + 8, batch = CHUNK / one;
    uint64_t n = UINT64_C(1) << p->cycles, keys = n * one / HASHED_PER_KEY + 1;
    if (!budget_spend(w->budget, BUDGET_KEYS, keys) || !walk_work(w, keys * WORK_PER_KEY_ROUND))
        return false;
    if (batch > n)
        batch = (size_t)n;
    for (size_t i = 0, at = 0; i < batch; i++) {
        at = add(rounds, at, p->salt, sizeof rounds);
        at = add(rounds, at, password, sizeof rounds);
        at = add(rounds, at, SLICE_LIT("\0\0\0\0\0\0\0\0"), sizeof rounds);
    }
    sha256_start(&h);
    for (uint64_t i = 0; i < n;) {
        size_t k = 0;
        for (; k < batch && i < n; k++, i++)
            for (size_t b = 0; b < 8; b++)
                rounds[(k + 1) * one - 8 + b] = (uint8_t)(i >> 8 * b);
        sha256_add(&h, (slice){ rounds, k * one });
    }
    sha256_end(&h, out);
    return true;
}

/* False: over budget. */
static bool prepare(struct walk *w, const struct parameters *p, struct sevenzip_key *key)
{
    if (key->derived && key->cycles == p->cycles && slice_eq(key->salt, p->salt))
        return true;
    slice password = wide(w->mem, key->from->text);
    if (p->cycles == CYCLES_NONE) {
        memset(key->aes, 0, sizeof key->aes);
        size_t n = add(key->aes, 0, p->salt, sizeof key->aes);
        (void)add(key->aes, n, password, sizeof key->aes);
    } else if (!derive(w, p, password, key->aes)) {
        return false;
    }
    key->derived = true;
    key->cycles = p->cycles;
    key->salt = arena_copy(w->mem, p->salt);
    return true;
}

static bool plausible(uint64_t next, uint8_t first)
{
    if (next == METHOD_LZMA)
        return first == 0;
    if (next == METHOD_LZMA2)
        return first <= 1 || first >= 0xe0;
    return true;
}

static enum sevenzip_end clear(struct walk *w, slice key, slice iv, slice in, uint64_t size, uint64_t next,
                               struct body *out)
{
    uint8_t chunk[CHUNK], before[BLOCK] = { 0 };
    uint64_t left = size;
    (void)slice_copy_out(iv, before, sizeof before);
    struct body_writer *bw = body_writer_new(w->mem, in.len, in.len);
    enum sevenzip_end end = bw ? SEVENZIP_WHOLE : SEVENZIP_LIMIT;
    for (size_t pos = 0; pos < in.len && left && end == SEVENZIP_WHOLE; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        size_t n = piece.len < left ? piece.len : (size_t)left;
        left -= n;
        if (!walk_work(w, (uint64_t)piece.len * WORK_PER_BYTE) || !aes_cbc_decrypt(key, before, piece, chunk))
            end = SEVENZIP_LIMIT;
        else if (pos == 0 && !plausible(next, chunk[0]))
            end = SEVENZIP_LOCKED;
        else if (!body_writer_put(bw, (slice){ chunk, n }))
            end = SEVENZIP_LIMIT;
        (void)slice_copy_out(slice_from(piece, piece.len - BLOCK), before, sizeof before);
    }
    if (bw)
        *out = body_writer_done(bw);
    return end;
}

enum sevenzip_end sevenzip_decrypt(struct walk *w, slice in, slice props, uint64_t size, uint64_t next,
                                   struct sevenzip_key *key, struct body *out)
{
    struct parameters p;
    *out = body_borrow((slice){ 0 });
    if (!read_parameters(props, &p) || (p.cycles > CYCLES_MAX && p.cycles != CYCLES_NONE))
        return SEVENZIP_METHOD;
    if (!key)
        return SEVENZIP_LOCKED;
    if (!prepare(w, &p, key))
        return SEVENZIP_LIMIT;
    in.len -= in.len % BLOCK;
    enum sevenzip_end end = clear(w, (slice){ key->aes, sizeof key->aes }, p.iv, in, size, next, out);
    if (end == SEVENZIP_WHOLE && out->all.len < size)
        end = SEVENZIP_BROKEN;
    return end;
}
