/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and their answers; see link.h. An id is a place in the table and how often that place
 * was used, so that an answer that comes too late finds nobody. */
#include "doors/link.h"
#include "os/channel.h"
#include "os/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    QUEUE_MAX = 32 << 20, /* unsent to one desk; more: it does not keep up */
    ANSWER_ARENA = 4 << 20,
    SLOTS_FIRST = 64,
    SLOTS_MAX = 1 << 20,
};

struct slot {
    struct link_question *q; /* NULL: free */
    uint32_t used, next;     /* next: free one, as index + 1 */
};

struct link_desk {
    struct link *link;
    struct link_desk *next;
    struct channel *channel;
    struct gate_state state;
    struct buf texts;       /* of the state */
    bool spoke, gone, busy; /* busy: in use further up */
    uint32_t open;
};

struct link {
    struct loop *loop;
    uint64_t answer_us;
    struct link_desk *desks; /* the newest first */
    struct slot *slots;
    uint32_t n_slots, free_slot;
    struct link_counts counts;
    struct buf out;
    struct arena *mem;
    void (*alone)(void *host); /* may be NULL */
    void *alone_host;
};

int link_new(struct loop *loop, uint32_t answer_ms, struct link **out)
{
    struct link *l = calloc(1, sizeof *l);
    struct arena *mem = arena_new(ANSWER_ARENA);
    if (!l || !mem) {
        free(l);
        arena_drop(&mem);
        return -ENOMEM;
    }
    l->loop = loop;
    l->answer_us = (uint64_t)answer_ms * 1000;
    l->out = buf_new(GATE_PAYLOAD_MAX);
    l->mem = mem;
    *out = l;
    return 0;
}

void link_answer_within(struct link *l, uint32_t ms)
{
    l->answer_us = (uint64_t)ms * 1000;
}

void link_when_alone(struct link *l, void (*alone)(void *host), void *host)
{
    l->alone = alone;
    l->alone_host = host;
}

struct link_counts link_counts(const struct link *l)
{
    return l->counts;
}

/* The newest that is ready takes the questions: until a new desk has spoken the one before does, so
 * that nobody is told to come again in between. Older ones only owe answers. */
static struct link_desk *current(const struct link *l)
{
    for (struct link_desk *d = l->desks; d; d = d->next)
        if (!d->gone && d->spoke && d->state.ready)
            return d;
    return l->desks && !l->desks->gone ? l->desks : NULL;
}

const struct gate_state *link_state(const struct link *l)
{
    const struct link_desk *d = current(l);
    return d && d->spoke ? &d->state : NULL;
}

/* --- questions */

static bool take_slot(struct link *l, struct link_question *q)
{
    if (!l->free_slot) {
        uint32_t n = l->n_slots ? 2 * l->n_slots : SLOTS_FIRST;
        struct slot *more = n > SLOTS_MAX ? NULL : reallocarray(l->slots, n, sizeof *more);
        if (!more)
            return false;
        l->slots = more;
        for (uint32_t i = n; i > l->n_slots; i--) {
            l->slots[i - 1] = (struct slot){ .next = l->free_slot };
            l->free_slot = i;
        }
        l->n_slots = n;
    }
    uint32_t i = l->free_slot - 1;
    struct slot *s = &l->slots[i];
    l->free_slot = s->next;
    s->q = q;
    s->used++;
    q->id = (uint64_t)s->used << 32 | (i + 1);
    return true;
}

static struct link_question *find(const struct link *l, const struct link_desk *d, uint64_t id)
{
    uint32_t i = (uint32_t)id;
    if (i == 0 || i > l->n_slots)
        return NULL;
    struct link_question *q = l->slots[i - 1].q;
    return q && q->id == id && q->desk == d ? q : NULL;
}

