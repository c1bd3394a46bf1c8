/* SPDX-License-Identifier: Apache-2.0 */
/* command_for - FOR and IF, as their built-in help describes them. */
#include "unmask/command/command_private.h"

enum { ROUNDS_MAX = 4000 };

static bool separates(uint16_t u) { return u == ' ' || u == '\t' || u == ',' || u == ';' || u == '=' || u == '\r' || u == '\n'; }

struct text command_without_carets(struct command *c, struct text s)
{
    struct text all = { 0 };
    uint32_t from = 0;
    bool quoted = false;
    for (uint32_t i = 0; i < s.n; i++) {
        quoted ^= text_unit(s, i) == '"';
        if (quoted || text_unit(s, i) != '^')
            continue;
        all = text_join(c->t, all, text_sub(s, from, i - from));
        from = ++i;
    }
    return from ? text_join(c->t, all, text_sub(s, from, s.n)) : s;
}

static struct text next_word(struct text *s)
{
    uint32_t a = 0;
    while (a < s->n && separates(text_unit(*s, a)))
        a++;
    uint32_t b = a;
    bool quoted = false;
    while (b < s->n && (quoted || !separates(text_unit(*s, b)))) {
        quoted ^= text_unit(*s, b) == '"';
        b++;
    }
    struct text word = text_sub(*s, a, b - a);
    *s = text_sub(*s, b, s->n);
    return word;
}

struct loop {
    char kind; /* 0, 'l', 'f', 'd', 'r' */
    struct text options, list, body;
    uint16_t letter;
};

static bool read_loop(struct command *c, struct text s, struct loop *l)
{
    *l = (struct loop){ 0 };
    for (unsigned guard = 0; guard < 6; guard++) {
        struct text rest = s, word = command_without_carets(c, next_word(&rest));
        if (word.n == 0)
            return false;
        if (text_unit(word, 0) == '/') {
            l->kind = (char)(text_unit(word, 1) | 32);
        } else if (text_unit(word, 0) == '%') {
            l->letter = text_unit(word, text_unit(word, 1) == '%' ? 2 : 1);
            s = rest;
            break;
        } else {
            l->options = command_unquoted(c, word);
        }
        s = rest;
    }
    struct text in = command_without_carets(c, next_word(&s));
    uint32_t open = 0;
    if (!text_is_nocase(text_sub(in, 0, 2), "in") || l->letter == 0)
        return false;
    while (open < s.n && text_unit(s, open) != '(')
        open++;
    uint32_t start = in.n > 2 && text_unit(in, 2) == '(' ? 0 : open + 1, end = start, depth = 1;
    if (in.n > 2)
        return false;
    bool quoted = false;
    for (; end < s.n; end++) {
        uint16_t u = text_unit(s, end);
        quoted ^= u == '"';
        if (quoted)
            continue;
        if (u == '^')
            end++;
        else if (u == '(')
            depth++;
        else if (u == ')' && --depth == 0)
            break;
    }
    l->list = text_sub(s, start, end > start ? end - start : 0);
    s = text_sub(s, end + 1, s.n);
    struct text word = command_without_carets(c, next_word(&s));
    l->body = s;
    return text_is_nocase(word, "do") || (word.n > 2 && text_is_nocase(text_sub(word, 0, 2), "do"));
}

static void round_of(struct command *c, const struct loop *l, struct text value)
{
    if (c->n_loops == COMMAND_LOOPS_MAX) {
        c->limited = true;
        return;
    }
    c->loops[c->n_loops++] = (struct command_loop){ l->letter, value };
    command_line(c, l->body);
    c->n_loops--;
}

static bool whole_number(struct text s, int64_t *out)
{
    uint32_t i = text_unit(s, 0) == '-' || text_unit(s, 0) == '+';
    int64_t v = 0;
    if (i == s.n || s.n > 10)
        return false;
    for (uint32_t k = i; k < s.n; k++) {
        uint16_t u = text_unit(s, k);
        if (u < '0' || u > '9' || text_is_hole(s, k))
            return false;
        v = v * 10 + (u - '0');
    }
    *out = text_unit(s, 0) == '-' ? -v : v;
    return true;
}

static void counts(struct command *c, const struct loop *l)
{
    struct text s = command_delayed_plain(c, command_without_carets(c, l->list));
    int64_t from = 0, step = 0, to = 0;
    struct text a = next_word(&s), b = next_word(&s), z = next_word(&s);
    if (!whole_number(a, &from) || !whole_number(b, &step) || !whole_number(z, &to)) {
        bool before = c->maybe;
        uint32_t changes = c->changes;
        c->maybe = true;
        round_of(c, l, command_unknown(c, "for /l"));
        c->maybe = before;
        c->doubt = c->doubt || c->changes != changes;
        return;
    }
    uint32_t rounds = 0;
    for (int64_t v = from; step >= 0 ? v <= to : v >= to; v += step) {
        char digits[24];
        size_t n = sizeof digits;
        uint64_t left = v < 0 ? (uint64_t)-v : (uint64_t)v;
        do
            digits[--n] = (char)('0' + left % 10);
        while (left /= 10);
        if (v < 0)
            digits[--n] = '-';
        c->cut |= rounds == ROUNDS_MAX;
        if (rounds++ == ROUNDS_MAX || c->ended || c->jumping || c->limited)
            break;
        round_of(c, l, text_of(c->t, (slice){ (const uint8_t *)digits + n, sizeof digits - n }, TEXT_NOWHERE));
    }
}

