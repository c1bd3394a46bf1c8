/* SPDX-License-Identifier: Apache-2.0 */
/* Variant values and their coercions: [MS-VBAL] 5.5.1.2. Numbers become text as in a country
 * whose decimal sign is the point; dates as text depend on the country and are unknown. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/text.h"
#include "unmask/basic/basic.h"

struct value basic_int(enum basic_type type, int64_t i) { return (struct value){ .type = (uint8_t)type, .i = i }; }
struct value basic_double(double d) { return (struct value){ .type = V_DOUBLE, .d = d }; }
struct value basic_bool(bool b) { return (struct value){ .type = V_BOOLEAN, .i = b ? -1 : 0 }; }
struct value basic_text(struct text s) { return (struct value){ .type = V_STRING, .s = s }; }
struct value basic_object(struct object *o) { return (struct value){ .type = V_OBJECT, .o = o }; }
struct value basic_utf8(struct machine *m, slice s) { return basic_text(text_of(m->t, s, basic_here(m))); }
struct value basic_cstr(struct machine *m, const char *s) { return basic_utf8(m, slice_of(s)); }

struct value basic_unknown_of(struct object *o, text_mark why)
{
    return (struct value){ .type = V_UNKNOWN, .mark = why, .o = o };
}

struct value basic_unknown_slice(struct machine *m, slice why) { return basic_unknown_of(NULL, texts_reason(m->t, why)); }
struct value basic_unknown(struct machine *m, const char *why) { return basic_unknown_slice(m, slice_of(why)); }

/* The line of the statement that runs. */
text_mark basic_here(struct machine *m)
{
    if (m->module >= m->n_modules || m->line == 0)
        return TEXT_NOWHERE;
    return texts_origin(m->t, m->modules[m->module].walk->part, NOWHERE, m->line);
}

bool basic_is_unknown(struct value v)
{
    return v.type == V_UNKNOWN || (v.type == V_STRING && !text_known(v.s)) || (v.type == V_ARRAY && !v.a);
}

text_mark basic_why(struct machine *m, struct value v)
{
    if (v.type == V_UNKNOWN)
        return v.mark;
    if (v.type == V_STRING && text_first_hole(v.s) < v.s.n)
        return texts_reason(m->t, text_reason(m->t, v.s));
    return texts_reason(m->t, SLICE_LIT("value"));
}

struct value basic_error(struct machine *m, int32_t number)
{
    if (!m->error)
        m->error = number;
    return (struct value){ .type = V_EMPTY };
}

/* 5.6.2.3: what an object is worth where a value is wanted. */
struct value basic_default(struct machine *m, struct value v)
{
    for (unsigned i = 0; v.type == V_OBJECT && i < 4; i++) {
        if (!v.o)
            return basic_error(m, 91);
        v = basic_object_default(m, v.o, NULL, 0, HOW_GET);
    }
    return v.type == V_OBJECT ? basic_unknown(m, "object") : v;
}

/* --- symbols: text like "%TEMP%" stands for what is only known on the victim's machine */

struct value basic_symbol(struct machine *m, slice utf8)
{
    uint32_t n = m->n_symbols < BASIC_SYMBOLS_MAX ? m->n_symbols++ : BASIC_SYMBOLS_MAX - 1;
    /* A range of its own, so that its mark is: nothing else begins behind the end of the source. */
    m->symbols[n] = texts_origin(m->t, m->module < m->n_modules ? m->modules[m->module].walk->part : m->w->part,
                                 (struct range){ UINT32_MAX - n, UINT32_MAX - n }, m->line);
    return basic_text(text_of(m->t, utf8, m->symbols[n]));
}

bool basic_symbolic(const struct machine *m, struct text s, uint32_t from, uint32_t to)
{
    text_mark before = TEXT_NOWHERE;
    for (uint32_t i = from; i < to && i < s.n && m->n_symbols; i++) {
        text_mark mark = text_mark_at(s, i);
        if (mark == before)
            continue;
        before = mark;
        for (uint32_t k = 0; k < m->n_symbols; k++)
            if (m->symbols[k] == mark)
                return true;
    }
    return false;
}

static uint32_t first_unsure(const struct machine *m, struct text s)
{
    uint32_t hole = text_first_hole(s);
    if (m->n_symbols && basic_symbolic(m, s, 0, hole))
        for (uint32_t i = 0; i < hole; i++)
            if (basic_symbolic(m, s, i, i + 1))
                return i;
    return hole;
}

