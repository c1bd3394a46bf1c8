/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates), UTF-16LE, base64 (RFC 2045 6.8)
 * and ASCII case. See text.h. Charsets other than Unicode's are base/charset.h. */
#include "base/text.h"

enum { REPLACEMENT = 0xfffd };

int ascii_hex(uint8_t c)
{
    if (ascii_digit(c))
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ASCII capitals of eight bytes at once: a sum has its top bit where the byte is not below 'A', or
 * is above 'Z'. */
static uint64_t lower_eight(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t low = w & ~tops, from_a = low + ones * (0x80 - 'A'),
             above_z = low + ones * (0x7f - 'Z');
    return w | ((from_a & ~above_z & ~w & tops) >> 2);
}

/* Eight bytes at `p`, in lower case. */
static uint64_t eight(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return lower_eight(w);
}

/* All of fewer than eight bytes, in lower case: of four and more the first and the last four. */
static uint64_t few(const uint8_t *p, size_t n)
{
    uint32_t first, last;
    if (n < 4)
        return n == 0 ? 0 : lower_eight(p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16);
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - sizeof last, sizeof last);
    return lower_eight((uint64_t)first << 32 | last);
}

bool slice_eq_nocase(slice a, slice b)
{
    if (a.len != b.len)
        return false;
    if (a.len < 8)
        return few(a.at, a.len) == few(b.at, b.len);
    for (size_t i = 0; i + 8 < a.len; i += 8)
        if (eight(a.at + i) != eight(b.at + i))
            return false;
    return eight(a.at + a.len - 8) == eight(b.at + b.len - 8);
}

