/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/serve_testing.h"
#include "os/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct asker {
    struct link_question q;
    struct link *again; /* asked anew from within the answer */
    unsigned answers, troubles, fetched;
    uint64_t tag;
    bool taken_again;
};

static const struct gate_request plain = {
    .door = SLICE_INIT("test"), .direction = GATE_FILE, .size = 4, .body = SLICE_INIT("mail")
};

static void on_answer(struct link_question *q, const struct gate_answer *a)
{
    struct asker *k = q->host;
    k->answers++;
    k->troubles += a->trouble.len > 0;
    k->tag = a->id;
    if (k->again)
        k->taken_again = link_ask(k->again, &k->q, &plain, -1);
}

static void on_fetched(struct link_question *q, const struct gate_fetched *f)
{
    struct asker *k = q->host;
    k->fetched += f->found ? 1 : 100;
}

static struct asker *ready(struct asker *k, uint64_t tag)
{
    *k = (struct asker){ .q = { .host = k, .tag = tag, .answered = on_answer } };
    return k;
}

struct scene {
    struct loop *loop;
    struct link *link;
    struct test_desk desk;
};

static void begin(struct scene *s, enum desk_manner manner)
{
    struct err e;
    assert_int_equal(loop_new(&s->loop, &e), 0);
    assert_int_equal(link_new(s->loop, 60000, &s->link), 0);
    assert_int_equal(link_give(s->link, test_desk_new(&s->desk, s->loop, manner), &e), 0);
    test_desk_say_ready(&s->desk, true);
    test_turn(s->loop, 5);
}

static void end(struct scene *s)
{
    link_drop(&s->link);
    channel_drop(&s->desk.channel);
    loop_drop(&s->loop);
}

static void is_answered_once(void **state)
{
    (void)state;
    struct scene s;
    struct asker a, b;
    begin(&s, DESK_HOLDS);
    assert_true(link_ask(s.link, &ready(&a, 7)->q, &plain, -1) &&
                link_ask(s.link, &ready(&b, 7)->q, &plain, -1));
    test_turn(s.loop, 5);
    assert_true(s.desk.n_held == 2 && s.desk.held[0] != s.desk.held[1]);
    test_desk_answer(&s.desk, s.desk.held[1], VERDICT_CLEAN);
    test_desk_answer(&s.desk, s.desk.held[1], VERDICT_CLEAN);                     /* twice */
    test_desk_answer(&s.desk, s.desk.held[1] ^ UINT64_C(1) << 40, VERDICT_CLEAN); /* of no time */
    test_desk_answer(&s.desk, UINT64_MAX, VERDICT_CLEAN);
    test_turn(s.loop, 5);
    assert_true(b.answers == 1 && b.tag == 7 && a.answers == 0);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    test_turn(s.loop, 5);
    assert_true(a.answers == 1 && link_counts(s.link).open == 0);
    end(&s);
}

