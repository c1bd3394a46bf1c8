/* SPDX-License-Identifier: Apache-2.0 */
/* Objects (ECMA-262 10): names as numbers, slots in order of creation with an index when they are
 * many, elements of arrays apart. Slots never move or vanish - a deleted one is absent - so that a
 * change can be taken back (jscript_fork.c). */
#include "unmask/jscript/jscript_private.h"
#include <math.h>

enum { INDEX_FROM = 8, LINKS_MAX = 64, SLOTS_MAX = 1 << 20, ATOMS_MAX = 1 << 21 };

/* --- atoms */

static uint32_t hash_units(const uint16_t *units, uint32_t n)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < n; i++)
        h = (h ^ units[i]) * 16777619u;
    return h ^ h >> 15;
}

static bool atom_is(const struct js_atom *a, const uint16_t *units, uint32_t n)
{
    if (a->n != n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if ((a->ascii ? (uint16_t)(uint8_t)a->ascii[i] : a->units[i]) != units[i])
            return false;
    return true;
}

static bool atoms_grow(struct js *m)
{
    uint32_t room = m->room_atoms ? m->room_atoms * 2 : 1024;
    struct js_atom *atoms =
        room > ATOMS_MAX
            ? NULL
            : arena_regrow(m->mem, m->atoms, (m->room_atoms ? m->n_atoms : 0) * sizeof *atoms, room,
                           sizeof *atoms);
    uint32_t *index = atoms ? ARENA_ARRAY(m->mem, uint32_t, room * 2) : NULL;
    if (!index) {
        m->stop = m->limited = true;
        return false;
    }
    m->atoms = atoms;
    m->room_atoms = room;
    m->atom_index = index;
    m->room_atom_index = room * 2;
    for (uint32_t i = 1; i < m->n_atoms; i++) {
        uint32_t at = atoms[i].hash & (room * 2 - 1);
        while (index[at])
            at = (at + 1) & (room * 2 - 1);
        index[at] = i;
    }
    return true;
}

static uint32_t intern(struct js *m, const uint16_t *units, uint32_t n, const char *ascii,
                       struct text s)
{
    uint32_t hash = hash_units(units, n), at = hash & (m->room_atom_index - 1);
    for (; m->atom_index[at]; at = (at + 1) & (m->room_atom_index - 1)) {
        const struct js_atom *a = &m->atoms[m->atom_index[at]];
        if (a->hash == hash && atom_is(a, units, n))
            return m->atom_index[at];
    }
    if (m->n_atoms == m->room_atoms) {
        if (!atoms_grow(m))
            return A_NONE;
        return intern(m, units, n, ascii, s);
    }
    if (!ascii && n) {
        uint16_t *copy = ARENA_ARRAY(m->mem, uint16_t, n);
        if (!copy) {
            m->stop = m->limited = true;
            return A_NONE;
        }
        for (uint32_t i = 0; i < n; i++)
            copy[i] = units[i];
        units = copy;
    }
    m->atoms[m->n_atoms] =
        (struct js_atom){ .units = units, .ascii = ascii, .n = n, .hash = hash, .s = s };
    m->atom_index[at] = m->n_atoms;
    return m->n_atoms++;
}

bool js_atoms_init(struct js *m)
{
    static const char *const words[] = {
#define X(name) #name,
        JS_WORDS(X)
#undef X
    };
    uint16_t units[64];
    m->n_atoms = 1;
    if (!atoms_grow(m))
        return false;
    for (uint32_t i = 0; i < A_WORDS - 1; i++) {
        uint32_t n = 0;
        for (; words[i][n]; n++)
            units[n] = (uint8_t)words[i][n];
        (void)intern(m, units, n, words[i], (struct text){ 0 });
    }
    return m->n_atoms == A_WORDS;
}

uint32_t js_atom_units(struct js *m, const uint16_t *units, uint32_t n)
{
    return intern(m, units, n, NULL, (struct text){ 0 });
}

uint32_t js_atom(struct js *m, struct text s)
{
    uint16_t some[128], *units = some;
    if (!text_known(s) || !js_step(m, s.n / 16))
        return A_NONE;
    if (s.n > 128)
        units = ARENA_ARRAY(m->mem, uint16_t, s.n);
    for (uint32_t i = 0; units && i < s.n; i++)
        units[i] = text_unit(s, i);
    return units ? intern(m, units, s.n, NULL, s) : A_NONE;
}

uint32_t js_atom_cstr(struct js *m, const char *s)
{
    uint16_t units[128];
    uint32_t n = 0;
    for (; s[n] && n < 128; n++)
        units[n] = (uint8_t)s[n];
    return intern(m, units, n, NULL, (struct text){ 0 });
}

uint32_t js_atom_number(struct js *m, double d)
{
    if (d >= 0 && d < 4294967295.0 && d == floor(d)) {
        uint16_t units[12];
        uint32_t n = 12, v = (uint32_t)d;
        do {
            units[--n] = (uint16_t)('0' + v % 10);
            v /= 10;
        } while (v);
        return js_atom_units(m, units + n, 12 - n);
    }
    return js_atom(m, js_number_text(m, d, TEXT_NOWHERE));
}

struct text js_atom_text(struct js *m, uint32_t atom)
{
    if (atom == A_NONE || atom >= m->n_atoms)
        return (struct text){ 0 };
    struct js_atom *a = &m->atoms[atom];
    if (a->s.n == 0 && a->n)
        a->s = a->ascii ? text_of(m->t, slice_of(a->ascii), TEXT_NOWHERE)
                        : text_of_units(m->t, a->units, a->n, TEXT_NOWHERE);
    return a->s;
}

slice js_atom_utf8(struct js *m, uint32_t atom)
{
    if (atom != A_NONE && atom < m->n_atoms && m->atoms[atom].ascii)
        return slice_of(m->atoms[atom].ascii);
    return text_utf8(m->t, js_atom_text(m, atom));
}

/* 6.1.7: an array index */
bool js_atom_index(struct js *m, uint32_t atom, uint32_t *index_out)
{
    const struct js_atom *a = &m->atoms[atom];
    uint64_t v = 0;
    if (atom < A_WORDS || a->n == 0 || a->n > 10)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        uint16_t u = a->units[i];
        if (u < '0' || u > '9' || (i == 0 && u == '0' && a->n > 1))
            return false;
        v = v * 10 + (u - '0');
    }
    *index_out = (uint32_t)v;
    return v < UINT32_MAX;
}

