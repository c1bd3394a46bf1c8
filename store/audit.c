/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the audit log; see audit.h. */
#include "base/hash.h"
#include "base/json.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/spool.h"
#include "store/audit_private.h"
#include "store/stamp.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Where the chain stands. */
struct head {
    int64_t seq;
    uint8_t hash[32];
};

struct audit {
    struct sqlite *db;
    const struct keys *keys;
    struct sqlite_query *insert, *select, *forget;
    struct head committed, made; /* made: with what the open transaction added */
    int64_t filed, synced;       /* numbers of the last line in the file, and on disk for sure */
    struct spool_log log;
    uint64_t file_max, synced_size;
    struct buf line;
    char folder[SPOOL_PATH - 64];
};

static int open_file(struct audit *a, int64_t first, struct err *err_out)
{
    char path[SPOOL_PATH];
    (void)snprintf(path, sizeof path, "%s/audit-%012lld.jsonl", a->folder, (long long)first);
    int r = spool_log_open(&a->log, path, err_out);
    if (r == 0)
        r = spool_folder_sync(a->folder, err_out);
    if (r)
        spool_log_close(&a->log);
    a->synced_size = r ? 0 : a->log.size;
    return r;
}

/* The folder's newest file. */
struct newest {
    char path[SPOOL_PATH];
};
static bool look(void *host, const char *path, int fd)
{
    struct newest *n = host;
    slice name = slice_of(path);
    (void)fd;
    if (name.len > AUDIT_NAME && audit_is_name(slice_from(name, name.len - AUDIT_NAME)))
        (void)snprintf(n->path, sizeof n->path, "%s",
                       path); /* in order of names, and so of numbers */
    return true;
}

/* The last whole line of the newest file; a torn one behind it is cut off. */
static int read_end(struct audit *a, const char *path, struct head *end_out, struct err *err_out)
{
    struct buf text = buf_new(0);
    int r = spool_log_open(&a->log, path, err_out);
    if (r == 0)
        r = file_read(path, AUDIT_FILE_MAX, &text, err_out);
    slice all = buf_slice(&text);
    size_t end = all.len;
    while (end && all.at[end - 1] != '\n')
        end--;
    if (r == 0 && end != all.len)
        r = spool_log_cut(&a->log, end, err_out);
    size_t from = end ? end - 1 : 0;
    while (from && all.at[from - 1] != '\n')
        from--;
    struct audit_line l;
    if (r == 0 && end && audit_line_read(slice_sub(all, from, end - 1 - from), &l)) {
        end_out->seq = l.seq;
        digest_copy(end_out->hash, l.hash);
    }
    buf_drop(&text);
    return r;
}

static int database_end(struct audit *a, struct head *out, struct err *err_out)
{
    struct sqlite_query *q = NULL;
    struct audit_line l;
    int r = sqlite_prepare(a->db, "SELECT line FROM audit ORDER BY seq DESC LIMIT 1", &q, err_out);
    if (r == 0)
        r = sqlite_row(q, err_out);
    if (r == 1 && audit_line_read(sqlite_text(q, 0), &l)) {
        out->seq = l.seq;
        digest_copy(out->hash, l.hash);
    }
    sqlite_drop(&q);
    return r < 0 ? r : 0;
}

static int find_ends(struct audit *a, struct err *err_out)
{
    struct newest newest = { "" };
    struct head in_file = { 0 }, in_db = { 0 };
    const struct folder_visit visit = { .host = &newest, .file = look };
    int r = folder_walk(a->folder, &visit, err_out);
    if (r == 0)
        r = database_end(a, &in_db, err_out);
    if (r == 0 && newest.path[0])
        r = read_end(a, newest.path, &in_file, err_out);
    /* A database put back from a copy is behind its log: the log goes on where it ends. */
    a->committed = a->made = in_file.seq > in_db.seq ? in_file : in_db;
    a->filed = a->synced = in_file.seq;
    a->synced_size = a->log.fd >= 0 ? a->log.size : 0;
    return r;
}

int audit_open(struct sqlite *db, const char *folder, uint64_t file_max, const struct keys *keys,
               struct arena *mem, struct audit **out, struct err *err_out)
{
    struct audit *a = ARENA_NEW(mem, struct audit);
    if (!a || strlen(folder) >= sizeof a->folder)
        return err_set(err_out, a ? -ENAMETOOLONG : -ENOMEM, "%s: %s", folder,
                       a ? "the path is too long" : "out of memory");
    *a = (struct audit){
        .db = db, .keys = keys, .file_max = file_max, .log = { .fd = -1 }, .line = buf_new(1 << 20)
    };
    (void)snprintf(a->folder, sizeof a->folder, "%s", folder);
    int r = spool_folder_make(folder, err_out);
    if (r == 0)
        r = sqlite_prepare(db, "INSERT INTO audit (seq, line) VALUES (?1, ?2)", &a->insert,
                           err_out);
    if (r == 0)
        r = sqlite_prepare(db, "SELECT seq, line FROM audit WHERE seq > ?1 ORDER BY seq",
                           &a->select, err_out);
    if (r == 0)
        r = sqlite_prepare(
            db, "DELETE FROM audit WHERE seq <= ?1 AND seq < (SELECT max(seq) FROM audit)",
            &a->forget, err_out);
    if (r == 0)
        r = find_ends(a, err_out);
    if (r)
        audit_close(&a);
    else
        *out = a;
    return r;
}

