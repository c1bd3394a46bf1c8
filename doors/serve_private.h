/* SPDX-License-Identifier: Apache-2.0 */
/* serve_private - what the process around a door is made of: connections
 * (serve_connection.c), who they are from (serve_peers.c), the supervisor's
 * orders and the listening sockets (serve.c). */
#pragma once
#include "base/arena.h"
#include "doors/link.h"
#include "doors/object.h"
#include "doors/serve.h"
#include "os/channel.h"
#include "os/net.h"

enum {
    SERVE_READ = 64 << 10,                       /* one read, into one buffer for all */
    SERVE_OUT_MAX = GATE_REPORT_MAX + (1 << 20), /* answers that wait for one peer: a report */
    SERVE_OUT_ALL = 128 << 20,                   /* and for all peers together */
    SERVE_OUT_PAUSE = 64 << 10,                  /* more unsent: its words are not read */
    SERVE_PROGRESS = 4096,                       /* bytes taken that count as progress */
    SERVE_FDS = 8,                               /* descriptors with one read */
    SERVE_LISTENERS = 16,
    SERVE_HELD_MAX = 512 << 20, /* of objects that are coming in, all together */
};

/* Settings of one reading, kept as long as a session uses them. */
struct serve_settings {
    uint32_t users;
    struct arena *mem;
    struct order_settings orders;
};

struct serve_listener {
    struct loop_watch watch;
    struct serve *serve;
    char address[NET_TEXT];
    bool used;
};

struct serve_connection {
    struct serve *serve;
    struct loop_watch watch;
    struct loop_timer timer;
    struct serve_settings *settings;
    struct door_session *session;
    struct serve_connection *before, *after; /* by last progress */
    struct serve_question *questions;
    struct serve_peer *peer;
    struct buf out;
    size_t out_at;
    uint64_t read_us, progress_us, wrote_us, tick_us;
    uint32_t taken; /* bytes since the last progress */
    uint32_t calls; /* of ours into the session, that have not returned */
    bool eof, ending, lingering, dead;
    bool within;         /* something came since the last answer */
    char name[NET_TEXT]; /* of the peer */
};

struct serve {
    struct loop *loop;
    const struct door *door;
    struct serve_events events;
    struct channel *control;
    struct link *link;
    struct serve_settings *settings; /* NULL until they come */
    struct serve_listener listeners[SERVE_LISTENERS];
    bool accepting, stopping, stopped, ready;
    struct loop_timer accept_again, deadline;
    struct serve_connection *first, *last; /* first: no progress for the longest time */
    struct serve_peers *peers;
    struct serve_counts counts;
    uint64_t unsent; /* bytes that wait for peers */
    struct object_pool held;
    uint64_t notes_us;
    uint32_t notes, notes_kept; /* in this second; left out */
    uint8_t read[SERVE_READ];
};

/* --- serve_peers.c: how many connections from whom. An IPv6 network of 64 bits is one peer. */
struct serve_peers *serve_peers_new(uint64_t seed);
void serve_peers_drop(struct serve_peers **p);
/* NULL: out of memory, or more than `most` already (0: any number; so for our own machine). */
struct serve_peer *serve_peers_enter(struct serve_peers *p, slice address, uint32_t most,
                                     bool *full_out);
void serve_peers_leave(struct serve_peers *p, struct serve_peer *peer);

/* --- serve_connection.c */
void serve_settings_leave(struct serve_settings **s);
/* Takes the descriptor in any case. */
void serve_connection_new(struct serve *s, int fd, const char *peer);
void serve_connection_drop(struct serve_connection *c);
/* Ends the one that did nothing for the longest time; false: all wait for the desk. */
bool serve_connection_evict(struct serve *s);
/* Ends those that are in the middle of nothing. */
void serve_connections_stop(struct serve *s);

/* --- serve.c: a connection is gone: accept again, or all is done. */
void serve_one_less(struct serve *s);
