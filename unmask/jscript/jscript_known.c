/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that are known: those of base64 (RFC 4648) and RC4, with which string tables are kept and
 * every text of them is taken out again; they are most of what such a script does. A loop that is
 * begun again and again is held against the ones below: it is the same when it is translated to the
 * same operations (jscript_hot.h), whatever its names are. Then its rounds are done at once, with
 * the same values and marks in all of its variables; where one of these is not of the kind that the
 * loop is made for, it is gone round by round as any other. */
#include "unmask/jscript/jscript_hot.h"

enum { NAMES_MAX = 8, CONSTANTS_MAX = 8, LIST = 256 };

struct known_run {
    struct js *m;
    struct js_value *name[NAMES_MAX];
    const struct js_value
        *constant[CONSTANTS_MAX]; /* in the order of the body, update, condition */
};

/* --- values */

static bool is_count(const struct js_value *v, double most)
{
    return v->kind == JS_NUMBER && v->d >= 0 && v->d <= most && v->d == (uint32_t)v->d;
}

static bool is_text(const struct js_value *v)
{
    return v->kind == JS_STRING && text_known(v->s);
}

static struct js_object *list_of(const struct js *m, const struct js_value *v)
{
    return v->kind == JS_OBJECT && v->o->class_ == C_ARRAY && !v->o->fogged &&
                   !js_is_shared(m, v->o)
               ? v->o
               : NULL;
}

/* Of each number below LIST, in whatever order. */
static struct js_object *box_of(const struct js *m, const struct js_value *v)
{
    struct js_object *o = list_of(m, v);
    bool all = o && o->n_items >= LIST;
    for (uint32_t k = 0; all && k < LIST; k++)
        all = is_count(&o->items[k], LIST - 1);
    return all ? o : NULL;
}

static bool is_builtin(struct js *m, struct js_value of, uint32_t atom)
{
    struct js_value f = js_get(m, of, atom);
    return f.kind == JS_OBJECT && f.o->class_ == C_BUILTIN && js_builtin_row(f.o->id)->atom == atom;
}

static text_mark first_mark(text_mark a, text_mark b, text_mark c)
{
    return a ? a : b ? b : c;
}

/* Characters of one mark, to be put behind a text at once. */
struct units {
    struct js *m;
    struct js_value *to;
    text_mark mark;
    uint32_t n;
    uint16_t unit[192];
};

static bool flush(struct units *u)
{
    if (u->n)
        u->to->s = text_join(u->m->t, u->to->s, text_of_units(u->m->t, u->unit, u->n, u->mark));
    uint32_t n = u->n;
    u->n = 0;
    return js_step(u->m, n);
}

/* False: no more. */
static bool add_unit(struct units *u, uint16_t unit, text_mark mark)
{
    if ((u->n == sizeof u->unit / sizeof u->unit[0] || u->mark != mark) && !flush(u))
        return false;
    u->mark = mark;
    u->unit[u->n++] = unit;
    return true;
}

/* --- loops: how many rounds were gone; 0: none */

enum { FILL_I, FILL_LIST };

static uint32_t fill(struct known_run *k)
{
    struct js_value *i = k->name[FILL_I];
    struct js_object *o = list_of(k->m, k->name[FILL_LIST]);
    if (!o || !is_count(i, LIST - 1) || o->n_items != i->d || !js_set_length(k->m, o, LIST))
        return 0;
    uint32_t from = (uint32_t)i->d;
    for (uint32_t n = from; n < LIST; n++)
        o->items[n] = js_number_at(n, i->mark);
    i->d = LIST;
    return LIST - from;
}

enum { KEY_I, KEY_J, KEY_LIST, KEY_KEY, KEY_X };

