/* SPDX-License-Identifier: Apache-2.0 */
/* powershell_value - values and the operators that obfuscators use (about_Operators). */
#include "unmask/powershell/powershell_private.h"

bool ps_spend(struct ps *p, uint64_t n)
{
    if (p->steps >= (p->ceiling ? p->ceiling : PS_STEPS_MAX) || p->t->full || !walk_work(p->w, 20 + 2 * n)) {
        p->limited = p->stop = true;
        return false;
    }
    p->steps++;
    return true;
}

struct ps_value ps_text(struct text s) { return (struct ps_value){ .kind = PS_TEXT, .text = s }; }
struct ps_value ps_cstr(struct ps *p, const char *s) { return ps_text(text_of(p->t, slice_of(s), TEXT_NOWHERE)); }
struct ps_value ps_number(int64_t n) { return (struct ps_value){ .kind = PS_NUMBER, .number = n }; }
struct ps_value ps_bytes(slice bytes) { return (struct ps_value){ .kind = PS_BYTES, .bytes = bytes, .n = (uint32_t)bytes.len }; }
bool ps_is(struct text s, const char *name) { return text_is_nocase(s, name); }

struct ps_value ps_unknown(struct ps *p, const char *why)
{
    return (struct ps_value){ .kind = PS_UNKNOWN, .text = text_hole(p->t, texts_reason(p->t, slice_of(why))) };
}

struct ps_value ps_list(struct ps *p, const struct ps_value *items, uint32_t n)
{
    struct ps_value *kept = n && n <= PS_LIST_MAX && ps_spend(p, 8 * (uint64_t)n) ? ARENA_ARRAY(p->t->mem, struct ps_value, n) : NULL;
    for (uint32_t i = 0; kept && i < n; i++)
        kept[i] = items[i];
    if (n && !kept)
        return ps_unknown(p, "a long list");
    return (struct ps_value){ .kind = PS_LIST, .items = kept, .n = n };
}

uint32_t ps_count(struct ps_value v) { return v.kind == PS_LIST || v.kind == PS_BYTES ? v.n : v.kind == PS_NULL ? 0 : 1; }

struct ps_value ps_item(struct ps *p, struct ps_value v, uint32_t i)
{
    (void)p;
    if (v.kind == PS_LIST)
        return i < v.n ? v.items[i] : (struct ps_value){ 0 };
    if (v.kind == PS_BYTES)
        return i < v.n ? ps_number(v.bytes.at[i]) : (struct ps_value){ 0 };
    return i == 0 ? v : (struct ps_value){ 0 };
}

static struct text digits(struct ps *p, int64_t v)
{
    char all[24];
    size_t n = sizeof all;
    uint64_t left = v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
    do
        all[--n] = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0)
        all[--n] = '-';
    return text_of(p->t, (slice){ (const uint8_t *)all + n, sizeof all - n }, TEXT_NOWHERE);
}

struct text ps_as_text(struct ps *p, struct ps_value v)
{
    switch (v.kind) {
    case PS_TEXT:
    case PS_UNKNOWN:
        return v.text;
    case PS_NUMBER:
        return digits(p, v.number);
    case PS_BLOCK:
        return v.text;
    case PS_METHOD:
        return v.n && v.items[0].kind == PS_TEXT && ps_is(v.text, "insert") ? ps_cstr(p, "string Insert(int startIndex, string value)").text : ps_unknown(p, "a method").text;
    case PS_TRUTH:
        return ps_cstr(p, v.number ? "True" : "False").text;
    case PS_LIST:
    case PS_BYTES:
        return ps_join(p, v, ps_cstr(p, " ").text).text;
    case PS_NULL:
        return (struct text){ 0 };
    default:
        if (v.kind == PS_OBJECT && ps_is(v.text, "System.Collections.Hashtable"))
            return v.text;
        return ps_unknown(p, "an object").text;
    }
}

