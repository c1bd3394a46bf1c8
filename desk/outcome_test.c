/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: nothing that a stranger wrote gets into a header or a reply as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "desk/outcome.h"
#include "tests/table.h"

static void references(void **state)
{
    (void)state;
    static const struct {
        const char *name, *date;
        uint8_t random[5];
        const char *want;
    } cases[] = {
        { "zeros", "2026-11-22", { 0 }, "261122-00000000" },
        { "ones", "2099-01-02", { 255, 255, 255, 255, 255 }, "990102-ZZZZZZZZ" },
        { "each digit", "2026-11-22", { 0x00, 0x44, 0x32, 0x14, 0xc7 }, "261122-01234567" },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        char out[GATE_REFERENCE];
        outcome_reference(row->date, row->random, out);
        table_slice(&t, row->name, slice_of(out), row->want);
    }
}

static void header_values(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "ASCII", "A macro downloads a program", "A macro downloads a program" },
        { "empty", "", "" },
        { "Japanese", "危険", "=?UTF-8?Q?=E5=8D=B1=E9=99=BA?=" },
        { "two words", "危険な添付ファイル",
          "=?UTF-8?Q?=E5=8D=B1=E9=99=BA=E3=81=AA=E6=B7=BB=E4=BB=98=E3=83=95?= "
          "=?UTF-8?Q?=E3=82=A1=E3=82=A4=E3=83=AB?=" },
        { "blanks stay at their place", "危 =_?", "=?UTF-8?Q?=E5=8D=B1_=3D=5F=3F?=" },
        { "line ends", "a\r\nBcc: b@example.invalid", "a  Bcc: b@example.invalid" },
        { "an encoded word of a stranger",
          "=?UTF-8?B?YQ==?=", "=?UTF-8?Q?=3D=3FUTF=2D8=3FB=3FYQ=3D=3D=3F=3D?=" },
        { "a NUL's neighbour: escape", "a\033[1m", "a<U+001B>[1m" },
        { "no UTF-8", "\xff", "=?UTF-8?Q?=EF=BF=BD=3CFF=3E?=" },
        { "right to left",
          "a\xe2\x80\xae"
          "b",
          "a<U+202E>b" },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct buf out = buf_new(4096);
        outcome_put_header(&out, slice_of(row->text));
        table_slice(&t, row->name, buf_slice(&out), row->want);
        buf_drop(&out);
    }
    /* However long, it ends and stays a line that the gate takes. */
    struct buf text = buf_new(1 << 20), out = buf_new(1 << 20);
    for (size_t i = 0; i < 20000; i++)
        buf_text(&text, "険");
    outcome_put_header(&out, buf_slice(&text));
    assert_in_range(out.len, 100, 1500);
    buf_drop(&text), buf_drop(&out);
}

static const struct gate_request request = { .id = 7,
                                             .door = SLICE_INIT("milter"),
                                             .sender = SLICE_INIT("a@example.invalid") };

