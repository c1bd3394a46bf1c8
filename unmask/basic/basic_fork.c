/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that are unknown: one way is run and taken back, then the other, and what differs
 * between them is unknown from then on. A way that leaves (Exit Sub, GoTo) makes the rest of the
 * procedure conditional: its effects are possible, and what it writes is unknown when it ends.
 *
 * The journal holds what was overwritten since the first condition that is still open; of a place
 * that is written in a loop only what it held when the way began. */
#include "unmask/basic/basic.h"

enum { FORKS_MAX = 16, EXPLORED_MAX = 24, LEAVES_MAX = 24, JOURNAL_MAX = 1 << 20, CHUNK = 1 << 10, PLACES = 1 << 10 };

struct journal {
    struct journal_row *chunks[JOURNAL_MAX / CHUNK];
    uint32_t last[PLACES]; /* by place: a row of it + 1, which may be gone */
};

static struct journal_row *row_at(const struct machine *m, uint32_t i) { return &m->journal->chunks[i / CHUNK][i % CHUNK]; }

/* A place, or an object. NULL: it is written down already since the way began, or there is no memory. */
static struct journal_row *row(struct machine *m, const void *of)
{
    if (!m->journal && (m->journal = ARENA_NEW(m->mem, struct journal)) == NULL) {
        m->stop = m->unread = true;
        return NULL;
    }
    struct journal *j = m->journal;
    uint32_t *last = &j->last[((uintptr_t)of * 0x9E3779B97F4A7C15u) >> 48 & (PLACES - 1)], n = m->n_journal;
    if (*last > m->journal_floor && *last <= n) {
        const struct journal_row *r = row_at(m, *last - 1);
        if (r->at == of || r->object == of)
            return NULL;
    }
    if (n < JOURNAL_MAX && !j->chunks[n / CHUNK])
        j->chunks[n / CHUNK] = ARENA_ARRAY(m->mem, struct journal_row, CHUNK);
    if (n == JOURNAL_MAX || !j->chunks[n / CHUNK]) {
        m->stop = m->unread = true;
        return NULL;
    }
    *last = ++m->n_journal;
    return row_at(m, n);
}

void basic_journal_row(struct machine *m, struct value *at)
{
    struct journal_row *r = row(m, at);
    if (r)
        *r = (struct journal_row){ .at = at, .old = *at };
}

static void keep(struct machine *m, struct object *o)
{
    struct journal_row *r = row(m, o);
    if (!r)
        return;
    *r = (struct journal_row){ .object = o, .before = ARENA_NEW(m->mem, struct object) };
    if (r->before) {
        *r->before = *o;
    } else {
        m->n_journal--;
        m->stop = true;
    }
}

void basic_touch(struct machine *m, struct object *o)
{
    if (m->forks)
        keep(m, o);
}

static bool same(struct value a, struct value b)
{
    if (a.type != b.type || a.type == V_UNKNOWN)
        return false;
    switch (a.type) {
    case V_EMPTY: case V_NULL: case V_MISSING: return true;
    case V_STRING: return text_says_same(a.s, b.s);
    case V_SINGLE: case V_DOUBLE: case V_DATE: return a.d == b.d;
    case V_OBJECT: return a.o == b.o;
    case V_ARRAY: return a.a == b.a;
    default: return a.i == b.i;
    }
}

static void obscure(struct value *at, text_mark why)
{
    struct value v = basic_unknown_of(NULL, why);
    v.as = at->as, v.flags = at->flags;
    *at = v;
}

/* Takes back all since `mark`; what was written is written down once more, as the old value of
 * the other way, so that comparing with that is comparing the two ways. */
static void take_back(struct machine *m, uint32_t mark)
{
    uint32_t n = m->n_journal;
    m->journal_floor = n;
    for (uint32_t i = mark; i < n; i++) {
        const struct journal_row *r = row_at(m, i);
        if (r->at)
            basic_journal(m, r->at);
        else
            keep(m, r->object);
        if (m->stop)
            return;
    }
    for (uint32_t i = n; i > mark; i--) {
        const struct journal_row *r = row_at(m, i - 1);
        if (r->at)
            *r->at = r->old;
        else
            *r->object = *r->before;
    }
}

/* What an object holds by itself, too, is that of one way only. */
static void differ_object(struct object *o, const struct object *other, text_mark why)
{
    o->fogged = true;
    if (o->seen)
        return;
    o->seen = true;
    if (!same(o->content, other->content))
        obscure(&o->content, why);
    if (!same(o->path, other->path))
        obscure(&o->path, why);
}

/* The first row of a place holds its value of the other way. */
static void differ_from(struct machine *m, uint32_t mark, text_mark why)
{
    for (uint32_t i = mark; i < m->n_journal; i++) {
        const struct journal_row *r = row_at(m, i);
        if (!r->at) {
            differ_object(r->object, r->before, why);
        } else if (!(r->at->flags & VALUE_SEEN)) {
            if (!same(*r->at, r->old))
                obscure(r->at, why);
            r->at->flags |= VALUE_SEEN;
        }
    }
    for (uint32_t i = mark; i < m->n_journal; i++) {
        if (row_at(m, i)->at)
            row_at(m, i)->at->flags &= (uint8_t)~VALUE_SEEN;
        else
            row_at(m, i)->object->seen = false;
    }
}

