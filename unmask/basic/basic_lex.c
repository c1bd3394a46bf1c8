/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and names of VBA source: [MS-VBAL] 3.2 and 3.3, and conditional compilation (3.4).
 *
 * Whatever is not VBA becomes T_OTHER, on which the statement it stands in fails. Names are
 * compared without regard to the case of ASCII letters. */
#include <stdlib.h>
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { BUCKETS_FIRST = 4096, CHAIN_FREE = 16, NAMES_FIRST = 2048, CONDITIONS_MAX = 32 };

static const char *const words[W_COUNT] = {
    [W_NONE] = "",
#define X(w) [W_##w] = #w,
    BASIC_WORDS(X)
#undef X
};

/* Without memory for it the chains are longer. */
static void more_buckets(struct machine *m)
{
    uint32_t n = m->n_buckets * 4, *all = ARENA_ARRAY(m->mem, uint32_t, n);
    if (!all)
        return;
    for (uint32_t i = 1; i < m->n_names; i++) {
        uint32_t *slot = &all[m->names[i].hash & (n - 1)];
        m->names[i].chain = *slot;
        *slot = i;
    }
    m->buckets = all;
    m->n_buckets = n;
}

uint32_t basic_lex_name(struct machine *m, slice text)
{
    uint32_t hash = (uint32_t)slice_hash_nocase(text), looked = 0;
    for (uint32_t i = m->buckets[hash & (m->n_buckets - 1)]; i; i = m->names[i].chain, looked++)
        if (m->names[i].hash == hash && slice_eq_nocase(m->names[i].text, text))
            return i;
    /* Who makes names collide pays for it. */
    if (looked > CHAIN_FREE && !basic_step(m, looked / CHAIN_FREE))
        return W_NONE;
    if (m->n_names >= m->n_buckets * 2)
        more_buckets(m);
    uint32_t *slot = &m->buckets[hash & (m->n_buckets - 1)];
    if (m->n_names == m->room_names) {
        uint32_t room = m->room_names * 2;
        struct basic_name *more = arena_regrow(m->mem, m->names, m->n_names * sizeof *more, room, sizeof *more);
        if (!more) {
            m->out_of_memory = true;
            return W_NONE;
        }
        m->names = more;
        m->room_names = room;
    }
    m->names[m->n_names] = (struct basic_name){ .text = text, .hash = hash, .chain = *slot };
    *slot = m->n_names;
    return m->n_names++;
}

bool basic_lex_start(struct machine *m)
{
    m->names = ARENA_ARRAY(m->mem, struct basic_name, NAMES_FIRST);
    m->n_buckets = BUCKETS_FIRST;
    m->buckets = ARENA_ARRAY(m->mem, uint32_t, BUCKETS_FIRST);
    m->room_names = NAMES_FIRST;
    _Static_assert((int)NAMES_FIRST > (int)W_COUNT, "room for all words");
    if (!m->names || !m->buckets)
        return false;
    m->n_names = 1;
    for (uint32_t i = 1; i < W_COUNT; i++)
        (void)basic_lex_name(m, slice_of(words[i]));
    CHECK(m->n_names == W_COUNT);
    return true;
}

slice basic_lex_text(const struct machine *m, uint32_t module, const struct basic_token *t)
{
    return slice_sub(m->modules[module].text, t->at, t->to - t->at);
}

/* --- one module */

struct lexer {
    struct machine *m;
    uint32_t module, line;
    slice s;
    size_t at;
    struct {
        bool taken, now; /* a branch was; this one is */
    } conditions[CONDITIONS_MAX];
    unsigned n_conditions, n_skipped; /* nested ones behind a false one */
    bool full;
    bool script, made; /* a dialect; code that was made: all of it stands on one line */
};

static uint8_t peek(const struct lexer *l, size_t ahead)
{
    return l->at < l->s.len && ahead < l->s.len - l->at ? l->s.at[l->at + ahead] : 0;
}

static bool is_letter(uint8_t c) { return ascii_alpha(c) || c >= 0x80 || c == '_'; }
static bool is_letter_or_digit(uint8_t c) { return is_letter(c) || ascii_digit(c); }

