/* SPDX-License-Identifier: Apache-2.0 */
/* squid - a file for Squid's `acl NAME dstdomain "FILE"`: hosts and addresses as they stand in
 * URLs. */
#include "act/blocklist/blocklist.h"

static void put_hosts(struct buf *out, const struct blocklist *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].kind == INDICATOR_DOMAIN || b->at[i].kind == INDICATOR_IP)
            buf_format(out, "%.*s\n", SLICE_FMT(b->at[i].value));
}

const struct blocklist_writer blocklist_squid = { "squid", put_hosts };
