/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts by hand: values cite the VBScript language reference ("Functions", "Statements",
 * "Operators") or, where both are one, [MS-VBAL]; what differs from VBA is named so. Programs are
 * rebuilt from the shape of droppers, with harmless words. U+27C2 in a wanted text is a hole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "tests/table.h"
#include "unmask/effect_rows.h"

#define HOLE "\xe2\x9f\x82"
#define RUN "CreateObject(\"WScript.Shell\").Run "

/* --- expressions: what Run is given */

static const struct {
    const char *name, *expression, *want;
} values[] = {
    { "doubled quotes", "\"a\"\"b\"", "a\"b" },
    { "hexadecimal is signed", "&HFFFF", "-1" },
    { "hexadecimal Long by suffix", "&HFFFF&", "65535" },
    { "octal", "&O17", "15" },
    { "exponent", "1E3", "1000" },
    { "weekday of a date", "Weekday(#4/20/1889#)", "7" },
    /* all is Variant: unlike VBA, sums of literals never overflow */
    { "Integer widens to Long", "32767 + 1", "32768" },
    { "Long widens to Double", "2147483647 + 1", "2147483648" },
    { "a product widens", "30000 * 30000", "900000000" },
    { "minus widens", "-32768 - 1", "-32769" },
    { "length of a number is that of its text", "Len(12345)", "5" },
    { "plus joins texts", "\"1\" + \"2\"", "12" },
    { "plus adds a text to a number", "\"1\" + 2", "3" },
    { "ampersand makes texts", "1 & 2", "12" },
    { "ampersand goes behind plus", "1 + 1 & 1 + 1", "22" },
    { "no suffix: an ampersand close to a name", "t& \"a\"", "xa" },
    { "no suffix: an ampersand close to a number", "1&(2)", "12" },
    { "no bang: an exclamation mark in a text only", "\"a!b\"", "a!b" },
    { "whole division rounds first", "7.5 \\ 2", "4" },
    { "Mod keeps the sign of the left", "-7 Mod 3", "-1" },
    { "power from the left", "2 ^ 3 ^ 2", "64" },
    { "power goes before minus", "-2 ^ 2", "-4" },
    { "Not of a number", "Not 5", "-6" },
    { "Xor", "65 Xor 3", "66" },
    { "Eqv and Imp", "(True Eqv False) & (True Imp False)", "FalseFalse" },
    { "Empty plus Empty", "u + v", "0" },
    { "comparison of texts is binary", "(\"a\" < \"B\")", "False" },
    { "a number variable is less than a text variable", "(w < t)", "True" },
    { "a literal number is compared as one", "(\"10\" = 10)", "True" },
    { "rounding to even", "CInt(2.5) & CInt(3.5)", "24" },
    { "fifteen digits", "1 / 3", "0.333333333333333" },
    { "Boolean as text", "True & \"\"", "True" },
    { "Chr and ChrW", "Chr(99) & ChrW(97)", "ca" },
    { "Asc", "Asc(\"A\") & AscW(\"A\")", "6565" },
    { "Chr of an expression with Asc", "Chr(Asc(\"h\") - 5)", "c" },
    { "Mid Left Right", "Mid(\"abcdef\", 2, 3) & Left(\"xy\", 1) & Right(\"xy\", 1)", "bcdxy" },
    { "StrReverse", "StrReverse(\"dmc\")", "cmd" },
    { "Replace", "Replace(\"cXmXd\", \"X\", \"\")", "cmd" },
    { "Replace from a place cuts", "Replace(\"abcabc\", \"b\", \"x\", 3)", "caxc" },
    { "Split Join", "Join(Split(\"c,m,d\", \",\"), \"\")", "cmd" },
    { "Split takes an index", "Split(\"a,b\", \",\")(1)", "b" },
    { "Array and UBound", "UBound(Array(1, 2, 3)) & Array(4, 5)(1)", "25" },
    { "Filter", "Join(Filter(Array(\"ab\", \"cd\"), \"a\"), \"\")", "ab" },
    { "InStr InStrRev", "InStr(\"abc\", \"c\") & InStrRev(\"a.b.c\", \".\")", "34" },
    { "UCase LCase Trim", "UCase(\"a\") & LCase(\"B\") & Trim(\" c \")", "Abc" },
    { "String and Space", "String(3, \"ab\") & Space(1) & String(2, 65)", "aaa AA" },
    { "Hex Oct", "Hex(255) & Oct(8)", "FF10" },
    { "CLng of hexadecimal text", "Chr(CLng(\"&H\" & \"63\"))", "c" },
    { "Unescape", "Unescape(\"%63%6Dd%u0020\")", "cmd " },
    { "Escape", "Escape(\"a b/c\xc3\xa9\")", "a%20b/c%E9" },
    { "Escape beyond a byte", "Escape(\"\xe3\x81\x82\")", "%u3042" },
    { "Eval is a comparison", "Eval(\"1 = 1\")", "True" },
    { "Eval of an expression", "Eval(\"\"\"c\"\" & Chr(109)\")", "cm" },
    { "Eval of a number", "Eval(5)", "5" },
    { "TypeName VarType", "TypeName(1) & VarType(\"\")", "Integer8" },
    { "IsNumeric", "IsNumeric(\"12\") & IsNumeric(\"x\")", "TrueFalse" },
    { "Round Int Fix", "Round(2.5) & Int(-1.5) & Fix(-1.5)", "2-2-1" },
    { "Null joins as nothing", "\"a\" & Null", "a" },
    { "a constant", "\"a\" & vbTab & vbNullString", "a\t" },
    { "ScriptEngine", "ScriptEngine", "VBScript" },
    { "a class of one's own", "k.Twice(4)", "8" },
    { "a property of a class", "k.Name", "made" },
    { "a Dictionary", "d.Item(\"a\") & d.Count", "b1" },
    { "names in brackets", "[odd name]", "odd" },
    { "FormatNumber", "FormatNumber(1234.5, 2)", "1,234.50" },
    { "FormatNumber without digits", "FormatNumber(65, 0)", "65" },
    /* what VBScript lacks is no function */
    { "no IIf", "\"n\" & IIf(True, 1, 2)", "" },
    { "no Environ", "Environ(\"temp\")", "" },
    { "no Val", "Val(\"12\")", "" },
    { "no Format", "Format(7, \"000\")", "" },
    { "no StrConv", "StrConv(\"ab\", 1)", "" },
    { "no constants of Word", "\"n\" & wdKeyP", "n" },
    /* what is not known */
    { "a random number", "\"a\" & Rnd & \"b\"", "a" HOLE "b" },
    { "the clock", "\"a\" & Now", "a" HOLE },
    { "a date as text depends on the country", "\"d\" & DateSerial(2020, 1, 2)", "d" HOLE },
    { "its own place", "\"n\" & WScript.ScriptFullName", "n" HOLE },
    { "its arguments", "\"n\" & WScript.Arguments(0)", "n" HOLE },
    { "the host", "WScript.Name", "Windows Script Host" },
    { "environment", "CreateObject(\"WScript.Shell\").ExpandEnvironmentStrings(\"%TEMP%\") & \"\\x\"", "%TEMP%\\x" },
    { "Eval of something that is not known", "\"a\" & Eval(Rnd)", "a" HOLE },
    { "a hole in a text that is evaluated", "Eval(\"\"\"a\" & Now & \"b\"\"\")", "a" HOLE "b" },
    { "a hole among code that is evaluated", "\"n\" & Eval(\"1 + \" & Now)", "n" HOLE },
};

