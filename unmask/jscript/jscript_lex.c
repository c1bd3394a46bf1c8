/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens (ECMA-262 12), and the conditional compilation of JScript ([MS-ES3EX] 2.1: what stands
 * behind @cc_on in a comment is code; its variables are names that nothing declares).
 *
 * Escapes in names, octal literals and HTML comments (Annex B) are read as browsers and
 * the script host read them. A literal without escapes is a part of the source itself, so that
 * it keeps where its characters come from. */
#include "unmask/jscript/jscript_private.h"
#include <math.h>
#include <stdlib.h>

static uint16_t unit(const struct js_parser *p, uint32_t i)
{
    return i < p->source->n ? p->source->units[i] : 0;
}

bool js_is_space(uint16_t u)
{
    return u == ' ' || (u >= 9 && u <= 13) || u == 0xA0 || u == 0xFEFF || u == 0x1680 ||
           (u >= 0x2000 && u <= 0x200A) || u == 0x2028 || u == 0x2029 || u == 0x202F ||
           u == 0x205F || u == 0x3000;
}

static bool is_line(uint16_t u)
{
    return u == '\n' || u == '\r' || u == 0x2028 || u == 0x2029;
}

bool js_is_name(uint16_t u, bool first)
{
    if (u < 0x80)
        return ascii_alpha((uint8_t)u) || u == '_' || u == '$' ||
               (!first && ascii_digit((uint8_t)u));
    return !js_is_space(u) && u != TEXT_HOLE;
}

static int hex(uint16_t u)
{
    return u < 0x80 ? ascii_hex((uint8_t)u) : -1;
}

/* --- blanks and comments */

static bool cc_word(const struct js_parser *p, uint32_t at, const char *word)
{
    uint32_t i = 0;
    for (; word[i]; i++)
        if (unit(p, at + i) != (uint16_t)word[i])
            return false;
    return !js_is_name(unit(p, at + i), false);
}

/* Behind '@' of a comment: is this code? */
static bool conditional(const struct js_parser *p, uint32_t at)
{
    return cc_word(p, at, "cc_on") ||
           (p->conditional &&
            (cc_word(p, at, "if") || cc_word(p, at, "set") || cc_word(p, at, "else") ||
             cc_word(p, at, "elif") || cc_word(p, at, "end") || js_is_space(unit(p, at))));
}

static bool skip_comment(struct js_parser *p)
{
    uint16_t next = unit(p, p->pos + 1);
    if (next == '/') {
        if (unit(p, p->pos + 2) == '@' && conditional(p, p->pos + 3)) {
            p->pos += 2;
            return true;
        }
        while (p->pos < p->source->n && !is_line(unit(p, p->pos)))
            p->pos++;
        return true;
    }
    if (next != '*')
        return false;
    if (unit(p, p->pos + 2) == '@' && conditional(p, p->pos + 3)) {
        p->conditional = true;
        p->pos += 2;
        return true;
    }
    p->pos += 2;
    while (p->pos < p->source->n && !(unit(p, p->pos) == '*' && unit(p, p->pos + 1) == '/')) {
        p->t.line_before = p->t.line_before || is_line(unit(p, p->pos));
        p->pos++;
    }
    p->pos += 2;
    return true;
}

/* @cc_on, the end mark behind "@", and @if (...) @else @end, whose conditions are taken to hold. */
static bool skip_conditional(struct js_parser *p)
{
    uint32_t at = p->pos + 1;
    if (unit(p, at) == '*' && unit(p, at + 1) == '/') {
        p->pos += 3;
    } else if (cc_word(p, at, "cc_on")) {
        p->conditional = true;
        p->pos += 6;
    } else if (cc_word(p, at, "if") || cc_word(p, at, "elif")) {
        while (p->pos < p->source->n && unit(p, p->pos) != ')')
            p->pos++;
        p->pos++;
    } else if (cc_word(p, at, "else")) {
        while (p->pos < p->source->n && !(unit(p, p->pos) == '@' && cc_word(p, p->pos + 1, "end")))
            p->pos++;
        p->pos += 4;
    } else if (cc_word(p, at, "end")) {
        p->pos += 4;
    } else if (p->conditional && (js_is_space(unit(p, at)) || at >= p->source->n)) {
        p->pos++;
    } else {
        return false;
    }
    return true;
}

