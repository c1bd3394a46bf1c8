/* SPDX-License-Identifier: Apache-2.0 */
/* Reads frames from a worker that may be hostile; see frames.h. */
#include "base/buf.h"
#include "base/cursor.h"
#include "base/text.h"
#include "wire/frames.h"
#include "wire/frames_private.h"

#include <errno.h>

/* The same caps as the record's: what it would drop is not worth reading. */
enum { PARTS_MAX = 1 << 16, EVENTS_MAX = 1 << 17, TYPE_KEPT = 26, SCRATCH = 4 << 20 };

/* What must be known of a part to close it on its worker's behalf. */
struct open_part {
    uint8_t type[TYPE_KEPT];
    uint8_t type_len;
    bool closed;
};

struct frames_in {
    struct sink sink;
    struct arena *own, *scratch; /* scratch: one frame's cleaned texts and lists */
    struct buf pending;          /* a frame that has not come whole */
    struct buf parts;            /* of struct open_part */
    uint32_t n_parts, n_events;
    uint64_t answered;
    const char *why;
    bool done;
};

int frames_in_new(struct frames_in **out)
{
    struct arena *own = arena_new(64 << 10);
    struct frames_in *f = own ? ARENA_NEW(own, struct frames_in) : NULL;
    struct arena *scratch = f ? arena_new(SCRATCH) : NULL;
    if (!scratch) {
        arena_drop(&own);
        return -ENOMEM;
    }
    f->own = own;
    f->scratch = scratch;
    f->pending = buf_new(FRAME_HEAD + FRAME_PAYLOAD_MAX);
    f->parts = buf_new(PARTS_MAX * sizeof(struct open_part));
    *out = f;
    return 0;
}

void frames_in_drop(struct frames_in **fp)
{
    struct frames_in *f = *fp;
    *fp = NULL;
    if (!f)
        return;
    buf_drop(&f->pending);
    buf_drop(&f->parts);
    arena_drop(&f->scratch);
    struct arena *own = f->own;
    arena_drop(&own);
}

void frames_in_start(struct frames_in *f, const struct sink *sink)
{
    f->sink = *sink;
    buf_clear(&f->pending);
    buf_clear(&f->parts);
    f->n_parts = f->n_events = 0;
    f->answered = 0;
    f->why = NULL;
    f->done = false;
}

const char *frames_in_why(const struct frames_in *f)
{
    return f->why ? f->why : "nothing is wrong";
}

static bool bad(struct frames_in *f, const char *why)
{
    f->why = why;
    return false;
}

static struct open_part *part_at(struct frames_in *f, uint32_t part)
{
    return (struct open_part *)(void *)f->parts.at + part;
}

static void keep_type(struct open_part *p, slice type)
{
    p->type_len = (uint8_t)slice_copy_out(utf8_cut(type, TYPE_KEPT), p->type, TYPE_KEPT);
}

/* --- pieces of a payload; the cursor remembers what did not fit */

static slice get_text(struct frames_in *f, cursor *c, size_t max)
{
    uint32_t len = cur_u32le(c);
    if (len > max)
        c->torn = true;
    slice s = cur_take(c, len);
    return utf8_valid(s) ? s : utf8_clean(f->scratch, s);
}

static struct range get_range(cursor *c)
{
    struct range r = { cur_u64le(c), cur_u64le(c) };
    if (r.to < r.from)
        c->torn = true;
    return r;
}

/* An index or enum below n. */
static uint32_t get_below(cursor *c, uint32_t v, uint32_t n)
{
    if (v >= n) {
        c->torn = true;
        return 0;
    }
    return v;
}

static uint32_t get_part(struct frames_in *f, cursor *c)
{
    return get_below(c, cur_u32le(c), f->n_parts);
}
static uint32_t get_event(struct frames_in *f, cursor *c)
{
    return get_below(c, cur_u32le(c), f->n_events);
}
static enum fact_id get_fact_id(cursor *c)
{
    return (enum fact_id)get_below(c, cur_u32le(c), FACT_COUNT);
}

static bool whole(const cursor *c)
{
    return cur_ok(c) && cur_left(c) == 0;
}

/* --- frames */

