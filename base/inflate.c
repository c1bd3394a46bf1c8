/* SPDX-License-Identifier: Apache-2.0 */
/* DEFLATE, zlib and gzip streams into a body; seam in front of zlib and libdeflate. See inflate.h.
 *
 * Where the container tells how much will come out, as zip does, and that is little, libdeflate
 * makes it in one go where it will lie; it takes little more than half of zlib's time. It cannot
 * be stopped or counted on the way, so only so many bytes a scan go that way (`in_one_go` of the
 * budget), and what it refuses, zlib reads from the start: that one gives what there is.
 *
 * Checksums of the zlib and gzip trailers are read but not judged: programs that open the file use
 * the bytes all the same. The caller has the CRC-32 of the output to compare, as a fact.
 * One gzip member a call (RFC 1952 2.2 allows many: go on behind `used`).
 *
 * The decompressor's state, 40 KiB, is kept by the thread from one stream to the next, because most
 * streams are small; it is charged to the arena while it is in use. What the stream left in its
 * window and in the output piece is wiped when the stream ends: the next mail may be a stranger's.
 */
#include "base/inflate.h"
#include "base/check.h"

#include <stddef.h>

#define ZLIB_CONST
#include <libdeflate.h>
#include <zlib.h>

enum {
    CHUNK = 64 << 10,
    WINDOW = 32 << 10,
    STATE_COST = 57 << 10, /* zlib 1.2.13: 7 KiB of state, 32 KiB of window */
    INPUT_PIECE = 256 << 10, /* so that input without output is charged too */
    WORK_PER_INPUT_BYTE = 2,
    WORK_PER_BLOCK = 600,  /* tables of a dynamic block; hostile streams have little else */
    GO_MAX = ARENA_PAGES,   /* output in one go */
    BLOCK_INPUT = 16 << 10, /* of an ordinary block */
    HEAD_INPUT = 16 << 10, /* inflate_head() looks no further than this and twice its output */
};

static _Thread_local z_stream kept;
static _Thread_local bool kept_open;
static _Thread_local struct libdeflate_decompressor *whole;
static _Thread_local uint8_t piece[CHUNK];
/* Where zlib keeps its state and, asked for at the first output, its window. */
static _Thread_local struct {
    _Alignas(max_align_t) uint8_t state[24 << 10], window[WINDOW + 1024]; /* other versions want a little more */
} own;

static void *place(void *host, uInt items, uInt size)
{
    (void)host;
    uint64_t n = (uint64_t)items * size;
    return n > sizeof own.state ? (n <= sizeof own.window ? own.window : NULL) : own.state;
}

static void leave(void *host, void *at)
{
    (void)host;
    (void)at;
}

/* `made` bytes came out of the stream that ends here. */
static void forget(uint64_t made)
{
    explicit_bzero(own.window, made < WINDOW ? (size_t)made : WINDOW);
    explicit_bzero(piece, made < CHUNK ? (size_t)made : CHUNK);
}

static int window_bits(enum inflate_wrap wrap)
{
    return wrap == INFLATE_RAW ? -MAX_WBITS : wrap == INFLATE_ZLIB ? MAX_WBITS : MAX_WBITS + 16;
}

static z_stream *stream_open(enum inflate_wrap wrap)
{
    int status;
    kept.next_in = NULL;
    kept.avail_in = 0;
    if (kept_open) {
        status = inflateReset2(&kept, window_bits(wrap));
    } else {
        kept.zalloc = place;
        kept.zfree = leave;
        status = inflateInit2(&kept, window_bits(wrap));
        kept_open = status == Z_OK;
    }
    if (status != Z_OK || inflateValidate(&kept, 0) != Z_OK)
        return NULL;
    return &kept;
}

