/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HOP(n, helo, host, protocol, zone)                                                         \
    "email.received.helo@" #n ": " helo "\nemail.received.host@" #n ": " host                      \
    "\nemail.received.protocol@" #n ": " protocol "\nemail.received.zone@" #n ": " zone "\n"
#define FROM "email.from.address@1: a@partner.example\n"

static const struct mail_case cases[] = {
    /* T16 */
    { "bot with a stolen password",
      HOP(1, "mx.relay.example", "mx.relay.example", "ESMTPS", "+0900")
          HOP(2, "[10.0.0.15]", "smtp.relay.example", "ESMTPSA", "+0900"),
      NULL, "email.received.submission_literal" },
    { "without encryption", HOP(2, "[192.0.2.7]", "smtp.relay.example", "ESMTPA", "+0900"), NULL,
      "email.received.submission_literal" },
    { "no brackets", HOP(2, "192.0.2.7", "smtp.relay.example", "esmtpsa", "+0900"), NULL,
      "email.received.submission_literal" },
    { "IPv6 literal", HOP(2, "[IPv6:2001:db8::1]", "smtp.relay.example", "ESMTPSA", "+0900"), NULL,
      "email.received.submission_literal" },
    { "a mail program with a name", HOP(2, "PC-01", "smtp.relay.example", "ESMTPSA", "+0900"), NULL,
      "!email.received.submission_literal" },
    { "literal, but not authenticated",
      HOP(2, "[192.0.2.7]", "smtp.relay.example", "ESMTP", "+0900"), NULL,
      "!email.received.submission_literal" },
    { "of two different hops",
      HOP(1, "[192.0.2.7]", "mx.own.example", "ESMTP", "+0900")
          HOP(2, "PC-01", "smtp.relay.example", "ESMTPSA", "+0900"),
      NULL, "!email.received.submission_literal" },
    { "four numbers with letters", HOP(2, "10.0.0.x", "smtp.relay.example", "ESMTPSA", "+0900"),
      NULL, "!email.received.submission_literal" },
    { "empty brackets", HOP(2, "[]", "smtp.relay.example", "ESMTPSA", "+0900"), NULL,
      "!email.received.submission_literal" },
    /* T15 Message-ID */
    { "copied from another provider",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: plala.or.jp\n",
      NULL, "email.message_id.foreign" },
    { "sender's domain",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: mail.partner.example\n",
      NULL, "!email.message_id.foreign" },
    { "a host on the path",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: third.example\n",
      NULL, "!email.message_id.foreign" },
    { "a machine name",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: DESKTOP-12AB\n",
      NULL, "!email.message_id.foreign" },
    { "a local name",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: pc.localdomain\n",
      NULL, "!email.message_id.foreign" },
    { "provider with two names",
      FROM HOP(1, "mail-a.google.com", "mail-a.google.com", "ESMTPS",
               "-0800") "email.message_id.domain: mail.gmail.com\n",
      NULL, "!email.message_id.foreign" },
    { "claims that provider, not on the path",
      FROM HOP(1, "relay.third.example", "relay.third.example", "ESMTP",
               "+0100") "email.message_id.domain: mail.gmail.com\n",
      NULL, "email.message_id.foreign" },
    { "no path known", FROM "email.message_id.domain: plala.or.jp\n", NULL,
      "!email.message_id.foreign" },
    /* T15 Date */
    { "sign turned round",
      HOP(1, "a.example", "a.example", "ESMTP", "+0900") "email.date.zone: -0900\n", NULL,
      "email.date.zone_foreign" },
    { "nowhere near",
      HOP(1, "a.example", "a.example", "ESMTP", "+0200")
          HOP(2, "b.example", "b.example", "ESMTP", "+0000") "email.date.zone: -0100\n",
      NULL, "email.date.zone_foreign" },
    { "the same", HOP(1, "a.example", "a.example", "ESMTP", "+0900") "email.date.zone: +0900\n",
      NULL, "!email.date.zone_foreign" },
    { "JST in letters", HOP(1, "a.example", "a.example", "ESMTP", "JST") "email.date.zone: +0900\n",
      NULL, "!email.date.zone_foreign" },
    { "daylight saving",
      HOP(1, "a.example", "a.example", "ESMTP", "+0100") "email.date.zone: +0200\n", NULL,
      "!email.date.zone_foreign" },
    { "all servers in UTC",
      HOP(1, "a.example", "a.example", "ESMTP", "+0000")
          HOP(2, "b.example", "b.example", "ESMTP", "GMT") "email.date.zone: +0900\n",
      NULL, "!email.date.zone_foreign" },
    { "one server near the sender",
      HOP(1, "a.example", "a.example", "ESMTP", "-0800")
          HOP(2, "b.example", "b.example", "ESMTP", "+0900") "email.date.zone: +0900\n",
      NULL, "!email.date.zone_foreign" },
    { "date in UTC", HOP(1, "a.example", "a.example", "ESMTP", "+0900") "email.date.zone: +0000\n",
      NULL, "!email.date.zone_foreign" },
    { "no zone", HOP(1, "a.example", "a.example", "ESMTP", "+0900"), NULL,
      "!email.date.zone_foreign" },
    { "nonsense zones",
      HOP(1, "a.example", "a.example", "ESMTP", "+99999999999") "email.date.zone: -9999\n", NULL,
      "!email.date.zone_foreign" },
    { "letters", HOP(1, "a.example", "a.example", "ESMTP", "+ABCD") "email.date.zone: +09:0\n",
      NULL, "!email.date.zone_foreign" },
};

static void test_route(void **state)
{
    (void)state;
    mail_cases(cases, sizeof cases / sizeof *cases, &test_site);
}

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_route) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
