/* SPDX-License-Identifier: Apache-2.0 */
/* Finds mails; see search.h. The statement is put together from constants: what others wrote comes
 * in as values only. FTS5 phrases are in double quotes, doubled within (sqlite.org/fts5.html 3.1).
 */
#include "store/search.h"
#include "base/text.h"

#include <errno.h>

enum { WORDS_MAX = 8, FIRST = 1, SQL_MAX = 8192 };

static size_t characters(slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += (s.at[i] & 0xc0) != 0x80;
    return n;
}

static void phrase(struct buf *out, slice word)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, word.at[i] ? word.at[i] : ' ');
    }
    buf_byte(out, '"');
}

static void pattern(struct buf *out, slice word)
{
    buf_byte(out, '%');
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '%' || word.at[i] == '_' || word.at[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, word.at[i]);
    }
    buf_byte(out, '%');
}

static const char columns[] =
    "SELECT m.reference, m.verdict, m.detection, m.deed, m.sender, m.from_address, m.recipients, "
    "m.subject, m.name,"
    " m.door, m.queue_id, m.message_id, m.time_ms, m.size, m.original,"
    " (SELECT d.verb FROM deeds d WHERE d.reference = m.reference ORDER BY d.id DESC LIMIT 1)"
    " FROM mails m WHERE m.time_ms >= ?1";

static void put_sql(const struct search *s, struct buf *sql, struct buf *values)
{
    int n = FIRST;
    buf_text(sql, columns);
    if (s->verdict.len)
        buf_format(sql, " AND m.verdict = ?%d", ++n);
    if (s->reference.len)
        buf_format(sql, " AND m.reference = ?%d", ++n);
    if (s->vaulted)
        buf_text(sql, " AND m.original IS NOT NULL");
    for (size_t i = 0; i < s->n_words && i < WORDS_MAX; i++) {
        n++;
        if (characters(s->words[i]) >= 3) {
            buf_format(sql, " AND m.id IN (SELECT rowid FROM texts WHERE texts MATCH ?%d)", n);
            phrase(&values[i], s->words[i]);
        } else {
            buf_format(sql,
                       " AND m.id IN (SELECT rowid FROM texts t WHERE t.subject LIKE ?%d ESCAPE "
                       "'\\' OR t.people LIKE ?%d ESCAPE '\\'"
                       " OR t.words LIKE ?%d ESCAPE '\\')",
                       n, n, n);
            pattern(&values[i], s->words[i]);
        }
    }
    buf_format(sql, " ORDER BY m.time_ms DESC, m.id DESC LIMIT %d", s->limit > 0 ? s->limit : 1000);
    buf_byte(sql, 0);
}

static void fill(struct sqlite_query *q, struct search_mail *m)
{
    slice *texts[] = { &m->reference, &m->verdict,      &m->detection,  &m->deed,
                       &m->sender,    &m->from_address, &m->recipients, &m->subject,
                       &m->name,      &m->door,         &m->queue_id,   &m->message_id };
    enum { TIME = 12, SIZE, ORIGINAL, DEED };
    for (int i = 0; i < TIME; i++)
        *texts[i] = sqlite_text(q, i);
    m->time_ms = sqlite_int(q, TIME);
    m->size = sqlite_int(q, SIZE);
    slice original = sqlite_text(q, ORIGINAL);
    m->original = original.len == 32 ? original.at : NULL;
    m->last_deed = sqlite_text(q, DEED);
}

int search_mails(struct sqlite *db, const struct search *s,
                 bool (*take)(void *host, const struct search_mail *m), void *host,
                 struct err *err_out)
{
    struct buf sql = buf_new(SQL_MAX), values[WORDS_MAX];
    struct sqlite_query *q = NULL;
    int n = FIRST, taken = 0;
    for (size_t i = 0; i < WORDS_MAX; i++)
        values[i] = buf_new(64 << 10);
    put_sql(s, &sql, values);
    int r = sql.full ? err_set(err_out, -ENOMEM, "out of memory")
                     : sqlite_prepare(db, (const char *)sql.at, &q, err_out);
    if (r == 0) {
        sqlite_bind_int(q, FIRST, s->since_ms);
        if (s->verdict.len)
            sqlite_bind_text(q, ++n, s->verdict);
        if (s->reference.len)
            sqlite_bind_text(q, ++n, s->reference);
        for (size_t i = 0; i < s->n_words && i < WORDS_MAX; i++)
            sqlite_bind_text(q, ++n, buf_slice(&values[i]));
        while ((r = sqlite_row(q, err_out)) == 1) {
            struct search_mail m;
            fill(q, &m);
            taken++;
            if (!take(host, &m))
                break;
        }
    }
    sqlite_drop(&q);
    buf_drop(&sql);
    for (size_t i = 0; i < WORDS_MAX; i++)
        buf_drop(&values[i]);
    return r < 0 ? r : taken;
}

int search_deeds(struct sqlite *db, slice reference,
                 void (*take)(void *host, const struct search_deed *d), void *host,
                 struct err *err_out)
{
    struct sqlite_query *q = NULL;
    int r = sqlite_prepare(
        db, "SELECT time_ms, who, verb, note FROM deeds WHERE reference = ?1 ORDER BY id", &q,
        err_out);
    if (r)
        return r;
    sqlite_bind_text(q, 1, reference);
    while ((r = sqlite_row(q, err_out)) == 1)
        take(host, &(struct search_deed){ sqlite_int(q, 0), sqlite_text(q, 1), sqlite_text(q, 2),
                                          sqlite_text(q, 3) });
    sqlite_drop(&q);
    return r;
}
