/* SPDX-License-Identifier: Apache-2.0 */
/* Opens encrypted RAR archives with the passwords found in the mail.
 *
 * RAR 5 tells a wrong password by itself; of RAR 4 the smallest member is
 * unpacked and its sum decides. One trial derives a key for tens of
 * milliseconds: what may be spent in vain is bounded. */
#include "decode/rar/rar_private.h"

enum { IN_VAIN_SHARE = 2 };

struct unlocking {
    struct rar r;
    struct rar_key *keys;
    size_t n_keys, found; /* found: which key opened something; n_keys: none */
    size_t tried;
    const struct rar_lock *refused; /* opened by none */
    uint64_t reserve;     /* of BUDGET_KEYS: trials in vain stop here */
};

static bool may_try(const struct unlocking *u)
{
    const struct walk *w = u->r.list.w;
    return !walk_over(w) && w->budget->left[BUDGET_KEYS] > u->reserve;
}

static void opened(struct unlocking *u, size_t key)
{
    if (u->found != key)
        archive_say_found(u->r.list.w, u->keys[key].from);
    u->found = key;
}

/* The list again, with every candidate. */
static bool open_headers(struct unlocking *u, struct walk *w, const struct body *body)
{
    for (size_t i = 0; i < u->n_keys && may_try(u); i++) {
        u->tried++;
        rar_read(&u->r, w, body, &u->keys[i]);
        if (!u->r.wrong_key && u->keys[i].derived) {
            opened(u, i);
            return true;
        }
    }
    return false;
}

/* Does this key open this member, as far as can be told? */
static bool fits(struct unlocking *u, size_t member, struct rar_key *key)
{
    struct walk *w = u->r.list.w;
    const struct rar_file *f = &u->r.files[member];
    if (rar_derive(w, f->lock, key) != RAR_WHOLE)
        return false;
    if (f->lock->has_check)
        return true;
    struct body content;
    struct rar_unpacker *fresh = rar_unpacker_new(w->mem, w->budget);
    if (!fresh)
        return false;
    enum rar_end end = rar_content(&u->r, member, key, fresh, &content);
    bool good = end == RAR_WHOLE && rar_sum_fits(&u->r, member, &content);
    body_release(&content);
    rar_unpacker_drop(fresh);
    return good;
}

/* The member that costs least to try; of a solid archive the first, which needs no other. */
static size_t probe_of(const struct rar *r)
{
    size_t best = r->list.n;
    for (size_t i = 0; i < r->list.n; i++) {
        const struct rar_file *f = &r->files[i];
        if (!f->lock || f->no_reader || f->begun_before || f->goes_on || f->packing.size == 0 || r->list.members[i].folder)
            continue;
        if (best == r->list.n || (!f->packing.solid && f->packing.size < r->files[best].packing.size))
            best = i;
    }
    return best;
}

static void find_key(struct unlocking *u)
{
    size_t probe = probe_of(&u->r);
    for (size_t i = 0; probe < u->r.list.n && i < u->n_keys && u->found == u->n_keys && may_try(u); i++) {
        u->tried++;
        if (fits(u, probe, &u->keys[i]))
            opened(u, i);
    }
    if (u->found == u->n_keys && probe < u->r.list.n && u->r.files[probe].lock->has_check)
        u->refused = u->r.files[probe].lock;
}

static bool same_lock(const struct rar_lock *a, const struct rar_lock *b)
{
    return memcmp(a->salt, b->salt, sizeof a->salt) == 0 && memcmp(a->check, b->check, sizeof a->check) == 0;
}

/* The key that was found, or another where this member tells that it is not the one. */
static struct rar_key *key_of(struct unlocking *u, size_t member)
{
    const struct rar_lock *lock = u->r.files[member].lock;
    struct rar_key *found = u->found < u->n_keys ? &u->keys[u->found] : NULL;
    if (!lock)
        return NULL;
    if (!lock->has_check || (found && rar_derive(u->r.list.w, lock, found) == RAR_WHOLE))
        return found;
    if (u->refused && same_lock(lock, u->refused))
        return NULL;
    for (size_t i = 0; i < u->n_keys && may_try(u); i++)
        if (i != u->found && rar_derive(u->r.list.w, lock, &u->keys[i]) == RAR_WHOLE) {
            opened(u, i);
            return &u->keys[i];
        }
    u->refused = lock;
    return NULL;
}

/* All members in their order, for solid ones need those before; what was walked before is not again. */
static size_t open_members(struct unlocking *u, bool all)
{
    struct rar *r = &u->r;
    struct walk *w = r->list.w;
    size_t closed = 0;
    struct rar_unpacker *unpacker = rar_unpacker_new(w->mem, w->budget);
    for (size_t i = 0; unpacker && i < r->list.n; i++) {
        const struct rar_file *f = &r->files[i];
        bool wanted = all || f->waits;
        if (r->list.members[i].folder || r->list.members[i].link.len || (!wanted && !r->solid))
            continue;
        struct rar_key *key = key_of(u, i);
        bool shut = walk_over(w) || (f->lock && !key) || (!f->lock && f->waits && u->found == u->n_keys);
        struct body content = body_borrow((slice){ 0 });
        enum rar_end end = shut ? RAR_LOCKED : rar_content(r, i, key, unpacker, &content);
        if (f->lock && !f->lock->has_check && end != RAR_LIMIT && end != RAR_METHOD && (end != RAR_WHOLE || !rar_sum_fits(r, i, &content)))
            end = f->goes_on ? end : RAR_LOCKED; /* the password of another member */
        if (wanted)
            (void)rar_walk_content(r, i, end, &content);
        closed += wanted && end == RAR_LOCKED;
        body_release(&content);
    }
    rar_unpacker_drop(unpacker);
    return closed;
}

static struct unlocking *prepare(struct walk *w)
{
    struct unlocking *u = ARENA_NEW(w->mem, struct unlocking);
    const struct password *from[ARCHIVE_KEYS_MAX];
    if (!u)
        return NULL;
    u->n_keys = archive_passwords(w, from, ARCHIVE_KEYS_MAX);
    u->keys = ARENA_ARRAY(w->mem, struct rar_key, u->n_keys + 1);
    if (!u->keys)
        return NULL;
    for (size_t i = 0; i < u->n_keys; i++)
        u->keys[i].from = from[i];
    u->found = u->n_keys;
    u->reserve = w->budget->left[BUDGET_KEYS] / IN_VAIN_SHARE;
    return u;
}

enum walk_end rar_unlock(struct walk *w, const struct body *body)
{
    struct unlocking *u = prepare(w);
    if (!u)
        return WALK_LIMIT;
    rar_read(&u->r, w, body, NULL);
    bool names = u->r.header_locked;
    size_t closed = 1;
    if (names && !open_headers(u, w, body)) {
        walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    } else {
        if (names)
            rar_say(&u->r);
        else
            find_key(u);
        closed = open_members(u, names);
        if (names && u->r.broken)
            walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    }
    walk_int(w, FACT_PASSWORD_TRIED, (int64_t)u->tried, NOWHERE);
    if (closed || walk_over(w))
        walk_flag(w, FACT_PASSWORD_WANTED, NOWHERE);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}
