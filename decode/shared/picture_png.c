/* SPDX-License-Identifier: Apache-2.0 */
/* picture_png - pixels of PNG (ISO/IEC 15948), all colour types and depths. Of an interlaced
 * picture only the first pass is read: every eighth pixel of every eighth line. Checksums are not
 * looked at, as viewers go on without them; profiles, gamma and animation are left out. */
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/shared/picture_private.h"

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

static uint8_t paeth(uint8_t a, uint8_t b, uint8_t c)
{
    int p = (int)a + b - c, pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p, pc = p > c ? p - c : c - p;
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* Undoes the filter of a line (9.2); `up` is the line above, zeros for the first. */
static void unfilter(const struct png *p, uint8_t filter, slice in, const uint8_t *up, uint8_t *out)
{
    size_t n = p->line, step = p->step < n ? p->step : n;
    switch (filter) {
    case 1:
        (void)slice_copy_out(in, out, step);
        for (size_t i = step; i < n; i++)
            out[i] = (uint8_t)(in.at[i] + out[i - step]);
        return;
    case 2:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(in.at[i] + up[i]);
        return;
    case 3:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(in.at[i] + ((i >= step ? out[i - step] : 0) + up[i]) / 2);
        return;
    case 4:
        for (size_t i = 0; i < step; i++)
            out[i] = (uint8_t)(in.at[i] + up[i]);
        for (size_t i = step; i < n; i++)
            out[i] = (uint8_t)(in.at[i] + paeth(out[i - step], up[i], up[i - step]));
        return;
    default:
        (void)slice_copy_out(in, out, n);
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

static void put_line(const struct png *p, const uint8_t *line, uint32_t y, struct picture_grid *g)
{
    for (uint32_t x = 0; x < g->width; x += step_of(g->width, PICTURE_WIDE)) {
        uint8_t red, green, blue, alpha = 255;
        if (p->kind == INDEXED) {
            slice entry = slice_sub(p->palette, 3 * (size_t)sample(p, line, x, 0, false), 3);
            if (entry.len < 3)
                continue;
            red = entry.at[0], green = entry.at[1], blue = entry.at[2];
        } else {
            bool grey = p->channels < 3;
            red = sample(p, line, x, 0, true);
            green = grey ? red : sample(p, line, x, 1, true);
            blue = grey ? red : sample(p, line, x, 2, true);
            if (p->kind & GREY_ALPHA)
                alpha = sample(p, line, x, p->channels - 1, true);
        }
        picture_pixel(g, x, y, over_white(red, alpha), over_white(green, alpha), over_white(blue, alpha));
    }
}

static void put_lines(struct walk *w, const struct png *p, slice raw, struct picture_grid *g)
{
    uint8_t *lines = ARENA_ARRAY(w->mem, uint8_t, 2 * p->line);
    cursor c = cur_open(raw);
    for (uint32_t y = 0; lines && y < g->height; y++) {
        uint8_t filter = cur_u8(&c);
        slice in = cur_take(&c, p->line);
        if (!cur_ok(&c) || !walk_work(w, 4 * p->line))
            return;
        uint8_t *now = lines + (y & 1) * p->line, *before = lines + (~y & 1) * p->line;
        unfilter(p, filter, in, before, now);
        if (y % step_of(g->height, PICTURE_HIGH) == 0)
            put_line(p, now, y, g);
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
