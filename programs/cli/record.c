/* SPDX-License-Identifier: Apache-2.0 */
/* The store for commands; see record.h. What strangers wrote is shown so that it does no harm. */
#include "programs/cli/record.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/shown.h"
#include "base/text.h"
#include "os/clock.h"
#include "os/folder.h"
#include "os/net.h"
#include "store/reports.h"
#include "store/schema.h"
#include "store/stamp.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MS = 60000, STATE_MAX = 900, CHANNEL_HEAD = 5, SUBJECT_SHOWN = 120 };

int record_find(struct record_files *f, const char *state, struct err *err_out)
{
    char own[PATH_BYTES_MAX];
    *f = (struct record_files){ .db = NULL };
    int rc = state ? 0 : folder_state(own, err_out);
    if (rc)
        return rc;
    state = state ? state : own;
    if (strlen(state) > STATE_MAX)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", state);
    f->settings = keeper_defaults(state, &f->paths);
    f->settings.folder = f->paths.folder;
    keeper_database(f->paths.folder, f->database);
    keeper_audit(f->paths.folder, f->audit);
    keeper_socket(state, f->socket);
    return 0;
}

/* What the keeper was told by its settings; f->settings points to it. */
static int take_place(struct record_files *f, const char *fact, char *out, size_t room,
                      struct err *err_out)
{
    struct buf place = buf_new(room - 1);
    int64_t n = 0;
    int r = reports_fact_get(f->db, fact, &n, &place, err_out);
    if (r == 0 && place.len)
        (void)snprintf(out, room, "%.*s", SLICE_FMT(buf_slice(&place)));
    buf_drop(&place);
    return r;
}

int record_open(struct record_files *f, const struct cli *cli, struct err *err_out)
{
    if (access(f->database, F_OK) < 0)
        return cli_err(err_out, -errno, cli->language,
                       errno == ENOENT ? MSG_RECORD_NONE : MSG_RECORD_NOT_YOURS, f->database, NULL);
    int r = sqlite_open(f->database, SQLITE_FOR_READING, &f->db, err_out);
    if (r == 0)
        r = schema_expect(f->db, f->database, err_out);
    if (r == 0)
        r = take_place(f, KEEPER_FACT_KEY, f->paths.key, sizeof f->paths.key, err_out);
    return r ? r : take_place(f, KEEPER_FACT_VAULT, f->paths.vault, sizeof f->paths.vault, err_out);
}

void record_close(struct record_files *f)
{
    sqlite_close(&f->db);
}

/* ---- orders */

static bool send_all(int fd, slice s)
{
    while (s.len) {
        ssize_t n = send(fd, s.at, s.len, MSG_NOSIGNAL);
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        if (n < 0 && (errno == EINTR || (errno == EAGAIN && poll(&p, 1, ANSWER_MS) > 0)))
            continue;
        if (n <= 0)
            return false;
        s = slice_from(s, (size_t)n);
    }
    return true;
}

static bool receive(int fd, uint8_t *out, size_t n)
{
    while (n) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, ANSWER_MS) <= 0)
            return false;
        ssize_t got = recv(fd, out, n, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return false;
        out += got;
        n -= (size_t)got;
    }
    return true;
}

/* One message there and one back, in the form of os/channel.h: u32 length, u8 word. */
static bool talk(int fd, slice payload, struct keep_done *done_out,
                 uint8_t room[KEEP_TEXT_MAX + 64])
{
    uint8_t head[CHANNEL_HEAD] = { 0, 0, 0, 0, KEEP_ORDER };
    for (unsigned i = 0; i < 4; i++)
        head[i] = (uint8_t)(payload.len >> 8 * i);
    if (!send_all(fd, (slice){ head, sizeof head }) || !send_all(fd, payload) ||
        !receive(fd, head, sizeof head))
        return false;
    cursor c = cur_open((slice){ head, sizeof head });
    uint32_t n = cur_u32le(&c);
    return cur_u8(&c) == KEEP_DONE && n <= KEEP_TEXT_MAX + 64 && receive(fd, room, n) &&
           keep_read_done((slice){ room, n }, done_out);
}

