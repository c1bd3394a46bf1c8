/* SPDX-License-Identifier: Apache-2.0 */
/* log - one line per event to standard error, with the priority prefix of
 * sd-daemon(3) when journald is listening and a word for people otherwise.
 *
 * Text of strangers goes through %s only after log_quote(). base, decode,
 * observe and judge never log. */
#pragma once
#include "base/arena.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

/* Lines above `most` are dropped. Called once, at start. */
void log_open(const char *program, enum log_level most);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A copy in which control characters, quotes, backslashes and bytes that are
 * no UTF-8 are escaped, so that one event stays one line; at most 256 bytes. */
enum { LOG_QUOTE_BYTES = 1100 };
const char *log_quote(slice s, char out[LOG_QUOTE_BYTES]);
