/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of Windows that scripts make: WScript, WScript.Shell, Shell.Application, WMI, the task
 * scheduler. Names have no case there. Places that differ from user to user are named by their
 * environment variable. Requests, files and streams: jscript_file.c; pages: jscript_page.c. */
#include "unmask/jscript/jscript_host_private.h"

struct js_value js_host_object(struct js *m, uint32_t id, const char *name)
{
    struct js_object *o = js_object_new(m, C_HOST, O_NONE);
    if (!o)
        return js_undefined();
    o->id = id;
    o->atom = js_atom_cstr(m, name);
    return js_of(o);
}

static const struct {
    const char *name;
    uint32_t kind;
    const char *sink;
} classes[] = {
    { "wscript.shell", H_SHELL, "WScript.Shell" },
    { "shell.application", H_SHELL_APP, "Shell.Application" },
    { "scripting.filesystemobject", H_FSO, "FileSystemObject" },
    { "adodb.stream", H_STREAM, "ADODB.Stream" },
    { "msxml2.xmlhttp", H_HTTP, "MSXML2.XMLHTTP" },
    { "msxml2.serverxmlhttp", H_HTTP, "MSXML2.ServerXMLHTTP" },
    { "microsoft.xmlhttp", H_HTTP, "Microsoft.XMLHTTP" },
    { "winhttp.winhttprequest", H_HTTP, "WinHttp.WinHttpRequest" },
    { "msxml2.domdocument", H_XML, "MSXML2.DOMDocument" },
    { "microsoft.xmldom", H_XML, "Microsoft.XMLDOM" },
    { "msxml2.freethreadeddomdocument", H_XML, "MSXML2.DOMDocument" },
    { "schedule.service", H_SCHEDULE, "Schedule.Service" },
    { "wbemscripting.swbemlocator", H_WMI, "WbemScripting.SWbemLocator" },
    { "internetexplorer.application", H_BROWSER, "InternetExplorer" },
    { "scripting.dictionary", H_DICTIONARY, "Scripting.Dictionary" },
};

static const char *const class_ids[][2] = {
    { "72c24dd5-d70a-438b-8a42-98424b88afb8", "WScript.Shell" },
    { "f935dc22-1cf0-11d0-adb9-00c04fd58a0b", "WScript.Shell" },
    { "13709620-c279-11ce-a49e-444553540000", "Shell.Application" },
    { "9ba05972-f6a8-11cf-a442-00a0c90a8f39", "Shell.Application" },
    { "c08afd90-f2a1-11d1-8455-00a0c91f3880", "Shell.Application" },
    { "0d43fe01-f093-11cf-8940-00a0c9054228", "Scripting.FileSystemObject" },
};

/* new ActiveXObject: the version behind the name does not matter. */
struct js_value js_host_new(struct js *m, struct text class_name)
{
    if (!text_known(class_name)) {
        struct js_value u = js_unknown_like(js_string(class_name));
        return u;
    }
    slice name = slice_trim(text_utf8(m->t, class_name));
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        size_t n = slice_of(classes[i].name).len;
        if (slice_starts_nocase(name, classes[i].name) && (name.len == n || name.at[n] == '.'))
            return js_host_object(m, classes[i].kind, classes[i].sink);
    }
    struct js_value v = js_host_object(m, H_OTHER, "object");
    if (v.kind == JS_OBJECT)
        v.o->atom = js_atom(m, class_name);
    return v;
}

/* GetObject: a moniker. */
static struct js_value get_object(struct js *m, struct js_value v)
{
    struct text s = js_text(m, v);
    slice name = text_utf8(m->t, s);
    if (slice_starts_nocase(name, "winmgmts:")) {
        bool process = slice_find_nocase(name, SLICE_LIT("win32_process"), 0) != SIZE_MAX;
        return js_host_object(
            m,
            process && slice_find_nocase(name, SLICE_LIT("win32_processstartup"), 0) == SIZE_MAX
                ? H_WMI_CLASS
                : H_WMI,
            "WMI");
    }
    if (slice_starts_nocase(name, "script:")) {
        js_say_path(m, EFFECT_RUN, "GetObject", "url", js_string(text_sub(s, 7, s.n)));
        return js_host_object(m, H_OTHER, "script");
    }
    for (size_t i = 0;
         slice_starts_nocase(name, "new:") && i < sizeof class_ids / sizeof class_ids[0]; i++)
        if (slice_find_nocase(name, slice_of(class_ids[i][0]), 0) != SIZE_MAX)
            return js_host_new(m, js_cstr(m, class_ids[i][1]).s);
    if (slice_starts_nocase(name, "new:"))
        return js_host_new(m, text_sub(s, 4, s.n));
    return js_host_object(m, H_OTHER, "GetObject");
}

