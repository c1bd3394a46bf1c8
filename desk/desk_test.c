/* SPDX-License-Identifier: Apache-2.0 */
/* The desk between a door and a keeper that the test plays: what is answered, that it is answered
 * once, and what happens when workers, keeper or doors die or lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "desk/desk.h"
#include "os/channel.h"
#include "os/clock.h"
#include "os/file.h"
#include "tests/table.h"
#include "wire/gate.h"
#include "wire/keep.h"

/* WORKER (with the planted bug), COMPILER, RULES and EXAMPLES come from the build. */

enum { IDS = 4096, WAIT_US = 30000000 };

enum keeper_mode { KEEPS, IS_FULL, IS_SILENT, LIES, IS_AWAY };

struct house {
    struct loop *loop;
    struct options options;
    struct knowledge knowledge;
    struct desk *desk;
    struct channel *door, *keeper;
    enum keeper_mode mode;
    struct loop_timer alarm;
    bool timed_out, stopped, shut;
    unsigned answers, wanted, states, ready, puts, vaulted;
    unsigned seen[IDS];
    struct arena *mem;
    struct gate_answer last;
    struct keep_put last_put;
    struct buf out;
};

/* --- the test's ends */

static void maybe_enough(struct house *h)
{
    if (h->wanted && h->answers >= h->wanted)
        loop_stop(h->loop);
}

static bool to_door(void *host, uint8_t word, slice payload, int fd)
{
    struct house *h = host;
    struct gate_state s;
    struct gate_answer a;
    assert_int_equal(fd, -1);
    if (word == GATE_STATE) {
        assert_true(gate_read_state(payload, &s));
        h->states++;
        h->ready += s.ready;
        return true;
    }
    assert_int_equal(word, GATE_ANSWER);
    arena_reset(h->mem);
    assert_true(gate_read_answer(arena_copy(h->mem, payload), h->mem, &a));
    assert_true(a.id < IDS);
    h->seen[a.id]++;
    h->last = a;
    h->answers++;
    maybe_enough(h);
    return true;
}

static void door_shut(void *host, const char *why)
{
    struct house *h = host;
    (void)why;
    h->shut = true;
    loop_stop(h->loop);
}

static void keeper_left(void *host, const char *why)
{
    (void)host, (void)why;
}

static bool to_keeper(void *host, uint8_t word, slice payload, int fd)
{
    struct house *h = host;
    static struct arena *mem;
    struct keep_put p;
    assert_int_equal(word, KEEP_PUT);
    arena_drop(&mem);
    mem = arena_new(64 << 20);
    assert_true(keep_read_put(arena_copy(mem, payload), mem, &p));
    if (fd >= 0)
        (void)close(fd);
    h->puts++;
    h->vaulted += p.vault;
    h->last_put = p;
    assert_true(!p.vault || p.has_fd == (fd >= 0));
    if (h->mode == IS_SILENT)
        return true;
    if (h->mode == IS_AWAY) {
        channel_drop(&h->keeper);
        return true;
    }
    const struct keep_kept k = { .id = h->mode == LIES ? p.id + (1U << 16) : p.id,
                                 .error = h->mode == IS_FULL ? -ENOSPC : 0 };
    buf_clear(&h->out);
    assert_true(keep_put_kept(&h->out, &k));
    assert_int_equal(channel_send(h->keeper, KEEP_KEPT, buf_slice(&h->out), -1), 0);
    return true;
}

static void alarm_rings(struct loop_timer *t)
{
    struct house *h = t->host;
    h->timed_out = true;
    loop_stop(h->loop);
}

static void desk_stopped(void *host)
{
    struct house *h = host;
    h->stopped = true;
    loop_stop(h->loop);
}

static void run_us(struct house *h, uint64_t us)
{
    struct err e = { 0 };
    h->timed_out = false;
    h->alarm = (struct loop_timer){ .due = alarm_rings, .host = h, .place = h->alarm.place };
    assert_true(loop_after(h->loop, &h->alarm, us));
    assert_int_equal(loop_run(h->loop, &e), 0);
    loop_cancel(h->loop, &h->alarm);
}

