/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that are the same, and such that only look like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "trace/address.h"
#include "trace/shared.h"

static const struct {
    const char *name, *text, *want; /* host:port path, with "!" behind an IP address */
} cases[] = {
    { "plain", "http://a.invalid/x?y=1", "a.invalid:0 /x?y=1" },
    { "capitals", "HTTP://A.Invalid/X", "a.invalid:0 /X" },
    { "usual port", "http://a.invalid:80/", "a.invalid:0 /" },
    { "usual port of https", "https://a.invalid:443", "a.invalid:0 " },
    { "port", "http://a.invalid:8080/x", "a.invalid:8080 /x" },
    { "host of a tunnel", "a.invalid:443", "a.invalid:0 " },
    { "user", "http://good.invalid@a.invalid/x", "a.invalid:0 /x" },
    { "user that is a host", "http://a@b@c.invalid", "c.invalid:0 " },
    { "dot behind", "http://a.invalid./", "a.invalid:0 /" },
    { "fragment", "http://a.invalid/x#y", "a.invalid:0 /x" },
    { "query without path", "http://a.invalid?x", "a.invalid:0 ?x" },
    { "without scheme", "a.invalid/x", "a.invalid:0 /x" },
    { "octal", "http://0300.0.02.7/", "192.0.2.7:0 /!" },
    { "one number", "http://3221225991/", "192.0.2.7:0 /!" },
    { "hexadecimal", "http://0xc0000207/", "192.0.2.7:0 /!" },
    { "IPv6", "http://[2001:DB8::7]:81/", "2001:db8::7:81 /!" },
    { "IPv6, bare", "2001:db8::7", "2001:db8::7:0 !" },
    { "bracket that never ends", "http://[2001:db8::7", "[2001:db8::7 !" },
    { "port too large", "http://a.invalid:99999999999999999999/", "a.invalid:100000 /" },
    { "backslash", "http://a.invalid\\@b.invalid/", "a.invalid:0 \\@b.invalid/" },
    { "no host", "http:///x", "none" },
    { "nothing", "", "none" },
    { "only a port", ":80", "none" },
    { "blank", "http:// a/", "none" },
    { "dot alone", "http://./x", ".:0 /x" },
};

static void addresses_are_read(void **state)
{
    (void)state;
    struct table t = { 0 };
    struct buf got = buf_new(1000);
    TABLE_EACH(&t, row, cases)
    {
        struct address a = { 0 };
        buf_clear(&got);
        if (address_of(slice_of(row->text), &a))
            buf_format(&got, "%.*s:%u %.*s%s", SLICE_FMT(address_host(&a)),
                       a.port < 100000 ? a.port : 100000, SLICE_FMT(a.path), a.ip ? "!" : "");
        else
            buf_text(&got, "none");
        table_slice(&t, row->name, buf_slice(&got), row->want);
    }
    buf_drop(&got);
}

static void hosts_are_shared(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool host, domain;
    } shared[] = {
        { "www.dropbox.com", true, false },
        { "dropbox.com", true, true },
        { "notdropbox.com", false, false },
        { "s3.amazonaws.com", true, true },
        { "x.s3.amazonaws.com", false, false },
        { "a.sharepoint.com", false, false },
        { "sharepoint.com", true, true },
        { "example.invalid", false, false },
        { "", false, false },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, shared)
    table_true(&t, row->name,
               shared_host(slice_of(row->name)) == row->host &&
                   shared_domain(slice_of(row->name)) == row->domain);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(addresses_are_read),
                                        cmocka_unit_test(hosts_are_shared) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
