/* SPDX-License-Identifier: Apache-2.0 */
/* command_run - lines of cmd.exe: percents, then operators, carets and blocks, then !variables!.
 *
 * && is taken to succeed; what stands behind || may run. The commands of the shell that matter are
 * here; all else is a program. */
#include "unmask/command/command_private.h"

/* The end of the command that begins at `from`: an operator outside quotes, carets and brackets.
 * A FOR or IF takes all up to the end of its line or bracket. */
static uint32_t command_end(struct text s, uint32_t from, bool whole)
{
    bool quoted = false;
    int depth = 0;
    for (uint32_t i = from; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '"')
            quoted = !quoted;
        else if (u == '\n')
            quoted = false;
        if (quoted)
            continue;
        if (u == '^')
            i++;
        else if (u == '(' && (whole || depth))
            depth++;
        else if (u == ')' && depth)
            depth--;
        else if (depth == 0 && (u == '\n' || (!whole && (u == '|' || (u == '&' && text_unit(s, i ? i - 1 : 0) != '>')))))
            return i;
    }
    return s.n;
}

static uint32_t closing(struct text s, uint32_t from)
{
    bool quoted = false;
    int depth = 1;
    for (uint32_t i = from; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '"')
            quoted = !quoted;
        else if (u == '\n')
            quoted = false;
        if (quoted)
            continue;
        if (u == '^')
            i++;
        else if (u == '(')
            depth++;
        else if (u == ')' && --depth == 0)
            return i;
    }
    return s.n;
}

static bool separates(uint16_t u) { return u == ' ' || u == '\t' || u == ',' || u == ';' || u == '=' || u == 0x0B || u == 0x0C || u == 0xA0; }

/* The first word, carets gone: enough to know FOR, IF, REM and SET. */
static struct text first_word(struct command *c, struct text s, uint32_t *end)
{
    struct text word = { 0 };
    uint32_t i = 0;
    for (; i < s.n && word.n < 16; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '^') {
            continue;
        }
        if (separates(u) || u == '(' || u == '"' || u == '/' || u == '\n' || u == '&' || u == '|' || u == '<' || u == '>' || u == '+' || u == '[')
            break;
        word = text_join(c->t, word, text_sub(s, i, 1));
    }
    *end = i;
    return word;
}

/* --- redirections and carets */

struct plain {
    struct text text, to; /* the command; the file it writes */
    bool append;
};

/* Carets outside quotes go, redirections are taken out. */
static struct plain tidy(struct command *c, struct text s)
{
    struct plain p = { 0 };
    bool quoted = false;
    uint32_t from = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '"')
            quoted = !quoted;
        if (quoted || (u != '^' && u != '>' && u != '<'))
            continue;
        uint32_t cut = i;
        if (u == '^') {
            p.text = text_join(c->t, p.text, text_sub(s, from, i - from));
            from = i + 1;
            if (text_unit(s, i + 1) == '\r')
                from++, i++;
            if (text_unit(s, i + 1) == '\n')
                from++;
            i++;
            continue;
        }
        bool digit = i > 0 && text_unit(s, i - 1) >= '0' && text_unit(s, i - 1) <= '9' && (i == 1 || separates(text_unit(s, i - 2)));
        cut -= digit;
        bool errors = digit && text_unit(s, i - 1) != '1';
        p.text = cut > from ? text_join(c->t, p.text, text_sub(s, from, cut - from)) : p.text;
        bool append = text_unit(s, i + 1) == '>';
        i += 1 + append;
        while (i < s.n && separates(text_unit(s, i)))
            i++;
        uint32_t start = i;
        bool in = false;
        while (i < s.n && (in || (!separates(text_unit(s, i)) && text_unit(s, i) != '>' && text_unit(s, i) != '<'))) {
            in ^= text_unit(s, i) == '"';
            i++;
        }
        struct text name = text_sub(s, start, i - start);
        if (u == '>' && !errors && text_unit(name, 0) != '&')
            p.to = name, p.append = append;
        from = i;
        i--;
    }
    p.text = text_join(c->t, p.text, text_sub(s, from, s.n));
    return p;
}

/* --- commands of the shell */

static struct text value_of_set(struct command *c, struct text raw, struct text *name)
{
    uint32_t equals = text_find(raw, command_lit(c, "="), 0, false);
    if (equals == UINT32_MAX)
        return (struct text){ 0 };
    *name = command_plain(c, command_trim(command_delayed(c, text_sub(raw, 0, equals))));
    return command_delayed_plain(c, text_sub(raw, equals + 1, raw.n));
}

