/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP interface (docs/openapi.yaml; HTTP/1.1 of RFC 9112): objects to scan, stored reports,
 * health, metrics. A session of doors/serve like the others, so that stalled peers, limits, the
 * jail and the fuzzers are dealt with once; that is why no server library stands here.
 *
 * Who may: over a Unix socket whoever may open it; else who bears a token of the settings. Health
 * is told to this machine without one. TLS is a proxy's work.
 *
 * Left out: HTTP/2, ranges, compressed bodies, more than one request at a time on a connection
 * (those that come early wait). */
#include "base/hash.h"
#include "base/cidr.h"
#include "base/cursor.h"
#include "base/text.h"
#include "doors/http/http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    REST_MAX = 1 << 20,
    REQUEST_ARENA = 256 << 10,
    ANSWER_MAX = GATE_REPORT_MAX + (64 << 10),
    RETRY_S = 10,
    PASSWORDS = 16,
};

enum state { HEAD, BODY, WAITING, CLOSING };
enum asked { NOTHING, SCAN, REPORT, METRICS };

struct door_session {
    const struct door_settings *settings;
    struct door_host host;
    bool here, socket; /* the peer is on this machine; and came by a Unix socket */
    bool ended;        /* it sends nothing more */
    enum state state;
    enum asked asked;
    struct buf head, rest;
    struct arena *mem; /* of the request */
    struct http_head request;
    struct http_body body;
    struct object object;
};

/* --- answers */

static void close_when_sent(struct door_session *s)
{
    s->state = CLOSING;
    object_clear(&s->object);
    s->host.end(s->host.host);
}

/* The request is answered; the next may begin. */
static bool answer(struct door_session *s, struct http_answer a)
{
    struct buf out = buf_new(ANSWER_MAX);
    bool good;
    a.keep = s->request.keep && a.status < 500 && (!s->ended || s->rest.len);
    a.only_head = slice_is(s->request.method, "HEAD");
    http_put_answer(&out, &a);
    good = !out.full && s->host.send(s->host.host, buf_slice(&out));
    buf_drop(&out);
    buf_clear(&s->head);
    arena_drop(&s->mem);
    object_clear(&s->object);
    s->request = (struct http_head){ 0 };
    s->state = HEAD;
    s->asked = NOTHING;
    if (good && !a.keep)
        close_when_sent(s);
    return good;
}

static bool answer_problem(struct door_session *s, unsigned status, slice detail)
{
    struct buf body = buf_new(64 << 10);
    struct http_answer a = { .status = status,
                             .type = "application/problem+json",
                             .challenge = status == 401,
                             .retry_s = status == 503 ? RETRY_S : 0 };
    http_put_problem(&body, status, detail);
    a.body = buf_slice(&body);
    bool good = !body.full && answer(s, a);
    buf_drop(&body);
    return good;
}

/* The body of the request is not read any more: the connection ends with the answer. */
static bool refuse(struct door_session *s, unsigned status, const char *why)
{
    s->request.keep = false;
    return answer_problem(s, status, slice_of(why));
}

static bool answer_text(struct door_session *s, const char *type, slice text)
{
    return answer(s, (struct http_answer){ .status = 200, .type = type, .body = text });
}

/* --- who may */

static bool bears_token(const struct door_session *s)
{
    uint8_t digest[32];
    char hex[65];
    bool good = false;
    if (!s->request.token.len)
        return false;
    sha256_of(s->request.token, digest);
    hex_of((slice){ digest, sizeof digest }, hex);
    for (size_t i = 0; i < s->settings->n_tokens; i++)
        good |= slice_is_nocase(s->settings->tokens[i], hex);
    return good;
}

/* --- what is asked for */

static bool get_health(struct door_session *s)
{
    return answer_text(s, "text/plain; charset=utf-8", SLICE_LIT("ok\n"));
}

