/* SPDX-License-Identifier: Apache-2.0 */
/* explain - says what a detection name or a rule means. */
#include "programs/cli/cli.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "sekisho explain [--lang ja|en] [--rules FOLDER] NAME...";

int command_explain(const struct cli *cli, int argc, char **argv)
{
    static const struct option options[] = { { "rules", required_argument, NULL, 'r' },
                                             { NULL, 0, NULL, 0 } };
    struct desk_options o = { .language = cli->language };
    struct knowledge d;
    struct err e;
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c != 'r')
            return cli_bad_option(cli, usage, c, argv);
        o.rules = optarg;
    }
    if (optind == argc)
        return cli_usage(cli, usage, MSG_CLI_WHICH_NAME, NULL);
    int status = EXIT_CLEAN;
    if (desk_open(&d, &o, &e) < 0) {
        status = cli_trouble(&e);
        argc = optind;
    }
    for (int i = optind; i < argc; i++) {
        struct buf out = buf_new(1 << 20);
        if (report_explain(&out, d.book.rules, slice_of(argv[i]), o.language)) {
            fwrite(out.at, 1, out.len, stdout);
        } else {
            status = cli_say(cli, MSG_EXPLAIN_UNKNOWN, argv[i]);
        }
        buf_drop(&out);
    }
    knowledge_close(&d);
    return status;
}
