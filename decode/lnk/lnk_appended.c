/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_appended - bytes behind the end of a shell link. Explorer never reads them; the command line
 * of the link does: a script for findstr, a page for mshta, archives and programs at offsets that
 * PowerShell cuts out. What they are as a whole is sniffed; files that begin further in are looked
 * for by their first bytes. */
#include "base/text.h"
#include "decode/lnk/lnk_private.h"

enum { APPENDED_MIN = 8, FILES_MAX = 4 };

static bool begins_program(slice s)
{
    cursor c = cur_open(s);
    cur_seek(&c, 0x3C);
    uint32_t at = cur_u32le(&c);
    return cur_ok(&c) && at < 0x1000 && slice_starts(slice_from(s, at), SLICE_LIT("PE\0\0"));
}

/* The first file at or behind `from`; its offset, or SIZE_MAX. */
static size_t next_file(slice s, size_t from)
{
    static const slice heads[] = { SLICE_INIT("PK\3\4"), SLICE_INIT("MSCF\0\0\0\0"), SLICE_INIT("%PDF-"),
                                   SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), SLICE_INIT("Rar!\x1a\7"), SLICE_INIT("7z\xbc\xaf\x27\x1c") };
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t at = slice_find(slice_sub(s, 0, best == SIZE_MAX ? s.len : best), heads[i], from);
        best = at < best ? at : best;
    }
    for (size_t at = slice_find(s, SLICE_LIT("MZ"), from); at < best; at = slice_find(s, SLICE_LIT("MZ"), at + 1))
        if (begins_program(slice_from(s, at)))
            return at;
    return best;
}

void lnk_give(struct lnk *l, slice bytes, size_t at)
{
    if (bytes.len < APPENDED_MIN)
        return;
    struct body b = body_borrow(bytes);
    struct child c = { .how = HOW_OLE, .at = range_of(at, bytes.len), .body = &b };
    (void)walk_child(l->w, &c);
}

void lnk_appended(struct lnk *l)
{
    slice rest = slice_from(l->all, l->content_end);
    size_t end = rest.len, zeros = 0;
    while (end && rest.at[end - 1] == 0)
        end--;
    while (zeros < end && rest.at[zeros] == 0)
        zeros++;
    if (end - zeros < APPENDED_MIN)
        return;
    size_t at = l->content_end + zeros;
    walk_int(l->w, FACT_LNK_APPENDED, (int64_t)(end - zeros), range_of(at, end - zeros));
    rest = slice_from(rest, zeros); /* with the zeros at the end: an archive's last field may be made of them */
    lnk_give(l, rest, at);
    if (!walk_work(l->w, rest.len * 8))
        return;
    size_t file = next_file(rest, 1);
    for (unsigned n = 0; n < FILES_MAX && file != SIZE_MAX; n++) {
        lnk_give(l, slice_from(rest, file), at + file);
        file = next_file(rest, file + 1);
    }
}
