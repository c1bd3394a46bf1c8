/* SPDX-License-Identifier: Apache-2.0 */
/* scan_options - see scan_options.h. */
#include "programs/cli/scan_options.h"
#include "base/text.h"
#include "os/file.h"
#include "os/terminal.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    OPT_JSON = 256,
    OPT_JOBS,
    OPT_PASSWORD,
    OPT_EXCEPTIONS,
    OPT_PROMISES,
    OPT_RULES,
    OPT_YARA,
    OPT_DETAILS,
    OPT_AUTHSERV,
    OPT_OWN,
    OPT_TRUST,
    OPT_QUIET,
    OPT_SETTINGS,
    OPT_WITHOUT,
    OPT_IOCS
};

static const struct option long_options[] = {
    { "json", no_argument, NULL, OPT_JSON },
    { "jobs", required_argument, NULL, OPT_JOBS },
    { "password", required_argument, NULL, OPT_PASSWORD },
    { "exceptions", required_argument, NULL, OPT_EXCEPTIONS },
    { "promises", required_argument, NULL, OPT_PROMISES },
    { "rules", required_argument, NULL, OPT_RULES },
    { "yara", required_argument, NULL, OPT_YARA },
    { "details", no_argument, NULL, OPT_DETAILS },
    { "authserv-id", required_argument, NULL, OPT_AUTHSERV },
    { "own-domain", required_argument, NULL, OPT_OWN },
    { "trust-foreign-rules", no_argument, NULL, OPT_TRUST },
    { "quiet", no_argument, NULL, OPT_QUIET },
    { "settings", required_argument, NULL, OPT_SETTINGS },
    { "without-layer", required_argument, NULL, OPT_WITHOUT },
    { "iocs", optional_argument, NULL, OPT_IOCS },
    { NULL, 0, NULL, 0 },
};

static bool read_jobs(const char *text, unsigned *out)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno || *end || end == text || v < 1 || v > 64)
        return false;
    *out = (unsigned)v;
    return true;
}

static int open_yara(const struct cli *cli, struct scan_options *o, const char *path)
{
    struct err e;
    if (o->n_yara == YARA_MAX)
        return cli_usage(cli, o->usage, MSG_CLI_MANY_YARA, "16");
    if (file_open(path, 0, &o->yara[o->n_yara], &e) < 0)
        return cli_trouble(&e);
    o->n_yara++;
    return 0;
}

static int no_such_layer(const struct cli *cli, slice name)
{
    const char *names[LAYERS];
    struct buf all = buf_new(1024), shown = buf_new(1024);
    struct err e;
    for (int l = 0; l < LAYERS; l++) {
        names[l] = layer_name((enum layer)l);
        buf_format(&all, "%s%s", l ? ", " : "", names[l]);
    }
    buf_byte(&all, 0);
    buf_put(&shown, utf8_cut(name, 60));
    buf_byte(&shown, 0);
    const char *near = settings_nearest(name, names, LAYERS);
    (void)cli_err(&e, -EINVAL, cli->language, near ? MSG_CLI_LAYER_NEAR : MSG_CLI_LAYERS,
                  (const char *)shown.at, near ? near : (const char *)all.at);
    buf_drop(&all);
    buf_drop(&shown);
    return cli_trouble(&e);
}

static int switch_off(const struct cli *cli, struct scan_options *o, slice names)
{
    for (size_t from = 0; from <= names.len;) {
        size_t to = slice_find_byte(names, ',', from);
        slice name = slice_trim(slice_sub(names, from, (to == SIZE_MAX ? names.len : to) - from));
        enum layer l;
        if (!layer_by_name(name, &l))
            return no_such_layer(cli, name);
        o->desk.layers_off |= layer_bit(l);
        if (to == SIZE_MAX)
            break;
        from = to + 1;
    }
    return 0;
}

