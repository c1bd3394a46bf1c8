/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's processes as a whole: settings, sockets, order of beginning and end. See supervisor.h.
 *
 * Beginning: keeper, desk, doors; all at once, as what is sent to a socket waits there. End: doors
 * first, so that what they have is answered, then desks, then the keeper. */
#include "desk/orders.h"
#include "doors/orders.h"
#include "os/file.h"
#include "os/process.h"
#include "programs/gate/beside.h"
#include "programs/gate/notify.h"
#include "programs/gate/supervisor_private.h"
#include "report/report.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTLE_MS = 15000, STATE_MAX = 900, STOP_DOORS = 1, STOP_DESKS, STOP_KEEPER };

/* --- settings */

static int read_text(const struct supervisor *s, struct buf *out, struct err *err_out)
{
    const char *path = s->settings->settings;
    *out = buf_new(OPTIONS_MAX);
    return path ? file_read(path, OPTIONS_MAX, out, err_out) : 0;
}

static const char *path_of(const struct supervisor *s)
{
    return s->settings->settings ? s->settings->settings : "defaults";
}

static int read_options(const struct supervisor *s, struct buf *text, struct options *o,
                        struct err *err_out)
{
    int rc = read_text(s, text, err_out);
    return rc ? rc : options_read(buf_slice(text), path_of(s), o, err_out);
}

/* --- listening sockets */

static int listen_to(struct supervisor *s, const struct options *o, struct err *err_out)
{
    for (unsigned d = 0; d < OPTIONS_DOORS; d++)
        for (size_t i = 0; i < o->listen[d].n; i++) {
            const char *address = o->listen[d].at[i];
            struct listener *free_one = NULL;
            bool there = false;
            for (size_t k = 0; k < LISTENERS; k++) {
                struct listener *l = &s->listeners[k];
                there |= l->fd >= 0 && l->door == d && strcmp(l->address, address) == 0;
                free_one = l->fd < 0 && !free_one ? l : free_one;
            }
            if (there)
                continue;
            if (!free_one || strlen(address) >= NET_TEXT)
                return err_set(err_out, -EINVAL, "%.100s: too many addresses, or too long",
                               address);
            const struct net_listen n = { .address = address, .mode = 0660 };
            int rc = net_listen(&n, &free_one->fd, err_out);
            if (rc)
                return rc;
            free_one->door = d;
            (void)snprintf(free_one->address, NET_TEXT, "%s", address);
        }
    return 0;
}

static bool is_listed(const struct options *o, const struct listener *l)
{
    for (size_t i = 0; i < o->listen[l->door].n; i++)
        if (strcmp(o->listen[l->door].at[i], l->address) == 0)
            return true;
    return false;
}

/* The socket's file, too, as nobody will answer there. */
static void unlisten(struct supervisor *s, const struct options *o)
{
    for (size_t i = 0; i < LISTENERS; i++) {
        struct listener *l = &s->listeners[i];
        if (l->fd < 0 || (o && is_listed(o, l)))
            continue;
        struct child *door = &s->doors[l->door];
        if (door->control && channel_send(door->control, ORDER_UNLISTEN, slice_of(l->address), -1))
            log_line(LOG_LEVEL_WARNING, "%s: still listens on %s", door->name, l->address);
        (void)close(l->fd);
        l->fd = -1;
        if (strncmp(l->address, "unix:", 5) == 0)
            (void)unlink(l->address + 5);
    }
}

/* --- what each is told when it begins */

static const slice *texts_of(const struct setting_value *v)
{
    return v->list;
}

static bool tell_door_settings(const struct supervisor *s, struct child *c)
{
    const struct options *o = &s->options;
    struct order_settings q = order_defaults();
    struct buf out = buf_new(ORDER_PAYLOAD_MAX);
    q.door.limits.object_max = o->object_max;
    q.door.limits.idle_ms = o->idle_ms;
    q.door.limits.recipients_max = o->recipients_max;
    q.door.limits.files = o->paths->n_list > 0;
    q.door.authserv_id = slice_of(o->knowledge.authserv_id);
    q.door.own_networks = texts_of(o->own_networks);
    q.door.n_own_networks = o->own_networks->n_list;
    q.door.own_domains = texts_of(o->own_domains);
    q.door.n_own_domains = o->own_domains->n_list;
    q.door.inbound_headers_stay = o->inbound_headers_stay;
    q.door.away_accepts = o->deeds.observe;
    q.door.version = SLICE_LIT(SEKISHO_VERSION_TEXT);
    q.connections = o->connections;
    q.per_peer = o->per_peer;
    q.answer_ms = o->answer_ms;
    q.allow_weak_jail = o->allow_weak_jail;
    q.paths = texts_of(o->paths);
    q.n_paths = o->paths->n_list;
    q.door.tokens = texts_of(o->tokens);
    q.door.n_tokens = o->tokens->n_list;
    bool good = order_put_settings(&out, &q) &&
                channel_send(c->control, ORDER_SETTINGS, buf_slice(&out), -1) == 0;
    buf_drop(&out);
    return good;
}