static void set_number(struct command *c, struct text s)
{
    struct text name = { 0 };
    struct text v = command_trim(value_of_set(c, s, &name));
    bool digits = v.n > 0 && v.n < 10;
    for (uint32_t i = 0; i < v.n; i++) {
        uint16_t u = text_unit(v, i);
        digits = digits && u >= '0' && u <= '9' && !text_is_hole(v, i);
    }
    digits = digits && (text_unit(v, 0) != '0' || v.n == 1);
    if (name.n)
        command_set(c, name, digits ? v : command_unknown(c, "set /a"));
}

static void do_set(struct command *c, struct text s)
{
    s = command_trim(s);
    struct text name = { 0 };
    if (text_unit(s, 0) == '/' && (text_unit(s, 1) | 32) == 'p') {
        (void)value_of_set(c, text_sub(s, 2, s.n), &name);
        if (name.n)
            command_set(c, name, command_unknown(c, "set /p"));
        return;
    }
    if (text_unit(s, 0) == '/' && (text_unit(s, 1) | 32) == 'a') {
        set_number(c, command_unquoted(c, text_sub(s, 2, s.n)));
        return;
    }
    if (text_unit(s, 0) == '"') {
        uint32_t last = s.n;
        for (uint32_t i = 1; i < s.n; i++)
            last = text_unit(s, i) == '"' ? i : last;
        s = text_sub(s, 1, last - 1);
    }
    struct text value = value_of_set(c, s, &name);
    if (name.n)
        command_set(c, name, value);
}

static void do_echo(struct command *c, struct text s, const struct plain *p)
{
    uint16_t u = text_unit(s, 0);
    s = u == ' ' || u == '.' || u == '(' || u == ':' || u == '\t' || u == ',' || u == ';' || u == '=' || u == '/' || u == '+' ? text_sub(s, 1, s.n) : s;
    if (p->to.n)
        command_write(c, command_trim(command_plain(c, command_unquoted(c, command_delayed(c, p->to)))), text_join(c->t, s, command_lit(c, "\r\n")), p->append);
    else if (c->catching)
        c->output = text_join(c->t, text_join(c->t, c->output, s), command_lit(c, "\n"));
}

/* CMD with its switches: the rest is a line of its own. */
static void do_cmd(struct command *c, struct text s, struct text input)
{
    bool before = c->delayed, was_batch = c->batch, runs = false;
    uint32_t i = 0;
    for (; i < s.n;) {
        if (text_unit(s, i) != '/') {
            i++; /* whatever stands before a switch counts for nothing */
            continue;
        }
        uint16_t k = text_unit(s, i + 1) | 32;
        i += 2;
        if (k == 'c' || k == 'k' || k == 'r') {
            runs = true;
            break;
        }
        uint32_t word = i;
        while (i < s.n && !separates(text_unit(s, i)) && text_unit(s, i) != '/')
            i++;
        if (k == 'v')
            c->delayed = !text_is_nocase(text_sub(s, word, i - word), ":off");
    }
    struct text line = command_trim(text_sub(s, i, s.n));
    if (text_unit(line, 0) == '"') {
        uint32_t last = 0;
        for (uint32_t k = 1; k < line.n; k++)
            last = text_unit(line, k) == '"' ? k : last;
        if (last)
            line = text_join(c->t, text_sub(line, 1, last - 1), text_sub(line, last + 1, line.n));
        else
            line = text_sub(line, 1, line.n);
    }
    c->batch = false;
    c->said = false;
    struct text outer = c->source;
    c->source = (struct text){ 0 };
    command_lines(c, runs ? line : input);
    c->source = outer;
    c->batch = was_batch;
    c->delayed = before;
    c->ended = c->jumping = false;
}

static void do_call(struct command *c, struct text s)
{
    struct text line = command_plain(c, command_percents(c, command_trim(s)));
    if (text_unit(line, 0) == ':') {
        bool known = c->source.n && c->n_pending < COMMAND_PENDING_MAX;
        if (known)
            c->pending[c->n_pending++] = text_sub(line, 1, line.n);
        c->cut |= c->source.n && !known;
        return;
    }
    command_line(c, command_guarded(c, line)); /* no operators are looked for again */
}

