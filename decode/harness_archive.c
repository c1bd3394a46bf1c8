/* SPDX-License-Identifier: Apache-2.0 */
/* harness_archive - see harness_archive.h. */
#include "decode/harness_archive.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

enum { SAMPLE_MAX = 4 << 20, FAIL_AT_MAX = 48 };

static const char *folder, *format_name;
static const struct archive_case *table;
static size_t n_table;

static struct buf sample(const char *name)
{
    char path[4096], piece[4096];
    struct buf b = buf_new(SAMPLE_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("no sample %s", path);
    for (size_t n; f && (n = fread(piece, 1, sizeof piece, f)) > 0;)
        buf_put(&b, (slice){ (uint8_t *)piece, n });
    if (f)
        fclose(f);
    return b;
}

static bool same_value(const struct tally *t, const struct archive_case *c)
{
    for (uint32_t i = 0; i < t->r.n_facts; i++) {
        const struct fact *f = &t->r.facts[i];
        char number[32];
        snprintf(number, sizeof number, "%lld", (long long)f->number);
        if (f->id == c->fact && (!c->value || slice_is(f->text, c->value) || strcmp(number, c->value) == 0))
            return true;
    }
    return false;
}

static bool any_unread(const struct tally *t)
{
    for (int cause = UNREAD_ENCRYPTED; cause <= UNREAD_NO_READER; cause++)
        if (tally_unread(t, (enum unread_cause)cause))
            return true;
    return false;
}

static void check(const struct tally *t, const struct archive_case *c)
{
    uint32_t part = c->part ? tally_part_named(t, c->part) : NO_ID;
    bool any = c->part && strcmp(c->part, "*") == 0;
    if (!c->part && t->r.n_parts != 1)
        fail_msg("%s: %u parts, one is wanted", c->file, t->r.n_parts);
    if (c->part && !any && part == NO_ID)
        fail_msg("%s: no part %s", c->file, c->part);
    if (c->text && !slice_starts(tally_view(t, FACT_DOCUMENT_TEXT, part), slice_of(c->text)))
        fail_msg("%s: text of %s", c->file, c->part);
    if (c->fact && !same_value(t, c))
        fail_msg("%s: %s is not %s", c->file, fact_row(c->fact)->name, c->value ? c->value : "there");
    if (c->unread >= 0 && !tally_unread(t, (enum unread_cause)c->unread))
        fail_msg("%s: nothing unread of cause %d", c->file, c->unread);
    if (c->unread == ARCHIVE_ALL_READ && any_unread(t))
        fail_msg("%s: something is unread", c->file);
    if (c->end >= 0 && t->r.parts[0].end != (enum walk_end)c->end)
        fail_msg("%s: ends %s", c->file, walk_end_name(t->r.parts[0].end));
}

static struct tally_options options_of(const struct archive_case *c, const char *const passwords[2])
{
    return (struct tally_options){ .format = format_name, .name = c->named ? c->named : c->file,
                                   .passwords = c->password ? passwords : NULL };
}

static void samples_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_table; i++) {
        const char *const passwords[] = { table[i].password, NULL };
        struct tally_options o = options_of(&table[i], passwords);
        struct buf b = sample(table[i].file);
        struct tally *t = tally_run(&o, buf_slice(&b));
        tally_check(t);
        check(t, &table[i]);
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void memory_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_table; i++) {
        const char *const passwords[] = { table[i].password, NULL };
        struct tally_options o = options_of(&table[i], passwords);
        struct buf b = sample(table[i].file);
        tally_memory_ends(&o, buf_slice(&b), FAIL_AT_MAX);
        buf_drop(&b);
    }
}

/* However little is left of one allowance, the reading ends, and says so. */
static void allowances_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_table; i++) {
        const char *const passwords[] = { table[i].password, NULL };
        struct tally_options o = options_of(&table[i], passwords);
        struct buf b = sample(table[i].file);
        for (unsigned kind = 0; kind < BUDGET_MEMORY; kind++)
            for (uint64_t left = 1; left < 100000; left *= 10) {
                struct budget budget = budget_default();
                budget.left[kind] = left;
                o.budget = &budget;
                struct tally *t = tally_run(&o, buf_slice(&b));
                tally_check(t);
                if (t->budget.hit && !any_unread(t))
                    fail_msg("%s: %s ends at %d and nobody says so", table[i].file, budget_name((enum budget_kind)kind),
                             (int)left);
                tally_drop(&t);
            }
        buf_drop(&b);
    }
}

/* The rows of a stream's samples; hostile ones outnumber kind ones. */
static const struct archive_case streams[] = {
    { "plain", "a.txt", NULL, "a.txt", "line 0 of an inert sample", FACT_ZIP_ENTRIES, "1", ARCHIVE_ALL_READ, WALK_WHOLE },
    { "plain", NULL, NULL, "a.tar", "line 0 of an inert sample", FACT_ZIP_SINGLE, "a.tar", ARCHIVE_ANY, WALK_WHOLE },
    { "two", "a.txt", NULL, "a.txt", "line 0 of an inert sample", FACT_ZIP_ENTRIES, "1", ARCHIVE_ALL_READ, WALK_WHOLE },
    { "empty", "a.txt", NULL, "a.txt", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ALL_READ, WALK_WHOLE },
    { "wrong-check", "a.txt", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "broken", "a.txt", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "cut", "a.txt", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "header-only", "a.txt", NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", UNREAD_DAMAGED, WALK_SHORT },
    { "behind", "a.txt", NULL, "a.txt", "line 0 of an inert sample", FACT_ZIP_ENTRIES, "1", ARCHIVE_ALL_READ, -1 },
};

int harness_stream_main(int argc, char **argv, const struct stream_case *s)
{
    enum { ROWS = sizeof streams / sizeof streams[0], NAME = 64 };
    static struct archive_case rows[ROWS];
    static char files[ROWS][NAME], names[ROWS][NAME];
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = streams[i];
        snprintf(files[i], NAME, "%s.%s", streams[i].file, s->ending);
        snprintf(names[i], NAME, "%s.%s", streams[i].named ? streams[i].named : "a", streams[i].named ? s->ending : s->tar_ending);
        rows[i].file = files[i];
        rows[i].named = names[i];
        if (s->checked_last && strcmp(streams[i].file, "wrong-check") == 0) {
            rows[i].part = "a.txt";
            rows[i].text = "line 0 of an inert sample";
        }
    }
    return harness_archive_main(argc, argv, s->format, rows, ROWS);
}

int harness_archive_main(int argc, char **argv, const char *format, const struct archive_case *cases, size_t n)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_read),
        cmocka_unit_test(memory_ends),
        cmocka_unit_test(allowances_end),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    format_name = format;
    table = cases;
    n_table = n;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
