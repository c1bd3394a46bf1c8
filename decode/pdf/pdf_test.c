/* SPDX-License-Identifier: Apache-2.0 */
/* Files are written as text; binary ones stand in the corpus (tools/make-corpus-pdf). */
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define HEAD "%PDF-1.4\n"
#define PAGE "1 0 obj<</Type/Page/MediaBox[0 0 100 100]/Contents 2 0 R/Annots[3 0 R]/Resources<</Font<</F 9 0 R>>/XObject<</I 8 0 R>>>>>>endobj\n" \
             "9 0 obj<</Type/Font/Subtype/Type1>>endobj 8 0 obj<</Subtype/Image/Length 1>>stream\nx\nendstream endobj\n"
#define CONTENT(text) "2 0 obj<<>>stream\n" text "\nendstream endobj\n"
#define SHOW(size, text) CONTENT("BT /F " size " Tf 10 50 Td (" text ") Tj ET")
#define LINK(rect, url) "3 0 obj<</Subtype/Link/Rect[" rect "]/A<</S/URI/URI(" url ")>>>>endobj\n"
#define A "http://example.invalid/a"

static const struct {
    const char *what;
    slice bytes;
    enum fact_id id;
    const char *text; /* NULL: a flag or number; "" : the fact must be absent */
    int64_t number;
} cases[] = {
    /* kind */
    { "link", SLICE_INIT(HEAD LINK("0 0 9 9", A)), FACT_URL_FULL, A, 0 },
    { "a page", SLICE_INIT(HEAD PAGE SHOW("12", "one two")), FACT_PDF_PAGES, NULL, 1 },
    { "words of a page", SLICE_INIT(HEAD PAGE SHOW("12", "one two")), FACT_DOCUMENT_WORDS, NULL, 2 },
    { "link area", SLICE_INIT(HEAD PAGE LINK("0 0 50 50", A)), FACT_PDF_LINK_AREA, NULL, 25 },
    { "link area, corners swapped", SLICE_INIT(HEAD PAGE LINK("50 50 0 0", A)), FACT_PDF_LINK_AREA, NULL, 25 },
    { "link beyond the page is clipped", SLICE_INIT(HEAD PAGE LINK("-900 -900 900 900", A)), FACT_PDF_LINK_AREA, NULL, 100 },
    { "text of a link", SLICE_INIT(HEAD PAGE SHOW("12", "press here") LINK("0 40 90 60", A)), FACT_URL_TEXT, "press here", 0 },
    { "picture", SLICE_INIT(HEAD PAGE CONTENT("q 50 0 0 50 0 0 cm /I Do Q")), FACT_PDF_IMAGE_AREA, NULL, 25 },
    { "picture only", SLICE_INIT(HEAD PAGE CONTENT("q 90 0 0 90 0 0 cm /I Do Q")), FACT_DOCUMENT_IMAGE_ONLY, NULL, 1 },
    { "script", SLICE_INIT(HEAD "1 0 obj<</S/JavaScript/JS(app.launchURL)>>endobj"), FACT_PDF_SCRIPT_CALL, "launchURL", 0 },
    { "a form's script is not automatic", SLICE_INIT(HEAD "1 0 obj<</AA<</K<</S/JavaScript/JS(this.submitForm)>>>>>>endobj"), FACT_PDF_AUTO, "", 0 },
    { "submit", SLICE_INIT(HEAD "1 0 obj<</S/SubmitForm/F<</FS/URL/F(" A ")>>>>endobj"), FACT_PDF_SUBMIT, A, 0 },
    { "launch", SLICE_INIT(HEAD "1 0 obj<</S/Launch/F(a.doc)>>endobj"), FACT_PDF_LAUNCH, "a.doc", 0 },
    { "launch with parameters", SLICE_INIT(HEAD "1 0 obj<</S/Launch/Win<</F(a)/P(/b c)>>>>endobj"), FACT_PDF_LAUNCH, "a /b c", 0 },
    { "starts by itself", SLICE_INIT(HEAD "1 0 obj<</OpenAction 2 0 R>>endobj 2 0 obj<</S/URI/URI(" A ")>>endobj"), FACT_PDF_AUTO, "uri", 0 },
    { "goes to a page by itself", SLICE_INIT(HEAD "1 0 obj<</OpenAction[2 0 R/Fit]>>endobj 2 0 obj<</Type/Page>>endobj"), FACT_PDF_AUTO, "", 0 },
    { "page event", SLICE_INIT(HEAD "1 0 obj<</Type/Page/AA<</O<</S/Launch/F(a)>>>>>>endobj"), FACT_PDF_AUTO, "launch", 0 },
    { "next action", SLICE_INIT(HEAD "1 0 obj<</OpenAction<</S/GoTo/Next<</S/JavaScript/JS(mailDoc)>>>>>>endobj"), FACT_PDF_AUTO_CALL, "mailDoc", 0 },
    { "named script in a tree", SLICE_INIT(HEAD "1 0 obj<</JavaScript<</Kids[2 0 R]>>>>endobj 2 0 obj<</Names[(n)<</S/JavaScript/JS(mailMsg)>>]>>endobj"), FACT_PDF_AUTO_CALL, "mailMsg", 0 },
    { "server path", SLICE_INIT(HEAD "1 0 obj<</S/GoToE/F(\\\\\\\\192.0.2.7\\\\a)>>endobj"), FACT_PDF_REMOTE, "\\\\192.0.2.7\\a", 0 },
    { "embedded file", SLICE_INIT(HEAD "1 0 obj<</F(a)/UF<FEFF0062>/EF<</F 2 0 R>>>>endobj 2 0 obj<<>>stream\nx\nendstream endobj"), FACT_PDF_EMBEDDED, "b", 0 },

    /* hostile */
    { "keyword in codes", SLICE_INIT(HEAD "1 0 obj<</S/J#61vaScript/#4aS(app.launchURL)>>endobj"), FACT_PDF_SCRIPT_CALL, "launchURL", 0 },
    { "keyword in codes is told", SLICE_INIT(HEAD "1 0 obj<</S/J#61vaScript/JS(x)>>endobj"), FACT_PDF_NAME_ESCAPED, "JavaScript", 0 },
    { "codes where nothing is hidden", SLICE_INIT(HEAD "1 0 obj<</A#20B/C#20D>>endobj"), FACT_PDF_NAME_ESCAPED, "", 0 },
    { "string in octal and pieces", SLICE_INIT(HEAD "1 0 obj<</S/URI/URI(http:\\057/example\\\r\n.inv\\141lid/\\)\\()>>endobj"), FACT_URL_FULL, "http://example.invalid/)(", 0 },
    { "string in hex, odd and spaced", SLICE_INIT(HEAD "1 0 obj<</S/Launch/F<61 2E\n6>>>endobj"), FACT_PDF_LAUNCH, "a.`", 0 },
    { "string in UTF-16", SLICE_INIT(HEAD "1 0 obj<</S/JavaScript/JS<FEFF006500760061006C0028>>>endobj"), FACT_PDF_SCRIPT_CALL, "eval", 0 },
    { "comment inside a reference", SLICE_INIT(HEAD "1 0 obj<</OpenAction 2 %x\n0 R>>endobj 2 0 obj<</S/URI/URI(" A ")>>endobj"), FACT_PDF_AUTO, "uri", 0 },
    { "object without an end", SLICE_INIT(HEAD "1 0 obj<</A 1 2 0 obj<</S/URI/URI(" A ")>>"), FACT_URL_FULL, A, 0 },
    { "dictionary without an end", SLICE_INIT(HEAD "1 0 obj<</S/URI/URI(" A ")"), FACT_URL_FULL, A, 0 },
    { "string without an end hides nothing", SLICE_INIT(HEAD "1 0 obj<</A(x 2 0 obj<</S/URI/URI<687474703A2F2F6578616D706C652E696E76616C69642F61>>>endobj"), FACT_URL_FULL, A, 0 },
    { "bytes in front", SLICE_INIT("junk\n" HEAD LINK("0 0 9 9", A)), FACT_PDF_PREPENDED, NULL, 5 },
    { "no header", SLICE_INIT(LINK("0 0 9 9", A)), FACT_PDF_DAMAGED, "header", 0 },
    { "no table", SLICE_INIT(HEAD LINK("0 0 9 9", A)), FACT_PDF_DAMAGED, "xref", 0 },
    { "nothing but a header", SLICE_INIT(HEAD), FACT_PDF_DAMAGED, "objects", 0 },
    { "object inside a stream, named by the table",
      SLICE_INIT(HEAD "1 0 obj<<>>stream\n2 0 obj<</S/URI/URI(" A ")>>endobj\nendstream endobj\nxref\n2 1\n0000000027 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n98\n%%EOF"), FACT_URL_FULL, A, 0 },
    { "reference to itself", SLICE_INIT(HEAD "1 0 obj 1 0 R endobj 2 0 obj<</S/URI/URI 1 0 R>>endobj"), FACT_PDF_ACTION, "uri", 0 },
    { "parents in a circle", SLICE_INIT(HEAD "1 0 obj<</Type/Page/Parent 2 0 R>>endobj 2 0 obj<</Parent 2 0 R>>endobj"), FACT_PDF_PAGES, NULL, 1 },
    { "name tree in a circle", SLICE_INIT(HEAD "1 0 obj<</JavaScript 2 0 R>>endobj 2 0 obj<</Kids[2 0 R 2 0 R]>>endobj"), FACT_PDF_SCRIPT_CALL, "", 0 },
    { "actions in a circle", SLICE_INIT(HEAD "1 0 obj<</OpenAction 2 0 R>>endobj 2 0 obj<</S/URI/URI(" A ")/Next 2 0 R>>endobj"), FACT_PDF_AUTO, "uri", 0 },
    { "actions in an array of itself", SLICE_INIT(HEAD "1 0 obj<</OpenAction 2 0 R>>endobj 2 0 obj[2 0 R<</S/URI/URI(" A ")>>]endobj"), FACT_PDF_AUTO, "uri", 0 },
    { "deep in arrays and dictionaries",
      SLICE_INIT(HEAD "1 0 obj[[[[<<[[<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A"
                 "<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</A<</S/URI/URI(" A ")>>>>>>"), FACT_URL_FULL, A, 0 },
    { "brackets closed wrongly", SLICE_INIT(HEAD "1 0 obj<</K[>>]>><</S/URI/URI(" A ")>>endobj"), FACT_URL_FULL, A, 0 },
    { "wrong length", SLICE_INIT(HEAD "1 0 obj<</S/JavaScript/JS 2 0 R>>endobj 2 0 obj<</Length 3>>stream\nunescape\nendstream endobj"), FACT_PDF_SCRIPT_CALL, "unescape", 0 },
    { "length beyond the end", SLICE_INIT(HEAD "1 0 obj<</JS 2 0 R>>endobj 2 0 obj<</Length 99999999999>>stream\nunescape\nendstream"), FACT_PDF_SCRIPT_CALL, "unescape", 0 },
    { "stream without an end", SLICE_INIT(HEAD "1 0 obj<</JS 2 0 R>>endobj 2 0 obj<<>>stream\nunescape"), FACT_PDF_SCRIPT_CALL, "unescape", 0 },
    { "filters one after the other", SLICE_INIT(HEAD "1 0 obj<</JS 2 0 R>>endobj 2 0 obj<</Filter[/AHx/A#38#35]>>stream\n46 2A 32 4D 37 7E 3E>\nendstream"), FACT_PDF_SCRIPT_COUNT, NULL, 1 },
    { "filters refer to themselves", SLICE_INIT(HEAD "1 0 obj<</JS 2 0 R>>endobj 2 0 obj<</Filter 3 0 R>>stream\neval(\nendstream endobj 3 0 obj[3 0 R 3 0 R]endobj"), FACT_PDF_SCRIPT_CALL, "eval", 0 },
    { "unreadably small", SLICE_INIT(HEAD PAGE SHOW("0.8", "0123456789")), FACT_PDF_HIDDEN_TEXT, NULL, 10 },
    { "unreadably small, no words", SLICE_INIT(HEAD PAGE SHOW("0.8", "one two")), FACT_DOCUMENT_WORDS, NULL, 0 },
    { "small by matrix", SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf .05 0 0 .05 10 10 Tm (hidden word) Tj ET")), FACT_PDF_HIDDEN_TEXT_WORD, NULL, 6 },
    { "large by matrix is no hiding", SLICE_INIT(HEAD PAGE CONTENT("BT /F 1 Tf 12 0 0 12 10 10 Tm (one) Tj ET")), FACT_PDF_HIDDEN_TEXT, "", 0 },
    { "off the page", SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf 900 900 Td (one two) Tj ET")), FACT_PDF_HIDDEN_TEXT, NULL, 7 },
    { "off the page, many zeros",
      SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf 0000000000000000900 +900. Td (one two) Tj ET")),
      FACT_PDF_HIDDEN_TEXT, NULL, 7 },
    { "off the page by fractions",
      SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf 900.5 -.9e+3 -900.25-3 Td(one two)Tj ET")),
      FACT_PDF_HIDDEN_TEXT, NULL, 7 },
    { "off the page to the left, no blank behind the number",
      SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf -900.0 10 Td(one two)Tj ET")), FACT_PDF_HIDDEN_TEXT,
      NULL, 7 },
    { "a number that is an operator",
      SLICE_INIT(HEAD PAGE CONTENT("BT /F 12 Tf 900 9x0 Td (one) Tj ET")), FACT_PDF_HIDDEN_TEXT, "",
      0 },
    { "form draws itself", SLICE_INIT(HEAD "1 0 obj<</Type/Page/Contents 2 0 R/Resources 3 0 R>>endobj 2 0 obj<</Subtype/Form>>stream\n/X Do /X Do\nendstream endobj 3 0 obj<</XObject<</X 2 0 R>>>>endobj"), FACT_PDF_PAGES, NULL, 1 },
    { "state never restored", SLICE_INIT(HEAD PAGE CONTENT("q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q q Q Q Q Q Q Q BT /F 12 Tf (one) Tj")), FACT_DOCUMENT_WORDS, NULL, 1 },
    { "coded memory", SLICE_INIT(HEAD "1 0 obj<</JS(unescape\\(\"%u9090%u9090%uZZZZ%u41\"\\))>>endobj"), FACT_PDF_SCRIPT_ESCAPES, NULL, 2 },
    { "object stream without a type", SLICE_INIT(HEAD "1 0 obj<</N 1/First 4>>stream\n9 0 <</S/Launch/F(a)>>\nendstream endobj"), FACT_PDF_LAUNCH, "a", 0 },
    { "object stream whose offsets lie", SLICE_INIT(HEAD "1 0 obj<</N 9/First 12/Type/ObjStm>>stream\n9 900 8 -1 7 <</S/Launch/F(a)>>\nendstream endobj"), FACT_PDF_LAUNCH, "", 0 },
    { "object stream in an object stream", SLICE_INIT(HEAD "1 0 obj<</N 1/First 4>>stream\n1 0 <</N 1/First 4/S/Launch/F(a)>>stream\nendstream endobj"), FACT_PDF_LAUNCH, "a", 0 },
    { "two revisions of one object", SLICE_INIT(HEAD "1 0 obj<</S/Launch/F(old)>>endobj %%EOF 1 0 obj<</S/Launch/F(new)>>endobj %%EOF"), FACT_PDF_LAUNCH, "old", 0 },
    { "numbers without end", SLICE_INIT(HEAD "99999999999999999999 0 obj<</S/Launch/F(a)>>endobj 4294967295 65535 obj<</S/Launch/F(b)>>endobj"), FACT_PDF_LAUNCH, "b", 0 },
    { "another file behind the end", SLICE_INIT(HEAD "1 0 obj<<>>endobj\n%%EOF\nMZ"), FACT_FILE_OVERLAY, "", 0 },
};

static void files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_format("pdf", cases[i].bytes);
        tally_check(t);
        const struct fact *f = tally_fact(t, cases[i].id);
        bool good = !cases[i].text ? f && f->number == cases[i].number
                    : !*cases[i].text ? !f
                                      : tally_has(t, cases[i].id, cases[i].text);
        if (!good)
            fail_msg("%s: %s is '%.*s' %d", cases[i].what, fact_row(cases[i].id)->name, f ? (int)f->text.len : 0, f ? (const char *)f->text.at : "", f ? (int)f->number : -1);
        tally_drop(&t);
        for (size_t n = 1; n < 20; n++) {
            t = tally_run(&(struct tally_options){ .format = "pdf", .fail_at = n }, cases[i].bytes);
            tally_check(t);
            tally_drop(&t);
        }
    }
}

