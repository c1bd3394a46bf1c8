/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper's files share: keeper.c speaks with others, keeper_batch.c commits, keeper_idle.c
 * does what nobody waits for. */
#pragma once
#include "os/channel.h"
#include "store/audit.h"
#include "store/ecs.h"
#include "store/keeper.h"
#include "store/reports.h"
#include "store/retention.h"
#include "store/vault.h"

enum {
    BATCH_MAX = 64,
    BATCH_BYTES = 16 << 20, /* a batch of more is committed at once */
    BATCH_ROOM = 96 << 20,  /* what it may hold then: the last message may be large */
    PEERS_MAX = 64,
    OWN_MEMORY = 4 << 20,
};

struct peer {
    struct keeper *keeper;
    struct channel *channel;
    enum keeper_peer kind;
    uint32_t user;
};

/* One PUT on its way to the disk. */
struct pending {
    struct keep_put put;
    struct peer *peer; /* NULL: gone meanwhile */
    struct vault_item *item;
    uint8_t digest[32];
    int error;
    char why[ERR_MAX];
};

struct keeper {
    struct loop *loop;
    struct keeper_settings settings;
    int lock; /* of the folder: two who write would fork the audit log */
    struct arena *mem, *batch_mem, *item_mem;
    struct keys keys;
    struct sqlite *db;
    struct reports *reports;
    struct vault *vault;
    struct audit *audit;
    struct ecs *ecs;
    struct peer peers[PEERS_MAX];
    struct loop_watch listening;
    struct loop_timer commit_timer, idle_timer;
    bool commit_set, idle_set;

    struct pending batch[BATCH_MAX];
    size_t n_batch;
    struct buf out;
    struct keeper_counts counts;
    uint64_t stored; /* bytes in the vault, or what was so at the last look and came since */
    bool no_room;    /* of the disk, when the batch began */

    uint64_t dirty_us; /* when the last commit was */
    uint64_t commits_settled, checkpoint_us, tidy_us;
    unsigned held_back; /* how often idle work made way for PUTs */
    uint8_t sweep_at;
    bool tidying;
    int trouble, idle_trouble; /* the last errors that were said in the log */
};

/* keeper_batch.c */
void keeper_take(struct keeper *k, struct peer *from, slice payload, int fd, bool *sane_out);
void keeper_commit(struct keeper *k);
void keeper_order(struct keeper *k, struct peer *from, const struct keep_order *o);
/* Says an error in the log once, and when it is over; 0: all is well. */
void keeper_said(int *last, int code, const char *text);
/* keeper_idle.c */
void keeper_idle(struct keeper *k);
void keeper_idle_soon(struct keeper *k);
/* All of it, at the end. */
void keeper_idle_last(struct keeper *k);
/* keeper.c */
void keeper_send(struct keeper *k, struct peer *to, uint8_t word);
