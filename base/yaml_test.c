/* SPDX-License-Identifier: Apache-2.0 */
/* What yaml_read takes, what it refuses, and which line it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "base/yaml.h"

/* One line per document: maps {k:v}, lists [v], quoted scalars with a trailing '. */
static void show(struct buf *b, const struct yaml *y)
{
    if (y->kind == YAML_SCALAR) {
        buf_put(b, y->text);
        buf_text(b, y->quoted ? "'" : "");
        return;
    }
    buf_text(b, y->kind == YAML_MAP ? "{" : "[");
    for (size_t i = 0; i < y->n; i++) {
        buf_text(b, i ? " " : "");
        if (y->kind == YAML_MAP) {
            buf_put(b, y->items[i].key);
            buf_format(b, "@%u:", y->items[i].key_line);
        }
        show(b, &y->items[i]);
    }
    buf_text(b, y->kind == YAML_MAP ? "}" : "]");
}

static const struct {
    const char *name, *text, *want; /* want of a refused text: a piece of its message */
    bool refused;
} cases[] = {
    { "empty", "", "", false },
    { "comment only", "# nothing\n", "", false },
    { "map", "a: 1\nb: two words\n", "{a@1:1 b@2:two words}", false },
    { "null forms", "a:\nb: ~\nc: 'null'\n", "{a@1: b@2:~ c@3:null'}", false },
    { "list of maps", "- a: 1\n- a: 2\n", "[{a@1:1} {a@2:2}]", false },
    { "two documents", "a: 1\n---\nb: 2\n", "{a@1:1};{b@3:2}", false },
    { "block text", "a: |\n  x\n  y\n", "{a@1:x\ny\n'}", false },
    { "Japanese", "件名: 返信\n", "{件名@1:返信}", false },
    { "flow", "a: [x, {b: c}]\n", "{a@1:[x {b@1:c}]}", false },
    { "byte order mark",
      "\xef\xbb\xbf"
      "a: 1\n",
      "{a@1:1}", false },
    { "no boolean guessing", "a: yes\nb: 0x10\n", "{a@1:yes b@2:0x10}", false },
    { "alias", "a: &x 1\nb: *x\n", "t:2: aliases", true },
    { "alias bomb", "a: &a [x,x]\nb: &b [*a,*a]\n", "t:2: aliases", true },
    { "duplicate key", "a: 1\nb: 2\na: 3\n", "t:3: 'a' stands already in line 1", true },
    { "duplicate deep", "k:\n  - {z: 1, z: 2}\n", "t:2: 'z'", true },
    { "map as key", "? {a: b}\n: c\n", "t:1: a key must be", true },
    { "tab indentation", "a:\n\tb: 1\n", "t:2: not valid YAML", true },
    { "open quote", "a: 'x\n", "not valid YAML", true },
    { "open flow", "a: [x, y\n", "not valid YAML", true },
    { "not UTF-8", "a: \xff\xfe\n", "not valid", true },
    { "NUL byte", "a: \001\n", "not valid", true },
};

static void each_case(void **state)
{
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct arena *mem = arena_new(1 << 20);
        struct err e = { 0 };
        const struct yaml *documents = NULL;
        size_t n = 0;
        int rc = yaml_read(slice_of(row->text), "t", mem, &documents, &n, &e);
        if (row->refused) {
            if (rc >= 0 || !strstr(e.text, row->want))
                table_wrong(&all, row->name, "rc %d, message '%s'", rc, e.text);
        } else {
            struct buf b = buf_new(4096);
            for (size_t d = 0; d < n; d++) {
                buf_text(&b, d ? ";" : "");
                show(&b, &documents[d]);
            }
            if (rc || !slice_is(buf_slice(&b), row->want))
                table_wrong(&all, row->name, "rc %d '%s', got %.*s", rc, e.text, (int)b.len,
                         (const char *)b.at);
            buf_drop(&b);
        }
        arena_drop(&mem);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    for (int depth = YAML_DEPTH_MAX - 1; depth <= 100000;
         depth = depth < 100 ? depth + 1 : depth * 10) {
        struct buf b = buf_new(1 << 20);
        for (int i = 0; i < depth; i++)
            buf_byte(&b, '[');
        for (int i = 0; i < depth; i++)
            buf_byte(&b, ']');
        struct arena *mem = arena_new(1 << 20);
        struct err e = { 0 };
        const struct yaml *documents;
        size_t n;
        int rc = yaml_read(buf_slice(&b), "t", mem, &documents, &n, &e);
        assert_int_equal(rc == 0, depth <= YAML_DEPTH_MAX);
        arena_drop(&mem);
        buf_drop(&b);
    }
}

/* Every prefix and every memory ceiling ends in an answer, never in a crash. */
static void cut_and_starved(void **state)
{
    (void)state;
    static const char text[] = "a: {b: [1, 'x', \"y\"], c: |\n  block\n }\nd: [e, f]\n---\n- g\n";
    for (size_t n = 0; n <= sizeof text - 1; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, text, n);
        for (size_t fail = 0; fail < 30; fail++) {
            struct arena *mem = arena_new(1 << 20);
            arena_fail_at(mem, fail);
            struct err e = { 0 };
            const struct yaml *documents = NULL;
            size_t count = 0;
            int rc = yaml_read((slice){ exact, n }, "t", mem, &documents, &count, &e);
            assert_true(rc <= 0);
            assert_int_equal(rc, e.code);
            arena_drop(&mem);
        }
        free(exact);
    }
}

static void look_up(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 16);
    const struct yaml *d;
    size_t n;
    assert_int_equal(yaml_read(SLICE_LIT("a: 1\nn:\nq: ''\n"), "t", mem, &d, &n, NULL), 0);
    assert_true(slice_is(yaml_get(d, "a")->text, "1"));
    assert_null(yaml_get(d, "zz"));
    assert_null(yaml_get(NULL, "a"));
    assert_null(yaml_get(yaml_get(d, "a"), "a"));
    assert_true(yaml_is_null(yaml_get(d, "n")));
    assert_true(yaml_is_null(NULL));
    assert_false(yaml_is_null(yaml_get(d, "q")));
    arena_drop(&mem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(cut_and_starved),
        cmocka_unit_test(look_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
