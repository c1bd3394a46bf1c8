/* SPDX-License-Identifier: Apache-2.0 */
/* LZX ([MS-PATCH] 2.1 to 2.7); see unlzx.h.
 *
 * Bits come from 16-bit words, the low byte first: the input is turned round
 * once, so that the reader of bits serves. After every frame of 32 KiB the
 * encoder goes to the next word. What it did to the targets of calls (2.3.1.1)
 * is undone frame by frame, behind the window, which keeps them as they were. */
#include "base/unlzx.h"
#include "base/huffman.h"
#include "base/sliding.h"

enum {
    LITERALS = 256, LENGTHS = 249, PRE_SYMBOLS = 20, ALIGNED_SYMBOLS = 8, SLOTS_MOST = 50, MAIN_MOST = LITERALS + 8 * SLOTS_MOST,
    SHORTEST = 2, LONG_LENGTH = 7, OLD = 3,
    BLOCK_VERBATIM = 1, BLOCK_ALIGNED = 2, BLOCK_PLAIN = 3,
    CALLS_FRAMES = 32768, CALLS_LEAST = 10,
    WORK_PER_BLOCK = 6 * WORK_PER_HUFFMAN,
};

struct unlzx {
    struct bits b;
    struct sliding window;
    struct sliding_body out;
    struct huffman main, length, aligned, pre;
    uint8_t main_lengths[MAIN_MOST], length_lengths[LENGTHS];
    size_t n_main;
    uint32_t old[OLD];
    unsigned block;
    uint32_t left;     /* of the block */
    bool broken, begun;
    int32_t calls;     /* file size that targets were made with; 0: they were not */
    uint8_t frame[UNLZX_FRAME];
    size_t in_frame;
    uint64_t frames;
};

/* --- calls changed back */

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned k = 0; k < 4; k++)
        p[k] = (uint8_t)(v >> 8 * k);
}

static bool give_frame(struct unlzx *u)
{
    size_t n = u->in_frame;
    if (u->calls > 0 && u->frames < CALLS_FRAMES && n > CALLS_LEAST)
        for (size_t i = 0; i < n - CALLS_LEAST; i++) {
            if (u->frame[i] != 0xe8)
                continue;
            int32_t here = (int32_t)(u->frames * UNLZX_FRAME + i), target = (int32_t)get32(u->frame + i + 1);
            if (target >= -here && target < u->calls)
                put32(u->frame + i + 1, target >= 0 ? (uint32_t)(target - here) : (uint32_t)(target + u->calls));
            i += 4;
        }
    u->frames++;
    u->in_frame = 0;
    return sliding_to_body(&u->out, (slice){ u->frame, n });
}

static bool take(void *host, slice made)
{
    struct unlzx *u = host;
    while (made.len) {
        size_t n = slice_copy_out(made, u->frame + u->in_frame, sizeof u->frame - u->in_frame);
        u->in_frame += n;
        made = slice_from(made, n);
        if (u->in_frame == sizeof u->frame && !give_frame(u))
            return false;
    }
    return true;
}

/* --- tables */

/* Lengths are told as differences to those of the block before, in a code of their own (2.5). */
static void read_lengths(struct unlzx *u, uint8_t *lengths, size_t from, size_t to)
{
    uint8_t small[PRE_SYMBOLS];
    for (size_t i = 0; i < PRE_SYMBOLS; i++)
        small[i] = (uint8_t)bits_take(&u->b, 4);
    huffman_build(&u->pre, small, PRE_SYMBOLS);
    for (size_t i = from; i < to && bits_ok(&u->b);) {
        unsigned v = huffman_take(&u->pre, &u->b), run = 1;
        if (v == 17 || v == 18) {
            run = v == 17 ? bits_take(&u->b, 4) + 4 : bits_take(&u->b, 5) + 20;
            for (; run && i < to; run--)
                lengths[i++] = 0;
            continue;
        }
        if (v == 19) {
            run = bits_take(&u->b, 1) + 4;
            v = huffman_take(&u->pre, &u->b);
            v = v > 16 ? 0 : v;
        }
        uint8_t length = (uint8_t)((lengths[i] + 17u - v) % 17);
        for (; run && i < to; run--)
            lengths[i++] = length;
    }
}

static void read_tables(struct unlzx *u)
{
    if (u->block == BLOCK_ALIGNED) {
        uint8_t aligned[ALIGNED_SYMBOLS];
        for (size_t i = 0; i < ALIGNED_SYMBOLS; i++)
            aligned[i] = (uint8_t)bits_take(&u->b, 3);
        huffman_build(&u->aligned, aligned, ALIGNED_SYMBOLS);
    }
    read_lengths(u, u->main_lengths, 0, LITERALS);
    read_lengths(u, u->main_lengths, LITERALS, u->n_main);
    huffman_build(&u->main, u->main_lengths, u->n_main);
    read_lengths(u, u->length_lengths, 0, LENGTHS);
    huffman_build(&u->length, u->length_lengths, LENGTHS);
}

/* To the next word; where it stands already, plain blocks go one further. */
static void align(struct unlzx *u, bool always)
{
    unsigned over = (unsigned)(bits_used(&u->b) & 15);
    if (over || always)
        bits_skip(&u->b, 16 - over);
}

/* A byte of a plain block; words are turned round. */
static uint8_t plain(const struct unlzx *u, size_t at)
{
    at ^= 1;
    return at < u->b.in.len ? u->b.in.at[at] : 0;
}

