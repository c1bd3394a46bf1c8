/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_sink - functions that reach outside: EXEC, CALL and REGISTER, files, DDE, messages.
 *
 * Functions of Windows are known by name with the arguments that matter; their signatures are
 * those of the Windows SDK. What a function gives back is assumed to be success.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_functions.h"

enum { FILE_HANDLE = 1000, OTHER_HANDLE = 2000 };

static const struct xlm_value nothing = { .kind = XLM_BLANK };

static struct xlm_value handle(struct xlm_book *b, uint32_t which)
{
    struct xlm_value v = xlm_value_unknown(b, "a handle");
    v.kind = XLM_HANDLE;
    v.is.number = which;
    return v;
}

static struct xlm_value text_arg(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                 uint32_t i)
{
    return xlm_value_as_text(b, xlm_function_arg(a, n, i));
}

static struct xlm_value succeeded(double with)
{
    struct xlm_value v = xlm_value_number(with);
    v.leans = XLM_ASSUMED;
    return v;
}

/* --- EXEC and DDE */

XLM_CALL(xlm_sink_exec)
{
    struct xlm_said said[] = { { "command", text_arg(b, a, n, 0) } };
    xlm_say(b, EFFECT_RUN, "EXEC", said, 1, "command", said[0].value);
    return handle(b, OTHER_HANDLE);
}

XLM_CALL(xlm_sink_initiate)
{
    struct xlm_said said[] = { { "program", text_arg(b, a, n, 0) },
                               { "name", text_arg(b, a, n, 1) } };
    xlm_say(b, EFFECT_RUN, "INITIATE", said, 2, NULL, nothing);
    return handle(b, OTHER_HANDLE);
}

XLM_CALL(xlm_sink_execute)
{
    struct xlm_said said[] = { { "command", text_arg(b, a, n, 1) } };
    xlm_say(b, EFFECT_RUN, "EXECUTE", said, 1, NULL, nothing);
    return xlm_value_truth(true);
}

/* --- functions of libraries */

struct parameter {
    const char *name;
    uint8_t at; /* behind the types */
};

static const struct windows_call {
    const char *name;
    enum effect_kind kind;
    struct parameter parameters[2];
    uint8_t joined; /* the command is the first and this one; 0: none */
    bool command;   /* the first is a command line */
    double gives;
} windows_calls[] = {
    { "URLDownloadToFile", EFFECT_DOWNLOAD, { { "url", 1 }, { "path", 2 } }, 0, false, 0 },
    { "URLDownloadToCacheFile", EFFECT_DOWNLOAD, { { "url", 1 } }, 0, false, 0 },
    { "URLOpenBlockingStream", EFFECT_DOWNLOAD, { { "url", 1 } }, 0, false, 0 },
    { "URLOpenStream", EFFECT_DOWNLOAD, { { "url", 1 } }, 0, false, 0 },
    { "InternetOpenUrl", EFFECT_DOWNLOAD, { { "url", 1 } }, 0, false, 1 },
    { "InternetConnect", EFFECT_QUERY, { { "host", 1 } }, 0, false, 1 },
    { "WinHttpConnect", EFFECT_QUERY, { { "host", 1 } }, 0, false, 1 },
    { "HttpOpenRequest", EFFECT_QUERY, { { "query", 2 } }, 0, false, 1 },
    { "ShellExecute", EFFECT_RUN, { { "program", 2 } }, 3, false, 42 },
    { "WinExec", EFFECT_RUN, { { "command", 0 } }, 0, true, 33 },
    { "CreateProcess", EFFECT_RUN, { { "command", 1 }, { "program", 0 } }, 0, true, 1 },
    { "CreateDirectory", EFFECT_WRITE, { { "directory", 0 } }, 0, false, 1 },
    { "SHCreateDirectory", EFFECT_WRITE, { { "directory", 1 } }, 0, false, 0 },
    { "CreateFile", EFFECT_WRITE, { { "path", 0 } }, 0, false, 1 },
    { "CopyFile", EFFECT_WRITE, { { "path", 1 }, { "value", 0 } }, 0, false, 1 },
    { "MoveFile", EFFECT_WRITE, { { "path", 1 }, { "value", 0 } }, 0, false, 1 },
    { "DeleteFile", EFFECT_WRITE, { { "path", 0 } }, 0, false, 1 },
    { "LoadLibrary", EFFECT_LOAD, { { "program", 0 } }, 0, false, 1 },
    { "LoadLibraryEx", EFFECT_LOAD, { { "program", 0 } }, 0, false, 1 },
    { "RegSetValueEx", EFFECT_PERSIST, { { "name", 1 }, { "value", 4 } }, 0, false, 0 },
    { "CreateService", EFFECT_PERSIST, { { "name", 1 }, { "command", 7 } }, 0, false, 1 },
    { "Sleep", EFFECT_DELAY, { { "value", 0 } }, 0, false, 0 },
    { "MessageBox", EFFECT_MESSAGE, { { "text", 1 } }, 0, false, 1 },
};

