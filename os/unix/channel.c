/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a Unix stream socket (unix(7), SCM_RIGHTS in cmsg(3)); see os/channel.h.
 *
 * Linux ends a recvmsg(2) behind the first chunk that has descriptors with it, but hands out
 * chunks without any in front of it in the same call: which message a descriptor belongs to is
 * not told by where it arrives. So the word's highest bit announces one, and descriptors are given
 * to the messages that announce them, in order. */
#include "os/channel.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    HEAD = 5,
    WITH_FD = 0x80,      /* in the word */
    CHUNK = 64 << 10,    /* least room for one read */
    KEPT_ROOM = 1 << 20, /* a larger inbox is given back when it is empty */
    FDS_WAITING = 2,     /* received, of messages that are not whole yet */
    FDS_AT_ONCE = 4,     /* more than a peer in health sends in one call */
};

struct waiting_fd {
    uint64_t at; /* offset in all that was ever queued */
    int fd;
};

struct channel {
    struct loop *loop;
    struct loop_watch watch;
    struct channel_limits limits;
    struct channel_events events;

    struct buf in;
    size_t in_at; /* bytes before it are delivered */
    int fds[FDS_WAITING];
    size_t n_fds;

    struct buf out; /* unsent from out_at on */
    size_t out_at;
    uint64_t out_base; /* offset of out.at[0] in all that was ever queued */
    struct waiting_fd *out_fds;
    size_t out_fds_at, n_out_fds, out_fds_room;

    bool ended, dropped;
    unsigned calls; /* of the host's, that have not returned */
};

static void ready(struct loop_watch *w, unsigned events);

int channel_new(struct loop *l, int fd, const struct channel_limits *limits,
                const struct channel_events *events, struct channel **out, struct err *err_out)
{
    CHECK(limits->payload_max <= UINT32_MAX && events->message && events->closed);
    struct channel *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err_out, -ENOMEM, "out of memory");
    *c = (struct channel){ .loop = l,
                           .limits = *limits,
                           .events = *events,
                           .in = buf_new(HEAD + limits->payload_max + CHUNK),
                           .out = buf_new(2 * (HEAD + limits->payload_max + limits->queue_max)),
                           .watch = { .fd = fd, .ready = ready, .host = c } };
    int rc = 0, flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        rc = err_set(err_out, -errno, "a channel's socket: %s", strerror(errno));
    if (rc == 0)
        rc = loop_add(l, &c->watch, LOOP_READ, err_out);
    if (rc == 0)
        *out = c;
    else
        free(c);
    return rc;
}

/* --- ending */

static void close_all(struct channel *c)
{
    for (size_t i = 0; i < c->n_fds; i++)
        (void)close(c->fds[i]);
    for (size_t i = c->out_fds_at; i < c->n_out_fds; i++)
        (void)close(c->out_fds[i].fd);
    c->n_fds = c->n_out_fds = c->out_fds_at = 0;
    if (c->watch.fd >= 0) {
        loop_remove(c->loop, &c->watch);
        (void)close(c->watch.fd);
    }
    c->watch.fd = -1;
    buf_drop(&c->in);
    buf_drop(&c->out);
    c->in_at = c->out_at = 0;
}

static void release(struct channel *c)
{
    if (!c->dropped || c->calls)
        return;
    free(c->out_fds);
    free(c);
}

void channel_drop(struct channel **cp)
{
    struct channel *c = *cp;
    *cp = NULL;
    if (!c)
        return;
    c->ended = c->dropped = true;
    if (!c->calls) /* else the payload is still being looked at */
        close_all(c);
    release(c);
}

/* The caller holds a call, so that `c` stands when it comes back. */
static void end(struct channel *c, const char *why)
{
    if (c->ended)
        return;
    c->ended = true;
    close_all(c);
    c->events.closed(c->events.host, why);
}

/* --- receiving */

static bool take_fds(struct channel *c, struct msghdr *m)
{
    bool good = (m->msg_flags & MSG_CTRUNC) == 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        slice bytes = { CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0) };
        for (; bytes.len >= sizeof(int); bytes = slice_from(bytes, sizeof(int))) {
            int fd;
            (void)slice_copy_out(bytes, (uint8_t *)&fd, sizeof fd);
            if (good && c->n_fds < FDS_WAITING) {
                c->fds[c->n_fds++] = fd;
            } else {
                good = false;
                (void)close(fd);
            }
        }
    }
    return good;
}

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static int next_fd(struct channel *c)
{
    int fd = c->fds[0];
    c->fds[0] = c->fds[1];
    c->n_fds--;
    return fd;
}

