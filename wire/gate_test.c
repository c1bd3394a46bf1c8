/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's messages: each comes back as it was, and what is malformed is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"
#include "wire/gate.h"

#define T(s) SLICE_INIT(s)

static const slice recipients[] = { T("a@example.invalid"), T("b@example.invalid"), T("") };
static const slice passwords[] = { T("p\xc3\xa4ss") };
static const struct gate_header headers[] = {
    { T("X-Sekisho-Verdict"), T("malicious") },
    { T("X-Sekisho-Reason"), T("A macro downloads a program") },
};

static const struct gate_request request = { .id = UINT64_C(0x1122334455667788),
                                             .door = T("milter"),
                                             .direction = GATE_OUT,
                                             .name = T("n"),
                                             .client_address = T("192.0.2.1"),
                                             .client_name = T("mail.example.invalid"),
                                             .helo = T("helo\r\n"),
                                             .sender = T("s@example.invalid"),
                                             .user = T("u"),
                                             .queue_id = T("Q1"),
                                             .tls = T("TLSv1.3"),
                                             .recipients = recipients,
                                             .n_recipients = 3,
                                             .passwords = passwords,
                                             .n_passwords = 1,
                                             .want_report = true,
                                             .size = 5,
                                             .body = T("From:") };
static const struct gate_answer answer = { .id = 1,
                                           .verdict = VERDICT_MALICIOUS,
                                           .unread = 1U << UNREAD_LIMIT,
                                           .deed = DEED_REJECT,
                                           .reference = T("261122-7K3F9Q2M"),
                                           .name = T("Doc.Macro.Downloader"),
                                           .reason_en = T("A macro downloads a program"),
                                           .reason_ja = T("マクロがプログラムを取得する"),
                                           .reply = T("5.7.1 refused"),
                                           .headers = headers,
                                           .n_headers = 2,
                                           .limit = T("depth"),
                                           .locked = T("zip"),
                                           .report = T("{}\n"),
                                           .trouble = T("") };
static const struct gate_state state = { true, T("0.1.0"), T("0123abcd"), 7, 2 };
static const struct gate_fetch fetch = { 3, T("261122-7K3F9Q2M") };
static const struct gate_fetched fetched = { 3, true, T("{}\n") };

static bool written(enum gate_word word, struct buf *out)
{
    switch (word) {
    case GATE_SCAN:
        return gate_put_request(out, &request);
    case GATE_ANSWER:
        return gate_put_answer(out, &answer);
    case GATE_CANCEL:
        return gate_put_cancel(out, 9);
    case GATE_STATE:
        return gate_put_state(out, &state);
    case GATE_FETCH:
        return gate_put_fetch(out, &fetch);
    default:
        return gate_put_fetched(out, &fetched);
    }
}

/* Reads, and writes again what was understood. */
static bool understood(enum gate_word word, slice in, struct buf *out)
{
    struct arena *mem = arena_new(1 << 20);
    struct gate_request r;
    struct gate_answer a;
    struct gate_state s;
    struct gate_fetch f;
    struct gate_fetched d;
    uint64_t id;
    bool good;
    switch (word) {
    case GATE_SCAN:
        good = gate_read_request(in, mem, &r) && gate_put_request(out, &r);
        break;
    case GATE_ANSWER:
        good = gate_read_answer(in, mem, &a) && gate_put_answer(out, &a);
        break;
    case GATE_CANCEL:
        good = gate_read_cancel(in, &id) && gate_put_cancel(out, id);
        break;
    case GATE_STATE:
        good = gate_read_state(in, &s) && gate_put_state(out, &s);
        break;
    case GATE_FETCH:
        good = gate_read_fetch(in, &f) && gate_put_fetch(out, &f);
        break;
    default:
        good = gate_read_fetched(in, &d) && gate_put_fetched(out, &d);
        break;
    }
    arena_drop(&mem);
    return good;
}

