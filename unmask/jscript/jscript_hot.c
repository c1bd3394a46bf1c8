/* SPDX-License-Identifier: Apache-2.0 */
/* Does what jscript_hot_compile.c has translated. The common case of an operation - numbers, a
 * character of a known text, an element that is there - is done here, any other by the function
 * that the tree uses. Names are looked for once (9.1.2.1); a scope whose slots have moved, or code
 * that may have declared another of the same name, makes them be looked for again. */
#include "unmask/jscript/jscript_hot.h"
#include <math.h>

struct hot_use {
    struct js_object *o;
    struct js_slot *slot;
};

struct js_hot_frame {
    struct js_hot *hot;
    struct js_hot_frame *next;
    uint32_t moved, ops;
    enum js_flow flow;
    bool left;
    struct js_value *at[HOT_OPERANDS];
    struct js_value registers[HOT_REGISTERS];
    struct js_value nowhere; /* absent: where a name is that has not been looked for */
    struct hot_use *uses;
};

/* --- names */

static void forget(struct js *m, struct js_hot_frame *f)
{
    for (uint32_t i = 0; i < f->hot->n_names; i++)
        f->at[f->hot->names[i].operand] = &f->nowhere;
    f->moved = m->moved;
}

static struct js_slot *find_slot(struct js *m, struct js_hot_frame *f, uint32_t operand)
{
    uint32_t k = f->hot->name_of[operand - HOT_REGISTERS] - 1u;
    uint32_t atom = f->hot->names[k].node->atom;
    for (struct js_object *o = m->scope; o && o->class_ != C_WITH; o = o->proto) {
        struct js_slot *s = js_slot(o, atom);
        if (!s)
            continue;
        f->uses[k].slot = s;
        f->uses[k].o = o;
        f->at[operand] = &s->v;
        return s;
    }
    f->at[operand] = &f->nowhere;
    return NULL;
}

static struct js_value look_up(struct js *m, struct js_hot_frame *f, uint32_t operand)
{
    if (operand < HOT_REGISTERS || !f->hot->name_of[operand - HOT_REGISTERS])
        return js_undefined();
    struct js_slot *s = find_slot(m, f, operand);
    return s ? s->v : js_eval(m, f->hot->names[f->hot->name_of[operand - HOT_REGISTERS] - 1].node);
}

static inline struct js_value operand(struct js *m, struct js_hot_frame *f, uint32_t i)
{
    const struct js_value *v = f->at[i];
    return v->kind != JS_ABSENT ? *v : look_up(m, f, i);
}

/* Where a name may be written to without more ado. */
static inline struct hot_use *writable(struct js *m, struct js_hot_frame *f, uint32_t operand)
{
    struct hot_use *u = &f->uses[f->hot->name_of[operand - HOT_REGISTERS] - 1];
    if (f->at[operand]->kind == JS_ABSENT && !find_slot(m, f, operand))
        return NULL;
    return u->slot->flags == 0 && !m->u->trace && u->slot->atom != A_location ? u : NULL;
}

/* A number is written and read part by part: a processor that has just stored the parts one by one
 * has to wait when they are loaded at once. */
static inline void put_number(struct js_value *to, double d, text_mark mark)
{
    to->kind = JS_NUMBER;
    to->lean = 0;
    to->seen = 0;
    to->mark = mark;
    to->d = d;
}

static inline void put(struct js_value *to, const struct js_value *v)
{
    if (v->kind == JS_NUMBER)
        put_number(to, v->d, v->mark);
    else
        *to = *v;
}

static void store_slowly(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    struct js_value v = operand(m, f, c->a);
    struct hot_use *u = v.kind != JS_OBJECT && !JS_HALT(m) ? writable(m, f, c->b) : NULL;
    if (u)
        js_write(m, u->o, u->slot, v);
    else
        js_assign(m, c->node, v, 0);
}

/* False: that was no number, or something has to be looked for. */
static inline bool store(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    const struct js_value *v = f->at[c->a];
    struct hot_use *u = v->kind <= JS_STRING ? writable(m, f, c->b) : NULL;
    if (!u || js_is_shared(m, u->o))
        return false;
    put(&u->slot->v, v);
    return true;
}

