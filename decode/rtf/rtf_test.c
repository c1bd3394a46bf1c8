/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

/* A package "a.txt" that holds "hello"; in hex, whole and in two pieces. */
#define HEAD "010500000200000008000000"
#define CLASS "5061636b61676500"
#define REST                                                                                       \
    "0000000000000000260000000200612e7478740043612e7478740000000300060000005c612e7478740005000000" \
    "68656c6c6f"
#define PACKAGE HEAD CLASS REST
#define OBJECT(hex) "{\\rtf1{\\object\\objemb{\\*\\objdata " hex "}}}"

struct expected {
    const char *in;
    size_t len; /* 0: of the text */
    const char *text; /* of the view; NULL: none is looked for */
    enum fact_id fact;
    const char *value; /* NULL: the fact must not be there; "" of a flag: it must */
};

#define NO_FACT FACT_FILE_TYPE, "rtf"
#define GOT FACT_FILE_PACKAGED, "\\a.txt"

static const struct {
    const char *what;
    struct expected e;
} cases[] = {
    { "plain", { "{\\rtf1 Hello\\par two}", 0, "Hello\ntwo", NO_FACT } },
    { "tables", { "{\\rtf1 a\\cell b\\row c}", 0, "a\tb\nc", NO_FACT } },
    { "symbols", { "{\\rtf1 a\\~b\\_c\\{d\\}\\\\\\emdash}", 0, "a\u00a0b-c{d}\\\u2014", NO_FACT } },
    { "line breaks are none", { "{\\rtf1 a\r\nb\\\nc}", 0, "ab\nc", NO_FACT } },
    { "unicode with its replacement", { "{\\rtf1 \\u26085?\\uc2\\u26412XX!}", 0, "\u65e5\u672c!", NO_FACT } },
    { "negative unicode", { "{\\rtf1\\uc0 \\u-225.\\u-247 -}", 0, "\uff1f.\uff09-", NO_FACT } },
    { "surrogates", { "{\\rtf1\\uc0\\u-10179 \\u-8704 }", 0, "\U0001f600", NO_FACT } },
    { "replacement in escapes", { "{\\rtf1\\uc2 \\u26085\\'93\\'fab}", 0, "\u65e5" "b", NO_FACT } },
    { "code page 932", { "{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b\\'83\\'5c}", 0, "\u65e5\u672c\u30bd", NO_FACT } },
    { "second half as it is", { "{\\rtf1\\ansicpg932 \\'83A\\'83\\\\x}", 0, "\u30a2\u30bdx", NO_FACT } },
    { "raw bytes", { "{\\rtf1\\ansicpg932 \x93\xfa" "b}", 0, "\u65e5" "b", NO_FACT } },
    { "code page of a font", { "{\\rtf1{\\fonttbl{\\f0\\fcharset128 x;}{\\f1\\fcharset204 y;}}\\f0\\'93\\'fa\\f1\\'ea}", 0, "\u65e5\u043a", NO_FACT } },
    { "font of a group ends with it", { "{\\rtf1{\\fonttbl{\\f1\\fcharset204 y;}}{\\f1\\'ea}\\'e9}", 0, "\u043a\u00e9", NO_FACT } },
    { "tables are no text", { "{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\stylesheet{\\s0 Normal;}}{\\info{\\title t}}x}", 0, "x", NO_FACT } },
    { "author", { "{\\rtf1{\\info{\\author Taro}}x}", 0, "x", FACT_OFFICE_AUTHOR, "Taro" } },
    { "picture", { "{\\rtf1{\\pict\\wmetafile8 0102}}", 0, NULL, FACT_DOCUMENT_IMAGE_ONLY, "" } },
    { "link", { "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"http://example.invalid/a\"}{\\fldrslt here}}}", 0, "here", FACT_URL_FULL, "http://example.invalid/a" } },
    { "shape link", { "{\\rtf1{\\*\\hl{\\hlsrc http://example.invalid/b}}}", 0, NULL, FACT_URL_FULL, "http://example.invalid/b" } },
    { "page in mail", { "{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}a\\htmlrtf b\\htmlrtf0 c}", 0, NULL, FACT_FILE_TYPE, "html" } },
    /* what hides */
    { "template on a server", { "{\\rtf1{\\*\\template //192.0.2.7/s/a.dotm}}", 0, NULL, FACT_OFFICE_EXTERNAL_TEMPLATE, "//192.0.2.7/s/a.dotm" } },
    { "template with other slashes", { "{\\rtf1{\\*\\template http:\\\\\\\\example.invalid\\\\a}}", 0, NULL, FACT_OFFICE_EXTERNAL_TEMPLATE, "http:\\\\example.invalid\\a" } },
    { "short head", { "{\\rtzzz x\\par y}", 0, "x\ny", NO_FACT } },
    { "upper case head", { "{\\RTF1 x}", 0, "x", NO_FACT } },
    { "head behind blanks", { " \r\n{\\rtf1 x}", 0, "x", NO_FACT } },
    { "never closed", { "{\\rtf1 x{\\b y", 0, "xy", NO_FACT } },
    { "braces too many", { "{\\rtf1 x}}}}} {\\b", 0, "x", NO_FACT } },
    { "unknown group", { "{\\rtf1 x{\\*\\zzz hidden}{\\zzz seen}}", 0, "xseen", NO_FACT } },
    { "binary hides braces", { "{\\rtf1 {\\pict\\bin3 }}}x}y}", 0, "y", NO_FACT } },
    { "binary past the end", { "{\\rtf1 x\\bin99999999 y}", 0, "x", NO_FACT } },
    { "negative binary", { "{\\rtf1\\bin-5 x}", 0, "x", NO_FACT } },
    { "number without bounds", { "{\\rtf1\\f99999999999999999999 x\\u99999999999 ?}", 0, NULL, NO_FACT } },
    { "template", { "{\\rtf1{\\*\\template http://example.invalid/t}x}", 0, "x", FACT_OFFICE_EXTERNAL_TEMPLATE, "http://example.invalid/t" } },
    { "template in unicode", { "{\\rtf1{\\*\\template \\uc0\\u65640 \\u65652 tp://example.invalid}x}", 0, "x", FACT_OFFICE_EXTERNAL_TEMPLATE, "http://example.invalid" } },
    { "template on a share", { "{\\rtf1{\\*\\template \\\\\\\\192.0.2.1\\\\a}x}", 0, "x", FACT_OFFICE_EXTERNAL_TEMPLATE, "\\\\192.0.2.1\\a" } },
    { "own template", { "{\\rtf1{\\*\\template C:\\\\t.dot}x}", 0, "x", FACT_OFFICE_TEMPLATE, "C:\\t.dot" } },
    { "DDE", { "{\\rtf1{\\field{\\*\\fldinst DDEAUTO c:\\\\\\\\cmd.exe \"/k x\"}}}", 0, NULL, FACT_OFFICE_FIELD_DDE, "DDEAUTO c:\\\\cmd.exe \"/k x\"" } },
    { "DDE in pieces", { "{\\rtf1{\\field{\\*\\fldinst {D}{\\b DE}{AUTO} cmd}}}", 0, NULL, FACT_OFFICE_FIELD_DDE, "DDEAUTO cmd" } },
    { "DDE spelled in numbers", { "{\\rtf1{\\field{\\*\\fldinst DDE {\\field{\\*\\fldinst QUOTE 99 109 100}} a}}}", 0, NULL, FACT_OFFICE_FIELD_DDE, "DDE cmd a" } },
    { "file taken in", { "{\\rtf1{\\field{\\*\\fldinst INCLUDETEXT \"http://example.invalid/x\"}}}", 0, NULL, FACT_OFFICE_EXTERNAL, "http://example.invalid/x" } },
    { "link to a file", { "{\\rtf1{\\field{\\*\\fldinst LINK Word.Document.8 \"http://example.invalid/y\" \"\"}}}", 0, NULL, FACT_OFFICE_EXTERNAL, "http://example.invalid/y" } },
    { "updates", { "{\\rtf1{\\object\\objupdate x}}", 0, NULL, FACT_OFFICE_OBJECT_UPDATE, "" } },
    { "updates in capitals", { "{\\rtf1{\\object\\objUPDATE x}}", 0, NULL, FACT_OFFICE_OBJECT_UPDATE, "" } },
    { "class", { "{\\rtf1{\\object{\\*\\objclass Equation.3}}}", 0, NULL, FACT_OFFICE_OBJECT_CLASS, "Equation.3" } },
    /* objects */
    { "package", { OBJECT(PACKAGE), 0, NULL, GOT } },
    { "plain data is not disguised", { OBJECT(PACKAGE), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, NULL } },
    { "blanks", { OBJECT("01 05\r\n0000\t" "0200000008000000" CLASS REST), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, NULL } },
    { "odd digit at the end", { OBJECT(PACKAGE "7"), 0, NULL, GOT } },
    { "odd digit at the beginning", { OBJECT("3" PACKAGE), 0, NULL, GOT } },
    { "any version", { OBJECT("ae5aee36" "0200000008000000" CLASS REST), 0, NULL, GOT } },
    { "capitals", { "{\\rtf1{\\object{\\*\\OBJDATA " PACKAGE "}}}", 0, NULL, GOT } },
    { "without a star", { "{\\rtf1{\\object\\objdata " PACKAGE "}}", 0, NULL, GOT } },
    { "outside of an object", { "{\\rtf1{\\*\\objdata " PACKAGE "}}", 0, NULL, GOT } },
    { "in what is skipped", { "{\\rtf1{\\*\\zzz{\\*\\objdata " PACKAGE "}}}", 0, NULL, GOT } },
    { "in a picture", { "{\\rtf1{\\pict{\\*\\objdata " PACKAGE "}}}", 0, NULL, GOT } },
    { "never closed data", { "{\\rtf1{\\object{\\*\\objdata " PACKAGE, 0, NULL, GOT } },
    { "escapes", { OBJECT(HEAD "7\\'415\\'30" CLASS "\\'2z" REST), 0, NULL, GOT } },
    { "escapes are told", { OBJECT(HEAD "7\\'41" CLASS REST), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, "escape" } },
    { "escapes that take a digit", { OBJECT("02\\'bb11\\'110f\\'cc51\\'11" "000002000000" "08000000" CLASS REST), 0, NULL, GOT } },
    { "symbols between", { OBJECT("\\+0\\+1\\~05" "00000200000008000000" CLASS REST), 0, NULL, GOT } },
    { "junk between", { OBJECT("zz01gg05!!" "00000200000008000000" CLASS REST), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, "junk" } },
    { "table in the data", { OBJECT("{\\listtable 77}" HEAD "{\\*\\fonttbl 1}" CLASS REST), 0, NULL, GOT } },
    { "digits in groups", { OBJECT("{0}{\\*\\par1 1}{\\b 0}5" "00000200000008000000" CLASS REST), 0, NULL, GOT } },
    { "unknown group in the data", { OBJECT(HEAD "{\\*\\zzz 99}" CLASS REST), 0, NULL, GOT } },
    { "unknown groups count", { OBJECT("{\\*\\zzz 01}" "0500000200000008000000" CLASS REST), 0, NULL, GOT } },
    { "groups are told", { OBJECT(HEAD "{\\object}" CLASS REST), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, "group" } },
    { "data in data", { OBJECT("{\\object\\objdata " HEAD "}" CLASS REST), 0, NULL, GOT } },
    { "binary in the data", { OBJECT(HEAD "\\bin7 Package" "00" REST), 0, NULL, GOT } },
    { "garbage first", { "{\\rtf1{\\object{\\*\\objdata 998877}{\\*\\objdata " PACKAGE "}}}", 0, NULL, GOT } },
    { "garbage alone", { OBJECT("3947e8672e6bad81536a8cb3538a2d9d1bf65b5a32784"), 0, NULL, FACT_OFFICE_OBJECT_CLASS, NULL } },
    { "garbage is not disguised", { OBJECT("3947{\\b}e8672e6bad81"), 0, NULL, FACT_OFFICE_OBJECT_DISGUISED, NULL } },
    { "zero bytes", { "{\\rtf1 a\0b}", 11, "a b", NO_FACT } },
};

static bool met(const struct tally *t, const struct expected *e)
{
    const struct fact *f = tally_fact(t, e->fact);
    if (!e->value)
        return !f;
    return f && (e->value[0] == 0 || tally_has(t, e->fact, e->value));
}

static void documents_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, cases) {
        const struct expected *e = &row->e;
        slice in = e->len ? (slice){ (const uint8_t *)e->in, e->len } : slice_of(e->in);
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.doc" }, in);
        tally_check(t);
        slice view = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (!slice_is(t->r.parts[0].type, "rtf"))
            table_wrong(&table, row->what, "type %.*s", SLICE_FMT(t->r.parts[0].type));
        if (e->text && !slice_is(view, e->text))
            table_wrong(&table, row->what, "text '%.*s'", SLICE_FMT(view));
        if (!met(t, e))
            table_wrong(&table, row->what, "fact %s", fact_row(e->fact)->name);
        tally_drop(&t);
        tally_memory_ends(&(struct tally_options){ 0 }, in, 12);
    }
}

