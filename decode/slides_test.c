/* SPDX-License-Identifier: Apache-2.0 */
/* What slides start, in packages and in binary presentations; movies in controls. */
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"
#include "decode/ooxml/ooxml_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

#define ACT FACT_OFFICE_SLIDE_ACTION
#define SLIDE(links) "<p:sld xmlns:p='p' xmlns:a='a' xmlns:r='r'><p:cNvPr name='x'>" links "</p:cNvPr></p:sld>"
#define OUT "<Relationship Id='r1' Type='x/hyperlink' TargetMode='External' Target='"

/* --- packages */

static const struct {
    const char *name, *slide, *target, *want; /* NULL: no action */
} packages[] = {
    { "click starts a program", SLIDE("<a:hlinkClick r:id='r1' action='ppaction://program'/>"), "file:///C:/x.exe", "click program file:///C:/x.exe" },
    { "pointer starts a program", SLIDE("<a:hlinkHover r:id='r1' action='ppaction://program'/>"), "powershell -x", "hover program powershell -x" },
    { "pointer over words", SLIDE("<a:hlinkMouseOver r:id='r1' action='PPACTION://PROGRAM'/>"), "x.exe", "hover program x.exe" },
    { "macro", SLIDE("<a:hlinkClick r:id='' action='ppaction://macro?name=Example'/>"), "", "click macro Example" },
    { "object", SLIDE("<a:hlinkClick action='ppaction://ole?verb=0'/>"), "", "click ole 0" },
    { "file", SLIDE("<a:hlinkClick r:id='r1' action='ppaction://hlinkfile'/>"), "a.docx", "click file a.docx" },
    { "file without action", SLIDE("<a:hlinkClick r:id='r1'/>"), "file:///\\\\192.0.2.7\\a", "click file file:///\\\\192.0.2.7\\a" },
    { "pointer opens an address", SLIDE("<a:hlinkHover r:id='r1'/>"), "http://a.example/", "hover link http://a.example/" },
    { "program nobody knows", SLIDE("<a:hlinkClick r:id='r7' action='ppaction://program'/>"), "x.exe", "click program" },
    { "slide cut off", "<p:sld xmlns:p='p'><a:hlinkClick r:id='r1' action='ppaction://program'/><p:", "x.exe", "click program x.exe" },
    { "click opens an address", SLIDE("<a:hlinkClick r:id='r1'/>"), "http://a.example/", NULL },
    { "next slide", SLIDE("<a:hlinkHover action='ppaction://hlinkshowjump?jump=nextslide'/>"), "", NULL },
    { "words", SLIDE("<a:t>ppaction://program</a:t>"), "", NULL },
};

static void packages_tell_actions(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, packages) {
        struct buf rels = buf_new(4096);
        buf_text(&rels, "<Relationships>" OUT);
        buf_text(&rels, row->target);
        buf_text(&rels, "'/></Relationships>");
        const struct member members[] = {
            MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/ppt/presentation.xml", SLIDES_MAIN))),
            MEMBER("ppt/presentation.xml", "<p/>"),
            { "ppt/slides/slide1.xml", slice_of(row->slide) },
            { "ppt/slides/_rels/slide1.xml.rels", buf_slice(&rels) },
            { NULL, { 0 } },
        };
        struct buf b = package(members);
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.pptx" }, buf_slice(&b));
        tally_check(r);
        if (row->want ? !tally_has(r, ACT, row->want) : tally_facts(r, ACT) != 0)
            table_wrong(&t, row->name, "\"%.*s\"", SLICE_FMT(tally_text(r, ACT, 0)));
        tally_drop(&r);
        buf_drop(&b);
        buf_drop(&rels);
    }
}

/* --- binary presentations: [MS-PPT] */

#define LINK "\x0f\0\xd7\x0f\x22\0\0\0" "\0\0\xd3\x0f\4\0\0\0\7\0\0\0" "\x10\0\xba\x0f\x0a\0\0\0x\0.\0e\0x\0e\0"
#define INTERACTIVE(instance) instance "\0\xf2\x0f\x18\0\0\0"
#define ATOM(id, action) "\0\0\xf3\x0f\x10\0\0\0" "\0\0\0\0" id "\0\0\0" action "\0\0\0\0\0\0\0"
#define CLICK "\x0f"
#define HOVER "\x1f"

