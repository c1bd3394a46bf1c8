/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions of both languages do with constants, and what acts outside the script:
 * classes that scripts create, members that run, fetch or write, text that is evaluated.
 * COM members are known without regard to case. */
#include "base/hash.h"
#include "base/text.h"
#include "observe/part/script_intent_private.h"

enum { BORDER = 24, SPLITS_LOOKED = 50000, EVAL_MIN = 6, CODE_MIN = 40 };

/* --- classes */

static const struct {
    const char *prefix;
    unsigned acts; /* bits of what it is created for */
    bool wsh;      /* no page creates it */
} classes[SCRIPT_CLASSES] = {
    { "WScript.Shell", 1u << ACT_RUN, true },
    { "Shell.Application", 1u << ACT_RUN, true },
    { "Scripting.FileSystemObject", 1u << ACT_WRITE, true },
    { "ADODB.Stream", 1u << ACT_WRITE, true },
    { "ADODB.Recordset", 0, true },
    { "WinHttp.WinHttpRequest", 1u << ACT_FETCH, true },
    { "MSXML2.ServerXMLHTTP", 1u << ACT_FETCH, true },
    { "MSXML2.XMLHTTP", 1u << ACT_FETCH, false },
    { "Microsoft.XMLHTTP", 1u << ACT_FETCH, false },
    { "MSXML2.DOMDocument", 0, false },
    { "Microsoft.XMLDOM", 0, false },
    { "winmgmts:", 1u << ACT_PROBE, true },
    { "WbemScripting", 1u << ACT_PROBE, true },
    { "Schedule.Service", 1u << ACT_PERSIST, true },
    { "InternetExplorer.Application", 1u << ACT_FETCH, true },
    { "Outlook.Application", 1u << ACT_SPREAD, true },
    { "WScript.Network", 0, true },
    { "ScriptControl", 1u << ACT_EVAL, true },
    { "MSScriptControl", 1u << ACT_EVAL, true },
    { "System.", 1u << ACT_EVAL,
      true }, /* .NET classes that COM sees: FromBase64Transform, BinaryFormatter */
    { "Word.Application", 0, true },
    { "Excel.Application", 0, true },
    { "CDO.", 1u << ACT_SPREAD, true },
    { "Scripting.Encoder", 0, true },
};

const char *script_intent_class_name(unsigned row)
{
    return classes[row].prefix;
}

unsigned script_intent_class_acts(unsigned seen)
{
    unsigned acts = 0;
    for (unsigned i = 0; i < SCRIPT_CLASSES; i++)
        acts |= seen >> i & 1 ? classes[i].acts : 0;
    return acts;
}

static unsigned class_of(slice name)
{
    name = slice_trim(name);
    for (unsigned i = 0; i < SCRIPT_CLASSES; i++)
        if (name.len && (name.at[0] | 32) == (classes[i].prefix[0] | 32) &&
            slice_starts_nocase(name, classes[i].prefix))
            return i;
    return SCRIPT_CLASSES;
}

static void see_class(struct intent *t, unsigned row, uint32_t pieces)
{
    t->classes |= 1u << row;
    if (classes[row].wsh)
        t->hosts |= HOST_WSH;
    if (pieces > 2)
        t->techniques |= 1u << TECHNIQUE_CLASS;
}

/* --- members */

