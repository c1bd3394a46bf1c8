/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of this format, over packages that are put together here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "decode/harness.h"
#include "decode/ooxml/ooxml_build.h"
#include "tests/table.h"

static struct tally *walk_named(const char *name, const struct member *members)
{
    struct buf b = package(members);
    struct tally *t = tally_run(&(struct tally_options){ .name = name }, buf_slice(&b));
    buf_drop(&b);
    tally_check(t);
    return t;
}

static void kinds_of_packages(void **state)
{
    static const struct {
        const char *name, *type;
        struct member members[4];
    } cases[] = {
        { "word", "docx", { WORD_TYPES, MEMBER("word/document.xml", DOC("")) } },
        { "word, no types", "docx", { MEMBER("word/document.xml", DOC("")) } },
        { "word, damaged types",
          "docx",
          { MEMBER("[Content_Types].xml", "<Types><Override"),
            MEMBER("word/document.xml", DOC("")) } },
        { "word by relationship",
          "docx",
          { MEMBER("_rels/.rels", RELS(REL("officeDocument", "/x/y.xml"))),
            MEMBER("x/y.xml", DOC(PARA("a"))) } },
        { "word by type",
          "docx",
          { MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/x/y.xml", WORD_MACRO))),
            MEMBER("x/y.xml", DOC("")) } },
        { "word, other case",
          "docx",
          { MEMBER("WORD\\Document.xml", DOC("")), MEMBER("_RELS/.rels", RELS("")) } },
        { "workbook", "xlsx", { SHEET_TYPES, MEMBER("xl/workbook.xml", "<workbook/>") } },
        { "binary workbook",
          "xlsb",
          { MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/xl/workbook.bin", BINARY_MAIN))),
            MEMBER("xl/workbook.bin", "\x83\1\0\x84\1\0") } },
        { "slides",
          "pptx",
          { MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/ppt/presentation.xml", SLIDES_MAIN))),
            MEMBER("ppt/presentation.xml", "<p/>") } },
        { "other package",
          "zip",
          { MEMBER("[Content_Types].xml", TYPES("")), MEMBER("a.txt", "hello") } },
        { "no package", "zip", { MEMBER("a.txt", "hello") } },
        { "word in a name", "zip", { MEMBER("word/readme.txt", "hello") } },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct tally *t = walk_named("a", row->members);
        table_slice(&all, row->name, t->r.parts[0].type, row->type);
        tally_drop(&t);
    }
}

/* Word 97 documents end in a small package with their theme. */
static void theme_of_an_old_document(void **state)
{
    static const struct member members[] = {
        MEMBER("[Content_Types].xml",
               TYPES(OVERRIDE("/theme/theme/themeManager.xml",
                              "application/vnd.openxmlformats-officedocument.themeManager+xml"))),
        MEMBER("_rels/.rels", RELS(REL("officeDocument", "theme/theme/themeManager.xml"))),
        MEMBER("theme/theme/themeManager.xml", "<a:themeManager/>"),
        MEMBER("theme/theme/theme1.xml", "<a:theme/>"),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk_named("a.doc", members);
    assert_true(slice_is(t->r.parts[0].type, "zip"));
    assert_int_equal(t->r.n_parts, 1);
    assert_int_equal(t->r.n_unread, 0);
    tally_drop(&t);
}

static void word_text(void **state)
{
    static const struct {
        const char *name, *body, *text;
    } cases[] = {
        { "paragraphs", PARA("one") PARA("two"), "one\ntwo\n" },
        { "runs", "<w:p><w:r><w:t>en</w:t></w:r><w:r><w:t>able</w:t></w:r></w:p>", "enable\n" },
        { "references", PARA("a&amp;b &#x8acb;"), "a&b 請\n" },
        { "tab and break", "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>", "a b\nc\n" },
        { "deleted",
          "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>here</w:t></w:r></"
          "w:p>",
          "here\n" },
        { "text box",
          "<w:p><w:r><w:pict><v:textbox xmlns:v=\"v\"><w:txbxContent>" PARA(
              "box") "</w:txbxContent></v:textbox></w:pict></w:r></w:p>",
          "box\n" },
        { "drawing text", "<w:p><a:p><a:r><a:t>drawn</a:t></a:r></a:p></w:p>", "drawn\n" },
        { "alternative text", "<w:p><wp:docPr id=\"1\" descr=\"Click Enable Content\"/></w:p>",
          "Click Enable Content\n" },
        { "table",
          "<w:tbl><w:tr><w:tc>" PARA("a") "</w:tc><w:tc>" PARA("b") "</w:tc></w:tr></w:tbl>" PARA(
              "c"),
          "a b \nc\n" },
        { "field result",
          "<w:p>" FLD("begin") CODE(" PAGE ")
              FLD("separate") "<w:r><w:t>7</w:t></w:r>" FLD("end") "</w:p>",
          "7\n" },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf xml = buf_new(1 << 16);
        buf_text(&xml, "<w:document xmlns:w=\"w\" xmlns:a=\"a\" xmlns:wp=\"wp\">");
        buf_text(&xml, row->body);
        buf_text(&xml, "</w:document>");
        const struct member members[] = { WORD_TYPES,
                                          { "word/document.xml", buf_slice(&xml) },
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.docx", members);
        slice got = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        table_slice(&all, row->name, got, row->text);
        assert_int_equal(tally_facts(t, FACT_OFFICE_PART_FAULTY), 0);
        tally_drop(&t);
        buf_drop(&xml);
    }
}

static void text_of_all_parts(void **state)
{
    static const struct member word[] = {
        WORD_TYPES,
        MEMBER("word/header1.xml", "<w:hdr>" PARA("head") "</w:hdr>"),
        MEMBER("word/document.xml", DOC(PARA("body"))),
        MEMBER("word/footnotes.xml", "<w:footnotes>" PARA("note") "</w:footnotes>"),
        MEMBER("word/comments.xml", "<w:comments>" PARA("comment") "</w:comments>"),
        MEMBER("word/styles.xml", "<w:styles><w:t>not shown</w:t></w:styles>"),
        { NULL, { 0 } }
    };
    static const struct member sheet[] = {
        SHEET_TYPES,
        MEMBER("xl/workbook.xml", "<workbook/>"),
        MEMBER("xl/sharedStrings.xml", "<sst><si><t>shared</t><rPh><t>kana</t></rPh></"
                                       "si><si><r><t>ri</t></r><r><t>ch</t></r></si></sst>"),
        MEMBER("xl/worksheets/sheet1.xml",
               "<worksheet><c t=\"inlineStr\"><is><t>inline</t></is></c></worksheet>"),
        MEMBER("xl/drawings/drawing1.xml", "<d xmlns:a=\"a\"><a:p><a:t>drawn</a:t></a:p></d>"),
        MEMBER("xl/drawings/vmlDrawing1.vml",
               "<xml xmlns:v=\"v\"><v:shape alt=\"Enable editing "
               "now\"><v:textbox><div>Button</div></v:textbox></v:shape></xml>"),
        MEMBER("xl/comments1.xml",
               "<comments><comment><text><r><t>note</t></r></text></comment></comments>"),
        { NULL, { 0 } }
    };
    static const struct member slides[] = {
        MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/ppt/presentation.xml", SLIDES_MAIN))),
        MEMBER("ppt/presentation.xml", "<p/>"),
        MEMBER("ppt/slides/slide1.xml",
               "<p:sld xmlns:p=\"p\" xmlns:a=\"a\"><a:p><a:t>slide</a:t></a:p></p:sld>"),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk_named("a.docx", word);
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), "body\nhead\nnote\ncomment\n"));
    assert_int_equal(tally_fact(t, FACT_DOCUMENT_WORDS)->number, 4);
    assert_int_equal(t->r.n_parts, 1);
    assert_int_equal(t->r.n_unread, 0);
    tally_drop(&t);
    t = walk_named("a.xlsx", sheet);
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0),
                         "shared\nrich\ninline\ndrawn\nEnable editing now\nButton \nnote\n"));
    assert_int_equal(t->r.n_unread, 0);
    tally_drop(&t);
    t = walk_named("a.pptx", slides);
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), "slide\n"));
    tally_drop(&t);
}

