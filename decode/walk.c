/* SPDX-License-Identifier: Apache-2.0 */
/* walk - the walker: numbers the parts, lets the formats read them, spends the
 * budget, and keeps the order in which things are said deterministic. */
#include "base/hash.h"
#include "base/text.h"
#include "decode/walk_private.h"

/* --- repeated content */

static uint64_t role_of(const struct walk *w, const struct sniffed *sn)
{
    uint64_t role = 1 + (uint64_t)w->how + ((uint64_t)w->attachment << 8);
    for (size_t i = 0; i < sn->n; i++)
        role = fnv1a(role, slice_of(sn->formats[i]->name));
    return role ? role : 1;
}

/* The slot of this content, or a free one; NULL when the table is crowded, or
 * not worth making yet. */
static struct seen *seen_slot(struct scan *s, const uint8_t *sha256, uint64_t role)
{
    if (s->n_parts < SEEN_FROM)
        return NULL;
    if (!s->seen)
        s->seen = ARENA_ARRAY(s->mem, struct seen, SEEN_SLOTS);
    if (!s->seen)
        return NULL;
    size_t h = (size_t)(fnv1a(role, (slice){ sha256, 32 }) & (SEEN_SLOTS - 1));
    for (size_t i = 0; i < 8; i++) {
        struct seen *e = &s->seen[(h + i) & (SEEN_SLOTS - 1)];
        if (e->role == 0)
            return e;
        if (e->role == role && slice_eq((slice){ e->sha256, 32 }, (slice){ sha256, 32 }))
            return e;
    }
    return NULL;
}

/* --- one part */

static void walk_init(struct walk *w, struct scan *s, const struct walk *up, const struct child *c)
{
    *w = (struct walk){
        .scan = s,
        .mem = s->mem,
        .budget = s->budget,
        .up = up,
        .part = s->n_parts,
        .depth = up ? up->depth + 1 : 0,
        .how = c->how,
        .name = utf8_cut(utf8_clean(s->mem, c->name), 1024),
        .declared = utf8_cut(utf8_clean(s->mem, c->declared), 2048),
        .attachment = c->attachment,
        .body = c->body,
        .size = c->body->all.len,
        .format = c->format,
    };
    for (size_t i = 0; i < EVENT_KINDS; i++)
        w->event[i] = NO_ID;
}

/* Announces the part. Only the numbers are known yet. */
static void announce(struct walk *w)
{
    struct scan *s = w->scan;
    struct part p = {
        .parent = w->up ? w->up->part : NO_ID,
        .how = w->how,
        .name = w->name,
        .type = w->type,
        .declared = w->declared,
        .size = w->body->all.len,
    };
    digest_copy(p.sha256, body_sha256((struct body *)w->body));
    s->sink->part(s->sink->host, &p);
    s->n_parts++;
    walk_event(w, EVENT_PART);
}

static void facts_of_part(struct walk *w)
{
    char hex[2 * 32 + 1];
    hex_of((slice){ body_sha256((struct body *)w->body), 32 }, hex);
    walk_cstr(w, FACT_FILE_HASH_SHA256, hex, NOWHERE);
    walk_text(w, FACT_FILE_TYPE, w->type, NOWHERE);
    walk_cstr(w, FACT_FILE_HOW, part_how_name(w->how), NOWHERE);
    walk_int(w, FACT_FILE_SIZE, (int64_t)w->body->all.len, NOWHERE);
    walk_int(w, FACT_FILE_DEPTH, w->depth, NOWHERE);
    if (w->declared.len)
        walk_text(w, FACT_FILE_MIME_TYPE, w->declared, NOWHERE);
    if (w->attachment)
        walk_flag(w, FACT_FILE_ATTACHMENT, NOWHERE);
}

void walk_finish(struct walk *sub, enum walk_end end)
{
    struct scan *s = sub->scan;
    facts_of_part(sub);
    if (s->hooks->part_end)
        s->hooks->part_end(s->hooks->host, sub, end);
    walk_note_limits(sub);
    s->sink->part_end(s->sink->host, sub->part, sub->type, end);
    budget_give_back(sub->budget, BUDGET_DEPTH, 1);
}

/* Of two ends the one that says more went wrong. */
static enum walk_end worse(enum walk_end a, enum walk_end b)
{
    if (a == WALK_NOT_MINE || b == WALK_NOT_MINE)
        return a == WALK_NOT_MINE ? b : a;
    return a > b ? a : b;
}

static enum walk_end run_formats(struct walk *w, const struct sniffed *sn)
{
    enum walk_end end = WALK_NOT_MINE;
    slice first = { 0 };
    for (size_t i = 0; i < sn->n; i++) {
        w->format = sn->formats[i];
        if (i > 0) {
            walk_cstr(w, FACT_FILE_TYPE_ALSO, sn->formats[i]->name, NOWHERE);
            first = w->type;
        }
        end = worse(end, sn->formats[i]->walk(w, w->body));
        if (i > 0)
            w->type = first;
    }
    return end;
}

