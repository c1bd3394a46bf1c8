/* SPDX-License-Identifier: Apache-2.0 */
/* unmask - see unmask.h: the table of languages, effects, and what is handed on. */
#include "unmask/unmask.h"
#include "base/hash.h"
#include "base/text.h"
#include "unmask/url.h"

#define LANGUAGE(name) extern const struct language language_##name;
#include "languages.inc"
#undef LANGUAGE

static const struct language *const languages[] = {
#define LANGUAGE(name) &language_##name,
#include "languages.inc"
#undef LANGUAGE
    NULL
};

enum { N_LANGUAGES = sizeof languages / sizeof languages[0] - 1, UNITS_MAX = 8 << 20, SAID_SLOTS = 1024, NOTES_MAX = 240 * 1024, NOTE_MAX = 4096 };
_Static_assert((int)N_LANGUAGES <= (int)LANGUAGES_MAX, "struct unmask has a slot for each");
_Static_assert(SAID_SLOTS >= 2 * UNMASK_EFFECTS_MAX, "the table stays half empty");

bool unmask_prepare(struct unmask *u, struct walk *w)
{
    if (!u->ready) {
        texts_init(&u->texts, w->mem, UNITS_MAX);
        u->said = ARENA_ARRAY(w->mem, uint64_t, SAID_SLOTS);
        u->ready = true;
    }
    return u->said != NULL;
}

/* --- steps, for people */

void unmask_note(struct unmask *u, const struct walk *w, uint32_t line, unsigned depth, slice statement)
{
    if (!u->trace)
        return;
    if (u->notes.max == 0)
        u->notes = buf_new(NOTES_MAX);
    slice s = utf8_cut(statement, NOTE_MAX);
    if (u->notes.len + s.len + 64 > NOTES_MAX)
        return;
    buf_format(&u->notes, "%u\t%u\t%u\t", (unsigned)w->part, (unsigned)line, depth);
    for (size_t i = 0; i < s.len; i++)
        buf_byte(&u->notes, s.at[i] == '\n' || s.at[i] == '\r' ? ' ' : s.at[i]);
    buf_byte(&u->notes, '\n');
}

/* The outermost code has ended: what it and those it handed on to have noted is one text. */
static void give_notes(struct unmask *u, struct walk *w)
{
    if (u->nesting || u->notes.len == 0)
        return;
    walk_view(w, FACT_UNMASK_TRACE, arena_copy(w->mem, buf_slice(&u->notes)), NOWHERE);
    buf_clear(&u->notes);
}

void unmask_done(struct unmask *u) { buf_drop(&u->notes); }

/* --- the hooks of the scan */

void unmask_part(struct unmask *u, struct walk *w)
{
    for (size_t i = 0; languages[i] && !u->showing; i++)
        if (languages[i]->part)
            languages[i]->part(u, w, &u->state[i]);
}

void unmask_view(struct unmask *u, struct walk *w, enum fact_id id, slice utf8, struct range at)
{
    for (size_t i = 0; languages[i] && !u->showing; i++)
        if (languages[i]->view)
            languages[i]->view(u, w, &u->state[i], id, utf8, at);
}

void unmask_fact(struct unmask *u, struct walk *w, const struct fact *f)
{
    for (size_t i = 0; languages[i] && !u->showing; i++)
        if (languages[i]->fact)
            languages[i]->fact(u, w, &u->state[i], f);
}

void unmask_page(struct unmask *u, struct walk *w, struct script_page *p)
{
    for (size_t i = 0; languages[i] && !u->showing; i++)
        if (languages[i]->page)
            languages[i]->page(u, w, &u->state[i], p);
}

void unmask_end(struct unmask *u, struct walk *w, enum walk_end end)
{
    for (size_t i = 0; languages[i] && !u->showing; i++)
        if (languages[i]->part_end)
            languages[i]->part_end(u, w, &u->state[i], end);
    if (u->ready && u->texts.full && !u->told) {
        u->told = true;
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
    }
    give_notes(u, w);
}

/* --- effects */