/* 3.2.2: white space, an underscore, and the end of the line; trailing blanks are tolerated. */
static size_t continuation(const struct lexer *l)
{
    size_t i = 1;
    if (peek(l, 0) != '_')
        return 0;
    while (peek(l, i) == ' ' || peek(l, i) == '\t')
        i++;
    if (peek(l, i) == '\r')
        i++;
    if (peek(l, i) == '\n')
        i++;
    else if (i == 1 || l->s.at[l->at + i - 1] != '\r')
        return 0;
    return i;
}

static void put(struct lexer *l, struct basic_token t)
{
    struct machine *m = l->m;
    if (m->n_tokens == m->room_tokens) {
        uint32_t room = m->room_tokens ? m->room_tokens * 2 : 4096;
        struct basic_token *more = arena_regrow(m->mem, m->tokens, m->n_tokens * sizeof *more, room, sizeof *more);
        if (!more) {
            l->full = m->out_of_memory = true;
            return;
        }
        m->tokens = more;
        m->room_tokens = room;
    }
    m->tokens[m->n_tokens++] = t;
}

static uint8_t skip_blanks(struct lexer *l)
{
    uint8_t any = 0;
    for (;;) {
        uint8_t c = peek(l, 0);
        size_t n = any || l->at == 0 || l->s.at[l->at - 1] == '\n' || c == '_' ? continuation(l) : 0;
        if (c == ' ' || c == '\t' || c == 0x0B || c == 0x0C || (c == 0 && l->at < l->s.len)) {
            l->at++;
        } else if (n) {
            l->at += n;
            l->line++;
            any = 2;
            continue;
        } else {
            return any;
        }
        any |= any == 0;
    }
}

/* 3.3.1: a comment goes on behind a continuation. */
static void skip_comment(struct lexer *l)
{
    while (l->at < l->s.len && peek(l, 0) != '\n' && peek(l, 0) != '\r') {
        size_t n = !l->script && peek(l, 0) == '_' && (l->s.at[l->at - 1] == ' ' || l->s.at[l->at - 1] == '\t') ? continuation(l) : 0;
        l->at += n ? n : 1;
        l->line += n ? 1 : 0;
    }
}

static void skip_line(struct lexer *l)
{
    while (l->at < l->s.len && peek(l, 0) != '\n' && peek(l, 0) != '\r')
        l->at++;
}

static struct basic_token token_of(const struct lexer *l, uint8_t kind, size_t n)
{
    return (struct basic_token){ .kind = kind, .at = (uint32_t)l->at, .to = (uint32_t)(l->at + n), .line = l->line };
}

/* --- 3.3.2 numbers */

static struct value based_number(slice s, unsigned shift)
{
    uint64_t v = 0;
    size_t i = 2;
    for (; i < s.len && ascii_hex(s.at[i]) >= 0 && (uint64_t)ascii_hex(s.at[i]) < (1u << shift); i++)
        v = v << shift | (uint64_t)ascii_hex(s.at[i]);
    uint8_t suffix = i < s.len ? s.at[i] : 0;
    if (suffix == '%' || (!suffix && v <= 0xFFFF))
        return basic_int(V_INTEGER, (int16_t)(uint16_t)v);
    if (suffix == '&' || (suffix != '^' && v <= 0xFFFFFFFFu))
        return basic_int(V_LONG, (int32_t)(uint32_t)v);
    return basic_int(V_LONGLONG, (int64_t)v);
}

static double decimal(slice s)
{
    char copy[64];
    size_t n = 0;
    for (size_t i = 0; i < s.len && n + 1 < sizeof copy; i++)
        if (ascii_digit(s.at[i]) || s.at[i] == '.' || s.at[i] == '+' || s.at[i] == '-')
            copy[n++] = (char)s.at[i];
        else if (ascii_lower(s.at[i]) == 'e' || ascii_lower(s.at[i]) == 'd')
            copy[n++] = 'e';
    copy[n] = '\0';
    return strtod(copy, NULL);
}

