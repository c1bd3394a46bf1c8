/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: its bytes to the session, the session's to the peer, its questions to the desk.
 * Nothing is freed while the session is within a call of ours: it is marked, and settled behind.
 *
 * The end is said with shutdown(2) and what still comes is read and thrown away for a moment:
 * closing a socket with unread bytes would take the last answer from the peer (RST). */
#include "doors/serve_private.h"
#include "os/clock.h"
#include "os/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MS = 2000, LINGER_READS = 64, NOTES_A_SECOND = 20, SECOND_US = 1000000 };

struct serve_question {
    struct link_question q;
    struct serve_connection *connection;
    struct serve_question *next;
    uint64_t asked_us;
};

/* Upper ends, in microseconds; beyond the last is SERVE_BUCKETS - 1. */
static const uint32_t buckets[SERVE_BUCKETS - 1] = { 1000,    2500,    5000,    10000,
                                                     25000,   50000,   100000,  500000,
                                                     1000000, 5000000, 30000000 };

static void settle(struct serve_connection *c);

static struct order_settings *orders_of(const struct serve_connection *c)
{
    return &c->settings->orders;
}

void serve_settings_leave(struct serve_settings **sp)
{
    struct serve_settings *s = *sp;
    *sp = NULL;
    if (s && --s->users == 0) {
        arena_drop(&s->mem);
        free(s);
    }
}

/* --- the order of progress */

static void unlink_one(struct serve_connection *c)
{
    struct serve *s = c->serve;
    *(c->before ? &c->before->after : &s->first) = c->after;
    *(c->after ? &c->after->before : &s->last) = c->before;
    c->before = c->after = NULL;
}

static void append(struct serve_connection *c)
{
    struct serve *s = c->serve;
    c->before = s->last;
    *(s->last ? &s->last->after : &s->first) = c;
    s->last = c;
}

static void progress(struct serve_connection *c)
{
    c->taken = 0;
    c->progress_us = loop_now_us(c->serve->loop);
    if (c->serve->last == c || c->dead)
        return;
    unlink_one(c);
    append(c);
}

/* --- what a session may do */

static bool on_send(void *host, slice bytes)
{
    struct serve_connection *c = host;
    struct serve *s = c->serve;
    if (bytes.len > SERVE_OUT_ALL - s->unsent)
        return false;
    buf_put(&c->out, bytes);
    if (!c->out.full)
        s->unsent += bytes.len;
    return !c->out.full;
}

static void free_question(struct serve_question *q)
{
    struct serve_question **at = &q->connection->questions;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    q->connection->serve->counts.waiting--;
    free(q);
}

static void count_answer(struct serve *s, const struct serve_question *q,
                         const struct gate_answer *a)
{
    uint64_t took = clock_us() - q->asked_us;
    size_t i = 0;
    s->counts.answered++;
    s->counts.later += a->trouble.len > 0;
    if (!a->trouble.len && (unsigned)a->verdict < VERDICTS)
        s->counts.verdicts[a->verdict]++;
    while (i < SERVE_BUCKETS - 1 && took > buckets[i])
        i++;
    s->counts.took[i]++;
    s->counts.took_us += took;
}

/* The peer's turn begins. */
static void answered(struct serve_connection *c)
{
    c->read_us = loop_now_us(c->serve->loop);
    c->within = false;
    progress(c);
    settle(c);
}

static void on_answered(struct link_question *lq, const struct gate_answer *a)
{
    struct serve_question *q = lq->host;
    struct serve_connection *c = q->connection;
    count_answer(c->serve, q, a);
    free_question(q);
    if (c->dead)
        return;
    c->calls++;
    c->dead |= !c->serve->door->answer(c->session, a);
    c->calls--;
    answered(c);
}

static void on_fetched(struct link_question *lq, const struct gate_fetched *f)
{
    struct serve_question *q = lq->host;
    struct serve_connection *c = q->connection;
    free_question(q);
    if (c->dead)
        return;
    c->calls++;
    c->dead |= !c->serve->door->fetched(c->session, f);
    c->calls--;
    answered(c);
}

