/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent - what the Excel 4.0 macros of a workbook would do, as far as their text says so:
 * entries, calls that reach outside, the way between them, text put together from constants and
 * cells, questions about the computer, traces of obfuscation.
 *
 * Reads the view xlm.code (decode/shared/xlm.h). Formulas are folded, not evaluated: no condition is
 * decided, no loop is run; what macros write into cells and names is taken as written, whenever
 * that would be. A full evaluator goes further; this one is linear in the text.
 */
#include "observe/part/observe.h"
#include "observe/part/xlm_intent_private.h"
#include "base/text.h"
#include <stdlib.h>

enum { ROUNDS = 3, CELLS_MAX = 1 << 19, NAMES_MAX = 1 << 16, TEXT_MADE = 16 << 20, WORK_PER_BYTE = 12 };

/* --- order: by sheet, column, row, so that the cell below is the next one */

static int compare_at(const struct xlm_at *a, const struct xlm_at *b)
{
    if (a->sheet != b->sheet)
        return a->sheet < b->sheet ? -1 : 1;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static int by_cell(const void *a, const void *b)
{
    const struct xlm_cell *p = a, *q = b;
    int order = compare_at(&p->at, &q->at);
    if (order)
        return order;
    return p->line < q->line ? -1 : p->line > q->line;
}

static int compare_names(slice a, slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        uint8_t x = ascii_lower(a.at[i]), y = ascii_lower(b.at[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static int by_name(const void *a, const void *b)
{
    const struct xlm_name *p = a, *q = b;
    int order = compare_names(p->name, q->name);
    if (order)
        return order;
    return p->line < q->line ? -1 : p->line > q->line;
}

struct xlm_cell *xlm_intent_cell(struct xlm_code *c, struct xlm_at at)
{
    size_t from = 0, to = c->n_cells;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (compare_at(&c->cells[mid].at, &at) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->n_cells && compare_at(&c->cells[from].at, &at) == 0 ? &c->cells[from] : NULL;
}

struct xlm_name *xlm_intent_name(struct xlm_code *c, slice name)
{
    size_t from = 0, to = c->n_names;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (compare_names(c->names[mid].name, name) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->n_names && compare_names(c->names[from].name, name) == 0 ? &c->names[from]
                                                                                : NULL;
}

/* Quoted names are compared without their doubled quotes. */
static slice unquoted(struct xlm_code *c, slice name)
{
    if (slice_find_byte(name, '\'', 0) == SIZE_MAX)
        return name;
    struct buf b = buf_new(4096);
    for (size_t i = 0; i < name.len; i++) {
        buf_byte(&b, name.at[i]);
        i += name.at[i] == '\'' && i + 1 < name.len && name.at[i + 1] == '\'';
    }
    slice copy = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return copy;
}

uint32_t xlm_intent_sheet(struct xlm_code *c, slice name, bool quoted)
{
    if (quoted)
        name = unquoted(c, name);
    /* "[Book1.xlsm]Macro1" is the book itself more often than not. */
    size_t book = slice_find_byte(name, ']', 0);
    if (book != SIZE_MAX)
        name = slice_from(name, book + 1);
    for (uint32_t i = 0; i < c->n_sheets; i++)
        if (slice_eq_nocase(c->sheets[i].name, name))
            return i;
    return XLM_NONE;
}

/* --- lines */

/* "Macro1!A1" or "'a b'!A1" at the start; what is left begins behind the cell. */
static bool read_place(struct xlm_code *c, slice line, struct xlm_at *at_out, size_t *used_out)
{
    size_t i = 0;
    bool quoted = line.len > 0 && line.at[0] == '\'';
    if (quoted) {
        for (i = 1; i < line.len; i++) {
            if (line.at[i] != '\'')
                continue;
            if (i + 1 < line.len && line.at[i + 1] == '\'')
                i++;
            else
                break;
        }
    } else {
        size_t mark = slice_find_byte(line, '!', 0);
        i = mark == SIZE_MAX ? line.len : mark;
    }
    slice name = quoted ? slice_sub(line, 1, i - 1) : slice_sub(line, 0, i);
    i += quoted;
    size_t colon = slice_find_byte(line, ':', i);
    if (i >= line.len || line.at[i] != '!' || colon == SIZE_MAX)
        return false;
    at_out->sheet = c->n_sheets && slice_eq(c->sheets[c->n_sheets - 1].name, name)
                        ? c->n_sheets - 1
                        : xlm_intent_sheet(c, name, quoted);
    struct xlm_at here = { at_out->sheet, 0, 0 };
    if (!xlm_intent_parse_ref(c, slice_sub(line, i + 1, colon - i - 1), here, at_out))
        return false;
    *used_out = colon + 1;
    return at_out->sheet != XLM_NONE;
}

static void read_sheet(struct xlm_code *c, slice line, struct range range, uint32_t number)
{
    size_t colon = line.len;
    while (colon > 0 && line.at[colon - 1] != ':')
        colon--;
    if (colon < 2 || c->n_sheets == XLM_SHEETS_MAX)
        return;
    slice name = slice_sub(line, 0, colon - 1), rest = slice_from(line, colon);
    bool quoted = name.len > 1 && name.at[0] == '\'';
    if (quoted)
        name = unquoted(c, slice_sub(name, 1, name.len - 2));
    c->sheets[c->n_sheets++] = (struct xlm_sheet){
        .name = name,
        .macro = slice_starts(rest, SLICE_LIT(" macro")),
        .hidden = slice_find(rest, SLICE_LIT("hidden"), 0) != SIZE_MAX,
        .very_hidden = slice_find(rest, SLICE_LIT("very"), 0) != SIZE_MAX,
        .range = range,
        .line = number,
        .row_min = UINT32_MAX,
        .col_min = UINT32_MAX,
    };
}

static void *grow(struct xlm_code *c, void *old, uint32_t n, uint32_t *room, size_t size, uint32_t most)
{
    uint32_t more = *room ? *room * 2 : 256;
    void *bigger = more <= most ? arena_regrow(c->mem, old, n * size, more, size) : NULL;
    c->full = c->full || !bigger;
    if (bigger)
        *room = more;
    return bigger;
}

static void read_name(struct xlm_code *c, slice line, struct range range, uint32_t number)
{
    size_t mark = slice_find(line, SLICE_LIT(": ="), 0);
    if (mark == SIZE_MAX)
        return;
    if (c->n_names == c->room_names) {
        void *more = grow(c, c->names, c->n_names, &c->room_names, sizeof *c->names, NAMES_MAX);
        if (!more)
            return;
        c->names = more;
    }
    slice name = slice_sub(line, 0, mark);
    bool hidden = slice_ends(name, SLICE_LIT(" (hidden)"));
    c->names[c->n_names++] = (struct xlm_name){
        .name = hidden ? slice_sub(name, 0, name.len - 9) : name,
        .formula = slice_from(line, mark + 3),
        .hidden = hidden,
        .range = range,
        .line = number,
    };
}

static struct xlm_cell *add_cell(struct xlm_code *c)
{
    if (c->n_cells == c->room_cells) {
        void *more = grow(c, c->cells, c->n_cells, &c->room_cells, sizeof *c->cells, CELLS_MAX);
        if (!more)
            return NULL;
        c->cells = more;
    }
    return &c->cells[c->n_cells++];
}

static void read_cell(struct xlm_code *c, slice line, struct range range, uint32_t number)
{
    struct xlm_cell cell = { .range = range, .line = number };
    size_t used;
    if (!read_place(c, line, &cell.at, &used))
        return;
    slice rest = slice_from(line, used);
    if (slice_starts(rest, SLICE_LIT(" ="))) {
        size_t tab = slice_find_byte(rest, '\t', 0);
        cell.formula = slice_sub(rest, 2, tab == SIZE_MAX ? SIZE_MAX : tab - 2);
        cell.value = tab == SIZE_MAX ? (slice){ 0 } : slice_from(rest, tab + 1);
    } else {
        cell.value = slice_from(rest, 1);
    }
    struct xlm_cell *to = add_cell(c);
    if (to)
        *to = cell;
}

static void read_lines(struct xlm_code *c, slice text)
{
    cursor k = cur_open(text);
    for (uint32_t number = 1; cur_more(&k) && !c->full; number++) {
        size_t from = k.pos;
        slice line = cur_until(&k, '\n');
        struct range range = { from, from + line.len };
        if (slice_starts(line, SLICE_LIT("sheet ")))
            read_sheet(c, slice_from(line, 6), range, number);
        else if (slice_starts(line, SLICE_LIT("name ")))
            read_name(c, slice_from(line, 5), range, number);
        else
            read_cell(c, line, range, number);
    }
    if (c->n_cells)
        qsort(c->cells, c->n_cells, sizeof *c->cells, by_cell);
    if (c->n_names)
        qsort(c->names, c->n_names, sizeof *c->names, by_name);
}

/* --- rounds: what is written in one is read in the next */

static void fold_all(struct xlm_code *c)
{
    c->n_calls = c->n_edges = c->n_writes = 0;
    c->count = (struct xlm_counts){ 0 };
    c->changed = false;
    for (uint32_t i = 0; i < c->n_cells; i++) {
        c->cells[i].state = XLM_NOT_YET;
        c->cells[i].ends = false;
    }
    for (uint32_t i = 0; i < c->n_names; i++)
        c->names[i].done = false;
    for (uint32_t i = 0; i < c->n_cells && !walk_over(c->w); i++)
        if (c->cells[i].formula.len && c->cells[i].at.sheet < c->n_sheets)
            (void)xlm_intent_value(c, i);
    for (uint32_t i = 0; i < c->n_names; i++)
        (void)xlm_intent_name_value(c, &c->names[i]);
}

static int by_write(const void *a, const void *b)
{
    const struct xlm_write *p = a, *q = b;
    int order = compare_at(&p->at, &q->at);
    if (order)
        return order;
    return p->order < q->order ? -1 : p->order > q->order;
}

static bool put_written(struct xlm_code *c, struct xlm_cell *cell, const struct xlm_value *v)
{
    bool known = v->kind == XLM_TEXT || v->kind == XLM_NUMBER;
    bool was_volatile = cell->volatile_;
    if (!known || v->holes) {
        cell->volatile_ = true;
        return !was_volatile;
    }
    slice text = xlm_intent_text(c, v);
    bool formula = text.len > 1 && text.at[0] == '=';
    slice want = formula ? slice_from(text, 1) : (slice){ 0 };
    if (slice_eq(cell->formula, want) && slice_eq(cell->value, formula ? (slice){ 0 } : text))
        return false;
    cell->formula = want;
    cell->value = formula ? (slice){ 0 } : text;
    cell->written = true;
    return true;
}

/* The first that is known counts; a cell with a formula of its own keeps it unless it is
 * overwritten by another formula. True: something is new. */
static bool apply_writes(struct xlm_code *c)
{
    bool news = c->changed;
    uint32_t before = c->n_cells;
    if (c->n_writes)
        qsort(c->writes, c->n_writes, sizeof *c->writes, by_write);
    for (uint32_t i = 0; i < c->n_writes; i++) {
        struct xlm_write *w = &c->writes[i];
        if (i > 0 && compare_at(&w->at, &c->writes[i - 1].at) == 0)
            continue;
        uint32_t all = c->n_cells;
        c->n_cells = before; /* only these are in order */
        struct xlm_cell *cell = xlm_intent_cell(c, w->at);
        c->n_cells = all;
        if (!cell) {
            cell = add_cell(c);
            if (!cell)
                break;
            *cell = (struct xlm_cell){ .at = w->at, .written = true };
            news = true;
        }
        news = put_written(c, cell, &w->value) || news;
    }
    if (c->n_cells > before)
        qsort(c->cells, c->n_cells, sizeof *c->cells, by_cell);
    return news;
}

static bool make_lists(struct xlm_code *c)
{
    c->calls = ARENA_ARRAY(c->mem, struct xlm_call, XLM_CALLS_MAX);
    c->edges = ARENA_ARRAY(c->mem, struct xlm_edge, XLM_EDGES_MAX);
    c->writes = ARENA_ARRAY(c->mem, struct xlm_write, XLM_CALLS_MAX);
    return c->calls && c->edges && c->writes;
}

static void look(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)state, (void)at;
    if (id != FACT_XLM_CODE || !walk_work(w, utf8.len * WORK_PER_BYTE))
        return;
    struct xlm_code *c = ARENA_NEW(w->mem, struct xlm_code);
    if (!c)
        return;
    *c = (struct xlm_code){ .w = w, .mem = w->mem, .text_left = TEXT_MADE };
    read_lines(c, utf8);
    if (!make_lists(c))
        return;
    for (int round = 0; round < ROUNDS && walk_work(w, utf8.len * WORK_PER_BYTE); round++) {
        fold_all(c);
        if (round + 1 == ROUNDS || !apply_writes(c))
            break;
    }
    xlm_intent_reach(c);
    xlm_intent_say(c);
    if (c->full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_WORKBOOK_FORMULAS, (slice){ 0 });
}

const struct observer observer_xlm_intent = { .name = "xlm_intent", .view = look };
