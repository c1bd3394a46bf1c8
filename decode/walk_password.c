/* SPDX-License-Identifier: Apache-2.0 */
/* walk_password - candidates, and the parts that wait for them. */
#include "base/text.h"
#include "decode/walk_private.h"

const char *password_source_name(enum password_source s)
{
    static const char *const names[] = { "hint", "same-part", "body", "subject", "file-name", "derived", "site", "conversation", "default" };
    CHECK(s <= PASSWORD_DEFAULT);
    return names[s];
}

void walk_password(struct walk *w, const struct password *p)
{
    struct scan *s = w->scan;
    if (!s->passwords)
        s->passwords = ARENA_ARRAY(s->mem, struct password, MAX_PASSWORDS);
    if (!s->passwords || p->text.len == 0 || p->text.len > 128)
        return;
    size_t at = s->n_passwords;
    for (size_t i = 0; i < s->n_passwords; i++) {
        if (slice_eq(s->passwords[i].text, p->text) && slice_eq(s->passwords[i].for_name, p->for_name)) {
            if (s->passwords[i].rank <= p->rank)
                return;
            at = i; /* the same word from a likelier place: keep that place */
            break;
        }
    }
    if (at == MAX_PASSWORDS) {
        at = MAX_PASSWORDS - 1;
        if (s->passwords[at].rank <= p->rank)
            return;
    } else if (at == s->n_passwords) {
        s->n_passwords++;
    }
    struct password new = *p;
    new.text = arena_copy(s->mem, p->text);
    new.for_name = arena_copy(s->mem, p->for_name);
    while (at > 0 && s->passwords[at - 1].rank > new.rank) {
        s->passwords[at] = s->passwords[at - 1];
        at--;
    }
    s->passwords[at] = new;
}

const struct password *walk_passwords(const struct walk *w, size_t *n_out)
{
    *n_out = w->scan->n_passwords;
    return w->scan->passwords;
}

/* Keeps the chain of walks, which live on the callers' stacks, and their
 * bodies, which the callers would release. */
static struct walk *keep_chain(struct scan *s, const struct walk *w)
{
    struct walk *copy = ARENA_NEW(s->mem, struct walk);
    struct body *body = ARENA_NEW(s->mem, struct body);
    if (!copy || !body)
        return NULL;
    *copy = *w;
    /* The caller's object is not const; only the pointer in struct walk is. */
    struct body *callers = (struct body *)w->body;
    if (callers->owned && !callers->pinned) {
        callers->pinned = true;
        s->pinned[s->n_pinned++] = *callers;
    }
    *body = *callers;
    copy->body = body;
    copy->up = w->up ? keep_chain(s, w->up) : NULL;
    return w->up && !copy->up ? NULL : copy;
}

void walk_defer(struct walk *w)
{
    struct scan *s = w->scan;
    if (s->n_deferred == MAX_DEFERRED || w->depth >= CHAIN_MAX - 1) {
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_DEFERRED, (slice){ 0 });
        return;
    }
    if (!s->deferred) {
        s->deferred = ARENA_ARRAY(s->mem, struct deferred, MAX_DEFERRED);
        s->pinned = ARENA_ARRAY(s->mem, struct body, MAX_DEFERRED * CHAIN_MAX);
    }
    struct walk *copy = s->deferred && s->pinned ? keep_chain(s, w) : NULL;
    if (!copy) {
        walk_note_limits(w);
        return;
    }
    s->deferred[s->n_deferred++].walk = *copy;
}

void walk_defer_release(struct scan *s)
{
    for (size_t i = 0; i < s->n_pinned; i++)
        body_release_pinned(&s->pinned[i]);
    s->n_pinned = 0;
}
