/* SPDX-License-Identifier: Apache-2.0 */
/* effects - where the code of an effect stands, and what its facts repeat of it.
 *
 * Origins lie inside their parts, on the line that is counted again. What is said to be known has
 * no hole. Each effect has its facts (effect.*), in the same order and with the same texts. An
 * argument that is put together from text of its origins is explained by them; others, which took
 * computing, only the replay can confirm. */
#include "base/text.h"
#include "programs/verify/checks.h"

enum {
    WORK_MAX = 64 << 20,
    ARGUMENT_MAX = 4096,
    ORIGIN_MAX = 16 << 10,
    PIECE_MIN = 3,
    PART_SEARCHED = 4 << 20,
    EFFECTS_LOOKED_AT = 512,
    NAME_MAX_BYTES = 255,
    FACT_TEXT_MAX = 4096 /* what a fact keeps of a text */
};

static const struct {
    const char *argument;
    enum fact_id fact;
} argument_facts[] = {
    { "url", FACT_EFFECT_URL },
    { "path", FACT_EFFECT_FILE_PATH },
    { "command", FACT_EFFECT_PROCESS_COMMAND_LINE },
    { "program", FACT_EFFECT_PROGRAM },
    { "function", FACT_EFFECT_FUNCTION },
    { "name", FACT_EFFECT_TARGET },
};

/* The facts of effects, as they follow each other. */
struct told {
    const struct jsonin *facts;
    size_t n, at;
};

static slice fact_name(const struct jsonin *fact)
{
    return shape_text(fact, "name");
}

/* Moves to the next fact effect.kind. */
static bool next_told(struct told *t)
{
    while (t->at < t->n && !slice_is(fact_name(&t->facts[t->at]), "effect.kind"))
        t->at++;
    return t->at < t->n;
}

/* The fact that must come next: a group is written in one go. */
static void expect(struct check *c, struct told *t, enum fact_id id, slice value,
                   const struct jsonin *part)
{
    const struct jsonin *f = t->at < t->n ? &t->facts[t->at] : NULL;
    const struct jsonin *said = f ? jsonin_get(f, "value") : NULL;
    if (!said || fact_by_name(fact_name(f)) != id) {
        steps_fail(&c->s, MSG_VERIFY_EFFECT_FACT, f ? fact_name(f) : (slice){ 0 },
                   slice_of(fact_row(id)->name), "$.facts[%zu].name", t->at);
        return;
    }
    (void)steps_same(&c->s, said->text, value, "$.facts[%zu].value", t->at);
    (void)steps_same_number(&c->s, shape_number(f, "part"), (uint64_t)part->number,
                            "$.facts[%zu].part", t->at);
    t->at++;
}

static void check_told(struct check *c, struct told *t, const struct jsonin *effect, size_t i)
{
    const struct jsonin *args = jsonin_get(effect, "args"), *part = jsonin_get(effect, "part");
    if (!steps_hold(&c->s, next_told(t), MSG_VERIFY_EFFECT_NO_FACT, "$.effects[%zu]", i))
        return;
    expect(c, t, FACT_EFFECT_KIND, shape_text(effect, "kind"), part);
    expect(c, t, FACT_EFFECT_SINK, utf8_cut(shape_text(effect, "sink"), FACT_TEXT_MAX), part);
    expect(c, t, FACT_EFFECT_CERTAINTY, shape_text(effect, "certainty"), part);
    const struct jsonin *via = jsonin_get(effect, "via");
    if (via->n)
        expect(c, t, FACT_EFFECT_ENTRY, utf8_cut(via->items[0].text, FACT_TEXT_MAX), part);
    if (jsonin_get(effect, "conditional"))
        expect(c, t, FACT_EFFECT_CONDITIONAL, (slice){ 0 }, part);
    for (size_t a = 0; a < args->n; a++)
        for (size_t k = 0; k < sizeof argument_facts / sizeof argument_facts[0]; k++)
            if (slice_is(args->items[a].key, argument_facts[k].argument))
                expect(c, t, argument_facts[k].fact, utf8_cut(args->items[a].text, FACT_TEXT_MAX),
                       part);
    if (t->at < t->n && slice_is(fact_name(&t->facts[t->at]), "effect.unknown")) {
        bool known = slice_is(shape_text(effect, "certainty"), "known");
        (void)steps_hold(&c->s, !known, MSG_VERIFY_HOLE, "$.effects[%zu].certainty", i);
        t->at++;
    }
    /* No further one of this group. */
    bool more = t->at < t->n && slice_starts(fact_name(&t->facts[t->at]), SLICE_LIT("effect.")) &&
                !slice_is(fact_name(&t->facts[t->at]), "effect.kind");
    (void)steps_hold(&c->s, !more, MSG_VERIFY_FACT_NO_EFFECT, "$.facts[%zu]", t->at);
}

/* --- where it comes from */

/* How many bytes of `text` stand in one of the origins, as far as a piece of it goes. */
static size_t longest(slice text, const slice *origins, size_t n, size_t *work)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        size_t low = best, high = text.len;
        while (low < high) { /* what is there is there with fewer of its bytes too */
            size_t middle = low + (high - low + 1) / 2;
            *work += origins[i].len;
            if (slice_find_nocase(origins[i], slice_sub(text, 0, middle), 0) != SIZE_MAX)
                low = middle;
            else
                high = middle - 1;
        }
        best = low;
    }
    return best;
}

