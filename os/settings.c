/* SPDX-License-Identifier: Apache-2.0 */
/* Settings by table; see settings.h. YAML is read by base/yaml.h, which types
 * nothing: the table does. */
#include "os/settings.h"
#include "base/text.h"
#include "base/yaml.h"

#include <errno.h>
#include <stdio.h>

enum { NAME_BYTES_MAX = 128, NEAREST_WORD_MAX = 64 };

struct reader {
    const struct setting *table;
    size_t n;
    const char *path;
    struct arena *mem;
    struct setting_value *values;
    struct err *err;
};

/* --- nearest name: edit distance (Levenshtein), over short words only */

static unsigned distance(slice a, slice b)
{
    uint8_t row[NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (uint8_t)j;
    for (size_t i = 1; i <= a.len; i++) {
        uint8_t diagonal = row[0];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.len; j++) {
            uint8_t above = row[j];
            bool same = ascii_lower(a.at[i - 1]) == ascii_lower(b.at[j - 1]);
            uint8_t best = (uint8_t)(diagonal + !same);
            if (above + 1 < best)
                best = (uint8_t)(above + 1);
            if (row[j - 1] + 1 < best)
                best = (uint8_t)(row[j - 1] + 1);
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *settings_nearest(slice word, const char *const *names, size_t n)
{
    const char *nearest = NULL;
    unsigned least = (unsigned)word.len / 3 + 2; /* farther is no typing mistake */
    for (size_t i = 0; i < n && word.len <= NEAREST_WORD_MAX; i++) {
        slice name = slice_of(names[i]);
        unsigned d = name.len <= NEAREST_WORD_MAX ? distance(word, name) : least;
        if (d < least) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}

/* --- values */

static bool number_with_unit(slice s, const char *const *units, const int64_t *factors, size_t n,
                             int64_t *out)
{
    bool negative = s.len && s.at[0] == '-';
    size_t digits = negative;
    while (digits < s.len && ascii_digit(s.at[digits]))
        digits++;
    uint64_t v;
    if (!slice_u64(slice_sub(s, negative, digits - negative), &v) || v > INT64_MAX)
        return false;
    slice unit = slice_trim(slice_from(s, digits));
    for (size_t i = 0; i < n; i++)
        if (slice_is_nocase(unit, units[i])) {
            int64_t whole;
            if (__builtin_mul_overflow((int64_t)v, factors[i], &whole))
                return false;
            *out = negative ? -whole : whole;
            return true;
        }
    return false;
}

static bool parse_bool(slice s, int64_t *out)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is_nocase(s, words[i])) {
            *out = i & 1;
            return true;
        }
    return false;
}

static bool parse_choice(const struct setting *s, slice text, int64_t *out)
{
    for (size_t i = 0; s->choices[i]; i++)
        if (slice_is(text, s->choices[i])) {
            *out = (int64_t)i;
            return true;
        }
    return false;
}

static bool parse_number(const struct setting *s, slice text, int64_t *out)
{
    static const char *const none[] = { "" }, *const sizes[] = { "",    "k",   "m",  "g",
                                                                 "kib", "mib", "gib" };
    static const char *const times[] = { "ms", "s", "m", "h", "d" };
    static const int64_t one[] = { 1 },
                         bytes[] = { 1, 1 << 10, 1 << 20, 1 << 30, 1 << 10, 1 << 20, 1 << 30 };
    static const int64_t ms[] = { 1, 1000, 60000, 3600000, 86400000 };
    bool ok = s->type == SETTING_SIZE   ? number_with_unit(text, sizes, bytes, 7, out)
              : s->type == SETTING_TIME ? number_with_unit(text, times, ms, 5, out)
                                        : number_with_unit(text, none, one, 1, out);
    return ok && *out >= s->min && *out <= s->max;
}

static void bound_text(const struct setting *s, int64_t v, char *out, size_t room)
{
    if (s->type == SETTING_TIME)
        (void)snprintf(out, room, v % 1000 || v == 0 ? "%lldms" : "%llds",
                       (long long)(v % 1000 ? v : v / 1000));
    else if (s->type == SETTING_SIZE && v && v % (1 << 20) == 0)
        (void)snprintf(out, room, "%lldm", (long long)(v >> 20));
    else
        (void)snprintf(out, room, "%lld", (long long)v);
}

/* What may stand there, for a message and the manual. */
static void allowed(const struct setting *s, bool japanese, struct buf *out)
{
    char low[32], high[32];
    bound_text(s, s->min, low, sizeof low);
    bound_text(s, s->max, high, sizeof high);
    switch (s->type) {
    case SETTING_BOOL:
        buf_text(out, japanese ? "true、false" : "true or false");
        break;
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_TIME:
        buf_format(out, japanese ? "%s～%s" : "%s to %s", low, high);
        break;
    case SETTING_CHOICE:
        for (size_t i = 0; s->choices[i]; i++)
            buf_format(out, "%s%s", i == 0 ? "" : japanese ? "、" : ", ", s->choices[i]);
        break;
    case SETTING_TEXT:
        buf_format(out, japanese ? "%lld バイト以下の文字列" : "a text of at most %lld bytes",
                   (long long)s->max);
        break;
    case SETTING_LIST:
        buf_format(out, japanese ? "%lld 項目以下のリスト" : "a list of at most %lld texts",
                   (long long)s->max);
        break;
    }
}

static bool parse_value(const struct setting *s, slice text, struct setting_value *v)
{
    v->text = text;
    switch (s->type) {
    case SETTING_BOOL:
        return parse_bool(text, &v->number);
    case SETTING_CHOICE:
        return parse_choice(s, text, &v->number);
    case SETTING_TEXT:
        return text.len <= (uint64_t)s->max && utf8_valid(text);
    case SETTING_LIST:
        return false;
    default:
        return parse_number(s, text, &v->number);
    }
}

static int bad_value(struct reader *r, const struct setting *s, const struct yaml *y)
{
    struct buf b = buf_new(512);
    allowed(s, false, &b);
    slice text = y->kind == YAML_SCALAR ? utf8_cut(y->text, 60) : SLICE_LIT("(a list or section)");
    (void)err_set(r->err, -EINVAL, "%s:%u: %s: '%.*s' does not fit; write %.*s", r->path, y->line,
                  s->name, SLICE_FMT(text), SLICE_FMT(buf_slice(&b)));
    buf_drop(&b);
    return -EINVAL;
}

static int read_list(struct reader *r, const struct setting *s, const struct yaml *y,
                     struct setting_value *v)
{
    const struct yaml *items = y->kind == YAML_LIST ? y->items : y;
    size_t n = y->kind == YAML_LIST ? y->n : !yaml_is_null(y);
    slice *list = ARENA_ARRAY(r->mem, slice, n + 1);
    if (!list)
        return err_set(r->err, -ENOMEM, "%s: out of memory", r->path);
    if (n > (uint64_t)s->max)
        return bad_value(r, s, y);
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind != YAML_SCALAR)
            return bad_value(r, s, &items[i]);
        list[i] = items[i].text;
    }
    v->list = list;
    v->n_list = n;
    return 0;
}

