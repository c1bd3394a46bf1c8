/* SPDX-License-Identifier: Apache-2.0 */
/* How large pictures are shown, and where: drawings of Office 97, pictures in Word's text, and
 * pictures of packages. */
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"
#include "decode/ooxml/ooxml_build.h"
#include "decode/shared/officeart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

/* What is said; NULL: nothing. */
static bool is_said(const struct tally *t, const char *shown, const char *place)
{
    slice s = tally_text(t, FACT_IMAGE_SHOWN, 0), p = tally_text(t, FACT_IMAGE_PLACE, 0);
    return tally_facts(t, FACT_IMAGE_SHOWN) == (shown != NULL) &&
           tally_facts(t, FACT_IMAGE_PLACE) == (place != NULL) && (!shown || slice_is(s, shown)) &&
           (!place || slice_is(p, place));
}

/* --- drawings */

#define SHAPE "\x12\0\x0a\xf0\x08\0\0\0\1\4\0\0\0\x0a\0\0"
#define PICTURE "\x13\0\x0b\xf0\6\0\0\0\4\x41\1\0\0\0"
#define NO_PICTURE "\x13\0\x0b\xf0\6\0\0\0\4\x41\0\0\0\0"
#define CELLS "\0\0\x10\xf0\x12\0\0\0\2\0"
#define SHORT "\0\0\x10\xf0\x08\0\0\0"
#define LONG "\0\0\x10\xf0\x10\0\0\0"
#define A1_TO_R30 CELLS "\0\0\0\0\0\0\0\0\x11\0\0\0\x1d\0\0\0"

static const struct {
    const char *name;
    slice records;
    const char *shown, *place;
} drawings[] = {
    { "cells", SLICE_INIT(SHAPE PICTURE A1_TO_R30), "18x30 cells", "A1" },
    { "column behind Z", SLICE_INIT(SHAPE PICTURE CELLS "\x1b\0\0\0\2\0\0\0\x1b\0\0\0\2\0\0\0"), "1x1 cells", "AB3" },
    { "last cell", SLICE_INIT(SHAPE PICTURE CELLS "\xff\xff\0\0\xff\xff\0\0\xff\xff\0\0\xff\xff\0\0"), "1x1 cells", "CRXP65536" },
    { "slide", SLICE_INIT(SHAPE PICTURE SHORT "\x80\4\x40\2\x80\x0d\x80\x0d"), "127x102 mm", "25,51 mm" },
    { "slide, long", SLICE_INIT(SHAPE PICTURE LONG "\x80\4\0\0\x40\2\0\0\x80\x0d\0\0\x80\x0d\0\0"), "127x102 mm", "25,51 mm" },
    { "partly off the slide", SLICE_INIT(SHAPE PICTURE SHORT "\0\0\xc0\xfd\x40\2\x40\2"), "51x25 mm", "-25,0 mm" },
    { "the larger one", SLICE_INIT(SHAPE PICTURE CELLS "\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0" SHAPE PICTURE A1_TO_R30
                                       SHAPE PICTURE CELLS "\2\0\0\0\2\0\0\0\2\0\0\0\2\0\0\0"), "18x30 cells", "A1" },
    { "shape without a picture", SLICE_INIT(SHAPE NO_PICTURE A1_TO_R30), NULL, NULL },
    { "anchor without a shape", SLICE_INIT(A1_TO_R30), NULL, NULL },
    { "anchor of Word", SLICE_INIT(SHAPE PICTURE "\0\0\x10\xf0\4\0\0\0\0\0\0\0"), NULL, NULL },
    { "from right to left", SLICE_INIT(SHAPE PICTURE CELLS "\x11\0\0\0\0\0\0\0\0\0\0\0\x1d\0\0\0"), NULL, NULL },
    { "turned over", SLICE_INIT(SHAPE PICTURE SHORT "\x40\2\x40\2\0\0\0\0"), NULL, NULL },
    { "kilometres", SLICE_INIT(SHAPE PICTURE LONG "\0\0\0\x80\0\0\0\x80\xff\xff\xff\x7f\xff\xff\xff\x7f"), NULL, NULL },
    { "anchor cut off", SLICE_INIT(SHAPE PICTURE "\0\0\x10\xf0\x12\0\0\0\2\0\0\0\0\0"), NULL, NULL },
};

struct drawing {
    slice records;
};

