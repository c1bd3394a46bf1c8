/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop on Linux: epoll(7) level-triggered, a heap of timers, signalfd(2). See os/loop.h.
 *
 * Level-triggered, because a callback that stops half way (memory, fairness) is then simply called
 * again. Timers count in milliseconds of epoll_wait(2), rounded up: none is early. */
#include "os/loop.h"
#include "os/clock.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { BATCH = 256, SIGNALS = 65, TIMERS_FIRST = 64 };

struct entry {
    uint64_t at_us, number; /* number: of loop_after(), so that equal times keep their order */
    struct loop_timer *timer;
};

struct loop {
    int epoll;
    bool stopped;
    uint64_t now_us;
    struct epoll_event batch[BATCH];
    int batch_at, batch_len; /* the event that is being called, and how many there are */

    struct entry *heap; /* from 1 on */
    size_t n_timers, room;
    uint64_t last_number;

    struct loop_watch signals;
    sigset_t signal_set;
    struct {
        void (*came)(void *host, int signal);
        void *host;
    } handlers[SIGNALS];
};

int loop_new(struct loop **out, struct err *err_out)
{
    struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err_out, -ENOMEM, "out of memory");
    l->signals.fd = -1;
    (void)sigemptyset(&l->signal_set);
    l->now_us = clock_us();
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        int rc = err_set(err_out, -errno, "no event loop: %s", strerror(errno));
        free(l);
        return rc;
    }
    *out = l;
    return 0;
}

void loop_drop(struct loop **lp)
{
    struct loop *l = *lp;
    *lp = NULL;
    if (!l)
        return;
    if (l->signals.fd >= 0)
        (void)close(l->signals.fd);
    (void)close(l->epoll);
    free(l->heap);
    free(l);
}

/* --- descriptors */

static uint32_t epoll_of(unsigned events)
{
    return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
           (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static unsigned events_of(uint32_t bits)
{
    return (bits & EPOLLIN ? (unsigned)LOOP_READ : 0) |
           (bits & EPOLLOUT ? (unsigned)LOOP_WRITE : 0) |
           (bits & (EPOLLHUP | EPOLLERR) ? (unsigned)LOOP_GONE : 0);
}

int loop_add(struct loop *l, struct loop_watch *w, unsigned events, struct err *err_out)
{
    struct epoll_event e = { .events = epoll_of(events), .data.ptr = w };
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &e) < 0)
        return err_set(err_out, -errno, "cannot watch a descriptor: %s", strerror(errno));
    w->wanted = events;
    return 0;
}

void loop_want(struct loop *l, struct loop_watch *w, unsigned events)
{
    struct epoll_event e = { .events = epoll_of(events), .data.ptr = w };
    if (events == w->wanted)
        return;
    CHECK(epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e) == 0 || errno == ENOMEM);
    w->wanted = events;
}

void loop_remove(struct loop *l, struct loop_watch *w)
{
    (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    for (int i = l->batch_at + 1; i < l->batch_len; i++)
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
    w->wanted = 0;
}

/* --- timers: a binary heap */

static bool before(const struct entry *a, const struct entry *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

static void place(struct loop *l, size_t i, struct entry e)
{
    l->heap[i] = e;
    e.timer->place = i;
}

static void sift(struct loop *l, size_t i, struct entry e)
{
    for (; i > 1 && before(&e, &l->heap[i / 2]); i /= 2)
        place(l, i, l->heap[i / 2]);
    for (size_t child = 2 * i; child <= l->n_timers; child = 2 * i) {
        child += child < l->n_timers && before(&l->heap[child + 1], &l->heap[child]);
        if (!before(&l->heap[child], &e))
            break;
        place(l, i, l->heap[child]);
        i = child;
    }
    place(l, i, e);
}

static bool make_room(struct loop *l)
{
    if (l->n_timers + 1 < l->room)
        return true;
    size_t room = l->room ? 2 * l->room : TIMERS_FIRST;
    struct entry *heap = reallocarray(l->heap, room, sizeof *heap);
    if (!heap)
        return false;
    l->heap = heap;
    l->room = room;
    return true;
}

bool loop_after(struct loop *l, struct loop_timer *t, uint64_t after_us)
{
    uint64_t now = clock_us();
    if (!t->place && !make_room(l))
        return false;
    if (!t->place)
        t->place = ++l->n_timers;
    t->at_us = after_us > UINT64_MAX - now ? UINT64_MAX : now + after_us;
    sift(l, t->place, (struct entry){ t->at_us, ++l->last_number, t });
    return true;
}

void loop_cancel(struct loop *l, struct loop_timer *t)
{
    size_t i = t->place;
    if (!i)
        return;
    t->place = 0;
    struct entry last = l->heap[l->n_timers--];
    if (last.timer != t)
        sift(l, i, last);
}

/* Timers that are set meanwhile wait for the next round, so that one that sets itself anew does
 * not keep the descriptors waiting. */
static void run_timers(struct loop *l)
{
    uint64_t last = l->last_number;
    while (!l->stopped && l->n_timers && l->heap[1].at_us <= l->now_us &&
           l->heap[1].number <= last) {
        struct loop_timer *t = l->heap[1].timer;
        loop_cancel(l, t);
        t->due(t);
    }
}

/* --- signals */

static void signals_ready(struct loop_watch *w, unsigned events)
{
    struct loop *l = w->host;
    struct signalfd_siginfo info;
    (void)events;
    while (!l->stopped && read(w->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        unsigned n = info.ssi_signo;
        if (n < SIGNALS && l->handlers[n].came)
            l->handlers[n].came(l->handlers[n].host, (int)n);
    }
}

int loop_signal(struct loop *l, int signal, void (*came)(void *host, int signal), void *host,
                struct err *err_out)
{
    CHECK(signal > 0 && signal < SIGNALS);
    (void)sigaddset(&l->signal_set, signal);
    int fd = signalfd(l->signals.fd, &l->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return err_set(err_out, -errno, "cannot wait for signals: %s", strerror(errno));
    l->handlers[signal].came = came;
    l->handlers[signal].host = host;
    /* After the descriptor: what comes in between is kept for it. */
    (void)sigprocmask(SIG_BLOCK, &l->signal_set, NULL);
    if (l->signals.fd >= 0)
        return 0;
    l->signals = (struct loop_watch){ .fd = fd, .ready = signals_ready, .host = l };
    return loop_add(l, &l->signals, LOOP_READ, err_out);
}

/* --- running */

static int until_next(const struct loop *l)
{
    if (!l->n_timers)
        return -1;
    uint64_t at = l->heap[1].at_us, now = clock_us();
    if (at <= now)
        return 0;
    uint64_t ms = (at - now - 1) / 1000 + 1;
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

int loop_run(struct loop *l, struct err *err_out)
{
    l->stopped = false;
    while (!l->stopped) {
        int n = epoll_wait(l->epoll, l->batch, BATCH, until_next(l));
        if (n < 0 && errno != EINTR)
            return err_set(err_out, -errno, "the event loop failed: %s", strerror(errno));
        l->now_us = clock_us();
        l->batch_len = n < 0 ? 0 : n;
        for (l->batch_at = 0; l->batch_at < l->batch_len && !l->stopped; l->batch_at++) {
            const struct epoll_event *e = &l->batch[l->batch_at];
            struct loop_watch *w = e->data.ptr;
            if (w)
                w->ready(w, events_of(e->events));
        }
        l->batch_len = 0;
        run_timers(l);
    }
    return 0;
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}

uint64_t loop_now_us(const struct loop *l)
{
    return l->now_us;
}
