/* SPDX-License-Identifier: Apache-2.0 */
/* Number, Math and the functions on numbers (ECMA-262 21.1, 21.3, 19.2). What Math leaves to the
 * implementation (sin, exp, pow of fractions ...) is taken from the C library. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>
#include <stdio.h>

static struct js_value number_call(JS_ARGS)
{
    (void)self;
    return n ? js_to_number(m, a[0]) : js_number(0);
}

static struct js_value boolean_call(JS_ARGS)
{
    (void)m, (void)self;
    int t = js_truth(js_arg(a, n, 0));
    return t < 0 ? js_unknown_like(a[0]) : js_bool(t);
}

static bool this_number(struct js *m, struct js_value self, double *out)
{
    if (self.kind == JS_OBJECT && self.o->class_ == C_NUMBER)
        self = self.o->v;
    *out = self.d;
    (void)m;
    return self.kind == JS_NUMBER;
}

static struct js_value to_string(JS_ARGS)
{
    double d, radix;
    bool known;
    if (!this_number(m, self, &d) || !js_int(m, js_arg(a, n, 0), 10, &radix))
        return js_unknown_like(self.kind == JS_UNKNOWN ? self : js_unknown(m, "toString"));
    if (radix < 2 || radix > 36) {
        js_throw(m, A_RangeError, "radix");
        return js_undefined();
    }
    struct text s = js_radix_text(m, d, (unsigned)radix, &known);
    return known ? js_string(s) : js_unknown(m, "toString");
}

/* 21.1.3.3: exact for what is not a tie of the decimal digits kept; printf rounds the binary value.
 */
static struct js_value to_fixed(JS_ARGS)
{
    double d, digits;
    char s[400];
    if (!this_number(m, self, &d) || !js_int(m, js_arg(a, n, 0), 0, &digits) || digits < 0 ||
        digits > 100)
        return js_unknown(m, "toFixed");
    if (isnan(d) || fabs(d) >= 1e21)
        return js_string(js_number_text(m, d, TEXT_NOWHERE));
    double scaled = d * pow(10, digits);
    if (scaled - floor(scaled) == 0.5 && digits == 0)
        d = d > 0 ? ceil(d) : floor(d); /* of two the larger n */
    int len = snprintf(s, sizeof s, "%.*f", (int)digits, d == 0 ? 0.0 : d);
    return js_string(text_of(m->t, (slice){ (const uint8_t *)s, (size_t)len }, TEXT_NOWHERE));
}

static struct js_value not_known(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "format of a number");
}

static struct js_value is_integer(JS_ARGS)
{
    (void)m, (void)self;
    struct js_value v = js_arg(a, n, 0);
    return v.kind == JS_UNKNOWN
               ? js_unknown_like(v)
               : js_bool(v.kind == JS_NUMBER && isfinite(v.d) && v.d == trunc(v.d));
}

/* --- 19.2.5 parseInt, 19.2.4 parseFloat */

static struct text after_blanks(struct text s)
{
    uint32_t i = 0;
    while (i < s.n && js_is_space(text_unit(s, i)))
        i++;
    return text_sub(s, i, s.n);
}

static struct js_value parse_int(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    double radix;
    if (v.kind != JS_STRING || !js_int(m, js_arg(a, n, 1), 0, &radix))
        return js_unknown_like(v);
    struct text s = after_blanks(v.s);
    if (s.n && text_is_hole(s, 0))
        return js_unknown_like(v);
    bool minus = text_unit(s, 0) == '-';
    uint32_t i = minus || text_unit(s, 0) == '+', digits = 0;
    radix = js_int32(radix);
    if (radix != 0 && (radix < 2 || radix > 36))
        return js_number(NAN);
    if ((radix == 0 || radix == 16) && text_unit(s, i) == '0' &&
        (text_unit(s, i + 1) | 32) == 'x') {
        i += 2;
        radix = 16;
    } else if (radix == 0) {
        radix = m->place == PLACE_HOST && text_unit(s, i) == '0' && s.n > i + 1
                    ? 8
                    : 10; /* [MS-ES3]: octal there */
    }
    double d = 0;
    for (; i < s.n && digits < 400; i++, digits++) {
        uint16_t u = text_unit(s, i);
        int value = u >= '0' && u <= '9'                            ? u - '0'
                    : (u | 32) >= 'a' && (u | 32) <= 'z' && u < 128 ? (u | 32) - 'a' + 10
                                                                    : 99;
        if (text_is_hole(s, i))
            return js_unknown_like(v);
        if (value >= radix)
            break;
        d = d * radix + value;
    }
    if (digits == 0)
        return js_number(NAN);
    return js_number_at(minus ? -d : d, text_mark_at(v.s, 0));
}

