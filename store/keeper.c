/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's peers: channels of desks, of the supervisor, of people; see keeper.h. */
#include "base/cipher.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/net.h"
#include "os/spool.h"
#include "store/keeper_private.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUEUE_MAX = 32 << 20, MARK_MAX = 64, AUDIT_FILE = 64 << 20 };

struct keeper_settings keeper_defaults(const char *state, struct keeper_paths *paths)
{
    (void)snprintf(paths->folder, sizeof paths->folder, "%s/record", state);
    (void)snprintf(paths->vault, sizeof paths->vault, "%s/vault", state);
    (void)snprintf(paths->key, sizeof paths->key, "%s/key/store.key", state);
    (void)snprintf(paths->ecs, sizeof paths->ecs, "%s/record/mails.ecs.json", state);
    return (struct keeper_settings){ .folder = paths->folder,
                                     .vault = paths->vault,
                                     .key = paths->key,
                                     .original_days = 30,
                                     .report_days = 365,
                                     .originals_max = UINT64_C(20) << 30,
                                     .spare = 64 << 20 };
}

void keeper_database(const char *folder, char out[KEEPER_PATH])
{
    (void)snprintf(out, KEEPER_PATH, "%s/sekisho.db", folder);
}
void keeper_audit(const char *folder, char out[KEEPER_PATH])
{
    (void)snprintf(out, KEEPER_PATH, "%s/audit", folder);
}

void keeper_socket(const char *state, char out[KEEPER_PATH])
{
    (void)snprintf(out, KEEPER_PATH, "unix:%s/keeper.sock", state);
}

/* The key that the record was begun with: with another one nothing in the vault could be opened,
 * and what comes in would be sealed with a key that nobody saved. */
static int same_key(struct keeper *k, struct err *err_out)
{
    struct buf mark = buf_new(MARK_MAX);
    int64_t n = 0;
    slice own = { k->keys.mark, sizeof k->keys.mark };
    int r = reports_fact_get(k->db, "key", &n, &mark, err_out);
    if (r == 0 && mark.len == 0)
        r = reports_fact_set(k->db, "key", 0, own, err_out);
    else if (r == 0 && !slice_eq(buf_slice(&mark), own))
        r = err_set(err_out, -EPERM,
                    "%s: is not the key that this record was begun with: put the saved copy there",
                    k->settings.key);
    buf_drop(&mark);
    return r;
}

/* Where vault and key lie, for the commands that read them. */
static int note_place(struct keeper *k, const char *fact, const char *path, struct err *err_out)
{
    struct buf was = buf_new(SPOOL_PATH);
    int64_t n = 0;
    int r = reports_fact_get(k->db, fact, &n, &was, err_out);
    if (r == 0 && !slice_is(buf_slice(&was), path))
        r = reports_fact_set(k->db, fact, 0, slice_of(path), err_out);
    buf_drop(&was);
    return r;
}

static int open_all(struct keeper *k, struct err *err_out)
{
    const struct keeper_settings *s = &k->settings;
    char database[KEEPER_PATH], audit[KEEPER_PATH];
    keeper_database(s->folder, database);
    keeper_audit(s->folder, audit);
    if (!cipher_prepare())
        return err_set(err_out, -EIO, "OpenSSL cannot be used");
    int r = spool_folder_make(s->folder, err_out);
    if (r == 0)
        r = spool_lock(s->folder, "keeper.lock", &k->lock, err_out);
    if (r == 0)
        r = keys_load(s->key, true, &k->keys, err_out);
    if (r == 0)
        r = sqlite_open(database, SQLITE_FOR_WRITING, &k->db, err_out);
    if (r == 0)
        r = schema_update(k->db, database, err_out);
    if (r == 0)
        r = same_key(k, err_out);
    if (r == 0)
        r = note_place(k, KEEPER_FACT_KEY, s->key, err_out);
    if (r == 0)
        r = note_place(k, KEEPER_FACT_VAULT, s->vault, err_out);
    if (r == 0)
        r = reports_open(k->db, k->mem, &k->reports, err_out);
    if (r == 0)
        r = vault_open(s->vault, &k->keys, true, k->mem, &k->vault, err_out);
    if (r == 0)
        r = audit_open(k->db, audit, AUDIT_FILE, &k->keys, k->mem, &k->audit, err_out);
    if (r == 0 && s->ecs)
        r = ecs_open(k->db, s->ecs, k->mem, &k->ecs, err_out);
    const char *const made[] = { s->folder, s->vault, audit };
    for (size_t i = 0; i < sizeof made / sizeof made[0] && r == 0; i++) {
        char above[SPOOL_PATH];
        (void)snprintf(above, sizeof above, "%s/..", made[i]);
        r = spool_folder_sync(above, err_out); /* a file lasts only if the way to it does */
    }
    return r ? r : retention_stored(k->db, &k->stored, err_out);
}

