/* SPDX-License-Identifier: Apache-2.0 */
/* text - see text.h. A block holds the units and, beside each, its mark. */
#include "unmask/text.h"
#include "base/text.h"

#define MARK_HOLE (1u << 31)

enum { SLACK_MIN = 24, TABLE_MAX = 1u << 20 };

struct text_block {
    uint16_t *units;
    text_mark *marks;
    uint32_t used, room;
};

void texts_init(struct texts *t, struct arena *mem, uint64_t units_max)
{
    *t = (struct texts){ .mem = mem, .left = units_max };
    (void)texts_origin(t, NO_ID, (struct range){ 0, 0 }, NO_LINE); /* TEXT_NOWHERE */
}

text_mark texts_origin(struct texts *t, uint32_t part, struct range at, uint32_t line)
{
    struct effect_origin *last = t->n_origins ? &t->origins[t->n_origins - 1] : NULL;
    if (last && last->part == part && last->at.from == at.from && last->at.to == at.to)
        return t->n_origins - 1;
    if (t->n_origins == t->room_origins) {
        uint32_t room = t->room_origins ? t->room_origins * 2 : 64;
        struct effect_origin *more =
            room > TABLE_MAX ? NULL : arena_regrow(t->mem, t->origins, t->n_origins * sizeof *more, room, sizeof *more);
        if (!more)
            return TEXT_NOWHERE;
        t->origins = more;
        t->room_origins = room;
    }
    t->origins[t->n_origins] = (struct effect_origin){ part, at, line };
    return t->n_origins++;
}

text_mark texts_reason(struct texts *t, slice why)
{
    for (uint32_t i = t->n_reasons; i > 0 && i + 16 > t->n_reasons; i--)
        if (slice_eq(t->reasons[i - 1], why))
            return MARK_HOLE | (i - 1);
    if (t->n_reasons == t->room_reasons) {
        uint32_t room = t->room_reasons ? t->room_reasons * 2 : 16;
        slice *more = room > TABLE_MAX ? NULL : arena_regrow(t->mem, t->reasons, t->n_reasons * sizeof *more, room, sizeof *more);
        if (!more)
            return MARK_HOLE;
        t->reasons = more;
        t->room_reasons = room;
    }
    t->reasons[t->n_reasons] = arena_copy(t->mem, utf8_cut(why, 120));
    return MARK_HOLE | t->n_reasons++;
}

static struct text_block *block_new(struct texts *t, uint64_t room)
{
    struct text_block *b = NULL;
    if (room <= t->left && room <= UINT32_MAX && !t->full) {
        b = ARENA_NEW(t->mem, struct text_block);
        uint16_t *units = b ? ARENA_ARRAY(t->mem, uint16_t, (size_t)room) : NULL;
        text_mark *marks = units ? ARENA_ARRAY(t->mem, text_mark, (size_t)room) : NULL;
        if (!marks)
            b = NULL;
        else
            *b = (struct text_block){ units, marks, 0, (uint32_t)room };
    }
    if (!b) {
        t->full = true;
        return NULL;
    }
    t->left -= room;
    return b;
}

static void append(struct text_block *b, struct text s)
{
    for (uint32_t i = 0; i < s.n; i++) {
        b->units[b->used] = s.block->units[s.from + i];
        b->marks[b->used++] = s.block->marks[s.from + i];
    }
}

static void append_code(struct text_block *b, uint32_t code, text_mark mark)
{
    if (code >= 0x10000) {
        b->units[b->used] = (uint16_t)(0xD7C0 + (code >> 10));
        b->marks[b->used++] = mark;
        code = 0xDC00 | (code & 0x3FF);
    }
    b->units[b->used] = (uint16_t)code;
    b->marks[b->used++] = mark;
}

struct text text_of(struct texts *t, slice utf8, text_mark origin)
{
    struct text_block *b = utf8.len ? block_new(t, utf8.len) : NULL;
    for (size_t i = 0; b && i < utf8.len;)
        append_code(b, utf8.at[i] < 0x80 ? utf8.at[i++] : utf8_next(utf8, &i), origin);
    return b ? (struct text){ b, 0, b->used } : (struct text){ 0 };
}

struct text text_of_units(struct texts *t, const uint16_t *units, size_t n, text_mark origin)
{
    struct text_block *b = n ? block_new(t, n) : NULL;
    for (size_t i = 0; b && i < n; i++) {
        b->units[b->used] = units[i];
        b->marks[b->used++] = origin;
    }
    return b ? (struct text){ b, 0, b->used } : (struct text){ 0 };
}

struct text text_of_unit(struct texts *t, uint16_t unit, text_mark origin) { return text_of_units(t, &unit, 1, origin); }

struct text text_hole(struct texts *t, text_mark reason)
{
    return text_of_unit(t, TEXT_HOLE, reason | MARK_HOLE);
}

/* May b be put behind a where a stands? */
static struct text_block *open_end(struct text a, uint32_t more)
{
    struct text_block *b = a.block ? (struct text_block *)(uintptr_t)a.block : NULL;
    return b && a.from + a.n == b->used && more <= b->room - b->used ? b : NULL;
}

