/* SPDX-License-Identifier: Apache-2.0 */
/* pairs - lines of name=value, as firewalls send them by syslog: FortiGate's, SonicWall's, the
 * extension of ArcSight's Common Event Format ("CEF:0|...|src=...").
 *
 *     date=2026-11-22 time=09:00:00 srcip=192.0.2.15 dstip=192.0.2.7 hostname="a.invalid" url="/x"
 * action="blocked"
 *
 * Values with blanks must be in quotes. */
#include "base/text.h"
#include "doors/logs/fields.h"

enum { PAIRS_MAX = 256, KEY_MAX = 40 };

/* The next name and value; false: no more. */
static bool next(slice *rest, slice *name, slice *value)
{
    for (;;) {
        while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t' || rest->at[0] == ','))
            *rest = slice_from(*rest, 1);
        if (!rest->len)
            return false;
        size_t n = 0, key = 0;
        while (n < rest->len && rest->at[n] != '=' && rest->at[n] != ' ') {
            n++;
            key = rest->at[n - 1] == '|' ? n : key; /* behind the header of CEF */
        }
        bool is = n < rest->len && rest->at[n] == '=' && n - key <= KEY_MAX;
        *name = slice_sub(*rest, key, n - key);
        *rest = slice_from(*rest, n + (n < rest->len && rest->at[n] == '='));
        if (is)
            break;
    }
    size_t end = 0;
    bool quoted = rest->len && rest->at[0] == '"';
    for (end = quoted; end < rest->len && rest->at[end] != (quoted ? '"' : ' '); end++)
        if (quoted && rest->at[end] == '\\')
            end++;
    *value = slice_sub(*rest, quoted, end > quoted ? end - quoted : 0);
    *rest = slice_from(*rest, end + quoted);
    return true;
}

/* SonicWall writes ports and interfaces behind addresses: "192.0.2.15:4711:X0". */
static slice address_alone(slice s)
{
    size_t colon = slice_find_byte(s, ':', 0);
    slice head = slice_sub(s, 0, colon == SIZE_MAX ? s.len : colon);
    return colon != SIZE_MAX && log_is_address(head) ? head : s;
}

static enum log_line read_pairs(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice got[LOG_FIELDS] = { 0 }, rest = t->rest, name, value;
    unsigned found = 0, all = 0;
    if (slice_find_byte(slice_sub(rest, 0, 256), '=', 0) == SIZE_MAX)
        return LOG_UNREAD;
    for (; all < PAIRS_MAX && next(&rest, &name, &value); all++) {
        enum log_field is;
        if (!log_field_of(name, &is) || got[is].len || !value.len)
            continue;
        got[is] = value;
        found++;
    }
    bool what = got[URL].len || got[HOST].len || got[PEER].len;
    if (all < 4 || found < 2)
        return LOG_UNREAD;
    if (!what || !got[CLIENT].len)
        return LOG_PASSED;
    got[CLIENT] = address_alone(got[CLIENT]);
    got[PEER] = address_alone(got[PEER]);
    if (!got[URL].len || got[URL].at[0] != '/')
        got[HOST] = address_alone(got[HOST]);
    if (arena_spent(g->scratch))
        arena_reset(g->scratch);
    return log_fields_read(g, got, &g->clock, out);
}

const struct log_format log_pairs = { "pairs", read_pairs };
