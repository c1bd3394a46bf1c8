/* SPDX-License-Identifier: Apache-2.0 */
/* The milter door: an MTA (Postfix, Sendmail) shows each mail before it accepts it.
 *
 * Sendmail's milter protocol, versions 2 to 6 (libmilter 8.18: mfdef.h and docs;
 * Postfix MILTER_README). One session is one connection from the MTA, over which
 * one SMTP client's mails come, one behind the other; SMFIC_QUIT_NC makes room for
 * the next client. No reply is sent where the MTA agrees to wait for none, so that
 * a mail costs one wait, at its end.
 *
 * The peer is an MTA of the site, but what it says comes from strangers, and
 * whoever reaches the port can speak: a packet out of all measure, an unknown
 * command, or a header behind the body ends the connection, and the MTA then does
 * what milter_default_action says. Commands that merely lack one before them (a
 * body without MAIL) are taken: the mail is examined all the same.
 *
 * Left out: changes of the body, the sender and the recipients; SMFIR_QUARANTINE
 * (a held mail is in our own vault). */
#include "base/text.h"
#include "doors/milter/milter_private.h"

#include <errno.h>

enum { SESSION_MEMORY = 64 << 10 };

static bool refuse(struct door_session *s, const char *why)
{
    s->host.note(s->host.host, why, (slice){ 0 });
    s->ended = true;
    return false;
}

static bool flush(struct door_session *s)
{
    bool sent = !s->out.full && (s->out.len == 0 || s->host.send(s->host.host, buf_slice(&s->out)));
    buf_clear(&s->out);
    return sent;
}

static bool go_on(struct door_session *s, uint32_t quiet)
{
    if (!(s->steps & quiet))
        milter_put(&s->out, MILTER_CONTINUE);
    return true;
}

static void set(struct buf *b, slice text)
{
    buf_clear(b);
    buf_put(b, slice_sub(text, 0, b->max));
}

static bool is_own(const struct door_session *s, slice address)
{
    for (size_t i = 0; i < s->settings->n_own_networks; i++) {
        struct cidr net;
        if (cidr_read(s->settings->own_networks[i], &net) && cidr_holds(&net, address))
            return true;
    }
    return false;
}

static void forget_client(struct door_session *s)
{
    struct buf *of_client[] = { &s->client_name, &s->client_address, &s->helo,
                                &s->tls,         &s->user,           &s->queue_id };
    for (size_t i = 0; i < sizeof of_client / sizeof *of_client; i++)
        buf_clear(of_client[i]);
    s->from_own = false;
    milter_mail_clear(&s->mail);
}

/* Name, family ('4', '6', 'L', or 'U' and then nothing), port, address. Sendmail writes "IPv6:" in
 * front (RFC 5321 4.1.3), Postfix does not. */
static bool on_connect(struct door_session *s, cursor in)
{
    forget_client(s);
    set(&s->client_name, milter_string(&in));
    uint8_t family = cur_u8(&in);
    (void)cur_u16be(&in);
    slice address = milter_string(&in);
    if (family == '4' || family == '6') {
        if (slice_starts_nocase(address, "IPv6:"))
            address = slice_from(address, 5);
        set(&s->client_address, address);
        s->from_own = is_own(s, buf_slice(&s->client_address));
    }
    return go_on(s, MILTER_QUIET_CONNECT);
}

/* The command they belong to, then names and values by turns; long names stand in braces. */
static bool on_macro(struct door_session *s, cursor in)
{
    uint8_t of = cur_u8(&in);
    if (of == MILTER_MAIL) { /* of the mail before */
        buf_clear(&s->user);
        buf_clear(&s->queue_id);
    }
    if (of == MILTER_HELO)
        buf_clear(&s->tls);
    while (cur_more(&in)) {
        slice name = milter_string(&in), value = milter_string(&in);
        if (name.len >= 2 && name.at[0] == '{' && name.at[name.len - 1] == '}')
            name = slice_sub(name, 1, name.len - 2);
        if (slice_is(name, "i"))
            set(&s->queue_id, value);
        else if (slice_is(name, "auth_authen"))
            set(&s->user, value);
        else if (slice_is(name, "tls_version"))
            set(&s->tls, value);
    }
    return true;
}

static void begin_mail(struct door_session *s)
{
    if (s->mail.stage == MILTER_NO_MAIL)
        s->mail.stage = MILTER_ENVELOPE;
}

static bool on_mail(struct door_session *s, cursor in)
{
    milter_mail_clear(&s->mail);
    begin_mail(s);
    set(&s->mail.sender, milter_address(&in));
    return go_on(s, MILTER_QUIET_MAIL);
}

