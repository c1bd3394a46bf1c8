/* SPDX-License-Identifier: Apache-2.0 */
/* hunt_finish - what the hits say, client by client. */
#include "trace/hunt_private.h"

#include <stdlib.h>

const char *hunt_level_name(enum hunt_level l)
{
    static const char *const names[] = { "url", "path", "host", "ip", "domain" };
    return l < HUNT_LEVELS ? names[l] : "";
}

const char *contact_outcome_name(enum contact_outcome o)
{
    static const char *const names[] = { "unknown", "failed", "answered", "blocked" };
    return o < OUTCOMES ? names[o] : "";
}

static int compare_times(const struct contact_time *a, const struct contact_time *b)
{
    if (a->known != b->known)
        return a->known ? -1 : 1;
    return a->us < b->us ? -1 : a->us > b->us;
}

static int by_time(const void *a, const void *b)
{
    const struct hunt_hit *x = a, *y = b;
    int c = compare_times(&x->contact.time, &y->contact.time);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

/* The better known and the worse comes first: those that nothing stopped before the blocked. */
static int by_level(const void *a, const void *b)
{
    const struct hunt_client *x = a, *y = b;
    if (x->best != y->best)
        return x->best < y->best ? -1 : 1;
    bool through_x = x->outcomes[OUTCOME_ANSWERED] > 0,
         through_y = y->outcomes[OUTCOME_ANSWERED] > 0;
    if (through_x != through_y)
        return through_x ? -1 : 1;
    int c = compare_times(&x->first, &y->first);
    if (c)
        return c;
    c = memcmp(x->name.at ? x->name.at : (const uint8_t *)"",
               y->name.at ? y->name.at : (const uint8_t *)"",
               x->name.len < y->name.len ? x->name.len : y->name.len);
    return c ? c : x->name.len < y->name.len ? -1 : x->name.len > y->name.len;
}

static void count(struct hunt_client *c, const struct hunt_hit *hit)
{
    c->n++;
    if (hit->level > c->best)
        return;
    if (hit->level < c->best) {
        *c = (struct hunt_client){ .name = c->name,
                                   .n = c->n,
                                   .best = hit->level,
                                   .sources = hit->sources,
                                   .first = hit->contact.time };
    }
    c->n_best++;
    c->outcomes[hit->contact.outcome]++;
    c->web += hit->contact.kind == CONTACT_WEB;
    if (hit->contact.time.known || !c->last.written.len)
        c->last = hit->contact.time;
}

static const struct hunt_mail **number_mails(struct hunt *h, size_t *n_out)
{
    size_t n = 0, room = 0;
    const struct hunt_mail **all = NULL;
    for (size_t i = 0; i < h->n_hits; i++)
        for (struct hunt_source *s = h->hit[i].sources->first; s; s = s->next) {
            if (s->mail->number)
                continue;
            if (n == room) {
                const struct hunt_mail **bigger =
                    arena_regrow(h->mem, all, n * sizeof *all, room ? room * 2 : 64, sizeof *all);
                if (!bigger) {
                    h->more = true;
                    *n_out = n;
                    return all;
                }
                all = bigger;
                room = room ? room * 2 : 64;
            }
            all[n++] = s->mail;
            s->mail->number = (uint32_t)n;
        }
    *n_out = n;
    return all;
}

struct hunt_result hunt_finish(struct hunt *h)
{
    struct hunt_result r = { .n_hits = h->n_hits,
                             .reports = h->reports,
                             .reports_used = h->used,
                             .urls = h->n_urls,
                             .hosts = h->hosts,
                             .left_weak = h->left_weak };
    if (h->n_hits)
        qsort(h->hit, h->n_hits, sizeof *h->hit, by_time);
    for (size_t i = 0; i < h->n_hits; i++)
        count(&h->client[h->hit[i].client], &h->hit[i]);
    r.mails = number_mails(h, &r.n_mails);
    r.numbered = h->client;
    r.n_clients = h->clients.n;
    struct hunt_client *sorted = r.n_clients
                                     ? arena_regrow(h->mem, h->client, r.n_clients * sizeof *sorted,
                                                    r.n_clients, sizeof *sorted)
                                     : NULL;
    if (sorted)
        qsort(sorted, r.n_clients, sizeof *sorted, by_level);
    else
        r.n_clients = 0;
    while (r.n_clients && sorted[r.n_clients - 1].best == HUNT_LEVELS)
        r.n_clients--; /* none of theirs was kept */
    r.clients = sorted;
    r.hits = h->hit;
    r.more = h->more || arena_full(h->mem);
    arena_drop(&h->scratch);
    return r;
}
