/* SPDX-License-Identifier: Apache-2.0 */
/* lockedzip - see lockedzip.h. Members are stored, not compressed: a part is
 * taken out to be looked at, and what was in it should be found as it was. */
#include "programs/cli/lockedzip.h"
#include "base/cipher.h"

#include <errno.h>

enum { SALT = 16, VERIFIER = 2, TAG = 10, KEYS = 66, ROUNDS = 1000, FLAGS = 0x0801, AES = 99 };

static void put16(struct buf *b, unsigned v)
{
    buf_byte(b, (uint8_t)v);
    buf_byte(b, (uint8_t)(v >> 8));
}

static void put32(struct buf *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

/* What local header and directory entry share: from "version needed" on. */
static void put_common(struct buf *b, slice name, size_t size)
{
    put16(b, 51);
    put16(b, FLAGS);
    put16(b, AES);
    put16(b, 0);
    put16(b, 0x21); /* 1980-01-01: the archive depends on the parts only */
    put32(b, 0);    /* AE-2 gives no CRC */
    put32(b, (uint32_t)(size + SALT + VERIFIER + TAG));
    put32(b, (uint32_t)size);
    put16(b, (unsigned)name.len);
    put16(b, 11);
}

static void put_aes_extra(struct buf *b)
{
    put16(b, 0x9901);
    put16(b, 7);
    put16(b, 2); /* AE-2 */
    buf_text(b, "AE");
    buf_byte(b, 3); /* 256 bits */
    put16(b, 0);    /* stored */
}

struct lockedzip lockedzip_new(slice password, size_t max)
{
    return (struct lockedzip){ .out = buf_new(max),
                               .directory = buf_new(64 << 20),
                               .password = password };
}

static bool put_encrypted(struct lockedzip *z, slice bytes, const uint8_t *salt)
{
    uint8_t keys[KEYS], tag[20];
    if (!pbkdf2_sha1(z->password, (slice){ salt, SALT }, ROUNDS, keys, sizeof keys))
        return false;
    buf_put(&z->out, (slice){ salt, SALT });
    buf_put(&z->out, (slice){ keys + 64, VERIFIER });
    size_t at = z->out.len;
    buf_put(&z->out, bytes);
    struct aes_ctr_le *cipher = z->out.full ? NULL : aes_ctr_le_new((slice){ keys, 32 });
    bool done = cipher && aes_ctr_le_run(cipher, bytes, z->out.at + at);
    aes_ctr_le_drop(&cipher);
    if (!done || !hmac_sha1((slice){ keys + 32, 32 }, (slice){ z->out.at + at, bytes.len }, tag))
        return false;
    buf_put(&z->out, (slice){ tag, TAG });
    return true;
}

int lockedzip_add(struct lockedzip *z, slice name, slice bytes, const uint8_t salt[16])
{
    if (bytes.len > UINT32_MAX - 64 || z->entries == UINT16_MAX || z->out.len > UINT32_MAX - 65536)
        return -EFBIG;
    uint32_t offset = (uint32_t)z->out.len;
    put32(&z->out, 0x04034b50);
    put_common(&z->out, name, bytes.len);
    buf_put(&z->out, name);
    put_aes_extra(&z->out);
    if (!put_encrypted(z, bytes, salt) || z->out.full)
        return -EFBIG;
    put32(&z->directory, 0x02014b50);
    put16(&z->directory, 51);
    put_common(&z->directory, name, bytes.len);
    put16(&z->directory, 0); /* comment */
    put16(&z->directory, 0); /* disk */
    put16(&z->directory, 0);
    put32(&z->directory, 0);
    put32(&z->directory, offset);
    buf_put(&z->directory, name);
    put_aes_extra(&z->directory);
    z->entries++;
    return 0;
}

int lockedzip_end(struct lockedzip *z)
{
    uint32_t at = (uint32_t)z->out.len, size = (uint32_t)z->directory.len;
    buf_put(&z->out, buf_slice(&z->directory));
    put32(&z->out, 0x06054b50);
    put16(&z->out, 0);
    put16(&z->out, 0);
    put16(&z->out, z->entries);
    put16(&z->out, z->entries);
    put32(&z->out, size);
    put32(&z->out, at);
    put16(&z->out, 0);
    if (z->out.full || z->directory.full)
        return -EFBIG;
    return 0;
}

void lockedzip_drop(struct lockedzip *z)
{
    buf_drop(&z->out);
    buf_drop(&z->directory);
}
