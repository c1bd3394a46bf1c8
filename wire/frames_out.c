/* SPDX-License-Identifier: Apache-2.0 */
/* Writes findings as frames; see frames.h.
 *
 * A frame's length is counted before it is written, so that a frame larger
 * than the buffer passes through it in pieces without being assembled. */
#include "base/text.h"
#include "wire/frames.h"
#include "wire/frames_private.h"

void frames_flush(struct frames_out *out)
{
    if (out->len && !out->lost && !out->put(out->host, (slice){ out->bytes, out->len }))
        out->lost = true;
    out->len = 0;
}

static void put_bytes(struct frames_out *out, slice s)
{
    while (s.len) {
        size_t at = out->len, n = slice_copy_out(s, out->bytes + at, sizeof out->bytes - at);
        out->len = at + n; /* after the bytes: a crash handler may read at any time */
        s = slice_from(s, n);
        if (s.len)
            frames_flush(out);
    }
}

static inline void put_number(struct frames_out *out, uint64_t v, unsigned bytes)
{
    uint8_t le[8];
    for (unsigned i = 0; i < 8; i++)
        le[i] = (uint8_t)(v >> 8 * i);
    size_t at = out->len;
    if (sizeof out->bytes - at >= sizeof le) { /* all eight are one move */
        (void)slice_copy_out((slice){ le, sizeof le }, out->bytes + at, sizeof le);
        out->len = at + bytes;
    } else {
        put_bytes(out, (slice){ le, bytes });
    }
}

static void put_text(struct frames_out *out, slice s)
{
    put_number(out, s.len, 4);
    put_bytes(out, s);
}

static void put_range(struct frames_out *out, struct range at)
{
    put_number(out, at.from, 8);
    put_number(out, at.to, 8);
}

static void begin(struct frames_out *out, enum frame_type type, size_t payload)
{
    CHECK(payload <= FRAME_PAYLOAD_MAX);
    if (out->len && payload > sizeof out->bytes - out->len - FRAME_HEAD)
        frames_flush(out);
    put_number(out, type, 1);
    put_number(out, payload, 4);
}

static void end(struct frames_out *out)
{
    if (out->len > FRAMES_FLUSH)
        frames_flush(out);
}

static slice cut(slice s)
{
    return s.len > FRAMES_TEXT_MAX ? utf8_cut(s, FRAMES_TEXT_MAX) : s;
}
static slice cut_to(slice s, size_t max)
{
    return s.len > max ? utf8_cut(s, max) : s;
}

static void send_part(void *host, const struct part *p)
{
    struct frames_out *out = host;
    slice name = cut_to(p->name, NAME_MAX_BYTES), type = cut_to(p->type, NAME_MAX_BYTES),
          declared = cut_to(p->declared, NAME_MAX_BYTES);
    begin(out, FRAME_PART, 4 + 1 + 8 + 32 + 12 + name.len + type.len + declared.len);
    put_number(out, p->parent, 4);
    put_number(out, p->how, 1);
    put_number(out, p->size, 8);
    put_bytes(out, (slice){ p->sha256, 32 });
    put_text(out, name);
    put_text(out, type);
    put_text(out, declared);
    end(out);
}

static void send_part_end(void *host, uint32_t part, slice type, enum walk_end how)
{
    struct frames_out *out = host;
    type = cut_to(type, NAME_MAX_BYTES);
    begin(out, FRAME_PART_END, 4 + 1 + 4 + type.len);
    put_number(out, part, 4);
    put_number(out, how, 1);
    put_text(out, type);
    end(out);
}

static void send_event(void *host, const struct event *e)
{
    struct frames_out *out = host;
    begin(out, FRAME_EVENT, 1 + 4);
    put_number(out, e->kind, 1);
    put_number(out, e->part, 4);
    end(out);
}

static void send_fact(void *host, const struct fact *f)
{
    struct frames_out *out = host;
    slice text = cut(f->text);
    begin(out, FRAME_FACT, 4 * 4 + 16 + 1 + 8 + 4 + text.len);
    put_number(out, f->id, 4);
    put_number(out, f->event, 4);
    put_number(out, f->part, 4);
    put_range(out, f->at);
    put_number(out, f->line, 4);
    put_number(out, f->scanned ? FACT_BIT_SCANNED : 0, 1);
    put_number(out, (uint64_t)f->number, 8);
    put_text(out, text);
    end(out);
}

