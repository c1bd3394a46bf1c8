/* SPDX-License-Identifier: Apache-2.0 */
/* milter_load - sends mails over many milter sessions at once, as an MTA does (a
 * connection for each), and measures each from the connection to the last reply.
 *
 * One process and one thread, so that the client costs little beside what is
 * measured; packets are made before the clock starts. Where the milter wants a
 * reply to each step left out (SMFIP_NR_*), a mail is sent in one go.
 *
 * usage: milter_load PORT CONCURRENCY TIMES FILE... (or @LIST, a path a line)
 * Prints one JSON object; latency is in milliseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65535, SESSIONS_MAX = 20000, REPLY_MAX = 1 << 20 };

struct bytes {
    uint8_t *at;
    size_t len, room;
};

struct step { /* one packet, by its place in the mail's bytes */
    size_t from, to;
    uint32_t quiet; /* SMFIP_NR_* that makes it one without a reply */
};

struct mail {
    struct bytes packets;
    struct step *steps;
    size_t n_steps;
};

struct session {
    int fd;
    size_t mail, step, sent;
    uint32_t steps;
    bool negotiated;
    double began;
    struct bytes in;
};

static struct mail *mails;
static size_t n_mails;
static double *latencies;
static size_t n_done, n_started, n_wanted, replies[256], broken;
static struct sockaddr_in target = { .sin_family = AF_INET };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put(struct bytes *b, const void *at, size_t n)
{
    if (n > b->room - b->len) {
        b->room = (b->len + n) * 2;
        b->at = realloc(b->at, b->room);
        if (!b->at)
            fail("realloc");
    }
    if (n)
        memcpy(b->at + b->len, at, n);
    b->len += n;
}

static void put_packet(struct mail *m, uint8_t command, uint32_t quiet, const void *one,
                       size_t n_one, const void *two, size_t n_two)
{
    uint32_t length = htonl((uint32_t)(1 + n_one + n_two));
    struct step s = { .from = m->packets.len, .quiet = quiet };
    put(&m->packets, &length, 4);
    put(&m->packets, &command, 1);
    put(&m->packets, one, n_one);
    put(&m->packets, two, n_two);
    s.to = m->packets.len;
    m->steps = realloc(m->steps, (m->n_steps + 1) * sizeof s);
    if (!m->steps)
        fail("realloc");
    m->steps[m->n_steps++] = s;
}

/* With LF between the lines of a field, and NULs left out. */
static void put_field(struct mail *m, const char *at, size_t n)
{
    const char *colon = memchr(at, ':', n);
    struct bytes value = { 0 };
    if (!colon)
        return;
    for (const char *p = colon + 1; p < at + n; p++)
        if (*p != '\r' && *p)
            put(&value, p, 1);
    put(&value, "", 1);
    struct bytes name = { 0 };
    put(&name, at, (size_t)(colon - at));
    put(&name, "", 1);
    put_packet(m, 'L', 0x80, name.at, name.len, value.at, value.len);
    free(name.at);
    free(value.at);
}

static void put_body(struct mail *m, const char *at, size_t n)
{
    struct bytes body = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (at[i] == '\n' && (i == 0 || at[i - 1] != '\r'))
            put(&body, "\r", 1);
        put(&body, at + i, 1);
    }
    for (size_t from = 0; from < body.len; from += CHUNK)
        put_packet(m, 'B', 0x80000, body.at + from,
                   body.len - from < CHUNK ? body.len - from : CHUNK, NULL, 0);
    free(body.at);
}

