/* SPDX-License-Identifier: Apache-2.0 */
/* tnef - winmail.dat: [MS-OXTNEF], what Outlook and Exchange wrap mail of their
 * own into.
 *
 * A row of attributes; those of level 1 are the message, each attRendData of
 * level 2 begins an attachment. Old attributes and properties say the same
 * twice; the properties win, as in Outlook. Checksums are compared and nothing
 * depends on them. The mail around it has the header; a file that came alone
 * is a mail of its own. Left out: meetings beyond their text.
 */
#include "base/buf.h"
#include "base/text.h"
#include "decode/mail.h"
#include "decode/shared/mapi.h"

enum {
    LEVEL_MESSAGE = 1,
    LEVEL_ATTACHMENT = 2,
    ATT_SUBJECT = 0x00018004,
    ATT_MESSAGE_CLASS = 0x00078008,
    ATT_MESSAGE_ID = 0x00018009,
    ATT_BODY = 0x0002800c,
    ATT_ATTACH_DATA = 0x0006800f,
    ATT_ATTACH_TITLE = 0x00018010,
    ATT_RENDER = 0x00069002,
    ATT_PROPERTIES = 0x00069003,
    ATT_RECIPIENTS = 0x00069004,
    ATT_ATTACHMENT = 0x00069005,
    ATT_CODEPAGE = 0x00069007,
    MANY = 0x1000, /* of a property type: several values */
    NAMED = 0x8000,
    VALUES_MAX = 1 << 16,
    RECIPIENTS_MAX = 256,
};

static const slice signature = SLICE_INIT("\x78\x9f\x3e\x22");

struct tnef {
    struct walk *w;
    struct mapi_bag message, attachment, *recipients;
    size_t n_recipients, attachments;
    slice data, object; /* of the open attachment */
    struct range at;
    bool open, own_mail, begun, cut;
};

static enum sniff tnef_sniff(const struct sniff_input *in)
{
    return slice_starts(in->body->all, signature) ? SNIFF_STRONG : SNIFF_NO;
}

/* --- properties: 2.1.3.4, 2.1.3.5 */

static size_t fixed_size(uint16_t type)
{
    switch (type & ~MANY) {
    case 0x0005: /* double, currency, date, 64 bits, time */
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case MAPI_TIME:
        return 8;
    case 0x0048:
        return 16;
    default:
        return 4; /* shorter ones are padded */
    }
}

static bool is_sized(uint16_t type)
{
    uint16_t t = type & (uint16_t)~MANY;
    return t == MAPI_STRING8 || t == MAPI_STRING || t == MAPI_BINARY || t == MAPI_OBJECT;
}

static void skip_padding(cursor *c, uint32_t n)
{
    size_t rest = (4 - n % 4) % 4;
    cur_skip(c, rest < cur_left(c) ? rest : cur_left(c));
}

static void skip_name(cursor *c)
{
    cur_skip(c, 16);
    if (cur_u32le(c) == 0) {
        cur_skip(c, 4);
        return;
    }
    uint32_t n = cur_u32le(c);
    cur_skip(c, n);
    skip_padding(c, n);
}

/* The first value of a property; the others are passed over. */
static slice take_values(cursor *c, uint16_t type)
{
    bool sized = is_sized(type);
    uint32_t n = sized || (type & MANY) ? cur_u32le(c) : 1;
    slice first = { 0 };
    for (uint32_t i = 0; i < n && i < VALUES_MAX && cur_ok(c); i++) {
        uint32_t len = sized ? cur_u32le(c) : (uint32_t)fixed_size(type);
        slice value = slice_sub(cur_rest(c), 0, len);
        if (i == 0)
            first = value; /* cut off, but there */
        cur_skip(c, len);
        skip_padding(c, len);
    }
    return first;
}

static void take_property(struct tnef *t, struct mapi_bag *bag, uint16_t id, uint16_t type, slice value)
{
    if (id == MAPI_ATTACH_DATA) {
        if (type == MAPI_OBJECT)
            t->object = value;
        else if (value.len)
            t->data = value;
        return;
    }
    if (mapi_wanted(id))
        (void)mapi_put(t->w, bag, id, (uint16_t)(type & ~MANY), value);
}

