/* SPDX-License-Identifier: Apache-2.0 */
/* hunt - which hosts contacted what the code in mails would contact, by reports and logs. */
#include "base/text.h"
#include "doors/logs/lines.h"
#include "doors/logs/logs.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/random.h"
#include "programs/cli/cli.h"
#include "trace/hunt.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    REPORTS_MAX = 1 << 30,
    HUNT_MEMORY = 1 << 30,
    LOG_MEMORY = 64 << 20,
    HEAD = 512,
    LOGS_MAX = 100000
};

static const char usage[] = "sekisho hunt [--json] [--weak] [--seen] [--format NAME] [--tz ZONE] "
                            "[--now SECONDS] [REPORT | LOG | FOLDER | -]...";

struct hunting {
    const struct cli *cli;
    struct arena *mem;
    struct hunt *hunt;
    struct hunt_options options;
    struct log_clock clock;
    const struct log_format *format;
    bool json, reports_now; /* which of the two passes this is */
    struct hunt_log *logs;
    size_t n_logs, room, n_reports;
    uint8_t head[HEAD]; /* of standard input */
    size_t head_len;
    bool head_read, trouble;
};

/* A report is known by the schema that opens it; everything else is a log. */
static bool is_report(slice head)
{
    head = slice_trim(head);
    return head.len && head.at[0] == '{' &&
           slice_find(head, SLICE_LIT("sekisho/report/"), 0) != SIZE_MAX;
}

static int take_report(void *host, const struct read_report *r, struct err *err_out)
{
    struct hunting *x = host;
    (void)err_out;
    hunt_add_report(x->hunt, r);
    x->n_reports++;
    return 0;
}

static void read_reports_of(struct hunting *x, const char *path, int fd, slice head)
{
    struct buf bytes = buf_new(REPORTS_MAX), rest = buf_new(REPORTS_MAX);
    struct err e;
    buf_put(&bytes, head);
    int r = file_read_fd(fd, REPORTS_MAX - head.len, &rest, &e);
    if (r == 0) {
        buf_put(&bytes, buf_slice(&rest));
        r = read_reports(buf_slice(&bytes), path, take_report, x, &e);
    }
    if (r < 0) {
        (void)cli_trouble(&e);
        x->trouble = true;
    }
    buf_drop(&bytes);
    buf_drop(&rest);
}

static struct hunt_log *new_log(struct hunting *x, const char *path)
{
    if (x->n_logs == x->room) {
        size_t want = x->room ? x->room * 2 : 16;
        struct hunt_log *bigger =
            arena_regrow(x->mem, x->logs, x->n_logs * sizeof *bigger, want, sizeof *bigger);
        if (!bigger)
            return NULL;
        x->logs = bigger;
        x->room = want;
    }
    struct hunt_log *g = &x->logs[x->n_logs++];
    *g = (struct hunt_log){ .path = arena_copy(x->mem, slice_of(path)) };
    return g;
}

static void covered(struct hunt_log *g, const struct contact_time *t)
{
    if (!t->known)
        return;
    if (!g->from.known || t->us < g->from.us)
        g->from = *t;
    if (!g->to.known || t->us > g->to.us)
        g->to = *t;
}

static void read_lines(struct hunting *x, struct hunt_log *g, struct lines *lines,
                       struct logs *logs)
{
    struct contact c;
    slice line;
    bool cut;
    uint32_t number = (uint32_t)(x->n_logs - 1);
    while (lines_next(lines, &line, &cut)) {
        g->lines++;
        enum log_line is = cut ? LOG_UNREAD : logs_read(logs, line, &c);
        if (is == LOG_READ) {
            g->read++;
            covered(g, &c.time);
            hunt_take(x->hunt, &c, number, g->lines);
        } else if (is == LOG_PASSED) {
            g->passed++;
        } else if (g->unread++ == 0) {
            g->first_unread = g->lines;
        }
    }
}

static void end_log(struct hunting *x, struct hunt_log *g, const struct logs *logs,
                    enum lines_end end, const char *path)
{
    static const char *const ends[] = { NULL, "short", "broken", "limit", "error" };
    struct buf formats = buf_new(512);
    logs_formats(logs, &formats);
    g->formats = arena_copy(x->mem, buf_slice(&formats));
    g->from.written = g->to.written = (slice){ 0 };
    g->ended = ends[end];
    buf_drop(&formats);
    if (g->ended)
        x->trouble = true;
    if (g->unread && !g->read) {
        (void)cli_say(x->cli, MSG_HUNT_NO_LOG, path);
        x->trouble = true;
    }
}

static void read_log(struct hunting *x, const char *path, int fd, slice head)
{
    struct arena *mem = arena_new(LOG_MEMORY);
    struct lines *lines = mem ? lines_new(mem, fd, head) : NULL;
    struct logs *logs = lines ? logs_new(mem, &x->clock, x->format) : NULL;
    struct hunt_log *g = logs ? new_log(x, path) : NULL;
    if (g) {
        read_lines(x, g, lines, logs);
        end_log(x, g, logs, lines_end(lines), path);
    } else {
        (void)cli_say(x->cli, MSG_CLI_MEMORY, NULL);
        x->trouble = true;
    }
    logs_drop(&logs);
    arena_drop(&mem);
}

