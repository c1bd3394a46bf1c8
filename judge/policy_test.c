/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions and promises: what their files must say, and on whom they act. */
#include "judge/test_support.h"

#define FULL "author: a, reason: r, expires: 2027-03-31"

static const struct {
    const char *name, *text, *want; /* NULL: read, n rows */
    size_t n;
    bool promises;
} files[] = {
    { "empty", "", NULL, 0, false },
    { "comment only", "# none\n", NULL, 0, false },
    { "recipient", "- {rule: x, recipient: a@b.example, " FULL "}\n", NULL, 1, false },
    { "under its key", "exceptions:\n- {rule: x, recipient: '@b.example', " FULL "}\n", NULL, 1, false },
    { "sender and identity", "- {rule: x, sender: a@b.example, identity: 'v1:00', " FULL "}\n", NULL, 1, false },
    { "no list", "rule: x\n", "bare or under `exceptions:`", 0, false },
    { "no map", "- x\n", "t:1: every entry", 0, false },
    { "unknown key", "- rule: x\n  recipent: a\n", "t:2: 'recipent' is not known", 0, false },
    { "no rule", "- {recipient: a, " FULL "}\n", "`rule` is missing", 0, false },
    { "no author", "- {rule: x, recipient: a, reason: r, expires: 2027-03-31}\n", "t:1: `author` is missing", 0, false },
    { "no reason", "- {rule: x, recipient: a, author: r, expires: 2027-03-31}\n", "`reason` is missing", 0, false },
    { "no end", "- {rule: x, recipient: a, author: r, reason: s}\n", "`expires` is missing", 0, false },
    { "empty author", "- {rule: x, recipient: a, author: ' ', reason: r, expires: 2027-03-31}\n", "`author` is missing", 0, false },
    { "odd date", "- {rule: x, recipient: a, author: r, reason: s, expires: 31.3.2027}\n", "YYYY-MM-DD", 0, false },
    { "no such day", "- {rule: x, recipient: a, author: r, reason: s, expires: 2027-04-31}\n", "YYYY-MM-DD", 0, false },
    { "never ends", "- {rule: x, recipient: a, author: r, reason: s, expires: never}\n", "YYYY-MM-DD", 0, false },
    { "sender alone", "- {rule: x, sender: a, " FULL "}\n", "belong together", 0, false },
    { "identity alone", "- {rule: x, identity: a, " FULL "}\n", "belong together", 0, false },
    { "for nobody", "- {rule: x, " FULL "}\n", "say for whom", 0, false },
    { "no YAML", "- {", "t:", 0, false },
    { "promise", "- {sender: support.example, never: [attachments, macros], source: 'https://support.example/'}\n", NULL, 1, true },
    { "links only, none", "- {sender: support.example, links_only: [], source: x, reason: {en: a, ja: b}}\n", NULL, 1, true },
    { "nothing promised", "- {sender: support.example, source: x}\n", "nothing is promised", 0, true },
    { "unknown promise", "- {sender: support.example, source: x, never: [rain]}\n", "attachments, macros and archives", 0, true },
    { "no source", "- {sender: support.example, never: attachments}\n", "`source` is missing", 0, true },
    { "links no list", "- {sender: s, source: x, links_only: a}\n", "list of domains", 0, true },
};

static void each_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct arena *mem = arena_new(1 << 20);
        struct policy p = { .n_exceptions = 77 };
        struct err e = { 0 };
        slice text = slice_of(files[i].text), path = SLICE_LIT("t");
        int code = files[i].promises ? promises_read(text, path, mem, &p, &e) : exceptions_read(text, path, mem, &p, &e);
        size_t n = files[i].promises ? p.n_promises : p.n_exceptions;
        if (files[i].want ? code >= 0 || !strstr(e.text, files[i].want) || p.n_exceptions != 77 : code != 0 || n != files[i].n)
            fail_msg("%s: code %d, %zu rows, '%s'", files[i].name, code, n, e.text);
        arena_drop(&mem);
    }
}

/* --- exceptions at work */

