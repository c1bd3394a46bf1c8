/* SPDX-License-Identifier: Apache-2.0 */
/* powershell - scripts of PowerShell: what they fetch, start and write.
 *
 * Reads script.code of the type "powershell". Statements are evaluated as they are read
 * (about_Operator_Precedence, about_Parsing, about_Pipelines); those with keywords stand in
 * powershell_statement.c. Conditions on files that were fetched are taken to hold; of other open
 * ones both sides are gone, and what came of them may be.
 *
 * Left out: classes, here-strings with expressions, what hash tables hold, regular expressions that
 * are more than their own text or a set of characters.
 */
#include "unmask/powershell/powershell_private.h"

enum { SOURCE_MAX = 512 * 1024 };

static struct ps_value expression(struct ps *p, int level);

static uint16_t peek(const struct ps *p, uint32_t ahead) { return text_unit(p->s, p->at + ahead); }

static bool is_blank(uint16_t u) { return u == ' ' || u == '\t' || u == '\r' || u == 0xA0; }
static bool quote(uint16_t u) { return u == '\'' || u == '"' || (u >= 0x2018 && u <= 0x201E); }


/* --- texts */

static struct text escaped(struct ps *p, uint16_t u)
{
    static const char from[] = "0abfnrtv", to[] = "\0\a\b\f\n\r\t\v";
    for (uint32_t i = 0; i < 8; i++)
        if (u == (uint16_t)from[i])
            return text_of_unit(p->t, (uint16_t)to[i], TEXT_NOWHERE);
    return text_sub(p->s, p->at - 1, 1);
}

static struct text double_quoted(struct ps *p)
{
    struct text all = { 0 };
    uint32_t from = ++p->at;
    while (p->at < p->s.n && ps_spend(p, 0)) {
        uint16_t u = peek(p, 0), next = peek(p, 1);
        struct text more = { 0 };
        uint32_t here = p->at;
        if (u == '"' && next != '"')
            break;
        if (u == '"' || u == '`') {
            p->at += 2;
            more = u == '"' ? text_sub(p->s, here, 1) : escaped(p, next);
        } else if (u == '$' && next == '(') {
            p->at += 2;
            uint32_t end = ps_matching(p, p->at, '(', ')');
            more = ps_as_text(p, ps_gather(p, end));
            p->at = end + 1;
        } else if (u == '$' && (ps_letter(next) || next == '{' || next == '?')) {
            p->at++;
            more = ps_as_text(p, ps_value_of(p, ps_variable_name(p)));
        } else {
            p->at++;
            continue;
        }
        all = text_join(p->t, text_join(p->t, all, text_sub(p->s, from, here - from)), more);
        from = p->at;
    }
    all = text_join(p->t, all, text_sub(p->s, from, p->at - from));
    p->at++;
    return all;
}

static struct text quoted(struct ps *p)
{
    struct text all = { 0 };
    if (peek(p, 0) == '"' || peek(p, 0) >= 0x201C)
        return double_quoted(p);
    uint32_t from = ++p->at;
    while (p->at < p->s.n && ps_spend(p, 0)) {
        uint16_t u = peek(p, 0);
        bool end = u == '\'' || (u >= 0x2018 && u <= 0x201B);
        if (end && peek(p, 1) != u)
            break;
        p->at++;
        if (end) {
            all = text_join(p->t, all, text_sub(p->s, from, p->at - from));
            from = ++p->at;
        }
    }
    all = text_join(p->t, all, text_sub(p->s, from, p->at - from));
    p->at++;
    return all;
}

/* --- expressions */

static uint32_t arguments(struct ps *p, struct ps_value out[PS_ARGUMENTS_MAX])
{
    uint32_t n = 0, end = ps_matching(p, p->at, '(', ')');
    for (ps_skip(p, true); p->at < end && n < PS_ARGUMENTS_MAX; ps_skip(p, true)) {
        uint32_t before = p->at;
        out[n++] = expression(p, 1);
        ps_skip(p, true);
        if (!ps_take(p, ',') || p->at == before)
            break;
    }
    p->at = end + 1;
    return n;
}