int record_order(const struct record_files *f, const struct cli *cli, const struct keep_order *o,
                 struct err *err_out)
{
    uint8_t room[KEEP_TEXT_MAX + 64];
    char reference[KEEP_REFERENCE_MAX + 1] = "";
    struct buf payload = buf_new(1 << 20);
    struct keep_done done = { 0 };
    struct keep_order full = *o;
    const struct passwd *me = getpwuid(getuid());
    int fd = -1;
    full.id = 1;
    full.who = slice_of(me ? me->pw_name : "");
    (void)slice_copy_out(o->reference, (uint8_t *)reference, sizeof reference - 1);
    int r = net_connect(f->socket, &fd, err_out);
    if (r) /* the reason in its own words is of little use */
        return cli_err(err_out, r, cli->language, MSG_RECORD_NO_KEEPER, f->socket, strerror(-r));
    if (!keep_put_order(&payload, &full) || !talk(fd, buf_slice(&payload), &done, room))
        r = cli_err(err_out, -EIO, cli->language, MSG_RECORD_NO_ANSWER, f->socket, NULL);
    else if (done.error == -ENOENT && o->what == KEEP_DELETE)
        r = cli_err(err_out, -ENOENT, cli->language, MSG_RECORD_NO_ORIGINAL, reference, NULL);
    else if (done.error)
        r = err_set(err_out, done.error, "%.*s", SLICE_FMT(done.text));
    (void)close(fd);
    buf_drop(&payload);
    return r;
}

/* ---- lists */

static void field(struct json *j, const char *key, slice s)
{
    if (s.len) {
        json_key(j, key);
        json_text(j, s);
    }
}

static void put_json(struct record_list *l, const struct search_mail *m)
{
    char stamp[STAMP_BYTES];
    struct json j = json_new(&l->out);
    stamp_utc(m->time_ms, stamp);
    json_object(&j);
    field(&j, "reference", m->reference);
    json_key(&j, "time");
    json_cstr(&j, stamp);
    field(&j, "door", m->door);
    field(&j, "verdict", m->verdict);
    field(&j, "detection", m->detection);
    field(&j, "deed", m->deed);
    field(&j, "last_deed", m->last_deed);
    field(&j, "sender", m->sender);
    field(&j, "from", m->from_address);
    field(&j, "recipients", m->recipients);
    field(&j, "subject", m->subject);
    field(&j, "name", m->name);
    field(&j, "queue_id", m->queue_id);
    field(&j, "message_id", m->message_id);
    json_key(&j, "size");
    json_int(&j, m->size);
    json_key(&j, "vaulted");
    json_bool(&j, m->original != NULL);
    json_object_end(&j);
    buf_byte(&l->out, '\n');
}

/* "hold" and the like by the catalogue; what it does not have as it is. */
static void put_word(struct record_list *l, const char *prefix, slice word)
{
    enum message m = message_by_key(prefix, word);
    if (m == MSG_COUNT)
        shown_put(&l->out, word, SUBJECT_SHOWN, 0);
    else
        buf_text(&l->out, message_text(m, l->cli->language));
}

static void put_lines(struct record_list *l, const struct search_mail *m)
{
    char stamp[STAMP_BYTES];
    slice sender = m->sender.len ? m->sender : m->from_address;
    stamp_utc(m->time_ms, stamp);
    buf_format(&l->out, "%.*s  %.10s %.8sZ  ", SLICE_FMT(m->reference), stamp, stamp + 11);
    put_word(l, "verdict.", m->verdict);
    buf_text(&l->out, "  ");
    put_word(l, "deed.", m->last_deed.len ? m->last_deed : m->deed);
    buf_text(&l->out, "  ");
    shown_put(&l->out, m->detection, SUBJECT_SHOWN, 0);
    buf_text(&l->out, "\n    ");
    shown_put(&l->out, sender, SUBJECT_SHOWN, 0);
    buf_text(&l->out, " -> ");
    shown_put(&l->out, m->recipients, SUBJECT_SHOWN, 0);
    buf_text(&l->out, "\n    ");
    shown_put(&l->out, m->subject.len ? m->subject : m->name, SUBJECT_SHOWN, SHOWN_DEFANG);
    buf_byte(&l->out, '\n');
}

bool record_list_one(void *list, const struct search_mail *m)
{
    struct record_list *l = list;
    buf_clear(&l->out);
    if (l->json)
        put_json(l, m);
    else
        put_lines(l, m);
    return fwrite(l->out.at, 1, l->out.len, stdout) == l->out.len;
}

bool record_since(const char *text, int64_t *out)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = { { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
    slice s = slice_of(text);
    uint64_t n;
    if (s.len < 2 || !slice_u64(slice_sub(s, 0, s.len - 1), &n) || n > 100000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (s.at[s.len - 1] == (uint8_t)units[i].unit) {
            *out = clock_ms_utc() - (int64_t)n * units[i].ms;
            return true;
        }
    return false;
}
