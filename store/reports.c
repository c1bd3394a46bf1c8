/* SPDX-License-Identifier: Apache-2.0 */
/* Rows about mails; see reports.h, and schema.c for the tables. */
#include "store/reports.h"
#include "base/deflate.h"

#include <errno.h>

enum { PLAIN_MAX = 512, MARK = 16, TEXTS_MAX = 2 << 20 };

struct reports {
    struct sqlite *db;
    struct sqlite_query *find, *mail, *report, *words, *original, *deed, *has, *take, *late,
        *released, *in_use, *forget, *next, *index, *indexed;
    struct buf packed, people;
};

static const struct {
    size_t at;
    const char *sql;
} statements[] = {
#define AT(member) offsetof(struct reports, member)
    { AT(find), "SELECT report_mark FROM mails WHERE reference = ?1" },
    { AT(mail),
      "INSERT INTO mails (reference, time_ms, door, direction, name, client_address, client_name, "
      "helo, sender, user, queue_id,"
      " message_id, subject, from_address, from_name, verdict, detection, deed, size, recipients, "
      "report_mark, original)"
      " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22)" },
    { AT(report), "INSERT INTO reports (mail, packing, json) VALUES (?1, ?2, ?3)" },
    { AT(words), "INSERT INTO unindexed (mail, words) VALUES (?1, ?2)" },
    { AT(original), "INSERT INTO originals (name, size, stored, time_ms) VALUES (?1, ?2, ?3, ?4)"
                    " ON CONFLICT (name) DO UPDATE SET time_ms = max(time_ms, excluded.time_ms), "
                    "stored = excluded.stored" },
    { AT(deed),
      "INSERT INTO deeds (reference, time_ms, who, verb, note) VALUES (?1, ?2, ?3, ?4, ?5)" },
    { AT(has), "SELECT original FROM mails WHERE reference = ?1" },
    { AT(late), "UPDATE mails SET original = ?2 WHERE reference = ?1 AND original IS NULL" },
    { AT(released), "SELECT verb FROM deeds WHERE reference = ?1 AND verb IN ('release', "
                    "'released', 'release-failed')"
                    " ORDER BY id DESC LIMIT 1" },
    { AT(take), "UPDATE mails SET original = NULL WHERE reference = ?1" },
    { AT(in_use), "SELECT 1 FROM mails WHERE original = ?1 LIMIT 1" },
    { AT(forget), "DELETE FROM originals WHERE name = ?1" },
    { AT(next), "SELECT m.id, m.subject, m.sender, m.from_address, m.from_name, m.recipients, "
                "m.name, m.message_id, m.detection, u.words"
                " FROM unindexed u JOIN mails m ON m.id = u.mail ORDER BY u.mail LIMIT 1" },
    { AT(index), "INSERT INTO texts (rowid, subject, people, words) VALUES (?1, ?2, ?3, ?4)" },
    { AT(indexed), "DELETE FROM unindexed WHERE mail = ?1" },
#undef AT
};
enum { STATEMENTS = sizeof statements / sizeof statements[0] };

static struct sqlite_query **statement(struct reports *r, size_t i)
{
    return (struct sqlite_query **)(void *)((char *)r + statements[i].at);
}

int reports_open(struct sqlite *db, struct arena *mem, struct reports **out, struct err *err_out)
{
    struct reports *r = ARENA_NEW(mem, struct reports);
    if (!r)
        return err_set(err_out, -ENOMEM, "out of memory");
    *r = (struct reports){ .db = db,
                           .packed = buf_new(KEEP_REPORT_MAX * 2),
                           .people = buf_new(TEXTS_MAX) };
    for (size_t i = 0; i < STATEMENTS; i++) {
        int code = sqlite_prepare(db, statements[i].sql, statement(r, i), err_out);
        if (code) {
            reports_close(&r);
            return code;
        }
    }
    *out = r;
    return 0;
}

