/* SPDX-License-Identifier: Apache-2.0 */
/* officecrypto - what a document says of its encryption, and passwords tested against it:
 * [MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9 (standard), 2.3.5 and 2.3.6 (RC4). The agile scheme is in
 * officecrypto_agile.c, XOR obfuscation in officecrypto_xor.c, streams are in
 * officecrypto_stream.c. */
#include "decode/shared/officecrypto_private.h"
#include "base/text.h"

enum {
    FLAG_EXTERNAL = 0x10,
    FLAG_AES = 0x20,
    ALGORITHM_RC4 = 0x6801,
    STANDARD_ROUNDS = 50000,
    SALT = 16,
    RC4_40_KEY = 5,
    RC4_40_REPEATS = 16,
    WORK_PER_DIGEST = 400,
};

const char *officecrypto_scheme_name(enum officecrypto_scheme s)
{
    static const char *const names[] = { "unknown", "xor", "xor", "rc4", "rc4-cryptoapi", "standard", "agile" };
    CHECK(s <= OFFICECRYPTO_AGILE);
    return names[s];
}

const char *officecrypto_builtin(size_t n)
{
    static const char *const known[] = { "VelvetSweatshop", "/01Hannes Ruescher/01" };
    return n < sizeof known / sizeof known[0] ? known[n] : NULL;
}

/* --- headers */

/* 2.3.6.1: salt, verifier and its MD5. */
static bool read_rc4(struct officecrypto *o, cursor *k)
{
    o->scheme = OFFICECRYPTO_RC4;
    o->digest = DIGEST_MD5;
    o->key_bits = RC4_40_KEY * 8;
    o->salt = cur_take(k, SALT);
    o->verifier = cur_take(k, 16);
    o->verifier_hash = cur_take(k, 16);
    return cur_ok(k);
}

/* 2.3.2 EncryptionHeader and 2.3.3 EncryptionVerifier. */
static bool read_header(struct officecrypto *o, cursor *k)
{
    cur_skip(k, 4);
    cursor h = cur_sub(k, cur_u32le(k));
    uint32_t flags = cur_u32le(&h);
    cur_skip(&h, 4);
    uint32_t algorithm = cur_u32le(&h);
    cur_skip(&h, 4);
    o->key_bits = cur_u32le(&h);
    bool aes = flags & FLAG_AES || (algorithm >= 0x660e && algorithm <= 0x6610);
    if (!cur_ok(&h) || flags & FLAG_EXTERNAL || (!aes && algorithm && algorithm != ALGORITHM_RC4))
        return false;
    o->scheme = aes ? OFFICECRYPTO_STANDARD : OFFICECRYPTO_RC4_CAPI;
    o->digest = DIGEST_SHA1;
    o->rounds = aes ? STANDARD_ROUNDS : 0;
    if (o->key_bits == 0)
        o->key_bits = aes ? 128 : 40;
    uint32_t salt = cur_u32le(k);
    o->salt = cur_take(k, salt);
    o->verifier = cur_take(k, 16);
    cur_skip(k, 4);
    o->verifier_hash = cur_take(k, aes ? 32 : 20);
    bool size = aes ? o->key_bits == 128 || o->key_bits == 192 || o->key_bits == 256
                    : o->key_bits >= 40 && o->key_bits <= 128 && o->key_bits % 8 == 0;
    return cur_ok(k) && size && salt <= SALT;
}

bool officecrypto_read(struct officecrypto *o, struct walk *w, slice info)
{
    cursor k = cur_open(info);
    *o = (struct officecrypto){ 0 };
    uint16_t major = cur_u16le(&k), minor = cur_u16le(&k);
    bool good = false;
    if (major == 1 && minor == 1)
        good = read_rc4(o, &k);
    else if (major == 4 && minor == 4)
        good = officecrypto_agile_read(o, w, slice_from(info, 8));
    else if (major >= 2 && major <= 4 && minor == 2)
        good = read_header(o, &k);
    if (!good)
        o->scheme = OFFICECRYPTO_NONE;
    return good;
}

