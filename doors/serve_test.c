/* SPDX-License-Identifier: Apache-2.0 */
/* A door's process with supervisor, desk and strangers around it, all in one loop. */
#include "doors/harness.h"
#include "doors/serve_testing.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct scene {
    const struct door *door; /* NULL: clamd */
    struct loop *loop;
    struct serve *serve;
    struct channel *supervisor;
    struct test_desk desk;
    char folder[32], address[64];
    unsigned ready, alone, stopped, locked;
    bool supervisor_closed;
    struct order_settings orders;
};

static bool on_word(void *host, uint8_t word, slice payload, int fd)
{
    struct scene *s = host;
    s->ready += word == ORDER_READY && payload.len == 0 && fd < 0;
    s->alone += word == ORDER_ALONE && payload.len == 0 && fd < 0;
    return true;
}

static void on_closed(void *host, const char *why)
{
    (void)why;
    ((struct scene *)host)->supervisor_closed = true;
}

static int on_lock(void *host, const struct order_settings *o, struct err *err_out)
{
    struct scene *s = host;
    (void)err_out;
    s->locked++;
    return o->connections == s->orders.connections ? 0 : -EINVAL;
}

static void on_stopped(void *host, const char *why)
{
    struct scene *s = host;
    (void)why;
    s->stopped++;
    loop_stop(s->loop);
}

static void order(struct scene *s, uint8_t word, slice payload, int fd)
{
    assert_int_equal(channel_send(s->supervisor, word, payload, fd), 0);
    if (fd >= 0)
        close(fd);
}

static void order_settings(struct scene *s)
{
    struct buf b = buf_new(ORDER_PAYLOAD_MAX);
    assert_true(order_put_settings(&b, &s->orders));
    order(s, ORDER_SETTINGS, buf_slice(&b), -1);
    buf_drop(&b);
}

static void start(struct scene *s)
{
    struct err e;
    int pair[2];
    *s = (struct scene){ .door = s->door ? s->door : fake_door("clamd"),
                         .folder = "/tmp/sekisho-serve-XXXXXX",
                         .orders = order_defaults() };
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->address, sizeof s->address, "unix:%s/door", s->folder);
    assert_int_equal(loop_new(&s->loop, &e), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const struct serve_events events = { s, on_lock, on_stopped };
    assert_int_equal(serve_new(s->loop, s->door, pair[0], &events, &s->serve, &e), 0);
    assert_int_equal(channel_new(s->loop, pair[1],
                                 &(struct channel_limits){ ORDER_PAYLOAD_MAX, ORDER_PAYLOAD_MAX },
                                 &(struct channel_events){ s, on_word, on_closed }, &s->supervisor,
                                 &e),
                     0);
}

static void begin(struct scene *s, enum desk_manner manner)
{
    struct err e;
    int fd;
    if (!s->loop)
        start(s);
    order_settings(s);
    order(s, ORDER_DESK, (slice){ 0 }, test_desk_new(&s->desk, s->loop, manner));
    assert_int_equal(net_listen(&(struct net_listen){ .address = s->address }, &fd, &e), 0);
    order(s, ORDER_LISTEN, slice_of(s->address), fd);
    test_desk_say_ready(&s->desk, true);
    test_turn(s->loop, 10);
    assert_true(s->locked == 1 && s->ready == 1);
}

static void end(struct scene *s)
{
    serve_drop(&s->serve);
    channel_drop(&s->desk.channel);
    channel_drop(&s->supervisor);
    loop_drop(&s->loop);
    unlink(s->address + 5);
    rmdir(s->folder);
}

static int caller(const struct scene *s)
{
    struct err e;
    int fd;
    assert_int_equal(net_connect(s->address, &fd, &e), 0);
    return fd;
}

static void tell(int fd, slice bytes)
{
    assert_int_equal(send(fd, bytes.at, bytes.len, MSG_NOSIGNAL), bytes.len);
}

/* What came so far; *ended_out: and nothing more will. */
static size_t hear(int fd, char *out, size_t room, bool *ended_out)
{
    size_t len = 0;
    *ended_out = false;
    while (len < room - 1) {
        ssize_t n = recv(fd, out + len, room - 1 - len, MSG_DONTWAIT);
        if (n <= 0) {
            *ended_out = n == 0;
            break;
        }
        len += (size_t)n;
    }
    for (size_t i = 0; i < len; i++)
        out[i] = out[i] ? out[i] : '|';
    out[len] = 0;
    return len;
}

