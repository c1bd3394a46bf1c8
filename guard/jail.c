/* SPDX-License-Identifier: Apache-2.0 */
/* The jail; see jail.h. The only file that includes libseccomp.
 *
 * A call that libraries make on the way and survive without (look for a file,
 * ask for a limit) is refused with EPERM; everything else that is not on the
 * list kills the process: only an intruder makes it. Sanitizer builds refuse
 * where the strict jail kills, and allow what the sanitizer's report needs. */
#include "guard/jail.h"
#include "base/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ADDRESS_SPACE (UINT64_C(4) << 30)
enum { DESCRIPTORS = 16 };

static const struct jail_call calls[] = {
    /* memory */
    { "brk", JAIL_ALLOW },
    { "munmap", JAIL_ALLOW },
    { "mremap", JAIL_ALLOW },
    { "madvise", JAIL_ALLOW },
    { "mmap", JAIL_ALLOW_IF },
    { "mprotect", JAIL_ALLOW_IF },
    /* the socket, the body's descriptor, messages */
    { "recvmsg", JAIL_ALLOW_IF },
    { "write", JAIL_ALLOW_IF },
    { "writev", JAIL_ALLOW_IF },
    { "pread64", JAIL_ALLOW },
    { "lseek", JAIL_ALLOW },
    { "fcntl", JAIL_ALLOW_IF },
    { "close", JAIL_ALLOW },
    /* itself */
    { "clock_gettime", JAIL_ALLOW },
    { "getrandom", JAIL_ALLOW },
    { "futex", JAIL_ALLOW },
    { "getpid", JAIL_ALLOW },
    { "gettid", JAIL_ALLOW },
    { "rt_sigprocmask", JAIL_ALLOW },
    { "tgkill", JAIL_ALLOW_IF },
    { "rt_sigreturn", JAIL_ALLOW },
    { "restart_syscall", JAIL_ALLOW },
    { "exit", JAIL_ALLOW },
    { "exit_group", JAIL_ALLOW },
#if SANITIZED
    { "sigaltstack", JAIL_ALLOW },
    { "sched_yield", JAIL_ALLOW },
    { "rt_sigaction", JAIL_ALLOW },
    { "getrlimit", JAIL_ALLOW },
    { "prlimit64", JAIL_ALLOW },
    { "sysinfo", JAIL_ALLOW },
#else
    { "sigaltstack", JAIL_REFUSE },
    { "sched_yield", JAIL_REFUSE },
    { "rt_sigaction", JAIL_REFUSE },
    { "getrlimit", JAIL_REFUSE },
    { "prlimit64", JAIL_REFUSE },
    { "sysinfo", JAIL_REFUSE },
#endif
    /* what libraries try and do without */
    { "open", JAIL_REFUSE },
    { "openat", JAIL_REFUSE },
    { "access", JAIL_REFUSE },
    { "faccessat", JAIL_REFUSE },
    { "faccessat2", JAIL_REFUSE },
    { "stat", JAIL_REFUSE },
    { "lstat", JAIL_REFUSE },
    { "fstat", JAIL_REFUSE },
    { "newfstatat", JAIL_REFUSE },
    { "statx", JAIL_REFUSE },
    { "readlink", JAIL_REFUSE },
    { "readlinkat", JAIL_REFUSE },
    { "getcwd", JAIL_REFUSE },
    { "ioctl", JAIL_REFUSE },
    { "uname", JAIL_REFUSE },
    { "sched_getaffinity", JAIL_REFUSE },
    { "getuid", JAIL_REFUSE },
    { "geteuid", JAIL_REFUSE },
    { "getgid", JAIL_REFUSE },
    { "getegid", JAIL_REFUSE },
    { "clock_getres", JAIL_REFUSE },
    { "clock_nanosleep", JAIL_REFUSE },
    { "nanosleep", JAIL_REFUSE },
    { "gettimeofday", JAIL_REFUSE },
    { "time", JAIL_REFUSE },
    { "getcpu", JAIL_REFUSE },
    { "read", JAIL_REFUSE },
};

const struct jail_call *jail_calls(size_t *n_out)
{
    *n_out = sizeof calls / sizeof calls[0];
    return calls;
}

