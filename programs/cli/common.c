/* SPDX-License-Identifier: Apache-2.0 */
/* common - what every command needs: messages, languages, where things lie. */
#include "os/folder.h"
#include "programs/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int cli_trouble(const struct err *e)
{
    fprintf(stderr, "sekisho: %s\n", e->text);
    return EXIT_TROUBLE;
}

int cli_usage(const char *usage, const char *what)
{
    if (what)
        fprintf(stderr, "sekisho: %s\n", what);
    fprintf(stderr, "usage: %s\n", usage);
    return EXIT_TROUBLE;
}

enum language cli_language(const char *given)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; !given && i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        given = value && *value ? value : NULL;
    }
    return language_of_locale(given);
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

const char *cli_rules_folder(const char *given)
{
    static char path[PATH_BYTES_MAX + 32];
    char folder[PATH_BYTES_MAX];
    struct err e;
    const char *set = getenv("SEKISHO_RULES");
    if (given || (set && *set))
        return given ? given : set;
    if (folder_of_program(folder, &e) == 0) {
        snprintf(path, sizeof path, "%s/../share/sekisho/rules", folder);
        if (access(path, R_OK) == 0)
            return path;
    }
    return SEKISHO_RULES_SOURCE; /* the source tree this program was built from */
}
