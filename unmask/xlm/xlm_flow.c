/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_flow - from cell to cell, as Excel runs a macro sheet.
 *
 * A macro goes down its column; blank cells and constants are stepped over. What stands alone in
 * a cell, or in a branch of an IF that does, is gone to without nesting: obfuscators chain
 * hundreds of macros by RUN. Inside an expression a macro is called and comes back with a value.
 * Loops and blocks (WHILE, FOR, FOR.CELL, IF with one argument) are found by what their cells
 * begin with, as Excel's own look-ahead does.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_private.h"

enum { SKIP_MAX = 20000 };

/* --- conditions */

static bool is_known(struct xlm_value v) { return v.kind == XLM_TRUTH && !(v.leans & XLM_CACHED); }

bool xlm_flow_condition(struct xlm_book *b, struct xlm_value v)
{
    if (is_known(v))
        return v.is.number != 0;
    bool first = v.kind != XLM_TRUTH || v.is.number != 0;
    b->unsure = true;
    if (b->n_chosen == XLM_CHOICES_MAX) {
        b->cut = true;
        return first;
    }
    uint32_t bit = 1u << b->n_chosen;
    bool met = b->n_chosen < b->n_prefix ? (b->prefix & bit) != 0 : first;
    b->chosen |= met ? bit : 0;
    b->n_chosen++;
    return met;
}

static bool ends_all(struct xlm_book *b, uint32_t node, unsigned steps)
{
    const struct xlm_node *n = &b->nodes[node];
    uint8_t form = node && n->op == XLM_OP_CALL && n->function ? xlm_function_at(n->function)->form
                                                               : XLM_PLAIN;
    if (form == XLM_HALT || form == XLM_CLOSE)
        return true;
    if (steps == 0 || (form != XLM_GOTO && form != XLM_RUN) || !n->child ||
        b->nodes[n->child].op != XLM_OP_AREA)
        return false;
    struct xlm_area at = b->nodes[n->child].is.area; /* gone to, to end there */
    uint32_t cell = xlm_book_below(b, at.sheet, at.row, at.col);
    return cell != XLM_NOBODY && ends_all(b, xlm_eval_node_of(b, cell), steps - 1);
}

bool xlm_flow_branch(struct xlm_book *b, struct xlm_value v, uint32_t met, uint32_t other)
{
    if (!is_known(v)) {
        bool ends = ends_all(b, met, 1), other_ends = ends_all(b, other, 1);
        if (ends != other_ends) {
            b->guarded = true;
            return other_ends;
        }
    }
    return xlm_flow_condition(b, v);
}

/* --- frames */

static bool push_frame(struct xlm_book *b, struct xlm_area at, const struct xlm_value *a,
                       uint32_t n, slice entry)
{
    if (b->n_frames == XLM_FRAMES_MAX || at.sheet >= b->n_sheets || !b->sheets[at.sheet].macro) {
        b->limited |= b->n_frames == XLM_FRAMES_MAX;
        return false;
    }
    struct xlm_frame f = { .sheet = at.sheet,
                           .row = at.row,
                           .col = at.col,
                           .caller = b->here,
                           .arguments = b->n_stack,
                           .loops = b->n_loops,
                           .entry = entry };
    for (; f.n_arguments < n && b->n_stack < XLM_STACK_MAX; f.n_arguments++)
        b->stack[b->n_stack++] = a[f.n_arguments];
    b->frames[b->n_frames++] = f;
    return true;
}

static void give_value(struct xlm_book *b, uint32_t cell, struct xlm_value v)
{
    if (cell >= b->n_cells)
        return;
    struct xlm_cell *c = &b->cells[cell];
    xlm_book_touch(b, c);
    c->now = v;
    c->fixed = true;
    b->writes++;
}

static void pop_frame(struct xlm_book *b, struct xlm_value v)
{
    const struct xlm_frame *f = &b->frames[--b->n_frames];
    b->n_stack = f->arguments;
    b->n_loops = f->loops;
    give_value(b, f->caller, v);
}

