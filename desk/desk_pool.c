/* SPDX-License-Identifier: Apache-2.0 */
/* The pool under the desk's loop: driven by its descriptor and its times, started again when its
 * head has died. */
#include "desk/desk_private.h"
#include "os/log.h"

#include <unistd.h>

static void restart_later(struct desk *d)
{
    CHECK(
        loop_after(d->loop, &d->pool_retry, d->retry_us)); /* a desk without a clock is restarted */
    d->retry_us = d->retry_us ? d->retry_us * 2 : POOL_RETRY_US;
    if (d->retry_us > POOL_RETRY_MAX_US)
        d->retry_us = POOL_RETRY_MAX_US;
}

static void broken(struct desk *d, const struct err *e)
{
    log_line(LOG_LEVEL_ERROR, "%s", e->text);
    desk_pool_stop(d); /* jobs of it come back to the queue, or are given up */
    desk_tell_state(d, NULL);
    restart_later(d);
}

static void step(struct desk *d)
{
    struct err e = { 0 };
    if (!d->pool)
        return;
    if (pool_step(d->pool, &e) < 0) {
        broken(d, &e);
        return;
    }
    job_pump(d);
    desk_pool_arm(d);
}

static void pool_ready(struct loop_watch *w, unsigned events)
{
    (void)events;
    step(w->host);
}

static void pool_due(struct loop_timer *t)
{
    step(t->host);
}

/* Times mostly move back, as each job has one: the timer is set only when it would come too late.
 */
void desk_pool_arm(struct desk *d)
{
    uint64_t due = d->pool ? pool_due_us(d->pool) : UINT64_MAX, now;
    if (due == UINT64_MAX || (d->pool_timer.place && d->pool_timer.at_us <= due))
        return;
    now = clock_us();
    CHECK(loop_after(d->loop, &d->pool_timer, due > now ? due - now : 0));
}

static void pool_again(struct loop_timer *t)
{
    struct desk *d = t->host;
    struct err e = { 0 };
    if (d->over)
        return;
    d->counts.pool_restarts++;
    if (desk_pool_start(d, &e) < 0) {
        log_line(LOG_LEVEL_ERROR, "%s", e.text);
        restart_later(d);
        return;
    }
    log_line(LOG_LEVEL_NOTICE, "the workers are back");
    desk_tell_state(d, NULL);
    job_pump(d);
    desk_pool_arm(d);
}

int desk_pool_start(struct desk *d, struct err *err_out)
{
    const struct options *o = d->options;
    const struct pool_settings s = { .worker = d->worker,
                                     .workers = d->workers,
                                     .rules_fd = d->knowledge->book.fd,
                                     .objects = o->objects,
                                     .timeout_ms = o->timeout_ms,
                                     .allow_weak_jail = o->allow_weak_jail };
    d->pool_retry =
        (struct loop_timer){ .due = pool_again, .host = d, .place = d->pool_retry.place };
    d->pool_timer = (struct loop_timer){
        .due = pool_due, .host = d, .place = d->pool_timer.place, .at_us = d->pool_timer.at_us
    };
    int rc = pool_start(&s, &d->pool, err_out);
    if (rc)
        return rc;
    d->pool_watch = (struct loop_watch){ .fd = pool_fd(d->pool), .ready = pool_ready, .host = d };
    rc = loop_add(d->loop, &d->pool_watch, LOOP_READ, err_out);
    if (rc)
        pool_stop(&d->pool);
    else
        d->retry_us = 0;
    return rc;
}

void desk_pool_stop(struct desk *d)
{
    struct pool *p = d->pool;
    if (!p)
        return;
    d->pool = NULL; /* nothing is given to it while its jobs come back */
    loop_remove(d->loop, &d->pool_watch);
    loop_cancel(d->loop, &d->pool_timer);
    pool_stop(&p);
}
