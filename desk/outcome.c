/* SPDX-License-Identifier: Apache-2.0 */
/* Answers and entries; see desk/outcome.h. */
#include "desk/outcome.h"
#include "base/shown.h"
#include "base/text.h"

enum {
    LINE_MAX_BYTES = 2000,
    REASON_BYTES = 600, /* of a header; RFC 5322 2.1.1: 998 in a line */
    WORD_BYTES = 20,    /* in an encoded word of at most 75 (RFC 2047 2), three for each */
    REFERENCE_DIGITS = 8,
};

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void outcome_reference(const char date[OUTCOME_DATE], const uint8_t random[5],
                       char out[GATE_REFERENCE])
{
    static const uint8_t of_date[] = { 2, 3, 5, 6, 8, 9 };
    uint64_t bits = 0;
    for (size_t i = 0; i < 5; i++)
        bits = bits << 8 | random[i];
    for (size_t i = 0; i < sizeof of_date; i++)
        out[i] = date[of_date[i]];
    out[sizeof of_date] = '-';
    for (size_t i = 0; i < REFERENCE_DIGITS; i++)
        out[sizeof of_date + 1 + i] = digits[bits >> 5 * (REFERENCE_DIGITS - 1 - i) & 31];
    out[GATE_REFERENCE - 1] = 0;
}

/* --- texts */

/* One line, safe to show, that the gate's reader takes. */
static slice line(struct arena *mem, slice text)
{
    struct buf out = buf_new(GATE_TEXT_MAX);
    shown_put(&out, text, LINE_MAX_BYTES, 0);
    slice kept = arena_copy(mem, utf8_cut(buf_slice(&out), GATE_TEXT_MAX));
    buf_drop(&out);
    return kept;
}

static bool is_ascii(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

static slice ascii_line(struct arena *mem, slice text)
{
    struct buf out = buf_new(GATE_TEXT_MAX);
    for (size_t i = 0; i < text.len; i++)
        buf_byte(&out, text.at[i] < ' ' || text.at[i] > '~' ? '?' : text.at[i]);
    slice kept = arena_copy(mem, buf_slice(&out));
    buf_drop(&out);
    return kept;
}

/* RFC 2047 4.2, "Q"; a word ends between characters. */
static void put_word(struct buf *out, slice s)
{
    buf_text(out, "=?UTF-8?Q?");
    for (size_t i = 0; i < s.len; i++) {
        if (ascii_alnum(s.at[i]))
            buf_byte(out, s.at[i]);
        else if (s.at[i] == ' ')
            buf_byte(out, '_');
        else
            buf_format(out, "=%02X", s.at[i]);
    }
    buf_text(out, "?=");
}

void outcome_put_header(struct buf *out, slice utf8)
{
    struct buf safe = buf_new(4 * REASON_BYTES);
    shown_put(&safe, utf8, REASON_BYTES, 0);
    slice s = buf_slice(&safe);
    /* "=?" would be read as an encoded word that a stranger has written. */
    if (is_ascii(s) && slice_find(s, SLICE_LIT("=?"), 0) == SIZE_MAX) {
        buf_put(out, s);
    } else {
        s = utf8_cut(s, REASON_BYTES / 2);
        for (bool first = true; s.len; first = false) {
            slice word = utf8_cut(s, WORD_BYTES);
            if (!first)
                buf_byte(out, ' ');
            put_word(out, word);
            s = slice_from(s, word.len);
        }
    }
    buf_drop(&safe);
}

/* --- the answer */

static uint32_t unread_bits(const struct record *r)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < r->n_unread; i++)
        if ((unsigned)r->unread[i].cause < UNREAD_CAUSES)
            bits |= 1U << r->unread[i].cause;
    return bits;
}

static slice limit_of(const struct record *r)
{
    for (uint32_t i = 0; i < r->n_unread; i++)
        if (r->unread[i].cause == UNREAD_LIMIT)
            return slice_of(unread_row(r->unread[i].of)->token);
    return (slice){ 0 };
}

/* The type of the first part that stayed encrypted. */
static slice locked_of(const struct record *r)
{
    for (uint32_t i = 0; i < r->n_unread; i++)
        if (r->unread[i].cause == UNREAD_ENCRYPTED && r->unread[i].part < r->n_parts)
            return r->parts[r->unread[i].part].type;
    return (slice){ 0 };
}

static void put_verdict(struct buf *out, const struct outcome *o)
{
    const char *between = "; unread=";
    uint32_t bits = unread_bits(o->record);
    buf_text(out, verdict_name(o->judgement->verdict));
    for (unsigned c = 0; c < UNREAD_CAUSES; c++)
        if (bits & 1U << c) {
            buf_text(out, between);
            buf_text(out, unread_cause_name((enum unread_cause)c));
            between = ",";
        }
    if (o->judgement->name.len) {
        buf_text(out, "; name=");
        buf_put(out, o->judgement->name);
    }
}

static bool put_headers(const struct outcome *o, struct arena *mem, struct gate_answer *out)
{
    struct gate_header *h = ARENA_ARRAY(mem, struct gate_header, 3);
    struct buf text = buf_new(GATE_TEXT_MAX);
    if (!h)
        return false;
    put_verdict(&text, o);
    h[0] =
        (struct gate_header){ SLICE_LIT("X-Sekisho-Verdict"), ascii_line(mem, buf_slice(&text)) };
    buf_clear(&text);
    outcome_put_header(&text, o->judgement->reason.en);
    h[1] = (struct gate_header){ SLICE_LIT("X-Sekisho-Reason"), arena_copy(mem, buf_slice(&text)) };
    h[2] = (struct gate_header){ SLICE_LIT("X-Sekisho-Id"), o->reference };
    out->headers = h;
    out->n_headers = 3;
    buf_drop(&text);
    return true;
}

