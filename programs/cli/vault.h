/* SPDX-License-Identifier: Apache-2.0 */
/* vault - what the files of the command `sekisho vault` share: its options, and what it opened. */
#pragma once
#include "programs/cli/record.h"

enum { VAULT_RECIPIENTS = 1000 };

struct vault_command {
    const struct cli *cli;
    struct record_files files;
    struct search search;
    struct record_list list;
    const char *state, *key, *to, *note;
    const char *smtp; /* where released mail goes */
    bool again;
    slice recipients[VAULT_RECIPIENTS];
    size_t n_recipients;
    struct arena *mem;
    struct keys keys;
    struct vault *vault;
};

/* Key and vault. */
int vault_command_open(struct vault_command *v, struct err *err_out) MUST_USE;
/* release.c: on its way to its recipients, or to others. */
int vault_command_release(struct vault_command *v, const char *reference,
                          struct err *err_out) MUST_USE;
int vault_command_forward(struct vault_command *v, const char *reference,
                          struct err *err_out) MUST_USE;