static const struct {
    const char *name;
    uint8_t act;
    bool telling; /* few programs of other hosts have such a member */
} members[SCRIPT_MEMBERS] = {
    { "Run", ACT_RUN, false },
    { "Exec", ACT_RUN, false },
    { "ShellExecute", ACT_RUN, true },
    { "Send", ACT_FETCH, false },
    { "ResponseBody", ACT_FETCH, true },
    { "ResponseText", ACT_FETCH, false },
    { "ResponseStream", ACT_FETCH, true },
    { "SaveToFile", ACT_WRITE, true },
    { "CreateTextFile", ACT_WRITE, true },
    { "OpenTextFile", ACT_WRITE, true },
    { "CopyFile", ACT_WRITE, false },
    { "DeleteFile", ACT_WRITE, false },
    { "MoveFile", ACT_WRITE, false },
    { "CopyHere", ACT_WRITE, true },
    { "RegWrite", ACT_PERSIST, true },
    { "RegRead", ACT_PROBE, true },
    { "RegDelete", ACT_PERSIST, true },
    { "ExpandEnvironmentStrings", ACT_PROBE, true },
    { "Environment", ACT_PROBE, false },
    { "GetSpecialFolder", ACT_PROBE, true },
    { "ScriptFullName", ACT_PROBE, true },
    { "ExecQuery", ACT_PROBE, true },
    { "ExecMethod", ACT_RUN, true },
    { "ExecuteGlobal", ACT_EVAL, true },
    { "ExecuteStatement", ACT_EVAL, true },
    { "AddCode", ACT_EVAL, true },
    { "DownloadFile", ACT_FETCH, false },
    { "DownloadString", ACT_FETCH, true },
    { "CreateShortcut", ACT_PERSIST, true },
    { "RegisterTask", ACT_PERSIST, true },
    { "AddressLists", ACT_SPREAD, true },
    { "AddressEntries", ACT_SPREAD, true },
    { "GetNameSpace", ACT_SPREAD, true },
    { "FromBase64Transform", ACT_EVAL, true },
    { "Deserialize_2", ACT_EVAL, true },
    { "DynamicInvoke", ACT_EVAL, true },
    { "nodeTypedValue", ACT_PROBE, true },
    { "SpecialFolders", ACT_PROBE, true },
};

const char *script_intent_member_name(unsigned row)
{
    return members[row].name;
}
bool script_intent_member_tells(unsigned row)
{
    return members[row].telling;
}
unsigned script_intent_member_act(unsigned row)
{
    return members[row].act;
}

/* Members by which alone a script is known as one of the Windows Script Host. */
static void see_member_name(struct intent *t, slice name)
{
    for (unsigned i = 0; i < SCRIPT_MEMBERS && members[i].name; i++)
        if ((name.at[0] | 32) == (members[i].name[0] | 32) &&
            slice_is_nocase(name, members[i].name)) {
            t->sinks[i / 32] |= 1u << i % 32;
            if (members[i].telling)
                t->hosts |= HOST_WSH;
        }
}

static bool is_any(slice name, const char *const *list)
{
    for (; *list; list++)
        if (slice_is_nocase(name, *list))
            return true;
    return false;
}

void script_intent_member(struct intent *t, slice name, bool computed, uint32_t pieces)
{
    static const char *const ours[] = { "WScript", "ActiveXObject", "CreateObject", "GetObject",
                                        NULL };
    if (name.len < 3 || name.len > 40)
        return;
    t->members++;
    see_member_name(t, name);
    bool host = is_any(name, ours);
    if (host)
        t->hosts |= slice_is(name, "ActiveXObject") ? HOST_ACTIVE : HOST_WSH;
    t->decodes |= slice_is(name, "fromCharCode") ? 1u : slice_is(name, "charCodeAt") ? 2u : 0u;
    if (computed && (pieces > 1 || host))
        t->computed_members++;
}

void script_intent_name(struct intent *t, slice name)
{
    static const char *const browser[] = { "document", "window",       "navigator",
                                           "jQuery",   "localStorage", NULL };
    static const char *const node[] = { "require", "module", "process", "exports", "define", NULL };
    if (name.len < 4 || name.len > 24)
        return;
    if (slice_is_nocase(name, "WScript"))
        t->hosts |= HOST_WSH;
    else if (slice_is(name, "ActiveXObject"))
        t->hosts |= HOST_ACTIVE;
    else if (t->basic &&
             (slice_is_nocase(name, "CreateObject") || slice_is_nocase(name, "GetObject")))
        t->hosts |= HOST_WSH;
    else if (is_any(name, browser))
        t->hosts |= HOST_BROWSER;
    else if (is_any(name, node))
        t->hosts |= HOST_NODE;
    if (t->basic)
        see_member_name(t, name);
}

/* --- words in pieces */

static const char *const telling[] = {
    "ActiveX",      "WScript",   "CreateObj",  "XMLHTTP",    "ADODB",     ".Stream",    "Shell",
    "FileSystem",   "ExpandEnv", "responseB",  "SaveToFile", "http://",   "https:/",    ".exe",
    ".dll",         "cmd",       "powershell", "%TEMP%",     "eval",      "ReadyState", "Run",
    "fromCharCode", "Scripting", "Msxml2",     "WinHttp",    "ShellExec", "Sleep",      "open",
    "Write",        "GetObject", NULL,
};

