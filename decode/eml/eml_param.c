/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2183)
 * and their continuations and charsets (RFC 2231 3, 4).
 *
 * Every occurrence is kept: programs disagree on which one counts. Missing
 * semicolons, comments, unquoted values with blanks and quotes that never close
 * are read as well as can be. Raw bytes must have become UTF-8 before (eml_word_raw):
 * a second byte of Shift_JIS or ISO-2022-JP may be a quote or a backslash.
 */
#include "base/charset.h"
#include "base/text.h"
#include "eml_private.h"

#include <stdlib.h>

enum {
    PARAMS_MAX = 1024,
    INDEX_MAX = 9999,
};

struct reader {
    slice s;
    size_t pos;
    bool no_comment_end; /* an open comment was found not to close */
};

static bool at_end(const struct reader *r)
{
    return r->pos >= r->s.len;
}
static uint8_t peek(const struct reader *r)
{
    return at_end(r) ? 0 : r->s.at[r->pos];
}

/* Past a comment (RFC 5322 3.2.2); one character where it does not close. */
static void skip_comment(struct reader *r)
{
    size_t depth = 0, i = r->pos;
    for (; !r->no_comment_end && i < r->s.len; i++) {
        if (r->s.at[i] == '\\')
            i++;
        else if (r->s.at[i] == '(')
            depth++;
        else if (r->s.at[i] == ')' && --depth == 0) {
            r->pos = i + 1;
            return;
        }
    }
    r->no_comment_end = true;
    r->pos++;
}

static void skip_blanks(struct reader *r)
{
    while (!at_end(r) && (ascii_space(peek(r)) || peek(r) == '('))
        if (peek(r) == '(')
            skip_comment(r);
        else
            r->pos++;
}

static bool key_char(uint8_t c)
{
    return c > ' ' && c != '=' && c != ';' && c != ',' && c != '"' && c != '(' && c != ')';
}

/* --- values */

