/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"
#include "observe/whole/whole_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static uint32_t part(struct record *r, uint32_t parent)
{
    struct part p = { .parent = parent, .how = parent == NO_ID ? HOW_FILE : HOW_MIME };
    struct sink s = record_sink(r);
    s.part(s.host, &p);
    return r->n_parts - 1;
}

static uint32_t mail(struct record *r, uint32_t at)
{
    struct event e = { EVENT_MAIL, at };
    struct sink s = record_sink(r);
    s.event(s.host, &e);
    return r->n_events - 1;
}

static void fact(struct record *r, uint32_t event, enum fact_id id, const char *text)
{
    struct fact f = {
        .id = id, .event = event, .part = r->events[event].part, .text = slice_of(text)
    };
    struct sink s = record_sink(r);
    s.fact(s.host, &f);
}

static void body(struct record *r, uint32_t at, const char *text)
{
    struct view v = { FACT_EMAIL_BODY, at, strlen(text), slice_of(text) };
    struct sink s = record_sink(r);
    s.view(s.host, &v);
}

static size_t count(const struct record *r, uint32_t event, enum fact_id id)
{
    size_t n = 0;
    for (uint32_t i = 0; i < r->n_facts; i++)
        n += r->facts[i].whole && r->facts[i].event == event && r->facts[i].id == id;
    return n;
}

/* A mail in a mail: each is judged by its own facts and its own text. */
static void test_mail_in_mail(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    record_init(&r, mem);
    uint32_t outer = mail(&r, part(&r, NO_ID)), text = part(&r, 0), attached = part(&r, 0);
    uint32_t inner = mail(&r, attached), inner_text = part(&r, attached);
    fact(&r, outer, FACT_EMAIL_FROM_NAME, "Taro");
    fact(&r, outer, FACT_EMAIL_FROM_ADDRESS, "taro@own.example");
    fact(&r, inner, FACT_EMAIL_FROM_NAME, "taro@partner.example");
    fact(&r, inner, FACT_EMAIL_FROM_ADDRESS, "x@stolen.invalid");
    body(&r, text, "FYI\n");
    body(&r, inner_text,
         "ok\n\nFrom: A <a@partner.example>\nSent: today\nTo: u@own.example\nSubject: x\n");
    whole_observe(&r, &test_site);
    assert_int_equal(count(&r, outer, FACT_EMAIL_FROM_NAME_FOREIGN), 0);
    assert_int_equal(count(&r, inner, FACT_EMAIL_FROM_NAME_FOREIGN), 1);
    assert_int_equal(count(&r, outer, FACT_EMAIL_THREAD_QUOTED_LANGUAGE), 0);
    assert_int_equal(count(&r, inner, FACT_EMAIL_THREAD_QUOTED_SENDER_FOREIGN), 1);
    arena_drop(&mem);
}

/* multipart/alternative: the text without the quote comes first. */
static void test_two_bodies(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    record_init(&r, mem);
    uint32_t e = mail(&r, part(&r, NO_ID)), plain = part(&r, 0), html = part(&r, 0);
    fact(&r, e, FACT_EMAIL_FROM_ADDRESS, "x@stolen.invalid");
    body(&r, plain, "see html\n");
    body(&r, html,
         "ok\n\nFrom: A <a@partner.example>\nSent: today\nTo: u@own.example\nSubject: x\n");
    whole_observe(&r, &test_site);
    assert_int_equal(count(&r, e, FACT_EMAIL_THREAD_QUOTED_SENDER_FOREIGN), 1);
    arena_drop(&mem);
}

static void test_nothing(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    record_init(&r, mem);
    whole_observe(&r, &test_site);
    assert_int_equal(r.n_facts, 0);
    part(&r, NO_ID);
    whole_observe(&r, &test_site);
    mail(&r, 0);
    whole_observe(&r, &(struct site){ 0 });
    assert_int_equal(r.n_facts, 0);
    arena_drop(&mem);
}