static struct js_value parse_float(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_string(m, js_arg(a, n, 0));
    if (v.kind != JS_STRING)
        return v;
    struct text s = after_blanks(v.s);
    uint16_t units[400];
    uint32_t k = 0;
    bool point = false, power = false, digit = false;
    for (uint32_t i = 0; i < s.n && k < 399; i++) {
        uint16_t u = text_unit(s, i);
        bool sign = (u == '+' || u == '-') && (k == 0 || (units[k - 1] | 32) == 'e');
        if (text_is_hole(s, i))
            return js_unknown_like(v);
        if (!(u >= '0' && u <= '9') && !(u == '.' && !point && !power) &&
            !((u | 32) == 'e' && digit && !power) && !sign)
            break;
        digit = digit || (u >= '0' && u <= '9');
        point = point || u == '.';
        power = power || (u | 32) == 'e';
        units[k++] = u;
    }
    while (k && !(units[k - 1] >= '0' && units[k - 1] <= '9') && units[k - 1] != '.')
        k--;
    if (!digit) {
        double d = js_text_number(
            m, text_sub(s, 0, text_unit(s, 0) == '-' || text_unit(s, 0) == '+' ? 9 : 8));
        return js_number(isinf(d) ? d : NAN);
    }
    return js_number_at(js_digits(units, k), text_mark_at(v.s, 0));
}

static struct js_value is_nan(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_number(m, js_arg(a, n, 0));
    return v.kind == JS_NUMBER ? js_bool(isnan(v.d)) : v;
}

static struct js_value is_finite(JS_ARGS)
{
    (void)self;
    struct js_value v = js_to_number(m, js_arg(a, n, 0));
    return v.kind == JS_NUMBER ? js_bool(isfinite(v.d)) : v;
}

/* --- Math */

static double rounded(double d)
{
    return isfinite(d) && fabs(d) < 4503599627370496.0 ? floor(d + 0.5) : d;
}
static double sign_of(double d)
{
    return d > 0 ? 1 : d < 0 ? -1 : d;
}
static double single(double d)
{
    return (float)d;
}
static double leading(double d)
{
    uint32_t u = (uint32_t)js_int32(d);
    return u ? __builtin_clz(u) : 32;
}

#define MATH(name, f)                                                                              \
    static struct js_value name(JS_ARGS)                                                           \
    {                                                                                              \
        (void)self;                                                                                \
        struct js_value v = js_to_number(m, js_arg(a, n, 0));                                      \
        return v.kind == JS_NUMBER ? js_number_at(f(v.d), v.mark) : js_unknown_like(v);            \
    }

MATH(math_abs, fabs)
MATH(math_ceil, ceil)
MATH(math_floor, floor) MATH(math_round, rounded) MATH(math_sqrt, sqrt) MATH(math_sin, sin)
    MATH(math_cos, cos) MATH(math_tan, tan) MATH(math_asin, asin) MATH(math_acos, acos)
        MATH(math_atan, atan) MATH(math_exp, exp) MATH(math_log, log) MATH(math_trunc, trunc)
            MATH(math_sign, sign_of) MATH(math_cbrt, cbrt) MATH(math_log2, log2)
                MATH(math_log10, log10) MATH(math_fround, single) MATH(math_clz32, leading)

                    static struct js_value
    extreme(struct js *m, const struct js_value *a, uint32_t n, bool most)
{
    double best = most ? -INFINITY : INFINITY;
    for (uint32_t i = 0; i < n && js_step(m, 1); i++) {
        struct js_value v = js_to_number(m, a[i]);
        if (v.kind != JS_NUMBER)
            return js_unknown_like(v);
        if (isnan(best) || isnan(v.d))
            best = NAN;
        else
            best = (most ? v.d > best : v.d < best) ? v.d : best;
    }
    return js_number(best);
}

