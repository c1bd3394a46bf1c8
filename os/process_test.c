/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: descriptors arrive where they should, ends are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/process.h"

static pid_t shell(const char *script, const int *fds, size_t n)
{
    char sh[] = "sh", c[] = "-c", text[256];
    (void)snprintf(text, sizeof text, "%s", script);
    char *argv[] = { sh, c, text, NULL };
    const struct process_spawn s = { "/bin/sh", argv, NULL, fds, n, false };
    pid_t pid = 0;
    struct err e = { 0 };
    if (process_spawn(&s, &pid, &e))
        fail_msg("%s", e.text);
    return pid;
}

static void ends(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        const char *text;
    } cases[] = {
        { "exit 0", "exit code 0" },
        { "exit 7", "exit code 7" },
        { "kill -9 $$", "signal 9 (Killed)" },
        { "kill -11 $$", "signal 11 (Segmentation fault)" },
    };
    for (size_t i = 0; i < 4; i++) {
        struct process_end end;
        char text[64];
        assert_int_equal(process_wait(shell(cases[i].script, NULL, 0), 10000, &end), 1);
        process_end_text(end, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void waits(void **state)
{
    (void)state;
    struct process_end end;
    pid_t pid = shell("exec sleep 100", NULL, 0);
    uint64_t from = clock_us();
    assert_int_equal(process_wait(pid, 0, &end), 0);
    assert_int_equal(process_wait(pid, 30, &end), 0);
    assert_true(clock_us() - from >= 25000);
    process_kill(pid, SIGTERM);
    assert_int_equal(process_wait(pid, -1, &end), 1);
    assert_true(!end.exited && end.code == SIGTERM);
    process_kill(0, SIGKILL); /* groups and everybody are out of reach */
    process_kill(-1, SIGKILL);
    assert_int_equal(process_wait(pid, 0, &end), 1); /* nobody of ours any more */
}

/* Given in an order in which naive dup2() would overwrite one with another. */
static void descriptors(void **state)
{
    (void)state;
    int a[2], b[2];
    assert_int_equal(pipe2(a, O_CLOEXEC) | pipe2(b, O_CLOEXEC), 0);
    assert_int_equal(write(a[1], "A\n", 2), 2);
    assert_int_equal(write(b[1], "B\n", 2), 2);
    assert_int_equal(dup3(b[0], 103, O_CLOEXEC), 103);
    int fds[] = { a[0], -1, 103 };
    if (a[0] == 3) /* the usual case here: the targets are taken */
        fds[0] = a[0], fds[2] = b[0];
    struct process_end end;
    pid_t pid = shell("read x <&3; read y <&5; [ $x$y = AB ] && ! [ -e /proc/$$/fd/103 ]", fds, 3);
    assert_int_equal(process_wait(pid, 10000, &end), 1);
    assert_true(end.exited && end.code == 0);
    (void)close(103);
    for (size_t i = 0; i < 2; i++)
        (void)close(a[i]), (void)close(b[i]);
}

static void environment_and_signals(void **state)
{
    (void)state;
    struct process_end end;
    sigset_t all, old;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &old);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setenv("SEKISHO_SECRET", "x", 1);
    pid_t pid = shell("[ -z \"$SEKISHO_SECRET\" ] || exit 3; kill -PIPE $$; exit 4", NULL, 0);
    assert_int_equal(process_wait(pid, 10000, &end), 1);
    assert_true(!end.exited && end.code == SIGPIPE);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
}

static void no_program(void **state)
{
    (void)state;
    char name[] = "x", *argv[] = { name, NULL };
    pid_t pid = 0;
    struct err e = { 0 };
    assert_int_equal(
        process_spawn(&(struct process_spawn){ "/nonexistent/x", argv, NULL, NULL, 0, false }, &pid,
                      &e),
        -ENOENT);
    assert_non_null(strstr(e.text, "/nonexistent/x: cannot start: No such file"));
    assert_int_equal(
        process_spawn(&(struct process_spawn){ "/etc/passwd", argv, NULL, NULL, 0, false }, &pid,
                      &e),
        -EACCES);
    const int closed = 777;
    assert_int_equal(
        process_spawn(&(struct process_spawn){ "/bin/true", argv, NULL, &closed, 1, false }, &pid,
                      &e),
        -EBADF);
    assert_int_equal(pid, 0);
}

static void clocks(void **state)
{
    (void)state;
    char utc[CLOCK_DATE_BYTES], jst[CLOCK_DATE_BYTES], stamp[CLOCK_STAMP_BYTES];
    uint64_t a = clock_us(), c = clock_cpu_us();
    clock_date_utc(utc);
    clock_date_jst(jst);
    clock_stamp_utc(stamp);
    assert_int_equal(strlen(utc), 10);
    assert_true(strcmp(jst, utc) >= 0);
    assert_int_equal(strlen(stamp), 24);
    assert_true(stamp[10] == 'T' && stamp[19] == '.' && stamp[23] == 'Z');
    assert_true(clock_us() >= a && clock_cpu_us() >= c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends),        cmocka_unit_test(waits),
        cmocka_unit_test(descriptors), cmocka_unit_test(environment_and_signals),
        cmocka_unit_test(no_program),  cmocka_unit_test(clocks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
