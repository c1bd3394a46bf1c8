/* SPDX-License-Identifier: Apache-2.0 */
/* pe_overlay - what stands behind a program: the archive of an installer, a document or another
 * program, or padding that makes it too large for scanners (Emotet in March 2023: 550 MB).
 * Certificates stand there too and are left out; archives in ZIP that end the file are read by the
 * reader of ZIP itself. */
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum { TOLD = 64, PADDING_TOLD = 64 * 1024, HEAD = 64 * 1024, CONFIG = 8192 };

/* Where the bytes of one value begin that end the file; holes are zeros and cost nothing. */
static uint64_t padding_from(struct pe *p, uint64_t from)
{
    const struct body *b = p->body;
    uint64_t end = p->all.len, stored = end;
    if (b->stored)
        stored = b->n_stored ? b->stored[b->n_stored - 1].at + b->stored[b->n_stored - 1].len : 0;
    uint8_t same = stored < end ? 0 : p->all.at[end - 1];
    uint64_t at = stored < end ? stored : end;
    while (at > from && p->all.at[at - 1] == same)
        at--;
    (void)walk_work(p->w, (stored > at ? stored - at : 0) / 2);
    return at > from ? at : from;
}

static void say_maker(struct pe *p, slice head)
{
    static const slice nsis = SLICE_INIT("\xef\xbe\xad\xdeNullsoftInst");
    static const slice autoit = SLICE_INIT("\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d");
    slice near = slice_sub(head, 0, 1024);
    if (slice_find(near, nsis, 0) != SIZE_MAX)
        pe_installer(p, "nsis");
    else if (slice_starts(head, SLICE_LIT("7z\xbc\xaf\x27\x1c")) || slice_find(near, SLICE_LIT(";!@Install@!UTF-8!"), 0) != SIZE_MAX)
        pe_installer(p, "7zip");
    else if (slice_starts(head, SLICE_LIT("Rar!\x1a\7")))
        pe_installer(p, "rar");
    else if (slice_starts(head, SLICE_LIT("PK\3\4")))
        pe_installer(p, "zip");
    else if (slice_find(near, autoit, 0) != SIZE_MAX)
        pe_installer(p, "autoit");
    else if (slice_starts(head, SLICE_LIT("zlb\x1a")) || slice_starts(head, SLICE_LIT("idska32\x1a")) || slice_starts(head, SLICE_LIT("Inno Setup Setup Data (")))
        pe_installer(p, "inno");
}

static void piece(struct pe *p, uint64_t from, uint64_t to)
{
    slice s = slice_sub(p->all, (size_t)from, (size_t)(to - from));
    say_maker(p, slice_sub(s, 0, HEAD));
    /* the configuration of a 7-Zip archive that unpacks itself stands in front of it */
    size_t config = slice_find(slice_sub(s, 0, CONFIG), SLICE_LIT("7z\xbc\xaf\x27\x1c"), 0);
    size_t skip = config == SIZE_MAX ? 0 : config;
    bool zip = slice_starts(s, SLICE_LIT("PK\3\4"));
    if (!zip || to < p->all.len)
        (void)pe_child(p, (slice){ 0 }, from + skip, to - from - skip);
}

void pe_overlay(struct pe *p)
{
    uint64_t len = p->all.len, from = p->end < len ? p->end : len, padding = padding_from(p, from);
    if (len - padding >= PADDING_TOLD)
        walk_int(p->w, FACT_FILE_PADDING, (int64_t)(len - padding), (struct range){ padding, len });
    else
        padding = len;
    struct pe_span s = p->directories[PE_CERTIFICATES];
    uint64_t certificates = s.size && s.at >= from && s.at < len ? s.at : len;
    uint64_t behind = s.size < len - certificates ? certificates + s.size : len;
    uint64_t told = (certificates - from) + (len - behind);
    if (told >= TOLD)
        walk_int(p->w, FACT_FILE_OVERLAY, (int64_t)told, (struct range){ from, len });
    uint64_t first = certificates < padding ? certificates : padding;
    if (first > from && first - from >= TOLD)
        piece(p, from, first);
    if (padding > behind && padding - behind >= TOLD)
        piece(p, behind, padding);
    /* what PyInstaller packs ends with this, and its own archive in front of it */
    if (slice_find(slice_from(p->all, len > 256 ? (size_t)len - 256 : 0), SLICE_LIT("MEI\014\013\012\013\016"), 0) != SIZE_MAX)
        pe_installer(p, "pyinstaller");
}
