/* SPDX-License-Identifier: Apache-2.0 */
/* fragment - pieces of one original: subjects and file names that were cut in the middle.
 *
 * Mass mail of 2020 carried subjects such as "カスタマー満足度アンケー" and "ト調査
 * ご協力のお願い": two pieces of one stolen subject. Ordinary subjects also share phrases and
 * contain one another; what sets a piece apart is that it begins or ends *inside a word* of the
 * original.
 */
#pragma once
#include "base/arena.h"

/* Is `piece` cut out of `whole`: contained in it, shorter, and cut inside a word at one end at
 * least? Widths, letter case and runs of spaces make no difference. */
bool fragment_of(struct arena *mem, slice piece, slice whole);

/* Puts texts that are pieces of one original into one group: pieces contained in others, and
 * pieces that overlap at their ends, joined transitively. group_out[i] is the lowest index of
 * i's group; i itself when it stands alone. Equal texts are one text. Time and memory grow
 * with the length of all texts together. False: out of memory, all stand alone. */
bool fragment_group(const slice *texts, size_t n, struct arena *mem, uint32_t *group_out);
