/* SPDX-License-Identifier: Apache-2.0 */
/* command - command lines and batch files of cmd.exe: what they start and fetch.
 *
 * Reads script.code of the types "command" (one line, as CreateProcess or Shell gets it) and
 * "batch" (a file), and lnk.command_line. Follows the built-in help of cmd.exe (CMD /?, SET /?,
 * FOR /?, IF /?, CALL /?) and Microsoft's command reference.
 *
 * Left out: FOR over files and the output of programs (unknown), SET /A beyond whole numbers,
 * what files hold that the code did not write itself. Conditions on files and error levels are
 * open: both ways are gone, and what came of them may be.
 */
#include "unmask/command/command_private.h"

enum { SOURCE_MAX = 512 * 1024 };

static void evaluate(struct unmask *u, struct walk *w, slice code, struct range at, bool batch, bool said)
{
    struct command *c = unmask_prepare(u, w) ? ARENA_NEW(w->mem, struct command) : NULL;
    struct unmask_variable *variables =
        c ? ARENA_ARRAY(w->mem, struct unmask_variable, COMMAND_VARIABLES_MAX) : NULL;
    if (!variables || !walk_work(w, code.len * 2))
        return;
    *c = (struct command){ .u = u, .w = w, .t = &u->texts, .variables = variables, .batch = batch, .said = said };
    for (; c->n_variables < u->n_environment && c->n_variables < COMMAND_VARIABLES_MAX;
         c->n_variables++)
        variables[c->n_variables] = u->environment[c->n_variables];
    struct text s = { 0 };
    uint32_t line = 1;
    slice some = slice_sub(code, 0, SOURCE_MAX);
    struct unmask_lines lines = unmask_lines_of(w, at);
    for (size_t from = 0; from < some.len; line++) {
        size_t end = slice_find_byte(some, '\n', from);
        size_t to = end == SIZE_MAX ? some.len : end + 1;
        text_mark mark = texts_origin(c->t, w->part, batch ? unmask_lines_next(&lines) : at, batch ? line : 1);
        s = text_join(c->t, s, text_of(c->t, slice_sub(some, from, to - from), mark));
        from = to;
    }
    c->source = batch ? s : (struct text){ 0 };
    if (batch)
        command_lines(c, s);
    else
        command_direct(c, s);
    command_say_files(c);
    if (c->limited || c->cut || code.len > SOURCE_MAX)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
}

static void command_view(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    (void)state;
    if (id == FACT_LNK_COMMAND_LINE) {
        size_t end = slice_find_byte(utf8, '\n', 0);
        evaluate(u, w, slice_sub(utf8, 0, end), at, false, false);
    } else if (id == FACT_SCRIPT_CODE && slice_is(w->type, "command")) {
        evaluate(u, w, utf8, range_of(0, utf8.len), false, true);
    } else if (id == FACT_SCRIPT_CODE && slice_is(w->type, "batch")) {
        evaluate(u, w, utf8, at, true, false);
    }
}

const struct language language_command = { .name = "command", .view = command_view };
