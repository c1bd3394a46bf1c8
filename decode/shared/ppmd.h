/* SPDX-License-Identifier: Apache-2.0 */
/* ppmd - PPMd variant H (Shkarin, 2001) as RAR 3 and 7-Zip use it.
 *
 * The model is a heap of units of 12 bytes whose exhaustion is part of the
 * format: it starts anew when nothing is left. Facts as in the public-domain
 * Ppmd7.c of 7-Zip. The heap costs memory only as far as it was filled. */
#pragma once
#include "base/arena.h"
#include "base/bits.h"
#include "base/unpack.h"

enum { PPMD_INDEXES = 38, PPMD_ORDER_MAX = 64, PPMD_END = -1, PPMD_BROKEN = -2 };

enum ppmd_coder { PPMD_7Z, PPMD_RAR };

struct ppmd_see {
    uint16_t sum;
    uint8_t shift, count;
};

struct ppmd {
    struct arena *mem;
    struct budget *budget;
    struct bits *in;
    enum ppmd_coder coder;
    uint32_t range, code, low, bottom;

    /* References are offsets in the heap; 0 is none. */
    uint8_t *heap;
    size_t size, charged;
    uint32_t lowest_high, highest_low, highest_text; /* how far it was filled; charged */
    uint32_t text, units, lo, hi, end;
    uint32_t context, longest, found; /* found: a state */
    unsigned order, order_fall, escape, success, high_bits, glue;
    int run, first_run;
    uint64_t work; /* not yet paid */
    bool full;     /* no memory, or over budget */
    uint32_t free[PPMD_INDEXES];
    uint8_t units_of[PPMD_INDEXES], index_of[128];
    uint8_t group[256], binary_group[256];
    struct ppmd_see see[25][16], no_see;
    uint16_t binary[128][64];
};

/* A fresh model. False: no memory, or an order or a size that cannot be. */
MUST_USE bool ppmd_start(struct ppmd *m, size_t size, unsigned order, struct arena *mem, struct budget *budget);
void ppmd_drop(struct ppmd *m);
/* The coder begins at the next byte of `in`. False: it cannot. */
MUST_USE bool ppmd_code(struct ppmd *m, enum ppmd_coder coder, struct bits *in);
/* The next byte; PPMD_END where the model ends it, PPMD_BROKEN, also when full. */
int ppmd_take(struct ppmd *m);

/* --- ppmd_stream.c: a whole stream of 7-Zip, at most `size` bytes. */
enum unpack_end ppmd_unpack(struct body_writer *out, slice in, slice properties, uint64_t size, struct arena *mem,
                            struct budget *budget);
