/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "decode/cfb/cfb_build.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define PROPS "__properties_version1.0"
#define VALUE "__substg1.0_"
#define HEAD32 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HEAD8 "\0\0\0\0\0\0\0\0"
#define NONE BUILD_NONE


struct message {
    const char *what;
    struct build_entry rows[10];
    enum fact_id fact;
    const char *text; /* of the fact; NULL: must not be; "": any */
    const char *body; /* of the first text part; NULL: not looked at */
};

#define STREAM(parent, name, text) { parent, name, SLICE_INIT(text) }
#define STORAGE(parent, name) { parent, name, { NULL, 0 } }
#define TOP STREAM(NONE, PROPS, HEAD32)

static const struct message messages[] = {
    { "text", { TOP, STREAM(NONE, VALUE "1000001E", "hello") }, FACT_EMAIL_BODY_LENGTH, "", "hello" },
    { "wide text", { TOP, STREAM(NONE, VALUE "1000001F", "h\0i\0") }, FACT_EMAIL_BODY_LENGTH, "", "hi" },
    { "subject", { TOP, STREAM(NONE, VALUE "0037001F", "h\0i\0") }, FACT_EMAIL_SUBJECT, "hi", NULL },
    { "header", { TOP, STREAM(NONE, VALUE "007D001E", "From: a@b.example\r\nSubject: s\r\n") }, FACT_EMAIL_FROM_ADDRESS, "a@b.example", NULL },
    { "header with Outlook's line", { TOP, STREAM(NONE, VALUE "007D001E", "Microsoft Mail Internet Headers Version 2.0\r\nFrom: a@b.example\r\n") }, FACT_EMAIL_FROM_ADDRESS, "a@b.example", NULL },
    { "sender by properties", { TOP, STREAM(NONE, VALUE "5D02001E", "a@b.example") }, FACT_EMAIL_FROM_ADDRESS, "a@b.example", NULL },
    { "sender by his address", { TOP, STREAM(NONE, VALUE "0C1F001E", "a@b.example") }, FACT_EMAIL_FROM_ADDRESS, "a@b.example", NULL },
    { "directory names are no addresses", { TOP, STREAM(NONE, VALUE "0065001E", "/O=X/CN=Y"), STREAM(NONE, VALUE "0042001E", "Taro") }, FACT_EMAIL_FROM_ADDRESS, NULL, NULL },
    { "but the name is told", { TOP, STREAM(NONE, VALUE "0042001E", "Taro") }, FACT_EMAIL_FROM_NAME, "Taro", NULL },
    { "Message-ID", { TOP, STREAM(NONE, VALUE "1035001E", "<1@b.example>") }, FACT_EMAIL_MESSAGE_ID, "1@b.example", NULL },
    { "recipient", { TOP, STORAGE(NONE, "__recip_version1.0_#00000000"), STREAM(1, PROPS, HEAD8), STREAM(1, VALUE "39FE001E", "c@d.example") }, FACT_EMAIL_TO_ADDRESS, "c@d.example", NULL },
    { "page", { TOP, STREAM(NONE, VALUE "10130102", "<p><a href='http://example.invalid/'>x</a>") }, FACT_URL_FULL, "http://example.invalid/", NULL },
    { "file", { TOP, STORAGE(NONE, "__attach_version1.0_#00000000"), STREAM(1, VALUE "3707001E", "a.txt"), STREAM(1, VALUE "37010102", "harmless") }, FACT_EMAIL_ATTACHMENTS_FILE_NAME, "a.txt", NULL },
    { "short file name", { TOP, STORAGE(NONE, "__attach_version1.0_#00000000"), STREAM(1, VALUE "3704001E", "a.txt"), STREAM(1, VALUE "37010102", "x") }, FACT_EMAIL_ATTACHMENTS_FILE_NAME, "a.txt", NULL },
    { "message in it", { TOP, STORAGE(NONE, "__attach_version1.0_#00000000"), STORAGE(1, VALUE "3701000D"), STREAM(2, PROPS, HEAD8 HEAD8 HEAD8), STREAM(2, VALUE "0037001E", "inner") }, FACT_EMAIL_SUBJECT, "inner", NULL },
    { "date", { STREAM(NONE, PROPS, HEAD32 "\x40\0\x39\0\6\0\0\0\0\x40\xfa\xd4\x4e\x79\xda\1") }, FACT_EMAIL_DATE, "18 Mar 2024 16:10:44 +0000", NULL },
    /* what hides */
    { "names in another case", { STREAM(NONE, "__PROPERTIES_VERSION1.0", HEAD32), STREAM(NONE, "__SUBSTG1.0_1000001e", "seen") }, FACT_EMAIL_BODY_LENGTH, "", "seen" },
    { "no properties in the stream", { STREAM(NONE, PROPS, "x"), STREAM(NONE, VALUE "1000001E", "seen") }, FACT_EMAIL_BODY_LENGTH, "", "seen" },
    { "tag that is none", { TOP, STREAM(NONE, VALUE "1000001Z", "x") }, FACT_EMAIL_BODY_LENGTH, NULL, NULL },
    { "tag too short", { TOP, STREAM(NONE, VALUE "100000", "x") }, FACT_EMAIL_BODY_LENGTH, NULL, NULL },
    { "storage in place of a stream", { TOP, STORAGE(NONE, VALUE "1000001E") }, FACT_EMAIL_BODY_LENGTH, NULL, NULL },
    { "attachment without a number", { TOP, STORAGE(NONE, "__attach_version1.0_"), STREAM(1, VALUE "37010102", "harmless") }, FACT_FILE_ATTACHMENT, "", NULL },
    { "attachment of odd length", { TOP, STREAM(NONE, VALUE "1000001F", "h\0i") }, FACT_EMAIL_BODY_LENGTH, "", "h" },
    { "lines in a subject", { TOP, STREAM(NONE, VALUE "0037001E", "a\r\nFrom: x@y.example") }, FACT_EMAIL_FROM_ADDRESS, NULL, NULL },
    { "lines in an address", { TOP, STREAM(NONE, VALUE "5D02001E", "a@b.example\r\nBcc: x@y.example") }, FACT_EMAIL_CC_ADDRESS, NULL, NULL },
    { "other sender than the header's", { TOP, STREAM(NONE, VALUE "007D001E", "From: a@b.example\r\n\r\n"), STREAM(NONE, VALUE "5D02001E", "boss@c.example") }, FACT_EMAIL_FROM_ADDRESS, "boss@c.example", NULL },
    { "the same sender is told once", { TOP, STREAM(NONE, VALUE "007D001E", "From: A@B.example\r\n\r\n"), STREAM(NONE, VALUE "5D02001E", "a@b.example") }, FACT_MIME_HEADER_DUPLICATE, NULL, NULL },
    { "attachment that only has a storage", { TOP, STORAGE(NONE, "__attach_version1.0_#00000000"), STORAGE(1, VALUE "3701000D"), STREAM(2, "\x01Ole10Native", "\x22\0\0\0\2\0a.js\0a.js\0\0\0\3\0\5\0\0\0a.js\0\2\0\0\0//") }, FACT_FILE_PACKAGED, "a.js", NULL },
    { "program in a nameless file", { TOP, STORAGE(NONE, "__attach_version1.0_#00000000"), STREAM(1, VALUE "37010102", "MZ\x90\0\3\0\0\0\4\0\0\0") }, FACT_FILE_TYPE, "pe", NULL },
    { "rich text that goes round", { TOP, STREAM(NONE, VALUE "10090102", "\xff\xff\xff\xff\xff\xff\xff\xffLZFu\0\0\0\0\xff\0\1\0\1\0\1") }, FACT_EMAIL_ATTACHMENTS_COUNT, "", NULL },
    { "rich text without its head", { TOP, STREAM(NONE, VALUE "10090102", "LZ") }, FACT_EMAIL_ATTACHMENTS_COUNT, "", NULL },
    { "rich text that is not packed", { TOP, STREAM(NONE, VALUE "10090102", "\xff\0\0\0\xff\0\0\0MELA\0\0\0\0{\\rtf1 hello}") }, FACT_EMAIL_BODY_LENGTH, "", NULL },
};