static bool get_ready(struct door_session *s)
{
    const struct gate_state *state = s->host.state(s->host.host);
    if (!state || !state->ready)
        return answer_problem(s, 503,
                              slice_of(state ? "the desk takes nothing now" : "the desk is away"));
    return answer_text(s, "text/plain; charset=utf-8", SLICE_LIT("ready\n"));
}

static bool get_openapi(struct door_session *s)
{
    return answer_text(s, "application/yaml", http_openapi());
}

static bool answer_metrics(struct door_session *s, slice of_the_desk)
{
    const struct gate_state *state = s->host.state(s->host.host);
    struct buf body = buf_new(ANSWER_MAX / 2);
    buf_format(&body,
               "# HELP sekisho_ready Whether the desk takes objects.\n# TYPE sekisho_ready "
               "gauge\nsekisho_ready %d\n",
               state && state->ready);
    buf_format(&body,
               "# HELP sekisho_queue Objects that wait for a worker.\n# TYPE sekisho_queue "
               "gauge\nsekisho_queue %u\n",
               state ? state->queued : 0);
    buf_format(&body,
               "# HELP sekisho_workers Workers of the pool.\n# TYPE sekisho_workers "
               "gauge\nsekisho_workers %u\n",
               state ? state->workers : 0);
    buf_put(&body, of_the_desk);
    s->host.counts(s->host.host, &body);
    bool good =
        !body.full && answer_text(s, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&body));
    buf_drop(&body);
    return good;
}

static bool fetch(struct door_session *s, enum asked what, slice reference)
{
    if (!s->host.fetch(s->host.host, what, reference))
        return what == METRICS ? answer_metrics(s, (slice){ 0 })
                               : answer_problem(s, 503, SLICE_LIT("the desk takes nothing now"));
    s->asked = what;
    s->state = WAITING;
    return true;
}

static bool get_metrics(struct door_session *s)
{
    return fetch(s, METRICS, SLICE_LIT("metrics"));
}

/* "/v1/reports/261122-7K3F9Q2M" */
static bool get_report(struct door_session *s)
{
    slice reference = slice_from(s->request.path, sizeof "/v1/reports/" - 1);
    bool good =
        reference.len > 0 && reference.len < GATE_REFERENCE && !slice_is(reference, "metrics");
    for (size_t i = 0; i < reference.len; i++)
        good = good && (ascii_alnum(reference.at[i]) || reference.at[i] == '-');
    return good ? fetch(s, REPORT, reference) : answer_problem(s, 404, SLICE_LIT("no such report"));
}

static bool wants_body(struct door_session *s)
{
    const struct http_head *h = &s->request;
    if (!h->chunked && !h->has_length)
        return refuse(s, 411, "send Content-Length or chunks");
    if (h->length > s->settings->limits.object_max)
        return refuse(s, 413, "larger than is scanned here");
    if (h->expects && !s->host.send(s->host.host, SLICE_LIT("HTTP/1.1 100 Continue\r\n\r\n")))
        return false;
    http_body_begin(&s->body, h);
    s->state = BODY;
    return true;
}

static slice parameter(struct door_session *s, const char *name)
{
    size_t at = 0;
    slice value = { 0 };
    (void)http_query_next(s->request.query, &at, name, s->mem, &value);
    return value;
}

static bool scan(struct door_session *s)
{
    struct gate_request r = s->request.mail;
    slice direction = parameter(s, "direction"), passwords[PASSWORDS];
    size_t at = 0;
    int fd = -1;
    r.id = SCAN;
    r.name = utf8_cut(parameter(s, "name"), HTTP_NAME_MAX);
    r.recipients = s->request.recipients;
    r.direction = slice_is(direction, "in")    ? GATE_IN
                  : slice_is(direction, "out") ? GATE_OUT
                                               : GATE_FILE;
    r.want_report = slice_is(parameter(s, "report"), "full");
    for (r.passwords = passwords; r.n_passwords < PASSWORDS; r.n_passwords++) {
        if (!http_query_next(s->request.query, &at, "password", s->mem, &passwords[r.n_passwords]))
            break;
        passwords[r.n_passwords] = utf8_cut(passwords[r.n_passwords], HTTP_NAME_MAX);
    }
    bool good = !arena_full(s->mem) && object_take(&s->object, &r, &fd);
    if (!good)
        return answer_problem(s, 503, SLICE_LIT("no memory now"));
    if (!s->host.ask(s->host.host, &r, fd))
        return answer_problem(s, 503, SLICE_LIT("the desk takes nothing now"));
    s->asked = SCAN;
    s->state = WAITING;
    return true;
}

