/* SPDX-License-Identifier: Apache-2.0 */
/* picture_emf - what metafiles show, as far as it is a bitmap: [MS-EMF] 2.3.1 (bitmap records),
 * [MS-EMFPLUS] 2.2.1.4 (an image in a comment), [MS-WMF] 2.3.1; and both as Office 97 packs them,
 * [MS-ODRAW] 2.2.24 and 2.2.25 (blips, deflated). The largest bitmap stands for the metafile: a
 * notice that was pasted as one is a single bitmap, however it is wrapped. Left out: all that is
 * drawn by lines and text, and images cut into several comments. */
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/shared/picture_private.h"

enum {
    EMF_SIGNATURE_AT = 40,
    EMF_HEADER = 1,
    EMF_COMMENT = 70,
    COMMENT_PLUS = 0x2b464d45, /* "EMF+" */
    PLUS_OBJECT = 0x4008,
    PLUS_IMAGE = 5,
    PLUS_CONTINUES = 0x8000,
    PLUS_BITMAP_HEAD = 28, /* version, type of image, sizes, type of bitmap */
    EMF_BITBLT = 76,
    EMF_STRETCHBLT = 77,
    EMF_MASKBLT = 78,
    EMF_SETDIBITS = 80,
    EMF_STRETCHDIBITS = 81,
    EMF_ALPHABLEND = 114,
    EMF_TRANSPARENTBLT = 116,
    WMF_PLACEABLE = 22,
    WMF_HEADER = 18,
    WMF_DIBBITBLT = 0x0940,
    WMF_DIBSTRETCHBLT = 0x0b41,
    WMF_SETDIBTODEV = 0x0d33,
    WMF_STRETCHDIB = 0x0f43,
    BLIP_EMF = 0xf01a,
    BLIP_WMF = 0xf01b,
    BLIP_DEFLATED = 0,
    EMU_PER_PIXEL = 9525, /* 96 a inch */
    RAW_MAX = 8 << 20,
    OFFERED_MAX = 64,
    WORK_PER_RECORD = 4,
    WORK_PER_MISS = 8,
};

/* --- sizes */

static uint32_t extent(uint32_t from, uint32_t to)
{
    return to > from && to - from <= INT32_MAX ? to - from : 0;
}

/* rclFrame, in hundredths of a millimetre. */
static bool emf_size(slice s, struct picture *out)
{
    cursor c = cur_open(s);
    if (cur_u32le(&c) != EMF_HEADER ||
        !slice_starts(slice_from(s, EMF_SIGNATURE_AT), SLICE_LIT(" EMF")))
        return false;
    cur_skip(&c, 20);
    uint32_t left = cur_u32le(&c), top = cur_u32le(&c), right = cur_u32le(&c),
             bottom = cur_u32le(&c);
    out->width = (uint32_t)((uint64_t)extent(left, right) * 96 / 2540);
    out->height = (uint32_t)((uint64_t)extent(top, bottom) * 96 / 2540);
    return cur_ok(&c);
}

/* The header that Windows puts in front of a file; a bare metafile does not say how large it is. */
static bool wmf_size(slice s, struct picture *out)
{
    cursor c = cur_open(s);
    if (cur_u32le(&c) != 0x9ac6cdd7)
        return false;
    cur_skip(&c, 2);
    uint16_t left = cur_u16le(&c), top = cur_u16le(&c), right = cur_u16le(&c),
             bottom = cur_u16le(&c);
    uint32_t inch = cur_u16le(&c);
    out->width = inch ? (uint32_t)(uint16_t)(right - left) * 96 / inch : 0;
    out->height = inch ? (uint32_t)(uint16_t)(bottom - top) * 96 / inch : 0;
    return cur_ok(&c);
}

struct blip {
    uint32_t size, width, height;
    bool deflated;
    slice data;
};

/* Unique ids first: two of them where the instance is odd. */
static bool read_blip(slice s, struct blip *b)
{
    cursor c = cur_open(s);
    uint16_t head = cur_u16le(&c), kind = cur_u16le(&c), instance = head >> 4;
    bool emf = kind == BLIP_EMF && (instance == 0x3d4 || instance == 0x3d5);
    bool wmf = kind == BLIP_WMF && (instance == 0x216 || instance == 0x217);
    if ((!emf && !wmf) || head & 15)
        return false;
    cur_skip(&c, 4 + (instance & 1 ? 32 : 16));
    b->size = cur_u32le(&c);
    cur_skip(&c, 16);
    b->width = cur_u32le(&c) / EMU_PER_PIXEL;
    b->height = cur_u32le(&c) / EMU_PER_PIXEL;
    uint32_t saved = cur_u32le(&c);
    b->deflated = cur_u8(&c) == BLIP_DEFLATED;
    cur_skip(&c, 1);
    b->data = slice_sub(cur_rest(&c), 0, saved);
    return cur_ok(&c);
}

bool picture_emf_size(slice s, struct picture *out)
{
    struct blip b;
    if (!read_blip(s, &b))
        return emf_size(s, out) || wmf_size(s, out);
    out->width = b.width;
    out->height = b.height;
    return true;
}

/* --- bitmaps */

/* The largest so far: a file of its own, or a bitmap whose head and pixels stand apart. */
struct found {
    slice file, head, bits;
    uint64_t area;
};

static void offer_file(struct found *f, slice file)
{
    struct picture p = { 0 };
    bool known = picture_png_size(file, &p) || picture_jpeg_size(file, &p) ||
                 picture_gif_size(file, &p) || picture_bmp_size(file, &p);
    if (known && (uint64_t)p.width * p.height > f->area)
        *f = (struct found){ .file = file, .area = (uint64_t)p.width * p.height };
}

