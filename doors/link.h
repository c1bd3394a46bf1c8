/* SPDX-License-Identifier: Apache-2.0 */
/* link - a door's way to the desk: questions out, answers back, over the channel
 * that the supervisor hands over (wire/gate.h).
 *
 * Every question ends: by its answer, or by one of the link's own with `trouble`
 * when the desk is gone or silent for too long. A new desk's channel takes all
 * new questions; the one before is kept until it has answered what it owes.
 */
#pragma once
#include "base/err.h"
#include "os/loop.h"
#include "wire/gate.h"

struct link;
struct link_desk;

/* The asker's own memory; it stands still until it is answered or forgotten. */
struct link_question {
    void *host;
    uint64_t tag; /* the asker's; put in place of the id */
    /* Called once; the question may be freed within. NULL for what is not asked. */
    void (*answered)(struct link_question *q, const struct gate_answer *a);
    void (*fetched)(struct link_question *q, const struct gate_fetched *f);
    /* the link's own */
    struct link *link;
    struct link_desk *desk;
    uint64_t id; /* 0: not asked */
    struct loop_timer late;
};

struct link_counts {
    uint64_t asked, answered, late, lost,
        refused; /* lost: the desk went away; refused: none took it */
    uint32_t open;
};

int link_new(struct loop *l, uint32_t answer_ms, struct link **out) MUST_USE; /* -ENOMEM */
/* Forgets all questions without a word. */
void link_drop(struct link **l);
/* A desk's socket, taken over. */
int link_give(struct link *l, int fd, struct err *err_out) MUST_USE;
void link_answer_within(struct link *l, uint32_t ms);
/* Called when the last desk has gone. */
void link_when_alone(struct link *l, void (*alone)(void *host), void *host);
/* NULL: no desk is there, or it has not spoken yet. */
const struct gate_state *link_state(const struct link *l);
struct link_counts link_counts(const struct link *l);

/* False: no desk takes it now. `fd` is the link's from now on in any case. */
bool link_ask(struct link *l, struct link_question *q, const struct gate_request *r,
              int fd) MUST_USE;
bool link_fetch(struct link *l, struct link_question *q, slice reference) MUST_USE;
/* Nobody waits for it any more; harmless when it is not asked. */
void link_forget(struct link_question *q);
