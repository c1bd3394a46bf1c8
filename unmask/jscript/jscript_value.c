/* SPDX-License-Identifier: Apache-2.0 */
/* Values and their conversions (ECMA-262 6, 7.1, 7.2) and the operators on them (13.15.3). What an
 * unknown value gives is unknown; where one side is a string the result is a string with a hole.
 * Number::toString is the shortest form that reads back (6.1.6.1.20). */
#include "unmask/jscript/jscript_private.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct js_value js_undefined(void)
{
    return (struct js_value){ .kind = JS_UNDEFINED };
}
struct js_value js_bool(bool b)
{
    return (struct js_value){ .kind = JS_BOOL, .b = b };
}
struct js_value js_number(double d)
{
    return (struct js_value){ .kind = JS_NUMBER, .d = d };
}
struct js_value js_number_at(double d, text_mark mark)
{
    return (struct js_value){ .kind = JS_NUMBER, .mark = mark, .d = d };
}
struct js_value js_string(struct text s)
{
    return (struct js_value){ .kind = JS_STRING, .s = s };
}
struct js_value js_cstr(struct js *m, const char *s)
{
    return js_string(text_of(m->t, slice_of(s), TEXT_NOWHERE));
}
struct js_value js_of(struct js_object *o)
{
    return o ? (struct js_value){ .kind = JS_OBJECT, .o = o } : js_undefined();
}
struct js_value js_arg(const struct js_value *a, uint32_t n, uint32_t i)
{
    return i < n ? a[i] : js_undefined();
}

struct js_value js_unknown(struct js *m, const char *why)
{
    return (struct js_value){ .kind = JS_UNKNOWN, .mark = texts_reason(m->t, slice_of(why)) };
}

struct js_value js_unknown_like(struct js_value v)
{
    if (v.kind == JS_UNKNOWN) {
        v.lean = LEAN_NONE;
        v.o = NULL;
        return v;
    }
    struct js_value u = { .kind = JS_UNKNOWN };
    if (v.kind == JS_STRING && v.s.n)
        u.mark = text_mark_at(v.s, text_first_hole(v.s));
    return u;
}

struct js_value js_lean(struct js_value v, enum js_lean lean)
{
    v.lean = (uint8_t)lean;
    return v;
}

bool js_is_callable(struct js_value v)
{
    return v.kind == JS_OBJECT && (v.o->class_ == C_FUNCTION || v.o->class_ == C_BUILTIN ||
                                   v.o->class_ == C_BOUND || v.o->class_ == C_METHOD);
}

void js_throw(struct js *m, uint32_t kind, const char *message)
{
    struct js_object *o = js_object_new(m, C_ERROR, O_ERROR);
    if (!o || JS_HALT(m))
        return;
    m->thrown = true;
    m->exception = js_of(o);
    js_define(m, o, A_name, js_string(js_atom_text(m, kind)), SLOT_HIDDEN);
    js_define(m, o, A_message, js_cstr(m, message), SLOT_HIDDEN);
    js_define(m, o, A_description, js_cstr(m, message), SLOT_HIDDEN);
}

/* --- 7.1.1 ToPrimitive */

struct js_value js_primitive(struct js *m, struct js_value v, bool number_first)
{
    if (v.kind != JS_OBJECT)
        return v;
    struct js_value plain;
    if (v.o->class_ == C_HOST)
        return js_host_get(m, v.o, A_valueOf, &plain) ? plain : js_unknown(m, "object");
    if (v.o->fogged || v.o->class_ == C_DATE)
        return js_unknown(m, v.o->fogged ? "condition" : "Date");
    bool first = number_first;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t name = (i == 0) == first ? A_valueOf : A_toString;
        struct js_value f = js_get(m, v, name);
        if (f.kind == JS_UNKNOWN)
            return f;
        if (JS_HALT(m) || !js_is_callable(f))
            continue;
        struct js_value r = js_call(m, f, v, NULL, 0);
        if (JS_HALT(m) || r.kind != JS_OBJECT)
            return r;
    }
    if (!JS_HALT(m))
        js_throw(m, A_TypeError, "Cannot convert object to primitive value");
    return js_undefined();
}

