/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of the Windows Script Host, the shell and the file system. Places that differ from
 * user to user are named by their environment variable. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static bool writes(enum basic_how how) { return how == HOW_LET || how == HOW_SETS; }


/* --- where things are */

static const struct {
    const char *name, *path;
} folders[] = {
    { "AppData", "%APPDATA%" }, { "Desktop", "%USERPROFILE%\\Desktop" }, { "MyDocuments", "%USERPROFILE%\\Documents" },
    { "Startup", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\Startup" }, { "Recent", "%APPDATA%\\Microsoft\\Windows\\Recent" },
    { "StartMenu", "%APPDATA%\\Microsoft\\Windows\\Start Menu" }, { "Programs", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs" },
    { "SendTo", "%APPDATA%\\Microsoft\\Windows\\SendTo" }, { "Templates", "%APPDATA%\\Microsoft\\Windows\\Templates" },
    { "Favorites", "%USERPROFILE%\\Favorites" }, { "AllUsersDesktop", "%PUBLIC%\\Desktop" },
    { "AllUsersStartup", "%PROGRAMDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp" }, { "Fonts", "%WINDIR%\\Fonts" },
};

struct value basic_system_folder(struct machine *m, slice name)
{
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (slice_is_nocase(name, folders[i].name))
            return basic_symbol(m, slice_of(folders[i].path));
    return basic_unknown(m, "SpecialFolders");
}

struct value basic_environ(struct machine *m, struct text name)
{
    if (!text_known(name) || name.n == 0 || name.n > 64)
        return basic_unknown(m, "Environ");
    slice s = text_utf8(m->t, name);
    uint8_t *out = arena_get(m->mem, s.len + 2, 1);
    if (!out)
        return basic_unknown(m, "Environ");
    out[0] = '%';
    for (size_t i = 0; i < s.len; i++)
        out[i + 1] = s.at[i] >= 'a' && s.at[i] <= 'z' ? (uint8_t)(s.at[i] - 32) : s.at[i];
    out[s.len + 1] = '%';
    return basic_symbol(m, (slice){ out, s.len + 2 });
}

/* ExpandEnvironmentStrings: what stands between percent signs is a symbol from now on. */
struct value basic_expand(struct machine *m, struct text s)
{
    struct text out = { 0 };
    uint32_t at = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t end = i + 1;
        while (text_unit(s, i) == '%' && end < s.n && text_unit(s, end) != '%' && end - i < 64)
            end++;
        if (text_unit(s, i) != '%' || end >= s.n || text_unit(s, end) != '%' || end == i + 1)
            continue;
        struct value v = basic_environ(m, text_sub(s, i + 1, end - i - 1));
        out = text_join(m->t, out, text_sub(s, at, i - at));
        out = text_join(m->t, out, basic_string(m, v));
        at = end + 1;
        i = end;
    }
    return basic_text(text_join(m->t, out, text_sub(s, at, UINT32_MAX)));
}

/* --- WScript.Shell */

static void reg_write(struct machine *m, struct arg *args, uint32_t n)
{
    struct text key = basic_string(m, basic_arg(args, n, 0)), value = m->error || n < 2 ? (struct text){ 0 } : basic_string(m, args[1].v);
    if (m->error)
        return;
    struct unmask_argument a[] = { { "name", key }, { "value", value } };
    static const char *const places[] = { "\\run", "winlogon", "currentversion\\windows\\load", "environment\\", "\\services\\", "\\classes\\" };
    bool lasts = false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        lasts = lasts || text_find(key, text_of(m->t, slice_of(places[i]), TEXT_NOWHERE), 0, true) != UINT32_MAX;
    basic_say(m, lasts ? EFFECT_PERSIST : EFFECT_WRITE, "WScript.Shell.RegWrite", a, 2);
}

static bool wshell_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    struct object *sub;
    switch (name) {
    case W_run:
        basic_say_run(m, "WScript.Shell.Run", a);
        *out = basic_unknown(m, "WScript.Shell.Run");
        return true;
    case W_exec:
        basic_say_run(m, "WScript.Shell.Exec", a);
        *out = basic_foreign(m, o, name);
        return true;
    case W_regwrite: reg_write(m, args, n); return true;
    case W_regread: {
        struct unmask_argument said[] = { { "name", basic_string(m, a) } };
        basic_say(m, EFFECT_QUERY, "WScript.Shell.RegRead", said, 1);
        *out = basic_unknown(m, "RegRead");
        return true;
    }
    case W_expandenvironmentstrings: *out = basic_expand(m, basic_string(m, a)); return true;
    case W_specialfolders: case W_environment:
        if (name == W_specialfolders && n && a.type == V_STRING && text_known(a.s)) {
            *out = basic_system_folder(m, text_utf8(m->t, a.s));
            return true;
        }
        sub = basic_object_new(m, C_WSHELL_LIST);
        if (sub)
            sub->place = name == W_environment;
        *out = basic_object(sub);
        return true;
    case W_createshortcut:
        sub = basic_object_new(m, C_SHORTCUT);
        if (sub)
            sub->path = a;
        *out = basic_object(sub);
        return true;
    case W_popup: {
        struct unmask_argument said[] = { { "text", basic_string(m, a) } };
        basic_say(m, EFFECT_MESSAGE, "WScript.Shell.Popup", said, 1);
        *out = basic_unknown(m, "Popup");
        return true;
    }
    case W_sendkeys: case W_appactivate: return true;
    default: return false;
    }
}

