/* SPDX-License-Identifier: Apache-2.0 */
/* mbox - a mailbox in one file: RFC 4155 and the habits of mboxrd and mboxcl.
 *
 * A message begins at a line "From sender date" with a plausible date that
 * stands first or behind a blank line. ">From " stays quoted: no reader acts on
 * it. Content-Length (mboxcl) is not believed; separators decide.
 */
#include "base/text.h"
#include "decode/walk.h"

enum {
    LINE_MAX_FROM = 512,
    BLANKS_MAX = 1024,
};

static bool month_or_day(slice word)
{
    static const char words[] =
        "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun ";
    return word.len >= 3 && slice_find_nocase(slice_of(words), slice_sub(word, 0, 3), 0) % 4 == 0;
}

static bool is_time(slice word)
{
    size_t i = 0;
    while (i < word.len && ascii_digit(word.at[i]))
        i++;
    return i > 0 && i < 3 && word.len - i >= 3 && word.at[i] == ':' &&
           ascii_digit(word.at[i + 1]) && ascii_digit(word.at[i + 2]);
}

/* asctime() form, with or without a zone, seconds, or the sender: a word that
 * names a day or month, a time, and a year. */
static bool from_line(slice line)
{
    bool named = false, time = false, year = false;
    if (!slice_starts(line, SLICE_LIT("From ")) || line.len > LINE_MAX_FROM)
        return false;
    for (size_t pos = 5; pos < line.len;) {
        size_t end = pos;
        uint64_t n;
        while (end < line.len && !ascii_space(line.at[end]))
            end++;
        slice word = slice_sub(line, pos, end - pos);
        named |= month_or_day(word);
        time |= is_time(word);
        year |= word.len == 4 && slice_u64(word, &n) && n >= 1970 && n < 2200;
        pos = end + 1;
    }
    return named && time && year;
}

static slice line_at(slice in, size_t at)
{
    slice s = slice_sub(in, at, LINE_MAX_FROM + 1);
    size_t n = 0;
    while (n < s.len && s.at[n] != '\n' && s.at[n] != '\r')
        n++;
    return slice_sub(s, 0, n);
}

static size_t first_message(slice in)
{
    size_t i = slice_starts(in, SLICE_LIT("\xef\xbb\xbf")) ? 3 : 0;
    while (i < in.len && i < BLANKS_MAX && (in.at[i] == '\r' || in.at[i] == '\n'))
        i++;
    return from_line(line_at(in, i)) ? i : SIZE_MAX;
}

/* Is the line before `at` blank? */
static bool behind_blank_line(slice in, size_t at)
{
    size_t i = at;
    if (i > 0 && in.at[i - 1] == '\n')
        i--;
    if (i > 0 && in.at[i - 1] == '\r')
        i--;
    return i < at && (i == 0 || in.at[i - 1] == '\n' || in.at[i - 1] == '\r');
}

/* The next separator behind `from`; in.len when there is none. */
static size_t next_message(slice in, size_t from)
{
    size_t at = from;
    while ((at = slice_find_byte(in, 'F', at + 1)) != SIZE_MAX)
        if (slice_starts(slice_from(in, at), SLICE_LIT("From ")) && behind_blank_line(in, at) &&
            from_line(line_at(in, at)))
            return at;
    return in.len;
}

static enum sniff mbox_sniff(const struct sniff_input *in)
{
    if (slice_starts_nocase(in->declared, "message/rfc822") || slice_ends_nocase(in->name, ".eml"))
        return SNIFF_NO; /* one mail that kept its separator */
    return first_message(in->body->all) == SIZE_MAX ? SNIFF_NO : SNIFF_STRONG;
}

static enum walk_end mbox_walk(struct walk *w, const struct body *body)
{
    slice in = body->all;
    size_t at = first_message(in), n = 0;
    if (at == SIZE_MAX || !walk_work(w, in.len))
        return at == SIZE_MAX ? WALK_NOT_MINE : WALK_LIMIT;
    for (; at < in.len; n++) {
        size_t end = next_message(in, at);
        slice message = slice_sub(in, at, end - at);
        struct body b = body_borrow(message);
        struct child c = {
            .declared = SLICE_LIT("message/rfc822"),
            .how = HOW_MBOX,
            .at = range_of(at, message.len),
            .body = &b,
            .format = format_named("eml"),
        };
        if (walk_child(w, &c) == NO_ID)
            return WALK_LIMIT;
        at = end;
    }
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_mbox = {
    .name = "mbox",
    .spec = "RFC 4155",
    .sniff = mbox_sniff,
    .walk = mbox_walk,
};