/* --- numbers */

static struct text trimmed(struct text s)
{
    uint32_t from = 0, to = s.n;
    while (from < to && js_is_space(text_unit(s, from)))
        from++;
    while (to > from && js_is_space(text_unit(s, to - 1)))
        to--;
    return text_sub(s, from, to - from);
}

/* 7.1.4.1 StringToNumber */
double js_text_number(struct js *m, struct text s)
{
    uint16_t units[400];
    (void)m;
    s = trimmed(s);
    if (s.n == 0)
        return 0;
    if (s.n > 399)
        return NAN;
    for (uint32_t i = 0; i < s.n; i++)
        units[i] = text_unit(s, i);
    uint16_t kind = units[1] | 32;
    if (units[0] == '0' && s.n > 2 && (kind == 'x' || kind == 'o' || kind == 'b')) {
        int radix = kind == 'x' ? 16 : kind == 'o' ? 8 : 2;
        double d = 0;
        for (uint32_t i = 2; i < s.n; i++) {
            int h = units[i] < 0x80 ? ascii_hex((uint8_t)units[i]) : -1;
            if (h < 0 || h >= radix)
                return NAN;
            d = d * radix + h;
        }
        return d;
    }
    bool sign = units[0] == '+' || units[0] == '-';
    static const char infinity[] = "Infinity";
    bool same = s.n - sign == 8;
    for (uint32_t i = 0; same && i < 8; i++)
        same = units[sign + i] == (uint16_t)infinity[i];
    if (same)
        return units[0] == '-' ? -INFINITY : INFINITY;
    return js_digits(units, s.n);
}

struct js_value js_to_number(struct js *m, struct js_value v)
{
    if (v.kind == JS_OBJECT)
        v = js_primitive(m, v, true);
    switch (v.kind) {
    case JS_NUMBER:
    case JS_UNKNOWN:
        return v;
    case JS_NULL:
        return js_number(0);
    case JS_BOOL:
        return js_number(v.b);
    case JS_STRING:
        if (!text_known(v.s))
            return js_unknown_like(v);
        return js_number_at(js_text_number(m, v.s), v.s.n ? text_mark_at(v.s, 0) : TEXT_NOWHERE);
    default:
        return js_number(NAN);
    }
}

double js_integer(double d)
{
    return isnan(d) ? 0 : isinf(d) ? d : trunc(d) + 0.0;
}

bool js_int(struct js *m, struct js_value v, double fallback, double *out)
{
    if (v.kind == JS_UNDEFINED) {
        *out = fallback;
        return true;
    }
    v = js_to_number(m, v);
    if (v.kind != JS_NUMBER)
        return false;
    *out = js_integer(v.d);
    return true;
}

/* 7.1.6 ToInt32 */
int32_t js_int32(double d)
{
    if (d >= -2147483648.0 && d <= 2147483647.0)
        return (int32_t)d;
    if (isnan(d) || isinf(d))
        return 0;
    double r = fmod(trunc(d), 4294967296.0);
    if (r < 0)
        r += 4294967296.0;
    return (int32_t)(uint32_t)r;
}

/* The shortest digits that read back as d > 0, without point; *power is that of the first. */
static int shortest(double d, char digits[20], int *power)
{
    char s[40];
    for (int n = 0; n < 17; n++) {
        (void)snprintf(s, sizeof s, "%.*e", n, d);
        if (n < 16 && strtod(s, NULL) != d)
            continue;
        int k = 0;
        char *at = s;
        for (; *at && *at != 'e'; at++)
            if (*at >= '0' && *at <= '9')
                digits[k++] = *at;
        *power = (int)strtol(at + 1, NULL, 10);
        while (k > 1 && digits[k - 1] == '0')
            k--;
        return k;
    }
    return 0;
}

