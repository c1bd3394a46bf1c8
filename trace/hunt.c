/* SPDX-License-Identifier: Apache-2.0 */
/* hunt - see hunt.h.
 *
 * Names (hosts, IP addresses, registered domains) lie in one table by a hash that is taken from
 * the end of the name, so that one pass over a host gives the keys of all domains above it.
 */
#include "trace/hunt_private.h"
#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"
#include "trace/shared.h"

enum {
    NAMES_MAX = 1 << 20,
    URLS_MAX = 1 << 20,
    PAIRS_MAX = 1 << 20,
    MAILS_MAX = 1 << 20,
    LABELS_MAX = 40,
    LOOKUP_US = 5000000, /* A, AAAA, query and reply of one look-up */
};

/* --- tables: open addressing; what collides is compared */

static bool table_init(struct table_of *t, struct arena *mem, size_t max)
{
    t->max = max;
    t->mask = 255;
    t->slots = ARENA_ARRAY(mem, struct slot, 256);
    return t->slots != NULL;
}

static bool table_double(struct table_of *t, struct arena *mem)
{
    size_t size = (t->mask + 1) * 2;
    struct slot *bigger = ARENA_ARRAY(mem, struct slot, size);
    if (!bigger)
        return false;
    for (size_t i = 0; i <= t->mask; i++)
        if (t->slots[i].index) {
            size_t at = t->slots[i].hash & (size - 1);
            while (bigger[at].index)
                at = (at + 1) & (size - 1);
            bigger[at] = t->slots[i];
        }
    t->slots = bigger;
    t->mask = size - 1;
    return true;
}

/* Room for one more under this hash; false: full. */
static bool table_put(struct table_of *t, struct arena *mem, uint64_t hash, size_t index)
{
    if (t->n >= t->max || (t->n * 2 > t->mask && !table_double(t, mem)))
        return false;
    size_t at = hash & t->mask;
    while (t->slots[at].index)
        at = (at + 1) & t->mask;
    t->slots[at] = (struct slot){ hash, index + 1 };
    t->n++;
    return true;
}

