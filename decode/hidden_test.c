/* SPDX-License-Identifier: Apache-2.0 */
/* The store is asked while the tree is walked, by hooks. The second half asks for the values of
 * documents at the moment when their macro project begins, as those who evaluate macros do. */
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"
#include "decode/hidden.h"
#include "decode/ooxml/ooxml_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

struct value_row {
    enum hidden_place place;
    const char *owner, *name, *property, *value;
};

static const struct value_row values[] = {
    { HIDDEN_CONTROL, "UserForm1", "TextBox1", "Value", "one" },
    { HIDDEN_CONTROL, "UserForm1", "TextBox1", "Tag", "tag of one" },
    { HIDDEN_CONTROL, "UserForm1", "Label1", "Caption", "two" },
    { HIDDEN_CONTROL, "UserForm2", "TextBox1", "Value", "other form" },
    { HIDDEN_CONTROL, "", "Nobody", "Value", "no owner" },
    { HIDDEN_VARIABLE, "", "v", "", "variable" },
    { HIDDEN_VARIABLE, "", "w", "", "second variable" },
    { HIDDEN_PROPERTY, "builtin", "Title", "", "title" },
    { HIDDEN_CELL, "Sheet1", "A1", "", "cell" },
};

struct asked {
    const char *name;
    enum hidden_place place;
    const char *owner, *thing, *property;
    uint32_t index; /* not 0: by number */
    const char *want; /* NULL: nothing */
};

static const struct asked questions[] = {
    { "by name", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Value", 0, "one" },
    { "Text is Value", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Text", 0, "one" },
    { "names know no case", HIDDEN_CONTROL, "userform1", "TEXTBOX1", "value", 0, "one" },
    { "default property", HIDDEN_CONTROL, "UserForm1", "Label1", "", 0, "two" },
    { "another property", HIDDEN_CONTROL, "UserForm1", "TextBox1", "Tag", 0, "tag of one" },
    { "another form", HIDDEN_CONTROL, "UserForm2", "TextBox1", "Value", 0, "other form" },
    { "any form", HIDDEN_CONTROL, "", "TextBox1", "Value", 0, "one" },
    { "owner not known", HIDDEN_CONTROL, "Sheet1", "Nobody", "Value", 0, "no owner" },
    { "variable", HIDDEN_VARIABLE, "", "V", "", 0, "variable" },
    { "property", HIDDEN_PROPERTY, "", "title", "", 0, "title" },
    { "by number", HIDDEN_CONTROL, "UserForm1", "", "", 2, "two" },
    { "by number, property", HIDDEN_CONTROL, "UserForm1", "", "Tag", 1, "tag of one" },
    { "variable by number", HIDDEN_VARIABLE, "", "", "", 2, "second variable" },
    { "cell, loaded when asked", HIDDEN_CELL, "Sheet1", "B2", "", 0, "loaded" },
    { "wrong form", HIDDEN_CONTROL, "UserForm3", "TextBox1", "Value", 0, NULL },
    { "wrong property", HIDDEN_CONTROL, "UserForm1", "Label1", "Tag", 0, NULL },
    { "wrong place", HIDDEN_VARIABLE, "", "TextBox1", "", 0, NULL },
    { "number too high", HIDDEN_VARIABLE, "", "", "", 3, NULL },
    { "number nought", HIDDEN_CONTROL, "", "", "", UINT32_MAX, NULL },
    { "of another document", HIDDEN_VARIABLE, "", "foreign", "", 0, NULL },
};

static struct table answers;
static unsigned loads;

static void load_cells(void *host)
{
    loads++;
    hidden_text(host, HIDDEN_CELL, SLICE_LIT("Sheet1"), SLICE_LIT("B2"), (slice){ 0 }, SLICE_LIT("loaded"));
}

static void ask(struct walk *w)
{
    struct hidden_source cells = { .places = 1u << HIDDEN_CELL, .load = load_cells, .host = w };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        hidden_text(w, values[i].place, slice_of(values[i].owner), slice_of(values[i].name),
                    slice_of(values[i].property), slice_of(values[i].value));
    hidden_offer(w, &cells);
    TABLE_EACH (&answers, q, questions) {
        slice owner = slice_of(q->owner), property = slice_of(q->property);
        const struct hidden *h = q->index ? hidden_at(w, q->place, owner, q->index, property)
                                          : hidden_find(w, q->place, owner, slice_of(q->thing), property);
        if (!q->want)
            table_true(&answers, q->name, !h);
        else
            table_slice(&answers, q->name, h ? h->value : (slice){ 0 }, q->want);
    }
    hidden_withdraw(w, &cells);
    assert_int_equal(loads, 1);
}

/* Two files in one mail: the first says a variable of its own. */
static void part_begin(void *host, struct walk *w)
{
    (void)host;
    if (w->up && slice_is(w->name, "a.txt"))
        hidden_text(w, HIDDEN_VARIABLE, (slice){ 0 }, SLICE_LIT("foreign"), (slice){ 0 }, SLICE_LIT("x"));
    if (w->up && slice_is(w->name, "b.txt"))
        ask(w);
}

static void values_are_found(void **state)
{
    (void)state;
    static const char mail[] = "From: a@example.invalid\nMIME-Version: 1.0\n"
                               "Content-Type: multipart/mixed; boundary=b\n\n"
                               "--b\nContent-Type: text/plain; name=a.txt\n\na\n"
                               "--b\nContent-Type: text/plain; name=b.txt\n\nb\n--b--\n";
    const struct walk_hooks hooks = { .part_begin = part_begin };
    answers = (struct table){ 0 };
    loads = 0;
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, slice_of(mail));
    tally_check(r);
    assert_int_equal(loads, 1);
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "variable foreign = x"));
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "control UserForm1.TextBox1.Tag = tag of one"));
    assert_true(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "variable v = variable"));
    assert_false(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "control UserForm1.TextBox1.Value = one")); /* too short */
    assert_false(tally_has(r, FACT_OFFICE_HIDDEN_VALUE, "cell Sheet1.A1 = cell"));
    tally_drop(&r);
}

