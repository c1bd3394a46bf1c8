/* SPDX-License-Identifier: Apache-2.0 */
/* See deflate.h. Level 1: a report shrinks to a quarter in some 20 µs, and higher ones gain little.
 */
#include "base/deflate.h"

#include <libdeflate.h>

enum { LEVEL = 1 };

static _Thread_local struct libdeflate_compressor *packer;
static _Thread_local struct libdeflate_decompressor *unpacker;

bool deflate_put(struct buf *out, slice in)
{
    if (!packer)
        packer = libdeflate_alloc_compressor(LEVEL);
    size_t most = packer ? libdeflate_deflate_compress_bound(packer, in.len) : 0;
    if (!packer || !buf_reserve(out, most))
        return false;
    size_t n = libdeflate_deflate_compress(packer, in.at, in.len, out->at + out->len, most);
    out->len += n;
    return n > 0;
}

bool deflate_get(struct buf *out, slice packed, size_t size)
{
    size_t eaten = 0;
    if (!unpacker)
        unpacker = libdeflate_alloc_decompressor();
    if (!unpacker || !buf_reserve(out, size + 1))
        return false;
    if (libdeflate_deflate_decompress_ex(unpacker, packed.at, packed.len, out->at + out->len, size,
                                         &eaten, NULL) != LIBDEFLATE_SUCCESS ||
        eaten != packed.len)
        return false;
    out->len += size;
    return true;
}

void deflate_thread_end(void)
{
    libdeflate_free_compressor(packer);
    libdeflate_free_decompressor(unpacker);
    packer = NULL;
    unpacker = NULL;
}
