/* SPDX-License-Identifier: Apache-2.0 */
/* Text functions: [MS-VBAL] 6.1.2.11. Bytes above 127 are those of code page 1252. What reaches
 * into a hole, or into a symbol such as %TEMP%, is unknown from there on. */
#include <stdio.h>
#include "base/text.h"
#include "unmask/basic/basic.h"

static const uint16_t cp1252[32] = {
    0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
};

static int byte_of(uint16_t unit)
{
    if (unit < 0x80 || (unit >= 0xA0 && unit <= 0xFF))
        return unit;
    for (int i = 0; i < 32; i++)
        if (cp1252[i] == unit)
            return 0x80 + i;
    return -1;
}

static struct text hole_like(struct machine *m, struct text s)
{
    slice why = text_reason(m->t, s);
    return text_hole(m->t, texts_reason(m->t, why.len ? why : text_utf8(m->t, text_sub(s, 0, 40))));
}

static struct value unknown_like(struct machine *m, struct value v)
{
    return basic_unknown_of(NULL, basic_why(m, v));
}

/* --- one character */

static struct value chr(struct machine *m, uint32_t word, struct value v)
{
    int64_t code;
    if (!basic_integer(m, v, &code))
        return m->error ? v : basic_text(text_hole(m->t, basic_why(m, v)));
    bool wide = word == W_chrw || word == W_keystring;
    if (code < (wide ? -32768 : 0) || code > (wide ? 65535 : 255))
        return basic_error(m, 5);
    uint16_t unit = (uint16_t)code;
    if (!wide && unit >= 0x80 && unit < 0xA0)
        unit = cp1252[unit - 0x80];
    if (word == W_keystring && !(unit < 0x80 && ascii_alnum((uint8_t)unit)))
        return basic_unknown(m, "KeyString");
    return basic_text(text_of_unit(m->t, unit, v.mark ? v.mark : basic_here(m)));
}

static struct value asc(struct machine *m, uint32_t word, struct value v)
{
    struct text s = basic_string(m, v);
    if (m->error)
        return v;
    if (s.n == 0)
        return basic_error(m, 5);
    if (text_is_hole(s, 0) || basic_symbolic(m, s, 0, 1))
        return unknown_like(m, basic_text(s));
    uint16_t unit = text_unit(s, 0);
    int byte = byte_of(unit);
    if (word == W_asc && byte < 0)
        return basic_unknown(m, "Asc");
    struct value out = basic_int(V_INTEGER, word == W_ascw ? (int16_t)unit : word == W_ascb ? unit & 0xFF : byte);
    out.mark = text_mark_at(s, 0);
    return out;
}

/* --- parts: Mid, Left, Right */

static struct value part(struct machine *m, struct text s, uint64_t from, uint64_t n)
{
    uint32_t known = basic_sure(m, s);
    if (known == s.n || (from < known && n <= known - from))
        return basic_text(text_sub(s, from, n));
    if (from == 0 && n >= s.n && text_first_hole(s) == s.n)
        return basic_text(s); /* the whole of a symbol */
    struct text hole = hole_like(m, text_sub(s, known, UINT32_MAX));
    return basic_text(from < known ? text_join(m->t, text_sub(s, from, known - from), hole) : hole);
}

static struct value right(struct machine *m, struct text s, uint64_t n)
{
    uint32_t from = n >= s.n ? 0 : s.n - (uint32_t)n;
    for (uint32_t i = s.n; i > from; i--)
        if (text_is_hole(s, i - 1) || basic_symbolic(m, s, i - 1, i))
            return n >= s.n && text_known(s) ? basic_text(s) : basic_text(text_join(m->t, hole_like(m, text_sub(s, i - 1, 1)), text_sub(s, i, UINT32_MAX)));
    return basic_text(text_sub(s, from, UINT32_MAX));
}

