/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of every log format, and lines that pretend to be: what is read of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "doors/logs/logs.h"

enum { NOW = 1795312800 }; /* 2026-11-22 02:00:00 UTC */

/* kind client target peer method status bytes outcome us flags; flags: z zone, y year guessed */
static void put(struct buf *b, enum log_line is, const struct contact *c)
{
    static const char *const outcomes[] = { "unknown", "failed", "answered", "blocked" };
    buf_clear(b);
    if (is != LOG_READ) {
        buf_text(b, is == LOG_PASSED ? "passed" : "unread");
        return;
    }
    buf_format(b, "%s %.*s %.*s%.*s%.*s %.*s %.*s %u ", c->kind == CONTACT_WEB ? "web" : "name",
               SLICE_FMT(c->client), SLICE_FMT(c->url), SLICE_FMT(c->host), SLICE_FMT(c->path),
               SLICE_FMT(c->peer), SLICE_FMT(c->method), c->status);
    buf_format(b, c->has_bytes ? "%llu " : "- ", (unsigned long long)c->bytes);
    buf_format(b, "%s ", outcomes[c->outcome]);
    if (c->time.known)
        buf_format(b, "%lld.%06lld%s%s", (long long)(c->time.us / 1000000),
                   (long long)(c->time.us % 1000000), c->time.zoned ? "z" : "",
                   c->time.year_guessed ? "y" : "");
    else
        buf_text(b, "?");
}

#define CSV(header, row) header "\n" row
#define QUERY "192.0.2.15 bad.example.invalid. A IN"
#define BIND "client @0x7f3 192.0.2.15#4711 (bad.example.invalid): "
#define NAMED(outcome, time) "name 192.0.2.15 bad.example.invalid  A 0 - " outcome " " time

