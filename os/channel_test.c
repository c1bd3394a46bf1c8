/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: what is sent arrives, in order and once; a peer that was taken over is shut out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/channel.h"
#include "tests/table.h"

enum { PAYLOAD_MAX = 300 << 10, QUEUE_MAX = 1 << 20, FDS_MOST = 8 };

static const struct channel_limits limits = { PAYLOAD_MAX, QUEUE_MAX };

struct end {
    struct loop *loop;
    struct channel *channel;
    unsigned messages, fds, closed;
    uint64_t bytes;
    uint8_t next; /* payloads count on from here */
    bool disordered, refuses, drops;
    char why[80];
};

static bool got(void *host, uint8_t word, slice payload, int fd)
{
    struct end *e = host;
    e->messages++;
    e->bytes += payload.len;
    e->disordered |= word != 7 || (payload.len && payload.at[0] != e->next);
    e->next++;
    if (fd >= 0) {
        struct stat s;
        e->fds++;
        e->disordered |= fstat(fd, &s) < 0 || (size_t)s.st_size != payload.len;
        (void)close(fd);
    }
    if (e->drops)
        channel_drop(&e->channel);
    return !e->refuses;
}

static void ended(void *host, const char *why)
{
    struct end *e = host;
    e->closed++;
    (void)snprintf(e->why, sizeof e->why, "%s", why);
}

static void turn_ends(struct loop_timer *t)
{
    loop_stop(t->host);
}

/* Lets the loop work for a moment. */
static void turn(struct loop *l)
{
    struct loop_timer t = { .due = turn_ends, .host = l };
    struct err e = { 0 };
    assert_true(loop_after(l, &t, 1000));
    assert_int_equal(loop_run(l, &e), 0);
    loop_cancel(l, &t);
}

static unsigned open_fds(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    (void)closedir(d);
    return n;
}

static void open_end(struct end *e, struct loop *l, int fd)
{
    struct err err = { 0 };
    *e = (struct end){ .loop = l };
    const struct channel_events events = { e, got, ended };
    assert_int_equal(channel_new(l, fd, &limits, &events, &e->channel, &err), 0);
}

static slice bytes_of(size_t n, uint8_t first)
{
    static uint8_t room[PAYLOAD_MAX + 1];
    for (size_t i = 0; i < n && i < sizeof room; i++)
        room[i] = (uint8_t)(first + i);
    return (slice){ room, n };
}

static int file_of(size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)n) == 0);
    return fd;
}

/* --- honest ends */

