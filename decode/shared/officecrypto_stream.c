/* SPDX-License-Identifier: Apache-2.0 */
/* Content without its encryption: packages ([MS-OFFCRYPTO] 2.3.4.4, 2.3.4.15), streams of Word
 * ([MS-DOC] 2.2.6), records of Excel ([MS-XLS] 2.2.10). */
#include "decode/shared/officecrypto_private.h"

enum {
    SEGMENT = 4096,
    AES_BLOCK = 16,
    PACKAGE_HEAD = 8,
    WORD_BLOCK = 512,
    EXCEL_BLOCK = 1024,
    HEAD = 4, /* of a record */
    GLOBALS_LOOKED = 64,
    WORK_PER_AES_BYTE = 3,
    WORK_PER_RC4_BYTE = 8,
};

/* The declared size stands in front. Office trusts it; where it says less than there is, the
 * rest is the filling of the last block. */
bool officecrypto_package(struct walk *w, const struct officecrypto *o, const struct officecrypto_key *key,
                          slice stream, struct body *out)
{
    cursor k = cur_open(stream);
    uint64_t size = cur_u64le(&k);
    slice in = slice_from(stream, PACKAGE_HEAD);
    slice aes = { key->bytes, key->len };
    uint8_t chunk[SEGMENT], iv[AES_BLOCK];
    if (size > in.len || size == 0)
        size = in.len;
    *out = body_borrow((slice){ 0 });
    bool ok = walk_work(w, (uint64_t)in.len * WORK_PER_AES_BYTE + SEGMENT);
    struct body_writer *bw = ok ? body_writer_new(w->mem, size, size) : NULL;
    for (uint64_t done = 0; bw && ok && done < size; done += SEGMENT) {
        slice piece = slice_sub(in, (size_t)done, SEGMENT);
        piece.len -= piece.len % AES_BLOCK;
        uint32_t number = (uint32_t)(done / SEGMENT);
        uint8_t index[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24) };
        if (o->scheme == OFFICECRYPTO_AGILE)
            officecrypto_agile_iv(o, (slice){ index, sizeof index }, iv);
        if (piece.len == 0 && size - done < AES_BLOCK)
            break; /* some writers do not fill the last block, and Office reads on without it */
        ok = piece.len && (o->scheme == OFFICECRYPTO_AGILE ? aes_cbc_decrypt(aes, iv, piece, chunk)
                                                           : aes_ecb_decrypt(aes, piece, chunk));
        if (ok)
            ok = body_writer_put(bw, (slice){ chunk, piece.len > size - done ? (size_t)(size - done) : piece.len });
    }
    if (bw)
        *out = body_writer_done(bw);
    return bw && ok;
}

struct officecrypto_stream officecrypto_stream_of(const struct officecrypto_key *key, unsigned block)
{
    return (struct officecrypto_stream){ .key = key, .block = UINT64_MAX, .size = block };
}

uint8_t officecrypto_pad(struct officecrypto_stream *s, uint64_t at)
{
    static const uint8_t zero[OFFICECRYPTO_BLOCK_MAX];
    uint64_t block = at / s->size;
    if (block != s->block) {
        struct rc4 c;
        officecrypto_block(s->key, (uint32_t)block, &c);
        rc4_run(&c, (slice){ zero, s->size }, s->pad);
        s->block = block;
    }
    return s->pad[at % s->size];
}

/* Byte by byte into a body, a segment at a time. */
struct writing {
    struct body_writer *bw;
    uint8_t chunk[SEGMENT];
    size_t n;
    bool ok;
};

static void write_byte(struct writing *o, uint8_t byte)
{
    o->chunk[o->n++] = byte;
    if (o->n < SEGMENT)
        return;
    o->ok = o->ok && body_writer_put(o->bw, (slice){ o->chunk, o->n });
    o->n = 0;
}

static bool write_begin(struct writing *o, struct walk *w, slice stream, struct body *out)
{
    *out = body_borrow((slice){ 0 });
    o->n = 0;
    o->ok = walk_work(w, (uint64_t)stream.len * WORK_PER_RC4_BYTE + SEGMENT);
    o->bw = o->ok ? body_writer_new(w->mem, stream.len, stream.len) : NULL;
    return o->bw != NULL;
}