static struct text member_name(struct ps *p)
{
    ps_skip(p, false);
    uint16_t u = peek(p, 0);
    if (quote(u))
        return quoted(p);
    if (u == '(') {
        p->at++;
        uint32_t end = ps_matching(p, p->at, '(', ')');
        struct text s = ps_as_text(p, ps_pipeline(p));
        p->at = end + 1;
        return s;
    }
    if (u == '$') {
        p->at++;
        return ps_as_text(p, ps_value_of(p, ps_variable_name(p)));
    }
    return ps_bare(p, "()[]{}.,;:=+-*/|&<>'\"$!%");
}

static struct ps_value called(struct ps *p, struct ps_value on, bool is_static)
{
    struct text name = member_name(p);
    if (peek(p, 0) != '(') {
        struct ps_value *inner = ARENA_NEW(p->t->mem, struct ps_value);
        uint32_t at = p->at;
        bool invoked = inner && peek(p, 0) == '.' && (p->at++, ps_is(member_name(p), "invoke"));
        p->at = at;
        if (invoked) {
            *inner = on;
            return (struct ps_value){ .kind = PS_METHOD, .text = name, .items = inner, .n = 1 };
        }
        if (is_static && on.kind == PS_TYPE && text_find(on.text, ps_cstr(p, "encoding").text, 0, true) != UINT32_MAX)
            return (struct ps_value){ .kind = PS_TYPE, .text = text_join(p->t, on.text, name) };
        return is_static ? ps_unknown(p, "a property of .NET") : ps_property(p, on, name);
    }
    struct ps_value *a = ARENA_ARRAY(p->t->mem, struct ps_value, PS_ARGUMENTS_MAX);
    p->at++;
    if (!a)
        return ps_unknown(p, "memory");
    uint32_t from = p->at, n = arguments(p, a), end = p->at;
    if (is_static && ps_is(name, "reverse") && n && text_unit(p->s, from) == '$') {
        p->at = from + 1; /* in place */
        ps_assign(p, ps_variable_name(p), ps_static(p, on.text, name, a, n));
        p->at = end;
        return (struct ps_value){ 0 };
    }
    if (on.kind == PS_BLOCK && (ps_is(name, "invoke") || ps_is(name, "invokereturnasis")))
        return ps_call(p, on, NULL, a, n);
    return is_static && on.kind == PS_TYPE ? ps_static(p, on.text, name, a, n) : ps_method(p, on, name, a, n);
}

static struct ps_value behind(struct ps *p, struct ps_value v)
{
    for (; p->at < p->s.n && !p->stop && ps_spend(p, 0);) {
        uint16_t u = peek(p, 0), next = peek(p, 1);
        if (u == '[') {
            p->at++;
            uint32_t end = ps_matching(p, p->at, '[', ']');
            struct ps_value at = expression(p, 0);
            p->at = end + 1;
            v = ps_index(p, v, at);
        } else if (u == ':' && next == ':') {
            p->at += 2;
            v = called(p, v, true);
        } else if (u == '.' && next != '.' && !is_blank(next)) {
            p->at++;
            v = v.kind == PS_METHOD && peek(p, 0) == 0 ? v : called(p, v, false);
        } else if ((u == '+' && next == '+') || (u == '-' && next == '-')) {
            p->at += 2; /* of a variable: counted where it is read */
        } else {
            break;
        }
    }
    return v;
}

static struct ps_value type_or_cast(struct ps *p)
{
    uint32_t end = ps_matching(p, p->at + 1, '[', ']');
    struct text name = { 0 };
    for (uint32_t i = p->at + 1; i < end; i++)
        if (text_unit(p->s, i) != '`' && !is_blank(text_unit(p->s, i)))
            name = text_join(p->t, name, text_sub(p->s, i, 1));
    p->at = end + 1;
    if ((peek(p, 0) == ':' && peek(p, 1) == ':') || peek(p, 0) == '.')
        return behind(p, (struct ps_value){ .kind = PS_TYPE, .text = name });
    ps_skip(p, false);
    uint16_t u = peek(p, 0);
    if (quote(u) || u == '$' || u == '(' || u == '[' || u == '@' || u == '-' || (u >= '0' && u <= '9'))
        return ps_cast(p, name, expression(p, 9));
    return (struct ps_value){ .kind = PS_TYPE, .text = name };
}

