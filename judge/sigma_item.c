/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_item - from the values of an item to the tests that a condition asks. */
#include "base/text.h"
#include "judge/sigma_value.h"

static struct expr *leaf(struct item *t, const struct test *test)
{
    struct expr *e = expr_new(t->c, NODE_TEST);
    if (!e || !t->r->rule.runs)
        return e;
    struct test *slot = SIGMA_GROW(t->c, tests);
    if (!slot)
        return NULL;
    *slot = *test;
    e->test = t->c->n_tests - 1;
    return e;
}

static struct expr *atom_leaf(struct item *t, struct field field, struct atom *a,
                              const uint16_t *units, uint32_t n)
{
    a->field = field.id;
    struct test test = { .kind = TEST_ATOM, .field = field };
    if (t->r->rule.runs) {
        test.atom = sigma_atom(t->c, a, units, n);
        if (test.atom == NO_ID)
            return NULL;
    }
    return leaf(t, &test);
}

static bool check_regex(struct item *t, const struct value *v)
{
    struct regex *x = NULL;
    struct err why = { 0 };
    if (regex_new(v->raw, v->regex_flags, &x, &why))
        return sigma_fail(t->c, t->r->path, v->line, "%.*s: '%.*s': %s", SLICE_FMT(t->key),
                          SLICE_FMT(v->raw), why.text);
    regex_drop(&x);
    return true;
}

static struct expr *text_test(struct item *t, struct field field, const struct value *v)
{
    struct atom a = { .kind = ATOM_GLOB, .regex_flags = t->cased };
    uint16_t *u = sigma_value_units(t, v->n);
    if (!u)
        return NULL;
    for (uint32_t i = 0; i < v->n; i++)
        u[i] = v->units[i] < 256 && !t->cased ? ascii_lower((uint8_t)v->units[i]) : v->units[i];
    return atom_leaf(t, field, &a, u, v->n);
}

static struct expr *number_test(struct item *t, struct field field, enum fact_type type,
                                const struct value *v)
{
    struct test test = {
        .kind = TEST_NUMBER, .op = (uint8_t)t->op, .field = field, .number = v->number
    };
    if (type == FACT_TYPE_INT)
        return leaf(t, &test);
    if (t->compares && t->r->known) {
        sigma_value_fail(t, "only facts that are numbers can be compared by lt, lte, gt and gte");
        return NULL;
    }
    return t->compares ? leaf(t, &test) : text_test(t, field, v);
}

static struct expr *flag_test(struct item *t, struct field field, const struct value *v)
{
    struct test test = { .kind = TEST_EXISTS, .field = field, .number = v->number };
    if (v->kind == VALUE_BOOL)
        return leaf(t, &test);
    sigma_value_fail(t, "this fact is a flag: its value is true or false");
    return NULL;
}

static struct expr *ref_test(struct item *t, struct field field, const struct value *v)
{
    struct test test = { .kind = TEST_FIELD,
                         .op = (uint8_t)(v->ref | (t->cased ? REF_CASED : 0)),
                         .field = field };
    if (!sigma_field(t->c, t->r, v->line, v->raw, &test.other))
        return NULL;
    if (t->r->known && (fact_row((enum fact_id)field.id)->type == FACT_TYPE_VIEW ||
                        fact_row((enum fact_id)test.other.id)->type == FACT_TYPE_VIEW)) {
        sigma_value_fail(t, "long texts (views) cannot be compared with another field");
        return NULL;
    }
    return leaf(t, &test);
}

static struct expr *value_test(struct item *t, struct field field, const struct value *v)
{
    enum fact_type type =
        t->r->known && !t->keyword ? fact_row((enum fact_id)field.id)->type : FACT_TYPE_TEXT;
    struct test test = { .field = field };
    if (type == FACT_TYPE_VIEW && (t->exists || v->kind == VALUE_NULL)) {
        sigma_value_fail(t, "long texts (views) are searched where they are read and not kept as facts; "
                     "use '*' for any text, or not");
        return NULL;
    }
    if (t->keyword && v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER && v->kind != VALUE_REGEX) {
        sigma_value_fail(t, "a keyword must be text");
        return NULL;
    }
    if (t->exists) {
        if (v->kind != VALUE_BOOL || t->n > 1) {
            sigma_value_fail(t, "exists wants true or false");
            return NULL;
        }
        test.kind = TEST_EXISTS;
        test.number = v->number;
        return leaf(t, &test);
    }
    if (v->kind == VALUE_NULL) {
        test.kind = TEST_NULL;
        return leaf(t, &test);
    }
    if (v->kind == VALUE_FIELD)
        return ref_test(t, field, v);
    if (type == FACT_TYPE_FLAG)
        return flag_test(t, field, v);
    if (v->kind == VALUE_NUMBER)
        return number_test(t, field, type, v);
    struct atom a = { .text = v->raw,
                      .regex_flags = v->regex_flags,
                      .kind = v->kind == VALUE_CIDR ? ATOM_CIDR : ATOM_REGEX };
    if (v->kind == VALUE_REGEX && !check_regex(t, v))
        return NULL;
    return v->kind == VALUE_REGEX || v->kind == VALUE_CIDR ? atom_leaf(t, field, &a, NULL, 0)
                                                           : text_test(t, field, v);
}

static struct expr *tests_of(struct item *t, struct field field)
{
    struct expr *all = expr_new(t->c, t->all ? NODE_AND : NODE_OR);
    for (struct value *v = t->values; all && v; v = v->next) {
        struct expr *e = value_test(t, field, v);
        if (!e)
            return NULL;
        expr_add(all, e);
    }
    if (!all || !t->neq)
        return all;
    struct expr *not = expr_new(t->c, NODE_NOT);
    if (not )
        expr_add(not, all);
    return not ;
}

struct expr *sigma_item(struct compiler *c, const struct sigma_rule *r, slice key, uint32_t line,
                        const struct yaml *value)
{
    size_t bar = slice_find_byte(key, '|', 0);
    struct item t = { .c = c, .r = r, .key = key, .line = line, .field = slice_sub(key, 0, bar) };
    struct field field = { .id = FIELD_ANY };
    t.keyword = t.field.len == 0;
    if (t.keyword && t.key.len == 0)
        t.key = SLICE_LIT("keywords");
    if (!t.keyword && !sigma_field(c, r, line, t.field, &field))
        return NULL;
    if (!sigma_value_read(&t, bar == SIZE_MAX ? (slice){ 0 } : slice_from(key, bar + 1), value))
        return NULL;
    if (t.keyword && !sigma_value_anywhere(&t)) /* rules 2.0, "Keywords search": anywhere in the event */
        return NULL;
    return tests_of(&t, field);
}