static struct serve_question *new_question(struct serve_connection *c, uint64_t tag)
{
    struct serve_question *q = calloc(1, sizeof *q);
    if (q)
        *q = (struct serve_question){ .q = { .host = q, .tag = tag },
                                      .connection = c,
                                      .asked_us = clock_us() };
    return q;
}

static bool is_asked(struct serve_connection *c, struct serve_question *q, bool taken)
{
    struct serve *s = c->serve;
    if (!taken) {
        free(q);
        return false;
    }
    q->next = c->questions;
    c->questions = q;
    s->counts.waiting++;
    c->tick_us = loop_now_us(s->loop);
    progress(c);
    return true;
}

static bool on_ask(void *host, const struct gate_request *request, int fd)
{
    struct serve_connection *c = host;
    struct serve *s = c->serve;
    struct serve_question *q = new_question(c, request->id);
    struct gate_request r = *request;
    r.door = slice_of(s->door->name);
    if (!q) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    q->q.answered = on_answered;
    s->counts.asked++;
    bool taken = link_ask(s->link, &q->q, &r, fd);
    s->counts.later += !taken;
    return is_asked(c, q, taken);
}

static bool on_fetch(void *host, uint64_t tag, slice reference)
{
    struct serve_connection *c = host;
    struct serve_question *q = new_question(c, tag);
    CHECK(c->serve->door->fetched);
    if (!q)
        return false;
    q->q.fetched = on_fetched;
    return is_asked(c, q, link_fetch(c->serve->link, &q->q, reference));
}

static void put_count(struct buf *out, const char *door, const char *name, const char *type,
                      const char *help, uint64_t n)
{
    buf_format(out, "# HELP sekisho_door_%s %s\n# TYPE sekisho_door_%s %s\n", name, help, name,
               type);
    buf_format(out, "sekisho_door_%s{door=\"%s\"} %llu\n", name, door, (unsigned long long)n);
}

static void put_times(struct buf *out, const char *door, const struct serve_counts *n)
{
    uint64_t sum = 0;
    buf_text(
        out,
        "# HELP sekisho_door_answer_seconds Time from a question to the desk until its answer.\n"
        "# TYPE sekisho_door_answer_seconds histogram\n");
    for (size_t i = 0; i < SERVE_BUCKETS; i++) {
        char end[32] = "+Inf";
        sum += n->took[i];
        if (i < SERVE_BUCKETS - 1)
            (void)snprintf(end, sizeof end, "%u.%04u", buckets[i] / 1000000,
                           buckets[i] % 1000000 / 100);
        buf_format(out, "sekisho_door_answer_seconds_bucket{door=\"%s\",le=\"%s\"} %llu\n", door,
                   end, (unsigned long long)sum);
    }
    buf_format(out, "sekisho_door_answer_seconds_sum{door=\"%s\"} %llu.%06llu\n", door,
               (unsigned long long)(n->took_us / 1000000),
               (unsigned long long)(n->took_us % 1000000));
    buf_format(out, "sekisho_door_answer_seconds_count{door=\"%s\"} %llu\n", door,
               (unsigned long long)sum);
}

