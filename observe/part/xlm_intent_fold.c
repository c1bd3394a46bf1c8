/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent_fold - formulas gone through once, constants put together.
 *
 * The grammar is that of formulas ([MS-XLS] 2.2.2.1, ECMA-376 part 1, 18.17): comparison, &,
 * + -, * /, ^, signs, %, calls, references in A1 and R1C1 form, names. Comparisons and conditions
 * have no value here, but what stands in them is gone through: macros hide calls there.
 */
#include "observe/part/xlm_intent_private.h"
#include "base/text.h"

enum { DEPTH_MAX = 96, TEXT_SHOWN = 20 };

struct reader {
    struct xlm_code *c;
    slice in;
    size_t at;
    uint32_t cell;
    struct xlm_at here;
};

static struct xlm_value comparison(struct reader *r);

static struct xlm_value unknown(void)
{
    return (struct xlm_value){ .kind = XLM_UNKNOWN };
}

static struct xlm_value number(double v)
{
    return (struct xlm_value){ .kind = XLM_NUMBER, .number = v, .literal = true };
}

/* Texts are cut, and only so many are made: cells can double a text again and again. */
struct xlm_value xlm_intent_make_text(struct xlm_code *c, slice text, bool holes)
{
    slice cut = utf8_cut(text, XLM_STRING_MAX);
    if (cut.len > c->text_left)
        return unknown();
    c->text_left -= cut.len;
    return (struct xlm_value){
        .kind = XLM_TEXT, .holes = holes || cut.len < text.len, .text = arena_copy(c->mem, cut)
    };
}

static slice number_text(struct xlm_code *c, double v)
{
    struct buf b = buf_new(64);
    buf_format(&b, "%.15g", v);
    slice s = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return s;
}

slice xlm_intent_text(struct xlm_code *c, const struct xlm_value *v)
{
    switch (v->kind) {
    case XLM_TEXT:
        return v->text;
    case XLM_NUMBER:
        if (c->text_left < TEXT_SHOWN)
            return (slice){ 0 };
        c->text_left -= TEXT_SHOWN;
        return number_text(c, v->number);
    case XLM_BLANK:
        return (slice){ 0 };
    default:
        return SLICE_LIT(XLM_HOLE);
    }
}

/* Digits, one point, an exponent; no more than a formula writes. */
static bool parse_number(slice s, double *out)
{
    double v = 0, scale = 1;
    size_t i = 0, digits = 0;
    bool minus = s.len > 0 && s.at[0] == '-';
    for (i = minus; i < s.len && ascii_digit(s.at[i]); i++, digits++)
        v = v * 10 + (s.at[i] - '0');
    if (i < s.len && s.at[i] == '.')
        for (i++; i < s.len && ascii_digit(s.at[i]); i++, digits++) {
            scale /= 10;
            v += scale * (s.at[i] - '0');
        }
    if (digits && i < s.len && ascii_lower(s.at[i]) == 'e') {
        bool down = i + 1 < s.len && s.at[i + 1] == '-';
        unsigned e = 0;
        for (i += i + 1 < s.len && (down || s.at[i + 1] == '+') ? 2 : 1; i < s.len && ascii_digit(s.at[i]); i++)
            e = e < 400 ? e * 10 + (s.at[i] - '0') : e;
        for (; e > 0 && e < 400; e--)
            v = down ? v / 10 : v * 10;
    }
    *out = minus ? -v : v;
    return digits > 0 && i == s.len;
}

bool xlm_intent_number(const struct xlm_value *v, double *out)
{
    if (v->kind == XLM_NUMBER || v->kind == XLM_BLANK) {
        *out = v->kind == XLM_NUMBER ? v->number : 0;
        return true;
    }
    return v->kind == XLM_TEXT && !v->holes && v->text.len < TEXT_SHOWN * 2 &&
           parse_number(slice_trim(v->text), out);
}

/* --- references */

static bool read_digits(slice s, size_t *i, uint32_t *out)
{
    uint32_t v = 0;
    size_t from = *i;
    for (; *i < s.len && ascii_digit(s.at[*i]) && v < (1u << 21); ++*i)
        v = v * 10 + (uint32_t)(s.at[*i] - '0');
    *out = v;
    return *i > from;
}

