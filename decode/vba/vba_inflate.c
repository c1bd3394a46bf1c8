/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression of VBA containers: [MS-OVBA] 2.4.1.3.
 *
 * Tolerant where the specification is strict: a wrong container byte or wrong
 * signature bits are passed over, a chunk that ends early gives what it had, a
 * copy from in front of the chunk ends that chunk only.
 */
#include "decode/vba/vba_private.h"

enum { CHUNK = 4096, STEP = 8, SIGNATURE = 3 };

/* Copies `len` bytes from `back` bytes before out[n]: in steps of eight where the two do not
 * overlap, and then up to seven bytes too far. */
static void copy_back(uint8_t *out, size_t n, size_t back, size_t len)
{
    if (back >= STEP)
        for (size_t i = 0; i < len; i += STEP)
            (void)slice_copy_out((slice){ out + n - back + i, STEP }, out + n + i, STEP);
    else
        for (size_t i = n; i < n + len; i++)
            out[i] = out[i - back];
}

/* One chunk's tokens into CHUNK + STEP bytes; false at the first that cannot be. */
static bool inflate_tokens(slice in, uint8_t *out, size_t *n_out)
{
    size_t at = 0, n = 0;
    unsigned bits = 4; /* 2.4.1.3.19.1 CopyToken Help: of the offset, at this distance */
    bool good = true;
    while (good && at < in.len) {
        uint8_t flags = in.at[at++];
        for (unsigned bit = 0; bit < 8 && at < in.len && good; bit++) {
            if (n >= CHUNK) {
                good = false;
            } else if (!(flags >> bit & 1)) {
                /* All literals up to the next copy at once, where there is room to spare. */
                unsigned run = 1;
                if (in.len - at >= STEP && CHUNK - n >= STEP) {
                    run = (unsigned)__builtin_ctz((unsigned)flags >> bit | 256u >> bit);
                    (void)slice_copy_out((slice){ in.at + at, STEP }, out + n, STEP);
                } else {
                    out[n] = in.at[at];
                }
                at += run;
                n += run;
                bit += run - 1;
            } else if (in.len - at < 2) {
                good = false;
            } else {
                unsigned token = (unsigned)in.at[at] | (unsigned)in.at[at + 1] << 8;
                while (((size_t)1 << bits) < n)
                    bits++;
                size_t len = (size_t)(token & (0xffffu >> bits)) + 3;
                size_t back = (size_t)(token >> (16 - bits)) + 1;
                at += 2;
                if (back > n) {
                    good = false;
                    break;
                }
                if (len > CHUNK - n) {
                    len = CHUNK - n;
                    good = false;
                }
                copy_back(out, n, back, len);
                n += len;
            }
        }
    }
    *n_out = n;
    return good;
}

static bool all_zero(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i])
            return false;
    return true;
}

bool vba_inflate(slice in, struct buf *out, struct budget *budget)
{
    cursor k = cur_open(in);
    bool good = cur_u8(&k) == 1;
    bool full = true; /* only the last chunk may hold less than 4096 bytes */
    while (cur_left(&k) > 2) {
        uint16_t header = cur_u16le(&k);
        size_t size = (size_t)(header & 0x0fff) + 1;
        bool signature = (header >> 12 & 7) == SIGNATURE;
        if (!signature && (header == 0 || !full))
            return good && header == 0 && all_zero(cur_rest(&k));
        good = good && signature;
        good = good && size <= cur_left(&k);
        slice chunk = cur_take(&k, size < cur_left(&k) ? size : cur_left(&k));
        uint8_t bytes[CHUNK + STEP];
        size_t n = 0;
        if (header & 0x8000) {
            good = inflate_tokens(chunk, bytes, &n) && good;
        } else {
            /* 2.4.1.3.3: a raw chunk holds 4096 bytes whatever its header says. */
            slice raw = slice_sub(slice_from(in, k.pos - chunk.len), 0, CHUNK);
            cur_seek(&k, k.pos - chunk.len + raw.len);
            for (; n < raw.len; n++)
                bytes[n] = raw.at[n];
        }
        full = n == CHUNK;
        if (!budget_spend(budget, BUDGET_INFLATED, n) ||
            !budget_spend(budget, BUDGET_WORK, n * WORK_PER_INFLATED_BYTE + 50))
            return false;
        buf_put(out, (slice){ bytes, n });
        if (out->full)
            return false;
    }
    return good;
}

size_t vba_inflate_find(slice in, size_t from)
{
    /* A flag byte of eight literals, then the text; in front of it 01 and a chunk header. */
    static const slice mark = SLICE_INIT("\0Attribut");
    enum { BEFORE = 3 };
    size_t pos = from;
    while ((pos = slice_find(in, mark, pos)) != SIZE_MAX) {
        if (pos >= from + BEFORE && in.at[pos - BEFORE] == 1)
            return pos - BEFORE;
        pos += mark.len;
    }
    return SIZE_MAX;
}
