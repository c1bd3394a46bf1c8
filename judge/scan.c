/* SPDX-License-Identifier: Apache-2.0 */
/* scan - the strings of all rules against one value, in the worker.
 *
 * The pattern set holds one literal or expression per atom and only says which
 * atoms are worth a look; atom_matches() decides, as it does at the desk, so
 * that both ends of the wire agree. Only expressions that the set matches
 * exactly are believed at once (ATOM_SURE).
 */
#include "judge/judge_private.h"
#include <errno.h>

enum { EXCERPT_BACK = 512 }; /* how far before the end of a sure hit its start is looked for */

struct rule_scanner {
    struct arena *mem;
    const struct rules *rules;
    struct matcher *matcher; /* NULL: no patterns */
    uint32_t *seen;          /* per atom: round in which it was decided */
    uint32_t round;
    /* of the value being scanned */
    uint16_t field;
    slice value;
    void (*hit)(void *host, uint32_t atom, struct range at);
    void *host;
};

/* Expressions are made ready before the process locks itself down. */
static int make_expressions(const struct rules *r, struct err *err_out)
{
    for (uint32_t i = 0; i < r->n_atoms; i++) {
        const struct atom *a = &r->atoms[i];
        if (a->kind != ATOM_REGEX || r->regex[i])
            continue;
        int code = regex_new(a->text, a->regex_flags, &r->regex[i], err_out);
        if (code)
            return code;
    }
    return 0;
}

int rule_scanner_new(const struct rules *r, struct rule_scanner **out, struct err *err_out)
{
    struct arena *mem = arena_new((size_t)r->n_atoms * sizeof(uint32_t) + 4096);
    struct rule_scanner *s = mem ? ARENA_NEW(mem, struct rule_scanner) : NULL;
    uint32_t *seen = s ? ARENA_ARRAY(mem, uint32_t, (size_t)r->n_atoms + 1) : NULL;
    if (!seen) {
        arena_drop(&mem);
        return err_set(err_out, -ENOMEM, "out of memory while opening the rules");
    }
    *s = (struct rule_scanner){ .mem = mem, .rules = r, .seen = seen };
    int code = make_expressions(r, err_out);
    if (code == 0 && r->matcher.len)
        code = matcher_open(r->matcher, &s->matcher, err_out);
    if (code) {
        arena_drop(&mem);
        return code;
    }
    *out = s;
    return 0;
}

void rule_scanner_drop(struct rule_scanner **s)
{
    if (!*s)
        return;
    matcher_drop(&(*s)->matcher);
    struct arena *mem = (*s)->mem;
    arena_drop(&mem);
    *s = NULL;
}

bool rule_scanner_wants(const struct rule_scanner *s, enum fact_id field)
{
    CHECK(field < FACT_COUNT);
    enum fact_type type = fact_row(field)->type;
    return (type == FACT_TYPE_TEXT || type == FACT_TYPE_VIEW) &&
           (s->rules->field_atoms[field].n || s->rules->any_atoms.n);
}

static void decide(struct rule_scanner *s, uint32_t atom)
{
    struct range at;
    if (s->seen[atom] == s->round)
        return;
    s->seen[atom] = s->round;
    if (atom_matches(s->rules, atom, s->value, &at))
        s->hit(s->host, atom, at);
}

/* The set tells where a match ends. A place for the report is looked for in
 * front of it; that no place is found there changes nothing about the hit. */
static void believe(struct rule_scanner *s, uint32_t atom, size_t end)
{
    if (s->seen[atom] == s->round)
        return;
    s->seen[atom] = s->round;
    end = end < s->value.len ? end : s->value.len;
    size_t from = end > EXCERPT_BACK ? end - EXCERPT_BACK : 0;
    struct range at;
    if (atom_matches(s->rules, atom, slice_sub(s->value, from, end - from), &at))
        at = (struct range){ from + at.from, from + at.to };
    else
        at = (struct range){ end ? end - 1 : 0, end };
    s->hit(s->host, atom, at);
}

static bool on_pattern(void *host, uint32_t id, size_t end)
{
    struct rule_scanner *s = host;
    if (id >= s->rules->n_patterns)
        return true;
    struct list atoms = s->rules->patterns[id].atoms;
    for (uint32_t i = 0; i < atoms.n; i++) {
        const struct atom *a = &s->rules->atoms[atoms.at[i]];
        if (a->field != s->field && a->field != FIELD_ANY)
            continue;
        if (a->flags & ATOM_SURE)
            believe(s, atoms.at[i], end);
        else
            decide(s, atoms.at[i]);
    }
    return true;
}

static void next_round(struct rule_scanner *s)
{
    if (++s->round != 0)
        return;
    for (uint32_t i = 0; i < s->rules->n_atoms; i++)
        s->seen[i] = 0;
    s->round = 1;
}

void rule_scanner_scan(struct rule_scanner *s, enum fact_id field, slice value,
                       void (*hit)(void *host, uint32_t atom, struct range at), void *host)
{
    const struct rules *r = s->rules;
    if (!rule_scanner_wants(s, field))
        return;
    next_round(s);
    s->field = (uint16_t)field;
    s->value = value;
    s->hit = hit;
    s->host = host;
    for (uint32_t i = 0; i < r->field_direct[field].n; i++)
        decide(s, r->field_direct[field].at[i]);
    for (uint32_t i = 0; i < r->any_direct.n; i++)
        decide(s, r->any_direct.at[i]);
    if (s->matcher)
        matcher_scan(s->matcher, value, on_pattern, s);
}
