/* SPDX-License-Identifier: Apache-2.0 */
/* text - UTF-8 and ASCII helpers that know no locale.
 *
 * All text inside Sekisho is UTF-8. What did not decode is U+FFFD.
 */
#pragma once
#include "base/arena.h"

static inline uint8_t ascii_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }
static inline bool ascii_alpha(uint8_t c) { return (uint8_t)((c | 32) - 'a') < 26; }
static inline bool ascii_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static inline bool ascii_alnum(uint8_t c) { return ascii_alpha(c) || ascii_digit(c); }
static inline bool ascii_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
/* 0..15, or -1 */
int ascii_hex(uint8_t c);

/* Equal but for the case of ASCII letters. */
bool slice_eq_nocase(slice a, slice b);
uint64_t slice_hash_nocase(slice s); /* of this process only; anybody can make it collide */
bool slice_is_nocase(slice a, const char *text);
bool slice_starts_nocase(slice s, const char *head);
bool slice_ends_nocase(slice s, const char *tail);
size_t slice_find_nocase(slice s, slice needle, size_t from); /* SIZE_MAX: none */
slice slice_lower(struct arena *mem, slice s);                /* ASCII letters only */

/* Decimal number, the whole slice; false on anything else or overflow. */
bool slice_u64(slice s, uint64_t *out);

/* One code point at *pos, which moves past it; U+FFFD for a bad byte (one byte
 * is consumed). *pos must be < s.len. */
uint32_t utf8_next(slice s, size_t *pos);
/* Writes 1..4 bytes; returns how many. Surrogates and > 10FFFF become U+FFFD. */
size_t utf8_put(uint8_t out[4], uint32_t code);
bool utf8_valid(slice s);
/* Characters that move the cursor, hide text, show nothing or turn its direction: not to be
 * shown as they are (Unicode 15: Cc, Cf, Default_Ignorable). Variation selectors are not among
 * them: they belong to the character before, and Japanese names need them. */
bool utf8_is_hidden(uint32_t code); /* for the next function: the table */
static inline bool utf8_deceives(uint32_t code)
{
    bool ordinary = (code >= 0x20 && code < 0x7F) || (code >= 0x2070 && code < 0x3164) || (code > 0x3164 && code < 0xFE00);
    return !ordinary && utf8_is_hidden(code);
}
static inline bool utf8_varies(uint32_t code) /* a variation selector (Unicode 15, 23.4) */
{
    return (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
}
/* The same bytes when valid, else a copy with U+FFFD for what is not. */
slice utf8_clean(struct arena *mem, slice s);
/* At most max bytes, cut at a character boundary. */
slice utf8_cut(slice s, size_t max);
/* UTF-16LE bytes to UTF-8; a trailing odd byte is dropped. */
slice utf8_from_utf16le(struct arena *mem, slice s);
/* The same up to the first zero unit, as Windows ends its strings. */
slice utf8_from_utf16le_z(struct arena *mem, slice s);

/* Base64 with anything that is not of the alphabet skipped (RFC 2045 6.8).
 * A '=' ends a quantum and decoding goes on behind it. *skipped_out (may be
 * NULL) does not count space, tab, CR and LF. */
slice base64_decode(struct arena *mem, slice s, size_t *skipped_out);
