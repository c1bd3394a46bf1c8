/* SPDX-License-Identifier: Apache-2.0 */
/* The process around a door: the supervisor's orders, listening sockets, and who is let in. */
#include "doors/serve_private.h"
#include "os/clock.h"
#include "os/log.h"
#include "base/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ACCEPTS = 64,             /* in one turn, so that those who are in are heard too */
    ACCEPT_AGAIN_US = 100000, /* after the system had no descriptor left */
    STOP_MS = 10000,          /* when the supervisor is gone without a word */
    SETTINGS_ARENA = 4 << 20,
};

/* --- letting in */

static void want_accepting(struct serve *s, bool on)
{
    s->accepting = on;
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        if (s->listeners[i].used)
            loop_want(s->loop, &s->listeners[i].watch, on ? LOOP_READ : 0);
}

static void accept_later(struct serve *s)
{
    want_accepting(s, false);
    if (!loop_after(s->loop, &s->accept_again, ACCEPT_AGAIN_US))
        want_accepting(s, true);
}

static void on_accept_again(struct loop_timer *t)
{
    struct serve *s = t->host;
    if (!s->stopping)
        want_accepting(s, true);
}

/* `waited`: somebody is known to wait outside; for nobody none is put out. */
static bool make_room(struct serve *s, bool waited)
{
    if (s->counts.open < s->settings->orders.connections)
        return true;
    if (!waited)
        return false;
    if (serve_connection_evict(s))
        return true;
    want_accepting(s, false); /* all wait for the desk: until one has its answer */
    return false;
}

static void on_listener(struct loop_watch *w, unsigned events)
{
    struct serve_listener *l = w->host;
    struct serve *s = l->serve;
    (void)events;
    for (int i = 0; i < ACCEPTS && s->accepting && l->used && make_room(s, i == 0); i++) {
        char peer[NET_TEXT];
        int fd, rc = net_accept(l->watch.fd, &fd, peer);
        if (rc == -EAGAIN)
            return;
        if (rc && serve_connection_evict(s)) /* no descriptor left, for one: now there is */
            continue;
        if (rc) {
            log_line(LOG_LEVEL_WARNING, "%s: cannot accept: %s", s->door->name, strerror(-rc));
            accept_later(s);
            return;
        }
        serve_connection_new(s, fd, peer);
    }
}

static void close_listener(struct serve *s, struct serve_listener *l)
{
    loop_remove(s->loop, &l->watch);
    (void)close(l->watch.fd);
    l->used = false;
}

/* --- ending */

static void stop_now(struct serve *s, const char *why)
{
    if (s->stopped)
        return;
    s->stopped = true;
    loop_cancel(s->loop, &s->deadline);
    s->events.stopped(s->events.host, why);
}

void serve_one_less(struct serve *s)
{
    if (s->stopping && s->counts.open == 0)
        stop_now(s, "all is answered");
    else if (!s->stopping && !s->accepting && !s->accept_again.place && s->settings)
        want_accepting(s, true);
}

static void on_deadline(struct loop_timer *t)
{
    struct serve *s = t->host;
    stop_now(s, "the time to end is over");
}

void serve_stop(struct serve *s, uint32_t within_ms)
{
    if (s->stopping)
        return;
    s->stopping = true;
    loop_cancel(s->loop, &s->accept_again);
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        if (s->listeners[i].used)
            close_listener(s, &s->listeners[i]);
    if (!loop_after(s->loop, &s->deadline, (uint64_t)within_ms * 1000) || s->counts.open == 0)
        stop_now(s, "all is answered");
    else
        serve_connections_stop(s);
}

/* --- orders */

static bool fail(struct serve *s, const struct err *e)
{
    log_line(LOG_LEVEL_ERROR, "%s: %s", s->door->name, e->text);
    s->stopping = true;
    stop_now(s, e->text);
    return false;
}

static bool on_settings(struct serve *s, slice payload)
{
    struct err e = { 0 };
    struct serve_settings *new = calloc(1, sizeof *new);
    struct arena *mem = arena_new(SETTINGS_ARENA);
    if (new &&mem)
        *new = (struct serve_settings){ .users = 1, .mem = mem };
    slice kept = new &&mem ? arena_copy(mem, payload) : (slice){ 0 };
    if (!kept.len || !order_read_settings(kept, mem, &new->orders)) {
        arena_drop(&mem);
        free(new);
        (void)err_set(&e, -EINVAL, "the supervisor's settings cannot be read");
        return fail(s, &e);
    }
    bool first = !s->settings;
    new->orders.door.pool = &s->held;
    serve_settings_leave(&s->settings);
    s->settings = new;
    link_answer_within(s->link, new->orders.answer_ms);
    if (first && s->events.lock && s->events.lock(s->events.host, &new->orders, &e))
        return fail(s, &e);
    return true;
}

