/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: a length, or chunks (RFC 9112 6-7), into an object. What
 * stands behind a chunk's length and in the trailer is not used, and is bounded. */
#include "base/cursor.h"
#include "base/text.h"
#include "doors/http/http_private.h"

void http_body_begin(struct http_body *b, const struct http_head *h)
{
    *b = (struct http_body){ .state = h->chunked ? HTTP_CHUNK_LINE : HTTP_LENGTH,
                             .left = h->chunked ? 0 : h->length };
    if (!h->chunked && h->length == 0)
        b->state = HTTP_BODY_DONE;
}

/* "1a3;name=value" */
static bool read_size(slice line, uint64_t *out)
{
    uint64_t n = 0;
    size_t digits = 0;
    while (digits < line.len && ascii_hex(line.at[digits]) >= 0) {
        if (digits == 15)
            return false;
        n = n << 4 | (unsigned)ascii_hex(line.at[digits++]);
    }
    slice rest = slice_trim(slice_from(line, digits));
    *out = n;
    return digits > 0 && (rest.len == 0 || rest.at[0] == ';');
}

/* One more byte of a line; *whole: its CRLF is there. False: too long, or malformed. */
static bool take_line(struct http_body *b, cursor *c, bool *whole)
{
    uint8_t byte = cur_u8(c);
    *whole = false;
    if (b->n_line == HTTP_LINE_MAX)
        return false;
    if (byte == '\n') {
        *whole = true;
        return b->n_line > 0 && b->line[--b->n_line] == '\r';
    }
    if (b->n_line && b->line[b->n_line - 1] == '\r')
        return false;
    b->line[b->n_line++] = byte;
    return true;
}

static unsigned chunk_line(struct http_body *b, cursor *c, const struct object *o)
{
    bool whole;
    if (!take_line(b, c, &whole))
        return 400;
    if (!whole)
        return 0;
    if (!read_size((slice){ b->line, b->n_line }, &b->left))
        return 400;
    b->n_line = 0;
    if (b->left > o->max - o->size)
        return 413;
    b->state = b->left ? HTTP_CHUNK : HTTP_TRAILER;
    return 0;
}

static unsigned trailer(struct http_body *b, cursor *c)
{
    bool whole;
    if (++b->n_trailer > HTTP_TRAILER_MAX || !take_line(b, c, &whole))
        return 400;
    if (whole && b->n_line == 0)
        b->state = HTTP_BODY_DONE;
    if (whole)
        b->n_line = 0;
    return 0;
}

static void data(struct http_body *b, cursor *c, struct object *o)
{
    size_t n = cur_left(c) < b->left ? cur_left(c) : (size_t)b->left;
    (void)object_add(o,
                     cur_take(c, n)); /* the lengths were compared; an error is said at the end */
    b->left -= n;
    if (b->left == 0)
        b->state = b->state == HTTP_LENGTH ? HTTP_BODY_DONE : HTTP_CHUNK_END;
}

unsigned http_body_take(struct http_body *b, slice bytes, size_t *taken_out, struct object *o)
{
    cursor c = cur_open(bytes);
    unsigned status = 0;
    while (status == 0 && b->state != HTTP_BODY_DONE && cur_more(&c))
        switch (b->state) {
        case HTTP_LENGTH:
        case HTTP_CHUNK:
            data(b, &c, o);
            break;
        case HTTP_CHUNK_LINE:
            status = chunk_line(b, &c, o);
            break;
        case HTTP_CHUNK_END: {
            bool whole;
            if (!take_line(b, &c, &whole) || (whole && b->n_line))
                status = 400;
            else if (whole)
                b->state = HTTP_CHUNK_LINE;
            break;
        }
        case HTTP_TRAILER:
            status = trailer(b, &c);
            break;
        case HTTP_BODY_DONE:
            break;
        }
    *taken_out = c.pos;
    return status;
}