/* Behind ways that left, each with values of its own: what differs from any of them is unknown. */
static void differ_from_all(struct machine *m, uint32_t mark, text_mark why)
{
    for (uint32_t i = mark; i < m->n_journal; i++) {
        const struct journal_row *r = row_at(m, i);
        if (!r->at) {
            differ_object(r->object, r->before, why);
            r->object->seen = false; /* each of the ways counts */
        } else if (!same(*r->at, r->old)) {
            obscure(r->at, why);
        }
    }
}

static void close_fork(struct machine *m)
{
    m->maybe--;
    m->forks--;
    if (m->forks == 0)
        m->n_journal = m->journal_floor = 0;
}

void basic_fog(struct machine *m, struct frame *f)
{
    if (!f->fog)
        return;
    differ_from_all(m, f->fog - 1, texts_reason(m->t, SLICE_LIT("condition")));
    close_fork(m);
    m->journal_floor = m->forks ? f->journal_floor : 0;
    f->fog = 0;
    m->fogs--;
}

static void stay_conditional(struct machine *m, struct frame *f, uint32_t mark, uint32_t reached)
{
    m->n_reached = reached; /* what one of them reached may be what the other does not */
    if (f->fog) {
        close_fork(m);
    } else {
        f->fog = mark + 1;
        m->fogs++;
    }
}

struct control {
    uint32_t n_gosubs, handler, resume;
    uint8_t on_error;
    bool handling;
};

static struct control control_of(const struct frame *f)
{
    return (struct control){ f->n_gosubs, f->handler, f->resume, f->on_error, f->handling };
}

static void put_back(struct frame *f, struct control c)
{
    f->n_gosubs = c.n_gosubs, f->handler = c.handler, f->resume = c.resume;
    f->on_error = c.on_error, f->handling = c.handling;
}

/* A loop is left on a condition that is never known: after some rounds it is left. */
static bool leaves_now(struct frame *f, enum basic_outcome o)
{
    return (o == RUN_AWAY || o == RUN_EXIT) && f->leaves++ >= LEAVES_MAX;
}

/* A way that left: where it went is tried to the end of the procedure, a few times. */
static void follow(struct machine *m, struct frame *f, enum basic_outcome left)
{
    if (left == RUN_AWAY && f->away && m->explored < EXPLORED_MAX) {
        m->explored++;
        f->away = 0;
        (void)basic_run(m, f, f->pc, 0, f->proc->n_steps, f->proc->n_steps);
    }
    m->error = 0;
    if (m->ended) {
        m->ended = false;
        m->doubtful = true;
    }
}

void basic_fork(struct machine *m, struct frame *f, const struct basic_ways *w)
{
    struct control before = control_of(f);
    uint32_t mark = m->n_journal, floor = m->journal_floor;
    uint32_t fog = f->fog, reached = m->n_reached;
    m->journal_floor = mark;
    m->forks++;
    m->maybe++;
    if (m->forks > FORKS_MAX) { /* too deep: only the other way */
        stay_conditional(m, f, mark, reached);
        f->pc = w->b_lo < w->b_hi ? w->b_lo : w->end;
        return;
    }
    enum basic_outcome a = basic_run(m, f, w->a_lo, w->a_lo, w->a_hi, w->a_stop);
    if (leaves_now(f, a)) {
        stay_conditional(m, f, mark, reached);
        f->pc = a == RUN_AWAY ? f->pc : f->proc->n_steps - 1;
        return;
    }
    if (a != RUN_ON)
        follow(m, f, a);
    bool fogged = f->fog != fog; /* inside, the rest became conditional */
    uint32_t middle = m->n_journal, reached_middle = m->n_reached;
    take_back(m, mark);
    put_back(f, before);
    if (a != RUN_ON || fogged || m->stop) {
        stay_conditional(m, f, mark, reached);
        if (fogged && f->fog > mark + 1)
            f->fog = mark + 1;
        f->pc = w->b_lo < w->b_hi ? w->b_lo : w->end;
        return;
    }
    enum basic_outcome b = w->b_lo < w->b_hi ? basic_run(m, f, w->b_lo, w->b_lo, w->b_hi, w->end) : RUN_ON;
    if (leaves_now(f, b)) {
        stay_conditional(m, f, mark, reached);
        f->pc = b == RUN_AWAY ? f->pc : f->proc->n_steps - 1;
        return;
    }
    if (b != RUN_ON)
        follow(m, f, b);
    put_back(f, before);
    if (b == RUN_ON && f->fog == fog) {
        differ_from(m, middle, w->why);
        m->journal_floor = floor;
        close_fork(m);
        basic_say_reached(m, reached, reached_middle);
    } else {
        /* The first way goes on: its values again, the other's are taken back. */
        take_back(m, middle);
        stay_conditional(m, f, mark, reached);
    }
    f->pc = w->end;
}
