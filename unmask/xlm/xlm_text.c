/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_text - functions of texts, as "Text functions (reference)" of Excel describes them.
 *
 * Places count UTF-16 units from 1. What lies behind a hole has no place; what lies before it has.
 * CHAR is that of the western code page (Windows-1252); above 127 it leans on XLM_GUESSED.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_functions.h"
#include <math.h>

static struct xlm_value with(struct xlm_value v, uint8_t leans)
{
    v.leans |= leans;
    return v;
}

static struct xlm_value hole_of(struct text s, uint8_t leans)
{
    return (struct xlm_value){ .kind = XLM_UNKNOWN,
                               .leans = leans,
                               .mark = text_mark_at(s, text_first_hole(s)) };
}

/* The n-th argument as text: false, and *out is what the function gives. */
static bool take_text(struct xlm_book *b, const struct xlm_value *a, uint32_t n, uint32_t i,
                      struct text *s, struct xlm_value *out)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, i));
    if (v.kind == XLM_TEXT)
        *s = v.is.text;
    v.leans |= out->leans;
    *out = v;
    return v.kind == XLM_TEXT;
}

/* The same as a whole number that is not negative; `missing` stands for none. */
static bool take_count(struct xlm_book *b, const struct xlm_value *a, uint32_t n, uint32_t i,
                       double missing, uint32_t *count, struct xlm_value *out)
{
    struct xlm_value v = i < n ? xlm_value_as_number(b, a[i]) : xlm_value_number(missing);
    v.leans |= out->leans;
    if (v.kind == XLM_NUMBER && (v.is.number < 0 || isnan(v.is.number)))
        v = with(xlm_value_error(XLM_VALUE), v.leans);
    *count = v.kind != XLM_NUMBER ? 0
             : v.is.number > 1e9  ? 1000000000
                                  : (uint32_t)xlm_value_whole(v.is.number);
    *out = v;
    return v.kind == XLM_NUMBER;
}

/* --- characters */

static const uint16_t windows_1252[32] = { 0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
                                           0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
                                           0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D,
                                           0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
                                           0x0153, 0x9D,   0x017E, 0x0178 };

/* Long texts are put together from single characters: each is made once while a cell
 * is evaluated. */
static struct text one_character(struct xlm_book *b, uint16_t unit)
{
    text_mark mark = xlm_value_mark(b);
    if (unit >= 128)
        return text_of_unit(b->t, unit, mark);
    bool made = b->chars[unit].n && text_mark_at(b->chars[unit], 0) == mark;
    if (!made)
        b->chars[unit] = xlm_book_units(b, 8) ? text_of_unit(b->t, unit, mark) : (struct text){ 0 };
    return b->chars[unit];
}

XLM_CALL(xlm_text_char)
{
    struct xlm_value v = xlm_value_as_number(b, xlm_function_arg(a, n, 0));
    if (v.kind != XLM_NUMBER)
        return v;
    v.is.number = xlm_value_whole(v.is.number);
    if (!(v.is.number >= 1 && v.is.number < 256))
        return with(xlm_value_error(XLM_VALUE), v.leans);
    uint16_t unit = (uint16_t)v.is.number;
    uint8_t leans = unit < 128 ? v.leans : v.leans | XLM_GUESSED;
    if (unit >= 128 && unit < 160)
        unit = windows_1252[unit - 128];
    return with(xlm_value_text(one_character(b, unit)), leans);
}

XLM_CALL(xlm_text_unichar)
{
    struct xlm_value v = xlm_value_as_number(b, xlm_function_arg(a, n, 0));
    if (v.kind != XLM_NUMBER)
        return v;
    v.is.number = xlm_value_whole(v.is.number);
    if (!(v.is.number >= 1 && v.is.number < 0x10000) ||
        (v.is.number >= 0xD800 && v.is.number < 0xE000))
        return with(xlm_value_error(XLM_VALUE), v.leans);
    return with(xlm_value_text(one_character(b, (uint16_t)v.is.number)), v.leans);
}

XLM_CALL(xlm_text_code)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    if (!take_text(b, a, n, 0, &s, &v))
        return v;
    if (s.n == 0)
        return with(xlm_value_error(XLM_VALUE), v.leans);
    if (text_is_hole(s, 0))
        return hole_of(s, v.leans);
    uint16_t unit = text_unit(s, 0);
    for (uint16_t i = 0; i < 32; i++)
        if (windows_1252[i] == unit)
            unit = (uint16_t)(128 + i);
    return with(xlm_value_number(unit < 256 ? unit : 63),
                unit < 128 ? v.leans : v.leans | XLM_GUESSED);
}

/* --- joining */