void audit_close(struct audit **a)
{
    if (!*a)
        return;
    sqlite_drop(&(*a)->insert);
    sqlite_drop(&(*a)->select);
    sqlite_drop(&(*a)->forget);
    spool_log_close(&(*a)->log);
    buf_drop(&(*a)->line);
    *a = NULL;
}

static void put_text(struct json *j, const char *key, slice s)
{
    if (s.len) {
        json_key(j, key);
        json_text(j, s);
    }
}

int audit_note(struct audit *a, const struct audit_deed *d, struct err *err_out)
{
    char stamp[STAMP_BYTES], mac[AUDIT_MAC_HEX + 1];
    buf_clear(&a->line);
    struct json j = json_new(&a->line);
    json_object(&j);
    json_key(&j, "seq");
    json_int(&j, a->made.seq + 1);
    stamp_utc(d->time_ms, stamp);
    json_key(&j, "time");
    json_cstr(&j, stamp);
    json_key(&j, "prev");
    json_hex(&j, (slice){ a->made.hash, sizeof a->made.hash });
    json_key(&j, "what");
    json_cstr(&j, d->what);
    put_text(&j, "reference", d->reference);
    put_text(&j, "who", d->who);
    put_text(&j, "verdict", d->verdict);
    put_text(&j, "deed", d->deed);
    put_text(&j, "note", slice_sub(d->note, 0, AUDIT_LINE_MAX / 8));
    if (d->report) {
        json_key(&j, "report");
        json_hex(&j, (slice){ d->report, 32 });
    }
    if (!audit_mac(a->keys, buf_slice(&a->line), mac))
        return err_set(err_out, -EIO, "HMAC-SHA-256 is not to be had from OpenSSL");
    buf_format(&a->line, ",\"mac\":\"%s\"}", mac);
    if (a->line.full)
        return err_set(err_out, -ENOMEM, "out of memory");
    sqlite_bind_int(a->insert, 1, a->made.seq + 1);
    sqlite_bind_text(a->insert, 2, buf_slice(&a->line));
    int r = sqlite_step(a->insert, err_out);
    if (r == 0) {
        a->made.seq++;
        sha256_of(buf_slice(&a->line), a->made.hash);
    }
    return r;
}

void audit_ended(struct audit *a, bool committed)
{
    struct head now = { 0 };
    if (committed)
        a->committed = a->made;
    else if (database_end(a, &now, NULL) == 0 && now.seq > a->committed.seq)
        a->committed =
            now; /* it was said to have failed, and stands there: the chain goes on behind it */
    a->made = a->committed;
}

/* After a failed sync the kernel may take for written what is not: those lines are written anew. */
static int sync_file(struct audit *a, struct err *err_out)
{
    int r = spool_log_sync(&a->log, err_out);
    if (r) {
        a->log.size = a->synced_size;
        a->log.torn = true; /* cut before the next line */
        a->filed = a->synced;
        return r;
    }
    a->synced = a->filed;
    a->synced_size = a->log.size;
    return 0;
}

/* A file that is full has its successor, which is named by the line that it begins with. */
static int put_line(struct audit *a, int64_t seq, slice line, struct err *err_out)
{
    int r = 0;
    if (a->log.fd >= 0 && a->log.size && a->log.size + line.len >= a->file_max) {
        r = sync_file(a, err_out);
        if (r == 0)
            spool_log_close(&a->log);
    }
    if (r == 0 && a->log.fd < 0)
        r = open_file(a, seq, err_out);
    buf_clear(&a->line);
    buf_put(&a->line, line);
    buf_byte(&a->line, '\n');
    if (r == 0 && a->line.full)
        r = err_set(err_out, -ENOMEM, "out of memory");
    if (r == 0)
        r = spool_log_put(&a->log, buf_slice(&a->line), err_out);
    return r;
}

int audit_follow(struct audit *a, struct err *err_out)
{
    if (a->filed >= a->committed.seq)
        return 0;
    sqlite_bind_int(a->select, 1, a->filed);
    int r = 0;
    while (r == 0 && (r = sqlite_row(a->select, err_out)) == 1) {
        int64_t seq = sqlite_int(a->select, 0);
        r = put_line(a, seq, sqlite_text(a->select, 1), err_out);
        if (r == 0)
            a->filed = seq;
    }
    sqlite_done(a->select);
    return r;
}

int audit_settle(struct audit *a, struct err *err_out)
{
    int r = audit_follow(a, err_out);
    if (r || a->synced == a->filed)
        return r;
    r = sync_file(a, err_out);
    if (r)
        return r;
    sqlite_bind_int(a->forget, 1, a->synced);
    return sqlite_step(a->forget, err_out);
}
