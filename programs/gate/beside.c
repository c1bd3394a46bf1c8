/* SPDX-License-Identifier: Apache-2.0 */
/* See beside.h. SEKISHO_RULES_OF_BUILD comes from the build. */
#include "programs/gate/beside.h"
#include "os/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The first of the places below our own folder that is there. */
static int first_of(const char *const *places, const char *name, int mode, char *out, size_t room,
                    struct err *err_out)
{
    char folder[PATH_BYTES_MAX];
    int rc = folder_of_program(folder, err_out);
    for (; rc == 0 && *places; places++) {
        int n = snprintf(out, room, "%s%s%s", folder, *places, name);
        if (n > 0 && (size_t)n < room && access(out, mode) == 0)
            return 0;
    }
    return rc ? rc
              : err_set(err_out, -ENOENT, "%s is missing beside %s; install the package again",
                        name, folder);
}

int gate_beside(const char *program, char *out, size_t room, struct err *err_out)
{
    static const char *const places[] = { "/",           "/../libexec/sekisho/", "/../bin/",
                                          "/../../bin/", "/../../sbin/",         NULL };
    return first_of(places, program, X_OK, out, room, err_out);
}

int gate_rules(char *out, size_t room, struct err *err_out)
{
    static const char *const of_build[] = { "/../build.ninja", NULL };
    static const char *const installed[] = { "/../share/sekisho/", "/../../share/sekisho/", NULL };
    static const char *const build[] = { "/", NULL };
    char found[PATH_BYTES_MAX];
    struct err quiet;
    const char *set = getenv("SEKISHO_RULES");
    int rc = 0;
    if (set && *set)
        (void)snprintf(found, sizeof found, "%s", set);
    else if (first_of(of_build, "", F_OK, found, sizeof found, &quiet) == 0)
        rc = first_of(build, SEKISHO_RULES_OF_BUILD, R_OK, found, sizeof found, err_out);
    else
        rc = first_of(installed, "rules", R_OK, found, sizeof found, err_out);
    char *real = rc ? NULL : realpath(found, NULL);
    if (rc == 0 && (!real || snprintf(out, room, "%s", real) >= (int)room))
        rc = err_set(err_out, -ENOENT, "%.300s: no rules there", found);
    free(real);
    return rc;
}
