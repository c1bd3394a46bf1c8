/* SPDX-License-Identifier: Apache-2.0 */
/* stamp - a time as RFC 3339 in UTC with milliseconds, for records. */
#pragma once
#include <stdint.h>

enum { STAMP_BYTES = 25 };
/* Milliseconds since 1970; before the year 0 and after 9999 the nearest there is. */
void stamp_utc(int64_t time_ms, char out[STAMP_BYTES]);