static const char before[] =
    "Class Kind\r\n Private m_name\r\n Private Sub Class_Initialize: m_name = \"made\": End Sub\r\n"
    " Public Property Get Name: Name = m_name: End Property\r\n Public Function Twice(x)\r\n Twice = x * 2\r\n End Function\r\nEnd Class\r\n"
    "Dim k: Set k = New Kind\r\nSet d = CreateObject(\"Scripting.Dictionary\"): d.Add \"a\", \"b\"\r\n[odd name] = \"odd\"\r\nw = 32767: t = \"x\"\r\n";

static void expressions(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, values) {
        struct buf b = buf_new(8192);
        buf_format(&b, "%s" RUN "%s\r\n", before, row->expression);
        struct tally *r = tally_unmasked("vbscript", NULL, buf_slice(&b));
        tally_check(r);
        table_slice(&t, row->name, tally_argument(tally_effect(r, EFFECT_RUN, 0), "command"), row->want);
        tally_drop(&r);
        buf_drop(&b);
    }
}

/* --- programs */

static const struct {
    const char *name, *source;
    enum effect_kind kind;
    const char *argument, *want; /* NULL: no such effect */
    bool known;
} programs[] = {
    { "statements from top to bottom", "a = \"ca\"\r\na = a & \"lc\"\r\n" RUN "a", EFFECT_RUN, "command", "calc", true },
    { "a Sub is called before it stands", "go \"c\"\r\nSub go(x)\r\n" RUN "x\r\nEnd Sub", EFFECT_RUN, "command", "c", true },
    { "a Sub that nobody calls may be", "Sub go\r\n" RUN "\"c\"\r\nEnd Sub", EFFECT_RUN, "command", "c", false },
    { "a Function's value", "Function f(x): f = x & x: End Function: " RUN "f(\"a\")", EFFECT_RUN, "command", "aa", true },
    { "a global seen in a Sub", "a = \"c\": go\r\nSub go: " RUN "a: End Sub", EFFECT_RUN, "command", "c", true },
    { "a Sub changes a global", "go: " RUN "a\r\nSub go: a = \"c\": End Sub", EFFECT_RUN, "command", "c", true },
    { "a Dim hides the global", "a = \"c\": go: " RUN "a\r\nSub go: Dim a: a = \"x\": End Sub", EFFECT_RUN, "command", "c", true },
    { "arguments by reference", "a = \"x\": go a: " RUN "a\r\nSub go(p): p = \"c\": End Sub", EFFECT_RUN, "command", "c", true },
    { "arguments by value", "a = \"c\": go a: " RUN "a\r\nSub go(ByVal p): p = \"x\": End Sub", EFFECT_RUN, "command", "c", true },
    { "one line of If with its end", "If 1 = 1 Then " RUN "\"c\" Else " RUN "\"x\" End If", EFFECT_RUN, "command", "c", true },
    { "a word and a colon is a call, no label", "go: " RUN "a\r\nSub go\r\na = \"c\"\r\nEnd Sub", EFFECT_RUN, "command", "c", true },
    { "Select Case", "Select Case 2\r\nCase 1: x = \"a\"\r\nCase 2, 3: x = \"c\"\r\nCase Else x = \"b\"\r\nEnd Select\r\n" RUN "x", EFFECT_RUN, "command", "c", true },
    { "For Each over an Array", "For Each i In Array(99, 97)\r\ns = s & Chr(i)\r\nNext\r\n" RUN "s", EFFECT_RUN, "command", "ca", true },
    { "Do Until", "Do Until Len(s) = 3: s = s & \"c\": Loop: " RUN "s", EFFECT_RUN, "command", "ccc", true },
    { "While Wend backwards", "i = 4: While i > 0: s = s & Mid(\"clac\", i, 1): i = i - 1: Wend: " RUN "s", EFFECT_RUN, "command", "calc", true },
    { "With", "With CreateObject(\"WScript.Shell\")\r\n.Run \"c\"\r\nEnd With", EFFECT_RUN, "command", "c", true },
    { "ReDim Preserve", "Dim a()\r\nReDim a(1): a(0) = \"c\": ReDim Preserve a(2): a(2) = \"d\": " RUN "Join(a, \"\")", EFFECT_RUN, "command", "cd", true },
    { "a fixed array", "Dim a(2): a(0) = \"c\": " RUN "a(0)", EFFECT_RUN, "command", "c", true },
    { "a Const", "Const a = \"c\"\r\n" RUN "a", EFFECT_RUN, "command", "c", true },
    { "a line goes on", "x = \"a\" & _\r\n  \"b\"\r\n" RUN "x", EFFECT_RUN, "command", "ab", true },
    { "a comment does not go on", "' comment _\r\n" RUN "\"c\"", EFFECT_RUN, "command", "c", true },
    { "Rem", "Rem " RUN "\"x\"\r\n", EFFECT_RUN, "command", NULL, false },
    { "marks of a page", "<!--\r\n" RUN "\"c\"\r\n-->", EFFECT_RUN, "command", "c", true },
    { "#If is no directive", "#If VBA7 Then\r\n" RUN "\"c\"\r\n#End If", EFFECT_RUN, "command", "c", true },
    { "On Error Resume Next", "On Error Resume Next\r\nx = 1 / 0\r\n" RUN "\"c\"", EFFECT_RUN, "command", "c", true },
    { "an error ends the script", "x = CLng(\"x\")\r\n" RUN "\"c\"", EFFECT_RUN, "command", "c", false },
    { "a function that is not there is an error", "x = nosuch(1)\r\n" RUN "\"c\"", EFFECT_RUN, "command", "c", false },
    { "WScript.Quit ends it", "WScript.Quit\r\n" RUN "\"c\"", EFFECT_RUN, "command", NULL, false },
    { "an argument decides", "If WScript.Arguments.Count = 0 Then\r\n" RUN "\"a\"\r\nElse\r\n" RUN "\"c\"\r\nEnd If", EFFECT_RUN, "command", "a", false },
    { "WScript.CreateObject", "WScript.CreateObject(\"WScript.Shell\").Run \"c\"", EFFECT_RUN, "command", "c", true },
    { "WScript.Sleep", "WScript.Sleep 5000", EFFECT_DELAY, "value", "5000", true },
    { "WScript.Echo joins", "WScript.Echo \"a\", 1", EFFECT_MESSAGE, "text", "a 1", true },
    /* code that is made */
    { "Execute", "Execute \"x = \"\"c\"\"\": " RUN "x", EFFECT_RUN, "command", "c", true },
    { "Execute of numbers", "For Each i In Split(\"120.61.34.99.34\", \".\"): s = s & Chr(i): Next: Execute s: " RUN "x", EFFECT_RUN, "command", "c", true },
    { "Execute twice", "Execute \"Execute \"\"x = 7\"\"\": " RUN "x", EFFECT_RUN, "command", "7", true },
    { "Execute in a procedure sees its variables", "go \"c\"\r\nSub go(p): Dim q: Execute \"q = p & 1\": " RUN "q: End Sub", EFFECT_RUN, "command", "c1", true },
    { "Execute in a procedure leaves globals of its names", "q = \"c\": go: " RUN "q\r\nSub go: Dim q: Execute \"q = 1\": End Sub", EFFECT_RUN, "command", "c", true },
    { "ExecuteGlobal in a procedure", "go: " RUN "q\r\nSub go: ExecuteGlobal \"q = \"\"c\"\"\": End Sub", EFFECT_RUN, "command", "c", true },
    { "ExecuteGlobal makes a Sub", "ExecuteGlobal \"Sub go(x): \" & Replace(\"" "CreateObject('WScript.Shell').Run x" "\", \"'\", Chr(34)) & \": End Sub\": go \"c\"", EFFECT_RUN, "command", "c", true },
    { "a Sub takes the place of another", "ExecuteGlobal \"Function f: f = 2: End Function\": " RUN "f\r\nFunction f: f = 1: End Function", EFFECT_RUN, "command", "2", true },
    { "Execute of what is not known", "Execute Now\r\n" RUN "\"c\"", EFFECT_RUN, "command", "c", false },
    { "Execute as a function of a call", "Call Execute(\"x = 5\"): " RUN "x", EFFECT_RUN, "command", "5", true },
    { "GetRef", "Set f = GetRef(\"go\"): f \"c\"\r\nSub go(x): " RUN "x: End Sub", EFFECT_RUN, "command", "c", true },
    { "an Execute that never ends", "s = \"Execute s\": Execute s: " RUN "\"c\"", EFFECT_RUN, "command", "c", false },
    /* sinks */
    { "a download to a file", "Set h = CreateObject(\"MSXML2.XMLHTTP\")\r\nh.Open \"GET\", \"http://192.0.2.1/a\", False\r\nh.Send\r\nSet s = CreateObject(\"ADODB.Stream\")\r\ns.Type = 1: s.Open: s.Write h.responseBody: s.SaveToFile \"b.dat\", 2", EFFECT_DOWNLOAD, "path", "b.dat", true },
    { "a text file", "Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"a.txt\", True): f.WriteLine \"x\": f.Close", EFFECT_WRITE, "path", "a.txt", true },
    { "ShellExecute", "CreateObject(\"Shell.Application\").ShellExecute \"calc\", \"1\"", EFFECT_RUN, "command", "calc 1", true },
    { "Win32_Process", "GetObject(\"winmgmts:root\\cimv2:Win32_Process\").Create \"calc\", Null, Null, p", EFFECT_RUN, "command", "calc", true },
    { "a command goes on to PowerShell", RUN "\"powershell -c \"\"'Start-Sleep 7'|iex\"\"\"", EFFECT_DELAY, "value", "7", true },
    { "the Script Control", "Set s = CreateObject(\"MSScriptControl.ScriptControl\"): s.Language = \"VBScript\": s.ExecuteStatement \"MsgBox 1 & 2\"", EFFECT_MESSAGE, "text", "12", true },
    { "the Script Control calls what was added", "Set s = CreateObject(\"ScriptControl\"): s.AddCode \"Sub f(a): MsgBox a & a: End Sub\": s.Run \"f\", \"c\"", EFFECT_MESSAGE, "text", "cc", true },
    { "the Script Control without a language it has", "Set s = CreateObject(\"ScriptControl\"): s.Language = \"Perl\": s.Eval \"MsgBox 1 & 2\"", EFFECT_MESSAGE, "text", NULL, false },
    { "a page without a window", "CreateObject(\"htmlfile\").parentWindow.execScript \"MsgBox 1 & 2\", \"vbscript\"", EFFECT_MESSAGE, "text", "12", true },
    { "a page without a window is written", "Set h = CreateObject(\"htmlfile\"): h.write \"<script language=vbscript>MsgBox 1 & 2</\" & \"script>\"", EFFECT_MESSAGE, "text", "12", true },
    { "a script that is written and run", "Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"a.vbs\"): f.Write \"WScript.Sleep 77\": f.Close: " RUN "\"wscript a.vbs\"", EFFECT_DELAY, "value", "77", true },
    { "a page that is written", "Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"a.hta\"): f.Write \"<script language=vbscript>MsgBox 1 & 2</script>\": f.Close: " RUN "\"mshta a.hta\"", EFFECT_MESSAGE, "text", "12", true },
};

