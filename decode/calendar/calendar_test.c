/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are tested here for contacts as well: both read them with decode/shared/contentline.c. */
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CAL(lines) "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" lines "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

static const struct {
    const char *what, *in, *text; /* NULL: no text is looked at */
    enum fact_id fact;
    const char *value; /* NULL: must not be; "": any */
    size_t parts;
} cases[] = {
    { "summary", CAL("SUMMARY:Meeting"), "Meeting", FACT_FILE_TYPE, "calendar", 1 },
    { "several lines", CAL("SUMMARY:a\r\nLOCATION:b"), "a\nb", FACT_FILE_TYPE, "calendar", 1 },
    { "escapes", CAL("SUMMARY:a\\, b\\;\\nc\\\\d"), "a, b;\nc\\d", FACT_FILE_TYPE, "calendar", 1 },
    { "fold", CAL("SUMMARY:ab\r\n cd\r\n\tef"), "abcdef", FACT_FILE_TYPE, "calendar", 1 },
    { "quoted-printable", CAL("SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=SHIFT_JIS:=93=FA=\r\n=96=7B"), "\u65e5\u672c", FACT_FILE_TYPE, "calendar", 1 },
    { "link", CAL("URL:http://example.invalid/a"), NULL, FACT_URL_FULL, "http://example.invalid/a", 1 },
    { "attached link", CAL("ATTACH;FMTTYPE=x/y:http://example.invalid/a"), NULL, FACT_URL_FULL, "http://example.invalid/a", 1 },
    { "attached file", CAL("ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.txt:aGVsbG8="), NULL, FACT_FILE_NAME, NULL, 2 },
    { "page", CAL("X-ALT-DESC;FMTTYPE=text/html:<p><a href=\"http://example.invalid/b\">x</a>"), NULL, FACT_URL_FULL, "http://example.invalid/b", 2 },
    { "no people", CAL("ATTENDEE;CN=Taro:mailto:a@b.example"), "", FACT_URL_FULL, NULL, 1 },
    /* what hides */
    { "small letters", "begin:vcalendar\nsummary:x\n", "x", FACT_FILE_TYPE, "calendar", 1 },
    { "mark and blanks in front", "\xef\xbb\xbf\r\n BEGIN:VCALENDAR\r\nSUMMARY:x\r\n", "x", FACT_FILE_TYPE, "calendar", 1 },
    { "file in pieces", CAL("ATTACH;ENCODING=BASE64:aGVs\r\n bG8="), NULL, FACT_FILE_ATTACHMENT, "", 2 },
    { "file without folds", CAL("ATTACH;ENCODING=BASE64:aGVs\r\nbG8="), NULL, FACT_FILE_ATTACHMENT, "", 2 },
    { "bare word", CAL("ATTACH;BASE64:aGVsbG8="), NULL, FACT_FILE_ATTACHMENT, "", 2 },
    { "data URL", CAL("ATTACH:data:text/plain;base64,aGVsbG8="), NULL, FACT_FILE_ATTACHMENT, "", 2 },
    { "data URL without base64", CAL("ATTACH:data:text/plain,hello"), NULL, FACT_FILE_ATTACHMENT, "", 2 },
    { "data URL without data", CAL("ATTACH:data:text/plain"), NULL, FACT_FILE_ATTACHMENT, NULL, 1 },
    { "program", CAL("ATTACH;FMTTYPE=image/png;ENCODING=BASE64:TVqQAAMAAAAEAAAA"), NULL, FACT_FILE_TYPE, "pe", 2 },
    { "colon in quotes", CAL("SUMMARY;X=\"a:b\":c"), "c", FACT_FILE_TYPE, "calendar", 1 },
    { "quote without an end", CAL("SUMMARY;X=\"a:b"), "b", FACT_FILE_TYPE, "calendar", 1 },
    { "no colon", CAL("SUMMARY\r\nLOCATION:x"), "x", FACT_FILE_TYPE, "calendar", 1 },
    { "name without end", CAL(":x\r\nLOCATION:y"), "y", FACT_FILE_TYPE, "calendar", 1 },
    { "fold of nothing", "BEGIN:VCALENDAR\r\n \r\n \r\nSUMMARY:x", "x", FACT_FILE_TYPE, "calendar", 1 },
    { "soft end at the end", CAL("SUMMARY;ENCODING=QUOTED-PRINTABLE:x="), NULL, FACT_FILE_TYPE, "calendar", 1 },
    { "file server", CAL("ATTACH:file://192.0.2.1/share/a.txt"), NULL, FACT_URL_SCHEME, "file", 1 },
    { "never closed", "BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64:aGVsbG8", NULL, FACT_FILE_ATTACHMENT, "", 2 },
};

static void calendars_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.ics" }, slice_of(cases[i].in));
        tally_check(t);
        const struct fact *f = tally_fact(t, cases[i].fact);
        const char *value = cases[i].value;
        if (!slice_is(t->r.parts[0].type, "calendar") || t->r.n_parts != cases[i].parts)
            fail_msg("%s: type %.*s, %u parts", cases[i].what, SLICE_FMT(t->r.parts[0].type), t->r.n_parts);
        if (cases[i].fact != FACT_FILE_NAME && (value ? !f || (value[0] && !tally_has(t, cases[i].fact, value)) : f != NULL))
            fail_msg("%s: %s '%.*s'", cases[i].what, fact_row(cases[i].fact)->name, f ? (int)f->text.len : 0, f ? (const char *)f->text.at : "");
        if (cases[i].text && !slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), cases[i].text))
            fail_msg("%s: '%.*s'", cases[i].what, SLICE_FMT(tally_view(t, FACT_DOCUMENT_TEXT, 0)));
        tally_drop(&t);
        for (size_t n = 1; n < 14; n++) {
            t = tally_run(&(struct tally_options){ .fail_at = n }, slice_of(cases[i].in));
            tally_check(t);
            tally_drop(&t);
        }
    }
}

static void names_of_files(void **state)
{
    (void)state;
    struct tally *t = tally_run(&(struct tally_options){ 0 }, slice_of(CAL("ATTACH;ENCODING=BASE64;FILENAME=\"a;b.txt\":aGVsbG8=")));
    assert_true(slice_is(t->r.parts[1].name, "a;b.txt"));
    tally_drop(&t);
}

static void others_are_left(void **state)
{
    static const char *const others[] = { "BEGIN:VCARD\r\n", "a BEGIN:VCALENDAR\r\n", "BEGIN VCALENDAR\r\n", "SUMMARY:x\r\n", "" };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .format = "calendar" }, slice_of(others[i]));
        assert_int_equal(tally_facts(t, FACT_DOCUMENT_WORDS), 0);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendars_are_read),
        cmocka_unit_test(names_of_files),
        cmocka_unit_test(others_are_left),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
