/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in SYLK written by hand: what Excel would compute or start. */
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

#define MACRO "ID;P\nO;E\nNN;NAuto_open;ER1C1\n"

static const struct {
    const char *name, *file;
    slice bytes;
    const char *line; /* of xlm.code; NULL: there is no macro */
} macros[] = {
    { "table", "a.slk", SLICE_INIT("ID;P\nC;Y1;X1;K\"a\"\nC;X2;K2;ER1C1\nE\n"), NULL },
    { "name only", "a.slk", SLICE_INIT("ID;P\nNN;NAuto_open;ER1C1\nC;Y1;X1;K1\nE\n"), NULL },
    { "behind the end", "a.slk", SLICE_INIT("ID;P\nE\nO;E\nC;Y1;X1;EHALT()\n"), NULL },
    { "macro", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;K0;EEXEC(\"note\")\nE\n"), "Sheet1!A1: =EXEC(\"note\")\t0\n" },
    { "name that starts it", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;K0;EHALT()\nE\n"), "name Auto_open: =$A$1\n" },
    { "under the name of a workbook", "a.xls", SLICE_INIT(MACRO "C;Y1;X1;K0;EHALT()\nE\n"), "Sheet1!A1: =HALT()\t0\n" },
    { "as text with commas", "a.csv", SLICE_INIT(MACRO "C;Y1;X1;K0;EHALT()\nE\n"), "Sheet1!A1: =HALT()\t0\n" },
    { "cells before the option", "a.slk", SLICE_INIT("ID;P\nC;Y1;X1;EHALT()\nO;E\n"), "Sheet1!A1: =HALT()\n" },
    { "place stays", "a.slk", SLICE_INIT(MACRO "C;Y3;X2;K1\nC;Y4;K2\nC;X5;K3\n"), "Sheet1!E4: 3\n" },
    { "no place at all", "a.slk", SLICE_INIT(MACRO "C;K1\n"), "Sheet1!A1: 1\n" },
    { "place that no sheet has", "a.slk", SLICE_INIT(MACRO "C;Y0;X99999999;K1\n"), "Sheet1!A1: 1\n" },
    { "relative reference", "a.slk", SLICE_INIT(MACRO "C;Y3;X3;ERUN(R[1]C[-2])\n"), "Sheet1!C3: =RUN(A4)\n" },
    { "reference to itself", "a.slk", SLICE_INIT(MACRO "C;Y3;X3;EGOTO(RC)\n"), "Sheet1!C3: =GOTO(C3)\n" },
    { "half fixed", "a.slk", SLICE_INIT(MACRO "C;Y3;X3;EGOTO(R9C[1])\n"), "Sheet1!C3: =GOTO(D$9)\n" },
    { "range", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;ESUM(R1C1:R9C2)\n"), "Sheet1!A1: =SUM($A$1:$B$9)\n" },
    { "reference in quotes is text", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;EALERT(\"R1C1\")\n"), "Sheet1!A1: =ALERT(\"R1C1\")\n" },
    { "functions that look like one", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;ERC.X(1)+R_1+R1C1X\n"), "Sheet1!A1: =RC.X(1)+R_1+R1C1X\n" },
    { "reference off the sheet", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;ERUN(R[-5]C)\n"), "Sheet1!A1: =RUN(R[-5]C)\n" },
    { "semicolon in a text", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;EEXEC(\"a;;b\")\n"), "Sheet1!A1: =EXEC(\"a;b\")\n" },
    { "byte by its escape", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;EEX\x1b$5C(\"a\")\n"), "Sheet1!A1: =EXEC(\"a\")\n" },
    { "letter with an accent", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;K\"M\x1bNHull\"\n"), "Sheet1!A1: \"Mull\"\n" },
    { "fields in another order", "a.slk", SLICE_INIT(MACRO "C;EHALT();K0;X2;Y2\n"), "Sheet1!B2: =HALT()\t0\n" },
    { "lower case", "a.slk", SLICE_INIT("ID;P\no;e\nnn;nauto_open;er1c1\nc;y1;x1;ehalt()\n"), "Sheet1!A1: =halt()\n" },
    { "lines of a Macintosh", "a.slk", SLICE_INIT("ID;P\rO;E\rC;Y1;X1;EHALT()\rE\r"), "Sheet1!A1: =HALT()\n" },
    { "a text that is not closed", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;K\"a\n"), "Sheet1!A1: \"a\"\n" },
    { "breaks off", "a.slk", SLICE_INIT(MACRO "C;Y1;X1;EEXEC(\"no"), "Sheet1!A1: =EXEC(\"no\n" },
};

static void macros_are_handed_on(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, macros) {
        struct tally *r = tally_run(&(struct tally_options){ .name = row->file }, row->bytes);
        tally_check(r);
        uint32_t part = tally_part_typed(r, "xlm-macro");
        slice code = part == NO_ID ? (slice){ 0 } : tally_view(r, FACT_XLM_CODE, part);
        if (!slice_is(r->r.parts[0].type, "slk") || tally_unread(r, UNREAD_NO_READER))
            table_wrong(&t, row->name, "not read");
        if (row->line ? slice_find(code, slice_of(row->line), 0) == SIZE_MAX : part != NO_ID)
            table_wrong(&t, row->name, "\"%.*s\"", SLICE_FMT(code));
        tally_drop(&r);
        for (size_t n = 1; n < 10; n++) {
            r = tally_run(&(struct tally_options){ .format = "slk", .fail_at = n }, row->bytes);
            tally_check(r);
            tally_drop(&r);
        }
    }
}

static void names_are_said(void **state)
{
    static const struct {
        const char *name;
        slice bytes;
        const char *said; /* NULL: none */
    } rows[] = {
        { "starts", SLICE_INIT("ID;P\nNN;NAuto_open;ER1C1\n"), "Auto_open" },
        { "starts, longer", SLICE_INIT("ID;P\nNN;EOut;NAUTO_OPENx\n"), "AUTO_OPENx" },
        { "by an escape", SLICE_INIT("ID;P\nNN;NAu\x1b'4o_open;ER1C1\n"), "Auto_open" },
        { "does not", SLICE_INIT("ID;P\nNN;NTotal;ER1C1\n"), NULL },
        { "of nothing", SLICE_INIT("ID;P\nNN;NAuto_open\n"), NULL },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.slk" }, row->bytes);
        table_true(&t, row->name, row->said ? tally_has(r, FACT_OFFICE_AUTO_NAME, row->said) : !tally_fact(r, FACT_OFFICE_AUTO_NAME));
        tally_drop(&r);
    }
}

static void other_text_is_not(void **state)
{
    static const struct {
        const char *name;
        slice bytes;
    } rows[] = {
        { "list", SLICE_INIT("ID;name;number\n1;bolt;200\n2;nut;200\n") },
        { "without semicolon", SLICE_INIT("ID\nC;X1\n") },
        { "not at the beginning", SLICE_INIT("\nID;P\nC;X1\n") },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.csv" }, row->bytes);
        table_true(&t, row->name, !tally_unread(r, UNREAD_NO_READER) && !tally_fact(r, FACT_OFFICE_MACRO_SHEET));
        tally_drop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(macros_are_handed_on), cmocka_unit_test(names_are_said), cmocka_unit_test(other_text_is_not) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
