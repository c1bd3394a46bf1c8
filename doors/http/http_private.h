/* SPDX-License-Identifier: Apache-2.0 */
/* http_private - the pieces of the door: a request's head (http_head.c), its
 * body (http_body.c), what is answered (http_words.c), and the session that
 * joins them (http.c). */
#pragma once
#include "base/arena.h"
#include "doors/door.h"
#include "doors/object.h"

enum {
    HTTP_HEAD_MAX = 16 << 10, /* request line and fields */
    HTTP_FIELDS_MAX = 100,
    HTTP_NAME_MAX = 1024, /* of a file; longer is cut */
    HTTP_LINE_MAX = 256,  /* a chunk's length and what stands behind it */
    HTTP_TRAILER_MAX = 4096,
};

/* What of a request's head is used. Texts borrow from it or stand in the arena. */
struct http_head {
    unsigned status; /* 0: well formed; else what is answered, and */
    const char *why; /* that in words */
    slice method, path, query;
    bool keep;                         /* the connection stays for another request */
    bool old;                          /* HTTP/1.0 */
    bool chunked, has_length, expects; /* 100-continue */
    uint64_t length;
    slice token;              /* of "Authorization: Bearer" */
    struct gate_request mail; /* texts of X-Sekisho-Sender and so on */
    slice recipients[64];
};

/* The whole head, with the empty line at its end. */
void http_head_read(slice bytes, struct arena *mem, struct http_head *out);
/* The value of a query's parameter, decoded; from *at on, which moves behind it. False: no more. */
bool http_query_next(slice query, size_t *at, const char *name, struct arena *mem, slice *out);

/* RFC 9112 7.1; *done: the body has ended. Takes what it can of the bytes. */
struct http_body {
    enum http_body_state {
        HTTP_LENGTH,
        HTTP_CHUNK_LINE,
        HTTP_CHUNK,
        HTTP_CHUNK_END,
        HTTP_TRAILER,
        HTTP_BODY_DONE
    } state;
    uint64_t left;
    uint8_t line[HTTP_LINE_MAX];
    size_t n_line, n_trailer;
};
void http_body_begin(struct http_body *b, const struct http_head *h);
/* 0, or the status that the request ends with: 400 malformed, 413 too large. */
unsigned http_body_take(struct http_body *b, slice bytes, size_t *taken_out, struct object *o);

struct http_answer {
    unsigned status;
    const char *type;
    slice body;
    bool keep, only_head, challenge; /* challenge: WWW-Authenticate */
    unsigned retry_s;                /* Retry-After */
    const char *allow;
};
void http_put_answer(struct buf *out, const struct http_answer *a);
/* application/problem+json (RFC 9457). */
void http_put_problem(struct buf *body, unsigned status, slice detail);
/* What was found in an object. */
void http_put_verdict(struct buf *body, const struct gate_answer *a);
/* docs/openapi.yaml */
slice http_openapi(void);
