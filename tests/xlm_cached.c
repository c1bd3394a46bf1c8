/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_cached - Excel as the oracle: what the evaluator of Excel 4.0 macros knows of a formula must
 * be what Excel calculated last, which stands beside it in the file.
 *
 * Of a workbook the view xlm.code is taken (decode/shared/xlm.h). All its cells become the values
 * that they held when it was stored; each formula of a macro sheet is then evaluated among them, by
 * a macro that joins what it gives and what the file holds. Left out: what differs from moment to
 * moment or place to place (volatile functions, the cell itself), and what does something.
 *
 * usage: xlm_cached [--show] FILE...      --show prints formulas that differ; not where others read
 * it */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "unmask/harness.h"

enum { BATCH = 100, LINES_MAX = 1 << 16, FILE_MAX = 32 << 20 };

struct line {
    slice sheet, formula,
        value;         /* the sheet with its mark of exclamation; the formula without '=' */
    slice whole, cell; /* the cell with its sheet; empty: no cell */
    bool macro;
};

struct count {
    unsigned formulas, asked, equal, open, differ;
};

/* Functions of which the same formula may give something else. A name that ends in a point stands
 * for all that begin so. */
static const char *const left_out[] = {
    "NOW",      "TODAY",     "RAND",     "RANDBETWEEN", "CELL",      "INFO",      "ROW",
    "COLUMN",   "CALLER",    "GET.",     "DOCUMENTS",   "FILES",     "DIRECTORY", "WINDOWS",
    "LINKS",    "NAMES",     "EXEC",     "CALL",        "REGISTER",  "REGISTER.", "UNREGISTER",
    "GOTO",     "RUN",       "RETURN",   "HALT",        "FORMULA",   "FORMULA.",  "SET.",
    "WHILE",    "FOR",       "FOR.",     "NEXT",        "ELSE",      "ELSE.",     "END.",
    "ARGUMENT", "RESULT",    "ALERT",    "MESSAGE",     "BEEP",      "WAIT",      "ECHO",
    "ERROR",    "OPEN",      "OPEN.",    "CLOSE",       "CLOSE.",    "NEW",       "SAVE",
    "SAVE.",    "FOPEN",     "FCLOSE",   "FREAD",       "FREADLN",   "FWRITE",    "FWRITELN",
    "FPOS",     "FSIZE",     "FILE.",    "ACTIVE.",     "SELECT",    "SELECT.",   "SELECTION",
    "STEP",     "POKE",      "INITIATE", "REQUEST",     "TERMINATE", "EXECUTE",   "SEND.",
    "DEFINE.",  "DELETE.",   "INPUT",    "BREAK",       "VOLATILE",  "QUIT",      "DEREF",
    "EVALUATE", "WORKBOOK.", "ON.",      "APP.",        "HIDE",      "UNHIDE",    "COPY",
    "PASTE",    "PASTE.",    "CUT",      "CLEAR",       "ACTIVATE",  "ACTIVATE.", "CUSTOM.",
    "ADD.",     "SHOW.",     "DIALOG.",  "ENABLE.",     "TEXT.",     "PROTECT.",  "VIEW.",
    "WINDOW.",  "LAST.",
};

static bool leaves_out(slice name)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        slice s = slice_of(left_out[i]);
        bool all = s.at[s.len - 1] == '.';
        if (all ? slice_starts_nocase(name, left_out[i]) : slice_is_nocase(name, left_out[i]))
            return true;
    }
    return false;
}

/* A range counts where it is one argument by itself, of a function that takes ranges: elsewhere the
 * cell's own place, or that the formula is an array's, decides what it gives. */
static bool takes_ranges(slice name)
{
    static const char *const names[] = { "SUM",   "COUNT",   "COUNTA",  "COUNTBLANK", "MAX",
                                         "MIN",   "AVERAGE", "PRODUCT", "VLOOKUP",    "HLOOKUP",
                                         "INDEX", "MATCH",   "ROWS",    "COLUMNS",    "AND",
                                         "OR",    "SUMIF",   "COUNTIF", "OFFSET" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is_nocase(name, names[i]))
            return true;
    return false;
}

static bool in_reference(uint8_t c)
{
    return ascii_alnum(c) || strchr("$!_.'", c) != NULL;
}

static bool range_counts(slice formula, size_t colon)
{
    size_t from = colon, to = colon + 1, name;
    while (from > 0 && in_reference(formula.at[from - 1]))
        from--;
    while (to < formula.len && in_reference(formula.at[to]))
        to++;
    if (from == 0 || to == formula.len || !strchr("(,", formula.at[from - 1]) ||
        !strchr(",)", formula.at[to]))
        return false;
    size_t open = from - 1;
    for (unsigned depth = 0; open > 0 && (depth || formula.at[open] != '('); open--) {
        depth += formula.at[open] == ')';
        depth -= depth && formula.at[open] == '(';
    }
    for (name = open;
         name > 0 && (ascii_alnum(formula.at[name - 1]) || formula.at[name - 1] == '.');)
        name--;
    return takes_ranges(slice_sub(formula, name, open - name));
}