bool ps_as_number(struct ps *p, struct ps_value v, int64_t *out)
{
    if (v.kind == PS_NUMBER || v.kind == PS_TRUTH || v.kind == PS_NULL) {
        *out = v.number;
        return true;
    }
    if (v.kind != PS_TEXT || !text_known(v.text) || v.text.n > 20)
        return false;
    slice s = slice_trim(text_utf8(p->t, v.text));
    bool minus = s.len && s.at[0] == '-';
    s = slice_from(s, minus);
    bool hex = slice_starts_nocase(s, "0x");
    int64_t n = 0;
    s = slice_from(s, hex ? 2 : 0);
    for (size_t i = 0; i < s.len; i++) {
        int d = ascii_hex(s.at[i]);
        if (d < 0 || (!hex && d > 9) || i > 14)
            return false;
        n = n * (hex ? 16 : 10) + d;
    }
    *out = minus ? -n : n;
    return s.len > 0;
}

/* --- split, join, replace */

static struct ps_value *room(struct ps *p, uint32_t n) { return n <= PS_LIST_MAX && ps_spend(p, 8 * (uint64_t)n) ? ARENA_ARRAY(p->t->mem, struct ps_value, n) : NULL; }

static uint32_t separator(struct text s, uint32_t i, const struct ps_value *by, uint32_t n, bool chars)
{
    for (uint32_t k = 0; k < n; k++) {
        struct text b = by[k].text;
        for (uint32_t c = 0; chars && c < b.n; c++)
            if (text_unit(b, c) == text_unit(s, i) && !text_is_hole(s, i))
                return 1;
        if (!chars && b.n && text_find(text_sub(s, i, b.n), b, 0, true) == 0)
            return b.n;
    }
    return 0;
}

struct ps_value ps_split(struct ps *p, struct text s, const struct ps_value *by, uint32_t n, bool chars)
{
    uint32_t count = 1, from = 0, k = 0;
    if (!ps_spend(p, 4 * (uint64_t)s.n))
        return ps_unknown(p, "split");
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t w = separator(s, i, by, n, chars);
        count += w > 0;
        i += w ? w - 1 : 0;
    }
    struct ps_value *items = room(p, count);
    if (!items)
        return ps_unknown(p, "split");
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t w = separator(s, i, by, n, chars);
        if (!w)
            continue;
        items[k++] = ps_text(text_sub(s, from, i - from));
        from = i + w;
        i += w - 1;
    }
    items[k++] = ps_text(text_sub(s, from, s.n));
    return (struct ps_value){ .kind = PS_LIST, .items = items, .n = k };
}

struct ps_value ps_join(struct ps *p, struct ps_value list, struct text by)
{
    struct text all = { 0 };
    for (uint32_t i = 0; i < ps_count(list) && ps_spend(p, 1); i++) {
        struct ps_value v = ps_item(p, list, i);
        if (i)
            all = text_join(p->t, all, by);
        if (v.kind == PS_LIST)
            v = ps_unknown(p, "a list of lists");
        all = text_join(p->t, all, ps_as_text(p, v));
    }
    return ps_text(all);
}

struct text ps_replace(struct ps *p, struct text s, struct text old, struct text with, bool nocase)
{
    struct text all = { 0 };
    uint32_t from = 0;
    if (old.n == 0 || !text_known(old))
        return old.n ? ps_unknown(p, "replace").text : s;
    for (uint32_t at; ps_spend(p, 1) && (at = text_find(s, old, from, nocase)) != UINT32_MAX; from = at + old.n)
        all = text_join(p->t, text_join(p->t, all, text_sub(s, from, at - from)), with);
    if (!ps_spend(p, (uint64_t)s.n * old.n))
        return ps_unknown(p, "replace").text;
    return text_join(p->t, all, text_sub(s, from, s.n));
}

/* A pattern that stands for itself: its backslashes go. False: it is more than that. */
static bool literal_pattern(struct ps *p, struct text s, struct text *out)
{
    *out = (struct text){ 0 };
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '\\') {
            u = text_unit(s, ++i);
            if (u < 0x80 && ascii_alnum((uint8_t)u))
                return false;
        } else if (u < 0x80 && u && strchr(".*+?|()[]{}^$", u)) {
            return false;
        }
        *out = text_join(p->t, *out, text_sub(s, i, 1));
    }
    return true;
}

