/* SPDX-License-Identifier: Apache-2.0 */
/* picture_private - what the decoders of pictures share. */
#pragma once
#include "decode/shared/picture.h"

enum { PICTURE_SIDE_MAX = 1 << 15, PICTURE_PIXELS_MAX = 5 << 19, PICTURE_COLOURS = 512 };

/* What pixels are added to. */
struct picture_grid {
    uint32_t width, height; /* of what is added; may be a reduced picture */
    uint32_t step, given;   /* the pixels of a row that are given: every `step`th */
    uint32_t ends[PICTURE_WIDE]; /* by column: the first of the pixels given that lies behind it */
    uint64_t sum[PICTURE_HIGH][PICTURE_WIDE];
    uint32_t count[PICTURE_HIGH][PICTURE_WIDE];
    uint32_t colour[PICTURE_COLOURS];
    uint64_t pixels;
};

/* Pixels are numbers: red, green, blue, from the highest. One that is not known is this. */
enum { PICTURE_NO_PIXEL = 1 << 24 };
static inline uint32_t picture_pixel(uint8_t red, uint8_t green, uint8_t blue)
{
    return (uint32_t)red << 16 | (uint32_t)green << 8 | blue;
}

static inline size_t picture_row_of(const struct picture_grid *g, uint32_t y)
{
    return (size_t)((uint64_t)y * PICTURE_HIGH / g->height);
}

/* Of each row every `step`th pixel is given, from the first; once width and height are known. */
void picture_set_step(struct picture_grid *g, uint32_t step);
/* Adds row `y` as if it were there `times`: as many pixels as lie in the width. */
void picture_add_row(struct picture_grid *g, uint32_t y, const uint32_t *pixels, uint32_t times);

/* Each: size from the header; and pixels into the grid. False: not this kind, or damaged. */
bool picture_png_size(slice s, struct picture *out);
bool picture_png_look(struct walk *w, slice s, struct picture_grid *g);
bool picture_jpeg_size(slice s, struct picture *out);
bool picture_jpeg_look(struct walk *w, slice s, struct picture_grid *g);
bool picture_gif_size(slice s, struct picture *out);
bool picture_gif_look(struct walk *w, slice s, struct picture_grid *g);
bool picture_bmp_size(slice s, struct picture *out);
bool picture_bmp_look(struct walk *w, slice s, struct picture_grid *g);
/* EMF and WMF, as files or as blips of Office. */
bool picture_emf_size(slice s, struct picture *out);
bool picture_emf_look(struct walk *w, slice s, struct picture_grid *g);
/* The metafiles of a stream of drawings are offered. */
void picture_offer_metafiles(struct walk *w, struct picture_choice *c, slice stream);

/* Bitmaps without a head of their own; the pixels may stand elsewhere, or behind the head. */
bool picture_dib_size(slice s, struct picture *out);
slice picture_dib_bits(slice s);
bool picture_dib_look(struct walk *w, slice head, slice bits, struct picture_grid *g);