/* Only \" and \\ are escapes: a backslash in a path stays, as in Outlook. */
static slice unescape(struct arena *mem, slice s)
{
    if (slice_find_byte(s, '\\', 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        if (s.at[i] == '\\' && s.len - i > 1 && (s.at[i + 1] == '"' || s.at[i + 1] == '\\'))
            i++;
        out[n++] = s.at[i];
    }
    return (slice){ out, n };
}

static slice quoted_value(struct arena *mem, struct reader *r)
{
    size_t from = ++r->pos, i = from;
    while (i < r->s.len && r->s.at[i] != '"')
        i += r->s.at[i] == '\\' && r->s.len - i > 1 ? 2 : 1;
    if (i < r->s.len) {
        r->pos = i + 1;
        return unescape(mem, slice_sub(r->s, from, i - from));
    }
    size_t stop = slice_find_byte(r->s, ';', from); /* never closed */
    r->pos = stop == SIZE_MAX ? r->s.len : stop;
    return unescape(mem, slice_trim(slice_sub(r->s, from, r->pos - from)));
}

/* Does "key=" begin here? */
static bool key_follows(slice s, size_t at)
{
    size_t i = at;
    while (i < s.len && i - at < 40 && (ascii_alnum(s.at[i]) || s.at[i] == '-' || s.at[i] == '*'))
        i++;
    return i > at && i < s.len && s.at[i] == '=';
}

/* Up to the semicolon, blanks included, unless another parameter follows a blank. */
static slice bare_value(struct reader *r)
{
    size_t from = r->pos;
    for (; !at_end(r) && peek(r) != ';'; r->pos++)
        if (ascii_space(peek(r)) && key_follows(r->s, r->pos + 1))
            break;
    return slice_trim(slice_sub(r->s, from, r->pos - from));
}

/* --- keys: name, name*, name*0, name*0* */

static void split_key(struct arena *mem, slice key, struct eml_param *p)
{
    p->index = -1;
    if (key.len > 1 && key.at[key.len - 1] == '*') {
        p->extended = true;
        key.len--;
    }
    size_t star = slice_find_byte(key, '*', 0);
    uint64_t index;
    if (star != SIZE_MAX && star > 0) {
        p->index = slice_u64(slice_from(key, star + 1), &index) && index <= INDEX_MAX ? (int)index
                                                                                      : INDEX_MAX;
        key.len = star;
    }
    p->key = slice_lower(mem, key);
}

static bool add(struct arena *mem, struct eml_params *out, const struct eml_param *p)
{
    if (out->n == PARAMS_MAX)
        out->n--; /* the last one counts for some */
    if (out->n == out->room) {
        size_t room = out->room ? out->room * 2 : 8;
        struct eml_param *bigger =
            arena_regrow(mem, out->list, out->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        out->list = bigger;
        out->room = room;
    }
    out->list[out->n++] = *p;
    return true;
}

static slice read_token(struct arena *mem, struct reader *r)
{
    skip_blanks(r);
    size_t from = r->pos;
    while (!at_end(r) && key_char(peek(r)) && !ascii_space(peek(r)))
        r->pos++;
    slice token = slice_sub(r->s, from, r->pos - from);
    if (peek(r) == '=') { /* no type at all, parameters at once */
        r->pos = from;
        return (slice){ 0 };
    }
    return slice_lower(mem, token);
}

/* "text / html": blanks and comments may stand around the slash. */
static slice read_type(struct arena *mem, struct reader *r)
{
    slice major = read_token(mem, r);
    size_t back = r->pos;
    skip_blanks(r);
    bool open = major.len && major.at[major.len - 1] == '/';
    if (major.len == 0 || (!open && peek(r) != '/')) {
        r->pos = back;
        return major;
    }
    slice minor = read_token(mem, r);
    uint8_t *out = arena_get(mem, major.len + minor.len, 1);
    for (size_t i = 0; out && i < major.len + minor.len; i++)
        out[i] = i < major.len ? major.at[i] : minor.at[i - major.len];
    return (slice){ out, out ? major.len + minor.len : 0 };
}

void eml_param_read(struct walk *w, slice value, struct eml_params *out)
{
    struct reader r = { .s = value };
    *out = (struct eml_params){ 0 };
    out->token = read_type(w->mem, &r);
    bool outside = slice_is(out->token, "message/external-body");
    for (;;) {
        while (skip_blanks(&r), !at_end(&r) && !key_char(peek(&r)))
            r.pos++;
        size_t from = r.pos;
        while (!at_end(&r) && key_char(peek(&r)))
            r.pos++;
        slice key = slice_sub(r.s, from, r.pos - from);
        if (key.len == 0)
            return;
        skip_blanks(&r);
        if (peek(&r) != '=')
            continue;
        r.pos++;
        skip_blanks(&r);
        struct eml_param p = { .quoted = peek(&r) == '"' };
        split_key(w->mem, key, &p);
        p.value = p.quoted ? quoted_value(w->mem, &r) : bare_value(&r);
        bool wanted =
            slice_is(p.key, "name") || slice_is(p.key, "filename") || slice_is(p.key, "boundary") ||
            (outside && (slice_is(p.key, "access-type") || slice_is(p.key, "url") ||
                         slice_is(p.key, "site") || slice_is(p.key, "directory")));
        if (!budget_spend(w->budget, BUDGET_ENTRIES, 1) || (wanted && !add(w->mem, out, &p)))
            return;
    }
}

/* --- decoded values */

static void add_value(slice value, slice *out, size_t *n)
{
    value = slice_trim(value);
    for (size_t i = 0; i < *n; i++)
        if (slice_eq(out[i], value))
            return;
    if (value.len == 0)
        return;
    *n += *n < EML_VARIANTS; /* of many the first ones and the last */
    out[*n - 1] = value;
}

/* A value that decodes to a NUL byte ends there for some. */
static void add_variant(slice value, slice *out, size_t *n)
{
    size_t nul = slice_find_byte(value, 0, 0);
    if (nul != SIZE_MAX)
        add_value(slice_sub(value, 0, nul), out, n);
    add_value(value, out, n);
}

struct bytes {
    uint8_t *at;
    size_t n, room;
};

static void put_percent(struct bytes *b, slice s, bool decode, bool *broken)
{
    for (size_t i = 0; i < s.len && b->n < b->room; i++) {
        int high = -1, low = -1;
        if (decode && s.at[i] == '%') {
            high = s.len - i > 2 ? ascii_hex(s.at[i + 1]) : -1;
            low = s.len - i > 2 ? ascii_hex(s.at[i + 2]) : -1;
            *broken |= high < 0 || low < 0;
        }
        if (high >= 0 && low >= 0) {
            b->at[b->n++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else {
            b->at[b->n++] = s.at[i];
        }
    }
}

/* charset'language'value (RFC 2231 4); the label is empty where it is not so. */
static slice take_label(slice *value)
{
    size_t first = slice_find_byte(*value, '\'', 0);
    size_t second = first == SIZE_MAX ? SIZE_MAX : slice_find_byte(*value, '\'', first + 1);
    if (second == SIZE_MAX)
        return (slice){ 0 };
    slice label = slice_sub(*value, 0, first);
    *value = slice_from(*value, second + 1);
    return label;
}

static slice to_text(struct arena *mem, slice label, slice bytes, bool words)
{
    bool lied;
    if (!words)
        return bytes;
    slice s = charset_decode_best(mem, label, bytes, &lied).text;
    return eml_word_text(mem, s).text;
}

static int by_index(const void *a, const void *b)
{
    const struct eml_param *const *x = a, *const *y = b;
    if ((*x)->index != (*y)->index)
        return (*x)->index < (*y)->index ? -1 : 1;
    return *x < *y ? -1 : *x > *y;
}

static slice join(struct arena *mem, const struct eml_param **sections, size_t n, bool words,
                  bool *broken)
{
    size_t total = 0;
    slice label = { 0 };
    qsort(sections, n, sizeof(struct eml_param *), by_index);
    for (size_t i = 0; i < n; i++)
        total += sections[i]->value.len;
    struct bytes b = { .at = arena_get(mem, total, 1), .room = total };
    int expected = 0;
    for (size_t i = 0; b.at && i < n; i++) {
        if (i > 0 && sections[i]->index == sections[i - 1]->index) {
            *broken = true; /* the first one counts */
            continue;
        }
        *broken |= sections[i]->index != expected;
        expected = sections[i]->index + 1;
        slice value = sections[i]->value;
        if (i == 0 && sections[i]->extended)
            label = take_label(&value);
        put_percent(&b, value, sections[i]->extended, broken);
    }
    return to_text(mem, label, (slice){ b.at, b.n }, words);
}

static slice extended_value(struct arena *mem, slice value, bool words, bool *broken)
{
    slice label = take_label(&value);
    struct bytes b = { .at = arena_get(mem, value.len, 1), .room = value.len };
    if (!b.at)
        return (slice){ 0 };
    put_percent(&b, value, true, broken);
    return to_text(mem, label, (slice){ b.at, b.n }, words);
}

bool eml_param_values(struct arena *mem, const struct eml_params *p, const char *key, bool words,
                      slice *out, size_t *n)
{
    const struct eml_param *sections[PARAMS_MAX];
    size_t n_sections = 0;
    bool broken = false;
    for (size_t i = 0; i < p->n && i < PARAMS_MAX; i++) {
        const struct eml_param *q = &p->list[i];
        if (!slice_is(q->key, key))
            continue;
        if (q->index >= 0)
            sections[n_sections++] = q;
        else if (q->extended)
            add_variant(extended_value(mem, q->value, words, &broken), out, n);
        else
            add_variant(words ? eml_word_text(mem, q->value).text : q->value, out, n);
    }
    if (n_sections)
        add_variant(join(mem, sections, n_sections, words, &broken), out, n);
    return broken;
}