static void hears(struct scene *s, int fd, const char *want, bool want_end)
{
    char got[4096];
    bool ended;
    test_turn(s->loop, 20);
    hear(fd, got, sizeof got, &ended);
    assert_string_equal(got, want);
    assert_int_equal(ended, want_end);
}

#define STREAM SLICE_LIT("zINSTREAM\0\0\0\0\x04mail\0\0\0\0")

static void answers_and_ends(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_ANSWERS);
    int fd = caller(&s);
    tell(fd, STREAM);
    hears(&s, fd, "stream: OK|", true);
    close(fd);
    test_turn(s.loop, 10);
    assert_true(serve_counts(s.serve).open == 0 && s.desk.scans == 1 && s.desk.bytes == 4);
    end(&s);
}

/* Larger than fits in the message: the bytes go as a sealed file. */
static void large_objects_go_as_files(void **state)
{
    (void)state;
    enum { SIZE = 3 << 20, PIECE = 60000 };
    struct scene s = { 0 };
    static char piece[PIECE];
    begin(&s, DESK_ANSWERS);
    int fd = caller(&s);
    tell(fd, SLICE_LIT("zINSTREAM\0\0\x30\0\0"));
    for (size_t left = SIZE; left;) {
        ssize_t n = send(fd, piece, left < PIECE ? left : PIECE, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            left -= (size_t)n;
        test_turn(s.loop, 0);
    }
    tell(fd, SLICE_LIT("\0\0\0\0"));
    hears(&s, fd, "stream: OK|", true);
    assert_true(s.desk.fds == 1 && s.desk.bytes == SIZE);
    close(fd);
    end(&s);
}

/* An answer reaches a peer that was still sending when its time was up. */
static void the_last_answer_arrives(void **state)
{
    (void)state;
    struct scene s = { 0 };
    static const char junk[40000];
    begin(&s, DESK_ANSWERS);
    int fd = caller(&s);
    tell(fd, SLICE_LIT("zINSTREAM\0\xff\xff\xff\xff"));
    tell(fd, (slice){ (const uint8_t *)junk, sizeof junk });
    test_turn(s.loop, 5);
    tell(fd, (slice){ (const uint8_t *)junk, sizeof junk });
    hears(&s, fd, "INSTREAM size limit exceeded. ERROR|", true);
    close(fd);
    end(&s);
}

static void a_desk_killed_in_between(void **state)
{
    (void)state;
    struct scene s = { 0 };
    struct test_desk next;
    begin(&s, DESK_HOLDS);
    int fd[3];
    for (int i = 0; i < 3; i++) {
        fd[i] = caller(&s);
        tell(fd[i], STREAM);
    }
    test_turn(s.loop, 10);
    assert_int_equal(s.desk.n_held, 3);
    channel_drop(&s.desk.channel);
    for (int i = 0; i < 3; i++) {
        hears(&s, fd[i], "stream: the desk is away. ERROR|", true);
        close(fd[i]);
    }
    fd[0] = caller(&s);
    tell(fd[0], STREAM);
    hears(&s, fd[0], "stream: busy, try again later. ERROR|", true);
    close(fd[0]);
    assert_int_equal(s.alone, 1); /* the supervisor hears of it: not all desks that go have died */
    order(&s, ORDER_DESK, (slice){ 0 }, test_desk_new(&next, s.loop, DESK_ANSWERS));
    test_desk_say_ready(&next, true);
    test_turn(s.loop, 5);
    fd[0] = caller(&s);
    tell(fd[0], STREAM);
    hears(&s, fd[0], "stream: OK|", true);
    close(fd[0]);
    assert_int_equal(serve_counts(s.serve).later, 4);
    channel_drop(&next.channel);
    test_turn(s.loop, 5);
    assert_int_equal(s.alone, 2);
    end(&s);
}

static void who_leaves_is_forgotten(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_HOLDS);
    int fd = caller(&s);
    tell(fd, STREAM);
    test_turn(s.loop, 10);
    close(fd);
    test_turn(s.loop, 10);
    assert_true(s.desk.n_held == 1 && s.desk.cancels == 1 && serve_counts(s.serve).open == 0);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    test_turn(s.loop, 5);
    end(&s);
}

