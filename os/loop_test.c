/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: order of timers, watches that go away within a callback, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/loop.h"
#include "tests/table.h"

enum { MANY = 10000, WATCHES = 300 };

static struct loop *new_loop(void)
{
    struct loop *l = NULL;
    struct err e = { 0 };
    assert_int_equal(loop_new(&l, &e), 0);
    return l;
}

static void run(struct loop *l)
{
    struct err e = { 0 };
    assert_int_equal(loop_run(l, &e), 0);
}

/* --- timers */

struct ring {
    struct loop *loop;
    unsigned called, wrong, wanted;
    uint64_t last_us;
};

static void in_order(struct loop_timer *t)
{
    struct ring *r = t->host;
    r->wrong += t->at_us < r->last_us || clock_us() < t->at_us || t->place;
    r->last_us = t->at_us;
    if (++r->called == r->wanted)
        loop_stop(r->loop);
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

/* 10 000 set, a third of them set anew, a third taken out: the others run, in order. */
static void many_timers(void **state)
{
    (void)state;
    static struct loop_timer timers[MANY];
    struct ring r = { .loop = new_loop() };
    unsigned seed = 1;
    for (size_t i = 0; i < MANY; i++) {
        timers[i] = (struct loop_timer){ .due = in_order, .host = &r };
        assert_true(loop_after(r.loop, &timers[i], next_random(&seed) % 50000));
    }
    for (size_t i = 0; i < MANY; i += 3) {
        assert_true(loop_after(r.loop, &timers[i], next_random(&seed) % 50000));
        loop_cancel(r.loop, &timers[i + (i + 1 < MANY)]);
    }
    for (size_t i = 0; i < MANY; i++)
        r.wanted += timers[i].place != 0;
    loop_cancel(r.loop, &timers[1]); /* not set: nothing */
    run(r.loop);
    assert_int_equal(r.called, r.wanted);
    assert_int_equal(r.wrong, 0);
    loop_drop(&r.loop);
}

struct chain {
    struct loop *loop;
    struct loop_timer again, other, never;
    struct loop_watch watch;
    char said[16];
    size_t n;
};

static void say(struct chain *c, char what)
{
    if (c->n + 1 < sizeof c->said)
        c->said[c->n++] = what;
}

static void set_again(struct loop_timer *t)
{
    struct chain *c = t->host;
    say(c, 'a');
    assert_true(loop_after(c->loop, t, 0));
    loop_cancel(c->loop, &c->never);
}

static void other_due(struct loop_timer *t)
{
    say(t->host, 'o');
}

static void byte_came(struct loop_watch *w, unsigned events)
{
    struct chain *c = w->host;
    (void)events;
    say(c, 'w');
    loop_stop(c->loop);
}

/* A timer that sets itself anew at once keeps neither descriptors nor other timers waiting, and
 * one that another callback takes out does not run. */
static void greedy_timer(void **state)
{
    (void)state;
    int fds[2];
    struct err e = { 0 };
    struct chain c = { .loop = new_loop(),
                       .again = { .due = set_again },
                       .other = { .due = other_due },
                       .never = { .due = other_due } };
    c.again.host = c.other.host = c.never.host = &c;
    assert_int_equal(pipe(fds), 0);
    c.watch = (struct loop_watch){ .fd = fds[0], .ready = byte_came, .host = &c };
    assert_true(loop_after(c.loop, &c.again, 0));
    assert_true(loop_after(c.loop, &c.other, 0));
    assert_true(loop_after(c.loop, &c.never, 0));
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(loop_add(c.loop, &c.watch, LOOP_READ, &e), 0);
    run(c.loop);
    assert_string_equal(c.said, "w"); /* stopped before its timers */
    c.n = 0;
    loop_remove(c.loop, &c.watch);
    assert_true(loop_after(c.loop, &c.other, 2000));
    assert_true(loop_after(c.loop, &c.never, 60000000));
    c.watch.fd = fds[1];
    c.other.due = other_due;
    (void)usleep(3000);
    assert_int_equal(loop_add(c.loop, &c.watch, LOOP_WRITE, &e), 0);
    run(c.loop);
    assert_string_equal(c.said, "w");
    loop_drop(&c.loop);
    (void)close(fds[0]), (void)close(fds[1]);
}

static void stop_at_last(struct loop_timer *t)
{
    struct chain *c = t->host;
    say(c, 'o');
    loop_stop(c->loop);
}

static void timers_take_turns(void **state)
{
    (void)state;
    struct chain c = { .loop = new_loop(),
                       .again = { .due = set_again },
                       .other = { .due = stop_at_last },
                       .never = { .due = other_due } };
    c.again.host = c.other.host = c.never.host = &c;
    assert_true(loop_after(c.loop, &c.again, 0));
    assert_true(loop_after(c.loop, &c.other, 0));
    assert_true(loop_after(c.loop, &c.never, 0));
    run(c.loop);
    assert_string_equal(c.said, "ao");
    loop_drop(&c.loop);
}

/* --- watches */

struct crowd {
    struct loop *loop;
    struct loop_watch watches[WATCHES];
    bool gone[WATCHES];
    unsigned called, wrong;
};

/* The first that is called takes all others out, as a process does that loses its peer. */
static void remove_all(struct loop_watch *w, unsigned events)
{
    struct crowd *c = w->host;
    (void)events;
    c->called++;
    c->wrong += c->gone[w - c->watches];
    for (size_t i = 0; i < WATCHES; i++)
        if (!c->gone[i] && &c->watches[i] != w) {
            loop_remove(c->loop, &c->watches[i]);
            c->gone[i] = true;
        }
    loop_stop(c->loop);
}

static void count_and_stop(struct loop_timer *t)
{
    loop_stop(t->host);
}

static void removed_within(void **state)
{
    (void)state;
    static struct crowd c;
    int fds[2];
    struct err e = { 0 };
    c.loop = new_loop();
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    for (size_t i = 0; i < WATCHES; i++) {
        c.watches[i] = (struct loop_watch){ .fd = dup(fds[0]), .ready = remove_all, .host = &c };
        assert_int_equal(loop_add(c.loop, &c.watches[i], LOOP_READ, &e), 0);
    }
    run(c.loop);
    assert_int_equal(c.called, 1);
    run(c.loop); /* the one that is left */
    assert_int_equal(c.called, 2);
    assert_int_equal(c.wrong, 0);
    for (size_t i = 0; i < WATCHES; i++)
        (void)close(c.watches[i].fd);
    (void)close(fds[0]), (void)close(fds[1]);
    loop_drop(&c.loop);
}

struct seen {
    struct loop *loop;
    unsigned events;
};

static void note_events(struct loop_watch *w, unsigned events)
{
    struct seen *s = w->host;
    s->events |= events;
    loop_stop(s->loop);
}

enum peer { QUIET, SPEAKS, HALF_CLOSES, CLOSES };

static void what_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned wanted;
        enum peer peer;
        unsigned told;
    } cases[] = {
        { "nothing to read", LOOP_READ, QUIET, 0 },
        { "room to write", LOOP_WRITE, QUIET, LOOP_WRITE },
        { "bytes", LOOP_READ, SPEAKS, LOOP_READ },
        { "bytes nobody wants", 0, SPEAKS, 0 },
        { "the end of what the peer says is read", LOOP_READ, HALF_CLOSES, LOOP_READ },
        { "gone while nothing is wanted", 0, CLOSES, LOOP_GONE },
        { "gone while reading", LOOP_READ, CLOSES, LOOP_READ | LOOP_GONE },
        { "gone while writing", LOOP_WRITE, CLOSES, LOOP_WRITE | LOOP_GONE },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        int fds[2];
        struct err e = { 0 };
        struct seen s = { .loop = new_loop() };
        struct loop_watch w = { .ready = note_events, .host = &s };
        struct loop_timer latest = { .due = count_and_stop, .host = s.loop };
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        w.fd = fds[0];
        assert_int_equal(loop_add(s.loop, &w, row->wanted ? 0 : LOOP_READ, &e), 0);
        loop_want(s.loop, &w, row->wanted);
        assert_true(loop_after(s.loop, &latest, 2000));
        if (row->peer == SPEAKS)
            assert_int_equal(write(fds[1], "x", 1), 1);
        if (row->peer == HALF_CLOSES)
            assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
        if (row->peer == CLOSES)
            (void)close(fds[1]);
        run(s.loop);
        if (s.events != row->told)
            table_wrong(&t, row->name, "told %u", s.events);
        loop_remove(s.loop, &w);
        loop_drop(&s.loop);
        (void)close(fds[0]);
        if (row->peer != CLOSES)
            (void)close(fds[1]);
    }
}

