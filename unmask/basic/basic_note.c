/* SPDX-License-Identifier: Apache-2.0 */
/* basic_note - the steps of a project for who follows them: assignments of texts and of what is not
 * known, calls with their arguments, effects, and the ways that conditions take. Callers ask
 * m->u->trace first. A statement that is run again and again is told a few times, and then as it
 * was last when its procedure ends. Numbers that are computed on the way are left out. */
#include "unmask/basic/basic.h"

enum {
    VALUE_SHOWN = 2000,
    LINE_SHOWN = 200,
    TIMES = 3,
    HELD = 16,
    COUNTED = 256,
    TOLD_MAX = 256 << 10,
    NOTE_COSTS = 32
};
enum told { TOLD_LET, TOLD_CALL, TOLD_WAY, TOLD_EFFECT };

struct basic_notes {
    struct {
        uint32_t line, module, times;
        enum told what;
    } counted[COUNTED]; /* by line; of two that share a place the later counts */
    struct held {
        uint32_t line, module, depth; /* depth 0: free */
        const struct basic_node *target;
        struct value v;
    } held[HELD];
    size_t told;
    struct {
        const uint32_t *at; /* where each line of the module begins */
        uint32_t n;
    } * lines;
};

static uint32_t depth_of(const struct machine *m)
{
    uint32_t n = 0;
    for (const struct frame *f = m->top; f; f = f->up)
        n++;
    return n;
}

/* What is told is as long as people can read; the rest costs nothing. */
static bool enough(struct machine *m)
{
    if (!m->notes)
        m->notes = ARENA_NEW(m->mem, struct basic_notes);
    return !m->notes || m->notes->told > TOLD_MAX || m->module >= m->n_modules;
}

static bool often(struct machine *m, enum told what)
{
    uint32_t at = (m->line * 4 + what + m->module * 31) % COUNTED;
    if (m->notes->counted[at].line != m->line || m->notes->counted[at].module != m->module ||
        m->notes->counted[at].what != what) {
        m->notes->counted[at].what = what;
        m->notes->counted[at].line = m->line;
        m->notes->counted[at].module = m->module;
        m->notes->counted[at].times = 0;
    }
    return ++m->notes->counted[at].times > TIMES;
}

static void say(struct machine *m, uint32_t module, uint32_t line, uint32_t depth, struct buf *b)
{
    unmask_note(m->u, m->modules[module].walk, line, depth ? depth - 1 : 0, buf_slice(b));
    m->notes->told += b->len + NOTE_COSTS;
    buf_drop(b);
}

static void say_here(struct machine *m, struct buf *b)
{
    say(m, m->module, m->line, depth_of(m), b);
}

/* --- values */

static void put_reason(struct machine *m, struct buf *b, struct text s)
{
    slice why = text_reason(m->t, s);
    if (why.len) {
        buf_text(b, " (not known: ");
        buf_put(b, slice_sub(why, 0, LINE_SHOWN));
        buf_byte(b, ')');
    }
}

static void put_text(struct machine *m, struct buf *b, struct text s)
{
    slice shown = text_utf8(m->t, text_sub(s, 0, VALUE_SHOWN));
    buf_byte(b, '"');
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.at[i] == '"')
            buf_byte(b, '"');
        buf_byte(b, shown.at[i]);
    }
    buf_text(b, s.n > VALUE_SHOWN ? "..." : "\"");
}

static void put_value(struct machine *m, struct buf *b, struct value v)
{
    switch (v.type) {
    case V_EMPTY:
        buf_text(b, "Empty");
        break;
    case V_NULL:
        buf_text(b, "Null");
        break;
    case V_MISSING:
        break;
    case V_BOOLEAN:
        buf_text(b, v.i ? "True" : "False");
        break;
    case V_STRING:
        put_text(m, b, v.s);
        if (!text_known(v.s))
            put_reason(m, b, v.s);
        break;
    case V_UNKNOWN:
        buf_text(b, "\xe2\x9f\x82");
        put_reason(m, b, text_hole(m->t, v.mark));
        break;
    case V_OBJECT:
        buf_put(b, !v.o            ? SLICE_LIT("Nothing")
                   : v.o->name.len ? slice_sub(v.o->name, 0, LINE_SHOWN)
                                   : SLICE_LIT("(object)"));
        break;
    case V_ARRAY:
        buf_format(b, "(array of %u)", v.a ? (unsigned)v.a->all : 0u);
        break;
    case V_ERROR:
    case V_REF:
        buf_text(b, "(value)");
        break;
    case V_SINGLE:
    case V_DOUBLE:
    case V_CURRENCY:
    case V_DATE: {
        int32_t before = m->error;
        struct value s = basic_coerce(m, v, V_STRING);
        if (s.type == V_STRING)
            buf_put(b, text_utf8(m->t, s.s));
        m->error = before;
        break;
    }
    default:
        buf_format(b, "%lld", (long long)v.i);
        break;
    }
}

