/* SPDX-License-Identifier: Apache-2.0 */
/* shown - see shown.h. */
#include "base/shown.h"
#include "base/text.h"

enum { BAD_BYTE = 0xFFFD }; /* what utf8_next() makes of a byte that is no UTF-8 */

static void put_clean(struct buf *out, slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        size_t from = pos;
        uint32_t code = utf8_next(s, &pos);
        if (code == '\n' || code == '\r' || code == '\t')
            buf_byte(out, ' ');
        else if (utf8_deceives(code))
            buf_format(out, "<U+%04X>", (unsigned)code);
        else if (code == BAD_BYTE && pos - from == 1) /* alone it may be a C1 control to the terminal */
            buf_format(out, "\xEF\xBF\xBD<%02X>", s.at[from]);
        else
            buf_put(out, slice_sub(s, from, pos - from));
    }
}

/* "[.]" for the dots of a host; those that are so already stay. */
static void put_host(struct buf *out, slice host)
{
    size_t from = 0;
    for (size_t dot; (dot = slice_find_byte(host, '.', from)) != SIZE_MAX; from = dot + 1) {
        bool done = dot > 0 && host.at[dot - 1] == '[' && dot + 1 < host.len && host.at[dot + 1] == ']';
        put_clean(out, slice_sub(host, from, dot - from));
        buf_text(out, done ? "." : "[.]");
    }
    put_clean(out, slice_from(host, from));
}

static size_t host_length(slice s)
{
    size_t n = 0;
    while (n < s.len && s.at[n] > ' ' && s.at[n] != 0x7F && !memchr("/\\?#\"'<>|,;", s.at[n], 11))
        n++;
    return n;
}

/* The customary ways to write a scheme that must not be followed. */
static void put_scheme(struct buf *out, slice scheme)
{
    if (slice_is_nocase(scheme, "http"))
        buf_text(out, "hxxp");
    else if (slice_is_nocase(scheme, "https"))
        buf_text(out, "hxxps");
    else if (slice_is_nocase(scheme, "ftp"))
        buf_text(out, "fxp");
    else
        put_clean(out, scheme);
}

static void put_defanged(struct buf *out, slice s, bool host)
{
    for (size_t at = 0; at < s.len;) {
        size_t colon = slice_find(s, SLICE_LIT("://"), at);
        size_t scheme = colon == SIZE_MAX ? s.len : colon;
        while (colon != SIZE_MAX && scheme > at && ascii_alnum(s.at[scheme - 1]))
            scheme--;
        slice before = slice_sub(s, at, scheme - at);
        size_t n = host ? host_length(before) : 0;
        put_host(out, slice_sub(before, 0, n));
        put_clean(out, slice_from(before, n));
        if (colon == SIZE_MAX)
            break;
        put_scheme(out, slice_sub(s, scheme, colon - scheme));
        buf_text(out, "://");
        at = colon + 3;
        host = true;
    }
}

void shown_put(struct buf *out, slice utf8, size_t max, unsigned flags)
{
    slice s = utf8_cut(utf8, max);
    if (flags & SHOWN_DEFANG)
        put_defanged(out, s, flags & SHOWN_HOST);
    else
        put_clean(out, s);
    if (s.len < utf8.len)
        buf_text(out, "…");
}
