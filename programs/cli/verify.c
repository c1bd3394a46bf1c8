/* SPDX-License-Identifier: Apache-2.0 */
/* verify - are reports true of their files? Asked by the program sekisho-verify, apart from the
 * one that writes them. */
#include "os/folder.h"
#include "programs/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int command_verify(const struct cli *cli, int argc, char **argv)
{
    char program[PATH_BYTES_MAX];
    struct err e;
    (void)argc;
    if (!cli_beside("sekisho-verify", program, sizeof program))
        return cli_say(cli, MSG_DOCTOR_MISSING, "sekisho-verify");
    /* An installed helper lies elsewhere: which rules are ours is said here. */
    if ((cli->language_given &&
         setenv("LC_ALL", cli->language == LANGUAGE_JA ? "ja_JP.UTF-8" : "C.UTF-8", 1) < 0) ||
        setenv("SEKISHO_RULES", cli_rules_folder(NULL), 1) < 0)
        return cli_say(cli, MSG_CLI_MEMORY, NULL);
    argv[0] = (char *)"sekisho-verify";
    execv(program, argv);
    (void)cli_err(&e, -errno, cli->language, MSG_CLI_NOT_STARTED, program, strerror(errno));
    return cli_trouble(&e);
}
