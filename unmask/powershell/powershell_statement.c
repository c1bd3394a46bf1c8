/* SPDX-License-Identifier: Apache-2.0 */
/* powershell_statement - assignments, loops, conditions, functions and what they put out
 * (about_Language_Keywords, about_Functions, about_Return). A block that repeats is read again.
 * Left out: classes, traps, labels of loops, BEGIN and END of functions. */
#include "unmask/powershell/powershell_private.h"

enum { OUTPUT_LEAST = 16 };

static uint16_t peek(const struct ps *p, uint32_t ahead)
{
    return text_unit(p->s, p->at + ahead);
}
static bool statement(struct ps *p, bool value_wanted, struct ps_value *out);

/* --- what is put out */

static void keep(struct ps *p, struct ps_output *o, struct ps_value v)
{
    if (o->n == o->room) {
        uint32_t room = o->room ? o->room * 2 : OUTPUT_LEAST;
        o->items = room <= PS_LIST_MAX ? arena_regrow(p->t->mem, o->items, o->n * sizeof *o->items,
                                                      room, sizeof *o->items)
                                       : NULL;
        o->room = o->items ? room : 0;
        o->lost = o->lost || !o->items;
        o->n = o->items ? o->n : 0;
    }
    if (o->items)
        o->items[o->n++] = v;
}

static void spread(struct ps *p, struct ps_output *o, struct ps_value v)
{
    for (uint32_t i = 0; i < ps_count(v) && ps_spend(p, 0); i++)
        keep(p, o, ps_item(p, v, i));
}

/* A list is put out item by item; what comes alone stays as it is. */
void ps_emit(struct ps *p, struct ps_value v)
{
    struct ps_output *o = p->out;
    if (!o || v.kind == PS_NULL)
        return;
    if (++o->emitted == 1) {
        o->first = v;
        return;
    }
    if (o->emitted == 2)
        spread(p, o, o->first);
    spread(p, o, v);
}

struct ps_value ps_put_out(struct ps *p, const struct ps_output *o)
{
    if (o->lost)
        return ps_unknown(p, "a long list");
    if (o->emitted > 1)
        return (struct ps_value){ .kind = PS_LIST, .items = o->items, .n = o->n };
    return o->first;
}

struct ps_value ps_gather(struct ps *p, uint32_t end)
{
    struct ps_output o = { 0 }, *before = p->out;
    p->out = &o;
    ps_statements(p, end);
    p->out = before;
    return ps_put_out(p, &o);
}

/* --- blocks */

static void block(struct ps *p, struct ps_value b)
{
    struct text outer = p->s;
    uint32_t back = p->at;
    if (b.kind != PS_BLOCK || p->depth >= PS_DEPTH_MAX || !ps_spend(p, b.text.n))
        return;
    p->depth++;
    p->s = b.text;
    p->at = 0;
    ps_statements(p, b.text.n);
    p->s = outer;
    p->at = back;
    p->depth--;
}

struct ps_value ps_block_value(struct ps *p, struct ps_value b)
{
    struct ps_output o = { 0 }, *before = p->out;
    p->out = &o;
    block(p, b);
    p->out = before;
    return ps_put_out(p, &o);
}

/* A loop gets half of the steps that are left: one that is too long to be gone to its end is no reason
 * to know nothing of what stands behind it. */
struct round {
    uint32_t ceiling, changes;
    bool broke;
};

static struct round begin_loop(struct ps *p)
{
    struct round r = { p->ceiling, p->changes, p->broke };
    uint32_t top = p->ceiling ? p->ceiling : PS_STEPS_MAX;
    p->ceiling = p->steps < top ? p->steps + (top - p->steps) / 2 : top;
    return r;
}

/* Behind a loop: that it may have been left before is no matter any more. Of one that did not come
 * to its end nothing is known that it has changed. */
static void end_loop(struct ps *p, struct round r, bool ended)
{
    bool tired = p->stop && p->steps >= p->ceiling && p->steps < (r.ceiling ? r.ceiling : PS_STEPS_MAX);
    p->leave = p->leave == PS_RETURN ? PS_RETURN : PS_STAY;
    p->broke = r.broke;
    p->ceiling = r.ceiling;
    if (ended && !tired)
        return;
    p->limited = true;
    p->stop = p->stop && !tired;
    for (uint32_t i = 0; i < p->n_variables; i++)
        if (p->variables[i].changed > r.changes)
            p->variables[i].value = ps_unknown(p, "a long loop");
    if (p->out)
        p->out->lost = true;
}