/* --- FOR /F */

struct parsing {
    struct text delims;
    uint64_t tokens; /* bit per column */
    uint32_t skip;
    bool rest, backquotes;
};

static struct parsing read_options(struct command *c, struct text o)
{
    struct parsing p = { .delims = command_lit(c, " \t"), .tokens = 2 };
    uint32_t at = text_find(o, command_lit(c, "delims="), 0, true);
    if (at != UINT32_MAX) {
        uint32_t end = at + 7;
        while (end < o.n && (text_unit(o, end) != ' ' || text_find(text_sub(o, end, o.n), command_lit(c, "="), 0, false) == UINT32_MAX))
            end++;
        p.delims = text_sub(o, at + 7, end - at - 7);
    }
    p.backquotes = text_find(o, command_lit(c, "usebackq"), 0, true) != UINT32_MAX;
    at = text_find(o, command_lit(c, "tokens="), 0, true);
    if (at == UINT32_MAX)
        return p;
    p.tokens = 0;
    uint32_t n = 0, from = 0;
    for (uint32_t i = at + 7;; i++) {
        uint16_t u = text_unit(o, i);
        if (u >= '0' && u <= '9') {
            n = n < 64 ? n * 10 + (u - '0') : n;
            continue;
        }
        for (uint32_t k = from ? from : n; n && k <= n && k < 64; k++)
            p.tokens |= 1ull << k;
        from = u == '-' ? n : 0;
        n = 0;
        p.rest = p.rest || u == '*';
        if (u != ',' && u != '-' && u != '*')
            return p;
    }
}

static bool delimits(const struct parsing *p, uint16_t u)
{
    for (uint32_t i = 0; i < p->delims.n; i++)
        if (text_unit(p->delims, i) == u)
            return true;
    return false;
}

static void parsed_line(struct command *c, const struct loop *l, const struct parsing *p, struct text s)
{
    uint32_t column = 0, at = 0, n = 0, before = c->n_loops;
    uint32_t last = 0;
    for (uint32_t k = 1; k < 64; k++)
        last = p->tokens & 1ull << k ? k : last;
    while (n < 26 && c->n_loops < COMMAND_LOOPS_MAX) {
        while (at < s.n && delimits(p, text_unit(s, at)))
            at++;
        if (at >= s.n)
            break;
        column++;
        uint32_t end = at;
        bool all = p->rest && column > last;
        while (end < s.n && (all || !delimits(p, text_unit(s, end))))
            end++;
        if (all || (column < 64 && p->tokens & 1ull << column))
            c->loops[c->n_loops++] = (struct command_loop){ (uint16_t)(l->letter + n++), text_sub(s, at, end - at) };
        at = end;
        if (all || (column >= last && !p->rest))
            break;
    }
    if (n)
        command_line(c, l->body);
    c->n_loops = before;
}

static void parses(struct command *c, const struct loop *l)
{
    struct parsing p = read_options(c, l->options);
    struct text s = command_trim(l->list);
    uint16_t open = text_unit(s, 0), close = text_unit(s, s.n ? s.n - 1 : 0);
    bool quoted = s.n > 1 && open == close, text = quoted && open == (p.backquotes ? '\'' : '"');
    if (text) {
        parsed_line(c, l, &p, command_delayed_plain(c, text_sub(s, 1, s.n - 2)));
        return;
    }
    struct text output = { 0 };
    bool runs = quoted && open == (p.backquotes ? '`' : '\'');
    if (runs) {
        struct text before = c->output;
        bool caught = c->catching;
        c->catching = true;
        c->output = (struct text){ 0 };
        command_line(c, command_without_carets(c, text_sub(s, 1, s.n - 2)));
        output = c->output;
        c->output = before;
        c->catching = caught;
    }
    if (output.n == 0 || !text_known(output)) {
        bool before = c->maybe;
        uint32_t changes = c->changes;
        c->maybe = true;
        round_of(c, l, command_unknown(c, runs ? "output of a program" : "a file"));
        c->maybe = before;
        c->doubt = c->doubt || c->changes != changes;
        return;
    }
    for (uint32_t from = 0; from < output.n && !c->ended && !c->jumping;) {
        uint32_t end = from;
        while (end < output.n && text_unit(output, end) != '\n')
            end++;
        parsed_line(c, l, &p, text_sub(output, from, end - from));
        from = end + 1;
    }
}

