/* SPDX-License-Identifier: Apache-2.0 */
/* text - see text.h. A block holds the units and, beside each, its mark; one whose units all come
 * from one place (a literal, a character) has that mark once. Its first hole is written down:
 * most texts are known, and are asked whether they are at every step. */
#include "unmask/text.h"
#include "base/text.h"

#define MARK_HOLE TEXT_MARK_HOLE

enum { SLACK_MIN = 24, TABLE_MAX = 1u << 20 };

void texts_init(struct texts *t, struct arena *mem, uint64_t units_max)
{
    *t = (struct texts){ .mem = mem, .left = units_max };
    (void)texts_origin(t, NO_ID, (struct range){ 0, 0 }, NO_LINE); /* TEXT_NOWHERE */
}

text_mark texts_origin(struct texts *t, uint32_t part, struct range at, uint32_t line)
{
    struct effect_origin *last = t->n_origins ? &t->origins[t->n_origins - 1] : NULL;
    if (last && last->part == part && last->at.from == at.from && last->at.to == at.to && last->line == line)
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

/* All of its units will have this mark, until block_marks() says otherwise. */
static struct text_block *block_new(struct texts *t, uint64_t room, text_mark mark)
{
    struct text_block *b = NULL;
    if (room <= t->left && room <= UINT32_MAX && !t->full)
        b = arena_get(t->mem, 1, sizeof *b + (size_t)room * sizeof b->units[0]);
    if (!b) {
        t->full = true;
        return NULL;
    }
    b->room = (uint32_t)room;
    b->mark = mark;
    b->hole = mark & MARK_HOLE ? 0 : UINT32_MAX;
    t->left -= room;
    return b;
}

/* From now on each unit has its own mark. What was made stays: they are the same. */
static bool block_marks(struct texts *t, struct text_block *b)
{
    if (b->marks)
        return true;
    text_mark *marks = ARENA_ARRAY(t->mem, text_mark, b->room);
    if (!marks) {
        t->full = true;
        return false;
    }
    for (uint32_t i = 0; i < b->used; i++)
        marks[i] = b->mark;
    b->hole = b->used && (b->mark & MARK_HOLE) ? 0 : UINT32_MAX;
    b->marks = marks;
    return true;
}

static void copy_units(uint16_t *restrict to, const uint16_t *restrict from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = from[i];
}

static void copy_marks(text_mark *restrict to, const text_mark *restrict from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = from[i];
}

/* There is room; false: no memory. */
static bool append(struct texts *t, struct text_block *b, struct text s)
{
    const struct text_block *from = s.block;
    bool alike = !b->marks && !from->marks && from->mark == b->mark;
    if (!alike && !block_marks(t, b))
        return false;
    uint32_t hole = text_first_hole(s);
    if (hole < s.n && b->hole == UINT32_MAX)
        b->hole = b->used + hole;
    copy_units(b->units + b->used, from->units + s.from, s.n);
    if (b->marks && from->marks)
        copy_marks(b->marks + b->used, from->marks + s.from, s.n);
    else if (b->marks)
        for (uint32_t i = 0; i < s.n; i++)
            b->marks[b->used + i] = from->mark;
    b->used += s.n;
    return true;
}

struct text text_of(struct texts *t, slice utf8, text_mark origin)
{
    struct text_block *b = utf8.len ? block_new(t, utf8.len, origin) : NULL;
    if (!b)
        return (struct text){ 0 };
    uint32_t n = 0;
    for (size_t i = 0; i < utf8.len;) {
        uint32_t code = utf8.at[i] < 0x80 ? utf8.at[i++] : utf8_next(utf8, &i);
        if (code >= 0x10000) {
            b->units[n++] = (uint16_t)(0xD7C0 + (code >> 10));
            code = 0xDC00 | (code & 0x3FF);
        }
        b->units[n++] = (uint16_t)code;
    }
    b->used = n;
    return (struct text){ b, 0, n };
}

struct text text_of_lines(struct texts *t, slice utf8, uint32_t part, uint64_t from)
{
    struct text s = text_of(t, utf8, TEXT_NOWHERE);
    struct text_block *b = (struct text_block *)(uintptr_t)s.block;
    text_mark origin = TEXT_NOWHERE;
    uint32_t line = 0, n = 0;
    if (!b || !block_marks(t, b))
        return (struct text){ 0 };
    for (size_t i = 0, end = 0; i < utf8.len;) {
        if (i >= end) {
            size_t to = slice_find_byte(utf8, '\n', i);
            end = to == SIZE_MAX ? utf8.len : to + 1;
            origin = texts_origin(t, part, (struct range){ from + i, from + end }, ++line);
        }
        uint32_t code = utf8.at[i] < 0x80 ? utf8.at[i++] : utf8_next(utf8, &i);
        b->marks[n++] = origin;
        if (code >= 0x10000)
            b->marks[n++] = origin;
    }
    return s;
}

struct text text_of_units(struct texts *t, const uint16_t *units, size_t n, text_mark origin)
{
    struct text_block *b = n ? block_new(t, n, origin) : NULL;
    if (!b)
        return (struct text){ 0 };
    copy_units(b->units, units, (uint32_t)n);
    b->used = (uint32_t)n;
    return (struct text){ b, 0, b->used };
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
    if (to)
        return append(t, to, b) ? (struct text){ to, a.from, a.n + b.n } : (struct text){ 0 };
    uint64_t n = (uint64_t)a.n + b.n;
    to = block_new(t, n + (n < SLACK_MIN ? SLACK_MIN : n / 2 + SLACK_MIN), text_mark_at(a, 0));
    if (!to)
        return (struct text){ 0 };
    to->hole = UINT32_MAX;
    return append(t, to, a) && append(t, to, b) ? (struct text){ to, 0, (uint32_t)n } : (struct text){ 0 };
}

struct text text_mapped(struct texts *t, struct text s, const uint16_t *units, const uint32_t *from, size_t n)
{
    bool alike = s.n && !s.block->marks && (from || n <= s.n);
    for (size_t i = 0; from && alike && i < n; i++)
        alike = from[i] < s.n;
    struct text_block *b = n ? block_new(t, n, alike ? s.block->mark : TEXT_NOWHERE) : NULL;
    if (!b || (!alike && !block_marks(t, b)))
        return (struct text){ 0 };
    copy_units(b->units, units, (uint32_t)n);
    for (size_t i = 0; i < n && !alike; i++) {
        b->marks[i] = text_mark_at(s, from ? from[i] : (uint32_t)i);
        if (b->marks[i] & MARK_HOLE && b->hole == UINT32_MAX)
            b->hole = (uint32_t)i;
    }
    b->used = (uint32_t)n;
    return (struct text){ b, 0, b->used };
}

uint32_t text_first_hole(struct text s)
{
    if (s.n == 0 || s.block->hole >= s.from + s.n)
        return s.n;
    if (s.block->hole >= s.from)
        return s.block->hole - s.from;
    for (uint32_t i = 0; i < s.n; i++)
        if (text_is_hole(s, i))
            return i;
    return s.n;
}

slice text_utf8(struct texts *t, struct text s)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t unit = s.block->units[s.from + i];
        n += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    }
    uint8_t *out = n ? arena_get(t->mem, n, 1) : NULL;
    n = 0;
    for (uint32_t i = 0; out && i < s.n; i++) {
        uint32_t code = s.block->units[s.from + i];
        if (code < 0x80) {
            out[n++] = (uint8_t)code;
            continue;
        }
        if ((code & 0xFC00) == 0xD800 && (text_unit(s, i + 1) & 0xFC00) == 0xDC00)
            code = 0x10000 + ((code & 0x3FF) << 10) + (text_unit(s, ++i) & 0x3FFu);
        uint8_t bytes[4];
        size_t len = utf8_put(bytes, code);
        for (size_t k = 0; k < len; k++)
            out[n++] = bytes[k];
    }
    return (slice){ out, n };
}

