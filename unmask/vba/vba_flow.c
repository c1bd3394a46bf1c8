/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that are more than a jump: declarations (5.4.3.1), Case and For Each, Mid (5.4.3.5),
 * and files (5.4.5), whose contents are collected until they are closed. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

/* --- Dim, Static, ReDim, Erase */

static struct value class_value(struct machine *m, const struct vba_step *s)
{
    uint32_t name = s->z->name;
    struct vba_decl *d = vba_declare_find(m, name, m->module, false);
    if (d && d->kind == DECL_TYPE) {
        struct object *o = vba_object_new(m, C_RECORD);
        if (o)
            o->fields = d->fields;
        return vba_object(o);
    }
    uint32_t module = vba_declare_named(m, name);
    if (!(s->flag & DIM_NEW))
        return vba_object(NULL);
    return module < m->n_modules ? vba_object(vba_declare_new(m, module))
                                 : vba_object_create(m, text_of(m->t, m->names[name].text, TEXT_NOWHERE));
}

static void declare(struct machine *m, struct value *at, const struct vba_step *s)
{
    if (at->flags & VALUE_DECLARED)
        return;
    uint8_t as = (uint8_t)s->as;
    if (s->y) {
        at->as = V_EMPTY;
        vba_redim(m, at, s->y, false, as == V_OBJECT ? V_EMPTY : as);
    } else {
        *at = vba_fresh(m, as);
        if (s->z) {
            struct value v = class_value(m, s);
            v.as = as;
            v.flags = VALUE_DECLARED;
            *at = v;
        }
    }
    at->flags |= VALUE_DECLARED;
}

void vba_flow_dim(struct machine *m, struct frame *f, const struct vba_step *s)
{
    if (s->flag & DIM_REDIM) {
        struct value *at = vba_place(m, s->x);
        if (at && !m->error)
            vba_redim(m, at, s->y, s->flag & DIM_PRESERVE, (uint8_t)(s->as == V_OBJECT ? V_EMPTY : s->as));
        return;
    }
    struct value *slot = &f->slots[s->x->slot];
    if ((s->flag & DIM_STATIC) || f->proc->remembers) {
        struct vba_proc *p = f->proc;
        if (!p->kept)
            p->kept = ARENA_ARRAY(m->mem, struct value, p->n_slots);
        if (p->kept && slot->type != V_REF)
            *slot = (struct value){ .type = V_REF, .ref = &p->kept[s->x->slot] };
    }
    declare(m, vba_deref(slot), s);
}

static void erase(struct machine *m, const struct vba_step *s)
{
    for (const struct vba_node *a = s->x->args; a && !m->error; a = a->next) {
        struct value *at = vba_place(m, a);
        if (!at || at->type != V_ARRAY || !at->a)
            continue;
        struct value v = { .type = V_ARRAY, .a = ARENA_NEW(m->mem, struct array) };
        if (v.a)
            v.a->as = at->a->as;
        vba_store(m, at, v);
    }
}

/* --- Select Case: 5.4.2.10 */

static int one_case(struct machine *m, struct value v, const struct vba_node *test)
{
    struct value a = vba_eval_plain(m, test->left);
    if (m->error)
        return -1;
    if (test->op != 'T')
        return vba_truth(m, vba_binary(m, test->op ? test->op : '=', v, a));
    struct value b = vba_eval_plain(m, test->args);
    int low = m->error ? -1 : vba_truth(m, vba_binary(m, OP_GE, v, a));
    int high = m->error ? -1 : vba_truth(m, vba_binary(m, OP_LE, v, b));
    return low == 0 || high == 0 ? 0 : low < 0 || high < 0 ? -1 : 1;
}

int vba_flow_case(struct machine *m, struct frame *f, const struct vba_step *s)
{
    int all = 0;
    for (const struct vba_node *t = s->x; t && all != 1; t = t->next) {
        int one = one_case(m, f->slots[s->slot], t);
        if (m->error)
            return -1;
        all = one == 0 ? all : one;
    }
    return all;
}

/* --- For Each: 5.4.2.4 */

int vba_flow_each(struct machine *m, struct frame *f, const struct vba_step *s)
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
        v = vba_object_item(m, group.o, i, &more);
        if (!more)
            return 0;
        if (v.type == V_UNKNOWN) {
            vba_assign(m, s->x, v, true);
            return -1;
        }
    } else if (group.type == V_UNKNOWN || group.type == V_ARRAY) {
        vba_assign(m, s->x, vba_unknown(m, "For Each"), true);
        return -1;
    } else {
        vba_error(m, group.type == V_OBJECT ? 91 : 13);
        return -1;
    }
    f->slots[s->slot + 1].i++;
    vba_assign(m, s->x, v, v.type == V_OBJECT);
    return 1;
}

/* --- Mid(s, from, n) = t */

void vba_flow_mid(struct machine *m, const struct vba_step *s)
{
    struct value *at = vba_place(m, s->x);
    int64_t from = 0, n = INT32_MAX;
    if (!at || m->error)
        return;
    bool known = vba_integer(m, vba_eval_plain(m, s->y), &from);
    if (!m->error && s->z)
        known = vba_integer(m, vba_eval_plain(m, s->z), &n) && known;
    struct value v = m->error ? (struct value){ 0 } : vba_eval_plain(m, s->w);
    if (m->error)
        return;
    struct text old = vba_string(m, *at), put = vba_string(m, v);
    if (m->error)
        return;
    if (!known || !text_known(old) || vba_symbolic(m, old, 0, old.n)) {
        vba_store(m, at, vba_unknown(m, "Mid"));
        return;
    }
    if (from < 1 || from > old.n || n < 0) {
        vba_error(m, 5);
        return;
    }
    uint64_t most = old.n - (uint64_t)(from - 1);
    n = (uint64_t)n > most ? (int64_t)most : n;
    put = text_sub(put, 0, (uint64_t)n);
    struct text head = text_sub(old, 0, (uint64_t)(from - 1)), tail = text_sub(old, (uint64_t)(from - 1) + put.n, UINT32_MAX);
    vba_store(m, at, vba_text(text_join(m->t, text_join(m->t, head, put), tail)));
}

