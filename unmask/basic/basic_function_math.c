/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and conversions: [MS-VBAL] 6.1.2.3, 6.1.2.10. */
#include <math.h>
#include <stdio.h>
#include "base/text.h"
#include "unmask/basic/basic.h"

static struct value from_double(struct machine *m, double d, text_mark mark)
{
    struct value v = basic_double(d);
    v.mark = mark;
    return isfinite(d) ? v : basic_error(m, 6);
}

static struct value real_function(struct machine *m, uint32_t word, struct value v)
{
    double d;
    if (!basic_number(m, v, &d))
        return m->error ? v : basic_unknown_of(NULL, basic_why(m, v));
    switch (word) {
    case W_sqr: return d < 0 ? basic_error(m, 5) : from_double(m, sqrt(d), v.mark);
    case W_log: return d <= 0 ? basic_error(m, 5) : from_double(m, log(d), v.mark);
    case W_exp: return from_double(m, exp(d), v.mark);
    case W_sin: return from_double(m, sin(d), v.mark);
    case W_cos: return from_double(m, cos(d), v.mark);
    case W_tan: return from_double(m, tan(d), v.mark);
    case W_atn: return from_double(m, atan(d), v.mark);
    default: return basic_int(V_INTEGER, d > 0 ? 1 : d < 0 ? -1 : 0); /* Sgn */
    }
}

/* Int, Fix, Abs keep the type; a text becomes a Double. */
static struct value keep_type(struct machine *m, uint32_t word, struct value v)
{
    double d;
    if (v.type == V_NULL)
        return v;
    if (!basic_number(m, v, &d))
        return m->error ? v : basic_unknown_of(NULL, basic_why(m, v));
    if (v.type == V_EMPTY || v.type == V_BOOLEAN)
        v = basic_int(V_INTEGER, (int64_t)d);
    double r = word == W_abs ? fabs(d) : word == W_int ? floor(d) : trunc(d);
    switch (v.type) {
    case V_SINGLE: case V_DOUBLE: case V_DATE: v.d = r; return v;
    case V_STRING: return from_double(m, r, text_mark_at(v.s, 0));
    case V_CURRENCY:
        if (fabs(r) > 9.2e14)
            return basic_error(m, 6);
        v.i = (int64_t)basic_round(r * 10000);
        return v;
    default:
        if (word == W_abs && v.i < 0) {
            struct value w = basic_binary(m, '-', basic_int(v.type, 0), v);
            return w;
        }
        return v;
    }
}

/* Round: to even, by decimal places. */
static struct value round_to(struct machine *m, struct arg *args, uint32_t n)
{
    double d;
    int64_t places = 0;
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (m->error || v.type == V_NULL)
        return v;
    bool known = basic_number(m, v, &d);
    if (!m->error && basic_given(args, n, 1))
        known = basic_integer(m, args[1].v, &places) && known;
    if (!known || m->error)
        return m->error ? v : basic_unknown(m, "Round");
    if (places < 0 || places > 22)
        return basic_error(m, 5);
    if (v.type != V_DOUBLE && v.type != V_SINGLE && v.type != V_STRING && v.type != V_CURRENCY)
        return v;
    double scale = pow(10, (double)places), r = basic_round(d * scale) / scale;
    struct value out = from_double(m, isfinite(r) ? r : d, v.mark);
    if (v.type == V_SINGLE && !m->error)
        out = basic_coerce(m, out, V_SINGLE);
    return out;
}

static struct value based(struct machine *m, uint32_t word, struct value v)
{
    int64_t i;
    char s[40];
    if (v.type == V_NULL)
        return v;
    if (!basic_integer(m, v, &i))
        return m->error ? v : basic_text(text_hole(m->t, basic_why(m, v)));
    if (v.type != V_LONGLONG && (i > INT32_MAX || i < INT32_MIN))
        return basic_error(m, 6);
    uint64_t u = (uint64_t)i;
    if (v.type != V_LONGLONG)
        u = v.type == V_INTEGER || v.type == V_BOOLEAN ? (uint16_t)i : (uint32_t)i;
    snprintf(s, sizeof s, word == W_hex ? "%llX" : "%llo", (unsigned long long)u);
    return basic_text(text_of(m->t, slice_of(s), v.mark));
}

