/* SPDX-License-Identifier: Apache-2.0 */
/* LZMA streams into a body; seam in front of liblzma. See unlzma.h.
 *
 * Raw LZMA of a 7z archive has no end marker: its size is given to the decoder (LZMA1EXT), or the
 * last bytes would stay in it. The library undoes a branch filter only before a compressor: plain
 * bytes are wrapped as uncompressed LZMA2 chunks (xz-file-format 5.3.1), which cost a copy.
 * Checksums of .xz blocks are not judged: a wrong one must not hide content.
 */
#include "base/unlzma.h"
#include "base/pages.h"

#include <lzma.h>
#include <stdlib.h>

enum {
    CHUNK = 64 << 10,
    INPUT_PIECE = 64 << 10, /* so that input without output is charged too */
    LZMA2_CHUNK = 64 << 10,
    WORK_PER_INPUT_BYTE = 40,
    MAPPED_FROM = 256 << 10,
    HEAD = 16, /* of a block of ours: its size; keeps malloc()'s alignment */
    DICT_LEAST = 4096,
    WORK_PER_STREAM = 30000, /* probabilities and buffers are made and wiped */
};

/* --- memory of the library, on the arena's account */

static void *block_new(void *opaque, size_t items, size_t size)
{
    struct arena *mem = opaque;
    size_t n;
    if (__builtin_mul_overflow(items, size, &n) || __builtin_add_overflow(n, HEAD, &n) || !arena_charge(mem, n))
        return NULL;
    uint8_t *at = n >= MAPPED_FROM ? pages_new(n) : calloc(1, n);
    if (!at) {
        arena_refund(mem, n);
        return NULL;
    }
    memcpy(at, &n, sizeof n);
    return at + HEAD;
}

static void block_drop(void *opaque, void *block)
{
    if (!block)
        return;
    uint8_t *at = (uint8_t *)block - HEAD;
    size_t n;
    memcpy(&n, at, sizeof n);
    if (n >= MAPPED_FROM) {
        pages_drop(at, n);
    } else {
        explicit_bzero(at, n);
        free(at);
    }
    arena_refund(opaque, n);
}

/* --- one stream */

struct job {
    lzma_stream z;
    struct body_writer *out;
    struct arena *mem;
    struct budget *budget;
    struct unpack_result r;
    uint8_t piece[CHUNK];
};

/* One call of the library. True to go on. */
static bool step(struct job *j, bool last_input)
{
    size_t most = unpack_room(j->budget, sizeof j->piece), had = j->z.avail_in;
    j->z.next_out = j->piece;
    j->z.avail_out = most;
    j->r.end = UNPACK_LIMIT;
    if (most == 0)
        return false;
    lzma_ret ret = lzma_code(&j->z, last_input ? LZMA_FINISH : LZMA_RUN);
    size_t made = most - j->z.avail_out, eaten = had - j->z.avail_in;
    j->r.used += eaten;
    if (!unpack_put(j->out, (slice){ j->piece, made }, (uint64_t)eaten * WORK_PER_INPUT_BYTE, j->mem, j->budget))
        return false;
    switch (ret) {
    case LZMA_OK:
    case LZMA_UNSUPPORTED_CHECK:
    case LZMA_NO_CHECK:
    case LZMA_GET_CHECK:
        return true;
    case LZMA_STREAM_END:
        j->r.end = UNPACK_WHOLE;
        return false;
    case LZMA_BUF_ERROR:
        j->r.end = UNPACK_SHORT;
        return !last_input && j->z.avail_in == 0;
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        j->budget->hit |= 1u << BUDGET_MEMORY;
        return false;
    default:
        j->r.end = UNPACK_BROKEN;
        return false;
    }
}

static void feed_all(struct job *j, slice in)
{
    size_t given = 0;
    do {
        if (j->z.avail_in == 0) {
            slice next = slice_sub(in, given, INPUT_PIECE);
            j->z.next_in = next.at;
            j->z.avail_in = next.len;
            given += next.len;
        }
    } while (step(j, given == in.len));
}

/* Plain bytes as uncompressed chunks of LZMA2. */
static void feed_chunks(struct job *j, slice in)
{
    for (size_t pos = 0; pos < in.len; pos += LZMA2_CHUNK) {
        slice data = slice_sub(in, pos, LZMA2_CHUNK);
        uint8_t head[3] = { pos ? 2 : 1, (uint8_t)((data.len - 1) >> 8), (uint8_t)(data.len - 1) };
        slice parts[2] = { { head, sizeof head }, data };
        for (size_t i = 0; i < 2; i++) {
            j->z.next_in = parts[i].at;
            j->z.avail_in = parts[i].len;
            while (j->z.avail_in)
                if (!step(j, false))
                    return;
        }
    }
    static const uint8_t end = 0;
    j->z.next_in = &end;
    j->z.avail_in = 1;
    while (step(j, true))
        continue;
}

static struct job *job_new(struct body_writer *out, struct arena *mem, struct budget *budget)
{
    if (!budget_spend(budget, BUDGET_WORK, WORK_PER_STREAM))
        return NULL;
    struct job *j = arena_charge(mem, sizeof *j) ? calloc(1, sizeof *j) : NULL;
    if (!j) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return NULL;
    }
    j->out = out;
    j->mem = mem;
    j->budget = budget;
    j->r.end = UNPACK_BROKEN;
    return j;
}

