/* SPDX-License-Identifier: Apache-2.0 */
/* The pool against workers that die, hang, lie and are killed. The test worker
 * is the real worker program around a stub engine (stub_engine.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/sanitized.h"
#include "decode/walk.h"
#include "guard/pool.h"
#include "os/clock.h"
#include "os/file.h"

#ifndef TEST_WORKER
#error "the build names the test worker"
#endif

enum { MEMORY = 256 << 20 };

struct answer {
    struct arena *mem;
    struct record record;
    struct buf bytes;
    unsigned ended;
    enum job_end end;
    uint64_t cpu_us;
    char why[700];
};

static void take_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    struct record *r = host;
    struct answer *a = (struct answer *)(void *)((char *)r - offsetof(struct answer, record));
    assert_int_equal(part, 0);
    assert_int_equal(at, a->bytes.len);
    buf_put(&a->bytes, bytes);
}

static void take_end(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                     const char *why)
{
    struct answer *a = host;
    (void)elapsed_us;
    a->ended++;
    a->end = end;
    a->cpu_us = cpu_us;
    (void)snprintf(a->why, sizeof a->why, "%s", why);
}

static struct answer *answer_new(void)
{
    struct answer *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->mem = arena_new(MEMORY);
    a->bytes = buf_new(64 << 20);
    record_init(&a->record, a->mem);
    return a;
}

static void answer_drop(struct answer *a)
{
    arena_drop(&a->mem);
    buf_drop(&a->bytes);
    free(a);
}

static struct pool_job job_of(struct answer *a, slice body)
{
    struct sink sink = record_sink(&a->record);
    sink.bytes = take_bytes;
    return (struct pool_job){ .name = SLICE_LIT("a.eml"),
                              .declared = SLICE_LIT("message/rfc822"),
                              .body = body,
                              .fd = -1,
                              .sink = sink,
                              .done = take_end,
                              .host = a };
}

static struct pool *start(unsigned workers, unsigned objects, unsigned timeout_ms)
{
    struct pool_settings s = { .worker = TEST_WORKER,
                               .workers = workers,
                               .rules_fd = -1,
                               .objects = objects,
                               .timeout_ms = timeout_ms,
                               .allow_weak_jail = true };
    struct pool *p = NULL;
    struct err e = { 0 };
    if (pool_start(&s, &p, &e))
        fail_msg("pool_start: %s", e.text);
    return p;
}

static int submit(struct pool *p, const struct pool_job *j)
{
    struct err e = { 0 };
    int rc;
    while ((rc = pool_submit(p, j, &e)) == -EAGAIN)
        if (pool_wait(p, -1, &e))
            fail_msg("pool_wait: %s", e.text);
    if (rc)
        fail_msg("pool_submit: %s", e.text);
    return rc;
}

static void await(struct pool *p, struct answer *a)
{
    struct err e = { 0 };
    while (!a->ended)
        if (pool_wait(p, -1, &e) && !a->ended)
            fail_msg("pool_wait: %s", e.text);
}

static struct answer *run(struct pool *p, const char *body)
{
    struct answer *a = answer_new();
    struct pool_job j = job_of(a, slice_of(body));
    submit(p, &j);
    await(p, a);
    return a;
}

static void expect_good(struct pool *p)
{
    struct answer *a = run(p, "hello");
    if (a->end != JOB_DONE)
        fail_msg("the next job ended %d: %s", (int)a->end, a->why);
    assert_int_equal(a->record.n_parts, 2);
    answer_drop(a);
}

/* --- processes, by /proc */

static size_t children_of(pid_t pid, pid_t *out, size_t room)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    struct buf text;
    size_t n = 0;
    if (file_read(path, 4096, &text, NULL))
        return 0;
    buf_byte(&text, 0);
    for (char *at = (char *)text.at, *end; n < room; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        out[n++] = (pid_t)child;
    }
    buf_drop(&text);
    return n;
}

static pid_t head_pid(void)
{
    pid_t pids[8];
    return children_of(getpid(), pids, 8) ? pids[0] : 0;
}

/* The youngest: an older one may still be on its way out. */
static pid_t worker_pid(void)
{
    pid_t pids[8];
    size_t n = children_of(head_pid(), pids, 8);
    return n ? pids[n - 1] : 0;
}

