/* SPDX-License-Identifier: Apache-2.0 */
/* ppmd_private - the heap of a model and what lies in it. */
#pragma once
#include "decode/shared/ppmd.h"

enum { PPMD_UNIT = 12, PPMD_STATE = 6 };

/* Our own memory, never input: shapes are laid over it. */
struct ppmd_state {
    uint8_t symbol, freq;
    uint16_t low, high; /* of the successor */
};

struct ppmd_context {
    uint16_t n, sum; /* with one symbol its state begins at `sum` */
    uint32_t states, suffix;
};

_Static_assert(sizeof(struct ppmd_state) == PPMD_STATE, "two of them are a unit");
_Static_assert(sizeof(struct ppmd_context) == PPMD_UNIT, "one of them is a unit");

static inline struct ppmd_context *ppmd_context(const struct ppmd *m, uint32_t at)
{
    return (struct ppmd_context *)(void *)(m->heap + at);
}

static inline struct ppmd_state *ppmd_state(const struct ppmd *m, uint32_t at)
{
    return (struct ppmd_state *)(void *)(m->heap + at);
}

/* The state of a context with one symbol. */
static inline uint32_t ppmd_only(uint32_t context) { return context + 2; }

/* --- ppmd_heap.c */
bool ppmd_heap_new(struct ppmd *m, size_t size, struct arena *mem, struct budget *budget);
void ppmd_heap_drop(struct ppmd *m);
void ppmd_heap_empty(struct ppmd *m);
/* Charges how far the heap is filled. False: a limit; the model is full. */
bool ppmd_heap_pay(struct ppmd *m);
/* Units by their index of size; 0: none left. */
uint32_t ppmd_heap_units(struct ppmd *m, unsigned index);
uint32_t ppmd_heap_context(struct ppmd *m);
/* One unit more or fewer: *at may move. */
bool ppmd_heap_expand(struct ppmd *m, uint32_t *at, unsigned units);
void ppmd_heap_shrink(struct ppmd *m, uint32_t *at, unsigned units, unsigned wanted);
void ppmd_heap_free(struct ppmd *m, uint32_t at, unsigned units);
