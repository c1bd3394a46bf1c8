/* SPDX-License-Identifier: Apache-2.0 */
/* Forms come from the samples of this folder, which tools/make-corpus-forms has built; controls
 * are short enough to stand here. */
#include "base/buf.h"
#include "decode/shared/controls.h"
#include "decode/harness.h"
#include "decode/hidden.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

static struct buf file_read(const char *name)
{
    char path[512];
    struct buf b = buf_new(1 << 20);
    (void)snprintf(path, sizeof path, "%s/%s", CORPUS, name);
    FILE *f = fopen(path, "rb");
    for (int c; f && (c = fgetc(f)) != EOF;)
        buf_byte(&b, (uint8_t)c);
    if (f)
        (void)fclose(f);
    return b;
}

struct sample_row {
    const char *name, *file, *fact; /* NULL: none at all */
};

static const struct sample_row samples[] = {
    { "text box", "form.bin", "control UserForm1.TextBox1.Value = harmless words" },
    { "label in UTF-16", "form.bin", "control UserForm1.Label1.Caption = 見出し" },
    { "group", "form.bin", "control UserForm1.CheckBox1.GroupName = group" },
    { "tag of a control", "form.bin", "control UserForm1.TextBox1.Tag = a tag" },
    { "tip", "form.bin", "control UserForm1.TextBox1.ControlTipText = a tip" },
    { "form's caption", "form.bin", "control UserForm1.Caption = A form" },
    { "form's tag", "form.bin", "control UserForm1.Tag = say \"hello\"" },
    { "frame", "form.bin", "control UserForm1.Frame1.Caption = outer" },
    { "inside a frame", "form.bin", "control UserForm1.TextBox2.Value = inner words" },
    { "inside two frames", "form.bin", "control UserForm1.TextBox3.Value = deep words" },
    { "second form", "two-forms.bin", "control UserForm2.Caption = UserForm2" },
    { "form cut off: its objects", "half-f.bin", "control UserForm1.Value = harmless words" },
    { "form cut off: its frames", "half-f.bin", "control UserForm1.TextBox3.Value = deep words" },
    { "objects cut off", "half-o.bin", "control UserForm1.TextBox1.Value = harmless words" },
    { "no form stream", "no-f.bin", "control UserForm1.Value = harmless words" },
    { "no form stream: frames", "no-f.bin", "control UserForm1.TextBox2.Value = inner words" },
    { "form of zeros", "foreign-f.bin", "control UserForm1.Value = harmless words" },
    { "a site's size lies", "size-lies.bin", "control UserForm1.Value = harmless words" },
    { "more sites than bytes", "many-sites.bin", "control UserForm1.Value = harmless words" },
    { "more sites than bytes: names", "many-sites.bin", "control UserForm1.TextBox1.Tag = a tag" },
    { "control of a document", "ocx.bin", "control ThisDocument.TextBox2.Value = words of box 2" },
    { "row of controls", "ctls.bin", "control GroupName = Sheet1" },
    { "control alone", "control-textbox", "control Value = words of a box" },
    { "control alone in Japanese", "control-japanese", "control Value = 見本の言葉" },
    { "label alone", "control-label", "control Caption = words of a label" },
    { "tabs", "control-tabs", "control Tabs(1).Caption = second" },
};

static void samples_give_their_values(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, samples) {
        struct buf in = file_read(row->file);
        struct tally *r = tally_run(&(struct tally_options){ 0 }, buf_slice(&in));
        tally_check(r);
        table_true(&t, row->name, in.len > 0 && tally_has(r, FACT_OFFICE_HIDDEN_VALUE, row->fact));
        tally_drop(&r);
        buf_drop(&in);
    }
}

/* --- one control */

#define TEXT_BOX "\x10\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"
#define LABEL "\x23\x9e\x8c\x97\xb0\xd4\xce\x11\xbf\x2d\x00\xaa\x00\x3f\x40\xd0"
#define BUTTON "\x40\x32\x05\xd7\x69\xce\xcd\x11\xa7\x77\x00\xdd\x01\x14\x3c\x57"
#define HEAD "\0\2\x20\0"

struct control_row {
    const char *name;
    slice in;
    const char *fact; /* NULL: no fact */
};

