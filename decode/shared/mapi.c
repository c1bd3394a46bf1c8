/* SPDX-License-Identifier: Apache-2.0 */
/* mapi - what the properties of a message mean: [MS-OXPROPS], [MS-OXOMSG],
 * [MS-OXCMSG] (attachments), [MS-OXBBODY] (which body counts).
 *
 * A message that came by Internet mail keeps its header as it was; that block is
 * told by the readers of Internet mail. Fields it lacks are written from the
 * properties, and a sender that Outlook shows in place of the header's is told
 * beside it. Left out: appointments, tasks and contacts beyond their text.
 */
#include "decode/shared/mapi.h"

#include "base/buf.h"
#include "base/charset.h"
#include "base/date.h"
#include "base/text.h"
#include "decode/mail.h"

#include <stdio.h>

enum {
    PROPERTIES_MAX = 64, /* of one bag: those that are told */
    HEADERS_MAX = 1 << 20,
    RECIPIENTS_MAX = 1024,
    FIELD_MAX = 4096,
    NATIVE_RTF = 2,
    FILETIME_EPOCH = 134774, /* days from 1601-01-01 to 1970-01-01 */
};

/* --- bags */

bool mapi_wanted(uint16_t id)
{
    static const uint16_t ids[] = {
        MAPI_CLASS, MAPI_SUBJECT, MAPI_SUBMIT_TIME, MAPI_REPRESENTING_NAME, MAPI_REPRESENTING_ADDRESS, MAPI_TOPIC,
        MAPI_HEADERS, MAPI_SENDER_NAME, MAPI_SENDER_ADDRESS, MAPI_RECIPIENT_TYPE, MAPI_DELIVERY_TIME, MAPI_BODY,
        MAPI_RTF, MAPI_HTML, MAPI_NATIVE_BODY, MAPI_MESSAGE_ID, MAPI_REFERENCES, MAPI_IN_REPLY_TO, MAPI_NAME,
        MAPI_ADDRESS, MAPI_ATTACH_FILE, MAPI_ATTACH_METHOD, MAPI_ATTACH_LONG_FILE, MAPI_ATTACH_MIME,
        MAPI_SMTP_ADDRESS, MAPI_INTERNET_CODEPAGE, MAPI_LOCALE, MAPI_CODEPAGE, MAPI_SENDER_SMTP, MAPI_REPRESENTING_SMTP,
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (ids[i] == id)
            return true;
    return false;
}

bool mapi_put(struct walk *w, struct mapi_bag *bag, uint16_t id, uint16_t type, slice value)
{
    if (mapi_find(bag, (enum mapi_id)id) || bag->n >= PROPERTIES_MAX)
        return true;
    if (bag->n == bag->room) {
        size_t more = bag->room ? bag->room * 2 : 8;
        struct mapi_property *bigger =
            arena_regrow(w->mem, bag->list, bag->n * sizeof *bigger, more, sizeof *bigger);
        if (!bigger)
            return false;
        bag->list = bigger;
        bag->room = more;
    }
    bag->list[bag->n++] = (struct mapi_property){ id, type, value };
    return true;
}

const struct mapi_property *mapi_find(const struct mapi_bag *bag, enum mapi_id id)
{
    for (size_t i = 0; i < bag->n; i++)
        if (bag->list[i].id == id)
            return &bag->list[i];
    return NULL;
}

bool mapi_number(const struct mapi_bag *bag, enum mapi_id id, uint32_t *out)
{
    const struct mapi_property *p = mapi_find(bag, id);
    if (!p || p->value.len < 4 || p->type != MAPI_INT)
        return false;
    cursor c = cur_open(p->value);
    *out = cur_u32le(&c);
    return true;
}

/* The ANSI code page of a language ([MS-LCID] 2.2); 0: windows-1252 or unknown. */
static unsigned codepage_of_locale(uint32_t locale)
{
    static const struct {
        uint8_t language;
        uint16_t page;
    } pages[] = {
        { 0x01, 1256 }, { 0x02, 1251 }, { 0x04, 936 },  { 0x05, 1250 }, { 0x08, 1253 }, { 0x0d, 1255 },
        { 0x0e, 1250 }, { 0x11, 932 },  { 0x12, 949 },  { 0x15, 1250 }, { 0x18, 1250 }, { 0x19, 1251 },
        { 0x1e, 874 },  { 0x1f, 1254 }, { 0x22, 1251 }, { 0x23, 1251 }, { 0x2a, 1258 },
    };
    if (locale == 0x0404 || locale == 0x0c04)
        return 950;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (pages[i].language == (locale & 0xff))
            return pages[i].page;
    return 0;
}

unsigned mapi_codepage(const struct mapi_bag *message)
{
    uint32_t value;
    if (mapi_number(message, MAPI_CODEPAGE, &value) && value)
        return value;
    if (mapi_number(message, MAPI_LOCALE, &value) && codepage_of_locale(value))
        return codepage_of_locale(value);
    return message->codepage;
}

static slice decode(struct walk *w, const struct mapi_bag *bag, const struct mapi_property *p)
{
    if (p->type == MAPI_STRING)
        return utf8_from_utf16le(w->mem, p->value);
    enum charset_id guess = charset_guess(p->value);
    unsigned page = mapi_codepage(bag);
    if (page == 0 || guess == CHARSET_UTF8 || guess == CHARSET_ISO2022JP)
        return charset_decode_id(w->mem, guess, p->value).text;
    return charset_decode_codepage(w->mem, page, p->value).text;
}

slice mapi_text(struct walk *w, const struct mapi_bag *bag, enum mapi_id id)
{
    const struct mapi_property *p = mapi_find(bag, id);
    if (!p || (p->type != MAPI_STRING8 && p->type != MAPI_STRING && p->type != MAPI_BINARY))
        return (slice){ 0 };
    slice text = decode(w, bag, p);
    while (text.len && text.at[text.len - 1] == 0)
        text.len--;
    return text;
}

/* --- the header */

/* The value of the first field of this name, folded lines included; empty. */
static slice field_of(slice header, const char *name)
{
    slice wanted = slice_of(name);
    for (size_t at = 0; at < header.len;) {
        size_t end = slice_find_byte(header, '\n', at);
        end = end == SIZE_MAX ? header.len : end + 1;
        while (end < header.len && (header.at[end] == ' ' || header.at[end] == '\t')) {
            size_t more = slice_find_byte(header, '\n', end);
            end = more == SIZE_MAX ? header.len : more + 1;
        }
        slice line = slice_sub(header, at, end - at);
        if (line.len > wanted.len && line.at[wanted.len] == ':' && slice_starts_nocase(line, name))
            return slice_trim(slice_from(line, wanted.len + 1));
        at = end;
    }
    return (slice){ 0 };
}

/* One line without what would end it. */
static void put_plain(struct buf *b, slice text)
{
    text = utf8_cut(text, FIELD_MAX);
    for (size_t i = 0; i < text.len; i++)
        buf_byte(b, text.at[i] < ' ' ? ' ' : text.at[i]);
}

static void put_base64(struct buf *b, slice s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.len; i += 3) {
        slice three = slice_sub(s, i, 3);
        uint32_t v = (uint32_t)three.at[0] << 16 | (three.len > 1 ? (uint32_t)three.at[1] << 8 : 0) |
                     (three.len > 2 ? three.at[2] : 0u);
        for (unsigned k = 0; k < 4; k++)
            buf_byte(b, k > three.len ? '=' : (uint8_t)digits[v >> (18 - 6 * k) & 63]);
    }
}