uint32_t basic_sure(struct machine *m, struct text s)
{
    if (s.n < 64)
        return first_unsure(m, s);
    for (unsigned i = 0; i < 4; i++)
        if (m->looked[i].of.block == s.block && m->looked[i].of.from == s.from && m->looked[i].of.n == s.n)
            return m->looked[i].sure;
    uint32_t sure = first_unsure(m, s);
    m->looked[m->n_looked % 4].of = s;
    m->looked[m->n_looked++ % 4].sure = sure;
    return sure;
}

/* --- numbers */

double basic_round(double d) { return nearbyint(d); } /* to even, as the default rounding mode is */

static bool is_blank(uint16_t c) { return c == ' ' || c == '\t' || c == 0x3000; }

static bool based_text(const char *s, size_t n, double *out)
{
    unsigned base = ascii_lower((uint8_t)s[1]) == 'h' ? 16 : 8;
    uint64_t v = 0;
    size_t i = ascii_hex((uint8_t)s[1]) >= 0 ? 1 : 2; /* &17 is octal */
    size_t from = i;
    for (; i < n && ascii_hex((uint8_t)s[i]) >= 0 && (unsigned)ascii_hex((uint8_t)s[i]) < base && v < (1ull << 40); i++)
        v = v * base + (unsigned)ascii_hex((uint8_t)s[i]);
    bool is_long = i + 1 == n && s[i] == '&';
    if (i + is_long != n || i == from || v > 0xFFFFFFFFu)
        return false;
    *out = v <= 0xFFFF && !is_long ? (double)(int16_t)(uint16_t)v : (double)(int32_t)(uint32_t)v;
    return true;
}

/* 5.5.1.2.4: a sign, digits with grouping commas, a point, an exponent; or &H and &O. */
bool basic_text_number(struct text s, double *out)
{
    char copy[512]; /* more digits are no Double */
    size_t n = 0;
    uint32_t from = 0, to = s.n;
    bool digit = false, point = false, exponent = false;
    while (from < to && is_blank(text_unit(s, from)))
        from++;
    while (to > from && is_blank(text_unit(s, to - 1)))
        to--;
    if (to - from >= sizeof copy || to == from)
        return false;
    for (uint32_t i = from; i < to; i++) {
        uint16_t c = text_unit(s, i);
        if (c >= 0x80 || text_is_hole(s, i))
            return false;
        copy[n++] = (char)c;
    }
    if (text_unit(s, from) == '&')
        return n > 1 && based_text(copy, n, out);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)copy[i];
        if (ascii_digit(c))
            digit = true;
        else if (c == ',' && digit && !point && !exponent)
            continue;
        else if (c == '.' && !point && !exponent)
            point = true;
        else if ((ascii_lower(c) == 'e' || ascii_lower(c) == 'd') && digit && !exponent && i + 1 < n) {
            exponent = true;
            c = 'e';
        } else if (!((c == '-' || c == '+') && (i == 0 || copy[i - 1] == 'e' || copy[i - 1] == 'E' || copy[i - 1] == 'd')))
            return false;
        copy[k++] = (char)c;
    }
    copy[k] = '\0';
    if (!digit || !ascii_digit((uint8_t)(copy[k - 1] == '.' ? '0' : copy[k - 1])))
        return false;
    *out = strtod(copy, NULL);
    return isfinite(*out);
}

/* Commas that do not group by three: the specification has none, Windows takes some. */
bool basic_text_groups_oddly(struct text s)
{
    uint32_t run = 0;
    bool any = false, odd = false;
    for (uint32_t i = 0; i < s.n && text_unit(s, i) != '.'; i++) {
        bool comma = text_unit(s, i) == ',';
        odd = odd || (comma && ((any && run != 3) || run > 3 || run == 0));
        any = any || comma;
        run = comma ? 0 : run + (text_unit(s, i) >= '0' && text_unit(s, i) <= '9');
    }
    return any && (odd || run != 3);
}

static bool number_of_text(struct machine *m, struct value v, double *out)
{
    if (basic_sure(m, v.s) < v.s.n || basic_text_groups_oddly(v.s))
        return false;
    if (!basic_text_number(v.s, out))
        basic_error(m, 13);
    return !m->error;
}

bool basic_number(struct machine *m, struct value v, double *out)
{
    if (v.type == V_OBJECT)
        v = basic_default(m, v);
    if (m->error)
        return false;
    switch (v.type) {
    case V_EMPTY: *out = 0; return true;
    case V_BOOLEAN: case V_BYTE: case V_INTEGER: case V_LONG: case V_LONGLONG: *out = (double)v.i; return true;
    case V_SINGLE: case V_DOUBLE: case V_DATE: *out = v.d; return true;
    case V_CURRENCY: *out = (double)v.i / 10000; return true;
    case V_STRING: return number_of_text(m, v, out);
    case V_NULL: basic_error(m, 94); return false;
    case V_UNKNOWN: return false;
    case V_ARRAY: if (!v.a) return false; /* fall through */
    default: basic_error(m, 13); return false;
    }
}

