/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for other systems; see ecs.h. Fields: Elastic Common Schema 8.17, "email", "event",
 * "source", "rule"; what it has no field for stands below "sekisho". */
#include "store/ecs.h"
#include "base/json.h"
#include "os/spool.h"
#include "store/reports.h"
#include "store/stamp.h"

#include <errno.h>

/* The largest line: KEEP_RECIPIENTS_MAX addresses and the other texts, each byte as \u0001; and
 * LINES_WANTED before it. A line that never fits would hold up all that come behind it. */
enum { LINE_ROOM = 16 << 20, LINES_WANTED = 1 << 20 };

struct ecs {
    struct sqlite *db;
    struct sqlite_query *select;
    struct spool_log log;
    struct buf line;
    int64_t done, settled;
    char path[SPOOL_PATH];
};

static const char fact[] = "ecs";

int ecs_open(struct sqlite *db, const char *path, struct arena *mem, struct ecs **out,
             struct err *err_out)
{
    struct ecs *e = ARENA_NEW(mem, struct ecs);
    if (!e || strlen(path) >= sizeof e->path)
        return err_set(err_out, e ? -ENAMETOOLONG : -ENOMEM, "%s: %s", path,
                       e ? "the path is too long" : "out of memory");
    *e = (struct ecs){ .db = db, .log = { .fd = -1 }, .line = buf_new(LINE_ROOM) };
    (void)slice_copy_out(slice_of(path), (uint8_t *)e->path, sizeof e->path - 1);
    int r = reports_fact_get(db, fact, &e->done, NULL, err_out);
    e->settled = e->done;
    if (r == 0)
        r = sqlite_prepare(
            db,
            "SELECT id, reference, time_ms, door, direction, name, client_address, client_name, "
            "sender, user, queue_id,"
            " message_id, subject, from_address, recipients, verdict, detection, deed, size"
            " FROM mails WHERE id > ?1 ORDER BY id LIMIT ?2",
            &e->select, err_out);
    if (r == 0)
        r = spool_log_open(&e->log, path, err_out);
    if (r)
        ecs_close(&e);
    else
        *out = e;
    return r;
}

void ecs_close(struct ecs **e)
{
    if (!*e)
        return;
    sqlite_drop(&(*e)->select);
    spool_log_close(&(*e)->log);
    buf_drop(&(*e)->line);
    *e = NULL;
}

int ecs_reopen(struct ecs *e, struct err *err_out)
{
    struct spool_log fresh;
    int r = spool_log_open(&fresh, e->path, err_out);
    if (r)
        return r;
    spool_log_close(&e->log);
    e->log = fresh;
    return 0;
}

enum {
    ID,
    REFERENCE,
    TIME,
    DOOR,
    DIRECTION,
    NAME,
    ADDRESS,
    CLIENT,
    SENDER,
    USER,
    QUEUE,
    MESSAGE_ID,
    SUBJECT,
    FROM,
    RECIPIENTS,
    VERDICT,
    DETECTION,
    DEED,
    SIZE
};

static void field(struct json *j, const char *key, slice s)
{
    if (s.len) {
        json_key(j, key);
        json_text(j, s);
    }
}

static void addresses(struct json *j, const char *key, slice lines)
{
    if (lines.len == 0)
        return;
    json_key(j, key);
    json_object(j);
    json_key(j, "address");
    json_array(j);
    while (lines.len) {
        size_t n = slice_find_byte(lines, '\n', 0);
        json_text(j, slice_sub(lines, 0, n));
        lines = n == SIZE_MAX ? (slice){ 0 } : slice_from(lines, n + 1);
    }
    json_array_end(j);
    json_object_end(j);
}

static void list_of_one(struct json *j, const char *key, const char *value)
{
    json_key(j, key);
    json_array(j);
    json_cstr(j, value);
    json_array_end(j);
}

static void put_event(struct json *j, struct sqlite_query *q)
{
    slice verdict = sqlite_text(q, VERDICT), deed = sqlite_text(q, DEED);
    bool alert = slice_is(verdict, "malicious") || slice_is(verdict, "suspicious");
    bool through = slice_is(deed, "deliver") || slice_is(deed, "tag");
    json_key(j, "event");
    json_object(j);
    json_key(j, "kind");
    json_cstr(j, alert ? "alert" : "event");
    list_of_one(j, "category", "email");
    list_of_one(j, "type", through ? "allowed" : "denied");
    field(j, "action", deed);
    json_key(j, "module");
    json_cstr(j, "sekisho");
    json_key(j, "dataset");
    json_cstr(j, "sekisho.mail");
    field(j, "id", sqlite_text(q, REFERENCE));
    json_object_end(j);
}

