/* SPDX-License-Identifier: Apache-2.0 */
/* links - URLs as browsers and mail programs read them.
 *
 * Follows RFC 3986 and, where browsers are more forgiving, the WHATWG URL
 * standard: line breaks and tabs inside are dropped, backslashes are slashes,
 * the number of slashes does not matter, the last '@' ends the user name,
 * hosts are percent-decoded, and addresses may be hex, octal or one number.
 * Left out: resolving relative references (the page's format does), Punycode
 * to Unicode (a host is reported as it was written, NFKC-folded).
 */
#include "decode/links.h"

#include "base/charset.h"
#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"
#include "decode/walk_private.h"

#include <stdio.h>

enum {
    URL_MAX = 8192,
    TEXT_MAX = 512,
    SLOTS = 2048, /* a power of two, well over LINKS_MAX */
};

struct links {
    uint64_t seen[SLOTS]; /* 0 = free */
    unsigned n;
};

/* --- taking apart */

/* Without blanks and controls at the ends, and without the line breaks and
 * tabs that browsers drop inside. */
static slice clean_url(struct arena *mem, slice s)
{
    while (s.len && s.at[0] <= ' ')
        s = slice_from(s, 1);
    while (s.len && s.at[s.len - 1] <= ' ')
        s.len--;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == '\t' || s.at[i] == '\n' || s.at[i] == '\r';
    if (n == 0)
        return s;
    uint8_t *copy = arena_get(mem, s.len, 1);
    if (!copy)
        return (slice){ 0 };
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '\t' && s.at[i] != '\n' && s.at[i] != '\r')
            copy[len++] = s.at[i];
    return (slice){ copy, len };
}

/* Length of "scheme" in "scheme:"; 0 when there is none. */
static size_t scheme_length(slice s)
{
    if (s.len == 0 || !ascii_alpha(s.at[0]))
        return 0;
    for (size_t i = 1; i < s.len && i < 40; i++) {
        uint8_t c = s.at[i];
        if (c == ':')
            return i;
        if (!ascii_alnum(c) && c != '+' && c != '-' && c != '.')
            return 0;
    }
    return 0;
}

static bool has_percent_escape(slice s)
{
    return slice_find_byte(s, '%', 0) != SIZE_MAX;
}

static slice percent_decode(struct arena *mem, slice s)
{
    uint8_t *out = has_percent_escape(s) ? arena_get(mem, s.len, 1) : NULL;
    if (!out)
        return s;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.at[i] == '%' && s.len - i > 2 ? ascii_hex(s.at[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex(s.at[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = s.at[i];
        }
    }
    return (slice){ out, n };
}

/* One number of an IPv4 address: decimal, 0x hex or 0 octal (WHATWG "IPv4 number parser"). */
static bool ipv4_number(slice s, uint64_t *out, bool *odd_out)
{
    unsigned base = 10;
    uint64_t v = 0;
    if (s.len >= 2 && s.at[0] == '0' && (s.at[1] | 32) == 'x') {
        base = 16;
        s = slice_from(s, 2);
        *odd_out = true;
    } else if (s.len >= 2 && s.at[0] == '0') {
        base = 8;
        *odd_out = true;
    } else if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        int digit = ascii_hex(s.at[i]);
        if (digit < 0 || (unsigned)digit >= base || v > UINT32_MAX)
            return false;
        v = v * base + (unsigned)digit;
    }
    *out = v;
    return v <= UINT32_MAX;
}

static bool ipv4_parse(slice host, uint32_t *out, bool *odd_out)
{
    uint64_t v[4] = { 0 };
    size_t n = 0;
    cursor c = cur_open(host);
    *odd_out = false;
    while (cur_more(&c)) {
        if (n == 4 || !ipv4_number(cur_until(&c, '.'), &v[n], odd_out))
            return false;
        n++;
    }
    if (n == 0)
        return false;
    uint64_t last = v[n - 1], address = 0;
    if (last >> (8 * (5 - n)))
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        if (v[i] > 255)
            return false;
        address |= v[i] << (24 - 8 * i);
    }
    *odd_out = *odd_out || n != 4;
    *out = (uint32_t)(address | last);
    return true;
}

