/* SPDX-License-Identifier: Apache-2.0 */
/* The words of VBA and of its hosts' object models that this observer knows:
 * the index of a name below W_COUNT is the index of its word here.
 *
 * X(identifier, spelling, class): k keyword, t type, f built-in function,
 * o object or library of the host, m member that means something, c constant.
 */
#pragma once

#define VBA_WORDS(X)                                                                              \
    X(NO_WORD, "", 'k') X(SUB, "sub", 'k') X(FUNCTION, "function", 'k')                           \
    X(PROPERTY, "property", 'k') X(GET, "get", 'k') X(LET, "let", 'k') X(SET, "set", 'k')         \
    X(END, "end", 'k') X(IF, "if", 'k') X(THEN, "then", 'k') X(ELSE, "else", 'k')                 \
    X(ELSEIF, "elseif", 'k') X(FOR, "for", 'k') X(TO, "to", 'k') X(STEP, "step", 'k')             \
    X(NEXT, "next", 'k') X(EACH, "each", 'k') X(IN, "in", 'k') X(DO, "do", 'k')                   \
    X(LOOP, "loop", 'k') X(WHILE, "while", 'k') X(WEND, "wend", 'k') X(UNTIL, "until", 'k')       \
    X(SELECT, "select", 'k') X(CASE, "case", 'k') X(WITH, "with", 'k') X(DIM, "dim", 'k')         \
    X(REDIM, "redim", 'k') X(PRESERVE, "preserve", 'k') X(STATIC, "static", 'k')                  \
    X(CONST, "const", 'k') X(PUBLIC, "public", 'k') X(PRIVATE, "private", 'k')                    \
    X(FRIEND, "friend", 'k') X(GLOBAL, "global", 'k') X(DECLARE, "declare", 'k')                  \
    X(PTRSAFE, "ptrsafe", 'k') X(LIB, "lib", 'k') X(ALIAS, "alias", 'k') X(AS, "as", 'k')         \
    X(NEW, "new", 'k') X(BYVAL, "byval", 'k') X(BYREF, "byref", 'k')                              \
    X(OPTIONAL, "optional", 'k') X(PARAMARRAY, "paramarray", 'k') X(CALL, "call", 'k')            \
    X(EXIT, "exit", 'k') X(GOTO, "goto", 'k') X(GOSUB, "gosub", 'k') X(RETURN, "return", 'k')     \
    X(RESUME, "resume", 'k') X(ON, "on", 'k') X(ERROR, "error", 'k') X(OPTION, "option", 'k')     \
    X(EXPLICIT, "explicit", 'k') X(ATTRIBUTE, "attribute", 'k') X(TYPE, "type", 'k')              \
    X(ENUM, "enum", 'k') X(IMPLEMENTS, "implements", 'k') X(EVENT, "event", 'k')                  \
    X(RAISEEVENT, "raiseevent", 'k') X(WITHEVENTS, "withevents", 'k') X(AND, "and", 'k')          \
    X(OR, "or", 'k') X(XOR, "xor", 'k') X(NOT, "not", 'k') X(MOD, "mod", 'k') X(IS, "is", 'k')    \
    X(LIKE, "like", 'k') X(EQV, "eqv", 'k') X(IMP, "imp", 'k') X(TYPEOF, "typeof", 'k')           \
    X(ADDRESSOF, "addressof", 'k') X(ME, "me", 'k') X(OPEN, "open", 'k') X(CLOSE, "close", 'k')   \
    X(PRINT, "print", 'k') X(PUT, "put", 'k') X(INPUT, "input", 'k') X(OUTPUT, "output", 'k')     \
    X(APPEND, "append", 'k') X(BINARY, "binary", 'k') X(RANDOM, "random", 'k')                    \
    X(LINE, "line", 'k') X(WRITE, "write", 'k') X(LOCK, "lock", 'k') X(ACCESS, "access", 'k')     \
    X(SEEK, "seek", 'k') X(NAME, "name", 'k') X(KILL, "kill", 'k') X(STOP, "stop", 'k')           \
    X(ERASE, "erase", 'k') X(LSET, "lset", 'k') X(RSET, "rset", 'k') X(COMPARE, "compare", 'k')   \
    X(BASE, "base", 'k') X(TRUE, "true", 'c') X(FALSE, "false", 'c') X(NOTHING, "nothing", 'c')   \
    X(NULL, "null", 'c') X(EMPTY, "empty", 'c') X(STRING, "string", 't')                          \
    X(INTEGER, "integer", 't') X(LONG, "long", 't') X(BOOLEAN, "boolean", 't')                    \
    X(VARIANT, "variant", 't') X(OBJECT, "object", 't') X(BYTE, "byte", 't')                      \
    X(DOUBLE, "double", 't') X(SINGLE, "single", 't') X(CURRENCY, "currency", 't')                \
    X(DATE, "date", 't') X(LONGPTR, "longptr", 't') X(ANY, "any", 't') X(CHR, "chr", 'f')         \
    X(CHRW, "chrw", 'f') X(CHRB, "chrb", 'f') X(KEYSTRING, "keystring", 'f')                      \
    X(STRREVERSE, "strreverse", 'f') X(REPLACE, "replace", 'f') X(SPLIT, "split", 'f')            \
    X(JOIN, "join", 'f') X(MID, "mid", 'f') X(LEFT, "left", 'f') X(RIGHT, "right", 'f')           \
    X(LCASE, "lcase", 'f') X(UCASE, "ucase", 'f') X(TRIM, "trim", 'f') X(LTRIM, "ltrim", 'f')     \
    X(RTRIM, "rtrim", 'f') X(CSTR, "cstr", 'f') X(CVAR, "cvar", 'f') X(SHELL, "shell", 'f')       \
    X(CREATEOBJECT, "createobject", 'f') X(GETOBJECT, "getobject", 'f')                           \
    X(CALLBYNAME, "callbyname", 'f') X(ENVIRON, "environ", 'f') X(DIR, "dir", 'f')                \
    X(FILECOPY, "filecopy", 'f') X(SENDKEYS, "sendkeys", 'f') X(ARRAY, "array", 'f')              \
    X(DEBUG, "debug", 'f') X(ERR, "err", 'f') X(LOAD, "load", 'f')                                \
    X(MACSCRIPT, "macscript", 'f') X(APPLESCRIPTTASK, "applescripttask", 'f') X(VBA, "vba", 'o')  \
    X(INTERACTION, "interaction", 'o') X(STRINGS, "strings", 'o')                                 \
    X(CONVERSION, "conversion", 'o') X(FILESYSTEM, "filesystem", 'o')                             \
    X(APPLICATION, "application", 'o') X(ACTIVEDOCUMENT, "activedocument", 'o')                   \
    X(THISDOCUMENT, "thisdocument", 'o') X(ACTIVEWORKBOOK, "activeworkbook", 'o')                 \
    X(THISWORKBOOK, "thisworkbook", 'o') X(ACTIVESHEET, "activesheet", 'o')                       \
    X(NORMALTEMPLATE, "normaltemplate", 'o') X(MACROCONTAINER, "macrocontainer", 'o')             \
    X(RUN, "run", 'm') X(EXEC, "exec", 'm') X(SHELLEXECUTE, "shellexecute", 'm')                  \
    X(CREATE, "create", 'm') X(SEND, "send", 'm') X(SAVETOFILE, "savetofile", 'm')                \
    X(CREATETEXTFILE, "createtextfile", 'm') X(OPENTEXTFILE, "opentextfile", 'm')                 \
    X(REGWRITE, "regwrite", 'm') X(EXECUTEEXCEL4MACRO, "executeexcel4macro", 'm')                 \
    X(CREATESHORTCUT, "createshortcut", 'm') X(VBPROJECT, "vbproject", 'm')                       \
    X(VBCOMPONENTS, "vbcomponents", 'm') X(ADDFROMSTRING, "addfromstring", 'm')                   \
    X(ADDFROMFILE, "addfromfile", 'm') X(INSERTLINES, "insertlines", 'm')                         \
    X(ORGANIZERCOPY, "organizercopy", 'm') X(EXECQUERY, "execquery", 'm')                         \
    X(EXECMETHOD, "execmethod_", 'm') X(SPAWNINSTANCE, "spawninstance_", 'm')                     \
    X(EVAL, "eval", 'm') X(EXECUTESTATEMENT, "executestatement", 'm') X(ADDCODE, "addcode", 'm')  \
    X(TRANSFORMNODE, "transformnode", 'm')                                                        \
    X(TRANSFORMNODETOOBJECT, "transformnodetoobject", 'm') X(NAVIGATE, "navigate", 'm')           \
    X(NAVIGATE2, "navigate2", 'm') X(RESPONSEBODY, "responsebody", 'm')                           \
    X(RESPONSETEXT, "responsetext", 'm') X(ONTIME, "ontime", 'm') X(SHAPES, "shapes", 'm')        \
    X(INLINESHAPES, "inlineshapes", 'm') X(TEXTFRAME, "textframe", 'm')                           \
    X(TEXTRANGE, "textrange", 'm') X(ALTERNATIVETEXT, "alternativetext", 'm')                     \
    X(TEXTFRAME2, "textframe2", 'm') X(VARIABLES, "variables", 'm')                               \
    X(BUILTINDOCUMENTPROPERTIES, "builtindocumentproperties", 'm')                                \
    X(CUSTOMDOCUMENTPROPERTIES, "customdocumentproperties", 'm') X(TAG, "tag", 'm')               \
    X(CONTROLTIPTEXT, "controltiptext", 'm') X(GROUPNAME, "groupname", 'm')                       \
    X(CAPTION, "caption", 'm') X(TEXT, "text", 'm') X(VALUE, "value", 'm')                        \
    X(CONTROLS, "controls", 'm') X(PAGES, "pages", 'm') X(COMMENTS, "comments", 'm')              \
    X(CUSTOMXMLPARTS, "customxmlparts", 'm') X(OLEOBJECTS, "oleobjects", 'm')                     \
    X(PARAGRAPHS, "paragraphs", 'm') X(CONTENT, "content", 'm') X(BOOKMARKS, "bookmarks", 'm')    \
    X(CONTENTCONTROLS, "contentcontrols", 'm') X(TABLES, "tables", 'm') X(RANGE, "range", 'm')    \
    X(CELLS, "cells", 'm') X(SHOWWINDOW, "showwindow", 'm') X(RECENTFILES, "recentfiles", 'm')    \
    X(TASKS, "tasks", 'm') X(COPYFILE, "copyfile", 'm') X(SPECIALFOLDERS, "specialfolders", 'm')  \
    X(INVOKEVERB, "invokeverb", 'm') X(REGISTERTASK, "registertaskdefinition", 'm')               \
    X(USERNAME, "username", 'm') X(MACADDRESS, "macaddress", 'm') X(SHOW, "show", 'm')            \
    X(EXECUTE, "execute", 'm') X(DDEINITIATE, "ddeinitiate", 'm')                                 \
    X(DDEEXECUTE, "ddeexecute", 'm') X(FOLLOWHYPERLINK, "followhyperlink", 'm')                   \
    X(REGISTERXLL, "registerxll", 'm') X(VBE, "vbe", 'm') X(ENVIRONMENT, "environment", 'm')      \
    X(EXPANDENVIRONMENTSTRINGS, "expandenvironmentstrings", 'm')                                  \
    X(CODEMODULE, "codemodule", 'm') X(IMPORT, "import", 'm') X(PRINTMEMBER, "assert", 'm')

