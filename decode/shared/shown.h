/* SPDX-License-Identifier: Apache-2.0 */
/* shown - how large a document shows its largest picture, and where.
 *
 * A lure fills the page that is seen first; a logo does not, whatever its pixels. Lengths are in
 * EMU (ECMA-376 part 1, 20.1.2.1), of which a millimetre has 36000. Workbooks of Excel 97 say
 * between which cells a picture lies: the widths of columns are not asked for.
 */
#pragma once
#include "decode/walk.h"

enum { SHOWN_PER_TWIP = 635 };

struct picture_shown {
    int64_t left, top, width, height; /* in cells: of the first, and how many */
    bool placed;                      /* left and top are known */
    bool cells;
};

/* Keeps the larger one. Sizes that no page has are not believed. */
void shown_offer(struct picture_shown *s, const struct picture_shown *other);
/* image.shown and image.place; nothing when there was no picture. */
void shown_say(struct walk *w, const struct picture_shown *s);