void command_for(struct command *c, struct text rest)
{
    struct loop l;
    if (!read_loop(c, rest, &l))
        return;
    if (l.kind == 'l') {
        counts(c, &l);
    } else if (l.kind == 'f') {
        parses(c, &l);
    } else {
        struct text list = command_delayed_plain(c, command_without_carets(c, l.list));
        for (uint32_t rounds = 0; rounds < ROUNDS_MAX && !c->ended && !c->jumping && !c->limited; rounds++) {
            struct text word = next_word(&list);
            if (word.n == 0)
                return;
            bool pattern = l.kind == 'r' || text_find(word, command_lit(c, "*"), 0, false) != UINT32_MAX || text_find(word, command_lit(c, "?"), 0, false) != UINT32_MAX;
            round_of(c, &l, pattern ? command_unknown(c, "a file") : word);
            c->cut |= rounds + 1 == ROUNDS_MAX;
        }
    }
}

/* --- IF */

enum answer { NO, YES, OPEN };

static enum answer compared(struct command *c, struct text a, struct text b, bool nocase)
{
    a = command_delayed_plain(c, a);
    b = command_delayed_plain(c, b);
    if (!text_known(a) || !text_known(b))
        return OPEN;
    return a.n == b.n && (a.n == 0 || text_find(a, b, 0, nocase) == 0) ? YES : NO;
}

static enum answer by_word(struct command *c, struct text a, struct text op, struct text b)
{
    int64_t x, y;
    a = command_delayed_plain(c, a);
    b = command_delayed_plain(c, b);
    if (text_is_nocase(op, "equ") || text_is_nocase(op, "neq")) {
        enum answer same = compared(c, a, b, false);
        return same == OPEN ? OPEN : (same == YES) == text_is_nocase(op, "equ") ? YES : NO;
    }
    if (!whole_number(a, &x) || !whole_number(b, &y))
        return OPEN;
    bool yes = text_is_nocase(op, "lss") ? x < y : text_is_nocase(op, "leq") ? x <= y : text_is_nocase(op, "gtr") ? x > y : x >= y;
    return yes ? YES : NO;
}

static enum answer condition(struct command *c, struct text *s)
{
    bool nocase = false, negated = false;
    struct text word = command_without_carets(c, next_word(s));
    for (unsigned i = 0; i < 4; i++) {
        if (text_is_nocase(word, "/i"))
            nocase = true;
        else if (text_is_nocase(word, "not"))
            negated = !negated;
        else
            break;
        word = command_without_carets(c, next_word(s));
    }
    enum answer yes = OPEN;
    if (text_is_nocase(word, "exist") || text_is_nocase(word, "errorlevel")) {
        (void)next_word(s);
    } else if (text_is_nocase(word, "defined")) {
        struct text v;
        yes = command_get(c, command_without_carets(c, next_word(s)), &v) ? YES : OPEN;
    } else {
        struct text left = word, rest = *s;
        uint32_t skip = 0;
        while (skip < rest.n && (text_unit(rest, skip) == ' ' || text_unit(rest, skip) == '\t'))
            skip++;
        if (text_unit(rest, skip) == '=' && text_unit(rest, skip + 1) == '=') {
            *s = text_sub(rest, skip + 2, rest.n);
            yes = compared(c, left, command_without_carets(c, next_word(s)), nocase);
        } else {
            struct text op = command_without_carets(c, next_word(s)), right = command_without_carets(c, next_word(s));
            yes = by_word(c, left, op, right);
        }
    }
    return yes == OPEN ? OPEN : (yes == YES) != negated ? YES : NO;
}

static void maybe_line(struct command *c, struct text s, bool open)
{
    bool before = c->maybe;
    uint32_t changes = c->changes;
    c->maybe = before || open;
    command_line(c, s);
    if (!open)
        return;
    if (c->jumping && c->n_pending < COMMAND_PENDING_MAX)
        c->pending[c->n_pending++] = c->jump;
    bool left = c->jumping || c->ended;
    c->doubt = c->doubt || c->changes != changes;
    c->jumping = c->ended = false;
    c->maybe = before || left;
}

/* if CONDITION (A) else (B), or A up to the end. */
void command_if(struct command *c, struct text rest)
{
    enum answer yes = condition(c, &rest);
    rest = command_trim(rest);
    struct text then = rest, other = { 0 };
    if (text_unit(rest, 0) == '(') {
        uint32_t depth = 0, end = 0;
        bool quoted = false;
        for (; end < rest.n; end++) {
            uint16_t u = text_unit(rest, end);
            quoted ^= u == '"';
            if (quoted)
                continue;
            if (u == '^')
                end++;
            else if (u == '(')
                depth++;
            else if (u == ')' && --depth == 0)
                break;
        }
        then = text_sub(rest, 1, end ? end - 1 : 0);
        struct text behind = text_sub(rest, end + 1, rest.n), after = behind;
        if (text_is_nocase(next_word(&after), "else"))
            other = after;
        else
            then = text_join(c->t, text_sub(rest, 0, end + 1), behind);
    }
    if (yes != NO)
        maybe_line(c, then, yes == OPEN);
    if (yes != YES && other.n)
        maybe_line(c, other, yes == OPEN);
}
