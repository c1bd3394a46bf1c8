/* SPDX-License-Identifier: Apache-2.0 */
/* bits - reads a slice bit by bit, the highest bit of each byte first, as LHA,
 * RAR and (its 16-bit words swapped) LZX do.
 *
 * Behind the end come zeros, for decoders look ahead; bits_ok() tells whether
 * more was consumed than was there. Loops must ask on every turn. */
#pragma once
#include "base/slice.h"

struct bits {
    slice in;
    size_t pos;      /* of the next byte to load; may run behind the end */
    uint64_t word;   /* the highest `have` bits are loaded */
    unsigned have;
};

static inline struct bits bits_open(slice in) { return (struct bits){ .in = in }; }

static inline void bits_load(struct bits *b)
{
    if (b->have > 32)
        return;
    if (b->pos < b->in.len && b->in.len - b->pos >= 4) {
        const uint8_t *p = b->in.at + b->pos;
        uint32_t four = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        b->word |= (uint64_t)four << (32 - b->have);
        b->pos += 4;
        b->have += 32;
        return;
    }
    for (; b->have <= 32; b->have += 8, b->pos++)
        if (b->pos < b->in.len)
            b->word |= (uint64_t)b->in.at[b->pos] << (56 - b->have);
}

/* The next n bits (0 to 32) without taking them. */
static inline uint32_t bits_peek(struct bits *b, unsigned n)
{
    bits_load(b);
    return (uint32_t)(b->word >> 1 >> (63 - n));
}

static inline void bits_skip(struct bits *b, unsigned n)
{
    bits_load(b);
    b->word <<= n;
    b->have -= n;
}

static inline uint32_t bits_take(struct bits *b, unsigned n)
{
    uint32_t v = bits_peek(b, n);
    b->word <<= n;
    b->have -= n;
    return v;
}

/* How many bits were consumed. */
static inline uint64_t bits_used(const struct bits *b) { return (uint64_t)b->pos * 8 - b->have; }
static inline bool bits_ok(const struct bits *b) { return bits_used(b) <= (uint64_t)b->in.len * 8; }

/* To the next byte. */
static inline void bits_align(struct bits *b) { bits_skip(b, b->have & 7); }

/* To this byte. */
static inline void bits_seek(struct bits *b, size_t byte)
{
    b->pos = byte;
    b->word = 0;
    b->have = 0;
}
