/* SPDX-License-Identifier: Apache-2.0 */
/* lnk_info - LinkInfo of a shell link: where the target was when the link was made, by volume or
 * by network share ([MS-SHLLINK] 2.3). Offsets are relative to the structure they stand in, and one
 * that leads outside is passed over. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/lnk/lnk_private.h"

static uint32_t u32_at(slice s, size_t at)
{
    cursor c = cur_open(slice_from(s, at));
    return cur_u32le(&c);
}

static slice ansi_at(struct lnk *l, slice s, uint32_t at) { return at ? lnk_ansi(l, slice_from(s, at)) : (slice){ 0 }; }
static slice wide_at(struct lnk *l, slice s, uint32_t at) { return at ? utf8_from_utf16le_z(l->w->mem, slice_from(s, at)) : (slice){ 0 }; }

/* VolumeID (2.3.1) */
static void volume(struct lnk *l, slice v, struct range at)
{
    static const char *const kinds[] = { "unknown", "none", "removable", "fixed", "remote", "cdrom", "ramdisk" };
    char hex[9];
    uint32_t kind = u32_at(v, 4), serial = u32_at(v, 8), label = u32_at(v, 12);
    if (v.len < 16)
        return;
    if (kind < sizeof kinds / sizeof kinds[0])
        walk_cstr(l->w, FACT_LNK_DRIVE_TYPE, kinds[kind], at);
    const uint8_t be[4] = { (uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8), (uint8_t)serial };
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 8; i++)
        hex[i] = digits[be[i / 2] >> (i % 2 ? 0 : 4) & 15];
    hex[8] = 0;
    walk_cstr(l->w, FACT_LNK_VOLUME_SERIAL, hex, at);
    lnk_text(l, FACT_LNK_VOLUME_LABEL, label == 0x14 ? wide_at(l, v, u32_at(v, 16)) : ansi_at(l, v, label), at);
}

/* CommonNetworkRelativeLink (2.3.2): the share the path below hangs on */
static slice share(struct lnk *l, slice n)
{
    uint32_t name = u32_at(n, 8);
    slice wide = name > 0x14 ? wide_at(l, n, u32_at(n, 20)) : (slice){ 0 };
    return wide.len ? wide : ansi_at(l, n, name);
}

static slice joined(struct lnk *l, slice base, slice below)
{
    struct buf b = buf_new(LNK_PATH_MAX);
    buf_put(&b, base);
    if (base.len && below.len && base.at[base.len - 1] != '\\')
        buf_byte(&b, '\\');
    buf_put(&b, below);
    slice s = arena_copy(l->w->mem, buf_slice(&b));
    buf_drop(&b);
    return utf8_clean(l->w->mem, s);
}

void lnk_info(struct lnk *l, slice info, size_t at)
{
    uint32_t head = u32_at(info, 4), flags = u32_at(info, 8);
    struct range where = range_of(at, info.len);
    slice base = { 0 }, below = { 0 };
    if (head >= 0x24) {
        base = wide_at(l, info, u32_at(info, 28));
        below = wide_at(l, info, u32_at(info, 32));
    }
    if (below.len == 0)
        below = ansi_at(l, info, u32_at(info, 24));
    if (flags & 1) {
        volume(l, slice_from(info, u32_at(info, 12)), where);
        if (base.len == 0)
            base = ansi_at(l, info, u32_at(info, 16));
    }
    if (flags & 2) {
        slice net = share(l, slice_from(info, u32_at(info, 20)));
        lnk_text(l, FACT_LNK_NETWORK_SHARE, net, where);
        if (net.len)
            base = net;
    }
    l->info = joined(l, base, below);
}