/* 6.1.6.1.20 Number::toString */
static size_t written(double d, char out[40])
{
    char digits[20];
    int power = 0;
    size_t len = 0;
    if (isnan(d) || isinf(d) || d == 0)
        return (size_t)snprintf(out, 40, "%s",
                                isnan(d) ? "NaN"
                                : d == 0 ? "0"
                                : d < 0  ? "-Infinity"
                                         : "Infinity");
    if (d == trunc(d) && fabs(d) < 1e15)
        return (size_t)snprintf(out, 40, "%lld", (long long)d);
    if (d < 0)
        out[len++] = '-';
    int k = shortest(fabs(d), digits, &power), n = power + 1;
    if (n > 0 && n <= 21) {
        for (int i = 0; i < (k > n ? k : n); i++) {
            if (i == n)
                out[len++] = '.';
            out[len++] = i < k ? digits[i] : '0';
        }
    } else if (n > -6 && n <= 0) {
        out[len++] = '0';
        out[len++] = '.';
        for (int i = n; i < 0; i++)
            out[len++] = '0';
        for (int i = 0; i < k; i++)
            out[len++] = digits[i];
    } else {
        for (int i = 0; i < k; i++) {
            if (i == 1)
                out[len++] = '.';
            out[len++] = digits[i];
        }
        len += (size_t)snprintf(out + len, 40 - len, "e%c%d", n - 1 < 0 ? '-' : '+', abs(n - 1));
    }
    return len;
}

struct text js_number_text(struct js *m, double d, text_mark mark)
{
    char s[48];
    size_t n = written(d, s);
    return text_of(m->t, (slice){ (const uint8_t *)s, n }, mark);
}

/* 21.1.3.6: fractions in other radixes are the implementation's own. */
struct text js_radix_text(struct js *m, double d, unsigned radix, bool *known_out)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char s[80];
    size_t n = sizeof s;
    *known_out = true;
    if (radix == 10 || isnan(d) || isinf(d))
        return js_number_text(m, d, TEXT_NOWHERE);
    if (d != trunc(d) || fabs(d) > 9007199254740992.0) {
        *known_out = false;
        return (struct text){ 0 };
    }
    uint64_t u = (uint64_t)fabs(d);
    do {
        s[--n] = letters[u % radix];
        u /= radix;
    } while (u);
    if (d < 0)
        s[--n] = '-';
    return text_of(m->t, (slice){ (const uint8_t *)s + n, sizeof s - n }, TEXT_NOWHERE);
}

/* --- strings */

struct js_value js_to_string(struct js *m, struct js_value v)
{
    if (v.kind == JS_OBJECT)
        v = js_primitive(m, v, false);
    switch (v.kind) {
    case JS_STRING:
    case JS_UNKNOWN:
        return v;
    case JS_NUMBER:
        return js_string(js_number_text(m, v.d, v.mark));
    case JS_BOOL:
        return js_cstr(m, v.b ? "true" : "false");
    case JS_NULL:
        return js_cstr(m, "null");
    default:
        return js_cstr(m, "undefined");
    }
}

struct text js_text(struct js *m, struct js_value v)
{
    v = js_to_string(m, v);
    return v.kind == JS_STRING
               ? v.s
               : text_hole(m->t,
                           v.kind == JS_UNKNOWN ? v.mark : texts_reason(m->t, SLICE_LIT("value")));
}

int js_truth(struct js_value v)
{
    switch (v.kind) {
    case JS_BOOL:
        return v.b;
    case JS_NUMBER:
        return !isnan(v.d) && v.d != 0;
    case JS_STRING:
        return v.s.n == 0 ? 0 : v.s.n == 1 && !text_known(v.s) ? -1 : 1;
    case JS_OBJECT:
        return 1;
    case JS_UNKNOWN:
        return -1;
    default:
        return 0;
    }
}

