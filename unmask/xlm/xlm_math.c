/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_math - functions of numbers and truths, as Excel's function reference describes them.
 *
 * Over an area or array SUM and its like leave out what is no number; an argument by itself is
 * converted. Where one value is not known the result is not, but for AND and OR that are decided.
 */
#include "unmask/xlm/xlm_functions.h"
#include <math.h>

static struct xlm_value with(struct xlm_value v, uint8_t leans)
{
    v.leans |= leans;
    return v;
}

static struct xlm_value arg(struct xlm_book *b, const struct xlm_value *a, uint32_t n, uint32_t i)
{
    return xlm_value_as_number(b, xlm_function_arg(a, n, i));
}

/* --- one number */

static struct xlm_value of_one(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                               double (*f)(double))
{
    struct xlm_value v = arg(b, a, n, 0);
    return v.kind == XLM_NUMBER ? with(xlm_value_number(f(v.is.number)), v.leans) : v;
}

static double sign_of(double x) { return x < 0 ? -1 : x > 0; }
static double even_of(double x) { return x < 0 ? -2 * ceil(-x / 2) : 2 * ceil(x / 2); }
static double odd_of(double x)
{
    return x < 0 ? -odd_of(-x) : x <= 1 ? 1 : 2 * ceil((x - 1) / 2) + 1;
}
static double factorial(double x)
{
    double v = 1;
    for (double i = 2; i <= floor(x) && i < 171; i++)
        v *= i;
    return x < 0 || x >= 171 ? NAN : v;
}

XLM_CALL(xlm_math_abs) { return of_one(b, a, n, fabs); }
XLM_CALL(xlm_math_int) { return of_one(b, a, n, xlm_value_floor); }
XLM_CALL(xlm_math_sqrt) { return of_one(b, a, n, sqrt); }
XLM_CALL(xlm_math_exp) { return of_one(b, a, n, exp); }
XLM_CALL(xlm_math_ln) { return of_one(b, a, n, log); }
XLM_CALL(xlm_math_log10) { return of_one(b, a, n, log10); }
XLM_CALL(xlm_math_sin) { return of_one(b, a, n, sin); }
XLM_CALL(xlm_math_cos) { return of_one(b, a, n, cos); }
XLM_CALL(xlm_math_tan) { return of_one(b, a, n, tan); }
XLM_CALL(xlm_math_sign) { return of_one(b, a, n, sign_of); }
XLM_CALL(xlm_math_even) { return of_one(b, a, n, even_of); }
XLM_CALL(xlm_math_odd) { return of_one(b, a, n, odd_of); }
XLM_CALL(xlm_math_fact) { return of_one(b, a, n, factorial); }

XLM_CALL(xlm_math_pi)
{
    (void)b, (void)a, (void)n;
    return xlm_value_number(3.14159265358979323846);
}

/* --- two numbers */

static struct xlm_value of_two(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                               struct xlm_value second, struct xlm_value (*f)(double, double))
{
    struct xlm_value x = arg(b, a, n, 0), y = n > 1 ? arg(b, a, n, 1) : second;
    if (x.kind != XLM_NUMBER)
        return x;
    if (y.kind != XLM_NUMBER)
        return y;
    return with(f(x.is.number, y.is.number), x.leans | y.leans);
}

static struct xlm_value modulo(double x, double y)
{
    return y == 0 ? xlm_value_error(XLM_DIV0) : xlm_value_number(x - y * floor(x / y));
}

static struct xlm_value quotient(double x, double y)
{
    return y == 0 ? xlm_value_error(XLM_DIV0) : xlm_value_number(trunc(x / y));
}

static struct xlm_value power(double x, double y)
{
    return x == 0 && y < 0 ? xlm_value_error(XLM_DIV0) : xlm_value_number(pow(x, y));
}

/* Decimal places: what is a half in decimal is rounded as one. */
static double scaled(double x, double places, double (*f)(double))
{
    double scale = pow(10, trunc(places)), v = fabs(x) * scale;
    if (!isfinite(scale) || !isfinite(v))
        return x;
    double nearest = round(v);
    if (fabs(v - nearest) < 1e-9 * (1 + v) && f != round)
        v = nearest;
    v = f(f == round ? v * (1 + 1e-15) : v) / scale;
    return x < 0 ? -v : v;
}