XLM_CALL(xlm_text_concatenate)
{
    struct xlm_value v = { .kind = XLM_TEXT };
    for (uint32_t i = 0; i < n && v.kind == XLM_TEXT; i++)
        v = xlm_value_join(b, v, a[i]);
    return v;
}

struct joining {
    struct xlm_value v, between;
    bool first, skip;
};

static bool join_one(struct xlm_book *b, void *host, struct xlm_value one)
{
    struct joining *j = host;
    one = xlm_value_as_text(b, one);
    if (j->skip && one.kind == XLM_TEXT && one.is.text.n == 0)
        return true;
    if (!j->first && j->between.kind == XLM_TEXT)
        j->v = xlm_value_join(b, j->v, j->between);
    j->first = false;
    if (j->v.kind == XLM_TEXT)
        j->v = xlm_value_join(b, j->v, one);
    return j->v.kind == XLM_TEXT;
}

/* CONCAT: areas whole. */
XLM_CALL(xlm_text_concat)
{
    struct joining j = { .v = { .kind = XLM_TEXT }, .first = true };
    xlm_cell_each(b, a, n, join_one, &j);
    return j.v;
}

XLM_CALL(xlm_text_textjoin)
{
    struct xlm_value skip = xlm_value_as_truth(b, xlm_function_arg(a, n, 1));
    struct joining j = { .v = { .kind = XLM_TEXT },
                         .first = true,
                         .skip = skip.kind == XLM_TRUTH && skip.is.number != 0 };
    j.between = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    if (n > 2)
        xlm_cell_each(b, a + 2, n - 2, join_one, &j);
    return j.v;
}

XLM_CALL(xlm_text_rept)
{
    struct text s = { 0 }, whole = { 0 };
    struct xlm_value v = { 0 };
    uint32_t times;
    if (!take_text(b, a, n, 0, &s, &v) || !take_count(b, a, n, 1, 0, &times, &v))
        return v;
    if ((uint64_t)s.n * times > XLM_STRING_MAX)
        return with(xlm_value_error(XLM_VALUE), v.leans);
    if (!xlm_book_units(b, s.n * times))
        return xlm_value_unknown(b, "length");
    for (uint32_t i = 0; i < times && s.n; i++)
        whole = text_join(b->t, whole, s);
    return with(xlm_value_text(whole), v.leans);
}

/* --- pieces */

static struct xlm_value piece(struct text s, uint64_t from, uint64_t len, uint8_t leans)
{
    uint32_t hole = text_first_hole(s);
    uint64_t end = from + len < s.n ? from + len : s.n;
    if (hole < s.n && (end > hole || from >= s.n)) {
        if (from == 0 && end >= s.n)
            return with(xlm_value_text(s), leans);
        return hole_of(s, leans);
    }
    return with(xlm_value_text(text_sub(s, from, len)), leans);
}

XLM_CALL(xlm_text_mid)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    uint32_t from, len;
    if (!take_text(b, a, n, 0, &s, &v) || !take_count(b, a, n, 1, 0, &from, &v) ||
        !take_count(b, a, n, 2, 0, &len, &v))
        return v;
    return from == 0 ? with(xlm_value_error(XLM_VALUE), v.leans) : piece(s, from - 1, len, v.leans);
}

XLM_CALL(xlm_text_left)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    uint32_t len;
    if (!take_text(b, a, n, 0, &s, &v) || !take_count(b, a, n, 1, 1, &len, &v))
        return v;
    return piece(s, 0, len, v.leans);
}

XLM_CALL(xlm_text_right)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    uint32_t len;
    if (!take_text(b, a, n, 0, &s, &v) || !take_count(b, a, n, 1, 1, &len, &v))
        return v;
    uint32_t from = len < s.n ? s.n - len : 0;
    struct text end = text_sub(s, from, len);
    if (text_known(end) && from > 0) /* what stands before does not matter */
        return with(xlm_value_text(end), v.leans);
    return from == 0 ? with(xlm_value_text(s), v.leans) : hole_of(s, v.leans);
}

XLM_CALL(xlm_text_len)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    if (!take_text(b, a, n, 0, &s, &v))
        return v;
    return text_known(s) ? with(xlm_value_number(s.n), v.leans) : hole_of(s, v.leans);
}

