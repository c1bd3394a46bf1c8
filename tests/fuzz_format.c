/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_format - one source, built once per line of formats.list with
 * -DFORMAT="name". Linked with libFuzzer it fuzzes; linked with replay.c it
 * replays the corpus, every prefix of every sample, under any compiler.
 *
 * Checked are properties, not just survival: the record is well formed, the
 * budget is kept, and the same bytes give the same record twice. */
#include "base/hash.h"
#include "decode/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t digest(const struct record *r)
{
    uint64_t h = r->n_parts * 31u + r->n_events;
    for (uint32_t i = 0; i < r->n_parts; i++)
        h = fnv1a(fnv1a(h ^ (uint64_t)r->parts[i].end, r->parts[i].name), r->parts[i].type);
    for (uint32_t i = 0; i < r->n_facts; i++)
        h = fnv1a(h ^ (uint64_t)r->facts[i].id ^ (uint64_t)r->facts[i].number ^ r->facts[i].at.from, r->facts[i].text);
    return h;
}

static struct budget small_budget(void)
{
    struct budget b = budget_default();
    b.left[BUDGET_WORK] = 40u * 1000 * 1000;
    b.left[BUDGET_INFLATED] = 4u << 20;
    b.left[BUDGET_PARTS] = 256;
    b.left[BUDGET_ENTRIES] = 4096;
    b.left[BUDGET_KEYS] = 4000;
    return b;
}

/* A format that also lives in bundles is reached through the container that gives them. */
static const char *format_of(slice in)
{
    const struct format *f = format_named(FORMAT);
    bool container = slice_starts(in, SLICE_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
    return f && f->claims && container ? NULL : FORMAT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const passwords[] = { "infected", "1234", NULL };
    struct budget b = small_budget();
    slice in = { data, size };
    struct tally_options o = { .format = format_of(in), .budget = &b, .passwords = passwords, .ceiling = 48u << 20 };
    struct tally *once = tally_run(&o, in);
    tally_check(once);
    CHECK(once->r.n_parts <= 257);
    uint64_t first = digest(&once->r);
    tally_drop(&once);
    struct tally *again = tally_run(&o, in);
    CHECK(digest(&again->r) == first);
    tally_drop(&again);
    return 0;
}
