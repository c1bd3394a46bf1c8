/* SPDX-License-Identifier: Apache-2.0 */
/* said - see said.h. */
#include "programs/verify/said.h"
#include "base/charset.h"
#include "base/text.h"

static slice made(const uint8_t *at, size_t n)
{
    return (slice){ at, n };
}

/* Letters and digits in lower case, and all that is not ASCII. */
static slice squeezed(struct arena *mem, slice s)
{
    uint8_t *out = arena_get(mem, s.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++)
        if (ascii_alnum(s.at[i]) || s.at[i] >= 0x80)
            out[n++] = ascii_lower(s.at[i]);
    return made(out, n);
}

/* RFC 3986 2.1 with '%', RFC 2045 6.7 with '='. */
static slice unescaped(struct arena *mem, slice s, uint8_t mark)
{
    uint8_t *out = arena_get(mem, s.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        int high = i + 2 < s.len ? ascii_hex(s.at[i + 1]) : -1,
            low = high < 0 ? -1 : ascii_hex(s.at[i + 2]);
        size_t end = mark == '=' && s.at[i] == mark ? i + 1 : 0; /* a soft line break */
        while (end && end < s.len && (s.at[end] == ' ' || s.at[end] == '\t' || s.at[end] == '\r'))
            end++;
        if (s.at[i] == mark && low >= 0)
            out[n++] = (uint8_t)(high << 4 | low), i += 2;
        else if (end && end < s.len && s.at[end] == '\n')
            i = end;
        else
            out[n++] = s.at[i];
    }
    return made(out, n);
}

/* HTML 13.2.5.72: numbers, and the five names that stand in addresses. */
static slice without_references(struct arena *mem, slice s)
{
    static const struct {
        const char *name;
        uint8_t is;
    } names[] = {
        { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' }, { "quot;", '"' }, { "apos;", '\'' }
    };
    uint8_t *out = arena_get(mem, s.len + 4, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        slice rest = slice_sub(s, i + 1, 12);
        size_t end = slice_find_byte(rest, ';', 0), used = 0;
        bool hex = rest.len > 1 && ascii_lower(rest.at[1]) == 'x';
        uint32_t code = 0;
        for (size_t k = 0; s.at[i] == '&' && k < sizeof names / sizeof names[0] && !used; k++)
            if (slice_starts_nocase(rest, names[k].name))
                code = names[k].is, used = strlen(names[k].name);
        if (s.at[i] == '&' && !used && rest.len && rest.at[0] == '#' && end != SIZE_MAX &&
            end > 1u + hex) {
            for (size_t k = 1u + hex; k < end && code < 0x200000; k++) {
                int digit = ascii_hex(rest.at[k]);
                code = digit < 0 || (!hex && digit > 9)
                           ? 0x200000
                           : code * (hex ? 16u : 10u) + (uint32_t)digit;
            }
            used = code && code < 0x110000 ? end + 1 : 0;
        }
        if (used)
            n += utf8_put(out + n, code), i += used; /* never longer than its reference */
        else
            out[n++] = s.at[i];
    }
    return made(out, n);
}

/* RFC 2047 2: =?charset?B or Q?text?=. Between two of them white space does not count (6.2). */
static slice without_words(struct arena *mem, slice s)
{
    uint8_t *out = arena_get(mem, s.len * 3 + 1, 1);
    size_t n = 0, room = s.len * 3;
    for (size_t i = 0; out && i < s.len;) {
        slice rest = slice_from(s, i);
        size_t charset =
            slice_starts(rest, SLICE_LIT("=?")) ? slice_find_byte(rest, '?', 2) : SIZE_MAX;
        size_t end = charset != SIZE_MAX && charset + 3 < rest.len && rest.at[charset + 2] == '?'
                         ? slice_find(rest, SLICE_LIT("?="), charset + 3)
                         : SIZE_MAX;
        if (end == SIZE_MAX) {
            if (n < room)
                out[n++] = s.at[i];
            i++;
            continue;
        }
        slice word = slice_sub(rest, charset + 3, end - charset - 3),
              label = slice_sub(rest, 2, charset - 2);
        word = ascii_lower(rest.at[charset + 1]) == 'b' ? base64_decode(mem, word, NULL)
                                                        : unescaped(mem, word, '=');
        word = charset_decode(mem, slice_sub(label, 0, 40), word).text;
        n += slice_copy_out(word, out + n, room - n);
        i += end + 2;
        while (i < s.len && ascii_space(s.at[i]) &&
               slice_find(slice_sub(s, i, 80), SLICE_LIT("=?"), 0) != SIZE_MAX)
            i++;
    }
    return made(out, n);
}

static bool holds(slice bytes, slice text, struct arena *mem)
{
    if (slice_find(bytes, text, 0) != SIZE_MAX)
        return true;
    slice b = squeezed(mem, bytes), t = squeezed(mem, text);
    return t.len > 0 && slice_find(b, t, 0) != SIZE_MAX;
}

/* One way of reading the bytes. */
static slice read_as(struct arena *mem, slice bytes, unsigned way)
{
    bool lied;
    switch (way) {
    case 0:
        return without_words(mem, bytes);
    case 1:
        return utf8_from_utf16le(mem, bytes);
    case 2:
        return utf8_from_utf16le(mem, slice_from(bytes, 1));
    case 3:
        return without_references(mem, bytes);
    case 4:
        return unescaped(mem, bytes, '%');
    case 5:
        return unescaped(mem, without_references(mem, bytes), '%');
    case 6:
        return base64_decode(mem, bytes, NULL);
    case 7:
        return charset_decode_best(mem, (slice){ 0 }, bytes, &lied).text;
    case 8:
        return without_references(mem, charset_decode_best(mem, (slice){ 0 }, bytes, &lied).text);
    case 9:
        return charset_decode_best(mem, (slice){ 0 }, unescaped(mem, bytes, '='), &lied).text;
    default:
        return without_references(
            mem, charset_decode_best(mem, (slice){ 0 }, unescaped(mem, bytes, '='), &lied).text);
    }
}

bool said_in(slice bytes, slice text, struct arena *mem)
{
    enum { WAYS = 11 };
    if (bytes.len > SAID_BYTES_MAX || text.len > SAID_TEXT_MAX || text.len == 0)
        return false;
    bool there = holds(bytes, text, mem);
    for (unsigned way = 0; way < WAYS && !there; way++)
        there = holds(read_as(mem, bytes, way), text, mem);
    return there;
}
