/* SPDX-License-Identifier: Apache-2.0 */
/* hunt_json - the result of a hunt as one JSON document, docs/hunt.schema.json.
 *
 * Addresses stand in it as they are, as in reports: it is for programs. */
#include "base/date.h"
#include "base/json.h"
#include "trace/hunt.h"

#include <stdio.h>

static void put_slice(struct json *j, const char *key, slice s)
{
    json_key(j, key);
    json_text(j, s);
}

/* RFC 3339; without a zone no "Z", which is how ISO 8601 writes a local time. */
static void put_time(struct json *j, const char *key, const struct contact_time *t)
{
    char text[64];
    json_key(j, key);
    if (!t->known) {
        json_null(j);
        return;
    }
    int64_t s = t->us / 1000000, left = t->us % 1000000;
    if (left < 0) {
        s--;
        left += 1000000;
    }
    int64_t days = s / 86400, second = s % 86400;
    if (second < 0) {
        days--;
        second += 86400;
    }
    struct date d = date_of_days(days);
    int n = snprintf(text, sizeof text, "%04lld-%02u-%02uT%02d:%02d:%02d.%03d%s", (long long)d.year,
                     d.month, d.day, (int)(second / 3600), (int)(second / 60 % 60),
                     (int)(second % 60), (int)(left / 1000), t->zoned ? "Z" : "");
    json_text(j, (slice){ (const uint8_t *)text, (size_t)n });
}

static void put_source(struct json *j, const struct hunt_source *s)
{
    json_object(j);
    json_key(j, "mail");
    json_uint(j, s->mail->number);
    put_slice(j, "value", s->value);
    json_key(j, "certainty");
    json_cstr(j, indicator_sure_name(s->sure));
    put_slice(j, "from", s->from);
    put_slice(j, "document", s->document);
    put_slice(j, "part", s->part);
    if (s->line != NO_LINE) {
        json_key(j, "line");
        json_uint(j, s->line);
    }
    json_object_end(j);
}

static void put_sources(struct json *j, const struct hunt_sources *all)
{
    json_key(j, "sources");
    json_array(j);
    for (const struct hunt_source *s = all->first; s; s = s->next)
        put_source(j, s);
    json_array_end(j);
    json_key(j, "sources_all");
    json_uint(j, all->n);
}

static void put_clock(struct json *j, const struct contact_time *t)
{
    put_time(j, "time", t);
    json_key(j, "zoned");
    json_bool(j, t->zoned);
    json_key(j, "offset");
    json_int(j, t->offset);
    json_key(j, "year_guessed");
    json_bool(j, t->year_guessed);
    put_slice(j, "written", t->written);
}

static void put_hit(struct json *j, const struct hunt_hit *h)
{
    const struct contact *c = &h->contact;
    struct buf target = buf_new(1 << 16);
    hunt_put_target(&target, c, 0);
    json_object(j);
    put_clock(j, &c->time);
    put_slice(j, "client", c->client);
    put_slice(j, "user", c->user);
    json_key(j, "kind");
    json_cstr(j, c->kind == CONTACT_NAME ? "name" : "web");
    put_slice(j, "target", buf_slice(&target));
    put_slice(j, "peer", c->peer);
    put_slice(j, "method", c->method);
    json_key(j, "status");
    json_uint(j, c->status);
    json_key(j, "bytes");
    if (c->has_bytes)
        json_uint(j, c->bytes);
    else
        json_null(j);
    json_key(j, "outcome");
    json_cstr(j, contact_outcome_name(c->outcome));
    json_key(j, "match");
    json_cstr(j, hunt_level_name(h->level));
    json_key(j, "weak");
    json_bool(j, h->weak);
    json_key(j, "log");
    json_uint(j, h->log);
    json_key(j, "line");
    json_uint(j, h->line);
    json_key(j, "lines");
    json_uint(j, h->lines);
    put_sources(j, h->sources);
    json_object_end(j);
    buf_drop(&target);
}

static void put_client(struct json *j, const struct hunt_client *c)
{
    json_object(j);
    put_slice(j, "client", c->name);
    json_key(j, "match");
    json_cstr(j, hunt_level_name(c->best));
    json_key(j, "contacts");
    json_uint(j, c->n);
    json_key(j, "best");
    json_object(j);
    json_key(j, "contacts");
    json_uint(j, c->n_best);
    for (int o = 0; o < OUTCOMES; o++) {
        json_key(j, contact_outcome_name((enum contact_outcome)o));
        json_uint(j, c->outcomes[o]);
    }
    put_time(j, "first", &c->first);
    put_time(j, "last", &c->last);
    json_object_end(j);
    json_object_end(j);
}

static void put_mail(struct json *j, const struct hunt_mail *m)
{
    json_object(j);
    json_key(j, "number");
    json_uint(j, m->number);
    put_slice(j, "path", m->path);
    put_slice(j, "sha256", m->sha256);
    json_key(j, "verdict");
    json_cstr(j, verdict_name(m->verdict));
    put_slice(j, "name", m->name);
    put_slice(j, "subject", m->subject);
    put_slice(j, "sender", m->sender);
    json_object_end(j);
}

static void put_log(struct json *j, const struct hunt_log *l)
{
    json_object(j);
    put_slice(j, "path", l->path);
    put_slice(j, "formats", l->formats);
    json_key(j, "lines");
    json_uint(j, l->lines);
    json_key(j, "read");
    json_uint(j, l->read);
    json_key(j, "passed");
    json_uint(j, l->passed);
    json_key(j, "unread");
    json_uint(j, l->unread);
    if (l->unread) {
        json_key(j, "first_unread");
        json_uint(j, l->first_unread);
    }
    put_time(j, "from", &l->from);
    put_time(j, "to", &l->to);
    json_key(j, "end");
    json_cstr(j, l->ended ? l->ended : "whole");
    json_object_end(j);
}

static void put_looked_for(struct json *j, const struct hunt_result *r)
{
    json_key(j, "looked_for");
    json_object(j);
    json_key(j, "reports");
    json_uint(j, r->reports);
    json_key(j, "reports_used");
    json_uint(j, r->reports_used);
    json_key(j, "addresses");
    json_uint(j, r->urls);
    json_key(j, "hosts");
    json_uint(j, r->hosts);
    json_object_end(j);
    json_key(j, "weak_not_listed");
    json_uint(j, r->left_weak);
    json_key(j, "more");
    json_bool(j, r->more);
}

void hunt_put_json(struct buf *out, const struct hunt_put *p)
{
    const struct hunt_result *r = p->result;
    struct json j = json_new(out);
    json_object(&j);
    json_key(&j, "schema");
    json_cstr(&j, "sekisho/hunt/1");
    json_key(&j, "clients");
    json_array(&j);
    for (size_t i = 0; i < r->n_clients; i++)
        put_client(&j, &r->clients[i]);
    json_array_end(&j);
    json_key(&j, "contacts");
    json_array(&j);
    for (size_t i = 0; i < r->n_hits; i++)
        put_hit(&j, &r->hits[i]);
    json_array_end(&j);
    json_key(&j, "mails");
    json_array(&j);
    for (size_t i = 0; i < r->n_mails; i++)
        put_mail(&j, r->mails[i]);
    json_array_end(&j);
    put_looked_for(&j, r);
    json_key(&j, "logs");
    json_array(&j);
    for (size_t i = 0; i < p->n_logs; i++)
        put_log(&j, &p->logs[i]);
    json_array_end(&j);
    json_object_end(&j);
    buf_byte(out, '\n');
}