bool basic_integer(struct machine *m, struct value v, int64_t *out)
{
    v = basic_plain(m, v);
    if (v.type == V_BYTE || v.type == V_INTEGER || v.type == V_LONG || v.type == V_LONGLONG || v.type == V_BOOLEAN) {
        *out = v.i;
        return !m->error;
    }
    double d;
    if (!basic_number(m, v, &d))
        return false;
    d = basic_round(d);
    if (!(d >= -9.2e18 && d <= 9.2e18)) {
        basic_error(m, 6);
        return false;
    }
    *out = (int64_t)d;
    return true;
}

int basic_truth(struct machine *m, struct value v)
{
    if (v.type == V_BOOLEAN)
        return v.i != 0;
    v = basic_plain(m, v);
    double d;
    if (v.type == V_NULL)
        return 0; /* 5.4.2.8: Null counts as False */
    if (v.type == V_STRING && text_is_nocase(v.s, "true"))
        return 1;
    if (v.type == V_STRING && text_is_nocase(v.s, "false"))
        return 0;
    return basic_number(m, v, &d) ? d != 0 : -1;
}

/* --- to text: 5.5.1.2.4 */

static struct text from_ascii(struct machine *m, const char *s, text_mark mark)
{
    return text_of(m->t, slice_of(s), mark);
}

static struct text text_of_double(struct machine *m, double d, int digits, text_mark mark)
{
    char s[40], out[40];
    size_t n = 0;
    snprintf(s, sizeof s, "%.*G", digits, d == 0 ? 0.0 : d);
    /* Office writes no more places behind the point than the type has digits: 1 / 30 is
     * 3.33333333333333E-02 where C says 0.0333333333333333. */
    const char *point = strchr(s, '.');
    if (point && fabs(d) < 1 && !strchr(s, 'E') && strlen(point + 1) > (size_t)digits) {
        snprintf(s, sizeof s, "%.*E", digits - 1, d);
        char *e = strchr(s, 'E'), *last = e;
        while (last[-1] == '0')
            last--;
        while ((*last++ = *e++) != '\0')
            continue;
    }
    for (size_t i = 0; s[i]; i++)
        out[n++] = s[i];
    out[n] = '\0';
    return from_ascii(m, out, mark);
}

static struct text text_of_currency(struct machine *m, int64_t i, text_mark mark)
{
    char s[40];
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    int n = snprintf(s, sizeof s, "%s%llu.%04u", i < 0 ? "-" : "", (unsigned long long)(u / 10000), (unsigned)(u % 10000));
    while (n > 0 && s[n - 1] == '0')
        s[--n] = '\0';
    if (n > 0 && s[n - 1] == '.')
        s[n - 1] = '\0';
    return from_ascii(m, s, mark);
}

static struct text hole_of(struct machine *m, struct value v) { return text_hole(m->t, basic_why(m, v)); }

static struct text text_of_array(struct machine *m, struct value v)
{
    slice bytes;
    if (!v.a)
        return text_hole(m->t, texts_reason(m->t, SLICE_LIT("array")));
    if (v.a->as != V_BYTE || v.a->dims != 1) {
        basic_error(m, 13);
        return (struct text){ 0 };
    }
    if (!basic_bytes(m, v, &bytes))
        return text_hole(m->t, texts_reason(m->t, SLICE_LIT("bytes")));
    uint16_t *units = arena_get(m->mem, bytes.len / 2 + 1, sizeof *units);
    for (size_t i = 0; units && i + 1 < bytes.len; i += 2)
        units[i / 2] = (uint16_t)(bytes.at[i] | bytes.at[i + 1] << 8);
    return units ? text_of_units(m->t, units, bytes.len / 2, v.mark) : (struct text){ 0 };
}

struct text basic_string(struct machine *m, struct value v)
{
    char s[40];
    v = basic_plain(m, v);
    switch (v.type) {
    case V_EMPTY: return (struct text){ 0 };
    case V_STRING: return v.s;
    case V_BOOLEAN: return from_ascii(m, v.i ? "True" : "False", v.mark);
    case V_BYTE: case V_INTEGER: case V_LONG: case V_LONGLONG:
        snprintf(s, sizeof s, "%lld", (long long)v.i);
        return from_ascii(m, s, v.mark);
    case V_SINGLE: return text_of_double(m, v.d, 7, v.mark);
    case V_DOUBLE: return text_of_double(m, v.d, 15, v.mark);
    case V_CURRENCY: return text_of_currency(m, v.i, v.mark);
    case V_DATE: return text_hole(m->t, texts_reason(m->t, SLICE_LIT("date as text")));
    case V_ARRAY: return text_of_array(m, v);
    case V_UNKNOWN: return hole_of(m, v);
    case V_NULL: basic_error(m, 94); return (struct text){ 0 };
    default: basic_error(m, 13); return (struct text){ 0 };
    }
}

