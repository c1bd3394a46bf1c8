/* SPDX-License-Identifier: Apache-2.0 */
/* How many connections each address has. A stranger with a network of 64 bits (what every
 * household has) is one peer, and chooses no chain: the hash is keyed by what he cannot see. */
#include "base/cidr.h"
#include "base/hash.h"
#include "doors/serve_private.h"

#include <stdlib.h>

enum { CHAINS = 4096 };

struct serve_peer {
    struct serve_peer *next;
    uint32_t chain, connections;
    bool six;
    uint8_t address[16];
};

struct serve_peers {
    uint64_t seed;
    struct serve_peer *chains[CHAINS];
};

struct serve_peers *serve_peers_new(uint64_t seed)
{
    struct serve_peers *p = calloc(1, sizeof *p);
    if (p)
        p->seed = seed | 1;
    return p;
}

void serve_peers_drop(struct serve_peers **pp)
{
    struct serve_peers *p = *pp;
    *pp = NULL;
    for (size_t i = 0; p && i < CHAINS; i++)
        while (p->chains[i]) {
            struct serve_peer *next = p->chains[i]->next;
            free(p->chains[i]);
            p->chains[i] = next;
        }
    free(p);
}

static bool of_this_machine(const struct cidr *c)
{
    static const uint8_t one[16] = { [15] = 1 };
    return c->six ? slice_eq((slice){ c->address, 16 }, (slice){ one, 16 }) : c->address[0] == 127;
}

struct serve_peer *serve_peers_enter(struct serve_peers *p, slice address, uint32_t most,
                                     bool *full_out)
{
    struct cidr c = { 0 };
    *full_out = false;
    if (!cidr_read(address, &c)) /* a Unix socket */
        c = (struct cidr){ 0 };
    if (c.bits == 0 || of_this_machine(&c))
        most = 0;
    size_t kept = c.six ? 8 : 4;
    slice key = { c.address, kept };
    uint32_t chain = (uint32_t)((fnv1a(p->seed + c.six, key) * p->seed) >> 40) % CHAINS;
    struct serve_peer *e = p->chains[chain];
    while (e && (e->six != c.six || !slice_eq((slice){ e->address, kept }, key)))
        e = e->next;
    if (e && most && e->connections >= most) {
        *full_out = true;
        return NULL;
    }
    if (!e) {
        e = calloc(1, sizeof *e);
        if (!e)
            return NULL;
        (void)slice_copy_out(key, e->address, sizeof e->address);
        e->six = c.six;
        e->chain = chain;
        e->next = p->chains[chain];
        p->chains[chain] = e;
    }
    e->connections++;
    return e;
}

void serve_peers_leave(struct serve_peers *p, struct serve_peer *peer)
{
    if (--peer->connections)
        return;
    struct serve_peer **at = &p->chains[peer->chain];
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    free(peer);
}