static uint64_t mix(uint64_t h, slice s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.at[i]) * 0x100000001b3u;
    return (h ^ 0xFF) * 0x100000001b3u;
}

/* Of what was said: its hash, but for these. */
enum { SAID = 1, SAID_KNOWN = 2, SAID_SURE = 4, SAID_FLAGS = 7 };

/* An obfuscator that reaches one sink in a loop says it once; what is truer than it was is said again. */
static bool new_effect(struct unmask *u, uint32_t part, const struct effect *e, bool *full_out)
{
    uint64_t flags = SAID | (e->known ? SAID_KNOWN : 0) | (e->conditional ? 0 : SAID_SURE);
    uint64_t h = 0xcbf29ce484222325u ^ part * 0x9E3779B97F4A7C15u ^ (uint64_t)e->kind;
    h = mix(h, e->sink);
    for (uint32_t i = 0; i < e->n_arguments; i++)
        h = mix(mix(h, e->arguments[i].name), e->arguments[i].value);
    h &= ~(uint64_t)SAID_FLAGS;
    size_t slot = (size_t)(h >> 32) % SAID_SLOTS;
    while (u->said[slot] && (u->said[slot] & ~(uint64_t)SAID_FLAGS) != h)
        slot = (slot + 1) % SAID_SLOTS;
    uint64_t before = u->said[slot] & SAID_FLAGS;
    if ((before & flags) != before || before == flags)
        return false;
    if (u->n_effects == UNMASK_EFFECTS_MAX) {
        *full_out = true;
        return false;
    }
    u->said[slot] = h | flags;
    u->n_effects++;
    return true;
}

/* The way so far and the way from here; of one that is too long the middle goes. */
static uint32_t whole_way(const struct unmask *u, const slice *via, size_t n, slice out[UNMASK_VIA_MAX])
{
    size_t all = u->n_via + n, left = 0;
    for (size_t i = 0; i < all; i++) {
        bool out_of_middle = all > UNMASK_VIA_MAX && i >= UNMASK_VIA_MAX / 2 && i < all - UNMASK_VIA_MAX / 2;
        if (!out_of_middle)
            out[left++] = i < u->n_via ? u->via[i] : via[i - u->n_via];
    }
    return (uint32_t)left;
}

static size_t add_origins(struct effect_origin *all, size_t n, const struct effect_origin *more, size_t n_more)
{
    for (size_t i = 0; i < n_more && n < UNMASK_ORIGINS_MAX; i++) {
        bool had = false;
        for (size_t k = 0; k < n && !had; k++)
            had = text_origin_covers(&all[k], &more[i]);
        if (!had)
            all[n++] = more[i];
    }
    return n;
}

static const struct {
    const char *argument;
    enum fact_id fact;
} argument_facts[] = {
    { "url", FACT_EFFECT_URL },         { "path", FACT_EFFECT_FILE_PATH },  { "command", FACT_EFFECT_PROCESS_COMMAND_LINE },
    { "program", FACT_EFFECT_PROGRAM }, { "function", FACT_EFFECT_FUNCTION }, { "name", FACT_EFFECT_TARGET },
};

static void say_facts(struct walk *w, const struct effect *e, slice unknown)
{
    walk_cstr(w, FACT_EFFECT_KIND, effect_kind_name(e->kind), NOWHERE);
    walk_text(w, FACT_EFFECT_SINK, e->sink, NOWHERE);
    walk_cstr(w, FACT_EFFECT_CERTAINTY, e->known ? "known" : "partial", NOWHERE);
    if (e->n_via)
        walk_text(w, FACT_EFFECT_ENTRY, e->via[0], NOWHERE);
    if (e->conditional)
        walk_flag(w, FACT_EFFECT_CONDITIONAL, NOWHERE);
    for (uint32_t i = 0; i < e->n_arguments; i++)
        for (size_t k = 0; k < sizeof argument_facts / sizeof argument_facts[0]; k++)
            if (slice_is(e->arguments[i].name, argument_facts[k].argument))
                walk_text(w, argument_facts[k].fact, e->arguments[i].value, NOWHERE);
    if (unknown.len)
        walk_text(w, FACT_EFFECT_UNKNOWN, unknown, NOWHERE);
}

