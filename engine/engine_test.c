/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* One rule per kind of pattern, over text facts and views. */
static const char rules_text[] =
    "title: a word in the text\n"
    "id: 6b6ad9de-7a0c-4c40-9be0-1b6f2ab3a001\n"
    "name: engine-test-word\n"
    "status: test\n"
    "description: a word\n"
    "level: medium\n"
    "logsource: {product: sekisho, category: part}\n"
    "detection:\n"
    "  sel:\n"
    "    document.text|contains: checkpoint\n"
    "  condition: sel\n"
    "falsepositives: [none]\n"
    "sekisho:\n"
    "  name: Test.Text.Word\n"
    "  family: test\n"
    "  title: {ja: 試験}\n"
    "  description: {ja: 語}\n"
    "  falsepositives: {ja: なし}\n"
    "  reason: {en: a word, ja: 語}\n"
    "  tests:\n"
    "    match: [{document.text: the checkpoint}]\n"
    "    no_match: [{document.text: nothing}]\n";

static struct engine *engine;
static struct rules *rules;
static struct buf image;

static int start(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct rule_source source = { SLICE_LIT("test.yml"), slice_of(rules_text), true };
    image = buf_new(64 << 20);
    if (rules_compile(&source, 1, &image, &e) < 0 || rules_open(buf_slice(&image), &rules, &e) < 0 ||
        engine_new(rules, &engine, &e) < 0) {
        print_error("%s\n", e.text);
        return -1;
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    engine_drop(&engine);
    rules_drop(&rules);
    buf_drop(&image);
    return 0;
}

static void scan(struct record *r, struct arena *mem, slice bytes, const char *name)
{
    record_init(r, mem);
    struct sink sink = record_sink(r);
    struct scan_request request = { .body = body_borrow(bytes), .name = slice_of(name) };
    engine_scan(engine, &request, &sink);
}

static void a_hit_has_line_and_excerpt(void **state)
{
    (void)state;
    struct arena *mem = arena_new(8 << 20);
    struct record r;
    scan(&r, mem, SLICE_LIT("first line\nsecond\nthe Checkpoint of old\n"), "a.txt");
    assert_int_equal(r.n_parts, 1);
    assert_int_equal(r.n_hits, 1);
    assert_int_equal(r.hits[0].line, 3);
    assert_true(slice_find(r.hits[0].excerpt, SLICE_LIT("Checkpoint"), 0) != SIZE_MAX);
    assert_true(r.hits[0].field == FACT_DOCUMENT_TEXT);
    arena_drop(&mem);
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    struct arena *mem = arena_new(8 << 20);
    struct record r;
    scan(&r, mem, SLICE_LIT("check point\n"), "a.txt");
    assert_int_equal(r.n_hits, 0);
    scan(&r, mem, (slice){ 0 }, "");
    assert_int_equal(r.n_parts, 1);
    assert_int_equal(r.n_unread, 0);
    arena_drop(&mem);
}

static void objects_do_not_see_each_other(void **state)
{
    (void)state;
    struct arena *mem = arena_new(8 << 20);
    struct record one, again;
    scan(&one, mem, SLICE_LIT("the checkpoint\n"), "a.txt");
    for (int i = 0; i < 20; i++)
        scan(&again, mem, SLICE_LIT("From: a@b.example\nSubject: x\nDate: y\n\nhello\n"), "a.eml");
    scan(&again, mem, SLICE_LIT("the checkpoint\n"), "a.txt");
    assert_int_equal(one.n_facts, again.n_facts);
    assert_int_equal(one.n_hits, again.n_hits);
    arena_drop(&mem);
}

static void unknown_bytes_are_never_clean(void **state)
{
    (void)state;
    static const uint8_t noise[] = { 1, 2, 3, 0x90, 0xfe, 0, 7, 0x88, 0x99, 0, 1 };
    struct arena *mem = arena_new(8 << 20);
    struct record r;
    scan(&r, mem, (slice){ noise, sizeof noise }, "a.bin");
    assert_int_equal(r.n_unread, 1);
    assert_int_equal(r.unread[0].cause, UNREAD_NO_READER);
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_has_line_and_excerpt),
        cmocka_unit_test(nothing_is_found_where_nothing_is),
        cmocka_unit_test(objects_do_not_see_each_other),
        cmocka_unit_test(unknown_bytes_are_never_clean),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, start, stop);
}