/* "$AB$12" from *i on. */
static bool read_a1(slice s, size_t *i, struct xlm_at *at)
{
    size_t k = *i, letters = 0;
    uint32_t col = 0, row;
    k += k < s.len && s.at[k] == '$';
    for (; k < s.len && ascii_alpha(s.at[k]) && letters < 4; k++, letters++)
        col = col * 26 + (uint32_t)(ascii_lower(s.at[k]) - 'a' + 1);
    k += letters && k < s.len && s.at[k] == '$';
    if (letters == 0 || letters > 3 || !read_digits(s, &k, &row) || row == 0)
        return false;
    at->row = row - 1;
    at->col = col - 1;
    *i = k;
    return true;
}

/* "12", "[-1]" or nothing behind R and C. */
static bool read_step(slice s, size_t *i, uint32_t here, uint32_t *out)
{
    uint32_t v;
    if (*i < s.len && s.at[*i] == '[') {
        size_t k = *i + 1;
        bool up = k < s.len && s.at[k] == '-';
        k += up;
        if (!read_digits(s, &k, &v) || k >= s.len || s.at[k] != ']' || (up && v > here))
            return false;
        *out = up ? here - v : here + v;
        *i = k + 1;
        return true;
    }
    if (!read_digits(s, i, &v))
        *out = here;
    else
        *out = v ? v - 1 : 0;
    return true;
}

static bool read_r1c1(slice s, size_t *i, struct xlm_at here, struct xlm_at *at)
{
    size_t k = *i;
    if (k >= s.len || ascii_lower(s.at[k]) != 'r')
        return false;
    k++;
    uint32_t row, col;
    if (!read_step(s, &k, here.row, &row) || k >= s.len || ascii_lower(s.at[k]) != 'c')
        return false;
    k++;
    if (!read_step(s, &k, here.col, &col))
        return false;
    at->row = row;
    at->col = col;
    *i = k;
    return true;
}

static bool is_word(uint8_t ch)
{
    return ascii_alnum(ch) || ch == '_' || ch == '.' || ch == '\\' || ch == '?' || ch >= 0x80;
}

/* A reference that no letter follows. */
static bool read_ref(slice s, size_t *i, struct xlm_at here, struct xlm_at *at)
{
    size_t k = *i;
    struct xlm_at found = here;
    if (read_a1(s, &k, &found) && (k >= s.len || !is_word(s.at[k]))) {
        *at = found;
        *i = k;
        return true;
    }
    k = *i;
    if (read_r1c1(s, &k, here, &found) && k > *i + 1 && (k >= s.len || !is_word(s.at[k]))) {
        *at = found;
        *i = k;
        return true;
    }
    return false;
}

/* The sheet in front of '!', quoted or not; *i moves behind the '!'. */
static bool read_sheet(struct xlm_code *c, slice s, size_t *i, uint32_t *sheet_out)
{
    size_t k = *i;
    bool quoted = k < s.len && s.at[k] == '\'';
    size_t from = k + quoted;
    if (quoted) {
        for (k++; k < s.len && (s.at[k] != '\'' || (k + 1 < s.len && s.at[k + 1] == '\'')); k++)
            k += s.at[k] == '\'';
    } else {
        while (k < s.len && (is_word(s.at[k]) || s.at[k] == '[' || s.at[k] == ']'))
            k++;
    }
    size_t to = k < s.len ? k : s.len;
    k = to + quoted;
    if (k >= s.len || s.at[k] != '!')
        return false;
    *sheet_out = to > from ? xlm_intent_sheet(c, slice_sub(s, from, to - from), quoted) : XLM_NONE;
    *i = k + 1;
    return true;
}

bool xlm_intent_parse_ref(struct xlm_code *c, slice text, struct xlm_at here, struct xlm_at *out)
{
    size_t i = 0;
    struct xlm_at at = here;
    text = slice_trim(text);
    if (text.len && text.at[0] == '=')
        text = slice_from(text, 1);
    if (slice_find_byte(text, '!', 0) != SIZE_MAX && !read_sheet(c, text, &i, &at.sheet))
        return false;
    if (at.sheet == XLM_NONE)
        return false;
    here.sheet = at.sheet;
    if (!read_ref(text, &i, here, &at))
        return false;
    at.sheet = here.sheet;
    *out = at;
    return true;
}

/* --- operands */