/* Lists of thousands, long texts, and a thousand nested mails. */
static void test_hostile(void **state)
{
    (void)state;
    struct arena *mem = arena_new(128 << 20);
    struct record r;
    record_init(&r, mem);
    uint32_t e = mail(&r, part(&r, NO_ID));
    static const enum fact_id ids[] = {
        FACT_EMAIL_FROM_ADDRESS,     FACT_EMAIL_FROM_NAME,
        FACT_EMAIL_TO_ADDRESS,       FACT_EMAIL_CC_ADDRESS,
        FACT_EMAIL_RECEIVED_HOST,    FACT_EMAIL_RECEIVED_HELO,
        FACT_EMAIL_RECEIVED_ZONE,    FACT_EMAIL_RETURN_PATH_ADDRESS,
        FACT_EMAIL_REPLY_TO_ADDRESS, FACT_EMAIL_ATTACHMENTS_FILE_NAME,
        FACT_EMAIL_AUTH_RESULTS,     FACT_EMAIL_SUBJECT
    };
    for (unsigned i = 0; i < 20000; i++) {
        char text[80];
        snprintf(text, sizeof text, "アa%u@host%u.example%u.jp", i, i, i % 97);
        fact(&r, e, ids[i % (sizeof ids / sizeof *ids)], text);
    }
    for (unsigned i = 0; i < 1000; i++)
        mail(&r, part(&r, r.n_parts - 1));
    char *big = malloc((256 << 10) + 1);
    assert_non_null(big);
    for (size_t i = 0; i < 256 << 10; i++)
        big[i] = "From: a@b.cc\nTo: c@d.ee; f@g.hh\n"[i % 32];
    big[256 << 10] = 0;
    body(&r, 0, big);
    whole_observe(&r, &test_site);
    assert_false(r.full);
    free(big);
    arena_drop(&mem);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (size_t at = 1; at < 120; at++) {
        struct arena *mem = arena_new(1 << 20);
        struct record r;
        mail_record(&r, mem,
                    "email.from.name: taro@partner.example\nemail.from.address: "
                    "x@stolen.invalid\nemail.to.address: u.sato@own.example\n"
                    "email.subject: Re: カスタマー満足度アンケー\nemail.attachments.file.name: "
                    "カスタマー満足度アンケート調査.doc\n"
                    "email.auth.results: mx.own.example; spf=pass smtp.mailfrom=x@stolen.invalid\n",
                    "ok\n\n差出人: 山田 <a@partner.example>\n送信日時: 今日\n宛先: "
                    "u@own.example\n件名: x\n");
        uint32_t facts = r.n_facts;
        arena_fail_at(mem, at);
        whole_observe(&r, &test_site);
        assert_true(r.n_facts >= facts);
        arena_drop(&mem);
    }
}

static void test_strip(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        enum whole_prefix prefix;
        bool tagged;
    } cases[] = {
        { "Re: x", "x", PREFIX_REPLY, false },
        { "  RE: FW: [a 1] x ", "x", PREFIX_REPLY, true },
        { "Fwd: Re: x", "x", PREFIX_FORWARD, false },
        { "[x", "[x", PREFIX_NONE, false },
        { "", "", PREFIX_NONE, false },
        { "Re:", "", PREFIX_REPLY, false },
        { "re", "re", PREFIX_NONE, false },
        { "【返信】", "", PREFIX_REPLY, false },
        { "　Re：　x", "x", PREFIX_REPLY, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum whole_prefix prefix;
        bool tagged;
        slice s = whole_subject_strip(slice_of(cases[i].in), &prefix, &tagged);
        assert_int_equal(s.len, strlen(cases[i].out));
        assert_true(s.len == 0 || slice_is(s, cases[i].out));
        assert_int_equal(prefix, cases[i].prefix);
        assert_int_equal(tagged, cases[i].tagged);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_mail_in_mail),    cmocka_unit_test(test_two_bodies),
        cmocka_unit_test(test_nothing),         cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_memory_runs_out), cmocka_unit_test(test_strip),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
