/* SPDX-License-Identifier: Apache-2.0 */
/* huffman - canonical prefix codes told by their lengths, as LHA, RAR and LZX
 * have them: shorter codes first, equal ones in the order of their symbols.
 *
 * No table is refused: the programs that these formats are for decode what an
 * incomplete or overfull one gives, and so does this. */
#pragma once
#include "base/bits.h"

enum { HUFFMAN_LONGEST = 16, HUFFMAN_QUICK = 10, HUFFMAN_SYMBOLS = 704, WORK_PER_HUFFMAN = 3000 };

struct huffman {
    uint32_t limit[HUFFMAN_LONGEST + 1]; /* first 16-bit window behind the codes of this length */
    uint16_t first[HUFFMAN_LONGEST + 1]; /* which of `sorted` their first one is */
    uint16_t sorted[HUFFMAN_SYMBOLS];
    uint16_t n;
    uint16_t quick[1 << HUFFMAN_QUICK];  /* symbol << 5 | length; 0: a longer code */
};

/* One length (0 to 16) per symbol; building costs WORK_PER_HUFFMAN, which the caller pays. */
void huffman_build(struct huffman *h, const uint8_t *lengths, size_t n);
/* Every code is this symbol, and takes no bits. */
void huffman_only(struct huffman *h, unsigned symbol);
/* Does any symbol have a code? */
bool huffman_empty(const struct huffman *h);
/* For codes that `quick` does not hold. */
unsigned huffman_long(const struct huffman *h, struct bits *b);

static inline unsigned huffman_take(const struct huffman *h, struct bits *b)
{
    unsigned q = h->quick[bits_peek(b, HUFFMAN_QUICK)];
    if (q == 0)
        return huffman_long(h, b);
    bits_skip(b, q & 31);
    return q >> 5;
}
