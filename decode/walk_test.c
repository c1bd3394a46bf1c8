/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A DOS header, 64 bytes, that leads to a PE header behind it; no program follows. */
#define Z8 "\0\0\0\0\0\0\0\0"
#define DOS "MZ\x90\0\3\0\0\0\4\0\xff\xff\0\0\xb8\0" Z8 Z8 Z8 Z8 Z8 "\0\0\0\0\x40\0\0\0"
#define PE DOS "PE\0\0\x4c\1\0\0"

static const struct {
    const char *what, *name, *declared;
    slice bytes;
    const char *type;
    int unread; /* -1: none, else enum unread_cause */
} roots[] = {
    { "empty", "", "", SLICE_INIT(""), "empty", -1 },
    { "plain text", "a.txt", "", SLICE_INIT("hello there\n"), "text", -1 },
    { "a picture is inert", "a.png", "", SLICE_INIT("\x89PNG\r\n\x1a\n...."), "png", -1 },
    { "a picture by bytes, whatever its name", "a.exe", "", SLICE_INIT("\x89PNG\r\n\x1a\n...."), "png", -1 },
    { "no reader yet", "a.evtx", "", SLICE_INIT("ElfFile\0..."), "evtx", UNREAD_NO_READER },
    { "a program", "a.txt", "", SLICE_INIT("MZ\x90\0\3\0\0\0\4\0\xff\xff\0\0\xb8\0"), "pe", UNREAD_NO_READER },
    { "a program with a page in its DOS stub", "a.html.dat", "", SLICE_INIT(PE "<html><body><div>hello</div><p>hello<br>"), "pe", -1 },
    { "a program without extension", "invoice", "text/plain", SLICE_INIT(PE), "pe", -1 },
    { "a DOS header that leads nowhere, and a page", "a", "", SLICE_INIT("MZ <div><p> MZ <div><p> MZ <div><p> MZ <div><p> MZ <div><p> MZ !!!!!\xff\xff\xff\xff"), "html", -1 },
    { "text that begins like a program", "a.txt", "", SLICE_INIT("MZ is a village in Moravia.\n"), "text", -1 },
    { "a script by its name", "a.py", "", SLICE_INIT("print(1)\n"), "python", UNREAD_NO_READER },
    { "a script that is read", "a.vbs", "", SLICE_INIT("MsgBox 1\n"), "vbscript", -1 },
    { "bytes that nothing knows", "a.bin", "", SLICE_INIT("\1\2\3\0\xfe\x90\0\7"), "data", UNREAD_NO_READER },
    { "a broken archive", "a.zip", "", SLICE_INIT("\1\2\3\0\xfe\x90\0\7"), "zip", UNREAD_DAMAGED },
    { "XML is text", "a.xml", "", SLICE_INIT("<?xml version=\"1.0\"?><a/>"), "xml", -1 },
    { "a document in XML", "a.doc", "", SLICE_INIT("<?xml version=\"1.0\"?>\n<?mso-application progid=\"Word.Document\"?><w:wordDocument/>"), "doc", -1 },
    { "a document behind a comment", "a.xml", "", SLICE_INIT("<!-- inert -->\n<pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\"/>"), "officexml", -1 },
    { "a workbook without declaration", "a.xls", "", SLICE_INIT("\r\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>"), "xls", -1 },
    { "a document in UTF-16", "a.xml", "", SLICE_INIT("\xff\xfe<\0?\0m\0s\0o\0-\0a\0p\0p\0l\0i\0c\0a\0t\0i\0o\0n\0?\0>\0"), "doc", -1 },
    { "text about documents in XML", "a.txt", "", SLICE_INIT("mso-application is an instruction\n"), "text", -1 },
    { "rich text behind a mark", "a.doc", "", SLICE_INIT("\xef\xbb\xbf{\\rtf1 x}"), "rtf", -1 },
    { "a shortcut behind empty lines", "a.dat", "", SLICE_INIT("\r\n\r\n[InternetShortcut]\r\nURL=x"), "url", -1 },
    { "a piece of a mail", "a.eml", "", SLICE_INIT("Content-Type: message/partial; id=a; number=1; total=2\n\nhello"), "eml", UNREAD_NO_READER },
    { "a macro project that no program unpacks", "a.docm", "",
      SLICE_INIT("PK\1\2\24\0\24\0\0\0\14\0\0\0\0\0\0\0\0\0\11\0\0\0\11\0\0\0\23\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\0\0"
                 "word/vbaProject.bin" "PK\5\6\0\0\0\0\1\0\1\0\x41\0\0\0\0\0\0\0\0\0"), "zip", UNREAD_DAMAGED },
    { "a signature by declaration", "x", "application/pkcs7-signature; name=x", SLICE_INIT("\x30\x82\1\0\2\0"), "smime-signature", -1 },
    { "a name with bad bytes", "\xff\xfe.txt", "", SLICE_INIT("hello\n"), "text", -1 },
};

static void types_and_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        struct tally_options o = { .name = roots[i].name, .declared = roots[i].declared };
        struct tally *t = tally_run(&o, roots[i].bytes);
        tally_check(t);
        if (!slice_is(t->r.parts[0].type, roots[i].type))
            fail_msg("%s: type %.*s", roots[i].what, SLICE_FMT(t->r.parts[0].type));
        bool fits = roots[i].unread < 0 ? t->r.n_unread == 0 : tally_unread(t, (enum unread_cause)roots[i].unread);
        if (!fits)
            fail_msg("%s: %u unread", roots[i].what, t->r.n_unread);
        tally_drop(&t);
    }
}

