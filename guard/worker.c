/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's loop; see worker.h. Everything that opens or allocates for ever
 * happens before jail_lock(). */
#include "guard/worker.h"
#include "base/pages.h"
#include "guard/jail.h"
#include "os/clock.h"
#include "wire/frames.h"
#include "wire/request.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OWN_MEMORY = 4 << 20 };

struct place {
    const struct worker *settings;
    struct frames_out *out;
    uint8_t *inbox; /* REQUEST_MAX */
    size_t filled;
    struct arena *mem; /* of the request: names, hints, body by descriptor */
    uint64_t cpu_mark; /* processor time up to the last answer */
};

static bool put(void *host, slice bytes)
{
    (void)host;
    while (bytes.len) {
        ssize_t n = write(WORKER_SOCKET, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)n);
    }
    return true;
}

/* Descriptors that come unasked are closed. */
static void take_fd(struct msghdr *m, int *fd)
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS ||
            h->cmsg_len != CMSG_LEN(sizeof(int)))
            continue;
        if (*fd >= 0)
            (void)close(*fd);
        (void)slice_copy_out((slice){ CMSG_DATA(h), sizeof(int) }, (uint8_t *)fd, sizeof(int));
    }
}

/* One whole request into the inbox. Zero bytes: the desk is gone. */
static slice receive(struct place *p, int *fd)
{
    p->filled = 0;
    for (;;) {
        union {
            struct cmsghdr head;
            uint8_t bytes[CMSG_SPACE(sizeof(int))];
        } rights;
        struct iovec part = { p->inbox + p->filled, REQUEST_MAX - p->filled };
        struct msghdr m = { .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = rights.bytes,
                            .msg_controllen = sizeof rights.bytes };
        ssize_t got = recvmsg(WORKER_SOCKET, &m, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (slice){ 0 };
        take_fd(&m, fd);
        p->filled += (size_t)got;
        slice so_far = { p->inbox, p->filled };
        size_t whole = request_size(so_far);
        if (whole == p->filled)
            return so_far;
        if (whole == SIZE_MAX || (whole && p->filled > whole))
            _exit(WORKER_EXIT_PROTOCOL);
    }
}

static void say_cut(struct place *p, enum worker_cut cut)
{
    struct sink sink = frames_sink(p->out);
    struct unread limit = { UNREAD_LIMIT, 0, UNREAD_OF_SIZE, { 0 } };
    struct unread gone = { UNREAD_DAMAGED, 0, UNREAD_OF_PART, { 0 } };
    sink.unread(sink.host, cut == WORKER_CUT_SHORT ? &gone : &limit);
}

#ifdef PLANTED_BUG
/* For the proof that a memory bug costs one answer (programs/worker_test.c):
 * a body that asks for it makes the worker write far out of bounds. */
static void planted_bug(slice body)
{
    static uint8_t block[16];
    uint8_t *volatile start = block;
    volatile size_t beyond = 1u << 30;
    if (slice_starts(body, SLICE_LIT("SEKISHO-PLANTED-BUG")))
        start[beyond] = 1;
}
#else
static void planted_bug(slice body)
{
    (void)body;
}
#endif

/* A small file is read behind its request. */
static enum worker_cut fetch(struct place *p, const struct request *r, int fd, struct body *out)
{
    if (r->bytes == REQUEST_INSIDE)
        return WORKER_CUT_NOTHING;
    if (r->bytes == REQUEST_SEALED && !worker_sealed(fd, r->size))
        _exit(WORKER_EXIT_PROTOCOL);
    if (r->size > REQUEST_INLINE_MAX || r->size > REQUEST_MAX - p->filled)
        return worker_body(fd, r->size, p->mem, out);
    uint8_t *room = p->inbox + p->filled;
    p->filled += (size_t)r->size;
    return worker_small_body(fd, room, (size_t)r->size, out);
}

static void scan(struct place *p, slice frame, int fd)
{
    struct request r;
    if (!request_decode(frame, p->mem, &r) || (r.bytes != REQUEST_INSIDE) != (fd >= 0))
        _exit(WORKER_EXIT_PROTOCOL);
    struct scan_request request = { .body = body_borrow(r.body),
                                    .name = r.name,
                                    .declared = r.declared,
                                    .hints = r.hints,
                                    .n_hints = r.n_hints,
                                    .give = r.give,
                                    .give_part = r.give_part,
                                    .trace = r.trace };
    enum worker_cut cut = fetch(p, &r, fd, &request.body);
    struct sink sink = frames_sink(p->out);
    planted_bug(request.body.all);
    engine_scan(p->settings->engine, &request, &sink);
    if (cut != WORKER_CUT_NOTHING)
        say_cut(p, cut);
    body_release_pinned(&request.body);
}

static void wipe(struct place *p)
{
    arena_reset(p->mem);
    explicit_bzero(p->inbox, p->filled);
    explicit_bzero(p->out->bytes, sizeof p->out->bytes);
    worker_wipe_stack();
}

static bool one_object(struct place *p, bool last)
{
    int fd = -1;
    slice frame = receive(p, &fd);
    if (frame.len == 0)
        return false;
    scan(p, frame, fd);
    if (fd >= 0)
        (void)close(fd);
    uint64_t cpu = clock_cpu_us();
    struct frames_done done = { cpu - p->cpu_mark, last || p->out->limits };
    p->cpu_mark = cpu;
    frames_send_done(p->out, &done);
    wipe(p);
    return !done.last && !p->out->lost;
}

_Noreturn static void give_up(enum worker_exit code, const char *what)
{
    (void)dprintf(WORKER_MESSAGES, "%s\n", what);
    _exit((int)code);
}

_Noreturn void worker_run(const struct worker *w)
{
    static struct frames_out out = { .put = put };
    struct place p = { .settings = w, .out = &out };
    struct err e;
    struct jail_given given;
    p.inbox = pages_new(REQUEST_MAX);
    p.mem = arena_new(OWN_MEMORY + WORKER_STORED_MAX);
    if (!p.inbox || !p.mem)
        give_up(WORKER_EXIT_MEMORY, "out of memory");
    worker_last_words(&out);
    const struct jail jail = { WORKER_SOCKET, WORKER_MESSAGES, w->allow_weak_jail, w->cpu_seconds };
    if (jail_lock(&jail, &given, &e))
        give_up(WORKER_EXIT_JAIL, e.text);
    p.cpu_mark = clock_cpu_us();
    frames_send_hello(
        &out, &(struct frames_hello){ given.landlock, given.seccomp, (uint8_t)given.landlock_abi });
    for (unsigned i = 1; one_object(&p, i >= w->objects); i++)
        ;
    _exit(WORKER_EXIT_LAST);
}