static slice reply_of(enum deed deed, slice reference, struct arena *mem)
{
    struct buf text = buf_new(GATE_TEXT_MAX);
    if (deed == DEED_REJECT)
        buf_text(&text, "5.7.1 Message refused: harmful content (Sekisho");
    else if (deed == DEED_TEMPFAIL)
        buf_text(&text, "4.7.1 Message cannot be examined now, try again later (Sekisho");
    if (text.len && reference.len)
        buf_text(&text, ", reference ");
    if (text.len) {
        buf_put(&text, reference);
        buf_byte(&text, ')');
    }
    slice kept = arena_copy(mem, buf_slice(&text));
    buf_drop(&text);
    return kept;
}

bool outcome_answer(const struct outcome *o, struct arena *mem, struct gate_answer *out)
{
    const struct judgement *j = o->judgement;
    *out = (struct gate_answer){
        .id = o->request->id,
        .verdict = j->verdict,
        .unread = unread_bits(o->record),
        .deed = o->deed,
        .reference = o->reference,
        .name = ascii_line(mem, slice_sub(j->name, 0, GATE_TEXT_MAX)),
        .reason_en = line(mem, j->reason.en),
        .reason_ja = line(mem, j->reason.ja),
        .reply = reply_of(o->deed, o->reference, mem),
        .limit = limit_of(o->record),
        .locked = ascii_line(mem, slice_sub(locked_of(o->record), 0, GATE_TEXT_MAX)),
        .report =
            o->request->want_report && o->report.len <= GATE_REPORT_MAX ? o->report : (slice){ 0 },
    };
    return (o->deed != DEED_TAG || put_headers(o, mem, out)) && !arena_full(mem);
}

bool outcome_trouble(const struct gate_request *request, enum deed deed, const char *why,
                     struct arena *mem, struct gate_answer *out)
{
    *out = (struct gate_answer){ .id = request->id,
                                 .deed = deed,
                                 .reply = reply_of(deed, (slice){ 0 }, mem),
                                 .trouble = line(mem, slice_of(why)) };
    return !arena_full(mem);
}

/* --- the entry */

static slice mail_text(const struct record *r, enum fact_id id)
{
    for (uint32_t i = 0; i < r->n_events; i++)
        if (r->events[i].kind == EVENT_MAIL) { /* the outer mail comes first */
            const struct fact *f = record_find_in_event(r, i, id);
            return f ? utf8_cut(f->text, KEEP_TEXT_MAX) : (slice){ 0 };
        }
    return (slice){ 0 };
}

static bool put_word_line(struct buf *out, slice text)
{
    if (text.len == 0)
        return true;
    text = utf8_cut(text, KEEP_TEXT_MAX);
    if (out->len + text.len + 1 > KEEP_SEARCH_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, text.at[i] == '\n' || text.at[i] == '\r' ? ' ' : text.at[i]);
    buf_byte(out, '\n');
    return true;
}

/* What somebody may look for later: file names, addresses, what code would do. */
static slice search_words(const struct record *r, struct arena *mem)
{
    struct buf out = buf_new(KEEP_SEARCH_MAX + KEEP_TEXT_MAX);
    bool room = true;
    for (uint32_t i = 0; i < r->n_effects && room; i++)
        for (uint32_t k = 0; k < r->effects[i].n_arguments && room; k++)
            room = put_word_line(&out, r->effects[i].arguments[k].value);
    for (uint32_t i = 0; i < r->n_parts && room; i++)
        room = put_word_line(&out, r->parts[i].name);
    for (uint32_t i = 0; i < r->n_facts && room; i++)
        if (r->facts[i].id == FACT_URL_FULL)
            room = put_word_line(&out, r->facts[i].text);
    slice kept = arena_copy(mem, buf_slice(&out));
    buf_drop(&out);
    return kept;
}

bool outcome_keep(const struct outcome *o, struct arena *mem, struct keep_put *out)
{
    static const slice directions[] = { SLICE_INIT("in"), SLICE_INIT("out"), SLICE_INIT("file") };
    const struct gate_request *q = o->request;
    *out = (struct keep_put){
        .reference = o->reference,
        .door = q->door,
        .direction = directions[q->direction],
        .name = q->name,
        .client_address = q->client_address,
        .client_name = q->client_name,
        .helo = q->helo,
        .sender = q->sender,
        .user = q->user,
        .queue_id = q->queue_id,
        .recipients = q->recipients,
        .n_recipients = q->n_recipients,
        .message_id = mail_text(o->record, FACT_EMAIL_MESSAGE_ID),
        .subject = mail_text(o->record, FACT_EMAIL_SUBJECT),
        .from_address = mail_text(o->record, FACT_EMAIL_FROM_ADDRESS),
        .from_name = mail_text(o->record, FACT_EMAIL_FROM_NAME),
        .verdict = slice_of(verdict_name(o->judgement->verdict)),
        .detection = o->judgement->name,
        .deed = slice_of(deed_name(o->deed)),
        .search = search_words(o->record, mem),
        .report = o->report,
        .size = q->size,
        .has_fd = q->has_fd,
        .body = q->body,
    };
    return !arena_full(mem);
}
