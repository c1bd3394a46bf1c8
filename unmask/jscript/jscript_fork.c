/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that are unknown: one way is gone and taken back, then the other, and what differs
 * between them is unknown from then on. A way that leaves (return, break, throw) makes the rest of
 * the function conditional. A condition on what was fetched leans to the way on which that
 * succeeded: this one is gone as if it were known, the other is looked at and taken back.
 *
 * The journal holds what was overwritten since the first condition that is still open. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

enum { FORKS_MAX = 12, EXPLORED_MAX = 96, LEAVES_MAX = 24, ROUNDS_MAX = 60, JOURNAL_MAX = 1 << 20 };

static struct js_row *row(struct js *m)
{
    if (m->n_journal == m->room_journal) {
        uint32_t room = m->room_journal ? m->room_journal * 2 : 256;
        struct js_row *more =
            room > JOURNAL_MAX
                ? NULL
                : arena_regrow(m->mem, m->journal, m->n_journal * sizeof *more, room, sizeof *more);
        if (!more) {
            m->stop = m->limited = true;
            return NULL;
        }
        m->journal = more;
        m->room_journal = room;
    }
    return &m->journal[m->n_journal++];
}

void js_journal(struct js *m, struct js_object *o, enum js_journal what, uint32_t index,
                struct js_value old)
{
    struct js_object *before = NULL;
    if (what == J_HEAD) {
        before = ARENA_NEW(m->mem, struct js_object);
        if (!before) {
            m->stop = m->limited = true;
            return;
        }
        *before = *o;
    }
    struct js_row *r = row(m);
    if (r)
        *r = (struct js_row){
            .o = o, .before = before, .index = index, .what = (uint8_t)what, .old = old
        };
}

static struct js_value *place(const struct js_row *r)
{
    return r->what == J_SLOT ? &r->o->slots[r->index].v : &r->o->items[r->index];
}

static bool same(struct js_value a, struct js_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case JS_BOOL:
        return a.b == b.b;
    case JS_NUMBER:
        return a.d == b.d || (isnan(a.d) && isnan(b.d));
    case JS_STRING:
        return text_eq(a.s, b.s);
    case JS_OBJECT:
        return a.o == b.o;
    case JS_UNKNOWN:
        return a.mark == b.mark && a.o == b.o && a.download == b.download;
    default:
        return true;
    }
}

/* Of a head only what is not made of slots and elements. */
static void put_head(struct js_object *o, const struct js_object *before)
{
    o->n_items = before->n_items;
    o->proto = before->proto;
    o->fogged = before->fogged;
    o->v = before->v;
    o->v2 = before->v2;
    o->id = before->id;
    o->data = before->data;
}

static bool same_head(const struct js_object *o, const struct js_object *before)
{
    return o->n_items == before->n_items && o->proto == before->proto &&
           o->fogged == before->fogged && same(o->v, before->v) && same(o->v2, before->v2) &&
           o->id == before->id && o->data == before->data;
}

/* Takes back all since `mark`. With `again`, what was written is written down once more, as the
 * old value of the other way: comparing with that is comparing the two ways. */
static void take_back(struct js *m, uint32_t mark, bool again)
{
    uint32_t n = m->n_journal;
    for (uint32_t i = mark; again && i < n && !m->stop; i++) {
        const struct js_row r = m->journal[i];
        js_journal(m, r.o, r.what, r.index, r.what == J_HEAD ? js_undefined() : *place(&r));
    }
    for (uint32_t i = n; i > mark; i--) {
        const struct js_row *r = &m->journal[i - 1];
        if (r->what == J_HEAD)
            put_head(r->o, r->before);
        else
            *place(r) = r->old;
    }
    if (!again)
        m->n_journal = mark;
}

/* Of a host object that was set up on one way only, that is kept: a request has its address. */
static void differ_head(struct js_object *o, const struct js_object *before, struct js_value why)
{
    o->fogged = true;
    if (o->class_ != C_HOST)
        return;
    if (o->v.kind == JS_UNDEFINED)
        o->v = before->v;
    else if (before->v.kind != JS_UNDEFINED && !same(o->v, before->v))
        o->v = why;
    if (o->v2.kind == JS_UNDEFINED)
        o->v2 = before->v2;
    else if (before->v2.kind != JS_UNDEFINED && !same(o->v2, before->v2))
        o->v2 = why;
}

/* The first row of a place holds its value of the other way. With `any`, several ways were left
 * behind: what held another value at any time since is unknown. */
