/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_command - what a shell link would run, as one command line for rules to look at, and what
 * hides it: padding before the arguments (the property sheet shows 260 characters), a target that
 * the fields of the link disagree about, the icon of a document on an interpreter. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/lnk/lnk_private.h"
#include "decode/shared/remote.h"
#include "decode/types.h"

enum { COMMAND_MAX = 64 * 1024, PROGRAMS_MAX = 24 };

/* The part behind the last slash, without quotes. */
/* Of a path as it stands among arguments, with blanks around it. */
static slice base_name(slice path) { return type_base_name(slice_trim(path)); }

static slice without_exe(slice name)
{
    static const char *const tails[] = { ".exe", ".com", ".cmd", ".vbs" };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
        if (slice_ends_nocase(name, tails[i]))
            return slice_sub(name, 0, name.len - 4);
    return name;
}

/* Programs of Windows that run, fetch or unpack what their arguments name (the LOLBAS project's
 * list). */
static const char *const programs[] = {
    "powershell", "pwsh", "powershell_ise", "cmd", "mshta", "wscript", "cscript", "rundll32", "regsvr32", "msiexec",
    "wmic", "bitsadmin", "certutil", "certreq", "curl", "conhost", "forfiles", "pcalua", "ssh", "sftp", "ftp", "tftp", "finger",
    "hh", "explorer", "schtasks", "installutil", "msbuild", "regasm", "regsvcs", "cmstp", "odbcconf", "mavinject",
    "scriptrunner", "syncappvpublishingserver", "desktopimgdownldr", "extrac32", "findstr", "esentutl", "diskshadow",
    "xwizard", "presentationhost", "infdefaultinstall", "msdt", "appvlp", "bash", "wsl", "autoit3", "autohotkey", "winrs",
    "robocopy", "xcopy", "ie4uinit", "control", "runscripthelper", "stordiag", "wuauclt", "gpscript", "cdb", "dnscmd",
    "pythonw", "msedge", "iexplore", "ieexec", "msxsl", "certoc", "rasautou", "cmdl32", "javaw", "winget", "netsh", "ssh-keygen", "msdeploy",
};

/* The same with names that are ordinary words, or folders: programs only where a command begins,
 * or with their extension. */
static const char *const everyday[] = {
    "mmc", "scp", "tar", "python", "py", "node", "java", "chrome", "brave", "opera", "firefox", "wt", "expand", "csc", "jsc", "dotnet", "deno", "bun", "php", "perl", "ruby",
};

static const char *program_named(slice name, bool begins)
{
    while (name.len > 1 && (name.at[name.len - 1] == '.' || name.at[name.len - 1] == ' '))
        name.len--; /* Windows drops these at the end of a name */
    slice bare = without_exe(name);
    if (slice_is_nocase(bare, "%comspec%"))
        return "cmd";
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (slice_is_nocase(bare, programs[i]))
            return programs[i];
    for (size_t i = 0; (begins || bare.len < name.len) && i < sizeof everyday / sizeof everyday[0]; i++)
        if (slice_is_nocase(bare, everyday[i]))
            return everyday[i];
    return NULL;
}

/* Words behind which a command begins. */
static bool announces(slice word)
{
    static const char *const all[] = { "/c",  "/k",       "/r", "start",      "call",      "/b",            "/min", "/wait",
                                       "-c",  "-command", "do", "--headless", "-filepath", "start-process", "saps" };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (slice_is_nocase(word, all[i]))
            return true;
    return false;
}

/* --- the target */