static bool explained(struct check *c, slice text, const slice *origins, size_t n)
{
    while (text.len && c->work < WORK_MAX) {
        size_t piece = longest(text, origins, n, &c->work);
        if (piece < PIECE_MIN && piece < text.len)
            return false;
        if (piece == 0)
            return false;
        text = slice_from(text, piece);
    }
    return text.len == 0;
}

static void check_origin(struct check *c, const struct jsonin *origin, size_t i, size_t k,
                         slice *out)
{
    uint64_t part = shape_number(origin, "part"), line = shape_number(origin, "line");
    struct range at = { 0, 0 };
    (void)shape_range(origin, &at);
    bool inside = part >= c->object->n_parts || !c->object->parts[part].given ||
                  at.to <= c->object->parts[part].size;
    bool can = object_bytes(c->object, part, at, out);
    if (!steps_hold(&c->s, inside, MSG_VERIFY_OUTSIDE, "$.effects[%zu].origin[%zu].range", i, k))
        return;
    if (line == 0 || !can || at.to == at.from)
        c->s.not_comparable++;
    else
        facts_check_line(c, (uint32_t)part, at.from, line, i, k);
}

/* --- the way to it */

static bool is_name(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_alnum(s.at[i]) && s.at[i] != '_')
            return false;
    return s.len > 0;
}

/* In an effect's own words: programs and calls that handed code on. */
static bool in_effects(struct check *c, slice name)
{
    size_t n;
    const struct jsonin *effects = shape_list(c->report, "effects", &n);
    for (size_t i = 0; i < n && i < EFFECTS_LOOKED_AT && c->work < WORK_MAX; i++) {
        const struct jsonin *args = jsonin_get(&effects[i], "args");
        slice sink = slice_sub(shape_text(&effects[i], "sink"), 0, ARGUMENT_MAX);
        c->work += ARGUMENT_MAX;
        if (slice_find_nocase(sink, name, 0) != SIZE_MAX)
            return true;
        for (size_t a = 0; a < args->n; a++)
            if (slice_find_nocase(slice_sub(args->items[a].text, 0, ARGUMENT_MAX), name, 0) !=
                SIZE_MAX)
                return true;
    }
    return false;
}

/* In the bytes of a part; `unsure` where one was not kept. */
static bool in_parts(struct check *c, slice name, bool *unsure)
{
    for (uint32_t i = 0; i < c->object->n_parts; i++) {
        const struct object_part *p = &c->object->parts[i];
        bool can = p->kept && p->bytes.len <= PART_SEARCHED && c->work < WORK_MAX;
        *unsure |= !can;
        if (!can)
            continue;
        c->work += p->bytes.len;
        if (slice_find_nocase(p->bytes, name, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* Names of procedures stand in the code, names of programs and calls in effects. Other items (a
 * cell, a command line) are left to the replay. */
static void check_via(struct check *c, const struct jsonin *effect, size_t i)
{
    const struct jsonin *via = jsonin_get(effect, "via");
    for (size_t k = 0; k < via->n; k++) {
        slice name = via->items[k].text;
        bool unsure = !is_name(name) || name.len > NAME_MAX_BYTES;
        if (!unsure && (in_effects(c, name) || in_parts(c, name, &unsure)))
            c->s.held++;
        else if (unsure)
            c->s.not_comparable++;
        else
            (void)steps_hold(&c->s, false, MSG_VERIFY_VIA, "$.effects[%zu].via[%zu]", i, k);
    }
}

static void check_effect(struct check *c, const struct jsonin *effect, size_t i)
{
    enum { ORIGINS = 32 }; /* more are not written */
    static const uint8_t hole[] = { 0xE2, 0x9F, 0x82 };
    slice from[ORIGINS] = { { 0 } };
    size_t n, total = 0;
    const struct jsonin *origins = shape_list(effect, "origin", &n),
                        *args = jsonin_get(effect, "args");
    bool known = slice_is(shape_text(effect, "certainty"), "known");
    (void)steps_hold(&c->s, n <= ORIGINS, MSG_VERIFY_SHAPE, "$.effects[%zu].origin", i);
    for (size_t k = 0; k < n && k < ORIGINS; k++) {
        check_origin(c, &origins[k], i, k, &from[k]);
        total += from[k].len;
    }
    for (size_t a = 0; a < args->n; a++) {
        slice value = args->items[a].text;
        bool whole = slice_find(value, (slice){ hole, sizeof hole }, 0) == SIZE_MAX;
        (void)steps_hold(&c->s, whole || !known, MSG_VERIFY_HOLE, "$.effects[%zu].certainty", i);
        if (known && total <= ORIGIN_MAX && value.len <= ARGUMENT_MAX &&
            explained(c, value, from, n < ORIGINS ? n : ORIGINS))
            c->s.held++;
        else
            c->s.not_comparable++;
    }
}

void effects_check(struct check *c)
{
    size_t n;
    const struct jsonin *effects = shape_list(c->report, "effects", &n);
    struct told t = { 0 };
    t.facts = shape_list(c->report, "facts", &t.n);
    c->s.kind = STEP_EFFECT;
    for (size_t i = 0; i < n; i++) {
        check_effect(c, &effects[i], i);
        check_via(c, &effects[i], i);
        check_told(c, &t, &effects[i], i);
    }
    (void)steps_hold(&c->s, !next_told(&t), MSG_VERIFY_FACT_NO_EFFECT, "$.facts[%zu]", t.at);
}
