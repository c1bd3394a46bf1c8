/* SPDX-License-Identifier: Apache-2.0 */
/* basic_named - arguments by name (5.6.13.1) of what is not the program's own: functions of the
 * library ([MS-VBAL] 6.1.2) and members of object models, as their type libraries name them.
 * Evaluation goes by position, so that they are put there. A member that stands in no row has to
 * do without those of its arguments that have a name. */
#include "base/text.h"
#include "unmask/basic/basic.h"

/* Names of one place that differ between libraries have a bar between them. */
struct row {
    const char *name, *parameters;
    uint8_t class_; /* C_FOREIGN: of any */
};

static const struct row functions[] = {
    { "Replace", "expression,find,replace,start,count,compare", 0 },
    { "Split", "expression,delimiter,limit,compare", 0 },
    { "Join", "sourcearray,delimiter", 0 },
    { "Filter", "sourcearray,match,include,compare", 0 },
    { "InStrRev", "stringcheck,stringmatch,start,compare", 0 },
    { "StrComp", "string1,string2,compare", 0 },
    { "StrConv", "string,conversion,localeid", 0 },
    { "StrReverse", "expression", 0 },
    { "Left", "string,length", 0 },
    { "LeftB", "string,length", 0 },
    { "Right", "string,length", 0 },
    { "RightB", "string,length", 0 },
    { "Mid", "string,start,length", 0 },
    { "MidB", "string,start,length", 0 },
    { "String", "number,character", 0 },
    { "Space", "number", 0 },
    { "LCase", "string", 0 },
    { "UCase", "string", 0 },
    { "Trim", "string", 0 },
    { "LTrim", "string", 0 },
    { "RTrim", "string", 0 },
    { "Asc", "string", 0 },
    { "AscB", "string", 0 },
    { "AscW", "string", 0 },
    { "Val", "string", 0 },
    { "Chr", "charcode", 0 },
    { "ChrB", "charcode", 0 },
    { "ChrW", "charcode", 0 },
    { "Hex", "number", 0 },
    { "Oct", "number", 0 },
    { "Str", "number", 0 },
    { "Abs", "number", 0 },
    { "Int", "number", 0 },
    { "Fix", "number", 0 },
    { "Sgn", "number", 0 },
    { "Sqr", "number", 0 },
    { "Sin", "number", 0 },
    { "Cos", "number", 0 },
    { "Tan", "number", 0 },
    { "Atn", "number", 0 },
    { "Exp", "number", 0 },
    { "Log", "number", 0 },
    { "Round", "number,numdigitsafterdecimal", 0 },
    { "Format", "expression,format,firstdayofweek,firstweekofyear", 0 },
    { "FormatNumber",
      "expression,numdigitsafterdecimal,includeleadingdigit,useparensfornegativenumbers,"
      "groupdigits",
      0 },
    { "IIf", "expression,truepart,falsepart", 0 },
    { "IsNumeric", "expression", 0 },
    { "RGB", "red,green,blue", 0 },
    { "DateSerial", "year,month,day", 0 },
    { "DateAdd", "interval,number,date", 0 },
    { "Environ", "expression", 0 },
    { "Shell", "pathname,windowstyle", 0 },
    { "CreateObject", "class,servername", 0 },
    { "GetObject", "pathname,class", 0 },
    { "CallByName", "object,procname,calltype,args", 0 },
    { "MsgBox", "prompt,buttons,title,helpfile,context", 0 },
    { "InputBox", "prompt,title,default", 0 },
    { "FileCopy", "source,destination", 0 },
    { "Kill", "pathname", 0 },
    { "MkDir", "path", 0 },
    { "RmDir", "path", 0 },
    { "ChDir", "path", 0 },
    { "SetAttr", "pathname,attributes", 0 },
    { "SaveSetting", "appname,section,key,setting", 0 },
};