/* The question is its asker's again. */
static void release(struct link_question *q)
{
    struct link *l = q->link;
    uint32_t i = (uint32_t)q->id - 1;
    l->slots[i].q = NULL;
    l->slots[i].next = l->free_slot;
    l->free_slot = i + 1;
    q->desk->open--;
    l->counts.open--;
    loop_cancel(l->loop, &q->late);
    q->id = 0;
}

static void finish(struct link_question *q, const char *trouble)
{
    const struct gate_answer a = { .id = q->tag,
                                   .verdict = VERDICT_UNKNOWN,
                                   .deed = DEED_TEMPFAIL,
                                   .trouble = slice_of(trouble) };
    release(q);
    if (q->answered)
        q->answered(q, &a);
    else
        q->fetched(q, &(struct gate_fetched){ .id = q->tag });
}

static void drop_desk(struct link *l, struct link_desk *d)
{
    struct link_desk **at = &l->desks;
    while (*at && *at != d)
        at = &(*at)->next;
    if (*at)
        *at = d->next;
    channel_drop(&d->channel);
    buf_drop(&d->texts);
    free(d);
}

/* One that owes nothing and is asked nothing more has done its work. */
static void drop_old(struct link *l)
{
    const struct link_desk *asked = current(l);
    bool older = false;
    for (struct link_desk *d = l->desks, *next; d; d = next) {
        next = d->next;
        if ((older || d->gone) && d->open == 0 && !d->busy)
            drop_desk(l, d);
        else
            older |= d == asked;
    }
}

static void cancel(struct link_desk *d, uint64_t id)
{
    struct buf out = buf_new(64);
    if (!d->gone && gate_put_cancel(&out, id))
        (void)!channel_send(d->channel, GATE_CANCEL, buf_slice(&out), -1); /* it only saves work */
    buf_drop(&out);
}

static void too_late(struct loop_timer *t)
{
    struct link_question *q = t->host;
    struct link *l = q->link;
    l->counts.late++;
    cancel(q->desk, q->id);
    finish(q, "no answer within the time");
    drop_old(l);
}

static bool put_question(struct link *l, struct link_question *q)
{
    struct link_desk *d = current(l);
    q->link = l;
    q->desk = d;
    q->late = (struct loop_timer){ .due = too_late, .host = q };
    if (!take_slot(l, q))
        return false;
    d->open++;
    l->counts.open++;
    if (!loop_after(l->loop, &q->late, l->answer_us)) {
        release(q);
        return false;
    }
    return true;
}

static bool ready(struct link *l)
{
    const struct gate_state *s = link_state(l);
    return s && s->ready;
}

/* One that has not spoken yet is there in a moment: what it is asked waits in its socket. */
static bool takes_objects(const struct link *l)
{
    const struct link_desk *d = current(l);
    return d && (!d->spoke || d->state.ready);
}

bool link_ask(struct link *l, struct link_question *q, const struct gate_request *r, int fd)
{
    bool good = takes_objects(l) && put_question(l, q);
    if (good) {
        struct gate_request sent = *r;
        sent.id = q->id;
        buf_clear(&l->out);
        good =
            gate_put_request(&l->out, &sent) &&
            channel_send(q->desk->channel, GATE_SCAN, buf_slice(&l->out), r->has_fd ? fd : -1) == 0;
        if (!good)
            release(q);
    }
    if (fd >= 0)
        (void)close(fd);
    if (good)
        l->counts.asked++;
    else
        l->counts.refused++;
    return good;
}

bool link_fetch(struct link *l, struct link_question *q, slice reference)
{
    if (!ready(l) || !put_question(l, q))
        return false;
    buf_clear(&l->out);
    bool good = gate_put_fetch(&l->out, &(struct gate_fetch){ q->id, reference }) &&
                channel_send(q->desk->channel, GATE_FETCH, buf_slice(&l->out), -1) == 0;
    if (!good)
        release(q);
    return good;
}

void link_forget(struct link_question *q)
{
    if (!q->id)
        return;
    struct link *l = q->link;
    cancel(q->desk, q->id);
    release(q);
    drop_old(l);
}

