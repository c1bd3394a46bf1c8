/* SPDX-License-Identifier: Apache-2.0 */
/* The jail of a door from inside: the calls that would hurt, each in a fresh process. */
#include "guard/jail_door.h"
#include "base/sanitized.h"
#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/table.h"

enum outcome { PASSED = 40, REFUSED = 41, NOT_LOCKED = 42, KILLED = 1000, DIED = 1001 };

static void lock_in(const char *const *readable)
{
    const struct jail_door jail = { true, readable };
    struct jail_given given;
    struct err e = { 0 };
    uint64_t descriptors = 0;
    if (jail_lock_door(&jail, &given, &descriptors, &e) || !given.seccomp || descriptors < 3) {
        (void)dprintf(2, "# %s\n", e.text);
        _exit(NOT_LOCKED);
    }
}

static enum outcome ended(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : DIED;
    return (enum outcome)WEXITSTATUS(status);
}

static enum outcome attempt(long nr, const long a[6])
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        lock_in(NULL);
        errno = 0;
        long rc = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        _exit(rc < 0 && errno == EPERM ? REFUSED : PASSED);
    }
    return ended(pid);
}

static const struct {
    const char *name;
    long nr;
    long a[6];
    enum outcome want;
} tries[] = {
    { "openat", SYS_openat, { AT_FDCWD, (long)"/etc/passwd", O_RDONLY }, REFUSED },
    { "openat2", 437, { AT_FDCWD, (long)"/etc/passwd", 0, 0 }, KILLED },
    { "creat by openat",
      SYS_openat,
      { AT_FDCWD, (long)"/tmp/x", O_WRONLY | O_CREAT, 0600 },
      REFUSED },
    { "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, KILLED },
    { "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, 0 }, KILLED },
    { "connect", SYS_connect, { 3, 0, 0 }, KILLED },
    { "connect by sendto", SYS_sendto, { 3, 0, 0, MSG_FASTOPEN, 0, 0 }, KILLED },
    { "connect by sendmsg", SYS_sendmsg, { 3, 0, MSG_FASTOPEN }, KILLED },
    { "bind", SYS_bind, { 3, 0, 0 }, KILLED },
    { "listen", SYS_listen, { 3, 1 }, KILLED },
    { "clone", SYS_clone, { SIGCHLD, 0, 0, 0, 0 }, KILLED },
    { "clone3", SYS_clone3, { 0, 0 }, KILLED },
    { "unshare", SYS_unshare, { CLONE_NEWUSER }, KILLED },
    { "execve", SYS_execve, { (long)"/bin/true", 0, 0 }, KILLED },
    { "execveat", SYS_execveat, { AT_FDCWD, (long)"/bin/true", 0, 0, 0 }, KILLED },
    { "ptrace", SYS_ptrace, { 0 }, KILLED },
    { "kill", SYS_kill, { 0, 0 }, KILLED },
    { "tgkill another", SYS_tgkill, { 1, 1, SIGKILL }, KILLED },
    { "unlink", SYS_unlinkat, { AT_FDCWD, (long)"/tmp/x", 0 }, KILLED },
    { "rename", SYS_renameat2, { AT_FDCWD, (long)"/a", AT_FDCWD, (long)"/b", 0 }, KILLED },
    { "io_uring_setup", 425, { 1, 0 }, KILLED },
    { "bpf", SYS_bpf, { 0, 0, 0 }, KILLED },
    { "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 }, KILLED },
    { "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 }, KILLED },
    { "dup2", SYS_dup3, { 3, 2, 0 }, KILLED },
    { "fcntl F_SETOWN", SYS_fcntl, { 3, F_SETOWN, 1 }, KILLED },
    { "fcntl F_SETLK", SYS_fcntl, { 3, F_SETLK, 0 }, KILLED },
    { "mmap executable",
      SYS_mmap,
      { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
      KILLED },
    { "mmap a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 }, KILLED },
    { "mprotect executable", SYS_mprotect, { 0, 0, PROT_READ | PROT_EXEC }, KILLED },
    { "stat by name", SYS_newfstatat, { AT_FDCWD, (long)"/etc/passwd", 0, 0 }, KILLED },
    { "getdents", SYS_getdents64, { 0, 0, 0 }, KILLED },
    { "ioctl", SYS_ioctl, { 0, 0x5412 /* TIOCSTI */, 0 }, REFUSED },
    { "setrlimit", SYS_setrlimit, { 0 }, KILLED },
    /* what a door lives on */
    { "accept4", SYS_accept4, { 3, 0, 0, SOCK_CLOEXEC }, PASSED },
    { "recvmsg", SYS_recvmsg, { 3, 0, 0 }, PASSED },
    { "sendmsg", SYS_sendmsg, { 3, 0, MSG_NOSIGNAL | MSG_DONTWAIT }, PASSED },
    { "sendto", SYS_sendto, { 3, 0, 0, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0 }, PASSED },
    { "epoll_wait", SYS_epoll_wait, { 3, 0, 0, 0 }, PASSED },
    { "memfd_create", SYS_memfd_create, { (long)"x", 0 }, PASSED },
    { "seals", SYS_fcntl, { 3, F_ADD_SEALS, 0 }, PASSED },
    { "dup of a descriptor to send", SYS_fcntl, { 2, F_DUPFD_CLOEXEC, 0 }, PASSED },
};

static void by_name(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, tries)
    {
        enum outcome o = attempt(row->nr, row->a);
        bool good = SANITIZED ? (o == PASSED) == (row->want == PASSED) : o == row->want;
        if (SANITIZED && row->nr == SYS_mmap) /* the sanitizer's own */
            continue;
        if (!good)
            table_wrong(&t, row->name, "%d, should be %d", o, row->want);
    }
}

/* What a door does with an object works behind the lock. */
static int live(void)
{
    lock_in(NULL);
    int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct stat st;
    if (fd < 0 || pwrite(fd, "mail", 4, 0) != 4 || ftruncate(fd, 8) < 0)
        return 1;
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 || fstat(fd, &st) < 0 || st.st_size != 8)
        return 2;
    return PASSED;
}

/* Below the named folder files are read, and nothing else. */
static int reads(const char *folder)
{
    const char *const readable[] = { folder, NULL };
    char path[128];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    lock_in(readable);
    if (open(path, O_RDONLY | O_CLOEXEC) < 0)
        return 1;
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ||
        open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
        return 2;
    if (open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0)
        return 3;
    return PASSED;
}

static int writes(const char *folder)
{
    const char *const readable[] = { folder, NULL };
    lock_in(readable);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    return open(path, O_WRONLY | O_CLOEXEC) >= 0 ? 1 : REFUSED;
}

static void holds_and_lets_live(void **state)
{
    (void)state;
    char folder[] = "/tmp/sekisho-jail-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    pid_t pid = fork();
    if (pid == 0)
        _exit(live());
    assert_int_equal(ended(pid), PASSED);
    if (landlock_abi()) {
        if ((pid = fork()) == 0)
            _exit(reads(folder));
        assert_int_equal(ended(pid), PASSED);
        if ((pid = fork()) == 0)
            _exit(writes(folder));
        enum outcome o = ended(pid);
        assert_true(o == KILLED || o == REFUSED);
    }
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_name),
                                        cmocka_unit_test(holds_and_lets_live) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
