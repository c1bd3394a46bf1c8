/* SPDX-License-Identifier: Apache-2.0 */
/* unmask - the program that hides in a file, with its values put in, and what it would do.
 * Nothing is run: the worker evaluates (unmask/), this prints what it noted. */
#include "base/cursor.h"
#include "base/text.h"
#include "programs/cli/cli.h"
#include "programs/cli/onefile.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    RECORD_MEMORY = 96 << 20,
    OUT_MAX = 64 << 20,
    HINTS_MAX = 32,
    STATEMENT_MAX = 8192,
    STEPS_MAX = 16384
};

static const char usage[] = "sekisho unmask FILE [--trace] [--password WORD]... [--lang ja|en]";

struct unmasking {
    const struct cli *cli;
    struct arena *mem;
    struct record record;
    struct pool_hint hints[HINTS_MAX];
    size_t n_hints;
    const char *path;
    bool trace, over;
};

/* One line of the view unmask.trace (unmask/unmask.h). */
struct step {
    uint32_t part, line, depth, order;
    slice statement;
};

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why)
{
    struct unmasking *u = host;
    (void)cpu_us, (void)elapsed_us;
    u->over = true;
    if (end != JOB_DONE)
        (void)cli_say(u->cli, MSG_UNMASK_EARLY, why ? why : "crashed");
}

static bool is_over(const void *host) { return ((const struct unmasking *)host)->over; }

static bool take_number(cursor *c, uint32_t *out)
{
    uint64_t n;
    if (!slice_u64(cur_until(c, '\t'), &n) || n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool take_step(slice line, uint32_t order, struct step *out)
{
    cursor c = cur_open(line);
    bool ok =
        take_number(&c, &out->part) && take_number(&c, &out->line) && take_number(&c, &out->depth);
    out->order = order;
    out->statement = cur_rest(&c);
    return ok;
}

static int by_place(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void put_part(const struct unmasking *u, struct buf *out, uint32_t id)
{
    const struct part *p = id < u->record.n_parts ? &u->record.parts[id] : NULL;
    buf_format(out, "\n== %u ", (unsigned)id);
    shown_put(out, p && p->name.len ? p->name : SLICE_LIT("-"), 200, 0);
    buf_text(out, " (");
    shown_put(out, p ? p->type : (slice){ 0 }, 60, 0);
    buf_text(out, ")\n");
}

/* --trace: every step in its order; else each line of the program once, where it stands. */
static void put_steps(const struct unmasking *u, struct buf *out, struct step *steps, size_t n)
{
    uint32_t part = NO_ID, line = NO_LINE;
    if (!u->trace)
        qsort(steps, n, sizeof *steps, by_place);
    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        if (s->part != part)
            put_part(u, out, s->part);
        else if (!u->trace && s->line == line && s->line != NO_LINE && i &&
                 slice_eq(steps[i - 1].statement, s->statement))
            continue;
        part = s->part;
        line = s->line;
        buf_format(out, "%6u  %*s", (unsigned)s->line,
                   (int)(u->trace && s->depth < 40 ? s->depth * 2 : 0), "");
        shown_put(out, s->statement, STATEMENT_MAX, SHOWN_DEFANG);
        buf_byte(out, '\n');
    }
}

static void put_program(const struct unmasking *u, struct buf *out)
{
    struct step *steps = ARENA_ARRAY(u->mem, struct step, STEPS_MAX);
    size_t n = 0;
    for (uint32_t i = 0; steps && i < u->record.n_views; i++) {
        if (u->record.views[i].id != FACT_UNMASK_TRACE)
            continue;
        cursor c = cur_open(u->record.views[i].text);
        while (cur_more(&c) && n < STEPS_MAX)
            n += take_step(cur_until(&c, '\n'), (uint32_t)n, &steps[n]);
    }
    put_steps(u, out, steps, n);
}

static int print(const struct unmasking *u)
{
    struct buf out = buf_new(OUT_MAX);
    struct report_style style = { .language = u->cli->language,
                                  .colour = isatty(STDOUT_FILENO),
                                  .details = true };
    put_program(u, &out);
    if (u->record.n_effects) {
        buf_text(&out, "\n");
        report_effects(&out, &u->record, &style);
    }
    if (u->record.n_effects == 0)
        (void)cli_say(u->cli, MSG_UNMASK_NONE, u->path);
    bool written = fwrite(out.at, 1, out.len, stdout) == out.len;
    buf_drop(&out);
    return written ? cli_written(u->cli, EXIT_CLEAN) : cli_written(u->cli, EXIT_TROUBLE);
}

static int read_options(struct unmasking *u, int argc, char **argv)
{
    static const struct option options[] = { { "trace", no_argument, NULL, 't' },
                                             { "password", required_argument, NULL, 'w' },
                                             { NULL, 0, NULL, 0 } };
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c == 't')
            u->trace = true;
        else if (c == 'w' && u->n_hints < HINTS_MAX)
            u->hints[u->n_hints++] = (struct pool_hint){ slice_of(optarg), 0 };
        else if (c == 'w')
            return cli_usage(u->cli, usage, MSG_CLI_MANY_PASSWORDS, "32");
        else
            return cli_bad_option(u->cli, usage, c, argv);
    }
    if (argc - optind != 1)
        return cli_usage(u->cli, usage, MSG_CLI_UNMASK, NULL);
    u->path = argv[optind];
    return 0;
}

int command_unmask(const struct cli *cli, int argc, char **argv)
{
    struct unmasking u = { .cli = cli };
    struct err e;
    int r = read_options(&u, argc, argv);
    if (r)
        return r;
    u.mem = arena_new(RECORD_MEMORY);
    if (!u.mem)
        return cli_say(cli, MSG_CLI_MEMORY, NULL);
    record_init(&u.record, u.mem);
    struct onefile file = { .path = u.path,
                            .is_over = is_over,
                            .job = { .hints = u.hints,
                                     .n_hints = u.n_hints,
                                     .trace = true,
                                     .sink = record_sink(&u.record),
                                     .done = on_done,
                                     .host = &u } };
    r = onefile_run(cli, &file, &e);
    r = r < 0 ? cli_trouble(&e) : print(&u);
    arena_drop(&u.mem);
    return r;
}
