/* SPDX-License-Identifier: Apache-2.0 */
/* The real worker programs behind the real pool: refusal to run by hand, memory
 * wiped between objects, the planted bug, YARA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sanitized.h"
#include "guard/pool.h"
#include "os/file.h"
#include "os/process.h"

/* WORKER, WORKER_PLANTED, and WORKER_YARA where it was built, come from the build. */

struct answer {
    struct arena *mem;
    struct record record;
    bool ended;
    enum job_end end;
    char why[700];
};

static void take_end(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                     const char *why)
{
    struct answer *a = host;
    (void)cpu_us, (void)elapsed_us;
    a->ended = true;
    a->end = end;
    (void)snprintf(a->why, sizeof a->why, "%s", why);
}

static struct pool *start(const char *worker, const int *yara, size_t n_yara, struct err *e)
{
    struct pool_settings s = { .worker = worker,
                               .workers = 1,
                               .rules_fd = -1,
                               .objects = 256,
                               .timeout_ms = 30000,
                               .allow_weak_jail = true,
                               .yara_fds = yara,
                               .n_yara = n_yara };
    struct pool *p = NULL;
    return pool_start(&s, &p, e) == 0 ? p : NULL;
}

static void run(struct pool *p, const char *name, slice body, struct answer *a)
{
    *a = (struct answer){ .mem = arena_new(64 << 20) };
    record_init(&a->record, a->mem);
    struct pool_job j = { .name = slice_of(name),
                          .body = body,
                          .fd = -1,
                          .sink = record_sink(&a->record),
                          .done = take_end,
                          .host = a };
    struct err e = { 0 };
    int rc;
    while ((rc = pool_submit(p, &j, &e)) == -EAGAIN)
        assert_int_equal(pool_wait(p, -1, &e), 0);
    assert_int_equal(rc, 0);
    while (!a->ended)
        assert_int_equal(pool_wait(p, -1, &e), 0);
}

static void by_hand(void **state)
{
    (void)state;
    int pipes[2], old = dup(2);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    char name[] = "sekisho-worker", *argv[] = { name, NULL }, text[1000] = { 0 };
    pid_t pid;
    struct process_end end;
    assert_int_equal(dup2(pipes[1], 2), 2);
    int rc =
        process_spawn(&(struct process_spawn){ WORKER, argv, NULL, NULL, 0, false }, &pid, NULL);
    assert_int_equal(dup2(old, 2), 2);
    assert_int_equal(rc, 0);
    assert_int_equal(process_wait(pid, 20000, &end), 1);
    assert_true(end.exited && end.code == 2);
    assert_true(read(pipes[0], text, sizeof text - 1) > 0);
    assert_non_null(strstr(text, "sekisho scan"));
    (void)close(old), (void)close(pipes[0]), (void)close(pipes[1]);
}

/* --- nothing of a mail is left when the next one is there */

#define CANARY "Kanaria7f3e91Kanaria"

static const char mail[] =
    "From: a@a.example\r\nTo: b@b.example\r\nSubject: =?UTF-8?B?S2FuYXJpYTdmM2U5MUthbmFyaWE=?=\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n\033$B@A5a\033(B "
    "Kanaria7f3e91Kanaria http://kanaria7f3e91kanaria.example/\r\n"
    "--x\r\nContent-Type: text/html; charset=shift_jis\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "<p>=90=BF =8B=81 Kanaria=37f3e91Kanaria <a "
    "href=3D\"http://Kanaria7f3e91Kanaria.example/\">x</a></p>\r\n"
    "--x\r\nContent-Type: text/plain; name=Kanaria7f3e91Kanaria.txt\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\n"
    "S2FuYXJpYTdmM2U5MUthbmFyaWFLYW5hcmlhN2YzZTkxS2FuYXJpYUthbmFyaWE3ZjNlOTFLYW5hcmlh\r\n"
    /* a ZIP archive with the same word, deflated */
    "--x\r\nContent-Type: application/zip; name=k.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "UEsDBBQAAAAIAAAAIVwz/UUjMQAAAJAAAAAFAAAAay50eHTzTsxLLMpMNE8zTrU09IZwdBTy85JT\r\n"
    "FXLzi1IVEvNSFEoyUvMUEtMTM/P0FLxprB4AUEsBAhQDFAAAAAgAAAAhXDP9RSMxAAAAkAAAAAUA\r\n"
    "AAAAAAAAAAAAAIABAAAAAGsudHh0UEsFBgAAAAABAAEAMwAAAFQAAAAAAA==\r\n"
    "--x--\r\n";

static pid_t only_child(pid_t pid)
{
    char path[64];
    struct buf text;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    if (file_read(path, 4096, &text, NULL))
        return 0;
    buf_byte(&text, 0);
    pid_t child = (pid_t)strtol((char *)text.at, NULL, 10);
    buf_drop(&text);
    return child;
}

static size_t count_in(int mem, char *maps, slice needle)
{
    size_t found = 0;
    for (char *line = maps; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        char *end;
        uint64_t from = strtoull(line, &end, 16), to = strtoull(end + 1, &end, 16);
        if (end[1] != 'r' || to - from > (64u << 20))
            continue;
        uint8_t *copy = malloc((size_t)(to - from));
        assert_non_null(copy);
        ssize_t got = pread(mem, copy, (size_t)(to - from), (off_t)from);
        slice s = { copy, got > 0 ? (size_t)got : 0 };
        for (size_t at = 0; (at = slice_find(s, needle, at)) != SIZE_MAX; at++)
            found++;
        free(copy);
    }
    return found;
}