static struct xlm_value rounded(double x, double p)
{
    return xlm_value_number(scaled(x, p, round));
}
static struct xlm_value rounded_up(double x, double p)
{
    return xlm_value_number(scaled(x, p, ceil));
}
static struct xlm_value rounded_down(double x, double p)
{
    return xlm_value_number(scaled(x, p, floor));
}
static struct xlm_value cut_off(double x, double p)
{
    return p == 0 ? xlm_value_number(xlm_value_whole(x)) : rounded_down(x, p);
}
static struct xlm_value up_to(double x, double y)
{
    return xlm_value_number(y == 0 ? 0 : ceil(x / y) * y);
}
static struct xlm_value down_to(double x, double y)
{
    return y == 0 && x != 0 ? xlm_value_error(XLM_DIV0)
                            : xlm_value_number(y == 0 ? 0 : floor(x / y) * y);
}

XLM_CALL(xlm_math_mod) { return of_two(b, a, n, xlm_value_number(0), modulo); }
XLM_CALL(xlm_math_quotient) { return of_two(b, a, n, xlm_value_number(0), quotient); }
XLM_CALL(xlm_math_power) { return of_two(b, a, n, xlm_value_number(0), power); }
XLM_CALL(xlm_math_round) { return of_two(b, a, n, xlm_value_number(0), rounded); }
XLM_CALL(xlm_math_roundup) { return of_two(b, a, n, xlm_value_number(0), rounded_up); }
XLM_CALL(xlm_math_rounddown) { return of_two(b, a, n, xlm_value_number(0), rounded_down); }
XLM_CALL(xlm_math_trunc) { return of_two(b, a, n, xlm_value_number(0), cut_off); }
XLM_CALL(xlm_math_ceiling) { return of_two(b, a, n, xlm_value_number(1), up_to); }
XLM_CALL(xlm_math_floor) { return of_two(b, a, n, xlm_value_number(1), down_to); }

static struct xlm_value bits(double x, double y, int which)
{
    if (x < 0 || y < 0 || x >= 281474976710656.0 || y >= 281474976710656.0 || x != floor(x) ||
        y != floor(y))
        return xlm_value_error(XLM_NUM);
    uint64_t p = (uint64_t)x, q = (uint64_t)y;
    return xlm_value_number((double)(which == 0 ? p & q : which == 1 ? p | q : p ^ q));
}

static struct xlm_value bit_and(double x, double y) { return bits(x, y, 0); }
static struct xlm_value bit_or(double x, double y) { return bits(x, y, 1); }
static struct xlm_value bit_xor(double x, double y) { return bits(x, y, 2); }
XLM_CALL(xlm_math_bitand) { return of_two(b, a, n, xlm_value_number(0), bit_and); }
XLM_CALL(xlm_math_bitor) { return of_two(b, a, n, xlm_value_number(0), bit_or); }
XLM_CALL(xlm_math_bitxor) { return of_two(b, a, n, xlm_value_number(0), bit_xor); }

XLM_CALL(xlm_math_hex2dec)
{
    struct xlm_value v = xlm_value_as_text(b, xlm_function_arg(a, n, 0));
    if (v.kind != XLM_TEXT || !text_known(v.is.text))
        return v.kind == XLM_ERROR ? v : xlm_value_unknown(b, "HEX2DEC");
    double number = 0;
    for (uint32_t i = 0; i < v.is.text.n; i++) {
        uint16_t u = text_unit(v.is.text, i);
        int digit = u >= '0' && u <= '9'                 ? u - '0'
                    : (u | 32) >= 'a' && (u | 32) <= 'f' ? (u | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0 || v.is.text.n > 10)
            return with(xlm_value_error(XLM_NUM), v.leans);
        number = number * 16 + digit;
    }
    if (v.is.text.n == 10 && number >= 549755813888.0)
        number -= 1099511627776.0;
    return with(xlm_value_number(number), v.leans);
}

/* --- many */

enum fold {
    FOLD_SUM,
    FOLD_PRODUCT,
    FOLD_MAX,
    FOLD_MIN,
    FOLD_COUNT,
    FOLD_COUNTA,
    FOLD_AND,
    FOLD_OR,
    FOLD_XOR
};