static void fields(void **state)
{
    static const struct {
        const char *name, *body;
        enum fact_id id;
        const char *want; /* NULL: none */
    } cases[] = {
        { "simple", "<w:fldSimple w:instr=\" DDEAUTO example topic item \"/>",
          FACT_OFFICE_FIELD_DDE, "DDEAUTO example topic item" },
        { "complex", FLD("begin") CODE(" DDE example ") CODE("\"topic\"") FLD("end"),
          FACT_OFFICE_FIELD_DDE, "DDE example \"topic\"" },
        { "split in the word",
          FLD("begin") CODE("D") CODE("D") CODE("EAU") CODE("TO x y") FLD("separate") FLD("end"),
          FACT_OFFICE_FIELD_DDE, "DDEAUTO x y" },
        { "never ended", FLD("begin") CODE("DDEAUTO x y"), FACT_OFFICE_FIELD_DDE, "DDEAUTO x y" },
        { "nested",
          FLD("begin") CODE("DDEAUTO ") FLD("begin") CODE("QUOTE 97 98 99") FLD("end") CODE(" y")
              FLD("end"),
          FACT_OFFICE_FIELD_DDE, "DDEAUTO abc y" },
        { "keyword in a nested one",
          FLD("begin") FLD("begin") CODE("QUOTE 68 68 69") FLD("separate") FLD("end") CODE(" x y")
              FLD("end"),
          FACT_OFFICE_FIELD_DDE, "DDE x y" },
        { "lower case", "<w:fldSimple w:instr=\"ddeauto x y\"/>", FACT_OFFICE_FIELD_DDE, "ddeauto x y" },
        { "the word in text", PARA("DDEAUTO x y"), FACT_OFFICE_FIELD_DDE, NULL },
        { "another word", "<w:fldSimple w:instr=\"DDEX x y\"/>", FACT_OFFICE_FIELD_DDE, NULL },
        { "end without begin", FLD("end") FLD("end") CODE("DDE x") FLD("separate"), FACT_OFFICE_FIELD_DDE, NULL },
        { "page", FLD("begin") CODE("PAGE") FLD("end"), FACT_OFFICE_EXTERNAL, NULL },
        { "included picture",
          "<w:fldSimple w:instr='INCLUDEPICTURE \\d \"http://a.example/p.png\"'/>",
          FACT_OFFICE_EXTERNAL, "http://a.example/p.png" },
        { "included text", "<w:fldSimple w:instr='INCLUDETEXT \"\\\\a.example\\s\\x.docx\"'/>",
          FACT_OFFICE_EXTERNAL, "\\\\a.example\\s\\x.docx" },
        { "link",
          "<w:fldSimple w:instr='LINK Word.Document.8 \"http://a.example/x.rtf\" \"\" \\a'/>",
          FACT_OFFICE_EXTERNAL, "http://a.example/x.rtf" },
        { "local picture", "<w:fldSimple w:instr='INCLUDEPICTURE \"p.png\"'/>", FACT_OFFICE_EXTERNAL, NULL },
        { "hyperlink", "<w:fldSimple w:instr='HYPERLINK \"http://a.example/h\"'/>", FACT_URL_FULL,
          "http://a.example/h" },
        { "hyperlink is not loaded", "<w:fldSimple w:instr='HYPERLINK \"http://a.example/h\"'/>",
          FACT_OFFICE_EXTERNAL, NULL },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf xml = buf_new(1 << 16);
        buf_text(&xml, "<w:document xmlns:w=\"w\">");
        buf_text(&xml, row->body);
        buf_text(&xml, "</w:document>");
        const struct member members[] = { WORD_TYPES,
                                          { "word/document.xml", buf_slice(&xml) },
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.docx", members);
        if (row->want ? !tally_has(t, row->id, row->want) : tally_facts(t, row->id) != 0)
            table_wrong(&all, row->name, "\"%.*s\"", SLICE_FMT(tally_text(t, row->id, 0)));
        tally_drop(&t);
        buf_drop(&xml);
    }
}

static void relationships(void **state)
{
    static const struct {
        const char *name, *rels, *rels_of;
        enum fact_id id;
        const char *want; /* NULL: none */
    } cases[] = {
        { "variable", "<w:settings><w:docVar w:name='a' w:val='x &amp; b'/></w:settings>", "word/settings.xml", FACT_OFFICE_HIDDEN_VALUE, "variable a = x & b" },
        { "variable without name", "<w:settings><w:docVar w:val='x'/></w:settings>", "word/settings.xml", FACT_OFFICE_HIDDEN_VALUE, "variable = x" },
        { "variable of nothing", "<w:settings><w:docVar w:name='a'/></w:settings>", "word/settings.xml", FACT_OFFICE_HIDDEN_VALUE, NULL },
        { "settings cut off", "<w:settings><w:docVar w:name='a' w:val='x'/><w:doc", "word/settings.xml", FACT_OFFICE_HIDDEN_VALUE, "variable a = x" },
        { "property", "<P><property name='p'><v>one </v><v>two</v></property></P>", "docProps/custom.xml", FACT_OFFICE_HIDDEN_VALUE, "property custom.p = one two" },
        { "property not closed", "<P><property name='p'><v>one</property>", "docProps/custom.xml", FACT_OFFICE_HIDDEN_VALUE, "property custom.p = one" },
        { "text beside", "<P>x<property name='p'/>y</P>", "docProps/custom.xml", FACT_OFFICE_HIDDEN_VALUE, NULL },
        { "template", RELS(REL_OUT("attachedTemplate", "http://a.example/t.dotm")),
          "word/_rels/settings.xml.rels", FACT_OFFICE_EXTERNAL_TEMPLATE,
          "http://a.example/t.dotm" },
        { "template's url", RELS(REL_OUT("attachedTemplate", "http://a.example/t.dotm")),
          "word/_rels/settings.xml.rels", FACT_URL_EXTENSION, "dotm" },
        { "object", RELS(REL_OUT("oleObject", "http://a.example/o")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_TYPE, "oleObject" },
        { "frame", RELS(REL_OUT("frame", "http://a.example/f")), "word/_rels/webSettings.xml.rels",
          FACT_OFFICE_EXTERNAL, "http://a.example/f" },
        { "object told apart", RELS(REL_OUT("oleObject", "http://a.example/o")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, "http://a.example/o" },
        { "frame is one", RELS(REL_OUT("FRAME", "http://a.example/f")),
          "word/_rels/webSettings.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, "http://a.example/f" },
        { "sub-document is one", RELS(REL_OUT("subDocument", " file:///\\a.example@80\\s ")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT,
          "file:///\\a.example@80\\s" },
        { "chunk is one", RELS(REL_OUT("aFChunk", "http://a.example/c")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, "http://a.example/c" },
        { "package is one", RELS(REL_OUT("package", "http://a.example/p")),
          "xl/worksheets/_rels/sheet1.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT,
          "http://a.example/p" },
        { "picture is none", RELS(REL_OUT("image", "http://a.example/i") REL_OUT("oleObjectX", "x")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, NULL },
        { "template is none", RELS(REL_OUT("attachedTemplate", "http://a.example/t.dotm")),
          "word/_rels/settings.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, NULL },
        { "object inside is none", RELS(REL("oleObject", "http://a.example/o")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL_OBJECT, NULL },
        { "mhtml",
          RELS(REL_OUT("oleObject", "mhtml:http://a.example/x.html!x-usc:http://a.example/x.html")),
          "word/_rels/document.xml.rels", FACT_URL_DOMAIN, "a.example" },
        { "share", RELS(REL_OUT("image", "file://a.example/s/p.png")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL, "file://a.example/s/p.png" },
        { "mode in other case",
          RELS("<Relationship Type=\"x/oleObject\" Target=\"http://a.example/o\" TargetMode=\" "
               "external \"/>"),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL, "http://a.example/o" },
        { "strict namespace",
          RELS("<Relationship "
               "Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/attachedTemplate\" "
               "Target=\"http://a.example/o\" TargetMode=\"External\"/>"),
          "word/_rels/settings.xml.rels", FACT_OFFICE_EXTERNAL_TEMPLATE, "http://a.example/o" },
        { "damaged",
          "<Relationships><Relationship Type='x/attachedTemplate' Target='http://a.example/d' "
          "TargetMode='External'><oops & <",
          "word/_rels/settings.xml.rels", FACT_OFFICE_EXTERNAL_TEMPLATE, "http://a.example/d" },
        { "damage is said", "<Relationships><Relationship Type='x/image'",
          "word/_rels/settings.xml.rels", FACT_OFFICE_PART_FAULTY, "word/_rels/settings.xml.rels" },
        { "at any place", RELS(REL_OUT("attachedTemplate", "http://a.example/t")),
          "a/b/_rels/c.xml.rels", FACT_OFFICE_EXTERNAL_TEMPLATE, "http://a.example/t" },
        { "hyperlink", RELS(REL_OUT("hyperlink", "http://a.example/h")),
          "word/_rels/document.xml.rels", FACT_URL_FULL, "http://a.example/h" },
        { "hyperlink is not loaded", RELS(REL_OUT("hyperlink", "http://a.example/h")),
          "word/_rels/document.xml.rels", FACT_OFFICE_EXTERNAL, NULL },
        { "missing", RELS(REL("header", "header9.xml")), "word/_rels/document.xml.rels",
          FACT_OFFICE_PART_MISSING, "word/header9.xml" },
        { "missing, climbing", RELS(REL("header", "../../../x/./y.xml")),
          "word/_rels/document.xml.rels", FACT_OFFICE_PART_MISSING, "x/y.xml" },
        { "null", RELS(REL("image", "NULL")), "word/_rels/document.xml.rels", FACT_OFFICE_PART_MISSING, NULL },
        { "loop", RELS(REL("header", "document.xml") REL("header", "_rels/document.xml.rels")),
          "word/_rels/document.xml.rels", FACT_OFFICE_PART_MISSING, NULL },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        const struct member members[] = { WORD_TYPES,
                                          MEMBER("word/document.xml", DOC(PARA("x"))),
                                          { row->rels_of, slice_of(row->rels) },
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.docx", members);
        if (row->want ? !tally_has(t, row->id, row->want) : tally_facts(t, row->id) != 0)
            table_wrong(&all, row->name, "\"%.*s\"", SLICE_FMT(tally_text(t, row->id, 0)));
        tally_drop(&t);
    }
}

static void macro_projects(void **state)
{
    static const struct {
        const char *name, *part;
        struct member members[4];
    } cases[] = {
        { "by name",
          "word/vbaProject.bin",
          { WORD_TYPES, MEMBER("word/document.xml", DOC("")),
            MEMBER("word/vbaProject.bin", CFB) } },
        { "anywhere",
          "x/VBAPROJECT.BIN",
          { WORD_TYPES, MEMBER("word/document.xml", DOC("")), MEMBER("x/VBAPROJECT.BIN", CFB) } },
        { "by type",
          "word/picture.png",
          { MEMBER("[Content_Types].xml",
                   TYPES(OVERRIDE("/word/document.xml", WORD_MACRO) OVERRIDE(
                       "/word/picture.png", "application/vnd.ms-office.vbaProject"))),
            MEMBER("word/document.xml", DOC("")), MEMBER("word/picture.png", CFB) } },
        { "by default type",
          "word/x.bin",
          { MEMBER("[Content_Types].xml",
                   TYPES("<Default Extension=\"bin\" "
                         "ContentType=\"application/vnd.ms-office.vbaProject\"/>" OVERRIDE(
                             "/word/document.xml", WORD_MACRO))),
            MEMBER("word/document.xml", DOC("")), MEMBER("word/x.bin", CFB) } },
        { "by relationship",
          "word/media/z",
          { WORD_TYPES, MEMBER("word/document.xml", DOC("")),
            MEMBER("word/_rels/document.xml.rels",
                   RELS("<Relationship "
                        "Type=\"http://schemas.microsoft.com/office/2006/relationships/"
                        "vbaProject\" Target=\"media/z\"/>")),
            MEMBER("word/media/z", CFB) } },
        { "by relationship, escaped",
          "word/media/z",
          { WORD_TYPES, MEMBER("word/document.xml", DOC("")),
            MEMBER("word/_rels/document.xml.rels", RELS(REL("vbaProject", "media/%7a"))),
            MEMBER("word/media/z", CFB) } },
        { "no package around",
          "xl/vbaProject.bin",
          { MEMBER("[Content_Types].xml", "?"), MEMBER("xl/vbaProject.bin", CFB) } },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct member members[5] = { 0 };
        for (size_t k = 0; k < 4; k++)
            members[k] = row->members[k];
        struct tally *t = walk_named("a.docx", members);
        uint32_t part = tally_part_named(t, row->part);
        if (part == NO_ID || t->r.parts[part].how != HOW_OPC ||
            tally_facts(t, FACT_OFFICE_MACRO) != 1)
            table_wrong(&all, row->name, "part %u, %zu flags", part, tally_facts(t, FACT_OFFICE_MACRO));
        tally_drop(&t);
    }
}

static void macro_in_a_plain_name(void **state)
{
    static const struct member members[] = { WORD_TYPES,
                                             MEMBER("word/document.xml", DOC("")),
                                             MEMBER("word/vbaProject.bin", CFB),
                                             { NULL, { 0 } } };
    (void)state;
    struct tally *t = walk_named("a.docx", members);
    assert_true(tally_has(t, FACT_FILE_TYPE_MISMATCH, "docx: macro-enabled"));
    tally_drop(&t);
    t = walk_named("a.docm", members);
    assert_int_equal(tally_facts(t, FACT_FILE_TYPE_MISMATCH), 0);
    tally_drop(&t);
}

static void parts_that_are_children(void **state)
{
    static const struct {
        const char *name, *part;
        slice bytes;
        bool child;
        int images;
    } cases[] = {
        { "embedded object", "word/embeddings/oleObject1.bin", SLICE_INIT(CFB), true, 0 },
        { "embedded package", "word/embeddings/a.xlsx", SLICE_INIT("PK\3\4 inert"), true, 0 },
        { "picture", "word/media/image1.png", SLICE_INIT(PNG), false, 1 },
        { "program as picture", "word/media/image1.png", SLICE_INIT("MZ\x90\0\3\0 inert"), true, 1 },
        { "script in media", "word/media/a.vbs", SLICE_INIT("x = 1"), true, 1 },
        { "thumbnail", "docProps/thumbnail.jpeg", SLICE_INIT("\xff\xd8\xff\xe0 inert"), false, 0 },
        { "control, compound file", "word/activeX/activeX1.bin", SLICE_INIT(CFB), true, 0 },
        { "control, stream", "word/activeX/activeX1.bin", SLICE_INIT("\1\2\3\4 inert"), false, 0 },
        { "control, xml", "word/activeX/activeX1.xml", SLICE_INIT("<ax:ocx/>"), false, 0 },
        { "object as header", "word/header1.xml", SLICE_INIT(CFB), true, 0 },
        { "object as signature", "word/vbaProjectSignature.bin", SLICE_INIT(CFB), true, 0 },
        { "custom xml", "customXml/item1.xml", SLICE_INIT("<a/>"), false, 0 },
        { "custom xml that is none", "customXml/item1.xml", SLICE_INIT("MZ\x90\0\3\0 inert"), true, 0 },
        { "printer settings", "xl/printerSettings/printerSettings1.bin", SLICE_INIT("\1\2 inert"), false, 0 },
        { "printer settings that are none", "xl/printerSettings/printerSettings1.bin", SLICE_INIT(CFB), true, 0 },
        { "font", "word/fonts/font1.odttf", SLICE_INIT("\1\2 inert"), false, 0 },
        { "theme", "word/theme/theme1.xml", SLICE_INIT("<a:theme/>"), false, 0 },
        { "unknown binary", "word/x.bin", SLICE_INIT("\1\2 inert"), false, 0 },
        { "shortcut beside", "word/a.lnk",
          SLICE_INIT("L\0\0\0\1\24\2\0\0\0\0\0\300\0\0\0\0\0\0\106 inert"), true, 0 },
        { "page beside", "word/chunk.html", SLICE_INIT("<html>x</html>"), true, 0 },
        { "text beside", "word/x.txt", SLICE_INIT("hello"), true, 0 },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        const struct member members[] = { WORD_TYPES,
                                          MEMBER("word/document.xml", DOC(PARA("x"))),
                                          { row->part, row->bytes },
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.docx", members);
        bool child = tally_part_named(t, row->part) != NO_ID;
        const struct fact *images = tally_fact(t, FACT_OFFICE_IMAGE);
        if (child != row->child || (images ? images->number : 0) != row->images)
            table_wrong(&all, row->name, "child %d, %d images", child,
                     images ? (int)images->number : 0);
        if (!child && t->r.n_unread)
            table_wrong(&all, row->name, "unread %.*s", SLICE_FMT(t->r.unread[0].name));
        tally_drop(&t);
    }
}

static void chunk_in_another_format(void **state)
{
    static const struct member members[] = {
        WORD_TYPES,
        MEMBER("word/document.xml", DOC(PARA("x"))),
        MEMBER("word/_rels/document.xml.rels", RELS(REL("aFChunk", "part.xml"))),
        MEMBER("word/part.xml", "<html><body><script>x()</script></body></html>"),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk_named("a.docx", members);
    uint32_t part = tally_part_named(t, "word/part.xml");
    assert_int_not_equal(part, NO_ID);
    assert_true(slice_is(t->r.parts[part].type, "html"));
    assert_true(tally_has(t, FACT_OFFICE_EMBEDDED, "word/part.xml"));
    tally_drop(&t);
}

static void workbooks(void **state)
{
    static const struct member xml[] = {
        SHEET_TYPES,
        MEMBER("xl/workbook.xml",
               "<workbook><sheets><sheet name=\"A\"/><sheet name=\"秘密\" state=\"hidden\"/><sheet "
               "name=\"M\" state=\"veryHidden\"/></sheets></workbook>"),
        MEMBER("xl/macrosheets/sheet1.xml", "<xm:macrosheet/>"),
        MEMBER("xl/externalLinks/externalLink1.xml",
               "<externalLink><ddeLink ddeService=\"example\" ddeTopic=\"topic\"/></externalLink>"),
        MEMBER("xl/worksheets/sheet2.xml",
               "<c><f>HYPERLINK(\"http://a.example/1\")</f><f>HYPERLINK(&quot;http://a.example/"
               "2&quot;,1)</f><f>HYPERLINK(A1)</f><f>HYPERLINK(\"</f></c>"),
        MEMBER("docProps/core.xml", "<c xmlns:dc=\"dc\"><dc:creator>Author &amp; "
                                    "Co</dc:creator><lastModifiedBy>Last</lastModifiedBy></c>"),
        MEMBER("docProps/app.xml",
               "<p><Application>Microsoft "
               "Excel</Application><Template>T</Template><Application>Other</Application></p>"),
        { NULL, { 0 } }
    };
    static const struct member binary[] = {
        MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/xl/workbook.bin", BINARY_MAIN))),
        MEMBER("xl/workbook.bin",
               "\x83\1\0\x9c\1\x18\2\0\0\0\1\0\0\0\2\0\0\0r\0\x31\0\2\0\0\0M\0a\0\x84\1\0"),
        MEMBER("xl/sharedStrings.bin",
               "\x9f\1\x08\1\0\0\0\1\0\0\0\x13\x0b\0\3\0\0\0a\0b\0c\0\xa0\1\0"),
        MEMBER("xl/worksheets/sheet1.bin", "\x81\1\0"),
        { NULL, { 0 } }
    };
    (void)state;
    struct tally *t = walk_named("a.xlsx", xml);
    assert_int_equal(tally_facts(t, FACT_OFFICE_SHEET_HIDDEN), 2);
    assert_true(tally_has(t, FACT_OFFICE_SHEET_HIDDEN, "秘密"));
    assert_true(tally_has(t, FACT_OFFICE_SHEET_HIDDEN, "M (very hidden)"));
    assert_int_equal(tally_fact(t, FACT_OFFICE_MACRO_SHEET)->number, 1);
    assert_int_equal(t->r.n_unread, 0);
    assert_true(tally_has(t, FACT_OFFICE_FIELD_DDE, "example|topic"));
    assert_int_equal(tally_facts(t, FACT_URL_FULL), 2);
    assert_true(tally_has(t, FACT_OFFICE_AUTHOR, "Author & Co"));
    assert_true(tally_has(t, FACT_OFFICE_LAST_AUTHOR, "Last"));
    assert_true(tally_has(t, FACT_OFFICE_APPLICATION, "Microsoft Excel"));
    assert_int_equal(tally_facts(t, FACT_OFFICE_APPLICATION), 1);
    tally_drop(&t);
    t = walk_named("a.xlsb", binary);
    assert_true(tally_has(t, FACT_OFFICE_SHEET_HIDDEN, "Ma (very hidden)"));
    assert_true(slice_is(tally_view(t, FACT_DOCUMENT_TEXT, 0), "abc\n"));
    assert_int_equal(t->r.n_unread, 0);
    assert_int_equal(t->r.n_parts, 1);
    tally_drop(&t);
}

/* Names that start a macro sheet; XML first, then the same in the binary form. */
static void names_that_start_macros(void **state)
{
#define NAME(attributes) "<x:definedName " attributes ">Macro1!$A$1</x:definedName>"
    static const struct {
        const char *name, *names, *want; /* joined by blanks */
    } cases[] = {
        { "built in", NAME("name=\"_xlnm.Auto_Open\""), "Auto_Open" },
        { "hidden", NAME("name=\"_xlnm.Auto_Open\" hidden=\"1\""), "Auto_Open" },
        { "spelled out, longer", NAME("name=\"Auto_Open_x1\" localSheetId=\"0\""), "Auto_Open_x1" },
        { "other case and references", NAME("name=\"_XLNM.aUTO&#95;oPEN\""), "aUTO_oPEN" },
        { "on closing", NAME("name=\"_xlnm.Auto_Close\"") NAME("name=\"auto_closed\""), "Auto_Close auto_closed" },
        { "blanks around it", NAME("name=\" Auto_Activate \""), "Auto_Activate" },
        { "among many", NAME("name=\"_xlnm.Print_Area\"") NAME("name=\"Auto_Open\""), "Auto_Open" },
        { "never closed", "<x:definedName name='Auto_Open'><x:definedName name='Auto_Close'",
          "Auto_Open Auto_Close" },
        { "print area", NAME("name=\"_xlnm.Print_Area\" hidden=\"1\""), "" },
        { "in the middle", NAME("name=\"my_Auto_Open\"") NAME("name=\"Automatic\""), "" },
        { "no name", NAME("comment=\"Auto_Open\""), "" },
        { "another element", "<x:customName name=\"Auto_Open\"/>", "" },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf xml = buf_new(1 << 16), got = buf_new(4096);
        buf_text(&xml, "<x:workbook xmlns:x=\"x\"><x:definedNames>");
        buf_text(&xml, row->names);
        buf_text(&xml, "</x:definedNames></x:workbook>");
        const struct member members[] = { SHEET_TYPES,
                                          { "xl/workbook.xml", buf_slice(&xml) },
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.xlsm", members);
        for (size_t k = 0; k < tally_facts(t, FACT_OFFICE_AUTO_NAME); k++) {
            buf_text(&got, k ? " " : "");
            buf_put(&got, tally_text(t, FACT_OFFICE_AUTO_NAME, k));
        }
        table_slice(&all, row->name, buf_slice(&got), row->want);
        tally_drop(&t);
        buf_drop(&xml);
        buf_drop(&got);
    }
}

static void names_in_the_binary_form(void **state)
{
#define BOOK(bytes) { MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/xl/workbook.bin", BINARY_MAIN))), MEMBER("xl/workbook.bin", bytes), { NULL, { 0 } } }
#define AUTO "_\0x\0l\0n\0m\0.\0A\0u\0t\0o\0_\0O\0p\0e\0n\0"
    static const struct {
        const char *name;
        struct member members[3];
        size_t want;
    } cases[] = {
        { "name", BOOK("\x27\x2b\x21\0\0\0\0\xff\xff\xff\xff\x0f\0\0\0" AUTO), 1 },
        { "name and formula", BOOK("\x27\x2f\x21\0\0\0\0\xff\xff\xff\xff\x0f\0\0\0" AUTO "\0\0\0\0\x84\1\0"), 1 },
        { "longer than its record", BOOK("\x27\x2b\x21\0\0\0\0\xff\xff\xff\xff\x10\0\0\0" AUTO), 0 },
        { "absurd length", BOOK("\x27\x2b\x21\0\0\0\0\xff\xff\xff\xff\xfe\xff\xff\xff" AUTO), 0 },
        { "null", BOOK("\x27\x2b\x21\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" AUTO), 0 },
        { "cut off", BOOK("\x27\x2b\x21\0\0\0\0\xff\xff\xff\xff\x0f\0\0\0_\0"), 0 },
        { "another record", BOOK("\x28\x2b\x21\0\0\0\0\xff\xff\xff\xff\x0f\0\0\0" AUTO), 0 },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct tally *t = walk_named("a.xlsb", row->members);
        if (tally_facts(t, FACT_OFFICE_AUTO_NAME) != row->want ||
            (row->want && !tally_has(t, FACT_OFFICE_AUTO_NAME, "Auto_Open")))
            table_wrong(&all, row->name, "%zu", tally_facts(t, FACT_OFFICE_AUTO_NAME));
        tally_drop(&t);
    }
}

static void pictures_instead_of_words(void **state)
{
    static const struct {
        const char *name, *text;
        bool picture, want;
    } cases[] = {
        { "picture only", "Enable", true, true },
        { "picture and words",
          "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
          "fifteen sixteen seventeen eighteen nineteen twenty",
          true, false },
        { "nothing at all", "", false, false },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf xml = buf_new(4096);
        buf_format(&xml, "<w:document xmlns:w='w'><w:p><w:t>%s</w:t></w:p></w:document>",
                   row->text);
        const struct member members[] = {
            WORD_TYPES,
            { "word/document.xml", buf_slice(&xml) },
            { row->picture ? "word/media/a.png" : "word/theme/t.xml",
              row->picture ? (slice)SLICE_INIT(PNG) : SLICE_LIT("<a/>") },
            { NULL, { 0 } }
        };
        struct tally *t = walk_named("a.docx", members);
        if ((tally_facts(t, FACT_DOCUMENT_IMAGE_ONLY) != 0) != row->want)
            table_wrong(&all, row->name, "not as wanted");
        tally_drop(&t);
        buf_drop(&xml);
    }
}

/* --- hostile */

static void floods(void **state)
{
    static const struct {
        const char *name, *head, *piece, *tail;
        size_t bytes;
    } cases[] = {
        { "deep", "<a>", "<w:p>", "", 8 << 20 },
        { "deep and closed early", "<a>", "<b>", "</a>", 1 << 20 },
        { "attributes", "<a ", "b=\"1\" ", "/>", 4 << 20 },
        { "distinct attributes", "<w:p", " xmlns:a='a'", ">", 1 << 20 },
        { "fields", "<a>", FLD("begin") CODE("DDE x"), "</a>", 4 << 20 },
        { "fields ended", "<a>", FLD("begin") CODE("DDE x") FLD("end"), "</a>", 4 << 20 },
        { "fields in one", "<a>" FLD("begin"), CODE("x"), "</a>", 4 << 20 },
        { "text", "<a><w:t>", "text and more text ", "</w:t></a>", 12 << 20 },
        { "line breaks", "<a>", "<w:br/>", "</a>", 4 << 20 },
        { "entities",
          "<!DOCTYPE a [<!ENTITY x \"1234567890\"><!ENTITY y "
          "\"&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;\"><!ENTITY z \"&y;&y;&y;&y;&y;&y;&y;&y;&y;&y;\">"
          "<!ENTITY u \"&z;&z;&z;&z;&z;&z;&z;&z;&z;&z;\"><!ENTITY v "
          "\"&u;&u;&u;&u;&u;&u;&u;&u;&u;&u;\"><!ENTITY w "
          "\"&v;&v;&v;&v;&v;&v;&v;&v;&v;&v;\">]><a><w:t>",
          "&w;", "</w:t></a>", 1 << 14 },
        { "faults", "<a>", "<b c=>&", "", 1 << 20 },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf b = buf_new(32 << 20);
        buf_text(&b, row->head);
        while (b.len < row->bytes)
            buf_text(&b, row->piece);
        buf_text(&b, row->tail);
        const struct member members[] = { WORD_TYPES,
                                          { "word/document.xml", buf_slice(&b) },
                                          MEMBER("word/vbaProject.bin", CFB),
                                          { NULL, { 0 } } };
        struct tally *t = walk_named("a.docx", members);
        bool limited = tally_unread(t, UNREAD_LIMIT) || tally_facts(t, FACT_OFFICE_PART_FAULTY);
        if (strcmp(row->name, "deep") == 0 && !limited)
            table_wrong(&all, row->name, "nothing was said");
        if (tally_facts(t, FACT_OFFICE_MACRO) == 0 &&
            !tally_unread(t, UNREAD_LIMIT)) /* what stands behind is read, or the limit named */
            table_wrong(&all, row->name, "the macro project was lost");
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void many_targets(void **state)
{
    (void)state;
    struct buf b = buf_new(32 << 20);
    buf_text(&b, "<Relationships>");
    for (int i = 0; i < 20000; i++)
        buf_format(&b,
                   "<Relationship Type=\"x/oleObject\" Target=\"http://a.example/%d\" "
                   "TargetMode=\"External\"/><Relationship Type=\"x/image\" Target=\"media/%d\"/>",
                   i, i);
    buf_text(&b, "</Relationships>");
    const struct member members[] = { WORD_TYPES,
                                      MEMBER("word/document.xml", DOC(PARA("x"))),
                                      { "word/_rels/document.xml.rels", buf_slice(&b) },
                                      { NULL, { 0 } } };
    struct tally *t = walk_named("a.docx", members);
    assert_int_equal(tally_facts(t, FACT_OFFICE_EXTERNAL), 64);
    assert_int_equal(tally_facts(t, FACT_OFFICE_EXTERNAL_OBJECT), 64);
    assert_int_equal(tally_facts(t, FACT_OFFICE_PART_MISSING), 64);
    tally_drop(&t);
    buf_drop(&b);
}

/* Linked pictures, as many as are told, in front of what matters. */
static void object_behind_a_crowd(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    buf_text(&b, "<Relationships>");
    for (int i = 0; i < 1000; i++)
        buf_format(&b, "<Relationship Type=\"x/image\" Target=\"http://a.example/%d\" TargetMode=\"External\"/>", i);
    buf_text(&b, REL_OUT("oleObject", "http://a.example/o") REL_OUT("attachedTemplate", "http://a.example/t") "</Relationships>");
    const struct member members[] = { WORD_TYPES,
                                      MEMBER("word/document.xml", DOC(PARA("x"))),
                                      { "word/_rels/document.xml.rels", buf_slice(&b) },
                                      { NULL, { 0 } } };
    struct tally *t = walk_named("a.docx", members);
    assert_true(tally_has(t, FACT_OFFICE_EXTERNAL_OBJECT, "http://a.example/o"));
    assert_true(tally_has(t, FACT_OFFICE_EXTERNAL_TEMPLATE, "http://a.example/t"));
    assert_int_equal(tally_facts(t, FACT_OFFICE_EXTERNAL), 64 + 2);
    tally_drop(&t);
    buf_drop(&b);
}

static void more_text_than_the_budget(void **state)
{
    (void)state;
    struct buf b = buf_new(32 << 20);
    buf_text(&b, "<a><w:t>");
    struct budget budget = budget_default();
    budget.left[BUDGET_TEXT] = 100000;
    while (b.len < 200000)
        buf_text(&b, "one two three four five six seven eight ");
    buf_text(&b, "</w:t></a>");
    const struct member members[] = { WORD_TYPES,
                                      { "word/document.xml", buf_slice(&b) },
                                      { NULL, { 0 } } };
    struct buf all = package(members);
    struct tally *t =
        tally_run(&(struct tally_options){ .name = "a.docx", .budget = &budget }, buf_slice(&all));
    buf_drop(&all);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    assert_int_equal(t->r.n_views, 1);
    tally_drop(&t);
    buf_drop(&b);
}

static void each_allocation_may_fail(void **state)
{
    static const struct member members[] = {
        WORD_TYPES,
        MEMBER("word/document.xml", DOC(PARA("x") FLD("begin") CODE("DDE x") FLD("end"))),
        MEMBER("word/vbaProject.bin", CFB),
        MEMBER("word/_rels/document.xml.rels",
               RELS(REL_OUT("attachedTemplate", "http://a.example/t") REL("image", "media/a.png"))),
        MEMBER("word/media/a.png", PNG),
        { NULL, { 0 } }
    };
    (void)state;
    struct buf b = package(members);
    for (size_t n = 1; n < 120; n++) {
        struct tally *t =
            tally_run(&(struct tally_options){ .name = "a.docx", .fail_at = n }, buf_slice(&b));
        tally_check(t);
        tally_drop(&t);
    }
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_packages),
        cmocka_unit_test(theme_of_an_old_document),
        cmocka_unit_test(word_text),
        cmocka_unit_test(text_of_all_parts),
        cmocka_unit_test(fields),
        cmocka_unit_test(relationships),
        cmocka_unit_test(macro_projects),
        cmocka_unit_test(macro_in_a_plain_name),
        cmocka_unit_test(parts_that_are_children),
        cmocka_unit_test(chunk_in_another_format),
        cmocka_unit_test(workbooks),
        cmocka_unit_test(names_that_start_macros),
        cmocka_unit_test(names_in_the_binary_form),
        cmocka_unit_test(pictures_instead_of_words),
        cmocka_unit_test(floods),
        cmocka_unit_test(many_targets),
        cmocka_unit_test(object_behind_a_crowd),
        cmocka_unit_test(more_text_than_the_budget),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
