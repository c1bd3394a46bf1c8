/* SPDX-License-Identifier: Apache-2.0 */
/* explain - says what a detection name or a rule means. */
#include "programs/cli/cli.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "sekisho explain [--lang ja|en] [--rules FOLDER] NAME...";

int command_explain(int argc, char **argv)
{
    static const struct option options[] = {
        { "lang", required_argument, NULL, 'l' }, { "rules", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
    struct desk_options o = { .language = cli_language(NULL) };
    struct desk d;
    struct err e;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'l')
            o.language = cli_language(optarg);
        else if (c == 'r')
            o.rules = optarg;
        else
            return cli_usage(usage, NULL);
    }
    if (optind == argc)
        return cli_usage(usage, "which name? A detection name or a rule id, as a report shows it");
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
            slice name = slice_of(argv[i]);
            message_put(&out, MSG_EXPLAIN_UNKNOWN, o.language, &name, 1);
            fprintf(stderr, "sekisho: %.*s\n", SLICE_FMT(buf_slice(&out)));
            status = EXIT_TROUBLE;
        }
        buf_drop(&out);
    }
    desk_close(&d);
    return status;
}