static void put_target(const struct machine *m, struct buf *b, const struct basic_node *n,
                       unsigned deep)
{
    if (!n || deep > 8)
        return;
    if (n->kind == N_MEMBER || n->kind == N_CALL || n->kind == N_BANG)
        put_target(m, b, n->left, deep + 1);
    if (n->kind == N_MEMBER || n->kind == N_WITH)
        buf_byte(b, '.');
    if (n->kind == N_BANG)
        buf_byte(b, '!');
    if (n->kind == N_CALL)
        buf_text(b, "(...)");
    else
        buf_put(b, slice_sub(m->names[n->name].text, 0, LINE_SHOWN));
}

/* --- what is told */

static void say_let(struct machine *m, const struct held *h)
{
    struct buf b = buf_new(16384);
    put_target(m, &b, h->target, 0);
    buf_text(&b, " = ");
    put_value(m, &b, h->v);
    say(m, h->module, h->line, h->depth, &b);
}

static void hold(struct machine *m, const struct held *now)
{
    struct held *all = m->notes->held, *to = NULL;
    for (uint32_t i = 0; i < HELD; i++)
        if (all[i].depth == now->depth && all[i].target == now->target)
            to = &all[i];
    for (uint32_t i = 0; i < HELD && !to; i++)
        if (all[i].depth == 0)
            to = &all[i];
    if (to)
        *to = *now;
}

void basic_note_let(struct machine *m, const struct basic_node *target, struct value v)
{
    if (enough(m) || (v.type != V_STRING && v.type != V_UNKNOWN && v.type != V_OBJECT))
        return;
    struct held now = { m->line, m->module, depth_of(m), target, v };
    if (often(m, TOLD_LET))
        hold(m, &now);
    else
        say_let(m, &now);
}

void basic_note_end(struct machine *m)
{
    uint32_t depth = depth_of(m);
    for (uint32_t i = 0; !enough(m) && i < HELD; i++) {
        struct held *h = &m->notes->held[i];
        if (h->depth && h->depth >= depth)
            say_let(m, h);
        h->depth = h->depth >= depth ? 0 : h->depth;
    }
}

void basic_note_call(struct machine *m, const struct basic_proc *p, const struct arg *args, uint32_t n)
{
    if (enough(m) || often(m, TOLD_CALL))
        return;
    struct buf b = buf_new(16384);
    buf_put(&b, slice_sub(m->names[p->name].text, 0, LINE_SHOWN));
    buf_byte(&b, '(');
    for (uint32_t i = 0; i < n && b.len < 8192; i++) {
        buf_text(&b, i ? ", " : "");
        put_value(m, &b, args[i].place ? *basic_deref(args[i].place) : args[i].v);
    }
    buf_byte(&b, ')');
    say_here(m, &b);
}

void basic_note_effect(struct machine *m, const char *sink, const struct unmask_argument *a, size_t n)
{
    if (enough(m) || often(m, TOLD_EFFECT))
        return;
    struct buf b = buf_new(16384);
    buf_format(&b, "%s ", sink);
    for (size_t i = 0; i < n && b.len < 8192; i++) {
        buf_format(&b, "%s%s:=", i ? ", " : "", a[i].name);
        put_text(m, &b, a[i].value);
        if (!text_known(a[i].value))
            put_reason(m, &b, a[i].value);
    }
    say_here(m, &b);
}

static void find_lines(struct machine *m)
{
    slice text = m->modules[m->module].text;
    uint32_t n = 1, k = 0;
    for (size_t i = 0; (i = slice_find_byte(text, '\n', i)) != SIZE_MAX; i++)
        n++;
    uint32_t *at = ARENA_ARRAY(m->mem, uint32_t, n);
    if (!at)
        return;
    at[k++] = 0;
    for (size_t i = 0; k < n && (i = slice_find_byte(text, '\n', i)) != SIZE_MAX; i++)
        at[k++] = (uint32_t)i + 1;
    m->notes->lines[m->module].at = at;
    m->notes->lines[m->module].n = n;
}

/* The line as it stands in the source. */
static slice source_line(struct machine *m)
{
    const struct basic_module *module = &m->modules[m->module];
    if (!m->notes->lines)
        m->notes->lines = arena_get(m->mem, m->n_modules, sizeof *m->notes->lines);
    if (m->notes->lines && !m->notes->lines[m->module].at)
        find_lines(m);
    if (!m->notes->lines || m->line < module->line ||
        m->line - module->line >= m->notes->lines[m->module].n)
        return (slice){ 0 };
    size_t at = m->notes->lines[m->module].at[m->line - module->line],
           end = slice_find_byte(module->text, '\n', at);
    slice s = slice_sub(module->text, at, (end == SIZE_MAX ? module->text.len : end) - at);
    while (s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
        s = slice_from(s, 1);
    s = slice_sub(s, 0, LINE_SHOWN);
    while (s.len && s.at[s.len - 1] <= ' ')
        s = slice_sub(s, 0, s.len - 1);
    return s;
}

void basic_note_way(struct machine *m, int truth, text_mark why)
{
    if (enough(m) || often(m, TOLD_WAY))
        return;
    struct buf b = buf_new(4096);
    buf_put(&b, source_line(m));
    if (truth >= 0) {
        buf_text(&b, truth ? " -> True" : " -> False");
    } else {
        buf_text(&b, " -> \xe2\x9f\x82, both ways");
        put_reason(m, &b, text_hole(m->t, why));
    }
    say_here(m, &b);
}