struct text text_join(struct texts *t, struct text a, struct text b)
{
    if (a.n == 0 || b.n == 0)
        return a.n ? a : b;
    if (a.block == b.block && a.from + a.n == b.from)
        return (struct text){ a.block, a.from, a.n + b.n };
    struct text_block *to = open_end(a, b.n);
    if (to) {
        append(to, b);
        return (struct text){ to, a.from, a.n + b.n };
    }
    uint64_t n = (uint64_t)a.n + b.n;
    to = block_new(t, n + (n < SLACK_MIN ? SLACK_MIN : n / 2 + SLACK_MIN));
    if (!to)
        return (struct text){ 0 };
    append(to, a);
    append(to, b);
    return (struct text){ to, 0, (uint32_t)n };
}

struct text text_mapped(struct texts *t, struct text s, const uint16_t *units, const uint32_t *from, size_t n)
{
    struct text_block *b = n ? block_new(t, n) : NULL;
    for (size_t i = 0; b && i < n; i++) {
        b->units[b->used] = units[i];
        b->marks[b->used++] = from[i] < s.n ? text_mark_at(s, from[i]) : TEXT_NOWHERE;
    }
    return b ? (struct text){ b, 0, b->used } : (struct text){ 0 };
}

struct text text_sub(struct text s, uint64_t from, uint64_t n)
{
    if (from >= s.n || n == 0)
        return (struct text){ 0 };
    uint64_t most = s.n - from;
    return (struct text){ s.block, s.from + (uint32_t)from, (uint32_t)(n < most ? n : most) };
}

uint16_t text_unit(struct text s, uint32_t i) { return i < s.n ? s.block->units[s.from + i] : 0; }

text_mark text_mark_at(struct text s, uint32_t i) { return i < s.n ? s.block->marks[s.from + i] : TEXT_NOWHERE; }

bool text_is_hole(struct text s, uint32_t i) { return text_mark_at(s, i) & MARK_HOLE; }

uint32_t text_first_hole(struct text s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (s.block->marks[s.from + i] & MARK_HOLE)
            return i;
    return s.n;
}

slice text_utf8(struct texts *t, struct text s)
{
    uint8_t *out = s.n ? arena_get(t->mem, s.n, 3) : NULL;
    size_t n = 0;
    for (uint32_t i = 0; out && i < s.n; i++) {
        uint32_t code = text_unit(s, i);
        if ((code & 0xFC00) == 0xD800 && (text_unit(s, i + 1) & 0xFC00) == 0xDC00)
            code = 0x10000 + ((code & 0x3FF) << 10) + (text_unit(s, ++i) & 0x3FFu);
        uint8_t bytes[4];
        size_t len = utf8_put(bytes, code);
        for (size_t k = 0; k < len; k++)
            out[n++] = bytes[k];
    }
    return (slice){ out, n };
}

bool text_eq(struct text a, struct text b)
{
    if (a.n != b.n)
        return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (text_unit(a, i) != text_unit(b, i) || text_is_hole(a, i) || text_is_hole(b, i))
            return false;
    return true;
}

static uint16_t folded(uint16_t unit) { return unit < 0x80 ? ascii_lower((uint8_t)unit) : unit; }

bool text_is_nocase(struct text s, const char *ascii)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (!ascii[i] || text_is_hole(s, i) || folded(text_unit(s, i)) != folded((uint16_t)(uint8_t)ascii[i]))
            return false;
    return ascii[s.n] == '\0';
}

static bool stands_at(struct text s, struct text needle, uint32_t at, bool nocase)
{
    for (uint32_t i = 0; i < needle.n; i++) {
        uint16_t x = text_unit(s, at + i), y = text_unit(needle, i);
        if (text_is_hole(s, at + i) || (nocase ? folded(x) != folded(y) : x != y))
            return false;
    }
    return true;
}

uint32_t text_find(struct text s, struct text needle, uint32_t from, bool nocase)
{
    for (uint32_t i = from; needle.n <= s.n && i <= s.n - needle.n; i++)
        if (stands_at(s, needle, i, nocase))
            return i;
    return UINT32_MAX;
}

static bool joins(struct effect_origin *last, const struct effect_origin *o)
{
    bool near = last->part == o->part && last->line != NO_LINE && (o->line == last->line || o->line == last->line + 1);
    if (near) {
        last->at.from = o->at.from < last->at.from ? o->at.from : last->at.from;
        last->at.to = o->at.to > last->at.to ? o->at.to : last->at.to;
    }
    return near;
}

size_t text_origins(const struct texts *t, struct text s, struct effect_origin *out, size_t max)
{
    size_t n = 0;
    text_mark before = MARK_HOLE;
    for (uint32_t i = 0; i < s.n && n < max; i++) {
        text_mark m = text_mark_at(s, i);
        if (m == before || m == TEXT_NOWHERE || (m & MARK_HOLE) || m >= t->n_origins)
            continue;
        before = m;
        bool had = n && joins(&out[n - 1], &t->origins[m]);
        for (size_t k = 0; k < n && !had; k++)
            had = out[k].part == t->origins[m].part && out[k].at.from <= t->origins[m].at.from &&
                  out[k].at.to >= t->origins[m].at.to;
        if (!had)
            out[n++] = t->origins[m];
    }
    return n;
}

slice text_reason(const struct texts *t, struct text s)
{
    uint32_t at = text_first_hole(s);
    uint32_t reason = at < s.n ? text_mark_at(s, at) & ~MARK_HOLE : UINT32_MAX;
    return reason < t->n_reasons ? t->reasons[reason] : (slice){ 0 };
}
