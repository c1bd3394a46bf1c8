/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define FROM(name, address) "email.from.name@1: " name "\nemail.from.address@1: " address "\n"
#define ADDRESS(address) "email.from.address@1: " address "\n"
#define TO(address) "email.to.address@2: " address "\n"

static const struct mail_case names[] = {
    { "ordinary", FROM("山田 太郎", "taro@partner.example"), NULL,
      "!email.from.name.address\n!email.from.name.foreign\n!email.from.name.quotes\n!email.from."
      "homograph" },
    { "own address repeated", FROM("taro@partner.example", "taro@partner.example"), NULL,
      "email.from.name.address=taro@partner.example\n!email.from.name.foreign" },
    { "host of the same organisation", FROM("taro@partner.example", "taro@mail.partner.example"),
      NULL, "!email.from.name.foreign" },
    { "another address", FROM("山田 太郎 taro@partner.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example\n!email.from.name.via" },
    { "another address in brackets", FROM("山田 <taro@partner.example>", "info@stolen.invalid"),
      NULL, "email.from.name.foreign=taro@partner.example" },
    { "full-width sign", FROM("山田 taro＠partner.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "full-width throughout",
      FROM("ｔａｒｏ＠ｐａｒｔｎｅｒ．ｅｘａｍｐｌｅ", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "small commercial at", FROM("taro\xEF\xB9\xABpartner.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "glued to Japanese text", FROM("山田taro@partner.example様", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "single quotes", FROM("'taro@partner.example'", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "zero-width space inside", FROM("taro@part\xE2\x80\x8Bner.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "ideographic full stop", FROM("taro@partner。example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "internationalised host", FROM("taro@例え.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@例え.example" },
    { "the same host in Punycode", FROM("taro@例え.example", "taro@xn--r8jz45g.example"), NULL,
      "!email.from.name.foreign\n!email.from.lookalike" },
    { "address as local part", FROM("Taro", "\"taro@partner.example\"@stolen.invalid"), NULL,
      "email.from.name.foreign=taro@partner.example" },
    { "second author of another house", ADDRESS("taro@partner.example") ADDRESS("x@stolen.invalid"),
      NULL, "email.from.foreign=x@stolen.invalid" },
    { "second author of the house", ADDRESS("taro@partner.example") ADDRESS("x@mail.partner.example"),
      NULL, "!email.from.foreign" },
    { "two addresses", FROM("a@partner.example b@third.example", "info@stolen.invalid"), NULL,
      "email.from.name.foreign=a@partner.example\nemail.from.name.foreign=b@third.example" },
    { "same provider, another customer", FROM("taro@ocn.ne.jp", "x@ocn.ne.jp"), NULL,
      "email.from.name.foreign=taro@ocn.ne.jp" },
    { "two From fields: official and real",
      FROM("サポート", "support@vendor.example") FROM("support@vendor.example", "x@stolen.invalid"),
      NULL, "email.from.name.address=support@vendor.example\n!email.from.name.foreign" },
    { "through a list",
      FROM("taro@partner.example", "list@lists.invalid") "email.list_id: <list.lists.invalid>\n",
      NULL, "email.from.name.foreign=taro@partner.example\nemail.from.name.via" },
    { "via", FROM("taro@partner.example via Service", "x@service.invalid"), NULL,
      "email.from.name.foreign\nemail.from.name.via" },
    { "経由", FROM("taro@partner.example（サービス経由）", "x@service.invalid"), NULL,
      "email.from.name.via" },
    { "at sign without a domain", FROM("山田@営業部", "taro@partner.example"), NULL,
      "!email.from.name.address" },
    { "at sign in a time", FROM("Lunch @12:30", "taro@partner.example"), NULL,
      "!email.from.name.address" },
    { "version number", FROM("tool@1.2.3", "taro@partner.example"), NULL,
      "!email.from.name.address" },
    { "doubled quotes", FROM("\"山田 太郎\"", "info@stolen.invalid"), NULL,
      "email.from.name.quotes" },
    { "escaped quotes", FROM("\\\"山田 太郎\\\"", "info@stolen.invalid"), NULL,
      "email.from.name.quotes" },
    { "full-width quotes", FROM("＂山田＂", "info@stolen.invalid"), NULL,
      "email.from.name.quotes" },
    { "brackets around", FROM("<山田>", "info@stolen.invalid"), NULL, "email.from.name.quotes" },
    { "Outlook's single quotes", FROM("'taro'", "taro@partner.example"), NULL,
      "!email.from.name.quotes" },
    { "a nickname in the middle", FROM("Taro \"T\" Yamada", "taro@partner.example"), NULL,
      "!email.from.name.quotes" },
    { "lone quote", FROM("\"", "taro@partner.example"), NULL, "!email.from.name.quotes" },
    { "no From", TO("u@own.example"), NULL,
      "!email.from.name.foreign\n!email.from.recipient_domain" },
    { "name without address", "email.from.name: taro@partner.example\n", NULL,
      "email.from.name.address\n!email.from.name.foreign" },
};

static const struct mail_case looks[] = {
    { "rn for m", ADDRESS("x@exarnple-trade.com") TO("u@example-trade.com"), NULL,
      "email.from.lookalike=example-trade.com" },
    { "digit one", ADDRESS("x@samp1e.com"), "2026/11/22 10:00、A <a@sample.com>のメール:\n> x\n",
      "email.from.lookalike=sample.com" },
    { "one letter dropped", ADDRESS("x@exampletrad.co.jp") TO("u@exampletrade.co.jp"), NULL,
      "email.from.lookalike=exampletrade.co.jp" },
    { "letters swapped", ADDRESS("x@exampeltrade.co.jp") TO("u@exampletrade.co.jp"), NULL,
      "email.from.lookalike" },
    { "own domain with hyphens", ADDRESS("x@own-example.stolen.invalid"), NULL,
      "email.from.lookalike=own.example" },
    { "own domain as a subdomain", ADDRESS("x@own.example.stolen.invalid"), NULL,
      "email.from.lookalike=own.example" },
    { "domain in the display name", FROM("taro@goodtrade.com", "x@g00dtrade.com"), NULL,
      "email.from.lookalike=goodtrade.com" },
    { "Cyrillic letters in Punycode", ADDRESS("x@xn--pple-43d.com") TO("u@apple.com"), NULL,
      "email.from.lookalike=apple.com\nemail.from.homograph" },
    { "Cyrillic letters raw", ADDRESS("x@\xD0\xB0pple.com") TO("u@apple.com"), NULL,
      "email.from.lookalike=apple.com\nemail.from.homograph" },
    { "accent", ADDRESS("x@xn--samle-9ya.com") TO("u@samle.com"), NULL, "!email.from.homograph" },
    { "same organisation", ADDRESS("x@mail.own.example") TO("u@own.example"), NULL,
      "!email.from.lookalike" },
    { "short names are near", ADDRESS("x@abc.com") TO("u@abd.com"), NULL, "!email.from.lookalike" },
    { "numbered family", ADDRESS("x@mailserver1.com") TO("u@mailserver2.com"), NULL,
      "!email.from.lookalike" },
    { "another suffix", ADDRESS("x@exampletrade.com") TO("u@exampletrade.co.jp"), NULL,
      "!email.from.lookalike" },
    { "unrelated", ADDRESS("x@stationery.co.jp") TO("u@exampletrade.co.jp"), NULL,
      "!email.from.lookalike" },
    { "Japanese domain", ADDRESS("x@xn--wgv71a119e.jp"), NULL, "!email.from.homograph" },
    { "broken Punycode", ADDRESS("x@xn--99999999999999.com") TO("u@xn--.com"), NULL,
      "!email.from.homograph" },
    { "Japanese and Latin name", FROM("ABC商事 ソフト部 (Tokyo)", "taro@partner.example"), NULL,
      "!email.from.homograph" },
    { "Russian name", FROM("Иван Петров", "ivan@partner.example"), NULL, "!email.from.homograph" },
    { "Russian word of twins only", FROM("сосна", "ivan@partner.example"), NULL,
      "!email.from.homograph" },
    { "mixed word", FROM("Micr\xD0\xBEsoft", "x@stolen.invalid"), NULL, "email.from.homograph" },
    { "mathematical letters", FROM("\xF0\x9D\x90\x80\xF0\x9D\x90\x81", "x@stolen.invalid"), NULL,
      "email.from.homograph" },
    { "µ in a unit", FROM("5µm Filter", "x@partner.example"), NULL, "!email.from.homograph" },
    { "own domain claimed", ADDRESS("boss@own.example"), NULL, "email.from.recipient_domain" },
    { "own subdomain claimed", ADDRESS("boss@it.own.example"), NULL,
      "email.from.recipient_domain" },
    { "own domain as a tail of another", ADDRESS("x@notown.example"), NULL,
      "!email.from.recipient_domain" },
    { "recipient's domain, but not own", ADDRESS("a@partner.example") TO("b@partner.example"), NULL,
      "!email.from.recipient_domain" },
};

static const struct mail_case others[] = {
    { "Reply-To elsewhere",
      ADDRESS("a@partner.example") "email.reply_to.address: b@third.example\n", NULL,
      "email.reply_to.foreign=b@third.example" },
    { "Reply-To of the organisation",
      ADDRESS("a@partner.example") "email.reply_to.address: b@desk.partner.example\n", NULL,
      "!email.reply_to.foreign" },
    { "Reply-To on the same provider",
      ADDRESS("a@gmail.com") "email.reply_to.address: b@gmail.com\n", NULL,
      "email.reply_to.foreign=b@gmail.com" },
    { "list sets Reply-To",
      ADDRESS("a@partner.example") "email.reply_to.address: list@lists.invalid\nemail.list_id: x\n",
      NULL, "!email.reply_to.foreign" },
    { "Return-Path elsewhere",
      ADDRESS("a@partner.example") "email.return_path.address: owner@third.example\n", NULL,
      "email.return_path.foreign=owner@third.example" },
    { "VERP with the recipient",
      ADDRESS("a@partner.example")
          TO("u@own.example") "email.return_path.address: news+u=own.example@service.invalid\n",
      NULL, "!email.return_path.foreign" },
    { "bounce address",
      ADDRESS("a@partner.example") "email.return_path.address: bounces+123-ab@em.service.invalid\n",
      NULL, "!email.return_path.foreign" },
    { "number of a mail",
      ADDRESS("a@partner.example") "email.return_path.address: "
                                   "0101018e4f2a9c3b-0a1b2c@service.invalid\n",
      NULL, "!email.return_path.foreign" },
    { "SRS",
      ADDRESS("a@partner.example") "email.return_path.address: "
                                   "SRS0=ab=cd=partner.example=a@fwd.invalid\n",
      NULL, "!email.return_path.foreign" },
    { "empty Return-Path", ADDRESS("a@partner.example") "email.return_path.address: <>\n", NULL,
      "!email.return_path.foreign" },
    { "Sender elsewhere", ADDRESS("a@partner.example") "email.sender.address: c@third.example\n",
      NULL, "email.sender.foreign=c@third.example" },
    { "one of two From matches",
      ADDRESS("a@partner.example")
          ADDRESS("c@third.example") "email.sender.address: c@third.example\n",
      NULL, "!email.sender.foreign" },
};

#define TABLE(name)                                                                                \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        mail_cases(name, sizeof name / sizeof *name, &test_site);                                  \
    }
TABLE(names)
TABLE(looks)
TABLE(others)

static void test_no_own_domains(void **state)
{
    (void)state;
    static const struct mail_case cases[] = {
        { "recipient's domain", ADDRESS("a@partner.example") TO("b@partner.example"), NULL,
          "email.from.recipient_domain" },
        { "two customers of a provider", ADDRESS("a@gmail.com") TO("b@gmail.com"), NULL,
          "!email.from.recipient_domain" },
    };
    mail_cases(cases, 2, &(struct site){ 0 });
}

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_looks),
                                      cmocka_unit_test(test_others),
                                      cmocka_unit_test(test_no_own_domains) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
