/* SPDX-License-Identifier: Apache-2.0 */
/* zip_test - writes archives byte by byte, each header saying what a case
 * wants it to say. DEFLATE is written as stored and fixed-Huffman blocks. */
#pragma once
#include "base/buf.h"
#include "base/cipher.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEXT SLICE_LIT("An inert sample. It does nothing.\r\n")
#define OTHER SLICE_LIT("Another inert sample, at example.invalid.\r\n")

enum { ARCHIVE_MAX = 4 << 20, FLAG_LOCKED = 1, FLAG_DESCRIPTOR = 8, FLAG_UTF8 = 0x800, OFFSET_AUTO = 0x7fffffff };

struct head {
    slice name, extra;
    uint16_t flags, method;
    uint32_t crc, packed, size;
};

struct file {
    struct head local, central;
    slice bytes, tail; /* data, what follows it */
    bool no_local, no_central;
    uint32_t offset; /* in the central header */
};

/* --- writing */

static void le(struct buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(i < 8 ? v >> 8 * i : 0));
}

static uint8_t pool[1 << 20];
static size_t pooled;

/* Bytes that live until the next case. */
static slice keep(const struct buf *b)
{
    assert_true(b->len <= sizeof pool - pooled);
    uint8_t *at = pool + pooled;
    for (size_t i = 0; i < b->len; i++)
        at[i] = b->at[i];
    pooled += b->len;
    return (slice){ at, b->len };
}

static slice deflated(slice data)
{
    struct buf b = buf_new(1 << 17);
    buf_byte(&b, 1); /* last block, stored */
    le(&b, data.len, 2);
    le(&b, (uint16_t)~data.len, 2);
    buf_put(&b, data);
    slice s = keep(&b);
    buf_drop(&b);
    return s;
}

struct bits {
    struct buf *out;
    uint32_t held;
    unsigned n;
};

static void put_bits(struct bits *s, uint32_t code, unsigned n, bool from_top)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t bit = from_top ? code >> (n - 1 - i) & 1 : code >> i & 1;
        s->held |= bit << s->n++;
        if (s->n == 8) {
            buf_byte(s->out, (uint8_t)s->held);
            s->held = s->n = 0;
        }
    }
}

/* One zero, then `runs` copies of the 258 bytes before it. */
static slice deflated_zeros(size_t runs)
{
    struct buf b = buf_new(1 << 20);
    struct bits s = { .out = &b };
    put_bits(&s, 3, 3, false); /* last block, fixed codes */
    put_bits(&s, 0x30, 8, true);
    for (size_t i = 0; i < runs; i++) {
        put_bits(&s, 0xc5, 8, true); /* length 258 */
        put_bits(&s, 0, 5, true);    /* distance 1 */
    }
    put_bits(&s, 0, 7 + 8, true);
    slice kept = keep(&b);
    buf_drop(&b);
    return kept;
}

static void put_local(struct buf *b, const struct head *h)
{
    buf_put(b, SLICE_LIT("PK\3\4\24\0"));
    le(b, h->flags, 2);
    le(b, h->method, 2);
    le(b, 0x59746000, 4);
    le(b, h->crc, 4);
    le(b, h->packed, 4);
    le(b, h->size, 4);
    le(b, h->name.len, 2);
    le(b, h->extra.len, 2);
    buf_put(b, h->name);
    buf_put(b, h->extra);
}

static void put_central(struct buf *b, const struct head *h, uint64_t offset)
{
    buf_put(b, SLICE_LIT("PK\1\2\24\0\24\0"));
    le(b, h->flags, 2);
    le(b, h->method, 2);
    le(b, 0x59746000, 4);
    le(b, h->crc, 4);
    le(b, h->packed, 4);
    le(b, h->size, 4);
    le(b, h->name.len, 2);
    le(b, h->extra.len, 2);
    le(b, 0, 10);
    le(b, offset, 4);
    buf_put(b, h->name);
    buf_put(b, h->extra);
}

static void put_end(struct buf *b, uint64_t n, uint64_t size, uint64_t offset, slice comment)
{
    buf_put(b, SLICE_LIT("PK\5\6\0\0\0\0"));
    le(b, n, 2);
    le(b, n, 2);
    le(b, size, 4);
    le(b, offset, 4);
    le(b, comment.len, 2);
    buf_put(b, comment);
}

