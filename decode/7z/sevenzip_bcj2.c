/* SPDX-License-Identifier: Apache-2.0 */
/* BCJ2, the filter that 7-Zip puts before programs (Bcj2.c of the LZMA SDK,
 * public domain, whose notation this follows): the targets of calls and jumps
 * stand in streams of their own, and a range coder says which of the
 * instructions that look like one were taken apart. */
#include "decode/7z/sevenzip_private.h"

enum {
    MODEL_BITS = 11, MODEL_TOTAL = 1 << MODEL_BITS, MOVE_BITS = 5, TOP = 1 << 24,
    PIECE = 4096,
    WORK_PER_BYTE = 6,
};

struct join {
    cursor main, call, jump, range;
    uint32_t width, code;
    uint16_t prob[256 + 2];
    uint8_t piece[PIECE];
    size_t n;
    uint64_t made, size;
    struct body_writer *out;
    struct walk *w;
    bool limit;
};

static void flush(struct join *j)
{
    if (j->n == 0 || j->limit)
        return;
    bool paid = budget_spend(j->w->budget, BUDGET_INFLATED, j->n) && walk_work(j->w, j->n * WORK_PER_BYTE);
    j->limit = !body_writer_put(j->out, (slice){ j->piece, j->n }) || !paid;
    j->n = 0;
}

static void put(struct join *j, uint8_t byte)
{
    j->piece[j->n++] = byte;
    j->made++;
    if (j->n == PIECE)
        flush(j);
}

static bool decode_bit(struct join *j, uint16_t *prob)
{
    uint32_t bound = (j->width >> MODEL_BITS) * *prob;
    bool one = j->code >= bound;
    if (one) {
        j->width -= bound;
        j->code -= bound;
        *prob = (uint16_t)(*prob - (*prob >> MOVE_BITS));
    } else {
        j->width = bound;
        *prob = (uint16_t)(*prob + ((MODEL_TOTAL - *prob) >> MOVE_BITS));
    }
    if (j->width < TOP) {
        j->width <<= 8;
        j->code = j->code << 8 | cur_u8(&j->range);
    }
    return one;
}

/* E8 call, E9 jump, 0F 8x conditional jump. */
static bool is_branch(uint8_t before, uint8_t byte)
{
    return (byte & 0xfe) == 0xe8 || (before == 0x0f && (byte & 0xf0) == 0x80);
}

static bool joined(struct join *j)
{
    uint8_t before = 0;
    for (unsigned i = 0; i < 5; i++)
        j->code = j->code << 8 | cur_u8(&j->range);
    while (j->made < j->size && !j->limit) {
        if (!cur_more(&j->main))
            return false;
        uint8_t byte = cur_u8(&j->main);
        put(j, byte);
        bool branch = is_branch(before, byte);
        uint8_t context = before;
        before = byte;
        if (!branch || j->made == j->size)
            continue;
        if (!decode_bit(j, &j->prob[byte == 0xe8 ? context : byte == 0xe9 ? 256 : 257]))
            continue;
        uint32_t to = cur_u32be(byte == 0xe8 ? &j->call : &j->jump) - (uint32_t)(j->made + 4);
        if (!cur_ok(&j->call) || !cur_ok(&j->jump) || !cur_ok(&j->range))
            return false;
        for (unsigned i = 0; i < 4 && j->made < j->size; i++)
            put(j, (uint8_t)(to >> 8 * i));
        before = (uint8_t)(to >> 24);
    }
    return true;
}

bool sevenzip_bcj2(struct walk *w, const slice in[4], uint64_t size, struct body_writer *out, bool *broken_out)
{
    struct join *j = ARENA_NEW(w->mem, struct join);
    if (!j)
        return false;
    *j = (struct join){ .main = cur_open(in[0]), .call = cur_open(in[1]), .jump = cur_open(in[2]),
                        .range = cur_open(in[3]), .width = UINT32_MAX, .size = size, .out = out, .w = w };
    for (size_t i = 0; i < sizeof j->prob / sizeof j->prob[0]; i++)
        j->prob[i] = MODEL_TOTAL / 2;
    *broken_out = !joined(j);
    flush(j);
    return !j->limit;
}
