/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define HEAD "\x78\x9f\x3e\x22\1\0"
/* level, id, length, data, checksum (which is wrong nearly everywhere: nothing depends on it) */
#define SUBJECT "\1\x04\x80\x01\0\3\0\0\0hi\0\xd1\0"
#define BODY "\1\x0c\x80\x02\0\6\0\0\0hello\0\x14\2"
#define RENDER "\2\x02\x90\x06\0\2\0\0\0\0\0\0\0"
#define TITLE "\2\x10\x80\x01\0\6\0\0\0a.txt\0\0\0"
#define DATA "\2\x0f\x80\x06\0\x08\0\0\0harmless\0\0"
#define PROPS(len) "\1\x03\x90\x06\0" len "\0\0\0"
#define WIDE(id, len, text) "\x1f\0" id "\1\0\0\0" len "\0\0\0" text

struct file {
    const char *what;
    slice in;
    enum fact_id fact;
    const char *text; /* NULL: must not be; "": any */
    enum walk_end end;
    size_t parts;
};

static const struct file files[] = {
    { "nothing in it", SLICE_INIT(HEAD), FACT_EMAIL_ATTACHMENTS_COUNT, "", WALK_WHOLE, 1 },
    { "subject", SLICE_INIT(HEAD SUBJECT), FACT_EMAIL_SUBJECT, "hi", WALK_WHOLE, 1 },
    { "text", SLICE_INIT(HEAD BODY), FACT_EMAIL_BODY_LENGTH, "", WALK_WHOLE, 2 },
    { "right checksums", SLICE_INIT(HEAD SUBJECT BODY), FACT_TNEF_CHECKSUM, NULL, WALK_WHOLE, 2 },
    { "file", SLICE_INIT(HEAD RENDER TITLE DATA), FACT_EMAIL_ATTACHMENTS_FILE_NAME, "a.txt", WALK_WHOLE, 2 },
    { "two files", SLICE_INIT(HEAD RENDER TITLE DATA RENDER TITLE DATA), FACT_FILE_ATTACHMENT, "", WALK_WHOLE, 3 },
    { "properties", SLICE_INIT(HEAD PROPS("\x18") "\1\0\0\0" WIDE("\x37\0", "\4", "h\0o\0") "\0\0\0\0" "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_WHOLE, 1 },
    { "properties win", SLICE_INIT(HEAD SUBJECT PROPS("\x14") "\1\0\0\0" WIDE("\x37\0", "\4", "h\0o\0") "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_WHOLE, 1 },
    { "first of many values", SLICE_INIT(HEAD PROPS("\x1c") "\1\0\0\0" "\x1f\x10\x37\0\2\0\0\0\4\0\0\0h\0o\0\2\0\0\0x\0\0\0" "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_WHOLE, 1 },
    { "named property before it", SLICE_INIT(HEAD PROPS("\x34") "\2\0\0\0" "\3\0\1\x80" "0123456789abcdef" "\0\0\0\0\7\0\0\0" "\x09\0\0\0" WIDE("\x37\0", "\4", "h\0o\0") "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_WHOLE, 1 },
    /* what hides */
    { "wrong checksum", SLICE_INIT(HEAD "\1\x04\x80\x01\0\3\0\0\0hi\0\xff\xff"), FACT_TNEF_CHECKSUM, "", WALK_WHOLE, 1 },
    { "is read all the same", SLICE_INIT(HEAD "\1\x04\x80\x01\0\3\0\0\0hi\0\xff\xff"), FACT_EMAIL_SUBJECT, "hi", WALK_WHOLE, 1 },
    { "no beginning of the file", SLICE_INIT(HEAD TITLE DATA), FACT_EMAIL_ATTACHMENTS_FILE_NAME, "a.txt", WALK_WHOLE, 2 },
    { "file without a name", SLICE_INIT(HEAD RENDER DATA), FACT_FILE_ATTACHMENT, "", WALK_WHOLE, 2 },
    { "name without a file", SLICE_INIT(HEAD RENDER TITLE), FACT_EMAIL_ATTACHMENTS_FILE_NAME, "a.txt", WALK_WHOLE, 1 },
    { "text behind the files", SLICE_INIT(HEAD RENDER TITLE DATA BODY), FACT_FILE_ATTACHMENT, "", WALK_WHOLE, 2 },
    { "program in it", SLICE_INIT(HEAD RENDER "\2\x0f\x80\x06\0\x08\0\0\0MZ\x90\0\3\0\0\0\0\0"), FACT_FILE_TYPE, "pe", WALK_WHOLE, 2 },
    { "file cut off", SLICE_INIT(HEAD RENDER TITLE "\2\x0f\x80\x06\0\xff\0\0\0harm"), FACT_FILE_ATTACHMENT, "", WALK_SHORT, 2 },
    { "length past all bounds", SLICE_INIT(HEAD RENDER "\2\x0f\x80\x06\0\xff\xff\xff\xffharm"), FACT_FILE_ATTACHMENT, "", WALK_SHORT, 2 },
    { "level that is none", SLICE_INIT(HEAD SUBJECT "\7garbage"), FACT_EMAIL_SUBJECT, "hi", WALK_SHORT, 1 },
    { "a byte of padding", SLICE_INIT(HEAD SUBJECT "\0"), FACT_EMAIL_SUBJECT, "hi", WALK_WHOLE, 1 },
    { "count of properties lies", SLICE_INIT(HEAD PROPS("\x14") "\xff\xff\xff\xff" WIDE("\x37\0", "\4", "h\0o\0") "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_WHOLE, 1 },
    { "count of values lies", SLICE_INIT(HEAD PROPS("\x14") "\1\0\0\0" "\x1f\0\x37\0\xff\xff\xff\xff\4\0\0\0h\0o\0" "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_SHORT, 1 },
    { "length of a value lies", SLICE_INIT(HEAD PROPS("\x14") "\1\0\0\0" "\x1f\0\x37\0\1\0\0\0\xff\xff\0\0h\0o\0" "\0\0"), FACT_EMAIL_SUBJECT, "ho", WALK_SHORT, 1 },
    { "type that is none", SLICE_INIT(HEAD PROPS("\x0c") "\1\0\0\0" "\x77\x67\x37\0hiho" "\0\0"), FACT_EMAIL_SUBJECT, NULL, WALK_WHOLE, 1 },
    { "named without an end", SLICE_INIT(HEAD PROPS("\x08") "\1\0\0\0" "\3\0\1\x80" "\0\0"), FACT_EMAIL_SUBJECT, NULL, WALK_SHORT, 1 },
    { "only its signature", SLICE_INIT("\x78\x9f\x3e\x22"), FACT_EMAIL_SUBJECT, NULL, WALK_WHOLE, 1 },
};

static void files_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, files) {
        const struct file *c = row;
        struct tally *t = tally_run(&(struct tally_options){ .name = "winmail.dat" }, c->in);
        tally_check(t);
        const struct fact *f = tally_fact(t, c->fact);
        bool good = c->text ? f && (!c->text[0] || tally_has(t, c->fact, c->text)) : !f;
        if (!good || t->r.parts[0].end != c->end || t->r.n_parts != c->parts)
            table_wrong(&table, row->what, "%s '%.*s', end %s, parts %u", fact_row(c->fact)->name, f ? (int)f->text.len : 0,
                     f ? (const char *)f->text.at : "", walk_end_name(t->r.parts[0].end), t->r.n_parts);
        tally_drop(&t);
        tally_memory_ends(&(struct tally_options){ 0 }, c->in, 20);
    }
}

/* The mail around it has the header; its text is text of the mail. */
static void belongs_to_the_mail(void **state)
{
    (void)state;
    static const char mail[] = "From: a@b.example\r\nSubject: outer\r\nMIME-Version: 1.0\r\n"
                               "Content-Type: application/ms-tnef; name=\"winmail.dat\"\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n";
    /* HEAD SUBJECT BODY */
    static const char text[] = "eJ8+IgEAAQSAAQADAAAAaGkA0QABDIACAAYAAABoZWxsbwAUAg==\r\n";
    struct buf b = buf_new(4096);
    buf_text(&b, mail);
    buf_text(&b, text);
    struct tally *t = tally_run(&(struct tally_options){ .name = "a.eml" }, buf_slice(&b));
    tally_check(t);
    assert_int_equal(t->r.n_parts, 3);
    assert_int_equal(tally_facts(t, FACT_EMAIL_SUBJECT), 1);
    assert_true(tally_has(t, FACT_EMAIL_SUBJECT, "outer"));
    assert_true(slice_is(tally_view(t, FACT_EMAIL_BODY, 2), "hello"));
    size_t mails = 0;
    for (uint32_t i = 0; i < t->r.n_events; i++)
        mails += t->r.events[i].kind == EVENT_MAIL;
    assert_int_equal(mails, 1);
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(belongs_to_the_mail),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
