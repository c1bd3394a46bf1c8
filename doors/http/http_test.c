/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/harness.h"
#include "doors/object.h"
#include "facts/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/table.h"

#define BYTES(s) SLICE_INIT(s)
#define HOST "Host: localhost\r\n"
#define END "\r\n"
#define SCAN "POST /v1/scan HTTP/1.1\r\n" HOST
#define MAIL "Content-Length: 4\r\n\r\nmail"
#define TOKEN "Authorization: Bearer secret\r\n"
#define SECRET "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

enum { UNIX, HERE, SIX, AWAY };
static const char *const peers[] = { "unix", "127.0.0.1", "::1", "192.0.2.7" };

/* One request; the statuses of all answers before the desk says anything, and what it is asked. */
static const struct {
    const char *name;
    slice in;
    const char *statuses;
    size_t asked, fetched;
    bool ended;
    int peer;
} requests[] = {
    { "health", BYTES("GET /healthz HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false, UNIX },
    { "readiness", BYTES("GET /readyz HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false, UNIX },
    { "health for this machine", BYTES("GET /healthz HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false,
      HERE },
    { "health for this machine by IPv6", BYTES("GET /healthz HTTP/1.1\r\n" HOST END), "200 ", 0, 0,
      false, SIX },
    { "HTTP/1.0 ends", BYTES("GET /healthz HTTP/1.0\r\n\r\n"), "200 ", 0, 0, true, UNIX },
    { "HTTP/1.0 that stays",
      BYTES("GET /healthz HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: x\r\n\r\n"), "200 ", 0, 0,
      false, UNIX },
    { "close", BYTES("GET /healthz HTTP/1.1\r\n" HOST "Connection: x, close\r\n\r\n"), "200 ", 0, 0,
      true, UNIX },
    { "HEAD", BYTES("HEAD /healthz HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false, UNIX },
    { "an empty line before", BYTES("\r\nGET /healthz HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false,
      UNIX },
    { "two at once",
      BYTES("GET /healthz HTTP/1.1\r\n" HOST END "GET /healthz HTTP/1.1\r\n" HOST END), "200 200 ",
      0, 0, false, UNIX },
    { "scan", BYTES(SCAN MAIL), "", 1, 0, false, UNIX },
    { "scan with a token", BYTES(SCAN TOKEN MAIL), "", 1, 0, false, AWAY },
    { "scan, then one that waits", BYTES(SCAN MAIL SCAN MAIL), "", 1, 0, false, UNIX },
    { "chunks",
      BYTES(SCAN
            "Transfer-Encoding: chunked\r\n\r\n2\r\nma\r\n02;x=\"y\"\r\nil\r\n0\r\nX: y\r\n\r\n"),
      "", 1, 0, false, UNIX },
    { "nothing", BYTES(SCAN "Content-Length: 0\r\n\r\n"), "", 1, 0, false, UNIX },
    { "100-continue", BYTES(SCAN "Expect: 100-continue\r\n" MAIL), "100 ", 1, 0, false, UNIX },
    { "the same length twice", BYTES(SCAN "Content-Length: 4\r\n" MAIL), "", 1, 0, false, UNIX },
    { "report", BYTES("GET /v1/reports/261122-7K3F9Q2M HTTP/1.1\r\n" HOST END), "", 0, 1, false,
      UNIX },
    { "metrics", BYTES("GET /metrics HTTP/1.1\r\n" HOST END), "", 0, 1, false, UNIX },
    { "description", BYTES("GET /v1/openapi.yaml HTTP/1.1\r\n" HOST END), "200 ", 0, 0, false,
      UNIX },
    /* who may not */
    { "scan without a token from here", BYTES(SCAN MAIL), "401 ", 0, 0, true, HERE },
    { "metrics without a token", BYTES("GET /metrics HTTP/1.1\r\n" HOST END), "401 ", 0, 0, true,
      HERE },
    { "a stranger's health", BYTES("GET /healthz HTTP/1.1\r\n" HOST END), "401 ", 0, 0, true,
      AWAY },
    { "a stranger learns no paths", BYTES("GET /nothing HTTP/1.1\r\n" HOST END), "401 ", 0, 0, true,
      AWAY },
    { "a wrong token", BYTES(SCAN "Authorization: Bearer secret2\r\n" MAIL), "401 ", 0, 0, true,
      AWAY },
    { "the hash for a token", BYTES(SCAN "Authorization: Bearer " SECRET "\r\n" MAIL), "401 ", 0, 0,
      true, AWAY },
    { "an empty token", BYTES(SCAN "Authorization: Bearer \r\n" MAIL), "401 ", 0, 0, true, AWAY },
    { "another scheme", BYTES(SCAN "Authorization: Basic secret\r\n" MAIL), "401 ", 0, 0, true,
      AWAY },
    { "two tokens", BYTES(SCAN TOKEN TOKEN MAIL), "400 ", 0, 0, true, AWAY },
    { "a stranger's 100-continue", BYTES(SCAN "Expect: 100-continue\r\n" MAIL), "401 ", 0, 0, true,
      AWAY },
    /* what two readers would read in two ways */
    { "a length and chunks", BYTES(SCAN "Transfer-Encoding: chunked\r\n" MAIL), "400 ", 0, 0, true,
      UNIX },
    { "two lengths", BYTES(SCAN "Content-Length: 5\r\n" MAIL), "400 ", 0, 0, true, UNIX },
    { "a list of lengths", BYTES(SCAN "Content-Length: 4, 4\r\n\r\nmail"), "400 ", 0, 0, true,
      UNIX },
    { "a length with a sign", BYTES(SCAN "Content-Length: +4\r\n\r\nmail"), "400 ", 0, 0, true,
      UNIX },
    { "a length in hex", BYTES(SCAN "Content-Length: 0x4\r\n\r\nmail"), "400 ", 0, 0, true, UNIX },
    { "a length beyond 64 bits", BYTES(SCAN "Content-Length: 99999999999999999999\r\n\r\nmail"),
      "400 ", 0, 0, true, UNIX },
    { "chunked in HTTP/1.0",
      BYTES("POST /v1/scan HTTP/1.0\r\nConnection: keep-alive\r\nHost: x\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      "400 ", 0, 0, true, UNIX },
    { "chunked twice",
      BYTES(SCAN "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), "501 ", 0, 0,
      true, UNIX },
    { "gzip, chunked", BYTES(SCAN "Transfer-Encoding: gzip, chunked\r\n\r\n"), "501 ", 0, 0, true,
      UNIX },
    { "a blank before the colon", BYTES(SCAN "Content-Length : 4\r\n\r\nmail"), "400 ", 0, 0, true,
      UNIX },
    { "a folded line", BYTES(SCAN "X: a\r\n b\r\n" MAIL), "400 ", 0, 0, true, UNIX },
    { "a bare LF", BYTES("GET /healthz HTTP/1.1\nHost: x\n\r\n\r\n"), "400 ", 0, 0, true, UNIX },
    { "a bare LF in the fields", BYTES(SCAN "X: y\nContent-Length: 4\r\n\r\nmail"), "400 ", 0, 0,
      true, UNIX },
    { "a bare CR", BYTES(SCAN "X: y\rZ: z\r\n" MAIL), "400 ", 0, 0, true, UNIX },
    { "a zero in a field", BYTES(SCAN "X: y\0z\r\n" MAIL), "400 ", 0, 0, true, UNIX },
    { "a zero in the path", BYTES("GET /healthz\0 HTTP/1.1\r\n" HOST END), "400 ", 0, 0, true,
      UNIX },
    { "no host", BYTES("GET /healthz HTTP/1.1\r\n\r\n"), "400 ", 0, 0, true, UNIX },
    { "two hosts", BYTES("GET /healthz HTTP/1.1\r\n" HOST HOST END), "400 ", 0, 0, true, UNIX },
    /* malformed and too much */
    { "no request", BYTES("nonsense\r\n\r\n"), "400 ", 0, 0, true, UNIX },
    { "TLS", BYTES("\x16\x03\x01\x02\x00\x01\r\n\r\n"), "400 ", 0, 0, true, UNIX },
    { "HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "400 ", 0, 0, true, UNIX },
    { "HTTP/3.7", BYTES("GET / HTTP/3.7\r\n" HOST END), "505 ", 0, 0, true, UNIX },
    { "an absolute target", BYTES("GET http://x/healthz HTTP/1.1\r\n" HOST END), "400 ", 0, 0, true,
      UNIX },
    { "another expectation", BYTES(SCAN "Expect: x\r\n" MAIL), "417 ", 0, 0, true, UNIX },
    { "a compressed body", BYTES(SCAN "Content-Encoding: gzip\r\n" MAIL), "415 ", 0, 0, true,
      UNIX },
    { "no length", BYTES(SCAN END), "411 ", 0, 0, true, UNIX },
    { "too large", BYTES(SCAN "Content-Length: 4097\r\n\r\n"), "413 ", 0, 0, true, UNIX },
    { "too large is not invited",
      BYTES(SCAN "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n"), "413 ", 0, 0, true,
      UNIX },
    { "a chunk that is too large", BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\n1001\r\n"), "413 ",
      0, 0, true, UNIX },
    { "a chunk beyond 64 bits",
      BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"), "400 ", 0, 0, true,
      UNIX },
    { "a chunk without length", BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\n;x\r\n"), "400 ", 0,
      0, true, UNIX },
    { "a chunk with a sign", BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\n-1\r\n"), "400 ", 0, 0,
      true, UNIX },
    { "a chunk that is longer than it says",
      BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\n2\r\nmail\r\n0\r\n\r\n"), "400 ", 0, 0, true,
      UNIX },
    { "a chunk's line that ends with LF",
      BYTES(SCAN "Transfer-Encoding: chunked\r\n\r\n4\nmail\r\n0\r\n\r\n"), "400 ", 0, 0, true,
      UNIX },
    { "GET of a scan", BYTES("GET /v1/scan HTTP/1.1\r\n" HOST END), "405 ", 0, 0, true, UNIX },
    { "POST of health", BYTES("POST /healthz HTTP/1.1\r\n" HOST MAIL), "405 ", 0, 0, true, UNIX },
    { "a body where none is expected", BYTES("GET /healthz HTTP/1.1\r\n" HOST MAIL), "400 ", 0, 0,
      true, UNIX },
    { "no such path", BYTES("GET /v1/scan/ HTTP/1.1\r\n" HOST END), "404 ", 0, 0, true, UNIX },
    { "a report that is a path", BYTES("GET /v1/reports/../../etc HTTP/1.1\r\n" HOST END), "404 ",
      0, 0, false, UNIX },
    { "a report with an escape", BYTES("GET /v1/reports/%2e%2e HTTP/1.1\r\n" HOST END), "404 ", 0,
      0, false, UNIX },
    { "a report that is too long", BYTES("GET /v1/reports/261122-7K3F9Q2MX HTTP/1.1\r\n" HOST END),
      "404 ", 0, 0, false, UNIX },
    { "no report", BYTES("GET /v1/reports/ HTTP/1.1\r\n" HOST END), "404 ", 0, 0, false, UNIX },
    { "metrics are no report", BYTES("GET /v1/reports/metrics HTTP/1.1\r\n" HOST END), "404 ", 0, 0,
      false, UNIX },
    { "a cut head", BYTES("GET /healthz HTTP/1.1\r\n" HOST), "", 0, 0, false, UNIX },
    { "a cut body", BYTES(SCAN "Content-Length: 4\r\n\r\nmai"), "", 0, 0, false, UNIX },
};

static const slice tokens[] = { SLICE_INIT("00"), SLICE_INIT(SECRET) };

static void new_fake(struct fake *f, int peer)
{
    fake_new(f, fake_door("http"));
    f->settings.limits.object_max = 4096;
    f->settings.tokens = tokens;
    f->settings.n_tokens = 2;
    fake_open(f, peers[peer]);
}

/* "200 401 " of what was sent. */
static void statuses(slice sent, char out[64])
{
    size_t n = 0;
    for (size_t at = 0; n < 60 && (at = slice_find(sent, SLICE_LIT("HTTP/1.1 "), at)) != SIZE_MAX;
         at += 9)
        n += slice_copy_out(slice_sub(sent, at + 9, 4), (uint8_t *)out + n, 60 - n);
    out[n] = 0;
}

static void understands_requests(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, requests)
    {
        static const size_t pieces[] = { 1, 3, 65536 };
        for (size_t i = 0; i < 3; i++) {
            struct fake f;
            char got[64];
            new_fake(&f, row->peer);
            fake_feed(&f, row->in, pieces[i], NULL, 0);
            statuses(buf_slice(&f.sent), got);
            table_slice(&t, row->name, slice_of(got), row->statuses);
            table_true(&t, row->name, f.n_asked == row->asked && f.n_fetched == row->fetched);
            table_true(&t, row->name, f.ended == row->ended && !f.over);
            fake_drop(&f);
        }
    }
}

static bool has(const struct fake *f, const char *text)
{
    return slice_find(buf_slice(&f->sent), slice_of(text), 0) != SIZE_MAX;
}

static void tells_the_desk_what_it_was_told(void **state)
{
    (void)state;
    struct fake f;
    new_fake(&f, UNIX);
    fake_feed(
        &f,
        SLICE_LIT(
            "POST "
            "/v1/"
            "scan?name=%E8%AB%8B%E6%B1%82+a.doc&password=x%26y&password=&direction=in&report=full "
            "HTTP/1.1\r\n" HOST
            "X-Sekisho-Sender: a@example.invalid\r\nX-Sekisho-Recipient: b@example.invalid\r\n"
            "x-sekisho-recipient: c@example.invalid\r\nX-Sekisho-Client: "
            "192.0.2.9\r\nX-Sekisho-Queue-Id: 4Q\r\n" MAIL),
        65536, NULL, 0);
    assert_int_equal(f.n_asked, 1);
    assert_true(slice_is(
        buf_slice(&f.asked[0].texts),
        "name=\xE8\xAB\x8B\xE6\xB1\x82 a.doc;client=192.0.2.9;sender=a@example.invalid;queue=4Q;"
        "recipient=b@example.invalid;recipient=c@example.invalid;password=x&y;"));
    assert_true(f.asked[0].direction == GATE_IN && slice_is(buf_slice(&f.asked[0].body), "mail"));
    fake_drop(&f);
}

static const struct {
    const char *name;
    struct gate_answer a;
    const char *want;
} answers[] = {
    { "clean",
      { .verdict = VERDICT_CLEAN,
        .deed = DEED_DELIVER,
        .reference = BYTES("261122-7K3F9Q2M"),
        .reason_en = BYTES("ok") },
      "{\"verdict\":\"clean\",\"reference\":\"261122-7K3F9Q2M\",\"deed\":\"deliver\",\"unread\":[],"
      "\"reason\":{\"en\":\"ok\"}}\n" },
    { "malicious",
      { .verdict = VERDICT_MALICIOUS,
        .deed = DEED_REJECT,
        .name = BYTES("Downloader.VBA.X"),
        .reason_ja = BYTES("\xE3\x83\x9E") },
      "{\"verdict\":\"malicious\",\"name\":\"Downloader.VBA.X\",\"deed\":\"reject\",\"unread\":[],"
      "\"reason\":{\"ja\":\"\xE3\x83\x9E\"}}\n" },
    { "unknown",
      { .verdict = VERDICT_UNKNOWN,
        .deed = DEED_HOLD,
        .unread = 1U << UNREAD_ENCRYPTED | 1U << UNREAD_LIMIT,
        .limit = BYTES("depth"),
        .locked = BYTES("zip") },
      "{\"verdict\":\"unknown\",\"deed\":\"hold\",\"unread\":[\"encrypted\",\"limit\"],\"limit\":"
      "\"depth\",\"locked\":\"zip\",\"reason\":{}}\n" },
    { "the whole report",
      { .verdict = VERDICT_CLEAN, .report = BYTES("{\"schema\":\"x\"}\n") },
      "{\"schema\":\"x\"}\n" },
    { "no verdict",
      { .verdict = VERDICTS, .deed = DEEDS },
      "{\"verdict\":\"unknown\",\"deed\":\"tempfail\",\"unread\":[],\"reason\":{}}\n" },
    { "a reason that would break out",
      { .verdict = VERDICT_CLEAN, .reason_en = BYTES("\"},\r\n\r\nHTTP/1.1") },
      "{\"verdict\":\"clean\",\"deed\":\"deliver\",\"unread\":[],\"reason\":{\"en\":\"\\\"},"
      "\\r\\n\\r\\nHTTP/1.1\"}}\n" },
    { "not scanned",
      { .trouble = BYTES("overloaded") },
      "{\"type\":\"about:blank\",\"title\":\"Service "
      "Unavailable\",\"status\":503,\"detail\":\"overloaded\"}\n" },
};

static void says_what_was_found(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, answers)
    {
        struct fake f;
        char length[64];
        new_fake(&f, UNIX);
        fake_feed(&f, SLICE_LIT(SCAN MAIL), 65536, NULL, 0);
        table_true(&t, row->name, fake_answer(&f, 0, row->a));
        size_t body = slice_find(buf_slice(&f.sent), SLICE_LIT("\r\n\r\n"), 0);
        table_slice(&t, row->name, slice_from(buf_slice(&f.sent), body + 4), row->want);
        (void)snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(row->want));
        table_true(&t, row->name, has(&f, length));
        table_true(&t, row->name,
                   row->a.trouble.len
                       ? has(&f, "Retry-After: 10\r\n") && has(&f, "HTTP/1.1 503 ") && f.ended
                       : has(&f, "HTTP/1.1 200 OK\r\n") && !f.ended);
        fake_drop(&f);
    }
}

static void reports_and_metrics(void **state)
{
    (void)state;
    struct fake f;
    new_fake(&f, UNIX);
    fake_feed(&f, SLICE_LIT("GET /v1/reports/261122-7K3F9Q2M HTTP/1.1\r\n" HOST END), 100, NULL, 0);
    assert_string_equal(f.reference, "261122-7K3F9Q2M");
    assert_true(fake_fetched(&f, SLICE_LIT("{\"a\":1}\n")) && has(&f, "\r\n\r\n{\"a\":1}\n"));
    buf_clear(&f.sent);
    fake_feed(&f, SLICE_LIT("GET /v1/reports/261122-0000 HTTP/1.1\r\n" HOST END), 100, NULL, 0);
    assert_true(fake_fetched(&f, (slice){ 0 }) && has(&f, "HTTP/1.1 404 ") &&
                has(&f, "application/problem+json"));
    buf_clear(&f.sent);
    fake_feed(&f, SLICE_LIT("GET /metrics HTTP/1.1\r\n" HOST END), 100, NULL, 0);
    assert_string_equal(f.reference, "metrics");
    assert_true(fake_fetched(&f, SLICE_LIT("sekisho_desk_x 1\n")));
    assert_true(has(&f, "sekisho_ready 1\n") && has(&f, "sekisho_desk_x 1\n") &&
                has(&f, "sekisho_door_asked_total{door=\"fake\"} 7\n"));
    assert_false(f.ended);
    fake_drop(&f);
}

/* The second waits for the first; both are answered, in order, also when the client has ended its
 * side. */
static void pipelined(void **state)
{
    (void)state;
    struct fake f;
    char got[64];
    new_fake(&f, UNIX);
    fake_feed(&f, SLICE_LIT(SCAN MAIL SCAN MAIL "GET /healthz HTTP/1.1\r\n" HOST END), 65536, NULL,
              0);
    fake_finish(&f);
    assert_true(fake_lives(&f) && f.door->waits(f.session));
    assert_true(fake_answer(&f, 0, (struct gate_answer){ 0 }) && f.n_asked == 1);
    assert_true(fake_answer(&f, 0, (struct gate_answer){ 0 }) && f.ended);
    statuses(buf_slice(&f.sent), got);
    assert_string_equal(got, "200 200 200 ");
    fake_drop(&f);
}

static void without_a_desk(void **state)
{
    (void)state;
    static const slice all[] = {
        SLICE_INIT(SCAN MAIL), SLICE_INIT("GET /readyz HTTP/1.1\r\n" HOST END),
        SLICE_INIT("GET /v1/reports/261122-7K3F9Q2M HTTP/1.1\r\n" HOST END)
    };
    struct fake f;
    for (size_t i = 0; i < 3; i++) {
        new_fake(&f, UNIX);
        f.away = true;
        fake_feed(&f, all[i], 65536, NULL, 0);
        assert_true(has(&f, "HTTP/1.1 503 ") && has(&f, "Retry-After"));
        fake_drop(&f);
    }
    new_fake(&f, UNIX); /* metrics and health are told all the same */
    f.away = true;
    fake_feed(&f,
              SLICE_LIT("GET /metrics HTTP/1.1\r\n" HOST END "GET /healthz HTTP/1.1\r\n" HOST END),
              65536, NULL, 0);
    assert_true(has(&f, "sekisho_ready 0\n") && !f.ended);
    fake_drop(&f);
}

static void a_head_has_an_end(void **state)
{
    (void)state;
    struct fake f;
    new_fake(&f, UNIX);
    for (int i = 0; i < 10000 && fake_lives(&f); i++)
        fake_feed(&f,
                  i ? SLICE_LIT("X: yyyyyyyyyyyyyyyyyyyyyy\r\n") : SLICE_LIT("GET / HTTP/1.1\r\n"),
                  1000, NULL, 0);
    assert_true(f.ended && has(&f, "HTTP/1.1 431 "));
    fake_drop(&f);
    new_fake(&f, UNIX);
    fake_feed(&f, SLICE_LIT("GET /healthz HTTP/1.1\r\n"), 1000, NULL, 0);
    for (int i = 0; i < 200; i++)
        fake_feed(&f, SLICE_LIT("X: y\r\n"), 1000, NULL, 0);
    fake_feed(&f, SLICE_LIT(HOST END), 1000, NULL, 0);
    assert_true(f.ended && has(&f, "HTTP/1.1 431 "));
    fake_drop(&f);
}

static void no_room_is_said(void **state)
{
    (void)state;
    struct fake f;
    struct object_pool pool = { .max = 3 };
    fake_new(&f, fake_door("http"));
    f.settings.pool = &pool;
    fake_open(&f, "unix");
    fake_feed(&f, SLICE_LIT(SCAN MAIL), 1, NULL, 0);
    assert_true(f.n_asked == 0 && has(&f, "HTTP/1.1 503 ") && f.ended);
    fake_drop(&f);
    assert_int_equal(pool.held, 0);
}

static void a_trailer_has_an_end(void **state)
{
    (void)state;
    struct fake f;
    new_fake(&f, UNIX);
    fake_feed(&f, SLICE_LIT(SCAN "Transfer-Encoding: chunked\r\n\r\n0\r\n"), 1000, NULL, 0);
    for (int i = 0; i < 10000 && fake_lives(&f); i++)
        fake_feed(&f, SLICE_LIT("X: y\r\n"), 1000, NULL, 0);
    assert_true(f.ended && has(&f, "HTTP/1.1 400 "));
    fake_drop(&f);
}

static void no_token_is_configured(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f, fake_door("http"));
    fake_open(&f, "127.0.0.1");
    fake_feed(&f, SLICE_LIT(SCAN TOKEN MAIL), 1000, NULL, 0);
    assert_true(f.ended && has(&f, "HTTP/1.1 401 ") && has(&f, "WWW-Authenticate: Bearer"));
    fake_drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_requests),
        cmocka_unit_test(tells_the_desk_what_it_was_told),
        cmocka_unit_test(says_what_was_found),
        cmocka_unit_test(reports_and_metrics),
        cmocka_unit_test(pipelined),
        cmocka_unit_test(without_a_desk),
        cmocka_unit_test(a_head_has_an_end),
        cmocka_unit_test(no_room_is_said),
        cmocka_unit_test(a_trailer_has_an_end),
        cmocka_unit_test(no_token_is_configured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
