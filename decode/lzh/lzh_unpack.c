/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of LHA: -lh4- to -lh7- are LZ77 under two prefix codes for each
 * block of symbols (ar002 of Okumura, whose source is the description), -lzs-
 * and -lz5- are those of LArc. */
#include "decode/lzh/lzh_private.h"
#include "base/huffman.h"
#include "base/sliding.h"

enum {
    LITERALS = 256, SYMBOLS = 510, LENGTH_SYMBOLS = 19, SHORTEST = 3,
    SYMBOL_BITS = 9, LENGTH_BITS = 5, LENGTH_ZEROS_AT = 3, NEVER = 64,
    LZS_DICTIONARY = 2048, LZS_BEGIN = 17, LZS_SHORTEST = 2,
    LZ5_DICTIONARY = 4096, LZ5_BEGIN = 18, LZ5_RUN = 13,
    WORK_PER_BLOCK = 2 * WORK_PER_HUFFMAN,
};

struct unpacking {
    struct bits b;
    struct sliding window;
    struct sliding_body out;
    struct huffman symbols, distances, lengths;
};

/* --- -lh4- to -lh7- */

/* A length: three bits, the highest of them longer ones in unary. */
static uint8_t take_length(struct bits *b)
{
    unsigned v = bits_take(b, 3);
    while (v >= 7 && v < HUFFMAN_LONGEST && bits_take(b, 1))
        v++;
    return (uint8_t)v;
}

static void read_small(struct bits *b, struct huffman *h, unsigned most, unsigned bits, unsigned zeros_at)
{
    uint8_t lengths[32] = { 0 };
    unsigned n = bits_take(b, bits);
    if (n == 0) {
        huffman_only(h, bits_take(b, bits));
        return;
    }
    for (unsigned i = 0; i < n && i < most;) {
        lengths[i++] = take_length(b);
        if (i == zeros_at)
            i += bits_take(b, 2);
    }
    huffman_build(h, lengths, most);
}

static void read_symbols(struct unpacking *u)
{
    uint8_t lengths[SYMBOLS] = { 0 };
    unsigned n = bits_take(&u->b, SYMBOL_BITS);
    if (n == 0) {
        huffman_only(&u->symbols, bits_take(&u->b, SYMBOL_BITS));
        return;
    }
    for (unsigned i = 0; i < n && i < SYMBOLS && bits_ok(&u->b);) {
        unsigned v = huffman_take(&u->lengths, &u->b);
        if (v == 0)
            i++;
        else if (v == 1)
            i += bits_take(&u->b, 4) + 3;
        else if (v == 2)
            i += bits_take(&u->b, SYMBOL_BITS) + 20;
        else
            lengths[i++] = (uint8_t)(v - 2 <= HUFFMAN_LONGEST ? v - 2 : 0);
    }
    huffman_build(&u->symbols, lengths, SYMBOLS);
}

static void run_huffman(struct unpacking *u, unsigned dictionary)
{
    struct sliding *w = &u->window;
    unsigned distances = dictionary + 1, distance_bits = dictionary > 13 ? 5 : 4, left = 0;
    while (!w->stop && bits_ok(&u->b)) {
        if (left == 0) {
            left = bits_take(&u->b, 16);
            left = left ? left : 1 << 16;
            read_small(&u->b, &u->lengths, LENGTH_SYMBOLS, LENGTH_BITS, LENGTH_ZEROS_AT);
            read_symbols(u);
            read_small(&u->b, &u->distances, distances, distance_bits, NEVER);
            if (!bits_ok(&u->b) || !budget_spend(w->budget, BUDGET_WORK, WORK_PER_BLOCK) || !sliding_pay(w))
                return;
        }
        left--;
        unsigned v = huffman_take(&u->symbols, &u->b);
        if (!bits_ok(&u->b))
            return;
        if (v < LITERALS) {
            sliding_put(w, (uint8_t)v);
            continue;
        }
        unsigned slot = huffman_take(&u->distances, &u->b);
        uint32_t distance = slot > 1 && slot <= 32 ? (UINT32_C(1) << (slot - 1)) + bits_take(&u->b, slot - 1) : slot;
        sliding_copy(w, (uint64_t)distance + 1, v - LITERALS + SHORTEST);
    }
}

