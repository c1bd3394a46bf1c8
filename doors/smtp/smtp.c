/* SPDX-License-Identifier: Apache-2.0 */
/* An SMTP client; see smtp.h. Numbers of sections are RFC 5321's. */
#include "doors/smtp/smtp.h"
#include "base/text.h"
#include "os/net.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_MS = 300000, END_MS = 600000, ADDRESS_MAX = 1000, READ = 4096 };

static int lost(struct smtp *s, int code, const char *what, struct err *err_out)
{
    if (s->ended)
        return err_set(err_out, -ECONNABORTED,
                       "the MTA did not say whether it has taken the mail (%s): look at its log",
                       what);
    return err_set(err_out, code, "the MTA ended the connection, or does not answer: %s", what);
}

static int wait_for(struct smtp *s, short what, struct err *err_out)
{
    struct pollfd p = { .fd = s->fd, .events = what };
    int ms = s->reply_ms ? s->reply_ms : s->ended ? END_MS : REPLY_MS, n;
    do
        n = poll(&p, 1, ms);
    while (n < 0 && errno == EINTR);
    return n > 0 ? 0
                 : lost(s, n == 0 ? -ETIMEDOUT : -errno, n == 0 ? "too late" : strerror(errno),
                        err_out);
}

static int flush(struct smtp *s, struct err *err_out)
{
    slice left = buf_slice(&s->out);
    while (left.len) {
        ssize_t n = send(s->fd, left.at, left.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            int r = wait_for(s, POLLOUT, err_out);
            if (r)
                return r;
        } else if (n < 0 && errno != EINTR) {
            return lost(s, -errno, strerror(errno), err_out);
        } else if (n > 0) {
            left = slice_from(left, (size_t)n);
        }
    }
    buf_clear(&s->out);
    return 0;
}

/* One line of a reply, without its end; what is behind it stays in s->in. */
static int read_line(struct smtp *s, struct buf *line_out, struct err *err_out)
{
    for (;;) {
        size_t n = slice_find_byte(buf_slice(&s->in), '\n', 0);
        if (n != SIZE_MAX) {
            struct buf rest = buf_new(SMTP_REPLY_MAX);
            buf_put(line_out, slice_trim(slice_sub(buf_slice(&s->in), 0, n)));
            buf_put(&rest, slice_from(buf_slice(&s->in), n + 1));
            buf_drop(&s->in);
            s->in = rest;
            return line_out->full || rest.full
                       ? lost(s, -EPROTO, "a reply out of all measure", err_out)
                       : 0;
        }
        int r = wait_for(s, POLLIN, err_out);
        if (r)
            return r;
        if (!buf_reserve(&s->in, READ))
            return lost(s, -EPROTO, "a reply out of all measure", err_out);
        ssize_t got = recv(s->fd, s->in.at + s->in.len, READ, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return lost(s, got < 0 ? -errno : -EPIPE, got < 0 ? strerror(errno) : "closed",
                        err_out);
        s->in.len += (size_t)got;
    }
}

/* What EHLO offers (4.1.1.1); the first line is the greeting. */
static void take_offer(struct smtp *s, slice text)
{
    if (slice_is_nocase(text, "8BITMIME"))
        s->eight_bit = true;
    else if (slice_is_nocase(text, "SMTPUTF8"))
        s->utf8 = true;
    else if (slice_starts_nocase(text, "SIZE")) {
        s->has_size = true;
        if (!slice_u64(slice_trim(slice_from(text, 4)), &s->size_max))
            s->size_max = 0;
    }
}

/* A whole reply (4.2.1): lines of one code, "250-" until "250 ". `what`: for the message. */
static int reply(struct smtp *s, int wanted, const char *what, bool offers, struct err *err_out)
{
    enum { LINES_MAX = 100 };
    for (int i = 0; i < LINES_MAX; i++) {
        struct buf line = buf_new(SMTP_REPLY_MAX);
        uint64_t code = 0;
        int r = read_line(s, &line, err_out);
        slice l = buf_slice(&line);
        bool good = r == 0 && l.len >= 3 && slice_u64(slice_sub(l, 0, 3), &code) && code >= 200 &&
                    code < 600 && (l.len == 3 || l.at[3] == ' ' || l.at[3] == '-');
        bool more = good && l.len > 3 && l.at[3] == '-';
        if (r == 0 && !good)
            r = lost(s, -EPROTO, "no reply of SMTP", err_out);
        if (r == 0 && offers && i > 0)
            take_offer(s, slice_from(l, 4));
        if (r == 0 && !more && (int)code / 100 != wanted)
            r = err_set(err_out, -EREMOTEIO, "the MTA refuses %s: %.*s", what, SLICE_FMT(l));
        buf_drop(&line);
        if (r || !more)
            return r;
    }
    return lost(s, -EPROTO, "a reply out of all measure", err_out);
}

/* What would end the command, or begin another (4.1.2); blanks and quotes need not be understood.
 */
static bool writable(slice address)
{
    if (address.len > ADDRESS_MAX)
        return false;
    for (size_t i = 0; i < address.len; i++)
        if (address.at[i] <= ' ' || address.at[i] == 0x7f || address.at[i] == '<' ||
            address.at[i] == '>')
            return false;
    return true;
}

static bool ascii(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80)
            return false;
    return true;
}

