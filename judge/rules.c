/* SPDX-License-Identifier: Apache-2.0 */
/* rules - opens a rule image and says what is in it. */
#include "base/hash.h"
#include "judge/image.h"
#include <errno.h>

int rules_open(slice image, struct rules **out, struct err *err_out)
{
    /* Tables take more room than the image, by the factor of their smallest rows. */
    struct arena *mem = arena_new(image.len > IMAGE_MAX ? 1 : (image.len + (1 << 16)) * 32);
    struct rules *r = mem ? ARENA_NEW(mem, struct rules) : NULL;
    int code;
    if (r) {
        r->mem = mem;
        code = image_read(r, image, err_out);
    } else {
        code = err_set(err_out, -ENOMEM, "out of memory while opening the rules");
    }
    if (code)
        arena_drop(&mem);
    else
        *out = r;
    return code;
}

void rules_drop(struct rules **r)
{
    if (!*r)
        return;
    for (uint32_t i = 0; i < (*r)->n_atoms; i++)
        regex_drop(&(*r)->regex[i]);
    struct arena *mem = (*r)->mem;
    arena_drop(&mem);
    *r = NULL;
}

size_t rules_count(const struct rules *r)
{
    return r->n_rules;
}

struct rule_info rules_info(const struct rules *r, size_t rule)
{
    CHECK(rule < r->n_rules);
    return r->rules[rule].info;
}

size_t rules_find(const struct rules *r, slice name)
{
    if (name.len == 0)
        return SIZE_MAX;
    for (uint32_t i = 0; i < r->n_rules; i++) {
        const struct rule_info *info = &r->rules[i].info;
        if (slice_eq(info->id, name) || slice_eq(info->uuid, name) || slice_eq(info->name, name))
            return i;
    }
    return SIZE_MAX;
}

static bool test_asks(const struct test *t, enum fact_id fact)
{
    bool text = fact_row(fact)->type == FACT_TYPE_TEXT || fact_row(fact)->type == FACT_TYPE_VIEW;
    return t->field.id == fact || (t->kind == TEST_FIELD && t->other.id == fact) || (t->field.id == FIELD_ANY && text);
}

/* Correlations come behind the rules they join, so that each look goes back. */
static bool asks(const struct rules *r, uint32_t rule, enum fact_id fact, unsigned depth)
{
    enum { DEPTH_MAX = 16 };
    const struct rule *is = &r->rules[rule];
    if (is->node != NO_ID)
        for (uint32_t i = is->node; i < r->nodes[is->node].end; i++)
            if (r->nodes[i].op == NODE_TEST && test_asks(&r->tests[r->nodes[i].arg], fact))
                return true;
    if (is->correlation == NO_ID || depth == DEPTH_MAX)
        return false;
    const struct correlation *c = &r->correlations[is->correlation];
    for (uint32_t i = 0; i < c->n_refs; i++)
        if (asks(r, c->refs[i], fact, depth + 1))
            return true;
    return false;
}

bool rules_asks(const struct rules *r, size_t rule, enum fact_id fact)
{
    CHECK(rule < r->n_rules && fact < FACT_COUNT);
    return asks(r, (uint32_t)rule, fact, 0);
}

slice rules_digest(const struct rules *r)
{
    return r->digest;
}
