/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: status and fields (RFC 9110), problems (RFC 9457), verdicts. No Date field: a session
 * reads no clock, and a server without one does not send it (RFC 9110 6.6.1). */
#include "base/json.h"
#include "doors/http/http_private.h"
#include "facts/record.h"

static const char *reason_of(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    }
    return "Error";
}

void http_put_answer(struct buf *out, const struct http_answer *a)
{
    buf_format(out, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", a->status,
               reason_of(a->status), a->type, a->body.len);
    buf_text(out, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    if (a->challenge)
        buf_text(out, "WWW-Authenticate: Bearer realm=\"sekisho\"\r\n");
    if (a->allow)
        buf_format(out, "Allow: %s\r\n", a->allow);
    if (a->retry_s)
        buf_format(out, "Retry-After: %u\r\n", a->retry_s);
    buf_format(out, "Connection: %s\r\n\r\n", a->keep ? "keep-alive" : "close");
    if (!a->only_head)
        buf_put(out, a->body);
}

void http_put_problem(struct buf *body, unsigned status, slice detail)
{
    struct json j = json_new(body);
    json_object(&j);
    json_key(&j, "type");
    json_cstr(&j, "about:blank");
    json_key(&j, "title");
    json_cstr(&j, reason_of(status));
    json_key(&j, "status");
    json_uint(&j, status);
    if (detail.len) {
        json_key(&j, "detail");
        json_text(&j, detail);
    }
    json_object_end(&j);
    buf_byte(body, '\n');
}

static void put_text(struct json *j, const char *key, slice text)
{
    if (!text.len)
        return;
    json_key(j, key);
    json_text(j, text);
}

static void put_unread(struct json *j, uint32_t unread)
{
    json_key(j, "unread");
    json_array(j);
    for (int c = 0; c < UNREAD_CAUSES; c++)
        if (unread >> c & 1)
            json_cstr(j, unread_cause_name((enum unread_cause)c));
    json_array_end(j);
}

void http_put_verdict(struct buf *body, const struct gate_answer *a)
{
    static const char *const verdicts[VERDICTS] = { "clean", "unknown", "suspicious", "malicious" };
    struct json j = json_new(body);
    json_object(&j);
    json_key(&j, "verdict");
    json_cstr(&j, (unsigned)a->verdict < VERDICTS ? verdicts[a->verdict] : "unknown");
    put_text(&j, "name", a->name);
    put_text(&j, "reference", a->reference);
    json_key(&j, "deed");
    json_cstr(&j, deed_name((unsigned)a->deed < DEEDS ? a->deed : DEED_TEMPFAIL));
    put_unread(&j, a->unread);
    put_text(&j, "limit", a->limit);
    put_text(&j, "locked", a->locked);
    json_key(&j, "reason");
    json_object(&j);
    put_text(&j, "en", a->reason_en);
    put_text(&j, "ja", a->reason_ja);
    json_object_end(&j);
    json_object_end(&j);
    buf_byte(body, '\n');
}
