/* SPDX-License-Identifier: Apache-2.0 */
/* One object's way: asked, queued, in work, judged, kept, answered. See desk/desk.h.
 *
 * The request's bytes are copied once, as they come: the queue, a second try after the pool has
 * died, and the keeper need them. Beyond that nothing is copied: texts of answers and entries lie
 * in the job's arena or in those bytes. */
#include "desk/desk_private.h"
#include "os/file.h"
#include "os/log.h"
#include "os/random.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { REPORT_MAX = 64 << 20, REPORT_KEPT = 1 << 20, TURN_BITS = 16 };

static void kept_too_late(struct loop_timer *t);

/* --- jobs come and go */

static struct job *new_job(struct desk *d)
{
    struct job *j = d->free_jobs;
    if (j) {
        d->free_jobs = j->next;
        d->n_free--;
    } else {
        if (d->n_jobs == JOBS_MAX || !(j = calloc(1, sizeof *j)))
            return NULL;
        *j = (struct job){ .desk = d,
                           .place = d->n_jobs,
                           .payload = buf_new(GATE_PAYLOAD_MAX),
                           .report = buf_new(REPORT_MAX),
                           .put = buf_new(KEEP_PAYLOAD_MAX),
                           .timer = { .due = kept_too_late, .host = j } };
        d->jobs[d->n_jobs++] = j;
    }
    if (!j->words)
        j->words = arena_new(WORDS_MEMORY);
    if (!j->mem)
        j->mem = arena_new(RECORD_MEMORY);
    if (!j->mem || !j->words) {
        j->next = d->free_jobs;
        d->free_jobs = j;
        d->n_free++;
        return NULL;
    }
    j->next = NULL;
    j->turn++;
    j->fd = -1;
    j->tries = 0;
    d->n_used++;
    return j;
}

static void free_job(struct job *j)
{
    struct desk *d = j->desk;
    if (j->fd >= 0)
        (void)close(j->fd);
    j->fd = -1;
    loop_cancel(d->loop, &j->timer);
    buf_clear(&j->payload);
    buf_clear(&j->report);
    buf_clear(&j->put);
    if (j->put.room > KEPT_PAYLOAD || d->n_free >= KEPT_ARENAS)
        buf_drop(&j->put);
    if (j->payload.room > KEPT_PAYLOAD || d->n_free >= KEPT_ARENAS)
        buf_drop(&j->payload);
    if (j->report.room > REPORT_KEPT || d->n_free >= KEPT_ARENAS)
        buf_drop(&j->report);
    if (d->n_free >= KEPT_ARENAS) {
        arena_drop(&j->mem);
        arena_drop(&j->words);
    } else {
        arena_reset(j->mem);
        arena_reset(j->words);
    }
    j->record = (struct record){ 0 };
    j->link = NULL;
    j->state = JOB_FREE;
    j->next = d->free_jobs;
    d->free_jobs = j;
    d->n_free++;
    d->n_used--;
    desk_maybe_stopped(d);
}

void job_drop_all(struct desk *d)
{
    for (uint32_t i = 0; i < d->n_jobs; i++) {
        struct job *j = d->jobs[i];
        loop_cancel(d->loop, &j->timer);
        if (j->fd >= 0)
            (void)close(j->fd);
        buf_drop(&j->payload);
        buf_drop(&j->report);
        buf_drop(&j->put);
        arena_drop(&j->mem);
        arena_drop(&j->words);
        free(j);
    }
    d->n_jobs = d->n_free = 0;
    d->free_jobs = NULL;
}

static void say_trouble(struct link *to, uint64_t id, const char *why)
{
    const struct gate_request q = { .id = id };
    struct arena *mem = arena_new(1 << 16);
    struct gate_answer a;
    if (mem && outcome_trouble(&q, to->desk->options->trouble, why, mem, &a))
        desk_send_answer(to, &a);
    arena_drop(&mem);
}

static void give_up(struct job *j, const char *why)
{
    j->desk->counts.troubles++;
    if (j->link)
        say_trouble(j->link, j->request.id, why);
    free_job(j);
}

/* --- the queue */

static void put_in_queue(struct job *j, bool first)
{
    struct desk *d = j->desk;
    j->state = JOB_QUEUED;
    j->next = first ? d->queue : NULL;
    if (first)
        d->queue = j;
    else if (d->queue)
        d->queue_end->next = j;
    else
        d->queue = j;
    if (!j->next)
        d->queue_end = j;
    d->n_queued++;
    d->queued_bytes += j->request.size;
}

