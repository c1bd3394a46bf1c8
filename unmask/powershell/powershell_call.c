/* SPDX-License-Identifier: Apache-2.0 */
/* powershell_call - methods of .NET and commands of PowerShell, as far as droppers use them. */
#include "base/inflate.h"
#include "unmask/powershell/powershell_private.h"

enum { VALUE_MAX = 16384, UNPACKED_MAX = 8 << 20 };

static void say(struct ps *p, enum effect_kind kind, const char *sink, const char *n1, struct text v1, const char *n2, struct text v2)
{
    struct unmask_argument a[2];
    size_t n = 0;
    if (v1.n)
        a[n++] = (struct unmask_argument){ n1, text_sub(v1, 0, VALUE_MAX) };
    if (v2.n && n2)
        a[n++] = (struct unmask_argument){ n2, text_sub(v2, 0, VALUE_MAX) };
    struct unmask_said said = { kind, sink, a, n, NULL, 0, (uint8_t)((p->maybe || p->left || p->broke) | (p->doubt ? UNMASK_DOUBT : 0)) };
    p->risky = true;
    if (n)
        (void)unmask_effect(p->u, p->w, &said);
}

static void hand_on(struct ps *p, const char *type, struct text code, const char *via)
{
    slice way[] = { slice_of(via) };
    bool before = p->u->maybe;
    p->u->maybe = before || p->maybe || p->left || p->broke;
    if (code.n > 3)
        unmask_hand_on(p->u, p->w, type, code, way, 1);
    p->u->maybe = before;
}

static const char from_afar[] = "what is fetched"; /* the reason of its hole */

static bool is_fetched(struct ps *p, struct text s) { return !text_known(s) && slice_is(text_reason(p->t, s), from_afar); }

static void say_remote(struct ps *p, struct text code, const char *via)
{
    if (p->fetched.n && is_fetched(p, code))
        say(p, EFFECT_RUN, via, "url", p->fetched, NULL, code);
}

/* Code that runs here and now, with the variables of this one. */
static struct ps_value hand_over(struct ps *p, struct text code, const char *via)
{
    say_remote(p, code, via);
    p->handed = (struct ps_value){ 0 };
    p->handing = true;
    hand_on(p, "powershell", code, via);
    p->handing = false;
    return p->handed;
}

static void run_command(struct ps *p, const char *sink, struct text command)
{
    say(p, EFFECT_RUN, sink, "command", command, NULL, (struct text){ 0 });
    hand_on(p, "command", command, sink);
}

static struct ps_value arg(const struct ps_value *a, uint32_t n, uint32_t i) { return i < n ? a[i] : (struct ps_value){ 0 }; }
static struct text text_arg(struct ps *p, const struct ps_value *a, uint32_t n, uint32_t i) { return ps_as_text(p, arg(a, n, i)); }

static bool has(struct ps *p, struct text s, const char *word) { return text_find(s, ps_cstr(p, word).text, 0, true) != UINT32_MAX; }

static struct ps_value fetched(struct ps *p, const char *why)
{
    struct ps_value v = ps_unknown(p, why);
    v.file = true;
    return v;
}

/* What is made of something that was fetched is no less from afar. */
static struct ps_value made_of(struct ps *p, struct ps_value on, const char *why)
{
    return fetched(p, on.kind == PS_UNKNOWN && is_fetched(p, on.text) ? from_afar : why);
}

/* --- texts */

static struct ps_value reversed(struct ps *p, struct ps_value v)
{
    uint32_t n = ps_count(v);
    struct ps_value *items = n && n <= PS_LIST_MAX && ps_spend(p, 8 * (uint64_t)n) ? ARENA_ARRAY(p->t->mem, struct ps_value, n) : NULL;
    for (uint32_t i = 0; items && i < n; i++)
        items[i] = ps_item(p, v, n - 1 - i);
    return items ? (struct ps_value){ .kind = PS_LIST, .items = items, .n = n } : v;
}

static struct text trimmed(struct ps *p, struct text s, struct text of, bool head, bool tail)
{
    uint32_t a = 0, b = s.n;
    if (of.n == 0)
        of = ps_cstr(p, " \t\r\n").text;
    while (head && a < b && text_find(of, text_sub(s, a, 1), 0, false) != UINT32_MAX)
        a++;
    while (tail && b > a && text_find(of, text_sub(s, b - 1, 1), 0, false) != UINT32_MAX)
        b--;
    return text_sub(s, a, b - a);
}

