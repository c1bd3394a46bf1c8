/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and names of VBA source: [MS-VBAL] 3.2 (logical lines) and 3.3 (tokens).
 *
 * Every line continuation is followed wherever it stands, comments are
 * dropped, ':' and line ends are one kind of token. Names are compared without
 * ASCII case; all bytes above 7F belong to names, as do modules in Japanese.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

enum { C_OTHER, C_NAME, C_DIGIT, C_BLANK, C_NEWLINE, C_QUOTE, C_COMMENT, C_COMPARE, C_HASH };

enum { PROBES_EACH = 32 };

struct lexer {
    struct code *c;
    slice text;
    size_t pos;
    uint32_t line, run;
    uint8_t flags; /* for the next token */
};

/* One digit of enum C_ for each ASCII character. */
static const char classes[] = "3000000003433400000000000000000030580006000000002222222222007070"
                              "0111111111111111111111111110000101111111111111111111111111100000";

static inline uint8_t class_of(uint8_t ch)
{
    return ch >= 0x80 ? C_NAME : (uint8_t)(classes[ch] - '0');
}

/* --- names */

static uint32_t hash_of(slice text)
{
    return (uint32_t)slice_hash_nocase(text);
}

/* Names can be chosen to collide: probes are work, and too many end the reading. */
static uint32_t *slot_of(const struct code *c, slice text, uint32_t hash, uint64_t *probes)
{
    uint32_t i = hash * 0x9e3779b1u;
    for (i &= c->n_slots - 1;; i = (i + 1) & (c->n_slots - 1)) {
        uint32_t *s = &c->slots[i];
        ++*probes;
        if (*s == 0)
            return s;
        const struct name *n = &c->names[*s - 1];
        if (n->hash == hash && slice_eq_nocase(n->text, text))
            return s;
    }
}

static struct name new_name(slice text, uint32_t hash)
{
    return (struct name){
        .text = text,
        .hash = hash,
        .proc = VBA_NONE,
        .module = VBA_NONE,
        .assigns = VBA_NONE,
        .edge_from = VBA_NONE,
    };
}

static bool grow_slots(struct code *c, uint32_t want)
{
    uint32_t *fresh = ARENA_ARRAY(c->mem, uint32_t, want);
    if (!fresh)
        return false;
    c->slots = fresh;
    c->n_slots = want;
    for (uint32_t i = 0; i < c->n_names; i++)
        *slot_of(c, c->names[i].text, c->names[i].hash, &c->probes) = i + 1;
    return true;
}

uint32_t vba_intent_lex_find(const struct code *c, slice text)
{
    uint64_t probes = 0;
    uint32_t *s = slot_of(c, text, hash_of(text), &probes);
    return walk_work(c->w, probes * 4) && *s ? *s - 1 : VBA_NONE;
}

uint32_t vba_intent_lex_name(struct code *c, slice text)
{
    uint32_t hash = hash_of(text);
    uint32_t *s = slot_of(c, text, hash, &c->probes);
    if (c->probes > (uint64_t)PROBES_EACH * (c->n_tokens + 4096))
        c->full = true;
    if (*s)
        return *s - 1;
    if (c->n_names == c->room_names) {
        uint32_t room = c->room_names * 2;
        struct name *more =
            arena_regrow(c->mem, c->names, c->n_names * sizeof *more, room, sizeof *more);
        if (!more)
            return VBA_NONE;
        c->names = more;
        c->room_names = room;
    }
    uint32_t id = c->n_names++;
    c->names[id] = new_name(text, hash);
    *s = id + 1;
    if (c->n_names * 2 > c->n_slots && !grow_slots(c, c->n_slots * 2))
        return VBA_NONE;
    return id;
}

/* --- what is known before a project is read, the same for each */

enum { KNOWN_MAX = 512, KNOWN_SLOTS = 2048 };