static inline bool update(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    struct hot_use *u = writable(m, f, c->a);
    struct js_value *to = &f->registers[c->to];
    if (!u || u->slot->v.kind != JS_NUMBER || js_is_shared(m, u->o))
        return false;
    double before = u->slot->v.d, after = before + (c->x == M_INC ? 1 : -1);
    text_mark mark = u->slot->v.mark;
    put_number(&u->slot->v, after, mark);
    put_number(to, c->n ? after : before, mark);
    return true;
}

/* --- operators */

static inline int32_t int_of(double d)
{
    return d > -2147483649.0 && d < 2147483648.0 ? (int32_t)d : js_int32(d);
}

/* fmod() is slow; most remainders are those of small whole numbers. */
static inline double remainder_of(double x, double y)
{
    if (x > 0 && x < 4294967296.0 && y >= 1 && y < 4294967296.0) {
        uint32_t a = (uint32_t)x, b = (uint32_t)y;
        if ((double)a == x && (double)b == y)
            return a % b;
    }
    return fmod(x, y);
}

static struct js_value one_on(struct js_value v, uint32_t op)
{
    return v.kind == JS_NUMBER ? js_number_at(v.d + (op == M_INC ? 1 : -1), v.mark)
                               : js_unknown_like(v);
}

/* --- members */

static inline bool whole_text(struct js_value v)
{
    return v.kind == JS_STRING && (v.s.n == 0 || v.s.block->hole == UINT32_MAX);
}

/* An element that is there; NULL: seldom. */
static inline struct js_value *element(const struct js_value *base, const struct js_value *key)
{
    if (base->kind != JS_OBJECT || base->o->class_ != C_ARRAY || key->kind != JS_NUMBER ||
        !(key->d >= 0 && key->d < base->o->n_items))
        return NULL;
    uint32_t i = (uint32_t)key->d;
    return (double)i == key->d ? &base->o->items[i] : NULL;
}

static inline bool read_element(struct js_hot_frame *f, const struct hot_code *c)
{
    const struct js_value *base = f->at[c->a], *v = element(base, f->at[c->b]);
    if (!v || v->kind == JS_ABSENT || base->o->fogged)
        return false;
    put(&f->registers[c->to], v);
    return true;
}

static inline bool write_element(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    const struct js_value *base = f->at[c->to], *v = f->at[c->b];
    struct js_value *to = element(base, f->at[c->a]);
    if (!to || v->kind == JS_ABSENT || js_is_shared(m, base->o))
        return false;
    put(to, v);
    return true;
}

/* A slot of the object itself, or of the one that texts and lists have their members of. */
static inline const struct js_value *known_slot(struct js *m, struct js_value base,
                                                struct hot_code *c)
{
    struct js_object *o = base.kind == JS_STRING   ? m->owners[O_STRING]
                          : base.kind == JS_OBJECT ? base.o
                                                   : NULL;
    if (o && o->class_ == C_ARRAY && !o->n_slots && o->proto == m->owners[O_ARRAY] &&
        c->x != A_length)
        o = o->proto;
    if (!o || o->class_ == C_HOST || c->end >= o->n_slots)
        return NULL;
    const struct js_slot *s = &o->slots[c->end];
    return s->atom == c->x && s->v.kind != JS_ABSENT && !(s->flags & SLOT_ACCESSOR) ? &s->v : NULL;
}

/* Where it will be found the next time. */
static void note_slot(struct js *m, struct js_value base, struct hot_code *c)
{
    struct js_object *o = base.kind == JS_STRING   ? m->owners[O_STRING]
                          : base.kind == JS_OBJECT ? base.o
                                                   : NULL;
    uint32_t index;
    const struct js_slot *s = o && !js_atom_index(m, c->x, &index) ? js_slot(o, c->x) : NULL;
    if (!s && o && o->class_ == C_ARRAY && !js_atom_index(m, c->x, &index) &&
        (o = o->proto) != NULL)
        s = js_slot(o, c->x);
    c->end = s ? (uint32_t)(s - o->slots) : UINT32_MAX;
}

static struct js_value member(struct js *m, struct js_value base, struct hot_code *c)
{
    if (c->x == A_length && whole_text(base))
        return js_number(base.s.n);
    if (c->x == A_length && base.kind == JS_OBJECT && base.o->class_ == C_ARRAY &&
        !base.o->fogged && !base.o->n_slots)
        return js_number(base.o->n_items);
    const struct js_value *v = known_slot(m, base, c);
    if (v)
        return *v;
    if (JS_HALT(m))
        return base;
    struct js_value got = js_get(m, base, c->x);
    note_slot(m, base, c);
    return got;
}

