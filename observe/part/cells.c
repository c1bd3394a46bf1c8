/* SPDX-License-Identifier: Apache-2.0 */
/* cells - formulas in text files that a spreadsheet program opens as tables.
 *
 * Excel reads comma, semicolon and tab separated text, SYLK and any text under the name of a
 * workbook, and computes what begins with = + - or @: DDE references (application|topic!item,
 * [MS-XLS] 2.5.98.3 writes the same), functions that fetch, links that carry other cells away;
 * in SYLK also functions of Excel 4.0 macros ("SYLK File Format", record C, field E).
 * A line in which a cell begins so is searched to its end, whatever its quotes say: programs
 * differ about them. Left out: values, and formulas of real workbooks (their readers see those).
 */
#include "base/buf.h"
#include "base/text.h"
#include "decode/shared/remote.h"
#include "decode/types.h"
#include "observe/part/observe.h"

enum { SAY_MAX = 64, NAME_MOST = 64, TOPIC_MOST = 1024, ARGUMENT_MOST = 512, REFERENCES_MAX = 64, PATHS_MAX = 16 };

struct cells {
    struct walk *w;
    struct range at;
    bool sylk;
    unsigned said, paths;
    size_t references; /* most cells that one link carries */
};

static bool opens_as_table(const struct walk *w, slice text)
{
    static const char *const names[] = { "csv", "tsv", "tab", "prn", "dif", "slk", "xls",
                                         "xlt", "xlw", "xlsx", "xlsm", "xlsb", "xla" };
    slice extension = type_extension_of(w->name);
    if (slice_starts(text, SLICE_LIT("ID;")))
        return true;
    if (!slice_is(w->type, "text"))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is_nocase(extension, names[i]))
            return true;
    return slice_starts_nocase(slice_trim(w->declared), "text/csv") ||
           slice_starts_nocase(slice_trim(w->declared), "application/vnd.ms-excel");
}

static void say(struct cells *c, enum fact_id id, slice text)
{
    if (c->said++ < SAY_MAX)
        walk_text(c->w, id, utf8_cut(text, TOPIC_MOST), c->at);
}

/* --- application|topic!item */

static bool application_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '.' || c == ':' || c == '\\' || c == '/' || c == '^';
}

/* The name that ends at `end`, its quotes left out. */
static slice name_before(slice s, size_t end)
{
    while (end > 0 && (s.at[end - 1] == ' ' || s.at[end - 1] == '\'' || s.at[end - 1] == '"'))
        end--;
    size_t from = end;
    while (from > 0 && end - from < NAME_MOST && application_byte(s.at[from - 1]))
        from--;
    return slice_sub(s, from, end - from);
}

/* Behind '|': the topic, in quotes or one word, if '!' follows it. */
static slice topic_behind(slice s)
{
    size_t i = 0, end;
    while (i < s.len && i < 8 && (s.at[i] == ' ' || s.at[i] == '"'))
        i++;
    if (i < s.len && s.at[i] == '\'') {
        slice rest = slice_sub(s, i + 1, TOPIC_MOST);
        end = slice_find(rest, SLICE_LIT("'!"), 0);
        return end == SIZE_MAX ? (slice){ 0 } : slice_sub(rest, 0, end);
    }
    for (end = i; end < s.len && end - i < NAME_MOST && application_byte(s.at[end]);)
        end++;
    return end > i && end < s.len && s.at[end] == '!' ? slice_sub(s, i, end - i) : (slice){ 0 };
}

static void see_dde(struct cells *c, slice application, slice topic)
{
    if (application.len == 0 || topic.len == 0)
        return;
    struct buf b = buf_new(NAME_MOST + TOPIC_MOST + 1);
    buf_put(&b, application);
    buf_byte(&b, '|');
    buf_put(&b, topic);
    say(c, FACT_SHEET_FORMULA_DDE, buf_slice(&b));
    buf_drop(&b);
}

/* --- functions */

/* The next string of a call's arguments, quotes doubled or not; *pos moves behind it. */
static slice string_argument(slice s, size_t *pos)
{
    while (*pos < s.len && s.at[*pos] != '"')
        ++*pos;
    while (*pos < s.len && s.at[*pos] == '"')
        ++*pos;
    size_t from = *pos;
    while (*pos < s.len && s.at[*pos] != '"')
        ++*pos;
    slice text = slice_sub(s, from, *pos - from);
    while (*pos < s.len && s.at[*pos] == '"')
        ++*pos;
    return text;
}

/* How many cells the address joins: A1, $B$2, R[1]C, behind '&' or '('. */
static size_t cells_joined(slice s)
{
    size_t n = 0;
    bool quoted = false, fresh = true;
    for (size_t i = 0; i < s.len && n < REFERENCES_MAX; i++) {
        uint8_t b = s.at[i];
        if (b == '"') {
            quoted = !quoted;
            while (i + 1 < s.len && s.at[i + 1] == '"') /* doubled inside a quoted cell */
                i++;
        } else if (!quoted && (b == '&' || b == '(')) {
            fresh = true;
        } else if (!quoted && (b == ',' || b == ';')) {
            break;
        } else if (!quoted && fresh && b != ' ' && b != '$') {
            size_t end = i;
            while (end < s.len && end - i < 4 && ascii_alpha(s.at[end]))
                end++;
            while (end > i && end < s.len && (s.at[end] == '$' || s.at[end] == '['))
                end++;
            n += end > i && end < s.len && ascii_digit(s.at[end]);
            fresh = false;
        }
    }
    return n;
}

