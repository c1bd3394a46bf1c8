/* SPDX-License-Identifier: Apache-2.0 */
/* cfb_build - writes compound files (version 3) and VBA containers, for the
 * tests of decode/cfb and decode/vba only.
 *
 * Streams of 4096 bytes and more lie in sectors, shorter ones in the mini
 * stream; siblings are a list, not a tree. What a test wants to damage it
 * finds through the offsets in the image. At most 100 sectors.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum { BUILD_SECTOR = 512, BUILD_ENTRIES = 32, BUILD_NONE = -1 };

struct build_entry {
    int parent;       /* index in the table; BUILD_NONE: the root */
    const char *name; /* ASCII, or UTF-8 within the BMP */
    slice data;       /* of a stream; .at NULL: a storage */
};

struct image {
    struct buf bytes;
    size_t fat_at, directory_at, minifat_at, ministream_at;
};

static inline void build_le(struct buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(v >> 8 * i));
}

static inline void build_fill(struct buf *b, size_t to, uint8_t with)
{
    while (b->len < to)
        buf_byte(b, with);
}

static inline void build_poke(struct image *m, size_t at, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        m->bytes.at[at + i] = (uint8_t)(v >> 8 * i);
}

/* Where the directory entry of table row i begins (-1: the root). */
static inline size_t build_entry_at(const struct image *m, int i)
{
    return m->directory_at + (size_t)(i + 1) * 128;
}

struct build_fat {
    uint32_t next[128];
    unsigned n;
};

static inline uint32_t build_chain(struct build_fat *f, size_t bytes)
{
    size_t count = (bytes + BUILD_SECTOR - 1) / BUILD_SECTOR;
    uint32_t first = count ? f->n : 0xfffffffe;
    for (size_t i = 0; i < count; i++, f->n++)
        f->next[f->n] = i + 1 < count ? f->n + 1 : 0xfffffffe;
    return first;
}

static inline void build_directory_entry(struct buf *b, const char *name, unsigned kind,
                                         const uint32_t links[3], slice clsid, uint32_t start,
                                         uint64_t size)
{
    size_t from = b->len, units = 0;
    slice s = slice_of(name);
    for (size_t i = 0; i < s.len; units++) {
        uint32_t ch = s.at[i];
        size_t n = ch < 0x80 ? 1 : ch < 0xe0 ? 2 : 3;
        ch = n == 1 ? ch : n == 2 ? ch & 0x1f : ch & 0x0f;
        for (size_t k = 1; k < n; k++)
            ch = ch << 6 | (s.at[i + k] & 0x3fu);
        build_le(b, ch, 2);
        i += n;
    }
    build_fill(b, from + 64, 0);
    build_le(b, (units + 1) * 2, 2);
    build_le(b, kind, 1);
    build_le(b, 1, 1);
    for (unsigned i = 0; i < 3; i++)
        build_le(b, links[i], 4);
    buf_put(b, clsid);
    build_fill(b, from + 116, 0);
    build_le(b, start, 4);
    build_le(b, size, 8);
}

/* Next row below the same parent, as a directory id; none: FFFFFFFF. */
static inline uint32_t build_next(const struct build_entry *rows, size_t n, size_t from, int parent)
{
    for (size_t i = from; i < n; i++)
        if (rows[i].parent == parent)
            return (uint32_t)i + 1;
    return 0xffffffff;
}

