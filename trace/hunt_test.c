/* SPDX-License-Identifier: Apache-2.0 */
/* One report and one line of a log each: whether they meet, and how sure that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "trace/hunt.h"

static const struct {
    const char *name, *code; /* what the code would download */
    bool known;
    struct contact line;
    const char *want; /* "" or the level; with "weak" behind it; "left": weak and not asked for */
} cases[] = {
    { "exact",
      "http://a.example.invalid/x?y",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/x?y") },
      "url" },
    { "another scheme and case",
      "http://A.example.invalid/x",
      true,
      { .url = SLICE_INIT("https://a.example.INVALID:443/x") },
      "url" },
    { "host and path apart",
      "http://a.example.invalid/x",
      true,
      { .host = SLICE_INIT("a.example.invalid"), .path = SLICE_INIT("/x") },
      "url" },
    { "no path on either side",
      "http://a.example.invalid",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/") },
      "url" },
    { "query stripped by the proxy",
      "http://a.example.invalid/x?y",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/x?") },
      "path" },
    { "another query",
      "http://a.example.invalid/x?y",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/x?z") },
      "path" },
    { "another query of the front page",
      "http://a.example.invalid/?y",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/?z") },
      "host" },
    { "another page",
      "http://a.example.invalid/x",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/xy") },
      "host" },
    { "another port",
      "http://a.example.invalid:8080/x",
      true,
      { .url = SLICE_INIT("http://a.example.invalid/x") },
      "host" },
    { "tunnel",
      "https://a.example.invalid/x",
      true,
      { .host = SLICE_INIT("a.example.invalid:443") },
      "host" },
    { "name looked up",
      "http://a.example.invalid/x",
      true,
      { .kind = CONTACT_NAME, .host = SLICE_INIT("A.Example.invalid.") },
      "host" },
    { "neighbour",
      "http://a.example.invalid/x",
      true,
      { .host = SLICE_INIT("b.example.invalid") },
      "domain" },
    { "the domain itself",
      "http://a.example.invalid/x",
      true,
      { .host = SLICE_INIT("example.invalid") },
      "domain" },
    { "far below",
      "http://example.invalid/x",
      true,
      { .host = SLICE_INIT("a.b.c.d.e.example.invalid") },
      "domain" },
    { "ends alike",
      "http://example.invalid/x",
      true,
      { .host = SLICE_INIT("notexample.invalid") },
      "" },
    { "only the last label",
      "http://example.invalid/x",
      true,
      { .host = SLICE_INIT("other.invalid") },
      "" },
    { "neighbour below a public suffix",
      "http://a.github.io/x",
      true,
      { .host = SLICE_INIT("b.github.io") },
      "" },
    { "neighbour at a host of tenants",
      "http://a.sharepoint.com/x",
      true,
      { .host = SLICE_INIT("b.sharepoint.com") },
      "" },
    { "host in a path",
      "http://a.example.invalid/x",
      true,
      { .url = SLICE_INIT("http://good.test/a.example.invalid/x") },
      "" },
    { "host as a user",
      "http://a.example.invalid/x",
      true,
      { .url = SLICE_INIT("http://a.example.invalid@good.test/x") },
      "" },
    { "address, dotted in the log",
      "http://0xc0000207/x",
      true,
      { .url = SLICE_INIT("http://192.0.2.7/x") },
      "url" },
    { "address of the server",
      "http://192.0.2.7/x",
      true,
      { .url = SLICE_INIT("http://b.test/"), .peer = SLICE_INIT("192.0.2.7") },
      "ip" },
    { "address that a name stands for",
      "http://192.0.2.7/x",
      true,
      { .kind = CONTACT_NAME, .host = SLICE_INIT("b.test"), .peer = SLICE_INIT("192.0.2.7") },
      "ip" },
    { "address inside, exact",
      "http://10.1.2.3/x",
      true,
      { .url = SLICE_INIT("http://10.1.2.3/x") },
      "url" },
    { "address inside, another page",
      "http://10.1.2.3/x",
      true,
      { .url = SLICE_INIT("http://10.1.2.3/y") },
      "left" },
    { "this host",
      "http://localhost/x",
      true,
      { .url = SLICE_INIT("http://localhost/y") },
      "left" },
    { "shared host, exact",
      "https://www.dropbox.com/s/1",
      true,
      { .url = SLICE_INIT("https://www.dropbox.com/s/1") },
      "url" },
    { "shared host, another file",
      "https://www.dropbox.com/s/1",
      true,
      { .url = SLICE_INIT("https://www.dropbox.com/s/2") },
      "left" },
    { "shared host, neighbour",
      "https://www.dropbox.com/s/1",
      true,
      { .host = SLICE_INIT("dl.dropbox.com") },
      "" },
    { "partly known",
      "http://a.example.invalid/\xe2\x80\xa6",
      false,
      { .url = SLICE_INIT("http://a.example.invalid/") },
      "host" },
    { "partly known host",
      "http://\xe2\x80\xa6.example.invalid/",
      false,
      { .host = SLICE_INIT("a.example.invalid") },
      "" },
    { "no host in the line", "http://a.example.invalid/x", true, { .url = SLICE_INIT("") }, "" },
    { "only dots", "http://a.example.invalid/x", true, { .host = SLICE_INIT("....") }, "" },
};

