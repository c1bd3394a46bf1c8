/* SPDX-License-Identifier: Apache-2.0 */
/* A mail, rebuilt from the MTA's packets as it came over SMTP: what is judged is
 * what will be delivered.
 *
 * Header fields come as name and value with LF between their lines; the colon's
 * side is kept byte for byte where the MTA knows SMFIP_HDR_LEADSPC (Sendmail 8.14,
 * Postfix 2.5), and white space in front of the colon is lost with every MTA. The
 * body comes as it is. The MTA's own Received field is not shown to milters.
 *
 * Left out of the mail: Authentication-Results of strangers that bear our name
 * (RFC 8601 5), for whoever judges would believe them. X-Sekisho fields of
 * strangers are seen by the judge, but removed from what is delivered. */
#include "base/text.h"
#include "doors/milter/milter_private.h"

enum { MAIL_MEMORY = 4 << 20 };

bool milter_mail_new(struct milter_mail *m, uint64_t object_max)
{
    m->mem = arena_new_small(MAIL_MEMORY);
    m->sender = buf_new(MILTER_ADDRESS_MAX);
    m->object = object_new(object_max);
    return m->mem != NULL;
}

void milter_mail_drop(struct milter_mail *m)
{
    arena_drop(&m->mem);
    buf_drop(&m->sender);
    object_drop(&m->object);
}

void milter_mail_clear(struct milter_mail *m)
{
    if (m->stage == MILTER_NO_MAIL)
        return;
    m->stage = MILTER_NO_MAIL;
    arena_reset(m->mem);
    buf_clear(&m->sender);
    object_clear(&m->object);
    m->recipients = NULL;
    m->n_recipients = m->room_recipients = 0;
    m->recipients_over = m->forged_over = 0;
    m->forged = NULL;
    m->watched = NULL;
    m->n_watched = m->n_forged = m->room_forged = 0;
    m->skipped = false;
}

/* "<user@host.example>" without its brackets; ESMTP parameters follow as strings of their own. */
slice milter_address(cursor *c)
{
    slice a = slice_trim(milter_string(c));
    if (a.len >= 2 && a.at[0] == '<' && a.at[a.len - 1] == '>')
        a = slice_sub(a, 1, a.len - 2);
    return a;
}

void milter_mail_recipient(struct door_session *s, cursor in)
{
    struct milter_mail *m = &s->mail;
    size_t most = s->settings->limits.recipients_max;
    if (most == 0 || most > GATE_RECIPIENTS_MAX)
        most = GATE_RECIPIENTS_MAX;
    if (m->n_recipients == m->room_recipients && m->n_recipients < most) {
        size_t room = m->room_recipients ? m->room_recipients * 2 : 8;
        slice *more = arena_regrow(m->mem, m->recipients, m->n_recipients * sizeof(slice), room,
                                   sizeof(slice));
        if (more) {
            m->recipients = more;
            m->room_recipients = room;
        }
    }
    slice whole = milter_address(&in), address = slice_sub(whole, 0, MILTER_ADDRESS_MAX);
    if (address.len < whole.len)
        m->recipients_over++; /* what is left of it is another address */
    slice copy = m->n_recipients < most ? arena_copy(m->mem, address) : (slice){ 0 };
    if (m->n_recipients >= most || m->n_recipients == m->room_recipients ||
        (address.len && !copy.len))
        m->recipients_over++;
    else
        m->recipients[m->n_recipients++] = copy;
}

/* White space and comments (RFC 5322 3.2.2); a comment in a comment is skipped with it. */
static void skip_cfws(cursor *c)
{
    unsigned depth = 0;
    while (cur_more(c)) {
        uint8_t b = c->in.at[c->pos];
        if (b == '(')
            depth++;
        else if (depth && b == '\\')
            cur_skip(c, cur_left(c) > 1 ? 1 : 0);
        else if (b == ')' && depth)
            depth--;
        else if (!depth && !ascii_space(b))
            return;
        cur_skip(c, 1);
    }
}

/* The server that the field says it is of (RFC 8601 2.2: authserv-id, a token or quoted). */
static bool is_ours(const struct door_session *s, slice value)
{
    slice ours = s->settings->authserv_id;
    cursor c = cur_open(value);
    skip_cfws(&c);
    if (ours.len == 0 || !cur_more(&c))
        return false;
    bool quoted = c.in.at[c.pos] == '"';
    if (quoted)
        cur_skip(&c, 1);
    slice rest = cur_rest(&c);
    size_t n = 0;
    while (n < rest.len &&
           (quoted ? rest.at[n] != '"'
                   : !ascii_space(rest.at[n]) && rest.at[n] != ';' && rest.at[n] != '('))
        n++;
    return slice_eq_nocase(slice_sub(rest, 0, n), ours);
}

