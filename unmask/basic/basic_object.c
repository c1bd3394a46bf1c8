/* SPDX-License-Identifier: Apache-2.0 */
/* Objects: which class a ProgID or moniker names, and who answers for its members. A member that
 * is not modelled is unknown and says its name; what was set on an object can be read again. */
#include "base/text.h"
#include "unmask/basic/basic.h"

enum { REASON_MAX = 120 };

struct object *basic_object_new(struct machine *m, enum basic_class c)
{
    struct object *o = ARENA_NEW(m->mem, struct object);
    if (o)
        o->class_ = (uint8_t)c;
    else
        m->out_of_memory = true;
    return o;
}

/* --- by name */

static const struct {
    const char *progid;
    enum basic_class class_;
} progids[] = {
    { "WScript.Shell", C_WSHELL }, { "WScript.Shell.1", C_WSHELL }, { "WshShell", C_WSHELL }, { "IWshRuntimeLibrary.WshShell", C_WSHELL },
    { "IWshRuntimeLibrary.IWshShell3", C_WSHELL }, { "Shell.Application", C_SHELL }, { "Shell32.Shell", C_SHELL }, { "Shell", C_SHELL },
    { "Shell.Application.1", C_SHELL }, { "Scripting.FileSystemObject", C_FSO }, { "FileSystemObject", C_FSO },
    { "Scripting.Dictionary", C_DICTIONARY }, { "Dictionary", C_DICTIONARY }, { "Collection", C_COLLECTION },
    { "VBA.Collection", C_COLLECTION }, { "ADODB.Stream", C_STREAM }, { "ADODB.Stream.6.0", C_STREAM },
    { "MSXML2.XMLHTTP", C_HTTP }, { "MSXML2.XMLHTTP60", C_HTTP }, { "XMLHTTP60", C_HTTP }, { "XMLHTTP", C_HTTP }, { "MSXML2.ServerXMLHTTP", C_HTTP },
    { "MSXML2.ServerXMLHTTP60", C_HTTP }, { "ServerXMLHTTP60", C_HTTP }, { "Microsoft.XMLHTTP", C_HTTP }, { "Microsoft.XMLHTTP.1.0", C_HTTP },
    { "WinHttp.WinHttpRequest", C_HTTP }, { "WinHttpRequest", C_HTTP }, { "MSXML.XMLHTTP", C_HTTP }, { "MSXML.ServerXMLHTTP", C_HTTP },
    { "MSXML2.DOMDocument", C_XML }, { "Microsoft.XMLDOM", C_XML }, { "MSXML2.DOMDocument60", C_XML }, { "DOMDocument60", C_XML },
    { "DOMDocument", C_XML }, { "MSXML2.FreeThreadedDOMDocument", C_XML }, { "MSXML.DOMDocument", C_XML },
    { "VBScript.RegExp", C_REGEXP }, { "RegExp", C_REGEXP }, { "Schedule.Service", C_SCHEDULE },
    { "WbemScripting.SWbemLocator", C_WMI }, { "SWbemLocator", C_WMI }, { "Word.Application", C_APPLICATION },
    { "Excel.Application", C_APPLICATION }, { "Outlook.Application", C_APPLICATION }, { "PowerPoint.Application", C_APPLICATION },
    { "MSScriptControl.ScriptControl", C_SCRIPT_CONTROL }, { "ScriptControl", C_SCRIPT_CONTROL }, { "MSScriptControl.ScriptControl.1", C_SCRIPT_CONTROL },
    { "htmlfile", C_HTMLFILE }, { "HTMLDocument", C_HTMLFILE }, { "InternetExplorer.Application", C_WEBCLIENT }, { "InternetExplorer.Application.1", C_WEBCLIENT }, { "InternetExplorer", C_WEBCLIENT },
};

