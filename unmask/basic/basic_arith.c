/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: [MS-VBAL] 5.6.9. Overflow of what comes from a Variant widens the type (5.6.9.3). */
#include <math.h>
#include "base/text.h"
#include "unmask/basic/basic.h"

__extension__ typedef __int128 wide; /* any product of two of its operands */

static struct value unknown_from(struct machine *m, struct value a, struct value b)
{
    return basic_unknown_of(NULL, basic_why(m, basic_is_unknown(a) ? a : b));
}

static bool is_float(enum basic_type t) { return t == V_SINGLE || t == V_DOUBLE || t == V_DATE; }

/* --- 5.6.9.3: the type that + - * work in */

static enum basic_type rank(enum basic_type t)
{
    return t == V_EMPTY || t == V_BOOLEAN ? V_INTEGER : t == V_STRING ? V_DOUBLE : t;
}

static enum basic_type effective(uint8_t op, struct value a, struct value b)
{
    if (a.type == V_BYTE && b.type == V_BYTE)
        return V_BYTE;
    enum basic_type x = rank(a.type), y = rank(b.type);
    if (x == V_DATE || y == V_DATE)
        return op == '+' ? V_DATE : op == '-' && !(x == V_DATE && y == V_DATE) ? V_DATE : V_DOUBLE;
    if (x == V_CURRENCY || y == V_CURRENCY)
        return op == '*' && (is_float(x) || is_float(y)) ? V_DOUBLE : V_CURRENCY;
    if (x == V_DOUBLE || y == V_DOUBLE)
        return V_DOUBLE;
    if (x == V_SINGLE || y == V_SINGLE)
        return x >= V_LONG && y >= V_LONG && x != y ? V_DOUBLE : V_SINGLE;
    enum basic_type most = x > y ? x : y;
    return most < V_INTEGER ? V_INTEGER : most;
}

static struct value float_result(struct machine *m, enum basic_type t, double d, bool variant, text_mark mark)
{
    if (!isfinite(d))
        return basic_error(m, 6);
    if (t == V_SINGLE && fabs(d) > 3.402823466e38 && !variant)
        return basic_error(m, 6);
    if (t == V_SINGLE && fabs(d) <= 3.402823466e38)
        d = (double)(float)d;
    else if (t == V_SINGLE)
        t = V_DOUBLE;
    return (struct value){ .type = (uint8_t)t, .d = d, .mark = mark };
}

static struct value whole_result(struct machine *m, enum basic_type t, wide r, bool variant, text_mark mark)
{
    static const int64_t low[] = { [V_BYTE] = 0, [V_INTEGER] = INT16_MIN, [V_LONG] = INT32_MIN, [V_LONGLONG] = INT64_MIN };
    static const int64_t high[] = { [V_BYTE] = 255, [V_INTEGER] = INT16_MAX, [V_LONG] = INT32_MAX, [V_LONGLONG] = INT64_MAX };
    while (r < low[t] || r > high[t]) {
        if (!variant)
            return basic_error(m, 6);
        if (t == V_LONG || t == V_LONGLONG)
            return float_result(m, V_DOUBLE, (double)r, true, mark);
        t = t == V_BYTE ? V_INTEGER : V_LONG;
    }
    return (struct value){ .type = (uint8_t)t, .i = (int64_t)r, .mark = mark };
}

static struct value currency_result(struct machine *m, uint8_t op, struct value a, struct value b)
{
    struct value x = basic_coerce(m, a, V_CURRENCY), y = basic_coerce(m, b, V_CURRENCY);
    if (m->error)
        return x;
    wide r = op == '+' ? (wide)x.i + y.i : op == '-' ? (wide)x.i - y.i : (wide)x.i * y.i / 10000;
    if (r > INT64_MAX || r < INT64_MIN)
        return basic_error(m, 6);
    return basic_int(V_CURRENCY, (int64_t)r);
}

