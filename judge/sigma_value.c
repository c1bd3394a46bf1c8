/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_value - values and modifiers: `|modifier|...: value` of an item.
 *
 * Modifiers are applied from left to right (rules 2.0, "Value Modifiers"). A
 * value is a row of glob units until a modifier gives it another type.
 */
#include "base/text.h"
#include "judge/sigma_value.h"

bool sigma_value_fail(struct item *t, const char *what)
{
    return sigma_fail(t->c, t->r->path, t->line, "%.*s: %s", SLICE_FMT(t->key), what);
}

/* --- text */

/* Sigma rules 2.0, "Escaping". */
static bool units_of(struct item *t, struct value *v)
{
    uint16_t *u = ARENA_ARRAY(t->c->mem, uint16_t, v->raw.len + 1);
    uint32_t n = 0;
    if (v->raw.len > SIGMA_TEXT_MAX)
        return sigma_value_fail(t, "the value is longer than 8 KiB; use a shorter piece of it");
    if (!u)
        return sigma_no_memory(t->c);
    for (size_t i = 0; i < v->raw.len; i++) {
        uint8_t ch = v->raw.at[i], next = i + 1 < v->raw.len ? v->raw.at[i + 1] : 0;
        if (ch == '\\' && (next == '*' || next == '?' || next == '\\')) {
            u[n++] = next;
            i++;
        } else {
            u[n++] = ch == '*' ? GLOB_STAR : ch == '?' ? GLOB_ONE : ch;
        }
    }
    v->units = u;
    v->n = n;
    return true;
}

static bool has_wildcard(const struct value *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->units[i] > 255)
            return true;
    return false;
}

uint16_t *sigma_value_units(struct item *t, uint32_t n)
{
    uint16_t *u = ARENA_ARRAY(t->c->mem, uint16_t, (size_t)n + 1);
    if (!u)
        sigma_no_memory(t->c);
    return u;
}

/* Adds stars where there is none yet. */
static bool add_stars(struct item *t, struct value *v, bool front, bool back)
{
    front = front && (v->n == 0 || v->units[0] != GLOB_STAR);
    back = back && (v->n == 0 || v->units[v->n - 1] != GLOB_STAR);
    uint16_t *u = sigma_value_units(t, v->n + 2);
    uint32_t n = 0;
    if (!u)
        return false;
    if (front)
        u[n++] = GLOB_STAR;
    for (uint32_t i = 0; i < v->n; i++)
        u[n++] = v->units[i];
    if (back)
        u[n++] = GLOB_STAR;
    v->units = u;
    v->n = n;
    return true;
}

static bool wants_text(struct item *t, const struct value *v, const char *modifier)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER)
        return true;
    return sigma_fail(t->c, t->r->path, v->line, "%.*s: the modifier %s wants text before it",
                      SLICE_FMT(t->key), modifier);
}

static bool mod_affix(struct item *t, struct value *v, bool front, bool back, const char *name)
{
    if (v->kind == VALUE_FIELD) {
        v->ref |= (uint8_t)((back ? REF_STARTS : 0) | (front ? REF_ENDS : 0));
        return true;
    }
    if (v->kind == VALUE_REGEX)
        return sigma_value_fail(t, "an expression matches anywhere already; use ^ or $ in it");
    v->kind = v->kind == VALUE_NUMBER ? VALUE_TEXT : v->kind;
    return wants_text(t, v, name) && add_stars(t, v, front, back);
}

/* --- encodings: from units to units, literal text only */

static bool plain_only(struct item *t, const struct value *v, const char *name)
{
    if (!wants_text(t, v, name))
        return false;
    return has_wildcard(v) ? sigma_value_fail(t, "wildcards cannot be encoded; put base64 and utf16 "
                                          "modifiers before contains, and escape * and ?")
                           : true;
}

