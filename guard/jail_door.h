/* SPDX-License-Identifier: Apache-2.0 */
/* jail_door - what a door's process gives up before the first stranger speaks.
 *
 * It keeps the sockets it has, takes new ones by accept(2) or from those it has,
 * and makes files in memory. No path can be opened, no socket made, bound or
 * connected, nothing executed. As in jail.h: seccomp, Landlock and rlimits.
 */
#pragma once
#include "guard/jail.h"

struct jail_door {
    bool allow_weak; /* a kernel without Landlock will do */
    const char *const *
        readable; /* folders whose files may be read (clamd's SCAN); NULL at the end; may be NULL */
};

/* Also raises the number of descriptors to what the system allows; *descriptors_out says it. */
int jail_lock_door(const struct jail_door *jail, struct jail_given *out, uint64_t *descriptors_out,
                   struct err *err_out) MUST_USE;