static struct ps_value number(struct ps *p)
{
    uint32_t from = p->at;
    bool hex = peek(p, 0) == '0' && (peek(p, 1) | 32) == 'x';
    p->at += hex ? 2 : 0;
    while (peek(p, 0) < 0x80 && (hex ? ascii_hex((uint8_t)peek(p, 0)) >= 0 : ascii_digit((uint8_t)peek(p, 0))))
        p->at++;
    struct ps_value v = ps_text(text_sub(p->s, from, p->at - from));
    int64_t n;
    return ps_as_number(p, v, &n) ? ps_number(n) : ps_unknown(p, "a number");
}

struct ps_value ps_primary(struct ps *p)
{
    ps_skip(p, false);
    uint16_t u = peek(p, 0), next = peek(p, 1);
    if (p->stop || p->depth >= PS_DEPTH_MAX || !ps_spend(p, 1)) {
        p->stop = p->limited = true;
        return ps_unknown(p, "depth");
    }
    if (quote(u))
        return behind(p, ps_text(quoted(p)));
    if (u == '@' && quote(next)) {
        uint32_t from = p->at + 2, end = from;
        while (end < p->s.n && !(text_unit(p->s, end) == '\n' && text_unit(p->s, end + 1) == next && text_unit(p->s, end + 2) == '@'))
            end++;
        p->at = end + 3;
        while (from < end && text_unit(p->s, from) != '\n')
            from++;
        return behind(p, ps_text(text_sub(p->s, from + 1, end > from + 1 ? end - from - 1 : 0)));
    }
    if (u == '$' && next != '(') {
        p->at++;
        struct text name = ps_variable_name(p);
        struct ps_value v = ps_value_of(p, name);
        bool more = peek(p, 0) == '+' && peek(p, 1) == '+', less = peek(p, 0) == '-' && peek(p, 1) == '-';
        if (more || less)
            ps_assign(p, name, ps_binary(p, ps_cstr(p, more ? "+" : "-").text, v, ps_number(1)));
        return behind(p, v);
    }
    if (u == '(' || ((u == '$' || u == '@') && next == '(')) {
        p->at += u == '(' ? 1 : 2;
        uint32_t end = ps_matching(p, p->at, '(', ')');
        ps_skip(p, true);
        p->depth++;
        struct ps_value v = ps_gather(p, end);
        p->depth--;
        if (u == '@' && v.kind != PS_LIST && v.kind != PS_BYTES)
            v = ps_list(p, &v, v.kind != PS_NULL);
        p->at = end + 1;
        return behind(p, v);
    }
    if (u == '[')
        return type_or_cast(p);
    if (u == '{' || (u == '@' && next == '{')) {
        uint32_t from = p->at + 1 + (u == '@'), end = ps_matching(p, from, '{', '}');
        p->at = end + 1;
        if (u == '@')
            return behind(p, (struct ps_value){ .kind = PS_OBJECT, .text = ps_cstr(p, "System.Collections.Hashtable").text });
        return behind(p, (struct ps_value){ .kind = PS_BLOCK, .text = text_sub(p->s, from, end - from) });
    }
    if (u >= '0' && u <= '9')
        return behind(p, number(p));
    return (struct ps_value){ 0 };
}

/* The operator here and how tightly it binds; 0: none. */
static int operator_here(struct ps *p, struct text *op)
{
    static const struct {
        const char *name;
        int level;
    } words[] = { { "-f", 6 },     { "-split", 3 }, { "-csplit", 3 }, { "-isplit", 3 }, { "-join", 3 }, { "-replace", 3 }, { "-creplace", 3 }, { "-ireplace", 3 },
                  { "-eq", 3 },    { "-ne", 3 },    { "-gt", 3 },     { "-ge", 3 },     { "-lt", 3 },   { "-le", 3 },      { "-like", 3 },     { "-match", 3 },
                  { "-ieq", 3 },   { "-ceq", 3 },   { "-ine", 3 },    { "-is", 3 },     { "-as", 3 },   { "-band", 2 },    { "-bor", 2 },      { "-bxor", 2 }, { "-shl", 5 }, { "-shr", 5 },
                  { "-and", 1 },   { "-or", 1 },    { "-notmatch", 3 }, { "-contains", 3 }, { "-notlike", 3 } };
    uint16_t u = peek(p, 0), next = peek(p, 1);
    *op = text_sub(p->s, p->at, 1);
    if (u == '-' && next < 0x80 && ascii_alpha((uint8_t)next)) {
        uint32_t n = 1;
        while (peek(p, n) < 0x80 && ascii_alpha((uint8_t)peek(p, n)))
            n++;
        *op = text_sub(p->s, p->at, n);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (ps_is(*op, words[i].name))
                return words[i].level;
        return 0;
    }
    if ((u == '+' || u == '-') && next != '=' && next != u)
        return 4;
    if ((u == '*' || u == '/' || u == '%') && next != '=')
        return 5;
    if (u == '.' && next == '.') {
        *op = text_sub(p->s, p->at, 2);
        return 7;
    }
    return u == ',' ? 8 : 0;
}

