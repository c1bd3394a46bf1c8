/* SPDX-License-Identifier: Apache-2.0 */
/* harness - runs a format or a whole tree over bytes, for tests and fuzzers.
 *
 * The tally owns everything; slices in its record live until tally_drop().
 */
#pragma once
#include "decode/walk.h"

struct tally {
    struct arena *mem, *kept;
    struct record r;
    struct budget budget;
};

struct tally_options {
    const char *format; /* only this format walks the root; NULL: sniff */
    const char *name, *declared;
    const char *const *passwords; /* NULL-terminated hints; NULL: none */
    size_t ceiling;     /* of the arena; 0: 64 MiB */
    size_t fail_at;     /* the n-th allocation fails; 0: none */
    const struct budget *budget; /* NULL: the default */
    const struct walk_hooks *hooks; /* NULL: none */
    const struct format *only; /* instead of `format`: one of the test's own */
};

struct tally *tally_run(const struct tally_options *o, slice in);
/* The root walked by this format only, children by all. */
struct tally *tally_format(const char *format, slice in);
/* Calls look() while a part of one byte is open: for readers that are no formats. */
struct tally *tally_look(void *host, void (*look)(void *host, struct walk *w), const struct tally_options *o);
void tally_drop(struct tally **t);
/* Each of the first allocations fails once; the record is well formed all the same. */
void tally_memory_ends(const struct tally_options *o, slice in, size_t allocations);

/* First fact with this id, or NULL; how many there are; the n-th text (empty when absent). */
const struct fact *tally_fact(const struct tally *t, enum fact_id id);
size_t tally_facts(const struct tally *t, enum fact_id id);
slice tally_text(const struct tally *t, enum fact_id id, size_t n);
/* Is there a fact with this id and text? */
bool tally_has(const struct tally *t, enum fact_id id, const char *text);
/* The part with this name or type; NO_ID. */
uint32_t tally_part_named(const struct tally *t, const char *name);
uint32_t tally_part_typed(const struct tally *t, const char *type);
/* The view's bounded copy of a part; empty. */
slice tally_view(const struct tally *t, enum fact_id id, uint32_t part);
bool tally_unread(const struct tally *t, enum unread_cause cause);
/* What must hold of every record, whatever came in. Aborts where it does not. */
void tally_check(const struct tally *t);