static bool mod_utf16(struct item *t, struct value *v, bool big, bool bom)
{
    if (!plain_only(t, v, "utf16"))
        return false;
    struct buf raw = buf_new(SIGMA_TEXT_MAX);
    for (uint32_t i = 0; i < v->n; i++)
        buf_byte(&raw, (uint8_t)v->units[i]);
    uint16_t *u = sigma_value_units(t, v->n * 4 + 2);
    uint32_t n = 0;
    size_t pos = 0;
    slice text = buf_slice(&raw);
    if (u && bom) {
        u[n++] = 0xff;
        u[n++] = 0xfe;
    }
    while (u && pos < text.len) {
        uint32_t code = utf8_next(text, &pos);
        uint32_t halves[2] = { code, 0 };
        bool pair = code > 0xffff; /* RFC 2781 2.1 */
        if (pair) {
            halves[0] = 0xd800 + ((code - 0x10000) >> 10);
            halves[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        for (int h = 0; h <= pair; h++) {
            u[n++] = (uint16_t)(big ? halves[h] >> 8 : halves[h] & 0xff);
            u[n++] = (uint16_t)(big ? halves[h] & 0xff : halves[h] >> 8);
        }
    }
    buf_drop(&raw);
    v->units = u;
    v->n = n;
    t->encoded = true;
    return u != NULL;
}

/* RFC 4648 4 of `shift` zero bytes and the value; the characters that other
 * bytes take part in are cut off when `inner`. */
static bool encode64(struct item *t, struct value *v, unsigned shift, bool inner)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t whole = v->n + shift, full = (whole + 2) / 3 * 4, n = 0;
    uint16_t *u = sigma_value_units(t, full);
    if (!u)
        return false;
    for (uint32_t i = 0; i < whole; i += 3) {
        uint32_t bits = 0;
        for (uint32_t b = i; b < i + 3; b++)
            bits = bits << 8 | (b >= shift && b < whole ? v->units[b - shift] : 0u);
        for (int d = 0; d < 4; d++)
            u[n++] = (uint16_t)digits[bits >> (18 - 6 * d) & 63];
    }
    uint32_t rest = whole % 3;
    if (inner) {
        static const uint32_t head[3] = { 0, 2, 3 }, tail[3] = { 0, 3, 2 };
        uint32_t from = head[shift], end = n - (rest ? tail[rest] : 0);
        v->units = u + from;
        v->n = end > from ? end - from : 0;
        return true;
    }
    for (uint32_t i = 0; rest && i < 3 - rest; i++)
        u[n - 1 - i] = '=';
    v->units = u;
    v->n = n;
    return true;
}

static bool mod_base64(struct item *t, struct value *v)
{
    t->encoded = true;
    return plain_only(t, v, "base64") && encode64(t, v, 0, false);
}

static bool mod_base64offset(struct item *t, struct value *v)
{
    if (!plain_only(t, v, "base64offset"))
        return false;
    if (v->n < 3)
        return sigma_value_fail(
            t, "base64offset wants at least 3 characters, or nothing of them is left to look for");
    struct value *second = ARENA_NEW(t->c->mem, struct value),
                 *third = ARENA_NEW(t->c->mem, struct value);
    if (!second || !third)
        return sigma_no_memory(t->c);
    *second = *third = *v;
    third->next = v->next;
    second->next = third;
    v->next = second;
    t->n += 2;
    t->encoded = true;
    return encode64(t, v, 0, true) && encode64(t, second, 1, true) && encode64(t, third, 2, true);
}

/* The dash of a command-line switch: behind no letter or digit, before one. */
static bool mod_windash(struct item *t, struct value *v)
{
    if (!wants_text(t, v, "windash"))
        return false;
    uint16_t *u = sigma_value_units(t, v->n);
    uint32_t n = 0;
    for (uint32_t i = 0; u && i < v->n; i++) {
        uint16_t ch = v->units[i];
        bool wide = ch == 0xe2 && i + 2 < v->n && v->units[i + 1] == 0x80 &&
                    v->units[i + 2] >= 0x93 && v->units[i + 2] <= 0x95;
        uint32_t len = wide ? 3 : 1;
        bool dash = wide || ch == '-' || ch == '/';
        bool behind = i > 0 && v->units[i - 1] < 256 &&
                      (ascii_alnum((uint8_t)v->units[i - 1]) || v->units[i - 1] == '_');
        bool before = i + len < v->n && v->units[i + len] < 256 &&
                      (ascii_alnum((uint8_t)v->units[i + len]) || v->units[i + len] == '_');
        if (dash && !behind && before) {
            u[n++] = GLOB_DASH;
            i += len - 1;
        } else {
            u[n++] = ch;
        }
    }
    v->units = u;
    v->n = n;
    return u != NULL;
}

/* --- types */

static bool mod_re(struct item *t, struct value *v)
{
    if (v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER)
        return sigma_value_fail(t, "re wants an expression");
    if (t->encoded || t->contains_used)
        return sigma_value_fail(t, "re takes the value as it is written; remove the modifiers before it");
    v->kind = VALUE_REGEX;
    return true;
}

static bool mod_re_flag(struct item *t, struct value *v, unsigned flag)
{
    if (v->kind != VALUE_REGEX)
        return sigma_value_fail(t, "i, m and s belong behind re");
    v->regex_flags |= flag;
    return true;
}

static bool mod_cidr(struct item *t, struct value *v)
{
    struct cidr parsed;
    if (v->kind != VALUE_TEXT || !cidr_read(v->raw, &parsed))
        return sigma_fail(t->c, t->r->path, v->line,
                          "%.*s: '%.*s' is no network; write it as 192.0.2.0/24 or 2001:db8::/32",
                          SLICE_FMT(t->key), SLICE_FMT(v->raw));
    v->kind = VALUE_CIDR;
    return true;
}

static bool mod_fieldref(struct item *t, struct value *v)
{
    if (v->kind != VALUE_TEXT)
        return sigma_value_fail(t, "fieldref wants the name of a field");
    if (t->encoded || t->contains_used)
        return sigma_value_fail(t, "put fieldref first, then startswith, endswith or contains");
    v->kind = VALUE_FIELD;
    return true;
}

static bool mod_compare(struct item *t, struct value *v, enum number_op op)
{
    if (v->kind != VALUE_NUMBER)
        return sigma_fail(t->c, t->r->path, v->line, "%.*s: '%.*s' is no whole number",
                          SLICE_FMT(t->key), SLICE_FMT(v->raw));
    t->compares = true;
    t->op = op;
    return true;
}

/* --- placeholders (rules 2.0, "Placeholders") */

static const struct sigma_placeholder *find_placeholder(struct compiler *c, slice name)
{
    for (uint32_t i = 0; i < c->n_placeholders; i++)
        if (slice_eq(c->placeholders[i].name, name))
            return &c->placeholders[i];
    return NULL;
}

/* First %name% of the raw value from `from` on; \% is a plain percent sign. */
static bool next_placeholder(slice raw, size_t from, size_t *open, size_t *close)
{
    for (size_t i = from; i < raw.len; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.len) {
            i++;
        } else if (raw.at[i] == '%') {
            *open = i;
            *close = slice_find_byte(raw, '%', i + 1);
            return *close != SIZE_MAX && *close > i + 1;
        }
    }
    return false;
}