static void read_properties(struct tnef *t, struct mapi_bag *bag, cursor *c)
{
    uint32_t n = cur_u32le(c);
    for (uint32_t i = 0; i < n && cur_more(c); i++) {
        uint16_t type = cur_u16le(c), id = cur_u16le(c);
        if (!budget_spend(t->w->budget, BUDGET_ENTRIES, 1))
            return;
        if (id & NAMED)
            skip_name(c);
        slice value = take_values(c, type);
        take_property(t, bag, id, type, value);
    }
    if (!cur_ok(c))
        t->cut = true;
}

static void read_recipients(struct tnef *t, slice in)
{
    cursor c = cur_open(in);
    uint32_t n = cur_u32le(&c);
    if (t->recipients || !t->own_mail)
        return;
    t->recipients = ARENA_ARRAY(t->w->mem, struct mapi_bag, RECIPIENTS_MAX);
    for (uint32_t i = 0; t->recipients && i < n && i < RECIPIENTS_MAX && cur_more(&c); i++) {
        t->recipients[i].codepage = t->message.codepage;
        read_properties(t, &t->recipients[i], &c);
        t->n_recipients++;
    }
}

/* --- message and attachments */

static void give_part(struct tnef *t, slice bytes, const char *format)
{
    struct body body = body_borrow(bytes);
    if (!format) {
        mapi_give_file(t->w, &t->attachment, &body, t->at);
        return;
    }
    struct child child = {
        .name = mapi_file_name(t->w, &t->attachment),
        .how = HOW_MIME,
        .at = t->at,
        .body = &body,
        .format = format_named(format),
        .attachment = true,
    };
    mail_attachment_say(t->w, child.name);
    (void)walk_child(t->w, &child);
}

/* 2.1.3.4 PidTagAttachDataObject: an interface id in front of a message or a storage. */
static void give_object(struct tnef *t, slice object)
{
    slice inner = slice_from(object, 16);
    if (slice_starts(inner, signature))
        give_part(t, inner, "tnef");
    else if (slice_starts(object, signature))
        give_part(t, object, "tnef");
    else if (inner.len)
        give_part(t, inner, NULL);
}

static void begin_message(struct tnef *t)
{
    if (t->begun)
        return;
    t->begun = true;
    if (t->own_mail)
        mapi_say_header(t->w, &t->message, t->recipients, t->n_recipients);
    mapi_give_bodies(t->w, &t->message);
}

static void end_attachment(struct tnef *t)
{
    if (!t->open)
        return;
    begin_message(t);
    if (t->object.len)
        give_object(t, t->object);
    else if (t->data.len)
        give_part(t, t->data, NULL);
    else
        mail_attachment_say(t->w, mapi_file_name(t->w, &t->attachment));
    t->attachments++;
    t->open = false;
}

static void begin_attachment(struct tnef *t)
{
    end_attachment(t);
    t->attachment = (struct mapi_bag){ .codepage = t->message.codepage };
    t->data = t->object = (slice){ 0 };
    t->at = NOWHERE;
    t->open = true;
}

/* The old attributes have the words of the properties; those of the properties come later in
 * the file and win, so what is old waits. */
static void read_message_attribute(struct tnef *t, uint32_t id, slice data)
{
    cursor c = cur_open(data);
    switch (id) {
    case ATT_CODEPAGE:
        t->message.codepage = cur_u32le(&c);
        break;
    case ATT_PROPERTIES:
        read_properties(t, &t->message, &c);
        break;
    case ATT_RECIPIENTS:
        read_recipients(t, data);
        break;
    default:
        break;
    }
}

