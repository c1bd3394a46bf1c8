/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies: borrowed, small on the heap, large in pages with holes; see body.h.
 *
 * A body that stays below 64 KiB is one heap block. A larger one moves to a
 * mapping that grows by doubling its address space; 4 KiB blocks that are all
 * zero are not written, and only written blocks are charged to the arena. Other
 * padding that repeats stands once in memory and as often as it must in the
 * address space (base/repeat.h). Extents closer than 64 KiB are one, and
 * when there are too many the distance doubles: their number is bounded, and
 * so is the work of an engine that visits them.
 *
 * A writer, its handle and its body live in the arena's time: release before arena_reset().
 */
#include "base/body.h"
#include "base/hash.h"
#include "base/pages.h"
#include "base/repeat.h"

#include <stdlib.h>

enum {
    SMALL_MAX = 64 << 10,
    SMALL_FIRST = 1 << 10,
    BLOCK = PAGE_BYTES,
    GAP_FIRST = 64 << 10,
    EXTENTS_MAX = 4096,
    EXTENTS_FIRST = 16,
    HOLE_WRITTEN = 64 << 10,
    GATHER_MAX = 32 << 20,
    REPEATS_MAX = 16,
};

struct body_writer {
    struct arena *mem;
    uint64_t size, max, expect;
    uint8_t *at;
    size_t room; /* bytes of heap block or mapping behind `at` */
    bool mapped, done;
    size_t charged;
    struct extent *extents;
    size_t n_extents, room_extents;
    uint64_t gap;
    struct repeat repeat;
    struct body_repeat *repeats;
    size_t n_repeats;
};

static bool all_zero(const uint8_t *p, size_t n)
{
    uint64_t words[8], sum;
    for (; n >= sizeof words; p += sizeof words, n -= sizeof words) {
        memcpy(words, p, sizeof words);
        sum = words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] | words[7];
        if (sum)
            return false;
    }
    for (; n; p++, n--)
        if (*p)
            return false;
    return true;
}

struct body body_part(struct arena *mem, const struct body *b, uint64_t from, uint64_t len)
{
    struct body out = body_borrow(
        from < b->all.len ? slice_sub(b->all, (size_t)from, len < SIZE_MAX ? (size_t)len : SIZE_MAX) : (slice){ 0 });
    if (!b->stored || out.all.len == 0)
        return out;
    uint64_t to = from + out.all.len;
    size_t lo = 0, hi = b->n_stored, n = 0;
    while (lo < hi) { /* first extent that ends behind `from` */
        size_t mid = lo + (hi - lo) / 2;
        if (b->stored[mid].at + b->stored[mid].len <= from)
            lo = mid + 1;
        else
            hi = mid;
    }
    while (lo + n < b->n_stored && b->stored[lo + n].at < to)
        n++;
    struct extent *e = ARENA_ARRAY(mem, struct extent, n + 1);
    for (size_t i = 0; e && i < n; i++) {
        uint64_t f = b->stored[lo + i].at, t = f + b->stored[lo + i].len;
        f = f > from ? f : from;
        t = t < to ? t : to;
        e[i] = (struct extent){ f - from, t - f };
    }
    out.stored = e;
    out.n_stored = e ? n : 0;
    struct body_repeat *r = b->n_repeats ? ARENA_ARRAY(mem, struct body_repeat, b->n_repeats) : NULL;
    for (size_t i = 0; r && i < b->n_repeats; i++) {
        uint64_t f = b->repeats[i].at, t = f + b->repeats[i].len;
        f = f > from ? f : from;
        t = t < to ? t : to;
        if (f < t)
            r[out.n_repeats++] = (struct body_repeat){ f - from, t - f, b->repeats[i].window };
    }
    out.repeats = r;
    return out;
}

slice body_unpadded(const struct body *b)
{
    enum { ZEROS_KEPT = 1024 };
    slice s = b->all;
    if (b->stored) { /* nothing behind the last extent is anything else */
        const struct extent *last = b->n_stored ? &b->stored[b->n_stored - 1] : NULL;
        s = slice_sub(s, 0, last ? (size_t)(last->at + last->len) : 0);
    }
    while (s.len && s.at[s.len - 1] == 0)
        s.len--;
    size_t kept = b->all.len - s.len;
    return slice_sub(b->all, 0, s.len + (kept < ZEROS_KEPT ? kept : ZEROS_KEPT));
}

