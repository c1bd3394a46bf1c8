/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *name, *extension, *type;
} extensions[] = {
    { "report.doc", "doc", "doc" },
    { "REPORT.DOCM", "DOCM", "docx" },
    { "a.pdf.lnk", "lnk", "lnk" },
    { "a.exe. . ", "exe", "pe" },
    { "a.exe...", "exe", "pe" },
    { "folder.d/name", "", NULL },
    { "folder.d\\name", "", NULL },
    { "none", "", NULL },
    { ".", "", NULL },
    { "", "", NULL },
    { "a.unheard-of", "unheard-of", NULL },
    { "a.MSC", "MSC", "msc" },
    { "a.rdp", "rdp", "rdp" },
    { "a.mhtml.uue", "uue", "encoded" },
    { "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8.xls", "xls", "xls" },
};

static void names_without_folders(void **state)
{
    static const struct {
        const char *path, *want;
    } cases[] = {
        { "C:\\folder\\a.exe", "a.exe" }, { "folder/a.exe", "a.exe" }, { "..\\x/y\\a", "a" }, { "a", "a" },
        { "folder/", "" },               { "\\", "" },               { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!slice_is(type_base_name(slice_of(cases[i].path)), cases[i].want))
            fail_msg("%s", cases[i].path);
}

static void extensions_as_windows_sees_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        slice e = type_extension_of(slice_of(extensions[i].name));
        if (!slice_is(e, extensions[i].extension))
            fail_msg("%s: %.*s", extensions[i].name, SLICE_FMT(e));
        const struct type_row *t = type_by_extension(e);
        if ((t == NULL) != (extensions[i].type == NULL) || (t && strcmp(t->name, extensions[i].type) != 0))
            fail_msg("%s: type %s", extensions[i].name, t ? t->name : "none");
    }
}

static const struct {
    const char *what;
    slice bytes;
    const char *type;
    size_t len;
} magics[] = {
    { "png", SLICE_INIT("\x89PNG\r\n\x1a\n"), "png", 8 },
    { "the longer magic wins", SLICE_INIT("PK\x03\x04rest"), "zip", 4 },
    { "magic cut short", SLICE_INIT("\x89PN"), NULL, 0 },
    { "magic at an offset", SLICE_INIT("RIFF....WEBPVP8 "), "webp", 4 },
    { "offset behind the end", SLICE_INIT("RIFF....WEB"), NULL, 0 },
    { "nothing", SLICE_INIT(""), NULL, 0 },
    { "two bytes only", SLICE_INIT("MZ"), "pe", 2 },
    { "text", SLICE_INIT("hello"), NULL, 0 },
};

static void magic_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        struct body body = body_borrow(magics[i].bytes);
        size_t len = 99;
        const struct type_row *t = type_by_magic(&body, &len);
        if ((t == NULL) != (magics[i].type == NULL) || (t && strcmp(t->name, magics[i].type) != 0) || len != magics[i].len)
            fail_msg("%s: %s, %zu", magics[i].what, t ? t->name : "none", len);
    }
}

static void media_types(void **state)
{
    (void)state;
    assert_string_equal(type_by_media(SLICE_LIT("Text/HTML; charset=x"))->name, "html");
    assert_string_equal(type_by_media(SLICE_LIT(" application/msword "))->name, "doc");
    assert_null(type_by_media(SLICE_LIT("application/octet-stream")));
    assert_null(type_by_media(SLICE_LIT("")));
    assert_null(type_by_media(SLICE_LIT(";")));
}

static void dangerous(void **state)
{
    (void)state;
    assert_true(type_is_dangerous(type_named(SLICE_LIT("pe"))));
    assert_true(type_is_dangerous(type_named(SLICE_LIT("onenote"))));
    assert_false(type_is_dangerous(type_named(SLICE_LIT("png"))));
    assert_false(type_is_dangerous(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extensions_as_windows_sees_them),
        cmocka_unit_test(names_without_folders),
        cmocka_unit_test(magic_bytes),
        cmocka_unit_test(media_types),
        cmocka_unit_test(dangerous),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