static void read_attachment_attribute(struct tnef *t, uint32_t id, slice data, size_t at)
{
    cursor c = cur_open(data);
    if (id == ATT_RENDER || !t->open)
        begin_attachment(t);
    switch (id) {
    case ATT_ATTACH_DATA:
        if (t->data.len == 0)
            t->data = data;
        t->at = range_of(at, data.len);
        break;
    case ATT_ATTACH_TITLE:
        (void)mapi_put(t->w, &t->attachment, MAPI_ATTACH_FILE, MAPI_STRING8, data);
        break;
    case ATT_ATTACHMENT:
        read_properties(t, &t->attachment, &c);
        break;
    default:
        break;
    }
}

static void say_checksum(struct tnef *t, slice data, uint16_t sum, size_t at)
{
    uint16_t is = 0;
    for (size_t i = 0; i < data.len; i++)
        is = (uint16_t)(is + data.at[i]);
    if (is != sum)
        walk_flag(t->w, FACT_TNEF_CHECKSUM, range_of(at, data.len));
}

struct old_words {
    slice subject, body, id;
};

static void keep_old(struct old_words *o, uint32_t id, slice data)
{
    if (id == ATT_SUBJECT)
        o->subject = data;
    else if (id == ATT_BODY)
        o->body = data;
    else if (id == ATT_MESSAGE_ID)
        o->id = data;
}

/* Once all of the message has been seen: what no property has said. */
static void use_old(struct tnef *t, const struct old_words *o)
{
    if (o->subject.len)
        (void)mapi_put(t->w, &t->message, MAPI_SUBJECT, MAPI_STRING8, o->subject);
    if (o->body.len)
        (void)mapi_put(t->w, &t->message, MAPI_BODY, MAPI_STRING8, o->body);
}

static void read_attributes(struct tnef *t, slice all)
{
    struct old_words old = { { 0 }, { 0 }, { 0 } };
    bool used = false;
    cursor c = cur_open(all);
    cur_skip(&c, 6);
    while (cur_more(&c) && !walk_over(t->w)) {
        uint8_t level = cur_u8(&c);
        uint32_t id = cur_u32le(&c), len = cur_u32le(&c);
        size_t at = c.pos;
        bool torn = !cur_ok(&c), whole = len <= cur_left(&c);
        slice data = slice_sub(cur_rest(&c), 0, len);
        if (torn || (level != LEVEL_MESSAGE && level != LEVEL_ATTACHMENT)) {
            t->cut = t->cut || all.len - at > 2; /* a byte or two of padding are none */
            break;
        }
        cur_skip(&c, data.len);
        uint16_t sum = cur_u16le(&c);
        if (!budget_spend(t->w->budget, BUDGET_ENTRIES, 1) || !walk_work(t->w, data.len / 2))
            break;
        if (whole && cur_ok(&c))
            say_checksum(t, data, sum, at);
        t->cut = t->cut || !whole;
        if (level == LEVEL_MESSAGE) {
            keep_old(&old, id, data);
            read_message_attribute(t, id, data);
            continue;
        }
        if (!used)
            use_old(t, &old);
        used = true;
        read_attachment_attribute(t, id, data, at);
    }
    if (!used)
        use_old(t, &old);
}

static enum walk_end tnef_walk(struct walk *w, const struct body *body)
{
    struct tnef t = { .w = w };
    if (!slice_starts(body->all, signature))
        return WALK_NOT_MINE;
    t.own_mail = !mail_is_open(w) || (w->up && w->up->format == w->format);
    read_attributes(&t, body->all);
    end_attachment(&t);
    begin_message(&t);
    if (t.own_mail)
        walk_int(w, FACT_EMAIL_ATTACHMENTS_COUNT, (int64_t)t.attachments, NOWHERE);
    if (walk_over(w))
        return WALK_LIMIT;
    if (t.cut) {
        walk_unread(w, UNREAD_DAMAGED, SLICE_LIT("attributes"));
        return WALK_SHORT;
    }
    return WALK_WHOLE;
}

const struct format format_tnef = {
    .name = "tnef",
    .spec = "[MS-OXTNEF] 2.1",
    .sniff = tnef_sniff,
    .walk = tnef_walk,
};
