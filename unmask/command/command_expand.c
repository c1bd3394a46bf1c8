/* SPDX-License-Identifier: Apache-2.0 */
/* command_expand - variables: %NAME%, %NAME:~from,count%, %NAME:old=new%, the same between !, and
 * the letters of FOR. Follows the built-in help of SET and FOR.
 *
 * Variables of Windows stay by name (%TEMP%\x.exe) where they stand whole; what is cut out of
 * them is computed from their usual values. Users' names are holes in those. */
#include "unmask/command/command_private.h"

/* '*' is a hole: a name that is different on each computer. */
static const char *const usual[][2] = {
    { "ALLUSERSPROFILE", "C:\\ProgramData" },
    { "APPDATA", "C:\\Users\\*\\AppData\\Roaming" },
    { "CommonProgramFiles", "C:\\Program Files\\Common Files" },
    { "CommonProgramFiles(x86)", "C:\\Program Files (x86)\\Common Files" },
    { "CommonProgramW6432", "C:\\Program Files\\Common Files" },
    { "COMPUTERNAME", "*" },
    { "ComSpec", "C:\\Windows\\system32\\cmd.exe" },
    { "HOMEDRIVE", "C:" },
    { "HOMEPATH", "\\Users\\*" },
    { "LOCALAPPDATA", "C:\\Users\\*\\AppData\\Local" },
    { "LOGONSERVER", "\\\\*" },
    { "OS", "Windows_NT" },
    { "PATHEXT", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC" },
    { "PROCESSOR_ARCHITECTURE", "AMD64" },
    { "ProgramData", "C:\\ProgramData" },
    { "ProgramFiles", "C:\\Program Files" },
    { "ProgramFiles(x86)", "C:\\Program Files (x86)" },
    { "ProgramW6432", "C:\\Program Files" },
    { "PSModulePath",
      "C:\\Program "
      "Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules" },
    { "PUBLIC", "C:\\Users\\Public" },
    { "SESSIONNAME", "Console" },
    { "SystemDrive", "C:" },
    { "SystemRoot", "C:\\Windows" },
    { "TEMP", "C:\\Users\\*\\AppData\\Local\\Temp" },
    { "TMP", "C:\\Users\\*\\AppData\\Local\\Temp" },
    { "USERDOMAIN", "*" },
    { "USERNAME", "*" },
    { "USERPROFILE", "C:\\Users\\*" },
    { "windir", "C:\\Windows" },
};

static const char *const changing[] = { "RANDOM",     "DATE",   "TIME",
                                        "CD",         "PATH",   "ERRORLEVEL",
                                        "CMDCMDLINE", "PROMPT", "NUMBER_OF_PROCESSORS" };

bool command_spend(struct command *c, uint64_t n)
{
    if (c->steps >= COMMAND_STEPS_MAX || c->t->full || !walk_work(c->w, 20 + 4 * n)) {
        c->limited = true;
        return false;
    }
    c->steps++;
    return true;
}

struct text command_unknown(struct command *c, const char *why) { return text_hole(c->t, texts_reason(c->t, slice_of(why))); }

/* --- variables of the code */

static bool same_name(struct text a, struct text b) { return a.n == b.n && text_find(a, b, 0, true) == 0; }

bool command_get(struct command *c, struct text name, struct text *out)
{
    for (uint32_t i = 0; i < c->n_variables; i++)
        if (same_name(c->variables[i].name, name)) {
            *out = c->variables[i].value;
            return out->n > 0;
        }
    return false;
}

void command_set(struct command *c, struct text name, struct text value)
{
    c->changes++;
    for (uint32_t i = 0; i < c->n_variables; i++)
        if (same_name(c->variables[i].name, name)) {
            c->variables[i].value = value;
            return;
        }
    if (c->n_variables == COMMAND_VARIABLES_MAX)
        c->limited = true;
    else
        c->variables[c->n_variables++] = (struct unmask_variable){ name, value };
}

static struct text usual_value(struct command *c, const char *name, const char *value)
{
    struct text all = { 0 };
    slice rest = slice_of(value);
    size_t star = slice_find_byte(rest, '*', 0);
    all = text_of(c->t, slice_sub(rest, 0, star), TEXT_NOWHERE);
    if (star != SIZE_MAX)
        all = text_join(c->t, text_join(c->t, all, command_unknown(c, name)), text_of(c->t, slice_from(rest, star + 1), TEXT_NOWHERE));
    return all;
}

/* The value, and whether it is one of Windows that is shown by its name. */
static bool value_of(struct command *c, struct text name, struct text *out, bool *by_name)
{
    *by_name = false;
    if (command_get(c, name, out))
        return true;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (text_is_nocase(name, usual[i][0])) {
            *out = usual_value(c, usual[i][0], usual[i][1]);
            *by_name = true;
            return true;
        }
    for (size_t i = 0; i < sizeof changing / sizeof changing[0]; i++)
        if (text_is_nocase(name, changing[i])) {
            *out = command_unknown(c, changing[i]);
            return true;
        }
    return false;
}

/* What SET shows: the usual variables and those of the code, those that begin so. */
struct text command_environment(struct command *c, struct text beginning)
{
    struct text all = { 0 }, v;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        struct text name = command_lit(c, usual[i][0]);
        if (!command_get(c, name, &v) &&
            (beginning.n == 0 ||
             text_find(text_sub(name, 0, beginning.n), beginning, 0, true) == 0))
            all = text_join(
                c->t,
                text_join(c->t, text_join(c->t, text_join(c->t, all, name), command_lit(c, "=")),
                          usual_value(c, usual[i][0], usual[i][1])),
                command_lit(c, "\n"));
    }
    for (uint32_t i = 0; i < c->n_variables && command_spend(c, 0); i++) {
        v = c->variables[i].name;
        if (c->variables[i].value.n &&
            (beginning.n == 0 || text_find(text_sub(v, 0, beginning.n), beginning, 0, true) == 0))
            all = text_join(c->t,
                            text_join(c->t,
                                      text_join(c->t, text_join(c->t, all, v), command_lit(c, "=")),
                                      c->variables[i].value),
                            command_lit(c, "\n"));
    }
    return all;
}

