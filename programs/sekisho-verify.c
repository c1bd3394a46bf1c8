/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-verify - holds reports against the files they speak of (sekisho verify).
 *
 *   sekisho-verify [OPTION]... REPORTS FILE...   the options are those of scan
 *
 * Each line of REPORTS is one report. It is checked from its digests up (programs/verify/): against
 * the file's bytes, against the rules, against itself, and last against a fresh scan. Reports may
 * come from anybody; files are only ever read by this program to be hashed, and by a worker. */
#include "base/hash.h"
#include "os/file.h"
#include "os/folder.h"
#include "programs/verify/outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    REPORTS_MAX = 1 << 30,
    LINE_BYTES_MAX = 64 << 20,
    LINE_MEMORY = 1 << 30,
    FILES_MEMORY = 64 << 20,
    FILES_MAX = 1 << 16,
    OUT_MAX = 16 << 20
};

static const char usage[] =
    "sekisho verify [--json] [--details] [OPTION OF scan]... REPORTS FILE...";

struct file {
    const char *path;
    uint8_t sha256[32];
};

struct run {
    struct bench bench;
    struct arena *mem; /* paths */
    struct file *files;
    size_t n_files;
    struct object object; /* of the last report: many may speak of one file */
    size_t open;          /* its file; n_files: none */
    struct check check;
    size_t lines, refused, troubles;
};

/* --- the files */

static bool take_file(void *host, const char *path, int fd)
{
    struct run *run = host;
    struct err e;
    (void)fd;
    if (run->n_files == FILES_MAX) {
        (void)cli_say(run->bench.cli, MSG_VERIFY_MANY_FILES, path);
        run->troubles++;
        return false;
    }
    struct file *f = &run->files[run->n_files];
    uint64_t size;
    f->path = arena_cstr(run->mem, slice_of(path));
    if (!f->path || object_digest(path, f->sha256, &size, &e) < 0) {
        (void)(f->path ? cli_trouble(&e) : cli_say(run->bench.cli, MSG_CLI_MEMORY, NULL));
        run->troubles++;
        return true;
    }
    run->n_files++;
    return true;
}

static void no_file(void *host, const char *path, const char *why)
{
    struct run *run = host;
    struct err e;
    (void)cli_err(&e, -EIO, run->bench.cli->language, MSG_VERIFY_UNREADABLE, path, why);
    (void)cli_trouble(&e);
    run->troubles++;
}

static slice base_name(slice path)
{
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/')
        from--;
    return slice_from(path, from);
}

/* By digest, and of several with one digest the one of that name; else by name; else the only
 * one. n_files: none. */
static size_t file_of(const struct run *run, const struct jsonin *report)
{
    uint8_t sha256[32];
    slice path = shape_text(report, "path"), name = base_name(path);
    size_t by_digest = run->n_files, by_name = run->n_files;
    if (!hex_to(shape_text(report, "sha256"), sha256))
        return run->n_files;
    for (size_t i = 0; i < run->n_files; i++) {
        slice is = slice_of(run->files[i].path);
        bool named = slice_eq(base_name(is), name),
             digest = memcmp(run->files[i].sha256, sha256, sizeof sha256) == 0;
        if (digest && (by_digest == run->n_files || named))
            by_digest = i;
        if (named && (by_name == run->n_files || slice_eq(is, path)))
            by_name = i;
    }
    if (by_digest < run->n_files)
        return by_digest;
    return by_name < run->n_files ? by_name : run->n_files == 1 ? 0 : run->n_files;
}

static int open_object(struct run *run, size_t file, slice name, struct err *err_out)
{
    if (run->open == file && slice_eq(run->object.name, name))
        return 0;
    object_close(&run->object);
    run->open = run->n_files;
    int r = object_open(&run->bench, run->files[file].path, name, &run->object, err_out);
    if (r == 0)
        run->open = file;
    return r;
}

/* --- one report */

/* Negative: it could not be asked. */
static int check_line(struct run *run, slice line, struct arena *mem, struct err *err_out)
{
    struct check *c = &run->check;
    struct jsonin *report = ARENA_NEW(mem, struct jsonin);
    *c = (struct check){ .s = { .mem = mem, .kind = STEP_SHAPE },
                         .object = &run->object,
                         .rules = run->bench.desk.book.rules,
                         .policy = &run->bench.desk.context.policy,
                         .settings = run->bench.desk.context.digest };
    if (!report)
        return cli_err(err_out, -ENOMEM, run->bench.cli->language, MSG_CLI_MEMORY, NULL, NULL);
    struct err why = { 0 };
    int r = line.len > LINE_BYTES_MAX
                ? err_set(&why, -EINVAL, "more than %d MiB", LINE_BYTES_MAX >> 20)
                : jsonin_read(line, mem, report, &why);
    if (r == -ENOMEM)
        return cli_err(err_out, r, run->bench.cli->language, MSG_CLI_MEMORY, NULL, NULL);
    if (r < 0) {
        steps_fail(&c->s, MSG_VERIFY_NO_REPORT, slice_of(why.text), (slice){ 0 }, "$");
        return 0;
    }
    c->report = report;
    if (!shape_check(&c->s, report))
        return 0;
    engine_check(c);
    size_t file = file_of(run, report), n;
    c->s.kind = STEP_FILE;
    if (!steps_hold(&c->s, file < run->n_files, MSG_VERIFY_NO_FILE, "$.sha256"))
        return 0;
    r = open_object(run, file, shape_text(shape_list(report, "parts", &n), "name"), err_out);
    if (r < 0 || !parts_check_file(c))
        return r;
    parts_check(c);
    facts_check(c);
    effects_check(c);
    findings_check(c);
    verdict_check(c);
    replay_check(c);
    return 0;
}