/* Arrays, other workbooks and what does something are no matter of this. */
static bool is_asked(slice formula)
{
    bool quoted = false;
    for (size_t i = 0; i < formula.len; i++) {
        uint8_t c = formula.at[i];
        quoted = c == '"' ? !quoted : quoted;
        if (quoted)
            continue;
        if (c == '[' || c == '{' || c == '|' || (c == ':' && !range_counts(formula, i)))
            return false;
        if (c != '(')
            continue;
        size_t from = i;
        while (from > 0 && (ascii_alnum(formula.at[from - 1]) || formula.at[from - 1] == '.' ||
                            formula.at[from - 1] == '_'))
            from--;
        if (leaves_out(slice_sub(formula, from, i - from)))
            return false;
    }
    return true;
}

static struct line line_of(slice s)
{
    struct line l = { .whole = s };
    size_t bang = 0;
    for (bool quoted = false; bang < s.len && (quoted || s.at[bang] != '!'); bang++) {
        quoted = s.at[bang] == '\'' ? !quoted : quoted;
        if (!quoted && s.at[bang] == ' ')
            return l; /* "sheet ...", "name ...", "format ..." */
    }
    size_t colon = bang;
    while (colon < s.len && s.at[colon] != ':')
        colon++;
    if (colon + 2 > s.len || bang + 1 >= colon)
        return l;
    l.sheet = slice_sub(s, 0, bang + 1);
    l.cell = slice_sub(s, 0, colon);
    l.value = slice_from(s, colon + 2);
    if (l.value.len == 0 || l.value.at[0] != '=')
        return l;
    bool quoted = false;
    size_t tab = 1;
    while (tab < l.value.len && (quoted || l.value.at[tab] != '\t')) {
        quoted = l.value.at[tab] == '"' ? !quoted : quoted;
        tab++;
    }
    l.formula = slice_sub(l.value, 1, tab - 1);
    l.value = tab < l.value.len ? slice_from(l.value, tab + 1) : (slice){ 0 };
    return l;
}

/* "'My sheet'!" is a macro sheet when a line says so. */
static bool is_macro(slice sheet, slice code)
{
    struct buf b = buf_new(1 << 12);
    buf_text(&b, "sheet ");
    buf_put(&b, slice_sub(sheet, 0, sheet.len - 1));
    buf_text(&b, ": macro");
    size_t at = slice_find(code, buf_slice(&b), 0);
    buf_drop(&b);
    return at != SIZE_MAX && (at == 0 || code.at[at - 1] == '\n');
}

static void put_cells(struct buf *b, const struct line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool starts = slice_starts_nocase(lines[i].whole, "name auto_");
        if (starts)
            continue;
        bool calculated =
            lines[i].formula.len && lines[i].value.len; /* the empty text is not written */
        buf_put(b, calculated ? lines[i].cell : lines[i].whole);
        if (calculated) {
            buf_text(b, ": ");
            buf_put(b, lines[i].value);
        }
        buf_byte(b, '\n');
    }
}

/* Functions that are no arithmetic are exact to the fifteen digits that are shown, or to one less
 * where two of them are subtracted. */
static bool same_number(slice s)
{
    char text[2][32] = { "", "" }, *end[2];
    size_t bar = slice_find_byte(s, '|', 0);
    slice half[2] = { slice_sub(s, 0, bar), slice_from(s, bar == SIZE_MAX ? s.len : bar + 1) };
    double d[2];
    for (int i = 0; i < 2; i++) {
        if (half[i].len < 12 || half[i].len >= sizeof text[i])
            return false;
        (void)slice_copy_out(half[i], (uint8_t *)text[i], sizeof text[i] - 1);
        d[i] = strtod(text[i], &end[i]);
        if (*end[i])
            return false;
    }
    return fabs(d[0] - d[1]) <= 1e-13 * fabs(d[0]);
}

