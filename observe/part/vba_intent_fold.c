/* SPDX-License-Identifier: Apache-2.0 */
/* What constants make of each other: joins, sums, and the functions that
 * obfuscators wrap around literals. See vba_intent_eval.c for what is not done. */
#include "observe/part/vba_intent_value.h"
#include "base/text.h"

enum { SPLIT_MARK = 1, REPLACE_GROWTH = 4 };

slice vba_intent_fold_text(const struct eval *e, const struct value *v)
{
    return slice_from(buf_slice(&e->text), v->from);
}

void vba_intent_fold_cut(struct eval *e, size_t len)
{
    if (len < e->text.len)
        e->text.len = len;
}

struct value vba_intent_fold_unknown(struct eval *e, uint32_t token)
{
    return (
        struct value){ .kind = V_UNKNOWN, .from = e->text.len, .token = token, .name = VBA_NONE };
}

/* The value is used by something that does not fold: its text is said. */
void vba_intent_fold_consume(struct eval *e, const struct value *v)
{
    if (v->kind == V_TEXT)
        vba_intent_say_string(e->c, vba_intent_fold_text(e, v), v->token);
    if (v->kind == V_TEXT || v->kind == V_SPLIT)
        vba_intent_fold_cut(e, v->from);
}

void vba_intent_fold_number(struct eval *e, struct value *v)
{
    if (v->kind != V_NUMBER)
        return;
    v->from = e->text.len;
    buf_format(&e->text, "%lld", (long long)v->number);
    v->kind = V_TEXT;
}

struct value vba_intent_fold_join(struct eval *e, struct value a, struct value b)
{
    a.hidden |= b.hidden;
    a.object = O_NONE;
    a.name = VBA_NONE;
    a.joined = true;
    vba_intent_fold_number(e, &b);
    if (b.kind == V_EMPTY && (a.kind == V_TEXT || a.kind == V_EMPTY))
        return a;
    if (a.kind == V_EMPTY && b.kind == V_TEXT) {
        b.hidden = a.hidden;
        b.joined = true;
        b.token = a.token;
        return b;
    }
    if (a.kind == V_TEXT && b.kind == V_TEXT)
        return a; /* b lies behind a already */
    vba_intent_fold_consume(e, &b);
    vba_intent_fold_consume(e, &a);
    struct value u = vba_intent_fold_unknown(e, a.token);
    u.hidden = a.hidden;
    u.joined = true;
    return u;
}

struct value vba_intent_fold_compute(struct eval *e, uint8_t op, struct value a, struct value b)
{
    struct value r = vba_intent_fold_unknown(e, a.token);
    int64_t x = a.kind == V_NUMBER ? a.number : 0, y = b.kind == V_NUMBER ? b.number : 0;
    r.hidden = a.hidden | b.hidden;
    bool known =
        (a.kind == V_NUMBER || a.kind == V_EMPTY) && (b.kind == V_NUMBER || b.kind == V_EMPTY);
    vba_intent_fold_consume(e, &b);
    vba_intent_fold_consume(e, &a);
    r.from = e->text.len;
    if (!known)
        return r;
    r.kind = V_NUMBER;
    bool over = op == '+'   ? __builtin_add_overflow(x, y, &r.number)
                : op == '-' ? __builtin_sub_overflow(x, y, &r.number)
                : op == '*' ? __builtin_mul_overflow(x, y, &r.number)
                            : true;
    bool divides = (op == '/' || op == '\\') && y != 0 && x != INT64_MIN && x % y == 0;
    if (divides)
        r.number = x / y;
    if (op == 'X' && x >= 0 && y >= 0) {
        r.number = x ^ y;
        over = false;
    }
    if (over && !divides)
        r.kind = V_UNKNOWN;
    return r;
}

/* Is this '+' a join of texts? As VBA: when one side is a text. */
bool vba_intent_fold_joins(uint8_t op, const struct value *a, const struct value *b)
{
    bool text = a->kind == V_TEXT || b->kind == V_TEXT;
    return op == '&' || (op == '+' && text && a->kind != V_NUMBER && b->kind != V_NUMBER);
}

/* --- functions that fold */

static void put_code(struct eval *e, int64_t code)
{
    uint8_t out[4];
    size_t n = utf8_put(out, (uint32_t)code);
    buf_put(&e->text, (slice){ out, n });
}

static struct value text_at(struct eval *e, size_t from, uint32_t token, const struct args *a)
{
    struct value v = vba_intent_fold_unknown(e, token);
    v.kind = V_TEXT;
    v.from = from;
    v.joined = true;
    v.hidden = a->hidden;
    return v;
}

