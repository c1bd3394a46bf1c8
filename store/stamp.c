/* SPDX-License-Identifier: Apache-2.0 */
/* Times as text; see stamp.h. */
#include "store/stamp.h"
#include "base/date.h"

static char *digits(char *to, uint64_t v, unsigned n, char behind)
{
    for (unsigned i = n; i-- > 0; v /= 10)
        to[i] = (char)('0' + v % 10);
    to[n] = behind;
    return to + n + 1;
}

void stamp_utc(int64_t time_ms, char out[STAMP_BYTES])
{
    static const int64_t day = 86400000, first = -62167219200000, last = 253402300799999;
    int64_t t = time_ms < first ? first : time_ms > last ? last : time_ms;
    int64_t days = t >= 0 ? t / day : -((day - 1 - t) / day);
    uint64_t rest = (uint64_t)(t - days * day);
    struct date d = date_of_days(days);
    char *at = digits(out, (uint64_t)d.year, 4, '-');
    at = digits(at, d.month, 2, '-');
    at = digits(at, d.day, 2, 'T');
    at = digits(at, rest / 3600000, 2, ':');
    at = digits(at, rest / 60000 % 60, 2, ':');
    at = digits(at, rest / 1000 % 60, 2, '.');
    at = digits(at, rest % 1000, 3, 'Z');
    *at = 0;
}
