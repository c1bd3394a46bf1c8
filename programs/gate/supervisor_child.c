/* SPDX-License-Identifier: Apache-2.0 */
/* One process of the gate: begun with a control channel as its descriptor 3, connected to others,
 * begun again when it dies: at once, then later and later; many times in a minute, slowly. */
#include "desk/orders.h"
#include "doors/orders.h"
#include "os/process.h"
#include "programs/gate/beside.h"
#include "programs/gate/supervisor_private.h"
#include "wire/keep.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MINUTE_US = 60000000, ENVIRONMENT = 8 };

const char *const door_names[OPTIONS_DOORS] = { "milter", "clamd", "http" };

/* --- what they say */

/* Its desk shut it out: what it was sent was no good, or it did not read. One that has died is
 * connected when it has begun again. */
static void connect_anew(struct loop_timer *t)
{
    struct child *c = t->host, *desk = c->supervisor->desk;
    if (!c->pid || !c->control || c->supervisor->stopping || !desk || !desk->pid)
        return;
    log_line(LOG_LEVEL_WARNING, "%s: has no desk any more; connecting it anew", c->name);
    if (!child_connect_desk(desk, c))
        log_line(LOG_LEVEL_WARNING, "%s: cannot be connected to the desk now", c->name);
}

static void is_alone(struct child *c)
{
    c->alone.due = connect_anew;
    c->alone.host = c;
    if (!c->alone.place)
        CHECK(loop_after(c->supervisor->loop, &c->alone, ALONE_US));
}

static bool on_message(void *host, uint8_t word, slice payload, int fd)
{
    struct child *c = host;
    (void)payload;
    if (fd >= 0)
        (void)close(fd);
    if ((c->kind == CHILD_DOOR && word == ORDER_READY) ||
        (c->kind == CHILD_DESK && word == DESK_READY)) {
        c->ready = true;
        supervisor_child_ready(c);
    }
    if (c->kind == CHILD_DOOR && word == ORDER_ALONE)
        is_alone(c);
    return fd < 0;
}

/* It ends by itself where it can; what cannot even read its orders is ended. */
static void on_closed(void *host, const char *why)
{
    struct child *c = host;
    (void)why;
    channel_drop(&c->control);
    if (c->pid)
        process_kill(c->pid, SIGTERM);
}

/* --- beginning */

static void environment(char *out[ENVIRONMENT])
{
    static const char *const names[] = { "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "JOURNAL_STREAM=",
                                         "TZ=",           "LANG=",          "LC_ALL=" };
    size_t n = 0;
    for (char **e = environ; *e; e++)
        for (size_t i = 0; i < sizeof names / sizeof names[0] && n + 1 < ENVIRONMENT; i++)
            if (strncmp(*e, names[i], strlen(names[i])) == 0)
                out[n++] = *e;
    out[n] = NULL;
}

static const char *program_of(const struct child *c)
{
    return c->kind == CHILD_KEEPER ? "sekisho-keeper"
           : c->kind == CHILD_DESK ? "sekisho-desk"
                                   : "sekisho-door";
}

/* What the settings say of the record, as options of sekisho-keeper(8). */
enum { KEEPER_WORDS = 20, KEEPER_NUMBERS = 3 };
struct keeper_words {
    char numbers[KEEPER_NUMBERS][24];
    char *argv[KEEPER_WORDS];
};
static void keeper_words(const struct supervisor *s, char *path, char *admin,
                         struct keeper_words *out)
{
    const struct options *o = &s->options;
    uint64_t mib = o->vault_max && o->vault_max < 1 << 20 ? 1 : o->vault_max >> 20;
    const uint64_t numbers[KEEPER_NUMBERS] = { o->original_days, o->report_days, mib };
    for (size_t i = 0; i < KEEPER_NUMBERS; i++)
        (void)snprintf(out->numbers[i], sizeof out->numbers[i], "%llu",
                       (unsigned long long)numbers[i]);
    const char *words[KEEPER_WORDS] = { path,
                                        "--state",
                                        s->state,
                                        "--control",
                                        "3",
                                        "--admin",
                                        admin,
                                        "--original-days",
                                        out->numbers[0],
                                        "--report-days",
                                        out->numbers[1],
                                        "--vault-max",
                                        out->numbers[2] };
    size_t n = 13;
    if (o->store_key[0]) {
        words[n++] = "--key";
        words[n++] = o->store_key;
    }
    if (o->store_ecs[0]) {
        words[n++] = "--ecs";
        words[n++] = o->store_ecs;
    }
    for (size_t i = 0; i < KEEPER_WORDS; i++)
        out->argv[i] =
            i < n ? (char *)(uintptr_t)words[i] : NULL; /* execve(2) leaves them as they are */
}

static int spawn(struct child *c, int control, struct err *err_out)
{
    struct supervisor *s = c->supervisor;
    char path[PATH_BYTES_MAX], admin[PATH_BYTES_MAX + 32], *envp[ENVIRONMENT];
    int rc = gate_beside(program_of(c), path, sizeof path, err_out);
    (void)snprintf(admin, sizeof admin, "unix:%s/keeper.sock", s->state);
    struct keeper_words of_keeper;
    keeper_words(s, path, admin, &of_keeper);
    char *of_desk[] = { path, s->rules, s->cache, NULL };
    char *of_door[] = { path, (char *)c->name, NULL };
    environment(envp);
    const struct process_spawn p = { .path = path,
                                     .argv = c->kind == CHILD_KEEPER ? of_keeper.argv
                                             : c->kind == CHILD_DESK ? of_desk
                                                                     : of_door,
                                     .envp = envp,
                                     .fds = &control,
                                     .n_fds = 1,
                                     .own_group = true };
    return rc ? rc : process_spawn(&p, &c->pid, err_out);
}

