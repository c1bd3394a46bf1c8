/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

#include "tests/table.h"

#define ROWS(t) (t), sizeof(t) / sizeof((t)[0])

static bool is_text(const struct tally *t, enum fact_id id, const char *want)
{
    return want ? tally_has(t, id, want) : tally_facts(t, id) == 0;
}

/* --- sheets and names */

static void put_record(struct buf *b, unsigned id, slice data)
{
    build_le(b, id, 2);
    build_le(b, data.len, 2);
    buf_put(b, data);
}

static const struct {
    const char *what;
    slice sheet, name, pass;
    bool macro, encrypted;
    const char *hidden, *starts;
} books[] = {
    { "a sheet", SLICE_INIT("\0\0\0\0\0\0\5\0Sheet"), { NULL, 0 }, { NULL, 0 }, false, false, NULL, NULL },
    { "hidden sheet", SLICE_INIT("\0\0\0\0\1\0\5\0Sheet"), { NULL, 0 }, { NULL, 0 }, false, false, "Sheet", NULL },
    { "very hidden, wide name", SLICE_INIT("\0\0\0\0\2\0\2\1\x42\x30\x44\x30"), { NULL, 0 }, { NULL, 0 }, false, false,
      "\xe3\x81\x82\xe3\x81\x84 (very hidden)", NULL },
    { "macro sheet", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), { NULL, 0 }, { NULL, 0 }, true, false, NULL, NULL },
    { "built-in Auto_Open", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"),
      SLICE_INIT("\x20\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1"), { NULL, 0 }, true, false, NULL, "Auto_Open" },
    { "spelled auto_open with a tail", SLICE_INIT("\0\0\0\0\0\0\1\0S"),
      SLICE_INIT("\0\0\0\x0b\0\0\0\0\0\0\0\0\0\0\0aUto_Openxy"), { NULL, 0 }, false, false, NULL, "aUto_Openxy" },
    { "ordinary name", SLICE_INIT("\0\0\0\0\0\0\1\0S"), SLICE_INIT("\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0total"), { NULL, 0 },
      false, false, NULL, NULL },
    { "password", SLICE_INIT("\0\0\0\0\0\0\1\0S"), { NULL, 0 }, SLICE_INIT("\0\0\1\2\3\4"), false, true, NULL, NULL },
    { "name longer than its record", SLICE_INIT("\0\0\0\0\1\0\xff\0Sh"), { NULL, 0 }, { NULL, 0 }, false, false, "Sh", NULL },
    { "empty records", { NULL, 0 }, SLICE_INIT(""), { NULL, 0 }, false, false, NULL, NULL },
    { "sheet says macro only in its own record", SLICE_INIT("\x08\0\0\0\0\0\1\0S"), { NULL, 0 }, { NULL, 0 }, true, false,
      NULL, NULL },
};

static void excel_sheets(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, books) {
        struct buf b = buf_new(4096);
        bool inner = row->sheet.len && row->sheet.at[0] == 8;
        put_record(&b, 0x809, SLICE_LIT("\0\6\5\0"));
        if (inner) /* a sheet's BOF where the BOUNDSHEET points, in front of it all the same */
            put_record(&b, 0x809, SLICE_LIT("\0\6\x40\0"));
        if (row->pass.len)
            put_record(&b, 0x2f, row->pass);
        put_record(&b, 0x85, row->sheet);
        if (row->name.at)
            put_record(&b, 0x18, row->name);
        put_record(&b, 0x0a, (slice){ 0 });
        const struct build_entry rows[] = { { BUILD_NONE, "Workbook", buf_slice(&b) } };
        struct image m = build_image(ROWS(rows), (slice){ 0 });
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        if (row->macro != (tally_fact(t, FACT_OFFICE_MACRO_SHEET) != NULL) ||
            row->macro != (tally_part_typed(t, "xlm-macro") != NO_ID) || tally_unread(t, UNREAD_NO_READER) ||
            row->encrypted != tally_unread(t, UNREAD_ENCRYPTED) ||
            (row->sheet.len && !is_text(t, FACT_OFFICE_SHEET_HIDDEN, row->hidden)) ||
            !is_text(t, FACT_OFFICE_AUTO_NAME, row->starts))
            table_wrong(&table, row->what, "hidden '%.*s'", SLICE_FMT(tally_text(t, FACT_OFFICE_SHEET_HIDDEN, 0)));
        tally_drop(&t);
        buf_drop(&m.bytes);
        buf_drop(&b);
    }
}

