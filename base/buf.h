/* SPDX-License-Identifier: Apache-2.0 */
/* buf - a growing byte buffer that cannot be made without its maximum.
 *
 * Over the maximum (or out of memory) `full` becomes true, sticks, and what
 * was appended before stands. Memory is the heap's; buf_drop() frees it.
 * buf_slice() borrows and is stale after the next append.
 */
#pragma once
#include "base/check.h"
#include "base/slice.h"

struct buf {
    uint8_t *at;
    size_t len, room, max;
    bool full;
};

static inline struct buf buf_new(size_t max) { return (struct buf){ .max = max }; }
void buf_drop(struct buf *b);
bool buf_grow(struct buf *b, size_t more); /* what buf_reserve() does when there is no room */
static inline bool buf_reserve(struct buf *b, size_t more) /* false when full */
{
    return (more <= b->room - b->len && !b->full) || buf_grow(b, more);
}
static inline void buf_put(struct buf *b, slice s)
{
    if (s.len && buf_reserve(b, s.len))
        b->len += slice_copy_out(s, b->at + b->len, s.len);
}
static inline void buf_byte(struct buf *b, uint8_t byte)
{
    if (buf_reserve(b, 1))
        b->at[b->len++] = byte;
}
void buf_text(struct buf *b, const char *text);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline slice buf_slice(const struct buf *b) { return (slice){ b->at, b->len }; }
static inline void buf_clear(struct buf *b) { b->len = 0; b->full = false; }
