/* SPDX-License-Identifier: Apache-2.0 */
/* desk - takes what doors ask (wire/gate.h), gives it to the worker pool, judges,
 * has it recorded (wire/keep.h), and answers.
 *
 * It reads typed facts only, never the bytes of an object. What it promises is
 * on disk first: an answer that says "held" comes after the keeper's "kept".
 * What waits is bounded; over it, and whenever a process that is needed is away,
 * the answer is the deed of "trouble" (come again), at once, and is counted. A
 * request is answered once or, when nobody waits for it any more, never.
 */
#pragma once
#include "desk/options.h"
#include "os/loop.h"

struct desk;

struct desk_settings {
    const struct options *options;     /* stays the caller's */
    const struct knowledge *knowledge; /* stays the caller's */
    const char *worker;                /* path of sekisho-worker */
    void (*stopped)(void *host); /* after desk_stop(), when all is answered; does not drop it */
    void *host;
};

enum { DESK_TIMES = 9 };
struct desk_counts {
    uint64_t taken, answered, overloaded, troubles, cancelled, unrecorded, pool_restarts;
    uint64_t verdicts[VERDICTS], deeds[DEEDS];
    uint64_t times[DESK_TIMES], elapsed_us, cpu_us; /* of workers; times: desk_time_ms[] and more */
};
extern const unsigned desk_time_ms[DESK_TIMES - 1];

/* Starts the pool; waits until its first worker is ready. */
int desk_new(struct loop *l, const struct desk_settings *s, struct desk **out,
             struct err *err_out) MUST_USE;
void desk_drop(struct desk **d);
/* Both take the socket. The keeper's takes the place of the one before. */
int desk_add_door(struct desk *d, int fd, struct err *err_out) MUST_USE;
int desk_set_keeper(struct desk *d, int fd, struct err *err_out) MUST_USE;
/* Answers what it has, and what still comes from doors that have not heard yet; then `stopped`:
 * when all doors have closed their channels, or nothing was asked for `linger_ms`. */
void desk_stop(struct desk *d, uint32_t linger_ms);
struct desk_counts desk_counts(const struct desk *d);
/* The counters in Prometheus' text format. */
void desk_put_metrics(const struct desk *d, struct buf *out);
