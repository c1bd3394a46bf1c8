/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks on Linux; see clock.h. */
#include "os/clock.h"
#include "base/check.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_us(clockid_t which)
{
    struct timespec t;
    CHECK(clock_gettime(which, &t) == 0);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}
int64_t clock_ms_utc(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

static void date(char out[CLOCK_DATE_BYTES], time_t shift)
{
    time_t now = time(NULL) + shift;
    struct tm t;
    CHECK(gmtime_r(&now, &t) && strftime(out, CLOCK_DATE_BYTES, "%Y-%m-%d", &t) > 0);
}

void clock_date_utc(char out[CLOCK_DATE_BYTES])
{
    date(out, 0);
}
void clock_date_jst(char out[CLOCK_DATE_BYTES])
{
    date(out, 9 * 3600);
}

void clock_stamp_utc(char out[CLOCK_STAMP_BYTES])
{
    struct timespec now;
    struct tm t;
    char seconds[20];
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &t));
    CHECK(strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &t) > 0);
    (void)snprintf(out, CLOCK_STAMP_BYTES, "%s.%03uZ", seconds,
                   (unsigned)(now.tv_nsec / 1000000) % 1000);
}
