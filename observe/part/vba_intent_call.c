/* SPDX-License-Identifier: Apache-2.0 */
/* What a call does: functions of VBA, members of objects, names of the project.
 *
 * vba_intent_eval.c has read the call and its arguments; here sinks are noted,
 * objects get a class, calls by name become edges, and what folds has a value.
 */
#include "observe/part/vba_intent_value.h"
#include "base/text.h"

static bool grow(void **list, struct code *c, uint32_t n, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : 32;
    void *bigger = arena_regrow(c->mem, *list, n * size, more, size);
    if (!bigger)
        return false;
    *list = bigger;
    *room = more;
    return true;
}

void vba_intent_call_sink(struct eval *e, const char *label, slice named, enum sink_kind kind,
                     uint32_t token, const struct args *a)
{
    struct code *c = e->c;
    if (c->n_sinks == c->room_sinks &&
        !grow((void **)&c->sinks, c, c->n_sinks, &c->room_sinks, sizeof *c->sinks))
        return;
    struct sink_use *s = &c->sinks[c->n_sinks++];
    *s = (struct sink_use){ .label = label,
                            .named = named,
                            .kind = kind,
                            .proc = e->proc,
                            .token = token,
                            .hidden = a->hidden,
                            .n_reads = a->n_reads };
    for (unsigned i = 0; i < a->n_reads; i++)
        s->reads[i] = a->reads[i];
}

static void add_maybe(struct eval *e, uint32_t base, uint32_t member, uint32_t token,
                      const struct args *a)
{
    struct code *c = e->c;
    if (c->n_maybes == c->room_maybes &&
        !grow((void **)&c->maybes, c, c->n_maybes, &c->room_maybes, sizeof *c->maybes))
        return;
    struct maybe *m = &c->maybes[c->n_maybes++];
    *m = (struct maybe){ .base = base,
                         .member = member,
                         .proc = e->proc,
                         .token = token,
                         .n_args = (uint8_t)(a->n < 200 ? a->n : 200),
                         .hidden = a->hidden,
                         .n_reads = a->n_reads };
    for (unsigned i = 0; i < a->n_reads; i++)
        m->reads[i] = a->reads[i];
}

/* CreateObject, GetObject, New: what it is, and how its name was written. */
static uint8_t make_object(struct eval *e, const struct args *a, uint32_t token)
{
    struct code *c = e->c;
    /* GetObject(, "Word.Application") names the class in its second argument. */
    unsigned i = a->n > 1 && a->v[0].kind == V_EMPTY && a->v[1].kind != V_EMPTY ? 1 : 0;
    if (a->n == 0 || a->v[i].kind != V_TEXT) {
        c->computed += a->n > 0;
        return O_COMPUTED;
    }
    slice progid = vba_intent_fold_argument(e, a, i);
    enum object o = vba_intent_class(progid);
    slice class = slice_lower(c->mem, arena_copy(c->mem, slice_sub(progid, 0, 200)));
    if (o == O_OTHER)
        vba_intent_say_aside(c, FACT_VBA_OBJECT, class, token);
    else
        vba_intent_say(c, FACT_VBA_OBJECT, class, token);
    c->split_progids += a->v[i].joined;
    return (uint8_t)o;
}

/* Run "proc", OnTime Now, "proc": a call by name, which stands in argument `named`. */
static void call_by_text(struct eval *e, const struct args *a, unsigned named)
{
    if (e->proc != VBA_NONE && a->n > named && a->v[named].kind == V_UNKNOWN)
        e->c->procs[e->proc].calls_any = true;
    for (unsigned i = 0; i < a->n; i++) {
        if (a->v[i].kind != V_TEXT)
            continue;
        slice s = vba_intent_fold_argument(e, a, i);
        for (size_t k = s.len; k > 0; k--) {
            if (s.at[k - 1] == '.' || s.at[k - 1] == '!') {
                s = slice_from(s, k);
                break;
            }
        }
        uint32_t id = s.len < 128 ? vba_intent_lex_find(e->c, s) : VBA_NONE;
        if (id != VBA_NONE)
            vba_intent_shape_edge(e->c, e->proc, id);
    }
}

