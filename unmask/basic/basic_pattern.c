/* SPDX-License-Identifier: Apache-2.0 */
/* VBScript.RegExp, by base/regex.h: Test, Replace, Execute. Texts with holes and patterns that
 * the matcher does not know give unknown results. Groups are not kept: $1 is unknown. */
#include "base/regex.h"
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { TEXT_MAX = 1 << 18, MATCHES_MAX = 4096 };

struct search {
    struct regex *re;
    slice text;
    bool global;
};

static bool is_set(struct machine *m, struct object *o, uint32_t name, bool *unknown)
{
    struct value v = basic_prop(m, o, name, "False", HOW_GET, (struct value){ 0 });
    int t = basic_truth(m, v);
    *unknown = *unknown || t < 0;
    return t > 0;
}

static bool begin(struct machine *m, struct object *o, struct value subject, struct search *s)
{
    struct err err = { 0 };
    bool unknown = false;
    struct value p = basic_prop(m, o, W_pattern, "", HOW_GET, (struct value){ 0 });
    struct text pattern = basic_string(m, p), text = m->error ? (struct text){ 0 } : basic_string(m, subject);
    unsigned flags = is_set(m, o, W_ignorecase, &unknown) ? REGEX_CASELESS : 0;
    flags |= is_set(m, o, W_multiline, &unknown) ? REGEX_MULTILINE : 0;
    s->global = is_set(m, o, W_global, &unknown);
    if (m->error || unknown || !text_known(pattern) || !text_known(text) || basic_symbolic(m, text, 0, text.n) || text.n > TEXT_MAX)
        return false;
    s->text = text_utf8(m->t, text);
    for (size_t i = 0; i < s->text.len; i++) /* one byte, one character: marks stay with theirs */
        if (s->text.at[i] >= 0x80)
            return false;
    return basic_step(m, text.n + 100) && regex_new(text_utf8(m->t, pattern), flags, &s->re, &err) == 0;
}

static bool next(struct machine *m, const struct search *s, size_t from, struct range *at)
{
    bool limit = false;
    if (from > s->text.len || !basic_step(m, 20))
        return false;
    bool found = regex_find(s->re, slice_from(s->text, from), at, &limit);
    at->from += from, at->to += from;
    return found && !limit;
}

static struct value replace(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    struct search s = { 0 };
    struct text by = n > 1 ? basic_string(m, args[1].v) : (struct text){ 0 }, out = { 0 };
    bool groups = text_find(by, text_of(m->t, SLICE_LIT("$"), TEXT_NOWHERE), 0, false) != UINT32_MAX;
    if (m->error || n < 2 || groups || !begin(m, o, args[0].v, &s)) {
        regex_drop(&s.re);
        return m->error ? (struct value){ 0 } : basic_text(text_hole(m->t, texts_reason(m->t, SLICE_LIT("RegExp.Replace"))));
    }
    struct text text = basic_string(m, args[0].v);
    struct range at;
    size_t done = 0, look = 0;
    while (next(m, &s, look, &at)) {
        out = text_join(m->t, text_join(m->t, out, text_sub(text, done, at.from - done)), by);
        done = (size_t)at.to;
        look = at.to > at.from ? done : done + 1;
        if (!s.global)
            break;
    }
    regex_drop(&s.re);
    return basic_text(text_join(m->t, out, text_sub(text, done, UINT32_MAX)));
}

static struct value execute(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    struct search s = { 0 };
    struct object *all = basic_object_new(m, C_MATCHES);
    if (!all || n < 1 || !begin(m, o, args[0].v, &s)) {
        regex_drop(&s.re);
        return basic_unknown(m, "RegExp.Execute");
    }
    struct text text = basic_string(m, args[0].v);
    struct range at;
    size_t look = 0;
    while (all->n < MATCHES_MAX && next(m, &s, look, &at)) {
        struct object *one = basic_object_new(m, C_MATCH);
        struct value *put = one ? basic_pair_at(m, all, basic_int(V_LONG, all->n), true) : NULL;
        if (!put)
            break;
        one->content = basic_text(text_sub(text, at.from, at.to - at.from));
        one->row = (uint32_t)at.from;
        *put = basic_object(one);
        look = (size_t)(at.to > at.from ? at.to : at.to + 1);
        if (!s.global)
            break;
    }
    regex_drop(&s.re);
    return basic_object(all);
}

static bool matches_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value *at;
    if (o->class_ == C_MATCH) {
        switch (name) {
        case W_value: case W_item: *out = o->content; return true;
        case W_firstindex: *out = basic_int(V_LONG, o->row); return true;
        case W_length: *out = basic_int(V_LONG, o->content.s.n); return true;
        default: return false;
        }
    }
    if (name == W_count) {
        *out = basic_int(V_LONG, o->n);
        return true;
    }
    int64_t i;
    if (name != W_item || n == 0 || !basic_integer(m, args[0].v, &i))
        return false;
    at = basic_pair_at(m, o, basic_int(V_LONG, i), false);
    *out = at ? *at : basic_error(m, 5);
    return true;
}

bool basic_pattern_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct search s = { 0 };
    struct range at;
    if (o->class_ == C_MATCHES || o->class_ == C_MATCH)
        return matches_member(m, o, name, args, n, out);
    if (o->class_ != C_REGEXP || how == HOW_LET || how == HOW_SETS)
        return false;
    switch (name) {
    case W_replace: *out = replace(m, o, args, n); return true;
    case W_execute: *out = execute(m, o, args, n); return true;
    case W_test:
        *out = n && begin(m, o, args[0].v, &s) ? basic_bool(next(m, &s, 0, &at)) : basic_unknown(m, "RegExp.Test");
        regex_drop(&s.re);
        return true;
    default: return false;
    }
}
