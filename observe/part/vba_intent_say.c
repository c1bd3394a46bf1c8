/* SPDX-License-Identifier: Apache-2.0 */
/* Emits facts of a macro with module, line and range; each text once, and of
 * each kind only so many. */
#include "observe/part/vba_intent_private.h"
#include "base/hash.h"
#include "base/text.h"
#include "decode/links.h"

enum {
    SLOTS = 1024,
    SEEN_MAX = SLOTS * 3 / 4,
    EACH_MAX = 48,
    STRINGS_SHAPED = 64,
    STRINGS_PLAIN = 32,
    STRING_MIN = 4,
    STRING_MAX = 1024,
    URLS_MAX = 64,
};

struct seen {
    uint64_t hashes[SLOTS];
    uint32_t n;
};

/* Strings have a table of their own: however many there are, what the macro
 * does is still said. The caps bound the other one. */
struct said {
    struct seen strings, facts;
    uint32_t shaped, plain, urls;
    uint8_t count[FACT_COUNT];
};

_Static_assert(14 * EACH_MAX + URLS_MAX + 2 * VBA_HIDDEN_SAID < SEEN_MAX, "the table of facts cannot fill up");

struct said *vba_intent_said_new(struct arena *mem)
{
    return ARENA_NEW(mem, struct said);
}

/* True the first time; false as well when the table is full. */
static bool is_new(struct seen *s, uint64_t hash)
{
    hash |= 1;
    if (s->n >= SEEN_MAX)
        return false;
    for (size_t i = hash >> 20 & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        if (s->hashes[i] == hash)
            return false;
        if (s->hashes[i] == 0) {
            s->hashes[i] = hash;
            s->n++;
            return true;
        }
    }
}

static void emit(struct code *c, enum fact_id id, slice text, uint32_t token)
{
    if (token >= c->n_tokens) {
        walk_text(c->w, id, text, NOWHERE);
        return;
    }
    struct module *m = &c->modules[vba_intent_module_of(c, token) - c->modules];
    const struct token *t = &c->tokens[token];
    struct range at = { t->at, (uint64_t)t->at + t->len };
    walk_text_line(&m->walk, id, text, at, t->line);
}

static void say(struct code *c, enum fact_id id, slice text, uint32_t token, unsigned most)
{
    if (text.len == 0 || c->said->count[id] >= most ||
        !is_new(&c->said->facts, fnv1a((uint64_t)id + 1, text)))
        return;
    c->said->count[id]++;
    emit(c, id, text, token);
}

void vba_intent_say(struct code *c, enum fact_id id, slice text, uint32_t token)
{
    say(c, id, text, token, EACH_MAX);
}

/* What is of less interest leaves room for what is of more. */
void vba_intent_say_aside(struct code *c, enum fact_id id, slice text, uint32_t token)
{
    say(c, id, text, token, EACH_MAX / 2);
}

/* Looks like a path, a command, an address, a class: what rules look at. */
static bool is_shaped(slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.at[i]) {
        case '\\':
        case '/':
        case '%':
        case '^':
        case '.':
        case ':':
        case '{':
            return true;
        default:
            break;
        }
    }
    return false;
}

static bool ends_url(uint8_t ch)
{
    return ch <= ' ' || ch == '"' || ch == '\'' || ch == '<' || ch == '>' || ch == ',' ||
           ch == ';' || ch == '@' || ch == '*' || ch == '|' || ch == '^' || ch == ')' || ch == '`';
}

/* Lists of addresses are joined with @ , ; or *: each is one. */
static void say_urls(struct code *c, slice text, uint32_t token)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://", "hxxp://", "hxxps://" };
    size_t colon = 0;
    while ((colon = slice_find(text, SLICE_LIT("://"), colon)) != SIZE_MAX) {
        size_t from = SIZE_MAX, to = colon + 3;
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            size_t head = strlen(schemes[i]) - 3;
            if (head <= colon && slice_starts_nocase(slice_from(text, colon - head), schemes[i]))
                from = colon - head;
        }
        while (to < text.len && !ends_url(text.at[to]))
            to++;
        slice url = slice_sub(text, from, to - from);
        colon += 3;
        if (from == SIZE_MAX || to < colon + 4 || c->said->urls >= URLS_MAX ||
            !is_new(&c->said->facts, fnv1a(FACT_VBA_URL + 1, url)))
            continue;
        c->said->urls++;
        emit(c, FACT_VBA_URL, url, token);
        struct module *m = &c->modules[vba_intent_module_of(c, token) - c->modules];
        const struct token *t = &c->tokens[token];
        walk_link(&m->walk, url, (slice){ 0 }, (struct range){ t->at, (uint64_t)t->at + t->len },
                  "vba.code");
    }
}

static bool is_number(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_digit(s.at[i]))
            return false;
    return true;
}

void vba_intent_say_string(struct code *c, slice text, uint32_t token)
{
    if (text.len < STRING_MIN || (text.len < 20 && is_number(text)))
        return;
    slice shown = utf8_cut(text, STRING_MAX);
    struct said *said = c->said;
    /* Where the table is full, addresses are still looked for: it can be filled on purpose. */
    bool full = said->strings.n >= SEEN_MAX;
    if (!full && !is_new(&said->strings, fnv1a(FACT_VBA_STRING + 1, shown)))
        return;
    bool shaped = is_shaped(slice_sub(text, 0, 256));
    uint32_t *count = shaped ? &said->shaped : &said->plain;
    if (!full && *count < (shaped ? STRINGS_SHAPED : STRINGS_PLAIN)) {
        ++*count;
        emit(c, FACT_VBA_STRING, shown, token);
    }
    if (shaped)
        say_urls(c, text, token);
}