/* As an encoded word: properties are Unicode, and that is no oddity of theirs. */
static void put_word(struct buf *b, slice text)
{
    buf_text(b, "=?utf-8?B?");
    put_base64(b, utf8_cut(text, FIELD_MAX));
    buf_text(b, "?=");
}

static void put_field(struct buf *b, const char *name, slice text, bool word)
{
    if (text.len == 0)
        return;
    buf_text(b, name);
    buf_text(b, ": ");
    if (word)
        put_word(b, text);
    else
        put_plain(b, text);
    buf_text(b, "\r\n");
}

static void put_mailbox(struct buf *b, slice name, slice address)
{
    if (name.len && !slice_eq_nocase(name, address)) {
        put_word(b, name);
        buf_byte(b, ' ');
    }
    buf_byte(b, '<');
    put_plain(b, address);
    buf_byte(b, '>');
}

static bool is_address(slice s)
{
    return slice_find_byte(s, '@', 0) != SIZE_MAX;
}

/* The first of these that is an Internet address; directory names are none. */
static slice address_of(struct walk *w, const struct mapi_bag *bag, const enum mapi_id *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        slice s = slice_trim(mapi_text(w, bag, ids[i]));
        if (is_address(s))
            return s;
    }
    return (slice){ 0 };
}

static void put_sender(struct walk *w, struct buf *b, const struct mapi_bag *m, slice header)
{
    static const enum mapi_id shown[] = { MAPI_REPRESENTING_SMTP, MAPI_REPRESENTING_ADDRESS };
    static const enum mapi_id sent[] = { MAPI_SENDER_SMTP, MAPI_SENDER_ADDRESS };
    slice address = address_of(w, m, shown, 2), name = mapi_text(w, m, MAPI_REPRESENTING_NAME);
    slice has = field_of(header, "From");
    if (address.len == 0 && name.len == 0) {
        address = address_of(w, m, sent, 2);
        name = mapi_text(w, m, MAPI_SENDER_NAME);
    }
    if (has.len && (address.len == 0 || slice_find_nocase(has, address, 0) != SIZE_MAX))
        return;
    if (address.len == 0 && name.len == 0)
        return;
    buf_text(b, "From: ");
    put_mailbox(b, name, address);
    buf_text(b, "\r\n");
}

