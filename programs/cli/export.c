/* SPDX-License-Identifier: Apache-2.0 */
/* export - reports become lists that resolvers, proxies and other tools take. */
#include "act/blocklist/blocklist.h"
#include "base/text.h"
#include "os/file.h"
#include "programs/cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { REPORTS_MAX = 1 << 30, ALLOW_MAX = 16 << 20, EXPORT_MEMORY = 1 << 30, LEFT_OUT_SHOWN = 20 };

static const char usage[] = "sekisho export rpz|squid|squid-urls|hosts|csv|stix [--suspicious] "
                            "[--seen] [--allow FILE] [--now SECONDS] [--serial N]\n"
                            "               [--days N] [REPORT... | -]";

struct export {
    const struct cli *cli;
    struct blocklist list;
    size_t left_out;
};

static void left_out(void *host, slice value, enum message why)
{
    struct export *x = host;
    struct buf line = buf_new(8192);
    if (x->left_out++ < LEFT_OUT_SHOWN) {
        shown_put(&line, utf8_cut(value, 200), 200, SHOWN_DEFANG);
        buf_text(&line, ": ");
        buf_text(&line, message_text(why, x->cli->language));
        fprintf(stderr, "sekisho: %.*s\n", SLICE_FMT(buf_slice(&line)));
    }
    buf_drop(&line);
}

static int take_report(void *host, const struct read_report *r, struct err *err_out)
{
    struct export *x = host;
    (void)err_out;
    blocklist_add(&x->list, r);
    return 0;
}

static int read_one(struct export *x, const char *path, struct err *err_out)
{
    struct buf bytes = buf_new(REPORTS_MAX);
    bool stdin_wanted = strcmp(path, "-") == 0;
    int r = stdin_wanted ? file_read_fd(STDIN_FILENO, REPORTS_MAX, &bytes, err_out)
                         : file_read(path, REPORTS_MAX, &bytes, err_out);
    if (r == 0)
        r = read_reports(buf_slice(&bytes), path, take_report, x, err_out);
    buf_drop(&bytes);
    return r;
}

static int number(const struct cli *cli, int64_t most, int64_t *out)
{
    uint64_t v;
    if (!slice_u64(slice_of(optarg), &v) || v > (uint64_t)most)
        return cli_usage(cli, usage, MSG_EXPORT_NUMBER, optarg);
    *out = (int64_t)v;
    return 0;
}

static int read_options(const struct cli *cli, struct blocklist_options *o, struct buf *allow,
                        int argc, char **argv)
{
    static const struct option options[] = { { "suspicious", no_argument, NULL, 's' },
                                             { "seen", no_argument, NULL, 'e' },
                                             { "allow", required_argument, NULL, 'a' },
                                             { "now", required_argument, NULL, 'n' },
                                             { "serial", required_argument, NULL, 'r' },
                                             { "days", required_argument, NULL, 'd' },
                                             { NULL, 0, NULL, 0 } };
    int64_t serial = -1, days = 0;
    struct err e;
    o->now = (int64_t)time(NULL);
    for (int c, r = 0; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        switch (c) {
        case 's': o->suspicious = true; break;
        case 'e': o->seen = true; break;
        case 'a': r = file_read(optarg, ALLOW_MAX, allow, &e) < 0 ? cli_trouble(&e) : 0; break;
        case 'n': r = number(cli, (int64_t)1 << 35, &o->now); break;
        case 'r': r = number(cli, UINT32_MAX, &serial); break;
        case 'd': r = number(cli, 36500, &days); break;
        default: return cli_bad_option(cli, usage, c, argv);
        }
        if (r)
            return r;
    }
    o->serial = (uint32_t)(serial < 0 ? o->now : serial);
    o->days = (uint32_t)days;
    o->allow = buf_slice(allow);
    return 0;
}

static int finish(struct export *x, const struct blocklist_writer *w)
{
    struct buf out = buf_new(EXPORT_MEMORY);
    char n[24];
    w->put(&out, &x->list);
    int r = x->list.full || out.full ? cli_say(x->cli, MSG_EXPORT_LARGE, NULL) : EXIT_CLEAN;
    if (r == EXIT_CLEAN)
        (void)fwrite(out.at, 1, out.len, stdout); /* whether it was written is asked at the end */
    snprintf(n, sizeof n, "%zu", x->left_out);
    if (x->left_out)
        (void)cli_say(x->cli, MSG_EXPORT_LEFT_OUT, n);
    buf_drop(&out);
    return r;
}

int command_export(const struct cli *cli, int argc, char **argv)
{
    struct export x = { .cli = cli };
    struct buf allow = buf_new(ALLOW_MAX);
    struct blocklist_options o = { .left_out = left_out, .host = &x };
    struct err e;
    int r = read_options(cli, &o, &allow, argc, argv);
    const struct blocklist_writer *w =
        r == 0 && optind < argc ? blocklist_writer_by_name(argv[optind]) : NULL;
    struct arena *mem = arena_new(EXPORT_MEMORY);
    if (r == 0 && !w)
        r = cli_usage(cli, usage, MSG_EXPORT_WHICH, NULL);
    if (r == 0 && (!mem || !blocklist_init(&x.list, &o, mem)))
        r = cli_say(cli, MSG_CLI_MEMORY, NULL);
    for (int i = optind + 1; r == 0 && (i < argc || i == optind + 1); i++)
        if (read_one(&x, i < argc ? argv[i] : "-", &e) < 0)
            r = cli_trouble(&e);
    if (r == 0)
        r = finish(&x, w);
    arena_drop(&mem);
    buf_drop(&allow);
    return r;
}