static struct value cut(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    if (n < 2)
        return basic_error(m, 450);
    struct value v = basic_plain(m, args[0].v);
    if (v.type == V_NULL || m->error)
        return v;
    struct text s = basic_string(m, v);
    int64_t a = 0, b = INT32_MAX;
    bool known = basic_integer(m, args[1].v, &a);
    if (!m->error && basic_given(args, n, 2) && word == W_mid)
        known = basic_integer(m, args[2].v, &b) && known;
    if (m->error)
        return v;
    if (!known)
        return basic_text(text_hole(m->t, basic_why(m, basic_is_unknown(args[1].v) ? args[1].v : basic_arg(args, n, 2))));
    if (b < 0 || a < (word == W_mid ? 1 : 0))
        return basic_error(m, 5);
    if (word == W_mid)
        return part(m, s, (uint64_t)(a - 1), (uint64_t)b);
    return word == W_left ? part(m, s, 0, (uint64_t)a) : right(m, s, (uint64_t)a);
}

static struct value trim(struct machine *m, uint32_t word, struct value v)
{
    struct text s = basic_string(m, v);
    uint32_t from = 0, to = s.n;
    while (word != W_rtrim && from < to && text_unit(s, from) == ' ')
        from++;
    while (word != W_ltrim && to > from && text_unit(s, to - 1) == ' ')
        to--;
    return basic_text(text_sub(s, from, to - from));
}

/* --- every character */

static uint16_t upper_unit(uint16_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? (uint16_t)(c - 32) : c;
    if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) || (c >= 0x430 && c <= 0x44F))
        return (uint16_t)(c - 32);
    return c;
}

static uint16_t lower_unit(uint16_t c)
{
    if (c < 0x80)
        return ascii_lower((uint8_t)c);
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
        return (uint16_t)(c + 32);
    return c;
}

/* New units for s, each from the place beside it. */
struct mapping {
    uint16_t *units;
    uint32_t *from, n;
};

static bool mapping_new(struct machine *m, struct mapping *p, uint64_t n)
{
    *p = (struct mapping){ 0 };
    if (n > UINT32_MAX / 8 || !basic_step(m, n / 16))
        return false;
    p->units = ARENA_ARRAY(m->mem, uint16_t, (size_t)n + 1);
    p->from = ARENA_ARRAY(m->mem, uint32_t, (size_t)n + 1);
    return p->units && p->from;
}

static struct value mapped(struct machine *m, uint32_t word, struct value v)
{
    struct text s = basic_string(m, v);
    struct mapping p;
    bool reverse = word == W_strreverse;
    if (m->error || s.n == 0)
        return m->error ? v : basic_text(s);
    if (!mapping_new(m, &p, s.n) || (reverse && basic_symbolic(m, s, 0, s.n)))
        return basic_text(hole_like(m, s));
    struct text out = { 0 };
    uint32_t at = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t k = reverse ? s.n - 1 - i : i;
        uint16_t c = text_unit(s, k);
        if (text_is_hole(s, k)) { /* stays one */
            out = text_join(m->t, out, text_mapped(m->t, s, p.units, p.from, at));
            out = text_join(m->t, out, text_sub(s, k, 1));
            at = 0;
            continue;
        }
        p.units[at] = word == W_ucase ? upper_unit(c) : word == W_lcase ? lower_unit(c) : c;
        p.from[at++] = k;
    }
    return basic_text(text_join(m->t, out, text_mapped(m->t, s, p.units, p.from, at)));
}

static struct value proper(struct machine *m, struct value v)
{
    struct text s = basic_string(m, v);
    struct mapping p;
    if (m->error || !text_known(s) || !mapping_new(m, &p, s.n))
        return m->error ? v : basic_unknown(m, "StrConv");
    bool first = true;
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t c = text_unit(s, i);
        p.units[i] = first ? upper_unit(c) : lower_unit(c);
        p.from[i] = i;
        first = c == ' ' || c == 0 || (c >= 9 && c <= 13);
    }
    return basic_text(text_mapped(m->t, s, p.units, p.from, s.n));
}

