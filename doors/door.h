/* SPDX-License-Identifier: Apache-2.0 */
/* door - one protocol at which mail or files come in. A door knows its wire
 * protocol and nothing else: it gathers an object, asks the desk, and says the
 * answer in its protocol's words. One folder per door, one line in doors.list.
 *
 * A session is one connection, driven by what arrives: pure, so that a test or
 * a fuzzer can feed it one byte at a time. The host (doors/serve) owns sockets,
 * timers, limits on connections, and the way to the desk.
 */
#pragma once
#include "base/buf.h"
#include "wire/gate.h"

struct door_session; /* each door's own */

enum { DOOR_TICK_MS = 10000 };

/* What a session may do. All slices are borrowed during the call. */
struct door_host {
    void *host;
    /* Bytes to the peer. False: too much waits for it already; end the session. */
    bool (*send)(void *host, slice bytes);
    /* Asks the desk; the body is `fd` (the host's from now on, also when false) when
     * request->has_fd. request->id is the session's own and comes back in the answer; request->door
     * is the host's to fill. False: the desk takes nothing now; say "later" in the protocol's words.
     * The answer comes by `answer`, never from within this call; several may be on their way and
     * come in any order. */
    bool (*ask)(void *host, const struct gate_request *request, int fd);
    /* What was asked is not wanted any more: no answer to it comes. */
    void (*forget)(void *host);
    /* Ends the connection once what was sent has left. */
    void (*end)(void *host);
    /* A line for the log, about this connection; made safe by the host. */
    void (*note)(void *host, const char *text, slice detail);
    /* What the desk said of itself last; NULL: no desk is there. */
    const struct gate_state *(*state)(void *host);
    /* A stored report, or with the reference "metrics" the desk's own counters (Prometheus text); it
     * comes by `fetched` with this tag. Otherwise as ask(). */
    bool (*fetch)(void *host, uint64_t tag, slice reference);
    /* Appends this process's counters as Prometheus text. */
    void (*counts)(void *host, struct buf *out);
};

struct door_limits {
    uint64_t object_max;   /* bytes of one object; more is answered in the protocol's words */
    uint32_t idle_ms;      /* between two reads, while the peer is expected to speak */
    uint32_t recipients_max;
    bool files; /* clamd: paths may be read (SCAN, CONTSCAN, MULTISCAN) */
};

struct door_settings { /* from the settings file, for all doors */
    struct door_limits limits;
    struct object_pool *pool; /* the host's: what its sessions hold together (doors/object.h); NULL: any */
    slice authserv_id;   /* Authentication-Results of others with our name are removed */
    const slice *own_networks, *own_domains;
    size_t n_own_networks, n_own_domains;
    bool inbound_headers_stay; /* else X-Sekisho-* of strangers are removed */
    bool away_accepts; /* mail, while no desk answers: let through instead of temp-failed */
    slice version;
    const slice *tokens; /* http: SHA-256 of each, 64 hexadecimal digits */
    size_t n_tokens;
};

struct door {
    const char *name, *protocol; /* "milter", "Sendmail milter protocol 6" */
    const char *listen;          /* default address */
    uint32_t patience_ms;        /* its peers may be silent for so long, whatever the limits say */
    bool descriptors;            /* peers may pass open files; else the host closes what they pass */
    int (*open)(const struct door_settings *s, const struct door_host *host, slice peer, struct door_session **out);
    /* All bytes are taken, and the descriptors are the session's. While waits() the host reads no
     * further, but what it has read it feeds. False: end the connection now. */
    bool (*feed)(struct door_session *s, slice bytes, const int *fds, size_t n_fds);
    bool (*answer)(struct door_session *s, const struct gate_answer *a);
    /* NULL: the door fetches nothing. */
    bool (*fetched)(struct door_session *s, const struct gate_fetched *f);
    /* The peer will send nothing more. */
    bool (*finish)(struct door_session *s);
    /* Waits for the desk and takes nothing more until it has answered. */
    bool (*waits)(const struct door_session *s);
    /* Every DOOR_TICK_MS while something is asked; NULL: not needed. False: as feed(). */
    bool (*tick)(struct door_session *s);
    void (*drop)(struct door_session **s);
};

extern const struct door *const doors[];
extern const size_t n_doors;
