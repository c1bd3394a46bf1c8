/* SPDX-License-Identifier: Apache-2.0 */
/* arena - all memory of one object, released in one stroke.
 *
 * The ceiling is the object's memory budget. Past it arena_get() returns NULL
 * and arena_full() stays true; callers stop and report a limit, they do not
 * try a smaller request. Memory comes zeroed.
 *
 * Disadvantage to know: nothing is freed before the arena is. Large buffers
 * that live shorter than the object belong in a body (base/body.h).
 */
#pragma once
#include "base/check.h"
#include "base/slice.h"

struct arena;

struct arena *arena_new(size_t ceiling);
/* The same, beginning with 1 KiB of the heap and not 16: for what thousands have at once. */
struct arena *arena_new_small(size_t ceiling);
void arena_drop(struct arena **a); /* accepts NULL; leaves *a NULL */

/* Everything is gone; some blocks are kept (and wiped) for the next object. */
void arena_reset(struct arena *a);

MUST_USE void *arena_get(struct arena *a, size_t count, size_t size);
slice arena_copy(struct arena *a, slice s); /* empty when full */
char *arena_cstr(struct arena *a, slice s); /* NUL-terminated copy; NULL when full */
bool arena_full(const struct arena *a);
size_t arena_spent(const struct arena *a);

/* Counts memory that lies outside the arena (bodies, library allocations)
 * against the same ceiling. False, and arena_full(), when it does not fit. */
MUST_USE bool arena_charge(struct arena *a, size_t bytes);
void arena_refund(struct arena *a, size_t bytes);

/* Zeroed mappings of ARENA_PAGES bytes for bodies: faulting fresh ones in costs more than wiping
 * what was written. Who gives one back has wiped it. NULL: no memory. Not counted. */
enum { ARENA_PAGES = 4 << 20 };
MUST_USE void *arena_pages_take(struct arena *a);
void arena_pages_give(struct arena *a, void *pages);

/* Test aid: the n-th call of arena_get() from now fails (0 = off). */
void arena_fail_at(struct arena *a, size_t n);

#define ARENA_NEW(a, type) ((type *)arena_get((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_get((a), (n), sizeof(type)))

/* A larger copy of an array that lives in the arena; the old one stays behind. */
MUST_USE static inline void *arena_regrow(struct arena *a, const void *old, size_t old_bytes,
                                          size_t count, size_t size)
{
    void *bigger = arena_get(a, count, size);
    if (bigger && old_bytes)
        memcpy(bigger, old, old_bytes);
    return bigger;
}
