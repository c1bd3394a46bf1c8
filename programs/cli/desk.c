/* SPDX-License-Identifier: Apache-2.0 */
/* desk - opens what the commands judge with, and says so where it takes time. */
#include "os/folder.h"
#include "programs/cli/cli.h"

#include <errno.h>
#include <stdio.h>

static void say_compiling(void *host)
{
    const struct desk_options *o = host;
    if (!o->quiet)
        fprintf(stderr, "sekisho: %s\n", message_text(MSG_SCAN_COMPILING, o->language));
}

int desk_open(struct knowledge *k, const struct desk_options *o, struct err *err_out)
{
    char compiler[PATH_BYTES_MAX];
    const struct knowledge_options options = { .rules = cli_rules_folder(o->rules),
                                               .compiler = compiler,
                                               .exceptions = o->exceptions,
                                               .promises = o->promises,
                                               .authserv_id = o->authserv_id,
                                               .own_domains = o->own_domains,
                                               .n_own_domains = o->n_own_domains,
                                               .trust_foreign = o->trust_foreign,
                                               .layers_off = o->layers_off,
                                               .compiling = say_compiling,
                                               .host = (void *)o };
    *k = (struct knowledge){ .book = { .fd = -1 } };
    if (!cli_beside("sekisho-rules", compiler, sizeof compiler))
        return cli_err(err_out, -ENOENT, o->language, MSG_DOCTOR_MISSING, "sekisho-rules", NULL);
    int r = knowledge_open(k, &options, err_out);
    return r == -ENOMEM ? cli_err(err_out, r, o->language, MSG_CLI_MEMORY, NULL, NULL) : r;
}
