/* SPDX-License-Identifier: Apache-2.0 */
/* One worker's life as the desk sees it: asked for, made, greets, works, ends. */
#include "guard/pool_private.h"
#include "guard/worker.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell_head(struct pool *p, enum control_word word, uint32_t id)
{
    struct control c = { .word = word, .id = id };
    /* Where the head is gone, reading what it said last tells more than this. */
    if (!p->broken && control_send(p->control, &c, NULL, 0) == -EAGAIN)
        pool_break(p, -EIO, "%s: the pool head does not listen; start the pool again",
                   p->settings.worker);
}

/* Closing a socket takes it out: nobody else has one of these. Were it not watched, its deadline
 * would end the job all the same. */
static void watch(const struct pool *p, const struct slot *s, int how, uint32_t events)
{
    struct epoll_event e = { .events = events,
                             .data.u64 = (uint64_t)(s - p->slots) << 32 | s->id };
    (void)epoll_ctl(p->events, how, s->fd, &e);
}

void slot_forget(struct slot *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->messages >= 0)
        (void)close(s->messages);
    if (s->body_fd >= 0)
        (void)close(s->body_fd);
    s->fd = s->messages = s->body_fd = -1;
    s->state = SLOT_ABSENT;
}

void slot_fork(struct pool *p, struct slot *s)
{
    slot_forget(s);
    if (p->broken)
        return;
    s->state = SLOT_FORKING;
    s->id = ++p->last_id;
    s->deadline_us = clock_us() + START_MS * UINT64_C(1000);
    static const struct sink none = { 0 };
    frames_in_start(s->in, &none);
    tell_head(p, CONTROL_FORK, s->id);
}

void slot_made(struct pool *p, struct slot *s, int fd, int messages)
{
    s->fd = fd;
    s->messages = messages;
    s->state = SLOT_GREETING;
    s->waits_for_room = false;
    watch(p, s, EPOLL_CTL_ADD, EPOLLIN);
}

/* What the worker printed before its end, on one line. */
static const char *last_message(const struct slot *s, char out[LOG_QUOTE_BYTES])
{
    uint8_t bytes[256];
    out[0] = 0;
    ssize_t n = s->messages < 0 ? 0 : read(s->messages, bytes, sizeof bytes);
    if (n > 0)
        (void)log_quote(slice_trim((slice){ bytes, (size_t)n }), out);
    return out;
}

void slot_finish(struct pool *p, struct slot *s, enum job_end end, const struct frames_done *done,
                 const char *why)
{
    slice names = buf_slice(&s->names);
    struct part root = { .parent = NO_ID,
                         .how = HOW_FILE,
                         .size = s->size,
                         .name = slice_sub(names, 0, s->name_len),
                         .declared = slice_from(names, s->name_len) };
    bool late = end == JOB_TIMEOUT;
    if (end != JOB_DONE)
        frames_in_abandon(s->in, &root, late ? WALK_TIMEOUT : WALK_CRASHED,
                          late ? UNREAD_LIMIT : UNREAD_CRASHED,
                          late ? UNREAD_OF_TIME : UNREAD_OF_PROCESS);
    bool stays = end == JOB_DONE && !done->last && !s->timed_out && !p->broken;
    if (end == JOB_DONE && !done->last && !stays)
        tell_head(p, CONTROL_STOP, s->id);
    void (*tell)(void *, enum job_end, uint64_t, uint64_t, const char *) = s->done;
    void *host = s->host;
    uint64_t elapsed = clock_us() - s->started_us, cpu = done ? done->cpu_us : 0;
    /* The host may submit the next job from within: the slot is in order first. */
    if (stays)
        s->state = SLOT_IDLE;
    else
        slot_fork(p, s);
    if (tell)
        tell(host, end, cpu, elapsed, why);
}

static void start_failed(struct pool *p, struct slot *s, const char *how)
{
    char quoted[LOG_QUOTE_BYTES];
    (void)last_message(s, quoted);
    if (++p->failed_starts >= FAILED_STARTS_MAX || !p->ready)
        pool_break(p, -EPERM, "%s: a worker could not start: %s%s%.300s", p->settings.worker, how,
                   quoted[0] ? ": " : "", quoted);
    slot_fork(p, s);
}

static void end_text(const struct control *c, char out[128])
{
    struct process_end e = { c->signal == 0, (int)(c->signal ? c->signal : c->exit_code) };
    if (c->signal == SIGSYS)
        (void)snprintf(out, 128, "made a system call that the jail forbids (signal %d)", SIGSYS);
    else if (c->signal == 0 && c->exit_code == WORKER_EXIT_PROTOCOL)
        (void)snprintf(out, 128, "did not understand its request");
    else {
        char text[64];
        process_end_text(e, text);
        (void)snprintf(out, 128, "died: %s", text);
    }
}