/* --- making */

struct js_object *js_owner(struct js *m, enum js_owner owner)
{
    if (owner == O_NONE || m->owners[owner])
        return owner == O_NONE ? NULL : m->owners[owner];
    struct js_object *o = ARENA_NEW(m->mem, struct js_object);
    if (!o) {
        m->stop = m->limited = true;
        return NULL;
    }
    o->class_ = owner == O_ARRAY ? C_ARRAY : C_OBJECT;
    o->owner = (uint16_t)owner;
    m->owners[owner] = o;
    o->proto = owner == O_OBJECT ? NULL : js_owner(m, O_OBJECT);
    return o;
}

struct js_object *js_object_new(struct js *m, enum js_class class_, enum js_owner proto)
{
    struct js_object *o = js_step(m, 1) ? ARENA_NEW(m->mem, struct js_object) : NULL;
    if (!o) {
        m->stop = m->limited = true;
        return NULL;
    }
    o->class_ = (uint8_t)class_;
    o->born = m->opened;
    o->proto = js_owner(m, proto);
    return o;
}

struct js_object *js_array_new(struct js *m, uint32_t n)
{
    struct js_object *o = js_object_new(m, C_ARRAY, O_ARRAY);
    if (o && n && !js_set_length(m, o, n))
        return NULL;
    return o;
}

/* --- slots */

static void index_slots(struct js *m, struct js_object *o)
{
    uint32_t room = 32;
    while (room < o->room_slots * 2)
        room *= 2;
    uint32_t *index = ARENA_ARRAY(m->mem, uint32_t, room);
    o->index = index;
    o->room_index = index ? room : 0;
    for (uint32_t i = 0; index && i < o->n_slots; i++) {
        uint32_t at = o->slots[i].atom * 2654435761u & (room - 1);
        while (index[at])
            at = (at + 1) & (room - 1);
        index[at] = i + 1;
    }
}

