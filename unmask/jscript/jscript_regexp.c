/* SPDX-License-Identifier: Apache-2.0 */
/* RegExp (ECMA-262 22.2): a pattern becomes a small program, which is run with backtracking and a
 * cap on steps. Case is folded for ASCII and Latin-1 letters.
 * Left out (the result is unknown): lookbehind, \p{...}, named back references. */
#include "unmask/jscript/jscript_private.h"

enum {
    CODE_MAX = 20000,
    GROUPS_MAX = 32,
    NEST_MAX = 100,
    TRIES_MAX = 400000,
    BACK_MAX = 60000,
    RANGES_MAX = 8000
};

enum op {
    R_CHAR,
    R_ANY,
    R_SET,
    R_SPLIT,
    R_JUMP,
    R_SAVE,
    R_START,
    R_END,
    R_WORD,
    R_NOT_WORD,
    R_BACK,
    R_LOOK,
    R_NOT_LOOK,
    R_MATCH,
    R_ZERO,
    R_LOOP,
    R_CLEAR
};

struct step {
    uint8_t op;
    bool flag; /* SPLIT: the second way first; SET: not in it */
    uint32_t x, y;
};

struct js_regexp {
    struct step *code;
    uint32_t n, room;
    uint16_t (*ranges)[2];
    uint32_t n_ranges;
    uint32_t groups, loops;
    slice names[GROUPS_MAX];
    bool ignore_case, multiline, dot_all, global, sticky, failed;
};

struct reader {
    struct js *m;
    struct js_regexp *r;
    struct text s;
    uint32_t at, depth;
};

static void alternatives(struct reader *p);

static uint32_t emit(struct reader *p, enum op op, uint32_t x, uint32_t y, bool flag)
{
    struct js_regexp *r = p->r;
    if (r->n == r->room) {
        uint32_t room = r->room ? r->room * 2 : 32;
        struct step *more = room > CODE_MAX ? NULL
                                            : arena_regrow(p->m->mem, r->code, r->n * sizeof *more,
                                                           room, sizeof *more);
        if (!more) {
            r->failed = true;
            return 0;
        }
        r->code = more;
        r->room = room;
    }
    r->code[r->n] = (struct step){ (uint8_t)op, flag, x, y };
    return r->n++;
}

static uint16_t peek(const struct reader *p)
{
    return text_unit(p->s, p->at);
}
static bool more(const struct reader *p)
{
    return p->at < p->s.n && !p->r->failed;
}

static bool take(struct reader *p, uint16_t u)
{
    if (!more(p) || peek(p) != u)
        return false;
    p->at++;
    return true;
}

/* --- sets */

static void add_range(struct reader *p, uint32_t from, uint32_t to)
{
    struct js_regexp *r = p->r;
    if (!r->ranges)
        r->ranges = arena_get(p->m->mem, RANGES_MAX, sizeof *r->ranges);
    if (!r->ranges || r->n_ranges == RANGES_MAX || from > to) {
        r->failed = r->failed || from <= to;
        return;
    }
    r->ranges[r->n_ranges][0] = (uint16_t)from;
    r->ranges[r->n_ranges++][1] = (uint16_t)to;
}

/* \d \w \s and their contraries. */
static bool add_class(struct reader *p, uint16_t letter)
{
    static const uint16_t digits[] = { '0', '9' },
                          words[] = { '0', '9', 'A', 'Z', '_', '_', 'a', 'z' },
                          blanks[] = { 9,      13,     32,     32,     0xA0,   0xA0,   0x1680,
                                       0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
                                       0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF };
    uint16_t lower = letter | 32;
    const uint16_t *list = lower == 'd'   ? digits
                           : lower == 'w' ? words
                           : lower == 's' ? blanks
                                          : NULL;
    size_t n = lower == 'd' ? 2 : lower == 'w' ? 8 : 20;
    uint32_t from = 0;
    if (!list || letter > 'z')
        return false;
    for (size_t i = 0; i < n; i += 2) {
        if (letter == lower) {
            add_range(p, list[i], list[i + 1]);
        } else {
            if (list[i] > from)
                add_range(p, from, list[i] - 1u);
            from = list[i + 1] + 1u;
        }
    }
    if (letter != lower)
        add_range(p, from, 0xFFFF);
    return true;
}