/* --- from the desk */

static bool on_answer(struct link *l, struct link_desk *d, slice payload)
{
    struct gate_answer a;
    arena_reset(l->mem);
    if (!gate_read_answer(payload, l->mem, &a))
        return false;
    struct link_question *q = find(l, d, a.id);
    if (!q || !q->answered)
        return true; /* forgotten meanwhile */
    l->counts.answered++;
    a.id = q->tag;
    release(q);
    q->answered(q, &a);
    return true;
}

static bool on_fetched(struct link *l, struct link_desk *d, slice payload)
{
    struct gate_fetched f;
    if (!gate_read_fetched(payload, &f))
        return false;
    struct link_question *q = find(l, d, f.id);
    if (!q || !q->fetched)
        return true;
    f.id = q->tag;
    release(q);
    q->fetched(q, &f);
    return true;
}

static bool on_state(struct link_desk *d, slice payload)
{
    struct gate_state s;
    if (!gate_read_state(payload, &s))
        return false;
    buf_clear(&d->texts);
    buf_put(&d->texts, s.version);
    buf_put(&d->texts, s.rules);
    if (d->texts.full)
        return false;
    d->state = s;
    d->state.version = slice_sub(buf_slice(&d->texts), 0, s.version.len);
    d->state.rules = slice_from(buf_slice(&d->texts), s.version.len);
    d->spoke = true;
    return true;
}

static bool on_message(void *host, uint8_t word, slice payload, int fd)
{
    struct link_desk *d = host;
    struct link *l = d->link;
    bool good = fd < 0;
    if (fd >= 0)
        (void)close(fd);
    if (!good)
        return false;
    switch (word) {
    case GATE_ANSWER:
        good = on_answer(l, d, payload);
        break;
    case GATE_FETCHED:
        good = on_fetched(l, d, payload);
        break;
    case GATE_STATE:
        good = on_state(d, payload);
        break;
    default:
        good = false;
    }
    if (good)
        drop_old(l); /* may be d */
    return good;
}

static void on_closed(void *host, const char *why)
{
    struct link_desk *d = host;
    struct link *l = d->link;
    bool asked = d == current(l);
    d->gone = d->busy = true; /* who is told so now may ask again: not this one */
    if (asked || d->open)
        log_line(LOG_LEVEL_WARNING, "the desk is away: %s; %u objects are told to come again", why,
                 d->open);
    for (uint32_t i = 0; i < l->n_slots && d->open; i++) {
        struct link_question *q = l->slots[i].q;
        if (q && q->desk == d) {
            l->counts.lost++;
            finish(q, "the desk is away");
        }
    }
    d->busy = false;
    drop_old(l);
    if (!current(l) && l->alone)
        l->alone(l->alone_host);
}

int link_give(struct link *l, int fd, struct err *err_out)
{
    const struct channel_limits limits = { GATE_PAYLOAD_MAX, QUEUE_MAX };
    struct link_desk *d = calloc(1, sizeof *d);
    int rc = d ? 0 : err_set(err_out, -ENOMEM, "out of memory");
    if (rc == 0) {
        d->link = l;
        d->texts = buf_new(2 * GATE_TEXT_MAX);
        const struct channel_events events = { d, on_message, on_closed };
        rc = channel_new(l->loop, fd, &limits, &events, &d->channel, err_out);
    }
    if (rc) {
        (void)close(fd);
        free(d);
        return rc;
    }
    d->next = l->desks;
    l->desks = d;
    drop_old(l);
    return 0;
}

void link_drop(struct link **lp)
{
    struct link *l = *lp;
    *lp = NULL;
    if (!l)
        return;
    for (uint32_t i = 0; i < l->n_slots; i++)
        if (l->slots[i].q)
            release(l->slots[i].q);
    while (l->desks)
        drop_desk(l, l->desks);
    buf_drop(&l->out);
    arena_drop(&l->mem);
    free(l->slots);
    free(l);
}