static bool tell_listeners(const struct supervisor *s, struct child *c)
{
    bool good = true;
    for (size_t i = 0; i < LISTENERS; i++) {
        const struct listener *l = &s->listeners[i];
        if (l->fd >= 0 && &s->doors[l->door] == c)
            good &= channel_send(c->control, ORDER_LISTEN, slice_of(l->address), l->fd) == 0;
    }
    return good;
}

static bool tell_desk_settings(const struct supervisor *s, struct child *c, const struct buf *text)
{
    struct buf out = buf_new(OPTIONS_MAX + PATH_BYTES_MAX);
    buf_text(&out, path_of(s));
    buf_byte(&out, 0);
    buf_put(&out, buf_slice(text));
    bool good = !out.full && channel_send(c->control, DESK_SETTINGS, buf_slice(&out), -1) == 0;
    buf_drop(&out);
    return good;
}

void supervisor_child_began(struct child *c)
{
    struct supervisor *s = c->supervisor;
    bool good = true;
    if (c->kind == CHILD_KEEPER) {
        for (size_t i = 0; i < DESKS; i++)
            if (s->desks[i].pid)
                good &= child_connect_keeper(&s->desks[i], c);
    } else if (c->kind == CHILD_DESK) {
        good = tell_desk_settings(s, c, c == s->next ? &s->next_text : &s->text);
        if (s->keeper.pid)
            good &= child_connect_keeper(c, &s->keeper);
        for (size_t i = 0; i < OPTIONS_DOORS && c == s->desk; i++)
            if (s->doors[i].pid)
                good &= child_connect_desk(c, &s->doors[i]);
    } else {
        good = tell_door_settings(s, c);
        if (s->desk && s->desk->pid)
            good &= child_connect_desk(s->desk, c);
        good &= tell_listeners(s, c);
    }
    if (!good)
        log_line(LOG_LEVEL_ERROR, "%s: cannot be told what it needs", c->name);
}

/* --- beginning, and settings anew */

static struct child *free_desk(struct supervisor *s)
{
    for (size_t i = 0; i < DESKS; i++)
        if (!s->desks[i].pid && &s->desks[i] != s->desk && &s->desks[i] != s->next)
            return &s->desks[i];
    return NULL;
}

static int start_one(struct child *c, struct err *err_out)
{
    c->wanted = true;
    return c->pid ? 0 : child_start(c, err_out);
}

/* Those that the settings in force name; others are stopped. */
static int start_doors(struct supervisor *s, struct err *err_out)
{
    int rc = 0;
    for (unsigned d = 0; d < OPTIONS_DOORS && rc == 0; d++) {
        if (s->options.listen[d].n)
            rc = start_one(&s->doors[d], err_out);
        else
            child_send_stop(&s->doors[d]);
    }
    return rc;
}

static int start_all(struct supervisor *s, struct err *err_out)
{
    int rc = s->options.store ? start_one(&s->keeper, err_out) : 0;
    s->desk = &s->desks[0];
    rc = rc ? rc : start_one(s->desk, err_out);
    return rc ? rc : start_doors(s, err_out);
}

static void say_ready(struct supervisor *s)
{
    bool all = s->desk && s->desk->ready && !s->stopping && !s->next;
    for (unsigned d = 0; d < OPTIONS_DOORS; d++)
        all &= !s->options.listen[d].n || s->doors[d].ready;
    if (!all || s->ready_said)
        return;
    s->ready_said = true;
    notify("READY=1\n");
    log_line(LOG_LEVEL_NOTICE, "ready%s", s->options.deeds.observe ? "; observing only" : "");
}

static void forget_next(struct supervisor *s)
{
    options_drop(&s->next_options);
    buf_drop(&s->next_text);
    s->next = NULL;
    s->ready_said = false;
    say_ready(s);
}

static void begin_reload(struct supervisor *s)
{
    struct err e = { 0 };
    if (s->stopping)
        return;
    notify("RELOADING=1\n");
    if (s->next) { /* once more before the last was done: the newer one counts */
        child_send_stop(s->next);
        process_kill(s->next->pid, SIGKILL);
        forget_next(s);
    }
    struct child *c = free_desk(s);
    int rc = read_options(s, &s->next_text, &s->next_options, &e);
    if (rc == 0 && !c)
        rc = err_set(&e, -EBUSY, "too many changes at once; try again in a few seconds");
    if (rc == 0)
        rc = listen_to(s, &s->next_options, &e);
    if (rc == 0) {
        s->next = c;
        c->name = "desk";
        c->wanted = false;
        rc = child_start(c, &e);
    }
    if (rc == 0)
        return;
    log_line(LOG_LEVEL_ERROR, "the new settings do not work, the old ones stay: %s", e.text);
    unlisten(s, &s->options);
    forget_next(s);
}