static void depth_costs_nothing(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    buf_text(&b, "{\\rtf1 ");
    for (size_t i = 0; i < 200000; i++)
        buf_byte(&b, '{');
    buf_text(&b, "inside");
    for (size_t i = 0; i < 200000; i++)
        buf_byte(&b, '}');
    buf_text(&b, "behind}");
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    tally_check(t);
    assert_int_equal(t->r.parts[0].end, WALK_WHOLE);
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), "insidebehind"));
    tally_drop(&t);
    buf_drop(&b);
}

static void limits_are_named(void **state)
{
    (void)state;
    struct budget budget = budget_default();
    struct buf b = buf_new(1 << 20);
    buf_text(&b, "{\\rtf1 ");
    for (size_t i = 0; i < 100000; i++)
        buf_text(&b, "{\\b x}");
    budget.left[BUDGET_WORK] = 300000;
    struct tally *t = tally_run(&(struct tally_options){ .budget = &budget }, buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    assert_int_equal(t->r.parts[0].end, WALK_LIMIT);
    tally_drop(&t);
    buf_drop(&b);
}

static void sniffing(void **state)
{
    static const struct {
        const char *in;
        bool rtf;
    } heads[] = { { "{\\rtf1 x}", true }, { "{\\rt", true },       { "\n\n{\\rtf", true },
                  { "{\\r x}", false },   { "x{\\rtf1 x}", false }, { "{ \\rtf1 x}", false } };
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, heads) {
        struct tally *t = tally_run(&(struct tally_options){ .name = "x" }, slice_of(row->in));
        if (slice_is(t->r.parts[0].type, "rtf") != row->rtf)
            table_wrong(&table, row->in, "rtf is %s", row->rtf ? "wanted" : "not wanted");
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_read),
        cmocka_unit_test(depth_costs_nothing),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(sniffing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
