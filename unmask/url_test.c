/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"
#include "unmask/url.h"

static void normal(void **state)
{
    (void)state;
    static const struct {
        const char *name, *in, *want;
    } cases[] = {
        { "plain", "http://www.example.invalid/a/B.dll", "http://www.example.invalid/a/B.dll" },
        { "case of scheme and host", "HTTP://WWW.Example.INVALID/Path", "http://www.example.invalid/Path" },
        { "hexadecimal address", "http://0xc0000201/fer/fe1.html", "http://192.0.2.1/fer/fe1.html" },
        { "octal parts", "http://0300.0.02.01/x", "http://192.0.2.1/x" },
        { "one number", "http://3221225985/x?y=1", "http://192.0.2.1/x?y=1" },
        { "carets of cmd", "h^tt^p^:/^/192.0.2.1/x", "http://192.0.2.1/x" },
        { "quotes", "\"http://example.invalid\"", "http://example.invalid" },
        { "single quotes", "'http://example.invalid/a'", "http://example.invalid/a" },
        { "port", "http://example.invalid:8080/a", "http://example.invalid:8080/a" },
        { "user", "http://u@example.invalid/a", "http://u@example.invalid/a" },
        { "share", "\\\\host.invalid\\share\\a.js", "file://host.invalid\\share\\a.js" },
        { "share over HTTP", "\\\\192.0.2.80@80\\DavWWWRoot\\a.js", "file://192.0.2.80:80\\DavWWWRoot\\a.js" },
        { "no scheme", "www.example.invalid/a:b", "http://www.example.invalid/a:b" },
        { "no URL", "calc.exe", "calc.exe" },
        { "empty", "", "" },
        { "scheme alone", "http://", "http://" },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *mem = arena_new(1 << 20);
        table_slice(&t, row->name, unmask_url_normal(mem, slice_of(row->in)), row->want);
        arena_drop(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(normal) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
