/* SPDX-License-Identifier: Apache-2.0 */
/* Processes on Linux; see process.h. posix_spawn(3) shares memory with the
 * parent until exec, so a large parent starts a child as fast as a small one. */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_FD = 3, FDS_MAX = 1024 };

/* Descriptors are first moved above all targets: dup2 in any order is then safe. */
static int move_up(const struct process_spawn *s, int *moved, struct err *err_out)
{
    for (size_t i = 0; i < s->n_fds; i++) {
        moved[i] = s->fds[i] < 0 ? -1 : fcntl(s->fds[i], F_DUPFD_CLOEXEC, FIRST_FD + (int)s->n_fds);
        if (s->fds[i] >= 0 && moved[i] < 0)
            return err_set(err_out, -errno, "cannot hand over a descriptor: %s", strerror(errno));
    }
    return 0;
}

/* Signals as a fresh process has them, whatever the parent ignores or blocks. */
static int plain_signals(posix_spawnattr_t *attributes, bool own_group)
{
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int rc = posix_spawnattr_setsigmask(attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attributes,
                                      (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    return rc;
}

static int spawn_with(const struct process_spawn *s, const int *moved, pid_t *pid_out)
{
    static char *const nothing[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    rc = posix_spawnattr_init(&attributes);
    if (rc) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return rc;
    }
    rc = plain_signals(&attributes, s->own_group);
    for (size_t i = 0; i < s->n_fds && rc == 0; i++)
        if (moved[i] >= 0)
            rc = posix_spawn_file_actions_adddup2(&actions, moved[i], FIRST_FD + (int)i);
    if (rc == 0)
        rc = posix_spawn(pid_out, s->path, &actions, &attributes, s->argv,
                         s->envp ? s->envp : nothing);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return rc;
}

int process_spawn(const struct process_spawn *s, pid_t *pid_out, struct err *err_out)
{
    int moved[FDS_MAX];
    if (s->n_fds > FDS_MAX)
        return err_set(err_out, -E2BIG, "%s: more than %d descriptors", s->path, FDS_MAX);
    for (size_t i = 0; i < s->n_fds; i++)
        moved[i] = -1;
    int rc = move_up(s, moved, err_out);
    if (rc == 0) {
        int code = spawn_with(s, moved, pid_out);
        if (code)
            rc = err_set(err_out, -code, "%s: cannot start: %s", s->path, strerror(code));
    }
    for (size_t i = 0; i < s->n_fds; i++)
        if (moved[i] >= 0)
            (void)close(moved[i]);
    return rc;
}

/* Waits without reaping; a kernel without pidfd (before 5.3) is asked again and again. */
static void await_end(pid_t pid, int timeout_ms)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) {
        struct timespec pause = { 0, 1000000 };
        for (int waited = 0; waited < timeout_ms; waited++) {
            siginfo_t info = { 0 };
            if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid)
                return;
            (void)nanosleep(&pause, NULL);
        }
        return;
    }
    struct pollfd p = { .fd = fd, .events = POLLIN };
    while (poll(&p, 1, timeout_ms) < 0 && errno == EINTR)
        ;
    (void)close(fd);
}

int process_wait(pid_t pid, int timeout_ms, struct process_end *out)
{
    if (timeout_ms > 0)
        await_end(pid, timeout_ms);
    int status;
    pid_t got;
    do
        got = waitpid(pid, &status, timeout_ms < 0 ? 0 : WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    if (got < 0) /* somebody else has reaped it */
        status = 0;
    if (out)
        *out = WIFEXITED(status) ? (struct process_end){ true, WEXITSTATUS(status) }
                                 : (struct process_end){ false, WTERMSIG(status) };
    return 1;
}

void process_kill(pid_t pid, int signal)
{
    if (pid > 1) /* 0, -1 and negative ones would hit groups */
        (void)kill(pid, signal);
}

void process_end_text(struct process_end end, char out[64])
{
    const char *name = end.exited ? NULL : sigdescr_np(end.code);
    if (end.exited)
        (void)snprintf(out, 64, "exit code %d", end.code);
    else
        (void)snprintf(out, 64, "signal %d%s%.40s%s", end.code, name ? " (" : "", name ? name : "",
                       name ? ")" : "");
}