static uint32_t schedule(struct known_run *k)
{
    struct js_value *i = k->name[KEY_I], *j = k->name[KEY_J], *key = k->name[KEY_KEY], x;
    struct js_object *o = box_of(k->m, k->name[KEY_LIST]);
    if (!o || !is_text(key) || key->s.n == 0 || !is_count(i, LIST - 1) || !is_count(j, LIST - 1) ||
        !is_builtin(k->m, *key, A_charCodeAt))
        return 0;
    uint32_t from = (uint32_t)i->d, sum = (uint32_t)j->d, u = from % key->s.n;
    text_mark mark = j->mark;
    for (uint32_t n = from; n < LIST; n++, u = u + 1 == key->s.n ? 0 : u + 1) {
        x = o->items[n];
        sum = (sum + (uint32_t)x.d + text_unit(key->s, u)) % LIST;
        mark =
            first_mark(first_mark(mark, x.mark, text_mark_at(key->s, u)), k->constant[0]->mark, 0);
        o->items[n] = o->items[sum];
        o->items[sum] = x;
    }
    *j = js_number_at(sum, mark);
    *k->name[KEY_X] = x;
    i->d = LIST;
    return LIST - from;
}

enum { OUT_Y, OUT_IN, OUT_I, OUT_J, OUT_LIST, OUT_X, OUT_TO, OUT_STRING };

static uint32_t put_out(struct known_run *k)
{
    struct js *m = k->m;
    struct js_value *y = k->name[OUT_Y], *in = k->name[OUT_IN], *i = k->name[OUT_I],
                    *j = k->name[OUT_J], *to = k->name[OUT_TO];
    struct js_object *o = box_of(m, k->name[OUT_LIST]);
    if (!o || !is_text(in) || to->kind != JS_STRING || !is_count(i, LIST - 1) ||
        !is_count(j, LIST - 1) || !is_count(y, in->s.n) || y->d == in->s.n ||
        !is_builtin(m, *in, A_charCodeAt) || !is_builtin(m, *k->name[OUT_STRING], A_fromCharCode))
        return 0;
    uint32_t from = (uint32_t)y->d, n = from;
    struct units u = { .m = m, .to = to };
    for (bool more = true; n < in->s.n && more; n++) {
        uint32_t a = ((uint32_t)i->d + 1) % LIST;
        *i = js_number_at(a, first_mark(i->mark, k->constant[0]->mark, k->constant[1]->mark));
        struct js_value x = o->items[a];
        uint32_t b = ((uint32_t)j->d + (uint32_t)x.d) % LIST;
        *j = js_number_at(b, first_mark(j->mark, x.mark, k->constant[2]->mark));
        *k->name[OUT_X] = x;
        o->items[a] = o->items[b];
        o->items[b] = x;
        const struct js_value *s = &o->items[((uint32_t)o->items[a].d + (uint32_t)x.d) % LIST];
        more = add_unit(&u, (uint16_t)(text_unit(in->s, n) ^ (uint32_t)s->d),
                        first_mark(text_mark_at(in->s, n), s->mark, 0));
    }
    (void)flush(&u);
    y->d = n;
    return n - from;
}

enum { B64_N, B64_IN, B64_O, B64_M, B64_L, B64_OUT, B64_LETTERS, B64_STRING };

static uint32_t base64(struct known_run *k)
{
    struct js *m = k->m;
    struct js_value *o = k->name[B64_O], *l = k->name[B64_L], *bits = k->name[B64_M],
                    *out = k->name[B64_OUT];
    struct text in = k->name[B64_IN]->s, letters = k->name[B64_LETTERS]->s;
    text_mark mark = k->constant[3]->mark; /* 255 & ...: what is written is of its mark */
    uint32_t rounds = 0;
    if (!is_text(k->name[B64_IN]) || !is_text(k->name[B64_LETTERS]) || letters.n > LIST ||
        out->kind != JS_STRING || !is_count(o, in.n) || !is_count(l, UINT32_MAX - in.n) || !mark ||
        (((uint32_t)l->d & 3) && !is_count(bits, 1 << 24)) ||
        !is_builtin(m, *k->name[B64_IN], A_charAt) ||
        !is_builtin(m, *k->name[B64_LETTERS], A_indexOf) ||
        !is_builtin(m, *k->name[B64_STRING], A_fromCharCode))
        return 0;
    struct units u = { .m = m, .to = out };
    bool more = true;
    for (uint32_t n = (uint32_t)o->d; n < in.n && more; o->d = ++n, rounds++) {
        uint16_t unit = text_unit(in, n);
        uint32_t at = 0, phase = (uint32_t)l->d & 3;
        while (at < letters.n && letters.block->units[letters.from + at] != unit)
            at++;
        if (at == letters.n)
            continue;
        *bits =
            phase ? js_number_at(bits->d * 64 + at, first_mark(bits->mark, k->constant[1]->mark, 0))
                  : js_number(at);
        l->d++;
        if (phase) /* -2 * l & 6 */
            more = add_unit(&u, 255 & (uint32_t)bits->d >> (-2 * ((int)phase + 1) & 6), mark);
    }
    (void)flush(&u);
    return rounds;
}

