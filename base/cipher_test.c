/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cipher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static int prepare(void **state)
{
    (void)state;
    return cipher_prepare() ? 0 : -1;
}

/* RFC 6070. */
static void pbkdf2(void **state)
{
    (void)state;
    static const struct {
        slice password, salt;
        uint32_t rounds;
        slice want;
    } cases[] = {
        { SLICE_INIT("password"), SLICE_INIT("salt"), 1,
          SLICE_INIT(
              "\x0c\x60\xc8\x0f\x96\x1f\x0e\x71\xf3\xa9\xb5\x24\xaf\x60\x12\x06\x2f\xe0\x37\xa6") },
        { SLICE_INIT("password"), SLICE_INIT("salt"), 4096,
          SLICE_INIT(
              "\x4b\x00\x79\x01\xb7\x65\x48\x9a\xbe\xad\x49\xd9\x26\xf7\x21\xd0\x65\xa4\x29\xc1") },
        { SLICE_INIT("passwordPASSWORDpassword"),
          SLICE_INIT("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096,
          SLICE_INIT(
              "\x3d\x2e\xec\x4f\xe4\x1c\x84\x9b\x80\xc8\xd8\x36\x62\xc0\xe4\x4a\x8b\x29\x1a\x96"
              "\x4c\xf2\xf0\x70\x38") },
        { SLICE_INIT("pass\0word"), SLICE_INIT("sa\0lt"), 4096,
          SLICE_INIT("\x56\xfa\x6a\xa7\x55\x48\x09\x9d\xcc\x37\xd7\xf0\x34\x25\xe0\xc3") },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[32];
        assert_true(
            pbkdf2_sha1(cases[i].password, cases[i].salt, cases[i].rounds, out, cases[i].want.len));
        assert_memory_equal(out, cases[i].want.at, cases[i].want.len);
    }
    uint8_t out[32];
    assert_true(pbkdf2_sha256(SLICE_LIT("passwd"), SLICE_LIT("salt"), 1, out, 32)); /* RFC 7914 11 */
    assert_memory_equal(out, "\x55\xac\x04\x6e\x56\xe3\x08\x9f", 8);
    assert_false(pbkdf2_sha256((slice){ 0 }, (slice){ 0 }, 0, out, 32));
    assert_true(pbkdf2_sha1((slice){ 0 }, (slice){ 0 }, 1, out, 20));
    assert_false(pbkdf2_sha1((slice){ 0 }, (slice){ 0 }, 0, out, 20));
    assert_false(pbkdf2_sha1((slice){ 0 }, (slice){ 0 }, UINT32_MAX, out, 20));
    assert_false(pbkdf2_sha1((slice){ out, SIZE_MAX }, (slice){ 0 }, 1, out, 20));
    assert_false(pbkdf2_sha1((slice){ 0 }, (slice){ 0 }, 1, out, SIZE_MAX));
}

/* RFC 2202. */
static void hmac(void **state)
{
    (void)state;
    uint8_t out[20], key[80];
    assert_true(hmac_sha1(SLICE_LIT("Jefe"), SLICE_LIT("what do ya want for nothing?"), out));
    assert_memory_equal(
        out, "\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74\x16\xd5\xf1\x84\xdf\x9c\x25\x9a\x7c\x79",
        20);
    memset(key, 0xaa, sizeof key);
    assert_true(hmac_sha1((slice){ key, sizeof key },
                          SLICE_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
                          out));
    assert_memory_equal(
        out, "\xaa\x4a\xe5\xe1\x52\x72\xd0\x0e\x95\x70\x56\x37\xce\x8a\x3b\x55\xed\x40\x21\x12",
        20);
    assert_true(hmac_sha1((slice){ 0 }, (slice){ 0 }, out));
    assert_memory_equal(
        out, "\xfb\xdb\x1d\x1b\x18\xaa\x6c\x08\x32\x4b\x7d\x64\xb7\x1f\xb7\x63\x70\x69\x0e\x1d",
        20);
}

/* The first two counter blocks, 1 and 2 little-endian, under the zero key:
 * AES-128-ECB of them by "openssl enc -aes-128-ecb -nopad". */
static void counter_is_little_endian(void **state)
{
    (void)state;
    static const uint8_t zero[32];
    uint8_t out[32];
    struct aes_ctr_le *c = aes_ctr_le_new((slice){ zero, 16 });
    assert_non_null(c);
    assert_true(aes_ctr_le_run(c, (slice){ zero, 32 }, out));
    static const uint8_t want[32] = {
        0x47, 0x71, 0x18, 0x16, 0xe9, 0x1d, 0x6f, 0xf0, 0x59, 0xbb, 0xbf,
        0x2b, 0xf5, 0x8e, 0x0f, 0xd3, 0xbc, 0xf1, 0x76, 0xa7, 0xea, 0xad,
        0x80, 0x85, 0xeb, 0xac, 0xea, 0x36, 0x24, 0x62, 0xa2, 0x81,
    };
    assert_memory_equal(out, want, 32);
    aes_ctr_le_drop(&c);
    assert_null(c);
    aes_ctr_le_drop(&c);
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    static uint8_t in[5000], whole[5000], part[5000];
    static const size_t key_sizes[] = { 16, 24, 32 },
                        steps[] = { 1, 7, 16, 1000, 1024, 1025, 5000 };
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i * 7);
    for (size_t k = 0; k < 3; k++) {
        slice key = { in, key_sizes[k] };
        struct aes_ctr_le *c = aes_ctr_le_new(key);
        assert_true(aes_ctr_le_run(c, (slice){ in, sizeof in }, whole));
        aes_ctr_le_drop(&c);
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            c = aes_ctr_le_new(key);
            memcpy(part, in, sizeof in);
            for (size_t at = 0; at < sizeof in; at += steps[s]) /* in place */
                assert_true(aes_ctr_le_run(c, slice_sub((slice){ part, sizeof part }, at, steps[s]),
                                           part + at));
            assert_memory_equal(part, whole, sizeof whole);
            aes_ctr_le_drop(&c);
        }
    }
}

