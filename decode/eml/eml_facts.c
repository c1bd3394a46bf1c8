/* SPDX-License-Identifier: Apache-2.0 */
/* What the header of a mail says, as facts of its event.
 *
 * Every occurrence of a field is told, in order. Long lists are told up to a
 * count; the counts themselves are exact. Nothing is judged here: who is foreign
 * to whom is for observe/whole.
 */
#include "base/text.h"
#include "decode/types.h"
#include "eml_private.h"

enum {
    LIST_MAX = 256,     /* recipients, references */
    TRACE_MAX = 64,     /* Received fields */
    LINE_MAX_RFC = 998, /* RFC 5322 2.1.1 */
    FIELDS_MANY = 1000,
};

static void say_once(struct eml *e, unsigned bit, enum fact_id id, struct range at)
{
    if (e->said & 1u << bit)
        return;
    e->said |= 1u << bit;
    walk_flag(e->w, id, at);
}

slice eml_facts_text(struct eml *e, slice value, struct range at)
{
    struct eml_text t = eml_word_text(e->w->mem, slice_sub(value, 0, EML_DECODED));
    if (t.raw_8bit)
        say_once(e, 0, FACT_MIME_HEADER_RAW_8BIT, at);
    if (t.split)
        say_once(e, 1, FACT_MIME_ENCODED_WORD_SPLIT, at);
    if (t.broken)
        say_once(e, 2, FACT_MIME_ENCODED_WORD_BROKEN, at);
    if (t.lied && !(e->said & 1u << 3)) {
        e->said |= 1u << 3;
        walk_cstr(e->w, FACT_MIME_CHARSET_LIED, "header", at);
    }
    return t.text;
}

static struct range range_of_field(const struct eml *e, const struct eml_field *f)
{
    return eml_range(e, f->at, (size_t)(f->raw.at - e->in.at) + f->raw.len);
}

static void say(struct eml *e, enum fact_id id, slice text, struct range at)
{
    if (text.len)
        walk_text(e->w, id, utf8_cut(text, EML_FACT_TEXT), at);
}

/* --- addresses */

struct list_facts {
    enum fact_id address, name, domain; /* FACT_COUNT: none */
};

static size_t say_addresses(struct eml *e, const struct eml_field *f, const struct list_facts *ids)
{
    struct range at = range_of_field(e, f);
    slice value = eml_header_text(e->w->mem, f);
    (void)eml_facts_text(e, utf8_cut(value, EML_FACT_TEXT), at); /* for what decoding shows */
    struct eml_addresses list = eml_address_open(e->w, value);
    struct eml_mailbox m;
    size_t n = 0;
    while (eml_address_next(&list, &m)) {
        n += m.address.len > 0;
        if (n > LIST_MAX)
            continue;
        if (ids->name != FACT_COUNT)
            say(e, ids->name, m.name, at);
        say(e, ids->address, m.address, at);
        if (ids->domain != FACT_COUNT)
            say(e, ids->domain, m.domain, at);
    }
    return n;
}

/* --- identifiers */

/* The ids <...> of References and In-Reply-To; words where there are none. */
static size_t say_ids(struct eml *e, const struct eml_field *f, enum fact_id id)
{
    struct range at = range_of_field(e, f);
    slice s = eml_header_text(e->w->mem, f);
    size_t n = 0;
    for (size_t pos = 0; pos < s.len;) {
        size_t from = slice_find_byte(s, '<', pos);
        size_t to = from == SIZE_MAX ? SIZE_MAX : slice_find_byte(s, '>', from);
        if (to == SIZE_MAX)
            break;
        if (n++ < LIST_MAX)
            say(e, id, slice_sub(s, from + 1, to - from - 1), at);
        pos = to + 1;
    }
    if (n == 0 && s.len) {
        say(e, id, s, at);
        n = 1;
    }
    return n;
}

