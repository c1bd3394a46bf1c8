/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed rich text: the examples of [MS-OXRTFCP] 3.1 and 3.2, and what breaks off. */
#include "base/buf.h"
#include "decode/harness.h"
#include "decode/shared/mapi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define PACKED(size) "\x10\0\0\0" size "\0\0\0LZFu\0\0\0\0"

static const struct {
    const char *what;
    slice packed;
    const char *text;
    bool whole;
} packs[] = {
    { "simple", SLICE_INIT("\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0"), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", true },
    { "over itself", SLICE_INIT("\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20WXYZ\x0dn}\x01\x0e\xb0"), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", true },
    { "not packed", SLICE_INIT("\x10\0\0\0\4\0\0\0MELA\0\0\0\0abcd"), "abcd", true },
    { "without its end", SLICE_INIT("\x10\0\0\0\4\0\0\0LZFu\0\0\0\0\0abcd"), "abcd", false },
    { "half a reference", SLICE_INIT("\x10\0\0\0\4\0\0\0LZFu\0\0\0\0\x10" "abcd\1"), "abcd", false },
    { "nothing", SLICE_INIT(""), "", false },
    { "any name of the method", SLICE_INIT("\x10\0\0\0\4\0\0\0XXXX\0\0\0\0\0abcd"), "abcd", false },
    { "the end mark alone", SLICE_INIT(PACKED("\0") "\1\x0c\xf0"), "", true },
    { "from the words every document has", SLICE_INIT(PACKED("\4") "\3\0\0\x0d\x10"), "{\\", true },
    { "sizes lie", SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xffLZFu\0\0\0\0\0abcd"), "abcd", false },
    { "cut within its header", SLICE_INIT("\x10\0\0\0\4\0"), "", false },
    { "flags without bytes", SLICE_INIT(PACKED("\4") "\xff"), "", false },
    { "from what was never written", SLICE_INIT(PACKED("\2") "\1\xff\x00"), "", false },
};

struct host {
    slice packed, out;
    bool whole;
    uint64_t size;
    uint8_t bytes[256];
};

static void look(void *host, struct walk *w)
{
    struct host *h = host;
    struct body body;
    h->whole = mapi_unpack_rtf(w, h->packed, &body);
    h->size = body.all.len;
    h->out = (slice){ h->bytes, slice_copy_out(body.all, h->bytes, sizeof h->bytes) };
    while (h->out.len && h->out.at[h->out.len - 1] == 0) /* of the ring: zeros */
        h->out.len--;
    body_release(&body);
}

static void rich_text_is_unpacked(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, packs) {
        struct host host = { .packed = row->packed };
        struct tally *t = tally_look(&host, look, NULL);
        if (!slice_is(host.out, row->text) || host.whole != row->whole)
            table_wrong(&table, row->what, "'%.*s' %d", SLICE_FMT(host.out), host.whole);
        tally_drop(&t);
        for (size_t n = 1; n < 8; n++) {
            t = tally_look(&host, look, &(struct tally_options){ .fail_at = n });
            tally_check(t);
            tally_drop(&t);
        }
    }
}

/* A reference of two bytes makes sixteen here: what comes out is bounded, and that is told. */
static void more_than_is_allowed(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    buf_put(&b, SLICE_LIT(PACKED("\0")));
    for (size_t i = 0; i < 4000; i++)
        buf_put(&b, SLICE_LIT("\xff\0\x0e\0\x0e\0\x0e\0\x0e\0\x0e\0\x0e\0\x0e\0\x0e"));
    struct budget budget = budget_default();
    budget.left[BUDGET_INFLATED] = 100000;
    struct host host = { .packed = buf_slice(&b) };
    struct tally *t = tally_look(&host, look, &(struct tally_options){ .budget = &budget });
    assert_int_equal(host.size, 100000);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rich_text_is_unpacked),
        cmocka_unit_test(more_than_is_allowed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