/* More than the store takes: the limit is told, what came first stands. */
static void say_many(void *host, struct walk *w)
{
    (void)host;
    for (unsigned i = 0; i < 70000; i++)
        hidden_text(w, HIDDEN_CELL, SLICE_LIT("S"), SLICE_LIT("A1"), (slice){ 0 }, SLICE_LIT("value"));
    assert_non_null(hidden_find(w, HIDDEN_CELL, SLICE_LIT("S"), SLICE_LIT("A1"), (slice){ 0 }));
}

static void too_many_values_are_told(void **state)
{
    (void)state;
    const struct walk_hooks hooks = { .part_begin = say_many };
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("words"));
    assert_true(tally_unread(r, UNREAD_LIMIT));
    tally_drop(&r);
}

/* Reading ahead may use half of what is left, and macros are read all the same. */
static void half_a_budget_is_kept(void *host, struct walk *w)
{
    uint64_t before = w->budget->left[BUDGET_WORK];
    struct hidden_budget kept = hidden_budget_begin(w);
    (void)host;
    assert_false(walk_work(w, before * 3 / 4));
    assert_true(walk_over(w));
    hidden_budget_end(w, &kept);
    assert_false(walk_over(w));
    assert_int_equal(w->budget->left[BUDGET_WORK], before);
}

static void budget_is_given_back(void **state)
{
    (void)state;
    const struct walk_hooks hooks = { .part_begin = half_a_budget_is_kept };
    struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("words"));
    assert_true(tally_unread(r, UNREAD_LIMIT));
    tally_drop(&r);
}

/* --- packages */

#define NO_PART "x.xml", ""
#define NO_DOC "word/document.xml", W("")
#define W(body) "<w:document xmlns:w='w' xmlns:wp='wp' xmlns:v='v' xmlns:r='r'><w:body>" body "</w:body></w:document>"
#define SI(text) "<si><t>" text "</t></si>"
#define RID "<Relationship Id='r1' Type='x/"

struct place_row {
    const char *name, *part, *xml, *part2, *xml2;
    enum hidden_place place;
    const char *owner, *thing, *property, *want; /* want NULL: nothing */
};

