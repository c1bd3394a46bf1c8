/* SPDX-License-Identifier: Apache-2.0 */
/* gate - starts the gate in the foreground and says what to write into Postfix's settings. The work
 * is sekishod's, which takes this process over. */
#include "desk/options.h"
#include "os/file.h"
#include "os/folder.h"
#include "programs/cli/cli.h"
#include "programs/gate/beside.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

enum { OPT_OBSERVE = 256, OPT_SETTINGS, OPT_STATE, PATH_ROOM = 4096 };

static const char usage[] = "sekisho gate --observe | --settings FILE [--state FOLDER]";

static const struct option options[] = {
    { "observe", no_argument, NULL, OPT_OBSERVE },
    { "settings", required_argument, NULL, OPT_SETTINGS },
    { "state", required_argument, NULL, OPT_STATE },
    { NULL, 0, NULL, 0 },
};

static void say(const struct cli *cli, enum message m, const char *value)
{
    struct buf out = buf_new(PATH_ROOM), shown = buf_new(PATH_ROOM);
    report_printable(&shown, slice_of(value ? value : ""), PATH_ROOM / 4);
    slice s = buf_slice(&shown);
    message_put(&out, m, cli->language, &s, 1);
    printf("%.*s\n", SLICE_FMT(buf_slice(&out)));
    buf_drop(&out);
    buf_drop(&shown);
}

/* "inet:127.0.0.1:8899" is Postfix's way to write it, too. */
static void say_lines(const struct options *o)
{
    const struct options_listen *l = &o->listen[OPTIONS_MILTER];
    printf("\n    smtpd_milters =");
    for (size_t i = 0; i < l->n; i++)
        printf(" %s", l->at[i]);
    printf("\n    non_smtpd_milters = $smtpd_milters\n    milter_default_action = %s\n\n",
           o->deeds.observe ? "accept" : "tempfail");
}

static int read_settings(const char *path, struct options *o, struct err *err_out)
{
    struct buf text = buf_new(OPTIONS_MAX);
    int rc = path ? file_read(path, OPTIONS_MAX, &text, err_out) : 0;
    rc = rc ? rc : options_read(buf_slice(&text), path ? path : "defaults", o, err_out);
    buf_drop(&text);
    return rc;
}

/* NULL: there is none, and `err_out` says why. */
static const char *state_of(const struct options *o, const char *given, char out[PATH_BYTES_MAX],
                            struct err *err_out)
{
    if (given || o->state[0])
        return given ? given : o->state;
    return folder_state(out, err_out) == 0 ? out : NULL;
}

static void explain(const struct cli *cli, const struct options *o, const char *state)
{
    say(cli, MSG_GATE_START, NULL);
    say(cli, o->deeds.observe ? MSG_GATE_OBSERVE : MSG_GATE_ACTS, NULL);
    putchar('\n');
    if (o->listen[OPTIONS_MILTER].n) {
        say(cli, MSG_GATE_POSTFIX, NULL);
        say_lines(o);
    } else {
        say(cli, MSG_GATE_NO_MILTER, NULL);
    }
    say(cli, MSG_GATE_LOOK, state);
    if (o->deeds.observe)
        say(cli, MSG_GATE_NEXT, NULL);
    putchar('\n');
    say(cli, MSG_GATE_END, NULL);
    putchar('\n');
}

int command_gate(const struct cli *cli, int argc, char **argv)
{
    const char *settings = NULL, *state = NULL;
    bool observe = false;
    char program[PATH_ROOM], room[PATH_BYTES_MAX];
    struct options o = { 0 };
    struct err e = { 0 };
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c == OPT_OBSERVE)
            observe = true;
        else if (c == OPT_SETTINGS)
            settings = optarg;
        else if (c == OPT_STATE)
            state = optarg;
        else
            return cli_bad_option(cli, usage, c, argv);
    }
    if (observe == (settings != NULL) || optind < argc)
        return cli_usage(cli, usage, MSG_GATE_HOW, NULL);
    if (gate_beside("sekishod", program, sizeof program, &e) < 0 ||
        read_settings(settings, &o, &e) < 0)
        return cli_trouble(&e);
    const char *where = state_of(&o, state, room, &e);
    if (where)
        explain(cli, &o, where);
    options_drop(&o);
    if (!where)
        return cli_trouble(&e);
    char *args[6] = { program };
    size_t n = 1;
    if (settings) {
        args[n++] = (char *)"--settings";
        args[n++] = (char *)settings;
    }
    if (state) {
        args[n++] = (char *)"--state";
        args[n++] = (char *)state;
    }
    args[n] = NULL;
    if (cli_written(cli, 0))
        return EXIT_TROUBLE;
    (void)execv(program, args);
    (void)err_set(&e, -errno, "%s: cannot start: %s", program, strerror(errno));
    return cli_trouble(&e);
}
