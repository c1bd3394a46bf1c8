/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_field - what a field name of a rule means for the events the rule
 * looks at; which names are near a wrong one. */
#include "judge/sigma.h"

enum { NAME_MAX_LEN = 64, SHOWN = 3 };

enum event_kind sigma_category(slice name)
{
    for (int k = 0; k < EVENT_KINDS; k++)
        if (slice_is(name, event_kind_name((enum event_kind)k)))
            return (enum event_kind)k;
    return EVENT_KINDS;
}

/* Levenshtein distance of short names; for messages only. */
static unsigned distance(slice a, slice b)
{
    unsigned row[NAME_MAX_LEN + 1];
    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        unsigned corner = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b.len; j++) {
            unsigned change = corner + (a.at[i] != b.at[j]);
            unsigned insert = row[j] + 1, drop = row[j + 1] + 1;
            corner = row[j + 1];
            row[j + 1] = insert < drop ? insert : drop;
            if (change < row[j + 1])
                row[j + 1] = change;
        }
    }
    return row[b.len];
}

slice sigma_nearest(struct compiler *c, slice name)
{
    struct {
        unsigned far;
        int id;
    } best[SHOWN];
    int n = 0;
    for (int i = 0; i < FACT_COUNT; i++) {
        slice have = slice_of(fact_row((enum fact_id)i)->name);
        unsigned far = distance(name, have);
        bool inside = name.len > 3 && slice_find(have, name, 0) != SIZE_MAX;
        if (far > 2 + name.len / 4 && !inside)
            continue;
        int at = n < SHOWN ? n++ : SHOWN;
        while (at > 0 && best[at - 1].far > far) {
            if (at < SHOWN)
                best[at] = best[at - 1];
            at--;
        }
        if (at < SHOWN) {
            best[at].far = far;
            best[at].id = i;
        }
    }
    struct buf b = buf_new(512);
    for (int i = 0; i < n; i++)
        buf_format(&b, "%s%s", i ? ", " : "; did you mean ",
                   fact_row((enum fact_id)best[i].id)->name);
    if (n == 0)
        buf_text(&b, "; facts/facts.list has all names");
    slice text = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return text;
}

/* judge_private.h enum scope; EVENT_KINDS rows of what each kind of event sees. */
static bool visible(enum event_kind kind, enum event_kind layer, uint8_t *scope_out)
{
    if (layer == kind)
        *scope_out = SCOPE_SELF;
    else if (layer == EVENT_PART)
        *scope_out = SCOPE_PART;
    else if (layer == EVENT_MAIL)
        *scope_out = SCOPE_MAIL;
    else if (layer == EVENT_MACRO && (kind == EVENT_EFFECT || kind == EVENT_URL))
        *scope_out = SCOPE_MACRO;
    else
        return false;
    return true;
}

bool sigma_field(struct compiler *c, const struct sigma_rule *r, uint32_t line, slice name,
                 struct field *out)
{
    static const slice parent = SLICE_INIT("parent.");
    slice rest = name;
    unsigned up = 0;
    *out = (struct field){ 0 };
    if (!r->known)
        return true;
    for (; slice_starts(rest, parent); up++)
        rest = slice_from(rest, parent.len);
    enum fact_id id = fact_by_name(rest);
    if (id == FACT_COUNT) {
        slice near = sigma_nearest(c, rest);
        return sigma_fail(c, r->path, line, "no fact is named '%.*s'%.*s", SLICE_FMT(rest),
                          SLICE_FMT(near));
    }
    out->id = (uint16_t)id;
    enum event_kind layer = fact_row(id)->layer;
    if (up) {
        if (layer != EVENT_PART || up > PARENTS_MAX)
            return sigma_fail(c, r->path, line,
                              "'%.*s': parent. reaches facts of parts, at most %d levels up",
                              SLICE_FMT(name), PARENTS_MAX);
        out->scope = (uint8_t)(SCOPE_PARENT1 + up - 1);
        return true;
    }
    if (!visible(r->rule.info.kind, layer, &out->scope))
        return sigma_fail(
            c, r->path, line,
            "'%.*s' is a fact of %s events, which a rule of category %s does not see; "
            "use category %s, or join two rules by a correlation",
            SLICE_FMT(name), event_kind_name(layer), event_kind_name(r->rule.info.kind),
            event_kind_name(layer));
    return true;
}
