/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that are more than a jump: declarations (5.4.3.1), Case and For Each, Mid (5.4.3.5),
 * and files (5.4.5), whose contents are collected until they are closed. */
#include "base/text.h"
#include "unmask/basic/basic.h"

/* --- Dim, Static, ReDim, Erase */

static struct value class_value(struct machine *m, const struct basic_step *s)
{
    uint32_t name = s->z->name;
    struct basic_decl *d = basic_declare_find(m, name, m->module, false);
    if (d && d->kind == DECL_TYPE) {
        struct object *o = basic_object_new(m, C_RECORD);
        if (o)
            o->fields = d->fields;
        return basic_object(o);
    }
    uint32_t module = basic_declare_named(m, name);
    if (!(s->flag & DIM_NEW))
        return basic_object(NULL);
    return module < m->n_modules ? basic_object(basic_declare_new(m, module))
                                 : basic_object_create(m, text_of(m->t, m->names[name].text, TEXT_NOWHERE));
}

static void declare(struct machine *m, struct value *at, const struct basic_step *s)
{
    if (at->flags & VALUE_DECLARED)
        return;
    uint8_t as = (uint8_t)s->as;
    if (s->y) {
        at->as = V_EMPTY;
        basic_redim(m, at, s->y, false, as == V_OBJECT ? V_EMPTY : as);
    } else {
        *at = basic_fresh(m, as);
        if (s->z) {
            struct value v = class_value(m, s);
            v.as = as;
            v.flags = VALUE_DECLARED;
            *at = v;
        }
    }
    at->flags |= VALUE_DECLARED;
}

void basic_flow_dim(struct machine *m, struct frame *f, const struct basic_step *s)
{
    if (s->flag & DIM_REDIM) {
        struct value *at = basic_place(m, s->x);
        if (at && !m->error)
            basic_redim(m, at, s->y, s->flag & DIM_PRESERVE, (uint8_t)(s->as == V_OBJECT ? V_EMPTY : s->as));
        return;
    }
    struct value *slot = &f->slots[s->x->slot];
    if ((s->flag & DIM_STATIC) || f->proc->remembers) {
        struct basic_proc *p = f->proc;
        if (!p->kept)
            p->kept = ARENA_ARRAY(m->mem, struct value, p->n_slots);
        if (p->kept && slot->type != V_REF)
            *slot = (struct value){ .type = V_REF, .ref = &p->kept[s->x->slot] };
    }
    declare(m, basic_deref(slot), s);
}

static void erase(struct machine *m, const struct basic_step *s)
{
    for (const struct basic_node *a = s->x->args; a && !m->error; a = a->next) {
        struct value *at = basic_place(m, a);
        if (!at || at->type != V_ARRAY || !at->a)
            continue;
        struct value v = { .type = V_ARRAY, .a = ARENA_NEW(m->mem, struct array) };
        if (v.a)
            v.a->as = at->a->as;
        basic_store(m, at, v);
    }
}

/* --- Select Case: 5.4.2.10 */

static int one_case(struct machine *m, struct value v, const struct basic_node *test)
{
    struct value a = basic_eval_plain(m, test->left);
    if (m->error)
        return -1;
    if (test->op != 'T')
        return basic_truth(m, basic_binary(m, test->op ? test->op : '=', v, a));
    struct value b = basic_eval_plain(m, test->args);
    int low = m->error ? -1 : basic_truth(m, basic_binary(m, OP_GE, v, a));
    int high = m->error ? -1 : basic_truth(m, basic_binary(m, OP_LE, v, b));
    return low == 0 || high == 0 ? 0 : low < 0 || high < 0 ? -1 : 1;
}

int basic_flow_case(struct machine *m, struct frame *f, const struct basic_step *s)
{
    int all = 0;
    for (const struct basic_node *t = s->x; t && all != 1; t = t->next) {
        int one = one_case(m, f->slots[s->slot], t);
        if (m->error)
            return -1;
        all = one == 0 ? all : one;
    }
    return all;
}

/* --- For Each: 5.4.2.4 */

