/* SPDX-License-Identifier: Apache-2.0 */
/* Embedded objects: [MS-OLEDS] 2.3.6 (OLENativeStream) and the packager's data
 * in it, Package, and streams that begin like a file of their own.
 *
 * Streams that are the structure of the document itself are left alone.
 */
#include "decode/cfb/cfb_private.h"
#include "base/charset.h"
#include "base/text.h"

enum { HEAD = 64, LABEL_MAX = 1024 };

static void give(struct cfb *c, const struct cfb_entry *e, slice name, const struct body *body)
{
    struct child child = {
        .name = name,
        .how = HOW_OLE,
        .at = cfb_stream_place(c, e),
        .body = body,
    };
    walk_text(c->w, FACT_OFFICE_EMBEDDED, name, child.at);
    if (body->all.len)
        (void)walk_child(c->w, &child);
}

static slice label(struct cfb *c, cursor *k)
{
    slice raw = slice_sub(cur_until(k, 0), 0, LABEL_MAX);
    return charset_decode_id(c->w->mem, charset_guess(raw), raw).text;
}

/* The shell's packager: u16 2, label, file name, u16, u16 3, u32 length and
 * temporary path, u32 length and the file. */
static bool read_package(struct cfb *c, const struct cfb_entry *e, slice data)
{
    cursor k = cur_open(data);
    uint16_t kind = cur_u16le(&k);
    if (kind != 2)
        return false;
    slice name = label(c, &k);
    slice source = label(c, &k);
    cur_skip(&k, 4);
    uint32_t n = cur_u32le(&k);
    slice path = slice_sub(cur_take(&k, n), 0, LABEL_MAX);
    uint32_t size = cur_u32le(&k);
    slice file = slice_sub(cur_rest(&k), 0, size);
    if (!cur_ok(&k) || file.len == 0)
        return false;
    if (file.len < size)
        c->cut = true;
    path = slice_trim(slice_sub(path, 0, slice_find_byte(path, 0, 0)));
    if (path.len)
        walk_text(c->w, FACT_OFFICE_EMBEDDED,
                  charset_decode_id(c->w->mem, charset_guess(path), path).text, NOWHERE);
    struct body body = body_borrow(file);
    give(c, e, name.len ? name : source, &body);
    return true;
}

static void read_native(struct cfb *c, const struct cfb_entry *e)
{
    struct body body;
    (void)cfb_stream_read(c, e, &body);
    slice data = slice_from(body.all, 4);
    if (!read_package(c, e, data) && data.len) {
        struct body rest = body_borrow(data);
        give(c, e, e->path, &rest);
    }
    body_release(&body);
}

static void read_whole(struct cfb *c, const struct cfb_entry *e)
{
    struct body body;
    (void)cfb_stream_read(c, e, &body);
    give(c, e, e->path, &body);
    body_release(&body);
}

/* Heads of files that something opens or runs; pictures are not among them. */
static bool strong_head(slice head)
{
    static const slice heads[] = {
        SLICE_INIT("PK\3\4"),
        SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        SLICE_INIT("MZ"),
        SLICE_INIT("%PDF-"),
        SLICE_INIT("{\\rt"),
        SLICE_INIT("7z\xbc\xaf\x27\x1c"),
        SLICE_INIT("Rar!\x1a\x07"),
        SLICE_INIT("MSCF\0\0\0\0"),
        SLICE_INIT("ITSF"),
        SLICE_INIT("L\0\0\0\x01\x14\x02\0"),
        SLICE_INIT("ActiveMime"),
        SLICE_INIT("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"),
        SLICE_INIT("<html"),
        SLICE_INIT("<!DOCTYPE"),
        SLICE_INIT("<script"),
        SLICE_INIT("MIME-Version:"),
        SLICE_INIT("\x78\x9f\x3e\x22"),
        SLICE_INIT("\x7f"
                   "ELF"),
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (slice_starts(head, heads[i]))
            return true;
    return false;
}

/* Streams with these names are read elsewhere or cannot hold a file. */
static bool is_structure(slice name)
{
    static const char *const known[] = {
        "WordDocument",
        "0Table",
        "1Table",
        "Data",
        "Workbook",
        "Book",
        "PowerPoint Document",
        "Current User",
        "Pictures",
        "\x05SummaryInformation",
        "\x05"
        "DocumentSummaryInformation",
        "\x01"
        "CompObj",
        "\x01Ole",
        "\x03ObjInfo",
        "\x03OCXNAME",
        "\x03PRINT",
        "\x03"
        "EPRINT",
        "\x03LinkInfo",
        "PROJECT",
        "PROJECTwm",
        "_VBA_PROJECT",
        "dir",
        "EncryptionInfo",
        "__properties_version1.0",
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (slice_is_nocase(name, known[i]))
            return true;
    return false;
}

bool cfb_object_read(struct cfb *c, uint32_t entry)
{
    const struct cfb_entry *e = &c->entries[entry];
    if (slice_is_nocase(e->name, "\x01Ole10Native")) {
        read_native(c, e);
        return true;
    }
    if (slice_is_nocase(e->name, "Package") || slice_is_nocase(e->name, "EmbeddedOdf")) {
        read_whole(c, e);
        return true;
    }
    if (is_structure(e->name))
        return false;
    uint8_t head[HEAD];
    size_t n = cfb_stream_head(c, e, head, sizeof head);
    if (!strong_head((slice){ head, n }))
        return false;
    read_whole(c, e);
    return true;
}
