/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's side of the pool; see pool.h. One epoll(7) over the head's control
 * socket and the workers' sockets; nothing is ever waited for in between. */
#include "base/pages.h"
#include "guard/head.h"
#include "guard/pool_private.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "wire/request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NUMBER = 24, STOP_MS = 2000 };

void pool_break(struct pool *p, int code, const char *format, ...)
{
    if (p->broken)
        return;
    p->broken = true;
    p->why.code = code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(p->why.text, sizeof p->why.text, format, args);
    va_end(args);
}

/* --- starting */

/* Programs of the sanitizer builds are steered by these; nothing else is handed on. */
static void environment(char *out[3])
{
    static const char *const names[] = { "ASAN_OPTIONS=", "UBSAN_OPTIONS=" };
    size_t n = 0;
    for (char **e = environ; *e; e++)
        for (size_t i = 0; i < 2 && n < 2; i++)
            if (strncmp(*e, names[i], strlen(names[i])) == 0)
                out[n++] = *e;
    out[n] = NULL;
}

static int spawn_head(struct pool *p, int control, struct err *err_out)
{
    const struct pool_settings *s = &p->settings;
    char objects[NUMBER], timeout[NUMBER], yara[NUMBER], program[] = "sekisho-worker",
                                                         pool[] = "--pool";
    char weak[] = { s->allow_weak_jail ? '1' : '0', 0 },
         rules[] = { s->rules_fd >= 0 ? '1' : '0', 0 };
    (void)snprintf(objects, sizeof objects, "%u", s->objects);
    (void)snprintf(timeout, sizeof timeout, "%u", s->timeout_ms);
    (void)snprintf(yara, sizeof yara, "%zu", s->n_yara);
    char *argv[] = { program, pool, objects, timeout, weak, rules, yara, NULL }, *envp[3];
    environment(envp);
    size_t n = HEAD_YARA - HEAD_CONTROL + s->n_yara;
    int fds[HEAD_YARA - HEAD_CONTROL + HEAD_YARA_MAX] = { control, s->rules_fd };
    for (size_t i = 0; i < s->n_yara; i++)
        fds[2 + i] = s->yara_fds[i];
    const struct process_spawn spawn = { s->worker, argv, envp, fds, n, false };
    return process_spawn(&spawn, &p->head, err_out);
}

static int check_settings(const struct pool_settings *s, struct err *err_out)
{
    if (s->workers < 1 || s->workers > WORKERS_MAX)
        return err_set(err_out, -EINVAL, "workers: %u is not 1 to %d", s->workers, WORKERS_MAX);
    if (s->objects < 1 || s->timeout_ms < 1)
        return err_set(err_out, -EINVAL, "objects and timeout must be at least 1");
    if (s->n_yara > (size_t)HEAD_YARA_MAX)
        return err_set(err_out, -E2BIG, "more than %d YARA files", HEAD_YARA_MAX);
    return 0;
}

static int step(struct pool *p, int timeout_ms);

/* Until the first worker has locked itself in and greets. */
static int await_first(struct pool *p, struct err *err_out)
{
    uint64_t until = clock_us() + START_MS * UINT64_C(1000);
    slot_fork(p, &p->slots[0]);
    while (!p->ready && !p->broken && clock_us() < until)
        (void)step(p, START_MS);
    if (!p->ready && !p->broken)
        pool_break(p, -ETIMEDOUT, "%s: no worker after %d s", p->settings.worker, START_MS / 1000);
    if (p->broken && err_out)
        *err_out = p->why;
    return p->broken ? p->why.code : 0;
}

#define OF_CONTROL UINT64_MAX

static int watch_control(struct pool *p, struct err *err_out)
{
    struct epoll_event e = { .events = EPOLLIN, .data.u64 = OF_CONTROL };
    (void)fcntl(p->control, F_SETFL, O_NONBLOCK);
    p->events = epoll_create1(EPOLL_CLOEXEC);
    if (p->events < 0 || epoll_ctl(p->events, EPOLL_CTL_ADD, p->control, &e) < 0)
        return err_set(err_out, -errno, "cannot wait for the workers: %s", strerror(errno));
    return 0;
}

