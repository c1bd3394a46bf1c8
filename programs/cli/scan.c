/* SPDX-License-Identifier: Apache-2.0 */
/* scan - the main job: files, folders and standard input go in, verdicts with
 * their reasons come out, in the order in which they were named. */
#include "base/hash.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/terminal.h"
#include "programs/cli/feed.h"
#include "programs/cli/scan_options.h"
#include "report/indicators.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    INLINE_MAX = 256 * 1024,
    STDIN_MAX = 1 << 30,
    SLOTS = 16,
    OUT_MAX = 256 << 20,
    INDICATOR_MEMORY = 1 << 30,
    PROGRESS_FROM = 20,
};

struct slot {
    bool used, done;
    char *path;
    uint64_t size;
    int fd; /* of a file, until it was read; -1: none */
    struct file_facts before;
    struct arena *mem;
    struct record record;
    struct buf out;
    enum verdict verdict;
};

struct run {
    struct scan_options o;
    struct knowledge desk;
    struct feed feed;
    struct slot slots[SLOTS]; /* a ring, in order of submission */
    unsigned head, n;
    struct terminal screen;
    size_t counts[VERDICTS], seen, troubles, left_out;
    bool output_failed;
};

static const char usage[] = "sekisho scan [--json] [--iocs[=raw]] [--details] [--lang ja|en] "
                            "[--jobs N] [--password WORD]... [--rules FOLDER] [--yara FILE]...\n"
                            "             [--exceptions FILE] [--promises FILE] [--authserv-id ID] "
                            "[--own-domain DOMAIN]... [--settings FILE]\n"
                            "             [--without-layer NAME[,NAME]...]... PATH... | -";

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* --- what came back */

static const char *word(const struct run *run, enum message m)
{
    return message_text(m, run->o.desk.language);
}

static void clear_progress(const struct run *run)
{
    if (run->screen.here && run->seen >= PROGRESS_FROM)
        fprintf(stderr, "\r\033[K");
}

static void show_progress(const struct run *run)
{
    if (run->screen.here && run->seen >= PROGRESS_FROM)
        fprintf(stderr, "\r%zu  %s %zu  %s %zu", run->seen, word(run, MSG_VERDICT_MALICIOUS),
                run->counts[VERDICT_MALICIOUS], word(run, MSG_VERDICT_SUSPICIOUS),
                run->counts[VERDICT_SUSPICIOUS]);
}

static void trouble(struct run *run, const char *path, const char *why)
{
    size_t n = strlen(path);
    bool named = strncmp(why, path, n) == 0 && why[n] == ':'; /* by the message itself */
    struct buf line = buf_new(PATH_BYTES_MAX * 4);
    report_printable(&line, slice_of(named ? "" : path), PATH_BYTES_MAX);
    buf_text(&line, named ? "" : ": ");
    report_printable(&line, slice_of(why), ERR_MAX);
    clear_progress(run);
    fprintf(stderr, "sekisho: %.*s\n", SLICE_FMT(buf_slice(&line)));
    buf_drop(&line);
    run->troubles++;
}

/* By way of the report, so that both say the same. */
static void render_indicators(struct run *run, struct slot *s, const struct report_input *in)
{
    struct buf line = buf_new(OUT_MAX);
    struct arena *mem = arena_new(INDICATOR_MEMORY);
    struct read_report r;
    struct err e;
    report_json(&line, in);
    if (!mem || line.full) {
        s->out.full = true;
    } else if (read_report(buf_slice(&line), mem, &r, &e) < 0) {
        trouble(run, s->path, e.text);
    } else {
        struct indicators all = indicators_of(&r, mem);
        indicators_put(&s->out, &all,
                       (run->o.raw ? INDICATORS_RAW : 0) | (run->o.json ? INDICATORS_JSON : 0));
        if (all.more)
            trouble(run, s->path, word(run, MSG_IOCS_MORE));
    }
    arena_drop(&mem);
    buf_drop(&line);
}

