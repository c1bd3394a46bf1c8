/* SPDX-License-Identifier: Apache-2.0 */
/* options - the settings file of the gate (sekishod.yaml): one table for all its
 * processes. The supervisor reads the file and gives its text to the desk, which
 * reads it by the same table; so both are always of one mind.
 */
#pragma once
#include "act/deed.h"
#include "desk/knowledge.h"
#include "os/settings.h"

enum { OPTIONS_MAX = 1 << 20, OPTIONS_LISTEN_MAX = 8 };

enum options_door { OPTIONS_MILTER, OPTIONS_CLAMD, OPTIONS_HTTP, OPTIONS_DOORS };

struct options {
    struct arena *mem; /* all texts; borrowed by whoever reads them */
    /* supervisor */
    const char *user;  /* to run as when started as root; "": stays */
    const char *state; /* folder; "": as the program chooses */
    struct options_listen {
        const char *at[OPTIONS_LISTEN_MAX]; /* as os/net.h writes addresses */
        size_t n;
    } listen[OPTIONS_DOORS];
    const struct setting_value *tokens, *paths;   /* lists, for doors/http and doors/clamd */
    const struct setting_value *own_networks, *own_domains;
    uint64_t object_max;
    uint32_t connections, per_peer, idle_ms, answer_ms, recipients_max;
    bool inbound_headers_stay;
    /* desk */
    struct knowledge_options knowledge; /* without compiler and cache */
    unsigned workers, objects, timeout_ms; /* workers 0: one per processor */
    bool allow_weak_jail;
    unsigned queue_objects;
    uint64_t queue_bytes;
    bool store, store_always, vault;
    uint32_t store_timeout_ms;
    /* of the keeper, when it is started */
    uint32_t original_days, report_days;
    uint64_t vault_max;
    const char *store_key, *store_ecs; /* "": where it is by itself; none */
    struct deed_rules deeds;
    enum deed trouble; /* what is done with what could not be examined; deliver while observing */
    char digest[17];   /* of the file's text, for people who compare */
};

const struct setting *options_table(size_t *n_out);
/* 0 or negative errno with file and line. `text` may be empty: all defaults. */
int options_read(slice text, const char *path, struct options *out, struct err *err_out) MUST_USE;
void options_drop(struct options *o);
