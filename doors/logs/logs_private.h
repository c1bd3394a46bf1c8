/* SPDX-License-Identifier: Apache-2.0 */
/* logs_private - what the readers of log formats share. */
#pragma once
#include "doors/logs/logs.h"

struct log_text {
    slice line; /* whole */
    slice tag;  /* of syslog, or of the program's own prefix: "named"; may be empty */
    slice rest; /* behind time, host and tag */
    struct contact_time time;
};

struct log_format {
    const char *name;
    enum log_line (*read)(struct logs *g, const struct log_text *t, struct contact *out);
};

enum { LOG_FORMATS_MAX = 16 };

struct columns;

struct logs {
    struct arena *mem, *scratch; /* scratch: of one line */
    struct log_clock clock;
    const struct log_format *only;
    size_t last; /* the format of the line before */
    uint64_t lines, taken[LOG_FORMATS_MAX];
    struct columns *columns; /* what the header of a table says */
};

/* A time in any customary form at the start of *rest, which moves behind it. */
bool log_stamp(slice *rest, const struct log_clock *clock, struct contact_time *out);
/* Time, host and tag of syslog (RFC 3164, RFC 5424, rsyslog's) and of programs that write the like.
 */
void log_prefix(slice line, const struct log_clock *clock, struct log_text *out);

/* The next word and the blanks behind it. */
static inline slice log_word(slice *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->at[n] != ' ')
        n++;
    slice word = slice_sub(*rest, 0, n);
    while (n < rest->len && rest->at[n] == ' ')
        n++;
    *rest = slice_from(*rest, n);
    return word;
}

/* Could be an IP address. */
bool log_is_address(slice s);
/* "-" stands for nothing. */
static inline slice log_value(slice s)
{
    return s.len == 1 && s.at[0] == '-' ? (slice){ 0 } : s;
}
/* Host names in messages of resolvers end in a dot. */
slice log_name(slice s);
enum contact_outcome log_outcome_of_status(unsigned status);
/* Of a name of DNS, as NOERROR. */
enum contact_outcome log_outcome_of_reply(slice code);