static const struct place_row packages[] = {
    { "variable", "word/settings.xml", "<s><docVar name='v' val='a value'/></s>", NO_DOC, HIDDEN_VARIABLE, "", "v", "", "a value" },
    { "custom property", "docProps/custom.xml", "<P><property name='p'><v>value</v></property></P>", NO_DOC, HIDDEN_PROPERTY, "custom", "p", "", "value" },
    { "title", "docProps/core.xml", "<c><title>a title</title></c>", NO_DOC, HIDDEN_PROPERTY, "builtin", "Title", "", "a title" },
    { "comments", "docProps/core.xml", "<c><description>one &amp; two</description></c>", NO_DOC, HIDDEN_PROPERTY, "builtin", "Comments", "", "one & two" },
    { "company", "docProps/app.xml", "<P><Company>Example KK</Company></P>", NO_DOC, HIDDEN_PROPERTY, "builtin", "company", "", "Example KK" },
    { "author", "docProps/core.xml", "<c><creator>somebody</creator></c>", NO_DOC, HIDDEN_PROPERTY, "builtin", "Author", "", "somebody" },
    { "alternative text", "word/document.xml", W("<wp:docPr id='1' name='Picture 1' descr='words'/>"), NO_PART, HIDDEN_SHAPE, "", "Picture 1", "AlternativeText", "words" },
    { "shape's title", "word/document.xml", W("<wp:docPr name='Picture 1' title='words'/>"), NO_PART, HIDDEN_SHAPE, "", "Picture 1", "Title", "words" },
    { "old shape", "word/document.xml", W("<v:shape id='s1' alt='words'/>"), NO_PART, HIDDEN_SHAPE, "", "s1", "AlternativeText", "words" },
    { "WordArt", "word/document.xml", W("<v:shape id='s1'/><v:textpath string='words'/>"), NO_PART, HIDDEN_SHAPE, "", "s1", "Text", "words" },
    { "text box", "word/document.xml", W("<wp:docPr name='Box'/><w:txbxContent>" PARA("one") PARA("two") "</w:txbxContent>"), NO_PART, HIDDEN_SHAPE, "", "Box", "Text", "one\rtwo" },
    { "text box never closed", "word/document.xml", "<w:d><wp:docPr name='Box'/><w:txbxContent>" PARA("one") "</w:txbxContent><w:p><", NO_PART, HIDDEN_SHAPE, "", "Box", "Text", "one" },
    { "paragraph", "word/document.xml", W(PARA("one") PARA("two")), NO_PART, HIDDEN_TEXT, "paragraphs", "2", "", "two" },
    { "box is no paragraph", "word/document.xml", W("<w:p><w:txbxContent>" PARA("x") "</w:txbxContent></w:p>" PARA("two")), NO_PART, HIDDEN_TEXT, "paragraphs", "2", "", "two" },
    { "header is no paragraph", "word/header1.xml", W(PARA("one")), "word/document.xml", W(PARA("two")), HIDDEN_TEXT, "paragraphs", "1", "", "two" },
    { "bookmark", "word/document.xml", W("<w:bookmarkStart w:id='0' w:name='b'/>" PARA("one") "<w:bookmarkEnd w:id='0'/>" PARA("two")), NO_PART, HIDDEN_TEXT, "bookmarks", "b", "", "one" },
    { "bookmark without end", "word/document.xml", W("<w:bookmarkStart w:id='0' w:name='b'/>" PARA("one")), NO_PART, HIDDEN_TEXT, "bookmarks", "b", "", NULL },
    { "end without bookmark", "word/document.xml", W(PARA("one") "<w:bookmarkEnd w:id='7'/>"), NO_PART, HIDDEN_TEXT, "bookmarks", "b", "", NULL },
    { "comment", "word/comments.xml", "<c><w:comment w:id='4'>" PARA("note") "</w:comment></c>", NO_DOC, HIDDEN_COMMENT, "document", "1", "", "note" },
    { "custom XML", "customXml/item1.xml", "<a>words</a>", NO_DOC, HIDDEN_XML, "customXml/item1.xml", "", "", "<a>words</a>" },
    { "custom XML that is none", "customXml/item1.xml", "words", NO_DOC, HIDDEN_XML, "", "", "", NULL },
    { "control's bag", "word/activeX/activeX1.xml", "<ocx classid='{0}'><ocxPr name='Movie' value='m.example'/></ocx>", NO_DOC, HIDDEN_CONTROL, "", "", "Movie", "m.example" },
    { "control's name", "word/document.xml", W("<w:control r:id='r1' w:name='TextBox1'/>"), "word/activeX/activeX1.xml", "<ocx><ocxPr name='Value' value='words'/></ocx>", HIDDEN_CONTROL, "ThisDocument", "TextBox1", "Text", "words" },
    { "control that nobody names", "word/document.xml", W("<w:control r:id='r9' w:name='TextBox1'/>"), "word/activeX/activeX1.xml", "<ocx><ocxPr name='Value' value='words'/></ocx>", HIDDEN_CONTROL, "", "TextBox1", "Text", NULL },
};

