/* SPDX-License-Identifier: Apache-2.0 */
/* The same notice in every storage has the same look; damaged ones have what can be read. */
#include "decode/shared/picture.h"
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/table.h"

enum { FILE_MAX = 1 << 20, UNCHECKED = -1 };

static const char *corpus;
static uint8_t room[FILE_MAX];

static slice load(const char *file)
{
    struct buf path = buf_new(4096);
    buf_format(&path, "%s/%s", corpus, file);
    buf_byte(&path, 0);
    FILE *f = fopen((const char *)path.at, "rb");
    buf_drop(&path);
    if (!f)
        fail_msg("%s is not in the corpus", file);
    size_t n = fread(room, 1, sizeof room, f);
    (void)fclose(f);
    return (slice){ room, n };
}

struct looking {
    slice bytes;
    struct picture out;
    bool known;
};

static void look(void *host, struct walk *w)
{
    struct looking *l = host;
    l->known = picture_look(w, l->bytes, &l->out);
}

static struct looking look_at(slice bytes, size_t fail_at)
{
    struct looking l = { .bytes = bytes };
    const struct walk_hooks hooks = { .host = &l, .part_begin = look };
    struct tally *t = tally_run(&(struct tally_options){ .hooks = &hooks, .fail_at = fail_at }, SLICE_LIT("x"));
    tally_drop(&t);
    return l;
}

static const struct {
    const char *name, *file;
    int far;        /* most bits that may differ from the notice; UNCHECKED */
    int background; /* at least */
    int lines, colours; /* at most */
} cases[] = {
    { "colours, all filters", "notice.png", 0, 70, 8, 12 },
    { "palette", "palette.png", 0, 70, 8, 12 },
    { "grey of two bits", "grey.png", 4, 70, 8, 12 },
    { "grey of sixteen bits", "grey16.png", 4, 70, 8, 12 },
    { "alpha", "alpha.png", 0, 70, 8, 12 },
    { "grey and alpha", "grey-alpha.png", 4, 70, 8, 12 },
    { "first pass of an interlaced one", "interlaced.png", 16, 70, 8, 12 },
    { "JPEG", "notice.jpg", 6, 50, 8, 30 },
    { "JPEG, not halved", "plain.jpg", 6, 50, 8, 30 },
    { "JPEG in grey", "grey.jpg", 6, 50, 8, 12 },
    { "progressive JPEG", "progressive.jpg", 6, 50, 8, 30 },
    { "JPEG with restarts", "restarts.jpg", 6, 50, 8, 30 },
    { "JPEG cut off", "cut.jpg", UNCHECKED, 20, 8, 30 },
    { "PNG cut off", "cut.png", UNCHECKED, 20, 8, 12 },
    { "one pixel", "one.png", UNCHECKED, 100, 0, 1 },
    { "GIF", "notice.gif", 0, 70, 8, 12 },
    { "GIF of 1987", "old.gif", 0, 70, 8, 12 },
    { "GIF, interlaced", "interlaced.gif", 0, 70, 8, 12 },
    { "GIF, table of the frame", "own-table.gif", 0, 70, 8, 12 },
    { "GIF, transparent paper", "transparent.gif", 0, 70, 8, 12 },
    { "GIF, frame within the canvas", "frame.gif", 4, 70, 8, 12 },
    { "GIF, table cleared", "photograph.gif", UNCHECKED, 0, 32, 125 },
    { "GIF, table full and kept", "full-table.gif", UNCHECKED, 0, 32, 125 },
    { "GIF cut off", "cut.gif", UNCHECKED, 20, 8, 12 },
    { "GIF with codes that cannot be", "bad-code.gif", UNCHECKED, 20, 8, 12 },
    { "BMP", "notice.bmp", 0, 70, 8, 12 },
    { "BMP from the top", "from-top.bmp", 0, 70, 8, 12 },
    { "BMP of OS/2", "core.bmp", 0, 70, 8, 12 },
    { "BMP of sixteen bits", "deep.bmp", UNCHECKED, 20, 8, 30 },
    { "BMP with masks", "deeper.bmp", UNCHECKED, 20, 8, 30 },
    { "BMP cut off", "cut.bmp", UNCHECKED, 20, 8, 12 },
    { "EMF", "notice.emf", 0, 70, 8, 12 },
    { "EMF, BitBlt", "bitblt.emf", 0, 70, 8, 12 },
    { "EMF, AlphaBlend", "alphablend.emf", 0, 70, 8, 12 },
    { "EMF+, PNG in a comment", "plus.emf", 0, 70, 8, 12 },
    { "WMF", "notice.wmf", 0, 70, 8, 12 },
    { "WMF, DibBitBlt", "bitblt.wmf", 0, 70, 8, 12 },
    { "WMF, DibStretchBlt", "stretchblt.wmf", 0, 70, 8, 12 },
    { "WMF, SetDibToDev", "todev.wmf", 0, 70, 8, 12 },
    { "EMF, deflated in a blip", "emf.blip", 0, 70, 8, 12 },
    { "WMF, deflated in a blip", "wmf.blip", 0, 70, 8, 12 },
    { "EMF in a blip as it is", "plain.blip", 0, 70, 8, 12 },
    { "photograph", "photograph.png", UNCHECKED, 0, 32, 512 },
};