void reports_close(struct reports **r)
{
    if (!*r)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite_drop(statement(*r, i));
    buf_drop(&(*r)->packed);
    buf_drop(&(*r)->people);
    deflate_thread_end();
    *r = NULL;
}

/* One a line; a line end within an address would make two of it. */
static void put_line(struct buf *out, slice s)
{
    if (s.len == 0)
        return;
    if (out->len)
        buf_byte(out, '\n');
    size_t from = out->len;
    buf_put(out, s);
    for (size_t i = from; i < out->len; i++)
        if (out->at[i] == '\n')
            out->at[i] = ' ';
}

static int same_or_other(struct reports *r, slice reference, const uint8_t digest[32],
                         struct err *err_out)
{
    sqlite_bind_text(r->find, 1, reference);
    int code = sqlite_row(r->find, err_out);
    bool same = code == 1 && slice_eq(sqlite_text(r->find, 0), (slice){ digest, MARK });
    sqlite_done(r->find);
    if (code == 1 && !same)
        return err_set(err_out, -EEXIST, "another report has the number %.*s",
                       SLICE_FMT(reference));
    return code;
}

static int put_mail(struct reports *r, const struct keep_put *p, const uint8_t digest[32],
                    const uint8_t *original, struct err *err_out)
{
    const slice texts[] = { p->door,        p->direction,  p->name,      p->client_address,
                            p->client_name, p->helo,       p->sender,    p->user,
                            p->queue_id,    p->message_id, p->subject,   p->from_address,
                            p->from_name,   p->verdict,    p->detection, p->deed };
    enum { FIRST = 3, BEHIND = FIRST + sizeof texts / sizeof texts[0] };
    buf_clear(&r->people);
    for (size_t i = 0; i < p->n_recipients; i++)
        put_line(&r->people, p->recipients[i]);
    sqlite_bind_text(r->mail, 1, p->reference);
    sqlite_bind_int(r->mail, 2, p->time_ms);
    for (int i = FIRST; i < BEHIND; i++)
        sqlite_bind_text(r->mail, i, texts[i - FIRST]);
    sqlite_bind_int(r->mail, BEHIND, (int64_t)(p->size & INT64_MAX));
    sqlite_bind_text(r->mail, BEHIND + 1, buf_slice(&r->people));
    sqlite_bind_bytes(r->mail, BEHIND + 2, (slice){ digest, MARK });
    if (original)
        sqlite_bind_bytes(r->mail, BEHIND + 3, (slice){ original, 32 });
    return sqlite_step(r->mail, err_out);
}

/* packing: 0 as it is, else deflated, and how long it was. */
static int put_report(struct reports *r, int64_t mail, slice json, struct err *err_out)
{
    buf_clear(&r->packed);
    bool pack = json.len > PLAIN_MAX && deflate_put(&r->packed, json) && r->packed.len < json.len;
    sqlite_bind_int(r->report, 1, mail);
    sqlite_bind_int(r->report, 2, pack ? (int64_t)json.len : 0);
    sqlite_bind_bytes(r->report, 3, pack ? buf_slice(&r->packed) : json);
    return sqlite_step(r->report, err_out);
}

static int put_original(struct reports *r, const struct keep_put *p,
                        const struct reports_original *original, struct err *err_out)
{
    sqlite_bind_bytes(r->original, 1, (slice){ original->name, 32 });
    sqlite_bind_int(r->original, 2, (int64_t)(p->size & INT64_MAX));
    sqlite_bind_int(r->original, 3, (int64_t)original->stored);
    sqlite_bind_int(r->original, 4, p->time_ms);
    return sqlite_step(r->original, err_out);
}

static int put_late(struct reports *r, const struct keep_put *p,
                    const struct reports_original *original, struct err *err_out)
{
    sqlite_bind_text(r->late, 1, p->reference);
    sqlite_bind_bytes(r->late, 2, (slice){ original->name, 32 });
    int code = sqlite_step(r->late, err_out);
    return code || sqlite_changes(r->db) == 0 ? code : put_original(r, p, original, err_out);
}