uint64_t body_left_out(const struct body *b)
{
    uint64_t stored = 0;
    for (size_t i = 0; b->stored && i < b->n_stored; i++)
        stored += b->stored[i].len;
    return b->stored && stored < b->all.len ? b->all.len - stored : 0;
}

static bool repeats_before(const struct body *b, uint64_t end)
{
    for (size_t i = 0; i < b->n_repeats; i++)
        if (b->repeats[i].at < end && end <= b->repeats[i].at + b->repeats[i].len)
            return true;
    return false;
}

slice body_gathered(struct arena *mem, const struct body *b)
{
    uint64_t out = body_left_out(b), total = b->all.len - out;
    if (out == 0 || total > GATHER_MAX)
        return b->all;
    if (b->n_stored == 0)
        return slice_sub(b->all, 0, 0);
    if (b->n_stored == 1)
        return slice_sub(b->all, (size_t)b->stored[0].at, (size_t)b->stored[0].len);
    uint8_t *at = arena_get(mem, (size_t)total + b->n_stored, 1);
    size_t n = 0;
    for (size_t i = 0; at && i < b->n_stored; i++) {
        slice piece = slice_sub(b->all, (size_t)b->stored[i].at, (size_t)b->stored[i].len);
        if (i > 0 && !repeats_before(b, b->stored[i].at)) /* zeros part words; what repeats goes on */
            at[n++] = '\n';
        memcpy(at + n, piece.at, piece.len);
        n += piece.len;
    }
    return (slice){ at, n };
}

struct body_writer *body_writer_new(struct arena *mem, uint64_t expect, uint64_t max)
{
    struct body_writer *bw = ARENA_NEW(mem, struct body_writer);
    if (bw) {
        bw->mem = mem;
        bw->max = max;
        bw->expect = expect < max ? expect : max;
        bw->gap = GAP_FIRST;
    }
    return bw;
}

static bool charge(struct body_writer *bw, size_t bytes)
{
    if (!arena_charge(bw->mem, bytes))
        return false;
    bw->charged += bytes;
    return true;
}

static void refund(struct body_writer *bw, size_t bytes)
{
    arena_refund(bw->mem, bytes);
    bw->charged -= bytes;
}

static bool grow_small(struct body_writer *bw, size_t want)
{
    if (want <= bw->room)
        return true;
    size_t room = bw->room ? bw->room * 2 : SMALL_FIRST;
    if (bw->room == 0 && bw->expect && bw->expect <= SMALL_MAX)
        room = (size_t)bw->expect;
    if (room < want)
        room = want;
    if (room > SMALL_MAX)
        room = SMALL_MAX;
    if (!charge(bw, room - bw->room))
        return false;
    uint8_t *at = realloc(bw->at, room);
    if (!at) {
        refund(bw, room - bw->room);
        return false;
    }
    bw->at = at;
    bw->room = room;
    return true;
}

static bool put_small(struct body_writer *bw, slice s)
{
    size_t want = (size_t)bw->size + s.len;
    if (!grow_small(bw, want))
        return false;
    if (s.len)
        memcpy(bw->at + bw->size, s.at, s.len);
    bw->size = want;
    return true;
}

/* Joins extents that are closer than twice the distance so far, until half are free. */
static void thin_out(struct body_writer *bw)
{
    while (bw->n_extents > EXTENTS_MAX / 2) {
        size_t n = 0;
        bw->gap *= 2;
        for (size_t i = 1; i < bw->n_extents; i++) {
            struct extent *last = &bw->extents[n], *e = &bw->extents[i];
            if (e->at - (last->at + last->len) < bw->gap)
                last->len = e->at + e->len - last->at;
            else
                bw->extents[++n] = *e;
        }
        bw->n_extents = n + 1;
    }
}

static bool new_extent(struct body_writer *bw, uint64_t at, uint64_t len)
{
    if (bw->n_extents == bw->room_extents) {
        size_t room = bw->room_extents ? bw->room_extents * 2 : EXTENTS_FIRST;
        size_t more = (room - bw->room_extents) * sizeof(struct extent);
        if (!charge(bw, more))
            return false;
        struct extent *e = realloc(bw->extents, room * sizeof *e);
        if (!e) {
            refund(bw, more);
            return false;
        }
        bw->extents = e;
        bw->room_extents = room;
    }
    bw->extents[bw->n_extents++] = (struct extent){ at, len };
    if (bw->n_extents == EXTENTS_MAX)
        thin_out(bw);
    return true;
}

