/* SPDX-License-Identifier: Apache-2.0 */
/* pool_private - the desk's view of one worker, for pool.c and pool_slot.c. */
#pragma once
#include "base/buf.h"
#include "guard/control.h"
#include "guard/pool.h"
#include "wire/frames.h"

#include <sys/types.h>

enum {
    WORKERS_MAX = 64,
    INBOX = 128 << 10,
    WHY_MAX = 600,
    FAILED_STARTS_MAX = 3,
    START_MS = 20000,   /* for head and first worker */
    GRACE_US = 1000000, /* between being told to end and being given up */
};

enum slot_state { SLOT_ABSENT, SLOT_FORKING, SLOT_GREETING, SLOT_IDLE, SLOT_BUSY };

struct slot {
    enum slot_state state;
    uint32_t id;      /* of this worker, never used again */
    int fd, messages; /* -1: none */
    bool waits_for_room;
    struct frames_in *in;
    uint64_t deadline_us; /* FORKING, GREETING, BUSY */

    /* the job, while BUSY */
    struct sink sink;
    void (*done)(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                 const char *why);
    void *host;
    struct buf names; /* name and declared type, for a root part on its behalf */
    size_t name_len;
    uint64_t size, started_us;
    struct buf out; /* the request; bytes from out_at on are not sent yet */
    size_t out_at;
    int body_fd; /* goes with the first byte; -1: none */
    bool timed_out;
};

struct pool {
    struct pool_settings settings;
    int control, events; /* events: epoll over all sockets; data: slot << 32 | id */
    pid_t head;
    struct slot slots[WORKERS_MAX];
    uint32_t last_id;
    unsigned failed_starts;
    bool ready;
    bool broken;
    struct err why; /* when broken */
    uint8_t *inbox; /* INBOX */
};

void pool_break(struct pool *p, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void slot_fork(struct pool *p, struct slot *s);
void slot_made(struct pool *p, struct slot *s, int fd, int messages);
void slot_ended(struct pool *p, struct slot *s, const struct control *c);
/* False: there is nothing to read now. */
bool slot_readable(struct pool *p, struct slot *s);
/* Sends what is left of the request. False: the worker is gone and has got none of it. */
bool slot_send(const struct pool *p, struct slot *s);
void slot_has_room(const struct pool *p, struct slot *s);
void slot_overdue(struct pool *p, struct slot *s);
/* Ends the job with what is known, without waiting. */
void slot_finish(struct pool *p, struct slot *s, enum job_end end, const struct frames_done *done,
                 const char *why);
void slot_forget(struct slot *s);
