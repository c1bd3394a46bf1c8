/* SPDX-License-Identifier: Apache-2.0 */
/* What jsonin_read takes and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "base/jsonin.h"

static void show(struct buf *b, const struct jsonin *j)
{
    static const char *const words[] = { "null", "bool", "", "fraction" };
    if (j->kind == JSONIN_TEXT)
        buf_format(b, "'%.*s'%zu", SLICE_FMT(j->text), j->text.len);
    else if (j->kind == JSONIN_NUMBER || j->kind == JSONIN_BOOL)
        buf_format(b, "%s%lld", words[j->kind], (long long)j->number);
    else if (j->kind < JSONIN_TEXT)
        buf_text(b, words[j->kind]);
    for (size_t i = 0; i < j->n; i++) {
        buf_format(b, "%c%.*s=", j->kind == JSONIN_MAP ? '{' : '[', SLICE_FMT(j->items[i].key));
        show(b, &j->items[i]);
    }
}

#define DEEP8 "[[[[[[[["
#define SHUT8 "]]]]]]]]"
#define DEEP32 DEEP8 DEEP8 DEEP8 DEEP8
#define SHUT32 SHUT8 SHUT8 SHUT8 SHUT8

static const struct {
    const char *name;
    slice text;
    const char *want; /* refused: a piece of the message */
    bool refused;
} cases[] = {
    { "a map in order", SLICE_INIT("{\"b\":1,\"a\":[true,null,\"x\"]}"), "{b=1{a=[=bool1[=null[='x'1", false },
    { "largest number", SLICE_INIT("[9223372036854775807,-1]"), "[=9223372036854775807[=-1", false },
    { "a fraction", SLICE_INIT("[1.5]"), "[=fraction", false },
    { "NUL in a text", SLICE_INIT("[\"a\\u0000b\"]"), "[='a'3", false },
    { "32 deep", SLICE_INIT(DEEP32 SHUT32), "[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=[=", false },
    { "33 deep and more", SLICE_INIT(DEEP32 DEEP8 SHUT8 SHUT32), "nested more than 32", true },
    { "key twice", SLICE_INIT("{\"a\":1,\"a\":2}"), "a key stands twice", true },
    { "key twice by an escape", SLICE_INIT("{\"a\":1,\"\\u0061\":2}"), "a key stands twice", true },
    { "empty", SLICE_INIT(""), "no JSON", true },
    { "cut off", SLICE_INIT("{\"a\":"), "no JSON", true },
    { "more behind", SLICE_INIT("{} {}"), "no JSON", true },
    { "number too large", SLICE_INIT("[9223372036854775808]"), "no JSON", true },
    { "no UTF-8", SLICE_INIT("[\"\xff\"]"), "no JSON", true },
    { "lone surrogate", SLICE_INIT("[\"\\ud800\"]"), "no JSON", true },
    { "raw control character", SLICE_INIT("[\"\x01\"]"), "no JSON", true },
    { "NUL in a key", SLICE_INIT("{\"a\\u0000\":1}"), "no JSON", true },
    { "NUL between", SLICE_INIT("[\0]"), "no JSON", true },
    { "single quotes", SLICE_INIT("{'a':1}"), "no JSON", true },
    { "not a number", SLICE_INIT("[NaN]"), "no JSON", true },
};

static void takes_and_refuses(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *mem = arena_new(1 << 20);
        struct buf b = buf_new(4096);
        struct jsonin root;
        struct err e = { 0 };
        int r = jsonin_read(row->text, mem, &root, &e);
        show(&b, &root);
        if (row->refused ? r == 0 || !strstr(e.text, row->want) : r != 0 || !slice_is(buf_slice(&b), row->want))
            table_wrong(&t, row->name, "%d %s %.*s", r, e.text, SLICE_FMT(buf_slice(&b)));
        buf_drop(&b);
        arena_drop(&mem);
    }
}

static void memory_ends(void **state)
{
    (void)state;
    for (size_t n = 1; n < 5; n++) {
        struct arena *mem = arena_new(1 << 20);
        struct jsonin root;
        struct err e;
        arena_fail_at(mem, n);
        assert_int_not_equal(jsonin_read(SLICE_LIT("{\"a\":[\"x\"]}"), mem, &root, &e), 0);
        arena_drop(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(takes_and_refuses), cmocka_unit_test(memory_ends) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