struct known {
    struct name names[KNOWN_MAX];
    uint32_t slots[KNOWN_SLOTS];
    uint32_t n;
};

static void add_known(struct known *k, slice text, bool declared)
{
    struct code c = { .names = k->names, .slots = k->slots, .n_slots = KNOWN_SLOTS };
    uint64_t probes = 0;
    uint32_t hash = hash_of(text), *s = slot_of(&c, text, hash, &probes);
    if (*s == 0) {
        CHECK(k->n < KNOWN_MAX);
        k->names[k->n] = new_name(text, hash);
        *s = ++k->n;
    }
    k->names[*s - 1].declared |= declared;
    k->names[*s - 1].param |= declared;
}

/* The words first, in their order; then what is known by name only. */
static const struct known *known_names(void)
{
    static _Thread_local struct known k;
    if (k.n)
        return &k;
    for (unsigned i = 0; i < W_COUNT; i++)
        add_known(&k, slice_of(vba_intent_words[i].text), false);
    CHECK(k.n == W_COUNT);
    slice rest = SLICE_LIT(VBA_KNOWN);
    while (rest.len) {
        size_t end = slice_find_byte(rest, ' ', 0);
        add_known(&k, slice_sub(rest, 0, end), true);
        rest = end == SIZE_MAX ? (slice){ 0 } : slice_from(rest, end + 1);
    }
    return &k;
}

static bool copy_known(struct code *c)
{
    const struct known *k = known_names();
    c->room_names = 1024;
    c->names = arena_regrow(c->mem, k->names, k->n * sizeof k->names[0], c->room_names, sizeof k->names[0]);
    c->slots = arena_regrow(c->mem, k->slots, sizeof k->slots, KNOWN_SLOTS, sizeof k->slots[0]);
    c->n_names = k->n;
    c->n_slots = KNOWN_SLOTS;
    return c->names && c->slots;
}

bool vba_intent_lex_start(struct code *c, size_t text_bytes)
{
    size_t guess = text_bytes / 5 + 64;
    c->room_tokens = (uint32_t)(guess < VBA_TOKENS_MAX ? guess : VBA_TOKENS_MAX);
    c->tokens = ARENA_ARRAY(c->mem, struct token, c->room_tokens);
    return c->tokens && copy_known(c);
}

/* --- tokens */

static struct token *put(struct lexer *x, uint8_t kind, size_t at, size_t len)
{
    struct code *c = x->c;
    if (c->n_tokens == c->room_tokens) {
        uint32_t room = c->room_tokens * 2 < VBA_TOKENS_MAX ? c->room_tokens * 2 : VBA_TOKENS_MAX;
        struct token *more = NULL;
        if (room > c->room_tokens)
            more = arena_regrow(c->mem, c->tokens, c->n_tokens * sizeof *more, room, sizeof *more);
        if (!more) {
            c->full = true;
            return NULL;
        }
        c->tokens = more;
        c->room_tokens = room;
    }
    struct token *t = &c->tokens[c->n_tokens++];
    *t = (struct token){
        .at = (uint32_t)at,
        .len = (uint32_t)len,
        .line = x->line,
        .name = VBA_NONE,
        .kind = kind,
        .flags = x->flags,
    };
    x->flags = 0;
    return t;
}

static uint8_t peek(const struct lexer *x, size_t ahead)
{
    return ahead < x->text.len - x->pos ? x->text.at[x->pos + ahead] : 0;
}

static void newline(struct lexer *x)
{
    if (peek(x, 0) == '\r' && peek(x, 1) == '\n')
        x->pos++;
    x->pos++;
    x->line++;
}

/* At '_': is this a continuation? Then steps over it and the line end. */
static bool continuation(struct lexer *x)
{
    size_t at = x->pos + 1;
    while (at < x->text.len && class_of(x->text.at[at]) == C_BLANK)
        at++;
    if (at < x->text.len && class_of(x->text.at[at]) != C_NEWLINE)
        return false;
    x->pos = at;
    if (at < x->text.len)
        newline(x);
    if (++x->run > x->c->longest_run)
        x->c->longest_run = x->run;
    x->flags |= F_CONTINUED | F_SPACE;
    return true;
}