/* Windows starts what begins as a program, though an archive or page lies in it. */
static void programs_that_are_more(void **state)
{
    static const struct {
        const char *what, *name;
        slice bytes;
        const char *type, *also;
    } cases[] = {
        { "a page under the name of one", "a.html", SLICE_INIT(PE "<html><body>hello</body></html>"), "pe", "html" },
        { "an archive behind a program", "a.exe", SLICE_INIT(PE "PK\3\4\n\0\0\0\0\0\0\0\0\0\x86\xa6\x10\x36\5\0\0\0\5\0\0\0\1\0\0\0ahello"
          "PK\1\2\x1e\3\n\0\0\0\0\0\0\0\0\0\x86\xa6\x10\x36\5\0\0\0\5\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a"
          "PK\5\6\0\0\0\0\1\0\1\0\x2f\0\0\0\x24\0\0\0\0\0"), "pe", "zip" },
        { "a page that is none", "a.html", SLICE_INIT("<html><body>MZ</body></html>"), "html", NULL },
        { "a program is not said twice", "a.exe", SLICE_INIT(PE), "pe", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally_options o = { .name = cases[i].name };
        struct tally *t = tally_run(&o, cases[i].bytes);
        tally_check(t);
        if (!slice_is(t->r.parts[0].type, cases[i].type) || tally_facts(t, FACT_FILE_TYPE_ALSO) != (cases[i].also ? 1u : 0u) ||
            (cases[i].also && !tally_has(t, FACT_FILE_TYPE_ALSO, cases[i].also)))
            fail_msg("%s: type %.*s, %zu", cases[i].what, SLICE_FMT(t->r.parts[0].type), tally_facts(t, FACT_FILE_TYPE_ALSO));
        tally_drop(&t);
    }
}

/* What a report says was not read: a token, and a name where there is one. */
static void what_is_unread(void **state)
{
    static const struct {
        const char *what, *name;
        slice bytes;
        enum unread_of of;
        const char *unread_name;
    } cases[] = {
        { "a kind without reader", "a.py", SLICE_INIT("print(1)\n"), UNREAD_OF_TYPE, "python" },
        { "bytes that nothing knows", "a.bin", SLICE_INIT("\1\2\3\0\xfe\x90\0\7"), UNREAD_OF_DATA, "" },
        { "a broken archive", "a.zip", SLICE_INIT("\1\2\3\0\xfe\x90\0\7"), UNREAD_OF_TYPE, "zip" },
        { "a piece of a mail", "a.eml", SLICE_INIT("Content-Type: message/partial; id=a; number=1; total=2\n\nhello"), UNREAD_OF_MESSAGE_PARTIAL, "" },
        { "a member under the name of a limit", "a.zip",
          SLICE_INIT("PK\3\4\24\0\1\0\0\0\0\0\0\0\1\2\3\4\21\0\0\0\5\0\0\0\4\0\0\0work" "12345678901234567"
                     "PK\1\2\24\0\24\0\1\0\0\0\0\0\0\0\1\2\3\4\21\0\0\0\5\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0work"
                     "PK\5\6\0\0\0\0\1\0\1\0\x32\0\0\0\x33\0\0\0\0\0"), UNREAD_OF_MEMBER, "work" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = cases[i].name }, cases[i].bytes);
        tally_check(t);
        if (t->r.n_unread == 0 || t->r.unread[0].of != cases[i].of || !slice_is(t->r.unread[0].name, cases[i].unread_name))
            fail_msg("%s: %u, %s \"%.*s\"", cases[i].what, t->r.n_unread, t->r.n_unread ? unread_row(t->r.unread[0].of)->token : "",
                     t->r.n_unread ? (int)t->r.unread[0].name.len : 0, t->r.n_unread ? (const char *)t->r.unread[0].name.at : "");
        tally_drop(&t);
    }
}

static void no_budget_is_a_limit(void **state)
{
    static const enum budget_kind kinds[] = { BUDGET_WORK, BUDGET_FACTS, BUDGET_TEXT };
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct budget b = budget_default();
        b.left[kinds[i]] = 3;
        struct tally_options o = { .name = "a.txt", .budget = &b };
        struct tally *t = tally_run(&o, SLICE_LIT("some text that is longer than three bytes\n"));
        tally_check(t);
        if (!tally_unread(t, UNREAD_LIMIT))
            fail_msg("no limit named for %s", budget_name(kinds[i]));
        tally_drop(&t);
    }
}

static void every_allocation_may_fail(void **state)
{
    static const char mail[] = "From: a@b.example\nTo: c@d.example\nSubject: =?iso-2022-jp?B?GyRCQUA9UBsoQg==?=\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\n<a href=\"http://example.invalid/\">a</a>\n"
        "--x\nContent-Type: application/octet-stream; name=a.txt\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--x--\n";
    (void)state;
    for (size_t n = 1; n < 400; n++) {
        struct tally_options o = { .name = "a.eml", .fail_at = n };
        struct tally *t = tally_run(&o, slice_of(mail));
        for (uint32_t i = 0; i < t->r.n_facts; i++)
            assert_true(t->r.facts[i].part < t->r.n_parts);
        tally_drop(&t);
    }
}

static void password_order(void **state)
{
    static const char *const words[] = { "one", "two", "one", NULL };
    (void)state;
    struct tally_options o = { .name = "a.txt", .passwords = words };
    struct tally *t = tally_run(&o, SLICE_LIT("x\n"));
    tally_check(t);
    tally_drop(&t);
    assert_string_equal(password_source_name(PASSWORD_BODY), "body");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_policies),
        cmocka_unit_test(programs_that_are_more),
        cmocka_unit_test(what_is_unread),
        cmocka_unit_test(no_budget_is_a_limit),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(password_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
