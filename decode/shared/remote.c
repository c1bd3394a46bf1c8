/* SPDX-License-Identifier: Apache-2.0 */
/* remote - which paths lead to another computer, by the rules of the Windows shell: [MS-DTYP]
 * 2.2.57 (UNC), RFC 8089 E.3 (file URIs), and the host@SSL@port form of the WebDAV redirector
 * ([MS-WDVME]). Left out: DFS, which looks like any share, and drive letters mapped before. */
#include "decode/shared/remote.h"
#include "base/text.h"
#include "decode/links.h"

enum { PATH_MAX_BYTES = 2048, PATHS_MAX = 16, HOST_MAX = 255 };

static bool slash(uint8_t c) { return c == '\\' || c == '/'; }

/* Behind the two slashes that begin a UNC path in any of its spellings; false for all others. */
static bool unc_rest(slice s, slice *out)
{
    if (slice_starts_nocase(s, "file:")) {
        s = slice_from(s, 5);
        size_t n = 0;
        while (n < s.len && slash(s.at[n]))
            n++;
        /* file://host, file:////host and more; three slashes begin a path of this computer */
        if (n < 2 || n == 3)
            return false;
        *out = slice_from(s, n);
        return !(out->len > 1 && (out->at[1] == ':' || out->at[1] == '|'));
    }
    if (s.len < 3 || !slash(s.at[0]) || !slash(s.at[1]))
        return false;
    s = slice_from(s, 2);
    if (s.len > 2 && (s.at[0] == '?' || s.at[0] == '.') && slash(s.at[1])) {
        if (!slice_starts_nocase(slice_from(s, 2), "unc\\"))
            return false;
        s = slice_from(s, 6);
    }
    *out = s;
    return true;
}

static bool private_address(slice ip)
{
    static const char *const near[] = { "10.", "192.168.", "127.", "169.254.", "::1", "fe80:", "fc", "fd" };
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        if (slice_starts(ip, slice_of(near[i])))
            return true;
    uint64_t second;
    size_t dot = slice_find_byte(ip, '.', 4);
    return slice_starts(ip, SLICE_LIT("172.")) && dot != SIZE_MAX && slice_u64(slice_sub(ip, 4, dot - 4), &second) &&
           second >= 16 && second <= 31;
}

static bool host_characters(slice host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!ascii_alnum(host.at[i]) && host.at[i] != '.' && host.at[i] != '-' && host.at[i] != '_' && host.at[i] != '%' &&
            host.at[i] != '[' && host.at[i] != ']' && host.at[i] != ':' && host.at[i] < 0x80)
            return false;
    return host.len > 0 && host.len <= HOST_MAX;
}

static bool is_this_computer(slice host)
{
    return slice_is_nocase(host, "localhost") || slice_is(host, "127.0.0.1") || slice_is(host, "::1") || slice_is(host, ".");
}

static enum remote_kind smb_kind(struct arena *mem, slice host)
{
    static const char prefix[] = "file://";
    uint8_t url[sizeof prefix + HOST_MAX];
    size_t n = slice_copy_out(slice_of(prefix), url, sizeof url);
    n += slice_copy_out(host, url + n, sizeof url - n);
    struct link l;
    if (link_parse(mem, (slice){ url, n }, &l) && l.ip.len)
        return private_address(l.ip) ? REMOTE_NEAR : REMOTE_ADDRESS;
    return slice_find_byte(host, '.', 0) == SIZE_MAX ? REMOTE_NEAR : REMOTE_DOMAIN;
}

enum remote_kind remote_parse(struct arena *mem, slice path, slice *host_out)
{
    static const char *const web[] = { "http:", "https:", "ftp:" };
    slice rest;
    struct link l;
    path = slice_trim(slice_sub(path, 0, PATH_MAX_BYTES));
    *host_out = (slice){ 0 };
    for (size_t i = 0; i < sizeof web / sizeof web[0]; i++) {
        if (!slice_starts_nocase(path, web[i]))
            continue;
        if (!link_parse(mem, path, &l) || l.host.len == 0)
            return REMOTE_NONE;
        *host_out = l.host;
        return REMOTE_WEB;
    }
    if (!unc_rest(path, &rest))
        return REMOTE_NONE;
    size_t end = 0;
    while (end < rest.len && !slash(rest.at[end]))
        end++;
    slice server = slice_sub(rest, 0, end), behind = slice_from(rest, end);
    size_t at = slice_find_byte(server, '@', 0);
    slice host = slice_sub(server, 0, at);
    if (!host_characters(host) || is_this_computer(host))
        return REMOTE_NONE;
    *host_out = slice_lower(mem, host);
    if (at != SIZE_MAX || slice_find_nocase(slice_sub(behind, 0, 64), SLICE_LIT("davwwwroot"), 0) != SIZE_MAX)
        return REMOTE_WEBDAV;
    return smb_kind(mem, *host_out);
}

static const char *const kind_names[REMOTE_KINDS] = { NULL, "near", "domain", "address", "webdav", "web" };

enum remote_kind walk_remote(struct walk *w, slice path, struct range at, const char *source)
{
    slice host;
    if (path.len < 3 || !walk_work(w, 300 + path.len))
        return REMOTE_NONE;
    path = slice_trim(slice_sub(path, 0, PATH_MAX_BYTES));
    enum remote_kind kind = remote_parse(w->mem, path, &host);
    if (kind == REMOTE_NONE)
        return kind;
    walk_text(w, FACT_REMOTE_PATH, path, at);
    walk_text(w, FACT_REMOTE_HOST, host, at);
    walk_cstr(w, FACT_REMOTE_KIND, kind_names[kind], at);
    walk_cstr(w, FACT_REMOTE_SOURCE, source, at);
    walk_link(w, path, (slice){ 0 }, at, source);
    return kind;
}

/* May a path begin here, as a command line is split into words? */
static bool word_begins(slice s, size_t i)
{
    static const char before[] = " \t\r\n\"'=(,;|&`^<>{[";
    return i == 0 || slice_find_byte(slice_of(before), s.at[i - 1], 0) != SIZE_MAX || s.at[i - 1] == ':';
}

static size_t word_end(slice s, size_t i)
{
    static const char behind[] = " \t\r\n\"'(),;|&`^<>{}";
    while (i < s.len && slice_find_byte(slice_of(behind), s.at[i], 0) == SIZE_MAX)
        i++;
    return i;
}

void walk_remote_in(struct walk *w, slice text, struct range at, const char *source)
{
    unsigned said = 0;
    if (!walk_work(w, text.len * 4))
        return;
    for (size_t i = 0; i < text.len && said < PATHS_MAX; i++) {
        slice rest = slice_from(text, i);
        bool unc = slice_starts(rest, SLICE_LIT("\\\\")) && word_begins(text, i);
        bool url = ascii_alpha(rest.at[0]) && (i == 0 || !ascii_alnum(text.at[i - 1])) &&
                   (slice_starts_nocase(rest, "http:") || slice_starts_nocase(rest, "https:") ||
                    slice_starts_nocase(rest, "ftp:") || slice_starts_nocase(rest, "file:"));
        if (!unc && !url)
            continue;
        size_t end = word_end(text, i);
        said += walk_remote(w, slice_sub(text, i, end - i), at, source) != REMOTE_NONE;
        i = end > i ? end - 1 : i;
    }
}
