/* SPDX-License-Identifier: Apache-2.0 */
/* unbzip2 - bzip2 streams; seam in front of libbz2.
 *
 * All streams that stand one behind the other make one content. Output goes to
 * a body_writer, counted against BUDGET_INFLATED and BUDGET_WORK; the block
 * buffers are charged to the arena while they are in use.
 */
#pragma once
#include "base/unpack.h"

struct unpack_result unbzip2_into(struct body_writer *out, slice in, struct arena *mem, struct budget *budget);
