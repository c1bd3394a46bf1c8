/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor_private - children and sockets, for supervisor.c and supervisor_child.c. */
#pragma once
#include "os/channel.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/net.h"
#include "programs/gate/supervisor.h"

#include <sys/types.h>

enum {
    DESKS = 6, /* one in force, one that begins, others that answer what they have */
    LISTENERS = OPTIONS_DOORS * OPTIONS_LISTEN_MAX,
    STOP_MS = 10000,
    ALONE_US = 200000, /* a door that loses each desk does not keep us busy */
    RESTARTS_AT_ONCE = 20, /* in a minute; more: after RESTART_PAUSE_US */
    RESTARTS_FAST = 60,    /* still more: every RESTART_SLOW_US */
    RESTART_PAUSE_US = 200000,
    RESTART_SLOW_US = 10000000,
};

enum child_kind { CHILD_KEEPER, CHILD_DESK, CHILD_DOOR };

struct supervisor;

struct child {
    struct supervisor *supervisor;
    enum child_kind kind;
    const char *name; /* of a door, else of the process */
    bool wanted;      /* is started again when it dies */
    bool ready;
    pid_t pid; /* 0: not there */
    struct channel *control;
    struct loop_timer again;
    struct loop_timer alone; /* of a door: until it is connected to the desk anew */
    uint64_t minute_us;
    unsigned deaths; /* since minute_us */
    bool slow_said;
};

struct listener {
    char address[NET_TEXT];
    unsigned door;
    int fd; /* -1: free */
};

struct supervisor {
    struct loop *loop;
    const struct supervisor_settings *settings;
    struct options options;
    struct buf text; /* of the settings in force */
    char state[PATH_BYTES_MAX], cache[PATH_BYTES_MAX + 8], rules[PATH_BYTES_MAX];
    struct child keeper, desks[DESKS], doors[OPTIONS_DOORS];
    struct child *desk, *next; /* of desks; NULL: none */
    struct options next_options;
    struct buf next_text;
    struct listener listeners[LISTENERS];
    bool ready_said, stopping;
    struct loop_timer deadline;
    unsigned stop_step;
};

extern const char *const door_names[OPTIONS_DOORS];

/* supervisor_child.c */
int child_start(struct child *c, struct err *err_out) MUST_USE;
void child_reap(struct supervisor *s);
bool child_connect_desk(struct child *desk, struct child *door);
bool child_connect_keeper(struct child *desk, struct child *keeper);
void child_send_stop(struct child *c);
/* supervisor.c */
void supervisor_child_began(struct child *c);
void supervisor_child_ready(struct child *c);
void supervisor_child_ended(struct child *c);