static struct value arithmetic(struct machine *m, uint8_t op, struct value a, struct value b)
{
    bool variant = (a.flags | b.flags) & VALUE_VARIANT;
    text_mark mark = a.mark ? a.mark : b.mark;
    enum basic_type t = effective(op, a, b);
    double x, y;
    if (!basic_number(m, a, &x) || !basic_number(m, b, &y))
        return m->error ? (struct value){ .type = V_EMPTY } : unknown_from(m, a, b);
    if (t == V_CURRENCY)
        return currency_result(m, op, a, b);
    if (is_float(t))
        return float_result(m, t, op == '+' ? x + y : op == '-' ? x - y : x * y, variant, mark);
    wide i = (wide)(a.type == V_EMPTY ? 0 : a.i), k = (wide)(b.type == V_EMPTY ? 0 : b.i);
    return whole_result(m, t, op == '+' ? i + k : op == '-' ? i - k : i * k, variant, mark);
}

static struct value divide(struct machine *m, struct value a, struct value b)
{
    double x, y;
    if (!basic_number(m, a, &x) || !basic_number(m, b, &y))
        return m->error ? (struct value){ .type = V_EMPTY } : unknown_from(m, a, b);
    if (y == 0)
        return basic_error(m, x == 0 ? 6 : 11);
    bool single = (a.type == V_SINGLE || b.type == V_SINGLE) && rank(a.type) <= V_SINGLE && rank(b.type) <= V_SINGLE &&
                  a.type != V_LONG && b.type != V_LONG;
    return float_result(m, single ? V_SINGLE : V_DOUBLE, x / y, (a.flags | b.flags) & VALUE_VARIANT, a.mark);
}

/* \ and Mod: 5.6.9.3.6 */
static struct value divide_whole(struct machine *m, uint8_t op, struct value a, struct value b)
{
    int64_t x, y;
    if (!basic_integer(m, a, &x) || !basic_integer(m, b, &y))
        return m->error ? (struct value){ .type = V_EMPTY } : unknown_from(m, a, b);
    enum basic_type t = effective('+', a, b);
    t = t > V_LONGLONG ? V_LONG : t;
    if (t <= V_LONG && (x > INT32_MAX || x < INT32_MIN || y > INT32_MAX || y < INT32_MIN))
        return basic_error(m, 6);
    if (y == 0)
        return basic_error(m, 11);
    if (y == -1)
        return whole_result(m, t, op == 'M' ? 0 : -(wide)x, (a.flags | b.flags) & VALUE_VARIANT, a.mark);
    return whole_result(m, t, op == 'M' ? x % y : x / y, true, a.mark);
}

static struct value power(struct machine *m, struct value a, struct value b)
{
    double x, y;
    if (!basic_number(m, a, &x) || !basic_number(m, b, &y))
        return m->error ? (struct value){ .type = V_EMPTY } : unknown_from(m, a, b);
    if ((x < 0 && y != floor(y)) || (x == 0 && y < 0))
        return basic_error(m, 5);
    return float_result(m, V_DOUBLE, pow(x, y), true, a.mark);
}

/* --- 5.6.9.8: bit by bit, Null unless it does not matter */

static enum basic_type logical_type(struct value a, struct value b)
{
    if (a.type == V_BOOLEAN && b.type == V_BOOLEAN)
        return V_BOOLEAN;
    if (a.type == V_BYTE && b.type == V_BYTE)
        return V_BYTE;
    enum basic_type x = a.type == V_STRING || a.type > V_LONGLONG ? V_LONG : rank(a.type);
    enum basic_type y = b.type == V_STRING || b.type > V_LONGLONG ? V_LONG : rank(b.type);
    x = x == V_BYTE ? V_INTEGER : x, y = y == V_BYTE ? V_INTEGER : y;
    return x > y ? x : y;
}

static struct value logical_result(struct machine *m, enum basic_type t, uint8_t op, int64_t x, int64_t y, text_mark mark)
{
    int64_t r = op == 'A' ? (x & y) : op == 'O' ? (x | y) : op == 'X' ? (x ^ y) : op == 'E' ? ~(x ^ y) : (~x | y);
    if (t == V_BYTE)
        r &= 0xFF;
    (void)m;
    return (struct value){ .type = (uint8_t)t, .i = r, .mark = mark };
}

