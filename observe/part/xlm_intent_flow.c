/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent_flow - which cells run when the book is opened or closed.
 *
 * A macro goes down its column, blank cells are passed over; RUN, GOTO, ON.* and calls of cells
 * lead elsewhere and, as no condition is decided, come back. Where a jump goes to a computed
 * place, every formula of macro sheets counts as reached.
 */
#include "observe/part/xlm_intent_private.h"
#include "base/text.h"
#include "decode/shared/xlm.h"
#include <stdlib.h>

static int by_from(const void *a, const void *b)
{
    const struct xlm_edge *p = a, *q = b;
    return p->from < q->from ? -1 : p->from > q->from;
}

struct flow {
    struct xlm_code *c;
    uint32_t *waiting;
    uint32_t n;
};

static void reach(struct flow *f, uint32_t cell)
{
    if (cell >= f->c->n_cells || f->c->cells[cell].reached)
        return;
    f->c->cells[cell].reached = true;
    f->waiting[f->n++] = cell; /* each cell once */
}

/* The cell itself, or the first one below it that is not blank. */
static uint32_t first_from(const struct xlm_code *c, struct xlm_at at)
{
    uint32_t from = 0, to = c->n_cells;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        const struct xlm_at *m = &c->cells[mid].at;
        bool less = m->sheet != at.sheet ? m->sheet < at.sheet
                    : m->col != at.col   ? m->col < at.col
                                         : m->row < at.row;
        if (less)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->n_cells && c->cells[from].at.sheet == at.sheet && c->cells[from].at.col == at.col
               ? from
               : XLM_NONE;
}

static void follow(struct flow *f)
{
    struct xlm_code *c = f->c;
    while (f->n > 0) {
        uint32_t i = f->waiting[--f->n];
        const struct xlm_cell *cell = &c->cells[i];
        if (!cell->ends && i + 1 < c->n_cells && c->cells[i + 1].at.sheet == cell->at.sheet &&
            c->cells[i + 1].at.col == cell->at.col)
            reach(f, i + 1);
        uint32_t from = 0, to = c->n_edges;
        while (from < to) {
            uint32_t mid = from + (to - from) / 2;
            if (c->edges[mid].from < i)
                from = mid + 1;
            else
                to = mid;
        }
        for (; from < c->n_edges && c->edges[from].from == i; from++)
            reach(f, first_from(c, c->edges[from].to));
    }
}

void xlm_intent_reach(struct xlm_code *c)
{
    struct flow f = { c, ARENA_ARRAY(c->mem, uint32_t, c->n_cells + 1), 0 };
    bool started = false, lost = c->count.lost_jumps > 0;
    if (!f.waiting)
        return;
    if (c->n_edges)
        qsort(c->edges, c->n_edges, sizeof *c->edges, by_from);
    for (uint32_t i = 0; i < c->n_names; i++) {
        if (!xlm_is_auto_name(c->names[i].name))
            continue;
        struct xlm_value v = xlm_intent_name_value(c, &c->names[i]);
        uint32_t first = v.is_ref ? first_from(c, v.ref) : XLM_NONE;
        started = true;
        lost = lost || first == XLM_NONE;
        reach(&f, first);
    }
    follow(&f);
    for (uint32_t i = 0; started && lost && i < c->n_cells; i++)
        c->cells[i].reached = true;
}