/* [abc] or a|b|c of single characters, as -split likes them. */
static bool set_pattern(struct ps *p, struct text s, struct text *out)
{
    bool brackets = s.n > 2 && text_unit(s, 0) == '[' && text_unit(s, s.n - 1) == ']' && text_unit(s, 1) != '^';
    *out = (struct text){ 0 };
    for (uint32_t i = brackets; i + brackets < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '\\')
            u = text_unit(s, ++i);
        else if (brackets && (u == '-' || u == '[' || u == ']'))
            return false;
        else if (!brackets && u < 0x80 && strchr(".*+?()[]{}^$|", u))
            return false;
        *out = text_join(p->t, *out, text_sub(s, i, 1));
        if (!brackets && i + 1 < s.n && text_unit(s, ++i) != '|')
            return false;
    }
    return true;
}

static struct text padded(struct ps *p, struct text s, int64_t width, uint16_t with)
{
    struct text pad = { 0 };
    for (int64_t i = s.n; i < (width < 0 ? -width : width); i++)
        pad = text_join(p->t, pad, text_of_unit(p->t, with, TEXT_NOWHERE));
    return width < 0 ? text_join(p->t, s, pad) : text_join(p->t, pad, s);
}

/* What stands behind the number in {0,-5:X2}: a width, and D or X of whole numbers. */
static bool formatted(struct ps *p, struct text f, uint32_t *at, struct ps_value v, struct text *out)
{
    enum { WIDTH_MAX = 256 };
    int64_t width = 0, least = 0;
    uint32_t k = *at;
    bool minus = text_unit(f, k) == ',' && text_unit(f, k + 1) == '-';
    if (text_unit(f, k) == ',')
        for (k += 1 + minus; text_unit(f, k) >= '0' && text_unit(f, k) <= '9' && width < WIDTH_MAX; k++)
            width = width * 10 + (text_unit(f, k) - '0');
    uint16_t kind = text_unit(f, k) == ':' ? text_unit(f, k + 1) : 0;
    if (kind)
        for (k += 2; text_unit(f, k) >= '0' && text_unit(f, k) <= '9' && least < WIDTH_MAX; k++)
            least = least * 10 + (text_unit(f, k) - '0');
    bool hex = (kind | 32) == 'x';
    if (text_unit(f, k) != '}' || (kind && !hex && (kind | 32) != 'd') || (kind && (v.kind != PS_NUMBER || v.number < 0)))
        return false;
    *out = ps_as_text(p, v);
    if (hex) {
        static const char low[] = "0123456789abcdef", high[] = "0123456789ABCDEF";
        *out = (struct text){ 0 };
        for (uint64_t left = (uint64_t)v.number, first = 1; left || first; left >>= 4, first = 0)
            *out = text_join(p->t, text_of_unit(p->t, (uint16_t)(kind == 'x' ? low : high)[left & 15], TEXT_NOWHERE), *out);
    }
    *out = padded(p, padded(p, *out, least, '0'), minus ? -width : width, ' ');
    *at = k;
    return true;
}

struct ps_value ps_format(struct ps *p, struct text f, struct ps_value a)
{
    struct text all = { 0 };
    for (uint32_t i = 0; i < f.n && ps_spend(p, 1); i++) {
        uint16_t u = text_unit(f, i);
        if ((u == '{' || u == '}') && text_unit(f, i + 1) == u)
            i++;
        else if (u == '{') {
            uint32_t n = 0, k = i + 1;
            while (text_unit(f, k) >= '0' && text_unit(f, k) <= '9' && n < 100000)
                n = n * 10 + (uint32_t)(text_unit(f, k++) - '0');
            struct text one;
            if (!formatted(p, f, &k, ps_item(p, a, n), &one))
                return ps_unknown(p, "-f");
            all = text_join(p->t, all, one);
            i = k;
            continue;
        }
        all = text_join(p->t, all, text_sub(f, i, 1));
    }
    return ps_text(all);
}

/* --- indexing and casting */

