/* SPDX-License-Identifier: Apache-2.0 */
/* vault - originals that are kept: which there are, what is known of one, out of it (only in an
 * encrypted ZIP, password "infected"), away with it, and a copy of the record. */
#include "base/cipher.h"
#include "base/shown.h"
#include "base/text.h"
#include "os/file.h"
#include "os/random.h"
#include "programs/cli/lockedzip.h"
#include "programs/cli/vault.h"
#include "store/reports.h"
#include "store/stamp.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "sekisho vault list [--since 7d] [--limit N] [--json] | show REF [--json] | check [REF]\n"
    "             | release REF [--again] | forward REF --recipient ADDRESS... [--smtp ADDRESS]\n"
    "             | export REF --to FILE.zip | delete REF | backup FILE\n"
    "       each with [--note TEXT] [--state FOLDER] [--key FILE]";
enum { ORIGINAL_MAX = 1 << 30, VAULT_MEMORY = 4 << 20, LIMIT = 1000, LIMIT_MAX = 1000000 };

int vault_command_open(struct vault_command *v, struct err *err_out)
{
    v->mem = arena_new(VAULT_MEMORY);
    if (!v->mem || !cipher_prepare())
        return cli_err(err_out, -ENOMEM, v->cli->language, MSG_CLI_MEMORY, NULL, NULL);
    int r = keys_load(v->key ? v->key : v->files.settings.key, false, &v->keys, err_out);
    return r ? r : vault_open(v->files.settings.vault, &v->keys, false, v->mem, &v->vault, err_out);
}

/* The one mail that is meant. */
struct one {
    bool found, vaulted;
    uint8_t name[VAULT_NAME];
};
static bool take_one(void *host, const struct search_mail *m)
{
    struct one *o = host;
    o->found = true;
    o->vaulted = m->original != NULL;
    if (m->original)
        (void)slice_copy_out((slice){ m->original, VAULT_NAME }, o->name, sizeof o->name);
    return true;
}

static int find(struct vault_command *v, const char *reference, struct one *out,
                struct err *err_out)
{
    *out = (struct one){ .found = false };
    int r =
        search_mails(v->files.db, &(struct search){ .reference = slice_of(reference), .limit = 1 },
                     take_one, out, err_out);
    if (r >= 0 && !out->found)
        r = cli_err(err_out, -ENOENT, v->cli->language, MSG_RECORD_NO_REFERENCE, reference, NULL);
    return r < 0 ? r : 0;
}

static int list(struct vault_command *v, const char *reference, struct err *err_out)
{
    (void)reference;
    v->search.vaulted = true;
    int r = search_mails(v->files.db, &v->search, record_list_one, &v->list, err_out);
    if (r == 0)
        (void)cli_say(v->cli, MSG_RECORD_NOTHING, NULL);
    return r < 0 ? r : 0;
}

static void show_deed(void *host, const struct search_deed *d)
{
    struct vault_command *v = host;
    char stamp[STAMP_BYTES];
    struct buf *out = &v->list.out;
    enum message m = message_by_key("deed.", d->verb);
    stamp_utc(d->time_ms, stamp);
    buf_clear(out);
    buf_format(out, "    %.10s %.8sZ  ", stamp, stamp + 11);
    if (m == MSG_COUNT)
        shown_put(out, d->verb, 64, 0);
    else
        buf_text(out, message_text(m, v->cli->language));
    buf_text(out, "  ");
    shown_put(out, d->who, 200, 0);
    buf_text(out, "  ");
    shown_put(out, d->note, 1000, 0);
    printf("%.*s\n", SLICE_FMT(buf_slice(out)));
}

static int show(struct vault_command *v, const char *reference, struct err *err_out)
{
    struct one o;
    int r = find(v, reference, &o, err_out);
    if (r == 0 && v->list.json) {
        struct buf report = buf_new(KEEP_REPORT_MAX);
        r = reports_get(v->files.db, slice_of(reference), &report, err_out);
        if (r == 0)
            (void)fwrite(report.at, 1, report.len,
                         stdout); /* whether it was written is asked at the end */
        if (r == 0)
            putchar('\n');
        buf_drop(&report);
    } else if (r == 0) {
        r = search_mails(v->files.db,
                         &(struct search){ .reference = slice_of(reference), .limit = 1 },
                         record_list_one, &v->list, err_out);
        if (r >= 0)
            r = search_deeds(v->files.db, slice_of(reference), show_deed, v, err_out);
        if (r == 0)
            printf("    %s\n", message_text(o.vaulted ? MSG_RECORD_VAULTED : MSG_RECORD_NOT_VAULTED,
                                            v->cli->language));
    }
    return r;
}

