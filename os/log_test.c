/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines stay lines, whatever a stranger put into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "os/log.h"

static void quoting(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "plain", "invoice.doc", "invoice.doc" },
        { "Japanese", "請求書.doc", "請求書.doc" },
        { "empty", "", "" },
        { "line end", "a\r\nb", "a\\x0d\\x0ab" },
        { "escape sequence", "\033[2J", "\\x1b[2J" },
        { "quote and backslash", "a\"b\\c", "a\\\"b\\\\c" },
        { "no UTF-8", "a\xff\x80", "a\\xff\\x80" },
        { "C1 control",
          "a\xc2\x9b"
          "31m",
          "a\\xc2\\x9b31m" },
        { "line separator",
          "a\xe2\x80\xa8"
          "b",
          "a\\xe2\\x80\\xa8b" },
        { "right-to-left override",
          "a\xe2\x80\xae"
          "fdp.exe",
          "a\\xe2\\x80\\xaefdp.exe" },
        { "isolate", "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },
        { "DEL", "\x7f", "\\x7f" },
    };
    char out[LOG_QUOTE_BYTES];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (strcmp(log_quote(slice_of(cases[i].text), out), cases[i].want) != 0)
            fail_msg("%s: '%s'", cases[i].name, out);
    uint8_t long_text[2000];
    for (int byte = 0; byte < 256; byte++) { /* always ends, always valid, never too long */
        for (size_t i = 0; i < sizeof long_text; i++)
            long_text[i] = (uint8_t)byte;
        for (size_t n = 250; n < 260; n++) {
            size_t len = strlen(log_quote((slice){ long_text, n }, out));
            assert_true(len < LOG_QUOTE_BYTES);
            assert_true(utf8_valid((slice){ (const uint8_t *)out, len }));
        }
    }
    (void)log_quote((slice){ long_text, sizeof long_text }, out);
    assert_string_equal(out + strlen(out) - 3, "...");
}

/* What log_line() writes to descriptor 2. */
static void capture(char *out, size_t room, bool journal, enum log_level most, enum log_level level,
                    const char *text)
{
    int pipes[2], old = dup(2);
    assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
    if (journal)
        (void)setenv("JOURNAL_STREAM", "1:2", 1);
    else
        (void)unsetenv("JOURNAL_STREAM");
    log_open("sekisho", most);
    assert_int_equal(dup2(pipes[1], 2), 2);
    log_line(level, "%s", text);
    assert_int_equal(dup2(old, 2), 2);
    ssize_t n = read(pipes[0], out, room - 1);
    out[n > 0 ? n : 0] = 0;
    (void)close(old), (void)close(pipes[0]), (void)close(pipes[1]);
}

static void lines(void **state)
{
    (void)state;
    char out[8192], text[6000];
    capture(out, sizeof out, false, LOG_LEVEL_NOTICE, LOG_LEVEL_ERROR, "no disk");
    assert_string_equal(out, "sekisho: error: no disk\n");
    capture(out, sizeof out, false, LOG_LEVEL_NOTICE, LOG_LEVEL_NOTICE, "ready");
    assert_string_equal(out, "sekisho: ready\n");
    capture(out, sizeof out, true, LOG_LEVEL_NOTICE, LOG_LEVEL_WARNING, "two\nlines\033[1m");
    assert_string_equal(out, "<4>sekisho: two lines [1m\n");
    capture(out, sizeof out, false, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG, "silent");
    assert_string_equal(out, "");
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'x';
    text[sizeof text - 1] = 0;
    capture(out, sizeof out, false, LOG_LEVEL_NOTICE, LOG_LEVEL_ERROR, text);
    assert_true(strlen(out) <= 4096 && out[strlen(out) - 1] == '\n' &&
                strchr(out, '\n') == out + strlen(out) - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(quoting), cmocka_unit_test(lines) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