static void await(struct house *h, unsigned answers)
{
    h->wanted = answers;
    if (h->answers < answers)
        run_us(h, WAIT_US);
    h->wanted = 0;
    if (h->answers < answers)
        fail_msg("%u answers of %u", h->answers, answers);
}

static void open_door(struct house *h)
{
    static const struct channel_limits limits = { GATE_PAYLOAD_MAX, 256 << 20 };
    const struct channel_events events = { h, to_door, door_shut };
    struct err e = { 0 };
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(channel_new(h->loop, fds[0], &limits, &events, &h->door, &e), 0);
    assert_int_equal(desk_add_door(h->desk, fds[1], &e), 0);
    h->shut = false;
}

static void open_keeper(struct house *h, enum keeper_mode mode)
{
    static const struct channel_limits limits = { KEEP_PAYLOAD_MAX, 256 << 20 };
    const struct channel_events events = { h, to_keeper, keeper_left };
    struct err e = { 0 };
    int fds[2];
    h->mode = mode;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(channel_new(h->loop, fds[0], &limits, &events, &h->keeper, &e), 0);
    assert_int_equal(desk_set_keeper(h->desk, fds[1], &e), 0);
}

static struct house *open_house(const char *yaml)
{
    struct house *h = calloc(1, sizeof *h);
    struct err e = { 0 };
    assert_non_null(h);
    h->out = buf_new(GATE_PAYLOAD_MAX);
    h->mem = arena_new(32 << 20);
    if (loop_new(&h->loop, &e) || options_read(slice_of(yaml), "test", &h->options, &e))
        fail_msg("%s", e.text);
    h->options.knowledge.rules = RULES;
    h->options.knowledge.compiler = COMPILER;
    if (knowledge_open(&h->knowledge, &h->options.knowledge, &e))
        fail_msg("%s", e.text);
    const struct desk_settings s = { &h->options, &h->knowledge, WORKER, desk_stopped, h };
    if (desk_new(h->loop, &s, &h->desk, &e))
        fail_msg("%s", e.text);
    open_door(h);
    return h;
}

static void close_house(struct house *h)
{
    desk_drop(&h->desk);
    channel_drop(&h->door);
    channel_drop(&h->keeper);
    knowledge_close(&h->knowledge);
    options_drop(&h->options);
    loop_drop(&h->loop);
    arena_drop(&h->mem);
    buf_drop(&h->out);
    free(h);
}

static const slice to[] = { SLICE_INIT("b@example.invalid") };

static int ask_of(struct house *h, uint64_t id, slice body, int fd, uint64_t size,
                  enum gate_direction direction)
{
    const struct gate_request q = { .id = id,
                                    .door = SLICE_LIT("milter"),
                                    .direction = direction,
                                    .queue_id = SLICE_LIT("Q1"),
                                    .client_address = SLICE_LIT("192.0.2.1"),
                                    .sender = SLICE_LIT("a@example.invalid"),
                                    .recipients = to,
                                    .n_recipients = 1,
                                    .want_report = true,
                                    .size = size,
                                    .has_fd = fd >= 0,
                                    .body = body };
    buf_clear(&h->out);
    assert_true(gate_put_request(&h->out, &q));
    return channel_send(h->door, GATE_SCAN, buf_slice(&h->out), fd);
}

static int ask_as(struct house *h, uint64_t id, slice body, int fd, uint64_t size)
{
    return ask_of(h, id, body, fd, size, GATE_IN);
}

static void ask(struct house *h, uint64_t id, slice body)
{
    assert_int_equal(ask_as(h, id, body, -1, body.len), 0);
}

static slice example(const char *name)
{
    static struct buf text;
    char path[512];
    struct err e = { 0 };
    buf_drop(&text);
    text = buf_new(1 << 20);
    (void)snprintf(path, sizeof path, "%s/%s", EXAMPLES, name);
    if (file_read(path, 1 << 20, &text, &e))
        fail_msg("%s", e.text);
    return buf_slice(&text);
}

/* --- what is answered */

