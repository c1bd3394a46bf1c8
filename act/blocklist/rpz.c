/* SPDX-License-Identifier: Apache-2.0 */
/* rpz - a response policy zone (draft-vixie-dnsop-dns-rpz-00) in the master format of RFC 1035:
 * resolvers say of these names, and of names with these addresses, that there are none.
 * Leaves out: IPv6 addresses. */
#include "act/blocklist/blocklist.h"

static void put(struct buf *out, const struct blocklist *b)
{
    buf_format(out,
               "$TTL 300\n@ IN SOA localhost. hostmaster.localhost. %u 3600 600 86400 300\n@ IN NS "
               "localhost.\n",
               b->options.serial);
    for (size_t i = 0; i < b->n; i++) {
        const struct block *e = &b->at[i];
        uint32_t ip;
        if (e->kind == INDICATOR_DOMAIN)
            buf_format(out, "%.*s IN CNAME .\n", SLICE_FMT(e->value));
        else if (e->kind == INDICATOR_IP && indicator_ipv4(e->value, &ip))
            buf_format(out, "32.%u.%u.%u.%u.rpz-ip IN CNAME .\n", ip & 255, ip >> 8 & 255,
                       ip >> 16 & 255, ip >> 24);
    }
}

const struct blocklist_writer blocklist_rpz = { "rpz", put };