static void render(struct run *run, struct slot *s, uint64_t cpu_us, uint64_t elapsed_us)
{
    struct judgement v = knowledge_judge(&run->desk, &s->record, s->mem);
    struct report_meta meta = { slice_of(s->path),
                                s->size,
                                SLICE_LIT(SEKISHO_VERSION_TEXT),
                                slice_of(run->desk.context.digest),
                                elapsed_us,
                                cpu_us,
                                NULL };
    struct report_input in = { &s->record, &v, run->desk.book.rules, &run->desk.context.policy,
                               &meta };
    if (run->o.iocs)
        render_indicators(run, s, &in);
    else if (run->o.json)
        report_json(&s->out, &in);
    else
        report_text(&s->out, &in, &run->o.style);
    s->verdict = v.verdict;
}

static void output_failed(struct run *run)
{
    const struct cli cli = { .language = run->o.desk.language };
    (void)cli_say(&cli, MSG_SCAN_NOT_WRITTEN, strerror(errno));
    run->output_failed = true;
}

/* The worker read it at some time between: what it found may hold for no state of the file. */
static void look_again(struct run *run, struct slot *s)
{
    struct file_facts after;
    struct err e;
    if (s->fd < 0)
        return;
    if (file_facts(s->fd, &after, &e) < 0 || !file_unchanged(&s->before, &after))
        trouble(run, s->path, word(run, MSG_SCAN_CHANGED));
    (void)close(s->fd);
    s->fd = -1;
}

struct job_host {
    struct run *run;
    struct slot *slot;
};
static struct job_host hosts[SLOTS];

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why)
{
    struct job_host *h = host;
    struct slot *s = h->slot;
    /* A record without any part: the worker died before it said a word. */
    if (s->record.n_parts == 0) {
        struct sink sink = record_sink(&s->record);
        sink.part(sink.host,
                  &(struct part){ .parent = NO_ID,
                                  .how = HOW_FILE,
                                  .name = slice_of(s->path),
                                  .type = SLICE_LIT("data"),
                                  .size = s->size,
                                  .end = end == JOB_TIMEOUT ? WALK_TIMEOUT : WALK_CRASHED,
                                  .closed = true });
        sink.unread(sink.host,
                    &(struct unread){ UNREAD_CRASHED, 0, UNREAD_OF_PROCESS, slice_of(why) });
    }
    look_again(h->run, s);
    render(h->run, s, cpu_us, elapsed_us);
    s->done = true;
}

/* Prints what is finished, in order. */
static void flush_done(struct run *run)
{
    while (run->n && run->slots[run->head].done) {
        struct slot *s = &run->slots[run->head];
        clear_progress(run);
        if (s->out.full) {
            trouble(run, s->path, word(run, MSG_SCAN_TOO_LARGE));
        } else if (!run->output_failed && (fwrite(s->out.at, 1, s->out.len, stdout) != s->out.len ||
                                           (run->o.json && fflush(stdout) != 0))) {
            output_failed(run);
        }
        run->counts[s->verdict]++;
        run->seen++;
        free(s->path);
        buf_drop(&s->out);
        arena_reset(s->mem);
        s->used = s->done = false;
        run->head = (run->head + 1) % SLOTS;
        run->n--;
        show_progress(run);
    }
}

/* --- what goes in */

static bool has_room(void *host)
{
    struct run *run = host;
    flush_done(run);
    return run->output_failed || (run->n < SLOTS && pool_idle(run->feed.pool) > 0);
}

static bool is_over(void *host)
{
    struct run *run = host;
    flush_done(run);
    return run->output_failed || run->n == 0;
}

/* False: interrupted, nobody takes the reports, or the workers are gone. */
static bool wait_until(struct run *run, bool (*enough)(void *host))
{
    struct err e;
    int r = feed_until(&run->feed, enough, run, &e);
    if (r < 0 && r != -EINTR)
        trouble(run, word(run, MSG_SCAN_WORKERS), e.text);
    return r == 0 && !interrupted && !run->output_failed;
}