void jail_close_from(int first)
{
    if (syscall(SYS_close_range, (unsigned)first, UINT_MAX, 0) == 0)
        return;
    struct rlimit r; /* Linux before 5.9 */
    int end = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 65536 ? (int)r.rlim_cur : 65536;
    for (int fd = first; fd < end; fd++)
        (void)close(fd);
}

static int limit(int what, uint64_t most)
{
    struct rlimit r = { most, most }, now;
    /* a limit that is lower already stays */
    if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < most)
        r.rlim_cur = r.rlim_max = now.rlim_max;
    return setrlimit((__rlimit_resource_t)what, &r) < 0 ? -errno : 0;
}

static int set_limits(const struct jail *jail)
{
    int rc = 0;
    if (!SANITIZED) /* the sanitizer's shadow takes terabytes of address space */
        rc = limit(RLIMIT_AS, ADDRESS_SPACE);
    rc = rc ? rc : limit(RLIMIT_CORE, 0);
    rc = rc ? rc : limit(RLIMIT_FSIZE, 0);
    rc = rc ? rc : limit(RLIMIT_NPROC, 0);
    rc = rc ? rc : limit(RLIMIT_MEMLOCK, 0);
    rc = rc ? rc : limit(RLIMIT_MSGQUEUE, 0);
    rc = rc ? rc : limit(RLIMIT_NOFILE, DESCRIPTORS);
    if (jail->cpu_seconds)
        rc = rc ? rc : limit(RLIMIT_CPU, jail->cpu_seconds);
    return rc;
}

static int allow_fd(scmp_filter_ctx ctx, int call, int fd)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd, 0));
}

/* The calls that are allowed with some arguments only; others kill. */
static int add_conditions(scmp_filter_ctx ctx, const struct jail *jail)
{
    /* Only anonymous memory, never executable. */
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rc = rc ? rc : allow_fd(ctx, SCMP_SYS(recvmsg), jail->socket);
    rc = rc ? rc : allow_fd(ctx, SCMP_SYS(write), jail->socket);
    rc = rc ? rc : allow_fd(ctx, SCMP_SYS(write), jail->messages);
    rc = rc ? rc : allow_fd(ctx, SCMP_SYS(writev), jail->messages); /* glibc's last words */
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                               SCMP_A1(SCMP_CMP_EQ, F_GET_SEALS, 0));
    /* abort() */
    rc = rc ? rc
            : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                               SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    return rc;
}

static int add_calls(scmp_filter_ctx ctx)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        int call = seccomp_syscall_resolve_name(calls[i].name);
        uint32_t action = calls[i].rule == JAIL_ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM);
        if (call < 0 || calls[i].rule == JAIL_ALLOW_IF ||
            (SANITIZED && calls[i].rule == JAIL_REFUSE))
            continue; /* not on this architecture, or done elsewhere, or the default */
        int rc = seccomp_rule_add(ctx, action, call, 0);
        if (rc)
            return rc;
    }
    return 0;
}

static int lock_calls(const struct jail *jail)
{
    scmp_filter_ctx ctx = seccomp_init(SANITIZED ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
    if (!ctx)
        return -ENOMEM;
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    rc = rc ? rc : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0); /* done already */
    rc = rc ? rc : add_calls(ctx);
    rc = rc ? rc : add_conditions(ctx, jail);
    rc = rc ? rc : seccomp_load(ctx);
    seccomp_release(ctx);
    return rc;
}

int jail_lock(const struct jail *jail, struct jail_given *out, struct err *err_out)
{
    struct jail_given given = { 0 };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(err_out, -errno, "no_new_privs: %s", strerror(errno));
    /* Others of our user may neither trace us nor read our memory. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return err_set(err_out, -errno, "not dumpable: %s", strerror(errno));
    int rc = landlock_lock(&given.landlock_abi);
    given.landlock = rc == 0;
    if (rc && !jail->allow_weak)
        return err_set(
            err_out, rc,
            "Landlock: %s; enable it in the kernel (lsm=landlock,...) or allow a weaker jail",
            strerror(-rc));
    rc = set_limits(jail);
    if (rc)
        return err_set(err_out, rc, "resource limits: %s", strerror(-rc));
    rc = lock_calls(jail);
    if (rc)
        return err_set(err_out, rc, "seccomp: %s; the kernel needs CONFIG_SECCOMP_FILTER",
                       strerror(-rc));
    given.seccomp = true;
    *out = given;
    return 0;
}
