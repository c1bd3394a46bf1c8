/* SPDX-License-Identifier: Apache-2.0 */
/* compile - rules as text to one image.
 *
 * String conditions become atoms: the same question about the same field is
 * asked once, however many rules ask it. Of each atom the pattern set gets one
 * literal (its longest run without wildcards) or its expression; what the set
 * cannot take is left to atom_matches().
 */
#include "base/hash.h"
#include "base/text.h"
#include "judge/image.h"
#include "judge/sigma.h"
#include <errno.h>

enum { LITERAL_MAX = 128, MEMORY_MAX = 1 << 30 };

/* --- hash table: open addressing, never full, ids only */

uint32_t hash_next(const struct hash_table *t, uint64_t hash, uint32_t *cursor)
{
    for (; t->room && *cursor < t->room; ++*cursor) {
        const struct hash_slot *s = &t->at[(hash + *cursor) & (t->room - 1)];
        if (s->id == 0)
            return NO_ID;
        if (s->hash == hash) {
            ++*cursor;
            return s->id - 1;
        }
    }
    return NO_ID;
}

static void hash_put(struct hash_table *t, uint64_t hash, uint32_t id)
{
    uint64_t i = hash;
    while (t->at[i & (t->room - 1)].id)
        i++;
    t->at[i & (t->room - 1)] = (struct hash_slot){ hash, id + 1 };
}

bool hash_add(struct compiler *c, struct hash_table *t, uint64_t hash, uint32_t id)
{
    if ((t->n + 1) * 2 > t->room) {
        struct hash_table bigger = { .n = t->n, .room = t->room ? t->room * 2 : 256 };
        bigger.at = ARENA_ARRAY(c->mem, struct hash_slot, bigger.room);
        if (!bigger.at)
            return sigma_no_memory(c);
        for (uint32_t i = 0; i < t->room; i++)
            if (t->at[i].id)
                hash_put(&bigger, t->at[i].hash, t->at[i].id - 1);
        *t = bigger;
    }
    hash_put(t, hash, id);
    t->n++;
    return true;
}

/* --- atoms */

static slice atom_key(struct compiler *c, const struct atom *a, const uint16_t *units, uint32_t n)
{
    struct buf b = buf_new(1 << 20);
    buf_format(&b, "%u %u %u ", a->field, a->kind, a->regex_flags);
    buf_put(&b, a->text);
    for (uint32_t i = 0; i < n; i++) {
        buf_byte(&b, (uint8_t)(units[i] & 0xff));
        buf_byte(&b, (uint8_t)(units[i] >> 8));
    }
    slice key = b.full ? (slice){ 0 } : arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return key;
}

uint32_t sigma_atom(struct compiler *c, const struct atom *a, const uint16_t *units, uint32_t n)
{
    slice key = atom_key(c, a, units, n);
    uint32_t cursor = 0, id;
    if (key.len == 0) {
        sigma_no_memory(c);
        return NO_ID;
    }
    uint64_t hash = fnv1a(0, key);
    while ((id = hash_next(&c->atom_table, hash, &cursor)) != NO_ID)
        if (slice_eq(c->atom_keys[id], key))
            return id;
    uint32_t n_keys = c->n_atoms;
    c->atom_keys = sigma_grow(c, c->atom_keys, &n_keys, &c->room_keys, sizeof *c->atom_keys);
    struct atom *new = c->atom_keys ? SIGMA_GROW(c, atoms) : NULL;
    id = c->n_atoms - 1;
    if (!new || !hash_add(c, &c->atom_table, hash, id))
        return NO_ID;
    c->atom_keys[id] = key;
    *new = *a;
    if (a->kind == ATOM_GLOB && !glob_make(units, n, a->regex_flags & 1, c->mem, &new->glob)) {
        sigma_no_memory(c);
        return NO_ID;
    }
    return id;
}

/* --- patterns */

struct run { /* literal units side by side */
    const uint16_t *units;
    uint32_t n;
    bool start, end; /* stands at the start, the end of the text */
};

static struct run longest_run(const struct glob *g)
{
    struct run best = { .n = 0 };
    for (uint32_t s = 0; s < g->n; s++) {
        const struct glob_segment *seg = &g->segments[s];
        for (uint32_t i = 0; i < seg->n;) {
            uint32_t from = i;
            while (i < seg->n && seg->units[i] < 256)
                i++;
            if (i - from > best.n)
                best = (struct run){ seg->units + from, i - from, g->start && s == 0 && from == 0,
                                     g->end && s + 1 == g->n && i == seg->n };
            i += i < seg->n;
        }
    }
    if (best.n > LITERAL_MAX) {
        best.n = LITERAL_MAX;
        best.end = false;
    }
    return best;
}