static void skip_blanks(struct reader *r)
{
    while (r->at < r->in.len && (r->in.at[r->at] == ' ' || r->in.at[r->at] == '\n'))
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

static struct xlm_value text_literal(struct reader *r)
{
    size_t from = r->at, end = from;
    bool doubled = false;
    for (; end < r->in.len; end++) {
        if (r->in.at[end] != '"')
            continue;
        if (end + 1 >= r->in.len || r->in.at[end + 1] != '"')
            break;
        doubled = true;
        end++;
    }
    slice raw = slice_sub(r->in, from, end - from);
    r->at = end < r->in.len ? end + 1 : end;
    struct xlm_value v = { .kind = XLM_TEXT, .text = raw, .literal = true };
    if (!doubled)
        return v;
    struct buf b = buf_new(XLM_STRING_MAX);
    for (size_t i = 0; i < raw.len; i++) {
        buf_byte(&b, raw.at[i]);
        i += raw.at[i] == '"';
    }
    v = xlm_intent_make_text(r->c, buf_slice(&b), b.full);
    v.literal = true;
    buf_drop(&b);
    return v;
}

static struct xlm_value referred(struct reader *r, struct xlm_at at)
{
    struct xlm_value v = { .kind = XLM_BLANK };
    const struct xlm_cell *cell = at.sheet == XLM_NONE ? NULL : xlm_intent_cell(r->c, at);
    if (at.sheet == XLM_NONE)
        v.kind = XLM_UNKNOWN;
    if (cell)
        v = xlm_intent_value(r->c, (uint32_t)(cell - r->c->cells));
    v.is_ref = at.sheet != XLM_NONE;
    v.ref = at;
    v.literal = false;
    v.name = (slice){ 0 };
    return v;
}

/* "(" was read. */
static uint32_t arguments(struct reader *r, struct xlm_value *a)
{
    uint32_t n = 0;
    for (;;) {
        skip_blanks(r);
        bool none = r->at >= r->in.len || r->in.at[r->at] == ',' || r->in.at[r->at] == ')';
        struct xlm_value v = none ? (struct xlm_value){ .kind = XLM_BLANK } : comparison(r);
        if (n < XLM_ARGUMENTS)
            a[n] = v;
        n++;
        if (accept(r, ','))
            continue;
        if (!accept(r, ')'))
            r->at = r->in.len; /* what cannot be read ends the formula */
        return n == 1 && none ? 0 : n < XLM_ARGUMENTS ? n : XLM_ARGUMENTS;
    }
}

static struct xlm_value call(struct reader *r, slice name, const struct xlm_value *target)
{
    struct xlm_value a[XLM_ARGUMENTS] = { { 0 } };
    uint32_t n = arguments(r, a);
    struct xlm_code *c = r->c;
    if (target && target->is_ref) { /* =Macro1!A5() */
        if (r->cell != XLM_NONE && c->n_edges < XLM_EDGES_MAX)
            c->edges[c->n_edges++] = (struct xlm_edge){ r->cell, target->ref };
        return unknown();
    }
    return xlm_intent_call(c, r->cell, name, a, n);
}

static struct xlm_value named(struct reader *r, slice word)
{
    struct xlm_name *n = xlm_intent_name(r->c, word);
    struct xlm_value v = n ? xlm_intent_name_value(r->c, n) : unknown();
    v.name = word;
    v.literal = false;
    return v;
}

/* A sheet, a cell, a function, a name. */
static struct xlm_value word_operand(struct reader *r)
{
    struct xlm_at at = r->here;
    uint32_t sheet = r->here.sheet;
    size_t i = r->at;
    if (read_sheet(r->c, r->in, &i, &sheet))
        r->at = i;
    if (read_ref(r->in, &r->at, r->here, &at)) {
        at.sheet = sheet;
        struct xlm_value v = referred(r, at);
        return accept(r, '(') ? call(r, (slice){ 0 }, &v) : v;
    }
    size_t from = r->at;
    while (r->at < r->in.len && is_word(r->in.at[r->at]))
        r->at++;
    slice word = slice_sub(r->in, from, r->at - from);
    if (word.len == 0) {
        r->at = r->in.len;
        return unknown();
    }
    if (accept(r, '(')) { /* FORMULA?( shows a dialog */
        if (word.at[word.len - 1] == '?')
            word.len--;
        return call(r, word, NULL);
    }
    if (slice_is_nocase(word, "TRUE") || slice_is_nocase(word, "FALSE"))
        return number(word.len == 4);
    return named(r, word);
}

static struct xlm_value number_operand(struct reader *r)
{
    size_t from = r->at;
    double v;
    while (r->at < r->in.len &&
           (ascii_digit(r->in.at[r->at]) || r->in.at[r->at] == '.' ||
            (ascii_lower(r->in.at[r->at]) == 'e' && r->at > from) ||
            ((r->in.at[r->at] == '-' || r->in.at[r->at] == '+') && r->at > from &&
             ascii_lower(r->in.at[r->at - 1]) == 'e')))
        r->at++;
    return parse_number(slice_sub(r->in, from, r->at - from), &v) ? number(v) : unknown();
}

/* An array, or an error: stepped over. */
static struct xlm_value other_operand(struct reader *r, uint8_t ch)
{
    while (r->at < r->in.len) {
        uint8_t now = r->in.at[r->at];
        if (ch == '{' ? now == '}' : !(ascii_alnum(now) || now == '#' || now == '/' || now == '!' || now == '?'))
            break;
        r->at++;
    }
    r->at += ch == '{' && r->at < r->in.len;
    return unknown();
}

static struct xlm_value operand(struct reader *r)
{
    skip_blanks(r);
    if (r->at >= r->in.len || r->c->depth >= DEPTH_MAX) {
        r->at = r->in.len;
        return unknown();
    }
    uint8_t ch = r->in.at[r->at];
    if (ch == '"') {
        r->at++;
        return text_literal(r);
    }
    if (ascii_digit(ch) || ch == '.')
        return number_operand(r);
    if (ch == '{' || ch == '#')
        return other_operand(r, ch);
    if (ch != '(')
        return word_operand(r);
    r->at++;
    struct xlm_value v = comparison(r);
    while (accept(r, ',')) /* a union */
        (void)comparison(r);
    if (!accept(r, ')'))
        r->at = r->in.len;
    v.name = (slice){ 0 };
    return v;
}

/* --- operators */

static struct xlm_value postfix(struct reader *r)
{
    struct xlm_value v = operand(r);
    while (accept(r, ':')) { /* an area is its first cell */
        (void)operand(r);
        v = (struct xlm_value){ .is_ref = v.is_ref, .ref = v.ref };
    }
    double n;
    while (accept(r, '%'))
        v = xlm_intent_number(&v, &n) ? number(n / 100) : unknown();
    return v;
}

static struct xlm_value unary(struct reader *r)
{
    bool minus = false, sign = false;
    for (;;) {
        if (accept(r, '-'))
            minus = !minus, sign = true;
        else if (!accept(r, '+'))
            break;
    }
    struct xlm_value v = postfix(r);
    double n;
    if (sign)
        v = xlm_intent_number(&v, &n) ? number(minus ? -n : n) : unknown();
    return v;
}

static struct xlm_value arithmetic(const struct xlm_value *a, const struct xlm_value *b, char op)
{
    double x, y;
    if (!xlm_intent_number(a, &x) || !xlm_intent_number(b, &y) || (op == '/' && y == 0))
        return unknown();
    double v = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
    struct xlm_value out = number(v);
    out.literal = false;
    return out;
}

static struct xlm_value power(struct reader *r)
{
    struct xlm_value v = unary(r);
    while (accept(r, '^')) {
        struct xlm_value e = unary(r);
        double x, y, p = 1;
        bool known = xlm_intent_number(&v, &x) && xlm_intent_number(&e, &y) && y >= 0 && y <= 64;
        for (int i = 0; known && i < (int)y; i++)
            p *= x;
        v = known ? number(p) : unknown();
    }
    return v;
}

static struct xlm_value product(struct reader *r)
{
    struct xlm_value v = power(r);
    for (;;) {
        char op = accept(r, '*') ? '*' : accept(r, '/') ? '/' : 0;
        if (!op)
            return v;
        struct xlm_value b = power(r);
        v = arithmetic(&v, &b, op);
    }
}

static struct xlm_value sum(struct reader *r)
{
    struct xlm_value v = product(r);
    for (;;) {
        char op = accept(r, '+') ? '+' : accept(r, '-') ? '-' : 0;
        if (!op)
            return v;
        struct xlm_value b = product(r);
        v = arithmetic(&v, &b, op);
    }
}

static struct xlm_value concatenation(struct reader *r)
{
    struct xlm_value v = sum(r);
    if (!accept(r, '&'))
        return v;
    struct buf b = buf_new(XLM_STRING_MAX);
    bool holes = false, known = false;
    do {
        buf_put(&b, xlm_intent_text(r->c, &v));
        holes = holes || v.holes || v.kind == XLM_UNKNOWN;
        known = known || v.kind == XLM_TEXT || v.kind == XLM_NUMBER;
        r->c->count.joins++;
        v = sum(r);
    } while (accept(r, '&'));
    buf_put(&b, xlm_intent_text(r->c, &v));
    holes = holes || v.holes || v.kind == XLM_UNKNOWN;
    known = known || v.kind == XLM_TEXT || v.kind == XLM_NUMBER;
    v = known ? xlm_intent_make_text(r->c, buf_slice(&b), holes || b.full) : unknown();
    buf_drop(&b);
    return v;
}

/* "name=text" alone sets a name on macro sheets. */
static void assign(struct reader *r, slice word, const struct xlm_value *v)
{
    struct xlm_name *n = xlm_intent_name(r->c, word);
    if (!n || n->assigned || v->kind != XLM_TEXT)
        return;
    n->assigned = true;
    n->value = *v;
    r->c->changed = true;
}

static struct xlm_value comparison(struct reader *r)
{
    r->c->depth++;
    struct xlm_value v = concatenation(r);
    for (bool first = true;; first = false) {
        bool equal = accept(r, '=');
        bool any = equal || accept(r, '<') || accept(r, '>');
        while (accept(r, '=') || accept(r, '>'))
            ;
        if (!any)
            break;
        struct xlm_value b = concatenation(r);
        if (equal && first && v.name.len)
            assign(r, v.name, &b);
        v = unknown();
    }
    r->c->depth--;
    return v;
}

static struct xlm_value expression(struct xlm_code *c, slice text, uint32_t cell, struct xlm_at here)
{
    struct reader r = { c, text, 0, cell, here };
    if (c->depth >= DEPTH_MAX)
        return unknown();
    struct xlm_value v = comparison(&r);
    while (r.at < text.len) { /* blanks between operands: an intersection */
        size_t before = r.at;
        (void)comparison(&r);
        if (r.at == before)
            break;
    }
    return v;
}

/* --- cells and names */

static struct xlm_value constant(struct xlm_code *c, slice text)
{
    double v;
    struct reader r = { c, text, 1, XLM_NONE, { XLM_NONE, 0, 0 } };
    if (text.len && text.at[0] == '"')
        return text_literal(&r);
    if (parse_number(text, &v))
        return number(v);
    return slice_is(text, "TRUE") ? number(1) : slice_is(text, "FALSE") ? number(0) : unknown();
}

struct xlm_value xlm_intent_value(struct xlm_code *c, uint32_t i)
{
    struct xlm_cell *cell = &c->cells[i];
    if (cell->state == XLM_NOW || (cell->volatile_ && !cell->formula.len))
        return unknown();
    if (cell->state == XLM_DONE)
        return cell->folded;
    cell->state = XLM_NOW;
    struct xlm_value v;
    if (!cell->formula.len) {
        v = cell->written ? (struct xlm_value){ .kind = XLM_TEXT, .text = cell->value }
                          : constant(c, cell->value);
    } else {
        v = expression(c, cell->formula, i, cell->at);
        struct xlm_value cached = constant(c, cell->value);
        /* What was calculated last stands for what cannot be folded: texts, and numbers that are
         * no mere answer of a command. */
        if ((v.kind != XLM_TEXT && v.kind != XLM_NUMBER) || v.holes) {
            if (cached.kind == XLM_TEXT && cached.text.len)
                v = cached;
            else if (v.kind == XLM_UNKNOWN && cached.kind == XLM_NUMBER && cached.number > 1)
                v = cached;
        }
        v.literal = false;
    }
    cell->folded = v;
    cell->state = XLM_DONE;
    return v;
}

struct xlm_value xlm_intent_name_value(struct xlm_code *c, struct xlm_name *n)
{
    if (n->assigned || n->done)
        return n->value;
    if (n->busy || n->formula.len == 0)
        return unknown();
    n->busy = true;
    struct xlm_at here = { XLM_NONE, 0, 0 };
    struct xlm_value v = expression(c, n->formula, XLM_NONE, here);
    n->busy = false;
    if (!n->assigned) {
        n->done = true;
        n->value = v;
    }
    return v;
}
