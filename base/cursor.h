/* SPDX-License-Identifier: Apache-2.0 */
/* cursor - reads a slice from front to back and cannot leave it.
 *
 * The first read that asks for more than is left sets `torn`; from then on
 * every read yields zero or an empty slice. A parser may therefore read a
 * whole record and ask cur_ok() once. Loops must ask on every turn.
 *
 * Bounds are tested as "wanted > left", never as "pos + wanted > end": a
 * length taken from the input can be chosen so that the sum wraps.
 */
#pragma once
#include "base/slice.h"

typedef struct cursor {
    slice in;
    size_t pos; /* pos <= in.len at all times */
    bool torn;
} cursor;

static inline cursor cur_open(slice in) { return (cursor){ .in = in }; }
static inline size_t cur_left(const cursor *c) { return c->in.len - c->pos; }
static inline bool cur_ok(const cursor *c) { return !c->torn; }
static inline bool cur_more(const cursor *c) { return !c->torn && c->pos < c->in.len; }
static inline slice cur_rest(const cursor *c)
{
    return c->torn ? (slice){ 0 } : slice_from(c->in, c->pos);
}

static inline slice cur_take(cursor *c, size_t n)
{
    if (c->torn || n > cur_left(c)) {
        c->torn = true;
        return (slice){ 0 };
    }
    slice s = { c->in.at + c->pos, n };
    c->pos += n;
    return s;
}

static inline void cur_skip(cursor *c, size_t n) { (void)cur_take(c, n); }

/* Moves to an absolute position; outside the slice tears the cursor. */
static inline void cur_seek(cursor *c, size_t pos)
{
    if (pos > c->in.len)
        c->torn = true;
    else if (!c->torn)
        c->pos = pos;
}

/* A child cursor over the next n bytes; the parent steps past them. */
static inline cursor cur_sub(cursor *c, size_t n)
{
    cursor sub = cur_open(cur_take(c, n));
    sub.torn = c->torn;
    return sub;
}

static inline uint8_t cur_u8(cursor *c)
{
    slice s = cur_take(c, 1);
    return s.len ? s.at[0] : 0;
}

static inline uint16_t cur_u16le(cursor *c)
{
    slice s = cur_take(c, 2);
    if (s.len == 0)
        return 0;
    return (uint16_t)((unsigned)s.at[0] | (unsigned)s.at[1] << 8);
}

static inline uint16_t cur_u16be(cursor *c)
{
    slice s = cur_take(c, 2);
    if (s.len == 0)
        return 0;
    return (uint16_t)((unsigned)s.at[0] << 8 | (unsigned)s.at[1]);
}

static inline uint32_t cur_u32le(cursor *c)
{
    slice s = cur_take(c, 4);
    if (s.len == 0)
        return 0;
    return (uint32_t)s.at[0] | (uint32_t)s.at[1] << 8 | (uint32_t)s.at[2] << 16 |
           (uint32_t)s.at[3] << 24;
}

static inline uint32_t cur_u32be(cursor *c)
{
    slice s = cur_take(c, 4);
    if (s.len == 0)
        return 0;
    return (uint32_t)s.at[0] << 24 | (uint32_t)s.at[1] << 16 | (uint32_t)s.at[2] << 8 |
           (uint32_t)s.at[3];
}

static inline uint64_t cur_u64le(cursor *c)
{
    slice s = cur_take(c, 8);
    uint64_t v = 0;
    for (size_t i = s.len; i > 0; i--)
        v = v << 8 | s.at[i - 1];
    return v;
}

/* The bytes up to and without `stop`, stepping past it; all that is left when
 * there is none. Never tears. */
static inline slice cur_until(cursor *c, uint8_t stop)
{
    slice rest = cur_rest(c);
    size_t n = slice_find_byte(rest, stop, 0);
    if (n == SIZE_MAX) {
        c->pos = c->torn ? c->pos : c->in.len;
        return rest;
    }
    c->pos += n + 1;
    return slice_sub(rest, 0, n);
}
