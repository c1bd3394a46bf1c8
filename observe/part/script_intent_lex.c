/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of JScript (ECMA-262 3rd edition, 7) and of VBScript, by one table of bytes. Strings come
 * decoded. Later editions' arrow functions and templates are tokens, and noted: no Windows host
 * reads them. */
#include "base/text.h"
#include "observe/part/script_intent_private.h"

static bool name_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static uint8_t peek(const struct lexer *x, size_t ahead)
{
    return ahead < x->in.len - x->pos ? x->in.at[x->pos + ahead] : 0;
}

static size_t to_mark(const struct lexer *x, const char *mark, size_t from)
{
    size_t at = slice_find(x->in, slice_of(mark), from);
    return at == SIZE_MAX ? x->in.len : at + strlen(mark);
}

static size_t to_line_end(const struct lexer *x)
{
    size_t i = x->pos;
    while (i < x->in.len && x->in.at[i] != '\n' && x->in.at[i] != '\r')
        i++;
    return i;
}

/* Steps over blanks and comments; true when a line of VBScript ended. */
static bool skip(struct lexer *x)
{
    while (x->pos < x->in.len) {
        uint8_t c = x->in.at[x->pos], next = peek(x, 1);
        if (x->basic && (c == '\r' || c == '\n'))
            return true;
        if (ascii_space(c) || c == 0) {
            x->pos++;
        } else if (x->basic && c == '_' && (next == '\r' || next == '\n')) {
            x->pos += next == '\r' && peek(x, 2) == '\n' ? 3 : 2;
        } else if (x->basic && c == '\'') {
            x->pos = to_line_end(x);
        } else if (!x->basic && c == '/' && next == '*' && peek(x, 2) == '@') {
            x->pos += 2;
        } else if (!x->basic && c == '/' && next == '*') {
            x->pos = to_mark(x, "*/", x->pos + 2);
        } else if (!x->basic && c == '/' && next == '/' && peek(x, 2) != '@') {
            x->pos = to_line_end(x);
        } else if (!x->basic && c == '<' &&
                   slice_starts(slice_from(x->in, x->pos), SLICE_LIT("<!--"))) {
            x->pos = to_line_end(x);
        } else {
            return false;
        }
    }
    return false;
}

/* \xHH, \uHHHH, \n; any other escaped character is itself. Returns how many bytes it takes. */
static size_t escape(struct lexer *x, slice s, uint8_t *out, size_t *n)
{
    uint8_t c = s.len > 1 ? s.at[1] : 0, utf8[4];
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
    uint32_t code = 0;
    if (s.len < 2 + digits || s.len < 2)
        return 1;
    for (size_t i = 0; i < digits; i++) {
        int d = ascii_hex(s.at[2 + i]);
        if (d < 0)
            return 2;
        code = code << 4 | (uint32_t)d;
    }
    if (digits) {
        x->t->escapes += code > ' ' && code < 0x7f && code != '<' && code != '>';
        *n += slice_copy_out((slice){ utf8, utf8_put(utf8, code) }, out + *n, 4);
        return 2 + digits;
    }
    if (c != '\n' && c != '\r')
        out[(*n)++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    return c == '\r' && s.len > 2 && s.at[2] == '\n' ? 3 : 2;
}

/* x->in[from, to) is a literal with escapes in it. */
static slice unescaped(struct lexer *x, size_t from, size_t to)
{
    uint8_t *out = script_intent_room(x->t, to - from + 4);
    size_t n = 0;
    if (!out)
        return slice_sub(x->in, from, to - from);
    for (size_t i = from; i < to;) {
        if (x->in.at[i] == '\\') {
            i += escape(x, slice_sub(x->in, i, to - i), out, &n);
        } else {
            out[n++] = x->in.at[i++];
        }
    }
    x->t->n_fold -= to - from + 4 - n;
    return (slice){ out, n };
}

static slice undoubled(struct lexer *x, size_t from, size_t to)
{
    uint8_t *out = script_intent_room(x->t, to - from);
    size_t n = 0;
    for (size_t i = from; out && i < to; i++) {
        out[n++] = x->in.at[i];
        i += x->in.at[i] == '"';
    }
    return out ? (slice){ out, n } : slice_sub(x->in, from, to - from);
}

/* Brackets that do not close, or an operator at an end: a piece of code, not of text. */
static bool is_code_piece(slice s)
{
    int round = 0;
    if (s.len < 2 || s.len > 64)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        round += (c == '(' || c == '{') - (c == ')' || c == '}');
        if (c == '<' || c == '&' || c == '\\' || c == '%')
            return false;
    }
    uint8_t last = s.at[s.len - 1];
    return round != 0 || last == ';' || (last == '=' && s.at[0] == ' ');
}