static unsigned answered_once(const struct house *h, unsigned from, unsigned n)
{
    unsigned good = 0;
    for (unsigned i = from; i < from + n; i++)
        good += h->seen[i] == 1;
    return good;
}

static void verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file, *yaml;
        enum keeper_mode mode;
        enum verdict verdict;
        enum deed deed;
        const char *trouble; /* in its text; NULL: none */
        unsigned puts, vaulted;
    } cases[] = {
        { "clean, observed", "01-true-reply.eml", "", KEEPS, VERDICT_CLEAN, DEED_DELIVER, NULL, 1,
          0 },
        { "malicious, observed", "03-reply-spoof.eml", "", KEEPS, VERDICT_MALICIOUS, DEED_TAG, NULL,
          1, 0 },
        { "observed with a full disk", "03-reply-spoof.eml", "", IS_FULL, VERDICT_MALICIOUS,
          DEED_TAG, NULL, 1, 0 },
        { "no store", "03-reply-spoof.eml", "store.on: no", KEEPS, VERDICT_MALICIOUS, DEED_TAG,
          NULL, 0, 0 },
        { "clean", "01-true-reply.eml", "observe: no", KEEPS, VERDICT_CLEAN, DEED_DELIVER, NULL, 1,
          0 },
        { "clean, keeper silent", "01-true-reply.eml", "observe: no", IS_SILENT, VERDICT_CLEAN,
          DEED_DELIVER, NULL, 1, 0 },
        { "clean, always kept, disk full", "01-true-reply.eml", "{observe: no, store.always: yes}",
          IS_FULL, VERDICT_CLEAN, DEED_TEMPFAIL, "disk is full", 1, 0 },
        { "refused", "03-reply-spoof.eml", "observe: no", KEEPS, VERDICT_MALICIOUS, DEED_REJECT,
          NULL, 1, 1 },
        { "refused, disk full", "03-reply-spoof.eml", "observe: no", IS_FULL, VERDICT_CLEAN,
          DEED_TEMPFAIL, "disk is full", 1, 1 },
        { "refused, keeper silent", "03-reply-spoof.eml", "{observe: no, store.timeout: 200ms}",
          IS_SILENT, VERDICT_CLEAN, DEED_TEMPFAIL, "does not answer", 1, 1 },
        { "refused, keeper speaks of another", "03-reply-spoof.eml",
          "{observe: no, store.timeout: 200ms}", LIES, VERDICT_CLEAN, DEED_TEMPFAIL,
          "does not answer", 1, 1 },
        { "refused, keeper dies", "03-reply-spoof.eml", "{observe: no, store.timeout: 200ms}",
          IS_AWAY, VERDICT_CLEAN, DEED_TEMPFAIL, "does not answer", 1, 1 },
        { "refused without a vault", "03-reply-spoof.eml",
          "{observe: no, store.vault: no, deeds: {limit: tag, crashed: tag, suspicious: tag}}",
          KEEPS, VERDICT_MALICIOUS, DEED_REJECT, NULL, 1, 0 },
        { "held", "12-templates-lure.eml", "observe: no", KEEPS, VERDICT_SUSPICIOUS, DEED_HOLD,
          NULL, 1, 1 },
        { "encrypted", "08-zip-password-nowhere.eml", "observe: no", KEEPS, VERDICT_UNKNOWN,
          DEED_TAG, NULL, 1, 0 },
        { "another deed for the domain", "03-reply-spoof.eml",
          "{observe: no, deeds.domains: [\"example.invalid malicious=hold\"]}", KEEPS,
          VERDICT_MALICIOUS, DEED_HOLD, NULL, 1, 1 },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct house *h = open_house(row->yaml);
        open_keeper(h, row->mode);
        ask(h, 1, example(row->file));
        await(h, 1);
        if (h->last.verdict != row->verdict || h->last.deed != row->deed)
            table_wrong(&t, row->name, "%s, %s", verdict_name(h->last.verdict),
                        deed_name(h->last.deed));
        if (row->trouble ? slice_find(h->last.trouble, slice_of(row->trouble), 0) == SIZE_MAX
                         : h->last.trouble.len > 0)
            table_wrong(&t, row->name, "trouble: '%.*s'", SLICE_FMT(h->last.trouble));
        /* Said and written alike; a tag has its headers, what is refused its number. */
        if (!row->trouble &&
            (slice_find(h->last.report, h->last.reference, 0) == SIZE_MAX ||
             h->last.reference.len != 15 ||
             (h->last.deed == DEED_TAG) != (h->last.n_headers == 3) ||
             slice_find(h->last.report, SLICE_LIT("\"queue_id\":\"Q1\""), 0) == SIZE_MAX))
            table_wrong(&t, row->name, "not said: %.*s", SLICE_FMT(h->last.reply));
        run_us(h, 20000); /* no second answer; and the record that nobody waited for */
        if (h->answers != 1 || h->puts != row->puts || h->vaulted != row->vaulted)
            table_wrong(&t, row->name, "%u answers, %u records, %u vaulted", h->answers, h->puts,
                        h->vaulted);
        close_house(h);
    }
}

