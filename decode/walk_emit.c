/* SPDX-License-Identifier: Apache-2.0 */
/* walk_emit - how what a format says becomes events, facts and views. */
#include "base/text.h"
#include "decode/walk_private.h"

enum { FACT_TEXT_MAX = 4096 };

void walk_note_limits(struct walk *w)
{
    struct scan *s = w->scan;
    if (arena_full(s->mem))
        s->budget->hit |= 1u << BUDGET_MEMORY;
    uint32_t new = s->budget->hit & ~s->noted;
    for (unsigned k = 0; new && k < BUDGET_KINDS; k++) {
        if (new & 1u << k)
            walk_unread_of(w, UNREAD_LIMIT, unread_of_words(slice_of(budget_name((enum budget_kind)k))), (slice){ 0 });
    }
    s->noted |= new;
}

bool walk_over(const struct walk *w)
{
    const uint32_t stop = 1u << BUDGET_WORK | 1u << BUDGET_MEMORY | 1u << BUDGET_PARTS;
    return (w->budget->hit & stop) || arena_full(w->mem);
}

bool walk_work(struct walk *w, uint64_t units)
{
    return budget_spend(w->budget, BUDGET_WORK, units) && !arena_full(w->mem);
}

void walk_note_acting(struct walk *w)
{
    w->scan->acting = true;
}

bool walk_is_acting(const struct walk *w)
{
    return w->scan->acting;
}

uint32_t walk_event(struct walk *w, enum event_kind kind)
{
    struct scan *s = w->scan;
    struct event e = { kind, w->part };
    s->sink->event(s->sink->host, &e);
    w->event[kind] = s->n_events;
    return s->n_events++;
}

/* The innermost open event of this kind. A URL or an effect belongs to the part
 * that holds it; a mail or macro fact may come from deeper inside. */
static uint32_t event_for(struct walk *w, enum event_kind kind)
{
    if (w->event[kind] != NO_ID)
        return w->event[kind];
    if (kind == EVENT_MAIL || kind == EVENT_MACRO)
        for (const struct walk *v = w->up; v; v = v->up)
            if (v->event[kind] != NO_ID)
                return v->event[kind];
    return walk_event(w, kind);
}

/* A record that is cut off names a range that goes on behind the end. */
static struct range within(const struct walk *w, struct range at)
{
    at.to = at.to < w->size ? at.to : w->size;
    at.from = at.from < at.to ? at.from : at.to;
    return at;
}

static void emit(struct walk *w, struct fact *f, enum fact_type type)
{
    struct scan *s = w->scan;
    const struct fact_row *row = fact_row(f->id);
    CHECK(row->type == type);
    if (!budget_spend(w->budget, BUDGET_FACTS, 1))
        return;
    f->part = w->part;
    f->event = event_for(w, row->layer);
    f->at = within(w, f->at);
    if (f->text.len > FACT_TEXT_MAX)
        f->text = utf8_cut(f->text, FACT_TEXT_MAX);
    if (s->hooks->fact)
        s->hooks->fact(s->hooks->host, w, f);
    s->sink->fact(s->sink->host, f);
}

void walk_effect(struct walk *w, const struct effect *e)
{
    if (budget_spend(w->budget, BUDGET_FACTS, 1))
        w->scan->sink->effect(w->scan->sink->host, e);
}

void walk_flag(struct walk *w, enum fact_id id, struct range at)
{
    struct fact f = { .id = id, .at = at, .number = 1 };
    emit(w, &f, FACT_TYPE_FLAG);
}

void walk_int(struct walk *w, enum fact_id id, int64_t value, struct range at)
{
    struct fact f = { .id = id, .at = at, .number = value };
    emit(w, &f, FACT_TYPE_INT);
}

void walk_text(struct walk *w, enum fact_id id, slice utf8, struct range at)
{
    walk_text_line(w, id, utf8, at, NO_LINE);
}

void walk_cstr(struct walk *w, enum fact_id id, const char *utf8, struct range at)
{
    walk_text_line(w, id, slice_of(utf8), at, NO_LINE);
}

void walk_text_line(struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t line)
{
    struct fact f = { .id = id, .at = at, .text = utf8_clean(w->mem, utf8), .line = line };
    emit(w, &f, FACT_TYPE_TEXT);
}

void walk_view(struct walk *w, enum fact_id id, slice utf8, struct range at)
{
    struct scan *s = w->scan;
    CHECK(fact_row(id)->type == FACT_TYPE_VIEW);
    if (!budget_spend(w->budget, BUDGET_TEXT, utf8.len) ||
        !walk_work(w, (uint64_t)utf8.len * WORK_PER_SCANNED_BYTE)) {
        walk_note_limits(w);
        return;
    }
    uint32_t event = event_for(w, fact_row(id)->layer);
    uint64_t left = VIEW_COPY_SCAN - s->view_copied;
    size_t max = left < VIEW_COPY_PART ? (size_t)left : VIEW_COPY_PART;
    struct view v = { id, w->part, utf8.len, utf8_cut(utf8, max) };
    s->view_copied += v.text.len;
    s->sink->view(s->sink->host, &v);
    if (s->hooks->view)
        s->hooks->view(s->hooks->host, w, id, utf8, at, event);
}

void walk_type(struct walk *w, const char *type) { w->type = slice_of(type); }

void walk_unread_of(struct walk *w, enum unread_cause cause, enum unread_of of, slice name)
{
    struct scan *s = w->scan;
    struct unread u = { cause, w->part, of, utf8_cut(utf8_clean(w->mem, name), 200) };
    const struct unread *last = &s->last_unread;
    if (s->said_unread && cause == last->cause && u.part == last->part && of == last->of &&
        slice_eq(u.name, last->name))
        return;
    s->said_unread = true;
    s->last_unread = u;
    s->last_unread.name = u.name.len ? arena_copy(s->mem, u.name) : (slice){ 0 };
    s->sink->unread(s->sink->host, &u);
}

void walk_unread(struct walk *w, enum unread_cause cause, slice words)
{
    enum unread_of of = unread_of_words(words);
    if (of == UNREAD_OF_MEMBER && cause == UNREAD_NO_READER && type_named(words))
        of = UNREAD_OF_TYPE;
    walk_unread_of(w, cause, of, of <= UNREAD_OF_PROCESS ? words : (slice){ 0 });
}