/* --- Let-coercion to a declared type: 5.5.1.2 */

static const struct {
    double low, high;
} ranges[] = {
    [V_BYTE] = { 0, 255 },
    [V_INTEGER] = { -32768, 32767 },
    [V_LONG] = { -2147483648.0, 2147483647.0 },
    [V_LONGLONG] = { -9223372036854775808.0, 9223372036854774784.0 },
};

static struct value coerce_number(struct machine *m, struct value v, enum basic_type to)
{
    double d;
    struct value out = { .type = (uint8_t)to, .mark = v.mark };
    if (to >= V_BYTE && to <= V_LONG && v.type >= V_BYTE && v.type <= V_LONGLONG) {
        if (v.i < (int64_t)ranges[to].low || v.i > (int64_t)ranges[to].high)
            return basic_error(m, 6);
        out.i = v.i;
        return out;
    }
    if (v.type == V_ERROR)
        return basic_error(m, 13);
    if (!basic_number(m, v, &d))
        return m->error ? (struct value){ .type = V_EMPTY } : basic_unknown_of(NULL, basic_why(m, v));
    if (to == V_LONGLONG && v.type >= V_BOOLEAN && v.type <= V_LONGLONG) {
        out.i = v.i;
        return out;
    }
    switch (to) {
    case V_BYTE: case V_INTEGER: case V_LONG: case V_LONGLONG:
        d = basic_round(d);
        if (!(d >= ranges[to].low && d <= ranges[to].high))
            return basic_error(m, 6);
        out.i = (int64_t)d;
        return out;
    case V_SINGLE:
        if (fabs(d) > 3.402823466e38)
            return basic_error(m, 6);
        out.d = (double)(float)d;
        return out;
    case V_CURRENCY:
        if (v.type == V_CURRENCY)
            return v;
        if (!(fabs(d) < 922337203685477.5))
            return basic_error(m, 6);
        out.i = (int64_t)basic_round(d * 10000);
        return out;
    default: out.d = d; return out;
    }
}

struct text basic_padded(struct machine *m, struct text s, uint32_t n, bool right)
{
    if (s.n >= n)
        return text_sub(s, 0, n);
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, n - s.n);
    if (!units)
        return s;
    for (uint32_t i = 0; i < n - s.n; i++)
        units[i] = ' ';
    struct text pad = text_of_units(m->t, units, n - s.n, TEXT_NOWHERE);
    return right ? text_join(m->t, pad, s) : text_join(m->t, s, pad);
}

/* 5.5.1.2.5: padded at the right or cut; how long a text with holes or symbols is is not known. */
static struct value coerce_fixed(struct machine *m, struct value v, uint8_t to)
{
    v = basic_coerce(m, v, V_STRING);
    if (m->error || v.type != V_STRING)
        return v;
    uint32_t n = to == V_FIXED + BASIC_FIXED_MAX ? 0 : m->fixed[to - V_FIXED];
    if (n == 0)
        return basic_unknown(m, "text of fixed length");
    uint32_t sure = basic_sure(m, v.s);
    if (sure < v.s.n && sure < n)
        return text_known(v.s) ? basic_unknown(m, "text of fixed length") : basic_unknown_of(NULL, basic_why(m, v));
    return basic_text(basic_padded(m, v.s, n, false));
}

struct value basic_coerce(struct machine *m, struct value v, uint8_t to)
{
    if (to >= V_FIXED && v.type != V_MISSING)
        return v.type == V_ARRAY && v.a ? v : coerce_fixed(m, v, to);
    if (to == V_EMPTY || v.type == to || v.type == V_MISSING)
        return v;
    if (to == V_OBJECT)
        return v;
    if (v.type == V_ARRAY && (to != V_STRING || !v.a))
        return v; /* an array of this type */
    v = basic_plain(m, v);
    if (v.type == V_NULL)
        return basic_error(m, 94);
    if (to == V_STRING)
        return v.type == V_UNKNOWN ? v : basic_text(basic_string(m, v));
    if (to == V_BOOLEAN) {
        int t = basic_truth(m, v);
        return t < 0 ? (m->error ? v : basic_unknown_of(NULL, basic_why(m, v))) : basic_bool(t);
    }
    if (to == V_DATE && v.type == V_STRING)
        return basic_unknown(m, "date");
    return coerce_number(m, v, to);
}
