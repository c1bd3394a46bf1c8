/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"

static const struct {
    const char *name;
    struct date date;
    int64_t days;
} cases[] = {
    { "the epoch", { 1970, 1, 1 }, 0 },
    { "the day before", { 1969, 12, 31 }, -1 },
    { "leap day of a century that has one", { 2000, 2, 29 }, 11016 },
    { "behind it", { 2000, 3, 1 }, 11017 },
    { "century without leap day", { 2100, 2, 28 }, 47540 },
    { "behind it", { 2100, 3, 1 }, 47541 },
    { "where FILETIME begins", { 1601, 1, 1 }, -134774 },
    { "year nought", { 0, 3, 1 }, -719468 },
    { "before it", { 0, 2, 29 }, -719469 },
    { "before all eras", { -400, 3, 1 }, -719468 - 146097 },
    { "the last FILETIME", { 60056, 5, 28 }, 21350398 - 134774 },
};

static void known_days(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct date d = date_of_days(row->days);
        if (date_to_days(row->date) != row->days)
            table_wrong(&t, row->name, "day %lld", (long long)date_to_days(row->date));
        if (d.year != row->date.year || d.month != row->date.month || d.day != row->date.day)
            table_wrong(&t, row->name, "%lld-%u-%u", (long long)d.year, d.month, d.day);
    }
}

/* Day by day over more than an era, against counting as on a wall calendar. */
static void counted_days(void **state)
{
    static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct date wall = { 1600, 1, 1 };
    (void)state;
    for (int64_t days = date_to_days(wall); wall.year < 2401; days++) {
        struct date d = date_of_days(days);
        if (d.year != wall.year || d.month != wall.month || d.day != wall.day || date_to_days(wall) != days)
            fail_msg("%lld-%u-%u", (long long)wall.year, wall.month, wall.day);
        bool leap = wall.year % 4 == 0 && (wall.year % 100 != 0 || wall.year % 400 == 0);
        if (++wall.day <= lengths[wall.month - 1] + (wall.month == 2 && leap))
            continue;
        wall.day = 1;
        wall.month = wall.month % 12 + 1;
        wall.year += wall.month == 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days),
        cmocka_unit_test(counted_days),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
