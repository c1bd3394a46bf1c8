/* SPDX-License-Identifier: Apache-2.0 */
/* vba_intent - what a VBA project would do, as far as its text says so:
 * entries, sinks and the way between them, constants put together, objects,
 * declared functions, traces of obfuscation, and the identity of its shape.
 *
 * Collects the sources of a project while its modules pass, and works when the
 * part that holds them ends. It evaluates nothing; see vba_intent_eval.c for
 * what is folded. Linear in the length of the source.
 */
#include "observe/part/observe.h"
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

enum { MODULES_FIRST = 16, MODULES_MAX = 2048 };

/* The sources of one project that is open. */
struct collected {
    uint32_t project; /* part that holds the modules */
    struct module *modules;
    uint32_t n, room;
    uint64_t length;
};

static bool room_for(struct walk *w, struct collected *all)
{
    if (all->n < all->room)
        return true;
    uint32_t room = all->room ? all->room * 2 : MODULES_FIRST;
    if (room > MODULES_MAX)
        return false;
    struct module *more =
        arena_regrow(w->mem, all->modules, all->n * sizeof *more, room, sizeof *more);
    if (!more)
        return false;
    all->modules = more;
    all->room = room;
    return true;
}

/* Nothing but the lines that the editor hides. */
static bool is_bare(slice source)
{
    cursor k = cur_open(source);
    while (cur_more(&k)) {
        slice line = slice_trim(cur_until(&k, '\n'));
        if (line.len && !slice_starts_nocase(line, "Attribute ") &&
            !slice_starts_nocase(line, "Option "))
            return false;
    }
    return true;
}

static void collect(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)at;
    if (id != FACT_VBA_CODE || !w->up)
        return;
    if (!*state)
        *state = ARENA_NEW(w->mem, struct collected);
    struct collected *all = *state;
    if (!all)
        return;
    if (all->n == 0)
        all->project = w->up->part;
    if (all->project != w->up->part || !room_for(w, all))
        return;
    all->modules[all->n++] = (struct module){
        .walk = *w,
        .text = utf8,
        .name = w->name,
        .bare = is_bare(utf8),
    };
    all->length += utf8.len;
}

static void analyse(struct walk *w, struct collected *all)
{
    struct code c = {
        .w = w,
        .mem = w->mem,
        .modules = all->modules,
        .n_modules = all->n,
        .length = all->length,
    };
    c.said = vba_intent_said_new(w->mem);
    if (!c.said || !vba_intent_lex_start(&c, (size_t)all->length))
        return;
    for (uint32_t i = 0; i < c.n_modules; i++) {
        c.modules[i].from = c.modules[i].to = c.n_tokens;
        if (!c.full && !vba_intent_lex(&c, i))
            return;
        uint32_t id = c.modules[i].name.len ? vba_intent_lex_name(&c, c.modules[i].name) : VBA_NONE;
        if (id != VBA_NONE && id >= W_COUNT)
            c.names[id].module = i;
    }
    if (!vba_intent_shape(&c))
        return;
    vba_intent_eval(&c);
    vba_intent_reach(&c);
    vba_intent_hidden(&c);
    vba_intent_measure(&c);
    vba_intent_identity(&c);
    if (c.full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_MACRO_SOURCE, (slice){ 0 });
}

static void end(struct walk *w, void **state, enum walk_end how)
{
    struct collected *all = *state;
    (void)how;
    if (!all || all->n == 0 || all->project != w->part)
        return;
    analyse(w, all);
    all->n = 0;
    all->room = 0; /* the next project gets its own list: this one's may still be referred to */
    all->modules = NULL;
    all->length = 0;
}

const struct observer observer_vba_intent = { .name = "vba_intent",
                                              .view = collect,
                                              .part_end = end };
