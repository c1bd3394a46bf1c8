/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_format - one source, built once per line of formats.list with
 * -DFORMAT="name". Linked with libFuzzer it fuzzes; linked with replay.c it
 * replays the corpus, every prefix of every sample, under any compiler.
 *
 * Checked are properties, not just survival: the record is well formed, the
 * budget is kept, and the same bytes give the same record twice. What stands
 * around the bytes (a name, a mail's declaration, a budget that ends early)
 * follows from their number, so that a sample is read the same way each time. */
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

/* Every limit is met sooner or later, wherever the walk is then. */
static struct budget tight_budget(size_t size)
{
    struct budget b = small_budget();
    b.left[BUDGET_WORK] = 5000 + size % 97 * 2000;
    b.left[BUDGET_INFLATED] = size % 89 * 64;
    b.left[BUDGET_ENTRIES] = size % 31;
    b.left[BUDGET_FACTS] = 8 + size % 61;
    b.left[BUDGET_TEXT] = size % 53 * 16;
    return b;
}

/* A name that fits decides how some formats read on: scripts, and what an archive's member is called. */
static const char *name_of(size_t size)
{
    static const struct {
        const char *format, *name;
    } others[] = {
        { "gzip", "a.tgz" },   { "gzip", "a.txt.gz" }, { "bzip2", "a.tbz2" }, { "xz", "a.txz" },   { "html", "a.hta" },
        { "script", "a.vbs" }, { "script", "a.js" },   { "script", "a.wsf" }, { "script", "a.bat" }, { "script", "a.ps1" },
        { "text", "a.txt" },   { "url", "a.url" },     { "library", "a.library-ms" },
    };
    const char *found[1 + sizeof others / sizeof others[0]] = { "a." FORMAT };
    size_t n = 1;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_is(slice_of(others[i].format), FORMAT))
            found[n++] = others[i].name;
    return size % 2 ? found[size / 2 % n] : NULL;
}

/* The first look at a file, as itself and as a part of a mail. */
static void sniff(slice in)
{
    const struct format *f = format_named(FORMAT);
    struct body body = body_borrow(in);
    slice name = slice_of(name_of(in.len));
    const struct sniff_input looks[] = {
        { .body = &body },
        { .body = &body, .name = name },
        { .body = &body, .name = name, .mail_part = true },
        { .body = &body, .declared = SLICE_LIT("text/plain; charset=utf-16"), .mail_part = true },
        { .body = &body, .declared = SLICE_LIT("application/octet-stream"), .mail_part = true },
    };
    for (size_t i = 0; f && f->sniff && i < sizeof looks / sizeof looks[0]; i++)
        CHECK(f->sniff(&looks[i]) <= SNIFF_STRONG);
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
    struct tally_options o = { .format = format_of(in), .name = name_of(size), .budget = &b, .passwords = passwords,
                               .ceiling = 48u << 20 };
    sniff(in);
    struct tally *once = tally_run(&o, in);
    tally_check(once);
    CHECK(once->r.n_parts <= 257);
    uint64_t first = digest(&once->r);
    tally_drop(&once);
    struct tally *again = tally_run(&o, in);
    CHECK(digest(&again->r) == first);
    tally_drop(&again);
    if (size % 4 == 3) {
        b = tight_budget(size);
        struct tally *tight = tally_run(&o, in);
        tally_check(tight);
        tally_drop(&tight);
    }
    return 0;
}
