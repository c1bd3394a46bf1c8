/* SPDX-License-Identifier: Apache-2.0 */
/* What in VBA acts outside the document, and what a class name makes of an object.
 *
 * Only calls that can run, fetch, write, persist or load. Reading and showing
 * things is everyday work of macros and no sink.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

struct class_row {
    const char *part; /* of the class name or moniker, lower case */
    uint8_t object;
};

/* Class names, and class ids for "new:{...}". */
static const struct class_row classes[] = {
    { "wscript.shell", O_SHELL },
    { "wshshell", O_SHELL },
    { "72c24dd5-d70a-438b-8a42-98424b88afb8", O_SHELL },
    { "f935dc22-1cf0-11d0-adb9-00c04fd58a0b", O_SHELL },
    { "shell.application", O_SHELLAPP },
    { "13709620-c279-11ce-a49e-444553540000", O_SHELLAPP },
    { "c08afd90-f2a1-11d1-8455-00a0c91f3880", O_SHELLAPP },
    { "9ba05972-f6a8-11cf-a442-00a0c90a8f39", O_SHELLAPP },
    { "shell32.shell", O_SHELLAPP },
    { "xmlhttp", O_HTTP },
    { "winhttp", O_HTTP },
    { "f5078f18-c551-11d3-89b9-0000f81fe221", O_HTTP },
    { "ed8c108e-4349-11d2-91a4-00c04f7969e8", O_HTTP },
    { "88d96a0a-f192-11d4-a65f-0040963251e5", O_HTTP },
    { "2087c2f4-2cef-4953-a8ab-66779b670495", O_HTTP },
    { "adodb.stream", O_STREAM },
    { "00000566-0000-0010-8000-00aa006d2ea4", O_STREAM },
    { "filesystemobject", O_FILES },
    { "winmgmts", O_WMI },
    { "wbemscripting", O_WMI },
    { "win32_process", O_WMI },
    { "scriptcontrol", O_SCRIPT },
    { "schedule.service", O_TASKS },
    { "application", O_HOST },
};

enum object vba_intent_class(slice progid)
{
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (slice_find_nocase(slice_sub(progid, 0, 256), slice_of(classes[i].part), 0) != SIZE_MAX)
            return (enum object)classes[i].object;
    return O_OTHER;
}

struct member_row {
    uint32_t word;
    uint32_t bases; /* bit per enum object */
    uint8_t n_args; /* at least */
    uint8_t kind;
    const char *label;
};

#define B(o) (1u << (o))
#define ANY_BASE 0xffffffffu

static const struct member_row members[] = {
    { W_RUN, B(O_SHELL), 0, K_RUN, "WScript.Shell.Run" },
    { W_RUN, B(O_COMPUTED), 0, K_RUN, "(computed).Run" },
    { W_EXEC, B(O_SHELL), 0, K_RUN, "WScript.Shell.Exec" },
    { W_EXEC, B(O_COMPUTED), 0, K_RUN, "(computed).Exec" },
    { W_SHELLEXECUTE, ANY_BASE, 1, K_RUN, "ShellExecute" },
    { W_OPEN, B(O_SHELLAPP), 1, K_RUN, "Shell.Application.Open" },
    { W_INVOKEVERB, ANY_BASE, 0, K_RUN, "InvokeVerb" },
    { W_CREATE, B(O_WMI), 0, K_RUN, "Win32_Process.Create" },
    { W_CREATE, B(O_COMPUTED), 0, K_RUN, "(computed).Create" },
    { W_CREATE, B(O_NONE), 3, K_RUN, "Create with start-up information" },
    { W_EXECMETHOD, B(O_WMI) | B(O_COMPUTED), 0, K_RUN, "WMI ExecMethod" },
    { W_EVAL, B(O_SCRIPT) | B(O_COMPUTED), 0, K_RUN, "ScriptControl.Eval" },
    { W_EXECUTESTATEMENT, ANY_BASE, 0, K_RUN, "ScriptControl.ExecuteStatement" },
    { W_ADDCODE, B(O_SCRIPT) | B(O_COMPUTED), 0, K_RUN, "ScriptControl.AddCode" },
    { W_EXECUTEEXCEL4MACRO, ANY_BASE, 1, K_RUN, "ExecuteExcel4Macro" },
    { W_TRANSFORMNODE, ANY_BASE, 1, K_RUN, "MSXML transformNode" },
    { W_TRANSFORMNODETOOBJECT, ANY_BASE, 1, K_RUN, "MSXML transformNode" },
    { W_REGISTERXLL, ANY_BASE, 1, K_LOAD, "RegisterXLL" },
    { W_DDEEXECUTE, ANY_BASE, 1, K_RUN, "DDEExecute" },
    { W_SEND, B(O_HTTP), 0, K_DOWNLOAD, "XMLHTTP.Send" },
    { W_SEND, B(O_COMPUTED), 0, K_DOWNLOAD, "(computed).Send" },
    { W_RESPONSEBODY, ANY_BASE, 0, K_DOWNLOAD, "responseBody" },
    { W_SAVETOFILE, ANY_BASE, 0, K_WRITE, "ADODB.Stream.SaveToFile" },
    { W_CREATETEXTFILE, ANY_BASE, 0, K_WRITE, "CreateTextFile" },
    { W_OPENTEXTFILE, ANY_BASE, 2, K_WRITE, "OpenTextFile" },
    { W_REGWRITE, ANY_BASE, 0, K_PERSIST, "RegWrite" },
    { W_CREATESHORTCUT, ANY_BASE, 0, K_PERSIST, "CreateShortcut" },
    { W_REGISTERTASK, ANY_BASE, 0, K_PERSIST, "RegisterTaskDefinition" },
    { W_ADDFROMSTRING, ANY_BASE, 1, K_PERSIST, "CodeModule.AddFromString" },
    { W_ADDFROMFILE, ANY_BASE, 1, K_PERSIST, "CodeModule.AddFromFile" },
    { W_INSERTLINES, ANY_BASE, 2, K_PERSIST, "CodeModule.InsertLines" },
    { W_ORGANIZERCOPY, ANY_BASE, 0, K_PERSIST, "OrganizerCopy" },
    { W_RECENTFILES, ANY_BASE, 0, K_PROBE, "RecentFiles" },
    { W_EXECQUERY, ANY_BASE, 0, K_PROBE, "WMI query" },
};