static void parse_ip(struct arena *mem, struct link *l)
{
    uint32_t v4;
    bool odd;
    if (l->host.len > 2 && l->host.at[0] == '[') {
        size_t end = slice_find_byte(l->host, ']', 0);
        l->ip = slice_sub(l->host, 1, (end == SIZE_MAX ? l->host.len : end) - 1);
    } else if (l->host.len && ascii_hex(l->host.at[0]) >= 0 && ipv4_parse(l->host, &v4, &odd)) {
        char text[16];
        int n = snprintf(text, sizeof text, "%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255,
                         v4 & 255);
        l->ip = arena_copy(mem, (slice){ (const uint8_t *)text, (size_t)n });
        l->ip_obfuscated = odd;
    }
}

/* NFKC leaves U+3002, which resolvers take for a dot. */
static slice ideographic_dots(struct arena *mem, slice s)
{
    uint8_t *out =
        slice_find(s, SLICE_LIT("\u3002"), 0) == SIZE_MAX ? NULL : arena_get(mem, s.len, 1);
    if (!out)
        return s;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool dot = slice_starts(slice_from(s, i), SLICE_LIT("\u3002"));
        out[n++] = dot ? '.' : s.at[i];
        i += dot ? 2 : 0;
    }
    return (slice){ out, n };
}

/* Host as written to host as looked up. */
static slice host_fold(struct arena *mem, slice host, bool *idn_out)
{
    host = utf8_clean(mem, percent_decode(mem, host));
    bool ascii = true;
    for (size_t i = 0; i < host.len; i++)
        ascii = ascii && host.at[i] < 0x80;
    if (!ascii) { /* UTS #46 maps, among others, full-width letters and dots */
        host = ideographic_dots(mem, charset_nfkc(mem, host));
        for (size_t i = 0; i < host.len; i++)
            *idn_out = *idn_out || host.at[i] >= 0x80;
    }
    host = slice_lower(mem, host);
    while (host.len && host.at[host.len - 1] == '.')
        host.len--;
    *idn_out = *idn_out || slice_starts(host, SLICE_LIT("xn--")) ||
               slice_find(host, SLICE_LIT(".xn--"), 0) != SIZE_MAX;
    return host;
}

static size_t find_any(slice s, const char *set, size_t from)
{
    for (size_t i = from; i < s.len; i++)
        if (s.at[i] && strchr(set, s.at[i]))
            return i;
    return s.len;
}

/* What stands behind the last '@' of s; false: none does. */
static bool behind_at(slice s, slice *before_out, slice *behind_out)
{
    size_t at = s.len;
    while (at > 0 && s.at[at - 1] != '@')
        at--;
    if (at < 2)
        return false;
    *before_out = slice_sub(s, 0, at - 1);
    *behind_out = slice_from(s, at);
    return true;
}

/* host@80, host@SSL, host@SSL@443: a share over HTTP. The WebDAV redirector of Windows ([MS-WDVME])
 * reads the port there, where a URL has its host. */
static slice without_webdav(slice authority, uint32_t *port_out)
{
    slice host, behind;
    uint64_t port;
    if (behind_at(authority, &host, &behind) && slice_u64(behind, &port) && port <= 65535) {
        *port_out = (uint32_t)port;
        authority = host;
    }
    return behind_at(authority, &host, &behind) && slice_is_nocase(behind, "ssl") ? host : authority;
}

static void parse_authority(struct arena *mem, slice authority, struct link *l)
{
    if (slice_is(l->scheme, "file"))
        authority = without_webdav(authority, &l->port);
    for (size_t i = authority.len; i > 0; i--) {
        if (authority.at[i - 1] != '@')
            continue;
        slice user = slice_sub(authority, 0, i - 1);
        size_t colon = slice_find_byte(user, ':', 0);
        l->username = slice_sub(user, 0, colon == SIZE_MAX ? user.len : colon);
        authority = slice_from(authority, i);
        break;
    }
    if (slice_starts(authority, SLICE_LIT("[")) && slice_find_byte(authority, ']', 0) == SIZE_MAX)
        return; /* no host */
    size_t end = authority.len;
    for (size_t i = authority.len; i > 0 && authority.at[i - 1] != ']'; i--) {
        if (authority.at[i - 1] != ':')
            continue;
        uint64_t port;
        if (slice_u64(slice_from(authority, i), &port) && port <= 65535)
            l->port = (uint32_t)port;
        end = i - 1;
        break;
    }
    l->host = host_fold(mem, slice_sub(authority, 0, end), &l->idn);
}

