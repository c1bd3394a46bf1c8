/* SPDX-License-Identifier: Apache-2.0 */
/* reason - a rule's sentence with the values of this mail in it, cut and made safe
 * to show (base/shown.h). */
#include "base/shown.h"
#include "judge/judge_private.h"

enum { VALUE_MAX = 120, REASON_MAX = 4096 };

static const struct fact *find_fact(const struct index *x, enum fact_id id, uint32_t event,
                                    const uint32_t *facts, uint32_t n)
{
    static const uint8_t scopes[] = { SCOPE_SELF, SCOPE_PART, SCOPE_MACRO, SCOPE_MAIL,
                                      SCOPE_PARENT1 };
    for (uint32_t i = 0; i < n; i++)
        if (x->record->facts[facts[i]].id == id)
            return &x->record->facts[facts[i]];
    for (size_t s = 0; s < sizeof scopes && event != NO_ID; s++) {
        uint32_t there = index_scope(x, event, scopes[s]);
        struct list l = there == NO_ID ? (struct list){ 0 } : index_facts(x, there, (uint16_t)id);
        if (l.n)
            return &x->record->facts[l.at[0]];
    }
    return NULL;
}

static slice fill(const struct index *x, slice text, uint32_t event, const uint32_t *facts,
                  uint32_t n)
{
    if (slice_find_byte(text, '{', 0) == SIZE_MAX)
        return text;
    struct buf out = buf_new(REASON_MAX);
    for (size_t i = 0; i < text.len;) {
        size_t open = slice_find_byte(text, '{', i);
        size_t close = open == SIZE_MAX ? SIZE_MAX : slice_find_byte(text, '}', open);
        if (close == SIZE_MAX) {
            buf_put(&out, slice_from(text, i));
            break;
        }
        buf_put(&out, slice_sub(text, i, open - i));
        enum fact_id id = fact_by_name(slice_sub(text, open + 1, close - open - 1));
        const struct fact *f = id == FACT_COUNT ? NULL : find_fact(x, id, event, facts, n);
        char room[24];
        if (f)
            shown_put(&out, index_text(f, room), VALUE_MAX,
                      SHOWN_DEFANG | (slice_starts(slice_of(fact_row(id)->name), SLICE_LIT("url.")) ? SHOWN_HOST : 0u));
        else
            buf_text(&out, "-");
        i = close + 1;
    }
    slice done = arena_copy(x->mem, buf_slice(&out));
    buf_drop(&out);
    return done;
}

struct rule_text reason_fill(const struct index *x, struct rule_text text, uint32_t event,
                             const uint32_t *facts, uint32_t n_facts)
{
    return (struct rule_text){ fill(x, text.en, event, facts, n_facts),
                               fill(x, text.ja, event, facts, n_facts) };
}
