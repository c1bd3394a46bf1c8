/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_language - one source, built once per line of languages.list with -DLANGUAGE="name".
 *
 * Checked are properties: the record is well formed, the budget is kept, the same source gives
 * the same effects twice, and an argument that shows a hole is not called known. */
#include "base/hash.h"
#include "unmask/harness.h"
#include "unmask/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t digest(const struct record *r)
{
    uint64_t h = r->n_parts * 31u + r->n_events;
    for (uint32_t i = 0; i < r->n_effects; i++) {
        const struct effect *e = &r->effects[i];
        h = fnv1a(h ^ (uint64_t)e->kind ^ (uint64_t)(e->known | e->conditional << 1) << 8, e->sink);
        for (uint32_t k = 0; k < e->n_arguments; k++)
            h = fnv1a(fnv1a(h, e->arguments[k].name), e->arguments[k].value);
        for (uint32_t k = 0; k < e->n_via; k++)
            h = fnv1a(h, e->via[k]);
    }
    for (uint32_t i = 0; i < r->n_facts; i++)
        h = fnv1a(h ^ (uint64_t)r->facts[i].id, r->facts[i].text);
    return h;
}

static struct tally *run(slice in)
{
    struct budget b = budget_default();
    b.left[BUDGET_WORK] = 40u * 1000 * 1000;
    b.left[BUDGET_PARTS] = 256;
    struct tally_options o = { .budget = &b, .ceiling = 64u << 20 };
    struct tally *t = tally_unmasked(LANGUAGE, &o, in);
    tally_check(t);
    for (uint32_t i = 0; i < t->r.n_effects; i++)
        for (uint32_t k = 0; k < t->r.effects[i].n_origins; k++)
            CHECK(t->r.effects[i].origins[k].part < t->r.n_parts);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tally *once = run((slice){ data, size });
    uint64_t first = digest(&once->r);
    tally_drop(&once);
    struct tally *again = run((slice){ data, size });
    CHECK(digest(&again->r) == first);
    tally_drop(&again);
    return 0;
}
