/* SPDX-License-Identifier: Apache-2.0 */
/* The Workbook stream of an .xls: [MS-XLS] 2.1.7.20.3, the globals substream.
 *
 * Read: which sheets there are, which are hidden, which hold Excel 4.0 macros
 * (by BoundSheet8 and by the sheet's own BOF, whichever says so), names that
 * start a macro sheet, FILEPASS; cfb_cells.c reads the text. Formulas are not
 * read: a macro sheet is reported as unread.
 */
#include "decode/cfb/cfb_private.h"
#include "base/charset.h"
#include "base/text.h"

enum {
    REC_EOF = 0x0a,
    REC_LBL = 0x18,
    REC_FILEPASS = 0x2f,
    REC_CODEPAGE = 0x42,
    REC_BOUNDSHEET = 0x85,
    REC_BOF = 0x809,
    BOF_MACRO_SHEET = 0x40,
    SHEET_MACRO = 1,
    BIFF8 = 0x600,
    SHEETS_TOLD = 32,
    RECORDS_MAX = 1000000,
};

struct book {
    struct cfb *c;
    slice stream;
    unsigned biff, codepage;
    unsigned macro_sheets, hidden, names;
    bool encrypted;
};

/* 2.5.240 ShortXLUnicodeString, or the byte string of BIFF5. */
static slice sheet_name(struct book *b, cursor *k)
{
    size_t n = cur_u8(k);
    if (b->biff < BIFF8)
        return charset_decode_codepage(b->c->w->mem, b->codepage, slice_sub(cur_rest(k), 0, n))
            .text;
    bool wide = cur_u8(k) & 1;
    slice raw = slice_sub(cur_rest(k), 0, wide ? n * 2 : n);
    return wide ? utf8_from_utf16le(b->c->w->mem, raw)
                : charset_decode_id(b->c->w->mem, CHARSET_WINDOWS1252, raw).text;
}

/* 2.4.21: the sheet's own first record says what Excel will take it for. */
static bool bof_is_macro(const struct book *b, uint32_t at)
{
    cursor k = cur_open(b->stream);
    cur_seek(&k, at);
    uint16_t id = cur_u16le(&k);
    cur_skip(&k, 2 + 2);
    uint16_t dt = cur_u16le(&k);
    return cur_ok(&k) && (id & 0xff) == (REC_BOF & 0xff) && dt == BOF_MACRO_SHEET;
}

static void read_sheet(struct book *b, slice data)
{
    cursor k = cur_open(data);
    uint32_t at = cur_u32le(&k);
    unsigned state = cur_u8(&k) & 3;
    unsigned kind = cur_u8(&k);
    slice name = sheet_name(b, &k);
    if (kind == SHEET_MACRO || (!b->encrypted && bof_is_macro(b, at)))
        b->macro_sheets++;
    if (state != 0 && b->hidden++ < SHEETS_TOLD)
        walk_text(b->c->w, FACT_OFFICE_SHEET_HIDDEN, name, NOWHERE);
}

/* 2.4.150 Lbl: Auto_Open and its like, built in (2.5.114) or spelled out;
 * Excel takes any name that begins so. */
static void read_name(struct book *b, slice data)
{
    cursor k = cur_open(data);
    uint16_t flags = cur_u16le(&k);
    cur_skip(&k, 1);
    size_t n = cur_u8(&k);
    cur_skip(&k, 10);
    bool wide = b->biff >= BIFF8 && (cur_u8(&k) & 1);
    slice raw = slice_sub(cur_rest(&k), 0, wide ? n * 2 : n);
    if (raw.len == 0)
        return;
    slice name;
    if (flags & 0x20)
        name = raw.at[0] == 1   ? SLICE_LIT("Auto_Open")
               : raw.at[0] == 2 ? SLICE_LIT("Auto_Close")
                                : (slice){ 0 };
    else
        name = wide ? utf8_from_utf16le(b->c->w->mem, raw)
                    : charset_decode_id(b->c->w->mem, CHARSET_WINDOWS1252, raw).text;
    bool starts = slice_starts_nocase(name, "auto_open") ||
                  slice_starts_nocase(name, "auto_close") ||
                  slice_starts_nocase(name, "auto_activate");
    if (starts && b->names++ < SHEETS_TOLD)
        walk_text(b->c->w, FACT_OFFICE_AUTO_NAME, name, NOWHERE);
}

static void read_record(struct book *b, uint16_t id, slice data)
{
    cursor k = cur_open(data);
    switch (id) {
    case REC_BOF:
        b->biff = cur_u16le(&k);
        break;
    case REC_CODEPAGE:
        b->codepage = cur_u16le(&k);
        break;
    case REC_FILEPASS:
        b->encrypted = true;
        break;
    case REC_BOUNDSHEET:
        read_sheet(b, data);
        break;
    case REC_LBL:
        if (!b->encrypted)
            read_name(b, data);
        break;
    default:
        break;
    }
}

void cfb_excel_read(struct cfb *c, uint32_t entry)
{
    struct body body;
    (void)cfb_stream_read(c, &c->entries[entry], &body);
    struct book b = { .c = c, .stream = body.all, .biff = BIFF8, .codepage = 1252 };
    cursor k = cur_open(body.all);
    unsigned n = 0;
    while (cur_left(&k) >= 4 && n++ < RECORDS_MAX) {
        uint16_t id = cur_u16le(&k);
        uint16_t len = cur_u16le(&k);
        if (id == REC_EOF)
            break;
        read_record(&b, id, slice_sub(cur_rest(&k), 0, len));
        cur_skip(&k, len);
        if (!cur_ok(&k))
            break;
    }
    (void)walk_work(c->w, (uint64_t)n * 10);
    if (b.encrypted) {
        walk_flag(c->w, FACT_OFFICE_ENCRYPTED, NOWHERE);
        walk_unread_of(c->w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, c->entries[entry].path);
    } else {
        cfb_cells_read(c, body.all, b.biff, b.codepage);
    }
    if (b.macro_sheets) {
        walk_int(c->w, FACT_OFFICE_MACRO_SHEET, b.macro_sheets, NOWHERE);
        walk_unread_of(c->w, UNREAD_NO_READER, UNREAD_OF_EXCEL_4_0_MACRO_SHEET, (slice){ 0 });
    }
    body_release(&body);
}