static void check(struct table *t, const char *name, struct tally *r, enum effect_kind kind, const char *argument, const char *want, bool known)
{
    const struct effect *e = NULL;
    bool found = false;
    tally_check(r);
    for (size_t n = 0; !found && (e = tally_effect(r, kind, n)) != NULL; n++)
        found = !want || (slice_is(tally_argument(e, argument), want) && e->known == known);
    if (found != (want != NULL))
        table_slice(t, name, tally_argument(tally_effect(r, kind, 0), argument), want ? want : "(nothing)");
    tally_drop(&r);
}

static void whole_programs(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, programs)
        check(&t, row->name, tally_unmasked("vbscript", NULL, slice_of(row->source)), row->kind, row->argument, row->want, row->known);
}

/* --- pages and script files */

#define VBS "<script language=vbscript>"
#define END "</script>"
#define SHELL "<object id=sh classid=\"clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8\"></object>"

static const struct {
    const char *name, *file, *source;
    enum effect_kind kind;
    const char *argument, *want;
    bool known;
} pages[] = {
    { "two scripts are one program", "a.hta", VBS "Function f: f = \"c\": End Function" END VBS RUN "f" END, EFFECT_RUN, "command", "c", true },
    { "JScript in between is not read as VBScript", "a.hta", "<script>x = 1;</script>" VBS RUN "\"c\"" END, EFFECT_RUN, "command", "c", true },
    { "window_onload", "a.hta", VBS "Sub window_onload: " RUN "\"c\": End Sub" END, EFFECT_RUN, "command", "c", true },
    { "a click may be", "a.hta", VBS "Sub b_onclick: " RUN "\"c\": End Sub" END "<input type=button name=b>", EFFECT_RUN, "command", "c", false },
    { "onload of the body", "a.hta", VBS "Sub go: " RUN "\"c\": End Sub" END "<body onload='go'>", EFFECT_RUN, "command", "c", true },
    { "a script for an event", "a.hta", "<script for=window event=onload language=vbscript>" RUN "\"c\"" END, EFFECT_RUN, "command", "c", true },
    { "an object of the page", "a.hta", SHELL VBS "sh.Run \"c\"" END, EFFECT_RUN, "command", "c", true },
    { "text of an element", "a.hta", "<p id=p>lac</p>" VBS RUN "\"c\" & StrReverse(document.getElementById(\"p\").innerText)" END, EFFECT_RUN, "command", "ccal", true },
    { "an element by its name alone", "a.hta", "<input type=hidden name=p value=c>" VBS RUN "p.value" END, EFFECT_RUN, "command", "c", true },
    { "an attribute", "a.hta", "<i id=p data-x=c>" VBS RUN "p.getAttribute(\"data-x\")" END, EFFECT_RUN, "command", "c", true },
    { "elements of a tag", "a.hta", "<i>a</i><b>x</b><i>c</i>" VBS RUN "document.getElementsByTagName(\"i\")(1).innerText" END, EFFECT_RUN, "command", "c", true },
    { "the title", "a.hta", "<title>c</title>" VBS RUN "document.title" END, EFFECT_RUN, "command", "c", true },
    { "what was set is read again", "a.hta", "<i id=p>x</i>" VBS "p.innerText = \"c\": " RUN "p.innerText" END, EFFECT_RUN, "command", "c", true },
    { "markup of an element depends on the browser", "a.hta", "<i id=p><b>x</b></i>" VBS RUN "p.innerHTML" END, EFFECT_RUN, "command", HOLE, false },
    { "white space that is shown otherwise", "a.hta", "<i id=p>a\n b</i>" VBS RUN "p.innerText" END, EFFECT_RUN, "command", HOLE, false },
    { "no such element", "a.hta", VBS RUN "document.getElementById(\"q\").innerText: " RUN "\"c\"" END, EFFECT_RUN, "command", "c", false },
    { "a timer", "a.hta", VBS "window.setTimeout \"go \"\"c\"\"\", 10\r\nSub go(x): " RUN "x: End Sub" END, EFFECT_RUN, "command", "c", true },
    { "a timer by GetRef", "a.hta", VBS "setTimeout GetRef(\"go\"), 10\r\nSub go: " RUN "\"c\": End Sub" END, EFFECT_RUN, "command", "c", true },
    { "a page that is written into it", "a.hta", VBS "document.write \"<script language=vbscript>\": document.write \"MsgBox 1 & 2</scr\" & \"ipt>\"" END, EFFECT_MESSAGE, "text", "12", true },
    { "execScript", "a.hta", VBS "window.execScript \"x = \"\"c\"\"\", \"vbscript\": " RUN "x" END, EFFECT_RUN, "command", "c", true },
    { "the page goes elsewhere", "a.html", VBS "window.location.href = \"http://192.0.2.1/\" & \"a\"" END, EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a", true },
    { "a link's code may be followed", "a.html", "<a href='vbscript:MsgBox(1 &amp; 2)'>x</a>", EFFECT_MESSAGE, "text", "12", false },
    { "WScript is not there", "a.hta", VBS "WScript.Echo \"c\"" END, EFFECT_MESSAGE, "text", NULL, false },
    { "mshta vbscript:", "a.cmd", "mshta vbscript:Execute(\"CreateObject(\"\"WScript.Shell\"\").Run \"\"calc\"\",0:close\")", EFFECT_RUN, "command", "calc", true },
    { "mshta vbscript:Close(Execute())", "a.cmd", "mshta vbscript:Close(Execute(\"CreateObject(\"\"WScript.Shell\"\").Run\"\"calc\"\"\"))", EFFECT_RUN, "command", "calc", true },
    { "mshta about:", "a.cmd", "mshta \"about:<script language=vbscript>MsgBox 1 & 2</script>\"", EFFECT_MESSAGE, "text", "12", true },
    { "a job is one program", "a.wsf", "<job><script language=VBScript>Function f: f = \"c\": End Function</script><script language=VBScript><![CDATA[" RUN "f]]></script></job>", EFFECT_RUN, "command", "c", true },
    { "an object of a job", "a.wsf", "<job><object id='sh' progid='WScript.Shell'/><script language=VBScript>sh.Run \"c\"</script></job>", EFFECT_RUN, "command", "c", true },
    { "an encoded script", "a.vbe", "#@~^CgAAAA==-mD~(P{P pBwAAAA==^#~@", EFFECT_RUN, "command", NULL, false },
    { "a script is evaluated once", "a.vbs", "' words\r\nMsgBox \"a\": " RUN "\"c\"", EFFECT_RUN, "command", "c", true },
    { "a job has no window", "a.wsf", "<job><script language=VBScript>x = window.location: " RUN "\"c\"</script></job>", EFFECT_RUN, "command", "c", false },
};

static void whole_pages(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, pages)
        check(&t, row->name, tally_unmasked_file(&(struct tally_options){ .name = row->file }, slice_of(row->source)), row->kind, row->argument, row->want, row->known);
}