static void differ_from(struct js *m, uint32_t mark, struct js_value why, bool any)
{
    why = js_unknown_like(why);
    for (uint32_t i = mark; i < m->n_journal; i++) {
        struct js_row *r = &m->journal[i];
        if (r->what == J_HEAD) {
            if (!r->o->seen && !same_head(r->o, r->before))
                differ_head(r->o, r->before, why);
            r->o->seen = !any;
            continue;
        }
        struct js_value *at = place(r);
        if (!at->seen && !same(*at, r->old) && at->kind != JS_UNKNOWN)
            *at = why;
        at->seen = !any;
    }
    for (uint32_t i = mark; i < m->n_journal; i++) {
        if (m->journal[i].what == J_HEAD)
            m->journal[i].o->seen = false;
        else
            place(&m->journal[i])->seen = 0;
    }
}

static void close_fork(struct js *m)
{
    m->maybe--;
    m->forks--;
    if (m->forks == 0)
        m->n_journal = 0;
}

static void wait_no_more(struct js *m, struct js_frame *f)
{
    f->waits = 0;
    m->forks--;
    if (m->forks == 0)
        m->n_journal = 0;
}

void js_fog(struct js *m, struct js_frame *f)
{
    if (f->waits)
        wait_no_more(m, f);
    m->maybe -= f->leant;
    f->leant = 0;
    if (!f->fog)
        return;
    differ_from(m, f->fog - 1, js_unknown(m, "condition"), true);
    close_fork(m);
    f->fog = 0;
}

uint32_t js_deep_open(struct js *m)
{
    m->deep = true;
    m->opened++;
    m->forks++;
    return m->n_journal;
}

void js_deep_close(struct js *m, uint32_t mark)
{
    m->deep = false;
    if (m->overflowed)
        differ_from(m, mark, js_unknown(m, "stack"), true);
    m->overflowed = false;
    m->forks--;
    if (m->forks == 0)
        m->n_journal = 0;
}

static void stay_conditional(struct js *m, uint32_t mark)
{
    if (m->frame->fog)
        close_fork(m);
    else
        m->frame->fog = mark + 1;
}

/* What one way of a function gave back. */
static void note_result(struct js *m, struct js_value v, bool leans)
{
    struct js_frame *f = m->frame;
    if (f->has_early && !same(f->early, v)) {
        f->early = js_unknown(m, "condition");
        return;
    }
    f->early = v;
    f->has_early = true;
    f->early.lean =
        leans && v.kind != JS_UNKNOWN ? (js_truth(v) == 1 ? LEAN_TRUE : LEAN_FALSE) : v.lean;
}

static enum js_flow go(struct js *m, struct js_node *n, struct js_value *out)
{
    if (!n || m->stop)
        return FLOW_ON;
    if (out) {
        *out = js_eval(m, n);
        return m->thrown ? FLOW_THROW : FLOW_ON;
    }
    return js_run(m, n);
}

void js_explore(struct js *m, struct js_node *n)
{
    if (!n || m->forks >= FORKS_MAX || m->explored >= EXPLORED_MAX || JS_HALT(m))
        return;
    uint32_t mark = m->n_journal, leaves = m->frame->leaves;
    struct js_frame before = *m->frame;
    struct js_object *scope = m->scope;
    uint32_t maybe = m->maybe, forks = m->forks;
    m->explored++;
    m->opened++;
    m->forks++;
    m->maybe++;
    (void)js_run(m, n);
    m->thrown = m->quit = false;
    m->scope = scope;
    take_back(m, mark, false);
    *m->frame = before;
    m->frame->leaves = leaves;
    /* Inside, the rest may have become conditional: that was this way's. */
    m->maybe = maybe;
    m->forks = forks;
    if (m->forks == 0)
        m->n_journal = 0;
}

/* A loop that goes on for as long as what is taken for granted holds: code that waits for an
 * address to fail which is not there. It is left in the end, and what it has changed meanwhile is
 * unknown: nobody can say how often it was gone. */
static bool gives_up(struct js *m, struct js_node *n)
{
    struct js_frame *f = m->frame;
    while (n && n->kind == N_BLOCK && n->a && !n->a->next)
        n = n->a;
    if (!n || n->kind != N_BREAK)
        return false;
    if (!f->waits && m->forks < FORKS_MAX) {
        f->waits = m->n_journal + 1;
        m->opened++;
        m->forks++;
    }
    if (!f->waits || n->rounds++ < ROUNDS_MAX)
        return false;
    differ_from(m, f->waits - 1, js_unknown(m, "loop"), true);
    wait_no_more(m, f);
    m->maybe++;
    f->leant++;
    return true;
}

