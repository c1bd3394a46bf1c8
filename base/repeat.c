/* SPDX-License-Identifier: Apache-2.0 */
/* repeat - finds the unit, and keeps a window of it; see repeat.h. */
#include "base/repeat.h"
#include "base/pages.h"

enum { UNIT_MAX = 4096, NEEDLE = 32, TRIES = 4 };

/* The length of the unit that all of `s` repeats; 0: none. Zeros are left to whoever leaves them
 * unwritten. */
static size_t unit_of(slice s)
{
    static const uint8_t zeros[NEEDLE];
    slice needle = slice_sub(s, 0, NEEDLE), near = slice_sub(s, 0, UNIT_MAX + NEEDLE);
    if (slice_eq(needle, (slice){ zeros, NEEDLE }))
        return 0;
    size_t at = 0;
    for (size_t i = 0; i < TRIES; i++) {
        at = slice_find(near, needle, at + 1);
        if (at == SIZE_MAX)
            return 0;
        if (slice_eq(slice_from(s, at), slice_sub(s, 0, s.len - at)))
            return at;
    }
    return 0;
}

/* Pages and the unit both fit in whole numbers; 0: not within reason. */
static size_t window_of(size_t unit)
{
    size_t a = PAGE_BYTES, b = unit;
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    size_t least = PAGE_BYTES / a * unit;
    size_t n = (REPEAT_WINDOW_MIN + least - 1) / least * least;
    return n <= REPEAT_WINDOW_MAX ? n : 0;
}

bool repeat_seen(struct repeat *r, slice all)
{
    slice last = slice_from(all, all.len - REPEAT_LOOK);
    if (r->period && !slice_eq(last, slice_sub(all, all.len - REPEAT_LOOK - r->period, REPEAT_LOOK)))
        r->period = 0;
    if (r->period == 0) {
        r->period = unit_of(last);
        r->size = r->period ? window_of(r->period) : 0;
        if (r->size == 0)
            r->period = 0;
        r->from = all.len - REPEAT_LOOK;
    }
    return r->period && all.len - r->from >= r->size;
}

bool repeat_begin(struct repeat *r, slice all)
{
    r->window = pages_shared(r->size);
    if (!r->window)
        return false;
    memcpy(r->window, all.at + (all.len - r->size), r->size);
    r->at = all.len;
    return true;
}

size_t repeat_goes_on(const struct repeat *r, uint64_t pos, slice s)
{
    size_t phase = (size_t)((pos - r->at) % r->size), n = 0;
    slice want = { r->window + phase, r->size - phase };
    if (s.len > want.len)
        s.len = want.len;
    if (slice_eq(s, slice_sub(want, 0, s.len)))
        return s.len;
    while (slice_eq(slice_sub(s, n, PAGE_BYTES), slice_sub(want, n, slice_sub(s, n, PAGE_BYTES).len)))
        n += PAGE_BYTES;
    while (s.at[n] == want.at[n])
        n++;
    return n;
}

void repeat_end(struct repeat *r)
{
    pages_drop(r->window, r->size);
    *r = (struct repeat){ 0 };
}