enum { HEX_Y, HEX_TO, HEX_OUT, HEX_IN };

static uint32_t hex(struct known_run *k)
{
    static const char digits[] = "0123456789abcdef";
    struct js *m = k->m;
    struct js_value *y = k->name[HEX_Y], *to = k->name[HEX_TO], *out = k->name[HEX_OUT],
                    *in = k->name[HEX_IN];
    if (!is_text(in) || out->kind != JS_STRING || !is_count(to, in->s.n) || !is_count(y, in->s.n) ||
        y->d >= to->d || !is_builtin(m, *in, A_charCodeAt) ||
        !is_builtin(m, js_of(js_owner(m, O_NUMBER)), A_toString) || !is_builtin(m, *in, A_slice))
        return 0;
    enum { PERCENT, ZERO, DIGIT, ROOM = 192 };
    struct text marks = text_join(m->t, k->constant[0]->s, text_sub(k->constant[1]->s, 1, 1));
    marks = text_join(m->t, marks, text_of_unit(m->t, '0', TEXT_NOWHERE));
    uint32_t from = (uint32_t)y->d, end = (uint32_t)to->d, at = from;
    while (at < end && js_step(m, ROOM / 3)) {
        uint16_t units[ROOM];
        uint32_t of[ROOM], n = 0;
        for (; at < end && n < ROOM; at++, n += 3) {
            uint16_t unit = text_unit(in->s, at);
            units[n] = '%';
            of[n] = PERCENT;
            units[n + 1] = (uint16_t)digits[unit >> 4 & 15];
            of[n + 1] = unit < 16 ? ZERO : DIGIT;
            units[n + 2] = (uint16_t)digits[unit & 15];
            of[n + 2] = DIGIT;
        }
        out->s = text_join(m->t, out->s, text_mapped(m->t, marks, units, of, n));
    }
    y->d = at;
    return at - from;
}

/* --- matching */

/* One letter is any name, and no two are the same. */
static const struct known {
    const char *names, *written, *code;
    uint32_t (*run)(struct known_run *k);
} loops[] = {
    { "is", "i", "for(;i<256;i++)s[i]=i", fill },
    { "ijskx", "ijx",
      "for(;i<256;i++){j=(j+s[i]+k.charCodeAt(i%k.length))%256;x=s[i];s[i]=s[j];s[j]=x}",
      schedule },
    { "yrijsxwS", "yijxw",
      "for(;y<r.length;y++){i=(i+1)%256;j=(j+s[i])%256;x=s[i];s[i]=s[j];s[j]=x;"
      "w+=String.fromCharCode(r.charCodeAt(y)^s[(s[i]+s[j])%256])}",
      put_out },
    { "nkomlpiS", "omlp",
      "for(;n=k.charAt(o++);~n&&(m=l%4?m*64+n:n,l++%4)?p+=String.fromCharCode(255&m>>(-2*l&6)):0)"
      "n=i.indexOf(n)",
      base64 },
    { "yzxr", "yx", "for(;y<z;y++)x+='%'+('00'+r.charCodeAt(y).toString(16)).slice(-2)", hex },
};
enum { LOOPS = sizeof loops / sizeof loops[0] };

struct js_known {
    const struct known *loop;
    uint16_t name[NAMES_MAX], constant[CONSTANTS_MAX]; /* operands */
};

/* The one of the table, translated. */
static struct js_hot *translated(struct js *m, const struct known *k)
{
    struct text s = js_cstr(m, k->code).s;
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, (size_t)s.n + 1);
    struct js_source *source = ARENA_NEW(m->mem, struct js_source);
    if (!units || !source)
        return NULL;
    for (uint32_t i = 0; i < s.n; i++)
        units[i] = text_unit(s, i);
    *source = (struct js_source){ .s = s, .units = units, .n = s.n, .line = 1, .whole = true };
    struct js_code *code = js_parse(m, source, false);
    struct js_node *n = code ? code->body : NULL;
    if (!n || n->kind != N_FOR || !n->c)
        return NULL;
    struct js_loop l = {
        .node = n,
        .parts = { [PART_CONDITION] = n->b, [PART_BODY] = n->c->b, [PART_UPDATE] = n->c->a }
    };
    return js_hot_compile(m, &l, true);
}