static int hex_of_unit(uint16_t u)
{
    return u < 0x80 ? ascii_hex((uint8_t)u) : -1;
}

static uint32_t hex_digits(struct reader *p, unsigned n, uint32_t otherwise)
{
    uint32_t code = 0;
    for (unsigned i = 0; i < n; i++) {
        int h = hex_of_unit(text_unit(p->s, p->at + i));
        if (h < 0)
            return otherwise;
        code = code << 4 | (uint32_t)h;
    }
    p->at += n;
    return code;
}

/* Behind the backslash: one character. */
static uint32_t escaped(struct reader *p, bool in_set)
{
    uint16_t u = peek(p);
    p->at++;
    switch (u) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    case 'f':
        return '\f';
    case 'b':
        return in_set ? '\b' : 'b';
    case 'x':
        return hex_digits(p, 2, 'x');
    case 'u':
        return hex_digits(p, 4, 'u');
    case 'c': {
        uint16_t c = peek(p);
        if ((c | 32) >= 'a' && (c | 32) <= 'z') {
            p->at++;
            return c & 31;
        }
        p->at--;
        return '\\';
    }
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7': {
        uint32_t code = (uint32_t)(u - '0');
        while (peek(p) >= '0' && peek(p) <= '7' && code * 8 + peek(p) - '0' < 256)
            code = code * 8 + (uint32_t)(text_unit(p->s, p->at++) - '0');
        return code;
    }
    case 'p':
    case 'P':
    case 'k':
        p->r->failed = true;
        return u;
    default:
        return u;
    }
}

/* False: a class of characters was added. */
static bool set_atom(struct reader *p, uint32_t *out)
{
    if (!take(p, '\\')) {
        *out = peek(p);
        p->at++;
        return true;
    }
    if (add_class(p, peek(p))) {
        p->at++;
        return false;
    }
    *out = escaped(p, true);
    return true;
}

static void set(struct reader *p)
{
    uint32_t first = p->r->n_ranges;
    bool not = take(p, '^');
    while (more(p) && peek(p) != ']') {
        uint32_t from, to;
        if (!set_atom(p, &from))
            continue;
        to = from;
        if (peek(p) == '-' && text_unit(p->s, p->at + 1) != ']' && p->at + 1 < p->s.n) {
            p->at++;
            if (!set_atom(p, &to)) {
                add_range(p, from, from);
                add_range(p, '-', '-');
                continue;
            }
        }
        add_range(p, from, to);
    }
    (void)take(p, ']');
    emit(p, R_SET, first, p->r->n_ranges, not );
}

/* --- terms */

static void group(struct reader *p)
{
    struct js_regexp *r = p->r;
    if (++p->depth > NEST_MAX) {
        r->failed = true;
        return;
    }
    if (take(p, '?')) {
        uint16_t kind = peek(p);
        p->at++;
        if (kind == ':') {
            alternatives(p);
        } else if (kind == '=' || kind == '!') {
            uint32_t look = emit(p, kind == '=' ? R_LOOK : R_NOT_LOOK, 0, 0, false);
            alternatives(p);
            emit(p, R_MATCH, 0, 0, false);
            if (!r->failed)
                r->code[look].x = r->n;
        } else if (kind == '<' && peek(p) != '=' && peek(p) != '!') {
            uint32_t from = p->at;
            while (more(p) && peek(p) != '>')
                p->at++;
            uint32_t k = ++r->groups;
            if (k < GROUPS_MAX)
                r->names[k] = text_utf8(p->m->t, text_sub(p->s, from, p->at - from));
            p->at++;
            emit(p, R_SAVE, k * 2, 0, false);
            alternatives(p);
            emit(p, R_SAVE, k * 2 + 1, 0, false);
        } else {
            r->failed = true;
        }
    } else {
        uint32_t k = ++r->groups;
        emit(p, R_SAVE, k * 2, 0, false);
        alternatives(p);
        emit(p, R_SAVE, k * 2 + 1, 0, false);
    }
    r->failed = r->failed || r->groups >= GROUPS_MAX || !take(p, ')');
    p->depth--;
}