struct ps_value ps_each(struct ps *p, struct ps_value list, struct ps_value b, bool filters)
{
    struct ps_output o = { 0 }, *out = p->out;
    struct ps_value before = p->piped;
    bool open = false;
    struct round r = begin_loop(p);
    p->out = &o;
    for (uint32_t i = 0;
         i < ps_count(list) && !p->stop && p->leave <= PS_CONTINUE && ps_spend(p, 1); i++) {
        p->leave = PS_STAY;
        p->piped = ps_item(p, list, i);
        if (!filters) {
            block(p, b);
            continue;
        }
        struct ps_value good = ps_block_value(p, b);
        open = open || good.kind == PS_UNKNOWN;
        if (good.number || (good.kind == PS_TEXT && good.text.n))
            ps_emit(p, p->piped);
    }
    end_loop(p, r, true);
    p->piped = before;
    p->out = out;
    return open ? ps_unknown(p, "Where-Object") : ps_put_out(p, &o);
}

/* The place of an argument for this parameter: by its name or a beginning of it, else the next one
 * without a name. */
static struct ps_value bound(const struct text *names, const struct ps_value *a, uint32_t n,
                             struct text name, uint32_t *place, bool *found)
{
    *found = true;
    for (uint32_t i = 0; names && i < n; i++)
        if (names[i].n && names[i].n <= name.n &&
            text_find(text_sub(name, 0, names[i].n), names[i], 0, true) == 0)
            return a[i];
    while (*place < n && names && names[*place].n)
        ++*place;
    *found = *place < n;
    return *found ? a[(*place)++] : (struct ps_value){ 0 };
}

/* ($a, [type]$b = 1): sets the variables. */
static void bind(struct ps *p, const struct text *names, const struct ps_value *a, uint32_t n)
{
    uint32_t place = 0;
    bool found;
    for (uint32_t end; p->at < p->s.n && ps_spend(p, 1); p->at = end + 1) {
        end = ps_until(p, p->at, ',');
        while (p->at < end && peek(p, 0) != '$')
            p->at = peek(p, 0) == '[' ? ps_matching(p, p->at + 1, '[', ']') + 1 : p->at + 1;
        if (p->at >= end)
            continue;
        p->at++;
        struct text name = ps_variable_name(p);
        struct ps_value v = bound(names, a, n, name, &place, &found);
        ps_skip(p, true);
        if (!found && peek(p, 0) == '=') {
            p->at++;
            v = ps_gather(p, end);
        }
        ps_assign(p, name, v);
    }
    ps_assign(p, ps_cstr(p, "args").text,
              ps_list(p, a + (place < n ? place : n), place < n ? n - place : 0));
}

struct ps_value ps_call(struct ps *p, struct ps_value f, const struct text *names,
                        const struct ps_value *a, uint32_t n)
{
    struct text outer = p->s, parameters = f.items ? f.items[0].text : (struct text){ 0 };
    uint32_t back = p->at;
    if (p->depth >= PS_DEPTH_MAX) {
        p->stop = p->limited = true;
        return ps_unknown(p, "depth");
    }
    p->s = f.text;
    p->at = 0;
    ps_skip(p, true);
    uint32_t from = p->at + 5, end;
    if (!f.items && ps_is(text_sub(p->s, p->at, 5), "param")) {
        p->at = from;
        ps_skip(p, true);
        end = peek(p, 0) == '(' ? ps_matching(p, p->at + 1, '(', ')') : p->at;
        parameters = text_sub(p->s, p->at + 1, end > p->at ? end - p->at - 1 : 0);
    }
    p->s = parameters;
    p->at = 0;
    bind(p, names, a, n);
    p->s = outer;
    p->at = back;
    struct ps_value v = ps_block_value(p, f);
    p->leave = PS_STAY;
    return v;
}

/* --- conditions and loops */