static bool ascii_only(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= 0x80)
            return false;
    return true;
}

/* The mutable bytes of the last text. */
static uint8_t *bytes_of(struct eval *e, size_t from)
{
    return e->text.at ? e->text.at + from : NULL; /* no text was put yet: nothing to touch */
}

static void reverse(struct eval *e, size_t from)
{
    uint8_t *p = bytes_of(e, from);
    for (size_t i = 0, k = e->text.len - from; i + 1 < k; i++) {
        k--;
        uint8_t ch = p[i];
        p[i] = p[k];
        p[k] = ch;
    }
}

/* Replaces in the text at `from`; the result takes its place. False: too much. */
static bool replace(struct eval *e, size_t from, slice what, slice with)
{
    if (what.len == 0)
        return false;
    slice all = slice_sub(buf_slice(&e->text), from, (size_t)(what.at - e->text.at) - from);
    struct buf out = buf_new(all.len * REPLACE_GROWTH + 256);
    size_t pos = 0, hit;
    while ((hit = slice_find(all, what, pos)) != SIZE_MAX) {
        buf_put(&out, slice_sub(all, pos, hit - pos));
        buf_put(&out, with);
        pos = hit + what.len;
    }
    buf_put(&out, slice_from(all, pos));
    bool fits = !out.full;
    if (fits) {
        e->text.len = from;
        buf_put(&e->text, buf_slice(&out));
    }
    buf_drop(&out);
    return fits;
}

/* Text of argument n: it ends where the next text begins. */
slice vba_intent_fold_argument(const struct eval *e, const struct args *a, unsigned n)
{
    size_t to = e->text.len;
    for (unsigned i = a->n; i > n + 1; i--)
        if (a->v[i - 1].kind == V_TEXT || a->v[i - 1].kind == V_SPLIT)
            to = a->v[i - 1].from;
    return slice_sub(buf_slice(&e->text), a->v[n].from, to - a->v[n].from);
}

static bool fold_part(struct eval *e, uint32_t w, struct args *a)
{
    slice s = vba_intent_fold_argument(e, a, 0);
    if (!ascii_only(s))
        return false;
    int64_t len = (int64_t)s.len, from = 0, n = len;
    if (w == W_LEFT && a->n == 2 && a->v[1].kind == V_NUMBER) {
        n = a->v[1].number;
    } else if (w == W_RIGHT && a->n == 2 && a->v[1].kind == V_NUMBER) {
        n = a->v[1].number < len ? a->v[1].number : len;
        from = len - n;
    } else if (w == W_MID && a->n >= 2 && a->v[1].kind == V_NUMBER) {
        from = a->v[1].number - 1;
        n = a->n >= 3 && a->v[2].kind == V_NUMBER ? a->v[2].number : len;
        if (a->n >= 3 && a->v[2].kind != V_NUMBER)
            return false;
    } else {
        return false;
    }
    if (from < 0 || n < 0 || from > len)
        return false;
    slice part = slice_sub(s, (size_t)from, (size_t)n);
    uint8_t *p = bytes_of(e, a->v[0].from);
    for (size_t i = 0; i < part.len; i++)
        p[i] = part.at[i];
    e->text.len = a->v[0].from + part.len;
    return true;
}

static bool fold_case(struct eval *e, uint32_t w, size_t from)
{
    uint8_t *p = bytes_of(e, from);
    for (size_t i = 0; i < e->text.len - from; i++)
        p[i] = w == W_LCASE ? ascii_lower(p[i]) : (uint8_t)(ascii_alpha(p[i]) ? p[i] & ~32 : p[i]);
    return true;
}

/* Split keeps its separators marked; Join puts its own in their place. */
static bool fold_split(struct eval *e, struct args *a)
{
    static const uint8_t mark[1] = { SPLIT_MARK };
    if (a->n < 2 || a->v[1].kind != V_TEXT)
        return false;
    slice separator = vba_intent_fold_argument(e, a, 1);
    if (separator.len > e->c->separator.len)
        e->c->separator = arena_copy(e->c->mem, slice_sub(separator, 0, 64));
    return replace(e, a->v[0].from, separator, (slice){ mark, 1 });
}