static void take_from_queue(struct job *j, struct job *before)
{
    struct desk *d = j->desk;
    if (before)
        before->next = j->next;
    else
        d->queue = j->next;
    if (d->queue_end == j)
        d->queue_end = before;
    j->next = NULL;
    d->n_queued--;
    d->queued_bytes -= j->request.size;
}

static struct sink record_anew(struct job *j)
{
    j->record = (struct record){ 0 };
    record_init(&j->record, j->mem);
    return record_sink(&j->record);
}

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why);

static int submit(struct job *j, struct err *err_out)
{
    const struct gate_request *q = &j->request;
    struct pool_hint hints[GATE_PASSWORDS_MAX];
    for (size_t i = 0; i < q->n_passwords; i++)
        hints[i] = (struct pool_hint){ q->passwords[i], 0 };
    const struct pool_job job = { .name = q->name,
                                  .declared = q->direction == GATE_FILE
                                                  ? (slice){ 0 }
                                                  : SLICE_LIT("message/rfc822"),
                                  .body = q->body,
                                  .fd = j->fd,
                                  .size = q->size,
                                  .hints = hints,
                                  .n_hints = q->n_passwords,
                                  .sink = record_anew(j),
                                  .done = on_done,
                                  .host = j };
    j->state = JOB_RUNNING;
    int rc = pool_submit(j->desk->pool, &job, err_out);
    if (rc)
        j->state = JOB_QUEUED;
    return rc;
}

void job_pump(struct desk *d)
{
    struct err e;
    while (d->queue && d->pool) {
        struct job *j = d->queue;
        int rc = submit(j, &e);
        if (rc == -EAGAIN || (rc && pool_is_broken(d->pool)))
            break; /* a worker will be free; or the next step says what is the matter */
        take_from_queue(j, NULL);
        if (rc) {
            log_line(LOG_LEVEL_WARNING, "%s", e.text);
            give_up(j, "the object cannot be handed to a worker");
        }
    }
    desk_pool_arm(d);
}

static bool fits(const struct job *j)
{
    const struct desk *d = j->desk;
    return d->n_queued < d->options->queue_objects &&
           d->n_used <=
               d->options->queue_objects + d->workers && /* with those that wait to be kept */
           (d->n_queued == 0 ||
            (d->queued_bytes <= d->options->queue_bytes && /* the first, and those that came back */
             j->request.size <= d->options->queue_bytes - d->queued_bytes));
}

/* The file is as large as was said, or the worker would read past its end. One that a client lent
 * to the door may have been cut meanwhile: that is no fault of the door's. */
static bool is_whole(const struct job *j)
{
    struct file_facts facts;
    return !j->request.has_fd ||
           (file_facts(j->fd, &facts, NULL) == 0 && facts.regular &&
           facts.size >= j->request.size && j->request.size <= INT64_MAX);
}

/* Before it is put in the queue. NULL: it may be. */
static const char *why_not(struct desk *d, const struct job *j)
{
    if (!is_whole(j))
        return "the file that was handed over is shorter than was said, or is none";
    if (fits(j))
        return NULL;
    d->counts.overloaded++;
    return "overloaded: too many objects wait";
}

bool job_take(struct link *from, slice payload, int fd)
{
    struct desk *d = from->desk;
    struct job *j = new_job(d);
    d->counts.taken++;
    if (!j) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    j->fd = fd;
    j->link = from;
    buf_put(&j->payload, payload);
    bool good = !j->payload.full &&
                gate_read_request(buf_slice(&j->payload), j->words, &j->request) &&
                j->request.has_fd == (j->fd >= 0);
    const char *why = good ? why_not(d, j) : "";
    if (why) {
        uint64_t id = good ? j->request.id : 0;
        j->link = NULL;
        free_job(j);
        if (good) /* last: it may end the channel */
            say_trouble(from, id, why);
        return good;
    }
    put_in_queue(j, false);
    job_pump(d);
    return true;
}

/* --- nobody waits any more */

void job_cancel(struct link *from, uint64_t id)
{
    struct desk *d = from->desk;
    for (struct job *j = d->queue, *before = NULL; j; before = j, j = j->next)
        if (j->link == from && j->request.id == id) {
            take_from_queue(j, before);
            d->counts.cancelled++;
            free_job(j);
            return;
        }
    for (uint32_t i = 0; i < d->n_jobs; i++) {
        struct job *j = d->jobs[i];
        if (j->state != JOB_FREE && j->link == from && j->request.id == id) {
            j->link = NULL;
            d->counts.cancelled++;
        }
    }
}

