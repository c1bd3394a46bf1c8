/* SPDX-License-Identifier: Apache-2.0 */
/* doctor - what protects this installation, and what is missing. */
#include "guard/pool.h"
#include "os/folder.h"
#include "programs/cli/scan_options.h"

#include <stdio.h>
#include <unistd.h>

static const char *word(const struct cli *cli, enum message m)
{
    return message_text(m, cli->language);
}

/* One line; returns whether it is good news. */
static bool say(const struct cli *cli, bool good, enum message what, const char *detail)
{
    printf("%s %s%s%s\n", good ? "ok  " : "--  ", word(cli, what), *detail ? ": " : "", detail);
    return good;
}

static bool say_about(const struct cli *cli, bool good, enum message what, enum message detail,
                      const slice *values, size_t n)
{
    struct buf text = buf_new(PATH_BYTES_MAX + 256);
    message_put(&text, detail, cli->language, values, n);
    buf_byte(&text, 0);
    (void)say(cli, good, what, text.len ? (const char *)text.at : "");
    buf_drop(&text);
    return good;
}

static bool look_at_jail(const struct cli *cli)
{
    struct jail_report j = pool_jail_report();
    char abi[32];
    snprintf(abi, sizeof abi, "ABI %d", j.landlock_abi);
    bool good =
        say(cli, j.seccomp, MSG_DOCTOR_CALLS, j.seccomp ? "" : word(cli, MSG_DOCTOR_NOT_IN_KERNEL));
    good &= say(cli, j.landlock, MSG_DOCTOR_FILES,
                j.landlock ? abi : word(cli, MSG_DOCTOR_NOT_IN_KERNEL));
    good &= say(cli, j.no_new_privs, MSG_DOCTOR_PRIVILEGES, "");
    return good;
}

static bool look_at_program(const struct cli *cli, const char *name, enum message when_missing)
{
    char path[PATH_BYTES_MAX];
    if (cli_beside(name, path, sizeof path) && access(path, X_OK) == 0)
        return say(cli, true, MSG_DOCTOR_PROGRAM, path);
    slice value = slice_of(name);
    return say_about(cli, false, MSG_DOCTOR_PROGRAM, when_missing, &value, 1);
}

static bool look_at_cache(const struct cli *cli)
{
    char path[PATH_BYTES_MAX];
    struct err e;
    bool good = folder_cache(path, &e) == 0;
    return say(cli, good, MSG_DOCTOR_CACHE, good ? path : e.text);
}

/* A layer that is off is shown, and is no trouble: somebody chose it. */
static void look_at_layers(const struct cli *cli, const struct knowledge *d)
{
    size_t counts[LAYERS];
    struct buf text = buf_new(1024);
    knowledge_layers(d, counts);
    for (int l = 0; l < LAYERS; l++)
        if (!(d->context.policy.layers_off & layer_bit((enum layer)l)))
            buf_format(&text, "%s%s %zu", text.len ? ", " : "", layer_name((enum layer)l),
                       counts[l]);
    buf_byte(&text, 0);
    (void)say(cli, true, MSG_DOCTOR_LAYERS, text.full ? "" : (const char *)text.at);
    buf_drop(&text);
    for (int l = 0; l < LAYERS; l++)
        if (d->context.policy.layers_off & layer_bit((enum layer)l))
            (void)say(cli, false, MSG_DOCTOR_LAYER_OFF, layer_name((enum layer)l));
}

static bool look_at_rules(const struct cli *cli, const struct desk_options *o)
{
    struct knowledge d;
    struct err e;
    if (desk_open(&d, o, &e) < 0) {
        knowledge_close(&d);
        return say(cli, false, MSG_DOCTOR_RULES, e.text);
    }
    size_t n = rules_count(d.book.rules), counts[3] = { n };
    for (size_t i = 0; i < n; i++) {
        struct rule_info r = rules_info(d.book.rules, i);
        counts[1] += !r.in_force;
        counts[2] += r.state == RULE_OFF;
    }
    char digits[3][24];
    slice values[4] = { [3] = slice_of(cli_rules_folder(o->rules)) };
    for (size_t i = 0; i < 3; i++) {
        snprintf(digits[i], sizeof digits[i], "%zu", counts[i]);
        values[i] = slice_of(digits[i]);
    }
    (void)say_about(cli, true, MSG_DOCTOR_RULES, MSG_DOCTOR_RULES_LOADED, values, 4);
    look_at_layers(cli, &d);
    knowledge_close(&d);
    return true;
}

static bool try_a_worker(const struct cli *cli)
{
    char worker[PATH_BYTES_MAX];
    struct pool *pool = NULL;
    struct err e;
    if (!cli_beside("sekisho-worker", worker, sizeof worker))
        return false; /* said already */
    struct pool_settings settings = {
        .worker = worker, .workers = 1, .rules_fd = -1, .objects = 1, .timeout_ms = 5000
    };
    bool good = pool_start(&settings, &pool, &e) == 0;
    pool_stop(&pool);
    return say(cli, good, MSG_DOCTOR_WORKER, good ? "" : e.text);
}

int command_doctor(const struct cli *cli, int argc, char **argv)
{
    struct scan_options o;
    bool settings = argc == 3 && strcmp(argv[1], "--settings") == 0;
    if (argc > 1 && !settings)
        return cli_usage(cli, "sekisho doctor [--settings FILE]", MSG_CLI_UNKNOWN_OPTION, argv[1]);
    int r = scan_options_of(cli, &o, settings ? argv[2] : NULL);
    if (r)
        return r;
    bool good = look_at_jail(cli);
    good &= look_at_program(cli, "sekisho-worker", MSG_DOCTOR_MISSING);
    good &= look_at_program(cli, "sekisho-rules", MSG_DOCTOR_MISSING);
    good &= look_at_program(cli, "sekisho-verify", MSG_DOCTOR_MISSING);
    (void)look_at_program(cli, "sekisho-worker-yara",
                          MSG_DOCTOR_NO_YARA); /* an option of the build */
    good &= look_at_cache(cli);
    good &= look_at_rules(cli, &o.desk);
    scan_options_drop(&o);
    good &= try_a_worker(cli);
    return good ? EXIT_CLEAN : EXIT_TROUBLE;
}
