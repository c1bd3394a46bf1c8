/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of calendars and contacts, as forgiving programs read them. */
#include "decode/shared/contentline.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

/* The first line of a text; `name` NULL: there is none. */
static const struct {
    const char *what;
    const char *in, *name, *parameters, *value, *text;
} lines[] = {
    { "plain", "SUMMARY:hello\r\n", "SUMMARY", "", "hello", "hello" },
    { "with parameters", "ATTACH;FMTTYPE=text/plain;X=1:http://a.example/\r\n", "ATTACH", ";FMTTYPE=text/plain;X=1", "http://a.example/", "http://a.example/" },
    { "with a group", "item1.URL:http://a.example/\n", "URL", "", "http://a.example/", "http://a.example/" },
    { "folded", "SUMMARY:hel\r\n lo\r\n\t there\r\nX:y", "SUMMARY", "", "hello there", "hello there" },
    { "folded within its name", "SUM\r\n MARY:hello", "SUMMARY", "", "hello", "hello" },
    { "a colon in quotes", "A;B=\"x:y\":z", "A", ";B=\"x:y\"", "z", "z" },
    { "a quote that never closes", "A;B=\"x:y", "A", ";B=\"x", "y", "y" },
    { "escapes", "NOTE:a\\nb\\,c\\;d\\\\e\\f\\", "NOTE", "", "a\\nb\\,c\\;d\\\\e\\f\\", "a\nb,c;d\\e\\f\\" },
    { "quoted-printable over soft ends", "FN;ENCODING=QUOTED-PRINTABLE:=E3=81=\r\n=8B=\r\nx\r\n", "FN", ";ENCODING=QUOTED-PRINTABLE", "=E3=81=8Bx", "かx" },
    { "in its charset", "FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=82=A9", "FN", ";CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE", "=82=A9", "か" },
    { "quoted-printable that is none", "FN;QUOTED-PRINTABLE:=X=4", "FN", ";QUOTED-PRINTABLE", "=X=4", "=X=4" },
    { "base64 without folding", "PHOTO;BASE64:aGFy\r\nbWxl\r\n c3M=\r\n\r\nX:y", "PHOTO", ";BASE64", "aGFybWxlc3M=", "harmless" },
    { "base64 stops at a line of its own", "PHOTO;BASE64:aGFy\nX:bWxl", "PHOTO", ";BASE64", "aGFy", "har" },
    { "lines that are none are passed over", "nothing\r\n:no name\r\nA:b", "A", "", "b", "b" },
    { "a name too long", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:y\nA:b", "A", "", "b", "b" },
    { "bare line feeds and no end", "A:b", "A", "", "b", "b" },
    { "an empty value", "A:\r\n", "A", "", "", "" },
    { "no colon", "nothing", NULL, NULL, NULL, NULL },
    { "nothing", "", NULL, NULL, NULL, NULL },
};

static void look_at_lines(void *host, struct walk *w)
{
    struct table *table = host;
    TABLE_EACH (table, row, lines) {
        struct content_reader r = { .w = w, .in = slice_of(row->in) };
        struct content_line l;
        bool there = content_next(&r, &l);
        table_true(table, row->what, there == (row->name != NULL));
        if (!there || !row->name)
            continue;
        table_slice(table, row->what, l.name, row->name);
        table_slice(table, row->what, l.parameters, row->parameters);
        table_slice(table, row->what, l.value, row->value);
        table_slice(table, row->what, content_text(w, &l), row->text);
        table_true(table, row->what, l.at < l.end && l.end <= strlen(row->in));
    }
}

static void lines_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    struct tally *t = tally_look(&table, look_at_lines, NULL);
    tally_drop(&t);
}

