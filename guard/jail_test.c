/* SPDX-License-Identifier: Apache-2.0 */
/* The jail from inside: every system call of the table, one by one, each in a
 * fresh process behind jail_lock(), and the ways round it that matter. What
 * gets through must be exactly the list of jail_calls(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sanitized.h"
#include "guard/jail.h"

enum { SOCKET = 3, MESSAGES = 2, CALLS = 470, BOGUS_FD = 9 };

enum outcome { PASSED = 40, REFUSED = 41, NOT_LOCKED = 42, KILLED = 1000, DIED = 1001 };

static void lock_in(void)
{
    const struct jail jail = { SOCKET, MESSAGES, true, 60 };
    struct jail_given given;
    struct err e = { 0 };
    if (jail_lock(&jail, &given, &e) || !given.seccomp) {
        (void)dprintf(2, "# %s\n", e.text);
        _exit(NOT_LOCKED);
    }
}

/* In a child: locks itself in and makes the call. */
static enum outcome try(long nr, const long a[6])
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        lock_in();
        errno = 0;
        long rc = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        _exit(rc < 0 && errno == EPERM ? REFUSED : PASSED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : DIED;
    return (enum outcome)WEXITSTATUS(status);
}

static const char *outcome_name(enum outcome o)
{
    switch (o) {
    case PASSED:
        return "passed";
    case REFUSED:
        return "refused";
    case KILLED:
        return "killed";
    case NOT_LOCKED:
        return "could not lock itself in";
    case DIED:
        return "died";
    }
    return "exited";
}

