/* SPDX-License-Identifier: Apache-2.0 */
/* deflate - DEFLATE (RFC 1951) for what we store ourselves, fast and in one go; seam in front of
 * libdeflate. What strangers packed is read by base/inflate.h. */
#pragma once
#include "base/buf.h"

/* Appends; false: out of memory or no room. */
bool deflate_put(struct buf *out, slice in) MUST_USE;
/* Appends exactly `size` bytes; false when the stream holds anything else. */
bool deflate_get(struct buf *out, slice packed, size_t size) MUST_USE;
/* Frees what this thread keeps between calls. */
void deflate_thread_end(void);
