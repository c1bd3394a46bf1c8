/* SPDX-License-Identifier: Apache-2.0 */
/* Requests from desk to worker; see request.h. The desk is not hostile, but its
 * names and hints come from mail, and a worker that stumbles costs an object. */
#include "wire/request.h"
#include "base/cursor.h"
#include "base/text.h"

enum { REQUEST_MARK = 0x6a /* "j", job */ };

static void put_number(struct buf *out, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(out, (uint8_t)(v >> 8 * i));
}

static void put_text(struct buf *out, slice s, size_t max)
{
    s = utf8_cut(s, max);
    put_number(out, s.len, 4);
    buf_put(out, s);
}

bool request_encode(struct buf *out, const struct request *r)
{
    size_t inside = r->bytes == REQUEST_INSIDE ? (size_t)r->size : 0;
    CHECK(inside <= REQUEST_INLINE_MAX && (r->bytes != REQUEST_INSIDE || r->body.len == inside));
    size_t start = out->len;
    (void)buf_reserve(out, 1024 + inside);
    put_number(out, REQUEST_MARK, 1);
    put_number(out, 0, 4); /* set below */
    put_number(out, r->size, 8);
    put_number(out, r->bytes, 1);
    put_number(out, r->give, 1);
    put_number(out, r->give_part, 4);
    put_number(out, r->trace, 1);
    put_text(out, r->name, REQUEST_NAME_MAX);
    put_text(out, r->declared, REQUEST_NAME_MAX);
    size_t n = 0;
    for (size_t i = 0; i < r->n_hints && n < REQUEST_HINTS_MAX; i++)
        n += r->hints[i].text.len <= REQUEST_HINT_BYTES_MAX;
    put_number(out, n, 4);
    for (size_t i = 0; i < r->n_hints && n; i++) {
        if (r->hints[i].text.len > REQUEST_HINT_BYTES_MAX)
            continue; /* a cut password opens nothing */
        put_number(out, r->hints[i].source, 4);
        put_text(out, r->hints[i].text, REQUEST_HINT_BYTES_MAX);
        n--;
    }
    if (inside)
        buf_put(out, r->body);
    if (out->full)
        return false;
    size_t payload = out->len - start - REQUEST_HEAD;
    for (unsigned i = 0; i < 4; i++)
        out->at[start + 1 + i] = (uint8_t)(payload >> 8 * i);
    return true;
}

size_t request_size(slice bytes)
{
    if (bytes.len && bytes.at[0] != REQUEST_MARK)
        return SIZE_MAX;
    if (bytes.len < REQUEST_HEAD)
        return 0;
    cursor c = cur_open(slice_sub(bytes, 1, 4));
    size_t payload = cur_u32le(&c);
    return payload > REQUEST_MAX - REQUEST_HEAD ? SIZE_MAX : REQUEST_HEAD + payload;
}

static slice get_text(cursor *c, struct arena *mem, size_t max)
{
    uint32_t len = cur_u32le(c);
    if (len > max)
        c->torn = true;
    slice s = cur_take(c, len);
    return utf8_valid(s) ? arena_copy(mem, s) : utf8_clean(mem, s);
}

bool request_decode(slice frame, struct arena *mem, struct request *out)
{
    if (request_size(frame) != frame.len)
        return false;
    cursor c = cur_open(slice_from(frame, REQUEST_HEAD));
    struct request r = { .size = cur_u64le(&c) };
    uint8_t bytes = cur_u8(&c);
    uint8_t give = cur_u8(&c);
    r.bytes = (enum request_bytes)bytes;
    r.give = (enum give)(give <= GIVE_ALL ? give : GIVE_NONE);
    r.give_part = cur_u32le(&c);
    r.trace = cur_u8(&c) == 1;
    r.name = get_text(&c, mem, REQUEST_NAME_MAX);
    r.declared = get_text(&c, mem, REQUEST_NAME_MAX);
    uint32_t n = cur_u32le(&c);
    if (!cur_ok(&c) || n > REQUEST_HINTS_MAX || bytes > REQUEST_FILE || give > GIVE_ALL)
        return false;
    struct password *hints = ARENA_ARRAY(mem, struct password, n + 1);
    for (uint32_t i = 0; hints && i < n; i++) {
        uint32_t source = cur_u32le(&c);
        if (source > PASSWORD_DEFAULT)
            return false;
        hints[i] = (struct password){
            .source = (enum password_source)source, .part = NO_ID, .line = NO_LINE, .rank = i
        };
        hints[i].text = get_text(&c, mem, REQUEST_HINT_BYTES_MAX);
    }
    r.hints = hints;
    r.n_hints = n;
    r.body = cur_rest(&c);
    if (!cur_ok(&c) || arena_full(mem) || r.body.len != (bytes == REQUEST_INSIDE ? r.size : 0))
        return false;
    *out = r;
    return true;
}