static bool read_part(struct frames_in *f, cursor *c)
{
    struct part p = { .parent = cur_u32le(c) };
    p.how = (enum part_how)get_below(c, cur_u8(c), HOW_KINDS);
    p.size = cur_u64le(c);
    (void)slice_copy_out(cur_take(c, sizeof p.sha256), p.sha256, sizeof p.sha256);
    p.name = get_text(f, c, NAME_MAX_BYTES);
    p.type = get_text(f, c, NAME_MAX_BYTES);
    p.declared = get_text(f, c, NAME_MAX_BYTES);
    bool rooted = f->n_parts == 0 ? p.parent == NO_ID : p.parent < f->n_parts;
    if (!whole(c) || !rooted)
        return bad(f, "malformed part");
    struct open_part kept = { .closed = false };
    keep_type(&kept, p.type);
    buf_put(&f->parts, (slice){ (const uint8_t *)&kept, sizeof kept });
    if (f->parts.full)
        return bad(f, "too many parts");
    f->n_parts++;
    f->sink.part(f->sink.host, &p);
    return true;
}

static bool read_part_end(struct frames_in *f, cursor *c)
{
    uint32_t part = get_part(f, c);
    enum walk_end end = (enum walk_end)get_below(c, cur_u8(c), WALK_CRASHED);
    slice type = get_text(f, c, NAME_MAX_BYTES);
    if (!whole(c))
        return bad(f, "malformed end of part");
    part_at(f, part)->closed = true;
    keep_type(part_at(f, part), type);
    f->sink.part_end(f->sink.host, part, type, end);
    return true;
}

static bool read_event(struct frames_in *f, cursor *c)
{
    struct event e = { .kind = (enum event_kind)get_below(c, cur_u8(c), EVENT_KINDS) };
    e.part = get_part(f, c);
    if (!whole(c) || f->n_events == EVENTS_MAX)
        return bad(f, "malformed event");
    f->n_events++;
    f->sink.event(f->sink.host, &e);
    return true;
}

static bool read_fact(struct frames_in *f, cursor *c)
{
    struct fact fact = { .id = get_fact_id(c) };
    fact.event = get_event(f, c);
    fact.part = get_part(f, c);
    fact.at = get_range(c);
    fact.line = cur_u32le(c);
    fact.scanned = get_below(c, cur_u8(c), FACT_BIT_SCANNED + 1) & FACT_BIT_SCANNED;
    fact.number = (int64_t)cur_u64le(c);
    fact.text = get_text(f, c, FRAMES_TEXT_MAX);
    if (!whole(c))
        return bad(f, "malformed fact");
    enum fact_type type = fact_row(fact.id)->type;
    if ((type == FACT_TYPE_FLAG && fact.number != 1) ||
        ((type == FACT_TYPE_FLAG || type == FACT_TYPE_INT) && fact.text.len))
        return bad(f, "fact of another type than the dictionary's");
    f->sink.fact(f->sink.host, &fact);
    return true;
}

static bool read_hit(struct frames_in *f, cursor *c)
{
    struct hit h = { .atom = cur_u32le(c) };
    h.event = get_event(f, c);
    h.part = get_part(f, c);
    h.field = get_fact_id(c);
    h.at = get_range(c);
    h.line = cur_u32le(c);
    h.excerpt = get_text(f, c, EXCERPT_MAX_BYTES);
    if (!whole(c))
        return bad(f, "malformed hit");
    f->sink.hit(f->sink.host, &h);
    return true;
}

static bool read_effect_lists(struct frames_in *f, cursor *c, struct effect *e)
{
    struct effect_argument *arguments =
        ARENA_ARRAY(f->scratch, struct effect_argument, e->n_arguments + 1);
    struct effect_origin *origins = ARENA_ARRAY(f->scratch, struct effect_origin, e->n_origins + 1);
    slice *via = ARENA_ARRAY(f->scratch, slice, e->n_via + 1);
    if (!arguments || !origins || !via)
        return false;
    for (uint32_t i = 0; i < e->n_arguments && cur_ok(c); i++) {
        arguments[i].name = get_text(f, c, FRAMES_TEXT_MAX);
        arguments[i].value = get_text(f, c, FRAMES_TEXT_MAX);
    }
    for (uint32_t i = 0; i < e->n_origins && cur_ok(c); i++) {
        origins[i].part = get_part(f, c);
        origins[i].at = get_range(c);
        origins[i].line = cur_u32le(c);
    }
    for (uint32_t i = 0; i < e->n_via && cur_ok(c); i++)
        via[i] = get_text(f, c, FRAMES_TEXT_MAX);
    e->arguments = arguments;
    e->origins = origins;
    e->via = via;
    return whole(c);
}

