/* SPDX-License-Identifier: Apache-2.0 */
/* powershell_secure - ConvertTo-SecureString -Key: a text that AES-CBC hides behind a key which
 * stands beside it. Follows what ConvertFrom-SecureString writes (System.Management.Automation,
 * SecureStringHelper): a header of 32 digits, then Base64 of the UTF-16 text
 * "2|Base64 of the IV|hexadecimal of the encrypted UTF-16", padded as PKCS #7 has it. Left out:
 * what the Data Protection API encrypts, with keys of the user. */
#include "base/cipher.h"
#include "unmask/powershell/powershell_private.h"

enum { ENCRYPTED_MAX = 1 << 18, BLOCK = 16, HEADER = 32 };

static const char header[] = "76492d1116743f0423413b16050a5345";

/* UTF-16 of ASCII. */
static slice narrow(struct ps *p, slice wide)
{
    uint8_t *out = wide.len > 1 ? arena_get(p->t->mem, wide.len / 2, 1) : NULL;
    for (size_t i = 0; out && i < wide.len / 2; i++)
        out[i] = wide.at[2 * i];
    return (slice){ out, out ? wide.len / 2 : 0 };
}

static struct text opened(struct ps *p, slice key, slice iv, slice hex, text_mark origin)
{
    size_t n = hex.len / 2;
    uint8_t *in = n && n % BLOCK == 0 ? arena_get(p->t->mem, n, 1) : NULL,
            *out = in ? arena_get(p->t->mem, n, 1) : NULL;
    uint16_t *units = out ? ARENA_ARRAY(p->t->mem, uint16_t, n / 2) : NULL;
    if (!units || iv.len != BLOCK || !hex_to(hex, in) ||
        !aes_cbc_decrypt(key, iv.at, (slice){ in, n }, out))
        return (struct text){ 0 };
    uint8_t padding = out[n - 1];
    if (padding == 0 || padding > BLOCK || out[n - padding] != padding)
        return (struct text){ 0 };
    n = (n - padding) / 2;
    for (size_t i = 0; i < n; i++)
        units[i] = (uint16_t)(out[2 * i] | out[2 * i + 1] << 8);
    return text_of_units(p->t, units, n, origin);
}

struct ps_value ps_secure(struct ps *p, struct text s, struct ps_value key)
{
    slice k = { 0 };
    struct ps_value *inner = ARENA_NEW(p->t->mem, struct ps_value);
    if (!inner)
        return ps_unknown(p, "memory");
    *inner = ps_unknown(p, "ConvertTo-SecureString");
    struct ps_value v = {
        .kind = PS_OBJECT, .text = ps_cstr(p, "SecureString").text, .items = inner, .n = 1
    };
    if (key.kind == PS_NULL) {
        *inner = ps_text(s); /* -AsPlainText */
        return v;
    }
    bool good = ps_as_bytes(p, key, &k) && (k.len == 16 || k.len == 24 || k.len == 32);
    if (!good || !text_known(s) || s.n <= HEADER || s.n > ENCRYPTED_MAX ||
        !ps_is(text_sub(s, 0, HEADER), header) || !ps_spend(p, 8 * (uint64_t)s.n))
        return v;
    slice all =
        narrow(p, base64_decode(p->t->mem, text_utf8(p->t, text_sub(s, HEADER, s.n)), NULL));
    size_t one = slice_find_byte(all, '|', 0),
           two = one == SIZE_MAX ? SIZE_MAX : slice_find_byte(all, '|', one + 1);
    if (two == SIZE_MAX)
        return v;
    slice iv = base64_decode(p->t->mem, slice_sub(all, one + 1, two - one - 1), NULL);
    struct text plain = opened(p, k, iv, slice_from(all, two + 1), text_mark_at(s, 0));
    if (plain.n)
        *inner = ps_text(plain);
    return v;
}