/* Of a host object the method is not a value: it is called by its name. */
static struct js_value method(struct js *m, struct js_value base, struct hot_code *c)
{
    if (base.kind == JS_OBJECT && base.o->class_ == C_HOST && !js_slot(base.o, c->x))
        return (struct js_value){ .kind = JS_ABSENT };
    return member(m, base, c);
}

static inline bool char_code(struct js_hot_frame *f, const struct hot_code *c)
{
    struct js_value *r = &f->registers[c->to];
    if (c->n != 1 || r->kind != JS_OBJECT || r->o->class_ != C_BUILTIN || !c->b ||
        r[2].kind != JS_NUMBER || js_builtin_row(r->o->id)->atom != A_charCodeAt ||
        !whole_text(r[1]) || !(r[2].d >= 0 && r[2].d < r[1].s.n))
        return false;
    uint32_t i = (uint32_t)r[2].d;
    put_number(r, text_unit(r[1].s, i), text_mark_at(r[1].s, i));
    return true;
}

static struct js_value called(struct js *m, const struct js_value *f, const struct hot_code *c)
{
    struct js_value self = c->b ? f[1] : js_undefined();
    const struct js_value *a = f + 2;
    if (f->kind == JS_ABSENT)
        return js_host_call(m, self.o, c->x, a, c->n);
    if (f->kind != JS_OBJECT || f->o->class_ != C_BUILTIN || m->depth + 8 >= JS_DEPTH_MAX)
        return js_call(m, *f, self, a, c->n);
    m->depth++;
    struct js_value v = js_builtin_row(f->o->id)->call(m, self, a, c->n);
    m->depth--;
    return v;
}

/* --- ways */

static void leave(struct js_hot_frame *f, enum js_flow flow)
{
    f->flow = flow;
    f->left = true;
}

/* Where to go on from here. */
static uint32_t decide(struct js *m, struct js_hot_frame *f, const struct hot_code *c, uint32_t at)
{
    struct js_value v = operand(m, f, c->a), out = js_undefined();
    int truth = js_truth(v);
    if (JS_HALT(m))
        return at;
    if (truth >= 0)
        return truth ? at : c->x;
    if (c->op == HOT_IF) {
        enum js_flow flow = js_fork(m, v, c->node->b, c->node->c, false, NULL);
        if (flow != FLOW_ON)
            leave(f, flow);
    } else {
        (void)js_fork(m, v, c->node->b, c->node->c, false, &out);
        f->registers[c->to] = out;
    }
    forget(m, f);
    return c->end;
}

static uint32_t logical(struct js *m, struct js_hot_frame *f, const struct hot_code *c, uint32_t at)
{
    struct js_value v = f->registers[c->to];
    int truth = js_truth(v);
    if (JS_HALT(m))
        return at;
    if (truth >= 0)
        return truth == (c->n == N_AND) ? at : c->end;
    f->registers[c->to] = js_logical(m, (enum js_node_kind)c->n, v, c->node);
    forget(m, f);
    return c->end;
}

static struct js_value unary(struct js *m, uint32_t op, struct js_value v)
{
    return JS_HALT(m) ? v : js_unary(m, (uint16_t)op, v);
}

static void run_tree(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    enum js_flow flow = js_run(m, c->node);
    if (flow != FLOW_ON)
        leave(f, flow);
    forget(m, f);
}

static void jump(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    if (c->op == HOT_LEAVE) {
        m->label = c->x;
        leave(f, (enum js_flow)c->n);
        return;
    }
    struct js_value v = c->n ? operand(m, f, c->a) : js_undefined();
    if (JS_HALT(m))
        return;
    m->frame->result = v;
    m->frame->returned = true;
    leave(f, FLOW_RETURN);
}

static void binary(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    struct js_value a = operand(m, f, c->a), b = operand(m, f, c->b);
    if (!JS_HALT(m))
        f->registers[c->to] = js_binary(m, (uint16_t)c->x, a, b);
}

static void index_slowly(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    struct js_value base = operand(m, f, c->a), key = operand(m, f, c->b);
    if (!JS_HALT(m))
        f->registers[c->to] = js_get_at(m, base, key);
}

