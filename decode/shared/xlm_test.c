/* SPDX-License-Identifier: Apache-2.0 */
/* Excel 4.0 macros of packages, in XML and in BIFF12: the lines that they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decode/harness.h"
#include "decode/ooxml/ooxml_build.h"
#include "decode/shared/xlm.h"

#define MACRO_TYPE "application/vnd.ms-excel.macrosheet+xml"
#define SHEET_REL(id, kind, target)                                                                \
    "<Relationship Id=\"" id "\" Type=\"http://schemas.microsoft.com/office/2006/relationships/" kind "\" Target=\"" target "\"/>"
#define BOOK(sheets, names) "<workbook><sheets>" sheets "</sheets><definedNames>" names "</definedNames></workbook>"
#define ONE_SHEET BOOK("<sheet name=\"M\" r:id=\"r1\"/>", "")
#define ONE_REL RELS(SHEET_REL("r1", "xlMacrosheet", "macrosheets/sheet1.xml"))
#define MACROS(cells) "<xm:macrosheet><sheetData>" cells "</sheetData></xm:macrosheet>"
#define XLSM(book, rels, strings, sheet)                                                           \
    { SHEET_TYPES, MEMBER("xl/workbook.xml", book), MEMBER("xl/_rels/workbook.xml.rels", rels),    \
      MEMBER("xl/sharedStrings.xml", strings), MEMBER("xl/macrosheets/sheet1.xml", sheet), { NULL, { 0 } } }

static const struct {
    const char *what;
    struct member members[6];
    const char *code;
} books[] = {
    { "a formula", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<row r=\"1\"><c r=\"A1\"><f>EXEC(\"a\")</f><v>0</v></c></row>")),
      "sheet M: macro\nM!A1: =EXEC(\"a\")\t0\n" },
    { "its text, in quotes", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<c r=\"B2\" t=\"str\"><f>\"a\"&amp;B3</f><v>a\"b</v></c>")),
      "sheet M: macro\nM!B2: =\"a\"&B3\t\"a\"\"b\"\n" },
    { "any root and prefix", XLSM(ONE_SHEET, ONE_REL, "", "<q:x><q:c r=\"A1\"><q:f>HALT()</q:f></q:c></q:x>"),
      "sheet M: macro\nM!A1: =HALT()\n" },
    { "shared strings, readings left out", XLSM(ONE_SHEET, ONE_REL, "<sst><si><t>no</t></si><si><r><t>y</t></r><r><t>es</t></r><rPh><t>x</t></rPh></si></sst>",
      MACROS("<c r=\"A1\" t=\"s\"><v>1</v></c>")), "sheet M: macro\nM!A1: \"yes\"\n" },
    { "string that is not there", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<c r=\"A1\" t=\"s\"><v>7</v></c>")), "sheet M: macro\nM!A1:\n" },
    { "inline, truth, error, number", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c><c r=\"B1\" t=\"b\"><v>1</v></c><c t=\"e\"><v>#REF!</v></c><c><v>2.5</v></c>")),
      "sheet M: macro\nM!A1: \"a\"\nM!B1: TRUE\nM!C1: #REF!\nM!D1: 2.5\n" },
    { "formula over several lines", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<c r=\"A1\"><f>EXEC(\n\"a\")</f></c>")), "sheet M: macro\nM!A1: =EXEC( \"a\")\n" },
    { "shared formula", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<c r=\"A1\"><f t=\"shared\" si=\"0\" ref=\"A1:A2\">BEEP()</f></c><c r=\"A2\"><f t=\"shared\" si=\"0\"/></c>")),
      "sheet M: macro\nM!A1: =BEEP()\nM!A2: =BEEP()\n" },
    { "states and names", XLSM(BOOK("<sheet name=\"a b\" r:id=\"r1\" state=\"veryHidden\"/><sheet name=\"S\" r:id=\"r9\" state=\"hidden\"/>",
      "<definedName name=\"_xlnm.Auto_Open\" hidden=\"1\">'a b'!$A$1</definedName><definedName name=\"t\">\"x\"</definedName>"), ONE_REL, "", MACROS("<c r=\"A1\"><f>HALT()</f></c>")),
      "sheet 'a b': macro, very hidden\nsheet S: worksheet, hidden\nname _xlnm.Auto_Open (hidden): ='a b'!$A$1\nname t: =\"x\"\n'a b'!A1: =HALT()\n" },
    { "sheet that the book does not list", XLSM(BOOK("", ""), "", "", MACROS("<c r=\"A1\"><f>HALT()</f></c>")), "sheet sheet1: macro\nsheet1!A1: =HALT()\n" },
    { "never closed", XLSM(ONE_SHEET, ONE_REL, "", "<xm:macrosheet><c r=\"A1\"><f>HALT()</c><c r='A2'><f>BEEP()</f></c"), "sheet M: macro\nM!A1: =HALT()\nM!A2: =BEEP()\n" },
    { "no places", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<row><c><f>A()</f></c><c><f>B()</f></c></row><row><c><f>C()</f></c></row>")),
      "sheet M: macro\nM!A1: =A()\nM!B1: =B()\nM!A2: =C()\n" },
    { "absurd places", XLSM(ONE_SHEET, ONE_REL, "", MACROS("<row r=\"0\"><c r=\"ZZZZ9\"><f>A()</f></c><c r=\"A0\"><f>B()</f></c><c r=\"A99999999\"><f>C()</f></c></row>")),
      "sheet M: macro\nM!A1: =A()\nM!B1: =B()\nM!C1: =C()\n" },
    { "empty", XLSM(ONE_SHEET, ONE_REL, "", ""), "sheet M: macro\n" },
};

static struct tally *walk(const char *name, const struct member *members)
{
    struct buf b = package(members);
    struct tally *t = tally_run(&(struct tally_options){ .name = name }, buf_slice(&b));
    buf_drop(&b);
    tally_check(t);
    return t;
}

static slice code_of(const struct tally *t)
{
    uint32_t part = tally_part_typed(t, "xlm-macro");
    return part == NO_ID ? (slice){ 0 } : tally_view(t, FACT_XLM_CODE, part);
}

static void macro_sheets_in_xml(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof books / sizeof books[0]; i++) {
        struct tally *t = walk("a.xlsm", books[i].members);
        if (!slice_is(code_of(t), books[i].code))
            fail_msg("%s: \"%.*s\"", books[i].what, SLICE_FMT(code_of(t)));
        tally_drop(&t);
    }
}

/* How cells look is told where the macros ask for it, by the numbers they ask with. */
static void looks_of_cells(void **state)
{
    static const struct member members[] = {
        SHEET_TYPES,
        MEMBER("xl/workbook.xml", ONE_SHEET),
        MEMBER("xl/_rels/workbook.xml.rels", ONE_REL),
        MEMBER("xl/styles.xml", "<styleSheet><fonts><font><sz val=\"11\"/><color theme=\"1\"/></font><font><b/><i val=\"0\"/><sz val=\"8.5\"/><color rgb=\"FF008080\"/></font></fonts>"
                                "<fills><fill><patternFill patternType=\"none\"/></fill><fill><patternFill><fgColor rgb=\"FF0000FF\"/></patternFill></fill></fills>"
                                "<cellXfs><xf fontId=\"0\" fillId=\"0\"/><xf fontId=\"1\" fillId=\"1\"><alignment horizontal=\"distributed\" vertical=\"top\"/></xf><xf fontId=\"99\" fillId=\"99\"/></cellXfs></styleSheet>"),
        MEMBER("xl/macrosheets/sheet1.xml", "<xm:macrosheet><sheetFormatPr defaultRowHeight=\"15\"/><sheetData><row r=\"1\" ht=\"9.95\"><c r=\"A1\"><f>GET.CELL(19,B1)</f></c><c r=\"B1\" s=\"1\"/></row>"
                                            "<row r=\"2\" s=\"1\" ht=\"x\"><c r=\"C2\" s=\"77\"/><c r=\"D2\" s=\"2\"/></row></sheetData></xm:macrosheet>"),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk("a.xlsm", members);
    slice want = SLICE_LIT("sheet M: macro\nM!A1: =GET.CELL(19,B1)\nformat M!: 8=1 19=11 20=0 21=0 24=0 38=0 50=3\nformat M!: 17=15\nformat M!1: 17=9.95\n"
                           "format M!B1: 8=8 19=8.5 20=1 21=0 24=14 38=5 50=1\nformat M!2: 17=15\nformat M!2: 8=8 19=8.5 20=1 21=0 24=14 38=5 50=1\n"
                           "format M!D2: 8=1 19=11 20=0 21=0 24=0 38=0 50=3\n");
    if (!slice_eq(code_of(t), want))
        fail_msg("\"%.*s\"", SLICE_FMT(code_of(t)));
    tally_drop(&t);
}

/* Cells of ordinary sheets come behind, and their text is still read as text. */
static void cells_beside(void **state)
{
    static const struct member members[] = {
        SHEET_TYPES,
        MEMBER("xl/workbook.xml", BOOK("<sheet name=\"S\" r:id=\"r1\"/><sheet name=\"M\" r:id=\"r2\"/>", "")),
        MEMBER("xl/_rels/workbook.xml.rels", RELS(SHEET_REL("r1", "worksheet", "worksheets/sheet1.xml") SHEET_REL("r2", "xlMacrosheet", "odd/name.xml"))),
        MEMBER("xl/sharedStrings.xml", "<sst><si><t>piece of text</t></si></sst>"),
        MEMBER("xl/worksheets/sheet1.xml", "<worksheet><c r=\"C3\" t=\"s\"><f>A1</f><v>0</v></c></worksheet>"),
        MEMBER("xl/odd/name.xml", MACROS("<c r=\"A1\"><f>EXEC(S!C3)</f></c>")),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk("a.xlsm", members);
    assert_true(slice_is(code_of(t), "sheet S: worksheet\nsheet M: macro\nM!A1: =EXEC(S!C3)\nS!C3: \"piece of text\"\n"));
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), "piece of text\n"));
    assert_int_equal(t->r.n_unread, 0);
    tally_drop(&t);
}

