/* SPDX-License-Identifier: Apache-2.0 */
/* The SMTP client against servers that a script plays: what it says, and what it makes of what they
 * say. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/smtp/smtp.h"
#include "os/file.h"
#include "os/net.h"
#include "tests/table.h"

static char folder[64], address[96], heard_path[96];

static int make(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(folder, sizeof folder, "/tmp/smtp_test.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(address, sizeof address, "unix:%s/s", folder);
    (void)snprintf(heard_path, sizeof heard_path, "%s/heard", folder);
    return 0;
}
static int clean(void **state)
{
    char all[128];
    (void)state;
    (void)snprintf(all, sizeof all, "rm -rf %s", folder);
    return system(all);
}

/* Says its lines one by one, each after a line was heard; "" waits without a word; behind the end
 * it closes. All that is heard goes to a file. */
static void play(int listener, const char *const *says)
{
    int fd = accept(listener, NULL, NULL);
    FILE *heard = fopen(heard_path, "w"), *in = fdopen(fd, "r");
    char line[4096];
    if (!heard || !in)
        _exit(1);
    for (; *says; says++) {
        if (**says == 'D') { /* the mail, to its end */
            while (fgets(line, sizeof line, in) && strcmp(line, ".\r\n") != 0)
                (void)fputs(line, heard);
            (void)fputs("(end)\n", heard);
            says++;
            if (!*says)
                break;
        } else if (**says == 'L') {
            says++;
            if (fgets(line, sizeof line, in))
                (void)fputs(line, heard);
        }
        if (*says && send(fd, *says, strlen(*says), MSG_NOSIGNAL) < 0)
            break;
    }
    (void)fclose(heard);
    (void)fclose(in);
    _exit(0);
}

#define GREET "220 here\r\n", "L", "250-here\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
static char endless[70000];
static const slice one[] = { SLICE_INIT("a@example.invalid") };
static const slice two[] = { SLICE_INIT("a@example.invalid"), SLICE_INIT("b@example.invalid") };
static const slice bad[] = { SLICE_INIT("a@example.invalid>\r\nRCPT TO:<c@example.invalid") };
static const slice utf8[] = { SLICE_INIT("\xe5\x90\x8d@example.invalid") };