struct folding {
    enum fold how;
    bool area, decided, any;
    double v;
    uint64_t n;
    uint8_t leans;
    struct xlm_value bad; /* an error or what is not known; BLANK: none */
};

static void fold_number(struct folding *f, double x)
{
    bool first = !f->any;
    f->any = true;
    f->n++;
    switch (f->how) {
    case FOLD_SUM:
        f->v += x;
        break;
    case FOLD_PRODUCT:
        f->v = first ? x : f->v * x;
        break;
    case FOLD_MAX:
        f->v = first || x > f->v ? x : f->v;
        break;
    case FOLD_MIN:
        f->v = first || x < f->v ? x : f->v;
        break;
    case FOLD_AND:
        f->v = first ? x != 0 : f->v != 0 && x != 0;
        f->decided = f->decided || x == 0;
        break;
    case FOLD_OR:
        f->v = f->v != 0 || x != 0;
        f->decided = f->decided || x != 0;
        break;
    case FOLD_XOR:
        f->v = (f->v != 0) != (x != 0);
        break;
    default:
        break;
    }
}

static bool fold_one(struct xlm_book *b, void *host, struct xlm_value v)
{
    struct folding *f = host;
    f->leans |= v.leans;
    if (v.kind == XLM_UNKNOWN && (f->how == FOLD_COUNT || f->how == FOLD_COUNTA)) {
        f->bad = v;
        return false;
    }
    if (f->how == FOLD_COUNTA) {
        f->n += v.kind != XLM_BLANK || !f->area;
        return true;
    }
    if (f->how == FOLD_COUNT) {
        f->n += v.kind == XLM_NUMBER || (!f->area && xlm_value_as_number(b, v).kind == XLM_NUMBER);
        return true;
    }
    bool left_out = f->area && (v.kind == XLM_BLANK || v.kind == XLM_TEXT ||
                                (v.kind == XLM_TRUTH && f->how < FOLD_COUNT));
    if (left_out && !(v.kind == XLM_TEXT && !text_known(v.is.text)))
        return true;
    struct xlm_value number = xlm_value_as_number(b, v);
    if (f->how >= FOLD_AND &&
        v.kind == XLM_TEXT) /* "1" is TRUE in one version and an error in another */
        number = number.kind == XLM_NUMBER ? xlm_value_unknown(b, "AND") : xlm_value_as_truth(b, v);
    if (number.kind == XLM_NUMBER || number.kind == XLM_TRUTH)
        fold_number(f, number.is.number);
    else if (f->bad.kind == XLM_BLANK || number.kind == XLM_ERROR)
        f->bad = number;
    return true;
}

static struct folding folded(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                             enum fold how)
{
    struct folding f = { .how = how, .bad = { .kind = XLM_BLANK } };
    for (uint32_t i = 0; i < n; i++) {
        f.area = a[i].kind == XLM_AREA || a[i].kind == XLM_ARRAY;
        xlm_cell_each(b, a + i, 1, fold_one, &f);
    }
    return f;
}

static struct xlm_value number_of(const struct folding *f)
{
    return f->bad.kind != XLM_BLANK ? with(f->bad, f->leans)
                                    : with(xlm_value_number(f->v), f->leans);
}

/* An error is one whatever the others are; what is not known may not matter. */
static struct xlm_value truth_of(const struct folding *f)
{
    if (f->bad.kind == XLM_ERROR || (f->bad.kind == XLM_UNKNOWN && !f->decided))
        return with(f->bad, f->leans);
    return with(f->any ? xlm_value_truth(f->v != 0) : xlm_value_error(XLM_VALUE), f->leans);
}

XLM_CALL(xlm_math_sum)
{
    struct folding f = folded(b, a, n, FOLD_SUM);
    return number_of(&f);
}

XLM_CALL(xlm_math_product)
{
    struct folding f = folded(b, a, n, FOLD_PRODUCT);
    return number_of(&f);
}

XLM_CALL(xlm_math_max)
{
    struct folding f = folded(b, a, n, FOLD_MAX);
    return number_of(&f);
}

XLM_CALL(xlm_math_min)
{
    struct folding f = folded(b, a, n, FOLD_MIN);
    return number_of(&f);
}

XLM_CALL(xlm_math_average)
{
    struct folding f = folded(b, a, n, FOLD_SUM);
    struct xlm_value v = number_of(&f);
    if (v.kind != XLM_NUMBER)
        return v;
    return with(f.n ? xlm_value_number(v.is.number / (double)f.n) : xlm_value_error(XLM_DIV0),
                f.leans);
}

