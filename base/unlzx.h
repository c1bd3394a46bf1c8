/* SPDX-License-Identifier: Apache-2.0 */
/* unlzx - LZX as cabinets have it ([MS-PATCH] 2; [MS-CAB] 1.3: typeCompress). */
#pragma once
#include "base/unpack.h"

enum { UNLZX_FRAME = 32 << 10, UNLZX_WINDOW_LEAST = 15, UNLZX_WINDOW_MOST = 21 };

/* `in` is all blocks of a folder, one behind the other; at most `size` bytes come out. */
struct unpack_result unlzx_into(struct body_writer *out, slice in, unsigned window_bits, uint64_t size, struct arena *mem,
                                struct budget *budget);
