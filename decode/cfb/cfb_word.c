/* SPDX-License-Identifier: Apache-2.0 */
/* Text and fields of a Word document: [MS-DOC] 2.4.1 (retrieving text), 2.5
 * (Fib), 2.9.38 (Clx), 2.9.73 (FcCompressed), 2.8.25 (fields).
 *
 * All stories are read in the order of their character positions: main text,
 * notes, headers, text boxes. A field's code is kept out of the text, but for
 * the target of a hyperlink; DDE and INCLUDE codes become facts. Formatting,
 * and with it hidden or white text, is not read. Documents before Word 97 are
 * read as one run of text.
 */
#include "decode/cfb/cfb_private.h"
#include "base/charset.h"
#include "base/buf.h"
#include "base/text.h"
#include "decode/plain.h"

enum {
    FIB_MAGIC = 0xa5ec,
    FIB_PLAIN = 68, /* never encrypted; as Word writes it, 2.2.6.2 says less */
    FIB_PLAIN95 = 52,
    FIB_WORD97 = 0xc1,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE1 = 0x0200,
    FIB_FLAGS = 0x0a,
    FIB_FCMIN = 0x18,
    FIB_ASSOC = 0x019a,
    FIB_CLX = 0x01a2,
    ASSOC_TEMPLATE = 1,
    PIECE_SIZE = 8,
    TEXT_MAX = 4 << 20,
    CODE_MAX = 2048,
    CODES_TOLD = 32,
    FIELD_DEPTH = 16,
};

struct word {
    struct cfb *c;
    slice stream;
    struct buf text;
    struct buf code; /* of the outermost open field */
    uint8_t in_code[FIELD_DEPTH];
    unsigned depth, codes, told;
    size_t pictures;
    uint16_t pending; /* high surrogate */
};

static uint32_t u32_at(slice s, size_t at)
{
    cursor k = cur_open(s);
    cur_seek(&k, at);
    return cur_u32le(&k);
}

static uint16_t u16_at(slice s, size_t at)
{
    cursor k = cur_open(s);
    cur_seek(&k, at);
    return cur_u16le(&k);
}

/* --- fields: 0x13 code 0x14 result 0x15 */

/* What stands between the first pair of quotes, or the first word. */
static slice field_target(slice code, size_t skip)
{
    slice rest = slice_trim(slice_from(code, skip));
    if (rest.len && rest.at[0] == '"') {
        slice s = slice_from(rest, 1);
        return slice_sub(s, 0, slice_find_byte(s, '"', 0));
    }
    return slice_sub(rest, 0, slice_find_byte(rest, ' ', 0));
}

static void told_field(struct word *d)
{
    slice code = slice_trim(buf_slice(&d->code));
    if (slice_starts_nocase(code, "HYPERLINK")) {
        slice target = field_target(code, 9);
        buf_text(&d->text, " <");
        buf_put(&d->text, target);
        buf_text(&d->text, "> ");
        return;
    }
    if (d->told >= CODES_TOLD)
        return;
    if (slice_starts_nocase(code, "DDE")) {
        d->told++;
        walk_text(d->c->w, FACT_OFFICE_FIELD_DDE, code, NOWHERE);
    } else if (slice_starts_nocase(code, "INCLUDE") || slice_starts_nocase(code, "IMPORT") ||
               slice_starts_nocase(code, "LINK")) {
        d->told++;
        walk_text(d->c->w, FACT_OFFICE_FIELD_INCLUDE, code, NOWHERE);
    }
}

/* A field inside a code belongs to that code, its result too: DDE is split so. */
static void close_code(struct word *d)
{
    if (d->depth == 0 || d->depth > FIELD_DEPTH || !d->in_code[d->depth - 1])
        return;
    d->in_code[d->depth - 1] = 0;
    if (--d->codes == 0)
        told_field(d);
}

static void field_mark(struct word *d, uint32_t ch)
{
    if (ch == 0x13) {
        if (d->codes == 0)
            buf_clear(&d->code);
        if (d->depth < FIELD_DEPTH) {
            d->in_code[d->depth] = 1;
            d->codes++;
        }
        d->depth++;
        return;
    }
    close_code(d);
    if (ch == 0x15 && d->depth > 0)
        d->depth--;
}

static void put(struct buf *b, uint32_t ch)
{
    if (ch < 0x80) {
        buf_byte(b, (uint8_t)ch);
        return;
    }
    uint8_t out[4];
    size_t n = utf8_put(out, ch);
    buf_put(b, (slice){ out, n });
}