bool unmask_effect(struct unmask *u, struct walk *w, const struct unmask_said *said)
{
    struct effect_argument arguments[UNMASK_ARGUMENTS_MAX];
    struct effect_origin origins[UNMASK_ORIGINS_MAX], some[UNMASK_ORIGINS_MAX];
    slice via[UNMASK_VIA_MAX], unknown = { 0 };
    struct effect e = { .kind = said->kind, .part = w->part, .known = !(said->maybe & UNMASK_DOUBT), .conditional = (said->maybe & UNMASK_CONDITIONAL) || u->maybe, .sink = slice_of(said->sink),
                        .arguments = arguments, .origins = origins, .via = via };
    size_t n_origins = 0;
    for (size_t i = 0; i < said->n_arguments && e.n_arguments < UNMASK_ARGUMENTS_MAX; i++) {
        struct text value = said->arguments[i].value;
        slice shown = text_utf8(&u->texts, value);
        if (slice_is(slice_of(said->arguments[i].name), "url"))
            shown = unmask_url_normal(w->mem, shown);
        arguments[e.n_arguments++] = (struct effect_argument){ slice_of(said->arguments[i].name), shown };
        size_t n = text_origins(&u->texts, value, some, UNMASK_ORIGINS_MAX);
        n_origins = add_origins(origins, n_origins, some, n);
        if (u->nesting && e.known && slice_find(shown, slice_of("\xe2\x9f\x82"), 0) != SIZE_MAX) {
            e.known = false; /* a hole of the code that was handed on: to this language a sign like others */
            unknown = SLICE_LIT("value");
        }
        if (!text_known(value)) {
            e.known = false;
            unknown = unknown.len ? unknown : text_reason(&u->texts, value);
        }
    }
    e.n_origins = (uint32_t)n_origins;
    e.n_via = whole_way(u, said->via, said->n_via, via);
    bool full = u->texts.full, is_new = new_effect(u, w->part, &e, &full);
    if (full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
    if (!is_new || walk_over(w))
        return false;
    uint32_t before = w->event[EVENT_EFFECT];
    e.event = walk_event(w, EVENT_EFFECT);
    say_facts(w, &e, unknown);
    walk_effect(w, &e);
    w->event[EVENT_EFFECT] = before;
    return true;
}

/* --- lines */

struct unmask_lines unmask_lines_of(const struct walk *w, struct range at)
{
    slice all = slice_sub(w->body->all, (size_t)at.from, (size_t)(at.to - at.from));
    bool big = all.len > 1 && (all.at[0] == 0xFE || all.at[0] == 0) && (all.at[0] || all.at[1]);
    bool little = all.len > 1 && !big && ((all.at[0] == 0xFF && all.at[1] == 0xFE) || all.at[1] == 0);
    return (struct unmask_lines){ .bytes = all, .base = at.from, .unit = big || little ? 2 : 1, .big = big };
}

struct range unmask_lines_next(struct unmask_lines *l)
{
    size_t from = l->pos, end = slice_find_byte(l->bytes, '\n', from);
    /* In UTF-16 the byte is a line feed only beside a zero, at its place in the pair. */
    while (l->unit == 2 && end != SIZE_MAX &&
           (end % 2 != (l->big ? 1u : 0u) || slice_sub(l->bytes, l->big ? end - 1 : end + 1, 1).len == 0 || l->bytes.at[l->big ? end - 1 : end + 1] != 0))
        end = slice_find_byte(l->bytes, '\n', end + 1);
    l->pos = end == SIZE_MAX ? l->bytes.len : end + (l->unit == 2 && !l->big ? 2 : 1);
    return range_of(l->base + from, l->pos - from);
}

/* --- handing on */

/* What a format reads before a language evaluates it. */
static const struct format *reader_of(const char *type, slice code, slice *declared_out)
{
    static const struct {
        const char *type, *format, *declared;
    } rows[] = {
        { "html", "html", "text/html; charset=utf-8" }, { "hta", "html", "text/html; charset=utf-8" },
        { "xml", "html", "text/html; charset=utf-8" }, /* scripts in a style sheet */
        { "wsf", "script", "text/scriptlet; charset=utf-8" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_is(slice_of(type), rows[i].type)) {
            *declared_out = slice_of(rows[i].declared);
            return format_named(rows[i].format);
        }
    if (slice_find(slice_sub(code, 0, 1 << 16), SLICE_LIT("#@~^"), 0) == SIZE_MAX) /* Script Encoder */
        return NULL;
    *declared_out = slice_is(slice_of(type), "vbscript") ? SLICE_LIT("text/vbscript; charset=utf-8") : SLICE_LIT("text/javascript; charset=utf-8");
    return slice_is(slice_of(type), "vbscript") || slice_is(slice_of(type), "jscript") ? format_named("script") : NULL;
}

static bool is_evaluated(const char *type)
{
    slice s = slice_of(type);
    for (size_t i = 0; languages[i]; i++)
        if (slice_is(s, languages[i]->name))
            return true;
    return slice_is(s, "batch") || slice_is(s, "xlm-formula") || slice_is(s, "vba-formula");
}

static void walk_handed(struct walk *w, const char *type, slice name, slice bytes, bool as_code)
{
    struct body body = body_borrow(bytes);
    struct child c = { .name = name, .how = HOW_UNMASK, .at = NOWHERE, .body = &body };
    if (as_code)
        c.format = reader_of(type, bytes, &c.declared);
    if (!as_code || c.format) {
        (void)walk_child(w, &c);
        return;
    }
    struct walk sub;
    if (walk_begin(w, &c, &sub)) {
        walk_type(&sub, type);
        walk_view(&sub, FACT_SCRIPT_CODE, bytes, range_of(0, bytes.len));
        if (!is_evaluated(type))
            walk_unread_of(&sub, UNREAD_NO_READER, UNREAD_OF_SCRIPT_LANGUAGE, slice_of(type));
        walk_finish(&sub, WALK_WHOLE);
    }
}

/* type NULL: what the bytes are is found out. */
static void hand(struct unmask *u, struct walk *w, const char *type, slice name, slice bytes, const slice *via, size_t n_via)
{
    if (bytes.len && u->nesting == UNMASK_NESTING_MAX)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
    if (bytes.len == 0 || u->nesting == UNMASK_NESTING_MAX || walk_over(w))
        return;
    slice way[UNMASK_VIA_MAX];
    uint32_t n = whole_way(u, via, n_via, way), before = u->n_via;
    slice kept[UNMASK_VIA_MAX];
    for (uint32_t i = 0; i < before; i++)
        kept[i] = u->via[i];
    for (uint32_t i = 0; i < n; i++)
        u->via[i] = way[i];
    u->n_via = n;
    u->nesting++;
    walk_handed(w, type, name, bytes, type != NULL);
    u->nesting--;
    u->n_via = before;
    for (uint32_t i = 0; i < before; i++)
        u->via[i] = kept[i];
}

void unmask_show(struct unmask *u, struct walk *w, const char *type, struct text code)
{
    if (code.n == 0 || u->nesting == UNMASK_NESTING_MAX || walk_over(w))
        return;
    bool before = u->showing;
    u->showing = true;
    u->nesting++;
    walk_handed(w, type, (slice){ 0 }, text_utf8(&u->texts, code), true);
    u->nesting--;
    u->showing = before;
}

void unmask_hand_on(struct unmask *u, struct walk *w, const char *type, struct text code, const slice *via, size_t n_via)
{
    hand(u, w, type, (slice){ 0 }, text_utf8(&u->texts, code), via, n_via);
}

void unmask_program(struct unmask *u, struct walk *w, slice name, slice source, const slice *via, size_t n_via)
{
    hand(u, w, NULL, name, source, via, n_via);
}

void unmask_payload(struct unmask *u, struct walk *w, slice name, slice bytes)
{
    if (bytes.len && u->nesting < UNMASK_NESTING_MAX && !walk_over(w))
        walk_handed(w, NULL, name, bytes, false);
}
