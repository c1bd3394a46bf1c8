/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets by one written form of address; see os/net.h. */
#include "os/net.h"
#include "base/slice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

enum { UNIX_MODE = 0600 };

static bool read_port(slice s, in_port_t *out)
{
    unsigned port = 0;
    if (s.len < 1 || s.len > 5)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        port = port * 10 + (unsigned)(s.at[i] - '0');
    }
    *out = htons((uint16_t)port);
    return port <= UINT16_MAX;
}

/* "127.0.0.1:11332", "[::1]:11332" */
static bool read_inet(slice s, bool six, union address *a, socklen_t *len)
{
    char host[INET6_ADDRSTRLEN + 1] = "";
    size_t colon = s.len;
    while (colon > 0 && s.at[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    slice name = slice_sub(s, 0, colon - 1), port = slice_from(s, colon);
    if (six && name.len >= 2 && name.at[0] == '[' && name.at[name.len - 1] == ']')
        name = slice_sub(name, 1, name.len - 2);
    else if (six)
        return false;
    if (!six && slice_is(name, "localhost"))
        name = SLICE_LIT("127.0.0.1");
    if (name.len >= sizeof host)
        return false;
    (void)slice_copy_out(name, (uint8_t *)host, sizeof host - 1);
    *len = six ? sizeof a->v6 : sizeof a->v4;
    a->any.sa_family = six ? AF_INET6 : AF_INET;
    return read_port(port, six ? &a->v6.sin6_port : &a->v4.sin_port) &&
           inet_pton(a->any.sa_family, host,
                     six ? (void *)&a->v6.sin6_addr : (void *)&a->v4.sin_addr) == 1;
}

static bool read_address(const char *text, union address *a, socklen_t *len)
{
    slice s = slice_of(text), path;
    *a = (union address){ 0 };
    if (slice_starts(s, SLICE_LIT("inet:")))
        return read_inet(slice_from(s, 5), false, a, len);
    if (slice_starts(s, SLICE_LIT("inet6:")))
        return read_inet(slice_from(s, 6), true, a, len);
    if (!slice_starts(s, SLICE_LIT("unix:")))
        return false;
    path = slice_from(s, 5);
    if (path.len < 1 || path.len >= sizeof a->local.sun_path)
        return false;
    a->local.sun_family = AF_UNIX;
    (void)slice_copy_out(path, (uint8_t *)a->local.sun_path, sizeof a->local.sun_path);
    *len = sizeof a->local;
    return true;
}

static int bad_address(const char *text, struct err *err_out)
{
    return err_set(err_out, -EINVAL,
                   "%.100s: no address; write inet:127.0.0.1:11332, inet6:[::1]:11332 or "
                   "unix:/run/sekisho/milter.sock",
                   text);
}

static int new_socket(const union address *a, int *fd_out)
{
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    *fd_out = fd;
    return fd < 0 ? -errno : 0;
}

/* Answers are small and awaited: they are not held back to be sent with others. */
static void speak_at_once(int fd)
{
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* --- listening */

/* Removes a socket that is left from a program that ended. Anything else at this place stays. */
static int clear_stale(const union address *a, socklen_t len)
{
    struct stat s;
    int fd, rc;
    if (lstat(a->local.sun_path, &s) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(s.st_mode))
        return -EEXIST;
    if ((rc = new_socket(a, &fd)) < 0)
        return rc;
    rc = connect(fd, &a->any, len) == 0 || errno == EAGAIN ? -EADDRINUSE
         : errno == ECONNREFUSED                           ? 0
                                                           : -errno;
    (void)close(fd);
    if (rc == 0 && unlink(a->local.sun_path) < 0 && errno != ENOENT)
        rc = -errno;
    return rc;
}

static int bind_local(int fd, const union address *a, socklen_t len, unsigned mode)
{
    int rc = clear_stale(a, len);
    if (rc)
        return rc;
    /* The name comes into being with no more than its rights, and gets what the umask took. */
    if (fchmod(fd, mode) < 0 || bind(fd, &a->any, len) < 0 || chmod(a->local.sun_path, mode) < 0)
        return -errno;
    return 0;
}

static int bind_inet(int fd, const union address *a, socklen_t len)
{
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (a->any.sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, &a->any, len) < 0)
        return -errno;
    return 0;
}

int net_listen(const struct net_listen *n, int *fd_out, struct err *err_out)
{
    union address a;
    socklen_t len = 0;
    int fd = -1, rc;
    if (!read_address(n->address, &a, &len))
        return bad_address(n->address, err_out);
    rc = new_socket(&a, &fd);
    if (rc == 0)
        rc = a.any.sa_family == AF_UNIX ? bind_local(fd, &a, len, n->mode ? n->mode : UNIX_MODE)
                                        : bind_inet(fd, &a, len);
    if (rc == 0 && listen(fd, n->backlog > 0 ? n->backlog : SOMAXCONN) < 0)
        rc = -errno;
    if (rc) {
        if (fd >= 0)
            (void)close(fd);
        return err_set(err_out, rc, "%.100s: cannot listen: %s", n->address, strerror(-rc));
    }
    *fd_out = fd;
    return 0;
}

static void peer_text(const union address *a, char out[NET_TEXT])
{
    out[0] = 0;
    if (a->any.sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &a->v4.sin_addr, out, NET_TEXT);
    else if (a->any.sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &a->v6.sin6_addr, out, NET_TEXT);
    if (!out[0])
        (void)snprintf(out, NET_TEXT, "unix");
}

int net_accept(int fd, int *fd_out, char peer_out[NET_TEXT])
{
    union address a = { 0 };
    socklen_t len = sizeof a;
    int peer;
    do
        peer = accept4(fd, &a.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (peer < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (peer < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    if (a.any.sa_family != AF_UNIX)
        speak_at_once(peer);
    peer_text(&a, peer_out);
    *fd_out = peer;
    return 0;
}

/* --- connecting */

int net_connect(const char *address, int *fd_out, struct err *err_out)
{
    union address a;
    socklen_t len = 0;
    int fd = -1, rc;
    if (!read_address(address, &a, &len))
        return bad_address(address, err_out);
    rc = new_socket(&a, &fd);
    if (rc == 0 && a.any.sa_family != AF_UNIX)
        speak_at_once(fd);
    if (rc == 0 && connect(fd, &a.any, len) < 0 && errno != EINPROGRESS)
        rc = -errno;
    if (rc) {
        if (fd >= 0)
            (void)close(fd);
        return err_set(err_out, rc, "%.100s: cannot connect: %s", address, strerror(-rc));
    }
    *fd_out = fd;
    return 0;
}

int net_connected(int fd, struct err *err_out)
{
    int code = 0;
    socklen_t len = sizeof code;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0)
        code = errno;
    return code ? err_set(err_out, -code, "cannot connect: %s", strerror(code)) : 0;
}

int net_peer_user(int fd, uint32_t *user_out)
{
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
        return -errno;
    *user_out = who.uid;
    return 0;
}

bool net_is_local(const char *address)
{
    union address a;
    socklen_t len = 0;
    if (!read_address(address, &a, &len))
        return false;
    if (a.any.sa_family == AF_INET)
        return ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
    return a.any.sa_family == AF_UNIX || IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
}
