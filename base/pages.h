/* SPDX-License-Identifier: Apache-2.0 */
/* pages - address space that costs memory only where it was written; seam in
 * front of the operating system's memory mapping.
 *
 * Reads as zero until written. Reading an unwritten page costs no memory,
 * which is why huge pages are refused: one would cost 2 MiB per touch.
 */
#pragma once
#include "base/check.h"
#include "base/slice.h"

enum { PAGE_BYTES = 4096 };

/* At least `bytes`, zeroed, page aligned; NULL when there is none. */
MUST_USE void *pages_new(size_t bytes);
/* May move. NULL when it cannot; then the old mapping stands. */
MUST_USE void *pages_resize(void *at, size_t old_bytes, size_t new_bytes);
/* These pages, page aligned, are zero again and cost nothing. */
void pages_forget(void *at, size_t bytes);
/* `bytes` as last asked for. NULL is accepted. */
void pages_drop(void *at, size_t bytes);

/* Pages that may stand at several places at once, for content that repeats; NULL when the system
 * has none. Whole pages only. What was put in place stands when the original is dropped. */
MUST_USE void *pages_shared(size_t bytes);
/* Puts them in place of the first `bytes` at `to`, read only: later writes there are a bug. False:
 * the system cannot, and zeros stand there. */
MUST_USE bool pages_repeat(void *shared, size_t bytes, void *to);