static void judge(const struct effect *e, const struct line *asked, size_t n, struct count *c,
                  bool show)
{
    slice s = slice_is(e->sink, "EXEC") ? tally_argument(e, "command") : (slice){ 0 };
    size_t bar = slice_find_byte(s, '|', 0), half;
    uint64_t which;
    if (bar == SIZE_MAX || !slice_u64(slice_sub(s, 0, bar), &which) || which >= n)
        return;
    s = slice_from(s, bar + 1);
    if (!tally_certain(e)) {
        c->open++;
        return;
    }
    half = s.len / 2;
    /* "=B1" shows an empty cell as 0; joined to a text it is empty. */
    if (slice_is(s, "|0") || same_number(s)) {
        c->equal++;
        return;
    }
    if (s.len % 2 && s.at[half] == '|' &&
        slice_eq(slice_sub(s, 0, half), slice_from(s, half + 1))) {
        c->equal++;
        return;
    }
    c->differ++;
    if (show)
        printf("DIFFER %.*s: =%.*s -> %.*s\n", SLICE_FMT(asked[which].cell),
               SLICE_FMT(asked[which].formula), SLICE_FMT(s));
}

/* A macro in a column that holds nothing, which asks one formula after the other. */
static void ask(const struct line *lines, size_t n, const struct line *asked, size_t n_asked,
                struct count *c, bool show)
{
    struct buf b = buf_new(FILE_MAX);
    slice sheet = asked[0].sheet;
    put_cells(&b, lines, n);
    buf_format(&b, "name Auto_Open: =%.*s$XFA$1\n", SLICE_FMT(sheet));
    for (size_t i = 0; i < n_asked; i++) {
        slice f = asked[i].formula, v = asked[i].value;
        buf_format(&b, "%.*sXFA%zu: =EXEC(\"%zu|\"&", SLICE_FMT(sheet), i + 1, i);
        if (v.at[0] == '#')
            buf_format(&b, "ISERROR(%.*s)&\"|TRUE\")\n", SLICE_FMT(f));
        else
            buf_format(&b, "IF(ISERROR(%.*s),\"#\",%.*s)&\"|\"&%.*s)\n", SLICE_FMT(f), SLICE_FMT(f),
                       SLICE_FMT(v));
    }
    buf_format(&b, "%.*sXFA%zu: =HALT()\n", SLICE_FMT(sheet), n_asked + 1);
    struct tally *t = tally_unmasked("xlm", NULL, buf_slice(&b));
    const struct effect *e;
    for (size_t i = 0; (e = tally_effect(t, EFFECT_RUN, i)) != NULL; i++)
        judge(e, asked, n_asked, c, show);
    tally_drop(&t);
    buf_drop(&b);
}

static size_t lines_of(slice code, struct line *lines)
{
    size_t n = 0, from = 0, end;
    for (; n < LINES_MAX && (end = slice_find_byte(code, '\n', from)) != SIZE_MAX; from = end + 1)
        lines[n++] = line_of(slice_sub(code, from, end - from));
    for (size_t i = 0; i < n; i++)
        lines[i].macro = lines[i].formula.len && lines[i].value.len &&
                         (i && lines[i - 1].macro && slice_eq(lines[i].sheet, lines[i - 1].sheet)
                              ? true
                              : is_macro(lines[i].sheet, code));
    return n;
}

static void book(slice code, struct count *c, bool show)
{
    struct line *lines = calloc(LINES_MAX, sizeof *lines), asked[BATCH];
    size_t n = lines ? lines_of(code, lines) : 0, k = 0;
    for (size_t i = 0; i < n; i++) {
        bool good = lines[i].macro && is_asked(lines[i].formula);
        c->formulas += lines[i].macro;
        if (k && (k == BATCH || (good && !slice_eq(asked[0].sheet, lines[i].sheet)))) {
            ask(lines, n, asked, k, c, show);
            k = 0;
        }
        if (good)
            asked[k++] = lines[i];
        c->asked += good;
    }
    if (k)
        ask(lines, n, asked, k, c, show);
    free(lines);
}

static bool read_file(const char *path, struct buf *b)
{
    FILE *f = fopen(path, "rb");
    uint8_t some[1 << 14];
    size_t n;
    while (f && (n = fread(some, 1, sizeof some, f)) > 0)
        buf_put(b, (slice){ some, n });
    if (f)
        fclose(f);
    return f != NULL;
}

int main(int argc, char **argv)
{
    bool show = argc > 1 && strcmp(argv[1], "--show") == 0;
    for (int i = 1 + show; i < argc; i++) {
        struct count c = { 0 };
        struct buf b = buf_new(FILE_MAX);
        if (!read_file(argv[i], &b)) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 2;
        }
        struct tally *t = tally_unmasked_file(NULL, buf_slice(&b));
        for (uint32_t v = 0; v < t->r.n_views; v++)
            if (t->r.views[v].id == FACT_XLM_CODE)
                book(t->r.views[v].text, &c, show);
        printf("%u formulas, %u asked, %u equal, %u open, %u differ  %s\n", c.formulas, c.asked,
               c.equal, c.open, c.differ, argv[i]);
        tally_drop(&t);
        buf_drop(&b);
    }
    return 0;
}
