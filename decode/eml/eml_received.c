/* SPDX-License-Identifier: Apache-2.0 */
/* Received: fields (RFC 5321 4.4, RFC 3848) and zones of dates (RFC 5322 3.3).
 *
 *   from HELO (RDNS [IP]) by HOST with PROTOCOL id ...; DATE
 *
 * as Postfix, Exchange, Sendmail, Exim and qmail write it. What stands there is
 * what a server said of its client; only the topmost fields can be believed,
 * which is for the observers to know.
 */
#include "base/text.h"
#include "eml_private.h"

static slice token(slice s, size_t *pos)
{
    while (*pos < s.len && ascii_space(s.at[*pos]))
        ++*pos;
    size_t from = *pos;
    if (from < s.len && s.at[from] == '(') {
        size_t depth = 0;
        for (; *pos < s.len; ++*pos) {
            depth += s.at[*pos] == '(';
            if (s.at[*pos] == ')' && --depth == 0)
                break;
        }
        *pos += *pos < s.len;
        return slice_sub(s, from, *pos - from);
    }
    while (*pos < s.len && !ascii_space(s.at[*pos]) && s.at[*pos] != '(' && s.at[*pos] != ';')
        ++*pos;
    if (*pos == from && *pos < s.len)
        ++*pos; /* the semicolon */
    return slice_sub(s, from, *pos - from);
}

/* "(mail.example.invalid [192.0.2.1])", "(unknown [192.0.2.1] (may be forged))", "(192.0.2.1)" */
static void read_comment(slice c, struct eml_received *out)
{
    slice inner = slice_sub(c, 1, c.len > 2 ? c.len - 2 : 0);
    size_t open = slice_find_byte(inner, '[', 0);
    size_t close = open == SIZE_MAX ? SIZE_MAX : slice_find_byte(inner, ']', open);
    if (close != SIZE_MAX) {
        out->ip = slice_sub(inner, open + 1, close - open - 1);
        inner.len = open;
    }
    inner = slice_trim(inner);
    size_t blank = 0;
    while (blank < inner.len && !ascii_space(inner.at[blank]))
        blank++;
    inner.len = blank;
    size_t user = slice_find_byte(inner, '@', 0); /* ident@host (Sendmail) */
    if (user != SIZE_MAX)
        inner = slice_from(inner, user + 1);
    bool said = slice_is_nocase(inner, "unknown") || slice_starts_nocase(inner, "helo") ||
                slice_starts_nocase(inner, "may");
    bool digits = inner.len > 0;
    for (size_t i = 0; i < inner.len; i++)
        digits &= ascii_hex(inner.at[i]) >= 0 || inner.at[i] == '.' || inner.at[i] == ':';
    if (digits && out->ip.len == 0)
        out->ip = inner;
    else if (!said && slice_find_byte(inner, '.', 0) != SIZE_MAX)
        out->rdns = inner;
}

slice eml_received_zone(slice date)
{
    size_t best = SIZE_MAX, depth = 0, word = SIZE_MAX;
    for (size_t i = 0; i < date.len; i++) {
        uint8_t c = date.at[i];
        depth += c == '(';
        depth -= c == ')' && depth;
        if (depth)
            continue;
        bool starts = i == 0 || ascii_space(date.at[i - 1]) || ascii_digit(date.at[i - 1]);
        if ((c == '+' || c == '-') && starts && date.len - i >= 5 && ascii_digit(date.at[i + 1]) &&
            ascii_digit(date.at[i + 2]) && ascii_digit(date.at[i + 3]) &&
            ascii_digit(date.at[i + 4]) && (date.len - i == 5 || !ascii_alnum(date.at[i + 5])))
            best = i;
        if (ascii_alpha(c) && (i == 0 || ascii_space(date.at[i - 1])))
            word = i;
    }
    if (best != SIZE_MAX)
        return slice_sub(date, best, 5);
    if (word == SIZE_MAX)
        return (slice){ 0 };
    size_t end = word;
    while (end < date.len && date.at[end] >= 'A' && date.at[end] <= 'Z')
        end++;
    bool last = slice_trim(slice_from(date, end)).len == 0; /* "10:00:00 GMT", not "Nov 2026" */
    return last && end - word >= 1 && end - word <= 5 ? slice_sub(date, word, end - word)
                                                      : (slice){ 0 };
}

void eml_received_read(slice value, struct eml_received *out)
{
    enum { NOTHING, AFTER_FROM, AFTER_HELO, AFTER_BY, AFTER_WITH } state = NOTHING;
    size_t pos = 0, date = value.len;
    *out = (struct eml_received){ 0 };
    while (pos < value.len) {
        slice t = token(value, &pos);
        if (t.len == 0)
            continue;
        if (t.at[0] == ';') {
            date = pos;
        } else if (t.at[0] == '(') {
            if (state == AFTER_HELO)
                read_comment(t, out);
        } else if (state == AFTER_FROM) {
            out->helo = t;
            state = AFTER_HELO;
        } else if (state == AFTER_BY) {
            out->by = t;
            state = NOTHING;
        } else if (state == AFTER_WITH) {
            out->protocol = t;
            state = NOTHING;
        } else if (slice_is_nocase(t, "from") && out->helo.len == 0) {
            state = AFTER_FROM;
        } else if (slice_is_nocase(t, "by") && out->by.len == 0) {
            state = AFTER_BY;
        } else if (slice_is_nocase(t, "with") && out->protocol.len == 0) {
            state = AFTER_WITH;
        }
    }
    out->zone = eml_received_zone(slice_from(value, date < value.len ? date : 0));
}
