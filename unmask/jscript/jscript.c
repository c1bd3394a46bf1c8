/* SPDX-License-Identifier: Apache-2.0 */
/* jscript - JScript and JavaScript: what a script would fetch, write and run.
 *
 * Follows ECMA-262 (12th edition) and, for the script host, [MS-ES3] and [MS-ES3EX]. Reads
 * script.code of the type "jscript" (the script host, with its objects), html.script (a page) and
 * pdf.script (Acrobat). A program is parsed whole and evaluated by walking its tree; steps are
 * counted. What comes from outside is unknown, see jscript_fork.c for conditions on it.
 *
 * Left out: generators, Proxy, modules, WebAssembly, decorators; what is asynchronous is run in
 * the order in which it was asked for. */
#include "unmask/jscript/jscript_private.h"

bool js_step(struct js *m, uint64_t n)
{
    if (m->stop)
        return false;
    m->steps += (uint32_t)(n < JS_STEPS_MAX ? n : JS_STEPS_MAX);
    m->work += n;
    if (m->steps > JS_STEPS_MAX ||
        (m->work >= 4096 && !walk_work(m->w, m->work * JS_WORK_PER_STEP)) || m->t->full) {
        m->stop = m->limited = true;
        return false;
    }
    if (m->work >= 4096)
        m->work = 0;
    return true;
}

static uint32_t line_of(const struct js_source *s, uint32_t at)
{
    uint32_t line = s->line ? s->line : 1;
    for (uint32_t i = 0; i < at && i < s->n; i++)
        line += s->units[i] == '\n';
    return line;
}

/* NAME = VALUE, or WHAT(VALUE). */
void js_note(struct js *m, const struct js_source *s, uint32_t at, struct js_value v,
             const char *what)
{
    struct text out = { 0 };
    uint32_t end = at;
    if (!m->u->trace || m->stop)
        return;
    if (!what) {
        while (end < s->n && js_is_name(s->units[end], end == at))
            end++;
        out = text_join(m->t, text_sub(s->s, at, end - at), js_cstr(m, " = ").s);
    } else {
        out = text_join(m->t, js_cstr(m, what).s, js_cstr(m, "(").s);
    }
    if (v.kind == JS_STRING)
        out = text_join(m->t, text_join(m->t, out, js_cstr(m, "\"").s),
                        text_join(m->t, text_sub(v.s, 0, 2000), js_cstr(m, "\"").s));
    else if (v.kind == JS_OBJECT)
        out = text_join(m->t, out,
                        js_cstr(m, js_is_callable(v)        ? "function"
                                   : v.o->class_ == C_ARRAY ? "[...]"
                                                            : "{...}")
                            .s);
    else
        out = text_join(m->t, out, js_text(m, v));
    if (what)
        out = text_join(m->t, out, js_cstr(m, ")").s);
    unmask_note(m->u, m->w, line_of(s, at), m->calls, text_utf8(m->t, out));
}

/* The units of a script, each line with where it stands. */
static bool read_source(struct js *m, slice utf8, struct range at, bool exact,
                        struct js_source *out)
{
    struct text s = { 0 };
    utf8 = slice_sub(utf8, 0, JS_SOURCE_MAX);
    if (!exact) {
        s = text_of(m->t, utf8, texts_origin(m->t, m->w->part, at, NO_LINE));
    } else {
        s = text_of_lines(m->t, utf8, m->w->part, at.from);
    }
    uint16_t *units = ARENA_ARRAY(m->mem, uint16_t, (size_t)s.n + 1);
    if (!units || (s.n == 0 && utf8.len))
        return false;
    for (uint32_t i = 0; i < s.n; i++)
        units[i] = text_unit(s, i);
    *out = (struct js_source){ .s = s, .units = units, .n = s.n, .line = 1, .whole = exact };
    return true;
}

static struct js *machine_new(struct unmask *u, struct walk *w, enum js_place place)
{
    struct js *m = unmask_prepare(u, w) ? ARENA_NEW(w->mem, struct js) : NULL;
    if (!m)
        return NULL;
    *m = (struct js){ .u = u, .w = w, .t = &u->texts, .mem = w->mem, .place = place };
    m->opened = 1;
    if (!js_atoms_init(m))
        return NULL;
    m->frame = ARENA_NEW(w->mem, struct js_frame);
    m->global = js_object_new(m, C_GLOBAL, O_OBJECT);
    if (!m->global || !m->frame)
        return NULL;
    m->global->owner = O_GLOBAL;
    m->global->proto = NULL; /* the chain of scopes ends here */
    m->scope = m->global;
    m->self = js_of(m->global);
    return m;
}

