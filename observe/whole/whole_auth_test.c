/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define FROM "email.from.address@1: a@partner.example\n"
#define RESULTS(n, text) "email.auth.results@" #n ": " text "\n"

static const struct mail_case cases[] = {
    { "all pass",
      FROM RESULTS(1, "mx.own.example; spf=pass smtp.mailfrom=a@partner.example; dkim=pass "
                      "header.d=partner.example; dmarc=pass header.from=partner.example"),
      NULL,
      "email.auth.spf=pass\nemail.auth.dkim=pass\nemail.auth.dkim.domain=partner.example\nemail."
      "auth.dmarc=pass\n!email.auth.foreign" },
    { "pass for another organisation",
      FROM RESULTS(1, "mx.own.example; spf=pass smtp.mailfrom=x@stolen.invalid; dkim=pass "
                      "header.d=stolen.invalid; dmarc=fail"),
      NULL, "email.auth.spf=pass\nemail.auth.dmarc=fail\nemail.auth.foreign" },
    { "one of two is aligned",
      FROM RESULTS(1, "mx.own.example; spf=pass smtp.mailfrom=b@service.invalid; dkim=pass "
                      "header.d=mail.partner.example"),
      NULL, "!email.auth.foreign" },
    { "pass for the real address, display shows another",
      "email.from.name@1: taro@partner.example\nemail.from.address@1: x@stolen.invalid\n" RESULTS(
          1, "mx.own.example; spf=pass smtp.mailfrom=x@stolen.invalid; dmarc=pass"),
      NULL, "email.auth.foreign" },
    { "nothing passed",
      FROM RESULTS(
          1, "mx.own.example; spf=fail smtp.mailfrom=x@stolen.invalid; dkim=none; dmarc=fail"),
      NULL, "email.auth.spf=fail\nemail.auth.dkim=none\n!email.auth.foreign" },
    { "two headers of ours, one method each",
      FROM RESULTS(1, "mx.own.example; dkim=pass header.i=@partner.example")
          RESULTS(2, "mx.own.example; spf=softfail smtp.mailfrom=q@x.invalid"),
      NULL,
      "email.auth.dkim=pass\nemail.auth.dkim.domain=partner.example\nemail.auth.spf=softfail" },
    { "two signatures, one good",
      FROM RESULTS(
          1,
          "mx.own.example; dkim=fail header.d=service.invalid; dkim=pass header.d=partner.example"),
      NULL,
      "email.auth.dkim=pass\nemail.auth.dkim.domain=partner.example\n!email.auth.dkim.domain="
      "service.invalid" },
    { "comments, folding, version, quotes",
      FROM RESULTS(
          1, "mx.own.example (our (nested) \\) server) 1 ;\tspf (checked) = pass reason=\"good; "
             "dkim=fail\" smtp.mailfrom=\"a@partner.example\" (x);dmarc/1=pass"),
      NULL, "email.auth.spf=pass\nemail.auth.dmarc=pass\n!email.auth.dkim" },
    { "case of names", FROM RESULTS(1, "MX.OWN.EXAMPLE; SPF=Pass smtp.MailFrom=partner.example"),
      NULL, "email.auth.spf=pass\n!email.auth.foreign" },
    { "ARC", FROM RESULTS(1, "mx.own.example; arc=fail"), NULL, "email.auth.arc=fail" },
    /* not to be believed */
    { "another server's",
      FROM RESULTS(1, "mx.stolen.invalid; spf=pass smtp.mailfrom=a@partner.example; dmarc=pass"),
      NULL, "!email.auth.spf\n!email.auth.dmarc" },
    { "a name that begins like ours",
      FROM RESULTS(1, "mx.own.example.stolen.invalid; spf=pass smtp.mailfrom=a@partner.example"),
      NULL, "!email.auth.spf" },
    { "forged below ours",
      FROM RESULTS(1, "mx.own.example; spf=fail; dkim=none; dmarc=fail")
          RESULTS(2, "mx.own.example; spf=pass smtp.mailfrom=a@partner.example; dkim=pass "
                     "header.d=partner.example; dmarc=pass"),
      NULL,
      "email.auth.spf=fail\nemail.auth.dkim=none\nemail.auth.dmarc=fail\n!email.auth.dkim.domain\n!"
      "email.auth.foreign" },
    { "no result", FROM RESULTS(1, "mx.own.example; none"), NULL, "!email.auth.spf" },
    { "future version", FROM RESULTS(1, "mx.own.example 2; spf=pass"), NULL, "!email.auth.spf" },
    { "our name only in a comment", FROM RESULTS(1, "(mx.own.example) mx.stolen.invalid; spf=pass"),
      NULL, "!email.auth.spf" },
    { "unclosed comment", FROM RESULTS(1, "mx.own.example; spf=pass (((("), NULL,
      "email.auth.spf=pass" },
    { "unclosed quote", FROM RESULTS(1, "mx.own.example; spf=\"pass"), NULL,
      "email.auth.spf=pass" },
    { "ends after the method", FROM RESULTS(1, "mx.own.example; spf"), NULL, "!email.auth.spf" },
    { "ends after the sign", FROM RESULTS(1, "mx.own.example; spf="), NULL, "!email.auth.spf" },
    { "only separators", FROM RESULTS(1, "mx.own.example;;;;;=====;;)))"), NULL,
      "!email.auth.spf" },
    { "domain without a name", FROM RESULTS(1, "mx.own.example; dkim=pass header.d=@"), NULL,
      "email.auth.dkim=pass\n!email.auth.dkim.domain\n!email.auth.foreign" },
    { "no From", RESULTS(1, "mx.own.example; spf=pass smtp.mailfrom=x@stolen.invalid"), NULL,
      "email.auth.spf=pass\nemail.auth.foreign" },
};

static void test_auth(void **state)
{
    (void)state;
    mail_cases(cases, sizeof cases / sizeof *cases, &test_site);
}

static void test_nobody_is_believed(void **state)
{
    (void)state;
    static const struct mail_case none[] = {
        { "no server named in the settings",
          FROM RESULTS(1, "mx.own.example; spf=pass smtp.mailfrom=a@partner.example"), NULL,
          "!email.auth.spf" },
        { "empty name", FROM RESULTS(1, "; spf=pass smtp.mailfrom=a@partner.example"), NULL,
          "!email.auth.spf" },
    };
    mail_cases(none, 2, &(struct site){ 0 });
}

/* The results in a mail that is attached to a mail are that mail's own words. */
static void test_attached_mail(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    mail_record(&r, mem, FROM, NULL);
    struct sink s = record_sink(&r);
    struct part inner = { .parent = 0, .how = HOW_MIME };
    struct event event = { EVENT_MAIL, 1 };
    struct fact f = { .id = FACT_EMAIL_AUTH_RESULTS,
                      .event = 1,
                      .part = 1,
                      .text = SLICE_LIT("mx.own.example; spf=pass smtp.mailfrom=x@y.invalid") };
    s.part(s.host, &inner);
    s.event(s.host, &event);
    s.fact(s.host, &f);
    whole_observe(&r, &test_site);
    assert_null(record_find_in_event(&r, 1, FACT_EMAIL_AUTH_SPF));
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_auth),
                                      cmocka_unit_test(test_nobody_is_believed),
                                      cmocka_unit_test(test_attached_mail) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
