/* SPDX-License-Identifier: Apache-2.0 */
/* urls - URLs that stand in text, as mail programs would make them links.
 *
 * RFC 3986 characters; ends where running text does: at blanks, quotes,
 * Japanese punctuation and letters, and before a closing full stop or bracket.
 * Lines are not joined. What a URL means is decode/links.c.
 */
#include "base/text.h"
#include "decode/links.h"
#include "observe/part/observe.h"

enum {
    URL_MAX = 4096,
    SCHEME_MAX = 24,
    HOST_MAX = 253,
    /* Macros carry thousands of decoys; what a macro fetches, vba_intent says. */
    CODE_URLS_MAX = 48,
};

static const char *source_of(enum fact_id id)
{
    switch (id) {
    case FACT_EMAIL_BODY:
        return "email.body";
    case FACT_DOCUMENT_TEXT:
        return "document.text";
    case FACT_HTML_SCRIPT:
        return "html.script";
    case FACT_VBA_CODE:
        return "vba.code";
    case FACT_PDF_SCRIPT:
        return "pdf.script";
    default:
        return NULL;
    }
}

/* Schemes that open something when clicked. With `slashes` they need "//". */
static bool scheme_counts(slice s, bool slashes)
{
    static const char *const with[] = { "http", "https", "ftp", "file", "hxxp", "hxxps",
                                        "hxtp", "ftps",  "smb", "ws",   "wss" };
    if (slice_starts_nocase(s, "ms-") || slice_is_nocase(s, "search-ms") ||
        slice_is_nocase(s, "search"))
        return s.len > 5;
    for (size_t i = 0; slashes && i < sizeof with / sizeof with[0]; i++)
        if (slice_is_nocase(s, with[i]))
            return true;
    return false;
}

/* Where the scheme that ends at `colon` begins; `colon` when there is none. */
static size_t scheme_start(slice s, size_t colon)
{
    size_t at = colon;
    while (at > 0 && colon - at < SCHEME_MAX && (ascii_alnum(s.at[at - 1]) || s.at[at - 1] == '-'))
        at--;
    while (at < colon && !ascii_alpha(s.at[at]))
        at++;
    return at;
}

/* A character that cannot be part of a host in running Japanese text:
 * ideographic punctuation and the full-width forms of signs. */
static bool cjk_sign(uint32_t c)
{
    return (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x303f) ||
           (c >= 0x2000 && c <= 0x206f) || (c >= 0xff00 && c <= 0xff0d) || c == 0xff0f ||
           (c >= 0xff1a && c <= 0xff20) || c == 0xfffd || c == 0xa0;
}

static bool stops(uint8_t c, bool code)
{
    if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' || c == '`' || c == '{' ||
        c == '}' || c == '|' || c == '^')
        return true;
    return code && (c == '\'' || c == '\\' || c == ')' || c == ';' || c == ',');
}

/* A host in letters of its own language, behind "://" only. */
static size_t foreign_host_end(slice s, size_t at)
{
    size_t end = at;
    while (end < s.len && end - at < HOST_MAX) {
        if (s.at[end] < 0x80) {
            if (!ascii_alnum(s.at[end]) && s.at[end] != '-' && s.at[end] != '.')
                break;
            end++;
            continue;
        }
        size_t next = end;
        if (cjk_sign(utf8_next(s, &next)))
            break;
        end = next;
    }
    return end;
}

/* Signs that belong to the sentence, not to the URL. */
static size_t trim_end(slice s, size_t from, size_t end)
{
    int round = 0, square = 0;
    for (size_t i = from; i < end; i++) {
        round += (s.at[i] == '(') - (s.at[i] == ')');
        square += (s.at[i] == '[') - (s.at[i] == ']');
    }
    while (end > from) {
        uint8_t c = s.at[end - 1];
        if (c == ')' && round < 0)
            round++;
        else if (c == ']' && square < 0)
            square++;
        else if (!strchr(".,;:!?'*", c))
            break;
        end--;
    }
    return end;
}

/* End of the URL that begins at `from`; its host or opaque part begins at `body`. */
static size_t url_end(slice s, size_t from, size_t body, bool code)
{
    size_t end = body;
    if (end < s.len && s.at[end] >= 0x80 && !code)
        end = foreign_host_end(s, end);
    size_t max = s.len - from < URL_MAX ? s.len : from + URL_MAX;
    while (end < max && s.at[end] < 0x80 && !stops(s.at[end], code))
        end++;
    return trim_end(s, body, end);
}

static void say(struct walk *w, slice text, size_t from, size_t end, const char *source)
{
    const struct body *b = w->body;
    bool exact = text.at >= b->all.at &&
                 text.at <= b->all.at + b->all.len; /* the view is the part's own bytes */
    size_t base = exact ? (size_t)(text.at - b->all.at) : 0;
    struct range at = exact ? (struct range){ base + from, base + end } : NOWHERE;
    walk_link(w, slice_sub(text, from, end - from), (slice){ 0 }, at, source);
}

static void with_scheme(struct walk *w, slice s, const char *source, bool code)
{
    size_t colon = 0, said = 0, most = code ? CODE_URLS_MAX : SIZE_MAX;
    while (said < most && (colon = slice_find_byte(s, ':', colon)) != SIZE_MAX) {
        slice tail = slice_sub(s, colon + 1, 2);
        bool slashes = slice_is(tail, "//") || slice_is(tail, "\\\\");
        size_t from = scheme_start(s, colon);
        size_t body = colon + (slashes ? 3 : 1), end = body;
        if (from < colon && scheme_counts(slice_sub(s, from, colon - from), slashes)) {
            end = url_end(s, from, body, code);
            /* Code puts hosts together: "https://ssl" + x is no URL yet. */
            bool whole = !code || !slashes ||
                         slice_find_byte(slice_sub(s, body, end - body), '.', 0) != SIZE_MAX;
            if (end > body + 2 && whole) {
                say(w, s, from, end, source);
                said++;
            }
        }
        colon = end > colon ? end : colon + 1;
    }
}

static void without_scheme(struct walk *w, slice s, slice www, const char *source, bool code)
{
    size_t at = 0;
    while ((at = slice_find(s, www, at)) != SIZE_MAX) {
        uint8_t before = at ? s.at[at - 1] : ' ';
        size_t body = at + www.len, end = body;
        if (!ascii_alnum(before) && !strchr("/.@-_", before) && body < s.len &&
            ascii_alnum(s.at[body])) {
            end = url_end(s, at, body, code);
            size_t dot = slice_find_byte(slice_sub(s, body, end - body), '.', 0);
            if (dot != SIZE_MAX)
                say(w, s, at, end, source);
        }
        at = end;
    }
}

static void urls_view(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at)
{
    const char *source = source_of(id);
    bool code = id == FACT_HTML_SCRIPT || id == FACT_VBA_CODE || id == FACT_PDF_SCRIPT;
    (void)state, (void)at;
    if (!source)
        return;
    with_scheme(w, utf8, source, code);
    without_scheme(w, utf8, SLICE_LIT("www."), source, code);
    without_scheme(w, utf8, SLICE_LIT("WWW."), source, code);
}

const struct observer observer_urls = { .name = "urls", .view = urls_view };
