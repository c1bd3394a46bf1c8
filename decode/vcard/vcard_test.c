/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CARD(lines) "BEGIN:VCARD\r\nVERSION:3.0\r\n" lines "\r\nEND:VCARD\r\n"

static const struct {
    const char *what, *in, *text;
    enum fact_id fact;
    const char *value;
    size_t parts;
} cases[] = {
    { "name", CARD("FN:Taro"), "Taro", FACT_CONTACT_PATH, NULL, 1 },
    { "page", CARD("URL:http://example.invalid/a"), NULL, FACT_URL_FULL, "http://example.invalid/a", 1 },
    { "an honest page is no path", CARD("URL;TYPE=WORK:www.partner.example/a/b.exe"), NULL, FACT_CONTACT_PATH, NULL, 1 },
    { "nor is a host in .com", CARD("URL:www.partner.com"), NULL, FACT_CONTACT_PATH, NULL, 1 },
    { "picture", CARD("PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgoAAAANSUhEUg=="), NULL, FACT_FILE_TYPE, "png", 2 },
    { "picture elsewhere", CARD("PHOTO;VALUE=uri:http://example.invalid/p"), NULL, FACT_URL_FULL, "http://example.invalid/p", 1 },
    /* what hides */
    { "group", CARD("item1.URL:http://example.invalid/b"), NULL, FACT_URL_FULL, "http://example.invalid/b", 1 },
    { "bare words", CARD("PHOTO;PNG;BASE64:\r\n  iVBORw0K\r\n  GgoAAAANSUhEUg=="), NULL, FACT_FILE_TYPE, "png", 2 },
    { "data URL", CARD("LOGO:data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="), NULL, FACT_FILE_TYPE, "png", 2 },
    { "program for a picture", CARD("PHOTO;ENCODING=b;TYPE=JPEG:TVqQAAMAAAAEAAAA"), NULL, FACT_FILE_TYPE, "pe", 2 },
    { "program for a sound", CARD("SOUND;TYPE=WAVE;ENCODING=BASE64:TVqQAAMAAAAEAAAA"), NULL, FACT_FILE_TYPE, "pe", 2 },
    { "path for a page", CARD("URL:http.\\\\www.example.invalid\\a.cpl"), NULL, FACT_CONTACT_PATH, "", 1 },
    { "program for a page", CARD("URL:a.cpl"), NULL, FACT_CONTACT_PATH, "a.cpl", 1 },
    { "share for a page", CARD("URL:\\\\192.0.2.1\\share\\a.txt"), NULL, FACT_CONTACT_PATH, "", 1 },
    { "name in code page 932", CARD("FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=93=FA=96=7B"), "\u65e5\u672c", FACT_CONTACT_PATH, NULL, 1 },
    { "two cards", CARD("FN:a") CARD("FN:b"), "a\nb", FACT_CONTACT_PATH, NULL, 1 },
    { "never closed", "begin:vcard\nFN:a", "a", FACT_CONTACT_PATH, NULL, 1 },
    { "damaged base64", CARD("PHOTO;ENCODING=b:!!!!"), NULL, FACT_FILE_ATTACHMENT, NULL, 1 },
};

static void contacts_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.vcf" }, slice_of(cases[i].in));
        tally_check(t);
        const struct fact *f = tally_fact(t, cases[i].fact);
        const char *value = cases[i].value;
        if (!slice_is(t->r.parts[0].type, "vcard") || t->r.n_parts != cases[i].parts)
            fail_msg("%s: type %.*s, %u parts", cases[i].what, SLICE_FMT(t->r.parts[0].type), t->r.n_parts);
        if (value ? !f || (value[0] && !tally_has(t, cases[i].fact, value)) : f != NULL)
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(contacts_are_read) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
