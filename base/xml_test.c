/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"
#include "base/buf.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/table.h"

/* Writes what it hears: "<name a=v>" "text" "</name>". */
struct scribe {
    struct buf out;
    size_t last_at, max_at;
    bool in_text;
};

static void hear_at(struct scribe *s, size_t at)
{
    s->last_at = at;
    if (at > s->max_at)
        s->max_at = at;
}

static void on_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct scribe *s = host;
    hear_at(s, at);
    buf_byte(&s->out, '<');
    buf_put(&s->out, name);
    for (size_t i = 0; i < n; i++) {
        buf_byte(&s->out, ' ');
        buf_put(&s->out, a[i].name);
        buf_byte(&s->out, '=');
        buf_put(&s->out, a[i].value);
    }
    buf_byte(&s->out, '>');
}

static void on_close(void *host, slice name, size_t at)
{
    struct scribe *s = host;
    hear_at(s, at);
    buf_text(&s->out, "</");
    buf_put(&s->out, name);
    buf_byte(&s->out, '>');
}

static void on_text(void *host, slice text, size_t at)
{
    struct scribe *s = host;
    hear_at(s, at);
    assert_true(utf8_valid(text));
    buf_put(&s->out, text);
}

static enum xml_end read_all(slice in, struct scribe *s, struct arena *a, struct budget *budget)
{
    struct xml_handler h = { s, on_open, on_close, on_text };
    return xml_read(in, &h, a, budget);
}

#define FAULT "<a><b></a>" /* the first fault; everything behind it is read leniently */

