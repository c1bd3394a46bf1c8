/* SPDX-License-Identifier: Apache-2.0 */
/* sliding - the window of an LZ77 decoder: what was written lately and can be
 * repeated.
 *
 * It grows with what is written, up to `most` bytes, so that an archive that
 * announces a dictionary of a gigabyte pays for what it fills; then it turns
 * round. What was written is given to the taker in pieces, before it is
 * overwritten, and the input that made it is paid for. */
#pragma once
#include "base/arena.h"
#include "base/bits.h"
#include "base/unpack.h"

enum { SLIDING_MOST = 64 << 20, WORK_PER_SLIDING_INPUT = 24 };

struct sliding {
    struct arena *mem;
    struct budget *budget;
    /* Gets all that is written, in order. False: no more is taken. */
    bool (*take)(void *host, slice made);
    void *host;
    const struct bits *in; /* of which the input is paid; may be NULL */
    uint64_t total;        /* bytes written since the beginning */
    uint64_t limit;        /* where writing ends */
    bool stop;             /* the limit was reached, or no more is taken, or there is no memory */
    bool refused;          /* ... for one of the last two reasons */
    bool far;              /* a repeat of what lay further back than is kept */
    uint8_t fill;          /* what stands before the beginning */
    /* private */
    uint8_t *at;
    size_t size, most, pos, next, taken;
    uint64_t want;         /* size of the dictionary as told */
    uint64_t paid;
    bool turned;
};

/* False: no memory. `want`: size of the dictionary as told. */
MUST_USE bool sliding_start(struct sliding *s, uint64_t want, struct arena *mem, struct budget *budget);
void sliding_drop(struct sliding *s);
/* As if all of these, no more than `want`, had been written before; not given to the taker. */
void sliding_preset(struct sliding *s, slice before);
/* From here on for this taker, at most `limit` bytes. `in` is charged from where it stands. */
void sliding_begin(struct sliding *s, bool (*take)(void *host, slice made), void *host, uint64_t limit,
                   const struct bits *in);
/* Gives the rest. */
void sliding_end(struct sliding *s);
void sliding_turn(struct sliding *s);
void sliding_copy(struct sliding *s, uint64_t distance, uint64_t len);
/* Decoders that consume without writing pay too. False: over budget. */
MUST_USE bool sliding_pay(struct sliding *s);

/* How many bytes were written since the beginning, those not yet given among them. */
static inline uint64_t sliding_total(const struct sliding *s) { return s->total + (s->pos - s->taken); }

/* A taker that fills a body, paying for the output. */
struct sliding_body {
    struct body_writer *out;
    struct arena *mem;
    struct budget *budget;
};
bool sliding_to_body(void *host, slice made);

static inline void sliding_put(struct sliding *s, uint8_t byte)
{
    if (s->stop)
        return;
    s->at[s->pos++] = byte;
    if (s->pos == s->next)
        sliding_turn(s);
}
