/* SPDX-License-Identifier: Apache-2.0 */
/* windows - see windows.h. The search is Crochemore and Perrin, "Two-way string
 * matching" (Journal of the ACM 38, 1991): linear time, no memory. */
#include "base/windows.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Where the greatest suffix begins, less one (-1: the whole), in the order of
 * bytes or in the reverse one; and the period of that suffix. */
static ptrdiff_t suffix_before(const uint8_t *x, ptrdiff_t m, bool reverse, ptrdiff_t *period_out)
{
    ptrdiff_t before = -1, j = 0, k = 1, period = 1;
    while (j + k < m) {
        uint8_t a = x[j + k], b = x[before + k];
        if (a == b) {
            j += k == period ? period : 0;
            k = k == period ? 1 : k + 1;
        } else if ((a < b) != reverse) {
            j += k;
            k = 1;
            period = j - before;
        } else {
            before = j++;
            k = period = 1;
        }
    }
    *period_out = period;
    return before;
}

void *windows_memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len)
{
    const uint8_t *y = hay, *x = needle;
    if (needle_len > hay_len)
        return NULL;
    if (needle_len == 0)
        return (void *)y;
    ptrdiff_t m = (ptrdiff_t)needle_len, last = (ptrdiff_t)(hay_len - needle_len), period, other;
    ptrdiff_t cut = suffix_before(x, m, false, &period), cut2 = suffix_before(x, m, true, &other);
    if (cut2 >= cut) {
        cut = cut2;
        period = other;
    }
    bool periodic = memcmp(x, x + period, (size_t)(cut + 1)) == 0;
    if (!periodic)
        period = (cut + 1 > m - cut - 1 ? cut + 1 : m - cut - 1) + 1;
    ptrdiff_t known = -1; /* of a periodic needle: this much of its head is known to match */
    for (ptrdiff_t at = 0; at <= last;) {
        ptrdiff_t i = (cut > known ? cut : known) + 1;
        while (i < m && x[i] == y[at + i])
            i++;
        if (i < m) {
            at += i - cut;
            known = -1;
            continue;
        }
        for (i = cut; i > known && x[i] == y[at + i]; i--)
            ;
        if (i <= known)
            return (void *)(y + at);
        at += period;
        known = periodic ? m - period - 1 : -1;
    }
    return NULL;
}

void *windows_memrchr(const void *at, int byte, size_t len)
{
    const uint8_t *p = at;
    while (len-- > 0)
        if (p[len] == (uint8_t)byte)
            return (void *)(p + len);
    return NULL;
}

void windows_explicit_bzero(void *at, size_t len)
{
    for (volatile uint8_t *p = at; len > 0; len--)
        *p++ = 0;
}