static slice without_escapes(struct compiler *c, slice raw)
{
    struct buf b = buf_new(SIGMA_TEXT_MAX + 1);
    for (size_t i = 0; i < raw.len; i++)
        if (!(raw.at[i] == '\\' && i + 1 < raw.len && raw.at[i + 1] == '%'))
            buf_byte(&b, raw.at[i]);
    slice text = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return text;
}

static struct value *expand_one(struct item *t, const struct value *v, slice name, size_t open,
                                size_t close)
{
    const struct sigma_placeholder *p = find_placeholder(t->c, name);
    struct value *first = NULL, **link = &first;
    if (!p) {
        sigma_fail(
            t->c, t->r->path, v->line,
            "%.*s: nobody has defined %%%.*s%%; add it to placeholders.yaml beside the rules",
            SLICE_FMT(t->key), SLICE_FMT(name));
        return NULL;
    }
    for (size_t i = 0; i < p->values->n; i++) {
        struct value *new = ARENA_NEW(t->c->mem, struct value);
        struct buf b = buf_new(SIGMA_TEXT_MAX);
        buf_put(&b, slice_sub(v->raw, 0, open));
        buf_put(&b, p->values->items[i].text);
        buf_put(&b, slice_from(v->raw, close + 1));
        slice raw = arena_copy(t->c->mem, buf_slice(&b));
        bool full = b.full;
        buf_drop(&b);
        if (!new || full || ++t->n > SIGMA_VALUES_MAX) {
            sigma_value_fail(t, "the placeholders give too many or too long values");
            return NULL;
        }
        *new = *v;
        new->raw = raw;
        new->next = NULL;
        *link = new;
        link = &new->next;
    }
    return first;
}

