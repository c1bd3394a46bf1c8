/* SPDX-License-Identifier: Apache-2.0 */
/* command_output - what commands of the shell print, for those that read it through a pipe or FOR
 * /F: ASSOC, FTYPE and SET, and the lines that FIND and FINDSTR let through.
 *
 * Follows the built-in help of these (ASSOC /?, FTYPE /?, SET /?, FIND /?, FINDSTR /?). The tables
 * hold only what Windows itself registers (HKEY_CLASSES_ROOT of Windows 7 and 10 without other
 * programs), and of that the types of programs and scripts. Left out: the regular expressions of
 * FINDSTR, which are taken for their own text. */
#include "unmask/command/command_private.h"

static const char *const internals[] = {
    "assoc",  "break", "call",  "cd",     "chdir", "chcp",     "cls",    "color", "copy",
    "date",   "del",   "dir",   "echo",   "echo.", "endlocal", "erase",  "exit",  "ftype",
    "goto",   "md",    "mkdir", "mklink", "mode",  "move",     "path",   "pause", "popd",
    "prompt", "pushd", "rd",    "rem",    "ren",   "rename",   "rmdir",  "set",   "setlocal",
    "shift",  "start", "time",  "title",  "type",  "ver",      "verify", "vol"
};

/* Of these, the ones that do more than print stand elsewhere. */
static const char *const elsewhere[] = { "copy", "del", "erase", "move", "ren", "rename", "start" };

static bool among(struct text word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_is_nocase(word, names[i]))
            return true;
    return false;
}

bool command_internal(struct text word)
{
    return among(word, internals, sizeof internals / sizeof internals[0]) &&
           !among(word, elsewhere, sizeof elsewhere / sizeof elsewhere[0]);
}

static const char associations[] =
    ".bat=batfile\n.cdxml=Microsoft.PowerShellCmdletDefinitionXML.1\n.chm=chm.file\n.cmd=cmdfile\n."
    "com=comfile\n.cpl=cplfile\n"
    ".dll=dllfile\n.exe=exefile\n.hta=htafile\n.inf=inffile\n.js=JSFile\n.jse=JSEFile\n.lnk="
    "lnkfile\n.msc=MSCFile\n"
    ".msi=Msi.Package\n.pif=piffile\n.ps1=Microsoft.PowerShellScript.1\n.ps1xml=Microsoft."
    "PowerShellXMLData.1\n"
    ".psc1=Microsoft.PowerShellConsole.1\n.psd1=Microsoft.PowerShellData.1\n.psm1=Microsoft."
    "PowerShellModule.1\n"
    ".reg=regfile\n.scf=SHCmdFile\n.scr=scrfile\n.sct=scriptletfile\n.sys=sysfile\n.txt=txtfile\n."
    "url=InternetShortcut\n"
    ".vbe=VBEFile\n.vbs=VBSFile\n.wsf=WSFFile\n.wsh=WSHFile\n";

static const char openers[] =
    "batfile=\"%1\" %*\ncmdfile=\"%1\" %*\ncomfile=\"%1\" %*\nexefile=\"%1\" %*\n"
    "JSEFile=C:\\Windows\\System32\\WScript.exe \"%1\" "
    "%*\nJSFile=C:\\Windows\\System32\\WScript.exe \"%1\" %*\n"
    "piffile=\"%1\" %*\nregfile=regedit.exe \"%1\"\nscrfile=\"%1\" /S\n"
    "VBEFile=\"C:\\Windows\\System32\\WScript.exe\" \"%1\" "
    "%*\nVBSFile=\"C:\\Windows\\System32\\WScript.exe\" \"%1\" %*\n"
    "WSFFile=\"C:\\Windows\\System32\\WScript.exe\" \"%1\" "
    "%*\nWSHFile=\"C:\\Windows\\System32\\WScript.exe\" \"%1\" %*\n";

/* All of a table, or the line of a name. */
static struct text listed(struct command *c, const char *table, struct text name)
{
    struct text all = command_lit(c, table);
    if (name.n == 0)
        return all;
    for (uint32_t from = 0; from < all.n;) {
        uint32_t end = text_find(all, command_lit(c, "\n"), from, false);
        struct text line = text_sub(all, from, end + 1 - from);
        if (text_find(text_sub(line, 0, name.n), name, 0, true) == 0 &&
            text_unit(line, name.n) == '=')
            return line;
        from = end + 1;
    }
    return (struct text){ 0 };
}

/* A file that the code wrote itself. */
static struct text content_of(struct command *c, struct text path)
{
    path = command_unquoted(c, path);
    for (uint32_t i = 0; i < c->n_files; i++)
        if (path.n && path.n == c->files[i].path.n &&
            text_find(c->files[i].path, path, 0, true) == 0)
            return c->files[i].content;
    return (struct text){ 0 };
}

struct text command_shown(struct command *c, struct text word, struct text rest)
{
    bool sets = text_find(rest, command_lit(c, "="), 0, false) != UINT32_MAX;
    if (text_is_nocase(word, "assoc") && !sets)
        return listed(c, associations, rest);
    if (text_is_nocase(word, "ftype") && !sets)
        return listed(c, openers, rest);
    if (text_is_nocase(word, "set"))
        return command_environment(c, rest);
    if (text_is_nocase(word, "type"))
        return content_of(c, rest);
    return (struct text){ 0 };
}

/* FINDSTR takes words with blanks between them, any of which will do. */
static bool holds(struct command *c, struct text line, struct text what, bool nocase, bool words)
{
    for (uint32_t from = 0; from < what.n;) {
        uint32_t end = words ? text_find(what, command_lit(c, " "), from, false) : UINT32_MAX;
        end = end == UINT32_MAX ? what.n : end;
        if (end > from &&
            text_find(line, text_sub(what, from, end - from), 0, nocase) != UINT32_MAX)
            return true;
        from = end + 1;
    }
    return false;
}

static bool is_pattern(struct text s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (text_unit(s, i) < 0x80 && text_unit(s, i) && strchr(".*[]^$\\", text_unit(s, i)))
            return true;
    return false;
}

struct text command_found(struct command *c, struct text input, const struct text *words,
                          uint32_t n, bool strings)
{
    struct text what = { 0 }, all = { 0 };
    bool nocase = false, without = false, whole = !strings, literal = !strings;
    for (uint32_t i = 0; i < n; i++) {
        bool option = text_unit(words[i], 0) == '/';
        nocase = nocase || (option && (text_unit(words[i], 1) | 32) == 'i');
        without = without || (option && (text_unit(words[i], 1) | 32) == 'v');
        literal = literal || (option && (text_unit(words[i], 1) | 32) == 'l');
        if (strings && option && (text_unit(words[i], 1) | 32) == 'c' &&
            text_unit(words[i], 2) == ':')
            what = text_sub(words[i], 3, words[i].n), whole = true;
        else if (!option && what.n == 0)
            what = words[i];
    }
    if (!literal && is_pattern(what))
        return input.n ? command_unknown(c, "findstr") : input;
    for (uint32_t from = 0; from < input.n && command_spend(c, 1);) {
        uint32_t end = text_find(input, command_lit(c, "\n"), from, false);
        end = end == UINT32_MAX ? input.n : end + 1;
        struct text line = text_sub(input, from, end - from);
        if (holds(c, line, what, nocase, !whole) != without)
            all = text_join(c->t, all, line);
        from = end;
    }
    return all;
}