XLM_CALL(xlm_math_count)
{
    struct folding f = folded(b, a, n, FOLD_COUNT);
    f.v = (double)f.n;
    return number_of(&f);
}

XLM_CALL(xlm_math_counta)
{
    struct folding f = folded(b, a, n, FOLD_COUNTA);
    f.v = (double)f.n;
    return number_of(&f);
}

XLM_CALL(xlm_math_and)
{
    struct folding f = folded(b, a, n, FOLD_AND);
    return truth_of(&f);
}

XLM_CALL(xlm_math_or)
{
    struct folding f = folded(b, a, n, FOLD_OR);
    return truth_of(&f);
}

XLM_CALL(xlm_math_xor)
{
    struct folding f = folded(b, a, n, FOLD_XOR);
    return truth_of(&f);
}

XLM_CALL(xlm_math_not)
{
    struct xlm_value v = xlm_value_as_truth(b, xlm_function_arg(a, n, 0));
    if (v.kind == XLM_TRUTH)
        v.is.number = v.is.number == 0;
    return v;
}

/* --- kinds */

XLM_CALL(xlm_math_true)
{
    (void)b, (void)a, (void)n;
    return xlm_value_truth(true);
}

XLM_CALL(xlm_math_false)
{
    (void)b, (void)a, (void)n;
    return xlm_value_truth(false);
}

XLM_CALL(xlm_math_na)
{
    (void)b, (void)a, (void)n;
    return xlm_value_error(XLM_NA);
}

static struct xlm_value is_kind(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                uint32_t kinds)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    if (v.kind == XLM_UNKNOWN)
        return v;
    uint8_t kind = v.kind == XLM_HANDLE ? XLM_NUMBER : v.kind;
    return with(xlm_value_truth(kinds >> kind & 1), v.leans);
}

XLM_CALL(xlm_math_isnumber) { return is_kind(b, a, n, 1u << XLM_NUMBER); }
XLM_CALL(xlm_math_istext) { return is_kind(b, a, n, 1u << XLM_TEXT); }
XLM_CALL(xlm_math_isnontext) { return is_kind(b, a, n, ~(1u << XLM_TEXT)); }
XLM_CALL(xlm_math_isblank) { return is_kind(b, a, n, 1u << XLM_BLANK); }
XLM_CALL(xlm_math_islogical) { return is_kind(b, a, n, 1u << XLM_TRUTH); }
XLM_CALL(xlm_math_iserror) { return is_kind(b, a, n, 1u << XLM_ERROR); }

XLM_CALL(xlm_math_isref)
{
    (void)b;
    return xlm_value_truth(n > 0 && a[0].kind == XLM_AREA);
}

XLM_CALL(xlm_math_isna)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    return v.kind == XLM_UNKNOWN
               ? v
               : with(xlm_value_truth(v.kind == XLM_ERROR && v.error == XLM_NA), v.leans);
}

XLM_CALL(xlm_math_iserr)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    return v.kind == XLM_UNKNOWN
               ? v
               : with(xlm_value_truth(v.kind == XLM_ERROR && v.error != XLM_NA), v.leans);
}

XLM_CALL(xlm_math_iferror)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    return v.kind == XLM_ERROR ? with(xlm_value_one(b, xlm_function_arg(a, n, 1)), v.leans) : v;
}

XLM_CALL(xlm_math_error_type)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    if (v.kind == XLM_UNKNOWN)
        return v;
    return with(v.kind == XLM_ERROR ? xlm_value_number(v.error + 1) : xlm_value_error(XLM_NA),
                v.leans);
}

XLM_CALL(xlm_math_type)
{
    struct xlm_value v = xlm_function_arg(a, n, 0);
    if (v.kind == XLM_AREA)
        v = xlm_value_one(b, v);
    if (v.kind == XLM_UNKNOWN)
        return v;
    int code = v.kind == XLM_TEXT    ? 2
               : v.kind == XLM_TRUTH ? 4
               : v.kind == XLM_ERROR ? 16
               : v.kind == XLM_ARRAY ? 64
                                     : 1;
    return with(xlm_value_number(code), v.leans);
}