static const struct {
    const char *what;
    const char *in, *name, *value;
    bool base64;
} parameters[] = {
    { "the first", "A;X=1;Y=2:", "X", "1", false },
    { "the last, in another case", "A;X=1;y=2:", "Y", "2", false },
    { "in quotes", "A;X=\"1;Y=3\";Y=2:", "Y", "2", false },
    { "quotes fall away", "A;X=\"a b\":", "X", "a b", false },
    { "a word without a value", "A;X:", "X", "", false },
    { "not there", "A;X=1:", "Y", "", false },
    { "blanks around", "A; X = 1 :", "X", "1", false },
    { "base64 by its encoding", "A;ENCODING=b:", "ENCODING", "b", true },
    { "base64 by its whole name", "A;ENCODING=BASE64:", "X", "", true },
    { "base64 by a bare word", "A;PNG;BASE64:", "X", "", true },
    { "base64 in another value", "A;X=NOBASE64:", "X", "NOBASE64", false },
};

static void look_at_parameters(void *host, struct walk *w)
{
    struct table *table = host;
    TABLE_EACH (table, row, parameters) {
        struct content_reader r = { .w = w, .in = slice_of(row->in) };
        struct content_line l;
        assert_true(content_next(&r, &l));
        table_slice(table, row->what, content_parameter(&l, row->name), row->value);
        table_true(table, row->what, content_is_base64(&l) == row->base64);
    }
}

static void parameters_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    struct tally *t = tally_look(&table, look_at_parameters, NULL);
    tally_drop(&t);
}

static const struct {
    const char *what;
    const char *in, *bytes, *type; /* `bytes` NULL: it is a link */
} values[] = {
    { "base64", "A;ENCODING=B:aGFybWxlc3M=", "harmless", "" },
    { "a data URL", "A:data:text/plain;base64,aGFybWxlc3M=", "harmless", "text/plain" },
    { "a data URL as it stands", "A:data:text/plain,harmless", "harmless", "text/plain" },
    { "a data URL without data", "A:data:text/plain", "", "" },
    { "a link", "A:https://example.invalid/", NULL, "" },
    { "base64 that is none", "A;BASE64:\x01\x02", "", "" },
};

static void look_at_values(void *host, struct walk *w)
{
    struct table *table = host;
    TABLE_EACH (table, row, values) {
        struct content_reader r = { .w = w, .in = slice_of(row->in) };
        struct content_line l;
        slice bytes, type;
        assert_true(content_next(&r, &l));
        bool has = content_bytes(w, &l, &bytes, &type);
        table_true(table, row->what, has == (row->bytes != NULL));
        if (has && row->bytes)
            table_slice(table, row->what, bytes, row->bytes);
        table_slice(table, row->what, type, row->type);
    }
}

static void values_are_bytes(void **state)
{
    (void)state;
    struct table table = { 0 };
    struct tally *t = tally_look(&table, look_at_values, NULL);
    tally_drop(&t);
}

static void beginnings_are_seen(void **state)
{
    static const struct {
        const char *what;
        slice in;
        enum sniff want;
    } heads[] = {
        { "plain", SLICE_INIT("BEGIN:VCARD\r\n"), SNIFF_STRONG },
        { "small letters behind blanks", SLICE_INIT("\r\n begin:vcard"), SNIFF_STRONG },
        { "behind a mark", SLICE_INIT("\xef\xbb\xbf" "BEGIN:VCARD"), SNIFF_STRONG },
        { "UTF-16", SLICE_INIT("\xff\xfe" "B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0"), SNIFF_STRONG },
        { "UTF-16 the other way", SLICE_INIT("\xfe\xff\0B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D"), SNIFF_STRONG },
        { "something else", SLICE_INIT("BEGIN:VCALENDAR"), SNIFF_NO },
        { "words in front", SLICE_INIT("x BEGIN:VCARD"), SNIFF_NO },
        { "cut off", SLICE_INIT("BEGIN:VCA"), SNIFF_NO },
        { "nothing", { NULL, 0 }, SNIFF_NO },
    };
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, heads) {
        struct body body = body_borrow(row->in);
        table_true(&table, row->what, content_sniff(&body, "VCARD") == row->want);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(values_are_bytes),
        cmocka_unit_test(beginnings_are_seen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