void inflate_thread_end(void)
{
    if (kept_open)
        (void)inflateEnd(&kept);
    kept_open = false;
    libdeflate_free_decompressor(whole);
    whole = NULL;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* Whole chunks of zeros, the padding of pumped documents, go by zlib's operator
 * for appending CHUNK bytes: CRC(A zeros) = op(CRC(A)) xor CRC(zeros). */
static uint32_t crc_add_chunk(uint32_t crc, const uint8_t *chunk, size_t n)
{
    static _Thread_local z_crc_t op, zeros;
    if (n != CHUNK || !all_zero(chunk, n))
        return crc32_of(crc, (slice){ chunk, n });
    if (op == 0) {
        op = (z_crc_t)crc32_combine_gen(CHUNK);
        zeros = (z_crc_t)crc32_of(0, (slice){ chunk, n });
    }
    return (uint32_t)crc32_combine_op(crc, zeros, op);
}

/* What one more chunk may hold; 0 when the allowance is used up. */
static size_t next_room(const struct budget *b)
{
    uint64_t room = CHUNK, by_work = b->left[BUDGET_WORK] / WORK_PER_INFLATED_BYTE;
    if (room > b->left[BUDGET_INFLATED])
        room = b->left[BUDGET_INFLATED];
    return (size_t)(room > by_work ? by_work : room);
}

static void give_input(z_stream *z, slice in, size_t *given)
{
    if (z->avail_in == 0) {
        slice next = slice_sub(in, *given, INPUT_PIECE);
        z->next_in = next.at;
        z->avail_in = (uInt)next.len;
        *given += next.len;
    }
}

/* One call of inflate(): its output to the writer, its work to the budget. True to go on. */
static bool step(z_stream *z, struct body_writer *out, const struct arena *mem,
                 struct budget *budget, bool last_input, struct inflate_result *r)
{
    size_t most = next_room(budget), had = z->avail_in;
    z->next_out = piece;
    z->avail_out = (uInt)most;
    int status = inflate(z, Z_BLOCK); /* comes back at every block, so that blocks can be counted */
    size_t made = most - z->avail_out, eaten = had - z->avail_in;
    uint64_t work = eaten * WORK_PER_INPUT_BYTE + (z->data_type & 128 ? WORK_PER_BLOCK : 0);
    r->used += eaten;
    bool paid = budget_spend(budget, BUDGET_INFLATED, made) &&
                budget_spend(budget, BUDGET_WORK, made * WORK_PER_INFLATED_BYTE) &&
                budget_spend(budget, BUDGET_WORK, work);
    if (made) {
        uint64_t before = body_writer_size(out);
        bool taken = body_writer_put(out, (slice){ piece, made });
        size_t kept_bytes = (size_t)(body_writer_size(out) - before);
        r->crc32 = crc_add_chunk(r->crc32, piece, kept_bytes);
        if (!taken) {
            if (arena_full(mem))
                budget->hit |= 1u << BUDGET_MEMORY;
            r->end = INFLATE_LIMIT;
            return false;
        }
    }
    if (status == Z_STREAM_END) {
        r->end = INFLATE_WHOLE;
        return false;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
        r->end = status == Z_MEM_ERROR ? INFLATE_LIMIT : INFLATE_BROKEN;
        return false;
    }
    if (!paid || (most == 0 && status == Z_BUF_ERROR)) {
        budget->hit |= 1u << (budget->left[BUDGET_INFLATED] == 0 ? BUDGET_INFLATED : BUDGET_WORK);
        r->end = INFLATE_LIMIT;
        return false;
    }
    if (status == Z_BUF_ERROR && z->avail_in == 0 && last_input) {
        r->end = INFLATE_SHORT;
        return false;
    }
    return true;
}

/* False: nothing was written; zlib is to try. */
static bool in_one_go(struct body_writer *out, slice in, struct arena *mem, struct budget *budget,
                      struct inflate_result *r)
{
    size_t room = (size_t)body_writer_expects(out), eaten = 0, made = 0;
    uint64_t most = (room + in.len) * WORK_PER_INFLATED_BYTE * 2 + WORK_PER_BLOCK;
    if (room == 0 || room > GO_MAX || in.len > budget->in_one_go || body_writer_size(out) ||
        room > budget->left[BUDGET_INFLATED] || most > budget->left[BUDGET_WORK])
        return false;
    if (!whole)
        whole = libdeflate_alloc_decompressor();
    uint8_t *at = whole ? body_writer_room(out, room) : NULL;
    if (!at)
        return false;
    if (libdeflate_deflate_decompress_ex(whole, in.at, in.len, at, room, &eaten, &made) !=
        LIBDEFLATE_SUCCESS) {
        explicit_bzero(at, room);
        budget->in_one_go -= in.len;
        return !budget_spend(budget, BUDGET_WORK, room * WORK_PER_INFLATED_BYTE);
    }
    budget->in_one_go -= eaten;
    bool paid = budget_spend(budget, BUDGET_INFLATED, made) &&
                budget_spend(budget, BUDGET_WORK, made * WORK_PER_INFLATED_BYTE) &&
                budget_spend(budget, BUDGET_WORK,
                             eaten * WORK_PER_INPUT_BYTE + (eaten / BLOCK_INPUT + 1) * WORK_PER_BLOCK);
    *r = (struct inflate_result){ paid ? INFLATE_WHOLE : INFLATE_LIMIT, eaten,
                                  crc32_of(0, (slice){ at, made }) };
    if (!body_writer_took(out, made)) {
        if (arena_full(mem))
            budget->hit |= 1u << BUDGET_MEMORY;
        r->end = INFLATE_LIMIT;
    }
    return true;
}

struct inflate_result inflate_into(struct body_writer *out, slice in, enum inflate_wrap wrap,
                                   struct arena *mem, struct budget *budget)
{
    struct inflate_result r = { .end = INFLATE_LIMIT };
    if (wrap == INFLATE_RAW && in_one_go(out, in, mem, budget, &r))
        return r;
    if (!arena_charge(mem, STATE_COST)) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return r;
    }
    z_stream *z = stream_open(wrap);
    size_t given = 0;
    if (z) {
        do
            give_input(z, in, &given);
        while (step(z, out, mem, budget, given == in.len, &r));
        forget(z->total_out);
    }
    arena_refund(mem, STATE_COST);
    return r;
}

