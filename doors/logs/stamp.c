/* SPDX-License-Identifier: Apache-2.0 */
/* stamp - the times of logs: seconds since 1970, RFC 3339 and its Japanese and spaced cousins,
 * the common log format, BIND's, syslog's (RFC 3164 4.1.2, without year).
 *
 * Leaves out month/day/year and day/month/year without AM or PM: nothing tells the two apart. */
#include "base/date.h"
#include "base/text.h"
#include "doors/logs/logs_private.h"

enum { DAY = 86400, ZONE_MAX = 16 * 60 };

struct reading {
    slice in;
    size_t at;
    bool bad;
};

static bool more(const struct reading *r)
{
    return r->at < r->in.len;
}

static unsigned number(struct reading *r, unsigned least, unsigned most)
{
    unsigned v = 0, n = 0;
    while (more(r) && n < most && ascii_digit(r->in.at[r->at])) {
        v = v * 10 + (unsigned)(r->in.at[r->at++] - '0');
        n++;
    }
    r->bad |= n < least;
    return v;
}

static bool given(struct reading *r, const char *text)
{
    slice s = slice_of(text);
    bool is = slice_starts(slice_from(r->in, r->at), s);
    r->at += is ? s.len : 0;
    return is;
}

static void need(struct reading *r, const char *text)
{
    r->bad |= !given(r, text);
}

static unsigned month(struct reading *r)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    slice s = slice_sub(r->in, r->at, 3);
    for (unsigned m = 0; s.len == 3 && m < 12; m++)
        if (ascii_lower(s.at[0]) == names[m * 3] && ascii_lower(s.at[1]) == names[m * 3 + 1] &&
            ascii_lower(s.at[2]) == names[m * 3 + 2]) {
            r->at += 3;
            return m + 1;
        }
    r->bad = true;
    return 0;
}

/* Digits behind a point or comma, as microseconds. */
static int64_t fraction(struct reading *r)
{
    int64_t us = 0, unit = 100000;
    if (!more(r) || (r->in.at[r->at] != '.' && r->in.at[r->at] != ',') || r->at + 1 >= r->in.len ||
        !ascii_digit(r->in.at[r->at + 1]))
        return 0;
    for (r->at++; more(r) && ascii_digit(r->in.at[r->at]); r->at++, unit /= 10)
        us += unit * (r->in.at[r->at] - '0');
    return us;
}

/* "Z", "+09:00", "+0900"; *given_out: one stood there. */
static int zone(struct reading *r, bool *given_out)
{
    size_t start = r->at;
    *given_out = true;
    if (given(r, "Z"))
        return 0;
    if (given(r, " +") || given(r, "+") || given(r, " -") || given(r, "-")) {
        bool west = r->in.at[r->at - 1] == '-';
        struct reading tail = *r;
        unsigned h = number(&tail, 2, 2);
        (void)given(&tail, ":");
        unsigned m = number(&tail, 2, 2);
        if (!tail.bad && h * 60 + m <= ZONE_MAX && m < 60) {
            r->at = tail.at;
            return west ? -(int)(h * 60 + m) : (int)(h * 60 + m);
        }
    }
    r->at = start;
    *given_out = false;
    return 0;
}

bool log_zone(slice s, int *minutes_out)
{
    struct reading r = { .in = s };
    bool is;
    if (slice_is(s, "JST") || slice_is(s, "UTC") || slice_is(s, "GMT")) {
        *minutes_out = s.at[0] == 'J' ? 540 : 0;
        return true;
    }
    int minutes = zone(&r, &is);
    if (!is || r.at != s.len)
        return false;
    *minutes_out = minutes;
    return true;
}

static void set(struct contact_time *out, const struct log_clock *clock, int64_t seconds,
                int64_t us, bool zoned, int offset)
{
    if (!zoned && clock->zone_given) {
        zoned = true;
        offset = clock->zone;
    }
    out->us = (seconds - (int64_t)offset * 60) * 1000000 + us;
    out->known = true;
    out->zoned = zoned;
    out->offset = (int16_t)offset;
}

struct clock_reading {
    unsigned h, m, s;
    int64_t us;
};

static struct clock_reading time_of_day(struct reading *r, const char *colon,
                                        const char *second_colon, const char *end)
{
    struct clock_reading c = { .h = number(r, 1, 2) };
    need(r, colon);
    c.m = number(r, 2, 2);
    if (given(r, second_colon))
        c.s = number(r, 2, 2);
    c.us = fraction(r);
    need(r, end);
    r->bad |= c.h > 23 || c.m > 59 || c.s > 60;
    return c;
}

static int64_t seconds_of(struct reading *r, int64_t year, unsigned m, unsigned day,
                          const struct clock_reading *c)
{
    r->bad |= m < 1 || m > 12 || day < 1 || day > 31 || year < 1970 || year > 9999;
    return r->bad
               ? 0
               : date_to_days((struct date){ year, m, day }) * DAY + c->h * 3600 + c->m * 60 + c->s;
}