static struct ps_value range_of_numbers(struct ps *p, struct ps_value a, struct ps_value b)
{
    int64_t x, y;
    if (!ps_as_number(p, a, &x) || !ps_as_number(p, b, &y) || x - y > PS_LIST_MAX - 2 || y - x > PS_LIST_MAX - 2)
        return ps_unknown(p, "a range");
    uint32_t n = (uint32_t)(x > y ? x - y : y - x) + 1;
    struct ps_value *items = ps_spend(p, n) ? ARENA_ARRAY(p->t->mem, struct ps_value, n) : NULL;
    for (uint32_t i = 0; items && i < n; i++)
        items[i] = ps_number(x > y ? x - i : x + i);
    return items ? (struct ps_value){ .kind = PS_LIST, .items = items, .n = n } : ps_unknown(p, "a range");
}

static struct ps_value comma(struct ps *p, struct ps_value first)
{
    struct ps_value *items = NULL;
    uint32_t n = 1, size = 0;
    do {
        if (n + 1 > size) {
            size = size ? size * 2 : 16;
            items = size <= PS_LIST_MAX ? arena_regrow(p->t->mem, items, n * sizeof *items * (items != NULL), size, sizeof *items) : NULL;
            if (!items)
                return ps_unknown(p, "a long list");
        }
        items[0] = n == 1 ? first : items[0];
        ps_skip(p, true);
        items[n++] = expression(p, 9);
    } while (!p->stop && ps_take(p, ','));
    return (struct ps_value){ .kind = PS_LIST, .items = items, .n = n };
}

static struct ps_value unary(struct ps *p)
{
    ps_skip(p, false);
    struct text op;
    uint16_t u = peek(p, 0);
    if (u == ',') {
        p->at++;
        struct ps_value v = expression(p, 9);
        return ps_list(p, &v, 1);
    }
    if ((u == '+' || u == '-') && peek(p, 1) == u) {
        p->at += 2;
        ps_skip(p, false);
        if (peek(p, 0) != '$')
            return ps_unknown(p, "++");
        p->at++;
        struct text name = ps_variable_name(p);
        struct ps_value v = ps_binary(p, ps_cstr(p, u == '+' ? "+" : "-").text, ps_value_of(p, name), ps_number(1));
        ps_assign(p, name, v);
        return v;
    }
    if (u == '!' || ((u == '-' || u == '+') && peek(p, 1) != u)) {
        int64_t n;
        (void)operator_here(p, &op);
        bool join = ps_is(op, "-join"), split = ps_is(op, "-split"), minus = op.n == 1 && u != '!';
        if (!join && !split && !minus && u != '!' && !(op.n == 4 && ps_is(op, "-not")))
            return (struct ps_value){ 0 };
        p->at += u == '!' ? 1 : op.n;
        struct ps_value v = expression(p, join || split ? 8 : 9);
        if (join)
            return ps_join(p, v, (struct text){ 0 });
        if (split)
            return ps_method(p, v, ps_cstr(p, "split").text, NULL, 0);
        if (minus && ps_as_number(p, v, &n))
            return ps_number(u == '-' ? -n : n);
        if (!minus && (v.kind == PS_TRUTH || v.kind == PS_NUMBER || v.kind == PS_NULL))
            return (struct ps_value){ .kind = PS_TRUTH, .number = !v.number };
        struct ps_value open = ps_unknown(p, "not");
        open.file = v.file;
        return open;
    }
    return ps_primary(p);
}