static bool on_header(struct door_session *s, cursor in)
{
    begin_mail(s);
    if (!milter_mail_header(s, in))
        return refuse(s, "a header came behind the end of the headers");
    return go_on(s, MILTER_QUIET_HEADER);
}

static bool on_options(struct door_session *s, cursor in)
{
    forget_client(s);
    s->negotiated = milter_put_options(&s->out, in, &s->actions, &s->steps);
    return s->negotiated || refuse(s, "no milter protocol that is known here was offered");
}

static bool on_body_end_of_chunk(struct door_session *s)
{
    struct milter_mail *m = &s->mail;
    if (!(s->steps & MILTER_QUIET_BODY) && m->object.over && !m->skipped &&
        s->steps & MILTER_MAY_SKIP) {
        m->skipped = true;
        milter_put(&s->out, MILTER_SKIP);
        return true;
    }
    return go_on(s, MILTER_QUIET_BODY);
}

static bool on_end(struct door_session *s)
{
    begin_mail(s);
    milter_ask(s);
    return true;
}

static void stop_asking(struct door_session *s)
{
    if (s->asked)
        s->host.forget(s->host.host);
    s->asked = false;
    milter_mail_clear(&s->mail);
}

static bool on_quit(struct door_session *s)
{
    stop_asking(s);
    s->ended = true;
    return true;
}

/* A whole packet; those of the body have been taken piece by piece. */
static bool on_packet(struct door_session *s, uint8_t command, slice payload)
{
    cursor in = cur_open(payload);
    switch (command) {
    case MILTER_OPTIONS:
        return on_options(s, in);
    case MILTER_MACRO:
        return on_macro(s, in);
    case MILTER_CONNECT:
        return on_connect(s, in);
    case MILTER_HELO:
        set(&s->helo, milter_string(&in));
        return go_on(s, MILTER_QUIET_HELO);
    case MILTER_MAIL:
        return on_mail(s, in);
    case MILTER_RECIPIENT:
        begin_mail(s);
        milter_mail_recipient(s, in);
        return go_on(s, MILTER_QUIET_RECIPIENT);
    case MILTER_DATA:
        return go_on(s, MILTER_QUIET_DATA);
    case MILTER_HEADER:
        return on_header(s, in);
    case MILTER_HEADERS_END:
        begin_mail(s);
        return milter_mail_headers_end(s) ? go_on(s, MILTER_QUIET_HEADERS_END)
                                          : refuse(s, "the headers ended twice");
    case MILTER_BODY:
        return on_body_end_of_chunk(s);
    case MILTER_BODY_END:
        return on_end(s);
    case MILTER_UNKNOWN:
        return go_on(s, MILTER_QUIET_UNKNOWN);
    case MILTER_ABORT:
        stop_asking(s);
        return true;
    case MILTER_QUIT_NEXT:
        stop_asking(s);
        forget_client(s);
        return true;
    case MILTER_QUIT:
        return on_quit(s);
    default:
        return refuse(s, "a command came that no milter knows");
    }
}

/* The length counts the command's byte. */
static bool on_head(struct door_session *s)
{
    cursor in = cur_open((slice){ s->head, sizeof s->head });
    uint32_t length = cur_u32be(&in);
    if (length == 0 || length > MILTER_PACKET_MAX)
        return refuse(s, "a packet of an impossible length came");
    if (!s->negotiated && s->head[4] != MILTER_OPTIONS)
        return refuse(s, "the peer did not begin as an MTA does");
    s->left = length - 1;
    return true;
}

/* As much of the packet's payload as is there; the packet itself when it is whole. */
static bool on_payload(struct door_session *s, cursor *in)
{
    uint8_t command = s->head[4];
    slice have = cur_take(in, cur_left(in) < s->left ? cur_left(in) : s->left);
    bool body = command == MILTER_BODY || command == MILTER_BODY_END;
    s->left -= (uint32_t)have.len;
    if (body && have.len) {
        begin_mail(s);
        milter_mail_body(s, have);
    } else if (!body && (s->left || s->part.len)) {
        buf_put(&s->part, have);
        have = buf_slice(&s->part);
    }
    if (s->left)
        return !s->part.full || refuse(s, "no memory for a packet");
    s->n_head = 0;
    bool good = on_packet(s, command, body ? (slice){ 0 } : have);
    if (s->part.room > 4096)
        buf_drop(&s->part);
    buf_clear(&s->part);
    return good;
}

