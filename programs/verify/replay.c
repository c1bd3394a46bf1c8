/* SPDX-License-Identifier: Apache-2.0 */
/* replay - a fresh scan of the file must give the same report, but for where the file lay and how
 * long it took: each member is compared, and each difference has its path.
 *
 * Where rules or settings are others, only what does not depend on them is compared; where the
 * version is another, nothing is. */
#include "programs/verify/checks.h"

#include <stdio.h>

enum { PATH_MAX_BYTES = 160 };

static void put_value(const struct jsonin *m, char out[STEPS_TEXT_MAX + 1])
{
    static const char *const names[] = { [JSONIN_NULL] = "null",
                                         [JSONIN_FRACTION] = "1.5",
                                         [JSONIN_LIST] = "[...]",
                                         [JSONIN_MAP] = "{...}" };
    size_t n = 0;
    if (!m)
        out[0] = '-', n = 1;
    else if (m->kind == JSONIN_TEXT)
        n = slice_copy_out(m->text, (uint8_t *)out, STEPS_TEXT_MAX);
    else if (m->kind == JSONIN_NUMBER)
        n = (size_t)snprintf(out, STEPS_TEXT_MAX, "%lld", (long long)m->number);
    else if (m->kind == JSONIN_BOOL)
        n = (size_t)snprintf(out, STEPS_TEXT_MAX, "%s", m->number ? "true" : "false");
    else
        n = (size_t)snprintf(out, STEPS_TEXT_MAX, "%s", names[m->kind]);
    out[n] = '\0';
}

static void differ(struct check *c, const struct jsonin *old, const struct jsonin *new,
                   const char *path)
{
    char found[STEPS_TEXT_MAX + 1], wanted[STEPS_TEXT_MAX + 1];
    put_value(old, found);
    put_value(new, wanted);
    steps_fail(&c->s, MSG_VERIFY_REPLAY, slice_of(found), slice_of(wanted), "%s", path);
}

static void same(struct check *c, const struct jsonin *old, const struct jsonin *new,
                 const char *path);

static void same_list(struct check *c, const struct jsonin *old, const struct jsonin *new,
                      const char *path)
{
    char at[PATH_MAX_BYTES];
    size_t n = old->n < new->n ? old->n : new->n;
    snprintf(at, sizeof at, "%s.length", path);
    (void)steps_same_number(&c->s, old->n, new->n, "%s", at);
    for (size_t i = 0; i < n; i++) {
        snprintf(at, sizeof at, "%.*s[%zu]", PATH_MAX_BYTES - 32, path, i);
        same(c, &old->items[i], &new->items[i], at);
        if (old->n != new->n && c->s.n_failed > STEPS_FAILED_KEPT)
            break; /* all behind what was put in or taken out is shifted */
    }
}

static void same_map(struct check *c, const struct jsonin *old, const struct jsonin *new,
                     const char *path)
{
    char at[PATH_MAX_BYTES];
    size_t met = 0;
    for (size_t i = 0; i < new->n; i++) {
        /* Writers keep the order of members, which makes looking for one short. */
        const struct jsonin *mine =
            i < old->n && slice_eq(old->items[i].key, new->items[i].key) ? &old->items[i] : NULL;
        for (size_t k = 0; !mine && k < old->n; k++)
            mine = slice_eq(old->items[k].key, new->items[i].key) ? &old->items[k] : NULL;
        met += mine != NULL;
        snprintf(at, sizeof at, "%.*s.%.*s", PATH_MAX_BYTES - 64, path,
                 (int)(new->items[i].key.len < 60 ? new->items[i].key.len : 60),
                 (const char *)new->items[i].key.at);
        if (mine)
            same(c, mine, &new->items[i], at);
        else
            differ(c, NULL, &new->items[i], at);
    }
    (void)steps_hold(&c->s, met == old->n, MSG_VERIFY_STRANGE, "%s", path);
}

/* Both trees are at most JSONIN_DEPTH_MAX deep. */
static void same(struct check *c, const struct jsonin *old, const struct jsonin *new,
                 const char *path)
{
    if (old->kind != new->kind)
        differ(c, old, new, path);
    else if (old->kind == JSONIN_LIST)
        same_list(c, old, new, path);
    else if (old->kind == JSONIN_MAP)
        same_map(c, old, new, path);
    else if (old->number != new->number || !slice_eq(old->text, new->text))
        differ(c, old, new, path);
    else
        c->s.held++;
}

void replay_check(struct check *c)
{
    static const struct {
        const char *key;
        bool rules; /* rules or settings have a say in it */
    } members[] = { { "sha256", false }, { "size", false },    { "unread", false },
                    { "parts", false },  { "effects", false }, { "facts", true },
                    { "verdict", true }, { "name", true },     { "reason", true },
                    { "todo", true },    { "findings", true }, { "exceptions", true },
                    { "votes", true },   { "context", false }, { "engine", true } };
    char at[32];
    c->s.kind = STEP_REPLAY;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!c->same_version || (members[i].rules && (!c->same_rules || !c->same_settings))) {
            c->s.not_comparable++;
            continue;
        }
        snprintf(at, sizeof at, "$.%s", members[i].key);
        same(c, jsonin_get(c->report, members[i].key), jsonin_get(c->object->fresh, members[i].key),
             at);
    }
}