static int take_option(const struct cli *cli, struct scan_options *o, int c)
{
    switch (c) {
    case OPT_JSON: o->json = true; break;
    case OPT_JOBS:
        if (!read_jobs(optarg, &o->jobs))
            return cli_usage(cli, o->usage, MSG_CLI_JOBS, NULL);
        break;
    case OPT_IOCS:
        if (optarg && strcmp(optarg, "raw") != 0)
            return cli_usage(cli, o->usage, MSG_CLI_IOCS, NULL);
        o->iocs = true;
        o->raw = optarg != NULL;
        break;
    case OPT_PASSWORD:
        if (o->n_hints == HINTS_MAX)
            return cli_usage(cli, o->usage, MSG_CLI_MANY_PASSWORDS, "32");
        o->hints[o->n_hints++] = (struct pool_hint){ slice_of(optarg), 0 };
        break;
    case OPT_EXCEPTIONS: o->desk.exceptions = optarg; break;
    case OPT_PROMISES: o->desk.promises = optarg; break;
    case OPT_RULES: o->desk.rules = optarg; break;
    case OPT_YARA: return open_yara(cli, o, optarg);
    case OPT_DETAILS: o->style.details = true; break;
    case OPT_AUTHSERV: o->desk.authserv_id = optarg; break;
    case OPT_OWN:
        if (o->desk.n_own_domains == DOMAINS_MAX)
            return cli_usage(cli, o->usage, MSG_CLI_MANY_DOMAINS, "64");
        o->domains[o->desk.n_own_domains++] = optarg;
        break;
    case OPT_TRUST: o->desk.trust_foreign = true; break;
    case OPT_QUIET: o->desk.quiet = true; break;
    case OPT_WITHOUT: return switch_off(cli, o, slice_of(optarg));
    case OPT_SETTINGS: break; /* was read first */
    default: break; /* was refused when the settings were looked for */
    }
    return 0;
}

/* --- the settings file */

static const struct setting table[] = {
    { "language", SETTING_TEXT, "", 0, 16, NULL,
      "Language of the text: ja or en; empty: that of the locale.",
      "表示言語（ja、en）。空ならロケールに従います。" },
    { "rules", SETTING_TEXT, "", 0, 4096, NULL, "Folder of rules; empty: the installed ones.",
      "規則のフォルダー。空なら標準の規則を使います。" },
    { "exceptions", SETTING_TEXT, "", 0, 4096, NULL, "File of exceptions.", "例外のファイル。" },
    { "promises", SETTING_TEXT, "", 0, 4096, NULL, "File of sender promises.",
      "送信者の約束事のファイル。" },
    { "authserv_id", SETTING_TEXT, "", 0, 255, NULL,
      "Host whose Authentication-Results are believed; empty: none.",
      "信頼する Authentication-Results のホスト。空なら信頼しません。" },
    { "own_domains", SETTING_LIST, "", 0, DOMAINS_MAX, NULL, "Domains of your organisation.",
      "自組織のドメイン。" },
    { "trust_foreign_rules", SETTING_BOOL, "no", 0, 1, NULL,
      "Foreign rules count at their own level.", "外部の規則を重大度を下げずに数えます。" },
    { "workers.number", SETTING_NUMBER, "0", 0, 64, NULL, "Workers; 0: one per processor.",
      "検査プロセスの数。0 ならプロセッサー数です。" },
    { "workers.objects", SETTING_NUMBER, "256", 1, 100000, NULL,
      "Objects after which a worker is replaced.", "検査プロセスを交代させるまでの件数。" },
    { "workers.timeout", SETTING_TIME, "20s", 1000, 600000, NULL,
      "Backstop for one object; work is limited by counting before.",
      "1 件当たりの最終的な制限時間（通常は処理量の上限が先に働きます）。" },
#define LAYER_SETTING(id, name, folder, en, ja) \
    { "layers." name, SETTING_BOOL, "on", 0, 1, NULL, "Layer: " en ".", "検出層：" ja "。" },
    RULE_LAYERS(LAYER_SETTING)
#undef LAYER_SETTING
};

static const char *const layer_settings[LAYERS] = {
#define LAYER_SETTING(id, name, folder, en, ja) "layers." name,
    RULE_LAYERS(LAYER_SETTING)
#undef LAYER_SETTING
};

enum { N_TABLE = sizeof table / sizeof table[0], SETTINGS_MAX = 1 << 20 };