static bool internal(struct command *c, struct text word, struct text rest, const struct plain *p)
{
    if (text_is_nocase(word, "echo") || text_is_nocase(word, "echo.")) {
        do_echo(c, rest, p);
        return true;
    }
    if (text_is_nocase(word, "setlocal")) {
        c->delayed = c->delayed || text_find(rest, command_lit(c, "enabledelayedexpansion"), 0, true) != UINT32_MAX;
        return true;
    }
    if (text_is_nocase(word, "goto")) {
        rest = command_trim(rest);
        c->jump = text_unit(rest, 0) == ':' ? text_sub(rest, 1, rest.n) : rest;
        c->jumping = true;
        return true;
    }
    if (text_is_nocase(word, "exit")) {
        c->ended = true;
        return true;
    }
    if (!command_internal(word))
        return false;
    struct text shown = command_shown(c, word, command_trim(rest));
    if (p->to.n)
        command_write(
            c, command_trim(command_plain(c, command_unquoted(c, command_delayed(c, p->to)))),
            shown.n ? shown : command_unknown(c, "output"), p->append);
    else if (c->catching)
        c->output = text_join(c->t, c->output, shown);
    return true;
}

static bool is_cmd(struct command *c, struct text word)
{
    struct text w = command_unquoted(c, word);
    uint32_t base = 0;
    for (uint32_t i = 0; i < w.n; i++)
        if (text_unit(w, i) == '\\')
            base = i + 1;
    w = text_sub(w, base, w.n);
    return text_is_nocase(w, "cmd") || text_is_nocase(w, "cmd.exe") || text_is_nocase(w, "%comspec%");
}

/* SET with an equals sign, or one that asks; without, it shows what is set. */
static bool command_sets(struct command *c, struct text s)
{
    return text_unit(command_trim(s), 0) == '/' ||
           text_find(s, command_lit(c, "="), 0, false) != UINT32_MAX;
}

/* The program's word: a quoted path is one; a slash ends it ("cmd/c"). */
static uint32_t program_end(struct text s)
{
    bool quoted = false;
    uint32_t i = 0;
    for (; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        quoted ^= u == '"';
        if (!quoted && (separates(u) || (u == '/' && i > 1 && text_unit(s, i - 1) != ':' && i <= 12)))
            break;
    }
    return i;
}

/* START with its title and switches: the rest is a program. */
static struct text behind_start(struct text s)
{
    for (s = command_trim(s); s.n;) {
        uint32_t i = 1;
        if (text_unit(s, 0) == '"') {
            while (i < s.n && text_unit(s, i) != '"')
                i++;
            struct text rest = command_trim(text_sub(s, i + 1, s.n));
            if (rest.n == 0)
                return s;
            s = rest;
            return text_unit(s, 0) == '/' ? behind_start(text_sub(s, 0, s.n)) : s;
        }
        if (text_unit(s, 0) != '/')
            return s;
        bool dir = (text_unit(s, 1) | 32) == 'd' && text_unit(s, 2) != 'i' && text_unit(s, 2) != 'I';
        while (i < s.n && !separates(text_unit(s, i)) && text_unit(s, i) != '/')
            i++;
        s = command_trim(text_sub(s, i, s.n));
        if (dir) {
            uint32_t e = program_end(s);
            s = command_trim(text_sub(s, e, s.n));
        }
    }
    return s;
}

static void execute(struct command *c, struct text raw)
{
    uint32_t end;
    c->cut |= c->depth >= COMMAND_DEPTH_MAX;
    if (!command_spend(c, raw.n) || c->depth >= COMMAND_DEPTH_MAX)
        return;
    while (raw.n && (separates(text_unit(raw, 0)) || text_unit(raw, 0) == '@' || text_unit(raw, 0) == '\r'))
        raw = text_sub(raw, 1, raw.n);
    struct text word = first_word(c, raw, &end);
    if (text_is_nocase(word, "rem") || text_unit(raw, 0) == ':' || raw.n == 0)
        return;
    struct plain p = tidy(c, raw);
    word = first_word(c, p.text, &end);
    struct text rest = text_sub(p.text, end, p.text.n);
    if (text_is_nocase(word, "set") && command_sets(c, rest)) {
        do_set(c, rest);
        return;
    }
    if (text_is_nocase(word, "call")) {
        do_call(c, command_delayed(c, rest));
        return;
    }
    struct text line = command_trim(command_delayed_plain(c, p.text));
    word = first_word(c, line, &end);
    if (internal(c, word, text_sub(line, end, line.n), &p))
        return;
    if (text_is_nocase(word, "start"))
        line = behind_start(text_sub(line, end, line.n));
    end = program_end(line);
    c->depth++;
    if (is_cmd(c, text_sub(line, 0, end)))
        do_cmd(c, text_sub(line, end, line.n), c->input);
    else if (line.n)
        command_program(c, line, c->input);
    c->depth--;
    if (p.to.n && !is_cmd(c, text_sub(line, 0, end)))
        command_write(c, command_trim(command_plain(c, command_unquoted(c, command_delayed(c, p.to)))), command_unknown(c, "output of a program"), p.append);
}