static int take(struct reader *r, size_t i, const struct yaml *y)
{
    const struct setting *s = &r->table[i];
    struct setting_value *v = &r->values[i];
    if (v->given)
        return err_set(r->err, -EINVAL, "%s:%u: '%s' stands already in line %u; keep one", r->path,
                       y->key_line, s->name, v->line);
    v->given = true;
    v->line = y->key_line;
    if (s->type == SETTING_LIST)
        return read_list(r, s, y, v);
    if (y->kind != YAML_SCALAR || !parse_value(s, y->text, v))
        return bad_value(r, s, y);
    return 0;
}

/* --- names */

static bool is_section(const struct reader *r, slice name)
{
    for (size_t i = 0; i < r->n; i++) {
        slice have = slice_of(r->table[i].name);
        if (have.len > name.len && slice_starts(have, name) && have.at[name.len] == '.')
            return true;
    }
    return false;
}

static int unknown_name(struct reader *r, slice name, uint32_t line)
{
    const char **names = ARENA_ARRAY(r->mem, const char *, r->n + 1);
    for (size_t i = 0; names && i < r->n; i++)
        names[i] = r->table[i].name;
    const char *near = names ? settings_nearest(name, names, r->n) : NULL;
    return err_set(r->err, -EINVAL, "%s:%u: there is no setting '%.*s'%s%s%s", r->path, line,
                   name.len > 80 ? 80 : (int)name.len, (const char *)name.at,
                   near ? "; did you mean '" : "", near ? near : "",
                   near ? "'?" : "; 'sekisho settings' lists those of scan, sekishod(8) those of the gate");
}

