/* SPDX-License-Identifier: Apache-2.0 */
/* hidden - the values of one scan: a list in the order said, and a table of their names.
 *
 * A document is the part that its container made of it, with all that lies inside: parts are
 * numbered depth first, so that everything from its number on belongs to it while it is open.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/walk_private.h"

enum {
    SLOTS = 1024, /* a power of two */
    VALUES_MAX = 1 << 16,
    BYTES_MAX = 32 << 20,
    SHOWN = 1000,  /* bytes of a value in its fact */
    SAY_ANY = 96,  /* facts of a scan; longer values are still said after that */
    SAY_LONG = 256,
    LONG = 24,
    SHORT = 4, /* of controls: states of boxes */
    WORK_PER_LOOK = 5,
    REPEATS = 64, /* a power of two */
};

struct value {
    struct hidden h; /* first: hidden.next points to the next one's */
    struct value *chain;
};

struct slot {
    struct value *first, *last;
};

struct called {
    uint32_t part;
    slice owner, name;
};

struct store {
    struct slot slots[SLOTS];
    struct value *first, *last;
    size_t n;
    uint64_t bytes;
    uint32_t document; /* whose values were said last */
    unsigned said;
    uint64_t repeats[REPEATS]; /* of what facts said: the same group stands in every box of it */
    const struct value *latest[HIDDEN_PLACES];
    struct hidden_source *sources; /* innermost first */
    struct called called;
};

static const char *const place_names[HIDDEN_PLACES] = {
    "control", "variable", "property", "shape", "text", "cell", "sheet", "comment", "name", "xml",
};

const char *hidden_place_name(enum hidden_place p) { return place_names[p]; }

static struct store *store_of(struct walk *w)
{
    if (!w->scan->hidden)
        w->scan->hidden = ARENA_NEW(w->mem, struct store);
    return w->scan->hidden;
}

/* The outermost part that is this document or holds it as one. */
static uint32_t document_of(const struct walk *w)
{
    while (w->up && (w->how == HOW_OLE || w->how == HOW_OPC))
        w = w->up;
    return w->part;
}

static struct slot *slot_of(struct store *s, slice name)
{
    return &s->slots[slice_hash_nocase(name) & (SLOTS - 1)];
}

/* --- saying */

void hidden_put_name(struct buf *out, const struct hidden *h)
{
    const slice words[] = { h->owner, h->name, h->property };
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (words[i].len == 0)
            continue;
        if (any)
            buf_byte(out, '.');
        buf_put(out, words[i]);
        any = true;
    }
}

/* Texts that people see too are in the document's text. */
static bool is_unseen(enum hidden_place p)
{
    return p == HIDDEN_CONTROL || p == HIDDEN_VARIABLE || p == HIDDEN_PROPERTY || p == HIDDEN_SHAPE;
}

static bool is_repeated(struct store *s, slice value)
{
    uint64_t hash = slice_hash_nocase(value) | 1, *slot = &s->repeats[hash / 2 & (REPEATS - 1)];
    bool repeated = *slot == hash;
    *slot = hash;
    return repeated;
}

static void say_fact(struct walk *w, struct store *s, const struct hidden *h)
{
    slice shown = slice_trim(h->value);
    bool default_text = slice_eq(h->value, h->name); /* a caption nobody changed */
    size_t least = h->place == HIDDEN_CONTROL ? SHORT : 1;
    if (!is_unseen(h->place) || h->quiet || shown.len < least || default_text ||
        s->said >= (shown.len >= LONG ? SAY_LONG : SAY_ANY) || is_repeated(s, shown))
        return;
    s->said++;
    struct buf b = buf_new(SHOWN + 4 * HIDDEN_NAME_MAX);
    buf_text(&b, place_names[h->place]);
    if (h->owner.len + h->name.len + h->property.len)
        buf_byte(&b, ' ');
    hidden_put_name(&b, h);
    buf_text(&b, " = ");
    buf_put(&b, utf8_cut(shown, SHOWN));
    walk_text(w, FACT_OFFICE_HIDDEN_VALUE, buf_slice(&b), h->at);
    buf_drop(&b);
}

static slice kept(struct walk *w, slice text, size_t max)
{
    return arena_copy(w->mem, utf8_cut(utf8_clean(w->mem, text), max));
}

static uint32_t index_of(const struct value *before, const struct hidden *h, uint32_t document)
{
    if (!before || before->h.part < document || !slice_eq_nocase(before->h.owner, h->owner))
        return 1;
    bool same = slice_eq_nocase(before->h.name, h->name) && h->property.len &&
                !slice_eq_nocase(before->h.property, h->property);
    uint32_t last = before->h.index == UINT32_MAX ? 0 : before->h.index;
    return last + (!same || last == 0);
}

static bool has_room(struct walk *w, struct store *s, size_t bytes)
{
    if (s->n < VALUES_MAX && s->bytes + bytes <= BYTES_MAX)
        return walk_work(w, WORK_PER_ENTRY + bytes);
    walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_VALUES_FOR_MACROS, (slice){ 0 });
    return false;
}

