/* SPDX-License-Identifier: Apache-2.0 */
/* Objects are read through RTF, whose hex makes cases short. */
#include "base/buf.h"
#include "decode/shared/equation.h"
#include "decode/harness.h"
#include "decode/shared/ole.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void put_hex(struct buf *b, slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        buf_byte(b, (uint8_t)digits[bytes.at[i] >> 4]);
        buf_byte(b, (uint8_t)digits[bytes.at[i] & 15]);
    }
}

static struct tally *read_object(slice bytes)
{
    struct buf b = buf_new(1 << 16);
    buf_text(&b, "{\\rtf1{\\object{\\*\\objdata ");
    put_hex(&b, bytes);
    buf_text(&b, "}}}");
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    tally_check(t);
    buf_drop(&b);
    return t;
}

#define EMBEDDED "\1\5\0\0\2\0\0\0"
#define EQUATION EMBEDDED "\x0b\0\0\0Equation.3\0\0\0\0\0\0\0\0\0"
#define PACKAGED EMBEDDED "\x08\0\0\0Package\0\0\0\0\0\0\0\0\0"
#define MTEF "\3\1\1\3\x0a"
#define LONG_NAME "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct object_case {
    const char *what;
    slice in;
    enum fact_id fact;
    const char *value; /* NULL: absent; "": whatever */
};

