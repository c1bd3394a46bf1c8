/* SPDX-License-Identifier: Apache-2.0 */
/* slice - a borrowed run of bytes, never NUL-terminated, never owned.
 *
 * A slice is passed by value. Whoever made the bytes keeps them alive; code
 * that must keep bytes longer copies them into an arena (arena_copy).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct slice {
    const uint8_t *at;
    size_t len;
} slice;

/* A half-open range of offsets in a part. */
struct range {
    uint64_t from, to;
};

/* SLICE_INIT for static tables, where C17 wants a constant; SLICE_LIT elsewhere. */
#define SLICE_INIT(s) { (const uint8_t *)("" s), sizeof(s) - 1 }
#define SLICE_LIT(s) ((slice)SLICE_INIT(s))

/* For printf("%.*s"): never use on text that may be invalid UTF-8. */
#define SLICE_FMT(s) (int)((s).len > 4096 ? 4096 : (s).len), (const char *)(s).at

static inline slice slice_of(const char *text)
{
    return text ? (slice){ (const uint8_t *)text, strlen(text) } : (slice){ 0 };
}

static inline bool slice_eq(slice a, slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool slice_is(slice a, const char *text) { return slice_eq(a, slice_of(text)); }

/* The bytes from `from` on, at most `len` of them; clipped, never out of bounds. */
static inline slice slice_sub(slice s, size_t from, size_t len)
{
    if (from >= s.len)
        return (slice){ s.at ? s.at + s.len : NULL, 0 };
    size_t left = s.len - from;
    return (slice){ s.at + from, len < left ? len : left };
}

static inline slice slice_from(slice s, size_t from) { return slice_sub(s, from, SIZE_MAX); }

static inline bool slice_starts(slice s, slice head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

static inline bool slice_ends(slice s, slice tail)
{
    return s.len >= tail.len &&
           (tail.len == 0 || memcmp(s.at + (s.len - tail.len), tail.at, tail.len) == 0);
}

/* Offset of the first `needle` at or after `from`, or SIZE_MAX. */
static inline size_t slice_find(slice s, slice needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    if (!s.at)
        return SIZE_MAX; /* cannot be; gcc with sanitizers does not see it */
    const void *p = memmem(s.at + from, s.len - from, needle.at, needle.len);
    return p ? (size_t)((const uint8_t *)p - s.at) : SIZE_MAX;
}

static inline size_t slice_find_byte(slice s, uint8_t byte, size_t from)
{
    if (from >= s.len)
        return SIZE_MAX;
    const void *p = memchr(s.at + from, byte, s.len - from);
    return p ? (size_t)((const uint8_t *)p - s.at) : SIZE_MAX;
}

/* Without leading and trailing ASCII white space. */
static inline slice slice_trim(slice s)
{
    while (s.len && (s.at[0] == ' ' || (s.at[0] >= '\t' && s.at[0] <= '\r')))
        s.at++, s.len--;
    while (s.len && (s.at[s.len - 1] == ' ' || (s.at[s.len - 1] >= '\t' && s.at[s.len - 1] <= '\r')))
        s.len--;
    return s;
}

/* Copies as much of the slice as fits to `out`; returns how many bytes. */
static inline size_t slice_copy_out(slice s, uint8_t *out, size_t room)
{
    size_t n = s.len < room ? s.len : room;
    if (n)
        memcpy(out, s.at, n);
    return n;
}
