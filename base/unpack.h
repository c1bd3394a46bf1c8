/* SPDX-License-Identifier: Apache-2.0 */
/* unpack - what the seams in front of decompressors share: how a stream ended,
 * and how its output is paid for. */
#pragma once
#include "base/arena.h"
#include "base/body.h"
#include "base/budget.h"

enum unpack_end {
    UNPACK_WHOLE,
    UNPACK_SHORT,  /* input ended first */
    UNPACK_BROKEN, /* what came before stands */
    UNPACK_LIMIT,  /* budget, memory, or the writer was full */
};

struct unpack_result {
    enum unpack_end end;
    size_t used; /* input bytes consumed */
};

/* What one more piece of output may hold, at most `most`; 0 when the allowance is used up. */
static inline size_t unpack_room(struct budget *b, size_t most)
{
    uint64_t room = most, by_work = b->left[BUDGET_WORK] / WORK_PER_INFLATED_BYTE;
    if (room > b->left[BUDGET_INFLATED])
        room = b->left[BUDGET_INFLATED];
    if (room > by_work)
        room = by_work;
    if (room == 0)
        b->hit |= 1u << (b->left[BUDGET_INFLATED] == 0 ? BUDGET_INFLATED : BUDGET_WORK);
    return (size_t)room;
}

/* Output to the writer, its cost and `work` more to the budget. False: a limit, marked. */
MUST_USE static inline bool unpack_put(struct body_writer *bw, slice made, uint64_t work,
                                       const struct arena *mem, struct budget *b)
{
    bool paid = budget_spend(b, BUDGET_INFLATED, made.len) &&
                budget_spend(b, BUDGET_WORK, made.len * WORK_PER_INFLATED_BYTE) &&
                budget_spend(b, BUDGET_WORK, work);
    bool taken = body_writer_put(bw, made);
    if (!taken && arena_full(mem))
        b->hit |= 1u << BUDGET_MEMORY;
    return paid && taken;
}
