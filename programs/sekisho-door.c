/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-door - the process of one door (doors/serve.h). Started by the supervisor with its
 * control channel as descriptor 3; never by hand. */
#include "base/arena.h"
#include "base/sanitized.h"
#include "doors/serve.h"
#include "guard/jail_door.h"
#include "os/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3, TERM_MS = 10000 };

struct process {
    struct loop *loop;
    struct serve *serve;
    const struct door *door;
};

static bool is_control_socket(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(CONTROL, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static const struct door *door_of(const char *name)
{
    for (size_t i = 0; i < n_doors; i++)
        if (strcmp(doors[i]->name, name) == 0)
            return doors[i];
    return NULL;
}

static int lock_door(const struct process *p, const struct order_settings *s,
                     const char *const *folders, struct err *err_out)
{
    const struct jail_door jail = { s->allow_weak_jail, folders };
    struct jail_given given;
    uint64_t descriptors = 0;
    int rc = jail_lock_door(&jail, &given, &descriptors, err_out);
    if (rc)
        return err_while(err_out, "locking the door in");
    if (!given.landlock)
        log_line(LOG_LEVEL_WARNING, "%s: this kernel has no Landlock: the jail is seccomp alone",
                 p->door->name);
    if (descriptors < s->connections)
        log_line(
            LOG_LEVEL_NOTICE,
            "%s: the system allows %llu descriptors, less than the %u connections of the settings",
            p->door->name, (unsigned long long)descriptors, s->connections);
    return 0;
}

enum { FOLDERS_MAX = 64 };

/* The folders of clamd's SCAN, as C strings; they are needed once. */
static int folders_of(const struct order_settings *s, struct arena *mem,
                      const char *folders[FOLDERS_MAX + 1], struct err *err_out)
{
    if (s->n_paths > FOLDERS_MAX)
        return err_set(err_out, -E2BIG, "more than %d folders may not be named", FOLDERS_MAX);
    for (size_t i = 0; i < s->n_paths; i++)
        if (!(folders[i] = arena_cstr(mem, s->paths[i])))
            return err_set(err_out, -ENOMEM, "out of memory");
    return 0;
}

static int lock_in(void *host, const struct order_settings *s, struct err *err_out)
{
    const struct process *p = host;
    const char *folders[FOLDERS_MAX + 1] = { NULL };
    struct arena *mem = arena_new(1 << 20);
    int rc = mem ? 0 : err_set(err_out, -ENOMEM, "out of memory");
    if (rc == 0 && p->door->descriptors && s->door.limits.files)
        rc = folders_of(s, mem, folders, err_out);
    rc = rc ? rc : lock_door(p, s, folders, err_out);
    arena_drop(&mem);
    return rc;
}

static void on_stopped(void *host, const char *why)
{
    struct process *p = host;
    log_line(LOG_LEVEL_INFO, "%s: ends: %s", p->door->name, why);
    loop_stop(p->loop);
}

static void on_term(void *host, int number)
{
    struct process *p = host;
    (void)number;
    serve_stop(p->serve, TERM_MS);
}

/* A terminal's Ctrl-C goes to all processes; the supervisor says when it is time. */
static void on_other(void *host, int number)
{
    (void)host;
    (void)number;
}

static int run(struct process *p, struct err *err_out)
{
    const struct serve_events events = { p, lock_in, on_stopped };
    int rc = loop_new(&p->loop, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGTERM, on_term, p, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGINT, on_other, p, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGHUP, on_other, p, err_out);
    rc = rc ? rc : serve_new(p->loop, p->door, CONTROL, &events, &p->serve, err_out);
    rc = rc ? rc : loop_run(p->loop, err_out);
    serve_drop(&p->serve);
    loop_drop(&p->loop);
    return rc;
}

int main(int argc, char **argv)
{
    struct process p = { .door = argc == 2 ? door_of(argv[1]) : NULL };
    struct err e = { 0 };
    if (!p.door || !is_control_socket()) {
        fprintf(stderr,
                "sekisho-door: this program is started by sekishod and does nothing by itself.\n"
                "このプログラムは sekishod が起動します。\n");
        return 2;
    }
    jail_close_from(CONTROL + 1);
    log_open("sekisho-door", LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    int rc = run(&p, &e);
    if (rc)
        log_line(LOG_LEVEL_ERROR, "%s: %s", p.door->name, e.text);
    if (SANITIZED) /* the search for leaks needs what the lock took */
        _exit(rc ? 1 : 0);
    return rc ? 1 : 0;
}