static void say_outcome(struct run *run, const char *reports, size_t line)
{
    struct buf out = buf_new(OUT_MAX);
    const struct outcome_place at = { reports, line };
    if (run->bench.o.json)
        outcome_json(&out, &run->check, &at);
    else
        outcome_text(&out, &run->check, &at, run->bench.o.desk.language,
                     run->bench.o.style.details);
    (void)fwrite(out.at, 1, out.len, stdout); /* whether it was written is asked at the end */
    buf_drop(&out);
}

static void check_lines(struct run *run, slice text, const char *reports)
{
    struct arena *mem = arena_new(LINE_MEMORY);
    struct err e;
    for (size_t at = 0, n = 1; mem && at < text.len; n++) {
        size_t end = slice_find_byte(text, '\n', at);
        slice line = slice_trim(slice_sub(text, at, (end == SIZE_MAX ? text.len : end) - at));
        at = end == SIZE_MAX ? text.len : end + 1;
        if (!line.len)
            continue;
        run->lines++;
        if (check_line(run, line, mem, &e) < 0) {
            (void)cli_trouble(&e);
            run->troubles++;
        } else {
            say_outcome(run, reports, n);
            run->refused += run->check.s.n_failed > 0;
        }
        arena_reset(mem);
    }
    arena_drop(&mem);
}

/* --- the run */

static int start(struct run *run, struct err *err_out)
{
    const struct scan_options *o = &run->bench.o;
    int r = desk_open(&run->bench.desk, &o->desk, err_out);
    if (r < 0)
        return r;
    struct pool_settings settings = { .workers = 1,
                                      .rules_fd = run->bench.desk.book.fd,
                                      .yara_fds = o->yara,
                                      .n_yara = o->n_yara,
                                      .objects = o->objects,
                                      .timeout_ms = o->timeout_ms };
    return feed_open(&run->bench.feed, run->bench.cli,
                     o->n_yara ? "sekisho-worker-yara" : "sekisho-worker", &settings, err_out);
}

static int verify(struct run *run, const char *reports, int n_paths, char **paths)
{
    struct buf text = buf_new(REPORTS_MAX);
    struct folder_visit visit = { run, take_file, no_file };
    struct err e;
    run->mem = arena_new(FILES_MEMORY);
    run->files = run->mem ? ARENA_ARRAY(run->mem, struct file, FILES_MAX) : NULL;
    if (!run->files)
        return cli_say(run->bench.cli, MSG_CLI_MEMORY, NULL);
    int r = strcmp(reports, "-") == 0 ? file_read_fd(STDIN_FILENO, REPORTS_MAX, &text, &e)
                                      : file_read(reports, REPORTS_MAX, &text, &e);
    for (int i = 0; r == 0 && i < n_paths; i++)
        r = folder_walk(paths[i], &visit, &e);
    run->open = run->n_files;
    if (r == 0)
        r = start(run, &e);
    if (r == 0)
        check_lines(run, buf_slice(&text), reports);
    buf_drop(&text);
    if (r < 0)
        return cli_trouble(&e);
    if (run->lines == 0)
        return cli_say(run->bench.cli, MSG_VERIFY_NO_LINES, reports);
    return run->refused ? 1 : run->troubles ? EXIT_TROUBLE : EXIT_CLEAN;
}

int main(int argc, char **argv)
{
    static struct run run;
    struct cli cli;
    (void)signal(SIGPIPE, SIG_IGN);
    int r = cli_take_language(&cli, &argc, argv);
    if (r)
        return r;
    run.bench.cli = &cli;
    run.bench.desk.book.fd = -1;
    r = scan_options_read(&cli, &run.bench.o, usage, argc, argv);
    if (r == 0 && argc - optind < 2)
        r = cli_usage(&cli, usage, MSG_CLI_VERIFY, NULL);
    if (r == 0)
        r = verify(&run, argv[optind], argc - optind - 1, argv + optind + 1);
    object_close(&run.object);
    feed_close(&run.bench.feed);
    scan_options_drop(&run.bench.o);
    desk_close(&run.bench.desk);
    arena_drop(&run.mem);
    return cli_written(&cli, r);
}