/* --- what must not happen */

static const char busy[] =
    "Option Explicit\r\nDim a, b(2): Const c = 5\r\nClass K\r\nPrivate x\r\nPublic Property Let Y(v): x = v: End Property\r\nEnd Class\r\n"
    "Set a = New K: a.Y = 1: b(0) = &H41\r\nFor Each i In Array(1, 2): Execute \"go i\": Next\r\nSub go(n)\r\nOn Error Resume Next\r\n"
    "If Rnd > 0.5 Then " RUN "Chr(b(0)) & n Else Set f = GetRef(\"go\"): f 3\r\nEnd Sub\r\nx = Eval(\"1 + \" & Now): With a: .Y = x: End With\r\n"
    "Select Case x: Case 1: y = 1: Case Else: y = 2: End Select: Do While y < 5: y = y + 1: Loop\r\n";

static void every_beginning(void **state)
{
    (void)state;
    tally_beginnings("vbscript", slice_of(busy));
}

/* Behind code that is not known no value is. */
static void behind_unknown_code(void **state)
{
    static const struct effect_row rows[] = {
        { "nothing of it is known", "vbscript", "x = \"c\"\r\nExecute Now\r\n" RUN "x", EFFECT_RUN, "command", "c", PARTIAL },
        { "a statement of it is not known", "vbscript", "x = \"c\"\r\nExecute \"y = 1: \" & Now\r\n" RUN "x", EFFECT_RUN, "command", "c", PARTIAL },
        { "a text in it is not known", "vbscript", "x = \"c\"\r\nExecute \"y = \"\"\" & Now & \"\"\"\"\r\n" RUN "x", EFFECT_RUN, "command", "c", KNOWN },
        { "before it", "vbscript", "x = \"c\"\r\n" RUN "x\r\nExecute Now\r\n", EFFECT_RUN, "command", "c", KNOWN },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows)
        effect_row_check(&t, row);
}

