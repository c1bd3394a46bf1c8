/* SPDX-License-Identifier: Apache-2.0 */
/* ecs - one JSON line a mail by the Elastic Common Schema 8, for whatever collects logs.
 *
 * Written from the database when nobody waits, in the order of the mails: after a crash a line may
 * stand there twice (event.id is the same), none is missing.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "store/sqlite.h"

struct ecs;

/* Appends to `path`. */
int ecs_open(struct sqlite *db, const char *path, struct arena *mem, struct ecs **out,
             struct err *err_out) MUST_USE;
void ecs_close(struct ecs **e);
/* At most n lines; how many, or an error. */
int ecs_follow(struct ecs *e, int n, struct err *err_out) MUST_USE;
/* Remembers in the database how far it came. */
int ecs_settle(struct ecs *e, struct err *err_out) MUST_USE;
/* A file that was moved away (logrotate) is begun anew. */
int ecs_reopen(struct ecs *e, struct err *err_out) MUST_USE;