static bool mod_expand(struct item *t)
{
    struct value **link = &t->values;
    while (*link) {
        struct value *v = *link;
        size_t open, close;
        if (!wants_text(t, v, "expand"))
            return false;
        if (t->encoded || t->contains_used)
            return sigma_value_fail(t, "expand must be the first modifier");
        if (!next_placeholder(v->raw, 0, &open, &close)) {
            v->raw = without_escapes(t->c, v->raw);
            if (!units_of(t, v))
                return false;
            link = &v->next;
            continue;
        }
        struct value *list =
            expand_one(t, v, slice_sub(v->raw, open + 1, close - open - 1), open, close);
        if (!list)
            return false;
        struct value *last = list;
        while (last->next)
            last = last->next;
        last->next = v->next;
        *link = list; /* and its further placeholders in the next turns */
        t->n--;
    }
    return true;
}

/* --- the chain */

enum modifier {
    MOD_ALL,
    MOD_STARTS,
    MOD_ENDS,
    MOD_CONTAINS,
    MOD_RE,
    MOD_I,
    MOD_M,
    MOD_S,
    MOD_CASED,
    MOD_CIDR,
    MOD_BASE64,
    MOD_BASE64OFFSET,
    MOD_UTF16LE,
    MOD_UTF16BE,
    MOD_WIDE,
    MOD_UTF16,
    MOD_WINDASH,
    MOD_EXPAND,
    MOD_FIELDREF,
    MOD_EXISTS,
    MOD_NEQ,
    MOD_LT,
    MOD_LTE,
    MOD_GT,
    MOD_GTE,
    MODIFIERS
};

static const char *const modifier_names[MODIFIERS] = {
    "all",  "startswith", "endswith", "contains", "re",           "i",       "m",
    "s",    "cased",      "cidr",     "base64",   "base64offset", "utf16le", "utf16be",
    "wide", "utf16",      "windash",  "expand",   "fieldref",     "exists",  "neq",
    "lt",   "lte",        "gt",       "gte",
};

static bool apply_to_value(struct item *t, struct value *v, enum modifier m)
{
    switch (m) {
    case MOD_STARTS:
        return mod_affix(t, v, false, true, "startswith");
    case MOD_ENDS:
        return mod_affix(t, v, true, false, "endswith");
    case MOD_CONTAINS:
        return mod_affix(t, v, true, true, "contains");
    case MOD_RE:
        return mod_re(t, v);
    case MOD_I:
        return mod_re_flag(t, v, REGEX_CASELESS);
    case MOD_M:
        return mod_re_flag(t, v, REGEX_MULTILINE);
    case MOD_S:
        return mod_re_flag(t, v, REGEX_DOTALL);
    case MOD_CIDR:
        return mod_cidr(t, v);
    case MOD_BASE64:
        return mod_base64(t, v);
    case MOD_BASE64OFFSET:
        return mod_base64offset(t, v);
    case MOD_UTF16LE:
    case MOD_WIDE:
        return mod_utf16(t, v, false, false);
    case MOD_UTF16BE:
        return mod_utf16(t, v, true, false);
    case MOD_UTF16:
        return mod_utf16(t, v, false, true);
    case MOD_WINDASH:
        return mod_windash(t, v);
    case MOD_FIELDREF:
        return mod_fieldref(t, v);
    case MOD_LT:
    case MOD_LTE:
    case MOD_GT:
    case MOD_GTE: {
        static const enum number_op ops[] = { NUMBER_LT, NUMBER_LTE, NUMBER_GT, NUMBER_GTE };
        return mod_compare(t, v, ops[m - MOD_LT]);
    }
    default:
        return true;
    }
}

