/* SPDX-License-Identifier: Apache-2.0 */
/* vba - what the macros of a document would do: [MS-VBAL].
 *
 * Modules are collected while they pass; when their project ends it is evaluated, from what Word,
 * Excel, PowerPoint and Outlook call by themselves. Procedures are read when they are first
 * called, so that junk costs nothing. Where no entry has an effect, every procedure that nothing
 * called is tried, and what it does is said to be possible only.
 *
 * Left out: compiled code, LSet of records (unknown), what a library does that is
 * not modelled (unknown, under its name), events of objects, error traps of the host. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

static const struct basic_dialect dialect = { .module_member = vba_host_member, .constant = vba_constant };

enum { MODULES_FIRST = 16, ORPHANS_MAX = 400, ORPHANS_STEPS = 300000, SHARE_MIN = 100000 };

struct collected {
    uint32_t project;
    struct basic_module *modules;
    uint32_t n, room;
    uint64_t length;
    bool cut;
};

static bool add(struct walk *w, struct collected *all, struct walk *copy, slice text, uint32_t at, uint32_t line)
{
    if (all->n == BASIC_MODULES_MAX) {
        all->cut = true;
        return false;
    }
    if (all->n == all->room) {
        uint32_t room = all->room ? all->room * 2 : MODULES_FIRST;
        struct basic_module *more = arena_regrow(w->mem, all->modules, all->n * sizeof *more, room, sizeof *more);
        if (!more)
            return false;
        all->modules = more;
        all->room = room;
    }
    all->modules[all->n++] = (struct basic_module){ .walk = copy, .text = text, .at = at, .line = line };
    return true;
}

static uint32_t lines_in(slice s)
{
    uint32_t n = 0;
    for (size_t i = 0; (i = slice_find_byte(s, '\n', i)) != SIZE_MAX; i++)
        n++;
    return n;
}

/* A file of source may hold several modules one behind the other, each with its own name. */
static void add_all(struct walk *w, struct collected *all, struct walk *copy, slice text)
{
    static const slice mark = SLICE_INIT("\nAttribute VB_Name");
    size_t from = 0;
    uint32_t line = 1;
    while (from < text.len) {
        size_t next = slice_find(text, mark, from + 1);
        next = next == SIZE_MAX ? text.len : next + 1;
        slice one = slice_sub(text, from, next - from);
        if (!add(w, all, copy, one, (uint32_t)from, line))
            return;
        line += next < text.len ? lines_in(one) : 0;
        from = next;
    }
}

static void collect(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)at;
    if (id != FACT_VBA_CODE || !w->up || utf8.len == 0)
        return;
    if (!*state)
        *state = ARENA_NEW(w->mem, struct collected);
    struct collected *all = *state;
    if (!all || !unmask_prepare(u, w))
        return;
    if (all->n == 0)
        all->project = w->up->part;
    if (all->project != w->up->part)
        return;
    if (utf8.len > BASIC_SOURCE_MAX - all->length) {
        all->cut = true;
        return;
    }
    struct walk *copy = ARENA_NEW(w->mem, struct walk);
    if (!copy)
        return;
    *copy = *w;
    add_all(w, all, copy, utf8);
    all->length += utf8.len;
}

/* --- what is called by itself */

static const char *const entries[] = {
    "autoopen", "autoexec", "autonew", "autoclose", "autoexit", "auto_open", "auto_close", "auto_activate", "auto_deactivate",
    "document_open", "document_new", "document_close", "document_beforeclose", "documentopen", "documentbeforeclose",
    "document_contentcontrolonenter", "workbook_open", "workbook_activate", "workbook_beforeclose", "workbook_deactivate", "workbook_newsheet",
    "workbook_beforesave", "workbook_sheetactivate", "worksheet_activate", "worksheet_change", "worksheet_calculate", "worksheet_selectionchange",
    "app_documentopen", "app_workbookopen", "application_startup", "application_quit", "application_newmail", "application_newmailex",
    "presentation_open", "slideshow_onnext", "onslideshowpagechange", "onslideshowterminate", "auto_print", "fileopen", "filesave", "filesaveas", "fileclose",
    "fileprint", "fileprintdefault", "filenew", "document_sync", "class_initialize", "userform_initialize", "userform_activate", "userform_click",
};

/* Events that a control, a page or the window raises without or with little doing of the reader. */
static const char *const events[] = {
    "_painted", "_painting", "_layout", "_resize", "_gotfocus", "_lostfocus", "_mousemove", "_mousehover", "_change", "_click",
    "_documentcomplete", "_downloadcomplete", "_titlechange", "_statustextchange", "_navigatecomplete2", "_beforenavigate2", "_onload",
    "_currentviewchanged", "_enter", "_initialize", "_activate", "_contentcontrolonenter", "_onconnecting", "_onconnected",
    "_bufferedstatechange",
};