static void commit_due(struct loop_timer *t)
{
    struct keeper *k = t->host;
    k->commit_set = false;
    keeper_commit(k);
}

static void idle_due(struct loop_timer *t)
{
    keeper_idle(t->host);
}

int keeper_open(struct loop *l, const struct keeper_settings *s, struct keeper **out,
                struct err *err_out)
{
    struct arena *mem = arena_new(OWN_MEMORY);
    struct keeper *k = mem ? ARENA_NEW(mem, struct keeper) : NULL;
    if (!k) {
        arena_drop(&mem);
        return err_set(err_out, -ENOMEM, "out of memory");
    }
    (void)umask(077);
    *k = (struct keeper){ .loop = l,
                          .settings = *s,
                          .mem = mem,
                          .out = buf_new(KEEP_PAYLOAD_MAX),
                          .listening = { .fd = -1 },
                          .lock = -1 };
    k->commit_timer = (struct loop_timer){ .due = commit_due, .host = k };
    k->idle_timer = (struct loop_timer){ .due = idle_due, .host = k };
    k->batch_mem = arena_new(BATCH_ROOM);
    k->item_mem = arena_new(OWN_MEMORY);
    k->tidy_us = k->checkpoint_us = clock_us();
    int r = k->batch_mem && k->item_mem ? open_all(k, err_out)
                                        : err_set(err_out, -ENOMEM, "out of memory");
    if (r)
        keeper_close(&k);
    else {
        *out = k;
        keeper_idle_soon(k);
    }
    return r;
}

void keeper_close(struct keeper **kp)
{
    struct keeper *k = *kp;
    *kp = NULL;
    if (!k)
        return;
    if (k->audit) {
        keeper_commit(k);
        keeper_idle_last(k);
    }
    loop_cancel(k->loop, &k->commit_timer);
    loop_cancel(k->loop, &k->idle_timer);
    for (size_t i = 0; i < PEERS_MAX; i++)
        channel_drop(&k->peers[i].channel);
    if (k->listening.fd >= 0) {
        loop_remove(k->loop, &k->listening);
        (void)close(k->listening.fd);
    }
    ecs_close(&k->ecs);
    audit_close(&k->audit);
    reports_close(&k->reports);
    sqlite_close(&k->db);
    if (k->lock >= 0)
        (void)close(k->lock); /* last: whoever comes next finds all written */
    keys_wipe(&k->keys);
    buf_drop(&k->out);
    arena_drop(&k->batch_mem);
    arena_drop(&k->item_mem);
    struct arena *mem = k->mem;
    arena_drop(&mem);
}

struct keeper_counts keeper_counts(const struct keeper *k)
{
    return k->counts;
}

void keeper_send(struct keeper *k, struct peer *to, uint8_t word)
{
    /* Who does not read its answers asks again, and is answered the same. */
    if (to->channel && channel_send(to->channel, word, buf_slice(&k->out), -1) == -ENOBUFS)
        log_line(LOG_LEVEL_WARNING, "a desk does not read its answers");
}

/* ---- what peers say */

static void get(struct keeper *k, struct peer *from, const struct keep_get *g)
{
    struct buf report = buf_new(KEEP_REPORT_MAX);
    struct err e = { 0 };
    int r = reports_get(k->db, g->reference, &report, &e);
    if (r < 0 && r != -ENOENT)
        keeper_said(&k->trouble, r, e.text);
    buf_clear(&k->out);
    if (keep_put_got(&k->out, &(struct keep_got){ g->id, r == 0,
                                                  r == 0 ? buf_slice(&report) : (slice){ 0 } }))
        keeper_send(k, from, KEEP_GOT);
    buf_drop(&report);
}

static bool put(struct keeper *k, struct peer *from, slice payload, int fd)
{
    bool sane = false;
    keeper_take(k, from, payload, fd, &sane);
    if (k->n_batch == BATCH_MAX || arena_spent(k->batch_mem) > BATCH_BYTES ||
        arena_full(k->batch_mem))
        keeper_commit(k);
    else if (k->n_batch && !k->commit_set &&
             !(k->commit_set = loop_after(k->loop, &k->commit_timer, k->settings.gather_us)))
        keeper_commit(k);
    return sane;
}