/* The client ends its side and listens: it still gets its answer. */
static void half_closed(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_HOLDS);
    int fd = caller(&s);
    tell(fd, STREAM);
    shutdown(fd, SHUT_WR);
    test_turn(s.loop, 10);
    assert_int_equal(s.desk.n_held, 1);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_MALICIOUS);
    hears(&s, fd, "stream: Sekisho.Test.Any.Thing FOUND|", true);
    close(fd);
    assert_int_equal(serve_counts(s.serve).open, 0);
    end(&s);
}

static void descriptors_travel(void **state)
{
    (void)state;
    struct scene s = { 0 };
    int file;
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof file)];
    } rights = { .head = { CMSG_LEN(sizeof file), SOL_SOCKET, SCM_RIGHTS } };
    struct iovec part = { "", 1 };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = rights.bytes,
                        .msg_controllen = sizeof rights.bytes };
    begin(&s, DESK_ANSWERS);
    assert_int_equal(file_sealed_bytes(SLICE_LIT("Good morning."), &file, NULL), 0);
    (void)slice_copy_out((slice){ (const uint8_t *)&file, sizeof file }, CMSG_DATA(&rights.head),
                         sizeof file);
    int fd = caller(&s);
    tell(fd, SLICE_LIT("nFILDES\n"));
    assert_int_equal(sendmsg(fd, &m, MSG_NOSIGNAL), 1);
    hears(&s, fd, "fd[0]: OK\n", true);
    assert_true(s.desk.fds == 1 && s.desk.bytes == 13);
    close(fd);
    close(file);
    end(&s);
}

static void the_idle_are_ended(void **state)
{
    (void)state;
    struct scene s = { 0 };
    start(&s);
    s.orders.door.limits.idle_ms = 150;
    s.orders.slow_ms = 600;
    begin(&s, DESK_HOLDS);
    int silent = caller(&s), slow = caller(&s), asks = caller(&s);
    tell(asks, STREAM);
    for (int i = 0; i < 10; i++) { /* a byte at a time, never idle, never done */
        tell(slow, i ? SLICE_LIT("A") : SLICE_LIT("z"));
        test_turn(s.loop, 20);
    }
    hears(&s, silent, "", true);
    hears(&s, slow, "", false);
    for (int i = 0; i < 60 && serve_counts(s.serve).open > 1; i++) {
        (void)!send(slow, "A", 1, MSG_NOSIGNAL);
        test_turn(s.loop, 20);
    }
    hears(&s, slow, "", true);
    hears(&s, asks, "", false); /* its turn is the desk's */
    assert_int_equal(serve_counts(s.serve).ended_slow, 2);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    hears(&s, asks, "stream: OK|", true);
    close(silent);
    close(slow);
    close(asks);
    end(&s);
}

/* An MTA says nothing while its own client is slow. */
static void some_doors_are_patient(void **state)
{
    (void)state;
    struct scene s = { 0 };
    struct door patient = *fake_door("clamd");
    patient.patience_ms = 600;
    s.door = &patient;
    start(&s);
    s.orders.door.limits.idle_ms = s.orders.slow_ms = 50;
    begin(&s, DESK_HOLDS);
    int silent = caller(&s);
    for (int i = 0; i < 10; i++)
        test_turn(s.loop, 20);
    hears(&s, silent, "", false);
    for (int i = 0; i < 60 && serve_counts(s.serve).open; i++)
        test_turn(s.loop, 20);
    hears(&s, silent, "", true);
    close(silent);
    end(&s);
    assert_true(fake_door("milter")->patience_ms >= 2 * 3600 * 1000);
}

