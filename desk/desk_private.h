/* SPDX-License-Identifier: Apache-2.0 */
/* desk_private - one object's way over the desk, for desk.c, desk_job.c and desk_pool.c. */
#pragma once
#include "desk/desk.h"
#include "desk/outcome.h"
#include "guard/pool.h"
#include "os/channel.h"
#include "os/clock.h"

enum {
    RECORD_MEMORY = 96 << 20, /* as the command line gives */
    WORDS_MEMORY = 4 << 20,
    JOBS_MAX = 10100, /* queue.objects at most, and those in work */
    KEPT_ARENAS = 96, /* of free jobs; the others' are given back */
    KEPT_PAYLOAD = 300 << 10,
    FETCHES = 64,
    TRIES = 2,
    RANDOM_BYTES = 640,
    POOL_RETRY_US = 100000,
    POOL_RETRY_MAX_US = 5000000,
};

/* A door's channel. Freed when it is closed and no job speaks of it any more. */
struct link {
    struct desk *desk;
    struct channel *channel;
    struct link *next;
};

enum job_state { JOB_FREE, JOB_QUEUED, JOB_RUNNING, JOB_KEEPING };

struct job {
    struct desk *desk;
    struct link *link; /* NULL: nobody waits for it */
    enum job_state state;
    uint32_t place, turn; /* in desk.jobs; how often this place was used */
    struct job *next;     /* in the queue, or among the free */
    struct buf payload;
    int fd;
    struct gate_request request; /* of the payload */
    struct arena
        *words;        /* request's lists, answer, entry: apart, as a hostile object may fill mem */
    struct arena *mem; /* of the record */
    struct record record;
    unsigned tries;
    char reference[GATE_REFERENCE];
    struct gate_answer answer; /* while JOB_KEEPING */
    struct buf report;
    struct buf put; /* while JOB_KEEPING: the entry, for a keeper that is begun again */
    bool put_fd;    /* the descriptor goes with it */
    struct loop_timer timer; /* while JOB_KEEPING */
};

struct desk {
    struct loop *loop;
    const struct options *options;
    const struct knowledge *knowledge;
    struct knowledge today_knowledge; /* the same with the day of now */
    const char *worker;
    void (*stopped)(void *host);
    void *host;

    struct pool *pool; /* NULL: being started again */
    struct loop_watch pool_watch;
    struct loop_timer pool_timer, pool_retry;
    uint64_t retry_us;
    unsigned workers;

    struct link *links;
    struct channel *keeper; /* NULL: away */

    struct job **jobs; /* JOBS_MAX */
    uint32_t n_jobs, n_used;
    struct job *free_jobs;
    unsigned n_free;
    struct job *queue, *queue_end;
    uint32_t n_queued;
    uint64_t queued_bytes;

    struct fetch {
        struct link *link; /* NULL: free */
        uint64_t id;
    } fetches[FETCHES];

    struct buf out; /* one message at a time */
    uint8_t random[RANDOM_BYTES];
    size_t random_at;
    char today[CLOCK_DATE_BYTES];

    bool stopping, over;
    struct loop_timer linger;
    uint64_t linger_us;
    struct desk_counts counts;
};

/* desk.c */
void desk_send_answer(struct link *to, const struct gate_answer *a);
void desk_tell_state(struct desk *d, struct link *only);
void desk_maybe_stopped(struct desk *d);
/* desk_job.c */
bool job_take(struct link *from, slice payload, int fd);
void job_cancel(struct link *from, uint64_t id);
void job_forget_link(struct desk *d, const struct link *gone);
void job_kept(struct desk *d, const struct keep_kept *k);
void job_keeper_came(struct desk *d);
void job_pump(struct desk *d); /* from the queue to the workers */
void job_drop_all(struct desk *d);
/* desk_pool.c */
int desk_pool_start(struct desk *d, struct err *err_out) MUST_USE;
void desk_pool_arm(struct desk *d); /* after every call that may have moved its time */
void desk_pool_stop(struct desk *d);
