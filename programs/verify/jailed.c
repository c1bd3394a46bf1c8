/* SPDX-License-Identifier: Apache-2.0 */
/* jailed - see jailed.h. */
#include "programs/verify/jailed.h"
#include "guard/jail.h"
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { ANSWER_FD = 3, CPU_SECONDS = 60, EXIT_YES = 0, EXIT_NO = 1, EXIT_JAIL = 3 };

static bool put(slice bytes)
{
    while (bytes.len) {
        ssize_t n = write(ANSWER_FD, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)n);
    }
    return true;
}

static _Noreturn void be_jailed(const struct jailed *j, int to)
{
    const struct jail jail = { ANSWER_FD, STDERR_FILENO, true, CPU_SECONDS };
    struct buf out = buf_new(j->most);
    struct jail_given given;
    struct err e;
    if (to != ANSWER_FD && dup2(to, ANSWER_FD) < 0)
        _exit(EXIT_JAIL);
    jail_close_from(ANSWER_FD + 1);
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    if (jail_lock(&jail, &given, &e) < 0) {
        (void)put(slice_of(e.text));
        _exit(EXIT_JAIL);
    }
    bool answer = j->work(j->host, &out);
    _exit(!out.full && put(buf_slice(&out)) ? (answer ? EXIT_YES : EXIT_NO) : EXIT_JAIL);
}

static int take(int from, struct buf *out)
{
    uint8_t some[1 << 16];
    for (;;) {
        ssize_t n = read(from, some, sizeof some);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        buf_put(out, (slice){ some, (size_t)n });
        if (out->full)
            return -EFBIG;
    }
}

int jailed_run(const struct jailed *j, struct buf *out, bool *answer_out, struct err *err_out)
{
    int ends[2];
    char how[64];
    struct process_end end = { 0 };
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set(err_out, -errno, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        be_jailed(j, ends[1]);
    (void)close(ends[1]);
    int r = child < 0 ? err_set(err_out, -errno, "fork: %s", strerror(errno)) : take(ends[0], out);
    (void)close(ends[0]);
    if (child < 0)
        return r;
    if (r < 0)
        process_kill(child, SIGKILL);
    (void)process_wait(child, -1, &end);
    if (r < 0 || !end.exited || end.code > EXIT_NO) {
        process_end_text(end, how);
        return err_set(err_out, r < 0 ? r : -EIO, "the check was ended: %s",
                       r < 0 ? strerror(-r) : how);
    }
    *answer_out = end.code == EXIT_YES;
    return 0;
}