/* 3.3.1: a comment goes on over a continuation. */
static void comment(struct lexer *x)
{
    while (x->pos < x->text.len) {
        size_t end = x->pos;
        while (end < x->text.len && class_of(x->text.at[end]) != C_NEWLINE)
            end++;
        bool more = end > x->pos + 1 && x->text.at[end - 1] == '_' &&
                    class_of(x->text.at[end - 2]) == C_BLANK;
        x->pos = end;
        if (!more || end == x->text.len)
            return;
        newline(x);
    }
}

static void string(struct lexer *x)
{
    size_t from = ++x->pos;
    bool doubled = false;
    while (x->pos < x->text.len) {
        uint8_t ch = x->text.at[x->pos];
        if (ch == '\r' || ch == '\n')
            break;
        if (ch == '"') {
            if (peek(x, 1) != '"')
                break;
            doubled = true;
            x->pos++;
        }
        x->pos++;
    }
    size_t to = x->pos < x->text.len ? x->pos : x->text.len;
    struct token *t = put(x, T_STRING, from, to - from);
    if (t && doubled)
        t->flags |= F_DOUBLED;
    if (x->pos < x->text.len && x->text.at[x->pos] == '"')
        x->pos++;
}

/* 3.3.5.3: a type character, unless it must be an operator. */
static bool is_suffix(const struct lexer *x)
{
    uint8_t ch = peek(x, 0), next = peek(x, 1);
    switch (ch) {
    case '$':
    case '%':
    case '@':
        return true;
    case '!':
        return !ascii_alpha(next) && next != '[';
    case '#':
        return !ascii_digit(next);
    case '&':
        return class_of(next) == C_BLANK
                   ? peek(x, 2) != '"' && class_of(peek(x, 2)) != C_NAME
                   : next == ',' || next == ')' || next == '=' || class_of(next) == C_NEWLINE;
    default:
        return false;
    }
}

static bool at_statement(const struct code *c)
{
    return c->n_tokens == 0 || c->tokens[c->n_tokens - 1].kind == T_END;
}

static void word(struct lexer *x)
{
    size_t from = x->pos;
    while (x->pos < x->text.len &&
           (class_of(x->text.at[x->pos]) == C_NAME || ascii_digit(x->text.at[x->pos])))
        x->pos++;
    slice text = slice_sub(x->text, from, x->pos - from);
    if (text.len == 3 && at_statement(x->c) && slice_is_nocase(text, "rem") &&
        class_of(peek(x, 0)) != C_OTHER) {
        comment(x);
        return;
    }
    uint32_t id = vba_intent_lex_name(x->c, text);
    struct token *t = put(x, T_NAME, from, text.len);
    if (!t)
        return;
    if (id == VBA_NONE) {
        x->c->full = true;
        id = W_NO_WORD;
    }
    t->name = id;
    if (is_suffix(x)) {
        t->flags |= F_SUFFIX;
        x->pos++;
    }
}

/* [Shell]: any name may stand in brackets; [A1:B2] is an expression of the host. */
static void bracketed(struct lexer *x)
{
    size_t from = x->pos + 1, end = from;
    bool plain = true;
    while (end < x->text.len && end - from < 256 && x->text.at[end] != ']' &&
           class_of(x->text.at[end]) != C_NEWLINE) {
        plain = plain && (class_of(x->text.at[end]) == C_NAME || ascii_digit(x->text.at[end]));
        end++;
    }
    slice inner = slice_sub(x->text, from, end - from);
    struct token *t = put(x, T_NAME, from, inner.len);
    if (t)
        t->name = plain ? vba_intent_lex_name(x->c, inner) : W_NO_WORD;
    if (t && t->name == VBA_NONE)
        t->name = W_NO_WORD;
    if (t && plain && t->name < W_COUNT && vba_intent_words[t->name].kind == 'f')
        x->c->bracketed++;
    x->pos = end < x->text.len && x->text.at[end] == ']' ? end + 1 : end;
}