static bool logical_operand(struct machine *m, struct value v, enum basic_type t, int64_t *out)
{
    if (v.type == V_STRING && (text_is_nocase(v.s, "true") || text_is_nocase(v.s, "false"))) {
        *out = text_is_nocase(v.s, "true") ? -1 : 0;
        return true;
    }
    if (!basic_integer(m, v, out))
        return false;
    if (t <= V_LONG && (*out > INT32_MAX || *out < INT32_MIN))
        basic_error(m, 6);
    return !m->error;
}

static struct value logical(struct machine *m, uint8_t op, struct value a, struct value b)
{
    enum basic_type t = logical_type(a, b);
    int64_t x = 0, y = 0;
    bool null_a = a.type == V_NULL, null_b = b.type == V_NULL;
    bool known_a = !null_a && logical_operand(m, a, t, &x), known_b = !m->error && !null_b && logical_operand(m, b, t, &y);
    if (m->error)
        return a;
    text_mark mark = a.mark ? a.mark : b.mark;
    if (known_a && known_b)
        return logical_result(m, t, op, x, y, mark);
    int64_t one = known_a ? x : y; /* the side that is known may decide alone */
    if ((known_a || known_b) && ((op == 'A' && one == 0) || (op == 'O' && one == -1)))
        return basic_int(known_a ? a.type == V_BOOLEAN ? V_BOOLEAN : rank(a.type) : b.type == V_BOOLEAN ? V_BOOLEAN : rank(b.type), one);
    if ((null_a || known_a) && (null_b || known_b))
        return (struct value){ .type = V_NULL };
    return unknown_from(m, a, b);
}

/* --- 5.6.9.5: comparison */

static uint16_t folded(uint16_t c) { return c < 0x80 ? ascii_lower((uint8_t)c) : c; }

