/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays, choices and what a value is: [MS-VBAL] 6.1.2.7, 6.1.2.8. */
#include "base/text.h"
#include "unmask/basic/basic.h"

/* 6.1.2.8.1.1: from Option Base on; VBA.Array is always from 0. */
static struct value array(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_array_of(m, n);
    if (v.type == V_ARRAY && m->module < m->n_modules)
        v.a->low[0] = m->modules[m->module].base;
    for (uint32_t i = 0; v.type == V_ARRAY && i < n; i++) {
        v.a->items[i] = args[i].v;
        v.a->items[i].as = V_EMPTY;
    }
    return v;
}

static struct value split(struct machine *m, struct arg *args, uint32_t n)
{
    struct text s = basic_string(m, basic_arg(args, n, 0)), by = text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE);
    if (!m->error && basic_given(args, n, 1))
        by = basic_string(m, args[1].v);
    int64_t most = -1, mode = 0;
    if (!m->error && basic_given(args, n, 2))
        (void)basic_integer(m, args[2].v, &most);
    if (!m->error && basic_given(args, n, 3))
        (void)basic_integer(m, args[3].v, &mode);
    if (m->error)
        return basic_arg(args, n, 0);
    if (!text_known(by) || !basic_step(m, s.n / 8 + by.n / 8 + 1))
        return basic_unknown(m, "Split");
    uint32_t count = s.n ? 1 : 0, at = 0, found;
    for (at = 0; by.n && s.n && (found = text_find(s, by, at, mode == 1)) != UINT32_MAX && (most < 0 || count < most) && basic_step(m, 1); at = found + by.n)
        count++;
    struct value v = basic_array_of(m, count);
    if (v.type != V_ARRAY)
        return v;
    v.a->as = V_STRING;
    at = 0;
    for (uint32_t i = 0; i < v.a->all; i++) {
        found = i + 1 < v.a->all ? text_find(s, by, at, mode == 1) : UINT32_MAX;
        v.a->items[i] = basic_text(text_sub(s, at, found == UINT32_MAX ? UINT32_MAX : found - at));
        v.a->items[i].as = V_STRING;
        at = found == UINT32_MAX ? s.n : found + by.n;
    }
    return v;
}

static struct value join(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_arg(args, n, 0);
    struct text by = text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE), out = { 0 };
    if (!m->error && basic_given(args, n, 1))
        by = basic_string(m, args[1].v);
    if (v.type == V_UNKNOWN || (v.type == V_ARRAY && !v.a))
        return basic_text(text_hole(m->t, basic_why(m, v)));
    if (v.type != V_ARRAY || v.a->dims > 1)
        return m->error ? v : basic_error(m, 13);
    for (uint32_t i = 0; i < v.a->all && !m->error && basic_step(m, 1); i++) {
        if (i)
            out = text_join(m->t, out, by);
        out = text_join(m->t, out, basic_string(m, v.a->items[i]));
    }
    return basic_text(out);
}

static struct value filter(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_arg(args, n, 0);
    struct text find = basic_string(m, basic_arg(args, n, 1));
    int64_t mode = 0;
    int with = basic_given(args, n, 2) ? basic_truth(m, args[2].v) : 1;
    if (!m->error && basic_given(args, n, 3))
        (void)basic_integer(m, args[3].v, &mode);
    if (m->error || v.type != V_ARRAY || !v.a || with < 0)
        return m->error ? v : basic_unknown(m, "Filter");
    uint32_t k = 0;
    struct value out = basic_array_of(m, v.a->all);
    for (uint32_t i = 0; out.type == V_ARRAY && i < v.a->all && basic_step(m, 1); i++) {
        struct text s = basic_string(m, v.a->items[i]);
        if (m->error || !text_known(s) || !basic_step(m, s.n / 16 + find.n / 8))
            return m->error ? v : basic_unknown(m, "Filter");
        if ((text_find(s, find, 0, mode == 1) != UINT32_MAX) == (with == 1))
            out.a->items[k++] = basic_text(s);
    }
    if (out.type == V_ARRAY)
        out.a->all = out.a->n[0] = k;
    return out;
}