static void wrong_keys_are_refused(void **state)
{
    (void)state;
    static const uint8_t key[64];
    static const size_t sizes[] = { 0, 1, 15, 17, 31, 33, 64 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_null(aes_ctr_le_new((slice){ key, sizes[i] }));
}

/* NIST SP 800-38A F.2.1, F.2.5: the first block. */
static void cbc(void **state)
{
    (void)state;
    static const struct {
        slice key, secret;
    } cases[] = {
        { SLICE_INIT("\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c"),
          SLICE_INIT("\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d") },
        { SLICE_INIT("\x60\x3d\xeb\x10\x15\xca\x71\xbe\x2b\x73\xae\xf0\x85\x7d\x77\x81"
                     "\x1f\x35\x2c\x07\x3b\x61\x08\xd7\x2d\x98\x10\xa3\x09\x14\xdf\xf4"),
          SLICE_INIT("\xf5\x8c\x4c\x04\xd6\xe5\xf1\xba\x77\x9e\xab\xfb\x5f\x7b\xfb\xd6") },
    };
    static const slice plain =
        SLICE_INIT("\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a");
    uint8_t iv[16], out[16];
    for (uint8_t i = 0; i < 16; i++)
        iv[i] = i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(aes_cbc_encrypt(cases[i].key, iv, plain, out));
        assert_memory_equal(out, cases[i].secret.at, 16);
        assert_true(aes_cbc_decrypt(cases[i].key, iv, cases[i].secret, out));
        assert_memory_equal(out, plain.at, 16);
    }
    assert_false(aes_cbc_decrypt(cases[0].key, iv, (slice){ plain.at, 15 }, out));
    assert_false(aes_cbc_decrypt((slice){ plain.at, 15 }, iv, plain, out));
    assert_true(aes_cbc_decrypt(cases[0].key, iv, (slice){ 0 }, out));
}

/* RFC 6229 section 2, the 40-bit key; pieces make no difference. */
static void rc4(void **state)
{
    (void)state;
    static const uint8_t zero[16] = { 0 };
    uint8_t out[16];
    struct rc4 c;
    rc4_start(&c, SLICE_LIT("\x01\x02\x03\x04\x05"));
    rc4_run(&c, (slice){ zero, 5 }, out);
    rc4_run(&c, (slice){ zero, 11 }, out + 5);
    assert_memory_equal(out, "\xb2\x39\x63\x05\xf0\x3d\xc0\x27\xcc\xc3\x52\x4a\x0a\x11\x18\xa8", 16);
}

