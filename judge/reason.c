/* SPDX-License-Identifier: Apache-2.0 */
/* reason - a rule's sentence with the values of this mail in it.
 *
 * What comes from the mail is cut, freed of control and direction characters,
 * and addresses of the web are written so that nobody can click them.
 */
#include "base/text.h"
#include "judge/judge_private.h"

enum { VALUE_MAX = 120, REASON_MAX = 4096 };

static void put_clean(struct buf *out, slice value)
{
    for (size_t pos = 0; pos < value.len;) {
        uint8_t bytes[4];
        uint32_t c = utf8_next(value, &pos);
        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
        if (!utf8_deceives(c))
            buf_put(out, (slice){ bytes, utf8_put(bytes, c) });
    }
}

/* hxxp://host[.]example/path: the customary way to write what must not be opened. */
static void put_url(struct buf *out, slice url)
{
    size_t scheme = slice_find(url, SLICE_LIT("://"), 0);
    size_t host = scheme == SIZE_MAX ? 0 : scheme + 3;
    if (scheme != SIZE_MAX && slice_starts_nocase(url, "http")) {
        buf_text(out, "hxxp");
        put_clean(out, slice_sub(url, 4, host - 4));
    } else {
        put_clean(out, slice_sub(url, 0, host));
    }
    size_t end = slice_find_byte(url, '/', host);
    end = end == SIZE_MAX ? url.len : end;
    for (size_t i = host; i < end;) {
        size_t dot = slice_find_byte(slice_sub(url, 0, end), '.', i);
        size_t stop = dot == SIZE_MAX ? end : dot;
        put_clean(out, slice_sub(url, i, stop - i));
        if (dot != SIZE_MAX)
            buf_text(out, "[.]");
        i = stop + 1;
    }
    put_clean(out, slice_from(url, end));
}

static void put_value(struct buf *out, slice text, bool url)
{
    slice cut = utf8_cut(text, VALUE_MAX);
    for (size_t i = 0; i < cut.len;) { /* a URL may stand within a command */
        size_t colon = slice_find(cut, SLICE_LIT("://"), i);
        size_t from = i, end = cut.len;
        if (colon == SIZE_MAX && !url) {
            put_clean(out, slice_from(cut, i));
            break;
        }
        if (colon != SIZE_MAX) {
            from = colon;
            while (from > i && ascii_alnum(cut.at[from - 1]))
                from--;
            end = colon;
            while (end < cut.len && !ascii_space(cut.at[end]) &&
                   !memchr("\"'<>|,;", cut.at[end], 8))
                end++;
        }
        put_clean(out, slice_sub(cut, i, from - i));
        put_url(out, slice_sub(cut, from, end - from));
        i = end;
        url = false;
    }
    if (cut.len < text.len)
        buf_text(out, "…");
}

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
            put_value(&out, index_text(f, room),
                      slice_starts(slice_of(fact_row(id)->name), SLICE_LIT("url.")));
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