static void note_literal(struct intent *t, slice s)
{
    t->strings++;
    t->string_bytes += s.len;
    t->tiny += s.len > 0 && s.len <= 5;
    t->code_pieces += is_code_piece(s);
    t->longest = s.len > t->longest ? s.len : t->longest;
}

static void string(struct lexer *x, uint8_t quote, struct item *out)
{
    size_t from = ++x->pos;
    bool odd = false;
    x->t->modern += quote == '`';
    while (x->pos < x->in.len) {
        uint8_t c = x->in.at[x->pos];
        if (c == quote && x->basic && peek(x, 1) == '"') {
            odd = true;
            x->pos++;
        } else if (c == quote || (c == '\n' && quote != '`')) {
            break;
        } else if (c == '\\' && !x->basic) {
            odd = true;
            x->pos++;
        }
        x->pos++;
    }
    size_t to = x->pos < x->in.len ? x->pos : x->in.len;
    slice s = slice_sub(x->in, from, to - from);
    if (odd)
        s = x->basic ? undoubled(x, from, to) : unescaped(x, from, to);
    x->pos = to < x->in.len ? to + 1 : to;
    note_literal(x->t, s);
    *out = (struct item){ .kind = I_STR, .text = s, .pieces = 1 };
}

static void number(struct lexer *x, struct item *out)
{
    size_t from = x->pos;
    uint64_t v = 0;
    bool whole = true;
    unsigned base = 10;
    if (peek(x, 0) == '0' && (peek(x, 1) | 32) == 'x') {
        base = 16;
        x->pos += 2;
    } else if (peek(x, 0) == '&') {
        base = (peek(x, 1) | 32) == 'h' ? 16 : 8;
        x->pos += 2;
    }
    while (x->pos < x->in.len &&
           (name_byte(x->in.at[x->pos]) || (x->in.at[x->pos] == '.' && base == 10))) {
        int d = ascii_hex(x->in.at[x->pos++]);
        whole = whole && d >= 0 && (unsigned)d < base && v < UINT64_C(1) << 50;
        v = whole ? v * base + (unsigned)d : 0;
    }
    if (x->basic && peek(x, 0) == '&' && base != 10)
        x->pos++;
    slice text = slice_sub(x->in, from, x->pos - from);
    *out = whole ? (struct item){ .kind = I_NUM, .number = (int64_t)v, .pieces = 1, .text = text }
                 : (struct item){ .kind = I_ANY };
}

static bool is_one_of(slice s, const char *list)
{
    slice all = slice_of(list);
    while (all.len) {
        size_t end = slice_find_byte(all, ' ', 0);
        if (slice_eq(slice_sub(all, 0, end), s))
            return true;
        all = end == SIZE_MAX ? (slice){ 0 } : slice_from(all, end + 1);
    }
    return false;
}

/* Letters in a row without a vowel, or digits between letters: no name a person gives. */
static bool is_odd(slice s)
{
    unsigned run = 0, most = 0, turns = 0;
    for (size_t i = 0; i < s.len && i < 64; i++) {
        uint8_t c = s.at[i] | 32;
        bool consonant = ascii_alpha(c) && !strchr("aeiouy", c);
        run = consonant ? run + 1 : 0;
        most = run > most ? run : most;
        turns += i > 0 && ascii_digit(s.at[i]) != ascii_digit(s.at[i - 1]);
    }
    return s.len >= 5 && (most >= 5 || turns >= 3 || s.len > 40);
}

