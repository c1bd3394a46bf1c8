/* SPDX-License-Identifier: Apache-2.0 */
/* door_alone - one door by itself on a free port of loopback, with a desk that
 * decides by a fixed rule: for tests with real peers (an MTA, clamdscan), before
 * and without the daemons.
 *
 * The rule: "deed=reject" (hold, tempfail, tag, trouble) in the object's first 64 KiB says what
 * is done; "deed=domain": reject if a recipient is at strict.example.invalid, hold if one
 * is at hold.example.invalid, else tag. All else is delivered, tagged. Each object is one
 * line on standard output: what was asked, the size and the SHA-256 of its bytes.
 *
 * usage: door_alone NAME [away] [accepts] [slow] [own=NETWORK] [max=BYTES]
 * It prints its port first, "so far" for each byte of standard input, and ends with it. */
#include "base/hash.h"
#include "base/text.h"
#include "doors/door.h"
#include "os/clock.h"
#include "os/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PEERS = 64,
    OUT_MAX = 4 << 20,
    HEAD = 64 << 10,
    BODY_MAX = 256 << 20,
    TICK_US = 200000,
    SLOW_US = 3000000
};

struct peer {
    int fd;
    struct door_session *session;
    struct buf out;
    bool asked, ends;
    uint64_t id, answer_at, tick_at;
    enum deed deed;
    bool trouble;
};

static struct peer peers[PEERS];
static const struct door *door;
static struct door_settings settings = {
    .limits = { .object_max = 64 << 20, .idle_ms = 60000, .recipients_max = GATE_RECIPIENTS_MAX },
    .authserv_id = SLICE_INIT("mx.example.invalid"),
    .version = SLICE_INIT("0")
};
static slice own_network;
static bool away, slow;

static bool on_send(void *host, slice bytes)
{
    struct peer *p = host;
    buf_put(&p->out, bytes);
    return !p->out.full;
}

static bool says(slice head, const char *word)
{
    return slice_find(head, slice_of(word), 0) != SIZE_MAX;
}

static bool any_at(const struct gate_request *r, const char *domain)
{
    for (size_t i = 0; i < r->n_recipients; i++)
        if (slice_ends_nocase(r->recipients[i], domain))
            return true;
    return false;
}

static enum deed rule(const struct gate_request *r, slice head)
{
    if (says(head, "deed=domain"))
        return any_at(r, "@strict.example.invalid") ? DEED_REJECT
               : any_at(r, "@hold.example.invalid") ? DEED_HOLD
                                                    : DEED_TAG;
    return says(head, "deed=reject")     ? DEED_REJECT
           : says(head, "deed=hold")     ? DEED_HOLD
           : says(head, "deed=tempfail") ? DEED_TEMPFAIL
                                         : DEED_TAG;
}

static void tell(const struct gate_request *r, slice body)
{
    static const char *const directions[] = { "in", "out", "file" };
    char hex[65];
    uint8_t sum[32];
    sha256_of(body, sum);
    hex_of((slice){ sum, sizeof sum }, hex);
    printf("asked\t%s\tclient=%.*s\thelo=%.*s\tsender=%.*s\tuser=%.*s\ttls=%.*s\tqueue=%.*"
           "s\trecipients=%"
           "zu\tfd=%d\tsize=%zu\tsha256=%s\n",
           directions[r->direction], SLICE_FMT(r->client_address), SLICE_FMT(r->helo),
           SLICE_FMT(r->sender), SLICE_FMT(r->user), SLICE_FMT(r->tls), SLICE_FMT(r->queue_id),
           r->n_recipients, r->has_fd, body.len, hex);
    (void)fflush(stdout);
}

static bool on_ask(void *host, const struct gate_request *r, int fd)
{
    struct peer *p = host;
    struct buf file = buf_new(BODY_MAX);
    slice body = r->body;
    if (fd >= 0) {
        CHECK(file_read_fd(fd, BODY_MAX, &file, NULL) == 0);
        body = buf_slice(&file);
        (void)close(fd);
    }
    tell(r, body);
    slice head = slice_sub(body, 0, HEAD);
    p->deed = rule(r, head);
    p->trouble = says(head, "deed=trouble");
    p->id = r->id;
    p->asked = !away;
    p->answer_at = clock_us() + (slow ? SLOW_US : 0);
    p->tick_at = clock_us() + TICK_US;
    buf_drop(&file);
    return p->asked;
}

static void on_forget(void *host)
{
    ((struct peer *)host)->asked = false;
    (void)printf("forgot\n");
    (void)fflush(stdout);
}

static void on_end(void *host)
{
    ((struct peer *)host)->ends = true;
}

static void on_note(void *host, const char *text, slice detail)
{
    (void)host;
    (void)printf("note\t%s\t%.*s\n", text, SLICE_FMT(detail));
    (void)fflush(stdout);
}

static const struct gate_state *on_state(void *host)
{
    static const struct gate_state state = { .ready = true, .workers = 1 };
    (void)host;
    return away ? NULL : &state;
}