static void pictures_are_looked_at(void **state)
{
    (void)state;
    struct looking notice = look_at(load("notice.png"), 0);
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        slice s = load(row->file);
        struct looking l = look_at(s, 0);
        unsigned far = picture_distance(l.out.dhash, notice.out.dhash);
        if (!l.known || !l.out.looked || (row->far != UNCHECKED && far > (unsigned)row->far) || l.out.background < (unsigned)row->background ||
            l.out.lines > (unsigned)row->lines || l.out.colours > (unsigned)row->colours)
            table_wrong(&t, row->name, "%ux%u %s, %u bits away, background %u, %u lines, %u colours", l.out.width, l.out.height, l.out.looked ? "looked at" : "not looked at",
                        far, l.out.background, l.out.lines, l.out.colours);
        for (size_t n = 1; n < 10; n++)
            (void)look_at(s, n);
    }
}

static void other_pictures_are_far(void **state)
{
    (void)state;
    struct looking notice = look_at(load("notice.png"), 0);
    static const char *const files[] = { "logo.png", "photograph.png", "japanese.png" };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct looking l = look_at(load(files[i]), 0);
        if (picture_distance(l.out.dhash, notice.out.dhash) < 10)
            fail_msg("%s", files[i]);
    }
}

static void sizes_without_pixels(void **state)
{
    static const struct {
        const char *name;
        slice bytes;
        bool known;
        uint32_t width, height;
    } rows[] = {
        { "nothing", SLICE_INIT(""), false, 0, 0 },
        { "text", SLICE_INIT("a picture"), false, 0, 0 },
        { "PNG, head only", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\10\2\0\0\0"), true, 256, 64 },
        { "PNG of no depth", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\3\2\0\0\0"), false, 0, 0 },
        { "PNG of no kind", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x40\10\1\0\0\0"), false, 0, 0 },
        { "PNG too large", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\10\2\0\0\0"), false, 0, 0 },
        { "PNG cut in its head", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), false, 0, 0 },
        { "JPEG, frame only", SLICE_INIT("\xff\xd8\xff\xc0\0\x11\10\0\x40\1\0\3\1\x22\0\2\x11\0\3\x11\0"), true, 256, 64 },
        { "JPEG behind padding", SLICE_INIT("\xff\xd8\xff\xff\xff\xff\xc2\0\x11\10\0\x40\1\0\3\1\x22\0\2\x11\0\3\x11\0"), true, 256, 64 },
        { "JPEG without frame", SLICE_INIT("\xff\xd8\xff\xda\0\2"), false, 0, 0 },
        { "GIF, head only", SLICE_INIT("GIF89a\0\1\x40\0\0\0\0"), true, 256, 64 },
        { "GIF of another year", SLICE_INIT("GIF90a\0\1\x40\0\0\0\0"), false, 0, 0 },
        { "GIF cut in its head", SLICE_INIT("GIF89a\0\1\x40\0"), false, 0, 0 },
        { "GIF, codes of no bits", SLICE_INIT("GIF89a\0\1\x40\0\0\0\0,\0\0\0\0\0\1\x40\0\0\0\1\0\0"), true, 256, 64 },
        { "GIF, codes of nine bits", SLICE_INIT("GIF89a\0\1\x40\0\0\0\0,\0\0\0\0\0\1\x40\0\0\x09\1\0\0"), true, 256, 64 },
        { "GIF, first code is not there", SLICE_INIT("GIF89a\0\1\x40\0\0\0\0,\0\0\0\0\0\1\x40\0\0\2\1\x07\0"), true, 256, 64 },
        { "GIF of extensions alone", SLICE_INIT("GIF89a\0\1\x40\0\0\0\0!\xf9\0!\xf9\0!\xfe\1a"), true, 256, 64 },
        { "BMP, head only", SLICE_INIT("BM\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\0\0\0\1\x40\0\1\0\x18\0"), true, 256, 64 },
        { "BMP of three bits", SLICE_INIT("BM\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\0\0\0\1\x40\0\1\0\3\0"), false, 0, 0 },
        { "BMP too large", SLICE_INIT("BM\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\0\0\xff\xff\xff\xff\1\0\x18\0"), false, 0, 0 },
        { "EMF of no size", SLICE_INIT("\1\0\0\0\x6c\0\0\0" "aaaaaaaaaaaaaaaa\5\0\0\0\5\0\0\0\1\0\0\0\1\0\0\0 EMF"), true, 0, 0 },
        { "EMF without its signature", SLICE_INIT("\1\0\0\0\x6c\0\0\0" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa FME"), false, 0, 0 },
        { "WMF, a hundred to the inch", SLICE_INIT("\xd7\xcd\xc6\x9a\0\0\0\0\0\0\x64\0\xc8\0\x64\0"), true, 96, 192 },
        { "WMF of no inch", SLICE_INIT("\xd7\xcd\xc6\x9a\0\0\0\0\0\0\x64\0\xc8\0\0\0"), true, 0, 0 },
        { "blip cut in its head", SLICE_INIT("\x40\x3d\x1a\xf0\xff\xff\xff\xff" "aaaaaaaaaaaaaaaa\0\0"), false, 0, 0 },
        { "JPEG segment of no length", SLICE_INIT("\xff\xd8\xff\xe0\0\0\xff\xc0"), false, 0, 0 },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct picture p;
        bool known = picture_size(row->bytes, &p);
        struct looking l = look_at(row->bytes, 0);
        table_true(&t, row->name, known == row->known && l.known == known && p.width == row->width && p.height == row->height);
    }
}

/* Black, and then five blocks, each as much brighter than the one before as can be written. */
static void brighter_than_white(void **state)
{
    slice s = SLICE_LIT("\xff\xd8\xff\xdb\0\5\x10\xff\xff\xff\xc2\0\x0b\10\0\10\0\x30\1\1\x11\0"
                        "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0f"
                        "\xff\xda\0\10\1\1\0\0\0\x0f\0\0\x7f\xff\0\x7f\xff\0\x7f\xff\0\x7f\xff\0"
                        "\x7f\xff\0\xff\xd9");
    (void)state;
    struct looking l = look_at(s, 0);
    assert_true(l.known && l.out.looked);
    assert_int_equal(l.out.dhash, 0); /* nothing gets darker */
    assert_int_equal(l.out.colours, 3);
    assert_int_equal(l.out.background, 66);
}

/* What draws and holds no bitmap is known, and has no look. */
static void lines_have_no_look(void **state)
{
    (void)state;
    struct looking l = look_at(load("lines.emf"), 0);
    assert_true(l.known);
    assert_int_equal(l.out.width, 240);
    assert_false(l.out.looked);
}

static void choose(void *host, struct walk *w)
{
    struct picture_choice c = { 0 };
    struct looking *l = host;
    picture_offer_stream(w, &c, l->bytes);
    l->known = picture_look(w, c.bytes, &l->out);
}

static void the_largest_is_chosen(void **state)
{
    struct buf stream = buf_new(FILE_MAX);
    (void)state;
    buf_put(&stream, SLICE_LIT("words\xff\xd8\xff and \x89PNG"));
    buf_put(&stream, load("one.png"));
    buf_put(&stream, load("progressive.jpg"));
    buf_put(&stream, load("logo.png"));
    struct looking l = { .bytes = buf_slice(&stream) };
    const struct walk_hooks hooks = { .host = &l, .part_begin = choose };
    struct tally *t = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
    assert_true(l.known && l.out.looked);
    assert_int_equal(l.out.width, 240);
    tally_drop(&t);
    buf_drop(&stream);
}

/* Metafiles among other bytes of a stream of drawings. */
static void metafiles_are_found_in_streams(void **state)
{
    static const char *const blips[] = { "emf.blip", "wmf.blip", "plain.blip" };
    (void)state;
    for (size_t i = 0; i < sizeof blips / sizeof blips[0]; i++) {
        struct buf stream = buf_new(FILE_MAX);
        buf_put(&stream, SLICE_LIT("\xf0\x1a\xf0 words \x3d\x1a\xf0"));
        buf_put(&stream, load("one.png"));
        buf_put(&stream, load(blips[i]));
        struct looking l = { .bytes = buf_slice(&stream) };
        const struct walk_hooks hooks = { .host = &l, .part_begin = choose };
        struct tally *t = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
        if (!l.known || !l.out.looked || l.out.width != 240)
            fail_msg("%s", blips[i]);
        tally_drop(&t);
        buf_drop(&stream);
    }
}

static void say(void *host, struct walk *w)
{
    struct picture_choice c = { 0 };
    struct looking *l = host;
    picture_offer(&c, l->bytes);
    if (l->known) /* here: the macro speaks for itself */
        walk_note_acting(w);
    picture_say(w, &c);
}

static void acting_macros_need_no_look(void **state)
{
    static const struct {
        const char *name, *file;
        bool acting, looked;
    } rows[] = {
        { "notice", "notice.png", false, true },
        { "photograph", "photograph.png", false, true },
        { "notice beside a macro that runs", "notice.png", true, false },
        { "photograph beside it", "photograph.png", true, false },
        { "cut notice beside it", "cut.jpg", true, false },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct looking l = { .bytes = load(row->file), .known = row->acting };
        const struct walk_hooks hooks = { .host = &l, .part_begin = say };
        struct tally *tally = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
        table_true(&t, row->name, tally_facts(tally, FACT_IMAGE_SIZE) == 1);
        table_true(&t, row->name, (tally_facts(tally, FACT_IMAGE_DHASH) > 0) == row->looked);
        table_true(&t, row->name, (tally_facts(tally, FACT_IMAGE_LINES) > 0) == row->looked);
        tally_drop(&tally);
    }
}

struct keeping {
    slice bytes;
    bool other, late; /* kept by a part inside; before the macros were read */
};

static void keep(void *host, struct walk *w)
{
    const struct keeping *k = host;
    struct picture_choice c = { 0 };
    struct walk inside = *w;
    inside.part++;
    picture_offer(&c, k->bytes);
    picture_keep(k->other ? &inside : w, &c);
    if (k->late)
        walk_note_acting(w);
    picture_say_kept(w);
    picture_say_kept(w); /* nothing is said twice */
}

static void what_is_kept_is_said_once(void **state)
{
    static const struct {
        const char *name, *file;
        struct keeping how;
        size_t sizes, looks;
    } rows[] = {
        { "kept and asked for", "notice.png", { .late = false }, 1, 1 },
        { "macros came in between", "notice.png", { .late = true }, 1, 0 },
        { "of another part", "notice.png", { .other = true }, 0, 0 },
        { "no picture", "ORIGIN", { .late = false }, 0, 0 },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct keeping how = row->how;
        how.bytes = load(row->file);
        const struct walk_hooks hooks = { .host = &how, .part_begin = keep };
        struct tally *tally = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
        table_true(&t, row->name, tally_facts(tally, FACT_IMAGE_SIZE) == row->sizes);
        table_true(&t, row->name, tally_facts(tally, FACT_IMAGE_DHASH) == row->looks);
        tally_drop(&tally);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_looked_at), cmocka_unit_test(other_pictures_are_far),
        cmocka_unit_test(sizes_without_pixels),   cmocka_unit_test(brighter_than_white),
        cmocka_unit_test(the_largest_is_chosen),  cmocka_unit_test(lines_have_no_look),
        cmocka_unit_test(metafiles_are_found_in_streams),
        cmocka_unit_test(acting_macros_need_no_look), cmocka_unit_test(what_is_kept_is_said_once),
    };
    corpus = argc > 1 ? argv[1] : ".";
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
