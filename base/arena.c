/* SPDX-License-Identifier: Apache-2.0 */
/* Arena of blocks that grow from 16 KiB (or 1 KiB) to 256 KiB; see arena.h.
 *
 * What counts against the ceiling is what was asked for, rounded to 16 bytes,
 * and not the blocks: the same object must reach its limit at the same place
 * in every build. Under AddressSanitizer (or -DARENA_MALLOC) each piece is a
 * heap block of its own, so that a read past its end is seen.
 *
 * Blocks are wiped when an object is done: the next one may belong to somebody else.
 */
#include "base/arena.h"
#include "base/pages.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) && !defined(ARENA_MALLOC)
#define ARENA_MALLOC
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(ARENA_MALLOC)
#define ARENA_MALLOC
#endif
#endif

enum {
    ALIGN = 16,
    BLOCK_SMALL = 1 << 10, /* the first of arena_new_small() */
    BLOCK_FIRST = 16 << 10,
    BLOCK_LAST = 256 << 10,
    PIECE_OWN_BLOCK = BLOCK_LAST / 4, /* larger pieces would leave too much of a block unused */
    BLOCK_ON_HEAP = 1 << 20,          /* larger blocks are mapped, and so wiped by unmapping */
    KEPT_MAX = 1 << 20,               /* in blocks for the next object */
    PAGES_KEPT = 3,
};

struct block {
    struct block *next;
    size_t room, used;
    _Alignas(ALIGN) uint8_t bytes[];
};

struct arena {
    size_t ceiling, spent;
    size_t fail_at;
    bool full;
    size_t next_room;
    struct block *blocks; /* the first one is being filled */
    struct block *kept;   /* of the last object, wiped */
    void *pages[PAGES_KEPT]; /* zeroed mappings of ARENA_PAGES */
    size_t n_pages;
    void **pieces;        /* ARENA_MALLOC */
    size_t n_pieces, room_pieces;
};

struct arena *arena_new(size_t ceiling)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a) {
        a->ceiling = ceiling;
        a->next_room = BLOCK_FIRST;
    }
    return a;
}

struct arena *arena_new_small(size_t ceiling)
{
    struct arena *a = arena_new(ceiling);
    if (a)
        a->next_room = BLOCK_SMALL;
    return a;
}

static void block_drop(struct block *b)
{
    size_t whole = sizeof *b + b->room;
    if (whole > BLOCK_ON_HEAP) {
        pages_drop(b, whole);
        return;
    }
    explicit_bzero(b->bytes, b->used);
    free(b);
}

static void blocks_drop(struct block *b)
{
    for (struct block *next; b; b = next) {
        next = b->next;
        block_drop(b);
    }
}

static void pieces_drop(struct arena *a)
{
    for (size_t i = 0; i < a->n_pieces; i++)
        free(a->pieces[i]);
    a->n_pieces = 0;
}

void arena_drop(struct arena **a)
{
    if (!*a)
        return;
    blocks_drop((*a)->blocks);
    blocks_drop((*a)->kept);
    for (size_t i = 0; i < (*a)->n_pages; i++)
        pages_drop((*a)->pages[i], ARENA_PAGES);
    pieces_drop(*a);
    free((*a)->pieces);
    free(*a);
    *a = NULL;
}

void arena_reset(struct arena *a)
{
    size_t room = 0;
    for (struct block *b = a->kept; b; b = b->next)
        room += b->room;
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        if (b->room > KEPT_MAX - room) {
            block_drop(b);
            continue;
        }
        explicit_bzero(b->bytes, b->used);
        room += b->room;
        b->used = 0;
        b->next = a->kept;
        a->kept = b;
    }
    a->blocks = NULL;
    pieces_drop(a);
    a->spent = 0;
    a->full = false;
    a->fail_at = 0;
}

#ifdef ARENA_MALLOC

static void *take(struct arena *a, size_t n)
{
    if (a->n_pieces == a->room_pieces) {
        size_t room = a->room_pieces ? a->room_pieces * 2 : 64;
        void **pieces = realloc(a->pieces, room * sizeof *pieces);
        if (!pieces)
            return NULL;
        a->pieces = pieces;
        a->room_pieces = room;
    }
    void *p = calloc(1, n ? n : 1);
    if (p)
        a->pieces[a->n_pieces++] = p;
    return p;
}