static bool shortcut_member(struct machine *m, struct object *o, uint32_t name, enum basic_how how, struct value v, struct value *out)
{
    if (name == W_save) {
        struct value none = { .type = V_EMPTY };
        struct value target = basic_prop(m, o, W_targetpath, "", HOW_GET, none), arguments = basic_prop(m, o, W_arguments, "", HOW_GET, none);
        struct text line = text_join(m->t, basic_string(m, target), text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE));
        struct unmask_argument a[] = { { "path", basic_string(m, o->path) }, { "command", text_join(m->t, line, basic_string(m, arguments)) } };
        basic_say(m, EFFECT_PERSIST, "WScript.Shell.CreateShortcut", a, 2);
        return true;
    }
    *out = basic_prop(m, o, name, how == HOW_LET ? NULL : "", how, v);
    return true;
}

/* --- Shell.Application */

static bool shell_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    struct object *sub;
    switch (name) {
    case W_shellexecute:
        basic_say_run2(m, "Shell.Application.ShellExecute", a, basic_arg(args, n, 1));
        return true;
    case W_open: case W_explore:
        basic_say_run(m, "Shell.Application.Open", a);
        return true;
    case W_namespace:
        sub = basic_object_new(m, C_SHELL_FOLDER);
        if (sub) {
            sub->path = a;
            sub->name = SLICE_LIT("NameSpace");
        }
        *out = basic_object(sub);
        return true;
    case W_windows:
        sub = basic_object_new(m, C_SHELL_FOLDER);
        *out = basic_object(sub);
        return true;
    case W_copyhere: {
        struct value from = a.type == V_OBJECT && a.o ? a.o->path : a;
        struct unmask_argument said[] = { { "value", basic_string(m, from) }, { "directory", basic_string(m, o->path) } };
        basic_say(m, EFFECT_WRITE, "Folder.CopyHere", said, 2);
        return true;
    }
    case W_item: case W_items: case W_self: case W_document: case W_application: case W_parent: case W_parsename:
        *out = basic_object(o); /* what is behind these is the shell again, or the folder's content */
        return true;
    case W_invokeverb: case W_invokeverbex:
        basic_say_run(m, "FolderItem.InvokeVerb", o->path);
        return true;
    case W_path: *out = o->path.type == V_EMPTY ? basic_unknown(m, "Path") : o->path; return true;
    default: return false;
    }
}

/* --- Scripting.FileSystemObject */

static struct value open_text(struct machine *m, struct arg *args, uint32_t n, bool reads)
{
    struct object *o = basic_object_new(m, C_TEXTSTREAM);
    if (!o)
        return basic_unknown(m, "TextStream");
    o->path = basic_arg(args, n, 0);
    o->place = reads;
    o->name = SLICE_LIT("TextStream");
    return basic_object(o);
}