/* Running; a zombie that nobody has reaped yet is not. */
static bool alive(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    struct buf text;
    if (file_read(path, 4096, &text, NULL))
        return false;
    slice s = buf_slice(&text);
    bool zombie = slice_find(s, SLICE_LIT(") Z"), 0) != SIZE_MAX ||
                  slice_find(s, SLICE_LIT(") X"), 0) != SIZE_MAX;
    buf_drop(&text);
    return !zombie;
}

static bool gone_soon(pid_t pid)
{
    for (int i = 0; i < 200; i++) {
        if (!alive(pid))
            return true;
        (void)nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    }
    return false;
}

/* --- tests */

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % n;
}

static void check_whole(struct answer *a, slice body)
{
    uint8_t digest[32];
    sha256_of(body, digest);
    if (a->end != JOB_DONE)
        fail_msg("ended %d: %s", (int)a->end, a->why);
    assert_int_equal(a->ended, 1);
    assert_int_equal(a->record.n_parts, 2);
    assert_memory_equal(a->record.parts[0].sha256, digest, 32);
    assert_true(slice_is(a->record.parts[0].name, "a.eml"));
    assert_true(slice_is(a->record.parts[0].declared, "message/rfc822"));
    assert_int_equal(a->record.facts[0].number, body.len);
    assert_int_equal(a->record.parts[1].end, WALK_WHOLE);
    assert_true(a->record.parts[0].closed && a->record.parts[1].closed);
}

static void two_hundred_jobs(void **state)
{
    (void)state;
    enum { JOBS = 200, LARGEST = 1 << 20 };
    static const size_t edges[] = { 0, 1, 4095, 4096, 256 << 10, (256 << 10) + 1, LARGEST };
    struct pool *p = start(2, 64, 20000);
    static struct answer *answers[JOBS];
    static struct buf bodies[JOBS];
    for (size_t i = 0; i < JOBS; i++) {
        size_t n = i < 7 ? edges[i] : random_below(random_below(8) ? 60000 : LARGEST);
        bodies[i] = buf_new(LARGEST + 1);
        assert_true(buf_reserve(&bodies[i], n + 1));
        bool padded = random_below(4) == 0;
        for (bodies[i].len = 0; bodies[i].len < n; bodies[i].len++)
            bodies[i].at[bodies[i].len] =
                padded && bodies[i].len > n / 8 ? 0 : (uint8_t)(' ' + random_below(64));
        answers[i] = answer_new();
        struct pool_job j = job_of(answers[i], buf_slice(&bodies[i]));
        int fd = -1;
        if (i % 3 == 0) {
            assert_int_equal(file_sealed_bytes(j.body, &fd, NULL), 0);
            j.fd = fd;
            j.size = j.body.len;
            j.body = (slice){ 0 };
        }
        submit(p, &j);
        if (fd >= 0)
            (void)close(fd);
    }
    for (size_t i = 0; i < JOBS; i++) {
        await(p, answers[i]);
        check_whole(answers[i], buf_slice(&bodies[i]));
        answer_drop(answers[i]);
        buf_drop(&bodies[i]);
    }
    assert_int_equal(pool_busy(p), 0);
    pool_stop(&p);
}

static const struct {
    const char *body;
    enum job_end end;
    const char *why; /* a piece of it, "" any */
} deaths[] = {
    { "WILD", JOB_CRASHED, "died" },           { "BEYOND", JOB_CRASHED, "died" },
    { "HEAP", JOB_CRASHED, "died" },           { "CHECK", JOB_CRASHED, "CHECK(beyond == 0)" },
    { "HANG", JOB_TIMEOUT, "not done after" }, { "GARBAGE", JOB_CRASHED, "malformed" },
    { "QUIT", JOB_CRASHED, "died" },
#if !SANITIZED
    { "SOCKET", JOB_CRASHED, "jail forbids" },
#endif
};

