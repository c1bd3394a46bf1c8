/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_rules - rule files as people could write them by mistake or malice.
 *
 * Checked: the compiler ends with an image that opens, or with a message that
 * names the file; the tests inside a rule get the same answer with and without
 * the pattern set (rules_test says so by its code where they do not). */
#include "judge/judge.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile(slice text, bool ours)
{
    static const char placeholders[] = "p: [a, 'b*']\n";
    struct rule_source sources[2] = { { SLICE_LIT("f.yml"), text, ours },
                                      { SLICE_LIT("placeholders.yaml"), slice_of(placeholders),
                                        false } };
    struct buf image = buf_new(64 << 20);
    struct err err = { 0 };
    int code = rules_compile(sources, 2, &image, &err);
    CHECK(code <= 0 && code == err.code);
    if (code == 0) {
        struct rules *r = NULL;
        size_t tests = 0;
        CHECK(rules_open(buf_slice(&image), &r, &err) == 0);
        code = rules_test(r, sources, 1, &tests, &err);
        CHECK(code != -ENOTRECOVERABLE);
        rules_drop(&r);
    } else {
        CHECK(err.text[0]);
    }
    buf_drop(&image);
}

static void read_policy(slice text)
{
    struct arena *mem = arena_new(16 << 20);
    struct policy p = { .today = SLICE_LIT("2026-11-22") };
    struct err err = { 0 };
    CHECK(mem);
    CHECK(exceptions_read(text, SLICE_LIT("e.yaml"), mem, &p, &err) == err.code);
    err.code = 0;
    CHECK(promises_read(text, SLICE_LIT("p.yaml"), mem, &p, &err) == err.code);
    arena_drop(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = slice_sub((slice){ data, size }, 0, 16 << 10);
    compile(text, false);
    compile(text, true);
    read_policy(text);
    return 0;
}