/* "1700000000.123": nine or ten digits are seconds, thirteen milliseconds, sixteen microseconds. */
static bool epoch(struct reading *r, const struct log_clock *clock, struct contact_time *out)
{
    int64_t v = 0;
    size_t n = 0;
    while (more(r) && n < 17 && ascii_digit(r->in.at[r->at])) {
        v = v * 10 + (r->in.at[r->at++] - '0');
        n++;
    }
    if (n != 9 && n != 10 && n != 13 && n != 16)
        return false;
    int64_t us = n == 16 ? v : n == 13 ? v * 1000 : v * 1000000 + fraction(r);
    set(out, clock, us / 1000000, us % 1000000, true, 0);
    return true;
}

/* 2026-11-22T10:00:00.123+09:00, 2026/11/22 10:00, 2026年11月22日 10時00分00秒 */
static bool year_first(struct reading *r, const struct log_clock *clock, struct contact_time *out)
{
    bool zoned, kanji;
    unsigned year = number(r, 4, 4);
    kanji = given(r, "\xe5\xb9\xb4");
    const char *dash = kanji ? "" : given(r, "/") ? "/" : "-";
    if (!kanji && dash[0] == '-')
        need(r, "-");
    unsigned m = number(r, 1, 2);
    need(r, kanji ? "\xe6\x9c\x88" : dash);
    unsigned day = number(r, 1, 2);
    if (kanji)
        need(r, "\xe6\x97\xa5");
    struct clock_reading c = { 0 };
    size_t date_end = r->at;
    if (!given(r, "T"))
        while (given(r, " "))
            ;
    if (more(r) && ascii_digit(r->in.at[r->at]) && !r->bad) {
        struct reading plain = *r;
        c = time_of_day(&plain, ":", ":", "");
        if (plain.bad) {
            plain = *r;
            c = time_of_day(&plain, "\xe6\x99\x82", "\xe5\x88\x86", "\xe7\xa7\x92");
        }
        *r = plain;
    } else {
        r->at = date_end;
    }
    int offset = zone(r, &zoned);
    int64_t s = seconds_of(r, year, m, day, &c);
    if (!r->bad)
        set(out, clock, s, c.us, zoned, offset);
    return !r->bad;
}

/* 22/Nov/2026:10:00:00 +0900 and 22-Nov-2026 10:00:00.123 */
static bool day_first(struct reading *r, const struct log_clock *clock, struct contact_time *out)
{
    bool zoned;
    unsigned day = number(r, 1, 2);
    const char *dash = given(r, "/") ? "/" : "-";
    if (dash[0] == '-')
        need(r, "-");
    unsigned m = r->bad ? 0 : month(r);
    need(r, dash);
    unsigned year = number(r, 4, 4);
    if (!given(r, ":"))
        need(r, " ");
    struct clock_reading c = time_of_day(r, ":", ":", "");
    int offset = zone(r, &zoned);
    int64_t s = seconds_of(r, year, m, day, &c);
    if (!r->bad)
        set(out, clock, s, c.us, zoned, offset);
    return !r->bad;
}

/* 11/22/2026 9:00:00 AM: where there is AM or PM, the month comes first. */
static bool half_days(struct reading *r, const struct log_clock *clock, struct contact_time *out)
{
    unsigned m = number(r, 1, 2);
    need(r, "/");
    unsigned day = number(r, 1, 2);
    need(r, "/");
    unsigned year = number(r, 4, 4);
    need(r, " ");
    struct clock_reading c = time_of_day(r, ":", ":", "");
    bool pm = given(r, " PM");
    r->bad |= (!pm && !given(r, " AM")) || c.h < 1 || c.h > 12;
    c.h = c.h % 12 + (pm ? 12 : 0);
    int64_t s = seconds_of(r, year, m, day, &c);
    if (!r->bad)
        set(out, clock, s, c.us, false, 0);
    return !r->bad;
}

/* Nov 22 10:00:00: the latest year in which this is not the day after tomorrow. */
static bool month_first(struct reading *r, const struct log_clock *clock, struct contact_time *out)
{
    unsigned m = month(r);
    need(r, " ");
    (void)given(r, " ");
    unsigned day = number(r, 1, 2);
    need(r, " ");
    struct clock_reading c = time_of_day(r, ":", ":", "");
    if (r->bad)
        return false;
    int64_t year = date_of_days(clock->now / DAY).year;
    int64_t s = seconds_of(r, year, m, day, &c);
    if (!r->bad && s > clock->now + 2 * DAY)
        s = seconds_of(r, year - 1, m, day, &c);
    if (r->bad)
        return false;
    set(out, clock, s, c.us, false, 0);
    out->year_guessed = true;
    return true;
}

bool log_stamp(slice *rest, const struct log_clock *clock, struct contact_time *out)
{
    struct reading r = { .in = *rest }, again = r;
    *out = (struct contact_time){ 0 };
    bool is;
    if (rest->len < 8)
        return false;
    if (!ascii_digit(rest->at[0]))
        is = month_first(&r, clock, out);
    else if (!ascii_digit(rest->at[1]) || !ascii_digit(rest->at[2]))
        is = day_first(&r, clock, out) || half_days(&again, clock, out);
    else if (ascii_digit(rest->at[4]))
        is = epoch(&r, clock, out);
    else
        is = year_first(&r, clock, out);
    if (again.at)
        r = again;
    if (!is || (r.at < r.in.len && ascii_alnum(r.in.at[r.at])))
        return false;
    out->written = slice_sub(r.in, 0, r.at);
    *rest = slice_from(*rest, r.at);
    return true;
}