/* NULL, or what is wrong with the stream. */
static const char *deliver(struct channel *c)
{
    while (!c->ended && c->in.len - c->in_at >= HEAD) {
        const uint8_t *head = c->in.at + c->in_at;
        size_t size = number_at(head);
        bool with_fd = (head[4] & WITH_FD) != 0;
        if (size > c->limits.payload_max)
            return "a message is too long";
        if (c->n_fds > 1 && !with_fd)
            return "a descriptor came that nobody announced";
        if (c->in.len - c->in_at - HEAD < size)
            return c->n_fds > (with_fd ? 1U : 0U) ? "a descriptor came that nobody announced"
                                                  : NULL;
        if (with_fd && !c->n_fds)
            return "an announced descriptor did not come";
        slice payload = { head + HEAD, size };
        c->in_at += HEAD + size;
        if (!c->events.message(c->events.host, head[4] & ~WITH_FD & 0xff, payload,
                               with_fd ? next_fd(c) : -1) &&
            !c->ended)
            return "a message is malformed";
    }
    if (!c->ended && c->n_fds > (c->in.len > c->in_at ? 1U : 0U))
        return "a descriptor came that nobody announced";
    return NULL;
}

/* What is not a whole message yet moves to the front; room for the rest of it, by and by, so that
 * a length that is only claimed costs nothing. */
static bool make_room(struct channel *c)
{
    size_t left = c->in.len - c->in_at;
    if (left && c->in_at)
        memmove(c->in.at, c->in.at + c->in_at, left);
    c->in.len = left;
    c->in_at = 0;
    if (!left && c->in.room > KEPT_ROOM)
        buf_drop(&c->in);
    return buf_reserve(&c->in, CHUNK);
}

static void receive(struct channel *c)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(FDS_AT_ONCE * sizeof(int))];
    } rights;
    if (!make_room(c)) {
        end(c, "out of memory");
        return;
    }
    struct iovec part = { c->in.at + c->in.len, c->in.room - c->in.len };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = rights.bytes,
                        .msg_controllen = sizeof rights.bytes };
    ssize_t n = recvmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end(c, n < 0           ? strerror(errno)
               : c->in.len > 0 ? "the other side ended within a message"
                               : "the other side ended");
        return;
    }
    const char *why = take_fds(c, &m) ? NULL : "more descriptors came than were announced";
    c->in.len += (size_t)n;
    if (!why)
        why = deliver(c);
    if (why)
        end(c, why);
}

/* --- sending */

static bool keep_fd(struct channel *c, int fd)
{
    size_t left = c->n_out_fds - c->out_fds_at;
    if (c->n_out_fds == c->out_fds_room && left <= c->out_fds_at) {
        for (size_t i = 0; i < left; i++)
            c->out_fds[i] = c->out_fds[c->out_fds_at + i];
        c->out_fds_at = 0;
        c->n_out_fds = left;
    }
    if (c->n_out_fds == c->out_fds_room) {
        size_t room = c->out_fds_room ? 2 * c->out_fds_room : 16;
        struct waiting_fd *fds = reallocarray(c->out_fds, room, sizeof *fds);
        if (!fds)
            return false;
        c->out_fds = fds;
        c->out_fds_room = room;
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return false;
    c->out_fds[c->n_out_fds++] = (struct waiting_fd){ c->out_base + c->out.len, copy };
    return true;
}

/* Bytes sent, or negative errno. */
static ssize_t send_some(const struct channel *c, const struct iovec *parts, size_t n, int fd)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof(int))];
    } rights = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    struct msghdr m = { .msg_iov = (struct iovec *)parts, .msg_iovlen = n };
    if (fd >= 0) {
        (void)slice_copy_out((slice){ (const uint8_t *)&fd, sizeof fd }, CMSG_DATA(&rights.head),
                             sizeof fd);
        m.msg_control = rights.bytes;
        m.msg_controllen = sizeof rights.bytes;
    }
    ssize_t sent;
    do
        sent = sendmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

