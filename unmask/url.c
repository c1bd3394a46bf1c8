/* SPDX-License-Identifier: Apache-2.0 */
/* url - see url.h. decode/links.c takes URLs apart; this puts them together again. */
#include "unmask/url.h"
#include "base/buf.h"
#include "base/text.h"
#include "decode/links.h"

enum { URL_MAX = 8192 };

static slice without_quoting(struct arena *mem, slice url)
{
    url = slice_trim(url);
    uint8_t *out = arena_get(mem, url.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < url.len; i++)
        if (url.at[i] != '^' && url.at[i] != '"' && url.at[i] != '`' && (url.at[i] != '\'' || (i > 0 && i + 1 < url.len)))
            out[n++] = url.at[i];
    return (slice){ out, n };
}

/* Where the path begins: behind the authority. A share and www.host have no scheme. */
static slice tail_of(slice url, slice scheme)
{
    size_t at = slice_find_byte(url, ':', 0) == scheme.len ? scheme.len + 1 : 0;
    while (at < url.len && (url.at[at] == '/' || url.at[at] == '\\'))
        at++;
    while (at < url.len && url.at[at] != '/' && url.at[at] != '\\' && url.at[at] != '?' && url.at[at] != '#')
        at++;
    return slice_from(url, at);
}

slice unmask_url_normal(struct arena *mem, slice url)
{
    struct link l;
    slice plain = url.len <= URL_MAX ? without_quoting(mem, url) : url;
    if (url.len > URL_MAX || !link_parse(mem, plain, &l) || l.host.len == 0)
        return url.len <= URL_MAX ? plain : url;
    struct buf b = buf_new(2 * URL_MAX);
    buf_put(&b, l.scheme);
    buf_text(&b, "://");
    if (l.username.len) {
        buf_put(&b, l.username);
        buf_byte(&b, '@');
    }
    slice host = l.ip.len ? l.ip : l.host;
    bool six = slice_find_byte(host, ':', 0) != SIZE_MAX;
    buf_text(&b, six ? "[" : "");
    buf_put(&b, host);
    buf_text(&b, six ? "]" : "");
    if (l.port)
        buf_format(&b, ":%u", (unsigned)l.port);
    buf_put(&b, tail_of(l.full, l.scheme));
    slice out = arena_copy(mem, buf_slice(&b));
    buf_drop(&b);
    return out;
}