static bool read_block(struct unlzx *u)
{
    u->block = bits_take(&u->b, 3);
    u->left = bits_take(&u->b, 24);
    if (!budget_spend(u->window.budget, BUDGET_WORK, WORK_PER_BLOCK) || !sliding_pay(&u->window)) {
        u->window.stop = u->window.refused = true;
        return false;
    }
    if (u->block == BLOCK_VERBATIM || u->block == BLOCK_ALIGNED) {
        read_tables(u);
    } else if (u->block == BLOCK_PLAIN) {
        align(u, true);
        for (size_t i = 0; i < OLD; i++) {
            uint32_t v = 0;
            for (unsigned k = 0; k < 4; k++)
                v |= (uint32_t)plain(u, (size_t)(bits_used(&u->b) / 8) + k) << 8 * k;
            u->old[i] = v;
            bits_skip(&u->b, 32);
        }
    } else {
        u->broken = bits_ok(&u->b);
    }
    return !u->broken && bits_ok(&u->b);
}

/* --- symbols */

static uint32_t distance_of(struct unlzx *u, unsigned slot)
{
    if (slot < OLD) {
        uint32_t distance = u->old[slot];
        u->old[slot] = u->old[0];
        u->old[0] = distance;
        return distance;
    }
    /* Two slots for each number of extra bits, up to 17 of them; then each is 2^17 wide. */
    unsigned extra = slot < 4 ? 0 : slot < 36 ? slot / 2 - 1 : 17;
    uint32_t base = slot < 4 ? slot : slot < 36 ? (2 | (slot & 1)) << extra : (slot - 34) << 17;
    uint32_t more;
    if (u->block == BLOCK_ALIGNED && extra >= 3) {
        more = bits_take(&u->b, extra - 3) << 3;
        more += huffman_take(&u->aligned, &u->b);
    } else {
        more = bits_take(&u->b, extra);
    }
    u->old[2] = u->old[1];
    u->old[1] = u->old[0];
    u->old[0] = base + more - 2;
    return u->old[0];
}

/* One symbol; how many bytes it made. */
static uint32_t one_symbol(struct unlzx *u)
{
    unsigned v = huffman_take(&u->main, &u->b);
    if (!bits_ok(&u->b))
        return 0;
    if (v < LITERALS) {
        sliding_put(&u->window, (uint8_t)v);
        return 1;
    }
    v -= LITERALS;
    uint32_t length = v & 7;
    if (length == LONG_LENGTH)
        length += huffman_take(&u->length, &u->b);
    length += SHORTEST;
    uint32_t distance = distance_of(u, v >> 3);
    sliding_copy(&u->window, distance, length);
    return length;
}

/* A frame's worth, or the rest of the block. */
static void run_block(struct unlzx *u, uint64_t until)
{
    while (u->left && !u->window.stop && sliding_total(&u->window) < until) {
        if (u->block == BLOCK_PLAIN) {
            sliding_put(&u->window, plain(u, (size_t)(bits_used(&u->b) / 8)));
            bits_skip(&u->b, 8);
            u->left--;
        } else {
            uint32_t made = one_symbol(u);
            u->left -= made < u->left ? made : u->left;
        }
        if (!bits_ok(&u->b))
            return;
    }
}

static void run(struct unlzx *u)
{
    if (bits_take(&u->b, 1))
        u->calls = (int32_t)bits_take(&u->b, 32);
    for (uint64_t until = UNLZX_FRAME; !u->window.stop && bits_ok(&u->b) && !u->broken;) {
        bool odd = u->block == BLOCK_PLAIN && u->begun && bits_used(&u->b) & 8;
        if (u->left == 0) {
            if (odd)
                bits_skip(&u->b, 8);
            u->begun = read_block(u);
            if (!u->begun)
                return;
        }
        run_block(u, until);
        if (sliding_total(&u->window) >= until) {
            if (u->block != BLOCK_PLAIN)
                align(u, false);
            until += UNLZX_FRAME;
        }
    }
}

/* The two bytes of each word changed. */
static slice turned(struct arena *mem, slice in)
{
    uint8_t *p = arena_get(mem, in.len + 2, 1);
    for (size_t i = 0; p && i < in.len; i++)
        p[i ^ 1] = in.at[i];
    return (slice){ p, p ? (in.len + 1) & ~(size_t)1 : 0 };
}

struct unpack_result unlzx_into(struct body_writer *out, slice in, unsigned window_bits, uint64_t size, struct arena *mem,
                                struct budget *budget)
{
    static const uint8_t slots[] = { 30, 32, 34, 36, 38, 42, 50 };
    struct unpack_result r = { .end = UNPACK_LIMIT };
    if (window_bits < UNLZX_WINDOW_LEAST || window_bits > UNLZX_WINDOW_MOST)
        return (struct unpack_result){ .end = UNPACK_BROKEN };
    struct unlzx *u = ARENA_NEW(mem, struct unlzx);
    slice words = turned(mem, in);
    if (!u || (in.len && !words.at)) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return r;
    }
    u->b = bits_open(words);
    u->out = (struct sliding_body){ out, mem, budget };
    u->n_main = LITERALS + 8u * slots[window_bits - UNLZX_WINDOW_LEAST];
    for (size_t i = 0; i < OLD; i++)
        u->old[i] = 1;
    bool ready = sliding_start(&u->window, UINT64_C(1) << window_bits, mem, budget);
    if (ready) {
        sliding_begin(&u->window, take, u, size, &u->b);
        run(u);
        sliding_end(&u->window);
        ready = (u->in_frame == 0 || give_frame(u)) && !u->window.refused;
    }
    sliding_drop(&u->window);
    r.used = (size_t)(bits_used(&u->b) / 8) < in.len ? (size_t)(bits_used(&u->b) / 8) : in.len;
    if (ready)
        r.end = u->broken ? UNPACK_BROKEN : body_writer_size(out) == size ? UNPACK_WHOLE : UNPACK_SHORT;
    return r;
}