void job_forget_link(struct desk *d, const struct link *gone)
{
    for (struct job *j = d->queue, *before = NULL, *next; j; j = next) {
        next = j->next;
        if (j->link == gone) {
            take_from_queue(j, before);
            free_job(j);
        } else {
            before = j;
        }
    }
    for (uint32_t i = 0; i < d->n_jobs; i++)
        if (d->jobs[i]->link == gone)
            d->jobs[i]->link = NULL;
}

/* --- judged */

/* A record without any part: the worker died before it said a word. */
static void complete(struct job *j, enum job_end end, const char *why)
{
    if (j->record.n_parts)
        return;
    struct sink sink = record_sink(&j->record);
    sink.part(sink.host, &(struct part){ .parent = NO_ID,
                                         .how = HOW_FILE,
                                         .name = j->request.name,
                                         .type = SLICE_LIT("data"),
                                         .size = j->request.size,
                                         .end = end == JOB_TIMEOUT ? WALK_TIMEOUT : WALK_CRASHED,
                                         .closed = true });
    sink.unread(sink.host, &(struct unread){ UNREAD_CRASHED, 0, UNREAD_OF_PROCESS, slice_of(why) });
}

static void number_it(struct job *j)
{
    struct desk *d = j->desk;
    if (d->random_at + 5 > RANDOM_BYTES) {
        random_fill(d->random, RANDOM_BYTES);
        d->random_at = 0;
    }
    clock_date_jst(d->today);
    outcome_reference(d->today, d->random + d->random_at, j->reference);
    d->random_at += 5;
}

static void write_report(struct job *j, const struct judgement *v, enum deed deed, uint64_t cpu_us,
                         uint64_t elapsed_us)
{
    static const slice directions[] = { SLICE_INIT("in"), SLICE_INIT("out"), SLICE_INIT("file") };
    const struct desk *d = j->desk;
    const struct gate_request *q = &j->request;
    char now[CLOCK_STAMP_BYTES];
    clock_stamp_utc(now);
    const struct report_context context = { .reference = slice_of(j->reference),
                                            .time = slice_of(now),
                                            .deed = slice_of(deed_name(deed)),
                                            .door = q->door,
                                            .direction = directions[q->direction],
                                            .client_address = q->client_address,
                                            .client_name = q->client_name,
                                            .helo = q->helo,
                                            .tls = q->tls,
                                            .user = q->user,
                                            .queue_id = q->queue_id,
                                            .sender = q->sender,
                                            .recipients = q->recipients,
                                            .n_recipients = q->n_recipients };
    const struct report_meta meta = { .path = q->name.len ? q->name : SLICE_LIT("-"),
                                      .size = q->size,
                                      .version = SLICE_LIT(SEKISHO_VERSION_TEXT),
                                      .settings = slice_of(d->knowledge->context.digest),
                                      .elapsed_us = elapsed_us,
                                      .cpu_us = cpu_us,
                                      .context = &context };
    const struct report_input in = { &j->record, v, d->knowledge->book.rules,
                                     &d->today_knowledge.context.policy, &meta };
    report_json(&j->report, &in);
}

/* Of a file that a program asks about the verdict is told; it stays where it is. */
static bool is_vaulted(const struct options *o, const struct gate_request *q, enum deed deed)
{
    return o->vault && q->direction != GATE_FILE && (deed == DEED_HOLD || deed == DEED_REJECT);
}

/* Whether the door may hear of it only when it is on disk. */
static bool is_promise(const struct options *o, const struct gate_request *q, enum deed deed)
{
    return o->store_always || is_vaulted(o, q, deed) ||
           (deed == DEED_HOLD && q->direction != GATE_FILE);
}

static int send_put(struct job *j, const struct buf *put)
{
    int rc = channel_send(j->desk->keeper, KEEP_PUT, buf_slice(put), j->put_fd ? j->fd : -1);
    if (rc)
        log_line(LOG_LEVEL_WARNING, "the keeper does not take the record of %s: %s", j->reference,
                 strerror(-rc));
    return rc;
}

