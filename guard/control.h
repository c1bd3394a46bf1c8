/* SPDX-License-Identifier: Apache-2.0 */
/* control - the few words between desk and pool head: one message is one
 * packet of a SOCK_SEQPACKET pair, with descriptors beside it. */
#pragma once
#include "base/err.h"
#include "base/slice.h"

enum control_word {
    /* desk to head */
    CONTROL_FORK = 1, /* make worker `id` */
    CONTROL_STOP,     /* end worker `id`: kindly, then surely */
    /* head to desk */
    CONTROL_READY,  /* everything is open; workers can be made */
    CONTROL_FAILED, /* nothing will come; `text` says why */
    CONTROL_WORKER, /* worker `id` is process `pid`; its socket and its messages come along */
    CONTROL_ENDED,  /* worker `id` is gone; `signal` or exit code */
};

enum { CONTROL_TEXT_MAX = 512, CONTROL_FDS_MAX = 2, CONTROL_HEAD = 1 + 4 + 4 + 4 + 4 };

struct control {
    enum control_word word;
    uint32_t id, pid;
    uint32_t exit_code, signal; /* signal 0: it exited */
    slice text;
};

/* 0, or negative errno: -EPIPE when the other side is gone, -EAGAIN. */
int control_send(int fd, const struct control *c, const int *fds, size_t n_fds) MUST_USE;
/* 1 a message, 0 the other side is gone, negative errno. `text` lies in
 * `room`. Descriptors are close-on-exec; unused slots are -1. */
int control_receive(int fd, uint8_t room[CONTROL_HEAD + CONTROL_TEXT_MAX], struct control *out,
                    int fds_out[CONTROL_FDS_MAX]) MUST_USE;