static bool on_listen(struct serve *s, slice address, int fd)
{
    struct err e = { 0 };
    struct serve_listener *l = NULL;
    for (size_t i = 0; i < SERVE_LISTENERS && !l; i++)
        if (!s->listeners[i].used)
            l = &s->listeners[i];
    if (fd < 0 || !s->settings || !l || s->stopping) {
        if (fd >= 0)
            (void)close(fd);
        return s->stopping; /* it may have crossed STOP */
    }
    *l = (struct serve_listener){ .watch = { .fd = fd, .ready = on_listener, .host = l },
                                  .serve = s,
                                  .used = true };
    (void)slice_copy_out(address, (uint8_t *)l->address, sizeof l->address - 1);
    if (loop_add(s->loop, &l->watch, s->accepting ? LOOP_READ : 0, &e)) {
        (void)close(fd);
        l->used = false;
        return fail(s, &e);
    }
    if (!s->ready && channel_send(s->control, ORDER_READY, (slice){ 0 }, -1) == 0)
        s->ready = true;
    return true;
}

static bool on_order(void *host, uint8_t word, slice payload, int fd)
{
    struct serve *s = host;
    struct err e = { 0 };
    cursor c = cur_open(payload);
    if (word == ORDER_LISTEN)
        return on_listen(s, payload, fd);
    if (word == ORDER_DESK && fd >= 0)
        return link_give(s->link, fd, &e) == 0 || fail(s, &e);
    if (fd >= 0) {
        (void)close(fd);
        return false;
    }
    switch (word) {
    case ORDER_SETTINGS:
        return on_settings(s, payload);
    case ORDER_UNLISTEN:
        for (size_t i = 0; i < SERVE_LISTENERS; i++)
            if (s->listeners[i].used && slice_is(payload, s->listeners[i].address))
                close_listener(s, &s->listeners[i]);
        return true;
    case ORDER_STOP:
        serve_stop(s, cur_u32le(&c));
        return cur_ok(&c);
    default:
        return false;
    }
}

static void on_control_closed(void *host, const char *why)
{
    struct serve *s = host;
    if (!s->stopping)
        log_line(LOG_LEVEL_NOTICE, "%s: the supervisor is gone: %s", s->door->name, why);
    serve_stop(s, STOP_MS);
}

/* A desk that died is begun again and connected; one that shut this door out is not known to have
 * done so. */
static void on_alone(void *host)
{
    struct serve *s = host;
    if (!s->stopping && s->control)
        (void)!channel_send(s->control, ORDER_ALONE, (slice){ 0 }, -1); /* gone: all ends */
}

/* --- the whole */

int serve_new(struct loop *l, const struct door *door, int control,
              const struct serve_events *events, struct serve **out, struct err *err_out)
{
    const struct channel_limits limits = { ORDER_PAYLOAD_MAX, ORDER_PAYLOAD_MAX };
    struct serve *s = calloc(1, sizeof *s);
    int rc = s ? 0 : -ENOMEM;
    if (s) {
        s->loop = l;
        s->door = door;
        s->events = *events;
        s->accepting = true;
        s->held.max = SERVE_HELD_MAX;
        s->accept_again = (struct loop_timer){ .due = on_accept_again, .host = s };
        s->deadline = (struct loop_timer){ .due = on_deadline, .host = s };
        s->peers = serve_peers_new(clock_us() * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)s);
        rc = s->peers ? link_new(l, order_defaults().answer_ms, &s->link) : -ENOMEM;
    }
    if (rc == 0)
        link_when_alone(s->link, on_alone, s);
    if (rc)
        (void)err_set(err_out, rc, "out of memory");
    else
        rc = channel_new(l, control, &limits,
                         &(struct channel_events){ s, on_order, on_control_closed }, &s->control,
                         err_out);
    if (rc) {
        (void)close(control);
        serve_drop(&s);
        return rc;
    }
    *out = s;
    return 0;
}

void serve_drop(struct serve **sp)
{
    struct serve *s = *sp;
    *sp = NULL;
    if (!s)
        return;
    s->stopping = s->stopped = true; /* nothing more is said */
    while (s->first)
        serve_connection_drop(s->first);
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        if (s->listeners[i].used)
            close_listener(s, &s->listeners[i]);
    loop_cancel(s->loop, &s->accept_again);
    loop_cancel(s->loop, &s->deadline);
    channel_drop(&s->control);
    link_drop(&s->link);
    serve_peers_drop(&s->peers);
    serve_settings_leave(&s->settings);
    free(s);
}

struct serve_counts serve_counts(const struct serve *s)
{
    return s->counts;
}
