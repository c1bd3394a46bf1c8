/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request (RFC 9112 2-5, RFC 9110 5), read strictly: what two
 * readers may take for different things - a bare LF, two lengths, a length and
 * chunks, a blank before a colon, folded lines - is refused, because a proxy
 * may stand in front that takes it for the other one. */
#include "doors/http/http_private.h"
#include "base/cursor.h"
#include "base/text.h"

static void fault(struct http_head *h, unsigned status, const char *why)
{
    if (h->status == 0) {
        h->status = status;
        h->why = why;
    }
}

/* RFC 9110 5.6.2 */
static bool is_token(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_alnum(s.at[i]) && !strchr("!#$%&'*+-.^_`|~", s.at[i]))
            return false;
    return s.len > 0;
}

static bool is_visible(slice s, bool blanks)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 0x21 || s.at[i] == 0x7F)
            if (!blanks || (s.at[i] != ' ' && s.at[i] != '\t'))
                return false;
    return true;
}

/* A line without its CRLF; false: it has none, or holds a bare CR or LF. */
static bool take_line(cursor *c, slice *out)
{
    slice line = cur_until(c, '\n');
    if (line.len == 0 || line.at[line.len - 1] != '\r')
        return false;
    line.len--;
    *out = line;
    return slice_find_byte(line, '\r', 0) == SIZE_MAX;
}

static void read_start(slice line, struct http_head *h)
{
    size_t first = slice_find_byte(line, ' ', 0),
           second = first == SIZE_MAX ? SIZE_MAX : slice_find_byte(line, ' ', first + 1);
    if (second == SIZE_MAX) {
        fault(h, 400, "no request line");
        return;
    }
    slice target = slice_sub(line, first + 1, second - first - 1),
          version = slice_from(line, second + 1);
    h->method = slice_sub(line, 0, first);
    if (!is_token(h->method) || !is_visible(target, false) || target.len == 0 ||
        target.at[0] != '/')
        fault(h, 400, "no request line");
    if (slice_is(version, "HTTP/1.1"))
        h->keep = true;
    else if (slice_is(version, "HTTP/1.0"))
        h->old = true;
    else
        fault(h, slice_starts(version, SLICE_LIT("HTTP/")) ? 505 : 400,
              "only versions 1.1 and 1.0 are spoken");
    size_t mark = slice_find_byte(target, '?', 0);
    h->path = slice_sub(target, 0, mark);
    h->query = mark == SIZE_MAX ? (slice){ 0 } : slice_from(target, mark + 1);
}

static bool lists(slice value, const char *word)
{
    cursor c = cur_open(value);
    while (cur_more(&c))
        if (slice_is_nocase(slice_trim(cur_until(&c, ',')), word))
            return true;
    return false;
}

static void read_length(slice value, struct http_head *h)
{
    uint64_t n;
    if (value.len > 19 || !slice_u64(value, &n) || (h->has_length && n != h->length))
        fault(h, 400, "Content-Length is no number, or there are two");
    else
        h->length = n;
    h->has_length = true;
}

static void read_token(slice value, struct http_head *h)
{
    if (h->token.len)
        fault(h, 400, "Authorization is there twice");
    if (slice_starts_nocase(value, "bearer "))
        h->token = slice_trim(slice_from(value, 7));
}

static void read_mail(slice name, slice value, struct http_head *h)
{
    struct gate_request *r = &h->mail;
    const struct {
        const char *name;
        slice *to;
    } texts[] = { { "x-sekisho-sender", &r->sender },
                  { "x-sekisho-client", &r->client_address },
                  { "x-sekisho-client-name", &r->client_name },
                  { "x-sekisho-helo", &r->helo },
                  { "x-sekisho-user", &r->user },
                  { "x-sekisho-queue-id", &r->queue_id },
                  { "x-sekisho-tls", &r->tls } };
    value = utf8_cut(value, GATE_TEXT_MAX);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (slice_is_nocase(name, texts[i].name))
            *texts[i].to = value;
    if (slice_is_nocase(name, "x-sekisho-recipient") &&
        r->n_recipients < sizeof h->recipients / sizeof h->recipients[0])
        h->recipients[r->n_recipients++] = value;
}