/* --- cutting and replacing */

/* As wcstol with base 0 reads it: blanks before it count for nothing. */
static bool number(struct text s, uint32_t *at, int64_t *out)
{
    while (text_unit(s, *at) == ' ' || text_unit(s, *at) == '\t')
        ++*at;
    bool minus = text_unit(s, *at) == '-';
    *at += minus || text_unit(s, *at) == '+';
    bool hex = text_unit(s, *at) == '0' && (text_unit(s, *at + 1) | 32) == 'x';
    uint32_t from = *at += hex ? 2 : 0;
    int64_t v = 0, base = hex ? 16 : text_unit(s, *at) == '0' ? 8 : 10;
    for (; text_unit(s, *at) < 0x80 && v < 1000000; ++*at) {
        int d = ascii_hex((uint8_t)text_unit(s, *at));
        if (d < 0 || d >= base)
            break;
        v = v * base + d;
    }
    *out = minus ? -v : v;
    return *at > from;
}

static bool holes_in(struct text s, int64_t from, int64_t to)
{
    return to > from && !text_known(text_sub(s, (uint64_t)from, (uint64_t)(to - from)));
}

/* ~from,count of SET: counts from the end where negative. A hole has no length, so that only
 * what is counted without passing it is known. */
static struct text cut(struct command *c, struct text v, int64_t from, bool has_count, int64_t count)
{
    int64_t n = v.n, a = from < 0 ? n + from : from, b = !has_count ? n : count < 0 ? n + count : a + count;
    a = a < 0 ? 0 : a > n ? n : a;
    b = b > n ? n : b;
    bool a_bad = from < 0 ? holes_in(v, a, n) : holes_in(v, 0, a);
    bool b_bad = has_count && (count < 0 ? holes_in(v, b < 0 ? 0 : b, n) : holes_in(v, from < 0 ? a : 0, b));
    if (a_bad || b_bad || (!has_count && from > 0 && a == n && !text_known(v)))
        return text_hole(c->t, texts_reason(c->t, text_reason(c->t, v)));
    return b > a ? text_sub(v, (uint64_t)a, (uint64_t)(b - a)) : (struct text){ 0 };
}

static struct text replaced(struct command *c, struct text v, struct text old, struct text with)
{
    struct text all = { 0 };
    uint32_t from = 0;
    bool rest = text_unit(old, 0) == '*' && old.n > 1;
    struct text what = rest ? text_sub(old, 1, old.n) : old;
    if (!text_known(v))
        return text_hole(c->t, texts_reason(c->t, text_reason(c->t, v)));
    while (what.n && command_spend(c, v.n - from)) {
        uint32_t at = text_find(v, what, from, true);
        if (at == UINT32_MAX)
            break;
        if (!rest)
            all = text_join(c->t, all, text_sub(v, from, at - from));
        all = text_join(c->t, all, with);
        from = at + what.n;
        if (rest)
            break;
    }
    return text_join(c->t, all, text_sub(v, from, v.n));
}

