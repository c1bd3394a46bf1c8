/* SPDX-License-Identifier: Apache-2.0 */
/* Opens encrypted members with the passwords found in the mail.
 *
 * The smallest member is tried first: a password that opens it very likely
 * opens the rest, and a wrong one costs least there. Members may still have
 * passwords of their own, so what did not open is tried with all of them. */
#include "decode/zip/zip_private.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/shared/archive.h"

enum {
    KEYS_MAX = 160,
    FOUND_MAX = 16,
    CLOSED_SAID = 64,
    PROBE_LEAST = 8,
    IN_VAIN_MAX = 256, /* slow trials; the password of most archives comes in another mail */
};

/* One password in one encoding. */
struct key {
    slice bytes;
    const struct password *from;
    bool tried;
};

struct unlocking {
    struct zip_archive archive;
    struct zip_cipher *cipher;
    struct key keys[KEYS_MAX];
    size_t n_keys;
    size_t found[FOUND_MAX]; /* keys that opened something */
    size_t n_found;
    size_t in_vain; /* trials that derived a key */
    bool limit;
};

static bool is_ascii(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80)
            return false;
    return true;
}

/* Windows archivers turn what was typed into bytes by the system's code page,
 * 7-Zip's AES likewise; others use UTF-8. */
static void collect_keys(struct unlocking *u, struct walk *w)
{
    const struct password *all[KEYS_MAX];
    size_t n = archive_passwords(w, all, KEYS_MAX);
    for (size_t i = 0; i < n && u->n_keys + 2 <= KEYS_MAX; i++) {
        u->keys[u->n_keys++] = (struct key){ .bytes = all[i]->text, .from = all[i] };
        slice sjis = is_ascii(all[i]->text) ? (slice){ 0 } : charset_encode_id(w->mem, CHARSET_CP932, all[i]->text);
        if (sjis.len)
            u->keys[u->n_keys++] = (struct key){ .bytes = sjis, .from = all[i] };
    }
}

static bool try_key(struct unlocking *u, const struct zip_entry *e, size_t key, struct body *out, struct body *spare)
{
    struct key *k = &u->keys[key];
    enum zip_trial t = zip_decrypt(&u->archive, u->cipher, e, k->bytes, out, spare);
    k->tried = true;
    u->in_vain += e->aes_version && t != ZIP_TRIAL_OPEN;
    if (t == ZIP_TRIAL_LIMIT)
        u->limit = true;
    return t == ZIP_TRIAL_OPEN;
}

static bool was_found(const struct unlocking *u, size_t key)
{
    for (size_t i = 0; i < u->n_found; i++)
        if (u->found[i] == key)
            return true;
    return false;
}

/* What opened something before comes first. */
static bool try_keys(struct unlocking *u, const struct zip_entry *e, struct body *out, struct body *spare)
{
    for (size_t i = 0; i < u->n_found && !u->limit; i++)
        if (try_key(u, e, u->found[i], out, spare))
            return true;
    for (size_t i = 0; i < u->n_keys && !u->limit; i++) {
        if (was_found(u, i) || !try_key(u, e, i, out, spare))
            continue;
        if (u->n_found < FOUND_MAX)
            u->found[u->n_found++] = i;
        if (e->size > 0) /* an empty member proves nothing */
            archive_say_found(u->archive.w, u->keys[i].from);
        return true;
    }
    return false;
}

static bool waits(const struct zip_entry *e)
{
    return zip_is_locked(e) && zip_is_openable(e) && !e->twin && !zip_is_folder(e);
}

/* The member whose opening costs least and still proves the password. */
static const struct zip_entry *choose_probe(const struct zip_archive *a)
{
    const struct zip_entry *best = NULL;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct zip_entry *e = &a->entries[i];
        if (!waits(e))
            continue;
        n++;
        if (e->size >= PROBE_LEAST && (!best || e->packed < best->packed))
            best = e;
    }
    return n > 1 ? best : NULL;
}

static size_t open_members(struct unlocking *u, const struct zip_entry *hopeless)
{
    struct zip_archive *a = &u->archive;
    size_t closed = 0;
    for (size_t i = 0; i < a->n && !walk_over(a->w); i++) {
        struct zip_entry *e = &a->entries[i];
        struct body body, spare;
        if (!zip_is_locked(e) || e->twin || zip_is_folder(e))
            continue;
        bool given_up = e->aes_version && u->n_found == 0 && u->in_vain >= IN_VAIN_MAX;
        if (waits(e) && e != hopeless && !given_up && try_keys(u, e, &body, &spare)) {
            zip_walk_member(a, e, &body);
            body_release(&body);
            body_release(&spare);
            continue;
        }
        if (closed++ < CLOSED_SAID)
            walk_unread_of(a->w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, e->name);
    }
    return closed;
}

enum walk_end zip_unlock(struct walk *w, const struct body *body)
{
    struct unlocking *u = ARENA_NEW(w->mem, struct unlocking);
    if (!u || !(u->cipher = zip_cipher_new(w->mem)))
        return WALK_LIMIT;
    struct zip_archive *a = &u->archive;
    zip_read(a, w, body, false);
    zip_arrange(a);
    for (size_t i = 0; i < a->n; i++)
        zip_test_plain(a, &a->entries[i]);
    collect_keys(u, w);
    struct body content, spare;
    const struct zip_entry *probe = choose_probe(a);
    bool hopeless = false;
    if (probe) {
        hopeless = !try_keys(u, probe, &content, &spare);
        if (!hopeless) {
            body_release(&content);
            body_release(&spare);
        }
    }
    size_t closed = open_members(u, hopeless ? probe : NULL);
    int64_t tried = 0;
    for (size_t i = 0; i < u->n_keys; i++)
        tried += u->keys[i].tried && (i == 0 || u->keys[i].from != u->keys[i - 1].from || !u->keys[i - 1].tried);
    walk_int(w, FACT_PASSWORD_TRIED, tried, NOWHERE);
    if (closed || walk_over(w))
        walk_flag(w, FACT_PASSWORD_WANTED, NOWHERE);
    return walk_over(w) || u->limit ? WALK_LIMIT : WALK_WHOLE;
}