static struct value last_part(struct machine *m, uint32_t name, struct value v)
{
    struct text s = basic_string(m, v);
    uint32_t slash = 0, dot = UINT32_MAX;
    if (m->error)
        return v;
    uint32_t from = text_known(s) ? 0 : UINT32_MAX;
    for (uint32_t i = 0; i < s.n && from == 0; i++) {
        uint16_t c = text_unit(s, i);
        if (c == '\\' || c == '/' || c == ':')
            slash = i + 1, dot = UINT32_MAX;
        else if (c == '.')
            dot = i;
    }
    if (from || basic_symbolic(m, s, slash, s.n))
        return basic_unknown(m, "file name");
    switch (name) {
    case W_getfilename: return basic_text(text_sub(s, slash, UINT32_MAX));
    case W_getbasename: return basic_text(text_sub(s, slash, (dot == UINT32_MAX ? s.n : dot) - slash));
    case W_getextensionname: return basic_text(dot == UINT32_MAX ? (struct text){ 0 } : text_sub(s, dot + 1, UINT32_MAX));
    default: return basic_text(text_sub(s, 0, slash ? slash - 1 : 0));
    }
}

static struct value build_path(struct machine *m, struct arg *args, uint32_t n)
{
    struct text a = basic_string(m, basic_arg(args, n, 0)), b = m->error ? a : basic_string(m, basic_arg(args, n, 1));
    if (m->error)
        return (struct value){ 0 };
    uint16_t last = a.n ? text_unit(a, a.n - 1) : '\\';
    if (last != '\\' && last != '/' && last != ':')
        a = text_join(m->t, a, text_of(m->t, SLICE_LIT("\\"), TEXT_NOWHERE));
    return basic_text(text_join(m->t, a, b));
}

static void say_copy(struct machine *m, const char *sink, struct arg *args, uint32_t n)
{
    struct unmask_argument a[] = { { "value", basic_string(m, basic_arg(args, n, 0)) }, { "path", m->error || n < 2 ? (struct text){ 0 } : basic_string(m, args[1].v) } };
    if (m->error)
        return;
    basic_say(m, EFFECT_WRITE, sink, a, 2);
    basic_note_copy(m, basic_text(a[0].value), basic_text(a[1].value));
}

static bool fso_member(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    int64_t k = 1;
    struct object *sub;
    switch (name) {
    case W_createtextfile: *out = open_text(m, args, n, false); return true;
    case W_opentextfile:
        if (basic_given(args, n, 1))
            (void)basic_integer(m, args[1].v, &k);
        *out = open_text(m, args, n, k == 1);
        return true;
    case W_getspecialfolder:
        if (basic_integer(m, a, &k))
            *out = basic_symbol(m, k == 0 ? SLICE_LIT("%WINDIR%") : k == 1 ? SLICE_LIT("%WINDIR%\\System32") : SLICE_LIT("%TEMP%"));
        else
            *out = basic_unknown(m, "GetSpecialFolder");
        return true;
    case W_buildpath: *out = build_path(m, args, n); return true;
    case W_getfilename: case W_getbasename: case W_getextensionname: case W_getparentfoldername: *out = last_part(m, name, a); return true;
    case W_getabsolutepathname: *out = a; return true;
    case W_copyfile: case W_movefile: case W_copyfolder:
        say_copy(m, name == W_movefile ? "FileSystemObject.MoveFile" : "FileSystemObject.CopyFile", args, n);
        return true;
    case W_deletefile: case W_deletefolder: basic_say_path(m, EFFECT_WRITE, "FileSystemObject.DeleteFile", a); return true;
    case W_createfolder: {
        struct unmask_argument said[] = { { "directory", basic_string(m, a) } };
        basic_say(m, EFFECT_WRITE, "FileSystemObject.CreateFolder", said, 1);
        return true;
    }
    case W_fileexists: case W_folderexists: case W_gettempname: *out = basic_unknown_slice(m, m->names[name].text); return true;
    case W_getfile: case W_getfolder:
        sub = basic_object_new(m, C_FILE);
        if (sub) {
            sub->path = a;
            sub->name = SLICE_LIT("File");
        }
        *out = basic_object(sub);
        return true;
    default: return false;
    }
}