/* A picture that is cut into records is put together, where there is a macro sheet. */
static void pictures_of_books_with_macros(void **state)
{
    static const struct {
        const char *name;
        slice sheet, group, rest;
        unsigned rest_id;
        const char *size; /* NULL: none */
    } rows[] = {
        { "in one record", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), SLICE_INIT("head\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\10\2\0\0\0"), { NULL, 0 }, 0, "256x64" },
        { "goes on", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), SLICE_INIT("head\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1"), SLICE_INIT("\0\0\0\0\x40\10\2\0\0\0"), 0x3c, "256x64" },
        { "goes on in another group", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), SLICE_INIT("\1\0\0\0\0\x40\10\2\0\0\0"), 0xeb, "256x64" },
        { "something else follows", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1"), SLICE_INIT("\0\0\0\0\x40\10\2\0\0\0"), 0xec, NULL },
        { "no macros", SLICE_INIT("\0\0\0\0\0\0\5\0Sheet"), SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\10\2\0\0\0"), { NULL, 0 }, 0, NULL },
        { "no picture", SLICE_INIT("\0\0\0\0\0\1\5\0Macro"), SLICE_INIT("words"), { NULL, 0 }, 0, NULL },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct buf b = buf_new(4096);
        put_record(&b, 0x809, SLICE_LIT("\0\6\5\0\0\0\0\0"));
        put_record(&b, 0x85, row->sheet);
        put_record(&b, 0xeb, row->group);
        if (row->rest.len)
            put_record(&b, row->rest_id, row->rest);
        put_record(&b, 0x0a, (slice){ 0 });
        struct tally *r = tally_format("xls", buf_slice(&b));
        tally_check(r);
        if (!is_text(r, FACT_IMAGE_SIZE, row->size))
            table_wrong(&t, row->name, "'%.*s'", SLICE_FMT(tally_text(r, FACT_IMAGE_SIZE, 0)));
        tally_drop(&r);
        buf_drop(&b);
    }
}

/* --- text of workbooks: globals with SST, then a sheet, as records written out */

#define REC(id, len) id len "\0"
#define SHEET_BOF REC("\x09\x08", "\4") "\0\6\x10\0"
#define SHEET_BOF5 REC("\x09\x08", "\4") "\0\5\x10\0"
#define END REC("\x0a\0", "\0")
#define SST(len) REC("\xfc\0", len) "\1\0\0\0\1\0\0\0"
#define MORE(len) REC("\x3c\0", len)
#define CELL(row, column, string) REC("\xfd\0", "\x0a") row "\0" column "\0\x0f\0" string "\0\0\0"
#define LABEL(len, row, column) REC("\4\2", len) row "\0" column "\0\x0f\0"
#define BOX(n) REC("\xb6\1", "\x12") "\0\0\0\0\0\0\0\0\0\0" n "\0\0\0\0\0\0\0"
#define FORMULA REC("\6\0", "\6") "\0\0\0\0\x0f\0"

