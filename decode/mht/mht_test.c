/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ARCHIVE "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"b\"\r\n\r\n" \
                "--b\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n--b\r\nContent-Type: application/x-mso\r\n\r\nActiveMime\r\n--b--\r\n"

static const struct {
    const char *what, *name, *declared;
    slice bytes;
    bool page; /* its parts were walked */
} cases[] = {
    { "a web archive", "a.mht", "", SLICE_INIT(ARCHIVE), true },
    { "under the name of a document", "a.doc", "", SLICE_INIT(ARCHIVE), true },
    { "said to be text", "a.doc", "text/plain", SLICE_INIT(ARCHIVE), true },
    { "behind blank lines", "a.doc", "", SLICE_INIT("\r\n\r\n \r\n" ARCHIVE), true },
    { "behind junk", "a.doc", "application/msword", SLICE_INIT("junk \x01\x02\n\njunk: a\n\n" ARCHIVE), true },
    { "behind rich text", "a.doc", "", SLICE_INIT("{\\rtf1 x}\n" ARCHIVE), true },
    { "in small letters", "a.XLS", "text/plain", SLICE_INIT("x\nmime-version: 1.0\ncontent-type: Multipart/Related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>page</p>\n--b--\n"), true },
    { "behind other headers of that name", "a.doc", "", SLICE_INIT("MIME-Version: 1.0\n\nMIME-Version: 2\n\n" ARCHIVE), true },
    { "not at the beginning of a line", "a.doc", "", SLICE_INIT("x MIME-Version: 1.0 multipart/related\n"), false },
    { "a text about it", "a.txt", "", SLICE_INIT("as follows:\n" ARCHIVE), false },
    { "no archive", "a.doc", "text/plain", SLICE_INIT("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello"), false },
};

static void archives_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally_options o = { .name = cases[i].name, .declared = cases[i].declared };
        struct tally *t = tally_run(&o, cases[i].bytes);
        tally_check(t);
        uint32_t page = tally_part_typed(t, "html");
        if ((page != NO_ID && page > 0) != cases[i].page)
            fail_msg("%s: %u parts", cases[i].what, t->r.n_parts);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