static void send_hit(void *host, const struct hit *h)
{
    struct frames_out *out = host;
    slice excerpt = cut_to(h->excerpt, EXCERPT_MAX_BYTES);
    begin(out, FRAME_HIT, 5 * 4 + 16 + 4 + excerpt.len);
    put_number(out, h->atom, 4);
    put_number(out, h->event, 4);
    put_number(out, h->part, 4);
    put_number(out, h->field, 4);
    put_range(out, h->at);
    put_number(out, h->line, 4);
    put_text(out, excerpt);
    end(out);
}

static uint32_t listed(uint32_t n)
{
    return n < FRAMES_LIST_MAX ? n : FRAMES_LIST_MAX;
}

/* One effect's texts share a frame: each gets its part of the room. */
static void send_effect(void *host, const struct effect *e)
{
    struct frames_out *out = host;
    uint32_t n_arguments = listed(e->n_arguments), n_origins = listed(e->n_origins),
             n_via = listed(e->n_via);
    size_t each = (FRAME_PAYLOAD_MAX - ORIGIN_BYTES * FRAMES_LIST_MAX - (8 << 10)) /
                  (2 * n_arguments + n_via + 1);
    slice sink = cut_to(e->sink, each);
    size_t payload = 1 + 4 + 4 + 1 + 4 + sink.len + 12 + (size_t)n_origins * ORIGIN_BYTES;
    for (uint32_t i = 0; i < n_arguments; i++)
        payload +=
            8 + cut_to(e->arguments[i].name, each).len + cut_to(e->arguments[i].value, each).len;
    for (uint32_t i = 0; i < n_via; i++)
        payload += 4 + cut_to(e->via[i], each).len;

    begin(out, FRAME_EFFECT, payload);
    put_number(out, e->kind, 1);
    put_number(out, e->part, 4);
    put_number(out, e->event, 4);
    put_number(out, e->known | (uint64_t)e->conditional << 1, 1);
    put_text(out, sink);
    put_number(out, n_arguments, 4);
    put_number(out, n_origins, 4);
    put_number(out, n_via, 4);
    for (uint32_t i = 0; i < n_arguments; i++) {
        put_text(out, cut_to(e->arguments[i].name, each));
        put_text(out, cut_to(e->arguments[i].value, each));
    }
    for (uint32_t i = 0; i < n_origins; i++) {
        put_number(out, e->origins[i].part, 4);
        put_range(out, e->origins[i].at);
        put_number(out, e->origins[i].line, 4);
    }
    for (uint32_t i = 0; i < n_via; i++)
        put_text(out, cut_to(e->via[i], each));
    end(out);
}

static void send_unread(void *host, const struct unread *u)
{
    struct frames_out *out = host;
    slice name = cut_to(u->name, NAME_MAX_BYTES);
    out->limits |= u->cause == UNREAD_LIMIT;
    begin(out, FRAME_UNREAD, 1 + 4 + 1 + 4 + name.len);
    put_number(out, u->cause, 1);
    put_number(out, u->part, 4);
    put_number(out, u->of, 1);
    put_text(out, name);
    end(out);
}

static void send_view(void *host, const struct view *v)
{
    struct frames_out *out = host;
    slice text = cut(v->text);
    begin(out, FRAME_VIEW, 4 + 4 + 8 + 4 + text.len);
    put_number(out, v->id, 4);
    put_number(out, v->part, 4);
    put_number(out, v->size, 8);
    put_text(out, text);
    end(out);
}

static void send_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    struct frames_out *out = host;
    while (bytes.len) {
        slice piece = slice_sub(bytes, 0, FRAMES_TEXT_MAX);
        begin(out, FRAME_BYTES, 4 + 8 + piece.len);
        put_number(out, part, 4);
        put_number(out, at, 8);
        put_bytes(out, piece);
        end(out);
        at += piece.len;
        bytes = slice_from(bytes, piece.len);
    }
}

struct sink frames_sink(struct frames_out *out)
{
    return (struct sink){ out,      send_part,   send_part_end, send_event, send_fact,
                          send_hit, send_effect, send_unread,   send_view,  send_bytes };
}

void frames_send_hello(struct frames_out *out, const struct frames_hello *h)
{
    begin(out, FRAME_HELLO, HELLO_BYTES);
    put_number(out, FRAMES_VERSION, 4);
    put_number(out, FACT_COUNT, 4);
    put_number(out, frames_dictionary(), 8);
    put_number(out, h->landlock, 1);
    put_number(out, h->seccomp, 1);
    put_number(out, h->landlock_abi, 1);
    frames_flush(out);
}

void frames_send_done(struct frames_out *out, const struct frames_done *d)
{
    begin(out, FRAME_DONE, 8 + 1);
    put_number(out, d->cpu_us, 8);
    put_number(out, d->last, 1);
    frames_flush(out);
    out->limits = false;
}
