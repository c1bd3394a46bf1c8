/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_condition - the detection section: search identifiers and the
 * condition that joins them (rules 2.0, "Detection", "Condition").
 *
 *   condition := and { "or" and }        and := not { "and" not }
 *   not       := "not" not | of          of  := ("1"|"any"|"all") "of" ("them"|pattern) | atom
 *   atom      := name | "(" condition ")"
 */
#include "base/text.h"
#include "judge/sigma.h"

enum { DEPTH_MAX = 24, SEARCHES_MAX = 4096 };

struct search {
    slice name;
    const struct yaml *body;
    uint32_t line;
    bool used;
};

struct parser {
    struct compiler *c;
    const struct sigma_rule *r;
    struct search *searches;
    uint32_t n;
    slice text; /* of the condition */
    size_t pos;
    uint32_t line;
    unsigned depth;
    uint32_t made; /* expressions; each use of a name makes its own */
};

struct expr *expr_new(struct compiler *c, uint8_t op)
{
    struct expr *e = ARENA_NEW(c->mem, struct expr);
    if (e)
        e->op = op;
    else
        sigma_no_memory(c);
    return e;
}

void expr_add(struct expr *parent, struct expr *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

/* --- search identifiers */

static struct expr *map_search(struct parser *p, const struct yaml *y)
{
    struct expr *all = expr_new(p->c, NODE_AND);
    if (y->n == 0) {
        sigma_fail(p->c, p->r->path, y->line, "a search must hold at least one field");
        return NULL;
    }
    for (size_t i = 0; all && i < y->n; i++) {
        const struct yaml *item = &y->items[i];
        struct expr *e = sigma_item(p->c, p->r, item->key, item->key_line, item);
        if (!e)
            return NULL;
        expr_add(all, e);
    }
    return all;
}

/* A list holds maps or keywords; both are joined by or. */
static struct expr *list_search(struct parser *p, const struct yaml *y)
{
    struct expr *any = expr_new(p->c, NODE_OR);
    if (y->n == 0) {
        sigma_fail(p->c, p->r->path, y->line, "a search must not be an empty list");
        return NULL;
    }
    for (size_t i = 0; any && i < y->n; i++) {
        const struct yaml *item = &y->items[i];
        struct expr *e = NULL;
        if (item->kind == YAML_MAP)
            e = map_search(p, item);
        else if (item->kind == YAML_SCALAR)
            e = sigma_item(p->c, p->r, (slice){ 0 }, item->line, item);
        else
            sigma_fail(p->c, p->r->path, item->line,
                       "a list of searches holds maps or keywords, no lists");
        if (!e)
            return NULL;
        expr_add(any, e);
    }
    return any;
}

static struct expr *use(struct parser *p, struct search *s)
{
    s->used = true;
    if (++p->made > SEARCHES_MAX) {
        sigma_fail(p->c, p->r->path, p->line,
                   "the condition names searches too often; split the rule");
        return NULL;
    }
    if (s->body->kind == YAML_MAP)
        return map_search(p, s->body);
    if (s->body->kind == YAML_LIST)
        return list_search(p, s->body);
    return sigma_item(p->c, p->r, (slice){ 0 }, s->body->line, s->body);
}

/* --- the condition */

static bool bad(struct parser *p, const char *what)
{
    return sigma_fail(p->c, p->r->path, p->line, "condition '%.*s': %s", SLICE_FMT(p->text), what);
}

static bool name_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '-' || c == '*' || c == '?' || c == '.' || c >= 0x80;
}

static slice peek(struct parser *p)
{
    while (p->pos < p->text.len && ascii_space(p->text.at[p->pos]))
        p->pos++;
    size_t end = p->pos;
    if (end < p->text.len && !name_byte(p->text.at[end]))
        return slice_sub(p->text, end, 1);
    while (end < p->text.len && name_byte(p->text.at[end]))
        end++;
    return slice_sub(p->text, p->pos, end - p->pos);
}

static bool take(struct parser *p, const char *word)
{
    slice next = peek(p);
    if (!slice_is_nocase(next, word))
        return false;
    p->pos += next.len;
    return true;
}

/* `*` in a pattern of names. */
static bool name_fits(slice pattern, slice name)
{
    size_t i = 0, j = 0, star = SIZE_MAX, back = 0;
    while (j < name.len) {
        if (i < pattern.len && pattern.at[i] == '*') {
            star = i++;
            back = j;
        } else if (i < pattern.len && pattern.at[i] == name.at[j]) {
            i++, j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++back;
        } else {
            return false;
        }
    }
    while (i < pattern.len && pattern.at[i] == '*')
        i++;
    return i == pattern.len;
}

static struct expr *of(struct parser *p, bool all)
{
    slice pattern = peek(p);
    p->pos += pattern.len;
    bool them = slice_is_nocase(pattern, "them");
    struct expr *e = expr_new(p->c, all ? NODE_AND : NODE_OR);
    uint32_t found = 0;
    for (uint32_t i = 0; e && i < p->n; i++) {
        struct search *s = &p->searches[i];
        if (them ? s->name.len && s->name.at[0] == '_' : !name_fits(pattern, s->name))
            continue;
        struct expr *child = use(p, s);
        if (!child)
            return NULL;
        expr_add(e, child);
        found++;
    }
    if (e && !found) {
        bad(p, "nothing in `detection` has a name that fits `1 of` or `all of`");
        return NULL;
    }
    return e;
}

