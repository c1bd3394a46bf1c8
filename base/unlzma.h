/* SPDX-License-Identifier: Apache-2.0 */
/* unlzma - LZMA, LZMA2, the branch filters and .xz; seam in front of liblzma.
 *
 * Output goes to a body_writer, counted against BUDGET_INFLATED and
 * BUDGET_WORK. Dictionaries are charged to the arena while they are in use.
 */
#pragma once
#include "base/unpack.h"

enum unlzma_kind {
    UNLZMA_1,
    UNLZMA_2,
    UNLZMA_X86, /* filters from here on */
    UNLZMA_POWERPC,
    UNLZMA_IA64,
    UNLZMA_ARM,
    UNLZMA_ARMTHUMB,
    UNLZMA_SPARC,
    UNLZMA_ARM64,
    UNLZMA_DELTA,
};

/* One raw stream of known size with the properties of its container; a filter is
 * undone over plain bytes. Where the data ends early, what came before stands. */
struct unpack_result unlzma_raw(struct body_writer *out, slice in, enum unlzma_kind kind, slice properties,
                                uint64_t size, struct arena *mem, struct budget *budget);
/* All streams of an .xz file, one behind the other. */
struct unpack_result unlzma_xz(struct body_writer *out, slice in, struct arena *mem, struct budget *budget);