enum word {
#define X(id, text, kind) W_##id,
    VBA_WORDS(X)
#undef X
    W_COUNT
};

struct word_row {
    const char *text;
    char kind;
};

extern const struct word_row vba_intent_words[W_COUNT];

/* Names that Office and VBA define and that we need only not to call undefined. */
#define VBA_KNOWN                                                                                  \
    "asc ascw ascb len lenb strconv instr instrrev space ubound lbound filter hex oct val cint "   \
    "clng cdbl csng cbyte cbool cdate ccur cdec clngptr int fix abs sgn sqr round rnd sin cos tan "\
    "atn log exp format formatnumber formatdatetime formatcurrency formatpercent timevalue "       \
    "datevalue dateadd datediff datepart dateserial timeserial now time timer day month year "     \
    "hour minute second weekday iif choose switch typename vartype isarray isempty isnumeric "     \
    "isnull isdate isobject iserror ismissing msgbox inputbox filelen mkdir rmdir chdir curdir "   \
    "freefile eof lof loc doevents randomize erl appactivate qbcolor rgb savesetting getsetting "  \
    "strcomp monthname weekdayname collection loadpicture unload strptr varptr objptr beep "       \
    "longlong shared read database module selection rows columns sheets "                          \
    "worksheets workbooks documents activewindow activecell windows word excel outlook access "    \
    "powerpoint msforms office normal system options templates addins commandbars userforms "      \
    "worksheetfunction names charts activechart activepresentation presentations activeprinter "   \
    "wscript scripting adodb dictionary parent target cancel wn sh screen printer forms "          \
    "docmd currentdb currentproject math information datetime constants dialogs assistant "        \
    "path fullname save saved saveas printout activate protect unprotect visible enabled hide "    \
    "repaint width height top fileattr getattr setattr ddb irr vba6 vba7 win64 win32 mac "
