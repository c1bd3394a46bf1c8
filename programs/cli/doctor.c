/* SPDX-License-Identifier: Apache-2.0 */
/* doctor - what protects this installation, and what is missing. */
#include "guard/pool.h"
#include "os/folder.h"
#include "programs/cli/cli.h"

#include <stdio.h>
#include <unistd.h>

static bool faults;

static void say(bool good, const char *en, const char *ja, const char *detail)
{
    enum language l = cli_language(NULL);
    printf("%s %s%s%s\n", good ? "ok  " : "--  ", l == LANGUAGE_JA ? ja : en, *detail ? ": " : "", detail);
    faults = faults || !good;
}

static void look_at_jail(void)
{
    struct jail_report j = pool_jail_report();
    char abi[32];
    snprintf(abi, sizeof abi, "ABI %d", j.landlock_abi);
    say(j.seccomp, "system calls of the workers are limited (seccomp)", "検査プロセスのシステムコール制限（seccomp）", "");
    say(j.landlock, "workers see no file (Landlock)", "検査プロセスからのファイル隔離（Landlock）", j.landlock ? abi : "not in this kernel");
    say(j.no_new_privs, "workers gain no privilege", "検査プロセスの権限昇格防止", "");
}

static void look_at_programs(void)
{
    static const char *const programs[] = { "sekisho-worker", "sekisho-worker-yara", "sekisho-rules" };
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        char path[PATH_BYTES_MAX];
        say(cli_beside(programs[i], path, sizeof path) && access(path, X_OK) == 0, "program", "プログラム", path);
    }
}

static void look_at_cache(void)
{
    char path[PATH_BYTES_MAX];
    struct err e;
    bool good = folder_cache(path, &e) == 0;
    say(good, "cache of compiled rules", "検出規則のキャッシュ", good ? path : e.text);
}

static void look_at_rules(void)
{
    struct desk_options o = { .language = cli_language(NULL) };
    struct desk d;
    struct err e;
    char text[160];
    if (desk_open(&d, &o, &e) < 0) {
        say(false, "rules", "検出規則", e.text);
        desk_close(&d);
        return;
    }
    size_t n = rules_count(d.book.rules), waiting = 0, off = 0;
    for (size_t i = 0; i < n; i++) {
        struct rule_info r = rules_info(d.book.rules, i);
        waiting += !r.in_force;
        off += r.state == RULE_OFF;
    }
    snprintf(text, sizeof text, "%zu loaded, %zu not in force, %zu off  (%s)", n, waiting, off, cli_rules_folder(NULL));
    say(true, "rules", "検出規則", text);
    desk_close(&d);
}

static void try_a_worker(void)
{
    char worker[PATH_BYTES_MAX];
    struct pool *pool = NULL;
    struct err e;
    if (!cli_beside("sekisho-worker", worker, sizeof worker))
        return;
    struct pool_settings settings = { .worker = worker, .workers = 1, .rules_fd = -1, .objects = 1, .timeout_ms = 5000 };
    bool good = pool_start(&settings, &pool, &e) == 0;
    say(good, "a worker starts and locks itself down", "検査プロセスの起動と隔離", good ? "" : e.text);
    pool_stop(&pool);
}

int command_doctor(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return cli_usage("sekisho doctor", NULL);
    look_at_jail();
    look_at_programs();
    look_at_cache();
    look_at_rules();
    try_a_worker();
    return faults ? EXIT_TROUBLE : EXIT_CLEAN;
}