/* One bad object costs one answer; what it had answered stands. */
static void deaths_cost_one_job(void **state)
{
    (void)state;
    struct pool *p = start(1, 256, 400);
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        struct answer *a = run(p, deaths[i].body);
        const struct record *r = &a->record;
        bool late = deaths[i].end == JOB_TIMEOUT;
        if (a->end != deaths[i].end || !strstr(a->why, deaths[i].why))
            fail_msg("%s: ended %d '%s'", deaths[i].body, (int)a->end, a->why);
        assert_int_equal(a->ended, 1);
        assert_int_equal(r->n_unread, 1);
        assert_int_equal(r->unread[0].cause, late ? UNREAD_LIMIT : UNREAD_CRASHED);
        /* Garbage and a silent exit come without the words that were not sent. */
        bool words = r->n_parts == 2;
        if (words)
            assert_int_equal(r->unread[0].part, 1);
        else
            assert_true(strcmp(deaths[i].body, "GARBAGE") == 0 ||
                        strcmp(deaths[i].body, "QUIT") == 0 ||
                        strcmp(deaths[i].body, "SOCKET") == 0);
        for (uint32_t part = 0; part < r->n_parts; part++) {
            assert_int_equal(r->parts[part].end, late ? WALK_TIMEOUT : WALK_CRASHED);
            assert_true(r->parts[part].closed);
        }
        assert_true(slice_is(r->parts[0].name, "a.eml"));
        answer_drop(a);
        expect_good(p);
    }
    pool_stop(&p);
}

static void no_file_opens(void **state)
{
    (void)state;
    struct pool *p = start(1, 256, 5000);
    struct answer *a = run(p, "OPEN");
    assert_int_equal(a->end, JOB_DONE);
    const struct fact *f = record_find_in_part(&a->record, 0, FACT_FILE_TYPE);
    assert_non_null(f);
    assert_true(slice_is(f->text, "denied"));
    answer_drop(a);
    pool_stop(&p);
}

static void flood_ends(void **state)
{
    (void)state;
    struct pool *p = start(1, 256, 20000);
    struct answer *a = run(p, "FLOOD");
    assert_int_equal(a->end, JOB_CRASHED);
    assert_non_null(strstr(a->why, "too long"));
    answer_drop(a);
    expect_good(p);
    pool_stop(&p);
}

static void worker_killed(void **state)
{
    (void)state;
    struct pool *p = start(1, 256, 20000);
    struct answer *a = answer_new();
    struct pool_job j = job_of(a, SLICE_LIT("HANG"));
    submit(p, &j);
    pid_t worker = worker_pid();
    assert_true(worker > 1);
    (void)kill(worker, SIGKILL);
    await(p, a);
    assert_int_equal(a->end, JOB_CRASHED);
    assert_non_null(strstr(a->why, "signal 9"));
    assert_int_equal(a->record.n_parts, 1); /* made on its behalf */
    assert_int_equal(a->record.parts[0].end, WALK_CRASHED);
    answer_drop(a);
    expect_good(p);

    worker = worker_pid(); /* and one that has nothing to do: no job is lost */
    (void)kill(worker, SIGKILL);
    assert_true(gone_soon(worker));
    expect_good(p);
    expect_good(p);
    pool_stop(&p);
}

static void head_killed(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct pool *p = start(2, 256, 20000);
    struct answer *a = answer_new(), *b = answer_new();
    struct pool_job j = job_of(a, SLICE_LIT("HANG")), k = job_of(b, SLICE_LIT("HANG"));
    submit(p, &j);
    submit(p, &k);
    pid_t head = head_pid(), workers[4];
    assert_int_equal(children_of(head, workers, 4), 2);
    (void)kill(head, SIGKILL);
    await(p, a);
    await(p, b);
    assert_int_equal(a->end, JOB_LOST);
    assert_int_equal(b->end, JOB_LOST);
    assert_int_equal(a->record.n_unread, 1);
    assert_true(pool_wait(p, 0, &e) < 0);
    assert_non_null(strstr(e.text, "start the pool again"));
    assert_non_null(strstr(e.text, "signal 9"));
    assert_true(pool_submit(p, &j, &e) < 0);
    assert_true(gone_soon(workers[0]) && gone_soon(workers[1]));
    pool_stop(&p);
    answer_drop(a);
    answer_drop(b);
    p = start(2, 256, 20000);
    expect_good(p);
    pool_stop(&p);
}

static void recycling(void **state)
{
    (void)state;
    struct pool *p = start(1, 3, 20000);
    pid_t seen[12];
    for (size_t i = 0; i < 12; i++) {
        expect_good(p);
        seen[i] = worker_pid();
    }
    size_t changes = 0;
    for (size_t i = 1; i < 12; i++)
        changes += seen[i] != seen[i - 1];
    assert_true(changes >= 3);
    pool_stop(&p);

    p = start(1, 256, 20000); /* and after a limit was hit */
    struct answer *a = run(p, "LIMIT");
    assert_int_equal(a->end, JOB_DONE);
    assert_int_equal(a->record.n_unread, 1);
    answer_drop(a);
    expect_good(p);
    pool_stop(&p);
}