static void answer(struct peer *p)
{
    static const char *const verdicts[] = { "clean", "clean", "suspicious", "malicious",
                                            "unknown" };
    static const char reason[] =
        "a reason that is so long that its line must be broken more than once, because no line "
        "of a header should be longer than seventy-eight characters, and none may be longer than "
        "998";
    const struct gate_header headers[] = {
        { SLICE_LIT("X-Sekisho-Verdict"), slice_of(verdicts[p->deed]) },
        { SLICE_LIT("X-Sekisho-Reason"), slice_of(reason) },
        { SLICE_LIT("X-Sekisho-Id"), SLICE_LIT("261122-7K3F9Q2M") }
    };
    struct gate_answer a = { .id = p->id,
                             .deed = p->deed,
                             .verdict = p->deed == DEED_TAG ? VERDICT_CLEAN : VERDICT_MALICIOUS,
                             .reference = SLICE_LIT("261122-7K3F9Q2M"),
                             .name = p->deed == DEED_TAG ? (slice){ 0 } : SLICE_LIT("Test.Name"),
                             .reply = SLICE_LIT("Message refused by the test"),
                             .headers = headers,
                             .n_headers = 3 };
    if (p->trouble) {
        a.deed = DEED_TEMPFAIL;
        a.trouble = SLICE_LIT("overloaded");
    }
    p->asked = false;
    p->ends |= !door->answer(p->session, &a);
}

static void drop(struct peer *p)
{
    door->drop(&p->session);
    (void)close(p->fd);
    buf_drop(&p->out);
    *p = (struct peer){ .fd = -1 };
}

static void add(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct peer *p = peers;
    while (p < peers + PEERS && p->fd >= 0)
        p++;
    if (fd < 0 || p == peers + PEERS) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    *p = (struct peer){ .fd = fd, .out = buf_new(OUT_MAX) };
    const struct door_host host = { .host = p,
                                    .send = on_send,
                                    .ask = on_ask,
                                    .forget = on_forget,
                                    .end = on_end,
                                    .note = on_note,
                                    .state = on_state };
    CHECK(door->open(&settings, &host, SLICE_LIT("127.0.0.1"), &p->session) == 0);
}

static void hear(struct peer *p)
{
    static uint8_t bytes[65536];
    ssize_t n = read(p->fd, bytes, sizeof bytes);
    if (n > 0)
        p->ends |= !door->feed(p->session, (slice){ bytes, (size_t)n }, NULL, 0);
    else if (n == 0)
        p->ends |= !door->finish(p->session);
    else if (errno != EAGAIN && errno != EINTR)
        p->ends = true;
}

static void flush(struct peer *p)
{
    ssize_t n = p->out.len ? send(p->fd, p->out.at, p->out.len, MSG_NOSIGNAL) : 0;
    if (n < 0 && errno != EAGAIN)
        p->out.len = 0, p->ends = true;
    if (n > 0) {
        p->out.len -= (size_t)n;
        memmove(p->out.at, p->out.at + n, p->out.len);
    }
}

static void serve(struct peer *p, short events)
{
    uint64_t now = clock_us();
    if (!p->ends && events & (POLLIN | POLLHUP | POLLERR) && !door->waits(p->session))
        hear(p);
    else if (!p->ends && events & (POLLHUP | POLLERR))
        p->ends = true;
    if (!p->ends && p->asked && now >= p->answer_at)
        answer(p);
    if (!p->ends && p->asked && door->tick && now >= p->tick_at) {
        p->tick_at = now + TICK_US;
        p->ends |= !door->tick(p->session);
    }
    flush(p);
    if (p->ends && p->out.len == 0)
        drop(p);
}

static void turn(int listener)
{
    struct pollfd polls[PEERS + 2] = { { .fd = 0, .events = POLLIN },
                                       { .fd = listener, .events = POLLIN } };
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &peers[i];
        bool hears = p->fd >= 0 && !p->ends && !door->waits(p->session);
        polls[i + 2] =
            (struct pollfd){ .fd = p->fd,
                             .events = (short)((hears ? POLLIN : 0) | (p->out.len ? POLLOUT : 0)) };
    }
    bool busy = false;
    for (size_t i = 0; i < PEERS; i++)
        busy |= peers[i].fd >= 0 && peers[i].asked && !slow;
    if (poll(polls, PEERS + 2, busy ? 0 : 50) < 0)
        return;
    if (polls[0].revents) {
        char one;
        if (read(0, &one, 1) <= 0)
            exit(0);
        (void)printf("so far\n");
        (void)fflush(stdout);
    }
    for (size_t i = 0; i < PEERS; i++)
        if (peers[i].fd >= 0)
            serve(&peers[i], polls[i + 2].revents);
    if (polls[1].revents)
        add(listener);
}

static void set(const char *word)
{
    away |= strcmp(word, "away") == 0;
    slow |= strcmp(word, "slow") == 0;
    settings.away_accepts |= strcmp(word, "accepts") == 0;
    if (strncmp(word, "own=", 4) == 0) {
        own_network = slice_of(word + 4);
        settings.own_networks = &own_network;
        settings.n_own_networks = 1;
    }
    if (strncmp(word, "max=", 4) == 0)
        settings.limits.object_max = strtoull(word + 4, NULL, 10);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    for (size_t i = 0; i < n_doors && argc > 1; i++)
        if (strcmp(doors[i]->name, argv[1]) == 0)
            door = doors[i];
    for (int i = 2; i < argc; i++)
        set(argv[i]);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!door || listener < 0 || bind(listener, (struct sockaddr *)&at, length) ||
        listen(listener, 64) || getsockname(listener, (struct sockaddr *)&at, &length)) {
        (void)fputs("usage: door_alone NAME [away] [accepts] [slow] [own=NETWORK] [max=BYTES]\n",
                    stderr);
        return 2;
    }
    for (size_t i = 0; i < PEERS; i++)
        peers[i].fd = -1;
    printf("%u\n", ntohs(at.sin_port));
    (void)fflush(stdout);
    for (;;)
        turn(listener);
}
