/* SPDX-License-Identifier: Apache-2.0 */
/* text - a string of evaluated code: every character knows where it came from, and some are holes.
 *
 * Characters are UTF-16 code units, as VBA, Excel, PowerShell and JScript count them. A hole
 * stands for text of unknown length and content; it takes one unit (TEXT_HOLE) and knows why it
 * is not known. Texts are values: nothing that has been made changes. Joining to the end of a
 * text that was made last appends in place, so that a loop which builds a string is linear.
 *
 * An origin is a range of a part (and its line there); it is that of the whole literal, cell or
 * value from which the character was taken. Memory is the arena's, charged against `left`; when
 * it is used up `full` is set and texts become holes.
 */
#pragma once
#include "base/arena.h"
#include "facts/record.h"

enum { TEXT_HOLE = 0x27C2 }; /* U+27C2 PERPENDICULAR, as holes are written for people */

#define TEXT_MARK_HOLE (1u << 31) /* of a mark: it is a reason */

/* Only for what stands in this header and text.c. */
struct text_block {
    uint32_t *marks; /* NULL: all have `mark` */
    uint32_t mark;
    uint32_t used, room, hole; /* hole: the first; UINT32_MAX */
    uint16_t units[];
};

struct text {
    const struct text_block *block; /* NULL when empty */
    uint32_t from, n;
};

struct texts {
    struct arena *mem;
    struct effect_origin *origins;
    slice *reasons;
    uint32_t n_origins, room_origins, n_reasons, room_reasons;
    uint64_t left; /* units that may still be made */
    bool full;
};

typedef uint32_t text_mark; /* an origin, or the reason of a hole */
enum { TEXT_NOWHERE = 0 };

void texts_init(struct texts *t, struct arena *mem, uint64_t units_max);
text_mark texts_origin(struct texts *t, uint32_t part, struct range at, uint32_t line);
/* A reason in words of the code itself: "Rnd", "UserForm1.Box.Text". */
text_mark texts_reason(struct texts *t, slice why);

/* --- making */
struct text text_of(struct texts *t, slice utf8, text_mark origin);
struct text text_of_units(struct texts *t, const uint16_t *units, size_t n, text_mark origin);
struct text text_of_unit(struct texts *t, uint16_t unit, text_mark origin);
struct text text_hole(struct texts *t, text_mark reason);
struct text text_join(struct texts *t, struct text a, struct text b);
/* The text of a part, each line with its own origin; `from` is where it stands there. */
struct text text_of_lines(struct texts *t, slice utf8, uint32_t part, uint64_t from);
/* The characters of s in another order or case: units[i] with the mark of s at from[i]; from
 * NULL: at i. */
struct text text_mapped(struct texts *t, struct text s, const uint16_t *units, const uint32_t *from, size_t n);
/* Units [from, from + n), cut at the end; shares the block. */
static inline struct text text_sub(struct text s, uint64_t from, uint64_t n)
{
    if (from >= s.n || n == 0)
        return (struct text){ 0 };
    uint64_t most = s.n - from;
    return (struct text){ s.block, s.from + (uint32_t)from, (uint32_t)(n < most ? n : most) };
}

/* --- reading */
static inline uint16_t text_unit(struct text s, uint32_t i) { return i < s.n ? s.block->units[s.from + i] : 0; }
static inline text_mark text_mark_at(struct text s, uint32_t i)
{
    if (i >= s.n)
        return TEXT_NOWHERE;
    return s.block->marks ? s.block->marks[s.from + i] : s.block->mark;
}
static inline bool text_is_hole(struct text s, uint32_t i) { return text_mark_at(s, i) & TEXT_MARK_HOLE; }
/* Index of the first hole; s.n when there is none. */
uint32_t text_first_hole(struct text s);
static inline bool text_known(struct text s) { return text_first_hole(s) == s.n; }
/* UTF-8 in the arena, holes as U+27C2, lone surrogates as U+FFFD. */
slice text_utf8(struct texts *t, struct text s);
bool text_eq(struct text a, struct text b);
/* The same characters and holes in the same places: what one says of a text, the other says, too. */
bool text_says_same(struct text a, struct text b);
/* ASCII letters without case; a hole equals nothing. */
bool text_is_nocase(struct text s, const char *ascii);
/* First place of `needle` at or behind `from`; UINT32_MAX. `nocase` folds ASCII letters. */
uint32_t text_find(struct text s, struct text needle, uint32_t from, bool nocase);
uint32_t text_find_last(struct text s, struct text needle, bool nocase); /* the last place of all */

/* The different origins of a text in order of appearance, neighbouring lines of one part joined;
 * at most max. */
size_t text_origins(const struct texts *t, struct text s, struct effect_origin *out, size_t max);
/* Whether all that `o` says is said by `all`: the same part, and a range around its range; where it
 * has none, the same line. */
bool text_origin_covers(const struct effect_origin *all, const struct effect_origin *o);
/* Why its first hole is not known; empty when it has none. */
slice text_reason(const struct texts *t, struct text s);