static enum js_flow leaning(struct js *m, bool truth, struct js_node *a, struct js_node *b,
                            struct js_value *out)
{
    if (!out && gives_up(m, truth ? b : a))
        return js_run(m, truth ? b : a);
    if (!out)
        js_explore(m, truth ? b : a);
    struct js_value given = m->frame->result;
    m->maybe++;
    enum js_flow flow = go(m, truth ? a : b, out);
    bool leaves = flow == FLOW_BREAK || flow == FLOW_RETURN;
    if (!leaves || m->frame->leaves++ >= LEAVES_MAX || m->stop) {
        m->maybe--;
        return flow;
    }
    /* It may fail all the same: then the code behind is run. */
    m->frame->leant++;
    if (flow == FLOW_RETURN)
        note_result(m, m->frame->result, true);
    m->frame->result = given;
    m->label = 0;
    return FLOW_ON;
}

static enum js_flow both_ways(struct js *m, struct js_value why, struct js_node *a,
                              struct js_node *b, bool loop, struct js_value *out)
{
    struct js_frame *f = m->frame;
    uint32_t mark = m->n_journal, fog = f->fog;
    struct js_value first = js_undefined(), second = js_undefined();
    struct js_object *scope = m->scope;
    m->opened++;
    m->forks++;
    m->maybe++;
    if (m->forks > FORKS_MAX) { /* too deep: only the other way */
        stay_conditional(m, mark);
        m->limited = m->limited || a;
        if (out)
            *out = js_unknown_like(why);
        return go(m, b, out ? &second : NULL);
    }
    enum js_flow flow = go(m, a, out ? &first : NULL);
    if (loop && (flow == FLOW_BREAK || flow == FLOW_CONTINUE) && !m->label)
        flow = FLOW_ON;
    if (flow != FLOW_ON && f->leaves++ >= LEAVES_MAX) {
        stay_conditional(m, mark);
        return flow;
    }
    if (flow == FLOW_RETURN)
        note_result(m, f->result, false);
    bool fogged = f->fog != fog;
    bool left = flow != FLOW_ON || m->quit;
    m->thrown = m->quit = false;
    m->label = 0;
    m->scope = scope;
    uint32_t middle = m->n_journal;
    take_back(m, mark, true);
    m->opened++;
    if (left || fogged || m->stop) {
        stay_conditional(m, fogged ? mark : middle);
        if (fogged && f->fog > mark + 1)
            f->fog = mark + 1;
        flow = go(m, b, out ? &second : NULL);
        if (out)
            *out = flow == FLOW_ON && b ? second : js_unknown_like(why);
        return flow;
    }
    flow = go(m, b, out ? &second : NULL);
    if (flow == FLOW_ON && f->fog == fog && !m->quit) {
        differ_from(m, middle, why, false);
        close_fork(m);
    } else {
        /* The first way goes on: its values again, the other's are taken back. */
        if (flow == FLOW_RETURN)
            note_result(m, f->result, false);
        if (f->leaves++ >= LEAVES_MAX) {
            stay_conditional(m, mark);
            return flow;
        }
        m->thrown = m->quit = false;
        m->label = 0;
        m->scope = scope;
        uint32_t end = m->n_journal;
        take_back(m, middle, true);
        m->opened++;
        stay_conditional(m, f->fog == fog ? end : mark);
        second = first;
    }
    if (out)
        *out = same(first, second) ? first : js_unknown_like(why);
    return FLOW_ON;
}

/* The ways of an unknown condition; of a loop the way in and none. With `out`, expressions. */
enum js_flow js_fork(struct js *m, struct js_value condition, struct js_node *a, struct js_node *b,
                     bool loop, struct js_value *out)
{
    if (!loop && (condition.lean == LEAN_TRUE || condition.lean == LEAN_FALSE))
        return leaning(m, condition.lean == LEAN_TRUE, a, b, out);
    return both_ways(m, condition, a, b, loop, out);
}

void js_call_open(struct js *m, struct js_value f, const struct js_value *a, uint32_t n)
{
    if (!js_is_callable(f) || JS_HALT(m) || m->forks >= FORKS_MAX ||
        m->n_open_calls >= EXPLORED_MAX)
        return;
    m->n_open_calls++;
    m->opened++;
    uint32_t mark = m->n_journal;
    m->forks++;
    m->maybe++;
    (void)js_call(m, f, js_undefined(), a, n);
    m->thrown = m->quit = false;
    /* Whether and when it is called is not known: what it writes is not either. */
    differ_from(m, mark, js_unknown(m, "callback"), true);
    close_fork(m);
}