/* Every answer that can be made is one that the door's side reads. */
static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum deed deed;
        slice reason, detection;
        size_t headers;
        const char *reply;
    } cases[] = {
        { "delivered untouched", DEED_DELIVER, SLICE_INIT("ok"), SLICE_INIT(""), 0, "" },
        { "tagged", DEED_TAG, SLICE_INIT("ok"), SLICE_INIT("Doc.Macro.X"), 3, "" },
        { "held", DEED_HOLD, SLICE_INIT("ok"), SLICE_INIT("Doc.Macro.X"), 0, "" },
        { "refused", DEED_REJECT, SLICE_INIT("ok"), SLICE_INIT("Doc.Macro.X"), 0,
          "5.7.1 Message refused: harmful content (Sekisho, reference 261122-7K3F9Q2M)" },
        { "later", DEED_TEMPFAIL, SLICE_INIT("ok"), SLICE_INIT(""), 0,
          "4.7.1 Message cannot be examined now, try again later (Sekisho, reference "
          "261122-7K3F9Q2M)" },
        { "a reason with line ends", DEED_TAG, SLICE_INIT("a\r\nBcc: b\n"), SLICE_INIT(""), 3, "" },
        { "a reason with a NUL", DEED_TAG, SLICE_INIT("a\0b"), SLICE_INIT(""), 3, "" },
        { "a reason in no encoding", DEED_TAG, SLICE_INIT("\xff\xfe\x80"), SLICE_INIT(""), 3, "" },
        { "a name that is none", DEED_TAG, SLICE_INIT("x"), SLICE_INIT("a\r\nb\xff"), 3, "" },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct arena *mem = arena_new(1 << 20);
        struct record r;
        record_init(&r, mem);
        struct sink s = record_sink(&r);
        s.part(s.host, &(struct part){ .parent = NO_ID, .type = SLICE_LIT("zip") });
        s.unread(s.host, &(struct unread){ UNREAD_ENCRYPTED, 0, UNREAD_OF_MEMBER, SLICE_LIT("x") });
        const struct judgement j = { .verdict = VERDICT_UNKNOWN,
                                     .name = row->detection,
                                     .reason = { row->reason, row->reason } };
        const struct outcome o = {
            &request, &r, &j, row->deed, SLICE_LIT("261122-7K3F9Q2M"), SLICE_LIT("{}\n")
        };
        struct gate_answer a, read;
        struct buf out = buf_new(GATE_PAYLOAD_MAX);
        bool made = outcome_answer(&o, mem, &a) && gate_put_answer(&out, &a);
        if (!made || !gate_read_answer(buf_slice(&out), mem, &read)) {
            table_wrong(&t, row->name, "made: %d", made);
        } else {
            table_slice(&t, row->name, read.reply, row->reply);
            table_true(&t, row->name,
                       read.n_headers == row->headers && read.id == 7 &&
                           slice_is(read.locked, "zip") && read.report.len == 0 &&
                           read.unread == 1U << UNREAD_ENCRYPTED && read.deed == row->deed);
        }
        if (made && a.n_headers && row->detection.len == 11)
            table_slice(&t, row->name, a.headers[0].value,
                        "unknown; unread=encrypted; name=Doc.Macro.X");
        made = outcome_trouble(&request, row->deed, "the\nkeeper", mem, &a);
        buf_clear(&out);
        table_true(&t, row->name, made && gate_put_answer(&out, &a));
        buf_drop(&out);
        arena_drop(&mem);
    }
}

/* Of the outer mail, not of one that is attached. */
static void entries(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    record_init(&r, mem);
    struct sink s = record_sink(&r);
    s.part(s.host, &(struct part){ .parent = NO_ID });
    s.part(s.host, &(struct part){ .parent = 0, .name = SLICE_LIT("a\nb.doc") });
    s.event(s.host, &(struct event){ EVENT_MAIL, 0 });
    s.event(s.host, &(struct event){ EVENT_MAIL, 1 });
    s.fact(s.host,
           &(struct fact){
               .id = FACT_EMAIL_SUBJECT, .event = 1, .part = 1, .text = SLICE_LIT("inner") });
    s.fact(s.host,
           &(struct fact){ .id = FACT_EMAIL_SUBJECT, .event = 0, .text = SLICE_LIT("outer") });
    s.fact(s.host, &(struct fact){ .id = FACT_EMAIL_MESSAGE_ID,
                                   .event = 0,
                                   .text = SLICE_LIT("<1@example.invalid>") });
    s.fact(s.host, &(struct fact){ .id = FACT_URL_FULL,
                                   .event = 0,
                                   .text = SLICE_LIT("http://example.invalid/") });
    const struct judgement j = { .verdict = VERDICT_CLEAN };
    const struct outcome o = { &request,         &r, &j, DEED_HOLD, SLICE_LIT("261122-7K3F9Q2M"),
                               SLICE_LIT("{}\n") };
    struct keep_put put;
    assert_true(outcome_keep(&o, mem, &put));
    assert_true(slice_is(put.subject, "outer") && slice_is(put.message_id, "<1@example.invalid>"));
    assert_true(slice_is(put.search, "a b.doc\nhttp://example.invalid/\n"));
    assert_true(slice_is(put.direction, "in") && slice_is(put.deed, "hold") &&
                slice_is(put.verdict, "clean"));
    put.id = 1;
    struct buf out = buf_new(KEEP_PAYLOAD_MAX);
    assert_true(keep_put_put(&out, &put) && keep_read_put(buf_slice(&out), mem, &put));
    buf_drop(&out);
    arena_drop(&mem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),
        cmocka_unit_test(header_values),
        cmocka_unit_test(answers),
        cmocka_unit_test(entries),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