const char *vba_intent_member_sink(uint32_t word, enum object base, unsigned n_args,
                                   enum sink_kind *kind_out)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct member_row *m = &members[i];
        if (m->word != word || !(m->bases & B(base)) || n_args < m->n_args)
            continue;
        *kind_out = (enum sink_kind)m->kind;
        return m->label;
    }
    return NULL;
}

bool vba_intent_member_may(uint32_t word)
{
    for (size_t i = 0; word != W_NO_WORD && i < sizeof members / sizeof members[0]; i++)
        if (members[i].word == word)
            return true;
    return false;
}

struct api_row {
    const char *head; /* of the function's name, lower case */
    uint8_t kind;
};

static const struct api_row apis[] = {
    { "urldownloadto", K_DOWNLOAD },
    { "urlopen", K_DOWNLOAD },
    { "internetopenurl", K_DOWNLOAD },
    { "internetreadfile", K_DOWNLOAD },
    { "httpsendrequest", K_DOWNLOAD },
    { "shellexecute", K_RUN },
    { "winexec", K_RUN },
    { "createprocess", K_RUN },
    { "createthread", K_LOAD },
    { "createremotethread", K_LOAD },
    { "virtualalloc", K_LOAD },
    { "virtualprotect", K_LOAD },
    { "heapcreate", K_LOAD },
    { "writeprocessmemory", K_LOAD },
    { "ntwritevirtualmemory", K_LOAD },
    { "queueuserapc", K_LOAD },
    { "loadlibrary", K_LOAD },
    { "callwindowproc", K_LOAD },
    { "enumsystem", K_LOAD },
    { "enumdatefmts", K_LOAD },
    { "settimer", K_NONE },
    { "dispcallfunc", K_LOAD },
    { "ntallocatevirtualmemory", K_LOAD },
    { "zwallocate", K_LOAD },
    { "regsetvalue", K_PERSIST },
    { "#", K_LOAD },
};

enum sink_kind vba_intent_api_kind(slice function)
{
    for (size_t i = 0; i < sizeof apis / sizeof apis[0]; i++)
        if (slice_starts_nocase(function, apis[i].head))
            return (enum sink_kind)apis[i].kind;
    return K_NONE;
}

uint8_t vba_intent_hidden_member(uint32_t word)
{
    switch (word) {
    case W_TEXTFRAME:
    case W_TEXTFRAME2:
    case W_TEXTRANGE:
    case W_ALTERNATIVETEXT:
        return H_SHAPE;
    case W_CONTROLS:
    case W_PAGES:
    case W_OLEOBJECTS:
        return H_CONTROL;
    case W_BUILTINDOCUMENTPROPERTIES:
    case W_CUSTOMDOCUMENTPROPERTIES:
        return H_PROPERTY;
    case W_VARIABLES:
    case W_CUSTOMXMLPARTS:
        return H_VARIABLE;
    case W_TAG:
    case W_CONTROLTIPTEXT:
    case W_GROUPNAME:
    case W_CAPTION:
        return H_TAG;
    case W_COMMENTS:
        return H_COMMENT;
    case W_PARAGRAPHS:
    case W_CONTENT:
    case W_BOOKMARKS:
    case W_CONTENTCONTROLS:
    case W_TABLES:
        return H_TEXT;
    case W_RANGE:
    case W_CELLS:
        return H_CELL;
    default:
        return 0;
    }
}

const char *vba_intent_hidden_name(unsigned bit)
{
    static const char *const words[H_KINDS] = {
        "shape text",
        "control",
        "document property",
        "document variable",
        "control tag or caption",
        "comment",
        "document text",
        "cell",
    };
    return words[bit];
}

const char *vba_intent_sink_kind_name(enum sink_kind k)
{
    static const char *const words[K_KINDS] = { "",     "run",     "download", "write",
                                                "load", "persist", "probe" };
    return words[k];
}

slice vba_intent_sink_label(const struct sink_use *s)
{
    return s->label ? slice_of(s->label) : s->named;
}
