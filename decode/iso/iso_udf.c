/* SPDX-License-Identifier: Apache-2.0 */
/* UDF (ECMA-167 parts 3 and 4; OSTA UDF 2.60 2.2): anchor, volume descriptors,
 * file set, file entries, identifiers. Checksums of tags are not judged.
 * A metadata partition (2.2.10) is read where its file is in one piece, as
 * every program writes it on images. */
#include "decode/iso/iso_private.h"
#include "base/charset.h"

enum tag {
    TAG_ANCHOR = 2, TAG_PARTITION = 5, TAG_LOGICAL = 6, TAG_END = 8, TAG_FILE_SET = 256, TAG_IDENTIFIER = 257,
    TAG_FILE = 261, TAG_EXTENDED_FILE = 266
};

enum {
    FIRST_RECOGNITION = 16, RECOGNITIONS_MAX = 24, ANCHOR_SECTOR = 256, DESCRIPTORS_MAX = 64,
    PARTITIONS_MAX = 8, PIECES_MAX = 64, FOLDER_MAX = 16 << 20,
    FID_FIXED = 38, HIDDEN = 1, FOLDER = 2, DELETED = 4, PARENT = 8,
};

struct map {
    uint64_t start; /* sector of block 0 */
    bool known;
};

struct udf {
    struct iso *z;
    slice all;
    uint32_t number[PARTITIONS_MAX];
    uint64_t start[PARTITIONS_MAX];
    size_t n_partitions;
    struct map maps[PARTITIONS_MAX];
    size_t n_maps;
    uint32_t set_block, set_map;
};

static slice sector(slice all, uint64_t n)
{
    uint64_t at;
    if (__builtin_mul_overflow(n, (uint64_t)ISO_SECTOR, &at) || at >= all.len)
        return (slice){ 0 };
    return slice_sub(all, (size_t)at, ISO_SECTOR);
}

static unsigned u16(slice s, size_t at)
{
    cursor c = cur_open(slice_from(s, at));
    return cur_u16le(&c);
}

static uint32_t u32(slice s, size_t at)
{
    cursor c = cur_open(slice_from(s, at));
    return cur_u32le(&c);
}

bool iso_is_udf(slice all)
{
    for (unsigned i = 0; i < RECOGNITIONS_MAX; i++) {
        slice s = slice_from(sector(all, FIRST_RECOGNITION + i), 1);
        if (slice_starts(s, SLICE_LIT("NSR0")))
            return true;
        if (!slice_starts(s, SLICE_LIT("CD001")) && !slice_starts(s, SLICE_LIT("BEA01")))
            return false;
    }
    return false;
}

/* A block of a partition as the maps of the logical volume number it. */
static uint64_t place(const struct udf *u, uint32_t map, uint32_t block)
{
    if (map >= u->n_maps || !u->maps[map].known)
        return UINT64_MAX;
    return (u->maps[map].start + block) * ISO_SECTOR;
}

static slice block_at(const struct udf *u, uint32_t map, uint32_t block)
{
    uint64_t at = place(u, map, block);
    return at < u->all.len ? slice_sub(u->all, (size_t)at, ISO_SECTOR) : (slice){ 0 };
}

/* --- files */

struct entry {
    struct extent pieces[PIECES_MAX];
    size_t n;
    uint64_t size;
};

static void read_descriptors(const struct udf *u, uint32_t map, slice list, unsigned kind, struct entry *e)
{
    cursor c = cur_open(list);
    uint64_t left = e->size;
    while (cur_left(&c) >= (kind == 1 ? 16u : 8u) && e->n < PIECES_MAX && left) {
        uint32_t len = cur_u32le(&c), block = cur_u32le(&c), in = map;
        if (kind == 1) {
            in = cur_u16le(&c);
            cur_skip(&c, 6);
        }
        uint64_t bytes = len & 0x3fffffff, at = place(u, in, block);
        if (bytes == 0)
            break;
        bytes = bytes < left ? bytes : left;
        left -= bytes;
        if (len >> 30 == 0 && at < u->all.len)
            e->pieces[e->n++] = (struct extent){ at, bytes };
    }
}