static struct js_slot *find(struct js_object *o, uint32_t atom)
{
    if (!o->index) {
        for (uint32_t i = 0; i < o->n_slots; i++)
            if (o->slots[i].atom == atom)
                return &o->slots[i];
        return NULL;
    }
    for (uint32_t at = atom * 2654435761u & (o->room_index - 1); o->index[at];
         at = (at + 1) & (o->room_index - 1))
        if (o->slots[o->index[at] - 1].atom == atom)
            return &o->slots[o->index[at] - 1];
    return NULL;
}

struct js_slot *js_slot(struct js_object *o, uint32_t atom)
{
    struct js_slot *s = find(o, atom);
    return s && s->v.kind != JS_ABSENT ? s : NULL;
}

struct js_slot *js_slot_make(struct js *m, struct js_object *o, uint32_t atom)
{
    struct js_slot *s = find(o, atom);
    if (s)
        return s;
    if (o->n_slots == o->room_slots) {
        uint32_t room = o->room_slots ? o->room_slots * 2 : 4;
        struct js_slot *more =
            room > SLOTS_MAX || !js_step(m, o->n_slots / 8)
                ? NULL
                : arena_regrow(m->mem, o->slots, o->n_slots * sizeof *more, room, sizeof *more);
        if (!more) {
            m->stop = m->limited = true;
            return NULL;
        }
        m->moved += o->class_ == C_SCOPE || o->class_ == C_GLOBAL;
        o->slots = more;
        o->room_slots = room;
        if (room > INDEX_FROM)
            index_slots(m, o);
    }
    s = &o->slots[o->n_slots++];
    *s = (struct js_slot){ .atom = atom, .v = { .kind = JS_ABSENT } };
    if (o->index) {
        uint32_t at = atom * 2654435761u & (o->room_index - 1);
        while (o->index[at])
            at = (at + 1) & (o->room_index - 1);
        o->index[at] = o->n_slots;
    }
    return s;
}

void js_write(struct js *m, struct js_object *o, struct js_slot *s, struct js_value v)
{
    if (js_is_shared(m, o))
        js_journal(m, o, J_SLOT, (uint32_t)(s - o->slots), s->v);
    s->v = v;
}

void js_define(struct js *m, struct js_object *o, uint32_t atom, struct js_value v, uint8_t flags)
{
    struct js_slot *s = o && atom ? js_slot_make(m, o, atom) : NULL;
    if (s) {
        js_write(m, o, s, v);
        s->flags = flags;
    }
}

void js_keep(struct js *m, struct js_object *o, uint32_t atom, struct js_value v)
{
    struct js_slot *s = o && atom ? js_slot_make(m, o, atom) : NULL;
    if (s) {
        s->v = v;
        s->flags = SLOT_HIDDEN;
        if (v.kind == JS_OBJECT && v.o->born > o->born)
            v.o->born = o->born; /* every way has it */
    }
}

/* --- elements of arrays */

void js_touch(struct js *m, struct js_object *o)
{
    if (js_is_shared(m, o))
        js_journal(m, o, J_HEAD, 0, js_undefined());
}

bool js_set_length(struct js *m, struct js_object *o, uint32_t n)
{
    if (n > o->room_items) {
        uint32_t room = o->room_items * 2 > n ? o->room_items * 2 : n < 8 ? 8 : n;
        struct js_value *more =
            room > JS_ITEMS_MAX || !js_step(m, room / 16)
                ? NULL
                : arena_regrow(m->mem, o->items, o->n_items * sizeof *more, room, sizeof *more);
        if (!more) {
            m->stop = m->limited = true;
            return false;
        }
        o->items = more;
        o->room_items = room;
    }
    js_touch(m, o);
    for (uint32_t i = o->n_items; i < n; i++) {
        if (js_is_shared(m, o))
            js_journal(m, o, J_ITEM, i, o->items[i]);
        o->items[i] = (struct js_value){ .kind = JS_ABSENT };
    }
    o->n_items = n;
    return true;
}

