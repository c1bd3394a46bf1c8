/* SPDX-License-Identifier: Apache-2.0 */
/* Internet shortcuts written by hand; their hosts are reserved names and addresses. */
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *what, *name;
    slice bytes;
    bool read;          /* by this format */
    enum fact_id id;
    const char *text;   /* NULL: must not be there */
} cases[] = {
    { "bookmark", "a.url", SLICE_INIT("[InternetShortcut]\r\nURL=https://www.example/\r\n"), true, FACT_SHORTCUT_URL, "https://www.example/" },
    { "its host", "a.url", SLICE_INIT("[InternetShortcut]\r\nURL=https://www.example/\r\n"), true, FACT_URL_DOMAIN, "www.example" },
    { "web icon", "a.url", SLICE_INIT("[InternetShortcut]\nURL=https://a.example/\nIconFile=https://a.example/favicon.ico\n"), true, FACT_SHORTCUT_ICON,
      "https://a.example/favicon.ico" },
    { "no extension", "", SLICE_INIT("[InternetShortcut]\nURL=https://a.example/\n"), true, FACT_SHORTCUT_URL, "https://a.example/" },
    { "local file", "a.url", SLICE_INIT("[InternetShortcut]\nURL=file:///C:/docs/a.txt\n"), true, FACT_REMOTE_KIND, NULL },
    { "WebDAV target", "a.url", SLICE_INIT("[InternetShortcut]\nURL=file://192.0.2.80@80/share/a.url\n"), true, FACT_REMOTE_KIND, "webdav" },
    { "SMB target", "a.url", SLICE_INIT("[InternetShortcut]\nURL=file:\\\\192.0.2.80\\share\\a.exe\n"), true, FACT_REMOTE_KIND, "address" },
    { "icon elsewhere", "a.url", SLICE_INIT("[InternetShortcut]\nURL=https://a.example/\nIconFile=\\\\192.0.2.80\\a.ico\n"), true, FACT_REMOTE_SOURCE, "url.icon" },
    { "working folder elsewhere", "a.url", SLICE_INIT("[InternetShortcut]\nURL=C:\\a.exe\nWorkingDirectory=\\\\a.invalid@ssl@443\\DavWWWRoot\\b\n"), true,
      FACT_REMOTE_SOURCE, "url.working_directory" },
    { "case and blanks", "a.url", SLICE_INIT(" \r\n[INTERNETshortcut] \r\n  uRl = \"file://192.0.2.80/a\"  \r\n"), true, FACT_REMOTE_HOST, "192.0.2.80" },
    { "junk in front", "a.url", SLICE_INIT("; words\n[x]\na=b\n[InternetShortcut]\nURL=https://a.example/\n"), true, FACT_SHORTCUT_URL, "https://a.example/" },
    { "UTF-16", "a.url", SLICE_INIT("\xff\xfe[\0I\0n\0t\0e\0r\0n\0e\0t\0S\0h\0o\0r\0t\0c\0u\0t\0]\0\n\0U\0R\0L\0=\0h\0t\0t\0p\0:\0/\0/\0a\0.\0b\0/\0"), true,
      FACT_SHORTCUT_URL, "http://a.b/" },
    { "UTF-7 section", "a.url", SLICE_INIT("[InternetShortcut.W]\nURL=https://a.example/+MEI-\n"), true, FACT_SHORTCUT_URL, "https://a.example/\xe3\x81\x82" },
    { "two targets", "a.url", SLICE_INIT("[InternetShortcut]\nURL=https://a.example/\nURL=file://192.0.2.80/a\n"), true, FACT_REMOTE_KIND, "address" },
    { "minimized", "a.url", SLICE_INIT("[InternetShortcut]\nURL=https://a.example/\nShowCommand=7\n"), true, FACT_SHORTCUT_SHOW_COMMAND, "minimized" },
    { "key outside the section", "a.url", SLICE_INIT("[InternetShortcut]\n[Other]\nURL=https://a.example/\n"), true, FACT_SHORTCUT_URL, NULL },
    { "no value", "a.url", SLICE_INIT("[InternetShortcut]\nURL=\nURL"), true, FACT_SHORTCUT_URL, NULL },
    { "section only", "a.url", SLICE_INIT("[InternetShortcut"), true, FACT_SHORTCUT_URL, NULL },
    { "search window", "a.url", SLICE_INIT("[InternetShortcut]\nURL=search-ms:query=a&crumb=location:\\\\192.0.2.80\\share\n"), true, FACT_URL_SCHEME, "search-ms" },
    { "text about shortcuts", "a.txt", SLICE_INIT("A section [InternetShortcut] begins it.\nURL=https://a.example/\n"), false, FACT_SHORTCUT_URL, NULL },
};

static void shortcuts_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = cases[i].name }, cases[i].bytes);
        tally_check(t);
        bool good = cases[i].text ? tally_has(t, cases[i].id, cases[i].text) : !tally_fact(t, cases[i].id);
        if (!good || slice_is(t->r.parts[0].type, "url") != cases[i].read)
            fail_msg("%s: '%s'", cases[i].what, tally_fact(t, cases[i].id) ? "there" : "not there");
        assert_false(tally_unread(t, UNREAD_NO_READER));
        tally_drop(&t);
        for (size_t n = 1; n < 8; n++) {
            t = tally_run(&(struct tally_options){ .format = "url", .name = cases[i].name, .fail_at = n }, cases[i].bytes);
            tally_check(t);
            tally_drop(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shortcuts_are_read) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