/* vbUnicode: each byte of the text (two per character) becomes one. A byte array counts as bytes. */
static struct value to_unicode(struct machine *m, struct value v)
{
    struct mapping p;
    slice bytes;
    if (v.type == V_ARRAY) {
        if (!basic_bytes(m, v, &bytes) || !mapping_new(m, &p, bytes.len))
            return basic_unknown(m, "StrConv");
        for (size_t i = 0; i < bytes.len; i++)
            p.units[i] = bytes.at[i] >= 0x80 && bytes.at[i] < 0xA0 ? cp1252[bytes.at[i] - 0x80] : bytes.at[i];
        return basic_text(text_of_units(m->t, p.units, bytes.len, v.mark));
    }
    struct text s = basic_string(m, v);
    if (m->error || !text_known(s) || !mapping_new(m, &p, 2ull * s.n))
        return m->error ? v : basic_unknown(m, "StrConv");
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t c = text_unit(s, i);
        p.units[2 * i] = c & 0xFF, p.units[2 * i + 1] = c >> 8;
        p.from[2 * i] = p.from[2 * i + 1] = i;
    }
    return basic_text(text_mapped(m->t, s, p.units, p.from, 2 * (size_t)s.n));
}

/* vbFromUnicode: the bytes of the text; two of them make a character where it is used as text. */
static struct value from_unicode(struct machine *m, struct value v)
{
    struct text s = basic_string(m, v);
    uint8_t *bytes = !m->error && text_known(s) && basic_step(m, s.n / 16) ? arena_get(m->mem, s.n + 1, 1) : NULL;
    for (uint32_t i = 0; bytes && i < s.n; i++) {
        int b = byte_of(text_unit(s, i));
        if (b < 0)
            return basic_unknown(m, "StrConv");
        bytes[i] = (uint8_t)b;
    }
    return bytes ? basic_array_bytes(m, (slice){ bytes, s.n }, text_mark_at(s, 0)) : m->error ? v : basic_unknown(m, "StrConv");
}

static struct value strconv(struct machine *m, struct arg *args, uint32_t n)
{
    int64_t how = 0;
    if (n < 2 || !basic_integer(m, args[1].v, &how))
        return m->error ? (struct value){ 0 } : basic_unknown(m, "StrConv");
    struct value v = args[0].v.type == V_ARRAY ? args[0].v : basic_plain(m, args[0].v);
    if (m->error || v.type == V_NULL)
        return v;
    switch (how) {
    case 1: return mapped(m, W_ucase, v);
    case 2: return mapped(m, W_lcase, v);
    case 3: return proper(m, v);
    case 64: return to_unicode(m, v);
    case 128: return from_unicode(m, v);
    default: return basic_unknown(m, "StrConv");
    }
}

/* --- search */

static bool text_mode(struct machine *m, struct value v)
{
    int64_t how = m->module < m->n_modules && m->modules[m->module].compare_text;
    if (v.type != V_MISSING)
        (void)basic_integer(m, v, &how);
    return how == 1;
}

static struct value instr(struct machine *m, struct arg *args, uint32_t n)
{
    int64_t from = 1;
    uint32_t at = 0;
    if (n >= 3 || (n == 2 && args[0].v.type != V_STRING && args[0].v.type != V_UNKNOWN && args[0].v.type != V_EMPTY && n > 2)) {
        if (!basic_integer(m, args[0].v, &from))
            return m->error ? (struct value){ 0 } : basic_unknown(m, "InStr");
        at = 1;
    }
    if (n < at + 2)
        return basic_error(m, 450);
    struct value a = basic_plain(m, args[at].v), b = basic_plain(m, args[at + 1].v);
    if (m->error || a.type == V_NULL || b.type == V_NULL)
        return m->error ? a : (struct value){ .type = V_NULL };
    struct text s = basic_string(m, a), t = basic_string(m, b);
    bool nocase = text_mode(m, basic_arg(args, n, at + 2));
    if (m->error)
        return a;
    if (from < 1)
        return basic_error(m, 5);
    if (!text_known(t) || basic_symbolic(m, t, 0, t.n) || !basic_step(m, s.n / 16 + t.n / 8 + 1))
        return basic_unknown(m, "InStr");
    uint32_t known = basic_sure(m, s);
    uint32_t found = t.n == 0 ? (s.n && from <= s.n ? (uint32_t)(from - 1) : UINT32_MAX) : from > s.n ? UINT32_MAX : text_find(s, t, (uint32_t)(from - 1), nocase);
    if (known < s.n && (found == UINT32_MAX || found + t.n > known))
        return unknown_like(m, basic_text(text_sub(s, known, 1)));
    return basic_int(V_LONG, found == UINT32_MAX ? 0 : (int64_t)found + 1);
}

