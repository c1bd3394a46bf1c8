/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

enum {
    ERA_DAYS = 146097,  /* of 400 years, after which all repeats */
    EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */
};

int64_t date_to_days(struct date d)
{
    int64_t year = d.year - (d.month <= 2), month = (int64_t)d.month + (d.month > 2 ? -3 : 9);
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * month + 2) / 5 + d.day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

struct date date_of_days(int64_t days)
{
    days += EPOCH_DAYS;
    int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS, of_era = days - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    return (struct date){
        .year = year + era * 400 + (month >= 10),
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
    };
}