static struct ps_value at_number(struct ps *p, struct ps_value v, int64_t i)
{
    int64_t n = v.kind == PS_TEXT ? v.text.n : ps_count(v);
    if (v.kind == PS_TEXT && !text_known(v.text))
        return ps_unknown(p, "an index");
    i = i < 0 ? i + n : i;
    if (i < 0 || i >= n)
        return (struct ps_value){ 0 };
    return v.kind == PS_TEXT ? ps_text(text_sub(v.text, (uint64_t)i, 1)) : ps_item(p, v, (uint32_t)i);
}

struct ps_value ps_index(struct ps *p, struct ps_value v, struct ps_value at)
{
    int64_t i;
    if (v.kind == PS_UNKNOWN || at.kind == PS_UNKNOWN || (v.kind != PS_TEXT && v.kind != PS_LIST && v.kind != PS_BYTES))
        return ps_unknown(p, "an index");
    if (v.kind == PS_TEXT && ps_symbolic(p, v.text))
        return ps_unknown(p, "$env");
    if (at.kind != PS_LIST && at.kind != PS_BYTES)
        return ps_as_number(p, at, &i) ? at_number(p, v, i) : ps_unknown(p, "an index");
    struct ps_value *items = room(p, at.n);
    if (!items)
        return ps_unknown(p, "an index");
    for (uint32_t k = 0; k < at.n; k++)
        items[k] = ps_as_number(p, ps_item(p, at, k), &i) ? at_number(p, v, i) : ps_unknown(p, "an index");
    return (struct ps_value){ .kind = PS_LIST, .items = items, .n = at.n };
}

static struct ps_value each(struct ps *p, const char *type, struct ps_value v)
{
    struct text one = ps_cstr(p, type).text;
    uint32_t n = v.kind == PS_TEXT ? v.text.n : ps_count(v);
    struct ps_value *items = room(p, n);
    if (n == 0 || !items || v.kind == PS_UNKNOWN)
        return n ? ps_unknown(p, type) : ps_list(p, NULL, 0);
    for (uint32_t i = 0; i < n; i++)
        items[i] = v.kind == PS_TEXT ? ps_text(text_sub(v.text, i, 1)) : ps_cast(p, one, ps_item(p, v, i));
    return (struct ps_value){ .kind = PS_LIST, .items = items, .n = n };
}

struct ps_value ps_cast(struct ps *p, struct text type, struct ps_value v)
{
    int64_t n;
    if (ps_is(text_sub(type, 0, 7), "system."))
        type = text_sub(type, 7, type.n);
    if (ps_is(type, "string"))
        return v.kind == PS_UNKNOWN ? v : ps_text(ps_as_text(p, v));
    if (ps_is(type, "char")) {
        if (v.kind == PS_TEXT && v.text.n == 1)
            return v;
        if (!ps_as_number(p, v, &n) || n < 0 || n > 0xFFFF)
            return ps_unknown(p, "[char]");
        return ps_text(text_of_unit(p->t, (uint16_t)n, TEXT_NOWHERE));
    }
    if (ps_is(type, "char[]"))
        return each(p, "char", v);
    if (ps_is(type, "int") || ps_is(type, "byte") || ps_is(type, "int32") || ps_is(type, "long") || ps_is(type, "uint32")) {
        if (v.kind == PS_TEXT && v.text.n == 1 && text_known(v.text) && !(text_unit(v.text, 0) >= '0' && text_unit(v.text, 0) <= '9'))
            return ps_number(text_unit(v.text, 0));
        return ps_as_number(p, v, &n) ? ps_number(n) : ps_unknown(p, "[int]");
    }
    if (ps_is(type, "byte[]") || ps_is(type, "int[]"))
        return v.kind == PS_BYTES ? v : each(p, "int", v);
    if (ps_is(type, "type"))
        return (struct ps_value){ .kind = PS_TYPE, .text = ps_as_text(p, v) };
    if (ps_is(type, "wmiclass"))
        return (struct ps_value){ .kind = PS_OBJECT, .text = ps_as_text(p, v) };
    return v; /* [array], [void], [object], [scriptblock], [regex] */
}