/* A head that may well be the whole, as of a picture whose size is known. Matches at a distance of
 * a few bytes, which pictures are full of, take zlib twenty times as long. */
static size_t head_in_one_go(slice in, enum inflate_wrap wrap, uint8_t *out, size_t max)
{
    size_t eaten = 0, made = 0;
    if (!whole)
        whole = libdeflate_alloc_decompressor();
    if (!whole)
        return 0;
    enum libdeflate_result r =
        wrap == INFLATE_RAW    ? libdeflate_deflate_decompress_ex(whole, in.at, in.len, out, max, &eaten, &made)
        : wrap == INFLATE_ZLIB ? libdeflate_zlib_decompress_ex(whole, in.at, in.len, out, max, &eaten, &made)
                               : libdeflate_gzip_decompress_ex(whole, in.at, in.len, out, max, &eaten, &made);
    return r == LIBDEFLATE_SUCCESS ? made : 0;
}

size_t inflate_head(slice in, enum inflate_wrap wrap, uint8_t *out, size_t max)
{
    size_t given = 0, made = 0;
    int status = Z_OK;
    if (max > UINT32_MAX / 4)
        return 0;
    in = slice_sub(in, 0, HEAD_INPUT + 2 * max);
    if (max > CHUNK && (made = head_in_one_go(in, wrap, out, max)) > 0)
        return made;
    z_stream *z = stream_open(wrap);
    if (!z)
        return 0;
    z->next_out = out;
    z->avail_out = (uInt)max;
    while (status == Z_OK && z->avail_out && (z->avail_in || given < in.len)) {
        give_input(z, in, &given);
        status = inflate(z, Z_SYNC_FLUSH);
    }
    made = max - z->avail_out;
    forget(made);
    return made;
}

uint32_t crc32_of(uint32_t seed, slice s)
{
    return s.len ? libdeflate_crc32(seed, s.at, s.len) : seed;
}