/* FIPS 197 C.1, C.2; RFC 4231 4.3. */
static void ecb_and_hmac(void **state)
{
    (void)state;
    uint8_t key[32], out[64];
    for (uint8_t i = 0; i < 32; i++)
        key[i] = i;
    assert_true(aes_ecb_decrypt((slice){ key, 16 },
                                SLICE_LIT("\x69\xc4\xe0\xd8\x6a\x7b\x04\x30\xd8\xcd\xb7\x80\x70\xb4\xc5\x5a"), out));
    assert_memory_equal(out, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
    assert_true(aes_ecb_decrypt((slice){ key, 24 },
                                SLICE_LIT("\xdd\xa9\x7c\xa4\x86\x4c\xdf\xe0\x6e\xaf\x70\xa0\xec\x0d\x71\x91"), out));
    assert_memory_equal(out, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
    assert_false(aes_ecb_decrypt((slice){ key, 16 }, (slice){ key, 15 }, out));
    slice data = SLICE_LIT("what do ya want for nothing?");
    assert_true(hmac_of(DIGEST_SHA256, SLICE_LIT("Jefe"), data, out));
    assert_memory_equal(out, "\x5b\xdc\xc1\x46", 4);
    assert_true(hmac_of(DIGEST_SHA512, SLICE_LIT("Jefe"), data, out));
    assert_memory_equal(out, "\x16\x4b\x7a\x7b", 4);
}

/* "The Galois/Counter Mode of Operation", McGrew and Viega, test cases 13, 14 and 16. */
static void gcm(void **state)
{
    (void)state;
    static const uint8_t zero[32];
    static const struct {
        slice key, nonce, context, plain, sealed;
    } cases[] = {
        { { zero, 32 }, { zero, 12 }, { zero, 0 }, { zero, 0 }, SLICE_INIT("\x53\x0f\x8a\xfb\xc7\x45\x36\xb9\xa9\x63\xb4\xf1\xc4\xcb\x73\x8b") },
        { { zero, 32 }, { zero, 12 }, { zero, 0 }, { zero, 16 },
          SLICE_INIT("\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19") },
        { SLICE_INIT("\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08"),
          SLICE_INIT("\xca\xfe\xba\xbe\xfa\xce\xdb\xad\xde\xca\xf8\x88"),
          SLICE_INIT("\xfe\xed\xfa\xce\xde\xad\xbe\xef\xfe\xed\xfa\xce\xde\xad\xbe\xef\xab\xad\xda\xd2"),
          SLICE_INIT("\xd9\x31\x32\x25\xf8\x84\x06\xe5\xa5\x59\x09\xc5\xaf\xf5\x26\x9a\x86\xa7\xa9\x53\x15\x34\xf7\xda\x2e\x4c\x30\x3d\x8a\x31\x8a\x72"
                     "\x1c\x3c\x0c\x95\x95\x68\x09\x53\x2f\xcf\x0e\x24\x49\xa6\xb5\x25\xb1\x6a\xed\xf5\xaa\x0d\xe6\x57\xba\x63\x7b\x39"),
          SLICE_INIT("\x52\x2d\xc1\xf0\x99\x56\x7d\x07\xf4\x7f\x37\xa3\x2a\x84\x42\x7d\x64\x3a\x8c\xdc\xbf\xe5\xc0\xc9\x75\x98\xa2\xbd\x25\x55\xd1\xaa"
                     "\x8c\xb0\x8e\x48\x59\x0d\xbb\x3d\xa7\xb0\x8b\x10\x56\x82\x88\x38\xc5\xf6\x1e\x63\x93\xba\x7a\x0a\xbc\xc9\xf6\x62"
                     "\x76\xfc\x6e\xce\x0f\x4e\x17\x68\xcd\xdf\x88\x53\xbb\x2d\x55\x1b") },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[96], back[96], bad[96];
        slice plain = cases[i].plain, sealed = cases[i].sealed, context = cases[i].context;
        struct aead *a = aead_new(cases[i].key.at);
        assert_non_null(a);
        assert_true(aead_seal(a, cases[i].nonce.at, context, plain, out));
        assert_memory_equal(out, sealed.at, sealed.len);
        assert_true(aead_open(a, cases[i].nonce.at, context, sealed, back));
        assert_true(slice_eq((slice){ back, plain.len }, plain));
        for (size_t bit = 0; bit < sealed.len * 8; bit++) { /* no bit may differ */
            (void)slice_copy_out(sealed, bad, sizeof bad);
            bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(aead_open(a, cases[i].nonce.at, context, (slice){ bad, sealed.len }, back));
        }
        for (size_t n = 0; n < sealed.len; n++)
            assert_false(aead_open(a, cases[i].nonce.at, context, (slice){ sealed.at, n }, back));
        assert_false(aead_open(a, cases[i].nonce.at, SLICE_LIT("another"), sealed, back));
        aead_drop(&a);
        assert_null(a);
        aead_drop(&a);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pbkdf2),
        cmocka_unit_test(cbc),
        cmocka_unit_test(rc4),
        cmocka_unit_test(ecb_and_hmac),
        cmocka_unit_test(gcm),
        cmocka_unit_test(hmac),
        cmocka_unit_test(counter_is_little_endian),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(wrong_keys_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, prepare, NULL);
}