static void check(struct table *t, const char *name, const struct hunt_result *r, const char *want)
{
    const char *got = r->n_hits ? hunt_level_name(r->hits[0].level) : r->left_weak ? "left" : "";
    if (strcmp(got, want) != 0 || r->more || r->n_hits > 1)
        table_wrong(t, name, "\"%s\"", got);
    if (r->n_hits && (r->n_clients != 1 || r->n_mails != 1 || !slice_is(r->mails[0]->subject, "S")))
        table_wrong(t, name, "%zu clients, %zu mails", r->n_clients, r->n_mails);
}

static void reports_and_lines_meet(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct arena *mem = arena_new(64 << 20);
        const struct hunt_options o = { .seed = 7 };
        struct hunt *h = hunt_new(mem, &o);
        const struct read_part part = { .parent = NO_ID,
                                        .name = SLICE_INIT("a.doc"),
                                        .type = SLICE_INIT("cfb"),
                                        .how = SLICE_INIT("file") };
        const struct jsonin arg = { .kind = JSONIN_TEXT,
                                    .key = SLICE_INIT("url"),
                                    .text = slice_of(row->code) };
        const struct read_effect effect = {
            .kind = EFFECT_DOWNLOAD, .args = &arg, .n_args = 1, .known = row->known
        };
        const struct read_fact fact = { .name = SLICE_INIT("email.subject"),
                                        .text = SLICE_INIT("S") };
        const struct read_report report = { .verdict = VERDICT_MALICIOUS,
                                            .parts = &part,
                                            .n_parts = 1,
                                            .effects = &effect,
                                            .n_effects = 1,
                                            .facts = &fact,
                                            .n_facts = 1 };
        hunt_add_report(h, &report);
        hunt_take(h, &row->line, 0, 1);
        struct hunt_result r = hunt_finish(h);
        check(&t, row->name, &r, row->want);
        hunt_drop(&h);
        arena_drop(&mem);
    }
}

static struct contact look_up(int64_t second, enum contact_outcome outcome)
{
    return (struct contact){ .kind = CONTACT_NAME,
                             .client = SLICE_INIT("192.0.2.15"),
                             .host = SLICE_INIT("a.example.invalid"),
                             .time = { .us = second * 1000000, .known = true },
                             .outcome = outcome };
}

static void look_ups_are_one_contact(void **state)
{
    (void)state;
    struct arena *mem = arena_new(64 << 20);
    const struct hunt_options o = { .seed = 7 };
    struct hunt *h = hunt_new(mem, &o);
    const struct read_part part = { .parent = NO_ID,
                                    .name = SLICE_INIT("a.doc"),
                                    .how = SLICE_INIT("file") };
    const struct jsonin arg = { .kind = JSONIN_TEXT,
                                .key = SLICE_INIT("url"),
                                .text = SLICE_INIT("http://a.example.invalid/x") };
    const struct read_effect effect = { .args = &arg, .n_args = 1, .known = true };
    const struct read_report report = { .verdict = VERDICT_SUSPICIOUS,
                                        .parts = &part,
                                        .n_parts = 1,
                                        .effects = &effect,
                                        .n_effects = 1 };
    const struct contact lines[] = { look_up(103, OUTCOME_UNKNOWN), look_up(100, OUTCOME_UNKNOWN),
                                     look_up(104, OUTCOME_BLOCKED), look_up(101, OUTCOME_FAILED),
                                     look_up(200, OUTCOME_ANSWERED) };
    const struct contact other = { .kind = CONTACT_NAME,
                                   .client = SLICE_INIT("192.0.2.16"),
                                   .host = SLICE_INIT("a.example.invalid") };
    hunt_add_report(h, &report);
    hunt_add_report(h, &report); /* scanned again */
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        hunt_take(h, &lines[i], 0, i);
    hunt_take(h, &other, 0, 9);
    struct hunt_result r = hunt_finish(h);
    assert_int_equal(r.n_hits, 3);
    assert_int_equal(r.n_mails, 1);
    assert_int_equal(r.hits[0].sources->n, 1);
    assert_int_equal(r.hits[0].lines, 4);
    assert_int_equal(r.hits[0].contact.outcome, OUTCOME_BLOCKED);
    assert_int_equal(r.hits[1].contact.time.us, 200000000);
    assert_true(!r.hits[2].contact.time.known); /* without a time: last */
    assert_int_equal(r.n_clients, 2);
    assert_true(slice_is(r.clients[0].name, "192.0.2.15") && r.clients[0].n == 2);
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reports_and_lines_meet),
                                        cmocka_unit_test(look_ups_are_one_contact) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
