/* SPDX-License-Identifier: Apache-2.0 */
/* xlm - Excel 4.0 macros, evaluated from their entries.
 *
 * Reads the view xlm.code (decode/shared/xlm.h). All entries (Auto_Open and its like) run in order
 * in one run. Where a condition is not known the whole is run again for the other answer, the
 * nearer ones to the start first. Macros are locked with the day of the month: where it is asked
 * for, every day is tried, and one on which alone all that is written are formulas is the day; what
 * is done on it is all the macro can do. Where nothing came of all this, every cell that nothing
 * has reached is run, for VBA may call any of them; what was said then is not certain.
 *
 * A part of type "xlm-formula" is a formula that another language hands on (ExecuteExcel4Macro),
 * or the place of a macro (Application.Run): it is evaluated in the workbook that came before it,
 * if there was one.
 *
 * Left out: PASTE and filling, windows, menus and forms; dialogs are answered with success.
 */
#include "unmask/xlm/xlm_private.h"

enum { RUNS_MAX = 48, DAYS = 31, UNREACHED_MAX = 256, RUN_SHARE = 8 };

struct state {
    struct xlm_book *book; /* the last */
};

struct plan {
    uint32_t bits[RUNS_MAX], lengths[RUNS_MAX];
    uint32_t n, next;
    bool all;
};

/* --- runs */

static void run_later(struct xlm_book *b)
{
    for (uint32_t i = 0; i < b->n_later; i++)
        xlm_flow_run(b, b->later[i], SLICE_LIT("ON.TIME"));
    b->n_later = 0;
}

static void run_entries(struct xlm_book *b)
{
    for (uint32_t i = 0; i < b->n_names; i++) {
        struct xlm_area at;
        if (!b->names[i].entry)
            continue;
        b->here = XLM_NOBODY;
        slice name = b->names[i].name;
        struct xlm_value v = xlm_eval_name(b, &b->names[i]);
        if (xlm_eval_area(b, v, &at))
            xlm_flow_run(b, at, name);
        run_later(b);
    }
    xlm_say_files(b);
}

/* The other answer to every question behind the given ones. */
static void plan_more(struct plan *p, const struct xlm_book *b, uint32_t given)
{
    p->all = p->all && !b->cut && !b->out;
    for (uint32_t i = given; i < b->n_chosen; i++) {
        if (p->n == RUNS_MAX) {
            p->all = false;
            return;
        }
        uint32_t below = (1u << i) - 1;
        p->bits[p->n] = (b->chosen & below) | (~b->chosen & 1u << i);
        p->lengths[p->n++] = i + 1;
    }
}

static bool does_harm(const struct xlm_book *b)
{
    for (uint32_t i = 0; i < b->n_effects; i++)
        if (xlm_say_does_harm(&b->effects[i]))
            return true;
    return false;
}

/* Every run may spend a share of what is left, so that one without an end leaves something. */
static uint64_t lend(struct xlm_book *b)
{
    uint64_t kept = b->steps - b->steps / RUN_SHARE;
    b->steps /= RUN_SHARE;
    return kept;
}

static void take_back(struct xlm_book *b, uint64_t kept)
{
    b->limited = b->limited || b->steps < 64;
    b->steps += kept;
    b->out = b->t->full || b->units_left < 64 || walk_over(b->w);
}

static uint32_t run_choices(struct xlm_book *b, struct plan *p, bool ends_at_day)
{
    p->n = p->lengths[0] = 0;
    p->all = true;
    for (p->next = 0, p->n = 1; p->next < p->n && !b->out; p->next++) {
        uint64_t kept = lend(b);
        b->prefix = p->bits[p->next];
        b->n_prefix = p->lengths[p->next];
        b->cut = false;
        xlm_book_start_run(b);
        run_entries(b);
        plan_more(p, b, b->n_prefix);
        if (p->next == 0)
            b->kept_nodes = b->n_nodes; /* formulas are read once */
        take_back(b, kept);
        if (b->asked_day && ends_at_day)
            break;
    }
    p->all = p->all && p->next == p->n;
    return p->next;
}

/* The day on which what the macro writes is all formulas, and more of them than on any other: a
 * macro that is locked with the day does something on this one alone. 0: there is none. */
static uint32_t day_of_lock(struct xlm_book *b)
{
    uint32_t best = 0, most = 0, times = 0;
    b->prefix = b->n_prefix = 0;
    b->trying = true;
    for (b->day = 1; b->day <= DAYS && !b->out; b->day++) {
        uint64_t kept = lend(b);
        xlm_book_start_run(b);
        run_entries(b);
        take_back(b, kept);
        if (b->bad || b->good < most)
            continue;
        times = b->good == most ? times + 1 : 1;
        most = b->good;
        best = b->day;
    }
    b->trying = false;
    b->day = 0;
    return most && times == 1 ? best : 0;
}

