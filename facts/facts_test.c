/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void names_are_found(void **state)
{
    (void)state;
    for (unsigned id = 0; id < FACT_COUNT; id++) {
        const struct fact_row *row = fact_row((enum fact_id)id);
        assert_int_equal(fact_by_name(slice_of(row->name)), id);
        assert_true(row->en[0] && row->ja[0]);
    }
    assert_int_equal(fact_by_name(SLICE_LIT("")), FACT_COUNT);
    assert_int_equal(fact_by_name(SLICE_LIT("file")), FACT_COUNT);
    assert_int_equal(fact_by_name(SLICE_LIT("file.name.")), FACT_COUNT);
    assert_int_equal(fact_by_name(SLICE_LIT("FILE.NAME")), FACT_COUNT);
    assert_int_equal(fact_by_name(SLICE_LIT("zzzz")), FACT_COUNT);
}

struct sent {
    const char *what;
    uint32_t parent, event_part, fact_part, fact_event, unread_part;
    bool full;
};

/* What a hostile sender may say; only the first is honest. */
static const struct sent sent[] = {
    { "an honest record", NO_ID, 0, 0, 0, 0, false },
    { "a root with a parent", 0, 0, 0, 0, 0, true },
    { "an event on a part that is not there", NO_ID, 7, 0, 0, 0, true },
    { "a fact on a part that is not there", NO_ID, 0, 1, 0, 0, true },
    { "a fact on an event that is not there", NO_ID, 0, 0, 1, 0, true },
    { "numbers at the edge", NO_ID, 0, NO_ID, NO_ID, 0, true },
    { "unread on a part that is not there", NO_ID, 0, 0, 0, 3, true },
};

static void hostile_senders_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        struct arena *mem = arena_new(1 << 20);
        struct record r;
        record_init(&r, mem);
        struct sink s = record_sink(&r);
        s.part(s.host, &(struct part){ .parent = sent[i].parent, .name = SLICE_LIT("a"), .type = SLICE_LIT("text") });
        s.event(s.host, &(struct event){ EVENT_PART, sent[i].event_part });
        s.fact(s.host, &(struct fact){ .id = FACT_FILE_NAME, .part = sent[i].fact_part, .event = sent[i].fact_event,
                                       .text = SLICE_LIT("a") });
        s.unread(s.host, &(struct unread){ UNREAD_LIMIT, sent[i].unread_part, UNREAD_OF_WORK, { 0 } });
        if (r.full != sent[i].full)
            fail_msg("%s: full is %d", sent[i].what, r.full);
        if (!sent[i].full) {
            assert_int_equal(r.n_facts, 1);
            assert_true(slice_is(record_find_in_part(&r, 0, FACT_FILE_NAME)->text, "a"));
            assert_int_equal(record_event_above(&r, 0, EVENT_PART), 0);
            assert_int_equal(record_event_above(&r, 0, EVENT_MAIL), NO_ID);
        }
        arena_drop(&mem);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t n = 1; n < 200; n++) {
        struct arena *mem = arena_new(1 << 22);
        arena_fail_at(mem, n);
        struct record r;
        record_init(&r, mem);
        struct sink s = record_sink(&r);
        for (uint32_t i = 0; i < 70; i++) {
            s.part(s.host, &(struct part){ .parent = i ? i - 1 : NO_ID, .type = SLICE_LIT("text") });
            s.event(s.host, &(struct event){ EVENT_PART, i });
            s.fact(s.host, &(struct fact){ .id = FACT_FILE_NAME, .part = i, .event = i, .text = SLICE_LIT("name") });
            s.part_end(s.host, i, SLICE_LIT("html"), WALK_WHOLE);
        }
        for (uint32_t i = 0; i < r.n_facts; i++)
            assert_true(r.facts[i].part < r.n_parts && r.facts[i].event < r.n_events);
        arena_drop(&mem);
    }
}

static void names_of_enums(void **state)
{
    (void)state;
    assert_string_equal(part_how_name(HOW_MIME), "mime");
    assert_string_equal(walk_end_name(WALK_TIMEOUT), "timeout");
    assert_string_equal(unread_cause_name(UNREAD_NO_READER), "no-reader");
    assert_string_equal(effect_kind_name(EFFECT_MESSAGE), "message");
    assert_string_equal(event_kind_name(EVENT_URL), "url");
}

static void words_for_what_is_unread(void **state)
{
    static const struct {
        const char *words;
        enum unread_of of;
    } cases[] = {
        { "work", UNREAD_OF_WORK },
        { "Excel 4.0 macro sheet", UNREAD_OF_EXCEL_4_0_MACRO_SHEET },
        { "excel-4.0-macro-sheet", UNREAD_OF_EXCEL_4_0_MACRO_SHEET },
        { "message/partial", UNREAD_OF_MESSAGE_PARTIAL },
        { "works", UNREAD_OF_MEMBER },
        { "wor", UNREAD_OF_MEMBER },
        { "member", UNREAD_OF_MEMBER },
        { "part", UNREAD_OF_MEMBER }, /* a file may have this name */
        { "見積書.xlsx", UNREAD_OF_MEMBER },
        { "", UNREAD_OF_PART },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (unread_of_words(slice_of(cases[i].words)) != cases[i].of)
            fail_msg("%s: %s", cases[i].words, unread_row(unread_of_words(slice_of(cases[i].words)))->token);
    for (int i = 0; i < UNREAD_OFS; i++) {
        const struct unread_row *r = unread_row((enum unread_of)i);
        assert_true(r->token[0] && r->english[0] && r->japanese[0]);
        if (i > UNREAD_OF_PROCESS)
            assert_int_equal(unread_of_words(slice_of(r->token)), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(hostile_senders_do_no_harm),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(names_of_enums),
        cmocka_unit_test(words_for_what_is_unread),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
