/* SPDX-License-Identifier: Apache-2.0 */
#include "base/guid.h"

#include "base/text.h"

/* Where in the file the bytes stand that the text shows in turn. */
static const uint8_t order[GUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

bool guid_text(slice raw, char out[GUID_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    out[0] = 0;
    if (raw.len != GUID_SIZE)
        return false;
    out[n++] = '{';
    for (size_t i = 0; i < GUID_SIZE; i++) {
        uint8_t byte = raw.at[order[i]];
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[n++] = '-';
        out[n++] = digits[byte >> 4];
        out[n++] = digits[byte & 15];
    }
    out[n++] = '}';
    out[n] = 0;
    return true;
}

bool guid_parse(slice text, uint8_t out[GUID_SIZE])
{
    size_t n = 0;
    int high = -1;
    for (size_t i = 0; i < text.len && n < GUID_SIZE; i++) {
        int v = ascii_hex(text.at[i]);
        if (v < 0)
            continue;
        if (high < 0) {
            high = v;
            continue;
        }
        out[order[n++]] = (uint8_t)(high << 4 | v);
        high = -1;
    }
    return n == GUID_SIZE;
}