/* Prometheus text format 0.0.4. */
static void on_counts(void *host, struct buf *out)
{
    const struct serve *s = ((struct serve_connection *)host)->serve;
    const struct serve_counts *n = &s->counts;
    const char *door = s->door->name;
    put_count(out, door, "connections", "gauge", "Connections that are open.", n->open);
    put_count(out, door, "waiting", "gauge", "Questions on their way to the desk.", n->waiting);
    put_count(out, door, "accepted_total", "counter", "Connections that were let in.", n->accepted);
    put_count(out, door, "ended_full_total", "counter",
              "Connections that were put out to make room.", n->ended_full);
    put_count(out, door, "ended_slow_total", "counter",
              "Connections that were ended for being idle or slow.", n->ended_slow);
    put_count(out, door, "refused_peer_total", "counter",
              "Connections over the limit of one address.", n->refused_peer);
    put_count(out, door, "asked_total", "counter", "Objects for the desk.", n->asked);
    put_count(out, door, "later_total", "counter", "Objects that were told to come again.",
              n->later);
    buf_text(out, "# HELP sekisho_door_verdicts_total Objects by verdict.\n# TYPE "
                  "sekisho_door_verdicts_total counter\n");
    for (int v = 0; v < VERDICTS; v++) {
        static const char *const names[VERDICTS] = { "clean", "unknown", "suspicious",
                                                     "malicious" };
        buf_format(out, "sekisho_door_verdicts_total{door=\"%s\",verdict=\"%s\"} %llu\n", door,
                   names[v], (unsigned long long)n->verdicts[v]);
    }
    put_times(out, door, n);
}

static void forget_all(struct serve_connection *c)
{
    while (c->questions) {
        struct serve_question *q = c->questions;
        link_forget(&q->q);
        free_question(q);
    }
}

static void on_forget(void *host)
{
    forget_all(host);
}

static void on_end(void *host)
{
    ((struct serve_connection *)host)->ending = true;
}

/* A stranger could fill the log: so many lines a second, then their number. */
static void on_note(void *host, const char *text, slice detail)
{
    struct serve_connection *c = host;
    struct serve *s = c->serve;
    uint64_t now = loop_now_us(s->loop);
    char quoted[LOG_QUOTE_BYTES];
    if (now - s->notes_us >= SECOND_US) {
        if (s->notes_kept)
            log_line(LOG_LEVEL_NOTICE, "%s: %u more lines in one second", s->door->name,
                     s->notes_kept);
        s->notes_us = now;
        s->notes = s->notes_kept = 0;
    }
    if (s->notes++ >= NOTES_A_SECOND) {
        s->notes_kept++;
        return;
    }
    if (detail.len)
        log_line(LOG_LEVEL_NOTICE, "%s: %s: %s: %s", s->door->name, c->name, text,
                 log_quote(detail, quoted));
    else
        log_line(LOG_LEVEL_NOTICE, "%s: %s: %s", s->door->name, c->name, text);
}

static const struct gate_state *on_state(void *host)
{
    return link_state(((struct serve_connection *)host)->serve->link);
}

/* --- the peer */

static size_t unsent(const struct serve_connection *c)
{
    return c->out.len - c->out_at;
}

static void write_out(struct serve_connection *c)
{
    while (unsent(c)) {
        ssize_t n =
            send(c->watch.fd, c->out.at + c->out_at, unsent(c), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            c->dead |= errno != EAGAIN;
            return;
        }
        c->out_at += (size_t)n;
        c->serve->unsent -= (size_t)n;
        c->wrote_us = loop_now_us(c->serve->loop);
    }
    enum { KEPT = 16 << 10 };
    c->out_at = 0;
    if (c->out.room > KEPT)
        buf_drop(&c->out);
    buf_clear(&c->out);
}

/* The descriptors that came with these bytes; those that nobody takes are closed. */
static size_t take_fds(struct serve_connection *c, struct msghdr *m, int fds[SERVE_FDS])
{
    size_t n = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        slice bytes = { CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0) };
        for (; bytes.len >= sizeof(int); bytes = slice_from(bytes, sizeof(int))) {
            int fd;
            (void)slice_copy_out(bytes, (uint8_t *)&fd, sizeof fd);
            if (n < SERVE_FDS && c->serve->door->descriptors && !c->lingering)
                fds[n++] = fd;
            else
                (void)close(fd);
        }
    }
    return n;
}

static ssize_t receive(struct serve_connection *c, int fds[SERVE_FDS], size_t *n_fds)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(SERVE_FDS * sizeof(int))];
    } rights;
    struct iovec part = { c->serve->read, SERVE_READ };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = rights.bytes,
                        .msg_controllen = sizeof rights.bytes };
    ssize_t n;
    do
        n = recvmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    *n_fds = n >= 0 ? take_fds(c, &m, fds) : 0;
    return n < 0 ? -errno : n;
}

