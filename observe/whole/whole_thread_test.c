/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define FROM(name, address) "email.from.name@1: " name "\nemail.from.address@1: " address "\n"
#define TO(address) "email.to.address@2: " address "\n"
#define SUBJECT(text) "email.subject: " text "\n"
#define OUTLOOK(from, to, subject)                                                                 \
    "From: " from "\nSent: Friday, November 20, 2026 10:15 AM\nTo: " to "\nSubject: " subject      \
    "\n\nhello\n"
#define OUTLOOK_JA(from, to, subject)                                                              \
    "差出人: " from "\n送信日時: 2026年11月20日 10:15\n宛先: " to "\n件名: " subject               \
    "\n\n本文です。\n"

static const struct mail_case conversations[] = {
    /* true ones */
    { "reply to our mail",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("Re: x"),
      "はい\n\n" OUTLOOK_JA("佐藤 <u@own.example>", "山田 <taro@partner.example>", "x"),
      "email.thread.quoted.address=u@own.example\nemail.thread.quoted.language=ja\nemail.thread."
      "quoted.recipients=1\n!email.thread.quoted.sender_foreign" },
    { "reply by a colleague of the addressee",
      FROM("鈴木", "suzuki@partner.example") TO("u@own.example") SUBJECT("Re: x"),
      "はい\n\n" OUTLOOK("U <u@own.example>", "taro@partner.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "reply from a host below",
      FROM("鈴木", "suzuki@mobile.partner.example") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("U <u@own.example>", "taro@partner.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "own mail once more",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("taro@partner.example", "u@own.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "reply to all: a third person's mail",
      FROM("山田", "taro@partner.example") TO("u@own.example") TO("ken@third.example")
          SUBJECT("Re: x"),
      OUTLOOK("ken@third.example", "taro@partner.example; u@own.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "received in a third person's mail",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("ken@third.example", "taro@partner.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "forwarded by prefix",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("Fwd: x"),
      OUTLOOK("ken@third.example", "mari@fourth.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "forwarded by marker", FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("x"),
      "---------- Forwarded message ---------\nFrom: Ken <ken@third.example>\nDate: "
      "today\nSubject: x\nTo: <mari@fourth.example>\n",
      "!email.thread.quoted.sender_foreign" },
    { "mailing list by header",
      FROM("山田", "taro@partner.example") TO("list@lists.invalid")
          SUBJECT("Re: x") "email.list_id: <list.lists.invalid>\n",
      "On Fri, 20 Nov 2026, Ken <ken@third.example> wrote:\n> x\n> y\n",
      "!email.thread.quoted.sender_foreign" },
    { "mailing list by tag",
      FROM("山田", "taro@partner.example") TO("list@lists.invalid") SUBJECT("Re: [list:123] x"),
      "On Fri, 20 Nov 2026, Ken <ken@third.example> wrote:\n> x\n> y\n",
      "!email.thread.quoted.sender_foreign" },
    { "group address still addressed",
      FROM("山田", "taro@partner.example") TO("u@own.example") TO("team@third.example")
          SUBJECT("Re: x"),
      OUTLOOK("u@own.example", "team@third.example", "x"), "!email.thread.quoted.sender_foreign" },
    { "names without addresses prove nothing",
      FROM("山田", "x@stolen.invalid") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("Sato Hanako", "Yamada Taro", "x"),
      "email.thread.quoted.name=Sato Hanako\n!email.thread.quoted.sender_foreign" },
    { "our mail, addressees by name only",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("u@own.example", "Yamada Taro", "x"), "!email.thread.quoted.sender_foreign" },
    { "automatic reply",
      FROM("山田", "taro@partner.example") TO("u@own.example") SUBJECT("自動返信: x"),
      "不在にしております。\n\n" OUTLOOK_JA("u@own.example", "taro@partner.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "delivery report",
      FROM("Mail Delivery Subsystem", "MAILER-DAEMON@mx.partner.example") TO("u@own.example")
          SUBJECT("Returned mail"),
      "The message could not be delivered.\n\n" OUTLOOK("u@own.example", "taro@third.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    { "no quote at all", FROM("山田", "x@stolen.invalid") TO("u@own.example") SUBJECT("Re: x"),
      "hello\n", "!email.thread.quoted.sender_foreign\n!email.thread.quoted.language" },
    { "no body", FROM("山田", "x@stolen.invalid") TO("u@own.example") SUBJECT("Re: x"), NULL,
      "!email.thread.quoted.sender_foreign" },
    { "quote without From of the mail", TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("a@partner.example", "b@partner.example", "x"),
      "!email.thread.quoted.sender_foreign" },
    /* stolen */
    { "our mail to a partner comes back from elsewhere",
      FROM("山田 太郎 taro@partner.example", "x@stolen.invalid") TO("u@own.example")
          SUBJECT("Re: 見積"),
      "ご確認ください。\n\n" OUTLOOK_JA("佐藤 <u@own.example>", "山田 太郎 <taro@partner.example>",
                                        "見積"),
      "email.thread.quoted.sender_foreign=taro@partner.example" },
    { "the partner's mail to us, from elsewhere",
      FROM("山田 太郎", "x@stolen.invalid") TO("u@own.example") SUBJECT("RE: 見積"),
      OUTLOOK("山田 太郎 <taro@partner.example>", "u@own.example", "見積"),
      "email.thread.quoted.sender_foreign=taro@partner.example" },
    { "the same, one line", FROM("Yamada", "x@stolen.invalid") TO("u@own.example") SUBJECT("RE: x"),
      "Please see.\nOn Fri, Nov 20, 2026 at 10:00 AM Taro <taro@partner.example> wrote:\n> x\n",
      "email.thread.quoted.sender_foreign=taro@partner.example" },
    { "a third conversation", FROM("Ken", "x@stolen.invalid") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("a@partner.example", "b@fourth.example", "x"),
      "email.thread.quoted.sender_foreign=a@partner.example" },
    { "no prefix", FROM("Ken", "x@stolen.invalid") TO("u@own.example") SUBJECT("見積"),
      OUTLOOK_JA("a@partner.example", "u@own.example", "x"), "email.thread.quoted.sender_foreign" },
    { "forward in the writer's name",
      FROM("山田　太郎", "x@stolen.invalid") TO("u@own.example") SUBJECT("Fwd: x"),
      OUTLOOK("山田 太郎 <taro@partner.example>", "u@own.example", "x"),
      "email.thread.quoted.sender_foreign=taro@partner.example" },
    { "another customer of the same provider",
      FROM("山田", "x@ocn.ne.jp") TO("u@own.example") SUBJECT("Re: x"),
      OUTLOOK("taro@ocn.ne.jp", "u@own.example", "x"),
      "email.thread.quoted.sender_foreign=taro@ocn.ne.jp" },
};

static const struct mail_case subjects[] = {
    { "reply without reference", SUBJECT("Re: 見積"), NULL,
      "email.subject.prefix=re\nemail.thread.reply_without_reference" },
    { "full-width throughout", SUBJECT("ＲＥ：　見積"), NULL, "email.subject.prefix=re" },
    { "letters without a colon", SUBJECT("ＲＥ"), NULL, "!email.subject.prefix" },
    { "RE[2]", SUBJECT("RE[2]: x"), NULL, "email.subject.prefix=re" },
    { "Re^3", SUBJECT("Re^3：x"), NULL, "email.subject.prefix=re" },
    { "返信", SUBJECT("返信：x"), NULL, "email.subject.prefix=re" },
    { "【転送】", SUBJECT("【転送】x"), NULL, "email.subject.prefix=fwd" },
    { "Fw in a tag's company", SUBJECT("[external] FW: x"), NULL, "email.subject.prefix=fwd" },
    { "reply with reference", SUBJECT("Re: x") "email.references: a@b\n", NULL,
      "email.subject.prefix=re\n!email.thread.reply_without_reference" },
    { "reply with In-Reply-To", SUBJECT("AW: x") "email.in_reply_to: a@b\n", NULL,
      "!email.thread.reply_without_reference" },
    { "word that begins like a prefix", SUBJECT("Request: x"), NULL, "!email.subject.prefix" },
    { "Report", SUBJECT("Re port: x"), NULL, "!email.subject.prefix" },
    { "only a prefix", SUBJECT("RE:"), NULL, "email.subject.prefix=re" },
    { "a thousand prefixes",
      SUBJECT("Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:Re:[a][b][c]"), NULL,
      "email.subject.prefix=re" },
    { "own address", SUBJECT("Fwd: u.sato@own.example") TO("u.sato@own.example"), NULL,
      "email.subject.recipient" },
    { "own name in Latin letters", SUBJECT("Sato Umi") TO("umi.sato@own.example"), NULL,
      "email.subject.recipient" },
    { "own display name", SUBJECT("佐藤 花子") "email.to.name: 佐藤　花子\n" TO("u@own.example"),
      NULL, "email.subject.recipient" },
    { "another's name", SUBJECT("Suzuki Ken") TO("umi.sato@own.example"), NULL,
      "!email.subject.recipient" },
    { "short local part", SUBJECT("hr") TO("hr@own.example"), NULL, "!email.subject.recipient" },
    { "name within a subject", SUBJECT("佐藤 花子様 お見積り") "email.to.name: 佐藤 花子\n", NULL,
      "!email.subject.recipient" },
    { "fragment of the quoted subject", SUBJECT("カスタマー満足度アンケー"),
      OUTLOOK_JA("a@partner.example", "u@own.example",
                 "カスタマー満足度アンケート調査 ご協力のお願い"),
      "email.subject.fragment=カスタマー満足度アンケート調査 ご協力のお願い" },
    { "fragment of the attachment's name",
      SUBJECT("ト調査 ご協力のお願い") "email.attachments.file.name: "
                                       "カスタマー満足度アンケート調査 ご協力のお願い.doc\n",
      NULL, "email.subject.fragment=カスタマー満足度アンケート調査 ご協力のお願い.doc" },
    { "subject and name are equal",
      SUBJECT("アンケート調査") "email.attachments.file.name: アンケート調査.doc\n", NULL,
      "!email.subject.fragment" },
    { "subject is a whole word of the name",
      SUBJECT("アンケート") "email.attachments.file.name: アンケート調査_2026.doc\n", NULL,
      "!email.subject.fragment" },
    { "reply keeps the subject", SUBJECT("Re: お見積りの件"),
      OUTLOOK_JA("a@partner.example", "u@own.example", "お見積りの件"), "!email.subject.fragment" },
};

static const struct mail_case texts[] = {
    { "English block in a Japanese mail", FROM("山田", "x@stolen.invalid"),
      "お世話になっております。ご確認ください。\n\n-----Original Message-----\n" OUTLOOK(
          "a@partner.example", "u@own.example", "x") "よろしくおねがいいたします。\n",
      "email.thread.quoted.language=en\nemail.thread.quoted.language_foreign" },
    { "English block in an English mail", FROM("K", "x@stolen.invalid"),
      "See.\n" OUTLOOK("a@partner.example", "u@own.example", "x"),
      "!email.thread.quoted.language_foreign" },
    { "Japanese block in a Japanese mail", FROM("山田", "x@stolen.invalid"),
      "ありがとうございます。\n" OUTLOOK_JA("a@partner.example", "u@own.example", "x"),
      "email.thread.quoted.language=ja\n!email.thread.quoted.language_foreign" },
    { "On ... wrote in a Japanese mail", FROM("山田", "x@stolen.invalid"),
      "ありがとうございます。\nOn 2026/11/22 10:00, 山田 wrote:\n> おせわになります\n",
      "!email.thread.quoted.language_foreign" },
    { "language by the fact", FROM("山田", "x@stolen.invalid") "email.body.language: ja\n",
      OUTLOOK("a@partner.example", "u@own.example", "x"), "email.thread.quoted.language_foreign" },
    { "set phrases only", FROM("山田 太郎", "x@stolen.invalid"),
      "お世話になっております。\n添付ファイルをご確認ください。\n\n山田 "
      "太郎\ntaro@partner.example\n03-0000-0000\n\n" OUTLOOK_JA("a@partner.example",
                                                                "u@own.example", "x"),
      "email.thread.generic_reply" },
    { "set phrases in English", FROM("K", "x@stolen.invalid"),
      "Hello,\n\nPlease see attached.\n\nThank you\n\n" OUTLOOK("a@partner.example",
                                                                "u@own.example", "x"),
      "email.thread.generic_reply" },
    { "an answer with content", FROM("山田", "taro@partner.example"),
      "お世話になっております。\nご質問の納期は来月の第二週、価格は先月と同じ条件で対応可能です。\n"
      "数量が変わる場合は今週中にお知らせいただけますと助かります。\n\n" OUTLOOK_JA(
          "a@partner.example", "u@own.example", "x"),
      "!email.thread.generic_reply" },
    { "short but specific", FROM("山田", "taro@partner.example"),
      "11時に変更できますか。会議室は本館三階の大きいほうでお願いできればと思っています。別件の資料"
      "も持参します。\n\n" OUTLOOK_JA("a@partner.example", "u@own.example", "x"),
      "!email.thread.generic_reply" },
    { "signature of the one who is imitated", FROM("山田 太郎", "x@stolen.invalid"),
      "ご確認ください。\n\n山工業 営業部\n山田　太郎\nTEL 03-0000-0000\ntaro@partner.example\n",
      "email.signature.foreign=taro@partner.example" },
    { "the same below a display name with the address",
      FROM("山田 太郎 taro@partner.example", "x@stolen.invalid"),
      "ご確認ください。\n山田太郎\ntaro@partner.example\n",
      "email.signature.foreign=taro@partner.example" },
    { "own signature", FROM("山田 太郎", "taro@partner.example"),
      "ご確認ください。\n\n山田 太郎\ntaro@mail.partner.example\n", "!email.signature.foreign" },
    { "another person's address", FROM("山田 太郎", "taro@partner.example"),
      "鈴木さんの連絡先は suzuki@third.example です。\n", "!email.signature.foreign" },
    { "signature in the quote", FROM("山田 太郎", "taro@partner.example"),
      "はい\n> 山田 太郎\n> taro@third.example\n", "!email.signature.foreign" },
    { "forwarded signature", FROM("山田 太郎", "taro@partner.example") SUBJECT("Fwd: x"),
      "山田 太郎\ntaro@third.example\n", "!email.signature.foreign" },
    { "no quote", FROM("山田", "taro@partner.example"), "添付をご確認ください。\n",
      "!email.thread.generic_reply" },
    { "nothing above the quote", FROM("山田", "taro@partner.example"),
      OUTLOOK_JA("a@partner.example", "u@own.example", "x"), "!email.thread.generic_reply" },
};

#define TABLE(name)                                                                                \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        mail_cases(name, sizeof name / sizeof *name, &test_site);                                  \
    }
TABLE(conversations)
TABLE(subjects)
TABLE(texts)

int main(void)
{
    const struct CMUnitTest all[] = { cmocka_unit_test(test_conversations),
                                      cmocka_unit_test(test_subjects),
                                      cmocka_unit_test(test_texts) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