static int command(struct smtp *s, int wanted, const char *what, bool offers, struct err *err_out)
{
    buf_text(&s->out, "\r\n");
    int r = s->out.full ? err_set(err_out, -ENOMEM, "out of memory") : flush(s, err_out);
    return r ? r : reply(s, wanted, what, offers, err_out);
}

static int check(const struct smtp_envelope *e, bool *utf8_out, struct err *err_out)
{
    bool plain = ascii(e->sender),
         good = writable(e->sender) && writable(e->helo) && e->n_recipients > 0;
    for (size_t i = 0; i < e->n_recipients; i++) {
        good = good && e->recipients[i].len && writable(e->recipients[i]);
        plain = plain && ascii(e->recipients[i]);
    }
    *utf8_out = !plain;
    return good ? 0
                : err_set(err_out, -EINVAL,
                          "no recipient, or an address that no SMTP command can hold");
}

static int greet(struct smtp *s, const struct smtp_envelope *e, struct err *err_out)
{
    int r = net_connect(e->address, &s->fd, err_out);
    if (r)
        s->fd = -1;
    if (r == 0)
        r = wait_for(s, POLLOUT, err_out);
    if (r == 0)
        r = net_connected(s->fd, err_out);
    if (r == 0)
        r = reply(s, 2, "the connection", false, err_out);
    buf_text(&s->out, "EHLO ");
    buf_put(&s->out, e->helo.len ? e->helo : SLICE_LIT("localhost"));
    return r ? r : command(s, 2, "EHLO", true, err_out);
}

int smtp_begin(struct smtp *s, const struct smtp_envelope *e, struct err *err_out)
{
    bool utf8 = false;
    *s = (struct smtp){ .fd = -1,
                        .reply_ms = e->reply_ms,
                        .in = buf_new(SMTP_REPLY_MAX),
                        .out = buf_new(SMTP_OUT),
                        .at_line = true };
    int r = check(e, &utf8, err_out);
    if (r == 0)
        r = greet(s, e, err_out);
    if (r == 0 && utf8 && !s->utf8)
        r = err_set(err_out, -EREMOTEIO, "the MTA takes no addresses beyond ASCII (SMTPUTF8)");
    if (r == 0 && s->size_max && e->size > s->size_max)
        r = err_set(err_out, -EREMOTEIO, "the MTA takes no mail larger than %llu bytes",
                    (unsigned long long)s->size_max);
    if (r)
        return r;
    buf_format(&s->out, "MAIL FROM:<%.*s>", SLICE_FMT(e->sender));
    if (s->has_size && e->size)
        buf_format(&s->out, " SIZE=%llu", (unsigned long long)e->size);
    if (s->eight_bit)
        buf_text(&s->out, " BODY=8BITMIME");
    if (utf8)
        buf_text(&s->out, " SMTPUTF8");
    r = command(s, 2, "the sender", false, err_out);
    for (size_t i = 0; i < e->n_recipients && r == 0; i++) {
        buf_format(&s->out, "RCPT TO:<%.*s>", SLICE_FMT(e->recipients[i]));
        r = command(s, 2, "a recipient", false, err_out);
    }
    buf_text(&s->out, r ? "" : "DATA");
    return r ? r : command(s, 3, "DATA", false, err_out);
}

int smtp_data(struct smtp *s, slice bytes, struct err *err_out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.at[i];
        if (s->out.len > SMTP_OUT - 8) {
            int r = flush(s, err_out);
            if (r)
                return r;
        }
        if (c == '.' && s->at_line)
            buf_byte(&s->out, '.');
        if (c == '\n' && s->last != '\r')
            buf_byte(&s->out, '\r'); /* a lone LF might end the mail for some, and not for others */
        buf_byte(&s->out, c);
        s->at_line = c == '\n';
        s->last = c;
    }
    return s->out.full ? err_set(err_out, -ENOMEM, "out of memory") : 0;
}

int smtp_end(struct smtp *s, struct err *err_out)
{
    buf_text(&s->out, s->at_line ? "" : s->last == '\r' ? "\n" : "\r\n");
    int r = flush(s, err_out);
    if (r)
        return r;
    s->ended = true;
    buf_text(&s->out, ".");
    return command(s, 2, "the mail", false, err_out);
}

void smtp_close(struct smtp *s)
{
    if (s->fd >= 0) {
        /* In the middle of a mail there is no command: closing is the way to say that it is not
         * whole. */
        if (s->ended)
            (void)!send(s->fd, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)close(s->fd);
    }
    s->fd = -1;
    buf_drop(&s->in);
    buf_drop(&s->out);
}