/* Offsets count from `base`. */
static void put_archive(struct buf *b, const struct file *f, size_t n, size_t base)
{
    struct buf dirs = buf_new(1 << 20);
    size_t listed = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t at = f[i].offset == OFFSET_AUTO ? b->len - base : f[i].offset;
        if (!f[i].no_central) {
            put_central(&dirs, &f[i].central, at);
            listed++;
        }
        if (f[i].no_local)
            continue;
        put_local(b, &f[i].local);
        buf_put(b, f[i].bytes);
        buf_put(b, f[i].tail);
    }
    size_t from = b->len - base;
    buf_put(b, buf_slice(&dirs));
    put_end(b, listed, dirs.len, from, (slice){ 0 });
    buf_drop(&dirs);
}

static struct file file_of(const char *name, slice data, uint16_t method)
{
    slice bytes = method == 8 ? deflated(data) : data;
    struct head h = {
        .name = slice_of(name), .method = method, .crc = crc32_of(0, data), .packed = (uint32_t)bytes.len,
        .size = (uint32_t)data.len,
    };
    return (struct file){ .local = h, .central = h, .bytes = bytes, .offset = OFFSET_AUTO };
}

#define ARCHIVE(b, ...)                                             \
    do {                                                            \
        struct file files_[] = { __VA_ARGS__ };                     \
        put_archive(b, files_, sizeof files_ / sizeof *files_, 0);  \
    } while (0)

/* --- encryption */

struct keys {
    uint32_t k[3];
};

static uint32_t crc_step(uint32_t crc, uint8_t byte) { return ~crc32_of(~crc, (slice){ &byte, 1 }); }

static void feed(struct keys *k, uint8_t c)
{
    k->k[0] = crc_step(k->k[0], c);
    k->k[1] = (k->k[1] + (k->k[0] & 0xff)) * 134775813u + 1;
    k->k[2] = crc_step(k->k[2], (uint8_t)(k->k[1] >> 24));
}

static uint8_t pad(const struct keys *k)
{
    uint32_t t = (k->k[2] | 2) & 0xffff;
    return (uint8_t)(t * (t ^ 1) >> 8);
}

static struct keys keys_of(slice password)
{
    struct keys k = { { 0x12345678, 0x23456789, 0x34567890 } };
    for (size_t i = 0; i < password.len; i++)
        feed(&k, password.at[i]);
    return k;
}

static slice lock(slice clear, slice password, uint8_t check)
{
    struct buf b = buf_new(1 << 16);
    struct keys k = keys_of(password);
    for (size_t i = 0; i < 12 + clear.len; i++) {
        uint8_t c = i < 11 ? (uint8_t)(i * 37) : i == 11 ? check : clear.at[i - 12];
        buf_byte(&b, c ^ pad(&k));
        feed(&k, c);
    }
    slice s = keep(&b);
    buf_drop(&b);
    return s;
}

static struct file locked(const char *name, slice data, uint16_t method, slice password)
{
    struct file f = file_of(name, data, method);
    f.bytes = lock(f.bytes, password, (uint8_t)(f.local.crc >> 24));
    f.local.flags = f.central.flags = FLAG_LOCKED;
    f.local.packed = f.central.packed = (uint32_t)f.bytes.len;
    return f;
}

static struct file locked_aes(const char *name, slice data, uint16_t method, slice password, uint8_t strength, uint8_t version, bool tamper)
{
    struct file f = file_of(name, data, method);
    size_t key_len = 8 + 8 * (size_t)strength;
    uint8_t keys[66], mac[20], out[4096];
    slice salt = slice_sub(SLICE_LIT("0123456789abcdef"), 0, key_len / 2);
    struct buf b = buf_new(1 << 16), x = buf_new(64);
    assert_true(f.bytes.len <= sizeof out && pbkdf2_sha1(password, salt, 1000, keys, 2 * key_len + 2));
    struct aes_ctr_le *c = aes_ctr_le_new((slice){ keys, key_len });
    assert_true(c && aes_ctr_le_run(c, f.bytes, out));
    aes_ctr_le_drop(&c);
    slice secret = { out, f.bytes.len };
    assert_true(hmac_sha1((slice){ keys + key_len, key_len }, secret, mac));
    mac[3] ^= tamper;
    buf_put(&b, salt);
    buf_put(&b, (slice){ keys + 2 * key_len, 2 });
    buf_put(&b, secret);
    buf_put(&b, (slice){ mac, 10 });
    le(&x, 0x9901, 2);
    le(&x, 7, 2);
    le(&x, version, 2);
    buf_text(&x, "AE");
    le(&x, strength, 1);
    le(&x, method, 2);
    f.bytes = keep(&b);
    f.local.extra = keep(&x);
    f.local.method = 99;
    f.local.flags = FLAG_LOCKED;
    f.local.packed = (uint32_t)f.bytes.len;
    f.local.crc = version == 2 ? 0 : f.local.crc;
    f.central = f.local;
    buf_drop(&b);
    buf_drop(&x);
    return f;
}