static bool collect(void *host, slice bytes)
{
    struct buf *b = host;
    buf_put(b, bytes);
    return !b->full;
}

static int write_zip(struct vault_command *v, const char *reference, const struct buf *original,
                     struct err *err_out)
{
    char name[KEEP_REFERENCE_MAX + 8], folder[4096];
    uint8_t salt[16];
    struct lockedzip zip = lockedzip_new(SLICE_LIT("infected"), ORIGINAL_MAX);
    slice path = slice_of(v->to);
    size_t cut = path.len;
    while (cut && path.at[cut - 1] != '/')
        cut--;
    (void)snprintf(name, sizeof name, "%s.eml", reference);
    for (char *c = name; *c; c++) /* it was found in the record, and yet */
        if (*c == '/' || *c == '\\')
            *c = '_';
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(cut > 1 ? cut - 1 : 1), cut ? v->to : ".");
    random_fill(salt, sizeof salt);
    int r = lockedzip_add(&zip, slice_of(name), buf_slice(original), salt) == 0 &&
                    lockedzip_end(&zip) == 0
                ? 0
                : cli_err(err_out, -EFBIG, v->cli->language, MSG_EXTRACT_ARCHIVE_LARGE, NULL, NULL);
    if (r == 0)
        r = file_write_new(folder, v->to + cut, buf_slice(&zip.out), 0600, err_out);
    lockedzip_drop(&zip);
    return r;
}

static int export(struct vault_command *v, const char *reference, struct err *err_out)
{
    struct one o;
    struct buf original = buf_new(ORIGINAL_MAX);
    const struct keep_order deed = { .what = KEEP_DEED,
                                     .reference = slice_of(reference),
                                     .verb = SLICE_LIT("export"),
                                     .note = slice_of(v->note) };
    int r = find(v, reference, &o, err_out);
    if (r == 0 && !o.vaulted)
        r = cli_err(err_out, -ENOENT, v->cli->language, MSG_RECORD_NO_ORIGINAL, reference, NULL);
    if (r == 0)
        r = vault_command_open(v, err_out);
    if (r == 0)
        r = vault_get(v->vault, o.name, collect, &original, NULL, err_out);
    if (r == 0) /* first: none leaves without its line in the audit log */
        r = record_order(&v->files, v->cli, &deed, err_out);
    if (r == 0)
        r = write_zip(v, reference, &original, err_out);
    buf_drop(&original);
    return r;
}

static int delete (struct vault_command *v, const char *reference, struct err *err_out)
{
    const struct keep_order o = { .what = KEEP_DELETE,
                                  .reference = slice_of(reference),
                                  .note = slice_of(v->note) };
    return record_order(&v->files, v->cli, &o, err_out);
}

static int backup(struct vault_command *v, const char *to, struct err *err_out)
{
    struct stat st;
    if (lstat(to, &st) == 0)
        return cli_err(err_out, -EEXIST, v->cli->language, MSG_RECORD_EXISTS, to, NULL);
    (void)umask(077);
    return sqlite_backup(v->files.db, to, err_out);
}

/* Reads originals to their end; each that is damaged is named. */
struct checking {
    struct vault_command *v;
    uint64_t n, bad;
};
static bool check_one(void *host, const struct search_mail *m)
{
    struct checking *c = host;
    struct err e = { 0 };
    c->n++;
    if (vault_get(c->v->vault, m->original, NULL, NULL, NULL, &e) < 0) {
        c->bad++;
        printf("%.*s: %s\n", SLICE_FMT(m->reference), e.text);
    }
    return true;
}