static slice literal_expression(struct compiler *c, const struct run *r)
{
    struct buf out = buf_new(LITERAL_MAX * 8), raw = buf_new(LITERAL_MAX);
    for (uint32_t i = 0; i < r->n; i++)
        buf_byte(&raw, (uint8_t)r->units[i]);
    buf_text(&out, r->start ? "\\A" : "");
    match_quote(&out, buf_slice(&raw));
    buf_text(&out, r->end ? "\\z" : "");
    slice text = out.full ? (slice){ 0 } : arena_copy(c->mem, buf_slice(&out));
    buf_drop(&raw);
    buf_drop(&out);
    return text;
}

static bool share_pattern(struct compiler *c, uint32_t atom, slice expression, unsigned flags)
{
    uint8_t flag_byte = (uint8_t)flags;
    uint64_t hash = fnv1a(fnv1a(0, expression), (slice){ &flag_byte, 1 });
    uint32_t cursor = 0, id;
    while ((id = hash_next(&c->pattern_table, hash, &cursor)) != NO_ID)
        if (c->patterns[id].flags == flags && slice_eq(c->patterns[id].expression, expression)) {
            c->pattern_of[atom] = id;
            return true;
        }
    struct match_pattern *p = SIGMA_GROW(c, patterns);
    id = c->n_patterns - 1;
    if (!p || !hash_add(c, &c->pattern_table, hash, id))
        return false;
    *p = (struct match_pattern){ expression, flags, id };
    c->pattern_of[atom] = id;
    return true;
}

static bool expression_pattern(struct compiler *c, uint32_t atom)
{
    struct atom *a = &c->atoms[atom];
    unsigned flags = (a->regex_flags & REGEX_CASELESS ? MATCH_CASELESS : 0u) |
                     (a->regex_flags & REGEX_DOTALL ? MATCH_DOTALL : 0u) |
                     (a->regex_flags & REGEX_MULTILINE ? MATCH_MULTILINE : 0u);
    struct match_pattern p = { a->text, flags, 0 };
    enum match_support support = match_supports(&p);
    if (support == MATCH_NONE) {
        a->flags |= ATOM_DIRECT;
        return true;
    }
    a->flags |= support == MATCH_EXACT ? ATOM_SURE : 0;
    return share_pattern(c, atom, a->text, flags);
}

static bool searched(const struct atom *a)
{
    if (a->field == FIELD_ANY)
        return true;
    enum fact_type type = fact_row((enum fact_id)a->field)->type;
    return type == FACT_TYPE_TEXT || type == FACT_TYPE_VIEW;
}

static bool make_patterns(struct compiler *c)
{
    c->pattern_of = ARENA_ARRAY(c->mem, uint32_t, (size_t)c->n_atoms + 1);
    if (!c->pattern_of)
        return sigma_no_memory(c);
    for (uint32_t i = 0; i < c->n_atoms; i++) {
        struct atom *a = &c->atoms[i];
        c->pattern_of[i] = NO_ID;
        if (!searched(a))
            continue;
        if (a->kind == ATOM_REGEX) {
            if (!expression_pattern(c, i))
                return false;
            continue;
        }
        struct run run = a->kind == ATOM_GLOB ? longest_run(&a->glob) : (struct run){ .n = 0 };
        if (run.n == 0) {
            a->flags |= ATOM_DIRECT;
            continue;
        }
        slice expression = literal_expression(c, &run);
        if (expression.len == 0)
            return sigma_no_memory(c);
        if (!share_pattern(c, i, expression, MATCH_DOTALL | (a->glob.cased ? 0u : MATCH_CASELESS)))
            return false;
    }
    return true;
}

/* --- conditions */

/* `and` of one, `or` of one: the one. */
static const struct expr *simple(const struct expr *e)
{
    while ((e->op == NODE_AND || e->op == NODE_OR) && e->first && !e->first->next)
        e = e->first;
    return e;
}

static bool put_node(struct compiler *c, const struct sigma_rule *r, const struct expr *e,
                     unsigned depth, uint32_t from)
{
    e = simple(e);
    if (depth >= NODE_DEPTH_MAX || c->n_nodes - from > SIGMA_NODES_MAX)
        return sigma_fail(c, r->path, r->line, "the condition is too large; split the rule");
    struct node *new = SIGMA_GROW(c, nodes);
    if (!new)
        return false;
    uint32_t at = c->n_nodes - 1;
    c->nodes[at] = (struct node){ .op = e->op, .arg = e->test };
    for (const struct expr *child = e->first; child; child = child->next)
        if (!put_node(c, r, child, depth + 1, from))
            return false;
    c->nodes[at].end = c->n_nodes;
    return true;
}

/* --- triggers: a set of which at least one must be there for the condition to hold */

