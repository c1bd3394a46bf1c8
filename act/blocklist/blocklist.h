/* SPDX-License-Identifier: Apache-2.0 */
/* blocklist - from reports to lists that resolvers, proxies and other tools take.
 *
 * A wrong entry cuts people off from what they need. Therefore: malicious objects only unless
 * asked, only what the code uses or findings rest on, never what the site allows, never a whole
 * public suffix, never a private address. What is left out is said with the reason.
 */
#pragma once
#include "report/indicators.h"
#include "report/messages.h"

struct block {
    enum indicator_kind kind;
    enum indicator_sure sure;
    enum verdict verdict;
    slice value, from, name, file, part, sha256; /* sha256 of the object */
    uint32_t line;
};

struct blocklist_options {
    bool suspicious, seen; /* seen: also what merely stands in the code, or is partly known */
    slice allow;           /* a host or address per line, '#' begins a comment; hosts cover those below */
    int64_t now;           /* seconds since 1970 */
    uint32_t serial;       /* of the zone */
    uint32_t days;         /* until indicators expire; 0: never */
    void (*left_out)(void *host, slice value, enum message why);
    void *host;
};

struct blocklist {
    struct arena *mem;
    struct blocklist_options options;
    struct block *at;
    uint64_t *hashes;
    size_t n, room;
    bool full;
};

enum { BLOCKS_MAX = 65536 };

/* `o` and what it points to stay the caller's. False: no memory. */
bool blocklist_init(struct blocklist *b, const struct blocklist_options *o, struct arena *mem);
void blocklist_add(struct blocklist *b, const struct read_report *r);

/* One per line of writers.list: blocklist_NAME in NAME.c. */
struct blocklist_writer {
    const char *name;
    void (*put)(struct buf *out, const struct blocklist *b);
};
/* NULL: there is none of this name. */
const struct blocklist_writer *blocklist_writer_by_name(const char *name);