static void put_slowly(struct js *m, struct js_hot_frame *f, const struct hot_code *c)
{
    struct js_value base = operand(m, f, c->to);
    struct js_value key = c->op == HOT_PUT_INDEX ? operand(m, f, c->a) : js_undefined();
    struct js_value v = operand(m, f, c->b);
    if (JS_HALT(m))
        return;
    if (c->op == HOT_PUT_INDEX)
        js_set_at(m, base, key, v);
    else
        js_set(m, base, c->x, v);
}

static void get_method(struct js *m, struct js_hot_frame *f, struct hot_code *c)
{
    struct js_value *r = &f->registers[c->to];
    r[1] = operand(m, f, c->a);
    if (!JS_HALT(m))
        r[0] = method(m, r[1], c);
}

/* What is done seldom. Where to go on. */
static uint32_t other(struct js *m, struct js_hot_frame *f, struct hot_code *c, uint32_t at)
{
    struct js_value *to = &f->registers[c->to < HOT_REGISTERS ? c->to : 0]; /* to: a register */
    switch (c->op) {
    case HOT_SCOPE:
        js_next_scope(m);
        break;
    case HOT_LOAD:
        *to = operand(m, f, c->a);
        break;
    case HOT_THIS:
        *to = m->self;
        break;
    case HOT_STORE:
        store_slowly(m, f, c);
        break;
    case HOT_UNARY:
        *to = unary(m, c->x, operand(m, f, c->a));
        break;
    case HOT_NUMBER:
        *to = js_to_number(m, operand(m, f, c->a));
        break;
    case HOT_ONE_ON:
        *to = one_on(operand(m, f, c->a), c->x);
        break;
    case HOT_UPDATE:
        *to = js_eval_update(m, c->node);
        break;
    case HOT_INDEX:
        index_slowly(m, f, c);
        break;
    case HOT_PUT_INDEX:
    case HOT_PUT_MEMBER:
        put_slowly(m, f, c);
        break;
    case HOT_MEMBER:
        *to = member(m, operand(m, f, c->a), c);
        break;
    case HOT_METHOD:
        get_method(m, f, c);
        break;
    case HOT_CALL:
        *to = called(m, to, c);
        break;
    case HOT_IF:
    case HOT_CHOOSE:
        return decide(m, f, c, at);
    case HOT_LOGICAL:
        return logical(m, f, c, at);
    case HOT_RESULT:
        m->frame->result = operand(m, f, c->a);
        break;
    case HOT_EVAL:
        *to = js_eval(m, c->node);
        break;
    case HOT_RUN:
        run_tree(m, f, c);
        break;
    case HOT_LEAVE:
    case HOT_RETURN:
        jump(m, f, c);
        break;
    default:
        binary(m, f, c);
    }
    return at;
}

static inline int known_truth(const struct js_value *v)
{
    return v->kind == JS_BOOL ? v->b : -1;
}

/* To the end of a round, whose operation is given back; NULL: halted, or left. */
static const struct hot_code *go(struct js *m, struct js_hot_frame *f, uint32_t at)
{
    struct hot_code *code = f->hot->code, *c;
    struct js_value *r = f->registers;
    for (;; f->ops++) {
        c = &code[at++];
        const struct js_value *a = f->at[c->a], *b = f->at[c->b];
        int truth;
        switch (c->op) {
        case HOT_TEST:
            return c;
        case HOT_LOAD:
            if (a->kind == JS_ABSENT)
                break;
            put(&r[c->to], a);
            continue;
#define X(name, op_mark, value)                                                                    \
    case HOT_##name:                                                                               \
        if (a->kind != JS_NUMBER || b->kind != JS_NUMBER)                                          \
            break;                                                                                 \
        {                                                                                          \
            double x = a->d, y = b->d;                                                             \
            put_number(&r[c->to], value, a->mark ? a->mark : b->mark);                             \
        }                                                                                          \
        continue;
            HOT_NUMBERS(X)
#undef X
#define X(name, op_mark, value)                                                                    \
    case HOT_##name:                                                                               \
        if (a->kind != JS_NUMBER || b->kind != JS_NUMBER)                                          \
            break;                                                                                 \
        {                                                                                          \
            double x = a->d, y = b->d;                                                             \
            r[c->to] = js_bool(value);                                                             \
        }                                                                                          \
        continue;
            HOT_RELATIONS(X)
#undef X
        case HOT_STORE:
            if (store(m, f, c))
                continue;
            break;
        case HOT_UPDATE:
            if (update(m, f, c))
                continue;
            break;
        case HOT_INDEX:
            if (read_element(f, c))
                continue;
            break;
        case HOT_PUT_INDEX:
            if (write_element(m, f, c))
                continue;
            break;
        case HOT_CALL:
            if (char_code(f, c))
                continue;
            break;
        case HOT_JUMP:
            at = c->x;
            continue;
        case HOT_IF:
        case HOT_CHOOSE:
            truth = known_truth(a);
            if (truth < 0)
                break;
            at = truth ? at : c->x;
            continue;
        default:
            break;
        }
        at = other(m, f, c, at);
        if (JS_HALT(m) || f->left)
            return NULL;
        if (f->moved != m->moved)
            forget(m, f);
    }
}

