/* SPDX-License-Identifier: Apache-2.0 */
/* clock - the only place where time is read. */
#pragma once
#include <stdint.h>

uint64_t clock_us(void);     /* monotonic; only differences mean something */
int64_t clock_ms_utc(void);  /* since 1970 */
uint64_t clock_cpu_us(void); /* processor time of this process, user and system */

enum { CLOCK_DATE_BYTES = 11, CLOCK_STAMP_BYTES = 25 };
/* Today as YYYY-MM-DD. */
void clock_date_utc(char out[CLOCK_DATE_BYTES]);
void clock_date_jst(char out[CLOCK_DATE_BYTES]);
/* Now as RFC 3339 in UTC with milliseconds. */
void clock_stamp_utc(char out[CLOCK_STAMP_BYTES]);
