/* SPDX-License-Identifier: Apache-2.0 */
/* powershell_scan - blanks, words, brackets and variables of the code (about_Parsing,
 * about_Variables, about_Automatic_Variables). */
#include "unmask/powershell/powershell_private.h"

enum { WORD_MAX = 4096 };

static uint16_t peek(const struct ps *p, uint32_t ahead) { return text_unit(p->s, p->at + ahead); }
bool ps_letter(uint16_t u) { return (u < 0x80 && (ascii_alnum((uint8_t)u) || u == '_')) || (u >= 0x80 && u != 0xA0 && (u < 0x2010 || u > 0x201F)); }
static bool is_blank(uint16_t u) { return u == ' ' || u == '\t' || u == '\r' || u == 0xA0; }

void ps_skip(struct ps *p, bool lines)
{
    for (;; p->at++) {
        uint16_t u = peek(p, 0);
        if (u == '`' && (peek(p, 1) == '\n' || peek(p, 1) == '\r'))
            continue;
        if (u == '#') {
            while (p->at < p->s.n && peek(p, 0) != '\n')
                p->at++;
            u = peek(p, 0);
        } else if (u == '<' && peek(p, 1) == '#') {
            while (p->at < p->s.n && !(peek(p, 0) == '#' && peek(p, 1) == '>' ))
                p->at++;
            p->at++;
            continue;
        }
        if (p->at >= p->s.n || !(is_blank(u) || (lines && u == '\n')))
            return;
    }
}

bool ps_take(struct ps *p, char c)
{
    ps_skip(p, false);
    if (peek(p, 0) != (uint16_t)c)
        return false;
    p->at++;
    return true;
}

/* --- variables */

bool ps_symbolic(const struct ps *p, struct text s)
{
    bool found = false;
    for (uint32_t i = 0; p->symbol && i < s.n && !found; i++)
        found = text_mark_at(s, i) == p->symbol;
    return found;
}

struct ps_value ps_environment(struct ps *p, struct text name, bool indexed)
{
    static const char *const usual[][2] = { { "comspec", "C:\\Windows\\system32\\cmd.exe" }, { "public", "C:\\Users\\Public" },
                                            { "programdata", "C:\\ProgramData" },           { "windir", "C:\\Windows" },
                                            { "systemroot", "C:\\Windows" },                { "allusersprofile", "C:\\ProgramData" } };
    for (uint32_t i = 0; i < p->u->n_environment; i++)
        if (p->u->environment[i].name.n == name.n && text_find(p->u->environment[i].name, name, 0, true) == 0)
            return ps_text(p->u->environment[i].value);
    for (size_t i = 0; indexed && i < sizeof usual / sizeof usual[0]; i++)
        if (ps_is(name, usual[i][0]))
            return ps_cstr(p, usual[i][1]);
    if (indexed)
        return ps_unknown(p, "$env");
    if (!p->symbol)
        p->symbol = texts_origin(p->t, p->w->part, (struct range){ UINT32_MAX, UINT32_MAX }, NO_LINE);
    struct text sign = text_of(p->t, SLICE_LIT("%"), p->symbol);
    return ps_text(text_join(p->t, text_join(p->t, sign, name), sign));
}

struct ps_variable *ps_variable(struct ps *p, struct text name, bool make)
{
    for (uint32_t i = 0; i < p->n_variables; i++)
        if (p->variables[i].name.n == name.n && text_find(p->variables[i].name, name, 0, true) == 0)
            return &p->variables[i];
    if (!make || p->n_variables == PS_VARIABLES_MAX)
        return NULL;
    p->variables[p->n_variables] = (struct ps_variable){ .name = name };
    return &p->variables[p->n_variables++];
}

struct ps_value ps_value_of(struct ps *p, struct text name)
{
    static const char *const automatic[][2] = { { "pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0" }, { "shellid", "Microsoft.PowerShell" },
                                                { "verbosepreference", "SilentlyContinue" },                { "maximumdrivecount", "4096" },
                                                { "ofs", " " } };
    struct ps_variable *v = ps_variable(p, name, false);
    if (ps_is(name, "_") || ps_is(name, "psitem"))
        return p->piped;
    if (v)
        return v->value;
    if (ps_is(text_sub(name, 0, 4), "env:"))
        return ps_environment(p, text_sub(name, 4, name.n), peek(p, 0) == '[');
    if (ps_is(name, "?"))
        return (struct ps_value){ .kind = PS_TRUTH, .number = 1 };
    if (ps_is(name, "true") || ps_is(name, "false"))
        return (struct ps_value){ .kind = PS_TRUTH, .number = ps_is(name, "true") };
    for (size_t i = 0; i < sizeof automatic / sizeof automatic[0]; i++)
        if (ps_is(name, automatic[i][0]))
            return ps_cstr(p, automatic[i][1]);
    return (struct ps_value){ 0 }; /* $null, and what was never set */
}

