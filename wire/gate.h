/* SPDX-License-Identifier: Apache-2.0 */
/* gate - what doors ask of the desk and what it answers: messages of an
 * os/channel. Door and desk are of one build but of different trust: each side
 * decodes with a cursor and refuses what is malformed.
 *
 * Numbers are little endian; a text is u32 length and bytes. The bytes of the
 * object stand in the message up to GATE_INLINE_MAX, else a sealed memory file
 * goes with it.
 */
#pragma once
#include "act/deed.h"
#include "base/buf.h"

enum gate_word {
    GATE_SCAN = 1, /* door -> desk: struct gate_request */
    GATE_ANSWER,   /* desk -> door: struct gate_answer */
    GATE_CANCEL,   /* door -> desk: u64 id; nobody waits for it any more */
    GATE_STATE,    /* desk -> door: struct gate_state, when it changes */
    GATE_FETCH,    /* door -> desk: struct gate_fetch: a stored report */
    GATE_FETCHED,  /* desk -> door: struct gate_fetched */
};

enum {
    GATE_INLINE_MAX = 256 << 10,
    GATE_TEXT_MAX = 4096,       /* one text of a request */
    GATE_RECIPIENTS_MAX = 1000, /* more: the last stand for the rest, and it is said */
    GATE_PASSWORDS_MAX = 64,
    GATE_HEADERS_MAX = 32,
    GATE_REPORT_MAX = 8 << 20,
    GATE_PAYLOAD_MAX = GATE_REPORT_MAX + (1 << 20),
    GATE_REFERENCE = 16, /* bytes of a reference number with its end: "261122-7K3F9Q2M" */
};

enum gate_direction { GATE_IN, GATE_OUT, GATE_FILE };

struct gate_request {
    uint64_t id; /* of the door, not 0 */
    slice door;  /* "milter", "clamd", "http" */
    enum gate_direction direction;
    slice name; /* of a file */
    /* of a mail, as the MTA said; empty: not said */
    slice client_address, client_name, helo, sender, user, queue_id, tls;
    const slice *recipients;
    size_t n_recipients;
    const slice *passwords; /* said by whoever asks */
    size_t n_passwords;
    bool want_report; /* JSON comes with the answer */
    uint64_t size;
    slice body; /* inline, when no descriptor goes with it */
    bool has_fd;
};

struct gate_header {
    slice name, value;
};

struct gate_answer {
    uint64_t id;
    enum verdict verdict;
    uint32_t unread; /* a bit per enum unread_cause */
    enum deed deed;  /* done already where it is the desk's: hold is on disk when this comes */
    slice reference; /* number of the report, for people */
    slice name;      /* detection name; empty when clean */
    slice reason_en, reason_ja;
    slice reply; /* SMTP text of reject and tempfail, without the code; ASCII */
    const struct gate_header *headers; /* to add, in order; ASCII, one line each */
    size_t n_headers;
    slice limit; /* the limit's name, when one was reached */
    slice locked; /* the type of the first encrypted part ("zip", "pdf"), when one stayed so */
    slice report; /* JSON, when it was wanted */
    slice trouble; /* not scanned, and why: nothing above holds but id and deed */
};

struct gate_state {
    bool ready; /* the desk takes requests */
    slice version, rules; /* of the engine; digest of the rules */
    uint32_t queued, workers;
};

struct gate_fetch {
    uint64_t id;
    slice reference;
};
struct gate_fetched {
    uint64_t id;
    bool found;
    slice report;
};

/* Each appends a payload. False, and nothing appended: out of memory, too large, or what the reader
 * would refuse (control characters in an answer, for one). */
bool gate_put_request(struct buf *out, const struct gate_request *r) MUST_USE;
bool gate_put_answer(struct buf *out, const struct gate_answer *a) MUST_USE;
bool gate_put_cancel(struct buf *out, uint64_t id) MUST_USE;
bool gate_put_state(struct buf *out, const struct gate_state *s) MUST_USE;
bool gate_put_fetch(struct buf *out, const struct gate_fetch *f) MUST_USE;
bool gate_put_fetched(struct buf *out, const struct gate_fetched *f) MUST_USE;
/* Each borrows from the payload; lists are in the arena. False: malformed. */
bool gate_read_request(slice payload, struct arena *mem, struct gate_request *out) MUST_USE;
bool gate_read_answer(slice payload, struct arena *mem, struct gate_answer *out) MUST_USE;
bool gate_read_cancel(slice payload, uint64_t *out) MUST_USE;
bool gate_read_state(slice payload, struct gate_state *out) MUST_USE;
bool gate_read_fetch(slice payload, struct gate_fetch *out) MUST_USE;
bool gate_read_fetched(slice payload, struct gate_fetched *out) MUST_USE;
