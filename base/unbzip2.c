/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2 streams into a body; seam in front of libbz2. See unbzip2.h.
 *
 * A block of 900 kB costs the same however little comes out of it; blocks that
 * hold almost nothing are the hostile case, and cost by their input.
 */
#include "base/unbzip2.h"

#include <bzlib.h>
#include <stdlib.h>

enum {
    CHUNK = 64 << 10,
    INPUT_PIECE = 4 << 10, /* so that input without output is charged too */
    STATE_COST = 3700 << 10, /* bzip2 manual 2: 100k + 4 * 900k */
    WORK_PER_INPUT_BYTE = 120,
    WORK_PER_OUTPUT_BYTE = 1, /* beyond what every unpacked byte costs */
    WORK_PER_STREAM = 600000, /* its buffers are made and wiped */
};

static void *block_new(void *host, int items, int size)
{
    (void)host;
    return items > 0 && size > 0 ? calloc((size_t)items, (size_t)size) : NULL;
}

static void block_drop(void *host, void *block)
{
    (void)host;
    free(block);
}

struct job {
    bz_stream z;
    struct body_writer *out;
    struct arena *mem;
    struct budget *budget;
    char piece[CHUNK];
};

/* One stream from in[*used] on. */
static enum unpack_end one_stream(struct job *j, slice in, size_t *used)
{
    j->z = (bz_stream){ .bzalloc = block_new, .bzfree = block_drop };
    if (!budget_spend(j->budget, BUDGET_WORK, WORK_PER_STREAM) || BZ2_bzDecompressInit(&j->z, 0, 0) != BZ_OK)
        return UNPACK_LIMIT;
    enum unpack_end end = UNPACK_SHORT;
    for (int status = BZ_OK; status == BZ_OK;) {
        slice next = slice_sub(in, *used, INPUT_PIECE);
        size_t most = unpack_room(j->budget, sizeof j->piece);
        end = UNPACK_LIMIT;
        if (most == 0)
            break;
        j->z.next_in = (char *)(uintptr_t)next.at;
        j->z.avail_in = (unsigned)next.len;
        j->z.next_out = j->piece;
        j->z.avail_out = (unsigned)most;
        status = BZ2_bzDecompress(&j->z);
        size_t eaten = next.len - j->z.avail_in, made = most - j->z.avail_out;
        *used += eaten;
        if (!unpack_put(j->out, (slice){ (uint8_t *)j->piece, made },
                        eaten * WORK_PER_INPUT_BYTE + made * WORK_PER_OUTPUT_BYTE, j->mem, j->budget))
            break;
        end = status == BZ_STREAM_END ? UNPACK_WHOLE : status == BZ_OK ? UNPACK_SHORT : UNPACK_BROKEN;
        if (status == BZ_OK && eaten == 0 && made == 0)
            break;
    }
    BZ2_bzDecompressEnd(&j->z);
    return end;
}

struct unpack_result unbzip2_into(struct body_writer *out, slice in, struct arena *mem, struct budget *budget)
{
    struct unpack_result r = { .end = UNPACK_LIMIT };
    if (!arena_charge(mem, STATE_COST)) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return r;
    }
    struct job *j = calloc(1, sizeof *j);
    if (j) {
        j->out = out;
        j->mem = mem;
        j->budget = budget;
        do
            r.end = one_stream(j, in, &r.used);
        while (r.end == UNPACK_WHOLE && slice_starts(slice_from(in, r.used), SLICE_LIT("BZh")));
        explicit_bzero(j, sizeof *j);
        free(j);
    }
    arena_refund(mem, STATE_COST);
    return r;
}
