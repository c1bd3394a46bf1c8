/* SPDX-License-Identifier: Apache-2.0 */
/* The agile scheme: [MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15. Of several key encryptors the first
 * that takes a password counts. AES in CBC mode only, which is what Office writes. */
#include "decode/shared/officecrypto_private.h"
#include "base/text.h"
#include "base/xml.h"

enum { AES_BLOCK = 16, VALUE_MAX = 128, SPIN_MOST = 10000000 };

struct reading {
    struct officecrypto *o;
    struct walk *w;
    unsigned strange; /* what we have no cipher for */
    bool data, key;
};

static slice get_bytes(struct reading *r, const struct xml_attribute *a, size_t n, const char *name)
{
    slice text = xml_get(a, n, name);
    return text.len > VALUE_MAX * 2 ? (slice){ 0 } : base64_decode(r->w->mem, text, NULL);
}

static uint32_t get_number(const struct xml_attribute *a, size_t n, const char *name)
{
    uint64_t v = 0;
    return slice_u64(xml_get(a, n, name), &v) && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static enum digest get_digest(struct reading *r, const struct xml_attribute *a, size_t n)
{
    static const char *const names[DIGESTS] = { "MD5", "SHA1", "SHA256", "SHA384", "SHA512" };
    static const char *const dashed[DIGESTS] = { "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512" };
    slice name = xml_get(a, n, "hashAlgorithm");
    for (unsigned d = 0; d < DIGESTS; d++)
        if (slice_is_nocase(name, names[d]) || slice_is_nocase(name, dashed[d]))
            return (enum digest)d;
    r->strange++;
    return DIGEST_SHA1;
}

static void check_cipher(struct reading *r, const struct xml_attribute *a, size_t n)
{
    uint32_t bits = get_number(a, n, "keyBits");
    r->strange += !slice_is_nocase(xml_get(a, n, "cipherAlgorithm"), "AES") ||
                  !slice_is_nocase(xml_get(a, n, "cipherChaining"), "ChainingModeCBC") ||
                  (bits != 128 && bits != 192 && bits != 256);
}

static void element(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct reading *r = host;
    struct officecrypto_agile *g = &r->o->agile;
    (void)at;
    slice local = xml_local(name);
    if (slice_is(local, "keyData") && !r->data) {
        r->data = true;
        check_cipher(r, a, n);
        g->data_salt = get_bytes(r, a, n, "saltValue");
        g->data_digest = get_digest(r, a, n);
        g->data_bits = get_number(a, n, "keyBits");
    } else if (slice_is(local, "dataIntegrity")) {
        g->hmac_key = get_bytes(r, a, n, "encryptedHmacKey");
        g->hmac_value = get_bytes(r, a, n, "encryptedHmacValue");
    } else if (slice_is(local, "encryptedKey") && !r->key && xml_get(a, n, "spinCount").len) {
        r->key = true;
        check_cipher(r, a, n);
        r->o->rounds = get_number(a, n, "spinCount");
        r->o->digest = get_digest(r, a, n);
        r->o->key_bits = get_number(a, n, "keyBits");
        g->salt = get_bytes(r, a, n, "saltValue");
        r->o->verifier = get_bytes(r, a, n, "encryptedVerifierHashInput");
        r->o->verifier_hash = get_bytes(r, a, n, "encryptedVerifierHashValue");
        g->key_value = get_bytes(r, a, n, "encryptedKeyValue");
    }
}

static bool whole_blocks(slice s)
{
    return s.len > 0 && s.len <= VALUE_MAX && s.len % AES_BLOCK == 0;
}

bool officecrypto_agile_read(struct officecrypto *o, struct walk *w, slice xml)
{
    struct reading r = { .o = o, .w = w };
    struct xml_handler handler = { .host = &r, .open = element };
    o->scheme = OFFICECRYPTO_AGILE;
    (void)xml_read(xml, &handler, w->mem, w->budget);
    const struct officecrypto_agile *g = &o->agile;
    return r.data && r.key && r.strange == 0 && o->rounds <= SPIN_MOST && g->salt.len <= SALT_MAX &&
           g->data_salt.len <= SALT_MAX && whole_blocks(o->verifier) && whole_blocks(o->verifier_hash) &&
           o->verifier_hash.len >= hash_digest_size(o->digest) && whole_blocks(g->key_value) &&
           g->key_value.len >= g->data_bits / 8;
}

/* 2.3.4.12: cut, or filled with 0x36. */
static void fitted(slice s, uint8_t *out, size_t len)
{
    for (size_t i = slice_copy_out(s, out, len); i < len; i++)
        out[i] = 0x36;
}

/* 2.3.4.11 */
static bool with_block_key(const struct officecrypto *o, slice base, slice block_key, slice in, uint8_t *out)
{
    uint8_t join[DIGEST_MAX + 8], digest[DIGEST_MAX], key[32], iv[AES_BLOCK];
    size_t n = slice_copy_out(base, join, DIGEST_MAX);
    n += slice_copy_out(block_key, join + n, 8);
    hash_digest(o->digest, (slice){ join, n }, digest);
    fitted((slice){ digest, hash_digest_size(o->digest) }, key, o->key_bits / 8);
    fitted(o->agile.salt, iv, sizeof iv);
    return aes_cbc_decrypt((slice){ key, o->key_bits / 8 }, iv, in, out);
}

/* 2.3.4.13 */
bool officecrypto_agile_try(const struct officecrypto *o, slice base, struct officecrypto_key *key)
{
    static const slice input = SLICE_INIT("\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79");
    static const slice value = SLICE_INIT("\xd7\xaa\x0f\x6d\x30\x61\x34\x4e");
    static const slice secret = SLICE_INIT("\x14\x6e\x0b\xe7\xab\xac\xd0\xd6");
    uint8_t verifier[VALUE_MAX], hash[VALUE_MAX], want[DIGEST_MAX], bytes[VALUE_MAX];
    size_t size = hash_digest_size(o->digest);
    if (!with_block_key(o, base, input, o->verifier, verifier) ||
        !with_block_key(o, base, value, o->verifier_hash, hash))
        return false;
    hash_digest(o->digest, (slice){ verifier, o->verifier.len }, want);
    if (!slice_eq((slice){ want, size }, (slice){ hash, size }) ||
        !with_block_key(o, base, secret, o->agile.key_value, bytes))
        return false;
    key->len = slice_copy_out((slice){ bytes, o->agile.data_bits / 8 }, key->bytes, sizeof key->bytes);
    return true;
}

void officecrypto_agile_iv(const struct officecrypto *o, slice block_key, uint8_t iv_out[16])
{
    uint8_t join[SALT_MAX + 8], digest[DIGEST_MAX];
    size_t n = slice_copy_out(o->agile.data_salt, join, SALT_MAX);
    n += slice_copy_out(block_key, join + n, 8);
    hash_digest(o->agile.data_digest, (slice){ join, n }, digest);
    fitted((slice){ digest, hash_digest_size(o->agile.data_digest) }, iv_out, AES_BLOCK);
}

bool officecrypto_is_authentic(const struct officecrypto *o, const struct officecrypto_key *key, slice stream)
{
    static const slice key_block = SLICE_INIT("\x5f\xb2\xad\x01\x0c\xb9\xe1\xf6");
    static const slice value_block = SLICE_INIT("\xa0\x67\x7f\x02\xb2\x2c\x84\x33");
    const struct officecrypto_agile *g = &o->agile;
    uint8_t iv[AES_BLOCK], secret[VALUE_MAX], value[VALUE_MAX], want[DIGEST_MAX];
    size_t size = hash_digest_size(g->data_digest);
    slice k = { key->bytes, key->len };
    if (!whole_blocks(g->hmac_key) || !whole_blocks(g->hmac_value) || g->hmac_key.len < size ||
        g->hmac_value.len < size)
        return false;
    officecrypto_agile_iv(o, key_block, iv);
    if (!aes_cbc_decrypt(k, iv, g->hmac_key, secret))
        return false;
    officecrypto_agile_iv(o, value_block, iv);
    return aes_cbc_decrypt(k, iv, g->hmac_value, value) &&
           hmac_of(g->data_digest, (slice){ secret, size }, stream, want) &&
           slice_eq((slice){ value, size }, (slice){ want, size });
}