static const struct {
    const char *name, *lines, *want; /* of the last line */
} cases[] = {
    { "squid",
      "1790000000.123    145 192.0.2.15 TCP_MISS/200 1234 GET http://a.invalid/x - "
      "HIER_DIRECT/192.0.2.7 text/html",
      "web 192.0.2.15 http://a.invalid/x 192.0.2.7 GET 200 1234 answered 1790000000.123000z" },
    { "squid, denied",
      "1790000000.123 0 192.0.2.15 TCP_DENIED/403 9 GET http://a.invalid/ - HIER_NONE/- -",
      "web 192.0.2.15 http://a.invalid/  GET 403 9 blocked 1790000000.123000z" },
    { "squid, wants a login",
      "1790000000.123 0 192.0.2.15 TCP_DENIED/407 9 GET http://a.invalid/ - HIER_NONE/- -",
      "web 192.0.2.15 http://a.invalid/  GET 407 9 failed 1790000000.123000z" },
    { "squid, no answer",
      "1790000000.123 0 192.0.2.15 NONE_NONE/000 0 GET http://a.invalid/ - HIER_DIRECT/192.0.2.7 -",
      "web 192.0.2.15 http://a.invalid/ 192.0.2.7 GET 0 0 failed 1790000000.123000z" },
    { "squid, bad gateway",
      "1790000000.123 0 192.0.2.15 TCP_MISS/503 0 GET http://a.invalid/ - HIER_NONE/- -",
      "web 192.0.2.15 http://a.invalid/  GET 503 0 failed 1790000000.123000z" },
    { "squid, tunnel",
      "1790000000.123 5 2001:db8::15 TCP_TUNNEL/200 9 CONNECT a.invalid:443 taro "
      "HIER_DIRECT/192.0.2.7 -",
      "web 2001:db8::15 a.invalid:443 192.0.2.7 CONNECT 200 9 answered 1790000000.123000z" },
    { "squid, no request",
      "1790000000.123 5 192.0.2.15 NONE_NONE/000 0 - error:transaction-end-before-headers - "
      "HIER_NONE/- -",
      "passed" },
    { "squid in syslog",
      "Nov 22 09:00:00 proxy (squid-1)[77]: 1790000000.123 5 192.0.2.15 TCP_MISS/200 1 GET "
      "http://a.invalid/ - HIER_NONE/- -",
      "web 192.0.2.15 http://a.invalid/  GET 200 1 answered 1790000000.123000z" },
    { "squid, size no number",
      "1790000000.123 5 192.0.2.15 TCP_MISS/200 x GET http://a.invalid/ - HIER_NONE/- -",
      "unread" },
    { "squid, cut off", "1790000000.123 5 192.0.2.15 TCP_MISS/200 12", "unread" },
    { "combined",
      "192.0.2.15 - taro [22/Nov/2026:10:00:00 +0900] \"GET http://a.invalid/x HTTP/1.1\" 200 12 "
      "\"-\" \"Mozilla\"",
      "web 192.0.2.15 http://a.invalid/x  GET 200 12 answered 1795309200.000000z" },
    { "combined of squid",
      "192.0.2.15 - - [22/Nov/2026:10:00:00 +0900] \"GET http://a.invalid/x HTTP/1.1\" 403 12 "
      "\"-\" \"a \\\"b\\\"\" TCP_DENIED:HIER_NONE",
      "web 192.0.2.15 http://a.invalid/x  GET 403 12 blocked 1795309200.000000z" },
    { "common",
      "192.0.2.15 - - [22/Nov/2026:10:00:00 +0000] \"CONNECT a.invalid:443 HTTP/1.1\" 200 -",
      "web 192.0.2.15 a.invalid:443  CONNECT 200 - answered 1795341600.000000z" },
    { "virtual host in front",
      "proxy:80 192.0.2.15 - - [22/Nov/2026:10:00:00 +0000] \"GET http://a.invalid/ HTTP/1.1\" 200 "
      "5",
      "web 192.0.2.15 http://a.invalid/  GET 200 5 answered 1795341600.000000z" },
    { "to the server itself",
      "192.0.2.15 - - [22/Nov/2026:10:00:00 +0000] \"GET /x HTTP/1.1\" 200 5", "passed" },
    { "quote that never ends",
      "192.0.2.15 - - [22/Nov/2026:10:00:00 +0000] \"GET http://a.invalid/", "unread" },
    { "month that is none",
      "192.0.2.15 - - [22/Foo/2026:10:00:00 +0000] \"GET http://a.invalid/ HTTP/1.1\" 200 5",
      "unread" },
    { "day that is none",
      "192.0.2.15 - - [99/Nov/2026:10:00:00 +0000] \"GET http://a.invalid/ HTTP/1.1\" 200 5",
      "unread" },
    { "unbound", "[1790000000] unbound[12:0] info: " QUERY,
      NAMED("unknown", "1790000000.000000z") },
    { "unbound, date", "Nov 22 09:00:00 unbound[12:0] info: " QUERY,
      NAMED("unknown", "1795338000.000000y") },
    { "unbound, last year", "Dec 31 09:00:00 unbound[12:0] info: " QUERY,
      NAMED("unknown", "1767171600.000000y") },
    { "unbound, reply", "[1790000000] unbound[12:0] reply: " QUERY " NOERROR 0.1 0 53",
      NAMED("answered", "1790000000.000000z") },
    { "unbound, no such name", "[1790000000] unbound[12:0] info: " QUERY " NXDOMAIN 0.1 0 53",
      NAMED("failed", "1790000000.000000z") },
    { "unbound in syslog", "Nov 22 09:00:00 ns unbound: [12:0] info: " QUERY,
      NAMED("unknown", "1795338000.000000y") },
    { "unbound, policy zone",
      "[1790000000] unbound[12:0] info: rpz: applied [list] bad.example.invalid. rpz-nxdomain "
      "192.0.2.15@4711 bad.example.invalid. A IN",
      NAMED("blocked", "1790000000.000000z") },
    { "unbound, let through",
      "[1790000000] unbound[12:0] info: rpz: applied bad.example.invalid. rpz-passthru "
      "192.0.2.15@4711 bad.example.invalid. A IN",
      NAMED("unknown", "1790000000.000000z") },
    { "unbound, local zone",
      "[1790000000] unbound[12:0] info: example.invalid. static 192.0.2.15@4711 "
      "bad.example.invalid. A IN",
      NAMED("unknown", "1790000000.000000z") },
    { "unbound, refusing zone",
      "[1790000000] unbound[12:0] info: example.invalid. always_nxdomain 192.0.2.15@4711 "
      "bad.example.invalid. A IN",
      NAMED("blocked", "1790000000.000000z") },
    { "unbound, other news", "[1790000000] unbound[12:0] notice: init module 0: iterator",
      "passed" },
    { "unbound, no address", "[1790000000] unbound[12:0] info: start of service (unbound 1.17.1).",
      "passed" },
    { "bind",
      "22-Nov-2026 09:00:00.123 queries: info: " BIND
      "query: bad.example.invalid IN A +E(0)K (192.0.2.53)",
      NAMED("unknown", "1795338000.123000") },
    { "bind, bare",
      "22-Nov-2026 09:00:00.123 " BIND "query: bad.example.invalid IN A + (192.0.2.53)",
      NAMED("unknown", "1795338000.123000") },
    { "bind, ISO",
      "2026-11-22T09:00:00.123Z queries: info: " BIND "view in: query: bad.example.invalid IN A +",
      NAMED("unknown", "1795338000.123000z") },
    { "bind in syslog",
      "<30>Nov 22 09:00:00 ns named[12]: " BIND "query: bad.example.invalid IN A +",
      NAMED("unknown", "1795338000.000000y") },
    { "bind, RFC 5424",
      "<30>1 2026-11-22T18:00:00.5+09:00 ns named 12 - [x y=\"]\\\"\"] \xef\xbb\xbf" BIND
      "query: bad.example.invalid IN A +",
      NAMED("unknown", "1795338000.500000z") },
    { "bind, rsyslog",
      "2026-11-22T18:00:00.500000+09:00 ns named[12]: queries: info: client 192.0.2.15#4711: "
      "query: bad.example.invalid IN A +",
      NAMED("unknown", "1795338000.500000z") },
    { "bind, policy zone",
      "22-Nov-2026 09:00:00.123 rpz: info: " BIND
      "rpz QNAME NXDOMAIN rewrite bad.example.invalid/A/IN via bad.example.invalid.rpz",
      "name 192.0.2.15 bad.example.invalid   0 - blocked 1795338000.123000" },
    { "bind, policy zone switched off",
      "22-Nov-2026 09:00:00.123 rpz: info: " BIND
      "disabled rpz QNAME NXDOMAIN rewrite bad.example.invalid/A/IN via x",
      "passed" },
    { "bind, other news", "22-Nov-2026 09:00:00.123 general: info: zone a/IN: loaded", "unread" },
    { "named, other news", "Nov 22 09:00:00 ns named[12]: zone a/IN: loaded", "passed" },
    { "bind, no address", "22-Nov-2026 09:00:00.123 client x#1: query: a.invalid IN A +",
      "unread" },
    { "dnsmasq", "Nov 22 09:00:00 dnsmasq[12]: query[A] bad.example.invalid from 192.0.2.15",
      NAMED("unknown", "1795338000.000000y") },
    { "dnsmasq, extra",
      "Nov 22 09:00:00 dnsmasq[12]: 7 192.0.2.15/4711 reply bad.example.invalid is 192.0.2.7",
      "name 192.0.2.15 bad.example.invalid 192.0.2.7  0 - answered 1795338000.000000y" },
    { "dnsmasq, blocked",
      "Nov 22 09:00:00 dnsmasq[12]: 7 192.0.2.15/4711 config bad.example.invalid is NXDOMAIN",
      "name 192.0.2.15 bad.example.invalid   0 - blocked 1795338000.000000y" },
    { "dnsmasq, to nobody", "Nov 22 09:00:00 dnsmasq[12]: reply bad.example.invalid is 192.0.2.7",
      "passed" },
    { "dnsmasq, DHCP",
      "Nov 22 09:00:00 dnsmasq-dhcp[12]: DHCPACK(eth0) 192.0.2.15 00:00:00:00:00:00", "unread" },
    { "CSV", CSV("time,client,url,status", "2026-11-22 09:00:00,192.0.2.15,http://a.invalid/x,200"),
      "web 192.0.2.15 http://a.invalid/x   200 - answered 1795338000.000000" },
    { "CSV, Japanese",
      CSV("日時,送信元IPアドレス,宛先,アクション", "2026/11/22 9:00:00,192.0.2.15,a.invalid,遮断"),
      "name 192.0.2.15 a.invalid   0 - blocked 1795338000.000000" },
    { "CSV, CP932",
      CSV("\x93\xfa\x8e\x9e,\x92\x5b\x96\x96,URL,\x8f\x88\x97\x9d",
          "2026/11/22 09:00,PC-1,http://a.invalid/,\x8e\xd5\x92\x66"),
      "web PC-1 http://a.invalid/   0 - blocked 1795338000.000000" },
    { "CSV, byte order mark and quotes",
      CSV("\xef\xbb\xbf\"Date\";\"Time\";\"Source IP\";\"Host Name\"",
          "\"2026-11-22\";\"09:00:00+09:00\";\"192.0.2.15\";\"a.invalid\""),
      "name 192.0.2.15 a.invalid   0 - unknown 1795305600.000000z" },
    { "TSV of Zeek",
      CSV("#fields\tts\tid.orig_h\tid.resp_h\thost\turi\tmethod",
          "1790000000.5\t192.0.2.15\t192.0.2.7\ta.invalid\t/x?y\tGET"),
      "web 192.0.2.15 a.invalid/x?y 192.0.2.7 GET 0 - unknown 1790000000.500000z" },
    { "W3C",
      CSV("#Fields: date time c-ip cs-method cs-host cs-uri-path cs-uri-query sc-status",
          "2026-11-22 09:00:00 192.0.2.15 GET a.invalid /x ?y=1 404"),
      "web 192.0.2.15 a.invalid/x?y=1  GET 404 - answered 1795338000.000000z" },
    { "Japanese time", CSV("日時,端末,ドメイン", "2026年11月22日 9時00分05秒,PC1,a.invalid"),
      "name PC1 a.invalid   0 - unknown 1795338005.000000" },
    { "time that nobody can tell", CSV("time,client,url", "11/12/2026 09:00,PC1,http://a.invalid/"),
      "web PC1 http://a.invalid/   0 - unknown ?" },
    { "nothing but an address", CSV("time,src,dst ip", "2026-11-22 09:00:00,PC1,192.0.2.7"),
      "web PC1 192.0.2.7   0 - unknown 1795338000.000000" },
    { "row too short", CSV("time,client,method,url", "2026-11-22 09:00:00,PC1"), "unread" },
    { "row of nothing", CSV("time,client,url", ",,"), "passed" },
    { "quote that never ends in a row",
      CSV("time,client,url", "2026-11-22 09:00:00,PC1,\"http://a.invalid/"),
      "web PC1 http://a.invalid/   0 - unknown 1795338000.000000" },
    { "quotes alone", CSV("time,client,url", "\"\"\"\"\",\"\"\",\""), "unread" },
    { "pairs of a firewall",
      "<189>date=2026-11-22 time=18:00:00 devname=\"fw\" tz=\"+0900\" type=\"utm\" "
      "srcip=192.0.2.15 "
      "dstip=192.0.2.7 hostname=\"a.invalid\" url=\"/x?y=1\" action=\"blocked\"",
      "web 192.0.2.15 a.invalid/x?y=1 192.0.2.7  0 - blocked 1795338000.000000z" },
    { "pairs behind syslog",
      "Nov 22 09:00:00 fw id=firewall sn=1 src=192.0.2.15:4711:X0 dst=192.0.2.7:80:X1 op=GET",
      "web 192.0.2.15 192.0.2.7   0 - unknown 1795338000.000000y" },
    { "Common Event Format",
      "Nov 22 09:00:00 fw CEF:0|V|P|1|2|Web|5|src=192.0.2.15 act=deny request=http://a.invalid/x "
      "requestMethod=GET",
      "web 192.0.2.15 http://a.invalid/x  GET 0 - blocked 1795338000.000000y" },
    { "pairs of no contact",
      "date=2026-11-22 time=18:00:00 type=\"event\" user=\"admin\" msg=\"x\"", "passed" },
    { "pairs of something else", "a=1 b=2 c=3 d=4 e=5", "unread" },
    { "pair whose quote never ends",
      "date=2026-11-22 time=09:00:00 srcip=192.0.2.15 x=1 url=\"http://a.invalid/",
      "web 192.0.2.15 http://a.invalid/   0 - unknown 1795338000.000000" },
    { "only signs of equality", "====================", "unread" },
    { "Windows' DNS server",
      "2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.15      5b47   Q [0001   D "
      "  NOERROR] A      (3)bad(7)example(7)invalid(0)",
      NAMED("unknown", "1795338000.000000") },
    { "... its answer, in American",
      "11/22/2026 9:00:00 AM 0E70 PACKET  00000000033397A0 UDP Snd 192.0.2.15      5b47 R Q [8385 "
      "A "
      "DR NXDOMAIN] A      (3)bad(7)example(7)invalid(0)",
      NAMED("failed", "1795338000.000000") },
    { "... to another server",
      "2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Snd 192.0.2.53      5b47   Q [0001   D "
      "  NOERROR] A      (3)bad(7)example(7)invalid(0)",
      "passed" },
    { "... cut off", "2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.15",
      "unread" },
    { "... a name that never ends",
      "2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.15 5b47 Q [0001 D NOERROR] "
      "A (3)bad(7",
      "name 192.0.2.15 bad  A 0 - unknown 1795338000.000000" },
    { "noon",
      "11/22/2026 12:00:05 PM 0E70 PACKET  1 UDP Rcv 192.0.2.15 5b47 Q [0001 D NOERROR] A (1)a(0)",
      "name 192.0.2.15 a  A 0 - unknown 1795348805.000000" },
    { "no header", "a,b,c", "unread" },
    { "header that says nothing", CSV("alpha,beta,gamma", "2026-11-22,PC1,http://a.invalid/"),
      "unread" },
    { "only a time", "2026-11-22T09:00:00Z", "unread" },
    { "only a month", "Nov", "unread" },
    { "only a bracket", "[1790000000", "unread" },
    { "only a priority", "<30>1 ", "unread" },
    { "structure that never ends", "<30>1 2026-11-22T18:00:00Z ns named 12 - [x y=\"", "passed" },
    { "binary", "\x01\x02\xff\xfe\x80 \x1b[31m", "unread" },
    { "blanks", "                       ", "passed" },
};