static const struct control_row controls[] = {
    { "value", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\5\0\0\x80words\0\0\0"), "control Value = words" },
    { "value and caption", SLICE_INIT(TEXT_BOX HEAD "\0\0\xc0\x80\0\0\0\0\5\0\0\x80\7\0\0\x80words\0\0\0caption\0"), "control Caption = caption" },
    { "two bytes a character", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\x08\0\0\0w\0o\0r\0d\0"), "control Value = word" },
    { "low bytes are code points", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\4\0\0\x80na\xefv"), "control Value = na\xc3\xafv" },
    { "odd properties before it", SLICE_INIT(TEXT_BOX HEAD "\x11\2\x41\x80\0\0\0\0\1\1\1\1\2\0*\0\1\0\0\0\4\0\0\x80" "text"), "control Value = text" },
    { "size before it", SLICE_INIT(TEXT_BOX HEAD "\0\1\x40\x80\0\0\0\0\5\0\0\x80" "12345678words\0\0\0"), "control Value = words" },
    { "group behind it", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\1\0\0\0\5\0\0\x80\5\0\0\x80words\0\0\0group\0\0\0"), "control GroupName = group" },
    { "count goes on for ever", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\xff\xff\xff\xffwords"), "control Value = words" },
    { "count in UTF-16 goes on", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\xff\xff\xff\x7fw\0o\0r\0d\0s\0"), "control Value = words" },
    { "size of nothing", SLICE_INIT(TEXT_BOX "\0\2\0\0\0\0\x40\x80\0\0\0\0\5\0\0\x80words\0\0\0"), "control Value = words" },
    { "size of everything", SLICE_INIT(TEXT_BOX "\0\2\xff\xff\0\0\x40\x80\0\0\0\0\5\0\0\x80words\0\0\0"), "control Value = words" },
    { "label", SLICE_INIT(LABEL HEAD "\x28\0\0\0\5\0\0\x80words\0\0\0" "12345678"), "control Caption = words" },
    { "button", SLICE_INIT(BUTTON HEAD "\x28\0\0\0\5\0\0\x80words\0\0\0" "12345678"), "control Caption = words" },
    { "another version", SLICE_INIT(TEXT_BOX "\1\7\x20\0\0\0\x40\x80\0\0\0\0\5\0\0\x80words of a box\0\0\0"), "control Value = words of a box" },
    { "no class id, so nothing to read", SLICE_INIT(HEAD "\0\0\x40\x80\0\0\0\0\5\0\0\x80words\0\0\0"), NULL },
    { "cut in the mask", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40"), NULL },
    { "cut in the count", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\5\0"), NULL },
    { "empty value", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\0\0\0\x80"), NULL },
    { "state of a box", SLICE_INIT(TEXT_BOX HEAD "\0\0\x40\x80\0\0\0\0\1\0\0\x80\x30\0\0\0"), NULL },
    { "font that is a text", SLICE_INIT(TEXT_BOX "\0\2\x0c\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\2\x30\0\1\0\0\0\x28\0\0\x80" "not the name of any font but some words."), "control Font.Name = not the name of any font but some words." },
    { "font", SLICE_INIT(TEXT_BOX "\0\2\x0c\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\2\x10\0\1\0\0\0\6\0\0\x80Tahoma\0\0"), NULL },
};

static void controls_give_their_values(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, controls) {
        struct tally *r = tally_run(&(struct tally_options){ 0 }, row->in);
        tally_check(r);
        if (row->fact)
            table_true(&t, row->name, tally_has(r, FACT_OFFICE_HIDDEN_VALUE, row->fact));
        else
            table_true(&t, row->name, tally_facts(r, FACT_OFFICE_HIDDEN_VALUE) == 0);
        tally_drop(&r);
    }
}

/* A value longer than the 16 bits of its control's size, and what stands behind it in the form. */
static void long_values_stay_whole(void **state)
{
    (void)state;
    struct buf in = file_read("control-long");
    assert_true(in.len > 70000);
    struct tally *r = tally_run(&(struct tally_options){ .format = "forms" }, buf_slice(&in));
    tally_check(r);
    assert_true(tally_facts(r, FACT_OFFICE_HIDDEN_VALUE) == 1);
    tally_drop(&r);
    buf_drop(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_give_their_values),
        cmocka_unit_test(controls_give_their_values),
        cmocka_unit_test(long_values_stay_whole),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