void ps_assign(struct ps *p, struct text name, struct ps_value value)
{
    struct ps_variable *v = ps_variable(p, name, true);
    p->changes++;
    if (v)
        *v = (struct ps_variable){ v->name, value, p->changes };
    else
        p->limited = true;
}

/* Behind the $: name, {name}, scope:name. */
struct text ps_variable_name(struct ps *p)
{
    static const char *const scopes[] = { "global:", "script:", "local:", "private:", "variable:" };
    uint32_t from = p->at;
    if (peek(p, 0) == '{') {
        struct text braced = { 0 };
        for (from = ++p->at; p->at < p->s.n && peek(p, 0) != '}'; p->at++)
            if (peek(p, 0) == '`') {
                braced = text_join(p->t, braced, text_sub(p->s, from, p->at - from));
                from = ++p->at;
            }
        braced = text_join(p->t, braced, text_sub(p->s, from, p->at - from));
        p->at++;
        for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
            if (ps_is(text_sub(braced, 0, strlen(scopes[i])), scopes[i]))
                braced = text_sub(braced, strlen(scopes[i]), braced.n);
        return braced;
    }
    if (peek(p, 0) == '$' || peek(p, 0) == '?' || peek(p, 0) == '^')
        return text_sub(p->s, p->at++, 1);
    while (ps_letter(peek(p, 0)) || (peek(p, 0) == ':' && peek(p, 1) != ':' && ps_letter(peek(p, 1)) && p->at > from))
        p->at++;
    struct text name = text_sub(p->s, from, p->at - from);
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if (ps_is(text_sub(name, 0, strlen(scopes[i])), scopes[i]))
            name = text_sub(name, strlen(scopes[i]), name.n);
    return name;
}

/* The last unit of a text, a comment or a name in braces that begins here; `at` when none does. */
static uint32_t passed(struct ps *p, uint32_t at)
{
    uint16_t u = text_unit(p->s, at), before = at ? text_unit(p->s, at - 1) : '\n', end;
    if (u == '`')
        return at + 1;
    if (u == '#' && (before <= ' ' || before == ';' || before == '{' || before == '(')) {
        while (at + 1 < p->s.n && text_unit(p->s, at + 1) != '\n')
            at++;
        return at;
    }
    if (u == '#' && before == '<') {
        while (at < p->s.n && !(text_unit(p->s, at) == '#' && text_unit(p->s, at + 1) == '>'))
            at++;
        return at + 1;
    }
    bool name = u == '$' && text_unit(p->s, at + 1) == '{';
    if (!name && u != '\'' && u != '"')
        return at;
    end = name ? '}' : u;
    for (at += 1 + name; at < p->s.n && text_unit(p->s, at) != end; at++)
        at += end != '\'' && text_unit(p->s, at) == '`';
    return at;
}

/* Where the bracket that is open at `at` closes; texts inside do not count. */
uint32_t ps_matching(struct ps *p, uint32_t at, char open, char close)
{
    uint32_t depth = 1, from = at;
    for (; at < p->s.n; at++) {
        uint16_t u = text_unit(p->s, at);
        uint32_t last = passed(p, at);
        if (last > at) {
            at = last;
        } else if (u == (uint16_t)open) {
            depth++;
        } else if (u == (uint16_t)close && --depth == 0) {
            (void)ps_spend(p, at - from);
            return at;
        }
    }
    (void)ps_spend(p, p->s.n > from ? p->s.n - from : 0);
    return p->s.n;
}

uint32_t ps_until(struct ps *p, uint32_t at, char c)
{
    uint32_t from = at;
    for (; at < p->s.n; at++) {
        uint16_t u = text_unit(p->s, at);
        if (u == (uint16_t)c)
            break;
        uint32_t last = passed(p, at);
        if (last > at) {
            at = last;
        } else if (u == '(' || u == '{' || u == '[') {
            at = ps_matching(p, at + 1, (char)u, u == '(' ? ')' : u == '{' ? '}' : ']');
        }
    }
    (void)ps_spend(p, at - from);
    return at < p->s.n ? at : p->s.n;
}

/* A bare word; backticks go. */
struct text ps_bare(struct ps *p, const char *stops)
{
    struct text all = { 0 };
    while (p->at < p->s.n && all.n < WORD_MAX) {
        uint16_t u = peek(p, 0);
        if (u == '`') {
            p->at++;
        } else if (u <= ' ' || u == 0xA0 || (u < 0x80 && strchr(stops, u))) {
            break;
        }
        all = text_join(p->t, all, text_sub(p->s, p->at++, 1));
    }
    return all;
}

