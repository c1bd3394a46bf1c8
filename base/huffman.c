/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical prefix codes; see huffman.h. */
#include "base/huffman.h"
#include "base/check.h"

enum { WINDOW = 1 << HUFFMAN_LONGEST, ONLY = 31 };

static void fill_quick(struct huffman *h, const uint8_t *lengths, uint32_t code[HUFFMAN_LONGEST + 1], size_t n)
{
    memset(h->quick, 0, sizeof h->quick);
    for (size_t s = 0; s < n; s++) {
        unsigned len = lengths[s];
        if (len == 0)
            continue;
        uint32_t at = code[len], step = (uint32_t)WINDOW >> len;
        code[len] += step;
        if (len > HUFFMAN_QUICK)
            continue;
        size_t from = at >> (HUFFMAN_LONGEST - HUFFMAN_QUICK), count = (size_t)1 << (HUFFMAN_QUICK - len);
        for (size_t i = from; i < from + count && i < (size_t)1 << HUFFMAN_QUICK; i++)
            h->quick[i] = (uint16_t)(s << 5 | len);
    }
}

void huffman_build(struct huffman *h, const uint8_t *lengths, size_t n)
{
    uint16_t count[HUFFMAN_LONGEST + 1] = { 0 }, next[HUFFMAN_LONGEST + 1];
    uint32_t code[HUFFMAN_LONGEST + 1] = { 0 };
    CHECK(n <= HUFFMAN_SYMBOLS);
    for (size_t s = 0; s < n; s++) {
        CHECK(lengths[s] <= HUFFMAN_LONGEST);
        count[lengths[s]]++;
    }
    h->n = 0;
    h->limit[0] = 0;
    h->first[0] = 0;
    for (size_t len = 1; len <= HUFFMAN_LONGEST; len++) {
        uint32_t wide = (uint32_t)count[len] << (HUFFMAN_LONGEST - len);
        code[len] = h->limit[len - 1];
        h->limit[len] = h->limit[len - 1] + wide;
        h->first[len] = next[len] = h->n;
        h->n = (uint16_t)(h->n + count[len]);
    }
    for (size_t s = 0; s < n; s++)
        if (lengths[s])
            h->sorted[next[lengths[s]]++] = (uint16_t)s;
    fill_quick(h, lengths, code, n);
}

void huffman_only(struct huffman *h, unsigned symbol)
{
    memset(h->limit, 0, sizeof h->limit);
    h->n = ONLY; /* not empty */
    memset(h->quick, 0, sizeof h->quick);
    h->sorted[0] = (uint16_t)symbol;
    h->limit[0] = WINDOW;
}

bool huffman_empty(const struct huffman *h)
{
    return h->n == 0;
}

unsigned huffman_long(const struct huffman *h, struct bits *b)
{
    if (h->limit[0])
        return h->sorted[0];
    uint32_t window = bits_peek(b, HUFFMAN_LONGEST);
    size_t len = 1;
    while (len < HUFFMAN_LONGEST && window >= h->limit[len])
        len++;
    bits_skip(b, (unsigned)len);
    uint32_t under = h->limit[len - 1];
    size_t at = window < under ? h->n : h->first[len] + ((window - under) >> (HUFFMAN_LONGEST - len));
    return at < h->n ? h->sorted[at] : h->n ? h->sorted[0] : 0;
}
