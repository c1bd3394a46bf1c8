/* SPDX-License-Identifier: Apache-2.0 */
/* The jail of a door; see jail_door.h. What is refused and what kills: as in jail.c. */
#include "guard/jail_door.h"
#include "base/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS_SPACE (UINT64_C(4) << 30)

static const char *const allowed[] = {
    /* memory */
    "brk",
    "munmap",
    "mremap",
    "madvise",
    /* sockets that are there, and what comes through them */
    "epoll_wait",
    "epoll_pwait",
    "epoll_ctl",
    "epoll_create1",
    "eventfd2",
    "accept4",
    "recvfrom",
    "recvmsg",
    "shutdown",
    "setsockopt",
    "getsockopt",
    "getsockname",
    "getpeername",
    "read",
    "readv",
    "write",
    "writev",
    "close",
    "poll",
    "ppoll",
    /* objects in memory, files that a peer passed */
    "memfd_create",
    "ftruncate",
    "pwrite64",
    "pread64",
    "lseek",
    "fstat",
    /* itself */
    "clock_gettime",
    "getrandom",
    "futex",
    "getpid",
    "gettid",
    "rt_sigprocmask",
    "rt_sigreturn",
    "restart_syscall",
    "exit",
    "exit_group",
#if SANITIZED
    "sigaltstack",
    "sched_yield",
    "rt_sigaction",
    "getrlimit",
    "prlimit64",
    "sysinfo",
#endif
};

/* What libraries try and do without. */
static const char *const refused[] = {
    "open",         "openat",
    "access",       "faccessat",
    "faccessat2",   "stat",
    "lstat",        "statx",
    "readlink",     "readlinkat",
    "getcwd",       "ioctl",
    "uname",        "sched_getaffinity",
    "getuid",       "geteuid",
    "getgid",       "getegid",
    "clock_getres", "clock_nanosleep",
    "nanosleep",    "gettimeofday",
    "time",         "getcpu",
};

static int limit(int what, uint64_t most)
{
    struct rlimit r = { most, most }, now;
    if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < most)
        r.rlim_cur = r.rlim_max = now.rlim_max;
    return setrlimit((__rlimit_resource_t)what, &r) < 0 ? -errno : 0;
}

static int set_limits(uint64_t *descriptors_out)
{
    struct rlimit files;
    int rc = 0;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return -errno;
    files.rlim_cur = files.rlim_max; /* a connection is a descriptor */
    if (setrlimit(RLIMIT_NOFILE, &files) < 0)
        return -errno;
    *descriptors_out = files.rlim_cur;
    if (!SANITIZED) /* the sanitizer's shadow takes terabytes of address space */
        rc = limit(RLIMIT_AS, ADDRESS_SPACE);
    rc = rc ? rc : limit(RLIMIT_CORE, 0);
    rc = rc ? rc : limit(RLIMIT_NPROC, 0);
    rc = rc ? rc : limit(RLIMIT_MEMLOCK, 0);
    return rc ? rc : limit(RLIMIT_MSGQUEUE, 0);
}

static int add(scmp_filter_ctx ctx, const char *const *names, size_t n, uint32_t action)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);
        if (call >= 0) /* else not on this architecture */
            rc = seccomp_rule_add(ctx, action, call, 0);
    }
    return rc;
}

static int allow_fcntl(scmp_filter_ctx ctx)
{
    static const int commands[] = { F_GETFL,         F_SETFL,     F_GETFD,    F_SETFD,
                                    F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS };
    int rc = 0;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && rc == 0; i++)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                              SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0));
    return rc;
}

static int add_conditions(scmp_filter_ctx ctx, bool files)
{
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rc = rc ? rc : allow_fcntl(ctx);
    /* A listening socket that is shut down is an unconnected one again, and MSG_FASTOPEN connects
     * it to any address (tcp(7)): connect(2) by another name. */
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
                               SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    /* of an open file; a name cannot be asked about */
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                               SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                               SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    const unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    if (files)
        rc = rc ? rc
                : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0));
    if (files)
        rc = rc ? rc : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(getdents64), 0);
    return rc;
}

static int lock_calls(bool files)
{
    scmp_filter_ctx ctx = seccomp_init(SANITIZED ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
    if (!ctx)
        return -ENOMEM;
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    rc = rc ? rc : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0); /* done already */
    /* one binary search a call instead of a list: accept and send are asked often */
    rc = rc ? rc : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    rc = rc ? rc : add(ctx, allowed, sizeof allowed / sizeof allowed[0], SCMP_ACT_ALLOW);
    if (!SANITIZED) /* there it is the default */
        rc = rc ? rc
                : add(ctx, refused + (files ? 2 : 0),
                      sizeof refused / sizeof refused[0] - (files ? 2 : 0), SCMP_ACT_ERRNO(EPERM));
    rc = rc ? rc : add_conditions(ctx, files);
    rc = rc ? rc : seccomp_load(ctx);
    seccomp_release(ctx);
    return rc;
}

int jail_lock_door(const struct jail_door *jail, struct jail_given *out, uint64_t *descriptors_out,
                   struct err *err_out)
{
    struct jail_given given = { 0 };
    bool files = jail->readable && jail->readable[0];
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(err_out, -errno, "no_new_privs: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return err_set(err_out, -errno, "not dumpable: %s", strerror(errno));
    int rc = landlock_lock_but(jail->readable, &given.landlock_abi);
    given.landlock = rc == 0;
    /* Files are opened only where Landlock keeps all others shut. */
    if (rc && (files || !jail->allow_weak))
        return err_set(
            err_out, rc,
            "Landlock: %s; enable it in the kernel (lsm=landlock,...), or allow a weaker jail "
            "and read no paths",
            strerror(-rc));
    rc = set_limits(descriptors_out);
    if (rc)
        return err_set(err_out, rc, "resource limits: %s", strerror(-rc));
    rc = lock_calls(files);
    if (rc)
        return err_set(err_out, rc, "seccomp: %s; the kernel needs CONFIG_SECCOMP_FILTER",
                       strerror(-rc));
    given.seccomp = true;
    *out = given;
    return 0;
}
