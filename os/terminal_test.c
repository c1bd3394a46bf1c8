/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals: nothing but text where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "os/terminal.h"

static void no_terminal(void **state)
{
    (void)state;
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
    struct terminal t = terminal_of(pipes[1]);
    assert_false(t.here || t.colours);
    assert_int_equal(t.width, 80);
    assert_string_equal(terminal_colour(&t, COLOUR_RED), "");
    struct terminal_bar bar = { 0 };
    terminal_bar_draw(&t, &bar, 1000000, 1, 2, "x");
    terminal_bar_clear(&t, &bar);
    char out[10];
    assert_int_equal(read(pipes[0], out, sizeof out), -1);
    (void)close(pipes[0]), (void)close(pipes[1]);
}

static void colours_and_bar(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || grantpt(master) || unlockpt(master))
        return; /* no pseudo terminals here */
    int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (fd < 0)
        return;
    static const struct {
        const char *term, *no_color;
        bool want;
    } cases[] = { { "xterm", NULL, true },
                  { "xterm", "", true },
                  { "xterm", "1", false },
                  { "dumb", NULL, false },
                  { NULL, NULL, false } };
    for (size_t i = 0; i < 5; i++) {
        (void)(cases[i].term ? setenv("TERM", cases[i].term, 1) : unsetenv("TERM"));
        (void)(cases[i].no_color ? setenv("NO_COLOR", cases[i].no_color, 1) : unsetenv("NO_COLOR"));
        struct terminal t = terminal_of(fd);
        assert_true(t.here);
        assert_int_equal(t.colours, cases[i].want);
        assert_int_equal(terminal_colour(&t, COLOUR_BOLD)[0] != 0, cases[i].want);
    }
    struct terminal t = terminal_of(fd);
    struct terminal_bar bar = { 0 };
    char out[2000];
    static const uint64_t done[] = { 0, 1, 500, 1000, 1001, UINT64_MAX };
    uint64_t now = 1000000;
    for (size_t i = 0; i < 6; i++, now += 200000) {
        terminal_bar_draw(&t, &bar, now, done[i], 1000, "reading");
        ssize_t n = read(master, out, sizeof out);
        assert_true(n > 20 && n < 200);
        terminal_bar_draw(&t, &bar, now + 50000, done[i], 1000, "reading"); /* too soon */
        assert_true(read(master, out, sizeof out) < 0);
    }
    terminal_bar_draw(&t, &bar, now, 0, 0, "nothing to do");
    terminal_bar_clear(&t, &bar);
    assert_false(bar.shown);
    (void)close(fd), (void)close(master);
}

static void columns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t want;
    } cases[] = { { "", 0 },
                  { "abc", 3 },
                  { "請求書", 6 },
                  { "ｱｲｳ", 3 },
                  { "ＡＢ", 4 },
                  { "か\xe3\x82\x99", 4 },
                  { "e\xcc\x81", 1 },
                  { "\xf0\x9f\x93\x8e", 2 },
                  { "\xe2\x80\x8b", 0 },
                  { "\xff", 1 },
                  { "한글", 4 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (terminal_columns(slice_of(cases[i].text)) != cases[i].want)
            fail_msg("'%s': %zu", cases[i].text, terminal_columns(slice_of(cases[i].text)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(no_terminal),
                                               cmocka_unit_test(colours_and_bar),
                                               cmocka_unit_test(columns) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