struct xlm_value xlm_flow_argument(struct xlm_book *b)
{
    struct xlm_frame *f = b->n_frames ? &b->frames[b->n_frames - 1] : NULL;
    if (!f || f->argument_next >= f->n_arguments)
        return xlm_value_error(XLM_NA);
    return b->stack[f->arguments + f->argument_next++];
}

/* --- blocks */

static bool begins(struct xlm_book *b, uint32_t at, uint8_t form)
{
    uint32_t node = at < b->n_cells ? xlm_eval_node_of(b, at) : 0;
    const struct xlm_node *n = &b->nodes[node];
    if (!node || n->op != XLM_OP_CALL || !n->function || xlm_function_at(n->function)->form != form)
        return false;
    return form != XLM_IF || (n->child && !b->nodes[n->child].next);
}

static bool begins_loop(struct xlm_book *b, uint32_t at)
{
    return begins(b, at, XLM_WHILE) || begins(b, at, XLM_FOR) || begins(b, at, XLM_FOR_CELL);
}

/* Behind the NEXT of the loop in whose first cell the macro stands. */
static void skip_loop(struct xlm_book *b, struct xlm_frame *f)
{
    for (uint32_t deep = 0, n = 0; n < SKIP_MAX && xlm_book_spend(b, 1); n++) {
        uint32_t at = xlm_book_below(b, f->sheet, f->row, f->col);
        if (at == XLM_NOBODY)
            break;
        f->row = b->cells[at].row + 1;
        if (begins_loop(b, at))
            deep++;
        else if (begins(b, at, XLM_NEXT) && deep-- == 0)
            return;
    }
    f->row = XLM_ROWS;
}

/* From a block IF that is not met, or from an ELSE that ends what was: behind the ELSE (where
 * `branches`) or the END.IF; at an ELSE.IF, so that it is asked. */
static void skip_block(struct xlm_book *b, struct xlm_frame *f, bool branches)
{
    for (uint32_t deep = 0, n = 0; n < SKIP_MAX && xlm_book_spend(b, 1); n++) {
        uint32_t at = xlm_book_below(b, f->sheet, f->row, f->col);
        if (at == XLM_NOBODY)
            break;
        f->row = b->cells[at].row + 1;
        if (begins(b, at, XLM_IF))
            deep++;
        else if (begins(b, at, XLM_END_IF) && deep-- == 0)
            return;
        else if (deep == 0 && branches && begins(b, at, XLM_ELSE))
            return;
        else if (deep == 0 && branches && begins(b, at, XLM_ELSE_IF)) {
            uint32_t node = xlm_eval_node_of(b, at);
            struct xlm_value v = xlm_value_as_truth(b, xlm_eval(b, b->nodes[node].child));
            if (xlm_flow_condition(b, v))
                return;
        }
    }
    f->row = XLM_ROWS;
}

/* --- loops */

static struct xlm_loop *new_loop(struct xlm_book *b, uint8_t kind, uint32_t row)
{
    if (b->n_loops == XLM_LOOPS_MAX) {
        b->limited = true;
        return NULL;
    }
    b->loops[b->n_loops] = (struct xlm_loop){ .kind = kind, .row = row };
    return &b->loops[b->n_loops++];
}

static struct xlm_loop *loop_at(struct xlm_book *b, const struct xlm_frame *f, uint32_t row)
{
    for (uint32_t i = b->n_loops; i > f->loops; i--)
        if (b->loops[i - 1].row == row) {
            b->n_loops = i; /* those inside were left by a GOTO */
            return &b->loops[i - 1];
        }
    return NULL;
}