/* --- operators */

static struct ps_value truth(bool b) { return (struct ps_value){ .kind = PS_TRUTH, .number = b }; }

static struct ps_value sum(struct ps *p, struct ps_value a, struct ps_value b)
{
    int64_t n;
    if (a.kind == PS_LIST || a.kind == PS_BYTES) {
        uint32_t x = ps_count(a), y = ps_count(b);
        struct ps_value *items = room(p, x + y);
        for (uint32_t i = 0; items && i < x + y; i++)
            items[i] = i < x ? ps_item(p, a, i) : ps_item(p, b, i - x);
        return items ? (struct ps_value){ .kind = PS_LIST, .items = items, .n = x + y } : ps_unknown(p, "+");
    }
    if (a.kind == PS_NUMBER || a.kind == PS_NULL) {
        if (a.kind == PS_NULL && b.kind != PS_NUMBER)
            return b;
        return ps_as_number(p, b, &n) ? ps_number((int64_t)((uint64_t)a.number + (uint64_t)n)) : ps_unknown(p, "+");
    }
    return ps_text(text_join(p->t, ps_as_text(p, a), ps_as_text(p, b)));
}

static struct ps_value arithmetic(struct ps *p, struct text op, struct ps_value a, struct ps_value b)
{
    int64_t x, y;
    if (!ps_as_number(p, a, &x) || !ps_as_number(p, b, &y) || x > INT32_MAX || x < INT32_MIN || y > INT32_MAX || y < INT32_MIN)
        return ps_unknown(p, "a number");
    if (ps_is(op, "-"))
        return ps_number(x - y);
    if (ps_is(op, "*"))
        return ps_number(x * y);
    if (ps_is(op, "-bxor"))
        return ps_number(x ^ y);
    if (ps_is(op, "-band"))
        return ps_number(x & y);
    if (ps_is(op, "-bor"))
        return ps_number(x | y);
    if (ps_is(op, "-shl") || ps_is(op, "-shr")) /* of 32 bits, as [int] shifts */
        return ps_number(ps_is(op, "-shl") ? (int32_t)((uint32_t)x << (y & 31)) : (int32_t)x >> (y & 31));
    if (y == 0 || (ps_is(op, "/") && x % y))
        return ps_unknown(p, "a fraction");
    return ps_number(ps_is(op, "/") ? x / y : x % y);
}

static struct ps_value compared(struct ps *p, struct text op, struct ps_value a, struct ps_value b)
{
    int64_t x, y;
    bool file = a.file || b.file;
    bool number = ps_as_number(p, a, &x) && ps_as_number(p, b, &y);
    struct ps_value open = ps_unknown(p, "a condition");
    open.file = file;
    if (a.kind == PS_UNKNOWN || b.kind == PS_UNKNOWN)
        return open;
    if (number && ps_is(op, "-gt"))
        return truth(x > y);
    if (number && ps_is(op, "-ge"))
        return truth(x >= y);
    if (number && ps_is(op, "-lt"))
        return truth(x < y);
    if (number && ps_is(op, "-le"))
        return truth(x <= y);
    bool eq = ps_is(op, "-eq") || ps_is(op, "-ieq") || ps_is(op, "-ceq"), ne = ps_is(op, "-ne") || ps_is(op, "-ine");
    if (!eq && !ne)
        return open;
    struct text s = ps_as_text(p, a), t = ps_as_text(p, b);
    if (!text_known(s) || !text_known(t))
        return open;
    bool same = s.n == t.n && (s.n == 0 || text_find(s, t, 0, !ps_is(op, "-ceq")) == 0);
    return truth(same == eq);
}

/* What takes a match's place: $$ is one sign, and a sign that begins nothing stands for itself.
 * False: groups of the match are in it. */
static bool substitution(struct ps *p, struct text s, struct text *out)
{
    *out = (struct text){ 0 };
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i), next = text_unit(s, i + 1);
        if (u == '$' && i + 1 < s.n && ((next < 0x80 && ascii_digit((uint8_t)next)) || next == '{' || next == '&' || next == '`' || next == '\'' || next == '+' || next == '_'))
            return false;
        *out = text_join(p->t, *out, text_sub(s, i, 1));
        i += u == '$' && next == '$';
    }
    return true;
}