static struct text cased(struct ps *p, struct text s, bool upper)
{
    uint16_t *units = s.n && ps_spend(p, s.n) ? ARENA_ARRAY(p->t->mem, uint16_t, s.n) : NULL;
    uint32_t *from = units ? ARENA_ARRAY(p->t->mem, uint32_t, s.n) : NULL;
    for (uint32_t i = 0; from && i < s.n; i++) {
        uint16_t u = text_unit(s, i);
        from[i] = i;
        units[i] = u < 0x80 && ascii_alpha((uint8_t)u) ? (uint16_t)(upper ? u & ~0x20 : u | 0x20) : u;
    }
    return from ? text_mapped(p->t, s, units, from, s.n) : s;
}

static struct ps_value searched(struct ps *p, struct text s, struct text what, struct text name)
{
    if (!text_known(s) || !text_known(what) || what.n == 0 || !ps_spend(p, s.n))
        return ps_unknown(p, "a search");
    uint32_t at = text_find(s, what, 0, false), last = at;
    if (ps_is(name, "startswith") || ps_is(name, "contains"))
        return (struct ps_value){ .kind = PS_TRUTH, .number = at == 0 || (at != UINT32_MAX && ps_is(name, "contains")) };
    if (ps_is(name, "endswith"))
        return (struct ps_value){ .kind = PS_TRUTH, .number = what.n <= s.n && text_eq(text_sub(s, s.n - what.n, what.n), what) };
    for (uint32_t next = at; next != UINT32_MAX && ps_is(name, "lastindexof") && ps_spend(p, 0); next = text_find(s, what, next + 1, false))
        last = next;
    return ps_number(last == UINT32_MAX ? -1 : (int64_t)last);
}

static struct ps_value text_method(struct ps *p, struct ps_value on, struct text name, const struct ps_value *a, uint32_t n)
{
    struct text s = ps_as_text(p, on), first = text_arg(p, a, n, 0);
    int64_t x = 0, y = 0;
    bool known = ps_as_number(p, arg(a, n, 0), &x) && x >= 0 && x <= s.n && (n < 2 || (ps_as_number(p, arg(a, n, 1), &y) && y >= 0));
    known = known && text_known(s) && !ps_symbolic(p, s);
    if (ps_is(name, "split")) {
        struct ps_value list = arg(a, n, 0);
        bool whole = list.kind == PS_LIST && ps_count(list) && ps_item(p, list, 0).text.n > 1;
        if (list.kind == PS_LIST)
            return ps_split(p, s, list.items, list.n, !whole);
        if (list.kind == PS_NUMBER)
            first = text_of_unit(p->t, (uint16_t)list.number, TEXT_NOWHERE);
        struct ps_value by = ps_text(n ? first : ps_cstr(p, " \t\r\n").text);
        return ps_split(p, s, &by, 1, true);
    }
    if (ps_is(name, "contains") || ps_is(name, "startswith") || ps_is(name, "endswith") || ps_is(name, "indexof") || ps_is(name, "lastindexof"))
        return searched(p, s, first, name);
    if (ps_is(name, "replace"))
        return ps_text(ps_replace(p, s, first, text_arg(p, a, n, 1), false));
    if (ps_is(name, "tostring"))
        return n ? ps_unknown(p, "ToString") : ps_text(s);
    if (ps_is(name, "tochararray"))
        return ps_cast(p, ps_cstr(p, "char[]").text, ps_text(s));
    if (ps_is(name, "trim") || ps_is(name, "trimstart") || ps_is(name, "trimend"))
        return ps_text(trimmed(p, s, first, !ps_is(name, "trimend"), !ps_is(name, "trimstart")));
    if (ps_is(name, "tolower") || ps_is(name, "toupper"))
        return ps_text(cased(p, s, ps_is(name, "toupper")));
    if (ps_is(name, "substring") && n)
        return known ? ps_text(text_sub(s, (uint64_t)x, n > 1 ? (uint64_t)y : s.n)) : ps_unknown(p, "Substring");
    if (ps_is(name, "remove") && n)
        return known ? ps_text(text_join(p->t, text_sub(s, 0, (uint64_t)x), n > 1 ? text_sub(s, (uint64_t)(x + y), s.n) : (struct text){ 0 })) : ps_unknown(p, "Remove");
    if (ps_is(name, "insert") && n > 1 && ps_as_number(p, a[0], &x) && x >= 0 && x <= s.n && text_known(s))
        return ps_text(text_join(p->t, text_join(p->t, text_sub(s, 0, (uint64_t)x), text_arg(p, a, n, 1)), text_sub(s, (uint64_t)x, s.n)));
    return ps_unknown(p, "a method");
}

