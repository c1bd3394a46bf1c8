/* SPDX-License-Identifier: Apache-2.0 */
/* inflate - DEFLATE (RFC 1951), zlib (RFC 1950), gzip (RFC 1952); seam in front of
 * zlib and libdeflate.
 *
 * Output goes to a body_writer, counted against BUDGET_INFLATED and
 * BUDGET_WORK. Nothing is allocated that the arena does not account for.
 *
 * One gzip member a call; further members begin at `used`. Checksums in zlib
 * and gzip trailers are consumed and not judged: compare `crc32` yourself.
 */
#pragma once
#include "base/body.h"

enum inflate_wrap { INFLATE_RAW, INFLATE_ZLIB, INFLATE_GZIP };

enum inflate_end {
    INFLATE_WHOLE,
    INFLATE_SHORT,  /* input ended first */
    INFLATE_BROKEN, /* not a DEFLATE stream from some point on; what came before stands */
    INFLATE_LIMIT,  /* budget, or the writer was full */
};

struct inflate_result {
    enum inflate_end end;
    size_t used; /* input bytes consumed */
    uint32_t crc32; /* of the output */
};

struct inflate_result inflate_into(struct body_writer *out, slice in, enum inflate_wrap wrap,
                                   struct arena *mem, struct budget *budget);
/* The first `max` bytes of output only; for sniffing. Returns how many were written. */
size_t inflate_head(slice in, enum inflate_wrap wrap, uint8_t *out, size_t max);
uint32_t crc32_of(uint32_t seed, slice s);
/* Frees what this thread keeps between streams. */
void inflate_thread_end(void);
