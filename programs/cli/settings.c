/* SPDX-License-Identifier: Apache-2.0 */
/* settings - prints the table behind the settings file, in the form of the file. */
#include "programs/cli/scan_options.h"

#include <stdio.h>

int command_settings(const struct cli *cli, int argc, char **argv)
{
    if (argc > 1)
        return cli_usage(cli, "sekisho settings", MSG_CLI_UNKNOWN_OPTION, argv[1]);
    size_t n;
    const struct setting *table = scan_settings(&n);
    bool japanese = cli->language == LANGUAGE_JA;
    for (size_t i = 0; i < n; i++) {
        printf("# %s\n", japanese ? table[i].ja : table[i].en);
        printf("%s: %s\n", table[i].name,
               table[i].type == SETTING_LIST ? "[]"
               : *table[i].value             ? table[i].value
                                             : "\"\"");
    }
    return EXIT_CLEAN;
}