static const struct row members[] = {
    { "Run",
      "command|macro|macroname,windowstyle|arg1|varg1,waitonreturn|arg2|varg2,arg3|varg3,arg4|"
      "varg4",
      0 },
    { "Exec", "command", 0 },
    { "RegWrite", "name,value,type", 0 },
    { "ShellExecute", "file,vargs,vdir,voperation,vshow", 0 },
    { "Open", "filename|bstrmethod,updatelinks|confirmconversions|bstrurl,readonly|varasync", 0 },
    { "OpenText", "filename", 0 },
    { "SaveAs", "filename,fileformat", 0 },
    { "SaveAs2", "filename,fileformat", 0 },
    { "SaveCopyAs", "filename", 0 },
    { "SaveToFile", "filename,options", 0 },
    { "LoadFromFile", "filename", 0 },
    { "Write", "buffer|text", 0 },
    { "WriteText", "data,options", 0 },
    { "CreateTextFile", "filename,overwrite,unicode", 0 },
    { "OpenTextFile", "filename,iomode,create,format", 0 },
    { "CopyFile", "source,destination,overwritefiles", 0 },
    { "MoveFile", "source,destination", 0 },
    { "DeleteFile", "filespec,force", 0 },
    { "CreateFolder", "path", 0 },
    { "BuildPath", "path,name", 0 },
    { "GetSpecialFolder", "specialfolder", 0 },
    { "OnTime", "earliesttime|when,procedure|name,latesttime|tolerance,schedule", 0 },
    { "ExecuteExcel4Macro", "string", 0 },
    { "RegisterXLL", "filename", 0 },
    { "Range", "cell1,cell2", 0 },
    { "Item", "index", 0 },
    { "Replace", "what,replacement,lookat,searchorder,matchcase", 0 },
    { "Add", "item,key,before,after", C_COLLECTION },
    { "Add", "key,item", C_DICTIONARY },
};

bool basic_named_any(const struct arg *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (args[i].name)
            return true;
    return false;
}

/* The place of a name among the parameters; BASIC_NAMED_MAX: none. */
static uint32_t place_of(slice parameters, slice name)
{
    uint32_t place = 0;
    for (size_t from = 0, i = 0; i <= parameters.len; i++) {
        uint8_t c = i < parameters.len ? parameters.at[i] : ',';
        if (c != ',' && c != '|')
            continue;
        slice one = slice_sub(parameters, from, i - from);
        if (slice_eq_nocase(name, one))
            return place;
        from = i + 1;
        place += c == ',';
    }
    return BASIC_NAMED_MAX;
}

static slice parameters_of(const struct row *rows, size_t n, slice name, uint8_t class_)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is_nocase(name, rows[i].name) &&
            (rows[i].class_ == C_FOREIGN || rows[i].class_ == class_))
            return slice_of(rows[i].parameters);
    return (slice){ 0 };
}

uint32_t basic_named(struct machine *m, uint32_t word, const struct object *of,
                   const struct arg *args, uint32_t n, struct arg out[BASIC_NAMED_MAX])
{
    slice name = m->names[word].text;
    slice parameters =
        of ? parameters_of(members, sizeof members / sizeof members[0], name, of->class_)
           : parameters_of(functions, sizeof functions / sizeof functions[0], name, C_FOREIGN);
    uint32_t used = 0;
    for (uint32_t i = 0; i < BASIC_NAMED_MAX; i++)
        out[i] = (struct arg){ .v = { .type = V_MISSING } };
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = !args[i].name    ? i
                      : parameters.len ? place_of(parameters, m->names[args[i].name].text)
                                       : BASIC_NAMED_MAX;
        if (at >= BASIC_NAMED_MAX && !of)
            return UINT32_MAX;
        if (at >= BASIC_NAMED_MAX)
            continue;
        out[at] = args[i];
        out[at].name = W_NONE;
        used = at + 1 > used ? at + 1 : used;
    }
    return used;
}