/* --- objects */

struct ps_value ps_method(struct ps *p, struct ps_value on, struct text name, const struct ps_value *a, uint32_t n)
{
    struct text first = text_arg(p, a, n, 0), second = text_arg(p, a, n, 1);
    if (!ps_spend(p, 1))
        return ps_unknown(p, "work");
    if (ps_is(name, "invoke") && on.kind == PS_METHOD)
        return ps_method(p, on.items[0], on.text, a, n);
    if (on.kind == PS_TYPE)
        return ps_static(p, on.text, name, a, n);
    if (on.kind == PS_OBJECT && ps_is(name, "getnetworkcredential"))
        return on;
    if (on.kind == PS_OBJECT && ps_is(name, "getstring"))
        return ps_static(p, on.text, name, a, n);
    if (ps_is(name, "downloadfile") || ps_is(name, "downloadfiletaskasync") || ps_is(name, "downloadfileasync")) {
        say(p, EFFECT_DOWNLOAD, "WebClient.DownloadFile", "url", first, "path", second);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "downloadstring") || ps_is(name, "downloaddata") || ps_is(name, "openread") || ps_is(name, "getstringasync")) {
        say(p, EFFECT_DOWNLOAD, "WebClient.DownloadString", "url", first, NULL, second);
        p->fetched = first;
        return fetched(p, from_afar);
    }
    if (ps_is(name, "open") && n > 1 && has(p, second, "http")) {
        say(p, EFFECT_DOWNLOAD, "XMLHTTP.Open", "url", second, NULL, first);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "savetofile") && n) {
        say(p, EFFECT_WRITE, "ADODB.Stream.SaveToFile", "path", first, NULL, second);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "shellexecute") || ps_is(name, "run") || ps_is(name, "exec") || (ps_is(name, "create") && has(p, on.text, "process"))) {
        bool more = ps_is(name, "shellexecute") && second.n;
        if (more)
            first = text_join(p->t, text_join(p->t, first, ps_cstr(p, " ").text), second);
        run_command(p, "Process.Create", first);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "invokescript") || ps_is(name, "addscript")) {
        return hand_over(p, first, "InvokeScript");
    }
    if (on.kind == PS_OBJECT && (ps_is(name, "readtoend")))
        return on.items ? ps_text(ps_as_text(p, on.items[0])) : ps_unknown(p, "a stream");
    if (on.kind == PS_TEXT || (on.kind == PS_NUMBER && ps_is(name, "tostring")))
        return text_method(p, on, name, a, n);
    return made_of(p, on, "a method");
}

/* --- .NET */

static struct ps_value decoded(struct ps *p, struct text encoding, struct ps_value v)
{
    slice b;
    if (!ps_as_bytes(p, v, &b))
        return made_of(p, v, "GetString");
    if (!has(p, encoding, "unicode"))
        return ps_text(text_of(p->t, b, TEXT_NOWHERE));
    uint16_t *units = b.len > 1 && ps_spend(p, b.len) ? ARENA_ARRAY(p->t->mem, uint16_t, b.len / 2) : NULL;
    for (size_t i = 0; units && i < b.len / 2; i++)
        units[i] = (uint16_t)(b.at[2 * i] | b.at[2 * i + 1] << 8);
    return units ? ps_text(text_of_units(p->t, units, b.len / 2, TEXT_NOWHERE)) : ps_text((struct text){ 0 });
}