static bool file_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    switch (name) {
    case W_path: case W_value: case W_item: case W_shortpath: *out = o->path; return true;
    case W_name: *out = last_part(m, W_getfilename, o->path); return true;
    case W_copy: case W_move: {
        struct arg both[2] = { { .v = o->path }, { .v = basic_arg(args, n, 0) } };
        say_copy(m, "File.Copy", both, 2);
        return true;
    }
    case W_delete: basic_say_path(m, EFFECT_WRITE, "File.Delete", o->path); return true;
    case W_openastextstream: *out = open_text(m, &(struct arg){ .v = o->path }, 1, false); return true;
    default: return false;
    }
}

static bool stream_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct text s = { 0 };
    switch (name) {
    case W_write: case W_writeline: case W_writeblanklines:
        if (n && name != W_writeblanklines)
            s = basic_string(m, args[0].v);
        if (m->error)
            return true;
        if (name != W_write)
            s = text_join(m->t, s, text_of(m->t, SLICE_LIT("\r\n"), TEXT_NOWHERE));
        basic_touch(m, o);
        o->content = basic_text(text_join(m->t, o->content.type == V_STRING ? o->content.s : (struct text){ 0 }, s));
        return true;
    case W_close:
        if (!o->place && o->content.type != V_EMPTY)
            basic_say_written(m, "FileSystemObject.CreateTextFile", o->path, o->fogged ? basic_unknown(m, "content") : o->content);
        basic_touch(m, o);
        o->content = (struct value){ .type = V_EMPTY };
        return true;
    case W_readall: case W_readline: case W_read: case W_atendofstream: *out = basic_unknown(m, "content of a file"); return true;
    default: return false;
    }
}

/* --- Schedule.Service: a task runs what its actions say */

static bool schedule_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    switch (name) {
    case W_path: case W_arguments:
        if (!writes(how))
            return false;
        basic_touch(m, o);
        if (name == W_path)
            o->path = args[n - 1].v;
        else
            o->content = args[n - 1].v;
        return true;
    case W_registertaskdefinition: case W_registertask: {
        struct text line = basic_string(m, o->path);
        if (o->content.type != V_EMPTY && !m->error)
            line = text_join(m->t, text_join(m->t, line, text_of(m->t, SLICE_LIT(" "), TEXT_NOWHERE)), basic_string(m, o->content));
        struct unmask_argument a[] = { { "name", basic_string(m, basic_arg(args, n, 0)) }, { "command", line } };
        basic_say(m, EFFECT_PERSIST, "Schedule.Service", a, line.n ? 2 : 1);
        if (line.n)
            basic_hand_on(m, "command", line);
        return true;
    }
    case W_connect: return true;
    default:
        if (writes(how))
            return true;
        *out = basic_object(o); /* folders, definitions, triggers and actions: one task as a rule */
        return true;
    }
}

bool basic_script_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (writes(how) && o->class_ != C_SHORTCUT && o->class_ != C_SCHEDULE)
        return false;
    switch (o->class_) {
    case C_WSHELL: return wshell_member(m, o, name, args, n, out);
    case C_WSHELL_LIST:
        if (name != W_item || n == 0 || args[0].v.type != V_STRING)
            return false;
        *out = o->place ? basic_environ(m, args[0].v.s) : basic_system_folder(m, text_utf8(m->t, args[0].v.s));
        return true;
    case C_SHORTCUT: return shortcut_member(m, o, name, how, basic_arg(args, n, n ? n - 1 : 0), out);
    case C_SHELL: case C_SHELL_FOLDER: return shell_member(m, o, name, args, n, out);
    case C_FSO: return fso_member(m, name, args, n, out);
    case C_FILE: return file_member(m, o, name, args, n, out);
    case C_TEXTSTREAM: return stream_member(m, o, name, args, n, out);
    case C_SCHEDULE: return schedule_member(m, o, name, args, n, how, out);
    default: return false;
    }
}
