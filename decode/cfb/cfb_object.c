/* SPDX-License-Identifier: Apache-2.0 */
/* Embedded objects: [MS-OLEDS] 2.3.6 (OLENativeStream) and 2.3.3 (OLEStream),
 * equations, Package, and streams that begin like a file of their own.
 *
 * Streams that are the structure of the document itself are left alone.
 */
#include "decode/cfb/cfb_private.h"
#include "base/text.h"
#include "decode/shared/equation.h"
#include "decode/shared/ole.h"

enum { HEAD = 64 };

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

/* [MS-OLEDS] 2.3.6. */
static void read_native(struct cfb *c, const struct cfb_entry *e)
{
    struct body body;
    (void)cfb_stream_read(c, e, &body);
    slice data = slice_from(body.all, 4);
    bool cut = false;
    if (equation_clsid(cfb_directory_clsid(c, e->parent))) {
        equation_read(c->w, data, cfb_stream_place(c, e));
    } else if (!ole_package_read(c->w, data, cfb_stream_place(c, e), &cut) && data.len) {
        walk_text(c->w, FACT_OFFICE_EMBEDDED, e->path, cfb_stream_place(c, e));
        ole_give(c->w, e->path, data, cfb_stream_place(c, e));
    }
    if (cut)
        c->cut = true;
    body_release(&body);
}

static void read_equation(struct cfb *c, const struct cfb_entry *e)
{
    struct body body;
    (void)cfb_stream_read(c, e, &body);
    equation_read(c->w, body.all, cfb_stream_place(c, e));
    body_release(&body);
}

static void read_link(struct cfb *c, const struct cfb_entry *e)
{
    struct body body;
    (void)cfb_stream_read(c, e, &body);
    ole_link_read(c->w, body.all, cfb_stream_place(c, e));
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
    if (slice_is_nocase(e->name, "Equation Native")) {
        read_equation(c, e);
        return true;
    }
    if (slice_is_nocase(e->name, "\x01Ole")) {
        read_link(c, e);
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