/* What the list says of a type that no reader took. */
static enum walk_end apply_policy(struct walk *w, const struct type_row *type, enum walk_end end)
{
    if (w->body->all.len == 0)
        return WALK_WHOLE;
    if (!type) {
        if (end == WALK_NOT_MINE)
            walk_unread_of(w, UNREAD_NO_READER, UNREAD_OF_DATA, (slice){ 0 });
    } else if (type->policy == TYPE_NO_READER || type->policy == TYPE_SCRIPT || type->policy == TYPE_PROGRAM) {
        walk_unread_of(w, UNREAD_NO_READER, UNREAD_OF_TYPE, slice_of(type->name));
    } else if (type->policy == TYPE_READER && end == WALK_NOT_MINE) {
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_TYPE, slice_of(type->name));
    }
    return end == WALK_NOT_MINE ? WALK_WHOLE : end;
}

static enum walk_end walk_sniffed(struct walk *w, const struct sniffed *sn)
{
    uint64_t role = role_of(w, sn);
    struct seen *seen = sn->n ? seen_slot(w->scan, body_sha256((struct body *)w->body), role) : NULL;
    if (seen && seen->role && w->how != HOW_FILE) {
        w->type = seen->type;
        return seen->end;
    }
    if (seen) {
        digest_copy(seen->sha256, body_sha256((struct body *)w->body));
        seen->role = role;
        seen->type = w->type;
        seen->end = WALK_WHOLE; /* while inside: content within itself is not walked again */
    }
    enum walk_end end = apply_policy(w, sn->strong ? NULL : sn->type, run_formats(w, sn));
    if (seen) {
        seen->type = w->type;
        seen->end = end;
    }
    return end;
}

/* What the part is and who walks it, told before anything is announced. */
static void identify(struct walk *w, const struct format *only, struct sniffed *sn)
{
    if (only) {
        *sn = (struct sniffed){ .formats = { only }, .n = 1, .strong = true };
        w->type = slice_of(only->name);
        return;
    }
    walk_sniff(w, sn);
    w->type = sn->type ? slice_of(sn->type->name) : SLICE_LIT("data");
    if (w->body->all.len == 0)
        w->type = SLICE_LIT("empty");
}

/* Begins a part whose budget is already spent. */
static void enter(struct walk *w, const struct child *c)
{
    struct scan *s = w->scan;
    announce(w);
    if (s->hooks->part_begin)
        s->hooks->part_begin(s->hooks->host, w);
    if (c->say)
        c->say(c->host, w);
}

static bool afford(struct walk *w, const struct child *c)
{
    struct budget *b = w->budget;
    uint64_t digest = c->body->hashed || c->body->digest_paid ? 0 : c->body->all.len / 2;
    bool fits = !walk_over(w) && budget_spend(b, BUDGET_WORK, WORK_PER_PART + digest) &&
                budget_spend(b, BUDGET_DEPTH, 1);
    if (fits && !budget_spend(b, BUDGET_PARTS, 1)) {
        budget_give_back(b, BUDGET_DEPTH, 1);
        fits = false;
    }
    if (!fits)
        walk_note_limits(w);
    return fits;
}

bool walk_begin(struct walk *w, const struct child *c, struct walk *sub)
{
    if (!afford(w, c))
        return false;
    walk_init(sub, w->scan, w, c);
    sub->type = c->format ? slice_of(c->format->name) : SLICE_LIT("data");
    enter(sub, c);
    return true;
}

uint32_t walk_child(struct walk *w, const struct child *c)
{
    struct walk sub;
    struct sniffed sn;
    if (!afford(w, c))
        return NO_ID;
    walk_init(&sub, w->scan, w, c);
    identify(&sub, c->format, &sn);
    enter(&sub, c);
    walk_finish(&sub, walk_sniffed(&sub, &sn));
    return sub.part;
}

/* --- bundles */

void walk_bundle(struct walk *w, struct bundle *b)
{
    size_t n;
    const struct format *const *all = formats_all(&n);
    for (size_t i = 0; i < n && !walk_over(w); i++) {
        if (!all[i]->claims || !all[i]->claims(b))
            continue;
        const struct format *before = w->format;
        w->format = all[i];
        all[i]->walk_bundle(w, b);
        w->format = before;
    }
}

/* --- the whole object */

static void unlock_deferred(struct scan *s)
{
    s->closing = true;
    /* What is unlocked may hold further locked parts: the list grows. */
    for (size_t i = 0; i < s->n_deferred; i++) {
        struct walk *w = &s->deferred[i].walk;
        if (walk_over(w)) {
            walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_PART, (slice){ 0 });
            continue;
        }
        if (w->format && w->format->unlock)
            w->format->unlock(w, w->body);
        walk_note_limits(w);
    }
}

void scan_run(const struct scan_request *request, const struct walk_hooks *hooks, const struct sink *sink,
              struct arena *mem, struct budget *budget)
{
    struct scan s = { .hooks = hooks, .sink = sink, .mem = mem, .budget = budget };
    struct body body = request->body;
    struct child root = { .name = request->name, .declared = request->declared, .how = HOW_FILE, .body = &body };
    struct walk top;
    walk_init(&top, &s, NULL, &root); /* only carries the scan; the root part is its child */
    for (size_t i = 0; i < request->n_hints; i++)
        walk_password(&top, &request->hints[i]);
    struct walk sub;
    struct sniffed sn;
    (void)budget_spend(budget, BUDGET_DEPTH, 1);
    (void)budget_spend(budget, BUDGET_PARTS, 1);
    walk_init(&sub, &s, NULL, &root);
    identify(&sub, request->only, &sn);
    enter(&sub, &root);
    walk_finish(&sub, walk_sniffed(&sub, &sn));
    unlock_deferred(&s);
    walk_defer_release(&s);
}