static bool write_end(struct writing *o, struct body *out)
{
    if (o->n)
        o->ok = o->ok && body_writer_put(o->bw, (slice){ o->chunk, o->n });
    *out = body_writer_done(o->bw);
    return o->ok;
}

/* 2.3.7.6: neither a zero nor what would become one is touched. */
static uint8_t word_byte(struct officecrypto_stream *s, uint8_t byte, size_t at)
{
    if (s->key->scheme != OFFICECRYPTO_XOR_WORD)
        return byte ^ officecrypto_pad(s, at);
    uint8_t turned = byte ^ s->key->bytes[at % 16];
    return byte && turned ? turned : byte;
}

bool officecrypto_word(struct walk *w, const struct officecrypto_key *key, slice stream, size_t plain,
                       struct body *out)
{
    struct officecrypto_stream s = officecrypto_stream_of(key, WORD_BLOCK);
    struct writing o;
    if (!write_begin(&o, w, stream, out))
        return false;
    for (size_t i = 0; i < stream.len; i++)
        write_byte(&o, i < plain ? stream.at[i] : word_byte(&s, stream.at[i], i));
    return write_end(&o, out);
}

/* --- records of Excel */

enum { REC_FILEPASS = 0x2f, REC_BOUNDSHEET = 0x85, REC_NOTHING = 0x5f /* SaveRecalc: says nothing */ };

/* Which records stay as they are, and the first bytes of BOUNDSHEET, by which sheets are found. */
static size_t plain_bytes(uint16_t id, size_t len)
{
    switch (id) {
    case 0x0809: /* BOF */
    case 0x0409:
    case 0x0209:
    case 0x0009:
    case REC_FILEPASS:
    case 0x0194: /* UsrExcl */
    case 0x0195: /* FileLock */
    case 0x00e1: /* InterfaceHdr */
    case 0x0196: /* RRDInfo */
    case 0x0138: /* RRDHead */
        return len;
    case REC_BOUNDSHEET:
        return len < 4 ? len : 4;
    default:
        return 0;
    }
}

slice officecrypto_find_filepass(slice stream)
{
    cursor k = cur_open(stream);
    for (unsigned i = 0; i < GLOBALS_LOOKED && cur_left(&k) >= HEAD; i++) {
        uint16_t id = cur_u16le(&k), len = cur_u16le(&k);
        slice data = slice_sub(cur_rest(&k), 0, len);
        if (i == 0 && (id & 0xff) != 9)
            break;
        if (id == REC_FILEPASS)
            return data;
        cur_skip(&k, data.len);
    }
    return (slice){ 0 };
}

/* 2.3.7.3 of [MS-OFFCRYPTO]: where in the array a record begins depends on its place and size. */
static uint8_t plain_of(struct officecrypto_stream *s, uint8_t byte, size_t at, size_t begin, size_t len)
{
    if (s->key->scheme != OFFICECRYPTO_XOR)
        return byte ^ officecrypto_pad(s, at);
    uint8_t turned = (uint8_t)(byte << 3 | byte >> 5);
    return turned ^ s->key->bytes[(begin + len + (at - begin)) & 15];
}

bool officecrypto_book(struct walk *w, const struct officecrypto_key *key, slice stream, struct body *out)
{
    struct officecrypto_stream s = officecrypto_stream_of(key, EXCEL_BLOCK);
    struct writing o;
    cursor k = cur_open(stream);
    if (!write_begin(&o, w, stream, out))
        return false;
    while (cur_left(&k) >= HEAD) {
        uint16_t id = cur_u16le(&k), len = cur_u16le(&k);
        size_t begin = k.pos;
        slice data = slice_sub(cur_rest(&k), 0, len);
        size_t plain = plain_bytes(id, data.len);
        uint16_t said = id == REC_FILEPASS ? REC_NOTHING : id;
        write_byte(&o, (uint8_t)said);
        write_byte(&o, (uint8_t)(said >> 8));
        write_byte(&o, (uint8_t)len);
        write_byte(&o, (uint8_t)(len >> 8));
        for (size_t i = 0; i < data.len; i++)
            write_byte(&o, i < plain ? data.at[i] : plain_of(&s, data.at[i], begin + i, begin, len));
        cur_skip(&k, data.len);
    }
    return write_end(&o, out);
}
