/* SPDX-License-Identifier: Apache-2.0 */
/* Which paths lead to another computer, and to which. */
#include "base/text.h"
#include "decode/harness.h"
#include "decode/shared/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *path;
    enum remote_kind kind;
    const char *host;
} cases[] = {
    { "\\\\fileserver\\share\\a.exe", REMOTE_NEAR, "fileserver" },
    { "\\\\192.168.0.10\\share", REMOTE_NEAR, "192.168.0.10" },
    { "\\\\172.20.0.1\\share", REMOTE_NEAR, "172.20.0.1" },
    { "\\\\files.corp.example\\share", REMOTE_DOMAIN, "files.corp.example" },
    { "\\\\192.0.2.80\\share\\a.exe", REMOTE_ADDRESS, "192.0.2.80" },
    { "\\\\172.32.0.1\\share", REMOTE_ADDRESS, "172.32.0.1" },
    { "\\\\192.0.2.80@80\\share\\a.lnk", REMOTE_WEBDAV, "192.0.2.80" },
    { "\\\\example.invalid@SSL\\DavWWWRoot\\a.js", REMOTE_WEBDAV, "example.invalid" },
    { "\\\\EXAMPLE.invalid@SSL@8443\\a", REMOTE_WEBDAV, "example.invalid" },
    { "\\\\example.invalid\\DavWWWRoot\\a.js", REMOTE_WEBDAV, "example.invalid" },
    { "//example.invalid/share/a", REMOTE_DOMAIN, "example.invalid" },
    { "\\\\?\\UNC\\192.0.2.80\\share\\a", REMOTE_ADDRESS, "192.0.2.80" },
    { "file://192.0.2.80/share/a", REMOTE_ADDRESS, "192.0.2.80" },
    { "FILE:////192.0.2.80/share/a", REMOTE_ADDRESS, "192.0.2.80" },
    { "file:\\\\192.0.2.80@80\\share\\a", REMOTE_WEBDAV, "192.0.2.80" },
    { "\\\\0xc0000250\\share", REMOTE_ADDRESS, "0xc0000250" },
    { "http://example.invalid/a.hta", REMOTE_WEB, "example.invalid" },
    { "  https://user@example.invalid:8080/a", REMOTE_WEB, "example.invalid" },
    { "file:///C:/Users/a.txt", REMOTE_NONE, "" },
    { "file://C:/a.txt", REMOTE_NONE, "" },
    { "C:\\Windows\\System32\\cmd.exe", REMOTE_NONE, "" },
    { "\\\\?\\C:\\a", REMOTE_NONE, "" },
    { "\\\\.\\pipe\\a", REMOTE_NONE, "" },
    { "\\\\localhost\\c$", REMOTE_NONE, "" },
    { "\\\\", REMOTE_NONE, "" },
    { "\\\\\\\\\\", REMOTE_NONE, "" },
    { "\\\\@80\\a", REMOTE_NONE, "" },
    { "\\\\a b\\c", REMOTE_NONE, "" },
    { "file:", REMOTE_NONE, "" },
    { "", REMOTE_NONE, "" },
};

static void paths_are_told_apart(void **state)
{
    struct arena *mem = arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slice host;
        enum remote_kind kind = remote_parse(mem, slice_of(cases[i].path), &host);
        if (kind != cases[i].kind || !slice_is(host, cases[i].host))
            fail_msg("%s: kind %d, host %.*s", cases[i].path, (int)kind, SLICE_FMT(host));
    }
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(paths_are_told_apart) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
