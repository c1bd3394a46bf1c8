/* SPDX-License-Identifier: Apache-2.0 */
/* frames - a scan's findings as a stream of frames, from worker to desk.
 *
 * A frame is: type u8, length u32, payload of that length; numbers are little
 * endian, texts are length u32 and UTF-8. One scan is any number of findings,
 * then DONE. Worker and desk are of one build: HELLO proves it, so that fact
 * ids may travel as indices.
 *
 * The sender is a process that has read hostile bytes and may be taken over.
 * The reader therefore checks every id against what was sent before, every
 * enum, every length and the total; text is cleaned. The first thing that is
 * wrong ends the stream (FRAMES_BAD); what came before stands.
 */
#pragma once
#include "facts/record.h"

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_PART,
    FRAME_PART_END,
    FRAME_EVENT,
    FRAME_FACT,
    FRAME_HIT,
    FRAME_EFFECT,
    FRAME_UNREAD,
    FRAME_VIEW,
    FRAME_BYTES,
    FRAME_DONE,
    FRAME_TYPES
};

enum {
    FRAME_HEAD = 5,
    FRAME_PAYLOAD_MAX = 1 << 20,   /* longer texts are cut by the sender */
    FRAMES_TEXT_MAX = 512 << 10,   /* one text in it */
    FRAMES_LIST_MAX = 256,         /* arguments, origins, via of one effect */
    FRAMES_ANSWER_MAX = 128 << 20, /* one scan's answer, without part bytes that were asked for */
    FRAMES_BUFFER = 64 << 10,
    FRAMES_FLUSH = 32 << 10,
};

/* --- sending */

/* Frames are gathered in `bytes` and handed to `put` when there is enough. The
 * buffer is a fixed one so that a crash handler can send what is in it. */
struct frames_out {
    void *host;
    bool (*put)(void *host, slice bytes); /* false: nobody listens any more */
    bool lost;
    bool limits; /* an UNREAD_LIMIT was sent */
    volatile size_t len;
    uint8_t bytes[FRAMES_BUFFER];
};

struct sink frames_sink(struct frames_out *out);
void frames_flush(struct frames_out *out);

struct frames_hello {
    bool landlock, seccomp;
    uint8_t landlock_abi;
};
void frames_send_hello(struct frames_out *out, const struct frames_hello *h);

struct frames_done {
    uint64_t cpu_us;
    bool last; /* the worker leaves now and takes no further job */
};
void frames_send_done(struct frames_out *out, const struct frames_done *d);

/* --- reading */

struct frames_in;
enum frames_status { FRAMES_MORE, FRAMES_DONE, FRAMES_BAD };

int frames_in_new(struct frames_in **out) MUST_USE; /* -ENOMEM */
void frames_in_drop(struct frames_in **f);
/* A new answer begins; what is left of the last one is forgotten. A sink
 * without `bytes` did not ask for any: getting some is then malformed. */
void frames_in_start(struct frames_in *f, const struct sink *sink);
/* Bytes as they come, in any pieces. DONE: *done_out is set. BAD: see why. */
enum frames_status frames_in_feed(struct frames_in *f, slice bytes, struct frames_done *done_out);
const char *frames_in_why(const struct frames_in *f);
/* The answer will not come to its end: closes the parts that are open with
 * `end`, and says of the innermost what was not read. An answer without any
 * part gets the root part from `root`. */
void frames_in_abandon(struct frames_in *f, const struct part *root, enum walk_end end,
                       enum unread_cause cause, enum unread_of of);

/* HELLO comes alone, before any answer. MORE until it is whole. */
enum frames_status frames_in_hello(struct frames_in *f, slice bytes, struct frames_hello *out);