static void messages_arrive(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned count;
        size_t size;
        bool with_fd;
    } cases[] = {
        { "one empty", 1, 0, false },
        { "one byte", 1, 1, false },
        { "many small", 5000, 100, false },
        { "one of the most", 1, PAYLOAD_MAX, false },
        { "more than the socket takes", 4, PAYLOAD_MAX - 7, false },
        { "a descriptor", 1, 3, true },
        { "an empty one with a descriptor", 1, 0, true },
        { "descriptors that wait", 300, 3000, true },
        { "descriptors with long messages", 4, PAYLOAD_MAX - 7, true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        int fds[2];
        unsigned before = open_fds();
        struct loop *l = NULL;
        struct end a, b;
        assert_int_equal(loop_new(&l, NULL), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        open_end(&a, l, fds[0]), open_end(&b, l, fds[1]);
        for (unsigned i = 0; i < row->count; i++) {
            int fd = row->with_fd ? file_of(row->size) : -1;
            int rc = channel_send(a.channel, 7, bytes_of(row->size, (uint8_t)i), fd);
            if (rc)
                table_wrong(&t, row->name, "send %u: %d", i, rc);
            if (fd >= 0)
                (void)close(fd);
            /* Some come while others wait. */
            if (i % 1000 == 999 || channel_unsent(a.channel) > QUEUE_MAX / 2)
                turn(l);
        }
        for (unsigned i = 0; i < 200 && b.messages < row->count; i++)
            turn(l);
        if (b.messages != row->count || b.bytes != row->count * (uint64_t)row->size ||
            b.fds != (row->with_fd ? row->count : 0) || b.disordered || a.closed || b.closed)
            table_wrong(&t, row->name, "%u messages, %u descriptors, %s %s", b.messages, b.fds,
                        a.why, b.why);
        if (channel_unsent(a.channel))
            table_wrong(&t, row->name, "%zu unsent", channel_unsent(a.channel));
        channel_drop(&a.channel);
        turn(l);
        table_true(&t, row->name, b.closed == 1 && strcmp(b.why, "the other side ended") == 0);
        channel_drop(&b.channel);
        loop_drop(&l);
        if (open_fds() != before)
            table_wrong(&t, row->name, "descriptors leak");
    }
}

static void slow_reader(void **state)
{
    (void)state;
    int fds[2], rc = 0;
    unsigned before = open_fds(), sent = 0;
    struct loop *l = NULL;
    struct end a;
    assert_int_equal(loop_new(&l, NULL), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    open_end(&a, l, fds[0]);
    int file = file_of(5);
    while (rc == 0 && sent < 100000) {
        rc = channel_send(a.channel, 7, bytes_of(1000, (uint8_t)sent), sent % 100 ? -1 : file);
        sent += rc == 0;
    }
    assert_int_equal(rc, -ENOBUFS);
    assert_in_range(channel_unsent(a.channel), QUEUE_MAX - 2000, QUEUE_MAX);
    assert_int_equal(channel_send(a.channel, 7, bytes_of(PAYLOAD_MAX + 1, 0), -1), -EMSGSIZE);
    /* It reads at last: whole messages came before the refusal, and more can be sent. */
    uint8_t room[65536];
    uint64_t seen = 0;
    for (unsigned i = 0; i < 1000 && seen < sent * (uint64_t)1005; i++) {
        ssize_t n = recv(fds[1], room, sizeof room, MSG_DONTWAIT);
        seen += n > 0 ? (uint64_t)n : 0;
        turn(l);
    }
    assert_int_equal(seen, sent * (uint64_t)1005);
    assert_int_equal(channel_send(a.channel, 7, bytes_of(1000, 0), -1), 0);
    (void)close(fds[1]), (void)close(file);
    assert_int_equal(channel_send(a.channel, 7, bytes_of(1000, 0), -1), -EPIPE);
    turn(l);
    assert_int_equal(a.closed, 1);
    assert_int_equal(channel_send(a.channel, 7, bytes_of(1, 0), -1), -EPIPE);
    channel_drop(&a.channel);
    loop_drop(&l);
    assert_int_equal(open_fds(), before);
}

static void dropped_within(void **state)
{
    (void)state;
    int fds[2];
    struct loop *l = NULL;
    struct end a, b;
    assert_int_equal(loop_new(&l, NULL), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    open_end(&a, l, fds[0]), open_end(&b, l, fds[1]);
    b.drops = true;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(channel_send(a.channel, 7, bytes_of(10, (uint8_t)i), -1), 0);
    turn(l);
    assert_int_equal(b.messages, 1);
    assert_int_equal(b.closed, 0); /* who drops it knows */
    assert_int_equal(a.closed, 1);
    channel_drop(&a.channel);
    loop_drop(&l);
}

/* --- a peer that was taken over */

struct piece {
    const char *bytes;
    size_t len;
    unsigned fds;
};
#define PIECE(text, fds)                                                                           \
    {                                                                                              \
        text, sizeof(text) - 1, fds                                                                \
    }

static void send_raw(int to, const struct piece *p, int fd)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(FDS_MOST * sizeof(int))];
    } rights = { .head = { CMSG_LEN(p->fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    struct iovec part = { (void *)p->bytes, p->len };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    for (unsigned i = 0; i < p->fds; i++)
        (void)slice_copy_out((slice){ (const uint8_t *)&fd, sizeof fd },
                             CMSG_DATA(&rights.head) + i * sizeof fd, sizeof fd);
    if (p->fds) {
        m.msg_control = rights.bytes;
        m.msg_controllen = CMSG_SPACE(p->fds * sizeof(int));
    }
    assert_int_equal(sendmsg(to, &m, MSG_NOSIGNAL), p->len);
}

static const struct {
    const char *name;
    struct piece pieces[3];
    bool refuses;
    unsigned messages;
    const char *why; /* NULL: stays open */
} hostile[] = {
    { "good", { PIECE("\1\0\0\0\7\0", 0) }, false, 1, NULL },
    { "byte by byte", { PIECE("\1\0", 0), PIECE("\0\0\7", 0), PIECE("\0", 0) }, false, 1, NULL },
    { "longer than allowed", { PIECE("\1\xb0\4\0\7", 0) }, false, 0, "a message is too long" },
    { "4 GiB", { PIECE("\xff\xff\xff\xff\7", 0) }, false, 0, "a message is too long" },
    { "too long behind a good one",
      { PIECE("\1\0\0\0\7\0\xff\xff\xff\xff\7", 0) },
      false,
      1,
      "a message is too long" },
    { "refused by the host",
      { PIECE("\1\0\0\0\7\0\1\0\0\0\7\0", 0) },
      true,
      1,
      "a message is malformed" },
    { "descriptor nobody announced",
      { PIECE("\1\0\0\0\7\0", 1) },
      false,
      1,
      "a descriptor came that nobody announced" },
    { "the same within a message",
      { PIECE("\2\0\0\0\7\0", 1) },
      false,
      0,
      "a descriptor came that nobody announced" },
    { "in the middle of one",
      { PIECE("\2\0\0\0\7\0", 0), PIECE("\1", 1) },
      false,
      1,
      "a descriptor came that nobody announced" },
    { "two for one",
      { PIECE("\0\0\0\0\x87", 2) },
      false,
      1,
      "a descriptor came that nobody announced" },
    { "two for one that is not whole",
      { PIECE("\2\0\0\0\x87\0", 2) },
      false,
      0,
      "a descriptor came that nobody announced" },
    { "three",
      { PIECE("\0\0\0\0\x87", 3) },
      false,
      0,
      "more descriptors came than were announced" },
    { "more than there is room for",
      { PIECE("\0\0\0\0\x87", 8) },
      false,
      0,
      "more descriptors came than were announced" },
    { "announced and not sent",
      { PIECE("\1\0\0\0\x87\0", 0) },
      false,
      0,
      "an announced descriptor did not come" },
    { "sent before its head is whole", { PIECE("\0\0\0", 1), PIECE("\0\x87", 0) }, false, 1, NULL },
    { "one each in two pieces",
      { PIECE("\0\0\0", 1), PIECE("\0\x87\0\0\0\0\x87", 1) },
      false,
      2,
      NULL },
    { "hoarded in heads that never come",
      { PIECE("\0", 1), PIECE("\0", 1), PIECE("\0", 1) },
      false,
      0,
      "a descriptor came that nobody announced" },
};

static void hostile_peers(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, hostile)
    {
        int fds[2], file = file_of(0);
        unsigned before = open_fds();
        struct loop *l = NULL;
        struct end b;
        assert_int_equal(loop_new(&l, NULL), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        open_end(&b, l, fds[1]);
        b.refuses = row->refuses;
        for (size_t i = 0; i < 3 && row->pieces[i].len && !b.closed; i++) {
            send_raw(fds[0], &row->pieces[i], file);
            turn(l);
        }
        if (b.messages != row->messages)
            table_wrong(&t, row->name, "%u messages", b.messages);
        if (row->why ? b.closed != 1 || strcmp(b.why, row->why) != 0 : b.closed)
            table_wrong(&t, row->name, "'%s'", b.why);
        channel_drop(&b.channel);
        loop_drop(&l);
        (void)close(fds[0]);
        if (open_fds() != before)
            table_wrong(&t, row->name, "descriptors leak");
        (void)close(file);
    }
}

static void dies_within(void **state)
{
    (void)state;
    static const char message[] = "\3\0\0\0\7\0\1\2";
    for (size_t n = 0; n < sizeof message; n++) {
        int fds[2];
        struct loop *l = NULL;
        struct end b;
        assert_int_equal(loop_new(&l, NULL), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        open_end(&b, l, fds[1]);
        assert_int_equal(send(fds[0], message, n, 0), n);
        (void)close(fds[0]);
        turn(l);
        assert_int_equal(b.closed, 1);
        assert_string_equal(b.why, n == 0 || n == 8 ? "the other side ended"
                                                    : "the other side ended within a message");
        assert_int_equal(b.messages, n == 8);
        channel_drop(&b.channel);
        loop_drop(&l);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive), cmocka_unit_test(slow_reader),
        cmocka_unit_test(dropped_within),  cmocka_unit_test(hostile_peers),
        cmocka_unit_test(dies_within),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
