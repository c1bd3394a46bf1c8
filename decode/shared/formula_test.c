/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/shared/formula.h"
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

enum { B5 = FORMULA_BIFF5, B8 = FORMULA_BIFF8, B12 = FORMULA_BIFF12 };

static void name(void *host, uint32_t index, struct buf *out)
{
    (void)host;
    if (index == 1)
        buf_text(out, "total");
}

static void sheet(void *host, uint32_t xti, uint32_t tab, struct buf *out)
{
    (void)host;
    if (xti == FORMULA_OWN_SHEET)
        buf_format(out, "Tab%u!", tab);
    else if (xti < 2)
        buf_text(out, xti ? "'a b'!" : "S!");
}

static void extern_name(void *host, uint32_t xti, uint32_t index, struct buf *out)
{
    (void)host;
    if (index == 1)
        buf_format(out, "x%u", xti);
}

static const struct formula_book book = { NULL, name, sheet, extern_name };

#define INT(n) "\x1e" n "\0"

static const struct {
    const char *what;
    int kind;
    slice code, extra;
    const char *text;
    bool whole;
} rows[] = {
    { "number", B8, SLICE_INIT("\x1f\0\0\0\0\0\0\xf8\x3f"), { NULL, 0 }, "1.5", true },
    { "operators in order", B8, SLICE_INIT(INT("\1") INT("\2") "\x03" INT("\3") "\x05\x15"), { NULL, 0 }, "(1+2*3)", true },
    { "comparison and join", B8, SLICE_INIT(INT("\1") INT("\2") "\x0d" INT("\3") "\x08"), { NULL, 0 }, "1>2&3", true },
    { "signs and percent", B8, SLICE_INIT(INT("\5") "\x13\x14\x12"), { NULL, 0 }, "+-5%", true },
    { "text with a quote", B8, SLICE_INIT("\x17\3\0a\"b"), { NULL, 0 }, "\"a\"\"b\"", true },
    { "text stays on its line", B8, SLICE_INIT("\x17\3\0a\nb"), { NULL, 0 }, "\"a b\"", true },
    { "wide text", B8, SLICE_INIT("\x17\1\1\x42\x30"), { NULL, 0 }, "\"あ\"", true },
    { "half a pair", B8, SLICE_INIT("\x17\1\1\x42\xd8"), { NULL, 0 }, "\"\"", true },
    { "text of BIFF5 in its code page", B5, SLICE_INIT("\x17\4\x90\xbf\x8b\x81"), { NULL, 0 }, "\"請求\"", true },
    { "text of BIFF12", B12, SLICE_INIT("\x17\2\0a\0b\0"), { NULL, 0 }, "\"ab\"", true },
    { "reference, fixed", B8, SLICE_INIT("\x24\1\0\2\0"), { NULL, 0 }, "$C$2", true },
    { "reference, relative", B8, SLICE_INIT("\x44\1\0\2\xc0"), { NULL, 0 }, "C2", true },
    { "reference of BIFF5", B5, SLICE_INIT("\x44\1\xc0\2"), { NULL, 0 }, "C2", true },
    { "reference of BIFF12", B12, SLICE_INIT("\x44\xff\xff\x0f\0\xff\x3f"), { NULL, 0 }, "$XFD$1048576", true },
    { "area", B8, SLICE_INIT("\x25\0\0\4\0\0\0\1\xc0"), { NULL, 0 }, "$A$1:B5", true },
    { "offset upwards wraps", B8, SLICE_INIT("\x2c\xff\xff\xff\xc0"), { NULL, 0 }, "C4", true },
    { "offset of BIFF12 wraps", B12, SLICE_INIT("\x2c\xff\xff\x0f\0\xff\xff"), { NULL, 0 }, "C4", true },
    { "sheet", B8, SLICE_INIT("\x3a\1\0\0\0\0\0"), { NULL, 0 }, "'a b'!$A$1", true },
    { "sheet that is not there", B8, SLICE_INIT("\x3a\x09\0\0\0\0\0"), { NULL, 0 }, "#REF!$A$1", true },
    { "sheet of BIFF5", B5, SLICE_INIT("\x3a\xff\xff\0\0\0\0\0\0\0\0\3\0\3\0\0\0\0"), { NULL, 0 }, "Tab3!$A$1", true },
    { "name", B8, SLICE_INIT("\x23\1\0\0\0"), { NULL, 0 }, "total", true },
    { "name that is not there", B8, SLICE_INIT("\x23\x07\0\0\0"), { NULL, 0 }, "_name7", true },
    { "name from elsewhere", B8, SLICE_INIT("\x39\2\0\1\0\0\0"), { NULL, 0 }, "x2", true },
    { "function, fixed", B8, SLICE_INIT(INT("\x41") "\x41\x6f\0"), { NULL, 0 }, "CHAR(65)", true },
    { "function, variable, first argument missing", B8, SLICE_INIT("\x16" INT("\1") "\x42\2\4\0"), { NULL, 0 }, "SUM(,1)", true },
    { "command", B8, SLICE_INIT(INT("\1") "\x42\1\x60\x80"), { NULL, 0 }, "FORMULA(1)", true },
    { "command with its dialog", B8, SLICE_INIT("\x42\x80\1\x80"), { NULL, 0 }, "OPEN?()", true },
    { "function of the user", B8, SLICE_INIT("\x23\1\0\0\0" INT("\1") INT("\2") "\x42\3\xff\0"), { NULL, 0 }, "total(1,2)", true },
    { "function of BIFF12, fixed", B12, SLICE_INIT("\x17\1\0f\0\x41\x81\1"), { NULL, 0 }, "HEX2DEC(\"f\")", true },
    { "IFERROR of BIFF12", B12, SLICE_INIT(INT("\1") INT("\2") "\x41\xe0\1"), { NULL, 0 }, "IFERROR(1,2)", true },
    { "macro function, fixed", B8, SLICE_INIT(INT("\1") INT("\2") INT("\3") "\x41\x09\1"), { NULL, 0 }, "ENABLE.TOOL(1,2,3)", true },
    { "unknown function", B8, SLICE_INIT(INT("\1") "\x42\1\xf0\x0f"), { NULL, 0 }, "FUNCTION.FF0(1)", true },
    { "unknown command", B8, SLICE_INIT("\x42\0\xff\xff"), { NULL, 0 }, "COMMAND.7FFF()", true },
    { "sum by attribute", B8, SLICE_INIT(INT("\1") "\x19\x10\0\0"), { NULL, 0 }, "SUM(1)", true },
    { "jump table is stepped over", B8, SLICE_INIT("\x19\4\1\0\0\0\0\0" INT("\1")), { NULL, 0 }, "1", true },
    { "spaces and volatile", B8, SLICE_INIT("\x19\x40\0\1\x19\1\0\0" INT("\1")), { NULL, 0 }, "1", true },
    { "array", B8, SLICE_INIT("\x20\0\0\0\0\0\0\0"), SLICE_INIT("\1\0\0\2\2\0\0ab\4\1\0\0\0\0\0\0\0"), "{\"ab\",TRUE}", true },
    { "array of BIFF12", B12, SLICE_INIT("\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), SLICE_INIT("\1\0\0\0\2\0\0\0\1\1\0a\0\4\x17\0\0\0"), "{\"a\",#REF!}", true },
    { "remembered areas are not shown", B8, SLICE_INIT("\x26\0\0\0\0\3\0" INT("\1")), SLICE_INIT("\1\0\0\0\0\0\0\0\0\0"), "1", true },
    { "errors", B8, SLICE_INIT("\x1c\x2a"), { NULL, 0 }, "#N/A", true },
    { "all classes", B8, SLICE_INIT("\x64\0\0\0\0\x44\0\0\0\0\x08"), { NULL, 0 }, "$A$1&$A$1", true },
    /* damage */
    { "nothing", B8, { NULL, 0 }, { NULL, 0 }, "", false },
    { "operator without operands", B8, SLICE_INIT("\x03"), { NULL, 0 }, "+", false },
    { "operator with one", B8, SLICE_INIT(INT("\1") "\x08"), { NULL, 0 }, "1&", false },
    { "more arguments than operands", B8, SLICE_INIT(INT("\1") "\x42\x7f\4\0"), { NULL, 0 }, "SUM(1)", false },
    { "operands left over", B8, SLICE_INIT(INT("\1") INT("\2")), { NULL, 0 }, "1 2", false },
    { "text cut off", B8, SLICE_INIT("\x17\xff\0ab"), { NULL, 0 }, "\"\"", false },
    { "reference cut off", B8, SLICE_INIT(INT("\1") "\x24\1"), { NULL, 0 }, "1", false },
    { "unknown token behind one that is known", B8, SLICE_INIT(INT("\1") "\x7f"), { NULL, 0 }, "1", false },
    { "array without its constants", B8, SLICE_INIT("\x20\0\0\0\0\0\0\0"), { NULL, 0 }, "{}", true },
    { "array that is too large", B8, SLICE_INIT("\x20\0\0\0\0\0\0\0"), SLICE_INIT("\xff\xff\xff\4\1\0\0\0\0\0\0\0"), "{TRUE}", true },
};

static void each_token(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct formula_scratch s = { .mem = mem };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = buf_new(4096);
        struct formula f = { .kind = (enum formula_kind)rows[i].kind, .code = rows[i].code, .extra = rows[i].extra,
                             .row = 4, .col = 3, .codepage = 932, .mem = mem, .book = &book };
        bool whole = formula_text(&s, &f, &out);
        if (whole != rows[i].whole || !slice_is(buf_slice(&out), rows[i].text))
            fail_msg("%s: \"%.*s\" %d", rows[i].what, SLICE_FMT(buf_slice(&out)), whole);
        for (size_t n = 0; n < rows[i].code.len; n++) { /* every beginning ends well */
            buf_clear(&out);
            f.code = slice_sub(rows[i].code, 0, n);
            (void)formula_text(&s, &f, &out);
            f.book = NULL;
            (void)formula_text(&s, &f, &out);
            f.book = &book;
        }
        buf_drop(&out);
    }
    arena_drop(&mem);
}

/* Deep and broad: neither recursion nor a quadratic cost, and the text stays within its bound. */
static void large_formulas(void **state)
{
    enum { N = 60000 };
    static const slice shapes[][2] = {
        { SLICE_INIT("\x1e\1\0"), SLICE_INIT("\x13") },             /* ----1 */
        { SLICE_INIT("\x1e\1\0"), SLICE_INIT("\x1e\1\0\x08") },     /* 1&1&1 */
        { SLICE_INIT("\x1e\1\0"), SLICE_INIT("\x42\1\4\0") },       /* SUM(SUM( */
        { SLICE_INIT("\x1e\1\0"), SLICE_INIT("\x1e\1\0") },         /* 1 1 1 */
        { SLICE_INIT("\x1e\1\0"), SLICE_INIT("\x16\x42\x02\xff\0") }, /* user functions */
    };
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct arena *mem = arena_new(64 << 20);
        struct buf code = buf_new(1 << 20), out = buf_new(1 << 20);
        struct formula_scratch s = { .mem = mem };
        buf_put(&code, shapes[i][0]);
        for (int n = 0; n < N; n++)
            buf_put(&code, shapes[i][1]);
        struct formula f = { .kind = FORMULA_BIFF8, .code = buf_slice(&code), .mem = mem };
        (void)formula_text(&s, &f, &out);
        assert_true(out.len >= N && !arena_full(mem));
        buf_drop(&out);
        out = buf_new(100);
        (void)formula_text(&s, &f, &out);
        assert_true(out.len <= 100);
        buf_drop(&out);
        buf_drop(&code);
        arena_drop(&mem);
    }
}