/* A file that a program asks about is nobody's mail: it is not vaulted, nor waited for. */
static void files(void **state)
{
    (void)state;
    struct house *h = open_house("{observe: no, store.timeout: 20s}");
    open_keeper(h, IS_SILENT);
    slice spoof = example("03-reply-spoof.eml");
    assert_int_equal(ask_of(h, 1, spoof, -1, spoof.len, GATE_FILE), 0);
    await(h, 1);
    assert_int_equal(h->last.verdict, VERDICT_MALICIOUS);
    assert_int_equal(h->last.deed, DEED_REJECT);
    while (h->puts == 0)
        run_us(h, 10000);
    assert_int_equal(h->vaulted, 0);
    assert_true(slice_is(h->last_put.direction, "file"));
    close_house(h);
}

/* A keeper that died is begun again: what waits is given to the new one, with the same number. */
static void another_keeper(void **state)
{
    (void)state;
    struct house *h = open_house("{observe: no, store.timeout: 20s}");
    open_keeper(h, IS_AWAY);
    ask(h, 1, example("03-reply-spoof.eml"));
    run_us(h, 300000);
    while (h->puts == 0)
        run_us(h, 300000);
    assert_int_equal(h->answers, 0);
    char reference[GATE_REFERENCE] = "";
    (void)slice_copy_out(h->last_put.reference, (uint8_t *)reference, sizeof reference - 1);
    open_keeper(h, KEEPS);
    await(h, 1);
    assert_int_equal(h->last.deed, DEED_REJECT);
    assert_true(slice_is(h->last.reference, reference) &&
                slice_is(h->last_put.reference, reference));
    assert_int_equal(h->puts, 2);
    /* None is there when it is judged. */
    channel_drop(&h->keeper);
    run_us(h, 10000);
    ask(h, 2, example("03-reply-spoof.eml"));
    run_us(h, 300000);
    assert_int_equal(h->answers, 1);
    open_keeper(h, KEEPS);
    await(h, 2);
    assert_int_equal(h->last.deed, DEED_REJECT);
    run_us(h, 20000);
    assert_int_equal(answered_once(h, 1, 2), 2);
    close_house(h);
}

/* --- bodies */

static void descriptors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        long lie; /* added to the size that is said */
        bool pipe, trouble;
    } cases[] = {
        { "a sealed file", 0, false, false },
        { "shorter than the file", -100, false, false },
        { "longer than the file", 1, false, true },
        { "far longer", 1L << 40, false, true },
        { "a pipe", 0, true, true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct house *h = open_house("");
        slice body = example("03-reply-spoof.eml");
        struct err e = { 0 };
        int fd = -1, pipes[2] = { -1, -1 };
        assert_int_equal(file_sealed_bytes(body, &fd, &e), 0);
        assert_int_equal(pipe(pipes), 0);
        assert_int_equal(ask_as(h, 1, (slice){ 0 }, row->pipe ? pipes[0] : fd,
                                (uint64_t)((long)body.len + row->lie)),
                         0);
        (void)close(fd), (void)close(pipes[0]), (void)close(pipes[1]);
        h->wanted = 1;
        run_us(h, WAIT_US);
        /* A client of the door can cut his file at any time: others are answered as before. */
        if (h->shut || h->answers != 1 || (h->last.trouble.len > 0) != row->trouble)
            table_wrong(&t, row->name, "shut: %d, %u answers", h->shut, h->answers);
        if (!row->trouble && !row->lie)
            table_true(&t, row->name, h->last.verdict == VERDICT_MALICIOUS);
        close_house(h);
    }
}