bool js_item_write(struct js *m, struct js_object *o, uint32_t index, struct js_value v)
{
    if (index >= o->n_items && !js_set_length(m, o, index + 1))
        return false;
    if (js_is_shared(m, o))
        js_journal(m, o, J_ITEM, index, o->items[index]);
    o->items[index] = v;
    return true;
}

struct js_value js_item(struct js_value list, uint32_t i)
{
    if (list.kind != JS_OBJECT || i >= list.o->n_items || list.o->items[i].kind == JS_ABSENT)
        return js_undefined();
    return list.o->items[i];
}

static bool has_items(const struct js_object *o)
{
    return o->class_ == C_ARRAY || o->class_ == C_ARGUMENTS;
}

/* --- reading */

uint32_t js_key(struct js *m, struct js_value key)
{
    if (key.kind == JS_NUMBER)
        return js_atom_number(m, key.d);
    if (key.kind == JS_OBJECT && key.o->class_ == C_SYMBOL)
        return key.o->atom;
    key = js_to_string(m, key);
    return key.kind == JS_STRING ? js_atom(m, key.s) : A_NONE;
}

static struct js_value got(struct js *m, struct js_value self, struct js_slot *s)
{
    if (!(s->flags & SLOT_ACCESSOR) || s->v.kind != JS_OBJECT)
        return s->v;
    return s->v.o->v.kind == JS_OBJECT ? js_call(m, s->v.o->v, self, NULL, 0) : js_undefined();
}

static bool is_function(const struct js_object *o)
{
    return o->class_ == C_FUNCTION;
}

/* What an object has without a slot. */
static bool special(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out)
{
    uint32_t index;
    if (atom == A_length && has_items(o)) {
        *out = js_number(o->n_items);
        return true;
    }
    if (o->class_ == C_BYTES && (atom == A_length || atom == A_byteLength || atom == A_buffer)) {
        uint32_t width = o->atom == A_Uint32Array || o->atom == A_Int32Array   ? 4
                         : o->atom == A_Uint16Array || o->atom == A_Int16Array ? 2
                                                                               : 1;
        *out = atom == A_buffer
                   ? js_bytes_new(m, A_ArrayBuffer, (slice){ o->data, (size_t)o->id * width }, true)
                   : js_number((double)o->id * (atom == A_length ? 1 : width));
        return atom != A_length || o->atom != A_ArrayBuffer;
    }
    if (o->class_ == C_DATE && atom != A_constructor && atom != A_prototype &&
        !js_slot(o->proto, atom)) {
        slice name = js_atom_utf8(m, atom);
        struct js_object *f = slice_starts(name, SLICE_LIT("get")) ||
                                      slice_starts(name, SLICE_LIT("set")) ||
                                      slice_starts(name, SLICE_LIT("to"))
                                  ? js_object_new(m, C_METHOD, O_FUNCTION)
                                  : NULL;
        if (f) {
            f->v = js_of(o);
            f->atom = atom;
            *out = js_of(f);
        }
        return f != NULL;
    }
    if (o->class_ == C_STRING && atom == A_length) {
        *out = js_get(m, o->v, A_length);
        return true;
    }
    if (atom == A___proto__) {
        *out = o->proto ? js_of(o->proto) : (struct js_value){ .kind = JS_NULL };
        return true;
    }
    if (is_function(o) && atom == A_prototype && !((const struct js_code *)o->data)->arrow) {
        struct js_object *proto = js_object_new(m, C_OBJECT, O_OBJECT);
        js_keep(m, proto, A_constructor, js_of(o));
        js_keep(m, o, A_prototype, js_of(proto));
        *out = js_of(proto);
        return true;
    }
    if (is_function(o) && (atom == A_length || atom == A_name)) {
        const struct js_code *code = o->data;
        double count = 0;
        for (const struct js_node *p = code->parameters;
             p && p->kind != N_SPREAD && p->kind != N_ASSIGN; p = p->next)
            count++;
        *out = atom == A_length ? js_number(count)
                                : js_string(js_atom_text(m, o->atom ? o->atom : code->name));
        return true;
    }
    if (o->class_ == C_BUILTIN && (atom == A_length || atom == A_name)) {
        const struct js_builtin *row = js_builtin_row(o->id);
        *out = atom == A_length ? js_number(row->length) : js_string(js_atom_text(m, row->atom));
        return true;
    }
    if ((has_items(o) || o->class_ == C_STRING || o->class_ == C_BYTES) &&
        js_atom_index(m, atom, &index)) {
        *out = js_undefined();
        if (has_items(o))
            *out = js_item(js_of(o), index);
        else if (o->class_ == C_BYTES)
            *out = js_bytes_get(m, o, index);
        else if (o->v.kind == JS_STRING && index < o->v.s.n)
            *out = js_string(text_sub(o->v.s, index, 1));
        return out->kind != JS_UNDEFINED;
    }
    return false;
}