static void read_drawing(void *host, struct walk *w)
{
    const struct drawing *d = host;
    struct picture_shown shown = { 0 };
    struct officeart art = { .w = w, .shown = &shown };
    officeart_read(&art, d->records, NOWHERE);
    shown_say(w, &shown);
}

static void drawings_say_where_pictures_lie(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, drawings) {
        struct drawing d = { row->records };
        struct tally *y = tally_look(&d, read_drawing, NULL);
        tally_check(y);
        if (!is_said(y, row->shown, row->place))
            table_wrong(&t, row->name, "'%.*s' at '%.*s'", SLICE_FMT(tally_text(y, FACT_IMAGE_SHOWN, 0)),
                        SLICE_FMT(tally_text(y, FACT_IMAGE_PLACE, 0)));
        tally_drop(&y);
    }
}

/* --- pictures in the text of Word: a PICF each, of which the lengths matter */

#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define PICF(len, goal) len "\x44\0\x64\0" "\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0" goal ZEROS

static const struct {
    const char *name;
    slice data;
    bool macros;
    const char *shown;
} inline_pictures[] = {
    { "as large as it is", SLICE_INIT(PICF("\x44\0\0\0", "\x0a\x0d\x85\6\xe8\3\xe8\3")), true, "59x29 mm" },
    { "scaled", SLICE_INIT(PICF("\x44\0\0\0", "\x0a\x0d\x85\6\xd0\7\xf4\1")), true, "118x15 mm" },
    { "the second is larger", SLICE_INIT(PICF("\x44\0\0\0", "\x64\0\x64\0\xe8\3\xe8\3") PICF("\x44\0\0\0", "\x0a\x0d\x85\6\xe8\3\xe8\3")), true, "59x29 mm" },
    { "length of nothing", SLICE_INIT(PICF("\0\0\0\0", "\x0a\x0d\x85\6\xe8\3\xe8\3")), true, "59x29 mm" },
    { "length of 4 GiB", SLICE_INIT(PICF("\xff\xff\xff\xff", "\x0a\x0d\x85\6\xe8\3\xe8\3")), true, "59x29 mm" },
    { "other data of that length", SLICE_INIT("\x44\0\0\0\0\0" ZEROS ZEROS), true, NULL },
    { "scaled to nothing", SLICE_INIT(PICF("\x44\0\0\0", "\x0a\x0d\x85\6\0\0\0\0")), true, NULL },
    { "cut off", SLICE_INIT("\x44\0\0\0\x44\0" ZEROS), true, NULL },
    { "no macros", SLICE_INIT(PICF("\x44\0\0\0", "\x0a\x0d\x85\6\xe8\3\xe8\3")), false, NULL },
};

static void pictures_in_text(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, inline_pictures) {
        const struct build_entry rows[] = {
            { BUILD_NONE, row->macros ? "VBA" : "X", { NULL, 0 } },
            { BUILD_NONE, "Data", row->data },
        };
        struct image m = build_image(rows, 2, (slice){ 0 });
        struct tally *y = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(y);
        if (!is_said(y, row->shown, NULL))
            table_wrong(&t, row->name, "'%.*s'", SLICE_FMT(tally_text(y, FACT_IMAGE_SHOWN, 0)));
        tally_drop(&y);
        buf_drop(&m.bytes);
    }
}

/* --- presentations: their pictures count where they have a project */

#define INFO "\x1f\0\xff\3\x14\0\0\0" "\2\0\0\4\x0c\0\0\0"
#define SLIDE_PICTURE "\x6e\x12\x1e\xf0" "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\10\2\0\0\0"

static const struct {
    const char *name;
    slice records;
    bool looked_at;
} presentations[] = {
    { "project", SLICE_INIT(INFO "\3\0\0\0\1\0\0\0\2\0\0\0"), true },
    { "number of the project alone", SLICE_INIT(INFO "\3\0\0\0\0\0\0\0\2\0\0\0"), true },
    { "project in a later saving", SLICE_INIT(INFO "\0\0\0\0\0\0\0\0\2\0\0\0" INFO "\7\0\0\0\1\0\0\0\2\0\0\0"), true },
    { "no project", SLICE_INIT(INFO "\0\0\0\0\0\0\0\0\2\0\0\0"), false },
    { "nothing told", SLICE_INIT("\x0f\0\xe8\3\0\0\0\0"), false },
    { "cut off", SLICE_INIT(INFO "\3\0\0\0"), false },
};