static const char rule[] = "title: t\nid: u\nname: macro-rule\nlevel: critical\nlogsource: {product: sekisho, category: macro}\n"
                           "detection: {s: {vba.entry: AutoOpen}, condition: s}\n";

struct mail {
    const char *from, *second_from, *to, *cc, *envelope, *dmarc, *dkim, *dkim_domain, *spf, *return_domain, *identity, *second_identity;
};

static void text_if(struct sheet *s, uint32_t e, enum fact_id id, const char *text)
{
    if (text)
        sheet_text(s, e, id, text);
}

static struct judgement judge_mail(const struct rules *r, const struct mail *m, const struct policy *p, struct sheet *s)
{
    sheet_open(s);
    uint32_t root = sheet_part(s, NO_ID, "eml"), e = sheet_event(s, EVENT_MAIL, root);
    text_if(s, e, FACT_EMAIL_FROM_ADDRESS, m->from);
    text_if(s, e, FACT_EMAIL_FROM_ADDRESS, m->second_from);
    text_if(s, e, FACT_EMAIL_TO_ADDRESS, m->to);
    text_if(s, e, FACT_EMAIL_CC_ADDRESS, m->cc);
    text_if(s, e, FACT_EMAIL_ENVELOPE_TO_ADDRESS, m->envelope);
    text_if(s, e, FACT_EMAIL_AUTH_DMARC, m->dmarc);
    text_if(s, e, FACT_EMAIL_AUTH_DKIM, m->dkim);
    text_if(s, e, FACT_EMAIL_AUTH_DKIM_DOMAIN, m->dkim_domain);
    text_if(s, e, FACT_EMAIL_AUTH_SPF, m->spf);
    text_if(s, e, FACT_EMAIL_RETURN_PATH_DOMAIN, m->return_domain);
    uint32_t part = sheet_part(s, root, "vba-project"), macro = sheet_event(s, EVENT_MACRO, part);
    sheet_text(s, macro, FACT_VBA_ENTRY, "AutoOpen");
    text_if(s, macro, FACT_VBA_IDENTITY, m->identity);
    if (m->second_identity)
        sheet_text(s, sheet_event(s, EVENT_MACRO, sheet_part(s, root, "vba-project")), FACT_VBA_IDENTITY, m->second_identity);
    return judge_record(r, &s->record, p, s->mem);
}

static const struct {
    const char *name;
    struct mail mail;
    bool excepted;
} mails[] = {
    { "recipient", { .from = "x@y.example", .to = "Keiri@corp.example" }, true },
    { "recipient's domain", { .from = "x@y.example", .to = "any@dept.example" }, true },
    { "not its subdomain", { .from = "x@y.example", .to = "any@sub.dept.example" }, false },
    { "another recipient besides", { .from = "x@y.example", .to = "keiri@corp.example", .cc = "boss@corp.example" }, false },
    { "header lies, envelope decides", { .from = "x@y.example", .to = "keiri@corp.example", .envelope = "boss@corp.example" }, false },
    { "envelope fits", { .from = "x@y.example", .to = "list@corp.example", .envelope = "keiri@corp.example" }, true },
    { "nobody", { .from = "x@y.example" }, false },
    { "sender by DMARC", { .from = "report@vendor.example", .dmarc = "pass", .identity = "v1:ab" }, true },
    { "sender by DKIM", { .from = "report@vendor.example", .dkim = "pass", .dkim_domain = "vendor.example", .identity = "v1:ab" }, true },
    { "sender by SPF", { .from = "report@vendor.example", .spf = "pass", .return_domain = "bounce.vendor.example", .identity = "v1:ab" }, true },
    { "not authenticated", { .from = "report@vendor.example", .identity = "v1:ab" }, false },
    { "DMARC fails", { .from = "report@vendor.example", .dmarc = "fail", .identity = "v1:ab" }, false },
    { "DKIM of another domain", { .from = "report@vendor.example", .dkim = "pass", .dkim_domain = "evil.example", .identity = "v1:ab" }, false },
    { "DKIM of a name that ends alike", { .from = "report@vendor.example", .dkim = "pass", .dkim_domain = "notvendor.example", .identity = "v1:ab" }, false },
    { "SPF of another domain", { .from = "report@vendor.example", .spf = "pass", .return_domain = "evil.example", .identity = "v1:ab" }, false },
    { "two senders", { .from = "report@vendor.example", .second_from = "x@evil.example", .dmarc = "pass", .identity = "v1:ab" }, false },
    { "another macro", { .from = "report@vendor.example", .dmarc = "pass", .identity = "v1:cd" }, false },
    { "no identity", { .from = "report@vendor.example", .dmarc = "pass" }, false },
    { "a second macro besides", { .from = "report@vendor.example", .dmarc = "pass", .identity = "v1:ab", .second_identity = "v1:cd" }, false },
    { "another sender", { .from = "other@vendor.example", .dmarc = "pass", .identity = "v1:ab" }, false },
};

