/* SPDX-License-Identifier: Apache-2.0 */
/* date - days since 1970-01-01 and the Gregorian calendar, extended to all years (ISO 8601).
 *
 * Pure: knows no clock, no zone, no leap second. By Howard Hinnant's "chrono-compatible low-level
 * date algorithms": the year begins in March, so that the leap day is its last.
 */
#pragma once
#include <stdint.h>

struct date {
    int64_t year;
    unsigned month, day; /* from 1 */
};

/* `month` 1 to 12. A day that the month does not have counts on into the next. */
int64_t date_to_days(struct date d);
struct date date_of_days(int64_t days);