struct value basic_lex_number(slice s)
{
    if (s.len > 2 && s.at[0] == '&')
        return based_number(s, ascii_lower(s.at[1]) == 'h' ? 4 : 3);
    bool whole = true;
    for (size_t i = 0; i < s.len; i++)
        whole = whole && (ascii_digit(s.at[i]) || i + 1 == s.len) && s.at[i] != '.';
    double d = decimal(s);
    uint8_t suffix = s.len ? s.at[s.len - 1] : 0;
    if (d >= 2147483648.0) /* no such number could be written */
        return basic_double(d);
    switch (suffix) {
    case '%': return basic_int(V_INTEGER, (int64_t)d);
    case '&': return basic_int(V_LONG, (int64_t)d);
    case '^': return basic_int(V_LONGLONG, (int64_t)d);
    case '@': return basic_int(V_CURRENCY, (int64_t)basic_round(d * 10000));
    case '!': return (struct value){ .type = V_SINGLE, .d = (double)(float)d };
    case '#': return basic_double(d);
    default: break;
    }
    if (whole && d <= 32767)
        return basic_int(V_INTEGER, (int64_t)d);
    if (whole && d <= 2147483647.0)
        return basic_int(V_LONG, (int64_t)d);
    return basic_double(d);
}

/* Where there is no LongLong, ^ is always the operator; where there is one, what follows tells. Of
 * "2^-1" nobody knows: 2 less 1, or half. */
static void power_or_suffix(const struct lexer *l, struct basic_token *t, size_t behind)
{
    while (peek(l, behind) == ' ')
        behind++;
    uint8_t next = peek(l, behind);
    bool operand = is_letter_or_digit(next) || next == '"' || next == '(' || next == '.' || (next == '&' && ascii_hex(peek(l, behind + 2)) >= 0);
    t->to += !operand;
    t->op = next == '-' || next == '+';
}

static bool lex_number(struct lexer *l)
{
    size_t n = 0;
    uint8_t base = ascii_lower(peek(l, 1));
    if (peek(l, 0) == '&' && (base == 'h' || base == 'o') && ascii_hex(peek(l, 2)) >= 0) {
        for (n = 2; ascii_hex(peek(l, n)) >= 0;)
            n++;
    } else if (ascii_digit(peek(l, 0)) || (peek(l, 0) == '.' && ascii_digit(peek(l, 1)))) {
        while (ascii_digit(peek(l, n)))
            n++;
        if (peek(l, n) == '.')
            for (n++; ascii_digit(peek(l, n));)
                n++;
        uint8_t e = ascii_lower(peek(l, n));
        size_t sign = peek(l, n + 1) == '+' || peek(l, n + 1) == '-';
        if ((e == 'e' || e == 'd') && ascii_digit(peek(l, n + 1 + sign)))
            for (n += 2 + sign; ascii_digit(peek(l, n));)
                n++;
    } else {
        return false;
    }
    struct basic_token t = token_of(l, T_NUMBER, n);
    uint8_t s = peek(l, n), after = peek(l, n + 1);
    if (s && strchr("%@!#", s) && !l->script)
        t.to++;
    else if ((!l->script || peek(l, 0) == '&') && s == '&' && !is_letter_or_digit(after) && after != '"' && after != ' ')
        t.to++; /* "1& x" is written by hand: an operator */
    else if (!l->script && s == '^')
        power_or_suffix(l, &t, n + 1);
    l->at = t.to;
    put(l, t);
    return true;
}

static bool lex_string(struct lexer *l)
{
    size_t n = 1;
    if (peek(l, 0) != '"')
        return false;
    for (; l->at + n < l->s.len; n++) {
        uint8_t c = peek(l, n);
        if (c == '\n' || c == '\r' || (c == '"' && peek(l, n + 1) != '"'))
            break;
        n += c == '"';
    }
    struct basic_token t = token_of(l, T_STRING, n);
    t.at++;
    t.to = (uint32_t)(l->at + (n < l->s.len - l->at ? n : l->s.len - l->at));
    t.suffix = 0;
    l->at = t.to + (l->at + n < l->s.len && peek(l, n) == '"');
    put(l, t);
    return true;
}

/* 3.3.3: #1/1/2000#; a lone # stands before the number of a file. */
static bool lex_date(struct lexer *l)
{
    size_t n = 1;
    bool digit = false;
    if (peek(l, 0) != '#')
        return false;
    for (; n < 40 && peek(l, n) && peek(l, n) != '#'; n++) {
        uint8_t c = peek(l, n);
        digit = digit || ascii_digit(c);
        if (!ascii_alnum(c) && c != '/' && c != ':' && c != '-' && c != ' ' && c != '.' && c != ',')
            return false;
    }
    if (peek(l, n) != '#' || !digit || (n < 6 && slice_find_byte(slice_sub(l->s, l->at, n), ':', 0) == SIZE_MAX))
        return false;
    struct basic_token t = token_of(l, T_DATE, n);
    t.at++;
    l->at += n + 1;
    put(l, t);
    return true;
}

