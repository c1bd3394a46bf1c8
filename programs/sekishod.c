/* SPDX-License-Identifier: Apache-2.0 */
/* sekishod - the gate: starts and minds its processes (programs/gate/supervisor.h). sekishod(8). */
#include "os/log.h"
#include "programs/gate/supervisor.h"
#include "report/report.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { OPT_SETTINGS = 256, OPT_STATE, OPT_CHECK, OPT_VERSION, OPT_MANUAL };

static const struct option options[] = {
    { "settings", required_argument, NULL, OPT_SETTINGS },
    { "state", required_argument, NULL, OPT_STATE },
    { "check", no_argument, NULL, OPT_CHECK },
    { "version", no_argument, NULL, OPT_VERSION },
    { "manual", required_argument, NULL, OPT_MANUAL }, /* for the build */
    { NULL, 0, NULL, 0 },
};

static int usage(void)
{
    fprintf(stderr, "usage: sekishod [--settings FILE] [--state FOLDER] [--check] [--version]; "
                    "see sekishod(8)\n");
    return 2;
}

/* The settings as the manual page has them. */
static int put_manual(bool japanese)
{
    size_t n;
    const struct setting *table = options_table(&n);
    struct buf out = buf_new(1 << 20);
    settings_manual(table, n, japanese, &out);
    bool good = !out.full && fwrite(out.at, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_drop(&out);
    return !good;
}

int main(int argc, char **argv)
{
    struct supervisor_settings s = { 0 };
    bool only_check = false;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == OPT_SETTINGS)
            s.settings = optarg;
        else if (c == OPT_STATE)
            s.state = optarg;
        else if (c == OPT_CHECK)
            only_check = true;
        else if (c == OPT_VERSION)
            return printf("sekishod %s\n", SEKISHO_VERSION_TEXT) < 0;
        else if (c == OPT_MANUAL)
            return put_manual(strcmp(optarg, "ja") == 0);
        else
            return usage();
    }
    if (optind < argc)
        return usage();
    for (int fd = 0; fd <= 2; fd++) /* else their numbers would be those of sockets */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return 1;
    log_open("sekishod", LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    return only_check ? supervisor_check(&s) : supervisor_run(&s);
}