static const struct route {
    const char *path;
    bool post, below,
        open; /* below: paths that begin so; open: told to this machine without a token */
    bool (*run)(struct door_session *s);
} routes[] = {
    { "/v1/scan", true, false, false, wants_body },
    { "/v1/reports/", false, true, false, get_report },
    { "/v1/openapi.yaml", false, false, false, get_openapi },
    { "/metrics", false, false, false, get_metrics },
    { "/healthz", false, false, true, get_health },
    { "/readyz", false, false, true, get_ready },
};

static const struct route *route_of(slice path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (routes[i].below ? slice_starts(path, slice_of(routes[i].path))
                            : slice_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}

static bool begin_request(struct door_session *s)
{
    struct http_head *h = &s->request;
    const struct route *r = route_of(h->path);
    bool may = s->socket || bears_token(s) || (r && r->open && s->here);
    bool reads = slice_is(h->method, "GET") || slice_is(h->method, "HEAD");
    if (h->status)
        return refuse(s, h->status, h->why);
    if (!may) /* also of paths that are none: a stranger learns nothing */
        return refuse(s, 401, "a token is needed: Authorization: Bearer TOKEN");
    if (!r)
        return refuse(s, 404, "no such resource");
    if (r->post ? !slice_is(h->method, "POST") : !reads) {
        h->keep = false;
        return answer(s, (struct http_answer){ .status = 405,
                                               .type = "text/plain",
                                               .allow = r->post ? "POST" : "GET, HEAD" });
    }
    if (!r->post && (h->chunked || h->length))
        return refuse(s, 400, "a body is not expected here");
    return r->run(s);
}

/* --- bytes */

static bool take_head(struct door_session *s, cursor *c)
{
    size_t from = s->head.len > 3 ? s->head.len - 3 : 0, before = s->head.len;
    if (before == 0 && (c->in.at[c->pos] == '\r' || c->in.at[c->pos] == '\n')) {
        cur_skip(c, 1); /* RFC 9112 2.2: an empty line before a request */
        return true;
    }
    slice more = slice_sub(cur_rest(c), 0, HTTP_HEAD_MAX - before);
    buf_put(&s->head, more);
    size_t end = slice_find(buf_slice(&s->head), SLICE_LIT("\r\n\r\n"), from);
    if (end == SIZE_MAX) {
        cur_skip(c, more.len);
        return s->head.len < HTTP_HEAD_MAX || refuse(s, 431, "the head is too long");
    }
    s->head.len = end + 4;
    cur_skip(c, s->head.len - before);
    s->mem = arena_new(REQUEST_ARENA);
    if (!s->mem)
        return false;
    http_head_read(buf_slice(&s->head), s->mem, &s->request);
    return begin_request(s);
}

static bool take_body(struct door_session *s, cursor *c)
{
    size_t taken;
    unsigned status = http_body_take(&s->body, cur_rest(c), &taken, &s->object);
    cur_skip(c, taken);
    if (status)
        return refuse(s, status,
                      status == 413 ? "larger than is scanned here" : "the chunks are malformed");
    return true;
}

static bool take(struct door_session *s, slice bytes)
{
    cursor c = cur_open(bytes);
    bool good = true;
    while (good && s->state != WAITING && s->state != CLOSING) {
        if (s->state == BODY && s->body.state == HTTP_BODY_DONE)
            good = scan(s);
        else if (!cur_more(&c))
            break;
        else
            good = s->state == HEAD ? take_head(s, &c) : take_body(s, &c);
    }
    if (good && s->state == WAITING)
        buf_put(&s->rest, cur_rest(&c));
    return good && !s->rest.full;
}

/* What came while the desk worked. */
static bool take_rest(struct door_session *s)
{
    if (s->rest.len && s->state == HEAD) {
        struct buf rest = s->rest;
        s->rest = buf_new(REST_MAX);
        bool good = take(s, buf_slice(&rest));
        buf_drop(&rest);
        if (!good)
            return false;
    }
    if (s->ended && s->state != WAITING && s->state != CLOSING)
        close_when_sent(s);
    return true;
}

/* --- the door */

static bool is_here(slice peer)
{
    struct cidr c;
    if (slice_is(peer, "unix"))
        return true;
    if (!cidr_read(peer, &c))
        return false;
    static const uint8_t six[16] = { [15] = 1 };
    return c.six ? slice_eq((slice){ c.address, 16 }, (slice){ six, 16 }) : c.address[0] == 127;
}

static int http_open(const struct door_settings *settings, const struct door_host *host, slice peer,
                     struct door_session **out)
{
    struct door_session *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->settings = settings;
    s->host = *host;
    s->socket = slice_is(peer, "unix");
    s->here = is_here(peer);
    s->head = buf_new(HTTP_HEAD_MAX);
    s->rest = buf_new(REST_MAX);
    s->object = object_new(settings->limits.object_max);
    s->object.pool = settings->pool;
    *out = s;
    return 0;
}

static bool http_feed(struct door_session *s, slice bytes, const int *fds, size_t n_fds)
{
    for (size_t i = 0; i < n_fds; i++)
        (void)close(fds[i]);
    if (s->state == CLOSING)
        return true;
    if (s->state == WAITING) {
        buf_put(&s->rest, bytes);
        return !s->rest.full;
    }
    return take(s, bytes);
}

static bool http_answer(struct door_session *s, const struct gate_answer *a)
{
    if (s->state != WAITING || s->asked != SCAN || a->id != SCAN)
        return true;
    bool good;
    if (a->trouble.len) {
        good = answer_problem(s, 503, a->trouble);
    } else if (a->report.len) {
        good = answer_text(s, "application/json", a->report);
    } else {
        struct buf body = buf_new(64 << 10);
        http_put_verdict(&body, a);
        good = !body.full && answer_text(s, "application/json", buf_slice(&body));
        buf_drop(&body);
    }
    return good && take_rest(s);
}

static bool http_fetched(struct door_session *s, const struct gate_fetched *f)
{
    bool good = true;
    if (s->state != WAITING || s->asked != (enum asked)f->id)
        return true;
    if (s->asked == METRICS)
        good = answer_metrics(s, f->found ? f->report : (slice){ 0 });
    else if (f->found)
        good = answer_text(s, "application/json", f->report);
    else
        good = answer_problem(s, 404, SLICE_LIT("no such report"));
    return good && take_rest(s);
}

static bool http_finish(struct door_session *s)
{
    s->ended = true;
    if (s->state == HEAD || s->state == BODY)
        close_when_sent(s);
    return true;
}

static bool http_waits(const struct door_session *s)
{
    return s->state == WAITING;
}

static void http_drop(struct door_session **sp)
{
    struct door_session *s = *sp;
    if (!s)
        return;
    buf_drop(&s->head);
    buf_drop(&s->rest);
    object_drop(&s->object);
    arena_drop(&s->mem);
    free(s);
    *sp = NULL;
}

const struct door door_http = {
    .name = "http",
    .protocol = "HTTP/1.1",
    .listen = "inet:127.0.0.1:8725",
    .open = http_open,
    .feed = http_feed,
    .answer = http_answer,
    .fetched = http_fetched,
    .finish = http_finish,
    .waits = http_waits,
    .drop = http_drop,
};
