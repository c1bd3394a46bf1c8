/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and sockets: what is refused, what replaces what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/net.h"
#include "tests/table.h"

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address;
        int code;
        bool local;
    } cases[] = {
        { "IPv4", "inet:127.0.0.1:0", 0, true },
        { "by name", "inet:localhost:0", 0, true },
        { "everywhere", "inet:0.0.0.0:0", 0, false },
        { "empty", "", -EINVAL, false },
        { "no kind", "127.0.0.1:0", -EINVAL, false },
        { "another kind", "tcp:127.0.0.1:0", -EINVAL, false },
        { "no port", "inet:127.0.0.1", -EINVAL, false },
        { "empty port", "inet:127.0.0.1:", -EINVAL, false },
        { "port too large", "inet:127.0.0.1:65536", -EINVAL, false },
        { "port far too large", "inet:127.0.0.1:4294967296", -EINVAL, false },
        { "negative port", "inet:127.0.0.1:-1", -EINVAL, false },
        { "letters behind the port", "inet:127.0.0.1:80x", -EINVAL, false },
        { "a host name", "inet:mail.example.invalid:25", -EINVAL, false },
        { "a short address", "inet:127.1:25", -EINVAL, false },
        { "too long", "inet:127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1:25", -EINVAL, false },
        { "IPv6 without brackets", "inet6:::1:25", -EINVAL, false },
        { "IPv6 in half a bracket", "inet6:[::1:25", -EINVAL, false },
        { "IPv4 as IPv6", "inet6:[127.0.0.1]:25", -EINVAL, false },
        { "no path", "unix:", -EINVAL, false },
        { "a path that is too long",
          "unix:/tmp/"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaaaaaaaaaaaa",
          -EINVAL, false },
        { "a folder that is not there", "unix:/nonexistent/folder/socket", -ENOENT, true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct err e = { 0 };
        int fd = -1, rc = net_listen(&(struct net_listen){ .address = row->address }, &fd, &e);
        if (rc != row->code || (rc == 0) != (fd >= 0) || (rc != 0) != (e.text[0] != 0))
            table_wrong(&t, row->name, "%d %s", rc, e.text);
        if (net_is_local(row->address) != row->local)
            table_wrong(&t, row->name, "local: %d", !row->local);
        if (fd >= 0)
            (void)close(fd);
    }
    assert_true(net_is_local("inet6:[::1]:25"));
    assert_false(net_is_local("inet6:[::]:25"));
}

struct place {
    char folder[64], path[96], address[112];
};

static struct place new_place(void)
{
    struct place p = { .folder = "/tmp/net_test.XXXXXX" };
    assert_non_null(mkdtemp(p.folder));
    (void)snprintf(p.path, sizeof p.path, "%s/socket", p.folder);
    (void)snprintf(p.address, sizeof p.address, "unix:%s", p.path);
    return p;
}

static void drop_place(const struct place *p)
{
    (void)unlink(p->path);
    assert_int_equal(rmdir(p->folder), 0);
}

static unsigned mode_of(const char *path)
{
    struct stat s;
    assert_int_equal(lstat(path, &s), 0);
    return s.st_mode & 07777;
}

static void unix_sockets(void **state)
{
    (void)state;
    struct place p = new_place();
    struct net_listen n = { .address = p.address };
    struct err e = { 0 };
    int first = -1, second = -1;
    mode_t old = umask(077);
    assert_int_equal(net_listen(&n, &first, &e), 0);
    assert_int_equal(mode_of(p.path), 0600);
    /* One that answers stays ... */
    assert_int_equal(net_listen(&n, &second, &e), -EADDRINUSE);
    (void)close(first);
    /* ... one that nobody answers on does not. */
    n.mode = 0660;
    assert_int_equal(net_listen(&n, &second, &e), 0);
    assert_int_equal(mode_of(p.path), 0660); /* whatever the umask */
    (void)umask(old);
    (void)close(second);
    assert_int_equal(unlink(p.path), 0);
    /* What is no socket is never removed. */
    int file = open(p.path, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    (void)close(file);
    assert_int_equal(net_listen(&n, &second, &e), -EEXIST);
    assert_int_equal(access(p.path, F_OK), 0);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(symlink("/nonexistent", p.path), 0);
    assert_int_equal(net_listen(&n, &second, &e), -EEXIST);
    drop_place(&p);
}

static void accepting(void **state)
{
    (void)state;
    struct place p = new_place();
    struct err e = { 0 };
    char peer[NET_TEXT], tcp[64];
    int inet = -1, local = -1, there = -1, here = -1;
    assert_int_equal(net_listen(&(struct net_listen){ .address = p.address }, &local, &e), 0);
    assert_int_equal(net_accept(local, &here, peer), -EAGAIN);
    assert_int_equal(net_connect(p.address, &there, &e), 0);
    assert_int_equal(net_connected(there, &e), 0);
    assert_int_equal(net_accept(local, &here, peer), 0);
    assert_string_equal(peer, "unix");
    assert_true(fcntl(here, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(here, F_GETFD) & FD_CLOEXEC);
    (void)close(here), (void)close(there), (void)close(local);
    assert_int_equal(net_connect(p.address, &there, &e), -ECONNREFUSED);

    struct sockaddr_in a;
    socklen_t len = sizeof a;
    assert_int_equal(net_listen(&(struct net_listen){ .address = "inet:127.0.0.1:0" }, &inet, &e),
                     0);
    assert_int_equal(getsockname(inet, (struct sockaddr *)&a, &len), 0);
    (void)snprintf(tcp, sizeof tcp, "inet:127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
    assert_int_equal(net_listen(&(struct net_listen){ .address = tcp }, &here, &e), -EADDRINUSE);
    assert_int_equal(net_connect(tcp, &there, &e), 0);
    (void)usleep(10000);
    assert_int_equal(net_connected(there, &e), 0);
    assert_int_equal(net_accept(inet, &here, peer), 0);
    assert_string_equal(peer, "127.0.0.1");
    (void)close(here), (void)close(there), (void)close(inet);
    int rc = net_connect(tcp, &there, &e);
    if (rc == 0) {
        (void)usleep(10000);
        rc = net_connected(there, &e);
        (void)close(there);
    }
    assert_int_equal(rc, -ECONNREFUSED);
    drop_place(&p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(unix_sockets),
        cmocka_unit_test(accepting),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