static void stop_leaves_nobody(void **state)
{
    (void)state;
    struct pool *p = start(3, 256, 20000);
    struct answer *a[3];
    for (size_t i = 0; i < 3; i++) {
        a[i] = answer_new();
        struct pool_job j = job_of(a[i], SLICE_LIT("HANG"));
        submit(p, &j);
    }
    struct answer *none = answer_new();
    struct pool_job j = job_of(none, SLICE_LIT("x"));
    assert_int_equal(pool_submit(p, &j, NULL), -EAGAIN);
    assert_int_equal(pool_busy(p), 3);
    assert_int_equal(pool_idle(p), 0);
    pid_t head = head_pid(), workers[8];
    size_t n = children_of(head, workers, 8);
    assert_int_equal(n, 3);
    pool_stop(&p);
    assert_null(p);
    assert_false(alive(head));
    for (size_t i = 0; i < n; i++)
        assert_true(gone_soon(workers[i]));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(a[i]->end, JOB_LOST);
        answer_drop(a[i]);
    }
    answer_drop(none);
    pool_stop(&p); /* NULL is fine */
}

/* A loop of one's own: everything that pool_wait() does, and never a wait in between. */
static void step_until(struct pool *p, const struct answer *a, unsigned *steps)
{
    struct err e = { 0 };
    while (!a->ended) {
        struct pollfd wait = { .fd = pool_fd(p), .events = POLLIN };
        uint64_t now = clock_us(), due = pool_due_us(p);
        int ms = due == UINT64_MAX ? -1 : due > now ? (int)((due - now) / 1000) + 1 : 0;
        assert_true(poll(&wait, 1, ms) >= 0);
        if (pool_step(p, &e) && !a->ended)
            fail_msg("pool_step: %s", e.text);
        ++*steps;
    }
}

static void steps_of_a_loop(void **state)
{
    (void)state;
    struct err e = { 0 };
    unsigned steps = 0;
    struct pool *p = start(2, 3, 400);
    struct buf large = buf_new(1 << 20);
    while (large.len < 900000) /* more than a socket takes at once */
        buf_text(&large, "a line of text that is not hostile\n");
    for (unsigned i = 0; i < 8; i++) {
        struct answer *a = answer_new();
        struct pool_job j = job_of(a, i % 4 == 1   ? SLICE_LIT("HANG")
                                      : i % 4 == 2 ? buf_slice(&large)
                                      : i % 4 == 3 ? SLICE_LIT("WILD")
                                                   : SLICE_LIT("hello"));
        while (pool_submit(p, &j, &e) == -EAGAIN) {
            assert_int_equal(pool_step(p, &e), 0);
            (void)usleep(1000);
        }
        step_until(p, a, &steps);
        assert_int_equal(a->end, i % 4 == 1 ? JOB_TIMEOUT : i % 4 == 3 ? JOB_CRASHED : JOB_DONE);
        assert_true(a->record.n_parts > 0);
        answer_drop(a);
    }
    assert_in_range(steps, 8, 5000); /* it does not spin */
    /* Nothing to do: nothing is readable, and there is no time either once a worker is there. */
    struct pollfd idle = { .fd = pool_fd(p), .events = POLLIN };
    for (unsigned i = 0; i < 200 && pool_due_us(p) != UINT64_MAX; i++) {
        (void)poll(&idle, 1, 100);
        assert_int_equal(pool_step(p, &e), 0);
    }
    assert_true(pool_due_us(p) == UINT64_MAX);
    assert_int_equal(poll(&idle, 1, 0), 0);
    /* The head dies: readable, and the next step says so. */
    (void)kill(head_pid(), SIGKILL);
    assert_int_equal(poll(&idle, 1, 5000), 1);
    assert_true(pool_step(p, &e) < 0);
    assert_non_null(strstr(e.text, "start the pool again"));
    buf_drop(&large);
    pool_stop(&p);
}

