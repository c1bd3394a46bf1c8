/* SPDX-License-Identifier: Apache-2.0 */
/* gunzip - a gzip file (RFC 1952) piece by piece, in memory that does not grow; seam in front of
 * zlib.
 *
 * For files of the desk that are larger than memory, such as logs. Parts of objects under
 * examination go through base/inflate.h, which counts them against a budget. All members are read
 * as one; what stands behind the last is left alone.
 */
#pragma once
#include "base/arena.h"

enum gunzip_end {
    GUNZIP_MORE,   /* `in` is used up, or `room` is */
    GUNZIP_WHOLE,  /* nothing more comes out */
    GUNZIP_BROKEN, /* what came before stands; the checksum counts too */
    GUNZIP_LIMIT,  /* far more comes out than any log holds in so few bytes: a bomb */
};

struct gunzip;
struct gunzip *gunzip_new(struct arena *mem); /* NULL: no memory */
bool gunzip_is(slice head);                   /* of three bytes or more */
/* Fills `out`; *in moves past what was used. With nothing more to give, an end that is
 * GUNZIP_MORE means that the file was cut off. */
enum gunzip_end gunzip_next(struct gunzip *g, slice *in, uint8_t *out, size_t room,
                            size_t *made_out);
