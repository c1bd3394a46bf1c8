/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_build - writes packages of stored members, and the XML that stands in
 * them, for the tests of decode/ooxml only. */
#pragma once
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/walk.h"

/* --- a package of stored members */

struct member {
    const char *name;
    slice bytes;
};

#define MEMBER(name, text)                                                                         \
    {                                                                                              \
        name, SLICE_INIT(text)                                                                     \
    }

static inline void put16(struct buf *b, unsigned v)
{
    buf_byte(b, (uint8_t)v);
    buf_byte(b, (uint8_t)(v >> 8));
}

static inline void put32(struct buf *b, size_t v)
{
    put16(b, (unsigned)v & 0xffff);
    put16(b, (unsigned)(v >> 16) & 0xffff);
}

static inline void put_header(struct buf *b, const struct member *m, bool central, size_t at)
{
    buf_text(b, central ? "PK\1\2" : "PK\3\4");
    if (central)
        put16(b, 20);
    put16(b, 20);
    put16(b, 0x800);
    put16(b, 0);
    put32(b, 0);
    put32(b, crc32_of(0, m->bytes));
    put32(b, m->bytes.len);
    put32(b, m->bytes.len);
    put16(b, (unsigned)strlen(m->name));
    put16(b, 0);
    if (central) {
        put16(b, 0);
        put32(b, 0);
        put32(b, 0);
        put32(b, at);
    }
    buf_text(b, m->name);
}

static inline struct buf package(const struct member *members)
{
    struct buf b = buf_new(64 << 20), directory = buf_new(1 << 20);
    unsigned n = 0;
    for (; members[n].name; n++) {
        size_t at = b.len;
        put_header(&b, &members[n], false, 0);
        buf_put(&b, members[n].bytes);
        put_header(&directory, &members[n], true, at);
    }
    size_t at = b.len;
    buf_put(&b, buf_slice(&directory));
    buf_text(&b, "PK\5\6");
    put32(&b, 0);
    put16(&b, n);
    put16(&b, n);
    put32(&b, directory.len);
    put32(&b, at);
    put16(&b, 0);
    buf_drop(&directory);
    return b;
}

#define TYPES(overrides)                                                                           \
    "<?xml version=\"1.0\"?><Types "                                                               \
    "xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">" overrides "</Types>"
#define OVERRIDE(name, type) "<Override PartName=\"" name "\" ContentType=\"" type "\"/>"
#define WORD_MAIN "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#define WORD_MACRO "application/vnd.ms-word.document.macroEnabled.main+xml"
#define SHEET_MAIN "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#define BINARY_MAIN "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
#define SLIDES_MAIN                                                                                \
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
#define WORD_TYPES MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/word/document.xml", WORD_MAIN)))
#define SHEET_TYPES MEMBER("[Content_Types].xml", TYPES(OVERRIDE("/xl/workbook.xml", SHEET_MAIN)))
#define RELS(list)                                                                                 \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" list  \
    "</Relationships>"
#define REL(type, target)                                                                          \
    "<Relationship Id=\"r\" "                                                                      \
    "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type             \
    "\" Target=\"" target "\"/>"
#define REL_OUT(type, target)                                                                      \
    "<Relationship Id=\"r\" "                                                                      \
    "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type             \
    "\" Target=\"" target "\" TargetMode=\"External\"/>"
#define DOC(body)                                                                                  \
    "<w:document xmlns:w=\"w\" xmlns:a=\"a\" xmlns:wp=\"wp\"><w:body>" body "</w:body></"          \
    "w:document>"
#define PARA(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define CODE(text) "<w:r><w:instrText xml:space=\"preserve\">" text "</w:instrText></w:r>"
#define FLD(kind) "<w:r><w:fldChar w:fldCharType=\"" kind "\"/></w:r>"
#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR inert"
#define CFB "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 inert"