static void take_bytes(struct serve_connection *c, slice bytes, const int *fds, size_t n_fds)
{
    struct serve *s = c->serve;
    c->read_us = loop_now_us(s->loop);
    c->taken += (uint32_t)bytes.len;
    c->within = true;
    if (c->taken >= SERVE_PROGRESS)
        progress(c);
    c->calls++;
    if (!s->door->feed(c->session, bytes, fds, n_fds))
        c->dead = true;
    c->calls--;
}

static void take_end(struct serve_connection *c)
{
    c->eof = true;
    c->calls++;
    if (!c->serve->door->finish(c->session))
        c->dead = true;
    c->calls--;
}

static void read_in(struct serve_connection *c)
{
    int fds[SERVE_FDS];
    size_t n_fds;
    ssize_t n = receive(c, fds, &n_fds);
    if (n == -EAGAIN)
        return;
    if (n < 0 || (n == 0 && c->lingering))
        c->dead = true;
    else if (c->lingering)
        c->dead |= ++c->taken > LINGER_READS;
    else if (n == 0)
        take_end(c);
    else
        take_bytes(c, (slice){ c->serve->read, (size_t)n }, fds, n_fds);
}

/* --- after every call */

static unsigned wanted(const struct serve_connection *c)
{
    unsigned events = unsent(c) ? LOOP_WRITE : 0;
    bool listens = c->lingering || (!c->eof && !c->ending && unsent(c) <= SERVE_OUT_PAUSE &&
                                    !c->serve->door->waits(c->session));
    return events | (listens ? LOOP_READ : 0);
}

static uint64_t ms(uint64_t n)
{
    return n * 1000;
}

/* An MTA is silent for as long as its client takes for a mail. */
static uint64_t patience(const struct serve_connection *c, uint32_t limit_ms)
{
    uint32_t least = c->serve->door->patience_ms;
    return ms(limit_ms > least ? limit_ms : least);
}

/* When something is due next, if nothing happens until then. */
static uint64_t next_due(const struct serve_connection *c)
{
    const struct order_settings *o = orders_of(c);
    if (c->lingering)
        return c->read_us + ms(LINGER_MS);
    uint64_t due = UINT64_MAX;
    if (c->questions && c->serve->door->tick)
        due = c->tick_us + ms(DOOR_TICK_MS);
    if (unsent(c) && c->wrote_us + ms(o->door.limits.idle_ms) < due)
        due = c->wrote_us + ms(o->door.limits.idle_ms);
    if (!c->questions) {
        uint64_t idle = c->read_us + patience(c, o->door.limits.idle_ms),
                 slow = c->progress_us + patience(c, o->slow_ms);
        due = idle < due ? idle : due;
        due = slow < due ? slow : due;
    }
    return due;
}

static void set_timer(struct serve_connection *c)
{
    uint64_t due = next_due(c), now = clock_us();
    if (due == UINT64_MAX || (c->timer.place && c->timer.at_us <= due))
        return; /* one that comes too early looks again */
    if (!loop_after(c->serve->loop, &c->timer, due > now ? due - now : 0))
        c->dead = true;
}

static void end_now(struct serve_connection *c)
{
    if (unsent(c) || c->lingering)
        return;
    forget_all(c);
    if (c->eof || shutdown(c->watch.fd, SHUT_WR) < 0) {
        c->dead = true;
        return;
    }
    c->lingering = true;
    c->taken = 0;
    c->read_us = loop_now_us(c->serve->loop);
    loop_cancel(c->serve->loop, &c->timer); /* the earlier one would not look again in time */
}