struct js_value js_typeof(struct js *m, struct js_value v)
{
    switch (v.kind) {
    case JS_UNDEFINED:
    case JS_ABSENT:
        return js_cstr(m, "undefined");
    case JS_NULL:
        return js_cstr(m, "object");
    case JS_BOOL:
        return js_cstr(m, "boolean");
    case JS_NUMBER:
        return js_cstr(m, "number");
    case JS_STRING:
        return js_cstr(m, "string");
    case JS_UNKNOWN:
        return js_unknown_like(v);
    default:
        if (v.o->class_ == C_METHOD)
            return js_unknown(m, "typeof"); /* "unknown" in the script host, "function" in pages */
        return js_cstr(m, js_is_callable(v)         ? "function"
                          : v.o->class_ == C_SYMBOL ? "symbol"
                                                    : "object");
    }
}

/* --- comparing */

static bool holed(struct js_value v)
{
    return v.kind == JS_STRING && !text_known(v.s);
}

/* A place that differs from user to user stands as %NAME%: what it is in fact is not known. */
static bool has_symbol(struct text s)
{
    uint32_t from = UINT32_MAX;
    for (uint32_t i = 0; i < s.n && s.n <= 400; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '%') {
            if (from != UINT32_MAX && i - from > 2)
                return true;
            from = i;
        } else if (!(u >= 'A' && u <= 'Z') && u != '_' && u != '(' && u != ')' && u != '8' &&
                   u != '6') {
            from = UINT32_MAX;
        }
    }
    return false;
}

static int same_text(struct text a, struct text b)
{
    uint32_t n = a.n < b.n ? a.n : b.n;
    for (uint32_t i = 0; i < n; i++) {
        if (text_is_hole(a, i) || text_is_hole(b, i))
            return -1;
        if (text_unit(a, i) != text_unit(b, i))
            return has_symbol(a) || has_symbol(b) ? -1 : 0;
    }
    if (a.n == b.n)
        return 1;
    if (has_symbol(a) || has_symbol(b))
        return -1;
    return text_known(a.n > b.n ? text_sub(a, n, a.n) : text_sub(b, n, b.n)) ? 0 : -1;
}

int js_same(struct js_value a, struct js_value b)
{
    if (a.kind == JS_UNKNOWN || b.kind == JS_UNKNOWN)
        return -1;
    if (a.kind != b.kind)
        return 0;
    switch (a.kind) {
    case JS_BOOL:
        return a.b == b.b;
    case JS_NUMBER:
        return a.d == b.d;
    case JS_STRING:
        return same_text(a.s, b.s);
    case JS_OBJECT:
        return a.o == b.o;
    default:
        return 1;
    }
}

int js_equal(struct js *m, struct js_value a, struct js_value b)
{
    if (a.kind == JS_UNKNOWN || b.kind == JS_UNKNOWN)
        return -1;
    if (a.kind == b.kind)
        return js_same(a, b);
    bool none_a = a.kind <= JS_NULL, none_b = b.kind <= JS_NULL;
    if (none_a || none_b)
        return none_a && none_b;
    if (a.kind == JS_OBJECT)
        return js_equal(m, js_primitive(m, a, true), b);
    if (b.kind == JS_OBJECT)
        return js_equal(m, a, js_primitive(m, b, true));
    a = js_to_number(m, a);
    b = js_to_number(m, b);
    return js_same(a, b);
}

static struct js_value from_int(struct js_value like_a, struct js_value like_b, int truth)
{
    if (truth >= 0)
        return js_bool(truth);
    return js_unknown_like(like_a.kind == JS_UNKNOWN || holed(like_a) ? like_a : like_b);
}

/* What is unknown as what it most likely is. */
static struct js_value likely(struct js_value v)
{
    return v.lean == LEAN_STATUS ? js_number(200) : v.lean == LEAN_READY ? js_number(4) : v;
}