/* Marks the block at `at` (a multiple of BLOCK) as written, and charges it once. */
static bool mark_block(struct body_writer *bw, uint64_t at)
{
    struct extent *last = bw->n_extents ? &bw->extents[bw->n_extents - 1] : NULL;
    if (last && at < last->at + last->len)
        return true;
    if (!charge(bw, BLOCK))
        return false;
    if (last && at - (last->at + last->len) < bw->gap) {
        last->len = at + BLOCK - last->at;
        return true;
    }
    return new_extent(bw, at, BLOCK);
}

static bool grow_mapping(struct body_writer *bw, uint64_t want)
{
    if (want <= bw->room)
        return true;
    uint64_t room = bw->room;
    while (room < want && room <= SIZE_MAX / 4)
        room *= 2;
    if (room > bw->max)
        room = bw->max;
    if (room < want)
        return false;
    uint8_t *at = pages_resize(bw->at, bw->room, (size_t)room);
    if (!at && room > want) {
        room = want;
        at = pages_resize(bw->at, bw->room, (size_t)room);
    }
    if (!at)
        return false;
    bw->at = at;
    bw->room = (size_t)room;
    return true;
}

/* --- what repeats is not written */

/* Only where all of the room can be had: what stands at several places cannot be moved. */
static void begin_repeat(struct body_writer *bw)
{
    slice all = { bw->at, (size_t)bw->size };
    size_t bytes = bw->repeat.size;
    if (bw->max < (uint64_t)all.len + bytes || bw->max > SIZE_MAX || bw->max == ARENA_PAGES ||
        bw->n_repeats == REPEATS_MAX)
        return;
    if (!bw->repeats)
        bw->repeats = ARENA_ARRAY(bw->mem, struct body_repeat, REPEATS_MAX);
    if (!bw->repeats)
        return;
    uint8_t *at = pages_resize(bw->at, bw->room, (size_t)bw->max);
    if (!at)
        return;
    bw->at = at;
    bw->room = (size_t)bw->max;
    all.at = at;
    if (!charge(bw, bytes))
        return;
    if (!repeat_begin(&bw->repeat, all))
        refund(bw, bytes);
}

/* How much of `s` went on; none where the pages could not be put in place. */
static size_t put_repeat(struct body_writer *bw, slice s)
{
    struct repeat *r = &bw->repeat;
    size_t n = repeat_goes_on(r, bw->size, s);
    uint64_t end = bw->size + n;
    if (n && (end - r->at) % r->size == 0 && !pages_repeat(r->window, r->size, bw->at + (end - r->size)))
        return 0;
    bw->size = end;
    return n;
}

/* What is less than a window is written after all, so that only whole ones are left out; and where
 * nothing follows, pages of the window will do. */
static bool end_repeat(struct body_writer *bw, bool last)
{
    struct repeat *r = &bw->repeat;
    uint64_t end = bw->size, from = end - (end - r->at) % r->size;
    bool ok = true;
    if (last && end > from && pages_repeat(r->window, (size_t)(end - from), bw->at + from))
        from = end;
    for (uint64_t at = from; at < end && ok; at += BLOCK) {
        size_t n = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
        ok = mark_block(bw, at);
        if (ok)
            memcpy(bw->at + at, r->window + (at - from), n);
        bw->size = ok ? at + n : at;
    }
    if (from > r->at)
        bw->repeats[bw->n_repeats++] = (struct body_repeat){ r->at, from - r->at, r->size };
    else /* nothing was put in place */
        refund(bw, r->size);
    repeat_end(r);
    return ok;
}

static bool put_mapped(struct body_writer *bw, slice s)
{
    if (!grow_mapping(bw, bw->size + s.len))
        return false;
    bool ok = true;
    size_t taken = 0;
    while (taken < s.len) {
        if (bw->repeat.window) {
            size_t on = put_repeat(bw, slice_from(s, taken));
            taken += on;
            if (on == 0 && !end_repeat(bw, false)) {
                ok = false;
                break;
            }
            continue;
        }
        size_t inside = (size_t)(bw->size % BLOCK), n = BLOCK - inside;
        if (n > s.len - taken)
            n = s.len - taken;
        if (!all_zero(s.at + taken, n)) {
            ok = mark_block(bw, bw->size - inside);
            if (!ok)
                break;
            memcpy(bw->at + bw->size, s.at + taken, n);
        }
        bw->size += n;
        taken += n;
        if (bw->size % REPEAT_LOOK == 0 && repeat_seen(&bw->repeat, (slice){ bw->at, (size_t)bw->size }))
            begin_repeat(bw);
    }
    return ok;
}