static void refused(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct loop *l = new_loop();
    struct loop_watch closed = { .fd = -1, .ready = note_events };
    assert_int_equal(loop_add(l, &closed, LOOP_READ, &e), -EBADF);
    assert_true(e.text[0]);
    loop_remove(l, &closed);
    loop_drop(&l);
    loop_drop(&l);
}

/* --- signals */

struct signals {
    struct loop *loop;
    unsigned hup, term;
};

static void signal_came(void *host, int signal)
{
    struct signals *s = host;
    s->hup += signal == SIGHUP;
    s->term += signal == SIGTERM;
    if (signal == SIGTERM)
        loop_stop(s->loop);
}

static void signals_arrive(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct signals s = { .loop = new_loop() };
    assert_int_equal(loop_signal(s.loop, SIGHUP, signal_came, &s, &e), 0);
    assert_int_equal(loop_signal(s.loop, SIGTERM, signal_came, &s, &e), 0);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    run(s.loop);
    assert_int_equal(s.hup, 1);
    assert_int_equal(s.term, 1);
    loop_drop(&s.loop);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_timers),       cmocka_unit_test(greedy_timer),
        cmocka_unit_test(timers_take_turns), cmocka_unit_test(removed_within),
        cmocka_unit_test(what_is_told),      cmocka_unit_test(refused),
        cmocka_unit_test(signals_arrive),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
