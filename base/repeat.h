/* SPDX-License-Identifier: Apache-2.0 */
/* repeat - padding that is not zeros: blanks, empty lines, one comment line a million times.
 *
 * A writer of bodies shows what it has written, 64 KiB at a time; where a short unit repeats, one
 * window of it is kept in shared pages, and what goes on like that is put in place as those pages
 * again. So the bytes are all there, at the cost of the window. A window is a multiple of the unit:
 * who leaves whole windows out loses nothing but repetition.
 */
#pragma once
#include "base/slice.h"

enum {
    REPEAT_LOOK = 64 << 10,       /* what is looked at together */
    REPEAT_WINDOW_MIN = 1 << 20,
    REPEAT_WINDOW_MAX = 4 << 20,
};

struct repeat {
    size_t period; /* 0: nothing repeats at the moment */
    uint64_t from; /* where it began */
    uint8_t *window; /* not NULL: bytes are compared with the window, not written */
    size_t size;     /* of the window */
    uint64_t at;     /* where the window was put first; later ones follow */
};

/* `all` is what was written so far, a multiple of REPEAT_LOOK; its last REPEAT_LOOK bytes are new.
 * True when a window's worth repeats: then repeat_window() may begin. */
bool repeat_seen(struct repeat *r, slice all);
/* Keeps the last window of `all`. False: no memory; nothing is begun. */
bool repeat_begin(struct repeat *r, slice all);
/* How many bytes of `s`, which would stand at `pos`, go on with it; never over the end of a window. */
size_t repeat_goes_on(const struct repeat *r, uint64_t pos, slice s);
/* Drops the window; what was put in place stands. */
void repeat_end(struct repeat *r);