static void on_whom_exceptions_act(void **state)
{
    (void)state;
    struct compiled c = compile_text(rule, false);
    struct arena *mem = arena_new(1 << 20);
    struct policy p = { .today = SLICE_LIT("2027-03-31"), .trust_foreign = true };
    const char *text = "- {rule: other-rule, recipient: '@y.example', " FULL "}\n- {rule: macro-rule, recipient: keiri@corp.example, " FULL "}\n"
                       "- {rule: u, recipient: '@dept.example', " FULL "}\n- {rule: macro-rule, sender: report@vendor.example, identity: 'v1:ab', " FULL "}\n";
    assert_int_equal(exceptions_read(slice_of(text), SLICE_LIT("t"), mem, &p, NULL), 0);
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
        struct sheet s;
        struct judgement j = judge_mail(c.rules, &mails[i].mail, &p, &s);
        assert_int_equal(j.n_findings, 1);
        if (j.findings[0].excepted != mails[i].excepted || j.verdict != (mails[i].excepted ? VERDICT_CLEAN : VERDICT_MALICIOUS))
            fail_msg("%s: excepted %d, %s", mails[i].name, j.findings[0].excepted, verdict_name(j.verdict));
        if (mails[i].excepted)
            assert_true(j.findings[0].exception > 0 && j.findings[0].exception < 4);
        sheet_drop(&s);
    }
    /* the day after, and without a clock */
    const slice days[] = { SLICE_INIT("2027-04-01"), SLICE_INIT("2028-01-01"), SLICE_INIT("") };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct sheet s;
        p.today = days[i];
        assert_int_equal(judge_mail(c.rules, &mails[0].mail, &p, &s).verdict, VERDICT_MALICIOUS);
        sheet_drop(&s);
    }
    arena_drop(&mem);
    compiled_drop(&c);
}

/* --- promises at work */

static const struct {
    const char *name, *from, *shown, *sender, *attachment, *link;
    bool macro, broken;
} shown[] = {
    { "kept", "news@support.example", NULL, NULL, NULL, "www.support.example", false, false },
    { "attachment", "news@support.example", NULL, NULL, "doc", NULL, false, true },
    { "a logo is no attachment", "news@support.example", NULL, NULL, "png", NULL, false, false },
    { "of a subdomain", "news@mail.support.example", NULL, NULL, "doc", NULL, false, true },
    { "a name that ends alike", "news@notsupport.example", NULL, NULL, "doc", NULL, false, false },
    { "in the display name", "x@evil.example", "news@support.example", NULL, "doc", NULL, false, true },
    { "as Sender", "x@evil.example", NULL, "news@Support.example", "doc", NULL, false, true },
    { "not shown", "x@evil.example", NULL, NULL, "doc", NULL, false, false },
    { "link elsewhere", "news@support.example", NULL, NULL, NULL, "evil.example", false, true },
    { "link to a name that ends alike", "news@support.example", NULL, NULL, NULL, "notsupport.example", false, true },
    { "macro without attachment flag", "news@support.example", NULL, NULL, NULL, NULL, true, true },
    { "archive promise only", "a@archive.example", NULL, NULL, "zip", NULL, false, true },
    { "archive promise, document", "a@archive.example", NULL, NULL, "docx", NULL, false, false },
};