struct trigger_set {
    bool none; /* could hold without any */
    struct trigger *at;
    uint32_t n;
    uint64_t cost; /* how often it will stand where the rule does not hold; a guess */
};

static struct trigger_set test_trigger(struct compiler *c, uint32_t test)
{
    const struct test *t = &c->tests[test];
    bool local = t->field.scope == SCOPE_SELF;
    struct trigger_set s = { .none = t->kind == TEST_NULL ||
                                     (t->kind == TEST_EXISTS && t->number == 0) };
    if (s.none)
        return s;
    s.at = ARENA_NEW(c->mem, struct trigger);
    if (!s.at) {
        sigma_no_memory(c);
        s.none = true;
        return s;
    }
    bool atom = t->kind == TEST_ATOM;
    *s.at = (struct trigger){ atom, local, atom ? t->atom : t->field.id };
    s.n = 1;
    s.cost = (atom ? 1u : 50u) * (local ? 1u : 4u);
    return s;
}

static struct trigger_set joined(struct compiler *c, const struct trigger_set *a,
                                 const struct trigger_set *b)
{
    struct trigger_set s = { .none = a->none || b->none };
    if (s.none)
        return s;
    s.n = a->n + b->n;
    s.cost = a->cost + b->cost;
    s.at = ARENA_ARRAY(c->mem, struct trigger, s.n);
    if (!s.at) {
        sigma_no_memory(c);
        return (struct trigger_set){ .none = true };
    }
    for (uint32_t i = 0; i < s.n; i++)
        s.at[i] = i < a->n ? a->at[i] : b->at[i - a->n];
    return s;
}

static struct trigger_set expr_triggers(struct compiler *c, const struct expr *e);

/* All children's sets in one: halves first, so that long lists stay cheap. */
static struct trigger_set or_triggers(struct compiler *c, const struct expr **children, uint32_t n)
{
    if (n == 0)
        return (struct trigger_set){ .none = true };
    if (n == 1)
        return expr_triggers(c, children[0]);
    struct trigger_set a = or_triggers(c, children, n / 2);
    struct trigger_set b = a.none ? a : or_triggers(c, children + n / 2, n - n / 2);
    return joined(c, &a, &b);
}

static struct trigger_set expr_triggers(struct compiler *c, const struct expr *e)
{
    struct trigger_set best = { .none = true };
    uint32_t n = 0;
    if (e->op == NODE_TEST)
        return test_trigger(c, e->test);
    if (e->op == NODE_NOT)
        return best;
    for (const struct expr *child = e->first; child; child = child->next)
        n++;
    if (e->op == NODE_OR) {
        const struct expr **children = ARENA_ARRAY(c->mem, const struct expr *, (size_t)n + 1);
        if (!children) {
            sigma_no_memory(c);
            return best;
        }
        n = 0;
        for (const struct expr *child = e->first; child; child = child->next)
            children[n++] = child;
        return or_triggers(c, children, n);
    }
    for (const struct expr *child = e->first; child; child = child->next) {
        struct trigger_set s = expr_triggers(c, child);
        if (!s.none && (best.none || s.cost < best.cost))
            best = s;
    }
    return best;
}

bool sigma_triggers(struct compiler *c, struct sigma_rule *r, bool *always_out)
{
    struct trigger_set s = expr_triggers(c, r->condition);
    bool local = true;
    for (uint32_t i = 0; i < s.n; i++)
        local &= s.at[i].local;
    for (uint32_t i = 0; i < s.n; i++) /* one far trigger makes the rule be tried everywhere */
        s.at[i].local = local;
    r->triggers = s.at;
    r->n_triggers = s.none ? 0 : s.n;
    *always_out = s.none;
    return c->code == 0;
}

/* --- all together */

static bool stand_alone(struct compiler *c)
{
    for (uint32_t i = 0; i < c->n_rules; i++)
        c->rules[i].rule.standalone = true;
    for (uint32_t i = 0; i < c->n_rules; i++)
        if (c->rules[i].rule.info.correlation && !sigma_correlation_parse(c, i))
            return false;
    /* correlations 2.0, "Generate": by default the rules referred to only serve
     * the correlation. */
    for (uint32_t i = 0; i < c->n_rules; i++)
        c->rules[i].rule.standalone = !c->rules[i].referred;
    for (uint32_t i = 0; i < c->n_rules; i++) {
        const struct sigma_rule *r = &c->rules[i];
        for (uint32_t k = 0; r->generate && k < r->correlation.n_refs; k++)
            c->rules[r->correlation.refs[k]].rule.standalone = true;
    }
    return sigma_correlation_order(c);
}

