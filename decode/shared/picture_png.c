/* SPDX-License-Identifier: Apache-2.0 */
/* picture_png - pixels of PNG (ISO/IEC 15948), all colour types and depths. Of an interlaced
 * picture only the first pass is read: every eighth pixel of every eighth line. Checksums are not
 * looked at, as viewers go on without them; profiles, gamma and animation are left out. */
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/shared/picture_private.h"

#include <stdlib.h>

enum { RAW_MAX = 4 << 20, /* lures have less, screenshots more */
       SIGNATURE = 8, PALETTE = 256, GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

struct png {
    uint32_t width, height;
    uint8_t depth, kind, interlace;
    unsigned channels;
    size_t line;   /* bytes of one, without the filter's */
    unsigned step; /* bytes of a pixel, at least one */
    slice palette;
};

static bool read_header(slice s, struct png *p)
{
    cursor c = cur_open(s);
    if (!slice_starts(s, SLICE_LIT("\x89PNG\r\n\x1a\n")))
        return false;
    cur_skip(&c, SIGNATURE + 8);
    *p = (struct png){ .width = cur_u32be(&c), .height = cur_u32be(&c), .depth = cur_u8(&c), .kind = cur_u8(&c) };
    cur_skip(&c, 2);
    p->interlace = cur_u8(&c);
    static const unsigned channels[] = { 1, 0, 3, 1, 2, 0, 4 };
    p->channels = p->kind <= RGB_ALPHA ? channels[p->kind] : 0;
    bool depth = p->depth == 1 || p->depth == 2 || p->depth == 4 || p->depth == 8 || p->depth == 16;
    if (!cur_ok(&c) || !p->channels || !depth || p->width > PICTURE_SIDE_MAX || p->height > PICTURE_SIDE_MAX)
        return false;
    return true;
}

bool picture_png_size(slice s, struct picture *out)
{
    struct png p;
    if (!read_header(s, &p))
        return false;
    out->width = p.width;
    out->height = p.height;
    return true;
}

/* All IDAT chunks together, and the palette. */
static void read_chunks(slice s, struct png *p, struct buf *data)
{
    cursor c = cur_open(s);
    cur_skip(&c, SIGNATURE);
    while (cur_more(&c)) {
        uint32_t len = cur_u32be(&c);
        slice kind = cur_take(&c, 4);
        slice body = len <= cur_left(&c) ? cur_take(&c, len) : cur_take(&c, cur_left(&c));
        cur_skip(&c, 4);
        if (slice_is(kind, "PLTE"))
            p->palette = body;
        else if (slice_is(kind, "IDAT"))
            buf_put(data, body);
        else if (slice_is(kind, "IEND"))
            break;
    }
}

/* Of the three neighbours the one that is nearest to left + up - corner (9.4), without branches. */
static inline uint8_t paeth(int left, int up, int corner)
{
    int from_left = abs(up - corner), from_up = abs(left - corner),
        from_corner = abs(left + up - 2 * corner);
    int side = from_left <= from_up ? left : up,
        from_side = from_left <= from_up ? from_left : from_up;
    return (uint8_t)(from_side <= from_corner ? side : corner);
}

/* Filters that look to the left, a pixel of `step` bytes at a time; left of the line lie zeros. */
static inline __attribute__((always_inline)) void unfilter_by(uint8_t filter, size_t step, size_t n,
                                                              const uint8_t *restrict in,
                                                              const uint8_t *restrict up,
                                                              uint8_t *restrict out)
{
    uint8_t left[8] = { 0 }, corner[8] = { 0 };
    for (size_t i = 0; i + step <= n; i += step)
        for (size_t k = 0; k < step; k++) {
            uint8_t add = filter == 1   ? left[k]
                          : filter == 3 ? (uint8_t)((left[k] + up[i + k]) / 2)
                                        : paeth(left[k], up[i + k], corner[k]);
            corner[k] = up[i + k];
            left[k] = (uint8_t)(in[i + k] + add);
            out[i + k] = left[k];
        }
}

static inline __attribute__((always_inline)) void unfilter_left(uint8_t filter, size_t step,
                                                                size_t n, const uint8_t *in,
                                                                const uint8_t *up, uint8_t *out)
{
    switch (step) {
    case 1:
        unfilter_by(filter, 1, n, in, up, out);
        return;
    case 3:
        unfilter_by(filter, 3, n, in, up, out);
        return;
    case 4:
        unfilter_by(filter, 4, n, in, up, out);
        return;
    default:
        unfilter_by(filter, step, n, in, up, out);
    }
}

static void unfilter_up(size_t n, const uint8_t *restrict in, const uint8_t *restrict up,
                        uint8_t *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(in[i] + up[i]);
}

/* Undoes the filter of a line (9.2), which is whole pixels; `up` is the line above, zeros for the
 * first. */
static void unfilter(const struct png *p, uint8_t filter, slice in, const uint8_t *up, uint8_t *out)
{
    switch (filter) {
    case 1:
        unfilter_left(1, p->step, p->line, in.at, up, out);
        return;
    case 2:
        unfilter_up(p->line, in.at, up, out);
        return;
    case 3:
        unfilter_left(3, p->step, p->line, in.at, up, out);
        return;
    case 4:
        unfilter_left(4, p->step, p->line, in.at, up, out);
        return;
    default:
        (void)slice_copy_out(in, out, p->line);
    }
}

/* A sample as eight bits; `scale` spreads what has fewer. */
static uint8_t sample(const struct png *p, const uint8_t *line, uint32_t x, unsigned channel, bool scale)
{
    size_t index = (size_t)x * p->channels + channel;
    if (p->depth == 16)
        return line[2 * index];
    if (p->depth == 8)
        return line[index];
    unsigned each = 8u / p->depth, shift = (each - 1 - (unsigned)(index % each)) * p->depth, most = (1u << p->depth) - 1;
    unsigned v = line[index / each] >> shift & most;
    return (uint8_t)(scale ? v * 255 / most : v);
}

/* Transparent pixels show the paper. */
static uint8_t over_white(uint8_t v, uint8_t alpha) { return (uint8_t)((v * alpha + 255 * (255 - alpha)) / 255); }

/* Enough of large pictures: some eight samples a cell. */
static uint32_t step_of(uint32_t side, uint32_t cells) { return side > 16 * cells ? side / (8 * cells) : 1; }

static uint32_t indexed_pixel(const struct png *p, const uint8_t *line, uint32_t x)
{
    slice entry = slice_sub(p->palette, 3 * (size_t)sample(p, line, x, 0, false), 3);
    return entry.len < 3 ? PICTURE_NO_PIXEL : picture_pixel(entry.at[0], entry.at[1], entry.at[2]);
}

static uint32_t pixel(const struct png *p, const uint8_t *line, uint32_t x)
{
    bool grey = p->channels < 3;
    uint8_t red = sample(p, line, x, 0, true);
    uint8_t green = grey ? red : sample(p, line, x, 1, true),
            blue = grey ? red : sample(p, line, x, 2, true);
    uint8_t alpha = p->kind & GREY_ALPHA ? sample(p, line, x, p->channels - 1, true) : 255;
    return picture_pixel(over_white(red, alpha), over_white(green, alpha), over_white(blue, alpha));
}

static void put_line(const struct png *p, const uint8_t *line, uint32_t y, uint32_t *pixels,
                     struct picture_grid *g)
{
    uint32_t step = step_of(g->width, PICTURE_WIDE), n = 0;
    bool opaque = p->kind == RGB && p->depth == 8, clear = p->kind == RGB_ALPHA && p->depth == 8;
    for (uint32_t x = 0; x < g->width; x += step) {
        const uint8_t *at = line + (size_t)x * p->step;
        if (opaque || (clear && at[3] == 255)) /* nearly all that there are */
            pixels[n++] = picture_pixel(at[0], at[1], at[2]);
        else
            pixels[n++] = p->kind == INDEXED ? indexed_pixel(p, line, x) : pixel(p, line, x);
    }
    picture_add_row(g, y, pixels, step);
}

static void put_lines(struct walk *w, const struct png *p, slice raw, struct picture_grid *g)
{
    uint8_t *lines = ARENA_ARRAY(w->mem, uint8_t, 2 * p->line);
    uint32_t *pixels = ARENA_ARRAY(w->mem, uint32_t, g->width);
    cursor c = cur_open(raw);
    for (uint32_t y = 0; lines && pixels && y < g->height; y++) {
        uint8_t filter = cur_u8(&c);
        slice in = cur_take(&c, p->line);
        if (!cur_ok(&c) || !walk_work(w, 4 * p->line))
            return;
        uint8_t *now = lines + (y & 1) * p->line, *before = lines + (~y & 1) * p->line;
        unfilter(p, filter, in, before, now);
        if (y % step_of(g->height, PICTURE_HIGH) == 0)
            put_line(p, now, y, pixels, g);
    }
}

bool picture_png_look(struct walk *w, slice s, struct picture_grid *g)
{
    struct png p;
    if (!read_header(s, &p))
        return false;
    g->width = p.interlace ? (p.width + 7) / 8 : p.width;
    g->height = p.interlace ? (p.height + 7) / 8 : p.height;
    size_t bits = (size_t)p.channels * p.depth;
    p.line = (bits * g->width + 7) / 8;
    p.step = (unsigned)(bits > 8 ? bits / 8 : 1);
    struct buf data = buf_new(s.len);
    read_chunks(s, &p, &data);
    /* of an interlaced picture the other passes follow: not unpacked */
    uint64_t max = (uint64_t)(p.line + 1) * g->height;
    struct buf raw = buf_new((size_t)max);
    if (max <= RAW_MAX && walk_work(w, max * WORK_PER_INFLATED_BYTE) && budget_spend(w->budget, BUDGET_INFLATED, max) && buf_reserve(&raw, (size_t)max)) {
        raw.len = inflate_head(buf_slice(&data), INFLATE_ZLIB, raw.at, (size_t)max);
        put_lines(w, &p, buf_slice(&raw), g);
    }
    buf_drop(&raw);
    buf_drop(&data);
    return true;
}