static void note_day(struct xlm_book *b)
{
    struct buf line = buf_new(200);
    if (!b->u->trace)
        return;
    if (b->day)
        buf_format(&line,
                   "(the day of the month is not known; of all, only on day %u do the formulas "
                   "make sense)",
                   (unsigned)b->day);
    else
        buf_text(&line, "(the day of the month is not known, and no day alone makes sense)");
    unmask_note(b->u, b->w, NO_LINE, 0, buf_slice(&line));
    buf_drop(&line);
}

/* Macros that nothing calls: from the first formula of each that stands together. */
static void run_unreached(struct xlm_book *b)
{
    b->prefix = b->n_prefix = 0;
    b->guess = true;
    uint32_t runs = 0;
    for (uint32_t i = 0; i < b->n_cells && runs < UNREACHED_MAX && !b->out; i++) {
        const struct xlm_cell *c = &b->cells[i];
        if (c->reached || !c->formula.len || !b->sheets[c->sheet].macro)
            continue;
        uint32_t above = c->row ? xlm_book_cell(b, c->sheet, c->row - 1, c->col) : XLM_NOBODY;
        if (above != XLM_NOBODY && b->cells[above].formula.len && !b->cells[above].reached)
            continue;
        struct xlm_area at = { c->sheet, c->row, c->col, c->row, c->col };
        uint64_t kept = lend(b);
        xlm_book_start_run(b);
        xlm_flow_run(b, at, SLICE_LIT("(no entry)"));
        run_later(b);
        xlm_say_files(b);
        take_back(b, kept);
        runs++;
    }
    b->limited = b->limited || runs == UNREACHED_MAX;
}

static void evaluate(struct xlm_book *b)
{
    struct plan *p = ARENA_NEW(b->mem, struct plan);
    if (!p)
        return;
    uint32_t runs = run_choices(b, p, true);
    if (b->asked_day) {
        b->day = day_of_lock(b);
        note_day(b);
        b->n_effects = 0; /* what comes of another day is not what it does */
        runs = run_choices(b, p, false);
    }
    bool all = p->all;
    if (!does_harm(b))
        run_unreached(b);
    if (b->limited)
        walk_unread_of(b->w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
    xlm_say_all(b, all, runs);
}

/* --- the language */

static struct xlm_book *open_book(struct unmask *u, struct walk *w, slice code)
{
    struct xlm_book *b = unmask_prepare(u, w) ? ARENA_NEW(w->mem, struct xlm_book) : NULL;
    return b && xlm_book_open(b, u, w, code) ? b : NULL;
}

/* Anything a macro could be made of? Most workbooks with a macro sheet have none. */
static bool has_macro(slice code)
{
    return slice_find(code, SLICE_LIT(": macro"), 0) != SIZE_MAX &&
           slice_find(code, SLICE_LIT(": ="), 0) != SIZE_MAX;
}

static void run_formula(struct xlm_book *b, struct walk *w, slice formula)
{
    struct walk *before = b->w;
    uint32_t part = b->part;
    b->w = w;
    b->part = w->part;
    b->n_effects = 0;
    b->guess = b->limited = b->out = false;
    b->prefix = b->n_prefix = 0;
    xlm_book_start_run(b);
    b->origin = texts_origin(b->t, w->part, range_of(0, formula.len), 1);
    struct xlm_value v = xlm_eval_text(b, formula, false);
    if (v.kind == XLM_AREA) /* a macro that is called by its place */
        xlm_flow_run(b, v.is.area, (slice){ 0 });
    run_later(b);
    xlm_say_files(b);
    xlm_say_all(b, !b->unsure, 1);
    b->w = before;
    b->part = part;
}

static void xlm_view(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8,
                     struct range at)
{
    (void)at;
    bool formula = id == FACT_SCRIPT_CODE &&
                   (slice_is(w->type, "xlm-formula") || slice_is(w->type, "vba-formula"));
    if (!formula && (id != FACT_XLM_CODE || !has_macro(utf8)))
        return;
    struct state *s = *state;
    if (!s)
        s = *state = ARENA_NEW(w->mem, struct state);
    if (!s)
        return;
    struct xlm_book *b = formula ? s->book : NULL;
    if (!b)
        b = open_book(u, w, formula ? (slice){ 0 } : utf8);
    if (!b)
        return;
    if (formula)
        run_formula(b, w, utf8);
    else
        evaluate(b);
    s->book = b;
}

const struct language language_xlm = { .name = "xlm", .view = xlm_view };