static bool keyword(struct ps *p, const char *word)
{
    uint32_t n = (uint32_t)strlen(word);
    if (!ps_is(text_sub(p->s, p->at, n), word) || ps_letter(peek(p, n)) || peek(p, n) == '-')
        return false;
    p->at += n;
    return true;
}

static struct ps_value next_block(struct ps *p)
{
    ps_skip(p, true);
    return peek(p, 0) == '{' ? ps_primary(p) : (struct ps_value){ 0 };
}

/* What stands in the brackets that come next; behind them. */
static struct ps_value bracketed(struct ps *p)
{
    ps_skip(p, true);
    if (!ps_take(p, '('))
        return (struct ps_value){ 0 };
    uint32_t end = ps_matching(p, p->at, '(', ')');
    struct ps_value v = ps_gather(p, end);
    p->at = end + 1;
    return v;
}

static bool closed(struct ps_value c)
{
    return c.kind != PS_UNKNOWN && (c.kind != PS_TEXT || text_known(c.text)) && c.kind != PS_OBJECT;
}
static bool holds(struct ps_value c)
{
    return c.number || (c.kind == PS_TEXT && c.text.n) ||
           ((c.kind == PS_LIST || c.kind == PS_BYTES) && c.n > 1) || c.kind == PS_TYPE ||
           c.kind == PS_BLOCK;
}

/* What was left is taken not to have been, and may have been. */
static void may_have_left(struct ps *p, enum ps_leave before)
{
    p->left = p->left || (p->leave == PS_RETURN && before != PS_RETURN);
    p->broke = p->broke || (p->leave && p->leave != PS_RETURN && !before);
    p->leave = before;
}

/* Both ways of a condition that is open, one behind the other; BREAK and RETURN are not taken, and
 * what follows stands behind them. `sole`: the other way is left out, as of a check that a file
 * that was fetched is large enough. */
static void open_block(struct ps *p, struct ps_value b, bool sole)
{
    bool maybe = p->maybe;
    enum ps_leave leave = p->leave;
    uint32_t changes = p->changes;
    p->maybe = true;
    block(p, b);
    may_have_left(p, leave);
    p->maybe = maybe;
    p->doubt = p->doubt || (!sole && p->changes != changes);
}

static void do_foreach(struct ps *p)
{
    ps_skip(p, true);
    if (!ps_take(p, '('))
        return;
    uint32_t end = ps_matching(p, p->at, '(', ')');
    ps_skip(p, true);
    struct text name = ps_take(p, '$') ? ps_variable_name(p) : (struct text){ 0 };
    ps_skip(p, true);
    (void)keyword(p, "in");
    struct ps_value list = ps_gather(p, end);
    p->at = end + 1;
    struct ps_value body = next_block(p);
    struct round r = begin_loop(p);
    for (uint32_t i = 0; i < ps_count(list) && !p->stop && p->leave <= PS_CONTINUE; i++) {
        p->leave = PS_STAY;
        ps_assign(p, name, ps_item(p, list, i));
        block(p, body);
    }
    end_loop(p, r, true);
}

/* Rounds while `condition` (a block of source) holds, `step` behind each. */
static void rounds(struct ps *p, struct ps_value condition, struct ps_value body,
                   struct ps_value step, uint32_t max)
{
    struct round r = begin_loop(p);
    uint32_t i = 0;
    for (; i < max && !p->stop && p->leave <= PS_CONTINUE; i++) {
        p->leave = PS_STAY;
        struct ps_value c = condition.text.n ? ps_block_value(p, condition) : ps_number(1);
        bool open = !closed(c);
        if (!open && !holds(c))
            break;
        if (open) {
            open_block(p, body, c.file);
            break;
        }
        block(p, body);
        if (p->leave <= PS_CONTINUE)
            (void)ps_block_value(p, step);
    }
    end_loop(p, r, i < max);
}

static struct ps_value source(struct ps *p, uint32_t from, uint32_t to)
{
    return (struct ps_value){ .kind = PS_BLOCK,
                              .text = text_sub(p->s, from, to > from ? to - from : 0) };
}

static void do_while(struct ps *p)
{
    ps_skip(p, true);
    uint32_t from = p->at + 1, end = ps_take(p, '(') ? ps_matching(p, p->at, '(', ')') : from;
    p->at = end + 1;
    struct ps_value body = next_block(p);
    rounds(p, source(p, from, end), body, (struct ps_value){ 0 }, PS_ROUNDS_MAX);
}

