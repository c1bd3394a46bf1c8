/* SPDX-License-Identifier: Apache-2.0 */
/* pool - jailed workers that read hostile bytes, seen from the desk.
 *
 * pool_start() re-executes the worker program, which becomes the pool head:
 * it opens what must be open, then forks workers that lock down (jail.h).
 * Each object is one job; its answer arrives as frames (wire/frames.h), parsed
 * as hostile, into the job's sink as they come. A crash or timeout costs that
 * job only: what had been answered stands, and the job ends CRASHED or TIMEOUT.
 */
#pragma once
#include "base/err.h"
#include "base/body.h"
#include "facts/record.h"

struct pool;

struct pool_settings {
    const char *worker;        /* path of the worker program */
    unsigned workers;          /* 1..64 */
    int rules_fd;              /* rule image, read-only; -1: none. Stays the caller's */
    const int *yara_fds;       /* YARA sources, read-only */
    size_t n_yara;
    unsigned objects;          /* a worker is recycled after so many; 256 */
    unsigned timeout_ms;       /* backstop for one object; 10000 */
    bool allow_weak_jail;      /* go on where the kernel lacks Landlock; doctor says so */
};

enum job_end { JOB_DONE, JOB_CRASHED, JOB_TIMEOUT, JOB_LOST };

struct pool_hint {
    slice password;
    uint32_t source;           /* enum password_source */
};

struct pool_job {
    slice name, declared;      /* copied */
    slice body;                /* inline (copied) when fd is -1 */
    int fd;                    /* a regular file, read by the worker; stays the caller's */
    uint64_t size;
    const struct pool_hint *hints;
    size_t n_hints;
    enum give give;            /* whose bytes go to sink.bytes (extraction) */
    uint32_t give_part;
    bool trace; /* evaluators note their steps (fact unmask.trace) */
    struct sink sink;
    void (*done)(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us, const char *why);
    void *host;
};

int pool_start(const struct pool_settings *settings, struct pool **out, struct err *err_out) MUST_USE;
/* Takes the job when a worker is free, else returns -EAGAIN: call pool_wait(). */
int pool_submit(struct pool *p, const struct pool_job *job, struct err *err_out) MUST_USE;
unsigned pool_idle(const struct pool *p);
unsigned pool_busy(const struct pool *p);
/* Waits for answers, at most timeout_ms (-1: until something happened); runs sinks and done(). */
int pool_wait(struct pool *p, int timeout_ms, struct err *err_out) MUST_USE;
/* For a loop of one's own in place of pool_wait(): when the descriptor is readable, or the time of
 * clock_us() that pool_due_us() says has come (UINT64_MAX: none), call pool_step(), which waits for
 * nothing. The time may be another after each call of any of these functions. */
int pool_fd(const struct pool *p);
uint64_t pool_due_us(const struct pool *p);
bool pool_is_broken(const struct pool *p); /* pool_step() says why */
int pool_step(struct pool *p, struct err *err_out) MUST_USE;
/* Ends all processes, by pid, and waits for them. */
void pool_stop(struct pool **p);
/* What this kernel gives: for doctor. */
struct jail_report {
    bool seccomp, landlock, no_new_privs;
    int landlock_abi;
};
struct jail_report pool_jail_report(void);
