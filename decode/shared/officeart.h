/* SPDX-License-Identifier: Apache-2.0 */
/* officeart - names and texts of shapes in the binary formats: [MS-ODRAW].
 *
 * Word keeps drawings in its table stream, Excel in MSODRAWING records, PowerPoint among its own
 * records; all are trees of the same records. Shapes become values for macros (decode/hidden.h).
 */
#pragma once
#include "decode/shared/shown.h"

/* A shape as far as its own records tell: who holds its text may look it up. */
struct officeart_shape {
    uint32_t id;   /* spid; 0: not told */
    uint32_t text; /* lTxid: Word's text boxes count from 1 << 16 */
    slice name;    /* UTF-8; empty unless the author gave one */
    bool picture;  /* it shows one, and is no more than that */
};

struct officeart {
    struct walk *w;
    slice owner;
    struct picture_shown *shown; /* NULL: nobody asks; pictures that say where they are */
    struct officeart_shape *shapes; /* in the arena */
    size_t n, room;
};

/* Reads a run of records, or a piece of one; says alternative texts, titles and WordArt. */
void officeart_read(struct officeart *a, slice records, struct range at);