XLM_CALL(xlm_text_replace)
{
    struct text s = { 0 }, in = { 0 };
    struct xlm_value v = { 0 };
    uint32_t from, len;
    if (!take_text(b, a, n, 0, &s, &v) || !take_count(b, a, n, 1, 0, &from, &v) ||
        !take_count(b, a, n, 2, 0, &len, &v) || !take_text(b, a, n, 3, &in, &v))
        return v;
    if (from == 0)
        return with(xlm_value_error(XLM_VALUE), v.leans);
    struct xlm_value head = piece(s, 0, from - 1, v.leans);
    if (head.kind != XLM_TEXT || !text_known(text_sub(s, 0, (uint64_t)from - 1 + len)))
        return hole_of(s, v.leans);
    struct xlm_value middle = xlm_value_join(b, head, xlm_value_text(in));
    return with(
        xlm_value_join(b, middle, xlm_value_text(text_sub(s, (uint64_t)from - 1 + len, s.n))),
        v.leans);
}

XLM_CALL(xlm_text_substitute)
{
    struct text s = { 0 }, old = { 0 }, fresh = { 0 }, out = { 0 };
    struct xlm_value v = { 0 };
    uint32_t which = 0;
    if (!take_text(b, a, n, 0, &s, &v) || !take_text(b, a, n, 1, &old, &v) ||
        !take_text(b, a, n, 2, &fresh, &v) || (n > 3 && !take_count(b, a, n, 3, 0, &which, &v)))
        return v;
    if (n > 3 && which == 0)
        return with(xlm_value_error(XLM_VALUE), v.leans);
    if (old.n == 0)
        return with(xlm_value_text(s), v.leans);
    if (!text_known(old) || (n > 3 && !text_known(s)))
        return hole_of(text_known(old) ? s : old, v.leans);
    uint32_t from = 0;
    for (uint32_t found = 1; from < s.n; found++) {
        uint32_t at = text_find(s, old, from, false);
        if (at == UINT32_MAX || !xlm_book_spend(b, 1 + (at - from) / 16) ||
            !xlm_book_units(b, at - from + fresh.n))
            break;
        bool swap = n <= 3 || found == which;
        out = text_join(b->t, out, text_sub(s, from, at - from));
        out = text_join(b->t, out, swap ? fresh : text_sub(s, at, old.n));
        from = at + old.n;
        if (out.n > XLM_STRING_MAX)
            break;
    }
    return with(xlm_value_text(text_join(b->t, out, text_sub(s, from, s.n))), v.leans);
}

static struct xlm_value find(struct xlm_book *b, const struct xlm_value *a, uint32_t n, bool nocase)
{
    struct text needle = { 0 }, s = { 0 };
    struct xlm_value v = { 0 };
    uint32_t from;
    if (!take_text(b, a, n, 0, &needle, &v) || !take_text(b, a, n, 1, &s, &v) ||
        !take_count(b, a, n, 2, 1, &from, &v))
        return v;
    if (!text_known(needle))
        return hole_of(needle, v.leans);
    for (uint32_t i = 0; nocase && i < needle.n; i++) /* patterns */
        if (text_unit(needle, i) == '*' || text_unit(needle, i) == '?' ||
            text_unit(needle, i) == '~')
            return with(xlm_value_unknown(b, "SEARCH"), v.leans);
    uint32_t at = from == 0 || from > s.n + 1 || !xlm_book_spend(b, s.n / 4)
                      ? UINT32_MAX
                      : text_find(s, needle, from - 1, nocase);
    uint32_t hole = text_first_hole(s);
    if (hole < s.n && (at == UINT32_MAX || at > hole))
        return hole_of(s, v.leans);
    return with(at == UINT32_MAX ? xlm_value_error(XLM_VALUE) : xlm_value_number(at + 1), v.leans);
}

XLM_CALL(xlm_text_find) { return find(b, a, n, false); }
XLM_CALL(xlm_text_search) { return find(b, a, n, true); }

/* --- case and blanks */

enum change { TO_LOWER, TO_UPPER, TO_PROPER, TO_TRIMMED, TO_CLEAN };

static bool is_letter(uint16_t u) { return (u < 0x80 && ascii_alpha((uint8_t)u)) || u >= 0xC0; }

static uint16_t cased(uint16_t u, bool up)
{
    bool small =
        (u >= 'a' && u <= 'z') || (u >= 0xE0 && u < 0xFF && u != 0xF7) || (u >= 0x430 && u < 0x450);
    bool big =
        (u >= 'A' && u <= 'Z') || (u >= 0xC0 && u < 0xDF && u != 0xD7) || (u >= 0x410 && u < 0x430);
    return up && small ? (uint16_t)(u - 32) : !up && big ? (uint16_t)(u + 32) : u;
}

