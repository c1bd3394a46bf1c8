/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* FIPS 180-4 examples (NIST "Cryptographic Standards and Guidelines", SHA-256). */
/* Every bit and the length count, in every place of a block. */
static void checksums(void **state)
{
    (void)state;
    uint8_t bytes[100] = { 0 }, sum[32], other[32];
    for (size_t n = 0; n <= sizeof bytes; n++) {
        checksum_of((slice){ bytes, n }, sum);
        checksum_of((slice){ bytes, n }, other);
        assert_memory_equal(sum, other, sizeof sum);
        if (n) {
            checksum_of((slice){ bytes, n - 1 }, other);
            assert_memory_not_equal(sum, other, sizeof sum);
        }
        for (size_t bit = 0; bit < n * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            checksum_of((slice){ bytes, n }, other);
            assert_memory_not_equal(sum, other, sizeof sum);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void known_digests(void **state)
{
    (void)state;
    static const struct {
        slice in;
        const char *want;
    } cases[] = {
        { SLICE_INIT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { SLICE_INIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { SLICE_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t digest[32];
        char hex[65];
        sha256_of(cases[i].in, digest);
        hex_of((slice){ digest, 32 }, hex);
        assert_string_equal(hex, cases[i].want);
    }
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    static uint8_t million[1000000];
    memset(million, 'a', sizeof million);
    static const size_t pieces[] = { 1, 63, 64, 65, 4096, 999999, 1000000 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct sha256 h;
        uint8_t digest[32];
        char hex[65];
        sha256_start(&h);
        for (size_t at = 0; at < sizeof million; at += pieces[i])
            sha256_add(&h, slice_sub((slice){ million, sizeof million }, at, pieces[i]));
        sha256_add(&h, (slice){ 0 });
        sha256_end(&h, digest);
        hex_of((slice){ digest, 32 }, hex);
        assert_string_equal(hex,
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

static void hex(void **state)
{
    (void)state;
    uint8_t out[4] = { 9, 9, 9, 9 };
    assert_true(hex_to(SLICE_LIT("00fFa5"), out));
    assert_memory_equal(out, "\x00\xff\xa5\x09", 4);
    assert_true(hex_to(SLICE_LIT(""), out));
    static const char *const bad[] = { "0", "0g", "g0", "0 ", "00:", "\xef\xbc\x90", "-1", "0x" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hex_to(slice_of(bad[i]), out));
}

static void fnv(void **state)
{
    (void)state;
    assert_true(fnv1a(0, SLICE_LIT("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(fnv1a(0, SLICE_LIT("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(fnv1a(fnv1a(0, SLICE_LIT("foo")), SLICE_LIT("bar")) ==
                UINT64_C(0x85944171f73967e8));
}

/* RFC 1321 A.5 and FIPS 180-4: "" and "abc". */
static void other_digests(void **state)
{
    uint8_t out[64];
    (void)state;
    md5_of(SLICE_LIT(""), out);
    assert_memory_equal(out, "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e", 16);
    md5_of(SLICE_LIT("abc"), out);
    assert_memory_equal(out, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72", 16);
    sha1_of(SLICE_LIT("abc"), out);
    assert_memory_equal(out, "\xa9\x99\x3e\x36\x47\x06\x81\x6a", 8);
    struct sha1 h, copy;
    sha1_start(&h);
    sha1_add(&h, SLICE_LIT("ab"));
    copy = h; /* ended on the way, the other goes on */
    sha1_end(&copy, out);
    assert_memory_equal(out, "\xda\x23\x61\x4e", 4);
    sha1_add(&h, SLICE_LIT("c"));
    sha1_end(&h, out);
    assert_memory_equal(out, "\xa9\x99\x3e\x36\x47\x06\x81\x6a", 8);
    for (unsigned d = 0; d < DIGESTS; d++) {
        static const char *const first[DIGESTS] = { "\x90\x01\x50\x98", "\xa9\x99\x3e\x36", "\xba\x78\x16\xbf",
                                                    "\xcb\x00\x75\x3f", "\xdd\xaf\x35\xa1" };
        hash_digest((enum digest)d, SLICE_LIT("abc"), out);
        assert_memory_equal(out, first[d], 4);
    }
    assert_int_equal(hash_digest_size(DIGEST_SHA384), 48);
    sha384_of(SLICE_LIT("abc"), out);
    assert_memory_equal(out, "\xcb\x00\x75\x3f\x45\xa3\x5e\x8b", 8);
    sha512_of(SLICE_LIT("abc"), out);
    assert_memory_equal(out, "\xdd\xaf\x35\xa1\x93\x61\x7a\xba", 8);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums),
        cmocka_unit_test(known_digests),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(other_digests),
        cmocka_unit_test(hex),
        cmocka_unit_test(fnv),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