/* 2.4.1: the characters below blank that mean something. */
static void take_char(struct word *d, uint32_t ch)
{
    struct buf *b = d->codes ? &d->code : &d->text;
    if (ch >= 0x20) {
        put(b, ch);
    } else if (ch >= 0x13 && ch <= 0x15) {
        field_mark(d, ch);
    } else if (ch == 0x0d || ch == 0x0b || ch == 0x0c || ch == 0x0e) {
        buf_byte(b, '\n');
    } else if (ch == 0x07 || ch == 0x09) {
        buf_byte(b, '\t');
    } else if (ch == 0x01 || ch == 0x08) {
        d->pictures++;
    } else if (ch == 0x1e) {
        buf_byte(b, '-');
    }
}

static void take_unit(struct word *d, uint16_t unit)
{
    if (unit >= 0xd800 && unit < 0xdc00) {
        d->pending = unit;
        return;
    }
    uint32_t ch = unit;
    if (unit >= 0xdc00 && unit < 0xe000)
        ch = d->pending ? 0x10000u + ((uint32_t)(d->pending - 0xd800) << 10) + (unit - 0xdc00u)
                        : 0xfffd;
    d->pending = 0;
    take_char(d, ch);
}

/* 2.9.73: 8-bit text is windows-1252, of which only 0x80 to 0x9f differ from Latin-1. */
static uint32_t from_1252(uint8_t byte)
{
    static const uint16_t high[32] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
        0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
    };
    return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}

static void take_narrow(struct word *d, slice raw)
{
    for (size_t i = 0; i < raw.len && !d->text.full; i++)
        take_char(d, from_1252(raw.at[i]));
}

static void take_wide(struct word *d, slice raw)
{
    for (size_t i = 0; i + 1 < raw.len && !d->text.full; i += 2)
        take_unit(d, (uint16_t)(raw.at[i] | raw.at[i + 1] << 8));
}

/* --- pieces */

/* 2.9.38: Prc records (0x01) are passed over up to the Pcdt (0x02). */
static slice piece_table(slice clx)
{
    cursor k = cur_open(clx);
    while (cur_left(&k) >= 3 && cur_ok(&k)) {
        uint8_t kind = cur_u8(&k);
        if (kind == 2) {
            uint32_t len = cur_u32le(&k);
            return slice_sub(cur_rest(&k), 0, len);
        }
        if (kind != 1)
            break;
        cur_skip(&k, cur_u16le(&k));
    }
    return (slice){ 0 };
}

static void take_pieces(struct word *d, slice plc)
{
    size_t n = plc.len >= 4 ? (plc.len - 4) / (4 + PIECE_SIZE) : 0;
    uint64_t room = (uint64_t)d->stream.len * 2 + 4096; /* pieces may overlap, but not for ever */
    for (size_t i = 0; i < n && !d->text.full; i++) {
        uint32_t from = u32_at(plc, i * 4), to = u32_at(plc, i * 4 + 4);
        uint32_t fc = u32_at(plc, (n + 1) * 4 + i * PIECE_SIZE + 2);
        if (to <= from)
            continue;
        uint64_t chars = to - from;
        bool narrow = fc & 0x40000000;
        size_t at = narrow ? (fc & 0x3fffffff) / 2 : fc & 0x3fffffff;
        uint64_t bytes = narrow ? chars : chars * 2;
        slice raw = slice_sub(d->stream, at, bytes < d->stream.len ? (size_t)bytes : d->stream.len);
        if (raw.len < bytes)
            d->c->cut = true;
        if (raw.len > room || !walk_work(d->c->w, raw.len * 4 + 20))
            break;
        room -= raw.len;
        if (narrow)
            take_narrow(d, raw);
        else
            take_wide(d, raw);
    }
}

/* 2.9.283 SttbfAssoc: the attached template; a template from elsewhere is fetched on opening. */
static void read_template(struct word *d, slice table)
{
    slice sttb = slice_sub(table, u32_at(d->stream, FIB_ASSOC), u32_at(d->stream, FIB_ASSOC + 4));
    cursor k = cur_open(sttb);
    if (cur_u16le(&k) != 0xffff)
        return;
    uint16_t n = cur_u16le(&k);
    uint16_t extra = cur_u16le(&k);
    for (unsigned i = 0; i < n && i <= ASSOC_TEMPLATE && cur_ok(&k); i++) {
        slice raw = cur_take(&k, (size_t)cur_u16le(&k) * 2);
        cur_skip(&k, extra);
        if (i != ASSOC_TEMPLATE || raw.len == 0)
            continue;
        slice name = utf8_from_utf16le(d->c->w->mem, raw);
        if (slice_starts(name, SLICE_LIT("\\\\")) ||
            slice_find(name, SLICE_LIT("://"), 0) != SIZE_MAX)
            walk_text(d->c->w, FACT_OFFICE_EXTERNAL_TEMPLATE, name, NOWHERE);
    }
}

