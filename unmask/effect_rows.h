/* SPDX-License-Identifier: Apache-2.0 */
/* effect_rows - a row of a language's test: this code has this effect, with this argument, this
 * sure. For tables of named cases; include cmocka.h before it, as for tests/table.h. */
#pragma once
#include "tests/table.h"
#include "unmask/harness.h"

/* PARTIAL: the value has a hole. NONE: no effect of this kind at all. */
enum certainty { KNOWN, CONDITIONAL, PARTIAL, NONE };

struct effect_row {
    const char *name, *language, *code;
    enum effect_kind kind;
    const char *argument, *want;
    enum certainty certainty;
};

static inline bool effect_row_fits(const struct effect *e, const struct effect_row *row)
{
    bool sure = row->certainty == PARTIAL
                    ? !e->known
                    : e->known && e->conditional == (row->certainty == CONDITIONAL);
    return sure && slice_is(tally_argument(e, row->argument), row->want);
}

static inline void effect_row_check(struct table *t, const struct effect_row *row)
{
    struct tally *r = tally_unmasked(row->language, NULL, slice_of(row->code));
    const struct effect *first = tally_effect(r, row->kind, 0), *e;
    bool found = false, surer = false;
    for (size_t n = 0; (e = tally_effect(r, row->kind, n)) != NULL; n++) {
        found = found || effect_row_fits(e, row);
        surer = surer || (row->certainty == CONDITIONAL && tally_certain(e) &&
                          slice_is(tally_argument(e, row->argument), row->want));
    }
    tally_check(r);
    if (surer)
        table_wrong(t, row->name, "is said to come about for sure");
    else if (row->certainty == NONE ? first != NULL : !found)
        table_wrong(t, row->name, "first is \"%.*s\"%s%s",
                    SLICE_FMT(tally_argument(first, row->argument)),
                    first && !first->known ? ", partial" : "",
                    first && first->conditional ? ", conditional" : "");
    tally_drop(&r);
}