int reports_put(struct reports *r, const struct keep_put *p, const uint8_t digest[32],
                const struct reports_original *original, struct err *err_out)
{
    int code = same_or_other(r, p->reference, digest, err_out);
    if (code == 1 && original->name) { /* what is KEPT now is kept with it */
        int late = put_late(r, p, original, err_out);
        return late < 0 ? late : 1;
    }
    if (code)
        return code;
    code = put_mail(r, p, digest, original->name, err_out);
    int64_t mail = sqlite_last_row(r->db);
    if (code == 0)
        code = put_report(r, mail, p->report, err_out);
    if (code == 0) {
        sqlite_bind_int(r->words, 1, mail);
        sqlite_bind_text(r->words, 2, p->search);
        code = sqlite_step(r->words, err_out);
    }
    if (code == 0 && original->name)
        code = put_original(r, p, original, err_out);
    return code == -EEXIST ? err_set(err_out, -EINVAL, "the row contradicts the database") : code;
}

static int find_original(struct reports *r, slice reference, uint8_t name_out[32], bool *has_out,
                         struct err *err_out)
{
    sqlite_bind_text(r->has, 1, reference);
    int code = sqlite_row(r->has, err_out);
    if (code == 1)
        *has_out = slice_copy_out(sqlite_text(r->has, 0), name_out, 32) == 32;
    sqlite_done(r->has);
    return code == 0  ? err_set(err_out, -ENOENT, "there is no report %.*s", SLICE_FMT(reference))
           : code < 0 ? code
                      : 0;
}

int reports_deed(struct reports *r, int64_t time_ms, slice reference, slice who, slice verb,
                 slice note, struct err *err_out)
{
    uint8_t name[32];
    bool has;
    int code = find_original(r, reference, name, &has, err_out);
    if (code)
        return code;
    sqlite_bind_text(r->deed, 1, reference);
    sqlite_bind_int(r->deed, 2, time_ms);
    sqlite_bind_text(r->deed, 3, who);
    sqlite_bind_text(r->deed, 4, verb);
    sqlite_bind_text(r->deed, 5, note);
    return sqlite_step(r->deed, err_out);
}

int reports_released(struct reports *r, slice reference, char last_out[32], struct err *err_out)
{
    sqlite_bind_text(r->released, 1, reference);
    int code = sqlite_row(r->released, err_out);
    size_t n = code == 1 ? slice_copy_out(sqlite_text(r->released, 0), (uint8_t *)last_out, 31) : 0;
    last_out[n] = 0;
    sqlite_done(r->released);
    return code < 0 ? code : 0;
}

bool reports_knows_original(struct reports *r, const uint8_t name[32])
{
    sqlite_bind_bytes(r->in_use, 1, (slice){ name, 32 });
    int code = sqlite_row(r->in_use, NULL);
    sqlite_done(r->in_use);
    return code != 0;
}

int reports_drop_original(struct reports *r, slice reference, uint8_t name_out[32], bool *gone_out,
                          struct err *err_out)
{
    bool has = false;
    int code = find_original(r, reference, name_out, &has, err_out);
    if (code == 0 && !has)
        code =
            err_set(err_out, -ENOENT, "the vault holds no original of %.*s", SLICE_FMT(reference));
    if (code)
        return code;
    sqlite_bind_text(r->take, 1, reference);
    code = sqlite_step(r->take, err_out);
    *gone_out = code == 0 && !reports_knows_original(r, name_out);
    if (*gone_out) {
        sqlite_bind_bytes(r->forget, 1, (slice){ name_out, 32 });
        code = sqlite_step(r->forget, err_out);
    }
    return code;
}