/* Facts named in a text must exist; `{` may not be used otherwise. */
static bool check_placeholders(struct compiler *c, const struct sigma_rule *r, slice text)
{
    for (size_t i = 0;;) {
        size_t open = slice_find_byte(text, '{', i);
        size_t close = open == SIZE_MAX ? SIZE_MAX : slice_find_byte(text, '}', open);
        if (close == SIZE_MAX)
            return true;
        slice name = slice_sub(text, open + 1, close - open - 1);
        if (fact_by_name(name) == FACT_COUNT) {
            slice near = sigma_nearest(c, name);
            return sigma_fail(c, r->path, r->line, "{%.*s} in a text names no fact%.*s",
                              SLICE_FMT(name), SLICE_FMT(near));
        }
        i = close + 1;
    }
    return true;
}

/* What `explain` shows stands in both languages. */
static bool check_explanation(struct compiler *c, const struct sigma_rule *r)
{
    const struct rule_info *i = &r->rule.info;
    if (!i->ours || (i->title.ja.len && i->description.en.len && i->description.ja.len &&
                     (i->falsepositives.ja.len || !i->falsepositives.en.len) && (i->todo.ja.len || !i->todo.en.len)))
        return true;
    return sigma_fail(c, r->path, r->line,
                      "a rule of ours needs a `description`, and in `sekisho:` title.ja and description.ja, "
                      "with falsepositives.ja and todo.ja where there are English ones");
}

static bool check_texts(struct compiler *c)
{
    for (uint32_t i = 0; i < c->n_rules; i++) {
        const struct rule_info *info = &c->rules[i].rule.info;
        const slice texts[] = { info->reason.en, info->reason.ja, info->todo.en, info->todo.ja };
        for (size_t t = 0; c->rules[i].known && t < sizeof texts / sizeof *texts; t++)
            if (!check_placeholders(c, &c->rules[i], texts[t]))
                return false;
        if (info->ours && c->rules[i].rule.standalone && (info->reason.en.len == 0 || info->reason.ja.len == 0))
            return sigma_fail(c, c->rules[i].path, c->rules[i].line,
                              "a rule of ours needs `sekisho:` with reason.en and reason.ja: what a "
                              "reader is told");
        if (!check_explanation(c, &c->rules[i]))
            return false;
    }
    return true;
}

static bool compile_conditions(struct compiler *c)
{
    for (uint32_t i = 0; i < c->n_rules; i++) {
        struct sigma_rule *r = &c->rules[i];
        if (r->rule.info.correlation || !r->rule.runs)
            continue;
        uint32_t from = c->n_nodes;
        r->rule.node = from;
        if (!put_node(c, r, r->condition, 0, from) || !sigma_triggers(c, r, &r->rule.always))
            return false;
    }
    return true;
}

static slice digest_of(struct compiler *c, const struct rule_source *sources, size_t n)
{
    struct sha256 h;
    uint8_t sum[32];
    char hex[65];
    sha256_start(&h);
    for (size_t i = 0; i < n; i++) {
        uint8_t ours = sources[i].ours;
        uint8_t one[32];
        sha256_add(&h, (slice){ &ours, 1 });
        sha256_of(sources[i].path, one);
        sha256_add(&h, (slice){ one, sizeof one });
        sha256_of(sources[i].text, one);
        sha256_add(&h, (slice){ one, sizeof one });
    }
    sha256_end(&h, sum);
    hex_of((slice){ sum, sizeof sum }, hex);
    return arena_copy(c->mem, slice_of(hex));
}

static int compile_all(struct compiler *c, const struct rule_source *sources, size_t n,
                       struct buf *image_out)
{
    struct sigma_source *files;
    if (!sigma_read_sources(c, sources, n, &files))
        return c->code;
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < files[i].n; d++)
            if (!sigma_parse_rule(c, &files[i], &files[i].documents[d]))
                return c->code;
    if (!sigma_check_names(c) || !stand_alone(c) || !check_texts(c) || !compile_conditions(c) ||
        !make_patterns(c))
        return c->code;
    struct buf set = buf_new(IMAGE_MAX);
    int code = c->n_patterns ? matcher_compile(c->patterns, c->n_patterns, &set, c->err) : 0;
    if (code == 0)
        code = image_write(c, digest_of(c, sources, n), buf_slice(&set), image_out);
    buf_drop(&set);
    return code;
}

int rules_compile(const struct rule_source *sources, size_t n, struct buf *image_out,
                  struct err *err_out)
{
    struct compiler *c = NULL;
    struct arena *mem = arena_new(MEMORY_MAX);
    if (mem)
        c = ARENA_NEW(mem, struct compiler);
    if (!c) {
        arena_drop(&mem);
        return err_set(err_out, -ENOMEM, "out of memory while compiling the rules");
    }
    c->mem = mem;
    c->err = err_out;
    int code = compile_all(c, sources, n, image_out);
    arena_drop(&mem);
    return code;
}