/* A file entry or an extended one (ECMA-167 4/14.9, 4/14.17). */
static bool read_entry(const struct udf *u, uint32_t map, uint32_t block, struct entry *out)
{
    slice s = block_at(u, map, block);
    unsigned tag = u16(s, 0), kind = u16(s, 34) & 7;
    size_t fixed = tag == TAG_EXTENDED_FILE ? 216 : 176;
    *out = (struct entry){ .n = 0 };
    if ((tag != TAG_FILE && tag != TAG_EXTENDED_FILE) || s.len < fixed)
        return false;
    cursor c = cur_open(slice_from(s, 56));
    out->size = cur_u64le(&c);
    uint32_t extended = u32(s, fixed - 8), len = u32(s, fixed - 4);
    if (extended > s.len)
        return false;
    slice list = slice_sub(slice_from(s, fixed), extended, len);
    if (kind == 3) {
        if (out->size > list.len)
            out->size = list.len;
        out->pieces[0] = (struct extent){ (uint64_t)(list.at - u->all.at), out->size };
        out->n = out->size ? 1 : 0;
        return true;
    }
    read_descriptors(u, map, list, kind, out);
    return true;
}

/* OSTA compressed Unicode (UDF 2.1.1). */
static slice name_of(struct arena *mem, slice raw)
{
    if (raw.len < 2)
        return (slice){ 0 };
    slice text = slice_from(raw, 1);
    bool wide = raw.at[0] == 16 || raw.at[0] == 255;
    return charset_decode_id(mem, wide ? CHARSET_UTF16BE : CHARSET_WINDOWS1252, text).text;
}

static slice folder_bytes(const struct udf *u, const struct entry *e)
{
    struct walk *w = u->z->list.w;
    if (e->n == 1)
        return slice_sub(u->all, (size_t)e->pieces[0].at, (size_t)e->pieces[0].len);
    uint8_t *p = e->size && e->size <= FOLDER_MAX ? arena_get(w->mem, (size_t)e->size, 1) : NULL;
    size_t n = 0;
    for (size_t i = 0; p && i < e->n; i++)
        n += slice_copy_out(slice_sub(u->all, (size_t)e->pieces[i].at, (size_t)e->pieces[i].len), p + n,
                            (size_t)e->size - n);
    return (slice){ p, n };
}

static void take_identifier(const struct udf *u, const struct iso_folder *f, uint8_t flags, slice icb, slice raw)
{
    struct entry e;
    uint32_t block = u32(icb, 4), map = u16(icb, 8);
    if (flags & (DELETED | PARENT))
        return;
    slice name = name_of(u->z->list.w->mem, raw);
    if (flags & FOLDER)
        (void)iso_folder(u->z, f, name, block, map);
    else if (read_entry(u, map, block, &e))
        iso_file(u->z, ISO_UDF, f->path, name, flags & HIDDEN, e.pieces, e.n, e.size);
    else
        u->z->damaged = true;
}

/* File identifiers (ECMA-167 4/14.4), one behind the other. */
static void read_folder(const struct udf *u, const struct iso_folder *f)
{
    struct entry e;
    if (f->at > UINT32_MAX || !read_entry(u, (uint32_t)f->len, (uint32_t)f->at, &e)) {
        u->z->damaged = true;
        return;
    }
    cursor c = cur_open(folder_bytes(u, &e));
    while (cur_left(&c) >= FID_FIXED && !u->z->list.full) {
        slice fixed = cur_take(&c, FID_FIXED);
        size_t use = u16(fixed, 36), id = fixed.at[19];
        cur_skip(&c, use);
        slice name = cur_take(&c, id);
        if (u16(fixed, 0) != TAG_IDENTIFIER || !cur_ok(&c) || !walk_work(u->z->list.w, WORK_PER_ENTRY)) {
            u->z->damaged = true;
            return;
        }
        take_identifier(u, f, fixed.at[18], slice_sub(fixed, 20, 16), name);
        size_t pad = (4 - (FID_FIXED + use + id) % 4) % 4;
        cur_skip(&c, pad < cur_left(&c) ? pad : cur_left(&c));
    }
}

