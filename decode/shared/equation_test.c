/* SPDX-License-Identifier: Apache-2.0 */
/* Equations written record by record; those that break out hold letters only. */
#include "decode/shared/equation.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define EDITOR "\3\1\1\3\x0a"
#define CHAR(c) "\2\x83" c "\0"
#define FILE_HEAD(size, version) "\x1c\0\0\0" version "\0\0\0" size "\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define NAME_16 "abcdefghijklmnop"

static const struct {
    const char *what;
    slice native;
    const char *overflow, *faulty; /* NULL: nothing of the kind is said */
} cases[] = {
    { "x over two", SLICE_INIT(EDITOR "\x0a\1" CHAR("x") "\3\x0b\0\0\1" CHAR("2") "\0\0"), NULL, NULL },
    { "with the header of its stream", SLICE_INIT(FILE_HEAD("\x0b", "\2") EDITOR "\1" CHAR("x") "\0"), NULL, NULL },
    { "every record", SLICE_INIT(EDITOR "\1\0" CHAR("a") "\3\0\0\0\0\4\1\1\0\5\0\0\0\1\1\0\0\0\6\2\7\1\0\0\0\x08\1\0Times\0\x09\1\1\x0a\x0b\x0c\x0d\x0e"), NULL, NULL },
    { "moved, spaced, with rulers", SLICE_INIT(EDITOR "\xf1\x01\x02\x05\2\0\0\0\0\0\0\x82\x80\x80\0\0\0\0\x83x\0\x24\1\1\1\0\0\0\0"), NULL, NULL },
    { "sizes in three forms", SLICE_INIT(EDITOR "\x09\x65\1\2\x09\x64\1\2\3\x09\2\1"), NULL, NULL },
    { "version 2 has shorter letters", SLICE_INIT("\2\1\1\3\x0a\2\x83x\2\x83y"), NULL, NULL },
    { "a name of 31 letters", SLICE_INIT(EDITOR "\x08\0\0" NAME_16 "abcdefghijklmno\0"), NULL, NULL },
    { "a name of 32 letters", SLICE_INIT(EDITOR "\x08\0\0" NAME_16 NAME_16 "\0"), "font name: 32", NULL },
    { "a name that never ends", SLICE_INIT(EDITOR "\x08\0\0" NAME_16 NAME_16 NAME_16), "font name: 48", NULL },
    { "two names too long are said once", SLICE_INIT(EDITOR "\x08\0\0" NAME_16 NAME_16 "\0\x08\0\0" NAME_16 NAME_16 "q\0"), "font name: 32", NULL },
    { "31 rows", SLICE_INIT(EDITOR "\5\0\0\0\x1f\1\0\0\0\0\0\0\0\0\0"), NULL, NULL },
    { "32 rows", SLICE_INIT(EDITOR "\5\0\0\0\x20\1\0\0\0\0\0\0\0\0\0\0"), "matrix: 32", NULL },
    { "255 columns", SLICE_INIT(EDITOR "\5\0\0\0\1\xff"), "matrix: 255", NULL },
    { "a matrix cut off", SLICE_INIT(EDITOR "\5\0\0"), NULL, "end" },
    { "a letter cut off", SLICE_INIT(EDITOR "\2\x83"), NULL, "end" },
    { "a record that is none", SLICE_INIT(EDITOR "\x0f"), NULL, "record" },
    { "a header that nobody wrote", SLICE_INIT("\3\7\1\3\x0a\x0a"), NULL, "header" },
    { "too short for a header", SLICE_INIT("\3\1"), NULL, "header" },
    { "version 5 in its own stream", SLICE_INIT(FILE_HEAD("\x20", "\2") "\5\1\0\5\0words"), NULL, NULL },
    { "version 5 in the editor's", SLICE_INIT("\5\1\0\5\0\x0a"), NULL, "header" },
    { "nothing", { NULL, 0 }, NULL, NULL },
    { "only the header of its stream", SLICE_INIT(FILE_HEAD("\0", "\2")), NULL, NULL },
    { "what stands behind in the sector", SLICE_INIT(FILE_HEAD("\x06", "\2") EDITOR "\x0a" "\x0f\x0f\x0f"), NULL, NULL },
    { "a size that leads outside", SLICE_INIT(FILE_HEAD("\xff", "\2") EDITOR "\x0a\x0f"), NULL, "record" },
    { "another version of the header", SLICE_INIT(FILE_HEAD("\x06", "\1") EDITOR "\x0a"), NULL, "header" },
};

static void look(void *host, struct walk *w)
{
    equation_read(w, *(slice *)host, range_of(0, 1));
}

static bool said(const struct tally *t, enum fact_id id, const char *want)
{
    return want ? tally_facts(t, id) == 1 && tally_has(t, id, want) : !tally_fact(t, id);
}

static void equations_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, cases) {
        slice native = row->native;
        struct tally *t = tally_look(&native, look, NULL);
        tally_check(t);
        if (!tally_fact(t, FACT_OFFICE_EQUATION) || !said(t, FACT_OFFICE_EQUATION_OVERFLOW, row->overflow))
            table_wrong(&table, row->what, "overflow '%.*s'", SLICE_FMT(tally_text(t, FACT_OFFICE_EQUATION_OVERFLOW, 0)));
        if (row->faulty ? !tally_has(t, FACT_OFFICE_EQUATION_FAULTY, row->faulty) : !!tally_fact(t, FACT_OFFICE_EQUATION_FAULTY))
            table_wrong(&table, row->what, "faulty '%.*s'", SLICE_FMT(tally_text(t, FACT_OFFICE_EQUATION_FAULTY, 0)));
        tally_drop(&t);
        for (size_t n = 0; n < row->native.len; n++) { /* however it is cut */
            native = slice_sub(row->native, 0, n);
            t = tally_look(&native, look, NULL);
            tally_check(t);
            tally_drop(&t);
        }
    }
}

static void classes_are_told_apart(void **state)
{
    static const struct {
        const char *name;
        bool equation;
    } names[] = {
        { "Equation.3", true },  { "equation.2", true },   { "Microsoft Equation 3.0", true }, { "Equation.DSMT4", false },
        { "Excel.Sheet", false }, { "An Equation", false }, { "", false },
    };
    static const struct {
        const char *name;
        slice id;
        bool equation;
    } ids[] = {
        { "3.0", SLICE_INIT("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), true },
        { "2.0", SLICE_INIT("\0\x17\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), true },
        { "another", SLICE_INIT("\x03\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), false },
        { "cut off", SLICE_INIT("\x02\xce\x02\0\0\0"), false },
    };
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, names)
        table_true(&table, row->name, equation_class(slice_of(row->name)) == row->equation);
    TABLE_EACH (&table, row, ids)
        table_true(&table, row->name, equation_clsid(row->id) == row->equation);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(equations_are_read),
        cmocka_unit_test(classes_are_told_apart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