/* Many stall; who speaks is heard, and those who wait for an answer are not put out. */
static void the_crowd_gives_way(void **state)
{
    (void)state;
    enum { MOST = 50, STALLED = 400 };
    struct scene s = { 0 };
    int stalled[STALLED];
    start(&s);
    s.orders.connections = MOST;
    begin(&s, DESK_HOLDS);
    int waiting = caller(&s);
    tell(waiting, STREAM);
    for (int i = 0; i < STALLED; i++) {
        stalled[i] = caller(&s);
        tell(stalled[i], SLICE_LIT("zINS"));
        if (i % 40 == 0) {
            int fd = caller(&s);
            tell(fd, SLICE_LIT("zPING\0"));
            hears(&s, fd, "PONG|", true);
            close(fd);
        }
    }
    test_turn(s.loop, 10);
    assert_true(serve_counts(s.serve).open <= MOST &&
                serve_counts(s.serve).ended_full >= STALLED - MOST);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    hears(&s, waiting, "stream: OK|", true);
    close(waiting);
    for (int i = 0; i < STALLED; i++)
        close(stalled[i]);
    end(&s);
}

/* All places wait for the desk: the next caller is let in when one has its answer. */
static void all_places_are_taken(void **state)
{
    (void)state;
    struct scene s = { 0 };
    start(&s);
    s.orders.connections = 2;
    begin(&s, DESK_HOLDS);
    int fd[3];
    for (int i = 0; i < 3; i++) {
        fd[i] = caller(&s);
        tell(fd[i], STREAM);
        test_turn(s.loop, 10);
    }
    assert_true(s.desk.n_held == 2 && serve_counts(s.serve).open == 2);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    hears(&s, fd[0], "stream: OK|", true);
    close(fd[0]);
    test_turn(s.loop, 10);
    assert_int_equal(s.desk.n_held, 3);
    for (int i = 1; i < 3; i++) {
        test_desk_answer(&s.desk, s.desk.held[i], VERDICT_CLEAN);
        hears(&s, fd[i], "stream: OK|", true);
        close(fd[i]);
    }
    end(&s);
}

/* The system has no descriptor left. */
static void no_descriptor_is_left(void **state)
{
    (void)state;
    struct scene s = { 0 };
    struct rlimit was, few;
    int stalled[40];
    begin(&s, DESK_ANSWERS);
    for (int i = 0; i < 40; i++)
        stalled[i] = caller(&s);
    getrlimit(RLIMIT_NOFILE, &was);
    int honest = caller(&s);
    few = (struct rlimit){ (rlim_t)honest + 10, was.rlim_max };
    setrlimit(RLIMIT_NOFILE, &few);
    tell(honest, SLICE_LIT("zPING\0"));
    hears(&s, honest, "PONG|", true);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_true(serve_counts(s.serve).ended_full >= 30);
    close(honest);
    for (int i = 0; i < 40; i++)
        close(stalled[i]);
    end(&s);
}

static void stops_when_all_is_answered(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_HOLDS);
    int waiting = caller(&s), idle = caller(&s);
    tell(waiting, STREAM);
    test_turn(s.loop, 10);
    order(&s, ORDER_STOP, SLICE_LIT("\x10\x27\0\0"), -1);
    hears(&s, idle, "", true);
    close(idle);
    assert_int_equal(s.stopped, 0);
    struct err e;
    int fd;
    assert_true(net_connect(s.address, &fd, &e) < 0); /* nobody listens */
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    hears(&s, waiting, "stream: OK|", true);
    close(waiting);
    test_turn(s.loop, 10);
    assert_int_equal(s.stopped, 1);
    end(&s);
}

static void stops_when_the_time_is_over(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_HOLDS);
    int waiting = caller(&s);
    tell(waiting, STREAM);
    test_turn(s.loop, 10);
    order(&s, ORDER_STOP, SLICE_LIT("\x20\0\0\0"), -1);
    test_turn(s.loop, 100);
    assert_int_equal(s.stopped, 1);
    close(waiting);
    end(&s);
}

static void the_supervisor_dies(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_HOLDS);
    channel_drop(&s.supervisor);
    test_turn(s.loop, 10);
    assert_int_equal(s.stopped, 1);
    end(&s);
}

static void listens_and_listens_no_more(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_ANSWERS);
    order(&s, ORDER_UNLISTEN, SLICE_LIT("inet:192.0.2.1:1"), -1);
    order(&s, ORDER_UNLISTEN, slice_of(s.address), -1);
    test_turn(s.loop, 10);
    struct err e;
    int fd;
    assert_true(net_connect(s.address, &fd, &e) < 0 && !s.stopped);
    end(&s);
}