static void say_message_id(struct eml *e, const struct eml_field *f)
{
    struct range at = range_of_field(e, f);
    slice s = utf8_cut(eml_header_text(e->w->mem, f), EML_FACT_TEXT);
    size_t from = slice_find_byte(s, '<', 0);
    if (from != SIZE_MAX)
        s = slice_from(s, from + 1);
    size_t to = slice_find_byte(s, '>', 0);
    if (to != SIZE_MAX)
        s.len = to;
    s = slice_trim(s);
    say(e, FACT_EMAIL_MESSAGE_ID, s, at);
    for (size_t i = s.len; i > 0; i--) {
        if (s.at[i - 1] != '@')
            continue;
        say(e, FACT_EMAIL_MESSAGE_ID_DOMAIN, slice_lower(e->w->mem, slice_from(s, i)), at);
        break;
    }
}

static void say_received(struct eml *e, const struct eml_field *f)
{
    struct range at = range_of_field(e, f);
    struct eml_received r;
    eml_received_read(eml_header_text(e->w->mem, f), &r);
    say(e, FACT_EMAIL_RECEIVED_HELO, r.helo, at);
    say(e, FACT_EMAIL_RECEIVED_HOST, slice_lower(e->w->mem, r.rdns), at);
    say(e, FACT_EMAIL_RECEIVED_HOST, r.ip, at);
    say(e, FACT_EMAIL_RECEIVED_HOST, slice_lower(e->w->mem, r.by), at);
    say(e, FACT_EMAIL_RECEIVED_PROTOCOL, r.protocol, at);
    say(e, FACT_EMAIL_RECEIVED_ZONE, r.zone, at);
}

/* --- the block */

struct counts {
    size_t from, to, references, received;
    size_t of[EML_NAMES];
};

static void say_field(struct eml *e, const struct eml_field *f, struct counts *c)
{
    static const struct list_facts from = { FACT_EMAIL_FROM_ADDRESS, FACT_EMAIL_FROM_NAME,
                                            FACT_EMAIL_FROM_DOMAIN };
    static const struct list_facts sender = { FACT_EMAIL_SENDER_ADDRESS, FACT_COUNT, FACT_COUNT };
    static const struct list_facts reply = { FACT_EMAIL_REPLY_TO_ADDRESS, FACT_COUNT,
                                             FACT_EMAIL_REPLY_TO_DOMAIN };
    static const struct list_facts path = { FACT_EMAIL_RETURN_PATH_ADDRESS, FACT_COUNT,
                                            FACT_EMAIL_RETURN_PATH_DOMAIN };
    static const struct list_facts to = { FACT_EMAIL_TO_ADDRESS, FACT_EMAIL_TO_NAME, FACT_COUNT };
    static const struct list_facts cc = { FACT_EMAIL_CC_ADDRESS, FACT_COUNT, FACT_COUNT };
    struct range at = range_of_field(e, f);
    slice value;
    switch (f->id) {
    case EML_FROM:
        c->from += say_addresses(e, f, &from);
        break;
    case EML_SENDER:
        say_addresses(e, f, &sender);
        break;
    case EML_REPLY_TO:
        say_addresses(e, f, &reply);
        break;
    case EML_RETURN_PATH:
        say_addresses(e, f, &path);
        break;
    case EML_TO:
        c->to += say_addresses(e, f, &to);
        break;
    case EML_CC:
        say_addresses(e, f, &cc);
        break;
    case EML_SUBJECT:
        value = eml_facts_text(e, eml_header_text(e->w->mem, f), at);
        walk_text(e->w, FACT_EMAIL_SUBJECT, utf8_cut(value, EML_FACT_TEXT), at);
        break;
    case EML_DATE:
        value = eml_header_text(e->w->mem, f);
        say(e, FACT_EMAIL_DATE, value, at);
        say(e, FACT_EMAIL_DATE_ZONE, eml_received_zone(slice_sub(value, 0, EML_FACT_TEXT)), at);
        break;
    case EML_MESSAGE_ID:
        say_message_id(e, f);
        break;
    case EML_IN_REPLY_TO:
        say_ids(e, f, FACT_EMAIL_IN_REPLY_TO);
        break;
    case EML_REFERENCES:
        c->references += say_ids(e, f, FACT_EMAIL_REFERENCES);
        break;
    case EML_RECEIVED:
        if (c->received++ < TRACE_MAX)
            say_received(e, f);
        break;
    case EML_X_MAILER:
    case EML_USER_AGENT:
        say(e, FACT_EMAIL_X_MAILER, eml_facts_text(e, eml_header_text(e->w->mem, f), at), at);
        break;
    case EML_LIST_ID:
        say(e, FACT_EMAIL_LIST_ID, eml_facts_text(e, eml_header_text(e->w->mem, f), at), at);
        break;
    case EML_AUTH_RESULTS:
        say(e, FACT_EMAIL_AUTH_RESULTS, eml_header_text(e->w->mem, f), at);
        break;
    default:
        break;
    }
}

