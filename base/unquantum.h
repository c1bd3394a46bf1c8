/* SPDX-License-Identifier: Apache-2.0 */
/* unquantum - Quantum as cabinets have it ([MS-CAB] 1.3: typeCompress). */
#pragma once
#include "base/unpack.h"

enum { UNQUANTUM_WINDOW_LEAST = 10, UNQUANTUM_WINDOW_MOST = 21 };

/* The state goes on from one block of a folder to the next. */
struct unquantum;

/* At most `size` bytes come out. NULL: no memory, marked, or no such window. */
struct unquantum *unquantum_new(struct body_writer *out, unsigned window_bits, uint64_t size,
                                struct arena *mem, struct budget *budget);
/* One block, which makes `size` bytes. */
enum unpack_end unquantum_block(struct unquantum *u, slice in, size_t size);
/* Gives what is left to the writer. */
enum unpack_end unquantum_end(struct unquantum *u);
