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

/* Reads a sealed memory file into pages of our own, zeros left out. False: not
 * sealed, or of another size than said. *cut_out: not all of it fitted. */
bool worker_body(int fd, uint64_t size, struct arena *mem, struct body *out,
                 bool *cut_out) MUST_USE;

/* Sends what was found so far when the process dies or is told to stop. */
struct frames_out;
void worker_last_words(struct frames_out *out);

/* Zeroes the stack below the caller as far down as it was used. */
void worker_wipe_stack(void);