static void skip_blanks(struct js_parser *p)
{
    for (;;) {
        uint16_t u = unit(p, p->pos);
        if (p->pos >= p->source->n)
            break;
        if (js_is_space(u)) {
            p->t.line_before = p->t.line_before || is_line(u);
            p->pos++;
        } else if (u == '/' && skip_comment(p)) {
            continue;
        } else if (u == '@' && skip_conditional(p)) {
            continue;
        } else if (u == '*' && p->conditional && unit(p, p->pos + 1) == '/') {
            p->pos += 2;
        } else if (u == '<' && unit(p, p->pos + 1) == '!' && unit(p, p->pos + 2) == '-' &&
                   unit(p, p->pos + 3) == '-') {
            while (p->pos < p->source->n && !is_line(unit(p, p->pos)))
                p->pos++;
        } else if (u == '-' && unit(p, p->pos + 1) == '-' && unit(p, p->pos + 2) == '>' &&
                   (p->t.line_before || p->last_to == 0)) {
            while (p->pos < p->source->n && !is_line(unit(p, p->pos)))
                p->pos++;
        } else {
            break;
        }
    }
    p->pos = p->pos > p->source->n ? p->source->n : p->pos;
}

/* --- numbers (12.8.3) */

double js_digits(const uint16_t *units, uint32_t n)
{
    char copy[400], *end;
    bool digit = false;
    if (n == 0 || n >= sizeof copy)
        return NAN;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t u = units[i];
        bool ok =
            (u >= '0' && u <= '9') || u == '.' || u == 'e' || u == 'E' || u == '+' || u == '-';
        if (!ok)
            return NAN;
        digit = digit || (u >= '0' && u <= '9');
        copy[i] = (char)u;
    }
    copy[n] = '\0';
    double d = strtod(copy, &end);
    return end == copy + n && digit ? d : NAN;
}

static void lex_radix(struct js_parser *p, unsigned radix)
{
    double d = 0;
    for (p->pos += 2; p->pos < p->source->n; p->pos++) {
        int h = hex(unit(p, p->pos));
        if (unit(p, p->pos) == '_')
            continue;
        if (h < 0 || (unsigned)h >= radix)
            break;
        d = d * radix + h;
    }
    p->t.d = d;
}

static bool decimal(uint16_t u)
{
    return u >= '0' && u <= '9';
}

static void lex_number(struct js_parser *p)
{
    uint16_t next = unit(p, p->pos + 1) | 32, copy[400];
    uint32_t n = 0;
    bool old = unit(p, p->pos) == '0', point = false, power = false;
    if (old && (next == 'x' || next == 'o' || next == 'b')) {
        lex_radix(p, next == 'x' ? 16 : next == 'o' ? 8 : 2);
    } else {
        uint32_t from = p->pos;
        for (; p->pos < p->source->n; p->pos++) {
            uint16_t u = unit(p, p->pos);
            if (decimal(u)) {
                old = old && u < '8';
            } else if (u == '.' && !point && !power) {
                point = true;
            } else if ((u == 'e' || u == 'E') && !power &&
                       (decimal(unit(p, p->pos + 1)) || decimal(unit(p, p->pos + 2)))) {
                power = true;
                if (!decimal(unit(p, p->pos + 1))) {
                    if (n < 399)
                        copy[n++] = u;
                    u = unit(p, ++p->pos);
                }
            } else if (u != '_') {
                break;
            }
            if (u != '_' && n < 399)
                copy[n++] = u;
        }
        old = old && !point && !power && n > 1;
        p->t.d = js_digits(copy, n);
        if (old) { /* B.1.1 */
            p->t.d = 0;
            for (uint32_t i = from; i < p->pos; i++)
                p->t.d = p->t.d * 8 + (unit(p, i) - '0');
        }
    }
    if (unit(p, p->pos) == 'n')
        p->pos++;
    p->t.kind = T_NUMBER;
}

/* --- strings and templates (12.8.4, 12.8.6) */