/* While the desk is asked the MTA waits too; all it may say is that nobody waits any more. */
static bool is_urgent(const cursor *in)
{
    slice next = slice_sub(cur_rest(in), 0, 5);
    return next.len == 5 && slice_starts(next, SLICE_LIT("\0\0\0\1")) &&
           (next.at[4] == MILTER_ABORT || next.at[4] == MILTER_QUIT ||
            next.at[4] == MILTER_QUIT_NEXT);
}

/* Takes what can be taken now. False: the connection ends. */
static bool take(struct door_session *s, cursor *in)
{
    while (cur_more(in) && !s->ended) {
        if (s->asked && !is_urgent(in))
            return true;
        while (s->n_head < sizeof s->head && cur_more(in))
            s->head[s->n_head++] = cur_u8(in);
        if (s->n_head < sizeof s->head)
            return true;
        if (s->left == 0 && !on_head(s))
            return false;
        if (!on_payload(s, in))
            return false;
    }
    return true;
}

static bool milter_feed(struct door_session *s, slice bytes, const int *fds, size_t n_fds)
{
    (void)fds;
    (void)n_fds;
    struct buf before = buf_new(0);
    if (s->later.len) {
        buf_put(&s->later, bytes);
        if (s->later.full)
            return refuse(s, "too much came while the desk was asked");
        before = s->later;
        bytes = buf_slice(&before);
    }
    cursor in = cur_open(bytes);
    if (s->asked && !is_urgent(&in) && before.len)
        return true;
    if (before.len)
        s->later = buf_new(MILTER_LATER_MAX);
    bool good = take(s, &in);
    if (good)
        buf_put(&s->later, cur_rest(&in));
    if (before.len)
        buf_drop(&before);
    good = good && (!s->later.full || refuse(s, "too much came while the desk was asked"));
    good = flush(s) && good;
    if (good && s->ended)
        s->host.end(s->host.host);
    return good;
}

static bool milter_answer(struct door_session *s, const struct gate_answer *a)
{
    if (!s->asked || a->id != s->last_id)
        return true;
    milter_say(s, a);
    return milter_feed(s, (slice){ 0 }, NULL, 0);
}

/* An MTA's half-closed connection: nobody reads our answer. */
static bool milter_finish(struct door_session *s)
{
    stop_asking(s);
    return false;
}

static bool milter_waits(const struct door_session *s)
{
    return s->asked;
}

/* The MTA's clock begins anew (libmilter/docs/smfi_progress.html); at the end of the message only.
 */
static bool milter_tick(struct door_session *s)
{
    if (s->asked)
        milter_put(&s->out, MILTER_PROGRESS);
    return flush(s);
}

static void milter_drop(struct door_session **session)
{
    struct door_session *s = *session;
    *session = NULL;
    if (!s)
        return;
    struct buf *all[] = { &s->client_name, &s->client_address, &s->helo,  &s->tls, &s->user,
                          &s->queue_id,    &s->part,           &s->later, &s->out };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_drop(all[i]);
    milter_mail_drop(&s->mail);
    struct arena *mem = s->mem;
    arena_drop(&mem);
}

static int milter_open(const struct door_settings *settings, const struct door_host *host,
                       slice peer, struct door_session **out)
{
    (void)peer; /* the MTA; who the client is it says itself */
    struct arena *mem = arena_new_small(SESSION_MEMORY);
    struct door_session *s = mem ? ARENA_NEW(mem, struct door_session) : NULL;
    if (!s) {
        arena_drop(&mem);
        return -ENOMEM;
    }
    const struct buf text = buf_new(MILTER_TEXT_MAX);
    *s = (struct door_session){ .mem = mem,
                                .settings = settings,
                                .host = *host,
                                .part = buf_new(MILTER_PACKET_MAX),
                                .later = buf_new(MILTER_LATER_MAX),
                                .out = buf_new(MILTER_OUT_MAX),
                                .client_name = text,
                                .client_address = text,
                                .helo = text,
                                .tls = text,
                                .user = text,
                                .queue_id = text };
    if (!milter_mail_new(&s->mail, settings->limits.object_max)) {
        milter_drop(&s);
        return -ENOMEM;
    }
    s->mail.object.pool = settings->pool;
    *out = s;
    return 0;
}

const struct door door_milter = {
    .name = "milter",
    .protocol = "Sendmail milter protocol 6",
    .listen = "inet:127.0.0.1:8899",
    /* As libmilter (libmilter/docs/smfi_settimeout.html): an MTA says nothing between DATA and the
     * end of what its client sends, however slow that is. */
    .patience_ms = 7210 * 1000,
    .open = milter_open,
    .feed = milter_feed,
    .answer = milter_answer,
    .finish = milter_finish,
    .waits = milter_waits,
    .tick = milter_tick,
    .drop = milter_drop,
};
