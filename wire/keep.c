/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between desk, commands and keeper; see keep.h.
 *
 * The desk is of our own build, yet what it passes on was written by strangers, and it may have
 * been taken over: nothing is believed but what a cursor could read. */
#include "wire/keep.h"
#include "base/cursor.h"
#include "base/text.h"

static void put_number(struct buf *out, uint64_t v, unsigned bytes)
{
    uint8_t le[8];
    for (unsigned i = 0; i < 8; i++)
        le[i] = (uint8_t)(v >> 8 * i);
    buf_put(out, (slice){ le, bytes });
}

static void put_text(struct buf *out, slice s, size_t max)
{
    s = utf8_cut(s, max);
    put_number(out, s.len, 4);
    buf_put(out, s);
}

/* All texts of a PUT that are cut at KEEP_TEXT_MAX, in their order. */
enum { TEXTS = 16 };
static void texts_of(struct keep_put *p, slice *(*out)[TEXTS])
{
    slice *all[TEXTS] = {
        &p->door,        &p->direction,  &p->name,      &p->client_address,
        &p->client_name, &p->helo,       &p->sender,    &p->user,
        &p->queue_id,    &p->message_id, &p->subject,   &p->from_address,
        &p->from_name,   &p->verdict,    &p->detection, &p->deed,
    };
    for (size_t i = 0; i < TEXTS; i++)
        (*out)[i] = all[i];
}

enum { FLAG_VAULT = 1, FLAG_FD = 2 };

bool keep_put_put(struct buf *out, const struct keep_put *p)
{
    if (p->id == 0 || p->reference.len == 0 || p->reference.len > KEEP_REFERENCE_MAX ||
        p->report.len > KEEP_REPORT_MAX ||
        (p->has_fd ? p->body.len != 0 : p->body.len > KEEP_INLINE_MAX))
        return false;
    size_t start = out->len,
           n = p->n_recipients < KEEP_RECIPIENTS_MAX ? p->n_recipients : KEEP_RECIPIENTS_MAX;
    struct keep_put copy = *p;
    slice *texts[TEXTS];
    texts_of(&copy, &texts);
    put_number(out, p->id, 8);
    put_text(out, p->reference, KEEP_REFERENCE_MAX);
    put_number(out, (uint64_t)p->time_ms, 8);
    for (size_t i = 0; i < TEXTS; i++)
        put_text(out, *texts[i], KEEP_TEXT_MAX);
    put_number(out, n, 4);
    for (size_t i = 0; i < n; i++)
        put_text(out, p->recipients[i], KEEP_ADDRESS_MAX);
    put_text(out, p->search, KEEP_SEARCH_MAX);
    put_number(out, p->report.len, 4);
    buf_put(out, p->report);
    put_number(out, (p->vault ? FLAG_VAULT : 0) | (p->has_fd ? FLAG_FD : 0), 1);
    put_number(out, p->size, 8);
    buf_put(out, p->body);
    return !out->full && out->len - start <= KEEP_PAYLOAD_MAX;
}

static slice get_bytes(cursor *c, size_t max)
{
    uint32_t len = cur_u32le(c);
    if (len > max)
        c->torn = true;
    return cur_take(c, len);
}

static slice get_text(cursor *c, struct arena *mem, size_t max)
{
    return utf8_clean(mem, get_bytes(c, max));
}

bool keep_read_put(slice payload, struct arena *mem, struct keep_put *out)
{
    cursor c = cur_open(payload);
    struct keep_put p = { .id = cur_u64le(&c) };
    slice *texts[TEXTS];
    texts_of(&p, &texts);
    p.reference = get_text(&c, mem, KEEP_REFERENCE_MAX);
    p.time_ms = (int64_t)cur_u64le(&c);
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = get_text(&c, mem, KEEP_TEXT_MAX);
    p.n_recipients = cur_u32le(&c);
    if (!cur_ok(&c) || p.n_recipients > KEEP_RECIPIENTS_MAX)
        return false;
    slice *recipients = ARENA_ARRAY(mem, slice, p.n_recipients + 1);
    for (size_t i = 0; recipients && i < p.n_recipients; i++)
        recipients[i] = get_text(&c, mem, KEEP_ADDRESS_MAX);
    p.recipients = recipients;
    p.search = get_text(&c, mem, KEEP_SEARCH_MAX);
    p.report = get_bytes(&c, KEEP_REPORT_MAX);
    uint8_t flags = cur_u8(&c);
    p.size = cur_u64le(&c);
    p.body = cur_rest(&c);
    p.vault = flags & FLAG_VAULT;
    p.has_fd = flags & FLAG_FD;
    if (!cur_ok(&c) || arena_full(mem) || p.id == 0 || p.reference.len == 0 ||
        flags > (FLAG_VAULT | FLAG_FD) || p.body.len > KEEP_INLINE_MAX ||
        (p.has_fd && p.body.len) || (!p.has_fd && p.vault && p.body.len != p.size))
        return false;
    *out = p;
    return true;
}

