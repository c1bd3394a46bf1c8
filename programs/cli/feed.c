/* SPDX-License-Identifier: Apache-2.0 */
/* feed - see feed.h. */
#include "programs/cli/feed.h"
#include "os/folder.h"

#include <errno.h>

enum { STEP_MS = 200 }; /* how late a signal that came between two waits may be noticed */

int feed_open(struct feed *f, const struct cli *cli, const char *program,
              const struct pool_settings *settings, struct err *err_out)
{
    char worker[PATH_BYTES_MAX];
    struct pool_settings s = *settings;
    if (!cli_beside(program, worker, sizeof worker))
        return cli_err(err_out, -ENOENT, cli->language, MSG_DOCTOR_MISSING, program, NULL);
    s.worker = worker;
    s.allow_weak_jail = true; /* `sekisho doctor` says what is missing */
    return pool_start(&s, &f->pool, err_out);
}

void feed_close(struct feed *f)
{
    if (f->pool)
        pool_stop(&f->pool);
}

static int step(struct feed *f, struct err *err_out)
{
    if (f->stop && *f->stop)
        return err_set(err_out, -EINTR, "interrupted");
    return pool_wait(f->pool, STEP_MS, err_out);
}

int feed_submit(struct feed *f, const struct pool_job *job, struct err *err_out)
{
    int r;
    while ((r = pool_submit(f->pool, job, err_out)) == -EAGAIN)
        if ((r = step(f, err_out)) < 0)
            break;
    return r;
}

int feed_until(struct feed *f, bool (*enough)(void *host), void *host, struct err *err_out)
{
    int r = 0;
    while (r == 0 && !enough(host))
        r = step(f, err_out);
    return r;
}