static void come_back(void **unused)
{
    (void)unused;
    for (unsigned word = GATE_SCAN; word <= GATE_FETCHED; word++) {
        struct buf out = buf_new(GATE_PAYLOAD_MAX), again = buf_new(GATE_PAYLOAD_MAX);
        buf_text(&out, "x"); /* appends */
        assert_true(written(word, &out));
        slice payload = slice_from(buf_slice(&out), 1);
        assert_true(understood(word, payload, &again));
        assert_true(slice_eq(payload, buf_slice(&again)));
        buf_drop(&again);
        /* No prefix, nothing behind the end: but a body is what is left, and its size is said. */
        for (size_t n = 0; n <= payload.len; n++) {
            uint8_t *exact = malloc(n + 1);
            assert_non_null(exact);
            (void)slice_copy_out(payload, exact, n);
            if (understood(word, (slice){ exact, n }, &again) != (n == payload.len))
                fail_msg("word %u: prefix of %zu", word, n);
            exact[n] = 0;
            if (n == payload.len && understood(word, (slice){ exact, n + 1 }, &again))
                fail_msg("word %u: a byte behind the end", word);
            free(exact);
        }
        buf_drop(&out), buf_drop(&again);
    }
}

/* Each byte changed to each value: refused, or understood as exactly these bytes. */
static void mutations(void **unused)
{
    (void)unused;
    for (unsigned word = GATE_SCAN; word <= GATE_FETCHED; word++) {
        struct buf out = buf_new(GATE_PAYLOAD_MAX), again = buf_new(GATE_PAYLOAD_MAX);
        assert_true(written(word, &out));
        for (size_t i = 0; i < out.len; i++) {
            uint8_t old = out.at[i];
            for (unsigned v = 0; v < 256; v += v < 8 || v > 248 ? 1 : 31) {
                out.at[i] = (uint8_t)v;
                buf_clear(&again);
                if (understood(word, buf_slice(&out), &again) &&
                    !slice_eq(buf_slice(&out), buf_slice(&again)))
                    fail_msg("word %u: byte %zu as %u is read as something else", word, i, v);
            }
            out.at[i] = old;
        }
        buf_drop(&out), buf_drop(&again);
    }
}

enum field { REFERENCE, NAME, REASON, JAPANESE, REPLY, LIMIT, LOCKED, TROUBLE, HEADER_NAME, HEADER_VALUE };

static const struct {
    const char *name;
    enum field field;
    slice text;
    bool good;
} texts[] = {
    { "plain", NAME, T("Doc.Macro.X"), true },
    { "name in Japanese", NAME, T("マクロ"), false },
    { "reason in Japanese", JAPANESE, T("マクロ"), true },
    { "a line end in a reason", REASON, T("a\r\nX-Injected: yes"), false },
    { "a lone line feed", JAPANESE, T("a\nb"), false },
    { "a NUL", REASON, T("a\0b"), false },
    { "no UTF-8", REASON, T("a\xff"), false },
    { "half a character", JAPANESE, T("a\xe3\x83"), false },
    { "a control character of Latin 1", REASON,
      T("a\xc2\x85"
        "b"),
      false },
    { "a letter of Latin 1", REASON, T("\xc3\xa9"), true },
    { "an SMTP reply in two lines", REPLY, T("5.7.1 no\r\n250 yes"), false },
    { "an SMTP reply in Japanese", REPLY, T("不可"), false },
    { "a header that begins another", HEADER_VALUE, T("a\r\nBcc: b@example.invalid"), false },
    { "a folded header", HEADER_VALUE, T("a\r\n b"), false },
    { "a tab", HEADER_VALUE, T("a\tb"), false },
    { "an empty header value", HEADER_VALUE, T(""), true },
    { "an empty header name", HEADER_NAME, T(""), false },
    { "a colon in a header's name", HEADER_NAME, T("X: y"), false },
    { "a blank in a header's name", HEADER_NAME, T("X y"), false },
    { "8-bit in a header", HEADER_VALUE, T("\xc3\xa9"), false },
    { "a reference with a path", REFERENCE, T("../etc"), false },
    { "a reference that is too long", REFERENCE, T("261122-7K3F9Q2M0"), false },
    { "no reference", REFERENCE, T(""), true },
    { "a limit with a line end", LIMIT, T("depth\n"), false },
    { "a locked type with a line end", LOCKED, T("zip\n"), false },
    { "trouble in two lines", TROUBLE, T("a\nb"), false },
    { "trouble", TROUBLE, T("overloaded"), true },
};