static struct js_value get_from(struct js *m, struct js_object *o, struct js_value self,
                                uint32_t atom)
{
    struct js_value v;
    for (unsigned links = 0; o && links < LINKS_MAX; o = o->proto, links++) {
        struct js_slot *s = js_slot(o, atom);
        if (s)
            return got(m, self, s);
        if (o->fogged && links == 0 && !has_items(o))
            return js_unknown(m, "condition");
        if (o->class_ == C_HOST && js_host_get(m, o, atom, &v))
            return v;
        if (special(m, o, atom, &v))
            return v;
        if (o->owner && js_builtin_find(m, o, atom, &v))
            return v;
        if (o->class_ == C_GLOBAL) {
            v = js_host_global(m, atom);
            if (v.kind == JS_ABSENT)
                return m->place == PLACE_HOST ? js_undefined() : js_unknown(m, "window");
            js_keep(m, o, atom, v);
            return v;
        }
    }
    return js_undefined();
}

static struct js_object *proto_of(struct js *m, struct js_value v)
{
    return js_owner(m, v.kind == JS_STRING ? O_STRING : v.kind == JS_NUMBER ? O_NUMBER : O_BOOLEAN);
}

static struct js_value of_nothing(struct js *m, struct js_value base)
{
    js_throw(m, A_TypeError,
             base.kind == JS_NULL ? "null is not an object" : "undefined is not an object");
    return js_undefined();
}

static struct js_value of_unknown(struct js_value base, uint32_t atom)
{
    struct js_value v = js_unknown_like(base);
    if (base.download && (atom == A_length || atom == A_size || atom == A_byteLength))
        v.lean = LEAN_LARGE;
    return v;
}

struct js_value js_get(struct js *m, struct js_value base, uint32_t atom)
{
    if (!js_step(m, 1) || atom == A_NONE)
        return js_unknown(m, "name");
    switch (base.kind) {
    case JS_OBJECT:
        if (base.o->fogged && has_items(base.o) && atom == A_length)
            return js_unknown(m, "condition");
        return get_from(m, base.o, base, atom);
    case JS_STRING:
        if (atom == A_length)
            return text_known(base.s) ? js_number(base.s.n) : js_unknown_like(base);
        return get_from(m, proto_of(m, base), base, atom);
    case JS_NUMBER:
    case JS_BOOL:
        return get_from(m, proto_of(m, base), base, atom);
    case JS_UNKNOWN:
        return of_unknown(base, atom);
    default:
        return of_nothing(m, base);
    }
}

struct js_value js_get_at(struct js *m, struct js_value base, struct js_value key)
{
    if (key.kind == JS_NUMBER && key.d >= 0 && key.d < UINT32_MAX && key.d == floor(key.d) &&
        js_step(m, 0)) {
        uint32_t i = (uint32_t)key.d;
        struct js_value s = base.kind == JS_OBJECT && base.o->class_ == C_STRING ? base.o->v : base;
        if (s.kind == JS_STRING && i < s.s.n)
            return text_known(text_sub(s.s, 0, i + 1)) ? js_string(text_sub(s.s, i, 1))
                                                       : js_unknown_like(s);
        if (s.kind == JS_STRING && text_known(s.s))
            return js_undefined();
        if (base.kind == JS_OBJECT && has_items(base.o)) {
            if (base.o->fogged)
                return js_unknown(m, "condition");
            if (i < base.o->n_items && base.o->items[i].kind != JS_ABSENT)
                return base.o->items[i];
        }
        if (base.kind == JS_OBJECT && base.o->class_ == C_BYTES)
            return js_bytes_get(m, base.o, key.d);
        if (base.kind == JS_OBJECT && has_items(base.o) && !base.o->proto->n_slots &&
            !base.o->n_slots)
            return js_undefined();
    }
    if (base.kind == JS_UNKNOWN)
        return js_unknown_like(base);
    if (base.kind <= JS_NULL)
        return of_nothing(m, base);
    uint32_t atom = js_key(m, key);
    if (atom == A_NONE)
        return JS_HALT(m) ? js_undefined()
                          : js_unknown_like(key.kind == JS_OBJECT ? js_unknown(m, "index") : key);
    return js_get(m, base, atom);
}