static struct value bound(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    struct value v = basic_arg(args, n, 0);
    int64_t dim = 1;
    if (basic_given(args, n, 1) && !basic_integer(m, args[1].v, &dim))
        return m->error ? v : basic_unknown(m, "UBound");
    if (v.type == V_UNKNOWN || (v.type == V_ARRAY && !v.a))
        return basic_unknown_of(NULL, basic_why(m, v));
    if (v.type != V_ARRAY)
        return basic_error(m, 13);
    if (dim < 1 || dim > v.a->dims)
        return basic_error(m, 9);
    int64_t low = v.a->low[dim - 1];
    return basic_int(V_LONG, word == W_lbound ? low : low + (int64_t)v.a->n[dim - 1] - 1);
}

/* All arguments have been evaluated, as VBA does. */
static struct value choice(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    int64_t k;
    if (word == W_iif) {
        int t = basic_truth(m, basic_arg(args, n, 0));
        if (n < 3)
            return basic_error(m, 450);
        return t < 0 ? (m->error ? args[0].v : basic_unknown_of(NULL, basic_why(m, args[0].v))) : args[t ? 1 : 2].v;
    }
    if (word == W_choose) {
        if (!basic_integer(m, basic_arg(args, n, 0), &k))
            return m->error ? args[0].v : basic_unknown(m, "Choose");
        return k >= 1 && k < n ? args[k].v : (struct value){ .type = V_NULL };
    }
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        int t = basic_truth(m, args[i].v);
        if (t != 0)
            return t > 0 ? args[i + 1].v : m->error ? args[i].v : basic_unknown(m, "Switch");
    }
    return (struct value){ .type = V_NULL };
}

static struct value type_name(struct machine *m, struct value v)
{
    static const char *const names[] = { "Empty", "Null", "Boolean", "Byte", "Integer", "Long", "LongLong", "Single", "Double",
                                         "Currency", "Date", "String", "Error" };
    if (v.type < sizeof names / sizeof names[0])
        return basic_cstr(m, names[v.type]);
    if (v.type == V_OBJECT && !v.o)
        return basic_cstr(m, "Nothing");
    return basic_unknown(m, "TypeName");
}

static struct value var_type(struct machine *m, struct value v)
{
    static const uint8_t codes[] = { 0, 1, 11, 17, 2, 3, 20, 4, 5, 6, 7, 8, 10 };
    static const uint16_t of_array[] = { 12, 1, 11, 17, 2, 3, 20, 4, 5, 6, 7, 8, 10, 9 };
    if (v.type < sizeof codes)
        return basic_int(V_INTEGER, codes[v.type]);
    if (v.type == V_ARRAY && v.a && v.a->as < sizeof of_array / sizeof of_array[0])
        return basic_int(V_INTEGER, 8192 + of_array[v.a->as]);
    return v.type == V_OBJECT && !v.o ? basic_int(V_INTEGER, 9) : basic_unknown(m, "VarType");
}

static struct value is_what(struct machine *m, uint32_t word, struct value v)
{
    bool yes;
    if (v.type == V_OBJECT && v.o && word != W_isobject && word != W_ismissing)
        v = basic_plain(m, v);
    if (v.type == V_UNKNOWN && word != W_ismissing)
        return basic_unknown_of(NULL, v.mark);
    switch (word) {
    case W_isarray: yes = v.type == V_ARRAY; break;
    case W_isempty: yes = v.type == V_EMPTY; break;
    case W_isnull: yes = v.type == V_NULL; break;
    case W_isobject: yes = v.type == V_OBJECT; break;
    case W_ismissing: yes = v.type == V_MISSING; break;
    default: yes = v.type == V_ERROR; break;
    }
    return basic_bool(yes);
}

bool basic_list_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out)
{
    struct value v = basic_arg(args, n, 0);
    switch (word) {
    case W_array: *out = array(m, args, n); break;
    case W_split: *out = split(m, args, n); break;
    case W_join: *out = join(m, args, n); break;
    case W_filter: *out = filter(m, args, n); break;
    case W_ubound: case W_lbound: *out = bound(m, word, args, n); break;
    case W_iif: case W_choose: case W_switch: *out = choice(m, word, args, n); break;
    case W_typename: *out = type_name(m, v); break;
    case W_vartype: *out = var_type(m, v); break;
    case W_isarray: case W_isempty: case W_isnull: case W_isobject: case W_ismissing: case W_iserror: *out = is_what(m, word, v); break;
    default: return false;
    }
    return true;
}