static const struct place_row books[] = {
    { "shared string", "xl/sharedStrings.xml", "<sst>" SI("zero") SI("one") "</sst>", "xl/worksheets/sheet1.xml", "<w><c r='B12' t='s'><v>1</v></c></w>", HIDDEN_CELL, "One", "B12", "", "one" },
    { "string of a formula", NO_PART, "xl/worksheets/sheet1.xml", "<w><c r='AA1' t='str'><f>x</f><v>result</v></c></w>", HIDDEN_CELL, "One", "AA1", "", "result" },
    { "inline string", NO_PART, "xl/worksheets/sheet1.xml", "<w><c r='A1' t='inlineStr'><is><t>words</t></is></c></w>", HIDDEN_CELL, "", "A1", "", "words" },
    { "cell without address", NO_PART, "xl/worksheets/sheet1.xml", "<w><row r='3'><c t='str'><v>first</v></c><c t='str'><v>second</v></c></row></w>", HIDDEN_CELL, "One", "B3", "", "second" },
    { "code name", NO_PART, "xl/worksheets/sheet1.xml", "<w><sheetPr codeName='Sheet9'/></w>", HIDDEN_SHEET, "", "Sheet9", "", "One" },
    { "note of a cell", "xl/comments1.xml", "<c><comment ref='C3'><text><t>a note</t></text></comment></c>", "xl/worksheets/sheet1.xml", "<w/>", HIDDEN_COMMENT, "", "C3", "", "a note" },
    { "name", "xl/comments1.xml", "<c/>", "xl/worksheets/sheet1.xml", "<w/>", HIDDEN_NAME, "", "secret", "", "a \"word\"" },
    { "name of a cell is no text", "xl/comments1.xml", "<c/>", "xl/worksheets/sheet1.xml", "<w/>", HIDDEN_NAME, "", "place", "", NULL },
    { "number is no text", NO_PART, "xl/worksheets/sheet1.xml", "<w><c r='A1'><v>7</v></c></w>", HIDDEN_CELL, "", "A1", "", NULL },
    { "string that is not there", "xl/sharedStrings.xml", "<sst>" SI("zero") "</sst>", "xl/worksheets/sheet1.xml", "<w><c r='A1' t='s'><v>99999999999</v></c></w>", HIDDEN_CELL, "", "A1", "", NULL },
    { "another sheet's cell", NO_PART, "xl/worksheets/sheet1.xml", "<w><c r='A1' t='str'><v>x</v></c></w>", HIDDEN_CELL, "Two", "A1", "", NULL },
};

static const struct place_row *wanted;
static struct table places;

static void answer(struct walk *w)
{
    const struct hidden *h = wanted->thing[0] == '#' /* by its number */
                                 ? hidden_at(w, wanted->place, slice_of(wanted->owner), (uint32_t)(wanted->thing[1] - '0'), slice_of(wanted->property))
                             : wanted->thing[0] || wanted->property[0]
                                 ? hidden_find(w, wanted->place, slice_of(wanted->owner), slice_of(wanted->thing), slice_of(wanted->property))
                                 : hidden_next(w, wanted->place, NULL);
    if (wanted->want ? !h || !slice_is(h->value, wanted->want) : h != NULL)
        table_wrong(&places, wanted->name, "\"%.*s\"", SLICE_FMT(h ? h->value : SLICE_LIT("(nothing)")));
}

