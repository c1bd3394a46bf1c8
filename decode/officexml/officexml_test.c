/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define FLAT(inner) "<?mso-application progid=\"Word.Document\"?><pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">" inner
#define PART(name, inner) "<pkg:part pkg:name=\"" name "\">" inner "</pkg:part>"
#define XML(inner) "<pkg:xmlData>" inner "</pkg:xmlData>"
#define BASE64(inner) "<pkg:binaryData>" inner "</pkg:binaryData>"
#define DOCUMENT(text) PART("/word/document.xml", XML("<w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>" text "</w:t></w:r></w:p></w:body></w:document>"))
#define OLD(inner) "<w:wordDocument xmlns:w=\"http://schemas.microsoft.com/office/word/2003/wordml\">" inner "</w:wordDocument>"
#define BOOK(inner) "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">" inner "</Workbook>"

static const struct {
    const char *what;
    slice bytes;
    const char *type, *text; /* text: NULL where there is no view */
    uint32_t parts;
    const char *child;       /* name of the first; NULL */
    enum fact_id id;
    const char *value;       /* NULL: not asked */
} cases[] = {
    { "flat package", SLICE_INIT(FLAT(DOCUMENT("one two")) "</pkg:package>"), "docx", "one two", 1, NULL, 0, NULL },
    { "old document", SLICE_INIT(OLD("<w:p><w:t>one</w:t></w:p><w:p><w:t>two</w:t></w:p>")), "doc", "one\ntwo\n", 1, NULL, 0, NULL },
    { "old workbook", SLICE_INIT(BOOK("<Row><Cell><Data>a</Data></Cell><Cell><Data>b</Data></Cell></Row>")), "xls", "a\tb\t\n", 1, NULL, 0, NULL },
    { "link of a cell", SLICE_INIT(BOOK("<Cell ss:HRef=\"http://example.invalid/a\"><Data>a</Data></Cell>")), "xls", "a\t", 1, NULL, FACT_URL_FULL, "http://example.invalid/a" },
    { "link of a word", SLICE_INIT(OLD("<w:hlink w:dest=\"http://example.invalid/a\"/>")), "doc", "", 1, NULL, FACT_URL_FULL, "http://example.invalid/a" },

    { "base64 becomes a child", SLICE_INIT(OLD("<w:binData w:name=\"wordml://a.bin\">aGVsbG8g\r\nd29ybGQ=</w:binData>")), "doc", "", 2, "a.bin", 0, NULL },
    { "a package without end", SLICE_INIT(FLAT(PART("/a.txt", BASE64("aGVsbG8gd29ybGQ=")))), "officexml", NULL, 2, "/a.txt", 0, NULL },
    { "base64 without end", SLICE_INIT(FLAT("<pkg:part pkg:name=\"/a.txt\"><pkg:binaryData>aGVsbG8gd29ybGQ=")), "officexml", NULL, 2, "/a.txt", 0, NULL },
    { "a tag with brackets in quotes", SLICE_INIT(OLD("<w:binData w:x=\"a>b\" w:name='c'>aGVsbG8gd29ybGQ=</w:binData>")), "doc", "", 2, "c", 0, NULL },
    { "template from outside", SLICE_INIT(OLD("<w:attachedTemplate w:val=\"http://example.invalid/t.dot\"/>")), "doc", "", 1, NULL, FACT_OFFICE_EXTERNAL_TEMPLATE, "http://example.invalid/t.dot" },
    { "frame from outside", SLICE_INIT(OLD("<w:frame><w:sourceFileName w:val=\"http://example.invalid/f\"/></w:frame>")), "doc", "", 1, NULL, FACT_OFFICE_EXTERNAL_OBJECT, "http://example.invalid/f" },
    { "DDE in two pieces", SLICE_INIT(OLD("<w:p><w:instrText>DDE</w:instrText><w:instrText>AUTO a b</w:instrText></w:p>")), "doc", "\n", 1, NULL, FACT_OFFICE_FIELD_DDE, "DDEAUTO a b" },
    { "DDE in an attribute", SLICE_INIT(OLD("<w:fldSimple w:instr=\" DDE a b\"/>")), "doc", "", 1, NULL, FACT_OFFICE_FIELD_DDE, "DDE a b" },
    { "closes without opens", SLICE_INIT(OLD("</w:p></w:p></w:x><w:t>one</w:t>")), "doc", NULL, 1, NULL, 0, NULL },
    { "empty package", SLICE_INIT(FLAT("") "</pkg:package>"), "officexml", NULL, 1, NULL, 0, NULL },
    { "part without name", SLICE_INIT(FLAT("<pkg:part><pkg:binaryData>aGVsbG8gd29ybGQ=</pkg:binaryData></pkg:part>")), "officexml", NULL, 2, "", 0, NULL },
    { "a page with Office XML in it is a page", SLICE_INIT("<html xmlns:x=\"urn:schemas-microsoft-com:office:spreadsheet\"><body>one</body></html>"), "html", "one", 1, NULL, 0, NULL },
};

static void documents_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ 0 }, cases[i].bytes);
        tally_check(t);
        slice text = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (!slice_is(t->r.parts[0].type, cases[i].type) || t->r.n_parts != cases[i].parts)
            fail_msg("%s: type %.*s, %u parts", cases[i].what, SLICE_FMT(t->r.parts[0].type), t->r.n_parts);
        if (cases[i].text && !slice_eq(slice_trim(text), slice_trim(slice_of(cases[i].text))))
            fail_msg("%s: text '%.*s'", cases[i].what, SLICE_FMT(text));
        if (cases[i].child && !slice_is(t->r.parts[1].name, cases[i].child))
            fail_msg("%s: child '%.*s'", cases[i].what, SLICE_FMT(t->r.parts[1].name));
        if (cases[i].parts == 2)
            assert_int_equal(t->r.parts[1].size, 11);
        if (cases[i].value && !tally_has(t, cases[i].id, cases[i].value))
            fail_msg("%s: no %s", cases[i].what, fact_row(cases[i].id)->name);
        tally_drop(&t);
        for (size_t n = 1; n < 16; n++) {
            t = tally_run(&(struct tally_options){ .format = "officexml", .fail_at = n }, cases[i].bytes);
            tally_check(t);
            tally_drop(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
