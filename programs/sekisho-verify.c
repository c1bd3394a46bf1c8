/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-verify - holds reports against the files they speak of (sekisho verify).
 *
 *   sekisho-verify [OPTION]... REPORTS FILE...   the options are those of scan
 *
 * Each line of REPORTS is one report. It is checked from its digests up (programs/verify/): against
 * the file's bytes, against the rules, against itself, and last against a fresh scan. Reports may
 * come from anybody. Files are only hashed here: a worker takes them apart, and what looks at the
 * bytes of their parts is locked in like a worker, one report at a time (verify/jailed.h). */
#include "base/charset.h"
#include "base/hash.h"
#include "os/file.h"
#include "os/folder.h"
#include "programs/verify/jailed.h"
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

struct line {
    struct run *run;
    struct outcome_place at;
};

static void put_outcome(const struct run *run, const struct outcome_place *at, struct buf *out)
{
    const struct scan_options *o = &run->bench.o;
    if (o->json)
        outcome_json(out, &run->check, at);
    else
        outcome_text(out, &run->check, at, o->desk.language, o->style.details);
}

/* All that looks at the bytes of the file: in the jail. */
static bool check_in_jail(void *host, struct buf *out)
{
    struct line *l = host;
    struct check *c = &l->run->check;
    if (parts_check_file(c)) {
        parts_check(c);
        facts_check(c);
        effects_check(c);
        findings_check(c);
        verdict_check(c);
        replay_check(c);
    }
    put_outcome(l->run, &l->at, out);
    return c->s.n_failed == 0;
}

/* True: there is a file to be held against it. */
static bool check_before(struct run *run, slice line, struct jsonin *report, size_t *file_out)
{
    struct check *c = &run->check;
    struct err why = { 0 };
    int r = line.len > LINE_BYTES_MAX
                ? err_set(&why, -EINVAL, "more than %d MiB", LINE_BYTES_MAX >> 20)
                : jsonin_read(line, c->s.mem, report, &why);
    if (r < 0) {
        steps_fail(&c->s, MSG_VERIFY_NO_REPORT, slice_of(why.text), (slice){ 0 }, "$");
        return false;
    }
    c->report = report;
    if (!shape_check(&c->s, report))
        return false;
    engine_check(c);
    *file_out = file_of(run, report);
    c->s.kind = STEP_FILE;
    return steps_hold(&c->s, *file_out < run->n_files, MSG_VERIFY_NO_FILE, "$.sha256");
}

/* Negative: it could not be asked. */
static int check_line(struct line *l, slice line, struct arena *mem, struct buf *out,
                      struct err *err_out)
{
    struct run *run = l->run;
    struct check *c = &run->check;
    struct jsonin *report = ARENA_NEW(mem, struct jsonin);
    size_t file, n;
    bool good = false;
    *c = (struct check){ .s = { .mem = mem, .kind = STEP_SHAPE },
                         .object = &run->object,
                         .rules = run->bench.desk.book.rules,
                         .policy = &run->bench.desk.context.policy,
                         .settings = run->bench.desk.context.digest };
    if (!report)
        return cli_err(err_out, -ENOMEM, run->bench.cli->language, MSG_CLI_MEMORY, NULL, NULL);
    if (!check_before(run, line, report, &file)) {
        put_outcome(run, &l->at, out);
        run->refused++;
        return 0;
    }
    int r = open_object(run, file, shape_text(shape_list(report, "parts", &n), "name"), err_out);
    const struct jailed jailed = { check_in_jail, l, OUT_MAX };
    if (r == 0)
        r = jailed_run(&jailed, out, &good, err_out);
    if (r == 0)
        run->refused += !good;
    return r;
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
        struct line l = { run, { reports, n } };
        struct buf out = buf_new(OUT_MAX);
        run->lines++;
        if (check_line(&l, line, mem, &out, &e) < 0) {
            fprintf(stderr, "sekisho: %s:%zu: %s\n", reports, n, e.text);
            run->troubles++;
        } else {
            (void)fwrite(out.at, 1, out.len,
                         stdout); /* whether it was written is asked at the end */
        }
        buf_drop(&out);
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
    (void)charset_prepare(); /* the jail opens nothing */
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
    knowledge_close(&run.bench.desk);
    arena_drop(&run.mem);
    return cli_written(&cli, r);
}
