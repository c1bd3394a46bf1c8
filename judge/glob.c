/* SPDX-License-Identifier: Apache-2.0 */
/* glob - leftmost search segment by segment: with stars between them, taking
 * each segment as early as possible can never lose a match. Time is bounded by
 * text length times pattern length; patterns are ours. */
#include "judge/glob.h"
#include "base/text.h"

bool glob_make(const uint16_t *units, uint32_t n, bool cased, struct arena *mem, struct glob *out)
{
    uint32_t stars = 0;
    for (uint32_t i = 0; i < n; i++)
        stars += units[i] == GLOB_STAR;
    struct glob_segment *segments = ARENA_ARRAY(mem, struct glob_segment, stars + 1);
    if (!segments)
        return false;
    uint32_t count = 0, from = 0;
    for (uint32_t i = 0; i <= n; i++) {
        if (i < n && units[i] != GLOB_STAR)
            continue;
        if (i > from)
            segments[count++] = (struct glob_segment){ units + from, i - from };
        from = i + 1;
    }
    *out = (struct glob){
        .segments = segments,
        .n = count,
        .start = n == 0 || units[0] != GLOB_STAR,
        .end = n == 0 || units[n - 1] != GLOB_STAR,
        .cased = cased,
    };
    return true;
}

static size_t dash_at(slice text, size_t pos)
{
    if (text.at[pos] == '-' || text.at[pos] == '/')
        return 1;
    slice s = slice_sub(text, pos, 3); /* E2 80 93..95 */
    return s.len == 3 && s.at[0] == 0xe2 && s.at[1] == 0x80 && s.at[2] >= 0x93 && s.at[2] <= 0x95
               ? 3
               : 0;
}

/* The end of the segment when it stands at pos, else SIZE_MAX. */
static size_t segment_at(const struct glob_segment *s, bool cased, slice text, size_t pos)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (pos >= text.len)
            return SIZE_MAX;
        uint8_t c = text.at[pos];
        uint16_t unit = s->units[i];
        if (unit < 256) {
            if ((cased ? c : ascii_lower(c)) != unit)
                return SIZE_MAX;
            pos++;
        } else if (unit == GLOB_ONE) {
            pos++;
            if (c >= 0xc0)
                while (pos < text.len && (text.at[pos] & 0xc0) == 0x80)
                    pos++;
        } else {
            size_t step = dash_at(text, pos);
            if (!step)
                return SIZE_MAX;
            pos += step;
        }
    }
    return pos;
}

/* The start of the segment when it ends at `end`, else SIZE_MAX. */
static size_t segment_before(const struct glob_segment *s, bool cased, slice text, size_t end)
{
    size_t pos = end;
    for (uint32_t i = s->n; i-- > 0;) {
        if (pos == 0)
            return SIZE_MAX;
        uint16_t unit = s->units[i];
        uint8_t c = text.at[pos - 1];
        if (unit < 256) {
            if ((cased ? c : ascii_lower(c)) != unit)
                return SIZE_MAX;
            pos--;
        } else if (unit == GLOB_ONE) {
            pos--;
            while (pos > 0 && (text.at[pos] & 0xc0) == 0x80)
                pos--;
        } else if (c == '-' || c == '/') {
            pos--;
        } else if (pos >= 3 && dash_at(text, pos - 3) == 3) {
            pos -= 3;
        } else {
            return SIZE_MAX;
        }
    }
    return pos;
}

static bool segment_find(const struct glob_segment *s, bool cased, slice text, size_t from,
                         struct range *at_out)
{
    uint16_t first = s->units[0];
    uint8_t lower = (uint8_t)first;
    bool plain = first < 256 && (cased || !ascii_alpha(lower));
    for (size_t pos = from; pos < text.len; pos++) {
        if (plain) {
            pos = slice_find_byte(text, lower, pos);
            if (pos == SIZE_MAX)
                return false;
        } else if (first < 256 && (text.at[pos] | 32) != lower) {
            continue;
        } else if (first == GLOB_ONE && (text.at[pos] & 0xc0) == 0x80) {
            continue; /* a match begins with a whole character */
        }
        size_t end = segment_at(s, cased, text, pos);
        if (end != SIZE_MAX) {
            *at_out = (struct range){ pos, end };
            return true;
        }
    }
    return false;
}

/* A single segment that must fill the text. */
static bool match_whole(const struct glob *g, slice text, struct range *at_out)
{
    *at_out = (struct range){ 0, text.len };
    return g->n == 0 ? text.len == 0 : segment_at(&g->segments[0], g->cased, text, 0) == text.len;
}

static bool match(const struct glob *g, slice text, struct range *at_out)
{
    uint32_t i = 0, n = g->n;
    size_t pos = 0;
    if (n == 0) {
        *at_out = (struct range){ 0, text.len };
        return !g->start || text.len == 0;
    }
    if (g->start && g->end && n == 1)
        return match_whole(g, text, at_out);
    *at_out = (struct range){ SIZE_MAX, 0 };
    if (g->start) {
        pos = segment_at(&g->segments[i++], g->cased, text, 0);
        if (pos == SIZE_MAX)
            return false;
        *at_out = (struct range){ 0, pos };
    }
    slice middle = text;
    size_t tail = SIZE_MAX;
    if (g->end) {
        tail = segment_before(&g->segments[--n], g->cased, text, text.len);
        if (tail == SIZE_MAX || tail < pos)
            return false;
        middle.len = tail;
    }
    for (; i < n; i++) {
        struct range at;
        if (!segment_find(&g->segments[i], g->cased, middle, pos, &at))
            return false;
        if (at_out->from == SIZE_MAX)
            at_out->from = at.from;
        pos = at_out->to = at.to;
    }
    if (g->end) {
        if (at_out->from == SIZE_MAX)
            at_out->from = tail;
        at_out->to = text.len;
    }
    return true;
}

bool glob_match(const struct glob *g, slice text, struct range *at_out)
{
    struct range at;
    return match(g, text, at_out ? at_out : &at);
}