static struct ps_value expression(struct ps *p, int level)
{
    if (p->depth >= PS_DEPTH_MAX) {
        p->stop = p->limited = true;
        return ps_unknown(p, "depth");
    }
    p->depth++;
    struct ps_value v = unary(p);
    while (!p->stop && level < 9) {
        struct text op;
        uint32_t before = p->at;
        ps_skip(p, false);
        int binds = operator_here(p, &op);
        bool argument = level == 1 && binds == 8; /* commas part arguments */
        if (binds == 0 || binds < level || argument) {
            p->at = before;
            break;
        }
        p->at += op.n;
        ps_skip(p, true);
        if (binds == 8) {
            v = comma(p, v);
            continue;
        }
        struct ps_value right = expression(p, binds == 3 || binds == 6 ? (binds == 3 ? 4 : 7) : binds + 1);
        v = binds == 7 ? range_of_numbers(p, v, right) : ps_binary(p, op, v, right);
    }
    p->depth--;
    return v;
}

/* --- commands and pipelines */

static bool ends_command(uint16_t u) { return u == 0 || u == ';' || u == '|' || u == ')' || u == '}' || u == '\n' || u == '&'; }

static struct ps_value argument(struct ps *p)
{
    uint16_t u = peek(p, 0);
    if (quote(u) || u == '$' || u == '(' || u == '{' || u == '@')
        return ps_primary(p);
    return ps_text(ps_bare(p, "();|{},&"));
}

static struct ps_value command(struct ps *p, struct text name, struct ps_value piped)
{
    struct ps_value *a = ARENA_ARRAY(p->t->mem, struct ps_value, PS_ARGUMENTS_MAX);
    struct text *names = a ? ARENA_ARRAY(p->t->mem, struct text, PS_ARGUMENTS_MAX) : NULL, line = name, parameter = { 0 };
    uint32_t n = 0;
    if (!names)
        return ps_unknown(p, "memory");
    for (ps_skip(p, false); !ends_command(peek(p, 0)) && p->at < p->s.n && n < PS_ARGUMENTS_MAX && !p->stop; ps_skip(p, false)) {
        uint32_t before = p->at;
        line = text_join(p->t, line, ps_cstr(p, " ").text);
        if (peek(p, 0) == '-' && peek(p, 1) < 0x80 && ascii_alpha((uint8_t)peek(p, 1))) {
            struct text word = ps_bare(p, "();|{},&");
            line = text_join(p->t, line, word);
            uint32_t colon = text_find(word, ps_cstr(p, ":").text, 0, false);
            parameter = text_sub(word, 1, (colon == UINT32_MAX ? word.n : colon) - 1);
            p->at -= colon == UINT32_MAX ? 0 : word.n - colon - 1;
            continue;
        }
        struct ps_value v = argument(p);
        if (ps_take(p, ','))
            v = (ps_skip(p, true), p->at = p->at, comma(p, v));
        line = text_join(p->t, line, ps_as_text(p, v));
        names[n] = parameter;
        a[n++] = v;
        parameter = (struct text){ 0 };
        p->at += p->at == before;
    }
    struct ps_variable *alias = name.n ? ps_variable(p, text_join(p->t, ps_cstr(p, "alias:").text, name), false) : NULL;
    name = alias ? ps_as_text(p, alias->value) : name;
    bool each = (ps_is(name, "foreach-object") || ps_is(name, "foreach") || ps_is(name, "%")) && n;
    if (each)
        return ps_each(p, piped, a[n - 1], false);
    if ((ps_is(name, "where-object") || ps_is(name, "where") || ps_is(name, "?")) && n && a[n - 1].kind == PS_BLOCK)
        return ps_each(p, piped, a[n - 1], true);
    struct ps_variable *f = name.n ? ps_variable(p, text_join(p->t, ps_cstr(p, "function:").text, name), false) : NULL;
    if (f && f->value.kind == PS_BLOCK)
        return ps_call(p, f->value, names, a, n);
    return ps_command(p, name, names, a, n, piped, line);
}

