/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_correlation - correlation rules 2.0.0: what they refer to, group by
 * and count; and an order in which each comes after those it refers to. */
#include "base/text.h"
#include "judge/sigma.h"

struct parse {
    struct compiler *c;
    struct sigma_rule *r;
    const struct yaml *doc, *aliases;
    struct correlation *out;
    uint32_t *refs;
};

static bool fail(struct parse *p, const struct yaml *at, const char *what)
{
    return sigma_fail(p->c, p->r->path, at->line, "correlation: %s", what);
}

static bool read_kind(struct parse *p)
{
    static const char *const names[CORRELATION_KINDS] = { "event_count", "value_count", "temporal",
                                                          "temporal_ordered" };
    const struct yaml *type = yaml_get(p->doc, "type");
    for (int k = 0; type && k < CORRELATION_KINDS; k++)
        if (slice_is(type->text, names[k])) {
            p->out->kind = (uint8_t)k;
            return true;
        }
    return fail(p, type ? type : p->doc,
                "`type` must be event_count, value_count, temporal or temporal_ordered");
}

static bool add_ref(struct parse *p, const struct yaml *y)
{
    uint32_t id = y->kind == YAML_SCALAR ? sigma_find_rule(p->c, y->text) : NO_ID;
    if (id == NO_ID)
        return sigma_fail(p->c, p->r->path, y->line,
                          "correlation: no rule has the name or id '%.*s'", SLICE_FMT(y->text));
    for (uint32_t i = 0; i < p->out->n_refs; i++)
        if (p->refs[i] == id)
            return fail(p, y, "this rule is named twice");
    struct sigma_rule *ref = &p->c->rules[id];
    ref->referred = true;
    if (p->r->generate)
        ref->rule.standalone = true;
    p->refs[p->out->n_refs++] = id;
    return true;
}

static bool read_refs(struct parse *p)
{
    const struct yaml *rules = yaml_get(p->doc, "rules");
    if (!rules || rules->kind == YAML_MAP ||
        (rules->kind == YAML_LIST && (rules->n == 0 || rules->n > SIGMA_REFS_MAX)))
        return fail(p, rules ? rules : p->doc, "`rules` must name one to 64 rules");
    p->refs = ARENA_ARRAY(p->c->mem, uint32_t, rules->n + 1);
    if (!p->refs)
        return sigma_no_memory(p->c);
    p->out->refs = p->refs;
    if (rules->kind == YAML_SCALAR)
        return add_ref(p, rules);
    for (size_t i = 0; i < rules->n; i++)
        if (!add_ref(p, &rules->items[i]))
            return false;
    return true;
}

static bool read_timespan(struct parse *p)
{
    const struct yaml *span = yaml_get(p->doc, "timespan");
    uint64_t n;
    bool good = span && span->text.len > 1 &&
                slice_u64(slice_sub(span->text, 0, span->text.len - 1), &n) &&
                memchr("smhd", span->text.at[span->text.len - 1], 4);
    return good || fail(p, span ? span : p->doc,
                        "`timespan` must be a number and s, m, h or d, such as 5m");
}

static bool read_bound(struct parse *p, const struct yaml *y)
{
    uint64_t n;
    struct correlation *c = p->out;
    if (!slice_u64(y->text, &n) || n > INT32_MAX)
        return fail(p, y, "a count must be a whole number");
    int64_t v = (int64_t)n;
    if (slice_is(y->key, "gt") || slice_is(y->key, "gte")) {
        v += slice_is(y->key, "gt");
        c->least = v > c->least ? v : c->least;
    } else if (slice_is(y->key, "lt") || slice_is(y->key, "lte")) {
        v -= slice_is(y->key, "lt");
        c->most = v < c->most ? v : c->most;
    } else if (slice_is(y->key, "eq")) {
        c->least = c->most = v;
    } else {
        return fail(p, y, "the condition knows gt, gte, lt, lte, eq and field");
    }
    return true;
}

static bool read_condition(struct parse *p, const struct yaml **field_out)
{
    const struct yaml *cond = yaml_get(p->doc, "condition");
    struct correlation *c = p->out;
    bool counts = c->kind == CORRELATE_EVENT_COUNT || c->kind == CORRELATE_VALUE_COUNT;
    *field_out = NULL;
    c->least = counts ? 1 : c->n_refs;
    c->most = INT64_MAX;
    if (!cond || cond->kind != YAML_MAP || cond->n == 0)
        return !counts && !cond
                   ? true
                   : fail(p, cond ? cond : p->doc, "`condition` must be a map such as `gte: 3`");
    if (!counts)
        c->least = 1;
    for (size_t i = 0; i < cond->n; i++) {
        if (slice_is(cond->items[i].key, "field"))
            *field_out = &cond->items[i];
        else if (!read_bound(p, &cond->items[i]))
            return false;
    }
    if ((c->kind == CORRELATE_VALUE_COUNT) != !!*field_out)
        return fail(p, cond, "value_count, and only it, has `field` in its condition");
    return true;
}