/* --- the volume */

static uint64_t partition_start(const struct udf *u, uint32_t number, bool *known_out)
{
    for (size_t i = 0; i < u->n_partitions; i++)
        if (u->number[i] == number) {
            *known_out = true;
            return u->start[i];
        }
    *known_out = false;
    return 0;
}

/* Type 1: a partition as it is. Type 2 "*UDF Metadata Partition": blocks of a file in one. */
static void read_maps(struct udf *u, slice logical)
{
    cursor c = cur_open(slice_sub(slice_from(logical, 440), 0, u32(logical, 264)));
    while (cur_left(&c) >= 6 && u->n_maps < PARTITIONS_MAX) {
        slice rest = cur_rest(&c);
        size_t len = rest.at[1];
        slice one = cur_take(&c, len < 2 ? 6 : len);
        if (!cur_ok(&c))
            return;
        struct map *m = &u->maps[u->n_maps++];
        if (one.at[0] == 1) {
            m->start = partition_start(u, u16(one, 4), &m->known);
        } else if (one.at[0] == 2 && slice_starts(slice_from(one, 5), SLICE_LIT("*UDF Metadata"))) {
            struct entry e;
            m->start = partition_start(u, u16(one, 38), &m->known);
            uint32_t self = (uint32_t)u->n_maps - 1;
            if (m->known && read_entry(u, self, u32(one, 40), &e) && e.n)
                m->start = e.pieces[0].at / ISO_SECTOR;
        }
    }
}

static void read_volume(struct udf *u, uint64_t at, size_t n)
{
    slice logical = { 0 };
    for (size_t i = 0; i < n && i < DESCRIPTORS_MAX; i++) {
        slice s = sector(u->all, at + i);
        unsigned tag = u16(s, 0);
        if (tag == TAG_END || s.len < 512)
            break;
        if (tag == TAG_LOGICAL && !logical.len)
            logical = s;
        if (tag == TAG_PARTITION && u->n_partitions < PARTITIONS_MAX) {
            u->number[u->n_partitions] = u16(s, 22);
            u->start[u->n_partitions++] = u32(s, 188);
        }
    }
    if (!logical.len)
        return;
    u->set_block = u32(logical, 252);
    u->set_map = u16(logical, 256);
    read_maps(u, logical);
}

static bool read_anchor(struct udf *u, uint64_t at)
{
    slice s = sector(u->all, at);
    if (u16(s, 0) != TAG_ANCHOR || s.len < 32)
        return false;
    for (size_t i = 16; i <= 24 && u->n_maps == 0; i += 8) /* the main sequence, then its reserve */
        read_volume(u, u32(s, i + 4), u32(s, i) / ISO_SECTOR);
    return u->n_maps > 0;
}

void iso_read_udf(struct iso *z)
{
    struct udf u = { .z = z, .all = z->body->all };
    uint64_t last = u.all.len / ISO_SECTOR;
    bool found = read_anchor(&u, ANCHOR_SECTOR) || (last && read_anchor(&u, last - 1)) ||
                 (last > ANCHOR_SECTOR && read_anchor(&u, last - 1 - ANCHOR_SECTOR));
    slice set = found ? block_at(&u, u.set_map, u.set_block) : (slice){ 0 };
    if (u16(set, 0) != TAG_FILE_SET || set.len < 416) {
        z->damaged = true;
        return;
    }
    slice label = name_of(z->list.w->mem, slice_sub(set, 304, 32));
    while (label.len && label.at[label.len - 1] < 0x20)
        label.len--;
    if (label.len && !iso_is_9660(u.all))
        walk_text(z->list.w, FACT_ARCHIVE_LABEL, label, NOWHERE);
    z->trees |= 1u << ISO_UDF;
    z->n_folders = 0;
    (void)iso_folder(z, NULL, (slice){ 0 }, u32(set, 404), u16(set, 408));
    for (size_t i = 0; i < z->n_folders && !z->list.full; i++) {
        const struct iso_folder f = z->folders[i];
        read_folder(&u, &f);
    }
}