static const struct {
    const char *name;
    slice stream;
    enum fact_id id;
    const char *want; /* NULL: no such fact */
} streams[] = {
    { "program", SLICE_INIT(LINK INTERACTIVE(CLICK) ATOM("\7", "\2")), ACT, "click program x.exe" },
    { "pointer starts it", SLICE_INIT(LINK INTERACTIVE(HOVER) ATOM("\7", "\2")), ACT, "hover program x.exe" },
    { "program of another link", SLICE_INIT(LINK INTERACTIVE(CLICK) ATOM("\x08", "\2")), ACT, "click program" },
    { "macro", SLICE_INIT(INTERACTIVE(CLICK) ATOM("\0", "\1") "\x20\0\xba\x0f\2\0\0\0M\0"), ACT, "click macro M" },
    { "object", SLICE_INIT(INTERACTIVE(HOVER) ATOM("\0", "\5")), ACT, "hover ole" },
    { "lengths that lie", SLICE_INIT("\x0f\0\xd7\x0f\xff\xff\xff\xff" "\0\0\xd3\x0f\4\0\0\0\7\0\0\0" "\x10\0\xba\x0f\x0a\0\0\0x\0.\0e\0x\0e\0" "\x0f\0\xf2\x0f\0\0\0\0" ATOM("\7", "\2")), ACT, "click program x.exe" },
    { "link alone", SLICE_INIT(LINK INTERACTIVE(CLICK) ATOM("\7", "\4")), ACT, NULL },
    { "no action", SLICE_INIT(LINK INTERACTIVE(CLICK) ATOM("\7", "\0")), ACT, NULL },
    { "atom cut off", SLICE_INIT(LINK INTERACTIVE(CLICK) "\0\0\xf3\x0f\x10\0\0\0" "\0\0\0\0"), ACT, NULL },
    { "address", SLICE_INIT("\0\0\xd3\x0f\4\0\0\0\7\0\0\0" "\x10\0\xba\x0f\x18\0\0\0" "h\0t\0t\0p\0:\0/\0/\0a\0.\0j\0p\0/\0"), FACT_URL_FULL, "http://a.jp/" },
};

static void presentations_tell_actions(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, streams) {
        const struct build_entry rows[] = { { BUILD_NONE, "PowerPoint Document", row->stream } };
        struct image m = build_image(rows, 1, (slice){ 0 });
        struct tally *r = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
        tally_check(r);
        if (row->want ? !tally_has(r, row->id, row->want) : tally_facts(r, row->id) != 0)
            table_wrong(&t, row->name, "\"%.*s\"", SLICE_FMT(tally_text(r, row->id, 0)));
        tally_drop(&r);
        buf_drop(&m.bytes);
    }
}

/* The text of slides, in one byte or two a character. */
static void presentations_have_text(void **state)
{
    static const slice stream = SLICE_INIT("\0\0\xa8\x0f\5\0\0\0words" "\0\0\xa0\x0f\4\0\0\0\x8b\x89\x4d\x51" "\0\0\xa8\x0f\xff\xff\0\0last");
    const struct build_entry rows[] = { { BUILD_NONE, "PowerPoint Document", stream } };
    (void)state;
    struct image m = build_image(rows, 1, (slice){ 0 });
    struct tally *r = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(r);
    assert_true(slice_is(tally_view(r, FACT_DOCUMENT_TEXT, 0), "words\n見免\nlast"));
    tally_drop(&r);
    buf_drop(&m.bytes);
}

/* --- movies: a control of a document, "fUfU", a length, a movie */

static const struct {
    const char *name;
    slice contents;
    bool movie;
} movies[] = {
    { "plain", SLICE_INIT("fUfU\x20\0\0\0FWS\x0a\x18\0\0\0 inert bytes"), true },
    { "packed", SLICE_INIT("fUfU\x20\0\0\0CWS\x0a\x18\0\0\0 inert bytes"), true },
    { "behind something", SLICE_INIT("\1\2\3\4fUfU\xff\xff\xff\xffZWS\x0d\x18\0\0\0 inert"), true },
    { "behind a false mark", SLICE_INIT("fUfUxxxxxxxxfUfU\x20\0\0\0FWS\x0a\x18\0\0\0 inert"), true },
    { "no movie", SLICE_INIT("fUfU\x20\0\0\0 a control without a movie"), false },
    { "version of no player", SLICE_INIT("fUfU\x20\0\0\0FWS\xff\x18\0\0\0 inert bytes"), false },
    { "cut off", SLICE_INIT("fUfU\x20\0\0\0FWS\x0a"), false },
    { "words", SLICE_INIT("a text with FWS and CWS in it, and nothing more"), false },
};

static void movies_are_told(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, movies) {
        const struct build_entry rows[] = { { BUILD_NONE, "ObjectPool", { NULL, 0 } },
                                            { 0, "_1", { NULL, 0 } },
                                            { 1, "contents", row->contents } };
        struct image m = build_image(rows, 3, (slice){ 0 });
        struct tally *r = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
        tally_check(r);
        table_true(&t, row->name, (tally_fact(r, FACT_OFFICE_OBJECT_FLASH) != NULL) == row->movie);
        tally_drop(&r);
        buf_drop(&m.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_tell_actions),
        cmocka_unit_test(presentations_tell_actions),
        cmocka_unit_test(presentations_have_text),
        cmocka_unit_test(movies_are_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