/* A value that is called: a name or a block. */
static struct ps_value call_value(struct ps *p, struct ps_value v, struct ps_value piped)
{
    if (v.kind == PS_BLOCK) {
        struct ps_value a[8];
        uint32_t n = 0;
        for (ps_skip(p, false); !ends_command(peek(p, 0)) && p->at < p->s.n && n < 8 && !p->stop; ps_skip(p, false)) {
            uint32_t before = p->at;
            a[n++] = argument(p);
            p->at += p->at == before;
        }
        struct ps_value outer = p->piped;
        p->piped = piped.kind == PS_NULL ? outer : piped;
        v = ps_call(p, v, NULL, a, n);
        p->piped = outer;
        return v;
    }
    if (v.kind == PS_LIST)
        v = ps_join(p, v, (struct text){ 0 });
    return command(p, ps_as_text(p, v), piped);
}

static struct ps_value element(struct ps *p, struct ps_value piped)
{
    ps_skip(p, true);
    uint16_t u = peek(p, 0), next = peek(p, 1);
    if (u == '&' || (u == '.' && !ps_letter(next) && next != '.')) {
        p->at++;
        ps_skip(p, false);
        struct ps_value v = quote(peek(p, 0)) || peek(p, 0) == '(' || peek(p, 0) == '$' || peek(p, 0) == '{' ? ps_primary(p) : ps_text(ps_bare(p, "();|{}"));
        return call_value(p, v, piped);
    }
    if (u == '%' || u == '?')
        return p->at++, command(p, ps_cstr(p, u == '%' ? "%" : "where-object").text, piped);
    if (ps_letter(u) && !(u >= '0' && u <= '9'))
        return command(p, ps_bare(p, "();|{}&,'\"$"), piped);
    if (u == '`')
        return command(p, ps_bare(p, "();|{}&,'\"$"), piped);
    return expression(p, 0);
}

struct ps_value ps_pipeline(struct ps *p)
{
    struct ps_value v = element(p, (struct ps_value){ 0 });
    while (!p->stop && ps_take(p, '|')) {
        if (peek(p, 0) == '|')
            p->at++;
        v = element(p, v);
    }
    return v;
}

/* --- the language */

/* What Invoke-Expression runs sees the variables of who calls it, and gives them back. */
static void share_back(struct ps *p, struct ps *outer, const struct ps_output *o)
{
    outer->n_variables = p->n_variables;
    outer->changes += p->changes;
    outer->steps = p->steps;
    outer->doubt = p->doubt;
    outer->left = outer->left || p->left;
    outer->handed = ps_put_out(p, o);
}

static void powershell_view(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    if (id != FACT_SCRIPT_CODE || !slice_is(w->type, "powershell") || utf8.len == 0)
        return;
    struct ps *p = unmask_prepare(u, w) ? ARENA_NEW(w->mem, struct ps) : NULL;
    struct ps *outer = *state && ((struct ps *)*state)->handing ? *state : NULL;
    struct ps_variable *variables = outer ? outer->variables : p ? ARENA_ARRAY(w->mem, struct ps_variable, PS_VARIABLES_MAX) : NULL;
    if (!p || !variables || !walk_work(w, utf8.len * 2))
        return;
    *p = (struct ps){ .u = u, .w = w, .t = &u->texts, .variables = variables, .n_variables = outer ? outer->n_variables : 0 };
    p->doubt = outer && outer->doubt;
    p->steps = outer ? outer->steps : 0;
    p->ceiling = outer ? outer->ceiling : 0;
    p->piped = outer ? outer->piped : (struct ps_value){ 0 };
    void *before = *state;
    *state = p;
    slice some = slice_sub(utf8, 0, SOURCE_MAX);
    uint32_t line = 1;
    struct unmask_lines lines = unmask_lines_of(w, at);
    for (size_t from = 0; from < some.len; line++) {
        size_t end = slice_find_byte(some, '\n', from), to = end == SIZE_MAX ? some.len : end + 1;
        p->s = text_join(p->t, p->s, text_of(p->t, slice_sub(some, from, to - from), texts_origin(p->t, w->part, unmask_lines_next(&lines), line)));
        from = to;
    }
    struct ps_output o = { 0 };
    p->out = &o;
    ps_statements(p, p->s.n);
    if (outer)
        share_back(p, outer, &o);
    *state = before;
    if (p->limited || utf8.len > SOURCE_MAX)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_EVALUATION, (slice){ 0 });
}

const struct language language_powershell = { .name = "powershell", .view = powershell_view };