static struct slot *take_slot(struct run *run, const char *path, uint64_t size)
{
    struct slot *s = &run->slots[(run->head + run->n) % SLOTS];
    if (!s->mem)
        s->mem = arena_new(CLI_RECORD_MEMORY);
    if (!s->mem || !(s->path = strdup(path)))
        return NULL;
    s->size = size;
    s->fd = -1;
    s->out = buf_new(OUT_MAX);
    s->used = true;
    s->done = false;
    record_init(&s->record, s->mem);
    run->n++;
    return s;
}

static slice base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slice_of(slash && slash[1] ? slash + 1 : path);
}

/* body.at: inline; else fd, with what is known of it when it is a file of somebody's. Blocks until
 * a worker takes it. */
static bool submit(struct run *run, const char *path, slice body, int fd, uint64_t size,
                   const struct file_facts *before)
{
    struct err e;
    if (!wait_until(run, has_room))
        return false;
    unsigned index = (run->head + run->n) % SLOTS;
    struct slot *s = take_slot(run, path, size);
    if (!s) {
        trouble(run, path, word(run, MSG_CLI_MEMORY));
        return true;
    }
    hosts[index] = (struct job_host){ run, s };
    if (before) {
        s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        s->before = *before;
    }
    struct pool_job job = { .name = strcmp(path, "-") ? base_name(path) : (slice){ 0 },
                            .body = body,
                            .fd = fd,
                            .size = size,
                            .hints = run->o.hints,
                            .n_hints = run->o.n_hints,
                            .sink = record_sink(&s->record),
                            .done = on_done,
                            .host = &hosts[index] };
    int r = feed_submit(&run->feed, &job, &e);
    if (r < 0) {
        run->n--;
        s->used = false;
        if (s->fd >= 0)
            (void)close(s->fd);
        free(s->path);
        buf_drop(&s->out);
        if (r != -EINTR)
            trouble(run, path, e.text);
    }
    return !interrupted;
}

static bool visit_file(void *host, const char *path, int fd)
{
    struct run *run = host;
    struct file_facts before;
    struct err e;
    if (file_facts(fd, &before, &e) < 0) {
        trouble(run, path, e.text);
        return true;
    }
    return submit(run, path, (slice){ 0 }, fd, before.size, &before);
}

static void visit_trouble(void *host, const char *path, const char *why)
{
    trouble(host, path, why);
}

static void scan_stdin(struct run *run)
{
    struct buf bytes = buf_new(STDIN_MAX);
    struct err e;
    int fd = -1;
    if (file_read_fd(STDIN_FILENO, STDIN_MAX, &bytes, &e) < 0)
        trouble(run, "-", e.text);
    else if (bytes.len <= INLINE_MAX)
        (void)submit(run, "-", buf_slice(&bytes), -1, bytes.len, NULL);
    else if (file_sealed_bytes(buf_slice(&bytes), &fd, &e) < 0)
        trouble(run, "-", e.text);
    else
        (void)submit(run, "-", (slice){ 0 }, fd, bytes.len, NULL);
    if (fd >= 0)
        close(fd);
    buf_drop(&bytes);
}

/* --- the run */

static int start(const struct cli *cli, struct run *run, int n_paths, char **paths)
{
    struct err e;
    if (desk_open(&run->desk, &run->o.desk, &e) < 0)
        return cli_trouble(&e);
    /* One file needs one worker: forking more costs start-up time. */
    bool one = n_paths == 1 && (!strcmp(paths[0], "-") || access(paths[0], F_OK) != 0);
    struct file_facts facts;
    int fd;
    if (n_paths == 1 && !one && file_open(paths[0], 0, &fd, &e) == 0) {
        one = file_facts(fd, &facts, &e) == 0 && facts.regular;
        close(fd);
    }
    struct pool_settings settings = { .workers = one ? 1 : run->o.jobs,
                                      .rules_fd = run->desk.book.fd,
                                      .yara_fds = run->o.yara,
                                      .n_yara = run->o.n_yara,
                                      .objects = run->o.objects,
                                      .timeout_ms = run->o.timeout_ms };
    run->feed.stop = &interrupted;
    if (feed_open(&run->feed, cli, run->o.n_yara ? "sekisho-worker-yara" : "sekisho-worker",
                  &settings, &e) < 0)
        return cli_trouble(&e);
    return 0;
}