/* Doors ask the new desk from now on; the old one answers what it has. */
static void change_over(struct supervisor *s)
{
    struct child *old = s->desk;
    struct err e = { 0 };
    options_drop(&s->options);
    buf_drop(&s->text);
    s->options = s->next_options;
    s->text = s->next_text;
    s->next_options = (struct options){ 0 };
    s->next_text = (struct buf){ 0 };
    s->desk = s->next;
    s->next = NULL;
    s->desk->wanted = true;
    bool good = true;
    for (size_t i = 0; i < OPTIONS_DOORS; i++) {
        struct child *door = &s->doors[i];
        if (door->pid && door->control)
            good &= tell_door_settings(s, door) && child_connect_desk(s->desk, door) &&
                    tell_listeners(s, door);
    }
    unlisten(s, &s->options);
    if (s->options.store)
        good &= start_one(&s->keeper, &e) == 0;
    if (start_doors(s, &e) < 0 || !good)
        log_line(LOG_LEVEL_ERROR, "not all follow the new settings: %s", e.text);
    child_send_stop(old);
    s->ready_said = false;
    log_line(LOG_LEVEL_NOTICE, "new settings and rules are in force");
    say_ready(s);
}

void supervisor_child_ready(struct child *c)
{
    struct supervisor *s = c->supervisor;
    if (c == s->next)
        change_over(s);
    else
        say_ready(s);
}

/* --- end */

static bool any(const struct child *c, size_t n)
{
    bool there = false;
    for (size_t i = 0; i < n; i++)
        there |= c[i].pid != 0;
    return there;
}

static void stop_further(struct supervisor *s)
{
    if (s->stop_step == STOP_DOORS && !any(s->doors, OPTIONS_DOORS)) {
        s->stop_step = STOP_DESKS;
        for (size_t i = 0; i < DESKS; i++)
            child_send_stop(&s->desks[i]);
    }
    if (s->stop_step == STOP_DESKS && !any(s->desks, DESKS)) {
        s->stop_step = STOP_KEEPER;
        child_send_stop(&s->keeper);
    }
    if (s->stop_step == STOP_KEEPER && !s->keeper.pid)
        loop_stop(s->loop);
}

static void kill_all(struct loop_timer *t)
{
    struct supervisor *s = t->host;
    struct child *const groups[] = { s->doors, s->desks, &s->keeper };
    const size_t sizes[] = { OPTIONS_DOORS, DESKS, 1 };
    log_line(LOG_LEVEL_WARNING, "not all ended by themselves in time");
    for (size_t g = 0; g < 3; g++)
        for (size_t i = 0; i < sizes[g]; i++)
            if (groups[g][i].pid)
                process_kill(groups[g][i].pid, SIGKILL);
}

static void begin_stop(struct supervisor *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    notify("STOPPING=1\n");
    log_line(LOG_LEVEL_NOTICE, "stopping: what is on its way is answered first");
    s->stop_step = STOP_DOORS;
    s->keeper.wanted = false;
    for (size_t i = 0; i < DESKS; i++)
        s->desks[i].wanted = false;
    for (size_t i = 0; i < OPTIONS_DOORS; i++)
        child_send_stop(&s->doors[i]);
    s->deadline = (struct loop_timer){ .due = kill_all, .host = s };
    CHECK(loop_after(s->loop, &s->deadline, SETTLE_MS * UINT64_C(1000)));
    stop_further(s);
}

void supervisor_child_ended(struct child *c)
{
    struct supervisor *s = c->supervisor;
    if (c == s->next && !s->stopping) {
        log_line(LOG_LEVEL_ERROR, "the new settings do not work, the old ones stay");
        unlisten(s, &s->options);
        forget_next(s);
    }
    if (s->stopping)
        stop_further(s);
}

static void on_signal(void *host, int signal)
{
    struct supervisor *s = host;
    if (signal == SIGCHLD)
        child_reap(s);
    else if (signal == SIGHUP)
        begin_reload(s);
    else
        begin_stop(s);
}

/* --- the place we run in */

static int make_folder(const char *path, struct err *err_out)
{
    struct stat st;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_set(err_out, -errno, "%s: cannot be made: %s", path, strerror(errno));
    if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return err_set(err_out, -ENOTDIR, "%s: is no folder", path);
    return 0;
}