/* for (first; condition; step) { } */
static void do_for(struct ps *p)
{
    ps_skip(p, true);
    if (!ps_take(p, '('))
        return;
    uint32_t from = p->at, end = ps_matching(p, from, '(', ')');
    uint32_t one = ps_until(p, from, ';'), two = one < end ? ps_until(p, one + 1, ';') : end;
    one = one < end ? one : end;
    two = two < end ? two : end;
    (void)ps_gather(p, one);
    p->at = end + 1;
    struct ps_value body = next_block(p);
    rounds(p, source(p, one + 1, two), body, source(p, two + 1, end), PS_LIST_MAX);
}

/* do { } while (condition), do { } until (condition) */
static void do_do(struct ps *p)
{
    struct ps_value body = next_block(p);
    ps_skip(p, true);
    bool until = keyword(p, "until"), again = until || keyword(p, "while");
    ps_skip(p, true);
    uint32_t from = p->at + 1,
             end = again && ps_take(p, '(') ? ps_matching(p, p->at, '(', ')') : from;
    p->at = again ? end + 1 : p->at;
    struct ps_value condition = source(p, from, end);
    struct round r = begin_loop(p);
    bool more = true;
    uint32_t i = 0;
    for (; more && i < PS_ROUNDS_MAX && !p->stop && p->leave <= PS_CONTINUE; i++) {
        p->leave = PS_STAY;
        block(p, body);
        struct ps_value c = p->leave <= PS_CONTINUE && again ? ps_block_value(p, condition)
                                                             : (struct ps_value){ 0 };
        more = again && closed(c) && holds(c) != until;
    }
    end_loop(p, r, i < PS_ROUNDS_MAX);
}

static void do_if(struct ps *p)
{
    bool done = false;
    do {
        struct ps_value c = bracketed(p), body = next_block(p);
        bool sure = closed(c);
        if (!done && sure && holds(c))
            block(p, body), done = true;
        else if (!done && !sure)
            open_block(p, body, c.file);
        uint32_t before = p->at;
        ps_skip(p, true);
        if (keyword(p, "elseif"))
            continue;
        if (keyword(p, "else")) {
            body = next_block(p);
            if (!done && sure)
                block(p, body);
            else if (!done && !c.file)
                open_block(p, body, false);
        } else {
            p->at = before;
        }
        return;
    } while (!p->stop);
}

/* switch (value) { 'text' { } default { } } */
static void do_switch(struct ps *p)
{
    struct ps_value v = bracketed(p), b = next_block(p);
    struct text outer = p->s;
    uint32_t back = p->at;
    bool done = false, open = !closed(v);
    if (b.kind != PS_BLOCK || p->depth >= PS_DEPTH_MAX)
        return;
    p->s = b.text;
    p->at = 0;
    p->depth++;
    while (p->at < p->s.n && !p->stop && p->leave <= PS_CONTINUE && ps_spend(p, 1)) {
        uint32_t before = p->at;
        ps_skip(p, true);
        bool other = keyword(p, "default");
        uint16_t u = peek(p, 0);
        struct ps_value c = other ? v
                            : u == '{' || u == '\'' || u == '"' || u == '$' || u == '('
                                ? ps_primary(p)
                                : ps_text(ps_bare(p, "{"));
        struct ps_value body = next_block(p), same = ps_binary(p, ps_cstr(p, "-eq").text, v, c);
        if (body.kind == PS_BLOCK && (open || !closed(same)))
            open_block(p, body, false);
        else if (body.kind == PS_BLOCK && (other ? !done : holds(same)))
            block(p, body), done = true;
        ps_skip(p, true);
        (void)ps_take(p, ';');
        p->at += p->at <= before;
    }
    p->depth--;
    p->leave = p->leave == PS_RETURN ? PS_RETURN : PS_STAY;
    p->s = outer;
    p->at = back;
}

/* Whether what is fetched is there is not known, so that an end of the loop behind it may not come.
 */
