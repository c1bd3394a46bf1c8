/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between desk and pool head; see control.h. Descriptors: unix(7), SCM_RIGHTS. */
#include "guard/control.h"
#include "base/cursor.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union rights {
    struct cmsghdr head;
    uint8_t bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
};

static size_t put_number(uint8_t *at, size_t n, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[n++] = (uint8_t)(v >> 8 * i);
    return n;
}

int control_send(int fd, const struct control *c, const int *fds, size_t n_fds)
{
    uint8_t packet[CONTROL_HEAD + CONTROL_TEXT_MAX] = { (uint8_t)c->word };
    size_t n = put_number(packet, 1, c->id);
    n = put_number(packet, n, c->pid);
    n = put_number(packet, n, c->exit_code);
    n = put_number(packet, n, c->signal);
    n += slice_copy_out(c->text, packet + n, CONTROL_TEXT_MAX);
    struct iovec part = { packet, n };
    union rights rights = { 0 };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    CHECK(n_fds <= CONTROL_FDS_MAX);
    if (n_fds) {
        rights.head = (struct cmsghdr){ CMSG_LEN(n_fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
        (void)slice_copy_out((slice){ (const uint8_t *)fds, n_fds * sizeof(int) },
                             CMSG_DATA(&rights.head), CONTROL_FDS_MAX * sizeof(int));
        m.msg_control = rights.bytes;
        m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
    }
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static void take_fds(struct msghdr *m, int fds_out[CONTROL_FDS_MAX])
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        slice data = { CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0) };
        (void)slice_copy_out(data, (uint8_t *)fds_out, CONTROL_FDS_MAX * sizeof(int));
    }
}

int control_receive(int fd, uint8_t room[CONTROL_HEAD + CONTROL_TEXT_MAX], struct control *out,
                    int fds_out[CONTROL_FDS_MAX])
{
    struct iovec part = { room, CONTROL_HEAD + CONTROL_TEXT_MAX };
    union rights rights;
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = rights.bytes,
                        .msg_controllen = sizeof rights.bytes };
    for (size_t i = 0; i < CONTROL_FDS_MAX; i++)
        fds_out[i] = -1;
    ssize_t got;
    do
        got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    /* ECONNRESET comes once, when the other side left something unread; what it said comes after.
     */
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got <= 0)
        return got == 0 ? 0 : -errno;
    take_fds(&m, fds_out);
    cursor c = cur_open((slice){ room, (size_t)got });
    uint8_t word = cur_u8(&c);
    *out = (struct control){ .word = (enum control_word)word };
    out->id = cur_u32le(&c);
    out->pid = cur_u32le(&c);
    out->exit_code = cur_u32le(&c);
    out->signal = cur_u32le(&c);
    out->text = cur_rest(&c);
    if (!cur_ok(&c) || word < CONTROL_FORK || word > CONTROL_ENDED || (m.msg_flags & MSG_CTRUNC)) {
        for (size_t i = 0; i < CONTROL_FDS_MAX; i++)
            if (fds_out[i] >= 0)
                (void)close(fds_out[i]);
        return -EPROTO;
    }
    return 1;
}