/* The name with or without the A or W of its text. */
static bool is_call(slice name, const char *plain)
{
    if (slice_is_nocase(name, plain))
        return true;
    bool typed = name.len > 1 && (name.at[name.len - 1] == 'A' || name.at[name.len - 1] == 'W');
    return typed && slice_is_nocase(slice_sub(name, 0, name.len - 1), plain);
}

static struct xlm_value known_call(struct xlm_book *b, const struct windows_call *w, uint8_t leans,
                                   const struct xlm_value *a, uint32_t n)
{
    struct xlm_said said[3];
    size_t count = 0;
    struct xlm_value hand = nothing;
    for (int i = 0; i < 2 && w->parameters[i].name; i++) {
        struct xlm_value v = text_arg(b, a, n, w->parameters[i].at);
        v.leans |= leans;
        if (v.kind == XLM_TEXT && v.is.text.n == 0 && i > 0)
            continue;
        said[count++] = (struct xlm_said){ w->parameters[i].name, v };
    }
    if (w->command)
        hand = said[0].value;
    if (w->joined) {
        struct xlm_value rest = text_arg(b, a, n, w->joined);
        hand = said[0].value;
        if (rest.kind == XLM_TEXT && rest.is.text.n)
            hand = xlm_value_join(b, xlm_value_join(b, hand, xlm_value_cstr(b, " ")), rest);
        hand.leans |= leans;
        said[count++] = (struct xlm_said){ "command", hand };
    }
    xlm_say(b, w->kind, w->name, said, count, w->command || w->joined ? "command" : NULL, hand);
    return succeeded(w->gives);
}

/* A library by its name, or a file. */
static const char *library_argument(struct text library)
{
    for (uint32_t i = 0; i < library.n; i++)
        if (text_unit(library, i) == '\\' || text_unit(library, i) == '/')
            return "path";
    return "program";
}

struct xlm_value xlm_sink_call(struct xlm_book *b, struct text library, struct text function,
                               uint8_t leans, const struct xlm_value *a, uint32_t n)
{
    slice name = text_known(function) ? text_utf8(b->t, text_sub(function, 0, 64)) : (slice){ 0 };
    for (size_t i = 0; i < sizeof windows_calls / sizeof windows_calls[0]; i++)
        if (is_call(name, windows_calls[i].name))
            return known_call(b, &windows_calls[i], leans, a, n);
    struct xlm_said said[] = { { library_argument(library), xlm_value_text(library) },
                               { "function", xlm_value_text(function) } };
    said[0].value.leans = leans;
    xlm_say(b, EFFECT_LOAD, "CALL", said, 2, NULL, nothing);
    return xlm_value_unknown(b, "CALL");
}