static void who_breaks_promises(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct compiled c = compile_sources(NULL, 0);
    struct policy p = { .n_promises = 0 };
    const char *text = "promises:\n- {sender: support.example, never: [attachments, macros], links_only: [support.example], source: s, reason: {en: '{email.from.address} never does', ja: 約束}}\n"
                       "- {sender: '@archive.example', never: archives, source: s}\n";
    assert_int_equal(promises_read(slice_of(text), SLICE_LIT("t"), mem, &p, NULL), 0);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct sheet s;
        sheet_open(&s);
        uint32_t root = sheet_part(&s, NO_ID, "eml"), e = sheet_event(&s, EVENT_MAIL, root);
        text_if(&s, e, FACT_EMAIL_FROM_ADDRESS, shown[i].from);
        text_if(&s, e, FACT_EMAIL_FROM_NAME_ADDRESS, shown[i].shown);
        text_if(&s, e, FACT_EMAIL_SENDER_ADDRESS, shown[i].sender);
        if (shown[i].attachment) {
            uint32_t pe = sheet_event(&s, EVENT_PART, sheet_part(&s, root, shown[i].attachment));
            sheet_number(&s, pe, FACT_FILE_ATTACHMENT, 1);
            sheet_text(&s, pe, FACT_FILE_TYPE, shown[i].attachment);
        }
        if (shown[i].link)
            sheet_text(&s, sheet_event(&s, EVENT_URL, root), FACT_URL_DOMAIN, shown[i].link);
        if (shown[i].macro)
            sheet_text(&s, sheet_event(&s, EVENT_MACRO, sheet_part(&s, root, "vba-project")), FACT_VBA_PROJECT_NAME, "P");
        struct judgement j = judge_record(c.rules, &s.record, &p, s.mem);
        if ((j.verdict == VERDICT_MALICIOUS) != shown[i].broken || j.n_findings != shown[i].broken)
            fail_msg("%s: %s", shown[i].name, verdict_name(j.verdict));
        if (shown[i].broken) {
            const struct finding *f = &j.findings[j.decisive];
            assert_true(slice_is(j.name, "Policy.Mail.SenderPromise") && j.reason.en.len && j.reason.ja.len && j.todo.ja.len);
            assert_true(f->rule == NO_ID && f->promise < 2 && f->level == LEVEL_HIGH && f->n_facts >= 2 && f->n_parts >= 1);
        }
        sheet_drop(&s);
    }
    arena_drop(&mem);
    compiled_drop(&c);
}

/* An employee forwards what the promising sender is said to have sent. */
static void mail_inside_a_mail(void **state)
{
    (void)state;
    struct compiled c = compile_sources(NULL, 0);
    struct promise promise = { .sender = SLICE_LIT("support.example"), .attachments = true };
    struct policy p = { .promises = &promise, .n_promises = 1 };
    for (int inside = 0; inside < 2; inside++) {
        struct sheet s;
        sheet_open(&s);
        uint32_t root = sheet_part(&s, NO_ID, "eml");
        sheet_text(&s, sheet_event(&s, EVENT_MAIL, root), FACT_EMAIL_FROM_ADDRESS, "me@corp.example");
        uint32_t inner = sheet_part(&s, root, "eml");
        sheet_text(&s, sheet_event(&s, EVENT_MAIL, inner), FACT_EMAIL_FROM_ADDRESS, "news@support.example");
        uint32_t e = sheet_event(&s, EVENT_PART, sheet_part(&s, inside ? inner : root, "doc"));
        sheet_number(&s, e, FACT_FILE_ATTACHMENT, 1);
        assert_int_equal(judge_record(c.rules, &s.record, &p, s.mem).verdict, inside ? VERDICT_MALICIOUS : VERDICT_CLEAN);
        sheet_drop(&s);
    }
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file),
        cmocka_unit_test(on_whom_exceptions_act),
        cmocka_unit_test(who_breaks_promises),
        cmocka_unit_test(mail_inside_a_mail),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