bool keep_put_kept(struct buf *out, const struct keep_kept *k)
{
    put_number(out, k->id, 8);
    put_number(out, (uint32_t)k->error, 4);
    put_text(out, k->why, KEEP_TEXT_MAX);
    return !out->full;
}

bool keep_read_kept(slice payload, struct keep_kept *out)
{
    cursor c = cur_open(payload);
    struct keep_kept k = { .id = cur_u64le(&c), .error = (int32_t)cur_u32le(&c) };
    k.why = get_bytes(&c, KEEP_TEXT_MAX);
    if (!cur_ok(&c) || cur_left(&c) || k.id == 0 || k.error > 0)
        return false;
    *out = k;
    return true;
}

bool keep_put_get(struct buf *out, const struct keep_get *g)
{
    put_number(out, g->id, 8);
    put_text(out, g->reference, KEEP_REFERENCE_MAX);
    return !out->full && g->reference.len <= KEEP_REFERENCE_MAX;
}

bool keep_read_get(slice payload, struct keep_get *out)
{
    cursor c = cur_open(payload);
    struct keep_get g = { .id = cur_u64le(&c) };
    g.reference = get_bytes(&c, KEEP_REFERENCE_MAX);
    if (!cur_ok(&c) || cur_left(&c) || g.id == 0)
        return false;
    *out = g;
    return true;
}

bool keep_put_got(struct buf *out, const struct keep_got *g)
{
    put_number(out, g->id, 8);
    put_number(out, g->found, 1);
    put_number(out, g->report.len, 4);
    buf_put(out, g->report);
    return !out->full && g->report.len <= KEEP_REPORT_MAX;
}

bool keep_read_got(slice payload, struct keep_got *out)
{
    cursor c = cur_open(payload);
    struct keep_got g = { .id = cur_u64le(&c) };
    uint8_t found = cur_u8(&c);
    g.found = found == 1;
    g.report = get_bytes(&c, KEEP_REPORT_MAX);
    if (!cur_ok(&c) || cur_left(&c) || g.id == 0 || found > 1)
        return false;
    *out = g;
    return true;
}

bool keep_put_order(struct buf *out, const struct keep_order *o)
{
    put_number(out, o->id, 8);
    put_number(out, o->what, 1);
    put_text(out, o->reference, KEEP_REFERENCE_MAX);
    put_text(out, o->who, KEEP_ADDRESS_MAX);
    put_text(out, o->verb, KEEP_REFERENCE_MAX);
    put_text(out, o->argument, KEEP_TEXT_MAX);
    put_text(out, o->note, KEEP_TEXT_MAX);
    return !out->full && o->argument.len <= KEEP_TEXT_MAX && o->reference.len <= KEEP_REFERENCE_MAX;
}

bool keep_read_order(slice payload, struct arena *mem, struct keep_order *out)
{
    cursor c = cur_open(payload);
    struct keep_order o = { .id = cur_u64le(&c) };
    uint8_t what = cur_u8(&c);
    o.reference = get_text(&c, mem, KEEP_REFERENCE_MAX);
    o.who = get_text(&c, mem, KEEP_ADDRESS_MAX);
    o.verb = get_text(&c, mem, KEEP_REFERENCE_MAX);
    o.argument = get_bytes(&c, KEEP_TEXT_MAX); /* a path: bytes */
    o.note = get_text(&c, mem, KEEP_TEXT_MAX);
    if (!cur_ok(&c) || cur_left(&c) || arena_full(mem) || o.id == 0 || what < KEEP_DEED ||
        what > KEEP_TIDY)
        return false;
    o.what = (enum keep_what)what;
    *out = o;
    return true;
}

bool keep_put_done(struct buf *out, const struct keep_done *d)
{
    return keep_put_kept(out, &(struct keep_kept){ d->id, d->error, d->text });
}

bool keep_read_done(slice payload, struct keep_done *out)
{
    struct keep_kept k;
    if (!keep_read_kept(payload, &k))
        return false;
    *out = (struct keep_done){ k.id, k.error, k.why };
    return true;
}