/* Behind the backslash; what it stands for, at most two units. */
static uint32_t escaped(struct js_parser *p, uint16_t out[2])
{
    static const char from[] = "bfnrtv0", to[] = "\b\f\n\r\t\v";
    uint16_t u = unit(p, p->pos++);
    out[0] = u;
    if (u == '\r' && unit(p, p->pos) == '\n')
        p->pos++;
    if (is_line(u))
        return 0;
    if (u == 'x' && hex(unit(p, p->pos)) >= 0 && hex(unit(p, p->pos + 1)) >= 0) {
        out[0] = (uint16_t)(hex(unit(p, p->pos)) << 4 | hex(unit(p, p->pos + 1)));
        p->pos += 2;
    } else if (u == 'u' && unit(p, p->pos) == '{') {
        uint32_t code = 0;
        for (p->pos++; hex(unit(p, p->pos)) >= 0 && code < 0x110000; p->pos++)
            code = code << 4 | (uint32_t)hex(unit(p, p->pos));
        p->pos += unit(p, p->pos) == '}';
        if (code >= 0x10000 && code < 0x110000) {
            out[0] = (uint16_t)(0xD7C0 + (code >> 10));
            out[1] = (uint16_t)(0xDC00 | (code & 0x3FF));
            return 2;
        }
        out[0] = (uint16_t)code;
    } else if (u == 'u') {
        uint32_t code = 0, i = 0;
        for (; i < 4 && hex(unit(p, p->pos + i)) >= 0; i++)
            code = code << 4 | (uint32_t)hex(unit(p, p->pos + i));
        if (i == 4) {
            out[0] = (uint16_t)code;
            p->pos += 4;
        }
    } else if (u >= '0' && u <= '7') { /* B.1.2 */
        uint16_t code = (uint16_t)(u - '0');
        for (unsigned i = 0; i < 2 && unit(p, p->pos) >= '0' && unit(p, p->pos) <= '7' &&
                             code * 8 + unit(p, p->pos) - '0' < 256;
             i++)
            code = (uint16_t)(code * 8 + unit(p, p->pos++) - '0');
        out[0] = code;
    } else {
        for (unsigned i = 0; i < 6; i++)
            if (u == (uint16_t)from[i])
                out[0] = (uint16_t)to[i];
    }
    return 1;
}

/* The characters up to `quote` (or "${" of a template), escapes put in. */
static struct text lex_text(struct js_parser *p, uint16_t quote)
{
    struct js *m = p->m;
    uint32_t from = p->pos, end = from;
    while (
        end < p->source->n && unit(p, end) != quote && unit(p, end) != '\\' &&
        (quote == '`' ? !(unit(p, end) == '$' && unit(p, end + 1) == '{') : !is_line(unit(p, end))))
        end++;
    p->pos = end;
    if (unit(p, end) != '\\')
        return text_sub(p->source->s, from, end - from);
    while (end < p->source->n && unit(p, end) != quote &&
           (quote == '`' || !is_line(unit(p, end)) || unit(p, end - 1) == '\\'))
        end += unit(p, end) == '\\' ? 2 : 1;
    end = end > p->source->n ? p->source->n : end;
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, end - from + 2);
    uint32_t *places = units ? ARENA_ARRAY(m->mem, uint32_t, end - from + 2) : NULL, n = 0;
    if (!places) {
        p->broken = true;
        return (struct text){ 0 };
    }
    for (p->pos = from; p->pos < end && unit(p, p->pos) != quote;) {
        uint16_t two[2] = { unit(p, p->pos), 0 };
        uint32_t at = p->pos, some = 1;
        if (quote == '`' && two[0] == '$' && unit(p, p->pos + 1) == '{')
            break;
        p->pos++;
        if (two[0] == '\\')
            some = escaped(p, two);
        for (uint32_t i = 0; i < some && n < end - from; i++) {
            units[n] = two[i];
            places[n++] = at;
        }
    }
    return text_mapped(m->t, p->source->s, units, places, n);
}

static void lex_string(struct js_parser *p, uint16_t quote)
{
    p->pos++;
    p->t.s = lex_text(p, quote);
    p->pos += unit(p, p->pos) == quote;
    p->t.kind = T_STRING;
}

uint32_t js_template_end(struct js_parser *p, uint32_t from, bool *more_out,
                         struct text *cooked_out)
{
    p->pos = from;
    *cooked_out = lex_text(p, '`');
    *more_out = unit(p, p->pos) == '$';
    p->pos += *more_out ? 2 : 1;
    p->pos = p->pos > p->source->n ? p->source->n : p->pos;
    return p->pos;
}

/* --- the rest */

static void lex_regexp(struct js_parser *p)
{
    bool set = false;
    uint32_t from = ++p->pos;
    for (; p->pos < p->source->n && !is_line(unit(p, p->pos)) && (set || unit(p, p->pos) != '/');
         p->pos++) {
        uint16_t u = unit(p, p->pos);
        set = u == '[' || (set && u != ']');
        p->pos += u == '\\';
    }
    p->pos = p->pos > p->source->n ? p->source->n : p->pos;
    p->t.s = text_sub(p->source->s, from, p->pos - from);
    p->pos += p->pos < p->source->n;
    uint32_t flags = p->pos;
    while (js_is_name(unit(p, p->pos), false) && p->pos < p->source->n)
        p->pos++;
    p->t.atom = flags;
    p->t.kind = T_REGEXP;
}

