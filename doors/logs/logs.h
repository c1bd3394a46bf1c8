/* SPDX-License-Identifier: Apache-2.0 */
/* logs - lines of other programs' logs, as contacts.
 *
 * logs.list names the formats, one file each. Every line is recognised by itself, so that a file of
 * syslog may hold several programs; only columns need their header. Nothing is refused as a whole:
 * what no reader understands is LOG_UNREAD, and counted by the caller. All texts of a contact
 * are borrowed: they are gone at the next line.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "trace/contact.h"

enum log_line {
    LOG_READ,
    LOG_PASSED, /* understood; tells of no contact, or of none elsewhere */
    LOG_UNREAD,
};

struct log_clock {
    int64_t now;     /* seconds since 1970: the year of logs that give none */
    bool zone_given; /* --tz: of logs that give no zone */
    int zone;        /* minutes east of UTC */
};

struct log_format;
struct logs;

/* `only` may be NULL: whatever it is. NULL: no memory. */
struct logs *logs_new(struct arena *mem, const struct log_clock *clock,
                      const struct log_format *only);
enum log_line logs_read(struct logs *g, slice line, struct contact *out);
/* "squid 990, bind 10": the formats of the lines that were understood. */
void logs_formats(const struct logs *g, struct buf *out);
void logs_drop(struct logs **g);

/* "+09:00", "+0900", "Z", "UTC" or "JST" as minutes east of UTC. */
bool log_zone(slice s, int *minutes_out);
const struct log_format *log_format_by_name(const char *name); /* NULL: none */
void log_format_names(struct buf *out);
