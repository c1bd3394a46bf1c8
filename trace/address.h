/* SPDX-License-Identifier: Apache-2.0 */
/* address - one form for addresses of the web, so that those of reports and of logs compare.
 *
 * Host in lower case, without user, trailing dot and default port; IPv4 dotted, however it was
 * written. Scheme and fragment do not count: a log seldom has them right. Escapes stay as they are.
 */
#pragma once
#include "base/slice.h"

enum { ADDRESS_HOST_MAX = 253 };

struct address {
    uint8_t host_bytes[ADDRESS_HOST_MAX + 3];
    size_t host_len;
    bool ip;       /* the host is an address */
    bool has_path; /* something stood behind the host */
    unsigned port; /* 0: that of the scheme */
    slice path;    /* from '/' or '?' on, with the query; empty is "/" */
};

/* "scheme://host:port/path" or "host/path". False: there is no host in it. */
bool address_of(slice text, struct address *out);
static inline slice address_host(const struct address *a)
{
    return (slice){ a->host_bytes, a->host_len };
}
/* Length of the path without the query. */
size_t address_path_only(slice path);
/* From "/" on, what both forms of no path are. */
bool address_same_path(slice a, slice b);