static void read_field(slice name, slice value, struct http_head *h, unsigned *hosts)
{
    if (slice_is_nocase(name, "host")) {
        ++*hosts;
    } else if (slice_is_nocase(name, "content-length")) {
        read_length(value, h);
    } else if (slice_is_nocase(name, "transfer-encoding")) {
        if (h->chunked || !slice_is_nocase(value, "chunked"))
            fault(h, 501, "of transfer codings only chunked is known");
        h->chunked = true;
    } else if (slice_is_nocase(name, "content-encoding")) {
        if (!slice_is_nocase(value, "identity"))
            fault(h, 415, "content codings are not undone: send the object as it is");
    } else if (slice_is_nocase(name, "connection")) {
        if (lists(value, "close"))
            h->keep = false;
        else if (lists(value, "keep-alive"))
            h->keep = true;
    } else if (slice_is_nocase(name, "expect")) {
        if (!slice_is_nocase(value, "100-continue"))
            fault(h, 417, "of expectations only 100-continue is known");
        h->expects = true;
    } else if (slice_is_nocase(name, "authorization")) {
        read_token(value, h);
    } else if (slice_starts_nocase(name, "x-sekisho-")) {
        read_mail(name, value, h);
    }
}

void http_head_read(slice bytes, struct arena *mem, struct http_head *out)
{
    struct http_head *h = out;
    cursor c = cur_open(bytes);
    unsigned fields = 0, hosts = 0;
    slice line;
    (void)mem;
    *h = (struct http_head){ 0 };
    if (!take_line(&c, &line)) {
        fault(h, 400, "a line does not end with CRLF");
        return;
    }
    read_start(line, h);
    while (cur_more(&c) && h->status == 0) {
        if (!take_line(&c, &line)) {
            fault(h, 400, "a line does not end with CRLF");
            break;
        }
        if (line.len == 0)
            break;
        size_t colon = slice_find_byte(line, ':', 0);
        slice name = slice_sub(line, 0, colon),
              value = colon == SIZE_MAX ? line : slice_trim(slice_from(line, colon + 1));
        if (colon == SIZE_MAX || !is_token(name) || !is_visible(value, true))
            fault(h, 400, "a field is malformed");
        else if (++fields > HTTP_FIELDS_MAX)
            fault(h, 431, "too many fields");
        else
            read_field(name, value, h, &hosts);
    }
    if (h->chunked && h->old) /* RFC 9112 6.1: a proxy of that time passes the chunks as they are */
        fault(h, 400, "HTTP/1.0 knows no chunks");
    if (h->chunked && h->has_length)
        fault(h, 400, "a length and chunks at once");
    if (hosts > 1 || (hosts == 0 && h->keep))
        fault(h, 400, "one Host field is needed");
    h->mail.recipients = h->recipients;
    if (h->status)
        h->keep = false; /* where the next request begins is not known */
}

/* RFC 3986 2.1, and '+' as forms write a blank. A bad escape stands for itself. */
static slice decode(slice s, struct arena *mem)
{
    uint8_t *to = arena_get(mem, s.len + 1, 1);
    size_t n = 0;
    if (!to)
        return (slice){ 0 };
    for (size_t i = 0; i < s.len; i++) {
        uint8_t b = s.at[i] == '+' ? ' ' : s.at[i];
        if (b == '%' && s.len - i > 2 && ascii_hex(s.at[i + 1]) >= 0 &&
            ascii_hex(s.at[i + 2]) >= 0) {
            b = (uint8_t)(ascii_hex(s.at[i + 1]) << 4 | ascii_hex(s.at[i + 2]));
            i += 2;
        }
        to[n++] = b;
    }
    return (slice){ to, n };
}

bool http_query_next(slice query, size_t *at, const char *name, struct arena *mem, slice *out)
{
    while (*at < query.len) {
        size_t end = slice_find_byte(query, '&', *at);
        slice pair = slice_sub(query, *at, (end == SIZE_MAX ? query.len : end) - *at);
        *at = end == SIZE_MAX ? query.len : end + 1;
        size_t equals = slice_find_byte(pair, '=', 0);
        if (!slice_is(slice_sub(pair, 0, equals), name))
            continue;
        *out = equals == SIZE_MAX ? (slice){ 0 } : decode(slice_from(pair, equals + 1), mem);
        return true;
    }
    return false;
}
