/* SPDX-License-Identifier: Apache-2.0 */
/* loop - one thread's events: descriptors that are ready (epoll), timers, and
 * signals, each calling back one after the other.
 *
 * Nothing here is allocated per event: the caller embeds watches and timers in
 * its own objects and takes them out before it frees these, also from within a
 * callback; a watch that was removed is not called any more in the same round.
 */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

enum loop_event {
    LOOP_READ = 1,
    LOOP_WRITE = 2,
    LOOP_GONE = 4, /* the peer hung up or the descriptor failed; always reported */
};

struct loop_watch {
    int fd;
    void (*ready)(struct loop_watch *w, unsigned events);
    void *host;
    unsigned wanted; /* the loop's own */
};

struct loop_timer {
    void (*due)(struct loop_timer *t);
    void *host;
    uint64_t at_us;  /* of clock_us() */
    size_t place;    /* the loop's own; 0: not set */
};

int loop_new(struct loop **out, struct err *err_out) MUST_USE;
void loop_drop(struct loop **l);

/* `events`: LOOP_READ and LOOP_WRITE; 0 waits only for LOOP_GONE. */
int loop_add(struct loop *l, struct loop_watch *w, unsigned events, struct err *err_out) MUST_USE;
void loop_want(struct loop *l, struct loop_watch *w, unsigned events);
/* Before the descriptor is closed: a copy of it elsewhere would keep it watched. */
void loop_remove(struct loop *l, struct loop_watch *w);

/* Sets, or sets anew. Timers that are due together run in the order of their times. False: out of
 * memory. */
bool loop_after(struct loop *l, struct loop_timer *t, uint64_t after_us) MUST_USE;
void loop_cancel(struct loop *l, struct loop_timer *t);

/* The signal is blocked for this thread and arrives here, between callbacks. */
int loop_signal(struct loop *l, int signal, void (*came)(void *host, int signal), void *host, struct err *err_out) MUST_USE;

/* Until loop_stop(), or an error of epoll itself. */
int loop_run(struct loop *l, struct err *err_out) MUST_USE;
void loop_stop(struct loop *l);
uint64_t loop_now_us(const struct loop *l); /* of clock_us(), when this round began */