void slot_ended(struct pool *p, struct slot *s, const struct control *c)
{
    char how[128], quoted[LOG_QUOTE_BYTES], why[WHY_MAX];
    end_text(c, how);
    while (s->id == c->id && s->state == SLOT_BUSY && s->fd >= 0 && slot_readable(p, s))
        ; /* what it still sent; may end the job itself */
    if (s->id != c->id)
        return;
    if (s->state == SLOT_FORKING || s->state == SLOT_GREETING) {
        start_failed(p, s, how);
        return;
    }
    if (s->state != SLOT_BUSY) {
        slot_fork(p, s);
        return;
    }
    (void)last_message(s, quoted);
    (void)snprintf(why, sizeof why, "the worker %s%s%.400s", how, quoted[0] ? ": " : "", quoted);
    if (s->timed_out)
        (void)snprintf(why, sizeof why, "not done after %u ms", p->settings.timeout_ms);
    slot_finish(p, s, s->timed_out ? JOB_TIMEOUT : JOB_CRASHED, NULL, why);
}

static void greeted(struct pool *p, struct slot *s, slice bytes)
{
    struct frames_hello hello;
    enum frames_status status = frames_in_hello(s->in, bytes, &hello);
    if (status == FRAMES_BAD) {
        pool_break(p, -EPROTO, "%s: %s; install programs of one version", p->settings.worker,
                   frames_in_why(s->in));
    } else if (status == FRAMES_DONE) {
        p->failed_starts = 0;
        p->ready = true;
        s->state = SLOT_IDLE;
    }
}

static void answered(struct pool *p, struct slot *s, slice bytes)
{
    struct frames_done done;
    char why[WHY_MAX];
    enum frames_status status = frames_in_feed(s->in, bytes, &done);
    if (status == FRAMES_DONE) {
        slot_finish(p, s, JOB_DONE, &done, "");
    } else if (status == FRAMES_BAD) {
        (void)snprintf(why, sizeof why, "the worker's answer is malformed: %s",
                       frames_in_why(s->in));
        tell_head(p, CONTROL_STOP, s->id);
        slot_finish(p, s, s->timed_out ? JOB_TIMEOUT : JOB_CRASHED, NULL, why);
    }
}

/* The socket is closed: the head will say why. */
static void closed(struct slot *s)
{
    (void)close(s->fd);
    s->fd = -1;
    uint64_t latest = clock_us() + GRACE_US;
    if (s->deadline_us > latest || s->state == SLOT_IDLE)
        s->deadline_us = latest;
}

bool slot_readable(struct pool *p, struct slot *s)
{
    ssize_t got = recv(s->fd, p->inbox, INBOX, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        closed(s);
        return false;
    }
    slice bytes = { p->inbox, (size_t)got };
    if (s->state == SLOT_GREETING) {
        greeted(p, s, bytes);
    } else if (s->state == SLOT_BUSY) {
        answered(p, s, bytes);
    } else { /* speaks without being asked */
        tell_head(p, CONTROL_STOP, s->id);
        slot_fork(p, s);
    }
    return true;
}

/* Asks to be called again when there is room, or no more. */
static void wait_for_room(const struct pool *p, struct slot *s, bool wait)
{
    if (s->fd >= 0 && wait != s->waits_for_room)
        watch(p, s, EPOLL_CTL_MOD, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
    s->waits_for_room = wait;
}

bool slot_send(const struct pool *p, struct slot *s)
{
    while (s->fd >= 0 && s->out_at < s->out.len) {
        union {
            struct cmsghdr head;
            uint8_t bytes[CMSG_SPACE(sizeof(int))];
        } rights = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
        struct iovec part = { s->out.at + s->out_at, s->out.len - s->out_at };
        struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
        if (s->body_fd >= 0) {
            (void)slice_copy_out((slice){ (const uint8_t *)&s->body_fd, sizeof(int) },
                                 CMSG_DATA(&rights.head), sizeof(int));
            m.msg_control = rights.bytes;
            m.msg_controllen = sizeof rights.bytes;
        }
        ssize_t n = sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) { /* full: later; gone in the middle: reading will tell */
            bool full = errno == EAGAIN;
            wait_for_room(p, s, full);
            return full || s->out_at > 0;
        }
        if (s->body_fd >= 0)
            (void)close(s->body_fd);
        s->body_fd = -1;
        s->out_at += (size_t)n;
    }
    wait_for_room(p, s, false);
    return true;
}

/* What is left of the request of a worker that has answered already is not sent any more. */
void slot_has_room(const struct pool *p, struct slot *s)
{
    if (s->state == SLOT_BUSY)
        (void)slot_send(p, s);
    else
        wait_for_room(p, s, false);
}

void slot_overdue(struct pool *p, struct slot *s)
{
    char why[WHY_MAX];
    if (s->state == SLOT_FORKING || s->state == SLOT_GREETING) {
        start_failed(p, s, "it does not answer");
    } else if (s->state == SLOT_IDLE) { /* its socket closed and the head says nothing */
        slot_fork(p, s);
    } else if (!s->timed_out && s->fd >= 0) {
        tell_head(p, CONTROL_STOP, s->id);
        s->timed_out = true;
        s->deadline_us = clock_us() + GRACE_US;
    } else {
        bool late = s->timed_out;
        (void)snprintf(why, sizeof why, late ? "not done after %u ms" : "the worker went away",
                       p->settings.timeout_ms);
        slot_finish(p, s, late ? JOB_TIMEOUT : JOB_CRASHED, NULL, why);
    }
}
