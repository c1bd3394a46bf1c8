/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers of the gate; see wire/gate.h.
 *
 * There is one way to write each message: flags are 0 or 1, nothing stands behind the end. Writer
 * and reader hold texts to the same rules, so that what the writer makes is always understood. The
 * answer's texts go into mail headers and SMTP replies: no control character passes, whoever has
 * made the answer. */
#include "wire/gate.h"
#include "base/cursor.h"
#include "base/text.h"

/* --- numbers and texts */

static void put_number(struct buf *out, uint64_t v, unsigned bytes)
{
    if (!buf_reserve(out, bytes))
        return;
    for (unsigned i = 0; i < bytes; i++)
        out->at[out->len++] = (uint8_t)(v >> 8 * i);
}

static bool put_text(struct buf *out, slice s, size_t max)
{
    if (s.len > max)
        return false;
    put_number(out, s.len, 4);
    buf_put(out, s);
    return true;
}

static slice get_text(cursor *c, size_t max)
{
    uint32_t len = cur_u32le(c);
    if (len > max)
        c->torn = true;
    return cur_take(c, len);
}

static bool get_flag(cursor *c)
{
    uint8_t v = cur_u8(c);
    if (v > 1)
        c->torn = true;
    return v == 1;
}

static slice *get_list(cursor *c, struct arena *mem, size_t max, size_t *n_out)
{
    uint32_t n = cur_u32le(c);
    if (n > max)
        c->torn = true;
    slice *list = cur_ok(c) ? ARENA_ARRAY(mem, slice, n + 1) : NULL;
    for (uint32_t i = 0; list && i < n; i++)
        list[i] = get_text(c, GATE_TEXT_MAX);
    *n_out = list ? n : 0;
    return list;
}

static bool put_list(struct buf *out, const slice *list, size_t n, size_t max)
{
    bool good = n <= max;
    put_number(out, good ? n : 0, 4);
    for (size_t i = 0; i < n && good; i++)
        good = put_text(out, list[i], GATE_TEXT_MAX);
    return good;
}

/* What was appended is taken back when it is no good. */
static bool put_whole(struct buf *out, size_t start, bool good)
{
    good = good && !out->full && out->len - start <= GATE_PAYLOAD_MAX;
    if (!good)
        out->len = start;
    return good;
}

/* --- what may stand in an answer */

/* Valid UTF-8 of one line: no control characters, neither of ASCII nor of Latin 1. */
static bool is_line(slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t b = s.at[i];
        if (b < ' ' || b == 0x7f || (b == 0xc2 && i + 1 < s.len && s.at[i + 1] < 0xa0))
            return false;
    }
    return utf8_valid(s);
}

static bool is_ascii_line(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

/* RFC 5322 2.2 */
static bool is_field_name(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == ':')
            return false;
    return s.len > 0;
}

static bool is_reference(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_alnum(s.at[i]) && s.at[i] != '-')
            return false;
    return s.len < GATE_REFERENCE;
}

static bool answer_is_good(const struct gate_answer *a)
{
    bool good = a->id && (unsigned)a->verdict < VERDICTS && a->unread < 1U << UNREAD_CAUSES &&
                (unsigned)a->deed < DEEDS && a->n_headers <= GATE_HEADERS_MAX &&
                is_reference(a->reference) && is_ascii_line(a->name) && is_line(a->reason_en) &&
                is_line(a->reason_ja) && is_ascii_line(a->reply) && is_ascii_line(a->limit) &&
                is_ascii_line(a->locked) &&
                is_line(a->trouble);
    for (size_t i = 0; i < a->n_headers && good; i++)
        good = is_field_name(a->headers[i].name) && is_ascii_line(a->headers[i].value);
    return good;
}

static bool request_is_good(const struct gate_request *r)
{
    return r->id && r->door.len && is_ascii_line(r->door) && (unsigned)r->direction <= GATE_FILE &&
           (r->has_fd ? r->body.len == 0 : r->body.len == r->size && r->size <= GATE_INLINE_MAX);
}

