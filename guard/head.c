/* SPDX-License-Identifier: Apache-2.0 */
/* The pool head; see head.h. Workers are watched by pidfd, so that there is no
 * signal handler; a worker is killed by its id while it is still ours to reap. */
#include "guard/head.h"
#include "base/buf.h"
#include "guard/control.h"
#include "guard/jail.h"
#include "guard/worker.h"
#include "guard/yara.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN_MAX = 130, KINDLY_US = 50000, RULES_MAX = 256 << 20, NOBODY = 65534 };

struct forked {
    pid_t pid; /* 0: free */
    uint32_t id;
    int pidfd;
    uint64_t kill_at_us; /* 0: not asked to stop */
};

struct state {
    const struct head *settings;
    struct worker worker;
    struct forked children[CHILDREN_MAX];
    struct buf image; /* of the rules, where they are not mapped */
};

/* --- opening */

/* The image, mapped when nobody can change it any more, else copied. */
static int open_rules(struct state *s, struct rules **out, struct err *err_out)
{
    struct file_facts facts;
    int rc = file_facts(HEAD_RULES, &facts, err_out);
    if (rc)
        return rc;
    const int sealed = F_SEAL_SHRINK | F_SEAL_WRITE;
    int seals = fcntl(HEAD_RULES, F_GET_SEALS);
    slice image;
    if (seals >= 0 && (seals & sealed) == sealed && facts.size > 0) {
        void *at = mmap(NULL, (size_t)facts.size, PROT_READ, MAP_PRIVATE, HEAD_RULES, 0);
        if (at == MAP_FAILED)
            return err_set(err_out, -errno, "cannot map the rule image: %s", strerror(errno));
        image = (slice){ at, (size_t)facts.size };
    } else {
        if (lseek(HEAD_RULES, 0, SEEK_SET) < 0)
            return err_set(err_out, -errno, "cannot read the rule image: %s", strerror(errno));
        rc = file_read_fd(HEAD_RULES, RULES_MAX, &s->image, err_out);
        if (rc)
            return rc;
        image = buf_slice(&s->image);
    }
    return rules_open(image, out, err_out);
}

/* The package's user stands in the file; asking the name service would load its modules. */
static void find_user(uid_t *uid, gid_t *gid)
{
    FILE *f = fopen("/etc/passwd", "re");
    for (const struct passwd *user; f && (user = fgetpwent(f));)
        if (strcmp(user->pw_name, "_sekisho-jail") == 0) {
            *uid = user->pw_uid;
            *gid = user->pw_gid;
        }
    if (f)
        (void)fclose(f);
}

/* Root has no business behind the jail: the user of the package, else nobody. */
static int drop_root(struct err *err_out)
{
    uid_t uid = NOBODY;
    gid_t gid = NOBODY;
    if (geteuid() != 0)
        return 0;
    find_user(&uid, &gid);
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return err_set(err_out, -errno, "cannot become an ordinary user: %s", strerror(errno));
    return 0;
}

static int open_all(struct state *s, struct err *err_out)
{
    struct rules *rules = NULL;
    int rc = s->settings->has_rules ? open_rules(s, &rules, err_out) : 0;
    if (rc == 0)
        rc = engine_new(rules, &s->worker.engine, err_out);
    if (rc == 0 && s->settings->n_yara)
        rc = yara_open(HEAD_YARA, s->settings->n_yara, s->worker.engine, err_out);
    if (rc == 0)
        rc = drop_root(err_out);
    jail_close_from(HEAD_RULES);
    return rc;
}

/* --- children */

_Noreturn static void become_worker(const struct state *s, int socket, int messages, pid_t head)
{
    /* The signal comes when the head's thread ends; it may have ended already. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != head)
        _exit(WORKER_EXIT_STOPPED);
    if (dup2(messages, WORKER_MESSAGES) < 0 || dup2(socket, WORKER_SOCKET) < 0)
        _exit(WORKER_EXIT_MEMORY);
    jail_close_from(WORKER_SOCKET + 1);
    worker_run(&s->worker);
}

static struct forked *free_child(struct state *s)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        if (s->children[i].pid == 0)
            return &s->children[i];
    return NULL;
}

static bool tell(const struct control *c, const int *fds, size_t n)
{
    return control_send(HEAD_CONTROL, c, fds, n) == 0;
}

/* Socket pair and message pipe: [0] the desk's, [1] the worker's. */
static int open_lines(int sockets[2], int pipes[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return -errno;
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0) {
        int rc = -errno;
        (void)close(sockets[0]);
        (void)close(sockets[1]);
        return rc;
    }
    return 0;
}

static bool fork_worker(struct state *s, uint32_t id)
{
    struct forked *c = free_child(s);
    int sockets[2], pipes[2], rc = c ? open_lines(sockets, pipes) : -EAGAIN;
    pid_t head = getpid(), pid = rc ? -1 : fork();
    if (pid == 0)
        become_worker(s, sockets[1], pipes[1], head);
    struct control ended = { .word = CONTROL_ENDED, .id = id, .exit_code = WORKER_EXIT_MEMORY };
    if (rc == 0) {
        (void)close(sockets[1]);
        (void)close(pipes[1]);
    }
    bool told = true;
    if (pid < 0) {
        told = tell(&ended, NULL, 0);
    } else {
        *c = (struct forked){ pid, id, (int)syscall(SYS_pidfd_open, pid, 0), 0 };
        struct control made = { .word = CONTROL_WORKER, .id = id, .pid = (uint32_t)pid };
        told = tell(&made, (int[]){ sockets[0], pipes[0] }, 2);
    }
    if (rc == 0) {
        (void)close(sockets[0]);
        (void)close(pipes[0]);
    }
    return told;
}

static bool reap(struct forked *c)
{
    int status;
    if (waitpid(c->pid, &status, WNOHANG) != c->pid)
        return true;
    struct control ended = { .word = CONTROL_ENDED, .id = c->id, .pid = (uint32_t)c->pid };
    if (WIFSIGNALED(status))
        ended.signal = (uint32_t)WTERMSIG(status);
    else
        ended.exit_code = (uint32_t)WEXITSTATUS(status);
    if (c->pidfd >= 0)
        (void)close(c->pidfd);
    *c = (struct forked){ 0 };
    return tell(&ended, NULL, 0);
}

static void stop_worker(struct state *s, uint32_t id, uint64_t now)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        struct forked *c = &s->children[i];
        if (c->pid && c->id == id && c->kill_at_us == 0) {
            (void)kill(c->pid, SIGTERM);
            c->kill_at_us = now + KINDLY_US;
        }
    }
}

