/* SPDX-License-Identifier: Apache-2.0 */
/* net - listening and connected sockets by one written form of address:
 * "inet:127.0.0.1:11332", "inet6:[::1]:11332", "unix:/run/sekisho/milter.sock".
 *
 * All descriptors are non-blocking and close-on-exec. Host names are not
 * looked up: a number or "localhost" (127.0.0.1).
 */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { NET_TEXT = 128 };

struct net_listen {
    const char *address;
    unsigned mode; /* of a Unix socket, as of chmod; 0: 0600 */
    int backlog;   /* 0: the system's most */
};
/* A stale Unix socket that nobody answers on is replaced; one that answers is -EADDRINUSE. */
int net_listen(const struct net_listen *n, int *fd_out, struct err *err_out) MUST_USE;
/* -EAGAIN: nobody is waiting. The peer's address as text ("192.0.2.7", "unix"). */
int net_accept(int fd, int *fd_out, char peer_out[NET_TEXT]) MUST_USE;
/* May still be in progress: writable when done, net_connected() then says how it went. */
int net_connect(const char *address, int *fd_out, struct err *err_out) MUST_USE;
int net_connected(int fd, struct err *err_out) MUST_USE;
/* Who is at the other end of a Unix socket: the user id when it was connected. */
int net_peer_user(int fd, uint32_t *user_out) MUST_USE;
/* Whether only this machine can reach it: loopback or a Unix socket. */
bool net_is_local(const char *address);