static struct js_value math_max(JS_ARGS)
{
    (void)self;
    return extreme(m, a, n, true);
}
static struct js_value math_min(JS_ARGS)
{
    (void)self;
    return extreme(m, a, n, false);
}
static struct js_value math_pow(JS_ARGS)
{
    (void)self;
    return js_binary(m, M_POWER, js_arg(a, n, 0), js_arg(a, n, 1));
}

static struct js_value math_atan2(JS_ARGS)
{
    (void)self;
    struct js_value y = js_to_number(m, js_arg(a, n, 0)), x = js_to_number(m, js_arg(a, n, 1));
    return y.kind == JS_NUMBER && x.kind == JS_NUMBER ? js_number(atan2(y.d, x.d))
                                                      : js_unknown(m, "atan2");
}

static struct js_value math_imul(JS_ARGS)
{
    (void)self;
    struct js_value x = js_to_number(m, js_arg(a, n, 0)), y = js_to_number(m, js_arg(a, n, 1));
    if (x.kind != JS_NUMBER || y.kind != JS_NUMBER)
        return js_unknown(m, "imul");
    return js_number((int32_t)((uint32_t)js_int32(x.d) * (uint32_t)js_int32(y.d)));
}

static struct js_value math_random(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    return js_unknown(m, "Math.random");
}

#define CONSTANT(name, value)                                                                      \
    static struct js_value name(JS_ARGS)                                                           \
    {                                                                                              \
        (void)m, (void)self, (void)a, (void)n;                                                     \
        return js_number(value);                                                                   \
    }

CONSTANT(constant_pi, 3.141592653589793)
CONSTANT(constant_e, 2.718281828459045)
CONSTANT(constant_ln2, 0.6931471805599453) CONSTANT(constant_ln10, 2.302585092994046)
    CONSTANT(constant_log2e, 1.4426950408889634) CONSTANT(constant_log10e, 0.4342944819032518)
        CONSTANT(constant_sqrt2, 1.4142135623730951) CONSTANT(constant_sqrt1_2, 0.7071067811865476)
            CONSTANT(constant_max, 1.7976931348623157e308) CONSTANT(constant_min, 5e-324)
                CONSTANT(constant_safe, 9007199254740991.0)
                    CONSTANT(constant_least, -9007199254740991.0)
                        CONSTANT(constant_epsilon, 2.220446049250313e-16)
                            CONSTANT(constant_infinity, INFINITY)
                                CONSTANT(constant_minus, -INFINITY) CONSTANT(constant_nan, NAN)

                                    static struct js_value math_object(JS_ARGS)
{
    (void)self, (void)a, (void)n;
    struct js_object *o = js_object_new(m, C_OBJECT, O_OBJECT);
    if (o)
        o->owner = O_MATH;
    return js_of(o);
}