static void finish(struct run *run)
{
    (void)wait_until(run, is_over);
    flush_done(run);
    run->left_out = run->n;
    clear_progress(run);
    if (!run->output_failed && fflush(stdout) != 0)
        output_failed(run);
}

static void put_number(struct buf *out, enum message m, enum language l, const size_t *numbers,
                       size_t n)
{
    char text[5][24];
    slice values[5];
    for (size_t i = 0; i < n; i++) {
        snprintf(text[i], sizeof text[i], "%zu", numbers[i]);
        values[i] = slice_of(text[i]);
    }
    message_put(out, m, l, values, n);
    buf_byte(out, '\n');
}

static void summary(struct run *run)
{
    struct buf out = buf_new(4096);
    enum language l = run->o.desk.language;
    const size_t numbers[] = { run->seen, run->counts[VERDICT_MALICIOUS],
                               run->counts[VERDICT_SUSPICIOUS], run->counts[VERDICT_UNKNOWN],
                               run->counts[VERDICT_CLEAN] };
    if (!run->o.json && !run->o.iocs && run->seen > 1)
        put_number(&out, MSG_SCAN_SUMMARY, l, numbers, 5);
    if (!run->o.json && !run->o.iocs && run->troubles)
        put_number(&out, MSG_SCAN_ERRORS, l, &run->troubles, 1);
    if (interrupted)
        put_number(&out, MSG_SCAN_INTERRUPTED, l, &run->left_out, 1);
    FILE *to = interrupted ? stderr : stdout;
    if (out.len && !run->output_failed &&
        (fwrite(out.at, 1, out.len, to) != out.len || fflush(to) != 0))
        output_failed(run);
    buf_drop(&out);
}

static int status(const struct run *run)
{
    if (run->counts[VERDICT_MALICIOUS])
        return EXIT_MALICIOUS;
    if (run->troubles || run->output_failed || interrupted)
        return EXIT_TROUBLE;
    if (run->counts[VERDICT_SUSPICIOUS])
        return EXIT_SUSPICIOUS;
    return run->counts[VERDICT_UNKNOWN] ? EXIT_UNREAD : EXIT_CLEAN;
}

static void close_run(struct run *run)
{
    feed_close(&run->feed);
    for (unsigned i = 0; i < SLOTS; i++) {
        if (run->slots[i].used) {
            free(run->slots[i].path);
            buf_drop(&run->slots[i].out);
        }
        arena_drop(&run->slots[i].mem);
    }
    scan_options_drop(&run->o);
    knowledge_close(&run->desk);
}

int command_scan(const struct cli *cli, int argc, char **argv)
{
    static struct run run;
    struct err e;
    int r = scan_options_read(cli, &run.o, usage, argc, argv);
    if (r == 0 && optind == argc)
        r = cli_usage(cli, usage, MSG_CLI_NOTHING, NULL);
    if (r)
        return r;
    struct sigaction action = { .sa_handler = on_interrupt };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    run.screen = terminal_of(STDERR_FILENO);
    r = start(cli, &run, argc - optind, argv + optind);
    struct folder_visit visit = { &run, visit_file, visit_trouble };
    for (int i = optind; r == 0 && i < argc && !interrupted && !run.output_failed; i++) {
        if (strcmp(argv[i], "-") == 0)
            scan_stdin(&run);
        else if (folder_walk(argv[i], &visit, &e) < 0)
            trouble(&run, argv[i], e.text);
    }
    if (r == 0) {
        finish(&run);
        summary(&run);
        r = status(&run);
    }
    close_run(&run);
    return r;
}
