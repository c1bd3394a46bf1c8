/* SPDX-License-Identifier: Apache-2.0 */
/* feed - the one loop around the pool: starts it with the worker program beside
 * this one, hands over jobs as workers become free, and waits for answers. */
#pragma once
#include "guard/pool.h"
#include "programs/cli/cli.h"

#include <signal.h>

struct feed {
    struct pool *pool;
    const volatile sig_atomic_t *stop; /* set by a signal handler; NULL: nothing stops it */
};

/* `settings` without the worker's path; `program` is its file name. */
int feed_open(struct feed *f, const struct cli *cli, const char *program, const struct pool_settings *settings, struct err *err_out) MUST_USE;
void feed_close(struct feed *f);

/* Both run sinks and done() of the jobs that have answered, and give -EINTR when
 * stopped. feed_submit() returns when a worker has taken the job. */
int feed_submit(struct feed *f, const struct pool_job *job, struct err *err_out) MUST_USE;
/* Waits until `enough`, which is asked before each wait, says true. */
int feed_until(struct feed *f, bool (*enough)(void *host), void *host, struct err *err_out) MUST_USE;
