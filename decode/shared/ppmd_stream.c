/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of 7-Zip in PPMd: properties are the order and the size of the model. */
#include "base/cursor.h"
#include "decode/shared/ppmd.h"

enum { PIECE = 4096 };

static enum unpack_end run(struct ppmd *m, struct bits *b, uint64_t size, struct body_writer *out)
{
    uint8_t piece[PIECE];
    for (uint64_t left = size; left > 0;) {
        size_t n = 0, most = left < sizeof piece ? (size_t)left : sizeof piece;
        int v = 0;
        while (n < most && (v = ppmd_take(m)) >= 0)
            piece[n++] = (uint8_t)v;
        left -= n;
        if (!unpack_put(out, (slice){ piece, n }, 0, m->mem, m->budget) || m->full)
            return UNPACK_LIMIT;
        if (v < 0)
            return bits_ok(b) ? UNPACK_BROKEN : UNPACK_SHORT;
    }
    return UNPACK_WHOLE;
}

enum unpack_end ppmd_unpack(struct body_writer *out, slice in, slice properties, uint64_t size, struct arena *mem,
                            struct budget *budget)
{
    cursor c = cur_open(properties);
    unsigned order = cur_u8(&c);
    size_t heap = cur_u32le(&c);
    struct ppmd *m = ARENA_NEW(mem, struct ppmd);
    if (!m) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return UNPACK_LIMIT;
    }
    struct bits b = bits_open(in);
    enum unpack_end end = UNPACK_BROKEN;
    bool ready = cur_ok(&c) && ppmd_start(m, heap, order, mem, budget);
    if (ready && ppmd_code(m, PPMD_7Z, &b))
        end = run(m, &b, size, out);
    else if (m->full)
        end = UNPACK_LIMIT;
    ppmd_drop(m);
    return end;
}