static void takes_nothing_without_a_desk(void **state)
{
    (void)state;
    struct scene s;
    struct asker a;
    int fd;
    begin(&s, DESK_HOLDS);
    test_desk_say_ready(&s.desk, false);
    test_turn(s.loop, 5);
    assert_non_null(link_state(s.link));
    assert_int_equal(file_sealed_bytes(SLICE_LIT("mail"), &fd, NULL), 0);
    struct gate_request r = { .direction = GATE_FILE, .size = 4, .has_fd = true };
    assert_false(link_ask(s.link, &ready(&a, 1)->q, &r, fd));
    assert_true(fcntl(fd, F_GETFD) < 0); /* closed */
    channel_drop(&s.desk.channel);
    test_turn(s.loop, 5);
    assert_null(link_state(s.link));
    assert_false(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    link_forget(&a.q);
    assert_int_equal(a.answers, 0);
    end(&s);
}

/* After a desk has died the next one's socket is there before it can speak: nobody need come again.
 */
static void a_desk_that_begins_is_waited_for(void **state)
{
    (void)state;
    struct scene s;
    struct test_desk next;
    struct asker a, b;
    struct err e;
    begin(&s, DESK_HOLDS);
    channel_drop(&s.desk.channel);
    test_turn(s.loop, 5);
    assert_false(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    assert_int_equal(link_give(s.link, test_desk_new(&next, s.loop, DESK_ANSWERS), &e), 0);
    assert_true(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    assert_null(link_state(s.link));
    test_turn(s.loop, 5);
    assert_true(a.answers == 1 && !a.troubles);
    test_desk_say_ready(&next, false); /* it knows now that it takes nothing */
    test_turn(s.loop, 5);
    assert_false(link_ask(s.link, &ready(&b, 2)->q, &plain, -1));
    channel_drop(&next.channel);
    end(&s);
}

static void a_desk_that_dies_answers_later(void **state)
{
    (void)state;
    struct scene s;
    struct asker a[100];
    begin(&s, DESK_HOLDS);
    for (size_t i = 0; i < 100; i++) {
        assert_true(link_ask(s.link, &ready(&a[i], i)->q, &plain, -1));
        a[i].again = s.link;
    }
    test_turn(s.loop, 5);
    channel_drop(&s.desk.channel);
    test_turn(s.loop, 5);
    for (size_t i = 0; i < 100; i++)
        assert_true(a[i].answers == 1 && a[i].troubles == 1 && !a[i].taken_again);
    assert_int_equal(link_counts(s.link).lost, 100);
    end(&s);
}

static void nonsense_ends_the_desk(void **state)
{
    (void)state;
    struct scene s;
    struct asker a;
    begin(&s, DESK_LIES);
    assert_true(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    test_turn(s.loop, 10);
    assert_true(a.answers == 1 && a.troubles == 1 && s.desk.closed && !link_state(s.link));
    end(&s);
}

static void a_new_desk_takes_over(void **state)
{
    (void)state;
    struct scene s;
    struct test_desk next;
    struct asker old, between, new;
    struct err e;
    begin(&s, DESK_HOLDS);
    assert_true(link_ask(s.link, &ready(&old, 1)->q, &plain, -1));
    assert_int_equal(link_give(s.link, test_desk_new(&next, s.loop, DESK_ANSWERS), &e), 0);
    /* It has not spoken yet: nobody is told to come again. */
    assert_true(link_ask(s.link, &ready(&between, 3)->q, &plain, -1));
    test_desk_say_ready(&next, true);
    test_turn(s.loop, 5);
    assert_true(link_ask(s.link, &ready(&new, 2)->q, &plain, -1));
    test_turn(s.loop, 5);
    assert_true(new.answers == 1 && !new.troubles &&old.answers == 0 &&
                !s.desk.closed &&s.desk.n_held == 2);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN);
    test_desk_answer(&s.desk, s.desk.held[1], VERDICT_CLEAN);
    test_turn(s.loop, 5);
    assert_true(old.answers == 1 && between.answers == 1 && !old.troubles && s.desk.closed &&
                !next.closed);
    channel_drop(&next.channel);
    end(&s);
}

static void an_old_desk_that_dies_harms_no_other(void **state)
{
    (void)state;
    struct scene s;
    struct test_desk next;
    struct asker old, new;
    struct err e;
    begin(&s, DESK_HOLDS);
    assert_true(link_ask(s.link, &ready(&old, 1)->q, &plain, -1));
    old.again = s.link;
    assert_int_equal(link_give(s.link, test_desk_new(&next, s.loop, DESK_HOLDS), &e), 0);
    test_desk_say_ready(&next, true);
    test_turn(s.loop, 5);
    assert_true(link_ask(s.link, &ready(&new, 2)->q, &plain, -1));
    channel_drop(&s.desk.channel);
    test_turn(s.loop, 5);
    assert_true(old.troubles == 1 && old.taken_again && new.answers == 0 && link_state(s.link));
    assert_int_equal(next.n_held, 2);
    channel_drop(&next.channel);
    end(&s);
}

static void a_silent_desk_is_waited_for_so_long(void **state)
{
    (void)state;
    struct scene s;
    struct asker a;
    begin(&s, DESK_HOLDS);
    link_answer_within(s.link, 20);
    assert_true(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    test_turn(s.loop, 100);
    assert_true(a.answers == 1 && a.troubles == 1 && s.desk.cancels == 1);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_CLEAN); /* too late */
    test_turn(s.loop, 5);
    assert_true(a.answers == 1 && link_state(s.link));
    end(&s);
}

static void what_is_forgotten_is_not_answered(void **state)
{
    (void)state;
    struct scene s;
    struct asker a, b;
    begin(&s, DESK_HOLDS);
    assert_true(link_ask(s.link, &ready(&a, 1)->q, &plain, -1));
    test_turn(s.loop, 5);
    link_forget(&a.q);
    link_forget(&a.q);
    assert_true(link_ask(s.link, &ready(&b, 2)->q, &plain, -1)); /* in the same place */
    test_turn(s.loop, 5);
    test_desk_answer(&s.desk, s.desk.held[0], VERDICT_MALICIOUS);
    test_turn(s.loop, 5);
    assert_true(a.answers == 0 && b.answers == 0 && s.desk.cancels == 1);
    test_desk_answer(&s.desk, s.desk.held[1], VERDICT_CLEAN);
    test_turn(s.loop, 5);
    assert_int_equal(b.answers, 1);
    end(&s);
}

static void reports_are_fetched(void **state)
{
    (void)state;
    struct scene s;
    struct asker a = { .q = { .host = &a, .fetched = on_fetched } };
    begin(&s, DESK_HOLDS);
    assert_true(link_fetch(s.link, &a.q, SLICE_LIT("261122-7K3F9Q2M")));
    test_turn(s.loop, 5);
    assert_int_equal(a.fetched, 1);
    assert_true(link_fetch(s.link, &a.q, SLICE_LIT("261122-00000000")));
    test_turn(s.loop, 5);
    assert_int_equal(a.fetched, 101);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_answered_once),
        cmocka_unit_test(takes_nothing_without_a_desk),
        cmocka_unit_test(a_desk_that_begins_is_waited_for),
        cmocka_unit_test(a_desk_that_dies_answers_later),
        cmocka_unit_test(nonsense_ends_the_desk),
        cmocka_unit_test(a_new_desk_takes_over),
        cmocka_unit_test(an_old_desk_that_dies_harms_no_other),
        cmocka_unit_test(a_silent_desk_is_waited_for_so_long),
        cmocka_unit_test(what_is_forgotten_is_not_answered),
        cmocka_unit_test(reports_are_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
