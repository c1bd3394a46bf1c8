/* SPDX-License-Identifier: Apache-2.0 */
/* worker - the process that reads hostile bytes. Forked by the head (head.h)
 * with everything open that it will need; locks itself in, then takes one
 * object after another from its socket.
 */
#pragma once
#include "engine/engine.h"

enum {
    WORKER_MESSAGES = 2, /* descriptors after the fork */
    WORKER_SOCKET = 3,
    WORKER_BODY_MAX = 1 << 30,     /* larger bodies are read so far */
    WORKER_STORED_MAX = 512 << 20, /* memory for what is not zeros in them */
};

enum worker_exit {
    WORKER_EXIT_LAST = 0,
    WORKER_EXIT_JAIL = 3,
    WORKER_EXIT_STOPPED = 4,
    WORKER_EXIT_PROTOCOL = 5,
    WORKER_EXIT_MEMORY = 6
};

struct worker {
    struct engine *engine;
    unsigned objects;     /* leaves after so many */
    unsigned cpu_seconds; /* backstop over its whole life */
    bool allow_weak_jail;
};

/* Never returns. Sockets and messages stand at the descriptors above. */
_Noreturn void worker_run(const struct worker *w);

/* --- pieces of it */

/* What was not read of a body that came as a descriptor. */
enum worker_cut { WORKER_CUT_NOTHING, WORKER_CUT_TO_FIT, WORKER_CUT_SHORT };

/* A memory file must be sealed and of the size that was said. */
bool worker_sealed(int fd, uint64_t size) MUST_USE;
/* Reads the file, once, into pages of our own, zeros left out. */
enum worker_cut worker_body(int fd, uint64_t size, struct arena *mem, struct body *out) MUST_USE;
/* The same for a small one, to `room`. */
enum worker_cut worker_small_body(int fd, uint8_t *room, size_t size, struct body *out) MUST_USE;

/* Sends what was found so far when the process dies or is told to stop. */
struct frames_out;
void worker_last_words(struct frames_out *out);

/* Zeroes the stack below the caller as far down as it was used. */
void worker_wipe_stack(void);
