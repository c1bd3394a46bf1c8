/* SPDX-License-Identifier: Apache-2.0 */
/* XOR obfuscation: [MS-OFFCRYPTO] 2.3.7.1 to 2.3.7.3 (method 1, Excel) and 2.3.7.4 to 2.3.7.6
 * (method 2, Word). Both keep the same key of 16 bits and the same verifier; what they differ in
 * is how an array of 16 bytes is made of them. The streams are in officecrypto_stream.c. */
#include "base/charset.h"
#include "base/text.h"
#include "decode/shared/officecrypto_private.h"

enum { ARRAY = 16, PASSWORD_MAX = 15 };

static uint16_t rotated15(uint16_t v, unsigned n)
{
    return (uint16_t)((v << n | v >> (15 - n)) & 0x7fff);
}

/* 2.3.7.1 */
static uint16_t verifier_of(slice password)
{
    uint16_t v = (uint16_t)(password.len ^ 0xce4b);
    for (size_t i = 0; i < password.len; i++)
        v ^= rotated15(password.at[i], (unsigned)(i + 1) % 15);
    return v;
}

/* 2.3.7.2: the arrays of the specification are the states of this shift register. */
static uint16_t step(uint16_t v)
{
    v = (uint16_t)(v << 1 | v >> 15);
    return v & 1 ? v ^ 0x1020 : v;
}

static uint16_t key_of(slice password)
{
    uint16_t key = 0, base = 0x8000, end = 0xffff;
    for (size_t i = password.len; i > 0; i--) {
        unsigned ch = password.at[i - 1] & 0x7f;
        for (unsigned bit = 0; bit < 8; bit++, ch >>= 1) {
            base = step(base);
            if (ch & 1)
                key ^= base;
            end = step(end);
        }
    }
    return key ^ end;
}

/* 2.3.7.2 and 2.3.7.5; Excel turns each byte by two places to the left, Word by one to the right.
 */
static bool try_bytes(const struct officecrypto *o, slice password, struct officecrypto_key *key)
{
    static const uint8_t fill[ARRAY] = { 0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80,
                                         0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00, 0x00 };
    unsigned left = o->scheme == OFFICECRYPTO_XOR_WORD ? 7 : 2;
    password = slice_sub(password, 0, PASSWORD_MAX);
    if (verifier_of(password) != o->xor_verifier || key_of(password) != o->xor_key)
        return false;
    for (size_t i = 0; i < ARRAY; i++) {
        uint8_t byte = i < password.len ? password.at[i] : fill[i - password.len];
        byte ^= (uint8_t)(i & 1 ? o->xor_key >> 8 : o->xor_key);
        key->bytes[i] = (uint8_t)(byte << left | byte >> (8 - left));
    }
    key->len = ARRAY;
    return true;
}

/* 2.3.7.4: Word writes the low byte of each character, or the high one where that is zero; a
 * reader must try the code page of the system, too. */
bool officecrypto_xor_try(struct walk *w, const struct officecrypto *o, slice password,
                          struct officecrypto_key *key)
{
    uint8_t wide[WIDE_MAX], narrow[WIDE_MAX / 2];
    size_t n = officecrypto_wide(password, wide, sizeof wide) / 2;
    bool ascii = n == password.len;
    for (size_t i = 0; i < n; i++)
        narrow[i] = wide[2 * i] ? wide[2 * i] : wide[2 * i + 1];
    if (try_bytes(o, (slice){ narrow, n }, key))
        return true;
    slice page = ascii ? (slice){ 0 } : charset_encode_id(w->mem, CHARSET_CP932, password);
    return page.len && try_bytes(o, page, key);
}
