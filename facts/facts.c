/* SPDX-License-Identifier: Apache-2.0 */
/* facts - look-up in the generated dictionary. */
#include "facts/facts.h"
#include "base/check.h"

static const struct fact_row rows[] = {
#include "facts_table.inc"
};

_Static_assert(sizeof rows / sizeof rows[0] == FACT_COUNT, "table and enum come from one list");

const struct fact_row *fact_row(enum fact_id id)
{
    CHECK(id < FACT_COUNT);
    return &rows[id];
}

enum fact_id fact_by_name(slice name)
{
    size_t low = 0, high = FACT_COUNT;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        slice have = slice_of(rows[mid].name);
        size_t common = have.len < name.len ? have.len : name.len;
        int order = common ? memcmp(have.at, name.at, common) : 0;
        if (order == 0 && have.len == name.len)
            return (enum fact_id)mid;
        if (order < 0 || (order == 0 && have.len < name.len))
            low = mid + 1;
        else
            high = mid;
    }
    return FACT_COUNT;
}

const char *event_kind_name(enum event_kind k)
{
    static const char *const names[EVENT_KINDS] = { "mail", "part", "macro", "effect", "url" };
    CHECK(k < EVENT_KINDS);
    return names[k];
}