static size_t count(const struct build_entry *rows)
{
    size_t n = 0;
    while (n < 10 && rows[n].name)
        n++;
    return n;
}

static slice body_text(const struct tally *t)
{
    for (uint32_t i = 0; i < t->r.n_parts; i++) {
        slice view = tally_view(t, FACT_EMAIL_BODY, i);
        if (view.len)
            return view;
    }
    return (slice){ 0 };
}

static void messages_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, messages) {
        const struct message *m = row;
        struct image image = build_image(m->rows, count(m->rows), (slice){ 0 });
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.msg" }, buf_slice(&image.bytes));
        tally_check(t);
        const struct fact *f = tally_fact(t, m->fact);
        bool good = m->text ? f && (!m->text[0] || tally_has(t, m->fact, m->text)) : !f;
        if (!good)
            table_wrong(&table, row->what, "%s '%.*s'", fact_row(m->fact)->name, f ? (int)f->text.len : 0, f ? (const char *)f->text.at : "");
        if (m->body && !slice_is(body_text(t), m->body))
            table_wrong(&table, row->what, "body '%.*s'", SLICE_FMT(body_text(t)));
        tally_drop(&t);
        tally_memory_ends(&(struct tally_options){ 0 }, buf_slice(&image.bytes), 30);
        buf_drop(&image.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