static void pictures_of_presentations(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, presentations) {
        const struct build_entry rows[] = {
            { BUILD_NONE, "PowerPoint Document", row->records },
            { BUILD_NONE, "Pictures", SLICE_INIT(SLIDE_PICTURE) },
        };
        struct image m = build_image(rows, 2, (slice){ 0 });
        struct tally *y = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(y);
        table_true(&t, row->name, tally_has(y, FACT_IMAGE_SIZE, "256x64") == row->looked_at &&
                                      tally_facts(y, FACT_DOCUMENT_WORDS) == 1);
        tally_drop(&y);
        buf_drop(&m.bytes);
    }
}

/* --- packages */

#define PIC(off, ext) "<pic:pic><a:blip r:embed='r1'/><pic:spPr><a:xfrm>" off ext "</a:xfrm></pic:spPr></pic:pic>"
#define SLIDE(pics) "<p:sld xmlns:p='p' xmlns:a='a' xmlns:pic='c' xmlns:r='r'>" pics "</p:sld>"

static const struct {
    const char *name, *slide;
    bool word, macros;
    const char *shown, *place;
} packages[] = {
    { "slide", SLIDE(PIC("<a:off x='360000' y='720000'/>", "<a:ext cx='7200000' cy='3600000'/>")), false, true, "200x100 mm", "10,20 mm" },
    { "document", SLIDE(PIC("<a:off x='0' y='0'/>", "<a:ext cx='5940000' cy='3600000'/>")), true, true, "165x100 mm", NULL },
    { "the larger one", SLIDE(PIC("<a:off x='1' y='1'/>", "<a:ext cx='36000' cy='36000'/>") PIC("<a:off x='0' y='0'/>", "<a:ext cx='72000' cy='72000'/>")), false, true, "2x2 mm", "0,0 mm" },
    { "no place", SLIDE(PIC("", "<a:ext cx='72000' cy='72000'/>")), false, true, "2x2 mm", NULL },
    { "text box", SLIDE("<p:sp><a:off x='0' y='0'/><a:ext cx='7200000' cy='3600000'/></p:sp>"), false, true, NULL, NULL },
    { "behind a picture", SLIDE("<pic:pic/><a:ext cx='7200000' cy='3600000'/>"), false, true, NULL, NULL },
    { "extension", SLIDE("<pic:pic><a:ext uri='x'/></pic:pic>"), false, true, NULL, NULL },
    { "less than nothing", SLIDE(PIC("<a:off x='-1' y='-1'/>", "<a:ext cx='-7200000' cy='3600000'/>")), false, true, NULL, NULL },
    { "no numbers", SLIDE(PIC("<a:off x='a'/>", "<a:ext cx='a' cy='99999999999999999999999'/>")), false, true, NULL, NULL },
    { "never closed", "<p:sld xmlns:p='p' xmlns:a='a'><p:pic><a:ext cx='72000' cy='72000'/>", false, true, "2x2 mm", NULL },
    { "no macros", SLIDE(PIC("<a:off x='0' y='0'/>", "<a:ext cx='72000' cy='72000'/>")), false, false, NULL, NULL },
};

static void pictures_of_packages(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, packages) {
        const struct member slides[] = {
            MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/ppt/presentation.xml", SLIDES_MAIN))),
            MEMBER("ppt/presentation.xml", "<p/>"),
            { "ppt/slides/slide1.xml", slice_of(row->slide) },
            { row->macros ? "ppt/vbaProject.bin" : "ppt/theme.xml", row->macros ? (slice)SLICE_INIT(CFB) : SLICE_LIT("<a/>") },
            { NULL, { 0 } },
        };
        const struct member document[] = {
            WORD_TYPES,
            { "word/document.xml", slice_of(row->slide) },
            MEMBER("word/vbaProject.bin", CFB),
            { NULL, { 0 } },
        };
        struct buf b = package(row->word ? document : slides);
        struct tally *y = tally_run(&(struct tally_options){ .name = "a.pptm" }, buf_slice(&b));
        tally_check(y);
        if (!is_said(y, row->shown, row->place))
            table_wrong(&t, row->name, "'%.*s' at '%.*s'", SLICE_FMT(tally_text(y, FACT_IMAGE_SHOWN, 0)),
                        SLICE_FMT(tally_text(y, FACT_IMAGE_PLACE, 0)));
        tally_drop(&y);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawings_say_where_pictures_lie),
        cmocka_unit_test(pictures_in_text),
        cmocka_unit_test(pictures_of_presentations),
        cmocka_unit_test(pictures_of_packages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