/* NAME, NAME:~a,b or NAME:x=y. False: there is no such variable. */
static bool reference(struct command *c, struct text inside, char sign, struct text *out)
{
    bool by_name;
    uint32_t colon = 0;
    while (colon < inside.n && text_unit(inside, colon) != ':')
        colon++;
    struct text name = text_sub(inside, 0, colon), v;
    if (name.n == 0 || !value_of(c, name, &v, &by_name))
        return false;
    struct text how = text_sub(inside, colon + 1, inside.n);
    if (how.n == 0) {
        char signs[2] = { '%', '\0' };
        *out = by_name ? text_join(c->t, text_join(c->t, command_lit(c, signs), name), command_lit(c, signs)) : v;
        return true;
    }
    if (text_unit(how, 0) == '~') {
        int64_t from = 0, count = 0;
        uint32_t at = 1;
        (void)number(how, &at, &from);
        bool has = text_unit(how, at) == ',' && (at++, number(how, &at, &count));
        *out = cut(c, v, from, has, count);
        return true;
    }
    uint32_t equals = 0;
    while (equals < how.n && text_unit(how, equals) != '=')
        equals++;
    if (equals == how.n)
        return false;
    struct text with = text_sub(how, equals + 1, how.n);
    *out = replaced(c, v, text_sub(how, 0, equals), sign == '!' ? command_plain(c, with) : with);
    return true;
}

static uint32_t find_sign(struct text s, uint16_t sign, uint32_t from)
{
    for (uint32_t i = from; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        if (u == sign)
            return i;
        if (u == '\n' || u == '\r')
            break;
    }
    return UINT32_MAX;
}

/* %0, %1 and %~dp0: what the file was started with. Returns units taken. */
static uint32_t parameter(struct command *c, struct text s, uint32_t at, struct text *out)
{
    uint32_t i = at + 1;
    bool tilde = text_unit(s, i) == '~';
    i += tilde;
    while (tilde && text_unit(s, i) < 0x80 && ascii_alpha((uint8_t)text_unit(s, i)))
        i++;
    uint16_t u = text_unit(s, i);
    if (u == '*' && !tilde) {
        *out = (struct text){ 0 };
        return 2;
    }
    if (u < '0' || u > '9')
        return 0;
    *out = u == '0' ? command_unknown(c, "%0") : (struct text){ 0 };
    return i + 1 - at;
}

struct text command_percents(struct command *c, struct text s)
{
    struct text all = { 0 };
    uint32_t from = 0;
    uint32_t i = find_sign(s, '%', 0);
    if (!command_spend(c, s.n))
        return s;
    for (i = 0; i < s.n; i++) {
        struct text v = { 0 };
        uint32_t took = 0;
        if (text_unit(s, i) != '%')
            continue;
        if (c->batch && text_unit(s, i + 1) == '%') {
            v = text_sub(s, i, 1);
            took = 2;
        } else if (c->batch && (took = parameter(c, s, i, &v)) > 0) {
        } else {
            uint32_t end = find_sign(s, '%', i + 1);
            if (end == UINT32_MAX)
                continue;
            if (reference(c, text_sub(s, i + 1, end - i - 1), '%', &v))
                took = end + 1 - i;
            else if (c->batch)
                took = end + 1 - i, v = (struct text){ 0 };
            else
                continue; /* the second sign may begin another */
        }
        all = text_join(c->t, text_join(c->t, all, text_sub(s, from, i - from)), v);
        from = i + took;
        i = from - 1;
    }
    return from ? text_join(c->t, all, text_sub(s, from, s.n)) : s;
}

/* Where the reference that begins behind `from` ends. What !name:old=new! looks for may hold the
 * sign itself (not as its first character), where there is such a variable. */
static uint32_t delayed_end(struct command *c, struct text s, uint32_t from)
{
    uint32_t end = find_sign(s, '!', from), colon = find_sign(s, ':', from);
    struct text value;
    if (end == UINT32_MAX || colon > end || text_unit(s, colon + 1) == '~' || colon + 1 == end)
        return end;
    uint32_t equals = find_sign(s, '=', colon);
    if (equals == UINT32_MAX || equals < end || !command_get(c, text_sub(s, from, colon - from), &value))
        return end;
    uint32_t last = find_sign(s, '!', equals);
    return last == UINT32_MAX ? end : last;
}

/* A value holds no guarded character, so that the plain text of a loop that puts a line together
 * (set x=!x!...) is made without looking at all of the line in every round. */
