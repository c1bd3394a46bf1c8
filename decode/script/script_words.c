/* SPDX-License-Identifier: Apache-2.0 */
/* script_words - which language a script is in, by what it is called and by its words.
 *
 * Words are counted in the first kilobytes only; a language is believed when it has several of
 * its own and clearly more than any other. Left out: languages that Windows does not run by itself.
 */
#include "base/text.h"
#include "decode/script/script_private.h"

enum { LOOK = 8192, LINES = 200, SURE = 4 };

static const struct {
    const char *type;
    const char *media;
} languages[] = {
    [SCRIPT_NONE] = { "text", "text/plain" },
    [SCRIPT_JSCRIPT] = { "jscript", "text/javascript; charset=utf-8" },
    [SCRIPT_VBSCRIPT] = { "vbscript", "text/vbscript; charset=utf-8" },
    [SCRIPT_WSF] = { "wsf", "text/scriptlet; charset=utf-8" },
    [SCRIPT_POWERSHELL] = { "powershell", "application/x-powershell; charset=utf-8" },
    [SCRIPT_BATCH] = { "batch", "application/x-bat; charset=utf-8" },
    [SCRIPT_REG] = { "reg", "text/plain" },
    [SCRIPT_SCF] = { "scf", "text/plain" },
};

enum { N_LANGUAGES = sizeof languages / sizeof languages[0] };

enum script_language script_language_by_type(slice type_name)
{
    for (unsigned i = SCRIPT_JSCRIPT; i < N_LANGUAGES; i++)
        if (slice_is(type_name, languages[i].type))
            return (enum script_language)i;
    return SCRIPT_NONE;
}

const char *script_language_type(enum script_language language)
{
    return languages[language].type;
}
slice script_language_media(enum script_language language)
{
    return slice_of(languages[language].media);
}

/* A line that begins so, or a text that holds it, speaks for a language. */
struct sign {
    const char *text;
    uint8_t language, weight;
    bool begins; /* only at the beginning of a line */
};

static const struct sign signs[] = {
    { "var ", SCRIPT_JSCRIPT, 1, true },
    { "function ", SCRIPT_JSCRIPT, 1, true },
    { "function(", SCRIPT_JSCRIPT, 1, false },
    { "new ActiveXObject", SCRIPT_JSCRIPT, 4, false },
    { "/*@cc_on", SCRIPT_JSCRIPT, 4, false },
    { "new Array(", SCRIPT_JSCRIPT, 2, false },
    { "String.fromCharCode", SCRIPT_JSCRIPT, 3, false },
    { ".prototype.", SCRIPT_JSCRIPT, 2, false },
    { "eval(", SCRIPT_JSCRIPT, 2, false },
    { "eval(function(p,a,c,k,e", SCRIPT_JSCRIPT, 4, false },
    { "return ", SCRIPT_JSCRIPT, 1, true },
    { ".split(", SCRIPT_JSCRIPT, 1, false },
    { ".join(", SCRIPT_JSCRIPT, 1, false },
    { "dim ", SCRIPT_VBSCRIPT, 2, true },
    { "on error resume next", SCRIPT_VBSCRIPT, 4, true },
    { "set ", SCRIPT_VBSCRIPT, 1, true },
    { "= createobject(", SCRIPT_VBSCRIPT, 3, false },
    { "=createobject(", SCRIPT_VBSCRIPT, 3, false },
    { "end sub", SCRIPT_VBSCRIPT, 2, true },
    { "end function", SCRIPT_VBSCRIPT, 2, true },
    { "end if", SCRIPT_VBSCRIPT, 1, true },
    { "executeglobal", SCRIPT_VBSCRIPT, 3, false },
    { "wscript.echo ", SCRIPT_VBSCRIPT, 2, true },
    { "option explicit", SCRIPT_VBSCRIPT, 3, true },
    { "@echo off", SCRIPT_BATCH, 4, true },
    { "@echo  off", SCRIPT_BATCH, 4, true },
    { "setlocal", SCRIPT_BATCH, 2, true },
    { "goto ", SCRIPT_BATCH, 1, true },
    { "if exist ", SCRIPT_BATCH, 3, true },
    { "if not exist ", SCRIPT_BATCH, 3, true },
    { "cmd /c ", SCRIPT_BATCH, 2, true },
    { "certutil ", SCRIPT_BATCH, 2, true },
    { "%~dp0", SCRIPT_BATCH, 3, false },
    { "%appdata%", SCRIPT_BATCH, 1, false },
    { "rem ", SCRIPT_BATCH, 1, true },
    { "set \"", SCRIPT_BATCH, 2, true },
    { "param(", SCRIPT_POWERSHELL, 2, true },
    { "new-object ", SCRIPT_POWERSHELL, 3, false },
    { "[system.", SCRIPT_POWERSHELL, 3, false },
    { "[convert]::", SCRIPT_POWERSHELL, 4, false },
    { "[activator]::", SCRIPT_POWERSHELL, 4, false },
    { "invoke-expression", SCRIPT_POWERSHELL, 4, false },
    { "iex ", SCRIPT_POWERSHELL, 3, true },
    { "iex(", SCRIPT_POWERSHELL, 3, false },
    { "write-host", SCRIPT_POWERSHELL, 3, false },
    { "$env:", SCRIPT_POWERSHELL, 3, false },
    { "get-item", SCRIPT_POWERSHELL, 2, false },
    { "start-process", SCRIPT_POWERSHELL, 3, false },
    { " -split ", SCRIPT_POWERSHELL, 2, false },
    { " -join ", SCRIPT_POWERSHELL, 2, false },
    { "windows registry editor version", SCRIPT_REG, 9, true },
    { "regedit4", SCRIPT_REG, 9, true },
    { "<job", SCRIPT_WSF, 6, true },
    { "<package>", SCRIPT_WSF, 6, true },
    { "<scriptlet>", SCRIPT_WSF, 9, true },
    { "<component", SCRIPT_WSF, 4, true },
    { "<?component", SCRIPT_WSF, 6, true },
};