#else

/* The smallest block of the last object with room enough, out of the list. */
static struct block *block_kept(struct arena *a, size_t room)
{
    struct block **best = NULL;
    for (struct block **at = &a->kept; *at; at = &(*at)->next)
        if ((*at)->room >= room && (!best || (*at)->room < (*best)->room))
            best = at;
    struct block *b = best ? *best : NULL;
    if (b)
        *best = b->next;
    return b;
}

static struct block *block_new(size_t room)
{
    size_t whole = sizeof(struct block) + room;
    struct block *b = whole > BLOCK_ON_HEAP ? pages_new(whole) : calloc(1, whole);
    if (b)
        b->room = room;
    return b;
}

static void *take(struct arena *a, size_t n)
{
    n = n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    struct block *b = a->blocks;
    if (b && n <= b->room - b->used) {
        void *p = b->bytes + b->used;
        b->used += n;
        return p;
    }
    bool own = n > PIECE_OWN_BLOCK;
    size_t room = n;
    while (a->next_room < BLOCK_FIRST && a->next_room <= n)
        a->next_room *= 2;
    if (!own)
        room = a->next_room > n ? a->next_room : PIECE_OWN_BLOCK;
    b = block_kept(a, room);
    if (!b)
        b = block_new(room);
    if (!b)
        return NULL;
    b->used = n;
    if (own && a->blocks) { /* the block being filled stays in front */
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
    }
    if (!own && a->next_room < BLOCK_LAST)
        a->next_room *= 2;
    return b->bytes;
}

#endif

void *arena_get(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (a->fail_at && --a->fail_at == 0) {
        a->full = true;
        return NULL;
    }
    if (__builtin_mul_overflow(count, size, &n) || n > SIZE_MAX - 2 * PAGE_BYTES) {
        a->full = true;
        return NULL;
    }
    size_t cost = n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    if (cost > a->ceiling - a->spent) {
        a->full = true;
        return NULL;
    }
    void *p = take(a, n);
    if (!p) {
        a->full = true;
        return NULL;
    }
    a->spent += cost;
    return p;
}

slice arena_copy(struct arena *a, slice s)
{
    if (s.len == 0)
        return (slice){ 0 };
    uint8_t *p = arena_get(a, s.len, 1);
    if (!p)
        return (slice){ 0 };
    memcpy(p, s.at, s.len);
    return (slice){ p, s.len };
}

char *arena_cstr(struct arena *a, slice s)
{
    if (s.len == SIZE_MAX) {
        a->full = true;
        return NULL;
    }
    char *p = arena_get(a, s.len + 1, 1);
    if (p && s.len)
        memcpy(p, s.at, s.len);
    return p;
}

bool arena_full(const struct arena *a)
{
    return a->full;
}
size_t arena_spent(const struct arena *a)
{
    return a->spent;
}

bool arena_charge(struct arena *a, size_t bytes)
{
    if (bytes > a->ceiling - a->spent) {
        a->full = true;
        return false;
    }
    a->spent += bytes;
    return true;
}

void arena_refund(struct arena *a, size_t bytes)
{
    CHECK(bytes <= a->spent);
    a->spent -= bytes;
}

#ifdef ARENA_MALLOC
/* Gone at once: a use after the release is seen. */
void *arena_pages_take(struct arena *a)
{
    (void)a;
    return pages_new(ARENA_PAGES);
}
void arena_pages_give(struct arena *a, void *pages)
{
    (void)a;
    pages_drop(pages, ARENA_PAGES);
}
#else
void *arena_pages_take(struct arena *a)
{
    return a->n_pages ? a->pages[--a->n_pages] : pages_new(ARENA_PAGES);
}
void arena_pages_give(struct arena *a, void *pages)
{
    if (a->n_pages < PAGES_KEPT)
        a->pages[a->n_pages++] = pages;
    else
        pages_drop(pages, ARENA_PAGES);
}
#endif

void arena_fail_at(struct arena *a, size_t n)
{
    a->fail_at = n;
}