/* A script that is written goes on under its own language. */
static void written(struct ps *p, const char *via, struct text path, struct text content)
{
    static const char *const types[][2] = { { ".vbs", "vbscript" }, { ".js", "jscript" }, { ".ps1", "powershell" }, { ".bat", "batch" },
                                            { ".cmd", "batch" },    { ".hta", "html" },   { ".wsf", "wsf" } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint32_t n = (uint32_t)strlen(types[i][0]);
        if (path.n > n && ps_is(text_sub(path, path.n - n, n), types[i][0]) && text_first_hole(content) > 0)
            hand_on(p, types[i][1], content, via);
    }
}

static void payload(struct ps *p, struct text path, struct ps_value v)
{
    slice b;
    say(p, EFFECT_WRITE, "File.WriteAllBytes", "path", path, NULL, (struct text){ 0 });
    if (ps_as_bytes(p, v, &b) && b.len > 64)
        unmask_payload(p->u, p->w, text_utf8(p->t, path), b);
}

/* The first that [Runtime.InteropServices.Marshal] declares (.NET Framework 4). */
static struct ps_value members_of_marshal(struct ps *p)
{
    static const char *const names[] = { "PtrToStringAnsi", "PtrToStringAnsi", "PtrToStringUni", "PtrToStringAuto", "PtrToStringUni", "PtrToStringAuto" };
    struct ps_value all[sizeof names / sizeof names[0]];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        all[i] = (struct ps_value){ .kind = PS_OBJECT, .text = ps_cstr(p, names[i]).text };
    return ps_list(p, all, sizeof names / sizeof names[0]);
}

struct ps_value ps_static(struct ps *p, struct text type, struct text name, const struct ps_value *a, uint32_t n)
{
    struct text first = text_arg(p, a, n, 0);
    if (ps_is(name, "frombase64string")) {
        if (!text_known(first) || !ps_spend(p, first.n))
            return ps_unknown(p, "FromBase64String");
        return ps_bytes(base64_decode(p->t->mem, text_utf8(p->t, first), NULL));
    }
    if (has(p, type, "marshal") && (ps_is(text_sub(name, 0, 14), "securestringto") || ps_is(text_sub(name, 0, 11), "ptrtostring"))) {
        struct ps_value v = arg(a, n, 0);
        return v.kind == PS_OBJECT && v.items && ps_is(text_sub(name, 0, 3), "ptr") ? v.items[0] : v;
    }
    if (has(p, type, "marshal") && ps_is(name, "getmembers"))
        return members_of_marshal(p);
    if (ps_is(name, "getenvironmentvariable"))
        return ps_environment(p, first, true);
    if (has(p, type, "regex") && n > 2 && ps_is(name, "replace"))
        return ps_binary(p, ps_cstr(p, "-creplace").text, a[0], ps_list(p, a + 1, 2));
    if (has(p, type, "regex") && n > 1 && ps_is(name, "split"))
        return ps_binary(p, ps_cstr(p, "-csplit").text, a[0], a[1]);
    if (has(p, type, "regex") && n > 1 && ps_is(name, "matches")) {
        struct ps_value all = ps_cast(p, ps_cstr(p, "char[]").text, ps_text(first));
        if (!ps_is(text_arg(p, a, n, 1), ".") || text_find(first, ps_cstr(p, "\n").text, 0, false) != UINT32_MAX)
            return ps_unknown(p, "Matches");
        return has(p, text_arg(p, a, n, 2), "righttoleft") ? reversed(p, all) : all;
    }
    if (ps_is(name, "expandenvironmentvariables"))
        return ps_text(first); /* stays by name */
    if (ps_is(name, "join") && n == 2)
        return ps_join(p, a[1], first);
    if (ps_is(name, "join"))
        return ps_join(p, ps_list(p, a + 1, n - 1), first);
    if (ps_is(name, "concat"))
        return ps_join(p, n == 1 ? a[0] : ps_list(p, a, n), (struct text){ 0 });
    if (ps_is(name, "format"))
        return ps_format(p, first, ps_list(p, a + 1, n ? n - 1 : 0));
    if (ps_is(name, "tochar") || ps_is(name, "toint32") || ps_is(name, "tobyte") || ps_is(name, "toint16") || ps_is(name, "touint16") || ps_is(name, "touint32") || ps_is(name, "convertfromutf32")) {
        if (n == 1)
            return ps_cast(p, ps_cstr(p, ps_is(name, "tochar") || ps_is(name, "convertfromutf32") ? "char" : "int").text, a[0]);
        int64_t base = 0, v = 0;
        bool good = ps_as_number(p, a[1], &base) && (base == 16 || base == 10 || base == 8 || base == 2) && first.n && first.n < 12 && text_known(first);
        for (uint32_t i = 0; i < first.n && good; i++) {
            int d = text_unit(first, i) < 0x80 ? ascii_hex((uint8_t)text_unit(first, i)) : -1;
            good = d >= 0 && d < base;
            v = v * base + d;
        }
        return good ? ps_number(v) : ps_unknown(p, "Convert");
    }
    if (ps_is(name, "reverse") && n)
        return reversed(p, a[0]); /* in place: the caller keeps it under the same name */
    if (ps_is(name, "getstring"))
        return decoded(p, type, arg(a, n, 0));
    if (ps_is(name, "start") && has(p, type, "process")) {
        struct text more = text_arg(p, a, n, 1);
        run_command(p, "Process.Start", more.n ? text_join(p->t, text_join(p->t, first, ps_cstr(p, " ").text), more) : first);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "create") && has(p, type, "scriptblock")) {
        say_remote(p, first, "ScriptBlock.Create");
        return (struct ps_value){ .kind = PS_BLOCK, .text = first };
    }
    if (ps_is(name, "writeallbytes")) {
        payload(p, first, arg(a, n, 1));
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "writealltext")) {
        say(p, EFFECT_WRITE, "File.WriteAllText", "path", first, NULL, first);
        written(p, "File.WriteAllText", first, text_arg(p, a, n, 1));
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "createdirectory")) {
        say(p, EFFECT_WRITE, "Directory.CreateDirectory", "directory", first, NULL, first);
        return (struct ps_value){ 0 };
    }
    if (ps_is(name, "load") && has(p, type, "assembly")) {
        slice b;
        if (ps_as_bytes(p, arg(a, n, 0), &b) && b.len > 64)
            unmask_payload(p->u, p->w, SLICE_LIT("assembly"), b);
        say(p, EFFECT_LOAD, "Assembly.Load", "function", ps_cstr(p, "Assembly.Load").text, NULL, first);
    }
    return ps_unknown(p, "a method of .NET");
}

