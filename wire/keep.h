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
    KEEP_WORDS,   /* commands of the console and of `sekisho vault` begin here: store/ */
};

enum {
    KEEP_TEXT_MAX = 4096,
    KEEP_RECIPIENTS_MAX = 1000,
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

bool keep_put_put(struct buf *out, const struct keep_put *p) MUST_USE;
bool keep_put_kept(struct buf *out, const struct keep_kept *k) MUST_USE;
bool keep_put_get(struct buf *out, const struct keep_get *g) MUST_USE;
bool keep_put_got(struct buf *out, const struct keep_got *g) MUST_USE;
bool keep_read_put(slice payload, struct arena *mem, struct keep_put *out) MUST_USE;
bool keep_read_kept(slice payload, struct keep_kept *out) MUST_USE;
bool keep_read_get(slice payload, struct keep_get *out) MUST_USE;
bool keep_read_got(slice payload, struct keep_got *out) MUST_USE;