static struct xlm_value changed(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                enum change how)
{
    struct text s = { 0 };
    struct xlm_value v = { 0 };
    if (!take_text(b, a, n, 0, &s, &v) || s.n == 0)
        return v;
    uint16_t *units = xlm_book_units(b, s.n * 2) ? ARENA_ARRAY(b->mem, uint16_t, s.n) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(b->mem, uint32_t, s.n) : NULL, k = 0;
    if (!from)
        return xlm_value_unknown(b, "length");
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        bool hole = text_is_hole(s, i), word = i > 0 && is_letter(text_unit(s, i - 1));
        if (!hole && how == TO_CLEAN && u < 32)
            continue;
        if (!hole && how == TO_TRIMMED && u == ' ' && (k == 0 || units[k - 1] == ' '))
            continue;
        if (!hole && how <= TO_PROPER)
            u = cased(u, how == TO_UPPER || (how == TO_PROPER && !word));
        units[k] = u;
        from[k++] = i;
    }
    if (how == TO_TRIMMED && k && units[k - 1] == ' ')
        k--;
    return with(xlm_value_text(text_mapped(b->t, s, units, from, k)), v.leans);
}

XLM_CALL(xlm_text_lower) { return changed(b, a, n, TO_LOWER); }
XLM_CALL(xlm_text_upper) { return changed(b, a, n, TO_UPPER); }
XLM_CALL(xlm_text_proper) { return changed(b, a, n, TO_PROPER); }
XLM_CALL(xlm_text_trim) { return changed(b, a, n, TO_TRIMMED); }
XLM_CALL(xlm_text_clean) { return changed(b, a, n, TO_CLEAN); }

/* --- kinds */

XLM_CALL(xlm_text_exact)
{
    struct text x = { 0 }, y = { 0 };
    struct xlm_value v = { 0 };
    if (!take_text(b, a, n, 0, &x, &v) || !take_text(b, a, n, 1, &y, &v))
        return v;
    if (!text_known(x) || !text_known(y))
        return hole_of(text_known(x) ? y : x, v.leans);
    return with(xlm_value_truth(text_eq(x, y)), v.leans);
}

/* T and N take the upper left cell of an area. */
static struct xlm_value first_of(struct xlm_book *b, const struct xlm_value *a, uint32_t n)
{
    struct xlm_value v = xlm_function_arg(a, n, 0);
    return v.kind == XLM_AREA
               ? with(xlm_eval_cell(b, v.is.area.sheet, v.is.area.row, v.is.area.col), v.leans)
               : xlm_value_one(b, v);
}

XLM_CALL(xlm_text_t)
{
    struct xlm_value v = first_of(b, a, n);
    bool kept = v.kind == XLM_TEXT || v.kind == XLM_ERROR || v.kind == XLM_UNKNOWN;
    return kept ? v : (struct xlm_value){ .kind = XLM_TEXT, .leans = v.leans };
}

XLM_CALL(xlm_text_n)
{
    struct xlm_value v = first_of(b, a, n);
    if (v.kind == XLM_NUMBER || v.kind == XLM_ERROR || v.kind == XLM_UNKNOWN)
        return v;
    return with(xlm_value_number(v.kind == XLM_TRUTH ? v.is.number : 0), v.leans);
}

XLM_CALL(xlm_text_value)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    return v.kind == XLM_TRUTH ? with(xlm_value_error(XLM_VALUE), v.leans)
                               : xlm_value_as_number(b, v);
}

/* TEXT(value, format): the plain formats; of others nothing is known. */
XLM_CALL(xlm_text_text)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0)),
                     f = xlm_value_as_text(b, xlm_function_arg(a, n, 1));
    if (v.kind == XLM_ERROR || f.kind == XLM_ERROR)
        return v.kind == XLM_ERROR ? v : f;
    slice format = text_known(f.is.text) ? text_utf8(b->t, f.is.text) : SLICE_LIT("?");
    if (v.kind == XLM_TEXT || slice_is(format, "@") || slice_is_nocase(format, "General"))
        return with(xlm_value_as_text(b, v), f.leans);
    v = xlm_value_as_number(b, v);
    int places = slice_is(format, "0") || slice_is(format, "#") ? 0
                 : slice_is(format, "0.0")                      ? 1
                 : slice_is(format, "0.00")                     ? 2
                                                                : -1;
    if (v.kind != XLM_NUMBER || places < 0 || fabs(v.is.number) >= 1e15)
        return v.kind == XLM_NUMBER ? with(xlm_value_unknown(b, "TEXT"), v.leans) : v;
    struct buf digits = buf_new(64);
    double ten = places == 2 ? 100 : places == 1 ? 10 : 1;
    buf_format(&digits, "%.*f", places, round(v.is.number * ten) / ten); /* halves go up */
    slice shown = slice_is(format, "#") && slice_is(buf_slice(&digits), "0") ? (slice){ 0 }
                                                                             : buf_slice(&digits);
    struct text made = text_of(b->t, shown, xlm_value_mark(b));
    buf_drop(&digits);
    return with(xlm_value_text(made), v.leans | f.leans);
}