/* Class ids under which droppers ask for the same ("new:{...}"). */
static const struct {
    const char *clsid;
    enum basic_class class_;
} clsids[] = {
    { "72C24DD5-D70A-438B-8A42-98424B88AFB8", C_WSHELL }, { "F935DC22-1CF0-11D0-ADB9-00C04FD58A0B", C_WSHELL },
    { "13709620-C279-11CE-A49E-444553540000", C_SHELL },  { "9BA05972-F6A8-11CF-A442-00A0C90A8F39", C_SHELL_FOLDER },
    { "C08AFD90-F2A1-11D1-8455-00A0C91F3880", C_SHELL_FOLDER }, { "0D43FE01-F093-11CF-8940-00A0C9054228", C_FSO },
    { "88D96A0A-F192-11D4-A65F-0040963251E5", C_HTTP },   { "F5078F35-C551-11D3-89B9-0000F81FE221", C_HTTP },
    { "00000566-0000-0010-8000-00AA006D2EA4", C_STREAM }, { "2087C2F4-2CEF-4953-A8AB-66779B670495", C_HTTP },
    { "76A64158-CB41-11D1-8B02-00600806D9B6", C_WMI },    { "0F87369F-A4E5-4CFC-BD3E-73E6154572DD", C_SCHEDULE },
};

/* "MSXML2.XMLHTTP.6.0" without its version */
static slice without_version(slice s)
{
    size_t n = s.len;
    while (n > 0 && (ascii_digit(s.at[n - 1]) || s.at[n - 1] == '.'))
        n--;
    return n && n < s.len && s.at[n] == '.' ? slice_sub(s, 0, n) : s;
}

static struct value foreign_named(struct machine *m, slice name)
{
    struct object *o = basic_object_new(m, C_FOREIGN);
    if (o)
        o->name = utf8_cut(name, REASON_MAX);
    return basic_object(o);
}

static struct value by_clsid(struct machine *m, slice s)
{
    for (size_t i = 0; i < sizeof clsids / sizeof clsids[0]; i++)
        if (slice_find_nocase(s, slice_of(clsids[i].clsid), 0) != SIZE_MAX) {
            struct object *o = basic_object_new(m, clsids[i].class_);
            return basic_object(o);
        }
    return foreign_named(m, s);
}

static struct value wmi_class(struct machine *m, slice path)
{
    struct object *o = basic_object_new(m, C_WMI);
    size_t at = slice_find_nocase(path, SLICE_LIT("Win32_"), 0);
    if (o && at != SIZE_MAX) {
        o->class_ = slice_find_nocase(path, SLICE_LIT("Win32_ProcessStartup"), 0) != SIZE_MAX ? C_WMI_STARTUP : C_WMI_CLASS;
        o->name = slice_from(path, at);
    }
    return basic_object(o);
}

struct value basic_object_create(struct machine *m, struct text progid)
{
    if (!text_known(progid))
        return basic_unknown_slice(m, SLICE_LIT("CreateObject"));
    slice s = slice_trim(text_utf8(m->t, progid)), plain = without_version(s);
    uint32_t module = s.len && s.len < 64 ? basic_declare_named(m, basic_lex_name(m, s)) : m->n_modules;
    if (module < m->n_modules && m->modules[module].kind != MODULE_STANDARD)
        return basic_object(basic_declare_new(m, module));
    if (slice_starts_nocase(s, "winmgmts:"))
        return wmi_class(m, s);
    if (slice_starts_nocase(s, "new:"))
        return slice_find_byte(s, '{', 0) != SIZE_MAX || s.len > 36 ? by_clsid(m, s) : basic_object_create(m, text_sub(progid, 4, UINT32_MAX));
    for (size_t i = 0; i < sizeof progids / sizeof progids[0]; i++)
        if (slice_is_nocase(s, progids[i].progid) || slice_is_nocase(plain, progids[i].progid)) {
            struct object *o = basic_object_new(m, progids[i].class_);
            if (o)
                o->name = s;
            return basic_object(o);
        }
    return foreign_named(m, s);
}