/* [MS-OXOMSG] 2.2.3.1: 1 To, 2 Cc. */
static void put_recipients(struct walk *w, struct buf *b, const struct mapi_bag *r, size_t n,
                           uint32_t kind, const char *field)
{
    static const enum mapi_id ids[] = { MAPI_SMTP_ADDRESS, MAPI_ADDRESS, MAPI_NAME };
    size_t told = 0;
    for (size_t i = 0; i < n && told < RECIPIENTS_MAX; i++) {
        uint32_t type = 1;
        slice address = address_of(w, &r[i], ids, 3);
        (void)mapi_number(&r[i], MAPI_RECIPIENT_TYPE, &type);
        if ((type & 15) != kind || address.len == 0)
            continue;
        buf_text(b, told++ ? ",\r\n " : field);
        put_mailbox(b, mapi_text(w, &r[i], MAPI_NAME), address);
    }
    if (told)
        buf_text(b, "\r\n");
}

/* FILETIME to a date in UTC. */
static void put_date(struct buf *b, const struct mapi_bag *m)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const struct mapi_property *p = mapi_find(m, MAPI_SUBMIT_TIME);
    p = p ? p : mapi_find(m, MAPI_DELIVERY_TIME);
    if (!p || p->type != MAPI_TIME || p->value.len < 8)
        return;
    cursor c = cur_open(p->value);
    uint64_t seconds = cur_u64le(&c) / 10000000;
    struct date d = date_of_days((int64_t)(seconds / 86400) - FILETIME_EPOCH);
    if (d.year > 9999)
        return;
    buf_format(b, "Date: %u %.3s %u %02u:%02u:%02u +0000\r\n", d.day, months + 3 * (d.month - 1), (unsigned)d.year,
               (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

void mapi_say_header(struct walk *w, const struct mapi_bag *m, const struct mapi_bag *recipients, size_t n)
{
    struct buf b = buf_new(HEADERS_MAX);
    slice header = slice_trim(mapi_text(w, m, MAPI_HEADERS));
    if (slice_starts_nocase(header, "Microsoft Mail Internet Headers")) /* Outlook's own first line */
        header = slice_from(header, slice_find_byte(header, '\n', 0));
    header = slice_trim(header);
    put_sender(w, &b, m, header);
    if (field_of(header, "To").len == 0)
        put_recipients(w, &b, recipients, n, 1, "To: ");
    if (field_of(header, "Cc").len == 0)
        put_recipients(w, &b, recipients, n, 2, "Cc: ");
    if (field_of(header, "Subject").len == 0)
        put_field(&b, "Subject", mapi_text(w, m, MAPI_SUBJECT), true);
    if (field_of(header, "Date").len == 0)
        put_date(&b, m);
    if (field_of(header, "Message-ID").len == 0)
        put_field(&b, "Message-ID", mapi_text(w, m, MAPI_MESSAGE_ID), false);
    if (field_of(header, "In-Reply-To").len == 0)
        put_field(&b, "In-Reply-To", mapi_text(w, m, MAPI_IN_REPLY_TO), false);
    if (field_of(header, "References").len == 0)
        put_field(&b, "References", mapi_text(w, m, MAPI_REFERENCES), false);
    buf_put(&b, header);
    buf_text(&b, "\r\n\r\n");
    mail_header_say(w, arena_copy(w->mem, buf_slice(&b)));
    buf_drop(&b);
}

/* --- bodies */

static void give_body(struct walk *w, const struct body *body, const char *declared)
{
    struct child child = {
        .declared = slice_of(declared),
        .how = HOW_MIME,
        .body = body,
    };
    (void)walk_child(w, &child);
}

/* A Content-Type for a page in this code page; the reader finds out where it lies. */
static void page_type(const struct mapi_bag *m, char *out, size_t room)
{
    static const struct {
        unsigned page;
        const char *label;
    } labels[] = {
        { 65001, "utf-8" },       { 932, "shift_jis" },     { 50220, "iso-2022-jp" }, { 50221, "iso-2022-jp" },
        { 50222, "iso-2022-jp" }, { 51932, "euc-jp" },      { 20932, "euc-jp" },      { 20127, "us-ascii" },
        { 28591, "iso-8859-1" },  { 1200, "utf-16" },       { 936, "gb2312" },        { 949, "ks_c_5601-1987" },
        { 950, "big5" },
    };
    uint32_t page = 0;
    (void)mapi_number(m, MAPI_INTERNET_CODEPAGE, &page);
    const char *label = NULL;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (labels[i].page == page)
            label = labels[i].label;
    if (label)
        snprintf(out, room, "text/html; charset=%s", label);
    else if (page >= 1250 && page <= 1258)
        snprintf(out, room, "text/html; charset=windows-%u", page);
    else
        snprintf(out, room, "text/html");
}

static void give_page(struct walk *w, const struct mapi_bag *m, const struct mapi_property *p)
{
    char type[64] = "text/html; charset=utf-8";
    struct body body = body_borrow(p->value);
    if (p->type == MAPI_BINARY)
        page_type(m, type, sizeof type);
    else
        body = body_borrow(mapi_text(w, m, MAPI_HTML));
    if (body.all.len)
        give_body(w, &body, type);
}

static void give_rich_text(struct walk *w, slice packed)
{
    struct body body;
    bool whole = mapi_unpack_rtf(w, packed, &body);
    if (body.all.len)
        give_body(w, &body, "text/rtf");
    if (!whole && body.all.len == 0 && packed.len > 16)
        walk_unread(w, UNREAD_DAMAGED, SLICE_LIT("rtf"));
    body_release(&body);
}

void mapi_give_bodies(struct walk *w, const struct mapi_bag *m)
{
    const struct mapi_property *page = mapi_find(m, MAPI_HTML), *rich = mapi_find(m, MAPI_RTF);
    uint32_t native = 0;
    struct body text = body_borrow(mapi_text(w, m, MAPI_BODY));
    (void)mapi_number(m, MAPI_NATIVE_BODY, &native);
    if (text.all.len)
        give_body(w, &text, "text/plain; charset=utf-8");
    if (page && page->value.len)
        give_page(w, m, page);
    if (rich && rich->value.len && (!page || page->value.len == 0 || native == NATIVE_RTF))
        give_rich_text(w, rich->value);
}

/* --- attachments */

slice mapi_file_name(struct walk *w, const struct mapi_bag *attachment)
{
    static const enum mapi_id ids[] = { MAPI_ATTACH_LONG_FILE, MAPI_ATTACH_FILE, MAPI_NAME };
    slice name = { 0 };
    for (size_t i = 0; i < 3 && name.len == 0; i++)
        name = slice_trim(mapi_text(w, attachment, ids[i]));
    return utf8_cut(name, 1024);
}

void mapi_give_file(struct walk *w, const struct mapi_bag *attachment, const struct body *body, struct range at)
{
    struct child child = {
        .name = mapi_file_name(w, attachment),
        .declared = slice_trim(mapi_text(w, attachment, MAPI_ATTACH_MIME)),
        .how = HOW_MIME,
        .at = at,
        .body = body,
        .attachment = true,
    };
    mail_attachment_say(w, child.name);
    (void)walk_child(w, &child);
}
