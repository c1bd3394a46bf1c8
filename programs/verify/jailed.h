/* SPDX-License-Identifier: Apache-2.0 */
/* jailed - work on hostile bytes in a copy of this process that is locked in as a worker is
 * (guard/jail.h): what it reads wrongly costs its answer, and reaches nothing.
 *
 * The copy has all memory of this process and none of its descriptors but standard error.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct jailed {
    bool (*work)(void *host,
                 struct buf *out); /* fills its answer; what it gives comes back as `answer` */
    void *host;
    size_t most; /* bytes of the answer */
};

/* Everything that work() opens must be open. Negative: it came to no answer. */
int jailed_run(const struct jailed *j, struct buf *out, bool *answer_out,
               struct err *err_out) MUST_USE;
