/* SPDX-License-Identifier: Apache-2.0 */
/* formula_shift - shared formulas of sheets in XML ([ECMA-376] part 1, 18.3.1.40): the first cell has
 * the text, every other cell of the range means the same with its relative references moved.
 *
 * Moved are cells, columns and rows in A1 (18.17.2.4), around the edge of the sheet as Excel does. Texts,
 * sheets in quotes and what stands in brackets (columns of tables, other workbooks) stay as they are. */
#include "base/text.h"
#include "decode/shared/formula.h"

enum { COLUMNS = 1 << 14, ROWS = 1 << 20, LETTERS_MAX = 3, DIGITS_MAX = 7 };

struct reference {
    bool has_col, has_row, col_fixed, row_fixed;
    uint32_t col, row; /* from 0 */
};

static bool is_word(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '.' || c == '$' || c == '\\' || c == '?' || c >= 0x80;
}

static size_t word_end(slice f, size_t at)
{
    while (at < f.len && is_word(f.at[at]))
        at++;
    return at;
}

/* Behind a text or a name in quotes (doubled quotes are two of them), or behind brackets. */
static size_t verbatim_end(slice f, size_t at)
{
    uint8_t open = f.at[at++];
    unsigned depth = 1;
    for (; at < f.len && depth; at++)
        if (open != '[')
            depth -= f.at[at] == open;
        else
            depth = depth + (f.at[at] == '[') - (f.at[at] == ']');
    return at;
}

static bool parse_reference(slice w, struct reference *out)
{
    struct reference r = { 0 };
    size_t i = 0, n;
    uint32_t col = 0, row = 0;
    r.col_fixed = i < w.len && w.at[i] == '$';
    i += r.col_fixed;
    for (n = 0; i < w.len && ascii_alpha(w.at[i]) && n < LETTERS_MAX; i++, n++)
        col = col * 26 + (uint32_t)(ascii_lower(w.at[i]) - 'a') + 1;
    r.has_col = n > 0;
    if (r.has_col) {
        r.row_fixed = i < w.len && w.at[i] == '$';
        i += r.row_fixed;
    } else {
        r.row_fixed = r.col_fixed;
    }
    for (n = 0; i < w.len && ascii_digit(w.at[i]) && n < DIGITS_MAX; i++, n++)
        row = row * 10 + (uint32_t)(w.at[i] - '0');
    r.has_row = n > 0;
    if (i != w.len || (!r.has_col && !r.has_row) || (r.has_col && col > COLUMNS) || (r.has_row && (row == 0 || row > ROWS)))
        return false;
    r.col = col - r.has_col;
    r.row = row - r.has_row;
    *out = r;
    return true;
}

static void put_moved(struct buf *out, struct reference r, uint32_t down, uint32_t right)
{
    char room[LETTERS_MAX];
    size_t n = 0;
    if (r.has_col) {
        uint32_t col = (r.col_fixed ? r.col : (r.col + right) % COLUMNS) + 1;
        for (; col; col = (col - 1) / 26)
            room[n++] = (char)('A' + (col - 1) % 26);
        buf_text(out, r.col_fixed ? "$" : "");
        while (n)
            buf_byte(out, (uint8_t)room[--n]);
    }
    if (r.has_row) {
        buf_text(out, r.row_fixed ? "$" : "");
        buf_format(out, "%u", (r.row_fixed ? r.row : (r.row + down) % ROWS) + 1);
    }
}

/* The references that begin at `at`, or the word that stands there; where it ends. */
static size_t put_word(struct buf *out, slice f, size_t at, uint32_t down, uint32_t right)
{
    struct reference one, two;
    size_t end = word_end(f, at);
    uint8_t next = end < f.len ? f.at[end] : 0;
    bool known = next != '(' && next != '!' && parse_reference(slice_sub(f, at, end - at), &one);
    if (known && one.has_col && one.has_row) {
        put_moved(out, one, down, right);
        return end;
    }
    size_t stop = next == ':' ? word_end(f, end + 1) : end;
    uint8_t behind = stop < f.len ? f.at[stop] : 0;
    if (known && stop > end + 1 && behind != '(' && behind != '!' && parse_reference(slice_sub(f, end + 1, stop - end - 1), &two) &&
        one.has_col == two.has_col && one.has_row == two.has_row) {
        put_moved(out, one, down, right);
        buf_byte(out, ':');
        put_moved(out, two, down, right);
        return stop;
    }
    buf_put(out, slice_sub(f, at, end - at));
    return end;
}

void formula_put_shifted(struct buf *out, slice formula, uint32_t down, uint32_t right)
{
    for (size_t at = 0; at < formula.len;) {
        uint8_t c = formula.at[at];
        size_t end = at + 1;
        if (is_word(c)) {
            at = put_word(out, formula, at, down, right);
            continue;
        }
        if (c == '"' || c == '\'' || c == '[')
            end = verbatim_end(formula, at);
        for (; at < end; at++) /* on one line */
            buf_byte(out, formula.at[at] < ' ' ? ' ' : formula.at[at]);
    }
}
