/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-desk - the process that judges (desk/desk.h). Started by sekishod with its control
 * channel as descriptor 3; never by hand. */
#include "base/cursor.h"
#include "base/sanitized.h"
#include "desk/desk.h"
#include "desk/orders.h"
#include "os/channel.h"
#include "os/folder.h"
#include "os/log.h"
#include "programs/gate/beside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3, TERM_MS = 10000 };

struct process {
    struct loop *loop;
    struct channel *control;
    struct options options;
    struct knowledge knowledge;
    struct desk *desk;
    const char *rules, *cache;
    char compiler[PATH_BYTES_MAX], worker[PATH_BYTES_MAX];
    bool opened, failed;
};

static void fail(struct process *p, const struct err *e)
{
    log_line(LOG_LEVEL_ERROR, "%s", e->text);
    p->failed = true;
    loop_stop(p->loop);
}

static void on_stopped(void *host)
{
    struct process *p = host;
    loop_stop(p->loop);
}

static void say_compiling(void *host)
{
    (void)host;
    log_line(LOG_LEVEL_NOTICE, "compiling the rules; this is done once");
}

static int open_desk(struct process *p, slice payload, struct err *err_out)
{
    size_t end = slice_find_byte(payload, 0, 0);
    if (end == SIZE_MAX || p->opened)
        return err_set(err_out, -EPROTO, "settings came twice, or none");
    p->opened = true;
    int rc =
        options_read(slice_from(payload, end + 1), (const char *)payload.at, &p->options, err_out);
    struct knowledge_options *k = &p->options.knowledge;
    k->rules = k->rules ? k->rules : p->rules;
    k->compiler = p->compiler;
    k->cache = p->cache;
    k->compiling = say_compiling;
    if (rc == 0)
        rc = knowledge_open(&p->knowledge, k, err_out);
    const struct desk_settings s = { &p->options, &p->knowledge, p->worker, on_stopped, p };
    if (rc == 0)
        rc = desk_new(p->loop, &s, &p->desk, err_out);
    if (rc == 0)
        rc = channel_send(p->control, DESK_READY, (slice){ 0 }, -1);
    return rc;
}

static void stop(struct process *p, uint32_t ms)
{
    if (p->desk)
        desk_stop(p->desk, ms);
    else
        loop_stop(p->loop);
}

static bool on_order(void *host, uint8_t word, slice payload, int fd)
{
    struct process *p = host;
    struct err e = { 0 };
    cursor c = cur_open(payload);
    int rc = 0;
    if (word == DESK_SETTINGS)
        rc = open_desk(p, payload, &e);
    else if (word == DESK_DOOR && p->desk && fd >= 0)
        rc = desk_add_door(p->desk, fd, &e);
    else if (word == DESK_KEEPER && p->desk && fd >= 0)
        rc = desk_set_keeper(p->desk, fd, &e);
    else if (word == DESK_STOP)
        stop(p, cur_u32le(&c));
    else if (fd >= 0)
        (void)close(fd);
    if (rc)
        fail(p, &e);
    return true;
}

static void on_control_closed(void *host, const char *why)
{
    struct process *p = host;
    log_line(LOG_LEVEL_DEBUG, "the supervisor is gone: %s", why);
    stop(p, TERM_MS);
}

static void on_term(void *host, int number)
{
    (void)number;
    stop(host, TERM_MS);
}

/* A terminal's Ctrl-C goes to all processes; the supervisor says when it is time. */
static void on_other(void *host, int number)
{
    (void)host, (void)number;
}

static int run(struct process *p, struct err *err_out)
{
    static const struct channel_limits limits = { DESK_ORDER_MAX, 1 << 20 };
    const struct channel_events events = { p, on_order, on_control_closed };
    int rc = loop_new(&p->loop, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGTERM, on_term, p, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGINT, on_other, p, err_out);
    rc = rc ? rc : loop_signal(p->loop, SIGHUP, on_other, p, err_out);
    rc = rc ? rc : channel_new(p->loop, CONTROL, &limits, &events, &p->control, err_out);
    rc = rc ? rc : loop_run(p->loop, err_out);
    desk_drop(&p->desk);
    if (p->opened) {
        knowledge_close(&p->knowledge);
        options_drop(&p->options);
    }
    channel_drop(&p->control);
    loop_drop(&p->loop);
    return rc;
}

int main(int argc, char **argv)
{
    static struct process p = { .knowledge = { .book = { .fd = -1 } } };
    struct err e = { 0 };
    int type = 0;
    socklen_t size = sizeof type;
    if (argc != 3 || getsockopt(CONTROL, SOL_SOCKET, SO_TYPE, &type, &size) < 0) {
        fprintf(stderr,
                "sekisho-desk: this program is started by sekishod and does nothing by itself.\n"
                "このプログラムは sekishod が起動します。\n");
        return 2;
    }
    log_open("sekisho-desk", LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    p.rules = argv[1];
    p.cache = argv[2];
    int rc = gate_beside("sekisho-rules", p.compiler, sizeof p.compiler, &e);
    rc = rc ? rc : gate_beside("sekisho-worker", p.worker, sizeof p.worker, &e);
    rc = rc ? rc : run(&p, &e);
    if (rc)
        log_line(LOG_LEVEL_ERROR, "%s", e.text);
    return rc || p.failed ? 1 : 0;
}