static void forget_sent(struct channel *c)
{
    if (c->out_at == c->out.len) {
        c->out_base += c->out.len;
        c->out_at = 0;
        buf_clear(&c->out);
        if (c->out.room > KEPT_ROOM)
            buf_drop(&c->out);
    } else if (c->out_at > c->out.len / 2) {
        memmove(c->out.at, c->out.at + c->out_at, c->out.len - c->out_at);
        c->out_base += c->out_at;
        c->out.len -= c->out_at;
        c->out_at = 0;
    }
    if (c->out_fds_at == c->n_out_fds)
        c->out_fds_at = c->n_out_fds = 0;
}

/* False: the peer is gone, or reads no more. */
static bool flush(struct channel *c)
{
    while (c->out_at < c->out.len) {
        const struct waiting_fd *fds = c->out_fds ? c->out_fds + c->out_fds_at : NULL;
        size_t left = c->n_out_fds - c->out_fds_at, to = c->out.len;
        uint64_t at = c->out_base + c->out_at;
        bool now = left && fds[0].at == at;
        /* The next descriptor goes with the first byte of its own message. */
        if (left > now && fds[now].at - c->out_base < to)
            to = (size_t)(fds[now].at - c->out_base);
        struct iovec part = { c->out.at + c->out_at, to - c->out_at };
        ssize_t n = send_some(c, &part, 1, now ? fds[0].fd : -1);
        if (n < 0)
            return n == -EAGAIN;
        if (now)
            (void)close(c->out_fds[c->out_fds_at++].fd);
        c->out_at += (size_t)n;
    }
    forget_sent(c);
    loop_want(c->loop, &c->watch, LOOP_READ);
    return true;
}

/* Queues what comes behind the first `sent` bytes of the message. */
static int queue(struct channel *c, slice head, slice payload, size_t sent, int fd)
{
    forget_sent(c);
    if (!buf_reserve(&c->out, head.len + payload.len - sent) ||
        (fd >= 0 && sent == 0 && !keep_fd(c, fd))) {
        c->out.full = false;
        return -ENOBUFS;
    }
    buf_put(&c->out, slice_from(head, sent));
    buf_put(&c->out, slice_from(payload, sent > head.len ? sent - head.len : 0));
    loop_want(c->loop, &c->watch, LOOP_READ | LOOP_WRITE);
    return 0;
}

int channel_send(struct channel *c, uint8_t word, slice payload, int fd)
{
    CHECK(word < WITH_FD);
    if (c->ended)
        return -EPIPE;
    if (payload.len > c->limits.payload_max)
        return -EMSGSIZE;
    uint8_t head[HEAD] = { (uint8_t)payload.len, (uint8_t)(payload.len >> 8),
                           (uint8_t)(payload.len >> 16), (uint8_t)(payload.len >> 24),
                           (uint8_t)(word | (fd >= 0 ? WITH_FD : 0)) };
    size_t unsent = channel_unsent(c);
    if (unsent) /* in front of this one; a message alone may be larger than the queue */
        return unsent + HEAD + payload.len > c->limits.queue_max
                   ? -ENOBUFS
                   : queue(c, (slice){ head, HEAD }, payload, 0, fd);
    const struct iovec parts[] = { { head, HEAD }, { (void *)payload.at, payload.len } };
    ssize_t n = send_some(c, parts, 2, fd);
    if (n < 0 && n != -EAGAIN)
        return n == -EPIPE || n == -ECONNRESET ? -EPIPE : -ENOBUFS;
    size_t sent = n < 0 ? 0 : (size_t)n;
    if (sent == HEAD + payload.len)
        return 0;
    int rc = queue(c, (slice){ head, HEAD }, payload, sent, fd);
    if (rc && sent) /* half a message went out: what follows would be read as its rest */
        (void)shutdown(c->watch.fd, SHUT_RDWR);
    return rc;
}

size_t channel_unsent(const struct channel *c)
{
    return c->out.len - c->out_at;
}

/* --- the loop's call */

static void ready(struct loop_watch *w, unsigned events)
{
    struct channel *c = w->host;
    c->calls++;
    bool good = !(events & LOOP_WRITE) || flush(c);
    if (!c->ended && (events & (LOOP_READ | LOOP_GONE)))
        receive(c);
    if (!good && !c->ended)
        end(c, "the other side reads no more");
    c->calls--;
    if (c->dropped && !c->calls)
        close_all(c);
    release(c);
}