/* What is promised waits for a keeper that is begun again; it keeps each reference once. */
static bool give_to_keeper(struct job *j, const struct outcome *o, bool promise)
{
    struct desk *d = j->desk;
    struct keep_put put;
    struct buf *out = promise ? &j->put : &d->out;
    if ((!d->keeper && !promise) || !outcome_keep(o, j->words, &put))
        return false;
    put.id = (uint64_t)j->turn << TURN_BITS | j->place;
    put.time_ms = clock_ms_utc();
    put.vault = is_vaulted(d->options, o->request, o->deed);
    if (!put.vault) {
        put.body = (slice){ 0 };
        put.has_fd = false;
    }
    if (put.report.len > KEEP_REPORT_MAX)
        put.report = (slice){ 0 };
    j->put_fd = put.has_fd;
    buf_clear(out);
    if (!keep_put_put(out, &put))
        return false;
    int rc = d->keeper ? send_put(j, out) : -EPIPE;
    return rc == 0 || (promise && rc == -EPIPE);
}

static void count(struct desk *d, uint64_t cpu_us, uint64_t elapsed_us)
{
    size_t i = 0;
    while (i + 1 < DESK_TIMES && elapsed_us > desk_time_ms[i] * UINT64_C(1000))
        i++;
    d->counts.times[i]++;
    d->counts.elapsed_us += elapsed_us;
    d->counts.cpu_us += cpu_us;
}

static void finish(struct job *j)
{
    j->desk->counts.verdicts[j->answer.verdict]++;
    j->desk->counts.deeds[j->answer.deed]++;
    if (j->link)
        desk_send_answer(j->link, &j->answer);
    free_job(j);
}

static void judged(struct job *j, uint64_t cpu_us, uint64_t elapsed_us)
{
    struct desk *d = j->desk;
    const struct options *o = d->options;
    const struct gate_request *q = &j->request;
    number_it(j);
    count(d, cpu_us, elapsed_us);
    const struct judgement v = knowledge_judge(&d->today_knowledge, &j->record, j->mem);
    enum deed deed =
        deed_of(&o->deeds, deed_case_of(&v, &j->record), q->recipients, q->n_recipients);
    if (o->store || q->want_report)
        write_report(j, &v, deed, cpu_us, elapsed_us);
    const struct outcome out = { q,
                                 &j->record,
                                 &v,
                                 deed,
                                 slice_of(j->reference),
                                 j->report.full ? (slice){ 0 } : buf_slice(&j->report) };
    if (!outcome_answer(&out, j->words, &j->answer)) {
        give_up(j, "out of memory");
        return;
    }
    bool promise = is_promise(o, q, deed), given = o->store && give_to_keeper(j, &out, promise);
    if (promise &&
        (!given || !loop_after(d->loop, &j->timer, o->store_timeout_ms * UINT64_C(1000)))) {
        give_up(j, "the record cannot be kept now");
    } else if (promise) {
        j->state = JOB_KEEPING;
    } else {
        d->counts.unrecorded += o->store && !given;
        finish(j);
    }
}

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why)
{
    struct job *j = host;
    struct desk *d = j->desk;
    if (d->over) {
        free_job(j);
    } else if (end == JOB_LOST && ++j->tries < TRIES) { /* not its fault */
        arena_reset(j->mem);
        put_in_queue(j, true);
    } else if (end == JOB_LOST) {
        give_up(j, "the workers are away");
    } else if (!j->link) { /* nobody waits: nothing was promised */
        free_job(j);
    } else {
        complete(j, end, why);
        judged(j, cpu_us, elapsed_us);
    }
}

/* --- kept */

void job_kept(struct desk *d, const struct keep_kept *k)
{
    uint32_t place = (uint32_t)(k->id & ((1U << TURN_BITS) - 1));
    struct job *j = place < d->n_jobs ? d->jobs[place] : NULL;
    if (k->error)
        log_line(LOG_LEVEL_ERROR, "the keeper could not keep a record: %s", strerror(-k->error));
    if (!j || j->state != JOB_KEEPING || ((uint64_t)j->turn << TURN_BITS | place) != k->id) {
        d->counts.unrecorded += k->error != 0;
        return; /* it was answered without, or too late */
    }
    if (k->error)
        give_up(j, k->error == -ENOSPC ? "the record cannot be kept: the disk is full"
                                       : "the record cannot be kept now");
    else
        finish(j);
}

static void kept_too_late(struct loop_timer *t)
{
    struct job *j = t->host;
    give_up(j, "the keeper does not answer");
}

void job_keeper_came(struct desk *d)
{
    for (uint32_t i = 0; i < d->n_jobs && d->keeper; i++)
        if (d->jobs[i]->state == JOB_KEEPING && send_put(d->jobs[i], &d->jobs[i]->put) == -ENOBUFS)
            give_up(d->jobs[i], "the record cannot be kept now");
}