static inline uint64_t mixed(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

/* The next thing under this hash, from *at on; false: no more. */
static inline bool table_next(const struct table_of *t, uint64_t hash, size_t *at,
                              size_t *index_out)
{
    for (;; *at = (*at + 1) & t->mask) {
        const struct slot *s = &t->slots[*at & t->mask];
        if (!s->index)
            return false;
        if (s->hash == hash) {
            *index_out = s->index - 1;
            *at = (*at + 1) & t->mask;
            return true;
        }
    }
}

/* --- names */

static inline uint64_t backwards(uint64_t seed, slice s)
{
    uint64_t h = seed ^ 0xcbf29ce484222325u;
    for (size_t i = s.len; i > 0; i--)
        h = (h ^ s.at[i - 1]) * 0x100000001b3u;
    return h;
}

static struct name *find_name(const struct hunt *h, uint64_t hash, slice text)
{
    size_t at = hash & h->names.mask, i;
    while (table_next(&h->names, hash, &at, &i))
        if (slice_eq(h->name[i].text, text))
            return &h->name[i];
    return NULL;
}

static void *grown(struct hunt *h, void *old, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return old;
    size_t want = *room ? *room * 2 : 64;
    void *bigger = arena_regrow(h->mem, old, n * size, want, size);
    if (bigger)
        *room = want;
    else
        h->more = true;
    return bigger;
}

static struct name *name_for(struct hunt *h, slice text)
{
    uint64_t hash = mixed(backwards(h->options.seed, text));
    struct name *n = find_name(h, hash, text);
    if (n)
        return n;
    struct name *all = grown(h, h->name, h->names.n, &h->name_room, sizeof *all);
    if (!all)
        return NULL;
    h->name = all;
    n = &all[h->names.n];
    *n = (struct name){ .text = arena_copy(h->mem, text) };
    if (!n->text.len || !table_put(&h->names, h->mem, hash, h->names.n)) {
        h->more = true;
        return NULL;
    }
    return n;
}

/* --- addresses: a host (by its place), a port, a path */

static uint64_t url_hash(const struct hunt *h, size_t name, unsigned port, slice path)
{
    if (path.len && path.at[0] == '/')
        path = slice_from(path, 1);
    return mixed(fnv1a(h->options.seed ^ (name * 0x9e3779b97f4a7c15u + port + 1), path));
}

static struct url *find_url(const struct hunt *h, size_t name, unsigned port, slice path,
                            bool whole)
{
    uint64_t hash = url_hash(h, name, port, path);
    size_t at = hash & h->urls.mask, i;
    while (table_next(&h->urls, hash, &at, &i)) {
        struct url *u = &h->url[i];
        if (u->name == name && u->port == port && u->whole == whole &&
            address_same_path(u->path, path))
            return u;
    }
    return NULL;
}

static struct url *url_for(struct hunt *h, size_t name, unsigned port, slice path, bool whole)
{
    struct url *u = find_url(h, name, port, path, whole);
    if (u)
        return u;
    struct url *all = grown(h, h->url, h->urls.n, &h->url_room, sizeof *all);
    if (!all)
        return NULL;
    h->url = all;
    u = &all[h->urls.n];
    *u = (struct url){
        .name = name, .port = port, .path = arena_copy(h->mem, path), .whole = whole
    };
    if (!table_put(&h->urls, h->mem, url_hash(h, name, port, path), h->urls.n)) {
        h->more = true;
        return NULL;
    }
    return u;
}

/* --- reports */

static void add_source(struct hunt *h, struct hunt_sources *to, const struct hunt_source *what)
{
    for (const struct hunt_source *l = to->first; l; l = l->next)
        if (l->mail == what->mail && l->line == what->line && slice_eq(l->part, what->part) &&
            slice_eq(l->value, what->value))
            return;
    to->n++;
    if (to->n > HUNT_SOURCES_MAX)
        return;
    struct hunt_source *s = ARENA_NEW(h->mem, struct hunt_source);
    if (!s) {
        h->more = true;
        return;
    }
    *s = *what;
    if (to->first)
        to->last->next = s;
    else
        to->first = s;
    to->last = s;
}

static bool exact(enum indicator_sure sure)
{
    return sure != SURE_PARTIAL;
}

/* One address that the code uses, as it stands there. */
static void add_address(struct hunt *h, const struct hunt_source *s)
{
    struct address a;
    if (!address_of(s->value, &a))
        return;
    struct name *n = name_for(h, address_host(&a));
    if (!n)
        return;
    n->ip = a.ip;
    n->weak = a.ip ? indicator_private(n->text)
                   : shared_host(n->text) || slice_find_byte(n->text, '.', 0) == SIZE_MAX;
    h->hosts += n->host.n == 0;
    add_source(h, &n->host, s);
    size_t at = (size_t)(n - h->name);
    bool weak = n->weak;
    if (exact(s->sure)) {
        struct url *u = url_for(h, at, a.port, a.path, true);
        if (u) {
            h->n_urls += u->sources.n == 0;
            add_source(h, &u->sources, s);
        }
        slice only = slice_sub(a.path, 0, address_path_only(a.path));
        u = only.len > 1 ? url_for(h, at, a.port, only, false) : NULL; /* "/" alone is the host */
        if (u)
            add_source(h, &u->sources, s);
    }
    slice above = a.ip || weak ? (slice){ 0 } : domain_registered(address_host(&a));
    if (above.len && !shared_domain(above) && (n = name_for(h, above)) != NULL)
        add_source(h, &n->domain, s);
}

static slice fact_of(struct hunt *h, const struct read_report *r, const char *name)
{
    for (size_t i = 0; i < r->n_facts; i++)
        if (slice_is(r->facts[i].name, name) && r->facts[i].part == 0)
            return arena_copy(h->mem, r->facts[i].text);
    return (slice){ 0 };
}

/* The name of the file that the code lies in: not of a stream inside it. */
static slice document_of(const struct read_report *r, uint32_t part)
{
    while (part != NO_ID && part > 0) {
        const struct read_part *p = &r->parts[part];
        if (p->name.len && !slice_is(p->how, "ole") && !slice_is(p->how, "opc") &&
            !slice_is(p->how, "unmask") && !slice_is(p->how, "html"))
            return p->name;
        part = p->parent;
    }
    return r->n_parts ? r->parts[0].name : r->path;
}

/* The same object under the same name, scanned again, is the same mail: what was found in it the
 * second time is added. */
static struct hunt_mail *mail_of(struct hunt *h, const struct read_report *r)
{
    uint64_t hash = mixed(fnv1a(fnv1a(h->options.seed, r->sha256), r->path));
    size_t at = hash & h->mails.mask, i;
    while (table_next(&h->mails, hash, &at, &i))
        if (slice_eq(h->mail[i]->path, r->path) && slice_eq(h->mail[i]->sha256, r->sha256)) {
            if (r->verdict > h->mail[i]->verdict)
                h->mail[i]->verdict = r->verdict;
            return h->mail[i];
        }
    struct hunt_mail **all =
        grown(h, h->mail, h->mails.n, &h->mail_room, sizeof(struct hunt_mail *));
    struct hunt_mail *m = all ? ARENA_NEW(h->mem, struct hunt_mail) : NULL;
    if (!m) {
        h->more = true;
        return NULL;
    }
    *m = (struct hunt_mail){ .path = arena_copy(h->mem, r->path),
                             .sha256 = arena_copy(h->mem, r->sha256),
                             .name = arena_copy(h->mem, r->name),
                             .subject = fact_of(h, r, "email.subject"),
                             .sender = fact_of(h, r, "email.from.address"),
                             .verdict = r->verdict };
    h->mail = all;
    all[h->mails.n] = m;
    h->more |= !table_put(&h->mails, h->mem, hash, h->mails.n);
    return m;
}

static void add_indicators(struct hunt *h, const struct read_report *r,
                           const struct indicators *all)
{
    struct hunt_mail *m = NULL;
    struct buf path = buf_new(1 << 16);
    for (size_t i = 0; i < all->n && !arena_full(h->mem); i++) {
        const struct indicator *one = &all->at[i];
        if (one->kind != INDICATOR_URL || (one->sure == SURE_SEEN && !h->options.seen))
            continue;
        if (!m && !(m = mail_of(h, r)))
            break;
        buf_clear(&path);
        indicator_part_path(&path, r, one->part);
        slice document = document_of(r, one->part);
        add_address(h, &(struct hunt_source){
                           .mail = m,
                           .sure = one->sure,
                           .value = arena_copy(h->mem, one->value),
                           .from = arena_copy(h->mem, one->from),
                           .part = arena_copy(h->mem, buf_slice(&path)),
                           .document = arena_copy(h->mem, document.len ? document : r->path),
                           .line = one->line });
    }
    h->used += m != NULL;
    buf_drop(&path);
}

void hunt_add_report(struct hunt *h, const struct read_report *r)
{
    struct indicators all = indicators_of(r, h->scratch);
    h->reports++;
    h->more |= all.more;
    add_indicators(h, r, &all);
    arena_reset(h->scratch);
}

/* --- lines */

struct match {
    enum hunt_level level;
    bool weak;
    const struct name *name;
    const struct hunt_sources *sources;
};

/* Among the domains above the host; the longest that an indicator is under. */
static void match_domain(const struct hunt *h, slice host, struct match *m)
{
    uint64_t hash = h->options.seed ^ 0xcbf29ce484222325u;
    const struct name *found = NULL;
    for (size_t i = host.len, labels = 0; i > 0 && labels < LABELS_MAX; i--) {
        if (host.at[i - 1] == '.' && labels++ > 0) {
            const struct name *n = find_name(h, mixed(hash), slice_from(host, i));
            found = n && n->domain.n ? n : found;
        }
        hash = (hash ^ host.at[i - 1]) * 0x100000001b3u;
    }
    const struct name *n = find_name(h, mixed(hash), host);
    if (n && n->host.n)
        *m = (struct match){ n->ip ? HUNT_IP : HUNT_HOST, n->weak, n, &n->host };
    else if (n && n->domain.n)
        *m = (struct match){ HUNT_DOMAIN, false, n, &n->domain };
    else if (found && slice_eq(domain_registered(host), found->text))
        *m = (struct match){ HUNT_DOMAIN, false, found, &found->domain };
}

static void match_url(const struct hunt *h, const struct address *a, struct match *m)
{
    size_t name = (size_t)(m->name - h->name), only = address_path_only(a->path);
    const struct url *u = find_url(h, name, a->port, a->path, true);
    if (u && u->sources.n) {
        *m = (struct match){ HUNT_URL, false, m->name, &u->sources };
        return;
    }
    u = only > 1 ? find_url(h, name, a->port, slice_sub(a->path, 0, only), false) : NULL;
    if (u && u->sources.n)
        *m = (struct match){ HUNT_PATH, false, m->name, &u->sources };
}

static bool match_host(const struct hunt *h, slice text, slice path, struct match *m)
{
    struct address a;
    if (!text.len || !address_of(text, &a))
        return false;
    if (path.len) {
        a.path = path;
        a.has_path = true;
    }
    match_domain(h, address_host(&a), m);
    if (m->sources && m->level != HUNT_DOMAIN && a.has_path)
        match_url(h, &a, m);
    return m->sources != NULL;
}

static slice copied(struct hunt *h, slice s)
{
    return s.len ? arena_copy(h->mem, utf8_cut(s, 4096)) : (slice){ 0 };
}

static bool client_of(struct hunt *h, slice text, uint32_t *out)
{
    uint64_t hash = mixed(fnv1a(h->options.seed, text));
    size_t at = hash & h->clients.mask, i;
    while (table_next(&h->clients, hash, &at, &i))
        if (slice_eq(h->client[i].name, text)) {
            *out = (uint32_t)i;
            return true;
        }
    struct hunt_client *all = grown(h, h->client, h->clients.n, &h->client_room, sizeof *all);
    if (!all)
        return false;
    h->client = all;
    *out = (uint32_t)h->clients.n;
    all[h->clients.n] = (struct hunt_client){ .name = copied(h, text), .best = HUNT_LEVELS };
    return table_put(&h->clients, h->mem, hash, h->clients.n);
}

/* A look-up is several lines (A, AAAA, query, reply, what a policy did): one contact. */
static bool merged(struct hunt *h, const struct contact *c, uint32_t client, const struct match *m)
{
    uint64_t hash =
        mixed(h->options.seed ^ (((uint64_t)client << 32) + (uint64_t)(m->name - h->name) * 2 +
                                 (m->level == HUNT_DOMAIN)));
    size_t at = hash & h->pairs.mask, i;
    if (c->kind != CONTACT_NAME)
        return false;
    while (table_next(&h->pairs, hash, &at, &i)) {
        struct hunt_hit *last = &h->hit[h->pair[i]];
        if (last->client != client || last->sources != m->sources || last->level != m->level)
            continue;
        int64_t apart = c->time.us - last->contact.time.us;
        if (c->time.known == last->contact.time.known && apart < LOOKUP_US && apart > -LOOKUP_US &&
            slice_eq(last->contact.host, c->host)) {
            last->lines++;
            if (c->outcome > last->contact.outcome)
                last->contact.outcome = c->outcome;
            if (!last->contact.peer.len)
                last->contact.peer = copied(h, c->peer);
            return true;
        }
        h->pair[i] = (uint32_t)h->n_hits; /* the one that is made now */
        return false;
    }
    uint32_t *all = grown(h, h->pair, h->pairs.n, &h->pair_room, sizeof *all);
    if (all) {
        h->pair = all;
        all[h->pairs.n] = (uint32_t)h->n_hits;
        (void)table_put(&h->pairs, h->mem, hash, h->pairs.n);
    }
    return false;
}

static void keep(struct hunt *h, const struct contact *c, uint32_t log, uint64_t line,
                 const struct match *m)
{
    uint32_t client = 0;
    if (m->weak && !h->options.weak) {
        h->left_weak++;
        return;
    }
    if (!client_of(h, c->client, &client) || h->n_hits == HUNT_HITS_MAX) {
        h->more = true;
        return;
    }
    struct hunt_hit *all = grown(h, h->hit, h->n_hits, &h->hit_room, sizeof *all);
    if (!all)
        return;
    h->hit = all;
    if (merged(h, c, client, m))
        return;
    struct hunt_hit *hit = &all[h->n_hits];
    *hit = (struct hunt_hit){ .contact = *c,
                              .client = client,
                              .level = m->level,
                              .weak = m->weak,
                              .sources = m->sources,
                              .lines = 1,
                              .log = log,
                              .line = line,
                              .order = h->n_hits };
    hit->contact.client = h->client[client].name;
    slice *const texts[] = { &hit->contact.user,        &hit->contact.url,  &hit->contact.host,
                             &hit->contact.path,        &hit->contact.peer, &hit->contact.method,
                             &hit->contact.time.written };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = copied(h, *texts[i]);
    h->n_hits++;
}

void hunt_take(struct hunt *h, const struct contact *c, uint32_t log, uint64_t line)
{
    struct match m = { .level = HUNT_LEVELS }, by_peer = m;
    bool host =
        match_host(h, c->url.len ? c->url : c->host, c->url.len ? (slice){ 0 } : c->path, &m);
    bool peer = (!host || m.level == HUNT_DOMAIN || m.weak) && c->peer.len &&
                match_host(h, c->peer, (slice){ 0 }, &by_peer) && by_peer.level == HUNT_IP;
    if (peer && (!host || m.weak || m.level == HUNT_DOMAIN))
        m = by_peer;
    if (host || peer)
        keep(h, c, log, line, &m);
}

struct hunt *hunt_new(struct arena *mem, const struct hunt_options *o)
{
    struct hunt *h = ARENA_NEW(mem, struct hunt);
    if (!h)
        return NULL;
    h->mem = mem;
    h->options = *o;
    h->scratch = arena_new(64 << 20);
    return h->scratch && table_init(&h->names, mem, NAMES_MAX) &&
                   table_init(&h->mails, mem, MAILS_MAX) && table_init(&h->urls, mem, URLS_MAX) &&
                   table_init(&h->clients, mem, HUNT_CLIENTS_MAX) &&
                   table_init(&h->pairs, mem, PAIRS_MAX)
               ? h
               : NULL;
}

void hunt_drop(struct hunt **h)
{
    if (*h)
        arena_drop(&(*h)->scratch);
    *h = NULL;
}