int basic_compare_text(struct text a, struct text b, bool nocase)
{
    for (uint32_t i = 0; i < a.n && i < b.n; i++) {
        uint16_t x = text_unit(a, i), y = text_unit(b, i);
        if (nocase)
            x = folded(x), y = folded(y);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

bool basic_pay_comparison(struct machine *m, struct text a, struct text b)
{
    uint32_t least = a.n < b.n ? a.n : b.n;
    return least < 64 || basic_step(m, least / 16);
}

static bool nocase_here(const struct machine *m)
{
    return m->module < m->n_modules && m->modules[m->module].compare_text;
}

static bool unsure(struct machine *m, struct text s) { return basic_sure(m, s) < s.n; }

/* A text with a hole still differs when its known beginning does, or when it cannot be empty. */
static int compare_texts(struct machine *m, struct text a, struct text b)
{
    if (!unsure(m, a) && !unsure(m, b) && basic_pay_comparison(m, a, b))
        return basic_compare_text(a, b, nocase_here(m));
    return 3;
}

int basic_compare(struct machine *m, struct value a, struct value b)
{
    a = basic_plain(m, a), b = basic_plain(m, b);
    if (m->error)
        return 4;
    if (a.type == V_NULL || b.type == V_NULL)
        return 2;
    if (a.type == V_UNKNOWN || b.type == V_UNKNOWN)
        return 3;
    bool text_a = a.type == V_STRING, text_b = b.type == V_STRING;
    if ((text_a && (text_b || b.type == V_EMPTY)) || (text_b && a.type == V_EMPTY))
        return compare_texts(m, basic_string(m, a), basic_string(m, b));
    if (text_a != text_b && (a.flags & b.flags & VALUE_VARIANT) && a.type != V_ARRAY && b.type != V_ARRAY)
        return text_a ? 1 : -1; /* a number is less than a text, when both come from Variants */
    double x, y;
    if (!basic_number(m, a, &x) || !basic_number(m, b, &y))
        return m->error ? 4 : 3;
    if (a.type == V_SINGLE || b.type == V_SINGLE)
        x = (double)(float)x, y = (double)(float)y;
    return x < y ? -1 : x > y;
}

static struct value comparison(struct machine *m, uint8_t op, struct value a, struct value b)
{
    int c = basic_compare(m, a, b);
    switch (c) {
    case 2: return (struct value){ .type = V_NULL };
    case 3: return unknown_from(m, a, b);
    case 4: return (struct value){ .type = V_EMPTY };
    default: break;
    }
    switch (op) {
    case '=': return basic_bool(c == 0);
    case OP_NE: return basic_bool(c != 0);
    case '<': return basic_bool(c < 0);
    case '>': return basic_bool(c > 0);
    case OP_LE: return basic_bool(c <= 0);
    default: return basic_bool(c >= 0);
    }
}

static struct value same_object(struct machine *m, struct value a, struct value b)
{
    if (a.type == V_UNKNOWN || b.type == V_UNKNOWN)
        return unknown_from(m, a, b);
    if (a.type != V_OBJECT || b.type != V_OBJECT)
        return basic_error(m, 424);
    return basic_bool(a.o == b.o);
}

/* --- 5.6.9.7: Like, by the two-pointer method: no more than length times length */

static bool in_class(uint16_t c, struct text p, uint32_t *at, bool nocase)
{
    uint32_t i = *at + 1;
    bool no = text_unit(p, i) == '!', hit = false;
    for (i += no; i < p.n && text_unit(p, i) != ']'; i++) {
        uint16_t low = text_unit(p, i), high = low;
        if (text_unit(p, i + 1) == '-' && text_unit(p, i + 2) != ']' && i + 2 < p.n) {
            high = text_unit(p, i + 2);
            i += 2;
        }
        uint16_t f = nocase ? folded(c) : c;
        hit = hit || (c >= low && c <= high) || (nocase && f >= folded(low) && f <= folded(high));
    }
    *at = i;
    return hit != no;
}

static bool matches_one(uint16_t c, struct text p, uint32_t *at, bool nocase)
{
    uint16_t w = text_unit(p, *at);
    bool hit = w == '?' || w == c || (nocase && folded(w) == folded(c));
    if (w == '#')
        hit = c >= '0' && c <= '9';
    if (w == '[')
        hit = in_class(c, p, at, nocase);
    ++*at;
    return hit;
}

bool basic_like(struct text s, struct text p, bool nocase, bool *bad_out)
{
    uint32_t i = 0, k = 0, star = UINT32_MAX, back = 0;
    for (uint32_t open = 0; open < p.n; open++)
        if (text_unit(p, open) == '[') {
            while (open < p.n && text_unit(p, open) != ']')
                open++;
            *bad_out = open == p.n;
        }
    while (i < s.n) {
        uint32_t next = k;
        if (k < p.n && text_unit(p, k) == '*') {
            star = ++k;
            back = i;
        } else if (k < p.n && matches_one(text_unit(s, i), p, &next, nocase)) {
            k = next;
            i++;
        } else if (star != UINT32_MAX) {
            k = star;
            i = ++back;
        } else {
            return false;
        }
    }
    while (k < p.n && text_unit(p, k) == '*')
        k++;
    return k == p.n;
}

static struct value like(struct machine *m, struct value a, struct value b)
{
    if (a.type == V_NULL || b.type == V_NULL)
        return (struct value){ .type = V_NULL };
    struct text s = basic_string(m, a), p = basic_string(m, b);
    if (m->error)
        return a;
    if (unsure(m, s) || unsure(m, p) || (uint64_t)s.n * p.n > 1u << 22)
        return unknown_from(m, a, b);
    bool bad = false, yes = basic_like(s, p, nocase_here(m), &bad);
    return bad ? basic_error(m, 93) : basic_bool(yes);
}

/* --- & and the rest */

static struct value join(struct machine *m, struct value a, struct value b)
{
    if (a.type == V_NULL && b.type == V_NULL)
        return a;
    struct text x = a.type == V_NULL ? (struct text){ 0 } : basic_string(m, a);
    struct text y = b.type == V_NULL ? (struct text){ 0 } : basic_string(m, b);
    if (m->error)
        return a;
    if (x.n && y.n == 1 && text_is_hole(x, x.n - 1) && text_is_hole(y, 0))
        return basic_text(x); /* one hole behind another says nothing more */
    return basic_text(text_join(m->t, x, y));
}

static struct value add(struct machine *m, struct value a, struct value b)
{
    bool text_a = a.type == V_STRING, text_b = b.type == V_STRING;
    if (text_a && text_b)
        return join(m, a, b);
    /* Empty beside a text is no addition: 5.6.9.3.2 */
    if ((text_a && b.type == V_EMPTY) || (text_b && a.type == V_EMPTY))
        return text_a ? a : b;
    if ((text_a && b.type == V_UNKNOWN) || (text_b && a.type == V_UNKNOWN))
        return join(m, a, b); /* most likely a text too; there is a hole either way */
    return arithmetic(m, '+', a, b);
}

bool basic_whole_numbers(uint8_t op, const struct value *a, const struct value *b, struct value *out)
{
    if (a->type < V_BYTE || a->type > V_LONG || b->type < V_BYTE || b->type > V_LONG)
        return false;
    int64_t x = a->i, y = b->i, r;
    bool yes;
    switch (op) {
    case '+': r = x + y; break;
    case '-': r = x - y; break;
    case '*': r = x * y; break;
    case '=': yes = x == y; goto answer;
    case OP_NE: yes = x != y; goto answer;
    case '<': yes = x < y; goto answer;
    case '>': yes = x > y; goto answer;
    case OP_LE: yes = x <= y; goto answer;
    case OP_GE: yes = x >= y; goto answer;
    default: return false;
    }
    enum basic_type t = a->type > b->type ? a->type : b->type;
    int64_t low = t == V_BYTE ? 0 : t == V_INTEGER ? INT16_MIN : INT32_MIN;
    int64_t high = t == V_BYTE ? 255 : t == V_INTEGER ? INT16_MAX : INT32_MAX;
    if (r < low || r > high)
        return false;
    *out = (struct value){ .type = (uint8_t)t, .flags = (a->flags | b->flags) & VALUE_VARIANT, .mark = a->mark ? a->mark : b->mark, .i = r };
    return true;
answer:
    *out = (struct value){ .type = V_BOOLEAN, .flags = (a->flags | b->flags) & VALUE_VARIANT, .i = yes ? -1 : 0 };
    return true;
}

struct value basic_binary(struct machine *m, uint8_t op, struct value a, struct value b)
{
    struct value v;
    if (basic_whole_numbers(op, &a, &b, &v))
        return v;
    if (op == 'I')
        return same_object(m, a, b);
    a = basic_plain(m, a);
    b = m->error ? b : basic_plain(m, b);
    if (m->error)
        return a;
    switch (op) {
    case '&': v = join(m, a, b); break;
    case '=': case '<': case '>': case OP_NE: case OP_LE: case OP_GE: v = comparison(m, op, a, b); break;
    case 'L': v = like(m, a, b); break;
    case 'A': case 'O': case 'X': case 'E': case 'P': v = logical(m, op, a, b); break;
    default:
        a.flags |= m->dialect->script ? VALUE_VARIANT : 0; /* there overflow always widens */
        if (a.type == V_NULL || b.type == V_NULL)
            v = (struct value){ .type = V_NULL };
        else if (op == '+')
            v = add(m, a, b);
        else if (op == '-' || op == '*')
            v = arithmetic(m, op, a, b);
        else
            v = op == '/' ? divide(m, a, b) : op == '^' ? power(m, a, b) : divide_whole(m, op, a, b);
    }
    v.as = V_EMPTY;
    v.flags = (a.flags | b.flags) & VALUE_VARIANT;
    return m->error ? (struct value){ .type = V_EMPTY } : v;
}

struct value basic_unary(struct machine *m, uint8_t op, struct value a)
{
    a = basic_plain(m, a);
    if (m->error || a.type == V_NULL)
        return a;
    if (op == 'N') {
        struct value ones = basic_int(a.type == V_BYTE ? V_BYTE : V_BOOLEAN, a.type == V_BYTE ? 0xFF : -1);
        if (a.type == V_UNKNOWN)
            return basic_unknown_of(NULL, a.mark);
        return basic_binary(m, 'X', a, ones);
    }
    if (op == '+' && a.type != V_STRING)
        return a;
    struct value zero = basic_int(V_INTEGER, 0);
    if (op == '-' && (a.type == V_DOUBLE || a.type == V_SINGLE)) {
        a.d = -a.d;
        return a;
    }
    return basic_binary(m, op, zero, a);
}
