/* SPDX-License-Identifier: Apache-2.0 */
/* keep - what the desk and the commands ask of the keeper, which alone writes
 * the record: messages of an os/channel. Layout as in wire/gate.h.
 *
 * KEPT with error 0 means: on disk (the database committed and synced, the
 * vaulted bytes synced and their folder too). Only then may the MTA be
 * answered. -ENOSPC and every other error mean: nothing was kept, temp-fail.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum keep_word {
    KEEP_PUT = 1, /* struct keep_put */
    KEEP_KEPT,    /* struct keep_kept */
    KEEP_GET,     /* struct keep_get: a stored report */
    KEEP_GOT,     /* struct keep_got */
    KEEP_JOIN,    /* supervisor -> keeper: empty; the socket of one desk more goes with it */
    KEEP_ORDER,   /* struct keep_order: what a person, or the console, wants done */
    KEEP_DONE,    /* struct keep_done */
};

enum {
    KEEP_TEXT_MAX = 4096,     /* one text; a longer one is cut at a character */
    KEEP_ADDRESS_MAX = 1000,  /* of a recipient */
    KEEP_RECIPIENTS_MAX = 1000,
    KEEP_REFERENCE_MAX = 64,
    KEEP_SEARCH_MAX = 256 << 10, /* cut, too */
    KEEP_REPORT_MAX = 8 << 20,
    KEEP_INLINE_MAX = 256 << 10,
    KEEP_PAYLOAD_MAX = KEEP_REPORT_MAX + (2 << 20),
};

/* One scanned object and what was done with it. */
struct keep_put {
    uint64_t id;      /* of the desk, not 0 */
    slice reference;  /* unique for ever; a second PUT with it and the same report is KEPT again without a second row */
    int64_t time_ms;  /* since 1970, UTC */
    slice door, direction; /* "milter"; "in", "out", "file" */
    slice name, client_address, client_name, helo, sender, user, queue_id;
    const slice *recipients;
    size_t n_recipients;
    slice message_id, subject, from_address, from_name; /* of the mail's header, UTF-8 */
    slice verdict, detection, deed;                     /* as in the report */
    slice search; /* words for the full text search, a line each: URLs, effects' arguments, file names */
    slice report; /* JSON, one line */
    bool vault;   /* the original is to be kept, encrypted */
    uint64_t size;
    slice body; /* inline when no descriptor goes with it */
    bool has_fd;
};

struct keep_kept {
    uint64_t id;
    int32_t error; /* 0 or negative errno */
    slice why;
};

struct keep_get {
    uint64_t id;
    slice reference;
};

struct keep_got {
    uint64_t id;
    bool found;
    slice report;
};

enum keep_what {
    KEEP_DEED = 1, /* `verb` was done, or is about to be; into the history and the audit log. "release"
                    * is refused with -EALREADY, and what stands there as text, while the last of
                    * "release", "released" and "release-failed" is not the last of these; `argument`
                    * "again": all the same */
    KEEP_DELETE,   /* the vaulted original is taken away, the report stays */
    KEEP_TIDY,     /* retention now, not when its time comes */
};
struct keep_order {
    uint64_t id;
    enum keep_what what;
    slice reference; /* of the mail it is about; empty for those about the store */
    slice who;       /* the person, as the program that asks names them; the keeper adds the user id */
    slice verb;      /* "release", "released", "export", "open" ... */
    slice argument, note;
};
struct keep_done {
    uint64_t id;
    int32_t error; /* 0 or negative errno */
    slice text;    /* of the error */
};

/* Each appends a payload. False: out of memory, or what may not be cut is too large. */
bool keep_put_put(struct buf *out, const struct keep_put *p) MUST_USE;
bool keep_put_kept(struct buf *out, const struct keep_kept *k) MUST_USE;
bool keep_put_get(struct buf *out, const struct keep_get *g) MUST_USE;
bool keep_put_got(struct buf *out, const struct keep_got *g) MUST_USE;
bool keep_put_order(struct buf *out, const struct keep_order *o) MUST_USE;
bool keep_put_done(struct buf *out, const struct keep_done *d) MUST_USE;
/* Report and body are borrowed from the payload; texts that are no UTF-8, and the recipients, are in
 * the arena. False: malformed. */
bool keep_read_put(slice payload, struct arena *mem, struct keep_put *out) MUST_USE;
bool keep_read_kept(slice payload, struct keep_kept *out) MUST_USE;
bool keep_read_get(slice payload, struct keep_get *out) MUST_USE;
bool keep_read_got(slice payload, struct keep_got *out) MUST_USE;
bool keep_read_order(slice payload, struct arena *mem, struct keep_order *out) MUST_USE;
bool keep_read_done(slice payload, struct keep_done *out) MUST_USE;
