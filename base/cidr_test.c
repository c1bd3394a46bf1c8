/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: what is one, and what lies in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cidr.h"

static const struct {
    const char *network, *address;
    int want; /* -1: no network */
} networks[] = {
    { "10.0.0.0/8", "10.255.1.2", 1 },     { "10.0.0.0/8", "11.0.0.0", 0 },       { "0.0.0.0/0", "203.0.113.9", 1 },
    { "192.0.2.1", "192.0.2.1", 1 },       { "192.0.2.1", "192.0.2.2", 0 },       { "192.0.2.128/25", "192.0.2.127", 0 },
    { "192.0.2.0/24", " 192.0.2.7 ", 1 },  { "192.0.2.0/24", "192.0.2", 0 },      { "192.0.2.0/24", "192.0.2.256", 0 },
    { "192.0.2.0/24", "192.0.2.1.1", 0 },  { "192.0.2.0/24", "", 0 },             { "192.0.2.0/24", "::ffff:192.0.2.9", 1 },
    { "192.0.2.0/24", "[::ffff:c000:209]", 1 }, { "192.0.2.0/24", "::c000:209", 0 }, { "2001:db8::/32", "2001:DB8:ffff::1%eth0", 1 },
    { "2001:db8::/32", "2001:db9::", 0 },  { "::1", "::1", 1 },                   { "::1/128", "0:0:0:0:0:0:0:1", 1 },
    { "fe80::/10", "febf::1", 1 },         { "fe80::/10", "fec0::1", 0 },         { "::/0", "1.2.3.4", 0 },
    { "::ffff:0:0/96", "::ffff:1.2.3.4", 1 }, { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", 0 }, { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304", 1 },
    { "10.0.0.0/33", "", -1 },             { "10.0.0.0/", "", -1 },               { "10.0.0/8", "", -1 },
    { "::/129", "", -1 },                  { "1::2::3", "", -1 },                 { "12345::", "", -1 },
    { "1:2:3:4:5:6:7:8:9", "", -1 },       { "1:2:3:4:5:6:7:1.2.3.4", "", -1 },   { ":1:2:3:4:5:6:7", "", -1 },
    { "", "", -1 },                        { "abc", "", -1 },                     { "10.0.0.0/-1", "", -1 },
};

static void each_network(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        struct cidr c;
        int have = cidr_read(slice_of(networks[i].network), &c) ? cidr_holds(&c, slice_of(networks[i].address)) : -1;
        if (have != networks[i].want)
            fail_msg("%s holds %s: %d", networks[i].network, networks[i].address, have);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(each_network) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
