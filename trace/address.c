/* SPDX-License-Identifier: Apache-2.0 */
/* address - see address.h; RFC 3986 3.2, leniently. */
#include "trace/address.h"
#include "base/buf.h"
#include "base/text.h"
#include "report/indicators.h"

#include <stdio.h>

enum { SCHEME_MAX = 10 };

static slice behind_scheme(slice text, unsigned *default_port)
{
    size_t at = slice_find_byte(slice_sub(text, 0, SCHEME_MAX + 1), ':', 0);
    *default_port = 80;
    if (at == SIZE_MAX || !slice_starts(slice_from(text, at), SLICE_LIT("://")))
        return text;
    slice scheme = slice_sub(text, 0, at);
    if (slice_is_nocase(scheme, "https"))
        *default_port = 443;
    else if (slice_is_nocase(scheme, "ftp"))
        *default_port = 21;
    return slice_from(text, at + 3);
}

/* The length of "user@host:port". */
static size_t authority_length(slice s)
{
    size_t n = 0;
    while (n < s.len && s.at[n] != '/' && s.at[n] != '?' && s.at[n] != '#' && s.at[n] != '\\' &&
           s.at[n] > ' ')
        n++;
    return n;
}

static slice take_port(slice host, unsigned *port)
{
    size_t colon = host.len;
    *port = 0;
    while (colon > 0 && ascii_digit(host.at[colon - 1]))
        colon--;
    if (colon == 0 || host.at[colon - 1] != ':')
        return host;
    /* An IPv6 address without brackets has colons of its own. */
    size_t first = slice_find_byte(host, ':', 0);
    if (host.at[0] != '[' && first != colon - 1)
        return host;
    for (size_t i = colon; i < host.len && *port < 100000; i++)
        *port = *port * 10 + (unsigned)(host.at[i] - '0');
    return slice_sub(host, 0, colon - 1);
}

static bool dotted(slice host, struct address *out)
{
    uint32_t v;
    char text[16];
    if (!ascii_digit(host.at[0]) || !indicator_ipv4(host, &v))
        return false;
    int n =
        snprintf(text, sizeof text, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
    out->host_len = slice_copy_out((slice){ (const uint8_t *)text, (size_t)n }, out->host_bytes,
                                   sizeof out->host_bytes);
    return true;
}

static bool set_host(slice host, struct address *out)
{
    bool colon = false;
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = slice_sub(host, 1, host.len - 2);
    if (host.len > 1 && host.at[host.len - 1] == '.')
        host = slice_sub(host, 0, host.len - 1);
    if (host.len == 0 || host.len > ADDRESS_HOST_MAX)
        return false;
    out->ip = dotted(host, out);
    if (out->ip)
        return true;
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.at[i];
        if (c <= ' ' || c == 0x7f)
            return false;
        colon |= c == ':';
        out->host_bytes[i] = ascii_lower(c);
    }
    out->host_len = host.len;
    out->ip = colon;
    return true;
}

bool address_of(slice text, struct address *out)
{
    unsigned usual;
    slice rest = behind_scheme(text, &usual);
    size_t n = authority_length(rest);
    slice host = slice_sub(rest, 0, n), path = slice_from(rest, n);
    for (size_t i = n; i > 0; i--)
        if (host.at[i - 1] == '@') {
            host = slice_from(host, i);
            break;
        }
    host = take_port(host, &out->port);
    if (out->port == usual || (out->port == 443 && usual == 80)) /* "host:443" of CONNECT */
        out->port = 0;
    size_t end = 0;
    while (end < path.len && path.at[end] != '#' && path.at[end] > ' ')
        end++;
    out->path = slice_sub(path, 0, end);
    out->has_path = out->path.len > 0;
    return set_host(host, out);
}

size_t address_path_only(slice path)
{
    size_t q = slice_find_byte(path, '?', 0);
    return q == SIZE_MAX ? path.len : q;
}

static slice without_slash(slice path)
{
    return path.len && path.at[0] == '/' ? slice_from(path, 1) : path;
}

bool address_same_path(slice a, slice b)
{
    return slice_eq(without_slash(a), without_slash(b));
}
