/* SPDX-License-Identifier: Apache-2.0 */
/* jail - what a worker gives up before it reads the first hostile byte.
 *
 * Three layers that do not lean on each other: a seccomp allow-list (no open,
 * socket, exec, fork, nothing executable), Landlock with no path allowed, and
 * rlimits as a backstop. Nothing can be taken back.
 */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jail {
    int socket;      /* may be read and written */
    int messages;    /* may be written: standard error */
    bool allow_weak; /* a kernel without Landlock will do */
    unsigned cpu_seconds;
};

struct jail_given {
    bool seccomp, landlock;
    int landlock_abi;
};

/* Closes every descriptor from `first` on. */
void jail_close_from(int first);

int jail_lock(const struct jail *jail, struct jail_given *out, struct err *err_out) MUST_USE;

/* The Landlock layer alone. 0 and *abi_out, or -ENOSYS where the kernel has none. */
int landlock_lock(int *abi_out) MUST_USE;
int landlock_abi(void); /* 0: none */
/* The same, but files below these folders may be read and the folders listed; NULL at the end. */
int landlock_lock_but(const char *const *readable, int *abi_out) MUST_USE;

/* What the seccomp filter lets through, for the jail's test and its manual. */
enum jail_rule { JAIL_ALLOW, JAIL_ALLOW_IF, JAIL_REFUSE };
struct jail_call {
    const char *name;
    enum jail_rule
        rule; /* ALLOW_IF: with some arguments; REFUSE: fails with EPERM; all others kill */
};
const struct jail_call *jail_calls(size_t *n_out);
