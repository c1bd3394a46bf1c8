/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and networks; see cidr.h. */
#include "base/cidr.h"
#include "base/text.h"

static bool read_four(slice s, uint8_t out[4])
{
    size_t pos = 0;
    for (int i = 0; i < 4; i++) {
        size_t from = pos;
        unsigned v = 0;
        while (pos < s.len && ascii_digit(s.at[pos]) && pos - from < 3)
            v = v * 10 + (unsigned)(s.at[pos++] - '0');
        if (pos == from || v > 255)
            return false;
        out[i] = (uint8_t)v;
        if (i < 3 && (pos >= s.len || s.at[pos++] != '.'))
            return false;
    }
    return pos == s.len;
}

/* Groups on one side of "::"; the count, or -1. */
static int read_groups(slice s, uint8_t out[16])
{
    int n = 0;
    size_t pos = 0;
    if (s.len == 0)
        return 0;
    for (;;) {
        slice rest = slice_from(s, pos);
        if (n <= 6 && slice_find_byte(rest, ':', 0) == SIZE_MAX &&
            slice_find_byte(rest, '.', 0) != SIZE_MAX)
            return read_four(rest, out + 2 * n) ? n + 2 : -1;
        unsigned v = 0;
        size_t from = pos;
        while (pos < s.len && ascii_hex(s.at[pos]) >= 0 && pos - from < 4)
            v = v << 4 | (unsigned)ascii_hex(s.at[pos++]);
        if (pos == from || n == 8)
            return -1;
        out[2 * n] = (uint8_t)(v >> 8);
        out[2 * n + 1] = (uint8_t)v;
        n++;
        if (pos == s.len)
            return n;
        if (s.at[pos++] != ':')
            return -1;
    }
}

static bool read_six(slice s, uint8_t out[16])
{
    uint8_t head[16] = { 0 }, tail[16] = { 0 };
    size_t gap = slice_find(s, SLICE_LIT("::"), 0);
    int n = read_groups(gap == SIZE_MAX ? s : slice_sub(s, 0, gap), head), m = 0;
    if (gap != SIZE_MAX)
        m = read_groups(slice_from(s, gap + 2), tail);
    if (n < 0 || m < 0 || (gap == SIZE_MAX ? n != 8 : n + m > 7))
        return false;
    for (int i = 0; i < 16; i++)
        out[i] = i < 2 * n ? head[i] : i >= 16 - 2 * m ? tail[i - (16 - 2 * m)] : 0;
    return true;
}

static bool read_address(slice s, uint8_t out[16], bool *six)
{
    s = slice_trim(s);
    if (s.len > 2 && s.at[0] == '[' && s.at[s.len - 1] == ']')
        s = slice_sub(s, 1, s.len - 2);
    s = slice_sub(s, 0, slice_find_byte(s, '%', 0));
    *six = slice_find_byte(s, ':', 0) != SIZE_MAX;
    return s.len <= 45 && (*six ? read_six(s, out) : read_four(s, out));
}

bool cidr_read(slice text, struct cidr *out)
{
    struct cidr c = { 0 };
    size_t slash = slice_find_byte(text, '/', 0);
    if (!read_address(slice_sub(text, 0, slash), c.address, &c.six))
        return false;
    uint64_t bits = c.six ? 128 : 32;
    if (slash != SIZE_MAX &&
        (!slice_u64(slice_from(text, slash + 1), &bits) || bits > (c.six ? 128u : 32u)))
        return false;
    c.bits = (uint8_t)bits;
    *out = c;
    return true;
}

bool cidr_holds(const struct cidr *c, slice address)
{
    static const uint8_t mapped[12] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
    }; /* RFC 4291 2.5.5.2 */
    uint8_t have[16] = { 0 };
    bool six;
    if (!read_address(address, have, &six))
        return false;
    const uint8_t *at = have;
    if (six && !c->six) {
        if (!slice_eq((slice){ have, sizeof mapped }, (slice){ mapped, sizeof mapped }))
            return false;
        at = have + 12;
    } else if (six != c->six) {
        return false;
    }
    unsigned whole = c->bits / 8u, rest = c->bits % 8u;
    for (unsigned i = 0; i < whole; i++)
        if (at[i] != c->address[i])
            return false;
    return rest == 0 || ((at[whole] ^ c->address[whole]) >> (8 - rest)) == 0;
}