struct js_value js_host_global(struct js *m, uint32_t atom)
{
    bool com = m->place != PLACE_PDF;
    if (com && (atom == A_WScript || atom == A_WSH) && m->place != PLACE_PAGE)
        return js_host_object(m, H_WSCRIPT, "WScript");
    if (com && atom == A_GetObject) {
        struct js_object *f = js_object_new(m, C_METHOD, O_FUNCTION);
        if (f) {
            f->v = js_host_object(m, H_WSCRIPT, "WScript");
            f->atom = atom;
        }
        return js_of(f);
    }
    return m->place == PLACE_HOST ? (struct js_value){ .kind = JS_ABSENT }
                                  : js_page_global(m, atom);
}

/* --- where things are */

static const struct {
    const char *name, *path;
} folders[] = {
    { "AppData", "%APPDATA%" },
    { "Desktop", "%USERPROFILE%\\Desktop" },
    { "MyDocuments", "%USERPROFILE%\\Documents" },
    { "Startup", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\Startup" },
    { "Recent", "%APPDATA%\\Microsoft\\Windows\\Recent" },
    { "StartMenu", "%APPDATA%\\Microsoft\\Windows\\Start Menu" },
    { "Programs", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs" },
    { "SendTo", "%APPDATA%\\Microsoft\\Windows\\SendTo" },
    { "Templates", "%APPDATA%\\Microsoft\\Windows\\Templates" },
    { "Favorites", "%USERPROFILE%\\Favorites" },
    { "AllUsersDesktop", "%PUBLIC%\\Desktop" },
    { "AllUsersStartup", "%PROGRAMDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp" },
    { "Fonts", "%WINDIR%\\Fonts" },
};

struct text js_symbol(struct js *m, const char *s)
{
    return js_cstr(m, s).s;
}

static struct js_value special_folder(struct js *m, struct js_value v)
{
    slice name = text_utf8(m->t, js_text(m, v));
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (slice_is_nocase(name, folders[i].name))
            return js_string(js_symbol(m, folders[i].path));
    return js_unknown(m, "SpecialFolders");
}

static struct js_value environment(struct js *m, const struct js_object *o, struct js_value v)
{
    struct text s = js_text(m, v), sign = js_cstr(m, "%").s;
    if (!text_known(s) || s.n == 0 || s.n > 64)
        return js_unknown(m, "Environment");
    bool stored = o->v.kind == JS_STRING && text_is_nocase(o->v.s, "system");
    if (stored && text_is_nocase(s, "comspec")) /* as it is kept in the registry */
        return js_cstr(m, "%SystemRoot%\\system32\\cmd.exe");
    return js_string(text_join(m->t, text_join(m->t, sign, js_case(m, s, true)), sign));
}

/* ExpandEnvironmentStrings: names in capitals, as symbols. */
static struct js_value expanded(struct js *m, struct js_value v)
{
    struct text s = js_text(m, v), out = { 0 };
    uint32_t at = 0;
    for (uint32_t i = 0; i < s.n && js_step(m, 0); i++) {
        uint32_t end = i + 1;
        while (text_unit(s, i) == '%' && end < s.n && text_unit(s, end) != '%' && end - i < 64)
            end++;
        if (text_unit(s, i) != '%' || end >= s.n || text_unit(s, end) != '%' || end == i + 1)
            continue;
        out = text_join(m->t, out, text_sub(s, at, i - at));
        out = text_join(m->t, out, js_case(m, text_sub(s, i, end - i + 1), true));
        at = end + 1;
        i = end;
    }
    return js_string(text_join(m->t, out, text_sub(s, at, s.n)));
}

/* --- WScript and WScript.Shell */

static void say_text(struct js *m, enum effect_kind kind, const char *sink, const char *name,
                     struct js_value v)
{
    struct unmask_argument a[] = { { name, js_text(m, v) } };
    js_say(m, kind, sink, a, 1);
}

static bool wscript_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                         struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    if (slice_is(name, "createobject")) {
        *out = js_host_new(m, js_text(m, first));
    } else if (slice_is(name, "getobject")) {
        *out = get_object(m, first);
    } else if (slice_is(name, "sleep")) {
        say_text(m, EFFECT_DELAY, "WScript.Sleep", "value", first);
    } else if (slice_is(name, "echo")) {
        say_text(m, EFFECT_MESSAGE, "WScript.Echo", "text", first);
    } else if (slice_is(name, "quit")) {
        m->quit = m->thrown = true;
    } else {
        return false;
    }
    return true;
}

static bool shell_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                       struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    if (slice_is(name, "run")) {
        js_say_run(m, "WScript.Shell.Run", js_text(m, first));
        *out = js_unknown(m, "exit code");
    } else if (slice_is(name, "exec")) {
        js_say_run(m, "WScript.Shell.Exec", js_text(m, first));
        *out = js_host_object(m, H_OTHER, "WshExec");
    } else if (slice_is(name, "expandenvironmentstrings")) {
        *out = expanded(m, first);
    } else if (slice_is(name, "specialfolders")) {
        *out = n ? special_folder(m, first) : js_host_object(m, H_FOLDERS, "SpecialFolders");
    } else if (slice_is(name, "environment")) {
        *out = js_host_object(m, H_ENVIRONMENT, "Environment");
        if (out->kind == JS_OBJECT)
            out->o->v = first;
    } else if (slice_is(name, "popup")) {
        say_text(m, EFFECT_MESSAGE, "WScript.Shell.Popup", "text", first);
        *out = js_unknown(m, "answer");
    } else if (slice_is(name, "createshortcut")) {
        *out = js_host_object(m, H_SHORTCUT, "Shortcut");
        if (out->kind == JS_OBJECT)
            out->o->v = first;
    } else {
        return js_registry_call(m, name, a, n, out);
    }
    return true;
}