static void memory_is_wiped(void **state)
{
    (void)state;
    if (SANITIZED) /* its quarantine keeps freed blocks on purpose */
        return;
    static const char *const names[] = { CANARY, "kanaria7f3e91kanaria",
                                         "S2FuYXJpYTdmM2U5MUthbmFyaW",
                                         "K\0a\0n\0a\0r\0i\0a\0007\0f\0003\0e" };
    struct err e = { 0 };
    struct pool *p = start(WORKER, NULL, 0, &e);
    if (!p)
        fail_msg("%s", e.text);
    struct answer a, b;
    run(p, CANARY ".eml", slice_of(mail), &a);
    assert_int_equal(a.end, JOB_DONE);
    assert_true(a.record.n_parts >= 6); /* it was read */
    run(p, "next.txt", SLICE_LIT("nothing of interest"), &b);
    assert_int_equal(b.end, JOB_DONE);
    char path[64];
    struct buf maps;
    pid_t worker = only_child(only_child(getpid()));
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)worker);
    int rc = file_read(path, 1 << 20, &maps, NULL);
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)worker);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    if (rc == 0 &&
        mem >= 0) { /* else: not root, and the worker's memory is closed to us, as it should be */
        buf_byte(&maps, 0);
        for (size_t i = 0; i < 4; i++) {
            size_t n =
                count_in(mem, (char *)maps.at,
                         i < 3 ? slice_of(names[i]) : (slice){ (const uint8_t *)names[i], 21 });
            if (n)
                fail_msg("'%s' is %zu times in the worker's memory", names[i], n);
        }
        (void)close(mem);
        buf_drop(&maps);
    }
    arena_drop(&a.mem);
    arena_drop(&b.mem);
    pool_stop(&p);
}

static void planted_bug(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct pool *p = start(WORKER_PLANTED, NULL, 0, &e);
    struct answer a, b;
    assert_non_null(p);
    run(p, "bad.txt", SLICE_LIT("SEKISHO-PLANTED-BUG"), &a);
    assert_int_equal(a.end, JOB_CRASHED);
    assert_int_equal(a.record.unread[0].cause, UNREAD_CRASHED);
    run(p, "next.txt", SLICE_LIT("nothing of interest"), &b);
    assert_int_equal(b.end, JOB_DONE);
    arena_drop(&a.mem);
    arena_drop(&b.mem);
    pool_stop(&p);
}

#ifdef WORKER_YARA
static void yara_finds(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "rule kanaria : tag1 tag2 { strings: $a = \"" CANARY CANARY "\" condition: $a }",
        "rule kanaria { condition: filesize < 4000 and uint32be(0) == 0x46726f6d and filename == "
        "\"m.eml\" and extension == \".eml\" and owner == \"\" }",
    };
    int fds[2];
    struct err e = { 0 };
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(file_sealed_bytes(slice_of(sources[i]), &fds[i], NULL), 0);
    struct pool *p = start(WORKER_YARA, fds, 2, &e);
    if (!p)
        fail_msg("%s", e.text);
    struct answer a;
    run(p, "m.eml", slice_of(mail), &a);
    assert_int_equal(a.end, JOB_DONE);
    const struct fact *root = record_find_in_part(&a.record, 0, FACT_YARA_RULE),
                      *space = record_find_in_part(&a.record, 0, FACT_YARA_NAMESPACE);
    assert_non_null(root);
    assert_true(slice_is(root->text, "kanaria") && slice_is(space->text, "2"));
    bool inside = false; /* the base64 attachment, decoded */
    for (uint32_t i = 1; i < a.record.n_parts; i++) {
        const struct fact *f = record_find_in_part(&a.record, i, FACT_YARA_RULE),
                          *tag = record_find_in_part(&a.record, i, FACT_YARA_TAGS);
        inside |= f && tag && slice_is(tag->text, "tag1") && f->at.from == 0 &&
                  f->at.to == 2 * strlen(CANARY);
    }
    assert_true(inside);
    arena_drop(&a.mem);
    pool_stop(&p);
    for (size_t i = 0; i < 2; i++)
        (void)close(fds[i]);
}

static void yara_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *source, *why;
    } cases[] = {
        { "rule x { condition: ", "YARA file 1, at its end: syntax error" },
        { "\n\nrule x { condition: nonsense }", "line 3" },
        { "include \"/etc/passwd\"\nrule x { condition: true }", "line 1" },
        { "rule x { strings: $a = \"a\" condition: true }", "unreferenced string" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd;
        struct err e = { 0 };
        assert_int_equal(file_sealed_bytes(slice_of(cases[i].source), &fd, NULL), 0);
        struct pool *p = start(WORKER_YARA, &fd, 1, &e);
        if (p || !strstr(e.text, cases[i].why))
            fail_msg("case %zu: '%s'", i, e.text);
        (void)close(fd);
    }
}
#endif

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),     cmocka_unit_test(memory_is_wiped),
        cmocka_unit_test(planted_bug),
#ifdef WORKER_YARA
        cmocka_unit_test(yara_finds),  cmocka_unit_test(yara_refuses),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
