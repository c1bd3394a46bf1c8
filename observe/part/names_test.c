/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of names.c: what a file name says and hides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"
#include "observe/part/observe.h"

#include <stdio.h>

/* One part of this name, obtained like this, seen by the observers alone. */
struct seen {
    const char *name;
    enum part_how how;
    const char *parent;
};

static void see(void *host, struct walk *w)
{
    const struct seen *s = host;
    struct walk up = *w, part = *w;
    struct observers o = { 0 };
    up.name = slice_of(s->parent);
    part.up = &up;
    part.name = slice_of(s->name);
    part.how = s->how;
    observers_part(&o, &part);
}

static void no_fact(void *host, struct walk *w, struct fact *f)
{
    (void)host, (void)w, (void)f;
}

static struct tally *named(const char *name, enum part_how how, const char *parent)
{
    struct seen s = { name, how, parent };
    const struct walk_hooks hooks = { .host = &s, .part_begin = see, .fact = no_fact };
    return tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT(""));
}

static void names_are_split(void **state)
{
    static const struct {
        const char *name, *stem, *extension, *type;
    } cases[] = {
        { "invoice.doc", "invoice", "doc", "doc" }, { "請求書.XLSM", "請求書", "xlsm", "xlsx" },
        { "dir/sub\\a.lnk", "a", "lnk", "lnk" },    { "noextension", "noextension", "", "" },
        { "a.tar.gz", "a.tar", "gz", "gzip" },      { "trailing.exe. . ", "trailing", "exe", "pe" },
        { ".profile", "", "profile", "" },          { "x.unknownext", "x", "unknownext", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = named(cases[i].name, HOW_MIME, "");
        tally_check(t);
        if (!slice_is(tally_text(t, FACT_FILE_STEM, 0), cases[i].stem) ||
            !slice_is(tally_text(t, FACT_FILE_EXTENSION, 0), cases[i].extension) ||
            !slice_is(tally_text(t, FACT_FILE_TYPE_EXTENSION, 0), cases[i].type) ||
            !slice_is(tally_text(t, FACT_FILE_NAME, 0), cases[i].name))
            fail_msg("%s: %.*s %.*s", cases[i].name, SLICE_FMT(tally_text(t, FACT_FILE_STEM, 0)),
                     SLICE_FMT(tally_text(t, FACT_FILE_EXTENSION, 0)));
        tally_drop(&t);
    }
}

static void hidden_extensions(void **state)
{
    static const struct {
        const char *name, *value; /* NULL: none */
    } cases[] = {
        { "invoice.pdf.lnk", "pdf.lnk" },
        { "photo.JPG.EXE", "jpg.exe" },
        { "a.doc   .js", "doc.js" },
        { "請求書.xlsx.vbs", "xlsx.vbs" },
        { "a.pdf.html", "pdf.html" },
        { "a．pdf.lnk", "pdf.lnk" },
        { "a.txt.iso", "txt.iso" },
        { "a.zip.scr", "zip.scr" },
        { "a.tar.gz", NULL },
        { "v1.2.doc", NULL },
        { "2026.11.22.doc", NULL },
        { "report.doc.zip", NULL },
        { "a.xlsx.pdf", NULL },
        { "jquery.min.js", NULL },
        { "setup.exe", NULL },
        { "Mr. Smith.docx", NULL },
        { "a.exe.exe", NULL },
        { "a.b.c.d.txt", NULL },
        { "ver.2.0.1.exe", NULL },
        { "", NULL },
        { ".", NULL },
        { "..lnk", NULL },
        { "pdf.lnk", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = named(cases[i].name, HOW_MIME, "");
        tally_check(t);
        bool has = tally_facts(t, FACT_FILE_NAME_DOUBLE_EXTENSION) != 0;
        if (has != (cases[i].value != NULL) ||
            (has && !tally_has(t, FACT_FILE_NAME_DOUBLE_EXTENSION, cases[i].value)))
            fail_msg("\"%s\": %.*s", cases[i].name,
                     SLICE_FMT(tally_text(t, FACT_FILE_NAME_DOUBLE_EXTENSION, 0)));
        tally_drop(&t);
    }
}

static void odd_characters(void **state)
{
    static const struct {
        const char *name;
        enum fact_id id;
        bool want;
    } cases[] = {
        { "invoice\u202Efdp.exe", FACT_FILE_NAME_BIDI, true },
        { "a\u2066b.exe", FACT_FILE_NAME_BIDI, true },
        { "عربي.pdf", FACT_FILE_NAME_BIDI, false },
        { "in\u200Bvoice.doc", FACT_FILE_NAME_INVISIBLE, true },
        { "in\u00ADvoice.doc", FACT_FILE_NAME_INVISIBLE, true },
        { "a\u3164.doc", FACT_FILE_NAME_INVISIBLE, true },
        { "👨\u200D👩.png", FACT_FILE_NAME_INVISIBLE, false },
        { "請求書．pdf.exe", FACT_FILE_NAME_FULLWIDTH_DOT, true },
        { "請求書\u2024pdf", FACT_FILE_NAME_FULLWIDTH_DOT, true },
        { "第１．２版.doc", FACT_FILE_NAME_FULLWIDTH_DOT, false },
        { "終わり。.doc", FACT_FILE_NAME_FULLWIDTH_DOT, false },
        { "a.pdf                         .exe", FACT_FILE_NAME_SPACES, true },
        { "a.pdf　　　　　　.exe", FACT_FILE_NAME_SPACES, true },
        { "a   b c.doc", FACT_FILE_NAME_SPACES, false },
        { "..\\..\\a.doc", FACT_FILE_NAME_PATH, true },
        { "C:/x/a.doc", FACT_FILE_NAME_PATH, true },
        { "a.doc", FACT_FILE_NAME_PATH, false },
        { "\xff\xfe\x80.doc", FACT_FILE_NAME_BIDI, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = named(cases[i].name, HOW_MIME, "");
        tally_check(t);
        if ((tally_facts(t, cases[i].id) != 0) != cases[i].want)
            fail_msg("\"%s\" (%zu): %s", cases[i].name, i, fact_row(cases[i].id)->name);
        tally_drop(&t);
    }
}

static void shapes_of_mass_mail(void **state)
{
    static const struct {
        const char *name, *shape; /* NULL: none */
    } cases[] = {
        { "2022-22-02_1239.zip", "date-time" },
        { "2022-03-01_1137- Statement.xlsm", "date-time" },
        { "2022-02-04_1201 a.zip", "date-time" },
        { "Data_57592.zip", "word-number" },
        { "SCAN_14032022.xlsm", "word-number" },
        { "pack_0939161250.zip", "word-number" },
        { "doc_483539.zip", "word-number" },
        { "Details-3922941.one", "word-number" },
        { "ＤＡＴＡ＿５７５９２.zip", "word-number" },
        { "Electronic form Dt 03.07.2023.zip", "form-date" },
        { "form 03.07.2023, US.zip", "form-date" },
        { "AN143221.zip", "letters-number" },
        { "XYZ 12345AB.doc", "letters-number" },
        { "請求書.doc", NULL },
        { "IMG_20220101.jpg", NULL },
        { "DSC12345.JPG", NULL },
        { "report.doc", NULL },
        { "report 12.doc", NULL },
        { "2022-03-01.zip", NULL },
        { "2022-03-01_1137x.zip", NULL },
        { "formular.doc", NULL },
        { "A12345.doc", NULL },
        { "ABCDE12345.doc", NULL },
        { "AB1234.doc", NULL },
        { "AB12345ABC.doc", NULL },
        { "2026年11月請求書.pdf", NULL },
        { "123456.pdf", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = named(cases[i].name, HOW_MIME, "");
        slice got = tally_text(t, FACT_FILE_NAME_PATTERN, 0);
        if (!slice_is(got, cases[i].shape ? cases[i].shape : ""))
            fail_msg("%s: %.*s", cases[i].name, SLICE_FMT(got));
        tally_drop(&t);
    }
}

static void archive_and_member(void **state)
{
    static const struct {
        const char *name, *parent;
        enum part_how how;
        bool want;
    } cases[] = {
        { "X80996.xls", "X80996.zip", HOW_ZIP, true },
        { "dir/請求書.doc", "請求書.ZIP", HOW_ZIP, true },
        { "a.doc", "b.zip", HOW_ZIP, false },
        { "a.tar", "a.tar.gz", HOW_GZIP, false },
        { "a.doc", "a.eml", HOW_MIME, false },
        { ".doc", ".zip", HOW_ZIP, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = named(cases[i].name, cases[i].how, cases[i].parent);
        if ((tally_facts(t, FACT_FILE_NAME_STEM_OF_PARENT) != 0) != cases[i].want)
            fail_msg("%s in %s", cases[i].name, cases[i].parent);
        tally_drop(&t);
    }
}

static void name_and_content(void **state)
{
    static const struct {
        const char *name, *declared;
        slice bytes;
        const char *by_name, *by_media; /* NULL: agrees */
    } cases[] = {
        { "a.txt", "text/plain", SLICE_INIT("abc"), NULL, NULL },
        { "a.png", "image/png", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NULL, NULL },
        { "a.jpg", "image/jpeg", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NULL, NULL },
        { "a.png", "image/png", SLICE_INIT("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0"),
          "png: pe", "png: pe" },
        { "a.pdf", "application/pdf", SLICE_INIT("<html><body>x</body></html>"), "pdf: html",
          "pdf: html" },
        { "a.doc", "application/msword", SLICE_INIT("{\\rtf1 abc}"), "doc: rtf", "doc: rtf" },
        { "a.txt", "application/octet-stream", SLICE_INIT("<html><body>x</body></html>"), NULL,
          NULL },
        { "a.js", "text/plain", SLICE_INIT("var a;"), NULL, NULL },
        { "a.dat", "", SLICE_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NULL, NULL },
        { "a", "text/plain",
          SLICE_INIT("\x7f"
                     "ELF\2\1\1\0\0\0\0\0\0\0\0\0"),
          NULL, "text: elf" },
        { "", "", SLICE_INIT("abc"), NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_observed(
            &(struct tally_options){ .name = cases[i].name, .declared = cases[i].declared },
            cases[i].bytes);
        tally_check(t);
        slice by_name = tally_text(t, FACT_FILE_TYPE_MISMATCH, 0),
              by_media = tally_text(t, FACT_FILE_MIME_TYPE_MISMATCH, 0);
        if (!slice_is(by_name, cases[i].by_name ? cases[i].by_name : "") ||
            !slice_is(by_media, cases[i].by_media ? cases[i].by_media : ""))
            fail_msg("%s (%zu): \"%.*s\" \"%.*s\"", cases[i].name, i, SLICE_FMT(by_name),
                     SLICE_FMT(by_media));
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_split),    cmocka_unit_test(hidden_extensions),
        cmocka_unit_test(odd_characters),     cmocka_unit_test(shapes_of_mass_mail),
        cmocka_unit_test(archive_and_member), cmocka_unit_test(name_and_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
