/* SPDX-License-Identifier: Apache-2.0 */
/* lines - see lines.h. */
#include "doors/logs/lines.h"
#include "base/gunzip.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE = 256 << 10, ROOM = LINES_LINE_MAX + PIECE };

struct lines {
    struct arena *mem;
    int fd;
    slice head;
    struct gunzip *gunzip; /* NULL: plain */
    enum gunzip_end unpacked;
    uint8_t *packed, *text; /* PIECE, ROOM */
    slice packed_left;
    size_t from, to; /* of `text`: what is not given out yet */
    bool started, over, skipping;
    enum lines_end end;
};

struct lines *lines_new(struct arena *mem, int fd, slice head)
{
    struct lines *s = ARENA_NEW(mem, struct lines);
    if (!s)
        return NULL;
    *s = (struct lines){ .fd = fd,
                         .head = head,
                         .mem = mem,
                         .packed = ARENA_ARRAY(mem, uint8_t, PIECE),
                         .text = ARENA_ARRAY(mem, uint8_t, ROOM) };
    return s->packed && s->text ? s : NULL;
}

/* Bytes of the file; 0: its end, or an error. */
static size_t fetch(struct lines *s, uint8_t *out, size_t room)
{
    if (s->head.len) {
        size_t n = slice_copy_out(s->head, out, room);
        s->head = slice_from(s->head, n);
        return n;
    }
    for (;;) {
        ssize_t n = read(s->fd, out, room);
        if (n >= 0)
            return (size_t)n;
        if (errno != EINTR) {
            s->end = LINES_ERROR;
            return 0;
        }
    }
}

static void packed_end(struct lines *s)
{
    if (s->unpacked == GUNZIP_BROKEN)
        s->end = LINES_BROKEN;
    else if (s->unpacked == GUNZIP_LIMIT)
        s->end = LINES_LIMIT;
    else if (s->unpacked == GUNZIP_MORE && s->end == LINES_WHOLE)
        s->end = LINES_SHORT;
}

/* The same behind gzip. What stands behind the last member is left alone. */
static size_t unpack(struct lines *s, uint8_t *out, size_t room)
{
    size_t made = 0;
    do {
        if (!s->packed_left.len)
            s->packed_left = (slice){ s->packed, fetch(s, s->packed, PIECE) };
        if (!s->packed_left.len)
            break;
        s->unpacked = gunzip_next(s->gunzip, &s->packed_left, out, room, &made);
    } while (!made &&
             (s->unpacked == GUNZIP_MORE || (s->unpacked == GUNZIP_WHOLE && !s->packed_left.len)));
    if (!made)
        packed_end(s);
    return made;
}

static void start(struct lines *s)
{
    size_t n = 0, got;
    s->started = true;
    while (n < 3 && (got = fetch(s, s->packed + n, PIECE - n)) > 0)
        n += got;
    slice first = { s->packed, n };
    if (gunzip_is(first)) {
        s->gunzip = gunzip_new(s->mem);
        s->packed_left = first;
        s->over = !s->gunzip;
        s->end = s->gunzip ? LINES_WHOLE : LINES_ERROR;
        return;
    }
    s->to = slice_copy_out(first, s->text, ROOM);
}

/* Moves what is left to the front and reads on. False: nothing more came. */
static bool fill(struct lines *s)
{
    size_t left = s->to - s->from;
    for (size_t i = 0; s->from && i < left; i++)
        s->text[i] = s->text[s->from + i];
    s->from = 0;
    s->to = left;
    size_t room = ROOM - left < PIECE ? ROOM - left : PIECE;
    size_t n = s->over     ? 0
               : s->gunzip ? unpack(s, s->text + left, room)
                           : fetch(s, s->text + left, room);
    s->to += n;
    s->over |= n == 0;
    return n > 0;
}

bool lines_next(struct lines *s, slice *out, bool *long_out)
{
    if (!s->started)
        start(s);
    *long_out = false;
    for (size_t looked = 0;;) {
        slice have = { s->text + s->from, s->to - s->from };
        size_t end = slice_find_byte(have, '\n', looked);
        if (end != SIZE_MAX) {
            s->from += end + 1;
            bool skipped = s->skipping;
            s->skipping = false;
            if (skipped) { /* the tail of a long line */
                looked = 0;
                continue;
            }
            *out = slice_sub(have, 0, end);
            return true;
        }
        if (have.len >= LINES_LINE_MAX || (s->skipping && have.len)) {
            bool first = !s->skipping;
            s->skipping = true;
            s->from = s->to;
            looked = 0;
            *out = slice_sub(have, 0, LINES_LINE_MAX);
            *long_out = first;
            if (first)
                return true;
            continue;
        }
        looked = have.len;
        if (!fill(s)) {
            *out = (slice){ s->text + s->from, s->to - s->from };
            s->from = s->to;
            return out->len > 0 && !s->skipping;
        }
    }
}

enum lines_end lines_end(const struct lines *s)
{
    return s->end;
}
