/* SPDX-License-Identifier: Apache-2.0 */
/* PowerShell and command files by their words: what fetches, runs text, loads code, hides.
 * Names are looked for in the text as it stands behind carets and backticks (decode/script). */
#include "base/text.h"
#include "decode/links.h"
#include "observe/part/script_intent_private.h"

struct sign {
    const char *text;
    uint8_t act;
    const char *sink;
};

static const struct sign shell_signs[] = {
    { "downloadstring", ACT_FETCH, "DownloadString" },
    { "downloadfile", ACT_FETCH, "DownloadFile" },
    { "downloaddata", ACT_FETCH, "DownloadData" },
    { "invoke-webrequest", ACT_FETCH, "Invoke-WebRequest" },
    { "invoke-restmethod", ACT_FETCH, "Invoke-RestMethod" },
    { "start-bitstransfer", ACT_FETCH, "Start-BitsTransfer" },
    { "net.webclient", ACT_FETCH, "Net.WebClient" },
    { "responsetext", ACT_FETCH, "responseText" },
    { "msxml2.", ACT_FETCH, "Msxml2" },
    { "invoke-expression", ACT_EVAL, "Invoke-Expression" },
    { "iex ", ACT_EVAL, "IEX" },
    { "iex(", ACT_EVAL, "IEX" },
    { "|iex", ACT_EVAL, "IEX" },
    { "[scriptblock]::create", ACT_EVAL, "ScriptBlock.Create" },
    { "frombase64string", ACT_PROBE, "FromBase64String" },
    { "[reflection.assembly]::load", ACT_EVAL, "Assembly.Load" },
    { "reflection.assembly]::load(", ACT_EVAL, "Assembly.Load" },
    { "virtualalloc", ACT_EVAL, "VirtualAlloc" },
    { "getdelegateforfunctionpointer", ACT_EVAL, "GetDelegateForFunctionPointer" },
    { "gettypefromclsid", ACT_RUN, "GetTypeFromCLSID" },
    { "amsiutils", ACT_HIDE, "AmsiUtils" },
    { "amsiinitfailed", ACT_HIDE, "amsiInitFailed" },
    { "-windowstyle hidden", ACT_HIDE, "-WindowStyle Hidden" },
    { "-w hidden", ACT_HIDE, "-WindowStyle Hidden" },
    { "add-mppreference", ACT_HIDE, "Add-MpPreference" },
    { "start-process", ACT_RUN, "Start-Process" },
    { "invoke-item", ACT_RUN, "Invoke-Item" },
};

static const struct sign batch_signs[] = {
    { "certutil -decode", ACT_WRITE, "certutil -decode" },
    { "certutil -f -decode", ACT_WRITE, "certutil -decode" },
    { "certutil.exe -decode", ACT_WRITE, "certutil -decode" },
    { "certutil -urlcache", ACT_FETCH, "certutil -urlcache" },
    { "certutil.exe -urlcache", ACT_FETCH, "certutil -urlcache" },
    { "bitsadmin", ACT_FETCH, "bitsadmin" },
    { "curl ", ACT_FETCH, "curl" },
    { "curl.exe ", ACT_FETCH, "curl" },
    { "powershell -e", ACT_EVAL, "powershell -enc" },
    { " -encodedcommand ", ACT_EVAL, "powershell -enc" },
    { " -enc ", ACT_EVAL, "powershell -enc" },
    { "mshta http", ACT_FETCH, "mshta" },
    { "mshta \"http", ACT_FETCH, "mshta" },
    { "regsvr32 ", ACT_RUN, "regsvr32" },
    { "rundll32 ", ACT_RUN, "rundll32" },
    { "wscript ", ACT_RUN, "wscript" },
    { "cscript ", ACT_RUN, "cscript" },
    { "start ", ACT_RUN, "start" },
    { "-windowstyle hidden", ACT_HIDE, "-WindowStyle Hidden" },
    { "-w hidden", ACT_HIDE, "-WindowStyle Hidden" },
    { "downloadstring", ACT_FETCH, "DownloadString" },
    { "downloadfile", ACT_FETCH, "DownloadFile" },
    { "invoke-webrequest", ACT_FETCH, "Invoke-WebRequest" },
    { "iex(", ACT_EVAL, "IEX" },
    { "iex ", ACT_EVAL, "IEX" },
    { "msiexec /i http", ACT_FETCH, "msiexec" },
};

/* "iex " is the end of many words. */
static bool stands_alone(slice s, size_t at)
{
    return at == 0 || (!ascii_alnum(s.at[at - 1]) && s.at[at - 1] != '_' && s.at[at - 1] != '$');
}

static bool has(slice code, const char *word)
{
    bool ends_name = ascii_alnum((uint8_t)word[0]);
    for (size_t at = 0; (at = slice_find_nocase(code, slice_of(word), at)) != SIZE_MAX; at++)
        if (!ends_name || stands_alone(code, at))
            return true;
    return false;
}

static unsigned look_for(struct intent *t, slice code, const struct sign *signs, size_t n)
{
    const char *last = "";
    unsigned acts = 0;
    for (size_t i = 0; i < n; i++) {
        if (!has(code, signs[i].text))
            continue;
        acts |= 1u << signs[i].act;
        if (strcmp(last, signs[i].sink) != 0)
            walk_cstr(t->w, FACT_SCRIPT_SINK, signs[i].sink, NOWHERE);
        last = signs[i].sink;
    }
    return acts;
}

/* 'a'+'b', "{1}{0}" -f, [char]99, -join: how often in a thousand characters. */
static unsigned measure(struct intent *t, slice code)
{
    static const char *const marks[] = { "'+'",      "\"+\"", "[char]", "}{",         "-join",
                                         "-replace", "-bxor", "[-1..",  "tochararray" };
    unsigned n = 0, kinds = 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        unsigned here = 0;
        for (size_t at = 0;
             here < 1000 && (at = slice_find_nocase(code, slice_of(marks[i]), at)) != SIZE_MAX;
             at++)
            here++;
        n += here;
        kinds += here >= 3;
    }
    if (kinds == 0 || n < 12 || (uint64_t)n * 250 < code.len)
        return 0;
    walk_cstr(t->w, FACT_SCRIPT_OBFUSCATION, "shell words in pieces", NOWHERE);
    return 1;
}

void script_intent_shell(struct intent *t, slice code, bool batch)
{
    static const char *const names[ACTS] = { "run",     "fetch", "write", "eval",
                                             "persist", "probe", "hide",  "spread" };
    unsigned acts =
        batch ? look_for(t, code, batch_signs, sizeof batch_signs / sizeof batch_signs[0])
              : look_for(t, code, shell_signs, sizeof shell_signs / sizeof shell_signs[0]);
    walk_cstr(t->w, FACT_SCRIPT_HOST, batch ? "cmd" : "powershell", NOWHERE);
    for (unsigned i = 0; i < ACTS; i++)
        if (acts >> i & 1)
            walk_cstr(t->w, FACT_SCRIPT_SINK_KIND, names[i], NOWHERE);
    script_intent_urls(t->w, code);
    unsigned score = measure(t, code);
    if (score)
        walk_int(t->w, FACT_SCRIPT_OBFUSCATION_SCORE, score, NOWHERE);
}