/* --- writing */

void js_set(struct js *m, struct js_value base, uint32_t atom, struct js_value v)
{
    uint32_t index;
    if (!js_step(m, 1) || base.kind != JS_OBJECT || atom == A_NONE) {
        if (base.kind <= JS_NULL)
            (void)of_nothing(m, base);
        return;
    }
    struct js_object *o = base.o;
    if (o->class_ == C_HOST && js_host_set(m, o, atom, v))
        return;
    if (has_items(o) && (atom == A_length || js_atom_index(m, atom, &index))) {
        js_set_at(m, base, atom == A_length ? js_cstr(m, "length") : js_number(index), v);
        return;
    }
    if (atom == A___proto__ && (v.kind == JS_OBJECT || v.kind == JS_NULL)) {
        js_touch(m, o);
        o->proto = v.kind == JS_OBJECT ? v.o : NULL;
        return;
    }
    unsigned links = 0;
    for (struct js_object *up = o; up && links < LINKS_MAX; up = up->proto, links++) {
        struct js_slot *s = js_slot(up, atom);
        if (s && (s->flags & SLOT_ACCESSOR) && s->v.kind == JS_OBJECT) {
            if (s->v.o->v2.kind == JS_OBJECT)
                (void)js_call(m, s->v.o->v2, base, &v, 1);
            return;
        }
        if (s && (s->flags & SLOT_FIXED))
            return;
        if (s)
            break;
    }
    struct js_slot *s = js_slot_make(m, o, atom);
    if (s)
        js_write(m, o, s, v);
}

static void set_length(struct js *m, struct js_object *o, struct js_value v)
{
    double d;
    v = js_to_number(m, v);
    d = v.kind == JS_NUMBER ? v.d : -1;
    if (v.kind != JS_NUMBER) {
        js_touch(m, o);
        o->fogged = true;
    } else if (d < 0 || d != floor(d) || d >= JS_ITEMS_MAX) {
        js_throw(m, A_RangeError, "Invalid array length");
    } else {
        (void)js_set_length(m, o, (uint32_t)d);
    }
}

void js_set_at(struct js *m, struct js_value base, struct js_value key, struct js_value v)
{
    if (base.kind == JS_OBJECT && has_items(base.o)) {
        if (key.kind == JS_NUMBER && key.d >= 0 && key.d == floor(key.d) && key.d < JS_ITEMS_MAX &&
            key.d < base.o->n_items + (1 << 18)) {
            (void)js_item_write(m, base.o, (uint32_t)key.d, v);
            return;
        }
        if (key.kind == JS_STRING && key.s.n == 6 && js_atom(m, key.s) == A_length) {
            set_length(m, base.o, v);
            return;
        }
    }
    if (base.kind == JS_OBJECT && base.o->class_ == C_BYTES && key.kind == JS_NUMBER) {
        js_bytes_set(m, base.o, key.d, v);
        return;
    }
    uint32_t atom = js_key(m, key), index;
    if (base.kind == JS_OBJECT && atom == A_NONE &&
        !JS_HALT(m)) { /* anything may be what was set */
        js_touch(m, base.o);
        base.o->fogged = true;
        return;
    }
    if (base.kind == JS_OBJECT && has_items(base.o) && atom != A_NONE &&
        js_atom_index(m, atom, &index)) {
        if (index < base.o->n_items + (1u << 18) && index < JS_ITEMS_MAX) {
            (void)js_item_write(m, base.o, index, v);
        } else {
            js_define(m, base.o, atom, v, 0);
        }
        return;
    }
    if (!JS_HALT(m))
        js_set(m, base, atom, v);
}