/* [MS-XLS] 2.4.117 */
bool officecrypto_read_filepass(struct officecrypto *o, struct walk *w, slice data)
{
    cursor k = cur_open(data);
    uint16_t kind = data.len == 4 ? 0 : cur_u16le(&k); /* BIFF5 has no kind but this one */
    if (kind == 1)
        return officecrypto_read(o, w, cur_rest(&k));
    *o = (struct officecrypto){ .xor_key = cur_u16le(&k), .xor_verifier = cur_u16le(&k) };
    if (kind == 0 && cur_ok(&k))
        o->scheme = OFFICECRYPTO_XOR;
    return o->scheme != OFFICECRYPTO_NONE;
}

/* [MS-DOC] 2.2.6.1: the key in the upper half, the verifier in the lower. */
void officecrypto_read_word_xor(struct officecrypto *o, uint32_t key)
{
    *o = (struct officecrypto){
        .scheme = OFFICECRYPTO_XOR_WORD,
        .xor_key = (uint16_t)(key >> 16),
        .xor_verifier = (uint16_t)key,
    };
}

/* --- passwords */

size_t officecrypto_wide(slice password, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (size_t at = 0; at < password.len && n + 4 <= room;) {
        uint32_t ch = utf8_next(password, &at);
        uint16_t units[2] = { (uint16_t)ch, 0 };
        if (ch > 0xffff) {
            units[0] = (uint16_t)(0xd800 + ((ch - 0x10000) >> 10));
            units[1] = (uint16_t)(0xdc00 + ((ch - 0x10000) & 0x3ff));
        }
        for (unsigned u = 0; u < 2 && (u == 0 || units[1]); u++) {
            out[n++] = (uint8_t)units[u];
            out[n++] = (uint8_t)(units[u] >> 8);
        }
    }
    return n;
}

/* Salt and password, then the digest of a counter and the digest before, again and again. */
bool officecrypto_spin(struct walk *w, enum digest d, slice salt, slice password, uint32_t rounds,
                       uint8_t out[DIGEST_MAX])
{
    uint8_t first[SALT_MAX + WIDE_MAX], step[4 + DIGEST_MAX];
    size_t size = hash_digest_size(d), n = slice_copy_out(salt, first, SALT_MAX);
    if (!budget_spend(w->budget, BUDGET_KEYS, (uint64_t)rounds + 1) ||
        !walk_work(w, ((uint64_t)rounds + 4) * WORK_PER_DIGEST))
        return false;
    n += officecrypto_wide(password, first + n, WIDE_MAX);
    hash_digest(d, (slice){ first, n }, step + 4);
    for (uint32_t i = 0; i < rounds; i++) {
        for (unsigned b = 0; b < 4; b++)
            step[b] = (uint8_t)(i >> 8 * b);
        hash_digest(d, (slice){ step, 4 + size }, step + 4);
    }
    (void)slice_copy_out((slice){ step + 4, size }, out, DIGEST_MAX);
    return true;
}

static void digest_block(enum digest d, slice base, uint32_t block, uint8_t out[DIGEST_MAX])
{
    uint8_t in[DIGEST_MAX + 4];
    size_t n = slice_copy_out(base, in, DIGEST_MAX);
    for (unsigned b = 0; b < 4; b++)
        in[n++] = (uint8_t)(block >> 8 * b);
    hash_digest(d, (slice){ in, n }, out);
}

void officecrypto_block(const struct officecrypto_key *key, uint32_t block, struct rc4 *out)
{
    uint8_t derived[DIGEST_MAX] = { 0 };
    if (key->scheme == OFFICECRYPTO_RC4) { /* 2.3.6.2 */
        digest_block(DIGEST_MD5, (slice){ key->bytes, RC4_40_KEY }, block, derived);
        rc4_start(out, (slice){ derived, 16 });
        return;
    }
    digest_block(DIGEST_SHA1, (slice){ key->bytes, 20 }, block, derived);
    /* 2.3.5.2: 40 bits, and zeros up to 128 */
    size_t len = key->len == RC4_40_KEY ? 16 : key->len;
    for (size_t i = key->len; i < len; i++)
        derived[i] = 0;
    rc4_start(out, (slice){ derived, len });
}

static bool rc4_verified(const struct officecrypto *o, const struct officecrypto_key *key)
{
    uint8_t verifier[16], hash[20], want[DIGEST_MAX];
    struct rc4 c;
    officecrypto_block(key, 0, &c);
    rc4_run(&c, o->verifier, verifier);
    rc4_run(&c, o->verifier_hash, hash);
    hash_digest(o->digest, (slice){ verifier, sizeof verifier }, want);
    return slice_eq((slice){ hash, o->verifier_hash.len }, (slice){ want, o->verifier_hash.len });
}