static void word(struct lexer *x, struct item *out)
{
    static const char script_words[] =
        "var function return new if else while for do switch case typeof delete void "
        "in instanceof throw try catch finally with break continue default let const";
    static const char basic_words[] =
        "dim set const sub function end if then else elseif call for each next while wend do "
        "loop until select case on error resume goto public private redim new not and or "
        "xor mod is exit byval byref in to step with option explicit class property let get";
    size_t from = x->pos;
    while (x->pos < x->in.len && name_byte(x->in.at[x->pos]))
        x->pos++;
    slice s = slice_sub(x->in, from, x->pos - from);
    uint8_t lower[12];
    slice l = s;
    if (x->basic && s.len <= sizeof lower) {
        for (size_t i = 0; i < s.len; i++)
            lower[i] = ascii_lower(s.at[i]);
        l = (slice){ lower, s.len };
    }
    if (x->basic && slice_is(l, "rem") && !x->after_dot) {
        x->pos = to_line_end(x);
        *out = (struct item){ .kind = I_END };
        return;
    }
    bool keyword = !x->after_dot && l.len <= sizeof lower &&
                   is_one_of(l, x->basic ? basic_words : script_words);
    *out = (struct item){ .kind = keyword ? I_WORD : I_NAME, .text = s };
    if (keyword) {
        x->t->modern += !x->basic && (slice_is(s, "let") || slice_is(s, "const"));
        return;
    }
    x->t->names++;
    x->t->odd_names += is_odd(s);
}

static bool regex_may(const struct lexer *x)
{
    return x->before != I_NAME && x->before != I_STR && x->before != I_NUM && x->before != I_ANY &&
           x->before != ')' && x->before != ']';
}

static void regex(struct lexer *x, struct item *out)
{
    bool set = false;
    size_t from = ++x->pos;
    while (x->pos < x->in.len && x->in.at[x->pos] != '\n') {
        uint8_t c = x->in.at[x->pos];
        if (c == '/' && !set)
            break;
        set = (set || c == '[') && c != ']';
        x->pos += c == '\\' && x->pos + 1 < x->in.len ? 2 : 1;
    }
    x->pos = x->pos < x->in.len ? x->pos : x->in.len;
    /* "/abc/" is kept as a constant that replace() may use; op tells it from a string. */
    *out = (struct item){ .kind = I_ANY, .op = '/', .text = slice_sub(x->in, from, x->pos - from) };
    if (x->pos < x->in.len)
        x->pos++;
    while (x->pos < x->in.len && ascii_alpha(x->in.at[x->pos]))
        x->pos++;
}

static void operator_sign(struct lexer *x, struct item *out)
{
    uint8_t c = peek(x, 0), next = peek(x, 1), op = c;
    size_t len = 1;
    if (x->basic) {
        if ((c == '<' || c == '>') && (next == '=' || next == '>'))
            len = 2;
        op = c == '<' || c == '>' ? 'E' : c == '&' ? '+' : c;
    } else if (c == '=' && next == '>') {
        x->t->modern++;
        len = 2;
        op = 'E';
    } else if ((c == '=' || c == '!' || c == '<' || c == '>') && next == '=') {
        len = peek(x, 2) == '=' ? 3 : 2;
        op = 'E';
    } else if ((c == '+' || c == '-') && next == c) {
        len = 2;
        op = 'I';
    } else if (next == '=' && strchr("+-*/%&|^", c)) {
        len = 2;
        op = c == '+' ? 'P' : 'M';
    } else if ((c == '&' || c == '|') && next == c) {
        len = 2;
        op = 'L';
    } else if ((c == '<' || c == '>') && next == c) {
        len = peek(x, 2) == c ? 3 : 2;
        op = 'S';
    } else if (c == '<' || c == '>') {
        op = 'E';
    }
    x->pos += len;
    *out = (struct item){ .kind = I_OP, .op = op };
}

void script_intent_lex(struct lexer *x, struct item *out)
{
    if (skip(x)) {
        x->pos++;
        *out = (struct item){ .kind = I_END };
    } else if (x->pos >= x->in.len) {
        *out = (struct item){ .kind = I_EOF };
    } else {
        uint8_t c = x->in.at[x->pos];
        if (c == '"' || (!x->basic && (c == '\'' || c == '`')))
            string(x, c, out);
        else if (ascii_digit(c) || (x->basic && c == '&' && strchr("hHoO", peek(x, 1)) &&
                                    peek(x, 1) && ascii_hex(peek(x, 2)) >= 0))
            number(x, out);
        else if (name_byte(c))
            word(x, out);
        else if (x->basic && c == ':')
            x->pos++, *out = (struct item){ .kind = I_END };
        else if (!x->basic && c == '/' && regex_may(x))
            regex(x, out);
        else
            operator_sign(x, out);
    }
    x->after_dot = out->kind == I_OP && out->op == '.';
    x->before = out->kind == I_OP ? out->op : out->kind;
}