static void emit(struct word *d)
{
    struct walk *w = d->c->w;
    if (d->codes)
        told_field(d); /* never closed */
    slice text = slice_trim(buf_slice(&d->text));
    size_t words = plain_words(text);
    if (d->text.full)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_TEXT_OF_THE_DOCUMENT, (slice){ 0 });
    if (text.len) {
        text = utf8_clean(w->mem, arena_copy(w->mem, text));
        walk_view(w, FACT_DOCUMENT_TEXT, text, NOWHERE);
    }
    walk_int(w, FACT_DOCUMENT_WORDS, (int64_t)words, NOWHERE);
    if (d->pictures > 0 && words < 20)
        walk_flag(w, FACT_DOCUMENT_IMAGE_ONLY, NOWHERE);
}

/* Takes the place of what it was made of. */
static void decrypt(struct cfb *c, struct body *body, size_t plain)
{
    struct body open;
    if (!officecrypto_word(c->w, &c->lock->key, body->all, plain, &open))
        c->cut = true;
    body_release(body);
    *body = open;
}

static void read_text(struct word *d, uint32_t entry)
{
    struct cfb *c = d->c;
    uint16_t flags = u16_at(d->stream, FIB_FLAGS);
    bool locked = flags & FLAG_ENCRYPTED, opened = locked && c->lock && c->lock->open && c->lock->entry == entry;
    if (locked && !opened) {
        walk_flag(c->w, FACT_OFFICE_ENCRYPTED, NOWHERE);
        walk_unread_of(c->w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, c->entries[entry].path);
        return;
    }
    if (u16_at(d->stream, 2) < FIB_WORD97) {
        uint32_t from = u32_at(d->stream, FIB_FCMIN), to = u32_at(d->stream, FIB_FCMIN + 4);
        if (to > from)
            take_narrow(d, slice_sub(d->stream, from, to - from));
        emit(d);
        return;
    }
    /* Word opens the table that the flag names; where that is missing, the other is better than
     * none. */
    bool one = flags & FLAG_TABLE1;
    uint32_t t = cfb_directory_sibling(c, entry, one ? "1Table" : "0Table");
    if (t == CFB_NONE)
        t = cfb_directory_sibling(c, entry, one ? "0Table" : "1Table");
    struct body table = body_borrow((slice){ 0 });
    if (t == CFB_NONE)
        c->cut = true;
    else
        (void)cfb_stream_read(c, &c->entries[t], &table);
    if (opened)
        decrypt(c, &table, 0);
    slice clx = slice_sub(table.all, u32_at(d->stream, FIB_CLX), u32_at(d->stream, FIB_CLX + 4));
    take_pieces(d, piece_table(clx));
    read_template(d, table.all);
    emit(d);
    cfb_hidden_word(c, d->stream, table.all, piece_table(clx));
    body_release(&table);
}

void cfb_word_read(struct cfb *c, uint32_t entry)
{
    struct body body;
    (void)cfb_stream_read(c, &c->entries[entry], &body);
    if (c->lock && c->lock->open && c->lock->kind == CFB_LOCK_WORD && c->lock->entry == entry)
        decrypt(c, &body, u16_at(body.all, 2) < FIB_WORD97 ? FIB_PLAIN95 : FIB_PLAIN);
    struct word d = {
        .c = c,
        .stream = body.all,
        .text = buf_new(TEXT_MAX),
        .code = buf_new(CODE_MAX),
    };
    uint16_t magic = u16_at(body.all, 0);
    if (magic == FIB_MAGIC || (magic & 0xff) == 0xdc || (magic & 0xff) == 0xdb || magic == 0xa5dc)
        read_text(&d, entry);
    else
        cfb_sector_damage(c, CFB_HEADER, cfb_stream_place(c, &c->entries[entry]));
    buf_drop(&d.text);
    buf_drop(&d.code);
    body_release(&body);
}