static struct text with_arguments(struct js *m, struct js_value program, struct js_value arguments)
{
    struct text s = js_text(m, program);
    if (arguments.kind > JS_NULL) {
        struct text more = js_text(m, arguments);
        if (more.n)
            s = text_join(m->t, text_join(m->t, s, js_cstr(m, " ").s), more);
    }
    return s;
}

static struct js_value kept(struct js *m, struct js_object *o, const char *name)
{
    struct js_slot *s = js_slot(o, js_atom_cstr(m, name));
    return s ? s->v : js_undefined();
}

static void shortcut_save(struct js *m, struct js_object *o)
{
    struct text target = with_arguments(m, kept(m, o, "targetpath"), kept(m, o, "arguments"));
    struct unmask_argument said[] = { { "path", js_text(m, o->v) }, { "command", target } };
    bool lasts = text_find(said[0].value, js_cstr(m, "startup").s, 0, true) != UINT32_MAX;
    js_say(m, lasts ? EFFECT_PERSIST : EFFECT_WRITE, "WScript.Shell.CreateShortcut", said,
           target.n ? 2 : 1);
    js_hand_on(m, "command", target);
}

static bool shell_app_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                           uint32_t n, struct js_value *out)
{
    if (slice_is(name, "shellexecute")) {
        js_say_run(m, "Shell.Application.ShellExecute",
                   with_arguments(m, js_arg(a, n, 0), js_arg(a, n, 1)));
    } else if (slice_is(name, "open") || slice_is(name, "explore")) {
        js_say_run(m, "Shell.Application.Open", js_text(m, js_arg(a, n, 0)));
    } else if (slice_is(name, "namespace")) {
        *out = js_host_object(m, H_SHELL_APP, "Shell.Application");
        if (out->kind == JS_OBJECT)
            out->o->v = js_arg(a, n, 0);
    } else if (slice_is(name, "copyhere") || slice_is(name, "movehere")) {
        js_say_path(m, EFFECT_WRITE, "Shell.Application.CopyHere", "path", o->v);
    } else if (slice_is(name, "windows") || slice_is(name, "item") || slice_is(name, "items") ||
               slice_is(name, "parsename")) {
        *out = js_of(o);
    } else {
        return false;
    }
    return true;
}

/* --- WMI and tasks */