static int check(struct vault_command *v, const char *reference, struct err *err_out)
{
    struct checking c = { .v = v };
    v->search.vaulted = true;
    v->search.reference = slice_of(reference);
    v->search.limit = LIMIT_MAX;
    int r = vault_command_open(v, err_out);
    if (r == 0)
        r = search_mails(v->files.db, &v->search, check_one, &c, err_out);
    if (r < 0)
        return r;
    char n[24], bad[24];
    struct buf line = buf_new(1024);
    snprintf(n, sizeof n, "%llu", (unsigned long long)c.n);
    snprintf(bad, sizeof bad, "%llu", (unsigned long long)c.bad);
    message_put(&line, MSG_RECORD_CHECKED, v->cli->language,
                (const slice[]){ slice_of(n), slice_of(bad) }, 2);
    printf("%.*s\n", SLICE_FMT(buf_slice(&line)));
    buf_drop(&line);
    return c.bad ? err_set(err_out, -EUCLEAN, "%s",
                           message_text(MSG_RECORD_DAMAGED, v->cli->language))
                 : 0;
}

static const struct {
    const char *name;
    int (*run)(struct vault_command *v, const char *reference, struct err *err_out);
    int least, most; /* arguments */
} verbs[] = { { "list", list, 0, 0 },
              { "show", show, 1, 1 },
              { "export", export, 1, 1 },
              { "delete", delete, 1, 1 },
              { "release", vault_command_release, 1, 1 },
              { "forward", vault_command_forward, 1, 1 },
              { "backup", backup, 1, 1 },
              { "check", check, 0, 1 } };

static int read_options(struct vault_command *v, int argc, char **argv)
{
    static const struct option names[] = {
        { "since", required_argument, NULL, 's' },
        { "limit", required_argument, NULL, 'l' },
        { "json", no_argument, NULL, 'j' },
        { "to", required_argument, NULL, 't' },
        { "note", required_argument, NULL, 'n' },
        { "state", required_argument, NULL, 'S' },
        { "key", required_argument, NULL, 'k' },
        { "smtp", required_argument, NULL, 'm' },
        { "again", no_argument, NULL, 'a' },
        { "recipient", required_argument, NULL, 'r' },
        { NULL, 0, NULL, 0 },
    };
    uint64_t n;
    for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
        switch (c) {
        case 's':
            if (!record_since(optarg, &v->search.since_ms))
                return cli_usage(v->cli, usage, MSG_RECORD_SINCE, optarg);
            break;
        case 'l':
            if (!slice_u64(slice_of(optarg), &n) || n == 0 || n > LIMIT_MAX)
                return cli_usage(v->cli, usage, MSG_RECORD_LIMIT, optarg);
            v->search.limit = (int)n;
            break;
        case 'j':
            v->list.json = true;
            break;
        case 't':
            v->to = optarg;
            break;
        case 'n':
            v->note = optarg;
            break;
        case 'S':
            v->state = optarg;
            break;
        case 'k':
            v->key = optarg;
            break;
        case 'm':
            v->smtp = optarg;
            break;
        case 'a':
            v->again = true;
            break;
        case 'r':
            if (v->n_recipients == VAULT_RECIPIENTS)
                return cli_usage(v->cli, usage, MSG_RECORD_RECIPIENTS, "1000");
            v->recipients[v->n_recipients++] = slice_of(optarg);
            break;
        default:
            return cli_bad_option(v->cli, usage, c, argv);
        }
    }
    return 0;
}

int command_vault(const struct cli *cli, int argc, char **argv)
{
    struct vault_command v = { .cli = cli,
                               .search = { .limit = LIMIT },
                               .list = { .cli = cli, .out = buf_new(1 << 20) } };
    struct err e = { 0 };
    int r = read_options(&v, argc, argv);
    if (r)
        return r;
    size_t i = 0;
    while (i < sizeof verbs / sizeof verbs[0] &&
           (optind >= argc || strcmp(argv[optind], verbs[i].name) != 0))
        i++;
    int given = argc - optind - 1;
    if (i == sizeof verbs / sizeof verbs[0] || given < verbs[i].least || given > verbs[i].most ||
        (verbs[i].run == export && !v.to) ||
        (verbs[i].run == vault_command_forward && v.n_recipients == 0))
        return cli_usage(cli, usage, MSG_COUNT, NULL);
    r = record_find(&v.files, v.state, &e);
    if (r == 0)
        r = record_open(&v.files, cli, &e);
    if (r == 0)
        r = verbs[i].run(&v, argv[optind + 1], &e);
    record_close(&v.files);
    keys_wipe(&v.keys);
    arena_drop(&v.mem);
    buf_drop(&v.list.out);
    return r < 0 ? cli_trouble(&e) : EXIT_CLEAN;
}