static void make(struct mail *m, const char *text, size_t n, size_t number)
{
    static const uint8_t connect_to[] = "mail.example.org\0004\x12\x67"
                                        "192.0.2.1";
    char queue[32];
    size_t n_queue = (size_t)snprintf(queue, sizeof queue, "Ei%cQ%zu", 0, number) + 1;
    put_packet(m, 'C', 0x1000, connect_to, sizeof connect_to, NULL, 0);
    put_packet(m, 'H', 0x2000, "mail.example.org", 17, NULL, 0);
    put_packet(m, 'M', 0x4000, "<a@example.org>", 16, NULL, 0);
    put_packet(m, 'R', 0x8000, "<b@example.net>", 16, NULL, 0);
    put_packet(m, 'T', 0x10000, NULL, 0, NULL, 0);
    size_t at = 0;
    while (at < n && text[at] != '\n' &&
           !(text[at] == '\r' && at + 1 < n && text[at + 1] == '\n')) {
        size_t end = at;
        do {
            const char *lf = memchr(text + end, '\n', n - end);
            end = lf ? (size_t)(lf - text) + 1 : n;
        } while (end < n && (text[end] == ' ' || text[end] == '\t'));
        size_t bare = end;
        while (bare > at && (text[bare - 1] == '\n' || text[bare - 1] == '\r'))
            bare--;
        put_field(m, text + at, bare - at);
        at = end;
    }
    put_packet(m, 'N', 0x40000, NULL, 0, NULL, 0);
    const char *lf = at < n ? memchr(text + at, '\n', n - at) : NULL;
    if (lf)
        put_body(m, lf + 1, n - (size_t)(lf + 1 - text));
    put_packet(m, 'D', UINT32_MAX, queue, n_queue, NULL, 0);
    put_packet(m, 'E', 0, NULL, 0, NULL, 0);
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct bytes text = { 0 };
    char buffer[65536];
    size_t n;
    if (!f)
        fail(path);
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        put(&text, buffer, n);
    (void)fclose(f);
    mails = realloc(mails, (n_mails + 1) * sizeof *mails);
    if (!mails)
        fail("realloc");
    mails[n_mails] = (struct mail){ 0 };
    make(&mails[n_mails], (const char *)text.at, text.len, n_mails);
    n_mails++;
    free(text.at);
}

static void load_list(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    if (!f)
        fail(path);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0])
            load(line);
    }
    (void)fclose(f);
}

static void begin(struct session *s)
{
    static const uint8_t offer[] = { 0, 0, 0, 13,   'O', 0,    0,    0,   6,
                                     0, 0, 1, 0xff, 0,   0x1f, 0xff, 0xff };
    int on = 1;
    free(s->in.at);
    *s = (struct session){ .fd = -1, .mail = n_started % n_mails };
    if (n_started == n_wanted)
        return;
    n_started++;
    s->began = now();
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&target, sizeof target))
        fail("connect");
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)fcntl(s->fd, F_SETFL, O_NONBLOCK);
    if (send(s->fd, offer, sizeof offer, MSG_NOSIGNAL) != sizeof offer)
        fail("send");
}

static void done(struct session *s, int reply)
{
    if (reply < 0)
        broken++;
    else
        replies[reply]++;
    latencies[n_done++] = (now() - s->began) * 1000;
    (void)close(s->fd);
    begin(s);
}

static bool is_quiet(const struct session *s, const struct step *step)
{
    return step->quiet == UINT32_MAX || (s->steps & step->quiet);
}

/* The place up to which may be sent before a reply must come. */
static size_t may_send(const struct session *s)
{
    const struct mail *m = &mails[s->mail];
    size_t i = s->step;
    while (i + 1 < m->n_steps && is_quiet(s, &m->steps[i]))
        i++;
    return m->steps[i].to;
}

static void speak(struct session *s)
{
    size_t to = may_send(s);
    while (s->sent < to) {
        ssize_t n = send(s->fd, mails[s->mail].packets.at + s->sent, to - s->sent, MSG_NOSIGNAL);
        if (n <= 0) {
            if (n < 0 && errno != EAGAIN)
                done(s, -1);
            return;
        }
        s->sent += (size_t)n;
    }
}

/* True: the session has ended. */
static bool understand(struct session *s, uint8_t reply, const uint8_t *payload, size_t n)
{
    const struct mail *m = &mails[s->mail];
    if (reply == 'O' && n >= 12) {
        s->negotiated = true;
        s->steps = (uint32_t)payload[8] << 24 | (uint32_t)payload[9] << 16 |
                   (uint32_t)payload[10] << 8 | payload[11];
        return false;
    }
    while (s->step + 1 < m->n_steps && is_quiet(s, &m->steps[s->step]))
        s->step++;
    bool last = s->step + 1 == m->n_steps;
    if (strchr("artdy4", reply) || (last && reply == 'c')) {
        static const uint8_t quit[] = { 0, 0, 0, 1, 'Q' };
        (void)!send(s->fd, quit, sizeof quit, MSG_NOSIGNAL);
        done(s, reply);
        return true;
    }
    if (!last && (reply == 'c' || reply == 's'))
        s->step++;
    return false;
}