/* --- request */

enum { REQUEST_TEXTS = 9 };

bool gate_put_request(struct buf *out, const struct gate_request *r)
{
    size_t start = out->len;
    const slice texts[REQUEST_TEXTS] = { r->door,        r->name,     r->client_address,
                                         r->client_name, r->helo,     r->sender,
                                         r->user,        r->queue_id, r->tls };
    bool good = request_is_good(r);
    put_number(out, r->id, 8);
    put_number(out, (unsigned)r->direction, 1);
    put_number(out, r->want_report, 1);
    put_number(out, r->has_fd, 1);
    put_number(out, r->size, 8);
    for (size_t i = 0; i < REQUEST_TEXTS && good; i++)
        good = put_text(out, texts[i], GATE_TEXT_MAX);
    good = good && put_list(out, r->recipients, r->n_recipients, GATE_RECIPIENTS_MAX) &&
           put_list(out, r->passwords, r->n_passwords, GATE_PASSWORDS_MAX);
    if (good)
        buf_put(out, r->body);
    return put_whole(out, start, good);
}

bool gate_read_request(slice payload, struct arena *mem, struct gate_request *out)
{
    cursor c = cur_open(payload);
    struct gate_request r = { .id = cur_u64le(&c) };
    slice *const texts[REQUEST_TEXTS] = { &r.door,        &r.name,     &r.client_address,
                                          &r.client_name, &r.helo,     &r.sender,
                                          &r.user,        &r.queue_id, &r.tls };
    r.direction = (enum gate_direction)cur_u8(&c);
    r.want_report = get_flag(&c);
    r.has_fd = get_flag(&c);
    r.size = cur_u64le(&c);
    for (size_t i = 0; i < REQUEST_TEXTS; i++)
        *texts[i] = get_text(&c, GATE_TEXT_MAX);
    r.recipients = get_list(&c, mem, GATE_RECIPIENTS_MAX, &r.n_recipients);
    r.passwords = get_list(&c, mem, GATE_PASSWORDS_MAX, &r.n_passwords);
    r.body = cur_rest(&c);
    if (!cur_ok(&c) || !r.recipients || !r.passwords || !request_is_good(&r))
        return false;
    *out = r;
    return true;
}

/* --- answer */

enum { ANSWER_TEXTS = 8 };

bool gate_put_answer(struct buf *out, const struct gate_answer *a)
{
    size_t start = out->len;
    const slice texts[ANSWER_TEXTS] = { a->reference, a->name,  a->reason_en, a->reason_ja,
                                        a->reply,     a->limit, a->locked, a->trouble };
    bool good = answer_is_good(a);
    put_number(out, a->id, 8);
    put_number(out, (unsigned)a->verdict, 1);
    put_number(out, a->unread, 4);
    put_number(out, (unsigned)a->deed, 1);
    for (size_t i = 0; i < ANSWER_TEXTS && good; i++)
        good = put_text(out, texts[i], GATE_TEXT_MAX);
    put_number(out, a->n_headers, 4);
    for (size_t i = 0; i < a->n_headers && good; i++)
        good = put_text(out, a->headers[i].name, GATE_TEXT_MAX) &&
               put_text(out, a->headers[i].value, GATE_TEXT_MAX);
    good = good && put_text(out, a->report, GATE_REPORT_MAX);
    return put_whole(out, start, good);
}