static void run_while(struct xlm_book *b, uint32_t child)
{
    struct xlm_value v = xlm_value_as_truth(b, xlm_eval(b, child));
    struct xlm_frame *f = &b->frames[b->n_frames - 1];
    struct xlm_loop *l = loop_at(b, f, f->row - 1);
    bool unknown = v.kind != XLM_TRUTH;
    if (!l)
        l = new_loop(b, XLM_LOOP_WHILE, f->row - 1);
    if (!l)
        return;
    bool on =
        unknown ? !l->asked : xlm_flow_condition(b, v); /* once round, where it is not known */
    if (unknown && !l->asked) {
        l->asked = true;
        l->sure_before = !b->unsettled;
        l->stores_before = b->stores;
        b->unsettled = true;
    }
    if (!on) {
        if (l->asked && l->sure_before && b->stores == l->stores_before) /* it only waited */
            b->unsettled = false;
        b->n_loops--;
        skip_loop(b, f);
    }
}

static slice name_of(struct xlm_book *b, struct xlm_value v)
{
    v = xlm_value_as_text(b, v);
    return v.kind == XLM_TEXT && text_known(v.is.text)
               ? slice_trim(text_utf8(b->t, text_sub(v.is.text, 0, 255)))
               : (slice){ 0 };
}

static bool loop_goes_on(struct xlm_book *b, struct xlm_loop *l)
{
    bool on = l->step < 0 ? l->now >= l->end : l->now <= l->end;
    if (!on)
        return false;
    if (l->kind == XLM_LOOP_FOR) {
        xlm_eval_set_name(b, l->name, xlm_value_number(l->now));
        return true;
    }
    uint32_t cols = l->area.col2 - l->area.col + 1, k = (uint32_t)l->now;
    uint32_t row = l->area.row + k / cols, col = l->area.col + k % cols;
    xlm_eval_set_name(b, l->name,
                      xlm_value_area((struct xlm_area){ l->area.sheet, row, col, row, col }));
    return true;
}

/* FOR("name", from, to, step), FOR.CELL("name", area, skip blanks) */
static void run_for(struct xlm_book *b, const struct xlm_value *a, uint32_t n, bool cells)
{
    struct xlm_frame *f = &b->frames[b->n_frames - 1];
    struct xlm_loop l = { .kind = cells ? XLM_LOOP_CELLS : XLM_LOOP_FOR,
                          .row = f->row - 1,
                          .step = 1 };
    l.name = name_of(b, xlm_function_arg(a, n, 0));
    bool good = true;
    if (cells) {
        good = xlm_eval_area(b, n > 1 ? a[1] : xlm_value_area(b->selected), &l.area);
        l.end =
            good ? (double)(l.area.row2 - l.area.row + 1) * (double)(l.area.col2 - l.area.col + 1) -
                       1
                 : -1;
    } else {
        struct xlm_value from = xlm_value_as_number(b, xlm_function_arg(a, n, 1)),
                         to = xlm_value_as_number(b, xlm_function_arg(a, n, 2));
        struct xlm_value step = n > 3 ? xlm_value_as_number(b, a[3]) : xlm_value_number(1);
        good = from.kind == XLM_NUMBER && to.kind == XLM_NUMBER && step.kind == XLM_NUMBER &&
               step.is.number != 0;
        l.now = good ? from.is.number : 0;
        l.end = good ? to.is.number : 0; /* not known: once round */
        l.step = good ? step.is.number : 1;
        b->unsettled |= !good;
    }
    f = &b->frames[b->n_frames - 1];
    struct xlm_loop *kept = new_loop(b, l.kind, l.row);
    if (!kept)
        return;
    *kept = l;
    if (!loop_goes_on(b, kept)) {
        b->n_loops--;
        skip_loop(b, f);
    }
}

static void run_next(struct xlm_book *b)
{
    struct xlm_frame *f = &b->frames[b->n_frames - 1];
    if (b->n_loops <= f->loops)
        return;
    struct xlm_loop *l = &b->loops[b->n_loops - 1];
    if (l->kind == XLM_LOOP_WHILE) {
        f->row = l->row;
        return;
    }
    l->now += l->step;
    if (loop_goes_on(b, l))
        f->row = l->row + 1;
    else
        b->n_loops--;
}

static void run_break(struct xlm_book *b)
{
    struct xlm_frame *f = &b->frames[b->n_frames - 1];
    if (b->n_loops <= f->loops)
        return;
    b->n_loops--;
    skip_loop(b, f);
}

