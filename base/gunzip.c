/* SPDX-License-Identifier: Apache-2.0 */
/* gunzip - see gunzip.h. */
#include "base/gunzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
    FREE_BYTES = 256 << 20, /* before the ratio counts */
    RATIO_MAX = 500,        /* logs reach 20 to 100, DEFLATE at most 1032 */
    STEP_MAX = 1 << 20,
};

struct gunzip {
    struct arena *mem;
    z_stream z;
    uint64_t used, made;
    bool between; /* a member has ended */
    enum gunzip_end ended;
};

static void *place(void *host, uInt items, uInt size)
{
    return arena_get(host, items, size);
}

static void leave(void *host, void *at)
{
    (void)host;
    (void)at;
}

struct gunzip *gunzip_new(struct arena *mem)
{
    struct gunzip *g = ARENA_NEW(mem, struct gunzip);
    if (!g)
        return NULL;
    g->mem = mem;
    g->z.zalloc = place;
    g->z.zfree = leave;
    g->z.opaque = mem;
    return inflateInit2(&g->z, MAX_WBITS + 16) == Z_OK ? g : NULL;
}

bool gunzip_is(slice head)
{
    return slice_starts(head, SLICE_LIT("\x1f\x8b\x08"));
}

/* Behind a member: another one, or the end. A piece may end within the two bytes that tell. */
static bool next_member(struct gunzip *g, slice in)
{
    if (in.at[0] != 0x1f || (in.len > 1 && in.at[1] != 0x8b)) {
        g->ended = GUNZIP_WHOLE;
        return false;
    }
    g->between = false;
    return inflateReset(&g->z) == Z_OK;
}

enum gunzip_end gunzip_next(struct gunzip *g, slice *in, uint8_t *out, size_t room,
                            size_t *made_out)
{
    *made_out = 0;
    while (g->ended == GUNZIP_MORE && in->len && *made_out < room) {
        if (g->between && !next_member(g, *in))
            break;
        size_t give = in->len < STEP_MAX ? in->len : STEP_MAX,
               want = room - *made_out < STEP_MAX ? room - *made_out : STEP_MAX;
        g->z.next_in = in->at;
        g->z.avail_in = (uInt)give;
        g->z.next_out = out + *made_out;
        g->z.avail_out = (uInt)want;
        int status = inflate(&g->z, Z_NO_FLUSH);
        size_t used = give - g->z.avail_in, made = want - g->z.avail_out;
        *in = slice_from(*in, used);
        *made_out += made;
        g->used += used;
        g->made += made;
        g->between = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            g->ended = GUNZIP_BROKEN;
        else if (g->made > FREE_BYTES && g->made / RATIO_MAX > g->used)
            g->ended = GUNZIP_LIMIT;
        if (status == Z_BUF_ERROR && !used && !made)
            break;
    }
    if (g->ended == GUNZIP_MORE && !in->len && g->between)
        return GUNZIP_WHOLE; /* unless more members come, asked again with more */
    return g->ended;
}