static bool apply(struct item *t, enum modifier m)
{
    t->all |= m == MOD_ALL;
    t->cased |= m == MOD_CASED;
    t->neq |= m == MOD_NEQ;
    t->exists |= m == MOD_EXISTS;
    if (m == MOD_EXPAND)
        return mod_expand(t);
    for (struct value *v = t->values; v; v = v->next) {
        struct value *behind = v->next; /* base64offset puts two new ones here */
        if (!apply_to_value(t, v, m))
            return false;
        while (v->next != behind)
            v = v->next;
    }
    t->contains_used |= m == MOD_STARTS || m == MOD_ENDS || m == MOD_CONTAINS;
    return true;
}

static bool apply_all(struct item *t, slice rest)
{
    while (rest.len) {
        size_t bar = slice_find_byte(rest, '|', 0);
        slice name = slice_sub(rest, 0, bar);
        rest = bar == SIZE_MAX ? (slice){ 0 } : slice_from(rest, bar + 1);
        int m = 0;
        while (m < MODIFIERS && !slice_is(name, modifier_names[m]))
            m++;
        if (m == MODIFIERS) {
            struct buf b = buf_new(512);
            for (int i = 0; i < MODIFIERS; i++)
                buf_format(&b, " %s", modifier_names[i]);
            sigma_fail(t->c, t->r->path, t->line, "'%.*s' is no modifier of Sigma; there are%.*s",
                       SLICE_FMT(name), SLICE_FMT(buf_slice(&b)));
            buf_drop(&b);
            return false;
        }
        if (!apply(t, (enum modifier)m))
            return false;
    }
    return true;
}

static bool read_value(struct item *t, const struct yaml *y, struct value ***link)
{
    struct value *v = ARENA_NEW(t->c->mem, struct value);
    uint64_t number;
    if (y->kind != YAML_SCALAR)
        return sigma_fail(t->c, t->r->path, y->line,
                          "%.*s: a value must be text, a number, true, false or null",
                          SLICE_FMT(t->key));
    if (!v)
        return sigma_no_memory(t->c);
    *v = (struct value){ .line = y->line, .raw = y->text };
    bool minus = y->text.len > 1 && y->text.at[0] == '-';
    if (yaml_is_null(y)) {
        v->kind = VALUE_NULL;
    } else if (!y->quoted && slice_u64(slice_from(y->text, minus), &number) &&
               number <= INT64_MAX) {
        v->kind = VALUE_NUMBER;
        v->number = minus ? -(int64_t)number : (int64_t)number;
    } else if (!y->quoted &&
               (slice_is_nocase(y->text, "true") || slice_is_nocase(y->text, "false"))) {
        v->kind = VALUE_BOOL;
        v->number = slice_is_nocase(y->text, "true");
    }
    **link = v;
    *link = &v->next;
    t->n++;
    return units_of(t, v);
}

static bool read_values(struct item *t, const struct yaml *y)
{
    struct value **link = &t->values;
    if (y->kind != YAML_LIST)
        return read_value(t, y, &link);
    if (y->n == 0 || y->n > SIGMA_VALUES_MAX)
        return sigma_value_fail(t, "the list of values is empty or too long");
    for (size_t i = 0; i < y->n; i++)
        if (!read_value(t, &y->items[i], &link))
            return false;
    return true;
}

bool sigma_value_read(struct item *t, slice modifiers, const struct yaml *y)
{
    return read_values(t, y) && (modifiers.len == 0 || apply_all(t, modifiers));
}

bool sigma_value_anywhere(struct item *t)
{
    for (struct value *v = t->values; v; v = v->next)
        if ((v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) && !mod_affix(t, v, true, true, "contains"))
            return false;
    return true;
}