static bool read_effect(struct frames_in *f, cursor *c)
{
    struct effect e = { .kind = (enum effect_kind)get_below(c, cur_u8(c), EFFECT_KINDS) };
    e.part = get_part(f, c);
    e.event = get_event(f, c);
    uint32_t sure = get_below(c, cur_u8(c), 4);
    e.known = sure & 1;
    e.conditional = sure >> 1;
    e.sink = get_text(f, c, FRAMES_TEXT_MAX);
    e.n_arguments = get_below(c, cur_u32le(c), FRAMES_LIST_MAX + 1);
    e.n_origins = get_below(c, cur_u32le(c), FRAMES_LIST_MAX + 1);
    e.n_via = get_below(c, cur_u32le(c), FRAMES_LIST_MAX + 1);
    if (!cur_ok(c) || !read_effect_lists(f, c, &e))
        return bad(f, "malformed effect");
    f->sink.effect(f->sink.host, &e);
    return true;
}

static bool read_unread(struct frames_in *f, cursor *c)
{
    struct unread u = { .cause = (enum unread_cause)get_below(c, cur_u8(c), UNREAD_CAUSES) };
    u.part = get_part(f, c);
    u.of = (enum unread_of)get_below(c, cur_u8(c), UNREAD_OFS);
    u.name = get_text(f, c, NAME_MAX_BYTES);
    /* that a worker crashed is for the desk to say */
    if (!whole(c) || u.cause == UNREAD_CRASHED)
        return bad(f, "malformed unread");
    f->sink.unread(f->sink.host, &u);
    return true;
}

static bool read_view(struct frames_in *f, cursor *c)
{
    struct view v = { .id = get_fact_id(c) };
    v.part = get_part(f, c);
    v.size = cur_u64le(c);
    v.text = get_text(f, c, FRAMES_TEXT_MAX);
    if (!whole(c) || fact_row(v.id)->type != FACT_TYPE_VIEW)
        return bad(f, "malformed view");
    f->sink.view(f->sink.host, &v);
    return true;
}

static bool read_bytes(struct frames_in *f, cursor *c)
{
    uint32_t part = get_part(f, c);
    uint64_t at = cur_u64le(c);
    slice bytes = cur_rest(c);
    if (!cur_ok(c) || !f->sink.bytes || bytes.len > UINT64_MAX - at)
        return bad(f, "malformed or unwanted bytes");
    f->answered -= bytes.len; /* how much of it to take is for who asked to decide */
    f->sink.bytes(f->sink.host, part, at, bytes);
    return true;
}

static bool read_done(struct frames_in *f, cursor *c, struct frames_done *out)
{
    struct frames_done d = { .cpu_us = cur_u64le(c) };
    d.last = get_below(c, cur_u8(c), 2);
    if (!whole(c))
        return bad(f, "malformed end");
    for (uint32_t i = 0; i < f->n_parts; i++)
        if (!part_at(f, i)->closed)
            return bad(f, "ends with an open part");
    f->done = true;
    *out = d;
    return true;
}

static bool read_frame(struct frames_in *f, uint8_t type, slice payload, struct frames_done *out)
{
    cursor c = cur_open(payload);
    switch (type) {
    case FRAME_PART:
        return read_part(f, &c);
    case FRAME_PART_END:
        return read_part_end(f, &c);
    case FRAME_EVENT:
        return read_event(f, &c);
    case FRAME_FACT:
        return read_fact(f, &c);
    case FRAME_HIT:
        return read_hit(f, &c);
    case FRAME_EFFECT:
        return read_effect(f, &c);
    case FRAME_UNREAD:
        return read_unread(f, &c);
    case FRAME_VIEW:
        return read_view(f, &c);
    case FRAME_BYTES:
        return read_bytes(f, &c);
    case FRAME_DONE:
        return read_done(f, &c, out);
    default:
        return bad(f, "unknown frame");
    }
}

/* The frame at the head of `bytes`: its whole size when all of it is there, 0
 * when not yet, SIZE_MAX when it never can be. */
static size_t frame_whole(slice bytes)
{
    if (bytes.len < FRAME_HEAD)
        return 0;
    cursor c = cur_open(slice_sub(bytes, 1, 4));
    size_t payload = cur_u32le(&c);
    if (payload > FRAME_PAYLOAD_MAX)
        return SIZE_MAX;
    return bytes.len - FRAME_HEAD >= payload ? FRAME_HEAD + payload : 0;
}