/* --- LArc */

/* Distances are told as places in the ring. */
static void copy_from(struct sliding *w, unsigned place, unsigned ring, unsigned len)
{
    unsigned here = (unsigned)(w->pos % ring);
    sliding_copy(w, here > place ? here - place : here + ring - place, len);
}

static void run_lzs(struct unpacking *u)
{
    while (!u->window.stop && bits_ok(&u->b)) {
        if (bits_take(&u->b, 1)) {
            sliding_put(&u->window, (uint8_t)bits_take(&u->b, 8));
        } else {
            unsigned place = bits_take(&u->b, 11), len = bits_take(&u->b, 4) + LZS_SHORTEST;
            copy_from(&u->window, place, LZS_DICTIONARY, len);
        }
    }
}

static void run_lz5(struct unpacking *u)
{
    while (!u->window.stop && bits_ok(&u->b)) {
        unsigned flags = bits_take(&u->b, 8);
        for (unsigned i = 0; i < 8 && !u->window.stop && bits_ok(&u->b); i++) {
            unsigned a = bits_take(&u->b, 8);
            if (flags >> i & 1) {
                sliding_put(&u->window, (uint8_t)a);
                continue;
            }
            unsigned b = bits_take(&u->b, 8);
            copy_from(&u->window, (b & 0xf0) << 4 | a, LZ5_DICTIONARY, (b & 15) + SHORTEST);
        }
    }
}

/* What LArc has in its ring at the beginning. */
static bool preset(struct unpacking *u, enum lzh_method method, struct arena *mem)
{
    size_t size = method == LZH_LZS ? LZS_DICTIONARY : LZ5_DICTIONARY, n = 0;
    uint8_t *ring = arena_get(mem, size, 1);
    if (!ring)
        return false;
    memset(ring, ' ', size);
    if (method == LZH_LZ5) {
        for (unsigned i = 0; i < LITERALS * LZ5_RUN; i++)
            ring[n++] = (uint8_t)(i / LZ5_RUN);
        for (unsigned i = 0; i < LITERALS; i++)
            ring[n++] = (uint8_t)i;
        for (unsigned i = 0; i < LITERALS; i++)
            ring[n++] = (uint8_t)(255 - i);
        memset(ring + n, 0, 128);
        memset(ring + size - LZ5_BEGIN, 0, LZ5_BEGIN);
    }
    sliding_preset(&u->window, (slice){ ring, size });
    u->window.pos = u->window.taken = size - (method == LZH_LZS ? LZS_BEGIN : LZ5_BEGIN);
    return true;
}

/* --- */

static void run(struct unpacking *u, const struct lzh_file *f)
{
    if (f->method == LZH_HUFFMAN)
        run_huffman(u, f->dictionary);
    else if (f->method == LZH_LZS)
        run_lzs(u);
    else
        run_lz5(u);
    sliding_end(&u->window);
}

enum unpack_end lzh_unpack(const struct lzh_file *f, slice in, uint64_t size, struct body_writer *out,
                           struct arena *mem, struct budget *budget)
{
    struct unpacking *u = ARENA_NEW(mem, struct unpacking);
    if (!u) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return UNPACK_LIMIT;
    }
    u->b = bits_open(in);
    u->out = (struct sliding_body){ out, mem, budget };
    uint64_t dictionary = f->method == LZH_HUFFMAN ? UINT64_C(1) << f->dictionary
                          : f->method == LZH_LZS   ? LZS_DICTIONARY
                                                   : LZ5_DICTIONARY;
    bool ready = sliding_start(&u->window, dictionary, mem, budget) &&
                 (f->method == LZH_HUFFMAN || preset(u, f->method, mem));
    u->window.fill = ' ';
    if (ready) {
        sliding_begin(&u->window, sliding_to_body, &u->out, size, &u->b);
        run(u, f);
    }
    bool limit = !ready || u->window.refused;
    sliding_drop(&u->window);
    if (limit)
        return UNPACK_LIMIT;
    return body_writer_size(out) == size ? UNPACK_WHOLE : UNPACK_SHORT;
}