/* A script component, which runs where it is fetched. */
static void say_component(struct machine *m, struct text moniker)
{
    struct unmask_argument a[] = { { "url", text_sub(moniker, 7, UINT32_MAX) } };
    basic_say(m, EFFECT_RUN, "GetObject", a, 1);
}

struct value basic_object_get(struct machine *m, struct text moniker)
{
    if (!text_known(moniker)) {
        /* The scheme is enough to know what answers. */
        slice head = text_utf8(m->t, text_sub(moniker, 0, text_first_hole(moniker)));
        if (slice_starts_nocase(head, "script:"))
            say_component(m, moniker);
        return slice_starts_nocase(head, "winmgmts:") ? wmi_class(m, head) : basic_unknown_slice(m, SLICE_LIT("GetObject"));
    }
    slice s = slice_trim(text_utf8(m->t, moniker));
    if (slice_starts_nocase(s, "winmgmts:"))
        return wmi_class(m, s);
    if (slice_starts_nocase(s, "new:"))
        return basic_object_create(m, moniker);
    if (slice_starts_nocase(s, "script:"))
        say_component(m, moniker);
    return foreign_named(m, s.len ? s : SLICE_LIT("GetObject"));
}

/* --- what is set can be read again */

struct value *basic_pair_at(struct machine *m, struct object *o, struct value key, bool make)
{
    if (o->n > 64 && !basic_step(m, o->n / 32))
        return NULL;
    for (uint32_t i = 0; i < o->n; i++) {
        struct value k = o->pairs[i].key;
        if (k.type == V_STRING && key.type == V_STRING && !basic_pay_comparison(m, k.s, key.s))
            return NULL;
        bool same = k.type == V_STRING && key.type == V_STRING ? basic_compare_text(k.s, key.s, o->class_ != C_DICTIONARY) == 0
                                                               : k.type == key.type && k.type != V_STRING && k.i == key.i;
        if (same)
            return &o->pairs[i].value;
    }
    if (!make || !basic_step(m, o->n / 16 + 1))
        return NULL;
    basic_touch(m, o);
    if (o->n == o->room) {
        uint32_t room = o->room ? o->room * 2 : 8;
        struct basic_pair *more = room > BASIC_ITEMS_MAX ? NULL : arena_regrow(m->mem, o->pairs, o->n * sizeof *more, room, sizeof *more);
        if (!more)
            return NULL;
        o->pairs = more;
        o->room = room;
    }
    /* Another way may have a pair of its own there, or one that it took out. */
    struct basic_pair *pair = &o->pairs[o->n++];
    basic_journal(m, &pair->key);
    basic_journal(m, &pair->value);
    *pair = (struct basic_pair){ .key = key };
    return &pair->value;
}

struct value basic_prop(struct machine *m, struct object *o, uint32_t name, const char *preset, enum basic_how how, struct value v)
{
    bool put = how == HOW_LET || how == HOW_SETS;
    struct value key = basic_int(V_LONG, (int64_t)name | (int64_t)1 << 40); /* no dictionary has it */
    struct value *at = basic_pair_at(m, o, key, put);
    if (put && at)
        basic_store(m, at, v);
    if (put)
        return (struct value){ .type = V_EMPTY };
    if (at && !o->fogged)
        return *at;
    return preset && !o->fogged ? basic_cstr(m, preset) : basic_foreign(m, o, name);
}

struct value basic_foreign(struct machine *m, struct object *o, uint32_t name)
{
    slice a = o->name, b = m->names[name].text;
    uint8_t *s = arena_get(m->mem, a.len + b.len + 1, 1);
    if (!s)
        return basic_unknown_slice(m, b);
    size_t n = slice_copy_out(a, s, a.len);
    if (n)
        s[n++] = '.';
    n += slice_copy_out(b, s + n, b.len);
    struct object *sub = basic_object_new(m, C_FOREIGN);
    if (sub) {
        sub->name = utf8_cut((slice){ s, n }, REASON_MAX);
        sub->from = o;
        sub->download = o->download;
    }
    return basic_unknown_of(sub, texts_reason(m->t, (slice){ s, n }));
}

