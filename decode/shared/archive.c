/* SPDX-License-Identifier: Apache-2.0 */
/* archive - the list of members and what is said of it; see archive.h.
 *
 * A list is bounded by BUDGET_ENTRIES, what is said of it by counts, for every
 * member is one line of a report. */
#include "decode/shared/archive.h"
#include "base/text.h"
#include "decode/types.h"

#include <stdio.h>

enum { NAMES_SAID = 1000, ODD_SAID = 64, UNREAD_SAID = 64, SCHEMES_MAX = 8, FIRST_ROOM = 16 };

struct archive_member *archive_add(struct archive *a, slice raw_name)
{
    struct walk *w = a->w;
    if (a->full || walk_over(w) || !budget_spend(w->budget, BUDGET_ENTRIES, 1) || !walk_work(w, WORK_PER_ENTRY)) {
        a->full = true;
        return NULL;
    }
    if (a->n == a->room) {
        size_t room = a->room ? a->room * 2 : FIRST_ROOM;
        struct archive_member *m =
            arena_regrow(w->mem, a->members, a->n * sizeof *m, room, sizeof *m);
        if (!m) {
            a->full = true;
            return NULL;
        }
        a->members = m;
        a->room = room;
    }
    struct archive_member *m = &a->members[a->n++];
    *m = (struct archive_member){ .name = archive_name(w->mem, raw_name), .climbs = archive_climbs(raw_name) };
    return m;
}

struct said {
    size_t odd;
    const char *schemes[SCHEMES_MAX], *methods[SCHEMES_MAX];
};

/* The first time that this word comes. */
static bool is_new(const char *words[SCHEMES_MAX], const char *word)
{
    size_t i = 0;
    for (; word && i < SCHEMES_MAX && words[i]; i++)
        if (slice_is(slice_of(words[i]), word))
            return false;
    if (!word || i == SCHEMES_MAX)
        return false;
    words[i] = word;
    return true;
}

static void say_locked(struct walk *w, const struct archive_member *m, struct said *said)
{
    walk_text(w, FACT_ZIP_ENTRY_ENCRYPTED_NAME, m->name, m->at);
    slice extension = type_extension_of(m->name);
    if (extension.len)
        walk_text(w, FACT_ZIP_ENTRY_ENCRYPTED_EXTENSION, slice_lower(w->mem, extension), m->at);
    if (is_new(said->schemes, m->scheme))
        walk_cstr(w, FACT_ZIP_ENCRYPTION, m->scheme, m->at);
}

static void say_member(struct archive *a, size_t i, struct said *said)
{
    struct walk *w = a->w;
    const struct archive_member *m = &a->members[i];
    if (i < NAMES_SAID)
        walk_text(w, FACT_ZIP_ENTRY_NAME, m->name, m->at);
    if (m->locked && i < NAMES_SAID)
        say_locked(w, m, said);
    if (m->climbs && said->odd++ < ODD_SAID)
        walk_text(w, FACT_ZIP_ENTRY_PATH, m->name, m->at);
    if (m->link.len && said->odd++ < ODD_SAID)
        walk_text(w, FACT_ARCHIVE_ENTRY_LINK, m->link, m->at);
    if (m->hidden && said->odd++ < ODD_SAID)
        walk_text(w, FACT_ARCHIVE_ENTRY_HIDDEN, m->name, m->at);
    if (is_new(said->methods, m->method))
        walk_cstr(w, FACT_ZIP_ENTRY_METHOD, m->method, m->at);
}

void archive_say(struct archive *a)
{
    struct said said = { 0 };
    size_t locked = 0, hidden = 0, files = 0;
    const struct archive_member *file = NULL;
    walk_int(a->w, FACT_ZIP_ENTRIES, (int64_t)a->n, NOWHERE);
    for (size_t i = 0; i < a->n; i++) {
        const struct archive_member *m = &a->members[i];
        if (!walk_over(a->w))
            say_member(a, i, &said);
        locked += m->locked;
        hidden += m->hidden;
        if (!m->folder) {
            files++;
            file = m;
        }
    }
    if (locked)
        walk_int(a->w, FACT_ZIP_ENCRYPTED, (int64_t)locked, NOWHERE);
    if (hidden)
        walk_int(a->w, FACT_ARCHIVE_ENTRY_HIDDEN_COUNT, (int64_t)hidden, NOWHERE);
    if (files == 1)
        walk_text(a->w, FACT_ZIP_SINGLE, file->name, file->at);
}

void archive_walk_member(struct archive *a, const struct archive_member *m, const struct body *body)
{
    struct child c = { .name = m->name, .how = HOW_ARCHIVE, .at = m->at, .body = body };
    (void)walk_child(a->w, &c);
}

bool archive_walk_copy(struct archive *a, const struct archive_member *m, const struct body *from, uint64_t at,
                       uint64_t len)
{
    struct walk *w = a->w;
    slice all = at < from->all.len ? slice_sub(from->all, (size_t)at, (size_t)len) : (slice){ 0 };
    struct body_writer *bw = walk_work(w, all.len / 2) ? body_writer_new(w->mem, all.len, all.len) : NULL;
    bool whole = bw && body_writer_put(bw, all);
    if (!bw)
        return false;
    struct body copy = body_writer_done(bw);
    archive_walk_member(a, m, &copy);
    body_release(&copy);
    return whole || all.len == 0;
}

void archive_unread(struct archive *a, enum unread_cause cause, slice name)
{
    if (a->unread++ < UNREAD_SAID)
        walk_unread_of(a->w, cause, UNREAD_OF_MEMBER, name);
}

/* --- passwords */

static slice stem(slice name)
{
    for (size_t i = name.len; i > 1; i--)
        if (name.at[i - 1] == '.')
            return slice_sub(name, 0, i - 1);
    return name;
}

/* 0: meant for this archive, 1: for any, 2: for another file. */
static unsigned closeness(const struct walk *w, const struct password *p)
{
    if (p->for_name.len == 0)
        return 1;
    bool mine = slice_eq_nocase(p->for_name, w->name) || slice_eq_nocase(stem(p->for_name), stem(w->name));
    return mine ? 0 : 2;
}

size_t archive_passwords(const struct walk *w, const struct password **out, size_t max)
{
    size_t n, found = 0;
    const struct password *p = walk_passwords(w, &n);
    for (unsigned turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < n && found < max; i++)
            if (closeness(w, &p[i]) == turn)
                out[found++] = &p[i];
    return found;
}

void archive_say_found(struct walk *w, const struct password *p)
{
    char text[64];
    const char *source = password_source_name(p->source);
    if (p->line != NO_LINE)
        snprintf(text, sizeof text, "%s:%u", source, p->line);
    else
        snprintf(text, sizeof text, "%s", source);
    walk_flag(w, FACT_PASSWORD_FOUND, NOWHERE);
    walk_cstr(w, FACT_PASSWORD_SOURCE, text, NOWHERE);
}