static bool order(struct keeper *k, struct peer *from, slice payload)
{
    struct arena *mem = arena_new(1 << 20);
    struct keep_order o;
    bool sane = mem && keep_read_order(payload, mem, &o);
    if (sane)
        keeper_order(k, from, &o);
    arena_drop(&mem);
    return sane;
}

/* A message that takes the descriptor over is not followed by its closing. */
static bool join(struct keeper *k, struct peer *from, slice payload, int fd)
{
    struct err e = { 0 };
    if (from->kind != KEEPER_SUPERVISOR || payload.len || fd < 0)
        return false;
    if (keeper_serve(k, fd, KEEPER_DESK, &e) < 0)
        log_line(LOG_LEVEL_ERROR, "a desk cannot be served: %s", e.text);
    return true;
}

static bool message(void *host, uint8_t word, slice payload, int fd)
{
    struct peer *from = host;
    struct keeper *k = from->keeper;
    struct keep_get g;
    bool sane = false;
    if (word == KEEP_JOIN) {
        sane = join(k, from, payload, fd);
        if (sane)
            return true;
    } else if (word == KEEP_PUT && from->kind != KEEPER_PERSON) {
        sane = put(k, from, payload, fd);
    } else if (word == KEEP_GET && keep_read_get(payload, &g)) {
        sane = true;
        get(k, from, &g);
    } else if (word == KEEP_ORDER) {
        sane = order(k, from, payload);
    }
    if (fd >= 0)
        (void)close(fd);
    return sane;
}

static void closed(void *host, const char *why)
{
    struct peer *p = host;
    struct keeper *k = p->keeper;
    for (size_t i = 0; i < k->n_batch; i++)
        if (k->batch[i].peer == p)
            k->batch[i].peer = NULL; /* kept all the same: it asks again, by another desk */
    if (p->kind != KEEPER_PERSON)
        log_line(LOG_LEVEL_INFO, "%s is gone: %s",
                 p->kind == KEEPER_DESK ? "a desk" : "the supervisor", why);
    channel_drop(&p->channel);
    if (p->kind == KEEPER_SUPERVISOR)
        loop_stop(k->loop);
}

static int serve(struct keeper *k, int fd, enum keeper_peer kind, uint32_t user,
                 struct err *err_out)
{
    static const struct channel_limits limits = { KEEP_PAYLOAD_MAX, QUEUE_MAX };
    struct peer *p = NULL;
    for (size_t i = 0; i < PEERS_MAX && !p; i++)
        if (!k->peers[i].channel)
            p = &k->peers[i];
    int r =
        p ? 0 : err_set(err_out, -EMFILE, "more than %d programs speak with the keeper", PEERS_MAX);
    if (r == 0) {
        *p = (struct peer){ .keeper = k, .kind = kind, .user = user };
        const struct channel_events events = { .host = p, .message = message, .closed = closed };
        r = channel_new(k->loop, fd, &limits, &events, &p->channel, err_out);
    }
    if (r)
        (void)close(fd);
    return r;
}

int keeper_serve(struct keeper *k, int fd, enum keeper_peer kind, struct err *err_out)
{
    return serve(k, fd, kind, (uint32_t)geteuid(), err_out);
}

static void knock(struct loop_watch *w, unsigned events)
{
    struct keeper *k = w->host;
    char from[NET_TEXT];
    struct err e = { 0 };
    uint32_t user = 0;
    int fd = -1;
    (void)events;
    if (net_accept(w->fd, &fd, from) < 0)
        return;
    if (net_peer_user(fd, &user) < 0 || (user != 0 && user != (uint32_t)geteuid())) {
        log_line(LOG_LEVEL_WARNING, "user %u may not give orders", (unsigned)user);
        (void)close(fd);
    } else if (serve(k, fd, KEEPER_PERSON, user, &e) < 0) {
        log_line(LOG_LEVEL_WARNING, "%s", e.text);
    }
}

int keeper_listen(struct keeper *k, int fd, struct err *err_out)
{
    k->listening = (struct loop_watch){ .fd = fd, .ready = knock, .host = k };
    int r = loop_add(k->loop, &k->listening, LOOP_READ, err_out);
    if (r) {
        (void)close(fd);
        k->listening.fd = -1;
    }
    return r;
}