static struct value instrrev(struct machine *m, struct arg *args, uint32_t n)
{
    if (n < 2)
        return basic_error(m, 450);
    struct text s = basic_string(m, args[0].v), t = m->error ? (struct text){ 0 } : basic_string(m, args[1].v);
    int64_t from = -1;
    if (!m->error && basic_given(args, n, 2))
        (void)basic_integer(m, args[2].v, &from);
    bool nocase = text_mode(m, basic_arg(args, n, 3));
    if (m->error)
        return args[0].v;
    if (basic_sure(m, s) < s.n || !text_known(t) || !basic_step(m, s.n / 8 + t.n / 8 + 1))
        return basic_unknown(m, "InStrRev");
    uint32_t end = from < 0 || from > s.n ? s.n : (uint32_t)from;
    if (from > s.n)
        return basic_int(V_LONG, 0);
    if (t.n == 0)
        return basic_int(V_LONG, end);
    uint32_t found = text_find_last(text_sub(s, 0, end), t, nocase);
    return basic_int(V_LONG, found == UINT32_MAX ? 0 : (int64_t)found + 1);
}

static struct value replace(struct machine *m, struct arg *args, uint32_t n)
{
    if (n < 3)
        return basic_error(m, 450);
    struct text s = basic_string(m, args[0].v), find = m->error ? (struct text){ 0 } : basic_string(m, args[1].v);
    struct text by = m->error ? (struct text){ 0 } : basic_string(m, args[2].v);
    int64_t from = 1, most = -1;
    if (!m->error && basic_given(args, n, 3))
        (void)basic_integer(m, args[3].v, &from);
    if (!m->error && basic_given(args, n, 4))
        (void)basic_integer(m, args[4].v, &most);
    bool nocase = text_mode(m, basic_arg(args, n, 5));
    if (m->error)
        return args[0].v;
    if (from < 1)
        return basic_error(m, 5);
    if (!text_known(find))
        return basic_text(hole_like(m, find));
    s = text_sub(s, (uint64_t)(from - 1), UINT32_MAX);
    if (find.n == 0 || most == 0 || s.n == 0)
        return basic_text(s);
    if (!basic_step(m, s.n / 8 + find.n / 8 + 1))
        return basic_text(hole_like(m, s));
    struct text out = { 0 };
    uint32_t at = 0, found;
    for (; most != 0 && (found = text_find(s, find, at, nocase)) != UINT32_MAX && basic_step(m, 1); most--) {
        if (basic_symbolic(m, s, found, found + find.n))
            return basic_text(text_join(m->t, out, hole_like(m, text_sub(s, found, find.n))));
        out = text_join(m->t, text_join(m->t, out, text_sub(s, at, found - at)), by);
        at = found + find.n;
    }
    return basic_text(text_join(m->t, out, text_sub(s, at, UINT32_MAX)));
}

static struct value strcomp(struct machine *m, struct arg *args, uint32_t n)
{
    struct value a = basic_plain(m, basic_arg(args, n, 0)), b = basic_plain(m, basic_arg(args, n, 1));
    if (m->error || a.type == V_NULL || b.type == V_NULL)
        return m->error ? a : (struct value){ .type = V_NULL };
    struct text s = basic_string(m, a), t = basic_string(m, b);
    if (m->error || basic_sure(m, s) < s.n || basic_sure(m, t) < t.n)
        return m->error ? a : basic_unknown(m, "StrComp");
    return basic_int(V_INTEGER, basic_compare_text(s, t, text_mode(m, basic_arg(args, n, 2))));
}

/* --- String, Space, Len */