const struct js_builtin js_builtins_number[] = {
    { O_GLOBAL, A_Number, number_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_Boolean, boolean_call, 1, BUILTIN_CLASS },
    { O_GLOBAL, A_Math, math_object, 0, BUILTIN_VALUE },
    { O_GLOBAL, A_parseInt, parse_int, 2, 0 },
    { O_GLOBAL, A_parseFloat, parse_float, 1, 0 },
    { O_GLOBAL, A_isNaN, is_nan, 1, 0 },
    { O_GLOBAL, A_isFinite, is_finite, 1, 0 },
    { O_GLOBAL, A_NaN, constant_nan, 0, BUILTIN_VALUE },
    { O_GLOBAL, A_Infinity, constant_infinity, 0, BUILTIN_VALUE },
    { O_NUMBER, A_toString, to_string, 1, 0 },
    { O_NUMBER, A_toFixed, to_fixed, 1, 0 },
    { O_NUMBER, A_toPrecision, not_known, 1, 0 },
    { O_NUMBER, A_toExponential, not_known, 1, 0 },
    { O_NUMBER, A_toLocaleString, not_known, 0, 0 },
    { O_NUMBER_CLASS, A_isInteger, is_integer, 1, 0 },
    { O_NUMBER_CLASS, A_parseInt, parse_int, 2, 0 },
    { O_NUMBER_CLASS, A_parseFloat, parse_float, 1, 0 },
    { O_NUMBER_CLASS, A_isNaN, is_nan, 1, 0 },
    { O_NUMBER_CLASS, A_isFinite, is_finite, 1, 0 },
    { O_NUMBER_CLASS, A_MAX_VALUE, constant_max, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_MIN_VALUE, constant_min, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_MAX_SAFE_INTEGER, constant_safe, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_MIN_SAFE_INTEGER, constant_least, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_EPSILON, constant_epsilon, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_NaN, constant_nan, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_POSITIVE_INFINITY, constant_infinity, 0, BUILTIN_VALUE },
    { O_NUMBER_CLASS, A_NEGATIVE_INFINITY, constant_minus, 0, BUILTIN_VALUE },
    { O_MATH, A_abs, math_abs, 1, 0 },
    { O_MATH, A_ceil, math_ceil, 1, 0 },
    { O_MATH, A_floor, math_floor, 1, 0 },
    { O_MATH, A_round, math_round, 1, 0 },
    { O_MATH, A_max, math_max, 2, 0 },
    { O_MATH, A_min, math_min, 2, 0 },
    { O_MATH, A_pow, math_pow, 2, 0 },
    { O_MATH, A_sqrt, math_sqrt, 1, 0 },
    { O_MATH, A_random, math_random, 0, 0 },
    { O_MATH, A_sin, math_sin, 1, 0 },
    { O_MATH, A_cos, math_cos, 1, 0 },
    { O_MATH, A_tan, math_tan, 1, 0 },
    { O_MATH, A_asin, math_asin, 1, 0 },
    { O_MATH, A_acos, math_acos, 1, 0 },
    { O_MATH, A_atan, math_atan, 1, 0 },
    { O_MATH, A_atan2, math_atan2, 2, 0 },
    { O_MATH, A_exp, math_exp, 1, 0 },
    { O_MATH, A_log, math_log, 1, 0 },
    { O_MATH, A_trunc, math_trunc, 1, 0 },
    { O_MATH, A_sign, math_sign, 1, 0 },
    { O_MATH, A_cbrt, math_cbrt, 1, 0 },
    { O_MATH, A_log2, math_log2, 1, 0 },
    { O_MATH, A_log10, math_log10, 1, 0 },
    { O_MATH, A_imul, math_imul, 2, 0 },
    { O_MATH, A_clz32, math_clz32, 1, 0 },
    { O_MATH, A_fround, math_fround, 1, 0 },
    { O_MATH, A_PI, constant_pi, 0, BUILTIN_VALUE },
    { O_MATH, A_E, constant_e, 0, BUILTIN_VALUE },
    { O_MATH, A_LN2, constant_ln2, 0, BUILTIN_VALUE },
    { O_MATH, A_LN10, constant_ln10, 0, BUILTIN_VALUE },
    { O_MATH, A_LOG2E, constant_log2e, 0, BUILTIN_VALUE },
    { O_MATH, A_LOG10E, constant_log10e, 0, BUILTIN_VALUE },
    { O_MATH, A_SQRT2, constant_sqrt2, 0, BUILTIN_VALUE },
    { O_MATH, A_SQRT1_2, constant_sqrt1_2, 0, BUILTIN_VALUE },
    { 0 },
};