void hidden_say(struct walk *w, const struct hidden *h)
{
    struct store *s = store_of(w);
    if (!s || !has_room(w, s, h->value.len))
        return;
    struct value *v = ARENA_NEW(w->mem, struct value);
    if (!v)
        return;
    uint32_t document = document_of(w);
    if (document != s->document)
        s->said = 0; /* repeats of another document are none, but rare enough */
    s->document = document;
    v->h = *h;
    v->h.owner = kept(w, h->owner, HIDDEN_NAME_MAX);
    v->h.name = kept(w, h->name, HIDDEN_NAME_MAX);
    v->h.property = kept(w, h->property, HIDDEN_NAME_MAX);
    v->h.value = kept(w, h->value, HIDDEN_VALUE_MAX);
    v->h.part = w->part;
    v->h.next = NULL;
    if (v->h.index == 0)
        v->h.index = index_of(s->latest[h->place], &v->h, document);
    s->latest[h->place] = v;
    s->n++;
    s->bytes += v->h.value.len;
    struct slot *slot = slot_of(s, v->h.name);
    if (slot->last)
        slot->last->chain = v;
    else
        slot->first = v;
    slot->last = v;
    if (s->last)
        s->last->h.next = &v->h;
    else
        s->first = v;
    s->last = v;
    say_fact(w, s, &v->h);
}

/* --- looking up */

static void load(struct store *s, enum hidden_place place)
{
    for (struct hidden_source *o = s->sources; o; o = o->outer) {
        if (o->loaded || !(o->places & 1u << place))
            continue;
        o->loaded = true;
        o->load(o->host);
    }
}

static struct store *ready(struct walk *w, enum hidden_place place)
{
    struct store *s = w->scan->hidden;
    if (s)
        load(s, place);
    return s;
}

static bool is_text_word(slice property)
{
    return slice_is_nocase(property, "Text") || slice_is_nocase(property, "Value");
}

static bool same_property(slice wanted, slice got)
{
    return wanted.len == 0 || slice_eq_nocase(wanted, got) || (is_text_word(wanted) && is_text_word(got));
}

static bool same_owner(slice wanted, slice got)
{
    return wanted.len == 0 || got.len == 0 || slice_eq_nocase(wanted, got);
}

const struct hidden *hidden_find(struct walk *w, enum hidden_place place, slice owner, slice name, slice property)
{
    struct store *s = ready(w, place);
    uint32_t document = document_of(w);
    const struct value *v = s ? slot_of(s, name)->first : NULL;
    for (; v && walk_work(w, WORK_PER_LOOK); v = v->chain)
        if (v->h.place == place && v->h.part >= document && slice_eq_nocase(v->h.name, name) &&
            same_owner(owner, v->h.owner) && same_property(property, v->h.property))
            return &v->h;
    return NULL;
}

const struct hidden *hidden_next(struct walk *w, enum hidden_place place, const struct hidden *before)
{
    struct store *s = ready(w, place);
    uint32_t document = document_of(w);
    const struct hidden *h = before ? before->next : s && s->first ? &s->first->h : NULL;
    for (; h && walk_work(w, WORK_PER_LOOK); h = h->next)
        if (h->place == place && h->part >= document)
            return h;
    return NULL;
}

const struct hidden *hidden_at(struct walk *w, enum hidden_place place, slice owner, uint32_t index, slice property)
{
    const struct hidden *h = NULL;
    while ((h = hidden_next(w, place, h)))
        if (h->index == index && same_owner(owner, h->owner) && same_property(property, h->property))
            return h;
    return NULL;
}

/* --- containers */

void hidden_offer(struct walk *w, struct hidden_source *o)
{
    struct store *s = store_of(w);
    if (!s)
        return;
    o->outer = s->sources;
    s->sources = o;
}

void hidden_withdraw(struct walk *w, struct hidden_source *o)
{
    struct store *s = w->scan->hidden;
    if (s && s->sources == o)
        s->sources = o->outer;
}

void hidden_call(struct walk *sub, slice owner, slice name)
{
    struct store *s = store_of(sub);
    if (s)
        s->called = (struct called){ sub->part, kept(sub, owner, HIDDEN_NAME_MAX), kept(sub, name, HIDDEN_NAME_MAX) };
}

void hidden_called(const struct walk *w, slice *owner_out, slice *name_out)
{
    const struct store *s = w->scan->hidden;
    *owner_out = *name_out = (slice){ 0 };
    if (!s || s->called.name.len + s->called.owner.len == 0 || s->called.part != w->part)
        return;
    *owner_out = s->called.owner;
    *name_out = s->called.name;
}

static uint64_t set_aside(struct walk *w, enum budget_kind k)
{
    uint64_t half = w->budget->left[k] / 2;
    w->budget->left[k] -= half;
    return half;
}

struct hidden_budget hidden_budget_begin(struct walk *w)
{
    return (struct hidden_budget){
        .work = set_aside(w, BUDGET_WORK),
        .inflated = set_aside(w, BUDGET_INFLATED),
        .entries = set_aside(w, BUDGET_ENTRIES),
        .hit = w->budget->hit,
    };
}

void hidden_budget_end(struct walk *w, const struct hidden_budget *kept)
{
    const uint32_t lifted = 1u << BUDGET_WORK | 1u << BUDGET_INFLATED | 1u << BUDGET_ENTRIES;
    walk_note_limits(w); /* said, although the work goes on */
    w->budget->hit &= ~lifted | kept->hit;
    budget_give_back(w->budget, BUDGET_WORK, kept->work);
    budget_give_back(w->budget, BUDGET_INFLATED, kept->inflated);
    budget_give_back(w->budget, BUDGET_ENTRIES, kept->entries);
}
