/* SPDX-License-Identifier: Apache-2.0 */
/* prefix - what stands in front of a program's own words: syslog as of RFC 3164 4.1, RFC 5424 6,
 * rsyslog's mixture of the two, and the like that Unbound, BIND and dnsmasq write into files. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

enum { TAG_MAX = 64 };

static slice past_blanks(slice s)
{
    while (s.len && s.at[0] == ' ')
        s = slice_from(s, 1);
    return s;
}

/* "<134>" */
static slice past_priority(slice line)
{
    size_t end =
        line.len && line.at[0] == '<' ? slice_find_byte(slice_sub(line, 0, 5), '>', 0) : SIZE_MAX;
    return end == SIZE_MAX || end < 2 ? line : slice_from(line, end + 1);
}

/* Structured data: "-" or "[id name="value"][...]", with escapes in the values. */
static slice past_structure(slice s)
{
    bool quoted = false;
    size_t i = 0;
    if (s.len && s.at[0] == '-')
        return past_blanks(slice_from(s, 1));
    while (i < s.len && s.at[i] == '[') {
        for (i++; i < s.len && (quoted || s.at[i] != ']'); i++) {
            if (quoted && s.at[i] == '\\')
                i++;
            else if (s.at[i] == '"')
                quoted = !quoted;
        }
        i += i < s.len;
    }
    return past_blanks(slice_from(s, i));
}

static slice tag_of(slice word)
{
    size_t bracket = slice_find_byte(word, '[', 0);
    if (bracket != SIZE_MAX && bracket > 0)
        word = slice_sub(word, 0, bracket);
    else if (word.len && word.at[word.len - 1] == ':')
        word.len--;
    return slice_sub(word, 0, TAG_MAX);
}

static bool is_tag(slice word)
{
    size_t bracket = slice_find_byte(word, '[', 0);
    return word.len > 1 && (word.at[word.len - 1] == ':' ||
                            (bracket != SIZE_MAX && bracket > 0 && word.at[word.len - 1] == ']'));
}

static void host_and_tag(slice rest, struct log_text *out)
{
    slice first = rest, word = log_word(&rest);
    if (slice_is(word, "client") || word.len == 0) { /* BIND without category */
        out->rest = first;
        return;
    }
    if (!is_tag(word)) { /* the host */
        first = rest;
        word = log_word(&rest);
        if (!is_tag(word)) {
            out->rest = first;
            return;
        }
    }
    out->tag = tag_of(word);
    out->rest = rest;
}

static void version_1(slice rest, const struct log_clock *clock, struct log_text *out)
{
    if (!log_stamp(&rest, clock, &out->time))
        (void)log_word(&rest); /* "-" */
    rest = past_blanks(rest);
    (void)log_word(&rest);
    out->tag = slice_sub(log_word(&rest), 0, TAG_MAX);
    (void)log_word(&rest);
    (void)log_word(&rest);
    rest = past_structure(rest);
    if (slice_starts(rest, SLICE_LIT("\xef\xbb\xbf")))
        rest = slice_from(rest, 3);
    out->rest = rest;
}

void log_prefix(slice line, const struct log_clock *clock, struct log_text *out)
{
    slice rest = past_priority(line);
    *out = (struct log_text){ .line = line, .rest = rest };
    if (rest.len != line.len && slice_starts(rest, SLICE_LIT("1 "))) {
        version_1(slice_from(rest, 2), clock, out);
        return;
    }
    if (rest.len < 16)
        return;
    if (rest.at[0] == '[') { /* "[1700000000] unbound[12:0] info: ..." */
        slice inside = slice_from(rest, 1);
        if (log_stamp(&inside, clock, &out->time) && inside.len && inside.at[0] == ']')
            host_and_tag(past_blanks(slice_from(inside, 1)), out);
        else
            out->time = (struct contact_time){ 0 };
        return;
    }
    /* Squid's own lines begin with seconds, and with no prefix. */
    if (ascii_digit(rest.at[0]) && rest.at[4] != '-' && rest.at[2] != '-' && rest.at[1] != '-')
        return;
    if ((ascii_digit(rest.at[0]) || ascii_alpha(rest.at[0])) && log_stamp(&rest, clock, &out->time))
        host_and_tag(past_blanks(rest), out);
}
