/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-keeper - the process that writes the record; started by sekishod, or by hand for tests.
 *
 *   sekisho-keeper --state FOLDER [OPTION]...
 *     --vault FOLDER --key FILE --ecs FILE   elsewhere than below FOLDER; --ecs: default none
 *     --original-days N --report-days N      0: for ever
 *     --vault-max MIB                        0: no limit
 *     --spare MIB                            with less room on the disk nothing is taken
 *     --gather US                            how long a transaction waits for more
 *     --control FD                           socket of the supervisor: desks come over it, and when
 * it closes the keeper ends
 *     --desk FD                              socket of a desk
 *     --admin ADDRESS                        listens there for the orders of people instead of at
 *                                            unix:FOLDER/keeper.sock; "none": nowhere
 *
 * Ends with 0 after SIGTERM or when the supervisor is gone, else with 1 and a message.
 */
#include "base/text.h"
#include "os/log.h"
#include "os/net.h"
#include "store/keeper.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct options {
    struct keeper_settings settings;
    struct keeper_paths paths;
    int control, desk;
    const char *admin;
    char socket[KEEPER_PATH];
};

static int complain(const char *what)
{
    log_line(LOG_LEVEL_ERROR, "%s", what);
    return 1;
}

static bool number(uint64_t most, uint64_t *out)
{
    return slice_u64(slice_of(optarg), out) && *out <= most;
}

static bool take_option(struct options *o, int c)
{
    uint64_t v = 0;
    bool ok = c == 'V' || c == 'k' || c == 'e' || c == 'a' || number(UINT32_MAX, &v);
    switch (c) {
    case 'V':
        o->settings.vault = optarg;
        break;
    case 'k':
        o->settings.key = optarg;
        break;
    case 'e':
        o->settings.ecs = optarg;
        break;
    case 'a':
        o->admin = optarg;
        break;
    case 'o':
        o->settings.original_days = (uint32_t)v;
        break;
    case 'r':
        o->settings.report_days = (uint32_t)v;
        break;
    case 'm':
        o->settings.originals_max = v << 20;
        break;
    case 's':
        o->settings.spare = v << 20;
        break;
    case 'g':
        o->settings.gather_us = (uint32_t)v;
        break;
    case 'c':
        o->control = (int)(v & INT32_MAX);
        break;
    case 'd':
        o->desk = (int)(v & INT32_MAX);
        break;
    default:
        return false;
    }
    return ok;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    static const struct option names[] = {
        { "vault", required_argument, NULL, 'V' },
        { "key", required_argument, NULL, 'k' },
        { "ecs", required_argument, NULL, 'e' },
        { "original-days", required_argument, NULL, 'o' },
        { "report-days", required_argument, NULL, 'r' },
        { "vault-max", required_argument, NULL, 'm' },
        { "spare", required_argument, NULL, 's' },
        { "gather", required_argument, NULL, 'g' },
        { "control", required_argument, NULL, 'c' },
        { "desk", required_argument, NULL, 'd' },
        { "admin", required_argument, NULL, 'a' },
        { NULL, 0, NULL, 0 },
    };
    if (argc < 3 || strcmp(argv[1], "--state") != 0 || strlen(argv[2]) > 900)
        return false;
    o->settings = keeper_defaults(argv[2], &o->paths);
    keeper_socket(argv[2], o->socket);
    o->admin = o->socket;
    optind = 3;
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        if (!take_option(o, c))
            return false;
    return optind == argc;
}

static void stop(void *loop, int signal)
{
    (void)signal;
    loop_stop(loop);
}

static int connect_all(struct keeper *k, const struct options *o, struct err *e)
{
    int r = 0, fd = -1;
    if (o->control >= 0)
        r = keeper_serve(k, o->control, KEEPER_SUPERVISOR, e);
    if (r == 0 && o->desk >= 0)
        r = keeper_serve(k, o->desk, KEEPER_DESK, e);
    bool listens = strcmp(o->admin, "none") != 0;
    if (r == 0 && listens)
        r = net_listen(&(struct net_listen){ .address = o->admin, .mode = 0600 }, &fd, e);
    if (r == 0 && listens)
        r = keeper_listen(k, fd, e);
    return r;
}

int main(int argc, char **argv)
{
    struct options o = { .control = -1, .desk = -1 };
    struct loop *loop = NULL;
    struct keeper *keeper = NULL;
    struct err e = { 0 };
    log_open("sekisho-keeper", LOG_LEVEL_INFO);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error to answer with, not an end */
    (void)signal(SIGPIPE, SIG_IGN);
    if (!read_options(&o, argc, argv))
        return complain("usage: sekisho-keeper --state FOLDER [OPTION]...; see sekisho-keeper(8)");
    int r = loop_new(&loop, &e);
    if (r == 0)
        r = loop_signal(loop, SIGTERM, stop, loop, &e);
    if (r == 0)
        r = loop_signal(loop, SIGINT, stop, loop, &e);
    if (r == 0)
        r = keeper_open(loop, &o.settings, &keeper, &e);
    if (r == 0)
        r = connect_all(keeper, &o, &e);
    if (r == 0)
        r = loop_run(loop, &e);
    keeper_close(&keeper);
    loop_drop(&loop);
    return r ? complain(e.text) : 0;
}