static inline struct image build_image(const struct build_entry *rows, size_t n, slice clsid)
{
    struct image m = { .bytes = buf_new(1 << 20) };
    struct build_fat f = { .n = 0 };
    uint32_t start[BUILD_ENTRIES], mini[512];
    size_t minis = 0;
    struct buf ministream = buf_new(1 << 16), *b = &m.bytes;
    CHECK(n < BUILD_ENTRIES);
    uint32_t fat = build_chain(&f, BUILD_SECTOR);
    f.next[fat] = 0xfffffffd;
    uint32_t directory = build_chain(&f, (n + 1) * 128);
    for (size_t i = 0; i < n; i++) {
        start[i] = 0xfffffffe;
        if (rows[i].data.len == 0 || rows[i].data.len >= 4096)
            continue;
        start[i] = (uint32_t)minis;
        size_t count = (rows[i].data.len + 63) / 64;
        for (size_t k = 0; k < count; k++, minis++)
            mini[minis] = k + 1 < count ? (uint32_t)minis + 1 : 0xfffffffe;
        buf_put(&ministream, rows[i].data);
        build_fill(&ministream, minis * 64, 0);
    }
    uint32_t minifat = build_chain(&f, minis * 4);
    uint32_t root = build_chain(&f, ministream.len);
    for (size_t i = 0; i < n; i++)
        if (rows[i].data.len >= 4096)
            start[i] = build_chain(&f, rows[i].data.len);
    CHECK(f.n <= 100 && minis <= 500);
    buf_put(b, SLICE_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
    build_fill(b, 24, 0);
    buf_put(b, SLICE_LIT("\x3e\0\3\0\xfe\xff\x09\0\x06\0"));
    build_fill(b, 0x2c, 0);
    build_le(b, 1, 4);
    build_le(b, directory, 4);
    build_le(b, 0, 4);
    build_le(b, 4096, 4);
    build_le(b, minifat, 4);
    build_le(b, (minis + 127) / 128, 4);
    build_le(b, 0xfffffffe, 4);
    build_le(b, 0, 4);
    build_le(b, fat, 4);
    build_fill(b, BUILD_SECTOR, 0xff);
    m.fat_at = b->len;
    for (unsigned i = 0; i < 128; i++)
        build_le(b, i < f.n ? f.next[i] : 0xffffffff, 4);
    m.directory_at = b->len;
    uint32_t top[3] = { 0xffffffff, 0xffffffff, build_next(rows, n, 0, BUILD_NONE) };
    build_directory_entry(b, "Root Entry", 5, top, clsid, root, ministream.len);
    for (size_t i = 0; i < n; i++) {
        uint32_t links[3] = { 0xffffffff, build_next(rows, n, i + 1, rows[i].parent),
                              rows[i].data.at ? 0xffffffff : build_next(rows, n, 0, (int)i) };
        build_directory_entry(b, rows[i].name, rows[i].data.at ? 2 : 1, links, (slice){ 0 },
                              start[i], rows[i].data.len);
    }
    build_fill(b, (b->len + BUILD_SECTOR - 1) / BUILD_SECTOR * BUILD_SECTOR, 0);
    m.minifat_at = b->len;
    for (size_t i = 0; i < minis; i++)
        build_le(b, mini[i], 4);
    build_fill(b, (b->len + BUILD_SECTOR - 1) / BUILD_SECTOR * BUILD_SECTOR, 0xff);
    m.ministream_at = b->len;
    buf_put(b, buf_slice(&ministream));
    build_fill(b, (b->len + BUILD_SECTOR - 1) / BUILD_SECTOR * BUILD_SECTOR, 0);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].data.len < 4096)
            continue;
        buf_put(b, rows[i].data);
        build_fill(b, (b->len + BUILD_SECTOR - 1) / BUILD_SECTOR * BUILD_SECTOR, 0);
    }
    buf_drop(&ministream);
    CHECK(!b->full);
    return m;
}

/* [MS-OVBA] 2.4.1: a container of literals only. */
static inline void build_container(struct buf *b, slice text)
{
    buf_byte(b, 1);
    for (size_t at = 0; at < text.len; at += 3500) {
        slice chunk = slice_sub(text, at, 3500);
        size_t size = chunk.len + (chunk.len + 7) / 8;
        build_le(b, 0xb000 | (size - 1), 2);
        for (size_t i = 0; i < chunk.len; i++) {
            if (i % 8 == 0)
                buf_byte(b, 0);
            buf_byte(b, chunk.at[i]);
        }
    }
}