static const struct {
    const char *name;
    slice in;
    enum xml_end end;
    const char *want;
} cases[] = {
    { "plain", SLICE_INIT("<?xml version='1.0'?><a x='1'>t<b/></a>"), XML_WHOLE,
      "<a x=1>t<b></b></a>" },
    { "prefixes stay", SLICE_INIT("<w:p xmlns:w='u' w:x='1'/>"), XML_WHOLE,
      "<w:p xmlns:w=u w:x=1></w:p>" },
    { "entities", SLICE_INIT("<a b='&lt;&#38;'>&gt;&#x3042;</a>"), XML_WHOLE,
      "<a b=<&>>\xe3\x81\x82</a>" },
    { "CDATA and comments", SLICE_INIT("<a><!--x--><![CDATA[<b>]]></a>"), XML_WHOLE, "<a><b></a>" },
    { "UTF-16LE", SLICE_INIT("\xff\xfe<\0a\0>\0\x42\x30<\0/\0a\0>\0"), XML_WHOLE,
      "<a>\xe3\x81\x82</a>" },
    { "UTF-16BE", SLICE_INIT("\xfe\xff\0<\0a\0>\x30\x42\0<\0/\0a\0>"), XML_WHOLE,
      "<a>\xe3\x81\x82</a>" },
    { "internal entity", SLICE_INIT("<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;</a>"), XML_WHOLE,
      "<a>v</a>" },
    { "external entity is not read",
      SLICE_INIT("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>[&e;]</a>"), XML_WHOLE,
      "<a>[]</a>" },
    { "external subset is not read", SLICE_INIT("<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><a/>"),
      XML_WHOLE, "<a></a>" },
    { "empty", SLICE_INIT(""), XML_FAULTY, "" },
    { "no markup", SLICE_INIT("plain text"), XML_FAULTY, "plain text" },
    { "never closed", SLICE_INIT("<a>x"), XML_FAULTY, "<a>x" },
    { "wrong close", SLICE_INIT("<a><b>x</a>y</b>"), XML_FAULTY, "<a><b>x</a>y</b>" },
    { "unknown entity", SLICE_INIT("<a>x&nbsp;y<c d='&unknown;'/></a>"), XML_FAULTY,
      "<a>x&nbsp;y<c d=&unknown;></c></a>" },
    { "twice the same attribute", SLICE_INIT("<a b='1' b='2'>x</a>"), XML_FAULTY,
      "<a b=1 b=2>x</a>" },
    { "unquoted value", SLICE_INIT("<a b=1 c = 2>x</a>"), XML_FAULTY, "<a b=1 c=2>x</a>" },
    { "attribute without value", SLICE_INIT("<a b c='1'/>"), XML_FAULTY, "<a b= c=1></a>" },
    { "bad byte", SLICE_INIT("<a>x\xffy</a>"), XML_FAULTY, "<a>x\xef\xbf\xbdy</a>" },
    { "control character", SLICE_INIT("<a>x\x01y</a>"), XML_FAULTY, "<a>x\x01y</a>" },
    { "a second root", SLICE_INIT("<a/><b/>"), XML_FAULTY, "<a></a><b></b>" },
    { "unknown encoding", SLICE_INIT("<?xml version='1.0' encoding='x-none'?><a>x</a>"), XML_FAULTY,
      "<a>x</a>" },
    { "text before the declaration", SLICE_INIT(" <?xml version='1.0'?><a>x</a>"), XML_FAULTY,
      "<a>x</a>" },
    { "lenient: less-than as text", SLICE_INIT(FAULT "1 < 2 <3 <"), XML_FAULTY,
      "<a><b></a>1 < 2 <3 <" },
    { "lenient: entities", SLICE_INIT(FAULT "&lt;&#65;&#x42;&amp;&#xd800;&#9999999999;&;&#;&#x;&"),
      XML_FAULTY, "<a><b></a><AB&\xef\xbf\xbd\xef\xbf\xbd&;&#;&#x;&" },
    { "lenient: comment", SLICE_INIT(FAULT "x<!-- <c> -->y<?p <d> ?>z<!E <e>w"), XML_FAULTY,
      "<a><b></a>xyzw" },
    { "lenient: CDATA", SLICE_INIT(FAULT "<![CDATA[<c>&lt;]]>x"), XML_FAULTY,
      "<a><b></a><c>&lt;x" },
    { "lenient: open comment", SLICE_INIT(FAULT "x<!-- <c>"), XML_FAULTY, "<a><b></a>x" },
    { "lenient: open CDATA", SLICE_INIT(FAULT "<![CDATA[<c>"), XML_FAULTY, "<a><b></a><c>" },
    { "lenient: open quote", SLICE_INIT(FAULT "<c d='x>y</c>"), XML_FAULTY,
      "<a><b></a><c d=x>y</c>" },
    { "lenient: quotes hold brackets", SLICE_INIT(FAULT "<c d='>' e=\"<\"/>"), XML_FAULTY,
      "<a><b></a><c d=> e=<></c>" },
    { "lenient: tag in tag", SLICE_INIT(FAULT "<c d <e>"), XML_FAULTY, "<a><b></a><c d=><e>" },
    { "lenient: cut tag", SLICE_INIT(FAULT "<c d='1'"), XML_FAULTY, "<a><b></a><c d=1>" },
    { "lenient: odd signs", SLICE_INIT(FAULT "<c =/ ' / \">x"), XML_FAULTY, "<a><b></a><c>x" },
    { "lenient: slash in a value", SLICE_INIT(FAULT "<c d=a/b>x"), XML_FAULTY,
      "<a><b></a><c d=a/b>x" },
    { "lenient: UTF-16LE", SLICE_INIT("\xff\xfe<\0a\0>\0<\0/\0b\0>\0\x42\x30<\0c\0>\0"), XML_FAULTY,
      "<a></b>\xe3\x81\x82<c>" },
    { "lenient: UTF-16BE, odd", SLICE_INIT("\xfe\xff\0<\0a\0>\0<\0/\0b\0>\x30\x42\0<\0c\0>\0"),
      XML_FAULTY, "<a></b>\xe3\x81\x82<c>" },
};

static void documents(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *a = arena_new(1 << 20);
        struct budget budget = budget_default();
        struct scribe s = { .out = buf_new(1 << 16) };
        uint8_t *copy = malloc(row->in.len ? row->in.len : 1);
        memcpy(copy, row->in.at, row->in.len);
        slice in = { copy, row->in.len };
        enum xml_end end = read_all(in, &s, a, &budget);
        if (end != row->end)
            table_wrong(&t, row->name, "end %d, %.*s", end, SLICE_FMT(buf_slice(&s.out)));
        if (row->want && !slice_is(buf_slice(&s.out), row->want))
            table_wrong(&t, row->name, "%.*s", SLICE_FMT(buf_slice(&s.out)));
        assert_true(s.max_at <= in.len);
        free(copy);
        buf_drop(&s.out);
        arena_drop(&a);
    }
}