/* A line as CreateProcess gets it: what it says is not the shell's to read, unless it starts one. */
void command_direct(struct command *c, struct text line)
{
    line = command_trim(line);
    uint32_t end = program_end(line);
    c->cut |= c->depth >= COMMAND_DEPTH_MAX;
    if (c->depth >= COMMAND_DEPTH_MAX || line.n == 0)
        return;
    c->depth++;
    if (is_cmd(c, text_sub(line, 0, end)))
        do_cmd(c, text_sub(line, end, line.n), (struct text){ 0 });
    else
        command_program(c, line, (struct text){ 0 });
    c->depth--;
}

/* --- lines */

static bool takes_all(struct command *c, struct text s, uint32_t from, bool *is_for, uint32_t *behind)
{
    uint32_t end;
    struct text word = first_word(c, text_sub(s, from, s.n), &end);
    *is_for = text_is_nocase(word, "for");
    *behind = from + end;
    return *is_for || text_is_nocase(word, "if");
}

static void statement(struct command *c, struct text s, uint32_t i, uint32_t end)
{
    bool is_for = false;
    uint32_t behind = i;
    if (text_unit(s, i) != '(' && !takes_all(c, s, i, &is_for, &behind)) {
        execute(c, text_sub(s, i, end - i));
        return;
    }
    c->cut |= c->depth >= COMMAND_DEPTH_MAX;
    if (c->depth >= COMMAND_DEPTH_MAX)
        return;
    c->depth++;
    if (text_unit(s, i) == '(') {
        uint32_t close = closing(s, i + 1);
        command_line(c, text_sub(s, i + 1, close - i - 1));
    } else {
        (is_for ? command_for : command_if)(c, text_sub(s, behind, end - behind));
    }
    c->depth--;
}

/* One side of a pipe. What is the shell's own (or a block) is read by a new shell, "cmd /S /D /c",
 * as a line that is typed: percents and carets count again, and !names! do not, unless they have
 * been put in before, as those of a single command are. */
static void side_of_pipe(struct command *c, struct text s, uint32_t i, uint32_t end)
{
    bool is_for = false, block = text_unit(s, i) == '(', batch = c->batch, delayed = c->delayed;
    uint32_t n, behind = i;
    struct text word = first_word(c, command_without_carets(c, text_sub(s, i, end - i < 64 ? end - i : 64)), &n),
                outer = c->source;
    bool single = !block && !takes_all(c, s, i, &is_for, &behind);
    c->cut |= c->depth >= COMMAND_DEPTH_MAX;
    if ((single && !command_internal(word)) || c->depth >= COMMAND_DEPTH_MAX) {
        execute(c, text_sub(s, i, end - i));
        return;
    }
    struct text again = command_without_carets(c, text_sub(s, i, end - i));
    again = single ? command_delayed_plain(c, again) : command_plain(c, again);
    c->depth++;
    c->batch = c->delayed = false;
    c->source = (struct text){ 0 };
    command_line(c, command_percents(c, again));
    c->source = outer;
    c->batch = batch;
    c->delayed = delayed;
    c->ended = c->jumping = false;
    c->depth--;
}