struct ps_value ps_property(struct ps *p, struct ps_value on, struct text name)
{
    if (ps_is(name, "length") || ps_is(name, "count")) {
        if (on.kind == PS_TEXT && text_known(on.text))
            return ps_number(on.text.n);
        if (on.kind == PS_LIST || on.kind == PS_BYTES)
            return ps_number(on.n);
    }
    if (on.kind == PS_TEXT && (ps_is(name, "value") || ps_is(name, "name")))
        return on; /* of a match, of a command */
    if (on.kind == PS_OBJECT && on.n && (ps_is(name, "value") || ps_is(name, "password")))
        return on.items[0];
    if (on.kind == PS_OBJECT && (ps_is(name, "path") || ps_is(name, "name") || ps_is(name, "value")))
        return ps_text(on.text);
    struct ps_value *inner = on.kind == PS_TEXT && ps_is(name, "insert") ? ARENA_NEW(p->t->mem, struct ps_value) : NULL;
    if (inner) {
        *inner = on;
        return (struct ps_value){ .kind = PS_METHOD, .text = name, .items = inner, .n = 1 };
    }
    struct ps_value v = made_of(p, on, "a property");
    v.file = on.file;
    return v;
}

/* --- commands */

/* Any beginning of a parameter's name will do. */
static bool begins(struct text s, const char *whole)
{
    bool good = s.n <= strlen(whole);
    for (uint32_t i = 0; i < s.n && good; i++)
        good = text_unit(s, i) < 0x80 && ascii_lower((uint8_t)text_unit(s, i)) == (uint8_t)whole[i];
    return good;
}

static struct ps_value named(const struct text *names, const struct ps_value *a, uint32_t n, const char *const *wanted, uint32_t place)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (size_t w = 0; wanted[w] && names[i].n; w++)
            if (begins(names[i], wanted[w]))
                return a[i];
        if (names[i].n == 0 && k++ == place)
            return a[i];
    }
    return (struct ps_value){ 0 };
}