/* Every prefix and every one-byte change of each document: no end but the three, the same twice. */
static void damaged_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cut = 0; cut < 2 * cases[i].in.len; cut++) {
            size_t len = cut < cases[i].in.len ? cut : cases[i].in.len;
            uint8_t *copy = malloc(len ? len : 1);
            memcpy(copy, cases[i].in.at, len);
            if (cut >= cases[i].in.len)
                copy[cut - cases[i].in.len] ^= 0x1c;
            slice first = { 0 };
            for (int round = 0; round < 2; round++) {
                struct arena *a = arena_new(1 << 20);
                struct budget budget = budget_default();
                struct scribe s = { .out = buf_new(1 << 16) };
                enum xml_end end = read_all((slice){ copy, len }, &s, a, &budget);
                assert_true(end == XML_WHOLE || end == XML_FAULTY);
                assert_true(utf8_valid(buf_slice(&s.out)));
                if (round == 0) {
                    first = buf_slice(&s.out);
                } else {
                    assert_true(slice_eq(first, buf_slice(&s.out)));
                    free((void *)(uintptr_t)first.at);
                    buf_drop(&s.out);
                }
                arena_drop(&a);
            }
            free(copy);
        }
    }
}

/* --- the quick reader tells what expat tells */

/* Every event with its offset, less `shift`, and every piece of text by itself. */
struct protocol {
    struct buf out;
    size_t shift;
};

static void note(struct protocol *p, size_t at, char kind, slice s)
{
    buf_format(&p->out, "\n%zu%c", at - p->shift, kind);
    buf_put(&p->out, s);
}

static void note_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    note(host, at, '<', name);
    for (size_t i = 0; i < n; i++) {
        note(host, at, ' ', a[i].name);
        note(host, at, '=', a[i].value);
    }
}

static void note_close(void *host, slice name, size_t at)
{
    note(host, at, '/', name);
}

static void note_text(void *host, slice text, size_t at)
{
    note(host, at, '"', text);
}

/* A comment in front, which the quick reader leaves to expat, must change nothing. */
static void both_ways(slice head, slice rest, const char *name)
{
    static const slice comment = SLICE_INIT("<!---->");
    struct buf in[2] = { buf_new(4096), buf_new(4096) };
    struct protocol p[2] = { { .out = buf_new(1 << 16) }, { .out = buf_new(1 << 16), .shift = comment.len } };
    enum xml_end end[2];
    for (size_t i = 0; i < 2; i++) {
        struct arena *a = arena_new(1 << 20);
        struct budget budget = budget_default();
        const struct xml_handler h = { &p[i], note_open, note_close, note_text };
        buf_put(&in[i], head);
        if (i == 1)
            buf_put(&in[i], comment);
        buf_put(&in[i], rest);
        uint8_t *copy = malloc(in[i].len); /* of its own, so that a byte too far is seen */
        memcpy(copy, in[i].at, in[i].len);
        end[i] = xml_read((slice){ copy, in[i].len }, &h, a, &budget);
        free(copy);
        arena_drop(&a);
    }
    if (end[0] != end[1] || !slice_eq(buf_slice(&p[0].out), buf_slice(&p[1].out)))
        fail_msg("%s: %.*s:\nend %d %.*s\nend %d %.*s", name, SLICE_FMT(buf_slice(&in[0])), end[0],
                 SLICE_FMT(buf_slice(&p[0].out)), end[1], SLICE_FMT(buf_slice(&p[1].out)));
    for (size_t i = 0; i < 2; i++) {
        buf_drop(&in[i]);
        buf_drop(&p[i].out);
    }
}