static bool move_to_mapping(struct body_writer *bw, uint64_t want)
{
    uint64_t room = bw->expect > want ? bw->expect : want;
    if (room < 4 * SMALL_MAX)
        room = bw->max < 4 * SMALL_MAX ? bw->max : 4 * SMALL_MAX;
    if (room > SIZE_MAX / 2)
        return false;
    bool kept = room <= ARENA_PAGES;
    if (kept)
        room = ARENA_PAGES;
    uint8_t *at = kept ? arena_pages_take(bw->mem) : pages_new((size_t)room), *small = bw->at;
    if (!at) { /* strict overcommit: what is expected may be a lie, what is wanted is not */
        room = want;
        at = pages_new((size_t)room);
    }
    if (!at)
        return false;
    slice so_far = { small, (size_t)bw->size };
    size_t small_room = bw->room;
    bw->at = at;
    bw->room = (size_t)room;
    bw->mapped = true;
    bw->size = 0;
    bool ok = put_mapped(bw, so_far);
    if (small) {
        refund(bw, small_room);
        explicit_bzero(small, so_far.len);
        free(small);
    }
    return ok;
}

bool body_writer_put(struct body_writer *bw, slice s)
{
    bool fits = s.len <= bw->max - bw->size;
    if (!fits)
        s.len = (size_t)(bw->max - bw->size);
    if (s.len == 0)
        return fits;
    if (!bw->mapped) {
        uint64_t want = bw->size + s.len;
        if (want <= SMALL_MAX && bw->expect <= SMALL_MAX)
            return put_small(bw, s) && fits;
        if (!move_to_mapping(bw, want))
            return false;
    }
    return put_mapped(bw, s) && fits;
}

uint64_t body_writer_size(const struct body_writer *bw)
{
    return bw->size;
}

uint64_t body_writer_expects(const struct body_writer *bw)
{
    return bw->expect;
}

uint8_t *body_writer_room(struct body_writer *bw, size_t n)
{
    if (n > bw->max - bw->size || (bw->repeat.window && !end_repeat(bw, false)))
        return NULL;
    repeat_end(&bw->repeat); /* what comes is not looked at */
    uint64_t want = bw->size + n;
    bool small = !bw->mapped && want <= SMALL_MAX && bw->expect <= SMALL_MAX;
    bool there = small        ? grow_small(bw, (size_t)want)
                 : bw->mapped ? grow_mapping(bw, want)
                              : move_to_mapping(bw, want);
    return there ? bw->at + bw->size : NULL;
}

/* A long run of zeros up to here was written: its pages are given back, so that it is a hole. */
static void forget_zeros(struct body_writer *bw, uint64_t from)
{
    uint64_t to = bw->size - bw->size % BLOCK;
    if (from < to && to - from >= HOLE_WRITTEN)
        pages_forget(bw->at + from, (size_t)(to - from));
}

bool body_writer_took(struct body_writer *bw, size_t n)
{
    CHECK(n <= bw->room - bw->size);
    uint64_t end = bw->size + n, zeros = UINT64_MAX; /* where the blocks of them began */
    while (bw->mapped && bw->size < end) {
        size_t inside = (size_t)(bw->size % BLOCK), here = BLOCK - inside;
        if (here > end - bw->size)
            here = (size_t)(end - bw->size);
        if (here == BLOCK && all_zero(bw->at + bw->size, here)) {
            zeros = zeros == UINT64_MAX ? bw->size : zeros;
        } else {
            forget_zeros(bw, zeros);
            zeros = UINT64_MAX;
            if (!all_zero(bw->at + bw->size, here) && !mark_block(bw, bw->size - inside)) {
                explicit_bzero(bw->at + bw->size, (size_t)(end - bw->size)); /* in no extent */
                return false;
            }
        }
        bw->size += here;
    }
    forget_zeros(bw, zeros);
    bw->size = end;
    return true;
}

/* Extents end with the body, and one that covers it all need not be told. */
static void finish_mapping(struct body_writer *bw, struct body *b)
{
    static const struct extent nothing = { 0 };
    if (bw->repeat.window)
        (void)end_repeat(bw, true);
    b->digest_paid = true;
    b->repeats = bw->repeats;
    b->n_repeats = bw->n_repeats;
    b->stored = bw->extents ? bw->extents : &nothing;
    b->n_stored = bw->n_extents;
    if (bw->n_extents) {
        struct extent *last = &bw->extents[bw->n_extents - 1];
        if (last->len > bw->size - last->at)
            last->len = bw->size - last->at;
        if (bw->n_extents == 1 && last->len == bw->size) {
            b->stored = NULL;
            b->n_stored = 0;
        }
    }
    uint8_t *at =
        bw->room == ARENA_PAGES ? NULL : pages_resize(bw->at, bw->room, (size_t)bw->size);
    if (at) {
        bw->at = at;
        bw->room = (size_t)bw->size;
    }
}

