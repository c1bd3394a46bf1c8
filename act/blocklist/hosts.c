/* SPDX-License-Identifier: Apache-2.0 */
/* hosts - hosts(5): names that lead nowhere. Addresses cannot stand in it. */
#include "act/blocklist/blocklist.h"

static void put(struct buf *out, const struct blocklist *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].kind == INDICATOR_DOMAIN)
            buf_format(out, "0.0.0.0 %.*s\n", SLICE_FMT(b->at[i].value));
}

const struct blocklist_writer blocklist_hosts = { "hosts", put };
