/* SPDX-License-Identifier: Apache-2.0 */
/* json - the report as one JSON object (docs/report.schema.json). */
#include "base/json.h"
#include "base/text.h"
#include "report/report.h"

static void text_pair(struct json *j, const char *key, const struct rule_text *t)
{
    json_key(j, key);
    json_object(j);
    json_key(j, "en");
    json_text(j, t->en);
    json_key(j, "ja");
    json_text(j, t->ja);
    json_object_end(j);
}

static void range_of_bytes(struct json *j, struct range at)
{
    json_key(j, "range");
    json_array(j);
    json_uint(j, at.from);
    json_uint(j, at.to);
    json_array_end(j);
}

/* One mail may hold a hundred megabytes of names; what is long already gets short values, so
 * that every object has its report and numbers of facts stay what findings cite. */
static void text_bounded(struct json *j, slice s)
{
    enum { LONG_REPORT = 32 << 20, SHORT_VALUE = 64 };
    json_text(j, j->out->len > LONG_REPORT ? utf8_cut(s, SHORT_VALUE) : s);
}

static void put_unread(struct json *j, const struct record *r)
{
    json_key(j, "unread");
    json_array(j);
    for (uint32_t i = 0; i < r->n_unread; i++) {
        json_object(j);
        json_key(j, "cause");
        json_cstr(j, unread_cause_name(r->unread[i].cause));
        json_key(j, "part");
        json_uint(j, r->unread[i].part);
        json_key(j, "what");
        json_cstr(j, unread_row(r->unread[i].of)->token);
        if (r->unread[i].name.len) {
            json_key(j, "name");
            json_text(j, r->unread[i].name);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_parts(struct json *j, const struct record *r)
{
    json_key(j, "parts");
    json_array(j);
    for (uint32_t i = 0; i < r->n_parts; i++) {
        const struct part *p = &r->parts[i];
        json_object(j);
        json_key(j, "id");
        json_uint(j, i);
        json_key(j, "parent");
        if (p->parent == NO_ID)
            json_null(j);
        else
            json_uint(j, p->parent);
        json_key(j, "name");
        text_bounded(j, p->name);
        json_key(j, "type");
        json_text(j, p->type);
        json_key(j, "declared");
        text_bounded(j, p->declared);
        json_key(j, "how");
        json_cstr(j, part_how_name(p->how));
        json_key(j, "size");
        json_uint(j, p->size);
        json_key(j, "sha256");
        json_hex(j, (slice){ p->sha256, sizeof p->sha256 });
        json_key(j, "end");
        json_cstr(j, walk_end_name(p->end));
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_facts(struct json *j, const struct record *r)
{
    json_key(j, "facts");
    json_array(j);
    for (uint32_t i = 0; i < r->n_facts; i++) {
        const struct fact *f = &r->facts[i];
        const struct fact_row *row = fact_row(f->id);
        json_object(j);
        json_key(j, "name");
        json_cstr(j, row->name);
        json_key(j, "value");
        if (row->type == FACT_TYPE_FLAG)
            json_bool(j, f->number != 0);
        else if (row->type == FACT_TYPE_INT)
            json_int(j, f->number);
        else
            text_bounded(j, f->text);
        json_key(j, "part");
        json_uint(j, f->part);
        if (f->at.to > f->at.from)
            range_of_bytes(j, f->at);
        if (f->line != NO_LINE) {
            json_key(j, "line");
            json_uint(j, f->line);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_effect(struct json *j, const struct effect *e)
{
    json_object(j);
    json_key(j, "kind");
    json_cstr(j, effect_kind_name(e->kind));
    json_key(j, "sink");
    json_text(j, e->sink);
    json_key(j, "args");
    json_object(j);
    for (uint32_t i = 0; i < e->n_arguments; i++) {
        char key[64];
        slice name = slice_sub(e->arguments[i].name, 0, sizeof key - 1);
        for (size_t k = 0; k < name.len; k++)
            key[k] = (char)name.at[k];
        key[name.len] = '\0';
        json_key(j, key);
        json_text(j, e->arguments[i].value);
    }
    json_object_end(j);
    json_key(j, "certainty");
    json_cstr(j, e->known ? "known" : "partial");
    if (e->conditional) {
        json_key(j, "conditional");
        json_bool(j, true);
    }
    json_key(j, "part");
    json_uint(j, e->part);
    json_key(j, "origin");
    json_array(j);
    for (uint32_t i = 0; i < e->n_origins; i++) {
        json_object(j);
        json_key(j, "part");
        json_uint(j, e->origins[i].part);
        range_of_bytes(j, e->origins[i].at);
        json_key(j, "line");
        json_uint(j, e->origins[i].line);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "via");
    json_array(j);
    for (uint32_t i = 0; i < e->n_via; i++)
        json_text(j, e->via[i]);
    json_array_end(j);
    json_object_end(j);
}

static void put_ids(struct json *j, const char *key, const uint32_t *ids, uint32_t n)
{
    json_key(j, key);
    json_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_uint(j, ids[i]);
    json_array_end(j);
}

static void put_attack(struct json *j, slice words)
{
    json_key(j, "attack");
    json_array(j);
    while (words.len) {
        size_t n = slice_find_byte(words, ' ', 0);
        slice one = slice_sub(words, 0, n == SIZE_MAX ? words.len : n);
        if (one.len)
            json_text(j, one);
        words = slice_from(words, one.len + 1);
    }
    json_array_end(j);
}

static void put_finding(struct json *j, const struct report_input *in, const struct finding *f)
{
    struct rule_info info = { .id = SLICE_LIT("promise") };
    struct rule_text title = { 0 };
    if (f->rule != NO_ID) {
        info = rules_info(in->rules, f->rule);
        title = info.title;
    } else if (f->promise != NO_ID) {
        title = in->policy->promises[f->promise].reason;
    }
    json_object(j);
    json_key(j, "rule");
    json_text(j, info.id);
    json_key(j, "level");
    json_cstr(j, rule_level_name(f->level));
    text_pair(j, "title", &title);
    put_attack(j, info.attack);
    put_ids(j, "parts", f->parts, f->n_parts);
    put_ids(j, "facts", f->facts, f->n_facts);
    if (f->observed_only) {
        json_key(j, "state");
        json_cstr(j, "observe");
    }
    if (f->excepted) {
        json_key(j, "excepted");
        json_bool(j, true);
    }
    json_object_end(j);
}

static void put_exceptions(struct json *j, const struct report_input *in)
{
    json_key(j, "exceptions");
    json_array(j);
    for (uint32_t i = 0; i < in->judgement->n_findings; i++) {
        const struct finding *f = &in->judgement->findings[i];
        if (!f->excepted)
            continue;
        const struct exception *e = &in->policy->exceptions[f->exception];
        json_object(j);
        json_key(j, "rule");
        json_text(j, e->rule);
        json_key(j, "finding");
        json_uint(j, i);
        json_key(j, "author");
        json_text(j, e->author);
        json_key(j, "reason");
        json_text(j, e->reason);
        json_key(j, "expires");
        json_text(j, e->expires);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_votes(struct json *j, const struct judgement *v)
{
    json_key(j, "votes");
    json_array(j);
    for (int l = 0; l < LAYERS; l++) {
        uint32_t n = 0;
        json_object(j);
        json_key(j, "layer");
        json_cstr(j, layer_name((enum layer)l));
        json_key(j, "vote");
        json_cstr(j, vote_name(v->votes[l].vote));
        for (uint32_t i = 0; i < v->n_findings; i++) {
            if (v->findings[i].layer != (enum layer)l)
                continue;
            if (n++ == 0) {
                json_key(j, "findings");
                json_array(j);
            }
            json_uint(j, i);
        }
        if (n)
            json_array_end(j);
        if (v->votes[l].decided) {
            json_key(j, "decided");
            json_bool(j, true);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_said(struct json *j, const char *key, slice text)
{
    if (!text.len)
        return;
    json_key(j, key);
    json_text(j, text);
}

static void put_context(struct json *j, const struct report_context *c)
{
    json_key(j, "context");
    json_object(j);
    if (c) {
        put_said(j, "reference", c->reference);
        put_said(j, "time", c->time);
        put_said(j, "deed", c->deed);
        put_said(j, "door", c->door);
        put_said(j, "direction", c->direction);
        json_key(j, "client");
        json_object(j);
        put_said(j, "address", c->client_address);
        put_said(j, "name", c->client_name);
        put_said(j, "helo", c->helo);
        put_said(j, "tls", c->tls);
        put_said(j, "user", c->user);
        json_object_end(j);
        put_said(j, "queue_id", c->queue_id);
        json_key(j, "envelope");
        json_object(j);
        json_key(j, "sender");
        json_text(j, c->sender);
        json_key(j, "recipients");
        json_array(j);
        for (size_t i = 0; i < c->n_recipients; i++)
            json_text(j, c->recipients[i]);
        json_array_end(j);
        json_object_end(j);
    }
    json_object_end(j);
}

static void put_engine(struct json *j, const struct report_input *in)
{
    put_context(j, in->meta->context);
    json_key(j, "engine");
    json_object(j);
    json_key(j, "version");
    json_text(j, in->meta->version);
    json_key(j, "rules");
    json_text(j, in->rules ? rules_digest(in->rules) : (slice){ 0 });
    json_key(j, "settings");
    json_text(j, in->meta->settings);
    json_object_end(j);
    json_key(j, "run");
    json_object(j);
    json_key(j, "elapsed_us");
    json_uint(j, in->meta->elapsed_us);
    json_key(j, "cpu_us");
    json_uint(j, in->meta->cpu_us);
    json_object_end(j);
}

void report_json(struct buf *out, const struct report_input *in)
{
    const struct record *r = in->record;
    const struct judgement *v = in->judgement;
    static const uint8_t no_digest[32];
    struct json j = json_new(out);
    json_object(&j);
    json_key(&j, "schema");
    json_cstr(&j, "sekisho/report/1");
    json_key(&j, "path");
    json_text(&j, in->meta->path);
    json_key(&j, "sha256");
    json_hex(&j, (slice){ r->n_parts ? r->parts[0].sha256 : no_digest, 32 });
    json_key(&j, "size");
    json_uint(&j, in->meta->size);
    json_key(&j, "verdict");
    json_cstr(&j, verdict_name(v->verdict));
    put_unread(&j, r);
    json_key(&j, "name");
    json_text(&j, v->name);
    text_pair(&j, "reason", &v->reason);
    text_pair(&j, "todo", &v->todo);
    put_parts(&j, r);
    put_facts(&j, r);
    json_key(&j, "effects");
    json_array(&j);
    for (uint32_t i = 0; i < r->n_effects; i++)
        put_effect(&j, &r->effects[i]);
    json_array_end(&j);
    json_key(&j, "findings");
    json_array(&j);
    for (uint32_t i = 0; i < v->n_findings; i++)
        put_finding(&j, in, &v->findings[i]);
    json_array_end(&j);
    put_exceptions(&j, in);
    put_votes(&j, v);
    put_engine(&j, in);
    json_object_end(&j);
    buf_byte(out, '\n');
}
