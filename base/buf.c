/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte buffer on the heap; see buf.h. Grows by doubling, never past `max`. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_drop(struct buf *b)
{
    free(b->at);
    *b = (struct buf){ .max = b->max };
}

bool buf_grow(struct buf *b, size_t more)
{
    if (b->full)
        return false;
    if (more > b->max - b->len) {
        b->full = true;
        return false;
    }
    size_t want = b->len + more, room = b->room > b->max / 2 ? b->max : b->room * 2;
    if (room < 64)
        room = b->max < 64 ? b->max : 64;
    if (room < want)
        room = want;
    uint8_t *at = realloc(b->at, room);
    if (!at) {
        b->full = true;
        return false;
    }
    b->at = at;
    b->room = room;
    return true;
}

void buf_text(struct buf *b, const char *text)
{
    buf_put(b, slice_of(text));
}

void buf_format(struct buf *b, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0) {
        b->full = true;
    } else if ((size_t)n < sizeof small) {
        buf_put(b, (slice){ (const uint8_t *)small, (size_t)n });
    } else if ((size_t)n < b->max - b->len && buf_reserve(b, (size_t)n + 1)) {
        /* room for the NUL that vsnprintf writes; it is not counted */
        (void)vsnprintf((char *)b->at + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    } else {
        b->full = true;
    }
    va_end(again);
}