bool gate_read_answer(slice payload, struct arena *mem, struct gate_answer *out)
{
    cursor c = cur_open(payload);
    struct gate_answer a = { .id = cur_u64le(&c) };
    slice *const texts[ANSWER_TEXTS] = { &a.reference, &a.name,  &a.reason_en, &a.reason_ja,
                                         &a.reply,     &a.limit, &a.locked, &a.trouble };
    a.verdict = (enum verdict)cur_u8(&c);
    a.unread = cur_u32le(&c);
    a.deed = (enum deed)cur_u8(&c);
    for (size_t i = 0; i < ANSWER_TEXTS; i++)
        *texts[i] = get_text(&c, GATE_TEXT_MAX);
    uint32_t n = cur_u32le(&c);
    if (!cur_ok(&c) || n > GATE_HEADERS_MAX)
        return false;
    struct gate_header *headers = ARENA_ARRAY(mem, struct gate_header, n + 1);
    for (uint32_t i = 0; headers && i < n; i++) {
        headers[i].name = get_text(&c, GATE_TEXT_MAX);
        headers[i].value = get_text(&c, GATE_TEXT_MAX);
    }
    a.headers = headers;
    a.n_headers = n;
    a.report = get_text(&c, GATE_REPORT_MAX);
    if (!cur_ok(&c) || cur_more(&c) || !headers || !answer_is_good(&a))
        return false;
    *out = a;
    return true;
}

/* --- the small ones */

bool gate_put_cancel(struct buf *out, uint64_t id)
{
    size_t start = out->len;
    put_number(out, id, 8);
    return put_whole(out, start, id != 0);
}

bool gate_read_cancel(slice payload, uint64_t *out)
{
    cursor c = cur_open(payload);
    uint64_t id = cur_u64le(&c);
    if (!cur_ok(&c) || cur_more(&c) || !id)
        return false;
    *out = id;
    return true;
}

bool gate_put_state(struct buf *out, const struct gate_state *s)
{
    size_t start = out->len;
    put_number(out, s->ready, 1);
    put_number(out, s->queued, 4);
    put_number(out, s->workers, 4);
    bool good = is_ascii_line(s->version) && is_ascii_line(s->rules) &&
                put_text(out, s->version, GATE_TEXT_MAX) && put_text(out, s->rules, GATE_TEXT_MAX);
    return put_whole(out, start, good);
}

bool gate_read_state(slice payload, struct gate_state *out)
{
    cursor c = cur_open(payload);
    struct gate_state s = { .ready = get_flag(&c) };
    s.queued = cur_u32le(&c);
    s.workers = cur_u32le(&c);
    s.version = get_text(&c, GATE_TEXT_MAX);
    s.rules = get_text(&c, GATE_TEXT_MAX);
    if (!cur_ok(&c) || cur_more(&c) || !is_ascii_line(s.version) || !is_ascii_line(s.rules))
        return false;
    *out = s;
    return true;
}

bool gate_put_fetch(struct buf *out, const struct gate_fetch *f)
{
    size_t start = out->len;
    put_number(out, f->id, 8);
    bool good = f->id && is_reference(f->reference) && put_text(out, f->reference, GATE_REFERENCE);
    return put_whole(out, start, good);
}

bool gate_read_fetch(slice payload, struct gate_fetch *out)
{
    cursor c = cur_open(payload);
    struct gate_fetch f = { .id = cur_u64le(&c) };
    f.reference = get_text(&c, GATE_REFERENCE);
    if (!cur_ok(&c) || cur_more(&c) || !f.id || !is_reference(f.reference))
        return false;
    *out = f;
    return true;
}

bool gate_put_fetched(struct buf *out, const struct gate_fetched *f)
{
    size_t start = out->len;
    put_number(out, f->id, 8);
    put_number(out, f->found, 1);
    bool good = f->id && (f->found || !f->report.len) && put_text(out, f->report, GATE_REPORT_MAX);
    return put_whole(out, start, good);
}

bool gate_read_fetched(slice payload, struct gate_fetched *out)
{
    cursor c = cur_open(payload);
    struct gate_fetched f = { .id = cur_u64le(&c) };
    f.found = get_flag(&c);
    f.report = get_text(&c, GATE_REPORT_MAX);
    if (!cur_ok(&c) || cur_more(&c) || !f.id || (!f.found && f.report.len))
        return false;
    *out = f;
    return true;
}
