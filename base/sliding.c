/* SPDX-License-Identifier: Apache-2.0 */
/* The window of an LZ77 decoder; see sliding.h. */
#include "base/sliding.h"
#include "base/pages.h"

enum { FIRST = 64 << 10, PIECE = 64 << 10 };

static void plan(struct sliding *s)
{
    size_t next = s->size;
    if (next - s->taken > PIECE)
        next = s->taken + PIECE;
    if (s->limit - s->total < next - s->pos)
        next = s->pos + (size_t)(s->limit - s->total);
    s->next = next;
    s->stop = s->stop || next == s->pos;
}

static bool resize(struct sliding *s, size_t size)
{
    if (!arena_charge(s->mem, size - s->size)) {
        s->budget->hit |= 1u << BUDGET_MEMORY;
        return false;
    }
    uint8_t *at = s->at ? pages_resize(s->at, s->size, size) : pages_new(size);
    if (!at) {
        arena_refund(s->mem, size - s->size);
        s->budget->hit |= 1u << BUDGET_MEMORY;
        return false;
    }
    s->at = at;
    s->size = size;
    return true;
}

bool sliding_start(struct sliding *s, uint64_t want, struct arena *mem, struct budget *budget)
{
    *s = (struct sliding){ .mem = mem, .budget = budget, .stop = true, .want = want };
    s->most = want < SLIDING_MOST ? (size_t)want : SLIDING_MOST;
    if (s->most == 0)
        s->most = 1;
    return resize(s, s->most < FIRST ? s->most : FIRST);
}

void sliding_drop(struct sliding *s)
{
    pages_drop(s->at, s->size);
    if (s->at)
        arena_refund(s->mem, s->size);
    s->at = NULL;
    s->size = 0;
    s->stop = true;
}

void sliding_preset(struct sliding *s, slice before)
{
    size_t n = slice_copy_out(before, s->at, s->size);
    s->pos = s->taken = n % s->size;
    s->turned = n == s->size;
}

void sliding_begin(struct sliding *s, bool (*take)(void *host, slice made), void *host, uint64_t limit,
                   const struct bits *in)
{
    s->take = take;
    s->host = host;
    s->limit = limit > UINT64_MAX - s->total ? UINT64_MAX : s->total + limit;
    s->in = in;
    s->paid = in ? bits_used(in) / 8 : 0;
    s->stop = s->refused || s->size == 0;
    if (s->pos == s->size && !s->stop)
        sliding_turn(s);
    plan(s);
}

bool sliding_pay(struct sliding *s)
{
    uint64_t used = s->in ? bits_used(s->in) / 8 : 0, more = used > s->paid ? used - s->paid : 0;
    s->paid += more;
    if (budget_spend(s->budget, BUDGET_WORK, (more + 1) * WORK_PER_SLIDING_INPUT))
        return true;
    s->stop = s->refused = true;
    return false;
}

/* total counts up to `taken` between the turns. */
static void give(struct sliding *s)
{
    slice made = { s->at + s->taken, s->pos - s->taken };
    s->total += made.len;
    s->taken = s->pos;
    if (!sliding_pay(s) || (made.len && s->take && !s->take(s->host, made)))
        s->stop = s->refused = true;
}

void sliding_turn(struct sliding *s)
{
    give(s);
    if (s->pos == s->size && s->size < s->most && !s->turned) {
        size_t size = s->size > s->most / 2 ? s->most : s->size * 2;
        if (!resize(s, size))
            s->stop = s->refused = true;
    } else if (s->pos == s->size) {
        s->pos = s->taken = 0;
        s->turned = true;
    }
    plan(s);
}

void sliding_end(struct sliding *s)
{
    if (s->at && s->pos != s->taken)
        give(s);
    s->stop = true;
}

/* Up to n bytes from before the beginning, or from where nothing is kept. */
static size_t copy_nothing(struct sliding *s, uint64_t distance, size_t n)
{
    if (distance > s->most && s->want > s->most)
        s->far = true;
    if (!s->turned && distance - s->pos < n && distance)
        n = (size_t)(distance - s->pos);
    memset(s->at + s->pos, s->fill, n);
    return n;
}

static size_t copy_some(struct sliding *s, uint64_t distance, size_t n)
{
    uint8_t *to = s->at + s->pos;
    if (distance == 0 || distance > s->size || (distance > s->pos && !s->turned))
        return copy_nothing(s, distance, n);
    if (distance > s->pos) {
        size_t from = s->pos + s->size - (size_t)distance;
        if (n > s->size - from)
            n = s->size - from;
        memmove(to, s->at + from, n);
    } else if (distance >= n) {
        memcpy(to, to - distance, n);
    } else if (distance == 1) {
        memset(to, to[-1], n);
    } else {
        const uint8_t *from = to - distance;
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    }
    return n;
}

void sliding_copy(struct sliding *s, uint64_t distance, uint64_t len)
{
    while (len && !s->stop) {
        size_t n = s->next - s->pos;
        if (n > len)
            n = (size_t)len;
        n = copy_some(s, distance, n);
        s->pos += n;
        len -= n;
        if (s->pos == s->next)
            sliding_turn(s);
    }
}

bool sliding_to_body(void *host, slice made)
{
    struct sliding_body *b = host;
    return unpack_put(b->out, made, 0, b->mem, b->budget);
}