static void at_project(void *host, struct walk *w)
{
    (void)host;
    if (slice_ends(w->name, SLICE_LIT("vbaProject.bin")))
        answer(w);
}

static const struct walk_hooks project_hooks = { .part_begin = at_project };

static void packages_keep_values(void **state)
{
    (void)state;
    places = (struct table){ 0 };
    TABLE_EACH (&places, row, packages) {
        const struct member members[] = {
            MEMBER("word/vbaProject.bin", CFB),
            MEMBER("word/_rels/document.xml.rels", RELS(RID "control' Target='activeX/activeX1.xml'/>")),
            { row->part, slice_of(row->xml) },
            { row->part2, slice_of(row->xml2) },
            WORD_TYPES,
            { NULL, { 0 } },
        };
        struct buf b = package(members);
        wanted = row;
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.docm", .hooks = &project_hooks }, buf_slice(&b));
        tally_check(r);
        table_true(&places, row->name, tally_part_named(r, "word/vbaProject.bin") != NO_ID);
        tally_drop(&r);
        buf_drop(&b);
    }
}

static void books_keep_values(void **state)
{
    (void)state;
    places = (struct table){ 0 };
    TABLE_EACH (&places, row, books) {
        const struct member members[] = {
            MEMBER("xl/vbaProject.bin", CFB),
            MEMBER("xl/workbook.xml", "<workbook xmlns:r='r'><sheets><sheet name='One' r:id='r1'/></sheets>"
                   "<definedNames><definedName name='secret'>\"a \"\"word\"\"\"</definedName><definedName name='place'>One!$A$1</definedName></definedNames></workbook>"),
            MEMBER("xl/_rels/workbook.xml.rels", RELS(RID "worksheet' Target='worksheets/sheet1.xml'/>")),
            { row->part, slice_of(row->xml) },
            { row->part2, slice_of(row->xml2) },
            SHEET_TYPES,
            { NULL, { 0 } },
        };
        struct buf b = package(members);
        wanted = row;
        struct tally *r = tally_run(&(struct tally_options){ .name = "a.xlsm", .hooks = &project_hooks }, buf_slice(&b));
        tally_check(r);
        table_true(&places, row->name, tally_part_named(r, "xl/vbaProject.bin") != NO_ID);
        tally_drop(&r);
        buf_drop(&b);
    }
}

/* --- documents of Word 97: text, and places in the table stream */

struct doc_row {
    const char *name;
    unsigned index;  /* of the structure in the Fib */
    slice table;     /* it */
    uint32_t main, comments, boxes; /* characters of the stories */
    const char *text;
    enum hidden_place place;
    const char *owner, *thing, *property, *want;
    struct {
        unsigned index;
        slice table;
    } also[2]; /* other structures */
};

/* Two text boxes: the text of the second that is drawn comes first. */
#define TWO_BOXES "two text boxes, ", 56, \
    SLICE_INIT("\0\0\0\0\4\0\0\0\10\0\0\0" "12345678901234\2\0\0\0" "1234" "12345678901234\1\0\0\0" "1234"), \
    2, 0, 8, "x\rone\rtwo\r", HIDDEN_SHAPE, ""
#define DRAWN { 50, SLICE_INIT("\2\0\x0a\xf0\4\0\0\0\7\0\0\0" "\2\0\x0a\xf0\4\0\0\0\1\0\0\0" "\2\0\x0a\xf0\4\0\0\0\2\0\0\0") }
#define ANCHORS(a, b) { 40, SLICE_INIT("\0\0\0\0\0\0\0\0\0\0\0\0" a "\0\0\0" "1234567890123456789012" b "\0\0\0" "1234567890123456789012") }

