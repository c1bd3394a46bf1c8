/* SPDX-License-Identifier: Apache-2.0 */
/* harness - see harness.h. */
#include "observe/part/harness.h"
#include "observe/part/observe.h"

static void part(void *host, struct walk *w) { observers_part(host, w); }
static void end(void *host, struct walk *w, enum walk_end e) { observers_end(host, w, e); }
static void fact(void *host, struct walk *w, struct fact *f) { observers_fact(host, w, f); }

static void view(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event)
{
    (void)event;
    observers_view(host, w, id, utf8, at);
}

struct tally *tally_observed(const struct tally_options *o, slice in)
{
    struct observers observers = { 0 };
    struct walk_hooks hooks = { &observers, part, end, view, fact, NULL };
    struct tally_options with = *o;
    with.hooks = &hooks;
    return tally_run(&with, in);
}
