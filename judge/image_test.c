/* SPDX-License-Identifier: Apache-2.0 */
/* A rule image that was cut, changed, or made by somebody who knows the format
 * is refused or used, but never reads outside its bytes. */
#include "base/hash.h"
#include "judge/test_support.h"

static const char rules_text[] =
    "title: c\nname: c\ncorrelation: {type: value_count, rules: [a, b], timespan: 1m, group-by: [url.domain], condition: {field: url.port, gte: 1}}\n---\n"
    "title: a\nname: a\nlogsource: {product: sekisho, category: url}\ndetection: {s: {url.path|contains: [abc, 'd*e'], url.ip|cidr: 192.0.2.0/24}, t: {url.full|re: 'a+b'}, condition: s or not t}\n---\n"
    "title: b\nname: b\nlogsource: {product: sekisho, category: url}\ndetection: {s: {url.port|gt: 5, parent.file.name: x, url.text|fieldref: url.full}, k: [word], condition: s and not k}\n";

/* Opens and, when that works, uses everything in it. */
static bool try_image(slice image)
{
    struct rules *r = NULL;
    struct err e = { 0 };
    int code = rules_open(image, &r, &e);
    assert_int_equal(code, e.code);
    if (code) {
        assert_true(code < 0 && e.text[0]);
        return false;
    }
    struct sheet s;
    sheet_open(&s);
    uint32_t part = sheet_part(&s, sheet_part(&s, NO_ID, "eml"), "html");
    for (int i = 0; i < 3; i++) {
        uint32_t u = sheet_event(&s, EVENT_URL, part);
        sheet_text(&s, u, FACT_URL_PATH, "/abcdxe");
        sheet_text(&s, u, FACT_URL_IP, "192.0.2.4");
        sheet_text(&s, u, FACT_URL_FULL, "aab word");
        sheet_number(&s, u, FACT_URL_PORT, i);
        sheet_text(&s, u, FACT_URL_DOMAIN, "h.example");
    }
    struct rule_scanner *scanner = NULL;
    if (rule_scanner_new(r, &scanner, NULL) == 0)
        sheet_scan(&s, r);
    rule_scanner_drop(&scanner);
    (void)judge_record_mode(r, &s.record, NULL, JUDGE_SKIPPING, s.mem);
    (void)judge_record_mode(r, &s.record, NULL, JUDGE_DIRECT, s.mem);
    for (size_t i = 0; i < rules_count(r); i++)
        (void)rules_info(r, i);
    (void)rules_find(r, SLICE_LIT("zz"));
    sheet_drop(&s);
    rules_drop(&r);
    return true;
}

/* A copy in a heap block of exactly its size. */
static uint8_t *exact(slice s)
{
    uint8_t *p = malloc(s.len ? s.len : 1);
    assert_non_null(p);
    if (s.len)
        memcpy(p, s.at, s.len);
    return p;
}

static void cut(void **state)
{
    (void)state;
    struct compiled c = compile_text(rules_text, false);
    assert_int_equal(c.code, 0);
    slice image = buf_slice(&c.image);
    assert_true(try_image(image));
    for (size_t n = 0; n < image.len; n += n < 2000 ? 1 : 37) {
        uint8_t *p = exact(slice_sub(image, 0, n));
        assert_false(try_image((slice){ p, n }));
        if (n >= IMAGE_HEAD) { /* and with a head that agrees */
            image_seal(p, n);
            assert_false(try_image((slice){ p, n }));
        }
        free(p);
    }
    compiled_drop(&c);
}

static void every_bit_counts(void **state)
{
    (void)state;
    struct compiled c = compile_text(rules_text, false);
    slice image = buf_slice(&c.image);
    uint8_t *p = exact(image);
    for (size_t i = 0; i < image.len; i += i < 200 ? 1 : 101) {
        if (i >= 12 && i < 16)
            continue; /* not used */
        p[i] ^= 1;
        assert_false(try_image((slice){ p, image.len }));
        p[i] ^= 1;
    }
    free(p);
    compiled_drop(&c);
}

/* Every byte of the tables replaced, the sum corrected: it may open, it must not harm. */
static void sealed_lies(void **state)
{
    (void)state;
    static const uint8_t values[] = { 0, 1, 2, 7, 0x7f, 0x80, 0xff };
    struct compiled c = compile_text(rules_text, false);
    slice image = buf_slice(&c.image);
    size_t matcher = image.len - c.rules->matcher.len, opened = 0;
    for (size_t i = IMAGE_HEAD; i < matcher; i++) {
        for (size_t v = 0; v < sizeof values; v++) {
            uint8_t *p = exact(image);
            p[i] = values[v];
            image_seal(p, image.len);
            opened += try_image((slice){ p, image.len });
            free(p);
        }
    }
    assert_true(opened > 100);
    compiled_drop(&c);
}

static void counts_that_do_not_fit(void **state)
{
    (void)state;
    struct compiled c = compile_text(rules_text, false);
    slice image = buf_slice(&c.image);
    size_t matcher = image.len - c.rules->matcher.len;
    for (size_t i = IMAGE_HEAD; i + 4 < matcher; i++) {
        uint8_t *p = exact(image);
        for (size_t k = i; k < i + 4 && k < image.len; k++)
            p[k] = 0xff;
        image_seal(p, image.len);
        (void)try_image((slice){ p, image.len });
        free(p);
    }
    compiled_drop(&c);
}

/* Each allocation of a judgement fails once: never "clean" for lack of memory. */
static void starved(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: t\nid: t\nlevel: critical\nlogsource: {product: sekisho, category: url}\ndetection: {s: {url.path: a}, condition: s}\n", false);
    for (size_t fail = 1; fail < 60; fail++) {
        struct sheet s;
        sheet_open(&s);
        sheet_text(&s, sheet_event(&s, EVENT_URL, sheet_part(&s, NO_ID, "eml")), FACT_URL_PATH, "a");
        struct arena *mem = arena_new(1 << 20);
        arena_fail_at(mem, fail);
        struct judgement j = judge_record(c.rules, &s.record, NULL, mem);
        assert_true(j.verdict == VERDICT_UNKNOWN || j.verdict == VERDICT_MALICIOUS);
        assert_true(j.reason.en.len && j.reason.ja.len && j.todo.en.len && j.todo.ja.len);
        arena_drop(&mem);
        sheet_drop(&s);
    }
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut),         cmocka_unit_test(every_bit_counts),       cmocka_unit_test(sealed_lies),
        cmocka_unit_test(starved),     cmocka_unit_test(counts_that_do_not_fit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