static void programs_that_will_not_do(void **state)
{
    (void)state;
    static const struct {
        const char *name, *worker, *rules, *why;
        int yara;
    } cases[] = {
        { "no such file", "/nonexistent/sekisho-worker", NULL, "No such file", 0 },
        { "not a worker", "/bin/true", NULL, "ended", 0 },
        { "a folder", "/tmp", NULL, "cannot start", 0 },
        { "damaged rules", TEST_WORKER, "xxxx", "the rule image is damaged", 0 },
        { "empty rules", TEST_WORKER, "", "the rule image is damaged", 0 },
        { "YARA without YARA", TEST_WORKER, NULL, "no YARA", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = { 0 };
        struct pool *p = NULL;
        int rules = -1, yara = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (cases[i].rules)
            assert_int_equal(file_sealed_bytes(slice_of(cases[i].rules), &rules, NULL), 0);
        struct pool_settings s = { .worker = cases[i].worker,
                                   .workers = 1,
                                   .rules_fd = rules,
                                   .objects = 1,
                                   .timeout_ms = 1000,
                                   .yara_fds = &yara,
                                   .n_yara = (size_t)cases[i].yara,
                                   .allow_weak_jail = true };
        int rc = pool_start(&s, &p, &e);
        if (rc >= 0 || p || !strstr(e.text, cases[i].why))
            fail_msg("%s: rc %d, '%s'", cases[i].name, rc, e.text);
        if (rules >= 0)
            (void)close(rules);
        (void)close(yara);
    }
    struct pool_settings none = {
        .worker = TEST_WORKER, .workers = 0, .rules_fd = -1, .objects = 1, .timeout_ms = 1
    };
    struct pool *p;
    assert_int_equal(pool_start(&none, &p, NULL), -EINVAL);
}

static void rules_reach_the_head(void **state)
{
    (void)state;
    int sealed, plain = memfd_create("plain", MFD_CLOEXEC);
    assert_int_equal(file_sealed_bytes(SLICE_LIT("RULES"), &sealed, NULL), 0);
    assert_int_equal(write(plain, "RULES", 5), 5);
    const int fds[] = { sealed, plain };
    for (size_t i = 0; i < 2; i++) {
        struct pool_settings s = { .worker = TEST_WORKER,
                                   .workers = 1,
                                   .rules_fd = fds[i],
                                   .objects = 9,
                                   .timeout_ms = 9000,
                                   .allow_weak_jail = true };
        struct pool *p;
        struct err e = { 0 };
        if (pool_start(&s, &p, &e))
            fail_msg("%s", e.text);
        expect_good(p);
        pool_stop(&p);
        (void)close(fds[i]);
    }
}

static void hints_and_bytes(void **state)
{
    (void)state;
    struct pool *p = start(1, 256, 5000);
    struct answer *a = answer_new();
    struct pool_job j = job_of(a, SLICE_LIT("some bytes"));
    const struct pool_hint hints[] = { { SLICE_LIT("8320"), PASSWORD_SITE },
                                       { SLICE_LIT("\xe5\xb1\xb1\xff"), PASSWORD_HINT } };
    j.hints = hints;
    j.n_hints = 2;
    j.give = GIVE_ALL;
    submit(p, &j);
    await(p, a);
    assert_int_equal(a->end, JOB_DONE);
    assert_true(slice_is(buf_slice(&a->bytes), "some bytes"));
    assert_true(slice_is(a->record.facts[2].text, "8320"));
    assert_true(slice_is(a->record.facts[3].text, "\xe5\xb1\xb1\xef\xbf\xbd")); /* cleaned */
    answer_drop(a);
    pool_stop(&p);
}

/* 600 MB of nothing with a little at both ends: neither side holds it. */
static void sparse_file(void **state)
{
    (void)state;
    const uint64_t size = UINT64_C(600) << 20;
    char path[] = "/tmp/sekisho-sparse-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(pwrite(fd, "head", 4, 0), 4);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    assert_int_equal(pwrite(fd, "tail", 4, (off_t)size - 4), 4);
    struct pool *p = start(1, 256, 30000);
    struct answer *a = answer_new();
    struct pool_job j = job_of(a, (slice){ 0 });
    j.fd = fd;
    j.size = size;
    submit(p, &j);
    await(p, a);
    if (a->end != JOB_DONE)
        fail_msg("%s", a->why);
    assert_int_equal(a->record.facts[0].number, size);
    assert_int_equal(a->record.n_unread, 0);
    answer_drop(a);

    a = answer_new(); /* said longer than it is: an error before anything is sent */
    j = job_of(a, (slice){ 0 });
    j.fd = fd;
    j.size = size + 1;
    struct err e = { 0 };
    int rc;
    while ((rc = pool_submit(p, &j, &e)) == -EAGAIN)
        assert_int_equal(pool_wait(p, -1, NULL), 0);
    assert_int_equal(rc, -EIO);
    assert_non_null(strstr(e.text, "shorter"));
    answer_drop(a);
    expect_good(p);
    pool_stop(&p);
    (void)close(fd);
}

/* --- nothing of an object is left when the next one is there */

static size_t count_in(pid_t pid, slice canary)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    struct buf maps;
    if (file_read(path, 1 << 20, &maps, NULL))
        return SIZE_MAX;
    buf_byte(&maps, 0);
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    size_t found = 0, room = 0;
    uint8_t *copy = NULL;
    for (char *line = (char *)maps.at; mem >= 0 && line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        char *end;
        uint64_t from = strtoull(line, &end, 16), to = strtoull(end + 1, &end, 16);
        if (end[1] != 'r' || to - from > (64u << 20))
            continue;
        if (to - from > room) {
            room = (size_t)(to - from);
            free(copy);
            copy = malloc(room);
            assert_non_null(copy);
        }
        ssize_t got = pread(mem, copy, (size_t)(to - from), (off_t)from);
        slice s = { copy, got > 0 ? (size_t)got : 0 };
        for (size_t at = 0; (at = slice_find(s, canary, at)) != SIZE_MAX; at++)
            found++;
    }
    free(copy);
    buf_drop(&maps);
    if (mem >= 0)
        (void)close(mem);
    return mem < 0 ? SIZE_MAX : found;
}