/* --- for jscript_run.c */

static bool pay(struct js *m, struct js_hot_frame *f)
{
    f->ops++;
    if (f->ops < 64)
        return true;
    uint32_t steps = f->ops / HOT_PER_STEP;
    f->ops -= steps * HOT_PER_STEP;
    return js_step(m, steps);
}

struct js_value *js_hot_place(struct js *m, struct js_hot_frame *f, uint32_t operand, bool write)
{
    struct hot_use *u = write ? writable(m, f, operand) : NULL;
    if (write)
        return u && !js_is_shared(m, u->o) ? &u->slot->v : NULL;
    return find_slot(m, f, operand) ? f->at[operand] : NULL;
}

const struct js_value *js_hot_constant(const struct js_hot_frame *f, uint32_t operand)
{
    return &f->hot->constants[operand - HOT_REGISTERS];
}

enum js_rounds js_hot_rounds(struct js *m, struct js_hot_frame *f, enum js_part part,
                             struct js_value *open_out, enum js_flow *flow_out)
{
    uint32_t at = f->hot->at[part];
    f->left = false;
    if (f->moved != m->moved)
        forget(m, f);
    if (f->hot->known && part == PART_CONDITION)
        f->ops += js_known_run(m, f->hot->known, f);
    for (;;) {
        const struct hot_code *end = go(m, f, at);
        int truth = end ? known_truth(f->at[end->a]) : 0;
        if (truth < 0) {
            struct js_value v = operand(m, f, end->a);
            *open_out = v;
            truth = JS_HALT(m) ? 0 : js_truth(v);
            if (truth < 0)
                return ROUNDS_OPEN;
        }
        if (f->left && !JS_HALT(m)) {
            *flow_out = f->flow;
            return ROUNDS_LEFT;
        }
        if (!truth || !pay(m, f))
            return ROUNDS_OVER;
        at = f->hot->at[PART_BODY];
    }
}

struct js_hot_frame *js_hot_enter(struct js *m, const struct js_loop *l)
{
    struct js_node *n = l->node;
    if (n->rounds < HOT_ROUNDS) {
        n->rounds++;
        return NULL;
    }
    if (n->rounds == HOT_NEVER)
        return NULL;
    /* Only the code of a script or of eval has a value of its own. */
    bool in_function = m->frame->code && m->frame->code->source == m->source;
    if (!n->hot && !(n->hot = js_hot_compile(m, l, in_function))) {
        n->rounds = HOT_NEVER;
        return NULL;
    }
    struct js_hot *h = n->hot;
    struct js_hot_frame *f = h->spare;
    if (h->begun < HOT_BEGUN && ++h->begun == HOT_BEGUN && in_function && !m->u->trace)
        h->known = js_known_find(m, h);
    if (f) {
        h->spare = f->next;
    } else {
        f = ARENA_NEW(m->mem, struct js_hot_frame);
        if (!f || !(f->uses = ARENA_ARRAY(m->mem, struct hot_use, h->n_names + 1))) {
            m->stop = m->limited = true;
            return NULL;
        }
        f->hot = h;
        f->nowhere.kind = JS_ABSENT;
        for (uint32_t i = 0; i < HOT_REGISTERS; i++)
            f->at[i] = &f->registers[i];
        for (uint32_t i = HOT_REGISTERS; i < h->n_operands; i++)
            f->at[i] = &h->constants[i - HOT_REGISTERS];
    }
    forget(m, f);
    f->ops = 0;
    return f;
}

void js_hot_leave(struct js_hot_frame *f)
{
    f->next = f->hot->spare;
    f->hot->spare = f;
}