/* Val: reads as far as it is a number, blanks left out; &H and &O too. */
static struct value val(struct machine *m, struct value v)
{
    char copy[512];
    size_t n = 0;
    struct text s = basic_string(m, v);
    if (m->error)
        return v;
    if (!text_known(s) || basic_symbolic(m, s, 0, s.n))
        return basic_unknown_of(NULL, basic_why(m, basic_text(s)));
    for (uint32_t i = 0; i < s.n && n + 1 < sizeof copy; i++) {
        uint16_t c = text_unit(s, i);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        copy[n++] = c < 0x80 ? (char)c : '?';
    }
    copy[n] = '\0';
    if (copy[0] == '&') {
        struct value w = basic_lex_number((slice){ (const uint8_t *)copy, n });
        double d = 0;
        (void)basic_number(m, w, &d);
        return from_double(m, d, text_mark_at(s, 0));
    }
    size_t k = copy[0] == '-' || copy[0] == '+';
    bool point = false, digit = false;
    for (; ascii_digit((uint8_t)copy[k]) || (copy[k] == '.' && !point); k++) {
        digit = digit || copy[k] != '.';
        point = point || copy[k] == '.';
    }
    uint8_t e = ascii_lower((uint8_t)copy[k]);
    size_t sign = copy[k] && (copy[k + 1] == '-' || copy[k + 1] == '+');
    if (digit && (e == 'e' || e == 'd') && ascii_digit((uint8_t)copy[k + 1 + sign])) {
        copy[k] = 'e';
        for (k += 1 + sign; ascii_digit((uint8_t)copy[k]); k++)
            ;
    }
    copy[k] = '\0';
    struct arg a = { .v = basic_text(text_of(m->t, slice_of(digit ? copy : "0"), text_mark_at(s, 0))) };
    double d = 0;
    if (!basic_text_number(a.v.s, &d))
        d = 0;
    return from_double(m, d, text_mark_at(s, 0));
}

static struct value str(struct machine *m, struct value v)
{
    double d;
    if (v.type == V_NULL)
        return v;
    if (!basic_number(m, v, &d))
        return m->error ? v : basic_text(text_hole(m->t, basic_why(m, v)));
    struct text s = basic_string(m, v.type == V_STRING || v.type == V_EMPTY ? basic_double(d) : v);
    return basic_text(d < 0 ? s : text_join(m->t, text_of(m->t, SLICE_LIT(" "), v.mark), s));
}

static struct value is_numeric(struct machine *m, struct value v)
{
    double d;
    if (v.type == V_UNKNOWN || (v.type == V_STRING && (basic_sure(m, v.s) < v.s.n || basic_text_groups_oddly(v.s))))
        return basic_unknown_of(NULL, basic_why(m, v));
    if (v.type == V_STRING)
        return basic_bool(basic_text_number(v.s, &d));
    return basic_bool(v.type != V_NULL && v.type != V_ERROR && v.type != V_ARRAY && v.type != V_OBJECT && v.type != V_DATE && v.type != V_MISSING);
}

static enum basic_type conversion(uint32_t word)
{
    switch (word) {
    case W_cbool: return V_BOOLEAN;
    case W_cbyte: return V_BYTE;
    case W_cint: return V_INTEGER;
    case W_clng: case W_clngptr: return V_LONG;
    case W_clnglng: return V_LONGLONG;
    case W_csng: return V_SINGLE;
    case W_cdbl: return V_DOUBLE;
    case W_ccur: return V_CURRENCY;
    case W_cdate: case W_cvdate: return V_DATE;
    case W_cstr: return V_STRING;
    default: return V_EMPTY;
    }
}

static struct value rgb(struct machine *m, struct arg *args, uint32_t n)
{
    int64_t c[3] = { 0 };
    for (uint32_t i = 0; i < 3; i++) {
        if (!basic_integer(m, basic_arg(args, n, i), &c[i]))
            return m->error ? (struct value){ 0 } : basic_unknown(m, "RGB");
        c[i] = c[i] > 255 ? 255 : c[i];
    }
    return basic_int(V_LONG, c[0] | c[1] << 8 | c[2] << 16);
}

bool basic_math_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out)
{
    struct value v = basic_arg(args, n, 0);
    bool none = v.type == V_MISSING;
    if (conversion(word)) {
        v = v.type == V_ARRAY ? v : basic_plain(m, v);
        *out = none ? basic_error(m, 450) : m->error ? v : basic_coerce(m, v, (uint8_t)conversion(word));
        if (out->type == V_UNKNOWN && word == W_cstr)
            *out = basic_text(text_hole(m->t, out->mark));
        out->flags = 0;
        return true;
    }
    switch (word) {
    case W_sqr: case W_log: case W_exp: case W_sin: case W_cos: case W_tan: case W_atn: case W_sgn: case W_int: case W_fix:
    case W_abs: case W_hex: case W_oct: case W_val: case W_str: case W_isnumeric:
        if (none) {
            *out = basic_error(m, 450);
            return true;
        }
        v = word == W_isnumeric && v.type == V_OBJECT ? v : basic_plain(m, v);
        break;
    default: break;
    }
    if (m->error)
        return true;
    switch (word) {
    case W_sqr: case W_log: case W_exp: case W_sin: case W_cos: case W_tan: case W_atn: case W_sgn: *out = real_function(m, word, v); break;
    case W_int: case W_fix: case W_abs: *out = keep_type(m, word, v); break;
    case W_round: *out = round_to(m, args, n); break;
    case W_hex: case W_oct: *out = based(m, word, v); break;
    case W_val: *out = val(m, v); break;
    case W_str: *out = str(m, v); break;
    case W_isnumeric: *out = is_numeric(m, v); break;
    case W_rgb: *out = rgb(m, args, n); break;
    case W_cvar: *out = v; break;
    case W_cverr: *out = basic_int(V_ERROR, 0); break;
    default: return false;
    }
    return true;
}
