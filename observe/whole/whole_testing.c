/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/whole/whole_testing.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const slice own_domains[] = { SLICE_INIT("own.example") };
const struct site test_site = { SLICE_INIT("mx.own.example"), own_domains, 1 };

static slice next_line(slice *rest)
{
    size_t end = slice_find_byte(*rest, '\n', 0);
    slice line = slice_sub(*rest, 0, end == SIZE_MAX ? rest->len : end);
    *rest = slice_from(*rest, end == SIZE_MAX ? rest->len : end + 1);
    return slice_trim(line);
}

static enum fact_id fact_named(slice name)
{
    enum fact_id id = fact_by_name(name);
    if (id == FACT_COUNT)
        print_message("no fact %.*s\n", SLICE_FMT(name));
    assert_true(id != FACT_COUNT);
    return id;
}

void mail_record(struct record *r, struct arena *mem, const char *facts, const char *body)
{
    record_init(r, mem);
    struct sink s = record_sink(r);
    struct part mail = { .parent = NO_ID, .how = HOW_FILE, .type = SLICE_LIT("eml") };
    struct event event = { EVENT_MAIL, 0 };
    s.part(s.host, &mail);
    s.event(s.host, &event);
    slice rest = slice_of(facts);
    while (rest.len) {
        slice line = next_line(&rest);
        size_t colon = slice_find(line, SLICE_LIT(": "), 0), at = slice_find_byte(line, '@', 0);
        if (line.len == 0)
            continue;
        assert_true(colon != SIZE_MAX);
        struct fact f = { .text = slice_from(line, colon + 2) };
        uint64_t place = 0;
        if (at < colon)
            assert_true(slice_u64(slice_sub(line, at + 1, colon - at - 1), &place));
        f.at = (struct range){ place, place + 1 };
        f.id = fact_named(slice_sub(line, 0, at < colon ? at : colon));
        s.fact(s.host, &f);
    }
    if (body) {
        struct part text = { .parent = 0, .how = HOW_MIME, .type = SLICE_LIT("text") };
        s.part(s.host, &text);
        struct view v = { FACT_EMAIL_BODY, 1, strlen(body), slice_of(body) };
        s.view(s.host, &v);
    }
}

static bool holds(const struct record *r, slice line)
{
    size_t equals = slice_find_byte(line, '=', 0);
    enum fact_id id = fact_named(slice_sub(line, 0, equals));
    slice text = equals == SIZE_MAX ? (slice){ 0 } : slice_from(line, equals + 1);
    for (uint32_t i = 0; i < r->n_facts; i++) {
        const struct fact *f = &r->facts[i];
        if (f->id != id || !f->whole)
            continue;
        uint64_t n;
        bool number =
            fact_row(id)->type == FACT_TYPE_INT && slice_u64(text, &n) && (int64_t)n == f->number;
        if (equals == SIZE_MAX || slice_eq(f->text, text) || number)
            return true;
    }
    return false;
}

void mail_cases(const struct mail_case *cases, size_t n, const struct site *site)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct arena *mem = arena_new(8 << 20);
        struct record r;
        mail_record(&r, mem, cases[i].facts, cases[i].body);
        uint32_t given = r.n_facts;
        whole_observe(&r, site);
        assert_false(r.full);
        for (uint32_t k = given; k < r.n_facts; k++)
            assert_true(r.facts[k].whole && utf8_valid(r.facts[k].text));
        slice rest = slice_of(cases[i].wanted);
        while (rest.len) {
            slice line = next_line(&rest);
            bool absent = line.len && line.at[0] == '!';
            if (line.len == 0 || holds(&r, slice_from(line, absent)) != absent)
                continue;
            wrong++;
            print_message("%s: %s %.*s\n", cases[i].name, absent ? "unwanted" : "missing",
                          SLICE_FMT(slice_from(line, absent)));
            for (uint32_t k = given; k < r.n_facts; k++)
                print_message("    %s = %.*s %lld\n", fact_row(r.facts[k].id)->name,
                              SLICE_FMT(r.facts[k].text), (long long)r.facts[k].number);
        }
        arena_drop(&mem);
    }
    assert_int_equal(wrong, 0);
}
