/* SPDX-License-Identifier: Apache-2.0 */
/* record - the store, as commands see it: read from the files, changed by asking the keeper. */
#pragma once
#include "programs/cli/cli.h"
#include "store/keeper.h"
#include "store/search.h"
#include "store/vault.h"

struct record_files {
    struct keeper_paths paths;
    struct keeper_settings settings; /* folders below --state, or those given */
    char database[KEEPER_PATH], audit[KEEPER_PATH], socket[KEEPER_PATH];
    struct sqlite *db;
};

/* Where it lies: `state`, or NULL for /var/lib/sekisho (root) or $XDG_STATE_HOME/sekisho. */
int record_find(struct record_files *f, const char *state, struct err *err_out) MUST_USE;
/* And its database, for reading. */
int record_open(struct record_files *f, const struct cli *cli, struct err *err_out) MUST_USE;
void record_close(struct record_files *f);

/* Asks the keeper, and waits for the answer. */
int record_order(const struct record_files *f, const struct cli *cli, const struct keep_order *o,
                 struct err *err_out) MUST_USE;

/* Mails as a list for people, or as a JSON object a line. */
struct record_list {
    const struct cli *cli;
    bool json;
    struct buf out;
};
bool record_list_one(void *list, const struct search_mail *m);
/* "7d", "12h" before now, in milliseconds since 1970; false: not understood. */
bool record_since(const char *text, int64_t *out);