/* --- files */

static struct vba_open *file_of(struct machine *m, struct value number, bool make)
{
    int64_t n;
    if (!vba_integer(m, number, &n)) {
        if (m->error)
            return NULL;
        n = INT64_MAX; /* FreeFile of an unknown: one file is open as a rule */
    }
    struct vba_open *free_one = NULL;
    for (unsigned i = 0; i < VBA_OPEN_MAX; i++) {
        struct vba_open *f = &m->open[i];
        if (f->known && f->number == n)
            return f;
        if (!f->known && !free_one)
            free_one = f;
    }
    if (make && free_one)
        *free_one = (struct vba_open){ .number = n, .known = true };
    return make ? free_one : NULL;
}

static void open_file(struct machine *m, const struct vba_step *s)
{
    struct value path = vba_eval_plain(m, s->x), number = { 0 };
    if (!m->error)
        number = vba_eval_plain(m, s->y);
    struct vba_open *f = m->error ? NULL : file_of(m, number, true);
    if (!f)
        return;
    f->path = path;
    f->reads = s->flag == 'i';
    f->content = (struct text){ 0 };
}

static void close_file(struct machine *m, struct vba_open *f)
{
    f->known = false;
    if (!f->reads && f->content.n)
        vba_say_written(m, "Open", f->path, vba_text(f->content));
}

static void close_files(struct machine *m, const struct vba_step *s)
{
    if (!s->x->args)
        for (unsigned i = 0; i < VBA_OPEN_MAX; i++)
            if (m->open[i].known)
                close_file(m, &m->open[i]);
    for (const struct vba_node *a = s->x->args; a && !m->error; a = a->next) {
        struct vba_open *f = file_of(m, vba_eval_plain(m, a), false);
        if (f)
            close_file(m, f);
    }
}

static struct text bytes_text(struct machine *m, struct value v)
{
    slice bytes;
    if (v.type != V_ARRAY)
        return vba_string(m, v);
    if (!vba_bytes(m, v, &bytes))
        return text_hole(m->t, texts_reason(m->t, SLICE_LIT("bytes")));
    uint16_t *units = arena_get(m->mem, bytes.len, sizeof *units);
    for (size_t i = 0; units && i < bytes.len; i++)
        units[i] = bytes.at[i];
    return units ? text_of_units(m->t, units, bytes.len, v.mark) : (struct text){ 0 };
}

static void print(struct machine *m, const struct vba_step *s)
{
    struct arg args[VBA_ARGS_MAX];
    struct vba_node call = *s->x;
    call.n = call.n < VBA_ARGS_MAX ? call.n : VBA_ARGS_MAX;
    uint32_t n = vba_eval_arguments(m, &call, args);
    struct vba_open *f = m->error || n == 0 ? NULL : file_of(m, args[0].v, true);
    if (!f)
        return;
    for (uint32_t i = s->flag == 'b' ? 2 : 1; i < n && !m->error; i++) {
        struct value v = args[i].v.type == V_ARRAY ? args[i].v : vba_plain(m, args[i].v);
        if (v.type == V_MISSING || v.type == V_NULL || v.type == V_ERROR)
            continue;
        struct text part = bytes_text(m, v);
        struct text quote = text_of(m->t, SLICE_LIT("\""), TEXT_NOWHERE);
        if (s->flag == 'w' && v.type == V_STRING)
            part = text_join(m->t, text_join(m->t, quote, part), quote);
        if (s->flag == 'w' && i > 1)
            f->content = text_join(m->t, f->content, text_of(m->t, SLICE_LIT(","), TEXT_NOWHERE));
        f->content = text_join(m->t, f->content, part);
    }
    if (s->flag != 'b')
        f->content = text_join(m->t, f->content, text_of(m->t, SLICE_LIT("\r\n"), TEXT_NOWHERE));
}

static void input(struct machine *m, const struct vba_step *s)
{
    const struct vba_node *a = s->x->args;
    for (a = a && s->flag ? a->next : NULL; a && !m->error; a = a->next) {
        struct value *at = a->kind == N_MISSING ? NULL : vba_place(m, a);
        if (at && at->type == V_ARRAY)
            *at = vba_unknown(m, "content of a file");
        else if (at)
            vba_store(m, at, vba_unknown(m, "content of a file"));
    }
}

static void name_as(struct machine *m, const struct vba_step *s)
{
    struct value from = vba_eval_plain(m, s->x), to = m->error ? (struct value){ 0 } : vba_eval_plain(m, s->y);
    if (m->error)
        return;
    struct unmask_argument a[] = { { "value", vba_string(m, from) }, { "path", vba_string(m, to) } };
    vba_say(m, EFFECT_WRITE, "Name", a, 2);
}

void vba_flow_io(struct machine *m, const struct vba_step *s)
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
        if (vba_integer(m, vba_eval_plain(m, s->x), &n))
            vba_error(m, n > 0 && n <= 65535 ? (int32_t)n : 5);
        break;
    default: break;
    }
}