/* The field of a referred rule's events: by its own name or by an alias. */
static bool resolve(struct parse *p, const struct yaml *name, uint32_t ref, struct field *out)
{
    const struct sigma_rule *r = &p->c->rules[p->out->refs[ref]];
    slice field = name->text;
    for (size_t i = 0; p->aliases && i < p->aliases->n; i++) {
        const struct yaml *a = &p->aliases->items[i];
        if (!slice_eq(a->key, field) || a->kind != YAML_MAP)
            continue;
        for (size_t j = 0; j < a->n; j++)
            if (sigma_find_rule(p->c, a->items[j].key) == p->out->refs[ref])
                return sigma_field(p->c, r, a->items[j].line, a->items[j].text, out);
        return sigma_fail(p->c, p->r->path, a->line,
                          "correlation: the alias '%.*s' says no field for every rule",
                          SLICE_FMT(field));
    }
    struct sigma_rule as_ours =
        *r; /* the message must name this file, not that of the other rule */
    as_ours.path = p->r->path;
    return sigma_field(p->c, &as_ours, name->line, field, out);
}

static bool read_groups(struct parse *p)
{
    const struct yaml *by = yaml_get(p->doc, "group-by");
    struct correlation *c = p->out;
    size_t n = !by                       ? 0
               : by->kind == YAML_LIST   ? by->n
               : by->kind == YAML_SCALAR ? 1
                                         : GROUP_FIELDS_MAX + 1;
    if (n > GROUP_FIELDS_MAX)
        return fail(p, by, "`group-by` must name at most 8 fields");
    const struct yaml *fields[GROUP_FIELDS_MAX] = { NULL };
    for (size_t i = 0; i < n; i++) {
        const struct yaml *f = by->kind == YAML_LIST ? &by->items[i] : by;
        if (f->kind != YAML_SCALAR)
            return fail(p, f, "`group-by` must name fields");
        if (!slice_is(f->text, "report") &&
            !slice_starts(f->text, SLICE_LIT("report."))) /* one record is one report */
            fields[c->n_groups++] = f;
    }
    struct field *groups =
        ARENA_ARRAY(p->c->mem, struct field, (size_t)c->n_refs * c->n_groups + 1);
    if (!groups)
        return sigma_no_memory(p->c);
    for (uint32_t ref = 0; ref < c->n_refs; ref++)
        for (uint32_t g = 0; g < c->n_groups; g++)
            if (!resolve(p, fields[g], ref, &groups[ref * c->n_groups + g]))
                return false;
    c->groups = groups;
    return true;
}

static bool read_value_field(struct parse *p, const struct yaml *field)
{
    struct field *value = ARENA_ARRAY(p->c->mem, struct field, (size_t)p->out->n_refs + 1);
    if (!value)
        return sigma_no_memory(p->c);
    p->out->value = value;
    for (uint32_t ref = 0; field && ref < p->out->n_refs; ref++)
        if (!resolve(p, field, ref, &value[ref]))
            return false;
    return true;
}

bool sigma_correlation_parse(struct compiler *c, uint32_t rule)
{
    struct sigma_rule *r = &c->rules[rule];
    const struct yaml *doc = yaml_get(r->doc, "correlation"), *field;
    const struct yaml *generate = doc ? yaml_get(doc, "generate") : NULL;
    struct parse p = {
        .c = c, .r = r, .doc = doc, .aliases = yaml_get(doc, "aliases"), .out = &r->correlation
    };
    if (doc->kind != YAML_MAP)
        return sigma_fail(c, r->path, doc->line, "`correlation` must be a map");
    if (!generate)
        generate = yaml_get(r->doc, "generate");
    r->generate = generate && slice_is_nocase(generate->text, "true");
    return read_kind(&p) && read_refs(&p) && read_timespan(&p) && read_condition(&p, &field);
}

/* Fields can be looked up once it is known which events the rules are about. */
static bool read_fields(struct compiler *c, struct sigma_rule *r)
{
    const struct yaml *doc = yaml_get(r->doc, "correlation");
    struct parse p = {
        .c = c, .r = r, .doc = doc, .aliases = yaml_get(doc, "aliases"), .out = &r->correlation
    };
    return read_groups(&p) && read_value_field(&p, yaml_get(yaml_get(doc, "condition"), "field"));
}

/* Depth first; recursion is bounded by SIGMA_REFS_MAX levels of correlations. */
static bool visit(struct compiler *c, uint32_t rule, unsigned depth)
{
    struct sigma_rule *r = &c->rules[rule];
    if (!r->rule.info.correlation || r->visit == 2)
        return true;
    if (r->visit == 1 || depth > SIGMA_REFS_MAX)
        return sigma_fail(c, r->path, r->line,
                          "correlation: '%.*s' refers to itself through others",
                          SLICE_FMT(r->rule.info.id));
    r->visit = 1;
    bool in_force = true, runs = true, known = true;
    for (uint32_t i = 0; i < r->correlation.n_refs; i++) {
        if (!visit(c, r->correlation.refs[i], depth + 1))
            return false;
        const struct sigma_rule *ref = &c->rules[r->correlation.refs[i]];
        in_force &= ref->rule.info.in_force;
        runs &= ref->rule.runs;
        known &= ref->known;
    }
    r->known = known;
    r->rule.info.in_force = in_force;
    r->rule.info.kind = c->rules[r->correlation.refs[0]].rule.info.kind;
    r->rule.runs = in_force && runs && r->rule.info.state != RULE_OFF;
    if (!read_fields(c, r))
        return false;
    r->visit = 2;
    c->order[c->n_order++] = rule;
    return true;
}

bool sigma_correlation_order(struct compiler *c)
{
    c->order = ARENA_ARRAY(c->mem, uint32_t, (size_t)c->n_rules + 1);
    if (!c->order)
        return sigma_no_memory(c);
    for (uint32_t i = 0; i < c->n_rules; i++)
        if (!visit(c, i, 0))
            return false;
    return true;
}
