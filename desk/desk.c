/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of the desk: to doors and keeper; see desk/desk.h. */
#include "desk/desk_private.h"
#include "os/log.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKERS_MOST = 64, DOOR_QUEUE = 32 << 20, KEEPER_QUEUE = 64 << 20 };

/* --- what is said to doors */

static void close_link(struct link *l)
{
    struct desk *d = l->desk;
    struct link **at = &d->links;
    while (*at && *at != l)
        at = &(*at)->next;
    if (*at)
        *at = l->next;
    job_forget_link(d, l);
    for (size_t i = 0; i < FETCHES; i++)
        if (d->fetches[i].link == l)
            d->fetches[i].link = NULL;
    channel_drop(&l->channel);
    free(l);
    desk_maybe_stopped(d);
}

/* A door that does not read what it is told is of no use: it is closed, and asks a new desk. */
static void cut(struct link *l, const char *why)
{
    log_line(LOG_LEVEL_WARNING, "a door is shut out: %s", why);
    close_link(l);
}

void desk_send_answer(struct link *to, const struct gate_answer *a)
{
    struct desk *d = to->desk;
    buf_clear(&d->out);
    bool good = gate_put_answer(&d->out, a);
    if (!good) { /* without the report, which may be too large */
        struct gate_answer less = *a;
        less.report = (slice){ 0 };
        good = gate_put_answer(&d->out, &less);
    }
    CHECK(good || d->out.full);
    int rc = good ? channel_send(to->channel, GATE_ANSWER, buf_slice(&d->out), -1) : -ENOMEM;
    d->counts.answered += rc == 0;
    if (rc && rc != -EPIPE) /* gone: the loop says so */
        cut(to, "it does not read its answers");
}

void desk_tell_state(struct desk *d, struct link *only)
{
    const struct gate_state s = { .ready = d->pool != NULL,
                                  .version = SLICE_LIT(SEKISHO_VERSION_TEXT),
                                  .rules = rules_digest(d->knowledge->book.rules),
                                  .queued = d->n_queued,
                                  .workers = d->workers };
    buf_clear(&d->out);
    if (!gate_put_state(&d->out, &s))
        return;
    for (struct link *l = d->links; l; l = l->next)
        if ((!only || l == only) &&
            channel_send(l->channel, GATE_STATE, buf_slice(&d->out), -1) == -ENOBUFS)
            log_line(LOG_LEVEL_WARNING, "a door does not hear what state the desk is in");
}

static void send_fetched(struct link *to, const struct gate_fetched *f)
{
    struct desk *d = to->desk;
    buf_clear(&d->out);
    const struct gate_fetched none = { .id = f->id }; /* one that is too large is not handed out */
    int rc = gate_put_fetched(&d->out, f) || gate_put_fetched(&d->out, &none)
                 ? channel_send(to->channel, GATE_FETCHED, buf_slice(&d->out), -1)
                 : -ENOMEM;
    if (rc && rc != -EPIPE)
        log_line(LOG_LEVEL_WARNING, "a report cannot be handed to a door");
}

static bool fetch(struct link *from, slice payload)
{
    struct desk *d = from->desk;
    struct gate_fetch f;
    size_t i = 0;
    if (!gate_read_fetch(payload, &f))
        return false;
    if (slice_is(f.reference, "metrics")) {
        struct buf text = buf_new(1 << 16);
        desk_put_metrics(d, &text);
        send_fetched(from, &(struct gate_fetched){ f.id, true, buf_slice(&text) });
        buf_drop(&text);
        return true;
    }
    while (i < FETCHES && d->fetches[i].link)
        i++;
    const struct keep_get get = { .id = i + 1, .reference = f.reference };
    buf_clear(&d->out);
    if (i < FETCHES && d->keeper && keep_put_get(&d->out, &get) &&
        channel_send(d->keeper, KEEP_GET, buf_slice(&d->out), -1) == 0) {
        d->fetches[i].link = from;
        d->fetches[i].id = f.id;
    } else {
        send_fetched(from, &(struct gate_fetched){ .id = f.id });
    }
    return true;
}

/* --- what doors say */

static bool from_door(void *host, uint8_t word, slice payload, int fd)
{
    struct link *l = host;
    uint64_t id;
    bool good = false;
    if (word == GATE_SCAN)
        return job_take(l, payload, fd);
    if (word == GATE_CANCEL && (good = gate_read_cancel(payload, &id)))
        job_cancel(l, id);
    else if (word == GATE_FETCH)
        good = fetch(l, payload);
    if (fd >= 0)
        (void)close(fd);
    return good && fd < 0;
}

static void door_closed(void *host, const char *why)
{
    struct link *l = host;
    log_line(LOG_LEVEL_DEBUG, "a door is gone: %s", why);
    close_link(l);
}

