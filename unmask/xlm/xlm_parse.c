/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_parse - the text of a formula as nodes.
 *
 * The grammar is that of [MS-XLS] 2.2.2.1 and ECMA-376 part 1, 18.17.2; references are read in A1
 * and in R1C1 form. Operators of one rank become one chain with all their operands, as long as it
 * may be. What cannot be read ends the formula; what was read stands.
 * Left out: intersections of areas and unions, of which the first operand is taken.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_private.h"
#include <stdlib.h>

enum { DEEP = 90 };

struct reader {
    struct xlm_book *b;
    slice in;
    size_t at;
    struct xlm_area here;
    uint32_t depth;
    bool r1c1;
};

static uint32_t expression(struct reader *r);

static uint32_t node(struct reader *r, uint8_t op)
{
    struct xlm_book *b = r->b;
    if (b->n_nodes == b->room_nodes) {
        uint32_t room = b->room_nodes * 2;
        struct xlm_node *more =
            room > XLM_NODES_MAX
                ? NULL
                : arena_regrow(b->mem, b->nodes, b->n_nodes * sizeof *more, room, sizeof *more);
        if (!more) {
            b->limited = true;
            r->at = r->in.len;
            return 0;
        }
        b->nodes = more;
        b->room_nodes = room;
    }
    b->nodes[b->n_nodes] = (struct xlm_node){ .op = op };
    return b->n_nodes++;
}

static uint32_t lost(struct reader *r)
{
    r->at = r->in.len;
    r->b->misread = true;
    return node(r, XLM_OP_LOST);
}

/* --- characters */

static uint8_t peek(const struct reader *r, size_t ahead)
{
    return ahead < r->in.len - r->at ? r->in.at[r->at + ahead] : 0;
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->in.len && (ascii_space(r->in.at[r->at])))
        r->at++;
}

static bool accept(struct reader *r, char ch)
{
    skip_blanks(r);
    if (r->at >= r->in.len || r->in.at[r->at] != (uint8_t)ch)
        return false;
    r->at++;
    return true;
}

static bool is_word(uint8_t ch)
{
    return ascii_alnum(ch) || ch == '_' || ch == '.' || ch == '\\' || ch == '?' || ch >= 0x80;
}

/* "-12.5": up to 15 digits and the power of ten that divides them are exact as Double, and so is
 * what the division gives. False: it is longer, or of another form. */