/* What clamd's FILDES hands over is the client's own file, which no vault takes. */
static void lent_files(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file, *yaml;
        enum gate_direction direction;
        bool sealed;
        enum verdict verdict;
        enum deed deed;
        unsigned puts, vaulted;
    } cases[] = {
        { "malicious", "03-reply-spoof.eml", "observe: no", GATE_FILE, false, VERDICT_MALICIOUS,
          DEED_REJECT, 1, 0 },
        { "suspicious", "12-templates-lure.eml", "observe: no", GATE_FILE, false,
          VERDICT_SUSPICIOUS, DEED_HOLD, 1, 0 },
        { "always kept", "03-reply-spoof.eml", "{observe: no, store.always: yes}", GATE_FILE, false,
          VERDICT_MALICIOUS, DEED_REJECT, 1, 0 },
        { "sealed, and still the asker's", "03-reply-spoof.eml", "observe: no", GATE_FILE, true,
          VERDICT_MALICIOUS, DEED_REJECT, 1, 0 },
        { "a mail is still promised", "03-reply-spoof.eml", "observe: no", GATE_IN, false,
          VERDICT_MALICIOUS, DEED_REJECT, 1, 1 },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct house *h = open_house(row->yaml);
        slice body = example(row->file);
        struct err e = { 0 };
        int fd = memfd_create("lent", MFD_CLOEXEC);
        assert_int_equal(write(fd, body.at, body.len), (long)body.len);
        if (row->sealed) {
            (void)close(fd);
            assert_int_equal(file_sealed_bytes(body, &fd, &e), 0);
        }
        open_keeper(h, KEEPS);
        assert_int_equal(ask_of(h, 1, (slice){ 0 }, fd, body.len, row->direction), 0);
        (void)close(fd);
        await(h, 1);
        run_us(h, 20000);
        if (h->last.verdict != row->verdict || h->last.deed != row->deed || h->last.trouble.len ||
            h->puts != row->puts || h->vaulted != row->vaulted)
            table_wrong(&t, row->name, "%s, %s, %u records, %u vaulted",
                        verdict_name(h->last.verdict), deed_name(h->last.deed), h->puts,
                        h->vaulted);
        close_house(h);
    }
}

/* --- load, and what dies under it */

static void overload(void **state)
{
    (void)state;
    struct house *h = open_house("{queue.objects: 5, observe: no, store.on: no, workers.number: 1, "
                                 "deeds: {limit: tag, crashed: tag, suspicious: tag}}");
    slice body = example("02-expense-macro.eml");
    for (unsigned i = 1; i <= 200; i++)
        ask(h, i, body);
    await(h, 200);
    assert_int_equal(answered_once(h, 1, 200), 200);
    struct desk_counts c = desk_counts(h->desk);
    assert_true(c.overloaded > 100 && c.overloaded < 200);
    assert_int_equal(c.taken, 200);
    assert_int_equal(c.answered, 200);
    ask(h, 300, body); /* and afterwards all is well */
    await(h, 201);
    assert_int_equal(h->last.trouble.len, 0);
    close_house(h);
}

/* One alone may be larger than all that may wait; the next ones find no room behind it. */
static void a_large_one_waits(void **state)
{
    (void)state;
    struct house *h = open_house("{queue.bytes: 1m, workers.number: 1, store.on: no}");
    struct buf body = buf_new(2 << 20);
    struct err e = { 0 };
    while (body.len < (3 << 19))
        buf_text(&body, "Good morning. ");
    for (unsigned i = 1; i <= 20; i++) {
        int fd = -1;
        assert_int_equal(file_sealed_bytes(buf_slice(&body), &fd, &e), 0);
        assert_int_equal(ask_as(h, i, (slice){ 0 }, fd, body.len), 0);
        (void)close(fd);
    }
    await(h, 20);
    assert_int_equal(answered_once(h, 1, 20), 20);
    assert_true(desk_counts(h->desk).overloaded > 0);
    buf_drop(&body);
    close_house(h);
}

