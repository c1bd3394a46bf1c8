/* SPDX-License-Identifier: Apache-2.0 */
/* picture_png - pixels of PNG (ISO/IEC 15948), all colour types and depths. Of an interlaced
 * picture only the first pass is read: every eighth pixel of every eighth line. Checksums are not
 * looked at, as viewers go on without them; profiles, gamma and animation are left out. */
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/shared/picture_private.h"

enum { RAW_MAX = 4 << 20, /* lures have less, screenshots more */
       PAPER = 48, /* bytes that are looked at together */
       SIGNATURE = 8, PALETTE = 256, GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

struct png {
    uint32_t width, height;
    uint8_t depth, kind, interlace;
    unsigned channels;
    size_t line;   /* bytes of one, without the filter's */
    unsigned step; /* bytes of a pixel, at least one */
    slice palette;
    uint32_t colours[PALETTE]; /* of it */
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

/* A pixel of up to eight bytes, each with room for what is computed with it. */
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int16_t wide8 __attribute__((vector_size(16)));

#define INLINE inline __attribute__((always_inline))

/* Four at once by way of a register: vectors would wait for memory. */
static INLINE bytes8 load(const uint8_t *at, size_t bytes)
{
    uint32_t four = 0;
    uint64_t all = 0;
    if (bytes == sizeof four) {
        (void)slice_copy_out((slice){ at, bytes }, (uint8_t *)&four, sizeof four);
        return (bytes8)(uint64_t)four;
    }
    (void)slice_copy_out((slice){ at, bytes }, (uint8_t *)&all, sizeof all);
    return (bytes8)all;
}

static INLINE void store(bytes8 v, uint8_t *at, size_t bytes)
{
    uint64_t all = (uint64_t)v;
    uint32_t four = (uint32_t)all;
    if (bytes == sizeof four)
        (void)slice_copy_out((slice){ (const uint8_t *)&four, sizeof four }, at, bytes);
    else
        (void)slice_copy_out((slice){ (const uint8_t *)&all, sizeof all }, at, bytes);
}

static INLINE wide8 widen(bytes8 v) { return __builtin_convertvector(v, wide8); }

static INLINE wide8 distance(wide8 d)
{
    wide8 sign = d >> 15;
    return (d ^ sign) - sign;
}

/* Of the three neighbours the one that is nearest to left + up - corner (9.4). */
static INLINE wide8 paeth(wide8 left, wide8 up, wide8 corner)
{
    wide8 a = up - corner, b = left - corner;
    wide8 from_left = distance(a), from_up = distance(b), from_corner = distance(a + b);
    wide8 not_left = (from_left > from_up) | (from_left > from_corner);
    wide8 not_up = from_up > from_corner;
    return (left & ~not_left) | (not_left & ((up & ~not_up) | (corner & not_up)));
}

/* What is to the left, and above that. */
struct before {
    bytes8 left;
    wide8 corner;
};

/* A pixel of `step` bytes; `room`, from there to the end of the line, lets more be touched. */
static INLINE void unfilter_pixel(uint8_t filter, size_t step, size_t room, struct before *b,
                                  const uint8_t *restrict in, const uint8_t *restrict up,
                                  uint8_t *restrict out)
{
    size_t bytes = step == 3 && room > step ? step + 1 : step;
    bytes8 add = b->left;
    if (filter != 1) {
        wide8 above = widen(load(up, bytes)), left = widen(b->left);
        wide8 guess = filter == 3 ? (left + above) >> 1 : paeth(left, above, b->corner);
        add = __builtin_convertvector(guess, bytes8);
        b->corner = above;
    }
    b->left = load(in, bytes) + add;
    store(b->left, out, bytes);
}

/* Filters that look to the left, of a line of `n` bytes from `i` to `end`; left of it lie zeros. */
static INLINE void unfilter_by(uint8_t filter, size_t step, size_t i, size_t end, size_t n,
                               const uint8_t *restrict in, const uint8_t *restrict up,
                               uint8_t *restrict out)
{
    struct before b = { { 0 }, { 0 } };
    if (i > 0) {
        size_t bytes = step == 3 ? step + 1 : step;
        b.left = load(out + i - step, bytes);
        b.corner = widen(load(up + i - step, bytes));
    }
    for (; i + step <= end && i + step < n; i += step)
        unfilter_pixel(filter, step, SIZE_MAX, &b, in + i, up + i, out + i);
    if (i + step <= end)
        unfilter_pixel(filter, step, step, &b, in + i, up + i, out + i);
}

/* The first of PAPER bytes that add nothing, at a pixel from `i` on; `n` where there are none. */
static INLINE size_t next_paper(const uint8_t *in, size_t i, size_t n, size_t step)
{
    for (; n - i >= PAPER + step; i += PAPER / step * step) {
        uint8_t some = 0;
        for (size_t k = 0; k < PAPER; k++)
            some |= in[i + k];
        if (!some)
            return i;
    }
    return n;
}

/* How many bytes from `i` on add nothing, below a line that repeats its pixel. */
static INLINE size_t paper_at(const uint8_t *in, const uint8_t *up, size_t i, size_t n, size_t step)
{
    size_t from = i;
    for (; n - i >= PAPER; i += PAPER) {
        uint8_t other = 0;
        for (size_t k = 0; k < PAPER; k++)
            other |= (uint8_t)(in[i + k] | (up[i + k] ^ up[i + k - step]));
        if (other)
            break;
    }
    return (i - from) / step * step;
}

/* Paper is passed over: what adds nothing below and beside the same pixel is that pixel. */
static INLINE void unfilter_line(uint8_t filter, size_t step, size_t n, const uint8_t *restrict in,
                                 const uint8_t *restrict up, uint8_t *restrict out)
{
    for (size_t i = 0, end; i + step <= n; i = end) {
        end = next_paper(in, i, n, step);
        end = end < n ? end + step : n; /* one pixel of it, to be compared with */
        unfilter_by(filter, step, i, end, n, in, up, out);
        slice last = { out + end - step, step };
        if (end < n && slice_eq(last, (slice){ up + end - step, step })) {
            size_t paper = paper_at(in, up, end, n, step);
            end += slice_copy_out((slice){ up + end, paper }, out + end, paper);
        }
    }
}

static INLINE void unfilter_left(uint8_t filter, size_t step, size_t n, const uint8_t *in,
                                 const uint8_t *up, uint8_t *out)
{
    switch (step) {
    case 1:
        unfilter_line(filter, 1, n, in, up, out);
        return;
    case 3:
        unfilter_line(filter, 3, n, in, up, out);
        return;
    case 4:
        unfilter_line(filter, 4, n, in, up, out);
        return;
    default:
        unfilter_line(filter, step, n, in, up, out);
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

static void make_colours(struct png *p)
{
    for (size_t i = 0; i < PALETTE; i++) {
        slice entry = slice_sub(p->palette, 3 * i, 3);
        p->colours[i] = entry.len < 3 ? PICTURE_NO_PIXEL
                                      : picture_pixel(entry.at[0], entry.at[1], entry.at[2]);
    }
}

static uint32_t pixel(const struct png *p, const uint8_t *line, uint32_t x)
{
    bool grey = p->channels < 3;
    const uint8_t *at = line + (size_t)x * p->step;
    if (p->kind == RGB_ALPHA && p->depth == 8 && at[3] == 255) /* as nearly all are */
        return picture_pixel(at[0], at[1], at[2]);
    uint8_t red = sample(p, line, x, 0, true);
    uint8_t green = grey ? red : sample(p, line, x, 1, true),
            blue = grey ? red : sample(p, line, x, 2, true);
    uint8_t alpha = p->kind & GREY_ALPHA ? sample(p, line, x, p->channels - 1, true) : 255;
    return picture_pixel(over_white(red, alpha), over_white(green, alpha), over_white(blue, alpha));
}

static void take_pixels(const struct png *p, const uint8_t *line, const struct picture_grid *g,
                        uint32_t *pixels)
{
    uint32_t n = 0;
    size_t step = (size_t)g->step * p->step;
    if (p->kind == RGB && p->depth == 8) /* these two are nearly all */
        for (const uint8_t *at = line; n < g->given; at += step)
            pixels[n++] = picture_pixel(at[0], at[1], at[2]);
    else if (p->kind == INDEXED && p->depth == 8)
        for (const uint8_t *at = line; n < g->given; at += step)
            pixels[n++] = p->colours[*at];
    else if (p->kind == INDEXED)
        for (uint32_t x = 0; x < g->width; x += g->step)
            pixels[n++] = p->colours[sample(p, line, x, 0, false)];
    else
        for (uint32_t x = 0; x < g->width; x += g->step)
            pixels[n++] = pixel(p, line, x);
}

/* The line is the one above it once more. */
static bool is_repeated(uint8_t filter, slice in)
{
    return filter == 2 && in.len > 0 && in.at[0] == 0 &&
           slice_eq(slice_sub(in, 0, in.len - 1), slice_from(in, 1));
}

/* Lines that are added together, where they are the same. */
struct same_lines {
    uint32_t y, n;
    bool known; /* the pixels are those of the line that was read last */
};

static void add_lines(struct picture_grid *g, struct same_lines *lines, const uint32_t *pixels)
{
    if (lines->n > 0)
        picture_add_row(g, lines->y, pixels, lines->n);
    lines->n = 0;
}

static void put_line(const struct png *p, const uint8_t *line, uint32_t y, uint32_t *pixels,
                     struct same_lines *same, struct picture_grid *g)
{
    if (!same->known || picture_row_of(g, y) != picture_row_of(g, same->y)) {
        add_lines(g, same, pixels);
        same->y = y;
    }
    if (!same->known)
        take_pixels(p, line, g, pixels);
    same->known = true;
    same->n++;
}

static void put_lines(struct walk *w, const struct png *p, slice raw, struct picture_grid *g)
{
    uint8_t *now = ARENA_ARRAY(w->mem, uint8_t, p->line);
    uint8_t *above = ARENA_ARRAY(w->mem, uint8_t, p->line);
    uint32_t *pixels = ARENA_ARRAY(w->mem, uint32_t, g->width);
    uint32_t each = step_of(g->height, PICTURE_HIGH);
    struct same_lines same = { 0 };
    cursor c = cur_open(raw);
    for (uint32_t y = 0; now && above && pixels && y < g->height; y++) {
        uint8_t filter = cur_u8(&c);
        slice in = cur_take(&c, p->line);
        if (!cur_ok(&c) || !walk_work(w, 4 * p->line))
            break;
        if (!is_repeated(filter, in)) {
            uint8_t *other = above;
            above = now;
            now = other;
            unfilter(p, filter, in, above, now);
            same.known = false;
        }
        if (y % each == 0)
            put_line(p, now, y, pixels, &same, g);
    }
    if (pixels)
        add_lines(g, &same, pixels);
}

/* RFC 1950, without a dictionary. */
static bool is_plain_zlib(slice s)
{
    return s.len > 2 && (s.at[0] & 15) == 8 && !(s.at[1] & 32) &&
           (s.at[0] << 8 | s.at[1]) % 31 == 0;
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
    picture_set_step(g, step_of(g->width, PICTURE_WIDE));
    struct buf data = buf_new(s.len);
    read_chunks(s, &p, &data);
    make_colours(&p);
    slice packed = buf_slice(&data);
    enum inflate_wrap wrap = INFLATE_ZLIB;
    if (is_plain_zlib(packed)) { /* nobody looks at the checksum */
        wrap = INFLATE_RAW;
        packed = slice_from(packed, 2);
    }
    /* of an interlaced picture the other passes follow: not unpacked */
    uint64_t max = (uint64_t)(p.line + 1) * g->height;
    struct buf raw = buf_new((size_t)max);
    if (max <= RAW_MAX && walk_work(w, max * WORK_PER_INFLATED_BYTE) && budget_spend(w->budget, BUDGET_INFLATED, max) && buf_reserve(&raw, (size_t)max)) {
        raw.len = inflate_head(packed, wrap, raw.at, (size_t)max);
        put_lines(w, &p, buf_slice(&raw), g);
    }
    buf_drop(&raw);
    buf_drop(&data);
    return true;
}
