/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed rich text: [MS-OXRTFCP] 2.1. LZ77 over a ring of 4096 bytes that
 * begins with words every RTF has. The checksum is not looked at, as the sizes
 * are not: what unpacks is read. */
#include "base/buf.h"
#include "decode/shared/mapi.h"

enum { RING = 4096, HEADER = 16, UNPACKED_MAX = 64 << 20 };

/* 2.1.2.1 */
static const slice first = SLICE_INIT(
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0"
    "\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx");

struct lz {
    struct body_writer *out;
    uint8_t ring[RING], chunk[RING];
    size_t at, n; /* in the ring, in the chunk */
    bool full;
};

static void put(struct lz *z, uint8_t byte)
{
    z->ring[z->at] = byte;
    z->at = (z->at + 1) % RING;
    z->chunk[z->n++] = byte;
    if (z->n == RING) {
        z->full = z->full || !body_writer_put(z->out, (slice){ z->chunk, z->n });
        z->n = 0;
    }
}

/* False: the end mark. */
static bool copy(struct lz *z, uint16_t reference)
{
    size_t from = reference >> 4, len = (reference & 15) + 2u;
    if (from == z->at)
        return false;
    for (size_t i = 0; i < len; i++)
        put(z, z->ring[(from + i) % RING]);
    return true;
}

static bool unpack(struct lz *z, slice in)
{
    cursor c = cur_open(in);
    z->at = slice_copy_out(first, z->ring, RING);
    while (cur_more(&c) && !z->full) {
        uint8_t flags = cur_u8(&c);
        for (unsigned bit = 0; bit < 8 && cur_more(&c); bit++) {
            if (!(flags & 1u << bit)) {
                put(z, cur_u8(&c));
            } else {
                uint16_t reference = cur_u16be(&c);
                if (cur_ok(&c) && !copy(z, reference))
                    return true;
            }
        }
    }
    return false;
}

bool mapi_unpack_rtf(struct walk *w, slice packed, struct body *out)
{
    static const slice plain = SLICE_INIT("MELA");
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    slice in = slice_from(packed, HEADER);
    *out = body_borrow((slice){ 0 });
    if (slice_starts(slice_from(packed, 8), plain)) {
        *out = body_borrow(in);
        return true;
    }
    struct body_writer *bw = body_writer_new(w->mem, in.len * 2, left < UNPACKED_MAX ? left : UNPACKED_MAX);
    struct lz *z = ARENA_NEW(w->mem, struct lz);
    if (!bw || !z || !walk_work(w, in.len * 8)) {
        body_writer_drop(bw);
        return false;
    }
    z->out = bw;
    bool whole = unpack(z, in);
    z->full = z->full || !body_writer_put(bw, (slice){ z->chunk, z->n });
    *out = body_writer_done(bw);
    (void)budget_spend(w->budget, BUDGET_INFLATED, out->all.len);
    if (z->full)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("inflated"));
    return whole;
}
