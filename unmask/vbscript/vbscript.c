/* SPDX-License-Identifier: Apache-2.0 */
/* vbscript - what VBScript would do: scripts, script files, HTML applications.
 *
 * Reads script.code of the type "vbscript" and the VBScript of pages and script files
 * (decode/page.h) as one program. The machine is that of unmask/basic ([MS-VBAL], of which VBScript is
 * the part without types); what differs follows Microsoft's VBScript language reference: all is
 * Variant, statements outside of procedures run from top to bottom, Execute and Eval, GetRef.
 * On a page, handlers that run by themselves follow; what needs a click is possible only.
 *
 * Left out: the script's own file and arguments (unknown), calls into JScript of the same page,
 * events of objects, the byte functions (MidB). */
#include "base/text.h"
#include "unmask/vbscript/vbscript_private.h"

enum { SOURCE_MAX = 8 << 20, LATER_STEPS = 300000, ORPHANS_MAX = 400 };

/* VBScript language reference, "Functions (VBScript)". */
static bool function_is(uint32_t word)
{
    switch (word) {
    case W_abs: case W_array: case W_asc: case W_ascb: case W_ascw: case W_atn: case W_cbool: case W_cbyte: case W_ccur: case W_cdate:
    case W_cdbl: case W_chr: case W_chrb: case W_chrw: case W_cint: case W_clng: case W_cos: case W_createobject: case W_csng: case W_cstr:
    case W_date: case W_dateadd: case W_datediff: case W_datepart: case W_dateserial: case W_datevalue: case W_day: case W_escape:
    case W_eval: case W_execute: case W_executeglobal: case W_exp: case W_filter: case W_fix: case W_formatcurrency:
    case W_formatdatetime: case W_formatnumber: case W_formatpercent: case W_getlocale: case W_getobject: case W_getref: case W_hex:
    case W_hour: case W_inputbox: case W_instr: case W_instrb: case W_instrrev: case W_int: case W_isarray: case W_isdate: case W_isempty:
    case W_isnull: case W_isnumeric: case W_isobject: case W_join: case W_lbound: case W_lcase: case W_left: case W_leftb: case W_len:
    case W_lenb: case W_loadpicture: case W_log: case W_ltrim: case W_mid: case W_midb: case W_minute: case W_month: case W_monthname:
    case W_msgbox: case W_now: case W_oct: case W_randomize: case W_replace: case W_rgb: case W_right: case W_rightb: case W_rnd:
    case W_round: case W_rtrim: case W_scriptengine: case W_scriptenginebuildversion: case W_scriptenginemajorversion:
    case W_scriptengineminorversion: case W_second: case W_setlocale: case W_sgn: case W_sin: case W_space: case W_split: case W_sqr:
    case W_strcomp: case W_string: case W_strreverse: case W_tan: case W_time: case W_timer: case W_timeserial: case W_timevalue:
    case W_trim: case W_typename: case W_ubound: case W_ucase: case W_unescape: case W_vartype: case W_weekday: case W_weekdayname:
    case W_year: return true;
    default: return false;
    }
}

static const struct basic_dialect dialect = {
    .script = true, .function_is = function_is, .has = vbs_has, .call = vbs_call, .assign = vbs_assign, .member = vbs_member,
};

/* --- running */

static void fresh(struct machine *m)
{
    m->hurry = m->ended = m->doubtful = m->guessed = false;
    m->error = 0;
    m->explored = 0;
    m->share = 0;
}

static void run_body(struct machine *m, struct basic_proc *p)
{
    if (!p || m->stop || m->ended || !basic_compile(m, p))
        return;
    m->line = p->line;
    m->module = p->module;
    m->error = 0;
    (void)basic_call_proc(m, p, NULL, NULL, 0);
    m->error = 0;
}

static void run_proc(struct machine *m, struct basic_proc *p)
{
    struct arg none[8];
    if (m->stop || m->ended)
        return;
    m->line = p->line;
    m->module = p->module;
    m->error = 0;
    if (!basic_compile(m, p))
        return;
    for (uint32_t i = 0; i < 8; i++)
        none[i] = (struct arg){ .v = basic_unknown(m, "argument of the event") };
    (void)basic_call_proc(m, p, NULL, none, p->n_params < 8 ? p->n_params : 8);
    m->error = 0;
}

static void run_timers(struct machine *m)
{
    struct vbs *host = vbs_of(m);
    for (uint32_t i = 0; i < host->n_timers && !m->stop && !m->ended; i++)
        vbs_run_value(m, host->timers[i]); /* which may set others */
}

/* "Window_onLoad": when = PAGE_LOAD; "Button1_onClick": PAGE_LATER */
static bool is_event(const struct machine *m, const struct basic_proc *p, enum page_when when)
{
    slice s = m->names[p->name].text;
    size_t at = slice_find_nocase(s, SLICE_LIT("_on"), 0);
    return at != SIZE_MAX && m->modules[p->module].kind == MODULE_STANDARD && p->kind < PROC_GET &&
           (page_event_by_itself(slice_from(s, at + 1)) ? PAGE_LOAD : PAGE_LATER) == when;
}

static void run_events(struct machine *m, enum page_when when)
{
    for (struct basic_proc *p = m->procs; p && !m->stop; p = p->next)
        if (!p->called && is_event(m, p, when))
            run_proc(m, p);
}