static void lex_name(struct js_parser *p)
{
    uint32_t from = p->pos, n = 0;
    uint16_t copy[256], two[2];
    while (js_is_name(unit(p, p->pos), p->pos == from) && p->pos < p->source->n)
        p->pos++;
    p->t.kind = T_NAME;
    if (unit(p, p->pos) != '\\') {
        p->t.atom = js_atom_units(p->m, p->source->units + from, p->pos - from);
        return;
    }
    for (p->pos = from; p->pos < p->source->n && n < 256; copy[n++] = two[0]) {
        two[0] = unit(p, p->pos);
        if (two[0] == '\\') {
            p->pos++;
            (void)escaped(p, two);
        } else if (js_is_name(two[0], false)) {
            p->pos++;
        } else {
            break;
        }
    }
    p->t.escaped = true;
    p->t.atom = js_atom_units(p->m, copy, n);
}

/* Marks of more than one character, the longest first. */
static const struct {
    const char *text;
    uint16_t mark, op;
} marks[] = {
    { ">>>=", M_ASSIGN, M_USHR },
    { "...", M_SPREAD, 0 },
    { "===", M_SAME, 0 },
    { "!==", M_NOT_SAME, 0 },
    { "**=", M_ASSIGN, M_POWER },
    { "<<=", M_ASSIGN, M_SHL },
    { ">>=", M_ASSIGN, M_SHR },
    { ">>>", M_USHR, 0 },
    { "&&=", M_ASSIGN, M_AND },
    { "||=", M_ASSIGN, M_OR },
    { "\?\?=", M_ASSIGN, M_NULLISH },
    { "=>", M_ARROW, 0 },
    { "==", M_EQ, 0 },
    { "!=", M_NE, 0 },
    { "<=", M_LE, 0 },
    { ">=", M_GE, 0 },
    { "&&", M_AND, 0 },
    { "||", M_OR, 0 },
    { "??", M_NULLISH, 0 },
    { "<<", M_SHL, 0 },
    { ">>", M_SHR, 0 },
    { "++", M_INC, 0 },
    { "--", M_DEC, 0 },
    { "**", M_POWER, 0 },
    { "+=", M_ASSIGN, '+' },
    { "-=", M_ASSIGN, '-' },
    { "*=", M_ASSIGN, '*' },
    { "/=", M_ASSIGN, '/' },
    { "%=", M_ASSIGN, '%' },
    { "&=", M_ASSIGN, '&' },
    { "|=", M_ASSIGN, '|' },
    { "^=", M_ASSIGN, '^' },
};

static void lex_mark(struct js_parser *p)
{
    uint16_t u = unit(p, p->pos);
    p->t.kind = T_MARK;
    p->t.mark = u;
    p->t.op = 0;
    if (u == '?' && unit(p, p->pos + 1) == '.' && !decimal(unit(p, p->pos + 2))) {
        p->t.mark = M_OPTIONAL;
        p->pos += 2;
        return;
    }
    for (size_t i = 0; u != '(' && u != ')' && i < sizeof marks / sizeof marks[0]; i++) {
        uint32_t n = 0;
        while (marks[i].text[n] && unit(p, p->pos + n) == (uint16_t)marks[i].text[n])
            n++;
        if (marks[i].text[n] == '\0') {
            p->t.mark = marks[i].mark;
            p->t.op = marks[i].op;
            p->pos += n;
            return;
        }
    }
    p->pos++;
}

void js_lex(struct js_parser *p, bool regexp)
{
    p->t = (struct js_token){ 0 };
    skip_blanks(p);
    p->t.from = p->pos;
    uint16_t u = unit(p, p->pos);
    if (p->pos >= p->source->n)
        p->t.kind = T_END;
    else if (decimal(u) || (u == '.' && decimal(unit(p, p->pos + 1))))
        lex_number(p);
    else if (u == '"' || u == '\'')
        lex_string(p, u);
    else if (u == '`')
        p->t.kind = T_TEMPLATE, p->pos++;
    else if (u == TEXT_HOLE && text_is_hole(p->source->s, p->pos))
        p->t.kind = T_HOLE, p->pos++;
    else if (js_is_name(u, true) || u == '\\' ||
             (u == '@' && js_is_name(unit(p, p->pos + 1), true)) || u == '#')
        p->pos += u == '@' || u == '#', lex_name(p);
    else if (u == '/' && regexp)
        lex_regexp(p);
    else
        lex_mark(p);
    if (p->pos == p->t.from && p->t.kind != T_END)
        p->pos++;
    p->t.to = p->pos;
}
