/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_extra - the blocks behind the strings of a shell link ([MS-SHLLINK] 2.5), and the property
 * store in one of them ([MS-PROPSTORE] 2.2).
 *
 * Left out: console settings, special folder (an index into the item list), the shim's effect. */
#include "base/buf.h"
#include "base/guid.h"
#include "base/text.h"
#include "decode/lnk/lnk_private.h"

enum { ANSI_PATH = 260, WIDE_PATH = 520, STORES_MAX = 64, VALUES_MAX = 256, VT_LPWSTR = 0x1F };

/* EnvironmentVariable, Darwin and IconEnvironment blocks (2.5.1, 2.5.4, 2.5.5) share one form. */
static slice two_paths(struct lnk *l, slice block)
{
    slice wide = utf8_from_utf16le_z(l->w->mem, slice_sub(block, 8 + ANSI_PATH, WIDE_PATH));
    return wide.len ? wide : lnk_ansi(l, slice_sub(block, 8, ANSI_PATH));
}

/* 2.5.10: the computer that made the link, and in its time-based identifier (RFC 4122 4.1.6) the
 * address of its network card. */
static void tracker(struct lnk *l, slice block, struct range at)
{
    slice droid = slice_sub(block, 48, 16);
    lnk_text(l, FACT_LNK_MACHINE_ID, lnk_ansi(l, slice_sub(block, 16, 16)), at);
    if (droid.len < 16 || droid.at[7] >> 4 != 1)
        return;
    struct buf b = buf_new(32);
    for (size_t i = 10; i < 16; i++)
        buf_format(&b, "%s%02x", i == 10 ? "" : ":", droid.at[i]);
    lnk_text(l, FACT_LNK_MAC, arena_copy(l->w->mem, buf_slice(&b)), at);
    buf_drop(&b);
}

/* System.Link.Arguments, where newer shells keep what StringData has no room for;
 * System.ParsingPath; the owner's security id. */
static void property(struct lnk *l, slice format, uint32_t id, slice text, struct range at)
{
    static const uint8_t arguments[16] = "\x67\x22\x6f\x43\xe2\x14\xeb\x4f\xb3\x0a\x14\x6c\x53\xb5\xb6\x74";
    static const uint8_t parsing[16] = "\xa6\x6a\x63\x28\x3d\x95\xd2\x11\xb5\xd6\0\xc0\x4f\xd9\x18\xd0";
    static const uint8_t owner[16] = "\xe2\x8a\x58\x46\xbc\x4c\x38\x43\xbb\xfc\x13\x93\x26\x98\x6d\xce";
    if (slice_eq(format, (slice){ arguments, 16 }) && id == 100)
        l->property_arguments = text;
    else if (slice_eq(format, (slice){ parsing, 16 }) && id == 30)
        lnk_text(l, FACT_LNK_PARSING_PATH, text, at);
    else if (slice_eq(format, (slice){ owner, 16 }) && id == 4)
        lnk_text(l, FACT_LNK_OWNER, text, at);
}

void lnk_properties(struct lnk *l, slice in, size_t at)
{
    cursor stores = cur_open(in);
    for (unsigned n = 0; n < STORES_MAX && cur_more(&stores); n++) {
        size_t from = stores.pos, size = cur_u32le(&stores);
        if (size < 24 || size - 4 > cur_left(&stores) || !walk_work(l->w, WORK_PER_ENTRY))
            return;
        cursor c = cur_sub(&stores, size - 4);
        cur_skip(&c, 4); /* "1SPS" */
        slice format = cur_take(&c, 16);
        for (unsigned v = 0; v < VALUES_MAX && cur_more(&c); v++) {
            size_t value_size = cur_u32le(&c);
            if (value_size < 13 || value_size - 4 > cur_left(&c))
                break;
            cursor value = cur_sub(&c, value_size - 4);
            uint32_t id = cur_u32le(&value);
            cur_skip(&value, 1);
            uint32_t type = cur_u32le(&value), chars = cur_u32le(&value);
            if (type == VT_LPWSTR && chars <= LNK_STRING_MAX)
                property(l, format, id, utf8_from_utf16le_z(l->w->mem, slice_sub(cur_rest(&value), 0, 2 * (size_t)chars)), range_of(at + from, size));
        }
    }
}

static void one_block(struct lnk *l, uint32_t signature, slice block, size_t pos)
{
    struct range at = range_of(pos, block.len);
    char guid[GUID_TEXT];
    switch (signature) {
    case 0xA0000001:
        l->env = two_paths(l, block);
        break;
    case 0xA0000003:
        tracker(l, block, at);
        break;
    case 0xA0000006:
        lnk_text(l, FACT_LNK_DARWIN, two_paths(l, block), at);
        break;
    case 0xA0000007: {
        slice icon = two_paths(l, block);
        lnk_text(l, FACT_LNK_ICON, icon, at);
        l->icon = icon.len ? icon : l->icon;
        break;
    }
    case 0xA0000008:
        lnk_text(l, FACT_LNK_SHIM, utf8_from_utf16le_z(l->w->mem, slice_from(block, 8)), at);
        break;
    case 0xA0000009:
        lnk_properties(l, slice_from(block, 8), pos + 8);
        break;
    case 0xA000000B:
        if (guid_text(slice_sub(block, 8, GUID_SIZE), guid))
            walk_cstr(l->w, FACT_LNK_KNOWN_FOLDER, guid, at);
        break;
    case 0xA000000C: {
        slice path = lnk_items(l, slice_from(block, 8), pos + 8);
        if (l->list.len == 0)
            l->list = path;
        break;
    }
    default:
        break;
    }
}

size_t lnk_extra(struct lnk *l, size_t at)
{
    cursor c = cur_open(l->all);
    cur_seek(&c, at);
    for (unsigned n = 0; n < LNK_BLOCKS_MAX && cur_left(&c) >= 4 && walk_work(l->w, WORK_PER_ENTRY); n++) {
        size_t from = c.pos, size = cur_u32le(&c);
        if (size < 4) /* TerminalBlock (2.5.11) */
            return c.pos;
        uint32_t signature = cur_u32le(&c);
        bool known = signature >= 0xA0000001 && signature <= 0xA00000FF;
        if (!cur_ok(&c) || size < 8 || (!known && size - 8 > cur_left(&c))) {
            /* no terminal block: what is here was never part of the link */
            lnk_malformed(l, "no block where one should be", range_of(from, 4));
            return from;
        }
        if (size - 8 > cur_left(&c)) {
            lnk_malformed(l, "a block is cut off", range_of(from, cur_left(&c)));
            l->torn = true;
            size = cur_left(&c) + 8;
        }
        if (!known) { /* the shell steps over it to those it knows */
            lnk_malformed(l, "an unknown block", range_of(from, size));
            lnk_give(l, slice_sub(l->all, from + 8, size - 8), from + 8);
        }
        one_block(l, signature, slice_sub(l->all, from, size), from);
        cur_skip(&c, size - 8);
    }
    return c.pos;
}