#define ALONE { { 0, { NULL, 0 } }, { 0, { NULL, 0 } } }

static const struct doc_row docs[] = {
    { TWO_BOXES, "#1", "Text", "two", { DRAWN, ANCHORS("\2", "\1") } },
    { TWO_BOXES, "#2", "Text", "one", { DRAWN, ANCHORS("\2", "\1") } },
    { TWO_BOXES, "#3", "Text", NULL, { DRAWN, ANCHORS("\2", "\1") } },
    { TWO_BOXES, "#2", "Text", "one", { DRAWN, ANCHORS("\7", "\2") } },
    { TWO_BOXES, "#1", "Text", "one", ALONE },
    { "variable", 60, SLICE_INIT("\xff\xff\1\0\4\0" "\1\0v\0\0\0\0\0" "\5\0w\0o\0r\0d\0s\0"), 5, 0, 0, "text\r", HIDDEN_VARIABLE, "", "v", "", "words", ALONE },
    { "second variable", 60, SLICE_INIT("\xff\xff\2\0\4\0" "\1\0v\0\0\0\0\0" "\1\0w\0\0\0\0\0" "\1\0x\0" "\3\0y\0y\0y\0"), 5, 0, 0, "text\r", HIDDEN_VARIABLE, "", "w", "", "yyy", ALONE },
    { "variable's length lies", 60, SLICE_INIT("\xff\xff\1\0\4\0" "\1\0v\0\0\0\0\0" "\xff\xffw\0o\0"), 5, 0, 0, "text\r", HIDDEN_VARIABLE, "", "v", "", "wo", ALONE },
    { "more names than bytes", 60, SLICE_INIT("\xff\xff\xff\xff\4\0" "\1\0v\0\0\0\0\0"), 5, 0, 0, "text\r", HIDDEN_VARIABLE, "", "v", "", NULL, ALONE },
    { "signature is no variable", 60, SLICE_INIT("\xff\xff\1\0\4\0" "\4\0S\0i\0g\0n\0\0\0\0\0" "\1\0x\0"), 5, 0, 0, "text\r", HIDDEN_VARIABLE, "", "Sign", "", NULL, ALONE },
    { "paragraph", 60, SLICE_INIT(""), 8, 0, 0, "one\rtwo\r", HIDDEN_TEXT, "paragraphs", "2", "", "two", ALONE },
    { "field's code is no text", 60, SLICE_INIT(""), 10, 0, 0, "a\x13" "CODE\x14" "b\x15\r", HIDDEN_TEXT, "paragraphs", "1", "", "ab", ALONE },
    { "comment", 5, SLICE_INIT("\0\0\0\0\6\0\0\0"), 2, 6, 0, "x\rwords\r", HIDDEN_COMMENT, "document", "1", "", "words", ALONE },
    { "comment past its story", 5, SLICE_INIT("\0\0\0\0\xff\xff\0\0"), 2, 6, 0, "x\rwords\r", HIDDEN_COMMENT, "document", "1", "", NULL, ALONE },
    { "text box", 56, SLICE_INIT("\0\0\0\0\6\0\0\0" "1234567890123456789012"), 2, 0, 6, "x\rwords\r", HIDDEN_SHAPE, "", "1", "Text", "words", ALONE },
    { "text box past its story", 56, SLICE_INIT("\0\0\0\0\7\0\0\x80" "1234567890123456789012"), 2, 0, 6, "x\rwords\r", HIDDEN_SHAPE, "", "1", "Text", NULL, ALONE },
    { "shape's description", 50, SLICE_INIT("\2\0\x0a\xf0\4\0\0\0\1\4\0\0" "\x23\0\x0b\xf0\x18\0\0\0" "\x80\xc3\4\0\0\0" "\x81\xc3\6\0\0\0" "n\0\0\0" "a\0b\0\0\0"), 2, 0, 0, "x\r", HIDDEN_SHAPE, "", "n", "AlternativeText", "ab", ALONE },
    { "WordArt", 50, SLICE_INIT("\2\0\x0a\xf0\4\0\0\0\1\4\0\0" "\x13\0\x0b\xf0\x0c\0\0\0" "\xc0\xc0\6\0\0\0" "a\0b\0\0\0"), 2, 0, 0, "x\r", HIDDEN_SHAPE, "", "", "Text", "ab", ALONE },
    { "shape's property past the end", 50, SLICE_INIT("\2\0\x0a\xf0\4\0\0\0\1\4\0\0" "\xf3\xff\x0b\xf0\xff\xff\xff\xff" "\xc0\xc0\xff\xff\xff\xff" "a\0b\0\0\0"), 2, 0, 0, "x\r", HIDDEN_SHAPE, "", "", "Text", NULL, ALONE },
};