static void listen_to(struct session *s)
{
    uint8_t buffer[65536];
    ssize_t n = recv(s->fd, buffer, sizeof buffer, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            done(s, -1);
        return;
    }
    put(&s->in, buffer, (size_t)n);
    size_t at = 0;
    while (s->in.len - at >= 5) {
        const uint8_t *p = s->in.at + at;
        size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        if (length == 0 || length > REPLY_MAX) {
            done(s, -1);
            return;
        }
        if (s->in.len - at - 4 < length)
            break;
        at += 4 + length;
        if (understand(s, p[4], p + 5, length - 1))
            return;
    }
    memmove(s->in.at, s->in.at + at, s->in.len - at);
    s->in.len -= at;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run(struct session *sessions, size_t n)
{
    struct pollfd *polls = calloc(n, sizeof *polls);
    if (!polls)
        fail("calloc");
    for (size_t i = 0; i < n; i++)
        begin(&sessions[i]);
    while (n_done < n_wanted) {
        for (size_t i = 0; i < n; i++) {
            bool writes = sessions[i].fd >= 0 && sessions[i].negotiated &&
                          sessions[i].sent < may_send(&sessions[i]);
            polls[i] = (struct pollfd){ .fd = sessions[i].fd,
                                        .events = (short)(POLLIN | (writes ? POLLOUT : 0)) };
        }
        if (poll(polls, n, -1) < 0)
            fail("poll");
        for (size_t i = 0; i < n; i++) {
            if (polls[i].revents & (POLLIN | POLLHUP | POLLERR))
                listen_to(&sessions[i]);
            else if (polls[i].revents & POLLOUT)
                speak(&sessions[i]);
            if (sessions[i].fd >= 0 && polls[i].revents & POLLIN && sessions[i].negotiated)
                speak(&sessions[i]);
        }
    }
    free(polls);
}

int main(int argc, char **argv)
{
    struct rusage used;
    if (argc < 5)
        return fprintf(stderr, "usage: milter_load PORT CONCURRENCY TIMES FILE... | @LIST\n"), 2;
    target.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size_t n = strtoul(argv[2], NULL, 10), times = strtoul(argv[3], NULL, 10);
    for (int i = 4; i < argc; i++) {
        if (argv[i][0] == '@')
            load_list(argv[i] + 1);
        else
            load(argv[i]);
    }
    n_wanted = n_mails * times;
    struct session *sessions = n && n <= SESSIONS_MAX ? calloc(n, sizeof *sessions) : NULL;
    latencies = calloc(n_wanted + 1, sizeof *latencies);
    if (!sessions || !latencies || !n_wanted)
        fail("too many or too few");
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 +
                 (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6;
    double began = now();
    run(sessions, n);
    double took = now() - began;
    getrusage(RUSAGE_SELF, &used);
    cpu = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 +
          (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6 - cpu;
    qsort(latencies, n_done, sizeof *latencies, by_size);
    printf("{\"mails\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"p50\": %.2f, \"p95\": %.2f, "
           "\"p99\": %.2f, \"max\": %.2f, "
           "\"client_cpu\": %.3f, \"broken\": %zu, \"replies\": {",
           n_done, took, (double)n_done / took, latencies[n_done / 2], latencies[n_done * 95 / 100],
           latencies[n_done * 99 / 100], latencies[n_done - 1], cpu, broken);
    bool first = true;
    for (size_t i = 0; i < 256; i++)
        if (replies[i]) {
            printf("%s\"%c\": %zu", first ? "" : ", ", (int)i, replies[i]);
            first = false;
        }
    puts("}}");
    return broken > 0;
}
