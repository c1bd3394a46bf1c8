/* SPDX-License-Identifier: Apache-2.0 */
/* Dates: [MS-VBAL] 3.3.3 and 6.1.2.5. A date is a number of days since 30 December 1899. What a
 * text means as a date depends on the country, and what the clock says is unknown. */
#include <math.h>
#include "base/date.h"
#include "base/text.h"
#include "unmask/basic/basic.h"

static int64_t epoch(void) { return date_to_days((struct date){ 1899, 12, 30 }); }

static struct value date_of(double d) { return (struct value){ .type = V_DATE, .d = d }; }

static double of_days(int64_t year, unsigned month, unsigned day)
{
    return (double)(date_to_days((struct date){ year, month, day }) - epoch());
}

/* month/day/year with digits only; the year may come first. */
struct value basic_date_literal(struct machine *m, slice s)
{
    uint64_t n[3] = { 0 };
    size_t k = 0;
    bool digits = false;
    for (size_t i = 0; i < s.len; i++) {
        if (ascii_digit(s.at[i])) {
            n[k] = n[k] * 10 + (uint64_t)(s.at[i] - '0');
            digits = true;
        } else if ((s.at[i] == '/' || s.at[i] == '-') && digits && k < 2) {
            k++;
            digits = false;
        } else {
            return basic_unknown_slice(m, s);
        }
    }
    bool first = n[0] >= 100;
    uint64_t year = first ? n[0] : n[2], month = first ? n[1] : n[0], day = first ? n[2] : n[1];
    if (k != 2 || !digits || month < 1 || month > 12 || day < 1 || day > 31 || year < 100 || year > 9999)
        return basic_unknown_slice(m, s);
    return date_of(of_days((int64_t)year, (unsigned)month, (unsigned)day));
}

static struct value part(struct machine *m, uint32_t word, struct value v)
{
    double d;
    if (v.type == V_STRING || !basic_number(m, v, &d) || fabs(d) > 2.9e6)
        return m->error ? v : basic_unknown_slice(m, m->names[word].text);
    int64_t days = (int64_t)floor(d), seconds = (int64_t)floor((fabs(d) - floor(fabs(d))) * 86400 + 0.5);
    struct date at = date_of_days(days + epoch());
    switch (word) {
    case W_year: return basic_int(V_INTEGER, at.year);
    case W_month: return basic_int(V_INTEGER, at.month);
    case W_day: return basic_int(V_INTEGER, at.day);
    case W_hour: return basic_int(V_INTEGER, seconds / 3600 % 24);
    case W_minute: return basic_int(V_INTEGER, seconds / 60 % 60);
    case W_second: return basic_int(V_INTEGER, seconds % 60);
    default: return basic_int(V_INTEGER, ((days - 1) % 7 + 7) % 7 + 1); /* the first day was a Saturday */
    }
}

static struct value serial(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    int64_t v[3];
    for (uint32_t i = 0; i < 3; i++)
        if (!basic_integer(m, basic_arg(args, n, i), &v[i]) || v[i] > 32767 || v[i] < -32768)
            return m->error ? (struct value){ 0 } : basic_unknown_slice(m, m->names[word].text);
    if (word == W_timeserial)
        return date_of((double)(v[0] * 3600 + v[1] * 60 + v[2]) / 86400);
    if (v[0] < 100)
        return basic_unknown_slice(m, m->names[word].text);
    int64_t months = v[0] * 12 + v[1] - 1;
    if (months < 1200)
        return basic_unknown_slice(m, m->names[word].text);
    return date_of(of_days(months / 12, (unsigned)(months % 12) + 1, 1) + (double)(v[2] - 1));
}

bool basic_date_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out)
{
    switch (word) {
    case W_weekday:
        if (n > 1)
            return false;
        /* fall through */
    case W_year: case W_month: case W_day: case W_hour: case W_minute: case W_second:
        *out = n ? part(m, word, basic_plain(m, args[0].v)) : basic_error(m, 450);
        return true;
    case W_dateserial: case W_timeserial: *out = serial(m, word, args, n); return true;
    default: return false;
    }
}
