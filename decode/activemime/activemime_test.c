/* SPDX-License-Identifier: Apache-2.0 */
/* The data is written as one stored DEFLATE block in a zlib stream. */
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CFB "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

static void put(struct buf *b, size_t told, size_t data_at, slice content)
{
    buf_text(b, "ActiveMime");
    while (b->len < 0x1e)
        buf_byte(b, 0);
    buf_byte(b, (uint8_t)(told - 46));
    buf_byte(b, (uint8_t)((told - 46) >> 8));
    while (b->len < data_at)
        buf_byte(b, 1);
    buf_put(b, SLICE_LIT("\x78\x01\x01"));
    buf_byte(b, (uint8_t)content.len);
    buf_byte(b, 0);
    buf_byte(b, (uint8_t)~content.len);
    buf_byte(b, 0xff);
    buf_put(b, content);
}

static const struct {
    const char *what;
    size_t told, at;
    slice content;
    size_t cut;
    uint32_t parts;
    bool unread;
} cases[] = {
    { "as told", 0x36, 0x36, SLICE_INIT(CFB "rest"), 0, 2, false },
    { "at 32h, whatever is told", 999, 0x32, SLICE_INIT(CFB "rest"), 0, 2, false },
    { "at 22Ah", 50, 0x22a, SLICE_INIT(CFB "rest"), 0, 2, false },
    { "somewhere else", 46, 0x99, SLICE_INIT(CFB "rest"), 0, 2, false },
    { "not a compound file", 0x36, 0x36, SLICE_INIT("some words of text"), 0, 2, false },
    { "cut off inside", 0x36, 0x36, SLICE_INIT(CFB "the rest of it is not there"), 10, 2, false },
    { "told beyond the end", 0xffff, 0x99, SLICE_INIT(CFB "rest"), 0, 2, false },
    { "nothing in it", 0x36, 0x36, SLICE_INIT(""), 0, 1, true },
    { "cut off in the head", 0x36, 0x36, SLICE_INIT(CFB "rest"), 14, 1, true },
    { "header only", 0x36, 0x36, SLICE_INIT(CFB "rest"), 60, 1, true },
};

static void data_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = buf_new(1 << 16);
        put(&b, cases[i].told, cases[i].at, cases[i].content);
        slice s = slice_sub(buf_slice(&b), 0, b.len - cases[i].cut);
        struct tally *t = tally_run(&(struct tally_options){ .name = "editdata.mso" }, s);
        tally_check(t);
        bool unread = false;
        for (uint32_t k = 0; k < t->r.n_unread; k++)
            unread = unread || t->r.unread[k].part == 0;
        if (t->r.n_parts != cases[i].parts || unread != cases[i].unread || !slice_is(t->r.parts[0].type, "activemime"))
            fail_msg("%s: %u parts", cases[i].what, t->r.n_parts);
        if (cases[i].parts == 2 && !cases[i].cut)
            assert_int_equal(t->r.parts[1].size, cases[i].content.len);
        tally_drop(&t);
        for (size_t n = 1; n < 12; n++) {
            t = tally_run(&(struct tally_options){ .format = "activemime", .fail_at = n }, s);
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&b);
    }
}

static void many_beginnings_end(void **state)
{
    struct buf b = buf_new(1 << 20);
    (void)state;
    buf_text(&b, "ActiveMime");
    for (size_t i = 0; i < 100000; i++)
        buf_text(&b, "\x78\x9c");
    struct tally *t = tally_format("activemime", buf_slice(&b));
    tally_check(t);
    assert_true(tally_unread(t, UNREAD_DAMAGED));
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_is_found),
        cmocka_unit_test(many_beginnings_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