/* CALL(library, function, types, ...), CALL(what REGISTER gave, ...) */
XLM_CALL(xlm_sink_CALL)
{
    struct xlm_value first = n ? xlm_value_one(b, a[0]) : nothing;
    if (first.kind == XLM_HANDLE && first.is.number < b->n_aliases) {
        const struct xlm_alias *known = &b->aliases[(uint32_t)first.is.number];
        return xlm_sink_call(b, known->library, known->function, known->leans, a + 1, n - 1);
    }
    struct xlm_value library = text_arg(b, a, n, 0), function = text_arg(b, a, n, 1);
    if (library.kind != XLM_TEXT || function.kind != XLM_TEXT)
        return xlm_value_error(XLM_VALUE);
    return xlm_sink_call(b, library.is.text, function.is.text, library.leans | function.leans,
                         n > 3 ? a + 3 : NULL, n > 3 ? n - 3 : 0);
}

/* REGISTER(library, function, types, alias, ...): the alias is then called like a function. */
XLM_CALL(xlm_sink_register)
{
    struct xlm_value library = text_arg(b, a, n, 0), function = text_arg(b, a, n, 1),
                     alias = text_arg(b, a, n, 3);
    if (library.kind != XLM_TEXT || function.kind != XLM_TEXT)
        return xlm_value_error(XLM_VALUE);
    struct xlm_said said[] = { { library_argument(library.is.text), library },
                               { "function", function } };
    xlm_say(b, EFFECT_LOAD, "REGISTER", said, 2, NULL, nothing);
    if (b->n_aliases == XLM_ALIASES_MAX) {
        b->limited = true;
        return handle(b, OTHER_HANDLE);
    }
    b->aliases[b->n_aliases] = (struct xlm_alias){ .library = library.is.text,
                                                   .function = function.is.text,
                                                   .leans = library.leans | function.leans };
    if (alias.kind == XLM_TEXT)
        b->aliases[b->n_aliases].alias = alias.is.text;
    return handle(b, b->n_aliases++);
}

static bool same_name(struct text alias, slice name)
{
    if (alias.n == 0 || alias.n > 255 || alias.n > name.len)
        return false;
    size_t at = 0;
    for (uint32_t i = 0; i < alias.n; i++) {
        uint32_t code = at < name.len ? utf8_next(name, &at) : 0;
        uint16_t unit = text_unit(alias, i);
        bool ascii = unit < 0x80 && code < 0x80;
        if (text_is_hole(alias, i) ||
            (ascii ? ascii_lower((uint8_t)unit) != ascii_lower((uint8_t)code) : unit != code))
            return false;
    }
    return at == name.len;
}

bool xlm_sink_alias(struct xlm_book *b, slice name, const struct xlm_value *a, uint32_t n,
                    struct xlm_value *out)
{
    for (uint32_t i = b->n_aliases; i > 0; i--) {
        const struct xlm_alias *known = &b->aliases[i - 1];
        bool own = known->alias.n == 0 && same_name(known->function, name);
        if (!own && !same_name(known->alias, name))
            continue;
        *out = xlm_sink_call(b, known->library, known->function, known->leans, a, n);
        return true;
    }
    return false;
}

/* --- files */

/* FOPEN(path, access): 1 read and write, 2 read, 3 make. */
XLM_CALL(xlm_sink_fopen)
{
    struct xlm_value path = text_arg(b, a, n, 0);
    if (path.kind != XLM_TEXT)
        return path;
    if (b->n_files == XLM_FILES_MAX) {
        b->limited = true;
        return handle(b, OTHER_HANDLE);
    }
    struct xlm_value access = xlm_value_as_number(b, n > 1 ? a[1] : xlm_value_number(1));
    bool makes = access.kind == XLM_NUMBER && access.is.number == 3;
    struct xlm_file *f = &b->files[b->n_files];
    *f = (struct xlm_file){ .path = path, .content = { .kind = XLM_TEXT }, .wrote = makes };
    f->n_via = makes ? xlm_say_way(b, f->via) : 0;
    return handle(b, FILE_HANDLE + b->n_files++);
}