static struct ps_value unpacked(struct ps *p, struct ps_value v, bool gzip)
{
    slice in;
    if (!ps_as_bytes(p, v, &in))
        return ps_unknown(p, "a stream");
    uint8_t *out = arena_get(p->t->mem, 1 << 20, 1);
    size_t n = out && ps_spend(p, in.len * 64) ? inflate_head(in, gzip ? INFLATE_GZIP : INFLATE_RAW, out, 1 << 20) : 0;
    return n ? ps_bytes((slice){ out, n }) : ps_unknown(p, "a stream");
}

static struct ps_value new_object(struct ps *p, struct text type, struct ps_value given)
{
    struct ps_value *inner = ARENA_NEW(p->t->mem, struct ps_value);
    struct ps_value v = { .kind = PS_OBJECT, .text = type, .items = inner, .n = 1 };
    if (!inner)
        return ps_unknown(p, "New-Object");
    struct ps_value first = given.kind == PS_LIST && given.n && given.items[0].kind != PS_NUMBER ? given.items[0] : given;
    if (has(p, type, "deflatestream") || has(p, type, "gzipstream"))
        *inner = unpacked(p, first, has(p, type, "gzip"));
    else if (has(p, type, "pscredential"))
        *inner = ps_item(p, ps_item(p, given, 1), 0).kind == PS_OBJECT && ps_item(p, given, 1).n ? ps_item(p, given, 1).items[0] : ps_unknown(p, "a password");
    else if (has(p, type, "memorystream"))
        *inner = given.kind == PS_LIST && given.n == 1 ? given.items[0] : given;
    else if (has(p, type, "streamreader")) {
        slice b;
        *inner = ps_as_bytes(p, first, &b) ? ps_text(text_of(p->t, b, TEXT_NOWHERE)) : ps_unknown(p, "a stream");
    } else {
        v.items = NULL;
        v.n = 0;
    }
    return v;
}

/* --- variables by the drive they are on */

static bool in_drive(struct text s) { return ps_is(text_sub(s, 0, 9), "variable:") || ps_is(text_sub(s, 0, 4), "env:") || ps_is(text_sub(s, 0, 9), "function:"); }

static struct text behind_drive(struct text s)
{
    s = ps_is(text_sub(s, 0, 9), "variable:") ? text_sub(s, 9, s.n) : s;
    return text_unit(s, 0) == '\\' || text_unit(s, 0) == '/' ? text_sub(s, 1, s.n) : s;
}

static struct ps_value set_item(struct ps *p, struct text path, struct ps_value v, bool variable)
{
    if (path.n && text_known(path) && (variable || in_drive(path)))
        ps_assign(p, behind_drive(path), v);
    return (struct ps_value){ 0 };
}

