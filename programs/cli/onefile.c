/* SPDX-License-Identifier: Apache-2.0 */
/* onefile - see onefile.h. */
#include "programs/cli/onefile.h"
#include "os/file.h"

#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 60000 };

static bool is_over(void *host)
{
    const struct onefile *file = host;
    return file->is_over(file->job.host);
}

int onefile_run(const struct cli *cli, struct onefile *file, struct err *err_out)
{
    struct feed feed = { 0 };
    struct file_facts facts;
    int fd = -1;
    struct pool_settings settings = {
        .workers = 1, .rules_fd = -1, .objects = 1, .timeout_ms = TIMEOUT_MS
    };
    int r = file_open(file->path, 0, &fd, err_out);
    if (r == 0)
        r = file_facts(fd, &facts, err_out);
    if (r == 0)
        r = feed_open(&feed, cli, "sekisho-worker", &settings, err_out);
    if (r == 0) {
        const char *slash = strrchr(file->path, '/');
        file->job.name = slice_of(slash ? slash + 1 : file->path);
        file->job.fd = fd;
        file->job.size = facts.size;
        r = feed_submit(&feed, &file->job, err_out);
    }
    if (r == 0)
        r = feed_until(&feed, is_over, file, err_out);
    feed_close(&feed);
    if (fd >= 0)
        close(fd);
    return r;
}