static int read_map(struct reader *r, const struct yaml *map, slice above);

static int read_entry(struct reader *r, const struct yaml *y, slice above)
{
    struct buf name = buf_new(NAME_BYTES_MAX);
    buf_put(&name, above);
    if (above.len)
        buf_byte(&name, '.');
    buf_put(&name, y->key);
    int rc = 0;
    size_t i = 0;
    slice full = buf_slice(&name);
    while (i < r->n && !slice_is(full, r->table[i].name))
        i++;
    if (name.full)
        rc = unknown_name(r, y->key, y->key_line);
    else if (i < r->n)
        rc = take(r, i, y);
    else if (is_section(r, full) && y->kind == YAML_MAP)
        rc = read_map(r, y, full);
    else if (is_section(r, full) && !yaml_is_null(y))
        rc = err_set(r->err, -EINVAL,
                     "%s:%u: '%.*s' is a section; put its settings below it, indented", r->path,
                     y->key_line, SLICE_FMT(full));
    else if (!is_section(r, full))
        rc = unknown_name(r, full, y->key_line);
    buf_drop(&name);
    return rc;
}

/* Depth is that of the YAML reader. */
static int read_map(struct reader *r, const struct yaml *map, slice above)
{
    for (size_t i = 0; i < map->n; i++) {
        int rc = read_entry(r, &map->items[i], above);
        if (rc)
            return rc;
    }
    return 0;
}

static void take_default(struct reader *r, size_t i)
{
    const struct setting *s = &r->table[i];
    struct setting_value *v = &r->values[i];
    slice text = slice_of(s->value);
    if (s->type != SETTING_LIST) {
        CHECK(parse_value(s, text, v));
        return;
    }
    slice *list = ARENA_ARRAY(r->mem, slice, text.len / 2 + 1);
    size_t n = 0;
    for (size_t from = 0; list && from < text.len;) {
        size_t to = slice_find_byte(text, ' ', from);
        slice word = slice_sub(text, from, to == SIZE_MAX ? SIZE_MAX : to - from);
        if (word.len)
            list[n++] = word;
        from += word.len + 1;
    }
    v->text = text;
    v->list = list;
    v->n_list = list ? n : 0;
}

int settings_read(const struct setting *table, size_t n, slice text, const char *path,
                  struct arena *mem, struct setting_value **values_out, struct err *err_out)
{
    struct reader r = {
        table, n, path, mem, ARENA_ARRAY(mem, struct setting_value, n + 1), err_out
    };
    if (!r.values)
        return err_set(err_out, -ENOMEM, "%s: out of memory", path);
    for (size_t i = 0; i < n; i++)
        take_default(&r, i);
    const struct yaml *documents;
    size_t n_documents;
    int rc = yaml_read(text, path, mem, &documents, &n_documents, err_out);
    if (rc)
        return rc;
    if (n_documents > 1)
        return err_set(err_out, -EINVAL, "%s:%u: a second document begins; remove the '---'", path,
                       documents[1].line);
    if (n_documents == 1 && documents[0].kind == YAML_MAP)
        rc = read_map(&r, &documents[0], (slice){ 0 });
    else if (n_documents == 1 && !yaml_is_null(&documents[0]))
        rc = err_set(err_out, -EINVAL, "%s:%u: settings are lines of 'name: value'", path,
                     documents[0].line);
    if (rc == 0)
        *values_out = r.values;
    return rc;
}

const struct setting_value *settings_get(const struct setting *table, size_t n,
                                         const struct setting_value *values, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(table[i].name, name) != 0)
        i++;
    CHECK(i < n);
    return &values[i];
}

/* scdoc(5): what would begin an underlined or bold word stands as it is. */
static void put_plain(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '_' || *text == '*')
            buf_byte(out, '\\');
        buf_byte(out, (uint8_t)*text);
    }
}

void settings_manual(const struct setting *table, size_t n, bool japanese, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct setting *s = &table[i];
        buf_format(out, "*%s*\n\t", s->name);
        put_plain(out, japanese ? s->ja : s->en);
        buf_format(out, "\n\n\t%s ", japanese ? "指定できる値：" : "Allowed:");
        allowed(s, japanese, out);
        buf_text(out, japanese ? "。既定値： " : ". Default: ");
        put_plain(out, s->value[0] ? s->value : japanese ? "なし" : "none");
        buf_text(out, "\n\n");
    }
}