static slice path_extension(struct arena *mem, slice path)
{
    size_t slash = path.len;
    while (slash > 0 && path.at[slash - 1] != '/' && path.at[slash - 1] != '\\')
        slash--;
    slice segment = slice_from(path, slash);
    if (has_percent_escape(segment))
        segment = percent_decode(mem, slice_sub(segment, 0, 512));
    slice e = type_extension_of(segment);
    if (e.len == 0 || e.len > 20)
        return (slice){ 0 };
    for (size_t i = 0; i < e.len; i++)
        if (!ascii_alnum(e.at[i]) && e.at[i] != '-')
            return (slice){ 0 };
    return slice_lower(mem, e);
}

/* Browsers give these an authority whatever the slashes ("special" in the standard). */
static bool scheme_is_special(slice scheme)
{
    static const char *const special[] = { "http", "https", "ftp",   "file", "ws",
                                           "wss",  "hxxp",  "hxxps", "hxtp" };
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (slice_is(scheme, special[i]))
            return true;
    return false;
}

/* Analysts write hxxp and [.] so that nobody clicks: the host is meant all the same. */
static slice refang(struct arena *mem, slice s)
{
    size_t at = slice_find(s, SLICE_LIT("[.]"), 0);
    uint8_t *out = at == SIZE_MAX ? NULL : arena_get(mem, s.len, 1);
    if (!out)
        return s;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '[' && s.len - i > 2 && s.at[i + 1] == '.' && s.at[i + 2] == ']') {
            out[n++] = '.';
            i += 2;
        } else {
            out[n++] = s.at[i];
        }
    }
    return (slice){ out, n };
}

bool link_parse(struct arena *mem, slice url, struct link *out)
{
    struct link l = { .full = clean_url(mem, slice_sub(url, 0, URL_MAX)) };
    size_t n = scheme_length(l.full);
    slice rest = l.full;
    if (n) {
        l.scheme = slice_lower(mem, slice_sub(l.full, 0, n));
        rest = slice_from(l.full, n + 1);
    } else if (slice_starts_nocase(l.full, "www.")) {
        l.scheme = SLICE_LIT("http");
    } else if (slice_starts(l.full, SLICE_LIT("\\\\"))) {
        l.scheme = SLICE_LIT("file");
    } else if (slice_starts(l.full, SLICE_LIT("//"))) {
        l.scheme = SLICE_LIT("https");
    } else {
        return false;
    }
    if (n == 1) /* a drive letter */
        return false;
    bool special = scheme_is_special(l.scheme);
    bool local =
        slice_is(l.scheme, "file") &&
        (slice_starts(rest, SLICE_LIT("///")) || slice_starts(rest, SLICE_LIT("\\\\\\"))) &&
        !slice_starts(rest, SLICE_LIT("////"));
    if (special || slice_starts(rest, SLICE_LIT("//"))) {
        if (slice_starts(l.scheme, SLICE_LIT("hx")))
            rest = refang(mem, rest);
        size_t from = 0;
        while (from < rest.len && (rest.at[from] == '/' || (special && rest.at[from] == '\\')))
            from++;
        size_t end = find_any(rest, special ? "/\\?#" : "/?#", from);
        if (!local)
            parse_authority(mem, slice_sub(rest, from, end - from), &l);
        rest = slice_from(rest, local ? from : end);
        if (!local && l.host.len == 0)
            return false;
    }
    size_t path = find_any(rest, "?#", 0);
    l.path = slice_sub(rest, 0, path);
    if (path < rest.len && rest.at[path] == '?') {
        size_t end = slice_find_byte(rest, '#', path);
        l.query = slice_sub(rest, path + 1, (end == SIZE_MAX ? rest.len : end) - path - 1);
    }
    l.extension = path_extension(mem, l.path);
    parse_ip(mem, &l);
    l.registered = l.ip.len ? l.ip : domain_registered(l.host);
    *out = l;
    return true;
}

/* --- what the reader sees */