static void target(struct lnk *l, slice path, slice *said, size_t *n, const char *source)
{
    if (path.len == 0)
        return;
    slice name = base_name(path);
    for (size_t i = 0; i < *n; i++)
        if (slice_eq_nocase(said[i], path))
            return;
    lnk_text(l, FACT_LNK_TARGET, path, NOWHERE);
    lnk_text(l, FACT_LNK_TARGET_NAME, slice_lower(l->w->mem, name), NOWHERE);
    (void)walk_remote(l->w, path, NOWHERE, source);
    /* one environment name or a class id may stand for any file */
    bool comparable = slice_find_byte(name, '%', 0) == SIZE_MAX && name.len && name.at[0] != ':' && slice_find_byte(name, '.', 0) != SIZE_MAX;
    slice first = *n ? base_name(said[0]) : (slice){ 0 };
    if (first.len && comparable && slice_find_byte(first, '%', 0) == SIZE_MAX && slice_find_byte(first, '~', 0) == SIZE_MAX &&
        slice_find_byte(name, '~', 0) == SIZE_MAX && slice_find_byte(first, '.', 0) != SIZE_MAX && !slice_eq_nocase(first, name))
        walk_text(l->w, FACT_LNK_TARGET_CONFLICT, name, NOWHERE);
    said[(*n)++] = path;
}

/* In the order in which the shell tries them: environment, item list, LinkInfo, relative path. */
static slice targets(struct lnk *l)
{
    slice said[4];
    size_t n = 0;
    target(l, l->env, said, &n, "lnk.target");
    target(l, l->list, said, &n, "lnk.target");
    target(l, l->info, said, &n, "lnk.target");
    if (n == 0)
        target(l, l->relative, said, &n, "lnk.target");
    return n ? said[0] : (slice){ 0 };
}

/* --- the arguments */

/* A code point of white space, or one that shows nothing. */
static bool blank(uint32_t code)
{
    return (code <= 0x20 && code != 0) || code == 0x85 || code == 0xA0 || (code >= 0x2000 && code <= 0x200F) ||
           code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x2060 || code == 0x3000 || code == 0xFEFF;
}

/* Runs of blanks become one; returns the longest run in characters. */
static size_t squeeze(struct buf *out, slice s)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < s.len;) {
        size_t from = i;
        bool is_blank = blank(utf8_next(s, &i));
        run = is_blank ? run + 1 : 0;
        longest = run > longest ? run : longest;
        if (run == 1)
            buf_byte(out, ' ');
        else if (!is_blank)
            buf_put(out, slice_sub(s, from, i - from));
    }
    return longest;
}

/* Dashes that PowerShell takes for a hyphen: U+2013 to U+2015. */
static bool wide_dash(slice s)
{
    return s.len >= 3 && s.at[0] == 0xe2 && s.at[1] == 0x80 && s.at[2] >= 0x93 && s.at[2] <= 0x95;
}

/* The marks that cmd and PowerShell drop: ^ ` " and '+' between pieces of a string. */
static void plain_line(struct buf *out, slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c == '^' || c == '`' || c == '"')
            continue;
        if (wide_dash(slice_from(s, i))) {
            buf_byte(out, '-');
            i += 2;
            continue;
        }
        if (c == '\'') {
            size_t j = i + 1;
            while (j < s.len && s.at[j] == ' ')
                j++;
            if (j < s.len && s.at[j] == '+') {
                j++;
                while (j < s.len && s.at[j] == ' ')
                    j++;
                if (j < s.len && s.at[j] == '\'') {
                    i = j;
                    continue;
                }
            }
        }
        buf_byte(out, c);
    }
}

/* Every word of the line that begins a command or could: its base name. */
static void say_programs(struct lnk *l, slice line)
{
    static const char stops[] = " \t\r\n\"'&|;(),={}<>[]@";
    const char *said[PROGRAMS_MAX];
    size_t n = 0;
    bool begins = true;
    for (size_t i = 0; i < line.len && n < PROGRAMS_MAX;) {
        size_t end = i;
        while (end < line.len && slice_find_byte(slice_of(stops), line.at[end], 0) == SIZE_MAX)
            end++;
        slice word = slice_sub(line, i, end - i);
        const char *found = slice_find(word, SLICE_LIT("://"), 0) == SIZE_MAX ? program_named(base_name(word), begins) : NULL;
        bool stop = end < line.len && slice_find_byte(SLICE_LIT("&|;("), line.at[end], 0) != SIZE_MAX;
        begins = stop || announces(word) || (word.len == 0 && begins);
        for (size_t k = 0; found && k < n; k++)
            found = said[k] == found ? NULL : found;
        if (found) {
            said[n++] = found;
            walk_cstr(l->w, FACT_LNK_PROGRAM, found, NOWHERE);
        }
        i = end + 1;
    }
}