static struct text delayed(struct command *c, struct text s, bool plain)
{
    struct text all = { 0 };
    uint32_t from = 0;
    if (!c->delayed || find_sign(s, '!', 0) == UINT32_MAX || !command_spend(c, s.n))
        return plain ? command_plain(c, s) : s;
    for (uint32_t i = 0; i < s.n; i++) {
        struct text v = { 0 }, before;
        if (text_unit(s, i) == '^' && i + 1 < s.n) {
            before = text_sub(s, from, i - from);
            all = text_join(c->t, all, plain ? command_plain(c, before) : before);
            from = ++i;
            continue;
        }
        if (text_unit(s, i) != '!')
            continue;
        uint32_t end = delayed_end(c, s, i + 1);
        bool named = end != UINT32_MAX && end > i + 1;
        if (named && !reference(c, text_sub(s, i + 1, end - i - 1), '!', &v) && !c->batch)
            v = text_sub(s, i, end + 1 - i); /* typed, what is not defined stays as it stands */
        before = text_sub(s, from, i - from);
        all = text_join(c->t, all, plain ? command_plain(c, before) : before);
        all = text_join(c->t, all, plain ? v : command_guarded(c, v));
        from = end == UINT32_MAX || end == i + 1 ? i + 1 : end + 1;
        i = from - 1;
    }
    struct text rest = text_sub(s, from, s.n);
    return text_join(c->t, all, plain ? command_plain(c, rest) : rest);
}

struct text command_delayed(struct command *c, struct text s) { return delayed(c, s, false); }
struct text command_delayed_plain(struct command *c, struct text s) { return delayed(c, s, true); }

/* %i and %~nxi of a FOR that is going on. */
struct text command_loop_values(struct command *c, struct text s)
{
    struct text all = { 0 };
    uint32_t from = 0;
    if (c->n_loops == 0 || !command_spend(c, s.n))
        return s;
    for (uint32_t i = 0; i + 1 < s.n; i++) {
        if (text_unit(s, i) != '%')
            continue;
        uint32_t k = i + 1;
        bool tilde = text_unit(s, k) == '~', modified = false;
        if (tilde)
            while (text_unit(s, k + 2) < 0x80 && ascii_alpha((uint8_t)text_unit(s, k + 1)) && ascii_alpha((uint8_t)text_unit(s, k + 2)) && k - i < 8)
                k++, modified = true;
        k += tilde;
        for (uint32_t n = c->n_loops; n > 0; n--)
            if (c->loops[n - 1].letter == text_unit(s, k)) {
                struct text v = c->loops[n - 1].value;
                v = modified ? command_unknown(c, "modifier of FOR") : tilde ? command_unquoted(c, v) : v;
                all = text_join(c->t, text_join(c->t, all, text_sub(s, from, i - from)), command_guarded(c, v));
                from = k + 1;
                i = k;
                break;
            }
    }
    return from ? text_join(c->t, all, text_sub(s, from, s.n)) : s;
}

/* --- small things */

enum { GUARD = 0xE000 };

static bool special(uint16_t u, bool guard)
{
    enum { LOW = 0x20 };
    /* " % & ( ) ! < > ^ | */
    static const uint64_t signs[2] = { 1ull << '"' | 1ull << '%' | 1ull << '&' | 1ull << '(' |
                                           1ull << ')' | 1ull << '!' | 1ull << '<' | 1ull << '>',
                                       1ull << ('^' - 64) | 1ull << ('|' - 64) };
    if (!guard)
        return u >= GUARD && u < GUARD + 0x80;
    return u < 0x80 && u > LOW && (signs[u / 64] >> u % 64 & 1);
}

static struct text changed(struct command *c, struct text s, bool guard)
{
    uint32_t i = 0;
    while (i < s.n && !special(text_unit(s, i), guard))
        i++;
    uint16_t *units = i < s.n ? ARENA_ARRAY(c->t->mem, uint16_t, s.n) : NULL;
    if (!units)
        return s;
    for (i = 0; i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        units[i] = !special(u, guard) ? u : (uint16_t)(guard ? u + GUARD : u - GUARD);
    }
    return text_mapped(c->t, s, units, NULL, s.n);
}

struct text command_guarded(struct command *c, struct text s) { return changed(c, s, true); }
struct text command_plain(struct command *c, struct text s) { return changed(c, s, false); }

static bool blank(uint16_t u) { return u == ' ' || (u >= '\t' && u <= '\r') || u == 0xA0; }

struct text command_trim(struct text s)
{
    uint32_t a = 0, b = s.n;
    while (a < b && blank(text_unit(s, a)))
        a++;
    while (b > a && blank(text_unit(s, b - 1)))
        b--;
    return text_sub(s, a, b - a);
}

struct text command_unquoted(struct command *c, struct text s)
{
    struct text all = { 0 };
    uint32_t from = 0;
    for (uint32_t i = 0; i < s.n; i++)
        if (text_unit(s, i) == '"') {
            all = text_join(c->t, all, text_sub(s, from, i - from));
            from = i + 1;
        }
    return from ? text_join(c->t, all, text_sub(s, from, s.n)) : s;
}