slice link_text_host(struct arena *mem, slice text)
{
    text = slice_trim(slice_sub(text, 0, TEXT_MAX));
    size_t end = find_any(text, " \t\r\n", 0);
    slice word = slice_sub(text, 0, end);
    struct link l;
    bool spelled = slice_starts_nocase(word, "http://") || slice_starts_nocase(word, "https://");
    if (spelled || slice_starts_nocase(word, "www."))
        return link_parse(mem, word, &l) && slice_find_byte(l.host, '.', 0) != SIZE_MAX
                   ? l.host
                   : (slice){ 0 };
    if (end != text.len)
        return (slice){ 0 }; /* several words: a sentence, not an address */
    slice host = slice_sub(word, 0, find_any(word, "/?#:", 0));
    if (slice_find_byte(host, '.', 0) == SIZE_MAX || slice_find_byte(host, '@', 0) != SIZE_MAX)
        return (slice){ 0 };
    for (size_t i = 0; i < host.len; i++)
        if (!ascii_alnum(host.at[i]) && host.at[i] != '.' && host.at[i] != '-')
            return (slice){ 0 };
    host = slice_lower(mem, host);
    return domain_known_suffix(host) ? host : (slice){ 0 };
}

/* --- saying it */

/* True the first time a key is shown, as long as there is room. */
static bool first_time(struct walk *w, uint64_t key)
{
    struct links *ls = w->scan->links;
    if (!ls) {
        ls = ARENA_NEW(w->mem, struct links);
        w->scan->links = ls;
        if (!ls)
            return false;
    }
    key = key ? key : 1;
    size_t i = (size_t)(key & (SLOTS - 1));
    while (ls->seen[i] && ls->seen[i] != key)
        i = (i + 1) & (SLOTS - 1);
    if (ls->seen[i] == key)
        return false;
    if (ls->n == LINKS_MAX) {
        w->budget->hit |= 1u << BUDGET_FACTS;
        walk_note_limits(w);
        return false;
    }
    ls->seen[i] = key;
    ls->n++;
    return true;
}

static void text_if(struct walk *w, enum fact_id id, slice s, struct range at)
{
    if (s.len)
        walk_text(w, id, utf8_cut(s, URL_MAX), at);
}

/* Schemes that name no place a file could come from. */
static bool scheme_is_local(slice scheme)
{
    static const char *const none[] = { "mailto", "tel",  "cid",    "mid",        "about",
                                        "sms",    "fax",  "callto", "javascript", "vbscript",
                                        "data",   "blob", "urn",    "xmpp",       "news" };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (slice_is(scheme, none[i]))
            return true;
    return false;
}

static void say(struct walk *w, const struct link *l, slice text, struct range at,
                const char *source)
{
    walk_event(w, EVENT_URL);
    walk_text(w, FACT_URL_FULL, utf8_cut(l->full, URL_MAX), at);
    walk_text(w, FACT_URL_SCHEME, l->scheme, at);
    walk_cstr(w, FACT_URL_SOURCE, source, at);
    text_if(w, FACT_URL_DOMAIN, l->host, at);
    text_if(w, FACT_URL_REGISTERED_DOMAIN, l->registered, at);
    text_if(w, FACT_URL_PATH, l->path, at);
    text_if(w, FACT_URL_QUERY, l->query, at);
    text_if(w, FACT_URL_EXTENSION, l->extension, at);
    text_if(w, FACT_URL_USERNAME, l->username, at);
    text_if(w, FACT_URL_TEXT, text, at);
    text_if(w, FACT_URL_IP, l->ip, at);
    if (l->port)
        walk_int(w, FACT_URL_PORT, l->port, at);
    if (l->ip_obfuscated)
        walk_flag(w, FACT_URL_IP_OBFUSCATED, at);
    if (l->idn)
        walk_flag(w, FACT_URL_IDN, at);
}

void walk_link(struct walk *w, slice url, slice text, struct range at, const char *source)
{
    struct link l;
    if (url.len < 4 || !walk_work(w, 300 + url.len) || !link_parse(w->mem, url, &l) ||
        scheme_is_local(l.scheme))
        return;
    text = utf8_cut(slice_trim(text), TEXT_MAX);
    slice shown = text.len ? link_text_host(w->mem, text) : (slice){ 0 };
    bool differs = shown.len && l.host.len && !slice_eq(domain_registered(shown), l.registered);
    uint64_t key = fnv1a(0, l.full);
    if (differs)
        key = fnv1a(key, shown);
    if (!first_time(w, key))
        return;
    say(w, &l, text, at, source);
    if (differs) {
        walk_text(w, FACT_URL_MISMATCH, shown, at);
        walk_text(w, FACT_HTML_LINK_MISMATCH, shown, at);
    }
}