/* What is not followed to its end is not clean. */
static void cut_off_is_said(void **state)
{
    static const struct {
        const char *name, *code;
    } cut[] = {
        { "many texts", "For i = 1 To 3000: Execute \"x = \" & i: Next: Execute \"Go\"" },
        { "code that runs itself", "s = \"Execute s\": Execute s" },
        { "code that quotes itself", "s = \"x\": For i = 1 To 40: s = \"Execute \"\"\" & Replace(s, \"\"\"\", \"\"\"\"\"\") & \"\"\"\": Next: Execute s" },
        { "code that quotes itself in a procedure", "Sub q(s): Execute \"q \"\"\" & Replace(s, \"\"\"\", \"\"\"\"\"\") & \"\"\"\": End Sub: q \"a\"" },
        { "texts that double", "s = \"a\": Do: s = s & s: Loop" },
        { "more effects than are kept", "For i = 1 To 600: MsgBox \"m\" & i: Next" },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cut) {
        struct tally *r = tally_unmasked("vbscript", NULL, slice_of(row->code));
        table_true(&t, row->name, tally_unread(r, UNREAD_LIMIT));
        tally_check(r);
        tally_drop(&r);
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n < 400; n++) {
        struct tally_options o = { .fail_at = n, .name = "a.hta" };
        struct tally *r = tally_unmasked("vbscript", &o, slice_of(busy));
        tally_check(r);
        tally_drop(&r);
        r = tally_unmasked_file(&o, SLICE_LIT("<p id=p>x</p>" SHELL VBS "sh.Run p.innerText: document.write \"<b>\"" END "<body onload='go 1'>"));
        tally_check(r);
        tally_drop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions),     cmocka_unit_test(whole_programs),        cmocka_unit_test(whole_pages),
        cmocka_unit_test(every_beginning), cmocka_unit_test(memory_fails_anywhere),
        cmocka_unit_test(behind_unknown_code), cmocka_unit_test(cut_off_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