static void texts_of_answers(void **unused)
{
    (void)unused;
    struct table t = { 0 };
    TABLE_EACH(&t, row, texts)
    {
        struct gate_answer a = answer;
        struct gate_header h = { T("X"), T("y") };
        slice *const fields[] = { &a.reference, &a.name,    &a.reason_en, &a.reason_ja, &a.reply,
                                  &a.limit,     &a.locked,  &a.trouble,   &h.name,      &h.value };
        a.headers = &h;
        a.n_headers = 1;
        *fields[row->field] = row->text;
        struct buf out = buf_new(GATE_PAYLOAD_MAX);
        bool got = gate_put_answer(&out, &a);
        table_true(&t, row->name, got == row->good && (got || out.len == 0));
        buf_drop(&out);
        /* The same bytes from a desk that was taken over: written as an X of the same length. */
        if (row->good || row->text.len == 0 || row->text.len >= GATE_REFERENCE)
            continue;
        uint8_t dummy[GATE_REFERENCE];
        for (size_t i = 0; i < sizeof dummy; i++)
            dummy[i] = 'Q';
        *fields[row->field] = (slice){ dummy, row->text.len };
        table_true(&t, row->name, gate_put_answer(&out, &a));
        size_t at = slice_find(buf_slice(&out), *fields[row->field], 0);
        (void)slice_copy_out(row->text, out.at + at, row->text.len);
        struct arena *mem = arena_new(1 << 20);
        table_true(&t, row->name, !gate_read_answer(buf_slice(&out), mem, &a));
        arena_drop(&mem);
        buf_drop(&out);
    }
}

static uint8_t many[GATE_INLINE_MAX + 1];

static void bounds(void **unused)
{
    (void)unused;
    static slice list[GATE_RECIPIENTS_MAX + 1];
    struct gate_request r;
    struct gate_answer a;
    struct buf out = buf_new(2 * GATE_PAYLOAD_MAX), small = buf_new(20);
#define REFUSED(change) (r = request, change, !gate_put_request(&out, &r) && out.len == 0)
#define TAKEN(change)                                                                              \
    (r = request, change, buf_clear(&out), gate_put_request(&out, &r) && (buf_clear(&out), true))
    assert_true(REFUSED(r.id = 0));
    assert_true(REFUSED(r.door = (slice){ 0 }));
    assert_true(REFUSED(r.size = 4));
    assert_true(REFUSED(r.size = 6));
    assert_true(REFUSED(r.has_fd = true));
    assert_true(TAKEN((r.has_fd = true, r.body = (slice){ 0 }, r.size = UINT64_MAX)));
    assert_true(TAKEN((r.body = (slice){ many, GATE_INLINE_MAX }, r.size = GATE_INLINE_MAX)));
    assert_true(
        REFUSED((r.body = (slice){ many, GATE_INLINE_MAX + 1 }, r.size = GATE_INLINE_MAX + 1)));
    assert_true(TAKEN(r.helo = ((slice){ many, GATE_TEXT_MAX })));
    assert_true(REFUSED(r.helo = ((slice){ many, GATE_TEXT_MAX + 1 })));
    assert_true(TAKEN((r.recipients = list, r.n_recipients = GATE_RECIPIENTS_MAX)));
    assert_true(REFUSED((r.recipients = list, r.n_recipients = GATE_RECIPIENTS_MAX + 1)));
    assert_true(REFUSED((r.passwords = list, r.n_passwords = GATE_PASSWORDS_MAX + 1)));
    assert_false(gate_put_request(&small, &request));
    assert_int_equal(small.len, 0);
    a = answer, a.n_headers = GATE_HEADERS_MAX + 1;
    assert_false(gate_put_answer(&out, &a));
    assert_false(gate_put_cancel(&out, 0));
    buf_drop(&out), buf_drop(&small);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_back),
        cmocka_unit_test(mutations),
        cmocka_unit_test(texts_of_answers),
        cmocka_unit_test(bounds),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