static void command_line(struct lnk *l, slice path, slice arguments)
{
    struct buf line = buf_new(COMMAND_MAX), plain = buf_new(COMMAND_MAX), both = buf_new(2 * COMMAND_MAX + 1);
    buf_put(&line, path);
    size_t first = 0;
    if (arguments.len && !blank(utf8_next(arguments, &first)))
        buf_byte(&line, ' ');
    size_t padding = squeeze(&line, arguments);
    plain_line(&plain, buf_slice(&line));
    buf_put(&both, buf_slice(&line));
    if (!slice_eq(buf_slice(&line), buf_slice(&plain))) {
        buf_byte(&both, '\n');
        buf_put(&both, buf_slice(&plain));
    }
    if (padding >= 16)
        walk_int(l->w, FACT_LNK_ARGUMENTS_PADDING, (int64_t)padding, l->arguments_at);
    slice view = utf8_clean(l->w->mem, arena_copy(l->w->mem, buf_slice(&both)));
    slice words = arena_copy(l->w->mem, buf_slice(&plain));
    if (view.len) {
        walk_view(l->w, FACT_LNK_COMMAND_LINE, view, l->arguments_at);
        say_programs(l, words);
        walk_remote_in(l->w, slice_from(words, path.len < words.len ? path.len : 0), l->arguments_at, "lnk.arguments");
    }
    buf_drop(&line);
    buf_drop(&plain);
    buf_drop(&both);
}

/* --- the icon */

static const char *icon_kind(slice icon)
{
    static const char *const documents[] = { ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".txt", ".rtf",
                                             ".jpg", ".jpeg", ".png", ".zip", ".csv", ".html", ".htm", ".mp4", ".hwp" };
    static const char *const readers[] = { "acrord32.exe", "acrobat.exe",  "winword.exe", "excel.exe",  "powerpnt.exe", "wordpad.exe",
                                           "notepad.exe",  "wordicon.exe", "xlicons.exe", "pptico.exe", "pdficon.ico", "msedge.exe",
                                           "chrome.exe",   "firefox.exe",  "iexplore.exe", "foxitreader.exe", "winrar.exe", "7zfm.exe",
                                           "photoviewer.dll", "zipfldr.dll", "onenote.exe", "outlook.exe", "hwp.exe" };
    static const char *const system[] = { "shell32.dll", "imageres.dll", "moricons.dll", "ieframe.dll", "pifmgr.dll", "wmploc.dll" };
    slice name = base_name(icon);
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        if (slice_ends_nocase(name, documents[i]))
            return "document";
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (slice_is_nocase(name, readers[i]))
            return "document";
    for (size_t i = 0; i < sizeof system / sizeof system[0]; i++)
        if (slice_is_nocase(name, system[i]))
            return "system";
    return "other";
}

void lnk_command(struct lnk *l)
{
    slice path = targets(l);
    slice arguments = l->arguments.len ? l->arguments : l->property_arguments;
    if (l->property_arguments.len > arguments.len) /* the store has what the string cuts off */
        arguments = l->property_arguments;
    lnk_text(l, FACT_LNK_ARGUMENTS, arguments, l->arguments_at);
    if (arguments.len)
        walk_int(l->w, FACT_LNK_ARGUMENTS_LENGTH, (int64_t)arguments.len, l->arguments_at);
    command_line(l, path, arguments);
    if (l->icon.len) {
        (void)walk_remote(l->w, l->icon, NOWHERE, "lnk.icon");
        if (!slice_eq_nocase(base_name(l->icon), base_name(path)))
            walk_cstr(l->w, FACT_LNK_ICON_KIND, icon_kind(l->icon), NOWHERE);
    }
}