/* Each of some characters by a text. */
static struct text replaced_set(struct ps *p, struct text s, struct text set, struct text with, bool nocase)
{
    struct text all = { 0 };
    uint32_t from = 0;
    for (uint32_t i = 0; i < s.n && ps_spend(p, 0); i++)
        if (!text_is_hole(s, i) && text_find(set, text_sub(s, i, 1), 0, nocase) != UINT32_MAX) {
            all = text_join(p->t, text_join(p->t, all, text_sub(s, from, i - from)), with);
            from = i + 1;
        }
    return text_join(p->t, all, text_sub(s, from, s.n));
}

static struct ps_value replaced(struct ps *p, struct text op, struct ps_value a, struct ps_value b)
{
    struct text old = ps_as_text(p, ps_item(p, b, 0)), plain, with;
    bool nocase = !ps_is(op, "-creplace"), one = literal_pattern(p, old, &plain);
    if ((!one && !set_pattern(p, old, &plain)) || !substitution(p, ps_as_text(p, ps_item(p, b, 1)), &with))
        return ps_unknown(p, "-replace");
    if (!one)
        return ps_text(replaced_set(p, ps_as_text(p, a), plain, with, nocase));
    return ps_text(ps_replace(p, ps_as_text(p, a), plain, with, nocase));
}

struct ps_value ps_binary(struct ps *p, struct text op, struct ps_value a, struct ps_value b)
{
    if (!ps_spend(p, 1))
        return ps_unknown(p, "work");
    if (ps_is(op, "+"))
        return sum(p, a, b);
    if (ps_is(op, "-join"))
        return ps_join(p, a, ps_as_text(p, b));
    if (ps_is(op, "-f"))
        return ps_format(p, ps_as_text(p, a), b);
    if (ps_is(op, "-replace") || ps_is(op, "-creplace") || ps_is(op, "-ireplace"))
        return replaced(p, op, a, b);
    if (ps_is(op, "-split") || ps_is(op, "-csplit") || ps_is(op, "-isplit")) {
        struct text plain, by = ps_as_text(p, ps_item(p, b, 0));
        bool one = literal_pattern(p, by, &plain);
        if (!one && !set_pattern(p, by, &plain))
            return ps_unknown(p, "-split");
        struct ps_value with = ps_text(plain);
        return ps_split(p, ps_as_text(p, a), &with, 1, !one);
    }
    if (ps_is(op, "*") && a.kind == PS_TEXT) {
        int64_t n;
        struct text all = { 0 };
        if (!ps_as_number(p, b, &n) || n < 0 || n * (int64_t)a.text.n > 65536)
            return ps_unknown(p, "*");
        while (n-- > 0)
            all = text_join(p->t, all, a.text);
        return ps_text(all);
    }
    if (ps_is(op, "-") || ps_is(op, "*") || ps_is(op, "/") || ps_is(op, "%") || ps_is(op, "-bxor") || ps_is(op, "-band") || ps_is(op, "-bor") || ps_is(op, "-shl") || ps_is(op, "-shr"))
        return arithmetic(p, op, a, b);
    return compared(p, op, a, b);
}

bool ps_as_bytes(struct ps *p, struct ps_value v, slice *out)
{
    if (v.kind == PS_OBJECT && v.n && v.items)
        return ps_as_bytes(p, v.items[0], out);
    if (v.kind == PS_BYTES) {
        *out = v.bytes;
        return true;
    }
    uint8_t *all = v.kind == PS_LIST && v.n && ps_spend(p, v.n) ? arena_get(p->t->mem, v.n, 1) : NULL;
    int64_t x;
    for (uint32_t i = 0; all && i < v.n; i++) {
        if (!ps_as_number(p, v.items[i], &x) || x < 0 || x > 255)
            return false;
        all[i] = (uint8_t)x;
    }
    *out = (slice){ all, v.n };
    return all != NULL;
}