static bool is_one_of(slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is_nocase(s, words[i]))
            return true;
    return false;
}

#define ONE_OF(s, words) is_one_of((s), (words), sizeof(words) / sizeof(words)[0])

static bool leads_outside(slice url)
{
    return slice_starts_nocase(url, "http") || slice_starts_nocase(url, "ftp") ||
           slice_starts_nocase(url, "file:") || slice_starts(url, SLICE_LIT("\\\\"));
}

/* A function and what stands behind its '('. */
static void see_call(struct cells *c, slice name, slice rest)
{
    static const char *const fetch[] = { "WEBSERVICE", "IMPORTXML", "IMPORTDATA", "IMPORTHTML",
                                         "IMPORTFEED", "IMPORTRANGE", "IMAGE", "HYPERLINK" };
    static const char *const macros[] = { "EXEC", "CALL", "REGISTER", "FWRITE", "FWRITELN",
                                          "SEND.KEYS", "EXECUTE", "FORMULA", "RUN", "FILE.DELETE",
                                          "APP.ACTIVATE", "ON.TIME", "INITIATE" };
    slice arguments = slice_sub(rest, 0, ARGUMENT_MOST);
    size_t pos = 0;
    if (slice_is_nocase(name, "DDE")) {
        slice application = string_argument(arguments, &pos);
        see_dde(c, application, string_argument(arguments, &pos));
    } else if (c->sylk && ONE_OF(name, macros)) {
        struct buf b = buf_new(NAME_MOST + ARGUMENT_MOST + 1);
        buf_put(&b, name);
        buf_byte(&b, '(');
        buf_put(&b, arguments);
        say(c, FACT_SHEET_FORMULA_MACRO, buf_slice(&b));
        buf_drop(&b);
    } else if (ONE_OF(name, fetch)) {
        slice url = string_argument(arguments, &pos);
        size_t joined = cells_joined(arguments);
        bool link = slice_is_nocase(name, "HYPERLINK");
        if (!leads_outside(url) || (link && joined == 0)) /* a link in a table is a link */
            return;
        c->references = joined > c->references ? joined : c->references;
        say(c, link ? FACT_SHEET_FORMULA_SENDS : FACT_SHEET_FORMULA_FETCHES, url);
    }
}

/* Shares that a formula names: another book's cell, a link, a picture. */
static void see_paths(struct cells *c, slice s)
{
    static const char ends[] = "\"'[]<>|,;)&";
    for (size_t i = 0; i + 2 < s.len && c->paths < PATHS_MAX; i++) {
        slice rest = slice_from(s, i);
        bool share = rest.at[0] == '\\' && rest.at[1] == '\\';
        if (!share && !((rest.at[0] | 0x20) == 'f' && slice_starts_nocase(rest, "file:")))
            continue;
        size_t end = 0;
        while (end < rest.len && end < TOPIC_MOST && slice_find_byte(slice_of(ends), rest.at[end], 0) == SIZE_MAX)
            end++;
        c->paths += walk_remote(c->w, slice_sub(rest, 0, end), c->at, "sheet.formula") != REMOTE_NONE;
        i += end;
    }
}

/* --- lines */

static void read_formulas(struct cells *c, slice s)
{
    for (size_t i = 0; i < s.len && c->said < SAY_MAX; i++) {
        if (s.at[i] == '|')
            see_dde(c, name_before(s, i), topic_behind(slice_from(s, i + 1)));
        else if (s.at[i] == '(' && i > 0 && ascii_alpha(s.at[i - 1]))
            see_call(c, name_before(s, i), slice_from(s, i + 1));
    }
}

/* Where the first cell of the line begins that is computed; SIZE_MAX. */
static size_t first_formula(const struct cells *c, slice line)
{
    if (c->sylk) {
        size_t at = slice_find(line, SLICE_LIT(";E"), 0);
        return at == SIZE_MAX ? at : at + 2;
    }
    bool fresh = true;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t b = line.at[i];
        if (b == ',' || b == ';' || b == '\t' || b == '|')
            fresh = true;
        else if (fresh && (b == '=' || b == '+' || b == '-' || b == '@'))
            return i;
        else if (b != '"' && b != ' ' && b != '\'')
            fresh = false;
    }
    return SIZE_MAX;
}

static void cells_view(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)state;
    struct cells c = { .w = w, .at = at };
    if (id != FACT_DOCUMENT_TEXT || !opens_as_table(w, utf8) || !walk_work(w, utf8.len / 2))
        return;
    c.sylk = slice_starts(utf8, SLICE_LIT("ID;"));
    for (size_t pos = 0; pos < utf8.len && c.said < SAY_MAX;) {
        size_t end = slice_find_byte(utf8, '\n', pos);
        end = end == SIZE_MAX ? utf8.len : end;
        slice line = slice_sub(utf8, pos, end - pos);
        size_t formula = first_formula(&c, line);
        if (formula != SIZE_MAX) {
            read_formulas(&c, slice_from(line, formula));
            see_paths(&c, slice_from(line, formula));
        }
        pos = end + 1;
    }
    if (c.said >= SAY_MAX) /* decoys in front of the one that counts */
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_FORMULAS, (slice){ 0 });
    if (c.references)
        walk_int(w, FACT_SHEET_FORMULA_JOINED, (int64_t)c.references, at);
}

const struct observer observer_cells = {
    .name = "cells",
    .view = cells_view,
};
