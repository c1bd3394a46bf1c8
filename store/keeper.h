/* SPDX-License-Identifier: Apache-2.0 */
/* keeper - the process that alone writes the record: database, vault, audit log.
 *
 * PUTs that are there together become one transaction; KEPT goes out when it is on disk. While the
 * disk is full, or does not write, each PUT is answered with the error and nothing of it stays;
 * when there is room again it goes on by itself. What nobody waits for (full text index, logs,
 * deleting what is old) is done in small pieces between.
 */
#pragma once
#include "os/loop.h"
#include "wire/keep.h"

struct keeper;

struct keeper_settings {
    const char *folder; /* of the database and the audit log */
    const char *vault, *key;
    const char *ecs;                     /* file of ECS lines; NULL: none */
    uint32_t original_days, report_days; /* 0: for ever */
    uint64_t originals_max;              /* bytes in the vault; 0: no limit */
    uint64_t spare;                      /* with less room on the disk than this nothing is taken */
    uint32_t gather_us; /* how long the first PUT of a transaction waits for others */
};
/* Defaults, with folders below `state` (which must outlive it); they lie in `paths`. */
struct keeper_paths {
    char folder[1024], vault[1024], key[1024], ecs[1024];
};
struct keeper_settings keeper_defaults(const char *state, struct keeper_paths *paths);
/* Names of what lies in `folder`. */
enum { KEEPER_PATH = 1100 };
void keeper_database(const char *folder, char out[KEEPER_PATH]);
void keeper_audit(const char *folder, char out[KEEPER_PATH]);
/* Facts of the database (reports_fact_get()): where they lie. */
#define KEEPER_FACT_KEY "place.key"
#define KEEPER_FACT_VAULT "place.vault"
/* Address of the socket for orders, below `state`. */
void keeper_socket(const char *state, char out[KEEPER_PATH]);

int keeper_open(struct loop *l, const struct keeper_settings *s, struct keeper **out,
                struct err *err_out) MUST_USE;
/* What was taken is committed first. */
void keeper_close(struct keeper **k);

enum keeper_peer {
    KEEPER_DESK,       /* may put and get */
    KEEPER_SUPERVISOR, /* may send desks; when it goes, the keeper ends (loop_stop) */
    KEEPER_PERSON,     /* may get and order */
};
/* The socket is the keeper's from now on, also when this fails. */
int keeper_serve(struct keeper *k, int fd, enum keeper_peer kind, struct err *err_out) MUST_USE;
/* A listening Unix socket for commands; who is neither our user nor root is shown the door. */
int keeper_listen(struct keeper *k, int fd, struct err *err_out) MUST_USE;

struct keeper_counts {
    uint64_t kept, refused, commits, ordered;
};
struct keeper_counts keeper_counts(const struct keeper *k);