static void a_worker_dies(void **state)
{
    (void)state;
    struct house *h = open_house("observe: no");
    open_keeper(h, KEEPS);
    ask(h, 1, SLICE_LIT("SEKISHO-PLANTED-BUG and so on"));
    ask(h, 2, example("01-true-reply.eml"));
    await(h, 2);
    assert_int_equal(answered_once(h, 1, 2), 2);
    assert_int_equal(h->vaulted, 1); /* held, as the rules of crashed say */
    h->wanted = 3;
    ask(h, 3, SLICE_LIT("SEKISHO-PLANTED-BUG and so on"));
    await(h, 3);
    assert_int_equal(h->last.verdict, VERDICT_UNKNOWN);
    assert_int_equal(h->last.unread, 1U << UNREAD_CRASHED);
    assert_int_equal(h->last.deed, DEED_HOLD);
    close_house(h);
}

static pid_t child_of(pid_t parent)
{
    char path[64], text[64] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    if (!fgets(text, sizeof text, f))
        text[0] = 0;
    (void)fclose(f);
    return (pid_t)strtol(text, NULL, 10);
}

static void the_head_is_killed(void **state)
{
    (void)state;
    struct house *h = open_house("{workers.number: 2, queue.objects: 1000}");
    slice body = example("02-expense-macro.eml");
    for (unsigned i = 1; i <= 300; i++)
        ask(h, i, body);
    await(h, 20);
    pid_t head = child_of(getpid());
    assert_true(head > 1);
    assert_int_equal(kill(head, SIGKILL), 0);
    uint64_t from = clock_us();
    await(h, h->answers + 10);
    assert_true(clock_us() - from < 10000000); /* machines under test are slow; 0.1 s alone */
    await(h, 300);
    assert_int_equal(answered_once(h, 1, 300), 300);
    assert_int_equal(h->last.trouble.len, 0);
    assert_int_equal(desk_counts(h->desk).pool_restarts, 1);
    assert_int_equal(desk_counts(h->desk).troubles, 0); /* none was lost: they were read again */
    assert_true(h->states >= 3 && h->ready < h->states);
    close_house(h);
}

static void cancelled(void **state)
{
    (void)state;
    struct house *h = open_house("workers.number: 1");
    slice body = example("02-expense-macro.eml");
    for (unsigned i = 1; i <= 20; i++)
        ask(h, i, body);
    for (unsigned i = 1; i <= 20; i += 2) {
        buf_clear(&h->out);
        assert_true(gate_put_cancel(&h->out, i));
        assert_int_equal(channel_send(h->door, GATE_CANCEL, buf_slice(&h->out), -1), 0);
    }
    ask(h, 100, body);
    h->wanted = 100;
    for (unsigned i = 0; i < 100 && !h->seen[100]; i++)
        run_us(h, 100000);
    unsigned even = 0, odd = 0;
    for (unsigned i = 1; i <= 20; i++)
        *(i % 2 ? &odd : &even) += h->seen[i];
    assert_int_equal(even, 10);
    assert_true(odd <= 3); /* those that were answered before */
    close_house(h);
}