static int prepare(struct pool *p, struct err *err_out)
{
    int rc = 0;
    p->inbox = pages_new(INBOX);
    for (size_t i = 0; i < p->settings.workers && rc == 0; i++) {
        p->slots[i].out = buf_new(REQUEST_MAX);
        p->slots[i].names = buf_new(2 * REQUEST_NAME_MAX);
        rc = frames_in_new(&p->slots[i].in);
    }
    return rc || !p->inbox ? err_set(err_out, -ENOMEM, "out of memory") : 0;
}

int pool_start(const struct pool_settings *settings, struct pool **out, struct err *err_out)
{
    int sockets[2], rc = check_settings(settings, err_out);
    if (rc)
        return rc;
    struct pool *p = pages_new(sizeof *p);
    if (!p)
        return err_set(err_out, -ENOMEM, "out of memory");
    p->settings = *settings;
    p->control = p->events = -1;
    for (size_t i = 0; i < WORKERS_MAX; i++)
        p->slots[i].fd = p->slots[i].messages = p->slots[i].body_fd = -1;
    rc = prepare(p, err_out);
    if (rc == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        rc = err_set(err_out, -errno, "no socket pair: %s", strerror(errno));
    if (rc == 0) {
        rc = spawn_head(p, sockets[1], err_out);
        (void)close(sockets[1]);
        p->control = sockets[0];
    }
    if (rc == 0)
        rc = watch_control(p, err_out);
    if (rc == 0)
        rc = await_first(p, err_out);
    if (rc)
        pool_stop(&p);
    else
        *out = p;
    return rc;
}

/* --- working */

static unsigned count(const struct pool *p, enum slot_state state)
{
    unsigned n = 0;
    for (size_t i = 0; i < p->settings.workers; i++)
        n += p->slots[i].state == state && (state != SLOT_IDLE || p->slots[i].fd >= 0);
    return n;
}

unsigned pool_idle(const struct pool *p)
{
    return count(p, SLOT_IDLE);
}
unsigned pool_busy(const struct pool *p)
{
    return count(p, SLOT_BUSY);
}

/* A file is read by the worker, once and to its place: copying it into a memory file or through
 * the socket would cost more than most objects take to scan. */
static int lend_file(struct slot *s, const struct pool_job *job, struct err *err_out)
{
    struct file_facts facts;
    int rc = file_facts(job->fd, &facts, err_out);
    if (rc == 0 && facts.size < job->size)
        rc = err_set(err_out, -EIO, "the file became shorter while it was read");
    if (rc == 0 && (s->body_fd = fcntl(job->fd, F_DUPFD_CLOEXEC, 0)) < 0)
        rc = err_set(err_out, -errno, "cannot hand on the file: %s", strerror(errno));
    return rc;
}

static int encode(struct slot *s, const struct pool_job *job, struct request *r,
                  struct err *err_out)
{
    int rc = 0;
    r->size = job->fd < 0 ? job->body.len : job->size;
    r->bytes = job->fd >= 0                   ? REQUEST_FILE
               : r->size > REQUEST_INLINE_MAX ? REQUEST_SEALED
                                              : REQUEST_INSIDE;
    if (r->bytes == REQUEST_FILE)
        rc = lend_file(s, job, err_out);
    else if (r->bytes == REQUEST_SEALED)
        rc = file_sealed_bytes(job->body, &s->body_fd, err_out);
    else
        r->body = job->body;
    buf_clear(&s->out);
    s->out_at = 0;
    if (rc == 0 && !request_encode(&s->out, r))
        return err_set(err_out, -ENOMEM, "out of memory");
    return rc;
}

static void keep_names(struct slot *s, const struct request *r)
{
    buf_clear(&s->names);
    buf_put(&s->names, slice_sub(r->name, 0, REQUEST_NAME_MAX));
    s->name_len = s->names.len;
    buf_put(&s->names, slice_sub(r->declared, 0, REQUEST_NAME_MAX));
}

static int give_job(struct pool *p, struct slot *s, const struct pool_job *job, struct err *err_out)
{
    struct password hints[REQUEST_HINTS_MAX];
    struct request r = { .name = job->name,
                         .declared = job->declared,
                         .hints = hints,
                         .give = job->give,
                         .give_part = job->give_part,
                         .trace = job->trace };
    for (; r.n_hints < job->n_hints && r.n_hints < REQUEST_HINTS_MAX; r.n_hints++)
        hints[r.n_hints] =
            (struct password){ .text = job->hints[r.n_hints].password,
                               .source = (enum password_source)job->hints[r.n_hints].source };
    int rc = encode(s, job, &r, err_out);
    if (rc)
        return rc;
    keep_names(s, &r);
    s->sink = job->sink;
    if (job->give == GIVE_NONE)
        s->sink.bytes = NULL;
    frames_in_start(s->in, &s->sink);
    s->done = job->done;
    s->host = job->host;
    s->size = r.size;
    s->timed_out = false;
    s->started_us = clock_us();
    s->deadline_us = s->started_us + p->settings.timeout_ms * UINT64_C(1000);
    s->state = SLOT_BUSY;
    if (slot_send(p, s))
        return 0;
    slot_fork(p, s); /* it had died while it was idle: the job is as it was */
    return err_set(err_out, -EAGAIN, "all workers are busy");
}

int pool_submit(struct pool *p, const struct pool_job *job, struct err *err_out)
{
    struct slot *idle = NULL, *absent = NULL;
    bool more = false, coming = false;
    if (p->broken)
        return err_set(err_out, p->why.code, "%s", p->why.text);
    for (size_t i = 0; i < p->settings.workers; i++) {
        struct slot *s = &p->slots[i];
        if (s->state == SLOT_IDLE && s->fd >= 0) {
            more = idle != NULL;
            idle = idle ? idle : s;
        }
        coming |= s->state == SLOT_FORKING || s->state == SLOT_GREETING;
        if (s->state == SLOT_ABSENT && !absent)
            absent = s;
    }
    int rc =
        idle ? give_job(p, idle, job, err_out) : err_set(err_out, -EAGAIN, "all workers are busy");
    /* The last idle one has work: the next is made meanwhile. */
    if (absent && !more && !coming && (rc == 0 || rc == -EAGAIN))
        slot_fork(p, absent);
    return rc;
}

/* --- waiting */

static struct slot *slot_of(struct pool *p, uint32_t id)
{
    for (size_t i = 0; i < p->settings.workers; i++)
        if (p->slots[i].state != SLOT_ABSENT && p->slots[i].id == id)
            return &p->slots[i];
    return NULL;
}

static void head_gone(struct pool *p)
{
    struct process_end end;
    char how[64] = "no longer answers";
    if (process_wait(p->head, 100, &end) == 1) {
        process_end_text(end, how);
        p->head = 0;
    }
    pool_break(p, -EPIPE, "%s: the pool head ended: %s; start the pool again", p->settings.worker,
               how);
}

static void hear(struct pool *p, const struct control *c, const int fds[CONTROL_FDS_MAX])
{
    struct slot *s = slot_of(p, c->id);
    if (c->word == CONTROL_FAILED)
        pool_break(p, -ENOEXEC, "%s: %.*s", p->settings.worker, SLICE_FMT(c->text));
    if (c->word == CONTROL_WORKER && s && s->state == SLOT_FORKING && fds[0] >= 0 && fds[1] >= 0) {
        slot_made(p, s, fds[0], fds[1]);
        return;
    }
    if (c->word == CONTROL_ENDED && s)
        slot_ended(p, s, c);
    for (size_t i = 0; i < CONTROL_FDS_MAX; i++) /* of a worker that was given up meanwhile */
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

static void hear_all(struct pool *p)
{
    uint8_t room[CONTROL_HEAD + CONTROL_TEXT_MAX];
    int fds[CONTROL_FDS_MAX], rc = 1;
    struct control c;
    while (rc > 0 && !p->broken) {
        rc = control_receive(p->control, room, &c, fds);
        if (rc > 0)
            hear(p, &c, fds);
    }
    if (rc <= 0 && rc != -EAGAIN)
        head_gone(p);
}

/* All but those that are not there and those that idle in health. */
static bool is_timed(const struct slot *s)
{
    return s->state != SLOT_ABSENT && (s->state != SLOT_IDLE || s->fd < 0);
}

uint64_t pool_due_us(const struct pool *p)
{
    uint64_t due = p->broken ? 0 : UINT64_MAX;
    for (size_t i = 0; i < p->settings.workers; i++)
        if (is_timed(&p->slots[i]) && p->slots[i].deadline_us < due)
            due = p->slots[i].deadline_us;
    return due;
}

static int poll_timeout(const struct pool *p, int timeout_ms)
{
    uint64_t due = pool_due_us(p), now = timeout_ms && due < UINT64_MAX ? clock_us() : 0;
    if (timeout_ms == 0 || due == UINT64_MAX)
        return timeout_ms;
    uint64_t left = due > now ? (due - now) / 1000 + 1 : 0;
    if (timeout_ms < 0 || left < (uint64_t)timeout_ms)
        timeout_ms = left < INT32_MAX ? (int)left : INT32_MAX;
    return timeout_ms;
}

static void lose_all(struct pool *p)
{
    for (size_t i = 0; i < p->settings.workers; i++) {
        struct slot *s = &p->slots[i];
        while (s->state == SLOT_BUSY && s->fd >= 0 && slot_readable(p, s))
            ; /* what was answered stands */
        if (s->state == SLOT_BUSY)
            slot_finish(p, s, JOB_LOST, NULL, p->why.text);
        slot_forget(s);
    }
}

static void serve(struct pool *p, const struct epoll_event *e)
{
    struct slot *s = &p->slots[e->data.u64 >> 32];
    uint32_t id = (uint32_t)e->data.u64;
    if (s->id != id || s->fd < 0) /* ended meanwhile */
        return;
    if (e->events & EPOLLOUT)
        slot_has_room(p, s);
    if (s->id == id && s->fd >= 0 && (e->events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        (void)slot_readable(p, s);
}

/* One round: waits, reads, sends, hears, ends what is overdue. */
static int step(struct pool *p, int timeout_ms)
{
    struct epoll_event events[WORKERS_MAX + 1];
    bool control = false;
    int n = epoll_wait(p->events, events, WORKERS_MAX + 1, poll_timeout(p, timeout_ms));
    if (n < 0 && errno != EINTR)
        pool_break(p, -errno, "cannot wait for the workers: %s", strerror(errno));
    for (int i = 0; i < n; i++) { /* what a worker still said comes before its end */
        if (events[i].data.u64 == OF_CONTROL)
            control = true;
        else
            serve(p, &events[i]);
    }
    if (control)
        hear_all(p);
    uint64_t now = clock_us();
    for (size_t i = 0; i < p->settings.workers && !p->broken; i++) {
        struct slot *s = &p->slots[i];
        if (is_timed(s) && now >= s->deadline_us)
            slot_overdue(p, s);
    }
    if (p->broken)
        lose_all(p);
    return 0;
}

int pool_fd(const struct pool *p)
{
    return p->events;
}

bool pool_is_broken(const struct pool *p)
{
    return p->broken;
}

int pool_step(struct pool *p, struct err *err_out)
{
    if (!p->broken)
        (void)step(p, 0);
    return p->broken ? err_set(err_out, p->why.code, "%s", p->why.text) : 0;
}

int pool_wait(struct pool *p, int timeout_ms, struct err *err_out)
{
    bool moving = false; /* is there anything to wait for? */
    for (size_t i = 0; i < p->settings.workers; i++)
        moving |= is_timed(&p->slots[i]);
    if (!p->broken && moving)
        (void)step(p, timeout_ms);
    return p->broken ? err_set(err_out, p->why.code, "%s", p->why.text) : 0;
}

/* --- ending */

void pool_stop(struct pool **pp)
{
    struct pool *p = *pp;
    *pp = NULL;
    if (!p)
        return;
    pool_break(p, -ESHUTDOWN, "the pool was stopped");
    lose_all(p);
    if (p->events >= 0)
        (void)close(p->events);
    if (p->control >= 0)
        (void)close(p->control);
    /* The head ends with its socket, after it has ended and reaped its workers. */
    if (p->head > 0 && process_wait(p->head, STOP_MS, NULL) == 0) {
        process_kill(p->head, SIGKILL);
        (void)process_wait(p->head, -1, NULL);
    }
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        frames_in_drop(&p->slots[i].in);
        buf_drop(&p->slots[i].out);
        buf_drop(&p->slots[i].names);
    }
    pages_drop(p->inbox, p->inbox ? INBOX : 0);
    pages_drop(p, sizeof *p);
}