bool script_intent_splits(slice a, slice b)
{
    uint8_t both[2 * BORDER];
    slice tail = slice_sub(a, a.len > BORDER ? a.len - BORDER : 0, BORDER),
          head = slice_sub(b, 0, BORDER);
    size_t n = slice_copy_out(tail, both, BORDER);
    n += slice_copy_out(head, both + n, BORDER);
    for (size_t i = 0; telling[i]; i++) {
        size_t len = strlen(telling[i]);
        size_t from = tail.len >= len ? tail.len - len + 1 : 0;
        slice window = slice_sub((slice){ both, n }, from, tail.len - from + len - 1);
        if (slice_find_nocase(window, slice_of(telling[i]), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* --- constants */

static bool is_code(slice s)
{
    static const char *const words[] = { "ActiveXObject", "WScript.", "CreateObject", "eval(",
                                         NULL };
    if (s.len < CODE_MIN)
        return false;
    for (size_t i = 0; words[i]; i++)
        if (slice_find_nocase(slice_sub(s, 0, 1 << 20), slice_of(words[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

static bool is_shaped(slice s)
{
    return slice_find(s, SLICE_LIT("://"), 0) != SIZE_MAX ||
           slice_find_byte(s, '%', 0) != SIZE_MAX || slice_find_byte(s, '\\', 0) != SIZE_MAX ||
           slice_find_nocase(s, SLICE_LIT(".exe"), 0) != SIZE_MAX ||
           slice_find_nocase(s, SLICE_LIT("powershell"), 0) != SIZE_MAX ||
           slice_find_nocase(s, SLICE_LIT("cmd"), 0) != SIZE_MAX;
}

static void keep(struct intent *t, slice s)
{
    if (t->n_said == SCRIPT_STRINGS || s.len < 4)
        return;
    for (uint32_t i = 0; i < t->n_said; i++)
        if (slice_eq(t->said[i], s))
            return;
    t->said[t->n_said++] = s;
}

void script_intent_constant(struct intent *t, const struct item *v)
{
    if (v->kind == I_ARR) {
        for (uint32_t i = 0; i < v->n && i < 64; i++)
            if (t->elements[v->from + i].kind == I_STR)
                script_intent_constant(t, &t->elements[v->from + i]);
        return;
    }
    if (v->kind != I_STR || v->text.len < 4)
        return;
    unsigned row = class_of(v->text);
    if (row < SCRIPT_CLASSES && v->text.len < 200)
        see_class(t, row, v->pieces);
    if (v->text.len <= 2048 && is_shaped(v->text))
        keep(t, v->text);
    t->joined += v->pieces > 1;
    /* Code that was put together is read whether or not the way it is run is understood. */
    if (v->pieces > 3 && t->depth < SCRIPT_DEPTH && is_code(v->text)) {
        t->techniques |= 1u << TECHNIQUE_EVAL;
        script_intent_read(t, v->text);
    }
}

/* --- functions */

static int64_t number_or(const struct item *i, int64_t otherwise)
{
    return i->kind == I_NUM ? i->number : otherwise;
}

static struct item any(void)
{
    return (struct item){ .kind = I_ANY };
}

static struct item array_of(struct intent *t, uint32_t from)
{
    return (struct item){ .kind = I_ARR, .from = from, .n = t->n_elements - from };
}

static struct item split(struct intent *t, slice s, slice by)
{
    uint32_t from = t->n_elements;
    size_t at = 0;
    for (bool more = true; more;) {
        if (t->n_elements == t->room_elements)
            return any();
        size_t end = by.len ? slice_find(s, by, at) : at + 1 < s.len ? at + 1 : SIZE_MAX;
        more = end != SIZE_MAX;
        t->elements[t->n_elements++] =
            script_intent_string(t, slice_sub(s, at, more ? end - at : SIZE_MAX), 1);
        at = more ? end + by.len : s.len;
    }
    return array_of(t, from);
}

static struct item join(struct intent *t, const struct item *list, slice by)
{
    size_t total = 0;
    for (uint32_t i = 0; i < list->n; i++)
        total += t->elements[list->from + i].text.len + by.len;
    uint8_t *out = script_intent_room(t, total + 1);
    size_t n = 0;
    uint32_t pieces = 0;
    for (uint32_t i = 0; out && i < list->n; i++) {
        const struct item *e = &t->elements[list->from + i];
        n += i ? slice_copy_out(by, out + n, by.len) : 0;
        n += e->kind == I_STR ? slice_copy_out(e->text, out + n, e->text.len) : 0;
        pieces += e->pieces;
    }
    return out ? script_intent_string(t, (slice){ out, n }, pieces > list->n ? pieces : list->n)
               : any();
}

static struct item reverse(struct intent *t, const struct item *v)
{
    if (v->kind == I_ARR && v->n <= t->room_elements - t->n_elements) {
        uint32_t from = t->n_elements;
        for (uint32_t i = 0; i < v->n; i++)
            t->elements[t->n_elements++] = t->elements[v->from + v->n - 1 - i];
        return array_of(t, from);
    }
    uint8_t *out = v->kind == I_STR ? script_intent_room(t, v->text.len) : NULL;
    for (size_t i = 0; out && i < v->text.len; i++)
        out[i] = v->text.at[v->text.len - 1 - i];
    return out ? script_intent_string(t, (slice){ out, v->text.len }, v->pieces + 2) : any();
}

static struct item replace(struct intent *t, const struct item *v, slice what, slice with, bool all)
{
    if (what.len == 0)
        return *v;
    size_t count = 0, at = 0;
    while ((at = slice_find(v->text, what, at)) != SIZE_MAX && (count == 0 || all)) {
        count++;
        at += what.len;
    }
    size_t room_wanted = v->text.len + count * (with.len > what.len ? with.len - what.len : 0) + 1;
    uint8_t *out = script_intent_room(t, room_wanted);
    size_t n = 0, from = 0;
    for (at = 0; out && count; count--) {
        at = slice_find(v->text, what, from);
        n += slice_copy_out(slice_sub(v->text, from, at - from), out + n, at - from);
        n += slice_copy_out(with, out + n, with.len);
        from = at + what.len;
    }
    if (!out)
        return any();
    n += slice_copy_out(slice_from(v->text, from), out + n, v->text.len - from);
    return script_intent_string(t, (slice){ out, n }, v->pieces + 2);
}

static struct item cased(struct intent *t, const struct item *v, bool upper)
{
    uint8_t *out = script_intent_room(t, v->text.len);
    for (size_t i = 0; out && i < v->text.len; i++) {
        uint8_t c = ascii_lower(v->text.at[i]);
        out[i] = upper && c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : upper ? v->text.at[i] : c;
    }
    return out ? script_intent_string(t, (slice){ out, v->text.len }, v->pieces) : any();
}

/* %XX and %uXXXX */
static struct item unescape(struct intent *t, const struct item *v)
{
    uint8_t *out = script_intent_room(t, v->text.len + 4), utf8[4];
    size_t n = 0;
    slice s = v->text;
    for (size_t i = 0; out && i < s.len; i++) {
        bool wide = s.at[i] == '%' && s.len - i > 5 && (s.at[i + 1] | 32) == 'u';
        size_t digits = wide ? 4 : 2, from = i + (wide ? 2 : 1);
        uint32_t code = 0;
        bool good = s.at[i] == '%' && from + digits <= s.len;
        for (size_t k = 0; good && k < digits; k++) {
            int d = ascii_hex(s.at[from + k]);
            good = d >= 0;
            code = code << 4 | (uint32_t)(d & 15);
        }
        if (good) {
            n += slice_copy_out((slice){ utf8, utf8_put(utf8, code) }, out + n, 4);
            i = from + digits - 1;
        } else {
            out[n++] = s.at[i];
        }
    }
    return out ? script_intent_string(t, (slice){ out, n }, v->pieces + 2) : any();
}

static struct item characters(struct intent *t, const struct item *args, unsigned n)
{
    uint8_t *out = script_intent_room(t, n * 4u);
    size_t len = 0;
    bool partial = false;
    t->codes += n;
    for (unsigned i = 0; out && i < n; i++) {
        if (args[i].kind == I_NUM && args[i].number >= 0 && args[i].number < 0x110000)
            len += utf8_put(out + len, (uint32_t)args[i].number);
        else
            partial = true;
    }
    if (!out || len == 0)
        return any();
    struct item v = script_intent_string(t, (slice){ out, len }, n);
    v.partial = partial;
    return v;
}

static struct item piece(struct intent *t, const struct item *v, int64_t from, int64_t to)
{
    int64_t len = (int64_t)v->text.len;
    from = from < 0 ? from + len : from;
    to = to < 0 ? to + len : to;
    from = from < 0 ? 0 : from;
    if (to <= from || from >= len)
        return script_intent_string(t, SLICE_LIT(""), 1);
    return script_intent_string(t, slice_sub(v->text, (size_t)from, (size_t)(to - from)),
                                v->pieces + 1);
}

/* Methods of a constant string or array. */
static struct item method(struct intent *t, slice name, const struct item *base,
                          const struct item *a, unsigned n)
{
    const int64_t far = INT64_C(1) << 40;
    bool text = base->kind == I_STR;
    if (slice_is(name, "join") && base->kind == I_ARR)
        return join(t, base,
                    n == 0               ? SLICE_LIT(",")
                    : a[0].kind == I_STR ? a[0].text
                                         : (slice){ 0 });
    if (slice_is(name, "reverse"))
        return reverse(t, base);
    if (slice_is(name, "toString") || slice_is(name, "valueOf"))
        return n == 0 ? *base : any();
    if (!text)
        return any();
    if (slice_is(name, "split"))
        return n && a[0].kind == I_STR ? split(t, base->text, a[0].text) : any();
    if (slice_is(name, "replace") && n == 2 && (a[0].kind == I_STR || a[0].op == '/') &&
        a[1].kind == I_STR)
        return replace(t, base, a[0].text, a[1].text, a[0].op == '/');
    if (slice_is(name, "substr") && n && a[0].kind == I_NUM)
        return piece(t, base, a[0].number, n > 1 ? a[0].number + number_or(&a[1], far) : far);
    if ((slice_is(name, "substring") || slice_is(name, "slice")) && n && a[0].kind == I_NUM)
        return piece(t, base, a[0].number, n > 1 ? number_or(&a[1], far) : far);
    if (slice_is(name, "charAt") && n && a[0].kind == I_NUM)
        return piece(t, base, a[0].number, a[0].number + 1);
    if (slice_is(name, "charCodeAt") && n && a[0].kind == I_NUM && a[0].number >= 0 &&
        (uint64_t)a[0].number < base->text.len)
        return (struct item){ .kind = I_NUM, .number = base->text.at[a[0].number] };
    if (slice_is(name, "toUpperCase") || slice_is(name, "toLowerCase"))
        return cased(t, base, slice_is(name, "toUpperCase"));
    if (slice_is(name, "concat") && n)
        return script_intent_join(t, base, &a[0]);
    return any();
}

/* Functions of VBScript. */
static struct item basic(struct intent *t, slice name, const struct item *a, unsigned n)
{
    const int64_t far = INT64_C(1) << 40;
    if (slice_is_nocase(name, "chr") || slice_is_nocase(name, "chrw"))
        return characters(t, a, 1);
    if (a[0].kind == I_ARR && slice_is_nocase(name, "join"))
        return join(t, &a[0], n > 1 && a[1].kind == I_STR ? a[1].text : SLICE_LIT(" "));
    if (a[0].kind == I_NUM && (slice_is_nocase(name, "cstr") || slice_is_nocase(name, "clng") ||
                               slice_is_nocase(name, "cint")))
        return a[0];
    if (a[0].kind != I_STR)
        return any();
    if (slice_is_nocase(name, "strreverse"))
        return reverse(t, &a[0]);
    if (slice_is_nocase(name, "replace") && n >= 3 && a[1].kind == I_STR && a[2].kind == I_STR)
        return replace(t, &a[0], a[1].text, a[2].text, true);
    if (slice_is_nocase(name, "split"))
        return split(t, a[0].text, n > 1 && a[1].kind == I_STR ? a[1].text : SLICE_LIT(" "));
    if (slice_is_nocase(name, "mid") && n > 1 && a[1].kind == I_NUM)
        return piece(t, &a[0], a[1].number - 1,
                     n > 2 ? a[1].number - 1 + number_or(&a[2], far) : far);
    if (slice_is_nocase(name, "left") && n > 1)
        return piece(t, &a[0], 0, number_or(&a[1], far));
    if (slice_is_nocase(name, "right") && n > 1 && a[1].kind == I_NUM)
        return piece(t, &a[0], (int64_t)a[0].text.len - a[1].number, far);
    if (slice_is_nocase(name, "lcase") || slice_is_nocase(name, "ucase"))
        return cased(t, &a[0], slice_is_nocase(name, "ucase"));
    if (slice_is_nocase(name, "asc") && a[0].text.len)
        return (struct item){ .kind = I_NUM, .number = a[0].text.at[0] };
    if (slice_is_nocase(name, "trim") || slice_is_nocase(name, "cstr"))
        return a[0];
    if (slice_is_nocase(name, "unescape"))
        return unescape(t, &a[0]);
    return any();
}

static void evaluated(struct intent *t, const struct item *code)
{
    t->evals++;
    t->acts |= 1u << ACT_EVAL;
    if (code->kind == I_STR && code->text.len >= EVAL_MIN) {
        t->eval_computed += code->pieces > 1 || code->partial;
        script_intent_read(t, code->text);
    } else if (code->kind != I_NUM) {
        t->eval_computed++;
    }
}

static void created(struct intent *t, slice name, const struct item *class)
{
    if (!slice_is_nocase(name, "ActiveXObject"))
        t->hosts |= HOST_WSH;
    if (class->kind == I_STR && !class->partial)
        return; /* script_intent_constant has seen it */
    t->computed_classes++;
}

static uint64_t in_base(slice word, uint64_t base)
{
    uint64_t v = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        unsigned d = ascii_digit(c)         ? c - '0' + 0u
                     : c >= 'a' && c <= 'z' ? c - 'a' + 10u
                     : c >= 'A' && c <= 'Z' ? c - 'A' + 36u
                                            : 99u;
        if (d >= base || v > 100000)
            return UINT64_MAX;
        v = v * base + d;
    }
    return v;
}

/* The next word or sign of a packed text at *at, with its word from the list in its place. */
static slice unpacked(const struct intent *t, slice s, size_t *at, uint64_t base,
                      const struct item *words)
{
    size_t from = *at, i = from;
    while (i < s.len && (ascii_alnum(s.at[i]) || s.at[i] == '_'))
        i++;
    *at = i > from ? i : i + 1;
    slice word = slice_sub(s, from, *at - from);
    uint64_t number = i > from && word.len < 6 ? in_base(word, base) : UINT64_MAX;
    if (number < words->n && t->elements[words->from + number].text.len)
        return t->elements[words->from + number].text;
    return word;
}

struct item script_intent_unpack(struct intent *t, const struct item *a)
{
    slice s = a[0].text;
    uint64_t base = a[1].number > 1 && a[1].number <= 62 ? (uint64_t)a[1].number : 10;
    size_t total = 0, n = 0;
    for (size_t at = 0; at < s.len;)
        total += unpacked(t, s, &at, base, &a[3]).len;
    uint8_t *out = script_intent_room(t, total);
    for (size_t at = 0; out && at < s.len;) {
        slice word = unpacked(t, s, &at, base, &a[3]);
        n += slice_copy_out(word, out + n, total - n);
    }
    return out ? script_intent_string(t, (slice){ out, n }, 4) : any();
}

struct item script_intent_call(struct intent *t, slice name, const struct item *base,
                               const struct item *a, unsigned n, bool made)
{
    static const char *const makers[] = { "ActiveXObject", "CreateObject", "GetObject", NULL };
    static const char *const runners[] = { "eval", "Execute", "ExecuteGlobal", NULL };
    if (n && is_any(name, makers)) {
        created(t, name, &a[0]);
        return any();
    }
    if (n && !base &&
        (t->basic ? is_any(name, runners) : slice_is(name, "eval") || slice_is(name, "Function"))) {
        evaluated(t, &a[n - 1]);
        return any();
    }
    (void)made;
    if (n && slice_is(name, "fromCharCode"))
        return characters(t, a, n);
    if (base && base->kind != I_ANY)
        return method(t, name, base, a, n);
    if (n && !base && t->basic)
        return basic(t, name, a, n);
    if (n && (slice_is(name, "unescape") || slice_is(name, "decodeURIComponent")) &&
        a[0].kind == I_STR)
        return unescape(t, &a[0]);
    if (n && !base && slice_is(name, "String") && (a[0].kind == I_STR || a[0].kind == I_NUM))
        return a[0];
    if (n && !base && (slice_is(name, "Number") || slice_is(name, "parseInt")) &&
        a[0].kind == I_NUM)
        return a[0];
    return any();
}