static void offer_dib(struct found *f, slice head, slice bits)
{
    struct picture p = { 0 };
    if (picture_dib_size(head, &p) && (uint64_t)p.width * p.height > f->area)
        *f = (struct found){ .head = head, .bits = bits, .area = (uint64_t)p.width * p.height };
}

/* Where a bitmap record says that head and pixels stand; 0: it is none. */
static size_t emf_offsets(uint32_t kind)
{
    switch (kind) {
    case EMF_BITBLT:
    case EMF_STRETCHBLT:
    case EMF_MASKBLT:
    case EMF_ALPHABLEND:
    case EMF_TRANSPARENTBLT:
        return 84;
    case EMF_SETDIBITS:
    case EMF_STRETCHDIBITS:
        return 48;
    default:
        return 0;
    }
}

static void read_plus(struct found *f, slice records)
{
    cursor c = cur_open(records);
    while (cur_left(&c) >= 12) {
        uint16_t kind = cur_u16le(&c), flags = cur_u16le(&c);
        uint32_t size = cur_u32le(&c);
        cur_skip(&c, 4);
        slice data = slice_sub(cur_rest(&c), 0, size > 12 ? size - 12 : 0);
        if (kind == PLUS_OBJECT && !(flags & PLUS_CONTINUES) && (flags >> 8 & 0x7f) == PLUS_IMAGE)
            offer_file(f, slice_from(data, PLUS_BITMAP_HEAD));
        cur_skip(&c, data.len);
    }
}

static void read_emf(struct walk *w, slice s, struct found *f)
{
    for (size_t at = 0; s.len - at >= 8 && walk_work(w, WORK_PER_RECORD);) {
        cursor c = cur_open(slice_from(s, at));
        uint32_t kind = cur_u32le(&c), size = cur_u32le(&c);
        slice record = slice_sub(s, at, size);
        size_t offsets = emf_offsets(kind);
        if (size < 8)
            return;
        if (offsets) {
            cur_seek(&c, offsets);
            uint32_t head = cur_u32le(&c), head_len = cur_u32le(&c), bits = cur_u32le(&c);
            if (cur_ok(&c) && head)
                offer_dib(f, slice_sub(record, head, head_len), slice_from(record, bits));
        } else if (kind == EMF_COMMENT) {
            cur_skip(&c, 4);
            if (cur_u32le(&c) == COMMENT_PLUS)
                read_plus(f, slice_from(record, 16));
        }
        at += record.len;
    }
}

static size_t wmf_offset(uint16_t kind)
{
    switch (kind) {
    case WMF_DIBBITBLT:
        return 22;
    case WMF_DIBSTRETCHBLT:
        return 26;
    case WMF_SETDIBTODEV:
        return 24;
    case WMF_STRETCHDIB:
        return 28;
    default:
        return 0;
    }
}

static void read_wmf(struct walk *w, slice s, struct found *f)
{
    size_t at = slice_starts(s, SLICE_LIT("\xd7\xcd\xc6\x9a")) ? WMF_PLACEABLE : 0;
    for (at += WMF_HEADER; at < s.len && s.len - at >= 6 && walk_work(w, WORK_PER_RECORD);) {
        cursor c = cur_open(slice_from(s, at));
        uint32_t words = cur_u32le(&c);
        size_t offset = wmf_offset(cur_u16le(&c));
        slice record = slice_sub(s, at, (size_t)words * 2);
        if (words < 3)
            return;
        if (offset) {
            slice dib = slice_from(record, offset);
            offer_dib(f, dib, picture_dib_bits(dib));
        }
        at += record.len;
    }
}

static bool look_at(struct walk *w, slice s, struct picture_grid *g)
{
    struct found f = { 0 };
    struct picture p;
    if (emf_size(s, &p))
        read_emf(w, s, &f);
    else
        read_wmf(w, s, &f);
    if (f.area > PICTURE_PIXELS_MAX || f.area == 0)
        return true;
    if (f.head.len)
        return picture_dib_look(w, f.head, f.bits, g);
    return picture_png_look(w, f.file, g) || picture_jpeg_look(w, f.file, g) ||
           picture_gif_look(w, f.file, g) || picture_bmp_look(w, f.file, g);
}

bool picture_emf_look(struct walk *w, slice s, struct picture_grid *g)
{
    struct blip b;
    struct picture p;
    if (!read_blip(s, &b))
        return (emf_size(s, &p) || wmf_size(s, &p)) && look_at(w, s, g);
    if (!b.deflated)
        return look_at(w, b.data, g);
    size_t most = b.size < RAW_MAX ? b.size : RAW_MAX;
    struct buf raw = buf_new(most);
    if (walk_work(w, most * WORK_PER_INFLATED_BYTE) &&
        budget_spend(w->budget, BUDGET_INFLATED, most) && buf_reserve(&raw, most)) {
        raw.len = inflate_head(b.data, INFLATE_ZLIB, raw.at, most);
        (void)look_at(w, buf_slice(&raw), g);
    }
    buf_drop(&raw);
    return true;
}

void picture_offer_metafiles(struct walk *w, struct picture_choice *c, slice stream)
{
    if (!walk_work(w, stream.len / 4))
        return;
    for (size_t at = slice_find_byte(stream, 0xf0, 3), n = 0; at != SIZE_MAX && n < OFFERED_MAX;
         at = slice_find_byte(stream, 0xf0, at + 1)) {
        uint8_t kind = stream.at[at - 1], instance = stream.at[at - 2];
        if ((kind == 0x1a && instance == 0x3d) || (kind == 0x1b && instance == 0x21)) {
            picture_offer(c, slice_from(stream, at - 3));
            n++;
        } else if (!walk_work(w, WORK_PER_MISS)) {
            return;
        }
    }
}