/* `max*c?t` as -like has it; bounded by the product of both lengths. */
static bool like(struct text s, struct text pattern)
{
    uint32_t i = 0, k = 0, star = UINT32_MAX, mark = 0;
    while (i < s.n) {
        struct text one = text_sub(pattern, k, 1);
        if (k < pattern.n && text_unit(pattern, k) == '*') {
            star = k++;
            mark = i;
        } else if (k < pattern.n && (text_unit(pattern, k) == '?' || text_find(text_sub(s, i, 1), one, 0, true) == 0)) {
            i++;
            k++;
        } else if (star != UINT32_MAX) {
            k = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (k < pattern.n && text_unit(pattern, k) == '*')
        k++;
    return k == pattern.n;
}

/* Names that PowerShell itself defines, and obfuscators cut letters out of. */
static const char *const automatic[] = { "MaximumDriveCount", "VerbosePreference", "ShellId", "PSHOME", "MaximumHistoryCount", "ExecutionContext" };

static struct ps_value get_item(struct ps *p, struct text path)
{
    struct text name = behind_drive(path);
    struct ps_value *inner = ARENA_NEW(p->t->mem, struct ps_value);
    if (!inner || !ps_spend(p, 4))
        return ps_unknown(p, "a variable");
    for (uint32_t i = 0; i < p->n_variables; i++)
        if (like(p->variables[i].name, name))
            name = p->variables[i].name;
    for (size_t i = 0; i < sizeof automatic / sizeof automatic[0]; i++)
        if (text_find(name, ps_cstr(p, "*").text, 0, false) != UINT32_MAX && like(ps_cstr(p, automatic[i]).text, name))
            name = ps_cstr(p, automatic[i]).text;
    *inner = ps_is(text_sub(name, 0, 4), "env:") ? ps_environment(p, text_sub(name, 4, name.n), true) : ps_value_of(p, name);
    return (struct ps_value){ .kind = PS_OBJECT, .text = name, .items = inner, .n = 1 };
}

/* A command by a pattern that only one of those which droppers look for fits. */
static struct ps_value command_like(struct ps *p, struct text pattern)
{
    static const char *const names[] = { "Get-Command", "Get-Item", "Get-Variable", "Invoke-Command", "Invoke-Expression", "Invoke-Item", "Invoke-RestMethod",
                                         "Invoke-WebRequest", "Invoke-WmiMethod", "New-Item", "New-ItemProperty", "New-Object", "New-Variable", "Set-Content",
                                         "Set-Item", "Set-Variable", "Start-BitsTransfer", "Start-Job", "Start-Process", "Start-Sleep" };
    const char *found = NULL;
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && ps_spend(p, 1); i++)
        if (like(ps_cstr(p, names[i]).text, pattern)) {
            found = names[i];
            n++;
        }
    return n == 1 ? ps_cstr(p, found) : ps_unknown(p, "Get-Command");
}

static struct ps_value set_content(struct ps *p, struct text path, struct text content)
{
    say(p, EFFECT_WRITE, "Set-Content", "path", path, "value", content);
    written(p, "Set-Content", path, content);
    return (struct ps_value){ 0 };
}

#define IS(a, b) (ps_is(name, a) || ps_is(name, b))

struct ps_value ps_command(struct ps *p, struct text name, const struct text *names, const struct ps_value *a, uint32_t n, struct ps_value piped, struct text line)
{
    static const char *const uri[] = { "uri", NULL }, *const out[] = { "outfile", NULL }, *const source[] = { "source", NULL },
                      *const to[] = { "destination", NULL }, *const path[] = { "filepath", "path", "literalpath", NULL },
                      *const list[] = { "argumentlist", "args", "arg", NULL }, *const value[] = { "value", "inputobject", NULL },
                      *const type[] = { "typename", "comobject", "com", NULL }, *const code[] = { "command", NULL };
    struct text first = ps_as_text(p, named(names, a, n, path, 0)), second = ps_as_text(p, named(names, a, n, list, 1));
    if (!ps_spend(p, 4))
        return ps_unknown(p, "work");
    if (IS("iex", "invoke-expression")) {
        struct text s = ps_as_text(p, piped.kind != PS_NULL ? piped : named(names, a, n, code, 0));
        if (!text_known(s)) {
            say_remote(p, s, "Invoke-Expression");
            return ps_unknown(p, "Invoke-Expression");
        }
        return hand_over(p, s, "Invoke-Expression");
    }
    if (IS("new-object", "new-obj"))
        return new_object(p, ps_as_text(p, named(names, a, n, type, 0)), named(names, a, n, list, 1));
    if (IS("invoke-webrequest", "iwr") || IS("invoke-restmethod", "irm") || IS("wget", "curl")) {
        say(p, EFFECT_DOWNLOAD, "Invoke-WebRequest", "url", ps_as_text(p, named(names, a, n, uri, 0)), "path", ps_as_text(p, named(names, a, n, out, 99)));
        p->fetched = ps_as_text(p, named(names, a, n, uri, 0));
        return fetched(p, from_afar);
    }
    if (ps_is(name, "start-bitstransfer")) {
        say(p, EFFECT_DOWNLOAD, "Start-BitsTransfer", "url", ps_as_text(p, named(names, a, n, source, 0)), "path", ps_as_text(p, named(names, a, n, to, 1)));
        return (struct ps_value){ 0 };
    }
    if (IS("start-process", "saps") || IS("start", "invoke-item") || ps_is(name, "ii")) {
        run_command(p, "Start-Process", second.n ? text_join(p->t, text_join(p->t, first, ps_cstr(p, " ").text), second) : first);
        return (struct ps_value){ 0 };
    }
    if (IS("invoke-wmimethod", "invoke-cimmethod") || ps_is(name, "iwmi")) {
        if (ps_as_text(p, named(names, a, n, list, 2)).n)
            run_command(p, "Win32_Process.Create", ps_as_text(p, named(names, a, n, list, 2)));
        return (struct ps_value){ 0 };
    }
    if (IS("start-sleep", "sleep")) {
        if (n)
            say(p, EFFECT_DELAY, "Start-Sleep", "value", ps_as_text(p, a[0]), NULL, first);
        return (struct ps_value){ 0 };
    }
    if (IS("set-content", "sc") || IS("out-file", "add-content"))
        return set_content(p, first, ps_as_text(p, piped.kind != PS_NULL ? piped : named(names, a, n, value, 1)));
    if (IS("new-itemproperty", "set-itemproperty") || ps_is(name, "sp")) {
        say(p, EFFECT_PERSIST, "Set-ItemProperty", "name", first, "value", ps_as_text(p, named(names, a, n, value, 2)));
        return (struct ps_value){ 0 };
    }
    if (IS("new-item", "mkdir") || IS("ni", "md")) {
        say(p, EFFECT_WRITE, "New-Item", "path", first, NULL, first);
        return (struct ps_value){ 0 };
    }
    if (IS("convertto-securestring", "convertto-secure")) {
        static const char *const key[] = { "key", "securekey", NULL }, *const text[] = { "string", NULL };
        return ps_secure(p, ps_as_text(p, piped.kind != PS_NULL ? piped : named(names, a, n, text, 0)), named(names, a, n, key, 99));
    }
    if (IS("set-alias", "sal") || IS("new-alias", "nal")) {
        static const char *const of[] = { "name", NULL };
        ps_assign(p, text_join(p->t, ps_cstr(p, "alias:").text, ps_as_text(p, named(names, a, n, of, 0))), named(names, a, n, value, 1));
        return (struct ps_value){ 0 };
    }
    if (IS("get-command", "gcm") || ps_is(name, "command"))
        return command_like(p, first);
    if ((IS("select-object", "select") && n)) {
        static const char *const index[] = { "index", NULL };
        struct ps_value at = named(names, a, n, index, 99);
        return at.kind == PS_NULL ? ps_unknown(p, "Select-Object") : ps_index(p, piped, at);
    }
    if (IS("set-item", "si") || IS("set-variable", "sv") || IS("set", "new-variable") || ps_is(name, "nv")) {
        static const char *const of[] = { "name", "path", "literalpath", NULL };
        return set_item(p, ps_as_text(p, named(names, a, n, of, 0)), piped.kind != PS_NULL ? piped : named(names, a, n, value, 1), has(p, name, "v"));
    }
    if (n && in_drive(first) && (IS("get-item", "gi") || IS("get-childitem", "gci") || IS("dir", "ls") || IS("item", "childitem")))
        return get_item(p, first);
    if (IS("get-item", "gi") || IS("get-childitem", "gci") || IS("dir", "ls") || IS("test-path", "get-content")) {
        struct ps_value v = ps_unknown(p, "a file");
        v.file = true;
        return v;
    }
    if (IS("write-host", "echo") || IS("write-output", "write"))
        return n ? a[0] : piped;
    if (IS("out-null", "out-string") || IS("out-default", "foreach-object"))
        return piped;
    if (IS("get-variable", "gv") || ps_is(name, "variable")) {
        static const char *const plain[] = { "valueonly", NULL }, *const of[] = { "name", NULL };
        struct ps_value v = get_item(p, ps_as_text(p, named(names, a, n, of, 0)));
        for (uint32_t i = 0; i < n; i++)
            if (names[i].n > 1 && begins(names[i], plain[0]))
                return get_item(p, ps_as_text(p, a[i])).n ? get_item(p, ps_as_text(p, a[i])).items[0] : v;
        return v;
    }
    bool program = has(p, name, ".exe") || has(p, name, "\\") || has(p, name, "/") || ps_is(name, "cmd") || has(p, name, "rundll32") || has(p, name, "regsvr32") ||
                   has(p, name, "powershell") || has(p, name, "mshta") || has(p, name, "script") || ps_is(name, "schtasks") || ps_is(name, "reg") || has(p, name, "certutil") || ps_is(name, "bitsadmin") || ps_is(name, "msiexec") || ps_is(name, "wmic") || has(p, name, "%");
    if (program && !has(p, name, "://"))
        run_command(p, "&", line);
    return fetched(p, "a command");
}
