/* SPDX-License-Identifier: Apache-2.0 */
/* script_encoder - texts of the Windows Script Encoder (screnc.exe): VBScript.Encode and
 * JScript.Encode, in files .vbe and .jse, and inside .wsf, .hta and .asp.
 *
 * No specification was published; this follows the form as it is generally known:
 *   #@~^ LLLLLL== text CCCCCC== ^#~@
 * L is the number of characters, C the sum of the decoded ones, each 32 bits little-endian in
 * base64. Of three alphabets one is taken by the position modulo 64; CR LF < > @ are written with
 * an at sign. The script engines believe the length; where it cannot be right, the end mark
 * counts, and without one all that is left, so that damage hides nothing.
 */
#include "base/text.h"
#include "decode/script/script_private.h"

enum { HEAD = 12, TAIL = 12, BLOCKS_MAX = 256 };

/* What a tab and the bytes 32..127 mean in each alphabet. */
static const uint8_t alphabets[3][97] = {
    { 0x7b, 0x32, 0x30, 0x21, 0x29, 0x5b, 0x38, 0x33, 0x3d, 0x58, 0x3a, 0x35, 0x65, 0x39,
      0x5c, 0x56, 0x73, 0x66, 0x4e, 0x45, 0x6b, 0x62, 0x59, 0x78, 0x5e, 0x7d, 0x4a, 0x6d,
      0x71, 0x3c, 0x60, 0x3e, 0x53, 0x40, 0x42, 0x27, 0x48, 0x72, 0x75, 0x31, 0x37, 0x4d,
      0x52, 0x22, 0x54, 0x6a, 0x47, 0x64, 0x2d, 0x20, 0x7f, 0x2e, 0x4c, 0x5d, 0x7e, 0x6c,
      0x6f, 0x79, 0x74, 0x43, 0x26, 0x76, 0x25, 0x24, 0x2b, 0x28, 0x23, 0x41, 0x34, 0x09,
      0x2a, 0x44, 0x3f, 0x77, 0x3b, 0x55, 0x69, 0x61, 0x63, 0x50, 0x67, 0x51, 0x49, 0x4f,
      0x46, 0x68, 0x7c, 0x36, 0x70, 0x6e, 0x7a, 0x2f, 0x5f, 0x4b, 0x5a, 0x2c, 0x57 },
    { 0x57, 0x2e, 0x47, 0x7a, 0x56, 0x42, 0x6a, 0x2f, 0x26, 0x49, 0x41, 0x34, 0x32, 0x5b,
      0x76, 0x72, 0x43, 0x38, 0x39, 0x70, 0x45, 0x68, 0x71, 0x4f, 0x09, 0x62, 0x44, 0x23,
      0x75, 0x3c, 0x7e, 0x3e, 0x5e, 0x40, 0x77, 0x4a, 0x61, 0x5d, 0x22, 0x4b, 0x6f, 0x4e,
      0x3b, 0x4c, 0x50, 0x67, 0x2a, 0x7d, 0x74, 0x54, 0x2b, 0x2d, 0x2c, 0x30, 0x6e, 0x6b,
      0x66, 0x35, 0x25, 0x21, 0x64, 0x4d, 0x52, 0x63, 0x3f, 0x7b, 0x78, 0x29, 0x28, 0x73,
      0x59, 0x33, 0x7f, 0x6d, 0x55, 0x53, 0x7c, 0x3a, 0x5f, 0x65, 0x46, 0x58, 0x31, 0x69,
      0x6c, 0x5a, 0x48, 0x27, 0x5c, 0x3d, 0x24, 0x79, 0x37, 0x60, 0x51, 0x20, 0x36 },
    { 0x6e, 0x2d, 0x75, 0x52, 0x60, 0x71, 0x5e, 0x49, 0x5c, 0x62, 0x7d, 0x29, 0x36, 0x20,
      0x7c, 0x7a, 0x7f, 0x6b, 0x63, 0x33, 0x2b, 0x68, 0x51, 0x66, 0x76, 0x31, 0x64, 0x54,
      0x43, 0x3c, 0x3a, 0x3e, 0x7e, 0x40, 0x45, 0x2c, 0x2a, 0x74, 0x27, 0x37, 0x44, 0x79,
      0x59, 0x2f, 0x6f, 0x26, 0x72, 0x6a, 0x39, 0x7b, 0x3f, 0x38, 0x77, 0x67, 0x53, 0x47,
      0x34, 0x78, 0x5d, 0x30, 0x23, 0x5a, 0x5b, 0x6c, 0x48, 0x55, 0x70, 0x69, 0x2e, 0x4c,
      0x21, 0x24, 0x4e, 0x50, 0x09, 0x56, 0x73, 0x35, 0x61, 0x4b, 0x58, 0x3b, 0x57, 0x22,
      0x6d, 0x4d, 0x25, 0x28, 0x46, 0x4a, 0x32, 0x41, 0x3d, 0x5f, 0x4f, 0x42, 0x65 },
};

