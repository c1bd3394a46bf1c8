/* SPDX-License-Identifier: Apache-2.0 */
/* table - the loop over a table of named cases.
 *
 *     struct table t = { 0 };
 *     TABLE_EACH (&t, row, cases) {
 *         ...
 *         table_slice(&t, row->name, got, row->want);
 *     }
 *
 * Every row runs, so that the first that is wrong does not hide the others; each
 * is named, and the test fails behind the last. An empty table fails too. Leave a
 * row with `continue`, never the loop with `break`: its end is what fails.
 *
 * Include <setjmp.h>, <stdarg.h> and <cmocka.h> before it, as every test does. */
#pragma once
#include "base/slice.h"

struct table {
    unsigned rows, wrong;
};

#define TABLE_EACH(t, row, cases)                                                                                      \
    for (const __typeof__((cases)[0]) *row = (cases); table_more((t), row < (cases) + sizeof(cases) / sizeof((cases)[0])); \
         row++)

static inline bool table_more(struct table *t, bool more)
{
    if (more)
        t->rows++;
    else if (t->wrong || t->rows == 0)
        fail_msg("%u of %u cases are wrong", t->wrong, t->rows);
    return more;
}

__attribute__((format(printf, 3, 4))) static inline void table_wrong(struct table *t, const char *name, const char *format, ...)
{
    va_list args;
    t->wrong++;
    print_error("%s: ", name);
    va_start(args, format);
    vprint_error(format, args);
    va_end(args);
    print_error("\n");
}

static inline void table_true(struct table *t, const char *name, bool good)
{
    if (!good)
        table_wrong(t, name, "not as wanted");
}

static inline void table_slice(struct table *t, const char *name, slice got, const char *want)
{
    if (!slice_is(got, want))
        table_wrong(t, name, "\"%.*s\"", SLICE_FMT(got));
}