/* Kills who did not stop kindly; milliseconds until the next such moment, -1: none. */
static int overdue(struct state *s, uint64_t now)
{
    int wait = -1;
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        struct forked *c = &s->children[i];
        if (c->pid == 0 || c->kill_at_us == 0)
            continue;
        if (now >= c->kill_at_us) {
            (void)kill(c->pid, SIGKILL);
            c->kill_at_us = UINT64_MAX;
        } else if (c->kill_at_us != UINT64_MAX) {
            int ms = (int)((c->kill_at_us - now) / 1000) + 1;
            wait = wait < 0 || ms < wait ? ms : wait;
        }
    }
    return wait;
}

/* False: the desk is gone. */
static bool obey(struct state *s)
{
    uint8_t room[CONTROL_HEAD + CONTROL_TEXT_MAX];
    int fds[CONTROL_FDS_MAX];
    struct control c;
    int rc = control_receive(HEAD_CONTROL, room, &c, fds);
    for (size_t i = 0; i < CONTROL_FDS_MAX; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    if (rc <= 0)
        return false;
    if (c.word == CONTROL_FORK)
        return fork_worker(s, c.id);
    if (c.word == CONTROL_STOP)
        stop_worker(s, c.id, clock_us());
    return true;
}

static void serve(struct state *s)
{
    bool polling_pids = true; /* false on a kernel without pidfd: children are asked every 10 ms */
    for (;;) {
        struct pollfd polls[CHILDREN_MAX + 1] = { { .fd = HEAD_CONTROL, .events = POLLIN } };
        for (size_t i = 0; i < CHILDREN_MAX; i++) {
            bool watched = s->children[i].pid && s->children[i].pidfd >= 0;
            polls[i + 1] =
                (struct pollfd){ .fd = watched ? s->children[i].pidfd : -1, .events = POLLIN };
            polling_pids &= watched || s->children[i].pid == 0;
        }
        int wait = overdue(s, clock_us());
        if (!polling_pids && (wait < 0 || wait > 10))
            wait = 10;
        if (poll(polls, CHILDREN_MAX + 1, wait) < 0 && errno != EINTR)
            return;
        for (size_t i = 0; i < CHILDREN_MAX; i++)
            if (s->children[i].pid && (!polling_pids || polls[i + 1].revents) &&
                !reap(&s->children[i]))
                return;
        if (polls[0].revents && !obey(s))
            return;
    }
}

static void end_all(struct state *s)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        if (s->children[i].pid)
            (void)kill(s->children[i].pid, SIGKILL);
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        if (s->children[i].pid)
            (void)waitpid(s->children[i].pid, NULL, 0);
}

/* The caller's standard input and output are no business of workers. */
static void turn_away(void)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0) {
        (void)close(STDIN_FILENO);
        (void)close(STDOUT_FILENO);
    }
}

int head_run(const struct head *h)
{
    static struct state s; /* on the heap of nobody: the children inherit it as it is */
    struct err e = { 0 };
    s.settings = h;
    s.worker.objects = h->objects;
    s.worker.allow_weak_jail = h->allow_weak_jail;
    /* No object may take longer than the desk waits: twice that is out of hand. */
    s.worker.cpu_seconds = (h->timeout_ms / 1000 + 1) * (h->objects < 1000 ? h->objects : 1000) * 2;
    (void)signal(SIGPIPE, SIG_IGN);
    turn_away();
    if (open_all(&s, &e)) {
        (void)tell(&(struct control){ .word = CONTROL_FAILED, .text = slice_of(e.text) }, NULL, 0);
        return 1;
    }
    if (tell(&(struct control){ .word = CONTROL_READY }, NULL, 0))
        serve(&s);
    end_all(&s);
    return 0;
}