/* A call by its name, with the arguments that would hurt. */
static const struct {
    const char *name;
    long nr;
    long a[6];
    enum outcome want;
} tries[] = {
#ifdef SYS_open
    { "open", SYS_open, { (long)"/etc/passwd", O_RDONLY }, REFUSED },
    { "creat", SYS_creat, { (long)"/tmp/sekisho-jail-test", 0600 }, KILLED },
    { "fork", SYS_fork, { 0 }, KILLED },
    { "vfork", SYS_vfork, { 0 }, KILLED },
#endif
    { "openat", SYS_openat, { AT_FDCWD, (long)"/etc/passwd", O_RDONLY }, REFUSED },
    { "openat2", 437, { AT_FDCWD, (long)"/etc/passwd", 0, 0 }, KILLED },
    { "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD, 0, 0 }, KILLED },
    { "socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, KILLED },
    { "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, 0 }, KILLED },
    { "connect", SYS_connect, { SOCKET, 0, 0 }, KILLED },
    { "bind", SYS_bind, { SOCKET, 0, 0 }, KILLED },
    { "sendmsg on the socket", SYS_sendmsg, { SOCKET, 0, 0 }, KILLED },
    { "clone", SYS_clone, { SIGCHLD, 0, 0, 0, 0 }, KILLED },
    { "clone3", SYS_clone3, { 0, 0 }, KILLED },
    { "unshare", SYS_unshare, { CLONE_NEWUSER }, KILLED },
    { "execve", SYS_execve, { (long)"/bin/true", 0, 0 }, KILLED },
    { "execveat", SYS_execveat, { AT_FDCWD, (long)"/bin/true", 0, 0, 0 }, KILLED },
    { "ptrace", SYS_ptrace, { 0 }, KILLED },
    { "kill the parent", SYS_kill, { 0, 0 }, KILLED },
    { "tgkill another", SYS_tgkill, { 1, 1, SIGKILL }, KILLED },
    { "tkill", SYS_tkill, { 1, SIGKILL }, KILLED },
    { "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 }, KILLED },
    { "io_uring_setup", 425, { 1, 0 }, KILLED },
    { "bpf", SYS_bpf, { 0, 0, 0 }, KILLED },
    { "userfaultfd", SYS_userfaultfd, { 0 }, KILLED },
    { "memfd_create", SYS_memfd_create, { (long)"x", 0 }, KILLED },
    { "landlock", 444, { 0, 0, 1 }, KILLED },
    { "seccomp", SYS_seccomp, { 0, 0, 0 }, KILLED },
    { "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 }, KILLED },
    { "personality", SYS_personality, { 0x0400000 }, KILLED },
    { "keyctl", SYS_keyctl, { 0 }, KILLED },
    { "perf_event_open", SYS_perf_event_open, { 0 }, KILLED },
    { "pidfd_getfd", 438, { 0 }, KILLED },
    { "dup", SYS_dup, { 0 }, KILLED },
    { "splice", SYS_splice, { 0 }, KILLED },
    { "setrlimit", SYS_setrlimit, { 0 }, KILLED },
    { "shmget", SYS_shmget, { 0 }, KILLED },
    { "inotify_init1", SYS_inotify_init1, { 0 }, KILLED },
    { "mmap executable",
      SYS_mmap,
      { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
      KILLED },
    { "mmap writable executable",
      SYS_mmap,
      { 0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
      KILLED },
    { "mmap a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 }, KILLED },
    { "mprotect executable", SYS_mprotect, { 0, 0, PROT_READ | PROT_EXEC }, KILLED },
    { "pkey_mprotect", SYS_pkey_mprotect, { 0, 0, PROT_EXEC, 0 }, KILLED },
    { "write elsewhere", SYS_write, { 1, (long)"x", 1 }, KILLED },
    { "write elsewhere again", SYS_write, { BOGUS_FD, (long)"x", 1 }, KILLED },
    { "recvmsg elsewhere", SYS_recvmsg, { 0, 0, 0 }, KILLED },
    { "fcntl F_DUPFD", SYS_fcntl, { SOCKET, F_DUPFD, 0 }, KILLED },
    { "fcntl F_SETFL", SYS_fcntl, { SOCKET, F_SETFL, 0 }, KILLED },
    { "fcntl F_SETOWN", SYS_fcntl, { SOCKET, F_SETOWN, 1 }, KILLED },
    { "read a file", SYS_read, { 0, 0, 0 }, REFUSED },
    { "ioctl", SYS_ioctl, { 0, 0x5412 /* TIOCSTI */, 0 }, REFUSED },
    { "readlink /proc", SYS_readlinkat, { AT_FDCWD, (long)"/proc/self/exe", 0, 0 }, REFUSED },
    { "prlimit of others", SYS_prlimit64, { 1, RLIMIT_NOFILE, 0, 0 }, REFUSED },
    { "rt_sigaction", SYS_rt_sigaction, { SIGSEGV, 0, 0, 8 }, REFUSED },
    /* what a worker lives on */
    { "write to the socket", SYS_write, { SOCKET, (long)"", 0 }, PASSED },
    { "write a message", SYS_write, { MESSAGES, (long)"", 0 }, PASSED },
    { "recvmsg from the socket", SYS_recvmsg, { SOCKET, 0, 0 }, PASSED },
    { "mmap memory",
      SYS_mmap,
      { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
      PASSED },
    { "mprotect", SYS_mprotect, { 0, 0, PROT_NONE }, PASSED },
    { "seals of a body", SYS_fcntl, { SOCKET, F_GET_SEALS, 0 }, PASSED },
};

static void by_name(void **state)
{
    (void)state;
    if (SANITIZED) /* the strict list is that of other builds */
        return;
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        enum outcome o = try(tries[i].nr, tries[i].a);
        if (o != tries[i].want)
            fail_msg("%s: %s, should be %s", tries[i].name, outcome_name(o),
                     outcome_name(tries[i].want));
    }
}

/* The number of a listed call; the list is by name, the table by number. */
static const struct {
    const char *name;
    long nr;
} numbers[] = {
    { "brk", SYS_brk },
    { "munmap", SYS_munmap },
    { "mremap", SYS_mremap },
    { "madvise", SYS_madvise },
    { "mmap", SYS_mmap },
    { "mprotect", SYS_mprotect },
    { "recvmsg", SYS_recvmsg },
    { "write", SYS_write },
    { "writev", SYS_writev },
    { "pread64", SYS_pread64 },
    { "lseek", SYS_lseek },
    { "fcntl", SYS_fcntl },
    { "close", SYS_close },
    { "clock_gettime", SYS_clock_gettime },
    { "getrandom", SYS_getrandom },
    { "futex", SYS_futex },
    { "getpid", SYS_getpid },
    { "gettid", SYS_gettid },
    { "rt_sigprocmask", SYS_rt_sigprocmask },
    { "tgkill", SYS_tgkill },
    { "rt_sigreturn", SYS_rt_sigreturn },
    { "restart_syscall", SYS_restart_syscall },
    { "exit", SYS_exit },
    { "exit_group", SYS_exit_group },
};

static const char *listed(long nr, bool always)
{
    size_t n;
    const struct jail_call *calls = jail_calls(&n);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (size_t j = 0; j < n && numbers[i].nr == nr; j++)
            if (strcmp(calls[j].name, numbers[i].name) == 0 &&
                (calls[j].rule == JAIL_ALLOW || (!always && calls[j].rule == JAIL_ALLOW_IF)))
                return calls[j].name;
    return NULL;
}

/* With arguments that fit no condition: exactly the unconditional ones pass. */
static void whole_table(void **state)
{
    (void)state;
    if (SANITIZED) /* the strict list is that of other builds */
        return;
    static const long none[6] = { BOGUS_FD, 0, PROT_EXEC, 0, 0, 0 };
    char passed[1024] = "";
    for (long nr = 0; nr < CALLS; nr++) {
#ifdef __x86_64__
        /* uretprobe and uprobe: Linux exempts them from seccomp (kernel/seccomp.c) and refuses
         * them to anybody but its own trampolines. */
        if (nr == 335 || nr == 336)
            continue;
#endif
        enum outcome o = try(nr, none);
        bool through = o != KILLED && o != REFUSED; /* also exit() and a broken sigreturn */
        const char *name = listed(nr, true);
        if (through && !name)
            fail_msg("call %ld: %s, and is not on the list", nr, outcome_name(o));
        if (!through && name)
            fail_msg("%s: %s, though it is on the list", name, outcome_name(o));
        if (through)
            (void)snprintf(passed + strlen(passed), sizeof passed - strlen(passed), " %s", name);
    }
    printf("# let through:%s\n", passed);
}

static void the_list_is_short(void **state)
{
    (void)state;
    size_t n, allowed = 0;
    const struct jail_call *calls = jail_calls(&n);
    for (size_t i = 0; i < n; i++)
        allowed += calls[i].rule != JAIL_REFUSE;
    if (!SANITIZED)
        assert_true(allowed <= 25);
}

#ifdef __x86_64__
/* The 32-bit gate has other numbers: 11 is execve there, 5 open. */
static void other_gates(void **state)
{
    (void)state;
    if (SANITIZED) /* the strict list is that of other builds */
        return;
    static const long old[] = { 20 /* getpid */, 5, 11, 1 }, x32 = 0x40000000;
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            lock_in();
            long rc = old[i];
            __asm__ volatile("int $0x80" : "+a"(rc) : "b"(0L), "c"(0L), "d"(0L) : "memory");
            _exit(PASSED);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        /* SIGSEGV where the kernel has no such gate */
        assert_true(WIFSIGNALED(status) &&
                    (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV));
    }
    static const long none[6] = { 0 };
    assert_int_equal(try(x32 | SYS_getpid, none), KILLED);
}
#endif

/* Each layer holds alone. */
static int landlock_only(void)
{
    int abi;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || landlock_lock(&abi))
        return NOT_LOCKED;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
        return 1;
    if (open("/tmp", O_RDONLY | O_DIRECTORY) >= 0)
        return 2;
    if (open("/tmp/sekisho-jail-test", O_WRONLY | O_CREAT, 0600) >= 0)
        return 3;
    if (execl("/bin/true", "true", (char *)NULL) == 0)
        return 4;
    return PASSED;
}

static int limits_only(void)
{
    struct rlimit r;
    lock_in();
    /* getrlimit is refused by now; what counts is what the limits do */
    if (mmap(NULL, (size_t)5 << 30, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
        return 1;
    if (mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
        return 2;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0)
        return 3;
    return PASSED;
}

static void each_layer(void **state)
{
    (void)state;
    static int (*const layers[])(void) = { landlock_only, limits_only };
    for (size_t i = 0; i < 2; i++) {
        if ((i == 0 && landlock_abi() == 0) || (i == 1 && SANITIZED))
            continue;
        pid_t pid = fork();
        if (pid == 0)
            _exit(layers[i]());
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), PASSED);
    }
}

int main(void)
{
    int sockets[2]; /* stands at descriptor 3, as in a worker */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
        return 1;
    if (sockets[0] != SOCKET && dup2(sockets[0], SOCKET) < 0)
        return 1;
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name),           cmocka_unit_test(whole_table),
        cmocka_unit_test(the_list_is_short),
#ifdef __x86_64__
        cmocka_unit_test(other_gates),
#endif
        cmocka_unit_test(each_layer),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
