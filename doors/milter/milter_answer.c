/* SPDX-License-Identifier: Apache-2.0 */
/* From a whole mail to the desk's question, and from its answer to the MTA.
 *
 * A milter decides for all recipients at once: the desk has chosen the strictest
 * of what they want. Nothing that was not examined passes as clean: it is
 * temp-failed, or, where the site says so, let through and marked. */
#include "doors/milter/milter_private.h"

/* The last first: the MTA counts again behind each that it removes. */
static void remove_forged(struct door_session *s)
{
    const struct milter_mail *m = &s->mail;
    if (!(s->actions & MILTER_MAY_CHANGE_HEADERS)) {
        if (m->n_forged)
            s->host.note(s->host.host, "the MTA lets no header be removed", (slice){ 0 });
        return;
    }
    for (size_t i = m->n_forged; i > 0; i--)
        milter_put_delete(&s->out, m->forged[i - 1].index,
                          m->watched[m->forged[i - 1].watched].name);
    if (m->forged_over)
        s->host.note(s->host.host, "more forged headers than are removed; ours stand on top",
                     (slice){ 0 });
}

/* Each goes to the top, so the last is put first. */
static void add_headers(struct door_session *s, const struct gate_header *headers, size_t n)
{
    if (!(s->actions & MILTER_MAY_ADD_HEADERS))
        return;
    for (size_t i = n; i > 0; i--)
        milter_put_header(&s->out, headers[i - 1].name, headers[i - 1].value,
                          s->steps & MILTER_LEADING_SPACE);
}

static void deliver(struct door_session *s, const struct gate_header *headers, size_t n)
{
    remove_forged(s);
    add_headers(s, headers, n);
    milter_put(&s->out, MILTER_ACCEPT);
}

/* Not examined, and why: for the log, for the sender, and for a header when the mail passes. */
static void not_examined(struct door_session *s, const char *why, slice detail, bool passes)
{
    struct gate_header headers[] = {
        { SLICE_LIT("X-Sekisho-Verdict"), SLICE_LIT("unknown") },
        { SLICE_LIT("X-Sekisho-Reason"), slice_of(why) },
    };
    s->host.note(s->host.host, why, detail);
    if (passes)
        deliver(s, headers, sizeof headers / sizeof *headers);
    else
        milter_put_code(&s->out, "451", "4.7.1 Try again later:", slice_of(why), (slice){ 0 });
}

static void obey(struct door_session *s, const struct gate_answer *a)
{
    switch (a->deed) {
    case DEED_DELIVER:
    case DEED_TAG:
        deliver(s, a->headers, a->n_headers);
        return;
    case DEED_HOLD:                  /* the desk says so only when it is in the vault */
        if (s->mail.recipients_over) /* who is not known cannot be given it when it is released */
            milter_put_code(&s->out, "451", "4.5.3", SLICE_LIT("Send to fewer recipients at once"),
                            a->reference);
        else
            milter_put(&s->out, MILTER_DISCARD);
        return;
    case DEED_REJECT:
        milter_put_code(&s->out, "550", "5.7.1",
                        a->reply.len ? a->reply : SLICE_LIT("Message refused: it is harmful"),
                        a->reference);
        return;
    case DEED_TEMPFAIL:
    case DEEDS:
        break;
    }
    milter_put_code(&s->out, "451", "4.7.1",
                    a->reply.len
                        ? a->reply
                        : SLICE_LIT("Try again later: it is not known yet what this message is"),
                    a->reference);
}

void milter_say(struct door_session *s, const struct gate_answer *a)
{
    bool passes = a->deed == DEED_DELIVER || a->deed == DEED_TAG;
    const struct gate_answer bare = { .id = a->id, .deed = a->deed };
    s->asked = false;
    if (a->trouble.len == 0)
        obey(s, a);
    else if (passes || a->deed == DEED_TEMPFAIL)
        not_examined(s, "not examined: no answer", a->trouble, passes || s->settings->away_accepts);
    else
        obey(s, &bare);
    milter_mail_clear(&s->mail);
}

static void note_rest(struct door_session *s)
{
    const struct milter_mail *m = &s->mail;
    if (m->recipients_over)
        s->host.note(s->host.host, "more recipients than are looked at one by one",
                     buf_slice(&s->queue_id));
    if (m->n_forged)
        s->host.note(s->host.host, "headers in our name came from outside",
                     m->watched[m->forged[0].watched].name);
}

void milter_ask(struct door_session *s)
{
    struct milter_mail *m = &s->mail;
    struct gate_request r = {
        .id = ++s->last_id,
        .direction = s->user.len || s->from_own ? GATE_OUT : GATE_IN,
        .client_address = buf_slice(&s->client_address),
        .client_name = buf_slice(&s->client_name),
        .helo = buf_slice(&s->helo),
        .sender = buf_slice(&m->sender),
        .user = buf_slice(&s->user),
        .queue_id = buf_slice(&s->queue_id),
        .tls = buf_slice(&s->tls),
        .recipients = m->recipients,
        .n_recipients = m->n_recipients,
    };
    bool passes = s->settings->away_accepts;
    int fd = -1;
    note_rest(s);
    if (m->object.over)
        not_examined(s, "not examined: the message is too large", r.queue_id, passes);
    else if (!object_take(&m->object, &r, &fd))
        not_examined(s, "not examined: no memory", r.queue_id, passes);
    else if (s->host.ask(s->host.host, &r, fd))
        s->asked = true;
    else
        not_examined(s, "not examined: no examiner is there", r.queue_id, passes);
    if (s->asked)
        object_clear(&m->object); /* the desk has it; forged headers are still to be removed */
    else
        milter_mail_clear(m);
}
