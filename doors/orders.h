/* SPDX-License-Identifier: Apache-2.0 */
/* orders - what the supervisor says to a door's process over its descriptor 3:
 * messages of an os/channel (limits: ORDER_PAYLOAD_MAX both ways).
 *
 * `sekisho-door NAME` is started with that socket alone. It waits for SETTINGS, locks
 * itself in (no file, no new socket), and from then on gets what it needs over it: listening
 * sockets and the socket to a desk. Order: SETTINGS, then DESK and LISTEN in any order. When the
 * control channel closes, the process ends as after STOP.
 */
#pragma once
#include "doors/door.h"

enum order_word {
    ORDER_SETTINGS = 1, /* struct order_settings; again: for sessions that begin from now on */
    ORDER_LISTEN,       /* with a listening socket; payload: its address as os/net.h writes it */
    ORDER_UNLISTEN,     /* payload: an address; no more is accepted there */
    ORDER_DESK,         /* with a connected socket; the one before is asked nothing more and is
                             closed when it has answered what it owes */
    ORDER_STOP, /* payload: u32 ms; accepts nothing more, answers what is on its way, then ends */
    /* to the supervisor */
    ORDER_READY, /* locked in, and at least one socket is listened on; payload empty */
    ORDER_ALONE, /* the last desk has gone: another one, or a new way to the same; payload empty */
};

enum { ORDER_PAYLOAD_MAX = 1 << 20 };

struct order_settings {
    struct door_settings door;
    uint32_t connections; /* at once */
    uint32_t per_peer;    /* at once from one address that is not of this machine; 0: any number */
    uint32_t slow_ms;     /* without one answer or 4 KiB: ended; see serve.h */
    uint32_t answer_ms;   /* the desk's time for one object; then "later" is said */
    bool allow_weak_jail;
    /* clamd: folders whose files may be scanned by path; empty: none */
    const slice *paths;
    size_t n_paths;
};

/* What is not said otherwise. */
struct order_settings order_defaults(void);

/* False: out of memory. */
bool order_put_settings(struct buf *out, const struct order_settings *s) MUST_USE;
/* Borrows from the payload; lists are in the arena. False: malformed. */
bool order_read_settings(slice payload, struct arena *mem, struct order_settings *out) MUST_USE;
