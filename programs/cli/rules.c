/* SPDX-License-Identifier: Apache-2.0 */
/* rules - list, check and test rules. Checking and testing are done by the
 * program sekisho-rules, which alone links the rule compiler. */
#include "os/folder.h"
#include "programs/cli/scan_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] = "sekisho rules list [FOLDER] | layers [--settings FILE] [FOLDER] | "
                            "check FOLDER... | test FOLDER...";

static int list(const struct cli *cli, const char *folder)
{
    struct desk_options o = { .rules = folder, .language = cli->language };
    struct knowledge d;
    struct err e;
    if (desk_open(&d, &o, &e) < 0) {
        knowledge_close(&d);
        return cli_trouble(&e);
    }
    size_t n = rules_count(d.book.rules);
    for (size_t i = 0; i < n; i++) {
        struct rule_info r = rules_info(d.book.rules, i);
        static const char *const states[] = { "off", "observe", "on" };
        slice title = o.language == LANGUAGE_JA && r.title.ja.len ? r.title.ja : r.title.en;
        printf("%-34.*s %-13s %-7s %-7s %-9s %.*s\n", SLICE_FMT(r.id), rule_level_name(r.level),
               states[r.state], r.in_force ? event_kind_name(r.kind) : "-", layer_name(r.layer),
               SLICE_FMT(title));
    }
    knowledge_close(&d);
    return EXIT_CLEAN;
}

static int layers(const struct cli *cli, int argc, char **argv)
{
    struct scan_options o;
    struct knowledge d;
    struct err e;
    bool settings = argc >= 2 && strcmp(argv[0], "--settings") == 0;
    if (argc > (settings ? 3 : 1) || (!settings && argc == 1 && argv[0][0] == '-'))
        return cli_usage(cli, usage, MSG_COUNT, NULL);
    int r = scan_options_of(cli, &o, settings ? argv[1] : NULL);
    if (r)
        return r;
    if (argc > (settings ? 2 : 0))
        o.desk.rules = argv[argc - 1];
    if (desk_open(&d, &o.desk, &e) < 0) {
        r = cli_trouble(&e);
    } else {
        size_t counts[LAYERS];
        knowledge_layers(&d, counts);
        for (int l = 0; l < LAYERS; l++)
            printf("%-10s %4zu  %-4s %s\n", layer_name((enum layer)l), counts[l],
                   d.context.policy.layers_off & layer_bit((enum layer)l) ? "off" : "on",
                   layer_title((enum layer)l, o.desk.language == LANGUAGE_JA));
    }
    knowledge_close(&d);
    scan_options_drop(&o);
    return r;
}

int command_rules(const struct cli *cli, int argc, char **argv)
{
    char program[PATH_BYTES_MAX];
    if (argc >= 2 && strcmp(argv[1], "list") == 0 && argc <= 3)
        return list(cli, argc == 3 ? argv[2] : NULL);
    if (argc >= 2 && strcmp(argv[1], "layers") == 0)
        return layers(cli, argc - 2, argv + 2);
    if (argc < 2 || (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "test") != 0))
        return cli_usage(cli, usage, argc < 2 ? MSG_COUNT : MSG_CLI_NO_COMMAND,
                         argc < 2 ? NULL : argv[1]);
    char *const ours[] = { (char *)"sekisho-rules", argv[1], (char *)cli_rules_folder(NULL), NULL };
    if (!cli_beside("sekisho-rules", program, sizeof program))
        return cli_say(cli, MSG_DOCTOR_MISSING, "sekisho-rules");
    if (cli->language_given &&
        setenv("LC_ALL", cli->language == LANGUAGE_JA ? "ja_JP.UTF-8" : "C.UTF-8", 1) < 0)
        return cli_say(cli, MSG_CLI_MEMORY, NULL);
    argv[0] = (char *)"sekisho-rules";
    execv(program, argc == 2 ? ours : argv);
    struct err e;
    (void)cli_err(&e, -errno, cli->language, MSG_CLI_NOT_STARTED, program, strerror(errno));
    return cli_trouble(&e);
}