static int rank_of(const struct machine *m, const struct basic_proc *p)
{
    slice name = m->names[p->name].text;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (slice_is_nocase(name, entries[i]))
            return slice_starts_nocase(name, "userform") || slice_starts_nocase(name, "class_") ? 2 : 1;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (slice_ends_nocase(name, events[i]))
            return 2;
    return 0;
}

static void enter(struct machine *m, struct basic_proc *p)
{
    struct arg none[8];
    uint64_t share = m->steps > SHARE_MIN ? m->steps / 4 * 3 : m->steps;
    m->share = m->steps - share;
    m->hurry = m->ended = m->doubtful = m->guessed = false;
    m->error = 0;
    m->explored = 0;
    m->line = p->line;
    m->module = p->module;
    /* What an event brings along is not known. */
    if (!basic_compile(m, p))
        return;
    for (uint32_t i = 0; i < 8; i++)
        none[i] = (struct arg){ .v = basic_unknown(m, "argument of the event") };
    (void)basic_call_proc(m, p, NULL, none, p->n_params < 8 ? p->n_params : 8);
    m->error = 0;
}

static void run_entries(struct machine *m)
{
    for (int rank = 1; rank <= 2; rank++)
        for (struct basic_proc *p = m->procs; p && !m->stop; p = p->next)
            if (rank_of(m, p) == rank && (rank == 1 || !p->called))
                enter(m, p);
}

/* Nothing came of it: an entry that is not known (a ribbon, a button), or one that is hidden. */
static void run_orphans(struct machine *m)
{
    uint32_t n = 0;
    bool unread = m->unread;
    m->steps = m->steps < ORPHANS_STEPS ? m->steps : ORPHANS_STEPS;
    m->maybe++;
    for (struct basic_proc *p = m->procs; p && !m->stop && n < ORPHANS_MAX; p = p->next)
        if (!p->called && p->kind < PROC_GET) {
            n++;
            enter(m, p);
        }
    m->maybe--;
    m->unread = unread; /* nothing says that they run at all */
}

/* --- one project */

static void host_of(struct machine *m)
{
    for (uint32_t i = 0; i < m->n_modules; i++) {
        slice name = m->names[m->modules[i].name].text;
        m->word = m->word || slice_is_nocase(name, "ThisDocument");
        m->excel = m->excel || slice_is_nocase(name, "ThisWorkbook");
    }
    for (const struct walk *w = m->w; w; w = w->up) {
        m->excel = m->excel || slice_starts(w->type, SLICE_LIT("xls"));
        m->word = m->word || slice_starts(w->type, SLICE_LIT("doc")) || slice_starts(w->type, SLICE_LIT("dotm"));
        m->powerpoint = m->powerpoint || slice_starts(w->type, SLICE_LIT("ppt")) || slice_starts(w->type, SLICE_LIT("pps"));
    }
    m->word = m->word && !m->excel;
}

static bool read_modules(struct machine *m)
{
    for (uint32_t i = 0; i < m->n_modules; i++) {
        slice name = m->modules[i].walk->name;
        m->modules[i].name = name.len ? basic_lex_name(m, name) : W_NONE;
        if (!basic_lex_module(m, i))
            return false;
    }
    for (uint32_t i = 0; i < m->n_modules; i++)
        if (!basic_declare_scan(m, i))
            return false;
    host_of(m);
    for (uint32_t i = 0; i < m->n_modules; i++) {
        slice name = m->names[m->modules[i].name].text;
        if (slice_is_nocase(name, "ThisDocument") || slice_is_nocase(name, "ThisWorkbook"))
            m->modules[i].kind = MODULE_DOCUMENT;
    }
    return true;
}

static void evaluate(struct unmask *u, struct walk *w, const struct collected *all)
{
    struct machine *m = ARENA_NEW(w->mem, struct machine);
    if (!m)
        return;
    *m = (struct machine){ .dialect = &dialect, .u = u, .w = w, .mem = w->mem, .t = &u->texts, .modules = all->modules, .n_modules = all->n, .steps = BASIC_STEPS_MAX };
    m->err = basic_object_new(m, C_ERR);
    m->unread = all->cut;
    if (m->err && basic_lex_start(m) && read_modules(m)) {
        run_entries(m);
        if (m->n_effects == 0)
            run_orphans(m);
        basic_say_rest(m);
    }
    if (m->unread || m->out_of_memory)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
}

static void end(struct unmask *u, struct walk *w, void **state, enum walk_end how)
{
    struct collected *all = *state;
    (void)how;
    if (!all || all->n == 0 || all->project != w->part)
        return;
    struct collected now = *all;
    *all = (struct collected){ 0 }; /* what is handed on may hold projects of its own */
    evaluate(u, w, &now);
}

const struct language language_vba = { .name = "vba", .view = collect, .part_end = end };
