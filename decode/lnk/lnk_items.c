/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_items - the item list of a shell link: a path in the shell's own terms ([MS-SHLLINK] 2.2.1;
 * the items themselves after J. Metz, "Windows Shell Item format specification").
 *
 * Read are volumes, files and folders with their long names, network locations, URIs and control
 * panel applets; of delegate folders and others the long name that an extension block gives. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/lnk/lnk_private.h"

enum { ITEMS_MAX = 256, FILE_NAME_AT = 14, BLOCK_LONG_NAME = 18 };

/* The long name inside extension block 0xBEEF0004, whose layout grew with its version. */
static slice long_name(struct lnk *l, slice item)
{
    size_t at = slice_find(item, SLICE_LIT("\x04\0\xef\xbe"), 0);
    if (at == SIZE_MAX || at < 4)
        return (slice){ 0 };
    cursor c = cur_open(slice_from(item, at - 4));
    size_t size = cur_u16le(&c);
    uint16_t version = cur_u16le(&c);
    size_t name = BLOCK_LONG_NAME;
    name += version >= 7 ? 18u : 0u;
    name += version >= 3 ? 2u : 0u;
    name += version >= 9 ? 4u : 0u;
    name += version >= 8 ? 4u : 0u;
    slice block = slice_sub(item, at - 4, size > name ? size : SIZE_MAX);
    return version < 3 ? (slice){ 0 } : utf8_from_utf16le_z(l->w->mem, slice_from(block, name));
}

static slice file_name(struct lnk *l, slice item)
{
    slice s = long_name(l, item);
    if (s.len)
        return s;
    slice raw = slice_from(item, FILE_NAME_AT);
    return item.len > 2 && item.at[2] & 0x04 ? utf8_from_utf16le_z(l->w->mem, raw) : lnk_ansi(l, raw);
}

/* 0x61: flags, the size of a block that is passed over, the address in 16- or 8-bit characters. */
static slice uri(struct lnk *l, slice item)
{
    cursor c = cur_open(slice_from(item, 3));
    uint8_t flags = cur_u8(&c);
    cur_skip(&c, cur_u16le(&c));
    return flags & 0x80 ? utf8_from_utf16le_z(l->w->mem, cur_rest(&c)) : lnk_ansi(l, cur_rest(&c));
}

/* A class id as the shell writes it in paths: "::{GUID}". */
static slice class_id(struct lnk *l, slice raw)
{
    if (raw.len < 16)
        return (slice){ 0 };
    cursor c = cur_open(raw);
    struct buf b = buf_new(64);
    uint32_t first = cur_u32le(&c);
    uint16_t second = cur_u16le(&c), third = cur_u16le(&c), fourth = cur_u16be(&c);
    buf_format(&b, "::{%08X-%04X-%04X-%04X-", first, second, third, fourth);
    for (size_t i = 10; i < 16; i++)
        buf_format(&b, "%02X", raw.at[i]);
    buf_text(&b, "}");
    slice s = arena_copy(l->w->mem, buf_slice(&b));
    buf_drop(&b);
    return s;
}

/* What this item adds to the path; empty when it names nothing that a path shows. */
static slice item_text(struct lnk *l, slice item)
{
    static const uint8_t computer[16] = "\xe0\x4f\xd0\x20\xea\x3a\x69\x10\xa2\xd8\x08\0\x2b\x30\x30\x9d";
    uint8_t kind = item.len > 2 ? item.at[2] : 0;
    if (kind == 0x1F) {
        slice id = slice_sub(item, 4, 16);
        return slice_eq(id, (slice){ computer, 16 }) ? (slice){ 0 } : class_id(l, id);
    }
    if ((kind & 0x70) == 0x20)
        return kind & 1 ? lnk_ansi(l, slice_from(item, 3)) : class_id(l, slice_sub(item, 4, 16));
    if ((kind & 0x70) == 0x30)
        return file_name(l, item);
    if ((kind & 0x70) == 0x40)
        return lnk_ansi(l, slice_from(item, 5));
    if (kind == 0x61)
        return uri(l, item);
    if (kind == 0x71)
        return class_id(l, slice_sub(item, 14, 16));
    return long_name(l, item);
}

static void join(struct buf *path, slice name)
{
    bool absolute = slice_starts(name, SLICE_LIT("\\\\")) || slice_find(name, SLICE_LIT("://"), 0) != SIZE_MAX;
    if (absolute)
        buf_clear(path);
    else if (path->len && path->at[path->len - 1] != '\\')
        buf_byte(path, '\\');
    buf_put(path, name);
}

slice lnk_items(struct lnk *l, slice list, size_t at)
{
    struct buf path = buf_new(LNK_PATH_MAX);
    cursor c = cur_open(list);
    unsigned n = 0;
    while (cur_more(&c) && n < ITEMS_MAX && walk_work(l->w, WORK_PER_ENTRY)) {
        size_t from = c.pos, size = cur_u16le(&c);
        if (size == 0)
            break;
        if (size < 3 || size - 2 > cur_left(&c)) {
            lnk_malformed(l, "an item has a wrong size", range_of(at + from, 2));
            size = size < 3 ? 2 : cur_left(&c) + 2;
        }
        cur_skip(&c, size - 2);
        slice name = item_text(l, slice_sub(list, from, size));
        if (name.len)
            join(&path, name);
        n++;
    }
    slice s = utf8_cut(arena_copy(l->w->mem, buf_slice(&path)), LNK_PATH_MAX);
    buf_drop(&path);
    return s;
}