const struct setting *scan_settings(size_t *n_out)
{
    *n_out = N_TABLE;
    return table;
}

static const char *text_or_null(struct scan_options *o, const struct setting_value *values,
                                const char *name)
{
    slice text = settings_get(table, N_TABLE, values, name)->text;
    return text.len ? arena_cstr(o->mem, text) : NULL;
}

static void apply(const struct cli *cli, struct scan_options *o, const struct setting_value *values)
{
    const char *language = text_or_null(o, values, "language");
    if (language && !cli->language_given)
        o->desk.language = language_of_locale(language);
    o->desk.rules = text_or_null(o, values, "rules");
    o->desk.exceptions = text_or_null(o, values, "exceptions");
    o->desk.promises = text_or_null(o, values, "promises");
    o->desk.authserv_id = text_or_null(o, values, "authserv_id");
    o->desk.trust_foreign =
        settings_get(table, N_TABLE, values, "trust_foreign_rules")->number != 0;
    const struct setting_value *own = settings_get(table, N_TABLE, values, "own_domains");
    for (size_t i = 0; i < own->n_list && i < DOMAINS_MAX; i++)
        o->domains[o->desk.n_own_domains++] = arena_cstr(o->mem, own->list[i]);
    for (int l = 0; l < LAYERS; l++)
        if (!settings_get(table, N_TABLE, values, layer_settings[l])->number)
            o->desk.layers_off |= layer_bit((enum layer)l);
    int64_t workers = settings_get(table, N_TABLE, values, "workers.number")->number;
    if (workers > 0)
        o->jobs = (unsigned)workers;
    o->objects = (unsigned)settings_get(table, N_TABLE, values, "workers.objects")->number;
    o->timeout_ms = (unsigned)settings_get(table, N_TABLE, values, "workers.timeout")->number;
}

/* `path` NULL: the defaults. */
static int read_settings(const struct cli *cli, struct scan_options *o, const char *path)
{
    struct buf text = buf_new(SETTINGS_MAX);
    struct setting_value *values = NULL;
    struct err e;
    int r = path ? file_read(path, SETTINGS_MAX, &text, &e) : 0;
    if (r == 0)
        r = settings_read(table, N_TABLE, arena_copy(o->mem, buf_slice(&text)),
                          path ? path : "defaults", o->mem, &values, &e);
    buf_drop(&text);
    if (r < 0)
        return cli_trouble(&e);
    apply(cli, o, values);
    return 0;
}

/* --- both */

static int start(const struct cli *cli, struct scan_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *o = (struct scan_options){ .jobs = cores < 1    ? 1
                                        : cores > 64 ? 64
                                                     : (unsigned)cores,
                                .mem = arena_new(1 << 22) };
    if (!o->mem)
        return cli_say(cli, MSG_CLI_MEMORY, NULL);
    o->desk.language = cli->language;
    o->desk.own_domains = o->domains;
    return 0;
}

int scan_options_of(const struct cli *cli, struct scan_options *o, const char *settings)
{
    int r = start(cli, o);
    return r ? r : read_settings(cli, o, settings);
}

int scan_options_read(const struct cli *cli, struct scan_options *o, const char *usage, int argc,
                      char **argv)
{
    const char *settings = NULL;
    int r = start(cli, o);
    o->usage = usage;
    for (int c; r == 0 && (c = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        if (c == OPT_SETTINGS)
            settings = optarg;
        else if (c == '?' || c == ':')
            return cli_bad_option(cli, usage, c, argv);
    }
    if (r == 0)
        r = read_settings(cli, o, settings);
    optind = 1;
    for (int c; r == 0 && (c = getopt_long(argc, argv, ":", long_options, NULL)) != -1;)
        r = take_option(cli, o, c);
    if (r)
        return r;
    o->style.language = o->desk.language;
    o->style.colour = !o->json && terminal_of(STDOUT_FILENO).colours;
    return 0;
}

void scan_options_drop(struct scan_options *o)
{
    for (size_t i = 0; i < o->n_yara; i++)
        close(o->yara[i]);
    arena_drop(&o->mem);
}