static void settle(struct serve_connection *c)
{
    if (c->calls)
        return;
    if (!c->dead && unsent(c))
        write_out(c);
    if ((c->serve->stopping && !c->within && !c->questions) || (c->eof && !c->questions))
        c->ending = true;
    if (!c->dead && c->ending)
        end_now(c);
    if (!c->dead)
        set_timer(c);
    if (c->dead) {
        serve_connection_drop(c);
        return;
    }
    loop_want(c->serve->loop, &c->watch, wanted(c));
}

static void on_ready(struct loop_watch *w, unsigned events)
{
    struct serve_connection *c = w->host;
    bool listens = c->watch.wanted & LOOP_READ;
    if (events & LOOP_READ && listens)
        read_in(c);
    else if (events & LOOP_GONE) /* nobody is there to hear an answer */
        c->dead = true;
    settle(c);
}

static void on_due(struct loop_timer *t)
{
    struct serve_connection *c = t->host;
    struct serve *s = c->serve;
    uint64_t now = clock_us();
    if (next_due(c) > now) {
        settle(c);
        return;
    }
    if (c->questions && s->door->tick && now - c->tick_us >= ms(DOOR_TICK_MS)) {
        c->tick_us = now;
        c->calls++;
        c->dead |= !s->door->tick(c->session);
        c->calls--;
    } else {
        s->counts.ended_slow += !c->lingering;
        c->dead = true;
    }
    settle(c);
}

/* --- coming and going */

static bool begin(struct serve_connection *c)
{
    struct serve *s = c->serve;
    const struct door_host host = { c,       on_send,  on_ask,   on_forget, on_end,
                                    on_note, on_state, on_fetch, on_counts };
    uint64_t now = loop_now_us(s->loop);
    c->read_us = c->progress_us = c->wrote_us = now;
    c->calls++;
    bool good = s->door->open(&orders_of(c)->door, &host, slice_of(c->name), &c->session) == 0;
    c->calls--;
    return good && loop_add(s->loop, &c->watch, LOOP_READ, NULL) == 0;
}

void serve_connection_new(struct serve *s, int fd, const char *peer)
{
    bool full = false;
    struct serve_connection *c = calloc(1, sizeof *c);
    struct serve_peer *entry =
        c ? serve_peers_enter(s->peers, slice_of(peer), s->settings->orders.per_peer, &full) : NULL;
    s->counts.refused_peer += full;
    if (!entry) {
        (void)close(fd);
        free(c);
        return;
    }
    *c = (struct serve_connection){ .serve = s,
                                    .watch = { .fd = fd, .ready = on_ready, .host = c },
                                    .timer = { .due = on_due, .host = c },
                                    .settings = s->settings,
                                    .peer = entry,
                                    .out = buf_new(SERVE_OUT_MAX) };
    (void)slice_copy_out(slice_of(peer), (uint8_t *)c->name, sizeof c->name - 1);
    s->settings->users++;
    s->counts.open++;
    s->counts.accepted++;
    append(c);
    if (!begin(c))
        c->dead = true;
    settle(c);
}

void serve_connection_drop(struct serve_connection *c)
{
    struct serve *s = c->serve;
    c->dead = true;
    forget_all(c);
    loop_cancel(s->loop, &c->timer);
    loop_remove(s->loop, &c->watch);
    (void)close(c->watch.fd);
    if (c->session)
        s->door->drop(&c->session);
    unlink_one(c);
    serve_peers_leave(s->peers, c->peer);
    serve_settings_leave(&c->settings);
    s->unsent -= unsent(c);
    buf_drop(&c->out);
    free(c);
    s->counts.open--;
    serve_one_less(s);
}

bool serve_connection_evict(struct serve *s)
{
    for (struct serve_connection *c = s->first; c; c = c->after)
        if (!c->questions && !c->calls) {
            s->counts.ended_full++;
            serve_connection_drop(c);
            return true;
        }
    return false;
}

void serve_connections_stop(struct serve *s)
{
    for (struct serve_connection *c = s->first, *next; c; c = next) {
        next = c->after;
        if (!c->calls)
            settle(c);
    }
}
