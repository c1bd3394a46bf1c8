/* SPDX-License-Identifier: Apache-2.0 */
/* Code that code makes: Execute, ExecuteGlobal, Eval, GetRef (VBScript language reference).
 *
 * Its text keeps the places it came from, so that a literal in it leads back to the line that
 * made it, and its holes: one in a literal stays a hole, one among the code is unknown, and what
 * follows is only possible. What is executed is a child part too, for rules and for people. */
#include "base/text.h"
#include "unmask/vbscript/vbscript_private.h"

enum { MADE_MAX = 4 << 20 };

/* One byte for each unit, so that places in one are places in the other. */
static slice shadow(struct machine *m, struct text s)
{
    uint8_t *out = arena_get(m->mem, s.n, 1);
    for (uint32_t i = 0; out && i < s.n; i++) {
        uint16_t c = text_unit(s, i);
        out[i] = text_is_hole(s, i) || c == TEXT_HOLE ? VBS_UNKNOWN_BYTE : c == 0x3000 || c == 0xA0 ? ' ' : c < 0x80 ? (uint8_t)c : 0x80;
    }
    return (slice){ out, out ? s.n : 0 };
}

static uint32_t add_text(struct machine *m, struct walk *w, struct text code, uint32_t line)
{
    struct basic_module in = { .walk = w, .text = shadow(m, code), .line = line, .source = code };
    uint32_t module = in.text.len ? basic_declare_module(m, &in) : m->n_modules;
    bool read = module < m->n_modules && basic_lex_module(m, module) && basic_declare_scan(m, module);
    return read ? module : m->n_modules;
}

/* Holes that were handed on as they are written. */
static struct text with_holes(struct machine *m, struct walk *w, slice utf8, uint32_t line)
{
    static const slice hole = SLICE_INIT("\xe2\x9f\x82");
    struct text out = { 0 };
    size_t from = 0, at;
    while ((at = slice_find(utf8, hole, from)) != SIZE_MAX) {
        out = text_join(m->t, out, text_of(m->t, slice_sub(utf8, from, at - from), texts_origin(m->t, w->part, range_of(from, at - from), line)));
        out = text_join(m->t, out, text_hole(m->t, texts_reason(m->t, SLICE_LIT("code"))));
        from = at + hole.len;
    }
    return text_join(m->t, out, text_of(m->t, slice_from(utf8, from), texts_origin(m->t, w->part, range_of(from, utf8.len - from), line)));
}

/* NULL where memory ends: then what is said of places is of the view. */
static const struct unmask_lines *lines_of(struct machine *m, const struct walk *w, const struct page_script *s, uint32_t *n_out)
{
    uint32_t n = 1;
    for (size_t at = 0; (at = slice_find_byte(s->code, '\n', at)) != SIZE_MAX; at++)
        n++;
    struct unmask_lines *all = ARENA_ARRAY(m->mem, struct unmask_lines, n / BASIC_LINES_STEP + 1);
    struct unmask_lines lines = unmask_lines_of(w, s->at);
    for (uint32_t i = 0; all && i < n; i++) {
        if (i % BASIC_LINES_STEP == 0)
            all[i / BASIC_LINES_STEP] = lines;
        (void)unmask_lines_next(&lines);
    }
    *n_out = all ? n : 0;
    return all;
}

uint32_t vbs_add_source(struct machine *m, struct walk *w, const struct page_script *s)
{
    if (w->how == HOW_UNMASK && slice_find(s->code, SLICE_LIT("\xe2\x9f\x82"), 0) != SIZE_MAX)
        return add_text(m, w, with_holes(m, w, s->code, s->line), s->line);
    struct basic_module in = { .walk = w, .text = s->code, .at = s->exact ? (uint32_t)s->at.from : 0, .line = s->line };
    if (!s->exact)
        in.lines = lines_of(m, w, s, &in.n_lines);
    uint32_t module = basic_declare_module(m, &in);
    bool read = module < m->n_modules && basic_lex_module(m, module) && basic_declare_scan(m, module);
    return read ? module : m->n_modules;
}

/* --- running it */