static struct unpack_result job_end(struct job *j)
{
    struct unpack_result r = j->r;
    lzma_end(&j->z);
    explicit_bzero(j, sizeof *j);
    free(j);
    return r;
}

static lzma_vli filter_id(enum unlzma_kind kind)
{
    static const lzma_vli ids[] = {
        [UNLZMA_1] = LZMA_FILTER_LZMA1EXT,     [UNLZMA_2] = LZMA_FILTER_LZMA2,
        [UNLZMA_X86] = LZMA_FILTER_X86,        [UNLZMA_POWERPC] = LZMA_FILTER_POWERPC,
        [UNLZMA_IA64] = LZMA_FILTER_IA64,      [UNLZMA_ARM] = LZMA_FILTER_ARM,
        [UNLZMA_ARMTHUMB] = LZMA_FILTER_ARMTHUMB, [UNLZMA_SPARC] = LZMA_FILTER_SPARC,
        [UNLZMA_ARM64] = LZMA_FILTER_ARM64,    [UNLZMA_DELTA] = LZMA_FILTER_DELTA,
    };
    return ids[kind];
}

static uint32_t dict_size(uint64_t told, uint64_t size)
{
    uint64_t n = told < size ? told : size; /* nothing lies further back than the beginning */
    return n < DICT_LEAST ? DICT_LEAST : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* LZMA: lc, lp, pb in one byte and the dictionary (7zip/lzma.txt); LZMA2: the dictionary in one byte. */
static bool lzma_options(lzma_options_lzma *o, enum unlzma_kind kind, slice properties, uint64_t size)
{
    if (kind == UNLZMA_1) {
        if (properties.len < 5 || properties.at[0] >= 9 * 5 * 5)
            return false;
        uint8_t d = properties.at[0];
        const uint8_t *p = properties.at;
        o->lc = d % 9;
        o->lp = d / 9 % 5;
        o->pb = d / 45;
        o->dict_size = dict_size(p[1] | (uint32_t)p[2] << 8 | (uint32_t)p[3] << 16 | (uint32_t)p[4] << 24, size);
        o->ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
        lzma_set_ext_size(*o, size);
        return o->lc + o->lp <= LZMA_LCLP_MAX;
    }
    if (properties.len < 1 || properties.at[0] > 40)
        return false;
    uint8_t d = properties.at[0];
    o->dict_size = dict_size(d == 40 ? UINT32_MAX : (uint64_t)(2 | (d & 1)) << (d / 2 + 11), size);
    return true;
}

struct unpack_result unlzma_raw(struct body_writer *out, slice in, enum unlzma_kind kind, slice properties,
                                uint64_t size, struct arena *mem, struct budget *budget)
{
    struct job *j = job_new(out, mem, budget);
    lzma_allocator allocator = { block_new, block_drop, mem };
    if (!j)
        return (struct unpack_result){ .end = UNPACK_LIMIT };
    lzma_options_lzma lzma = { .dict_size = DICT_LEAST };
    lzma_options_delta delta = { .type = LZMA_DELTA_TYPE_BYTE, .dist = properties.len ? properties.at[0] + 1u : 1 };
    bool filter = kind >= UNLZMA_X86;
    bool good = filter || lzma_options(&lzma, kind, properties, size);
    lzma_filter chain[3] = { { filter_id(kind), filter ? NULL : &lzma } };
    if (kind == UNLZMA_DELTA)
        chain[0].options = &delta;
    chain[1].id = LZMA_VLI_UNKNOWN;
    if (filter) {
        chain[1] = (lzma_filter){ LZMA_FILTER_LZMA2, &lzma };
        chain[2].id = LZMA_VLI_UNKNOWN;
    }
    j->z.allocator = &allocator;
    lzma_ret ret = good ? lzma_raw_decoder(&j->z, chain) : LZMA_OPTIONS_ERROR;
    if (ret == LZMA_MEM_ERROR) {
        budget->hit |= 1u << BUDGET_MEMORY;
        j->r.end = UNPACK_LIMIT;
    }
    if (ret == LZMA_OK && filter)
        feed_chunks(j, in);
    else if (ret == LZMA_OK)
        feed_all(j, in);
    struct unpack_result r = job_end(j);
    arena_refund(mem, sizeof *j);
    return r;
}

struct unpack_result unlzma_xz(struct body_writer *out, slice in, struct arena *mem, struct budget *budget)
{
    struct job *j = job_new(out, mem, budget);
    lzma_allocator allocator = { block_new, block_drop, mem };
    if (!j)
        return (struct unpack_result){ .end = UNPACK_LIMIT };
    j->z.allocator = &allocator;
    lzma_ret ret = lzma_stream_decoder(&j->z, UINT64_MAX, LZMA_CONCATENATED | LZMA_IGNORE_CHECK);
    if (ret == LZMA_OK)
        feed_all(j, in);
    else if (ret == LZMA_MEM_ERROR)
        j->r.end = UNPACK_LIMIT;
    struct unpack_result r = job_end(j);
    arena_refund(mem, sizeof *j);
    return r;
}
