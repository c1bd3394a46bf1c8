/* SPDX-License-Identifier: Apache-2.0 */
/* picture_dib - pixels of device-independent bitmaps ([MS-WMF] 2.2.2.9 DeviceIndependentBitmap),
 * as metafiles hold them, and of BMP files, which are one behind a head of 14 bytes. Left out:
 * run lengths (RLE4, RLE8) and masks other than the usual ones. */
#include "decode/shared/picture_private.h"

enum {
    CORE = 12, /* BITMAPCOREHEADER: sizes of 16 bits, colours of three bytes */
    INFO = 40, /* BITMAPINFOHEADER */
    BMP = 14,
    RGB = 0, /* Compression, 2.1.1.7 */
    FIELDS = 3,
    WORK_PER_PIXEL = 2,
};

struct dib {
    uint32_t width, height, offset; /* of the pixels in what was given */
    uint16_t depth;
    bool from_top;
    slice palette;
    unsigned entry; /* bytes of a colour in it */
};

static uint32_t size_of(uint32_t v)
{
    return v >> 31 ? 0u - v : v;
}

static bool read_head(slice s, struct dib *d)
{
    cursor c = cur_open(s);
    uint32_t head = cur_u32le(&c), how = RGB, colours = 0;
    *d = (struct dib){ .entry = head == CORE ? 3 : 4 };
    if (head == CORE) {
        d->width = cur_u16le(&c);
        d->height = cur_u16le(&c);
    } else {
        d->width = size_of(cur_u32le(&c));
        uint32_t height = cur_u32le(&c);
        d->height = size_of(height);
        d->from_top = height >> 31;
    }
    cur_skip(&c, 2);
    d->depth = cur_u16le(&c);
    if (head != CORE) {
        how = cur_u32le(&c);
        cur_skip(&c, 12);
        colours = cur_u32le(&c);
    }
    if (!cur_ok(&c) || (head != CORE && (head < INFO || head > s.len)) ||
        (how != RGB && how != FIELDS))
        return false;
    if (d->depth != 1 && d->depth != 4 && d->depth != 8 && d->depth != 16 && d->depth != 24 &&
        d->depth != 32)
        return false;
    if (d->depth <= 8 && (colours == 0 || colours > 1u << d->depth))
        colours = 1u << d->depth;
    if (d->depth > 8 && colours > 256)
        colours = 0;
    uint32_t masks = how == FIELDS && head == INFO ? 12 : 0;
    d->palette = slice_sub(s, head + masks, (size_t)colours * d->entry);
    d->offset = head + masks + colours * d->entry;
    return d->width > 0 && d->height > 0 && d->width <= PICTURE_SIDE_MAX &&
           d->height <= PICTURE_SIDE_MAX;
}

bool picture_dib_size(slice s, struct picture *out)
{
    struct dib d;
    if (!read_head(s, &d))
        return false;
    out->width = d.width;
    out->height = d.height;
    return true;
}

static uint32_t indexed(const struct dib *d, slice line, uint32_t x)
{
    unsigned each = 8u / d->depth, shift = (each - 1 - x % each) * d->depth;
    unsigned index = line.at[x / each] >> shift & ((1u << d->depth) - 1);
    slice entry = slice_sub(d->palette, (size_t)index * d->entry, 3);
    return entry.len < 3 ? PICTURE_NO_PIXEL : picture_pixel(entry.at[2], entry.at[1], entry.at[0]);
}

static uint32_t pixel(const struct dib *d, slice line, uint32_t x)
{
    if (d->depth <= 8)
        return indexed(d, line, x);
    const uint8_t *at = line.at + (size_t)x * (d->depth / 8u);
    if (d->depth >= 24)
        return picture_pixel(at[2], at[1], at[0]);
    unsigned v = (unsigned)at[0] | (unsigned)at[1] << 8; /* five bits each */
    return picture_pixel((uint8_t)(v >> 7 & 0xf8), (uint8_t)(v >> 2 & 0xf8),
                         (uint8_t)(v << 3 & 0xf8));
}

bool picture_dib_look(struct walk *w, slice head, slice bits, struct picture_grid *g)
{
    struct dib d;
    if (!read_head(head, &d) || (uint64_t)d.width * d.height > PICTURE_PIXELS_MAX)
        return false;
    g->width = d.width;
    g->height = d.height;
    picture_set_step(g, 1);
    size_t bytes = ((size_t)d.width * d.depth + 7) / 8, stride = (bytes + 3) / 4 * 4;
    uint32_t *pixels = ARENA_ARRAY(w->mem, uint32_t, d.width);
    uint32_t step = d.height > 16 * PICTURE_HIGH ? d.height / (8 * PICTURE_HIGH) : 1;
    for (uint32_t y = 0; pixels && y < d.height; y += step) {
        uint32_t row = d.from_top ? y : d.height - 1 - y;
        slice line = slice_sub(bits, (size_t)row * stride, bytes);
        if (line.len < bytes)
            continue; /* cut off: the others are there */
        if (!walk_work(w, (uint64_t)d.width * WORK_PER_PIXEL))
            break;
        for (uint32_t x = 0; x < d.width; x++)
            pixels[x] = pixel(&d, line, x);
        picture_add_row(g, y, pixels, 1);
    }
    return true;
}

slice picture_dib_bits(slice s)
{
    struct dib d;
    return read_head(s, &d) ? slice_from(s, d.offset) : (slice){ 0 };
}

/* --- BMP */

bool picture_bmp_size(slice s, struct picture *out)
{
    return slice_starts(s, SLICE_LIT("BM")) && picture_dib_size(slice_from(s, BMP), out);
}

bool picture_bmp_look(struct walk *w, slice s, struct picture_grid *g)
{
    cursor c = cur_open(s);
    if (!slice_starts(s, SLICE_LIT("BM")))
        return false;
    cur_skip(&c, 10);
    uint32_t at = cur_u32le(&c);
    slice head = slice_from(s, BMP);
    return picture_dib_look(w, head, at > BMP ? slice_from(s, at) : picture_dib_bits(head), g);
}
