/* SPDX-License-Identifier: Apache-2.0 */
/* head - the pool head: the worker program before it forks.
 *
 * It opens what must be open (converters, ciphers, rules), gives up its rights
 * when it was started as root, and then only forks workers, reaps them and
 * ends them. It reads no hostile byte. It ends with its control socket.
 */
#pragma once
#include "base/err.h"

#include <stdbool.h>

enum { HEAD_CONTROL = 3, HEAD_RULES = 4, HEAD_YARA = 5, HEAD_YARA_MAX = 1000 };

struct head {
    unsigned objects, timeout_ms;
    bool allow_weak_jail, has_rules;
    unsigned n_yara; /* sources at HEAD_YARA and up */
};

/* Returns the exit status. */
int head_run(const struct head *h);