/* A function or statement of VBA itself, by name or behind its library's name. */
struct value vba_intent_call_builtin(struct eval *e, uint32_t w, struct args *a, uint32_t token)
{
    struct value v = vba_intent_fold_unknown(e, token);
    struct code *c = e->c;
    v.hidden = a->hidden;
    if (a->n == 0)
        return v; /* a variable of that name, or a mere mention */
    switch (w) {
    case W_SHELL:
        vba_intent_call_sink(e, "Shell", (slice){ 0 }, K_RUN, token, a);
        vba_intent_say(c, FACT_VBA_CALL, SLICE_LIT("Shell"), token);
        break;
    case W_CREATEOBJECT:
    case W_GETOBJECT:
        vba_intent_say(c, FACT_VBA_CALL,
                       w == W_CREATEOBJECT ? SLICE_LIT("CreateObject") : SLICE_LIT("GetObject"),
                       token);
        v.object = make_object(e, a, token);
        break;
    case W_CALLBYNAME:
        vba_intent_say(c, FACT_VBA_CALL, SLICE_LIT("CallByName"), token);
        call_by_text(e, a, 1);
        if (a->n > 1 && a->v[1].kind == V_TEXT) {
            slice member = vba_intent_fold_argument(e, a, 1);
            uint32_t id = member.len < 64 ? vba_intent_lex_find(c, member) : VBA_NONE;
            enum sink_kind kind;
            const char *label = id < W_COUNT
                                    ? vba_intent_member_sink(id, (enum object)a->v[0].object,
                                                             a->n > 3 ? a->n - 3 : 0, &kind)
                                    : NULL;
            if (label)
                vba_intent_call_sink(e, label, (slice){ 0 }, kind, token, a);
        }
        break;
    case W_ENVIRON:
        vba_intent_say(c, FACT_VBA_CALL, SLICE_LIT("Environ"), token);
        break;
    case W_FILECOPY:
        vba_intent_call_sink(e, "FileCopy", (slice){ 0 }, K_WRITE, token, a);
        break;
    case W_SENDKEYS:
        vba_intent_say(c, FACT_VBA_CALL, SLICE_LIT("SendKeys"), token);
        break;
    case W_MACSCRIPT:
    case W_APPLESCRIPTTASK:
        vba_intent_call_sink(e, "AppleScript", (slice){ 0 }, K_RUN, token, a);
        break;
    case W_EXECUTEEXCEL4MACRO:
        vba_intent_call_sink(e, "ExecuteExcel4Macro", (slice){ 0 }, K_RUN, token, a);
        vba_intent_say(c, FACT_VBA_CALL, SLICE_LIT("ExecuteExcel4Macro"), token);
        break;
    case W_RUN:
    case W_ONTIME:
        call_by_text(e, a, w == W_ONTIME);
        break;
    default:
        (void)vba_intent_fold_call(e, w, a, token, &v);
        break;
    }
    return v;
}

struct value vba_intent_call_member(struct eval *e, uint32_t w, struct value base, struct args *a,
                                uint32_t token)
{
    struct value v = vba_intent_fold_unknown(e, token);
    enum sink_kind kind = K_NONE;
    uint8_t own = vba_intent_hidden_member(w);
    a->hidden |= base.hidden; /* an object from a hidden name is as good as a hidden argument */
    v.hidden = (uint8_t)(a->hidden | own);
    if (e->proc != VBA_NONE)
        e->c->procs[e->proc].hidden |= own & (uint8_t) ~(H_TEXT | H_CELL);
    v.object = base.object;
    if ((w == W_RUN || w == W_ONTIME) && (base.object == O_HOST || base.object == O_NONE))
        call_by_text(e, a, w == W_ONTIME);
    if (w == W_ENVIRONMENT || w == W_EXPANDENVIRONMENTSTRINGS)
        vba_intent_say(e->c, FACT_VBA_CALL, SLICE_LIT("Environment"), token);
    if (w == W_VBPROJECT || w == W_VBE)
        vba_intent_say(e->c, FACT_VBA_CALL, SLICE_LIT("VBProject"), token);
    const char *label = vba_intent_member_sink(w, (enum object)base.object, a->n, &kind);
    if (base.object == O_NONE && base.name != VBA_NONE && vba_intent_member_may(w))
        add_maybe(e, base.name, w, token, a);
    else if (label)
        vba_intent_call_sink(e, label, (slice){ 0 }, kind, token, a);
    if (w == W_CREATEOBJECT || w == W_GETOBJECT)
        return vba_intent_call_builtin(e, w, a, token);
    return v;
}

/* A name of the project: variable, constant, procedure, control. */
struct value vba_intent_call_own(struct eval *e, uint32_t id, const struct args *a, bool called,
                             uint32_t token)
{
    struct value v = vba_intent_fold_unknown(e, token);
    const struct name *n = &e->c->names[id];
    v.hidden = (uint8_t)(a->hidden | n->hidden | (n->control ? H_CONTROL : 0));
    v.object = n->object;
    v.name = id;
    if (n->api) {
        vba_intent_say_aside(e->c, FACT_VBA_CALL, n->value, token);
        if (n->api_kind != K_NONE)
            vba_intent_call_sink(e, NULL, n->value, (enum sink_kind)n->api_kind, token, a);
        return v;
    }
    if (called || n->control || n->proc != VBA_NONE || n->module != VBA_NONE)
        return v;
    if (n->constant && n->writes == 1 && n->numeric) {
        v.kind = V_NUMBER;
        v.number = n->number;
    } else if (n->constant && n->writes == 1 && walk_work(e->c->w, n->value.len)) {
        v.kind = V_TEXT;
        buf_put(&e->text, n->value);
        v.joined = true;
    } else if (n->writes == 0 && !n->param && n->object == O_NONE) {
        v.kind = V_EMPTY;
    }
    return v;
}
