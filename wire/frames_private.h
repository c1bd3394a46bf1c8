/* SPDX-License-Identifier: Apache-2.0 */
/* frames_private - what both ends of the frame stream must agree on. */
#pragma once
#include "base/hash.h"
#include "wire/frames.h"

enum {
    FRAMES_VERSION = 2,
    HELLO_BYTES = 4 + 4 + 8 + 3,
    NAME_MAX_BYTES = 16 << 10,
    EXCERPT_MAX_BYTES = 256,
    ORIGIN_BYTES = 4 + 16 + 4,
    FACT_BIT_SCANNED = 1,
};

/* Tells two builds with different dictionaries apart; not a secret. */
static inline uint64_t frames_dictionary(void)
{
    uint64_t h = 0;
    for (unsigned i = 0; i < FACT_COUNT; i++)
        h = fnv1a(h, slice_of(fact_row((enum fact_id)i)->name)) +
            (uint64_t)fact_row((enum fact_id)i)->type;
    return h;
}