static void atom(struct reader *p)
{
    uint16_t u = peek(p);
    p->at++;
    switch (u) {
    case '.':
        emit(p, R_ANY, 0, 0, false);
        break;
    case '[':
        set(p);
        break;
    case '(':
        group(p);
        break;
    case '^':
        emit(p, R_START, 0, 0, false);
        break;
    case '$':
        emit(p, R_END, 0, 0, false);
        break;
    case '\\':
        u = peek(p);
        if (u == 'b' || u == 'B') {
            p->at++;
            emit(p, u == 'b' ? R_WORD : R_NOT_WORD, 0, 0, false);
        } else if (u >= '1' && u <= '9') {
            uint32_t k = 0, from = p->at;
            while (peek(p) >= '0' && peek(p) <= '9' && k < 100)
                k = k * 10 + (uint32_t)(text_unit(p->s, p->at++) - '0');
            uint32_t opens = 0;
            for (uint32_t i = 0; i < p->s.n; i++)
                opens += text_unit(p->s, i) == '(' && text_unit(p->s, i + 1) != '?';
            if (k <= opens && k < GROUPS_MAX) {
                emit(p, R_BACK, k, 0, false);
            } else {
                p->at = from;
                emit(p, R_CHAR, escaped(p, false), 0, false);
            }
        } else {
            uint32_t first = p->r->n_ranges;
            if (add_class(p, u)) {
                p->at++;
                emit(p, R_SET, first, p->r->n_ranges, false);
            } else {
                emit(p, R_CHAR, escaped(p, false), 0, false);
            }
        }
        break;
    default:
        emit(p, R_CHAR, u, 0, false);
        break;
    }
}

/* {n}, {n,}, {n,m}; false: it is text (B.1.4). */
static bool counts(struct reader *p, uint32_t *least, uint32_t *most)
{
    uint32_t at = p->at + 1, n[2] = { 0, UINT32_MAX }, k = 0, digits = 0;
    for (; at < p->s.n; at++) {
        uint16_t u = text_unit(p->s, at);
        if (u >= '0' && u <= '9') {
            n[k] = (digits == 0 ? 0 : n[k] < 100000 ? n[k] * 10 : n[k]) + (uint32_t)(u - '0');
            digits++;
        } else if (u == ',' && k == 0 && digits) {
            k = 1;
            digits = 0;
        } else {
            break;
        }
    }
    if (text_unit(p->s, at) != '}' || (k == 0 && digits == 0))
        return false;
    *least = n[0];
    *most = k ? n[1] : n[0];
    p->at = at + 1;
    return true;
}

/* The code [from, n) once more, with its jumps moved. */
static void again(struct reader *p, const struct step *code, uint32_t from, uint32_t n)
{
    uint32_t base = p->r->n;
    for (uint32_t i = 0; i < n && !p->r->failed; i++) {
        struct step s = code[i];
        if (s.op == R_SPLIT || s.op == R_JUMP || s.op == R_LOOK || s.op == R_NOT_LOOK) {
            s.x = s.x - from + base;
            s.y = s.op == R_SPLIT ? s.y - from + base : s.y;
        }
        emit(p, (enum op)s.op, s.x, s.y, s.flag);
    }
}