int basic_flow_each(struct machine *m, struct frame *f, const struct basic_step *s)
{
    struct value group = f->slots[s->slot];
    uint32_t i = (uint32_t)f->slots[s->slot + 1].i;
    struct value v;
    bool more = false;
    if (group.type == V_ARRAY && group.a) {
        if (i >= group.a->all)
            return 0;
        v = group.a->items[i];
        v.as = V_EMPTY;
    } else if (group.type == V_OBJECT && group.o) {
        v = basic_object_item(m, group.o, i, &more);
        if (!more)
            return 0;
        if (v.type == V_UNKNOWN) {
            basic_assign(m, s->x, v, true);
            return -1;
        }
    } else if (group.type == V_UNKNOWN || group.type == V_ARRAY) {
        basic_assign(m, s->x, basic_unknown(m, "For Each"), true);
        return -1;
    } else {
        basic_error(m, group.type == V_OBJECT ? 91 : 13);
        return -1;
    }
    f->slots[s->slot + 1].i++;
    basic_assign(m, s->x, v, v.type == V_OBJECT);
    return 1;
}

/* --- Mid(s, from, n) = t */

void basic_flow_mid(struct machine *m, const struct basic_step *s)
{
    struct value *at = basic_place(m, s->x);
    int64_t from = 0, n = INT32_MAX;
    if (!at || m->error)
        return;
    bool known = basic_integer(m, basic_eval_plain(m, s->y), &from);
    if (!m->error && s->z)
        known = basic_integer(m, basic_eval_plain(m, s->z), &n) && known;
    struct value v = m->error ? (struct value){ 0 } : basic_eval_plain(m, s->w);
    if (m->error)
        return;
    struct text old = basic_string(m, *at), put = basic_string(m, v);
    if (m->error)
        return;
    if (!known || !text_known(old) || basic_symbolic(m, old, 0, old.n)) {
        basic_store(m, at, basic_unknown(m, "Mid"));
        return;
    }
    if (from < 1 || from > old.n || n < 0) {
        basic_error(m, 5);
        return;
    }
    uint64_t most = old.n - (uint64_t)(from - 1);
    n = (uint64_t)n > most ? (int64_t)most : n;
    put = text_sub(put, 0, (uint64_t)n);
    struct text head = text_sub(old, 0, (uint64_t)(from - 1)), tail = text_sub(old, (uint64_t)(from - 1) + put.n, UINT32_MAX);
    basic_store(m, at, basic_text(text_join(m->t, text_join(m->t, head, put), tail)));
}

/* --- files */

/* The journal keeps objects: what one way opens, prints and closes is taken back for the other. */
static struct object *file_of(struct machine *m, struct value number, bool make)
{
    int64_t n;
    if (!basic_integer(m, number, &n)) {
        if (m->error)
            return NULL;
        n = UINT32_MAX; /* FreeFile of an unknown: one file is open as a rule */
    }
    struct object **free_one = NULL;
    for (unsigned i = 0; i < BASIC_OPEN_MAX; i++) {
        struct object *f = m->open[i];
        if (f && f->started && f->named == (uint32_t)n)
            return f;
        if (!free_one && (!f || !f->started))
            free_one = &m->open[i];
    }
    if (!make || !free_one)
        return NULL;
    if (!*free_one && (*free_one = basic_object_new(m, C_TEXTSTREAM)) == NULL)
        return NULL;
    struct object *f = *free_one;
    basic_touch(m, f);
    *f = (struct object){ .class_ = C_TEXTSTREAM, .started = true, .named = (uint32_t)n };
    return f;
}

static void open_file(struct machine *m, const struct basic_step *s)
{
    struct value path = basic_eval_plain(m, s->x), number = { 0 };
    if (!m->error)
        number = basic_eval_plain(m, s->y);
    struct object *f = m->error ? NULL : file_of(m, number, true);
    if (!f)
        return;
    basic_touch(m, f);
    f->path = path;
    f->place = s->flag == 'i'; /* it is read */
    f->content = (struct value){ .type = V_EMPTY };
    f->fogged = false;
}

static void close_file(struct machine *m, struct object *f)
{
    bool empty = f->content.type == V_EMPTY || (f->content.type == V_STRING && f->content.s.n == 0);
    basic_touch(m, f);
    f->started = false;
    if (!f->place && !empty)
        basic_say_written(m, "Open", f->path, f->content);
}