static struct value repeat(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    int64_t count;
    uint16_t unit = ' ';
    if (n < (word == W_space ? 1u : 2u))
        return basic_error(m, 450);
    if (!basic_integer(m, args[0].v, &count))
        return m->error ? args[0].v : basic_unknown(m, "String");
    if (word == W_string) {
        struct value v = basic_plain(m, args[1].v);
        int64_t code = 0;
        if (v.type == V_STRING && (v.s.n == 0 || basic_sure(m, v.s) == 0))
            return v.s.n ? unknown_like(m, v) : basic_error(m, 5);
        if (v.type == V_STRING)
            code = text_unit(v.s, 0);
        else if (!basic_integer(m, v, &code))
            return m->error ? v : unknown_like(m, v);
        unit = (uint16_t)(v.type == V_STRING ? code : (code & 0xFF) >= 0x80 && (code & 0xFF) < 0xA0 ? cp1252[(code & 0xFF) - 0x80] : code & 0xFF);
    }
    if (count < 0)
        return basic_error(m, 5);
    if (count > 1 << 24 || !basic_step(m, (uint64_t)count / 32))
        return basic_unknown(m, "String");
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, (size_t)count + 1);
    for (int64_t i = 0; units && i < count; i++)
        units[i] = unit;
    return basic_text(units ? text_of_units(m->t, units, (size_t)count, basic_here(m)) : (struct text){ 0 });
}

static struct value length(struct machine *m, uint32_t word, struct value v)
{
    v = basic_plain(m, v);
    if (m->error || v.type == V_NULL)
        return v;
    static const uint8_t sizes[] = { [V_BOOLEAN] = 2, [V_BYTE] = 1, [V_INTEGER] = 2, [V_LONG] = 4, [V_LONGLONG] = 8, [V_SINGLE] = 4, [V_DOUBLE] = 8, [V_CURRENCY] = 8, [V_DATE] = 8 };
    if (!(v.flags & VALUE_VARIANT) && v.type >= V_BOOLEAN && v.type <= V_DATE)
        return basic_int(V_LONG, sizes[v.type]); /* of a typed variable: its size */
    if (word == W_lenb && v.type == V_ARRAY && v.a)
        return basic_int(V_LONG, v.a->all);
    struct text s = basic_string(m, v);
    if (m->error || basic_sure(m, s) < s.n)
        return m->error ? v : unknown_like(m, basic_text(s));
    return basic_int(V_LONG, (int64_t)s.n * (word == W_lenb ? 2 : 1));
}

/* --- Format: numbers by 0 # , . in the signs of the United States; no named or dated forms */

struct number_form {
    uint32_t least, decimals, optional; /* digits before the point, and behind it */
    bool grouped;
};

static bool number_form(struct text f, struct number_form *out)
{
    *out = (struct number_form){ 0 };
    bool point = false;
    for (uint32_t i = 0; i < f.n; i++) {
        uint16_t c = text_unit(f, i);
        if (c == '.' && !point)
            point = true;
        else if (c == ',' && !point && i > 0 && i + 1 < f.n && text_unit(f, i + 1) != '.')
            out->grouped = true;
        else if (c == '0' && !point)
            out->least++;
        else if (c == '0' && !out->optional)
            out->decimals++;
        else if (c == '#' && point)
            out->optional++;
        else if (c != '#' || out->least)
            return false;
    }
    return f.n > 0 && f.n < 20 && text_known(f) && out->decimals + out->optional <= 9 && (!point || out->decimals + out->optional);
}

static struct value formatted(struct machine *m, double d, const struct number_form *f, text_mark mark)
{
    char digits[40], out[80];
    uint32_t places = f->decimals + f->optional, n = 0, k = 0;
    double scale = 1;
    for (uint32_t i = 0; i < places; i++)
        scale *= 10;
    double scaled = (d < 0 ? -d : d) * scale + 0.5; /* away from zero, unlike Round */
    if (!(scaled < 9e15))
        return basic_unknown(m, "Format");
    uint64_t u = (uint64_t)scaled, unit = (uint64_t)scale, whole = u / unit, rest = u % unit;
    bool zero = u == 0;
    for (; whole; whole /= 10)
        digits[n++] = (char)('0' + whole % 10);
    while (n < f->least && n < sizeof digits)
        digits[n++] = '0';
    if (d < 0 && !zero)
        out[k++] = '-';
    for (uint32_t i = n; i > 0; i--) {
        out[k++] = digits[i - 1];
        if (f->grouped && i > 1 && (i - 1) % 3 == 0)
            out[k++] = ',';
    }
    if (places) {
        uint32_t from = k;
        out[k++] = '.';
        for (uint32_t i = 0; i < places; i++) {
            unit /= 10;
            out[k++] = (char)('0' + rest / unit % 10);
        }
        while (k > from + 1 + f->decimals && out[k - 1] == '0')
            k--;
    }
    return basic_text(text_of(m->t, (slice){ (const uint8_t *)out, k }, mark));
}