static void encryption_is_opened(void **state)
{
    static const struct {
        const char *file, *password, *encryption;
        bool open;
    } files[] = {
        { "rc4-40", NULL, "rc4-40", true },
        { "rc4-128", NULL, "rc4-128", true },
        { "aes-128", NULL, "aes-128", true },
        { "aes-256-r5", NULL, "aes-256", true },
        { "aes-256-r6", NULL, "aes-256", true },
        { "rc4-128-password", "infected", "rc4-128", true },
        { "rc4-128-password", "wrong", "rc4-128", false },
        { "rc4-128-password", NULL, "rc4-128", false },
        { "aes-256-password", "1234", "aes-256", true },
        { "aes-256-password", "12345", "aes-256", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        static uint8_t room[1 << 16];
        char path[256];
        const char *passwords[2] = { files[i].password, NULL };
        snprintf(path, sizeof path, "%s/%s.pdf", CORPUS, files[i].file);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        slice bytes = { room, fread(room, 1, sizeof room, f) };
        fclose(f);
        struct tally *t = tally_run(&(struct tally_options){ .format = "pdf", .passwords = passwords }, bytes);
        tally_check(t);
        bool text = slice_starts(tally_view(t, FACT_DOCUMENT_TEXT, 0), SLICE_LIT("An inert sample."));
        bool link = tally_has(t, FACT_URL_FULL, A);
        if (text != files[i].open || link != files[i].open || tally_unread(t, UNREAD_ENCRYPTED) == files[i].open ||
            !tally_has(t, FACT_PDF_ENCRYPTION, files[i].encryption) ||
            (tally_fact(t, FACT_PASSWORD_WANTED) != NULL) == files[i].open ||
            (tally_fact(t, FACT_PASSWORD_FOUND) != NULL) != (files[i].open && files[i].password))
            fail_msg("%s: text %d, link %d", files[i].file, text, link);
        tally_drop(&t);
    }
}

static void children_have_names(void **state)
{
    (void)state;
    struct tally *t = tally_format("pdf", SLICE_LIT(HEAD "1 0 obj<</F(x/y.txt)/EF<</F 2 0 R/UF 2 0 R>>>>endobj 2 0 obj<<>>stream\nwords\nendstream endobj"));
    assert_int_equal(t->r.n_parts, 2);
    assert_int_equal(tally_part_named(t, "y.txt"), 1);
    assert_int_equal(t->r.parts[1].size, 5);
    assert_int_equal(t->r.parts[1].how, HOW_PDF);
    tally_drop(&t);
}

/* Work must grow with the size and no faster, or end in a named limit. */
static void repeat(struct buf *b, const char *what, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_text(b, what);
}

static void bombs_end(void **state)
{
    static const struct {
        const char *what, *head, *again, *tail;
        size_t n;
    } bombs[] = {
        { "strings without end", HEAD, "1 0 obj(", "", 40000 },
        { "names without end", HEAD, "1 0 obj/", "", 40000 },
        { "dictionaries without end", HEAD "1 0 obj", "<</A", "", 400000 },
        { "streams without end", HEAD, "1 0 obj<<>>stream\n", "", 40000 },
        { "references in a row", HEAD "1 0 obj[", "1 0 R ", "]endobj", 200000 },
        { "many links", HEAD, "1 0 obj<</S/URI/URI 2 0 R>>endobj ", "2 0 obj(http://example.invalid/)endobj", 40000 },
        { "many pages", HEAD, "1 0 obj<</Type/Page/Contents 2 0 R>>endobj ", "2 0 obj<<>>stream\n0 0 Td\nendstream endobj", 40000 },
        { "many ends", HEAD, "%%EOF ", "", 200000 },
        { "many trailers", HEAD "1 0 obj endobj ", "trailer<</Size 1/Root(", "", 40000 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
        struct buf b = buf_new(8 << 20);
        buf_text(&b, bombs[i].head);
        repeat(&b, bombs[i].again, bombs[i].n);
        buf_text(&b, bombs[i].tail);
        struct tally *t = tally_run(&(struct tally_options){ .format = "pdf", .ceiling = 200u << 20 }, buf_slice(&b));
        tally_check(t);
        if (t->r.parts[0].end == WALK_LIMIT && !tally_unread(t, UNREAD_LIMIT))
            fail_msg("%s: the limit has no name", bombs[i].what);
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void sniffing(void **state)
{
    static const struct {
        slice bytes;
        const char *name;
        bool pdf;
    } heads[] = {
        { SLICE_INIT(HEAD "1 0 obj<<>>endobj"), "", true },
        { SLICE_INIT("\x89junk" HEAD "1 0 obj<<>>endobj"), "a.doc", true },
        { SLICE_INIT("1 0 obj<<>>endobj"), "a.pdf", true },
        { SLICE_INIT("1 0 obj<<>>endobj"), "a.txt", false },
        { SLICE_INIT("%PDF"), "a.pdf", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = heads[i].name }, heads[i].bytes);
        if ((tally_fact(t, FACT_PDF_PAGES) != NULL) != heads[i].pdf)
            fail_msg("case %zu", i);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(encryption_is_opened),
        cmocka_unit_test(children_have_names),
        cmocka_unit_test(bombs_end),
        cmocka_unit_test(sniffing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
