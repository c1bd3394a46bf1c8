/* SPDX-License-Identifier: Apache-2.0 */
/* squid_urls - a file for Squid's `acl NAME url_regex "FILE"`: whole URLs, which it sees of plain
 * HTTP only. */
#include "act/blocklist/blocklist.h"
#include "base/text.h"

static bool printable(slice url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.at[i] <= ' ' || url.at[i] >= 0x7f || url.at[i] == '"')
            return false; /* would stand in a request in escaped form */
    return true;
}

static void put_urls(struct buf *out, const struct blocklist *b)
{
    for (size_t i = 0; i < b->n; i++) {
        slice url = b->at[i].value;
        if (b->at[i].kind != INDICATOR_URL || !printable(url))
            continue;
        buf_byte(out, '^');
        for (size_t k = 0; k < url.len; k++) {
            if (!ascii_alnum(url.at[k]) && memchr(".[]{}()\\*+?|^$", url.at[k], 14))
                buf_byte(out, '\\');
            buf_byte(out, url.at[k]);
        }
        buf_text(out, "$\n");
    }
}

const struct blocklist_writer blocklist_squid_urls = { "squid-urls", put_urls };