static void lines_are_read(void **state)
{
    (void)state;
    struct table t = { 0 };
    struct buf got = buf_new(4096);
    TABLE_EACH(&t, row, cases)
    {
        struct arena *mem = arena_new(1 << 20);
        struct log_clock clock = { .now = NOW };
        struct logs *g = logs_new(mem, &clock, NULL);
        slice rest = slice_of(row->lines);
        struct contact c;
        enum log_line is = LOG_UNREAD;
        while (rest.len) {
            size_t end = slice_find_byte(rest, '\n', 0);
            is = logs_read(g, slice_sub(rest, 0, end == SIZE_MAX ? rest.len : end), &c);
            put(&got, is, &c);
            rest = end == SIZE_MAX ? (slice){ 0 } : slice_from(rest, end + 1);
        }
        table_slice(&t, row->name, buf_slice(&got), row->want);
        logs_drop(&g);
        arena_drop(&mem);
    }
    buf_drop(&got);
}

static void zones_are_given(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct log_clock clock = { .now = NOW, .zone_given = true, .zone = 540 };
    struct logs *g = logs_new(mem, &clock, log_format_by_name("dnsmasq"));
    struct contact c;
    assert_int_equal(
        logs_read(g, SLICE_LIT("Nov 22 18:00:00 dnsmasq[1]: query[A] a.invalid from 192.0.2.15"),
                  &c),
        LOG_READ);
    assert_true(c.time.zoned && c.time.offset == 540 && c.time.us == (int64_t)1795338000 * 1000000);
    assert_int_equal(logs_read(g, SLICE_LIT("[1790000000] unbound[12:0] info: " QUERY), &c),
                     LOG_UNREAD);
    struct buf b = buf_new(100);
    logs_formats(g, &b);
    assert_true(slice_is(buf_slice(&b), "dnsmasq 1"));
    buf_drop(&b);
    logs_drop(&g);
    arena_drop(&mem);
    assert_null(log_format_by_name("iis"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_read),
                                        cmocka_unit_test(zones_are_given) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