static void no_memory(void **state)
{
    (void)state;
    struct arena *mem = arena_new(4096);
    struct formula_scratch s = { .mem = mem };
    struct buf code = buf_new(1 << 16), out = buf_new(100);
    for (int i = 0; i < 1000; i++)
        buf_put(&code, SLICE_LIT("\x1e\1\0"));
    struct formula f = { .kind = FORMULA_BIFF8, .code = buf_slice(&code), .mem = mem };
    assert_false(formula_text(&s, &f, &out));
    assert_false(formula_text(&s, &f, &out));
    buf_drop(&out);
    buf_drop(&code);
    arena_drop(&mem);
}

static void sheet_names(void **state)
{
    static const struct {
        const char *name, *text;
    } names[] = {
        { "Macro1", "Macro1" }, { "Sheet 1", "'Sheet 1'" }, { "it's", "'it''s'" }, { "", "''" },
        { "1st", "'1st'" },     { "集計", "集計" },         { "a!b", "'a!b'" },    { "a\nb", "'a b'" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf out = buf_new(100);
        formula_put_sheet(&out, slice_of(names[i].name));
        if (!slice_is(buf_slice(&out), names[i].text))
            fail_msg("%s: %.*s", names[i].name, SLICE_FMT(buf_slice(&out)));
        buf_drop(&out);
    }
}

static void shared_formulas_move(void **state)
{
    static const struct {
        const char *what, *formula;
        uint32_t down, right;
        const char *want;
    } moves[] = {
        { "relative", "A1+b2", 2, 1, "B3+C4" },
        { "fixed", "$A$1+$A1+A$1", 2, 1, "$A$1+$A3+B$1" },
        { "area", "SUM(A1:$B$2)", 1, 1, "SUM(B2:$B$2)" },
        { "columns and rows", "SUM(A:$B)+SUM(1:$2)", 3, 1, "SUM(B:$B)+SUM(4:$2)" },
        { "around the edge", "A1+XFD1048576", UINT32_MAX, UINT32_MAX, "XFD1048576+XFC1048575" },
        { "sheets", "S1!A1&'A1 ''A1'!A1&[1]A1!A1", 1, 0, "S1!A2&'A1 ''A1'!A2&[1]A1!A2" },
        { "text", "\"A1 \"\"A1\"&A1", 1, 0, "\"A1 \"\"A1\"&A2" },
        { "functions", "LOG10(A1)+A1(A1)", 1, 0, "LOG10(A2)+A1(A2)" },
        { "names that look like cells", "A1_+_A1+A1.B+ABCD1+XFE1+A1048577+A0+R1C1", 1, 0, "A1_+_A1+A1.B+ABCD1+XFE1+A1048577+A0+R1C1" },
        { "numbers", "1E5+1.5+12", 1, 1, "1E5+1.5+12" },
        { "columns of a table", "T[A1]+T[[#All],[A1]]+A1", 1, 0, "T[A1]+T[[#All],[A1]]+A2" },
        { "text without its end", "A1&\"A1", 1, 0, "A2&\"A1" },
        { "bracket without its end", "A1&[A1", 1, 0, "A2&[A1" },
        { "on one line", "A1\n&\"\n\"", 1, 0, "A2 &\" \"" },
        { "a column alone, a colon alone", "A:+A1:&:A1", 1, 0, "A:+A2:&:A2" },
    };
    struct buf b = buf_new(1 << 16);
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, moves) {
        buf_clear(&b);
        formula_put_shifted(&b, (slice){ (const uint8_t *)row->formula, strlen(row->formula) }, row->down, row->right);
        table_slice(&all, row->what, buf_slice(&b), row->want);
    }
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_token),
        cmocka_unit_test(large_formulas),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(sheet_names),
        cmocka_unit_test(shared_formulas_move),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