/* New settings are for those who come from now on. */
static void settings_change(void **state)
{
    (void)state;
    struct scene s = { 0 };
    begin(&s, DESK_ANSWERS);
    int before = caller(&s);
    test_turn(s.loop, 5);
    s.orders.door.limits.object_max = 3;
    order_settings(&s);
    test_turn(s.loop, 5);
    int after = caller(&s);
    tell(before, STREAM);
    hears(&s, before, "stream: OK|", true);
    tell(after, STREAM);
    hears(&s, after, "INSTREAM size limit exceeded. ERROR|", true);
    assert_int_equal(s.locked, 1);
    close(before);
    close(after);
    end(&s);
}

/* What a supervisor of another build might say ends the process, not the machine. */
static const struct {
    const char *name;
    uint8_t word;
    slice payload;
    bool fd;
} wrong[] = {
    { "settings of nonsense", ORDER_SETTINGS, SLICE_INIT("nonsense"), false },
    { "no settings", ORDER_SETTINGS, SLICE_INIT(""), false },
    { "settings with a file", ORDER_SETTINGS, SLICE_INIT("x"), true },
    { "a socket before the settings", ORDER_LISTEN, SLICE_INIT("unix:/x"), true },
    { "a listening word without a socket", ORDER_LISTEN, SLICE_INIT("unix:/x"), false },
    { "a desk without a socket", ORDER_DESK, SLICE_INIT(""), false },
    { "a stop without a time", ORDER_STOP, SLICE_INIT("\x01"), false },
    { "an unknown word", 99, SLICE_INIT(""), false },
};

#include "tests/table.h"

static void refuses_wrong_orders(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, wrong)
    {
        struct scene s = { 0 };
        start(&s);
        order(&s, row->word, row->payload, row->fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1);
        test_turn(s.loop, 10);
        table_true(&t, row->name, s.stopped == 1);
        end(&s);
    }
}

/* Any bytes, from many, cut anywhere, some left in the middle: one who asks is answered. */
static void a_flood_of_anything(void **state)
{
    (void)state;
    enum { ROUNDS = 1500 };
    static const char *const words[] = { "zINSTREAM", "nPING\n",    "zIDSESSION", "nFILDES\n",
                                         "zEND",      "nVERSION\n", "SCAN /a" };
    struct scene s = { 0 };
    uint32_t seed = 7;
    begin(&s, DESK_ANSWERS);
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t bytes[300];
        int fd = caller(&s);
        const char *word = words[i % 7];
        size_t n =
            slice_copy_out((slice){ (const uint8_t *)word, strlen(word) + 1 }, bytes, sizeof bytes);
        for (; n < 100 + (size_t)i % 200; n++) {
            seed = seed * 1664525 + 1013904223;
            bytes[n] = i % 3 ? (uint8_t)(seed >> 24) : (uint8_t)(seed >> 24 & 1);
        }
        (void)!send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (i % 16 == 0)
            test_turn(s.loop, 1);
        close(fd);
    }
    int fd = caller(&s);
    tell(fd, STREAM);
    hears(&s, fd, "stream: OK|", true);
    close(fd);
    test_turn(s.loop, 20);
    assert_int_equal(serve_counts(s.serve).open, 0);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_ends),
        cmocka_unit_test(large_objects_go_as_files),
        cmocka_unit_test(the_last_answer_arrives),
        cmocka_unit_test(a_desk_killed_in_between),
        cmocka_unit_test(who_leaves_is_forgotten),
        cmocka_unit_test(half_closed),
        cmocka_unit_test(descriptors_travel),
        cmocka_unit_test(the_idle_are_ended),
        cmocka_unit_test(some_doors_are_patient),
        cmocka_unit_test(the_crowd_gives_way),
        cmocka_unit_test(all_places_are_taken),
        cmocka_unit_test(no_descriptor_is_left),
        cmocka_unit_test(stops_when_all_is_answered),
        cmocka_unit_test(stops_when_the_time_is_over),
        cmocka_unit_test(the_supervisor_dies),
        cmocka_unit_test(listens_and_listens_no_more),
        cmocka_unit_test(settings_change),
        cmocka_unit_test(refuses_wrong_orders),
        cmocka_unit_test(a_flood_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
