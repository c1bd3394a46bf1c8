/* SPDX-License-Identifier: Apache-2.0 */
/* serve - the process around one door: connections, their limits, the way to
 * the desk, and the supervisor's control channel (doors/orders.h).
 *
 * Strangers decide how many connections there are and how slowly they speak.
 * So: what one connection may cost is bounded (a read buffer shared by all, an
 * out buffer with a maximum; a peer that does not read is not read from
 * either); connections stand in the order of their last progress - an answer
 * given, or 4 KiB taken - and when there are too many, the first of that order
 * that waits for no answer is ended. 10,000 who stall cost 10,000 small records
 * and harm nobody. A desk that is away, full or silent is said as "later" in
 * the protocol's words.
 */
#pragma once
#include "base/err.h"
#include "doors/orders.h"
#include "os/loop.h"

struct serve;

struct serve_events {
    void *host;
    /* Settings have come for the first time: locks the process in. Not 0: it ends. NULL: not
     * locked, for tests. */
    int (*lock)(void *host, const struct order_settings *s, struct err *err_out);
    /* All is answered after STOP, or the supervisor is gone. Called once, from the loop, which is
     * to be stopped; serve_drop() comes later. */
    void (*stopped)(void *host, const char *why);
};

/* `control` is the supervisor's socket, taken over. The door must outlive it. */
int serve_new(struct loop *l, const struct door *door, int control,
              const struct serve_events *events, struct serve **out, struct err *err_out) MUST_USE;
void serve_drop(struct serve **s);
/* As STOP: accepts nothing more, answers what is on its way, then `stopped` is called. */
void serve_stop(struct serve *s, uint32_t within_ms);

enum { SERVE_BUCKETS = 12 }; /* of the time an answer took; the last: any */
struct serve_counts {
    uint64_t accepted, ended_full, ended_slow, refused_peer, asked, answered, later;
    uint64_t verdicts[VERDICTS]; /* of what was scanned */
    uint64_t took[SERVE_BUCKETS], took_us;
    uint32_t open, waiting;
};
struct serve_counts serve_counts(const struct serve *s);
