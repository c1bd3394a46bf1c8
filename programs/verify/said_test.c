/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that stand in bytes in one of many ways, and those that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "programs/verify/said.h"
#include "tests/table.h"

static const struct {
    const char *name;
    slice bytes;
    const char *text;
    bool there;
} cases[] = {
    { "as it is", SLICE_INIT("see http://a.example/x now"), "http://a.example/x", true },
    { "in another case", SLICE_INIT("HTTP://A.EXAMPLE/X"), "http://a.example/x", true },
    { "folded", SLICE_INIT("<abc\r\n\t@a.example>"), "abc@a.example", true },
    { "UTF-16", SLICE_INIT("c\0m\0d\0 \0/\0c\0"), "cmd /c", true },
    { "UTF-16 at an odd place",
      SLICE_INIT("\x05"
                 "c\0m\0d\0"),
      "cmd", true },
    { "percent", SLICE_INIT("http://a.example/%61%62c?"), "http://a.example/abc", true },
    { "references", SLICE_INIT("http://a.example/&#x61;&#98;c&amp;d"), "http://a.example/abc&d",
      true },
    { "reference to nothing", SLICE_INIT("&#x110000;&#;&#xg;&"), "a", false },
    { "quoted-printable", SLICE_INIT("http://a.ex=\r\nample/=61"), "http://a.example/a", true },
    { "soft break at the end", SLICE_INIT("abc="), "abcd", false },
    { "base64", SLICE_INIT("aHR0cDovL2EuZXhhbXBsZS8="), "http://a.example/", true },
    { "encoded word", SLICE_INIT("=?utf-8?B?6KuL5rGC?= =?utf-8?Q?=E6=9B=B8?="),
      "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8", true },
    { "encoded word, ISO-2022-JP", SLICE_INIT("=?iso-2022-jp?B?GyRCQEE1YRsoQg==?="),
      "\xe8\xab\x8b\xe6\xb1\x82", true },
    { "encoded word without an end", SLICE_INIT("=?utf-8?B?6KuL"), "\xe8\xab\x8b", false },
    { "encoded word of a strange kind", SLICE_INIT("=?x?Z?YQ==?="), "b", false },
    { "Shift_JIS", SLICE_INIT("\x90\xbf\x8b\x81"), "\xe8\xab\x8b\xe6\xb1\x82", true },
    { "another letter", SLICE_INIT("http://a.example/x"), "http://b.example/x", false },
    { "one letter more", SLICE_INIT("http://a.example/x"), "http://a.example/xy", false },
    { "empty text", SLICE_INIT("abc"), "", false },
    { "no bytes", SLICE_INIT(""), "a", false },
    { "signs alone are not squeezed to nothing", SLICE_INIT("abc"), "...", false },
    { "one byte", SLICE_INIT("\xE8"), "\xe8\xab\x8b", false },
};

static void stands_there(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct arena *mem = arena_new(1 << 20);
        if (said_in(row->bytes, slice_of(row->text), mem) != row->there)
            table_wrong(&t, row->name, "is %s", row->there ? "not found" : "found");
        arena_drop(&mem);
    }
}

/* Every beginning of every case, without memory too. */
static void survives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t n = 0; n <= cases[i].bytes.len; n++)
            for (size_t memory = 0; memory < 6; memory++) {
                struct arena *mem = arena_new(memory ? memory * 4096 : 1 << 20);
                arena_fail_at(mem, memory);
                (void)said_in(slice_sub(cases[i].bytes, 0, n), slice_of(cases[i].text), mem);
                arena_drop(&mem);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(stands_there),
                                        cmocka_unit_test(survives) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