static bool short_number(slice text, double *out)
{
    static const double tens[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    bool minus = text.len && text.at[0] == '-', point = false;
    uint64_t v = 0;
    size_t digits = 0, behind = 0;
    if (text.len > 16)
        return false;
    for (size_t i = minus; i < text.len; i++) {
        if (text.at[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!ascii_digit(text.at[i]))
            return false;
        v = v * 10 + (uint64_t)(text.at[i] - '0');
        digits++;
        behind += point;
    }
    if (digits == 0 || digits > 15)
        return false;
    double d = (double)v / tens[behind];
    *out = minus ? -d : d;
    return true;
}

bool xlm_parse_number(slice text, double *out)
{
    char digits[48];
    if (short_number(text, out))
        return true;
    size_t n = text.len < sizeof digits ? text.len : 0;
    for (size_t i = 0; i < n; i++) {
        if (!ascii_digit(text.at[i]) && text.at[i] != '.' && text.at[i] != '-' &&
            text.at[i] != '+' && (text.at[i] | 32) != 'e')
            return false;
        digits[i] = (char)text.at[i];
    }
    digits[n] = '\0';
    char *end = digits;
    double v = n ? strtod(digits, &end) : 0;
    if (n == 0 || end != digits + n || !(v - v == 0)) /* not infinite */
        return false;
    *out = v;
    return true;
}

/* --- references */

static bool read_digits(slice s, size_t *i, uint32_t *out)
{
    uint32_t v = 0;
    size_t from = *i;
    for (; *i < s.len && ascii_digit(s.at[*i]) && v <= XLM_ROWS; ++*i)
        v = v * 10 + (uint32_t)(s.at[*i] - '0');
    *out = v;
    return *i > from;
}

static bool read_a1(slice s, size_t *i, uint32_t *row, uint32_t *col)
{
    size_t k = *i, letters = 0;
    uint32_t c = 0, n;
    k += k < s.len && s.at[k] == '$';
    for (; k < s.len && ascii_alpha(s.at[k]) && letters < 4; k++, letters++)
        c = c * 26 + (uint32_t)(ascii_lower(s.at[k]) - 'a' + 1);
    k += letters && k < s.len && s.at[k] == '$';
    if (letters == 0 || c > XLM_COLS || !read_digits(s, &k, &n) || n == 0 || n > XLM_ROWS)
        return false;
    *row = n - 1;
    *col = c - 1;
    *i = k;
    return true;
}

/* "12", "[-1]" or nothing behind R or C. Steps go round at the edge. */
static bool read_step(slice s, size_t *i, uint32_t here, uint32_t edge, uint32_t *out)
{
    uint32_t v;
    if (*i < s.len && s.at[*i] == '[') {
        size_t k = *i + 1;
        bool up = k < s.len && s.at[k] == '-';
        k += up;
        if (!read_digits(s, &k, &v) || k >= s.len || s.at[k] != ']' || v >= edge)
            return false;
        *out = (up ? here + edge - v : here + v) % edge;
        *i = k + 1;
        return true;
    }
    if (!read_digits(s, i, &v)) {
        *out = here;
        return true;
    }
    *out = v - 1;
    return v > 0 && v <= edge;
}

static bool read_r1c1(slice s, size_t *i, struct xlm_area here, uint32_t *row, uint32_t *col)
{
    size_t k = *i;
    if (k >= s.len || ascii_lower(s.at[k]) != 'r')
        return false;
    k++;
    if (!read_step(s, &k, here.row, XLM_ROWS, row) || k >= s.len || ascii_lower(s.at[k]) != 'c')
        return false;
    k++;
    if (!read_step(s, &k, here.col, XLM_COLS, col) || k == *i + 1)
        return false;
    *i = k;
    return true;
}

/* A cell, which no letter may follow. */
static bool read_cell(const struct reader *r, size_t *i, uint32_t *row, uint32_t *col)
{
    for (int turn = 0; turn < 2; turn++) {
        size_t k = *i;
        bool got = (turn == 0) == r->r1c1 ? read_r1c1(r->in, &k, r->here, row, col)
                                          : read_a1(r->in, &k, row, col);
        if (got && (k >= r->in.len || !is_word(r->in.at[k]))) {
            *i = k;
            return true;
        }
    }
    return false;
}

/* Columns "A:B" and rows "1:2" are areas too. */
static bool read_lines(const struct reader *r, size_t *i, struct xlm_area *a)
{
    uint32_t v[2] = { 0 };
    size_t k = *i;
    bool rows = k < r->in.len &&
                (ascii_digit(r->in.at[k]) ||
                 (r->in.at[k] == '$' && k + 1 < r->in.len && ascii_digit(r->in.at[k + 1])));
    for (int side = 0; side < 2; side++) {
        k += k < r->in.len && r->in.at[k] == '$';
        size_t from = k;
        if (rows && !read_digits(r->in, &k, &v[side]))
            return false;
        for (; !rows && k < r->in.len && ascii_alpha(r->in.at[k]) && k - from < 3; k++)
            v[side] = v[side] * 26 + (uint32_t)(ascii_lower(r->in.at[k]) - 'a' + 1);
        if (v[side] == 0 || v[side] > (uint32_t)(rows ? XLM_ROWS : XLM_COLS))
            return false;
        if (side == 0 && (k >= r->in.len || r->in.at[k++] != ':'))
            return false;
    }
    if (k < r->in.len && (is_word(r->in.at[k]) || r->in.at[k] == '('))
        return false;
    uint32_t low = v[0] < v[1] ? v[0] : v[1], high = v[0] < v[1] ? v[1] : v[0];
    *a = rows ? (struct xlm_area){ a->sheet, low - 1, 0, high - 1, XLM_COLS - 1 }
              : (struct xlm_area){ a->sheet, 0, low - 1, XLM_ROWS - 1, high - 1 };
    *i = k;
    return true;
}

static bool read_area(const struct reader *r, size_t *i, struct xlm_area *a)
{
    uint32_t row, col, row2, col2;
    if (!read_cell(r, i, &row, &col))
        return read_lines(r, i, a);
    size_t k = *i;
    row2 = row;
    col2 = col;
    if (k < r->in.len && r->in.at[k] == ':' && (k++, read_cell(r, &k, &row2, &col2)))
        *i = k;
    *a = (struct xlm_area){ a->sheet, row < row2 ? row : row2, col < col2 ? col : col2,
                            row < row2 ? row2 : row, col < col2 ? col2 : col };
    return true;
}

/* The sheet in front of '!', quoted or not; *i moves behind the '!'. */
static bool read_sheet(const struct reader *r, size_t *i, uint32_t *sheet_out)
{
    slice s = r->in;
    size_t k = *i;
    bool quoted = k < s.len && s.at[k] == '\'';
    if (quoted) {
        for (k++; k < s.len && (s.at[k] != '\'' || (k + 1 < s.len && s.at[k + 1] == '\'')); k++)
            k += s.at[k] == '\'';
        k++;
    } else {
        while (k < s.len && (is_word(s.at[k]) || s.at[k] == '[' || s.at[k] == ']'))
            k++;
    }
    if (k >= s.len || s.at[k] != '!')
        return false;
    *sheet_out = k > *i ? xlm_book_sheet(r->b, slice_sub(s, *i, k - *i)) : r->b->active;
    *i = k + 1;
    return true;
}

bool xlm_parse_area(struct xlm_book *b, slice text, struct xlm_area here, bool r1c1,
                    struct xlm_area *out)
{
    text = slice_trim(text);
    if (text.len && text.at[0] == '=')
        text = slice_from(text, 1);
    struct reader r = { .b = b, .in = text, .here = here, .r1c1 = r1c1 };
    struct xlm_area a = { .sheet = here.sheet };
    size_t i = 0;
    (void)read_sheet(&r, &i, &a.sheet);
    if (a.sheet >= b->n_sheets || !read_area(&r, &i, &a) || i < text.len)
        return false;
    *out = a;
    return true;
}

/* --- operands */

static uint32_t read_text(struct reader *r)
{
    size_t from = ++r->at, end = from;
    for (; end < r->in.len; end++) {
        if (r->in.at[end] != '"')
            continue;
        if (end + 1 >= r->in.len || r->in.at[end + 1] != '"')
            break;
        end++;
    }
    slice raw = slice_sub(r->in, from, end - from);
    r->at = end < r->in.len ? end + 1 : end;
    if (slice_find_byte(raw, '"', 0) != SIZE_MAX) {
        struct buf plain = buf_new(1 << 20);
        for (size_t i = 0; i < raw.len; i++) {
            buf_byte(&plain, raw.at[i]);
            i += raw.at[i] == '"';
        }
        raw = arena_copy(r->b->mem, buf_slice(&plain));
        buf_drop(&plain);
    }
    uint32_t n = node(r, XLM_OP_TEXT);
    r->b->nodes[n].is.text = raw;
    return n;
}

static uint32_t read_number(struct reader *r)
{
    size_t from = r->at;
    while (ascii_digit(peek(r, 0)) || peek(r, 0) == '.')
        r->at++;
    bool sign = peek(r, 1) == '+' || peek(r, 1) == '-';
    if ((peek(r, 0) | 32) == 'e' && ascii_digit(peek(r, sign ? 2 : 1)))
        for (r->at += sign ? 2 : 1; ascii_digit(peek(r, 0)); r->at++)
            ;
    double v;
    if (!xlm_parse_number(slice_sub(r->in, from, r->at - from), &v))
        return lost(r);
    uint32_t n = node(r, XLM_OP_NUMBER);
    r->b->nodes[n].is.number = v;
    return n;
}

static const char *const errors[] = { "#NULL!", "#DIV/0!", "#VALUE!", "#REF!",
                                      "#NAME?", "#NUM!",   "#N/A" };

static bool error_at(slice s, uint32_t *which, size_t *len)
{
    for (uint32_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (slice_starts_nocase(s, errors[i])) {
            *which = i;
            *len = slice_of(errors[i]).len;
            return true;
        }
    return false;
}

static uint32_t read_error(struct reader *r)
{
    uint32_t which;
    size_t len;
    if (!error_at(slice_from(r->in, r->at), &which, &len))
        return lost(r);
    r->at += len;
    struct xlm_area gone = { 0 }; /* #REF!$A$1: of a sheet that is gone */
    size_t i = r->at;
    if (which == XLM_REF && read_area(r, &i, &gone))
        r->at = i;
    uint32_t n = node(r, XLM_OP_ERROR);
    r->b->nodes[n].is.number = which;
    return n;
}

static uint32_t wrap(struct reader *r, uint8_t op, uint8_t oper, uint32_t child)
{
    uint32_t n = node(r, op);
    r->b->nodes[n].function = oper; /* `oper` belongs to the chain around it */
    r->b->nodes[n].child = child;
    return n;
}

/* "(" was read: the children of `call`. */
static void read_arguments(struct reader *r, uint32_t call)
{
    uint32_t last = 0;
    skip_blanks(r);
    if (accept(r, ')'))
        return;
    for (;;) {
        skip_blanks(r);
        bool none =
            r->at >= r->in.len || peek(r, 0) == ',' || peek(r, 0) == ';' || peek(r, 0) == ')';
        uint32_t n = none ? node(r, XLM_OP_MISSING) : expression(r);
        if (n == 0)
            return;
        bool more = accept(r, ',') || accept(r, ';'), closed = !more && accept(r, ')');
        if (!more && !closed && r->at < r->in.len) /* an intersection, or what is no formula */
            n = wrap(r, XLM_OP_LOST, 0, n);
        *(last ? &r->b->nodes[last].next : &r->b->nodes[call].child) = n;
        last = n;
        if (more)
            continue;
        if (!closed) {
            r->at = r->in.len; /* what cannot be read ends the formula */
            r->b->misread = true;
        }
        return;
    }
}

static uint32_t read_array(struct reader *r)
{
    uint32_t n = node(r, XLM_OP_ARRAY), last = 0, rows = 1, cols = 0, wide = 0;
    for (r->at++; n;) {
        skip_blanks(r);
        uint32_t v = peek(r, 0) == ',' || peek(r, 0) == ';' || peek(r, 0) == '}'
                         ? node(r, XLM_OP_MISSING)
                         : expression(r);
        if (v == 0)
            break;
        *(last ? &r->b->nodes[last].next : &r->b->nodes[n].child) = v;
        last = v;
        cols++;
        wide = cols > wide ? cols : wide;
        if (accept(r, ','))
            continue;
        if (!accept(r, ';'))
            break;
        rows++;
        cols = 0;
    }
    (void)accept(r, '}');
    r->b->nodes[n].is.array.rows = rows;
    r->b->nodes[n].is.array.cols = wide;
    return n;
}

static uint32_t area_node(struct reader *r, struct xlm_area a)
{
    bool gone = a.sheet >= r->b->n_sheets;
    uint32_t n = node(r, gone ? XLM_OP_LOST : XLM_OP_AREA);
    r->b->nodes[n].is.area = a;
    return n;
}

/* A sheet, a cell, a function, a name. */
static uint32_t read_word(struct reader *r)
{
    struct xlm_area a = { .sheet = r->here.sheet };
    size_t i = r->at;
    bool elsewhere = read_sheet(r, &i, &a.sheet);
    if (elsewhere)
        r->at = i;
    if (elsewhere && peek(r, 0) == '#')
        return read_error(r);
    if (read_area(r, &i, &a)) {
        r->at = i;
        uint32_t n = area_node(r, a);
        if (!accept(r, '('))
            return n;
        uint32_t call = node(r, XLM_OP_CALL_AT);
        r->b->nodes[call].child = n;
        uint32_t list = node(r, XLM_OP_MISSING);
        r->b->nodes[n].next = list;
        read_arguments(r, list);
        return call;
    }
    size_t from = r->at;
    while (is_word(peek(r, 0)))
        r->at++;
    slice word = slice_sub(r->in, from, r->at - from);
    if (word.len == 0)
        return lost(r);
    if (accept(r, '(')) {
        if (word.at[word.len - 1] == '?') /* shows its dialog */
            word.len--;
        uint32_t call = node(r, XLM_OP_CALL);
        if (slice_starts_nocase(word, "_xlfn."))
            word = slice_from(word, 6);
        r->b->nodes[call].function = xlm_function_named(word);
        r->b->nodes[call].is.text = word;
        r->b->misread |= !r->b->nodes[call].function && !xlm_book_name(r->b, word, false);
        read_arguments(r, call);
        return call;
    }
    bool truth = slice_is_nocase(word, "TRUE");
    uint32_t n = node(r, truth || slice_is_nocase(word, "FALSE") ? XLM_OP_TRUTH : XLM_OP_NAME);
    if (r->b->nodes[n].op == XLM_OP_TRUTH)
        r->b->nodes[n].is.number = truth;
    else
        r->b->nodes[n].is.text = word;
    r->b->misread |= r->b->nodes[n].op == XLM_OP_NAME && !xlm_book_name(r->b, word, false);
    return n;
}

static uint32_t operand(struct reader *r)
{
    skip_blanks(r);
    uint8_t ch = peek(r, 0);
    if (ch == '"')
        return read_text(r);
    if (ch == '(') {
        r->at++;
        uint32_t n = expression(r);
        while (accept(r, ',')) /* a union: its first area */
            (void)expression(r);
        if (!accept(r, ')'))
            r->at = r->in.len;
        return n;
    }
    if (ch == '{')
        return read_array(r);
    if (ch == '#')
        return read_error(r);
    if (ascii_digit(ch) || (ch == '.' && ascii_digit(peek(r, 1)))) {
        struct xlm_area a = { .sheet = r->here.sheet };
        size_t i = r->at;
        if (read_lines(r, &i, &a)) {
            r->at = i;
            return area_node(r, a);
        }
        return read_number(r);
    }
    if (is_word(ch) || ch == '\'' || ch == '$' || ch == '!' || ch == '[')
        return read_word(r);
    return lost(r);
}

/* --- operators */

static uint32_t signs(struct reader *r)
{
    uint32_t minus = 0, any = 0;
    for (;; any++) {
        skip_blanks(r);
        if (peek(r, 0) != '+' && peek(r, 0) != '-' && peek(r, 0) != '@')
            break;
        minus += peek(r, 0) == '-';
        r->at++;
    }
    uint32_t n = operand(r);
    while (accept(r, ':')) { /* of two that are calculated */
        uint32_t second = operand(r);
        if (n)
            r->b->nodes[n].next = second;
        n = wrap(r, XLM_OP_RANGE, 0, n);
    }
    while (accept(r, '%'))
        n = wrap(r, XLM_OP_PERCENT, 0, n);
    if (minus) /* two of them make a number of what was a text */
        n = wrap(r, XLM_OP_SIGN, minus & 1 ? XLM_SUB : XLM_MUL, n);
    return n;
}

/* The operator of this rank that stands here; 0. */
static uint8_t take_operator(struct reader *r, int rank)
{
    skip_blanks(r);
    uint8_t ch = peek(r, 0), second = peek(r, 1), found = 0;
    size_t len = 1;
    if (rank == 0 && ch == '<') {
        len = second == '=' || second == '>' ? 2 : 1;
        found = second == '=' ? XLM_LE : second == '>' ? XLM_NE : XLM_LT;
    } else if (rank == 0 && ch == '>') {
        len = second == '=' ? 2 : 1;
        found = second == '=' ? XLM_GE : XLM_GT;
    } else if (rank == 0 && ch == '=') {
        found = XLM_EQ;
    } else if (rank == 1 && ch == '&') {
        found = XLM_JOIN;
    } else if (rank == 2 && (ch == '+' || ch == '-')) {
        found = ch == '+' ? XLM_ADD : XLM_SUB;
    } else if (rank == 3 && (ch == '*' || ch == '/')) {
        found = ch == '*' ? XLM_MUL : XLM_DIV;
    } else if (rank == 4 && ch == '^') {
        found = XLM_POW;
    }
    r->at += found ? len : 0;
    return found;
}

enum { RANKS = 5 };

static uint32_t chain(struct reader *r, int rank)
{
    if (rank == RANKS)
        return signs(r);
    uint32_t first = chain(r, rank + 1), last = first, whole = first;
    for (uint8_t oper; first && (oper = take_operator(r, rank)) != 0;) {
        if (whole == first) {
            whole = wrap(r, XLM_OP_CHAIN, 0, first);
            if (whole == 0)
                return 0;
        }
        uint32_t n = chain(r, rank + 1);
        if (n == 0)
            break;
        r->b->nodes[n].oper = oper;
        r->b->nodes[last].next = n;
        last = n;
    }
    return whole;
}

static uint32_t expression(struct reader *r)
{
    if (r->depth >= DEEP)
        return lost(r);
    r->depth++;
    uint32_t n = chain(r, 0);
    r->depth--;
    return n;
}

uint32_t xlm_parse(struct xlm_book *b, slice formula, struct xlm_area here, bool r1c1)
{
    struct reader r = { .b = b, .in = formula, .here = here, .r1c1 = r1c1 };
    if (!xlm_book_spend(b, 1 + (uint32_t)(formula.len / 16)))
        return 0;
    b->misread = false;
    uint32_t n = expression(&r);
    skip_blanks(&r);
    if (r.at < r.in.len) { /* an intersection, or what is no formula: its value is not the first
                              operand's */
        b->misread = true;
        n = n ? wrap(&r, XLM_OP_LOST, 0, n) : 0;
    }
    return n;
}

struct xlm_value xlm_parse_constant(struct xlm_book *b, slice text, text_mark origin)
{
    double v;
    uint32_t which;
    size_t len;
    if (text.len == 0)
        return (struct xlm_value){ .kind = XLM_BLANK };
    if (text.at[0] == '"') {
        struct reader r = { .b = b, .in = text };
        uint32_t n = read_text(&r);
        slice plain = utf8_cut(b->nodes[n].is.text, XLM_STRING_MAX);
        if (n && n == b->n_nodes - 1)
            b->n_nodes--;
        return n ? xlm_value_text(text_of(b->t, plain, origin)) : xlm_value_unknown(b, "memory");
    }
    if (slice_is(text, "TRUE") || slice_is(text, "FALSE"))
        return xlm_value_truth(text.len == 4);
    if (error_at(text, &which, &len))
        return xlm_value_error((enum xlm_error)which);
    return xlm_parse_number(text, &v) ? xlm_value_number(v) : xlm_value_unknown(b, "constant");
}
