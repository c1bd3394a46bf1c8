/* SPDX-License-Identifier: Apache-2.0 */
/* body - the bytes of a part, contiguous in address space, padding as holes.
 *
 * `all` may be read anywhere. Where a document is padded with hundreds of
 * megabytes of zeros, those pages were never written: reading them costs no
 * memory, and engines that scan (patterns, YARA) visit `stored` only. Where
 * it is padded with something else that repeats (blanks, one comment line a
 * million times), the repetitions are the same pages again, and no part of
 * `stored` either.
 *
 * A body is either borrowed (a slice of its parent, body_borrow) or owned
 * (made by a body_writer). Owned bodies are released by whoever made them,
 * with body_release(), after walk_child() returned; a body that a deferred
 * part still needs is pinned and then released with the scan.
 */
#pragma once
#include "base/arena.h"
#include "base/budget.h"

struct extent {
    uint64_t at, len;
};

/* Content that is its first `window` bytes over and over: whole units of what is repeated. */
struct body_repeat {
    uint64_t at, len, window;
};

struct body {
    slice all;
    const struct extent *stored; /* NULL: everything is stored */
    size_t n_stored;
    uint8_t sha256[32];
    bool hashed;  /* sha256 is valid */
    bool digest_paid; /* by whoever inflated it: WORK_PER_INFLATED_BYTE */
    bool pinned;  /* body_release() leaves it alone; body_release_pinned() does not */
    const struct body_repeat *repeats; /* of what is not stored: the rest is zeros */
    size_t n_repeats;
    void *owned;  /* private to body.c */
};

static inline struct body body_borrow(slice s) { return (struct body){ .all = s }; }

/* The bytes [from, from + len) of a body, clipped, with its holes; borrowed, extents in the arena. */
struct body body_part(struct arena *mem, const struct body *b, uint64_t from, uint64_t len);
/* What stands in front of the padding that fills the end of a body, and at most 1 KiB of it: the
 * last field may end in zeros of its own. Costs no more than what is stored. */
slice body_unpadded(const struct body *b);
/* How many bytes are padding within or behind; no writer of documents leaves as much as the second. */
enum { BODY_PADDED = 16 << 20 };
uint64_t body_left_out(const struct body *b);
/* What is stored, in one piece: for texts, in which blanks and repetitions mean nothing. A line end
 * stands for zeros. `all` where nothing is left out, or too much is stored to be copied. */
slice body_gathered(struct arena *mem, const struct body *b);

/* Collects bytes whose number is not known, leaving 4 KiB blocks of zeros
 * unwritten. `max` is the largest body that may result. */
struct body_writer;

/* Opaque handle in the arena; NULL when the arena is full. `expect` is a hint. */
struct body_writer *body_writer_new(struct arena *mem, uint64_t expect, uint64_t max);
/* False when max or memory ran out; what was taken before stands. */
bool body_writer_put(struct body_writer *bw, slice s);
uint64_t body_writer_size(const struct body_writer *bw);
/* The hint it was made with. */
uint64_t body_writer_expects(const struct body_writer *bw);
/* For what is made in one go: room behind what was put, zeroed or not, NULL when there is none;
 * then how much of it was written. Who writes nothing after all leaves zeros there. */
uint8_t *body_writer_room(struct body_writer *bw, size_t n);
bool body_writer_took(struct body_writer *bw, size_t n);
/* Ends the writing. The body is owned; release it. */
struct body body_writer_done(struct body_writer *bw);
void body_writer_drop(struct body_writer *bw);

void body_release(struct body *b);
void body_release_pinned(struct body *b);
/* The digest of a body, computed once, and only when asked for: most members of a
 * document are read and never told of. */
const uint8_t *body_sha256(struct body *b);