static bool same_units(const uint16_t *a, const uint16_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

bool text_eq(struct text a, struct text b)
{
    if (a.n != b.n || !text_known(a) || !text_known(b))
        return false;
    return a.n == 0 || same_units(a.block->units + a.from, b.block->units + b.from, a.n);
}

bool text_says_same(struct text a, struct text b)
{
    if (a.n != b.n || (a.n && !same_units(a.block->units + a.from, b.block->units + b.from, a.n)))
        return false;
    if (text_known(a) && text_known(b))
        return true;
    for (uint32_t i = 0; i < a.n; i++)
        if (text_is_hole(a, i) != text_is_hole(b, i))
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

/* --- finding
 *
 * Long needles by the two-way algorithm (Crochemore and Perrin, "Two-way string-matching", JACM 38,
 * 1991): linear whatever the texts are, and without memory. Backwards, both are read from their
 * ends. */

enum { NEEDLE_SHORT = 24 };

struct units {
    const uint16_t *at;
    uint32_t n;
    bool backwards, nocase;
};

static uint16_t unit_at(const struct units *s, uint32_t i)
{
    uint16_t u = s->at[s->backwards ? s->n - 1 - i : i];
    return s->nocase ? folded(u) : u;
}

/* Where the greatest suffix begins (one less; -1 for the whole), by either order of the alphabet. */
static int64_t greatest_suffix(const struct units *what, bool other_way, uint32_t *period_out)
{
    int64_t ip = -1;
    uint32_t jp = 0, k = 1, p = 1;
    while (jp + k < what->n) {
        uint16_t x = unit_at(what, (uint32_t)(ip + k)), y = unit_at(what, jp + k);
        if (x == y) {
            jp += k == p ? p : 0;
            k = k == p ? 1 : k + 1;
        } else if ((x > y) != other_way) {
            jp += k;
            k = 1;
            p = (uint32_t)(jp - ip);
        } else {
            ip = jp++;
            k = p = 1;
        }
    }
    *period_out = p;
    return ip;
}

struct needle {
    struct units what;
    uint32_t cut, shift, memory; /* memory: how much of it is known to fit after a shift */
};

static struct needle cut_needle(const struct units *what)
{
    uint32_t p, q;
    int64_t a = greatest_suffix(what, false, &p), b = greatest_suffix(what, true, &q);
    struct needle n = { *what, (uint32_t)((a > b ? a : b) + 1), a > b ? p : q, 0 };
    uint32_t k = 0;
    while (k < n.cut && n.shift + k < what->n && unit_at(what, k) == unit_at(what, n.shift + k))
        k++;
    if (k == n.cut && n.shift + k <= what->n)
        n.memory = what->n - n.shift;
    else
        n.shift = (n.cut > what->n - n.cut ? n.cut : what->n - n.cut) + 1;
    return n;
}

/* From place *at on; moves it to what was found. */
static bool next_match(const struct units *in, const struct needle *n, uint32_t *at, uint32_t *memory)
{
    while (*at <= in->n - n->what.n) {
        uint32_t k = n->cut > *memory ? n->cut : *memory;
        while (k < n->what.n && unit_at(&n->what, k) == unit_at(in, *at + k))
            k++;
        if (k < n->what.n) {
            *at += k - n->cut + 1;
            *memory = 0;
            continue;
        }
        for (k = n->cut; k > *memory && unit_at(&n->what, k - 1) == unit_at(in, *at + k - 1);)
            k--;
        if (k <= *memory)
            return true;
        *at += n->shift;
        *memory = n->memory;
    }
    return false;
}

/* A hole equals nothing: what fits over one does not. */
static uint32_t find_long(struct text s, struct text needle, uint32_t from, bool nocase, bool backwards)
{
    struct units in = { s.block->units + s.from, s.n, backwards, nocase };
    struct units what = { needle.block->units + needle.from, needle.n, backwards, nocase };
    struct needle n = cut_needle(&what);
    uint32_t at = from, memory = 0;
    bool known = text_known(s);
    while (next_match(&in, &n, &at, &memory)) {
        uint32_t found = backwards ? s.n - at - needle.n : at;
        if (known || text_known(text_sub(s, found, needle.n)))
            return found;
        at += n.shift;
        memory = n.memory;
    }
    return UINT32_MAX;
}

uint32_t text_find(struct text s, struct text needle, uint32_t from, bool nocase)
{
    if (needle.n == 0)
        return from <= s.n ? from : UINT32_MAX;
    if (needle.n > s.n)
        return UINT32_MAX;
    if (needle.n > NEEDLE_SHORT)
        return find_long(s, needle, from, nocase, false);
    const uint16_t *in = s.block->units + s.from, *what = needle.block->units + needle.from;
    bool known = text_known(s);
    uint16_t first = nocase ? folded(what[0]) : what[0];
    for (uint32_t i = from; i <= s.n - needle.n; i++) {
        if ((nocase ? folded(in[i]) : in[i]) != first)
            continue;
        uint32_t k = 1;
        while (k < needle.n && (nocase ? folded(in[i + k]) == folded(what[k]) : in[i + k] == what[k]))
            k++;
        if (k == needle.n && (known || text_known(text_sub(s, i, needle.n))))
            return i;
    }
    return UINT32_MAX;
}

uint32_t text_find_last(struct text s, struct text needle, bool nocase)
{
    if (needle.n == 0 || needle.n > s.n)
        return needle.n == 0 ? s.n : UINT32_MAX;
    if (needle.n > NEEDLE_SHORT)
        return find_long(s, needle, 0, nocase, true);
    for (uint32_t i = s.n - needle.n + 1; i > 0; i--)
        if (text_find(text_sub(s, i - 1, needle.n), needle, 0, nocase) == 0)
            return i - 1;
    return UINT32_MAX;
}

/* Of some values only the line is known: their range is empty, wherever it stands, and does not
 * make another one wider. */
static bool has_range(const struct effect_origin *o) { return o->at.to > o->at.from; }

static bool joins(struct effect_origin *last, const struct effect_origin *o)
{
    bool near = last->part == o->part && last->line != NO_LINE &&
                (o->line == last->line || (o->line == last->line + 1 && has_range(o) && has_range(last)));
    if (near && has_range(o) && has_range(last)) {
        last->at.from = o->at.from < last->at.from ? o->at.from : last->at.from;
        last->at.to = o->at.to > last->at.to ? o->at.to : last->at.to;
    } else if (near && has_range(o)) {
        last->at = o->at;
    }
    return near;
}

bool text_origin_covers(const struct effect_origin *all, const struct effect_origin *o)
{
    if (!has_range(o))
        return all->part == o->part && all->line == o->line;
    return all->part == o->part && all->at.from <= o->at.from && all->at.to >= o->at.to;
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
            had = text_origin_covers(&out[k], &t->origins[m]);
        if (had)
            continue;
        out[n] = t->origins[m];
        if (!has_range(&out[n]))
            out[n].at = (struct range){ 0, 0 };
        n++;
    }
    return n;
}

slice text_reason(const struct texts *t, struct text s)
{
    uint32_t at = text_first_hole(s);
    uint32_t reason = at < s.n ? text_mark_at(s, at) & ~MARK_HOLE : UINT32_MAX;
    return reason < t->n_reasons ? t->reasons[reason] : (slice){ 0 };
}