/* --- cells */

static uint32_t arguments_of(struct xlm_book *b, uint32_t child, struct xlm_value *a, uint32_t max)
{
    uint32_t n = 0;
    for (; child && n < max; child = b->nodes[child].next)
        a[n++] = b->nodes[child].op == XLM_OP_MISSING ? (struct xlm_value){ .kind = XLM_BLANK }
                                                      : xlm_eval(b, child);
    return n;
}

enum { STATEMENT_ARGUMENTS = 16 };

/* A macro that is called where nothing waits for its value: true when it was gone to. */
static bool goes_to_macro(struct xlm_book *b, struct xlm_node n)
{
    struct xlm_value a[STATEMENT_ARGUMENTS] = { { 0 } };
    struct xlm_area at;
    const struct xlm_function *f =
        n.op == XLM_OP_CALL && n.function ? xlm_function_at(n.function) : NULL;
    if (f && f->form == XLM_RUN) {
        uint32_t count = arguments_of(b, n.child, a, STATEMENT_ARGUMENTS);
        if (count && xlm_eval_area(b, a[0], &at))
            (void)push_frame(b, at, a + 1, count - 1, (slice){ 0 });
        return true;
    }
    if (n.op != XLM_OP_CALL_AT)
        return false;
    if (xlm_eval_area(b, xlm_eval(b, n.child), &at)) {
        uint32_t count =
            arguments_of(b, b->nodes[b->nodes[n.child].next].child, a, STATEMENT_ARGUMENTS);
        (void)push_frame(b, at, a, count, (slice){ 0 });
    }
    return true;
}

static struct xlm_value statement(struct xlm_book *b, uint32_t node);

static struct xlm_value run_if(struct xlm_book *b, struct xlm_node n)
{
    uint32_t then = b->nodes[n.child].next;
    if (!then) { /* a block */
        struct xlm_value v = xlm_value_as_truth(b, xlm_eval(b, n.child));
        if (!xlm_flow_condition(b, v))
            skip_block(b, &b->frames[b->n_frames - 1], true);
        return xlm_value_truth(true);
    }
    struct xlm_value v = xlm_value_as_truth(b, xlm_eval(b, n.child));
    if (v.kind == XLM_ERROR)
        return v;
    bool met = xlm_flow_branch(b, v, then, b->nodes[then].next);
    uint32_t branch = met ? then : b->nodes[then].next;
    if (!branch || b->nodes[branch].op == XLM_OP_MISSING)
        return xlm_value_truth(false);
    return statement(b, branch);
}

static struct xlm_value form(struct xlm_book *b, uint8_t which, struct xlm_node n)
{
    struct xlm_value a[STATEMENT_ARGUMENTS] = { { 0 } };
    switch (which) {
    case XLM_WHILE:
        run_while(b, n.child);
        break;
    case XLM_FOR:
    case XLM_FOR_CELL: {
        uint32_t count = arguments_of(b, n.child, a, STATEMENT_ARGUMENTS);
        run_for(b, a, count, which == XLM_FOR_CELL);
        break;
    }
    case XLM_NEXT:
        run_next(b);
        break;
    case XLM_BREAK:
        run_break(b);
        break;
    case XLM_ELSE: /* what was met ends here */
    case XLM_ELSE_IF:
        skip_block(b, &b->frames[b->n_frames - 1], false);
        break;
    case XLM_ARGUMENT: { /* ARGUMENT("name", type, reference) */
        uint32_t count = arguments_of(b, n.child, a, STATEMENT_ARGUMENTS);
        struct xlm_value v = xlm_flow_argument(b);
        struct xlm_area at;
        if (count > 2 && xlm_eval_area(b, a[2], &at))
            xlm_eval_write(b, at, v, false);
        if (count)
            xlm_eval_set_name(b, name_of(b, a[0]), v);
        return v;
    }
    default:
        break;
    }
    return xlm_value_truth(true);
}