static const struct {
    const char *name;
    const char *says[16];
    const slice *recipients;
    size_t n;
    slice sender, mail;
    uint64_t size;
    int code;
    const char *heard, *error; /* a piece of each */
} cases[] = {
    { "taken",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D", "250 queued\r\n" },
      one,
      1,
      SLICE_INIT("s@example.invalid"),
      SLICE_INIT("a: b\r\n\r\n.\r\n..x\r\nend"),
      20,
      0,
      "MAIL FROM:<s@example.invalid> SIZE=20 BODY=8BITMIME\r\nRCPT "
      "TO:<a@example.invalid>\r\nDATA\r\na: b\r\n\r\n..\r\n...x\r\nend\r\n(end)",
      NULL },
    { "the null sender, a server of few words",
      { "220\r\n", "L", "250\r\n", "L", "250\r\n", "L", "250\r\n", "L", "354\r\n", "D", "250\r\n" },
      one,
      1,
      { 0 },
      SLICE_INIT("x\r\n"),
      3,
      0,
      "MAIL FROM:<>\r\n",
      NULL },
    { "lone line feeds",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D", "250 queued\r\n" },
      one,
      1,
      { 0 },
      SLICE_INIT("a\n.\nMAIL FROM:<x>\n.\r\nb\r"),
      0,
      0,
      "DATA\r\na\r\n..\r\nMAIL FROM:<x>\r\n..\r\nb\r\n(end)",
      NULL },
    { "an empty mail",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D", "250 queued\r\n" },
      one,
      1,
      { 0 },
      { 0 },
      0,
      0,
      "DATA\r\n(end)",
      NULL },
    { "an address of two commands",
      { "220\r\n" },
      bad,
      1,
      { 0 },
      { 0 },
      0,
      -EINVAL,
      NULL,
      "address" },
    { "nobody to go to", { "220\r\n" }, one, 0, { 0 }, { 0 }, 0, -EINVAL, NULL, "recipient" },
    { "a sender of two commands",
      { "220\r\n" },
      one,
      1,
      SLICE_INIT("x\r\nDATA"),
      { 0 },
      0,
      -EINVAL,
      NULL,
      "address" },
    { "beyond ASCII",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D", "250 queued\r\n" },
      utf8,
      1,
      { 0 },
      SLICE_INIT("x\r\n"),
      0,
      0,
      "MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n",
      NULL },
    { "beyond ASCII, and it cannot",
      { "220\r\n", "L", "250\r\n" },
      utf8,
      1,
      { 0 },
      { 0 },
      0,
      -EREMOTEIO,
      NULL,
      "SMTPUTF8" },
    { "too large", { GREET }, one, 1, { 0 }, { 0 }, 1001, -EREMOTEIO, NULL, "1000" },
    { "no welcome",
      { "554 go away\r\n" },
      one,
      1,
      { 0 },
      { 0 },
      0,
      -EREMOTEIO,
      NULL,
      "554 go away" },
    { "a second recipient is refused",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "550 5.1.1 nobody\r\n", "L" },
      two,
      2,
      { 0 },
      SLICE_INIT("x"),
      0,
      -EREMOTEIO,
      "RCPT TO:<b@example.invalid>\r\n",
      "5.1.1 nobody" },
    { "the mail is refused",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D",
        "554-a\r\n554 no\r\n" },
      one,
      1,
      { 0 },
      SLICE_INIT("x"),
      0,
      -EREMOTEIO,
      NULL,
      "554 no" },
    { "gone before the end",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L" },
      one,
      1,
      { 0 },
      SLICE_INIT("x"),
      0,
      -EPIPE,
      NULL,
      "closed" },
    { "gone after the end",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "354 go\r\n", "D" },
      one,
      1,
      { 0 },
      SLICE_INIT("x"),
      0,
      -ECONNABORTED,
      NULL,
      "look at its log" },
    { "no SMTP",
      { "HTTP/1.1 400 Bad Request\r\n" },
      one,
      1,
      { 0 },
      { 0 },
      0,
      -EPROTO,
      NULL,
      "no reply of SMTP" },
    { "a line without end", { endless }, one, 1, { 0 }, { 0 }, 0, -EPROTO, NULL, "measure" },
    { "250 where 354 is due",
      { GREET, "L", "250 ok\r\n", "L", "250 ok\r\n", "L", "250 ok\r\n" },
      one,
      1,
      { 0 },
      SLICE_INIT("x"),
      0,
      -EREMOTEIO,
      NULL,
      "DATA" },
};

static int run(const struct smtp_envelope *e, slice mail, struct err *err)
{
    struct smtp s;
    int r = smtp_begin(&s, e, err);
    for (size_t i = 0; i < mail.len && r == 0;
         i++) /* a byte at a time: nothing may depend on pieces */
        r = smtp_data(&s, slice_sub(mail, i, 1), err);
    if (r == 0)
        r = smtp_end(&s, err);
    smtp_close(&s);
    return r;
}

static void servers(void **state)
{
    struct table t = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof endless - 1; i++)
        endless[i] = 'x';
    TABLE_EACH(&t, row, cases)
    {
        struct err e = { 0 };
        int listener = -1;
        assert_int_equal(net_listen(&(struct net_listen){ .address = address }, &listener, &e), 0);
        (void)fcntl(listener, F_SETFL, 0); /* the server waits */
        (void)remove(heard_path);
        pid_t child = fork();
        if (child == 0)
            play(listener, row->says);
        const struct smtp_envelope envelope = { .address = address,
                                                .sender = row->sender,
                                                .recipients = row->recipients,
                                                .n_recipients = row->n,
                                                .size = row->size,
                                                .reply_ms = 5000 };
        int r = run(&envelope, row->mail, &e);
        if (r == -EINVAL)
            (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        (void)close(listener);
        if (r != row->code || (row->error && !strstr(e.text, row->error)))
            table_wrong(&t, row->name, "%d %s", r, e.text);
        struct buf heard = buf_new(0);
        if (row->heard && (file_read(heard_path, 1 << 20, &heard, &e) ||
                           slice_find(buf_slice(&heard), slice_of(row->heard), 0) == SIZE_MAX))
            table_wrong(&t, row->name, "heard: %.*s", SLICE_FMT(buf_slice(&heard)));
        buf_drop(&heard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(servers) };
    return cmocka_run_group_tests(tests, make, clean);
}