/* --- BIFF12 */

static void record(struct buf *b, unsigned type, slice data)
{
    if (type > 127)
        buf_byte(b, (uint8_t)(type | 0x80));
    buf_byte(b, (uint8_t)(type > 127 ? type >> 7 : type));
    buf_byte(b, (uint8_t)(0x80 | (data.len & 0x7f)));
    buf_byte(b, (uint8_t)(data.len >> 7));
    buf_put(b, data);
}

#define WIDE_M "\1\0\0\0M\0"
#define CELL(col) col "\0\0\0\0\0\0\0"
#define CODE12(len, tokens) len "\0\0\0" tokens "\0\0\0\0"

static const struct {
    const char *what;
    struct { unsigned type; slice data; } records[4];
    const char *code;
} sheets[] = {
    { "a formula and its text", { { 8, SLICE_INIT(CELL("\0") "\1\0\0\0a\0" "\0\0" CODE12("\3", "\x1e\7\0")) } }, "M!A1: =7\t\"a\"\n" },
    { "a formula and its number", { { 9, SLICE_INIT(CELL("\1") "\0\0\0\0\0\0\xf8\x3f" "\0\0" CODE12("\3", "\x1e\7\0")) } }, "M!B1: =7\t1.5\n" },
    { "truth and error", { { 10, SLICE_INIT(CELL("\0") "\1" "\0\0" CODE12("\3", "\x1e\7\0")) }, { 11, SLICE_INIT(CELL("\1") "\x17" "\0\0" CODE12("\3", "\x1e\7\0")) } },
      "M!A1: =7\tTRUE\nM!B1: =7\t#REF!\n" },
    { "a sheet and a name", { { 9, SLICE_INIT(CELL("\0") "\0\0\0\0\0\0\0\0" "\0\0" CODE12("\x0f", "\x3a\0\0\4\0\0\0\1\0\x23\1\0\0\0\x08")) } }, "M!A1: =M!$B$5&Auto_Open\t0\n" },
    { "constants", { { 2, SLICE_INIT(CELL("\0") "\x2b\0\0\0") }, { 5, SLICE_INIT(CELL("\1") "\0\0\0\0\0\0\xf8\x3f") }, { 6, SLICE_INIT(CELL("\2") "\1\0\0\0a\0") }, { 7, SLICE_INIT(CELL("\3") "\0\0\0\0") } },
      "M!A1: 0.1\nM!B1: 1.5\nM!C1: \"a\"\nM!D1: \"abc\"\n" },
    { "rows", { { 0, SLICE_INIT("\x09\0\0\0") }, { 4, SLICE_INIT(CELL("\0") "\1") } }, "M!A10: TRUE\n" },
    { "shared", { { 9, SLICE_INIT(CELL("\0") "\0\0\0\0\0\0\0\0" "\0\0" "\5\0\0\0" "\1\0\0\0\0" "\4\0\0\0" "\0\0\0\0") }, { 427, SLICE_INIT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" CODE12("\3", "\x1e\x08\0")) } },
      "M!A1: =8\t0\n" },
    { "cut off", { { 9, SLICE_INIT(CELL("\0") "\0\0") }, { 8, SLICE_INIT(CELL("\0") "\xff\0\0\0a\0") }, { 2, SLICE_INIT("\0") } }, "" },
    { "longer than its record", { { 9, SLICE_INIT(CELL("\0") "\0\0\0\0\0\0\0\0" "\0\0" "\xff\xff\xff\xff" "\x1e\7\0") } }, "M!A1: =7\t0\n" },
};

static void macro_sheets_in_records(void **state)
{
    static const char head[] = "sheet M: macro, very hidden\nname Auto_Open (hidden): =M!$A$1\n";
    (void)state;
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        struct buf book = buf_new(4096), sheet = buf_new(4096);
        record(&book, 156, SLICE_LIT("\2\0\0\0\1\0\0\0" "\2\0\0\0r\0\x31\0" WIDE_M));
        record(&book, 357, (slice){ 0 });
        record(&book, 362, SLICE_LIT("\1\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0"));
        record(&book, 39, SLICE_LIT("\1\0\0\0\0\xff\xff\xff\xff" "\x09\0\0\0A\0u\0t\0o\0_\0O\0p\0e\0n\0" CODE12("\x09", "\x3a\0\0\0\0\0\0\0\0")));
        for (size_t k = 0; k < 4 && sheets[i].records[k].data.at; k++)
            record(&sheet, sheets[i].records[k].type, sheets[i].records[k].data);
        const struct member members[] = {
            MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/xl/workbook.bin", BINARY_MAIN))),
            { "xl/workbook.bin", buf_slice(&book) },
            MEMBER("xl/_rels/workbook.bin.rels", RELS(SHEET_REL("r1", "xlMacrosheet", "macrosheets/sheet1.bin"))),
            MEMBER("xl/sharedStrings.bin", "\x13\x0b\0\3\0\0\0a\0b\0c\0"),
            { "xl/macrosheets/sheet1.bin", buf_slice(&sheet) },
            { NULL, { 0 } }
        };
        struct tally *t = walk("a.xlsb", members);
        slice code = code_of(t);
        if (!slice_starts(code, slice_of(head)) || !slice_is(slice_from(code, sizeof head - 1), sheets[i].code))
            fail_msg("%s: \"%.*s\"", sheets[i].what, SLICE_FMT(code));
        assert_true(tally_has(t, FACT_OFFICE_AUTO_NAME, "Auto_Open"));
        tally_drop(&t);
        buf_drop(&book);
        buf_drop(&sheet);
    }
}

/* What the workbook says of itself. */
static void facts_of_the_book(void **state)
{
    static const struct {
        const char *what;
        struct member members[4];
        enum fact_id id;
        const char *text; /* NULL: none */
    } rows[] = {
        { "path", { SHEET_TYPES, MEMBER("xl/workbook.xml", "<workbook><x15ac:absPath url=\"C:\\a\\\"/></workbook>") }, FACT_OFFICE_PATH, "C:\\a\\" },
        { "text in a name", { SHEET_TYPES, MEMBER("xl/workbook.xml", BOOK("", "<definedName name=\"n\">\"abc\"</definedName>")) }, FACT_OFFICE_NAME, "n = \"abc\"" },
        { "hidden name", { SHEET_TYPES, MEMBER("xl/workbook.xml", BOOK("", "<definedName name=\"n\" hidden=\"true\">1</definedName>")) }, FACT_OFFICE_NAME_HIDDEN, "n" },
        { "Excel's own hidden name", { SHEET_TYPES, MEMBER("xl/workbook.xml", BOOK("", "<definedName name=\"_xlnm._FilterDatabase\" hidden=\"1\">S!$A$1</definedName>")) }, FACT_OFFICE_NAME_HIDDEN, NULL },
        { "CALL in a cell", { SHEET_TYPES, MEMBER("xl/workbook.xml", ONE_SHEET), MEMBER("xl/worksheets/sheet1.xml", "<c r=\"A1\"><f>CALL(\"a\",\"b\")</f></c>") }, FACT_OFFICE_FORMULA, "CALL(\"a\",\"b\")" },
        { "another function", { SHEET_TYPES, MEMBER("xl/workbook.xml", ONE_SHEET), MEMBER("xl/worksheets/sheet1.xml", "<c r=\"A1\"><f>RECALL(1)</f></c>") }, FACT_OFFICE_FORMULA, NULL },
        { "CALL in a text", { SHEET_TYPES, MEMBER("xl/workbook.xml", ONE_SHEET), MEMBER("xl/worksheets/sheet1.xml", "CALL(CALL(") }, FACT_OFFICE_FORMULA, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tally *t = walk("a.xlsx", rows[i].members);
        bool good = rows[i].text ? tally_has(t, rows[i].id, rows[i].text) : tally_facts(t, rows[i].id) == 0;
        if (!good)
            fail_msg("%s: \"%.*s\"", rows[i].what, SLICE_FMT(tally_text(t, rows[i].id, 0)));
        tally_drop(&t);
    }
}

static void auto_names(void **state)
{
    static const struct {
        const char *name;
        bool starts;
    } names[] = { { "Auto_Open", true }, { "_xlnm.auto_close1", true }, { " AUTO_ACTIVATE", true }, { "my_auto_open", false }, { "", false }, { "auto", false } };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(xlm_is_auto_name(slice_of(names[i].name)), names[i].starts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(macro_sheets_in_xml),
        cmocka_unit_test(looks_of_cells),
        cmocka_unit_test(cells_beside),
        cmocka_unit_test(macro_sheets_in_records),
        cmocka_unit_test(facts_of_the_book),
        cmocka_unit_test(auto_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