/* Nothing came of it: a text that is cut off, or a host that calls what is not known. */
static void run_orphans(struct machine *m)
{
    uint32_t n = 0;
    bool unread = m->unread;
    m->steps = m->steps < LATER_STEPS ? m->steps : LATER_STEPS;
    m->maybe++;
    for (struct basic_proc *p = m->procs; p && !m->stop && n < ORPHANS_MAX; p = p->next)
        if (!p->called && p->kind < PROC_GET && m->modules[p->module].kind == MODULE_STANDARD) {
            n++;
            fresh(m);
            run_proc(m, p);
        }
    m->maybe--;
    m->unread = unread;
}

struct program {
    struct machine *m;
    struct vbs *host;
    struct basic_proc **bodies;
    enum page_when *when;
    uint32_t n;
};

static bool begin(struct program *p, struct unmask *u, struct walk *w, struct script_page *page, uint32_t scripts)
{
    struct machine *m = unmask_prepare(u, w) ? ARENA_NEW(w->mem, struct machine) : NULL;
    struct vbs *host = m ? ARENA_NEW(w->mem, struct vbs) : NULL;
    *p = (struct program){ .m = m, .host = host };
    p->bodies = host ? ARENA_ARRAY(w->mem, struct basic_proc *, scripts) : NULL;
    p->when = p->bodies ? ARENA_ARRAY(w->mem, enum page_when, scripts) : NULL;
    if (!p->when)
        return false;
    bool handed = w->how == HOW_UNMASK;
    *host = (struct vbs){ .page = page, .browser = page ? !page->job : handed, .wsh = page ? page->job : true };
    *m = (struct machine){ .dialect = &dialect, .host = host, .u = u, .w = w, .mem = w->mem, .t = &u->texts, .steps = BASIC_STEPS_MAX };
    m->err = basic_object_new(m, C_ERR);
    if (!m->err || !basic_lex_start(m))
        return false;
    m->names[W_execute].text = SLICE_LIT("Execute"); /* as call paths show them */
    m->names[W_executeglobal].text = SLICE_LIT("ExecuteGlobal");
    m->names[W_eval].text = SLICE_LIT("Eval");
    return true;
}

static void add(struct program *p, struct walk *w, const struct page_script *s)
{
    struct machine *m = p->m;
    slice name = s->event.len ? s->event : SLICE_LIT("script");
    if (s->code.len > SOURCE_MAX - p->host->made) {
        m->unread = true;
        return;
    }
    p->host->made += s->code.len;
    uint32_t module = vbs_add_source(m, w, s);
    struct basic_proc *q = module < m->n_modules ? basic_declare_body(m, module, name, BODY_GLOBAL, NULL) : NULL;
    if (q) {
        p->bodies[p->n] = q;
        p->when[p->n++] = s->when;
    }
}

static void run_when(struct program *p, enum page_when when)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->when[i] == when)
            run_body(p->m, p->bodies[i]);
}

static void run(struct program *p)
{
    struct machine *m = p->m;
    p->host->made = 0;
    m->share = m->steps / 4; /* for what comes behind a loop that takes too long */
    for (uint32_t i = 0; i < p->n; i++) /* what is a variable of all is known before anything runs */
        (void)basic_compile(m, p->bodies[i]);
    run_when(p, PAGE_NOW);
    m->share = 0;
    if (p->host->browser && !m->ended) {
        run_when(p, PAGE_LOAD);
        run_events(m, PAGE_LOAD);
        run_timers(m);
        uint64_t kept = m->steps;
        m->maybe++;
        m->steps = kept < LATER_STEPS ? kept : LATER_STEPS;
        run_when(p, PAGE_LATER);
        run_events(m, PAGE_LATER);
        m->maybe--;
    }
    if (m->n_effects == 0)
        run_orphans(m);
    vbs_page_end(m);
    basic_say_rest(m);
    if (m->unread || m->out_of_memory)
        walk_unread_of(m->w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
}

/* --- what is seen */

/* A script of a script file is evaluated with the others. */
static bool is_of_file(const struct walk *w) { return w->up && slice_is(w->up->type, "wsf") && w->how == HOW_UNMASK; }

/* Text that was handed on, and what was too long to be said as a page. */
static void see_code(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    struct program p;
    const uint32_t *done = *state;
    if (id != FACT_SCRIPT_CODE || !slice_is(w->type, "vbscript") || is_of_file(w) || utf8.len == 0 || (done && *done == w->part))
        return;
    struct page_script s = { .code = utf8, .at = at, .line = 1, .exact = at.to - at.from == utf8.len };
    if (begin(&p, u, w, NULL, 1)) {
        add(&p, w, &s);
        run(&p);
    }
}

static void see_page(struct unmask *u, struct walk *w, void **state, struct script_page *page)
{
    struct program p;
    uint32_t n = 0;
    for (uint32_t i = 0; i < page->n_scripts; i++)
        n += page->scripts[i].language == PAGE_VBSCRIPT;
    if (n == 0 || is_of_file(w) || !begin(&p, u, w, page, n))
        return;
    struct walk *copy = ARENA_NEW(w->mem, struct walk);
    uint32_t *done = copy ? ARENA_NEW(w->mem, uint32_t) : NULL;
    if (!done)
        return;
    *copy = *w;
    *done = w->part;
    for (uint32_t i = 0; i < page->n_scripts; i++)
        if (page->scripts[i].language == PAGE_VBSCRIPT)
            add(&p, copy, &page->scripts[i]);
    run(&p);
    *state = done; /* behind what it has handed on */
}

const struct language language_vbscript = { .name = "vbscript", .view = see_code, .page = see_page };