static void number(struct lexer *x)
{
    size_t from = x->pos;
    if (peek(x, 0) == '&')
        x->pos += 2;
    while (x->pos < x->text.len && (ascii_alnum(x->text.at[x->pos]) ||
                                    (x->text.at[x->pos] == '.' && ascii_digit(peek(x, 1)))))
        x->pos++;
    (void)put(x, T_NUMBER, from, x->pos - from);
    if (is_suffix(x))
        x->pos++;
}

/* #1/2/2020# is one value; #1 is a file number. */
static void hash_sign(struct lexer *x)
{
    enum { DATE_MAX = 32 };
    for (size_t i = 1; i < DATE_MAX; i++) {
        uint8_t ch = peek(x, i);
        if (ch == '#' && i > 4) {
            (void)put(x, T_NUMBER, x->pos, 0);
            x->pos += i + 1;
            return;
        }
        if (!ascii_alnum(ch) && ch != '/' && ch != ':' && ch != '-' && ch != ' ')
            break;
    }
    struct token *t = put(x, T_OP, x->pos, 1);
    if (t)
        t->op = '#';
    x->pos++;
}

static void operator_sign(struct lexer *x)
{
    uint8_t ch = peek(x, 0), next = peek(x, 1);
    if (ch == '&' && (next == 'H' || next == 'h' || next == 'O' || next == 'o') &&
        ascii_hex(peek(x, 2)) >= 0) {
        number(x);
        return;
    }
    if (ch == ':' && next != '=') {
        x->flags = 0;
        (void)put(x, T_END, x->pos++, 1);
        return;
    }
    size_t len = 1;
    if (ch == '<' || ch == '>')
        len = next == '=' || next == '>' || next == '<' ? 2 : 1;
    else if (ch == ':')
        len = 2;
    struct token *t = put(x, T_OP, x->pos, len);
    if (t)
        t->op = ch == '<' || ch == '>' ? 'C' : ch;
    x->pos += len;
}

static void one(struct lexer *x)
{
    uint8_t ch = x->text.at[x->pos];
    if (ch == '_' && continuation(x))
        return;
    switch (class_of(ch)) {
    case C_BLANK:
        x->pos++;
        x->flags |= F_SPACE;
        return;
    case C_NEWLINE:
        x->flags = 0;
        if (!at_statement(x->c))
            (void)put(x, T_END, x->pos, 0);
        newline(x);
        x->run = 0;
        return;
    case C_COMMENT:
        comment(x);
        return;
    case C_QUOTE:
        string(x);
        break;
    case C_NAME:
        word(x);
        break;
    case C_DIGIT:
        number(x);
        break;
    case C_HASH:
        hash_sign(x);
        break;
    default:
        if (ch == '[')
            bracketed(x);
        else
            operator_sign(x);
        break;
    }
    x->run = 0;
}

bool vba_intent_lex(struct code *c, uint32_t module)
{
    struct module *m = &c->modules[module];
    struct lexer x = { .c = c, .text = m->text, .line = 1 };
    if (x.text.len >= UINT32_MAX)
        x.text.len = UINT32_MAX - 1;
    m->from = c->n_tokens;
    if (slice_starts(x.text, SLICE_LIT("\xef\xbb\xbf")))
        x.pos = 3;
    while (x.pos < x.text.len && !c->full)
        one(&x);
    x.flags = 0;
    if (!at_statement(c) && !c->full)
        (void)put(&x, T_END, x.text.len, 0);
    m->to = c->n_tokens;
    return walk_work(c->w, m->text.len * 4u) && !arena_full(c->mem);
}