/* 2.3.6.2: the first five bytes of the password's MD5, and the salt, sixteen times. */
static bool try_rc4(const struct officecrypto *o, slice password, struct officecrypto_key *key)
{
    uint8_t wide[WIDE_MAX], digest[16], middle[RC4_40_REPEATS * (RC4_40_KEY + SALT)];
    md5_of((slice){ wide, officecrypto_wide(password, wide, sizeof wide) }, digest);
    size_t n = 0;
    for (unsigned i = 0; i < RC4_40_REPEATS; i++) {
        n += slice_copy_out((slice){ digest, RC4_40_KEY }, middle + n, RC4_40_KEY);
        n += slice_copy_out(o->salt, middle + n, SALT);
    }
    md5_of((slice){ middle, n }, digest);
    key->len = slice_copy_out((slice){ digest, RC4_40_KEY }, key->bytes, RC4_40_KEY);
    return rc4_verified(o, key);
}

/* 2.3.4.7: two halves, derived as CryptDeriveKey does. */
static bool try_standard(const struct officecrypto *o, slice base, struct officecrypto_key *key)
{
    uint8_t final[DIGEST_MAX], pad[64], verifier[16], hash[32], want[DIGEST_MAX];
    digest_block(DIGEST_SHA1, base, 0, final);
    for (unsigned half = 0; half < 2; half++) {
        uint8_t part[20];
        for (size_t i = 0; i < sizeof pad; i++)
            pad[i] = (uint8_t)((half ? 0x5c : 0x36) ^ (i < 20 ? final[i] : 0));
        sha1_of((slice){ pad, sizeof pad }, part);
        (void)slice_copy_out((slice){ part, 20 }, key->bytes + (size_t)20 * half, 20);
    }
    key->len = o->key_bits / 8;
    slice k = { key->bytes, key->len };
    if (!aes_ecb_decrypt(k, o->verifier, verifier) || !aes_ecb_decrypt(k, o->verifier_hash, hash))
        return false;
    sha1_of((slice){ verifier, sizeof verifier }, want);
    return slice_eq((slice){ hash, 20 }, (slice){ want, 20 });
}

enum officecrypto_trial officecrypto_try(struct walk *w, const struct officecrypto *o, slice password,
                                         struct officecrypto_key *key_out)
{
    struct officecrypto_key key = { .scheme = o->scheme };
    uint8_t base[DIGEST_MAX];
    bool good = false;
    if (o->scheme == OFFICECRYPTO_NONE)
        return OFFICECRYPTO_WRONG;
    if (o->scheme == OFFICECRYPTO_AGILE || o->scheme == OFFICECRYPTO_STANDARD || o->scheme == OFFICECRYPTO_RC4_CAPI) {
        slice salt = o->scheme == OFFICECRYPTO_AGILE ? o->agile.salt : o->salt;
        if (!officecrypto_spin(w, o->digest, salt, password, o->rounds, base))
            return OFFICECRYPTO_LIMIT;
    } else if (!budget_spend(w->budget, BUDGET_KEYS, 1) || !walk_work(w, 16 * WORK_PER_DIGEST)) {
        return OFFICECRYPTO_LIMIT;
    }
    slice derived = { base, hash_digest_size(o->digest) };
    switch (o->scheme) {
    case OFFICECRYPTO_AGILE:
        good = officecrypto_agile_try(o, derived, &key);
        break;
    case OFFICECRYPTO_STANDARD:
        good = try_standard(o, derived, &key);
        break;
    case OFFICECRYPTO_RC4_CAPI:
        (void)slice_copy_out(derived, key.bytes, sizeof key.bytes);
        key.len = o->key_bits / 8;
        good = rc4_verified(o, &key);
        break;
    case OFFICECRYPTO_RC4:
        good = try_rc4(o, password, &key);
        break;
    case OFFICECRYPTO_XOR:
    case OFFICECRYPTO_XOR_WORD:
        good = officecrypto_xor_try(w, o, password, &key);
        break;
    case OFFICECRYPTO_NONE:
        break;
    }
    if (good)
        *key_out = key;
    return good ? OFFICECRYPTO_OPEN : OFFICECRYPTO_WRONG;
}
