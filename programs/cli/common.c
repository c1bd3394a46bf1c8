/* SPDX-License-Identifier: Apache-2.0 */
/* common - what every command needs: messages, languages, where things lie. */
#include "os/folder.h"
#include "os/terminal.h"
#include "programs/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

int cli_trouble(const struct err *e)
{
    fprintf(stderr, "sekisho: %s\n", e->text);
    return EXIT_TROUBLE;
}

int cli_err(struct err *e, int code, enum language l, enum message what, const char *first,
            const char *second)
{
    const char *given[] = { first, second };
    struct buf shown[] = { buf_new(LINE_MAX_BYTES), buf_new(LINE_MAX_BYTES) },
               text = buf_new(LINE_MAX_BYTES);
    slice values[2];
    for (size_t i = 0; i < 2; i++) {
        report_printable(&shown[i], slice_of(given[i]), ERR_MAX / 2);
        values[i] = buf_slice(&shown[i]);
    }
    message_put(&text, what, l, values, 2);
    (void)err_set(e, code, "%.*s", SLICE_FMT(buf_slice(&text)));
    buf_drop(&shown[0]);
    buf_drop(&shown[1]);
    buf_drop(&text);
    return code;
}

int cli_say(const struct cli *cli, enum message what, const char *value)
{
    struct err e;
    (void)cli_err(&e, -EINVAL, cli->language, what, value, NULL);
    return cli_trouble(&e);
}

int cli_written(const struct cli *cli, int status)
{
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    return lost ? cli_say(cli, MSG_SCAN_NOT_WRITTEN, strerror(errno)) : status;
}

int cli_usage(const struct cli *cli, const char *usage, enum message what, const char *value)
{
    if (what != MSG_COUNT)
        (void)cli_say(cli, what, value);
    fprintf(stderr, "%s %s\n", message_text(MSG_CLI_USAGE, cli->language), usage);
    return EXIT_TROUBLE;
}

int cli_bad_option(const struct cli *cli, const char *usage, int got, char **argv)
{
    char letter[] = { '-', (char)optopt, 0 };
    const char *name = optopt > 0 && optopt < 256 && got == '?' ? letter : argv[optind - 1];
    return cli_usage(cli, usage, got == ':' ? MSG_CLI_NEEDS_VALUE : MSG_CLI_UNKNOWN_OPTION, name);
}

int cli_take_language(struct cli *cli, int *argc, char **argv)
{
    static const char option[] = "--lang";
    const char *given = NULL;
    int kept = 0, status = 0;
    bool missing = false;
    *cli = (struct cli){ .language = language_of_locale(terminal_locale()) };
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) { /* what follows are names */
            while (i < *argc)
                argv[kept++] = argv[i++];
        } else if (strcmp(argv[i], option) == 0) {
            missing = i + 1 == *argc;
            given = missing ? NULL : argv[++i];
        } else if (strncmp(argv[i], "--lang=", sizeof option) == 0) {
            given = argv[i] + sizeof option;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    *argc = kept;
    if (missing || (given && strncmp(given, "ja", 2) != 0 && strncmp(given, "en", 2) != 0))
        status = cli_say(cli, MSG_CLI_LANG, NULL);
    else if (given)
        *cli = (struct cli){ language_of_locale(given), true };
    return status;
}

bool cli_beside(const char *program, char *out, size_t room)
{
    char folder[PATH_BYTES_MAX];
    struct err e;
    if (folder_of_program(folder, &e) < 0) {
        (void)cli_trouble(&e);
        return false;
    }
    int n = snprintf(out, room, "%s/%s", folder, program);
    if (n > 0 && (size_t)n < room && access(out, X_OK) == 0)
        return true;
    /* Installed: helpers lie in libexec, beside bin. */
    n = snprintf(out, room, "%s/../libexec/sekisho/%s", folder, program);
    return n > 0 && (size_t)n < room;
}

/* Of an installation beside the program; of the source tree only where the program lies in
 * a build tree: an installed program never looks outside its own installation. */
static bool rules_beside(char out[PATH_BYTES_MAX])
{
    static const char *const places[][2] = { { "/../share/sekisho/rules", "" },
                                             { "/" SEKISHO_RULES_OF_BUILD, "/../build.ninja" } };
    char folder[PATH_BYTES_MAX], path[PATH_BYTES_MAX + 64];
    struct err quiet;
    if (folder_of_program(folder, &quiet) < 0)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(path, sizeof path, "%s%s", folder, places[i][1]);
        bool there = access(path, F_OK) == 0;
        snprintf(path, sizeof path, "%s%s", folder, places[i][0]);
        if (there && access(path, R_OK) == 0 && realpath(path, out))
            return true;
    }
    return false;
}

const char *cli_rules_folder(const char *given)
{
    static char path[PATH_BYTES_MAX];
    const char *set = getenv("SEKISHO_RULES");
    if (given || (set && *set))
        return given ? given : set;
    return rules_beside(path) ? path : SEKISHO_RULES_INSTALLED;
}
