/* SPDX-License-Identifier: Apache-2.0 */
#include "base/guid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"

#define EQUATION "{0002CE02-0000-0000-C000-000000000046}"
#define EVERY "{03020100-0504-0706-0809-0A0B0C0D0E0F}"

static const struct {
    const char *name;
    slice raw;
    const char *want;
} texts[] = {
    { "Equation 3.0", SLICE_INIT("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), EQUATION },
    { "each byte at its place", SLICE_INIT("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"), EVERY },
    { "short by one", SLICE_INIT("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe"), "" },
    { "one too many", SLICE_INIT("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10"), "" },
    { "nothing", SLICE_INIT(""), "" },
};

static const struct {
    const char *name, *text;
    const char *want; /* NULL: none */
} parsed[] = {
    { "as the registry has it", EVERY, EVERY },
    { "small letters", "{0002ce02-0000-0000-c000-000000000046}", EQUATION },
    { "bare digits", "0002CE0200000000C000000000000046", EQUATION },
    { "strewn with others", "{ 0002CE02 - 0000_0000:C000~000000000046 }", EQUATION },
    { "more behind it", EQUATION "F", EQUATION },
    { "short by a digit", "{0002CE02-0000-0000-C000-00000000004}", NULL },
    { "no digit", "{--------}", NULL },
    { "nothing", "", NULL },
};

static void to_text(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, texts) {
        char out[GUID_TEXT] = "?";
        table_true(&t, row->name, guid_text(row->raw, out) == (row->want[0] != 0));
        table_slice(&t, row->name, slice_of(out), row->want);
    }
}

static void from_text(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, parsed) {
        uint8_t raw[GUID_SIZE];
        char out[GUID_TEXT] = "";
        if (guid_parse(slice_of(row->text), raw))
            (void)guid_text((slice){ raw, sizeof raw }, out);
        table_slice(&t, row->name, slice_of(out), row->want ? row->want : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_text),
        cmocka_unit_test(from_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