static void at_macro(void *host, struct walk *w)
{
    (void)host;
    if (slice_starts(w->name, SLICE_LIT("Macros")))
        answer(w);
}

static struct buf word_stream(const struct doc_row *row)
{
    struct buf b = buf_new(4096);
    const struct { unsigned at; uint32_t v; } numbers[] = {
        { 0x4c, row->main }, { 0x5c, row->comments }, { 0x64, row->boxes }, { 0x1a2, 512 }, { 0x1a6, 21 },
        { 0x9a + row->index * 8, 0 }, { 0x9e + row->index * 8, (uint32_t)row->table.len },
    };
    size_t at = row->table.len;
    build_le(&b, 0xa5ec, 2);
    build_le(&b, 0xc1, 2);
    build_fill(&b, 0x0a, 0);
    build_le(&b, 0x200, 2);
    build_fill(&b, 0x400, 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (unsigned byte = 0; byte < 4; byte++)
            b.at[numbers[i].at + byte] = (uint8_t)(numbers[i].v >> 8 * byte);
    for (size_t i = 0; i < 2 && row->also[i].index; at += row->also[i++].table.len)
        for (unsigned byte = 0; byte < 4; byte++) {
            b.at[0x9a + row->also[i].index * 8 + byte] = (uint8_t)(at >> 8 * byte);
            b.at[0x9e + row->also[i].index * 8 + byte] = (uint8_t)(row->also[i].table.len >> 8 * byte);
        }
    buf_text(&b, row->text);
    return b;
}

static void documents_keep_values(void **state)
{
    static const struct walk_hooks hooks = { .part_begin = at_macro };
    (void)state;
    places = (struct table){ 0 };
    TABLE_EACH (&places, row, docs) {
        const struct place_row as = { row->name, "", "", "", "", row->place, row->owner, row->thing, row->property, row->want };
        struct buf word = word_stream(row), table = buf_new(4096);
        buf_put(&table, row->table);
        buf_put(&table, row->also[0].table);
        buf_put(&table, row->also[1].table);
        build_fill(&table, 512, 0);
        build_le(&table, 2, 1); /* one piece */
        build_le(&table, 16, 4);
        build_le(&table, 0, 4);
        build_le(&table, strlen(row->text), 4);
        build_le(&table, 0, 2);
        build_le(&table, 0x40000000 | 0x400 * 2, 4);
        build_le(&table, 0, 2);
        const struct build_entry rows[] = {
            { BUILD_NONE, "Macros", { NULL, 0 } }, { 0, "VBA", { NULL, 0 } }, { 1, "dir", SLICE_INIT("\1\0\xb0 no directory") },
            { BUILD_NONE, "WordDocument", buf_slice(&word) }, { BUILD_NONE, "1Table", buf_slice(&table) },
        };
        struct image m = build_image(rows, sizeof rows / sizeof rows[0], (slice){ 0 });
        wanted = &as;
        struct tally *r = tally_run(&(struct tally_options){ .hooks = &hooks }, buf_slice(&m.bytes));
        tally_check(r);
        table_true(&places, row->name, tally_part_typed(r, "vba-project") != NO_ID);
        tally_drop(&r);
        buf_drop(&m.bytes);
        buf_drop(&word);
        buf_drop(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(too_many_values_are_told),
        cmocka_unit_test(budget_is_given_back),
        cmocka_unit_test(packages_keep_values),
        cmocka_unit_test(books_keep_values),
        cmocka_unit_test(documents_keep_values),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