static const struct {
    const char *name;
    slice head, rest;
} plain_documents[] = {
    { "text", SLICE_INIT("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"),
      SLICE_INIT("\r\n<w:p xmlns:w='u'>\n\t a]b]]c \xe3\x81\x82&amp;\r\n&#65;&#x3042;\r</w:p >\n ") },
    { "attributes", SLICE_INIT("<?xml version='1.0'?>\n"),
      SLICE_INIT("<r><a b=\"1'\" c = '&quot;\"&#10;>' d='\r\n\t\xc3\xa9'><b/><c e=''/></a>") },
    { "no declaration", SLICE_INIT(""), SLICE_INIT("<a.b-c_1><d:e/>x<d:e></d:e>]]</a.b-c_1>") },
    { "references", SLICE_INIT("<?xml version='1.0' encoding='utf-8' ?>"),
      SLICE_INIT("<a>&lt;&gt;&apos;&quot;&#xD7FF;&#x10FFFF;&#9;<b c='&lt;'/></a>") },
    { "characters at the borders", SLICE_INIT(""),
      SLICE_INIT("<a>\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\x7f</a>") },
};

static void quick_reader_tells_the_same(void **state)
{
    static const char signs[] = "<>/&;'\"=# \n\r\t]![-?:xa1.\x80\xbf\xc0\xe3\xed\xef\xf4\xff";
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, plain_documents) {
        uint8_t bytes[256];
        slice rest = { bytes, row->rest.len };
        assert_true(rest.len <= sizeof bytes);
        memcpy(bytes, row->rest.at, rest.len);
        both_ways(row->head, rest, row->name);
        /* Where a fault up to the root's tag is told depends on what else stands there. */
        size_t root = slice_find_byte(rest, '>', 0) + 1;
        for (size_t i = root; i < rest.len; i++) {
            both_ways(row->head, slice_sub(rest, 0, i + 1), row->name);
            for (size_t k = 0; k < sizeof signs; k++) { /* with the zero at its end */
                bytes[i] = (uint8_t)signs[k];
                both_ways(row->head, rest, row->name);
            }
            bytes[i] = row->rest.at[i];
        }
    }
}

static slice repeat(struct arena *a, const char *head, const char *unit, size_t times)
{
    size_t n = strlen(head), k = strlen(unit);
    uint8_t *p = arena_get(a, n + k * times, 1);
    assert_non_null(p);
    memcpy(p, head, n);
    for (size_t i = 0; i < times; i++)
        memcpy(p + n + i * k, unit, k);
    return (slice){ p, n + k * times };
}

static void depth_ends_it(void **state)
{
    (void)state;
    struct arena *a = arena_new(16 << 20);
    struct budget budget = budget_default();
    struct scribe s = { .out = buf_new(1 << 20) };
    assert_int_equal(read_all(repeat(a, "", "<a>", 256), &s, a, &budget), XML_FAULTY);
    buf_clear(&s.out);
    assert_int_equal(read_all(repeat(a, "", "<a>", 257), &s, a, &budget), XML_LIMIT);
    assert_int_equal(s.out.len, 3 * 256);
    buf_drop(&s.out);
    arena_drop(&a);
}

static void entities_do_not_explode(void **state)
{
    (void)state;
    static const char laughs[] =
        "<!DOCTYPE a [<!ENTITY a0 'ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha'>"
        "<!ENTITY a1 '&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;'><!ENTITY a2 "
        "'&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;'>"
        "<!ENTITY a3 '&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;'><!ENTITY a4 "
        "'&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;'>"
        "<!ENTITY a5 '&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;'><!ENTITY a6 "
        "'&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;'>"
        "<!ENTITY a7 '&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;'>]><a>&a7;</a>";
    struct arena *a = arena_new(16 << 20);
    struct budget budget = budget_default();
    struct scribe s = { .out = buf_new(64 << 20) };
    enum xml_end end = read_all(slice_of(laughs), &s, a, &budget);
    assert_int_equal(end, XML_FAULTY);
    assert_true(s.out.len < 16 << 20);
    buf_drop(&s.out);
    arena_drop(&a);
}

/* Work must grow with the length, not its square: each of these is 8 MiB made for that. */
static void hostile_lengths_are_linear(void **state)
{
    (void)state;
    static const struct {
        const char *head, *unit;
    } made[] = {
        { "<a b='", "x" },       { "<a ", "bb=" },         { "<a>", "&#65" },
        { "<a>", "<![CDATA[x" }, { FAULT, "<!--x" },       { FAULT, "<b c='" },
        { FAULT, "<b c=\"'" },   { FAULT, "&#1" },         { FAULT, "<<<<" },
        { "<!--", "x" },         { "<!DOCTYPE a [", "x" }, { FAULT, "<![CDATA[" },
        { "<a", " b" },          { "<a>\xff", "<b>" },     { "", "<" },
    };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        struct arena *a = arena_new(512 << 20);
        struct budget budget = budget_default();
        struct xml_handler nobody = { 0 };
        slice in = repeat(a, made[i].head, made[i].unit, (8u << 20) / strlen(made[i].unit));
        enum xml_end end = xml_read(in, &nobody, a, &budget);
        assert_true(end == XML_FAULTY || end == XML_LIMIT);
        assert_true(budget.left[BUDGET_WORK] > 1000000000);
        arena_drop(&a);
    }
}