static bool lex_name(struct lexer *l, bool first)
{
    size_t n = 0;
    bool foreign = peek(l, 0) == '[';
    if (foreign)
        while (peek(l, n) && peek(l, n) != ']' && peek(l, n) != '\n' && n < 255)
            n++;
    else
        while (is_letter_or_digit(peek(l, n)))
            n++;
    if ((foreign && peek(l, n) != ']') || n == 0 || ascii_digit(peek(l, 0)))
        return false;
    struct basic_token t = token_of(l, T_NAME, n);
    t.at += foreign;
    t.name = basic_lex_name(l->m, slice_sub(l->s, t.at, t.to - t.at));
    l->at += n + foreign;
    if (t.name == W_rem && first) {
        skip_comment(l);
        return true;
    }
    uint8_t s = peek(l, 0), after = peek(l, 1);
    bool tight = is_letter_or_digit(after) || after == '"' || after == '[';
    if (s && !foreign && !l->script && (strchr("%@$#", s) || ((s == '&' || s == '!') && !tight))) {
        t.suffix = s;
        l->at++;
    }
    put(l, t);
    return true;
}

static void lex_op(struct lexer *l)
{
    uint8_t a = peek(l, 0), b = peek(l, 1);
    struct basic_token t = token_of(l, a == ':' ? T_COLON : T_OP, 1);
    t.op = a;
    if (a == '<' && b == '>')
        t.op = OP_NE;
    else if ((a == '<' && b == '=') || (a == '=' && b == '<'))
        t.op = OP_LE;
    else if ((a == '>' && b == '=') || (a == '=' && b == '>'))
        t.op = OP_GE;
    else if (a == ':' && b == '=')
        t.op = OP_NAMED, t.kind = T_OP;
    else if (a == '>' && b == '<')
        t.op = OP_NE;
    else if (!strchr("()+-*/\\^&=<>.,!;#?:{}", a))
        t.kind = T_OTHER;
    l->at += t.op < 32 ? 2 : 1;
    t.to = (uint32_t)l->at;
    put(l, t);
}

/* --- 3.4: only what headers of API declarations use */

/* Win64 is not so: most ran the 32-bit Office. */
static bool condition_word(slice w)
{
    return slice_is_nocase(w, "VBA7") || slice_is_nocase(w, "VBA6") || slice_is_nocase(w, "Win32") ||
           slice_is_nocase(w, "True") || (w.len && w.at[0] >= '1' && w.at[0] <= '9') || slice_is(w, "-1");
}

static size_t find_word(slice s, const char *word)
{
    size_t n = slice_of(word).len, at = 0;
    while ((at = slice_find_nocase(s, slice_of(word), at)) != SIZE_MAX) {
        bool left = at == 0 || !is_letter_or_digit(s.at[at - 1]);
        if (left && (at + n == s.len || !is_letter_or_digit(s.at[at + n])))
            return at;
        at++;
    }
    return SIZE_MAX;
}

static bool condition_factor(slice s)
{
    s = slice_trim(s);
    while (s.len > 1 && s.at[0] == '(' && s.at[s.len - 1] == ')')
        s = slice_trim(slice_sub(s, 1, s.len - 2));
    bool no = find_word(s, "Not") == 0;
    s = slice_trim(slice_from(s, no ? 3 : 0));
    size_t eq = slice_find_byte(s, '=', 0);
    if (eq == SIZE_MAX)
        return condition_word(s) != no;
    bool a = condition_word(slice_trim(slice_sub(s, 0, eq))), b = condition_word(slice_trim(slice_from(s, eq + 1)));
    return (a == b) != no;
}

/* Or of And of what one word or comparison says; parentheses around more are not seen. */
static bool condition_value(slice s)
{
    bool any = false;
    while (!any && s.len) {
        size_t at = find_word(s, "Or");
        slice term = slice_sub(s, 0, at);
        bool all = true;
        while (all && term.len) {
            size_t and = find_word(term, "And");
            all = condition_factor(slice_sub(term, 0, and));
            term = slice_from(term, and == SIZE_MAX ? term.len : and + 3);
        }
        any = all;
        s = slice_from(s, at == SIZE_MAX ? s.len : at + 2);
    }
    return any;
}