static int index_one(struct reports *r, struct err *err_out)
{
    enum { ID, SUBJECT, SENDER, FROM, FROM_NAME, RECIPIENTS, NAME, MESSAGE_ID, DETECTION, WORDS };
    int code = sqlite_row(r->next, err_out);
    if (code != 1) {
        sqlite_done(r->next);
        return code;
    }
    int64_t id = sqlite_int(r->next, ID);
    buf_clear(&r->people);
    for (int i = SENDER; i <= FROM_NAME; i++)
        put_line(&r->people, sqlite_text(r->next, i));
    buf_byte(&r->people, '\n');
    buf_put(&r->people, sqlite_text(r->next, RECIPIENTS)); /* one a line already */
    buf_clear(&r->packed);
    put_line(&r->packed, sqlite_text(r->next, NAME));
    put_line(&r->packed, sqlite_text(r->next, MESSAGE_ID));
    put_line(&r->packed, sqlite_text(r->next, DETECTION));
    buf_byte(&r->packed, '\n');
    buf_put(&r->packed, sqlite_text(r->next, WORDS));
    sqlite_bind_int(r->index, 1, id);
    sqlite_bind_text(r->index, 2, sqlite_text(r->next, SUBJECT));
    sqlite_bind_text(r->index, 3, buf_slice(&r->people));
    sqlite_bind_text(r->index, 4, buf_slice(&r->packed));
    code = sqlite_step(r->index, err_out);
    sqlite_done(r->next);
    if (code)
        return code;
    sqlite_bind_int(r->indexed, 1, id);
    code = sqlite_step(r->indexed, err_out);
    return code ? code : 1;
}

int reports_index(struct reports *r, int n, struct err *err_out)
{
    for (int i = 0; i < n; i++) {
        int code = index_one(r, err_out);
        if (code != 1)
            return code < 0 ? code : i;
    }
    return n;
}

int reports_get(struct sqlite *db, slice reference, struct buf *out, struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int code = sqlite_prepare(db,
                              "SELECT r.packing, r.json FROM mails m JOIN reports r ON r.mail = "
                              "m.id WHERE m.reference = ?1",
                              &q, err_out);
    if (code)
        return code;
    sqlite_bind_text(q, 1, reference);
    code = sqlite_row(q, err_out);
    if (code == 0)
        code = err_set(err_out, -ENOENT, "there is no report %.*s", SLICE_FMT(reference));
    if (code == 1) {
        int64_t packing = sqlite_int(q, 0);
        bool ok = packing >= 0 && packing <= KEEP_REPORT_MAX;
        if (ok && packing == 0)
            buf_put(out, sqlite_text(q, 1));
        else if (ok)
            ok = deflate_get(out, sqlite_text(q, 1), (size_t)packing);
        code = !ok ? err_set(err_out, -EUCLEAN, "the report %.*s is damaged", SLICE_FMT(reference))
               : out->full ? err_set(err_out, -ENOMEM, "out of memory")
                           : 0;
    }
    sqlite_drop(&q);
    return code;
}

int reports_fact_get(struct sqlite *db, const char *name, int64_t *number_out, struct buf *mark_out,
                     struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int code = sqlite_prepare(db, "SELECT number, mark FROM facts WHERE name = ?1", &q, err_out);
    if (code)
        return code;
    sqlite_bind_text(q, 1, slice_of(name));
    code = sqlite_row(q, err_out);
    *number_out = code == 1 ? sqlite_int(q, 0) : 0;
    if (code == 1 && mark_out)
        buf_put(mark_out, sqlite_text(q, 1));
    sqlite_drop(&q);
    return code < 0 ? code : 0;
}

int reports_fact_set(struct sqlite *db, const char *name, int64_t number, slice mark,
                     struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int code = sqlite_prepare(
        db,
        "INSERT INTO facts (name, number, mark) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (name) DO UPDATE SET number = excluded.number, mark = excluded.mark",
        &q, err_out);
    if (code)
        return code;
    sqlite_bind_text(q, 1, slice_of(name));
    sqlite_bind_int(q, 2, number);
    sqlite_bind_bytes(q, 3, mark);
    code = sqlite_step(q, err_out);
    sqlite_drop(&q);
    return code;
}