/* Which alphabet a position takes. */
static const char turns[] = "1201202002021020"
                            "1020112002102002"
                            "1102020101120102"
                            "1020112001120102";

static uint8_t meaning(uint8_t c, size_t position)
{
    const uint8_t *alphabet = alphabets[turns[position % 64] - '0'];
    return c == '\t' ? alphabet[0] : c >= 32 && c < 128 ? alphabet[c - 31] : c;
}

static uint8_t unescaped(uint8_t c)
{
    static const char names[] = "#&!*$", values[] = "\r\n<>@";
    for (size_t i = 0; i < sizeof names - 1; i++)
        if ((uint8_t)names[i] == c)
            return (uint8_t)values[i];
    return '?';
}

/* Six characters of base64, as a number; false when they are none. */
static bool number(slice s, uint32_t *out)
{
    uint64_t v = 0;
    if (s.len < 6)
        return false;
    for (size_t i = 0; i < 6; i++) {
        uint8_t c = s.at[i];
        unsigned d = ascii_alpha(c)   ? (c >= 'a' ? c - 'a' + 26u : c - 'A' + 0u)
                     : ascii_digit(c) ? c - '0' + 52u
                     : c == '+'       ? 62u
                     : c == '/'       ? 63u
                                      : 64u;
        if (d == 64)
            return false;
        v = v << 6 | d;
    }
    v >>= 4; /* big-endian order of four bytes */
    *out = (uint32_t)((v >> 24 & 0xff) | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) |
                      (v << 24 & 0xff000000));
    return true;
}

/* Characters, not bytes, are counted: the text was UTF-16 in the encoder's eyes. */
static size_t bytes_of(slice s, uint32_t characters)
{
    size_t i = 0;
    for (; i < s.len && characters; i++)
        characters -= (s.at[i] & 0xc0) != 0x80;
    while (i < s.len && (s.at[i] & 0xc0) == 0x80)
        i++;
    return i;
}

static bool is_tail(slice s)
{
    uint32_t sum;
    return number(s, &sum) && slice_starts(slice_from(s, 6), SLICE_LIT("==^#~@"));
}

/* The end of the encoded text that begins at s[0]; *tail_out: the checksum stands there. */
static size_t end_of(slice s, uint32_t characters, size_t *mark, bool *tail_out, bool *lied_out)
{
    size_t by_length = bytes_of(s, characters);
    *tail_out = is_tail(slice_from(s, by_length));
    if (*tail_out)
        return by_length;
    *lied_out = true;
    *mark = slice_find(s, SLICE_LIT("==^#~@"), 0);
    if (*mark == SIZE_MAX || *mark < 6)
        return s.len;
    *tail_out = is_tail(slice_from(s, *mark - 6));
    return *mark - (*tail_out ? 6u : 0u);
}

static uint32_t decode(slice s, uint8_t *out, size_t *n)
{
    uint32_t sum = 0;
    size_t position = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c == '@' && i + 1 < s.len)
            c = unescaped(s.at[++i]);
        else if (c < 0x80)
            c = meaning(c, position);
        position += c < 0x80;
        sum += c < 0x80 ? c : 0;
        out[(*n)++] = c;
    }
    return sum;
}

struct script_decoded script_encoder_decode(struct arena *mem, slice text)
{
    struct script_decoded d = { 0 };
    uint8_t *out = arena_get(mem, text.len, 1);
    size_t n = 0, from = 0, at = 0;
    bool endless = false; /* no end mark is left: not searched for again */
    while (out && d.blocks < BLOCKS_MAX && !endless &&
           (at = script_encoder_find(text, at)) != SIZE_MAX) {
        slice block = slice_from(text, at + HEAD);
        uint32_t characters = UINT32_MAX, sum = 0;
        if (!number(slice_sub(text, at + 4, 6), &characters) ||
            !slice_starts(slice_sub(text, at + 10, 2), SLICE_LIT("=="))) {
            at += 4;
            continue;
        }
        n += slice_copy_out(slice_sub(text, from, at - from), out + n, text.len - n);
        bool tail = false, lied = false;
        size_t mark = 0, end = end_of(block, characters, &mark, &tail, &lied);
        endless = mark == SIZE_MAX;
        uint32_t is = decode(slice_sub(block, 0, end), out, &n);
        (void)number(slice_sub(block, end, 6), &sum);
        d.blocks++;
        d.bad_sizes += lied;
        d.bad_sums += !tail || sum != is;
        from = at = at + HEAD + end + (tail ? TAIL : mark != SIZE_MAX && lied ? 6 : 0);
    }
    if (out && from < text.len)
        n += slice_copy_out(slice_from(text, from), out + n, text.len - n);
    d.text = (slice){ out, n };
    return d;
}