static struct expr *or_level(struct parser *p);

static struct expr *atom_level(struct parser *p)
{
    if (take(p, "(")) {
        struct expr *e = or_level(p);
        if (e && !take(p, ")")) {
            bad(p, "a closing parenthesis is missing");
            return NULL;
        }
        return e;
    }
    slice word = peek(p);
    size_t before = p->pos;
    bool one = slice_is_nocase(word, "1") || slice_is_nocase(word, "any"),
         all = slice_is_nocase(word, "all");
    if (one || all) {
        p->pos += word.len;
        if (take(p, "of"))
            return of(p, all);
        p->pos = before;
    }
    if (slice_is(word, "|")) {
        bad(p, "aggregations behind | are of Sigma 1; write a correlation rule");
        return NULL;
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (slice_eq(p->searches[i].name, word)) {
            p->pos += word.len;
            return use(p, &p->searches[i]);
        }
    if (word.len == 0)
        bad(p, "it ends too early");
    else
        sigma_fail(
            p->c, p->r->path, p->line,
            "condition '%.*s': there is no '%.*s' in `detection`; define it or correct the name",
            SLICE_FMT(p->text), SLICE_FMT(word));
    return NULL;
}

static struct expr *not_level(struct parser *p)
{
    if (!take(p, "not"))
        return atom_level(p);
    if (++p->depth > DEPTH_MAX) {
        bad(p, "nested too deeply");
        return NULL;
    }
    struct expr *child = not_level(p);
    struct expr *e = child ? expr_new(p->c, NODE_NOT) : NULL;
    p->depth--;
    if (e)
        expr_add(e, child);
    return e;
}

/* One operator of two; a single operand stands for itself. */
static struct expr *join(struct parser *p, uint8_t op, const char *word,
                         struct expr *(*operand)(struct parser *))
{
    struct expr *first = operand(p);
    if (!first || !slice_is_nocase(peek(p), word))
        return first;
    struct expr *e = expr_new(p->c, op);
    if (!e)
        return NULL;
    expr_add(e, first);
    while (take(p, word)) {
        struct expr *next = operand(p);
        if (!next)
            return NULL;
        expr_add(e, next);
    }
    return e;
}

static struct expr *and_level(struct parser *p)
{
    return join(p, NODE_AND, "and", not_level);
}

static struct expr *or_level(struct parser *p)
{
    if (++p->depth > DEPTH_MAX) {
        bad(p, "nested too deeply");
        return NULL;
    }
    struct expr *e = join(p, NODE_OR, "or", and_level);
    p->depth--;
    return e;
}

static struct expr *condition(struct parser *p, const struct yaml *y)
{
    if (y->kind != YAML_SCALAR) {
        sigma_fail(p->c, p->r->path, y->line, "a condition must be text");
        return NULL;
    }
    p->text = y->text;
    p->line = y->line;
    p->pos = 0;
    struct expr *e = or_level(p);
    slice rest = e ? peek(p) : (slice){ 0 };
    if (e && rest.len) {
        if (slice_is(rest, "|"))
            bad(p, "aggregations behind | are of Sigma 1; write a correlation rule");
        else
            sigma_fail(p->c, p->r->path, p->line,
                       "condition '%.*s': `and` or `or` is missing before '%.*s'",
                       SLICE_FMT(p->text), SLICE_FMT(rest));
        return NULL;
    }
    return e;
}

static struct expr *conditions(struct parser *p, const struct yaml *y)
{
    if (y->kind != YAML_LIST)
        return condition(p, y);
    struct expr *any = expr_new(p->c, NODE_OR);
    for (size_t i = 0; any && i < y->n; i++) {
        struct expr *e = condition(p, &y->items[i]);
        if (!e)
            return NULL;
        expr_add(any, e);
    }
    if (any && !any->first) {
        sigma_fail(p->c, p->r->path, y->line, "the condition is empty");
        return NULL;
    }
    return any;
}

struct expr *sigma_detection(struct compiler *c, const struct sigma_rule *r,
                             const struct yaml *detection)
{
    const struct yaml *cond = yaml_get(detection, "condition");
    struct parser p = { .c = c, .r = r };
    if (detection->kind != YAML_MAP || !cond || detection->n > SEARCHES_MAX) {
        sigma_fail(c, r->path, detection->line,
                   "`detection` must be a map of searches and a `condition`");
        return NULL;
    }
    p.searches = ARENA_ARRAY(c->mem, struct search, detection->n + 1);
    if (!p.searches) {
        sigma_no_memory(c);
        return NULL;
    }
    for (size_t i = 0; i < detection->n; i++) {
        const struct yaml *y = &detection->items[i];
        if (y == cond)
            continue;
        if (slice_is(y->key, "timeframe")) {
            sigma_fail(c, r->path, y->key_line,
                       "`timeframe` is of Sigma 1; write a correlation rule with `timespan`");
            return NULL;
        }
        p.searches[p.n++] = (struct search){ y->key, y, y->key_line, false };
    }
    struct expr *e = conditions(&p, cond);
    for (uint32_t i = 0; e && r->source->ours && i < p.n; i++)
        if (!p.searches[i].used) {
            sigma_fail(c, r->path, p.searches[i].line,
                       "the condition does not use '%.*s'; use it or remove it",
                       SLICE_FMT(p.searches[i].name));
            return NULL;
        }
    return e;
}
