/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the mail reader: a table of mails, each with the facts and the leaves
 * it must yield; then limits, which are generated; then memory that runs out.
 * All mails are made by hand; the "files" in them are harmless words behind %PDF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "decode/harness.h"

#define PDF64 "JVBERi0xLjcgaW5lcnQK" /* "%PDF-1.7 inert\n" */
#define HEAD "From: a@b.example\r\nTo: c@d.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define TEXT "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
#define PDF "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" PDF64 "\r\n"

enum { WANTS = 8 };

struct want {
    enum fact_id id;
    const char *text; /* NULL: the number counts */
    int64_t number;   /* -1: no such fact */
};

#define T(id, text) { FACT_##id, text, 0 }
#define N(id, number) { FACT_##id, NULL, number }
#define F(id) { FACT_##id, NULL, 1 }
#define NO(id) { FACT_##id, NULL, -1 }

struct mail {
    const char *name;
    slice bytes;
    const char *leaves; /* "name:size" of each, mails in brackets; NULL: not tested */
    struct want wants[WANTS]; /* up to the first of number and text zero */
};

static void leaves_of(const struct tally *t, struct buf *out)
{
    for (uint32_t i = 1; i < t->r.n_parts; i++) {
        const struct part *p = &t->r.parts[i];
        bool mail = slice_is(p->type, "eml");
        if (t->r.parts[p->parent].parent != NO_ID && !slice_is(t->r.parts[p->parent].type, "eml"))
            continue; /* of other formats */
        buf_text(out, out->len ? " " : "");
        buf_text(out, mail ? "[" : "");
        buf_put(out, p->name);
        buf_format(out, ":%llu%s", (unsigned long long)p->size, mail ? "]" : "");
    }
}

static void check_want(const struct tally *t, const char *name, const struct want *w)
{
    const struct fact *f = tally_fact(t, w->id);
    const char *fact = fact_row(w->id)->name;
    if (w->text) {
        if (!tally_has(t, w->id, w->text))
            fail_msg("%s: %s is \"%.*s\", not \"%s\"", name, fact, f ? (int)f->text.len : 0, f ? (const char *)f->text.at : "", w->text);
    } else if (w->number < 0) {
        if (f)
            fail_msg("%s: there is %s", name, fact);
    } else if (!f || f->number != w->number) {
        fail_msg("%s: %s is %lld, not %lld", name, fact, f ? (long long)f->number : -1, (long long)w->number);
    }
}

static void check_mails(const struct mail *mails, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .format = "eml", .declared = "message/rfc822" }, mails[i].bytes);
        struct buf leaves = buf_new(4096);
        tally_check(t);
        leaves_of(t, &leaves);
        if (mails[i].leaves && !slice_is(buf_slice(&leaves), mails[i].leaves))
            fail_msg("%s: leaves are \"%.*s\", not \"%s\"", mails[i].name, SLICE_FMT(buf_slice(&leaves)), mails[i].leaves);
        for (size_t k = 0; k < WANTS && (mails[i].wants[k].text || mails[i].wants[k].number); k++)
            check_want(t, mails[i].name, &mails[i].wants[k]);
        buf_drop(&leaves);
        tally_drop(&t);
    }
}

#define CHECK_MAILS(table) check_mails(table, sizeof table / sizeof table[0])

/* --- header blocks */