static const struct {
    const char *what;
    unsigned version;
    slice globals, sheet;
    const char *text; /* NULL: no view */
} texts[] = {
    { "two rows", 0x600, SLICE_INIT(SST("\x10") "\1\0\0a\1\0\0b"), SLICE_INIT(CELL("\0", "\0", "\0") CELL("\1", "\0", "\1")), "a\nb" },
    { "two columns", 0x600, SLICE_INIT(SST("\x10") "\1\0\0a\1\0\0b"), SLICE_INIT(CELL("\0", "\0", "\0") CELL("\0", "\5", "\1")), "a\tb" },
    { "rows out of order", 0x600, SLICE_INIT(SST("\x10") "\1\0\0a\1\0\0b"), SLICE_INIT(CELL("\1", "\0", "\1") CELL("\0", "\1", "\0") CELL("\0", "\0", "\1")), "b\ta\nb" },
    { "wide", 0x600, SLICE_INIT(SST("\x0f") "\2\0\1\x42\x30\x44\x30"), SLICE_INIT(CELL("\0", "\0", "\0")), "あい" },
    { "surrogates", 0x600, SLICE_INIT(SST("\x11") "\3\0\1\x42\xd8\xb7\xdf\x44\xd8"), SLICE_INIT(CELL("\0", "\0", "\0")), "\xf0\xa0\xae\xb7" },
    { "Latin-1, not windows-1252", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0\xe9"), SLICE_INIT(CELL("\0", "\0", "\0")), "\xc3\xa9" },
    { "rich and phonetic", 0x600, SLICE_INIT(SST("\x1d") "\1\0\x0c\1\0\3\0\0\0a" "\0\0\0\0" "xyz" "\1\0\0b"), SLICE_INIT(CELL("\0", "\0", "\1")), "b" },
    { "runs on, narrow to wide", 0x600, SLICE_INIT(SST("\x0c") "\3\0\0a" MORE("\5") "\1\x42\x30" "b\0"), SLICE_INIT(CELL("\0", "\0", "\0")), "aあb" },
    { "runs on, wide to narrow", 0x600, SLICE_INIT(SST("\x0d") "\3\0\1\x42\x30" MORE("\3") "\0bc"), SLICE_INIT(CELL("\0", "\0", "\0")), "あbc" },
    { "runs on before its first character", 0x600, SLICE_INIT(SST("\x0b") "\2\0\1" MORE("\7") "\0bc\1\0\0d"), SLICE_INIT(CELL("\0", "\0", "\0") CELL("\1", "\0", "\1")), "bc\nd" },
    { "breaks between strings: no flags", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a" MORE("\4") "\1\0\0b"), SLICE_INIT(CELL("\0", "\0", "\1")), "b" },
    { "breaks inside the runs: no flags", 0x600, SLICE_INIT(SST("\x10") "\1\0\x08\1\0a\0\0" MORE("\6") "\0\0\1\0\0b"), SLICE_INIT(CELL("\0", "\0", "\1")), "b" },
    { "breaks inside the header", 0x600, SLICE_INIT(SST("\x0d") "\1\0\0a\1" MORE("\3") "\0\0b"), SLICE_INIT(CELL("\0", "\0", "\1")), "b" },
    { "empty records between", 0x600, SLICE_INIT(SST("\x0c") "\2\0\0a" MORE("\0") MORE("\0") MORE("\2") "\0b"), SLICE_INIT(CELL("\0", "\0", "\0")), "ab" },
    { "half a character at the end of a record", 0x600, SLICE_INIT(SST("\x0e") "\2\0\1\x42\x30\x44" MORE("\3") "\1\x44\x30"), SLICE_INIT(CELL("\0", "\0", "\0")), "あい" },
    { "longer than all records", 0x600, SLICE_INIT(SST("\x0d") "\xff\xff\0ab"), SLICE_INIT(CELL("\0", "\0", "\0")), "ab" },
    { "absurd runs", 0x600, SLICE_INIT(SST("\x12") "\1\0\x0c\xff\xff\xff\xff\xff\xff" "a"), SLICE_INIT(CELL("\0", "\0", "\0")), "a" },
    { "string that is not there", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a"), SLICE_INIT(REC("\xfd\0", "\x0a") "\0\0\0\0\x0f\0\xff\xff\xff\xff"), NULL },
    { "no table", 0x600, { NULL, 0 }, SLICE_INIT(CELL("\0", "\0", "\0")), NULL },
    { "empty table", 0x600, SLICE_INIT(REC("\xfc\0", "\0")), SLICE_INIT(CELL("\0", "\0", "\0")), NULL },
    { "cell cut off", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a"), SLICE_INIT(REC("\xfd\0", "\x08") "\0\0\0\0\x0f\0\0\0"), NULL },
    { "label", 0x600, { NULL, 0 }, SLICE_INIT(LABEL("\x0d", "\0", "\0") "\2\0\1\x42\x30\x44\x30"), "あい" },
    { "label, other bits set", 0x600, { NULL, 0 }, SLICE_INIT(LABEL("\x0b", "\0", "\0") "\2\0\xfe" "ab"), "ab" },
    { "label that runs on", 0x600, { NULL, 0 }, SLICE_INIT(LABEL("\x0a", "\0", "\0") "\2\0\0a" MORE("\3") "\1\x42\x30"), "aあ" },
    { "label longer than its record", 0x600, { NULL, 0 }, SLICE_INIT(LABEL("\x0a", "\0", "\0") "\xff\0\0a" CELL("\1", "\0", "\0")), "a" },
    { "label of BIFF5", 0x500, { NULL, 0 }, SLICE_INIT(LABEL("\x0c", "\0", "\0") "\4\0\x90\xbf\x8b\x81"), "請求" },
    { "label of BIFF5, too long", 0x500, { NULL, 0 }, SLICE_INIT(LABEL("\x0a", "\0", "\0") "\xff\xff\x90\xbf"), "請" },
    { "rich label of BIFF5", 0x500, { NULL, 0 }, SLICE_INIT(REC("\xd6\0", "\x0b") "\0\0\0\0\x0f\0" "\2\0ab\0"), "ab" },
    { "what a formula shows", 0x600, { NULL, 0 }, SLICE_INIT(FORMULA REC("\7\2", "\5") "\2\0\0ab"), "ab" },
    { "text box", 0x600, { NULL, 0 }, SLICE_INIT(BOX("\3") MORE("\4") "\0a\nb" MORE("\x08") "\0\0\0\0\0\0\0\0"), "a\nb" },
    { "text box behind the cells", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a"), SLICE_INIT(BOX("\1") MORE("\3") "\1\x42\x30" CELL("\0", "\0", "\0")), "a\nあ" },
    { "text box in pieces", 0x600, { NULL, 0 }, SLICE_INIT(BOX("\3") MORE("\2") "\0a" MORE("\5") "\1\x42\x30" "c\0"), "aあc" },
    { "text box without its text", 0x600, { NULL, 0 }, SLICE_INIT(BOX("\3") CELL("\0", "\0", "\0")), NULL },
    { "text box longer than its text", 0x600, { NULL, 0 }, SLICE_INIT(BOX("\xff") MORE("\2") "\0a"), "a" },
    { "text box cut off", 0x600, { NULL, 0 }, SLICE_INIT(REC("\xb6\1", "\x0b") "\0\0\0\0\0\0\0\0\0\0\1" MORE("\2") "\0a"), NULL },
    { "chart inside the sheet", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a"), SLICE_INIT(SHEET_BOF END CELL("\0", "\0", "\0")), "a" },
    { "cell behind the end of the sheet", 0x600, SLICE_INIT(SST("\x0c") "\1\0\0a"), SLICE_INIT(END CELL("\0", "\0", "\0")), NULL },
    { "control characters", 0x600, SLICE_INIT(SST("\x10") "\5\0\0a\0\n\7b"), SLICE_INIT(CELL("\0", "\0", "\0")), "a  b" },
};

/* A book of one sheet; `gap`: bytes that belong to nothing in front of it; `bound`: BOUNDSHEETs,
 * of which the first is right. */
static struct image book_of(unsigned version, slice globals, slice sheet, size_t gap, size_t bound)
{
    struct buf b = buf_new(1 << 20);
    put_record(&b, 0x809, version == 0x600 ? SLICE_LIT("\0\6\5\0") : SLICE_LIT("\0\5\5\0"));
    put_record(&b, 0x42, SLICE_LIT("\xa4\x03")); /* 932 */
    size_t at = b.len + bound * 13 + globals.len + 4 + gap;
    for (size_t i = 0; i < bound; i++) {
        build_le(&b, 0x85, 2);
        build_le(&b, 9, 2);
        build_le(&b, at + i, 4);
        buf_put(&b, SLICE_LIT("\0\0\1\0S"));
    }
    buf_put(&b, globals);
    put_record(&b, 0x0a, (slice){ 0 });
    for (size_t i = 0; i < gap; i++)
        buf_byte(&b, 0xff);
    buf_put(&b, version == 0x600 ? SLICE_LIT(SHEET_BOF) : SLICE_LIT(SHEET_BOF5));
    buf_put(&b, sheet);
    put_record(&b, 0x0a, (slice){ 0 });
    const struct build_entry rows[] = { { BUILD_NONE, "Workbook", buf_slice(&b) } };
    struct image m = build_image(ROWS(rows), (slice){ 0 });
    buf_drop(&b);
    return m;
}

static void excel_text(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, texts) {
        for (size_t how = 0; how < 3; how++) { /* plain; found by its place only; by its order only */
            struct image m = book_of(row->version, row->globals, row->sheet, how == 1 ? 33 : 0, how == 2 ? 0 : 1);
            struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
            tally_check(t);
            slice got = tally_view(t, FACT_DOCUMENT_TEXT, 0);
            if (!slice_is(got, row->text ? row->text : "") || !row->text != (t->r.n_views == 0))
                table_wrong(&table, row->what, "(%zu): \"%.*s\"", how, SLICE_FMT(got));
            assert_non_null(tally_fact(t, FACT_DOCUMENT_WORDS));
            assert_int_equal(t->r.n_unread, 0);
            tally_drop(&t);
            buf_drop(&m.bytes);
        }
    }
}

/* Shapes that make a reader do the same again and again. */
static void excel_floods(void **state)
{
    enum { CELLS, SHEETS, EMPTY, SILENT, STRINGS, KINDS };
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct buf globals = buf_new(60 << 10), sheet = buf_new(60 << 10);
        bool silent = kind == SILENT;
        buf_put(&globals, kind == CELLS || silent ? SLICE_LIT("\xfc\0\x0b\x1f\1\0\0\0\1\0\0\0\0\x1f\0") : SLICE_LIT(SST("\x0b") "\1\0\0"));
        for (int i = 0; i < 0x1f00 && (kind == CELLS || silent); i++)
            buf_byte(&globals, silent ? 0 : 'a');
        for (int i = 0; i < 3000 && kind == EMPTY; i++)
            put_record(&globals, 0x3c, (slice){ 0 });
        for (int i = 0; i < 3000 && kind == STRINGS; i++)
            put_record(&globals, 0x3c, SLICE_LIT("\0\0\0"));
        for (int i = 0; i < 2000 && kind != SHEETS; i++)
            buf_put(&sheet, SLICE_LIT(CELL("\0", "\0", "\0")));
        for (int i = 0; i < 3000 && kind == SHEETS; i++) /* each of them looks like a sheet */
            buf_put(&sheet, SLICE_LIT("\x09\x09\0\0"));
        struct image m = book_of(0x600, buf_slice(&globals), buf_slice(&sheet), 0, kind == SHEETS ? 1000 : 1);
        struct budget budget = budget_default();
        struct tally *t = tally_run(&(struct tally_options){ .format = "cfb", .budget = &budget }, buf_slice(&m.bytes));
        tally_check(t);
        if (kind == CELLS)
            assert_true(tally_unread(t, UNREAD_LIMIT)); /* 2000 times 7936 characters */
        if (t->budget.left[BUDGET_WORK] < budget.left[BUDGET_WORK] - budget.left[BUDGET_WORK] / 8)
            fail_msg("%d: more than an eighth of the work", kind);
        tally_drop(&t);
        buf_drop(&m.bytes);
        buf_drop(&globals);
        buf_drop(&sheet);
    }
}

/* --- macros: the records of one macro sheet, as a file without its compound file */

#define F(row, col, len, result, cce) REC("\6\0", len) row "\0" col "\0\x0f\0" result "\0\0\0\0\0\0" cce "\0"
#define NUMBER(row) REC("\3\2", "\x0e") row "\0\0\0\x0f\0\0\0\0\0\0\0\xf0\x3f"
#define CHART_BOF REC("\x09\x08", "\4") "\0\6\x20\0"
#define ZERO "\0\0\0\0\0\0\0\0"
#define TEXT_RESULT "\0\0\0\0\0\0\xff\xff"

static const struct {
    const char *what;
    slice sheet;
    const char *code;
} macros[] = {
    { "a formula and its number", SLICE_INIT(F("\0", "\0", "\x19", "\0\0\0\0\0\0\xf8\x3f", "\3") "\x1e\1\0"), "Macro1!A1: =1\t1.5\n" },
    { "a formula and its text", SLICE_INIT(F("\0", "\1", "\x19", TEXT_RESULT, "\3") "\x1e\1\0" REC("\7\2", "\5") "\2\0\0ab"),
      "Macro1!B1: =1\t\"ab\"\n" },
    { "truth and error", SLICE_INIT(F("\0", "\0", "\x19", "\1\0\1\0\0\0\xff\xff", "\3") "\x1e\1\0" F("\1", "\0", "\x19", "\2\0\x17\0\0\0\xff\xff", "\3") "\x1e\1\0"),
      "Macro1!A1: =1\tTRUE\nMacro1!A2: =1\t#REF!\n" },
    { "text that never comes", SLICE_INIT(F("\0", "\0", "\x19", TEXT_RESULT, "\3") "\x1e\1\0"), "Macro1!A1: =1\n" },
    { "text of nobody", SLICE_INIT(REC("\7\2", "\5") "\2\0\0ab"), "" },
    { "formula longer than its record", SLICE_INIT(F("\0", "\0", "\x19", ZERO, "\xff") "\x1e\1\0"), "Macro1!A1: =1\t0\n" },
    { "shared, and its neighbour", SLICE_INIT(F("\0", "\0", "\x1b", ZERO, "\5") "\1\0\0\0\0" REC("\xbc\4", "\x0d") "\0\0\1\0\0\0\0\2\3\0\x1e\7\0"
      F("\1", "\0", "\x1b", ZERO, "\5") "\1\0\0\0\0"), "Macro1!A1: =7\t0\nMacro1!A2: =7\t0\n" },
    { "shared with nobody", SLICE_INIT(F("\0", "\0", "\x1b", ZERO, "\5") "\1\5\0\5\0"), "Macro1!A1: =#SHARED\t0\n" },
    { "array", SLICE_INIT(F("\0", "\0", "\x1b", ZERO, "\5") "\1\0\0\0\0" REC("\x21\2", "\x11") "\0\0\0\0\0\0\0\0\0\0\0\0\3\0\x1e\x08\0"), "Macro1!A1: =8\t0\n" },
    { "numbers", SLICE_INIT(REC("\3\2", "\x0e") "\0\0\0\0\x0f\0\0\0\0\0\0\0\xf0\x3f" REC("\x7e\2", "\x0a") "\1\0\0\0\x0f\0\x2b\0\0\0"),
      "Macro1!A1: 1\nMacro1!A2: 0.1\n" },
    { "many numbers", SLICE_INIT(REC("\xbd\0", "\x12") "\0\0\0\0\x0f\0\x06\0\0\0\x0f\0\x0a\0\0\0\1\0"), "Macro1!A1: 1\nMacro1!B1: 2\n" },
    { "label, truth, error", SLICE_INIT(LABEL("\x0a", "\0", "\0") "\1\0\0a" REC("\5\2", "\x08") "\1\0\0\0\x0f\0\1\0" REC("\5\2", "\x08") "\2\0\0\0\x0f\0\7\1"),
      "Macro1!A1: \"a\"\nMacro1!A2: TRUE\nMacro1!A3: #DIV/0!\n" },
    { "numbers that a chart draws", SLICE_INIT(CHART_BOF NUMBER("\0") REC("\x09\x08", "\4") "\0\6\x20\0" NUMBER("\1") END NUMBER("\2") END NUMBER("\3")),
      "Macro1!A4: 1\n" },
    { "formula in a chart", SLICE_INIT(CHART_BOF F("\0", "\0", "\x19", TEXT_RESULT, "\3") "\x1e\1\0" REC("\7\2", "\5") "\2\0\0ab"), "Macro1!A1: =1\t\"ab\"\n" },
    { "a sheet that is no chart inside", SLICE_INIT(SHEET_BOF NUMBER("\0") END NUMBER("\1")), "Macro1!A1: 1\nMacro1!A2: 1\n" },
    { "cells cut off", SLICE_INIT(REC("\3\2", "\4") "\0\0\0\0" REC("\6\0", "\6") "\0\0\0\0\x0f\0" REC("\xbd\0", "\0")), "" },
    { "quotes and line breaks in a label", SLICE_INIT(LABEL("\x0c", "\0", "\0") "\3\0\0\"\n="), "Macro1!A1: \"\"\" =\"\n" },
};

static void macro_sheets(void **state)
{
    static const char head[] = "sheet Macro1: macro\n";
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, macros) {
        struct buf b = buf_new(4096);
        put_record(&b, 0x809, SLICE_LIT("\0\6\x40\0\0\0\0\0"));
        buf_put(&b, row->sheet);
        put_record(&b, 0x0a, (slice){ 0 });
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.xls" }, buf_slice(&b));
        tally_check(t);
        uint32_t part = tally_part_typed(t, "xlm-macro");
        slice code = part == NO_ID ? (slice){ 0 } : tally_view(t, FACT_XLM_CODE, part);
        if (!slice_starts(code, slice_of(head)) || !slice_is(slice_from(code, sizeof head - 1), row->code))
            table_wrong(&table, row->what, "\"%.*s\"", SLICE_FMT(code));
        assert_int_equal(t->r.n_unread, 0);
        tally_drop(&t);
        for (size_t n = 0; n < b.len; n++) {
            t = tally_format("xls", slice_sub(buf_slice(&b), 0, n));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&b);
    }
}

/* --- what the book says of itself */

#define FONT(height, colour) REC("\x31\0", "\6") height "\0\0\0" colour "\0"
#define XF(font, pattern, ground) REC("\xe0\0", "\x14") font "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" pattern ground "\0"

static const struct {
    const char *what;
    slice globals, sheet;
    int64_t cells;
} unseen[] = {
    { "black", SLICE_INIT(FONT("\xc8", "\x08") XF("\0", "\0", "\0")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 0 },
    { "white", SLICE_INIT(FONT("\xc8", "\x09") XF("\0", "\0", "\0")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 1 },
    { "white on blue", SLICE_INIT(FONT("\xc8", "\x09") XF("\0", "\4", "\x0c")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 0 },
    { "blue on blue", SLICE_INIT(FONT("\xc8", "\x0c") XF("\0", "\4", "\x0c")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 1 },
    { "two points", SLICE_INIT(FONT("\x28", "\x08") XF("\0", "\0", "\0")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 1 },
    { "hidden column", { NULL, 0 }, SLICE_INIT(REC("\x7d\0", "\x0a") "\0\0\1\0\0\0\0\0\1\0" REC("\4\2", "\x0a") "\0\0\1\0\0\0\1\0\0a"), 1 },
    { "hidden row", { NULL, 0 }, SLICE_INIT(REC("\x08\2", "\x10") "\2\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0" REC("\4\2", "\x0a") "\2\0\0\0\0\0\1\0\0a"), 1 },
    { "other column", { NULL, 0 }, SLICE_INIT(REC("\x7d\0", "\x0a") "\5\0\1\0\0\0\0\0\1\0" REC("\4\2", "\x0a") "\0\0\1\0\0\0\1\0\0a"), 0 },
    { "format that is not there", SLICE_INIT(FONT("\xc8", "\x09") XF("\x63", "\0", "\0")), SLICE_INIT(REC("\4\2", "\x0a") "\0\0\0\0\0\0\1\0\0a"), 0 },
};

static void text_nobody_sees(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, unseen) {
        struct image m = book_of(0x600, row->globals, row->sheet, 0, 1);
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        const struct fact *f = tally_fact(t, FACT_OFFICE_HIDDEN_TEXT);
        if ((f ? f->number : 0) != row->cells)
            table_wrong(&table, row->what, "%d", f ? (int)f->number : 0);
        tally_drop(&t);
        buf_drop(&m.bytes);
    }
}

#define SELF REC("\xae\1", "\4") "\1\0\1\4"
#define SERVER REC("\xae\1", "\x0e") "\0\0\x09\0\0prog\3" "a.dl"

static const struct {
    const char *what;
    slice globals, sheet;
    enum fact_id id;
    const char *text; /* NULL: no such fact */
} links[] = {
    { "DDE server", SLICE_INIT(SERVER REC("\x23\0", "\x09") "\0\0\0\0\0\0\1\0x"), { NULL, 0 }, FACT_OFFICE_FIELD_DDE, "prog|a.dl" },
    { "DDE server without items", SLICE_INIT(SERVER), { NULL, 0 }, FACT_OFFICE_FIELD_DDE, "prog|a.dl" },
    { "object link", SLICE_INIT(SERVER REC("\x23\0", "\x09") "\x10\0\0\0\0\0\1\0x"), { NULL, 0 }, FACT_OFFICE_FIELD_DDE, NULL },
    { "own book", SLICE_INIT(SELF), { NULL, 0 }, FACT_OFFICE_FIELD_DDE, NULL },
    { "path longer than its record", SLICE_INIT(REC("\xae\1", "\7") "\0\0\xff\0\0a\3"), { NULL, 0 }, FACT_OFFICE_FIELD_DDE, "a|" },
    { "text in a name", SLICE_INIT(REC("\x18\0", "\x16") "\0\0\0\1\6\0\0\0\0\0\0\0\0\0\0n\x17\3\0abc"), { NULL, 0 }, FACT_OFFICE_NAME, "n = \"abc\"" },
    { "hidden name", SLICE_INIT(REC("\x18\0", "\x13") "\1\0\0\1\3\0\0\0\0\0\0\0\0\0\0n\x1e\1\0"), { NULL, 0 }, FACT_OFFICE_NAME_HIDDEN, "n" },
    { "hidden name of Excel's own", SLICE_INIT(REC("\x18\0", "\x13") "\x21\0\0\1\3\0\0\0\0\0\0\0\0\0\0\x0d\x1e\1\0"), { NULL, 0 }, FACT_OFFICE_NAME_HIDDEN, NULL },
    { "built-in name with a tail", SLICE_INIT(REC("\x18\0", "\x15") "\x20\0\0\3\3\0\0\0\0\0\0\0\0\0\0\1xy\x1e\1\0"), { NULL, 0 }, FACT_OFFICE_AUTO_NAME, "Auto_Openxy" },
    { "name that begins with a blank", SLICE_INIT(REC("\x18\0", "\x1c") "\0\0\0\x0a\3\0\0\0\0\0\0\0\0\0\0 auto_open\x1e\1\0"), { NULL, 0 }, FACT_OFFICE_AUTO_NAME, "auto_open" },
    { "name with what shows nothing", SLICE_INIT(REC("\x18\0", "\x26") "\0\0\0\x0a\3\0\0\0\0\0\0\0\0\0\1a\0u\0\x0b\x20t\0o\0_\0o\0p\0e\0n\0\x1e\1\0"), { NULL, 0 }, FACT_OFFICE_AUTO_NAME, "au\u200bto_open" },
    { "CALL on an ordinary sheet", { NULL, 0 }, SLICE_INIT(F("\0", "\0", "\x1d", ZERO, "\7") "\x1e\1\0\x42\1\x96\0"), FACT_OFFICE_FORMULA, "CALL(1)" },
    { "150 on an ordinary sheet", { NULL, 0 }, SLICE_INIT(F("\0", "\0", "\x19", ZERO, "\3") "\x1e\x96\0"), FACT_OFFICE_FORMULA, NULL },
};

static void links_and_names(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, links) {
        struct image m = book_of(0x600, row->globals, row->sheet, 0, 1);
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        if (!is_text(t, row->id, row->text))
            table_wrong(&table, row->what, "\"%.*s\"", SLICE_FMT(tally_text(t, row->id, 0)));
        tally_drop(&t);
        buf_drop(&m.bytes);
    }
}

/* One shared formula that a sheet full of cells writes out again and again: bounded, and told. */
static void endless_formulas(void **state)
{
    (void)state;
    struct buf b = buf_new(8 << 20);
    put_record(&b, 0x809, SLICE_LIT("\0\6\x40\0\0\0\0\0"));
    buf_put(&b, SLICE_LIT(F("\0", "\0", "\x1b", ZERO, "\5") "\1\0\0\0\0"));
    build_le(&b, 0x4bc, 2);
    build_le(&b, 8 + 2 + 8000, 2);
    buf_put(&b, SLICE_LIT("\0\0\xff\xff\0\0\0\0"));
    build_le(&b, 8000, 2);
    for (int i = 0; i < 2000; i++)
        buf_put(&b, SLICE_LIT("\x1f\0\0\0"));
    for (int i = 0; i < 60000; i++)
        buf_put(&b, SLICE_LIT(F("\0", "\0", "\x1b", ZERO, "\5") "\1\0\0\0\0"));
    struct tally *t = tally_run(&(struct tally_options){ .format = "xls", .ceiling = 256u << 20 }, buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&b);
}

/* What stands behind more records, sheets or books than are read is told as unread. */
static void more_than_is_read(void **state)
{
    (void)state;
    struct buf b = buf_new(64 << 20);
    put_record(&b, 0x809, SLICE_LIT("\0\6\5\0\0\0\0\0"));
    for (size_t i = 0; i < (8 << 20) + 1; i++)
        buf_put(&b, SLICE_LIT("\x99\0\0\0"));
    struct tally *t = tally_run(&(struct tally_options){ .format = "xls", .ceiling = 256u << 20 }, buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&b);
    struct image m = book_of(0x600, (slice){ 0 }, (slice){ 0 }, 0, 1025);
    t = tally_format("cfb", buf_slice(&m.bytes));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&m.bytes);
    struct build_entry rows[9];
    for (size_t i = 0; i < 9; i++)
        rows[i] = (struct build_entry){ BUILD_NONE, i % 2 ? "Book" : "Workbook", SLICE_LIT("\x09\x08\0\0") };
    m = build_image(ROWS(rows), (slice){ 0 });
    t = tally_format("cfb", buf_slice(&m.bytes));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&m.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_is_read),
        cmocka_unit_test(excel_sheets),
        cmocka_unit_test(pictures_of_books_with_macros),
        cmocka_unit_test(excel_text),
        cmocka_unit_test(excel_floods),
        cmocka_unit_test(macro_sheets),
        cmocka_unit_test(text_nobody_sees),
        cmocka_unit_test(links_and_names),
        cmocka_unit_test(endless_formulas),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