static bool wmi_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                     uint32_t n, struct js_value *out)
{
    struct text first = js_text(m, js_arg(a, n, 0));
    if (o->id == H_WMI_CLASS && slice_is(name, "create")) {
        js_say_run(m, "Win32_Process.Create", first);
        *out = js_unknown(m, "result");
    } else if (slice_is(name, "get")) {
        bool process = text_is_nocase(first, "win32_process");
        *out = js_host_object(m, process ? H_WMI_CLASS : H_WMI, "WMI");
    } else if (slice_is(name, "execquery") || slice_is(name, "instancesof")) {
        struct unmask_argument said[] = { { "query", first } };
        js_say(m, EFFECT_QUERY, "WMI.ExecQuery", said, 1);
        *out = js_host_object(m, H_OTHER, "WMI");
    } else if (slice_is(name, "connectserver") || slice_is(name, "spawninstance_") ||
               slice_is(name, "methods_") || slice_is(name, "inparameters")) {
        *out = js_host_object(m, o->id, "WMI");
    } else if (slice_is(name, "execmethod") || slice_is(name, "execmethod_")) {
        struct js_value in = js_arg(a, n, n ? n - 1 : 0);
        struct js_value line = in.kind == JS_OBJECT && in.o->class_ == C_HOST
                                   ? kept(m, in.o, "commandline")
                                   : js_undefined();
        if (line.kind > JS_NULL)
            js_say_run(m, "Win32_Process.Create", js_text(m, line));
        *out = js_unknown(m, "result");
    } else {
        return false;
    }
    return true;
}

static bool schedule_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                          uint32_t n, struct js_value *out)
{
    *out = js_of(o); /* folders, definitions, triggers and actions: one task as a rule */
    if (!slice_is(name, "registertaskdefinition") && !slice_is(name, "registertask"))
        return true;
    struct text line = with_arguments(m, kept(m, o, "path"), kept(m, o, "arguments"));
    struct unmask_argument said[] = { { "name", js_text(m, js_arg(a, n, 0)) },
                                      { "command", line } };
    bool known = kept(m, o, "path").kind > JS_NULL;
    js_say(m, EFFECT_PERSIST, "Schedule.Service", said, known ? 2 : 1);
    if (known)
        js_hand_on(m, "command", line);
    return true;
}

/* --- all of them */

static slice lower_name(struct js *m, uint32_t atom)
{
    return slice_lower(m->mem, js_atom_utf8(m, atom));
}

static struct js_value open_member(struct js *m, const struct js_object *o, uint32_t atom)
{
    struct text s = js_atom_text(m, o->atom);
    if (atom != A_NONE)
        s = text_join(m->t, text_join(m->t, s, js_cstr(m, ".").s), js_atom_text(m, atom));
    return (struct js_value){ .kind = JS_UNKNOWN, .mark = texts_reason(m->t, text_utf8(m->t, s)) };
}

static bool com_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                     uint32_t n, struct js_value *out)
{
    switch (o->id) {
    case H_WSCRIPT:
        return wscript_call(m, name, a, n, out);
    case H_SHELL:
        return shell_call(m, name, a, n, out);
    case H_ENVIRONMENT:
    case H_FOLDERS:
        if (name.len && !slice_is(name, "item"))
            return false;
        *out = o->id == H_FOLDERS ? special_folder(m, js_arg(a, n, 0))
                                  : environment(m, o, js_arg(a, n, 0));
        return true;
    case H_SHORTCUT:
        if (!slice_is(name, "save"))
            return false;
        shortcut_save(m, o);
        return true;
    case H_SHELL_APP:
        return shell_app_call(m, o, name, a, n, out);
    case H_WMI:
    case H_WMI_CLASS:
        return wmi_call(m, o, name, a, n, out);
    case H_SCHEDULE:
        return schedule_call(m, o, name, a, n, out);
    case H_BROWSER:
        if (!slice_starts(name, SLICE_LIT("navigate")))
            return false;
        (void)js_say_request(m, "InternetExplorer.Navigate", js_arg(a, n, 0));
        return true;
    case H_HTTP:
    case H_STREAM:
    case H_XML:
    case H_NODE:
        return js_net_call(m, o, name, a, n, out);
    case H_FSO:
    case H_FILE:
    case H_TEXT_STREAM:
        return js_file_call(m, o, name, a, n, out);
    default:
        return false;
    }
}