/* --- the library's modules as objects: VBA.Shell, Interaction.Shell, Strings.Chr */

static struct value library(struct machine *m, uint32_t name, struct arg *args, uint32_t n)
{
    bool found = false;
    struct value v;
    if (basic_function_is(name)) {
        v = basic_function(m, name, 0, args, n);
        if (name == W_array && v.type == V_ARRAY)
            v.a->low[0] = 0;
        v.flags = basic_function_variant(name) ? VALUE_VARIANT : 0;
        return v;
    }
    v = name < W_COUNT ? basic_object_word(m, name, &found) : basic_object(NULL);
    if (found)
        return basic_apply(m, v, args, n, HOW_GET);
    if (basic_function_constant(m, m->names[name].text, &v))
        return v;
    return basic_unknown_slice(m, m->names[name].text);
}

/* --- members of anything */

static struct value call_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how)
{
    struct value v = { 0 };
    if (m->dialect->member && m->dialect->member(m, o, name, args, n, how, &v))
        return v;
    struct arg ordered[BASIC_NAMED_MAX];
    if (o->class_ == C_LIBRARY)
        return library(m, name, args, n);
    if (n && basic_named_any(args, n)) {
        bool own = o->class_ == C_MODULE || o->class_ == C_INSTANCE;
        if (own && basic_store_member(m, o, name, args, n, how, &v)) /* procedures know their parameters */
            return v;
        n = basic_named(m, name, o, args, n, ordered);
        args = ordered;
    }
    if (basic_store_member(m, o, name, args, n, how, &v) || basic_script_member(m, o, name, args, n, how, &v) ||
        basic_net_member(m, o, name, args, n, how, &v) || basic_wmi_member(m, o, name, args, n, how, &v) ||
        basic_pattern_member(m, o, name, args, n, how, &v) || basic_hand_member(m, o, name, args, n, how, &v) || basic_office_member(m, o, name, args, n, how, &v))
        return v;
    if (m->error)
        return v;
    return basic_prop(m, o, name, NULL, n || how != HOW_CALL ? how : HOW_GET, n ? args[n - 1].v : v);
}

/* What is asked of an unknown object: most of it says nothing, but a few names mean one thing. */
static struct value of_unknown(struct machine *m, struct value of, uint32_t name, struct arg *args, uint32_t n)
{
    struct value a = basic_arg(args, n, 0);
    bool text = a.type == V_STRING && text_first_hole(a.s) > 0;
    if (name == W_run && text && of.mark)
        basic_say_run(m, "Run", a);
    else if (name == W_shellexecute && text)
        basic_say_run2(m, "ShellExecute", a, basic_arg(args, n, 1));
    else if (name == W_create && text && n >= 3)
        basic_say_run(m, "Win32_Process.Create", a);
    else if ((name == W_addfromstring && n == 1 && text) || (name == W_insertlines && n == 2 && basic_arg(args, n, 1).type == V_STRING))
        basic_say_code(m, name == W_insertlines ? "CodeModule.InsertLines" : "CodeModule.AddFromString", args[n - 1].v);
    else if (name == W_savetofile && text)
        basic_say_written(m, "SaveToFile", a, (struct value){ .type = V_EMPTY });
    if (of.o)
        return basic_foreign(m, of.o, name);
    return basic_unknown_of(NULL, of.mark ? of.mark : texts_reason(m->t, m->names[name].text));
}

struct value basic_object_member(struct machine *m, struct value of, uint32_t name, struct arg *args, uint32_t n, enum basic_how how)
{
    struct value v;
    if (m->nest >= BASIC_NEST_MAX || !basic_step(m, 1))
        return basic_unknown(m, "limit");
    if (of.type == V_UNKNOWN)
        return of_unknown(m, of, name, args, n);
    if (of.type != V_OBJECT)
        return basic_error(m, 424);
    if (!of.o)
        return basic_error(m, 91);
    m->nest++;
    v = call_member(m, of.o, name, args, n, how);
    m->nest--;
    return v;
}