int desk_add_door(struct desk *d, int fd, struct err *err_out)
{
    static const struct channel_limits limits = { GATE_PAYLOAD_MAX, DOOR_QUEUE };
    struct link *l = calloc(1, sizeof *l);
    const struct channel_events events = { l, from_door, door_closed };
    int rc = l ? channel_new(d->loop, fd, &limits, &events, &l->channel, err_out)
               : err_set(err_out, -ENOMEM, "out of memory");
    if (rc) {
        (void)close(fd);
        free(l);
        return rc;
    }
    l->desk = d;
    l->next = d->links;
    d->links = l;
    desk_tell_state(d, l);
    return 0;
}

/* --- the keeper */

static bool got(struct desk *d, slice payload)
{
    struct keep_got g;
    if (!keep_read_got(payload, &g) || g.id < 1 || g.id > FETCHES)
        return false;
    struct fetch *f = &d->fetches[g.id - 1];
    if (f->link) {
        struct link *l = f->link;
        f->link = NULL;
        send_fetched(l, &(struct gate_fetched){ f->id, g.found, g.report });
    }
    return true;
}

static bool from_keeper(void *host, uint8_t word, slice payload, int fd)
{
    struct desk *d = host;
    struct keep_kept k;
    if (fd >= 0)
        (void)close(fd);
    if (word == KEEP_KEPT && keep_read_kept(payload, &k))
        job_kept(d, &k);
    else if (word != KEEP_GOT || !got(d, payload))
        return false;
    return fd < 0;
}

static void lose_keeper(struct desk *d)
{
    channel_drop(&d->keeper);
    for (size_t i = 0; i < FETCHES; i++) {
        struct link *l = d->fetches[i].link;
        d->fetches[i].link = NULL;
        if (l)
            send_fetched(l, &(struct gate_fetched){ .id = d->fetches[i].id });
    }
}

static void keeper_closed(void *host, const char *why)
{
    struct desk *d = host;
    log_line(LOG_LEVEL_WARNING, "the keeper is gone: %s", why);
    lose_keeper(d);
}

int desk_set_keeper(struct desk *d, int fd, struct err *err_out)
{
    static const struct channel_limits limits = { KEEP_PAYLOAD_MAX, KEEPER_QUEUE };
    const struct channel_events events = { d, from_keeper, keeper_closed };
    if (d->keeper)
        lose_keeper(d);
    int rc = channel_new(d->loop, fd, &limits, &events, &d->keeper, err_out);
    if (rc)
        (void)close(fd);
    else
        job_keeper_came(d);
    return rc;
}

/* --- beginning and end */

int desk_new(struct loop *l, const struct desk_settings *s, struct desk **out, struct err *err_out)
{
    struct desk *d = calloc(1, sizeof *d);
    struct job **jobs = calloc(JOBS_MAX, sizeof *jobs);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (!d || !jobs) {
        free(d);
        free(jobs);
        return err_set(err_out, -ENOMEM, "out of memory");
    }
    *d = (struct desk){ .loop = l,
                        .options = s->options,
                        .knowledge = s->knowledge,
                        .today_knowledge = *s->knowledge,
                        .worker = s->worker,
                        .stopped = s->stopped,
                        .host = s->host,
                        .jobs = jobs,
                        .random_at = RANDOM_BYTES,
                        .out = buf_new(KEEP_PAYLOAD_MAX) };
    d->workers = s->options->workers    ? s->options->workers
                 : cores < 1            ? 1
                 : cores > WORKERS_MOST ? WORKERS_MOST
                                        : (unsigned)cores;
    clock_date_jst(d->today);
    knowledge_set_today(&d->today_knowledge, d->today);
    int rc = desk_pool_start(d, err_out);
    if (rc)
        desk_drop(&d);
    else
        *out = d;
    return rc;
}

void desk_drop(struct desk **dp)
{
    struct desk *d = *dp;
    *dp = NULL;
    if (!d)
        return;
    d->over = true;
    while (d->links)
        close_link(d->links);
    if (d->keeper)
        channel_drop(&d->keeper);
    desk_pool_stop(d);
    loop_cancel(d->loop, &d->pool_retry);
    loop_cancel(d->loop, &d->linger);
    job_drop_all(d);
    buf_drop(&d->out);
    free(d->jobs);
    free(d);
}

static void lingered(struct loop_timer *t)
{
    struct desk *d = t->host;
    if (d->n_used && loop_after(d->loop, t, d->linger_us))
        return;
    while (d->links)
        close_link(d->links);
    desk_maybe_stopped(d);
}

void desk_stop(struct desk *d, uint32_t linger_ms)
{
    d->stopping = true;
    d->linger_us = linger_ms * UINT64_C(1000);
    if (!d->linger.place)
        d->linger = (struct loop_timer){ .due = lingered, .host = d };
    if (!loop_after(d->loop, &d->linger, d->linger_us))
        lingered(&d->linger);
    desk_maybe_stopped(d);
}

void desk_maybe_stopped(struct desk *d)
{
    if (!d->stopping || d->over || d->n_used || d->links)
        return;
    d->over = true;
    loop_cancel(d->loop, &d->linger);
    d->stopped(d->host);
}

struct desk_counts desk_counts(const struct desk *d)
{
    return d->counts;
}