bool js_has(struct js *m, struct js_object *o, uint32_t atom, bool own)
{
    struct js_value v;
    uint32_t index;
    for (unsigned links = 0; o && links < LINKS_MAX; o = o->proto, links++) {
        if (js_slot(o, atom) || (atom != A___proto__ && special(m, o, atom, &v)) ||
            (o->owner && js_builtin_find(m, o, atom, &v)))
            return true;
        if (has_items(o) && js_atom_index(m, atom, &index) && index < o->n_items &&
            o->items[index].kind != JS_ABSENT)
            return true;
        if (own)
            break;
    }
    return false;
}

/* --- going over */

/* Names of an object in the order of 10.1.11.1; the script host keeps that of creation. */
struct js_object *js_keys(struct js *m, struct js_object *o, bool inherited)
{
    struct js_object *keys = js_array_new(m, 0);
    uint32_t index;
    for (unsigned links = 0; keys && o && links < LINKS_MAX;
         o = inherited ? o->proto : NULL, links++) {
        uint32_t items = o->class_ == C_STRING && o->v.kind == JS_STRING ? o->v.s.n
                         : has_items(o)                                  ? o->n_items
                         : o->class_ == C_BYTES                          ? o->id
                                                                         : 0;
        for (uint32_t i = 0; i < items && js_step(m, 1); i++)
            if (!has_items(o) || o->items[i].kind != JS_ABSENT)
                (void)js_item_write(m, keys, keys->n_items,
                                    js_string(js_atom_text(m, js_atom_number(m, i))));
        bool sorted = m->place != PLACE_HOST;
        for (unsigned pass = 0; pass < (sorted ? 2u : 1u); pass++)
            for (uint32_t i = 0; i < o->n_slots && js_step(m, 1); i++) {
                const struct js_slot *s = &o->slots[i];
                bool number = sorted && js_atom_index(m, s->atom, &index);
                if (s->v.kind == JS_ABSENT || (s->flags & SLOT_HIDDEN) ||
                    (sorted && number != (pass == 0)))
                    continue;
                (void)js_item_write(m, keys, keys->n_items, js_string(js_atom_text(m, s->atom)));
            }
    }
    return keys;
}

bool js_list(struct js *m, struct js_value v, struct js_object **out)
{
    if (v.kind == JS_OBJECT && has_items(v.o) && !v.o->fogged) {
        *out = v.o;
        return true;
    }
    struct js_object *list = js_array_new(m, 0);
    struct js_value s = v.kind == JS_OBJECT && v.o->class_ == C_STRING ? v.o->v : v;
    *out = list;
    if (!list)
        return false;
    if (s.kind == JS_STRING && text_known(s.s)) {
        for (uint32_t i = 0; i < s.s.n && js_step(m, 1); i++) {
            bool pair = (text_unit(s.s, i) & 0xFC00) == 0xD800 &&
                        (text_unit(s.s, i + 1) & 0xFC00) == 0xDC00;
            (void)js_item_write(m, list, list->n_items, js_string(text_sub(s.s, i, pair ? 2 : 1)));
            i += pair;
        }
        return true;
    }
    if (v.kind == JS_OBJECT && v.o->class_ == C_BYTES) {
        for (uint32_t i = 0; i < v.o->id && js_step(m, 1); i++)
            (void)js_item_write(m, list, i, js_bytes_get(m, v.o, i));
        return true;
    }
    if (v.kind == JS_OBJECT && v.o->class_ == C_MAP) {
        *out = v.o->v.kind == JS_OBJECT ? v.o->v.o : list;
        return !v.o->fogged;
    }
    if (v.kind == JS_OBJECT && v.o->class_ != C_HOST && js_slot(v.o, A_next))
        return false;
    if (v.kind != JS_UNKNOWN && (v.kind != JS_OBJECT || v.o->class_ != C_HOST) &&
        s.kind != JS_STRING)
        js_throw(m, A_TypeError, "not iterable");
    return false;
}
