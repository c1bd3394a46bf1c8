/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 5 and 7: blocks, each with a header, its own prefix codes or those of the
 * block before, and LZ77 with four remembered distances. Sums of block headers
 * are not judged. */
#include "decode/rar/rar_unpack.h"

enum {
    MAIN_SYMBOLS = 306, LOW_SYMBOLS = 16, REPEAT_SYMBOLS = 44, LENGTH_SYMBOLS = 20, DISTANCES_MOST = 80,
    TABLE_MOST = MAIN_SYMBOLS + DISTANCES_MOST + LOW_SYMBOLS + REPEAT_SYMBOLS,
    LITERALS = 256, FILTER = 256, AGAIN = 257, OLD_DISTANCE = 258, NEW_DISTANCE = 262,
    FILTER_MOST = 4 << 20,
    WORK_PER_TABLES = 5 * WORK_PER_HUFFMAN + 4000, WORK_PER_FILTER = 200,
};

static bool read_tables(struct rar_unpacker *u)
{
    struct rar5_state *s = &u->s.five;
    uint8_t small[LENGTH_SYMBOLS] = { 0 }, lengths[TABLE_MOST] = { 0 };
    size_t n = MAIN_SYMBOLS + s->distances + LOW_SYMBOLS + REPEAT_SYMBOLS;
    if (!budget_spend(u->budget, BUDGET_WORK, WORK_PER_TABLES)) {
        u->window.stop = u->window.refused = true;
        return false;
    }
    rar_read_lengths(&u->b, small, LENGTH_SYMBOLS);
    huffman_build(&s->main, small, LENGTH_SYMBOLS);
    for (size_t i = 0; i < n && bits_ok(&u->b);) {
        unsigned v = huffman_take(&s->main, &u->b);
        if (v < 16) {
            lengths[i++] = (uint8_t)v;
            continue;
        }
        unsigned run = v & 1 ? bits_take(&u->b, 7) + 11 : bits_take(&u->b, 3) + 3;
        uint8_t same = v < 18 && i ? lengths[i - 1] : 0;
        for (; run && i < n; run--)
            lengths[i++] = same;
    }
    const uint8_t *at = lengths;
    huffman_build(&s->main, at, MAIN_SYMBOLS);
    huffman_build(&s->distance, at += MAIN_SYMBOLS, s->distances);
    huffman_build(&s->low, at += s->distances, LOW_SYMBOLS);
    huffman_build(&s->repeat, at += LOW_SYMBOLS, REPEAT_SYMBOLS);
    s->has_tables = true;
    return bits_ok(&u->b);
}

/* False: there is none, or it cannot be one. */
static bool read_block(struct rar_unpacker *u)
{
    struct rar5_state *s = &u->s.five;
    bits_align(&u->b);
    unsigned flags = bits_take(&u->b, 8), bytes = (flags >> 3 & 3) + 1;
    bits_skip(&u->b, 8); /* sum */
    uint64_t size = 0;
    for (unsigned i = 0; i < bytes; i++)
        size |= (uint64_t)bits_take(&u->b, 8) << 8 * i;
    s->last = flags & 0x40;
    s->end = bits_used(&u->b) + (size ? (size - 1) * 8 + (flags & 7) + 1 : 0);
    if (bytes == 4 || !bits_ok(&u->b)) {
        u->broken = u->broken || bytes == 4;
        return false;
    }
    if (flags & 0x80 && !read_tables(u))
        return false;
    u->broken = !s->has_tables;
    return s->has_tables && sliding_pay(&u->window);
}

static uint64_t length_of(struct bits *b, unsigned slot)
{
    if (slot < 8)
        return slot + 2;
    unsigned bits = slot / 4 - 1;
    return ((uint64_t)(4 | (slot & 3)) << bits) + 2 + bits_take(b, bits);
}

static uint64_t distance_of(struct rar_unpacker *u)
{
    struct rar5_state *s = &u->s.five;
    unsigned slot = huffman_take(&s->distance, &u->b);
    if (slot < 4)
        return slot + 1;
    unsigned bits = slot / 2 - 1;
    uint64_t distance = ((uint64_t)(2 | (slot & 1)) << bits) + 1;
    if (bits < 4)
        return distance + bits_take(&u->b, bits);
    if (bits > 4 + 32) { /* RAR 7 */
        distance += (uint64_t)bits_take(&u->b, bits - 36) << 36;
        bits = 36;
    }
    distance += (uint64_t)bits_take(&u->b, bits - 4) << 4;
    return distance + huffman_take(&s->low, &u->b);
}

static uint32_t filter_number(struct bits *b)
{
    unsigned bytes = bits_take(b, 2) + 1;
    uint32_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= bits_take(b, 8) << 8 * i;
    return v;
}

static void read_filter(struct rar_unpacker *u)
{
    struct rar_filter f = { .start = sliding_total(&u->window) };
    f.start += filter_number(&u->b);
    f.length = filter_number(&u->b);
    unsigned kind = bits_take(&u->b, 3);
    f.kind = kind <= RAR_FILTER_ARM ? (enum rar_filter_kind)kind : RAR_FILTER_UNKNOWN;
    if (f.kind == RAR_FILTER_DELTA)
        f.a = bits_take(&u->b, 5) + 1;
    if (!budget_spend(u->budget, BUDGET_WORK, WORK_PER_FILTER))
        u->window.stop = u->window.refused = true;
    else if (bits_ok(&u->b) && f.length && f.length <= FILTER_MOST)
        rar_filter_add(&u->filters, &f);
}

static void one_symbol(struct rar_unpacker *u)
{
    struct rar5_state *s = &u->s.five;
    unsigned v = huffman_take(&s->main, &u->b);
    if (v < LITERALS) {
        sliding_put(&u->window, (uint8_t)v);
    } else if (v >= NEW_DISTANCE) {
        uint64_t length = length_of(&u->b, v - NEW_DISTANCE), distance = distance_of(u);
        length += 0u + (distance > 0x100) + (distance > 0x2000) + (distance > 0x40000);
        rar_old_distance(u, distance);
        u->last_length = length;
        sliding_copy(&u->window, distance, length);
    } else if (v == FILTER) {
        read_filter(u);
    } else if (v == AGAIN) {
        if (u->last_length || sliding_pay(&u->window))
            sliding_copy(&u->window, u->old[0], u->last_length);
    } else {
        uint64_t distance = rar_again(u, v - OLD_DISTANCE);
        u->last_length = length_of(&u->b, huffman_take(&s->repeat, &u->b));
        sliding_copy(&u->window, distance, u->last_length);
    }
}

void rar5_run(struct rar_unpacker *u, bool solid)
{
    struct rar5_state *s = &u->s.five;
    s->has_tables = s->has_tables && solid;
    if (!read_block(u))
        return;
    while (!u->window.stop) {
        while (bits_used(&u->b) >= s->end)
            if (s->last || !read_block(u))
                return;
        if (!bits_ok(&u->b))
            return;
        one_symbol(u);
    }
}