static void finish_small(struct body_writer *bw)
{
    if (bw->size == bw->room || bw->size == 0)
        return;
    uint8_t *at = realloc(bw->at, (size_t)bw->size);
    if (at) {
        refund(bw, bw->room - (size_t)bw->size);
        bw->at = at;
        bw->room = (size_t)bw->size;
    }
}

struct body body_writer_done(struct body_writer *bw)
{
    struct body b = { .owned = bw };
    CHECK(!bw->done);
    bw->done = true;
    if (bw->mapped)
        finish_mapping(bw, &b);
    else
        finish_small(bw);
    b.all = (slice){ bw->at, (size_t)bw->size };
    return b;
}

/* Only blocks of extents were written. */
static void give_back(struct body_writer *bw)
{
    slice all = { bw->at, bw->room };
    for (size_t i = 0; i < bw->n_extents; i++) {
        struct extent e = bw->extents[i];
        explicit_bzero(bw->at + e.at, slice_sub(all, (size_t)e.at, (size_t)e.len).len);
    }
    arena_pages_give(bw->mem, bw->at);
}

static void release(struct body_writer *bw)
{
    bool shares = bw->n_repeats || bw->repeat.window; /* pages that stand at several places */
    repeat_end(&bw->repeat);
    if (bw->mapped && bw->room == ARENA_PAGES && !shares) {
        give_back(bw);
    } else if (bw->mapped) {
        pages_drop(bw->at, bw->room);
    } else if (bw->at) {
        explicit_bzero(bw->at, (size_t)bw->size);
        free(bw->at);
    }
    free(bw->extents);
    arena_refund(bw->mem, bw->charged);
    bw->at = NULL;
    bw->extents = NULL;
    bw->charged = 0;
}

void body_writer_drop(struct body_writer *bw)
{
    if (bw && !bw->done) {
        bw->done = true;
        release(bw);
    }
}

void body_release_pinned(struct body *b)
{
    struct body_writer *bw = b->owned;
    if (!bw)
        return;
    release(bw);
    b->owned = NULL;
    b->all = (slice){ 0 };
    b->stored = NULL;
    b->n_stored = 0;
    b->pinned = false;
}

void body_release(struct body *b)
{
    if (!b->pinned)
        body_release_pinned(b);
}

/* Reading the pages of a hole would make the kernel find a page for each: zeros are added from one
 * block, what repeats from the pages where it begins. */
static void add_again(struct sha256 *h, slice s, uint64_t n)
{
    for (; n; n -= s.len) {
        s.len = n < s.len ? (size_t)n : s.len;
        sha256_add(h, s);
    }
}

static void add_hole(struct sha256 *h, const struct body *b, uint64_t from, uint64_t to)
{
    static const uint8_t zeros[BLOCK];
    for (size_t i = 0; i < b->n_repeats && from < to; i++) {
        const struct body_repeat *r = &b->repeats[i];
        uint64_t end = r->at + r->len;
        if (end <= from || r->at >= to)
            continue;
        if (r->at > from)
            add_again(h, (slice){ zeros, BLOCK }, r->at - from);
        from = r->at > from ? r->at : from;
        end = end < to ? end : to;
        slice unit = slice_sub(slice_sub(b->all, (size_t)from, (size_t)(end - from)), 0, (size_t)r->window);
        add_again(h, unit, end - from);
        from = end;
    }
    if (from < to)
        add_again(h, (slice){ zeros, BLOCK }, to - from);
}

const uint8_t *body_sha256(struct body *b)
{
    if (b->hashed)
        return b->sha256;
    if (!b->stored) {
        sha256_of(b->all, b->sha256);
    } else {
        struct sha256 h;
        uint64_t done = 0;
        sha256_start(&h);
        for (size_t i = 0; i < b->n_stored; i++) {
            const struct extent *e = &b->stored[i];
            add_hole(&h, b, done, e->at);
            sha256_add(&h, slice_sub(b->all, (size_t)e->at, (size_t)e->len));
            done = e->at + e->len;
        }
        add_hole(&h, b, done, b->all.len);
        sha256_end(&h, b->sha256);
    }
    b->hashed = true;
    return b->sha256;
}