void command_line(struct command *c, struct text s)
{
    struct text outer = c->input;
    bool was_maybe = c->maybe, alternative = false, piped = false;
    uint32_t changes = c->changes;
    s = command_loop_values(c, s);
    for (uint32_t i = 0; i < s.n && !c->jumping && !c->ended && command_spend(c, 1);) {
        uint16_t u = text_unit(s, i);
        if (separates(u) || u == '\n' || u == '\r' || u == '@' || u == ')') {
            i++;
            continue;
        }
        bool is_for = false;
        uint32_t end, behind = i;
        if (u == '(') {
            end = closing(s, i + 1);
            end = command_end(s, end + (end < s.n), false);
        } else {
            end = command_end(s, i, takes_all(c, s, i, &is_for, &behind));
        }
        bool pipes = text_unit(s, end) == '|' && text_unit(s, end + 1) != '|';
        struct text before = c->output;
        bool caught = c->catching;
        if (pipes) {
            c->catching = true;
            c->output = (struct text){ 0 };
        }
        (pipes || piped ? side_of_pipe : statement)(c, s, i, end);
        c->input = pipes ? c->output : outer;
        c->output = pipes ? before : c->output;
        c->catching = caught;
        piped = pipes;
        if (text_unit(s, end) == '|' && text_unit(s, end + 1) == '|')
            c->maybe = alternative = true;
        i = end;
        while (i < s.n && (text_unit(s, i) == '&' || text_unit(s, i) == '|' || text_unit(s, i) == '\n'))
            i++;
    }
    c->input = outer;
    if (alternative) {
        c->maybe = was_maybe;
        c->doubt = c->doubt || c->changes != changes;
    }
}

/* A line and, while a bracket is open, those that follow it. */
static uint32_t logical_end(struct text s, uint32_t from)
{
    bool quoted = false, word = false;
    int depth = 0;
    for (uint32_t i = from; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == '"')
            quoted = !quoted;
        if (u == '\n') {
            quoted = false;
            if (depth == 0)
                return i;
        }
        if (quoted)
            continue;
        if (u == '^') {
            i++;
            if (text_unit(s, i) == '\r')
                i++;
        } else if (u == '(' && (depth || !word || text_unit(s, i - 1) == ' ' || text_unit(s, i - 1) == ')')) {
            depth++;
        } else if (u == ')' && depth) {
            depth--;
        }
        word = word || !(separates(u) || u == '@');
    }
    return s.n;
}

static uint32_t find_label(struct command *c, struct text label)
{
    struct text s = c->source;
    uint32_t n = 0;
    while (n < label.n && !separates(text_unit(label, n)) && text_unit(label, n) != '\r' && text_unit(label, n) != ':')
        n++;
    label = text_sub(label, 0, n);
    bool fresh = true;
    for (uint32_t i = 0; i < s.n && n; i++) {
        uint16_t u = text_unit(s, i), behind = text_unit(s, i + 1 + n);
        if (fresh && u == ':' && text_find(text_sub(s, i + 1, n), label, 0, true) == 0 && (behind == 0 || behind <= ' ' || behind == ':'))
            return i;
        fresh = u == '\n' || (fresh && separates(u));
    }
    return UINT32_MAX;
}

/* A loop of GOTO is left after some rounds; what it has changed by then may lead on. */
static void lines_from(struct command *c, struct text s, uint32_t i)
{
    uint32_t changes = c->changes;
    while (i < s.n && !c->ended && !c->limited) {
        uint32_t end = logical_end(s, i);
        struct text line = text_sub(s, i, end - i);
        uint16_t first = text_unit(command_trim(line), 0);
        i = end + 1;
        if (first != ':' && first != 0)
            command_line(c, command_percents(c, line));
        if (!c->jumping)
            continue;
        c->jumping = false;
        uint32_t to = c->source.n ? find_label(c, c->jump) : UINT32_MAX;
        if (to == UINT32_MAX)
            break; /* "goto :eof" and what is not there end it */
        if (c->steps >= COMMAND_STEPS_MAX / 4) {
            c->cut |= c->changes != changes;
            break;
        }
        changes = c->changes;
        i = to;
        c->steps += 100;
    }
}

void command_lines(struct command *c, struct text s)
{
    c->cut |= c->depth >= COMMAND_DEPTH_MAX;
    if (c->depth >= COMMAND_DEPTH_MAX)
        return;
    c->depth++;
    lines_from(c, s, 0);
    for (uint32_t n = 0; c->source.n && n < c->n_pending; n++) {
        uint32_t to = find_label(c, c->pending[n]);
        c->ended = c->jumping = false;
        c->maybe = c->doubt = true; /* with the values of the other way */
        if (to != UINT32_MAX)
            lines_from(c, s, to);
    }
    c->depth--;
}