static void limits(void **state)
{
    (void)state;
    struct arena *a = arena_new(4 << 20);
    struct scribe s = { .out = buf_new(4 << 20) };
    slice in = repeat(a, "<a>", "<b>text</b>", 20000);
    struct budget budget = budget_default();
    budget.left[BUDGET_WORK] = 500000;
    assert_int_equal(read_all(in, &s, a, &budget), XML_LIMIT);
    assert_int_equal(budget.hit, 1u << BUDGET_WORK);
    assert_true(s.out.len > 1000); /* what was read before stands */
    buf_drop(&s.out);
    arena_drop(&a);

    slice small = SLICE_LIT("<a b='&amp;'><c d=&amp; e=1>&amp;<f g='&lt;'>\xff</a>");
    for (size_t ceiling = 0; ceiling < 60000; ceiling += 97) {
        a = arena_new(ceiling);
        budget = budget_default();
        s = (struct scribe){ .out = buf_new(1 << 16) };
        enum xml_end end = read_all(small, &s, a, &budget);
        assert_int_equal(end, arena_full(a) ? XML_LIMIT : XML_FAULTY);
        buf_drop(&s.out);
        arena_drop(&a);
    }
}

/* A handler that reads a document itself, as a part inside a part. */
static void on_open_nested(void *host, slice name, const struct xml_attribute *a, size_t n,
                           size_t at)
{
    struct arena **mem = host;
    struct budget budget = budget_default();
    struct xml_handler nobody = { 0 };
    (void)name, (void)a, (void)n, (void)at;
    assert_int_equal(xml_read(SLICE_LIT("<x><y/></x>"), &nobody, mem[1], &budget), XML_WHOLE);
}

static void readers_nest(void **state)
{
    (void)state;
    struct arena *mem[2] = { arena_new(1 << 20), arena_new(1 << 20) };
    struct budget budget = budget_default();
    struct xml_handler h = { .host = mem, .open = on_open_nested };
    slice in = repeat(mem[0], "<a>", "<b c='1'/>", 1000);
    size_t before = arena_spent(mem[0]);
    assert_int_equal(xml_read(in, &h, mem[0], &budget), XML_FAULTY);
    assert_true(arena_spent(mem[0]) < before + 20000);
    assert_true(arena_spent(mem[1]) < 20000);
    arena_drop(&mem[0]);
    arena_drop(&mem[1]);
}

static void names(void **state)
{
    (void)state;
    assert_true(slice_is(xml_local(SLICE_LIT("w:t")), "t"));
    assert_true(slice_is(xml_local(SLICE_LIT("a:b:c")), "c"));
    assert_true(slice_is(xml_local(SLICE_LIT("t")), "t"));
    assert_int_equal(xml_local(SLICE_LIT("w:")).len, 0);
    assert_int_equal(xml_local((slice){ 0 }).len, 0);
    struct xml_attribute a[] = { { SLICE_LIT("r:id"), SLICE_LIT("1") },
                                 { SLICE_LIT("id"), SLICE_LIT("2") } };
    assert_true(slice_is(xml_get(a, 2, "id"), "1"));
    assert_int_equal(xml_get(a, 2, "ID").len, 0);
    assert_int_equal(xml_get(NULL, 0, "id").len, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(damaged_documents),
        cmocka_unit_test(quick_reader_tells_the_same),
        cmocka_unit_test(depth_ends_it),
        cmocka_unit_test(entities_do_not_explode),
        cmocka_unit_test(hostile_lengths_are_linear),
        cmocka_unit_test(limits),
        cmocka_unit_test(readers_nest),
        cmocka_unit_test(names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