struct value basic_object_default(struct machine *m, struct object *o, struct arg *args, uint32_t n, enum basic_how how)
{
    uint32_t name = W_item;
    switch (o->class_) {
    case C_HIDDEN: case C_RANGE: case C_TEXT: name = n && how == HOW_GET ? W_item : W_value; break;
    case C_ERR: name = W_number; break;
    case C_REGEXP: case C_MATCH: name = W_value; break;
    case C_APPLICATION: name = W_name; break;
    default: break;
    }
    return basic_object_member(m, basic_object(o), name, args, n, how == HOW_GET ? HOW_CALL : how);
}

struct value basic_object_item(struct machine *m, struct object *o, uint32_t index, bool *more_out)
{
    bool pairs = o->class_ == C_COLLECTION || o->class_ == C_DICTIONARY || o->class_ == C_MATCHES;
    *more_out = true;
    if (!pairs || o->fogged) {
        *more_out = index == 0;
        return basic_foreign(m, o, W_item);
    }
    *more_out = index < o->n;
    if (!*more_out)
        return (struct value){ 0 };
    return o->class_ == C_DICTIONARY ? o->pairs[index].key : o->pairs[index].value;
}

/* --- globals: made once */

static const struct {
    uint32_t word;
    enum basic_class class_;
} globals[] = {
    { W_vba, C_LIBRARY }, { W_vbscript, C_LIBRARY }, { W_interaction, C_LIBRARY }, { W_strings, C_LIBRARY }, { W_math, C_LIBRARY }, { W_conversion, C_LIBRARY },
    { W_constants, C_LIBRARY }, { W_information, C_LIBRARY }, { W_filesystem, C_LIBRARY }, { W_financial, C_LIBRARY }, { W_datetime, C_LIBRARY },
    { W_err, C_ERR }, { W_debug, C_DEBUG }, { W_application, C_APPLICATION }, { W_word, C_APPLICATION }, { W_excel, C_APPLICATION },
    { W_powerpoint, C_APPLICATION }, { W_outlook, C_APPLICATION }, { W_thisdocument, C_DOCUMENT }, { W_thisworkbook, C_DOCUMENT },
    { W_activedocument, C_DOCUMENT }, { W_activeworkbook, C_DOCUMENT }, { W_activepresentation, C_DOCUMENT }, { W_activesheet, C_SHEET },
    { W_system, C_SYSTEM }, { W_worksheetfunction, C_FUNCTIONS }, { W_documents, C_FOREIGN }, { W_workbooks, C_FOREIGN },
    { W_presentations, C_FOREIGN }, { W_selection, C_FOREIGN }, { W_options, C_FOREIGN }, { W_windows, C_FOREIGN }, { W_userforms, C_FOREIGN },
    { W_normaltemplate, C_FOREIGN }, { W_activewindow, C_FOREIGN }, { W_activecell, C_FOREIGN }, { W_wscript, C_FOREIGN },
    { W_range, C_SHEET }, { W_cells, C_SHEET }, { W_sheets, C_SHEET }, { W_worksheets, C_SHEET }, { W_names, C_SHEET },
};

struct value basic_object_word(struct machine *m, uint32_t word, bool *found_out)
{
    *found_out = false;
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++) {
        if (globals[i].word != word)
            continue;
        *found_out = true;
        if (!m->globals[word]) {
            struct object *o = globals[i].class_ == C_ERR ? m->err : basic_object_new(m, globals[i].class_);
            if (!o)
                return basic_unknown(m, "object");
            o->name = m->names[word].text;
            if (word == W_range || word == W_cells || word == W_sheets || word == W_worksheets || word == W_names)
                o->row = word; /* of the active sheet, called without it */
            m->globals[word] = o;
        }
        return basic_object(m->globals[word]);
    }
    return basic_object(NULL);
}
