/* SPDX-License-Identifier: Apache-2.0 */
/* process - start a program with exactly the descriptors it is given; wait
 * for it and end it by its id, which is safe because we are its parent. */
#pragma once
#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>
#include <sys/types.h>

struct process_spawn {
    const char *path;
    char *const *argv; /* NULL at the end */
    char *const *envp; /* NULL at the end; NULL: an empty environment */
    const int *fds;    /* become 3, 4, 5 ... in the child; -1 leaves a gap */
    size_t n_fds;      /* 0, 1 and 2 are inherited */
    bool own_group;    /* a terminal's Ctrl-C is not for it */
};

int process_spawn(const struct process_spawn *s, pid_t *pid_out, struct err *err_out) MUST_USE;

struct process_end {
    bool exited; /* else by a signal */
    int code;    /* exit code or signal number */
};
/* 1: it has ended; 0: still running after the wait (-1: waits for ever). */
int process_wait(pid_t pid, int timeout_ms, struct process_end *out);
void process_kill(pid_t pid, int signal);
/* "exit code 3", "signal 11 (Segmentation fault)" */
void process_end_text(struct process_end end, char out[64]);
