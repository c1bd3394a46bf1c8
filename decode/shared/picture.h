/* SPDX-License-Identifier: Apache-2.0 */
/* picture - how a picture looks from far away, for documents that can act.
 *
 * Lures are pictures as often as words: a drawn notice that asks to enable content. A picture is
 * decoded no further than its coarse look needs (of JPEG the mean of each block), and only where a
 * document has macros or loads something: nobody else pays for it.
 *
 * The difference hash (dHash, Neal Krawetz 2013) has a bit for each of eight neighbours in each of
 * eight rows of mean brightness: set where it falls from left to right. Pictures that were scaled,
 * recoloured or recompressed keep most bits.
 */
#pragma once
#include "decode/walk.h"

enum { PICTURE_WIDE = 36, PICTURE_HIGH = 32 }; /* cells of the coarse look: four by four make one of the hash */

struct picture {
    uint32_t width, height; /* as declared; 0: not known */
    bool looked;            /* what follows is known */
    uint64_t dhash;
    unsigned colours;    /* of 512, those that take a two-hundredth of it or more */
    unsigned background; /* percent in the most frequent colour */
    unsigned lines;      /* bands of ink with background between, from top to bottom */
};

/* Size only; false: no picture that is known here. */
bool picture_size(slice bytes, struct picture *out);
/* Size and look. False as above; `looked` is false where it is too large or damaged. */
bool picture_look(struct walk *w, slice bytes, struct picture *out);

/* Bits that differ. */
unsigned picture_distance(uint64_t a, uint64_t b);

/* Chooses the largest of the pictures of a document. */
struct picture_choice {
    slice bytes;
    uint64_t area;
};

void picture_offer(struct picture_choice *c, slice bytes);
/* Pictures as drawings of Office 97 hold them, in one stream ([MS-ODRAW] 2.2.23). */
void picture_offer_stream(struct walk *w, struct picture_choice *c, slice stream);
/* Says image.* of the chosen one; its size only where the macro speaks for itself. */
void picture_say(struct walk *w, const struct picture_choice *c);
/* The same when the file that holds the picture has been walked and its macros are known: says
 * those that were kept for this part. The bytes must be of the arena. */
void picture_keep(struct walk *w, const struct picture_choice *c);
void picture_say_kept(struct walk *w);
