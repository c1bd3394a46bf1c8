/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as bytes: numbers little endian, a text is u32 length and bytes, a list u32 count and
 * its texts. Both ends are of one build; the reader refuses what it does not know all the same. */
#include "doors/orders.h"
#include "base/cursor.h"

enum { FORM = 1, LIST_MAX = 10000, SECOND = 1000 };

struct order_settings order_defaults(void)
{
    return (struct order_settings){
        .door = { .limits = { .object_max = 256 << 20,
                              .idle_ms = 600 * SECOND,
                              .recipients_max = GATE_RECIPIENTS_MAX },
                  .version = SLICE_LIT("0") },
        .connections = 16384,
        .per_peer = 256,
        .slow_ms = 3600 * SECOND,
        .answer_ms = 120 * SECOND,
    };
}

static void put_u32(struct buf *out, uint32_t n)
{
    for (int i = 0; i < 32; i += 8)
        buf_byte(out, (uint8_t)(n >> i));
}

static void put_text(struct buf *out, slice s)
{
    put_u32(out, (uint32_t)s.len);
    buf_put(out, s);
}

static void put_list(struct buf *out, const slice *list, size_t n)
{
    put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put_text(out, list[i]);
}

bool order_put_settings(struct buf *out, const struct order_settings *s)
{
    const struct door_settings *d = &s->door;
    buf_byte(out, FORM);
    put_u32(out, (uint32_t)d->limits.object_max);
    put_u32(out, (uint32_t)(d->limits.object_max >> 32));
    put_u32(out, d->limits.idle_ms);
    put_u32(out, d->limits.recipients_max);
    buf_byte(out, (uint8_t)(d->limits.files | d->inbound_headers_stay << 1 | d->away_accepts << 2 |
                            s->allow_weak_jail << 3));
    put_text(out, d->authserv_id);
    put_text(out, d->version);
    put_list(out, d->own_networks, d->n_own_networks);
    put_list(out, d->own_domains, d->n_own_domains);
    put_u32(out, s->connections);
    put_u32(out, s->per_peer);
    put_u32(out, s->slow_ms);
    put_u32(out, s->answer_ms);
    put_list(out, s->paths, s->n_paths);
    put_list(out, d->tokens, d->n_tokens);
    return !out->full;
}

static bool read_list(cursor *c, struct arena *mem, const slice **list_out, size_t *n_out)
{
    uint32_t n = cur_u32le(c);
    if (!cur_ok(c) || n > LIST_MAX || n > cur_left(c) / 4)
        return false;
    slice *list = n ? ARENA_ARRAY(mem, slice, n) : NULL;
    if (n && !list)
        return false;
    for (uint32_t i = 0; i < n; i++)
        list[i] = cur_take(c, cur_u32le(c));
    *list_out = list;
    *n_out = n;
    return cur_ok(c);
}

bool order_read_settings(slice payload, struct arena *mem, struct order_settings *out)
{
    struct order_settings s = { 0 };
    struct door_settings *d = &s.door;
    cursor c = cur_open(payload);
    bool good = cur_u8(&c) == FORM;
    d->limits.object_max = cur_u64le(&c);
    d->limits.idle_ms = cur_u32le(&c);
    d->limits.recipients_max = cur_u32le(&c);
    uint8_t bits = cur_u8(&c);
    d->limits.files = bits & 1;
    d->inbound_headers_stay = bits >> 1 & 1;
    d->away_accepts = bits >> 2 & 1;
    s.allow_weak_jail = bits >> 3 & 1;
    d->authserv_id = cur_take(&c, cur_u32le(&c));
    d->version = cur_take(&c, cur_u32le(&c));
    good = good && bits < 16 && read_list(&c, mem, &d->own_networks, &d->n_own_networks) &&
           read_list(&c, mem, &d->own_domains, &d->n_own_domains);
    s.connections = cur_u32le(&c);
    s.per_peer = cur_u32le(&c);
    s.slow_ms = cur_u32le(&c);
    s.answer_ms = cur_u32le(&c);
    good = good && read_list(&c, mem, &s.paths, &s.n_paths) &&
           read_list(&c, mem, &d->tokens, &d->n_tokens);
    if (!good || !cur_ok(&c) || cur_left(&c) || s.connections == 0)
        return false;
    *out = s;
    return true;
}