static int choose_state(struct supervisor *s, struct err *err_out)
{
    const char *given = s->settings->state    ? s->settings->state
                        : s->options.state[0] ? s->options.state
                                              : NULL;
    if (given)
        (void)snprintf(s->state, sizeof s->state, "%s", given);
    int rc = given ? 0 : folder_state(s->state, err_out);
    if (rc)
        return rc;
    size_t n = strlen(given ? given : s->state);
    if (n == 0 || n >= STATE_MAX)
        return err_set(err_out, -EINVAL, "the state folder's path is empty or too long");
    for (char *at = s->state + 1; !given && *at; at++) /* ~/.local/state */
        if (*at == '/') {
            *at = 0;
            (void)mkdir(s->state, 0700);
            *at = '/';
        }
    (void)snprintf(s->cache, sizeof s->cache, "%s/cache", s->state);
    rc = make_folder(s->state, err_out);
    return rc ? rc : make_folder(s->cache, err_out);
}

/* Sockets are open and folders made: root has no business here any more. */
static int give_up_root(const struct supervisor *s, struct err *err_out)
{
    const char *name = s->options.user;
    if (geteuid() != 0 || !name[0])
        return 0;
    const struct passwd *user = getpwnam(name);
    if (!user) {
        log_line(LOG_LEVEL_WARNING,
                 "there is no user %s: the gate runs as root; install the package, or add it",
                 name);
        return 0;
    }
    uid_t uid = user->pw_uid;
    gid_t gid = user->pw_gid;
    /* From the second start on these lie where that user could put a link in their place. */
    bool owned = lchown(s->state, uid, gid) == 0 && lchown(s->cache, uid, gid) == 0;
    for (size_t i = 0; i < LISTENERS; i++)
        if (s->listeners[i].fd >= 0 && strncmp(s->listeners[i].address, "unix:", 5) == 0)
            owned &= lchown(s->listeners[i].address + 5, uid, gid) == 0;
    if (!owned || setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
        setresuid(uid, uid, uid) < 0)
        return err_set(err_out, -errno, "cannot become %s: %s", name, strerror(errno));
    return 0;
}

static void prepare(struct supervisor *s)
{
    s->keeper = (struct child){ .supervisor = s, .kind = CHILD_KEEPER, .name = "keeper" };
    for (size_t i = 0; i < DESKS; i++)
        s->desks[i] = (struct child){ .supervisor = s, .kind = CHILD_DESK, .name = "desk" };
    for (size_t i = 0; i < OPTIONS_DOORS; i++)
        s->doors[i] = (struct child){ .supervisor = s, .kind = CHILD_DOOR, .name = door_names[i] };
    for (size_t i = 0; i < LISTENERS; i++)
        s->listeners[i].fd = -1;
}

static int begin(struct supervisor *s, struct err *err_out)
{
    static const int signals[] = { SIGCHLD, SIGHUP, SIGTERM, SIGINT };
    int rc = read_options(s, &s->text, &s->options, err_out);
    rc = rc ? rc : gate_rules(s->rules, sizeof s->rules, err_out);
    rc = rc ? rc : choose_state(s, err_out);
    rc = rc ? rc : loop_new(&s->loop, err_out);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0] && rc == 0; i++)
        rc = loop_signal(s->loop, signals[i], on_signal, s, err_out);
    rc = rc ? rc : listen_to(s, &s->options, err_out);
    rc = rc ? rc : give_up_root(s, err_out);
    return rc ? rc : start_all(s, err_out);
}

int supervisor_check(const struct supervisor_settings *settings)
{
    const struct supervisor s = { .settings = settings };
    struct options o = { 0 };
    struct buf text;
    struct err e = { 0 };
    int rc = read_options(&s, &text, &o, &e);
    if (rc)
        log_line(LOG_LEVEL_ERROR, "%s", e.text);
    options_drop(&o);
    buf_drop(&text);
    return rc ? 1 : 0;
}

int supervisor_run(const struct supervisor_settings *settings)
{
    static struct supervisor s;
    struct err e = { 0 };
    s.settings = settings;
    prepare(&s);
    int rc = begin(&s, &e);
    if (rc && s.loop) /* those that have begun end first */
        begin_stop(&s);
    if (s.loop && (rc == 0 || s.keeper.pid || any(s.desks, DESKS) || any(s.doors, OPTIONS_DOORS))) {
        struct err of_loop = { 0 };
        if (loop_run(s.loop, &of_loop) < 0 && rc == 0) {
            e = of_loop;
            rc = e.code;
        }
    }
    if (rc)
        log_line(LOG_LEVEL_ERROR, "%s", e.text);
    unlisten(&s, NULL);
    options_drop(&s.options);
    buf_drop(&s.text);
    loop_drop(&s.loop);
    return rc ? 1 : 0;
}