static void note_call(struct js *m, const struct js_object *o, uint32_t atom,
                      const struct js_value *a, uint32_t n)
{
    struct text s = js_atom_text(m, o->atom);
    s = text_join(m->t, text_join(m->t, s, js_cstr(m, ".").s), js_atom_text(m, atom));
    js_note(m, m->source, 0, js_arg(a, n, 0), (const char *)arena_cstr(m->mem, text_utf8(m->t, s)));
}

struct js_value js_host_call(struct js *m, struct js_object *o, uint32_t atom,
                             const struct js_value *a, uint32_t n)
{
    struct js_value out = js_undefined();
    if (!js_step(m, 20))
        return out;
    if (o->class_ == C_DATE)
        return js_date_member(m, atom, js_of(o), a, n, &out) ? out : js_unknown(m, "Date");
    if (o->class_ != C_HOST)
        return js_unknown(m, "object");
    struct js_slot *s = atom ? js_slot(o, atom) : NULL;
    if (s && js_is_callable(s->v))
        return js_call(m, s->v, js_of(o), a, n);
    if (m->u->trace)
        note_call(m, o, atom, a, n);
    if (o->id > H_COM_LAST ? js_page_call(m, o, atom, a, n, &out)
                           : com_call(m, o, lower_name(m, atom), a, n, &out))
        return out;
    if (s || (n == 0 && js_host_get(m, o, atom, &out)))
        return s ? s->v : out;
    struct js_value u = open_member(m, o, atom);
    for (uint32_t i = 0; i < n; i++)
        js_call_open(m, a[i], &u, 1);
    if (o->id <= H_COM_LAST && o->id != H_WSCRIPT &&
        u.kind == JS_UNKNOWN) { /* a collection, a part of it: an object, most likely */
        u.o = NULL;
    }
    return u;
}

static bool com_get(struct js *m, struct js_object *o, slice name, struct js_value *out)
{
    if (o->id == H_WSCRIPT) {
        static const char *const values[][2] = { { "name", "Windows Script Host" },
                                                 { "valueof", "Windows Script Host" },
                                                 { "version", "5.8" } };
        for (size_t i = 0; i < 3; i++)
            if (slice_is(name, values[i][0])) {
                *out = js_cstr(m, values[i][1]);
                return true;
            }
        return false;
    }
    if (o->id == H_SHELL && (slice_is(name, "specialfolders") || slice_is(name, "environment")))
        return shell_call(m, name, NULL, 0, out);
    if (o->id == H_SCHEDULE && !slice_is(name, "valueof")) {
        *out = js_of(o);
        return true;
    }
    if ((o->id == H_WMI || o->id == H_WMI_CLASS) &&
        (slice_is(name, "methods_") || slice_is(name, "inparameters")))
        return wmi_call(m, o, name, NULL, 0, out);
    if (o->id == H_ENVIRONMENT || o->id == H_FOLDERS)
        return false;
    return js_net_get(m, o, name, out);
}

/* Methods that are taken from their object and called later. */
static bool is_method(slice name)
{
    static const char *const names[] = {
        "run",   "exec",           "createobject", "open",          "send",
        "write", "savetofile",     "shellexecute", "createelement", "appendchild",
        "click", "getelementbyid", "getobject",    "sleep",         "expandenvironmentstrings",
        "close", "quit",           "deletefile",   "fileexists",    "regwrite"
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

bool js_host_get(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out)
{
    if (o->class_ != C_HOST)
        return false;
    if (o->id > H_COM_LAST) {
        if (js_page_get(m, o, atom, out))
            return true;
    } else {
        slice name = lower_name(m, atom);
        struct js_slot *s = js_slot(o, js_atom(m, text_of(m->t, name, TEXT_NOWHERE)));
        if (s) {
            *out = s->v;
            return true;
        }
        if (com_get(m, o, name, out))
            return true;
    }
    if (atom == A_valueOf)
        return false;
    struct js_object *f =
        is_method(lower_name(m, atom)) ? js_object_new(m, C_METHOD, O_FUNCTION) : NULL;
    if (f) {
        f->v = js_of(o);
        f->atom = atom;
        *out = js_of(f);
        return true;
    }
    *out = open_member(m, o, atom);
    return true;
}

bool js_host_set(struct js *m, struct js_object *o, uint32_t atom, struct js_value v)
{
    if (o->id > H_COM_LAST)
        return js_page_set(m, o, atom, v);
    struct text name = text_of(m->t, lower_name(m, atom), TEXT_NOWHERE);
    js_define(m, o, js_atom(m, name), v, 0);
    return true;
}
