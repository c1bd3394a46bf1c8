/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of teststrings.c. The strings are put together here, so that this
 * source carries none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"

#define EICAR_1 "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC"
#define EICAR_2 "AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
#define OWN_1 "SEKISHO-TEST-"
#define OWN_2 "STRING-"

static void test_strings(void **state)
{
    static const struct {
        const char *name, *before, *first, *second, *after, *want;
    } cases[] = {
        { "industry file", "", EICAR_1, EICAR_2, "", "EICAR" },
        { "with line end", "", EICAR_1, EICAR_2, "\r\n", "EICAR" },
        { "with Ctrl-Z", "", EICAR_1, EICAR_2, "  \x1a", "EICAR" },
        { "text behind it", "", EICAR_1, EICAR_2, "x", NULL },
        { "too much white space", "", EICAR_1, EICAR_2,
          "                                                                       ", NULL },
        { "text before it", "x", EICAR_1, EICAR_2, "", NULL },
        { "first half", "", EICAR_1, "", "", NULL },
        { "malicious", "", OWN_1, OWN_2 "MALICIOUS-DO-NOT-WORRY", "", "MALICIOUS" },
        { "suspicious", "", OWN_1, OWN_2 "SUSPICIOUS-DO-NOT-WORRY", "\n", "SUSPICIOUS" },
        { "unknown", "", OWN_1, OWN_2 "UNKNOWN-DO-NOT-WORRY", "", "UNKNOWN" },
        { "clean", "", OWN_1, OWN_2 "CLEAN-DO-NOT-WORRY", "", "CLEAN" },
        { "inside a text", "Hello,\nthis is a test: ", OWN_1, OWN_2 "MALICIOUS-DO-NOT-WORRY",
          "\nBye", "MALICIOUS" },
        { "another word", "", OWN_1, OWN_2 "OTHER-DO-NOT-WORRY", "", NULL },
        { "cut off", "", OWN_1, OWN_2 "MALICIOUS-DO-NOT-WORR", "", NULL },
        { "lower case", "sekisho-test-", "", "string-malicious-do-not-worry", "", NULL },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct buf b = buf_new(1024);
        buf_text(&b, row->before);
        buf_text(&b, row->first);
        buf_text(&b, row->second);
        buf_text(&b, row->after);
        struct tally *t = tally_observed(&(struct tally_options){ .name = "a.txt" }, buf_slice(&b));
        tally_check(t);
        size_t n = tally_facts(t, FACT_FILE_TEST_STRING);
        if (n != (row->want ? 1 : 0) ||
            (row->want && !tally_has(t, FACT_FILE_TEST_STRING, row->want)))
            table_wrong(&all, row->name, "%zu, %.*s", n,
                     SLICE_FMT(tally_text(t, FACT_FILE_TEST_STRING, 0)));
        bool unread = row->want && strcmp(row->want, "UNKNOWN") == 0;
        if (tally_unread(t, UNREAD_NO_READER) != unread)
            table_wrong(&all, row->name, "unread");
        tally_drop(&t);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_strings) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