/* The n-th of its name, counted from 1; its place in the table in *at_out. 0: no room for it. */
static uint32_t count_header(struct milter_mail *m, slice name, size_t *at_out)
{
    size_t i = 0;
    if (!m->watched)
        m->watched = ARENA_ARRAY(m->mem, struct milter_watched, MILTER_FORGED_NAMES);
    while (i < m->n_watched && !slice_eq_nocase(m->watched[i].name, name))
        i++;
    if (i == m->n_watched) {
        slice copy =
            m->watched && i < MILTER_FORGED_NAMES ? arena_copy(m->mem, name) : (slice){ 0 };
        if (copy.len == 0)
            return 0;
        m->watched[i] = (struct milter_watched){ .name = copy };
        m->n_watched++;
    }
    *at_out = i;
    return ++m->watched[i].seen;
}

static bool room_for_forged(struct milter_mail *m)
{
    size_t size = sizeof(struct milter_forged);
    if (m->n_forged < m->room_forged)
        return true;
    if (m->n_forged >= MILTER_FORGED_MAX)
        return false;
    size_t room = m->room_forged ? m->room_forged * 4 : 16;
    room = room < MILTER_FORGED_MAX ? room : MILTER_FORGED_MAX;
    struct milter_forged *more = arena_regrow(m->mem, m->forged, m->n_forged * size, room, size);
    if (!more)
        return false;
    m->forged = more;
    m->room_forged = room;
    return true;
}

/* Whether the field stays out of the mail that is judged. */
static bool watch_header(struct door_session *s, slice name, slice value)
{
    struct milter_mail *m = &s->mail;
    bool results = slice_is_nocase(name, "authentication-results");
    bool reserved = slice_starts_nocase(name, "x-sekisho-");
    size_t at = 0;
    if (!results && !reserved)
        return false;
    uint32_t index = count_header(m, name, &at);
    bool forged = reserved ? !s->settings->inbound_headers_stay : is_ours(s, value);
    if (!forged || s->from_own)
        return false;
    if (index && room_for_forged(m))
        m->forged[m->n_forged++] = (struct milter_forged){ (uint16_t)at, index };
    else
        m->forged_over++;
    return results;
}

/* Lines of a field come with LF alone; a CR LF stays what it is. */
static void add_lines(struct object *o, slice value)
{
    size_t from = 0;
    for (size_t end; (end = slice_find_byte(value, '\n', from)) != SIZE_MAX; from = end + 1) {
        bool cr = end > from && value.at[end - 1] == '\r';
        (void)object_add(o, slice_sub(value, from, end - from));
        (void)object_add(o, cr ? SLICE_LIT("\n") : SLICE_LIT("\r\n"));
    }
    (void)object_add(o, slice_from(value, from));
    (void)object_add(o, SLICE_LIT("\r\n"));
}

bool milter_mail_header(struct door_session *s, cursor in)
{
    struct milter_mail *m = &s->mail;
    slice name = milter_string(&in), value = cur_rest(&in);
    if (m->stage > MILTER_HEADERS)
        return false;
    m->stage = MILTER_HEADERS;
    if (value.len && value.at[value.len - 1] == 0)
        value.len--; /* NULs within the value are the mail's */
    if (watch_header(s, name, value))
        return true;
    (void)object_add(&m->object, name);
    (void)object_add(&m->object,
                     s->steps & MILTER_LEADING_SPACE ? SLICE_LIT(":") : SLICE_LIT(": "));
    add_lines(&m->object, value);
    return true;
}

bool milter_mail_headers_end(struct door_session *s)
{
    if (s->mail.stage > MILTER_HEADERS)
        return false;
    s->mail.stage = MILTER_IN_BODY;
    (void)object_add(&s->mail.object, SLICE_LIT("\r\n"));
    return true;
}

void milter_mail_body(struct door_session *s, slice chunk)
{
    if (s->mail.stage != MILTER_IN_BODY)
        (void)milter_mail_headers_end(s); /* an MTA that says no SMFIC_EOH */
    (void)object_add(&s->mail.object, chunk);
}