enum { N_SIGNS = sizeof signs / sizeof signs[0] };

/* "$name = " at the beginning of a line. */
static bool is_shell_assignment(slice line)
{
    size_t i = 1;
    if (line.len < 4 || line.at[0] != '$')
        return false;
    while (i < line.len && (ascii_alnum(line.at[i]) || line.at[i] == '_'))
        i++;
    slice rest = slice_trim(slice_from(line, i));
    return i > 1 && rest.len && rest.at[0] == '=';
}

enum script_language script_language_by_words(slice text)
{
    unsigned score[N_LANGUAGES] = { 0 }, best = SCRIPT_NONE, second = SCRIPT_NONE;
    slice head = slice_sub(text, 0, LOOK);
    uint64_t seen = 0;
    _Static_assert(N_SIGNS <= 64, "a bit for each");
    for (size_t i = 0; i < N_SIGNS; i++)
        if (!signs[i].begins && slice_find_nocase(head, slice_of(signs[i].text), 0) != SIZE_MAX)
            score[signs[i].language] += signs[i].weight;
    cursor k = cur_open(head);
    for (unsigned n = 0; n < LINES && cur_more(&k); n++) {
        slice line = slice_trim(cur_until(&k, '\n'));
        score[SCRIPT_POWERSHELL] += is_shell_assignment(line) && score[SCRIPT_POWERSHELL] < SURE;
        for (size_t i = 0; line.len > 2 && i < N_SIGNS; i++)
            if (signs[i].begins && !(seen >> i & 1) && slice_starts_nocase(line, signs[i].text)) {
                score[signs[i].language] += signs[i].weight;
                seen |= UINT64_C(1) << i;
            }
    }
    for (unsigned i = SCRIPT_JSCRIPT; i < N_LANGUAGES; i++) {
        if (score[i] > score[best]) {
            second = best;
            best = i;
        } else if (score[i] > score[second]) {
            second = i;
        }
    }
    return score[best] >= SURE && score[best] > score[second] ? (enum script_language)best
                                                              : SCRIPT_NONE;
}