static bool fold_join(struct eval *e, struct args *a)
{
    slice with =
        a->n >= 2 && a->v[1].kind == V_TEXT ? vba_intent_fold_argument(e, a, 1) : SLICE_LIT(" ");
    size_t from = a->v[0].from;
    struct buf out = buf_new(TEXT_MAX);
    slice all = vba_intent_fold_argument(e, a, 0);
    for (size_t i = 0; i < all.len; i++) {
        if (all.at[i] == SPLIT_MARK)
            buf_put(&out, with);
        else
            buf_byte(&out, all.at[i]);
    }
    e->text.len = from;
    buf_put(&e->text, buf_slice(&out));
    buf_drop(&out);
    return true;
}

/* True: the result is the text at the first argument's place. */
static bool fold_text(struct eval *e, uint32_t w, struct args *a)
{
    size_t from = a->v[0].from;
    switch (w) {
    case W_STRREVERSE:
        if (a->n != 1 || !ascii_only(vba_intent_fold_text(e, &a->v[0])))
            return false;
        reverse(e, from);
        return true;
    case W_CSTR:
    case W_CVAR:
    case W_TRIM:
    case W_LTRIM:
    case W_RTRIM:
        return a->n == 1;
    case W_LCASE:
    case W_UCASE:
        return a->n == 1 && fold_case(e, w, from);
    case W_LEFT:
    case W_RIGHT:
    case W_MID:
        return fold_part(e, w, a);
    case W_REPLACE:
        if (a->n >= 2 && a->v[1].kind == V_TEXT &&
            vba_intent_fold_argument(e, a, 1).len > e->c->separator.len)
            e->c->separator =
                arena_copy(e->c->mem, slice_sub(vba_intent_fold_argument(e, a, 1), 0, 64));
        if (a->n >= 3 && a->v[1].kind == V_TEXT && a->v[2].kind == V_EMPTY)
            return replace(e, from, vba_intent_fold_argument(e, a, 1), (slice){ 0 });
        if (a->n < 3 || a->v[1].kind != V_TEXT || a->v[2].kind != V_TEXT)
            return false;
        return replace(e, from, vba_intent_fold_argument(e, a, 1),
                       vba_intent_fold_argument(e, a, 2));
    default:
        return false;
    }
}

bool vba_intent_fold_call(struct eval *e, uint32_t w, struct args *a, uint32_t token,
                          struct value *out)
{
    size_t mark = e->text.len;
    if (a->n == 0)
        return false;
    if (w == W_CHR || w == W_CHRW || w == W_CHRB || w == W_KEYSTRING) {
        bool good = a->v[0].kind == V_NUMBER && a->v[0].number > 0 && a->v[0].number < 0x10000;
        e->c->chrs++;
        if (good)
            put_code(e, a->v[0].number);
        if (good)
            *out = text_at(e, mark, token, a);
        return good;
    }
    e->c->splitters += w == W_SPLIT || w == W_REPLACE || w == W_JOIN;
    if (w == W_SPLIT && a->v[0].kind == V_TEXT && fold_split(e, a)) {
        *out = text_at(e, a->v[0].from, token, a);
        out->kind = V_SPLIT;
        return true;
    }
    if (w == W_JOIN && a->v[0].kind == V_SPLIT && fold_join(e, a)) {
        *out = text_at(e, a->v[0].from, token, a);
        return true;
    }
    if (e->text.len == mark && a->n == 1)
        vba_intent_fold_number(e, &a->v[0]);
    if (a->v[0].kind != V_TEXT || !fold_text(e, w, a))
        return false;
    *out = text_at(e, a->v[0].from, token, a);
    return true;
}

/* vbKeyA to vbKeyZ, wdKeyA to wdKey9: their own letter. */
bool vba_intent_fold_key(slice s, int64_t *number_out)
{
    bool key = s.len == 6 && (slice_starts_nocase(s, "vbkey") || slice_starts_nocase(s, "wdkey"));
    if (!key || !ascii_alnum(s.at[5]))
        return false;
    *number_out = ascii_digit(s.at[5]) ? s.at[5] : s.at[5] & ~32;
    return true;
}

bool vba_intent_is_constant(slice s)
{
    static const char *const heads[] = { "vb", "wd", "xl", "mso", "ad", "pp",
                                         "ol", "fm", "ac", "db",  "rgb" };
    if (s.len == 0 || s.at[0] < 'a')
        return false;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (s.at[0] != (uint8_t)heads[i][0])
            continue;
        size_t n = strlen(heads[i]);
        if (s.len > n && s.at[n] >= 'A' && s.at[n] <= 'Z' && slice_starts_nocase(s, heads[i]))
            return true;
    }
    return false;
}