/* Deep only as formulas are: an IF in a branch of an IF. */
static struct xlm_value statement(struct xlm_book *b, uint32_t node)
{
    if (!node || !xlm_book_spend(b, 4))
        return xlm_value_unknown(b, "formula");
    struct xlm_node n = b->nodes[node];
    const struct xlm_function *f =
        n.op == XLM_OP_CALL && n.function ? xlm_function_at(n.function) : NULL;
    if (goes_to_macro(b, n))
        return xlm_value_truth(false);
    if (f && f->form == XLM_IF && n.child)
        return run_if(b, n);
    if (f && f->form >= XLM_WHILE)
        return form(b, f->form, n);
    return xlm_eval(b, node);
}

/* For who follows the evaluation: the formula as it is run now. */
static void note(struct xlm_book *b, uint32_t at)
{
    const struct xlm_cell *c = &b->cells[at];
    bool written = c->run == b->run && c->written;
    slice text = written && c->now.kind == XLM_TEXT ? text_utf8(b->t, c->now.is.text) : c->formula;
    unmask_note(b->u, b->w, written ? NO_LINE : c->line, b->n_frames, text);
}

static void run_cell(struct xlm_book *b, uint32_t at)
{
    uint32_t node = xlm_eval_node_of(b, at);
    b->cells[at].reached = true;
    if (!node)
        return;
    if (b->u->trace && !b->trying)
        note(b, at);
    b->here = at;
    b->base = b->depth;
    uint32_t frames = b->n_frames;
    struct xlm_value v = statement(b, node);
    b->here = at;
    if (b->n_frames == frames) { /* else it comes back with one */
        give_value(b, at, xlm_value_result(v.kind == XLM_AREA ? xlm_value_one(b, v) : v));
    }
}

/* Runs until the frames above `floor` are done; the value of the last. */
static struct xlm_value run_frames(struct xlm_book *b, uint32_t floor)
{
    struct xlm_value v = xlm_value_truth(false);
    while (b->n_frames > floor && !b->halts) {
        struct xlm_frame *f = &b->frames[b->n_frames - 1];
        uint32_t at =
            xlm_book_spend(b, 8) ? xlm_book_below(b, f->sheet, f->row, f->col) : XLM_NOBODY;
        if (at == XLM_NOBODY) {
            v = xlm_value_truth(false);
            pop_frame(b, v);
            continue;
        }
        f->row = b->cells[at].row + 1;
        run_cell(b, at);
        if (b->jumps) {
            b->jumps = false;
            f = &b->frames[b->n_frames - 1];
            bool macro = b->jump.sheet < b->n_sheets && b->sheets[b->jump.sheet].macro;
            f->sheet = b->jump.sheet;
            f->row = macro ? b->jump.row : XLM_ROWS;
            f->col = b->jump.col;
        }
        if (b->returns) {
            b->returns = false;
            v = b->result;
            pop_frame(b, v);
        }
    }
    return v;
}

struct xlm_value xlm_flow_call(struct xlm_book *b, struct xlm_area at, const struct xlm_value *a,
                               uint32_t n)
{
    uint32_t floor = b->n_frames, here = b->here, base = b->base;
    text_mark origin = b->origin;
    if (b->pure || b->nesting == XLM_NESTING_MAX || b->depth + 8 > XLM_DEPTH_MAX ||
        !push_frame(b, at, a, n, (slice){ 0 }))
        return xlm_value_unknown(b, "macro");
    b->nesting++;
    b->origin = TEXT_NOWHERE;
    struct xlm_value v = run_frames(b, floor);
    b->origin = origin;
    b->nesting--;
    b->here = here;
    b->base = base;
    return v;
}

void xlm_flow_run(struct xlm_book *b, struct xlm_area at, slice entry)
{
    b->here = XLM_NOBODY;
    b->origin = TEXT_NOWHERE;
    if (push_frame(b, at, NULL, 0, entry))
        (void)run_frames(b, 0);
    b->n_frames = b->n_loops = b->n_stack = 0;
    b->halts = b->jumps = b->returns = false;
}