static void memory_is_wiped(void **state)
{
    (void)state;
    if (SANITIZED) /* its quarantine keeps freed blocks on purpose */
        return;
    static const char canary[] = "kanaria-8b1f5c0e-kanaria";
    slice needle = slice_of(canary);
    struct pool *p = start(1, 256, 5000);
    struct buf text = buf_new(1 << 20);
    for (int i = 0; i < 3; i++) { /* small inline, full inline, by descriptor */
        for (size_t n = text.len + (size_t)(i == 0 ? 300 : i == 1 ? 200000 : 500000); text.len < n;)
            buf_text(&text, canary);
        struct answer *a = answer_new();
        struct pool_job j = job_of(a, buf_slice(&text));
        j.name = needle;
        submit(p, &j);
        await(p, a);
        assert_int_equal(a->end, JOB_DONE);
        answer_drop(a);
        expect_good(p);
        size_t found = count_in(worker_pid(), needle);
        if (found == SIZE_MAX) {
            pool_stop(&p);
            return;
        }
        assert_int_equal(found, 0);
    }
    buf_drop(&text);
    struct answer *a = answer_new(); /* that the search finds what is there */
    struct pool_job j = job_of(a, SLICE_LIT("HANG kanaria-8b1f5c0e-kanaria"));
    submit(p, &j);
    (void)nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
    assert_true(count_in(worker_pid(), needle) > 0);
    pool_stop(&p);
    answer_drop(a);
}

static void report_of_the_jail(void **state)
{
    (void)state;
    struct jail_report r = pool_jail_report();
    assert_true(r.seccomp);
    assert_true(r.no_new_privs);
    assert_int_equal(r.landlock, r.landlock_abi > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hundred_jobs),
        cmocka_unit_test(deaths_cost_one_job),
        cmocka_unit_test(no_file_opens),
        cmocka_unit_test(flood_ends),
        cmocka_unit_test(worker_killed),
        cmocka_unit_test(head_killed),
        cmocka_unit_test(recycling),
        cmocka_unit_test(stop_leaves_nobody),
        cmocka_unit_test(steps_of_a_loop),
        cmocka_unit_test(programs_that_will_not_do),
        cmocka_unit_test(rules_reach_the_head),
        cmocka_unit_test(hints_and_bytes),
        cmocka_unit_test(sparse_file),
        cmocka_unit_test(memory_is_wiped),
        cmocka_unit_test(report_of_the_jail),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