static struct value format(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    struct number_form form;
    if (m->error || n < 2)
        return m->error || v.type == V_NULL ? v : basic_text(basic_string(m, v));
    struct text f = basic_string(m, args[1].v);
    double d;
    if (f.n == 0)
        return basic_text(basic_string(m, v));
    if (f.n == 1 && (text_unit(f, 0) == '<' || text_unit(f, 0) == '>'))
        return mapped(m, text_unit(f, 0) == '<' ? W_lcase : W_ucase, v);
    if (!number_form(f, &form) || v.type == V_EMPTY || (v.type == V_STRING && !basic_text_number(v.s, &d)) || !basic_number(m, v, &d))
        return m->error ? v : basic_unknown(m, "Format");
    return formatted(m, d, &form, v.mark);
}

/* VBScript: %XX and %uXXXX */
static struct value unescape(struct machine *m, struct value v)
{
    struct text s = basic_string(m, v);
    struct mapping p;
    if (m->error || !mapping_new(m, &p, s.n) || !text_known(s))
        return m->error ? v : basic_unknown(m, "Unescape");
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned digits = text_unit(s, i + 1) == 'u' ? 4 : 2, skip = digits == 4 ? 2 : 1, code = 0, k = 0;
        for (; k < digits && text_unit(s, i + skip + k) < 0x80 && ascii_hex((uint8_t)text_unit(s, i + skip + k)) >= 0; k++)
            code = code << 4 | (unsigned)ascii_hex((uint8_t)text_unit(s, i + skip + k));
        bool is = text_unit(s, i) == '%' && k == digits;
        p.from[p.n] = i;
        p.units[p.n++] = is ? (uint16_t)code : text_unit(s, i);
        i += is ? skip + digits - 1 : 0;
    }
    return basic_text(text_mapped(m->t, s, p.units, p.from, p.n));
}

bool basic_text_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out)
{
    struct value v = n && args[0].v.type != V_MISSING ? args[0].v : (struct value){ .type = V_EMPTY };
    bool one = word == W_trim || word == W_ltrim || word == W_rtrim || word == W_ucase || word == W_lcase;
    if (one && v.type == V_NULL) {
        *out = v;
        return true;
    }
    switch (word) {
    case W_chr: case W_chrw: case W_chrb: case W_keystring: *out = chr(m, word, v); break;
    case W_asc: case W_ascw: case W_ascb: *out = asc(m, word, v); break;
    case W_mid: case W_left: case W_right: *out = cut(m, word, args, n); break;
    case W_midb: case W_leftb: case W_rightb: case W_instrb: *out = basic_unknown_slice(m, m->names[word].text); break;
    case W_len: case W_lenb: *out = length(m, word, v); break;
    case W_trim: case W_ltrim: case W_rtrim: *out = trim(m, word, v); break;
    case W_ucase: case W_lcase: case W_strreverse: *out = mapped(m, word, v); break;
    case W_strconv: *out = strconv(m, args, n); break;
    case W_instr: *out = instr(m, args, n); break;
    case W_instrrev: *out = instrrev(m, args, n); break;
    case W_replace: *out = replace(m, args, n); break;
    case W_strcomp: *out = strcomp(m, args, n); break;
    case W_string: case W_space: *out = repeat(m, word, args, n); break;
    case W_format: *out = format(m, args, n); break;
    case W_unescape: *out = unescape(m, v); break;
    default: return false;
    }
    return true;
}