static void headers(void **state)
{
    static const struct mail mails[] = {
        { "plain", SLICE_INIT(HEAD "\r\nhello"), ":5",
          { T(EMAIL_SUBJECT, "s"), T(EMAIL_FROM_ADDRESS, "a@b.example"), N(EMAIL_FROM_COUNT, 1), NO(MIME_HEADER_LONE_CR), NO(EMAIL_FROM_NAME) } },
        { "LF", SLICE_INIT("From: a@b.example\nSubject: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "lone CR", SLICE_INIT("From: a@b.example\rSubject: s\r\rhello"), ":5", { T(EMAIL_SUBJECT, "s"), F(MIME_HEADER_LONE_CR) } },
        { "CR CR LF", SLICE_INIT("From: a@b.example\r\r\nSubject: s\r\r\n\r\r\nhello"), ":5", { T(EMAIL_SUBJECT, "s"), NO(MIME_HEADER_LONE_CR) } },
        { "lone CR smuggles a field", SLICE_INIT("From: a@b.example\r\nX-A: b\rSubject: s\r\n\r\nhello"), ":5",
          { T(EMAIL_SUBJECT, "s"), F(MIME_HEADER_LONE_CR) } },
        { "lone CR inside a value", SLICE_INIT("From: a@b.example\r\nSubject: one\rtwo\r\n\r\nhello"), ":5", { T(EMAIL_SUBJECT, "one two") } },
        { "folded", SLICE_INIT("From: a@b.example\r\nSubject: one\r\n\ttwo\r\n three\r\n\r\n"), "", { T(EMAIL_SUBJECT, "one\ttwo three") } },
        { "folded by blanks only", SLICE_INIT(HEAD " \r\nContent-Type: text/html\r\n\r\n<p>"), ":3", { T(FILE_MIME_TYPE, "text/html") } },
        { "folded over blanks", SLICE_INIT("From: a@b.example\r\nSubject: one\r\n \t\r\n two\r\nTo: c@d.example\r\n\r\nhello"), ":5",
          { T(EMAIL_SUBJECT, "one \t two"), T(EMAIL_TO_ADDRESS, "c@d.example") } },
        { "blanks, then an indented body", SLICE_INIT(HEAD " \r\n  hello\r\n\r\nbye"), ":14", { T(EMAIL_SUBJECT, "s") } },
        { "blanks end the block", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b\r\n \r\n" TEXT "--b--"), ":5", { N(MIME_DEPTH, 1) } },
        { "no blank line", SLICE_INIT("From: a@b.example\nSubject: s\nhello you\n"), ":10", { T(EMAIL_SUBJECT, "s") } },
        { "a line that is no field", SLICE_INIT("From: a@b.example\nbroken wrap\nSubject: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "no header at all", SLICE_INIT("From: a@b.example\n"), "", { T(EMAIL_FROM_ADDRESS, "a@b.example") } },
        { "blank before the colon", SLICE_INIT("From : a@b.example\nSubject\t: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "NUL in name and value", SLICE_INIT("From: a@b.example\nSub\0ject: s\0t\n\nhello"), ":5", { T(EMAIL_SUBJECT, "st"), F(MIME_HEADER_NUL) } },
        { "byte order mark", SLICE_INIT("\xef\xbb\xbf" "From: a@b.example\nSubject: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "mbox line before", SLICE_INIT("From a@b Sun Nov 22 10:00:00 2026\nFrom: a@b.example\nSubject: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "blank lines before", SLICE_INIT("\r\n\r\nFrom: a@b.example\nSubject: s\n\nhello"), ":5", { T(EMAIL_SUBJECT, "s") } },
        { "duplicate Subject", SLICE_INIT("From: a@b.example\nSubject: one\nSubject: two\n\n"), "",
          { T(EMAIL_SUBJECT, "one"), T(EMAIL_SUBJECT, "two"), T(MIME_HEADER_DUPLICATE, "Subject") } },
        { "duplicate From", SLICE_INIT("From: a@b.example\nFrom: c@d.example\n\n"), "",
          { T(EMAIL_FROM_ADDRESS, "a@b.example"), T(EMAIL_FROM_ADDRESS, "c@d.example"), T(MIME_HEADER_DUPLICATE, "From"), N(EMAIL_FROM_COUNT, 2) } },
        { "ids", SLICE_INIT("From: a@b.example\nMessage-ID: <1@MX.Example>\nIn-Reply-To: <2@x>\nReferences: <3@x>\n <4@x>\n\n"), "",
          { T(EMAIL_MESSAGE_ID, "1@MX.Example"), T(EMAIL_MESSAGE_ID_DOMAIN, "mx.example"), T(EMAIL_IN_REPLY_TO, "2@x"),
            T(EMAIL_REFERENCES, "4@x"), N(EMAIL_REFERENCES_COUNT, 2) } },
        { "unclosed id", SLICE_INIT("From: a@b.example\nMessage-ID: <1@x\nReferences: <2@x\n\n"), "", { T(EMAIL_MESSAGE_ID, "1@x"), T(EMAIL_REFERENCES, "<2@x") } },
        { "others", SLICE_INIT("From: a@b.example\nReturn-Path: <R@P.Example>\nUser-Agent: Becky!\nList-Id: L <l.example>\nAuthentication-Results: mx; spf=pass\nAuthentication-Results: evil; spf=pass\n\n"), "",
          { T(EMAIL_RETURN_PATH_ADDRESS, "R@p.example"), T(EMAIL_RETURN_PATH_DOMAIN, "p.example"), T(EMAIL_X_MAILER, "Becky!"), T(EMAIL_LIST_ID, "L <l.example>"),
            T(EMAIL_AUTH_RESULTS, "mx; spf=pass"), T(EMAIL_AUTH_RESULTS, "evil; spf=pass") } },
        { "empty Return-Path", SLICE_INIT("Return-Path: <>\nFrom: a@b.example\n\n"), "", { NO(EMAIL_RETURN_PATH_ADDRESS) } },
        { "Date", SLICE_INIT("From: a@b.example\nDate: Sun, 22 Nov 2026 10:00:00 -0900 (AKST)\n\n"), "", { T(EMAIL_DATE_ZONE, "-0900") } },
        { "Date with a name", SLICE_INIT("From: a@b.example\nDate: Sun, 22 Nov 2026 10:00:00 GMT\n\n"), "", { T(EMAIL_DATE_ZONE, "GMT") } },
        { "Date without zone", SLICE_INIT("From: a@b.example\nDate: 22 Nov 2026 10:00:00\n\n"), "", { NO(EMAIL_DATE_ZONE) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

static void received(void **state)
{
    static const struct mail mails[] = {
        { "Postfix, authenticated, bare address", SLICE_INIT("Received: from [10.0.0.15] (unknown [192.0.2.119])\n by mx.example (Postfix) with ESMTPSA id 1\n for <a@b>; Sun, 22 Nov 2026 10:00:00 -0400 (EDT)\nFrom: a@b.example\n\n"), "",
          { T(EMAIL_RECEIVED_HELO, "[10.0.0.15]"), T(EMAIL_RECEIVED_HOST, "192.0.2.119"), T(EMAIL_RECEIVED_HOST, "mx.example"),
            T(EMAIL_RECEIVED_PROTOCOL, "ESMTPSA"), T(EMAIL_RECEIVED_ZONE, "-0400") } },
        { "Sendmail", SLICE_INIT("Received: from helo.example (id@Host.Example [192.0.2.1] (may be forged)) by b.example with SMTP; Sun, 22 Nov 2026 10:00:00 +0900\nFrom: a@b.example\n\n"), "",
          { T(EMAIL_RECEIVED_HELO, "helo.example"), T(EMAIL_RECEIVED_HOST, "host.example"), T(EMAIL_RECEIVED_HOST, "192.0.2.1") } },
        { "Exchange", SLICE_INIT("Received: from A.example (2001:db8::1) by B.example (192.0.2.9) with Microsoft SMTP Server; Sun, 22 Nov 2026 10:00:00 +0000\nFrom: a@b.example\n\n"), "",
          { T(EMAIL_RECEIVED_HOST, "2001:db8::1"), T(EMAIL_RECEIVED_HOST, "b.example") } },
        { "open comment", SLICE_INIT("Received: from a.example (((( by b.example; x\nFrom: a@b.example\n\n"), "", { T(EMAIL_RECEIVED_HELO, "a.example") } },
        { "nothing in it", SLICE_INIT("Received: ;;;() from\nFrom: a@b.example\n\n"), "", { NO(EMAIL_RECEIVED_HELO) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* --- encoded words */

static void words(void **state)
{
    static const struct mail mails[] = {
        { "ISO-2022-JP", SLICE_INIT("Subject: =?ISO-2022-JP?B?GyRCQEE1YT1xGyhC?= x\n\n"), "", { T(EMAIL_SUBJECT, "請求書 x"), NO(MIME_ENCODED_WORD_BROKEN) } },
        { "adjacent words", SLICE_INIT("Subject: =?utf-8?B?6KuL5rGC5pu4?=\n =?utf-8?q?_a=5Fb?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書 a_b") } },
        { "other charset next", SLICE_INIT("Subject: =?utf-8?B?6KuL5rGC5pu4?= =?shift_jis?B?kL+LgY+R?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書請求書"), NO(MIME_ENCODED_WORD_SPLIT) } },
        { "character split, ISO-2022-JP", SLICE_INIT("Subject: =?iso-2022-jp?B?GyRCQEE1?= =?iso-2022-jp?B?YT1xGyhC?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書"), F(MIME_ENCODED_WORD_SPLIT) } },
        { "character split, UTF-8", SLICE_INIT("Subject: =?utf-8?B?6KuL5g==?= =?utf-8?B?sYI=?=\n\n"), "", { T(EMAIL_SUBJECT, "請求"), F(MIME_ENCODED_WORD_SPLIT) } },
        { "character split, Shift_JIS", SLICE_INIT("Subject: =?shift_jis?Q?=90?= =?shift_jis?Q?=BF=8B=81?=\n\n"), "", { T(EMAIL_SUBJECT, "請求"), F(MIME_ENCODED_WORD_SPLIT) } },
        { "quantum split", SLICE_INIT("Subject: =?utf-8?B?6KuL5rG?= =?utf-8?B?C5pu4?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書") } },
        { "NEC row 13", SLICE_INIT("Subject: =?iso-2022-jp?B?GyRCLSEbKEI=?=\n\n"), "", { T(EMAIL_SUBJECT, "①") } },
        { "EUC-JP", SLICE_INIT("Subject: =?euc-jp?B?wMG14b3x?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書") } },
        { "UTF-7", SLICE_INIT("Subject: =?utf-7?Q?+istsQmb4-?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書") } },
        { "wrong label", SLICE_INIT("Subject: =?iso-2022-jp?B?kL+LgY+R?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書"), T(MIME_CHARSET_LIED, "header") } },
        { "language suffix", SLICE_INIT("Subject: =?utf-8*ja?B?6KuL5rGC5pu4?=\n\n"), "", { T(EMAIL_SUBJECT, "請求書") } },
        { "raw Shift_JIS", SLICE_INIT("Subject: \x90\xbf\x8b\x81\x8f\x91\x82\xf0\n\n"), "", { T(EMAIL_SUBJECT, "請求書を"), F(MIME_HEADER_RAW_8BIT) } },
        { "raw ISO-2022-JP", SLICE_INIT("Subject: \x1b$B@A5a=q\x1b(B x\n\n"), "", { T(EMAIL_SUBJECT, "請求書 x") } },
        { "raw UTF-8", SLICE_INIT("Subject: \xe8\xab\x8b\xe6\xb1\x82\n\n"), "", { T(EMAIL_SUBJECT, "請求") } },
        { "cut off", SLICE_INIT("Subject: =?utf-8?B?6KuL5rGC5p\n\n"), "", { T(EMAIL_SUBJECT, "請求\xef\xbf\xbd"), F(MIME_ENCODED_WORD_BROKEN) } },
        { "cut off, another follows", SLICE_INIT("Subject: =?utf-8?B?6KuL =?utf-8?B?5rGC?=\n\n"), "", { T(EMAIL_SUBJECT, "請求"), F(MIME_ENCODED_WORD_BROKEN) } },
        { "blank inside", SLICE_INIT("Subject: =?utf-8?Q?a b?= =?utf-8?B?6KuL 5rGC?=\n\n"), "", { T(EMAIL_SUBJECT, "a b請求") } },
        { "in a quoted string", SLICE_INIT("From: \"=?utf-8?B?6KuL5rGC5pu4?=\" <a@b.example>\n\n"), "", { T(EMAIL_FROM_NAME, "請求書") } },
        { "no word", SLICE_INIT("Subject: =?x =?=?=?? =?a?Z?b?= =?a?B\n\n"), "", { T(EMAIL_SUBJECT, "=?x =?=?=?? =?a?Z?b?= =?a?B") } },
        { "text stuck to words", SLICE_INIT("Subject: Re:=?utf-8?B?6KuL5rGC?=x\n\n"), "", { T(EMAIL_SUBJECT, "Re:請求x") } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* --- addresses */

static void addresses(void **state)
{
    static const struct mail mails[] = {
        { "name", SLICE_INIT("From: \"Taro \\\"T\\\" Tanaka\" <t@B.Example>\n\n"), "",
          { T(EMAIL_FROM_NAME, "Taro \"T\" Tanaka"), T(EMAIL_FROM_ADDRESS, "t@b.example"), T(EMAIL_FROM_DOMAIN, "b.example") } },
        { "address in the name", SLICE_INIT("From: \"Partner support@partner.example\" <x@other.example>\n\n"), "",
          { T(EMAIL_FROM_NAME, "Partner support@partner.example"), T(EMAIL_FROM_ADDRESS, "x@other.example"), N(EMAIL_FROM_COUNT, 1) } },
        { "address as a bare name", SLICE_INIT("From: support@partner.example <x@other.example>\n\n"), "",
          { T(EMAIL_FROM_NAME, "support@partner.example"), T(EMAIL_FROM_ADDRESS, "x@other.example"), N(EMAIL_FROM_COUNT, 1) } },
        { "doubled quotes", SLICE_INIT("From: \"\"Taro\"\" <x@other.example>\n\n"), "", { T(EMAIL_FROM_NAME, "\"Taro\""), T(EMAIL_FROM_ADDRESS, "x@other.example") } },
        { "several", SLICE_INIT("From: a@b.example, \"C, D\" <c@d.example>\n\n"), "",
          { N(EMAIL_FROM_COUNT, 2), T(EMAIL_FROM_NAME, "C, D"), T(EMAIL_FROM_ADDRESS, "c@d.example") } },
        { "two angles", SLICE_INIT("From: X <a@b.example> <c@d.example>\n\n"), "", { N(EMAIL_FROM_COUNT, 2), T(EMAIL_FROM_ADDRESS, "c@d.example") } },
        { "comma in a bare name", SLICE_INIT("From: Tanaka, Taro <t@b.example>\n\n"), "", { N(EMAIL_FROM_COUNT, 1), T(EMAIL_FROM_NAME, "Tanaka, Taro") } },
        { "comment as name", SLICE_INIT("From: t@b.example (Taro (the) Tanaka)\n\n"), "", { T(EMAIL_FROM_NAME, "Taro (the) Tanaka"), T(EMAIL_FROM_ADDRESS, "t@b.example") } },
        { "group", SLICE_INIT("From: a@b.example\nTo: Team: a@x.example, B <b@x.example>;, c@x.example\n\n"), "",
          { N(EMAIL_TO_COUNT, 3), T(EMAIL_TO_ADDRESS, "a@x.example"), T(EMAIL_TO_NAME, "B") } },
        { "empty group", SLICE_INIT("From: a@b.example\nTo: undisclosed-recipients:;\n\n"), "", { N(EMAIL_TO_COUNT, 0), NO(EMAIL_TO_ADDRESS) } },
        { "semicolons", SLICE_INIT("From: a@b.example\nTo: a@x.example; b@x.example\n\n"), "", { N(EMAIL_TO_COUNT, 2) } },
        { "unclosed quote", SLICE_INIT("From: \"Taro <t@b.example>\n\n"), "", { T(EMAIL_FROM_ADDRESS, "t@b.example"), T(EMAIL_FROM_NAME, "Taro") } },
        { "unclosed comment", SLICE_INIT("From: (Taro <t@b.example>\n\n"), "", { T(EMAIL_FROM_ADDRESS, "t@b.example") } },
        { "unclosed angle", SLICE_INIT("From: Taro <t@b.example\n\n"), "", { T(EMAIL_FROM_ADDRESS, "t@b.example") } },
        { "comments in the address", SLICE_INIT("From: <t(x)@ b(y) .Example >\n\n"), "", { T(EMAIL_FROM_ADDRESS, "t@b.example") } },
        { "quoted local part", SLICE_INIT("From: \"a @b\"@c.example\n\n"), "", { T(EMAIL_FROM_ADDRESS, "\"a @b\"@c.example"), T(EMAIL_FROM_DOMAIN, "c.example") } },
        { "two at signs", SLICE_INIT("From: <a@b.example@C.example>\n\n"), "", { T(EMAIL_FROM_DOMAIN, "c.example") } },
        { "route", SLICE_INIT("From: <@r.example,@s.example:a@b.example>\n\n"), "", { T(EMAIL_FROM_ADDRESS, "a@b.example") } },
        { "name only", SLICE_INIT("From: Taro Tanaka\n\n"), "", { T(EMAIL_FROM_NAME, "Taro Tanaka"), N(EMAIL_FROM_COUNT, 0), NO(EMAIL_FROM_ADDRESS) } },
        { "encoded comma", SLICE_INIT("From: =?utf-8?Q?a=2Cb?= <a@b.example>\n\n"), "", { N(EMAIL_FROM_COUNT, 1), T(EMAIL_FROM_NAME, "a,b") } },
        { "raw ISO-2022-JP with specials", SLICE_INIT("From: \x1b$B\"*\",<(\x1b(B <a@b.example>\n\n"), "", { N(EMAIL_FROM_COUNT, 1), T(EMAIL_FROM_ADDRESS, "a@b.example") } },
        { "raw Shift_JIS with backslash", SLICE_INIT("From: \"\x95\\\x83\\\" <a@b.example>\n\n"), "", { T(EMAIL_FROM_NAME, "表ソ"), T(EMAIL_FROM_ADDRESS, "a@b.example") } },
        { "nothing", SLICE_INIT("From: \"\" <>, (), ;;; <\n\n"), "", { N(EMAIL_FROM_COUNT, 0) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* --- parameters and names */

#define NAMED(type, disposition) "From: a@b.example\nContent-Type: application/octet-stream" type "\nContent-Disposition: attachment" disposition "\n\n%PDF-"

static void names(void **state)
{
    static const struct mail mails[] = {
        { "name", SLICE_INIT(NAMED("; name=\"a.pdf\"", "")), "a.pdf:5", { T(EMAIL_ATTACHMENTS_FILE_NAME, "a.pdf"), T(EMAIL_ATTACHMENTS_FILE_EXTENSION, "pdf"), N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "the more dangerous name", SLICE_INIT(NAMED("; name=a.exe", "; filename=a.txt")), "a.exe:5", { T(MIME_PARAMETER_CONFLICT, "a.txt") } },
        { "filename before name", SLICE_INIT(NAMED("; name=a.txt", "; filename=b.txt")), "b.txt:5", { T(MIME_PARAMETER_CONFLICT, "a.txt") } },
        { "the same name twice", SLICE_INIT(NAMED("; name=\"=?utf-8?B?6KuL?=.pdf\"", "; filename*=utf-8''%E8%AB%8B.pdf")), "請.pdf:5", { NO(MIME_PARAMETER_CONFLICT) } },
        { "RFC 2231, ISO-2022-JP", SLICE_INIT(NAMED("", "; filename*=iso-2022-jp'ja'%1B$B@A5a=q%1B%28B.pdf")), "請求書.pdf:5", { NO(MIME_PARAMETER_BROKEN) } },
        { "continuations", SLICE_INIT(NAMED("", ";\n filename*0*=utf-8''%E8%AB;\n filename*1*=%8B;\n filename*2=\".pdf\"")), "請.pdf:5", { NO(MIME_PARAMETER_BROKEN) } },
        { "continuations out of order", SLICE_INIT(NAMED("", "; filename*1=b.pdf; filename*0=a")), "ab.pdf:5", { NO(MIME_PARAMETER_BROKEN) } },
        { "continuation missing", SLICE_INIT(NAMED("", "; filename*0=a; filename*2=.pdf")), "a.pdf:5", { T(MIME_PARAMETER_BROKEN, "filename") } },
        { "continuation twice", SLICE_INIT(NAMED("", "; filename*0=a; filename*1=.pdf; filename*1=.txt")), "a.pdf:5", { T(MIME_PARAMETER_BROKEN, "filename") } },
        { "absurd index", SLICE_INIT(NAMED("", "; filename*0=a; filename*99999999999999999999=.pdf; filename*x=y")), "a.pdf:5", { T(MIME_PARAMETER_BROKEN, "filename") } },
        { "bad percent", SLICE_INIT(NAMED("", "; filename*=utf-8''a%zz.pdf%4")), "a%zz.pdf%4:5", { T(MIME_PARAMETER_BROKEN, "filename") } },
        { "unquoted with blanks", SLICE_INIT(NAMED("", "; filename=my file (1).pdf; size=3")), "my file (1).pdf:5", { NO(MIME_PARAMETER_CONFLICT) } },
        { "no semicolon", SLICE_INIT(NAMED(" name=\"a.pdf\"", " filename=a.pdf size=3")), "a.pdf:5", { NO(MIME_PARAMETER_CONFLICT) } },
        { "quote never closed", SLICE_INIT(NAMED("", "; filename=\"a.pdf; size=3")), "a.pdf:5", { N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "path and escapes", SLICE_INIT(NAMED("", "; filename=\"C:\\temp\\\"a\\\".pdf\"")), "C:\\temp\"a\".pdf:5", { N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "raw Shift_JIS", SLICE_INIT(NAMED("; name=\"\x95\\\x8e\xa6.pdf\"", "")), "表示.pdf:5", { F(EMAIL_ATTACHMENTS_COUNT) } },
        { "raw ISO-2022-JP", SLICE_INIT(NAMED("; name=\"\x1b$B@A\";\x1b(B.pdf\"", "")), NULL, { F(EMAIL_ATTACHMENTS_COUNT), T(EMAIL_ATTACHMENTS_FILE_EXTENSION, "pdf") } },
        { "word never ended in a name", SLICE_INIT(NAMED("; name=\"=?utf-8?B?6KuL\"", "")), "請:5", { F(EMAIL_ATTACHMENTS_COUNT) } },
        { "NUL in a name", SLICE_INIT(NAMED("; name=\"a.exe\0.txt\"", "")), "a.exe:5", { T(MIME_PARAMETER_CONFLICT, "a.exe.txt") } },
        { "encoded NUL in a name", SLICE_INIT(NAMED("", "; filename*=utf-8''a.exe%00.txt")), "a.exe:5", { F(EMAIL_ATTACHMENTS_COUNT) } },
        { "a flood of names", SLICE_INIT(NAMED("; name=1.txt; name=2.txt; name=3.txt; name=4.txt; name=5.txt; name=6.txt; name=7.txt; name=8.txt; name=a.exe", "")), "a.exe:5", { F(EMAIL_ATTACHMENTS_COUNT) } },
        { "comment", SLICE_INIT(NAMED(" (a \\) b) ; (x) name (y) = (z) a.pdf", "")), "a.pdf:5", { F(EMAIL_ATTACHMENTS_COUNT) } },
        { "no name", SLICE_INIT(NAMED("", "")), ":5", { N(EMAIL_ATTACHMENTS_COUNT, 1), NO(EMAIL_ATTACHMENTS_FILE_NAME) } },
        { "empty name, content", SLICE_INIT(NAMED("; name=\"\"", "; filename=")), ":5", { N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "inline text is no attachment", SLICE_INIT(HEAD "Content-Type: text/plain\r\nContent-Disposition: inline\r\n\r\nx"), ":1", { N(EMAIL_ATTACHMENTS_COUNT, 0), NO(FILE_ATTACHMENT) } },
        { "named text is one", SLICE_INIT(HEAD "Content-Type: text/plain; name=a.txt\r\n\r\nx"), "a.txt:1", { N(EMAIL_ATTACHMENTS_COUNT, 1), F(FILE_ATTACHMENT) } },
        { "blanks in the type", SLICE_INIT(HEAD "Content-Type: text / plain ; charset=x\r\n\r\nx"), ":1", { N(EMAIL_ATTACHMENTS_COUNT, 0) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* A fact of one leaf does not stand on the mail, where it would speak of all of them. */
static void facts_of_the_leaf(void **state)
{
#define LEAF(type, more, body) "--b\r\nContent-Type: application/octet-stream" type "\r\n" more "\r\n" body "\r\n"
#define NAMES(a, b) LEAF("; name=" a, "Content-Disposition: attachment; filename=" b "\r\n", "%PDF-")
#define TWO_CTE "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n"
    static const struct {
        const char *name;
        slice bytes;
        enum fact_id id;
        const char *parts; /* those that have the fact: their names, or their sizes */
    } cases[] = {
        { "names differ in one of two", SLICE_INIT(MIXED NAMES("a.txt", "a.xls") NAMES("b.png", "b.png") "--b--"), FACT_MIME_PARAMETER_CONFLICT, "a.xls" },
        { "names differ in the second", SLICE_INIT(MIXED NAMES("a.xls", "a.xls") NAMES("b.txt", "b.exe") "--b--"), FACT_MIME_PARAMETER_CONFLICT, "b.exe" },
        { "names differ in both", SLICE_INIT(MIXED NAMES("a.txt", "a.xls") NAMES("b.txt", "b.exe") "--b--"), FACT_MIME_PARAMETER_CONFLICT, "a.xls b.exe" },
        { "three names are two conflicts", SLICE_INIT(MIXED NAMES("a.txt; name=c.png", "a.xls") "--b--"), FACT_MIME_PARAMETER_CONFLICT, "a.xls a.xls" },
        { "mail that is one leaf", SLICE_INIT(NAMED("; name=a.exe", "; filename=a.txt")), FACT_MIME_PARAMETER_CONFLICT, "a.exe" },
        { "uuencoded under another name", SLICE_INIT(MIXED LEAF("; name=a.txt", "Content-Transfer-Encoding: x-uuencode\r\n", "begin 644 b.pdf\r\n/)5!$1BTQ+C<@:6YE<G0*\r\n`\r\nend") TEXT "--b--"), FACT_MIME_PARAMETER_CONFLICT, "a.txt" },
        { "names of a multipart", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b; name=a.txt; name=a.exe\r\n\r\n" TEXT "--b--"), FACT_MIME_PARAMETER_CONFLICT, "" },
        { "two encodings in one of two", SLICE_INIT(MIXED PDF LEAF("; name=b.pdf", TWO_CTE, PDF64) "--b--"), FACT_MIME_READINGS, "b.pdf b.pdf" },
        { "two encodings that give the same", SLICE_INIT(MIXED PDF LEAF("; name=b.pdf", "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n", "%PDF-") "--b--"), FACT_MIME_READINGS, "" },
        { "two boundaries", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b; boundary=d\r\n\r\n" PDF "--b--\r\n--d\r\nContent-Type: application/pdf; name=d.pdf\r\n\r\n%PDF-\r\n--d--"), FACT_MIME_READINGS, "mail a.pdf mail d.pdf mail" },
        { "multipart declared as text", SLICE_INIT(HEAD "Content-Type: text/plain\r\n\r\n" PDF "--b--"), FACT_MIME_READINGS, "mail a.pdf" },
        { "multipart in one of two", SLICE_INIT(MIXED NAMES("a.pdf", "a.pdf") "--b\r\nContent-Type: text/plain; boundary=i\r\n\r\n--i\r\nContent-Type: application/pdf; name=i.pdf\r\n\r\n%PDF-\r\n--i--\r\n" NAMES("z.pdf", "z.pdf") "--b--"), FACT_MIME_READINGS, "i.pdf mail 62" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .format = "eml", .declared = "message/rfc822" }, cases[i].bytes);
        struct buf got = buf_new(4096);
        tally_check(t);
        for (uint32_t k = 0; k < t->r.n_facts; k++) {
            const struct fact *f = &t->r.facts[k];
            if (f->id != cases[i].id)
                continue;
            const struct part *p = &t->r.parts[f->part];
            buf_text(&got, got.len ? " " : "");
            if (f->part == 0)
                buf_text(&got, "mail");
            else if (p->name.len)
                buf_put(&got, p->name);
            else
                buf_format(&got, "%llu", (unsigned long long)p->size);
            assert_int_equal(t->r.events[f->event].part, f->part);
        }
        if (!slice_is(buf_slice(&got), cases[i].parts))
            fail_msg("%s: \"%.*s\", not \"%s\"", cases[i].name, SLICE_FMT(buf_slice(&got)), cases[i].parts);
        buf_drop(&got);
        tally_drop(&t);
    }
}

/* --- multiparts */

static void multiparts(void **state)
{
    static const struct mail mails[] = {
        { "two parts", SLICE_INIT(MIXED TEXT PDF "--b--\r\n"), ":5 a.pdf:15", { N(MIME_DEPTH, 1), N(EMAIL_ATTACHMENTS_COUNT, 1), NO(MIME_READINGS), NO(MIME_BOUNDARY_UNCLOSED) } },
        { "not closed", SLICE_INIT(MIXED TEXT PDF), ":5 a.pdf:15", { F(MIME_BOUNDARY_UNCLOSED) } },
        { "nested", SLICE_INIT(MIXED "--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb\r\nContent-Type: text/html\r\n\r\ntwo\r\n--bb--\r\n" PDF "--b--"),
          ":3 :3 a.pdf:15", { N(MIME_DEPTH, 2) } },
        { "nested, inner not closed", SLICE_INIT(MIXED "--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\none\r\n" PDF "--b--"), ":3 a.pdf:15", { F(MIME_BOUNDARY_UNCLOSED) } },
        { "boundary is the beginning of another", SLICE_INIT(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=b-x\r\n\r\n--b-x\r\n\r\none\r\n--b-x--\r\n" PDF "--b--"), ":3 a.pdf:15", { N(MIME_DEPTH, 2) } },
        { "the same boundary inside", SLICE_INIT(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15", { F(MIME_BOUNDARY_MISSING) } },
        { "blanks behind the boundary", SLICE_INIT(MIXED "--b \t\r\n\r\nhello\r\n--b-- \r\n"), ":5", { NO(MIME_BOUNDARY_UNCLOSED) } },
        { "lone CR", SLICE_INIT("From: a@b.example\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rhello\r--b--\r"), ":5", { N(MIME_DEPTH, 1) } },
        { "duplicate Content-Type, the first counts", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15 :152", { T(MIME_HEADER_DUPLICATE, "Content-Type"), N(MIME_READINGS, 2) } },
        { "duplicate Content-Type, the last counts", SLICE_INIT(HEAD "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15 :152", { T(MIME_HEADER_DUPLICATE, "Content-Type"), N(MIME_READINGS, 2) } },
        { "two boundaries, both there", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n" TEXT "--b--\r\n--c\r\nContent-Type: application/pdf\r\n\r\n%PDF-\r\n--c--\r\n"),
          NULL, { F(MIME_BOUNDARY_SEVERAL), N(MIME_READINGS, 2), T(FILE_TYPE, "pdf") } },
        { "second boundary only", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=x; boundary=b\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15", { F(MIME_BOUNDARY_SEVERAL), NO(MIME_READINGS) } },
        { "boundary with comment", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b (not it)\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15", { NO(MIME_BOUNDARY_MISSING) } },
        { "boundary in pieces", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary*1=\"a\"; boundary*0*=us-ascii''%62\r\n\r\n--ba\r\n\r\nhello\r\n--ba--"), ":5", { N(MIME_DEPTH, 1) } },
        { "raw 8-bit boundary", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=\"\x90\xbf\"\r\n\r\n--\x90\xbf\r\n\r\nhello\r\n--\x90\xbf--"), ":5", { NO(MIME_BOUNDARY_MISSING) } },
        { "no boundary", SLICE_INIT(HEAD "Content-Type: multipart/mixed\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15", { F(MIME_BOUNDARY_MISSING) } },
        { "wrong boundary", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=z\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15", { F(MIME_BOUNDARY_MISSING) } },
        { "boundary lines go on", SLICE_INIT(MIXED "--bz\r\n\r\nhello\r\n--b--"), NULL, { N(MIME_DEPTH, 1) } },
        { "only as the beginning of lines", SLICE_INIT(MIXED "--b1\r\n\r\nhello\r\n--b2\r\n\r\nyou\r\n--b--3\r\n"), ":5 :3", { NO(MIME_BOUNDARY_MISSING) } },
        { "no part at all", SLICE_INIT(MIXED "nothing here"), ":12", { F(MIME_BOUNDARY_MISSING), N(EMAIL_ATTACHMENTS_COUNT, 0) } },
        { "part behind the end", SLICE_INIT(MIXED TEXT "--b--\r\n" PDF), ":5 a.pdf:15", { F(MIME_EPILOGUE_CONTENT) } },
        { "header in the epilogue", SLICE_INIT(MIXED TEXT "--b--\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-"), ":5 a.pdf:5", { F(MIME_EPILOGUE_CONTENT) } },
        { "header in the preamble", SLICE_INIT(MIXED "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-\r\n" TEXT "--b--"), "a.pdf:5 :5", { F(MIME_PREAMBLE_CONTENT) } },
        { "ordinary preamble and epilogue", SLICE_INIT(MIXED "This is a multi-part message.\r\n" TEXT "--b--\r\n_____\r\nlist footer\r\n"), ":5", { NO(MIME_PREAMBLE_CONTENT), NO(MIME_EPILOGUE_CONTENT) } },
        { "uuencode in the epilogue", SLICE_INIT(MIXED TEXT "--b--\r\nbegin 644 a.pdf\r\n/)5!$1BTQ+C<@:6YE<G0*\r\nend\r\n"), ":5 a.pdf:15", { F(MIME_EPILOGUE_CONTENT), F(MIME_UUENCODE) } },
        { "multipart declared as text", SLICE_INIT(HEAD "Content-Type: text/plain\r\n\r\n" TEXT PDF "--b--"), ":152 :5 a.pdf:15", { N(MIME_READINGS, 2) } },
        { "multipart, nothing declared", SLICE_INIT(HEAD "\r\n" TEXT PDF "--b--"), ":152 :5 a.pdf:15", { N(MIME_READINGS, 2) } },
        { "empty boundary", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\nContent-Type: text/plain\r\n\r\nhello\r\n--\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-\r\n----"), ":5 a.pdf:5", { F(MIME_BOUNDARY_MISSING) } },
        { "text with a boundary", SLICE_INIT(HEAD "Content-Type: text/plain; boundary=b\r\n\r\n" TEXT PDF "--b--"), ":5 a.pdf:15 :152", { N(MIME_READINGS, 2) } },
        { "dashes in text", SLICE_INIT(HEAD "\r\nhello\r\n-- \r\nsignature\r\n-----Original Message-----\r\nSubject: x\r\n"), ":63", { NO(MIME_READINGS) } },
        { "encoded as a whole", SLICE_INIT(HEAD "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\nLS1iDQoNCmhlbGxvDQotLWItLQ=="), ":5", { N(MIME_DEPTH, 1), NO(MIME_BOUNDARY_MISSING) } },
        { "no blank line in a part", SLICE_INIT(MIXED "--b\r\nhello\r\n--b--"), ":5", { N(MIME_DEPTH, 1) } },
        { "header only", SLICE_INIT(MIXED "--b\r\nContent-Type: text/html\r\n--b--"), "", { N(MIME_DEPTH, 1) } },
        { "digest", SLICE_INIT(HEAD "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\n\r\nhello\r\n--b--"), "[:42] :5", { T(EMAIL_SUBJECT, "inner") } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* --- transfer encodings */

#define CTE(cte, body) SLICE_INIT(HEAD "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: " cte "\r\n\r\n" body)

static void encodings(void **state)
{
    static const struct mail mails[] = {
        { "base64", CTE("base64", "JVBERi0x\r\nLjcgaW5lcnQK\r\n"), ":15", { NO(MIME_BASE64_JUNK), NO(MIME_ENCODING_LIED) } },
        { "base64, name in capitals, comment", CTE("BASE64 (so)", PDF64), ":15", { NO(MIME_ENCODING_UNKNOWN) } },
        { "base64 with a semicolon", CTE("base64;", PDF64), ":15", { NO(MIME_ENCODING_UNKNOWN) } },
        { "base64 in quotes", CTE("\"base64\"", PDF64), ":15", { NO(MIME_ENCODING_UNKNOWN) } },
        { "junk", CTE("base64", "JVB!!ERi0xLj-cgaW5lcnQK"), ":15", { N(MIME_BASE64_JUNK, 3) } },
        { "early padding", CTE("base64", "JQ==UERG\r\nLTEu"), ":7", { NO(MIME_ENCODING_LIED) } },
        { "no padding", CTE("base64", "JVBERi0"), ":5", { NO(MIME_BASE64_JUNK) } },
        { "one character left", CTE("base64", "JVBEA"), ":3", { NO(MIME_BASE64_JUNK) } },
        { "lines of odd length", CTE("base64", "J\r\nVB\r\nERi0xL\r\njcgaW5lcn\r\nQK"), ":15", { NO(MIME_BASE64_JUNK) } },
        { "only padding", CTE("base64", "===="), ":0", { N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "declared base64, is not", CTE("base64", "%PDF-1.7 (not <encoded>) at {all}"), ":33", { T(MIME_ENCODING_LIED, "base64 / 7bit") } },
        { "declared 7bit, is base64", CTE("7bit", PDF64 "AAAA"), ":24 :18", { T(MIME_ENCODING_LIED, "7bit / base64"), N(MIME_READINGS, 2) } },
        { "nothing declared, is base64", SLICE_INIT(HEAD "\r\n" PDF64 "AAAA"), ":24 :18", { T(MIME_ENCODING_LIED, "7bit / base64"), N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "declared 7bit, is quoted-printable", CTE("7bit", "=25PDF=2D1.7"), ":12 :8", { T(MIME_ENCODING_LIED, "7bit / quoted-printable") } },
        { "two encodings", CTE("7bit\r\nContent-Transfer-Encoding: base64", PDF64), ":15 :20", { N(MIME_READINGS, 2), T(MIME_HEADER_DUPLICATE, "Content-Transfer-Encoding") } },
        { "two encodings, the same outcome", CTE("8bit\r\nContent-Transfer-Encoding: quoted-printable", "%PDF-"), ":5", { T(MIME_HEADER_DUPLICATE, "Content-Transfer-Encoding") } },
        { "base64 twice", CTE("base64", "SlZCRVJpMHhMamNnYVc1bGNuUWdZVzVrSUdoaGNtMXNaWE56Q2c9PQ=="), ":40 :28", { T(MIME_ENCODING_LIED, "base64 / base64 twice") } },
        { "unknown", CTE("x-zip", "hello"), ":5", { T(MIME_ENCODING_UNKNOWN, "x-zip") } },
        { "quoted-printable", CTE("quoted-printable", "a=3D=\r\nb=  \r\n=3d=zz=\nc="), ":8", { NO(MIME_ENCODING_LIED) } },
        { "soft breaks between all", CTE("quoted-printable", "%=\r\nP=\r\nD=\r\nF=\r\n-"), ":5", { T(FILE_TYPE, "pdf") } },
        { "x-uuencode", CTE("x-uuencode", "begin 644 a.pdf\r\n/)5!$1BTQ+C<@:6YE<G0*\r\n`\r\nend\r\n"), "a.pdf:15", { NO(MIME_ENCODING_UNKNOWN) } },
        { "x-uuencode without frame", CTE("x-uuencode", "/)5!$1BTQ+C<@:6YE<G0*\r\n"), ":15", { T(FILE_TYPE, "pdf") } },
        { "x-uuencode of nothing", CTE("x-uuencode", "{}"), ":2", { N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "uuencode in text", SLICE_INIT(HEAD "\r\nhello\r\n\r\nbegin 644 a.pdf\r\n/)5!$1BTQ+C<@:6YE<G0*\r\n`\r\nend\r\nbye\r\n"), ":62 a.pdf:15", { F(MIME_UUENCODE), N(EMAIL_ATTACHMENTS_COUNT, 1) } },
        { "uuencode not ended", SLICE_INIT(HEAD "\r\nbegin 0644 a b.pdf\n/)5!$1BTQ+C<@:6YE<G0*"), ":40 a b.pdf:15", { F(MIME_UUENCODE) } },
        { "begin-base64", SLICE_INIT(HEAD "\r\nbegin-base64 644 a.pdf\n" PDF64 "\n====\n"), NULL, { F(MIME_UUENCODE), T(EMAIL_ATTACHMENTS_FILE_NAME, "a.pdf") } },
        { "no uuencode", SLICE_INIT(HEAD "\r\nbegin 644 files, said he\r\nand ended\r\nbegin 99 x\r\nbeginning\r\n"), ":60", { NO(MIME_UUENCODE) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

static void messages(void **state)
{
    static const struct mail mails[] = {
        { "attached mail", SLICE_INIT(MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\n\r\nhello\r\n--b--"), "[:42] :5", { T(EMAIL_SUBJECT, "inner"), N(EMAIL_ATTACHMENTS_COUNT, 0) } },
        { "attached mail in base64", SLICE_INIT(MIXED "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogaW5uZXIKCmhlbGxvCg==\r\n--b--"), "[:22] :6", { T(EMAIL_SUBJECT, "inner") } },
        { "attached by name", SLICE_INIT(MIXED "--b\r\nContent-Type: application/octet-stream; name=a.eml\r\n\r\nSubject: inner\r\n\r\nhello\r\n--b--"), "[a.eml:23] :5", { T(EMAIL_SUBJECT, "inner") } },
        { "attached by content", SLICE_INIT(MIXED "--b\r\nContent-Type: application/octet-stream\r\n\r\nMIME-Version: 1.0\r\nSubject: inner\r\n\r\nhello\r\n--b--"), "[:42] :5", { T(EMAIL_SUBJECT, "inner") } },
        { "quoted header is text", SLICE_INIT(HEAD "\r\nFrom: x@y.example\r\nTo: a@b.example\r\nSubject: quoted\r\n\r\nhello"), ":60", { T(EMAIL_SUBJECT, "s") } },
        { "partial", SLICE_INIT(HEAD "Content-Type: message/partial; id=1; number=1; total=2\r\n\r\nSubject: x\r\n\r\nhello"), NULL, { F(MIME_PARTIAL) } },
        { "external", SLICE_INIT(HEAD "Content-Type: message/external-body; access-type=URL; URL=\"http://example.invalid/\"\r\n\r\nContent-Type: text/plain\r\n\r\n"), NULL, { F(MIME_EXTERNAL_BODY), T(MIME_EXTERNAL_BODY_ACCESS, "URL"), T(URL_FULL, "http://example.invalid/"), T(URL_SOURCE, "mime.external_body") } },
        { "external, folded", SLICE_INIT(HEAD "Content-Type: message/external-body; access-type=url;\r\n URL=\"http://example.invalid/a\r\n b\"\r\n\r\n"), NULL, { T(URL_FULL, "http://example.invalid/ab") } },
        { "external by FTP", SLICE_INIT(HEAD "Content-Type: message/external-body; access-type=anon-ftp; site=\"ftp.a.example\"; directory=\"pub\"; name=\"a.txt\"\r\n\r\n"), NULL, { T(URL_FULL, "ftp://ftp.a.example/pub/a.txt") } },
        { "external on a file server", SLICE_INIT(HEAD "Content-Type: message/external-body; access-type=local-file; name=\"\\\\\\\\a.example\\\\s\\\\a.doc\"\r\n\r\n"), NULL, { T(MIME_EXTERNAL_BODY_ACCESS, "local-file"), T(URL_SCHEME, "file"), T(URL_DOMAIN, "a.example") } },
        { "external on the own disk", SLICE_INIT(HEAD "Content-Type: message/external-body; access-type=local-file; name=\"/a.txt\"\r\n\r\n"), NULL, { T(MIME_EXTERNAL_BODY_ACCESS, "local-file"), NO(URL_FULL) } },
        { "external, nothing said", SLICE_INIT(HEAD "Content-Type: message/external-body\r\n\r\n"), NULL, { F(MIME_EXTERNAL_BODY), NO(MIME_EXTERNAL_BODY_ACCESS) } },
    };
    (void)state;
    CHECK_MAILS(mails);
}

/* --- which bytes are a mail */

static void sniffing(void **state)
{
    static const struct {
        const char *name, *file, *declared;
        slice bytes;
        bool mail, lost; /* lost: the first word is in no part */
    } cases[] = {
        { "two fields", "x", "", SLICE_INIT("From: a@b\nTo: c@d\n\nhello"), true, false },
        { "only X- and one", "x", "", SLICE_INIT("X-A: 1\nReceived: x\n\nhello"), true, false },
        { "lines of blanks before", "x", "", SLICE_INIT("\r\n \t\r\nFrom: a@b\nTo: c@d\n\nhello"), true, false },
        { "by declaration", "x", "message/rfc822", SLICE_INIT("hello"), true, false },
        { "by name", "a.EML", "", SLICE_INIT("Subject: x\n\nhello"), true, false },
        { "mark and mbox line", "a.eml", "", SLICE_INIT("\xef\xbb\xbf" "From x\nFrom: a@b\nTo: c@d\n\nhello"), true, false },
        { "text", "x", "", SLICE_INIT("hello: you\nand: me\n\nhello"), false, false },
        { "program", "x", "", SLICE_INIT("MZ\x90\0\x03\0\0\0From: a\nTo: b\n"), false, false },
        { "named eml, is an archive", "a.eml", "", SLICE_INIT("PK\x03\x04\x14\0\0\0\0\0"), false, false },
        { "empty", "a.eml", "message/rfc822", SLICE_INIT(""), false, false },
        { "text with header lines", "a.txt", "text/plain", SLICE_INIT("From: a\nTo: b\nSubject: c\n\nhello"), false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = cases[i].file, .declared = cases[i].declared }, cases[i].bytes);
        tally_check(t);
        if (slice_is(t->r.parts[0].type, "eml") != cases[i].mail)
            fail_msg("%s: type is %.*s", cases[i].name, SLICE_FMT(t->r.parts[0].type));
        tally_drop(&t);
    }
}

/* --- limits */

static struct tally *repeated(const char *head, const char *unit, size_t n, const char *tail)
{
    struct buf b = buf_new(64u << 20);
    buf_text(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_text(&b, unit);
    buf_text(&b, tail);
    struct tally *t = tally_run(&(struct tally_options){ .format = "eml", .ceiling = 256u << 20 }, buf_slice(&b));
    tally_check(t);
    buf_drop(&b);
    return t;
}

static bool limit_named(const struct tally *t, const char *limit)
{
    for (uint32_t i = 0; i < t->r.n_unread; i++)
        if (t->r.unread[i].cause == UNREAD_LIMIT && slice_is(slice_of(unread_row(t->r.unread[i].of)->token), limit))
            return true;
    return false;
}

static void limits(void **state)
{
    (void)state;
    struct tally *t = repeated("From: a@b.example\n", "X-A: b\n", 1000001, "\nx\n");
    assert_true(limit_named(t, "entries"));
    assert_int_equal(t->r.parts[0].end, WALK_LIMIT);
    tally_drop(&t);

    t = repeated("From: a@b.example\n", "X-A: b\n", 200000, "\nhello");
    assert_int_equal(t->r.n_parts, 2);
    assert_int_equal(tally_fact(t, FACT_MIME_HEADER_MANY)->number, 200001);
    tally_drop(&t);

    t = repeated("From: a@b.example\nSubject: ", "AAAAAAAAAAAAAAAA", 20u << 16, "\n\nhello");
    assert_int_equal(t->r.n_parts, 2);
    assert_int_equal(tally_fact(t, FACT_MIME_HEADER_LONG)->number, (20 << 20) + 9);
    tally_drop(&t);

    t = repeated(MIXED, "--b\nContent-Type: text/plain\n\nx\n", 100000, "--b--\n");
    assert_true(limit_named(t, "parts"));
    assert_int_equal(t->r.n_parts, 20000);
    tally_drop(&t);

    t = repeated(HEAD "\r\n", "begin 644 a\n#AAAA\nend\n", 30000, "");
    assert_true(limit_named(t, "parts"));
    tally_drop(&t);
}

static void nesting(void **state)
{
    struct buf b = buf_new(16u << 20);
    (void)state;
    for (int i = 0; i < 10000; i++)
        buf_format(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n\nt%d\n--b%d\n", i, i, i, i);
    struct tally *t = tally_format("eml", buf_slice(&b));
    tally_check(t);
    assert_true(limit_named(t, "depth"));
    assert_true(t->r.n_parts > 20); /* what was read stands */
    tally_drop(&t);

    buf_clear(&b);
    for (int i = 0; i < 5000; i++)
        buf_text(&b, "Subject: x\nContent-Type: message/rfc822\n\n");
    t = tally_format("eml", buf_slice(&b));
    tally_check(t);
    assert_true(limit_named(t, "depth"));
    assert_true(t->r.n_parts > 20);
    tally_drop(&t);
    buf_drop(&b);
}

static void long_boundary(void **state)
{
    struct buf b = buf_new(1u << 20), name = buf_new(200000);
    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_byte(&name, 'x');
    buf_text(&b, HEAD "Content-Type: multipart/mixed; boundary=\"");
    buf_put(&b, buf_slice(&name));
    buf_text(&b, "\"\r\n\r\n--");
    buf_put(&b, buf_slice(&name));
    buf_text(&b, "\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-\r\n--");
    buf_put(&b, buf_slice(&name));
    buf_text(&b, "--");
    struct tally *t = tally_format("eml", buf_slice(&b));
    assert_int_equal(t->r.n_parts, 2);
    assert_true(tally_part_named(t, "a.pdf") == 1);
    assert_int_equal(tally_fact(t, FACT_MIME_BOUNDARY_LONG)->number, 100000);
    tally_drop(&t);
    buf_drop(&b);
    buf_drop(&name);
}

/* Inputs that a careless reader walks in quadratic time: a budget of work far
 * below that must do. */
static void linear(void **state)
{
    static const struct {
        const char *head, *unit, *tail;
    } cases[] = {
        { "From: a@b.example\nSubject: ", "=?a?Q? ", "\n\n" },
        { "From: \"\\\"", "\\\"(", "\n\n" },
        { "From: ", "a,", "\n\n" },
        { "From: ", "<", "\n\n" },
        { "From: a@b.example\nContent-Type: text/plain", "; ((", "\n\n" },
        { "From: a@b.example\nContent-Type: text/plain", "; name*1=x", "\n\n" },
        { "From: a@b.example\nX: y", "\r", "x\n\nx" },
        { "From: a@b.example\n\n", "begin 644 a\n", "" },
        { "From: a@b.example\n\n", "--x\nContent-Type: text/plain\n\n", "" },
        { "From: a@b.example\nContent-Type: multipart/mixed; boundary=b; boundary=c\n\n", "--b\n--c\n", "" },
        { "From: a@b.example\nContent-Transfer-Encoding: quoted-printable\n\n", "=    ", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = repeated(cases[i].head, cases[i].unit, 200000, cases[i].tail);
        tally_drop(&t); /* the time limit of the test decides */
    }
}

static void no_memory(void **state)
{
    static const slice mail = SLICE_INIT(
        "From: =?utf-8?B?6KuL5rGC5pu4?= <a@b.example>\r\nTo: X, Y <c@d.example>\r\n"
        "Subject: =?iso-2022-jp?B?GyRCQEE1?=\r\n =?iso-2022-jp?B?YT1xGyhC?=\r\n"
        "Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n" TEXT
        "--b\r\nContent-Type: application/octet-stream; name*0*=utf-8''a; name*1=\"b\\\".pdf\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" PDF64 "\r\n--b--\r\n--c\r\n\r\nbegin 644 a\r\n#AAAA\r\nend\r\n--c--");
    (void)state;
    for (size_t n = 1; n < 120; n++) {
        struct tally *t = tally_run(&(struct tally_options){ .format = "eml", .fail_at = n }, mail);
        tally_check(t);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),    cmocka_unit_test(received),      cmocka_unit_test(words),
        cmocka_unit_test(addresses),  cmocka_unit_test(names),         cmocka_unit_test(facts_of_the_leaf),
        cmocka_unit_test(multiparts),
        cmocka_unit_test(encodings),  cmocka_unit_test(messages),      cmocka_unit_test(sniffing),
        cmocka_unit_test(limits),     cmocka_unit_test(nesting),       cmocka_unit_test(long_boundary),
        cmocka_unit_test(linear),     cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