/* Fields that may stand once (RFC 5322 3.6, RFC 2045 3), where programs differ
 * on which one counts. */
static const char *once_only(enum eml_name id)
{
    switch (id) {
    case EML_FROM:
        return "From";
    case EML_SENDER:
        return "Sender";
    case EML_REPLY_TO:
        return "Reply-To";
    case EML_TO:
        return "To";
    case EML_CC:
        return "Cc";
    case EML_SUBJECT:
        return "Subject";
    case EML_DATE:
        return "Date";
    case EML_MESSAGE_ID:
        return "Message-ID";
    case EML_REFERENCES:
        return "References";
    case EML_IN_REPLY_TO:
        return "In-Reply-To";
    case EML_MIME_VERSION:
        return "MIME-Version";
    case EML_CONTENT_TYPE:
        return "Content-Type";
    case EML_CONTENT_ENCODING:
        return "Content-Transfer-Encoding";
    case EML_CONTENT_DISPOSITION:
        return "Content-Disposition";
    default:
        return NULL;
    }
}

void eml_facts_header(struct eml *e, const struct eml_header *h)
{
    struct counts c = { 0 };
    struct range block = eml_range(e, 0, h->body);
    for (size_t i = 0; i < h->n && !walk_over(e->w); i++) {
        const struct eml_field *f = &h->fields[i];
        say_field(e, f, &c);
        if (++c.of[f->id] == 2 && once_only(f->id))
            walk_cstr(e->w, FACT_MIME_HEADER_DUPLICATE, once_only(f->id), range_of_field(e, f));
    }
    walk_int(e->w, FACT_EMAIL_FROM_COUNT, (int64_t)c.from, block);
    walk_int(e->w, FACT_EMAIL_TO_COUNT, (int64_t)c.to, block);
    if (c.references)
        walk_int(e->w, FACT_EMAIL_REFERENCES_COUNT, (int64_t)c.references, block);
    if (h->lone_cr)
        walk_flag(e->w, FACT_MIME_HEADER_LONE_CR, block);
    if (h->nul)
        walk_flag(e->w, FACT_MIME_HEADER_NUL, block);
    if (h->longest > LINE_MAX_RFC)
        walk_int(e->w, FACT_MIME_HEADER_LONG, (int64_t)h->longest, block);
    if (h->count > FIELDS_MANY)
        walk_int(e->w, FACT_MIME_HEADER_MANY, (int64_t)h->count, block);
}

void eml_facts_attachment(struct eml *e, slice name, struct range at)
{
    e->attachments++;
    if (name.len == 0)
        return;
    say(e, FACT_EMAIL_ATTACHMENTS_FILE_NAME, name, at);
    say(e, FACT_EMAIL_ATTACHMENTS_FILE_EXTENSION, slice_lower(e->w->mem, type_extension_of(name)),
        at);
}