static void hostile_doors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t word;
        slice payload;
        bool shut;
    } cases[] = {
        { "an empty request", GATE_SCAN, SLICE_INIT(""), true },
        { "garbage", GATE_SCAN, SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
          true },
        { "an unknown word", 99, SLICE_INIT("x"), true },
        { "an answer", GATE_ANSWER, SLICE_INIT(""), true },
        { "half a cancel", GATE_CANCEL, SLICE_INIT("\1\0"), true },
        { "a cancel of nothing", GATE_CANCEL, SLICE_INIT("\1\0\0\0\0\0\0\0"), false },
        { "a fetch of nothing", GATE_FETCH, SLICE_INIT("\1"), true },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct house *h = open_house("workers.number: 1");
        assert_int_equal(channel_send(h->door, row->word, row->payload, -1), 0);
        run_us(h, row->shut ? WAIT_US : 20000);
        table_true(&t, row->name, h->shut == row->shut);
        if (row->shut) { /* others go on */
            channel_drop(&h->door);
            open_door(h);
        }
        ask(h, 1, example("01-true-reply.eml"));
        await(h, 1);
        close_house(h);
    }
}

/* What Prometheus reads: each line is a comment, or a name and a number. */
static void metrics(void **state)
{
    (void)state;
    struct house *h = open_house("{workers.number: 1, store.on: no}");
    ask(h, 1, example("03-reply-spoof.eml"));
    await(h, 1);
    struct buf text = buf_new(1 << 16);
    desk_put_metrics(h->desk, &text);
    static const char *const wanted[] = { "sekisho_verdicts_total{verdict=\"malicious\"} 1\n",
                                          "sekisho_deeds_total{deed=\"tag\"} 1\n",
                                          "sekisho_desk_taken_total 1\n",
                                          "sekisho_examination_seconds_count 1\n",
                                          "le=\"+Inf\"} 1\n",
                                          "sekisho_keeper_up 0\n" };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (slice_find(buf_slice(&text), slice_of(wanted[i]), 0) == SIZE_MAX)
            fail_msg("no %s", wanted[i]);
    size_t lines = 0;
    for (size_t at = 0, end; at < text.len; at = end + 1, lines++) {
        end = slice_find_byte(buf_slice(&text), '\n', at);
        assert_true(end != SIZE_MAX);
        slice line = slice_sub(buf_slice(&text), at, end - at);
        assert_true(slice_starts(line, SLICE_LIT("# ")) ||
                    slice_starts(line, SLICE_LIT("sekisho_")));
    }
    assert_true(lines > 30);
    buf_drop(&text);
    close_house(h);
}

/* A door that dies with objects on their way costs nothing but these. */
static void a_door_dies(void **state)
{
    (void)state;
    struct house *h = open_house("{observe: no, workers.number: 1}");
    open_keeper(h, KEEPS);
    slice body = example("03-reply-spoof.eml");
    for (unsigned i = 1; i <= 20; i++)
        ask(h, i, body);
    await(h, 2);
    channel_drop(&h->door);
    open_door(h);
    ask(h, 100, body);
    await(h, 3);
    assert_int_equal(h->seen[100], 1);
    close_house(h);
}

static void stopping(void **state)
{
    (void)state;
    struct house *h = open_house("workers.number: 1");
    slice body = example("02-expense-macro.eml");
    for (unsigned i = 1; i <= 30; i++)
        ask(h, i, body);
    await(h, 2);
    desk_stop(h->desk, 20000);
    ask(h, 31, body); /* from a door that has not heard yet */
    await(h, 31);
    assert_int_equal(answered_once(h, 1, 31), 31);
    assert_false(h->stopped);
    channel_drop(&h->door);
    run_us(h, WAIT_US);
    assert_true(h->stopped);
    close_house(h);
    /* A door that stays without asking is not waited for. */
    h = open_house("workers.number: 1");
    desk_stop(h->desk, 100);
    run_us(h, 5000000);
    while (!h->stopped && !h->timed_out)
        run_us(h, 5000000);
    assert_true(h->stopped);
    close_house(h);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),           cmocka_unit_test(descriptors),
        cmocka_unit_test(overload),           cmocka_unit_test(a_worker_dies),
        cmocka_unit_test(the_head_is_killed), cmocka_unit_test(cancelled),
        cmocka_unit_test(hostile_doors),      cmocka_unit_test(a_door_dies),
        cmocka_unit_test(stopping),           cmocka_unit_test(metrics),
        cmocka_unit_test(another_keeper),     cmocka_unit_test(files),
        cmocka_unit_test(lent_files),         cmocka_unit_test(a_large_one_waits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