static void do_try(struct ps *p)
{
    bool risky = p->risky;
    p->risky = false;
    block(p, next_block(p));
    bool fails = p->leave && p->risky;
    p->risky = p->risky || risky;
    for (unsigned i = 0; i < 4 && !p->stop; i++) {
        uint32_t before = p->at;
        ps_skip(p, true);
        bool handles = keyword(p, "catch"), last = !handles && keyword(p, "finally");
        if (!handles && !last) {
            p->at = before;
            return;
        }
        ps_skip(p, true);
        while (peek(p, 0) == '[' && !p->stop) {
            p->at = ps_matching(p, p->at + 1, '[', ']') + 1;
            ps_skip(p, true);
        }
        struct ps_value body = next_block(p);
        if (fails && handles)
            may_have_left(p, PS_STAY);
        if (last)
            block(p, body);
        else if (!p->leave)
            open_block(p, body, false);
    }
}

/* function NAME(PARAMETERS) { } is kept as a block that has its parameters with it. */
static void do_function(struct ps *p)
{
    ps_skip(p, false);
    struct text name = text_join(p->t, ps_cstr(p, "function:").text, ps_bare(p, "{("));
    ps_skip(p, true);
    struct ps_value *parameters = peek(p, 0) == '(' ? ARENA_NEW(p->t->mem, struct ps_value) : NULL;
    if (parameters) {
        uint32_t from = p->at + 1, end = ps_matching(p, from, '(', ')');
        *parameters = source(p, from, end);
        p->at = end + 1;
    }
    struct ps_value f = next_block(p);
    f.items = parameters;
    if (f.kind == PS_BLOCK)
        ps_assign(p, name, f);
}

/* --- assignments */

/* $name[index] = value: arrays are changed where they are. */
static void set_element(struct ps *p, struct text name, struct ps_value at, struct ps_value v)
{
    struct ps_variable *of = ps_variable(p, name, false);
    int64_t i, byte;
    p->changes++;
    if (!of)
        return;
    of->changed = p->changes;
    bool list = of->value.kind == PS_LIST, bytes = of->value.kind == PS_BYTES;
    if ((!list && !bytes) || at.kind == PS_UNKNOWN || !ps_as_number(p, at, &i)) {
        of->value = list || bytes ? ps_unknown(p, "an element") : of->value;
        return;
    }
    i = i < 0 ? i + of->value.n : i;
    if (i < 0 || i >= of->value.n)
        return;
    if (bytes && !(ps_as_number(p, v, &byte) && byte >= 0 && byte <= 255))
        of->value = ps_unknown(p, "an element");
    else if (bytes)
        ((uint8_t *)(uintptr_t)of->value.bytes.at)[i] = (uint8_t)byte;
    else
        ((struct ps_value *)(uintptr_t)of->value.items)[i] = v;
}

/* The sign of an assignment here: '=', '+', ... of "+="; 0: none. Behind it. */
static uint16_t sign(struct ps *p)
{
    ps_skip(p, false);
    uint16_t u = peek(p, 0), next = peek(p, 1);
    if (u == '=' && next != '=') {
        p->at++;
        return u;
    }
    if ((u == '+' || u == '-' || u == '*' || u == '/' || u == '%') && next == '=') {
        p->at += 2;
        return u;
    }
    return 0;
}

/* [type]$name = value, $name += value, $name[index] = value. */
static bool assigns(struct ps *p, struct ps_value *out)
{
    uint32_t before = p->at;
    struct text type = { 0 };
    while (peek(p, 0) == '[' && p->at < p->s.n) {
        uint32_t end = ps_matching(p, p->at + 1, '[', ']');
        type = text_sub(p->s, p->at + 1, end - p->at - 1);
        p->at = end + 1;
        ps_skip(p, false);
    }
    struct text name = { 0 };
    if (peek(p, 0) == '$' && peek(p, 1) != '(')
        p->at++, name = ps_variable_name(p);
    uint32_t index = peek(p, 0) == '[' ? p->at + 1 : 0,
             close = index ? ps_matching(p, index, '[', ']') : 0;
    p->at = index ? close + 1 : p->at;
    uint16_t how = name.n ? sign(p) : 0;
    if (!how || p->depth >= PS_DEPTH_MAX) {
        p->at = before;
        return false;
    }
    p->depth++;
    ps_skip(p, true);
    struct ps_value v = { 0 }, at = { 0 };
    (void)statement(p, true, &v);
    uint32_t behind = p->at;
    if (index) {
        p->at = index;
        at = ps_gather(p, close);
        p->at = behind;
    }
    if (how != '=') {
        char op[2] = { (char)how, '\0' };
        struct ps_value old = ps_value_of(p, name);
        v = ps_binary(p, ps_cstr(p, op).text, index ? ps_index(p, old, at) : old, v);
    } else if (type.n && v.kind != PS_NULL) {
        v = ps_cast(p, type, v);
    }
    if (index)
        set_element(p, name, at, v);
    else
        ps_assign(p, name, v);
    p->depth--;
    *out = v;
    return true;
}

