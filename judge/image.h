/* SPDX-License-Identifier: Apache-2.0 */
/* image - the byte layout of compiled rules, for its writer and its reader.
 *
 * Little-endian throughout:
 *   8  magic
 *   4  version of this layout
 *   4  zero
 *   8  length of the whole image
 *   8  digest of the dictionary of facts and layers: ids are those of one build
 *   8  match_platform()
 *   32 checksum of all that follows: whoever can write the image can write another
 * then, in this order and each with its count in front: digest of the sources,
 * rules, nodes, tests, atoms, patterns, triggers of atoms, triggers of facts,
 * correlations, the pattern set. Text is a 32-bit length and its bytes.
 */
#pragma once
#include "judge/judge_private.h"

enum { IMAGE_VERSION = 3, IMAGE_HEAD = 72, IMAGE_MAX = 1 << 28 };
extern const uint8_t image_magic[8];

/* Names, types and events of all facts, and names of all layers, in one number. */
uint64_t image_dictionary(void);
/* Fills the head of an image whose body stands behind IMAGE_HEAD bytes. */
void image_seal(uint8_t *image, size_t len);
int image_read(struct rules *r, slice image, struct err *err_out) MUST_USE;