static bool visit(void *host, const char *path, int fd)
{
    struct hunting *x = host;
    uint8_t head[HEAD];
    ssize_t n = pread(fd, head, sizeof head, 0);
    bool report = n > 0 && is_report((slice){ head, (size_t)n });
    if (report && x->reports_now)
        read_reports_of(x, path, fd, (slice){ 0 });
    else if (!report && !x->reports_now)
        read_log(x, path, fd, (slice){ 0 });
    return true;
}

static void trouble(void *host, const char *path, const char *why)
{
    struct hunting *x = host;
    struct err e;
    if (!x->reports_now)
        return; /* once is enough */
    (void)err_set(&e, -1, "%s: %s", path, why);
    (void)cli_trouble(&e);
    x->trouble = true;
}

/* Standard input comes once: what it is shows in its first bytes, which are kept. */
static void standard_input(struct hunting *x)
{
    ssize_t n;
    while (!x->head_read && x->head_len < sizeof x->head &&
           (n = read(STDIN_FILENO, x->head + x->head_len, sizeof x->head - x->head_len)) > 0)
        x->head_len += (size_t)n;
    bool first = !x->head_read;
    x->head_read = true;
    slice head = { x->head, x->head_len };
    if (is_report(head) && x->reports_now && first)
        read_reports_of(x, "-", STDIN_FILENO, head);
    else if (!is_report(head) && !x->reports_now) {
        read_log(x, "-", STDIN_FILENO, head);
        x->head_len = 0;
    }
}

static void read_all(struct hunting *x, char **paths, int n)
{
    const struct folder_visit how = { .host = x, .file = visit, .trouble = trouble };
    struct err e;
    for (int i = 0; i < n; i++) {
        if (strcmp(paths[i], "-") == 0) {
            standard_input(x);
        } else if (folder_walk(paths[i], &how, &e) < 0 && x->reports_now) {
            (void)cli_trouble(&e);
            x->trouble = true;
        }
    }
}

static int bad_format(const struct cli *cli, const char *name)
{
    struct buf names = buf_new(512);
    struct err e;
    log_format_names(&names);
    buf_byte(&names, 0);
    (void)cli_err(&e, -1, cli->language, MSG_HUNT_FORMAT, name,
                  names.full ? "" : (const char *)names.at);
    buf_drop(&names);
    return cli_trouble(&e);
}

static int read_options(struct hunting *x, int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' },
                                             { "weak", no_argument, NULL, 'w' },
                                             { "seen", no_argument, NULL, 's' },
                                             { "format", required_argument, NULL, 'f' },
                                             { "tz", required_argument, NULL, 't' },
                                             { "now", required_argument, NULL, 'n' },
                                             { NULL, 0, NULL, 0 } };
    uint64_t now;
    x->clock.now = (int64_t)time(NULL);
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        switch (c) {
        case 'j':
            x->json = true;
            break;
        case 'w':
            x->options.weak = true;
            break;
        case 's':
            x->options.seen = true;
            break;
        case 'f':
            x->format = log_format_by_name(optarg);
            if (!x->format)
                return bad_format(x->cli, optarg);
            break;
        case 't':
            if (!log_zone(slice_of(optarg), &x->clock.zone))
                return cli_usage(x->cli, usage, MSG_HUNT_TZ, NULL);
            x->clock.zone_given = true;
            break;
        case 'n':
            if (!slice_u64(slice_of(optarg), &now) || now > (uint64_t)1 << 35)
                return cli_usage(x->cli, usage, MSG_EXPORT_NUMBER, optarg);
            x->clock.now = (int64_t)now;
            break;
        default:
            return cli_bad_option(x->cli, usage, c, argv);
        }
    }
    return 0;
}

static int finish(struct hunting *x)
{
    struct hunt_result result = hunt_finish(x->hunt);
    const struct hunt_put put = { &result, x->logs, x->n_logs, x->mem };
    struct buf out = buf_new(HUNT_MEMORY);
    if (x->json)
        hunt_put_json(&out, &put);
    else
        hunt_put_text(&out, &put, x->cli->language);
    int status = result.n_hits ? EXIT_MALICIOUS : x->trouble ? EXIT_TROUBLE : EXIT_CLEAN;
    if (out.full)
        status = cli_say(x->cli, MSG_HUNT_LARGE, NULL);
    else
        (void)fwrite(out.at, 1, out.len, stdout); /* whether it was written is asked at the end */
    buf_drop(&out);
    return status;
}

static int run(struct hunting *x, int argc, char **argv)
{
    int r = read_options(x, argc, argv);
    if (r)
        return r;
    random_fill((uint8_t *)&x->options.seed, sizeof x->options.seed);
    x->mem = arena_new(HUNT_MEMORY);
    x->hunt = x->mem ? hunt_new(x->mem, &x->options) : NULL;
    if (!x->hunt)
        return cli_say(x->cli, MSG_CLI_MEMORY, NULL);
    x->reports_now = true;
    read_all(x, argv + optind, argc - optind);
    if (x->n_reports == 0)
        return cli_usage(x->cli, usage, MSG_HUNT_NO_REPORTS, NULL);
    x->reports_now = false;
    read_all(x, argv + optind, argc - optind);
    if (x->n_logs == 0)
        return cli_usage(x->cli, usage, MSG_HUNT_NO_LOGS, NULL);
    return finish(x);
}

int command_hunt(const struct cli *cli, int argc, char **argv)
{
    struct hunting x = { .cli = cli };
    int r = run(&x, argc, argv);
    hunt_drop(&x.hunt);
    arena_drop(&x.mem);
    return r;
}