/* Timers and handlers, in the order in which they were given. */
static void run_later(struct js *m)
{
    for (uint32_t i = 0; i < m->n_called && !m->stop; i++) {
        struct js_value f = m->called[i];
        m->thrown = false;
        if (f.kind == JS_OBJECT && m->called_maybe[i]) {
            struct js_value event = js_unknown(m, "event");
            js_call_open(m, f, &event, 1);
        } else if (f.kind == JS_OBJECT) {
            struct js_value event = js_unknown(m, "event");
            (void)js_call(m, f, js_undefined(), &event, 1);
        } else {
            m->maybe += m->called_maybe[i];
            (void)js_eval_text(m, f, m->global);
            m->maybe -= m->called_maybe[i];
        }
    }
    m->thrown = false;
}

static void run_program(struct js *m, slice utf8, struct range at, uint32_t line, bool exact)
{
    struct js_source *source = ARENA_NEW(m->mem, struct js_source);
    if (!source || m->stop || m->quit || !walk_work(m->w, utf8.len * 20) ||
        !read_source(m, utf8, at, exact, source))
        return;
    source->line = line;
    struct js_code *code = js_parse(m, source, false);
    if (!code)
        return;
    m->source = source;
    m->broken = m->broken || !code->simple;
    m->thrown = false;
    js_hoist(m, code, m->global);
    (void)js_run_list(m, code->body);
    m->limited = m->limited || utf8.len > JS_SOURCE_MAX;
}

static void end_program(struct js *m)
{
    bool quit = m->quit;
    m->quit = m->thrown = false;
    if (!quit)
        run_later(m);
    m->thrown = false;
    js_page_end(m);
    js_say_rest(m);
    if (m->limited)
        walk_unread_of(m->w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
}

/* --- the language */

/* Handed on from somewhere else: whatever host it is, it has what it asks for. */
static enum js_place place_of(const struct walk *w)
{
    bool alone = w->up && (slice_is(w->up->type, "jscript") || slice_is(w->up->type, "jse"));
    return w->how == HOW_HTML || (w->how == HOW_UNMASK && !alone) ? PLACE_OPEN : PLACE_HOST;
}

static void jscript_view(struct unmask *u, struct walk *w, void **state, enum fact_id id,
                         slice utf8, struct range at)
{
    (void)state;
    bool script = id == FACT_SCRIPT_CODE && slice_is(w->type, "jscript") &&
                  !(w->up && slice_is(w->up->type, "wsf"));
    if (utf8.len == 0 || (!script && id != FACT_PDF_SCRIPT))
        return;
    struct js *m = machine_new(u, w, script ? place_of(w) : PLACE_PDF);
    if (!m)
        return;
    run_program(m, utf8, at, 1, at.to - at.from == utf8.len);
    end_program(m);
}

/* VBScript between: see jscript_mixed.c. Handlers of its own are not. */
static void run_other(struct js *m, const struct page_script *s)
{
    if (s->language != PAGE_VBSCRIPT || s->when != PAGE_NOW || m->stop)
        return;
    slice code = js_from_vbscript(m, s->code);
    if (code.len)
        run_program(m, code, s->at, s->line, false);
}

/* Scripts of a page know each other; an error in one does not keep the next from running. */
static void jscript_page(struct unmask *u, struct walk *w, void **state, struct script_page *p)
{
    struct js *m = NULL;
    bool ours = false;
    (void)state;
    for (uint32_t i = 0; i < p->n_scripts; i++)
        ours = ours || p->scripts[i].language == PAGE_JSCRIPT;
    for (unsigned when = PAGE_NOW; when <= PAGE_LATER; when++)
        for (uint32_t i = 0; i < p->n_scripts; i++) {
            const struct page_script *s = &p->scripts[i];
            if (!ours || s->language == PAGE_OTHER || s->when != when || s->code.len == 0)
                continue;
            if (!m && !(m = machine_new(u, w, p->job ? PLACE_HOST : PLACE_PAGE)))
                return;
            m->page = p;
            for (uint32_t k = 0; k < p->n_scripts; k++)
                m->mixed = m->mixed || p->scripts[k].language != PAGE_JSCRIPT;
            if (s->language != PAGE_JSCRIPT) {
                run_other(m, s);
                continue;
            }
            if (when == PAGE_LATER && m->n_called)
                run_later(m), m->n_called = 0;
            m->maybe += when == PAGE_LATER;
            run_program(m, s->code, s->at, s->line, s->exact);
            m->maybe -= when == PAGE_LATER;
        }
    if (m)
        end_program(m);
}

const struct language language_jscript = { .name = "jscript",
                                           .view = jscript_view,
                                           .page = jscript_page };