static struct value run_body(struct machine *m, struct basic_proc *p)
{
    uint32_t n = 0;
    struct arg *args = NULL;
    const struct frame *f = m->top;
    for (const struct basic_local *l = p->scope ? p->scope->locals : NULL; l; l = l->next)
        n++;
    if (n && f && (args = ARENA_ARRAY(m->mem, struct arg, n)) != NULL) {
        uint32_t i = 0;
        for (const struct basic_local *l = p->scope->locals; l; l = l->next, i++) {
            args[i].place = basic_deref(&f->slots[l->slot]);
            args[i].v = basic_load(args[i].place);
        }
    }
    return basic_call_proc(m, p, f ? f->self : NULL, args, args ? n : 0);
}

struct value vbs_execute(struct machine *m, struct text code, slice name, unsigned body)
{
    struct vbs *host = vbs_of(m);
    const struct basic_proc *scope = m->top && !(m->top->proc->body & BODY_GLOBAL) && !(body & BODY_GLOBAL) ? m->top->proc : NULL;
    if (code.n == 0)
        return (struct value){ .type = V_EMPTY };
    if (text_first_hole(code) == 0 && code.n == 1) { /* nothing of it is known: it may change any value */
        m->doubtful = m->guessed = true;
        return basic_unknown_slice(m, text_reason(m->t, code));
    }
    if (code.n > MADE_MAX - host->made || !basic_step(m, code.n / 8 + 10)) {
        m->unread = true;
        return basic_unknown(m, "limit");
    }
    host->made += code.n;
    if (code.n >= VBS_SHOWN_FROM && !(body & BODY_VALUE) && host->n_shown < VBS_SHOWN_MAX) {
        host->n_shown++;
        unmask_show(m->u, m->w, "vbscript", code);
    }
    uint32_t from = m->module < m->n_modules ? m->module : 0;
    uint32_t module = add_text(m, m->modules[from].walk, code, m->line);
    unsigned kind = (body & BODY_VALUE) | (scope ? BODY_LOCAL : BODY_GLOBAL);
    struct basic_proc *p = module < m->n_modules ? basic_declare_body(m, module, name, kind, scope) : NULL;
    if (!p)
        return basic_unknown_slice(m, name);
    if (text_first_hole(code) < code.n && !text_known(code)) {
        slice made = m->modules[module].text;
        bool quoted = false, open = false;
        for (size_t i = 0; i < made.len && !open; i++) {
            quoted = made.at[i] == '"' ? !quoted : quoted && made.at[i] != '\n';
            open = made.at[i] == VBS_UNKNOWN_BYTE && !quoted;
        }
        m->doubtful = m->doubtful || open;
        m->guessed = m->guessed || open;
    }
    return run_body(m, p);
}

void vbs_run_value(struct machine *m, struct value code)
{
    if (code.type == V_STRING)
        (void)vbs_execute(m, code.s, SLICE_LIT("setTimeout"), BODY_GLOBAL);
    else if (code.type == V_OBJECT && code.o)
        (void)basic_object_default(m, code.o, NULL, 0, HOW_GET);
    m->error = 0;
}

/* --- GetRef */

static struct value get_ref(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (m->error || v.type != V_STRING || !text_known(v.s))
        return m->error ? v : basic_unknown(m, "GetRef");
    struct object *o = basic_object_new(m, C_HOST);
    if (!o)
        return basic_unknown(m, "GetRef");
    o->place = HOST_PROCEDURE;
    o->name = text_utf8(m->t, v.s);
    return basic_object(o);
}

bool vbs_procedure_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    bool found;
    if (name != W_item)
        return false;
    *out = basic_call_named(m, text_of(m->t, o->name, TEXT_NOWHERE), args, n, &found);
    if (!found)
        *out = basic_error(m, 5);
    return true;
}

bool vbs_code_call(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out)
{
    struct value v = basic_arg(args, n, 0);
    if (word != W_execute && word != W_executeglobal && word != W_eval && word != W_getref)
        return false;
    if (word == W_getref) {
        *out = get_ref(m, args, n);
        return true;
    }
    v = basic_plain(m, v);
    if (m->error || n == 0) {
        *out = n ? v : basic_error(m, 450);
        return true;
    }
    if (word == W_eval && v.type != V_STRING && v.type != V_UNKNOWN) { /* a number is itself */
        *out = v;
        return true;
    }
    struct text code = basic_string(m, v);
    if (!m->error)
        *out = vbs_execute(m, code, m->names[word].text, word == W_executeglobal ? BODY_GLOBAL : word == W_eval ? BODY_VALUE : 0);
    return true;
}