static bool same_constant(const struct js_value *a, const struct js_value *b)
{
    return a->kind == b->kind && (a->kind == JS_NUMBER   ? a->d == b->d
                                  : a->kind == JS_STRING ? text_eq(a->s, b->s)
                                                         : true);
}

/* Is operand b of the one what a is of the other? */
static bool same_operand(const struct js_hot *x, const struct js_hot *y, uint16_t *map, uint32_t a,
                         uint32_t b)
{
    if (a < HOT_REGISTERS || b < HOT_REGISTERS)
        return a == b;
    uint32_t name_a = x->name_of[a - HOT_REGISTERS], name_b = y->name_of[b - HOT_REGISTERS];
    if (map[a])
        return map[a] == b;
    for (uint32_t i = HOT_REGISTERS; name_a && i < x->n_operands; i++)
        if (map[i] == b)
            return false;
    map[a] = (uint16_t)b;
    if (!name_a || !name_b)
        return !name_a && !name_b &&
               same_constant(&x->constants[a - HOT_REGISTERS], &y->constants[b - HOT_REGISTERS]);
    uint32_t string = x->names[name_a - 1].node->atom;
    return string != A_String || y->names[name_b - 1].node->atom == A_String;
}

static bool same_code(const struct js_hot *x, const struct js_hot *y, uint16_t *map)
{
    bool same = x->n_code == y->n_code;
    for (uint32_t i = 0; same && i < PARTS; i++)
        same = x->at[i] == y->at[i];
    for (uint32_t i = 0; same && i < x->n_code; i++) {
        const struct hot_code *a = &x->code[i], *b = &y->code[i];
        bool cache = a->op == HOT_MEMBER || a->op == HOT_METHOD;
        same = a->op == b->op && a->n == b->n && a->x == b->x && (cache || a->end == b->end) &&
               a->op != HOT_EVAL && a->op != HOT_RUN && same_operand(x, y, map, a->to, b->to) &&
               same_operand(x, y, map, a->a, b->a) && same_operand(x, y, map, a->b, b->b);
    }
    return same;
}

struct js_known *js_known_find(struct js *m, const struct js_hot *h)
{
    for (uint32_t i = 0; i < LOOPS && !JS_HALT(m); i++) {
        uint16_t map[HOT_OPERANDS] = { 0 };
        const struct js_hot *x = translated(m, &loops[i]);
        struct js_known *found = NULL;
        if (!x || !same_code(x, h, map) || !(found = ARENA_NEW(m->mem, struct js_known)))
            continue;
        found->loop = &loops[i];
        uint32_t constants = 0;
        for (uint32_t k = HOT_REGISTERS; k < x->n_operands; k++) {
            uint32_t name = x->name_of[k - HOT_REGISTERS];
            slice letter = name ? js_atom_utf8(m, x->names[name - 1].node->atom) : (slice){ 0 };
            for (uint32_t c = 0; loops[i].names[c]; c++)
                if (letter.len && letter.at[0] == (uint8_t)loops[i].names[c])
                    found->name[c] = map[k];
            if (!name && constants < CONSTANTS_MAX)
                found->constant[constants++] = map[k];
        }
        for (uint32_t c = 0; loops[i].names[c]; c++)
            if (!found->name[c]) /* there was no memory for a name */
                return NULL;
        return found;
    }
    return NULL;
}

uint32_t js_known_run(struct js *m, const struct js_known *k, struct js_hot_frame *f)
{
    struct known_run run = { .m = m };
    for (uint32_t i = 0; k->loop->names[i]; i++) {
        bool write = false;
        for (const char *w = k->loop->written; *w; w++)
            write = write || *w == k->loop->names[i];
        if (!(run.name[i] = js_hot_place(m, f, k->name[i], write)))
            return 0;
    }
    for (uint32_t i = 0; i < CONSTANTS_MAX && k->constant[i]; i++)
        run.constant[i] = js_hot_constant(f, k->constant[i]);
    return k->loop->run(&run);
}