static struct js_value leant(struct js *m, uint16_t op, struct js_value a, struct js_value b)
{
    struct js_value r = js_binary(m, op, likely(a), likely(b));
    struct js_value u = js_unknown_like(a.kind == JS_UNKNOWN ? a : b);
    return r.kind == JS_BOOL ? js_lean(u, r.b ? LEAN_TRUE : LEAN_FALSE) : u;
}

static struct js_value equality(struct js *m, uint16_t op, struct js_value a, struct js_value b)
{
    bool strict = op == M_SAME || op == M_NOT_SAME, not = op == M_NE || op == M_NOT_SAME;
    int t = strict ? js_same(a, b) : js_equal(m, a, b);
    if (t >= 0)
        return js_bool(not ? !t : t);
    struct js_value u = from_int(a, b, t);
    struct js_value with = a.kind == JS_UNKNOWN ? b : a;
    if (a.lean == LEAN_LARGE || b.lean == LEAN_LARGE)
        u = js_lean(u, not ? LEAN_TRUE : LEAN_FALSE);
    else if (with.kind <= JS_NULL && u.download) /* something was fetched */
        u = js_lean(u, not ? LEAN_TRUE : LEAN_FALSE);
    return u;
}

/* 7.2.13; left < right. -1: unknown, -2: undefined (NaN) */
static int less(struct js *m, struct js_value a, struct js_value b)
{
    if (a.kind == JS_STRING && b.kind == JS_STRING) {
        uint32_t n = a.s.n < b.s.n ? a.s.n : b.s.n;
        for (uint32_t i = 0; i < n; i++) {
            if (text_is_hole(a.s, i) || text_is_hole(b.s, i))
                return -1;
            if (text_unit(a.s, i) != text_unit(b.s, i))
                return text_unit(a.s, i) < text_unit(b.s, i);
        }
        return holed(a) || holed(b) ? -1 : a.s.n < b.s.n;
    }
    a = js_to_number(m, a);
    b = js_to_number(m, b);
    if (a.kind != JS_NUMBER || b.kind != JS_NUMBER)
        return -1;
    return isnan(a.d) || isnan(b.d) ? -2 : a.d < b.d;
}

static struct js_value relation(struct js *m, uint16_t op, struct js_value a, struct js_value b)
{
    a = js_primitive(m, a, true);
    b = js_primitive(m, b, true);
    bool swap = op == '>' || op == M_LE, not = op == M_LE || op == M_GE;
    int t = swap ? less(m, b, a) : less(m, a, b);
    if (t == -2)
        return js_bool(false);
    if (t >= 0)
        return js_bool(not ? !t : t);
    struct js_value u = from_int(a, b, t);
    bool larger = op == '>' || op == M_GE;
    if (a.lean == LEAN_LARGE)
        u = js_lean(u, larger ? LEAN_TRUE : LEAN_FALSE);
    else if (b.lean == LEAN_LARGE)
        u = js_lean(u, larger ? LEAN_FALSE : LEAN_TRUE);
    return u;
}

/* --- arithmetic (13.15.3) */

static struct js_value added(struct js *m, struct js_value a, struct js_value b)
{
    a = js_primitive(m, a, true);
    if (JS_HALT(m))
        return a;
    b = js_primitive(m, b, true);
    if (a.kind == JS_STRING || b.kind == JS_STRING)
        return js_string(text_join(m->t, js_text(m, a), js_text(m, b)));
    if (a.kind == JS_UNKNOWN || b.kind == JS_UNKNOWN) {
        struct js_value u = js_unknown_like(a.kind == JS_UNKNOWN ? a : b);
        return a.lean == LEAN_LARGE || b.lean == LEAN_LARGE ? js_lean(u, LEAN_LARGE) : u;
    }
    a = js_to_number(m, a);
    b = js_to_number(m, b);
    return js_number_at(a.d + b.d, a.mark ? a.mark : b.mark);
}