static const struct object_case objects[] = {
    { "class", SLICE_INIT(EQUATION "\x06\0\0\0" MTEF "\0"), FACT_OFFICE_OBJECT_CLASS, "Equation.3" },
    { "equation", SLICE_INIT(EQUATION "\x06\0\0\0" MTEF "\0"), FACT_OFFICE_EQUATION, "" },
    { "honest one", SLICE_INIT(EQUATION "\x0c\0\0\0" MTEF "\1\2\x83x\0\0\0"), FACT_OFFICE_EQUATION_FAULTY, NULL },
    { "linked file", SLICE_INIT("\1\5\0\0\1\0\0\0\4\0\0\0Doc\0\6\0\0\0C:\\ab\0\0\0\0\0"), FACT_OFFICE_EXTERNAL_OBJECT, "C:\\ab" },
    { "package", SLICE_INIT(PACKAGED "\x25\0\0\0\2\0a.txt\0C:\\a\0\0\0\3\0\5\0\0\0C:\\t\0\3\0\0\0abc"), FACT_FILE_PACKAGED, "C:\\t" },
    { "font name too long", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0a\1\x08ZZ" LONG_NAME "\0\0"), FACT_OFFICE_EQUATION_OVERFLOW, "font name: 40" },
    { "font name without an end", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0a\1\x08ZZ" LONG_NAME), FACT_OFFICE_EQUATION_OVERFLOW, "font name: 40" },
    { "font name that fits", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0a\1\x08ZZTimes New Roman\0\0"), FACT_OFFICE_EQUATION_OVERFLOW, NULL },
    { "matrix too large", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0a\1\5\1\1\1\x1c\x85"), FACT_OFFICE_EQUATION_OVERFLOW, "matrix: 133" },
    { "matrix that fits", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0a\1\5\1\1\1\3\3\0\0\0\0"), FACT_OFFICE_EQUATION_OVERFLOW, NULL },
    { "head that nobody writes", SLICE_INIT(EQUATION "\x40\0\0\0\2\xc3\x37\xc7\5\0"), FACT_OFFICE_EQUATION_FAULTY, "header" },
    { "record that nobody knows", SLICE_INIT(EQUATION "\x40\0\0\0" MTEF "\x0f"), FACT_OFFICE_EQUATION_FAULTY, "record" },
    { "class in another case", SLICE_INIT(EMBEDDED "\x0b\0\0\0eQUATION.3\0\0\0\0\0\0\0\0\0\x40\0\0\0" MTEF "\x0a\1\x08ZZ" LONG_NAME "\0\0"), FACT_OFFICE_EQUATION_OVERFLOW, "" },
    { "class without its end", SLICE_INIT(EMBEDDED "\x0a\0\0\0Equation.3\0\0\0\0\0\0\0\0\x40\0\0\0" MTEF "\x0f"), FACT_OFFICE_EQUATION, "" },
    { "MathType's own class", SLICE_INIT(EMBEDDED "\x0f\0\0\0Equation.DSMT4\0\0\0\0\0\0\0\0\0\x40\0\0\0" MTEF "\x0f"), FACT_OFFICE_EQUATION, NULL },
    { "size past the end", SLICE_INIT(EQUATION "\xff\xff\xff\xff" MTEF "\x0f"), FACT_OFFICE_EQUATION, "" },
    { "no native data", SLICE_INIT(EQUATION), FACT_OFFICE_EQUATION, "" },
    { "script by its path", SLICE_INIT(PACKAGED "\x25\0\0\0\2\0a.pdf\0C:\\a.js\0\0\0\3\0\5\0\0\0C:\\t\0\3\0\0\0abc"), FACT_OFFICE_EMBEDDED, "a.js" },
    { "package that goes on", SLICE_INIT(PACKAGED "\x25\0\0\0\2\0a.txt\0C:\\a\0\0\0\3\0\5\0\0\0C:\\t\0\xff\xff\xff\x7f" "abc"), FACT_FILE_PACKAGED, "C:\\t" },
    { "package of another kind", SLICE_INIT(PACKAGED "\x25\0\0\0\3\0a.txt\0C:\\a\0\0\0\3\0\5\0\0\0C:\\t\0\3\0\0\0abc"), FACT_FILE_PACKAGED, NULL },
    { "package without a file", SLICE_INIT(PACKAGED "\x25\0\0\0\2\0a.txt\0C:\\a\0\0\0\3\0\5\0\0\0C:\\t\0\0\0\0\0"), FACT_FILE_PACKAGED, NULL },
    { "path that lies", SLICE_INIT(PACKAGED "\x25\0\0\0\2\0a.txt\0C:\\a\0\0\0\3\0\xff\xff\xff\xff" "C:\\t\0\3\0\0\0abc"), FACT_FILE_PACKAGED, NULL },
    { "name of endless length", SLICE_INIT("\1\5\0\0\2\0\0\0\xff\xff\xff\xff" "Package"), FACT_OFFICE_OBJECT_CLASS, NULL },
    { "format that is none", SLICE_INIT("\1\5\0\0\7\0\0\0\4\0\0\0Doc\0\0\0\0\0\0\0\0\0"), FACT_OFFICE_OBJECT_CLASS, NULL },
    { "nothing at all", SLICE_INIT(""), FACT_OFFICE_OBJECT_CLASS, NULL },
};

static void objects_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        const struct object_case *c = &objects[i];
        struct tally *t = read_object(c->in);
        const struct fact *f = tally_fact(t, c->fact);
        bool good = c->value ? f && (!c->value[0] || tally_has(t, c->fact, c->value)) : !f;
        if (!good)
            fail_msg("%s: %s '%.*s'", c->what, fact_row(c->fact)->name, f ? (int)f->text.len : 0,
                     f ? (const char *)f->text.at : "");
        tally_drop(&t);
        for (size_t n = 0; n < c->in.len; n++) { /* every beginning of it */
            t = read_object(slice_sub(c->in, 0, n));
            tally_drop(&t);
        }
    }
}

static void likeliness(void **state)
{
    (void)state;
    assert_int_equal(ole_object_likely(SLICE_LIT("")), 0);
    assert_int_equal(ole_object_likely(SLICE_LIT("\x39\x47\xe8\x67\x2e\x6b\xad\x81\x53\x6a")), 0);
    assert_int_equal(ole_object_likely(SLICE_LIT("junk\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), 1);
    assert_int_equal(ole_object_likely(SLICE_LIT(EQUATION)), 2);
    assert_int_equal(ole_object_likely(SLICE_LIT(EQUATION "\1\0\0\0x")), 3);
    assert_int_equal(ole_object_likely(SLICE_LIT(EQUATION "\x09\0\0\0\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x")), 4);
}

static const struct {
    const char *what;
    slice in;
    const char *target; /* NULL: none */
} links[] = {
    { "URL moniker", SLICE_INIT("\1\0\0\2xxxx\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b\x0c\0\0\0h\0t\0t\0p\0\0\0\0\0"), "http" },
    { "without an end", SLICE_INIT("\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b\xff\xff\xff\xffh\0t\0t"), "ht" },
    { "file moniker", SLICE_INIT("\3\3\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x46\0\0\5\0\0\0C:\\a\0"), "C:\\a" },
    { "script moniker", SLICE_INIT("\xd3\x0b\x29\x06\xaa\x48\xd2\x11\x84\x32\x00\x60\x08\xc3\xfb\xfc\0\0\5\0\0\0C:\\a\0"), "ms-script:C:\\a" },
    { "length that lies", SLICE_INIT("\3\3\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x46\0\0\xff\xff\xff\xff" "C:\\a\0"), NULL },
    { "no moniker", SLICE_INIT("\1\0\0\2\0\0\0\0"), NULL },
};

struct link_host {
    slice in;
};

static void part_begin(void *host, struct walk *w)
{
    const struct link_host *h = host;
    ole_link_read(w, h->in, NOWHERE);
}

static void links_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct link_host host = { links[i].in };
        const struct walk_hooks hooks = { .host = &host, .part_begin = part_begin };
        struct tally *t = tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
        const struct fact *f = tally_fact(t, FACT_OFFICE_EXTERNAL_OBJECT);
        if (links[i].target ? !f || !slice_is(f->text, links[i].target) : f != NULL)
            fail_msg("%s: '%.*s'", links[i].what, f ? (int)f->text.len : 0, f ? (const char *)f->text.at : "");
        tally_drop(&t);
    }
}

static void classes(void **state)
{
    (void)state;
    assert_true(equation_class(SLICE_LIT("Equation.3")));
    assert_true(equation_class(SLICE_LIT("microsoft equation 3.0")));
    assert_false(equation_class(SLICE_LIT("Equation.DSMT4")));
    assert_false(equation_class(SLICE_LIT("Package")));
    assert_true(equation_clsid(SLICE_LIT("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46")));
    assert_false(equation_clsid(SLICE_LIT("\x02\xce\x02")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_read),
        cmocka_unit_test(likeliness),
        cmocka_unit_test(links_are_told),
        cmocka_unit_test(classes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
