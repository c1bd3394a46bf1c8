/* SPDX-License-Identifier: Apache-2.0 */
/* extract - takes parts out of a file as the worker sees them. The bytes leave
 * only inside an encrypted ZIP (password "infected"). */
#include "base/text.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/random.h"
#include "programs/cli/cli.h"
#include "programs/cli/lockedzip.h"
#include "programs/cli/onefile.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PART_MAX = 512 << 20, ARCHIVE_MAX = 1 << 30, RECORD_MEMORY = 96 << 20, HINTS_MAX = 32 };

static const char usage[] = "sekisho extract FILE --part N | --all  --to OUT.zip [--force] "
                            "[--password WORD]... [--lang ja|en]";

struct extraction {
    const struct cli *cli;
    struct arena *mem;
    struct record record;
    struct sink keep; /* the record's */
    struct lockedzip zip;
    struct buf part; /* bytes of the part that is arriving */
    uint32_t id;
    bool open, over;
    uint32_t wanted; /* the one part that was asked for; NO_ID: all */
    unsigned taken;
    struct err *err;
    int result;
};

/* What a file system or a shell would take amiss, or a person would not see. */
static bool is_unfit(uint32_t code)
{
    return utf8_deceives(code) || utf8_varies(code) || code == 0xFFFD ||
           (code < 0x80 && strchr("/\\:*?\"<>|'`$", (int)code));
}

/* A name for people inside the archive: part number, then the part's name as one name
 * of a file, without folders. */
static void entry_name(const struct extraction *x, uint32_t id, struct buf *out)
{
    enum { LONGEST = 120 };
    const struct part *p = id < x->record.n_parts ? &x->record.parts[id] : NULL;
    slice name = p ? utf8_cut(p->name.len ? p->name : p->type, LONGEST) : (slice){ 0 };
    buf_format(out, "%04u-", (unsigned)id);
    for (size_t pos = 0; pos < name.len;) {
        uint8_t bytes[4];
        uint32_t code = utf8_next(name, &pos);
        buf_put(out, (slice){ bytes, utf8_put(bytes, is_unfit(code) ? '_' : code) });
    }
    /* Windows drops these at the end of a name. */
    for (size_t i = out->len; i > 0 && (out->at[i - 1] == '.' || out->at[i - 1] == ' '); i--)
        out->at[i - 1] = '_';
}

static int too_large(struct extraction *x)
{
    char id[16], most[16];
    snprintf(id, sizeof id, "%u", (unsigned)x->id);
    snprintf(most, sizeof most, "%d", PART_MAX >> 20);
    return cli_err(x->err, -EFBIG, x->cli->language, MSG_EXTRACT_PART_LARGE, id, most);
}

static void close_part(struct extraction *x)
{
    uint8_t salt[16];
    struct buf name = buf_new(512);
    if (!x->open || x->result < 0)
        return;
    x->open = false;
    entry_name(x, x->id, &name);
    random_fill(salt, sizeof salt);
    if (x->part.full)
        x->result = too_large(x);
    else if (lockedzip_add(&x->zip, buf_slice(&name), buf_slice(&x->part), salt) < 0)
        x->result =
            cli_err(x->err, -EFBIG, x->cli->language, MSG_EXTRACT_ARCHIVE_LARGE, NULL, NULL);
    x->taken++;
    buf_drop(&name);
    buf_drop(&x->part);
}

static void take_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    struct extraction *x = host;
    if (!x->open || part != x->id || at == 0) {
        close_part(x);
        x->part = buf_new(PART_MAX);
        x->id = part;
        x->open = true;
    }
    if (at == x->part.len)
        buf_put(&x->part, bytes);
}

/* What the record keeps goes on to its own sink; facts are not needed here. */
static const struct sink *keep(void *h) { return &((struct extraction *)h)->keep; }
static void part(void *h, const struct part *p) { keep(h)->part(keep(h)->host, p); }
static void part_end(void *h, uint32_t id, slice t, enum walk_end e)
{
    keep(h)->part_end(keep(h)->host, id, t, e);
}
static void event(void *h, const struct event *e) { keep(h)->event(keep(h)->host, e); }
static void unread(void *h, const struct unread *u) { keep(h)->unread(keep(h)->host, u); }
static void fact(void *h, const struct fact *f) { (void)h, (void)f; }
static void hit(void *h, const struct hit *i) { (void)h, (void)i; }
static void effect(void *h, const struct effect *e) { (void)h, (void)e; }
static void view(void *h, const struct view *v) { (void)h, (void)v; }

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why)
{
    struct extraction *x = host;
    (void)cpu_us, (void)elapsed_us;
    close_part(x);
    if (x->taken == 0 && x->wanted < x->record.n_parts) { /* it is there and empty */
        x->id = x->wanted;
        x->open = true;
        close_part(x);
    }
    x->over = true;
    if (end != JOB_DONE)
        (void)cli_say(x->cli, MSG_EXTRACT_EARLY, why ? why : "crashed");
}