/* Takes whole frames from the front; returns what is left. */
static slice read_frames(struct frames_in *f, slice bytes, struct frames_done *out)
{
    while (!f->done && !f->why) {
        size_t n = frame_whole(bytes);
        if (n == SIZE_MAX)
            (void)bad(f, "frame too long");
        if (n == 0 || n == SIZE_MAX)
            break;
        if (read_frame(f, bytes.at[0], slice_sub(bytes, FRAME_HEAD, n - FRAME_HEAD), out))
            bytes = slice_from(bytes, n);
        arena_reset(f->scratch);
    }
    return bytes;
}

/* How many bytes the pending frame still lacks, at most `most`. */
static size_t lacking(slice pending, size_t most)
{
    size_t want = FRAME_HEAD;
    if (pending.len >= FRAME_HEAD) {
        cursor c = cur_open(slice_sub(pending, 1, 4));
        want += cur_u32le(&c);
    }
    size_t n = want - pending.len;
    return n < most ? n : most;
}

enum frames_status frames_in_feed(struct frames_in *f, slice bytes, struct frames_done *done_out)
{
    f->answered += bytes.len;
    if (f->answered > FRAMES_ANSWER_MAX)
        (void)bad(f, "answer too long");
    while (bytes.len && f->pending.len && !f->why && !f->done) {
        size_t n = lacking(buf_slice(&f->pending), bytes.len);
        buf_put(&f->pending, slice_sub(bytes, 0, n));
        bytes = slice_from(bytes, n);
        if (f->pending.full)
            (void)bad(f, "out of memory");
        else if (read_frames(f, buf_slice(&f->pending), done_out).len == 0)
            buf_clear(&f->pending);
    }
    if (!f->why && !f->done && bytes.len) {
        bytes = read_frames(f, bytes, done_out);
        if (!f->why && !f->done && bytes.len) {
            buf_put(&f->pending, bytes);
            if (f->pending.full)
                (void)bad(f, "out of memory");
        }
    }
    if (f->done && bytes.len)
        (void)bad(f, "goes on behind its end");
    return f->why ? FRAMES_BAD : f->done ? FRAMES_DONE : FRAMES_MORE;
}

void frames_in_abandon(struct frames_in *f, const struct part *root, enum walk_end end,
                       enum unread_cause cause, enum unread_of of)
{
    if (f->done && !f->why)
        return;
    uint32_t innermost = f->n_parts ? NO_ID : 0;
    if (f->n_parts == 0)
        f->sink.part(f->sink.host, root);
    for (uint32_t i = 0; i < f->n_parts; i++)
        if (!part_at(f, i)->closed)
            innermost = i;
    if (innermost ==
        NO_ID) /* died between its last part and DONE: what else there was is not known */
        innermost = 0;
    struct unread u = { cause, innermost, of, { 0 } };
    f->sink.unread(f->sink.host, &u);
    if (f->n_parts == 0)
        f->sink.part_end(f->sink.host, 0, root->type, end);
    for (uint32_t i = f->n_parts; i-- > 0;)
        if (!part_at(f, i)->closed)
            f->sink.part_end(f->sink.host, i,
                             (slice){ part_at(f, i)->type, part_at(f, i)->type_len }, end);
    f->done = true;
    f->why = NULL;
}

enum frames_status frames_in_hello(struct frames_in *f, slice bytes, struct frames_hello *out)
{
    buf_put(&f->pending, bytes);
    slice so_far = buf_slice(&f->pending);
    size_t n = f->pending.full ? SIZE_MAX : frame_whole(so_far);
    if (n == 0)
        return FRAMES_MORE;
    if (n != so_far.len || so_far.at[0] != FRAME_HELLO || n != FRAME_HEAD + HELLO_BYTES) {
        f->why = "no greeting";
        return FRAMES_BAD;
    }
    cursor c = cur_open(slice_from(so_far, FRAME_HEAD));
    bool same = cur_u32le(&c) == FRAMES_VERSION;
    same &= cur_u32le(&c) == FACT_COUNT;
    same &= cur_u64le(&c) == frames_dictionary();
    struct frames_hello h = { .landlock = cur_u8(&c) == 1,
                              .seccomp = cur_u8(&c) == 1,
                              .landlock_abi = cur_u8(&c) };
    buf_clear(&f->pending);
    if (!same || !whole(&c)) {
        f->why = "worker program of another build";
        return FRAMES_BAD;
    }
    *out = h;
    return FRAMES_DONE;
}