static void quantified(struct reader *p, uint32_t from, uint32_t groups)
{
    uint32_t least, most;
    uint16_t u = peek(p);
    struct js_regexp *r = p->r;
    if (!more(p))
        return;
    if (u == '*' || u == '+' || u == '?') {
        least = u == '+';
        most = u == '?' ? 1 : UINT32_MAX;
        p->at++;
    } else if (u != '{' || !counts(p, &least, &most)) {
        return;
    }
    bool lazy = take(p, '?');
    uint32_t n = r->n - from;
    struct step *code = ARENA_ARRAY(p->m->mem, struct step, n + 1);
    if (!code || most < least || (uint64_t)n * (most == UINT32_MAX ? least + 1 : most) > CODE_MAX) {
        r->failed = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        code[i] = r->code[from + i];
    r->n = from;
    for (uint32_t i = 0; i < least; i++)
        again(p, code, from, n);
    if (most == UINT32_MAX) {
        uint32_t split = emit(p, R_SPLIT, 0, 0, lazy), loop = r->loops++;
        emit(p, R_LOOP, loop, 0, false);
        if (r->groups > groups)
            emit(p, R_CLEAR, groups + 1, r->groups, false);
        again(p, code, from, n);
        emit(p, R_ZERO, loop, 0, false); /* a round that took nothing ends it */
        emit(p, R_JUMP, split, 0, false);
        if (!r->failed) {
            r->code[split].x = split + 1;
            r->code[split].y = r->n;
        }
        return;
    }
    for (uint32_t i = least; i < most && !r->failed; i++) {
        uint32_t split = emit(p, R_SPLIT, 0, 0, lazy);
        again(p, code, from, n);
        if (!r->failed) {
            r->code[split].x = split + 1;
            r->code[split].y = (most - i - 1) * (n + 1) + r->n;
        }
    }
}

static void alternative(struct reader *p)
{
    while (more(p) && peek(p) != '|' && peek(p) != ')') {
        uint32_t from = p->r->n, groups = p->r->groups;
        atom(p);
        quantified(p, from, groups);
    }
}

static void alternatives(struct reader *p)
{
    struct js_regexp *r = p->r;
    uint32_t jumps = UINT32_MAX; /* to the end, each to the one before */
    for (;;) {
        uint32_t from = r->n;
        alternative(p);
        if (!take(p, '|'))
            break;
        uint32_t n = r->n - from;
        struct step *code = ARENA_ARRAY(p->m->mem, struct step, n + 1);
        if (!code) {
            r->failed = true;
            break;
        }
        for (uint32_t i = 0; i < n; i++)
            code[i] = r->code[from + i];
        r->n = from;
        uint32_t split = emit(p, R_SPLIT, from + 1, 0, false);
        again(p, code, from, n);
        jumps = emit(p, R_JUMP, jumps, 0, false);
        if (r->failed)
            break;
        r->code[split].y = r->n;
    }
    while (!r->failed && jumps != UINT32_MAX) {
        uint32_t before = r->code[jumps].x;
        r->code[jumps].x = r->n;
        jumps = before;
    }
}

/* --- running */

struct back {
    uint32_t pc, at, slot, old; /* slot: of what is put back; UINT32_MAX: a way not yet gone */
};

struct runner {
    struct js *m;
    const struct js_regexp *r;
    struct text s;
    uint32_t saved[GROUPS_MAX * 2];
    uint32_t *loops;
    struct back *backs;
    uint32_t n_backs, room, tries, depth;
    bool unknown;
};

static uint16_t folded(uint16_t u)
{
    return (u >= 'a' && u <= 'z') || (u >= 0xE0 && u <= 0xFE && u != 0xF7) ||
                   (u >= 0x430 && u <= 0x44F)
               ? (uint16_t)(u - 32)
               : u;
}

static bool is_word(const struct runner *r, uint32_t at)
{
    uint16_t u = text_unit(r->s, at);
    return at < r->s.n && u < 0x80 && (ascii_alnum((uint8_t)u) || u == '_');
}

static bool in_ranges(const struct js_regexp *r, uint32_t from, uint32_t to, uint16_t u)
{
    for (uint32_t i = from; i < to; i++)
        if (u >= r->ranges[i][0] && u <= r->ranges[i][1])
            return true;
    return false;
}

static bool in_set(const struct js_regexp *r, const struct step *s, uint16_t u)
{
    bool in = in_ranges(r, s->x, s->y, u);
    if (!in && r->ignore_case) {
        uint16_t up = folded(u);
        in = in_ranges(r, s->x, s->y, up) ||
             (up >= 'A' && up <= 'Z' && in_ranges(r, s->x, s->y, (uint16_t)(up + 32)));
    }
    return in != s->flag;
}

static bool is_line(uint16_t u)
{
    return u == '\n' || u == '\r' || u == 0x2028 || u == 0x2029;
}

static void remember(struct runner *r, uint32_t pc, uint32_t at, uint32_t slot, uint32_t old)
{
    if (r->n_backs == r->room) {
        uint32_t room = r->room ? r->room * 2 : 64;
        struct back *more_ = room > BACK_MAX * 4
                                 ? NULL
                                 : arena_regrow(r->m->mem, r->backs, r->n_backs * sizeof *more_,
                                                room, sizeof *more_);
        if (!more_) {
            r->unknown = true;
            return;
        }
        r->backs = more_;
        r->room = room;
    }
    r->backs[r->n_backs++] = (struct back){ pc, at, slot, old };
}

static void save(struct runner *r, uint32_t slot, uint32_t value)
{
    uint32_t *place = slot < GROUPS_MAX * 2 ? &r->saved[slot] : &r->loops[slot - GROUPS_MAX * 2];
    remember(r, 0, 0, slot, *place);
    *place = value;
}

static bool back_reference(const struct runner *r, uint32_t k, uint32_t *at)
{
    uint32_t from = r->saved[k * 2], to = r->saved[k * 2 + 1];
    if (from == UINT32_MAX || to == UINT32_MAX)
        return true;
    for (uint32_t i = from; i < to; i++, (*at)++) {
        uint16_t x = text_unit(r->s, i), y = text_unit(r->s, *at);
        if (*at >= r->s.n || (r->r->ignore_case ? folded(x) != folded(y) : x != y))
            return false;
    }
    return true;
}

static bool run(struct runner *r, uint32_t pc, uint32_t at, uint32_t *end);

/* One step that takes or looks at a character: false when it does not stand there. */
static bool simple(struct runner *r, const struct step *s, uint32_t *at)
{
    const struct js_regexp *e = r->r;
    uint16_t u = text_unit(r->s, *at);
    bool there = *at < r->s.n;
    switch (s->op) {
    case R_CHAR:
        return there && (u == s->x || (e->ignore_case && folded(u) == folded((uint16_t)s->x))) &&
               ++*at;
    case R_ANY:
        return there && (e->dot_all || !is_line(u)) && ++*at;
    case R_SET:
        return there && in_set(e, s, u) && ++*at;
    case R_START:
        return *at == 0 || (e->multiline && is_line(text_unit(r->s, *at - 1)));
    case R_END:
        return !there || (e->multiline && is_line(u));
    case R_WORD:
    case R_NOT_WORD:
        return ((*at > 0 && is_word(r, *at - 1)) != is_word(r, *at)) == (s->op == R_WORD);
    case R_BACK:
        return back_reference(r, s->x, at);
    default: {
        uint32_t end, before = r->n_backs;
        if (++r->depth > NEST_MAX) {
            r->unknown = true;
            return false;
        }
        bool found = run(r, (uint32_t)(s - e->code) + 1, *at, &end);
        r->depth--;
        if (!found || s->op == R_NOT_LOOK) { /* what it saved is put back */
            while (r->n_backs > before) {
                struct back b = r->backs[--r->n_backs];
                if (b.slot != UINT32_MAX)
                    *(b.slot < GROUPS_MAX * 2 ? &r->saved[b.slot]
                                              : &r->loops[b.slot - GROUPS_MAX * 2]) = b.old;
            }
        } else { /* no way back into it */
            uint32_t n = before;
            for (uint32_t i = before; i < r->n_backs; i++)
                if (r->backs[i].slot != UINT32_MAX)
                    r->backs[n++] = r->backs[i];
            r->n_backs = n;
        }
        return found == (s->op == R_LOOK);
    }
    }
}

static bool run(struct runner *r, uint32_t pc, uint32_t at, uint32_t *end)
{
    uint32_t bottom = r->n_backs;
    const struct js_regexp *e = r->r;
    while (!r->unknown) {
        const struct step *s = &e->code[pc];
        bool fits = true;
        if (++r->tries > TRIES_MAX) {
            r->unknown = true;
            break;
        }
        switch (s->op) {
        case R_MATCH:
            *end = at;
            return true;
        case R_JUMP:
            pc = s->x;
            continue;
        case R_SPLIT:
            remember(r, s->flag ? s->x : s->y, at, UINT32_MAX, 0);
            pc = s->flag ? s->y : s->x;
            continue;
        case R_SAVE:
            save(r, s->x, at);
            break;
        case R_LOOP:
            save(r, GROUPS_MAX * 2 + s->x, at);
            break;
        case R_CLEAR:
            for (uint32_t k = s->x * 2; k < s->y * 2 + 2; k++)
                if (r->saved[k] != UINT32_MAX)
                    save(r, k, UINT32_MAX);
            break;
        case R_ZERO:
            fits = r->loops[s->x] != at;
            break;
        case R_LOOK:
        case R_NOT_LOOK:
            fits = simple(r, s, &at);
            pc = s->x - 1;
            break;
        default:
            fits = simple(r, s, &at);
            break;
        }
        if (fits) {
            pc++;
            continue;
        }
        for (;;) {
            if (r->n_backs == bottom)
                return false;
            struct back b = r->backs[--r->n_backs];
            if (b.slot == UINT32_MAX) {
                pc = b.pc;
                at = b.at;
                break;
            }
            *(b.slot < GROUPS_MAX * 2 ? &r->saved[b.slot] : &r->loops[b.slot - GROUPS_MAX * 2]) =
                b.old;
        }
    }
    return false;
}

int js_regexp_find(struct js *m, const struct js_object *o, struct text s, uint32_t from,
                   struct js_match *out)
{
    const struct js_regexp *e = o->data;
    struct runner r = { .m = m, .r = e, .s = s };
    if (!e || e->failed || !text_known(s))
        return -1;
    r.loops = ARENA_ARRAY(m->mem, uint32_t, e->loops + 1);
    const struct step *first = e->code; /* that takes a character */
    while (first->op == R_WORD || first->op == R_NOT_WORD || first->op == R_SAVE ||
           first->op == R_START)
        first++;
    (void)js_step(m, (s.n - from) / 64);
    bool leap = first->op == R_CHAR && !e->ignore_case && !e->sticky;
    for (uint32_t at = from; at <= s.n && r.loops && !r.unknown; at++) {
        if (leap && at < s.n && text_unit(s, at) != first->x)
            continue;
        if (!js_step(m, 1))
            return -1;
        for (uint32_t i = 0; i < GROUPS_MAX * 2; i++)
            r.saved[i] = UINT32_MAX;
        r.n_backs = 0;
        uint32_t end;
        if (run(&r, 0, at, &end)) {
            *out = (struct js_match){ .n = e->groups + 1 };
            out->from[0] = at;
            out->to[0] = end;
            for (uint32_t k = 1; k <= e->groups; k++) {
                bool set = r.saved[k * 2 + 1] != UINT32_MAX && r.saved[k * 2] != UINT32_MAX;
                out->from[k] = set ? r.saved[k * 2] : UINT32_MAX;
                out->to[k] = set ? r.saved[k * 2 + 1] : UINT32_MAX;
            }
            (void)js_step(m, r.tries / 8);
            return 1;
        }
        if (e->sticky)
            break;
    }
    (void)js_step(m, r.tries / 8);
    return r.unknown || !r.loops ? -1 : 0;
}

/* --- objects */

struct js_value js_regexp_new(struct js *m, struct text pattern, struct text flags)
{
    struct js_object *o = js_object_new(m, C_REGEXP, O_REGEXP);
    struct js_regexp *e = o ? ARENA_NEW(m->mem, struct js_regexp) : NULL;
    struct reader p = { .m = m, .r = e, .s = pattern };
    if (!e)
        return js_undefined();
    for (uint32_t i = 0; i < flags.n; i++) {
        uint16_t f = text_unit(flags, i);
        e->global = e->global || f == 'g';
        e->ignore_case = e->ignore_case || f == 'i';
        e->multiline = e->multiline || f == 'm';
        e->dot_all = e->dot_all || f == 's';
        e->sticky = e->sticky || f == 'y';
    }
    e->failed = !text_known(pattern) || !js_step(m, pattern.n);
    alternatives(&p);
    e->failed = e->failed || p.at < pattern.n;
    emit(&p, R_MATCH, 0, 0, false);
    o->data = e;
    o->v = js_string(pattern);
    js_define(m, o, A_lastIndex, js_number(0), SLOT_HIDDEN);
    return js_of(o);
}

struct js_value js_regexp_of(struct js *m, struct js_value v, const char *flags)
{
    if (v.kind == JS_OBJECT && v.o->class_ == C_REGEXP)
        return v;
    v = v.kind == JS_UNDEFINED ? js_string((struct text){ 0 }) : js_to_string(m, v);
    return v.kind == JS_STRING ? js_regexp_new(m, v.s, js_cstr(m, flags).s) : v;
}

bool js_regexp_flag(const struct js_object *o, char flag)
{
    const struct js_regexp *e = o->data;
    return e && (flag == 'g'   ? e->global
                 : flag == 'i' ? e->ignore_case
                 : flag == 'm' ? e->multiline
                               : e->sticky);
}

slice js_regexp_group_name(const struct js_object *o, uint32_t i)
{
    const struct js_regexp *e = o->data;
    return e && i < GROUPS_MAX ? e->names[i] : (slice){ 0 };
}
