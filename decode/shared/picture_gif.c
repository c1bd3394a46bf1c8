/* SPDX-License-Identifier: Apache-2.0 */
/* picture_gif - pixels of GIF (CompuServe, GIF89a): the first picture of the file, which is what
 * Office shows before anything moves. LZW codes that cannot be end the picture; what was read of
 * it stands. Transparent pixels show the paper.
 * Left out: later frames, text extensions. */
#include "decode/shared/picture_private.h"

enum {
    HEAD = 13, /* signature and logical screen */
    TABLE = 0x80,
    INTERLACED = 0x40,
    EXTENSION = 0x21,
    CONTROL = 0xf9,
    IMAGE = 0x2c,
    CODES = 4096,
    CODE_BITS = 12,
    NO_INDEX = 256,
    EXTENSIONS_MAX = 256,
    WORK_PER_PIXEL = 4,
};

struct gif {
    cursor in;
    uint32_t width, height;           /* of the canvas */
    uint32_t left, top, across, down; /* of the picture in it */
    slice palette;
    unsigned transparent;
    bool interlaced;
};

static bool read_head(slice s, struct gif *f, uint8_t *flags_out)
{
    *f = (struct gif){ .in = cur_open(s), .transparent = NO_INDEX };
    if (!slice_starts(s, SLICE_LIT("GIF87a")) && !slice_starts(s, SLICE_LIT("GIF89a")))
        return false;
    cur_skip(&f->in, 6);
    f->width = cur_u16le(&f->in);
    f->height = cur_u16le(&f->in);
    *flags_out = cur_u8(&f->in);
    cur_skip(&f->in, 2);
    return cur_ok(&f->in);
}

bool picture_gif_size(slice s, struct picture *out)
{
    struct gif f;
    uint8_t flags;
    if (!read_head(s, &f, &flags))
        return false;
    out->width = f.width;
    out->height = f.height;
    return true;
}

static slice read_table(cursor *in, uint8_t flags)
{
    return flags & TABLE ? cur_take(in, (size_t)3 << ((flags & 7) + 1)) : (slice){ 0 };
}

/* Blocks of an extension, each behind its length; the first is what it says. */
static void read_extension(struct gif *f)
{
    uint8_t kind = cur_u8(&f->in);
    bool first = true;
    for (uint8_t n; (n = cur_u8(&f->in)) > 0; first = false) {
        slice block = cur_take(&f->in, n);
        if (first && kind == CONTROL && block.len >= 4 && block.at[0] & 1)
            f->transparent = block.at[3];
    }
}

/* Up to the codes of the first picture. */
static bool find_picture(struct gif *f, uint8_t flags)
{
    f->palette = read_table(&f->in, flags);
    for (unsigned n = 0; cur_more(&f->in) && n < EXTENSIONS_MAX; n++) {
        uint8_t kind = cur_u8(&f->in);
        if (kind == EXTENSION) {
            read_extension(f);
            continue;
        }
        if (kind != IMAGE)
            return false;
        f->left = cur_u16le(&f->in);
        f->top = cur_u16le(&f->in);
        f->across = cur_u16le(&f->in);
        f->down = cur_u16le(&f->in);
        uint8_t own = cur_u8(&f->in);
        slice table = read_table(&f->in, own);
        f->palette = table.len ? table : f->palette;
        f->interlaced = own & INTERLACED;
        return cur_ok(&f->in);
    }
    return false;
}

/* --- LZW (appendix F) */

struct lzw {
    cursor in;    /* of the file */
    cursor block; /* the sub-block that is read */
    uint32_t bits;
    unsigned held;  /* bits of it */
    unsigned first; /* the code that clears the table; the next ends the picture */
    unsigned width, next, last;
    uint16_t prefix[CODES];
    uint8_t tail[CODES], head[CODES];
    uint8_t string[CODES]; /* of the code read last, backwards */
    size_t left;           /* bytes of it still to be given */
};

static bool next_code(struct lzw *z, unsigned *code_out)
{
    while (z->held < z->width) {
        if (!cur_more(&z->block))
            z->block = cur_sub(&z->in, cur_u8(&z->in));
        if (!cur_more(&z->block))
            return false;
        z->bits |= (uint32_t)cur_u8(&z->block) << z->held;
        z->held += 8;
    }
    *code_out = z->bits & ((1u << z->width) - 1);
    z->bits >>= z->width;
    z->held -= z->width;
    return true;
}