struct extract_options {
    const char *path, *to;
    enum give give;
    uint32_t part;
    struct pool_hint hints[HINTS_MAX];
    size_t n_hints;
    bool force;
};

static bool is_over(const void *host) { return ((const struct extraction *)host)->over; }

static int run(struct extraction *x, const struct extract_options *o, struct err *err_out)
{
    struct onefile file = { .path = o->path,
                            .is_over = is_over,
                            .job = { .hints = o->hints,
                                     .n_hints = o->n_hints,
                                     .give = o->give,
                                     .give_part = o->part,
                                     .sink = { x, part, part_end, event, fact, hit, effect, unread,
                                               view, take_bytes },
                                     .done = on_done,
                                     .host = x } };
    int r = onefile_run(x->cli, &file, err_out);
    return r < 0 ? r : x->result;
}

static int write_archive(struct extraction *x, const char *to, bool force, struct err *err_out)
{
    if (x->taken == 0)
        return cli_err(err_out, -ENOENT, x->cli->language, MSG_EXTRACT_NO_PART, NULL, NULL);
    if (lockedzip_end(&x->zip) < 0)
        return cli_err(err_out, -EFBIG, x->cli->language, MSG_EXTRACT_ARCHIVE_LARGE, NULL, NULL);
    const char *slash = strrchr(to, '/');
    char folder[PATH_BYTES_MAX] = ".";
    if (slash)
        snprintf(folder, sizeof folder, "%.*s", slash == to ? 1 : (int)(slash - to), to);
    const char *name = slash ? slash + 1 : to;
    if (force)
        return file_write(folder, name, buf_slice(&x->zip.out), 0600, err_out);
    int r = file_write_new(folder, name, buf_slice(&x->zip.out), 0600, err_out);
    return r == -EEXIST ? cli_err(err_out, r, x->cli->language, MSG_EXTRACT_EXISTS, to, NULL) : r;
}

static int read_options(const struct cli *cli, struct extract_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "part", required_argument, NULL, 'p' }, { "all", no_argument, NULL, 'a' },
        { "to", required_argument, NULL, 't' },   { "password", required_argument, NULL, 'w' },
        { "force", no_argument, NULL, 'f' },      { NULL, 0, NULL, 0 }
    };
    *o = (struct extract_options){ .give = GIVE_NONE };
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        uint64_t n;
        if (c == 'a') {
            o->give = GIVE_ALL;
        } else if (c == 'f') {
            o->force = true;
        } else if (c == 'p') {
            if (!slice_u64(slice_of(optarg), &n) || n >= UINT32_MAX)
                return cli_usage(cli, usage, MSG_CLI_PART, NULL);
            o->give = GIVE_ONE;
            o->part = (uint32_t)n;
        } else if (c == 't') {
            o->to = optarg;
        } else if (c == 'w') {
            if (o->n_hints == HINTS_MAX)
                return cli_usage(cli, usage, MSG_CLI_MANY_PASSWORDS, "32");
            o->hints[o->n_hints++] = (struct pool_hint){ slice_of(optarg), 0 };
        } else {
            return cli_bad_option(cli, usage, c, argv);
        }
    }
    if (argc - optind != 1 || o->give == GIVE_NONE || !o->to)
        return cli_usage(cli, usage, MSG_CLI_EXTRACT, NULL);
    o->path = argv[optind];
    return 0;
}

static void say_done(const struct extraction *x, const char *to)
{
    char n[16];
    struct err e;
    snprintf(n, sizeof n, "%u", x->taken);
    (void)cli_err(&e, 0, x->cli->language, MSG_EXTRACT_DONE, n, to);
    puts(e.text);
}

int command_extract(const struct cli *cli, int argc, char **argv)
{
    struct extract_options o;
    struct err e;
    int r = read_options(cli, &o, argc, argv);
    if (r)
        return r;
    /* Said before anything is read; that nobody makes the file meanwhile is seen to when it is
     * written. */
    if (!o.force && faccessat(AT_FDCWD, o.to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return cli_say(cli, MSG_EXTRACT_EXISTS, o.to);
    struct extraction x = { .cli = cli,
                            .wanted = o.give == GIVE_ONE ? o.part : NO_ID,
                            .mem = arena_new(RECORD_MEMORY),
                            .zip = lockedzip_new(SLICE_LIT("infected"), ARCHIVE_MAX),
                            .err = &e };
    if (!x.mem)
        return cli_say(cli, MSG_CLI_MEMORY, NULL);
    record_init(&x.record, x.mem);
    x.keep = record_sink(&x.record);
    r = run(&x, &o, &e);
    if (r == 0)
        r = write_archive(&x, o.to, o.force, &e);
    if (r == 0)
        say_done(&x, o.to);
    lockedzip_drop(&x.zip);
    buf_drop(&x.part);
    arena_drop(&x.mem);
    return r < 0 ? cli_trouble(&e) : EXIT_CLEAN;
}
