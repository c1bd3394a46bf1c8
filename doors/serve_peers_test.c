/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/serve_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/table.h"

/* The second comes after two connections of the first; at most two are allowed to one peer. */
static const struct {
    const char *name, *first, *second;
    bool full;
} pairs[] = {
    { "the same address", "192.0.2.7", "192.0.2.7", true },
    { "another address", "192.0.2.7", "192.0.2.8", false },
    { "the same IPv6 address", "2001:db8::1", "2001:db8::1", true },
    { "another address of the same household", "2001:db8::1", "2001:db8::ffff:ffff", true },
    { "written otherwise", "2001:db8:0:0:0:0:0:1", "2001:db8::1", true },
    { "another household", "2001:db8:0:1::1", "2001:db8:0:2::1", false },
    { "IPv4 with the bytes of IPv6", "32.1.13.184", "2001:db8::1", false },
    { "this machine", "127.0.0.1", "127.0.0.1", false },
    { "this machine, elsewhere in 127/8", "127.9.9.9", "127.9.9.9", false },
    { "this machine by IPv6", "::1", "::1", false },
    { "a neighbour of ::1", "::2", "::2", true },
    { "Unix sockets", "unix", "unix", false },
    { "no address", "", "", false },
};

static void counts_by_peer(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, pairs)
    {
        struct serve_peers *p = serve_peers_new(7);
        struct serve_peer *a, *b, *c;
        bool full;
        assert_non_null(p);
        a = serve_peers_enter(p, slice_of(row->first), 2, &full);
        b = serve_peers_enter(p, slice_of(row->first), 2, &full);
        table_true(&t, row->name, a && b && !full);
        c = serve_peers_enter(p, slice_of(row->second), 2, &full);
        table_true(&t, row->name, full == row->full && (c == NULL) == row->full);
        if (a)
            serve_peers_leave(p, a);
        if (!c) { /* one has left: there is room */
            c = serve_peers_enter(p, slice_of(row->second), 2, &full);
            table_true(&t, row->name, c != NULL);
        }
        if (b)
            serve_peers_leave(p, b);
        if (c)
            serve_peers_leave(p, c);
        serve_peers_drop(&p);
    }
}

/* Any number is allowed when the limit is 0; tens of thousands of peers come and go. */
static void a_crowd(void **state)
{
    (void)state;
    enum { MANY = 30000 };
    static struct serve_peer *all[MANY];
    struct serve_peers *p = serve_peers_new(UINT64_MAX);
    bool full;
    for (int i = 0; i < MANY; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "10.%d.%d.7", i >> 8, i & 255);
        all[i] = serve_peers_enter(p, slice_of(address), 1, &full);
        assert_true(all[i] && !full);
        assert_true(!serve_peers_enter(p, slice_of(address), 1, &full) && full);
    }
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(serve_peers_enter(p, SLICE_LIT("192.0.2.7"), 0, &full),
                         serve_peers_enter(p, SLICE_LIT("192.0.2.7"), 0, &full));
    for (int i = 0; i < MANY; i += 2)
        serve_peers_leave(p, all[i]);
    serve_peers_drop(&p); /* with those that are still there */
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(counts_by_peer),
                                        cmocka_unit_test(a_crowd) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