static struct xlm_value write_file(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                   bool line)
{
    struct xlm_value file = n ? xlm_value_one(b, a[0]) : nothing, text = text_arg(b, a, n, 1);
    uint32_t which =
        file.kind == XLM_HANDLE ? (uint32_t)file.is.number - FILE_HANDLE : XLM_FILES_MAX;
    if (text.kind != XLM_TEXT)
        return text;
    if (which < b->n_files) {
        struct xlm_file *f = &b->files[which];
        struct xlm_value more = line ? xlm_value_join(b, text, xlm_value_cstr(b, "\r\n")) : text;
        struct xlm_value all = xlm_value_join(b, f->content, more);
        if (all.kind == XLM_TEXT)
            f->content = all; /* what is longer than a text may be is cut */
        if (f->n_via == 0)
            f->n_via = xlm_say_way(b, f->via);
        f->wrote = true;
    }
    return succeeded(text.is.text.n);
}

XLM_CALL(xlm_sink_fwrite) { return write_file(b, a, n, false); }
XLM_CALL(xlm_sink_fwriteln) { return write_file(b, a, n, true); }

XLM_CALL(xlm_sink_fread)
{
    (void)a, (void)n;
    return xlm_value_unknown(b, "FREAD");
}

XLM_CALL(xlm_sink_fclose)
{
    (void)b, (void)a, (void)n;
    return xlm_value_truth(true);
}

static struct xlm_value on_path(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                enum effect_kind kind, const char *sink)
{
    struct xlm_said said[] = { { "path", text_arg(b, a, n, 0) } };
    if (said[0].value.kind == XLM_TEXT && said[0].value.is.text.n)
        xlm_say(b, kind, sink, said, 1, NULL, nothing);
    return xlm_value_truth(true);
}

XLM_CALL(xlm_sink_file_delete) { return on_path(b, a, n, EFFECT_WRITE, "FILE.DELETE"); }
XLM_CALL(xlm_sink_save_as) { return on_path(b, a, n, EFFECT_WRITE, "SAVE.AS"); }

XLM_CALL(xlm_sink_open)
{
    b->opened = true;
    return on_path(b, a, n, EFFECT_LOAD, "OPEN");
}

XLM_CALL(xlm_sink_files)
{
    (void)on_path(b, a, n, EFFECT_QUERY, "FILES");
    return xlm_value_unknown(b, "FILES");
}

XLM_CALL(xlm_sink_directory)
{
    (void)a, (void)n;
    return xlm_value_unknown(b, "DIRECTORY");
}

/* --- people and time */

XLM_CALL(xlm_sink_alert)
{
    struct xlm_said said[] = { { "text", text_arg(b, a, n, 0) } };
    xlm_say(b, EFFECT_MESSAGE, "ALERT", said, 1, NULL, nothing);
    return succeeded(1);
}

XLM_CALL(xlm_sink_wait)
{
    struct xlm_said said[] = { { "value", text_arg(b, a, n, 0) } };
    xlm_say(b, EFFECT_DELAY, "WAIT", said, 1, NULL, nothing);
    return xlm_value_truth(true);
}

/* ON.TIME(time, macro): the macro runs when this one is done. */
XLM_CALL(xlm_sink_on_time)
{
    struct xlm_area at;
    struct xlm_said said[] = { { "value", text_arg(b, a, n, 0) } };
    xlm_say(b, EFFECT_DELAY, "ON.TIME", said, 1, NULL, nothing);
    if (xlm_eval_area(b, xlm_function_arg(a, n, 1), &at) && b->n_later < XLM_LATER_MAX)
        b->later[b->n_later++] = at;
    return xlm_value_truth(true);
}

XLM_CALL(xlm_sink_nothing)
{
    (void)b, (void)a, (void)n;
    return xlm_value_truth(true);
}