static double computed(uint16_t op, double x, double y)
{
    switch (op) {
    case '-':
        return x - y;
    case '*':
        return x * y;
    case '/':
        return x / y;
    case '%':
        return fmod(x, y);
    case M_POWER:
        return isnan(y) || ((x == 1 || x == -1) && isinf(y)) ? NAN : pow(x, y);
    case '&':
        return js_int32(x) & js_int32(y);
    case '|':
        return js_int32(x) | js_int32(y);
    case '^':
        return js_int32(x) ^ js_int32(y);
    case M_SHL:
        return (int32_t)((uint32_t)js_int32(x) << ((uint32_t)js_int32(y) & 31));
    case M_SHR:
        return js_int32(x) >> ((uint32_t)js_int32(y) & 31);
    default:
        return (uint32_t)js_int32(x) >> ((uint32_t)js_int32(y) & 31);
    }
}

static struct js_value is_in(struct js *m, struct js_value a, struct js_value b)
{
    if (b.kind != JS_OBJECT)
        return b.kind == JS_UNKNOWN ? js_unknown_like(b)
                                    : (js_throw(m, A_TypeError, "in"), js_undefined());
    uint32_t key = js_key(m, a);
    if (key == A_NONE || b.o->class_ == C_HOST || b.o->fogged)
        return js_unknown(m, "in");
    return js_bool(js_has(m, b.o, key, false));
}

static struct js_value instance_of(struct js *m, struct js_value a, struct js_value b)
{
    if (a.kind == JS_UNKNOWN || b.kind == JS_UNKNOWN)
        return js_unknown_like(a.kind == JS_UNKNOWN ? a : b);
    if (!js_is_callable(b)) {
        js_throw(m, A_TypeError, "instanceof");
        return js_undefined();
    }
    struct js_value proto = js_get(m, b, A_prototype);
    if (a.kind != JS_OBJECT)
        return js_bool(false);
    if (a.o->class_ == C_HOST)
        return js_unknown(m, "instanceof");
    unsigned links = 0;
    for (const struct js_object *o = a.o->proto; o && links < 100; o = o->proto, links++)
        if (proto.kind == JS_OBJECT && o == proto.o)
            return js_bool(true);
    return js_bool(false);
}

struct js_value js_binary(struct js *m, uint16_t op, struct js_value a, struct js_value b)
{
    if ((a.lean >= LEAN_STATUS || b.lean >= LEAN_STATUS) &&
        (op == '<' || op == '>' || (op >= M_EQ && op <= M_GE)))
        return leant(m, op, a, b);
    switch (op) {
    case '+':
        return a.kind == JS_NUMBER && b.kind == JS_NUMBER
                   ? js_number_at(a.d + b.d, a.mark ? a.mark : b.mark)
                   : added(m, a, b);
    case M_EQ:
    case M_NE:
    case M_SAME:
    case M_NOT_SAME:
        return equality(m, op, a, b);
    case '<':
    case '>':
    case M_LE:
    case M_GE:
        return relation(m, op, a, b);
    case M_IN:
        return is_in(m, a, b);
    case M_INSTANCEOF:
        return instance_of(m, a, b);
    default:
        break;
    }
    a = js_to_number(m, a);
    b = JS_HALT(m) ? a : js_to_number(m, b);
    if (a.kind == JS_UNKNOWN || b.kind == JS_UNKNOWN) {
        struct js_value u = js_unknown_like(a.kind == JS_UNKNOWN ? a : b);
        bool zero = (op == '&' || op == '*') &&
                    ((a.kind == JS_NUMBER && a.d == 0) || (b.kind == JS_NUMBER && b.d == 0));
        if (zero && op == '&')
            return js_number(0);
        return a.lean == LEAN_LARGE && op == '-' ? js_lean(u, LEAN_LARGE) : u;
    }
    return js_number_at(computed(op, a.d, b.d), a.mark ? a.mark : b.mark);
}
