/* SPDX-License-Identifier: Apache-2.0 */
/* script_intent - what a script would do, as far as its constants say so: the host it is written
 * for, classes it creates, calls that run, fetch or write, addresses, and traces of obfuscation.
 *
 * Sees the code of scripts (decode/script) and of pages (decode/html). JScript and VBScript are
 * read as tokens whose constants are put together (script_intent_fold.c); PowerShell and command
 * files by their words (script_intent_shell.c). It does not run anything. Linear in the length.
 */
#include "base/text.h"
#include "observe/part/observe.h"
#include "observe/part/script_intent_private.h"

enum { PIECES_MAX = 64, PAGE_MAX = 4 << 20, LENGTH_MAX = 8 << 20 };

/* The scripts of one page, until it ends. */
struct collected {
    uint32_t part;
    slice code[PIECES_MAX];
    unsigned n;
    size_t length;
};

static bool prepare(struct intent *t, size_t length)
{
    t->room_symbols = 256;
    while (t->room_symbols < length / 8 && t->room_symbols < SCRIPT_SYMBOLS)
        t->room_symbols *= 2;
    t->room_elements =
        (uint32_t)(length / 2 + 256 < SCRIPT_ELEMENTS ? length / 2 + 256 : SCRIPT_ELEMENTS);
    t->room_fold = length * 2 + 65536 < SCRIPT_FOLD_MAX ? length * 2 + 65536 : SCRIPT_FOLD_MAX;
    t->symbols = ARENA_ARRAY(t->mem, struct symbol, t->room_symbols);
    t->elements = ARENA_ARRAY(t->mem, struct item, t->room_elements);
    t->fold = arena_get(t->mem, t->room_fold, 1);
    t->length = length;
    return t->symbols && t->elements && t->fold;
}

/* In a page either language may stand; words of VBScript that are none of the other's decide. */
static bool is_basic(slice code)
{
    static const char *const words[] = { "end sub", "end function",         "end if",
                                         "dim ",    "on error resume next", "next\n" };
    unsigned n = 0;
    slice head = slice_sub(code, 0, 16384);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        n += slice_find_nocase(head, slice_of(words[i]), 0) != SIZE_MAX;
    return n >= 2 && slice_find(head, SLICE_LIT("function("), 0) == SIZE_MAX;
}

static void look(struct walk *w, slice code, bool basic)
{
    struct intent t = { .w = w, .mem = w->mem, .basic = basic };
    if (code.len > LENGTH_MAX)
        code = slice_sub(code, 0, LENGTH_MAX);
    if (!prepare(&t, code.len))
        return;
    if (slice_find(code, SLICE_LIT("@cc_on"), 0) < 64)
        t.techniques |= 1u << TECHNIQUE_COMMENT;
    script_intent_read(&t, code);
    script_intent_say(&t);
}

/* Most scripts of pages have nothing that a computer would obey outside the browser. */
static bool worth_a_look(slice code)
{
    static const char *const words[] = { "ActiveX", "WScript",  "CreateObject", "GetObject",
                                         "eval",    "unescape", "fromCharCode", "shell" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_find_nocase(code, slice_of(words[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

static void collect(struct walk *w, void **state, slice code)
{
    if (!*state)
        *state = ARENA_NEW(w->mem, struct collected);
    struct collected *all = *state;
    if (!all)
        return;
    if (all->part != w->part)
        *all = (struct collected){ .part = w->part };
    if (all->n == PIECES_MAX || code.len > PAGE_MAX - all->length || !walk_work(w, code.len * 2) ||
        !worth_a_look(code))
        return;
    all->code[all->n++] = code;
    all->length += code.len;
}

static void view(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)at;
    if (id == FACT_HTML_SCRIPT)
        collect(w, state, utf8);
    if (id != FACT_SCRIPT_CODE || utf8.len == 0)
        return;
    if (slice_is(w->type, "powershell") || slice_is(w->type, "batch")) {
        struct intent t = { .w = w, .mem = w->mem };
        if (walk_work(w, utf8.len * 8))
            script_intent_shell(&t, utf8, slice_is(w->type, "batch"));
        return;
    }
    if (slice_is(w->type, "jscript") || slice_is(w->type, "vbscript") ||
        slice_is(w->type, "script"))
        look(w, utf8, slice_is(w->type, "vbscript"));
}

static void end(struct walk *w, void **state, enum walk_end how)
{
    struct collected *all = *state;
    (void)how;
    if (!all || all->n == 0 || all->part != w->part)
        return;
    uint8_t *code = arena_get(w->mem, all->length + all->n, 1);
    size_t n = 0;
    for (unsigned i = 0; code && i < all->n; i++) {
        n += slice_copy_out(all->code[i], code + n, all->code[i].len);
        code[n++] = '\n';
    }
    all->n = 0;
    if (code)
        look(w, (slice){ code, n }, is_basic((slice){ code, n }));
}

const struct observer observer_script_intent = { .name = "script_intent",
                                                 .view = view,
                                                 .part_end = end };