static void close_files(struct machine *m, const struct basic_step *s)
{
    if (!s->x->args)
        for (unsigned i = 0; i < BASIC_OPEN_MAX; i++)
            if (m->open[i] && m->open[i]->started)
                close_file(m, m->open[i]);
    for (const struct basic_node *a = s->x->args; a && !m->error; a = a->next) {
        struct object *f = file_of(m, basic_eval_plain(m, a), false);
        if (f)
            close_file(m, f);
    }
}

static void put(struct machine *m, struct object *f, struct text more)
{
    struct text before = f->content.type == V_STRING ? f->content.s : (struct text){ 0 };
    if (f->content.type == V_UNKNOWN) /* and stays so: what stands before it may say what it means */
        return;
    basic_touch(m, f);
    f->content = basic_text(text_join(m->t, before, more));
}

static struct text bytes_text(struct machine *m, struct value v)
{
    slice bytes;
    if (v.type != V_ARRAY)
        return basic_string(m, v);
    if (!basic_bytes(m, v, &bytes))
        return text_hole(m->t, texts_reason(m->t, SLICE_LIT("bytes")));
    uint16_t *units = arena_get(m->mem, bytes.len, sizeof *units);
    for (size_t i = 0; units && i < bytes.len; i++)
        units[i] = bytes.at[i];
    return units ? text_of_units(m->t, units, bytes.len, v.mark) : (struct text){ 0 };
}

static void print(struct machine *m, const struct basic_step *s)
{
    struct arg args[BASIC_ARGS_MAX];
    struct basic_node call = *s->x;
    call.n = call.n < BASIC_ARGS_MAX ? call.n : BASIC_ARGS_MAX;
    uint32_t n = basic_eval_arguments(m, &call, args);
    struct object *f = m->error || n == 0 ? NULL : file_of(m, args[0].v, true);
    if (!f)
        return;
    for (uint32_t i = s->flag == 'b' ? 2 : 1; i < n && !m->error; i++) {
        struct value v = args[i].v.type == V_ARRAY ? args[i].v : basic_plain(m, args[i].v);
        if (v.type == V_MISSING || v.type == V_NULL || v.type == V_ERROR)
            continue;
        struct text part = bytes_text(m, v);
        struct text quote = text_of(m->t, SLICE_LIT("\""), TEXT_NOWHERE);
        if (s->flag == 'w' && v.type == V_STRING)
            part = text_join(m->t, text_join(m->t, quote, part), quote);
        if (s->flag == 'w' && i > 1)
            put(m, f, text_of(m->t, SLICE_LIT(","), TEXT_NOWHERE));
        put(m, f, part);
    }
    if (s->flag != 'b')
        put(m, f, text_of(m->t, SLICE_LIT("\r\n"), TEXT_NOWHERE));
}

static void input(struct machine *m, const struct basic_step *s)
{
    const struct basic_node *a = s->x->args;
    for (a = a && s->flag ? a->next : NULL; a && !m->error; a = a->next) {
        struct value *at = a->kind == N_MISSING ? NULL : basic_place(m, a);
        if (at && at->type == V_ARRAY)
            *at = basic_unknown(m, "content of a file");
        else if (at)
            basic_store(m, at, basic_unknown(m, "content of a file"));
    }
}

static void name_as(struct machine *m, const struct basic_step *s)
{
    struct value from = basic_eval_plain(m, s->x), to = m->error ? (struct value){ 0 } : basic_eval_plain(m, s->y);
    if (m->error)
        return;
    struct unmask_argument a[] = { { "value", basic_string(m, from) }, { "path", basic_string(m, to) } };
    basic_say(m, EFFECT_WRITE, "Name", a, 2);
}

void basic_flow_io(struct machine *m, const struct basic_step *s)
{
    int64_t n = 5;
    switch (s->op) {
    case S_OPEN: open_file(m, s); break;
    case S_CLOSE: close_files(m, s); break;
    case S_PRINT: print(m, s); break;
    case S_INPUT: input(m, s); break;
    case S_NAME_AS: name_as(m, s); break;
    case S_ERASE: erase(m, s); break;
    case S_ERROR:
        if (basic_integer(m, basic_eval_plain(m, s->x), &n))
            basic_error(m, n > 0 && n <= 65535 ? (int32_t)n : 5);
        break;
    default: break;
    }
}