static void put_email(struct json *j, struct sqlite_query *q)
{
    slice direction = sqlite_text(q, DIRECTION);
    json_key(j, "email");
    json_object(j);
    if (!slice_is(direction, "file")) {
        json_key(j, "direction");
        json_cstr(j, slice_is(direction, "out") ? "outbound" : "inbound");
    }
    addresses(j, "sender", sqlite_text(q, SENDER));
    addresses(j, "from", sqlite_text(q, FROM));
    addresses(j, "to", sqlite_text(q, RECIPIENTS));
    field(j, "subject", sqlite_text(q, SUBJECT));
    field(j, "message_id", sqlite_text(q, MESSAGE_ID));
    field(j, "local_id", sqlite_text(q, QUEUE));
    json_object_end(j);
}

static bool is_address(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.at[i] == '.' || s.at[i] == ':' || (s.at[i] >= '0' && s.at[i] <= '9') ||
              ((s.at[i] | 32) >= 'a' && (s.at[i] | 32) <= 'f')))
            return false;
    return s.len > 1 && s.len < 46;
}

/* An object with one text, where there is one. */
static void nested(struct json *j, const char *outer, const char *inner, slice s)
{
    if (s.len == 0)
        return;
    json_key(j, outer);
    json_object(j);
    field(j, inner, s);
    json_object_end(j);
}

static void put_source(struct json *j, slice address, slice name)
{
    if (!is_address(address))
        return; /* "unix": the field takes nothing but an address */
    json_key(j, "source");
    json_object(j);
    field(j, "ip", address);
    field(j, "domain", name);
    json_object_end(j);
}

static void put_line(struct buf *out, struct sqlite_query *q)
{
    char stamp[STAMP_BYTES];
    struct json j = json_new(out);
    stamp_utc(sqlite_int(q, TIME), stamp);
    json_object(&j);
    json_key(&j, "@timestamp");
    json_cstr(&j, stamp);
    nested(&j, "ecs", "version", SLICE_LIT("8.17.0"));
    put_event(&j, q);
    put_email(&j, q);
    put_source(&j, sqlite_text(q, ADDRESS), sqlite_text(q, CLIENT));
    nested(&j, "user", "name", sqlite_text(q, USER));
    nested(&j, "rule", "name", sqlite_text(q, DETECTION));
    nested(&j, "file", "name", sqlite_text(q, NAME));
    json_key(&j, "observer");
    json_object(&j);
    field(&j, "vendor", SLICE_LIT("Sekisho"));
    field(&j, "product", SLICE_LIT("Sekisho"));
    field(&j, "type", SLICE_LIT("mail-gateway"));
    json_object_end(&j);
    json_key(&j, "sekisho");
    json_object(&j);
    field(&j, "verdict", sqlite_text(q, VERDICT));
    field(&j, "door", sqlite_text(q, DOOR));
    json_key(&j, "size");
    json_int(&j, sqlite_int(q, SIZE));
    json_object_end(&j);
    json_object_end(&j);
    buf_byte(out, '\n');
}

int ecs_follow(struct ecs *e, int n, struct err *err_out)
{
    int lines = 0, r;
    sqlite_bind_int(e->select, 1, e->done);
    sqlite_bind_int(e->select, 2, n);
    buf_clear(&e->line);
    int64_t last = e->done;
    while ((r = sqlite_row(e->select, err_out)) == 1 && e->line.len < LINES_WANTED) {
        size_t before = e->line.len;
        put_line(&e->line, e->select);
        if (e->line.full) {
            e->line.len = before;
            e->line.full = false;
            break;
        }
        last = sqlite_int(e->select, ID);
        lines++;
    }
    sqlite_done(e->select);
    if (r >= 0 && lines)
        r = spool_log_put(&e->log, buf_slice(&e->line), err_out);
    if (r < 0)
        return r;
    e->done = last;
    return lines;
}

int ecs_settle(struct ecs *e, struct err *err_out)
{
    if (e->done == e->settled)
        return 0;
    int r = spool_log_sync(&e->log, err_out);
    if (r == 0)
        r = reports_fact_set(e->db, fact, e->done, (slice){ 0 }, err_out);
    if (r == 0)
        e->settled = e->done;
    return r;
}