/* --- statements */

static bool controls(struct ps *p)
{
    static const struct {
        const char *word;
        void (*does)(struct ps *p);
    } all[] = { { "foreach", do_foreach }, { "if", do_if },
                { "try", do_try },         { "while", do_while },
                { "for", do_for },         { "do", do_do },
                { "switch", do_switch },   { "function", do_function },
                { "filter", do_function } };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (keyword(p, all[i].word)) {
            all[i].does(p);
            return true;
        }
    return false;
}

static bool leaves(struct ps *p)
{
    if (keyword(p, "return") || keyword(p, "exit")) {
        uint16_t u = (ps_skip(p, false), peek(p, 0));
        if (u && u != ';' && u != '}' && u != '\n')
            ps_emit(p, ps_pipeline(p));
        p->leave = PS_RETURN;
    } else if (keyword(p, "break")) {
        p->leave = PS_BREAK;
    } else if (keyword(p, "continue")) {
        p->leave = PS_CONTINUE;
    } else {
        return false;
    }
    return true;
}

/* $i++ puts nothing out. */
static bool counts(struct ps *p)
{
    uint32_t before = p->at;
    bool first =
             (peek(p, 0) == '+' && peek(p, 1) == '+') || (peek(p, 0) == '-' && peek(p, 1) == '-'),
         last = false;
    p->at += first ? 2 : 0;
    if (ps_take(p, '$')) {
        (void)ps_variable_name(p);
        last = !first && ((peek(p, 0) == '+' && peek(p, 1) == '+') ||
                          (peek(p, 0) == '-' && peek(p, 1) == '-'));
    } else {
        first = false;
    }
    p->at = before;
    return first || last;
}

/* False: what stood here has no value (`value_wanted`: of an assignment, which takes what is put
 * out). */
static bool statement(struct ps *p, bool value_wanted, struct ps_value *out)
{
    struct ps_output o = { 0 }, *before = p->out;
    if (assigns(p, out))
        return true;
    p->out = value_wanted ? &o : before;
    bool controlled = controls(p);
    p->out = before;
    if (controlled) {
        *out = ps_put_out(p, &o);
        return value_wanted;
    }
    *out = ps_pipeline(p);
    return true;
}

static void one_statement(struct ps *p, bool bracketed_value)
{
    struct ps_value v = { 0 };
    if (leaves(p))
        return;
    if (keyword(p, "param")) {
        p->at = ps_take(p, '(') ? ps_matching(p, p->at, '(', ')') + 1 : p->at;
        return;
    }
    if (assigns(p, &v)) {
        if (bracketed_value)
            ps_emit(p, v);
        return;
    }
    if (controls(p))
        return;
    bool quiet = counts(p) && !bracketed_value;
    v = ps_pipeline(p);
    ps_skip(p, false);
    if (peek(p, 0) == '=') {
        p->at++;
        (void)ps_pipeline(p); /* a property is set */
    } else if (!quiet) {
        ps_emit(p, v);
    }
}

void ps_statements(struct ps *p, uint32_t end)
{
    bool in_brackets = text_unit(p->s, end) == ')';
    while (p->at < end && !p->stop && !p->leave && ps_spend(p, 1)) {
        ps_skip(p, true);
        uint16_t u = peek(p, 0);
        if (p->at >= end)
            break;
        uint32_t before = p->at;
        if (u != ';' && u != '}' && u != ')')
            one_statement(p, in_brackets);
        p->at += p->at <= before;
    }
}