static void clear(struct lzw *z)
{
    z->next = z->first + 2;
    z->last = CODES;
    for (z->width = 1; 1u << z->width < z->next; z->width++)
        ;
}

static bool start(struct lzw *z, cursor in)
{
    uint8_t bits = cur_u8(&in);
    if (!cur_ok(&in) || bits == 0 || bits > 8)
        return false;
    z->in = in;
    z->block = cur_open((slice){ 0 });
    z->first = 1u << bits;
    z->bits = z->held = 0;
    z->left = 0;
    for (unsigned i = 0; i < z->first; i++)
        z->head[i] = z->tail[i] = (uint8_t)i;
    clear(z);
    return true;
}

/* A code stands for the string of another one and a byte behind it. */
static bool take_code(struct lzw *z, unsigned code)
{
    unsigned known = code < z->next ? code : z->last;
    if (code > z->next || known == CODES || (code >= z->next && z->next >= CODES))
        return false;
    if (z->last != CODES && z->next < CODES) {
        z->prefix[z->next] = (uint16_t)z->last;
        z->head[z->next] = z->head[z->last];
        z->tail[z->next] = z->head[known];
        z->next++;
        if (z->next == 1u << z->width && z->width < CODE_BITS)
            z->width++;
    } else if (code >= z->next) {
        return false;
    }
    z->last = code;
    for (; code >= z->first; code = z->prefix[code])
        z->string[z->left++] = z->tail[code];
    z->string[z->left++] = (uint8_t)code;
    return true;
}

static bool next_index(struct lzw *z, uint8_t *out)
{
    while (z->left == 0) {
        unsigned code;
        if (!next_code(z, &code) || code == z->first + 1)
            return false;
        if (code == z->first)
            clear(z);
        else if (!take_code(z, code))
            return false;
    }
    *out = z->string[--z->left];
    return true;
}

/* --- pixels */

static uint32_t colour_of(const struct gif *f, uint8_t index)
{
    slice entry = slice_sub(f->palette, (size_t)3 * index, 3);
    if (index == f->transparent)
        return picture_pixel(255, 255, 255);
    return entry.len < 3 ? PICTURE_NO_PIXEL : picture_pixel(entry.at[0], entry.at[1], entry.at[2]);
}

/* Appendix E: of an interlaced picture every eighth row, those between, and so on. */
static uint32_t row_of(const struct gif *f, uint32_t n)
{
    static const uint8_t from[] = { 0, 4, 2, 1 }, every[] = { 8, 8, 4, 2 };
    if (!f->interlaced)
        return n;
    for (unsigned pass = 0; pass < 4; pass++) {
        uint32_t rows = (f->down + every[pass] - 1 - from[pass]) / every[pass];
        if (n < rows)
            return from[pass] + n * every[pass];
        n -= rows;
    }
    return f->down;
}

static void put_picture(struct walk *w, const struct gif *f, struct lzw *z, uint32_t *pixels,
                        struct picture_grid *g)
{
    for (uint32_t n = 0; n < f->down; n++) {
        uint32_t y = f->top + row_of(f, n);
        uint8_t index;
        if (!walk_work(w, (uint64_t)f->across * WORK_PER_PIXEL))
            return;
        for (uint32_t x = 0; x < f->across; x++) {
            if (!next_index(z, &index))
                return;
            if (f->left + x < g->width)
                pixels[f->left + x] = colour_of(f, index);
        }
        if (y < g->height)
            picture_add_row(g, y, pixels, 1);
    }
}

bool picture_gif_look(struct walk *w, slice s, struct picture_grid *g)
{
    struct gif f;
    uint8_t flags;
    if (!read_head(s, &f, &flags))
        return false;
    g->width = f.width;
    g->height = f.height;
    picture_set_step(g, 1);
    struct lzw *z = ARENA_NEW(w->mem, struct lzw);
    uint32_t *pixels = ARENA_ARRAY(w->mem, uint32_t, g->width);
    /* Rows outside the canvas are decoded as well: no more of them than a canvas may have. */
    if (!z || !pixels || !find_picture(&f, flags) ||
        (uint64_t)f.across * f.down > PICTURE_PIXELS_MAX || !start(z, f.in))
        return true;
    for (uint32_t x = 0; x < g->width; x++)
        pixels[x] = picture_pixel(255, 255, 255);
    put_picture(w, &f, z, pixels, g);
    return true;
}
