/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

static void text_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        slice in;
        const char *want;
    } cases[] = {
        { "plain", SLICE_INIT("abc"), "\"abc\"" },
        { "empty", SLICE_INIT(""), "\"\"" },
        { "Japanese stays", SLICE_INIT("\xe9\x96\xa2\xe6\x89\x80"),
          "\"\xe9\x96\xa2\xe6\x89\x80\"" },
        { "quote and backslash", SLICE_INIT("a\"b\\c"), "\"a\\\"b\\\\c\"" },
        { "short forms", SLICE_INIT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
        { "NUL and escape", SLICE_INIT("\0\x1b"), "\"\\u0000\\u001b\"" },
        { "DEL", SLICE_INIT("\x7f"), "\"\\u007f\"" },
        { "C1 control", SLICE_INIT("\xc2\x9b"), "\"\\u009b\"" },
        { "turn of direction", SLICE_INIT("\xe2\x80\xae"), "\"\\u202e\"" },
        { "tag characters", SLICE_INIT("\xf3\xa0\x81\xa8\xf3\xa0\x81\xbf"), "\"\\udb40\\udc68\\udb40\\udc7f\"" },
        { "variation selectors", SLICE_INIT("\xe8\xbe\xbb\xf3\xa0\x84\x80\xef\xb8\x8f"), "\"\xe8\xbe\xbb\\udb40\\udd00\\ufe0f\"" },
        { "zero width", SLICE_INIT("\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf"), "\"\\u200b\\u2060\\ufeff\"" },
        { "soft hyphen, fillers", SLICE_INIT("\xc2\xad\xe3\x85\xa4\xef\xbe\xa0"), "\"\\u00ad\\u3164\\uffa0\"" },
        { "music, hieroglyph joiners", SLICE_INIT("\xf0\x9d\x85\xb3\xf0\x93\x90\xb0"), "\"\\ud834\\udd73\\ud80d\\udc30\"" },
        { "a smile stays", SLICE_INIT("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"" },
        { "kana and ideographs stay", SLICE_INIT("\xe3\x81\x82\xe3\x80\x80\xe6\xbc\xa2\xef\xbd\xb1"), "\"\xe3\x81\x82\xe3\x80\x80\xe6\xbc\xa2\xef\xbd\xb1\"" },
        { "line separators", SLICE_INIT("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"" },
        { "four bytes", SLICE_INIT("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"" },
        { "bad byte",
          SLICE_INIT("a\xff"
                     "b"),
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "cut sequence", SLICE_INIT("\xe9\x96"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "surrogate", SLICE_INIT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "overlong quote", SLICE_INIT("\xc0\xa2"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "closing script", SLICE_INIT("</script>"), "\"</script>\"" },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct buf b = buf_new(1000);
        struct json j = json_new(&b);
        json_text(&j, row->in);
        table_slice(&t, row->name, buf_slice(&b), row->want);
        buf_drop(&b);
    }
}

/* Every byte at every place of a run: what is not plain is seen wherever it stands. */
static void every_byte_everywhere(void **state)
{
    (void)state;
    for (size_t at = 0; at < 20; at++) {
        for (unsigned c = 0; c < 256; c++) {
            uint8_t text[20];
            memset(text, 'x', sizeof text);
            text[at] = (uint8_t)c;
            struct buf b = buf_new(1000);
            struct json j = json_new(&b);
            json_text(&j, (slice){ text, sizeof text });
            bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
            if ((b.len == sizeof text + 2) != plain)
                fail_msg("%#x at %zu: %.*s", c, at, SLICE_FMT(buf_slice(&b)));
            buf_drop(&b);
        }
    }
}

static void separators(void **state)
{
    (void)state;
    struct buf b = buf_new(1000);
    struct json j = json_new(&b);
    json_object(&j);
    json_key(&j, "a");
    json_array(&j);
    json_int(&j, INT64_MIN);
    json_int(&j, -1);
    json_uint(&j, UINT64_MAX);
    json_object(&j);
    json_object_end(&j);
    json_array(&j);
    json_array_end(&j);
    json_null(&j);
    json_array_end(&j);
    json_key(&j, "b");
    json_bool(&j, true);
    json_key(&j, "c");
    json_hex(&j, SLICE_LIT("\x00\xff"));
    json_key(&j, "d");
    json_int(&j, -5);
    json_key(&j, "e");
    json_cstr(&j, NULL);
    json_object_end(&j);
    const char *want = "{\"a\":[-9223372036854775808,-1,18446744073709551615,{},[],null],"
                       "\"b\":true,\"c\":\"00ff\",\"d\":-5,\"e\":\"\"}";
    assert_true(slice_is(buf_slice(&b), want));
    buf_drop(&b);
}

static void depth_is_counted(void **state)
{
    (void)state;
    struct buf b = buf_new(1000);
    struct json j = json_new(&b);
    for (int i = 0; i < 63; i++)
        json_array(&j);
    for (int i = 0; i < 63; i++)
        json_array_end(&j);
    assert_int_equal(b.len, 126);
    assert_int_equal(j.depth, 0);
    buf_drop(&b);
}

static void a_full_buffer_is_seen(void **state)
{
    (void)state;
    for (size_t max = 0; max < 40; max++) {
        struct buf b = buf_new(max);
        struct json j = json_new(&b);
        json_array(&j);
        json_text(&j, SLICE_LIT("0123456789\n\x01"));
        json_hex(&j, SLICE_LIT("0123456789"));
        json_array_end(&j);
        assert_true(b.full);
        assert_true(b.len <= max);
        buf_drop(&b);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(every_byte_everywhere),
        cmocka_unit_test(separators),
        cmocka_unit_test(depth_is_counted),
        cmocka_unit_test(a_full_buffer_is_seen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
