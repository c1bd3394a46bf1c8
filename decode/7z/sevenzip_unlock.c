/* SPDX-License-Identifier: Apache-2.0 */
/* Opens encrypted 7z archives with the passwords found in the mail.
 *
 * One trial derives a key for tens of milliseconds: the smallest block is tried
 * first, keys are kept, and what may be spent in vain is bounded. */
#include "decode/7z/sevenzip_private.h"

enum { IN_VAIN_SHARE = 2, CLOSED_SAID = 64 };

struct unlocking {
    struct sevenzip z;
    struct sevenzip_key *keys;
    size_t n_keys, found; /* found: which key opened something; n_keys: none */
    size_t tried;
    uint64_t reserve;     /* of BUDGET_KEYS: trials in vain stop here */
};

static bool may_try(const struct unlocking *u)
{
    const struct walk *w = u->z.list.w;
    return !walk_over(w) && w->budget->left[BUDGET_KEYS] > u->reserve;
}

static void opened(struct unlocking *u, size_t key)
{
    if (u->found != key)
        archive_say_found(u->z.list.w, u->keys[key].from);
    u->found = key;
}

/* The header again, with every candidate. */
static enum sevenzip_end open_header(struct unlocking *u, struct walk *w, const struct body *body)
{
    enum sevenzip_end end = sevenzip_read(&u->z, w, body, NULL);
    for (size_t i = 0; i < u->n_keys && end == SEVENZIP_LOCKED && may_try(u); i++) {
        body_release(&u->z.header);
        u->tried++;
        end = sevenzip_read(&u->z, w, body, &u->keys[i]);
        if (end == SEVENZIP_WHOLE)
            opened(u, i);
    }
    return end;
}

/* Which key opens this block: its content, or an empty body. */
static bool open_folder(struct unlocking *u, size_t folder, struct body *out)
{
    *out = body_borrow((slice){ 0 });
    for (size_t turn = 0; turn <= u->n_keys && may_try(u); turn++) {
        size_t key = turn == 0 ? u->found : turn - 1;
        if (key >= u->n_keys || (turn > 0 && key == u->found))
            continue;
        u->tried += turn > 0 && !u->keys[key].derived;
        enum sevenzip_end end = sevenzip_unfold(&u->z, &u->z.main, folder, &u->keys[key], out);
        if (end == SEVENZIP_METHOD)
            return false;
        if (end == SEVENZIP_WHOLE && sevenzip_sums_fit(&u->z, folder, out)) {
            opened(u, key);
            return true;
        }
        body_release(out);
        *out = body_borrow((slice){ 0 });
    }
    return false;
}

static size_t smallest_locked(const struct sevenzip *z)
{
    size_t best = z->main.n_folders;
    for (size_t i = 0; i < z->main.n_folders; i++)
        if (sevenzip_is_locked(&z->main.folders[i]) && z->main.folders[i].n_streams &&
            (best == z->main.n_folders || sevenzip_packed(&z->main, i) < sevenzip_packed(&z->main, best)))
            best = i;
    return best;
}

static void closed_members(struct unlocking *u, size_t folder)
{
    struct archive *a = &u->z.list;
    for (size_t k = 0; k < a->n; k++)
        if (a->members[k].key[0] == folder + 1)
            archive_unread(a, UNREAD_ENCRYPTED, a->members[k].name);
}

static size_t open_folders(struct unlocking *u)
{
    struct sevenzip *z = &u->z;
    struct body content;
    size_t closed = 0, probe = u->found < u->n_keys ? z->main.n_folders : smallest_locked(z);
    bool hopeless = false;
    if (probe < z->main.n_folders) {
        hopeless = !open_folder(u, probe, &content);
        body_release(&content);
    }
    for (size_t i = 0; i < z->main.n_folders; i++) {
        if (!sevenzip_is_locked(&z->main.folders[i]))
            continue;
        if (!hopeless && open_folder(u, i, &content)) {
            sevenzip_walk_content(z, i, &content);
            body_release(&content);
        } else {
            closed++;
            closed_members(u, i);
        }
    }
    return closed;
}

/* The list was not to be seen before. */
static void say_list(struct unlocking *u)
{
    archive_say(&u->z.list);
    for (size_t i = 0; i < u->z.main.n_folders; i++)
        if (!sevenzip_is_locked(&u->z.main.folders[i]))
            (void)sevenzip_walk_folder(&u->z, i, NULL);
}

static struct unlocking *prepare(struct walk *w)
{
    struct unlocking *u = ARENA_NEW(w->mem, struct unlocking);
    const struct password *from[ARCHIVE_KEYS_MAX];
    if (!u)
        return NULL;
    u->n_keys = archive_passwords(w, from, ARCHIVE_KEYS_MAX);
    u->keys = ARENA_ARRAY(w->mem, struct sevenzip_key, u->n_keys + 1);
    if (!u->keys)
        return NULL;
    for (size_t i = 0; i < u->n_keys; i++)
        u->keys[i].from = from[i];
    u->found = u->n_keys;
    u->reserve = w->budget->left[BUDGET_KEYS] / IN_VAIN_SHARE;
    return u;
}

enum walk_end sevenzip_unlock(struct walk *w, const struct body *body)
{
    struct unlocking *u = prepare(w);
    if (!u)
        return WALK_LIMIT;
    enum sevenzip_end end = open_header(u, w, body);
    size_t closed = 0;
    if (end == SEVENZIP_WHOLE) {
        if (u->z.header_locked)
            say_list(u);
        closed = open_folders(u);
    } else {
        closed = 1;
        walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    }
    body_release(&u->z.header);
    walk_int(w, FACT_PASSWORD_TRIED, (int64_t)u->tried, NOWHERE);
    if (closed || walk_over(w))
        walk_flag(w, FACT_PASSWORD_WANTED, NOWHERE);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}