/* A line that begins with #: true when it was one of conditional compilation. */
static bool directive(struct lexer *l)
{
    size_t from = l->at + 1, end = from;
    while (end < l->s.len && l->s.at[end] != '\n' && l->s.at[end] != '\r')
        end++;
    slice line = slice_trim(slice_sub(l->s, from, end - from));
    bool is_if = find_word(line, "If") == 0, is_elseif = find_word(line, "ElseIf") == 0, is_else = find_word(line, "Else") == 0;
    bool is_end = slice_starts_nocase(line, "End");
    if (!is_if && !is_elseif && !is_else && !is_end && find_word(line, "Const") != 0)
        return false;
    size_t then = find_word(line, "Then"), word = is_if ? 2 : 6;
    slice condition = slice_sub(line, word, (then == SIZE_MAX ? line.len : then) - (then == SIZE_MAX || then > word ? word : then));
    unsigned n = l->n_conditions;
    if (is_if && (l->n_skipped || (n && !l->conditions[n - 1].now) || n == CONDITIONS_MAX)) {
        l->n_skipped++;
    } else if (is_if) {
        bool yes = condition_value(condition);
        l->conditions[n].taken = l->conditions[n].now = yes;
        l->n_conditions++;
    } else if (is_end && l->n_skipped) {
        l->n_skipped--;
    } else if (is_end) {
        l->n_conditions -= n > 0;
    } else if ((is_elseif || is_else) && !l->n_skipped && n) {
        l->conditions[n - 1].now = !l->conditions[n - 1].taken && (is_else || condition_value(condition));
        l->conditions[n - 1].taken |= l->conditions[n - 1].now;
    }
    l->at = end;
    return true;
}

/* White space at the head of a line is passed; true when the line is left out. */
static bool begin_line(struct lexer *l)
{
    size_t at = l->at;
    while (at < l->s.len && (l->s.at[at] == ' ' || l->s.at[at] == '\t'))
        at++;
    slice head = slice_sub(l->s, at, 4);
    if (l->script && (slice_starts(head, SLICE_LIT("<!--")) || slice_starts(head, SLICE_LIT("-->")))) { /* of a page */
        skip_line(l);
        return true;
    }
    if (!l->script && at < l->s.len && l->s.at[at] == '#') {
        l->at = at;
        if (directive(l))
            return true;
    }
    if (l->n_conditions && !l->conditions[l->n_conditions - 1].now) {
        skip_line(l);
        return true;
    }
    return false;
}

static void lex_line(struct lexer *l)
{
    bool first = true;
    while (l->at < l->s.len && !l->full) {
        uint8_t spaced = skip_blanks(l);
        uint32_t before = l->m->n_tokens;
        uint8_t c = peek(l, 0);
        if (l->at >= l->s.len || c == '\n' || c == '\r')
            return;
        if (c == '\'') {
            skip_comment(l);
            return;
        }
        if (!lex_string(l) && !lex_number(l) && !lex_date(l) && !lex_name(l, first))
            lex_op(l);
        if (l->m->n_tokens > before) {
            struct basic_token *t = &l->m->tokens[before];
            t->spaced = spaced;
            first = t->kind == T_COLON;
        }
    }
}

bool basic_lex_module(struct machine *m, uint32_t module)
{
    struct lexer l = { .m = m, .module = module, .s = m->modules[module].text, .line = m->modules[module].line,
                       .script = m->dialect->script, .made = m->modules[module].source.n > 0 };
    m->modules[module].from = m->n_tokens;
    while (l.at < l.s.len && !l.full) {
        if (!begin_line(&l))
            lex_line(&l);
        put(&l, token_of(&l, T_EOL, 0));
        l.at += peek(&l, 0) == '\r';
        l.at += peek(&l, 0) == '\n';
        l.line += !l.made;
        if (!walk_work(m->w, 20))
            break;
    }
    put(&l, token_of(&l, T_END, 0));
    m->modules[module].to = m->n_tokens;
    return !l.full && walk_work(m->w, 4 * l.s.len);
}
