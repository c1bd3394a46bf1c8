/* SPDX-License-Identifier: Apache-2.0 */
/* onefile - one file through one worker, without rules: what extract and unmask do. */
#pragma once
#include "programs/cli/feed.h"

struct onefile {
    const char *path;
    struct pool_job job; /* without name, body and size; job.host is asked with is_over */
    bool (*is_over)(const void *host);
};

int onefile_run(const struct cli *cli, struct onefile *file, struct err *err_out) MUST_USE;