static const struct channel_limits *limits_of(const struct child *c)
{
    static const struct channel_limits of_door = { ORDER_PAYLOAD_MAX, 4 << 20 },
                                       of_desk = { DESK_ORDER_MAX, 4 << 20 },
                                       of_keeper = { 4096, 1 << 20 };
    return c->kind == CHILD_KEEPER ? &of_keeper : c->kind == CHILD_DESK ? &of_desk : &of_door;
}

int child_start(struct child *c, struct err *err_out)
{
    int fds[2];
    const struct channel_events events = { c, on_message, on_closed };
    c->ready = false;
    channel_drop(&c->control);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return err_set(err_out, -errno, "no socket pair: %s", strerror(errno));
    int rc = spawn(c, fds[1], err_out);
    (void)close(fds[1]);
    if (rc == 0) {
        rc = channel_new(c->supervisor->loop, fds[0], limits_of(c), &events, &c->control, err_out);
        if (rc)
            process_kill(c->pid, SIGKILL);
    }
    if (rc) {
        (void)close(fds[0]);
        return rc;
    }
    supervisor_child_began(c);
    return 0;
}

/* --- connecting: each gets one end of a pair */

static bool connect_two(struct child *a, uint8_t word_a, slice payload_a, struct child *b,
                        uint8_t word_b)
{
    int fds[2];
    if (!a->control || !b->control || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return false;
    bool good = channel_send(a->control, word_a, payload_a, fds[0]) == 0 &&
                channel_send(b->control, word_b, (slice){ 0 }, fds[1]) == 0;
    (void)close(fds[0]), (void)close(fds[1]);
    return good;
}

bool child_connect_desk(struct child *desk, struct child *door)
{
    loop_cancel(desk->supervisor->loop, &door->alone);
    return connect_two(desk, DESK_DOOR, slice_of(door->name), door, ORDER_DESK);
}

bool child_connect_keeper(struct child *desk, struct child *keeper)
{
    return connect_two(desk, DESK_KEEPER, (slice){ 0 }, keeper, KEEP_JOIN);
}

/* --- ending */

void child_send_stop(struct child *c)
{
    static const uint8_t ms[4] = { STOP_MS & 0xff, STOP_MS >> 8 & 0xff, STOP_MS >> 16 & 0xff, 0 };
    c->wanted = false;
    loop_cancel(c->supervisor->loop, &c->again);
    if (!c->pid)
        return;
    if (c->kind == CHILD_KEEPER)
        channel_drop(&c->control); /* it commits what it has, and ends */
    else if (c->control && channel_send(c->control, c->kind == CHILD_DESK ? DESK_STOP : ORDER_STOP,
                                        (slice){ ms, sizeof ms }, -1) == 0)
        return;
    if (c->kind != CHILD_KEEPER)
        process_kill(c->pid, SIGTERM);
}

static void start_again(struct loop_timer *t)
{
    struct child *c = t->host;
    struct err e = { 0 };
    if (!c->wanted || c->pid)
        return;
    if (child_start(c, &e) == 0)
        return;
    log_line(LOG_LEVEL_ERROR, "%s: cannot start: %s", c->name, e.text);
    c->pid = 0;
    CHECK(loop_after(c->supervisor->loop, t, RESTART_SLOW_US));
}

static void begin_again(struct child *c, uint64_t now)
{
    if (now - c->minute_us > MINUTE_US) {
        c->minute_us = now;
        c->deaths = 0;
        c->slow_said = false;
    }
    bool slow = ++c->deaths > RESTARTS_FAST;
    uint64_t delay_us = slow                           ? RESTART_SLOW_US
                        : c->deaths > RESTARTS_AT_ONCE ? RESTART_PAUSE_US
                                                       : 0;
    if (slow && !c->slow_said)
        log_line(LOG_LEVEL_ERROR,
                 "%s: died more than %d times in a minute; trying every %d s from now on", c->name,
                 RESTARTS_FAST, RESTART_SLOW_US / 1000000);
    c->slow_said |= slow;
    c->again.due = start_again;
    c->again.host = c;
    CHECK(loop_after(c->supervisor->loop, &c->again, delay_us));
}

static void look_at(struct child *c)
{
    struct process_end end;
    char how[64];
    if (!c->pid || process_wait(c->pid, 0, &end) != 1)
        return;
    process_end_text(end, how);
    pid_t pid = c->pid;
    c->pid = 0;
    c->ready = false;
    channel_drop(&c->control);
    if (c->wanted) {
        log_line(LOG_LEVEL_WARNING, "%s (process %d) ended: %s; starting it again", c->name,
                 (int)pid, how);
        begin_again(c, clock_us());
    }
    supervisor_child_ended(c);
}

void child_reap(struct supervisor *s)
{
    look_at(&s->keeper);
    for (size_t i = 0; i < DESKS; i++)
        look_at(&s->desks[i]);
    for (size_t i = 0; i < OPTIONS_DOORS; i++)
        look_at(&s->doors[i]);
}