uint64_t slice_hash_nocase(slice s)
{
    uint64_t h = s.len;
    size_t i = 0;
    for (; s.len - i >= 8; i += 8)
        h = ((h ^ eight(s.at + i)) * UINT64_C(0x9e3779b97f4a7c15)) ^ h >> 29;
    if (i < s.len)
        h = (h ^ few(s.at + i, s.len - i)) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

/* How many first bytes agree. Most texts differ in the first: no length is asked for before. */
static size_t same_nocase(slice s, const char *text)
{
    size_t i = 0;
    while (i < s.len && text[i] && ascii_lower(s.at[i]) == ascii_lower((uint8_t)text[i]))
        i++;
    return i;
}

bool slice_is_nocase(slice a, const char *text)
{
    size_t same = same_nocase(a, text);
    return same == a.len && text[same] == 0;
}

bool slice_starts_nocase(slice s, const char *head)
{
    return head[same_nocase(s, head)] == 0;
}

bool slice_ends_nocase(slice s, const char *tail)
{
    slice t = slice_of(tail);
    return s.len >= t.len && slice_eq_nocase(slice_from(s, s.len - t.len), t);
}

/* Rabin-Karp: a long needle that nearly matches everywhere must not cost length times length. */
enum { ROLL_BASE = 0x1f3d5b79, ROLL_MODULUS = 0x7fffffff };

static uint64_t roll(uint64_t h, uint8_t in)
{
    return (h * ROLL_BASE + ascii_lower(in) + 1) % ROLL_MODULUS;
}

static size_t find_long_nocase(slice s, slice needle, size_t from)
{
    uint64_t want = 0, have = 0, top = 1;
    for (size_t i = 0; i < needle.len; i++) {
        want = roll(want, needle.at[i]);
        have = roll(have, s.at[from + i]);
        if (i > 0)
            top = top * ROLL_BASE % ROLL_MODULUS;
    }
    for (size_t at = from;; at++) {
        if (want == have && slice_eq_nocase(slice_sub(s, at, needle.len), needle))
            return at;
        if (needle.len >= s.len - at)
            return SIZE_MAX;
        uint64_t out = top * ((uint64_t)ascii_lower(s.at[at]) + 1) % ROLL_MODULUS;
        have = roll(have + ROLL_MODULUS - out, s.at[at + needle.len]);
    }
}

size_t slice_find_nocase(slice s, slice needle, size_t from)
{
    enum { SHORT = 32 };
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    if (needle.len > SHORT)
        return find_long_nocase(s, needle, from);
    uint8_t low = ascii_lower(needle.at[0]);
    uint8_t high = ascii_alpha(low) ? (uint8_t)(low & ~32) : low;
    /* Two library searches, each passing over the text once, beat a loop of ours. */
    size_t l = slice_find_byte(s, low, from), h = high == low ? SIZE_MAX : slice_find_byte(s, high, from);
    for (size_t i; (i = l < h ? l : h) <= s.len - needle.len;) {
        if (slice_eq_nocase(slice_sub(s, i, needle.len), needle))
            return i;
        if (i == l)
            l = slice_find_byte(s, low, i + 1);
        else
            h = slice_find_byte(s, high, i + 1);
    }
    return SIZE_MAX;
}

slice slice_lower(struct arena *mem, slice s)
{
    size_t i = 0;
    while (i < s.len && !(s.at[i] >= 'A' && s.at[i] <= 'Z'))
        i++;
    if (i == s.len)
        return s;
    uint8_t *out = arena_get(mem, s.len, 1);
    if (!out)
        return (slice){ 0 };
    for (i = 0; i < s.len; i++)
        out[i] = ascii_lower(s.at[i]);
    return (slice){ out, s.len };
}

bool slice_u64(slice s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!ascii_digit(s.at[i]) || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.at[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

static bool follows(slice s, size_t at)
{
    return at < s.len && (s.at[at] & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at `at`, 0 when there is none. */
static inline size_t sequence(slice s, size_t at)
{
    uint8_t c = s.at[at];
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4 || !follows(s, at + 1))
        return 0;
    if (c < 0xe0)
        return 2;
    uint8_t d = s.at[at + 1];
    if (!follows(s, at + 2))
        return 0;
    if (c < 0xf0)
        return (c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) ? 0 : 3;
    if (!follows(s, at + 3) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
        return 0;
    return 4;
}

uint32_t utf8_next(slice s, size_t *pos)
{
    CHECK(*pos < s.len);
    const uint8_t *p = s.at + *pos;
    size_t n = sequence(s, *pos);
    *pos += n ? n : 1;
    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    case 3:
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
               (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    default:
        return REPLACEMENT;
    }
}

size_t utf8_put(uint8_t out[4], uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = REPLACEMENT;
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code & 0x3f));
    return 4;
}

/* The first position at or after `at` that is not ASCII. */
static size_t skip_ascii(slice s, size_t at)
{
    uint64_t word;
    while (s.len - at >= sizeof word) {
        memcpy(&word, s.at + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
        at += sizeof word;
    }
    while (at < s.len && s.at[at] < 0x80)
        at++;
    return at;
}

/* The first position that does not start a well-formed sequence; s.len when all do. */
static size_t first_fault(slice s)
{
    for (size_t at = 0;;) {
        if (at < s.len && s.at[at] < 0x80)
            at = skip_ascii(s, at);
        if (at == s.len)
            return at;
        size_t n = sequence(s, at);
        if (n == 0)
            return at;
        at += n;
    }
}

bool utf8_is_hidden(uint32_t code)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = {
        { 0x0000, 0x001F },   { 0x007F, 0x009F },   { 0x00AD, 0x00AD },   { 0x034F, 0x034F },   { 0x0600, 0x0605 },
        { 0x061C, 0x061C },   { 0x06DD, 0x06DD },   { 0x070F, 0x070F },   { 0x0890, 0x0891 },   { 0x08E2, 0x08E2 },
        { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x200B, 0x200F },   { 0x2028, 0x202E },
        { 0x2060, 0x206F },   { 0x3164, 0x3164 },   { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },
        { 0x110BD, 0x110BD }, { 0x110CD, 0x110CD }, { 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
        { 0xE0000, 0xE00FF }, { 0xE01F0, 0xE0FFF },
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0] && code >= hidden[i].from; i++)
        if (code <= hidden[i].to)
            return true;
    return false;
}

bool utf8_valid(slice s)
{
    return first_fault(s) == s.len;
}

slice utf8_clean(struct arena *mem, slice s)
{
    size_t bad = 0, at = first_fault(s), whole;
    if (at == s.len)
        return s;
    for (size_t i = at; i < s.len;) {
        size_t n = sequence(s, i);
        bad += n == 0;
        i += n ? n : 1;
    }
    if (__builtin_mul_overflow(bad, 2, &whole) || __builtin_add_overflow(whole, s.len, &whole))
        return (slice){ 0 };
    uint8_t *out = arena_get(mem, whole, 1), *to = out;
    if (!out)
        return (slice){ 0 };
    for (size_t i = 0; i < s.len;) {
        size_t n = sequence(s, i);
        if (n == 0) {
            to += utf8_put(to, REPLACEMENT);
            i++;
        }
        while (n--)
            *to++ = s.at[i++];
    }
    return (slice){ out, whole };
}

slice utf8_cut(slice s, size_t max)
{
    if (s.len <= max)
        return s;
    size_t n = max, floor = max > 3 ? max - 3 : 0;
    while (n > floor && (s.at[n] & 0xc0) == 0x80)
        n--;
    /* Not UTF-8 anyway: any place is as good. */
    return slice_sub(s, 0, (s.at[n] & 0xc0) == 0x80 ? max : n);
}

static uint32_t utf16le_next(slice s, size_t *pos)
{
    uint32_t c = (uint32_t)(s.at[*pos] | s.at[*pos + 1] << 8);
    *pos += 2;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c > 0xdbff || s.len - *pos < 2)
        return REPLACEMENT;
    uint32_t low = (uint32_t)(s.at[*pos] | s.at[*pos + 1] << 8);
    if (low < 0xdc00 || low > 0xdfff)
        return REPLACEMENT;
    *pos += 2;
    return 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
}

slice utf8_from_utf16le(struct arena *mem, slice s)
{
    uint8_t four[4];
    size_t whole = 0;
    s.len &= ~(size_t)1;
    for (size_t i = 0; i < s.len;)
        whole += utf8_put(four, utf16le_next(s, &i));
    if (whole == 0)
        return (slice){ 0 };
    uint8_t *out = arena_get(mem, whole, 1);
    if (!out)
        return (slice){ 0 };
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        size_t k = utf8_put(four, utf16le_next(s, &i));
        memcpy(out + n, four, k);
        n += k;
    }
    return (slice){ out, whole };
}

slice utf8_from_utf16le_z(struct arena *mem, slice s)
{
    size_t n = 0;
    while (s.len - n > 1 && (s.at[n] || s.at[n + 1]))
        n += 2;
    return utf8_from_utf16le(mem, slice_sub(s, 0, n));
}

/* Values of the base64 alphabet; SKIP for what is not of it. */
enum { B64_SKIP = 0x80, B64_SPACE = 0x81, B64_PAD = 0x82 };

/* clang-format off */
static const uint8_t b64_value[256] = {
#define X4 B64_SKIP, B64_SKIP, B64_SKIP, B64_SKIP
#define X16 X4, X4, X4, X4
#define X64 X16, X16, X16, X16
    X4, X4, B64_SKIP, B64_SPACE, B64_SPACE, B64_SKIP, B64_SKIP, B64_SPACE, B64_SKIP, B64_SKIP,
    X16,
    B64_SPACE, B64_SKIP, B64_SKIP, B64_SKIP, X4, B64_SKIP, B64_SKIP, B64_SKIP, 62, B64_SKIP,
    B64_SKIP, B64_SKIP, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, B64_SKIP, B64_SKIP, B64_SKIP, B64_PAD, B64_SKIP,
    B64_SKIP,
    B64_SKIP, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X4, B64_SKIP,
    B64_SKIP, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X4, B64_SKIP,
    X64, X64,
#undef X4
#undef X16
#undef X64
};
/* clang-format on */

/* Whole quanta of four letters; stops at anything else. Returns the bytes written. */
static size_t base64_quanta(slice s, size_t *pos, uint8_t *out)
{
    const uint8_t *p = s.at + *pos, *end = s.at + s.len;
    uint8_t *to = out;
    while (end - p >= 4) {
        uint32_t a = b64_value[p[0]], b = b64_value[p[1]], c = b64_value[p[2]], d = b64_value[p[3]];
        if ((a | b | c | d) & B64_SKIP)
            break;
        uint32_t v = a << 18 | b << 12 | c << 6 | d;
        to[0] = (uint8_t)(v >> 16);
        to[1] = (uint8_t)(v >> 8);
        to[2] = (uint8_t)v;
        to += 3;
        p += 4;
    }
    *pos = (size_t)(p - s.at);
    return (size_t)(to - out);
}

slice base64_decode(struct arena *mem, slice s, size_t *skipped_out)
{
    size_t skipped = 0, n = 0;
    uint8_t *out = arena_get(mem, s.len / 4 * 3 + 3, 1);
    uint32_t bits = 0;
    unsigned have = 0; /* letters in `bits` */
    for (size_t i = 0; out && i < s.len;) {
        if (have == 0) {
            n += base64_quanta(s, &i, out + n);
            if (i == s.len)
                break;
        }
        uint8_t v = b64_value[s.at[i++]];
        if (v < 64) {
            bits = bits << 6 | v;
            if (++have < 4)
                continue;
        } else if (v != B64_PAD) {
            skipped += v == B64_SKIP;
            continue;
        }
        for (unsigned k = 0; k + 1 < have; k++)
            out[n++] = (uint8_t)(bits << 6 * (4 - have) >> (16 - 8 * k));
        bits = 0;
        have = 0;
    }
    for (unsigned k = 0; out && k + 1 < have; k++)
        out[n++] = (uint8_t)(bits << 6 * (4 - have) >> (16 - 8 * k));
    if (skipped_out)
        *skipped_out = skipped;
    return out ? (slice){ out, n } : (slice){ 0 };
}
